"""One line that tells how it went, what was done to a message."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.models.operation import Operation, OperationStatus
from app.views.context import ViewContext
from app.views.kit.theme import LARGE, SMALL, TONES, px
from app.views.kit.widgets import WrappingLabel, follow, show

READ_MS = 6_000
"""How long a good end is told; a bad one stays until it was read."""


class OperationStrip(ttk.Frame):
    """Follows the operation by itself, once it was placed and refreshed. Takes no
    room where there is nothing to tell. `read` is called when it was read."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        operation: Operation,
        read: Callable[[], None],
    ) -> None:
        super().__init__(parent, name="message_operation", padding=(px(parent, LARGE), 0))
        self._context = context
        self._operation = operation
        self._read = read
        self._fading: str | None = None
        self._words = WrappingLabel(self, name="message_operation_words")
        self._words.grid(row=0, column=0, sticky="ew", pady=px(self, SMALL))
        self._close = ttk.Button(
            self, name="message_operation_read", style="Inline.TButton", command=read
        )
        self._close.grid(row=0, column=1, padx=(px(self, SMALL), 0))
        self.columnconfigure(0, weight=1)
        follow(self, self.refresh, operation, context.i18n)
        self.bind("<Destroy>", lambda _event: self._stop(), add="+")

    def refresh(self) -> None:
        """Show the operation's present state."""
        self._stop()
        tone, words = self._context.operation_words(self._operation)
        self._words.configure(style=TONES[tone])
        self._words.say(words)
        self._close.configure(text=self._context.t("dialog.done"))
        is_bad = self._operation.status in (
            OperationStatus.REFUSED,
            OperationStatus.LOST,
            OperationStatus.UNANSWERED,
        )
        show(self._close, is_bad)
        if self._operation.status is OperationStatus.DONE:
            self._fading = self.after(READ_MS, self._read)
        show(self, bool(words))

    def _stop(self) -> None:
        if self._fading is not None:
            self.after_cancel(self._fading)
            self._fading = None
