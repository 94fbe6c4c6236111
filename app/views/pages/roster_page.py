"""Who has confirmed a message and who has not."""

import tkinter as tk
from collections.abc import Callable
from pathlib import Path
from tkinter import filedialog
from typing import Protocol

import ttkbootstrap as ttk

from app.models.pages.roster import Order, Part, Roster
from app.models.pages.roster_file import text
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.table import Column, Row, Table
from app.views.kit.theme import LARGE, SMALL, px
from app.views.kit.widgets import ElidedLabel, follow, show
from app.views.pages.page import LoadActions, Page, SearchField
from app.views.wording.messages import first_line
from protocol.messages import Attention, RoomMessage, RosterEntry

COLUMNS = (
    Column("name", 150, 4),
    Column("username", 110, 2, from_width=560),
    Column("state", 150, 3),
    Column("time", 120, 2, from_width=420),
)
ORDERS = {"name": Order.NAME, "username": Order.NAME, "state": Order.STATE, "time": Order.TIME}

PORTION = 200
"""Rows that are listed at once; the rest as one scrolls. A table of thousands
takes longer to fill than one wants to wait."""

PROPOSED_NAME = "confirmations.csv"


class RosterActions(LoadActions, Protocol):
    """What can be done about those who have not confirmed."""

    def open(self, message: RoomMessage) -> None:
        """Look at this message's."""

    def remind(self) -> None:
        """Ask those once more who have not confirmed."""

    def save(self, path: Path) -> None:
        """Write all of it to this file, as CSV."""


