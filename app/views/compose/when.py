"""A day and a time, asked for in a dialog; and the same for when to post something, with
what comes of it in words."""

import tkinter as tk
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import ttkbootstrap as ttk

from app.i18n import local_time
from app.models.local_time import MINUTE_MS, Meant, day_in, meant, offset_words, time_in
from app.models.room.outbox_item import Draft
from app.views.context import ViewContext
from app.views.kit.flow import Flow
from app.views.kit.theme import MEDIUM, SMALL, TIGHT, px
from app.views.kit.widgets import WrappingLabel, show
from protocol.limits import MAX_SCHEDULE_AHEAD_MS
from protocol.messages import Priority

DAYS_AHEAD = 60
"""How far ahead the list of days goes; one further off is typed."""

MORNING = time(8, 0)
"""When most that is announced for a day is wanted."""

MONDAY = 1

CLOCKS_DIFFER_FROM = 1
"""How many minutes this machine's clock may differ from the server's unsaid."""


class DayAndTime(ttk.Frame):
    """`name` begins the names of its two fields in Tk. `changed` is called after every
    change."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        name: str,
        at: datetime,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(parent)
        t = context.t
        self._context = context
        today = context.clock.now().date()
        self._days = [today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
        self._words = [self._word(day, today) for day in self._days]
        for column, weight in enumerate((3, 2)):
            self.columnconfigure(column, weight=weight, uniform="when")
        self._typed_day, self._typed_time = tk.StringVar(self), tk.StringVar(self)
        self.day = ttk.Combobox(
            self,
            name=f"{name}_day",
            textvariable=self._typed_day,
            values=self._words,
            style="Field.TCombobox",
            font="TkTextFont",
        )
        self.time = ttk.Entry(
            self,
            name=f"{name}_time",
            textvariable=self._typed_time,
            style="Field.TEntry",
            font="TkTextFont",
            width=8,
        )
        gap = px(self, SMALL)
        for column, (key, entry) in enumerate((("day", self.day), ("time", self.time))):
            right = 0 if column else gap
            title = ttk.Label(self, text=t(f"message.expiry_{key}"), style="FieldName.TLabel")
            title.grid(row=0, column=column, sticky="w", pady=(0, px(self, TIGHT)))
            entry.grid(row=1, column=column, sticky="nsew", padx=(0, right))
        self._error = WrappingLabel(self, style="Error.TLabel", name=f"{name}_error")
        self._error.grid(row=2, column=0, columnspan=2, sticky="ew", pady=(gap, 0))
        self.set(at)
        self.say_error("")
        for variable in (self._typed_day, self._typed_time):
            variable.trace_add("write", lambda *_: changed())

    @property
    def meant(self) -> Meant | None:
        """The moment that is written here; None: it is none."""
        day, hour_and_minute = self._day(), time_in(self._typed_time.get())
        if day is None or hour_and_minute is None:
            return None
        return meant(day, *hour_and_minute, self._context.clock.now_ms())

    def set(self, at: datetime) -> None:
        """Write this moment here."""
        day = at.date()
        is_listed = day in self._days
        words = self._words[self._days.index(day)] if is_listed else day.isoformat()
        self._typed_day.set(words)
        self._typed_time.set(f"{at:%H:%M}")

    def say_error(self, words: str) -> None:
        """Show what is wrong with it; nothing takes that back."""
        self._error.say(words)
        show(self._error, bool(words))
        self.time.state(["invalid" if words else "!invalid"])

    def on_enter(self, act: Callable[[], None]) -> None:
        for entry in (self.day, self.time):
            for key in ("Return", "KP_Enter"):
                entry.bind(f"<{key}>", lambda _event: act())

    @property
    def typed_time(self) -> str:
        """The time as it is written."""
        return self._typed_time.get().strip()

    def _word(self, day: date, today: date) -> str:
        if (day - today).days == 1:
            return self._context.t("day.tomorrow")
        return self._context.i18n.day(day, today)

    def _day(self) -> date | None:
        typed = self._typed_day.get()
        if typed in self._words:
            return self._days[self._words.index(typed)]
        return day_in(typed)


class PostingTime(ttk.Frame):
    """When something is to be posted: some times that are often wanted, a day and a time,
    and what comes of it in words. `written` gives what is to be posted, for these.
    `submit` is called on Enter."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        at: datetime | None,
        written: Callable[[], Draft],
        submit: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._written = written
        self.columnconfigure(0, weight=1)
        offered = self._offered()
        picks = Flow(self)
        picks.grid(row=0, column=0, sticky="ew", pady=(0, px(self, MEDIUM)))
        picks.line_up([self._pick(picks, name, words, when) for name, words, when in offered])
        self.fields = DayAndTime(self, context, "later", at or offered[0][2], self.refresh)
        self.fields.grid(row=1, column=0, sticky="ew")
        self.fields.on_enter(submit)
        self._note = WrappingLabel(self, style="Muted.TLabel", name="later_note")
        self._note.grid(row=2, column=0, sticky="ew", pady=(px(self, SMALL), 0))
        self.refresh()

    def take(self) -> int:
        """Return the moment, in milliseconds since 1970; 0: it can't be, and that is said."""
        when = self.fields.meant
        ahead_ms = 0 if when is None else when.at_ms - self._context.status.server_now_ms()
        if when is not None and 0 < ahead_ms <= MAX_SCHEDULE_AHEAD_MS:
            return when.at_ms
        key = "later.too_far" if ahead_ms > 0 else "later.wrong"
        example = (self._context.clock.now() + timedelta(days=1)).date().isoformat()
        self.fields.say_error(self._context.t(key, example=example))
        return 0

    def refresh(self) -> None:
        """Say what comes of what is written now."""
        self.fields.say_error("")
        when = self.fields.meant
        self._note.say("" if when is None else " ".join(self._consequences(when)))

    def _offered(self) -> list[tuple[str, str, datetime]]:
        t, now = self._context.t, self._context.clock.now()
        tomorrow = now.date() + timedelta(days=1)
        monday = now.date() + timedelta(days=7 + MONDAY - now.isoweekday())
        clock = f"{MORNING:%H:%M}"
        offered = [
            ("hour", t("later.in_an_hour"), now + timedelta(hours=1)),
            ("tomorrow", t("when.tomorrow", time=clock), datetime.combine(tomorrow, MORNING)),
        ]
        if monday != tomorrow:
            words = f"{t('weekday.1')} {clock}"
            offered.append(("monday", words, datetime.combine(monday, MORNING)))
        return offered

    def _pick(self, parent: tk.Misc, name: str, words: str, at: datetime) -> ttk.Button:
        return ttk.Button(
            parent,
            name=f"later_{name}",
            text=words,
            style="Action.TButton",
            command=lambda: self.fields.set(at),
        )

    def _consequences(self, when: Meant) -> Sequence[str]:
        context, t = self._context, self._context.t
        at = local_time(when.at_ms)
        if at is None:
            return []
        shown = f"{at:%H:%M}"
        day = context.i18n.day(at.date(), date.min)
        said = [t("later.sent", day=day, time=shown, zone=offset_words(when.offset))]
        if when.is_skipped:
            said.append(t("later.skipped", time=self.fields.typed_time, shown=shown))
        elif when.is_twice:
            said.append(t("later.twice", time=shown))
        elif when.shift:
            key = "later.forward" if when.shift > 0 else "later.back"
            said.append(t(key, by=_duration(context, abs(when.shift)), time=shown))
        ahead = round((context.status.server_now_ms() - context.clock.now_ms()) / MINUTE_MS)
        if abs(ahead) >= CLOCKS_DIFFER_FROM and context.is_reachable:
            key = "later.clock_ahead" if ahead > 0 else "later.clock_behind"
            said.append(t(key, n=abs(ahead)))
        draft = self._written()
        if draft.priority is Priority.URGENT:
            said.append(t("later.urgent"))
        elif draft.answers:
            said.append(t("later.asking"))
        return said


def _duration(context: ViewContext, minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return context.t("later.minutes", n=minutes) if rest else context.t("later.hours", n=hours)
