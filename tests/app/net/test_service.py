"""The network thread, against a scripted server on a real socket."""

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from app.clock import SYSTEM, Clock
from app.net import service as service_module
from app.net.backoff import BackoffPolicy
from app.net.commands import Abandon, Connect, Disconnect, Probe, ReconnectNow, Send
from app.net.events import Connecting, Greeted, Lost, Received
from app.net.service import PROBE_TIMEOUT_S, NetworkService
from protocol.codec import encode
from protocol.messages import (
    Goodbye,
    Hello,
    Ping,
    Pong,
    Refused,
    SignIn,
)
from tests.app.net.scripted import NEVER, WAIT_S, ScriptedServer, expect
from tests.support.clock import ClientClock

QUICK = BackoffPolicy(first_s=0.01, cap_s=0.05, stable_s=0.0)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    server = ScriptedServer()
    yield server
    server.close()


@pytest.fixture
def start() -> Iterator[Callable[..., NetworkService]]:
    started: list[NetworkService] = []

    def start(policy: BackoffPolicy = QUICK, clock: Clock = SYSTEM) -> NetworkService:
        service = NetworkService(policy, "test", clock)
        service.start()
        started.append(service)
        return service

    yield start
    for service in started:
        service.stop()
        assert not service._thread.is_alive()


def test_it_connects_says_hello_and_tells_of_the_room(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "localhost", server.port, is_plain=True))
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
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
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
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
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
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    before = time.monotonic()
    peer.socket.sendall(peer.connection.send(Goodbye("server_stopping", 700)))
    peer.close()
    lost = expect(service, Lost)
    assert lost.reason == "server_stopping"
    assert lost.retry_at >= before + 0.7
    server.accept().greet()
    expect(service, Greeted)


