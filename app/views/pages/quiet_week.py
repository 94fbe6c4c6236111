"""The quiet hours of a week: a line for each weekday."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.models.local_time import time_in
from app.models.quiet_hours import WEEKDAYS, Hours, Week, Weekday
from app.views.context import ViewContext
from app.views.kit.theme import MEDIUM, SMALL, TIGHT, px

EVERY_MINUTES = 30
"""Between the times that are offered; any other may be typed."""

TIMES = [f"{at // 60:02d}:{at % 60:02d}" for at in range(0, 24 * 60, EVERY_MINUTES)]


class QuietWeek(ttk.Frame):
    """`changed` is told the whole week after each change that is one."""

    def __init__(
        self, parent: tk.Misc, context: ViewContext, changed: Callable[[Week], None]
    ) -> None:
        super().__init__(parent, name="quiet_week")
        self._changed = changed
        self._days = {
            weekday: _Day(self, context, weekday, row, self._collect)
            for row, weekday in enumerate(WEEKDAYS)
        }
        self.columnconfigure(0, weight=1)

    def say(self, week: Week) -> None:
        """Show these hours."""
        for weekday, day in self._days.items():
            day.say(week.get(weekday))

    def _collect(self) -> None:
        self._changed(
            {name: hours for name, day in self._days.items() if (hours := day.hours) is not None}
        )


class _Day:
    """One line: whether that day has quiet hours, and from when to when."""

    def __init__(
        self,
        parent: QuietWeek,
        context: ViewContext,
        weekday: Weekday,
        row: int,
        changed: Callable[[], None],
    ) -> None:
        self._context = context
        self._weekday = weekday
        self._told = changed
        self._is_on = tk.BooleanVar(parent)
        self._shown = Hours()
        self._button = ttk.Checkbutton(
            parent, name=f"quiet_{weekday}", variable=self._is_on, command=self._changed
        )
        gap = px(parent, TIGHT)
        self._button.grid(row=row, column=0, sticky="w", pady=gap)
        self._times = []
        self._words = []
        for column, end in ((1, "from"), (3, "to")):
            words = ttk.Label(parent, style="FieldName.TLabel")
            words.grid(row=row, column=column, padx=(px(parent, MEDIUM), px(parent, SMALL)))
            field = ttk.Combobox(
                parent,
                name=f"quiet_{end}_{weekday}",
                values=TIMES,
                style="Field.TCombobox",
                font="TkTextFont",
                width=6,
            )
            field.grid(row=row, column=column + 1, pady=gap)
            for event in ("<<ComboboxSelected>>", "<FocusOut>", "<Return>"):
                field.bind(event, lambda _event: self._changed())
            # The wheel scrolls the page; in passing it must change nothing.
            for event in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
                field.bind(event, lambda _event: "break")
            self._times.append(field)
            self._words.append(words)

    @property
    def hours(self) -> Hours | None:
        """The hours that are shown; None: that day has none."""
        return self._shown if self._is_on.get() else None

    def say(self, hours: Hours | None) -> None:
        t = self._context.t
        self._is_on.set(hours is not None)
        self._shown = hours or self._shown
        self._button.configure(text=t(f"weekday.{int(self._weekday) + 1}"))
        for words, end in zip(self._words, ("from", "to"), strict=True):
            words.configure(text=t(f"setting.quiet_{end}"))
        self._write()

    def _write(self) -> None:
        minutes = (self._shown.from_minute, self._shown.to_minute)
        for field, minute in zip(self._times, minutes, strict=True):
            field.set(f"{minute // 60:02d}:{minute % 60:02d}")
            field.state(["!disabled" if self._is_on.get() else "disabled", "!invalid"])

    def _changed(self) -> None:
        typed = [time_in(field.get()) for field in self._times]
        for field, time in zip(self._times, typed, strict=True):
            field.state(["invalid" if time is None else "!invalid"])
        start, end = typed
        if start is None or end is None:
            return  # what is no time of day stays, marked, until it is one
        self._shown = Hours(start[0] * 60 + start[1], end[0] * 60 + end[1])
        self._write()
        self._told()
