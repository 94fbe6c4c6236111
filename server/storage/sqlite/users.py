"""Accounts and sessions in SQLite."""

import sqlite3

from protocol.messages import Role
from server.rejection import UsernameTaken
from server.storage.sqlite.database import Database
from server.user import User, UserState, username_key

_COLUMNS = "id, username, display_name, role, state, password_hash, created_at_ms"

TOUCH_EVERY_MS = 60 * 60 * 1000


class SqliteUsers:
    """The `UserStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        username: str,
        display_name: str,
        role: Role,
        password_hash: str,
        created_at_ms: int,
    ) -> User:
        try:
            cursor = self._database.execute(
                "INSERT INTO users (username, username_key, display_name, role, state, "
                "password_hash, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)",
                username,
                username_key(username),
                display_name,
                role.value,
                UserState.ACTIVE.value,
                password_hash,
                created_at_ms,
            )
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
                raise
            raise UsernameTaken from error
        return User(
            int(cursor.lastrowid or 0),
            username,
            display_name,
            role,
            UserState.ACTIVE,
            password_hash,
            created_at_ms,
        )

    def by_name(self, username: str) -> User | None:
        return self._one("WHERE username_key = ?", username_key(username))

    def count_active(self) -> int:
        row = self._database.execute(
            "SELECT count(*) FROM users WHERE state = ?", UserState.ACTIVE.value
        ).fetchone()
        return int(row[0])

    def open_session(self, user_id: int, digest: bytes, device: str, now_ms: int) -> None:
        self._database.execute(
            "INSERT INTO sessions (digest, user_id, device, created_at_ms, last_used_ms) "
            "VALUES (?, ?, ?, ?, ?)",
            digest,
            user_id,
            device,
            now_ms,
            now_ms,
        )

    def user_of_session(self, digest: bytes) -> User | None:
        return self._one("WHERE id = (SELECT user_id FROM sessions WHERE digest = ?)", digest)

    def touch_session(self, digest: bytes, now_ms: int) -> None:
        self._database.execute(
            "UPDATE sessions SET last_used_ms = ? WHERE digest = ? AND last_used_ms < ?",
            now_ms,
            digest,
            now_ms - TOUCH_EVERY_MS,
        )

    def close_session(self, digest: bytes) -> None:
        self._database.execute("DELETE FROM sessions WHERE digest = ?", digest)

    def _one(self, condition: str, parameter: object) -> User | None:
        row = self._database.execute(
            f"SELECT {_COLUMNS} FROM users {condition}", parameter
        ).fetchone()
        if row is None:
            return None
        user_id, username, display_name, role, state, password_hash, created_at_ms = row
        return User(
            user_id,
            username,
            display_name,
            Role(role),
            UserState(state),
            password_hash,
            created_at_ms,
        )
