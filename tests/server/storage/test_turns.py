"""Who asks for much waits for oneself: everybody else is served in turn (P5)."""

import queue
import threading
from collections.abc import Callable

import pytest

from protocol.codec import encode
from protocol.limits import PROTOCOL_VERSION
from protocol.messages import (
    ConfirmPassword,
    GetHistory,
    Hello,
    History,
    Refused,
    Register,
    SignedIn,
    SignIn,
    WireMessage,
)
from protocol.refusals import Refusal
from server import passwords
from server.domain.errors import Busy
from server.passwords import MAX_OF_NETWORK, MAX_OF_PERSON, PasswordPool
from server.storage.turns import FairQueue, Turns
from server.transport.jobs import Job
from tests.fuzz.peer import Known, Peer
from tests.fuzz.stage import ADMIN, MEMBER, PASSWORD, Stage, stage

CROWD, ELSEWHERE = "203.0.113.9", "192.0.2.99"
CONNECTIONS = 60


def test_each_line_keeps_its_order_and_the_lines_take_turns() -> None:
    turns: Turns[str] = Turns()
    for item in ("a1", "a2", "a3", "b1", "c1", "c2"):
        turns.put(item[0], item)
    assert (len(turns), turns.waiting("a"), turns.longest()) == (6, 3, "a")
    assert [turns.take() for _ in range(2)] == ["a1", "b1"]
    turns.put("d", "d1")
    turns.put("b", "b2")
    assert [turns.take() for _ in range(len(turns))] == ["c1", "a2", "d1", "b2", "c2", "a3"]


def test_the_newest_of_a_line_can_be_taken_back() -> None:
    turns: Turns[int] = Turns()
    for number in range(3):
        turns.put("a", number)
    assert turns.drop_last("a") == 2
    assert [turns.take(), turns.take(), len(turns)] == [0, 1, 0]


def test_what_waits_is_taken_before_a_queue_ends() -> None:
    work: FairQueue[int] = FairQueue()
    for number in range(5):
        work.put(number % 2, number)
    work.close()
    assert [work.take(2), work.take(9), work.take(9)] == [[0, 1], [2, 3, 4], []]


def test_a_thread_waits_for_the_first() -> None:
    work: FairQueue[int] = FairQueue()
    taken: queue.SimpleQueue[list[int]] = queue.SimpleQueue()
    thread = threading.Thread(target=lambda: taken.put(work.take(9)))
    thread.start()
    work.put(None, 7)
    work.wake()
    assert taken.get(timeout=20) == [7]
    work.close()
    thread.join()


# -- the hashers' pool ----------------------------------------------------------------


