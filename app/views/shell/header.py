"""The top of the room: whose room it is, how the connection stands, and what
can be set."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.connection.status import Status
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.theme import LARGE, MEDIUM, TIGHT, px
from app.views.kit.widgets import ElidedLabel, IconButton, Tip, follow
from app.views.shell.menu import Navigation, RoomMenu
from app.views.shell.state_line import StateLine
from app.views.shell.theme_button import ThemeButton
from app.views.wording.states import room_state

AVATAR_SIZE = 40


class Header(ttk.Frame):
    """Follows the models by itself."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        navigation: Navigation,
        reconnect_now: Callable[[], None],
        sign_out: Callable[[], None],
    ) -> None:
        super().__init__(parent, padding=(px(parent, LARGE), px(parent, MEDIUM)))
        self._context = context

        self._avatar = ttk.Label(self)
        self._avatar.grid(row=0, column=0, rowspan=2, padx=(0, px(self, MEDIUM)))
        self._name = ElidedLabel(self, fonts.TITLE, style="Title.TLabel", name="room_name")
        self._name.grid(row=0, column=1, sticky="ew")
        self.state_line = StateLine(
            self, context, room_state, reconnect_now, navigation.open_completeness
        )
        self.state_line.grid(row=1, column=1, sticky="ew")
        self.tools = ttk.Frame(self)
        """For what acts on the room; what it holds keeps its size."""
        self.tools.grid(row=0, column=2, rowspan=2, padx=(px(self, MEDIUM), 0))
        self.columnconfigure(1, weight=1)

        buttons = ttk.Frame(self)
        buttons.grid(row=0, column=3, rowspan=2, padx=(px(self, MEDIUM), 0))
        ThemeButton(buttons, context).button.grid(row=0, column=0)
        self._menu_button = IconButton(buttons, "menu", "three-dots-vertical", self.open_menu)
        self._menu_button.grid(row=0, column=1, padx=(px(self, TIGHT), 0))
        self._menu_tip = Tip(self._menu_button)
        self.menu = RoomMenu(self, context, navigation, sign_out)

        follow(self, self.refresh, context.status, context.i18n)
        self.refresh()

    def refresh(self) -> None:
        """Show the models' present state."""
        name = room_name(self._context.status, self._context.i18n)
        self._avatar.configure(image=self._context.avatars.of(name, AVATAR_SIZE))
        self._name.say(name)
        self._menu_tip.say(f"{self._context.t('room.menu')}  F10")

    def open_menu(self) -> None:
        """Open the menu below its button."""
        button = self._menu_button
        right = button.winfo_rootx() + button.winfo_width()
        self.menu.open(right, button.winfo_rooty() + button.winfo_height())


def room_name(status: Status, i18n: Translator) -> str:
    """Return the room's name; its address where it has not introduced itself."""
    if status.room is not None and status.room.name:
        return status.room.name
    return status.now.address or i18n.t("room.unknown")
