"""Signing in, staying signed in, signing out.

The session token is this controller's: given by the server at sign-in, used to
resume on every new link, kept by the system's credential store if the person
wants to stay signed in.
"""

import base64
import platform
from collections.abc import Callable
from enum import Enum, auto

import msgspec

from app.controllers.account.credential_keeper import CredentialKeeper
from app.controllers.common import requests as asking
from app.controllers.common.requests import SHORT_WAIT_S, Requests
from app.models.connection.account import Account, AccountNotice, Field, FormError
from app.models.connection.address import parse_destination
from app.models.connection.status import Phase, Status
from app.models.profile import Profile
from app.models.settings import Settings
from app.models.text import can_be_sent
from protocol.joincode import looks_like_one
from protocol.limits import (
    MAX_DEVICE_CHARS,
    MAX_DISPLAY_NAME_CHARS,
    MAX_PASSWORD_CHARS,
    MAX_RESET_CODE_CHARS,
)
from protocol.messages import (
    AwaitingApproval,
    FromClient,
    Limits,
    Person,
    RedeemReset,
    Refused,
    Register,
    Registration,
    Resume,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    WireMessage,
)
from protocol.refusals import Farewell, Refusal

_FIELDS: dict[str, Field] = {
    Refusal.WRONG_CREDENTIALS: Field.PASSWORD,
    Refusal.TOO_MANY_ATTEMPTS: Field.PASSWORD,
    Refusal.PASSWORD_TOO_SHORT: Field.PASSWORD,
    Refusal.PASSWORD_TOO_LONG: Field.PASSWORD,
    Refusal.PASSWORD_TOO_SIMPLE: Field.PASSWORD,
    Refusal.USERNAME_TAKEN: Field.USERNAME,
    Refusal.DISPLAY_NAME_TAKEN: Field.DISPLAY_NAME,
    Refusal.USERNAME_INVALID: Field.USERNAME,
    Refusal.DISPLAY_NAME_INVALID: Field.DISPLAY_NAME,
    Refusal.INVITE_NEEDED: Field.INVITE,
    Refusal.INVITE_INVALID: Field.INVITE,
    Refusal.RESET_CODE_INVALID: Field.CODE,
    Refusal.AWAITING_APPROVAL: Field.NOTICE,
}

_SESSION_OVER = frozenset({Refusal.SESSION_ENDED, Refusal.ACCOUNT_DISABLED})
FAREWELLS_OVER = frozenset({Farewell.SIGNED_OUT, Farewell.ACCOUNT_DISABLED})
"""A Goodbye after which the token is worth nothing."""

Attempt = Callable[[int], FromClient]

BUSY_TRIES = 10
"""How often a busy server is asked again before the person is told: a whole class
signs in at once within less."""


class _Session(Enum):
    """Where the session stands on the present link."""

    NONE = auto()
    RESUMING = auto()
    """`Resume` was sent; the server has not answered yet."""
    OPEN = auto()
    CLOSING = auto()
    """`SignOut` was sent, and its answer has not come yet."""


