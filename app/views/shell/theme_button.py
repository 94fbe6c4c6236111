"""The button that switches between light and dark."""

import tkinter as tk

from app.views.context import ViewContext
from app.views.kit.widgets import IconButton, Tip, follow


class ThemeButton:
    """Shows what the theme would become. `button` is its widget."""

    def __init__(self, parent: tk.Misc, context: ViewContext) -> None:
        self._context = context
        self.button = IconButton(parent, "theme", "moon", self._switch)
        self._tip = Tip(self.button)
        follow(self.button, self.refresh, context.settings, context.i18n)
        self.refresh()

    def refresh(self) -> None:
        """Show the present settings."""
        self.button.show_icon("sun" if self._is_dark else "moon")
        self._tip.say(self._context.t("room.to_light" if self._is_dark else "room.to_dark"))

    @property
    def _is_dark(self) -> bool:
        return self._context.settings.values.theme == "dark"

    def _switch(self) -> None:
        self._context.settings.change(theme="light" if self._is_dark else "dark")
