"""Tells whether a person could see what is shown: locked, in full screen, presenting.

Windows says so itself (SHQueryUserNotificationState). On Linux the session's lock is
known to logind and a window in full screen to X11 (Extended Window Manager Hints); on
macOS neither is asked for. What can't be known counts as being there.
"""

import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator

from app.desktop.events import AttentionChanged, DesktopEvent
from protocol.messages import Attention

log = logging.getLogger(__name__)

LOOK_EVERY_S = 10.0

STATES = {
    1: Attention.LOCKED,
    2: Attention.FULL_SCREEN,
    3: Attention.FULL_SCREEN,
    4: Attention.PRESENTING,
    7: Attention.FULL_SCREEN,
}
"""By QUERY_USER_NOTIFICATION_STATE: not present (locked, a screen saver, another
person's session), busy, Direct3D in full screen, presentation mode, and an app of the
Store. The others are 5, which takes notifications, and 6, the first hour of a new
account, in which they are held back but can be seen in the list."""


class AttentionWatch:
    """From `start` on tells of changes, on a thread that dies with the program."""

    def __init__(
        self,
        tell: Callable[[DesktopEvent], None],
        look: Callable[[], Attention] | None = None,
        every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._tell = tell
        self._look = look
        self._every_s = every_s
        self._is_over = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._work, name="attention", daemon=True).start()

    def close(self) -> None:
        """Tell no more."""
        self._is_over.set()

    def _work(self) -> None:
        told = Attention.HERE
        try:
            with contextlib.nullcontext(self._look) if self._look else looking() as look:
                while not self._is_over.is_set():
                    now = look()
                    if now is not told:
                        told = now
                        self._tell(AttentionChanged(now))
                    self._is_over.wait(self._every_s)
        except Exception as error:
            log.info("whether somebody could see the screen is not known: %s", error)
            if told is not Attention.HERE:
                self._tell(AttentionChanged(Attention.HERE))


@contextlib.contextmanager
def looking() -> Iterator[Callable[[], Attention]]:
    """Give what tells how things stand. Raises where this system does not say."""
    if sys.platform == "win32":
        yield _ask_windows
    elif sys.platform == "linux":
        with contextlib.closing(_LinuxSession()) as session:
            yield session.look
    else:
        raise OSError("this system is not asked")


def _ask_windows() -> Attention:
    if sys.platform != "win32":
        raise OSError("this is no Windows")
    import ctypes

    state = ctypes.c_int()
    error = ctypes.windll.shell32.SHQueryUserNotificationState(ctypes.byref(state))
    if error:
        raise OSError(error, "SHQueryUserNotificationState")
    return STATES.get(state.value, Attention.HERE)


class _LinuxSession:
    """What logind and X11 say, each as far as it is there."""

    def __init__(self) -> None:
        from jeepney import DBusAddress, Properties
        from jeepney.io.blocking import DBusConnection, open_dbus_connection

        self._bus: DBusConnection | None = None
        try:
            self._bus = open_dbus_connection("SYSTEM")
        except (OSError, KeyError, ValueError) as error:
            log.info("logind is not asked: %s", error)
        session = DBusAddress(
            "/org/freedesktop/login1/session/auto",
            "org.freedesktop.login1",
            "org.freedesktop.login1.Session",
        )
        self._question = Properties(session).get("LockedHint")
        self._screen = _Screen() if os.environ.get("DISPLAY") else None
        if self._bus is None and self._screen is None:
            raise OSError("neither logind nor X11 is there")

    def close(self) -> None:
        if self._bus is not None:
            self._bus.close()
        if self._screen is not None:
            self._screen.close()

    def look(self) -> Attention:
        if self._is_locked():
            return Attention.LOCKED
        if self._screen is not None and self._screen.is_covered():
            return Attention.FULL_SCREEN
        return Attention.HERE

    def _is_locked(self) -> bool:
        from jeepney import MessageType

        if self._bus is None:
            return False
        answer = self._bus.send_and_get_reply(self._question, timeout=2.0)
        if answer.header.message_type is MessageType.error:
            self._bus.close()
            self._bus = None  # no session of logind's
            return False
        return bool(answer.body[0][1])


class _Screen:
    """The X11 screen, and whether the active window of another program covers it."""

    def __init__(self) -> None:
        from Xlib import display

        self._display = display.Display()
        self._root = self._display.screen().root
        self._atoms = {
            name: self._display.intern_atom(name)
            for name in (
                "_NET_ACTIVE_WINDOW",
                "_NET_WM_STATE",
                "_NET_WM_STATE_FULLSCREEN",
                "_NET_WM_PID",
            )
        }

    def close(self) -> None:
        self._display.close()

    def is_covered(self) -> bool:
        from Xlib import X, error

        def read(window: object, name: str) -> list[int]:
            found = window.get_full_property(self._atoms[name], X.AnyPropertyType)  # type: ignore[attr-defined]
            return list(found.value) if found is not None else []

        try:
            active = read(self._root, "_NET_ACTIVE_WINDOW")
            if not active or not active[0]:
                return False
            window = self._display.create_resource_object("window", active[0])
            is_full = self._atoms["_NET_WM_STATE_FULLSCREEN"] in read(window, "_NET_WM_STATE")
            return is_full and read(window, "_NET_WM_PID") != [os.getpid()]
        except error.BadWindow:
            return False  # it is gone
