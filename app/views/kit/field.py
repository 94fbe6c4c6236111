"""A field of a form: its name, where one types, and in words what is wrong."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.views.kit.theme import MEDIUM, TIGHT, px
from app.views.kit.widgets import IconButton, Tip, WrappingLabel, show

DOT = "•"


class Field(ttk.Frame):
    """`name` is the entry's own in Tk, for tests and tools to find it."""

    def __init__(self, parent: tk.Misc, name: str, secret: bool = False) -> None:
        super().__init__(parent, padding=(0, 0, 0, px(parent, MEDIUM)))
        self.columnconfigure(0, weight=1)
        self._name = ttk.Label(self, style="FieldName.TLabel")
        self._name.grid(row=0, column=0, sticky="w", pady=(0, px(self, TIGHT)))
        self.variable = tk.StringVar(self)
        self.entry = ttk.Entry(
            self,
            name=name,
            textvariable=self.variable,
            style="Password.TEntry" if secret else "Field.TEntry",
            font="TkTextFont",
        )
        self.entry.grid(row=1, column=0, sticky="ew")
        self._hint = WrappingLabel(self, style="Muted.TLabel", name=f"{name}_hint")
        self._hint.grid(row=2, column=0, sticky="ew", pady=(px(self, TIGHT), 0))
        self._error = WrappingLabel(self, style="Error.TLabel", name=f"{name}_error")
        self._error.grid(row=3, column=0, sticky="ew", pady=(px(self, TIGHT), 0))
        self._words: tuple[str, str] = ("", "")
        self._is_secret = secret
        if secret:
            self._add_eye(name)
        self.say("", "")
        self.say_error("")

    @property
    def text(self) -> str:
        return self.variable.get()

    @property
    def error(self) -> str:
        """What is said to be wrong, or nothing."""
        return str(self._error.cget("text"))

    def say(self, name: str, hint: str) -> None:
        """Show the field's name and, where it helps, what belongs in it."""
        self._name.configure(text=name)
        self._hint.say(hint)
        show(self._hint, bool(hint) and not self.error)

    def say_error(self, words: str) -> None:
        """Show what is wrong with it; nothing takes that back."""
        self._error.say(words)
        show(self._error, bool(words))
        show(self._hint, bool(str(self._hint.cget("text"))) and not words)
        # `invalid` draws the edge in the colour of danger.
        self.entry.state(["invalid" if words else "!invalid"])

    def say_eye(self, show_it: str, hide_it: str) -> None:
        """Name the button that shows the password."""
        self._words = (show_it, hide_it)
        self._refresh_eye()

    def focus_text(self) -> None:
        """Put the keyboard here, with everything selected for typing over."""
        self.entry.focus_set()
        self.entry.selection_range(0, "end")
        self.entry.icursor("end")

    def forget(self) -> None:
        """Empty it; what is typed next is hidden again, if it is a secret."""
        self.variable.set("")
        if self._is_secret:
            self.entry.configure(show=DOT)
            self._refresh_eye()

    def on_enter(self, act: Callable[[], None]) -> None:
        self.entry.bind("<Return>", lambda _event: act())
        self.entry.bind("<KP_Enter>", lambda _event: act())

    def _add_eye(self, name: str) -> None:
        self.entry.configure(show=DOT)
        self._eye = IconButton(self, f"{name}_eye", "eye", self._toggle_eye)
        self._eye.place(in_=self.entry, relx=1.0, rely=0.5, x=-px(self, 3), anchor="e")
        self._eye_tip = Tip(self._eye)

    def _toggle_eye(self) -> None:
        hidden = bool(str(self.entry.cget("show")))
        self.entry.configure(show="" if hidden else DOT)
        self._refresh_eye()

    def _refresh_eye(self) -> None:
        hidden = bool(str(self.entry.cget("show")))
        self._eye.show_icon("eye" if hidden else "eye-slash")
        self._eye_tip.say(self._words[0] if hidden else self._words[1])
