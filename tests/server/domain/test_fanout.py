"""Blocks on their way to everyone: gathered, in order, a part of the listeners a turn."""

from collections import deque
from collections.abc import Callable

import pytest

from server.domain import fanout
from server.domain.fanout import Fanout


class Listener:
    def __init__(self) -> None:
        self.heard: list[bytes] = []

    def deliver(self, frames: bytes) -> None:
        self.heard.append(frames)


class Stage:
    """A fan-out, and its loop, whose turns are taken by hand."""

    def __init__(self, listeners: int) -> None:
        self.here: dict[Listener, None] = {Listener(): None for _ in range(listeners)}
        self.now = 100.0
        self.due: deque[Callable[[], None]] = deque()
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.more_is_coming = False
        self.fanout = self.new_fanout()

    def new_fanout(self) -> Fanout:
        return Fanout(self, self.here, lambda: self.more_is_coming, 7)

    def before_waiting(self, callback: Callable[[], None]) -> None:
        self.due.append(callback)

    def call_next_turn(self, callback: Callable[[], None]) -> None:
        self.due.append(callback)

    def call_later(self, delay_s: float, callback: Callable[[], None]) -> None:
        self.later.append((self.now + delay_s, callback))

    def turn(self) -> None:
        self.due.popleft()()

    def settle(self) -> int:
        """Turn until nothing is left to do; how often that was."""
        turns = 0
        while self.due:
            self.turn()
            turns += 1
        return turns

    def heard(self) -> list[list[bytes]]:
        return [one.heard for one in self.here]


@pytest.fixture(autouse=True)
def few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "LISTENERS_A_TURN", 2)
    monkeypatch.setattr(fanout, "MIN_HOLD_S", 0.0)


def test_what_is_said_within_a_turn_is_one_block_for_all() -> None:
    stage = Stage(2)
    stage.fanout.add(b"one ", 8)
    stage.fanout.add(b"two", 9)
    assert stage.heard() == [[], []], "not before the turn ends"
    stage.settle()
    first, second = stage.heard()
    assert first == second == [b"one two"] and first[0] is second[0]


def test_p5_others_are_served_between_two_parts_of_the_listeners() -> None:
    stage = Stage(5)
    stage.fanout.add(b"a", 8)
    stage.turn()
    assert [len(heard) for heard in stage.heard()] == [1, 1, 0, 0, 0]
    assert stage.fanout.told_revision == 7, "some have yet to hear it"
    assert stage.settle() == 2
    assert stage.heard() == [[b"a"]] * 5
    assert stage.fanout.told_revision == 8


def test_p3_what_is_said_meanwhile_follows_as_one_block() -> None:
    stage = Stage(5)
    stage.fanout.add(b"a", 8)
    stage.turn()
    stage.fanout.add(b"b", 9)
    stage.turn()
    stage.fanout.add(b"c", 10)
    stage.settle()
    assert stage.heard() == [[b"a", b"bc"]] * 5
    assert stage.fanout.told_revision == 10


def test_p3_who_comes_hears_what_is_said_from_then_on_and_nothing_of_before() -> None:
    stage = Stage(3)
    stage.fanout.add(b"a", 8)
    stage.turn()
    stage.fanout.add(b"b", 9)
    stage.fanout.seal()
    late = Listener()
    stage.here[late] = None
    stage.fanout.add(b"c", 10)
    stage.settle()
    assert stage.heard() == [[b"a", b"b", b"c"]] * 3 + [[b"c"]]


def test_who_leaves_hears_nothing_of_what_is_on_its_way() -> None:
    stage = Stage(3)
    last = list(stage.here)[2]
    stage.fanout.add(b"a", 8)
    stage.turn()
    del stage.here[last]
    stage.settle()
    assert last.heard == [] and stage.heard() == [[b"a"], [b"a"]]


