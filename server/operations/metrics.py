"""What the server counts of itself: plain numbers, which cost next to nothing.

Written by the reactor's thread, but for what is told of commits, which the
writer's thread writes. Read by any thread; each number is whole by itself.
"""

import bisect
from collections import Counter
from dataclasses import dataclass, field

COMMIT_BOUNDS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
LAG_BOUNDS_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)


class Histogram:
    """How values are spread over buckets; `bounds` are their upper ends."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one more value."""
        self.counts[bisect.bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass
class Metrics:
    """Since the server started."""

    connections: int = 0
    """Taken in, whether they are still there or not."""
    turned_away: Counter[str] = field(default_factory=Counter)
    """Connections not taken in, by the reason."""
    lagged: int = 0
    """How often a peer read too slowly and had to catch up."""
    commits: Histogram = field(default_factory=lambda: Histogram(COMMIT_BOUNDS_S))
    """Seconds that a group of writes took, from its first job to the disk."""
    store_error: str = ""
    """Why the store could not be written the last time; empty if it could."""

    def wrote(self, seconds: float, error: str) -> None:
        """Note how long a group of writes took, and what went wrong (empty: nothing)."""
        self.commits.add(seconds)
        self.store_error = error


@dataclass(frozen=True)
class Snapshot:
    """What was there when the reactor last looked, and when: in seconds on the
    monotonic clock."""

    at: float
    posts: int = 0
    deliveries: int = 0
    """Messages handed to a connection: one for each that hears it."""
    sign_ins_refused: int = 0
    connections: int = 0
    signed_in: int = 0
    people_online: int = 0
    members: int = 0
    messages: int = 0
    send_queue_bytes: int = 0
    writes_waiting: int = 0
    reads_waiting: int = 0
    hashes_waiting: int = 0
