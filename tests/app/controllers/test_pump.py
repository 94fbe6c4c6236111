"""The bridge between the network and the window."""

from collections.abc import Callable

import pytest

from app.controllers.pump import BATCH_EVENTS, BATCH_S, Pump
from app.net.events import Connecting, Event
from tests.support.clock import ClientClock


class Window:
    """Tk's `after`, turned by hand, and events that wait. To apply a batch takes
    `batch_s` of the clock, which stands still otherwise."""

    def __init__(self) -> None:
        self.clock = ClientClock()
        self.clock.stands_at_s = 1000.0
        self.batch_s = 0.0
        self.due: list[Callable[[], None]] = []
        self.waiting: list[Event] = []
        self.applied: list[int] = []

    def after(self, _delay_ms: int, function: Callable[[], None]) -> None:
        self.due.append(function)

    def take(self, most: int) -> list[Event]:
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    def apply(self, events: list[Event]) -> None:
        self.applied.append(len(events))
        self.clock.forward(self.batch_s)

    def turn(self) -> None:
        due, self.due = self.due, []
        for function in due:
            function()


@pytest.fixture
def window() -> Window:
    return Window()


def test_what_waits_is_applied_in_bounded_batches(window: Window) -> None:
    window.waiting = [Connecting(1)] * (BATCH_EVENTS + 1)
    Pump(window, window.apply, window.after, window.clock).start()
    assert window.applied == [BATCH_EVENTS, 1]


def test_p5_a_flood_leaves_time_for_the_window(window: Window) -> None:
    window.batch_s = BATCH_S
    window.waiting = [Connecting(1)] * (3 * BATCH_EVENTS)
    pump = Pump(window, window.apply, window.after, window.clock)
    pump.start()
    for batches in (1, 2, 3):
        assert len(window.applied) == batches
        window.turn()


def test_it_goes_on_after_a_batch_that_failed(window: Window) -> None:
    def fail(_events: list[Event]) -> None:
        raise RuntimeError("on purpose")

    window.waiting = [Connecting(1)]
    with pytest.raises(RuntimeError):
        Pump(window, fail, window.after).start()
    assert len(window.due) == 1


def test_stopped_it_applies_nothing_more_and_comes_back_no_more(window: Window) -> None:
    pump = Pump(window, window.apply, window.after)
    pump.start()
    window.waiting = [Connecting(1)]
    pump.stop()
    window.turn()
    assert window.applied == [] and window.due == []


def test_stopped_within_a_batch_it_ends_there(window: Window) -> None:
    def close(events: list[Event]) -> None:
        window.apply(events)
        pump.stop()

    window.waiting = [Connecting(1)] * (2 * BATCH_EVENTS)
    pump = Pump(window, close, window.after)
    pump.start()
    assert window.applied == [BATCH_EVENTS]
