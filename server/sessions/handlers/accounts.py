"""Register, sign in by password, session token or reset code, sign out.

Passwords are hashed in the hashers' pool, accounts are read and written by the
store's threads; each handler awaits both from top to bottom.
"""

from collections.abc import Callable

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
from server.domain.errors import Busy, RequestRefused, SessionEnded
from server.domain.store import Store
from server.domain.user import User
from server.domain.users import TOUCH_EVERY_MS, new_token, reset_digest, token_digest
from server.passwords import BUSY_RETRY_MS, is_outdated
from server.sessions.guessing import WrongGuess, guess
from server.sessions.session import Session
from server.transport.jobs import start


async def register(session: Session, message: Register) -> None:
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
    now_ms = context.clock.now_ms()

    def check(store: Store) -> None:
        if mode is Registration.CLOSED and store.users.count_admins():
            raise RequestRefused(Refusal.REGISTRATION_CLOSED, "accounts are not created here")
        if invite is not None:
            store.invites.require(invite, now_ms)
        store.users.require_free(username)
        require_no_administrators_name(display_name, store.users.administrators())

    # Looked at first: a hash is costly, and not made for an invite that does not count.
    await context.storage.read(check, session.takes_turn)
    password_hash = await context.passwords.hash(message.password, session.takes_turn)

    def create(store: Store) -> User:
        check(store)
        role, state, detail = Role.MEMBER, AccountState.ACTIVE, ""
        if invite is not None:
            used = store.invites.use(invite, now_ms)
            role, detail = used.role, f"{used.role.value}, invite #{used.id}"
        elif mode is Registration.APPROVAL:
            state, detail = AccountState.PENDING, "awaits approval"
        user = store.users.add(username, display_name, role, password_hash, now_ms, state)
        if state is AccountState.ACTIVE:
            digest = token_digest(token)
            store.sessions.open(user.id, digest, message.device, session.address, now_ms)
        actor = Actor(user.id, username, session.address)
        action = AuditAction.REGISTERED
        store.audit.append(actor, action, now_ms, username, user.id, detail)
        return user

    user = await context.storage.write(create, session.takes_turn)
    session.log.info("registered user %d", user.id)
    context.sign_ins.signed_in(username, session.address)
    context.account_watcher.check(user.id)
    if user.state is AccountState.PENDING:
        session.awaited_id = user.id
        session.send(AwaitingApproval(message.request))
    else:
        session.password_given()
        _enter(session, message.request, user, token)


async def sign_in(session: Session, message: SignIn) -> None:
    """Sign in by password. An unknown account costs the same time and gets the
    same words as a wrong password (P7), and the same waits."""
    context = session.context

    async def verify(_is_refused: object) -> User:
        user = await context.storage.read(
            lambda store: store.users.by_name(message.username), session.takes_turn
        )
        if session.ended:
            raise RequestRefused(Refusal.SESSION_ENDED, "nobody is there to hear it")
        # A password that a reset has ended is nobody's.
        stored_hash = (user.password_hash if user else None) or None
        matches = await context.passwords.verify(stored_hash, message.password, session.takes_turn)
        if user is None or not matches:
            raise _wrong_credentials()
        return user

    user = await guess(session, message.username, verify)
    await _open_session(session, message, user)
    if is_outdated(user.password_hash):
        start(_hash_anew(session, user, message.password))  # nobody waits for it


async def redeem_reset(session: Session, message: RedeemReset) -> None:
    """Set a new password by a one-time code, and sign in. Guesses are slowed
    down as those of passwords are."""
    context = session.context
    check_password(message.new_password, message.username)
    digest = reset_digest(message.code)
    now_ms = context.clock.now_ms()

    async def redeem(is_refused: Callable[[], bool]) -> User:
        # Hashed before anything is looked up: whether the account exists, or the
        # code is right, makes no difference to the time (P7).
        password_hash = await context.passwords.hash(message.new_password, session.takes_turn)
        if is_refused():
            raise Busy(BUSY_RETRY_MS)  # or the code were used up, and nobody told

        def set_it(store: Store) -> User | None:
            user = store.users.by_name(message.username)
            if user is None or not store.users.take_reset(user.id, digest, now_ms):
                return None
            store.users.set_password(user.id, password_hash)
            actor = Actor(user.id, user.username, session.address)
            action = AuditAction.RESET_REDEEMED
            store.audit.append(actor, action, now_ms, user.username, user.id)
            return user

        user = await context.storage.write(set_it, session.takes_turn)
        if user is None:
            text = "no account has this name and code"
            raise WrongGuess(Refusal.RESET_CODE_INVALID, text)
        return user

    user = await guess(session, message.username, redeem)
    await _open_session(session, message, user)


