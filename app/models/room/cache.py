"""What this client keeps of one room for one account: an SQLite file.

It shows the room at once at start-up and offline, and holds the outbox. It is
a copy: losing it costs a download, except for posts that were not confirmed
yet, so those are written with a full sync (`keep_post`).

The messages held are one stretch of ids without a gap, from `floor` to `top`,
both kept in `Progress`; an empty stretch has floor == top + 1.

The messages are one window's own: of several on the same data folder the first
has them in the file, and the others in memory. Posts of all are in the file,
and are sent by who wrote them, or else by the first at its next start.

Main thread only.
"""

import contextlib
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from app.models.disk.file_lock import FileLock
from app.models.disk.files import private_folder
from app.models.room.cache_file import (
    SMALL_BYTES,
    empty_log,
    message_body,
    message_in,
    open_file,
    open_memory,
    post_body,
    post_in,
    size_of,
)
from app.models.room.outbox_item import EMPTY, Draft, OutboxItem
from protocol.messages import OwnReceipt, RoomMessage, Template
from protocol.spans import Span, Spans

Fact = TypeVar("Fact")

log = logging.getLogger(__name__)


class Progress(msgspec.Struct, frozen=True):
    """Which part of the room is held, and up to which revision it is complete."""

    room_id: bytes
    complete_through: int
    floor: int
    top: int
    at_start: bool = False
    """Whether the room has nothing below `floor`."""


