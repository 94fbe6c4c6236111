"""What has to be done in the room when its time comes, without anybody asking.

Once a second it looks, by one read, whether something is due: so it does not
matter whether the clock was set, the machine slept or the server was down, nor
who did what it follows from. Used from the reactor's thread only.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future

from protocol.messages import RoomMessage
from server.domain import message_actions
from server.domain.room import Room
from server.domain.store import Store
from server.storage.executor import StoreExecutor
from server.transport.reactor import Reactor

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0

MAX_AT_ONCE = 100
"""Messages that expire in one transaction; the rest follows a second later."""


class ExpiryScheduler:
    """Lets messages expire, and what was withdrawn be gone from the files. `now_ms`
    is the wall clock."""

    def __init__(
        self,
        reactor: Reactor,
        storage: StoreExecutor,
        room: Room,
        now_ms: Callable[[], int],
    ) -> None:
        self._reactor = reactor
        self._storage = storage
        self._room = room
        self._now_ms = now_ms
        self._is_busy = self._is_scrubbing = False
        self._timer = reactor.call_later(LOOK_EVERY_S, self._tick)

    def close(self) -> None:
        """Whatever comes due now waits for the next start."""
        self._timer.cancel()
        self._is_busy = True

    def _tick(self) -> None:
        self._timer = self._reactor.call_later(LOOK_EVERY_S, self._tick)
        if self._is_busy:
            return
        self._is_busy = True
        now_ms = self._now_ms()
        self._storage.read(
            lambda store: (bool(store.history.expired(now_ms, 1)), store.scrubber.is_due),
            self._looked,
        )

    def _looked(self, outcome: Future[tuple[bool, bool]]) -> None:
        has_expired, is_scrub_due = (False, False) if outcome.exception() else outcome.result()
        if is_scrub_due and not self._is_scrubbing:
            self._is_scrubbing = True
            self._storage.tidy(lambda store: store.scrubber.scrub(), self._scrubbed)
        if not has_expired:
            self._is_busy = False
            return
        now_ms = self._now_ms()

        def job(store: Store) -> tuple[list[RoomMessage], list[RoomMessage]]:
            return message_actions.expire(store, now_ms, MAX_AT_ONCE), store.history.pinned()

        self._storage.write(job, self._expired)

    def _expired(self, outcome: Future[tuple[list[RoomMessage], list[RoomMessage]]]) -> None:
        self._is_busy = False
        error = outcome.exception()
        if error is not None:
            log.warning("messages whose time has come could not be withdrawn: %s", error)
            return
        changed, pinned = outcome.result()
        for message in changed:
            self._room.publish(message)
        self._room.set_pinned(pinned)

    def _scrubbed(self, outcome: Future[bool]) -> None:
        # Where somebody was at the file, the next look finds it due again.
        self._is_scrubbing = False
        error = outcome.exception()
        if error is not None:
            log.warning("what was withdrawn is not gone from the files yet: %s", error)
