"""Lists as CSV files for a spreadsheet; the audit log as one."""

import csv
import os
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from protocol.messages import AuditEntry
from protocol.spreadsheet import cell

COLUMNS = ("id", "time_utc", "actor", "action", "subject", "address", "detail")

EPOCH = datetime(1970, 1, 1)


class CsvFile:
    """Written beside its place row by row, and moved there when it is whole.
    Raises OSError."""

    def __init__(self, path: Path, columns: Iterable[str]) -> None:
        self._path = path
        self._draft = path.with_name(f"{path.name}.{os.getpid()}.new")
        # With the mark at its beginning by which Excel knows UTF-8.
        self._file = self._draft.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self.rows = -1
        self.add(columns)

    def add(self, cells: Iterable[str]) -> None:
        """Write this row."""
        self._writer.writerow([cell(text) for text in cells])
        self.rows += 1

    def finish(self) -> None:
        """Put the file in its place: this was all."""
        self._file.close()
        os.replace(self._draft, self._path)

    def give_up(self) -> None:
        """Leave nothing behind, and what was there before as it was."""
        try:
            self._file.close()
        finally:
            self._draft.unlink(missing_ok=True)


class AuditFile(CsvFile):
    """The audit log."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, COLUMNS)

    @property
    def entries(self) -> int:
        """How many were written."""
        return self.rows

    def add_entries(self, entries: Iterable[AuditEntry]) -> None:
        """Write these, in this order."""
        for entry in entries:
            at = utc(entry.at_ms)
            named = (entry.actor, entry.action, entry.subject, entry.address, entry.detail)
            self.add((str(entry.id), at, *named))


def utc(at_ms: int) -> str:
    """Return this moment as a spreadsheet reads it; its number where no calendar reaches
    it."""
    try:
        return (EPOCH + timedelta(milliseconds=at_ms)).strftime("%Y-%m-%d %H:%M:%S")
    except OverflowError:
        return str(at_ms)
