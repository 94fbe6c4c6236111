"""How long a test waits for what other processes and threads have to bring about."""

import time
from collections.abc import Callable

from protocol.limits import ANSWER_TIMEOUT_S, PING_WHEN_QUIET_S

WAIT_S = PING_WHEN_QUIET_S + ANSWER_TIMEOUT_S + 20.0
"""Seconds until a wait has failed. They leave a client the time to find out by
itself that its server is dead: not every system ends the connections of a killed
process (under wine, one that is killed while it receives leaves them open)."""


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until this holds, which another thread brings about."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"waited {WAIT_S} s {what}"
        time.sleep(0.002)
