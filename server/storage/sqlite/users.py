"""Accounts in SQLite, and the record of how each came to be as it is."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from protocol.messages import AccountState, Role
from server.domain.errors import UsernameTaken
from server.domain.lookalikes import skeleton
from server.domain.user import User, username_key
from server.domain.users import AccountEntry, password_digest
from server.storage.sqlite.chains import (
    ACCOUNT_FIELDS,
    ACCOUNTS,
    add_account_entry,
    end_of,
    set_end,
)
from server.storage.sqlite.database import Database

USER_COLUMNS = "id, username, display_name, role, state, password_hash, created_at_ms, last_seen_ms"

_MATCHES = (
    "state != 'removed' AND (instr(username_key, ?1) OR instr(search_key(display_name), ?1) "
    "OR ?1 = '')"
)

# Half the time of calling the enumeration, once for each row.
_ROLES = {role.value: role for role in Role}
_STATES = {state.value: state for state in AccountState}

REMOVED = "removed"
"""The state of an account that is no more: its row keeps the place of its messages'
author, and no call of the store finds it."""


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
        state: AccountState = AccountState.ACTIVE,
    ) -> User:
        self.require_free(username)
        try:
            cursor = self._database.execute(
                "INSERT INTO users (username, username_key, skeleton, display_name, role, state, "
                "password_hash, created_at_ms, joined_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
                "(SELECT coalesce(max(last_id), 0) FROM room))",
                username,
                username_key(username),
                skeleton(username),
                display_name,
                role.value,
                state.value,
                password_hash,
                created_at_ms,
            )
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_UNIQUE:
                raise
            raise UsernameTaken from error
        user_id = int(cursor.lastrowid or 0)
        digest = password_digest(password_hash)
        self._write_down(
            AccountEntry(0, user_id, username, display_name, role.value, state.value, digest, b"")
        )
        return User(user_id, username, display_name, role, state, password_hash, created_at_ms)

    def require_free(self, username: str) -> None:
        alike = "SELECT 1 FROM users WHERE skeleton = ? AND state != 'removed'"
        if self._database.execute(alike, skeleton(username)).fetchone() is not None:
            raise UsernameTaken

    def administrators(self) -> list[str]:
        rows = self._database.rows(
            "SELECT display_name FROM users WHERE state = 'active' AND role = 'admin'"
        )
        return [str(name) for (name,) in rows]

    def by_name(self, username: str) -> User | None:
        return self._one("WHERE username_key = ?", username_key(username))

    def by_id(self, user_id: int) -> User | None:
        return self._one("WHERE state != 'removed' AND id = ?", user_id)

    def count_active(self) -> int:
        return self._count("state = 'active'")

    def count_admins(self, but: int = 0) -> int:
        can = "state = 'active' AND role = 'admin' AND password_hash != ''"
        return self._count(f"{can} AND id != ?", but)

    def count_pending(self) -> int:
        return self._count("state = 'pending'")

    def page(self, search: str, offset: int, limit: int) -> tuple[list[User], int]:
        key = username_key(search)
        rows = self._database.rows(
            f"SELECT {USER_COLUMNS} FROM users WHERE {_MATCHES} "
            "ORDER BY state != 'pending', counting_key(username_key) LIMIT ?2 OFFSET ?3",
            key,
            limit,
            offset,
        )
        return [user_of(row) for row in rows], self._count(_MATCHES, key)

    def set_role(self, user_id: int, role: Role) -> None:
        self._database.execute("UPDATE users SET role = ? WHERE id = ?", role.value, user_id)
        self._note(user_id, role=role.value)

    def set_state(self, user_id: int, state: AccountState) -> None:
        # Who waited for approval joins now; who was disabled joined long ago.
        self._database.execute(
            "UPDATE users SET joined_id = CASE WHEN state = 'pending' "
            "THEN (SELECT last_id FROM room) ELSE joined_id END, state = ? WHERE id = ?",
            state.value,
            user_id,
        )
        self._note(user_id, state=state.value)

    def left(self, at_ms: Mapping[int, int]) -> None:
        for user_id, left_at_ms in at_ms.items():
            self._database.execute(
                "UPDATE users SET last_seen_ms = ? WHERE id = ?", left_at_ms, user_id
            )

    def set_password(self, user_id: int, password_hash: str) -> None:
        self._database.execute(
            "UPDATE users SET password_hash = ? WHERE id = ?", password_hash, user_id
        )
        self._note(user_id, password_digest=password_digest(password_hash))

    def remove(self, user_id: int) -> None:
        self._database.execute("DELETE FROM resets WHERE user_id = ?", user_id)
        # No username has a colon: nobody can come to this key by another way.
        self._database.execute(
            "UPDATE users SET state = 'removed', password_hash = '', "
            "username_key = 'removed:' || id WHERE id = ?",
            user_id,
        )
        self._note(user_id, state=REMOVED, password_digest=b"")

    def set_reset(self, user_id: int, digest: bytes, expires_at_ms: int) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO resets (user_id, digest, expires_at_ms) VALUES (?, ?, ?)",
            user_id,
            digest,
            expires_at_ms,
        )

    def take_reset(self, user_id: int, digest: bytes, now_ms: int) -> bool:
        cursor = self._database.execute(
            "DELETE FROM resets WHERE user_id = ? AND digest = ? AND expires_at_ms > ?",
            user_id,
            digest,
            now_ms,
        )
        return cursor.rowcount > 0

    def _note(self, user_id: int, **changed: object) -> None:
        """Put on record what was changed: beside what is on record already, and not
        beside what the account says, which somebody may have changed past it."""
        row = self._database.execute(
            f"SELECT {ACCOUNT_FIELDS} FROM account_record WHERE user_id = ? "
            "ORDER BY id DESC LIMIT 1",
            user_id,
        ).fetchone()
        if row is not None:
            self._write_down(msgspec.structs.replace(AccountEntry(*row), **changed))

    def _write_down(self, entry: AccountEntry) -> None:
        count, newest = end_of(self._database, ACCOUNTS)
        entry = msgspec.structs.replace(entry, id=count + 1, previous=newest)
        set_end(self._database, ACCOUNTS, count + 1, add_account_entry(self._database, entry))

    def _one(self, condition: str, parameter: object) -> User | None:
        row = self._database.execute(
            f"SELECT {USER_COLUMNS} FROM users {condition}", parameter
        ).fetchone()
        return None if row is None else user_of(row)

    def _count(self, condition: str, *parameters: object) -> int:
        query = f"SELECT count(*) FROM users WHERE {condition}"
        return int(self._database.execute(query, *parameters).fetchone()[0])


def user_of(row: Sequence[Any]) -> User:
    """Return the account in these columns (USER_COLUMNS)."""
    user_id, username, display_name, role, state, *rest = row
    return User(user_id, username, display_name, _ROLES[role], _STATES[state], *rest)
