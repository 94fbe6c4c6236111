"""The small windows for one message: another text, a time to withdraw itself,
its earlier texts."""

import tkinter as tk
from collections.abc import Callable
from datetime import timedelta

import ttkbootstrap as ttk

from app.i18n import local_time
from app.models.room.message_actions import Versions
from app.models.text import clean_text
from app.views.compose.when import DayAndTime
from app.views.context import ViewContext
from app.views.kit import fonts, palette
from app.views.kit.dialogs import Dialog
from app.views.kit.editor import Editor
from app.views.kit.theme import SMALL, TIGHT, px
from app.views.kit.widgets import follow, show
from protocol.messages import RoomMessage

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
        context: ViewContext,
        message: RoomMessage,
        save: Callable[[str], None],
    ) -> None:
        t = context.t
        super().__init__(parent, context.i18n, "edit_message", t("message.edit_title"), EDIT_WIDTH)
        self._limit = context.status.limits.text_chars
        self._before = message.text
        self._save = save
        self.add_text(t("message.edit_title"), "Strong.TLabel", "edit_title")
        self.add_text(t("message.edit_text"), "Description.TLabel", "edit_text")
        self.editor = Editor(self.inside, self._refresh, "edit_editor", EDIT_LINES)
        self.add(self.editor, TIGHT)
        self._count = ttk.Label(self.inside, style="Muted.TLabel", name="edit_count", anchor="e")
        self.add(self._count)
        self._yes = self.add_button("edit_save", t("message.save"), self._submit, "main")
        self.add_cancel("edit_cancel")
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
        context: ViewContext,
        message: RoomMessage,
        choose: Callable[[int], None],
    ) -> None:
        t = context.t
        super().__init__(parent, context.i18n, "expiry_form", t("message.expiry_title"))
        self._clock = context.clock
        self._choose = choose
        chosen = local_time(message.expires_at_ms) if message.expires_at_ms else None
        at = chosen or self._clock.now() + timedelta(hours=1)
        self.add_text(t("message.expiry_title"), "Strong.TLabel", "expiry_title")
        self.add_text(t("message.expiry_text"), "Description.TLabel", "expiry_text")
        self.when = DayAndTime(self.inside, context, "expiry", at, self._forget_error)
        self.when.on_enter(self._submit)
        self.add(self.when)
        self.add_button("expiry_set", t("message.expiry_set"), self._submit, "main")
        if chosen:
            self.add_button("expiry_never", t("message.expiry_never"), self._never)
        self.add_cancel("expiry_cancel")
        self.open(self.when.time)

    def _never(self) -> None:
        self.close()
        self._choose(0)

    def _submit(self) -> None:
        when = self.when.meant
        if when is None or when.at_ms <= self._clock.now_ms():
            self.when.say_error(self._i18n.t("message.expiry_wrong"))
            return
        self.close()
        self._choose(when.at_ms)

    def _forget_error(self) -> None:
        self.when.say_error("")


class ReadDialog(Dialog):
    """One message, whole: what is pinned may lie far up in the timeline."""

    def __init__(self, parent: tk.Misc, context: ViewContext, message: RoomMessage) -> None:
        super().__init__(parent, context.i18n, "read", context.t("pins.title"))
        self.add_text(message.author_name, "Strong.TLabel", "read_author")
        self.add_text(context.moment(message.posted_at_ms), "Muted.TLabel", "read_when")
        reading = _Reading(self.inside, "read_text")
        reading.show([(message.text, "")])
        self.add(reading, SMALL)
        self.open(self.add_done("read_done"))


class VersionsDialog(Dialog):
    """Follows the model by itself; `forget` is called when it was looked at."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        versions: Versions,
        forget: Callable[[], None],
    ) -> None:
        title = context.t("message.versions_title", id=versions.message_id)
        super().__init__(parent, context.i18n, "versions", title)
        self._context = context
        self._versions = versions
        self._forget = forget
        self.add_text(title, "Strong.TLabel", "versions_title")
        self._reading = _Reading(self.inside, "versions_text")
        self.add(self._reading, SMALL)
        done = self.add_done("versions_done")
        follow(self.inside, self._refresh, versions)
        self._refresh()
        self.open(done)

    def close(self) -> None:
        """Leave nothing of the texts in the window's memory."""
        if not self.is_over:
            super().close()
            self._forget()

    def _refresh(self) -> None:
        if not self.is_over:
            self._reading.show([(f"{words}\n", tag) for words, tag in self._lines()])

    def _lines(self) -> list[tuple[str, str]]:
        t = self._context.t
        told, reason = self._versions.told, self._versions.reason
        if reason is not None:
            return [(self._context.refusal(reason), "")]
        if told is None:
            return [(t("message.versions_loading"), "")]
        lines = []
        for version in reversed(told):
            when = self._context.moment(version.until_ms, is_within=True)
            until = t("message.versions_until", when=when, name=version.replaced_by)
            lines += [(until, _Reading.HEADING), (version.text, "")]
        return lines or [(t("message.versions_none"), "")]


class _Reading(ttk.Frame):
    """A text to read, as long as it may be. `name` is the text's own in Tk."""

    HEADING = "heading"

    def __init__(self, parent: tk.Misc, name: str) -> None:
        super().__init__(parent)
        colors = palette.current()
        self._text = ttk.Text(
            self,
            name=name,
            autostyle=False,
            wrap="word",
            height=READING_LINES,
            width=1,
            state="disabled",
            font=fonts.BODY,
            relief="flat",
            borderwidth=0,
            highlightthickness=0,
            background=colors.surface,
            foreground=colors.text,
            selectbackground=colors.selection,
            selectforeground=colors.text,
            spacing2=px(self, 2),
        )
        self._text.tag_configure(self.HEADING, font=fonts.SMALL_STRONG, spacing1=px(self, SMALL))
        self._scrollbar = ttk.Scrollbar(self, bootstyle="round", command=self._text.yview)
        self._text.configure(yscrollcommand=self._scrolled)
        self._text.grid(row=0, column=0, sticky="nsew")
        self._scrollbar.grid(row=0, column=1, sticky="ns")
        self.columnconfigure(0, weight=1)

    def show(self, pieces: list[tuple[str, str]]) -> None:
        """Show these words, each with its tag, in place of what is there."""
        self._text.configure(state="normal")
        self._text.delete("1.0", "end")
        for words, tag in pieces:
            self._text.insert("end", words, tag)
        self._text.configure(state="disabled")

    def _scrolled(self, first: str, last: str) -> None:
        self._scrollbar.set(first, last)
        show(self._scrollbar, float(first) > 0 or float(last) < 1)
