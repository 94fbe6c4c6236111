"""What the timeline is made of on the screen, and what a person does in it:
the text with its scroll bar, the words where there is nothing to show, and the
button that leads to what is new."""

import contextlib
import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass

import ttkbootstrap as ttk

from app.i18n import Translator
from app.views.avatar import Avatars
from app.views.theme import MEDIUM, px
from app.views.timeline_text import Beside, TimelineText
from app.views.widgets import WrappingLabel, show
from protocol.messages import RoomMessage

LINES_PER_ARROW = 3
SHIFT_MASK = 0x0001


OpenMenu = Callable[[RoomMessage, str, int, int], None]
"""Open the menu of a message, with the text that is marked, at a place in screen
pixels."""


@dataclass(frozen=True)
class PaneEvents:
    """What the pane tells."""

    moved: Callable[[], None]
    """A person scrolls, whether or not anything gives way."""
    settled: Callable[[bool], None]
    """The place or the size has changed; with whether it was the size."""
    to_latest: Callable[[], None]
    open_menu: OpenMenu
    open_roster: Callable[[RoomMessage], None]
    """The line below a message was clicked that tells how far it has come."""


class TimelinePane(ttk.Frame):
    """The widgets of the timeline; the timeline decides what they show."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        avatars: Avatars,
        events: PaneEvents,
        beside: Beside,
    ) -> None:
        super().__init__(parent, name="timeline")
        self._events = events
        self._settling: str | None = None
        self._size = (0, 0)
        self.text = TimelineText(self, i18n, avatars, beside)
        self._scrollbar = ttk.Scrollbar(self, bootstyle="round", command=self._drag)
        self.text.configure(yscrollcommand=self._scrolled)
        self.text.grid(row=0, column=0, sticky="nsew")
        self._scrollbar.grid(row=0, column=1, sticky="ns", padx=1)
        self.columnconfigure(0, weight=1)
        # Its place stays free while there is nothing to scroll: lines that
        # broke anew with it could call it back.
        self.columnconfigure(1, minsize=self._scrollbar.winfo_reqwidth() + 2)
        self.rowconfigure(0, weight=1)
        self._placeholder = WrappingLabel(
            self, style="Placeholder.TLabel", name="placeholder", anchor="center", justify="center"
        )
        self._button = ttk.Button(
            self, name="to_latest", style="Main.primary.TButton", command=events.to_latest
        )
        self._bind_keys()
        self._bind_menu()
        self._bind_footer()
        self._style = ttk.Style.get_instance()
        self._style.on_theme_change(self._retheme, call_now=False)
        self.bind("<Destroy>", lambda _event: self._end())

    def say_instead(self, words: str) -> None:
        """Say this where the messages would be; nothing: they are there."""
        self._placeholder.say(words)
        if words:
            self._placeholder.place(relx=0.5, rely=0.45, anchor="center", relwidth=0.8)
        else:
            self._placeholder.place_forget()

    def offer_latest(self, words: str) -> None:
        """Offer the way to the newest message in these words, or not at all."""
        self._button.configure(text=f"{words}  ↓")
        if words:
            self._button.place(relx=0.5, rely=1.0, y=-px(self, MEDIUM), anchor="s")
            self._button.lift()
        else:
            self._button.place_forget()

    def settle_soon(self) -> None:
        """Tell once things have come to rest that they may have moved."""
        if self._settling is None:
            self._settling = self.after_idle(self._settle)

    def to_top(self) -> None:
        self._events.moved()
        self.text.yview_moveto(0.0)

    def _settle(self) -> None:
        self._settling = None
        size = (self.text.winfo_width(), self.text.winfo_height())
        resized, self._size = size != self._size, size
        self._events.settled(resized)

    def _scrolled(self, first: str, last: str) -> None:
        self._scrollbar.set(first, last)
        show(self._scrollbar, float(first) > 0 or float(last) < 1)
        self.settle_soon()

    def _drag(self, *arguments: str) -> None:
        self._events.moved()
        self.text.tk.call(str(self.text), "yview", *arguments)

    def _scroll(self, count: int, what: str) -> None:
        self._events.moved()
        self.text.tk.call(str(self.text), "yview", "scroll", count, what)

    def _bind_keys(self) -> None:
        def bind(key: str, act: Callable[[], None]) -> None:
            def pressed(_event: "tk.Event[tk.Text]") -> str:
                act()
                return "break"

            self.text.bind(key, pressed)

        bind("<Prior>", lambda: self._scroll(-1, "pages"))
        bind("<Next>", lambda: self._scroll(1, "pages"))
        bind("<space>", lambda: self._scroll(1, "pages"))
        bind("<Up>", lambda: self._scroll(-LINES_PER_ARROW, "units"))
        bind("<Down>", lambda: self._scroll(LINES_PER_ARROW, "units"))
        for key in ("<Home>", "<Control-Home>"):
            bind(key, self.to_top)
        for key in ("<End>", "<Control-End>"):
            bind(key, self._events.to_latest)
        for key in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            self.text.bind(key, lambda _event: self._events.moved(), add="+")
        # A Text keeps these for itself, even where it takes no typing.
        self.text.bind("<Tab>", self._leave)
        self.text.bind("<Shift-Tab>", self._leave)
        if self.tk.call("tk", "windowingsystem") == "x11":
            self.text.bind("<ISO_Left_Tab>", self._leave)

    def _bind_menu(self) -> None:
        is_mac = self.tk.call("tk", "windowingsystem") == "aqua"
        self.text.bind("<Button-2>" if is_mac else "<Button-3>", self._menu_here)
        for key in ("<Shift-F10>", "<App>", "<Menu>"):
            with contextlib.suppress(tk.TclError):  # not every system has each
                self.text.bind(key, self._menu_by_key)

    def _bind_footer(self) -> None:
        self.text.tag_bind("footer", "<Enter>", lambda _event: self.text.configure(cursor="hand2"))
        self.text.tag_bind("footer", "<Leave>", lambda _event: self.text.configure(cursor="arrow"))
        self.text.tag_bind("footer", "<ButtonRelease-1>", self._roster_here)

    def _roster_here(self, event: "tk.Event[tk.Text]") -> None:
        message = self.text.message_at(f"@{event.x},{event.y}")
        if message is not None and not self.text.marked():
            self._events.open_roster(message)

    def _menu_here(self, event: "tk.Event[tk.Text]") -> str:
        self.text.focus_set()
        message = self.text.message_at(f"@{event.x},{event.y}")
        if message is not None:
            self._events.open_menu(message, self.text.marked(), event.x_root, event.y_root)
        return "break"

    def _menu_by_key(self, _event: "tk.Event[tk.Text]") -> str:
        """Of the message that is marked, or of the last that is wholly in sight."""
        message = self.text.chosen()
        if message is not None:
            left, top = self.text.place_of(message)
            self._events.open_menu(message, self.text.marked(), left, top)
        return "break"

    def _leave(self, event: "tk.Event[tk.Text]") -> str:
        backwards = int(event.state) & SHIFT_MASK
        target = self.text.tk_focusPrev() if backwards else self.text.tk_focusNext()
        if target is not None:
            target.focus_set()
        return "break"

    def _retheme(self, _style: ttk.Style) -> None:
        self.text.restyle()

    def _end(self) -> None:
        self._style.remove_theme_change_callback(self._retheme)
        if self._settling is not None:
            self.after_cancel(self._settling)
