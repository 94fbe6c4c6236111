"""The search: what was found in place of the messages, and once one of it was gone to, a
line above the messages that leads to the others and back."""

import tkinter as tk
from collections.abc import Iterable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.room.search import Query, Search
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.theme import LARGE, SMALL, TIGHT, px
from app.views.kit.widgets import ElidedLabel, WrappingLabel, follow, hairline, show
from app.views.search.box import SearchBox
from app.views.search.filters import Filters
from app.views.search.results import ResultList
from protocol.messages import RoomMessage


class SearchActions(Protocol):
    """What can be done to look for something."""

    def look_for(self, query: Query) -> None:
        """Look for this, once nothing more is typed."""

    def look_further(self) -> None:
        """Look for more of it further down."""

    def leave(self) -> None:
        """Look for nothing any more."""


class SearchHost(Protocol):
    """What the search asks of the view that it is in."""

    def show_results(self) -> None:
        """Show what was found in place of the messages."""

    def show_found(self, message: RoomMessage, terms: tuple[str, ...]) -> bool:
        """Show this message among its like, with these terms marked. False: it can't be
        had now."""

    def show_room(self) -> None:
        """Show the messages as they were before the search."""

    def authors(self) -> Iterable[str]:
        """Return the names of those whose messages are at hand."""


class SearchView(ttk.Frame):
    """What was found. `strip` is the line above the messages, to be placed by whoever
    places this; `box` in the header is made by `add_box`."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        model: Search,
        actions: SearchActions,
        host: SearchHost,
    ) -> None:
        super().__init__(parent, name="search")
        self._context = context
        self._model = model
        self._actions = actions
        self._host = host
        self._typed = tk.StringVar(self)
        self._boxes: list[SearchBox] = []
        self._is_open = False
        self._is_setting = False
        self._shown: RoomMessage | None = None
        """The message that was gone to."""

        edge = (px(self, LARGE), px(self, SMALL))
        bar = ttk.Frame(self, padding=edge)
        bar.grid(row=0, column=0, sticky="ew")
        bar.columnconfigure(1, weight=1)
        self._own_box = self.add_box(bar)
        self._own_box.grid(row=0, column=0, columnspan=3, sticky="ew", pady=(0, px(self, SMALL)))
        self.filters = Filters(bar, context, self._changed, self._authors)
        self.filters.grid(row=1, column=0, columnspan=2, sticky="ew")
        self._leave = ttk.Button(
            bar, name="search_leave", style="Inline.TButton", command=self.leave
        )
        self._leave.grid(row=1, column=2, sticky="e")
        hairline(self).grid(row=1, column=0, sticky="ew")
        self._note_frame = ttk.Frame(self, padding=edge)
        self._note_frame.grid(row=2, column=0, sticky="ew")
        self._note_frame.columnconfigure(0, weight=1)
        self._note = WrappingLabel(self._note_frame, style="Notice.TLabel", name="search_note")
        self._note.grid(row=0, column=0, sticky="ew")
        self.results = ResultList(self, context, self._go_to, actions.look_further)
        self.results.grid(row=3, column=0, sticky="nsew")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(3, weight=1)
        self.strip = FoundStrip(parent, context, self)
        self._typed.trace_add("write", lambda *_: self._changed())
        follow(self, self._say_anew, context.i18n)
        follow(self, self.refresh, model)
        self.refresh()

    def add_box(self, parent: tk.Misc) -> SearchBox:
        """Make a field to type in; all of them are one."""
        box = SearchBox(parent, self._context.i18n, self._typed, self.leave)
        for key in ("<Return>", "<KP_Enter>"):
            box.entry.bind(key, lambda _event: self.results.choose_current())
        box.entry.bind("<Down>", lambda _event: self.results.focus_list())
        self._boxes.append(box)
        return box

    @property
    def is_open(self) -> bool:
        """Whether one searches, or looks at what was found."""
        return self._is_open

    def show_own_box(self, visible: bool) -> None:
        """Have a field here, or not: there is one elsewhere."""
        show(self._own_box, visible)

    def enter(self) -> None:
        """Begin to search: put the keyboard where one types."""
        self._open()
        box = next((one for one in self._boxes if one.winfo_viewable()), self._boxes[0])
        box.focus_text()

    def leave(self) -> None:
        """Search no more."""
        if not self._is_open and not self._typed.get():
            return
        self._is_open, self._shown = False, None
        self._is_setting = True
        self._typed.set("")
        self._is_setting = False
        self.filters.clear()
        self._actions.leave()
        self._host.show_room()

    def back(self) -> None:
        """Go one step back: from a message to what was found, from there to the room."""
        if self._shown is None:
            self.leave()
            return
        shown, self._shown = self._shown, None
        self._host.show_results()
        self.results.choose_message(shown)
        self.results.focus_list()

    def step(self, step: int) -> None:
        """Go to what was found before (-1: newer) or after it (1: older)."""
        place = self._place
        found = self._model.found
        if place is None or not 0 <= place + step < len(found):
            return
        if place + step == len(found) - 1:
            self._actions.look_further()
        self._go_to(found[place + step])

    def refresh(self) -> None:
        """Show the model's present state."""
        model, t = self._model, self._context.t
        self._leave.configure(text=f"{t('search.leave')}  Esc")
        self._note.say(self._note_words())
        show(self._note_frame, bool(self._note_words()))
        self.results.fill(model.found, model.query.terms, self._ending())
        self.strip.say(*self._strip_words())

    # ----------------------------------------------------------------------------------

    @property
    def _place(self) -> int | None:
        """Which of what was found is looked at; None: it is not there any more."""
        if self._shown is None:
            return None
        ids = [message.id for message in self._model.found]
        return ids.index(self._shown.id) if self._shown.id in ids else None

    def _open(self) -> None:
        if not self._is_open or self._shown is not None:
            self._is_open, self._shown = True, None
            self._host.show_results()
            self.refresh()

    def _changed(self) -> None:
        if self._is_setting:
            return
        if not self._is_open and not self._typed.get():
            return
        self._open()
        from_ms, to_ms = self.filters.bounds_ms()
        self._actions.look_for(Query(self._typed.get(), self.filters.author, from_ms, to_ms))

    def _go_to(self, message: RoomMessage) -> None:
        if self._host.show_found(message, self._model.query.terms):
            self._shown = message
            self.refresh()

    def _authors(self) -> Iterable[str]:
        return {*(one.author_name for one in self._model.found), *self._host.authors()}

    def _note_words(self) -> str:
        model = self._model
        if model.query.is_empty or not model.is_local:
            return ""
        return self._context.t("search.local")

    def _ending(self) -> str:
        t, model = self._context.t, self._model
        if model.reason is not None:
            return self._context.refusal(model.reason)
        if model.is_looking:
            return t("search.looking")
        if model.query.is_empty:
            return t("search.begin")
        if not model.found:
            key = "search.nothing_here" if model.is_local else "search.nothing"
            return t(key)
        return "" if model.has_more else t("search.all")

    def _strip_words(self) -> tuple[str, bool, bool]:
        """Return what is said of the message that was gone to, and whether there is another
        before it and after it."""
        t, place = self._context.t, self._place
        found = self._model.found
        if place is None:
            return t("search.changed") if self._shown is not None else "", False, False
        count = f"{len(found)}+" if self._model.has_more else str(len(found))
        words = t("search.place", place=place + 1, count=count)
        return words, place > 0, place < len(found) - 1

    def _say_anew(self) -> None:
        self.results.say_anew()
        self.strip.say_buttons()
        self.refresh()


