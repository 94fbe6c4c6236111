"""Widgets side by side, in as many lines as they need."""

import tkinter as tk
from collections.abc import Sequence

import ttkbootstrap as ttk

from app.views.kit.theme import SMALL, px


class Flow(ttk.Frame):
    """Its children, made with it as their parent, are placed by `line_up`."""

    def __init__(self, parent: tk.Misc) -> None:
        super().__init__(parent, height=1)
        self._widgets: tuple[tk.Widget, ...] = ()
        self._shape: tuple[int, tuple[int, ...]] | None = None
        self.bind("<Configure>", lambda _event: self._lay_out())

    @property
    def widgets(self) -> tuple[tk.Widget, ...]:
        """Those that are shown, in their order."""
        return self._widgets

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
        top = 0
        for line in self._lines(width, gap):
            height = max(widget.winfo_reqheight() for widget in line)
            left = 0
            for widget in line:
                widget.place(x=left, y=top + (height - widget.winfo_reqheight()) // 2)
                widget.lift()
                left += widget.winfo_reqwidth() + gap
            top += height + gap
        self.configure(height=max(top - gap, 1))

    def _lines(self, width: int, gap: int) -> list[list[tk.Widget]]:
        """Return which widgets share a line of this width."""
        lines: list[list[tk.Widget]] = []
        left = 0
        for widget in self._widgets:
            if not lines or left + widget.winfo_reqwidth() > width:
                lines.append([])
                left = 0
            lines[-1].append(widget)
            left += widget.winfo_reqwidth() + gap
        return lines
