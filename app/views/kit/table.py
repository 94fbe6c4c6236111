"""A table of rows that a page lists, as quiet as text: no grid, no box."""

import tkinter as tk
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from tkinter import font

import ttkbootstrap as ttk

from app.views.kit import fonts, palette
from app.views.kit.page_theme import ROW_HEIGHT
from app.views.kit.theme import LARGE, MEDIUM, px
from app.views.kit.widgets import WrappingLabel, elide, show

NEAR_THE_END = 0.85
"""More is asked for when this part of what is listed has come into sight."""

CELL_EDGE = 12
"""What a cell keeps free at its sides, both together, in logical pixels."""


@dataclass(frozen=True)
class Column:
    """`width` is the least, in logical pixels; what is left over is shared out
    by `weight`. Where the table is narrower than `from_width`, it is left out."""

    key: str
    width: int
    weight: int = 1
    from_width: int = 0


@dataclass(frozen=True)
class Row:
    """`id` tells it from the others; `is_quiet`: of second rank."""

    id: str
    cells: tuple[str, ...]
    is_quiet: bool = False


class Table(ttk.Frame):
    """What does not fit a cell ends in an ellipsis. One row is selected, or
    none."""

    def __init__(
        self,
        parent: tk.Misc,
        columns: Sequence[Column],
        selected: Callable[[], None],
        near_end: Callable[[], None],
        again: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._near_end = near_end
        self._rows: dict[str, Row] = {}
        self._fitting: str | None = None
        self._looking: str | None = None
        self._widths: dict[str, int] = {}
        keys = [column.key for column in columns]
        self.tree = ttk.Treeview(
            self,
            name="rows",
            columns=keys,
            show="headings",
            selectmode="browse",
            style="Page.Treeview",
        )
        for column in columns:
            self.tree.heading(column.key, anchor="w")
            self.tree.column(column.key, anchor="w", stretch=False)
        self._scrollbar = ttk.Scrollbar(self, bootstyle="round", command=self._drag)
        self.tree.configure(yscrollcommand=self._scrolled)
        self.tree.grid(row=0, column=0, sticky="nsew", padx=(px(self, LARGE - 4), 0))
        self._scrollbar.grid(row=0, column=1, sticky="ns", padx=1)
        self.columnconfigure(0, weight=1)
        self.columnconfigure(1, minsize=self._scrollbar.winfo_reqwidth() + 2)
        self.rowconfigure(0, weight=1)

        self._instead = ttk.Frame(self)
        self._instead.columnconfigure(0, weight=1)
        self._words = WrappingLabel(
            self._instead,
            style="Placeholder.TLabel",
            name="instead",
            anchor="center",
            justify="center",
        )
        self._words.grid(row=0, column=0, sticky="ew")
        self._again = ttk.Button(
            self._instead, name="load_again", style="Action.TButton", command=again
        )
        self._again.grid(row=1, column=0, pady=(px(self, MEDIUM), 0))

        self.tree.bind("<<TreeviewSelect>>", lambda _event: selected())
        self.tree.bind("<Configure>", lambda _event: self._fit_soon())
        self.tree.bind("<FocusIn>", lambda _event: self._select_something())
        # Widths are the page's to choose; a cut cell would follow no dragging.
        self.tree.bind("<Button-1>", self._on_press)
        self._style = ttk.Style.get_instance()
        self._style.on_theme_change(self._retheme)
        self.bind("<Destroy>", self._end)

    @property
    def selected(self) -> str | None:
        """The id of the row that is selected."""
        chosen = self.tree.selection()
        return str(chosen[0]) if chosen else None

    def head(self, words: Sequence[str]) -> None:
        """Name the columns."""
        for column, text in zip(self._columns, words, strict=True):
            self.tree.heading(column.key, text=text)

    def fill(self, rows: Sequence[Row]) -> None:
        """Show these rows. What is selected stays so, and in its place."""
        following = {row.id: row for row in rows}
        gone = [row_id for row_id in self._rows if row_id not in following]
        if gone:
            self.tree.delete(*gone)
        kept = [row_id for row_id in self._rows if row_id in following]
        is_in_order = kept == [row_id for row_id in following if row_id in self._rows]
        for index, row in enumerate(rows):
            known = self._rows.get(row.id)
            if known is None:
                self.tree.insert("", index, row.id, values=self._cut(row), tags=_tags(row))
            elif known != row:
                self.tree.item(row.id, values=self._cut(row), tags=_tags(row))
            if not is_in_order:
                self.tree.move(row.id, "", index)
        self._rows = following
        # A tall window shows all that is there without ever being scrolled.
        if self._looking is None:
            self._looking = self.after_idle(self._look_for_the_end)

    def say_instead(self, text: str, again: str = "") -> None:
        """Show words in place of rows; `again` is what the button is called, if any."""
        if text:
            self._words.say(text)
            self._again.configure(text=again)
            show(self._again, bool(again))
            self._instead.place(relx=0.5, rely=0.42, anchor="center", relwidth=0.84)
        else:
            self._instead.place_forget()

    def focus_rows(self) -> None:
        """Put the keyboard here."""
        self.tree.focus_set()

    def refit(self) -> None:
        """Cut the cells anew: the font has changed."""
        self._widths.clear()
        self._fit()

    # -----------------------------------------------------------------------------

    def _scrolled(self, first: str, last: str) -> None:
        self._scrollbar.set(first, last)
        fits = float(first) <= 0.0 and float(last) >= 1.0
        show(self._scrollbar, not fits)
        self._tell_the_end()

    def _look_for_the_end(self) -> None:
        self._looking = None
        self._tell_the_end()

    def _tell_the_end(self) -> None:
        # Before it was laid out it takes everything for seen.
        is_seen = self.winfo_viewable() and self.tree.winfo_height() > px(self, ROW_HEIGHT)
        if is_seen and self._rows and self.tree.yview()[1] >= NEAR_THE_END:
            self._near_end()

    def _select_something(self) -> None:
        if self.selected is None and self._rows:
            first = next(iter(self.tree.get_children()))
            self.tree.selection_set(first)
            self.tree.focus(first)

    def _on_press(self, event: "tk.Event[tk.Misc]") -> str | None:
        is_edge = self.tree.identify_region(event.x, event.y) == "separator"
        return "break" if is_edge else None

    def _drag(self, *arguments: str) -> None:
        self.tree.tk.call(str(self.tree), "yview", *arguments)

    # --- cells that fit -------------------------------------------------------------

    def _fit_soon(self) -> None:
        if self._fitting is None:
            self._fitting = self.after_idle(self._fit)

    def _fit(self) -> None:
        self._fitting = None
        room = self.tree.winfo_width()
        seen = [c for c in self._columns if room >= px(self, c.from_width)]
        spare = max(room - sum(px(self, column.width) for column in seen), 0)
        weight = sum(column.weight for column in seen) or 1
        widths = {c.key: px(self, c.width) + spare * c.weight // weight for c in seen}
        self.tree.configure(displaycolumns=[column.key for column in seen])
        for key, width in widths.items():
            self.tree.column(key, width=width, minwidth=0)
        if widths != self._widths:
            self._widths = widths
            for row in self._rows.values():
                self.tree.item(row.id, values=self._cut(row))

    def _cut(self, row: Row) -> tuple[str, ...]:
        face = font.nametofont(fonts.CONTROL, root=self)
        edge = px(self, CELL_EDGE)
        return tuple(
            elide(" ".join(text.split()), face, self._widths[column.key] - edge)
            if column.key in self._widths
            else text
            for column, text in zip(self._columns, row.cells, strict=True)
        )

    def _retheme(self, _style: ttk.Style) -> None:
        self.tree.tag_configure("quiet", foreground=palette.current().muted)

    def _end(self, event: "tk.Event[tk.Misc]") -> None:
        if event.widget is self:
            for idle in (self._fitting, self._looking):
                if idle is not None:
                    self.after_cancel(idle)
            self._style.remove_theme_change_callback(self._retheme)


def _tags(row: Row) -> tuple[str, ...]:
    return ("quiet",) if row.is_quiet else ()