class FoundStrip(ttk.Frame):
    """Above the messages: which of what was found is shown, and where one can go."""

    def __init__(self, parent: tk.Misc, context: ViewContext, search: SearchView) -> None:
        edge = (px(parent, LARGE), px(parent, TIGHT))
        super().__init__(parent, name="found", padding=edge, style="Raised.TFrame")
        self._context = context
        self._words = ElidedLabel(self, fonts.SMALL, style="Raised.TLabel", name="found_words")
        self._words.grid(row=0, column=0, sticky="ew")
        self._buttons: dict[str, ttk.Button] = {}
        acts = {
            "newer": lambda: search.step(-1),
            "older": lambda: search.step(1),
            "results": search.back,
            "leave": search.leave,
        }
        for column, (name, act) in enumerate(acts.items(), 1):
            button = ttk.Button(
                self, name=f"found_{name}", style="RaisedInline.TButton", command=act
            )
            button.grid(row=0, column=column, padx=(px(self, SMALL), 0))
            self._buttons[name] = button
        self.columnconfigure(0, weight=1)
        self.say_buttons()

    def say_buttons(self) -> None:
        """Say in the language of now what can be done."""
        t = self._context.t
        words = {
            "newer": f"‹ {t('search.newer')}",
            "older": f"{t('search.older')} ›",
            "results": t("search.results"),
            "leave": t("search.close"),
        }
        for name, text in words.items():
            self._buttons[name].configure(text=text)

    def say(self, words: str, has_newer: bool, has_older: bool) -> None:
        """Say which one is shown, and whether there are others."""
        self._words.say(words)
        for name, can in (("newer", has_newer), ("older", has_older)):
            self._buttons[name].state(["!disabled" if can else "disabled"])
