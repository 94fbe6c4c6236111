"""Slows down who fails too often, and who asks too fast.

Times are in seconds of one steady clock. It all lives in memory: a restart
forgives, and costs an attacker more than it gives.
"""

import ipaddress
from collections import Counter, OrderedDict
from collections.abc import Hashable
from functools import lru_cache

FIRST_WAIT_S = 1.0

FORGET_AFTER_S = 1800.0
"""Twice the longest wait: who waits it out does not begin anew."""

MAX_KEYS = 10_000
"""Remembered at most of each kind; the one unused for longest is forgotten."""


class Throttle:
    """Counts failures by key: `free` of them cost nothing, then each further one
    makes the next wait twice as long, up to `longest_wait_s`."""

    def __init__(self, free: int, longest_wait_s: float) -> None:
        self._free = free
        self._longest_wait_s = longest_wait_s
        self._failures: OrderedDict[Hashable, tuple[int, float]] = OrderedDict()
        """How many, and when the last was."""
        self._undecided: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        return len(self._failures)

    def wait_s(self, key: Hashable, now: float) -> float:
        """Return how long until this key may try again; 0: now."""
        count, last = self._count(key, now)
        if count < self._free:
            return 0.0
        # The exponent is bounded, or the wait would outgrow a float.
        wait = FIRST_WAIT_S * 2.0 ** min(count - self._free, 30)
        return max(0.0, last + min(wait, self._longest_wait_s) - now)

    def is_crowded(self, key: Hashable, now: float) -> bool:
        """Tell whether as many tries are under way as could still fail at no cost: many
        at once are no way around."""
        undecided = self._undecided[key]
        return undecided > 0 and self._count(key, now)[0] + undecided >= self._free

    def enter(self, key: Hashable) -> None:
        """Count a try that begins."""
        self._undecided[key] += 1

    def leave(self, key: Hashable) -> None:
        """Count one try less under way: it is decided."""
        self._undecided[key] -= 1
        if not self._undecided[key]:
            del self._undecided[key]

    def fail(self, key: Hashable, now: float) -> None:
        """Count one more failure."""
        count, _ = self._count(key, now)
        self._failures.pop(key, None)
        self._failures[key] = (count + 1, now)
        if len(self._failures) > MAX_KEYS:
            self._failures.popitem(last=False)

    def forget(self, key: Hashable) -> None:
        """Forget the failures under this key."""
        self._failures.pop(key, None)

    def _count(self, key: Hashable, now: float) -> tuple[int, float]:
        count, last = self._failures.get(key, (0, now))
        return (0, now) if now - last > FORGET_AFTER_S else (count, last)


class TokenBucket:
    """How fast one session may ask: a token bucket that holds one second's
    worth. Times are in seconds of one steady clock."""

    __slots__ = ("_left", "_rate", "_seen")

    def __init__(self, per_second: int, now: float) -> None:
        self._rate = float(per_second)
        self._left = self._rate
        self._seen = now

    def take(self) -> None:
        """Take a token: something was asked."""
        self._left -= 1.0

    def wait_s(self, now: float) -> float:
        """Return how long until the next may be asked; 0: now."""
        self._left = min(self._rate, self._left + (now - self._seen) * self._rate)
        self._seen = now
        return 0.0 if self._left >= 1.0 else (1.0 - self._left) / self._rate


@lru_cache(MAX_KEYS)
def network_of(address: str) -> str:
    """Return what one person is taken to have: an IPv4 address, or an IPv6 /64, of which
    a single machine has all addresses (RFC 4291, section 2.5.4)."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))
