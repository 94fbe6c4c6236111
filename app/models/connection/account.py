"""Who is signed in, and how the last attempt to sign in went."""

from enum import StrEnum

import msgspec

from app.models.observable import Observable
from protocol.messages import Person, Role


class Field(StrEnum):
    """Where on the sign-in form a refusal belongs."""

    SERVER = "server"
    USERNAME = "username"
    DISPLAY_NAME = "display_name"
    PASSWORD = "password"
    INVITE = "invite"
    CODE = "code"
    FORM = "form"
    NOTICE = "notice"
    """No refusal, but something to know before the next attempt."""


class FormError(msgspec.Struct, frozen=True):
    """A refusal to be told beside a field. `code` is a translation's
    `reason.<code>`; `params` fill its placeholders. `again_at_ms`: when it may be
    tried again, by this machine's clock; 0: at once, or nobody knows."""

    field: Field
    code: str
    params: dict[str, int | str] = {}
    again_at_ms: int = 0


class AccountNotice(StrEnum):
    """What the person signed in should know, until it was read."""

    ACCEPTED = "accepted"
    """They waited to be accepted, and were."""
    PROMOTED = "promoted"
    """They became an administrator."""
    UNKEPT = "unkept"
    """They wanted to stay signed in, and it could not be kept."""


class Account(Observable):
    """The person at this client. Controllers write."""

    def __init__(self) -> None:
        super().__init__()
        self._person: Person | None = None
        self._busy = False
        self._error: FormError | None = None
        self._is_invited = False
        self._can_stay = True
        self._notices: frozenset[AccountNotice] = frozenset()

    @property
    def person(self) -> Person | None:
        """Who is signed in (also while the connection is down), or None: the
        sign-in form is shown then, the room otherwise."""
        return self._person

    @property
    def may_post(self) -> bool:
        """Whether the send panel is unlocked. A courtesy: the server decides
        again at every post (P6)."""
        return self._person is not None and self._person.role is Role.ADMIN

    @property
    def busy(self) -> bool:
        """Whether an answer to the form is awaited."""
        return self._busy

    @property
    def error(self) -> FormError | None:
        """Why the form was refused, until the next attempt."""
        return self._error

    @property
    def is_invited(self) -> bool:
        """Whether a join code brought an invite to the server in use."""
        return self._is_invited

    def invite(self, is_invited: bool) -> None:
        """Note whether there is an invite to use."""
        if is_invited != self._is_invited:
            self._is_invited = is_invited
            self._changed()

    @property
    def can_stay(self) -> bool:
        """Whether this computer can keep somebody signed in."""
        return self._can_stay

    def tell_store(self, can_stay: bool) -> None:
        """Note whether there is a place to keep a session in."""
        if can_stay != self._can_stay:
            self._can_stay = can_stay
            self._changed()

    @property
    def notices(self) -> frozenset[AccountNotice]:
        """What the person does not know yet."""
        return self._notices

    def tell(self, notice: AccountNotice) -> None:
        """Show the person this notice."""
        self._set_notices(self._notices | {notice})

    def know(self, notice: AccountNotice) -> None:
        """Drop the notice: the person knows it."""
        self._set_notices(self._notices - {notice})

    def _set_notices(self, notices: frozenset[AccountNotice]) -> None:
        if notices != self._notices:
            self._notices = notices
            self._changed()

    def attempt(self) -> None:
        """Note that the form was sent."""
        self._set(self._person, True, None)

    def refuse(self, error: FormError | None) -> None:
        """Note that the form came back. None: given up without a word."""
        self._set(self._person, False, error)

    def sign_in(self, person: Person) -> None:
        """Note that this person is signed in, or has changed."""
        before = self._person
        if before is None or before.id != person.id or person.role is not Role.ADMIN:
            self._notices -= {AccountNotice.PROMOTED}
        elif before.role is Role.MEMBER:
            self._notices |= {AccountNotice.PROMOTED}
        self._set(person, False, None)

    def sign_out(self, error: FormError | None = None) -> None:
        """Note that nobody is signed in any more; `error` says why, if not asked for."""
        self._set(None, False, error)

    def _set(self, person: Person | None, busy: bool, error: FormError | None) -> None:
        if person is None:
            self._notices = frozenset()
        if (person, busy, error) != (self._person, self._busy, self._error):
            self._person, self._busy, self._error = person, busy, error
            self._changed()
