"""People: who may be in the room, and as what."""

import tkinter as tk
from collections.abc import Callable
from datetime import datetime

import ttkbootstrap as ttk

from app.models.pages.pages import IssuedCode, PageModel
from app.views.actions import PeopleActions
from app.views.kit import fonts
from app.views.kit.dialogs import Ask
from app.views.kit.flow import Flow
from app.views.kit.table import Column, Row
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import ElidedLabel, WrappingLabel, hairline, show
from app.views.pages.list_page import ListPage
from app.views.pages.page import Shared
from app.views.wording.pages import last_seen, moment
from protocol.messages import AccountState, Member, Role

COLUMNS = (
    Column("name", 120, 4),
    Column("username", 110, 3, from_width=640),
    Column("role", 110, 1, from_width=520),
    Column("state", 96, 1),
    Column("last_seen", 130, 2, from_width=400),
)


class PeoplePage(ListPage[Member]):
    """Follows its models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        shared: Shared,
        model: PageModel[Member],
        actions: PeopleActions,
    ) -> None:
        super().__init__(parent, "people", shared, model, actions.list, COLUMNS)
        self._actions = actions
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
        t = self.shared.i18n.t
        cells = (
            item.display_name,
            item.username,
            t(f"role.{item.role}"),
            t(f"account_state.{item.state}"),
            last_seen(self.shared.i18n, item, datetime.now()),
        )
        return Row(str(item.id), cells, is_quiet=item.state is AccountState.DISABLED)

    def headings(self) -> tuple[str, ...]:
        t = self.shared.i18n.t
        keys = ("name", "username", "role", "state", "last_seen")
        return tuple(t(f"people.{key}") for key in keys)

    def code_words(self, issued: IssuedCode) -> tuple[str, str]:
        t = self.shared.i18n.t
        where = t("sign_in.have_code")
        text = t("people.code_text", name=issued.name, where=where)
        return t("people.code_title", name=issued.name), text

    def say_selected(self, item: Member | None) -> None:
        show(self._detail, item is not None)
        if item is None:
            return
        i18n = self.shared.i18n
        self._who.say(i18n.t("room.signed_in_as", name=item.display_name, username=item.username))
        now = datetime.now()
        self._what.say(
            " · ".join(
                (
                    i18n.t(f"role.{item.role}"),
                    i18n.t(f"account_state.{item.state}"),
                    i18n.t("people.since", when=moment(i18n, item.created_at_ms, now)),
                )
            )
        )
        offered = self._offered(item)
        for deed in offered:
            self._buttons[deed].configure(text=i18n.t(f"people.{deed}"))
            self._buttons[deed].state(["!disabled" if self.may_act else "disabled"])
        self._flow.line_up([self._buttons[deed] for deed in offered])

    def _offered(self, item: Member) -> list[str]:
        """Return what can be done with this account, a courtesy (P6): one does not shut
        oneself out, and one's own password is changed elsewhere."""
        if item.state is AccountState.PENDING:
            return ["accept", "decline"]
        role = "demote" if item.role is Role.ADMIN else "promote"
        me = self.shared.account.person
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
            self._actions.set_state(item, AccountState.ACTIVE)

    def _ask_to_promote(self) -> None:
        self._ask("promote", lambda item: self._actions.set_role(item, Role.ADMIN))

    def _ask_to_demote(self) -> None:
        self._ask("demote", lambda item: self._actions.set_role(item, Role.MEMBER))

    def _ask_to_disable(self) -> None:
        self._ask("disable", lambda item: self._actions.set_state(item, AccountState.DISABLED))

    def _ask_to_reset(self) -> None:
        self._ask("reset", self._actions.reset_password)

    def _ask_to_remove(self) -> None:
        item = self.selected
        is_pending = item is not None and item.state is AccountState.PENDING
        self._ask("decline" if is_pending else "remove", self._actions.remove)

    def _ask(self, deed: str, act: Callable[[Member], None]) -> None:
        item = self.selected
        if item is None:
            return
        t = self.shared.i18n.t
        me = self.shared.account.person
        is_me = me is not None and me.id == item.id
        name = t("room.signed_in_as", name=item.display_name, username=item.username)
        self.open(
            lambda: Ask(
                self,
                self.shared.i18n,
                t(f"ask.{deed}", name=name),
                t("ask.demote_self_text" if is_me else f"ask.{deed}_text"),
                t(f"people.{deed}"),
                lambda: act(item),
                is_harmful=deed != "promote",
            )
        )
