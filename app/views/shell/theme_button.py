"""The button that switches between light and dark."""

import tkinter as tk

from app.i18n import Translator
from app.models.settings import Settings
from app.views.actions import WindowActions
from app.views.kit.widgets import IconButton, Tip, follow


class ThemeButton:
    """Shows what the theme would become. `button` is its widget."""

    def __init__(
        self, parent: tk.Misc, settings: Settings, i18n: Translator, window: WindowActions
    ) -> None:
        self._settings = settings
        self._i18n = i18n
        self._window = window
        self.button = IconButton(parent, "theme", "moon", self._switch)
        self._tip = Tip(self.button)
        follow(self.button, self.refresh, settings, i18n)
        self.refresh()

    def refresh(self) -> None:
        """Show the present settings."""
        self.button.show_icon("sun" if self._is_dark else "moon")
        self._tip.say(self._i18n.t("room.to_light" if self._is_dark else "room.to_dark"))

    @property
    def _is_dark(self) -> bool:
        return self._settings.values.theme == "dark"

    def _switch(self) -> None:
        self._window.use_theme("light" if self._is_dark else "dark")
