"""One connection's conversation, without the connection: no socket, no thread,
and the time is told to it.

It says hello, notices when the other side has gone quiet for too long, and
pings when this side has.
"""

from collections.abc import Iterator

from protocol.connection import ClientConnection
from protocol.limits import ANSWER_TIMEOUT_S, PING_WHEN_QUIET_S, PROTOCOL_VERSION
from protocol.messages import FromClient, FromServer, Hello, Ping
from protocol.states import State

HELLO_REQUEST = 1
"""Hello's number; other requests of a link are numbered from 2 on."""


class Broken(Exception):
    """Nothing came back in time: the connection only looks alive."""


class Link:
    """One connection from its first byte to its last. Times are seconds of
    one monotonic clock."""

    def __init__(self, agent: str, now: float) -> None:
        self._connection = ClientConnection()
        self._agent = agent
        self._begun = now
        self._last_sent = now
        self._unanswered_since: float | None = None
        self._pings = 0

    def hello(self, now: float) -> bytes:
        """Return the first bytes to send."""
        message = Hello(HELLO_REQUEST, PROTOCOL_VERSION, PROTOCOL_VERSION, self._agent)
        return self.send(message, now)

    def send(self, message: FromClient, now: float) -> bytes:
        """Return the bytes to send for a message. Raises IllegalMessage."""
        data = self._connection.send(message)
        self._last_sent = now
        if self._unanswered_since is None:
            self._unanswered_since = now
        return data

    def receive(self, data: bytes, now: float) -> Iterator[FromServer]:
        """Return what the server said. Raises ServerError or FrameTooLarge where it is no
        server that can be talked to."""
        self._unanswered_since = None
        self._connection.receive(data)
        return self._connection.incoming()

    @property
    def deadline(self) -> float:
        """When `tick` next has something to do."""
        quiet = self._last_sent + PING_WHEN_QUIET_S
        answer_by = self._answer_by
        return quiet if answer_by is None else min(quiet, answer_by)

    def excuse(self, now: float) -> None:
        """Count nothing as late: what came until now was not read."""
        if self._unanswered_since is not None:
            self._unanswered_since = now

    def tick(self, now: float) -> bytes:
        """Return the bytes to send now that time has passed, if any. Raises Broken."""
        answer_by = self._answer_by
        if answer_by is not None and now >= answer_by:
            raise Broken
        if now - self._last_sent >= PING_WHEN_QUIET_S:
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
        return self._unanswered_since + ANSWER_TIMEOUT_S

    def probe(self, now: float) -> bytes:
        """Ask at once whether the server is still there."""
        if not self._connection.may_send(Ping):
            return b""
        self._pings += 1
        return self.send(Ping(self._pings), now)
