"""The window in which something that is scheduled is changed."""

import tkinter as tk
from collections.abc import Callable

import msgspec
import ttkbootstrap as ttk

from app.i18n import local_time
from app.models.operation import OperationStatus
from app.models.pages.page_model import PageModel
from app.models.room.outbox_item import Draft
from app.models.text import clean_text
from app.views.compose.attaching import AttachedLine
from app.views.compose.message_options import MessageOptions
from app.views.compose.when import PostingTime
from app.views.context import ViewContext
from app.views.kit.dialogs import Dialog
from app.views.kit.editor import Editor
from app.views.kit.theme import MEDIUM, SMALL, TIGHT
from app.views.kit.widgets import WrappingLabel, follow, show
from protocol.messages import ScheduledMessage
from protocol.refusals import Refusal

WIDTH = 640
LINES = 6
"""Of the text that are seen at once; a longer one scrolls."""


class ScheduledDialog(Dialog):
    """Stays until the server has taken it, so that nothing typed is lost (P10): `save` is
    told what is scheduled, the version that is replaced, and what by. Who has been forestalled
    by another administrator is told so, and replaces that only by trying once more."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        scheduled: ScheduledMessage,
        page: PageModel[ScheduledMessage],
        save: Callable[[ScheduledMessage, int, Draft], None],
    ) -> None:
        t = context.t
        super().__init__(parent, context.i18n, "scheduled_form", t("schedule.edit_title"), WIDTH)
        self._context = context
        self._scheduled = scheduled
        self._version = scheduled.version
        self._page = page
        self._save = save
        self._is_sent = False
        self._limit = context.status.limits.text_chars
        self.add_text(t("schedule.edit_title"), "Strong.TLabel", "scheduled_title")
        self.add_text(t("schedule.edit_text"), "Description.TLabel", "scheduled_hint")
        self.editor = Editor(self.inside, self._refresh, "scheduled_editor", LINES)
        self.add(self.editor, TIGHT)
        self._count = ttk.Label(self.inside, style="Muted.TLabel", name="scheduled_count")
        self._count.configure(anchor="e")
        self.add(self._count, SMALL)
        self.options = MessageOptions(self.inside, context, self._refresh)
        self.add(self.options, MEDIUM)
        self._attachments = scheduled.attachments
        self._attached = AttachedLine(self.inside, context, self._take_out)
        self.add(self._attached, SMALL)
        for attachment in self._attachments:
            self._attached.say(attachment)
        show(self._attached, bool(self._attachments))
        self.when = PostingTime(
            self.inside,
            context,
            None if scheduled.held else local_time(scheduled.at_ms),
            lambda: self._draft,
            self._submit,
        )
        self.add(self.when)
        self._error = WrappingLabel(self.inside, style="Error.TLabel", name="scheduled_error")
        self.add(self._error)
        show(self._error, False)
        self._yes = self.add_button("scheduled_save", t("message.save"), self._submit, "main")
        self.add_cancel("scheduled_discard")
        follow(self, self._follow, page.operation)
        self.options.set(
            Draft(
                scheduled.text,
                scheduled.priority,
                scheduled.answers,
                lifetime_ms=scheduled.lifetime_ms,
            )
        )
        self.editor.set(scheduled.text)
        self._refresh()
        self.open(self.editor.text)

    @property
    def _draft(self) -> Draft:
        draft = self.options.give(clean_text(self.editor.get()))
        return msgspec.structs.replace(draft, attachments=self._attachments)

    def _take_out(self) -> None:
        self._attachments = ()
        show(self._attached, False)

    def _refresh(self) -> None:
        length = len(clean_text(self.editor.get()))
        self._count.configure(
            text=self._i18n.t("send.count", count=length, limit=self._limit),
            style="Error.TLabel" if length > self._limit else "Muted.TLabel",
        )
        self.when.refresh()
        self._allow()

    def _allow(self) -> None:
        fits = 0 < len(clean_text(self.editor.get())) <= self._limit
        can_save = fits and self.options.is_complete and not self._is_sent
        self._yes.state(["!disabled" if can_save else "disabled"])

    def _submit(self) -> None:
        if self._yes.instate(["disabled"]):
            return
        at_ms = self.when.take()
        if at_ms:
            self._say("")
            self._is_sent = True
            self._allow()
            draft = msgspec.structs.replace(self._draft, at_ms=at_ms)
            self._save(self._scheduled, self._version, draft)
            if not self._page.operation.is_under_way:
                self._follow()

    def _follow(self) -> None:
        """See how it went."""
        operation = self._page.operation
        if not self._is_sent or operation.is_under_way:
            return
        self._is_sent = False
        if operation.status is OperationStatus.DONE:
            self.close()
            return
        _, words = self._context.operation_words(operation)
        self._say(words or self._context.t("page.offline"))
        reason = operation.reason
        if reason is not None and reason.code == Refusal.CHANGED_MEANWHILE:
            self._take_newest()
        self._allow()

    def _take_newest(self) -> None:
        """Replace the other's change from here on, if the person saves once more."""
        for item in self._page.listing.items:
            if item.id == self._scheduled.id and item.version > self._version:
                self._version = item.version
                self._say(self._context.t("schedule.forestalled", name=item.author_name))

    def _say(self, words: str) -> None:
        self._error.say(words)
        show(self._error, bool(words))
