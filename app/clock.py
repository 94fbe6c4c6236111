"""Tell the time: the one place in the client that asks the system for it.

A clock is handed to whatever needs the time, so that tests can set it.
"""

import time
from datetime import datetime


class Clock:
    """The system's clocks."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970 (UTC). People set this clock, and so do
        networks: never measure with it."""
        return time.time_ns() // 1_000_000

    def now(self) -> datetime:
        """Return the same moment in the local time zone, for people to read. It is
        naive: it names no zone."""
        return datetime.fromtimestamp(self.now_ms() / 1000)

    def monotonic_s(self) -> float:
        """Return seconds that only rise, from an arbitrary start: for deadlines."""
        return time.monotonic()


SYSTEM = Clock()
