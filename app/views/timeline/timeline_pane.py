"""What the timeline is made of on the screen, and what a person does in it:
the text with its scroll bar, the words where there is nothing to show, and the
button that leads to what is new."""

import contextlib
import sys
import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.views.context import ViewContext
from app.views.kit.editing import let_tab_leave
from app.views.kit.theme import LARGE, MEDIUM, px
from app.views.kit.widgets import WrappingLabel, show
from app.views.timeline import links
from app.views.timeline.message_block import MORE, Beside
from app.views.timeline.message_hover import MessageHover
from app.views.timeline.timeline_text import TimelineText
from protocol.messages import RoomMessage

LINES_PER_ARROW = 3
PIXELS_PER_CLICK = 50
"""How far Tk scrolls a Text at one click of the wheel."""


class PaneEvents(Protocol):
    """What the pane tells whoever decides what it shows."""

    def moved(self) -> None:
        """Note that a person scrolls, whether or not anything gives way."""

    def settled(self) -> None:
        """Take note that the text, laid out or scrolled, has come to rest."""

    def to_latest(self) -> None:
        """Go to the newest message."""

    def to_new_or_latest(self) -> None:
        """Go to the first message that is new or, without any, to the newest."""


class TimelineActions(Protocol):
    """What a person can do with the messages that are shown."""

    def open_menu(self, message: RoomMessage, selected: str, left: int, top: int) -> None:
        """Open a message's menu here, in screen pixels; `selected` is the marked text."""

    def open_roster(self, message: RoomMessage) -> None:
        """Show who has confirmed this message and who has not."""

    def open_link(self, url: str) -> None:
        """Open this web address in the browser."""

    def begin(self) -> None:
        """Do what comes first in an empty room."""


