"""A stream that speaks TLS 1.3, to a server that proves who it is.

A certificate is known by its fingerprint (pinned), or verified by the system's
authorities. One that is neither can be looked at, and then nothing is said.
"""

import contextlib
import errno
import functools
import hashlib
import ssl
from enum import Enum

from app.net.transport import RECEIVE_BYTES, Address, TcpTransport

SEAL_BYTES = 64 * 1024
"""Sealed at once; the next only when that has left."""


class Trust(Enum):
    """How the server's certificate is judged where none is pinned."""

    VERIFY = "verify"
    """By the system's authorities."""
    LOOK = "look"
    """Not at all: its fingerprint is wanted, and nothing will be said."""


class Unverified(Exception):
    """The system's authorities do not know the server's certificate."""


class CertificateRefused(Exception):
    """The server showed another certificate than the one that is pinned, or
    one that nobody has judged yet. `fingerprint` is that of what it showed."""

    def __init__(self, fingerprint: bytes) -> None:
        super().__init__(fingerprint.hex())
        self.fingerprint = fingerprint


class NoTls(Exception):
    """What answered does not speak TLS 1.3."""


class TlsTransport(TcpTransport):
    """A TLS stream to one address of `host`. With a `pin` (SHA-256 of the
    certificate in DER) that certificate is taken and no other."""

    def __init__(self, address: Address, host: str, pin: bytes, trust: Trust) -> None:
        super().__init__(address)
        self._pin = pin
        self._trust = trust
        self._arrived = ssl.MemoryBIO()
        self._sealed = ssl.MemoryBIO()
        self._unsent = bytearray()
        judges = not pin and trust is Trust.VERIFY
        context = _verifying() if judges else _pinning()
        self._tls = context.wrap_bio(self._arrived, self._sealed, server_hostname=host)
        self._is_open = False

    @property
    def wants_write(self) -> bool:
        return super().wants_write or bool(self._unsent)

    def connected(self) -> bool:
        """Tell whether the server has proved itself. Besides OSError it raises
        Unverified, CertificateRefused and NoTls."""
        if not super().connected():
            return False
        while not self._is_open:
            try:
                self._tls.do_handshake()
                self._is_open = True
            except ssl.SSLWantReadError:
                self.flush()
                data = super().receive()
                if data is None:
                    return False
                if not data:
                    raise OSError(errno.ECONNRESET, "it hung up in the handshake") from None
                self._arrived.write(data)
            except ssl.SSLCertVerificationError as error:
                raise Unverified(error.verify_message) from None
            except ssl.SSLError as error:
                raise NoTls(error.reason) from None
        self._judge()
        self.flush()
        return True

    def receive(self) -> bytes | None:
        data = super().receive()
        if not data:
            return data
        self._arrived.write(data)
        plain: list[bytes] = []
        # An end that TLS tells is followed by that of the stream itself.
        with contextlib.suppress(ssl.SSLWantReadError):
            while piece := self._tls.read(RECEIVE_BYTES):
                plain.append(piece)
        self.flush()
        return b"".join(plain) or None

    def send(self, data: bytes) -> int:
        self.flush()
        if self._unsent:
            return 0
        taken = self._tls.write(data[:SEAL_BYTES])
        self.flush()
        return taken

    def flush(self) -> None:
        self._unsent += self._sealed.read()
        while self._unsent and (sent := super().send(bytes(self._unsent))):
            del self._unsent[:sent]

    def close(self) -> None:
        if self._is_open:
            with contextlib.suppress(OSError):
                self._tls.unwrap()
        with contextlib.suppress(OSError):
            self.flush()
        super().close()

    def _judge(self) -> None:
        certificate = self._tls.getpeercert(binary_form=True)
        assert certificate is not None, "a server always shows one"
        fingerprint = hashlib.sha256(certificate).digest()
        is_unjudged = not self._pin and self._trust is Trust.LOOK
        if is_unjudged or (self._pin and fingerprint != self._pin):
            raise CertificateRefused(fingerprint)


@functools.cache
def _verifying() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context


@functools.cache
def _pinning() -> ssl.SSLContext:
    # Neither its name nor its dates matter: it is this one, or it is not.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
