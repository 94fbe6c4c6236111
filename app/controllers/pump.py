"""The one bridge between other threads and the main one.

A pump takes the events that wait and lets the client apply them, a bounded
batch at a time, so that a flood never freezes the window: between two batches
Tk draws, and people type. There is one for the network and one for the desktop.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from app.clock import SYSTEM, Clock

EVERY_MS = 20
"""How soon an event is seen at the latest. An idle turn costs some ten
microseconds."""

BATCH_EVENTS = 100
"""So many messages are stored and shown in well under a thirtieth of a second."""
BATCH_S = 0.015
"""No more batches in one turn once this time has passed."""


Event = TypeVar("Event")


class Source(Protocol[Event]):
    """Where events wait."""

    def take(self, most: int) -> list[Event]:
        """Return the next events, up to so many, without waiting."""


class Pump(Generic[Event]):
    """Runs on the main thread, by its `after(milliseconds, function)`."""

    def __init__(
        self,
        source: Source[Event],
        apply: Callable[[list[Event]], None],
        after: Callable[[int, Callable[[], None]], object],
        clock: Clock = SYSTEM,
        every_ms: int = EVERY_MS,
    ) -> None:
        self._clock = clock
        self._every_ms = every_ms
        self._source = source
        self._apply = apply
        self._after = after
        self._running = False

    def start(self) -> None:
        self._running = True
        self._turn()

    def stop(self) -> None:
        self._running = False

    def _turn(self) -> None:
        if not self._running:
            return
        # Armed first: whatever goes wrong with a batch, the next one comes.
        self._after(self._every_ms, self._turn)
        until = self._clock.monotonic_s() + BATCH_S
        while events := self._source.take(BATCH_EVENTS):
            self._apply(events)
            if self._clock.monotonic_s() >= until or not self._running:
                return
