"""Where the room is kept, as everything outside this package sees it."""

from contextlib import AbstractContextManager
from typing import Protocol

from server.domain.audit import AuditLog
from server.domain.invites import InviteStore
from server.domain.messages.attachment_store import AttachmentStore
from server.domain.messages.history import HistoryStore, RetentionStore, TemplateStore
from server.domain.messages.receipts import ReceiptStore
from server.domain.messages.schedule_store import ScheduleStore
from server.domain.users import SessionStore, UserStore


class SchemaTooNew(Exception):
    """The data was written by a newer Rostrum than this one."""


class CorruptRoom(Exception):
    """The stored data is damaged, or no room at all."""


class Scrubber(Protocol):
    """For a store that is in no transaction."""

    @property
    def is_due(self) -> bool:
        """Whether a file beside the room's may hold a text that was withdrawn."""

    def scrub(self) -> bool:
        """Leave nothing there, nor, if it is small, in the room's file. False:
        somebody is at it just now; try later."""

    def finish(self) -> None:
        """Do the same whatever the size: for the end, when nobody waits."""


class Indexer(Protocol):
    """For a store that is in no transaction."""

    def index_next(self) -> bool:
        """See to it that some more messages are found fast. False: nothing is left to do, or
        can be done now."""


class Store(Protocol):
    """One connection to the stored room. Used by one thread.

    Outside a transaction every call is one of its own. What the system can't
    do now (disk full, read-only, locked) raises StorageUnavailable.
    """

    @property
    def history(self) -> HistoryStore:
        """The room's messages."""

    @property
    def users(self) -> UserStore:
        """The room's accounts."""

    @property
    def sessions(self) -> SessionStore:
        """Where they are signed in."""

    @property
    def invites(self) -> InviteStore:
        """Who may create further ones."""

    @property
    def audit(self) -> AuditLog:
        """Who did what to whom."""

    @property
    def receipts(self) -> ReceiptStore:
        """Who has seen a message, and who has confirmed it."""

    @property
    def templates(self) -> TemplateStore:
        """What administrators keep to post it again."""

    @property
    def schedule(self) -> ScheduleStore:
        """What is posted later."""

    @property
    def retention(self) -> RetentionStore:
        """Which messages are past their time."""

    @property
    def attachments(self) -> AttachmentStore:
        """Files that go with messages."""

    @property
    def room_id(self) -> bytes:
        """The random id that the room was given when it was made."""

    def try_writing(self) -> None:
        """Write something that changes nothing, to see whether that works."""

    @property
    def scrubber(self) -> Scrubber:
        """Sees to it that what was withdrawn is gone from every file."""

    @property
    def index(self) -> Indexer:
        """Sees to it that messages are found fast."""

    @property
    def changes(self) -> int:
        """A number that differs from what it was once anything was changed since."""

    def transaction(self) -> AbstractContextManager[None]:
        """Make what is done within all or nothing: on the disk when left in peace, undone
        when left by an error."""

    def savepoint(self) -> AbstractContextManager[None]:
        """Make what is done within a part of the transaction that is undone alone when
        left by an error."""

    def close(self) -> None:
        """Let go of it."""
