"""What a message is besides its text: how important, and how long it stays. Part
of the panel to write in."""

import time
import tkinter as tk
from collections.abc import Callable
from datetime import datetime

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.outbox_item import Draft
from app.views import palette
from app.views.flow import Flow
from app.views.page_words import moment
from protocol.messages import Priority

HOUR_MS = 3_600_000
LIFETIMES_H = (1, 8, 24, 7 * 24, 30 * 24)
"""After which a message may withdraw itself, in hours."""

OFFERED = (Priority.NORMAL, Priority.IMPORTANT)
"""What can be chosen here."""


class MessageOptions(ttk.Frame):
    """`changed` is called after every change by a person."""

    def __init__(self, parent: tk.Misc, i18n: Translator, changed: Callable[[], None]) -> None:
        super().__init__(parent, name="options")
        self._i18n = i18n
        self._changed = changed
        self._priority = tk.IntVar(self, Priority.NORMAL.value)
        self._lifetime_h = 0
        self._expires_at_ms = 0
        self.columnconfigure(0, weight=1)

        self._flow = Flow(self)
        self._flow.grid(row=0, column=0, sticky="ew")
        self._priorities = self._segment(
            self._flow,
            "priority",
            self._priority,
            [(str(one.value), one.value) for one in OFFERED],
        )
        self._expiry = ttk.Menubutton(self._flow, name="expiry", style="Quiet.TMenubutton")
        self._expiry_menu = ttk.Menu(self._expiry, name="lifetimes", postcommand=self._fill_menu)
        self._expiry.configure(menu=self._expiry_menu)
        self._flow.line_up((self._priorities, self._expiry))

        self.say()

    def give(self, text: str) -> Draft:
        """The draft with this text, as it is chosen now."""
        expires_at_ms = self._expires_at_ms
        if self._lifetime_h:
            expires_at_ms = time.time_ns() // 1_000_000 + self._lifetime_h * HOUR_MS
        priority = Priority(self._priority.get())
        return Draft(text, priority, expires_at_ms=expires_at_ms)

    def set(self, draft: Draft) -> None:
        """Choose as this draft has it."""
        self._priority.set(draft.priority.value)
        self._lifetime_h, self._expires_at_ms = 0, draft.expires_at_ms
        self.say()
        self._changed()

    def say(self) -> None:
        """Say everything in the language of now."""
        t = self._i18n.t
        for priority in OFFERED:
            button = self._priorities.nametowidget(f"priority_{priority.value}")
            button.configure(text=t(f"priority.{priority.name.lower()}"))
        self._say_expiry()
        self._flow.line_up((self._priorities, self._expiry))

    # -----------------------------------------------------------------------

    def _segment(
        self,
        parent: tk.Misc,
        name: str,
        variable: tk.Variable,
        choices: list[tuple[str, int | bool]],
    ) -> ttk.Frame:
        frame = ttk.Frame(parent)
        for column, (key, value) in enumerate(choices):
            ttk.Radiobutton(
                frame,
                name=f"{name}_{key}",
                value=value,
                variable=variable,
                style=_STYLES.get((name, key), "Segment.Toolbutton"),
                command=self._changed,
            ).grid(row=0, column=column)
        return frame

    def _fill_menu(self) -> None:
        menu = self._expiry_menu
        menu.delete(0, "end")
        menu.configure(font="TkMenuFont", activebackground=palette.current().raised)
        for hours in (0, *LIFETIMES_H):
            menu.add_command(
                label=self._i18n.t(f"options.lifetime_{hours}"),
                command=lambda hours=hours: self._choose_lifetime(hours),  # type: ignore[misc]
            )

    def _choose_lifetime(self, hours: int) -> None:
        self._lifetime_h, self._expires_at_ms = hours, 0
        self._say_expiry()
        self._flow.line_up((self._priorities, self._expiry))
        self._changed()

    def _say_expiry(self) -> None:
        words = self._i18n.t(f"options.lifetime_{self._lifetime_h}")
        if self._expires_at_ms:
            when = moment(self._i18n, self._expires_at_ms, datetime.now(), is_within=True)
            words = self._i18n.t("options.until", when=when)
        self._expiry.configure(text=words)


_STYLES = {
    ("priority", str(Priority.IMPORTANT.value)): "Important.Segment.Toolbutton",
}
