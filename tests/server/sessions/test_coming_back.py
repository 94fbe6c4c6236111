"""Many who come back at the same time share what is read for them, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from protocol.codec import encode
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import (
    Changes,
    Edit,
    Hello,
    Post,
    Refused,
    Resume,
    SignedIn,
    SignIn,
    Sync,
)
from protocol.refusals import Refusal
from server.storage.sqlite import open_store
from server.storage.sqlite.messages.history import SqliteHistory
from tests.fuzz.peer import Known, Peer
from tests.fuzz.stage import ADMIN, MEMBER, PASSWORD, Stage, stage

PEOPLE = 8

KNOWN = Known()
"""What every peer here may know of the others: they are one person's devices."""


@pytest.fixture
def on() -> Iterator[Stage]:
    with stage() as on:
        yield on


def come(on: Stage, then: bytes) -> Peer:
    peer = Peer(on.connect(), KNOWN)
    peer.say(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
    peer.say(then)
    on.settle()
    return peer


def tokens(on: Stage, count: int) -> list[bytes]:
    """Of so many sessions of the member."""
    found = []
    for _ in range(count):
        peer = come(on, encode(SignIn(2, MEMBER, PASSWORD)))
        found += [one.token for one in peer.hear() if isinstance(one, SignedIn)]
        peer.close()
        on.settle()
    return found


def reads(on: Stage) -> int:
    """Let the reader answer what waits; how many jobs that were."""
    waiting = on.service.storage.reads_waiting
    on.read()
    on.turn()
    return waiting


def post(on: Stage, count: int) -> Peer:
    alice = come(on, encode(SignIn(2, ADMIN, PASSWORD)))
    for number in range(count):
        alice.say(encode(Post(3 + number, number.to_bytes(16, "big"), f"message {number}")))
        on.settle()
    alice.hear()
    return alice


def test_the_tokens_of_one_turn_are_looked_up_together(on: Stage) -> None:
    crowd = [Peer(on.connect(), KNOWN) for _ in range(PEOPLE + 1)]
    for peer, token in zip(crowd, [*tokens(on, PEOPLE), bytes(32)], strict=True):
        peer.say(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
        peer.say(encode(Resume(2, token)))
    on.turn()
    assert reads(on) == 1
    on.settle()
    *known, stranger = [peer.hear() for peer in crowd]
    assert all(sum(isinstance(one, SignedIn) for one in heard) == 1 for heard in known)
    assert Refused(2, Refusal.SESSION_ENDED, "this session has ended") in stranger


def test_p4_who_is_at_the_same_revision_shares_a_page(on: Stage) -> None:
    post(on, 3)
    crowd = [come(on, encode(Resume(2, token))) for token in tokens(on, PEOPLE)]
    for place, peer in enumerate(crowd):
        peer.hear()
        peer.say(encode(Sync(9, place % 2)))
    on.turn()
    assert reads(on) == 2, "one for each revision"
    on.settle()
    for place, peer in enumerate(crowd):
        (changes,) = [one for one in peer.hear() if isinstance(one, Changes)]
        assert [one.id for one in changes.messages] == [1, 2, 3][place % 2 :]
        assert (changes.complete_through, changes.revision) == (3, 3)


def test_p4_a_page_that_was_read_for_another_is_told_until_something_changes(on: Stage) -> None:
    alice = post(on, 3)
    first, second, third = (come(on, encode(Resume(2, token))) for token in tokens(on, 3))

    def synced(peer: Peer) -> list[str]:
        peer.hear()
        peer.say(encode(Sync(9, 1)))
        on.settle()
        (changes,) = [one for one in peer.hear() if isinstance(one, Changes)]
        return [one.text for one in changes.messages]

    with count_calls(SqliteHistory, "changes_after") as calls:
        assert synced(first) == synced(second) == ["message 1", "message 2"]
        assert calls == ["changes_after"], "read once"
        alice.say(encode(Edit(20, 3, "another text")))
        on.settle()
        assert synced(third) == ["message 1", "another text"]


@contextmanager
def count_calls(kind: type, name: str) -> Iterator[list[str]]:
    calls: list[str] = []
    original = getattr(kind, name)

    def counted(*arguments: object) -> object:
        calls.append(name)
        return original(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, name, counted)
        yield calls


def test_p8_of_those_who_share_a_page_nobody_gets_it_whose_session_has_ended(on: Stage) -> None:
    post(on, 3)
    crowd = [come(on, encode(Resume(2, token))) for token in tokens(on, PEOPLE)]
    with open_store(on._room) as store:
        ended = store.sessions.of(2)[0].digest
        store.sessions.close(ended)
    for peer in crowd:
        peer.hear()
        peer.say(encode(Sync(9, 0)))
    on.turn()
    on.settle()
    heard = [peer.hear() for peer in crowd]
    refused = [one for those in heard for one in those if isinstance(one, Refused)]
    assert refused == [Refused(9, Refusal.SESSION_ENDED, "this session has ended")]
    assert sum(isinstance(one, Changes) for those in heard for one in those) == PEOPLE - 1


def test_p4_who_has_missed_nothing_is_told_so_without_a_look_at_the_disk(on: Stage) -> None:
    post(on, 3)
    peer = come(on, encode(Resume(2, tokens(on, 1)[0])))
    peer.hear()
    peer.say(encode(Sync(9, 3)))
    on.turn()
    assert Changes(9, (), 3, 3) in peer.hear()


def test_p9_who_is_further_than_the_room_is_told_so(on: Stage) -> None:
    post(on, 3)
    peer = come(on, encode(Resume(2, tokens(on, 1)[0])))
    peer.say(encode(Sync(9, 4)))
    on.settle()
    assert Refusal.AHEAD_OF_ROOM in [one.code for one in peer.hear() if isinstance(one, Refused)]
