"""Notifications of our own, at a corner of the screen: where the system has none, or
does not show them."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.views.kit.theme import px

STANDS_MS = 10_000
"""How long one stands; an urgent one stays until it is clicked or withdrawn."""

EDGE = (16, 56)
"""How far from the lower right corner of the screen, in logical pixels: above where most
desktops have their bar."""

LEAST = (372, 76)
"""How large one is at least, in logical pixels: as wide as the longest line makes it, so
that they stand in line."""

MOST = 4
"""So many stand at a time; the oldest makes room."""


class Toasts:
    """Main thread only. Each is named by its key."""

    def __init__(self, parent: tk.Misc, clicked: Callable[[str], None]) -> None:
        self._parent = parent
        self._clicked = clicked
        self._shown: dict[str, ttk.ToastNotification] = {}

    @property
    def keys(self) -> tuple[str, ...]:
        """Those that stand, oldest first."""
        return tuple(self._shown)

    def show(self, key: str, title: str, body: str, is_urgent: bool = False) -> None:
        """Show this, in place of the one with the same key."""
        self.hide(key)
        if len(self._shown) >= MOST:
            self.hide(next(iter(self._shown)))
        toast = ttk.ToastNotification(
            title,
            body,
            duration=None if is_urgent else STANDS_MS,
            bootstyle="danger" if is_urgent else "secondary",
            icon="exclamation-octagon-fill" if is_urgent else "megaphone-fill",
            minsize=tuple(px(self._parent, one) for one in LEAST),
            position=(*(px(self._parent, one) for one in EDGE), "se"),
            master=self._parent.winfo_toplevel(),
            name=f"toast_{abs(hash(key))}",
        )
        toast.show_toast()
        self._shown[key] = toast
        window = toast.toplevel
        assert window is not None

        def click(_event: object) -> None:
            self._clicked(key)

        def gone(event: "tk.Event[tk.Misc]") -> None:
            if event.widget is window and self._shown.get(key) is toast:
                del self._shown[key]

        window.bind("<ButtonPress>", click, add="+")
        window.bind("<Destroy>", gone, add="+")

    def hide(self, key: str) -> None:
        """Take the one with this key away."""
        toast = self._shown.pop(key, None)
        if toast is not None:
            toast.hide()

    def clear(self) -> None:
        """Take all of them away."""
        for key in tuple(self._shown):
            self.hide(key)
