"""The store: one connection to the room's file, with all that is kept in it."""

import secrets
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.limits import ROOM_ID_BYTES
from server.domain.store import CorruptRoom
from server.storage.sqlite.audit import SqliteAudit
from server.storage.sqlite.database import Database
from server.storage.sqlite.invites import SqliteInvites
from server.storage.sqlite.messages.attachments import FILE_NAME as ATTACHMENTS_NAME
from server.storage.sqlite.messages.attachments import SqliteAttachments
from server.storage.sqlite.messages.history import SqliteHistory
from server.storage.sqlite.messages.receipts import SqliteReceipts
from server.storage.sqlite.messages.retention import SqliteRetention
from server.storage.sqlite.messages.schedule import SqliteSchedule
from server.storage.sqlite.messages.search import SqliteSearch
from server.storage.sqlite.messages.templates import SqliteTemplates
from server.storage.sqlite.migrations import migrate
from server.storage.sqlite.scrubbing import SqliteScrubber
from server.storage.sqlite.sessions import SqliteSessions
from server.storage.sqlite.users import SqliteUsers

FILE_NAME = "room.db"


class SqliteStore:
    """The `Store` over a `Database`."""

    def __init__(self, database: Database, attachments_path: Path) -> None:
        self._database = database
        self.attachments = SqliteAttachments(database, attachments_path)
        self.index = SqliteSearch(database)
        self.history = SqliteHistory(database, self.index)
        self.users = SqliteUsers(database)
        self.sessions = SqliteSessions(database)
        self.invites = SqliteInvites(database)
        self.audit = SqliteAudit(database)
        self.receipts = SqliteReceipts(database)
        self.templates = SqliteTemplates(database)
        self.schedule = SqliteSchedule(database)
        self.retention = SqliteRetention(database)
        self.scrubber = SqliteScrubber(database, self.index)
        self.transaction = database.transaction
        self.savepoint = database.savepoint

    @property
    def room_id(self) -> bytes:
        room_id: bytes = self._database.execute("SELECT room_id FROM room").fetchone()[0]
        return room_id

    @property
    def changes(self) -> int:
        return self._database.changes

    def renew_room_id(self) -> None:
        """Give the room another id: its data does not continue what clients have seen of
        it."""
        self._database.execute("UPDATE room SET room_id = ?", secrets.token_bytes(ROOM_ID_BYTES))

    def try_writing(self) -> None:
        """Write something that changes nothing. Raises StorageUnavailable."""
        self._database.execute("UPDATE room SET room_id = room_id")

    def copy_to(self, path: Path) -> None:
        """Write a consistent copy of the whole room, also while others write, in one
        file. Raises StorageUnavailable."""
        self._database.backup_to(path)

    def close(self) -> None:
        self.attachments.close()
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def create_store(data_dir: Path) -> SqliteStore:
    """Return the store of a new room, or of one whose making was interrupted. Raises what
    `open_store` does, save FileNotFoundError."""
    return _open(data_dir / FILE_NAME, new_room_id=secrets.token_bytes(ROOM_ID_BYTES))


def open_store(data_dir: Path) -> SqliteStore:
    """Return the store of the room in this folder, upgraded if it is older than this
    program. Raises FileNotFoundError, SchemaTooNew, CorruptRoom or StorageUnavailable."""
    path = data_dir / FILE_NAME
    if not path.exists():
        raise FileNotFoundError(f"there is no room in {data_dir}")
    return _open(path, new_room_id=None)


def _open(path: Path, new_room_id: bytes | None) -> SqliteStore:
    try:
        database = Database(path)
        try:
            migrate(database, path)
            if new_room_id is not None:
                database.execute(
                    "INSERT INTO room (one, room_id) VALUES (1, ?) ON CONFLICT DO NOTHING",
                    new_room_id,
                )
            if database.execute("SELECT count(*) FROM room").fetchone()[0] != 1:
                raise CorruptRoom(f"{path} was never finished: run init again")
        except BaseException:
            database.close()
            raise
    except sqlite3.DatabaseError as error:
        raise CorruptRoom(f"{path} can't be read: {error}") from error
    return SqliteStore(database, path.with_name(ATTACHMENTS_NAME))
