"""The files that go with a message, below its text: a picture as such, and for each what it
is called and what one can do with it."""

import tkinter as tk
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tkinter import filedialog
from typing import Any, Protocol

import ttkbootstrap as ttk
from PIL import ImageTk

from app.models.room.attachments import Attachments, FileState, FileStatus
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.dialogs import Dialog
from app.views.kit.theme import LARGE, SMALL, TIGHT, px
from app.views.kit.widgets import ElidedLabel, show
from app.views.timeline.pictures import Pictures, fitted
from app.views.timeline.receipts import BESIDE, LEAST_WIDTH
from app.views.wording.sizes import file_size
from protocol.messages import Attachment, RoomMessage

PICTURE_SIZE = (420, 280)
"""What a picture takes at most, in logical pixels."""

AUTOMATIC_BYTES = 1024 * 1024
"""A picture up to this size is fetched as soon as it is in sight; a larger one, and any
other file, only when one wants it."""

LINE_WIDTH = 420


class FileActions(Protocol):
    """What can be done with files that go with messages."""

    def fetch(self, message: RoomMessage, attachment: Attachment) -> None:
        """Have this file here."""

    def save(self, message: RoomMessage, attachment: Attachment, target: Path) -> None:
        """Write this file there, as soon as it is here."""


class MessageFiles:
    """Makes what belongs below a message, from the models as they are then."""

    def __init__(self, context: ViewContext, model: Attachments, actions: FileActions) -> None:
        self.context = context
        self.model = model
        self.actions = actions
        self.pictures = Pictures()

    def bar(self, parent: tk.Misc, message: RoomMessage, width: int) -> "FileBar":
        """Return what shows its file below a text of this width."""
        return FileBar(parent, self, message, message.attachments[0], width)


