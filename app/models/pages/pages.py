"""What the pages beside the room show: administration, and one's own account."""

from typing import Generic

import msgspec

from app.models.listing import Item, Listing, Reason
from app.models.observable import Observable
from app.models.operation import Operation
from app.models.pages.roster import Roster
from app.models.room.message_actions import MessageActions
from app.models.room.receipts import Receipts
from app.models.room.search import Search
from app.models.room.templates import Templates
from app.models.room.urgent import Urgent
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


class IssuedCode(msgspec.Struct, frozen=True):
    """A code to pass on. `name` is whom it is for, where it is for one."""

    code: str
    expires_at_ms: int
    name: str = ""


class OneTimeCode(Observable):
    """Hold the code that the server has just issued, and will not show again."""

    def __init__(self) -> None:
        super().__init__()
        self._issued: IssuedCode | None = None

    @property
    def issued(self) -> IssuedCode | None:
        """The code; None: there is none to pass on."""
        return self._issued

    def issue(self, issued: IssuedCode) -> None:
        """Hold this code until `forget`."""
        self._issued = issued
        self._changed()

    def forget(self) -> None:
        """Drop the code: it was passed on, or the session is over."""
        if self._issued is not None:
            self._issued = None
            self._changed()


class Question(Observable):
    """Whether one's own password is to be given again, and how that went."""

    def __init__(self) -> None:
        super().__init__()
        self._is_open = self._is_busy = False
        self._reason: Reason | None = None

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def is_busy(self) -> bool:
        """Whether what was given is being looked at."""
        return self._is_busy

    @property
    def reason(self) -> Reason | None:
        """Why it was not taken."""
        return self._reason

    def ask(self, reason: Reason | None = None) -> None:
        self._set(True, False, reason)

    def try_it(self) -> None:
        """Note that a password was given and is being verified."""
        self._set(True, True, None)

    def close(self) -> None:
        self._set(False, False, None)

    def _set(self, is_open: bool, is_busy: bool, reason: Reason | None) -> None:
        if (is_open, is_busy, reason) != (self._is_open, self._is_busy, self._reason):
            self._is_open, self._is_busy, self._reason = is_open, is_busy, reason
            self._changed()


class PageModel(Generic[Item]):
    """One page: its list, what was done there last, and what that told."""

    def __init__(self) -> None:
        self.listing: Listing[Item] = Listing()
        self.operation = Operation()
        self.one_time_code = OneTimeCode()

    def clear(self) -> None:
        """Forget everything: the session is over."""
        self.listing.clear()
        self.operation.clear()
        self.one_time_code.forget()


class PageModels:
    """Hold the models of all pages, one each."""

    def __init__(self) -> None:
        self.people: PageModel[Member] = PageModel()
        self.invites: PageModel[Invite] = PageModel()
        self.audit: PageModel[AuditEntry] = PageModel()
        self.sessions: PageModel[SessionInfo] = PageModel()
        self.password = Operation()
        """The change of one's own."""
        self.awaiting = Awaiting()
        self.question = Question()
        self.message_actions = MessageActions()
        """Of the room's messages."""
        self.receipts = Receipts()
        self.search = Search()
        self.urgent = Urgent()
        self.templates = Templates()
        self.roster = Roster()
