"""A server's clock that a test sets."""

import time

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
