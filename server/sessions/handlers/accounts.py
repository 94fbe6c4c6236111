"""Register, sign in by password, session token or reset code, sign out.

Each is a chain over two threads that do not block the reactor: passwords are
hashed in the hasher's pool, accounts are read and written by the storage
thread. A link of the chain runs on the reactor and starts the next.
"""

from concurrent.futures import Future

from protocol.messages import (
    AccountState,
    AwaitingApproval,
    RedeemReset,
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
from server.domain import invites
from server.domain.accounts import (
    check_display_name,
    check_password,
    check_username,
    require_no_administrators_name,
)
from server.domain.audit import Actor, AuditAction
from server.domain.errors import Busy, RequestRefused
from server.domain.store import Store
from server.domain.user import User
from server.domain.users import new_token, reset_digest, token_digest
from server.passwords import BUSY_RETRY_MS, is_outdated
from server.sessions.handlers.guessing import Try
from server.sessions.session import Session


def register(session: Session, message: Register) -> None:
    """Create an account, if the room's mode of registration or an invite lets
    this person, and sign it in, unless it awaits approval."""
    context = session.context
    mode = context.settings.registration
    secret = invites.read_typed(message.invite)
    if secret is None and mode is Registration.INVITE:
        raise RequestRefused(Refusal.INVITE_NEEDED, "accounts are created by invite")
    if secret is None and mode is Registration.CLOSED:
        raise RequestRefused(Refusal.REGISTRATION_CLOSED, "accounts are not created here")
    username = check_username(message.username)
    display_name = check_display_name(message.display_name)
    check_password(message.password, username)
    invite = invites.digest_of(secret) if secret is not None else None
    token = new_token()
    now_ms = context.now_ms()

    def look(store: Store) -> None:
        # A hash is costly: not for an invite that does not count.
        if mode is Registration.CLOSED and store.users.count_admins():
            raise RequestRefused(Refusal.REGISTRATION_CLOSED, "accounts are not created here")
        if invite is not None:
            store.invites.require(invite, now_ms)
        store.users.require_free(username)
        require_no_administrators_name(display_name, store.users.administrators())

    def hash_it(_: None) -> None:
        context.passwords.hash(
            message.password, session.answers(message.request, store_it), session.takes_turn
        )

    def store_it(password_hash: str) -> None:
        def job(store: Store) -> User:
            look(store)
            role, state, detail = Role.MEMBER, AccountState.ACTIVE, ""
            if invite is not None:
                used = store.invites.use(invite, now_ms)
                role, detail = used.role, f"{used.role.value}, invite #{used.id}"
            elif mode is Registration.APPROVAL:
                state, detail = AccountState.PENDING, "awaits approval"
            user = store.users.add(username, display_name, role, password_hash, now_ms, state)
            if state is AccountState.ACTIVE:
                store.sessions.open(
                    user.id, token_digest(token), message.device, session.address, now_ms
                )
            store.audit.append(
                Actor(user.id, username, session.address),
                AuditAction.REGISTERED,
                now_ms,
                username,
                user.id,
                detail,
            )
            return user

        context.storage.write(job, session.answers(message.request, created), session.takes_turn)

    def created(user: User) -> None:
        session.log.info("registered user %d", user.id)
        context.sign_ins.signed_in(username, session.address)
        context.account_watcher.check(user.id)
        if user.state is AccountState.PENDING:
            session.awaited_id = user.id
            session.send(AwaitingApproval(message.request))
        else:
            session.password_given()
            _signed_in(session, message.request, user, token)

    context.storage.read(look, session.answers(message.request, hash_it), session.takes_turn)


def sign_in(session: Session, message: SignIn) -> None:
    """Sign in by password. An unknown account costs the same time and gets the
    same words as a wrong password (P7), and the same waits."""
    context = session.context

    def right(user: User) -> None:
        _let_in(session, message, user)
        if is_outdated(user.password_hash):
            _hash_anew(session, user, message.password)

    attempt = Try(session, message.request, message.username, right)

    def verify(user: User | None) -> None:
        if session.ended:
            raise RequestRefused(Refusal.SESSION_ENDED, "nobody is there to hear it")

        def verified(matches: bool) -> None:
            if user is not None and matches:
                attempt.right(user)
            else:
                attempt.wrong(_wrong_credentials())

        # A password that a reset has ended is nobody's.
        stored_hash = (user.password_hash if user else None) or None
        context.passwords.verify(
            stored_hash, message.password, attempt.then(verified), session.takes_turn
        )

    if attempt.is_looked_at:
        context.storage.read(
            lambda store: store.users.by_name(message.username),
            attempt.then(verify),
            session.takes_turn,
        )


def redeem_reset(session: Session, message: RedeemReset) -> None:
    """Set a new password by a one-time code, and sign in. Guesses are slowed
    down as those of passwords are."""
    context = session.context
    check_password(message.new_password, message.username)
    digest = reset_digest(message.code)
    now_ms = context.now_ms()

    def right(user: User) -> None:
        _let_in(session, message, user)

    attempt = Try(session, message.request, message.username, right)

    def set_it(password_hash: str) -> None:
        if attempt.is_answered:
            raise Busy(BUSY_RETRY_MS)  # or the code were used up, and nobody told

        def job(store: Store) -> User | None:
            user = store.users.by_name(message.username)
            if user is None or not store.users.take_reset(user.id, digest, now_ms):
                return None
            store.users.set_password(user.id, password_hash)
            store.audit.append(
                Actor(user.id, user.username, session.address),
                AuditAction.RESET_REDEEMED,
                now_ms,
                user.username,
                user.id,
            )
            return user

        context.storage.write(job, attempt.then(done), session.takes_turn)

    def done(user: User | None) -> None:
        if user is None:
            text = "no account has this name and code"
            attempt.wrong(RequestRefused(Refusal.RESET_CODE_INVALID, text))
        else:
            attempt.right(user)

    if attempt.is_looked_at:
        # Hashed before anything is looked up: whether the account exists, or the
        # code is right, makes no difference to the time (P7).
        context.passwords.hash(message.new_password, attempt.then(set_it), session.takes_turn)


def resume(session: Session, message: Resume) -> None:
    """Sign in by the token of an earlier sign-in: no hash, one read."""
    context = session.context
    digest = token_digest(message.token)
    now_ms = context.now_ms()

    def look(store: Store) -> User | None:
        user_id = store.sessions.user_id(digest)
        return store.users.by_id(user_id) if user_id is not None else None

    def found(user: User | None) -> None:
        if user is None:
            raise RequestRefused(Refusal.SESSION_ENDED, "this session has ended")
        _require_active(user)
        context.sign_ins.signed_in(user.username, session.address)
        _signed_in(session, message.request, user, message.token)
        context.storage.write(
            lambda store: store.sessions.touch(digest, session.address, now_ms), _ignore, user.id
        )

    context.storage.read(look, session.answers(message.request, found), session.takes_turn)


def sign_out(session: Session, message: SignOut) -> None:
    """End the session and its token, for good."""
    digest = session.token_digest
    user = session.user

    def closed(_: None) -> None:
        session.leave_room()
        session.send(SignedOut(message.request))
        if user is not None:
            # Another connection may use the same token.
            session.context.account_watcher.check(user.id)

    session.context.storage.write(
        lambda store: store.sessions.close(digest),
        session.answers(message.request, closed),
        session.takes_turn,
    )


def _let_in(session: Session, message: SignIn | RedeemReset, user: User) -> None:
    """Whoever is there has just shown to be this person."""
    if user.state is AccountState.PENDING:
        session.awaited_id = user.id
        session.context.account_watcher.check(user.id)  # accepted at this very moment, perhaps
    _require_active(user)
    session.password_given()
    _open_session(session, message, user)


def _open_session(session: Session, message: SignIn | RedeemReset, user: User) -> None:
    context = session.context
    if session.ended:
        return
    token = new_token()
    now_ms = context.now_ms()

    def job(store: Store) -> User:
        # The account may have changed while the password was being verified.
        current = store.users.by_id(user.id)
        if current is None or (
            current.password_hash != user.password_hash and isinstance(message, SignIn)
        ):
            raise _wrong_credentials()
        _require_active(current)
        store.sessions.open(user.id, token_digest(token), message.device, session.address, now_ms)
        return current

    def opened(current: User) -> None:
        _signed_in(session, message.request, current, token)
        # What was changed right after the job may have been told before.
        context.account_watcher.check(user.id)

    context.storage.write(job, session.answers(message.request, opened), session.takes_turn)


def _hash_anew(session: Session, user: User, password: str) -> None:
    """Store the password with today's parameters, unless it was changed."""
    context = session.context

    def store_it(outcome: Future[str]) -> None:
        if outcome.exception() is not None:
            return  # too busy now; the next sign-in is another chance
        password_hash = outcome.result()

        def job(store: Store) -> None:
            current = store.users.by_id(user.id)
            if current is not None and current.password_hash == user.password_hash:
                store.users.set_password(user.id, password_hash)

        context.storage.write(job, _ignore, user.id)

    context.passwords.hash(password, store_it, user.id)


def _wrong_credentials() -> RequestRefused:
    return RequestRefused(Refusal.WRONG_CREDENTIALS, "no account has this name and password")


def _ignore(_outcome: Future[None]) -> None:
    """Nobody waits for this to be stored."""


def _require_active(user: User) -> None:
    if user.state is AccountState.PENDING:
        raise RequestRefused(
            Refusal.AWAITING_APPROVAL, "an administrator has to accept this account"
        )
    if user.state is not AccountState.ACTIVE:
        raise RequestRefused(Refusal.ACCOUNT_DISABLED, "this account is disabled")


def _signed_in(session: Session, request: int, user: User, token: bytes) -> None:
    if session.ended:
        return
    context = session.context
    head = context.room.head
    session.send(SignedIn(request, user.person(), token, head.revision, head.id))
    session.enter_room(user, token_digest(token))
    session.send(context.room.presence)
    session.send(context.room.pinned)
    context.receipt_tracker.send_own_receipts(user.id, session)
    if context.account_watcher.awaiting:
        context.account_watcher.tell_awaiting(session)
    session.log.info("signed in as user %d", user.id)
