"""Post scheduled messages when their time has come.

Used from the reactor's thread only.
"""

from server.background.receipt_tracker import ReceiptTracker
from server.background.ticking import Ticker
from server.clock import Clock
from server.domain.messages import schedule
from server.domain.room import Room
from server.storage.executor import StoreExecutor
from server.transport.reactor import Reactor

MAX_AT_ONCE = 50
"""Messages that are posted in one transaction; the rest follows a second later."""


class ScheduledPosts:
    """Lets everyone hear what is due, and administrators what waits for them."""

    def __init__(
        self,
        reactor: Reactor,
        storage: StoreExecutor,
        room: Room,
        receipt_tracker: ReceiptTracker,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._room = room
        self._receipt_tracker = receipt_tracker
        self._clock = clock
        self._ticker = Ticker(reactor, self._look, "scheduled messages could not be posted")

    def close(self) -> None:
        """Leave what comes due from now on to the next start."""
        self._ticker.close()

    async def _look(self) -> None:
        # Known here, as all changes are: nothing is read while nothing is due.
        next_at_ms = self._room.upcoming.next_at_ms
        if next_at_ms and next_at_ms <= self._clock.now_ms():
            await self._post()

    async def _post(self) -> None:
        now_ms = self._clock.now_ms()
        posted, upcoming = await self._storage.write(
            lambda store: (
                schedule.post_due(store, now_ms, MAX_AT_ONCE),
                store.schedule.upcoming(),
            )
        )
        for message in posted:
            self._room.publish(message)
        if posted:
            self._receipt_tracker.counts_changed()
        self._room.set_upcoming(upcoming)
