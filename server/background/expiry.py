"""Withdraw messages whose time has come, and scrub what was withdrawn, its files included.

Used from the reactor's thread only.
"""

import logging

from server.background.ticking import Ticker
from server.clock import Clock
from server.domain.messages import message_actions
from server.domain.messages.attachments import UNUSED_KEPT_MS
from server.domain.room import Room
from server.storage.executor import StoreExecutor
from server.transport.jobs import start_unwatched
from server.transport.reactor import Reactor

log = logging.getLogger(__name__)

TIDY_EVERY_S = 3600.0

MAX_AT_ONCE = 100
"""Messages that expire in one transaction; the rest follows a second later."""


class ExpiryScheduler:
    """Lets messages expire, and what was withdrawn be gone from the files."""

    def __init__(
        self,
        reactor: Reactor,
        storage: StoreExecutor,
        room: Room,
        clock: Clock,
    ) -> None:
        self._storage = storage
        self._room = room
        self._clock = clock
        self._is_scrubbing = self._is_tidying = False
        self._tidy_at_s = 0.0
        """When is looked for files that nobody has sent on or posted, by the steady clock."""
        self._ticker = Ticker(
            reactor, self._look, "messages whose time has come could not be withdrawn"
        )

    def close(self) -> None:
        """Leave what comes due from now on to the next start."""
        self._ticker.close()

    async def _look(self) -> None:
        now_ms = self._clock.now_ms()
        has_expired, is_scrub_due, is_tidy_due = await self._storage.read(
            lambda store: (
                bool(store.history.expired(now_ms, 1)),
                store.scrubber.is_due,
                store.attachments.is_tidy_due,
            )
        )
        now_s = self._clock.monotonic_s()
        if (is_tidy_due or now_s >= self._tidy_at_s) and not self._is_tidying:
            self._tidy_at_s = now_s + TIDY_EVERY_S
            start_unwatched(self._tidy(now_ms))
        if is_scrub_due and not self._is_scrubbing:
            start_unwatched(self._scrub())  # beside the rest: it may take long
        if has_expired and not self._ticker.is_closed:
            await self._expire()

    async def _expire(self) -> None:
        now_ms = self._clock.now_ms()
        expired, pinned = await self._storage.write(
            lambda store: (
                message_actions.expire(store, now_ms, MAX_AT_ONCE),
                store.history.pinned(),
            )
        )
        for message in expired:
            self._room.publish(message)
        self._room.set_pinned(pinned)

    async def _tidy(self, now_ms: int) -> None:
        self._is_tidying = True
        try:
            await self._storage.tidy(lambda store: store.attachments.tidy(now_ms - UNUSED_KEPT_MS))
        except Exception as error:
            log.warning("files that go with no message are not gone yet: %s", error)
        finally:
            self._is_tidying = False

    async def _scrub(self) -> None:
        self._is_scrubbing = True
        try:
            # Where somebody is at the file, the next look finds it due again.
            await self._storage.tidy(lambda store: store.scrubber.scrub())
        except Exception as error:
            log.warning("what was withdrawn is not gone from the files yet: %s", error)
        finally:
            self._is_scrubbing = False
