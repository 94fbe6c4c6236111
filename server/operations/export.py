"""The room's history and its audit log as files for other programs."""

import csv
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import TextIO

from protocol.limits import MAX_TIME_MS
from protocol.messages import AuditEntry, RoomMessage
from protocol.spreadsheet import cell
from server.domain.messages.receipts import Entry

Row = dict[str, object]


def message_row(message: RoomMessage) -> Row:
    """Return one message as it is exported."""
    return {
        "id": message.id,
        "revision": message.revision,
        "author_id": message.author_id,
        "author": message.author_name,
        "posted_at": iso_time(message.posted_at_ms),
        "priority": message.priority.name.lower(),
        "text": message.text,
        "asks": " / ".join(answer or "read" for answer in message.answers),
        "edited_at": _iso_or_nothing(message.edited_at_ms),
        "withdrawn_at": _iso_or_nothing(message.withdrawn_at_ms),
        "withdrawn_by": message.withdrawn_by,
        "pinned_at": _iso_or_nothing(message.pinned_at_ms),
        "expires_at": _iso_or_nothing(message.expires_at_ms),
        "due_at": _iso_or_nothing(message.due_at_ms),
        "files": " / ".join(one.name for one in message.attachments),
        "files_sha256": " / ".join(one.sha256.hex() for one in message.attachments),
    }


def audit_row(entry: AuditEntry) -> Row:
    """Return one entry of the audit log as it is exported."""
    return {
        "id": entry.id,
        "at": iso_time(entry.at_ms),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "address": entry.address,
        "detail": entry.detail,
    }


def record_row(entry: Entry, digest: bytes) -> Row:
    """Return one entry of the record of confirmations as it is exported: with the
    milliseconds of its time, of which its hash is made."""
    return {
        "id": entry.id,
        "message_id": entry.message_id,
        "revision": entry.revision,
        "user_id": entry.user_id,
        "username": entry.username,
        "answer": entry.answer,
        "text_sha256": entry.text_digest.hex(),
        "at": iso_time(entry.at_ms),
        "at_ms": entry.at_ms,
        "previous_hash": entry.previous.hex(),
        "hash": digest.hex(),
    }


def write_jsonl(rows: Iterable[Row], file: TextIO) -> int:
    """Write JSON Lines (jsonlines.org). Returns how many."""
    count = 0
    for row in rows:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")
        count += 1
    return count


def write_csv(rows: Iterable[Row], file: TextIO) -> int:
    """Write CSV (RFC 4180) with a line of names. Texts that a spreadsheet would take for
    a formula get an apostrophe before them. Returns how many."""
    writer = csv.writer(file, lineterminator="\r\n")
    count = 0
    for row in rows:
        if not count:
            writer.writerow(row)
        writer.writerow(cell(one) if isinstance(one, str) else one for one in row.values())
        count += 1
    return count


def iso_time(time_ms: int) -> str:
    """Return milliseconds since 1970 as ISO 8601 has them, in UTC; what is later than it
    knows, from a room of before there was a bound, as its last moment."""
    seconds, ms = divmod(min(time_ms, MAX_TIME_MS), 1000)
    moment = datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=ms)
    return moment.isoformat(timespec="milliseconds")


def _iso_or_nothing(time_ms: int) -> str:
    return iso_time(time_ms) if time_ms else ""
