"""Who is let in: caps on connections, in all, of one address, and of those on
which nobody signs in. Used from the reactor's thread only."""

from collections import Counter
from typing import Protocol

from protocol.refusals import Farewell
from server.settings import Settings
from server.throttle import network_of

RETRY_MS = 30_000


class Connection(Protocol):
    """One connection, as far as it matters here."""

    @property
    def address(self) -> str:
        """The IP address that it comes from."""

    def goodbye(self, code: Farewell, retry_after_ms: int = 0) -> None:
        """Send it away."""


class Admission:
    """Counts the connections and knows those on which nobody is signed in.

    Where too many of those wait, the longest-standing one has to go: who holds
    connections without signing in keeps nobody else out.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_network: Counter[str] = Counter()
        self._strangers: dict[Connection, None] = {}
        """In the order in which they came."""

    def refusal(self, address: str) -> Farewell | None:
        """Why nobody else may connect from this address now; None: welcome."""
        if self._by_network.total() >= self._settings.connections:
            return Farewell.ROOM_FULL
        if self._by_network[network_of(address)] >= self._settings.max_connections_per_address:
            return Farewell.TOO_MANY_CONNECTIONS
        return None

    def entered(self, connection: Connection) -> None:
        """A new connection, on which nobody is signed in."""
        self._by_network[network_of(connection.address)] += 1
        self._strangers[connection] = None
        self._make_room()

    def left(self, connection: Connection) -> None:
        """The connection is over."""
        network = network_of(connection.address)
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]
        self._strangers.pop(connection, None)

    def signed_in(self, connection: Connection) -> None:
        """Somebody has signed in on it."""
        self._strangers.pop(connection, None)

    def signed_out(self, connection: Connection) -> None:
        """Nobody is signed in on it any more."""
        self._strangers[connection] = None
        self._make_room()

    def _make_room(self) -> None:
        if len(self._strangers) > self._settings.not_signed_in:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            oldest.goodbye(Farewell.TOO_MANY_CONNECTIONS, RETRY_MS)
