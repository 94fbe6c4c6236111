"""One connection's conversation, by the clock."""

import pytest

from app.net.link import Broken, Link
from protocol.codec import encode
from protocol.connection import ServerConnection
from protocol.limits import ANSWER_TIMEOUT_S, PING_WHEN_QUIET_S
from protocol.messages import (
    Hello,
    Limits,
    Ping,
    Pong,
    Registration,
    SignIn,
    Welcome,
    WireMessage,
)
from protocol.states import IllegalMessage

WELCOME = Welcome(1, 1, bytes(16), "Room", "", Registration.OPEN, 5, Limits())


def said(data: bytes, server: ServerConnection) -> list[object]:
    server.receive(data)
    return list(server.incoming())


def greeted(chance: float = 0.0) -> tuple[Link, ServerConnection]:
    link, server = Link("test", 0.0, lambda: chance), ServerConnection()
    assert [type(message) for message in said(link.hello(0.0), server)] == [Hello]
    assert list(link.receive(server.send(WELCOME), 0.0)) == [WELCOME]
    return link, server


def test_it_pings_when_it_has_been_quiet() -> None:
    link, server = greeted()
    assert link.deadline == PING_WHEN_QUIET_S
    assert link.tick(PING_WHEN_QUIET_S - 0.1) == b""
    pings = said(link.tick(PING_WHEN_QUIET_S), server)
    assert pings == [Ping(1)]
    assert list(link.receive(server.send(Pong(1, 0)), 16.0)) == [Pong(1, 0)]
    assert link.deadline == 2 * PING_WHEN_QUIET_S


def test_it_pings_at_a_random_moment_so_that_not_all_do_at_once() -> None:
    moments = [greeted(chance)[0].deadline for chance in (0.0, 0.5, 1.0)]
    assert moments == pytest.approx([15.0, 12.5, 10.0])
    link, _ = greeted(0.5)
    assert link.tick(12.4) == b"" and link.tick(12.6) != b""


def test_whatever_it_says_puts_the_ping_off() -> None:
    link, _ = greeted()
    link.send(SignIn(2, "amelia", "password"), 10.0)
    list(link.receive(b"", 10.0))
    assert link.deadline == 10.0 + PING_WHEN_QUIET_S


def test_no_answer_at_all_means_that_the_connection_is_broken() -> None:
    link, _ = greeted()
    link.send(SignIn(2, "amelia", "password"), 3.0)
    assert link.deadline == 3.0 + ANSWER_TIMEOUT_S
    assert link.tick(3.0 + ANSWER_TIMEOUT_S - 0.1) == b""
    with pytest.raises(Broken):
        link.tick(3.0 + ANSWER_TIMEOUT_S)


def test_a_server_that_never_greets_is_broken_too() -> None:
    link = Link("test", 0.0)
    link.hello(0.0)
    with pytest.raises(Broken):
        link.tick(ANSWER_TIMEOUT_S)


def test_until_it_is_greeted_nothing_else_is_a_sign_of_life() -> None:
    link, server = Link("test", 0.0), ServerConnection()
    said(link.hello(0.0), server)
    echo = encode(Hello(1, 1, 1))
    assert list(link.receive(echo, ANSWER_TIMEOUT_S - 0.1)) == []
    assert link.deadline == ANSWER_TIMEOUT_S
    with pytest.raises(Broken):
        link.tick(ANSWER_TIMEOUT_S)


def test_what_was_not_read_is_not_late() -> None:
    link, _ = greeted()
    link.send(SignIn(2, "amelia", "password"), 3.0)
    link.excuse(12.0)
    assert link.tick(14.0) == b""
    with pytest.raises(Broken):
        link.tick(12.0 + ANSWER_TIMEOUT_S)


def test_anything_heard_is_a_sign_of_life() -> None:
    link, _ = greeted()
    link.send(SignIn(2, "amelia", "password"), 3.0)
    list(link.receive(encode(Pong(9, 0))[:2], 12.0))
    assert link.tick(13.5) == b""


@pytest.mark.parametrize("message", [Ping(1), SignIn(2, "amelia", "password")])
def test_it_says_nothing_out_of_turn(message: WireMessage) -> None:
    with pytest.raises(IllegalMessage):
        Link("test", 0.0).send(message, 0.0)  # type: ignore[arg-type]
