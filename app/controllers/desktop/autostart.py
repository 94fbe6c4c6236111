"""Whether the program starts with the system: asked and set aside, for the system's list
may lie on a network's drive."""

import logging

from app.clock import SYSTEM, Clock
from app.controllers.common.background_calls import BackgroundCalls
from app.controllers.common.requests import Later
from app.desktop.autostart import Autostart
from app.models.pages.desktop import DesktopModel

log = logging.getLogger(__name__)

LIMIT_S = 5.0


class AutostartController:
    """Main thread only. Without a list of the system's nothing is known of it."""

    def __init__(
        self,
        later: Later,
        autostart: Autostart | None,
        model: DesktopModel,
        clock: Clock = SYSTEM,
    ) -> None:
        self._calls = BackgroundCalls("autostart", later, clock)
        self._autostart = autostart
        self._model = model

    def look(self) -> None:
        """Find out how things stand: the system's own settings may have changed it."""
        if (autostart := self._autostart) is not None:
            self._calls.ask(lambda: _look(autostart), None, self._model.set_starts, LIMIT_S)

    def set(self, is_on: bool) -> None:
        """Have the program start with the system, or not."""
        if (autostart := self._autostart) is None:
            return

        def told(starts: bool | None) -> None:
            self._model.set_starts(starts, has_failed=starts is not is_on)

        self._calls.ask(lambda: _set(autostart, is_on), None, told, LIMIT_S)


def _look(autostart: Autostart) -> bool | None:
    try:
        return autostart.is_on()
    except OSError as error:
        log.info("whether the program starts with the system is not known: %s", error)
        return None


def _set(autostart: Autostart, is_on: bool) -> bool | None:
    try:
        autostart.set(is_on)
    except OSError as error:
        log.warning("starting with the system can't be changed: %s", error)
    return _look(autostart)
