"""Register, sign in by password or session token, sign out.

Each is a chain over two threads that do not block the reactor: passwords are
hashed in the hasher's pool, accounts are read and written by the storage
thread. A link of the chain runs on the reactor and starts the next.
"""

import logging
from concurrent.futures import Future

from protocol.messages import (
    Person,
    Register,
    Registration,
    Resume,
    Role,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
)
from protocol.refusals import Refusal
from server.accounts import check_display_name, check_password, check_username
from server.rejection import Rejected
from server.session import Session
from server.storage import Store
from server.user import User, UserState
from server.users import new_token, token_digest

log = logging.getLogger(__name__)


def register(session: Session, message: Register) -> None:
    """Create a member's account and sign it in."""
    context = session.context
    if context.settings.registration is not Registration.OPEN:
        raise Rejected(Refusal.REGISTRATION_CLOSED, "accounts are not created here")
    username = check_username(message.username)
    display_name = check_display_name(message.display_name)
    check_password(message.password, username)
    token = new_token()
    now_ms = context.now_ms()

    def store(password_hash: str) -> None:
        def job(store: Store) -> User:
            user = store.users.add(username, display_name, Role.MEMBER, password_hash, now_ms)
            store.users.open_session(user.id, token_digest(token), message.device, now_ms)
            return user

        context.storage.write(job, session.answers(message.request, created))

    def created(user: User) -> None:
        log.info("%s: registered user %d", session.name, user.id)
        context.room.member_added()
        _signed_in(session, message.request, user, token)

    context.passwords.hash(message.password, session.answers(message.request, store))


def sign_in(session: Session, message: SignIn) -> None:
    """Sign in by password. An unknown account costs the same time and gets the
    same words as a wrong password (P7), and the same waits."""
    context = session.context
    context.sign_ins.begin(message.username, session.address, context.reactor.now)

    def verify(user: User | None) -> None:
        if session.ended:
            return

        def verified(matches: bool) -> None:
            if not matches or user is None:
                context.sign_ins.failed(session.address, context.reactor.now)
                raise Rejected(Refusal.WRONG_CREDENTIALS, "no account has this name and password")
            context.sign_ins.succeeded(message.username, session.address)
            _require_active(user, Refusal.ACCOUNT_DISABLED)
            open_session(user)

        stored_hash = user.password_hash if user else None
        context.passwords.verify(
            stored_hash, message.password, session.answers(message.request, verified)
        )

    def open_session(user: User) -> None:
        if session.ended:
            return
        token = new_token()
        now_ms = context.now_ms()

        def job(store: Store) -> User:
            store.users.open_session(user.id, token_digest(token), message.device, now_ms)
            return user

        context.storage.write(
            job,
            session.answers(
                message.request, lambda user: _signed_in(session, message.request, user, token)
            ),
        )

    context.storage.read(
        lambda store: store.users.by_name(message.username),
        session.answers(message.request, verify),
    )


def resume(session: Session, message: Resume) -> None:
    """Sign in by the token of an earlier sign-in: no hash, one read."""
    context = session.context
    digest = token_digest(message.token)
    now_ms = context.now_ms()

    def found(user: User | None) -> None:
        if user is None:
            raise Rejected(Refusal.SESSION_ENDED, "this session has ended")
        _require_active(user, Refusal.ACCOUNT_DISABLED)
        _signed_in(session, message.request, user, message.token)
        context.storage.write(lambda store: store.users.touch_session(digest, now_ms), _ignore)

    context.storage.read(
        lambda store: store.users.user_of_session(digest),
        session.answers(message.request, found),
    )


def sign_out(session: Session, message: SignOut) -> None:
    """End the session and its token, for good."""
    digest = session.token_digest

    def closed(_: None) -> None:
        session.leave_room()
        session.send(SignedOut(message.request))

    session.context.storage.write(
        lambda store: store.users.close_session(digest),
        session.answers(message.request, closed),
    )


def _ignore(_outcome: Future[None]) -> None:
    """Nobody waits for this to be stored."""


def _require_active(user: User, code: Refusal) -> None:
    if user.state is not UserState.ACTIVE:
        raise Rejected(code, "this account is disabled")


def _signed_in(session: Session, request: int, user: User, token: bytes) -> None:
    if session.ended:
        return
    head = session.context.room.head
    person: Person = user.person()
    session.send(SignedIn(request, person, token, head.revision, head.id))
    session.enter_room(user, token_digest(token))
    session.send(session.context.room.presence)
    log.info("%s: signed in as user %d", session.name, user.id)
