"""A withdrawn text is gone from every file, not only from every answer.

SQLite overwrites what is deleted (secure_delete), but not everywhere. The log
beside the file keeps pages as they were until it is begun anew; and where pages
were rearranged, a copy of a row may lie in a page's unused part. So after a
withdrawal the log is emptied, and the file is written anew: at once where it is
small, else when the server ends. What the index of the search knows of a withdrawn
text goes first.
"""

from server.storage.sqlite.database import Database
from server.storage.sqlite.messages.search import SqliteSearch

SMALL_BYTES = 8 * 1024 * 1024
"""Written anew within some tens of milliseconds, for which posts wait."""


class SqliteScrubber:
    """The `Scrubber`."""

    def __init__(self, database: Database, index: SqliteSearch) -> None:
        self._database = database
        self._index = index
        self._rewritten_through = 0

    @property
    def is_due(self) -> bool:
        (is_due,) = self._database.execute(
            "SELECT withdrawn_through > log_scrubbed_through FROM room"
        ).fetchone()
        return bool(is_due)

    def scrub(self) -> bool:
        through = self._withdrawn_through()
        self._index.forget_stale()
        is_small = self._database.size_bytes() <= SMALL_BYTES
        # Somebody who reads for long keeps the log from being emptied: what is
        # written anew must not make it longer each time that this is tried.
        if not self._database.empty_log():
            return False
        if is_small and self._rewritten_through < through:
            self._database.rewrite()
            self._rewritten_through = through
            if not self._database.empty_log():
                return False
        self._note("log_scrubbed_through", through)
        if is_small:
            self._note("file_scrubbed_through", through)
        return True

    def finish(self) -> None:
        (is_due,) = self._database.execute(
            "SELECT withdrawn_through > min(log_scrubbed_through, file_scrubbed_through) FROM room"
        ).fetchone()
        if is_due:
            through = self._withdrawn_through()
            self._index.forget_stale()
            self._database.rewrite()
            for column in ("log_scrubbed_through", "file_scrubbed_through"):
                self._note(column, through)

    def _withdrawn_through(self) -> int:
        (through,) = self._database.execute("SELECT withdrawn_through FROM room").fetchone()
        return int(through)

    def _note(self, column: str, through: int) -> None:
        self._database.execute(f"UPDATE room SET {column} = ?", through)
