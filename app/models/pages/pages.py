"""What the pages beside the room show: administration, and one's own account."""

from typing import Generic

import msgspec

from app.models.listing import Item, Listing, Why
from app.models.observable import Observable
from app.models.operation import Errand
from app.models.pages.roster import Roster
from app.models.room.message_actions import Life
from app.models.room.receipts import Receipts
from protocol.messages import AuditEntry, Invite, Member, SessionInfo


class Awaiting(Observable):
    """How many people wait for an administrator to accept them."""

    def __init__(self) -> None:
        super().__init__()
        self._people = 0

    @property
    def people(self) -> int:
        return self._people

    def count(self, people: int) -> None:
        if people != self._people:
            self._people = people
            self._changed()


class Told(msgspec.Struct, frozen=True):
    """A code to pass on."""

    code: str
    expires_at_ms: int
    name: str = ""
    """Whom it is for, where it is for one."""


class Secret(Observable):
    """What the server tells only once, until it was passed on."""

    def __init__(self) -> None:
        super().__init__()
        self._told: Told | None = None

    @property
    def told(self) -> Told | None:
        return self._told

    def tell(self, told: Told) -> None:
        self._told = told
        self._changed()

    def forget(self) -> None:
        if self._told is not None:
            self._told = None
            self._changed()


class Question(Observable):
    """Whether one's own password is to be given again, and how that went."""

    def __init__(self) -> None:
        super().__init__()
        self._is_open = self._is_busy = False
        self._why: Why | None = None

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def is_busy(self) -> bool:
        """Whether what was given is being looked at."""
        return self._is_busy

    @property
    def why(self) -> Why | None:
        """Why it was not taken."""
        return self._why

    def ask(self, why: Why | None = None) -> None:
        self._set(True, False, why)

    def try_it(self) -> None:
        """It was given."""
        self._set(True, True, None)

    def close(self) -> None:
        self._set(False, False, None)

    def _set(self, is_open: bool, is_busy: bool, why: Why | None) -> None:
        if (is_open, is_busy, why) != (self._is_open, self._is_busy, self._why):
            self._is_open, self._is_busy, self._why = is_open, is_busy, why
            self._changed()


class PageModel(Generic[Item]):
    """One page: its list, what was done there last, and what that told."""

    def __init__(self) -> None:
        self.listing: Listing[Item] = Listing()
        self.errand = Errand()
        self.secret = Secret()

    def clear(self) -> None:
        """It was another session's."""
        self.listing.clear()
        self.errand.clear()
        self.secret.forget()


class PageModels:
    """All of them."""

    def __init__(self) -> None:
        self.people: PageModel[Member] = PageModel()
        self.invites: PageModel[Invite] = PageModel()
        self.audit: PageModel[AuditEntry] = PageModel()
        self.sessions: PageModel[SessionInfo] = PageModel()
        self.password = Errand()
        """The change of one's own."""
        self.awaiting = Awaiting()
        self.question = Question()
        self.life = Life()
        """Of the room's messages."""
        self.receipts = Receipts()
        self.roster = Roster()
