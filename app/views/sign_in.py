"""The way into the room: which server, who you are."""

import tkinter as tk

import ttkbootstrap as ttk

from app.i18n import LANGUAGES, Translator
from app.models.account import Account, FormError
from app.models.account import Field as At
from app.models.settings import Settings
from app.models.status import Phase, Status
from app.views import fonts
from app.views.account_form import AccountForm
from app.views.actions import SignInActions, WindowActions
from app.views.address_form import AddressForm
from app.views.avatar import Avatars
from app.views.menu import LANGUAGE_NAMES
from app.views.scrolling import ScrollingFrame
from app.views.state_line import StateLine
from app.views.theme import LARGE, MEDIUM, SMALL, TIGHT, px
from app.views.widgets import ElidedLabel, Tip, WrappingLabel, icon_button, show
from app.views.words import form_error, server_state
from protocol.messages import Limits, Registration

FORM_WIDTH = 410
AVATAR_SIZE = 56
GREETED = (Phase.GREETED, Phase.SIGNING_IN, Phase.CATCHING_UP, Phase.LIVE)


class SignInView(ttk.Frame):
    """Follows the models by itself. Keeps all that was typed as long as the
    window lives, whatever happens around it."""

    def __init__(
        self,
        parent: tk.Misc,
        status: Status,
        account: Account,
        settings: Settings,
        i18n: Translator,
        avatars: Avatars,
        actions: SignInActions,
        window: WindowActions,
    ) -> None:
        super().__init__(parent, name="sign_in")
        self._status = status
        self._account = account
        self._settings = settings
        self._i18n = i18n
        self._avatars = avatars
        self._actions = actions
        self._window = window
        self._changing_server = False
        self._told: FormError | None = None

        scrolling = ScrollingFrame(self, FORM_WIDTH)
        scrolling.grid(row=0, column=0, sticky="nsew")
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        column = scrolling.inside
        column.columnconfigure(0, weight=1)
        self._mark = ttk.Label(column)
        self._mark.grid(row=0, column=0, pady=(0, px(self, MEDIUM)))
        self._title = WrappingLabel(
            column, style="Heading.TLabel", name="welcome", anchor="center", justify="center"
        )
        self._title.grid(row=1, column=0, sticky="ew")
        self._description = WrappingLabel(
            column, style="Description.TLabel", name="description", anchor="center", justify="center"
        )
        self._description.grid(row=2, column=0, sticky="ew", pady=(px(self, TIGHT), 0))
        values = settings.values
        self.account_form = AccountForm(
            column, i18n, actions, values.username, values.keep_signed_in
        )
        self.address_form = AddressForm(column, i18n, self._connect, self._back)
        self.address_form.field.variable.set(values.server)
        for form in (self.account_form, self.address_form):
            form.grid(row=3, column=0, sticky="ew", pady=(px(self, LARGE), 0))
        self._make_footer()

        unsubscribe = [
            model.subscribe(self.refresh) for model in (status, account, settings, i18n)
        ]
        self.bind("<Destroy>", lambda _event: [end() for end in unsubscribe] and None)
        self.refresh()

    @property
    def asks_for_address(self) -> bool:
        """Whether it is at its first question, which server."""
        return self._changing_server or self._status.now.phase is Phase.NO_SERVER

    def focus_first(self) -> None:
        """Put the keyboard where one begins."""
        if self.asks_for_address:
            self.address_form.field.focus_text()
        else:
            self.account_form.focus_first()

    def refresh(self) -> None:
        """Show the models' present state."""
        if self._account.person is not None:
            self._changing_server = False
            self.account_form.forget_password()
        if self._changing_server and self._status.now.phase in GREETED and not self._settled():
            self._changing_server = False
        self._refresh_heading()
        self._refresh_forms()
        self._refresh_footer()

    # --- the server -------------------------------------------------------

    def _connect(self, address: str) -> None:
        # Where the answer is a greeting, the next step follows by itself.
        self._changing_server = True
        self._address_asked_for = True
        self._actions.connect(address)

    def _settled(self) -> bool:
        return False

    def _change_server(self) -> None:
        self._changing_server = True
        self.refresh()
        self.address_form.field.focus_text()

    def _back(self) -> None:
        self._changing_server = False
        self.refresh()
        self.account_form.focus_first()
