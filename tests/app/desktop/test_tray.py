"""The icon in the tray, whatever the shell does."""

import sys
import time
from collections.abc import Iterator

import pytest

from app.desktop import tray as module
from app.desktop.events import TrayAction, TrayChosen, TrayStands
from app.desktop.tray import NoTray, PystrayIcon, Tray, TrayEntry, TrayLook
from app.desktop.tray_picture import SIZE_PX, TrayState, draw
from tests.app.desktop.inbox import WaitingInbox
from tests.app.desktop.played import Shell
from tests.support.waiting import WAIT_S, until

MENU = (
    TrayEntry(TrayAction.OPEN, "Open", is_default=True),
    TrayEntry(),
    TrayEntry(TrayAction.QUIT, "Quit"),
)


def look(unread: int = 0, state: TrayState = TrayState.CONNECTED) -> TrayLook:
    return TrayLook(state, unread, f"Rostrum: {unread}", MENU)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.02)
    shell = Shell()
    yield shell
    shell.release.set()


@pytest.fixture
def tray(inbox: WaitingInbox, shell: Shell) -> Iterator[Tray]:
    tray = Tray(inbox.put, shell.make)
    yield tray
    shell.release.set()
    tray.close()


def test_the_icon_looks_as_it_was_told_last(tray: Tray, shell: Shell, inbox: WaitingInbox) -> None:
    tray.show(look(1))
    assert inbox.wait_for(TrayStands).is_there
    tray.show(look(2))
    until(lambda: shell.shown[-1:] == [look(2)], "to look like this")
    assert shell.made == 1


def test_what_is_chosen_is_told(tray: Tray, shell: Shell, inbox: WaitingInbox) -> None:
    tray.show(look())
    inbox.wait_for(TrayStands)
    shell.chosen(TrayAction.QUIT)
    assert inbox.wait_for(TrayChosen) == TrayChosen(TrayAction.QUIT)


def test_a_tray_that_comes_late_is_found(tray: Tray, shell: Shell, inbox: WaitingInbox) -> None:
    shell.has_tray = False
    tray.show(look(3))
    time.sleep(0.05)
    assert not inbox.take(1), "nothing is said of a tray that is not there"
    shell.has_tray = True
    assert inbox.wait_for(TrayStands).is_there
    assert shell.shown == [look(3)]


def test_a_shell_that_restarts_gets_the_icon_back(
    tray: Tray, shell: Shell, inbox: WaitingInbox
) -> None:
    tray.show(look(4))
    assert inbox.wait_for(TrayStands).is_there
    shell.has_tray = False
    assert not inbox.wait_for(TrayStands).is_there
    shell.has_tray = True
    assert inbox.wait_for(TrayStands).is_there
    assert shell.made == 2 and shell.shown[-1] == look(4)


def test_p5_a_shell_that_hangs_holds_nobody_up(
    tray: Tray, shell: Shell, inbox: WaitingInbox
) -> None:
    shell.hangs = True
    begun = time.monotonic()
    for unread in range(500):
        tray.show(look(unread))
    assert time.monotonic() - begun < 1.0
    shell.hangs = False
    shell.release.set()
    until(lambda: shell.shown[-1:] == [look(499)], "to look as it was told last")
    assert len(shell.shown) < 500, "what is out of date is not shown"


def test_a_hanging_shell_does_not_hold_up_the_end(inbox: WaitingInbox, shell: Shell) -> None:
    tray = Tray(inbox.put, shell.make)
    shell.hangs = True
    tray.show(look())
    until(lambda: shell.made == 1, "to have begun")
    begun = time.monotonic()
    tray.close(patience_s=0.1)
    assert time.monotonic() - begun < 2.0


def test_the_end_takes_the_icon_away(tray: Tray, shell: Shell, inbox: WaitingInbox) -> None:
    tray.show(look())
    inbox.wait_for(TrayStands)
    tray.close()
    assert shell.is_closed


@pytest.mark.skipif(sys.platform == "win32", reason="Windows always has a tray")
def test_a_desktop_without_a_tray_is_told_from_one_with(inbox: WaitingInbox) -> None:
    with pytest.raises(NoTray):
        PystrayIcon(lambda _action: None)


@pytest.mark.skipif(sys.platform != "win32", reason="needs Windows' tray")
def test_the_icon_appears_in_windows_tray_and_goes(inbox: WaitingInbox) -> None:
    tray = Tray(inbox.put)
    tray.show(look(7))
    assert inbox.wait_for(TrayStands).is_there
    icon = tray._icon
    assert isinstance(icon, PystrayIcon)
    import ctypes

    window = icon._icon._hwnd
    assert ctypes.windll.user32.IsWindow(window)  # type: ignore[attr-defined]
    # As the shell says that somebody clicked it (WM_LBUTTONUP to its callback).
    from pystray._util import win32

    ctypes.windll.user32.PostMessageW(window, win32.WM_NOTIFY, 0, 0x0202)  # type: ignore[attr-defined]
    assert inbox.wait_for(TrayChosen) == TrayChosen(TrayAction.OPEN)
    tray.close(WAIT_S)
    until(lambda: not ctypes.windll.user32.IsWindow(window), "to be gone")  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", TrayState)
def test_each_state_has_a_look_of_its_own(state: TrayState) -> None:
    pictures = {draw(one, 0).tobytes() for one in TrayState}
    assert len(pictures) == len(TrayState)
    assert draw(state, 0).size == (SIZE_PX, SIZE_PX)


def test_a_number_can_be_told_from_another() -> None:
    assert len({draw(TrayState.CONNECTED, count).tobytes() for count in range(11)}) == 11
    assert draw(TrayState.CONNECTED, 10) == draw(TrayState.CONNECTED, 5_000), "more are more"
