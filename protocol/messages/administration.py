"""Codes 96-127: administration."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.types import (
    AccountState,
    AuditEntry,
    Count,
    Invite,
    Member,
    RequestNumber,
    Role,
    TimeMs,
    WireMessage,
)


class GetPeople(WireMessage, tag=96, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks for accounts whose names
    contain `search` (all, if empty). Answer: `People`."""

    request: RequestNumber
    search: Annotated[str, Meta(max_length=limits.MAX_SEARCH_CHARS)]
    offset: Count
    limit: Annotated[int, Meta(ge=1, le=limits.MAX_PEOPLE_PAGE)]


class People(WireMessage, tag=97, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetPeople`. Those that await approval come
    first, then by username. `total` is how many match, `awaiting` how many
    await approval, matching or not."""

    request: RequestNumber
    people: tuple[Member, ...]
    total: Count
    awaiting: Count


class SetRole(WireMessage, tag=98, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; gives a person a role. Answer:
    `Done`."""

    request: RequestNumber
    person_id: Count
    role: Role


class SetState(WireMessage, tag=99, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; accepts or enables an account
    (`active`) or disables it (`disabled`). Answer: `Done`."""

    request: RequestNumber
    person_id: Count
    state: AccountState


class RemovePerson(WireMessage, tag=100, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; removes an account for good, or
    declines one that awaits approval. Its messages stay. Answer: `Done`."""

    request: RequestNumber
    person_id: Count


class ResetPassword(WireMessage, tag=101, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; ends a person's password and
    sessions, for a new password by `RedeemReset`. Answer: `ResetCode`."""

    request: RequestNumber
    person_id: Count


class ResetCode(WireMessage, tag=102, frozen=True, array_like=True, gc=False):
    """Server to client; answers `ResetPassword` with the one-time code to pass
    on. It is told only here."""

    request: RequestNumber
    code: Annotated[str, Meta(max_length=limits.MAX_RESET_CODE_CHARS)]
    expires_at_ms: TimeMs


class GetInvites(WireMessage, tag=103, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks for the invites. Answer:
    `Invites`."""

    request: RequestNumber


class Invites(WireMessage, tag=104, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetInvites`: newest first, MAX_INVITES_TOLD
    at most."""

    request: RequestNumber
    invites: tuple[Invite, ...]


class CreateInvite(WireMessage, tag=105, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; makes an invite for `uses`
    accounts of this role that expires after `valid_for_ms`. Answer:
    `InviteCreated`."""

    request: RequestNumber
    role: Role
    uses: Annotated[int, Meta(ge=1, le=limits.MAX_INVITE_USES)]
    valid_for_ms: Annotated[int, Meta(ge=1, le=limits.MAX_INVITE_VALID_MS)]
    note: Annotated[str, Meta(max_length=limits.MAX_NOTE_CHARS)] = ""


class InviteCreated(WireMessage, tag=106, frozen=True, array_like=True, gc=False):
    """Server to client; answers `CreateInvite` with the join code that carries
    the invite. It is told only here."""

    request: RequestNumber
    invite: Invite
    join_code: Annotated[str, Meta(max_length=limits.MAX_JOIN_CODE_CHARS)]


class RevokeInvite(WireMessage, tag=107, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; ends an invite. Accounts that
    were created by it stay. Answer: `Done`."""

    request: RequestNumber
    invite_id: Count


class GetAudit(WireMessage, tag=108, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks for up to `limit` entries
    of the audit log with ids below `before_id` (0: from the newest on) that
    contain `search` in a name or the action. Answer: `Audit`."""

    request: RequestNumber
    before_id: Count
    limit: Annotated[int, Meta(ge=1, le=limits.MAX_AUDIT_PAGE)]
    search: Annotated[str, Meta(max_length=limits.MAX_SEARCH_CHARS)] = ""


class Audit(WireMessage, tag=109, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetAudit`: newest first. `more` tells whether
    there are older ones."""

    request: RequestNumber
    entries: tuple[AuditEntry, ...]
    more: bool


class Awaiting(WireMessage, tag=110, frozen=True, array_like=True, gc=False):
    """Server to client, pushed to administrators: how many people await
    approval."""

    people: Count
