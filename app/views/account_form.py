"""Signing in, or creating an account: two faces of one form, which share what
was typed."""

import tkinter as tk
from collections.abc import Callable
from typing import Literal

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.account import Field as At
from app.views.actions import SignInActions
from app.views.field import Field
from app.views.theme import LARGE, MEDIUM, SMALL, px
from app.views.widgets import WrappingLabel, show
from protocol.messages import Limits

Mode = Literal["sign_in", "register"]


class AccountForm(ttk.Frame):
    """The two tabs, the fields, and the button that sends them."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        actions: SignInActions,
        username: str,
        keep: bool,
        dismiss_error: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._i18n = i18n
        self._actions = actions
        self._dismiss_error = dismiss_error
        self._busy = False
        self.columnconfigure(0, weight=1)

        self._mode = tk.StringVar(self, "sign_in")
        self._tabs = ttk.Frame(self)
        self._tabs.grid(row=0, column=0, sticky="ew", pady=(0, px(self, LARGE - 4)))
        self._tab: dict[Mode, ttk.Radiobutton] = {}
        modes: tuple[Mode, Mode] = ("sign_in", "register")
        for column, mode in enumerate(modes):
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

        self.fields = {
            At.USERNAME: Field(self, "username"),
            At.DISPLAY_NAME: Field(self, "display_name"),
            At.PASSWORD: Field(self, "password", secret=True),
        }
        for row, field in enumerate(self.fields.values(), start=1):
            field.grid(row=row, column=0, sticky="ew")
            field.on_enter(self.submit)
        self.fields[At.USERNAME].variable.set(username)

        self._keep = tk.BooleanVar(self, keep)
        self._keep_button = ttk.Checkbutton(
            self, name="keep", bootstyle="round-toggle", variable=self._keep
        )
        self._keep_button.grid(row=4, column=0, sticky="w", pady=(0, px(self, MEDIUM)))
        self._error = WrappingLabel(self, style="Error.TLabel", name="form_error")
        self._error.grid(row=5, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        self._button = ttk.Button(
            self, name="submit", style="Main.primary.TButton", command=self.submit
        )
        self._button.grid(row=6, column=0, sticky="ew")

    @property
    def is_registering(self) -> bool:
        return self._mode.get() == "register"

    def submit(self) -> None:
        """Send what was typed, unless an answer is awaited."""
        if self._busy:
            return
        username = self.fields[At.USERNAME].text
        password = self.fields[At.PASSWORD].text
        if self.is_registering:
            name = self.fields[At.DISPLAY_NAME].text
            self._actions.register(username, name, password, self._keep.get())
        else:
            self._actions.sign_in(username, password, self._keep.get())

    def refresh(self, busy: bool, may_register: bool, limits: Limits) -> None:
        """Show this state."""
        t = self._i18n.t
        self._busy = busy
        if not may_register:
            self._mode.set("sign_in")
        show(self._tabs, may_register)
        for mode, tab in self._tab.items():
            tab.configure(text=t(f"sign_in.tab_{mode}"))
        registering = self.is_registering
        show(self.fields[At.DISPLAY_NAME], registering)
        self.fields[At.USERNAME].say(t("sign_in.username"), "")
        self.fields[At.DISPLAY_NAME].say(t("sign_in.display_name"), t("sign_in.display_name_hint"))
        password = self.fields[At.PASSWORD]
        password.say(
            t("sign_in.password"),
            t("sign_in.password_hint", min=limits.password_min_chars) if registering else "",
        )
        password.say_eye(t("sign_in.show_password"), t("sign_in.hide_password"))
        self._keep_button.configure(text=t("sign_in.keep"))
        doing = "busy" if busy else "submit"
        self._button.configure(text=t(f"sign_in.{doing}_{self._mode.get()}"))
        self._button.state(["disabled" if busy else "!disabled"])

    def say_error(self, at: At | None, words: str) -> None:
        """Say what was refused beside its field; beside the button where it
        concerns none of them."""
        if at is At.DISPLAY_NAME and not self.is_registering:
            at = At.FORM
        for place, field in self.fields.items():
            field.say_error(words if place is at else "")
        elsewhere = words if at is not None and at not in self.fields else ""
        self._error.say(elsewhere)
        show(self._error, bool(elsewhere))

    def focus_first(self) -> None:
        """Put the keyboard into the first field that is empty."""
        for place, field in self.fields.items():
            if place is At.DISPLAY_NAME and not self.is_registering:
                continue
            if not field.text:
                field.focus_text()
                return
        self.fields[At.PASSWORD].focus_text()

    def forget_password(self) -> None:
        """It has served: it shall not lie in the window's memory."""
        self.fields[At.PASSWORD].forget()

    def _switched(self) -> None:
        self._dismiss_error()
        self.focus_first()
