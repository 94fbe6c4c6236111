"""The room's messages in SQLite."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from protocol.messages import Priority, RoomMessage, Version
from server.domain.messages.history import Draft, Found, Head, Wanted
from server.domain.user import User
from server.storage.sqlite.database import Database
from server.storage.sqlite.messages.columns import attachments_column, attachments_in
from server.storage.sqlite.messages.pages import as_many_as_fit
from server.storage.sqlite.messages.search import SqliteSearch

_FIELDS = RoomMessage.__struct_fields__
COLUMNS = ", ".join(_FIELDS)
"""Of a message, as `message_of` reads them."""

_INSERT = f"INSERT INTO messages ({COLUMNS}) VALUES ({', '.join('?' for _ in _FIELDS)})"


class SqliteHistory:
    """The `HistoryStore`. Ids and revisions are read from the table itself
    within the transaction that adds a message, so what was rolled back leaves
    no gap."""

    def __init__(self, database: Database, search: SqliteSearch) -> None:
        self._database = database
        self._search = search

    def head(self) -> Head:
        row = self._database.execute(
            "SELECT coalesce(max(id), 0), (SELECT coalesce(max(revision), 0) FROM messages) "
            "FROM messages"
        ).fetchone()
        return Head(*row)

    def posted(self, author: User, post_id: bytes) -> RoomMessage | None:
        return self._one("author_id = ? AND post_id = ?", author.id, post_id)

    def append(
        self, author: User, post_id: bytes, draft: Draft, posted_at_ms: int
    ) -> tuple[RoomMessage, bool]:
        head = self.head()
        message = RoomMessage(
            id=head.id + 1,
            revision=head.revision + 1,
            author_id=author.id,
            author_name=author.display_name,
            posted_at_ms=posted_at_ms,
            text=draft.text,
            post_id=post_id,
            priority=draft.priority,
            answers=draft.answers,
            expires_at_ms=draft.expires_at_ms,
            due_at_ms=draft.due_at_ms,
            attachments=draft.attachments,
        )
        try:
            self._database.execute(_INSERT, *_row(message))
        except sqlite3.IntegrityError:
            # The table has one message of an author under one id.
            stored = self.posted(author, post_id)
            if stored is None:
                raise
            return stored, False
        return message, True

    def whole(self) -> Iterator[RoomMessage]:
        for row in self._database.rows(f"SELECT {COLUMNS} FROM messages ORDER BY id"):
            yield message_of(row)

    def by_id(self, message_id: int) -> RoomMessage | None:
        return self._one("id = ?", message_id)

    def change(self, message: RoomMessage) -> RoomMessage:
        changed = msgspec.structs.replace(message, revision=self.head().revision + 1)
        assignments = ", ".join(f"{name} = ?" for name in _FIELDS)
        self._database.execute(
            f"UPDATE messages SET {assignments} WHERE id = ?", *_row(changed), changed.id
        )
        return changed

    def keep_text(self, message: RoomMessage, until_ms: int, replaced_by: str) -> None:
        self._database.execute(
            "INSERT INTO earlier_texts (message_id, text, until_ms, replaced_by) "
            "VALUES (?, ?, ?, ?)",
            message.id,
            message.text,
            until_ms,
            replaced_by,
        )

    def forget_texts(self, message_id: int) -> None:
        self._database.execute("DELETE FROM earlier_texts WHERE message_id = ?", message_id)

    def earlier_texts(
        self, message_id: int, offset: int, limit: int, max_bytes: int
    ) -> tuple[list[Version], bool]:
        rows = self._database.rows(
            "SELECT text, until_ms, replaced_by FROM earlier_texts WHERE message_id = ? "
            "ORDER BY id LIMIT ? OFFSET ?",
            message_id,
            limit + 1,
            offset,
        )
        return as_many_as_fit((Version(*row) for row in rows), limit, max_bytes)

    def pinned(self) -> list[RoomMessage]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM messages WHERE pinned_at_ms > 0 "
            "ORDER BY pinned_at_ms DESC, id DESC"
        )
        return [message_of(row) for row in rows]

    def expired(self, now_ms: int, limit: int) -> list[RoomMessage]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM messages WHERE expires_at_ms > 0 AND expires_at_ms <= ? "
            "ORDER BY expires_at_ms LIMIT ?",
            now_ms,
            limit,
        )
        return [message_of(row) for row in rows]

    def changes_after(self, revision: int, max_messages: int, max_bytes: int) -> list[RoomMessage]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM messages WHERE revision > ? ORDER BY revision LIMIT ?",
            revision,
            max_messages,
        )
        return as_many_as_fit(map(message_of, rows), max_messages, max_bytes)[0]

    def before(self, message_id: int, limit: int, max_bytes: int) -> tuple[list[RoomMessage], bool]:
        # One row more than asked for tells whether there are older ones.
        condition, parameters = ("WHERE id < ?", (message_id,)) if message_id else ("", ())
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM messages {condition} ORDER BY id DESC LIMIT ?",
            *parameters,
            limit + 1,
        )
        return as_many_as_fit(map(message_of, rows), limit, max_bytes)

    def search(self, wanted: Wanted, before_id: int, limit: int) -> Found:
        return self._search.step(wanted, min(before_id, self.head().id + 1), limit)

    def by_ids(self, message_ids: Sequence[int], max_bytes: int) -> list[RoomMessage]:
        marks = ", ".join("?" * len(message_ids))
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM messages WHERE id IN ({marks})", *message_ids
        )
        found = {message.id: message for message in map(message_of, rows)}
        wanted = (found[one] for one in message_ids if one in found)
        return as_many_as_fit(wanted, len(message_ids), max_bytes)[0]

    def _one(self, condition: str, *parameters: object) -> RoomMessage | None:
        row = self._database.execute(
            f"SELECT {COLUMNS} FROM messages WHERE {condition}", *parameters
        ).fetchone()
        return None if row is None else message_of(row)


_PRIORITY = _FIELDS.index("priority")
_ANSWERS = _FIELDS.index("answers")
_ATTACHMENTS = _FIELDS.index("attachments")
_PRIORITIES = {int(priority): priority for priority in Priority}


def _row(message: RoomMessage) -> list[object]:
    row: list[object] = list(msgspec.structs.astuple(message))
    row[_ANSWERS] = json.dumps(message.answers, ensure_ascii=False) if message.answers else "[]"
    row[_PRIORITY] = int(message.priority)
    row[_ATTACHMENTS] = attachments_column(message.attachments)
    return row


def message_of(row: tuple[Any, ...]) -> RoomMessage:
    """Return the message in a row of `COLUMNS`."""
    values = list(row)
    values[_PRIORITY] = _PRIORITIES[row[_PRIORITY]]
    # Most messages ask for nothing.
    values[_ATTACHMENTS] = attachments_in(row[_ATTACHMENTS])
    values[_ANSWERS] = () if row[_ANSWERS] == "[]" else tuple(json.loads(row[_ANSWERS]))
    return RoomMessage(*values)
