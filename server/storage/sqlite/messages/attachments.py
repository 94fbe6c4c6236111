"""Files that go with messages, in a SQLite file beside the room's: `attachments.db`.

Of its own, so that looking through the room, copying it and writing it anew take no longer
for it; in parts, each a row. What is deleted is overwritten (secure_delete). Which messages
a file goes with is in the room's file, kept by triggers (migrations.py).
"""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from protocol.limits import PART_BYTES
from server.domain.messages.attachments import MAX_UNFINISHED
from server.storage.sqlite.database import LOCK_WAIT_S, Database, system_errors

FILE_NAME = "attachments.db"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    sha256 BLOB PRIMARY KEY, size INTEGER NOT NULL, there INTEGER NOT NULL,
    changed_at_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS parts (
    sha256 BLOB NOT NULL, number INTEGER NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (sha256, number)
);
"""

DROPPED_TOGETHER = 50
"""Parts that are overwritten while whoever sends one has to wait."""

_DROP_SOME = """
DELETE FROM parts WHERE rowid IN (
    SELECT parts.rowid FROM parts LEFT JOIN files ON files.sha256 = parts.sha256
    WHERE files.sha256 IS NULL LIMIT ?
)
"""
"""Drops some parts of files that are not known any more."""


class _Digest:
    """The SHA-256 of a file's bytes from the first on, as they come."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._through = 0

    def update(self, offset: int, data: bytes) -> bool:
        """Take these bytes. False: they are not those that come next."""
        if offset != self._through:
            return False
        self._hash.update(data)
        self._through += len(data)
        return True

    def end(self) -> bytes:
        """Return what all of them make."""
        return self._hash.digest()


