"""Messages in a Text widget: written, changed and taken out.

Each message is one block of text that carries the tag `message-<id>`, its body
`body-<id>`; its parts carry the tags that `app/views/timeline/message_block.py` names.
The first line of the widget, tagged `edge`, tells what is before the first
message. What is shown can thus be read back from the widget.
"""

import tkinter as tk
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tkinter import font
from typing import Any

import ttkbootstrap as ttk

from app.views.context import ViewContext
from app.views.kit import fonts, palette
from app.views.kit.theme import LARGE, SMALL, px
from app.views.timeline import looks, message_block
from app.views.timeline.looks import AVATAR_SIZE, BODY_LEFT, LINE_SPACING
from app.views.timeline.message_block import FOLDED, MORE, Beside, Surroundings
from protocol.messages import RoomMessage
from protocol.search import places_in

MARGIN = 32
"""What stays free right of the text, for the button of the message under the
pointer."""

_MESSAGE = "message-"


class MessageText(ttk.Text):
    """A read-only Text that holds a run of messages, oldest first."""

    def __init__(self, parent: tk.Misc, context: ViewContext, beside: Beside) -> None:
        super().__init__(
            parent,
            name="text",
            autostyle=False,
            wrap="word",
            state="disabled",
            cursor="arrow",
            undo=False,
            font=fonts.BODY,
            relief="flat",
            borderwidth=0,
            highlightthickness=0,
            padx=px(parent, LARGE),
            pady=px(parent, SMALL),
            spacing2=px(parent, LINE_SPACING),
        )
        self.messages: list[RoomMessage] = []
        self._context = context
        self._beside = beside
        self._edge = ""
        self.divider = (0, 0)
        """Above which message, and how many new ones it announces."""
        self._unfolded: set[int] = set()
        self._terms: tuple[str, ...] = ()
        """What is marked wherever it stands."""
        self._bars: dict[int, Any] = {}
        self._fitted = 0
        self._depth = 0
        # A disabled Text does not take the focus on a click everywhere, and
        # without it there are no keys and no copying.
        self.bind("<Button-1>", lambda _event: self.focus_set(), add="+")
        self.bind("<Configure>", lambda _event: self._fit(), add="+")
        self.restyle()
        with self.editing():
            self._write_edge()

    # --- changing it ----------------------------------------------------------

    def fill(self, messages: Sequence[RoomMessage], divider: tuple[int, int] = (0, 0)) -> None:
        """Show just these, with a divider as `divide` sets it."""
        self.divider = divider
        with self.editing():
            self._forget(self.messages)
            self.delete("1.0", "end")
            self._write_edge()
            self.messages = []
            self._append(messages)

    def append(self, messages: Sequence[RoomMessage]) -> None:
        """Add these below."""
        with self.editing():
            self._append(messages)

    def prepend(self, messages: Sequence[RoomMessage]) -> None:
        """Add these above the first; the caller keeps the place."""
        with self.editing():
            self.messages = [*messages, *self.messages]
            self.mark_set("at", "2.0")
            for index in range(len(messages)):
                self._write(index)
            if len(messages) < len(self.messages):
                # It no longer begins the window, so it may not begin a day.
                self._rewrite(len(messages))

    def drop_first(self, count: int) -> None:
        """Take away the `count` oldest; the caller keeps the place."""
        with self.editing():
            self._drop(slice(0, count))
            if count and self.messages:
                self._rewrite(0)

    def drop_last(self, count: int) -> None:
        """Take away the `count` newest."""
        with self.editing():
            self._drop(slice(len(self.messages) - count, len(self.messages)))

    def change(self, message: RoomMessage) -> bool:
        """Show this message anew, if it is here. Of what is the same nothing is
        touched: it may be marked, or have the keyboard."""
        index = self._index_of(message.id)
        if index is None:
            return False
        old, self.messages[index] = self.messages[index], message
        if old != message:
            with self.editing():
                self._rewrite(index)
        self.renew(message)
        return True

    def renew(self, message: RoomMessage) -> None:
        """Say anew what stands below this message, where that has changed."""
        index = self._index_of(message.id)
        if index is None:
            return
        message = self.messages[index]
        bar = self._bars.get(message.id)
        if bar is not None and not bar.renew(message):
            self._delete_part(message, "ask")
            bar = None
        if bar is None:
            self.mark_set("at", self._after_body(message))
            self._write_bar(message)
        words = self._beside.footer(message)
        footer = self._part(message, "footer")
        if words != (self.get(*footer).removesuffix("\n") if footer else ""):
            self._delete_part(message, "footer")
            self.mark_set("at", f"{tag_of(message)}.last")
            self._write_footer(message, words)

    def message_at(self, place: str) -> RoomMessage | None:
        """Return the message that is shown at this index of the text."""
        for name in self.tag_names(place):
            if name.startswith(_MESSAGE):
                index = self._index_of(int(name.removeprefix(_MESSAGE)))
                return None if index is None else self.messages[index]
        return None

    def say_edge(self, words: str) -> None:
        """Show what stands above the first message."""
        if words != self._edge:
            self._edge = words
            with self.editing():
                self.delete("1.0", "1.0 lineend")
                self.insert("1.0", words, ("edge",))

    def divide(self, message_id: int, new: int) -> None:
        """Stand a line above this message that announces so many new ones; 0:
        above none."""
        before, self.divider = self.divider, (message_id, new)
        if before != self.divider:
            with self.editing():
                for one in {before[0], message_id}:
                    index = self._index_of(one)
                    if index is not None:
                        self._rewrite_head(index)

    def unfold(self, message: RoomMessage) -> None:
        """Draw all of its text from now on."""
        self._unfolded.add(message.id)
        index = self._index_of(message.id)
        if index is not None:
            with self.editing():
                self._rewrite(index)

    def mark(self, terms: tuple[str, ...]) -> None:
        """Mark these terms wherever they stand, and nothing else."""
        before, self._terms = self._terms, terms
        if before == terms:
            return
        with self.editing():
            for index, message in enumerate(self.messages):
                if places_in(message.text, (*before, *terms)):
                    self._rewrite(index)

    def say_anew(self) -> None:
        """Write everything again: the language or the day has changed."""
        self.fill(list(self.messages), self.divider)

    # --- looks ----------------------------------------------------------------

    def restyle(self) -> None:
        """Take the colours of the theme in use."""
        colors = palette.current()
        self.configure(
            background=colors.surface,
            foreground=colors.text,
            selectbackground=colors.selection,
            inactiveselectbackground=colors.selection,
            selectforeground=colors.text,
        )
        for name, options in looks.tags(self, colors).items():
            self.tag_configure(name, **options)
        self.tag_raise("sel")
        self._fitted = 0
        self._fit()

    def _fit(self) -> None:
        """Keep lines no longer than one reads with ease, however wide the window."""
        width = self.winfo_width()
        if width == self._fitted or width <= 1:
            return
        self._fitted = width
        edge = int(str(self.cget("padx")))
        longest = font.nametofont(fonts.BODY, root=self).measure("0") * message_block.LINE_CHARS
        room = width - 2 * edge - px(self, BODY_LEFT)
        margin = max(room - longest, px(self, MARGIN))
        for name in ("author", "body", MORE, "footer"):
            self.tag_configure(name, rmargin=margin)
        for bar in self._bars.values():
            bar.fit(width)

    # --- writing --------------------------------------------------------------

    @contextmanager
    def editing(self) -> Iterator[None]:
        """Let the text take changes within this alone."""
        self._depth += 1
        self.configure(state="normal")
        try:
            yield
        finally:
            self._depth -= 1
            if not self._depth:
                self.configure(state="disabled")

    def _append(self, messages: Sequence[RoomMessage]) -> None:
        first = len(self.messages)
        self.messages += messages
        self.mark_set("at", "end - 1 chars")
        for index in range(first, len(self.messages)):
            self._write(index)

    def _drop(self, which: slice) -> None:
        gone = self.messages[which]
        if gone:
            self.delete(f"{tag_of(gone[0])}.first", f"{tag_of(gone[-1])}.last")
            self._forget(gone)
            del self.messages[which]

    def _rewrite(self, index: int) -> None:
        """Write its head and its body again; what one answers stays."""
        message = self.messages[index]
        start = self.index(f"{tag_of(message)}.first")
        self.delete(start, self._after_body(message))
        self.mark_set("at", start)
        has_head = self._write_head(index)
        self._write_body(message)
        if not has_head:
            self.tag_add("continued", self._body(message)[0])

    def _rewrite_head(self, index: int) -> None:
        message = self.messages[index]
        start = self.index(f"{tag_of(message)}.first")
        self.delete(start, self._body(message)[0])
        self.mark_set("at", start)
        has_head = self._write_head(index)
        begin = self._body(message)[0]
        self.tag_remove("continued", begin)
        if not has_head:
            self.tag_add("continued", begin)

    def _write(self, index: int) -> None:
        """Write this message at the mark `at`, which moves behind it."""
        message = self.messages[index]
        has_head = self._write_head(index)
        self._write_body(message)
        if not has_head:
            self.tag_add("continued", self._body(message)[0])
        self._write_bar(message)
        self._write_footer(message, self._beside.footer(message))

    def _write_head(self, index: int) -> bool:
        message = self.messages[index]
        tag = tag_of(message)
        new = self.divider[1] if message.id == self.divider[0] else 0
        around = Surroundings(self.messages[index - 1] if index else None, new)
        if words := message_block.heading(self._context, message, around):
            self.insert("at", words + "\n", (tag, "day"))
        if new:
            self.insert("at", self._context.t("timeline.divider", n=new) + "\n", (tag, "divider"))
        if message_block.is_grouped(self._context, message, around):
            return False
        avatar = self._context.avatars.of(message.author_name, AVATAR_SIZE, BODY_LEFT)
        self.image_create("at", image=avatar, align="center")
        for name in (tag, "author"):
            self.tag_add(name, "at - 1 chars")
        self.insert("at", *message_block.head(self._context, message, tag))
        return True

    def _write_body(self, message: RoomMessage) -> None:
        tag = tag_of(message)
        is_unfolded = message.id in self._unfolded or self._finds_below_fold(message)
        tags = (tag, _body_tag(message))
        pieces = message_block.body(self._context, message, tags, is_unfolded, self._terms)
        self.insert("at", *pieces)
        if any(FOLDED in tags for tags in pieces[1::2]):
            self.insert("at", self._context.t("timeline.show_all") + "\n", (tag, MORE))

    def _finds_below_fold(self, message: RoomMessage) -> bool:
        places = places_in(message.text, self._terms)
        return bool(places) and places[-1][1] > message_block.fold_at(message.text)

    def _write_bar(self, message: RoomMessage) -> None:
        bar = self._beside.bar(self, message)
        if bar is None:
            return
        self._bars[message.id] = bar
        with self.editing():
            start = self.index("at")
            self.window_create("at", window=bar, align="center")
            self.insert("at", "\n")
            for name in (tag_of(message), "ask"):
                self.tag_add(name, start, "at")

    def _write_footer(self, message: RoomMessage, words: str) -> None:
        if words:
            with self.editing():
                self.insert("at", f"{words}\n", (tag_of(message), "footer"))

    def _write_edge(self) -> None:
        self.insert("1.0", self._edge + "\n", ("edge",))

    # --- the parts of a message -----------------------------------------------

    def _part(self, message: RoomMessage, name: str) -> tuple[str, str] | None:
        """Return from where to where this part of it is; None: it has none."""
        tag = tag_of(message)
        if not (whole := self.tag_ranges(tag)):
            return None
        found = self.tag_nextrange(name, str(whole[0]), str(whole[-1]))
        return (found[0], found[1]) if found else None

    def _index_of(self, message_id: int) -> int | None:
        # They are one run of ids.
        index = message_id - self.messages[0].id if self.messages else -1
        return index if 0 <= index < len(self.messages) else None

    def _body(self, message: RoomMessage) -> tuple[str, str]:
        body = self.tag_ranges(_body_tag(message))
        assert body, "every message has a body"
        return str(body[0]), str(body[-1])

    def _after_body(self, message: RoomMessage) -> str:
        more = self._part(message, MORE)
        return self._body(message)[1] if more is None else more[1]

    def _delete_part(self, message: RoomMessage, name: str) -> None:
        part = self._part(message, name)
        if part is not None:
            with self.editing():
                self.delete(*part)
        if name == "ask":
            self._bars.pop(message.id, None)

    def _forget(self, messages: Sequence[RoomMessage]) -> None:
        for message in messages:
            self.tag_delete(tag_of(message), _body_tag(message))
            self._bars.pop(message.id, None)


def tag_of(message: RoomMessage) -> str:
    """Return the tag of all of this message's block."""
    return f"{_MESSAGE}{message.id}"


def _body_tag(message: RoomMessage) -> str:
    # The bodies of two messages may stand side by side, as one run of `body`.
    return f"body-{message.id}"
