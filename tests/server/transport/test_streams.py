"""Streams and the listener, over real sockets."""

import errno
import gc
import socket
import weakref
from collections.abc import Callable, Iterator

import pytest

from server.transport.reactor import Reactor
from server.transport.streams import Listener, Stream

Pair = tuple[Stream, socket.socket]


@pytest.fixture
def reactor() -> Iterator[Reactor]:
    reactor = Reactor()
    yield reactor
    reactor.close()


@pytest.fixture
def pair(reactor: Reactor) -> Iterator[Pair]:
    """A stream and the blocking socket of its peer, over TCP with small
    buffers, so that a peer that does not read is soon noticed."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        peer.connect(server.getsockname())
        ours, _ = server.accept()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    peer.settimeout(10)
    stream = Stream(reactor, ours)
    yield stream, peer
    peer.close()
    stream.close("test over")


def turn_until(reactor: Reactor, condition: Callable[[], bool], turns: int = 2000) -> None:
    for _ in range(turns):
        if condition():
            return
        reactor.turn(1)
    raise AssertionError("it did not come about")


def read_exactly(peer: socket.socket, count: int, reactor: Reactor) -> bytes:
    received = bytearray()
    peer.setblocking(False)
    while len(received) < count:
        reactor.turn(0.01)
        try:
            received += peer.recv(65536)
        except BlockingIOError:
            continue
    peer.settimeout(10)
    return bytes(received)


def test_bytes_come_in_and_go_out(reactor: Reactor, pair: Pair) -> None:
    stream, peer = pair
    received: list[bytes] = []
    stream.on_data = received.append
    peer.sendall(b"question")
    turn_until(reactor, lambda: bool(received))
    stream.write(b"ans")
    stream.write(b"wer")
    reactor.turn(0)
    assert received == [b"question"]
    assert peer.recv(100) == b"answer", "one turn's writes leave in one send"


def test_p5_what_a_slow_reader_has_not_taken_is_kept_in_order(reactor: Reactor, pair: Pair) -> None:
    stream, peer = pair
    drained: list[bool] = []
    stream.on_drained = lambda: drained.append(True)
    sent = b"".join(number.to_bytes(4, "big") for number in range(200_000))
    for start in range(0, len(sent), 10_000):
        stream.write(sent[start : start + 10_000])
    reactor.turn(0)
    assert 0 < stream.pending_bytes < len(sent), "part of it is in the system's buffers"
    assert not drained
    assert read_exactly(peer, len(sent), reactor) == sent
    turn_until(reactor, lambda: bool(drained))
    assert stream.pending_bytes == 0


def test_bytes_are_sent_at_once_where_none_wait(reactor: Reactor, pair: Pair) -> None:
    stream, peer = pair
    assert stream.send_at_once(b"now")
    assert peer.recv(100) == b"now", "before the turn ends"
    stream.write(b"first")
    assert not stream.send_at_once(b"second"), "what waits goes before"
    reactor.turn(0)
    assert peer.recv(100) == b"first"
    stream.finish()
    assert not stream.send_at_once(b"never")


def test_p5_what_can_not_be_sent_at_once_is_kept_in_order(reactor: Reactor, pair: Pair) -> None:
    stream, peer = pair
    sent = b"".join(number.to_bytes(4, "big") for number in range(200_000))
    assert stream.send_at_once(sent)
    assert 0 < stream.pending_bytes < len(sent)
    assert not stream.send_at_once(b"more")
    stream.write(b"more")
    assert read_exactly(peer, len(sent) + 4, reactor) == sent + b"more"
    assert stream.pending_bytes == 0


def test_a_peer_that_is_gone_is_noticed_by_what_is_then_written(
    reactor: Reactor, pair: Pair
) -> None:
    stream, peer = pair
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    while stream.send_at_once(b"is anybody there?"):
        pass
    assert not stream.closed
    stream.write(b"is anybody there?")
    turn_until(reactor, lambda: stream.closed)


def test_a_paused_stream_is_not_read_and_goes_on_when_resumed(reactor: Reactor, pair: Pair) -> None:
    stream, peer = pair
    received: list[bytes] = []
    stream.on_data = received.append
    stream.pause_reading()
    peer.sendall(b"wait")
    reactor.turn(0.05)
    assert received == []
    stream.resume_reading()
    turn_until(reactor, lambda: bool(received))
    assert received == [b"wait"]


def test_a_peer_that_closes_ends_the_stream_at_once_and_once(reactor: Reactor, pair: Pair) -> None:
    stream, peer = pair
    reasons: list[str] = []
    stream.on_closed = reasons.append
    peer.close()
    turn_until(reactor, lambda: stream.closed)
    stream.close("again")
    assert reasons == ["closed by the peer"]


def test_a_reset_ends_the_stream(reactor: Reactor, pair: Pair) -> None:
    stream, peer = pair
    reasons: list[str] = []
    stream.on_closed = reasons.append
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    peer.close()
    turn_until(reactor, lambda: stream.closed)
    assert len(reasons) == 1


def test_finish_delivers_the_last_words_though_the_peer_was_still_talking(
    reactor: Reactor, pair: Pair
) -> None:
    stream, peer = pair
    peer.sendall(b"still talking" * 1000)
    stream.write(b"goodbye")
    stream.finish()
    stream.write(b"never")
    assert peer.recv(100) == b"goodbye"
    assert peer.recv(100) == b"", "the end of the stream follows"
    peer.close()
    turn_until(reactor, lambda: stream.closed)


def test_finish_ends_even_if_the_peer_never_closes(
    reactor: Reactor, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.transport.streams.LINGER_S", 0.01)
    stream, _peer = pair
    stream.finish()
    turn_until(reactor, lambda: stream.closed)


def test_p9_a_callback_that_fails_ends_its_own_stream_only(
    reactor: Reactor, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    stream, peer = pair

    def fail(_data: bytes) -> None:
        raise RuntimeError("broken on purpose")

    stream.on_data = fail
    peer.sendall(b"x")
    turn_until(reactor, lambda: stream.closed)
    assert "broken on purpose" in caplog.text


class Owner:
    """As a session does, it refers to its stream, which calls it back."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        stream.on_data = self.hear
        stream.on_drained = stream.on_closed = self.hear

    def hear(self, *_: object) -> None:
        """Nothing is said here."""


