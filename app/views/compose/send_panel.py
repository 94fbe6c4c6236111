"""Where an administrator writes. A member has none."""

import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import msgspec
import ttkbootstrap as ttk

from app.models.connection.status import Phase
from app.models.pages.schedule import ScheduleModel
from app.models.room.outbox_item import EMPTY, Draft
from app.models.room.templates import Templates, draft_of
from app.models.text import clean_text
from app.views.compose.attaching import AttachActions, AttachButton, AttachedLine, Attaching
from app.views.compose.dropping import accept_files
from app.views.compose.later import LaterDialog, LaterMenu
from app.views.compose.message_options import MessageOptions
from app.views.compose.outbox_strip import Outbox, OutboxStrip
from app.views.compose.templates import TemplateActions, TemplateMenu
from app.views.context import ViewContext
from app.views.kit import fonts
from app.views.kit.dialogs import Ask
from app.views.kit.editor import Editor
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import ElidedLabel, follow, hairline, show
from protocol.messages import Attachment, Priority, Template

WIDE = 720
"""From this width on, in logical pixels, all is on one line below the editor."""

ERROR = "Error.TLabel"

CONNECTED = (Phase.LIVE, Phase.CATCHING_UP)


class PostActions(Protocol):
    """What can be done here."""

    def send(self, draft: Draft) -> bool:
        """Post this. It is in the outbox from here on; False: it could not be kept."""

    def write(self, draft: Draft) -> None:
        """Take what is written so far, to keep it."""

    def take_back(self, post_id: bytes) -> Draft | None:
        """Take a post that waits or was refused out of the outbox, to be written anew.
        None: it may be in the room already."""

    def discard(self, post_id: bytes) -> None:
        """Give up a post that waits or was refused."""


