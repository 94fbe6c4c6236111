"""Fits the room into its window: what may be left out, until all that matters is seen."""

import tkinter as tk
from collections.abc import Callable, Iterable
from typing import NamedTuple

from app.views.compose.send_panel import SendPanel
from app.views.kit.theme import px
from app.views.room.notice_strip import NoticeStrip
from app.views.room.pin_banner import PinBanner


class Fit(NamedTuple):
    """How much there is of each at most, and how high what is left for the
    messages has to be, in logical pixels."""

    lines: int
    """To write in."""
    posts: int
    """On their way."""
    notices: int
    pins: int
    hint: int
    messages: int


FITS = (
    Fit(lines=8, posts=4, notices=5, pins=1, hint=1, messages=160),
    Fit(lines=5, posts=3, notices=5, pins=1, hint=1, messages=120),
    Fit(lines=3, posts=2, notices=2, pins=1, hint=1, messages=100),
    Fit(lines=3, posts=1, notices=1, pins=1, hint=1, messages=80),
    Fit(lines=2, posts=1, notices=1, pins=0, hint=1, messages=60),
    Fit(lines=1, posts=0, notices=0, pins=0, hint=0, messages=0),
)
"""From the roomiest on; the first that fits is taken."""


class Fitting:
    """Takes as much of what may be left out of `room` as its height allows, so that
    neither the messages nor the button to send go out of sight. `fixed` keep their
    height; `panel` tells where one writes, if one may."""

    def __init__(
        self,
        room: tk.Misc,
        fixed: Iterable[tk.Misc],
        notices: NoticeStrip,
        pins: PinBanner,
        panel: Callable[[], SendPanel | None],
    ) -> None:
        self._room = room
        self._fixed = tuple(fixed)
        self._notices = notices
        self._pins = pins
        self._panel = panel
        self._waiting: str | None = None
        for widget in (room, notices, pins, *self._fixed):
            self.follow(widget)
        room.bind("<Destroy>", self._end, add="+")

    def follow(self, widget: tk.Misc) -> None:
        """See whether everything fits whenever this has another size."""
        for change in ("<Configure>", "<Map>", "<Unmap>"):
            widget.bind(change, lambda _event: self._fit_soon(), add="+")

    def _fit_soon(self) -> None:
        if self._waiting is None:
            self._waiting = self._room.after_idle(self._fit)

    def _fit(self) -> None:
        self._waiting = None
        panel = self._panel()
        height = self._room.winfo_height() - 1
        height -= sum(one.winfo_reqheight() for one in self._fixed if one.winfo_manager())
        for fit in FITS:
            needs = self._notices.height_with(fit.notices) + self._pins.height_with(fit.pins)
            if panel is not None:
                needs += panel.height_with(fit.lines, fit.posts, fit.hint)
            if needs + px(self._room, fit.messages) <= height or fit is FITS[-1]:
                break
        self._notices.limit(fit.notices)
        self._pins.limit(fit.pins)
        if panel is not None:
            panel.limit(fit.lines, fit.posts, fit.hint)

    def _end(self, _event: object) -> None:
        if self._waiting is not None:
            self._room.after_cancel(self._waiting)
            self._waiting = None