def test_a_closed_stream_and_its_owner_need_no_collector_to_be_freed(reactor: Reactor) -> None:
    ours, theirs = socket.socketpair()
    stream = Stream(reactor, ours)
    owner = Owner(stream)
    is_there = weakref.ref(owner)
    gc.disable()
    try:
        theirs.close()
        turn_until(reactor, lambda: stream.closed)
        del owner
        assert is_there() is None
    finally:
        gc.enable()


def test_writing_to_a_closed_stream_does_nothing(reactor: Reactor, pair: Pair) -> None:
    stream, _peer = pair
    stream.close("over")
    stream.write(b"x")
    stream.finish()
    reactor.turn(0)
    assert stream.pending_bytes == 0


def test_a_listener_hands_over_connections_until_it_is_closed(reactor: Reactor) -> None:
    accepted: list[socket.socket] = []
    listener = Listener(reactor, "127.0.0.1", 0, lambda sock, *_: accepted.append(sock))
    address = ("127.0.0.1", listener.port)
    clients = [socket.create_connection(address) for _ in range(3)]
    turn_until(reactor, lambda: len(accepted) == 3)
    listener.close()
    listener.close()
    with pytest.raises(OSError):
        socket.create_connection(address, timeout=5)
    for sock in clients + accepted:
        sock.close()


def test_a_listener_that_was_closed_still_knows_its_port(reactor: Reactor) -> None:
    listener = Listener(reactor, "127.0.0.1", 0, lambda sock, *_: sock.close())
    port = listener.port
    listener.close()
    assert listener.port == port, "invites made while the server stops name it"


@pytest.mark.parametrize("default", [0, 1])
@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this system has one family only")
def test_everywhere_is_everywhere_whatever_the_system_s_default(
    default: int, reactor: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Socket(socket.socket):
        def __init__(self, *given: int) -> None:
            super().__init__(*given)
            if self.family == socket.AF_INET6:
                self.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, default)

    came: list[tuple[socket.socket, str]] = []
    with monkeypatch.context() as patch:
        patch.setattr(socket, "socket", Socket)
        both = Listener(reactor, "::", 0, lambda sock, host, _: came.append((sock, host)))
        one = Listener(reactor, "::1", 0, lambda sock, host, _: came.append((sock, host)))
    for listener, host in ((both, "127.0.0.1"), (both, "::1"), (one, "::1")):
        client = socket.create_connection((host, listener.port))
        turn_until(reactor, lambda: bool(came))
        sock, told = came.pop()
        assert told == host, "and nobody is told apart by how they came in"
        sock.close()
        client.close()
    both.close()
    one.close()


def test_a_port_that_is_taken_is_refused(reactor: Reactor) -> None:
    listener = Listener(reactor, "127.0.0.1", 0, lambda sock, *_: sock.close())
    with pytest.raises(OSError):
        Listener(reactor, "127.0.0.1", listener.port, lambda sock, *_: sock.close())
    listener.close()


@pytest.mark.parametrize("code", [errno.ECONNABORTED, errno.ENOTCONN, errno.EPROTO])
def test_p9_a_peer_that_left_before_it_was_taken_in_is_passed_over(
    reactor: Reactor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    accepted: list[socket.socket] = []
    listener = Listener(reactor, "127.0.0.1", 0, lambda sock, *_: accepted.append(sock))
    real_accept = socket.socket.accept
    gone = [OSError(code, "as the system has it")]

    def accept(listening: socket.socket) -> object:
        if gone:
            raise gone.pop()
        return real_accept(listening)

    monkeypatch.setattr(socket.socket, "accept", accept)
    client = socket.create_connection(("127.0.0.1", listener.port))
    turn_until(reactor, lambda: len(accepted) == 1)
    assert not caplog.records
    listener.close()
    client.close()
    accepted[0].close()


def test_p9_out_of_descriptors_pauses_accepting_and_goes_on(
    reactor: Reactor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("server.transport.streams.ACCEPT_PAUSE_S", 0.01)
    accepted: list[socket.socket] = []
    listener = Listener(reactor, "127.0.0.1", 0, lambda sock, *_: accepted.append(sock))

    def exhausted(_listening: socket.socket) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as system:
        system.setattr(socket.socket, "accept", exhausted)
        client = socket.create_connection(("127.0.0.1", listener.port))
        turn_until(reactor, lambda: "no more connections" in caplog.text)
    turn_until(reactor, lambda: len(accepted) == 1)
    listener.close()
    client.close()
    accepted[0].close()
