"""A file to go with what is written: chosen, pasted, shown, taken out again."""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import filedialog
from typing import Protocol

import ttkbootstrap as ttk

from app.models.listing import Reason
from app.views.compose import clipboard
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.theme import SMALL, px
from app.views.kit.widgets import ElidedLabel, IconButton, Tip, follow
from app.views.wording.sizes import file_size
from protocol.messages import Attachment

PASTED_NAME = "picture.png"


class AttachActions(Protocol):
    """What can be done with files that are yet to be sent."""

    def attach(self, data: bytes, name: str) -> Attachment | Reason:
        """Take a file with these bytes to go with what is written, or say why not."""

    def attach_file(self, path: Path) -> Attachment | Reason:
        """Take this file, or say why not."""


class Attaching:
    """Takes files for the panel; `took` is told each, and `refused` why not, in words."""

    def __init__(
        self,
        context: ViewContext,
        actions: AttachActions,
        took: Callable[[Attachment], None],
        refused: Callable[[str], None],
    ) -> None:
        self._context = context
        self._actions = actions
        self._took = took
        self._refused = refused

    @property
    def is_possible(self) -> bool:
        """Whether the server takes files at all."""
        return self._context.status.limits.attachment_bytes > 0

    def choose(self, parent: tk.Misc) -> None:
        """Ask for a file, and take it."""
        chosen = filedialog.askopenfilename(parent=parent, title=self._context.t("files.choose"))
        if chosen:
            self._take(self._actions.attach_file(Path(chosen)))

    def drop(self, path: Path) -> None:
        """Take a file that was dragged here."""
        if self.is_possible:
            self._take(self._actions.attach_file(path))

    def paste(self) -> bool:
        """Take a picture or a file from the clipboard. False: neither is there."""
        found = clipboard.picture_or_file() if self.is_possible else None
        if isinstance(found, Path):
            self._take(self._actions.attach_file(found))
        elif found is not None:
            self._take(self._actions.attach(found, PASTED_NAME))
        return found is not None

    def _take(self, result: Attachment | Reason) -> None:
        if isinstance(result, Attachment):
            self._took(result)
            return
        self._refused(self._context.refusal(result))


class AttachButton(IconButton):
    """Asks for a file."""

    def __init__(self, parent: tk.Misc, context: ViewContext, attaching: Attaching) -> None:
        super().__init__(parent, "attach", "paperclip", lambda: attaching.choose(self))
        self._context = context
        self._tip = Tip(self)
        follow(self, self._say, context.i18n)
        self._say()

    def _say(self) -> None:
        self._tip.say(self._context.t("files.attach"))


class AttachedLine(ttk.Frame):
    """The file that goes with what is written; `remove` takes it out again."""

    def __init__(self, parent: tk.Misc, context: ViewContext, remove: Callable[[], None]) -> None:
        super().__init__(parent, name="attached")
        self._context = context
        icon = ttk.Label(self, icon="paperclip", icon_size=16)
        icon.grid(row=0, column=0, padx=(0, px(self, SMALL)))
        self._name = ElidedLabel(self, fonts.CONTROL, name="attached_name")
        self._name.grid(row=0, column=1, sticky="ew")
        self._remove = ttk.Button(
            self, name="attached_remove", style="Quiet.TButton", command=remove
        )
        self._remove.grid(row=0, column=2, padx=(px(self, SMALL), 0))
        self.columnconfigure(1, weight=1)

    def say(self, attachment: Attachment) -> None:
        """Show this file, in the language of now."""
        self._name.say(f"{attachment.name} · {file_size(attachment.size)}")
        self._remove.configure(text=self._context.t("files.remove"))
