"""The list of keys, on F1."""

import tkinter as tk

import ttkbootstrap as ttk

from app.i18n import Translator
from app.views.kit.dialogs import Dialog
from app.views.kit.theme import LARGE, SMALL, TIGHT, px
from app.views.kit.widgets import WrappingLabel
from app.views.shell.menu import PAGE_KEYS

ROOM = {
    "↑ ↓": "walk",
    "Shift+F10": "message_menu",
    "Page ↑ ↓": "pages",
    "Home  End": "ends",
}
WRITING = {
    "{ctrl}Enter": "send",
    "{ctrl}Shift+Enter": "later",
    "{ctrl}Z  {ctrl}Y": "undo",
    "Tab": "leave",
}
EVERYWHERE = {
    "F10": "menu",
    **{key: f"page_{page}" for page, key in PAGE_KEYS.items()},
    "{ctrl}F": "search",
    "F5": "reload",
    "Esc": "back",
    "F1": "keys",
    "{ctrl}Q": "quit",
}
GROUPS = {"room": ROOM, "writing": WRITING, "everywhere": EVERYWHERE}
"""What each key does, as the translations call it: `keys.<name>`."""

ADMINISTRATORS = frozenset({"page_schedule", "page_people", "page_invites", "page_audit"})
"""Those that only administrators have, besides the keys to write with."""


class KeysDialog(Dialog):
    """Closed by Escape, Enter or its button."""

    def __init__(self, parent: tk.Misc, i18n: Translator, may_administer: bool) -> None:
        super().__init__(parent, i18n, "keys", i18n.t("keys.title"))
        is_mac = self.tk.call("tk", "windowingsystem") == "aqua"
        ctrl = "⌘" if is_mac else "Ctrl+"
        self.add_text(i18n.t("keys.title"), "Strong.TLabel", "keys_title")
        table = ttk.Frame(self.inside)
        self.add(table)
        table.columnconfigure(1, weight=1)
        row = 0
        for group, keys in GROUPS.items():
            if group == "writing" and not may_administer:
                continue
            heading = ttk.Label(table, text=i18n.t(f"keys.{group}"), style="FieldName.TLabel")
            above = px(self, SMALL) if row else 0
            heading.grid(row=row, column=0, columnspan=2, sticky="w", pady=(above, px(self, TIGHT)))
            for key, name in keys.items():
                if name in ADMINISTRATORS and not may_administer:
                    continue
                row += 1
                label = ttk.Label(table, text=key.replace("{ctrl}", ctrl), style="Key.TLabel")
                label.grid(row=row, column=0, sticky="nw", padx=(0, px(self, LARGE)))
                words = WrappingLabel(table, style="Description.TLabel", name=f"key_{name}")
                words.grid(row=row, column=1, sticky="ew", pady=(0, px(self, TIGHT)))
                words.say(i18n.t(f"keys.{name}"))
            row += 1
        done = self.add_done("keys_done")
        self.bind("<Return>", lambda _event: self.close())
        self.open(done)
