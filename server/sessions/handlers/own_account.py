"""What people do to their own account: password and sessions."""

from collections.abc import Callable

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
from server.domain.accounts import check_password
from server.domain.administration import end_sessions
from server.domain.audit import AuditAction
from server.domain.errors import RequestRefused
from server.domain.store import Store
from server.domain.user import Action, User
from server.domain.users import StoredSession
from server.sessions.handlers.guessing import Try
from server.sessions.session import Session


def confirm_password(session: Session, message: ConfirmPassword) -> None:
    """Take the password again, for what takes a fresh one."""

    def right(_user: User) -> None:
        session.send(Done(message.request))

    _verify(session, message.request, message.password, right)


def change_password(session: Session, message: ChangePassword) -> None:
    """Set a new password; the person's other sessions end."""
    context = session.context
    actor = session.actor()
    digest = session.token_digest
    check_password(message.new_password, actor.name)
    now_ms = context.now_ms()

    def right(user: User) -> None:
        def store_it(password_hash: str) -> None:
            def job(store: Store) -> None:
                current = store.users.by_id(user.id)
                if current is None or current.password_hash != user.password_hash:
                    raise _wrong()
                store.users.set_password(user.id, password_hash)
                store.sessions.close_all(user.id, but_digest=digest)
                store.audit.append(
                    actor, AuditAction.PASSWORD_CHANGED, now_ms, user.username, user.id
                )

            session.write(message.request, job, done, Action.MANAGE_OWN_ACCOUNT)

        context.passwords.hash(
            message.new_password, session.answers(message.request, store_it), session.takes_turn
        )

    def done(_: None) -> None:
        session.send(Done(message.request))
        context.account_watcher.check()

    _verify(session, message.request, message.old_password, right)


def sessions(session: Session, message: GetSessions) -> None:
    """Tell where the person is signed in."""
    context = session.context
    user_id = session.actor().id or 0

    def told(stored: list[StoredSession]) -> None:
        live = context.live_digests(user_id)
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

    session.read(
        message.request,
        lambda store: store.sessions.of(user_id),
        told,
        Action.MANAGE_OWN_ACCOUNT,
    )


def end_session(session: Session, message: EndSession) -> None:
    """Sign out there, or everywhere."""
    context = session.context
    actor = session.actor()
    user_id = actor.id or 0
    now_ms = context.now_ms()

    def job(store: Store) -> int:
        return end_sessions(store, actor, user_id, message.session_id, now_ms)

    def done(_ended: int) -> None:
        session.send(Done(message.request))
        context.account_watcher.check()

    session.write(message.request, job, done, Action.MANAGE_OWN_ACCOUNT)


def _verify(session: Session, request: int, password: str, right: Callable[[User], None]) -> None:
    """Call `right` with the account as it is stored, if this is its password.
    Guesses are slowed down: somebody may have found a desk unlocked."""
    context = session.context
    actor = session.actor()

    def fresh(user: User) -> None:
        session.password_given()
        right(user)

    # Who is signed in learns nothing new from the truth.
    attempt = Try(session, request, actor.name, fresh, tells_all=True)

    def look(user: User | None) -> None:
        if user is None:
            raise _wrong()

        def verified(matches: bool) -> None:
            if matches:
                attempt.right(user)
            else:
                attempt.wrong(_wrong())

        context.passwords.verify(
            user.password_hash or None, password, attempt.then(verified), session.takes_turn
        )

    if attempt.is_looked_at:
        context.storage.read(
            session.lawful(
                lambda store: store.users.by_id(actor.id or 0), Action.MANAGE_OWN_ACCOUNT
            ),
            attempt.then(look),
            session.takes_turn,
        )


def _wrong() -> RequestRefused:
    return RequestRefused(Refusal.WRONG_CREDENTIALS, "this is not the password")
