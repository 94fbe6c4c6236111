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

from app.controllers.account import form_checks
from app.controllers.account.credential_keeper import CredentialKeeper
from app.controllers.common import requests as asking
from app.controllers.common.requests import SHORT_WAIT_S, Requests
from app.models.connection.account import Account, AccountNotice, Field, FormError
from app.models.connection.status import Phase, Status
from app.models.profile import Profile
from app.models.settings import Settings
from protocol.limits import MAX_DEVICE_CHARS
from protocol.messages import (
    AwaitingApproval,
    FromClient,
    Person,
    RedeemReset,
    Refused,
    Register,
    Resume,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    WireMessage,
)
from protocol.refusals import Farewell, Refusal

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
        if self._refuse(form_checks.check_sign_in(username, password, self._status.room)):
            return
        device = _device()
        self._typed = (username, password)
        self._try(lambda number: SignIn(number, username, password, device), keep)

    def register(
        self, username: str, display_name: str, password: str, invite: str, keep: bool
    ) -> None:
        """Create an account and sign in. `invite`: a join code as typed, for its
        invite, where none was brought before."""
        username, display_name = username.strip(), display_name.strip()
        has_invite = bool(self._invite or invite.strip())
        error = form_checks.check_registration(
            username, display_name, password, has_invite, self._status.room
        )
        if self._refuse(error) or not self._take_join_code(invite):
            return
        device = _device()
        self._typed = (username, password)
        secret = base64.urlsafe_b64encode(self._invite).decode("ascii").rstrip("=")
        self._try(
            lambda number: Register(number, username, display_name, password, device, secret),
            keep,
        )

    def redeem(self, username: str, code: str, password: str, keep: bool) -> None:
        """Set a new password by the code that an administrator gave, and sign in."""
        username, code = username.strip(), code.strip()
        if self._refuse(form_checks.check_reset(username, code, password, self._status.room)):
            return
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

    def _refuse(self, error: FormError | None) -> bool:
        """Tell what is wrong with the form, if anything is."""
        if error is not None:
            self._account.refuse(error)
        return error is not None

    def _take_join_code(self, typed: str) -> bool:
        """Hold the invite of the join code that was typed, if any. False: it is of no
        use here, which is told."""
        if not typed.strip():
            return True
        address = self._status.now.address
        pin = self._settings.values.pins.get(address, "")
        found = form_checks.find_invite(typed, address, pin)
        if isinstance(found, FormError):
            self._account.refuse(found)
            return False
        self._invite = found
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
        error = form_checks.form_error(refusal.code, self._status.room)
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


def _device() -> str:
    """Name this machine, for the person's own list of sessions."""
    name = f"{platform.node()} ({platform.system()})"
    return name.encode(errors="replace").decode()[:MAX_DEVICE_CHARS]
