"""Sockets as streams of bytes with callbacks, and the socket that accepts them.

A `Stream` never blocks and holds a bounded amount: what it sends waits in a
queue whose length its owner watches (`pending_bytes`), and it asks the
reactor for write-readiness only while bytes wait.
"""

import errno
import logging
import socket
import sys
from collections.abc import Callable

from server.transport.reactor import READ, WRITE, Reactor

log = logging.getLogger(__name__)

RECEIVE_BYTES = 64 * 1024
"""The most that one readable event takes, so that a flooding peer gets its
turn and no more."""

LINGER_S = 2.0
"""How long a stream that was told to finish may take to deliver its last
bytes and hear the peer close."""

ACCEPTS_PER_TURN = 64
ACCEPT_PAUSE_S = 1.0
"""How long to leave new connections waiting when the system has no more file
descriptors for them."""

_LEFT_ALREADY = {
    *(errno.ECONNABORTED, errno.ECONNRESET, errno.ENOTCONN, errno.EPROTO),
    *(errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ETIMEDOUT),
    *(errno.ENOPROTOOPT, errno.EOPNOTSUPP),
}
"""What accept() says of a peer that left before it was taken
in (accept(2); and Windows Sockets' WSAECONNRESET and WSAENOTCONN)."""


class Stream:
    """One peer's socket.

    `on_data(bytes)` for what arrives, `on_closed(reason)` exactly once, when
    it is over for whatever reason, `on_drained()` when all that waited to be
    sent has been handed to the system.

    What a subclass does to the bytes on their way is in `_encrypt`, `_decrypt` and
    `_send_tls_end`; here it is nothing.
    """

    # A message goes through ten thousand of them: each place in memory counts.
    __slots__ = (
        "_closed",
        "_finishing",
        "_flush_is_due",
        "_interest",
        "_outgoing",
        "_outgoing_bytes",
        "_output_ended",
        "_reactor",
        "_reading",
        "_socket",
        "last_heard",
        "on_closed",
        "on_data",
        "on_drained",
    )

    def __init__(self, reactor: Reactor, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._reactor = reactor
        self._socket = sock
        self._outgoing: list[bytes | memoryview] = []
        self._outgoing_bytes = 0
        self._flush_is_due = False
        self._reading = True
        self._finishing = False
        self._output_ended = False
        self._closed = False
        self._interest = 0
        self.last_heard = reactor.now
        """When the peer last gave a sign of life, in the reactor's time: sent
        something, or took what had been waiting for it."""
        self.on_data: Callable[[bytes], None] = _ignore
        self.on_closed: Callable[[str], None] = _ignore
        self.on_drained: Callable[[], None] = _ignore
        self._update_interest()

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def pending_bytes(self) -> int:
        """Bytes that wait to be sent."""
        return self._outgoing_bytes

    def write(self, data: bytes) -> None:
        """Send these bytes after all before them, at the end of this turn.

        All that is written within one turn leaves in one send. After `finish`
        or the end it does nothing.
        """
        if self._closed or self._finishing:
            return
        self._outgoing.append(data)
        self._outgoing_bytes += len(data)
        self._flush_soon()

    def send_at_once(self, data: bytes) -> bool:
        """Send these bytes now, if none wait before them; what the system does not take
        waits. False: some do, or they can't be sent now; then nothing was done, and they
        may be written."""
        if self._outgoing or self._closed or self._finishing:
            return False
        try:
            sent = self._socket.send(data)
        except OSError:
            return False  # `flush` finds out why
        if sent < len(data):
            self._outgoing.append(memoryview(data)[sent:])
            self._outgoing_bytes += len(data) - sent
            self._update_interest()
        return True

    def flush(self) -> None:
        """Send what waits, as far as the system takes it, before the turn ends."""
        if self._closed:
            return
        self._encrypt()
        if self._outgoing:
            outgoing = self._outgoing
            data = outgoing[0] if len(outgoing) == 1 else b"".join(outgoing)
            try:
                sent = self._socket.send(data)
            except (BlockingIOError, InterruptedError):
                sent = 0
            except OSError as error:
                self.close(error.strerror or type(error).__name__)
                return
            self._outgoing_bytes = len(data) - sent
            self._outgoing = [memoryview(data)[sent:]] if self._outgoing_bytes else []
        if not self.pending_bytes:
            if self._finishing:
                self._end_output()
            else:
                self.on_drained()
        self._update_interest()

    def pause_reading(self) -> None:
        """Leave what arrives to the system's buffers until `resume_reading`:
        the peer is slowed down by TCP itself."""
        self._reading = False
        self._update_interest()

    def resume_reading(self) -> None:
        self._reading = True
        self._update_interest()

    def finish(self) -> None:
        """Deliver what waits, then close; LINGER_S at most.

        The last bytes are followed by an end-of-stream and the socket stays
        until the peer has closed: closing over unread input would send a
        reset, which may overtake the last words (RFC 1122, 4.2.2.13).
        """
        if self._closed or self._finishing:
            return
        self._finishing = True
        self._reading = True
        self._reactor.call_later(LINGER_S, lambda: self.close("finished"))
        self.flush()

    def close(self, reason: str) -> None:
        """End the stream, in the one way in which streams end. What waited is given up."""
        if self._closed:
            return
        self._closed = True
        self._outgoing.clear()
        self._outgoing_bytes = 0
        self._update_interest()
        self._socket.close()
        on_closed = self.on_closed
        # Whoever owns a stream mostly refers to it, too: without these, both are
        # free at once, and so is what TLS holds, of which the collector of cycles
        # knows nothing.
        self.on_data = self.on_closed = self.on_drained = _ignore
        on_closed(reason)

    # -- on the reactor --------------------------------------------------------

    def _on_ready(self, mask: int) -> None:
        try:
            if mask & WRITE:
                self.last_heard = self._reactor.now
                self.flush()
            if mask & READ and not self._closed:
                self._receive()
        except Exception:
            log.exception("a stream's callback failed")
            self.close("internal error")

    def _receive(self) -> None:
        try:
            data = self._socket.recv(RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._end_unhurried(error.strerror or type(error).__name__)
            return
        if not data:
            self._end_unhurried("closed by the peer")
            return
        self.last_heard = self._reactor.now
        data = self._decrypt(data)
        if data and not self._finishing:
            self.on_data(data)

    def _end_unhurried(self, reason: str) -> None:
        # When a network breaks, ten thousand end at once, and whoever is still there and
        # says something would wait for all that each leaves to be done.
        self.pause_reading()
        self._reactor.call_unhurried(lambda: self.close(reason))

    def _flush_soon(self) -> None:
        if not self._flush_is_due:
            self._flush_is_due = True
            self._reactor.before_waiting(self._flush_due)

    def _flush_due(self) -> None:
        self._flush_is_due = False
        self.flush()

    def _encrypt(self) -> None:
        """Make what was written into what is sent."""

    def _decrypt(self, data: bytes) -> bytes:
        """Return what these received bytes mean to the stream's owner, if anything yet."""
        return data

    def _send_tls_end(self) -> None:
        """Say that the last bytes are gone, if there is a way to say it."""

    def _end_output(self) -> None:
        if self._output_ended:
            return
        self._output_ended = True
        self._send_tls_end()
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self.close(error.strerror or type(error).__name__)

    def _update_interest(self) -> None:
        wanted = 0
        if not self._closed:
            wanted = (READ if self._reading else 0) | (WRITE if self._outgoing else 0)
        if wanted == self._interest:
            return
        if not self._interest:
            self._reactor.register(self._socket, wanted, self._on_ready)
        elif not wanted:
            self._reactor.unregister(self._socket)
        else:
            self._reactor.modify(self._socket, wanted, self._on_ready)
        self._interest = wanted


class Listener:
    """A listening socket. `on_connection(socket, host, port)` owns the socket
    that it gets, and is told who is at its other end."""

    def __init__(
        self,
        reactor: Reactor,
        host: str,
        port: int,
        on_connection: Callable[[socket.socket, str, int], None],
    ) -> None:
        """Raises OSError if the address can't be had."""
        self._reactor = reactor
        self._on_connection = on_connection
        self._socket = _listening_socket(host, port)
        self._port = int(self._socket.getsockname()[1])
        self._closed = False
        self._paused = False
        self._reactor.register(self._socket, READ, self._on_ready)

    @property
    def port(self) -> int:
        """The port in use, also when that is over: the system's choice where 0
        was asked for."""
        return self._port

    def close(self) -> None:
        """Take no more connections. Those that were taken stay."""
        if not self._closed:
            self._closed = True
            self._pause()
            self._socket.close()

    def _resume(self) -> None:
        if not self._closed:
            self._paused = False
            self._reactor.register(self._socket, READ, self._on_ready)

    def _pause(self) -> None:
        if not self._paused:
            self._paused = True
            self._reactor.unregister(self._socket)

    def _on_ready(self, _mask: int) -> None:
        for _ in range(ACCEPTS_PER_TURN):
            try:
                sock, address = self._socket.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _LEFT_ALREADY:
                    continue
                # Out of descriptors, mostly. Whoever waits is kept waiting.
                log.warning("no more connections can be taken now: %s", error.strerror)
                self._pause()
                self._reactor.call_later(ACCEPT_PAUSE_S, self._resume)
                return
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                sock.close()
                continue
            self._on_connection(sock, _shortest(address[0]), address[1])
            if self._closed:
                return


def _shortest(host: str) -> str:
    """Return a peer's address as it is known by: one of IPv4 that came in by a socket of
    IPv6 is one of IPv4."""
    return host.removeprefix("::ffff:") if "." in host else host


def _listening_socket(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except ValueError:
        # Python's own look at it: a part is empty or too long.
        raise OSError(f"{host!r} is no host name") from None
    sock = socket.socket(family, kind, protocol)
    try:
        if sys.platform == "win32":
            # There, REUSEADDR would let another program take the same port.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # Systems differ in what they take "everywhere" for: here it is IPv4,
            # too, and an address of IPv6 is that one alone.
            is_everywhere = address[0] == "::"
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not is_everywhere)
        sock.bind(address)
        sock.listen(1024)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock


def _ignore(*_: object) -> None:
    """Do nothing: what an unset callback does."""
