"""The network thread, against a scripted server on a real socket."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from app.net import service as service_module
from app.net.backoff import BackoffPolicy
from app.net.commands import Connect, Disconnect, ReconnectNow, Send
from app.net.events import Connecting, Event, Greeted, Lost, Received
from app.net.service import NetworkService
from protocol.codec import encode
from protocol.connection import ServerConnection
from protocol.messages import (
    Goodbye,
    Hello,
    Limits,
    Ping,
    Pong,
    Refused,
    Registration,
    SignIn,
    Welcome,
)

WAIT_S = 20.0
QUICK = BackoffPolicy(first_s=0.01, cap_s=0.05, stable_s=0.0)
NEVER = BackoffPolicy(first_s=1e6, cap_s=1e6, stable_s=0.0)


class ScriptedServer:
    """Does what a test tells it, one connection at a time."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(WAIT_S)
        self.port: int = self._listener.getsockname()[1]
        self._peers: list[Peer] = []

    def accept(self) -> "Peer":
        sock, _ = self._listener.accept()
        self._peers.append(Peer(sock))
        return self._peers[-1]

    def close(self) -> None:
        self._listener.close()
        for peer in self._peers:
            peer.close()


class Peer:
    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.socket.settimeout(WAIT_S)
        self.connection = ServerConnection()

    def hear(self) -> object:
        while True:
            for message in self.connection.incoming():
                return message
            data = self.socket.recv(65536)
            if not data:
                return None
            self.connection.receive(data)

    def greet(self) -> None:
        hello = self.hear()
        assert isinstance(hello, Hello)
        welcome = Welcome(hello.request, 1, bytes(16), "Room", "", Registration.OPEN, 5, Limits())
        self.socket.sendall(self.connection.send(welcome))

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def start() -> Iterator[Callable[..., NetworkService]]:
    started: list[NetworkService] = []

    def start(policy: BackoffPolicy = QUICK) -> NetworkService:
        service = NetworkService(policy, "test")
        service.start()
        started.append(service)
        return service

    yield start
    for service in started:
        service.stop()
        assert not service._thread.is_alive()


def expect(service: NetworkService, kind: type[Any]) -> Any:
    """The next event of this kind; others before it are passed over."""
    seen: list[Event] = []
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        for event in service.take(1, WAIT_S):
            seen.append(event)
            if isinstance(event, kind):
                return event
    raise AssertionError(f"no {kind.__name__} came, but {seen}")


def test_it_connects_says_hello_and_tells_of_the_room(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "localhost", server.port))
    assert isinstance(expect(service, Connecting), Connecting)
    peer = server.accept()
    peer.greet()
    greeted = expect(service, Greeted)
    assert greeted.welcome.room_name == "Room"
    service.command(Send(greeted.link, SignIn(2, "amelia", "password")))
    assert peer.hear() == SignIn(2, "amelia", "password")
    peer.socket.sendall(peer.connection.send(Refused(2, "wrong_credentials")))
    assert expect(service, Received).message == Refused(2, "wrong_credentials")


def test_a_broken_connection_is_told_and_made_again(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port))
    for _ in range(3):
        peer = server.accept()
        peer.greet()
        link = expect(service, Greeted).link
        peer.close()
        lost = expect(service, Lost)
        assert lost.reason == "lost" and lost.retry_at <= time.monotonic() + 1
    assert link == 3, "each connection has a number of its own"


def test_what_is_for_an_earlier_connection_is_not_said_on_a_later_one(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port))
    first = server.accept()
    first.greet()
    earlier = expect(service, Greeted).link
    first.close()
    second = server.accept()
    second.greet()
    later = expect(service, Greeted).link
    service.command(Send(earlier, SignIn(2, "stale", "password")))
    service.command(Send(later, Ping(7)))
    assert second.hear() == Ping(7)
    second.close()


def test_a_goodbye_is_the_reason_and_its_wait_is_kept(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port))
    peer = server.accept()
    peer.greet()
    peer.socket.sendall(peer.connection.send(Goodbye("server_stopping", 700)))
    peer.close()
    lost = expect(service, Lost)
    assert lost.reason == "server_stopping"
    assert lost.retry_at - time.monotonic() > 0.3
    server.accept().greet()
    expect(service, Greeted)


