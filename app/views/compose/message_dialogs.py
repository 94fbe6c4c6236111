"""The small windows for one message: another text, a time to withdraw itself,
its earlier texts."""

import re
import tkinter as tk
from collections.abc import Callable
from datetime import datetime, timedelta

import ttkbootstrap as ttk

from app.i18n import Translator, local_time
from app.models.connection.status import Status
from app.models.room.message_actions import Versions
from app.models.text import clean_text
from app.views.kit import fonts, palette
from app.views.kit.dialogs import Dialog
from app.views.kit.editor import Editor
from app.views.kit.field import Field
from app.views.kit.theme import MEDIUM, SMALL, TIGHT, px
from app.views.kit.widgets import follow, show
from app.views.wording.pages import moment, refusal
from protocol.messages import Limits, RoomMessage

DAYS_AHEAD = 60
"""How far ahead the list of days goes."""

EDIT_WIDTH = 640
EDIT_LINES = 20
"""As large as nearly every text; a longer one scrolls."""

READING_LINES = 10
"""Of a long text that are seen at once; the rest is scrolled to."""


class EditDialog(Dialog):
    """`save` is told the new text."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        status: Status,
        message: RoomMessage,
        save: Callable[[str], None],
    ) -> None:
        super().__init__(parent, "edit_message", i18n.t("message.edit_title"), EDIT_WIDTH)
        self._i18n = i18n
        self._limit = (status.room.limits if status.room is not None else Limits()).text_chars
        self._before = message.text
        self._save = save
        self.add_text(0, i18n.t("message.edit_title"), "Strong.TLabel", "edit_title")
        self.add_text(1, i18n.t("message.edit_text"), "Description.TLabel", "edit_text")
        self.editor = Editor(self.inside, self._refresh, "edit_editor", EDIT_LINES)
        self.editor.grid(row=2, column=0, sticky="ew", pady=(0, px(self, TIGHT)))
        self._count = ttk.Label(self.inside, style="Muted.TLabel", name="edit_count")
        self._count.grid(row=3, column=0, sticky="e")
        buttons = self.add_buttons(4)
        self._yes = ttk.Button(
            buttons,
            name="edit_save",
            text=i18n.t("message.save"),
            style="Main.primary.TButton",
            command=self._submit,
        )
        no = ttk.Button(
            buttons,
            name="edit_cancel",
            text=i18n.t("dialog.cancel"),
            style="Action.TButton",
            command=self.cancel,
        )
        buttons.line_up((self._yes, no))
        for key in ("Control-Return", "Control-KP_Enter", "Command-Return"):
            if key.startswith("Control") or self.tk.call("tk", "windowingsystem") == "aqua":
                self.editor.text.bind(f"<{key}>", self._submit_by_key)
        self.editor.set(message.text)
        self.open(self.editor.text)

    def _refresh(self) -> None:
        text = clean_text(self.editor.get())
        over = len(text) > self._limit
        self._count.configure(
            text=self._i18n.t("send.count", count=len(text), limit=self._limit),
            style="Error.TLabel" if over else "Muted.TLabel",
        )
        is_other = bool(text) and text != self._before
        self._yes.state(["!disabled" if is_other and not over else "disabled"])

    def _submit_by_key(self, _event: "tk.Event[tk.Text]") -> str:
        if not self._yes.instate(["disabled"]):
            self._submit()
        return "break"

    def _submit(self) -> None:
        text = clean_text(self.editor.get())
        self.close()
        self._save(text)


class ExpiryDialog(Dialog):
    """`choose` is told the moment in milliseconds since 1970; 0: never."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        message: RoomMessage,
        choose: Callable[[int], None],
    ) -> None:
        super().__init__(parent, "expiry_form", i18n.t("message.expiry_title"))
        self._i18n = i18n
        self._choose = choose
        t = i18n.t
        now = datetime.now()
        chosen = local_time(message.expires_at_ms) if message.expires_at_ms else None
        at = chosen or now + timedelta(hours=1)
        self._days = [now.date() + timedelta(days=ahead) for ahead in range(DAYS_AHEAD)]
        if at.date() not in self._days:
            self._days.append(at.date())
        self.add_text(0, t("message.expiry_title"), "Strong.TLabel", "expiry_title")
        self.add_text(1, t("message.expiry_text"), "Description.TLabel", "expiry_text")
        label = ttk.Label(self.inside, text=t("message.expiry_day"), style="FieldName.TLabel")
        label.grid(row=2, column=0, sticky="w", pady=(0, px(self, TIGHT)))
        self._day = ttk.Combobox(
            self.inside,
            name="expiry_day",
            state="readonly",
            values=[i18n.day(day, now.date()) for day in self._days],
        )
        self._day.current(self._days.index(at.date()))
        self._day.grid(row=3, column=0, sticky="ew", pady=(0, px(self, MEDIUM)))
        self.time = Field(self.inside, "expiry_time")
        self.time.say(t("message.expiry_time"), "")
        self.time.variable.set(f"{at:%H:%M}")
        self.time.grid(row=4, column=0, sticky="ew")
        self.time.on_enter(self._submit)
        buttons = self.add_buttons(5)
        yes = ttk.Button(
            buttons,
            name="expiry_set",
            text=t("message.expiry_set"),
            style="Main.primary.TButton",
            command=self._submit,
        )
        never = ttk.Button(
            buttons,
            name="expiry_never",
            text=t("message.expiry_never"),
            style="Action.TButton",
            command=self._never,
        )
        no = ttk.Button(
            buttons,
            name="expiry_cancel",
            text=t("dialog.cancel"),
            style="Action.TButton",
            command=self.cancel,
        )
        buttons.line_up((yes, never, no) if chosen else (yes, no))
        self.open(self.time.entry)

    def _never(self) -> None:
        self.close()
        self._choose(0)

    def _submit(self) -> None:
        at = self._moment()
        if at is None or at <= datetime.now():
            self.time.say_error(self._i18n.t("message.expiry_wrong"))
            return
        self.close()
        self._choose(round(at.timestamp() * 1000))

    def _moment(self) -> datetime | None:
        match = re.fullmatch(r"\s*(\d{1,2})[:.h：](\d{2})\s*", self.time.text)
        if match is None or int(match[1]) > 23 or int(match[2]) > 59:
            return None
        day = self._days[self._day.current()]
        return datetime(day.year, day.month, day.day, int(match[1]), int(match[2]))


