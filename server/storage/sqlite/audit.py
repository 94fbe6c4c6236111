"""The audit log in SQLite. That it is only added to, triggers see to."""

from protocol.messages import AuditEntry
from server.audit import Actor, AuditAction
from server.storage.sqlite.database import Database
from server.user import username_key


class SqliteAudit:
    """The `AuditLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self,
        actor: Actor,
        action: AuditAction,
        now_ms: int,
        subject: str = "",
        subject_id: int | None = None,
        detail: str = "",
    ) -> None:
        self._database.execute(
            "INSERT INTO audit (at_ms, actor, action, subject, subject_id, address, detail) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            now_ms,
            actor.name,
            action.value,
            subject,
            subject_id,
            actor.address,
            detail,
        )

    def head(self) -> int:
        return int(self._database.execute("SELECT coalesce(max(id), 0) FROM audit").fetchone()[0])

    def accounts_after(self, entry_id: int) -> set[int]:
        rows = self._database.rows(
            "SELECT DISTINCT subject_id FROM audit WHERE id > ? AND subject_id IS NOT NULL",
            entry_id,
        )
        return {number for (number,) in rows}

    def before(self, entry_id: int, limit: int, search: str) -> tuple[list[AuditEntry], bool]:
        rows = self._database.rows(
            "SELECT id, at_ms, actor, action, subject, address, detail FROM audit "
            "WHERE (?1 = 0 OR id < ?1) AND (?2 = '' OR instr(casefolded(actor), ?2) "
            "OR instr(casefolded(subject), ?2) OR instr(action, ?2)) ORDER BY id DESC LIMIT ?3",
            entry_id,
            username_key(search),
            limit + 1,
        )
        entries = [AuditEntry(*row) for row in rows]
        return entries[:limit], len(entries) > limit
