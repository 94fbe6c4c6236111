"""The list of what was found."""

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import font
from typing import Any

import ttkbootstrap as ttk

from app.views.context import ViewContext
from app.views.kit import fonts, palette
from app.views.kit.excerpts import excerpt
from app.views.kit.script import is_unspaced
from app.views.kit.theme import LARGE, SMALL, TIGHT, px
from app.views.kit.widgets import show
from app.views.wording.messages import priority
from protocol.messages import RoomMessage

NEAR_END = 0.9
"""From here on more is asked for."""


class ResultList(ttk.Frame):
    """A read-only Text with two or three lines for each message. `choose` is called for one
    that is clicked, or on which Enter is pressed; `need_more` when the end is in sight."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        choose: Callable[[RoomMessage], None],
        need_more: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._choose = choose
        self._need_more = need_more
        self._shown: tuple[Sequence[RoomMessage], Sequence[str], str] = ((), (), "")
        self._current = 0
        self.text = ttk.Text(
            self,
            name="results",
            autostyle=False,
            wrap="word",
            state="disabled",
            cursor="arrow",
            font=fonts.BODY,
            relief="flat",
            borderwidth=0,
            highlightthickness=0,
            padx=0,
            pady=0,
            spacing2=px(parent, 2),
        )
        self._scrollbar = ttk.Scrollbar(self, bootstyle="round", command=self.text.yview)
        self.text.configure(yscrollcommand=self._scrolled)
        self.text.grid(row=0, column=0, sticky="nsew")
        self._scrollbar.grid(row=0, column=1, sticky="ns", padx=1)
        self.columnconfigure(0, weight=1)
        self.columnconfigure(1, minsize=self._scrollbar.winfo_reqwidth() + 2)
        self.rowconfigure(0, weight=1)
        self._thin = font.Font(root=self, size=-1)
        self._bind_keys()
        self._style = ttk.Style.get_instance()
        self._style.on_theme_change(self._retheme, call_now=False)
        self.bind("<Destroy>", lambda _event: self._end(), add="+")
        self._restyle()

    @property
    def current(self) -> RoomMessage | None:
        """The one that is chosen; None: there is none."""
        found = self._shown[0]
        return found[self._current] if self._current < len(found) else None

    def fill(self, found: Sequence[RoomMessage], terms: Sequence[str], ending: str) -> None:
        """Show these, with these terms marked, and words below them."""
        before = self._shown
        if (found, terms, ending) == before:
            return
        self._shown = (found, terms, ending)
        goes_on = terms == before[1] and before[0] and found[: len(before[0])] == before[0]
        self.text.configure(state="normal")
        if goes_on:
            self.text.delete("ending.first", "end")
            self._write(found[len(before[0]) :], len(before[0]))
        else:
            kept = self.current if terms == before[1] else None
            self._current = found.index(kept) if kept in found else 0
            self.text.delete("1.0", "end")
            self._write(found, 0)
        self.text.configure(state="disabled")
        self._show_current()

    def say_anew(self) -> None:
        """Write everything again: the language or the day has changed."""
        found, terms, ending = self._shown
        self._shown = ((), (), "")
        self.fill(found, terms, ending)

    def choose_message(self, message: RoomMessage) -> None:
        """Have this one chosen, and in sight."""
        found = self._shown[0]
        for place, one in enumerate(found):
            if one.id == message.id:
                self._walk_to(place)

    def focus_list(self) -> None:
        """Put the keyboard here."""
        self.text.focus_set()

    # --- writing ------------------------------------------------------------------

    def _write(self, found: Sequence[RoomMessage], first: int) -> None:
        for place, message in enumerate(found, first):
            self._write_one(message, f"result-{place}")
        # The line that every Text ends with.
        self.text.insert("end", f"{self._shown[2]}\n", ("ending",))

    def _write_one(self, message: RoomMessage, tag: str) -> None:
        context = self._context
        head: list[Any] = [message.author_name, (tag, "head", "name")]
        when = context.moment(message.posted_at_ms)
        head += [f"   {when}   #{message.id}", (tag, "head", "when")]
        if word := priority(context.i18n, message):
            head += [f"   {word}", (tag, "head", message.priority.name.lower())]
        self.text.insert("end", *head, "\n", (tag, "head"))
        for words, is_found in excerpt(message.text, self._shown[1]):
            tags = [tag, "excerpt"]
            if is_unspaced(words):
                tags.append("unspaced")
            if is_found:
                tags.append("found")
            self.text.insert("end", words, tuple(tags))
        self.text.insert("end", "\n", (tag, "excerpt"))
        # Below it, so that what is marked is no higher than its line.
        self.text.insert("end", "\n", (tag, "below"))

    # --- looks --------------------------------------------------------------------

    def _restyle(self) -> None:
        colors = palette.current()
        side = px(self, LARGE)
        self.text.configure(
            background=colors.surface,
            foreground=colors.text,
            selectbackground=colors.surface,
            inactiveselectbackground=colors.surface,
            selectforeground=colors.text,
        )
        indent = {
            "lmargin1": side,
            "lmargin2": side,
            "rmargin": side,
            "lmargincolor": colors.surface,
        }
        tags: dict[str, dict[str, Any]] = {
            "current": {
                "background": colors.raised,
                "lmargincolor": colors.raised,
                "rmargincolor": colors.raised,
            },
            "head": indent
            | {"spacing1": px(self, SMALL), "spacing3": px(self, TIGHT), "font": fonts.SMALL},
            "name": {"font": fonts.SMALL_STRONG},
            "when": {"foreground": colors.muted},
            "important": {"foreground": colors.warning, "font": fonts.SMALL_STRONG},
            "urgent": {"foreground": colors.danger, "font": fonts.SMALL_STRONG},
            "excerpt": indent,
            "below": indent | {"font": self._thin, "spacing1": px(self, SMALL)},
            "unspaced": {"wrap": "char"},
            "found": {"background": colors.found_background},
            "ending": indent
            | {
                "justify": "center",
                "font": fonts.SMALL,
                "foreground": colors.muted,
                "spacing1": px(self, LARGE),
                "spacing3": px(self, LARGE),
            },
        }
        for name, options in tags.items():
            self.text.tag_configure(name, **options)
        self.text.tag_raise("current")
        self.text.tag_raise("found")

    def _retheme(self, _style: ttk.Style) -> None:
        self._restyle()

    def _end(self) -> None:
        self._style.remove_theme_change_callback(self._retheme)

    # --- what a person does -------------------------------------------------------

    def _bind_keys(self) -> None:
        def bind(key: str, act: Callable[[], None]) -> None:
            def pressed(_event: "tk.Event[tk.Text]") -> str:
                act()
                return "break"

            self.text.bind(key, pressed)

        bind("<Up>", lambda: self._walk_to(self._current - 1))
        bind("<Down>", lambda: self._walk_to(self._current + 1))
        bind("<Home>", lambda: self._walk_to(0))
        bind("<End>", lambda: self._walk_to(len(self._shown[0]) - 1))
        bind("<Prior>", lambda: self.text.yview_scroll(-1, "pages"))
        bind("<Next>", lambda: self.text.yview_scroll(1, "pages"))
        for key in ("<Return>", "<KP_Enter>", "<space>"):
            bind(key, self.choose_current)
        self.text.bind("<Button-1>", self._clicked)
        # It takes no selection by mouse: a click goes to what was found.
        for event in ("<B1-Motion>", "<Double-Button-1>", "<Triple-Button-1>"):
            self.text.bind(event, lambda _event: "break")
        self.text.bind("<Motion>", self._hover)
        self.text.bind("<<WidgetViewSync>>", lambda _event: self._look(), add="+")
        for change in ("<FocusIn>", "<FocusOut>"):
            self.text.bind(change, lambda _event: self._show_current(), add="+")

    def choose_current(self) -> None:
        """Go to the one that is chosen."""
        if (message := self.current) is not None:
            self._choose(message)

    def _place_at(self, event: "tk.Event[tk.Text]") -> int | None:
        for name in self.text.tag_names(f"@{event.x},{event.y}"):
            if name.startswith("result-"):
                return int(name.removeprefix("result-"))
        return None

    def _clicked(self, event: "tk.Event[tk.Text]") -> str:
        self.text.focus_set()
        place = self._place_at(event)
        if place is not None:
            self._walk_to(place)
            self.choose_current()
        return "break"

    def _hover(self, event: "tk.Event[tk.Text]") -> None:
        self.text.configure(cursor="arrow" if self._place_at(event) is None else "hand2")

    def _walk_to(self, place: int) -> None:
        count = len(self._shown[0])
        if not count:
            return
        self._current = min(max(place, 0), count - 1)
        self._show_current()
        tag = f"result-{self._current}"
        for end in (f"{tag}.last - 1 chars", f"{tag}.first"):
            self.text.see(end)
        if self._current == count - 1:
            self.text.see("end")
            self._need_more()

    def _show_current(self) -> None:
        self.text.tag_remove("current", "1.0", "end")
        tag = f"result-{self._current}"
        if self.text.tag_ranges(tag):
            self.text.tag_add("current", f"{tag}.first", f"{tag}.last")

    def _scrolled(self, first: str, last: str) -> None:
        self._scrollbar.set(first, last)
        show(self._scrollbar, float(first) > 0 or float(last) < 1)
        self._look()

    def _look(self) -> None:
        if self._shown[0] and self.text.winfo_viewable() and self.text.yview()[1] >= NEAR_END:
            self._need_more()
