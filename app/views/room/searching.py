"""The search's place in the room: what was found stands where the messages do."""

import tkinter as tk
from collections.abc import Iterable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.room.search import Search
from app.views.context import ViewContext
from app.views.kit.theme import px
from app.views.kit.widgets import IconButton, Tip, follow, show
from app.views.search.box import name_and_key
from app.views.search.view import SearchActions, SearchView
from app.views.timeline.view import Timeline
from protocol.messages import RoomMessage

WIDE = 880
"""From this width on, in logical pixels, the header has room for the search."""


class Reading(Protocol):
    """What the search asks of the room around it."""

    def go_to(self, message_id: int) -> bool:
        """Go to this message, with the keyboard. False: it can't be had now."""

    def read(self, message: RoomMessage) -> None:
        """Show a message by itself."""

    def focus_first(self) -> None:
        """Put the keyboard where one begins."""


class RoomSearch:
    """Shows what was found in place of the timeline, and the way back. `view` and its
    strip have to be placed by the room: the view where the timeline's pane is."""

    def __init__(
        self,
        room: tk.Misc,
        context: ViewContext,
        model: Search,
        actions: SearchActions,
        timeline: Timeline,
        reading: Reading,
    ) -> None:
        self._room = room
        self._context = context
        self._timeline = timeline
        self._reading = reading
        self._reading_from = 0
        """Where one read before one searched; 0: at the end."""
        self.view = SearchView(room, context, model, actions, self)

    def place(self, row: int, strip_row: int) -> None:
        """Take these rows of the room's grid, unseen until something is looked for."""
        self.view.grid(row=row, column=0, sticky="nsew")
        self.view.strip.grid(row=strip_row, column=0, sticky="ew")
        self.view.grid_remove()
        self.view.strip.grid_remove()

    def add_box(self, tools: ttk.Frame) -> None:
        """Put a field into the header's tools or, where that is narrow, a button that
        leads to one."""
        box = self.view.add_box(tools)
        button = IconButton(tools, "search_enter", "search", self.view.enter)
        tip = Tip(button)
        for widget in (box, button):
            widget.grid(row=0, column=0)

        def fit(_event: object = None) -> None:
            is_wide = self._room.winfo_width() >= px(self._room, WIDE)
            show(box, is_wide)
            show(button, not is_wide)
            self.view.show_own_box(not is_wide)

        def say() -> None:
            tip.say(name_and_key(self._context.i18n))

        self._room.bind("<Configure>", fit, add="+")
        follow(self._room, say, self._context.i18n)
        say()
        fit()

    # --- SearchHost -------------------------------------------------------

    def show_results(self) -> None:
        """Show what was found in place of the messages."""
        if not self.view.strip.winfo_manager() and self._timeline.pane.winfo_manager():
            self._reading_from = self._timeline.reading_from
        self._show_found()

    def show_found(self, message: RoomMessage, terms: tuple[str, ...]) -> bool:
        """Show this message among its like, with these terms marked. False: it can't be
        had now; then it can be read by itself."""
        self._show_messages(True)
        self._timeline.mark(terms)
        if self._reading.go_to(message.id):
            self._timeline.choose(message.id)
            return True
        self._show_found()
        self._reading.read(message)
        return False

    def show_room(self) -> None:
        """Show the messages as they were before the search."""
        self._show_messages(False)
        self._timeline.mark(())
        self._timeline.choose(0)
        if not (self._reading_from and self._reading.go_to(self._reading_from)):
            self._timeline.to_latest()
        self._reading_from = 0
        self._reading.focus_first()

    def authors(self) -> Iterable[str]:
        """Return the names of those whose messages are at hand."""
        return {message.author_name for message in self._timeline.messages}

    def _show_found(self) -> None:
        self._timeline.pane.grid_remove()
        self.view.strip.grid_remove()
        self.view.grid()

    def _show_messages(self, is_found: bool) -> None:
        self.view.grid_remove()
        show(self.view.strip, is_found)
        self._timeline.pane.grid()
        # Its places are measured on the screen.
        self._room.update_idletasks()