def test_what_is_said_waits_for_more_that_is_about_to_be_said() -> None:
    stage = Stage(3)
    stage.more_is_coming = True
    stage.fanout.add(b"a", 8)
    stage.settle()
    assert stage.heard() == [[]] * 3
    stage.more_is_coming = False
    stage.fanout.add(b"b", 9)
    stage.settle()
    assert stage.heard() == [[b"ab"]] * 3


def test_in_a_small_room_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "MIN_HOLD_S", 0.001)
    stage = Stage(2)
    stage.more_is_coming = True
    stage.fanout.add(b"a", 8)
    stage.turn()
    assert stage.heard() == [[b"a"]] * 2


def three_blocks(monkeypatch: pytest.MonkeyPatch, listeners_a_turn: int) -> Stage:
    """Said to two listeners, after the first turn."""
    monkeypatch.setattr(fanout, "LISTENERS_A_TURN", listeners_a_turn)
    monkeypatch.setattr(fanout, "MAX_BLOCK_BYTES", 1)
    stage = Stage(2)
    for revision in range(8, 11):
        stage.fanout.add(b"a", revision)
    stage.turn()
    return stage


def test_in_a_small_room_a_turn_ends_when_all_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = three_blocks(monkeypatch, 6)
    assert stage.heard() == [[b"a"] * 3] * 2 and stage.fanout.told_revision == 10


def test_p5_a_turn_is_no_longer_for_many_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = three_blocks(monkeypatch, 3)
    assert [len(heard) for heard in stage.heard()] == [2, 1]
    stage.settle()
    assert stage.heard() == [[b"a"] * 3] * 2


def test_p5_it_waits_no_longer_than_a_part_of_what_it_takes_to_send_it() -> None:
    stage = Stage(3)
    stage.more_is_coming = True
    stage.fanout.add(b"a", 8)
    stage.settle()
    stage.fanout.add(b"b", 9)
    stage.settle()
    assert stage.heard() == [[]] * 3
    ((stage.now, look_again),) = stage.later
    assert 0 < stage.now - 100.0 < 0.001
    look_again()
    stage.settle()
    assert stage.heard() == [[b"ab"]] * 3
    stage.fanout.add(b"c", 10)
    stage.settle()
    assert len(stage.later) == 2, "it waits for more, as before"


def test_a_block_has_a_bound_and_keeps_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "MAX_BLOCK_BYTES", 4)
    stage = Stage(1)
    for revision, frame in enumerate((b"aa", b"bb", b"c", b"longer", b"d"), 8):
        stage.fanout.add(frame, revision)
    stage.settle()
    assert stage.heard() == [[b"aabb", b"c", b"longer", b"d"]]


def test_p5_no_more_than_so_many_blocks_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "MAX_BLOCK_BYTES", 1)
    monkeypatch.setattr(fanout, "MAX_BLOCKS_WAITING", 3)
    stage = Stage(4)
    for revision in range(8, 18):
        stage.fanout.add(b"a", revision)
    stage.turn()
    assert len(stage.fanout._blocks) == 3
    stage.settle()
    assert stage.heard() == [[b"a"] * 10] * 4


def test_all_is_heard_at_the_end() -> None:
    stage = Stage(5)
    stage.fanout.add(b"a", 8)
    stage.turn()
    stage.fanout.add(b"b", 9)
    stage.fanout.finish()
    assert stage.heard() == [[b"a", b"b"]] * 5
    stage.settle()
    assert stage.heard() == [[b"a", b"b"]] * 5, "and no more often"


def test_p9_a_listener_that_fails_does_not_keep_the_others_from_hearing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing(Listener):
        def deliver(self, frames: bytes) -> None:
            raise RuntimeError("broken on purpose")

    stage = Stage(1)
    stage.here = {Failing(): None, Listener(): None}
    stage.fanout = stage.new_fanout()
    stage.fanout.add(b"a", 8)
    stage.settle()
    stage.fanout.add(b"b", 9)
    stage.settle()
    assert stage.heard() == [[], [b"a", b"b"]]
    assert "broken on purpose" in caplog.text
