"""What the pages beside the room show: administration, and one's own account."""

from app.models.listing import Reason
from app.models.observable import Observable
from app.models.operation import Operation
from app.models.pages.desktop import DesktopModel
from app.models.pages.page_model import PageModel
from app.models.pages.roster import Roster
from app.models.pages.schedule import ScheduleModel
from app.models.room.attachments import Attachments
from app.models.room.message_actions import MessageActions
from app.models.room.notifications import Notifications
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
        self.notifications = Notifications()
        self.templates = Templates()
        self.attachments = Attachments()
        self.schedule = ScheduleModel()
        self.roster = Roster()
        self.desktop = DesktopModel()
