"""Accounts' sessions in SQLite."""

from collections.abc import Collection
from itertools import islice

from server.domain.users import MAX_SESSIONS, TOUCH_EVERY_MS, Holder, StoredSession
from server.storage.sqlite.database import Database
from server.storage.sqlite.users import REMOVED, USER_COLUMNS, user_of

LOOKED_UP_TOGETHER = 500
"""Fewer than the parameters that any SQLite takes (999 before 3.32)."""

_COLUMNS = ", ".join(f"u.{name}" for name in USER_COLUMNS.split(", "))
_FROM = f"FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.state != '{REMOVED}'"
_HOLDER = f"SELECT s.last_used_ms, {_COLUMNS} {_FROM} AND s.digest = ?"
_HOLDERS = f"SELECT hex(s.digest) AS digest, s.last_used_ms, {_COLUMNS} {_FROM} AND s.digest"


class SqliteSessions:
    """The `SessionStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, user_id: int, digest: bytes, device: str, address: str, now_ms: int) -> None:
        self._database.execute(
            "INSERT INTO sessions (digest, user_id, device, address, created_at_ms, last_used_ms) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            digest,
            user_id,
            device,
            address,
            now_ms,
            now_ms,
        )
        self._database.execute(
            "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE user_id = ? "
            "ORDER BY last_used_ms DESC, id DESC LIMIT -1 OFFSET ?)",
            user_id,
            MAX_SESSIONS,
        )
        self._database.execute("UPDATE users SET last_seen_ms = ? WHERE id = ?", now_ms, user_id)

    def holders(self, digests: Collection[bytes]) -> dict[bytes, Holder]:
        found: dict[bytes, Holder] = {}
        wanted = iter(digests)
        while some := list(islice(wanted, LOOKED_UP_TOGETHER)):
            rows = self._database.rows_together(
                f"digest, last_used_ms, {USER_COLUMNS}",
                f"{_HOLDERS} IN ({', '.join('?' for _ in some)})",
                *some,
            )
            for digest, last_used_ms, *user in rows:
                found[bytes.fromhex(digest)] = Holder(user_of(user), last_used_ms)
        return found

    def holder(self, digest: bytes) -> Holder | None:
        # What everything that changes something asks first: one look-up for all of it.
        row = self._database.execute(_HOLDER, digest).fetchone()
        return None if row is None else Holder(user_of(row[1:]), row[0])

    def touch(self, digest: bytes, address: str, now_ms: int) -> None:
        # A clock that was set back must not keep a session from being noted.
        touched = self._database.execute(
            "UPDATE sessions SET last_used_ms = ?1, address = ?2 WHERE digest = ?3 "
            "AND abs(last_used_ms - ?1) > ?4",
            now_ms,
            address,
            digest,
            TOUCH_EVERY_MS,
        )
        if touched.rowcount:
            self._database.execute(
                "UPDATE users SET last_seen_ms = ? "
                "WHERE id = (SELECT user_id FROM sessions WHERE digest = ?)",
                now_ms,
                digest,
            )

    def of(self, user_id: int) -> list[StoredSession]:
        rows = self._database.rows(
            "SELECT id, digest, device, address, created_at_ms, last_used_ms FROM sessions "
            "WHERE user_id = ? ORDER BY last_used_ms DESC, id DESC",
            user_id,
        )
        return [StoredSession(*row) for row in rows]

    def places(self, limit: int) -> list[tuple[str, str]]:
        rows = list(
            self._database.rows(
                "SELECT username, address FROM sessions JOIN users ON users.id = user_id "
                "ORDER BY last_used_ms DESC, sessions.id DESC LIMIT ?",
                limit,
            )
        )
        return [(str(username), str(address)) for username, address in reversed(rows)]

    def close(self, digest: bytes) -> None:
        self._database.execute("DELETE FROM sessions WHERE digest = ?", digest)

    def close_all(self, user_id: int, but_digest: bytes = b"") -> None:
        self._database.execute(
            "DELETE FROM sessions WHERE user_id = ? AND digest != ?", user_id, but_digest
        )
