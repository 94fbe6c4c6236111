"""Why an announcement may not have been seen, as administrators are told."""

from pathlib import Path

import msgspec
import pytest

from protocol.messages import (
    Attending,
    Attention,
    GetRoster,
    Post,
    Posted,
    Refused,
    Roster,
    RosterEntry,
)
from protocol.refusals import Refusal
from server import settings
from tests.server.conftest import ADMIN, PASSWORD, Connect
from tests.support.running import running
from tests.support.waiting import until
from tests.support.wire import WireClient


def say(client: WireClient, attention: Attention) -> None:
    """Say it, and return when the server has heard it."""
    client.say(Attending(attention))
    client.barrier()


def entry_of(alice: WireClient, username: str = "bob") -> RosterEntry:
    number = alice.ask(Post(alice.number(), bytes(16), "here?", answers=("",)), Posted).id
    roster = alice.ask(GetRoster(alice.number(), number, 0, 10), Roster)
    return next(one for one in roster.entries if one.username == username)


def test_the_roster_tells_what_each_client_told(alice: WireClient, bob: WireClient) -> None:
    assert entry_of(alice).attention is Attention.HERE
    for attention in Attention:
        say(bob, attention)
        assert (entry_of(alice).online, entry_of(alice).attention) == (True, attention)


def test_of_several_computers_the_best_counts(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    other = connect()
    other.sign_in("bob", PASSWORD)
    say(bob, Attention.LOCKED)
    assert entry_of(alice).attention is Attention.HERE, "the other one is not"
    say(other, Attention.FULL_SCREEN)
    assert entry_of(alice).attention is Attention.FULL_SCREEN
    other.close()
    until(lambda: entry_of(alice).attention is Attention.LOCKED, "to be told")


def test_it_is_forgotten_with_the_connection(alice: WireClient, bob: WireClient) -> None:
    say(bob, Attention.LOCKED)
    bob.close()
    until(lambda: not entry_of(alice).online, "to be told")
    assert entry_of(alice).attention is Attention.HERE


def test_a_room_that_does_not_ask_forgets_it(data_dir: Path) -> None:
    chosen = settings.load(data_dir, {}, {"port": 0, "asks_attention": False})
    with (
        running(data_dir, chosen) as service,
        WireClient(service.port) as alice,
        WireClient(service.port) as bob,
    ):
        assert alice.hello().asks_attention is False
        bob.hello()
        alice.sign_in(ADMIN, PASSWORD)
        bob.register("bob", PASSWORD)
        say(bob, Attention.LOCKED)
        assert entry_of(alice).attention is Attention.HERE


def test_a_room_asks_unless_it_was_told_not_to(alice: WireClient) -> None:
    with WireClient(alice.socket.getpeername()[1]) as newcomer:
        assert newcomer.hello().asks_attention is True


def test_p6_before_sign_in_nobody_tells_anything(connect: Connect) -> None:
    client = connect()
    body = msgspec.msgpack.encode([59, 4])
    client.say_bytes(len(body).to_bytes(4, "big") + body)
    refused = client.next()
    assert isinstance(refused, Refused) and refused.code == Refusal.NOT_NOW


@pytest.mark.parametrize("value", [5, -1, 255, "locked", None, 1.5])
def test_p9_what_is_no_attention_is_refused(
    alice: WireClient, bob: WireClient, value: object
) -> None:
    body = msgspec.msgpack.encode([59, value])
    bob.say_bytes(len(body).to_bytes(4, "big") + body)
    bob.barrier_despite_refusals()
    refused = [one.code for one in bob.heard if isinstance(one, Refused)]
    assert refused == [Refusal.MALFORMED]
    assert entry_of(alice).attention is Attention.HERE
