"""Where a window stands: remembered, and brought back onto today's screen."""

import re
from typing import NamedTuple

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
