"""What stands below a message's text: its files, what one answers, and how far it has
come."""

import tkinter as tk
from typing import Any

import ttkbootstrap as ttk

from app.views.timeline.files import FileBar, MessageFiles
from app.views.timeline.receipts import AskBar, MessageReceipts
from protocol.messages import RoomMessage


class Below:
    """Both together, as `app.views.timeline.message_block.Beside` has it."""

    def __init__(self, receipts: MessageReceipts, files: MessageFiles) -> None:
        self._receipts = receipts
        self._files = files

    def footer(self, message: RoomMessage) -> str:
        """Return how far it has come, in words."""
        return self._receipts.footer(message)

    def bar(self, parent: tk.Misc, message: RoomMessage) -> Any | None:
        """Return what one can see and answer there; None: nothing."""
        if not message.attachments:
            return self._receipts.ask_bar(parent, message)
        return _Stack(parent, self._files, self._receipts, message)


class _Stack(ttk.Frame):
    """The file, and below it the answers as long as there are any."""

    def __init__(
        self,
        parent: tk.Misc,
        files: MessageFiles,
        receipts: MessageReceipts,
        message: RoomMessage,
    ) -> None:
        super().__init__(parent)
        self._receipts = receipts
        self._file: FileBar = files.bar(self, message, parent.winfo_width())
        self._file.grid(row=0, column=0, sticky="w")
        self._ask: AskBar | None = None
        self.fit(parent.winfo_width())
        self._renew_ask(message)

    def fit(self, width: int) -> None:
        """Lay it out anew: the text has this width."""
        self._width = width
        self._file.fit(width)
        if self._ask is not None:
            self._ask.fit(width)

    def renew(self, message: RoomMessage) -> bool:
        """Show things as they are now. False: there is nothing to show."""
        has_file = self._file.renew(message)
        if has_file:
            self._renew_ask(message)
        return has_file

    def _renew_ask(self, message: RoomMessage) -> None:
        if self._ask is not None and not self._ask.renew(message):
            self._ask.destroy()
            self._ask = None
        if self._ask is None:
            bar = self._receipts.ask_bar(self, message)
            self._ask = bar if isinstance(bar, AskBar) else None
            if self._ask is not None:
                self._ask.fit(self._width)
                self._ask.grid(row=1, column=0, sticky="w")
