"""Encrypt a stream with TLS (OpenSSL's memory buffers between socket and bytes)."""

import contextlib
import logging
import socket
import ssl

from server.transport.reactor import Reactor
from server.transport.streams import RECEIVE_BYTES, Stream

log = logging.getLogger(__name__)

RECORD_BYTES = 16 * 1024
"""The longest piece that TLS encrypts as one (RFC 8446, section 5.1)."""


class TlsStream(Stream):
    """A stream whose bytes are encrypted by TLS on the wire. What is written
    before the handshake is done waits for it."""

    __slots__ = (
        "_arrived",
        "_encrypted",
        "_has_failed",
        "_is_open",
        "_plain",
        "_plain_bytes",
        "_tls",
    )

    def __init__(self, reactor: Reactor, sock: socket.socket, context: ssl.SSLContext) -> None:
        self._arrived = ssl.MemoryBIO()
        self._encrypted = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._encrypted, server_side=True)
        self._is_open = False
        self._has_failed = False
        self._plain: list[bytes] = []
        self._plain_bytes = 0
        super().__init__(reactor, sock)

    @property
    def pending_bytes(self) -> int:
        """Bytes that wait to be encrypted and sent."""
        return self._outgoing_bytes + self._plain_bytes

    def write(self, data: bytes) -> None:
        if self._closed or self._finishing:
            return
        self._plain.append(data)
        self._plain_bytes += len(data)
        self._flush_soon()

    def send_at_once(self, data: bytes) -> bool:
        if not self._is_open or self._plain or self._outgoing or self._closed or self._finishing:
            return False
        encrypted = self._records(data)
        if not super().send_at_once(encrypted):
            # What is encrypted can't be taken back.
            self._outgoing.append(encrypted)
            self._outgoing_bytes += len(encrypted)
            self._flush_soon()
        return True

    def close(self, reason: str) -> None:
        self._plain.clear()
        self._plain_bytes = 0
        super().close(reason)

    def _encrypt(self) -> None:
        if self._is_open and self._plain:
            plain = b"".join(self._plain)
            self._plain.clear()
            self._plain_bytes = 0
            encrypted = self._records(plain)
        else:
            # What TLS has to say by itself: its handshake, an alert.
            encrypted = self._encrypted.read()
        if encrypted:
            self._outgoing.append(encrypted)
            self._outgoing_bytes += len(encrypted)

    def _records(self, plain: bytes) -> bytes:
        """Encrypt this, and return it with what TLS has to say before it by itself."""
        if len(plain) <= RECORD_BYTES:
            self._tls.write(plain)
            return self._encrypted.read()
        # Record by record: OpenSSL's buffer keeps the size of the most that it ever
        # held, and each connection has one of its own.
        records = []
        for start in range(0, len(plain), RECORD_BYTES):
            self._tls.write(plain[start : start + RECORD_BYTES])
            records.append(self._encrypted.read())
        return b"".join(records)

    def _decrypt(self, data: bytes) -> bytes:
        plain: list[bytes] = []
        if self._has_failed:
            return b""
        self._arrived.write(data)
        try:
            if not self._is_open:
                self._tls.do_handshake()
                self._is_open = True
            while piece := self._tls.read(RECEIVE_BYTES):
                plain.append(piece)
            # The peer said that this was the last; its owner hears it first.
            self._end_unhurried("closed by the peer")
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self._fail(error)
        self._flush_soon()
        return b"".join(plain)

    def _send_tls_end(self) -> None:
        if not self._is_open or self._has_failed:
            return
        # The peer's own last word is not waited for: it comes, or its end does.
        with contextlib.suppress(ssl.SSLError, OSError):
            self._tls.unwrap()
        with contextlib.suppress(OSError):
            self._socket.send(self._encrypted.read())

    def _fail(self, error: ssl.SSLError) -> None:
        log.info("no TLS with this peer: %s", error.reason or error)
        self._has_failed = True
        self._plain.clear()
        self._plain_bytes = 0
        # What OpenSSL has to say about it goes first.
        self.finish()
