"""A message's roster as a CSV file for a spreadsheet, or as text to paste."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from app.models.pages.audit_file import CsvFile, utc
from protocol.messages import Attention, RoomMessage, RosterEntry
from protocol.spreadsheet import cell

COLUMNS = ("username", "name", "seen", "answer", "answered_utc", "online", "last_seen_utc", "left")


def write(path: Path, message: RoomMessage, entries: Iterable[RosterEntry]) -> None:
    """Write the whole file, or leave none. Raises OSError."""
    file = CsvFile(path, COLUMNS)
    try:
        for row in _rows(message, entries):
            file.add(row)
        file.finish()
    except BaseException:
        file.give_up()
        raise


def text(message: RoomMessage, entries: Iterable[RosterEntry]) -> str:
    """Return the same separated by tabs, as spreadsheets and mails take it."""
    lines = (COLUMNS, *_rows(message, entries))
    return "\n".join("\t".join(cell(" ".join(text.split())) for text in line) for line in lines)


def _rows(message: RoomMessage, entries: Iterable[RosterEntry]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        yield (
            entry.username,
            entry.display_name,
            "yes" if entry.has_seen else "no",
            _answer(message, entry.choice),
            utc(entry.at_ms) if entry.at_ms else "",
            _reach(entry),
            utc(entry.last_seen_ms) if entry.last_seen_ms else "",
            "" if entry.is_counted else "yes",
        )


def _reach(entry: RosterEntry) -> str:
    """Return whether this person is online, and what keeps them from seeing."""
    if not entry.online:
        return "no"
    attention = entry.attention
    return "yes" if attention is Attention.HERE else f"yes, {attention.name.lower()}"


def _answer(message: RoomMessage, choice: int) -> str:
    if not 1 <= choice <= len(message.answers):
        return ""
    return message.answers[choice - 1] or "read"
