"""Tell the time: the one place in the server that asks the system for it.

A clock is handed to whatever needs the time, so that tests can set it.
"""

import time


class Clock:
    """The system's clocks."""

    def now_ms(self) -> int:
        """Return milliseconds since 1970 (UTC), for people. It can be set back: never
        measure with it."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Return seconds that only rise, from an arbitrary start: for deadlines."""
        return time.monotonic()

    def precise_s(self) -> float:
        """Return the same of the finest clock there is, with a start of its own: for
        how long something took."""
        return time.perf_counter()


SYSTEM = Clock()
