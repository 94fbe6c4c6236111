"""Receipts in SQLite. That the record is only added to, triggers see to."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping

from protocol.messages import OwnReceipt, RoomMessage, RosterEntry
from protocol.spans import Span
from server.domain.messages.receipts import Entry, SeenRun, own_receipt
from server.domain.user import User
from server.storage.sqlite.database import Database

# Of a user `u` and a message: its id ?1 and its author's ?2.
_IS_COUNTED = "u.state = 'active' AND u.joined_id < ?1 AND u.id != ?2"

_STANDING = (
    "SELECT m.id, coalesce(a.choice, 0), coalesce(a.first_at_ms, 0), coalesce(a.at_ms, 0), "
    "coalesce(a.times, 0), coalesce(r.at_ms, 0) FROM messages m "
    "LEFT JOIN answers a ON a.message_id = m.id AND a.user_id = ?1 "
    "LEFT JOIN reminders r ON r.message_id = m.id "
)

_ENTRY = (
    "id, message_id, revision, user_id, username, answer, text_digest, at_ms, previous_hash, hash"
)

RECORD = f"SELECT {_ENTRY} FROM confirmations ORDER BY id"
"""Selects the whole record: the fields of `Entry` and the hash that is stored."""


class SqliteReceipts:
    """The `ReceiptStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def mark_seen(self, spans: Mapping[int, Iterable[Span]]) -> None:
        for user_id, runs in spans.items():
            for first, last in runs:
                self._saw(user_id, first, last)

    def _saw(self, user_id: int, first: int, last: int) -> None:
        # The runs of one person never touch, so those that this one becomes one
        # with follow each other, and end with the last that begins no later.
        touched = []
        for run in self._database.execute(
            "SELECT from_id, to_id FROM seen WHERE user_id = ? AND from_id <= ? "
            "ORDER BY from_id DESC",
            user_id,
            last + 1,
        ):
            if run[1] < first - 1:
                break
            touched.append(run)
        if len(touched) == 1 and touched[0][0] <= first and last <= touched[0][1]:
            return
        for from_id, to_id in touched:
            first, last = min(first, from_id), max(last, to_id)
            self._database.execute(
                "DELETE FROM seen WHERE user_id = ? AND from_id = ?", user_id, from_id
            )
        self._database.execute(
            "INSERT INTO seen (user_id, from_id, to_id) VALUES (?, ?, ?)", user_id, first, last
        )

    # Counted by SQLite: most people joined long ago and have seen the same, and each row
    # that is handed over costs all threads of the process a moment.

    def joined(self) -> list[tuple[int, int]]:
        return list(
            self._database.rows(
                "SELECT joined_id, count(*) FROM users WHERE state = 'active' "
                "GROUP BY joined_id ORDER BY joined_id"
            )
        )

    def seen_between(self, from_id: int, to_id: int, user_id: int = 0) -> list[SeenRun]:
        rows = self._database.rows(
            "SELECT max(s.from_id, u.joined_id + 1, ?1) AS first, min(s.to_id, ?2) AS last, "
            "count(*) FROM seen s JOIN users u ON u.id = s.user_id "
            "WHERE s.to_id >= ?1 AND s.from_id <= ?2 AND u.state = 'active' "
            f"{'AND u.id = ?3' if user_id else ''} AND first <= last GROUP BY first, last",
            from_id,
            to_id,
            *([user_id] if user_id else []),
        )
        return [SeenRun(*row) for row in rows]

    def chosen(self, message_ids: Iterable[int]) -> dict[int, dict[int, int]]:
        found: dict[int, dict[int, int]] = {}
        for message_id in message_ids:
            rows = self._database.rows(
                "SELECT a.choice, count(*) FROM answers a JOIN users u ON u.id = a.user_id "
                "WHERE a.message_id = ? AND u.state = 'active' GROUP BY a.choice",
                message_id,
            )
            found[message_id] = dict(rows)
        return found

    def joined_id(self, user_id: int) -> int:
        row = self._database.execute("SELECT joined_id FROM users WHERE id = ?", user_id).fetchone()
        return int(row[0])

    def counted_after(self, user_id: int) -> int | None:
        row = self._database.execute(
            "SELECT joined_id FROM users WHERE id = ? AND state = 'active'", user_id
        ).fetchone()
        return None if row is None else int(row[0])

    def own_receipt(self, user_id: int, message_id: int) -> OwnReceipt:
        row = self._database.execute(f"{_STANDING} WHERE m.id = ?2", user_id, message_id).fetchone()
        return own_receipt(*row)

    def own_receipts(self, user_ids: Collection[int], limit: int) -> dict[int, list[OwnReceipt]]:
        asks = self._database.execute("SELECT 1 FROM messages WHERE answers != '[]' LIMIT 1")
        if asks.fetchone() is None:
            return {}
        found = {user_id: self._own_receipts(user_id, limit) for user_id in user_ids}
        return {user_id: receipts for user_id, receipts in found.items() if receipts}

    def _own_receipts(self, user_id: int, limit: int) -> list[OwnReceipt]:
        rows = self._database.rows(
            f"{_STANDING} JOIN users u ON u.id = ?1 WHERE m.answers != '[]' "
            "AND m.id > u.joined_id AND m.author_id != ?1 ORDER BY m.id DESC LIMIT ?2",
            user_id,
            limit,
        )
        return [own_receipt(*row) for row in rows]

    def answer(self, user: User, message: RoomMessage, choice: int, now_ms: int) -> None:
        count, previous = self._database.execute(
            "SELECT record_count, record_hash FROM room"
        ).fetchone()
        entry = Entry(
            id=count + 1,
            message_id=message.id,
            revision=message.revision,
            user_id=user.id,
            username=user.username,
            answer=message.answers[choice - 1],
            text_digest=hashlib.sha256(message.text.encode()).digest(),
            at_ms=now_ms,
            previous=previous,
        )
        digest = entry.hash()
        self._database.execute(
            f"INSERT INTO confirmations ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(getattr(entry, name) for name in entry.__struct_fields__),
            digest,
        )
        self._database.execute(
            "UPDATE room SET record_count = ?, record_hash = ?", entry.id, digest
        )
        self._database.execute(
            "INSERT INTO answers (message_id, user_id, choice, first_at_ms, at_ms, times) "
            "VALUES (?1, ?2, ?3, ?4, ?4, 1) ON CONFLICT (message_id, user_id) DO UPDATE "
            "SET choice = excluded.choice, at_ms = excluded.at_ms, times = times + 1",
            message.id,
            user.id,
            choice,
            now_ms,
        )

    def roster(self, message: RoomMessage, after_id: int, limit: int) -> list[RosterEntry]:
        rows = self._database.rows_together(
            "id, username, display_name, is_counted, last_seen_ms, has_seen, choice, at_ms",
            f"SELECT u.id, u.username, u.display_name, {_IS_COUNTED} AS is_counted, "
            "u.last_seen_ms, EXISTS (SELECT 1 FROM seen s WHERE s.user_id = u.id "
            "AND s.from_id <= ?1 AND s.to_id >= ?1) AS has_seen, "
            "coalesce(a.choice, 0) AS choice, coalesce(a.at_ms, 0) AS at_ms FROM users u "
            "LEFT JOIN answers a ON a.message_id = ?1 AND a.user_id = u.id "
            f"WHERE u.id > ?3 AND (({_IS_COUNTED}) OR a.choice IS NOT NULL) "
            "ORDER BY u.id LIMIT ?4",
            message.id,
            message.author_id,
            after_id,
            limit,
        )
        return [
            RosterEntry(user_id, name, shown, bool(counted), False, last_ms, bool(saw), choice, at)
            for user_id, name, shown, counted, last_ms, saw, choice, at in sorted(rows)
        ]

    def unanswered(self, message: RoomMessage) -> list[int]:
        rows = self._database.rows(
            f"SELECT u.id FROM users u WHERE {_IS_COUNTED} AND NOT EXISTS "
            "(SELECT 1 FROM answers a WHERE a.message_id = ?1 AND a.user_id = u.id)",
            message.id,
            message.author_id,
        )
        return [user_id for (user_id,) in rows]

    def reminded_at(self, message_id: int) -> int:
        row = self._database.execute(
            "SELECT at_ms FROM reminders WHERE message_id = ?", message_id
        ).fetchone()
        return 0 if row is None else int(row[0])

    def remind(self, message_id: int, now_ms: int) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO reminders (message_id, at_ms) VALUES (?, ?)",
            message_id,
            now_ms,
        )

    def record(self) -> Iterator[tuple[Entry, bytes]]:
        for *fields, digest in self._database.rows(RECORD):
            yield Entry(*fields), digest
