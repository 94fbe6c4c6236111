"""Who is let in, and how much one may ask: by moving the clock, never by waiting."""

from pathlib import Path
from typing import Any

import pytest

from protocol.codec import encode
from protocol.limits import FRAME_LIMIT_S, HELLO_LIMIT_S, PROTOCOL_VERSION, SILENCE_LIMIT_S
from protocol.messages import Goodbye, Hello, Ping, Pong, Register, SignIn, Welcome
from protocol.refusals import Farewell, Refusal
from server import settings
from server.sessions.admission import Admission
from server.sessions.rate_limits import TokenBucket
from server.transport import reactor
from tests.fuzz.peer import Known, Peer
from tests.fuzz.stage import ADMIN, PASSWORD, Stage, stage
from tests.support.running import running
from tests.support.wire import WireClient


class Guest:
    """One connection, as far as admission knows it."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.farewell: Farewell | None = None

    def goodbye(self, code: Farewell, retry_after_ms: int = 0) -> None:
        self.farewell = code


def admission(**chosen: Any) -> Admission:
    return Admission(settings.check_chosen(chosen))


def test_one_address_gets_so_many_connections_and_others_are_served() -> None:
    door = admission(max_connections_per_address=3)
    guests = [Guest("192.0.2.7") for _ in range(3)]
    for guest in guests:
        assert door.refusal(guest.address) is None
        door.entered(guest)
    assert door.refusal("192.0.2.7") is Farewell.TOO_MANY_CONNECTIONS
    assert door.refusal("192.0.2.8") is None
    door.left(guests[0])
    assert door.refusal("192.0.2.7") is None


def test_an_ipv6_network_counts_as_one() -> None:
    door = admission(max_connections_per_address=1)
    door.entered(Guest("2001:db8:1:2::1"))
    assert door.refusal("2001:db8:1:2:ffff::9") is Farewell.TOO_MANY_CONNECTIONS
    assert door.refusal("2001:db8:1:3::1") is None


def test_a_full_room_takes_nobody() -> None:
    door = admission(max_connections=2)
    for number in range(2):
        door.entered(Guest(f"192.0.2.{number}"))
    assert door.refusal("192.0.2.9") is Farewell.ROOM_FULL


def test_who_comes_back_finds_the_place_of_their_broken_connection() -> None:
    with stage(max_connections=2) as on:
        for peer in [on.connect(), on.connect()]:
            peer.close()
        # As where thousands have ended at once: nothing is done about it for now.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reactor, "UNHURRIED_A_TURN", 0)
            on.turn()
            assert len(on.service.connections) == 2
            returned = Peer(on.connect(), Known())
            assert len(on.service.connections) == 1
        returned.say(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
        on.settle()
        assert [type(one) for one in returned.hear()] == [Welcome]


def test_of_those_who_do_not_sign_in_the_longest_standing_goes() -> None:
    door = admission(max_not_signed_in=2)
    guests = [Guest(f"192.0.2.{number}") for number in range(4)]
    door.entered(guests[0])
    door.signed_in(guests[0])
    for guest in guests[1:]:
        door.entered(guest)
    assert [guest.farewell for guest in guests] == [
        *(None, Farewell.TOO_MANY_CONNECTIONS),
        *(None, None),
    ]
    door.signed_out(guests[0])
    assert guests[2].farewell is Farewell.TOO_MANY_CONNECTIONS


def test_one_address_that_never_signs_in_drives_nobody_else_out() -> None:
    door = admission(max_not_signed_in=3)
    newcomer = Guest("192.0.2.1")
    door.entered(newcomer)
    crowd = [Guest("203.0.113.9") for _ in range(50)]
    for guest in crowd:
        door.entered(guest)
    assert newcomer.farewell is None
    assert [guest.farewell is None for guest in crowd] == [False] * 48 + [True] * 2
    for guest in crowd:
        door.left(guest)
    others = [Guest(f"192.0.2.{number}") for number in range(2, 5)]
    for guest in others:
        door.entered(guest)
    assert newcomer.farewell is Farewell.TOO_MANY_CONNECTIONS, "of as many, who came first"
    assert all(guest.farewell is None for guest in others)


def test_half_of_all_is_kept_for_those_who_sign_in() -> None:
    assert settings.check_chosen({"max_connections": 10}).not_signed_in == 5
    assert settings.check_chosen({"max_connections": 1}).not_signed_in == 1


def test_a_pace_allows_a_second_s_worth_and_then_the_rate() -> None:
    pace = TokenBucket(10, now=100.0)
    for _ in range(10):
        assert pace.wait_s(100.0) == 0
        pace.take()
    assert pace.wait_s(100.0) == pytest.approx(0.1)
    assert pace.wait_s(100.1) == pytest.approx(0, abs=1e-6)
    pace.take()
    assert pace.wait_s(200.0) == 0, "more than a second's worth is not saved up"
    for _ in range(10):
        pace.take()
    assert pace.wait_s(200.0) == pytest.approx(0.1)


STEPS = 20


def come(on: Stage) -> Peer:
    return Peer(on.connect(), Known())


def greeted(on: Stage) -> Peer:
    peer = come(on)
    peer.say(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
    on.settle()
    peer.hear()
    return peer


def pongs(on: Stage, peer: Peer) -> list[int]:
    """The pings of this peer that are answered by now."""
    on.settle()
    return [one.token for one in peer.hear() if isinstance(one, Pong)]


def farewell(on: Stage, peer: Peer) -> str:
    on.settle()
    goodbyes = [one.code for one in peer.hear() if isinstance(one, Goodbye)]
    peer.socket.close()
    on.settle()
    return goodbyes[0] if goodbyes else ""


def test_who_asks_too_fast_is_answered_in_time_and_everyone_else_at_once() -> None:
    with stage(max_requests_per_second=20) as on:
        hasty, other = greeted(on), greeted(on)
        for token in range(1, 60):
            hasty.say(encode(Ping(token)))
        assert pongs(on, hasty) == list(range(1, 20)), "a second's worth; the hello was one of it"
        other.say(encode(Ping(7)))
        assert pongs(on, other) == [7]
        assert pongs(on, hasty) == []
        on.clock.forward(1.0)
        assert pongs(on, hasty) == list(range(20, 40))
        on.clock.forward(0.5)
        assert pongs(on, hasty) == list(range(40, 50))
        on.clock.forward(1.0)
        assert pongs(on, hasty) == list(range(50, 60)), "nothing is lost"


def test_p9_who_never_says_hello_is_sent_away() -> None:
    with stage() as on:
        silent = come(on)
        on.settle()
        on.clock.forward(HELLO_LIMIT_S - 0.1)
        on.settle()
        assert not silent.hear() and not silent.hung_up
        on.clock.forward(0.2)
        assert farewell(on, silent) == Farewell.TOO_SLOW


def test_p9_who_sends_a_frame_byte_by_byte_is_sent_away() -> None:
    with stage() as on:
        slow = greeted(on)
        frame = encode(SignIn(2, ADMIN, PASSWORD))
        assert len(frame) > STEPS + 2
        step_s = FRAME_LIMIT_S / STEPS
        for index in range(len(frame)):
            slow.say(frame[index : index + 1])
            on.clock.forward(step_s)
            on.settle()
            if slow.hear() or slow.hung_up:
                break
        assert slow.hung_up and index == STEPS, "not earlier, and not later"
        slow.socket.close()
        on.settle()


def test_a_silent_one_is_sent_away_and_one_who_pings_stays() -> None:
    with stage() as on:
        silent, lively = greeted(on), greeted(on)
        for _ in range(3):
            on.clock.forward(SILENCE_LIMIT_S / 2 + 1)
            lively.say(encode(Ping(1)))
            on.settle()
        assert farewell(on, silent) == Farewell.SILENT
        assert not farewell(on, lively)


@pytest.mark.real_passwords
def test_no_more_passwords_are_hashed_than_may_wait(data_dir: Path) -> None:
    flags = {"port": 0, "max_hashes_waiting": 1}
    with running(data_dir, settings.load(data_dir, {}, flags)) as service:
        clients = [WireClient(service.port) for _ in range(6)]
        try:
            for client in clients:
                client.hello()
            for number, client in enumerate(clients):
                client.say(Register(2, f"person{number}", "P", PASSWORD))
            codes = [getattr(client.next(), "code", "in") for client in clients]
            assert "in" in codes and set(codes) <= {"in", Refusal.BUSY}
        finally:
            for client in clients:
                client.close()
