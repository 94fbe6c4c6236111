"""One connection's conversation, without the connection: no socket, no thread,
and the time is told to it.

It says hello, notices when the other side has gone quiet for too long, and
pings when this side has.
"""

import random
from collections.abc import Callable, Iterator

from protocol.connection import ClientConnection
from protocol.limits import ANSWER_TIMEOUT_S, PING_WHEN_QUIET_S, PROTOCOL_VERSION
from protocol.messages import FromClient, FromServer, Hello, Ping
from protocol.states import State

HELLO_REQUEST = 1
"""Hello's number; other requests of a link are numbered from 2 on."""

PING_SOONER = 1 / 3
"""The part of PING_WHEN_QUIET_S by which a ping comes sooner at most."""


class Broken(Exception):
    """Nothing came back in time: the connection only looks alive."""


class Link:
    """One connection from its first byte to its last. Times are seconds of
    one monotonic clock."""

    def __init__(self, agent: str, now: float, chance: Callable[[], float] = random.random) -> None:
        self._connection = ClientConnection()
        self._agent = agent
        self._chance = chance
        self._begun = now
        self._ping_at = now + PING_WHEN_QUIET_S
        self._unanswered_since: float | None = None
        self._pings = 0
        self._patience_s = ANSWER_TIMEOUT_S
        """How long the server may be silent when something was said to it."""

    def hello(self, now: float) -> bytes:
        """Return the first bytes to send."""
        message = Hello(HELLO_REQUEST, PROTOCOL_VERSION, PROTOCOL_VERSION, self._agent)
        return self.send(message, now)

    def send(self, message: FromClient, now: float) -> bytes:
        """Return the bytes to send for a message. Raises IllegalMessage."""
        data = self._connection.send(message)
        # Ten thousand may say the same in the same second, that they are back, or have
        # seen a message, and are not to ping in the same second for ever after.
        self._ping_at = now + PING_WHEN_QUIET_S * (1 - PING_SOONER * self._chance())
        if self._unanswered_since is None:
            self._unanswered_since = now
        return data

    def receive(self, data: bytes, now: float) -> Iterator[FromServer]:
        """Return what the server said. Raises ServerError or FrameTooLarge where it is no
        server that can be talked to."""
        self._unanswered_since = None
        self._patience_s = ANSWER_TIMEOUT_S
        self._connection.receive(data)
        return self._connection.incoming()

    @property
    def deadline(self) -> float:
        """When `tick` next has something to do."""
        answer_by = self._answer_by
        return self._ping_at if answer_by is None else min(self._ping_at, answer_by)

    def excuse(self, now: float) -> None:
        """Count nothing as late: what came until now was not read."""
        if self._unanswered_since is not None:
            self._unanswered_since = now

    def tick(self, now: float) -> bytes:
        """Return the bytes to send now that time has passed, if any. Raises Broken."""
        answer_by = self._answer_by
        if answer_by is not None and now >= answer_by:
            raise Broken
        if now >= self._ping_at:
            return self.probe(now)
        return b""

    @property
    def _answer_by(self) -> float | None:
        # Only a greeting counts at first: whatever else comes, an echo of our
        # own bytes say, there is no server yet.
        if self._connection.state is State.AWAITING_WELCOME:
            return self._begun + ANSWER_TIMEOUT_S
        if self._unanswered_since is None:
            return None
        return self._unanswered_since + self._patience_s

    def probe(self, now: float, within_s: float = ANSWER_TIMEOUT_S) -> bytes:
        """Ask at once whether the server is still there, and take it for gone if it says
        nothing for so long."""
        self._patience_s = within_s
        if not self._connection.may_send(Ping):
            return b""
        self._pings += 1
        return self.send(Ping(self._pings), now)
