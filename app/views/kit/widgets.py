"""Small widgets that the views share."""

import contextlib
import tkinter as tk
from collections.abc import Callable
from tkinter import font
from typing import Any, Protocol

import ttkbootstrap as ttk

from app.views.kit import palette
from app.views.kit.script import is_unspaced, width_to_wrap_at
from app.views.kit.theme import px

ELLIPSIS = "…"
LABEL_EDGE = 4
"""What a label keeps free at its sides, both together, in logical pixels."""
NO_BREAK_SPACE = "\u00a0"


class Followed(Protocol):
    """What tells that it has changed: a model, the translator."""

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]: ...


def follow(widget: tk.Misc, refresh: Callable[[], None], *models: Followed) -> None:
    """Call `refresh` after every change of these, as long as the widget lives."""
    ends = [model.subscribe(refresh) for model in models]

    def end(_event: "tk.Event[tk.Misc]") -> None:
        for unsubscribe in ends:
            unsubscribe()

    widget.bind("<Destroy>", end, add="+")


def hairline(parent: tk.Misc) -> ttk.Frame:
    """Return a line between two areas, one pixel high on every display."""
    return ttk.Frame(parent, style="Hairline.TFrame", height=1)


class IconButton(ttk.Button):
    """A button that shows a picture alone; give it a `Tip`."""

    def __init__(
        self, parent: tk.Misc, name: str, icon: str, command: Callable[[], object]
    ) -> None:
        super().__init__(parent, name=name, command=command, style="Quiet.TButton")
        self._icon = icon
        self.configure(icon=icon, icon_size=18, icon_only=True)

    def show_icon(self, icon: str) -> None:
        """Show this picture."""
        # Only when it changes: the picture belongs to a style, and defining one
        # makes Tk lay out every widget of the window again.
        if self._icon != icon:
            self._icon = icon
            self.configure(icon=icon)


class Tip:
    """Words that appear beside a widget under the pointer."""

    def __init__(self, widget: tk.Misc) -> None:
        self._tip = ttk.ToolTip(widget, text="", delay=500)

    def say(self, text: str) -> None:
        self._tip.configure(text=text)


class WrappingLabel(ttk.Label):
    """A label whose lines are as long as it is wide. Say its text with `say`."""

    def __init__(self, parent: tk.Misc, **options: Any) -> None:
        super().__init__(parent, **options)
        self._wrapped_at = 0
        self.bind("<Configure>", self._wrap)

    def say(self, text: str) -> None:
        """Show this text."""
        # Tk breaks lines at spaces where there are any. In Chinese these are
        # few and stand around numbers, the worst place for it.
        self.configure(text=text.replace(" ", NO_BREAK_SPACE) if is_unspaced(text) else text)
        if self._wrapped_at:
            self._wrap_at(self._wrapped_at)

    def _wrap(self, event: "tk.Event[tk.Misc]") -> None:
        # Only when it changes: it makes Tk lay the label out again. What has yet
        # to be laid out is a pixel wide: wrapped at that, it would ask for the
        # height of one line a word.
        width = max(event.width - px(self, LABEL_EDGE), 1)
        if event.width > 1 and self._wrapped_at != width:
            self._wrapped_at = width
            self._wrap_at(width)

    def _wrap_at(self, width: int) -> None:
        text = str(self.cget("text"))
        if is_unspaced(text):
            name = ttk.Style.get_instance().lookup(str(self.cget("style")), "font")
            face = font.nametofont(name, root=self)
            width = width_to_wrap_at(text, width, face.measure)
        if str(self.cget("wraplength")) != str(width):
            self.configure(wraplength=width)


class ElidedLabel(ttk.Label):
    """A label of one line that ends in an ellipsis where it does not fit. It
    takes the room it is given and asks for next to none."""

    def __init__(self, parent: tk.Misc, font_name: str, **options: Any) -> None:
        super().__init__(parent, width=1, **options)
        self._whole = ""
        self._font_name = font_name
        self.bind("<Configure>", lambda _event: self._fit())

    @property
    def whole(self) -> str:
        """The text as it was said, not as it is cut."""
        return self._whole

    def say(self, text: str) -> None:
        """Show this text; line breaks become spaces."""
        self._whole = " ".join(text.split())
        self._fit()

    def _fit(self) -> None:
        face = font.nametofont(self._font_name, root=self)
        self.configure(text=elide(self._whole, face, self.winfo_width() - px(self, 2)))


def empty_menu(menu: ttk.Menu) -> None:
    """Take all entries out of a menu, and give it the looks of the theme in use."""
    menu.delete(0, "end")
    menu.configure(font="TkMenuFont", activebackground=palette.current().raised)


def pop_up(menu: ttk.Menu, left: int, top: int) -> None:
    """Open a menu with its left upper corner here, in screen pixels."""
    try:
        menu.tk_popup(left, top)
    finally:
        # Without it Tk on X11 keeps the pointer to itself.
        with contextlib.suppress(tk.TclError):
            menu.grab_release()


def pop_up_above(button: tk.Misc, menu: ttk.Menu) -> None:
    """Open a menu that stands on this button, at the lower edge of a window."""
    menu.update_idletasks()  # its height is needed before it is posted
    pop_up(menu, button.winfo_rootx(), max(button.winfo_rooty() - menu.winfo_reqheight(), 0))


def elide(text: str, face: font.Font, width_px: int) -> str:
    """Return the longest beginning of the text that fits, with an ellipsis where
    something is left off."""
    if face.measure(text) <= width_px:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if face.measure(text[:middle].rstrip() + ELLIPSIS) <= width_px:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS


def show(widget: tk.Widget, visible: bool) -> None:
    """Show or hide a widget that was once placed in its grid."""
    if visible:
        widget.grid()
    else:
        widget.grid_remove()
