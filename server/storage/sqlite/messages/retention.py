"""Which messages are past their time, in SQLite."""

from protocol.messages import RoomMessage
from server.storage.sqlite.database import Database
from server.storage.sqlite.messages.history import COLUMNS, message_of


class SqliteRetention:
    """The `RetentionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def kept_from_id(self) -> int:
        (message_id,) = self._database.execute("SELECT kept_from_id FROM room").fetchone()
        return int(message_id)

    def keep_from(self, message_id: int) -> None:
        self._database.execute("UPDATE room SET kept_from_id = ?", message_id)

    def older_than(self, before_ms: int, limit: int) -> list[RoomMessage]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM messages WHERE id >= (SELECT kept_from_id FROM room) "
            "ORDER BY id LIMIT ?",
            limit,
        )
        found: list[RoomMessage] = []
        for message in map(message_of, rows):
            if message.posted_at_ms >= before_ms:
                break
            found.append(message)
        return found

    def kept_longer(self, after_id: int, limit: int) -> list[RoomMessage]:
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM messages WHERE id IN (SELECT message_id FROM kept_longer "
            "WHERE message_id > ? ORDER BY message_id LIMIT ?) ORDER BY id",
            after_id,
            limit,
        )
        return [message_of(row) for row in rows]

    def keep_longer(self, message_id: int, is_kept: bool) -> None:
        statement = (
            "INSERT INTO kept_longer (message_id) VALUES (?) ON CONFLICT DO NOTHING"
            if is_kept
            else "DELETE FROM kept_longer WHERE message_id = ?"
        )
        self._database.execute(statement, message_id)

    def waits_for_answers(self, message: RoomMessage) -> bool:
        row = self._database.execute(
            "SELECT 1 FROM users u WHERE u.state = 'active' AND u.joined_id < ?1 AND u.id != ?2 "
            "AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.message_id = ?1 "
            "AND a.user_id = u.id) LIMIT 1",
            message.id,
            message.author_id,
        ).fetchone()
        return row is not None
