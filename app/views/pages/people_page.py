"""People: who may be in the room, and as what."""

import tkinter as tk
from collections.abc import Callable
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
from app.views.pages.list_page import ListActions, ListPage
from app.views.wording.pages import last_seen
from protocol.messages import AccountState, Member, Role

COLUMNS = (
    Column("name", 120, 4),
    Column("username", 110, 3, from_width=640),
    Column("role", 110, 1, from_width=520),
    Column("state", 96, 1),
    Column("last_seen", 130, 2, from_width=400),
)


class PeopleActions(Protocol):
    """What can be done with accounts."""

    @property
    def list(self) -> ListActions: ...

    def set_role(self, member: Member, role: Role) -> None:
        """Make this person an administrator, or a member again."""

    def set_state(self, member: Member, state: AccountState) -> None:
        """Accept a person, disable an account, or enable it again."""

    def remove(self, member: Member) -> None:
        """Remove the account; a person who waits is turned away."""

    def reset_password(self, member: Member) -> None:
        """Issue a code by which this person takes a new password."""


class PeoplePage(ListPage[Member]):
    """Follows its models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        back: Callable[[], None],
        model: PageModel[Member],
        actions: PeopleActions,
    ) -> None:
        super().__init__(parent, "people", context, back, model, actions.list, COLUMNS)
        self._people = actions
        self.add_search()
        hairline(self.body).grid(row=1, column=0, sticky="ew")
        self._detail = ttk.Frame(self.body, padding=(px(self, LARGE), px(self, MEDIUM)))
        self._detail.grid(row=2, column=0, sticky="ew")
        self._detail.columnconfigure(0, weight=1)
        self._who = ElidedLabel(
            self._detail, fonts.STRONG, style="Strong.TLabel", name="person_name"
        )
        self._who.grid(row=0, column=0, sticky="ew")
        self._what = WrappingLabel(self._detail, style="Muted.TLabel", name="person_detail")
        self._what.grid(row=1, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        self._flow = Flow(self._detail)
        self._flow.grid(row=2, column=0, sticky="ew")
        self._buttons = {
            "accept": self._button("accept", "Main.primary.TButton", self._activate),
            "decline": self._button("decline", "Danger.TButton", self._ask_to_remove),
            "promote": self._button("promote", "Action.TButton", self._ask_to_promote),
            "demote": self._button("demote", "Action.TButton", self._ask_to_demote),
            "enable": self._button("enable", "Action.TButton", self._activate),
            "disable": self._button("disable", "Action.TButton", self._ask_to_disable),
            "reset": self._button("reset", "Action.TButton", self._ask_to_reset),
            "remove": self._button("remove", "Danger.TButton", self._ask_to_remove),
        }
        self.table.tree.bind("<Return>", lambda _event: self._focus_buttons())
        self.table.tree.bind("<Delete>", lambda _event: self._delete())
        self.refresh()

    def row(self, item: Member) -> Row:
        t = self.context.t
        cells = (
            item.display_name,
            item.username,
            t(f"role.{item.role}"),
            t(f"account_state.{item.state}"),
            last_seen(self.context.i18n, item, self.context.clock.now()),
        )
        return Row(str(item.id), cells, is_quiet=item.state is AccountState.DISABLED)

    def headings(self) -> tuple[str, ...]:
        t = self.context.t
        keys = ("name", "username", "role", "state", "last_seen")
        return tuple(t(f"people.{key}") for key in keys)

    def code_words(self, issued: IssuedCode) -> tuple[str, str]:
        t = self.context.t
        where = t("sign_in.have_code")
        text = t("people.code_text", name=issued.name, where=where)
        return t("people.code_title", name=issued.name), text

    def say_selected(self, item: Member | None) -> None:
        show(self._detail, item is not None)
        if item is None:
            return
        t = self.context.t
        self._who.say(t("room.signed_in_as", name=item.display_name, username=item.username))
        self._what.say(
            " · ".join(
                (
                    t(f"role.{item.role}"),
                    t(f"account_state.{item.state}"),
                    t("people.since", when=self.context.moment(item.created_at_ms)),
                )
            )
        )
        offered = self._offered(item)
        for deed in offered:
            self._buttons[deed].configure(text=t(f"people.{deed}"))
            self._buttons[deed].state(["!disabled" if self.may_act else "disabled"])
        self._flow.line_up([self._buttons[deed] for deed in offered])

    def _offered(self, item: Member) -> list[str]:
        """Return what can be done with this account, a courtesy (P6): one does not shut
        oneself out, and one's own password is changed elsewhere."""
        if item.state is AccountState.PENDING:
            return ["accept", "decline"]
        role = "demote" if item.role is Role.ADMIN else "promote"
        me = self.context.account.person
        if me is not None and me.id == item.id:
            return [role]
        state = "enable" if item.state is AccountState.DISABLED else "disable"
        return [role, state, "reset", "remove"]

    # --- what is done --------------------------------------------------------------

    def _button(self, deed: str, style: str, act: Callable[[], None]) -> ttk.Button:
        return ttk.Button(self._flow, name=deed, style=style, command=act)

    def _focus_buttons(self) -> None:
        item = self.selected
        if item is not None:
            self._buttons[self._offered(item)[0]].focus_set()

    def _delete(self) -> None:
        item = self.selected
        if item is not None and {"remove", "decline"} & set(self._offered(item)) and self.may_act:
            self._ask_to_remove()

    def _activate(self) -> None:
        item = self.selected
        if item is not None:
            self._people.set_state(item, AccountState.ACTIVE)

    def _ask_to_promote(self) -> None:
        self._ask("promote", lambda item: self._people.set_role(item, Role.ADMIN))

    def _ask_to_demote(self) -> None:
        self._ask("demote", lambda item: self._people.set_role(item, Role.MEMBER))

    def _ask_to_disable(self) -> None:
        self._ask("disable", lambda item: self._people.set_state(item, AccountState.DISABLED))

    def _ask_to_reset(self) -> None:
        self._ask("reset", self._people.reset_password)

    def _ask_to_remove(self) -> None:
        item = self.selected
        is_pending = item is not None and item.state is AccountState.PENDING
        self._ask("decline" if is_pending else "remove", self._people.remove)

    def _ask(self, deed: str, act: Callable[[Member], None]) -> None:
        item = self.selected
        if item is None:
            return
        t = self.context.t
        me = self.context.account.person
        is_me = me is not None and me.id == item.id
        name = t("room.signed_in_as", name=item.display_name, username=item.username)
        self.open(
            lambda: Ask(
                self,
                self.context.i18n,
                t(f"ask.{deed}", name=name),
                t("ask.demote_self_text" if is_me else f"ask.{deed}_text"),
                t(f"people.{deed}"),
                lambda: act(item),
                is_harmful=deed != "promote",
            )
        )
