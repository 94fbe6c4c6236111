"""How the program starts, closes, tells and sounds, and what administrators see of it."""

import tkinter as tk
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, get_args

import ttkbootstrap as ttk

from app.models.pages.desktop import DesktopModel
from app.models.quiet_hours import Week, in_an_hour, tomorrow
from app.models.room.notifications import Notifications, TestStatus
from app.models.settings import Sound, UrgentSound
from app.views.context import ViewContext
from app.views.kit.scrolling import ScrollingFrame
from app.views.kit.theme import LARGE, MEDIUM, SMALL, TIGHT, TONES, define_switch, px
from app.views.kit.widgets import WrappingLabel, follow, show
from app.views.pages.page import Page
from app.views.pages.quiet_week import QuietWeek
from app.views.wording.notifications import until

WIDTH = 560

BESIDE = 43
"""Where the words of a switch begin, in logical pixels: a hint stands below them."""

TEST_TONES = {TestStatus.SHOWN: "good", TestStatus.UNDER_WAY: "plain", TestStatus.NONE: "plain"}


class SettingsActions(Protocol):
    """What can be set that is more than a value of the settings."""

    def test(self) -> None:
        """Show a notification that says that it is a test."""

    def forget_test(self) -> None:
        """Say no more how a test went."""

    def pause(self, until: datetime | None) -> None:
        """Let nothing but what is urgent disturb until then; None: from now on it may."""

    def try_sound(self, name: str) -> None:
        """Let this sound be heard."""


class AutostartActions(Protocol):
    """Starting with the system."""

    def look(self) -> None:
        """Find out how things stand."""

    def set(self, is_on: bool) -> None:
        """Have the program start with the system, or not."""


