"""What administrators, and the operator, do to accounts and invites.

Each function is one whole deed: it looks whether the actor may do it at this
moment (P6), does it, and writes it down. It runs within one transaction of the
store, whether a handler or the command line calls it, so nothing can change
between looking and doing. All raise `RequestRefused`.
"""

from protocol.messages import AccountState, Invite, Role
from protocol.refusals import Refusal
from server.domain.audit import Actor, AuditAction
from server.domain.errors import RequestRefused
from server.domain.invites import digest_of
from server.domain.permissions import require
from server.domain.store import Store
from server.domain.user import Action, User
from server.domain.users import reset_digest

RESET_VALID_MS = 24 * 60 * 60 * 1000
"""A day to pass the code on and use it."""


class PasswordNeeded(RequestRefused):
    """It could do harm, and the password was not given for a while."""

    def __init__(self) -> None:
        super().__init__(Refusal.PASSWORD_NEEDED, "give the password again")


class LastAdministrator(RequestRefused):
    """Nobody would be left who could administer the room."""

    def __init__(self) -> None:
        super().__init__(Refusal.LAST_ADMINISTRATOR, "this is the last administrator")


class NotFound(RequestRefused):
    """What it is about is not there, or not any more."""

    def __init__(self, what: str) -> None:
        super().__init__(Refusal.NOT_FOUND, f"there is no such {what}")


def add_person(
    store: Store,
    actor: Actor,
    username: str,
    display_name: str,
    role: Role,
    password_hash: str,
    now_ms: int,
) -> User:
    """Store a new account, by the operator's hand."""
    require(store, actor, Action.MANAGE_PEOPLE)
    user = store.users.add(username, display_name, role, password_hash, now_ms)
    _note(store, actor, AuditAction.PERSON_ADDED, now_ms, user, role.value)
    return user


def set_role(store: Store, actor: Actor, user_id: int, role: Role, now_ms: int) -> int:
    """Promote, or demote, which revokes the invites that this person made. Returns
    how many."""
    require(store, actor, Action.MANAGE_PEOPLE)
    _require_fresh(actor)
    user = _find(store, user_id)
    if user.role is role:
        return 0
    if role is not Role.ADMIN:
        _require_another_admin(store, user)
    store.users.set_role(user.id, role)
    _note(store, actor, AuditAction.ROLE_CHANGED, now_ms, user, role.value)
    return 0 if role is Role.ADMIN else _revoke_invites_of(store, actor, user, now_ms)


def activate(store: Store, actor: Actor, user_id: int, now_ms: int) -> None:
    """Accept an account that awaits approval, or enable a disabled one."""
    require(store, actor, Action.MANAGE_PEOPLE)
    user = _find(store, user_id)
    if user.state is AccountState.PENDING:
        action = AuditAction.APPROVED
    elif user.state is AccountState.DISABLED:
        _require_fresh(actor)
        action = AuditAction.ENABLED
    else:
        return
    store.users.set_state(user.id, AccountState.ACTIVE)
    _note(store, actor, action, now_ms, user)


def disable(store: Store, actor: Actor, user_id: int, now_ms: int) -> int:
    """Put an account out of use; its sessions end, and the invites that it made.
    Returns how many of these."""
    require(store, actor, Action.MANAGE_PEOPLE)
    _require_fresh(actor)
    user = _find(store, user_id)
    if user.state is AccountState.DISABLED:
        return 0
    _require_another_admin(store, user)
    store.users.set_state(user.id, AccountState.DISABLED)
    store.sessions.close_all(user.id)
    _note(store, actor, AuditAction.DISABLED, now_ms, user)
    return _revoke_invites_of(store, actor, user, now_ms)


def remove(store: Store, actor: Actor, user_id: int, now_ms: int) -> int:
    """Remove an account for good, or decline one that awaits approval; the invites
    that it made end. Returns how many."""
    require(store, actor, Action.MANAGE_PEOPLE)
    user = _find(store, user_id)
    action = AuditAction.DECLINED
    if user.state is not AccountState.PENDING:
        _require_fresh(actor)
        _require_another_admin(store, user)
        action = AuditAction.REMOVED
    store.sessions.close_all(user.id)
    store.users.remove(user.id)
    _note(store, actor, action, now_ms, user)
    return _revoke_invites_of(store, actor, user, now_ms)


