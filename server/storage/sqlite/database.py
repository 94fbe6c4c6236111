"""The database file: its connection, its transactions, its errors.

WAL, so that reading and writing do not wait for each other; synchronous=FULL,
so that a commit that has returned survives a power cut (P1): in WAL mode that
is one fsync of the log a commit (sqlite.org/pragma.html#pragma_synchronous).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn, cast

import msgspec

from protocol.ordering import counting_key
from server.domain.errors import StorageUnavailable
from server.domain.lookalikes import skeleton
from server.domain.store import CorruptRoom
from server.domain.user import search_key

LOCK_WAIT_S = 5.0
"""How long to wait for another process, a backup say, to let go of the file."""

ROWS_AT_ONCE = 50
"""Rows that are read together, whether the last of them is asked for or not."""

WAL_LIMIT_BYTES = 64 * 1024 * 1024
"""The log is cut back to this after a burst."""


def _in_words(error: sqlite3.DatabaseError) -> Exception:
    """Return what the system can't do now, or ever with this file, in the domain's words;
    the error itself where neither is at fault."""
    if isinstance(error, sqlite3.OperationalError):
        return StorageUnavailable(str(error))
    if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return CorruptRoom(f"the room can't be read: {error}; see rostrum-server verify")
    return error


@contextmanager
def system_errors() -> Iterator[None]:
    """Raise what goes wrong in the domain's words."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        _raise_in_words(error)


def _raise_in_words(error: sqlite3.DatabaseError) -> NoReturn:
    told = _in_words(error)
    if told is error:
        raise error
    raise told from error


class Database:
    """A connection, with transactions in place of the module's implicit ones."""

    def __init__(self, path: Path) -> None:
        # check_same_thread stays on: a store belongs to the thread that opened it.
        with system_errors():
            self._connection = sqlite3.connect(path, timeout=LOCK_WAIT_S, isolation_level=None)
        # SQLite's own lower() knows ASCII alone.
        self._connection.create_function("search_key", 1, search_key, deterministic=True)
        self._connection.create_function("skeleton_of", 1, skeleton, deterministic=True)
        self._connection.create_function("counting_key", 1, counting_key, deterministic=True)
        try:
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                # Not every system's SQLite has it on: a withdrawn text is gone.
                "secure_delete = ON",
                f"journal_size_limit = {WAL_LIMIT_BYTES}",
            ):
                self.execute(f"PRAGMA {pragma}")
        except BaseException:
            self.close()
            raise

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        """Run one statement. Raises StorageUnavailable where the system is at
        fault, CorruptRoom where the file is, sqlite3.IntegrityError where the
        statement breaks a constraint."""
        try:
            return self._connection.execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            _raise_in_words(error)

    def rows(self, sql: str, *parameters: object) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a query, read as they are asked for; the disk may fail at
        any of them. Raises what `execute` does."""
        cursor = self.execute(sql, *parameters)
        try:
            while rows := self._fetch(cursor):
                yield from rows
        finally:
            # An unfinished query would hold on to its view of the file.
            cursor.close()

    def rows_together(self, columns: str, sql: str, *parameters: object) -> list[Any]:
        """Return these columns of a query's rows, read in one step, in no particular order;
        bytes must be selected in hexadecimal. For many rows that many wait for: each step of
        `rows` gives up the interpreter's lock, and gets it back when the other threads are
        done with what they do. Raises what `execute` does."""
        # json_array: a built-in since SQLite 3.38, and before where it was not left out.
        (gathered,) = self.execute(
            f"SELECT json_group_array(json_array({columns})) FROM ({sql})", *parameters
        ).fetchone()
        return cast(list[Any], msgspec.json.decode(gathered))

    def _fetch(self, cursor: sqlite3.Cursor) -> list[tuple[Any, ...]]:
        try:
            return cursor.fetchmany(ROWS_AT_ONCE)
        except sqlite3.DatabaseError as error:
            _raise_in_words(error)

    @property
    def changes(self) -> int:
        """How many rows were changed on this connection, also if it was undone."""
        return self._connection.total_changes

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """See Store.transaction. The write lock is taken at once, so that two
        writers wait for each other here and not halfway."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            # A full disk may have made SQLite roll back already.
            if self._connection.in_transaction:
                self.execute("ROLLBACK")
            raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """See Store.savepoint. Raises StorageUnavailable, whatever error left
        it, where SQLite undid the whole transaction by itself."""
        self.execute("SAVEPOINT job")
        try:
            yield
        except BaseException as error:
            if not self._connection.in_transaction:
                raise StorageUnavailable(f"the transaction was undone: {error}") from error
            self.execute("ROLLBACK TO job")
            self.execute("RELEASE job")
            raise
        self.execute("RELEASE job")

    def backup_to(self, path: Path) -> None:
        """Write a consistent copy of the whole file, also while others write."""
        with system_errors(), closing(sqlite3.connect(path)) as copy:
            self._connection.backup(copy)
            # One file: the log that WAL keeps beside it would be left behind.
            copy.execute("PRAGMA journal_mode = DELETE")

    def size_bytes(self) -> int:
        """Return how large the file is, without the log beside it."""
        (pages,) = self.execute("PRAGMA page_count").fetchone()
        (page_bytes,) = self.execute("PRAGMA page_size").fetchone()
        return int(pages * page_bytes)

    def rewrite(self) -> None:
        """Write the whole file anew, with nothing in it but what is stored. Others
        wait for it. Not within a transaction."""
        self.execute("VACUUM")

    def empty_log(self) -> bool:
        """Bring all that is in the log into the file, and cut the log to nothing.
        False: somebody reads or writes just now. Nobody waits for more than what
        was written meanwhile: most is copied while others go on."""
        self.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self.execute("PRAGMA busy_timeout = 0")
        try:
            (is_busy, _, _) = self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            self.execute(f"PRAGMA busy_timeout = {round(LOCK_WAIT_S * 1000)}")
        return not is_busy

    def close(self) -> None:
        self._connection.close()
