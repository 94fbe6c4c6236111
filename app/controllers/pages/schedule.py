"""What is posted later: how much there is, and the page that lists and changes it."""

from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.loading import Loading, Part
from app.controllers.common.operations import Operations
from app.controllers.common.reauthentication import Reauthentication
from app.controllers.common.requests import Later
from app.models.pages.schedule import ScheduleModel
from app.models.room.outbox_item import Draft
from app.models.text import clean_text
from protocol.messages import (
    CancelScheduled,
    ChangeScheduled,
    Done,
    FromServer,
    GetScheduled,
    Role,
    Scheduled,
    ScheduledMessage,
    SendScheduled,
    SignedIn,
    Upcoming,
    YouChanged,
)

PAGE_ITEMS = 50
"""What one request fetches: more than a screen shows at once."""

NOTHING = Upcoming(0)


class ScheduleController(SignInPart):
    """Follows what the server tells of it, and has it changed."""

    def __init__(
        self, reauthentication: Reauthentication, later: Later, model: ScheduleModel
    ) -> None:
        self._model = model
        self.list = Loading(
            reauthentication,
            later,
            model.page.listing,
            Scheduled,
            lambda number, _search, held: GetScheduled(number, len(held), PAGE_ITEMS),
            lambda answer, _before: Part(answer.messages, answer.more),
        )
        self._operations = Operations(reauthentication, model.page.operation, self.list.reload)
        self._is_signed_in = False

    def begin(self, signed_in: SignedIn) -> None:
        """Take up work: somebody is signed in on this link."""
        self._is_signed_in = True
        self._operations.begin()
        self.list.begin()
        if signed_in.person.role is not Role.ADMIN:
            self._forget()

    def end(self) -> None:
        """Let go of the link: it is gone."""
        self._is_signed_in = False
        self._operations.end()
        self.list.end()

    def clear(self) -> None:
        """Forget what was this person's: nobody is signed in any more."""
        self.end()
        self._forget()

    def on_push(self, message: FromServer) -> None:
        """Take a push."""
        if not self._is_signed_in:
            return  # said before the sign-out arrived over there
        match message:
            case Upcoming():
                self._model.tell(message)
                self.list.reload()
            case YouChanged(person) if person.role is not Role.ADMIN:
                self._forget()

    def change(self, scheduled: ScheduledMessage, version: int, draft: Draft) -> None:
        """Have this posted in its place, at the time that the draft has; `version` is the
        one that it takes the place of."""
        self._operations.run(
            "change_scheduled",
            lambda number: ChangeScheduled(
                number,
                scheduled.id,
                version,
                draft.at_ms,
                clean_text(draft.text),
                draft.priority,
                draft.answers,
                draft.lifetime_ms,
                draft.attachments,
            ),
            Done,
            at_ms=draft.at_ms,
        )

    def send_now(self, scheduled: ScheduledMessage) -> None:
        """Have it posted at once."""
        self._operations.run(
            "send_scheduled",
            lambda number: SendScheduled(number, scheduled.id, scheduled.version),
            Done,
        )

    def cancel(self, scheduled: ScheduledMessage) -> None:
        """Have it not posted."""
        self._operations.run(
            "cancel_scheduled",
            lambda number: CancelScheduled(number, scheduled.id, scheduled.version),
            Done,
        )

    def _forget(self) -> None:
        self._model.tell(NOTHING)
        self._model.page.clear()
