"""Looks once a second at what of the timeline stands before a person's eyes."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from app.views.timeline.news import News
from app.views.timeline.sight import Look, Watch
from app.views.timeline.timeline_pane import TimelinePane

WATCH_MS = 1_000
"""A message that was in sight for so long was seen."""


class Around(Protocol):
    """What the lookout asks of the timeline that it is in, and tells it."""

    def is_screen_locked(self) -> bool:
        """Tell whether the system says that nobody could see the window."""

    def place_kept(self) -> AbstractContextManager[None]:
        """Keep in place what is being read, whatever changes within this."""

    def unread_changed(self) -> None:
        """Take note that another number is unread."""


class Lookout:
    """Keeps `news` current, and tells `seen` of each span of messages, first and last,
    that somebody has seen. Runs until `end`."""

    def __init__(
        self, pane: TimelinePane, news: News, around: Around, seen: Callable[[int, int], None]
    ) -> None:
        self._pane = pane
        self._text = pane.text
        self._news = news
        self._around = around
        self._seen = seen
        self._watch = Watch()
        self._timer = pane.after(WATCH_MS, self._look_on)

    def end(self) -> None:
        """Look no more: the pane is about to go."""
        self._pane.after_cancel(self._timer)

    def look_around(self) -> Look:
        """Take note of what is in sight. Returns it; nothing where nobody looks."""
        # Nobody looks at a window that is covered by others or left alone; that
        # it has the keyboard is the best sign that there is that somebody does.
        has_keyboard = self._pane.focus_displayof() is not None
        is_attended = bool(self._pane.winfo_viewable()) and has_keyboard
        # A locked screen takes the keyboard from a window, and not every system says so.
        is_attended = is_attended and not self._around.is_screen_locked()
        look = self._text.look() if is_attended else Look()
        self._news.look(look.touched, is_attended)
        divider = (self._news.divider, self._news.count)
        if divider != self._text.divider:
            with self._around.place_kept():
                self._text.divide(*divider)
        return look

    def _look_on(self) -> None:
        self._timer = self._pane.after(WATCH_MS, self._look_on)
        unread = self._news.unread
        for first, last in self._watch.look(self.look_around()):
            self._seen(first, last)
        if self._news.unread != unread:
            self._around.unread_changed()
