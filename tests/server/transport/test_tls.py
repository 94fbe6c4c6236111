"""The room's certificate, and streams that speak TLS, over real sockets."""

import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.certificates import (
    CERTIFICATE_NAME,
    KEY_NAME,
    CertificateError,
    Identity,
    fingerprint_of,
    load_identity,
    make_certificate,
)
from server.settings import Settings
from server.transport import reactor as reactor_module
from server.transport.reactor import Reactor
from server.transport.tls import TlsStream
from tests.support.wire import any_certificate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a certificate."""
    make_certificate(tmp_path, "Northgate School")
    return tmp_path


@pytest.fixture
def identity(folder: Path) -> Identity:
    identity = load_identity(Settings(), folder)
    assert identity is not None
    return identity


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    reactor = Reactor()
    yield reactor
    reactor.close()


class Pair:
    """A TLS stream, and its peer as a socket and a TLS object of the test's."""

    def __init__(
        self, reactor: Reactor, context: ssl.SSLContext, client: ssl.SSLContext | None = None
    ) -> None:
        self.reactor = reactor
        ours, self.socket = socket.socketpair()
        self.socket.setblocking(False)
        self.arrived, self.sealed = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = (client or any_certificate()).wrap_bio(self.arrived, self.sealed)
        self.unsent = bytearray()
        self.received = bytearray()
        self.heard = bytearray()
        self.ends: list[str] = []
        self.stream = TlsStream(reactor, ours, context)
        self.stream.on_data = self.received.extend
        self.stream.on_closed = self.ends.append
        self.has_ended = False

    def turn(self, read: bool = True) -> None:
        """Let both sides move on by one step."""
        self.unsent += self.sealed.read()
        try:
            if self.unsent:
                del self.unsent[: self.socket.send(self.unsent)]
        except BlockingIOError:
            pass
        self.reactor.turn(0.01)
        if not read:
            return
        try:
            data = self.socket.recv(65536)
            self.has_ended = not data
            self.arrived.write(data)
        except BlockingIOError:
            pass

    def until(self, condition: Callable[[], bool], read: bool = True) -> None:
        for _ in range(3000):
            if condition():
                return
            self.turn(read)
        raise AssertionError("it did not come about")

    def open(self) -> None:
        """The handshake, and a byte that proves that both are done with it."""
        self.shake_hands()
        self.tls.write(b"\0")
        self.until(lambda: bool(self.received))
        self.received.clear()

    def shake_hands(self) -> None:
        """The handshake, as the peer sees it."""

        def is_done() -> bool:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                return False
            return True

        self.until(is_done)

    def hear(self) -> bytes:
        """All that the stream has said so far."""
        try:
            while piece := self.tls.read(65536):
                self.heard += piece
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        return bytes(self.heard)

    def close(self) -> None:
        self.stream.close("test over")
        self.socket.close()


@pytest.fixture
def pair(reactor: Reactor, identity: Identity) -> Iterator[Pair]:
    pair = Pair(reactor, identity.context)
    yield pair
    pair.close()


# -- the certificate ----------------------------------------------------------------


def test_the_key_is_the_owners_alone_and_what_is_there_stays(folder: Path) -> None:
    if sys.platform != "win32":
        assert (folder / KEY_NAME).stat().st_mode & 0o777 == 0o600
    before = [(folder / name).read_bytes() for name in (CERTIFICATE_NAME, KEY_NAME)]
    make_certificate(folder, "Another name")
    assert [(folder / name).read_bytes() for name in (CERTIFICATE_NAME, KEY_NAME)] == before


@pytest.mark.parametrize("name", ["R", "北门中学" * 30, "O'Hara, Sons & Co., Ltd. = \\ #"])
def test_any_room_gets_a_certificate(tmp_path: Path, name: str) -> None:
    make_certificate(tmp_path, name)
    assert load_identity(Settings(), tmp_path) is not None


def test_the_fingerprint_is_that_of_what_clients_are_shown(pair: Pair, identity: Identity) -> None:
    import hashlib

    pair.open()
    shown = pair.tls.getpeercert(binary_form=True)
    assert shown is not None
    assert hashlib.sha256(shown).digest() == identity.fingerprint


