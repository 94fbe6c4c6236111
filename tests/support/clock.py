"""Clocks that a test sets, the server's and the client's."""

import time
from datetime import datetime

import app.clock
from server.clock import Clock


class TestClock(Clock):
    """The system's clocks until a test says otherwise."""

    __test__ = False

    def __init__(self) -> None:
        self.set_ms: int | None = None
        """What the wall clock shows, in milliseconds since 1970; None: what it is."""
        self.ahead_s = 0.0
        """By how much the monotonic clock is ahead of the system's."""

    def now_ms(self) -> int:
        return super().now_ms() if self.set_ms is None else self.set_ms

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.ahead_s


class StandingClock(TestClock):
    """The same, but its monotonic clock stands still until it is put forward."""

    def __init__(self) -> None:
        super().__init__()
        self._now_s = time.monotonic()

    def monotonic_s(self) -> float:
        return self._now_s

    def forward(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._now_s += seconds


class ClientClock(app.clock.Clock):
    """The system's clocks until a test says otherwise."""

    def __init__(self) -> None:
        self.ahead_ms = 0
        """By how much the wall clock is ahead of the system's: it was set."""
        self.stands_at_ms: int | None = None
        """What the wall clock shows, in milliseconds since 1970; None: it goes on."""
        self.stands_at_s: float | None = None
        """What the monotonic clock shows; None: it goes on."""

    def stop_at(self, moment: datetime) -> None:
        """Let the wall clock stand at this moment of the local time zone."""
        self.stands_at_ms = round(moment.timestamp() * 1000)

    def forward(self, seconds: float) -> None:
        """Let so much time pass at once on the monotonic clock, which stands."""
        assert self.stands_at_s is not None
        self.stands_at_s += seconds

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms if self.stands_at_ms is None else self.stands_at_ms

    def monotonic_s(self) -> float:
        return super().monotonic_s() if self.stands_at_s is None else self.stands_at_s
