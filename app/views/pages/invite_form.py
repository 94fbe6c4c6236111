"""The question what kind of invite it shall be."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.i18n import Translator
from app.views.kit.dialogs import Dialog
from app.views.kit.field import Field
from app.views.kit.theme import MEDIUM, TIGHT, px
from protocol.limits import MAX_INVITE_USES, MAX_NOTE_CHARS
from protocol.messages import Role

DAYS = (1, 7, 30, 365)
DEFAULT_DAYS = 7


class InviteForm(Dialog):
    """`create` is told role, uses, days and note."""

    def __init__(
        self, parent: tk.Misc, i18n: Translator, create: Callable[[Role, int, int, str], None]
    ) -> None:
        super().__init__(parent, "invite_form", i18n.t("invites.form_title"))
        self._i18n = i18n
        self._create = create
        self._role = tk.StringVar(self, Role.MEMBER.value)
        self._days = tk.IntVar(self, DEFAULT_DAYS)
        t = i18n.t
        self.add_text(0, t("invites.form_title"), "Strong.TLabel", "form_title")
        self._note = Field(self.inside, "invite_note")
        self._note.say(t("invites.note"), t("invites.note_hint"))
        self._note.grid(row=1, column=0, sticky="ew")
        self._uses = Field(self.inside, "invite_uses")
        self._uses.say(t("invites.uses"), "")
        self._uses.variable.set("1")
        self._uses.grid(row=2, column=0, sticky="ew")
        roles = [(role.value, t(f"role.{role}")) for role in (Role.MEMBER, Role.ADMIN)]
        self._choice(3, t("invites.role"), "role", self._role, roles)
        days = [(str(days), t(f"invites.days_{days}")) for days in DAYS]
        self._choice(5, t("invites.valid_for"), "days", self._days, days)
        for field in (self._note, self._uses):
            field.on_enter(self._submit)
        buttons = self.add_buttons(7)
        make = ttk.Button(
            buttons,
            name="create_invite",
            text=t("invites.create"),
            style="Main.primary.TButton",
            command=self._submit,
        )
        cancel = ttk.Button(
            buttons,
            name="form_cancel",
            text=t("dialog.cancel"),
            style="Action.TButton",
            command=self.cancel,
        )
        buttons.line_up((make, cancel))
        self.open(self._note.entry)

    def _choice(
        self,
        row: int,
        title: str,
        name: str,
        variable: tk.Variable,
        choices: list[tuple[str, str]],
    ) -> None:
        label = ttk.Label(self.inside, text=title, style="FieldName.TLabel")
        label.grid(row=row, column=0, sticky="w", pady=(0, px(self, TIGHT)))
        frame = ttk.Frame(self.inside)
        frame.grid(row=row + 1, column=0, sticky="ew", pady=(0, px(self, MEDIUM)))
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
