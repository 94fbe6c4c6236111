"""A frame that scrolls where it does not fit, and stands in the middle where
it does."""

import tkinter as tk

import ttkbootstrap as ttk

from app.views.kit import palette
from app.views.kit.theme import LARGE, px


class ScrollingFrame(ttk.Frame):
    """Put widgets into `inside`; it is `width` logical pixels wide, or less in
    a narrow window."""

    def __init__(self, parent: tk.Misc, width: float) -> None:
        super().__init__(parent)
        self._width = px(self, width)
        self._margin = px(self, LARGE)
        self._canvas = ttk.Canvas(self, autostyle=False, highlightthickness=0, borderwidth=0)
        self._canvas.grid(row=0, column=0, sticky="nsew")
        self._scrollbar = ttk.Scrollbar(self, bootstyle="round", command=self._drag)
        self._scrollbar.grid(row=0, column=1, sticky="ns")
        self._scrollbar.grid_remove()
        self._canvas.configure(yscrollcommand=self._scrollbar.set, yscrollincrement=px(self, 20))
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self.inside = ttk.Frame(self._canvas)
        self._item = self._canvas.create_window(0, 0, window=self.inside, anchor="n")
        self._canvas.bind("<Configure>", lambda _event: self._lay_out())
        # The canvas takes off what has left its view, without a word of its new
        # size: were it not laid out then, it would never come back.
        for event in ("<Configure>", "<Unmap>"):
            self.inside.bind(event, lambda _event: self._lay_out())
        self._style = ttk.Style.get_instance()
        self._style.on_theme_change(self._retheme)
        top = self.winfo_toplevel()
        # Wheel and focus events go to the widget below, not to the canvas.
        for key in _WHEEL:
            top.bind(key, self._wheel, add="+")
        top.bind("<FocusIn>", self._reveal, add="+")
        self.bind("<Destroy>", lambda _event: self._end())

    def _lay_out(self) -> None:
        room, height = self._canvas.winfo_width(), self._canvas.winfo_height()
        width = min(self._width, room - 2 * self._margin)
        needed = self.inside.winfo_reqheight() + 2 * self._margin
        # A little above the middle is where the eye takes the middle to be.
        top = self._margin + max(0, (height - needed) * 45 // 100)
        self._canvas.itemconfigure(self._item, width=max(width, 1))
        self._canvas.coords(self._item, room // 2, top)
        self._canvas.configure(scrollregion=(0, 0, room, max(needed, height)))
        if needed > height:
            self._scrollbar.grid()
        else:
            self._scrollbar.grid_remove()

    def _drag(self, *arguments: str) -> None:
        self._canvas.tk.call(str(self._canvas), "yview", *arguments)

    def _wheel(self, event: "tk.Event[tk.Misc]") -> None:
        if self._holds(event.widget) and self._scrollbar.winfo_ismapped():
            up = event.num == 4 or event.delta > 0
            self._canvas.yview_scroll(-2 if up else 2, "units")

    def _reveal(self, event: "tk.Event[tk.Misc]") -> None:
        if not self._holds(event.widget) or not self._scrollbar.winfo_ismapped():
            return
        widget = event.widget
        top = widget.winfo_rooty() - self.inside.winfo_rooty() + self._margin
        bottom = top + widget.winfo_height()
        seen = self._canvas.canvasy(0)
        height = self._canvas.winfo_height()
        if top - self._margin < seen or bottom + self._margin > seen + height:
            total = self.inside.winfo_reqheight() + 2 * self._margin
            self._canvas.yview_moveto(max(0.0, (top - height / 2) / total))

    def _holds(self, widget: object) -> bool:
        # Menus and the like come as names.
        return isinstance(widget, tk.Misc) and str(widget).startswith(f"{self.inside}.")

    def _retheme(self, _style: ttk.Style) -> None:
        self._canvas.configure(background=palette.current().surface)

    def _end(self) -> None:
        self._style.remove_theme_change_callback(self._retheme)


_WHEEL = ("<MouseWheel>", "<Button-4>", "<Button-5>")
