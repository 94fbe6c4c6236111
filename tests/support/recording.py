"""What stands in a window's tests for the client's controllers: each action that
a view asks for is written down."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from app.views.compose.templates import TemplateActions
from app.views.pages.account_page import AccountActions
from app.views.pages.audit_page import AuditActions
from app.views.pages.invites_page import InviteActions
from app.views.pages.list_page import ListActions
from app.views.pages.password_dialog import QuestionActions
from app.views.pages.people_page import PeopleActions
from app.views.pages.roster_page import RosterActions
from app.views.pages.schedule_page import ScheduleActions
from app.views.pages.settings_page import AutostartActions
from app.views.room.message_menu import MessageActions
from app.views.room.urgent_window import UrgentActions
from app.views.room.view import AttachmentActions, LinkActions
from app.views.search.view import SearchActions
from app.views.timeline.receipts import ReceiptActions
from app.views.timeline.view import HistoryActions
from app.window import AttendActions, OwnSessionActions

Calls = list[tuple[Any, ...]]


def recorded(calls: Calls, actions: type, names: Mapping[str, str] = {}, **others: Any) -> Any:
    """Return what offers these actions, a Protocol's methods, and nothing else. Each
    call is added to `calls`, as its name (or that in `names`) and arguments, and
    returns None. `others` are attributes that it has in place of the Protocol's or
    besides."""
    methods = {
        name
        for part in actions.__mro__
        if part.__module__.startswith("app.")
        for name, member in vars(part).items()
        if callable(member) and not name.startswith("_")
    }

    def record(name: str) -> Any:
        return lambda *arguments: calls.append((names.get(name, name), *arguments))

    return SimpleNamespace(**{name: record(name) for name in methods} | others)


class RecordedActions:
    """All that can be done in the window: `app.window.WindowActions`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self.session: OwnSessionActions = recorded(calls, OwnSessionActions)
        self.room: HistoryActions = recorded(calls, HistoryActions)
        self.receipts: ReceiptActions = recorded(calls, ReceiptActions)
        self.search: SearchActions = recorded(calls, SearchActions, {"leave": "leave_search"})
        self.templates: TemplateActions = recorded(
            calls, TemplateActions, {"save": "save_template", "remove": "remove_template"}
        )
        self.notifications: AttendActions = recorded(calls, AttendActions)
        names = {"look": "look_autostart", "set": "set_autostart"}
        self.autostart: AutostartActions = recorded(calls, AutostartActions, names)
        self.urgent: UrgentActions = recorded(calls, UrgentActions)
        self.attachments: AttachmentActions = recorded(
            calls, AttachmentActions, {"save": "save_file", "fetch": "fetch_file"}
        )
        self.links: LinkActions = recorded(calls, LinkActions, {"open": "open_link"})
        self.message_actions: MessageActions = recorded(
            calls, MessageActions, {"edit": "edit_message"}
        )
        self.administration: Any = SimpleNamespace(
            people=recorded(calls, PeopleActions, list=self._list("people")),
            invites=recorded(calls, InviteActions, list=self._list("invites")),
            audit=recorded(calls, AuditActions, list=self._list("audit")),
        )
        self.own_account: AccountActions = recorded(
            calls, AccountActions, list=self._list("sessions")
        )
        names = {"open": "open_roster", "save": "save_roster"}
        names |= {name: f"roster.{name}" for name in ("close", "reload")}
        self.roster: RosterActions = recorded(calls, RosterActions, names)
        self.schedule: ScheduleActions = recorded(
            calls,
            ScheduleActions,
            {name: f"schedule.{name}" for name in ("change", "send_now", "cancel")},
            list=self._list("schedule"),
        )
        self.reauthentication: QuestionActions = recorded(calls, QuestionActions)

    def connect(self, typed: str) -> None:
        self._calls.append(("connect", typed))

    def reconnect_now(self) -> None:
        self._calls.append(("reconnect_now",))

    def trust(self) -> None:
        self._calls.append(("trust",))

    def _list(self, page: str) -> ListActions:
        names = ("open", "close", "reload", "more", "search")
        actions: ListActions = recorded(
            self._calls, ListActions, {name: f"{page}.{name}" for name in names}
        )
        return actions
