"""Files that go with messages: which of them are here, and how fetching one goes."""

from collections.abc import Callable
from enum import StrEnum, auto

import msgspec

from app.models.listing import Reason
from app.models.observable import Observable
from app.models.room.cache import Cache
from app.models.room.files import Files
from protocol.messages import Attachment, RoomMessage


class FileStatus(StrEnum):
    """How far a file has come."""

    ELSEWHERE = auto()
    WAITING = auto()
    """It was asked for, and waits for its turn or for the connection."""
    FETCHING = auto()
    HERE = auto()
    FAILED = auto()


class FileState(msgspec.Struct, frozen=True):
    """How one file stands here. `there` counts the bytes of one that is being fetched."""

    status: FileStatus
    there: int = 0
    reason: Reason | None = None


class Attachments(Observable):
    """Main thread only. Controllers write. Which file goes with which message is kept in the
    cache, as far as it was fetched: then it goes when the message does."""

    def __init__(self) -> None:
        super().__init__()
        self._cache: Cache | None = None
        self.files: Files | None = None
        self._states: dict[bytes, FileState] = {}

    def open(self, cache: Cache | None, files: Files | None) -> None:
        """Take over what is kept; None: nobody is signed in."""
        self._cache, self.files = cache, files
        self._states = {}
        self._changed()

    def state(self, attachment: Attachment) -> FileState:
        """Return how this file stands."""
        known = self._states.get(attachment.sha256)
        if known is not None:
            return known
        is_here = self.files is not None and self.files.has(attachment.sha256)
        return FileState(FileStatus.HERE if is_here else FileStatus.ELSEWHERE)

    def tell(self, attachment: Attachment, state: FileState | None) -> None:
        """Note how it stands; None: as it is found."""
        if state is None:
            self._states.pop(attachment.sha256, None)
        else:
            self._states[attachment.sha256] = state
        self._changed()

    def belongs(self, attachment: Attachment, message: RoomMessage) -> None:
        """Note with which message it goes, before any of it is here."""
        if self._cache is not None:
            owners = dict(self._cache.file_owners)
            ids = set(owners.get(attachment.sha256.hex(), ()))
            if message.id not in ids:
                owners[attachment.sha256.hex()] = tuple(sorted({*ids, message.id}))
                self._cache.set_file_owners(owners)

    def let_go(self, is_gone: Callable[[int], bool]) -> bool:
        """Keep no file of messages that are gone, unless it goes with another. False: the
        system keeps one from being removed, as Windows does while it is read; try again."""
        if self._cache is None or self.files is None:
            return True
        owners = self._cache.file_owners
        left = {name: tuple(one for one in ids if not is_gone(one)) for name, ids in owners.items()}
        if left == owners and all(left.values()):
            return True
        unsent = self._cache.unsent_files
        for name in [name for name, ids in left.items() if not ids]:
            sha256 = bytes.fromhex(name)
            self._states.pop(sha256, None)
            if sha256 in unsent or self.files.drop(sha256):
                del left[name]
        self._cache.set_file_owners(left)
        self._changed()
        return all(left.values())
