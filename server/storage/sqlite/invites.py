"""Invites in SQLite."""

from typing import Any

from protocol.messages import Invite, Role
from server.domain.audit import Actor
from server.domain.invites import InviteInvalid
from server.storage.sqlite.database import Database

_COLUMNS = "id, role, uses, used, expires_at_ms, revoked, note, created_by, created_at_ms"
_COUNTS_NOW = "used < uses AND NOT revoked AND expires_at_ms > ?"


class SqliteInvites:
    """The `InviteStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        digest: bytes,
        role: Role,
        uses: int,
        expires_at_ms: int,
        note: str,
        created_by: Actor,
        now_ms: int,
    ) -> Invite:
        cursor = self._database.execute(
            "INSERT INTO invites (digest, role, uses, used, expires_at_ms, revoked, note, "
            "created_by, created_by_id, created_at_ms) VALUES (?, ?, ?, 0, ?, 0, ?, ?, ?, ?)",
            digest,
            role.value,
            uses,
            expires_at_ms,
            note,
            created_by.name,
            created_by.id,
            now_ms,
        )
        number = int(cursor.lastrowid or 0)
        return Invite(number, role, uses, 0, expires_at_ms, False, note, created_by.name, now_ms)

    def require(self, digest: bytes, now_ms: int) -> Invite:
        row = self._database.execute(
            f"SELECT {_COLUMNS} FROM invites WHERE digest = ? AND {_COUNTS_NOW}", digest, now_ms
        ).fetchone()
        if row is None:
            raise InviteInvalid
        return _invite(row)

    def use(self, digest: bytes, now_ms: int) -> Invite:
        cursor = self._database.execute(
            f"UPDATE invites SET used = used + 1 WHERE digest = ? AND {_COUNTS_NOW}", digest, now_ms
        )
        if not cursor.rowcount:
            raise InviteInvalid
        return _invite(
            self._database.execute(
                f"SELECT {_COLUMNS} FROM invites WHERE digest = ?", digest
            ).fetchone()
        )

    def by_id(self, invite_id: int) -> Invite | None:
        row = self._database.execute(
            f"SELECT {_COLUMNS} FROM invites WHERE id = ?", invite_id
        ).fetchone()
        return None if row is None else _invite(row)

    def usable_of(self, user_id: int, now_ms: int) -> list[Invite]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM invites WHERE created_by_id = ? AND {_COUNTS_NOW} ORDER BY id",
            user_id,
            now_ms,
        )
        return [_invite(row) for row in rows]

    def revoke(self, invite_id: int) -> None:
        self._database.execute("UPDATE invites SET revoked = 1 WHERE id = ?", invite_id)

    def newest(self, limit: int) -> list[Invite]:
        rows = self._database.rows(
            f"SELECT {_COLUMNS} FROM invites ORDER BY id DESC LIMIT ?", limit
        )
        return [_invite(row) for row in rows]


def _invite(row: tuple[Any, ...]) -> Invite:
    number, role, uses, used, expires_at_ms, revoked, *rest = row
    return Invite(number, Role(role), uses, used, expires_at_ms, bool(revoked), *rest)
