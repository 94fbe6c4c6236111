"""Look once a second whether something is due.

So it does not matter whether the clock was set, the machine slept or the server was
down, nor who did what it follows from. Used from the reactor's thread only.
"""

import logging
from collections.abc import Callable

from server.transport.jobs import Steps, start_unwatched
from server.transport.reactor import Reactor

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class Ticker:
    """Calls `look`, a coroutine, unless its last call is not done. `trouble` says what has
    gone wrong where it raises: the next look finds the same due again."""

    def __init__(self, reactor: Reactor, look: Callable[[], Steps[None]], trouble: str) -> None:
        self._reactor = reactor
        self._look = look
        self._trouble = trouble
        self._is_looking = False
        self.is_closed = False
        self._timer = reactor.call_later(LOOK_EVERY_S, self._tick)

    def close(self) -> None:
        """Leave what comes due from now on to the next start."""
        self._timer.cancel()
        self.is_closed = True

    def _tick(self) -> None:
        self._timer = self._reactor.call_later(LOOK_EVERY_S, self._tick)
        if not self._is_looking:
            start_unwatched(self._look_once())

    async def _look_once(self) -> None:
        self._is_looking = True
        try:
            await self._look()
        except Exception as error:
            log.warning("%s: %s", self._trouble, error)
        finally:
            self._is_looking = False
