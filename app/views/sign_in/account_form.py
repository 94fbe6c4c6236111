"""Signing in, creating an account, or coming back with a reset code: three faces
of one form, which share what was typed."""

import tkinter as tk
from collections.abc import Callable
from typing import Literal, Protocol

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.connection.account import Field as At
from app.views.kit.field import Field
from app.views.kit.theme import LARGE, MEDIUM, SMALL, define_switch, px
from app.views.kit.widgets import WrappingLabel, show
from protocol.messages import Limits, Registration

Mode = Literal["sign_in", "register", "reset"]

TABS: tuple[Mode, Mode] = ("sign_in", "register")


class SessionActions(Protocol):
    """What the form sends; `keep`: stay signed in on this computer."""

    def sign_in(self, username: str, password: str, keep: bool) -> None:
        """Enter the room with one's account."""

    def register(
        self, username: str, display_name: str, password: str, invite: str, keep: bool
    ) -> None:
        """Create an account, and enter. `invite`: a join code, or nothing."""

    def redeem(self, username: str, code: str, password: str, keep: bool) -> None:
        """Take a new password by a reset code, and enter."""


class AccountForm(ttk.Frame):
    """The two tabs, the fields, the button that sends them, and the way to the
    third face and back."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        actions: SessionActions,
        username: str,
        keep: bool,
        dismiss_error: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._i18n = i18n
        self._actions = actions
        self._dismiss_error = dismiss_error
        self._busy = False
        self._was_invited = False
        self.columnconfigure(0, weight=1)

        self._mode = tk.StringVar(self, "sign_in")
        self._tabs = ttk.Frame(self)
        self._tabs.grid(row=0, column=0, sticky="ew", pady=(0, px(self, LARGE - 4)))
        self._tab: dict[Mode, ttk.Radiobutton] = {}
        for column, mode in enumerate(TABS):
            self._tabs.columnconfigure(column, weight=1, uniform="tab")
            self._tab[mode] = ttk.Radiobutton(
                self._tabs,
                name=f"tab_{mode}",
                style="Segment.Toolbutton",
                variable=self._mode,
                value=mode,
                command=self._switched,
            )
            self._tab[mode].grid(row=0, column=column, sticky="ew")
        self._intro = WrappingLabel(self, style="Muted.TLabel", name="intro")
        self._intro.grid(row=1, column=0, sticky="ew", pady=(0, px(self, MEDIUM)))

        self.fields = {
            At.INVITE: Field(self, "invite"),
            At.USERNAME: Field(self, "username"),
            At.DISPLAY_NAME: Field(self, "display_name"),
            At.CODE: Field(self, "code"),
            At.PASSWORD: Field(self, "password", secret=True),
        }
        for row, field in enumerate(self.fields.values(), start=2):
            field.grid(row=row, column=0, sticky="ew")
            field.on_enter(self.submit)
        self.fields[At.USERNAME].variable.set(username)
        self._asked: frozenset[At] = frozenset(self.fields)

        self._keep = tk.BooleanVar(self, keep)
        self._keep_button = ttk.Checkbutton(
            self, name="keep", bootstyle="round-toggle", variable=self._keep
        )
        define_switch(ttk.Style.get_instance())
        self._keep_button.grid(row=7, column=0, sticky="w", pady=(0, px(self, MEDIUM)))
        self._cant_keep = WrappingLabel(self, style="Muted.TLabel", name="cant_keep")
        self._cant_keep.grid(row=8, column=0, sticky="ew", pady=(0, px(self, MEDIUM)))
        self._error = WrappingLabel(self, style="Error.TLabel", name="form_error")
        self._notice = WrappingLabel(self, style="Notice.TLabel", name="form_notice")
        for row, label in ((9, self._error), (10, self._notice)):
            label.grid(row=row, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        self._button = ttk.Button(
            self, name="submit", style="Main.primary.TButton", command=self.submit
        )
        self._button.grid(row=11, column=0, sticky="ew")
        self._aside = ttk.Button(
            self, name="aside", style="Quiet.TButton", command=self._step_aside
        )
        self._aside.grid(row=12, column=0, pady=(px(self, SMALL), 0))

    @property
    def is_registering(self) -> bool:
        return self._mode.get() == "register"

    def submit(self) -> None:
        """Send what was typed, unless an answer is awaited."""
        if self._busy:
            return
        username, password = self.fields[At.USERNAME].text, self.fields[At.PASSWORD].text
        match self._mode.get():
            case "register":
                name = self.fields[At.DISPLAY_NAME].text
                code = self.fields[At.INVITE].text if At.INVITE in self._asked else ""
                self._actions.register(username, name, password, code, self._keep.get())
            case "reset":
                self._actions.redeem(
                    username, self.fields[At.CODE].text, password, self._keep.get()
                )
            case _:
                self._actions.sign_in(username, password, self._keep.get())

    def refresh(
        self,
        busy: bool,
        registration: Registration | None,
        is_invited: bool,
        limits: Limits,
        can_stay: bool,
    ) -> None:
        """Show this state. `registration`: the room's mode, None while it is not
        known; `is_invited`: a join code brought an invite; `can_stay`: this
        computer can keep somebody signed in."""
        self._busy = busy
        is_closed = registration in (None, Registration.CLOSED) and not is_invited
        if is_closed and self.is_registering:
            self._mode.set("sign_in")
        if is_invited and not self._was_invited:
            self._mode.set("register")  # who was invited has most likely no account
        self._was_invited = is_invited
        mode = self._mode.get()
        needs_invite = registration is Registration.INVITE and not is_invited
        self._asked = _asked(mode, needs_invite)
        show(self._tabs, not is_closed and mode in TABS)
        for place, field in self.fields.items():
            show(field, place in self._asked)
        self._say(registration, is_invited, limits)
        self._button.state(["disabled" if busy else "!disabled"])
        self._keep_button.state(["!disabled" if can_stay else "disabled"])
        if not can_stay:
            self._keep.set(False)
        self._cant_keep.say(self._i18n.t("sign_in.cant_keep"))
        show(self._cant_keep, not can_stay)

    def _say(self, registration: Registration | None, is_invited: bool, limits: Limits) -> None:
        t = self._i18n.t
        mode = self._mode.get()
        for name, tab in self._tab.items():
            tab.configure(text=t(f"sign_in.tab_{name}"))
        intro = ""
        if mode == "reset":
            intro = t("sign_in.reset_text")
        elif mode == "register" and is_invited:
            intro = t("sign_in.invited")
        elif mode == "register" and registration is Registration.APPROVAL:
            intro = t("sign_in.needs_approval")
        self._intro.say(intro)
        show(self._intro, bool(intro))
        fields = self.fields
        fields[At.INVITE].say(t("sign_in.invite"), t("sign_in.invite_hint"))
        fields[At.USERNAME].say(t("sign_in.username"), "")
        fields[At.DISPLAY_NAME].say(t("sign_in.display_name"), t("sign_in.display_name_hint"))
        fields[At.CODE].say(t("sign_in.code"), t("sign_in.code_hint"))
        is_new = mode != "sign_in"
        fields[At.PASSWORD].say(
            t("sign_in.new_password" if mode == "reset" else "sign_in.password"),
            t("sign_in.password_hint", min=limits.password_min_chars) if is_new else "",
        )
        fields[At.PASSWORD].say_eye(t("sign_in.show_password"), t("sign_in.hide_password"))
        self._keep_button.configure(text=t("sign_in.keep"))
        doing = "busy" if self._busy else "submit"
        self._button.configure(text=t(f"sign_in.{doing}_{mode}"))
        self._aside.configure(
            text=t("sign_in.back_to_sign_in" if mode == "reset" else "sign_in.have_code")
        )
        show(self._aside, mode != "register")

    def turn_to_sign_in(self) -> None:
        """Show that face; `refresh` says it."""
        self._mode.set("sign_in")

    def say_error(self, at: At | None, words: str) -> None:
        """Say what was refused beside its field; beside the button where it
        concerns none of them, or none that is shown."""
        for place, field in self.fields.items():
            field.say_error(words if place is at and place in self._asked else "")
        is_elsewhere = at is not None and at not in self._asked
        for label, is_its in (
            (self._error, is_elsewhere and at is not At.NOTICE),
            (self._notice, at is At.NOTICE),
        ):
            label.say(words if is_its else "")
            show(label, is_its)

    def focus_first(self) -> None:
        """Put the keyboard into the first field that is empty."""
        for place, field in self.fields.items():
            if place in self._asked and not field.text:
                field.focus_text()
                return
        self.fields[At.PASSWORD].focus_text()

    def has_served(self) -> None:
        """Empty it, since someone is signed in: no secret shall lie in the window's
        memory, and whoever comes back has an account."""
        self.turn_to_sign_in()
        self.fields[At.PASSWORD].forget()
        for place in (At.INVITE, At.CODE):
            self.fields[place].forget()

    def _step_aside(self) -> None:
        self._mode.set("sign_in" if self._mode.get() == "reset" else "reset")
        self._switched()

    def _switched(self) -> None:
        self._dismiss_error()
        self.focus_first()


def _asked(mode: str, needs_invite: bool) -> frozenset[At]:
    """Return what this face of the form asks for."""
    asked = {At.USERNAME, At.PASSWORD}
    if mode == "register":
        asked.add(At.DISPLAY_NAME)
        if needs_invite:
            asked.add(At.INVITE)
    elif mode == "reset":
        asked.add(At.CODE)
    return frozenset(asked)
