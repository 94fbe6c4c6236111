"""The administrators' templates in SQLite."""

import json

from protocol.messages import Priority, Template
from server.storage.sqlite.database import Database

_SELECT = "SELECT id, name, text, priority, answers, lifetime_ms FROM templates"


class SqliteTemplates:
    """The `TemplateStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Template]:
        rows = self._database.rows(f"{_SELECT} ORDER BY search_key(name), id")
        return [_template(*row) for row in rows]

    def by_id(self, template_id: int) -> Template | None:
        row = self._database.execute(f"{_SELECT} WHERE id = ?", template_id).fetchone()
        return None if row is None else _template(*row)

    def put(self, template: Template) -> None:
        self._database.execute(
            "INSERT INTO templates (id, name, text, priority, answers, lifetime_ms) "
            "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
            "text = excluded.text, priority = excluded.priority, answers = excluded.answers, "
            "lifetime_ms = excluded.lifetime_ms",
            template.id or None,
            template.name,
            template.text,
            int(template.priority),
            json.dumps(template.answers, ensure_ascii=False),
            template.lifetime_ms,
        )

    def remove(self, template_id: int) -> None:
        self._database.execute("DELETE FROM templates WHERE id = ?", template_id)


def _template(
    template_id: int, name: str, text: str, priority: int, answers: str, lifetime_ms: int
) -> Template:
    return Template(
        template_id, name, text, Priority(priority), tuple(json.loads(answers)), lifetime_ms
    )
