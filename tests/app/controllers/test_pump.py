"""The bridge between the network and the window."""

import itertools
from collections.abc import Callable

import pytest

from app.controllers.pump import BATCH_EVENTS, BATCH_S, EVERY_MS, SURE_MS, UNWOKEN_MS, Pump
from app.net.events import Connecting, Event
from tests.support.clock import ClientClock


class Window:
    """Tk's timers, turned by hand, and events that wait. To apply a batch takes
    `batch_s` of the clock, which stands still otherwise."""

    def __init__(self) -> None:
        self.clock = ClientClock()
        self.clock.stands_at_s = 1000.0
        self.batch_s = 0.0
        self.due: dict[str, tuple[int, Callable[[], None]]] = {}
        self.waiting: list[Event] = []
        self.applied: list[int] = []
        self._names = itertools.count()

    def after(self, ms: int, func: Callable[[], None], /) -> str:
        name = f"after#{next(self._names)}"
        self.due[name] = (ms, func)
        return name

    def after_cancel(self, id: str, /) -> None:
        del self.due[id]

    @property
    def waits_ms(self) -> int:
        """For how long the one timer waits."""
        ((ms, _),) = self.due.values()
        return ms

    def take(self, most: int) -> list[Event]:
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    def apply(self, events: list[Event]) -> None:
        self.applied.append(len(events))
        self.clock.forward(self.batch_s)

    def turn(self) -> None:
        due, self.due = self.due, {}
        for _, function in due.values():
            function()

    def pump(
        self, apply: Callable[[list[Event]], None] | None = None, is_woken: bool = False
    ) -> Pump:
        pump = Pump(self, self.clock, is_woken)
        pump.carry(self, apply or self.apply)
        return pump


@pytest.fixture
def window() -> Window:
    return Window()


def test_what_waits_is_applied_in_bounded_batches(window: Window) -> None:
    window.waiting = [Connecting(1)] * (BATCH_EVENTS + 1)
    window.pump().start()
    assert window.applied == [BATCH_EVENTS, 1]


def test_p5_a_flood_leaves_time_for_the_window(window: Window) -> None:
    window.batch_s = BATCH_S
    window.waiting = [Connecting(1)] * (3 * BATCH_EVENTS)
    pump = window.pump()
    pump.start()
    for batches in (1, 2, 3):
        assert len(window.applied) == batches
        window.turn()


def test_it_goes_on_after_a_batch_that_failed(window: Window) -> None:
    def fail(_events: list[Event]) -> None:
        raise RuntimeError("on purpose")

    window.waiting = [Connecting(1)]
    with pytest.raises(RuntimeError):
        window.pump(fail).start()
    assert len(window.due) == 1


def test_stopped_it_applies_nothing_more_and_comes_back_no_more(window: Window) -> None:
    pump = window.pump()
    pump.start()
    window.waiting = [Connecting(1)]
    pump.stop()
    window.turn()
    assert window.applied == [] and window.due == {}


def test_stopped_within_a_batch_it_ends_there(window: Window) -> None:
    def close(events: list[Event]) -> None:
        window.apply(events)
        pump.stop()

    window.waiting = [Connecting(1)] * (2 * BATCH_EVENTS)
    pump = window.pump(close)
    pump.start()
    assert window.applied == [BATCH_EVENTS]


def test_idle_it_waits_to_be_woken(window: Window) -> None:
    pump = window.pump(is_woken=True)
    pump.start()
    assert window.waits_ms == SURE_MS
    window.clock.forward(1.0)
    window.waiting = [Connecting(1)]
    pump.wake()
    assert window.applied == [1], "at once"
    assert window.waits_ms == SURE_MS


def test_woken_again_and_again_it_leaves_time_between_two_turns(window: Window) -> None:
    pump = window.pump(is_woken=True)
    pump.start()
    for _ in range(50):
        window.waiting.append(Connecting(1))
        pump.wake()
    assert window.applied == [] and window.waits_ms == EVERY_MS
    window.turn()
    assert window.applied == [50] and window.waits_ms == SURE_MS


def test_a_lost_wake_up_costs_a_moment(window: Window) -> None:
    pump = window.pump(is_woken=True)
    pump.start()
    window.waiting = [Connecting(1)]
    window.turn()
    assert window.applied == [1]


def test_without_anybody_who_wakes_it_it_looks_by_itself(window: Window) -> None:
    window.pump().start()
    assert window.waits_ms == UNWOKEN_MS


def test_stopped_it_is_not_woken_any_more(window: Window) -> None:
    pump = window.pump(is_woken=True)
    pump.start()
    pump.stop()
    window.turn()
    window.waiting = [Connecting(1)]
    pump.wake()
    assert window.due == {} and window.applied == []


def test_a_flood_of_one_kind_leaves_the_other_its_turn(window: Window) -> None:
    other = Window()
    other.waiting = [Connecting(2)]
    window.batch_s = BATCH_S
    window.waiting = [Connecting(1)] * (5 * BATCH_EVENTS)
    pump = Pump(window, window.clock)
    pump.carry(other, other.apply)
    pump.carry(window, window.apply)
    pump.start()
    assert other.applied == [1] and window.applied == [BATCH_EVENTS]