class ReadDialog(Dialog):
    """One message, whole: what is pinned may lie far up in the timeline."""

    def __init__(self, parent: tk.Misc, i18n: Translator, message: RoomMessage) -> None:
        super().__init__(parent, "read", i18n.t("pins.title"))
        when = moment(i18n, message.posted_at_ms, datetime.now())
        self.add_text(0, message.author_name, "Strong.TLabel", "read_author")
        self.add_text(1, when, "Muted.TLabel", "read_when")
        text = _add_reading(self, 2, "read_text")
        text.insert("end", message.text)
        text.configure(state="disabled")
        buttons = self.add_buttons(3)
        done = self.done_button(buttons, "read_done", i18n)
        buttons.line_up((done,))
        self.open(done)


class VersionsDialog(Dialog):
    """Follows the model by itself; `forget` is called when it was looked at."""

    def __init__(
        self,
        parent: tk.Misc,
        i18n: Translator,
        status: Status,
        versions: Versions,
        forget: Callable[[], None],
    ) -> None:
        title = i18n.t("message.versions_title", id=versions.message_id)
        super().__init__(parent, "versions", title)
        self._i18n = i18n
        self._status = status
        self._versions = versions
        self._forget = forget
        self.add_text(0, title, "Strong.TLabel", "versions_title")
        self._text = _add_reading(self, 1, "versions_text")
        buttons = self.add_buttons(2)
        done = self.done_button(buttons, "versions_done", i18n)
        buttons.line_up((done,))
        follow(self.inside, self._refresh, versions)
        self._refresh()
        self.open(done)

    def close(self) -> None:
        """Leave nothing of the texts in the window's memory."""
        if not self.is_over:
            super().close()
            self._forget()

    def _refresh(self) -> None:
        if self.is_over:
            return
        self._text.configure(state="normal")
        self._text.delete("1.0", "end")
        self._text.tag_configure("when", font=fonts.SMALL_STRONG, spacing1=px(self, SMALL))
        for words, tag in self._lines():
            self._text.insert("end", words + "\n", tag)
        self._text.configure(state="disabled")

    def _lines(self) -> list[tuple[str, str]]:
        t = self._i18n.t
        told, reason = self._versions.told, self._versions.reason
        if reason is not None:
            return [(refusal(self._i18n, reason, self._status), "")]
        if told is None:
            return [(t("message.versions_loading"), "")]
        lines = []
        now = datetime.now()
        for version in reversed(told):
            when = moment(self._i18n, version.until_ms, now, is_within=True)
            until = t("message.versions_until", when=when, name=version.replaced_by)
            lines += [(until, "when"), (version.text, "")]
        return lines or [(t("message.versions_none"), "")]


def _add_reading(dialog: Dialog, row: int, name: str) -> ttk.Text:
    """Return a text to read, as long as it may be."""
    colors = palette.current()
    text = ttk.Text(
        dialog.inside,
        name=name,
        autostyle=False,
        wrap="word",
        height=READING_LINES,
        width=1,
        font=fonts.BODY,
        relief="flat",
        borderwidth=0,
        highlightthickness=0,
        background=colors.surface,
        foreground=colors.text,
        selectbackground=colors.selection,
        selectforeground=colors.text,
        spacing2=px(dialog, 2),
    )
    scrollbar = ttk.Scrollbar(dialog.inside, bootstyle="round", command=text.yview)

    def scrolled(first: str, last: str) -> None:
        scrollbar.set(first, last)
        show(scrollbar, float(first) > 0 or float(last) < 1)

    text.configure(yscrollcommand=scrolled)
    text.grid(row=row, column=0, sticky="nsew", pady=(0, px(dialog, SMALL)))
    scrollbar.grid(row=row, column=1, sticky="ns")
    return text
