"""One line above the messages that tells an administrator who waits."""

import tkinter as tk
from collections.abc import Callable

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.account import Account
from app.models.pages import Awaiting
from app.views import fonts
from app.views.page_words import may_administer
from app.views.theme import LARGE, SMALL, px
from app.views.widgets import ElidedLabel, follow, show


class AwaitingStrip(ttk.Frame):
    """Follows the models by itself, once it was placed and refreshed. Takes no
    room where nobody waits."""

    def __init__(
        self,
        parent: tk.Misc,
        awaiting: Awaiting,
        account: Account,
        i18n: Translator,
        look: Callable[[], None],
    ) -> None:
        edge = (px(parent, LARGE), px(parent, SMALL))
        super().__init__(parent, name="awaiting", padding=edge, style="Raised.TFrame")
        self._awaiting = awaiting
        self._account = account
        self._i18n = i18n
        self._words = ElidedLabel(self, fonts.SMALL, style="Raised.TLabel", name="awaiting_words")
        self._words.grid(row=0, column=0, sticky="ew")
        self._look = ttk.Button(
            self, name="awaiting_look", style="RaisedInline.TButton", command=look
        )
        self._look.grid(row=0, column=1, padx=(px(self, SMALL), 0))
        self.columnconfigure(0, weight=1)
        follow(self, self.refresh, awaiting, account, i18n)

    def refresh(self) -> None:
        """Show the models' present state."""
        people = self._awaiting.people
        self._words.say(self._i18n.t("awaiting.people", n=people))
        self._look.configure(text=self._i18n.t("awaiting.look"))
        show(self, people > 0 and may_administer(self._account))
