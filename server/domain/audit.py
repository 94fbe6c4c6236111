"""The audit log: who did what to whom, when, from where. Only added to."""

from enum import StrEnum
from typing import Protocol

import msgspec

from protocol.messages import AuditEntry
from server.domain.chain import ChainEntry


class AuditAction(StrEnum):
    """What is written down. The client has a word for each."""

    REGISTERED = "registered"
    PERSON_ADDED = "person_added"
    APPROVED = "approved"
    DECLINED = "declined"
    ROLE_CHANGED = "role_changed"
    DISABLED = "disabled"
    ENABLED = "enabled"
    REMOVED = "removed"
    PASSWORD_RESET = "password_reset"
    RESET_REDEEMED = "reset_redeemed"
    PASSWORD_CHANGED = "password_changed"
    SESSION_ENDED = "session_ended"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    INVITE_CREATED = "invite_created"
    INVITE_REVOKED = "invite_revoked"
    MESSAGE_EDITED = "message_edited"
    MESSAGE_WITHDRAWN = "message_withdrawn"
    TEMPLATE_SAVED = "template_saved"
    TEMPLATE_REMOVED = "template_removed"
    MESSAGE_SCHEDULED = "message_scheduled"
    SCHEDULE_CHANGED = "schedule_changed"
    SCHEDULE_CANCELLED = "schedule_cancelled"
    SCHEDULE_SENT = "schedule_sent"
    REMINDED = "reminded"
    RESTORED = "restored"


class Actor(msgspec.Struct, frozen=True):
    """Who does something: an account, or with no `id` the operator at the
    server's own machine, who may do everything.

    `password_is_fresh`: the password was given a short while ago. `session` is the
    digest of the session's token in which it is done; empty: in none.
    """

    id: int | None
    name: str
    address: str = ""
    password_is_fresh: bool = False
    session: bytes = b""


class SealedEntry(ChainEntry, frozen=True):
    """One entry, as it is kept for good. `subject_id` is the account that it
    changed, None: none; `previous` the hash of the entry before
    (server/domain/chain.py)."""

    id: int
    at_ms: int
    actor: str
    action: str
    subject: str
    subject_id: int | None
    address: str
    detail: str
    previous: bytes


OPERATOR = Actor(None, "(operator)", password_is_fresh=True)


class AuditLog(Protocol):
    """The entries. Ids rise; none is ever changed or removed."""

    def append(
        self,
        actor: Actor,
        action: AuditAction,
        now_ms: int,
        subject: str = "",
        subject_id: int | None = None,
        detail: str = "",
    ) -> None:
        """Write down one action. `subject_id` is the account that it changed."""

    def head(self) -> int:
        """Return the newest entry's id; 0: there is none."""

    def accounts_after(self, entry_id: int) -> set[int]:
        """Return the accounts that entries after this one have changed."""

    def before(self, entry_id: int, limit: int, search: str) -> tuple[list[AuditEntry], bool]:
        """Return entries with ids below this one (0: from the newest on), newest first,
        that contain `search` in a name or the action; and whether there are older
        ones."""