async def resume(session: Session, message: Resume) -> None:
    """Sign in by the token of an earlier sign-in: no hash, and a part of one read."""
    context = session.context
    digest = token_digest(message.token)
    now_ms = context.clock.now_ms()
    holder = await context.holders.read(digest)
    if holder is None:
        raise SessionEnded
    user = holder.user
    _require_active(user)
    context.sign_ins.signed_in(user.username, session.address)
    _enter(session, message.request, user, message.token)
    if abs(holder.last_used_ms - now_ms) > TOUCH_EVERY_MS:
        # Nobody waits for this to be stored.
        context.storage.write(
            lambda store: store.sessions.touch(digest, session.address, now_ms), user.id
        )


async def sign_out(session: Session, message: SignOut) -> None:
    """End the session and its token, for good."""
    context, digest, user = session.context, session.token_digest, session.user
    await context.storage.write(lambda store: store.sessions.close(digest), session.takes_turn)
    session.leave_room()
    session.send(SignedOut(message.request))
    if user is not None:
        # Another connection may use the same token.
        context.account_watcher.check(user.id)


async def _open_session(session: Session, message: SignIn | RedeemReset, user: User) -> None:
    """Sign in whoever has just shown to be this person."""
    context = session.context
    if user.state is AccountState.PENDING:
        session.awaited_id = user.id
        context.account_watcher.check(user.id)  # accepted at this very moment, perhaps
    _require_active(user)
    session.password_given()
    if session.ended:
        return
    token = new_token()
    now_ms = context.clock.now_ms()

    def open_it(store: Store) -> User:
        # The account may have changed while the password was being verified.
        current = store.users.by_id(user.id)
        if current is None or (
            current.password_hash != user.password_hash and isinstance(message, SignIn)
        ):
            raise _wrong_credentials()
        _require_active(current)
        store.sessions.open(user.id, token_digest(token), message.device, session.address, now_ms)
        return current

    current = await context.storage.write(open_it, session.takes_turn)
    _enter(session, message.request, current, token)
    # What was changed right after the job may have been told before.
    context.account_watcher.check(user.id)


async def _hash_anew(session: Session, user: User, password: str) -> None:
    """Store the password with today's parameters, unless it was changed. Where that
    is too much now, the next sign-in is another chance."""
    context = session.context
    password_hash = await context.passwords.hash(password, user.id)

    def store_it(store: Store) -> None:
        current = store.users.by_id(user.id)
        if current is not None and current.password_hash == user.password_hash:
            store.users.set_password(user.id, password_hash)

    await context.storage.write(store_it, user.id)


def _enter(session: Session, request: int, user: User, token: bytes) -> None:
    """Answer that this person is signed in, and let them into the room."""
    if session.ended:
        return
    context = session.context
    room = context.room
    head = room.head
    session.send(SignedIn(request, user.person(), token, head.revision, head.id, room.kept_from_id))
    session.enter_room(user, token_digest(token))
    session.send_room()
    context.receipt_tracker.send_own_receipts(user.id, session)
    if context.account_watcher.awaiting:
        context.account_watcher.tell_awaiting(session)
    session.log.info("signed in as user %d", user.id)


def _require_active(user: User) -> None:
    if user.state is AccountState.PENDING:
        text = "an administrator has to accept this account"
        raise RequestRefused(Refusal.AWAITING_APPROVAL, text)
    if user.state is not AccountState.ACTIVE:
        raise RequestRefused(Refusal.ACCOUNT_DISABLED, "this account is disabled")


def _wrong_credentials() -> WrongGuess:
    return WrongGuess(Refusal.WRONG_CREDENTIALS, "no account has this name and password")