class TimelinePane(ttk.Frame):
    """The widgets of the timeline; the timeline decides what they show."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        timeline: PaneEvents,
        actions: TimelineActions,
        beside: Beside,
    ) -> None:
        super().__init__(parent, name="timeline")
        self._timeline = timeline
        self._actions = actions
        self._settling: str | None = None
        self._said_instead = ("", "")
        self._offered = ""
        self.text = TimelineText(self, context, beside)
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
            self, name="to_latest", style="Main.primary.TButton", command=self._press
        )
        self._begin = ttk.Button(
            self, name="begin", style="Main.primary.TButton", command=actions.begin
        )
        self._hover = MessageHover(self, context, self.text, actions.open_menu)
        self._bind_keys()
        self._bind_wheel()
        self._bind_menu()
        self._bind_links()
        self._style = ttk.Style.get_instance()
        self._style.on_theme_change(self._retheme, call_now=False)
        self.bind("<Destroy>", lambda _event: self._end())

    def say_instead(self, words: str, offer: str = "") -> None:
        """Say this where the messages would be, with a button of these words below
        it; nothing: they are there."""
        if (words, offer) == self._said_instead:
            return
        self._said_instead = (words, offer)
        self._placeholder.say(words)
        self._begin.configure(text=offer)
        if words:
            self._placeholder.place(relx=0.5, rely=0.45, anchor="s", relwidth=0.8)
        else:
            self._placeholder.place_forget()
        if words and offer:
            self._begin.place(relx=0.5, rely=0.45, y=px(self, LARGE), anchor="n")
        else:
            self._begin.place_forget()

    def offer_latest(self, words: str) -> None:
        """Offer the way to what is new in these words, or not at all."""
        if words == self._offered:
            return
        self._offered = words
        self._button.configure(text=words)
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
        self._timeline.moved()
        self.text.yview_moveto(0.0)

    def _settle(self) -> None:
        self._settling = None
        self._timeline.settled()
        self._hover.follow()
        self.text.show_chosen()

    def _scrolled(self, first: str, last: str) -> None:
        self._scrollbar.set(first, last)
        show(self._scrollbar, float(first) > 0 or float(last) < 1)
        self.settle_soon()

    def _drag(self, *arguments: str) -> None:
        self._timeline.moved()
        self.text.tk.call(str(self.text), "yview", *arguments)

    def _scroll(self, count: int, what: str) -> None:
        self._timeline.moved()
        self.text.tk.call(str(self.text), "yview", "scroll", count, what)

    def _press(self) -> None:
        self._timeline.to_new_or_latest()
        self.text.focus_set()  # for the keys that scroll

    def _walk(self, step: int) -> None:
        self._timeline.moved()
        if not self.text.walk(step):
            self._scroll(step * LINES_PER_ARROW, "units")

    def _bind_keys(self) -> None:
        def bind(key: str, act: Callable[[], None]) -> None:
            def pressed(_event: "tk.Event[tk.Text]") -> str:
                act()
                return "break"

            self.text.bind(key, pressed)

        bind("<Prior>", lambda: self._scroll(-1, "pages"))
        bind("<Next>", lambda: self._scroll(1, "pages"))
        bind("<space>", lambda: self._scroll(1, "pages"))
        bind("<Up>", lambda: self._walk(-1))
        bind("<Down>", lambda: self._walk(1))
        for key in ("<Home>", "<Control-Home>"):
            bind(key, self.to_top)
        for key in ("<End>", "<Control-End>"):
            bind(key, self._timeline.to_latest)
        # Whatever else a Text does by keys, or while something is marked, may
        # scroll it, too.
        for key in ("<KeyPress>", "<B1-Motion>", "<B1-Leave>", "<ButtonRelease-1>", *_WHEEL):
            self.text.bind(key, lambda _event: self._timeline.moved(), add="+")
        self.text.bind("<Button-1>", lambda _event: self.text.choose(0), add="+")
        for change in ("<FocusIn>", "<FocusOut>"):
            self.text.bind(change, lambda _event: self.settle_soon(), add="+")
        # Laid out in the background, or because a widget in it has grown.
        for change in ("<Configure>", "<<WidgetViewSync>>"):
            self.text.bind(change, lambda _event: self.settle_soon(), add="+")
        let_tab_leave(self.text)

    def _bind_wheel(self) -> None:
        top = self.winfo_toplevel()
        for key in _WHEEL:
            top.bind(key, self._wheel, add="+")

    def _wheel(self, event: "tk.Event[tk.Misc]") -> None:
        """Scroll wherever in the room the pointer stands, but over what scrolls
        by itself."""
        room, widget = self.master, event.widget
        is_here = str(widget).startswith(f"{room}.") and self.winfo_viewable()
        if not is_here or widget is self.text or _scrolls(widget):
            return
        self._timeline.moved()
        if event.num in (4, 5):
            pixels = PIXELS_PER_CLICK if event.num == 5 else -PIXELS_PER_CLICK
        elif sys.platform == "darwin":
            pixels = -10 * event.delta
        else:
            pixels = -event.delta // 3
        self.text.yview_scroll(pixels, "pixels")

    def _bind_menu(self) -> None:
        is_mac = self.tk.call("tk", "windowingsystem") == "aqua"
        self.text.bind("<Button-2>" if is_mac else "<Button-3>", self._menu_here)
        for key in ("<Shift-F10>", "<App>", "<Menu>"):
            with contextlib.suppress(tk.TclError):  # not every system has each
                self.text.bind(key, self._menu_by_key)

    def _bind_links(self) -> None:
        acts: dict[str, Callable[[tk.Event[tk.Text]], None]] = {
            "footer": self._roster_here,
            MORE: self._unfold_here,
            "link": self._open_link,
        }
        for tag, act in acts.items():
            self.text.tag_bind(tag, "<Enter>", lambda _event: self.text.configure(cursor="hand2"))
            self.text.tag_bind(tag, "<Leave>", lambda _event: self.text.configure(cursor="arrow"))
            self.text.tag_bind(tag, "<ButtonRelease-1>", act)

    def _unfold_here(self, event: "tk.Event[tk.Text]") -> None:
        message = self.text.message_at(f"@{event.x},{event.y}")
        if message is not None and not self.text.marked():
            self.text.unfold(message)

    def _open_link(self, event: "tk.Event[tk.Text]") -> None:
        if self.text.marked():
            return  # it ended a selection, it is no click
        link = self.text.tag_prevrange("link", f"@{event.x},{event.y} + 1 chars")
        if link:
            self._actions.open_link(links.target(self.text.get(link[0], link[1])))

    def _roster_here(self, event: "tk.Event[tk.Text]") -> None:
        message = self.text.message_at(f"@{event.x},{event.y}")
        if message is not None and not self.text.marked():
            self._actions.open_roster(message)

    def _menu_here(self, event: "tk.Event[tk.Text]") -> str:
        self.text.focus_set()
        message = self.text.message_at(f"@{event.x},{event.y}")
        if message is not None:
            self._actions.open_menu(message, self.text.marked(), event.x_root, event.y_root)
        return "break"

    def _menu_by_key(self, _event: "tk.Event[tk.Text]") -> str:
        """Open the menu of the message that is marked, or of the last that is wholly in
        sight."""
        message = self.text.chosen()
        if message is not None:
            left, top = self.text.place_of(message)
            self._actions.open_menu(message, self.text.marked(), left, top)
        return "break"

    def _retheme(self, _style: ttk.Style) -> None:
        self.text.restyle()
        self.settle_soon()

    def _end(self) -> None:
        self._style.remove_theme_change_callback(self._retheme)
        if self._settling is not None:
            self.after_cancel(self._settling)


def _scrolls(widget: tk.Misc) -> bool:
    """Tell whether it is a field of several lines that does not show all of them."""
    return isinstance(widget, tk.Text) and widget.yview() != (0.0, 1.0)


_WHEEL = ("<MouseWheel>", "<Button-4>", "<Button-5>")
