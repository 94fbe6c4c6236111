"""How long a test waits for what other processes have to bring about."""

from protocol.limits import ANSWER_TIMEOUT_S, PING_WHEN_QUIET_S

WAIT_S = PING_WHEN_QUIET_S + ANSWER_TIMEOUT_S + 20.0
"""Seconds until a wait has failed. They leave a client the time to find out by
itself that its server is dead: not every system ends the connections of a killed
process (under wine, one that is killed while it receives leaves them open)."""
