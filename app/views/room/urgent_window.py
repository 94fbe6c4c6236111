"""An urgent message, in front of everything until it is answered or put aside."""

import contextlib
import tkinter as tk
from collections.abc import Callable
from typing import Protocol

import ttkbootstrap as ttk

from app.models.room.urgent import Urgent
from app.views.context import ViewContext
from app.views.kit import fonts, palette
from app.views.kit.theme import LARGE, MEDIUM, SMALL, px
from app.views.kit.widgets import ElidedLabel, follow, show
from app.views.timeline.receipts import AskBar, MessageReceipts
from app.views.wording.sizes import file_size
from protocol.messages import RoomMessage

WIDTH = 480
MOST_LINES = 12
"""Of the text; a longer one scrolls."""

SAFE_MS = 700
"""For so long what has just come to the front takes no click: one that was on its way was
meant for something else."""


class UrgentActions(Protocol):
    """What can be done with an urgent message besides answering it."""

    def dismiss(self, message_id: int) -> None:
        """Put it aside; it stays open in the room."""


class UrgentHost(Protocol):
    """Who has the rest of the window."""

    def show_urgent(self, message: RoomMessage) -> None:
        """Bring the room to the front, at this message."""


class UrgentAlert:
    """Follows the model: opens a window for the first of the urgent messages, and lets it
    go with the last of them. With each sound it comes to the front again."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        model: Urgent,
        receipts: MessageReceipts,
        actions: UrgentActions,
        host: UrgentHost,
    ) -> None:
        self._parent = parent
        self._context = context
        self._model = model
        self._receipts = receipts
        self._actions = actions
        self._host = host
        self._window: UrgentWindow | None = None
        self._rings = model.rings
        follow(parent, self._refresh, model, context.i18n, context.settings)

    def renew(self, changed: set[int]) -> None:
        """Show how one stands with the message, if that is among what has changed."""
        if self._window is not None and self._window.message.id in changed:
            self._window.renew()

    def _refresh(self) -> None:
        messages = self._model.messages
        shown = self._window
        if shown is not None and (not messages or not shown.is_current(messages[0])):
            shown.destroy()
            self._window = None
        if messages and self._window is None:
            self._window = UrgentWindow(
                self._parent, self._context, messages[0], self._receipts, self._actions, self._host
            )
        if self._window is not None:
            self._window.say_count(len(messages))
        if self._rings != self._model.rings:
            self._rings = self._model.rings
            if self._window is not None:
                self._window.come_forward()


class UrgentWindow(ttk.Toplevel):
    """One message. It does not take the keyboard: nobody answers it by what they happen
    to type."""

    def __init__(
        self,
        parent: tk.Misc,
        context: ViewContext,
        message: RoomMessage,
        receipts: MessageReceipts,
        actions: UrgentActions,
        host: UrgentHost,
    ) -> None:
        t = context.t
        root = parent.winfo_toplevel()
        super().__init__(
            master=root, name="urgent", title=t("urgent.title"), resizable=(False, False)
        )
        self.withdraw()
        self.message = message
        self._context = context
        self._looks = _looks(context)
        self._safe = False
        colors = palette.current()
        edge = tk.Frame(self, background=colors.danger, padx=px(self, 3), pady=px(self, 3))
        edge.grid(row=0, column=0, sticky="nsew")
        edge.columnconfigure(0, weight=1)
        inside = ttk.Frame(edge, padding=px(self, LARGE))
        inside.grid(row=0, column=0, sticky="nsew")
        inside.columnconfigure(0, weight=1)

        head = ttk.Frame(inside)
        head.grid(row=0, column=0, sticky="ew")
        head.columnconfigure(1, weight=1)
        avatar = context.avatars.of(message.author_name, 36)
        ttk.Label(head, image=avatar).grid(row=0, column=0, rowspan=2, padx=(0, px(self, MEDIUM)))
        ttk.Label(
            head, text=t("priority.urgent_mark"), style="Urgent.TLabel", name="urgent_mark"
        ).grid(row=0, column=1, sticky="w")
        when = context.moment(message.posted_at_ms, is_within=True)
        ttk.Label(
            head,
            text=t("urgent.by", name=message.author_name, when=when),
            style="Muted.TLabel",
            name="urgent_by",
        ).grid(row=1, column=1, sticky="w")
        self._count = ttk.Label(head, style="Muted.TLabel", name="urgent_count")
        self._count.grid(row=0, column=2, sticky="e")

        self._add_text(inside, colors)
        below = ttk.Frame(inside)
        below.grid(row=2, column=0, sticky="ew", pady=(px(self, MEDIUM), 0))
        below.columnconfigure(0, weight=1)
        for file in message.attachments:
            # It is to be seen in the room; here it is said that there is one.
            line = ElidedLabel(below, fonts.SMALL, style="Muted.TLabel", name="urgent_file")
            line.say(f"{file.name} · {file_size(file.size)}")
            line.grid(row=0, column=0, sticky="ew", pady=(0, px(self, SMALL)))
        bar = receipts.ask_bar(below, message)
        self._bar = bar if isinstance(bar, AskBar) else None
        if self._bar is not None:
            self._bar.grid(row=1, column=0, sticky="w")
        others = ttk.Frame(inside)
        others.grid(row=3, column=0, sticky="ew", pady=(px(self, SMALL), 0))
        for column, (name, act) in enumerate(
            (("dismiss", lambda: actions.dismiss(message.id)), ("show", self._show_in_room(host)))
        ):
            ttk.Button(
                others,
                name=f"urgent_{name}",
                text=t(f"urgent.{name}"),
                style="Inline.TButton",
                command=self._once_safe(act),
            ).grid(row=0, column=column, padx=(0, px(self, LARGE)))
        # Closing it by the system's means is putting it aside.
        self.protocol("WM_DELETE_WINDOW", self._once_safe(lambda: actions.dismiss(message.id)))
        self._open()

    def is_current(self, message: RoomMessage) -> bool:
        """Tell whether it shows this message, in the language and the theme of now."""
        return (self.message, self._looks) == (message, _looks(self._context))

    def say_count(self, count: int) -> None:
        """Say how many wait behind it."""
        words = self._context.t("urgent.more", n=count - 1) if count > 1 else ""
        self._count.configure(text=words)
        show(self._count, bool(words))

    def renew(self) -> None:
        """Show how one stands with it now."""
        if self._bar is not None:
            self._bar.renew(self.message)

    def come_forward(self) -> None:
        """Stand in front of everything."""
        self.deiconify()
        with contextlib.suppress(tk.TclError):  # not every system has it
            self.attributes("-topmost", True)
        self.lift()

    def _add_text(self, inside: ttk.Frame, colors: palette.Palette) -> None:
        frame = ttk.Frame(inside)
        frame.grid(row=1, column=0, sticky="ew", pady=(px(self, MEDIUM), 0))
        frame.columnconfigure(0, weight=1)
        text = ttk.Text(
            frame,
            name="urgent_text",
            autostyle=False,
            wrap="word",
            width=1,
            height=1,
            font=fonts.BODY,
            relief="flat",
            borderwidth=0,
            highlightthickness=0,
            padx=px(self, SMALL),
            pady=px(self, SMALL),
            background=colors.urgent_background,
            foreground=colors.text,
            selectbackground=colors.selection,
            spacing2=px(self, 2),
            cursor="arrow",
        )
        text.insert("1.0", self.message.text)
        text.configure(state="disabled")
        scrollbar = ttk.Scrollbar(frame, bootstyle="round", command=text.yview)
        text.configure(yscrollcommand=scrollbar.set)
        text.grid(row=0, column=0, sticky="ew")
        scrollbar.grid(row=0, column=1, sticky="ns")
        scrollbar.grid_remove()
        self._text, self._scrollbar = text, scrollbar

    def _open(self) -> None:
        width = min(px(self, WIDTH), self.winfo_screenwidth())
        self.geometry(f"{width}x{self.winfo_screenheight()}")
        self.columnconfigure(0, weight=1, minsize=width)
        self.update_idletasks()
        lines = int(self.tk.call(str(self._text), "count", "-displaylines", "1.0", "end") or 1)
        self._text.configure(height=min(max(lines, 1), MOST_LINES))
        show(self._scrollbar, lines > MOST_LINES)
        self.update_idletasks()
        height = self.winfo_reqheight()
        left = (self.winfo_screenwidth() - width) // 2
        top = (self.winfo_screenheight() - height) // 4
        self.geometry(f"{width}x{height}+{max(left, 0)}+{max(top, 0)}")
        if self._bar is not None:
            self._bar.fit(self._bar.master.winfo_width())
            self._set_bar("disabled")
        self.after(SAFE_MS, self._be_safe)
        before = self.master.focus_get()
        self.come_forward()
        if before is not None:
            # Some systems give the keyboard to whatever window is new.
            self.after_idle(lambda: _give_back(before))

    def _be_safe(self) -> None:
        self._safe = True
        self._set_bar("!disabled")

    def _set_bar(self, state: str) -> None:
        if self._bar is not None:
            self._bar.set_state(state)

    def _once_safe(self, act: Callable[[], None]) -> Callable[[], None]:
        return lambda: act() if self._safe else None

    def _show_in_room(self, host: UrgentHost) -> Callable[[], None]:
        return lambda: host.show_urgent(self.message)


def _give_back(before: tk.Misc) -> None:
    with contextlib.suppress(tk.TclError):  # it may be gone by then
        before.focus_force()


def _looks(context: ViewContext) -> tuple[str, str]:
    return context.i18n.language, context.settings.values.theme
