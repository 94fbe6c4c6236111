"""Invites: join codes that let people in, made here and ended here."""

import tkinter as tk
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import ttkbootstrap as ttk

from app.models.pages.page_model import IssuedCode, PageModel
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.dialogs import Ask
from app.views.kit.flow import Flow
from app.views.kit.table import Column, Row
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import ElidedLabel, WrappingLabel, hairline, show
from app.views.pages.invite_form import InviteForm
from app.views.pages.list_page import ListActions, ListPage
from protocol.messages import Invite, Role

COLUMNS = (
    Column("note", 110, 4),
    Column("role", 110, 1, from_width=560),
    Column("used", 84, 1),
    Column("expires", 130, 2, from_width=480),
    Column("state", 100, 1),
)


class InviteActions(Protocol):
    """What can be done with invites."""

    @property
    def list(self) -> ListActions: ...

    def create(self, role: Role, uses: int, days: int, note: str) -> None:
        """Make one for so many people that ends after so many days."""

    def revoke(self, invite: Invite) -> None:
        """End it before its time."""


class InvitesPage(ListPage[Invite]):
    """Follows its models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        back: Callable[[], None],
        model: PageModel[Invite],
        actions: InviteActions,
    ) -> None:
        super().__init__(parent, "invites", context, back, model, actions.list, COLUMNS)
        self._invites = actions
        self._new = ttk.Button(
            self.tools, name="new_invite", style="Main.primary.TButton", command=self.open_form
        )
        self._new.grid(row=0, column=0, sticky="w")
        hairline(self.body).grid(row=1, column=0, sticky="ew")
        self._detail = ttk.Frame(self.body, padding=(px(self, LARGE), px(self, MEDIUM)))
        self._detail.grid(row=2, column=0, sticky="ew")
        self._detail.columnconfigure(0, weight=1)
        self._what = ElidedLabel(
            self._detail, fonts.STRONG, style="Strong.TLabel", name="invite_name"
        )
        self._what.grid(row=0, column=0, sticky="ew")
        self._more = WrappingLabel(self._detail, style="Muted.TLabel", name="invite_detail")
        self._more.grid(row=1, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        self._flow = Flow(self._detail)
        self._flow.grid(row=2, column=0, sticky="ew")
        self._revoke = ttk.Button(
            self._flow, name="revoke", style="Danger.TButton", command=self._ask_to_revoke
        )
        self.table.tree.bind("<Return>", lambda _event: self._revoke.focus_set())
        self.table.tree.bind("<Delete>", lambda _event: self._revoke.invoke())
        self.refresh()

    def open_form(self) -> None:
        """Ask what kind of invite it shall be."""
        if self.may_act:
            self.open(lambda: InviteForm(self, self.context.i18n, self._invites.create))

    def row(self, item: Invite) -> Row:
        t = self.context.t
        state = invite_state(item, self.context.clock.now())
        cells = (
            item.note or t("invites.no_note", id=item.id),
            t(f"role.{item.role}"),
            t("invites.used_of", used=item.used, uses=item.uses),
            self.context.moment(item.expires_at_ms),
            t(f"invite_state.{state}"),
        )
        return Row(str(item.id), cells, is_quiet=state != "open")

    def headings(self) -> tuple[str, ...]:
        t = self.context.t
        return tuple(t(f"invites.{column.key}") for column in COLUMNS)

    def code_words(self, issued: IssuedCode) -> tuple[str, str]:
        t = self.context.t
        text = t("invites.code_text") if issued.code else t("invites.no_code_text")
        return t("invites.code_title"), text

    def say(self) -> None:
        """Show the list's present state."""
        super().say()
        self._new.configure(text=self.context.t("invites.new"))
        self._new.state(["!disabled" if self.may_act else "disabled"])

    def say_selected(self, item: Invite | None) -> None:
        show(self._detail, item is not None)
        if item is None:
            return
        t = self.context.t
        state = invite_state(item, self.context.clock.now())
        self._what.say(item.note or t("invites.no_note", id=item.id))
        self._more.say(
            " · ".join(
                (
                    t(f"role.{item.role}"),
                    t(f"invite_state.{state}"),
                    t(
                        "invites.made",
                        name=item.created_by,
                        when=self.context.moment(item.created_at_ms),
                    ),
                )
            )
        )
        self._revoke.configure(text=t("invites.revoke"))
        may = self.may_act and state == "open"
        self._revoke.state(["!disabled" if may else "disabled"])
        self._flow.line_up([self._revoke] if state == "open" else [])

    def _ask_to_revoke(self) -> None:
        item = self.selected
        if item is None:
            return
        t = self.context.t
        name = item.note or t("invites.no_note", id=item.id)
        self.open(
            lambda: Ask(
                self,
                self.context.i18n,
                t("ask.revoke", name=name),
                t("ask.revoke_text"),
                t("invites.revoke"),
                lambda: self._invites.revoke(item),
            )
        )


def invite_state(invite: Invite, now: datetime) -> str:
    """Tell whether it still lets anybody in, and if not, why."""
    if invite.revoked:
        return "revoked"
    if invite.used >= invite.uses:
        return "used_up"
    return "expired" if invite.expires_at_ms <= now.timestamp() * 1000 else "open"
