"""Small windows in front of the client's own, each for one question."""

import contextlib
import tkinter as tk
from collections.abc import Callable
from typing import Literal

import ttkbootstrap as ttk

from app.i18n import Translator
from app.views.kit.flow import Flow
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import WrappingLabel

WIDTH = 400

Kind = Literal["main", "plain", "danger"]
STYLES: dict[Kind, str] = {
    "main": "Main.primary.TButton",
    "plain": "Action.TButton",
    "danger": "Danger.TButton",
}
"""The one thing to do here; another; one that can't be undone."""


class Dialog(ttk.Toplevel):
    """Modal, `width` logical pixels wide or less in a narrow window. Add texts,
    widgets made in `inside` and at last the buttons, each below what is there, then
    call `open`. Escape cancels; the keyboard goes back to where it was."""

    def __init__(
        self, parent: tk.Misc, i18n: Translator, name: str, title: str, width: int = WIDTH
    ) -> None:
        root = parent.winfo_toplevel()
        super().__init__(master=root, name=name, title=title, resizable=(False, False))
        self.withdraw()
        self.transient(root)
        self._i18n = i18n
        self._root_window = root
        self._came_from = root.focus_get()
        self.is_over = False
        # An edge of its own, for where the system draws none.
        edge = ttk.Frame(self, style="Edge.TFrame", padding=1)
        edge.grid(row=0, column=0, sticky="nsew")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        edge.columnconfigure(0, weight=1)
        edge.rowconfigure(0, weight=1)
        around = ttk.Frame(edge)
        around.grid(row=0, column=0, sticky="nsew")
        around.columnconfigure(0, weight=1)
        self.inside = ttk.Frame(around, padding=px(self, LARGE))
        self.inside.grid(row=0, column=0, sticky="new")
        self.inside.columnconfigure(0, weight=1)
        self._rows = 0
        self._buttons: Flow | None = None
        # Its width is given, so that its words wrap at it and not it at them;
        # its height follows.
        self._width = min(px(self, width), max(root.winfo_width() - px(self, LARGE), 1))
        self._height = 0
        self._fitting: str | None = None
        self.protocol("WM_DELETE_WINDOW", self.cancel)
        self.bind("<Escape>", lambda _event: self.cancel())
        self.bind("<Button>", self._clicked, add="+")

    def cancel(self) -> None:
        """Close it: the person does not want it."""
        self.close()

    def close(self) -> None:
        """Let it go; also if that was done."""
        if self.is_over:
            return
        self.is_over = True
        if self._fitting is not None:
            self.after_cancel(self._fitting)
        with contextlib.suppress(tk.TclError):
            self.grab_release()
        self.destroy()
        with contextlib.suppress(tk.TclError, KeyError):
            if self._came_from is not None and self._came_from.winfo_viewable():
                self._came_from.focus_set()

    def open(self, first: tk.Misc) -> None:
        """Show it above the middle of the window, with the keyboard here."""
        self.update_idletasks()
        self._fit()
        # What is inside tells its height only once it knows its width.
        self.bind("<Configure>", lambda _event: self._fit_soon())
        self.deiconify()
        first.focus_set()
        if self.winfo_viewable():
            self._take_hold()
        else:
            self.bind("<Map>", lambda _event: self._take_hold())

    def add(self, widget: tk.Widget, below: int = 0) -> None:
        """Put this widget here; so many logical pixels stay free below it."""
        widget.grid(row=self._rows, column=0, sticky="ew", pady=(0, px(self, below)))
        self._rows += 1

    def add_text(self, text: str, style: str, name: str) -> None:
        """Put lines of words here."""
        label = WrappingLabel(self.inside, style=style, name=name)
        label.configure(wraplength=self._width - 2 * px(self, LARGE))
        label.say(text)
        self.add(label, SMALL)

    def add_button(
        self, name: str, text: str, act: Callable[[], None], kind: Kind = "plain"
    ) -> ttk.Button:
        """Put a button here, beside the one before. Returns it."""
        if self._buttons is None:
            self._buttons = Flow(self.inside)
            self._buttons.grid(row=self._rows, column=0, sticky="ew", pady=(px(self, MEDIUM), 0))
            self._rows += 1
        button = ttk.Button(self._buttons, name=name, text=text, style=STYLES[kind], command=act)
        self._buttons.line_up((*self._buttons.widgets, button))
        return button

    def add_cancel(self, name: str) -> ttk.Button:
        """Put the button here that leaves everything as it is."""
        return self.add_button(name, self._i18n.t("dialog.cancel"), self.cancel)

    def add_done(self, name: str) -> ttk.Button:
        """Put the button here of a dialog that only tells something."""
        return self.add_button(name, self._i18n.t("dialog.done"), self.cancel)

    def _clicked(self, event: "tk.Event[tk.Misc]") -> None:
        # With the grab, clicks into the window behind it come here.
        if not self._holds(event):
            self.come_forward()

    def _holds(self, event: "tk.Event[tk.Misc]") -> bool:
        left, top = self.winfo_rootx(), self.winfo_rooty()
        is_across = left <= event.x_root < left + self.winfo_width()
        return is_across and top <= event.y_root < top + self.winfo_height()

    def come_forward(self) -> None:
        """Be in front, with the keyboard: whoever goes to the window behind it
        means to go on, and can't."""
        if self.is_over or not self.winfo_viewable():
            return
        self.lift()
        (self.focus_lastfor() or self).focus_force()

    def _fit_soon(self) -> None:
        if self._fitting is None and not self.is_over:
            self._fitting = self.after_idle(self._fit)

    def _fit(self) -> None:
        self._fitting = None
        height = self.inside.winfo_reqheight() + 2
        if height != self._height:
            self._height = height
            root = self._root_window
            left = root.winfo_rootx() + (root.winfo_width() - self._width) // 2
            top = root.winfo_rooty() + (root.winfo_height() - height) // 3
            self.geometry(f"{self._width}x{height}+{max(left, 0)}+{max(top, 0)}")

    def _take_hold(self) -> None:
        with contextlib.suppress(tk.TclError):
            self.grab_set()


class Ask(Dialog):
    """Asks once, in words, before something is done; `quoted` is what it is done
    to."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        title: str,
        text: str,
        do: str,
        act: Callable[[], None],
        is_harmful: bool = True,
        quoted: str = "",
    ) -> None:
        super().__init__(parent, i18n, "ask", title)
        self._act = act
        self.add_text(title, "Strong.TLabel", "ask_title")
        if quoted:
            self.add_text(quoted, "Quote.TLabel", "ask_quoted")
        self.add_text(text, "Description.TLabel", "ask_text")
        yes = self.add_button("ask_yes", do, self._do, "danger" if is_harmful else "main")
        no = self.add_cancel("ask_no")
        # Enter alone does no harm.
        self.open(no if is_harmful else yes)

    def _do(self) -> None:
        self.close()
        self._act()
