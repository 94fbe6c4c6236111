"""One connection's conversation, without the connection: no socket, no thread,
and the time is told to it.

It says hello, notices when the other side has gone quiet for too long, and
pings when this side has.
"""

from collections.abc import Iterator

from protocol.connection import ClientConnection
from protocol.limits import ANSWER_TIMEOUT_S, PING_WHEN_QUIET_S, PROTOCOL_VERSION
from protocol.messages import FromClient, FromServer, Hello, Ping

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
        self._last_sent = now
        self._unanswered_since: float | None = None
        self._pings = 0

    def hello(self, now: float) -> bytes:
        """The first bytes to send."""
        message = Hello(HELLO_REQUEST, PROTOCOL_VERSION, PROTOCOL_VERSION, self._agent)
        return self.send(message, now)

    def send(self, message: FromClient, now: float) -> bytes:
        """The bytes to send for a message. Raises IllegalMessage."""
        data = self._connection.send(message)
        self._last_sent = now
        if self._unanswered_since is None:
            self._unanswered_since = now
        return data

    def receive(self, data: bytes, now: float) -> Iterator[FromServer]:
        """What the server said. Raises ServerError or FrameTooLarge where it is
        no server that can be talked to."""
        self._unanswered_since = None
        self._connection.receive(data)
        return self._connection.incoming()

    @property
    def deadline(self) -> float:
        """When `tick` next has something to do."""
        quiet = self._last_sent + PING_WHEN_QUIET_S
        if self._unanswered_since is None:
            return quiet
        return min(quiet, self._unanswered_since + ANSWER_TIMEOUT_S)

    def tick(self, now: float) -> bytes:
        """The bytes to send now that time has passed, if any. Raises Broken."""
        if self._unanswered_since is not None and now - self._unanswered_since >= ANSWER_TIMEOUT_S:
            raise Broken
        if now - self._last_sent >= PING_WHEN_QUIET_S:
            return self.probe(now)
        return b""

    def probe(self, now: float) -> bytes:
        """Ask at once whether the server is still there."""
        if not self._connection.may_send(Ping):
            return b""
        self._pings += 1
        return self.send(Ping(self._pings), now)
