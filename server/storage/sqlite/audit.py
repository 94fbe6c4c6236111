"""The audit log in SQLite. That it is only added to, triggers see to; that it
was only added to, a chain of hashes tells."""

import msgspec

from protocol.messages import AuditEntry
from server.domain.audit import Actor, AuditAction, SealedEntry
from server.domain.user import username_key
from server.storage.sqlite.chains import AUDIT, end_of, set_end
from server.storage.sqlite.database import Database


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
        count, newest = end_of(self._database, AUDIT)
        entry = SealedEntry(
            id=self.head() + 1,
            at_ms=now_ms,
            actor=actor.name,
            action=action.value,
            subject=subject,
            subject_id=subject_id,
            address=actor.address,
            detail=detail,
            previous=newest,
        )
        digest = entry.hash()
        self._database.execute(
            "INSERT INTO audit (id, at_ms, actor, action, subject, subject_id, address, detail, "
            "hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *msgspec.structs.astuple(entry)[:-1],
            digest,
        )
        set_end(self._database, AUDIT, count + 1, digest)

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
            "WHERE (?1 = 0 OR id < ?1) AND (?2 = '' OR instr(search_key(actor), ?2) "
            "OR instr(search_key(subject), ?2) OR instr(action, ?2)) ORDER BY id DESC LIMIT ?3",
            entry_id,
            username_key(search),
            limit + 1,
        )
        entries = [AuditEntry(*row) for row in rows]
        return entries[:limit], len(entries) > limit