@pytest.mark.parametrize("words", ["Aussteller: Behörde\n", "\ufeff"])
def test_words_around_a_certificate_do_not_matter(folder: Path, words: str) -> None:
    path = folder / CERTIFICATE_NAME
    fingerprint = fingerprint_of(path)
    path.write_bytes(words.encode() + b"\n" + path.read_bytes())
    identity = load_identity(Settings(), folder)
    assert identity is not None
    assert identity.fingerprint == fingerprint_of(path) == fingerprint


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----", b"\xff\xfe"])
def test_a_damaged_certificate_is_named(folder: Path, content: bytes) -> None:
    (folder / CERTIFICATE_NAME).write_bytes(content)
    with pytest.raises(CertificateError, match=CERTIFICATE_NAME):
        load_identity(Settings(), folder)
    with pytest.raises(CertificateError, match=CERTIFICATE_NAME):
        fingerprint_of(folder / CERTIFICATE_NAME)


def test_the_operators_own_files_are_taken(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    make_certificate(elsewhere, "Elsewhere")
    chosen = Settings(
        tls_certificate=str(elsewhere / CERTIFICATE_NAME), tls_key=str(elsewhere / KEY_NAME)
    )
    identity = load_identity(chosen, folder)
    assert identity is not None
    assert identity.fingerprint == fingerprint_of(elsewhere / CERTIFICATE_NAME)


def renew(folder: Path) -> None:
    for name in (CERTIFICATE_NAME, KEY_NAME):
        (folder / name).unlink()
    make_certificate(folder, "Northgate School")
    for name in (CERTIFICATE_NAME, KEY_NAME):
        # However coarse the file system's clock is.
        os.utime(folder / name, ns=(1, 1))


def test_a_replaced_certificate_is_for_new_connections(
    folder: Path, identity: Identity, reactor: Reactor, pair: Pair
) -> None:
    assert not identity.refresh()
    pair.open()
    former = identity.fingerprint
    renew(folder)
    assert identity.refresh()
    assert identity.fingerprint != former
    newer = Pair(reactor, identity.context)
    newer.open()
    assert newer.tls.getpeercert(binary_form=True) != pair.tls.getpeercert(binary_form=True)
    newer.close()
    pair.tls.write(b"still here")
    pair.until(lambda: bytes(pair.received) == b"still here")


def test_a_replacement_that_is_not_sound_is_told_and_not_used(
    folder: Path, identity: Identity, reactor: Reactor, caplog: pytest.LogCaptureFixture
) -> None:
    former = identity.fingerprint
    (folder / CERTIFICATE_NAME).write_text("half a cert", encoding="ascii")
    assert not identity.refresh()
    assert "not used" in caplog.text
    assert identity.fingerprint == former
    pair = Pair(reactor, identity.context)
    pair.open()
    pair.close()


# -- the stream -------------------------------------------------------------------------


def test_bytes_come_in_and_go_out(pair: Pair) -> None:
    pair.stream.write(b"said before the handshake, ")
    pair.open()
    pair.stream.write(b"and after")
    pair.tls.write(b"question")
    pair.until(lambda: pair.hear() == b"said before the handshake, and after")
    pair.until(lambda: bytes(pair.received) == b"question")
    assert pair.stream.pending_bytes == 0


def test_bytes_are_encrypted_and_sent_at_once_where_none_wait(pair: Pair) -> None:
    assert not pair.stream.send_at_once(b"too early"), "there is no key yet"
    pair.open()
    large = bytes(range(256)) * 400
    assert pair.stream.send_at_once(b"now, ")
    assert pair.stream.send_at_once(large) and pair.stream.pending_bytes == 0
    pair.stream.write(b"later")
    assert not pair.stream.send_at_once(b"second"), "what waits goes before"
    pair.until(lambda: pair.hear() == b"now, " + large + b"later")


def test_p5_what_is_encrypted_and_can_not_be_sent_at_once_is_kept_in_order(pair: Pair) -> None:
    pair.open()
    sent = b"".join(number.to_bytes(4, "big") for number in range(10_000))
    count = 0
    while pair.stream.send_at_once(sent):
        count += 1
    assert pair.stream.pending_bytes > 0
    pair.stream.write(b"more")
    pair.until(lambda: pair.hear() == sent * count + b"more")
    assert pair.stream.pending_bytes == 0


def test_nothing_on_the_wire_can_be_read(reactor: Reactor, identity: Identity) -> None:
    pair = Pair(reactor, identity.context)
    pair.open()
    pair.stream.write(b"the secret word")
    seen = b""
    for _ in range(20):
        reactor.turn(0.01)
        try:
            seen += pair.socket.recv(65536)
        except BlockingIOError:
            continue
    assert len(seen) > len(b"the secret word")
    assert b"secret" not in seen
    pair.close()


@pytest.mark.parametrize("size", [1, 16384, 16385, 3_000_000])
def test_much_goes_both_ways_and_arrives_whole(pair: Pair, size: int) -> None:
    pair.open()
    data = os.urandom(size)
    pair.stream.write(data)
    pair.tls.write(data[:1_000_000])
    pair.until(lambda: pair.hear() == data)
    pair.until(lambda: bytes(pair.received) == data[:1_000_000])


def test_p5_what_a_peer_does_not_read_is_counted(pair: Pair) -> None:
    pair.open()
    pair.stream.write(bytes(8_000_000))
    pair.stream.flush()
    assert 1_000_000 < pair.stream.pending_bytes < 9_000_000
    drained: list[bool] = []
    pair.stream.on_drained = lambda: drained.append(True)
    pair.until(lambda: len(pair.hear()) == 8_000_000)
    assert drained
    assert pair.stream.pending_bytes == 0


def test_p9_a_handshake_byte_by_byte(pair: Pair) -> None:
    with pytest.raises(ssl.SSLWantReadError):
        pair.tls.do_handshake()
    for byte in pair.sealed.read():
        pair.socket.send(bytes([byte]))
        pair.reactor.turn(0.01)
    pair.open()
    pair.tls.write(b"here")
    pair.until(lambda: bytes(pair.received) == b"here")


@pytest.mark.parametrize(
    "noise", [b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\x08\x95\x01\x01\x01\x01\xa0\xa0\xa0", bytes(500)]
)
def test_p9_who_speaks_no_tls_is_hung_up_on_and_told_nothing(pair: Pair, noise: bytes) -> None:
    pair.stream.write(b"for nobody")
    pair.socket.sendall(noise)
    pair.until(lambda: pair.has_ended)
    assert not pair.received
    pair.socket.close()
    pair.until(lambda: len(pair.ends) == 1, read=False)


def test_nothing_older_than_tls_1_3(reactor: Reactor, identity: Identity) -> None:
    old = any_certificate()
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    pair = Pair(reactor, identity.context, old)
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        pair.open()
    pair.close()


def test_the_last_words_arrive_and_then_the_end(pair: Pair) -> None:
    pair.open()
    pair.stream.write(b"goodbye")
    pair.stream.finish()
    pair.stream.write(b"too late")
    pair.until(lambda: pair.has_ended)
    assert pair.hear() == b"goodbye"
    pair.socket.close()
    pair.until(lambda: len(pair.ends) == 1, read=False)


def test_the_last_words_wait_for_the_handshake(pair: Pair) -> None:
    pair.stream.write(b"the room is full")
    pair.stream.finish()
    pair.shake_hands()
    pair.until(lambda: pair.has_ended)
    assert pair.hear() == b"the room is full"


def test_a_peers_last_words_are_heard_before_its_end(pair: Pair) -> None:
    pair.open()
    pair.tls.write(b"last words")
    with pytest.raises((ssl.SSLWantReadError, ssl.SSLError)):
        pair.tls.unwrap()
    pair.until(lambda: len(pair.ends) == 1)
    assert bytes(pair.received) == b"last words"


def test_p5_nobody_waits_for_what_a_peer_who_says_goodbye_leaves_to_be_done(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.open()
    pair.tls.write(b"last words")
    with pytest.raises((ssl.SSLWantReadError, ssl.SSLError)):
        pair.tls.unwrap()
    monkeypatch.setattr(reactor_module, "UNHURRIED_A_TURN", 0)
    pair.until(lambda: bytes(pair.received) == b"last words")
    assert pair.ends == []
    pair.reactor.hurry()
    assert pair.ends == ["closed by the peer"]


@pytest.mark.parametrize("after", [0, 100, 700])
def test_p9_a_peer_that_vanishes_at_any_time_is_noticed(pair: Pair, after: int) -> None:
    with pytest.raises(ssl.SSLWantReadError):
        pair.tls.do_handshake()
    pair.socket.sendall(pair.sealed.read()[:after])
    pair.reactor.turn(0.01)
    pair.socket.close()
    pair.until(lambda: len(pair.ends) == 1, read=False)
