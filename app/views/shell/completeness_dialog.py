"""Whether anything is missing, since when, and how much is kept on this computer."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.models.connection.status import Check, Phase
from app.views.context import ViewContext
from app.views.kit.dialogs import Dialog
from app.views.kit.theme import SMALL, TONES, px
from app.views.kit.widgets import WrappingLabel, follow, show


class CompletenessDialog(Dialog):
    """Follows the status for as long as it is open. `check` asks the server."""

    def __init__(self, parent: tk.Misc, context: ViewContext, check: Callable[[], None]) -> None:
        t = context.t
        super().__init__(parent, context.i18n, "completeness", t("completeness.title"))
        self._context = context
        self.add_text(t("completeness.title"), "Strong.TLabel", "completeness_title")
        lines = ttk.Frame(self.inside)
        lines.columnconfigure(0, weight=1)
        self._lines: dict[str, WrappingLabel] = {}
        for row, name in enumerate(("complete", "since", "held", "kept", "checked")):
            label = WrappingLabel(lines, style="Description.TLabel", name=f"completeness_{name}")
            label.grid(row=row, column=0, sticky="ew", pady=(0, px(self, SMALL)))
            self._lines[name] = label
        self.add(lines)
        self._check = self.add_button("completeness_check", t("completeness.check"), check, "main")
        done = self.add_done("completeness_done")
        follow(self, self._refresh, context.status)
        self._refresh()
        self.open(done)

    def _refresh(self) -> None:
        now = self._context.status.now
        is_missing = now.missing > 0
        self._lines["complete"].configure(style=TONES["bad"] if is_missing else "TLabel")
        self._say("complete", self._complete_words())
        self._say("since", self._since_words())
        self._say("held", self._held_words())
        self._say("kept", self._kept_words())
        self._say("checked", self._checked_words())
        is_busy = now.check is Check.UNDER_WAY
        self._check.state(["disabled" if is_busy else "!disabled"])

    def _say(self, name: str, words: str) -> None:
        self._lines[name].say(words)
        show(self._lines[name], bool(words))

    def _complete_words(self) -> str:
        now, t = self._context.status.now, self._context.t
        if now.missing:
            return t("completeness.missing", n=now.missing, id=now.complete_through)
        if not now.complete_through:
            return t("completeness.nothing_yet")
        return t("completeness.complete", id=now.complete_through)

    def _since_words(self) -> str:
        now, t = self._context.status.now, self._context.t
        if now.missing:
            return ""
        if now.phase is not Phase.LIVE or not now.complete_since_ms:
            return t("completeness.not_now")
        when = self._context.moment(now.complete_since_ms, is_within=True)
        return t("completeness.since", when=when)

    def _held_words(self) -> str:
        now, t = self._context.status.now, self._context.t
        if not now.held_from or now.held_from > now.complete_through:
            return ""
        count = now.complete_through - now.held_from + 1
        if now.holds_all:
            return t("completeness.held_all", n=count)
        return t("completeness.held", n=count, first=now.held_from, last=now.complete_through)

    def _kept_words(self) -> str:
        room = self._context.status.room
        days = room.keep_days if room is not None else 0
        return self._context.t("completeness.kept", n=days) if days else ""

    def _checked_words(self) -> str:
        now, t = self._context.status.now, self._context.t
        match now.check:
            case Check.NONE:
                return ""
            case Check.UNDER_WAY:
                return t("completeness.checking")
            case Check.FAILED:
                key = "completeness.check_failed"
            case Check.DONE:
                key = "completeness.checked_missing" if now.missing else "completeness.checked"
        return t(key, time=self._context.i18n.exact_time(now.checked_at_ms))