class SqliteAttachments:
    """The `AttachmentStore`. Used by one thread; its file is opened when it is first
    needed. Each call is a transaction of its own."""

    def __init__(self, database: Database, path: Path) -> None:
        self._room = database
        self._path = path
        self._file: sqlite3.Connection | None = None
        self._digests: dict[bytes, _Digest] = {}
        """Of what has come at one go: so a file need not be read to be hashed, which posts
        would wait for."""

    def sizes(self, sha256: bytes) -> tuple[int, int]:
        with system_errors():
            row = (
                self._open()
                .execute("SELECT size, there FROM files WHERE sha256 = ?", (sha256,))
                .fetchone()
            )
        return (0, 0) if row is None else (row[0], row[1])

    def begin(self, sha256: bytes, size: int, now_ms: int) -> None:
        with system_errors(), self._open() as file:
            _drop(file, sha256)
            file.execute("INSERT INTO files VALUES (?, ?, 0, ?)", (sha256, size, now_ms))

    def add(self, sha256: bytes, offset: int, data: bytes, now_ms: int) -> None:
        with system_errors(), self._open() as file:
            _add(file, sha256, offset, data, now_ms)
        self._hash(sha256, offset, data)

    def _hash(self, sha256: bytes, offset: int, data: bytes) -> None:
        digest = self._digests.pop(sha256, _Digest() if offset == 0 else None)
        if digest is not None and digest.update(offset, data):
            self._digests[sha256] = digest
            if len(self._digests) > MAX_UNFINISHED:
                del self._digests[next(iter(self._digests))]

    def finish(self, sha256: bytes, offset: int, data: bytes, now_ms: int) -> bool:
        with system_errors():
            file = self._open()
            # From here on, all that was added is on the disk: the log is synced whole.
            file.execute("PRAGMA synchronous = FULL")
            try:
                with file:
                    _add(file, sha256, offset, data, now_ms)
                    self._hash(sha256, offset, data)
                    known = self._digests.pop(sha256, None)
                    found = digest_of(file, sha256) if known is None else known.end()
                    is_right = found == sha256
                    if not is_right:
                        _drop(file, sha256)
            finally:
                file.execute("PRAGMA synchronous = NORMAL")
        return is_right

    def unfinished(self) -> int:
        with system_errors():
            query = "SELECT count(*) FROM files WHERE there < size"
            (count,) = self._open().execute(query).fetchone()
        return int(count)

    def part(self, sha256: bytes, offset: int) -> bytes:
        size, there = self.sizes(sha256)
        number, rest = divmod(offset, PART_BYTES)
        if there < size or rest or offset >= size:
            return b""
        with system_errors():
            row = (
                self._open()
                .execute("SELECT data FROM parts WHERE sha256 = ? AND number = ?", (sha256, number))
                .fetchone()
            )
        return b"" if row is None else bytes(row[0])

    def goes_with_a_message(self, sha256: bytes, also_scheduled: bool) -> bool:
        row = self._room.execute(
            "SELECT 1 FROM attachment_uses WHERE sha256 = ? AND (owner = 'message' OR ?) LIMIT 1",
            sha256.hex(),
            also_scheduled,
        ).fetchone()
        return row is not None

    @property
    def is_tidy_due(self) -> bool:
        query = "SELECT EXISTS (SELECT 1 FROM released_attachments)"
        return bool(self._room.execute(query).fetchone()[0])

    def tidy(self, before_ms: int) -> None:
        # In a transaction of the room, so that nobody posts a file that is being dropped.
        with self._room.transaction():
            released = {
                bytes.fromhex(name)
                for (name,) in self._room.execute("SELECT sha256 FROM released_attachments")
            }
            if not released and not self._path.exists():
                return
            with system_errors(), self._open() as file:
                old = file.execute("SELECT sha256 FROM files WHERE changed_at_ms < ?", (before_ms,))
                for sha256 in released | {bytes(name) for (name,) in old}:
                    if not self.goes_with_a_message(sha256, also_scheduled=True):
                        file.execute("DELETE FROM files WHERE sha256 = ?", (sha256,))
        # Overwriting its bytes takes longer, and posts need not wait for that.
        with system_errors():
            file = self._open()
            is_anything_left = True
            while is_anything_left:
                with file:
                    is_anything_left = file.execute(_DROP_SOME, (DROPPED_TOGETHER,)).rowcount > 0
            if released and file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                return  # somebody reads: the log is emptied, and they are let go of, next time
        with self._room.transaction():
            for sha256 in released:
                # One that was sent and withdrawn again meanwhile is released anew.
                is_kept = self.goes_with_a_message(sha256, also_scheduled=True)
                if is_kept or self.sizes(sha256) == (0, 0):
                    self._room.execute(
                        "DELETE FROM released_attachments WHERE sha256 = ?", sha256.hex()
                    )

    def copy_to(self, path: Path) -> bool:
        """Write a consistent copy of all files, also while others write. False: there are
        none. Raises StorageUnavailable."""
        if not self._path.exists():
            return False
        with system_errors(), closing(sqlite3.connect(path)) as copy:
            self._open().backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        return True

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _open(self) -> sqlite3.Connection:
        if self._file is None:
            file = sqlite3.connect(self._path, timeout=LOCK_WAIT_S)
            try:
                for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "secure_delete = ON"):
                    file.execute(f"PRAGMA {pragma}")
                file.executescript(_SCHEMA)
            except BaseException:
                file.close()
                raise
            self._file = file
        return self._file


def digest_of(file: sqlite3.Connection, sha256: bytes) -> bytes:
    """Return the SHA-256 of what is there under this one."""
    digest = hashlib.sha256()
    parts = file.execute("SELECT data FROM parts WHERE sha256 = ? ORDER BY number", (sha256,))
    for (data,) in parts:
        digest.update(data)
    return digest.digest()


def _add(file: sqlite3.Connection, sha256: bytes, offset: int, data: bytes, now_ms: int) -> None:
    # In place of the same one: a job of the store may run twice.
    number = offset // PART_BYTES
    file.execute("INSERT OR REPLACE INTO parts VALUES (?, ?, ?)", (sha256, number, data))
    file.execute(
        "UPDATE files SET there = ?, changed_at_ms = ? WHERE sha256 = ?",
        (offset + len(data), now_ms, sha256),
    )


def _drop(file: sqlite3.Connection, sha256: bytes) -> None:
    file.execute("DELETE FROM parts WHERE sha256 = ?", (sha256,))
    file.execute("DELETE FROM files WHERE sha256 = ?", (sha256,))
