"""What is posted later, in SQLite."""

import json
from typing import Any

from protocol.messages import Hold, Priority, ScheduledMessage, Upcoming
from server.domain.messages.schedule_store import Plan
from server.domain.user import User
from server.storage.sqlite.database import Database
from server.storage.sqlite.messages.columns import attachments_column, attachments_in
from server.storage.sqlite.messages.pages import as_many_as_fit

_SELECT = (
    "SELECT s.id, s.version, s.at_ms, s.author_id, u.display_name, s.text, s.priority, "
    "s.answers, s.lifetime_ms, s.held, s.attachments "
    "FROM scheduled s JOIN users u ON u.id = s.author_id"
)
_PRIORITY, _ANSWERS, _HELD, _ATTACHMENTS = map(
    ScheduledMessage.__struct_fields__.index, ("priority", "answers", "held", "attachments")
)
_IN_ORDER = "ORDER BY s.at_ms, s.id"


class SqliteSchedule:
    """The `ScheduleStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def upcoming(self) -> Upcoming:
        row = self._database.execute(
            "SELECT count(*), coalesce(min(CASE WHEN held = 0 THEN at_ms END), 0), "
            "count(CASE WHEN held != 0 THEN 1 END) FROM scheduled"
        ).fetchone()
        return Upcoming(*row)

    def page(self, offset: int, limit: int, max_bytes: int) -> tuple[list[ScheduledMessage], bool]:
        rows = self._database.rows(f"{_SELECT} {_IN_ORDER} LIMIT ? OFFSET ?", limit + 1, offset)
        return as_many_as_fit(map(_scheduled, rows), limit, max_bytes)

    def by_id(self, scheduled_id: int) -> ScheduledMessage | None:
        row = self._database.execute(f"{_SELECT} WHERE s.id = ?", scheduled_id).fetchone()
        return None if row is None else _scheduled(row)

    def due(self, now_ms: int, limit: int) -> list[ScheduledMessage]:
        rows = self._database.rows(
            f"{_SELECT} WHERE s.at_ms <= ? AND s.held = 0 {_IN_ORDER} LIMIT ?", now_ms, limit
        )
        return [_scheduled(row) for row in rows]

    def has_been_given(self, author_id: int, post_id: bytes) -> bool:
        row = self._database.execute(
            "SELECT 1 FROM scheduled_posts WHERE author_id = ? AND post_id = ?", author_id, post_id
        ).fetchone()
        return row is not None

    def add(self, author: User, post_id: bytes, plan: Plan) -> None:
        self._database.execute(
            "INSERT INTO scheduled_posts (author_id, post_id) VALUES (?, ?)", author.id, post_id
        )
        self._database.execute(
            "INSERT INTO scheduled (version, at_ms, author_id, post_id, text, priority, answers, "
            "lifetime_ms, attachments, held) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            plan.at_ms,
            author.id,
            post_id,
            *_what(plan),
        )

    def change(self, scheduled_id: int, author: User, plan: Plan) -> None:
        self._database.execute(
            "UPDATE scheduled SET version = version + 1, at_ms = ?, author_id = ?, text = ?, "
            "priority = ?, answers = ?, lifetime_ms = ?, attachments = ?, held = 0 WHERE id = ?",
            plan.at_ms,
            author.id,
            *_what(plan),
            scheduled_id,
        )

    def hold(self, scheduled_id: int, reason: Hold) -> None:
        self._database.execute(
            "UPDATE scheduled SET version = version + 1, held = ? WHERE id = ?",
            int(reason),
            scheduled_id,
        )

    def remove(self, scheduled_id: int) -> bytes:
        (post_id,) = self._database.execute(
            "SELECT post_id FROM scheduled WHERE id = ?", scheduled_id
        ).fetchone()
        self._database.execute("DELETE FROM scheduled WHERE id = ?", scheduled_id)
        return bytes(post_id)


def _what(plan: Plan) -> tuple[object, ...]:
    draft = plan.draft
    answers = json.dumps(draft.answers, ensure_ascii=False)
    attachments = attachments_column(draft.attachments)
    return draft.text, int(draft.priority), answers, plan.lifetime_ms, attachments


def _scheduled(row: tuple[Any, ...]) -> ScheduledMessage:
    values = list(row)
    values[_PRIORITY] = Priority(values[_PRIORITY])
    values[_ANSWERS] = tuple(json.loads(values[_ANSWERS]))
    values[_HELD] = Hold(values[_HELD])
    values[_ATTACHMENTS] = attachments_in(values[_ATTACHMENTS])
    return ScheduledMessage(*values)
