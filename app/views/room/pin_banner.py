"""One line above the messages with what is pinned; a click goes to it."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.room.message_actions import Pins
from app.views.kit import fonts
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import ElidedLabel, follow, show
from app.views.wording.messages import first_line
from protocol.messages import RoomMessage


class PinBanner(ttk.Frame):
    """Follows the pins by itself, once it was placed and refreshed. Takes no
    room where nothing is pinned. `open_menu` is given the message and where,
    in screen pixels; `go_to` the message that was clicked."""

    def __init__(
        self,
        parent: tk.Misc,
        pins: Pins,
        i18n: Translator,
        go_to: Callable[[RoomMessage], None],
        open_menu: Callable[[RoomMessage, int, int], None],
    ) -> None:
        edge = (px(parent, LARGE), px(parent, SMALL))
        super().__init__(parent, name="pins", padding=edge, style="Raised.TFrame")
        self._pins = pins
        self._i18n = i18n
        self._go_to = go_to
        self._open_menu = open_menu
        self._shown_id = 0
        self._may_show = True
        self._heading = ttk.Label(self, name="pins_heading", style="RaisedAccent.TLabel")
        self._heading.grid(row=0, column=0, padx=(0, px(self, MEDIUM)))
        self._words = ElidedLabel(self, fonts.SMALL, style="Raised.TLabel", name="pins_words")
        self._words.configure(cursor="hand2", takefocus=True)
        self._words.grid(row=0, column=1, sticky="ew")
        self._next = ttk.Button(
            self, name="pins_next", style="RaisedInline.TButton", command=self._to_next
        )
        self._next.grid(row=0, column=2, padx=(px(self, SMALL), 0))
        self.columnconfigure(1, weight=1)
        self._words.bind("<FocusIn>", lambda _event: self._show_focus(True), add="+")
        self._words.bind("<FocusOut>", lambda _event: self._show_focus(False), add="+")
        for key in ("<Button-1>", "<Return>", "<space>"):
            self._words.bind(key, lambda _event: self._look())
        for widget in (self, self._heading, self._words):
            widget.bind("<Button-3>", self._menu_here)
        for key in ("<Shift-F10>", "<App>", "<Menu>"):
            self._bind_menu_key(key)
        follow(self, self.refresh, pins, i18n)

    @property
    def shown(self) -> RoomMessage | None:
        """The one in sight."""
        messages = self._pins.messages
        return next((one for one in messages if one.id == self._shown_id), None) or (
            messages[0] if messages else None
        )

    def refresh(self) -> None:
        """Show the pins' present state."""
        message = self.shown
        if message is not None:
            self._shown_id = message.id
            count = len(self._pins.messages)
            place = self._pins.messages.index(message) + 1
            self._heading.configure(text=self._i18n.t("pins.pinned"))
            self._words.say(first_line(message))
            self._next.configure(text=f"{self._i18n.t('pins.of', n=place, count=count)}  ›")
            show(self._next, count > 1)
        show(self, message is not None and self._may_show)

    def limit(self, lines: int) -> None:
        """Show what is pinned only if there may be a line for it."""
        if (lines > 0) != self._may_show:
            self._may_show = lines > 0
            self.refresh()

    def height_with(self, lines: int) -> int:
        """Return how high it would be with this limit, in pixels."""
        return self.winfo_reqheight() if lines and self._pins.messages else 0

    def _to_next(self) -> None:
        messages = self._pins.messages
        message = self.shown
        if message is not None:
            place = (messages.index(message) + 1) % len(messages)
            self._shown_id = messages[place].id
            self.refresh()

    def _show_focus(self, has_focus: bool) -> None:
        # A label shows none of its own.
        self._words.configure(style="RaisedAccent.TLabel" if has_focus else "Raised.TLabel")

    def _look(self) -> None:
        message = self.shown
        if message is not None:
            self._go_to(message)

    def _menu_here(self, event: "tk.Event[tk.Misc]") -> None:
        message = self.shown
        if message is not None:
            self._open_menu(message, event.x_root, event.y_root)

    def _bind_menu_key(self, key: str) -> None:
        def pressed(_event: "tk.Event[tk.Misc]") -> str:
            message = self.shown
            if message is not None:
                below = self._words.winfo_rooty() + self._words.winfo_height()
                self._open_menu(message, self._words.winfo_rootx(), below)
            return "break"

        try:
            self._words.bind(key, pressed)
        except tk.TclError:
            return  # a key that this system does not have
