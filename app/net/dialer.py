"""Dialing: from a server's name to an open stream, and when to try again.

The dialer owns everything between two links: the lookup that is on its way,
the addresses that are left, the transport that is being opened, the back-off
and the time of the next attempt. It has no selector and no thread: the network
service calls it, and tells it the time.

    idle            nothing to do, or a stream that was handed over is in use
    resolving       a resolver thread looks the host up
    opening         `opening` is a transport to one of its addresses
    waiting         until the next attempt

A name may have several addresses, and any of them may be dead, speak something
else or belong to somebody else: an attempt fails when none of them led to the
server. Of what went wrong, the most telling is told.
"""

import logging
from collections.abc import Callable

from app.net.backoff import Backoff, BackoffPolicy
from app.net.commands import Connect
from app.net.events import Connecting, Event, Lost, Untrusted
from app.net.resolver import resolve
from app.net.tls import CertificateRefused, NoTls, TlsTransport, Trust, Unverified
from app.net.transport import Address, TcpTransport

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 8.0
"""For one address of a host; then the next is tried."""

RESOLVE_TIMEOUT_S = 15.0
"""For the lookup. Systems wait 5 s for each of up to three name servers, more
than once; a person waits less."""

_TELLING = ("unreachable", "lost", "no_tls", "not_rostrum")
"""Why an address led to nothing: what says least first."""

Found = Callable[[int, list[Address]], None]


class Dialer:
    """`found` is called on a resolver's thread with a lookup's number and what
    came of it; it is to bring both back to `resolved` on the service's own."""

    def __init__(self, policy: BackoffPolicy, tell: Callable[[Event], None], found: Found) -> None:
        self._backoff = Backoff(policy)
        self._tell = tell
        self._found = found
        self._server: Connect | None = None
        self._trust = Trust.VERIFY
        self._lookup = 0
        self._addresses: list[Address] = []
        """Those of this attempt that were not tried yet."""
        self._reason = _TELLING[0]
        self._refused: bytes | None = None
        """The fingerprint of the first certificate that was not the right one."""
        self._is_unverified = False
        self._give_up_at: float | None = None
        self._retry_at: float | None = None
        self.opening: TcpTransport | None = None
        """The transport whose socket is to be watched; `opened` when it is ready."""

    @property
    def target(self) -> int:
        """Which `Connect` this is about; 0 before the first."""
        return self._server.target if self._server is not None else 0

    @property
    def deadline(self) -> float | None:
        """When `tick` next has something to do."""
        return self._retry_at if self._retry_at is not None else self._give_up_at

    # -- what to do --------------------------------------------------------------------

    def dial(self, server: Connect, now: float) -> None:
        """Get a stream to this server, and no other."""
        self._server = server
        self._trust = Trust.VERIFY
        self._backoff.reset()
        self._attempt(now)

    def stop(self) -> None:
        """Forget the server and whatever is going on."""
        self._clear()
        self._server = None

    def dial_now(self, now: float) -> None:
        """Do not wait for the next attempt's time."""
        if self._retry_at is not None:
            self._backoff.reset()
            self._attempt(now)

    def begin_anew(self, now: float) -> None:
        """Begin anew after a sleep or on another network: what was going on may never
        end."""
        if self.deadline is not None:
            self._backoff.reset()
            self._attempt(now)

    def link_ended(self, reason: str, now: float, lived_s: float, floor_s: float) -> None:
        """Note that the stream that was handed over is gone, after so long; the server
        may have asked for a wait."""
        self._wait(reason, now, self._backoff.after_break(lived_s, floor_s))

    def link_failed(self, reason: str, now: float) -> None:
        """Note that the stream that was handed over led to nothing: the host's next
        address may lead to the server."""
        self._next_address(now, reason)

    # -- what happened -----------------------------------------------------------------

    def resolved(self, lookup: int, addresses: list[Address], now: float) -> None:
        """Take the end of a lookup; one that is not awaited any more is passed over."""
        if lookup == self._lookup and self._server is not None:
            self._addresses = addresses
            self._next_address(now)

    def opened(self, now: float) -> TcpTransport | None:
        """Return the transport whose socket is ready, if it is open now. It is the
        caller's from then on."""
        transport = self.opening
        assert transport is not None
        try:
            if not transport.connected():
                return None
        except OSError as error:
            log.info("can't connect: %s", error)
            self._next_address(now)
            return None
        except NoTls as error:
            log.info("no TLS there: %s", error)
            self._next_address(now, "no_tls")
            return None
        except Unverified as error:
            log.info("the certificate could not be verified: %s", error)
            self._is_unverified = True
            self._next_address(now)
            return None
        except CertificateRefused as error:
            self._refused = self._refused or error.fingerprint
            if self._trust is Trust.LOOK:
                self._addresses = []  # it was seen
            self._next_address(now)
            return None
        self.opening = None
        self._lookup += 1
        self._give_up_at = self._retry_at = None
        return transport

    def tick(self, now: float) -> None:
        """Note that time has passed."""
        if self._retry_at is not None and now >= self._retry_at:
            self._attempt(now)
        elif self._give_up_at is not None and now >= self._give_up_at:
            self._next_address(now)

    # ------------------------------------------------------------------------------------

    def _attempt(self, now: float) -> None:
        assert self._server is not None
        self._clear()
        self._reason, self._refused, self._is_unverified = _TELLING[0], None, False
        self._give_up_at = now + RESOLVE_TIMEOUT_S
        self._tell(Connecting(self.target))
        lookup, found = self._lookup, self._found
        resolve(self._server.host, self._server.port, lambda addresses: found(lookup, addresses))

    def _next_address(self, now: float, reason: str = _TELLING[0]) -> None:
        """Go on after an address that led to nothing, or begin with the first."""
        self._close_opening()
        self._reason = max(self._reason, reason, key=_TELLING.index)
        # A lookup that was given up may still end; it is too late then.
        self._lookup += 1
        while self._addresses:
            try:
                self.opening = self._transport_to(self._addresses.pop(0))
            except OSError as error:
                log.info("can't connect: %s", error)
                continue
            self._give_up_at = now + CONNECT_TIMEOUT_S
            return
        self._all_failed(now)

    def _all_failed(self, now: float) -> None:
        if self._refused is not None:
            target, fingerprint = self.target, self._refused
            self.stop()
            self._tell(Untrusted(target, fingerprint))
        elif self._is_unverified:
            self._trust = Trust.LOOK
            self._attempt(now)
        else:
            self._wait(self._reason, now, self._backoff.after_failure())

    def _transport_to(self, address: Address) -> TcpTransport:
        server = self._server
        assert server is not None
        if server.is_plain:
            return TcpTransport(address)
        return TlsTransport(address, server.host, server.pin, self._trust)

    def _wait(self, reason: str, now: float, wait_s: float) -> None:
        self._clear()
        self._trust = Trust.VERIFY
        self._retry_at = now + wait_s
        self._tell(Lost(self.target, reason, self._retry_at))

    def _clear(self) -> None:
        self._lookup += 1
        self._addresses = []
        self._give_up_at = self._retry_at = None
        self._close_opening()

    def _close_opening(self) -> None:
        if self.opening is not None:
            self.opening.close()
            self.opening = None
