"""Posting later: a button beside the one to send, and the question when."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.models.pages.schedule import ScheduleModel
from app.models.room.outbox_item import Draft
from app.views.compose.when import PostingTime
from app.views.context import ViewContext
from app.views.kit.dialogs import Dialog
from app.views.kit.widgets import IconButton, Tip, empty_menu, follow, pop_up_above


class LaterMenu(IconButton):
    """A button with a menu, which is filled anew each time it is opened. `ask` asks when;
    `look` shows what is scheduled. Whether there is something to be posted later is told by
    `set_ready`."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        model: ScheduleModel,
        ask: Callable[[], None],
        look: Callable[[], None],
    ) -> None:
        super().__init__(parent, "later", "clock", self._open)
        self._context = context
        self._model = model
        self._ask = ask
        self._look = look
        self._is_ready = False
        self._tip = Tip(self)
        self.menu = ttk.Menu(self, name="later_menu")
        follow(self, self._say, context.i18n, model)
        self._say()

    def set_ready(self, is_ready: bool) -> None:
        """Note whether there is something to be posted later."""
        self._is_ready = is_ready

    def fill(self) -> None:
        """Write its entries."""
        t, upcoming = self._context.t, self._model.upcoming
        empty_menu(self.menu)
        self.menu.add_command(
            label=t("later.ask"),
            accelerator="Ctrl+Shift+Enter",
            command=self._ask,
            state="normal" if self._is_ready else "disabled",
        )
        self.menu.add_separator()
        self.menu.add_command(
            label=t("later.look", n=upcoming.count), accelerator="F4", command=self._look
        )

    def _open(self) -> None:
        self.fill()
        pop_up_above(self, self.menu)

    def _say(self) -> None:
        upcoming = self._model.upcoming
        self.show_icon("clock-fill" if upcoming.count else "clock")
        words = self._context.t("later.menu")
        if upcoming.next_at_ms:
            when = self._context.moment(upcoming.next_at_ms, is_within=True)
            next_words = self._context.t("later.next", n=upcoming.count, when=when)
            words = f"{words}\n{next_words}"
        self._tip.say(words)


class LaterDialog(Dialog):
    """Asks when this is to be posted; `done` is told the moment in milliseconds since
    1970."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        draft: Draft,
        done: Callable[[int], None],
    ) -> None:
        t = context.t
        super().__init__(parent, context.i18n, "later_form", t("later.title"))
        self._done = done
        self.add_text(t("later.title"), "Strong.TLabel", "later_title")
        self.when = PostingTime(self.inside, context, None, lambda: draft, self._submit)
        self.add(self.when)
        self.add_button("later_ok", t("later.ok"), self._submit, "main")
        self.add_cancel("later_cancel")
        self.open(self.when.fields.time)

    def _submit(self) -> None:
        at_ms = self.when.take()
        if at_ms:
            self.close()
            self._done(at_ms)
