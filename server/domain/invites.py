"""Invites: leave to create accounts, given out as a part of a join code."""

import base64
import binascii
import hashlib
import secrets
from typing import Protocol

from protocol.messages import Invite, Role
from protocol.refusals import Refusal
from server.domain.audit import Actor
from server.domain.errors import RequestRefused

SECRET_BYTES = 16


class InviteInvalid(RequestRefused):
    """Used up, revoked, expired, or there never was one."""

    def __init__(self) -> None:
        super().__init__(Refusal.INVITE_INVALID, "this invite does not count, or not any more")


class InviteStore(Protocol):
    """The invites, each by the digest of its secret."""

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
        """Store a new invite."""

    def require(self, digest: bytes, now_ms: int) -> Invite:
        """Return the invite with this secret. Raises InviteInvalid if it does not count
        now."""

    def use(self, digest: bytes, now_ms: int) -> Invite:
        """Create one account by it: the invite as it is then. Raises
        InviteInvalid."""

    def by_id(self, invite_id: int) -> Invite | None:
        """Return the invite with this number."""

    def usable_of(self, user_id: int, now_ms: int) -> list[Invite]:
        """Return those that count now and that this account made."""

    def revoke(self, invite_id: int) -> None:
        """End an invite: it does not count any more."""

    def newest(self, limit: int) -> list[Invite]:
        """Return the invites, newest first."""


def new_secret() -> bytes:
    """Return what makes an invite: random bits that cannot be guessed."""
    return secrets.token_bytes(SECRET_BYTES)


def digest_of(secret: bytes) -> bytes:
    """Return what is stored of a secret: SHA-256, as of a session token."""
    return hashlib.sha256(secret).digest()


def read_typed(text: str) -> bytes | None:
    """Return the secret in a `Register`: base64url without padding; None: there is none.
    Raises InviteInvalid."""
    if not text:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InviteInvalid from None