def test_a_refused_hello_is_the_reason(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port))
    peer = server.accept()
    hello = peer.hear()
    assert isinstance(hello, Hello)
    peer.socket.sendall(encode(Refused(hello.request, "version_unsupported")))
    assert peer.hear() is None, "the client hangs up"
    peer.close()
    assert expect(service, Lost).reason == "version_unsupported"


@pytest.mark.parametrize(
    "noise", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\0\0\0\2\x91\x05", b"HTTP/1.1 400"]
)
def test_what_is_no_rostrum_server_is_told_so(
    server: ScriptedServer, start: Callable[..., NetworkService], noise: bytes
) -> None:
    service = start(NEVER)
    service.command(Connect(1, "127.0.0.1", server.port))
    peer = server.accept()
    peer.socket.sendall(noise)
    assert expect(service, Lost).reason == "not_rostrum"
    peer.close()


def test_nobody_there_is_unreachable_and_now_means_now(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    server.close()
    service = start(NEVER)
    service.command(Connect(1, "127.0.0.1", server.port))
    lost = expect(service, Lost)
    assert lost.reason == "unreachable"
    service.command(ReconnectNow())
    assert expect(service, Lost).reason == "unreachable"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "\u2603" * 70, "a..b"])
def test_a_host_that_does_not_exist_is_unreachable(
    start: Callable[..., NetworkService], host: str
) -> None:
    service = start(NEVER)
    service.command(Connect(1, host, 1))
    assert expect(service, Lost).reason == "unreachable"


def test_a_server_that_never_answers_is_given_up(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.net.link.ANSWER_TIMEOUT_S", 0.1)
    service = start(NEVER)
    service.command(Connect(1, "127.0.0.1", server.port))
    peer = server.accept()
    assert expect(service, Lost).reason == "lost"
    peer.close()


def test_a_quiet_connection_is_kept_alive_by_pings(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.net.link.PING_WHEN_QUIET_S", 0.05)
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port))
    peer = server.accept()
    peer.greet()
    for token in (1, 2, 3):
        assert peer.hear() == Ping(token)
        peer.socket.sendall(peer.connection.send(Pong(token, 0)))
    peer.close()


def test_disconnect_hangs_up_and_stays_so(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port))
    peer = server.accept()
    peer.greet()
    expect(service, Greeted)
    service.command(Disconnect())
    assert peer.hear() is None
    peer.close()
    service.command(ReconnectNow())
    service.command(Connect(1, "127.0.0.1", server.port))
    server.accept().greet()
    assert expect(service, Greeted).link == 2, "nothing connected in between"


def test_p5_a_flood_is_left_in_the_network_while_nobody_drains(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service_module, "MAX_WAITING_EVENTS", 100)
    monkeypatch.setattr("app.net.transport.RECEIVE_BYTES", 4096)
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port))
    peer = server.accept()
    peer.greet()
    expect(service, Greeted)
    flood = b"".join(encode(Pong(token, 0)) for token in range(1_000_000))
    peer.socket.settimeout(0.5)
    sent = 0
    with suppress(TimeoutError):
        while sent < len(flood):
            sent += peer.socket.send(flood[sent : sent + 65536])
    assert sent < len(flood), "the sender was slowed down"
    assert service._events.qsize() < 1500
    tokens: list[object] = []
    while len(tokens) < 5000:
        tokens += [event.message.token for event in service.take(100, WAIT_S)]  # type: ignore[union-attr]
    assert tokens == list(range(len(tokens))), "and nothing was lost"
    peer.close()


def test_stop_does_not_wait_for_a_slow_resolver(
    start: Callable[..., NetworkService], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(host: str, port: int, done: object) -> None:
        """Never calls back."""

    monkeypatch.setattr("app.net.dialer.resolve", slow)
    service = start()
    service.command(Connect(1, "slow.example", 1))
    expect(service, Connecting)
    service.stop()
    assert not service._thread.is_alive()


def test_waking_from_sleep_probes_the_connection_at_once(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port))
    peer = server.accept()
    peer.greet()
    greeted = expect(service, Greeted)
    real = time.time
    monkeypatch.setattr("app.net.service.time.time", lambda: real() + 3600)
    service.command(Send(greeted.link + 1, Ping(99)))  # only wakes the loop
    assert peer.hear() == Ping(1)
    peer.close()
