"""What is posted later, as far as an administrator is told."""

from app.models.observable import Observable
from app.models.pages.page_model import PageModel
from protocol.messages import ScheduledMessage, Upcoming


class ScheduleModel(Observable):
    """How much there is, for the room, and `page`, which lists it. Controllers write."""

    def __init__(self) -> None:
        super().__init__()
        self._upcoming = Upcoming(0)
        self.page: PageModel[ScheduledMessage] = PageModel()

    @property
    def upcoming(self) -> Upcoming:
        return self._upcoming

    def tell(self, upcoming: Upcoming) -> None:
        if upcoming != self._upcoming:
            self._upcoming = upcoming
            self._changed()
