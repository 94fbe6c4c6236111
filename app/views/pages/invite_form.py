"""The question what kind of invite it shall be."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.i18n import Translator
from app.views.kit.dialogs import Dialog
from app.views.kit.field import Field
from app.views.kit.theme import MEDIUM, TIGHT
from protocol.limits import MAX_INVITE_USES, MAX_NOTE_CHARS
from protocol.messages import Role

DAYS = (1, 7, 30, 365)
DEFAULT_DAYS = 7


class InviteForm(Dialog):
    """`create` is told role, uses, days and note."""

    def __init__(
        self, parent: tk.Misc, i18n: Translator, create: Callable[[Role, int, int, str], None]
    ) -> None:
        super().__init__(parent, i18n, "invite_form", i18n.t("invites.form_title"))
        self._create = create
        self._role = tk.StringVar(self, Role.MEMBER.value)
        self._days = tk.IntVar(self, DEFAULT_DAYS)
        t = i18n.t
        self.add_text(t("invites.form_title"), "Strong.TLabel", "form_title")
        self._note = Field(self.inside, "invite_note")
        self._note.say(t("invites.note"), t("invites.note_hint"))
        self._uses = Field(self.inside, "invite_uses")
        self._uses.say(t("invites.uses"), "")
        self._uses.variable.set("1")
        for field in (self._note, self._uses):
            field.on_enter(self._submit)
            self.add(field)
        roles = [(role.value, t(f"role.{role}")) for role in (Role.MEMBER, Role.ADMIN)]
        self._add_choice(t("invites.role"), "role", self._role, roles)
        days = [(str(days), t(f"invites.days_{days}")) for days in DAYS]
        self._add_choice(t("invites.valid_for"), "days", self._days, days)
        self.add_button("create_invite", t("invites.create"), self._submit, "main")
        self.add_cancel("form_cancel")
        self.open(self._note.entry)

    def _add_choice(
        self, title: str, name: str, variable: tk.Variable, choices: list[tuple[str, str]]
    ) -> None:
        self.add(ttk.Label(self.inside, text=title, style="FieldName.TLabel"), TIGHT)
        frame = ttk.Frame(self.inside)
        for column, (value, words) in enumerate(choices):
            frame.columnconfigure(column, weight=1, uniform=name)
            ttk.Radiobutton(
                frame,
                name=f"{name}_{value}",
                text=words,
                value=value,
                variable=variable,
                style="Segment.Toolbutton",
            ).grid(row=0, column=column, sticky="ew")
        self.add(frame, MEDIUM)

    def _submit(self) -> None:
        t = self._i18n.t
        note, uses = self._note.text.strip(), _number(self._uses.text)
        is_short = len(note) <= MAX_NOTE_CHARS
        self._note.say_error("" if is_short else t("reason.text_too_long", max=MAX_NOTE_CHARS))
        is_count = uses is not None and 1 <= uses <= MAX_INVITE_USES
        self._uses.say_error("" if is_count else t("invites.uses_wrong", max=MAX_INVITE_USES))
        if uses is not None and is_count and is_short:
            self.close()
            self._create(Role(self._role.get()), uses, self._days.get(), note)


def _number(typed: str) -> int | None:
    typed = typed.strip()
    return int(typed) if typed.isdecimal() and len(typed) < 10 else None
