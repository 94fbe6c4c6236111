"""Notifications by the system's means, whatever these do."""

import sys
import time
from collections.abc import Callable, Iterator

import pytest

from app.desktop.events import NoteClicked, NoteTold, Outcome
from app.desktop.notifier import MOST_WAITING, MakeNotifications, NoteText, Notifier
from tests.app.desktop.inbox import WaitingInbox
from tests.app.desktop.played import System
from tests.support.waiting import until

TEXT = NoteText("Amelia Hart", "The canteen is closed.")


@pytest.fixture
def system() -> Iterator[System]:
    system = System()
    yield system
    system.release.set()


@pytest.fixture
def notifier(inbox: WaitingInbox, system: System) -> Iterator[Notifier]:
    notifier = Notifier(inbox.put, system.begin, limit_s=0.2)
    yield notifier
    system.release.set()
    notifier.close()


def test_what_is_shown_is_told(notifier: Notifier, system: System, inbox: WaitingInbox) -> None:
    notifier.show("message-1", TEXT)
    assert inbox.wait_for(NoteTold) == NoteTold("message-1", Outcome.SHOWN)
    assert system.shown == {"message-1": TEXT}


def test_a_click_is_told_by_its_key(
    notifier: Notifier, system: System, inbox: WaitingInbox
) -> None:
    notifier.show("message-1", TEXT)
    inbox.wait_for(NoteTold)
    system.clicked("message-1")
    assert inbox.wait_for(NoteClicked) == NoteClicked("message-1")


def test_one_is_withdrawn(notifier: Notifier, system: System, inbox: WaitingInbox) -> None:
    notifier.show("message-1", TEXT)
    notifier.withdraw("message-1")
    notifier.show("message-2", TEXT)
    for _ in range(2):
        inbox.wait_for(NoteTold)
    assert list(system.shown) == ["message-2"]


def test_a_system_that_raises_is_told_as_failed(
    notifier: Notifier, system: System, inbox: WaitingInbox
) -> None:
    system.fails = True
    notifier.show("message-1", TEXT)
    assert inbox.wait_for(NoteTold).outcome is Outcome.FAILED
    system.fails = False
    notifier.show("message-2", TEXT)
    assert inbox.wait_for(NoteTold).outcome is Outcome.SHOWN, "and the next one may be shown"


def test_a_library_that_is_missing_is_told_as_failed(inbox: WaitingInbox) -> None:
    async def begin(_clicked: Callable[[str], None]) -> System:
        raise ImportError("no such library")

    notifier = Notifier(inbox.put, begin)
    notifier.show("message-1", TEXT)
    assert inbox.wait_for(NoteTold).outcome is Outcome.FAILED
    notifier.close()


def test_p5_a_system_that_hangs_holds_nobody_up(
    notifier: Notifier, system: System, inbox: WaitingInbox
) -> None:
    system.hangs = True
    begun = time.monotonic()
    for number in range(MOST_WAITING + 10):
        notifier.show(f"message-{number}", TEXT)
        notifier.withdraw(f"message-{number}")
    assert time.monotonic() - begun < 1.0, "whoever asks never waits"
    for _ in range(MOST_WAITING + 10):
        assert inbox.wait_for(NoteTold).outcome is Outcome.SLOW
    system.hangs = False
    system.release.set()
    until(lambda: not notifier._jobs, "to have come to the end")
    notifier.show("message-99", TEXT)
    assert inbox.wait_for(NoteTold) == NoteTold("message-99", Outcome.SHOWN), "told once each"


def test_a_hanging_system_does_not_hold_up_the_end(inbox: WaitingInbox, system: System) -> None:
    notifier = Notifier(inbox.put, system.begin, limit_s=0.05)
    system.hangs = True
    notifier.show("message-1", TEXT)
    begun = time.monotonic()
    notifier.close(patience_s=0.1)
    assert time.monotonic() - begun < 2.0
    notifier.show("message-2", TEXT)
    told = [inbox.wait_for(NoteTold) for _ in range(2)]
    assert NoteTold("message-2", Outcome.SLOW) in told, "after the end nothing is shown"


def test_the_end_takes_everything_away(
    notifier: Notifier, system: System, inbox: WaitingInbox
) -> None:
    notifier.show("message-1", TEXT)
    inbox.wait_for(NoteTold)
    notifier.close()
    assert not system.shown


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has a service to ask")
def test_where_the_system_has_no_service_that_is_told(
    inbox: WaitingInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Neither is there in a test: no bus on Linux, and no WinRT in wine.
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=nowhere")
    make: MakeNotifications | None = None
    notifier = Notifier(inbox.put, make)
    notifier.show("message-1", TEXT)
    assert inbox.wait_for(NoteTold) == NoteTold("message-1", Outcome.FAILED)
    notifier.close()
