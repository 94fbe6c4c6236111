"""What the server asks of a store of accounts, and of one of sessions."""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import NamedTuple, Protocol

import msgspec

from protocol.limits import SESSION_TOKEN_BYTES
from protocol.messages import AccountState, Role
from server.domain.chain import ChainEntry
from server.domain.user import User

RESET_CODE_CHARS = 16
RESET_CODE_GROUP = 4

# 32 signs, five bits each, without those that are taken for others (Crockford).
_RESET_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


MAX_SESSIONS = 500
"""Of one person. One more ends the one that was unused for longest."""

TOUCH_EVERY_MS = 60 * 60 * 1000
"""How often it is noted at most that a session is used."""


class UserStore(Protocol):
    """The accounts."""

    def add(
        self,
        username: str,
        display_name: str,
        role: Role,
        password_hash: str,
        created_at_ms: int,
        state: AccountState = AccountState.ACTIVE,
    ) -> User:
        """Store a new account. Raises UsernameTaken, also for a name that looks like
        another's."""

    def require_free(self, username: str) -> None:
        """Raises UsernameTaken where an account has this name, or one that looks like
        it."""

    def administrators(self) -> list[str]:
        """Return the display names of the administrators whose accounts are in use."""

    def by_name(self, username: str) -> User | None:
        """Return the account with this name, however it is written."""

    def by_id(self, user_id: int) -> User | None:
        """Return the account with this number, unless it was removed."""

    def count_active(self) -> int:
        """Return how many accounts are in use: the room's members."""

    def count_admins(self, but: int = 0) -> int:
        """Return how many of those in use are an administrator's who can sign in: a reset
        ends the password, until its code is used. `but` is left out."""

    def count_pending(self) -> int:
        """Return how many await approval."""

    def page(self, search: str, offset: int, limit: int) -> tuple[list[User], int]:
        """Return accounts whose names contain `search`, in whatever case: those that
        await approval first, then by username; and how many there are."""

    def set_role(self, user_id: int, role: Role) -> None:
        """Give the account this role."""

    def set_state(self, user_id: int, state: AccountState) -> None:
        """Put the account into this state, but for REMOVED."""

    def left(self, at_ms: Mapping[int, int]) -> None:
        """Store until when these people were here."""

    def set_password(self, user_id: int, password_hash: str) -> None:
        """Give the account this password; with an empty hash, none."""

    def remove(self, user_id: int) -> None:
        """Remove the account: its name is free, its messages stay."""

    def set_reset(self, user_id: int, digest: bytes, expires_at_ms: int) -> None:
        """Let a new password be set by the code with this digest, once."""

    def take_reset(self, user_id: int, digest: bytes, now_ms: int) -> bool:
        """Use up the code. False: there is none with this digest any more."""


class AccountEntry(ChainEntry, frozen=True):
    """An account as it was made, or as one change left it: what is on record of it
    for good, beside the account itself. `password_digest` is the SHA-256 of the
    password's hash, empty where there is none; `previous` the hash of the entry
    before, of whichever account (server/domain/chain.py)."""

    id: int
    user_id: int
    username: str
    display_name: str
    role: str
    state: str
    password_digest: bytes
    previous: bytes


def password_digest(password_hash: str) -> bytes:
    """Return what the record of accounts keeps of a password."""
    return hashlib.sha256(password_hash.encode()).digest() if password_hash else b""


class StoredSession(msgspec.Struct, frozen=True):
    """Where a person is signed in, as it is stored."""

    id: int
    digest: bytes
    device: str
    address: str
    created_at_ms: int
    last_used_ms: int


class Holder(NamedTuple):
    """Whose a session is, and when it was last noted that it is used."""

    user: User
    last_used_ms: int


class SessionStore(Protocol):
    """The accounts' sessions, each by its token's digest."""

    def open(self, user_id: int, digest: bytes, device: str, address: str, now_ms: int) -> None:
        """Remember a session token by its digest. Beyond MAX_SESSIONS of one person
        the one unused for longest ends."""

    def holders(self, digests: Collection[bytes]) -> dict[bytes, "Holder"]:
        """Return who signed in by these tokens, as stored now; those of ended sessions
        and of removed accounts are left out."""

    def holder(self, digest: bytes) -> "Holder | None":
        """Return the same for one token; None: there is nobody."""

    def touch(self, digest: bytes, address: str, now_ms: int) -> None:
        """Note that a session is in use. Coarse: nothing is written when it was
        noted within the last hour."""

    def of(self, user_id: int) -> list[StoredSession]:
        """Return the person's sessions, those used last first."""

    def places(self, limit: int) -> list[tuple[str, str]]:
        """Return usernames and the addresses that they are signed in from, so many of the
        sessions used last; those of longest ago first."""

    def close(self, digest: bytes) -> None:
        """End a session for good."""

    def close_all(self, user_id: int, but_digest: bytes = b"") -> None:
        """End all sessions of a person, but for one."""


def new_token() -> bytes:
    """Return a session token: random bits that cannot be guessed."""
    return secrets.token_bytes(SESSION_TOKEN_BYTES)


def token_digest(token: bytes) -> bytes:
    """Return what is stored of a token. A plain SHA-256 is enough: unlike a password, 256
    random bits can't be searched for."""
    return hashlib.sha256(token).digest()


def new_reset_code() -> str:
    """Return a one-time code to read out or write down: 80 random bits in four groups."""
    signs = [secrets.choice(_RESET_ALPHABET) for _ in range(RESET_CODE_CHARS)]
    groups = range(0, RESET_CODE_CHARS, RESET_CODE_GROUP)
    return "-".join("".join(signs[at : at + RESET_CODE_GROUP]) for at in groups)


def reset_digest(typed: str) -> bytes:
    """Return what is stored of a code, however it is typed: case, spaces and hyphens make
    no difference, nor do O for 0 and I or L for 1."""
    bare = "".join(typed.split()).replace("-", "").upper()
    return hashlib.sha256(bare.translate(str.maketrans("OIL", "011")).encode()).digest()
