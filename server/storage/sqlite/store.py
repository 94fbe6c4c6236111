"""The store: one connection to the room's file, with all that is kept in it."""

import secrets
import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from protocol.limits import ROOM_ID_BYTES
from server.storage import CorruptRoom
from server.storage.sqlite.database import Database
from server.storage.sqlite.history import SqliteHistory
from server.storage.sqlite.migrations import migrate
from server.storage.sqlite.users import SqliteUsers

FILE_NAME = "room.db"


class SqliteStore:
    """The `Store` over a `Database`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.history = SqliteHistory(database)
        self.users = SqliteUsers(database)
        self.transaction = database.transaction
        self.savepoint = database.savepoint

    @property
    def room_id(self) -> bytes:
        room_id: bytes = self._database.execute("SELECT room_id FROM room").fetchone()[0]
        return room_id

    def close(self) -> None:
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
    """The store of a new room, or of one whose making was interrupted."""
    store = _open(data_dir / FILE_NAME)
    store._database.execute(
        "INSERT INTO room (one, room_id) VALUES (1, ?) ON CONFLICT DO NOTHING",
        secrets.token_bytes(ROOM_ID_BYTES),
    )
    return store


def open_store(data_dir: Path) -> SqliteStore:
    """The store of the room in this folder, upgraded if it is older than this
    program. Raises FileNotFoundError, SchemaTooNew or CorruptRoom."""
    path = data_dir / FILE_NAME
    if not path.exists():
        raise FileNotFoundError(f"there is no room in {data_dir}")
    store = _open(path)
    if store._database.execute("SELECT count(*) FROM room").fetchone()[0] != 1:
        store.close()
        raise CorruptRoom(f"{path} was never finished: run init again")
    return store


def _open(path: Path) -> SqliteStore:
    database = None
    try:
        database = Database(path)
        migrate(database, path)
        return SqliteStore(database)
    except sqlite3.DatabaseError as error:
        if database is not None:
            database.close()
        raise CorruptRoom(f"{path} can't be read: {error}") from error
    except BaseException:
        if database is not None:
            database.close()
        raise
