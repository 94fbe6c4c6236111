"""The client's window: the views, put together.

It shows the sign-in form while nobody is signed in and the room otherwise, and
follows the settings: theme and language change where they stand. When it is closed the
program goes on without it, if that is wanted.
"""

import logging
import sys
import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol

import ttkbootstrap as ttk

from app import assets
from app.clock import Clock
from app.i18n import Translator
from app.models.connection.account import Account
from app.models.connection.address import parse_destination
from app.models.connection.status import Phase, Status
from app.models.pages.pages import PageModels
from app.models.room.feed import Feed
from app.models.settings import Settings
from app.views.compose.outbox_strip import Outbox
from app.views.context import ViewContext
from app.views.kit import editing, fonts, page_theme, palette, theme
from app.views.kit.avatar import Avatars
from app.views.kit.dialogs import Ask, Dialog
from app.views.pages.page import Page
from app.views.pages.pages import PageActions, Pages
from app.views.pages.settings_page import SettingsActions
from app.views.room.view import RoomActions, RoomView, SignOutActions
from app.views.shell.completeness_dialog import CompletenessDialog
from app.views.shell.header import room_name
from app.views.shell.keys_dialog import KeysDialog
from app.views.shell.menu import PAGE_KEYS
from app.views.shell.placement import Place
from app.views.sign_in.account_form import SessionActions
from app.views.sign_in.certificate import CertificateActions, CertificateView
from app.views.sign_in.view import SignInView
from protocol.messages import RoomMessage

log = logging.getLogger(__name__)

# Logical pixels.
SIZE = (1120, 760)
LEAST_SIZE = (440, 420)

ICON_PX = 128


@dataclass(frozen=True)
class WindowModels:
    """What the window shows."""

    status: Status
    account: Account
    settings: Settings
    outbox: Outbox
    pages: PageModels


class OwnSessionActions(SessionActions, SignOutActions, Protocol):
    """All that can be done with one's session here."""


class AttendActions(SettingsActions, Protocol):
    """What the window tells of whoever is in front of it, and its settings ask for."""

    def attend(self, is_attended: bool) -> None:
        """Note whether somebody looks at the window."""


class WindowActions(CertificateActions, RoomActions, PageActions, Protocol):
    """All that can be done in the window. The views declare it piece by piece, and the
    client's controllers do it."""

    @property
    def session(self) -> OwnSessionActions: ...

    @property
    def notifications(self) -> AttendActions: ...