class SendPanel(ttk.Frame):
    """The outbox, the editor, and the button. What is written is in the outbox as
    it is written, and survives the panel there."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        outbox: Outbox,
        actions: PostActions,
        templates: Templates,
        template_actions: TemplateActions,
        attach_actions: AttachActions,
        schedule: ScheduleModel,
        look_at_scheduled: Callable[[], None],
    ) -> None:
        super().__init__(parent, name="send_panel")
        self._context = context
        self._outbox = outbox
        self._actions = actions
        self._told = outbox.draft
        """The draft as it was told, or taken over."""
        self._is_setting = False
        self._unkept: Draft | None = None
        """What could not be sent because it could not be kept."""

        hairline(self).grid(row=0, column=0, sticky="ew")
        body = ttk.Frame(self, padding=(px(self, LARGE), px(self, MEDIUM)))
        body.grid(row=1, column=0, sticky="ew")
        self.columnconfigure(0, weight=1)
        body.columnconfigure(0, weight=1)
        self._strip = OutboxStrip(body, context, outbox, self._edit, actions.discard)
        self._strip.grid(row=0, column=0, columnspan=6, sticky="ew")
        self._strip.refresh()
        self.editor = Editor(body, self._refresh)
        self.editor.grid(row=1, column=0, columnspan=6, sticky="ew", pady=(0, px(self, SMALL)))
        self.options = MessageOptions(body, context, self._refresh)
        self._templates = TemplateMenu(
            body, context, templates, template_actions, self._use, lambda: self.draft
        )
        self._attachments: tuple[Attachment, ...] = ()
        self._why_not_attached = ""
        attaching = Attaching(context, attach_actions, self._take, self._say_not_attached)
        self._attaching = attaching
        self._attach = AttachButton(body, context, attaching)
        self._attached = AttachedLine(body, context, self._take_out)
        self._attached.grid(row=2, column=0, columnspan=6, sticky="ew", pady=(0, px(self, SMALL)))
        self._later = LaterMenu(body, context, schedule, self._ask_when, look_at_scheduled)
        self._asking: LaterDialog | None = None
        self._count = ttk.Label(body, style="Muted.TLabel", name="count")
        self._button = ttk.Button(
            body,
            name="send",
            style="Main.primary.TButton",
            icon="send",
            compound="left",
            command=self._send,
        )
        self._hint = ElidedLabel(body, fonts.SMALL, style="Muted.TLabel", name="hint")
        self._is_wide: bool | None = None
        self._may_hint = True
        self._arrange(is_wide=True)
        body.bind("<Configure>", lambda event: self._arrange(event.width >= px(self, WIDE)))

        self._is_mac = self.tk.call("tk", "windowingsystem") == "aqua"
        modifier = "Command" if self._is_mac else "Control"
        self.editor.text.bind("<<Paste>>", self._paste)
        accept_files(self.editor.text, attaching.drop)
        for key in ("Return", "KP_Enter"):
            self.editor.text.bind(f"<{modifier}-{key}>", self._send_by_key)
            self.editor.text.bind(f"<{modifier}-Shift-{key}>", self._ask_when_by_key)
        follow(self, self._refresh, context.status)
        follow(self, self._say_anew, context.i18n)
        follow(self, self._take_over, outbox)
        self._set(outbox.draft)

    def _arrange(self, is_wide: bool) -> None:
        """Put what is chosen and the button into a line where there is room."""
        if is_wide == self._is_wide:
            return
        self._is_wide = is_wide
        gap = px(self, SMALL)
        self.options.grid(row=3, column=0, columnspan=1 if is_wide else 6, sticky="new")
        row = 3 if is_wide else 4
        above = 0 if is_wide else gap
        self._count.grid(
            row=row, column=1, padx=px(self, MEDIUM), sticky="n", pady=(above + gap, 0)
        )
        buttons = (self._attach, self._templates, self._later)
        for column, button in enumerate(buttons, 2):
            right = gap if button is self._later else 0
            button.grid(row=row, column=column, sticky="n", padx=(0, right), pady=(above, 0))
        self._button.grid(row=row, column=5, sticky="n", pady=(above, 0))
        span = 6 if is_wide else 1
        self._hint.grid(row=4, column=0, columnspan=span, sticky="ew", pady=(gap, 0))
        self._show_hint()

    def limit(self, lines: int, posts: int, hint: int) -> None:
        """Have so many lines to write in at most, so many posts above them, and the
        hint below or not (0): the button has to stay in sight. Why it can't be
        pressed stays, too."""
        self.editor.limit(lines)
        self._strip.limit(posts)
        self._may_hint = hint > 0
        self._show_hint()

    def height_with(self, lines: int, posts: int, hint: int) -> int:
        """Return how high it would be with these limits, in pixels."""
        strip = self._strip
        # Beside the button it takes no height.
        below = self._hint.winfo_reqheight() + px(self, SMALL) if self._is_wide else 0
        height = self.winfo_reqheight()
        height += self.editor.height_with(lines) - self.editor.winfo_reqheight()
        if strip.winfo_manager():
            height -= strip.winfo_reqheight()
        height += strip.height_with(posts)
        if self._hint.winfo_manager():
            height -= below
        return height + (below if self._has_hint(hint > 0) else 0)

    @property
    def draft(self) -> Draft:
        """What is written and not sent."""
        draft = self.options.give(self.editor.get())
        return msgspec.structs.replace(draft, attachments=self._attachments)

    def _has_hint(self, may_hint: bool) -> bool:
        """Tell whether there is one: what is wrong is said in any case, and in a narrow
        panel there is always room for it, beside the button."""
        return may_hint or not self._is_wide or str(self._hint.cget("style")) == ERROR

    def focus_editor(self) -> None:
        self.editor.text.focus_set()

    def _send_by_key(self, _event: "tk.Event[tk.Text]") -> str:
        if not self._button.instate(["disabled"]):
            self._send()
        return "break"

    def _send(self) -> None:
        draft = self.draft
        if draft.answers or draft.priority is Priority.URGENT:
            self._ask_first(draft)
        else:
            self._give(draft)

    def _ask_when_by_key(self, _event: "tk.Event[tk.Text]") -> str:
        self._ask_when()
        return "break"

    def _ask_when(self) -> None:
        """Ask when this is to be posted, if it can be."""
        is_asking = self._asking is not None and not self._asking.is_over
        if is_asking or self._button.instate(["disabled"]):
            return
        draft = self.draft
        self._asking = LaterDialog(
            self,
            self._context,
            draft,
            lambda at_ms: self._give(msgspec.structs.replace(draft, at_ms=at_ms)),
        )

    def _ask_first(self, draft: Draft) -> None:
        """Say what many people are about to be asked, and send it once that is wanted."""
        t = self._context.t
        people = self._context.status.readers
        answers = [answer or t("confirm.read") for answer in draft.answers]
        kind = "urgent" if draft.priority is Priority.URGENT else "asking"
        Ask(
            self,
            self._context.i18n,
            t(f"send.{kind}_title_to", n=people) if people else t(f"send.{kind}_title"),
            t(f"send.{kind}_text", answers=" · ".join(answers)),
            t("send.button_to", n=people) if people else t("send.button"),
            lambda: self._give(draft),
            is_harmful=kind == "urgent",
        )

    def _give(self, draft: Draft) -> None:
        # The editor lets go of the text only when the outbox has it.
        if self._actions.send(draft):
            self._set(EMPTY)
        else:
            self._unkept = msgspec.structs.replace(draft, at_ms=0)
            self._refresh()
        self.focus_editor()

    def _edit(self, post_id: bytes) -> None:
        draft = self._actions.take_back(post_id)
        if draft is not None:
            self._write_below(draft)
        self.focus_editor()

    def _use(self, template: Template) -> None:
        self._write_below(draft_of(template))
        self.focus_editor()

    def _write_below(self, draft: Draft) -> None:
        """Choose as this draft has it, with its text below what is written."""
        written = self.editor.get().rstrip()
        text = f"{written}\n\n{draft.text}" if written else draft.text
        files = draft.attachments or self._attachments
        self._set(msgspec.structs.replace(draft, text=text, attachments=files))

    def _take(self, attachment: Attachment) -> None:
        self._attachments, self._why_not_attached = (attachment,), ""
        self._refresh()
        self.focus_editor()

    def _take_out(self) -> None:
        self._attachments = ()
        self._refresh()
        self.focus_editor()

    def _say_not_attached(self, words: str) -> None:
        self._why_not_attached = words
        self._refresh()

    def _paste(self, _event: "tk.Event[tk.Text]") -> str | None:
        """Take a picture or a file, where the clipboard has no text."""
        try:
            has_text = bool(self.clipboard_get())
        except tk.TclError:
            has_text = False
        return "break" if not has_text and self._attaching.paste() else None

    def _set(self, draft: Draft) -> None:
        self._is_setting = True
        self._attachments = draft.attachments
        self.options.set(draft)
        self.editor.set(draft.text)
        self._is_setting = False
        self._refresh()

    def _take_over(self) -> None:
        """Show another account's outbox, or what the last start left in it."""
        if self._outbox.draft != self._told:
            self._told = self._outbox.draft
            self._set(self._told)

    def _say_anew(self) -> None:
        self.options.say()
        self._refresh()

    def _refresh(self) -> None:
        if self._is_setting:
            return
        draft = self.draft
        if draft != self._told:
            self._told = draft
            self._why_not_attached = ""  # one goes on without it
            self._actions.write(draft)
        for attachment in self._attachments:
            self._attached.say(attachment)
        show(self._attached, bool(self._attachments))
        t = self._context.t
        status = self._context.status
        limit = status.limits.text_chars
        length = len(clean_text(self.editor.get()))
        over = length - limit

        self.editor.say_placeholder(t("send.placeholder"))
        self._count.configure(
            text=t("send.count", count=length, limit=limit),
            style=ERROR if over > 0 else "Muted.TLabel",
        )
        why_not = self.options.why_not
        if over > 0:
            self._say_hint(t("send.too_long", n=over), ERROR)
        elif self._why_not_attached:
            self._say_hint(self._why_not_attached, ERROR)
        elif why_not:
            self._say_hint(why_not, ERROR)
        elif self._attachments and not length:
            self._say_hint(t("files.needs_text"), "Muted.TLabel")
        elif draft == self._unkept:
            self._say_hint(t("send.unkept"), ERROR)
        elif status.now.phase not in CONNECTED:
            self._say_hint(t("send.offline"), "Muted.TLabel")
        else:
            self._say_hint(t("send.hint_mac" if self._is_mac else "send.hint"), "Muted.TLabel")
        people = self._context.status.readers
        self._button.configure(text=t("send.button_to", n=people) if people else t("send.button"))
        can_send = over <= 0 < length and self.options.is_complete
        self._button.state(["!disabled" if can_send else "disabled"])
        self._later.set_ready(can_send)

    def _say_hint(self, words: str, style: str) -> None:
        self._hint.configure(style=style)
        self._hint.say(words)
        self._show_hint()

    def _show_hint(self) -> None:
        show(self._hint, self._has_hint(self._may_hint))
        # In a narrow panel what is wrong takes the place of the templates.
        is_wrong = str(self._hint.cget("style")) == ERROR
        has_room = bool(self._is_wide) or not is_wrong
        for button in (self._templates, self._later):
            show(button, has_room)
        show(self._attach, has_room and self._attaching.is_possible)
