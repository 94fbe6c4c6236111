"""When to try again.

Exponential back-off with full jitter (Brooker, "Exponential Backoff And
Jitter", AWS Architecture Blog, 2015): the n-th wait is drawn evenly between
nothing and a bound that doubles, so that clients which lost the same server do
not come back at the same moment.
"""

import random
from collections.abc import Callable

import msgspec


class BackoffPolicy(msgspec.Struct, frozen=True):
    """The bounds, in seconds."""

    first_s: float = 1.0
    cap_s: float = 30.0
    stable_s: float = 10.0
    """A connection that lived this long wipes out the failures before it; the
    first attempt after it is made at once."""


LONGEST_FLOOR_S = 600.0
"""The longest wait that a server is granted. A server that asks for more has
a clock or a mind that is not to be relied on."""


class Backoff:
    """How often it has failed, and what that means for the next wait."""

    def __init__(self, policy: BackoffPolicy, chance: Callable[[], float] = random.random) -> None:
        self._policy = policy
        self._chance = chance
        self._failures = 0

    def after_break(self, lived_s: float, floor_s: float = 0.0) -> float:
        """Return seconds to wait after a connection that lived so long. The server may
        have asked for a wait of `floor_s`."""
        if lived_s >= self._policy.stable_s:
            self._failures = 0
        return self._next(floor_s)

    def after_failure(self) -> float:
        """Return seconds to wait after an attempt that led to no connection."""
        self._failures = max(self._failures, 1)
        return self._next(0.0)

    def reset(self) -> None:
        """Begin anew: another server, or a person said "now"."""
        self._failures = 0

    def _next(self, floor_s: float) -> float:
        floor_s = min(floor_s, LONGEST_FLOOR_S)
        failures, self._failures = self._failures, self._failures + 1
        if failures == 0:
            return floor_s
        # The exponent is bounded, or a week offline would overflow a float.
        bound_s = min(self._policy.cap_s, self._policy.first_s * float(1 << min(failures - 1, 30)))
        return floor_s + self._chance() * bound_s
