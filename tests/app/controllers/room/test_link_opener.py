"""An address is opened aside, and that it could not be is said."""

import threading
import time
import webbrowser
from collections.abc import Callable

import pytest

from app.controllers.room import link_opener
from app.controllers.room.link_opener import LinkOpener
from app.models.listing import Reason
from app.models.operation import Operation, OperationStatus

URL = "https://example.org/a"


class Desk:
    def __init__(self) -> None:
        self.operation = Operation()
        self._due: list[Callable[[], None]] = []
        self.opener = LinkOpener(lambda _s, call: self._due.append(call), self.operation)

    def turn_until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            due, self._due = self._due, []
            for call in due:
                call()
            threading.Event().wait(0.001)

    @property
    def is_at_rest(self) -> bool:
        return not self._due


def test_a_browser_that_takes_its_time_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    may_go_on, opened = threading.Event(), list[str]()

    def slow(url: str) -> bool:
        may_go_on.wait(30)
        opened.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", slow)
    desk = Desk()
    began = time.monotonic()
    desk.opener.open(URL)
    assert time.monotonic() - began < 5 and opened == []
    may_go_on.set()
    desk.turn_until(lambda: opened == [URL] and desk.is_at_rest)
    assert desk.operation.status is OperationStatus.NONE


def fail(_url: str) -> bool:
    raise OSError("no such program")


@pytest.mark.parametrize("opens", [lambda _url: False, fail])
def test_where_there_is_no_browser_it_is_said(
    opens: Callable[[str], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", opens)
    desk = Desk()
    desk.opener.open(URL)
    desk.turn_until(lambda: desk.operation.status is OperationStatus.REFUSED)
    assert desk.operation.reason == Reason("link_not_opened")


def test_one_that_hangs_is_said_and_what_is_under_way_is_not_overwritten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_go_on = threading.Event()
    monkeypatch.setattr(webbrowser, "open", lambda _url: may_go_on.wait(30))
    monkeypatch.setattr(link_opener, "LIMIT_S", 0.05)
    desk = Desk()
    desk.operation.start("pin", id=1)
    desk.opener.open(URL)
    desk.turn_until(lambda: desk.is_at_rest)
    assert desk.operation.is_under_way
    desk.operation.finish()
    desk.opener.open(URL)
    desk.turn_until(lambda: desk.operation.status is OperationStatus.REFUSED)
    may_go_on.set()
    desk.opener._background_calls.close(10)  # while it is not the system's that is called
