"""Where a window stands: remembered, brought back onto today's screen, to the front and
out of sight."""

import contextlib
import re
import tkinter as tk
from typing import NamedTuple

from app.models.settings import Settings
from app.views.kit.theme import px

_GEOMETRY = re.compile(r"(\d{1,5})x(\d{1,5})([+-]-?\d{1,5})([+-]-?\d{1,5})")

GRIP = 80
"""So much of the window's width stays on the screen, in logical pixels: enough
to take hold of it."""


class Screen(NamedTuple):
    """The rectangle that all displays together cover, in pixels."""

    left: int
    top: int
    width: int
    height: int


def fit(geometry: str, screen: Screen, least: tuple[int, int], grip: int = GRIP) -> str:
    """Return this geometry, as Tk writes it, changed just so far that the window is no
    smaller than `least`, no larger than the screen, and can be reached with the mouse.
    Empty where it is none."""
    found = _GEOMETRY.fullmatch(geometry)
    if found is None:
        return ""
    width = min(max(int(found[1]), least[0]), max(screen.width, least[0]))
    height = min(max(int(found[2]), least[1]), max(screen.height, least[1]))
    left = _between(
        _offset(found[3]), screen.left - width + grip, screen.left + screen.width - grip
    )
    # The title bar, by which it is moved, is at the top.
    top = _between(_offset(found[4]), screen.top, screen.top + screen.height - grip)
    return f"{width}x{height}+{left}+{top}"


def _offset(text: str) -> int:
    # Tk writes a place left of the first display as +-5; -5 alone would count
    # from the right edge, which it never writes for a window on the screen.
    return int(text.lstrip("+"))


def _between(value: int, low: int, high: int) -> int:
    return max(low, min(value, high))


class Place:
    """The place of the client's window, kept in the settings. `size` at first and `least`
    are in logical pixels."""

    def __init__(
        self,
        window: tk.Tk,
        settings: Settings,
        size: tuple[int, int],
        least: tuple[int, int],
    ) -> None:
        self._window = window
        self._settings = settings
        smallest = px(window, least[0]), px(window, least[1])
        window.minsize(*smallest)
        screen = Screen(
            window.winfo_vrootx(),
            window.winfo_vrooty(),
            window.winfo_vrootwidth(),
            window.winfo_vrootheight(),
        )
        kept = fit(settings.values.geometry, screen, smallest, px(window, GRIP))
        width = min(px(window, size[0]), screen.width)
        height = min(px(window, size[1]), screen.height)
        window.geometry(kept or f"{width}x{height}")
        if settings.values.is_maximised:
            self._maximise()

    def keep(self) -> None:
        """Remember where the window is, if it is seen."""
        if self._window.winfo_viewable():
            is_maximised = self._is_maximised()
            if not is_maximised:
                # As the window manager has it: without its frame Tk counts from
                # inside, and the window would drift by the frame at each start.
                self._settings.change(geometry=self._window.geometry())
            self._settings.change(is_maximised=is_maximised)

    def put_away(self, is_hidden: bool) -> None:
        """Let it go out of sight: altogether, or to where minimised ones are."""
        if is_hidden:
            self._window.withdraw()
        else:
            self._window.iconify()

    def come_forward(self) -> None:
        """Show it in front of the others, with the keyboard."""
        self._window.deiconify()
        self._window.lift()
        # Some systems lift a window above others only if it is to stay there.
        with contextlib.suppress(tk.TclError):
            self._window.attributes("-topmost", True)
            self._window.attributes("-topmost", False)
        (self._window.focus_lastfor() or self._window).focus_force()

    def _is_maximised(self) -> bool:
        if self._window.state() == "zoomed":
            return True
        try:
            return bool(int(self._window.tk.call("wm", "attributes", self._window, "-zoomed")))
        except (tk.TclError, ValueError):  # an attribute that this system does not have
            return False

    def _maximise(self) -> None:
        if self._window.tk.call("tk", "windowingsystem") == "x11":
            self._window.tk.call("wm", "attributes", self._window, "-zoomed", True)
        else:
            self._window.state("zoomed")
