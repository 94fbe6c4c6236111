"""Where an administrator writes. A member has none."""

import tkinter as tk
from collections.abc import Callable
from dataclasses import dataclass

import ttkbootstrap as ttk

from app.i18n import Translator
from app.models.status import Phase, Status
from app.models.text import clean_text
from app.views import fonts
from app.views.editor import Editor
from app.views.outbox_strip import Outbox, OutboxStrip
from app.views.theme import LARGE, MEDIUM, SMALL, px
from app.views.widgets import ElidedLabel, follow, hairline
from protocol.messages import Limits

CONNECTED = (Phase.LIVE, Phase.CATCHING_UP)


@dataclass(frozen=True)
class SendActions:
    """What can be done here."""

    send: Callable[[str], None]
    edit_refused: Callable[[bytes], str]
    discard: Callable[[bytes], None]


class SendPanel(ttk.Frame):
    """The outbox, the editor, and the button. `draft` is what was written
    before the panel was there."""

    def __init__(
        self,
        parent: tk.Misc,
        status: Status,
        outbox: Outbox,
        i18n: Translator,
        actions: SendActions,
        draft: str = "",
    ) -> None:
        super().__init__(parent, name="send_panel")
        self._status = status
        self._outbox = outbox
        self._i18n = i18n
        self._actions = actions

        hairline(self).grid(row=0, column=0, sticky="ew")
        body = ttk.Frame(self, padding=(px(self, LARGE), px(self, MEDIUM)))
        body.grid(row=1, column=0, sticky="ew")
        self.columnconfigure(0, weight=1)
        body.columnconfigure(0, weight=1)
        strip = OutboxStrip(body, outbox, status, i18n, self._edit, actions.discard)
        strip.grid(row=0, column=0, columnspan=3, sticky="ew")
        strip.refresh()
        self.editor = Editor(body, self._refresh)
        self.editor.grid(row=1, column=0, columnspan=3, sticky="ew", pady=(0, px(self, SMALL)))
        self._hint = ElidedLabel(body, fonts.SMALL, style="Muted.TLabel", name="hint")
        self._hint.grid(row=2, column=0, sticky="ew")
        self._count = ttk.Label(body, style="Muted.TLabel", name="count")
        self._count.grid(row=2, column=1, padx=px(self, MEDIUM))
        self._button = ttk.Button(
            body,
            name="send",
            style="Main.primary.TButton",
            icon="send",
            compound="left",
            command=self._send,
        )
        self._button.grid(row=2, column=2)

        self._is_mac = self.tk.call("tk", "windowingsystem") == "aqua"
        modifier = "Command" if self._is_mac else "Control"
        for key in ("Return", "KP_Enter"):
            self.editor.text.bind(f"<{modifier}-{key}>", self._send_by_key)
        follow(self, self._refresh, status, i18n)
        self.editor.set(draft)

    @property
    def draft(self) -> str:
        """What is written and not sent."""
        return self.editor.get()

    def focus_editor(self) -> None:
        self.editor.text.focus_set()

    def _send_by_key(self, _event: "tk.Event[tk.Text]") -> str:
        if not self._button.instate(["disabled"]):
            self._send()
        return "break"

    def _send(self) -> None:
        known = {item.post_id for item in self._outbox.items}
        self._actions.send(self.editor.get())
        # The editor lets go of the text only when the outbox has it.
        if any(item.post_id not in known for item in self._outbox.items):
            self.editor.set("")
        self.focus_editor()

    def _edit(self, post_id: bytes) -> None:
        text = self._actions.edit_refused(post_id)
        written = self.editor.get().rstrip()
        self.editor.set(f"{written}\n\n{text}" if written else text)
        self.focus_editor()

    def _refresh(self) -> None:
        t = self._i18n.t
        now = self._status.now
        room = self._status.room
        limit = (room.limits if room is not None else Limits()).text_chars
        length = len(clean_text(self.editor.get()))
        over = length - limit

        self.editor.say_placeholder(t("send.placeholder"))
        self._count.configure(
            text=t("send.count", count=length, limit=limit),
            style="Error.TLabel" if over > 0 else "Muted.TLabel",
        )
        if over > 0:
            self._say_hint(t("send.too_long", n=over), "Error.TLabel")
        elif now.phase not in CONNECTED:
            self._say_hint(t("send.offline"), "Muted.TLabel")
        else:
            self._say_hint(t("send.hint_mac" if self._is_mac else "send.hint"), "Muted.TLabel")
        self._button.configure(
            text=t("send.button_to", n=now.members) if now.members else t("send.button")
        )
        self._button.state(["disabled" if over > 0 or length == 0 else "!disabled"])

    def _say_hint(self, words: str, style: str) -> None:
        self._hint.configure(style=style)
        self._hint.say(words)
