"""Widgets side by side, in as many lines as they need."""

import tkinter as tk
from collections.abc import Sequence

import ttkbootstrap as ttk

from app.views.theme import SMALL, px


class Flow(ttk.Frame):
    """Its children, made with it as their parent, are placed by `line_up`."""

    def __init__(self, parent: tk.Misc) -> None:
        super().__init__(parent, height=1)
        self._widgets: tuple[tk.Widget, ...] = ()
        self._shape: tuple[int, tuple[int, ...]] | None = None
        self.bind("<Configure>", lambda _event: self._lay_out())

    def line_up(self, widgets: Sequence[tk.Widget]) -> None:
        """Show these, in this order, and no others."""
        for widget in self._widgets:
            if widget not in widgets:
                widget.place_forget()
        self._widgets = tuple(widgets)
        self._shape = None
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.winfo_width()
        shape = (width, tuple(widget.winfo_reqwidth() for widget in self._widgets))
        if width <= 1 or shape == self._shape:
            return
        self._shape = shape
        gap = px(self, SMALL)
        left = top = line = 0
        for widget in self._widgets:
            if left and left + widget.winfo_reqwidth() > width:
                left, top, line = 0, top + line + gap, 0
            widget.place(x=left, y=top)
            widget.lift()
            left += widget.winfo_reqwidth() + gap
            line = max(line, widget.winfo_reqheight())
        self.configure(height=max(top + line, 1))
