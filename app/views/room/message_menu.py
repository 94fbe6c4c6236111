"""What can be done with one message: its menu, and the questions behind it."""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.room.message_actions import Versions
from app.views.compose.message_dialogs import EditDialog, ExpiryDialog, VersionsDialog
from app.views.context import ViewContext
from app.views.kit.dialogs import Ask, Dialog
from app.views.kit.widgets import empty_menu, pop_up
from app.views.wording.messages import quoted
from protocol.messages import RoomMessage


class MessageActions(Protocol):
    """What administrators can do to a message that is posted."""

    def edit(self, message: RoomMessage, text: str) -> None:
        """Give it another text."""

    def withdraw(self, message: RoomMessage) -> None:
        """Take it back."""

    def pin(self, message: RoomMessage, pinned: bool) -> None:
        """Keep it in everyone's sight, or no longer."""

    def set_expiry(self, message: RoomMessage, expires_at_ms: int) -> None:
        """Let it withdraw itself at this time, in milliseconds since 1970; 0: not."""

    def ask_versions(self, message: RoomMessage) -> None:
        """Ask what it said before."""

    def forget_versions(self) -> None:
        """Forget the earlier texts: they were looked at."""

    def forget_operation(self) -> None:
        """Forget how the last of these went: it was read."""


class MessageMenu:
    """Filled anew each time it is opened. What is not this person's to do is
    not in it, a courtesy (P6)."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        versions: Versions,
        actions: MessageActions,
        open_roster: Callable[[RoomMessage], None],
    ) -> None:
        self._parent = parent
        self._context = context
        self._versions = versions
        self._actions = actions
        self._open_roster = open_roster
        self._dialog: Dialog | None = None
        self.menu = ttk.Menu(parent, name="message_menu")

    def open(self, message: RoomMessage, selected: str, left: int, top: int) -> None:
        """Open it here, in screen pixels; `selected` is the marked text."""
        self.fill(message, selected)
        pop_up(self.menu, left, top)

    def fill(self, message: RoomMessage, selected: str) -> None:
        """Write its entries for this message."""
        empty_menu(self.menu)
        if selected:
            self._add("copy", lambda: self._copy(selected))
        if message.withdrawn_at_ms:
            if not selected:
                self._add("copy_text", lambda: None, False)
            return
        self._add("copy_text", lambda: self._copy(message.text))
        if not self._context.may_administer:
            return
        can = self._context.is_reachable
        key = "who_confirmed" if message.answers else "who_saw"
        self.menu.add_separator()
        self._add(key, lambda: self._open_roster(message), can)
        is_pinned = bool(message.pinned_at_ms)
        self.menu.add_separator()
        self._add("edit", lambda: self._edit(message), can)
        self._add(
            "unpin" if is_pinned else "pin",
            lambda: self._actions.pin(message, not is_pinned),
            can,
        )
        self._add("expiry", lambda: self._expire(message), can)
        if message.edited_at_ms:
            self._add("versions", lambda: self._look_up(message), can)
        self.menu.add_separator()
        self._add("withdraw", lambda: self._withdraw(message), can)

    def _add(self, key: str, command: Callable[[], None], can: bool = True) -> None:
        self.menu.add_command(
            label=self._context.t(f"timeline.{key}"),
            command=command,
            state="normal" if can else "disabled",
        )

    def _copy(self, text: str) -> None:
        self._parent.clipboard_clear()
        self._parent.clipboard_append(text)

    # --- what is asked first ------------------------------------------------------

    def _show(self, make: Callable[[], Dialog]) -> None:
        if self._dialog is None or self._dialog.is_over:
            self._dialog = make()

    def _edit(self, message: RoomMessage) -> None:
        self._show(
            lambda: EditDialog(
                self._parent,
                self._context,
                message,
                lambda text: self._actions.edit(message, text),
            )
        )

    def _expire(self, message: RoomMessage) -> None:
        self._show(
            lambda: ExpiryDialog(
                self._parent,
                self._context,
                message,
                lambda at_ms: self._actions.set_expiry(message, at_ms),
            )
        )

    def _look_up(self, message: RoomMessage) -> None:
        self._actions.ask_versions(message)
        self._show(
            lambda: VersionsDialog(
                self._parent,
                self._context,
                self._versions,
                self._actions.forget_versions,
            )
        )

    def _withdraw(self, message: RoomMessage) -> None:
        t = self._context.t
        self._show(
            lambda: Ask(
                self._parent,
                self._context.i18n,
                t("message.withdraw_title"),
                t("message.withdraw_text"),
                t("message.withdraw"),
                lambda: self._actions.withdraw(message),
                quoted=quoted(message),
            )
        )
