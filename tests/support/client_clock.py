"""A client's clock that a test sets."""

from datetime import datetime

from app.clock import Clock


class TestClock(Clock):
    """The system's clocks until a test says otherwise."""

    __test__ = False

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

    def now_ms(self) -> int:
        return super().now_ms() + self.ahead_ms if self.stands_at_ms is None else self.stands_at_ms

    def monotonic_s(self) -> float:
        return super().monotonic_s() if self.stands_at_s is None else self.stands_at_s
