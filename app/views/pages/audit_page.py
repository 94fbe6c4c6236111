"""The audit log: who did what to whom, when, from where."""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import filedialog
from typing import Protocol

import ttkbootstrap as ttk

from app.models.pages.page_model import PageModel
from app.views.context import ViewContext
from app.views.kit.table import Column, Row
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import WrappingLabel, hairline, show
from app.views.pages.list_page import ListActions, ListPage
from app.views.wording.pages import action, actor, detail
from protocol.messages import AuditEntry

COLUMNS = (
    Column("when", 130, 2, from_width=440),
    Column("actor", 96, 2),
    Column("action", 150, 4),
    Column("subject", 96, 2, from_width=380),
    Column("detail", 90, 2, from_width=760),
    Column("address", 110, 1, from_width=640),
)

PROPOSED_NAME = "rostrum-audit.csv"


class AuditActions(Protocol):
    """What can be done with the log."""

    @property
    def list(self) -> ListActions: ...

    def save(self, path: Path) -> None:
        """Write it to this file, as CSV."""


class AuditPage(ListPage[AuditEntry]):
    """Follows its models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        back: Callable[[], None],
        model: PageModel[AuditEntry],
        actions: AuditActions,
    ) -> None:
        super().__init__(parent, "audit", context, back, model, actions.list, COLUMNS)
        self._save_to = actions.save
        self.add_search()
        self._save = ttk.Button(
            self.tools, name="save_csv", style="Action.TButton", command=self.save
        )
        self._save.grid(row=0, column=1, padx=(px(self, SMALL), 0))
        hairline(self.body).grid(row=1, column=0, sticky="ew")
        self._detail = ttk.Frame(self.body, padding=(px(self, LARGE), px(self, MEDIUM)))
        self._detail.grid(row=2, column=0, sticky="ew")
        self._detail.columnconfigure(0, weight=1)
        self._what = WrappingLabel(self._detail, style="Strong.TLabel", name="entry_action")
        self._what.grid(row=0, column=0, sticky="ew")
        self._more = WrappingLabel(self._detail, style="Muted.TLabel", name="entry_detail")
        self._more.grid(row=1, column=0, sticky="ew")
        self.refresh()

    def save(self) -> None:
        """Ask for a file, and write the log there."""
        if not self.may_act:
            return
        t = self.context.t
        chosen = filedialog.asksaveasfilename(
            parent=self,
            title=t("audit.save"),
            initialfile=PROPOSED_NAME,
            defaultextension=".csv",
            filetypes=[("CSV", "*.csv")],
        )
        if chosen:
            self._save_to(Path(chosen))

    def row(self, item: AuditEntry) -> Row:
        i18n = self.context.i18n
        cells = (
            self.context.moment(item.at_ms),
            actor(i18n, item),
            action(i18n, item),
            item.subject,
            detail(i18n, item, self.context.clock.now()),
            item.address,
        )
        return Row(str(item.id), cells)

    def headings(self) -> tuple[str, ...]:
        t = self.context.t
        return tuple(t(f"audit.{column.key}") for column in COLUMNS)

    def say(self) -> None:
        """Show the list's present state."""
        super().say()
        self._save.configure(text=self.context.t("audit.save"))
        self._save.state(["!disabled" if self.may_act else "disabled"])

    def say_selected(self, item: AuditEntry | None) -> None:
        show(self._detail, item is not None)
        if item is None:
            return
        i18n = self.context.i18n
        self._what.say(action(i18n, item))
        parts = (
            self.context.moment(item.at_ms),
            actor(i18n, item),
            item.subject and f"→ {item.subject}",
            detail(i18n, item, self.context.clock.now()),
            item.address,
        )
        self._more.say(" · ".join(part for part in parts if part))