class MainWindow(ttk.App):
    """The Tk root. Views follow their models by themselves; the window decides
    which view is seen. `end` is called when a person ends the program; `put_away` when
    they close the window and want the program to go on, if that is possible."""

    def __init__(
        self,
        models: WindowModels,
        i18n: Translator,
        clock: Clock,
        actions: WindowActions,
        end: Callable[[], None],
        put_away: Callable[[], None] | None = None,
    ) -> None:
        palette.RostrumTheme().register()
        icon = assets.path("icons/rostrum.ico") if sys.platform == "win32" else assets.icon(ICON_PX)
        super().__init__(
            title=i18n.t("app.name"),
            theme=palette.NAMES[models.settings.values.theme],
            iconphoto=str(icon),
        )
        self._models = models
        self._i18n = i18n
        self._actions = actions
        self._ask_to_end = end
        self._put_away = put_away
        fonts.use(self, i18n.language)
        theme.install(self)
        page_theme.install(self)
        self.context = ViewContext(
            i18n, Avatars(self), models.status, models.account, models.settings, clock
        )
        self.columnconfigure(0, weight=1)
        self.rowconfigure(0, weight=1)
        self._place = Place(self, models.settings, SIZE, LEAST_SIZE)

        self._sign_in: SignInView | None = None
        """Made when it is first needed; most starts find a kept session."""
        self.room = RoomView(self, self.context, models.outbox, models.pages, actions, self)
        self._pages = Pages(self, self.context, self.leave_page, models.pages, actions)
        self._certificate: CertificateView | None = None
        self._reads_untrusted = False
        """Whether a person reads what is here, for all that."""
        self._shown: ttk.Frame | None = None
        self._question: Ask | None = None
        self._is_attended = True
        """Whether somebody looks at it; taken for so until it is seen."""
        self._keys: KeysDialog | None = None
        self._completeness: CompletenessDialog | None = None
        self.protocol("WM_DELETE_WINDOW", self._close_window)
        editing.install(self)
        self.bind("<Control-Key>", self._shortcut)
        self.bind("<FocusIn>", lambda _event: self._dialog_first())
        self.bind("<FocusIn>", self._say_attended, add="+")
        self.bind("<FocusOut>", self._say_attended, add="+")
        self.bind("<F10>", self._open_menu)
        self.bind("<F1>", lambda _event: self._show_keys())
        for page, key in PAGE_KEYS.items():
            self._bind_page(key, page)
        self.bind("<F5>", lambda _event: self._pages.reload())
        self.bind("<Escape>", lambda _event: self.leave_page())
        self._unsubscribe = [
            models.settings.subscribe(self._apply_settings),
            models.account.subscribe(self._say_title),
            models.status.subscribe(self._say_title),
            i18n.subscribe(self._say_title),
        ]
        self._say_title()

    def begin(self, hidden: bool = False) -> None:
        """Show what there is to see, and from here on what comes of it. Called when it is
        known whether a session was kept: the form to sign in takes a while to make.
        `hidden`: the window stays out of sight."""
        if hidden:
            self.withdraw()
            self._actions.notifications.attend(False)
        self._unsubscribe += [
            self._models.account.subscribe(self._choose_view),
            self._models.status.subscribe(self._choose_view),
        ]
        self._choose_view()

    @property
    def feed(self) -> Feed:
        """What shows the room's messages."""
        return self.room.timeline

    def close(self) -> None:
        """End the program, unless that would lose something: then ask first."""
        self._ask_to_end()

    def _close_window(self) -> None:
        if self._put_away is not None and self._models.settings.values.keeps_running:
            self._put_away()
        else:
            self.close()

    def put_away(self, in_tray: bool) -> None:
        """Let the window go out of sight: altogether, or to where minimised ones are."""
        self._place.keep()
        self._place.put_away(in_tray)
        self._actions.notifications.attend(False)

    def come_forward(self) -> None:
        """Show the window, in front of the others."""
        self._place.come_forward()

    def show_message(self, message_id: int) -> None:
        """Show the window, and the room at this message."""
        self.come_forward()
        self._pages.leave()
        self._choose_view()
        if self._shown is self.room:
            self.room.show_message(message_id)

    def take_link(self, argument: str) -> None:
        """Go where a link, join code or address leads; where that is away from the server
        that is known, ask first."""
        destination = parse_destination(argument)
        here = self._models.status.now.address
        if not here:
            self._actions.connect(argument)
        elif destination is not None:
            # To whoever is in the room, its own code says nothing new; to others it may
            # bring an invite, or the certificate to know the server by.
            is_in = self._models.account.person is not None
            is_sound = self._models.status.now.phase is not Phase.UNTRUSTED
            has_news = bool(destination.fingerprint or destination.invite)
            if str(destination.address) != here or (has_news and not (is_in and is_sound)):
                self._ask_to_leave(argument, str(destination.address))

    def _ask_to_leave(self, argument: str, address: str) -> None:
        """Ask before a link, which anybody may have made, leads to another server."""
        t = self._i18n.t
        is_in = self._models.account.person is not None
        room = room_name(self._models.status, self._i18n)
        self._ask(
            t("ask.other_room", address=address),
            t("ask.other_room_text" if is_in else "ask.other_server_text", room=room),
            t("ask.other_room_go" if is_in else "ask.other_server_go"),
            lambda: self._actions.connect(argument),
        )

    def _say_attended(self, _event: object) -> None:
        # When the keyboard goes from one widget to another it is nowhere in between.
        self.after_idle(self._look_who_attends)

    def _look_who_attends(self) -> None:
        is_attended = bool(self.winfo_viewable()) and self.focus_displayof() is not None
        if is_attended != self._is_attended:
            self._is_attended = is_attended
            self._actions.notifications.attend(is_attended)

    def destroy(self) -> None:
        """Close the window; its place is remembered."""
        for end in self._unsubscribe:
            end()
        self._place.keep()
        super().destroy()

    def report_callback_exception(
        self, exc: type[BaseException], val: BaseException, tb: TracebackType | None
    ) -> None:
        """Log whatever goes wrong in one callback; the window lives on."""
        if issubclass(exc, KeyboardInterrupt):  # Ctrl+C where it was started
            self.close()
            return
        log.error("in a callback of the window", exc_info=(exc, val, tb))

    # --- which view -------------------------------------------------------

    def open_page(self, name: str) -> None:
        """Show this page in place of the room, if the person may see it."""
        if self._shown in (self.room, self._pages.shown) and self._shown is not None:
            self._pages.enter(name)
            self._choose_view()

    def open_roster(self, message: RoomMessage) -> None:
        """Show who has confirmed this message and who has not."""
        if self._shown is self.room and self.context.may_administer:
            self._pages.enter_roster(message)
            self._choose_view()

    def open_completeness(self) -> None:
        """Show whether anything is missing."""
        if self._completeness is None or self._completeness.is_over:
            self._completeness = CompletenessDialog(self, self.context, self._actions.room.check)

    def _bind_page(self, key: str, name: str) -> None:
        self.bind(f"<{key}>", lambda _event: self.open_page(name))

    def leave_page(self) -> None:
        """Show the room again; in the room, go one step back in the search."""
        if self._shown is self.room:
            self.room.escape()
        elif self._shown is self._pages.shown:
            self._pages.leave()
            self._choose_view()

    def _choose_view(self) -> None:
        view = self._wanted_view()
        if view is self._shown:
            return
        if self._shown is not None:
            self._shown.grid_remove()
        view.grid(row=0, column=0, sticky="nsew")
        self._shown = view
        view.focus_first()

    def _wanted_view(self) -> SignInView | RoomView | CertificateView | Page:
        if self._models.status.now.phase is not Phase.UNTRUSTED:
            self._reads_untrusted = False
        elif not self._reads_untrusted:
            return self._certificate_view()
        self._pages.leave_what_is_closed()
        if self._models.account.person is None:
            return self._sign_in_view()
        return self._pages.shown or self.room

    def _certificate_view(self) -> CertificateView:
        if self._certificate is None:
            self._certificate = CertificateView(self, self.context, self._actions, self._read_room)
        return self._certificate

    def _read_room(self) -> None:
        self._reads_untrusted = True
        self._choose_view()

    def _sign_in_view(self) -> SignInView:
        if self._sign_in is None:
            self._sign_in = SignInView(self, self.context, self._actions, self._actions.session)
        return self._sign_in

    def _shortcut(self, event: "tk.Event[tk.Misc]") -> None:
        """Carry out what Ctrl and a letter do, whatever letters the keyboard has."""
        match editing.letter_of(event):
            case "q":
                self.close()
            case "f":
                if self._shown is self.room:
                    self.room.search.enter()
                else:
                    self._pages.focus_search()

    def _dialog_first(self) -> None:
        for child in self.winfo_children():
            if isinstance(child, Dialog):
                child.come_forward()

    def _show_keys(self) -> None:
        if self._keys is None or self._keys.is_over:
            self._keys = KeysDialog(self, self._i18n, self.context.may_administer)

    def _open_menu(self, _event: "tk.Event[tk.Misc]") -> str:
        if self._shown is self.room:
            self.room.header.open_menu()
        return "break"

    def ask_to_close(self, close: Callable[[], None]) -> None:
        """Ask whether what is written may be lost: it can't be kept."""
        self.come_forward()
        t = self._i18n.t
        self._ask(t("send.lose_title"), t("send.lose_text"), t("send.lose"), close)

    def _ask(self, title: str, text: str, label: str, do: Callable[[], None]) -> None:
        if self._question is None or self._question.is_over:
            self._question = Ask(self, self._i18n, title, text, label, do)

    # --- what was set -----------------------------------------------------

    def _apply_settings(self) -> None:
        values = self._models.settings.values
        name = palette.NAMES[values.theme]
        if self.style.theme_use() != name:
            self.style.theme_use(name)
        if values.language is not None and values.language != self._i18n.language:
            # The fonts first: what is said anew is measured in them.
            fonts.use(self, values.language)
            self._i18n.use(values.language)

    # --- the title --------------------------------------------------------

    def _say_title(self) -> None:
        t = self._i18n.t
        if self._models.account.person is None:
            self.title(t("app.name"))
            return
        room = room_name(self._models.status, self._i18n)
        match self._models.status.now.phase:
            case Phase.LIVE:
                state = ""
            case Phase.WAITING:
                state = t("state_short.reconnecting")
            case Phase.ENDED | Phase.UNTRUSTED:
                state = t("state_short.ended")
            case _:
                state = t("state_short.connecting")
        key = "app.title_with_state" if state else "app.title"
        self.title(t(key, room=room, state=state))