def reset_password(store: Store, actor: Actor, user_id: int, code: str, now_ms: int) -> int:
    """End an account's password and sessions; a new one can be set by this
    code, once. Returns when the code expires, in milliseconds since 1970."""
    require(store, actor, Action.MANAGE_PEOPLE)
    _require_fresh(actor)
    user = _find(store, user_id)
    if actor.id is not None:
        # Who loses the code as the only one left would need the operator.
        _require_another_admin(store, user)
    expires_at_ms = now_ms + RESET_VALID_MS
    store.users.set_password(user.id, "")
    store.sessions.close_all(user.id)
    store.users.set_reset(user.id, reset_digest(code), expires_at_ms)
    _note(store, actor, AuditAction.PASSWORD_RESET, now_ms, user)
    return expires_at_ms


def end_sessions(store: Store, actor: Actor, user_id: int, session_id: int, now_ms: int) -> int:
    """Sign a person out of one session, or with 0 of all. Returns how many."""
    is_own = actor.id == user_id
    require(store, actor, Action.MANAGE_OWN_ACCOUNT if is_own else Action.MANAGE_PEOPLE)
    user = _find(store, user_id)
    found = [one for one in store.sessions.of(user.id) if session_id in (0, one.id)]
    if session_id and not found:
        raise NotFound("session")
    for one in found:
        store.sessions.close(one.digest)
    if session_id:
        _note(store, actor, AuditAction.SESSION_ENDED, now_ms, user, found[0].device)
    else:
        _note(store, actor, AuditAction.SIGNED_OUT_EVERYWHERE, now_ms, user)
    return len(found)


def create_invite(
    store: Store,
    actor: Actor,
    secret: bytes,
    role: Role,
    uses: int,
    valid_for_ms: int,
    note: str,
    now_ms: int,
) -> Invite:
    """Make an invite; whoever has the secret may use it."""
    require(store, actor, Action.MANAGE_PEOPLE)
    _require_fresh(actor)
    invite = store.invites.add(
        digest_of(secret), role, uses, now_ms + valid_for_ms, note, actor, now_ms
    )
    store.audit.append(
        actor,
        AuditAction.INVITE_CREATED,
        now_ms,
        subject=_invite_name(invite),
        detail=f"{role.value}, uses: {uses}",
    )
    return invite


def revoke_invite(store: Store, actor: Actor, invite_id: int, now_ms: int) -> None:
    """End an invite before its time."""
    require(store, actor, Action.MANAGE_PEOPLE)
    invite = store.invites.by_id(invite_id)
    if invite is None:
        raise NotFound("invite")
    if not invite.revoked:
        _revoke(store, actor, invite, now_ms)


def _revoke(store: Store, actor: Actor, invite: Invite, now_ms: int, why: str = "") -> None:
    store.invites.revoke(invite.id)
    store.audit.append(
        actor, AuditAction.INVITE_REVOKED, now_ms, subject=_invite_name(invite), detail=why
    )


def _revoke_invites_of(store: Store, actor: Actor, user: User, now_ms: int) -> int:
    # Who may not invite any more must not have left a way in.
    invites = store.invites.usable_of(user.id, now_ms)
    for invite in invites:
        _revoke(store, actor, invite, now_ms, f"made by {user.username}")
    return len(invites)


def _require_fresh(actor: Actor) -> None:
    if not actor.password_is_fresh:
        raise PasswordNeeded


def _require_another_admin(store: Store, user: User) -> None:
    is_admin = user.role is Role.ADMIN and user.state is AccountState.ACTIVE
    if is_admin and not store.users.count_admins(but=user.id):
        raise LastAdministrator


def _find(store: Store, user_id: int) -> User:
    user = store.users.by_id(user_id)
    if user is None:
        raise NotFound("account")
    return user


def _note(
    store: Store, actor: Actor, action: AuditAction, now_ms: int, user: User, detail: str = ""
) -> None:
    store.audit.append(
        actor, action, now_ms, subject=user.username, subject_id=user.id, detail=detail
    )


def _invite_name(invite: Invite) -> str:
    return f"#{invite.id}" + (f" {invite.note}" if invite.note else "")
