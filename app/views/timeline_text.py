"""Messages in a Text widget: how each is written, found again and taken out.

Each message is one block of text that carries the tag `message-<id>`: a day's
heading where a new day begins, a line with the author and the time, and the
body, tagged `body`. The first line of the widget, tagged `edge`, tells what is
before the first message. What is shown can thus be read back from the widget.
"""

import tkinter as tk
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Protocol

import ttkbootstrap as ttk

from app.i18n import Translator, local_time
from app.views import fonts, links, message_words, palette
from app.views.avatar import Avatars
from app.views.script import is_unspaced
from app.views.theme import LARGE, MEDIUM, SMALL, TIGHT, px
from protocol.messages import Priority, RoomMessage

AVATAR_SIZE = 36
BODY_LEFT = AVATAR_SIZE + MEDIUM
"""Where names and bodies begin, right of the avatar."""

LINE_SPACING = 3

_MESSAGE = "message-"


class Beside(Protocol):
    """What stands below a message."""

    def footer(self, message: RoomMessage) -> str:
        """One line of words; empty: none."""

    def ask_bar(self, parent: tk.Misc, message: RoomMessage) -> tk.Widget | None:
        """Widgets; None: none."""


class TimelineText(ttk.Text):
    """A read-only Text that holds a run of messages, oldest first."""

    def __init__(self, parent: tk.Misc, i18n: Translator, avatars: Avatars, beside: Beside) -> None:
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
        self._i18n = i18n
        self._avatars = avatars
        self._beside = beside
        self._edge = ""
        # A disabled Text does not take the focus on a click everywhere, and
        # without it there are no keys and no copying.
        self.bind("<Button-1>", lambda _event: self.focus_set(), add="+")
        self.tag_bind("link", "<Enter>", lambda _event: self.configure(cursor="hand2"))
        self.tag_bind("link", "<Leave>", lambda _event: self.configure(cursor="arrow"))
        self.tag_bind("link", "<ButtonRelease-1>", self._open_link)
        self.restyle()
        with self.editing():
            self._write_edge()

    # --- what is shown ----------------------------------------------------

    def shown(self) -> list[tuple[int, str]]:
        """The id and text of each message, as the widget itself has them."""
        found: list[tuple[int, str]] = []
        at = "1.0"
        while body := self.tag_nextrange("body", at):
            names = [name for name in self.tag_names(body[0]) if name.startswith(_MESSAGE)]
            text = self.get(body[0], body[1])
            found += [(int(name.removeprefix(_MESSAGE)), text.removesuffix("\n")) for name in names]
            at = body[1]
        return found

    def message_at(self, place: str) -> RoomMessage | None:
        """The message that is shown at this index of the text."""
        names = {name for name in self.tag_names(place) if name.startswith(_MESSAGE)}
        return next((one for one in self.messages if _tag(one) in names), None)

    def marked(self) -> str:
        """The text that is selected."""
        return self.get("sel.first", "sel.last") if self.tag_ranges("sel") else ""

    def chosen(self) -> RoomMessage | None:
        """The message in which the selection begins or, with none, the last in
        sight."""
        if self.tag_ranges("sel"):
            return self.message_at("sel.first")
        return self.last_in_sight()

    def last_in_sight(self) -> RoomMessage | None:
        """The last message whose body ends in sight, or begins above it."""
        if not self.messages:
            return None
        last = self.index_at_bottom()
        body = self.tag_nextrange("body", f"{_tag(self.messages[last])}.first")
        is_cut = last > 0 and (not body or self.dlineinfo(f"{body[1]} - 1 chars") is None)
        return self.messages[last - 1 if is_cut else last]

    def place_of(self, message: RoomMessage) -> tuple[int, int]:
        """Where its body begins, in screen pixels; the middle where that is out
        of sight."""
        body = self.tag_nextrange("body", f"{_tag(message)}.first")
        line = self.dlineinfo(body[0]) if body else None
        if line is None:
            return self.winfo_rootx() + BODY_LEFT, self.winfo_rooty() + self.winfo_height() // 2
        return self.winfo_rootx() + line[0] + BODY_LEFT, self.winfo_rooty() + line[1] + line[3]

    # --- changing it ------------------------------------------------------

    def fill(self, messages: Sequence[RoomMessage]) -> None:
        """Show just these."""
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
            gone, self.messages = self.messages[:count], self.messages[count:]
            if gone:
                self.delete(f"{_tag(gone[0])}.first", f"{_tag(gone[-1])}.last")
                self._forget(gone)
            if gone and self.messages:
                self._rewrite(0)

    def drop_last(self, count: int) -> None:
        """Take away the `count` newest."""
        with self.editing():
            keep = len(self.messages) - count
            gone, self.messages = self.messages[keep:], self.messages[:keep]
            if gone:
                self.delete(f"{_tag(gone[0])}.first", f"{_tag(gone[-1])}.last")
                self._forget(gone)

    def change(self, message: RoomMessage) -> bool:
        """Show this message anew, if it is here."""
        for index, old in enumerate(self.messages):
            if old.id == message.id:
                self.messages[index] = message
                with self.editing():
                    self._rewrite(index)
                return True
        return False

    def say_edge(self, words: str) -> None:
        """What stands above the first message."""
        if words != self._edge:
            self._edge = words
            with self.editing():
                self.delete("1.0", "1.0 lineend")
                self.insert("1.0", words, ("edge",))

    def say_anew(self) -> None:
        """Write everything again: the language or the day has changed."""
        self.fill(list(self.messages))

    # --- places in it -----------------------------------------------------

    def pixel_of(self, message: RoomMessage) -> int:
        """How far below the start of the text this message's body begins."""
        body = self.tag_nextrange("body", f"{_tag(message)}.first")
        assert body, "every message has a body"
        return self.pixels("1.0", body[0])

    def index_at_top(self) -> int:
        """Which message is the first with a part of its body on the screen."""
        return self._index_at("@0,0")

    def index_at_bottom(self) -> int:
        """Which message is the last with a part of it on the screen."""
        return self._index_at(f"@0,{self.winfo_height()}")

    def _index_at(self, place: str) -> int:
        low, high = 0, len(self.messages)
        while low < high:
            middle = (low + high) // 2
            if self.compare(f"{_tag(self.messages[middle])}.last - 1 chars", "<", place):
                low = middle + 1
            else:
                high = middle
        return min(low, len(self.messages) - 1)

    def pixels(self, first: str, last: str) -> int:
        """How far below the one place the other is."""
        return int(self.tk.call(str(self), "count", "-update", "-ypixels", first, last))

    def top_pixel(self) -> int:
        """How much of the text is above the visible part."""
        line = self.dlineinfo("@0,0")
        above = 0 if line is None else int(str(self.cget("pady"))) - line[1]
        return self.pixels("1.0", "@0,0") + above

    def is_at_bottom(self) -> bool:
        """Whether the end of the text is in sight."""
        last = self.dlineinfo("end - 1 chars")
        # Half a line of the empty last one may be hidden.
        return last is not None and last[1] + last[3] // 2 <= self.winfo_height()

    def scroll_to_pixel(self, wanted: int) -> None:
        """Make so much of the text be above the visible part."""
        self.yview_scroll(wanted - self.top_pixel(), "pixels")

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
        left = px(self, BODY_LEFT)
        tags: dict[str, dict[str, Any]] = {
            "edge": {
                "justify": "center",
                "font": fonts.SMALL,
                "foreground": colors.muted,
                "spacing1": px(self, SMALL),
            },
            "day": {
                "justify": "center",
                "font": fonts.SMALL_STRONG,
                "foreground": colors.muted,
                "spacing1": px(self, LARGE),
            },
            "author": {"spacing1": px(self, LARGE), "font": fonts.SMALL, "lmargin2": left},
            "name": {"font": fonts.STRONG},
            "role": {"foreground": colors.accent},
            "time": {"foreground": colors.muted},
            "important": {"foreground": colors.warning, "font": fonts.SMALL_STRONG},
            "urgent": {"foreground": colors.danger, "font": fonts.SMALL_STRONG},
            "body": {
                "lmargin1": left,
                "lmargin2": left,
                "font": fonts.BODY,
                "spacing3": px(self, LINE_SPACING),
            },
            "urgent_body": {
                "background": colors.urgent_background,
                "lmargincolor": colors.surface,
                "spacing1": px(self, LINE_SPACING),
            },
            "gone": {"foreground": colors.muted},
            "footer": {
                "lmargin1": left,
                "lmargin2": left,
                "font": fonts.SMALL,
                "foreground": colors.muted,
            },
            "ask": {"lmargin1": left, "spacing1": px(self, TIGHT)},
            # Text without spaces between its words may break anywhere.
            "unspaced": {"wrap": "char"},
            "link": {"foreground": colors.accent, "underline": True},
        }
        for name, options in tags.items():
            self.tag_configure(name, **options)
        self.tag_raise("sel")

    # --- writing ----------------------------------------------------------

    @contextmanager
    def editing(self) -> Iterator[None]:
        """Only within this does the text take changes."""
        self.configure(state="normal")
        try:
            yield
        finally:
            self.configure(state="disabled")

    def _append(self, messages: Sequence[RoomMessage]) -> None:
        first = len(self.messages)
        self.messages += messages
        self.mark_set("at", "end - 1 chars")
        for index in range(first, len(self.messages)):
            self._write(index)

    def _rewrite(self, index: int) -> None:
        tag = _tag(self.messages[index])
        start = self.index(f"{tag}.first")
        self.delete(start, f"{tag}.last")
        self.mark_set("at", start)
        self._write(index)

    def _write(self, index: int) -> None:
        """Write this message at the mark `at`, which moves behind it."""
        message = self.messages[index]
        tag = _tag(message)
        if heading := self._heading(index):
            self.insert("at", heading + "\n", (tag, "day"))
        avatar = self._avatars.of(message.author_name, AVATAR_SIZE, BODY_LEFT)
        self.image_create("at", image=avatar, align="center")
        for name in (tag, "author"):
            self.tag_add(name, "at - 1 chars")
        head: list[Any] = [message.author_name, (tag, "author", "name")]
        head += [f"  {self._i18n.t('timeline.admin')}", (tag, "author", "role")]
        head += [f"  {self._i18n.time(message.posted_at_ms)}", (tag, "author", "time")]
        if word := message_words.priority(self._i18n, message):
            head += [f"  {word}", (tag, "author", message.priority.name.lower())]
        if words := message_words.marks(self._i18n, message, datetime.now()):
            head += [f"  {words}", (tag, "author", "time")]
        head += ["\n", (tag, "author")]
        self.insert("at", *head, *self._body(message, tag))
        if bar := self._beside.ask_bar(self, message):
            self.window_create("at", window=bar, align="center")
            self.insert("at", "\n", (tag, "ask"))
            for name in (tag, "ask"):
                self.tag_add(name, "at - 2 chars")
        if words := self._beside.footer(message):
            self.insert("at", f"{words}\n", (tag, "footer"))

    def _body(self, message: RoomMessage, tag: str) -> list[Any]:
        """The body's pieces, each with its tags."""
        if message.withdrawn_at_ms:
            words = message_words.gone(self._i18n, message, datetime.now())
            return [f"{words}\n", (tag, "body", "gone")]
        mark = ("urgent_body",) if message.priority is Priority.URGENT else ()
        body: list[Any] = []
        for line in message.text.split("\n"):
            wrap = ("unspaced",) if is_unspaced(line) else ()
            for piece, is_link in links.split(line):
                link = ("link",) if is_link else ()
                body += [piece, (tag, "body", *mark, *wrap, *link)]
            body += ["\n", (tag, "body", *mark)]
        return body

    def _heading(self, index: int) -> str:
        day = _day(self.messages[index])
        if day is None or (index > 0 and _day(self.messages[index - 1]) == day):
            return ""
        return self._i18n.day(day, datetime.now().date())

    def _write_edge(self) -> None:
        self.insert("1.0", self._edge + "\n", ("edge",))

    def _forget(self, messages: Sequence[RoomMessage]) -> None:
        self.tag_delete(*(_tag(message) for message in messages), "none")

    def _open_link(self, event: "tk.Event[tk.Text]") -> None:
        if self.tag_ranges("sel"):
            return  # it ended a selection, it is no click
        link = self.tag_prevrange("link", f"@{event.x},{event.y} + 1 chars")
        if link:
            webbrowser.open(self.get(link[0], link[1]))


def _tag(message: RoomMessage) -> str:
    return f"{_MESSAGE}{message.id}"


def _day(message: RoomMessage) -> date | None:
    moment = local_time(message.posted_at_ms)
    return None if moment is None else moment.date()
