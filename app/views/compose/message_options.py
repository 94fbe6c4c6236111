"""What a message is besides its text: how important, what it asks, how long it
stays. Part of the panel to write in."""

import tkinter as tk
import unicodedata
from collections.abc import Callable

import ttkbootstrap as ttk

from app.models.room.outbox_item import Draft
from app.views.context import ViewContext
from app.views.kit.flow import Flow
from app.views.kit.theme import SMALL, TIGHT, px
from app.views.kit.widgets import empty_menu, show
from protocol.limits import MAX_ANSWER_CHARS, MAX_ANSWERS
from protocol.messages import Priority

HOUR_MS = 3_600_000
LIFETIMES_H = (1, 8, 24, 7 * 24, 30 * 24)
"""After which a message may withdraw itself, in hours."""

JUST_READ = ("",)
"""Asks to confirm that it was read."""

OFFERED = (Priority.NORMAL, Priority.IMPORTANT, Priority.URGENT)
"""What can be chosen here."""

LEAST_ANSWERS = 2
ANSWER_WIDTH = 15
"""Of an answer's field, in characters; longer ones scroll in it."""


class MessageOptions(ttk.Frame):
    """`changed` is called after every change by a person."""

    def __init__(self, parent: tk.Misc, context: ViewContext, changed: Callable[[], None]) -> None:
        super().__init__(parent, name="options")
        self._context = context
        self._changed = changed
        self._priority = tk.IntVar(self, Priority.NORMAL.value)
        self._asks = tk.BooleanVar(self, False)
        self._would_ask = False
        """Whether it asks if it is not urgent."""
        self._is_roll_call = tk.BooleanVar(self, False)
        self._lifetime_h = 0
        self._expires_at_ms = 0
        self._answers = [tk.StringVar(self) for _ in range(MAX_ANSWERS)]
        self.columnconfigure(0, weight=1)

        self._flow = Flow(self)
        self._flow.grid(row=0, column=0, sticky="ew")
        self._priorities = self._segment(
            self._flow,
            "priority",
            self._priority,
            [(str(one.value), one.value) for one in OFFERED],
        )
        self._ask_button = ttk.Checkbutton(
            self._flow,
            name="ask_to_confirm",
            bootstyle="round-toggle",
            variable=self._asks,
            command=self._choose_asking,
        )
        self._expiry = ttk.Menubutton(self._flow, name="expiry", style="Quiet.TMenubutton")
        self._expiry_menu = ttk.Menu(self._expiry, name="lifetimes", postcommand=self._fill_menu)
        self._expiry.configure(menu=self._expiry_menu)
        self._line_up()

        self._asking = Flow(self)
        self._asking.grid(row=1, column=0, sticky="ew", pady=(px(self, SMALL), 0))
        self._kinds = self._segment(
            self._asking, "asking", self._is_roll_call, [("read", False), ("roll_call", True)]
        )
        self._fields = [
            _NumberedField(self._asking, number, answer)
            for number, answer in enumerate(self._answers, 1)
        ]
        for answer in self._answers:
            answer.trace_add("write", lambda *_: self._changed())
        self.say()

    def give(self, text: str) -> Draft:
        """Return the draft with this text, as it is chosen now."""
        priority = Priority(self._priority.get())
        lifetime_ms = self._lifetime_h * HOUR_MS
        return Draft(text, priority, self._asked(), self._expires_at_ms, lifetime_ms)

    def set(self, draft: Draft) -> None:
        """Choose as this draft has it."""
        self._priority.set(draft.priority.value)
        self._would_ask = bool(draft.answers)
        self._asks.set(self._would_ask)
        self._is_roll_call.set(draft.answers not in ((), JUST_READ))
        answers = draft.answers if self._is_roll_call.get() else ()
        for place, answer in enumerate(self._answers):
            answer.set(answers[place] if place < len(answers) else "")
        self._lifetime_h = draft.lifetime_ms // HOUR_MS
        self._expires_at_ms = draft.expires_at_ms
        self.say()
        self._refresh()

    @property
    def is_complete(self) -> bool:
        """Whether this can be sent as it is."""
        return not self._what_is_wrong()

    @property
    def why_not(self) -> str:
        """Why it can't; empty also as long as no answer was typed: one has only
        just begun."""
        has_begun = any(answer.get().strip() for answer in self._answers)
        return self._what_is_wrong() if has_begun else ""

    def _what_is_wrong(self) -> str:
        answers = self._asked()
        if not (self._asks.get() and self._is_roll_call.get()):
            return ""
        if any(len(answer) > MAX_ANSWER_CHARS for answer in answers):
            return self._context.t("options.answer_too_long", max=MAX_ANSWER_CHARS)
        different = {unicodedata.normalize("NFC", answer).casefold() for answer in answers}
        if len(answers) < LEAST_ANSWERS or len(different) < len(answers):
            return self._context.t("options.answers_needed")
        return ""

    def say(self) -> None:
        """Say everything in the language of now."""
        t = self._context.t
        for priority in OFFERED:
            button = self._priorities.nametowidget(f"priority_{priority.value}")
            button.configure(text=t(f"priority.{priority.name.lower()}"))
        for kind in ("read", "roll_call"):
            self._kinds.nametowidget(f"asking_{kind}").configure(text=t(f"options.{kind}"))
        self._ask_button.configure(text=t("options.ask"))
        self._say_expiry()
        self._line_up()
        self._show_asking()

    # -----------------------------------------------------------------------

    @property
    def _is_urgent(self) -> bool:
        return self._priority.get() == Priority.URGENT.value

    def _line_up(self) -> None:
        self._flow.line_up((self._priorities, self._ask_button, self._expiry))

    def _asked(self) -> tuple[str, ...]:
        if not self._asks.get():
            return ()
        if not self._is_roll_call.get():
            return JUST_READ
        written = (" ".join(answer.get().split()) for answer in self._answers)
        return tuple(answer for answer in written if answer)

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
                command=self._refresh,
            ).grid(row=0, column=column)
        return frame

    def _refresh(self) -> None:
        self._show_asking()
        self._changed()

    def _show_asking(self) -> None:
        # What is urgent asks to be confirmed by itself.
        self._asks.set(self._is_urgent or self._would_ask)
        self._ask_button.state(["disabled" if self._is_urgent else "!disabled"])
        fields = self._fields if self._is_roll_call.get() else []
        self._asking.line_up((self._kinds, *fields))
        show(self._asking, self._asks.get())

    def _choose_asking(self) -> None:
        self._would_ask = self._asks.get()
        self._refresh()

    def _fill_menu(self) -> None:
        menu = self._expiry_menu
        empty_menu(menu)
        for hours in (0, *LIFETIMES_H):
            menu.add_command(
                label=self._context.t(f"options.lifetime_{hours}"),
                command=lambda hours=hours: self._choose_lifetime(hours),  # type: ignore[misc]
            )

    def _choose_lifetime(self, hours: int) -> None:
        self._lifetime_h, self._expires_at_ms = hours, 0
        self._say_expiry()
        self._line_up()
        self._changed()

    def _say_expiry(self) -> None:
        words = self._context.t(f"options.lifetime_{self._lifetime_h}")
        if self._expires_at_ms:
            when = self._context.moment(self._expires_at_ms, is_within=True)
            words = self._context.t("options.until", when=when)
        self._expiry.configure(text=words)


class _NumberedField(ttk.Frame):
    """The field for one answer, with its number before it."""

    def __init__(self, parent: tk.Misc, number: int, answer: tk.StringVar) -> None:
        super().__init__(parent)
        label = ttk.Label(self, text=f"{number}.", style="Muted.TLabel", name=f"number_{number}")
        label.grid(row=0, column=0, padx=(0, px(self, TIGHT)))
        entry = ttk.Entry(self, name=f"answer_{number}", textvariable=answer, width=ANSWER_WIDTH)
        entry.grid(row=0, column=1)


_STYLES = {
    ("priority", str(Priority.IMPORTANT.value)): "Important.Segment.Toolbutton",
    ("priority", str(Priority.URGENT.value)): "Urgent.Segment.Toolbutton",
}
