"""The pages, each made when it is first looked at, and the question for the
password in front of them."""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

from app.models.pages.pages import PageModels
from app.views.context import ViewContext
from app.views.kit.widgets import follow
from app.views.pages.account_page import AccountActions, AccountPage
from app.views.pages.audit_page import AuditActions, AuditPage
from app.views.pages.invites_page import InviteActions, InvitesPage
from app.views.pages.list_page import ListPage
from app.views.pages.page import Page
from app.views.pages.password_dialog import PasswordDialog, QuestionActions
from app.views.pages.people_page import PeopleActions, PeoplePage
from app.views.pages.roster_page import RosterActions, RosterPage
from app.views.pages.schedule_page import ScheduleActions, SchedulePage
from app.views.pages.settings_page import AutostartActions, SettingsActions, SettingsPage
from app.views.shell.menu import pages_of
from protocol.messages import RoomMessage


class AdministrationActions(Protocol):
    """What administrators can do, by what it is done to."""

    @property
    def people(self) -> PeopleActions: ...

    @property
    def invites(self) -> InviteActions: ...

    @property
    def audit(self) -> AuditActions: ...


class PageActions(Protocol):
    """What can be done on the pages, by what it is done to."""

    @property
    def administration(self) -> AdministrationActions: ...

    @property
    def own_account(self) -> AccountActions: ...

    @property
    def roster(self) -> RosterActions: ...

    @property
    def schedule(self) -> ScheduleActions: ...

    @property
    def notifications(self) -> SettingsActions: ...

    @property
    def autostart(self) -> AutostartActions: ...

    @property
    def reauthentication(self) -> QuestionActions: ...


class Pages:
    """Knows which page is to be shown; the window shows it. `back` shows the room
    again."""

    def __init__(
        self,
        window: tk.Misc,
        context: ViewContext,
        back: Callable[[], None],
        models: PageModels,
        actions: PageActions,
    ) -> None:
        self._window = window
        self._context = context
        self._back = back
        self._models = models
        self._actions = actions
        self._made: dict[str, Page] = {}
        self._name = ""
        self._question: PasswordDialog | None = None
        follow(window, self._refresh_question, models.question)

    @property
    def shown(self) -> Page | None:
        """The page that is looked at; None: the room is."""
        return self._made.get(self._name)

    def enter(self, name: str) -> None:
        """Look at this one, unless it is not for this person."""
        if name == self._name or name not in pages_of(self._context.account):
            return
        self.leave()
        self._name = name
        if name not in self._made:
            self._made[name] = self._makers()[name]()
        self._made[name].enter()

    def enter_roster(self, message: RoomMessage) -> None:
        """Look at who has confirmed this message."""
        self._actions.roster.open(message)
        self.enter("roster")

    def leave(self) -> None:
        """Look at the room again."""
        page = self.shown
        self._name = ""
        if page is not None:
            page.leave()

    def leave_what_is_closed(self) -> None:
        """Leave a page that is closed to this person, who may be signed out, or no
        administrator now."""
        if self._name and self._name not in pages_of(self._context.account):
            self.leave()

    def reload(self) -> None:
        """Fetch anew what is looked at."""
        if self.shown is not None:
            self.shown.reload()

    def focus_search(self) -> None:
        """Put the keyboard into the search field, where there is one."""
        if isinstance(self.shown, ListPage | RosterPage):
            self.shown.focus_search()

    def _makers(self) -> dict[str, Callable[[], Page]]:
        common = (self._window, self._context, self._back)
        models, actions = self._models, self._actions
        people, invites = actions.administration.people, actions.administration.invites
        audit = actions.administration.audit
        return {
            "account": lambda: AccountPage(*common, models, actions.own_account),
            "people": lambda: PeoplePage(*common, models.people, people),
            "invites": lambda: InvitesPage(*common, models.invites, invites),
            "audit": lambda: AuditPage(*common, models.audit, audit),
            "schedule": lambda: SchedulePage(*common, models.schedule, actions.schedule),
            "settings": lambda: SettingsPage(
                *common,
                models.desktop,
                models.notifications,
                actions.notifications,
                actions.autostart,
            ),
            "roster": lambda: RosterPage(*common, models.roster, actions.roster),
        }

    def _refresh_question(self) -> None:
        if self._models.question.is_open and self._question is None:
            self._question = PasswordDialog(
                self._window,
                self._context,
                self._models.question,
                self._actions.reauthentication,
            )
        elif not self._models.question.is_open and self._question is not None:
            question, self._question = self._question, None
            question.close()
