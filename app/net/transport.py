"""The stream under a link: non-blocking, plain TCP. TLS is in `app/net/tls.py`.

The service asks a transport what it waits for (`wants_write`) and calls it when
the selector says so; it never learns what lies between it and the socket.
"""

import errno
import os
import socket

RECEIVE_BYTES = 256 * 1024

_IN_PROGRESS = (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", 0))

Address = tuple[int, tuple[str, int] | tuple[str, int, int, int]]
"""An address family and an address of that family."""


class TcpTransport:
    """A plain TCP stream to one address. Every failure is an OSError."""

    def __init__(self, address: Address) -> None:
        """Begin to connect; `connected` tells when that has come about."""
        family, target = address
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self._is_connected = False
        try:
            self.socket.setblocking(False)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            code = self.socket.connect_ex(target)
            if code not in _IN_PROGRESS:
                raise OSError(code, os.strerror(code))
        except OSError:
            self.socket.close()
            raise

    @property
    def wants_write(self) -> bool:
        """Whether the socket's readiness to write means something to the
        transport itself."""
        return not self._is_connected

    def connected(self) -> bool:
        """Tell whether bytes can be exchanged now; called when the socket is ready."""
        if not self._is_connected:
            code = self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, os.strerror(code))
            if self.socket.getsockname() == self.socket.getpeername():
                # Where nobody listens on a port that the system also gives to
                # those who connect, a socket may reach itself; it would hold
                # the port for as long as the server wants to come back to it.
                raise OSError(errno.ECONNREFUSED, "this connection leads to itself")
            self._is_connected = True
        return True

    def receive(self) -> bytes | None:
        """Return what has arrived; None: nothing yet; empty: the end."""
        try:
            return self.socket.recv(RECEIVE_BYTES)
        except (BlockingIOError, InterruptedError):
            return None

    def send(self, data: bytes) -> int:
        """Return how many of these bytes were taken."""
        try:
            return self.socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0

    def flush(self) -> None:
        """Send on what was taken and has not left yet, as far as that goes."""

    def close(self) -> None:
        self.socket.close()
