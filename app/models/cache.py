"""What this client keeps of one room for one account: an SQLite file.

It shows the room at once at start-up and offline, and holds the outbox. It is
a copy: losing it costs a download, except for posts that were not confirmed
yet, so those are written with a full sync (`keep_post`).

The messages held are one stretch of ids without a gap, from `floor` to `top`,
both kept in `Progress`; an empty stretch has floor == top + 1.

Main thread only.
"""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from app.models.outbox_item import OutboxItem, PostState
from protocol.messages import RoomMessage

Fact = TypeVar("Fact")

log = logging.getLogger(__name__)

SCHEMA_VERSION = 1

LOCK_WAIT_S = 0.2
"""Another window of the same account may hold the file for a moment; longer
would be felt as a frozen window."""

_SCHEMA = """
CREATE TABLE messages (
    id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, author_id INTEGER NOT NULL,
    author_name TEXT NOT NULL, posted_at_ms INTEGER NOT NULL, text TEXT NOT NULL,
    post_id BLOB NOT NULL
);
CREATE TABLE posts (
    place INTEGER PRIMARY KEY, post_id BLOB NOT NULL UNIQUE, text TEXT NOT NULL,
    written_at_ms INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL
);
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL);
"""

_COLUMNS = "id, revision, author_id, author_name, posted_at_ms, text, post_id"


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

    def __init__(self, path: Path | None) -> None:
        """Opens or makes the file; one that is damaged or of another schema is
        set aside and begun anew; with none that can be used, memory it is."""
        self._database = _open(path)
        self._closed = False

    def close(self) -> None:
        """Store what an open batch has so far, and let go of the file."""
        if not self._closed:
            self._closed = True
            if self._database.in_transaction:
                self._database.execute("COMMIT")
            self._database.close()

    @contextmanager
    def batch(self) -> Iterator[None]:
        """All that is stored within is stored at once or not at all."""
        if self._database.in_transaction:
            yield
            return
        self._database.execute("BEGIN")
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
        cursor = self._database.execute(
            f"INSERT INTO messages ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, "
            "author_name = excluded.author_name, text = excluded.text "
            "WHERE excluded.revision > revision",
            msgspec.structs.astuple(message),
        )
        return cursor.rowcount > 0

    def before(self, message_id: int, limit: int) -> list[RoomMessage]:
        """Held messages right below an id, oldest first."""
        rows = self._database.execute(
            f"SELECT {_COLUMNS} FROM messages WHERE id < ? ORDER BY id DESC LIMIT ?",
            (message_id, limit),
        ).fetchall()
        return [RoomMessage(*row) for row in reversed(rows)]

    def after(self, message_id: int, limit: int) -> list[RoomMessage]:
        """Held messages right above an id, oldest first."""
        rows = self._database.execute(
            f"SELECT {_COLUMNS} FROM messages WHERE id > ? ORDER BY id LIMIT ?",
            (message_id, limit),
        )
        return [RoomMessage(*row) for row in rows]

    def forget_messages(self) -> None:
        """Hold nothing of the room any more; the outbox stays."""
        self._database.execute("DELETE FROM messages")
        self._database.execute("DELETE FROM facts WHERE name = 'progress'")

    # -- posts on their way ------------------------------------------------------------

    def posts(self) -> list[OutboxItem]:
        """Every post that is kept, in the order of writing."""
        rows = self._database.execute(
            "SELECT post_id, text, written_at_ms, state, reason FROM posts ORDER BY place"
        )
        return [
            OutboxItem(post_id, text, written_at_ms, PostState(state), reason)
            for post_id, text, written_at_ms, state, reason in rows
        ]

    def keep_post(self, item: OutboxItem) -> None:
        """Keep a post, or its new state, through a crash and a power cut. Where
        the disk does not take it, it is kept in memory by its owner."""
        try:
            # The setting can't change within a transaction; there, the commit
            # of the batch is soon enough.
            if not self._database.in_transaction:
                self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute(
                "INSERT INTO posts (post_id, text, written_at_ms, state, reason) "
                "VALUES (?, ?, ?, ?, ?) ON CONFLICT (post_id) DO UPDATE SET "
                "state = excluded.state, reason = excluded.reason",
                (item.post_id, item.text, item.written_at_ms, item.state.value, item.reason),
            )
            if not self._database.in_transaction:
                self._database.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error as error:
            log.warning("a post could not be written to the local cache: %s", error)

    def drop_post(self, post_id: bytes) -> None:
        """Keep a post no longer. One that can't be removed is sent again at the
        next start, under the same id, and is the same message (P2)."""
        try:
            self._database.execute("DELETE FROM posts WHERE post_id = ?", (post_id,))
        except sqlite3.Error as error:
            log.warning("a post could not be removed from the local cache: %s", error)

    # -- facts ---------------------------------------------------------------------------

    def _fact(self, name: str, kind: type[Fact]) -> Fact | None:
        row = self._database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else msgspec.msgpack.decode(row[0], type=kind)

    def _set_fact(self, name: str, value: object) -> None:
        self._database.execute(
            "INSERT INTO facts (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, msgspec.msgpack.encode(value)),
        )


def _open(path: Path | None) -> sqlite3.Connection:
    if path is not None:
        for _ in range(2):
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                return _connect(str(path))
            except sqlite3.OperationalError as error:
                log.warning("the local cache can't be used now: %s", error)
                break
            except sqlite3.DatabaseError as error:
                log.warning("the local cache is damaged and begun anew: %s", error)
                if not _set_aside(path):
                    break
            except OSError as error:
                log.warning("the local cache can't be used: %s", error)
                break
    return _connect(":memory:")


def _connect(name: str) -> sqlite3.Connection:
    database = sqlite3.connect(name, timeout=LOCK_WAIT_S, isolation_level=None)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        version = database.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            database.executescript(
                f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            )
        elif version != SCHEMA_VERSION:
            raise sqlite3.DatabaseError(f"schema {version} is not {SCHEMA_VERSION}")
    except BaseException:
        database.close()
        raise
    return database


def _set_aside(path: Path) -> bool:
    """Rename a file that can't be used: it may hold posts that somebody wants
    to rescue."""
    try:
        path.replace(path.with_name(f"{path.name}.damaged-{time.time_ns()}"))
        for suffix in ("-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
    except OSError as error:
        log.warning("the damaged cache can't be moved away: %s", error)
        return False
    return True
