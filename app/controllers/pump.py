"""The one bridge between other threads and the main one.

The pump takes the events that wait, the network's and the desktop's, and lets the client
apply them, a bounded batch at a time, so that a flood never freezes the window: between
two turns Tk draws, and people type.

Whoever has an event for it wakes it (`app.waking.Waker`). So an idle client does nothing
at all; where it can't be woken it looks by itself.
"""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from app.clock import SYSTEM, Clock

EVERY_MS = 20
"""The least time between two turns. A turn in which nothing waits costs some hundred
microseconds."""

SURE_MS = 5_000
"""How soon an event is seen at the latest, should a wake-up be lost."""

UNWOKEN_MS = 100
"""The same where there are none."""

BATCH_EVENTS = 100
"""So many messages are stored and shown in well under a thirtieth of a second."""
BATCH_S = 0.015
"""No more batches in one turn once this time has passed."""


Event = TypeVar("Event")


class Source(Protocol[Event]):
    """Where events wait."""

    def take(self, most: int) -> list[Event]:
        """Return the next events, up to so many, without waiting."""


class _Line(Generic[Event]):
    """Events of one kind, and what applies them."""

    def __init__(self, source: Source[Event], apply: Callable[[list[Event]], None]) -> None:
        self._source = source
        self._apply = apply

    def carry(self) -> bool:
        """Apply the next batch. False: nothing waited."""
        events = self._source.take(BATCH_EVENTS)
        if events:
            self._apply(events)
        return bool(events)


class Timers(Protocol):
    """The main thread's timers, as Tk has them."""

    def after(self, ms: int, func: Callable[[], None], /) -> str:
        """Call this after so many milliseconds. Returns the timer's name."""

    def after_cancel(self, id: str, /) -> None:
        """Call it not."""


class Pump:
    """Runs on the main thread, by its timers and whenever it is woken. `is_woken`: whether
    somebody does that."""

    def __init__(self, timers: Timers, clock: Clock = SYSTEM, is_woken: bool = False) -> None:
        self._timers = timers
        self._clock = clock
        self._look_ms = SURE_MS if is_woken else UNWOKEN_MS
        self._lines: list[_Line[object]] = []
        self._timer = ""
        self._is_soon = False
        """Whether the timer waits for no longer than it has to."""
        self._running = False
        self._turned_at = 0.0

    def carry(self, source: Source[Event], apply: Callable[[list[Event]], None]) -> None:
        """Take what waits there, too, and let this apply it."""
        self._lines.append(_Line(source, apply))  # type: ignore[arg-type]

    def start(self) -> None:
        self._running = True
        self._turn()

    def stop(self) -> None:
        self._running = False

    def wake(self) -> None:
        """See what waits: now, or when the last turn is long enough ago."""
        if not self._running or self._is_soon:
            return
        if self._clock.monotonic_s() - self._turned_at >= EVERY_MS / 1000:
            self._turn()
        else:
            self._arm(EVERY_MS)

    def _arm(self, delay_ms: int) -> None:
        if self._timer:
            self._timers.after_cancel(self._timer)
        self._is_soon = delay_ms <= EVERY_MS
        self._timer = self._timers.after(delay_ms, self._due)

    def _due(self) -> None:
        self._timer = ""
        self._is_soon = False
        if self._running:
            self._turn()

    def _turn(self) -> None:
        self._turned_at = self._clock.monotonic_s()
        # Armed first: whatever goes wrong with a batch, the next one comes soon.
        self._arm(EVERY_MS)
        until = self._turned_at + BATCH_S
        for line in self._lines:
            while line.carry():
                if self._clock.monotonic_s() >= until or not self._running:
                    return
        self._arm(self._look_ms)
