"""The question that a server's certificate raises: is this the right server?"""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.connection.account import Field as At
from app.models.connection.status import Phase
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.scrolling import ScrollingFrame
from app.views.kit.theme import LARGE, MEDIUM, SMALL, TIGHT, px
from app.views.kit.widgets import WrappingLabel, follow, show
from app.views.sign_in.address_form import AddressForm, ServerActions

WIDTH = 520
GROUP_CHARS = 4
GROUPS_A_LINE = 8


class CertificateActions(ServerActions, Protocol):
    """The same, and to settle what is wrong with the certificate."""

    def trust(self) -> None:
        """Take the certificate that the server showed for the right one."""


class CertificateView(ttk.Frame):
    """Follows the status by itself. What nobody has judged yet can be trusted
    here; what differs from what is known can't: that takes a new join code."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        actions: CertificateActions,
        show_room: Callable[[], None],
    ) -> None:
        super().__init__(parent, name="certificate")
        self._context = context
        scrolling = ScrollingFrame(self, WIDTH)
        scrolling.grid(row=0, column=0, sticky="nsew")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        column = scrolling.inside
        column.columnconfigure(0, weight=1)
        self._heading = WrappingLabel(column, style="Heading.TLabel", name="certificate_heading")
        self._heading.grid(row=0, column=0, sticky="ew")
        self._text = WrappingLabel(column, style="Description.TLabel", name="certificate_text")
        self._text.grid(row=1, column=0, sticky="ew", pady=(px(self, SMALL), px(self, LARGE)))
        self._known = _Fingerprint(column, "known_fingerprint")
        self._known.grid(row=2, column=0, sticky="ew")
        self._shown = _Fingerprint(column, "shown_fingerprint")
        self._shown.grid(row=3, column=0, sticky="ew")
        self._trust = ttk.Button(
            column, name="trust", style="Main.primary.TButton", command=actions.trust
        )
        self._trust.grid(row=4, column=0, sticky="w", pady=(0, px(self, LARGE)))
        self._address = AddressForm(column, context.i18n, actions.connect, show_room)
        self._address.grid(row=5, column=0, sticky="ew")
        self._again = ttk.Button(
            column, name="again", style="Quiet.TButton", command=actions.reconnect_now
        )
        self._again.grid(row=6, column=0, pady=(px(self, SMALL), 0))
        follow(self, self.refresh, context.status, context.account, context.i18n)
        self.refresh()

    def focus_first(self) -> None:
        """Put the keyboard nowhere: what to do here takes a decision, and the
        Enter key is none."""
        self.focus_set()

    def refresh(self) -> None:
        """Show the models' present state."""
        now = self._context.status.now
        if now.phase is not Phase.UNTRUSTED:
            return
        t = self._context.t
        case = "changed" if now.known_fingerprint else "unknown"
        self._heading.say(t(f"certificate.{case}"))
        self._text.say(t(f"certificate.{case}_text", address=now.address))
        self._known.say(t("certificate.known"), now.known_fingerprint)
        self._shown.say(t("certificate.shown"), now.shown_fingerprint)
        show(self._known, bool(now.known_fingerprint))
        self._trust.configure(text=t("certificate.trust"))
        show(self._trust, not now.known_fingerprint)
        error = self._context.account.error
        at_server = error is not None and error.field is At.SERVER and error.code != "untrusted"
        words = self._context.form_error(error) if error is not None and at_server else ""
        self._address.refresh(
            busy=False, error=words, may_go_back=self._context.account.person is not None
        )
        self._again.configure(text=t("state.again"))


class _Fingerprint(ttk.Frame):
    """Its name, and the digits in groups that can be compared by eye."""

    def __init__(self, parent: tk.Misc, name: str) -> None:
        super().__init__(parent, padding=(0, 0, 0, px(parent, MEDIUM)))
        self._name = ttk.Label(self, style="FieldName.TLabel")
        self._name.grid(row=0, column=0, sticky="w", pady=(0, px(self, TIGHT)))
        self._digits = ttk.Label(self, name=name, font=fonts.DIGITS)
        self._digits.grid(row=1, column=0, sticky="w")

    def say(self, name: str, fingerprint: str) -> None:
        self._name.configure(text=name)
        digits = fingerprint.upper()
        groups = [digits[at : at + GROUP_CHARS] for at in range(0, len(digits), GROUP_CHARS)]
        lines = [
            " ".join(groups[at : at + GROUPS_A_LINE]) for at in range(0, len(groups), GROUPS_A_LINE)
        ]
        self._digits.configure(text="\n".join(lines))
