"""Where one types what is looked for."""

import sys
import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.i18n import Translator
from app.views.kit.theme import px
from app.views.kit.widgets import IconButton, Tip, follow

WIDTH = 22
"""In characters."""


class SearchBox(ttk.Frame):
    """A field that names itself while it is empty, with a button to empty it. Boxes on the
    same variable are one field in two places."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        variable: tk.StringVar,
        clear: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._i18n = i18n
        self._variable = variable
        self.entry = ttk.Entry(
            self, name="room_search", textvariable=variable, style="Search.TEntry", width=WIDTH
        )
        self.entry.configure(font="TkTextFont")
        self.entry.grid(row=0, column=0, sticky="ew")
        self.columnconfigure(0, weight=1)
        self._name = ttk.Label(
            self, style="Placeholder.TLabel", name="room_search_name", cursor="xterm"
        )
        self._name.bind("<Button-1>", lambda _event: self.focus_text())
        self._clear = IconButton(self, "room_search_clear", "x", clear)
        self._clear.configure(icon_size=14, style="Clear.TButton")
        self._tip = Tip(self._clear)
        self._trace = variable.trace_add("write", lambda *_: self._refresh())
        self.bind("<Destroy>", lambda _event: self._end(), add="+")
        follow(self, self._refresh, i18n)
        self._refresh()

    def focus_text(self) -> None:
        """Put the keyboard here, with everything selected for typing over."""
        self.entry.focus_set()
        self.entry.selection_range(0, "end")
        self.entry.icursor("end")

    def _refresh(self) -> None:
        self._name.configure(text=name_and_key(self._i18n))
        self._tip.say(self._i18n.t("search.clear"))
        if self._variable.get():
            self._name.place_forget()
            self._clear.place(in_=self.entry, relx=1.0, rely=0.5, x=-px(self, 3), anchor="e")
        else:
            self._clear.place_forget()
            self._name.place(in_=self.entry, x=px(self, 11), rely=0.5, anchor="w")

    def _end(self) -> None:
        if self._trace:
            self._variable.trace_remove("write", self._trace)
            self._trace = ""


def name_and_key(i18n: Translator) -> str:
    """Return what the field is called, and the key that leads there."""
    return f"{i18n.t('search.messages')}   {'⌘F' if sys.platform == 'darwin' else 'Ctrl+F'}"