class SignInController:
    """Drives `Account`. `on_signed_in` and `on_signed_out` tell the client to
    open or close what belongs to the account, `on_changed` that the profile to
    keep has changed."""

    def __init__(
        self,
        requests: Requests,
        status: Status,
        account: Account,
        settings: Settings,
        keeper: CredentialKeeper,
        reconnect_now: Callable[[], None],
        on_signed_in: Callable[[Profile, SignedIn, bool], None],
        on_signed_out: Callable[[], None],
        on_changed: Callable[[Profile, bool], None],
    ) -> None:
        self._requests = requests
        self._status = status
        self._account = account
        self._settings = settings
        self._keeper = keeper
        self._reconnect_now = reconnect_now
        self._on_signed_in = on_signed_in
        self._on_signed_out = on_signed_out
        self._on_changed = on_changed
        self._token: bytes | None = None
        self._account_name = ""
        self._attempt: Attempt | None = None
        self._invite = b""
        self._keep = True
        self._typed: tuple[str, str] | None = None
        self._waiting: tuple[str, str] | None = None
        """Username and password of who waits to be accepted."""
        self._was_waiting = False
        self._session = _Session.NONE

    def restore(self, profile: Profile, restored: Callable[[], None]) -> None:
        """Take up the session of an earlier start, if one was kept, and tell. A
        person who signs in before it was found comes first."""

        def loaded(token: bytes | None) -> None:
            account = self._account
            if token is None or self._token or account.busy or account.person is not None:
                return
            self._token = token
            self._account_name = profile.account
            self._keep = True
            account.sign_in(profile.person)
            restored()
            if self._requests.is_linked and self._session is _Session.NONE:
                self._resume()

        self._keeper.load(profile.account, loaded)

    # -- from the form -----------------------------------------------------------------

    def sign_in(self, username: str, password: str, keep: bool) -> None:
        """Sign in with a password."""
        username = username.strip()
        if (
            self._require(username, Field.USERNAME)
            and self._require(password, Field.PASSWORD)
            and self._check(_may_exist(username, password), Refusal.WRONG_CREDENTIALS)
        ):
            device = _device()
            self._typed = (username, password)
            self._try(lambda number: SignIn(number, username, password, device), keep)

    def register(
        self, username: str, display_name: str, password: str, join_code: str, keep: bool
    ) -> None:
        """Create an account and sign in. `join_code`: as typed, for its invite,
        where none was brought before."""
        username, display_name = username.strip(), display_name.strip()
        if (
            self._require_invite(join_code)
            and self._require(username, Field.USERNAME)
            and self._require(display_name, Field.DISPLAY_NAME)
            and self._require(password, Field.PASSWORD)
            and self._check_what_is_new(username, display_name, password)
            and self._take_join_code(join_code)
        ):
            device = _device()
            self._typed = (username, password)
            invite = base64.urlsafe_b64encode(self._invite).decode("ascii").rstrip("=")
            self._try(
                lambda number: Register(number, username, display_name, password, device, invite),
                keep,
            )

    def redeem(self, username: str, code: str, password: str, keep: bool) -> None:
        """Set a new password by the code that an administrator gave, and sign in."""
        username, code = username.strip(), code.strip()
        if (
            self._require(username, Field.USERNAME)
            and self._require(code, Field.CODE)
            and self._require(password, Field.PASSWORD)
            and self._check(
                _may_exist(username, code) and len(code) <= MAX_RESET_CODE_CHARS,
                Refusal.RESET_CODE_INVALID,
            )
            and self._check_password(password)
        ):
            device = _device()
            self._typed = (username, password)
            self._try(lambda number: RedeemReset(number, username, code, password, device), keep)

    def bring_invite(self, invite: bytes) -> None:
        """Hold the invite that the join code of the server in use had; empty: it had
        none, or another server is in use from now on."""
        self._invite = invite
        self._account.invite(bool(invite))

    def sign_out(self, error: FormError | None = None) -> None:
        """End the session, on the server too if it can be reached."""
        if self._session is _Session.OPEN:
            self._requests.forget()
            self._close_session()
        elif self._session is _Session.RESUMING:
            self._session = _Session.CLOSING  # as soon as it is open
        self._forget()
        self._account.sign_out(error)
        self._on_signed_out()
        if self._requests.is_linked:
            self._status.update(phase=Phase.GREETED)

    def cancel(self) -> None:
        """Keep what the form asked for from being sent any more."""
        self._attempt = None
        self._waiting = None

    # -- from the link -----------------------------------------------------------------

    def greeted(self) -> None:
        """Resume, or send what the form asked for: there is a link."""
        self._session = _Session.NONE
        self._status.update(phase=Phase.GREETED, reason="", retry_at=None)
        error = self._account.error
        if error is not None and error.field is Field.SERVER:
            self._account.refuse(None)
        if self._token is not None:
            self._resume()
        elif self._attempt is not None:
            self._send_attempt()
        else:
            self.accepted()

    def accepted(self) -> None:
        """Sign in: whoever waits to be accepted was, or may have been while there was no
        link."""
        if self._waiting is None or self._account.busy or self._account.person is not None:
            return
        waiting = self._waiting
        self.sign_in(*waiting, self._keep)
        self._was_waiting = True

    def changed(self, person: Person) -> None:
        """Take one's own account as it is from now on."""
        if self._session is _Session.OPEN and self._status.room is not None:
            self._on_changed(
                Profile(self._status.now.address, self._status.room, person), self._keep
            )
            self._account.sign_in(person)

    def lost(self, reason: str) -> None:
        """Note that there is no link any more, or that none came about."""
        self._session = _Session.NONE
        if reason in FAREWELLS_OVER and self._token is not None:
            self.sign_out(FormError(Field.FORM, reason))
        elif self._account.person is None and (self._attempt or self._account.busy):
            self._attempt = None
            self._account.refuse(FormError(Field.FORM, reason))
        elif self._account.person is None and self._account.error is None:
            self._account.refuse(FormError(Field.SERVER, reason))

    # ------------------------------------------------------------------------------------

    def _require(self, value: str, field: Field) -> bool:
        if not value:
            self._account.refuse(FormError(field, f"{field.value}_empty"))
        return bool(value)

    def _require_invite(self, join_code: str) -> bool:
        room = self._status.room
        is_needed = room is not None and room.registration is Registration.INVITE
        if is_needed and not self._invite and not join_code.strip():
            self._account.refuse(FormError(Field.INVITE, Refusal.INVITE_NEEDED))
            return False
        return True

    def _check(self, is_good: bool, code: Refusal) -> bool:
        if not is_good:
            self._account.refuse(self._form_error(code))
        return is_good

    def _check_what_is_new(self, username: str, display_name: str, password: str) -> bool:
        # The lengths are a courtesy to spare a round trip; the server decides
        # (P6). What can't be sent at all has to be told here.
        room = self._status.room
        unknown = Limits(username_min_chars=0, password_min_chars=0)
        limits = room.limits if room is not None else unknown
        is_name = limits.username_min_chars <= len(username) <= limits.username_max_chars
        is_display_name = len(display_name) <= limits.display_name_max_chars
        return (
            self._check(is_name and can_be_sent(username), Refusal.USERNAME_INVALID)
            and self._check(
                is_display_name and can_be_sent(display_name), Refusal.DISPLAY_NAME_INVALID
            )
            and self._check_password(password)
        )

    def _check_password(self, password: str) -> bool:
        room = self._status.room
        limits = room.limits if room is not None else Limits(password_min_chars=0)
        return (
            self._check(len(password) >= limits.password_min_chars, Refusal.PASSWORD_TOO_SHORT)
            and self._check(len(password) <= limits.password_max_chars, Refusal.PASSWORD_TOO_LONG)
            and self._check(can_be_sent(password), Refusal.TEXT_INVALID)
        )

    def _take_join_code(self, typed: str) -> bool:
        """Tell whether there is nothing wrong with the join code that was typed, if any.
        Its invite is told to no server but its own."""
        if not typed.strip():
            return True
        destination = parse_destination(typed) if looks_like_one(typed) else None
        now = self._status.now
        code = ""
        if destination is None or not destination.invite:
            code = "join_code_invalid" if destination is None else "join_code_without_invite"
        elif destination.fingerprint:
            # The same server may be known by several names.
            if self._settings.values.pins.get(now.address) != destination.fingerprint.hex():
                code = "join_code_elsewhere"
        elif str(destination.address) != now.address:
            code = "join_code_elsewhere"
        if code or destination is None:
            self._account.refuse(FormError(Field.INVITE, code))
            return False
        self._invite = destination.invite
        return True

    def _try(self, attempt: Attempt, keep: bool) -> None:
        if self._account.busy:
            return  # one answer at a time
        self._attempt = attempt
        self._waiting, self._was_waiting = None, False
        self._keep = keep
        self._account.attempt()
        if not self._requests.is_linked:
            self._reconnect_now()
        elif self._session is _Session.NONE:
            self._send_attempt()

    def _send_attempt(self, tries_left: int = BUSY_TRIES) -> None:
        assert self._attempt is not None
        attempt, self._attempt = self._attempt, None
        self._status.update(phase=Phase.SIGNING_IN)

        def again() -> None:
            if self._attempt is attempt:
                self._send_attempt(tries_left - 1)

        def refused(refusal: Refused) -> None:
            is_short = refusal.retry_after_ms <= SHORT_WAIT_S * 1000
            if refusal.code == Refusal.BUSY and is_short and tries_left:
                self._attempt = attempt  # unless it is called off meanwhile
                self._requests.again(refusal, again)
            else:
                self._refused(refusal)

        self._requests.ask(
            attempt,
            (SignedIn, AwaitingApproval),
            self._attempt_answered,
            refused,
            asking.ANSWER_LIMIT_S,
        )

    def _attempt_answered(self, answer: WireMessage) -> None:
        if isinstance(answer, SignedIn):
            self.bring_invite(b"")
            self._signed_in(answer)
        else:
            self._status.update(phase=Phase.GREETED)
            self._waiting, self._typed = self._typed, None
            self._account.refuse(FormError(Field.NOTICE, Refusal.AWAITING_APPROVAL))

    def _resume(self) -> None:
        token = self._token
        if token is None:
            return
        self._session = _Session.RESUMING
        self._status.update(phase=Phase.SIGNING_IN)
        self._requests.ask(
            lambda number: Resume(number, token), SignedIn, self._resumed, self._resume_refused
        )

    def _resumed(self, answer: SignedIn) -> None:
        if self._session is _Session.CLOSING:
            self._close_session()
        else:
            self._signed_in(answer)

    def _signed_in(self, answer: SignedIn) -> None:
        room = self._status.room
        assert room is not None
        self._typed = self._waiting = None
        self._session = _Session.OPEN
        profile = Profile(self._status.now.address, room, answer.person)
        self._token = answer.token
        if self._account_name not in ("", profile.account):
            # Of a version that spelt the server otherwise.
            self._keeper.forget(self._account_name)
        self._account_name = profile.account
        if self._keep:
            self._keeper.save(
                profile.account, answer.token, lambda kept: self._kept(answer.token, kept)
            )
        else:
            self._keeper.forget(profile.account)
        self._settings.change(username=answer.person.username, keep_signed_in=self._keep)
        self._on_signed_in(profile, answer, self._keep)
        self._account.sign_in(answer.person)
        if self._was_waiting:
            self._was_waiting = False
            self._account.tell(AccountNotice.ACCEPTED)

    def _kept(self, token: bytes, is_kept: bool) -> None:
        """Take what the store answered: too late for whoever is signed out by now."""
        if token == self._token:
            tell = self._account.know if is_kept else self._account.tell
            tell(AccountNotice.UNKEPT)

    def _refused(self, refusal: Refused) -> None:
        if refusal.code == asking.NO_ANSWER:
            # Nothing else can be asked on this link until it is answered.
            self._requests.abandon()
            self._status.update(phase=Phase.CONNECTING)
        else:
            self._status.update(phase=Phase.GREETED)
        if refusal.code == Refusal.AWAITING_APPROVAL:
            self._waiting = self._typed
        self._typed = None
        error = self._form_error(refusal.code)
        again_at = self._requests.again_at_ms(refusal)
        self._account.refuse(msgspec.structs.replace(error, again_at_ms=again_at))

    def _resume_refused(self, refusal: Refused) -> None:
        if self._session is _Session.CLOSING:
            self._session_closed()
            return
        self._session = _Session.NONE
        if refusal.code in _SESSION_OVER:
            self._status.update(phase=Phase.GREETED)
            self.sign_out(FormError(Field.FORM, refusal.code))
        else:
            self._requests.again(refusal, self._resume)

    def _close_session(self) -> None:
        self._session = _Session.CLOSING
        self._requests.ask(SignOut, SignedOut, self._left, self._not_left)

    def _left(self, _answer: SignedOut) -> None:
        self._session_closed()

    def _not_left(self, _refusal: Refused) -> None:
        # Still signed in over there, on a token that is forgotten here. A new
        # link begins without one.
        self._requests.abandon()

    def _session_closed(self) -> None:
        self._session = _Session.NONE
        if self._attempt is not None:
            self._send_attempt()

    def _forget(self) -> None:
        # Another window of this account may have kept a newer one.
        if self._token is not None:
            self._keeper.forget(self._account_name, only=self._token)
        self._token = None
        self._account_name = ""
        self._attempt = None

    def _form_error(self, code: str) -> FormError:
        room = self._status.room
        params: dict[str, int | str] = {}
        if room is not None:
            limits = room.limits
            if code == Refusal.USERNAME_INVALID:
                params = {"min": limits.username_min_chars, "max": limits.username_max_chars}
            elif code == Refusal.DISPLAY_NAME_INVALID:
                params = {"max": limits.display_name_max_chars}
            elif code == Refusal.PASSWORD_TOO_SHORT:
                params = {"min": limits.password_min_chars}
            elif code == Refusal.PASSWORD_TOO_LONG:
                params = {"max": limits.password_max_chars}
        return FormError(_FIELDS.get(code, Field.FORM), code, params)


def _may_exist(username: str, password: str) -> bool:
    """Tell whether any server could have such an account: the wire's own bounds, beyond
    which it hangs up in place of refusing."""
    return (
        len(username) <= 2 * MAX_DISPLAY_NAME_CHARS
        and len(password) <= 2 * MAX_PASSWORD_CHARS
        and can_be_sent(username + password)
    )


def _device() -> str:
    """Name this machine, for the person's own list of sessions."""
    name = f"{platform.node()} ({platform.system()})"
    return name.encode(errors="replace").decode()[:MAX_DEVICE_CHARS]
