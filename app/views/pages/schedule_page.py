"""What is scheduled: when each is posted, and what can be done until then."""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.pages.schedule import ScheduleModel
from app.models.room.outbox_item import Draft
from app.views.compose.scheduled_dialog import ScheduledDialog
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.dialogs import Ask
from app.views.kit.flow import Flow
from app.views.kit.table import Column, Row
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import ElidedLabel, WrappingLabel, hairline, show
from app.views.pages.list_page import ListActions, ListPage
from app.views.wording.messages import shortened
from protocol.messages import Hold, Priority, ScheduledMessage

COLUMNS = (
    Column("when", 150, 2),
    Column("text", 120, 6),
    Column("author", 110, 2, from_width=560),
    Column("state", 100, 2, from_width=440),
)


class ScheduleActions(Protocol):
    """What can be done with what is scheduled."""

    @property
    def list(self) -> ListActions: ...

    def change(self, scheduled: ScheduledMessage, version: int, draft: Draft) -> None:
        """Have this posted in its place, at the time that the draft has; `version` is the
        one that it takes the place of."""

    def send_now(self, scheduled: ScheduledMessage) -> None:
        """Have it posted at once."""

    def cancel(self, scheduled: ScheduledMessage) -> None:
        """Have it not posted."""


class SchedulePage(ListPage[ScheduledMessage]):
    """Follows its models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        back: Callable[[], None],
        model: ScheduleModel,
        actions: ScheduleActions,
    ) -> None:
        super().__init__(parent, "schedule", context, back, model.page, actions.list, COLUMNS)
        self._model = model
        self._schedule = actions
        hairline(self.body).grid(row=1, column=0, sticky="ew")
        self._detail = ttk.Frame(self.body, padding=(px(self, LARGE), px(self, MEDIUM)))
        self._detail.grid(row=2, column=0, sticky="ew")
        self._detail.columnconfigure(0, weight=1)
        self._what = ElidedLabel(
            self._detail, fonts.STRONG, style="Strong.TLabel", name="scheduled_when"
        )
        self._what.grid(row=0, column=0, sticky="ew")
        self._text = WrappingLabel(self._detail, name="scheduled_text")
        self._text.grid(row=1, column=0, sticky="ew", pady=(px(self, SMALL), 0))
        self._more = WrappingLabel(self._detail, style="Muted.TLabel", name="scheduled_detail")
        self._more.grid(row=2, column=0, sticky="ew", pady=px(self, SMALL))
        self._flow = Flow(self._detail)
        self._flow.grid(row=3, column=0, sticky="ew")
        self._buttons = [
            ttk.Button(self._flow, name=name, style=style, command=act)
            for name, style, act in (
                ("edit_scheduled", "Main.primary.TButton", self._edit),
                ("send_scheduled", "Action.TButton", self._ask_to_send),
                ("cancel_scheduled", "Danger.TButton", self._ask_to_cancel),
            )
        ]
        self._flow.line_up(self._buttons)
        self.table.tree.bind("<Return>", lambda _event: self._buttons[0].focus_set())
        self.table.tree.bind("<Delete>", lambda _event: self._buttons[2].invoke())
        self.refresh()

    def row(self, item: ScheduledMessage) -> Row:
        cells = (
            self.context.moment(item.at_ms),
            " ".join(item.text.split()),
            item.author_name,
            self._state(item),
        )
        return Row(str(item.id), cells)

    def headings(self) -> tuple[str, ...]:
        t = self.context.t
        return tuple(t(f"schedule.{column.key}") for column in COLUMNS)

    def say_selected(self, item: ScheduledMessage | None) -> None:
        show(self._detail, item is not None)
        if item is None:
            return
        t = self.context.t
        when = self.context.moment(item.at_ms)
        self._what.say(t("schedule.by", when=when, name=item.author_name))
        self._text.say(shortened(item.text))
        self._more.configure(style="Error.TLabel" if item.held else "Muted.TLabel")
        self._more.say(self._state_in_full(item))
        names = ("edit", "send", "cancel")
        for button, name in zip(self._buttons, names, strict=True):
            button.configure(text=t(f"schedule.{name}"))
            button.state(["!disabled" if self.may_act else "disabled"])

    def _state(self, item: ScheduledMessage) -> str:
        if item.held:
            return self.context.t("schedule.held")
        if item.priority is not Priority.NORMAL:
            return self.context.t(f"priority.{item.priority.name.lower()}")
        return ""

    def _state_in_full(self, item: ScheduledMessage) -> str:
        t = self.context.t
        if item.held:
            return t(f"schedule.held_{Hold(item.held).name.lower()}", name=item.author_name)
        said = [t(f"priority.{item.priority.name.lower()}")]
        if item.answers:
            answers = " · ".join(answer or t("confirm.read") for answer in item.answers)
            said.append(t("schedule.asks", answers=answers))
        hours = item.lifetime_ms // 3_600_000
        if item.lifetime_ms and self.context.i18n.has(f"options.lifetime_{hours}"):
            said.append(t(f"options.lifetime_{hours}"))
        said += [one.name for one in item.attachments]
        return " · ".join(said)

    # --- what is done --------------------------------------------------------------

    def _edit(self) -> None:
        item = self.selected
        if item is not None and self.may_act:
            self.open(
                lambda: ScheduledDialog(
                    self, self.context, item, self._model.page, self._schedule.change
                )
            )

    def _ask_to_send(self) -> None:
        self._ask("send", self._schedule.send_now)

    def _ask_to_cancel(self) -> None:
        self._ask("cancel", self._schedule.cancel)

    def _ask(self, name: str, act: Callable[[ScheduledMessage], None]) -> None:
        item = self.selected
        if item is None or not self.may_act:
            return
        t, readers = self.context.t, self.context.status.readers
        key = "ask.send_scheduled" if name == "send" else "ask.cancel_scheduled"
        self.open(
            lambda: Ask(
                self,
                self.context.i18n,
                t(key, n=readers),
                t(f"{key}_text"),
                t(f"schedule.{name}_yes"),
                lambda: act(item),
                is_harmful=name == "cancel" or item.priority is Priority.URGENT,
                quoted=shortened(item.text),
            )
        )
