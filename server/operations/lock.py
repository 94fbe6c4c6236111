"""One server for a data folder.

The lock is an exclusive transaction on a tiny SQLite database, held while the
server runs. It works the same on Windows, Linux and macOS, and the system lets
go of it when the process ends in whatever way, so a lock can't outlive its
server.
"""

import sqlite3
from pathlib import Path
from types import TracebackType
from typing import Self

from server.domain.errors import StorageUnavailable

FILE_NAME = "serve.lock"


class AlreadyServing(Exception):
    """Another process serves the room in this folder."""


class DataFolderLock:
    """Holds the folder from `__enter__` to `__exit__`. Raises AlreadyServing;
    FileNotFoundError if there is no such folder, StorageUnavailable if it can't
    be written."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE_NAME
        self._database: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        if not self._path.parent.is_dir():
            raise FileNotFoundError(f"there is no folder {self._path.parent}")
        database = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            database.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            database.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise StorageUnavailable(f"{self._path}: {error}") from error
            raise AlreadyServing(
                f"another server is serving the room in {self._path.parent}"
            ) from None
        self._database = database
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