class Cache:
    """One file, or memory where there can be no file."""

    def __init__(self, path: Path | None, holds_messages: bool = True) -> None:
        """Open or make the file; one that is damaged or of another schema is
        set aside and begun anew; with none that can be used, memory it is.

        `holds_messages`: False keeps posts in the file, and messages in memory.
        """
        self._lock: FileLock | None = None
        self._is_first = True
        self._draft_name = "draft"
        file: sqlite3.Connection | None = None
        if path is not None:
            with contextlib.suppress(OSError):
                private_folder(path.parent)
            self._lock = FileLock(path)
            has_lock = self._lock.take()
            self._is_first = holds_messages and has_lock
            # Two windows write two drafts.
            self._draft_name = "draft" if has_lock else "draft_elsewhere"
            file = open_file(path, self._is_first)
        self._has_file = file is not None
        self._posts = file or open_memory()
        self._database = self._posts if self._is_first else open_memory()
        self._closed = False
        self._has_residue = self.is_scrub_due = bool(self._fact("residue", bool))
        """Whether a text that was withdrawn may be left in the file, and in the log
        beside it."""

    @property
    def is_first(self) -> bool:
        """Whether this is the window that has its messages in the file."""
        return self._is_first

    def close(self) -> None:
        """Store what an open batch has so far, and let go of the file."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._database.in_transaction:
                self._database.execute("COMMIT")
        except sqlite3.Error as error:
            log.warning("the local cache lacks what came last: %s", error)
        if self._has_residue:
            with contextlib.suppress(sqlite3.Error):
                self._rewrite()
        for database in {self._database, self._posts}:
            with contextlib.suppress(sqlite3.Error):
                database.close()
        if self._lock is not None:
            self._lock.release()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Store all that is stored within at once or not at all."""
        if self._database.in_transaction:
            yield
            return
        # Immediate: a lock that is taken in the middle can't be waited for.
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            if not self._closed:
                self._database.execute("COMMIT")
        except BaseException:
            if not self._closed and self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    # -- messages ----------------------------------------------------------------

    @property
    def progress(self) -> Progress | None:
        """None: nothing was ever held."""
        return self._fact("progress", Progress)

    def set_progress(self, progress: Progress) -> None:
        self._set_fact("progress", progress)

    def store(self, message: RoomMessage) -> bool:
        """Hold a message. False: this or a later revision of it is held."""
        if message.withdrawn_at_ms and self._holds(message.id):
            self._left_residue()
        cursor = self._database.execute(
            "INSERT INTO messages (id, revision, body) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, body = excluded.body "
            "WHERE excluded.revision > revision",
            (message.id, message.revision, message_body(message)),
        )
        return cursor.rowcount > 0

    def before(self, message_id: int, limit: int) -> list[RoomMessage]:
        """Return held messages right below an id, oldest first."""
        rows = self._database.execute(
            "SELECT body FROM messages WHERE id < ? ORDER BY id DESC LIMIT ?", (message_id, limit)
        ).fetchall()
        return [message_in(body) for (body,) in reversed(rows)]

    def after(self, message_id: int, limit: int) -> list[RoomMessage]:
        """Return held messages right above an id, oldest first."""
        rows = self._database.execute(
            "SELECT body FROM messages WHERE id > ? ORDER BY id LIMIT ?", (message_id, limit)
        )
        return [message_in(body) for (body,) in rows]

    @property
    def pinned(self) -> tuple[RoomMessage, ...]:
        """The pinned messages as they were told last."""
        return self._fact("pinned", tuple[RoomMessage, ...]) or ()

    def set_pinned(self, messages: tuple[RoomMessage, ...]) -> None:
        self._set_fact("pinned", messages)

    @property
    def templates(self) -> tuple[Template, ...]:
        """The administrators' templates as they were told last."""
        return self._fact("templates", tuple[Template, ...]) or ()

    def set_templates(self, templates: tuple[Template, ...]) -> None:
        self._set_fact("templates", templates)

    @property
    def seen(self) -> Spans:
        """The messages that were seen in this client."""
        spans = self._fact("seen_spans", tuple[Span, ...])
        if spans is None:
            # As clients of before kept it: everything up to this message.
            spans = ((1, self._fact("seen", int) or 0),)
        return Spans(spans)

    def set_seen(self, seen: Spans) -> None:
        self._set_fact("seen_spans", tuple(seen))

    @property
    def unsaid(self) -> Spans:
        """Those of them of which the server was not told yet."""
        return Spans(self._fact("unsaid_spans", tuple[Span, ...]) or ())

    def set_unsaid(self, unsaid: Spans) -> None:
        self._set_fact("unsaid_spans", tuple(unsaid))

    @property
    def own_receipts(self) -> tuple[OwnReceipt, ...]:
        """How the person stands with messages that ask, as it was told last."""
        return self._fact("standings", tuple[OwnReceipt, ...]) or ()

    def set_own_receipts(self, own_receipts: tuple[OwnReceipt, ...]) -> None:
        self._set_fact("standings", own_receipts)

    @property
    def dismissed(self) -> frozenset[int]:
        """The urgent messages that the person has put aside without an answer."""
        return self._fact("dismissed", frozenset[int]) or frozenset()

    def set_dismissed(self, message_ids: frozenset[int]) -> None:
        self._set_fact("dismissed", message_ids)

    @property
    def answers(self) -> dict[int, int]:
        """The person's answers that the server has not taken yet, by message."""
        return self._fact("answers", dict[int, int]) or {}

    def set_answers(self, answers: dict[int, int]) -> None:
        """Keep them through a crash and a power cut, as posts are."""
        if not self._database.in_transaction:
            self._database.execute("PRAGMA synchronous = FULL")
        self._set_fact("answers", answers)
        if not self._database.in_transaction:
            self._database.execute("PRAGMA synchronous = NORMAL")

    @property
    def file_owners(self) -> dict[str, tuple[int, ...]]:
        """The messages with which each file goes that was fetched, by its SHA-256 in hex."""
        return self._fact("file_owners", dict[str, tuple[int, ...]]) or {}

    def set_file_owners(self, owners: dict[str, tuple[int, ...]]) -> None:
        self._set_fact("file_owners", owners)

    @property
    def unsent_files(self) -> set[bytes]:
        """The files, by their SHA-256, that go with what is written and not posted yet, in
        whichever window."""
        rows = self._posts.execute("SELECT body FROM posts").fetchall()
        drafts = [post_in(body).draft for (body,) in rows]
        for name in ("draft", "draft_elsewhere"):
            drafts.append(self._fact(name, Draft, self._posts) or EMPTY)
        return {file.sha256 for draft in drafts for file in draft.attachments}

    def forget_messages(self) -> None:
        """Hold nothing of the room any more; the outbox stays."""
        forgotten = self._database.execute("DELETE FROM messages").rowcount
        self._database.execute("DELETE FROM facts WHERE name = 'progress'")
        if forgotten:
            self._left_residue()

    def forget_below(self, message_id: int) -> None:
        """Hold no message with an id below this one any more."""
        below = "DELETE FROM messages WHERE id < ?"
        if self._database.execute(below, (message_id,)).rowcount:
            self._left_residue()

    # -- what was withdrawn --------------------------------------------------------------

    def scrub(self) -> bool:
        """Leave nothing of what was withdrawn or forgotten in the file or in the log
        beside it. False: another window is at it just now, or a batch is open; try
        later. A large file is written anew only when it is closed."""
        if self._database.in_transaction:
            return False
        try:
            if not empty_log(self._database):
                return False
            if size_of(self._database) <= SMALL_BYTES:
                return self._rewrite()
            self.is_scrub_due = False
            return True
        except sqlite3.OperationalError as error:
            log.info("what was withdrawn is not gone from the local cache yet: %s", error)
            return False

    def _rewrite(self) -> bool:
        self._database.execute("VACUUM")
        if not empty_log(self._database):
            return False
        self._database.execute("DELETE FROM facts WHERE name = 'residue'")
        self._has_residue = self.is_scrub_due = False
        return True

    def _holds(self, message_id: int) -> bool:
        query = "SELECT 1 FROM messages WHERE id = ?"
        return self._database.execute(query, (message_id,)).fetchone() is not None

    def _left_residue(self) -> None:
        if not self._has_residue:
            self._set_fact("residue", True)
        self._has_residue = self.is_scrub_due = True

    # -- posts on their way ------------------------------------------------------------

    def posts(self) -> list[OutboxItem]:
        """Return every post that is kept, in the order of writing; none where another
        window has the file: it sends them."""
        if not self._is_first:
            return []
        rows = self._posts.execute("SELECT body FROM posts ORDER BY place")
        return [post_in(body) for (body,) in rows]

    def keep_post(self, item: OutboxItem) -> bool:
        """Keep a post, or its new state, through a crash and a power cut. False:
        the disk does not take it; its owner has it in memory."""
        try:
            # The setting can't change within a transaction; there, the commit
            # of the batch is soon enough.
            if not self._posts.in_transaction:
                self._posts.execute("PRAGMA synchronous = FULL")
            self._posts.execute(
                "INSERT INTO posts (post_id, body) VALUES (?, ?) "
                "ON CONFLICT (post_id) DO UPDATE SET body = excluded.body",
                (item.post_id, post_body(item)),
            )
            if not self._posts.in_transaction:
                self._posts.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error as error:
            log.warning("a post could not be written to the local cache: %s", error)
            return False
        return self._has_file

    @property
    def draft(self) -> Draft:
        """What was written in this window, or its like at the last start, and not
        sent."""
        try:
            return self._fact(self._draft_name, Draft, self._posts) or EMPTY
        except sqlite3.Error as error:
            log.warning("what was written can't be read from the local cache: %s", error)
            return EMPTY

    def keep_draft(self, draft: Draft) -> bool:
        """Keep what is written. False: the disk does not take it."""
        try:
            if draft == EMPTY:
                self._posts.execute("DELETE FROM facts WHERE name = ?", (self._draft_name,))
            else:
                self._set_fact(self._draft_name, draft, self._posts)
        except (sqlite3.Error, UnicodeEncodeError) as error:
            log.warning("what is written could not be kept: %s", error)
            return False
        return self._has_file

    def drop_post(self, post_id: bytes) -> None:
        """Keep a post no longer. One that can't be removed is sent again at the
        next start, under the same id, and is the same message (P2)."""
        try:
            self._posts.execute("DELETE FROM posts WHERE post_id = ?", (post_id,))
        except sqlite3.Error as error:
            log.warning("a post could not be removed from the local cache: %s", error)

    # -- facts ---------------------------------------------------------------------------

    def _fact(
        self, name: str, kind: type[Fact], database: sqlite3.Connection | None = None
    ) -> Fact | None:
        query = "SELECT value FROM facts WHERE name = ?"
        row = (database or self._database).execute(query, (name,)).fetchone()
        try:
            return None if row is None else msgspec.msgpack.decode(row[0], type=kind)
        except (msgspec.MsgspecError, TypeError) as error:
            log.warning("what the local cache says of its %s is rubbish: %s", name, error)
            return None

    def _set_fact(
        self, name: str, value: object, database: sqlite3.Connection | None = None
    ) -> None:
        (database or self._database).execute(
            "INSERT INTO facts (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, msgspec.msgpack.encode(value)),
        )
