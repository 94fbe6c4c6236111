"""The way into the room: which server, who you are."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.i18n import LANGUAGES
from app.models.connection.account import Field as At
from app.models.connection.account import FormError
from app.models.connection.status import Phase
from app.models.settings import Language
from app.views.context import ViewContext
from app.views.kit.scrolling import ScrollingFrame
from app.views.kit.theme import LARGE, MEDIUM, SMALL, TIGHT, px
from app.views.kit.widgets import WrappingLabel, follow, hairline, show
from app.views.shell.menu import LANGUAGE_NAMES
from app.views.shell.state_line import StateLine
from app.views.shell.theme_button import ThemeButton
from app.views.sign_in.account_form import AccountForm, SessionActions
from app.views.sign_in.address_form import AddressForm, ServerActions
from app.views.wording.states import server_state

FORM_WIDTH = 410
AVATAR_SIZE = 56
NARROW = 640
"""Below this width the footer has two lines."""
ANSWERED = (Phase.GREETED, Phase.SIGNING_IN, Phase.CATCHING_UP, Phase.LIVE)


class SignInView(ttk.Frame):
    """Follows the models by itself. Keeps all that was typed as long as the
    window lives, whatever happens around it."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        server: ServerActions,
        session: SessionActions,
    ) -> None:
        super().__init__(parent, name="sign_in")
        self._context = context
        self._server = server
        self._changing_server = False
        self._server_before = ""
        self._awaits_greeting = False
        """An address was given, and what answers there is not known yet."""
        self._told: FormError | None = None
        self._dismissed: FormError | None = None
        """The refusal that is shown no longer, since it was about the other tab."""

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
            column,
            style="Description.TLabel",
            name="description",
            anchor="center",
            justify="center",
        )
        self._description.grid(row=2, column=0, sticky="ew", pady=(px(self, TIGHT), 0))
        values = context.settings.values
        self.account_form = AccountForm(
            column,
            context.i18n,
            session,
            values.username,
            values.keep_signed_in,
            self._dismiss_error,
        )
        self.address_form = AddressForm(column, context.i18n, self._connect, self._back)
        self.address_form.field.variable.set(values.server)
        for form in (self.account_form, self.address_form):
            form.grid(row=3, column=0, sticky="ew", pady=(px(self, LARGE), 0))
        hairline(self).grid(row=1, column=0, sticky="ew")
        self._footer = _Footer(self, context, server.reconnect_now, self._change_server)
        self._footer.grid(row=2, column=0, sticky="ew")

        self._asked = self.asks_for_address
        models = (context.status, context.account, context.settings, context.i18n)
        follow(self, self.refresh, *models)
        self.refresh()

    @property
    def asks_for_address(self) -> bool:
        """Whether it is at its first question, which server."""
        return self._changing_server or self._context.status.now.phase is Phase.NO_SERVER

    def focus_first(self) -> None:
        """Put the keyboard where one begins."""
        if self.asks_for_address:
            self.address_form.field.focus_text()
        else:
            self.account_form.focus_first()

    def refresh(self) -> None:
        """Show the models' present state."""
        if self._context.account.person is not None:
            self._changing_server = False
            self.account_form.has_served()
        if self._awaits_greeting and self._context.status.now.phase in ANSWERED:
            self._awaits_greeting = self._changing_server = False
        self._refresh_heading()
        self._refresh_forms()
        if self._asked != self.asks_for_address:
            self._asked = self.asks_for_address
            if self.winfo_manager():
                self.focus_first()

    def _refresh_heading(self) -> None:
        t = self._context.t
        room = self._context.status.room
        if self.asks_for_address:
            name, title, description = "", t("sign_in.address_title"), t("sign_in.address_text")
        elif room is None or not room.name:
            name, title, description = "", t("sign_in.welcome"), ""
        else:
            name, description = room.name, room.description
            title = t("sign_in.welcome_to", room=room.name)
        of_room, own = self._context.avatars.of, self._context.avatars.icon
        self._mark.configure(image=of_room(name, AVATAR_SIZE) if name else own(AVATAR_SIZE))
        self._title.say(title)
        self._description.say(description)
        show(self._description, bool(description))

    def _refresh_forms(self) -> None:
        asks = self.asks_for_address
        show(self.address_form, asks)
        show(self.account_form, not asks)
        status = self._context.status
        phase, room, limits = status.now.phase, status.room, status.limits
        error = self._context.account.error
        if error is None:
            self._dismissed = None
        elif error is self._dismissed:
            error = None
        words = self._context.form_error(error) if error is not None else ""
        of_server = error is not None and error.field is At.SERVER

        self.address_form.refresh(
            busy=self._awaits_greeting and phase is Phase.CONNECTING,
            error=words if of_server else "",
            may_go_back=phase is not Phase.NO_SERVER,
        )
        if error is not None and error.field is At.NOTICE:
            self.account_form.turn_to_sign_in()  # that is what comes next
        self.account_form.refresh(
            busy=self._context.account.busy,
            registration=room.registration if room is not None else None,
            is_invited=self._context.account.is_invited,
            limits=limits,
            can_stay=self._context.account.can_stay,
        )
        if of_server and phase in ANSWERED:
            # It was about an address that is not in use.
            self.account_form.say_error(None, "")
        else:
            self.account_form.say_error(error.field if error is not None else None, words)
        if error != self._told:
            self._told = error
            if error is not None:
                self._focus_refused(error.field)

    def _focus_refused(self, at: At) -> None:
        if self.asks_for_address:
            self.address_form.field.focus_text()
        elif at in self.account_form.fields:
            self.account_form.fields[at].focus_text()

    def _dismiss_error(self) -> None:
        self._dismissed = self._context.account.error
        self.refresh()

    # --- the server -------------------------------------------------------

    def _connect(self, address: str) -> None:
        # The form stays until something answers there: a mistyped address is
        # mended where it was typed.
        self._changing_server = True
        self._server.connect(address)
        error = self._context.account.error
        self._awaits_greeting = error is None or error.field is not At.SERVER
        self.refresh()

    def _change_server(self) -> None:
        self._changing_server = True
        self._server_before = self._context.settings.values.server
        self.refresh()

    def _back(self) -> None:
        self._changing_server = self._awaits_greeting = False
        before = self._server_before
        if before and before != self._context.settings.values.server:
            self.address_form.field.variable.set(before)
            self._server.connect(before)
        self.refresh()


