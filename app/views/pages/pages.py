"""The pages, each made when it is first looked at, and the question for the
password in front of them."""

import tkinter as tk
from collections.abc import Callable

from app.models.pages.pages import PageModels
from app.views.actions import PageActions
from app.views.kit.dialogs import PasswordDialog
from app.views.kit.widgets import follow
from app.views.pages.account_page import AccountPage
from app.views.pages.audit_page import AuditPage
from app.views.pages.invites_page import InvitesPage
from app.views.pages.list_page import ListPage
from app.views.pages.page import Page, Shared
from app.views.pages.people_page import PeoplePage
from app.views.pages.roster_page import RosterPage
from app.views.shell.menu import pages_of


class Pages:
    """Knows which page is to be shown; the window shows it."""

    def __init__(
        self, window: tk.Misc, shared: Shared, models: PageModels, actions: PageActions
    ) -> None:
        self._window = window
        self._shared = shared
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
        if name == self._name or name not in pages_of(self._shared.account):
            return
        self.leave()
        self._name = name
        if name not in self._made:
            self._made[name] = self._makers()[name]()
        self._made[name].enter()

    def leave(self) -> None:
        """Look at the room again."""
        page = self.shown
        self._name = ""
        if page is not None:
            page.leave()

    def leave_what_is_closed(self) -> None:
        """Leave a page that is closed to this person, who may be signed out, or no
        administrator now."""
        if self._name and self._name not in pages_of(self._shared.account):
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
        window, shared, models, actions = self._window, self._shared, self._models, self._actions
        return {
            "account": lambda: AccountPage(window, shared, models, actions.account),
            "people": lambda: PeoplePage(window, shared, models.people, actions.people),
            "invites": lambda: InvitesPage(window, shared, models.invites, actions.invites),
            "audit": lambda: AuditPage(window, shared, models.audit, actions.audit),
            "roster": lambda: RosterPage(window, shared, models.roster, actions.roster),
        }

    def _refresh_question(self) -> None:
        if self._models.question.is_open and self._question is None:
            self._question = PasswordDialog(
                self._window,
                self._models.question,
                self._shared.status,
                self._shared.i18n,
                self._actions.question,
            )
        elif not self._models.question.is_open and self._question is not None:
            question, self._question = self._question, None
            question.close()
