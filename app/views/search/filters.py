"""By whom, and from when: what narrows a search down."""

import functools
import tkinter as tk
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

import ttkbootstrap as ttk

from app.models.local_time import day_in
from app.views.context import ViewContext
from app.views.kit.dialogs import Dialog
from app.views.kit.field import Field
from app.views.kit.flow import Flow
from app.views.kit.widgets import empty_menu, follow

MOST_AUTHORS = 20
"""In the menu."""

DAYS = (1, 7, 30, 365)
"""How far back one may look, today included."""

Span = tuple[date | None, date | None]
"""The first and the last day; None: no bound."""

ANY_TIME: Span = (None, None)


class Filters(Flow):
    """Two menus. `changed` is called after each choice; `authors` gives the names to
    choose from."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        changed: Callable[[], None],
        authors: Callable[[], Iterable[str]],
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._changed = changed
        self._authors = authors
        self._author = ""
        self._days = 0
        self._span: Span = ANY_TIME
        self._dialog: BetweenDialog | None = None
        self._by, self.author_menu = self._menu("search_author", self._fill_authors)
        self._when, self.time_menu = self._menu("search_time", self._fill_times)
        follow(self, self._say, context.i18n)
        self._say()

    @property
    def author(self) -> str:
        """The name that was chosen; empty: anybody's."""
        return self._author

    def bounds_ms(self) -> tuple[int, int]:
        """Return the first moment that counts and the first that does not any more, in
        milliseconds since 1970; 0: no bound."""
        first, last = self._span
        if self._days:
            first = self._context.clock.now().date() - timedelta(days=self._days - 1)
        return _midnight_ms(first), _midnight_ms(last and last + timedelta(days=1))

    def clear(self) -> None:
        """Let everything count."""
        self._author, self._days, self._span = "", 0, ANY_TIME
        self._say()

    def _menu(self, name: str, fill: Callable[[], None]) -> tuple[ttk.Menubutton, ttk.Menu]:
        button = ttk.Menubutton(self, name=name, style="Quiet.TMenubutton")
        menu = ttk.Menu(button, name=f"{name}_menu", postcommand=fill)
        button.configure(menu=menu)
        return button, menu

    def _say(self) -> None:
        t = self._context.t
        self._by.configure(text=self._author or t("search.anybody"))
        if self._days:
            words = t(f"search.days_{self._days}")
        elif self._span == ANY_TIME:
            words = t("search.any_time")
        else:
            first, last = (day.isoformat() if day else "…" for day in self._span)
            words = f"{first} – {last}"
        self._when.configure(text=words)
        self.line_up((self._by, self._when))

    def _fill_authors(self) -> None:
        names = sorted(set(self._authors()) | ({self._author} if self._author else set()))
        empty_menu(self.author_menu)
        self._add(self.author_menu, self._context.t("search.anybody"), self._choose_author, "")
        for name in names[:MOST_AUTHORS]:
            self._add(self.author_menu, name, self._choose_author, name)

    def _fill_times(self) -> None:
        t = self._context.t
        empty_menu(self.time_menu)
        self._add(self.time_menu, t("search.any_time"), self._choose_days, 0)
        for days in DAYS:
            self._add(self.time_menu, t(f"search.days_{days}"), self._choose_days, days)
        self.time_menu.add_separator()
        self.time_menu.add_command(label=t("search.between"), command=self._ask_between)

    def _add(self, menu: ttk.Menu, label: str, act: Callable[..., None], value: object) -> None:
        menu.add_command(label=label, command=functools.partial(act, value))

    def _choose_author(self, name: str) -> None:
        self._author = name
        self._say()
        self._changed()

    def _choose_days(self, days: int) -> None:
        self._days, self._span = days, ANY_TIME
        self._say()
        self._changed()

    def _choose_span(self, span: Span) -> None:
        self._days, self._span = 0, span
        self._say()
        self._changed()

    def _ask_between(self) -> None:
        if self._dialog is None or self._dialog.is_over:
            self._dialog = BetweenDialog(self, self._context, self._span, self._choose_span)


class BetweenDialog(Dialog):
    """Asks for the first and the last day; either may be left open."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        span: Span,
        done: Callable[[Span], None],
    ) -> None:
        t = context.t
        super().__init__(parent, context.i18n, "between", t("search.between_title"))
        self._context = context
        self._done = done
        self.add_text(t("search.between_title"), "Strong.TLabel", "between_title")
        self._fields = (Field(self.inside, "first_day"), Field(self.inside, "last_day"))
        example = context.clock.now().date().isoformat()
        for field, key, day in zip(self._fields, ("first_day", "last_day"), span, strict=True):
            field.say(t(f"search.{key}"), t("search.day_hint", example=example))
            field.variable.set(day.isoformat() if day else "")
            field.on_enter(self._take)
            self.add(field)
        self.add_button("between_ok", t("search.between_ok"), self._take, "main")
        self.add_cancel("between_cancel")
        self.open(self._fields[0].entry)

    def _take(self) -> None:
        days: list[date | None] = []
        for field in self._fields:
            day = day_in(field.text)
            is_right = day is not None or not field.text.strip()
            field.say_error("" if is_right else self._context.t("search.day_wrong"))
            if not is_right:
                field.focus_text()
                return
            days.append(day)
        first, last = days
        if first and last and last < first:
            self._fields[1].say_error(self._context.t("search.days_wrong"))
            self._fields[1].focus_text()
            return
        self.close()
        self._done((first, last))


def _midnight_ms(day: date | None) -> int:
    """Return when this day begins here; 0 where no clock reaches it."""
    if day is None:
        return 0
    try:
        return max(round(datetime(day.year, day.month, day.day).timestamp() * 1000), 0)
    except (OverflowError, OSError, ValueError):
        return 0