class _Footer(ttk.Frame):
    """Which server and whether it is there; what can be set before anybody is
    signed in."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        reconnect_now: Callable[[], None],
        change_server: Callable[[], None],
    ) -> None:
        super().__init__(parent, padding=(px(parent, LARGE), px(parent, SMALL)))
        self._context = context
        self._state = StateLine(self, context, server_state, reconnect_now)
        self.columnconfigure(0, weight=1)
        self._change = ttk.Button(
            self, name="change_server", style="Quiet.TButton", command=change_server
        )
        self._change.grid(row=1, column=1)
        self._language = ttk.Button(
            self, name="language", style="Quiet.TButton", command=self._switch_language
        )
        self._language.grid(row=1, column=2)
        self._theme = ThemeButton(self, context)
        self._theme.button.grid(row=1, column=3)
        self._lay_out(is_narrow=False)
        self.bind("<Configure>", lambda event: self._lay_out(event.width < px(self, NARROW)))
        follow(self, self.refresh, context.status, context.i18n)
        self.refresh()

    def refresh(self) -> None:
        """Show the models' present state."""
        self._change.configure(text=self._context.t("sign_in.change_server"))
        show(self._change, self._context.status.now.phase is not Phase.NO_SERVER)
        self._language.configure(text=LANGUAGE_NAMES[self._other_language()])

    def _lay_out(self, is_narrow: bool) -> None:
        # Beside the buttons there is no room for a sentence.
        row, columns = (0, 4) if is_narrow else (1, 1)
        self._state.grid(row=row, column=0, columnspan=columns, sticky="ew")

    def _other_language(self) -> Language:
        at = LANGUAGES.index(self._context.i18n.language)
        return LANGUAGES[(at + 1) % len(LANGUAGES)]

    def _switch_language(self) -> None:
        self._context.settings.change(language=self._other_language())
