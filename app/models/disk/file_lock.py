"""Which of several windows on one data folder has a file for its own.

The lock is an exclusive transaction on a tiny SQLite database beside the file.
It works the same on Windows, Linux and macOS, and the system lets go of it when
the process ends in whatever way.
"""

import contextlib
import sqlite3
from pathlib import Path

from app.models.disk.files import private_file


class FileLock:
    """Taken from `take` to `release`."""

    def __init__(self, path: Path) -> None:
        """Prepare to lock the file at `path`; it need not be there."""
        self._path = path.with_name(path.name + ".lock")
        self._database: sqlite3.Connection | None = None

    def take(self) -> bool:
        """Take the lock without waiting. False: another has it, or there can be no lock."""
        database: sqlite3.Connection | None = None
        try:
            private_file(self._path)
            database = sqlite3.connect(self._path, timeout=0, isolation_level=None)
            database.execute("BEGIN EXCLUSIVE")
        except (sqlite3.Error, OSError):
            if database is not None:
                database.close()
            return False
        self._database = database
        return True

    def release(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None