class Held:
    """A pool with one hasher that waits to be let go, and what it has told."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, max_waiting: int) -> None:
        self._release, self._began = threading.Event(), threading.Event()
        self._deliveries: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        monkeypatch.setattr(passwords, "hash_password", self._hash)
        self.pool = PasswordPool(1, max_waiting, self._deliveries.put)
        self.done: list[str] = []
        self.busy: list[str] = []

    def _hash(self, password: str) -> str:
        if password != "nobody's":
            self._began.set()
            self._release.wait(20)
        return password

    def ask(self, whose: int | str, name: str) -> None:
        def told(outcome: Job[str]) -> None:
            is_busy = isinstance(outcome.exception(), Busy)
            (self.busy if is_busy else self.done).append(name)

        self.pool.hash(name, whose).when_done(told)
        self._began.wait(20)  # the first is being hashed, the others wait
        while not self._deliveries.empty():
            self._deliveries.get()()

    def let_go(self) -> None:
        self._release.set()
        self.pool._pool.shutdown(wait=True)
        while not self._deliveries.empty():
            self._deliveries.get()()


def test_nobody_holds_more_than_a_few_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held(monkeypatch, 100)
    for number in range(30):
        held.ask(7, f"person {number}")
        held.ask("192.0.2.1", f"network {number}")
    assert len(held.busy) == 60 - MAX_OF_PERSON - MAX_OF_NETWORK
    held.ask(8, "another")
    held.let_go()
    assert "another" in held.done
    assert held.pool.waiting == 0


def test_where_there_is_no_room_the_longest_line_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = Held(monkeypatch, 10)
    for number in range(12):
        held.ask("192.0.2.1", f"crowd {number}")
    assert held.busy == ["crowd 10", "crowd 11"]
    held.ask("192.0.2.2", "stranger")
    held.ask(7, "person")
    assert held.busy[2:] == ["crowd 9", "crowd 8"]
    held.let_go()
    # The first was being hashed, then come the three in turn.
    assert held.done[1:4] == ["crowd 1", "stranger", "person"]
    assert len(held.done) == 10
    assert held.pool.waiting == 0


# -- over the wire ----------------------------------------------------------------------


def come(on: Stage, address: str, name: str = "") -> Peer:
    """Somebody from there, signed in by this name, if any."""
    peer = Peer(on.connect(address), Known())
    peer.say(encode(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION)))
    if name:
        peer.say(encode(SignIn(2, name, PASSWORD)))
    on.settle()
    peer.hear()
    return peer


def steps_until(on: Stage, peer: Peer, kind: type[WireMessage], step: Callable[[], bool]) -> int:
    """How often this had to be done, until the peer was answered so."""
    for count in range(1000):
        on.turn()
        while (step != on.read and on.read()) or on.write() or (step != on.hash and on.hash()):
            on.turn()
        on.turn()
        if any(isinstance(one, kind) for one in peer.hear()):
            return count
        step()
    raise AssertionError(f"no {kind.__name__} ever came")


def test_p5_a_member_s_many_passwords_delay_a_stranger_by_one_hash() -> None:
    with stage(max_connections_per_address=CONNECTIONS) as on:
        crowd = [come(on, CROWD, MEMBER) for _ in range(CONNECTIONS)]
        stranger = come(on, ELSEWHERE)
        for one in crowd:
            one.say(encode(ConfirmPassword(3, PASSWORD)))
        on.turn()
        while on.read():
            on.turn()
        stranger.say(encode(SignIn(2, ADMIN, PASSWORD)))
        assert steps_until(on, stranger, SignedIn, on.hash) <= 2, "its own, and one of theirs"
        on.settle()
        heard = [answer for one in crowd for answer in one.hear()]
        refused = [one for one in heard if isinstance(one, Refused)]
        assert {one.code for one in refused} == {Refusal.BUSY}
        assert len(refused) == CONNECTIONS - MAX_OF_PERSON


def test_p5_an_address_that_registers_delays_a_stranger_by_one_hash() -> None:
    with stage(max_connections_per_address=CONNECTIONS) as on:
        crowd = [come(on, CROWD) for _ in range(CONNECTIONS)]
        stranger = come(on, ELSEWHERE)
        for number, one in enumerate(crowd):
            one.say(encode(Register(3, f"crowd{number}", "Crowd", PASSWORD)))
        on.turn()
        while on.read():
            on.turn()
        stranger.say(encode(SignIn(2, ADMIN, PASSWORD)))
        assert steps_until(on, stranger, SignedIn, on.hash) <= 2


def test_p5_a_member_s_many_reads_delay_others_by_one_read() -> None:
    with stage(max_connections_per_address=CONNECTIONS) as on:
        crowd = [come(on, CROWD, MEMBER) for _ in range(CONNECTIONS)]
        alice = come(on, ELSEWHERE, ADMIN)
        newcomer = come(on, "192.0.2.98")
        for one in crowd:
            for number in range(3, 8):
                one.say(encode(GetHistory(number, 0, 50)))
        on.turn()
        waiting = on.service.storage.reads_waiting
        on.read()
        assert on.service.storage.reads_waiting == waiting - 1, "who comes now is soon next"
        alice.say(encode(GetHistory(3, 0, 50)))
        newcomer.say(encode(SignIn(2, ADMIN, PASSWORD)))
        assert steps_until(on, alice, History, on.read) <= 3
        assert steps_until(on, newcomer, SignedIn, on.read) <= 3
        on.settle()
        answered = [sum(isinstance(a, History) for a in one.hear()) for one in crowd]
        assert answered == [5] * CONNECTIONS, "and each of theirs is answered, too"
