"""The icon in the tray, by pystray.

Two threads: pystray's loop, on which the system tells what was chosen, and one that
tells pystray how the icon looks and looks after it. The shell may be restarted, may come
up later than this program, may hang: nobody waits for either thread.
"""

import contextlib
import functools
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from app.desktop.events import DesktopEvent, TrayAction, TrayChosen, TrayStands
from app.desktop.tray_picture import TrayState, draw

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0
"""How often it is looked whether there is a tray: one may come late, or go."""

READY_S = 10.0
"""How long the system may take to begin with an icon."""

MOST_TITLE_CHARS = 127
"""Of the words that stand beside the icon: NOTIFYICONDATAW.szTip has 128."""


@dataclass(frozen=True)
class TrayEntry:
    """A line of the icon's menu; without an action a line between the others."""

    action: TrayAction | None = None
    text: str = ""
    is_default: bool = False
    """Whether a click on the icon chooses it."""


@dataclass(frozen=True)
class TrayLook:
    """How the icon looks, and what it says and offers."""

    state: TrayState
    unread: int
    title: str
    menu: tuple[TrayEntry, ...]


class TrayIcon(Protocol):
    """An icon in the system's tray. Each call may take its time or fail."""

    def show(self, look: TrayLook) -> None:
        """Look like this from now on."""

    def is_there(self) -> bool:
        """Tell whether a person can reach it."""

    def close(self) -> None:
        """Take it away."""


MakeIcon = Callable[[Callable[[TrayAction], None]], TrayIcon]


class Tray:
    """Keeps an icon in the tray as long as there is one. Any thread may call."""

    def __init__(self, tell: Callable[[DesktopEvent], None], make: MakeIcon | None = None) -> None:
        self._tell = tell
        self._make = make or PystrayIcon
        self._changes = threading.Condition()
        self._look: TrayLook | None = None
        self._shown: TrayLook | None = None
        self._icon: TrayIcon | None = None
        self._stands = False
        self._is_over = False
        self._thread: threading.Thread | None = None

    def show(self, look: TrayLook) -> None:
        """Look like this from now on. Never waits."""
        with self._changes:
            self._look = look
            self._changes.notify()
            if self._thread is None and not self._is_over:
                self._thread = threading.Thread(target=self._work, name="tray", daemon=True)
                self._thread.start()

    def close(self, patience_s: float = 1.0) -> None:
        """Take the icon away; wait for that, but not for long."""
        with self._changes:
            self._is_over = True
            self._changes.notify()
            thread = self._thread
        if thread is not None:
            thread.join(patience_s)

    def _work(self) -> None:
        while True:
            with self._changes:
                if not self._is_over and self._look == self._shown:
                    self._changes.wait(LOOK_EVERY_S)
                look, is_over = self._look, self._is_over
            if is_over or look is None:
                break
            try:
                self._refresh(look)
            except Exception as error:
                log.info("no icon in the tray: %s", error)
                self._drop()
                self._say(False)
            self._shown = look
        self._drop()

    def _refresh(self, look: TrayLook) -> None:
        if self._icon is None:
            self._icon = self._make(lambda action: self._tell(TrayChosen(action)))
            self._shown = None
        if look != self._shown or not self._icon.is_there():
            self._icon.show(look)
        self._say(self._icon.is_there())

    def _drop(self) -> None:
        icon, self._icon = self._icon, None
        if icon is not None:
            with contextlib.suppress(Exception):
                icon.close()

    def _say(self, stands: bool) -> None:
        if stands != self._stands:
            self._stands = stands
            self._tell(TrayStands(stands))


class NoTray(Exception):
    """This desktop has no tray."""


class PystrayIcon:
    """pystray's icon. Raises NoTray where there is nowhere to put it."""

    def __init__(self, chosen: Callable[[TrayAction], None]) -> None:
        self._seek = _seeker()
        self._seek()
        # Imported late: it looks for the desktop it is on.
        import pystray

        self._pystray: Any = pystray
        self._chosen = chosen
        self._is_ready = threading.Event()
        self._icon: Any = pystray.Icon("Rostrum", icon=draw(TrayState.OFFLINE, 0), title="Rostrum")
        threading.Thread(target=self._run, name="tray loop", daemon=True).start()
        if not self._is_ready.wait(READY_S):
            raise NoTray("the system did not begin with an icon")

    def show(self, look: TrayLook) -> None:
        self._icon.menu = self._pystray.Menu(*map(self._entry, look.menu))
        self._icon.title = look.title[:MOST_TITLE_CHARS]
        self._icon.icon = draw(look.state, look.unread)
        # Raises where the shell takes none now; it is tried again.
        self._icon.visible = True

    def is_there(self) -> bool:
        if not self._icon.visible:
            return False
        with contextlib.suppress(NoTray):
            self._seek()
            return True
        return False

    def close(self) -> None:
        self._icon.stop()

    def _run(self) -> None:
        try:
            self._icon.run(lambda _icon: self._is_ready.set())
        except Exception:
            log.warning("the icon in the tray failed", exc_info=True)

    def _entry(self, entry: TrayEntry) -> Any:
        if entry.action is None:
            return self._pystray.Menu.SEPARATOR
        action = entry.action

        def chosen(_icon: object, _item: object) -> None:
            self._chosen(action)

        return self._pystray.MenuItem(entry.text, chosen, default=entry.is_default)


def _seeker() -> Callable[[], None]:
    """Return what raises NoTray where there is none. Windows always has one, or will
    have."""
    if sys.platform == "win32":
        return lambda: None
    if sys.platform == "darwin":
        # The program stays in the Dock without a window; pystray would need the main
        # thread's loop, which is Tk's.
        raise NoTray("on macOS the Dock is where a program stays")
    return _x11_tray


def _x11_tray() -> None:
    """Raise NoTray where X11 has none."""
    from Xlib import error

    try:
        screen, selection = _screen()
        # System Tray Protocol 0.3: whoever has this selection is the tray.
        if not screen.get_selection_owner(selection):
            raise NoTray("nobody owns the tray's selection")
    except (error.DisplayError, error.ConnectionClosedError, OSError) as reason:
        _screen.cache_clear()
        raise NoTray(f"no display to look for a tray on: {reason}") from reason


@functools.lru_cache(maxsize=1)
def _screen() -> tuple[Any, int]:
    """Return the display and the name of its tray's selection. It is kept: to connect to
    it anew each time would be most of what an idle client does."""
    from Xlib import display

    screen = display.Display()
    return screen, screen.intern_atom(f"_NET_SYSTEM_TRAY_S{screen.get_default_screen()}")
