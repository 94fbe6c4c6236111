"""A field of several lines that grows with what is written in it."""

import tkinter as tk
from collections.abc import Callable
from tkinter import font

import ttkbootstrap as ttk

from app.views.kit import fonts, palette
from app.views.kit.editing import let_tab_leave
from app.views.kit.theme import SMALL, px

MIN_LINES = 3
MAX_LINES = 8

LINE_GAP = 2
"""Between two lines, in logical pixels."""


BLINK_OFF_MS = 300
"""For how long the caret is gone, as Tk has it."""

RESTS_AFTER_MS = 20_000
"""So long after the last key the caret stands still, as in other programs."""


class Editor(ttk.Frame):
    """The frame is the field's edge; `text` takes the typing.

    Keys are left alone, so that input methods compose undisturbed. `changed`
    is called after every change of the text; it grows to `max_lines`.
    """

    def __init__(
        self,
        parent: tk.Misc,
        changed: Callable[[], None],
        name: str = "editor",
        max_lines: int = MAX_LINES,
    ) -> None:
        super().__init__(parent)
        self._changed = changed
        self._max_lines = self._most_lines = max_lines
        self._lines = 1
        self.text = ttk.Text(
            self,
            name=name,
            autostyle=False,
            wrap="word",
            undo=True,
            autoseparators=True,
            maxundo=-1,
            height=MIN_LINES,
            width=1,
            font=fonts.BODY,
            relief="flat",
            borderwidth=0,
            highlightthickness=1,
            padx=px(self, SMALL + 2),
            pady=px(self, SMALL),
            # Between wrapped lines, and for Tk to count it in the height.
            spacing2=px(self, LINE_GAP),
            spacing3=px(self, LINE_GAP),
        )
        self._scrollbar = ttk.Scrollbar(self, bootstyle="round", command=self._drag)
        self.text.configure(yscrollcommand=self._scrollbar.set)
        self.text.grid(row=0, column=0, sticky="nsew")
        self._scrollbar.grid(row=0, column=1, sticky="ns")
        self._scrollbar.grid_remove()
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._placeholder = ttk.Label(
            self.text, style="Placeholder.TLabel", name="editor_placeholder", cursor="xterm"
        )
        self._placeholder.bind("<Button-1>", lambda _event: self.text.focus_set())
        self.text.bind("<<Modified>>", lambda _event: self._modified())
        self.text.bind("<Configure>", lambda _event: self._grow())
        self._resting = ""
        """The timer until the caret stands still; empty: it does."""
        for event in ("<Key>", "<FocusIn>", "<Button-1>"):
            self.text.bind(event, lambda _event: self._blink(), add="+")
        let_tab_leave(self.text)
        self._style = ttk.Style.get_instance()
        self._style.on_theme_change(self._retheme)
        self.bind("<Destroy>", lambda _event: self._end())
        self._show_placeholder()

    def get(self) -> str:
        """Return what is written, without the line end that a Text adds."""
        return self.text.get("1.0", "end - 1 chars")

    def set(self, text: str) -> None:
        """Write this in place of everything; nothing is left to be undone."""
        self.text.delete("1.0", "end")
        self.text.insert("1.0", text)
        self.text.edit_reset()
        self.text.see("insert")
        self._modified()

    def limit(self, lines: int) -> None:
        """Grow to so many lines at most, `max_lines` in any case."""
        if lines != self._most_lines:
            self._most_lines = lines
            self._grow()

    def height_with(self, lines: int) -> int:
        """Return how high it would be with this limit, in pixels."""
        line = font.nametofont(fonts.BODY, root=self).metrics("linespace") + px(self, LINE_GAP)
        present = int(str(self.text.cget("height")))
        return self.winfo_reqheight() + (self._height(lines) - present) * line

    def _height(self, most_lines: int) -> int:
        return min(max(self._lines, MIN_LINES), self._max_lines, most_lines)

    def say_placeholder(self, words: str) -> None:
        self._placeholder.configure(text=words)

    def _modified(self) -> None:
        # The flag has to be taken back, or it never tells again; taking it
        # back tells, too.
        if self.text.edit_modified():
            self.text.edit_modified(False)
        self._show_placeholder()
        self._grow()
        self._changed()

    def _show_placeholder(self) -> None:
        if self.text.compare("end - 1 chars", "==", "1.0"):
            self._placeholder.place(x=px(self, 1), y=0)
        else:
            self._placeholder.place_forget()

    def _grow(self) -> None:
        counted = self.text.tk.call(str(self.text), "count", "-displaylines", "1.0", "end")
        self._lines = int(counted)
        height = self._height(self._most_lines)
        if int(str(self.text.cget("height"))) != height:
            self.text.configure(height=height)
        if self._lines > height:
            self._scrollbar.grid()
        else:
            self._scrollbar.grid_remove()

    def _drag(self, *arguments: str) -> None:
        self.text.tk.call(str(self.text), "yview", *arguments)

    def _retheme(self, _style: ttk.Style) -> None:
        colors = palette.current()
        self.text.configure(
            background=colors.surface,
            foreground=colors.text,
            insertbackground=colors.text,
            insertwidth=px(self, 1.5),
            selectbackground=colors.selection,
            inactiveselectbackground=colors.selection,
            selectforeground=colors.text,
            highlightbackground=colors.border,
            highlightcolor=colors.accent_fill,
        )

    def _blink(self) -> None:
        """Let the caret blink; for a while, since it draws twice a second all day in a
        window that nobody uses."""
        if self._resting:
            self.after_cancel(self._resting)
        else:
            self.text.configure(insertofftime=BLINK_OFF_MS)
        self._resting = self.after(RESTS_AFTER_MS, self._rest)

    def _rest(self) -> None:
        self._resting = ""
        self.text.configure(insertofftime=0)

    def _end(self) -> None:
        if self._resting:
            self.after_cancel(self._resting)
        self._style.remove_theme_change_callback(self._retheme)