class FileBar(ttk.Frame):
    """One file of a message."""

    def __init__(
        self,
        parent: tk.Misc,
        files: MessageFiles,
        message: RoomMessage,
        attachment: Attachment,
        width: int,
    ) -> None:
        super().__init__(parent, name="file")
        self._files = files
        self._message = message
        self._attachment = attachment
        self._shown: FileState | None = None
        self._picture: ImageTk.PhotoImage | None = None
        self._size = (0, 0)
        """What the picture takes, in pixels: known before it is here, so nothing moves when
        it comes."""
        self._is_wanted = self._is_picture and attachment.size <= AUTOMATIC_BYTES
        """Whether the picture is to be shown; a large one only once that was asked for."""
        self._is_no_picture = False
        self._frame = ttk.Frame(self, style="Raised.TFrame")
        self._frame.grid(row=0, column=0, sticky="w", pady=(0, px(self, TIGHT)))
        self._frame.grid_propagate(False)
        self._frame.columnconfigure(0, weight=1)
        self._frame.rowconfigure(0, weight=1)
        self._view = ttk.Label(self._frame, name="picture", style="Raised.TLabel", cursor="hand2")
        self._view.grid(row=0, column=0)
        self._view.bind("<Button-1>", lambda _event: self._enlarge())
        line = ttk.Frame(self)
        line.grid(row=1, column=0, sticky="ew", pady=(0, px(self, TIGHT)))
        line.columnconfigure(1, weight=1)
        icon = "image" if self._is_picture else "file-earmark"
        ttk.Label(line, icon=icon, icon_size=16).grid(row=0, column=0, padx=(0, px(self, TIGHT)))
        self._name = ElidedLabel(line, fonts.SMALL, style="Muted.TLabel", name="file_name")
        self._name.grid(row=0, column=1, sticky="ew")
        self._look = self._button(line, "file_show", 2, self._want)
        self._again = self._button(line, "file_again", 3, self._fetch)
        self._save = self._button(line, "file_save", 4, self._ask_where)
        self.fit(width)
        self.renew(message)

    @property
    def _is_picture(self) -> bool:
        return self._attachment.width > 0 and self._attachment.height > 0

    def _button(
        self, parent: tk.Misc, name: str, column: int, act: Callable[[], None]
    ) -> ttk.Button:
        button = ttk.Button(parent, name=name, style="Inline.TButton", command=act)
        button.grid(row=0, column=column, padx=(px(self, SMALL), 0))
        return button

    def fit(self, width: int) -> None:
        """Take what a text of this width has room for."""
        room = max(width - px(self, BESIDE), px(self, LEAST_WIDTH))
        self.columnconfigure(0, minsize=min(room, px(self, LINE_WIDTH)))
        size = self._size_in(room)
        if size != self._size:
            self._size = size
            self._frame.configure(width=size[0], height=size[1])
            self._draw()

    def renew(self, message: RoomMessage) -> bool:
        """Show how the file stands now. False: the message has none any more."""
        self._message = message
        if self._attachment not in message.attachments:
            return False
        state = self._files.model.state(self._attachment)
        if state != self._shown:
            self._shown = state
            self._say(state)
            self._draw()
            if state.status is FileStatus.ELSEWHERE and self._is_wanted:
                # Not within the writing of the text that this is embedded in.
                self.after_idle(self._fetch)
        return True

    def _say(self, state: FileState) -> None:
        t = self._files.context.t
        said = [self._attachment.name, file_size(self._attachment.size)]
        if state.status is FileStatus.FETCHING:
            said.append(f"{100 * state.there // self._attachment.size} %")
        elif state.status is FileStatus.WAITING:
            said.append(t("files.waiting"))
        elif state.status is FileStatus.FAILED and state.reason is not None:
            said.append(self._files.context.refusal(state.reason))
        elif self._is_no_picture:
            said.append(t("files.no_picture"))
        self._name.say(" · ".join(said))
        self._look.configure(text=t("files.show"))
        self._again.configure(text=t("state.again"))
        self._save.configure(text=t("files.save"))
        show(self._frame, self._is_picture and self._is_wanted and not self._is_no_picture)
        is_quiet = state.status in (FileStatus.ELSEWHERE, FileStatus.HERE)
        show(self._look, self._is_picture and not self._is_wanted and is_quiet)
        show(self._again, state.status is FileStatus.FAILED)
        show(self._save, is_quiet)

    def _want(self) -> None:
        self._is_wanted = True
        self._shown = None
        self.renew(self._message)

    def _fetch(self) -> None:
        self._files.actions.fetch(self._message, self._attachment)

    def _ask_where(self) -> None:
        chosen = filedialog.asksaveasfilename(
            parent=self,
            title=self._files.context.t("files.save"),
            initialfile=safe_name(self._attachment.name),
        )
        if chosen:
            self._files.actions.save(self._message, self._attachment, Path(chosen))

    def _size_in(self, room: int) -> tuple[int, int]:
        if not self._is_picture:
            return 1, 1
        most = (min(room, px(self, PICTURE_SIZE[0])), px(self, PICTURE_SIZE[1]))
        return fitted(self._attachment.width, self._attachment.height, *most)

    def _draw(self) -> None:
        """Show the picture, if it is here and wanted, in the size of now."""
        files = self._files.model.files
        is_here = self._shown is not None and self._shown.status is FileStatus.HERE
        if files is not None and is_here and self._is_wanted:
            path = files.path(self._attachment.sha256)
            self._files.pictures.show(self, path, self._size, partial(self._drawn, self._size))

    def _drawn(self, size: tuple[int, int], picture: ImageTk.PhotoImage | None) -> None:
        if size != self._size:
            return  # the text has another width by now, and another one will come
        self._picture = picture
        if picture is None:
            self._is_no_picture = True
            self._say(self._files.model.state(self._attachment))
        else:
            self._view.configure(image=picture)

    def _enlarge(self) -> None:
        files = self._files.model.files
        if self._picture is not None and files is not None:
            PictureDialog(self, self._files, self._attachment, self._ask_where)


class PictureDialog(Dialog):
    """A picture, as large as the window has room for."""

    def __init__(
        self,
        parent: tk.Misc,
        files: MessageFiles,
        attachment: Attachment,
        save: Callable[[], None],
    ) -> None:
        root = parent.winfo_toplevel()
        around = px(root, 6 * LARGE)
        room = (root.winfo_width() - around, root.winfo_height() - around)
        width, height = fitted(
            attachment.width, attachment.height, max(room[0], 1), max(room[1], 1)
        )
        logical = (width + 2 * px(root, LARGE)) * 100 // max(px(root, 100), 1)
        super().__init__(parent, files.context.i18n, "picture_window", attachment.name, logical)
        frame = ttk.Frame(self.inside, width=width, height=height)
        frame.grid_propagate(False)
        self._label = ttk.Label(frame, name="large_picture")
        self._label.grid(row=0, column=0)
        self.add(frame, SMALL)
        self._kept: Any = None
        self.add_button("picture_save", files.context.t("files.save"), save)
        done = self.add_done("picture_done")
        self.open(done)
        if files.model.files is not None:
            path = files.model.files.path(attachment.sha256)
            files.pictures.show(self, path, (width, height), self._draw)

    def _draw(self, picture: ImageTk.PhotoImage | None) -> None:
        self._kept = picture
        if picture is not None:
            self._label.configure(image=picture)


_NO_NAME = frozenset('<>:"/\\|?*')


def safe_name(name: str) -> str:
    """Return a name that any system takes for a file in a folder that one chooses."""
    kept = "".join("_" if char in _NO_NAME or ord(char) < 32 else char for char in name)
    return kept.strip(". ") or "file"