def test_a_refused_hello_is_the_reason(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
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
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.socket.sendall(noise)
    assert expect(service, Lost).reason == "not_rostrum"
    peer.close()


def test_nobody_there_is_unreachable_and_now_means_now(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    server.close()
    service = start(NEVER)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    lost = expect(service, Lost)
    assert lost.reason == "unreachable"
    service.command(ReconnectNow())
    assert expect(service, Lost).reason == "unreachable"


@pytest.mark.parametrize("host", ["no-such-host.invalid", "\u2603" * 70, "a..b", "nul\0", "\ud800"])
def test_a_host_that_does_not_exist_is_unreachable(
    start: Callable[..., NetworkService], host: str
) -> None:
    service = start(NEVER)
    service.command(Connect(1, host, 1, is_plain=True))
    assert expect(service, Lost).reason == "unreachable"


def test_a_server_that_never_answers_is_given_up(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.net.link.ANSWER_TIMEOUT_S", 0.1)
    service = start(NEVER)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
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
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
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
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    expect(service, Greeted)
    service.command(Disconnect())
    assert peer.hear() is None
    peer.close()
    service.command(ReconnectNow())
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
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
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
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
    service.command(Connect(1, "slow.example", 1, is_plain=True))
    expect(service, Connecting)
    service.stop()
    assert not service._thread.is_alive()


def test_waking_from_sleep_probes_the_connection_at_once(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    clock = ClientClock()
    service = start(clock=clock)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    greeted = expect(service, Greeted)
    clock.ahead_ms = 3_600_000
    service.command(Send(greeted.link + 1, Ping(99)))  # only wakes the loop
    assert peer.hear() == Ping(1)
    peer.close()


def test_after_a_change_of_the_network_a_dead_connection_is_left_within_seconds(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    clock = ClientClock()
    clock.stands_at_s = time.monotonic()
    # One that broke before: after the next break it would wait for days.
    service = start(BackoffPolicy(first_s=1e6, cap_s=1e6, stable_s=1e6), clock=clock)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    broken = server.accept()
    broken.greet()
    expect(service, Greeted)
    broken.close()
    expect(service, Lost)
    peer = server.accept()
    peer.greet()
    expect(service, Greeted)
    service.command(Probe())
    assert peer.hear() == Ping(1)
    # It is asked in a hurry: a server that is there has answered by then.
    clock.forward(PROBE_TIMEOUT_S)
    service.command(Send(0, Ping(99)))  # only wakes the loop
    assert expect(service, Lost).reason == "lost"
    server.accept().greet()
    expect(service, Greeted)
    peer.close()


def test_a_connection_that_answers_outlives_a_change_of_the_network(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    clock = ClientClock()
    clock.stands_at_s = time.monotonic()
    service = start(NEVER, clock=clock)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    link = expect(service, Greeted).link
    service.command(Probe())
    assert peer.hear() == Ping(1)
    peer.say(Pong(1, 0))
    assert expect(service, Received).message == Pong(1, 0)
    clock.forward(PROBE_TIMEOUT_S)
    service.command(Send(link, SignIn(2, "amelia", "password")))
    while not isinstance(peer.hear(), SignIn):
        pass
    peer.close()


def test_a_change_of_the_network_ends_a_wait_at_once(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start(NEVER)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    server.accept().close()
    expect(service, Lost)
    service.command(Probe())
    server.accept().greet()
    expect(service, Greeted)


def test_a_server_that_says_goodbye_and_does_not_close_is_left(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start(NEVER)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    peer.say(Goodbye("server_stopping", 60_000))
    assert expect(service, Lost).reason == "server_stopping"
    assert peer.hear() is None, "the client has hung up"


@pytest.mark.parametrize("retry_after_ms", [2**31, 2**63 - 1])
def test_p9_no_wait_that_a_server_asks_for_ends_the_client(
    server: ScriptedServer, start: Callable[..., NetworkService], retry_after_ms: int
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    peer.say(Goodbye("server_stopping", retry_after_ms))
    lost = expect(service, Lost)
    assert lost.retry_at - time.monotonic() < 3600
    service.command(ReconnectNow())
    server.accept().greet()
    assert expect(service, Greeted).link == 2


def test_what_cant_be_sent_breaks_the_connection_not_the_client(
    server: ScriptedServer, start: Callable[..., NetworkService], caplog: pytest.LogCaptureFixture
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    server.accept().greet()
    link = expect(service, Greeted).link
    service.command(Send(link, SignIn(2, "half a character: \ud83d", "password")))
    assert expect(service, Lost).reason == "lost", "whoever asked is told"
    server.accept().greet()
    expect(service, Greeted)
    assert "begins anew" in caplog.text


def test_p9_an_echo_is_no_server(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.net.link.ANSWER_TIMEOUT_S", 0.2)
    monkeypatch.setattr("app.net.link.PING_WHEN_QUIET_S", 0.01)
    service = start(NEVER)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.socket.settimeout(WAIT_S)
    for _ in range(1000):
        heard = peer.socket.recv(4096)
        if not heard:
            break
        peer.socket.sendall(heard)
    assert not heard, "the client has hung up"
    assert expect(service, Lost).reason == "lost"


def test_a_link_that_is_abandoned_is_broken_and_made_again(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    first = server.accept()
    first.greet()
    link = expect(service, Greeted).link
    service.command(Abandon(link))
    assert first.hear() is None
    assert expect(service, Lost).reason == "lost"
    server.accept().greet()
    assert expect(service, Greeted).link == link + 1
    service.command(Abandon(link))
    service.command(Send(link + 1, Ping(9)))
    assert server._peers[-1].hear() == Ping(9), "an earlier one's end does not end a later one"


def test_every_event_tells_of_which_connect_it_comes(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    other = ScriptedServer()
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    server.accept().greet()
    assert expect(service, Greeted).target == 1
    service.command(Connect(2, "127.0.0.1", other.port, is_plain=True))
    assert expect(service, Connecting).target == 2
    peer = other.accept()
    peer.greet()
    assert expect(service, Greeted).target == 2
    peer.close()
    assert expect(service, Lost).target == 2
    other.close()


def test_p5_reading_goes_on_whenever_there_is_room(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also if the queue was empty when the taker came and is emptied by it."""
    monkeypatch.setattr(service_module, "MAX_WAITING_EVENTS", 5)
    monkeypatch.setattr(service_module, "LOOK_EVERY_S", 60.0)
    monkeypatch.setattr("app.net.transport.RECEIVE_BYTES", 256)
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    expect(service, Greeted)
    began = time.monotonic()
    for round_number in range(50):
        peer.socket.sendall(encode(Pong(round_number, 0)) * 500)
        heard = 0
        while heard < 500:
            heard += len(service.take(1000, WAIT_S))
            assert time.monotonic() - began < 10, "no round waited for the next look at the clock"


def test_a_busy_window_does_not_take_its_own_silence_for_the_servers(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.net.link.ANSWER_TIMEOUT_S", 0.25)
    monkeypatch.setattr("app.net.link.PING_WHEN_QUIET_S", 0.05)
    monkeypatch.setattr(service_module, "MAX_WAITING_EVENTS", 10)
    service = start()
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    expect(service, Greeted)
    peer.socket.sendall(encode(Pong(0, 0)) * 100)
    for _ in range(15):  # three times what it would wait for an answer
        ping = peer.hear_a(Ping)
    peer.say(Pong(ping.token, 7))
    while True:
        for event in service.take(100, WAIT_S):
            assert isinstance(event, Received), event
            if event.message == Pong(ping.token, 7):
                return


def test_the_next_address_is_tried_when_one_is_refused(
    server: ScriptedServer,
    start: Callable[..., NetworkService],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nobody = ScriptedServer()
    nobody.close()
    found = [
        (socket.AF_INET, ("127.0.0.1", nobody.port)),
        (socket.AF_INET6, ("::1", nobody.port, 0, 0)),
        (9999, ("no such family", 1)),
        (socket.AF_INET, ("127.0.0.1", server.port)),
    ]
    answer = [(family, socket.SOCK_STREAM, 6, "", address) for family, address in found]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_arguments, **_named: answer)
    service = start(NEVER)
    service.command(Connect(1, "several.example", 1, is_plain=True))
    server.accept().greet()
    assert expect(service, Greeted).link == 1


def test_a_lookup_that_never_ends_is_given_up(
    start: Callable[..., NetworkService], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.net.dialer.resolve", lambda *_arguments: None)
    monkeypatch.setattr("app.net.dialer.RESOLVE_TIMEOUT_S", 0.01)
    service = start(NEVER)
    service.command(Connect(1, "slow.example", 1, is_plain=True))
    assert expect(service, Lost).reason == "unreachable"


def test_waking_from_sleep_ends_a_wait_at_once(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    clock = ClientClock()
    service = start(NEVER, clock=clock)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    server.accept().close()
    expect(service, Lost)
    clock.ahead_ms = 3_600_000
    server.accept().greet()
    expect(service, Greeted)


@pytest.mark.parametrize("jump_ms", [-86_400_000, 86_400_000])
def test_a_clock_that_is_set_harms_nothing(
    server: ScriptedServer, start: Callable[..., NetworkService], jump_ms: int
) -> None:
    clock = ClientClock()
    service = start(clock=clock)
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
    peer = server.accept()
    peer.greet()
    link = expect(service, Greeted).link
    clock.ahead_ms = jump_ms
    service.command(Send(link, SignIn(2, "amelia", "password")))
    while isinstance(heard := peer.hear(), Ping):
        peer.say(Pong(heard.token, 0))
    assert heard == SignIn(2, "amelia", "password")


def test_stop_before_start_twice_and_commands_after_it() -> None:
    service = NetworkService(QUICK, "test")
    service.stop()
    assert service._waker.fileno() == -1 and service._wake_sender.fileno() == -1
    service.stop()
    service.command(Connect(1, "127.0.0.1", 1, is_plain=True))
    service.start()
    assert service.take(1) == [] and not service._thread.is_alive()


def test_stop_at_any_moment(server: ScriptedServer) -> None:
    """While it resolves, connects, says hello, is greeted: each is met by
    chance often enough in so many rounds."""
    for delay_rounds in range(60):
        service = NetworkService(QUICK, "test")
        service.start()
        service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))
        for _ in range(delay_rounds % 20):
            service.take(1, 0.0002)
        service.stop()
        service.command(ReconnectNow())
        assert not service._thread.is_alive()


def test_two_hundred_reconnects_leave_nothing_behind(
    server: ScriptedServer, start: Callable[..., NetworkService]
) -> None:
    service = start(BackoffPolicy(first_s=0.0, cap_s=0.0, stable_s=0.0))
    service.command(Connect(1, "127.0.0.1", server.port, is_plain=True))

    def come_and_go() -> None:
        peer = server.accept()
        peer.greet()
        expect(service, Greeted)
        peer.close()
        expect(service, Lost)

    come_and_go()
    threads, lowest = threading.active_count(), lowest_free_descriptor()
    for _ in range(200):
        come_and_go()
    assert threading.active_count() <= threads + 1, "one resolver at most"
    assert len(service._selector.get_map()) <= 2
    # Windows gives out handles in an order of its own.
    assert sys.platform == "win32" or lowest_free_descriptor() <= lowest + 4


def lowest_free_descriptor() -> int:
    with socket.socket() as probe:
        return probe.fileno()
