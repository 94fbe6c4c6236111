"""Looking at a place of the room far above what is held, without fetching all that lies
between: pages from there go to the feed as they come, until it is back at what is held."""

import logging
from collections.abc import Callable

from app.controllers.common.requests import Requests
from app.models.room.timeline import PAGE_MESSAGES, Timeline
from protocol.messages import GetHistory, History, Refused

log = logging.getLogger(__name__)

AFTER = 20
"""So many messages are shown after the one that is gone to, for a start."""


class Excursion:
    """Answers the feed while it shows what is not held. Asked from a link; without one, that
    nothing can be had."""

    def __init__(self, requests: Requests, timeline: Timeline) -> None:
        self._requests = requests
        self._timeline = timeline
        self._run = object()
        """Renewed when what was asked for is of no use any more."""
        self._older_asked = self._newer_asked = False

    def go_to(self, message_id: int) -> None:
        """Show this message, in the middle of what surrounds it."""
        self.leave()

        def show(page: History) -> None:
            self._timeline.show_apart(page.messages, page.more, message_id)

        self._ask(message_id + AFTER + 1, show)

    def need_older(self, before_id: int) -> None:
        """Show what comes before this message."""
        self._older_asked = True

        def show(page: History) -> None:
            self._older_asked = False
            self._timeline.show_older_apart(page.messages, page.more)

        self._ask(before_id, show)

    def need_newer(self, after_id: int) -> None:
        """Show what comes after this message."""
        self._newer_asked = True

        def show(page: History) -> None:
            self._newer_asked = False
            self._timeline.show_newer_apart(page.messages, after_id)

        self._ask(after_id + PAGE_MESSAGES + 1, show)

    def leave(self) -> None:
        """Let go of what was asked for: the feed shows something else."""
        self._run = object()
        self._older_asked = self._newer_asked = False

    def end(self) -> None:
        """Answer what was asked for: the link is gone, and it will not come."""
        self._answer_nothing()
        self.leave()

    def _answer_nothing(self) -> None:
        if self._older_asked:
            self._older_asked = False
            self._timeline.show_nothing_more(is_newer=False)
        if self._newer_asked:
            self._newer_asked = False
            self._timeline.show_nothing_more(is_newer=True)

    def _ask(self, before_id: int, show: Callable[[History], None]) -> None:
        if not self._requests.is_linked:
            self._answer_nothing()
            return
        run = self._run
        self._timeline.expect_page()

        def answer(page: History) -> None:
            if self._run is run:
                show(page)
            else:
                self._timeline.expect_no_page()

        def refused(refusal: Refused) -> None:
            log.warning("history was refused: %s %s", refusal.code, refusal.detail)
            self._timeline.expect_no_page()
            if self._run is run:
                self._answer_nothing()

        self._requests.ask(
            lambda number: GetHistory(number, before_id, PAGE_MESSAGES), History, answer, refused
        )
