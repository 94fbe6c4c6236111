"""Opening a web address in the person's browser."""

import logging
import webbrowser

from app.controllers.common.background_calls import Aside
from app.controllers.common.requests import Later
from app.models.listing import Why
from app.models.operation import Errand

log = logging.getLogger(__name__)

LIMIT_S = 15.0
"""A browser that is started may take this long to take an address."""


class LinkOpener:
    """Finding and starting a browser may take seconds, so it is done aside. That
    it failed is told as how the last errand went."""

    def __init__(self, later: Later, errand: Errand) -> None:
        self._aside = Aside("browser", later)
        self._errand = errand

    def open(self, url: str) -> None:
        """Open this address."""
        self._aside.ask(lambda: _open(url), False, self._opened, LIMIT_S)

    def _opened(self, is_open: bool) -> None:
        if not is_open and not self._errand.is_under_way:
            self._errand.refuse(Why("link_not_opened"))


def _open(url: str) -> bool:
    try:
        return webbrowser.open(url)
    except Exception as error:  # systems raise what they like
        log.warning("an address could not be opened: %s", error)
        return False
