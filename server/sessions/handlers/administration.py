"""Answer what administrators ask: people, invites, the audit log. What each takes is
in server/domain/administration.py."""

from collections.abc import Callable
from typing import TypeVar

from protocol.limits import MAX_INVITES_TOLD
from protocol.messages import (
    AccountState,
    Audit,
    CreateInvite,
    Done,
    FromServer,
    GetAudit,
    GetInvites,
    GetPeople,
    InviteCreated,
    Invites,
    Member,
    People,
    RemovePerson,
    ResetCode,
    ResetPassword,
    RevokeInvite,
    SetRole,
    SetState,
)
from protocol.refusals import Refusal
from server.domain import administration
from server.domain.errors import RequestRefused
from server.domain.invites import new_secret
from server.domain.store import Store
from server.domain.user import Action, User
from server.domain.users import new_reset_code
from server.sessions.session import Session

Result = TypeVar("Result")


async def people(session: Session, message: GetPeople) -> None:
    """Tell a page of the accounts."""
    room = session.context.room

    def page(store: Store) -> tuple[list[User], int, int]:
        found, total = store.users.page(message.search, message.offset, message.limit)
        return found, total, store.users.count_pending()

    users, total, awaiting = await _read(session, Action.MANAGE_PEOPLE, page)
    members = tuple(_member(user, room.is_here(user.id)) for user in users)
    session.send(People(message.request, members, total, awaiting))


async def set_role(session: Session, message: SetRole) -> None:
    """Promote or demote."""
    await session.change(
        lambda store, actor, now_ms: administration.set_role(
            store, actor, message.person_id, message.role, now_ms
        ),
    )
    _done(session, Done(message.request))


async def set_state(session: Session, message: SetState) -> None:
    """Accept, enable or disable."""
    if message.state is AccountState.PENDING:
        raise RequestRefused(Refusal.MALFORMED, "an account is not sent back to wait for approval")
    is_active = message.state is AccountState.ACTIVE
    change = administration.activate if is_active else administration.disable
    await session.change(
        lambda store, actor, now_ms: change(store, actor, message.person_id, now_ms)
    )
    _done(session, Done(message.request))


async def remove_person(session: Session, message: RemovePerson) -> None:
    """Remove or decline."""
    await session.change(
        lambda store, actor, now_ms: administration.remove(store, actor, message.person_id, now_ms),
    )
    _done(session, Done(message.request))


async def reset_password(session: Session, message: ResetPassword) -> None:
    """End a password; tell the code for a new one."""
    code = new_reset_code()
    expires_at_ms = await session.change(
        lambda store, actor, now_ms: administration.reset_password(
            store, actor, message.person_id, code, now_ms
        ),
    )
    _done(session, ResetCode(message.request, code, expires_at_ms))


async def invites(session: Session, message: GetInvites) -> None:
    """Tell the invites."""
    newest = await _read(
        session, Action.MANAGE_PEOPLE, lambda store: store.invites.newest(MAX_INVITES_TOLD)
    )
    session.send(Invites(message.request, tuple(newest)))


async def create_invite(session: Session, message: CreateInvite) -> None:
    """Make an invite; tell the join code with it."""
    secret = new_secret()
    note = " ".join(message.note.split())
    invite = await session.change(
        lambda store, actor, now_ms: administration.create_invite(
            store, actor, secret, message.role, message.uses, message.valid_for_ms, note, now_ms
        ),
    )
    code = session.context.join_code(secret)
    _done(session, InviteCreated(message.request, invite, code))


async def revoke_invite(session: Session, message: RevokeInvite) -> None:
    """End an invite."""
    await session.change(
        lambda store, actor, now_ms: administration.revoke_invite(
            store, actor, message.invite_id, now_ms
        ),
    )
    _done(session, Done(message.request))


async def audit(session: Session, message: GetAudit) -> None:
    """Tell a page of the audit log."""
    entries, more = await _read(
        session,
        Action.READ_AUDIT,
        lambda store: store.audit.before(message.before_id, message.limit, message.search),
    )
    session.send(Audit(message.request, tuple(entries), more))


async def _read(session: Session, action: Action, call: Callable[[Store], Result]) -> Result:
    """Read it, for one who still may know it when it has been read (P6)."""
    found = await session.read(call, action)
    session.require(action)
    return found


def _done(session: Session, answer: FromServer) -> None:
    """Answer, and let live connections follow."""
    session.send(answer)
    session.context.account_watcher.check()


def _member(user: User, is_online: bool) -> Member:
    return Member(
        user.id,
        user.username,
        user.display_name,
        user.role,
        user.state,
        user.created_at_ms,
        user.last_seen_ms,
        is_online,
    )
