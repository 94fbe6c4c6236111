"""The room's messages in SQLite."""

from collections.abc import Iterator
from typing import Any

from protocol.messages import RoomMessage
from server.history import Head
from server.storage.sqlite.database import Database
from server.user import User

_COLUMNS = "id, revision, author_id, author_name, posted_at_ms, text, post_id"


class SqliteHistory:
    """The `HistoryStore`. Ids and revisions are read from the table itself
    within the transaction that adds a message, so what was rolled back leaves
    no gap."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def head(self) -> Head:
        row = self._database.execute(
            "SELECT coalesce(max(id), 0), (SELECT coalesce(max(revision), 0) FROM messages) "
            "FROM messages"
        ).fetchone()
        return Head(*row)

    def append(
        self, author: User, post_id: bytes, text: str, posted_at_ms: int
    ) -> tuple[RoomMessage, bool]:
        stored = self._database.execute(
            f"SELECT {_COLUMNS} FROM messages WHERE author_id = ? AND post_id = ?",
            author.id,
            post_id,
        ).fetchone()
        if stored is not None:
            return RoomMessage(*stored), False
        head = self.head()
        message = RoomMessage(
            id=head.id + 1,
            revision=head.revision + 1,
            author_id=author.id,
            author_name=author.display_name,
            posted_at_ms=posted_at_ms,
            text=text,
            post_id=post_id,
        )
        self._database.execute(
            f"INSERT INTO messages ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(getattr(message, name) for name in message.__struct_fields__),
        )
        return message, True

    def whole(self) -> Iterator[RoomMessage]:
        for row in self._database.rows(f"SELECT {_COLUMNS} FROM messages ORDER BY id"):
            yield RoomMessage(*row)

    def changes_after(self, revision: int, max_messages: int, max_bytes: int) -> list[RoomMessage]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM messages WHERE revision > ? ORDER BY revision LIMIT ?",
            revision,
            max_messages,
        )
        return _as_many_as_fit(rows, max_messages, max_bytes)[0]

    def before(self, message_id: int, limit: int, max_bytes: int) -> tuple[list[RoomMessage], bool]:
        # One row more than asked for tells whether there are older ones.
        condition, parameters = ("WHERE id < ?", (message_id,)) if message_id else ("", ())
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM messages {condition} ORDER BY id DESC LIMIT ?",
            *parameters,
            limit + 1,
        )
        return _as_many_as_fit(rows, limit, max_bytes)


def _as_many_as_fit(
    rows: Iterator[tuple[Any, ...]], limit: int, max_bytes: int
) -> tuple[list[RoomMessage], bool]:
    """The first messages, up to the limit and the size but at least one, and
    whether rows were left over."""
    messages: list[RoomMessage] = []
    size = 0
    for row in rows:
        message = RoomMessage(*row)
        size += len(message.text.encode())
        if len(messages) == limit or (messages and size > max_bytes):
            return messages, True
        messages.append(message)
    return messages, False
