"""Starting with the system, as the page of settings asks for it."""

import threading
from collections.abc import Callable

import pytest

from app.controllers.desktop import autostart as module
from app.controllers.desktop.autostart import AutostartController
from app.models.pages.desktop import DesktopModel
from tests.support.waiting import WAIT_S


class Later:
    """The main thread's timers, turned by hand."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def __call__(self, _delay_s: float, function: Callable[[], None]) -> None:
        self.due.append(function)

    def until(self, condition: Callable[[], bool]) -> None:
        for _ in range(int(WAIT_S * 500)):
            if condition():
                return
            due, self.due = self.due, []
            for function in due:
                function()
            threading.Event().wait(0.002)
        raise AssertionError("it did not come")


class System:
    """A system's list that does what a test says."""

    def __init__(self) -> None:
        self.on = False
        self.takes = True
        self.fails = False
        self.release: threading.Event | None = None

    def is_on(self) -> bool:
        if self.release is not None:
            self.release.wait(WAIT_S)
        if self.fails:
            raise OSError("on purpose")
        return self.on

    def set(self, is_on: bool) -> None:
        if self.fails:
            raise PermissionError("on purpose")
        self.on = is_on if self.takes else self.on


@pytest.fixture
def system() -> System:
    return System()


def test_it_is_looked_at_and_set(system: System) -> None:
    later, model = Later(), DesktopModel()
    controller = AutostartController(later, system, model)
    controller.look()
    later.until(lambda: model.starts is False)
    controller.set(True)
    later.until(lambda: model.starts is True)
    assert system.on and not model.has_failed


@pytest.mark.parametrize("fault", ["fails", "takes"])
def test_p10_a_system_that_does_not_take_it_is_told(system: System, fault: str) -> None:
    later, model = Later(), DesktopModel()
    setattr(system, fault, not getattr(system, fault))
    AutostartController(later, system, model).set(True)
    later.until(lambda: model.has_failed)
    assert not model.starts


def test_p5_a_system_that_hangs_holds_nobody_up(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LIMIT_S", 0.02)
    system.release = threading.Event()
    later, model = Later(), DesktopModel()
    AutostartController(later, system, model).set(True)
    later.until(lambda: model.has_failed)
    assert model.starts is None, "nobody knows"
    system.release.set()


def test_without_a_list_nothing_is_known(system: System) -> None:
    model = DesktopModel()
    controller = AutostartController(Later(), None, model)
    controller.look()
    controller.set(True)
    assert model.starts is None and not model.has_failed
