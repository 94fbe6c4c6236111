"""Answer what people do to their own account: password and sessions."""

from protocol.limits import MAX_SESSIONS_TOLD
from protocol.messages import (
    ChangePassword,
    ConfirmPassword,
    Done,
    EndSession,
    GetSessions,
    SessionInfo,
    Sessions,
)
from protocol.refusals import Refusal
from server.domain import permissions
from server.domain.accounts import check_password
from server.domain.administration import end_sessions
from server.domain.audit import AuditAction
from server.domain.store import Store
from server.domain.user import Action, User
from server.sessions.guessing import WrongGuess, guess
from server.sessions.session import Session


async def confirm_password(session: Session, message: ConfirmPassword) -> None:
    """Take the password again, for what takes a fresh one."""
    await _verify(session, message.password)
    session.send(Done(message.request))


async def change_password(session: Session, message: ChangePassword) -> None:
    """Set a new password; the person's other sessions end."""
    context = session.context
    actor = session.actor()
    digest = session.token_digest
    check_password(message.new_password, actor.name)
    now_ms = context.clock.now_ms()
    user = await _verify(session, message.old_password)
    password_hash = await context.passwords.hash(message.new_password, session.takes_turn)

    def store_it(store: Store) -> None:
        current = permissions.require_account(store, actor, Action.MANAGE_OWN_ACCOUNT)
        if current.password_hash != user.password_hash:
            raise _wrong()
        store.users.set_password(user.id, password_hash)
        store.sessions.close_all(user.id, but_digest=digest)
        store.audit.append(actor, AuditAction.PASSWORD_CHANGED, now_ms, user.username, user.id)

    await session.write(store_it)
    session.send(Done(message.request))
    context.account_watcher.check()


async def sessions(session: Session, message: GetSessions) -> None:
    """Tell where the person is signed in."""
    user_id = session.actor().id or 0
    stored = await session.read(lambda store: store.sessions.of(user_id), Action.MANAGE_OWN_ACCOUNT)
    live = session.context.live_digests(user_id)
    infos = [
        SessionInfo(
            one.id,
            one.device,
            one.address,
            one.created_at_ms,
            one.last_used_ms,
            one.digest in live,
            one.digest == session.token_digest,
        )
        for one in stored[:MAX_SESSIONS_TOLD]
    ]
    session.send(Sessions(message.request, tuple(infos)))


async def end_session(session: Session, message: EndSession) -> None:
    """Sign out there, or everywhere."""
    await session.change(
        lambda store, actor, now_ms: end_sessions(
            store, actor, actor.id or 0, message.session_id, now_ms
        )
    )
    session.send(Done(message.request))
    session.context.account_watcher.check()


async def _verify(session: Session, password: str) -> User:
    """Return the account as it is stored, if this is its password. Guesses are
    slowed down: somebody may have found a desk unlocked."""
    context = session.context
    actor = session.actor()

    async def verify(_is_refused: object) -> User:
        user = await context.storage.read(
            lambda store: permissions.require_account(store, actor, Action.MANAGE_OWN_ACCOUNT),
            session.takes_turn,
        )
        matches = await context.passwords.verify(
            user.password_hash or None, password, session.takes_turn
        )
        if not matches:
            raise _wrong()
        return user

    # Who is signed in learns nothing new from the truth.
    user = await guess(session, actor.name, verify, tells_all=True)
    session.password_given()
    return user


def _wrong() -> WrongGuess:
    return WrongGuess(Refusal.WRONG_CREDENTIALS, "this is not the password")
