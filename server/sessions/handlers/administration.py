"""What administrators ask: people, invites, the audit log. What each deed takes
is in server/domain/administration.py."""

from collections.abc import Callable
from typing import TypeVar

from protocol.limits import MAX_INVITES_TOLD
from protocol.messages import (
    AccountState,
    Audit,
    AuditEntry,
    CreateInvite,
    Done,
    FromServer,
    GetAudit,
    GetInvites,
    GetPeople,
    Invite,
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
from server.domain.audit import Actor
from server.domain.errors import RequestRefused
from server.domain.invites import new_secret
from server.domain.store import Store
from server.domain.user import Action, User
from server.domain.users import new_reset_code
from server.sessions.session import Session

Result = TypeVar("Result")


def people(session: Session, message: GetPeople) -> None:
    """Tell a page of the accounts."""
    room = session.context.room

    def job(store: Store) -> tuple[list[User], int, int]:
        page, total = store.users.page(message.search, message.offset, message.limit)
        return page, total, store.users.count_pending()

    def told(result: tuple[list[User], int, int]) -> None:
        page, total, awaiting = result
        members = tuple(_member(user, room.is_here(user.id)) for user in page)
        session.send(People(message.request, members, total, awaiting))

    _read(session, message.request, Action.MANAGE_PEOPLE, job, told)


def set_role(session: Session, message: SetRole) -> None:
    """Promote or demote."""
    _do(
        session,
        message.request,
        lambda store, actor, now_ms: administration.set_role(
            store, actor, message.person_id, message.role, now_ms
        ),
    )


def set_state(session: Session, message: SetState) -> None:
    """Accept, enable or disable."""
    if message.state is AccountState.PENDING:
        raise RequestRefused(Refusal.MALFORMED, "an account is not sent back to wait for approval")
    is_active = message.state is AccountState.ACTIVE
    deed = administration.activate if is_active else administration.disable
    _do(
        session,
        message.request,
        lambda store, actor, now_ms: deed(store, actor, message.person_id, now_ms),
    )


def remove_person(session: Session, message: RemovePerson) -> None:
    """Remove or decline."""
    _do(
        session,
        message.request,
        lambda store, actor, now_ms: administration.remove(store, actor, message.person_id, now_ms),
    )


def reset_password(session: Session, message: ResetPassword) -> None:
    """End a password; tell the code for a new one."""
    code = new_reset_code()
    _do(
        session,
        message.request,
        lambda store, actor, now_ms: administration.reset_password(
            store, actor, message.person_id, code, now_ms
        ),
        lambda expires_at_ms: ResetCode(message.request, code, expires_at_ms),
    )


def invites(session: Session, message: GetInvites) -> None:
    """Tell the invites."""

    def told(newest: list[Invite]) -> None:
        session.send(Invites(message.request, tuple(newest)))

    _read(
        session,
        message.request,
        Action.MANAGE_PEOPLE,
        lambda store: store.invites.newest(MAX_INVITES_TOLD),
        told,
    )


def create_invite(session: Session, message: CreateInvite) -> None:
    """Make an invite; tell the join code with it."""
    secret = new_secret()
    note = " ".join(message.note.split())
    _do(
        session,
        message.request,
        lambda store, actor, now_ms: administration.create_invite(
            store, actor, secret, message.role, message.uses, message.valid_for_ms, note, now_ms
        ),
        lambda invite: InviteCreated(message.request, invite, session.context.join_code(secret)),
    )


def revoke_invite(session: Session, message: RevokeInvite) -> None:
    """End an invite."""
    _do(
        session,
        message.request,
        lambda store, actor, now_ms: administration.revoke_invite(
            store, actor, message.invite_id, now_ms
        ),
    )


def audit(session: Session, message: GetAudit) -> None:
    """Tell a page of the audit log."""

    def told(page: tuple[list[AuditEntry], bool]) -> None:
        entries, more = page
        session.send(Audit(message.request, tuple(entries), more))

    _read(
        session,
        message.request,
        Action.READ_AUDIT,
        lambda store: store.audit.before(message.before_id, message.limit, message.search),
        told,
    )


def _read(
    session: Session,
    request: int,
    action: Action,
    job: Callable[[Store], Result],
    told: Callable[[Result], None],
) -> None:
    """Read it, and tell it to one who still may know it by then (P6)."""

    def still(result: Result) -> None:
        if session.user is None or not session.user.may(action):
            raise RequestRefused(Refusal.NOT_PERMITTED, f"this takes the right to {action}")
        told(result)

    session.read(request, job, still, action)


def _do(
    session: Session,
    request: int,
    deed: Callable[[Store, Actor, int], Result],
    answer: Callable[[Result], FromServer] | None = None,
) -> None:
    """Do it in the store, answer, and let live connections follow."""
    context = session.context
    actor, now_ms = session.actor(), context.now_ms()

    def done(result: Result) -> None:
        session.send(answer(result) if answer is not None else Done(request))
        context.account_watcher.check()

    session.write(request, lambda store: deed(store, actor, now_ms), done, Action.MANAGE_PEOPLE)


def _member(user: User, is_online: bool) -> Member:
    return Member(
        user.id,
        user.username,
        user.display_name,
        user.role,
        AccountState(user.state.value),
        user.created_at_ms,
        user.last_seen_ms,
        is_online,
    )