class RosterPage(Page):
    """Follows its model by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        back: Callable[[], None],
        model: Roster,
        actions: RosterActions,
    ) -> None:
        super().__init__(parent, "roster", context, back, actions, model.operation)
        self._model = model
        self._actions = actions
        self._part = tk.StringVar(self, Part.NOT_YET.value)
        self._listed = PORTION
        self._listed_of: object = None
        edge = px(self, LARGE)

        self._head = ttk.Frame(self.tools)
        self._head.grid(row=0, column=0, columnspan=2, sticky="ew", pady=(0, px(self, SMALL)))
        self._head.columnconfigure(0, weight=1)
        self._subject = ElidedLabel(
            self._head, fonts.STRONG, style="Strong.TLabel", name="roster_subject"
        )
        self._subject.grid(row=0, column=0, sticky="ew")
        self._sum = ElidedLabel(self._head, fonts.SMALL, style="Muted.TLabel", name="roster_sum")
        self._sum.grid(row=1, column=0, sticky="ew")
        self._progress = ttk.Progressbar(
            self._head, name="roster_progress", bootstyle="success", maximum=1.0
        )
        self._progress.grid(row=2, column=0, sticky="ew", pady=(px(self, SMALL), 0))
        parts = ttk.Frame(self.tools)
        parts.grid(row=1, column=0, sticky="w")
        self._parts = {
            part: ttk.Radiobutton(
                parts,
                name=f"part_{part.value}",
                value=part.value,
                variable=self._part,
                style="Segment.Toolbutton",
                command=lambda part=part: self._model.look_at(part),
            )
            for part in Part
        }
        for place, choice in enumerate(self._parts.values()):
            choice.grid(row=0, column=place)
        self._search = SearchField(self.tools, model.look_for)
        self._search.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(px(self, SMALL), 0))

        self.table = Table(self.body, COLUMNS, lambda: None, self._more, actions.reload)
        self.table.grid(row=0, column=0, sticky="nsew")
        for column in COLUMNS:
            self.table.tree.heading(
                column.key,
                command=lambda key=column.key: model.sort_by(ORDERS[key]),  # type: ignore[misc]
            )
        self.body.rowconfigure(0, weight=1)
        deeds = ttk.Frame(self.body, padding=(edge, px(self, SMALL)))
        deeds.grid(row=1, column=0, sticky="ew")
        self._remind = ttk.Button(
            deeds,
            name="remind",
            style="Main.primary.TButton",
            icon="bell",
            compound="left",
            command=actions.remind,
        )
        self._copy = ttk.Button(
            deeds, name="roster_copy", style="Action.TButton", command=self.copy
        )
        self._save = ttk.Button(
            deeds, name="roster_save", style="Action.TButton", command=self.save
        )
        for place, button in enumerate((self._remind, self._copy, self._save)):
            button.grid(row=0, column=place, padx=(0, px(self, SMALL)))
        follow(self, self.refresh, model)
        self.refresh()

    def leave(self) -> None:
        super().leave()
        self._search.forget()
        self._part.set(Part.NOT_YET.value)

    def focus_first(self) -> None:
        self.focus_search()

    def focus_search(self) -> None:
        """Put the keyboard into the search field."""
        self._search.focus_text()

    def copy(self) -> None:
        """Put all of it onto the clipboard."""
        if self._model.message is not None:
            self.clipboard_clear()
            self.clipboard_append(text(self._model.message, self._model.entries))

    def save(self) -> None:
        """Ask for a file, and write all of it there."""
        chosen = filedialog.asksaveasfilename(
            parent=self,
            title=self.context.t("roster.save"),
            initialfile=PROPOSED_NAME,
            defaultextension=".csv",
            filetypes=[("CSV", "*.csv")],
        )
        if chosen:
            self._actions.save(Path(chosen))

    def say(self) -> None:
        """Show the model's present state."""
        t = self.context.t
        model = self._model
        message = model.message
        if message is None:
            return
        asks = bool(message.answers)
        waiting, done = model.count(Part.NOT_YET), model.count(Part.CONFIRMED)
        people = waiting + done
        self._subject.say(f"#{message.id}  {first_line(message)}")
        words = [t("receipts.seen", seen=model.seen, people=people)]
        if asks:
            words.append(t("receipts.confirmed", n=done))
        self._sum.say(" · ".join(words) if model.is_known else t("page.loading"))
        self._progress.configure(value=done / people if people else 0.0)
        kind = "confirmed" if asks else "seen"
        not_yet = "not_yet" if asks else "not_seen"
        self._parts[Part.NOT_YET].configure(text=t(f"roster.{not_yet}", n=waiting))
        self._parts[Part.CONFIRMED].configure(text=t(f"roster.{kind}", n=done))
        self._search.say(t("page.search"))
        self.table.head([self._heading(column.key) for column in COLUMNS])
        looked_at = (message.id, model.part, model.search, model.order)
        if looked_at != self._listed_of:
            self._listed, self._listed_of = PORTION, looked_at
        shown = model.shown
        self.table.fill([self._row(entry) for entry in shown[: self._listed]])
        self.table.say_instead(*self._instead(bool(shown)))
        self._remind.configure(text=t("roster.remind", n=waiting))
        can_remind = self.may_act and asks and waiting > 0
        self._remind.state(["!disabled" if can_remind else "disabled"])
        show(self._remind, asks)
        for button, key in ((self._copy, "copy"), (self._save, "save")):
            button.configure(text=t(f"roster.{key}"))
            button.state(["!disabled" if model.is_known else "disabled"])

    # ------------------------------------------------------------------------------

    def _more(self) -> None:
        if self._listed < len(self._model.shown):
            self._listed += PORTION
            self.say()

    def _heading(self, key: str) -> str:
        order, is_downwards = self._model.order
        message = self._model.message
        is_of_seen = key == "time" and message is not None and not message.answers
        words = self.context.t("roster.last_online" if is_of_seen else f"roster.{key}")
        if ORDERS[key] is not order or key == "username":
            return words
        return f"{words}  {'↓' if is_downwards else '↑'}"

    def _row(self, entry: RosterEntry) -> Row:
        at_ms = entry.at_ms or (0 if entry.online else entry.last_seen_ms)
        when = self.context.moment(at_ms) if at_ms else ""
        cells = (entry.display_name, entry.username, self._state(entry), when)
        return Row(str(entry.person_id), cells, is_quiet=not entry.is_counted)

    def _state(self, entry: RosterEntry) -> str:
        t = self.context.t
        message = self._model.message
        said = []
        if entry.choice and message is not None and entry.choice <= len(message.answers):
            said.append(message.answers[entry.choice - 1] or t("roster.read"))
        elif entry.has_seen:
            said.append(t("roster.has_seen"))
        elif message is not None and not message.answers:
            said.append(t("roster.has_not_seen"))
        if not entry.is_counted:
            said.append(t("roster.left"))
        elif not entry.choice:
            said.append(self._reach(entry))
        return " · ".join(said)

    def _reach(self, entry: RosterEntry) -> str:
        """Say whether this person could see an announcement now, and if not, why."""
        t = self.context.t
        if not entry.online:
            return t("roster.offline")
        if entry.attention is Attention.HERE:
            return t("people.online")
        return t(f"roster.{entry.attention.name.lower()}")

    def _instead(self, has_rows: bool) -> tuple[str, str]:
        t, model = self.context.t, self._model
        if has_rows:
            return "", ""
        if model.reason is not None:
            return self.context.refusal(model.reason), t("state.again")
        if not model.is_known:
            return t("page.loading"), ""
        if model.search:
            return t("page.nothing_found", search=model.search), ""
        return t(f"roster.nobody_{model.part}"), ""
