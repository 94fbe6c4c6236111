"""TLS on the client: whom it takes for the server, over real sockets."""

import datetime
import hashlib
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.net import tls
from app.net.tls import CertificateRefused, NoTls, TlsTransport, Trust, Unverified

HOST = "localhost"
WAIT_S = 10.0


class Certificate:
    """A certificate for localhost that vouches for itself, and its files."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
        now = datetime.datetime.now(datetime.UTC)
        alternatives = x509.SubjectAlternativeName(
            [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        )
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(alternatives, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.path, self.key_path = folder / "certificate.pem", folder / "key.pem"
        self.path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        self.key_path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.fingerprint = hashlib.sha256(made.public_bytes(serialization.Encoding.DER)).digest()


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path)


@pytest.fixture
def peer(certificate: Certificate) -> Iterator["Peer"]:
    peer = Peer(certificate)
    yield peer
    peer.close()


class Peer:
    """A server that says back what it hears, until it hears `bye`."""

    def __init__(self, certificate: Certificate, newest: ssl.TLSVersion | None = None) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if newest is not None:
            self._context.maximum_version = newest
        self._context.load_cert_chain(certificate.path, certificate.key_path)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heard = bytearray()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def address(self) -> tuple[int, tuple[str, int]]:
        return socket.AF_INET, ("127.0.0.1", self.port)

    def close(self) -> None:
        # Whoever waits in accept() is woken on every system by a connection.
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join(WAIT_S)
        self._listener.close()

    def _serve(self) -> None:
        sock, _ = self._listener.accept()
        sock.settimeout(WAIT_S)
        try:
            with self._context.wrap_socket(sock, server_side=True) as secure:
                while (data := secure.recv(65536)) not in (b"", b"bye"):
                    self.heard += data
                    secure.sendall(data)
        except OSError:
            sock.close()


Dial = Callable[..., TlsTransport]


@pytest.fixture
def dial(peer: Peer) -> Iterator[Dial]:
    """New transports to the peer; closed when the test is over."""
    opened: list[TlsTransport] = []

    def dial(pin: bytes = b"", trust: Trust = Trust.VERIFY, to: Peer = peer) -> TlsTransport:
        opened.append(TlsTransport(to.address, HOST, pin, trust))
        return opened[-1]

    yield dial
    for transport in opened:
        transport.close()


def until_connected(transport: TlsTransport) -> None:
    deadline = time.monotonic() + WAIT_S
    while not transport.connected():
        assert time.monotonic() < deadline, "it did not connect"


def test_the_pinned_certificate_is_taken_whoever_vouches_for_it(
    dial: Dial, certificate: Certificate
) -> None:
    until_connected(dial(certificate.fingerprint))


def test_another_certificate_than_the_pinned_one_is_refused_before_anything_is_said(
    dial: Dial, certificate: Certificate, peer: Peer
) -> None:
    with pytest.raises(CertificateRefused) as refused:
        until_connected(dial(b"\1" * 32))
    assert refused.value.fingerprint == certificate.fingerprint
    assert not peer.heard


def test_what_nobody_vouches_for_is_not_verified(dial: Dial) -> None:
    with pytest.raises(Unverified):
        until_connected(dial())


def test_looking_tells_the_fingerprint_and_nothing_else_happens(
    dial: Dial, certificate: Certificate, peer: Peer
) -> None:
    with pytest.raises(CertificateRefused) as refused:
        until_connected(dial(trust=Trust.LOOK))
    assert refused.value.fingerprint == certificate.fingerprint
    assert not peer.heard


@pytest.fixture
def vouched(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's authorities know the certificate."""
    context = ssl.create_default_context(cafile=str(certificate.path))
    monkeypatch.setattr(tls, "_verifying", lambda: context)


@pytest.mark.usefixtures("vouched")
def test_a_certificate_that_the_system_verifies_needs_no_pin(dial: Dial) -> None:
    until_connected(dial())


@pytest.mark.usefixtures("vouched")
def test_a_pin_counts_for_more_than_the_system(dial: Dial) -> None:
    with pytest.raises(CertificateRefused):
        until_connected(dial(b"\1" * 32))


@pytest.mark.usefixtures("vouched")
def test_a_certificate_for_another_name_is_not_verified(peer: Peer) -> None:
    transport = TlsTransport(peer.address, "other.example", b"", Trust.VERIFY)
    with pytest.raises(Unverified):
        until_connected(transport)
    transport.close()


def test_nothing_older_than_tls_1_3(dial: Dial, certificate: Certificate) -> None:
    old = Peer(certificate, ssl.TLSVersion.TLSv1_2)
    with pytest.raises(NoTls):
        until_connected(dial(certificate.fingerprint, to=old))
    old.close()


@pytest.mark.parametrize("noise", [b"SSH-2.0-OpenSSH_9.2\r\n", bytes(400), b"\0\0\0\5\x93\x03"])
def test_who_speaks_no_tls_is_told_apart(noise: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = (socket.AF_INET, server.getsockname())
        transport = TlsTransport(address, HOST, bytes(32), Trust.VERIFY)
        sock, _ = server.accept()
        sock.sendall(noise)
        with pytest.raises(NoTls):
            until_connected(transport)
        transport.close()
        sock.close()


def test_who_hangs_up_in_the_handshake_is_a_broken_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = (socket.AF_INET, server.getsockname())
        transport = TlsTransport(address, HOST, bytes(32), Trust.VERIFY)
        server.accept()[0].close()
        with pytest.raises(OSError):
            until_connected(transport)
        transport.close()


@pytest.mark.parametrize("size", [1, 16384, 16385, 2_000_000])
def test_much_goes_both_ways_and_arrives_whole(
    dial: Dial, certificate: Certificate, size: int
) -> None:
    transport = dial(certificate.fingerprint)
    until_connected(transport)
    data = bytes(range(256)) * (size // 256 + 1)
    waiting, came = data[:size], bytearray()
    deadline = time.monotonic() + WAIT_S
    while len(came) < size:
        assert time.monotonic() < deadline, f"{len(came)} of {size} bytes came back"
        if waiting:
            waiting = waiting[transport.send(waiting) :]
        else:
            transport.flush()
        came += transport.receive() or b""
    assert bytes(came) == data[:size]


def test_the_servers_end_is_the_end(dial: Dial, certificate: Certificate) -> None:
    transport = dial(certificate.fingerprint)
    until_connected(transport)
    assert transport.send(b"bye") == 3
    deadline = time.monotonic() + WAIT_S
    while transport.receive() != b"":
        assert time.monotonic() < deadline, "the end was not noticed"
