"""What the server asks of a store of accounts, and session tokens."""

import hashlib
import secrets
from typing import Protocol

from protocol.limits import SESSION_TOKEN_BYTES
from protocol.messages import Role
from server.user import User


class UserStore(Protocol):
    """Accounts and their sessions. A session is stored by its token's digest."""

    def add(
        self,
        username: str,
        display_name: str,
        role: Role,
        password_hash: str,
        created_at_ms: int,
    ) -> User:
        """A new, active account. Raises UsernameTaken."""

    def by_name(self, username: str) -> User | None:
        """The account with this name, however it is written."""

    def count_active(self) -> int:
        """How many accounts are in use: the room's members."""

    def open_session(self, user_id: int, digest: bytes, device: str, now_ms: int) -> None:
        """Remember a session token by its digest."""

    def user_of_session(self, digest: bytes) -> User | None:
        """Whose session this is; None when it has ended or never was. A pure
        read: ten thousand clients that come back after a restart cost no write."""

    def touch_session(self, digest: bytes, now_ms: int) -> None:
        """Note that a session is in use. Coarse: nothing is written when it was
        noted within the last hour."""

    def close_session(self, digest: bytes) -> None:
        """End a session for good."""


def new_token() -> bytes:
    """A session token: random bits that cannot be guessed."""
    return secrets.token_bytes(SESSION_TOKEN_BYTES)


def token_digest(token: bytes) -> bytes:
    """What is stored of a token. A plain SHA-256 is enough: unlike a password,
    256 random bits can't be searched for."""
    return hashlib.sha256(token).digest()