class SettingsPage(Page):
    """Follows its models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        back: Callable[[], None],
        desktop: DesktopModel,
        notifications: Notifications,
        actions: SettingsActions,
        autostart: AutostartActions,
    ) -> None:
        super().__init__(parent, "settings", context, back, None)
        self._desktop = desktop
        self._notifications = notifications
        self._actions = actions
        self._autostart = autostart
        self.tools.grid_remove()
        scrolling = ScrollingFrame(self.body, WIDTH)
        scrolling.grid(row=0, column=0, sticky="nsew")
        self.body.rowconfigure(0, weight=1)
        self._inside = scrolling.inside
        self._inside.columnconfigure(0, weight=1)
        self._rows = 0
        self._titles: list[tuple[ttk.Label, str]] = []

        self._add_title("closing")
        self._starts = Switch(self._inside, "starts", autostart.set)
        self._keeps = Switch(self._inside, "keeps_running", self._change("keeps_running"))
        self._add(self._starts)
        self._add(self._keeps)
        self._add_title("telling")
        self._notifies = Switch(self._inside, "notifies", self._change("notifies"))
        self._content = Switch(self._inside, "shows_content", self._change("shows_content"))
        self._add(self._notifies)
        self._add(self._content)
        self._add_test()
        self._add_title("disturbing")
        self._add_pause()
        self._quiet = Switch(self._inside, "has_quiet_hours", self._change("has_quiet_hours"))
        self._add(self._quiet)
        self._week = QuietWeek(self._inside, context, self._set_week)
        self._add(self._week)
        self._add_title("sounds")
        sounds = ttk.Frame(self._inside)
        sounds.columnconfigure(0, weight=1)
        self._add(sounds)
        self._sounds = [
            SoundChoice(sounds, context, row, name, choices, self._change(name), actions.try_sound)
            for row, (name, choices) in enumerate(
                (("sound", get_args(Sound)), ("urgent_sound", get_args(UrgentSound)))
            )
        ]
        self._add_title("told")
        self._told = WrappingLabel(self._inside, style="Description.TLabel", name="told")
        self._add(self._told)
        follow(self, self.say, desktop, notifications, context.settings)
        self.refresh()

    def enter(self) -> None:
        """Show how things stand: the system's settings may have changed."""
        self._autostart.look()
        self._week.say(self.context.settings.values.quiet_hours)

    def leave(self) -> None:
        """Leave no outcome of an earlier test."""
        super().leave()
        self._actions.forget_test()

    def focus_first(self) -> None:
        """Put the keyboard where one begins."""
        (self._starts if self._starts.may else self._keeps).focus_switch()

    def say(self) -> None:
        """Show the models' present state."""
        t, values = self.context.t, self.context.settings.values
        for label, name in self._titles:
            label.configure(text=t(f"setting.{name}"))
        self._say_closing()
        self._notifies.say(t("setting.notifies"), values.notifies, t("setting.notifies_hint"))
        self._content.say(
            t("setting.shows_content"),
            values.shows_content,
            t("setting.shows_content_hint"),
            may=values.notifies,
        )
        self._say_test()
        self._say_pause()
        self._quiet.say(
            t("setting.has_quiet_hours"), values.has_quiet_hours, t("setting.quiet_hint")
        )
        show(self._week, values.has_quiet_hours)
        for choice in self._sounds:
            choice.say()
        room = self.context.status.room
        asks = room is not None and room.asks_attention
        self._told.say(t("setting.told_all" if asks else "setting.told_nothing"))

    # --- making it ----------------------------------------------------------------

    def _add(self, widget: tk.Grid) -> None:
        """Put a widget below the others, with even gaps."""
        widget.grid(row=self._rows, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        self._rows += 1

    def _add_title(self, name: str) -> None:
        label = ttk.Label(self._inside, style="Strong.TLabel", name=f"title_{name}")
        above = px(self, LARGE) if self._titles else px(self, TIGHT)
        label.grid(row=self._rows, column=0, sticky="w", pady=(above, px(self, MEDIUM)))
        self._rows += 1
        self._titles.append((label, name))

    def _change(self, name: str) -> Callable[[object], None]:
        return lambda value: self.context.settings.change(**{name: value})

    def _set_week(self, week: Week) -> None:
        self.context.settings.change(quiet_hours=dict(week))

    def _add_test(self) -> None:
        self._test = ttk.Button(
            self._inside, name="test", style="Action.TButton", command=self._actions.test
        )
        self._test.grid(row=self._rows, column=0, sticky="w", pady=(0, px(self, SMALL)))
        self._outcome = WrappingLabel(self._inside, style="Good.TLabel", name="test_outcome")
        self._outcome.grid(row=self._rows + 1, column=0, sticky="ew")
        self._rows += 2

    def _add_pause(self) -> None:
        self._pause_words = WrappingLabel(
            self._inside, style="Description.TLabel", name="pause_words"
        )
        self._add(self._pause_words)
        buttons = ttk.Frame(self._inside, padding=(0, 0, 0, px(self, SMALL)))
        self._add(buttons)
        self._pauses = {}
        for column, name in enumerate(("pause_hour", "pause_day", "resume")):
            button = ttk.Button(
                buttons, name=name, style="Action.TButton", command=lambda n=name: self._pause(n)
            )
            button.grid(row=0, column=column, padx=(0, px(self, SMALL)))
            self._pauses[name] = button

    # --- showing and doing ----------------------------------------------------------

    def _say_closing(self) -> None:
        t, values, desktop = self.context.t, self.context.settings.values, self._desktop
        may_start = desktop.starts is not None
        hint = t("setting.starts_hint" if may_start else "setting.starts_unknown")
        if desktop.has_failed:
            hint = t("setting.starts_failed")
        self._starts.say(t("setting.starts"), bool(desktop.starts), hint, may=may_start)
        where = "in_tray" if desktop.has_tray else "minimised"
        hint = t(f"setting.keeps_running_{where}")
        self._keeps.say(t("setting.keeps_running"), values.keeps_running, hint)

    def _say_test(self) -> None:
        t, status = self.context.t, self._notifications.test
        self._test.configure(text=t("setting.test"))
        is_busy = status is TestStatus.UNDER_WAY
        self._test.state(["disabled" if is_busy else "!disabled"])
        words = "" if status is TestStatus.NONE else t(f"setting.test_{status}")
        self._outcome.configure(style=TONES[TEST_TONES.get(status, "bad")])
        self._outcome.say(words)
        show(self._outcome, bool(words))

    def _say_pause(self) -> None:
        t, quiet = self.context.t, self._notifications.quiet_until
        now = self.context.clock.now()
        if quiet is None:
            self._pause_words.say(t("setting.not_quiet"))
        else:
            self._pause_words.say(t("setting.quiet", when=until(self.context.i18n, quiet, now)))
        is_paused = self.context.settings.values.is_paused_at(self.context.clock.now_ms())
        for name, button in self._pauses.items():
            button.configure(text=t(f"setting.{name}"))
            show(button, (name == "resume") == is_paused)

    def _pause(self, name: str) -> None:
        now = self.context.clock.now()
        ends = {"pause_hour": in_an_hour(now), "pause_day": tomorrow(now)}
        self._actions.pause(ends.get(name))


class Switch(ttk.Frame):
    """Something that is on or off, with a line below that says more."""

    def __init__(self, parent: tk.Misc, name: str, changed: Callable[[bool], None]) -> None:
        super().__init__(parent)
        self._is_on = tk.BooleanVar(self)
        self._button = ttk.Checkbutton(
            self,
            name=name,
            bootstyle="round-toggle",
            variable=self._is_on,
            command=lambda: changed(self._is_on.get()),
        )
        define_switch(ttk.Style.get_instance())
        self._button.grid(row=0, column=0, sticky="w")
        self._hint = WrappingLabel(self, style="Muted.TLabel", name=f"{name}_hint")
        self._hint.grid(row=1, column=0, sticky="ew", padx=(px(self, BESIDE), 0))
        self.columnconfigure(0, weight=1)

    def say(self, words: str, is_on: bool, hint: str = "", may: bool = True) -> None:
        """Show how it stands; `may`: whether it can be changed now."""
        self._button.configure(text=words)
        self._is_on.set(is_on)
        self._button.state(["!disabled" if may else "disabled"])
        self._hint.say(hint)
        show(self._hint, bool(hint))

    @property
    def may(self) -> bool:
        """Whether it can be changed now."""
        return self._button.instate(["!disabled"])

    def focus_switch(self) -> None:
        """Put the keyboard here."""
        self._button.focus_set()


class SoundChoice:
    """A line: what it is for, which sound it is, and a button to try it."""

    def __init__(
        self,
        parent: ttk.Frame,
        context: ViewContext,
        row: int,
        name: str,
        choices: tuple[str, ...],
        changed: Callable[[object], None],
        try_it: Callable[[str], None],
    ) -> None:
        self._context = context
        self._name = name
        self._choices = choices
        self._title = ttk.Label(parent, style="FieldName.TLabel")
        self._title.grid(row=row, column=0, sticky="w", pady=px(parent, TIGHT))
        self._box = ttk.Combobox(
            parent,
            name=name,
            state="readonly",
            style="Field.TCombobox",
            font="TkTextFont",
            width=12,
        )
        self._box.grid(row=row, column=1, padx=px(parent, SMALL), pady=px(parent, TIGHT))
        self._box.bind("<<ComboboxSelected>>", lambda _event: changed(choices[self._box.current()]))
        # The wheel scrolls the page; in passing it must change nothing.
        for event in ("<MouseWheel>", "<Button-4>", "<Button-5>"):
            self._box.bind(event, lambda _event: "break")
        self._try = ttk.Button(
            parent, name=f"try_{name}", style="Action.TButton", command=lambda: try_it(self._chosen)
        )
        self._try.grid(row=row, column=2)

    @property
    def _chosen(self) -> str:
        return str(getattr(self._context.settings.values, self._name))

    def say(self) -> None:
        """Show which it is."""
        t = self._context.t
        self._title.configure(text=t(f"setting.{self._name}"))
        self._box.configure(values=[t(f"sound.{one or 'none'}") for one in self._choices])
        self._box.current(self._choices.index(self._chosen))
        self._try.configure(text=t("setting.try"))
        self._try.state(["!disabled" if self._chosen else "disabled"])
