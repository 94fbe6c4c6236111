"""What appears beside the message under the pointer: a button for its menu, and
the full date where only the time of day is written."""

import tkinter as tk
from collections.abc import Callable
from typing import Literal

import ttkbootstrap as ttk

from app.views.context import ViewContext
from app.views.kit.theme import SMALL, TIGHT, px
from app.views.kit.widgets import IconButton
from app.views.timeline.timeline_text import TimelineText
from app.views.wording import messages as message_words
from protocol.messages import RoomMessage


class MessageHover:
    """Watches the pointer over `text`, which begins where `parent` does. The
    menu's key does the same for the message to which one has walked, so the
    button takes no keyboard."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        text: TimelineText,
        open_menu: Callable[[RoomMessage, str, int, int], None],
    ) -> None:
        self._text = text
        self._context = context
        self._open_menu = open_menu
        self._message: RoomMessage | None = None
        self._pointer = (0, 0)
        self._button = IconButton(parent, "message_more", "three-dots", self._open)
        self._button.configure(takefocus=False)
        self._date = ttk.Label(parent, style="Date.TLabel", name="full_date")
        text.bind("<Motion>", self._moved, add="+")
        text.bind("<Leave>", self._left, add="+")
        self._button.bind("<Enter>", lambda _event: self._say_date_beside_button(), add="+")
        self._button.bind("<Leave>", self._left, add="+")
        text.tag_bind("clock", "<Enter>", self._say_date_below)
        text.tag_bind("clock", "<Leave>", lambda _event: self._date.place_forget())

    def follow(self) -> None:
        """Follow the text, which has moved below the pointer."""
        if self._message is not None:
            self._date.place_forget()
            self._be_at(self._text.message_at(f"@{self._pointer[0]},{self._pointer[1]}"))

    def _moved(self, event: "tk.Event[tk.Text]") -> None:
        self._pointer = (event.x, event.y)
        message = self._text.message_at(f"@{event.x},{event.y}")
        if message is not self._message:
            self._be_at(message)

    def _be_at(self, message: RoomMessage | None) -> None:
        self._message = message
        if message is None:
            self._button.place_forget()
            return
        right = self._text.winfo_width() - px(self._text, TIGHT)
        top = self._text.top_of(message)
        self._button.place(x=right, y=top, anchor="ne")
        self._button.lift()

    def _left(self, _event: "tk.Event[tk.Misc]") -> None:
        # From the text to the button above it, and back, one stays here.
        under = self._text.winfo_containing(*self._text.winfo_pointerxy())
        if under is self._text:
            self._date.place_forget()
        elif under is not self._button:
            self._date.place_forget()
            self._be_at(None)

    def _open(self) -> None:
        if self._message is not None:
            left = self._button.winfo_rootx()
            below = self._button.winfo_rooty() + self._button.winfo_height()
            self._open_menu(self._message, self._text.marked(), left, below)

    # --- the date ---------------------------------------------------------

    def _say_date_below(self, event: "tk.Event[tk.Text]") -> None:
        message = self._text.message_at(f"@{event.x},{event.y}")
        if message is not None:
            self._say_date(message, event.x, event.y + px(self._text, LARGE_STEP), "n")

    def _say_date_beside_button(self) -> None:
        if self._message is not None:
            right = self._button.winfo_x() - px(self._text, TIGHT)
            middle = self._button.winfo_y() + self._button.winfo_height() // 2
            self._say_date(self._message, right, middle, "e")

    def _say_date(self, message: RoomMessage, x: int, y: int, anchor: Literal["n", "e"]) -> None:
        words = message_words.full_date(self._context.i18n, message)
        if words:
            self._date.configure(text=words)
            self._date.place(x=x, y=y, anchor=anchor)
            self._date.lift()


LARGE_STEP = 2 * SMALL
"""How far below the pointer the date stands, clear of it."""
