"""A page in place of the room: the way back, its title, and how things stand."""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.operation import Operation
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.dialogs import Dialog
from app.views.kit.theme import LARGE, MEDIUM, SMALL, TIGHT, TONES, px
from app.views.kit.widgets import (
    ElidedLabel,
    IconButton,
    Tip,
    WrappingLabel,
    follow,
    hairline,
    show,
)


class LoadActions(Protocol):
    """What a page asks of who fetches what it shows."""

    def reload(self) -> None:
        """Fetch it anew."""

    def close(self) -> None:
        """Stop keeping it current: it is not shown any more."""


class Page(ttk.Frame):
    """`back` shows the room again. Put what it shows into `body`. Follows the status
    by itself, and whatever the page gives to `follow`; `say` is called after every
    change. `loading`: None for what is on this computer alone: there is nothing to fetch,
    and a connection makes no difference."""

    def __init__(
        self,
        parent: tk.Misc,
        name: str,
        context: ViewContext,
        back: Callable[[], None],
        loading: LoadActions | None,
        *operations: Operation,
    ) -> None:
        super().__init__(parent, name=name)
        self.context = context
        self._loading = loading
        self._operations = operations
        self._dialog: Dialog | None = None
        edge = px(self, LARGE)
        header = ttk.Frame(self, padding=(px(self, MEDIUM), px(self, MEDIUM)))
        header.grid(row=0, column=0, sticky="ew")
        self._back = IconButton(header, "back", "arrow-left", back)
        self._back.grid(row=0, column=0, padx=(0, px(self, SMALL)))
        self._back_tip = Tip(self._back)
        self._title = ElidedLabel(header, fonts.TITLE, style="Title.TLabel", name="page_title")
        self._title.grid(row=0, column=1, sticky="ew")
        header.columnconfigure(1, weight=1)
        self._reload = IconButton(header, "reload", "arrow-clockwise", self.reload)
        if loading is not None:
            self._reload.grid(row=0, column=2)
        self._reload_tip = Tip(self._reload)
        self.tools = ttk.Frame(self, padding=(edge, 0, edge, px(self, MEDIUM)))
        """For what acts on all that is listed."""
        self.tools.grid(row=1, column=0, sticky="ew")
        self.tools.columnconfigure(0, weight=1)
        hairline(self).grid(row=2, column=0, sticky="ew")
        self._notice = ttk.Frame(self, padding=(edge, px(self, SMALL)))
        self._notice.grid(row=3, column=0, sticky="ew")
        self._notice.columnconfigure(0, weight=1)
        self._notice_text = WrappingLabel(self._notice, name="notice")
        self._notice_text.grid(row=0, column=0, sticky="ew")
        self.body = ttk.Frame(self)
        self.body.grid(row=4, column=0, sticky="nsew")
        self.body.columnconfigure(0, weight=1)
        self.columnconfigure(0, weight=1)
        self.rowconfigure(4, weight=1)
        follow(self, self.refresh, context.status, context.account, context.i18n, *operations)

    @property
    def may_act(self) -> bool:
        """Whether the server can be asked for something now."""
        is_busy = any(operation.is_under_way for operation in self._operations)
        return self.context.is_reachable and not is_busy

    def enter(self) -> None:
        """Begin to show the page."""

    def leave(self) -> None:
        """Leave the page: close what it asks, and drop what it said."""
        if self._dialog is not None:
            self._dialog.close()
        if self._loading is not None:
            self._loading.close()
        for operation in self._operations:
            if not operation.is_under_way:
                operation.clear()

    def focus_first(self) -> None:
        """Put the keyboard where one begins."""
        self._back.focus_set()

    def reload(self) -> None:
        """Fetch everything anew."""
        if self._loading is not None:
            self._loading.reload()

    def open(self, make: Callable[[], Dialog]) -> None:
        """Show the dialog that this makes, in place of another."""
        if self._dialog is not None:
            self._dialog.close()
        self._dialog = make()

    def refresh(self) -> None:
        """Show the models' present state."""
        t = self.context.t
        self._title.say(t(f"page.{self.winfo_name()}"))
        self._back_tip.say(f"{t('page.back')}  Esc")
        self._reload_tip.say(f"{t('page.reload')}  F5")
        reachable = self.context.is_reachable
        self._reload.state(["!disabled" if reachable else "disabled"])
        tone, words = self._standing(reachable)
        self._notice_text.configure(style=TONES[tone])
        self._notice_text.say(words)
        show(self._notice, bool(words))
        self.say()

    def say(self) -> None:
        """Show the page's own."""

    def _standing(self, reachable: bool) -> tuple[str, str]:
        if not reachable and self._loading is not None:
            return "bad", self.context.t("page.offline")
        for operation in self._operations:
            tone, words = self.context.operation_words(operation)
            if words:
                return tone, words
        return "plain", ""


class SearchField(ttk.Frame):
    """One line to search by; `typed` is told of every key."""

    def __init__(self, parent: tk.Misc, typed: Callable[[str], None]) -> None:
        super().__init__(parent)
        self._typed = typed
        self._label = ttk.Label(self, style="FieldName.TLabel")
        self._label.grid(row=0, column=0, padx=(0, px(self, SMALL)))
        self.variable = tk.StringVar(self)
        self.entry = ttk.Entry(
            self, name="search", textvariable=self.variable, style="Field.TEntry", width=12
        )
        self.entry.configure(font="TkTextFont")
        self.entry.grid(row=0, column=1, sticky="ew", padx=(0, px(self, TIGHT)))
        self.columnconfigure(1, weight=1)
        self.variable.trace_add("write", lambda *_: self._typed(self.variable.get()))

    def say(self, words: str) -> None:
        """Name what can be searched for."""
        self._label.configure(text=words)

    def forget(self) -> None:
        """Search for nothing."""
        if self.variable.get():
            self.variable.set("")

    def focus_text(self) -> None:
        self.entry.focus_set()
        self.entry.selection_range(0, "end")
