"""Who is let in: caps on connections, in all, of one address, and of those on
which nobody signs in. Used from the reactor's thread only."""

import itertools
from collections import Counter
from typing import Protocol

from protocol.refusals import Farewell
from server.sessions.rate_limits import network_of
from server.settings import Settings

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

    Where too many of those wait, the longest-standing one of the address that
    holds most of them has to go: who holds connections without signing in keeps
    nobody else out, and drives nobody out who comes from elsewhere.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._by_network: Counter[str] = Counter()
        self._count = 0
        """How many there are in all: to add them up takes long where they come from
        ten thousand addresses."""
        self._places = itertools.count()
        self._strangers: dict[str, dict[Connection, int]] = {}
        """By network, in the order in which they came, with their place in it."""
        self._strangers_count = 0

    def refusal(self, address: str) -> Farewell | None:
        """Return why nobody else may connect from this address now; None: welcome."""
        if self._count >= self._settings.connections:
            return Farewell.ROOM_FULL
        if self._by_network[network_of(address)] >= self._settings.max_connections_per_address:
            return Farewell.TOO_MANY_CONNECTIONS
        return None

    def entered(self, connection: Connection) -> None:
        """Count a new connection, on which nobody is signed in."""
        self._by_network[network_of(connection.address)] += 1
        self._count += 1
        self._add_stranger(connection)

    def left(self, connection: Connection) -> None:
        """Count a connection less: it is over."""
        network = network_of(connection.address)
        self._count -= 1
        self._by_network[network] -= 1
        if not self._by_network[network]:
            del self._by_network[network]
        self._drop_stranger(connection)

    def signed_in(self, connection: Connection) -> None:
        """Note that somebody has signed in on it."""
        self._drop_stranger(connection)

    def signed_out(self, connection: Connection) -> None:
        """Note that nobody is signed in on it any more."""
        self._add_stranger(connection)

    def _add_stranger(self, connection: Connection) -> None:
        network = network_of(connection.address)
        self._strangers.setdefault(network, {})[connection] = next(self._places)
        self._strangers_count += 1
        if self._strangers_count > self._settings.not_signed_in:
            crowd = max(self._strangers.values(), key=_claim)
            oldest = next(iter(crowd))
            self._drop_stranger(oldest)
            oldest.goodbye(Farewell.TOO_MANY_CONNECTIONS, RETRY_MS)

    def _drop_stranger(self, connection: Connection) -> None:
        network = network_of(connection.address)
        crowd = self._strangers.get(network, {})
        if crowd.pop(connection, None) is None:
            return
        self._strangers_count -= 1
        if not crowd:
            del self._strangers[network]


def _claim(crowd: dict[Connection, int]) -> tuple[int, int]:
    """Return how much speaks for sending one of these away: that they are many, and where
    as many are elsewhere, that the first of them came earlier."""
    return len(crowd), -next(iter(crowd.values()))
