"""A desktop that does what a test says: it shows, fails, hangs or has nothing."""

import threading
from collections.abc import Callable

from app.desktop.events import Outcome, TrayAction
from app.desktop.notifier import NoteText
from app.desktop.tray import NoTray, TrayIcon, TrayLook
from tests.support.waiting import WAIT_S


class System:
    """A system's notifications that do what a test says. `release` ends a hang."""

    def __init__(self) -> None:
        self.outcome = Outcome.SHOWN
        self.fails = False
        self.hangs = False
        self.release = threading.Event()
        self.shown: dict[str, NoteText] = {}
        self.clicked: Callable[[str], None] = lambda _key: None

    async def begin(self, clicked: Callable[[str], None]) -> "System":
        self.clicked = clicked
        return self

    async def show(self, key: str, text: NoteText) -> Outcome:
        if self.hangs:
            # The whole thread, as a call into the system does.
            self.release.wait(WAIT_S)
        if self.fails:
            raise RuntimeError("on purpose")
        self.shown[key] = text
        return self.outcome

    async def withdraw(self, key: str) -> None:
        self.shown.pop(key, None)

    async def clear(self) -> None:
        self.shown.clear()


class Shell:
    """A system's tray that does what a test says."""

    def __init__(self) -> None:
        self.has_tray = True
        self.hangs = False
        self.release = threading.Event()
        self.shown: list[TrayLook] = []
        self.made = 0
        self.is_closed = False
        self.chosen: Callable[[TrayAction], None] = lambda _action: None

    def make(self, chosen: Callable[[TrayAction], None]) -> TrayIcon:
        if not self.has_tray:
            raise NoTray("on purpose")
        self.made += 1
        self.chosen = chosen
        return self

    def show(self, look: TrayLook) -> None:
        if self.hangs:
            self.release.wait(WAIT_S)
        if not self.has_tray:
            raise OSError("on purpose")
        self.shown.append(look)

    def is_there(self) -> bool:
        return self.has_tray

    def close(self) -> None:
        self.is_closed = True
