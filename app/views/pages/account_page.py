"""One's own account: who one is, the password, and where one is signed in."""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.operation import OperationStatus
from app.models.pages.pages import PageModels
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.dialogs import Ask
from app.views.kit.field import Field
from app.views.kit.scrolling import ScrollingFrame
from app.views.kit.theme import LARGE, MEDIUM, SMALL, TIGHT, TONES, px
from app.views.kit.widgets import ElidedLabel, WrappingLabel, follow, show
from app.views.pages.list_page import ListActions
from app.views.pages.page import Page
from protocol.messages import SessionInfo
from protocol.refusals import Refusal

WIDTH = 560

OLD_CODES = ("password_empty", "password_wrong", "too_many_attempts", "too_many_attempts_for")
NEW_CODES = (
    *(Refusal.PASSWORD_TOO_SHORT, Refusal.PASSWORD_TOO_LONG, Refusal.PASSWORD_TOO_SIMPLE),
    Refusal.TEXT_INVALID,
)
"""Refusals that belong beside the old password, and beside the new one."""


class AccountActions(Protocol):
    """What can be done with one's own account."""

    @property
    def list(self) -> ListActions:
        """Of one's sessions."""

    def change_password(self, old: str, new: str) -> None:
        """Use the new one from now on."""

    def end_session(self, session: SessionInfo) -> None:
        """Sign out there."""

    def sign_out_everywhere(self) -> None:
        """Sign out wherever one is signed in, here too."""


class AccountPage(Page):
    """Follows its models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        back: Callable[[], None],
        models: PageModels,
        actions: AccountActions,
    ) -> None:
        operation = models.sessions.operation
        super().__init__(parent, "account", context, back, actions.list, operation)
        self._models = models
        self._actions = actions
        self._rows: dict[int, _SessionRow] = {}
        self.tools.grid_remove()
        scrolling = ScrollingFrame(self.body, WIDTH)
        scrolling.grid(row=0, column=0, sticky="nsew")
        self.body.rowconfigure(0, weight=1)
        inside = scrolling.inside
        inside.columnconfigure(0, weight=1)

        self._name = WrappingLabel(inside, style="Heading.TLabel", name="own_name")
        self._name.grid(row=0, column=0, sticky="ew")
        self._role = WrappingLabel(inside, style="Description.TLabel", name="own_role")
        self._role.grid(row=1, column=0, sticky="ew", pady=(0, px(self, LARGE)))

        self._password_title = ttk.Label(inside, style="Strong.TLabel")
        self._password_title.grid(row=2, column=0, sticky="w", pady=(0, px(self, SMALL)))
        self._old = Field(inside, "old_password", secret=True)
        self._old.grid(row=3, column=0, sticky="ew")
        self._new = Field(inside, "new_password", secret=True)
        self._new.grid(row=4, column=0, sticky="ew")
        for field in (self._old, self._new):
            field.on_enter(self._change)
        self._outcome = WrappingLabel(inside, style="Good.TLabel", name="password_outcome")
        self._outcome.grid(row=5, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        self._change_button = ttk.Button(
            inside, name="change_password", style="Action.TButton", command=self._change
        )
        self._change_button.grid(row=6, column=0, sticky="w", pady=(0, px(self, LARGE)))

        self._sessions_title = ttk.Label(inside, style="Strong.TLabel")
        self._sessions_title.grid(row=7, column=0, sticky="w", pady=(0, px(self, SMALL)))
        self._sessions_words = WrappingLabel(
            inside, style="Description.TLabel", name="sessions_words"
        )
        self._sessions_words.grid(row=8, column=0, sticky="ew")
        self._sessions = ttk.Frame(inside)
        self._sessions.columnconfigure(0, weight=1)
        self._sessions.grid(row=9, column=0, sticky="ew")
        self._everywhere = ttk.Button(
            inside, name="sign_out_everywhere", style="Danger.TButton", command=self._ask_everywhere
        )
        self._everywhere.grid(row=10, column=0, sticky="w", pady=(px(self, MEDIUM), 0))
        follow(self, self.refresh, models.sessions.listing)
        follow(self, self._password_changed, models.password)
        self.refresh()

    def focus_first(self) -> None:
        """Put the keyboard where one begins."""
        self._old.focus_text()

    def enter(self) -> None:
        """Show the page, and have the sessions kept current."""
        self._actions.list.open()

    def leave(self) -> None:
        """Leave nothing that was typed in the window's memory."""
        super().leave()
        self._forget_passwords()
        if not self._models.password.is_under_way:
            self._models.password.clear()

    def say(self) -> None:
        """Show the models' present state."""
        t = self.context.t
        person = self.context.account.person
        if person is not None:
            self._name.say(person.display_name)
            role = t(f"role.{person.role}")
            self._role.say(f"{person.username} · {role}")
        self._say_password()
        self._say_sessions()

    # --- the password ---------------------------------------------------------------

    def _say_password(self) -> None:
        t, operation = self.context.t, self._models.password
        limits = self.context.status.limits
        self._password_title.configure(text=t("account.password"))
        self._old.say(t("account.old_password"), "")
        self._new.say(
            t("account.new_password"), t("sign_in.password_hint", min=limits.password_min_chars)
        )
        for field in (self._old, self._new):
            field.say_eye(t("sign_in.show_password"), t("sign_in.hide_password"))
        self._change_button.configure(text=t("account.change_password"))
        may = self.context.is_reachable and not operation.is_under_way
        self._change_button.state(["!disabled" if may else "disabled"])

        code = operation.reason.code if operation.reason is not None else ""
        reason = "" if operation.reason is None else self.context.refusal(operation.reason)
        self._old.say_error(reason if code in OLD_CODES else "")
        self._new.say_error(reason if code in NEW_CODES else "")
        is_beside = code in (*OLD_CODES, *NEW_CODES)
        tone, words = self.context.operation_words(operation)
        words = "" if is_beside else words
        self._outcome.configure(style=TONES[tone])
        self._outcome.say(words)
        show(self._outcome, bool(words))

    def _password_changed(self) -> None:
        self._say_password()
        operation = self._models.password
        if operation.status is OperationStatus.DONE:
            self._forget_passwords()
        elif operation.reason is not None and self.winfo_viewable():
            (self._old if operation.reason.code in OLD_CODES else self._new).focus_text()

    def _change(self) -> None:
        if not self._change_button.instate(["disabled"]):
            self._actions.change_password(self._old.text, self._new.text)

    def _forget_passwords(self) -> None:
        self._old.forget()
        self._new.forget()

    # --- the sessions -----------------------------------------------------------------

    def _say_sessions(self) -> None:
        t = self.context.t
        listing = self._models.sessions.listing
        self._sessions_title.configure(text=t("account.sessions"))
        words = ""
        if listing.reason is not None:
            words = self.context.refusal(listing.reason)
        elif not listing.is_known:
            is_offline = not self.context.is_reachable
            words = t("page.offline_empty") if is_offline else t("page.loading")
        self._sessions_words.say(words)
        show(self._sessions_words, bool(words))
        kept = {session.id for session in listing.items}
        for session_id in [key for key in self._rows if key not in kept]:
            self._rows.pop(session_id).destroy()
        for index, session in enumerate(listing.items):
            row = self._rows.get(session.id)
            if row is None:
                row = self._rows[session.id] = _SessionRow(self._sessions, self)
            row.grid(row=index, column=0, sticky="ew")
            row.say(session)
        self._everywhere.configure(text=t("account.sign_out_everywhere"))
        self._everywhere.state(["!disabled" if self.may_act else "disabled"])

    def ask_to_end(self, session: SessionInfo) -> None:
        """Ask whether to sign out there."""
        t = self.context.t
        self.open(
            lambda: Ask(
                self,
                self.context.i18n,
                t("ask.end_session", name=session.device or t("account.no_device")),
                t("ask.end_session_text"),
                t("account.end_session"),
                lambda: self._actions.end_session(session),
            )
        )

    def _ask_everywhere(self) -> None:
        t = self.context.t
        self.open(
            lambda: Ask(
                self,
                self.context.i18n,
                t("ask.end_sessions"),
                t("ask.end_sessions_text"),
                t("account.sign_out_everywhere"),
                self._actions.sign_out_everywhere,
            )
        )


