"""The room's menu: who is signed in, language, theme, version, the way out."""

import functools
import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.i18n import LANGUAGES
from app.models.connection.account import Account
from app.views.context import ViewContext
from app.views.kit.widgets import empty_menu, pop_up
from app.views.wording.pages import may_administer
from protocol.version import VERSION

LANGUAGE_NAMES = {"en": "English", "zh": "简体中文"}
"""Each in its own words, so that everyone finds theirs."""

THEMES = ("light", "dark")

PAGE_KEYS = {
    "settings": "F3",
    "schedule": "F4",
    "account": "F6",
    "people": "F7",
    "invites": "F8",
    "audit": "F9",
}
"""Each page's key. No letters: an editor has its own use for those."""


EVERYBODYS = ("settings", "account")
"""Pages that members have, too."""

BESIDE = ("roster",)
"""Administrators' pages that are opened from elsewhere."""


class Navigation(Protocol):
    """Where one can go in the window, and out of it."""

    def open_page(self, name: str) -> None:
        """Show this page in place of the room, if the person may see it."""

    def open_completeness(self) -> None:
        """Show whether anything is missing."""

    def close(self) -> None:
        """End the program, unless that would lose something: then ask first."""


class RoomMenu:
    """Filled anew each time it is opened, from the models as they are then."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        navigation: Navigation,
        sign_out: Callable[[], None],
    ) -> None:
        self._context = context
        self._navigation = navigation
        self._sign_out = sign_out
        self._language = tk.StringVar(parent)
        self._theme = tk.StringVar(parent)
        self.menu = ttk.Menu(parent, name="room_menu", postcommand=self.fill)
        self._languages = ttk.Menu(self.menu, name="languages")
        self._themes = ttk.Menu(self.menu, name="themes")

    def open(self, right: int, top: int) -> None:
        """Open it with its right upper corner here, in screen pixels."""
        self.fill()  # also when it is posted; but its width is needed before
        self.menu.update_idletasks()  # or a menu that was never posted has none
        left = right - self.menu.winfo_reqwidth()
        pop_up(self.menu, max(left, 0), top)

    def fill(self) -> None:
        """Write its entries."""
        context = self._context
        t = context.t
        self._language.set(context.i18n.language)
        self._theme.set(context.settings.values.theme)
        for menu in (self.menu, self._languages, self._themes):
            empty_menu(menu)
        if (person := context.account.person) is not None:
            who = t("room.signed_in_as", name=person.display_name, username=person.username)
            self.menu.add_command(label=who, state="disabled")
            self.menu.add_separator()
            for page in (page for page in pages_of(context.account) if page in PAGE_KEYS):
                self.menu.add_command(
                    label=t(f"room.page_{page}"),
                    accelerator=PAGE_KEYS[page],
                    command=functools.partial(self._navigation.open_page, page),
                )
            self.menu.add_separator()
        for language in LANGUAGES:
            self._languages.add_radiobutton(
                label=LANGUAGE_NAMES[language],
                variable=self._language,
                value=language,
                command=self._use_language,
            )
        for theme in THEMES:
            self._themes.add_radiobutton(
                label=t(f"room.theme_{theme}"),
                variable=self._theme,
                value=theme,
                command=self._use_theme,
            )
        self.menu.add_cascade(label=t("room.language"), menu=self._languages)
        self.menu.add_cascade(label=t("room.theme"), menu=self._themes)
        self.menu.add_separator()
        self.menu.add_command(label=t("room.sign_out"), command=self._sign_out)
        self.menu.add_command(
            label=t("room.quit"), accelerator="Ctrl+Q", command=self._navigation.close
        )
        self.menu.add_separator()
        self.menu.add_command(
            label=t("completeness.menu"), command=self._navigation.open_completeness
        )
        self.menu.add_command(label=t("app.version", version=VERSION), state="disabled")

    def _use_language(self) -> None:
        self._context.settings.change(language=self._language.get())

    def _use_theme(self) -> None:
        self._context.settings.change(theme=self._theme.get())


def pages_of(account: Account) -> tuple[str, ...]:
    """Return the pages that this person may see."""
    if account.person is None:
        return ()
    return (*PAGE_KEYS, *BESIDE) if may_administer(account) else EVERYBODYS
