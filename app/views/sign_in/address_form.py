"""The question at the first start: where is your room?"""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.i18n import Translator
from app.views.kit.field import Field
from app.views.kit.theme import SMALL, px
from app.views.kit.widgets import show


class ServerActions(Protocol):
    """What can be done about the connection while nobody is signed in."""

    def connect(self, typed: str) -> None:
        """Use the server at this address: host, host:port or a join code."""

    def reconnect_now(self) -> None:
        """Try to connect at once."""


class AddressForm(ttk.Frame):
    """One field and a button; `back` leads to the form of a known server."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        connect: Callable[[str], None],
        back: Callable[[], None],
    ) -> None:
        super().__init__(parent)
        self._i18n = i18n
        self._connect = connect
        self._busy = False
        self.columnconfigure(0, weight=1)
        self.field = Field(self, "address")
        self.field.grid(row=0, column=0, sticky="ew")
        self.field.on_enter(self.submit)
        self._button = ttk.Button(
            self, name="connect", style="Main.primary.TButton", command=self.submit
        )
        self._button.grid(row=1, column=0, sticky="ew")
        self._back = ttk.Button(self, name="back", style="Quiet.TButton", command=back)
        self._back.grid(row=2, column=0, pady=(px(self, SMALL), 0))

    def submit(self) -> None:
        """Use the address that was typed."""
        if not self._busy:
            self._connect(self.field.text)

    def refresh(self, busy: bool, error: str, may_go_back: bool) -> None:
        """Show this state."""
        t = self._i18n.t
        self._busy = busy
        self.field.say(t("sign_in.address"), t("sign_in.address_hint"))
        self.field.say_error(error)
        self._button.configure(text=t("sign_in.connecting" if busy else "sign_in.connect"))
        self._button.state(["disabled" if busy else "!disabled"])
        self._back.configure(text=t("sign_in.back"))
        show(self._back, may_go_back)