class _SessionRow(ttk.Frame):
    """One place where one is signed in."""

    def __init__(self, parent: tk.Misc, page: AccountPage) -> None:
        super().__init__(parent, padding=(0, px(parent, TIGHT)))
        self._page = page
        self._session: SessionInfo | None = None
        self._device = ElidedLabel(self, fonts.CONTROL, name="device")
        self._device.grid(row=0, column=0, sticky="ew")
        self._detail = ElidedLabel(self, fonts.SMALL, style="Muted.TLabel", name="session_detail")
        self._detail.grid(row=1, column=0, sticky="ew")
        self._end = ttk.Button(self, name="end_session", style="Action.TButton", command=self._ask)
        self._end.grid(row=0, column=1, rowspan=2, padx=(px(self, SMALL), 0))
        self.columnconfigure(0, weight=1)

    def say(self, session: SessionInfo) -> None:
        self._session = session
        context = self._page.context
        t = context.t
        self._device.say(session.device or t("account.no_device"))
        if session.this_one:
            where = t("account.this_device")
        elif session.online:
            where = t("account.online")
        else:
            where = t("account.last_used", when=context.moment(session.last_used_ms))
        self._detail.say(" · ".join(part for part in (where, session.address) if part))
        self._end.configure(text=t("account.end_session"))
        self._end.state(["!disabled" if self._page.may_act else "disabled"])
        show(self._end, not session.this_one)

    def _ask(self) -> None:
        if self._session is not None:
            self._page.ask_to_end(self._session)
