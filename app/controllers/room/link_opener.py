"""Opening a web address in the person's browser."""

import logging
import webbrowser

from app.clock import SYSTEM, Clock
from app.controllers.common.background_calls import BackgroundCalls
from app.controllers.common.requests import Later
from app.models.listing import Reason
from app.models.operation import Operation

log = logging.getLogger(__name__)

LIMIT_S = 15.0
"""A browser that is started may take this long to take an address."""


class LinkOpener:
    """Finding and starting a browser may take seconds, so it is done aside. That
    it failed is told as how the last operation went."""

    def __init__(self, later: Later, operation: Operation, clock: Clock = SYSTEM) -> None:
        self._background_calls = BackgroundCalls("browser", later, clock)
        self._operation = operation

    def open(self, url: str) -> None:
        """Open this address."""
        self._background_calls.ask(lambda: _open(url), False, self._opened, LIMIT_S)

    def _opened(self, is_open: bool) -> None:
        if not is_open and not self._operation.is_under_way:
            self._operation.refuse(Reason("link_not_opened"))


def _open(url: str) -> bool:
    try:
        return webbrowser.open(url)
    except Exception as error:  # systems raise what they like
        log.warning("an address could not be opened: %s", error)
        return False
