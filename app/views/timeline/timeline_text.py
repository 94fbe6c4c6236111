"""The timeline's text: what stands in sight in it, and how it keeps its place."""

import tkinter as tk
from typing import NamedTuple

import ttkbootstrap as ttk

from app.views.context import ViewContext
from app.views.kit.theme import LARGE, px
from app.views.timeline.looks import BODY_LEFT
from app.views.timeline.message_block import FOLDED, Beside
from app.views.timeline.message_text import MessageText, tag_of
from app.views.timeline.sight import Look
from protocol.messages import RoomMessage

BAR_WIDTH = 3
"""Of the bar beside the chosen message, in logical pixels."""


class Place(NamedTuple):
    """Where one reads: so many characters after the beginning of this message's
    body, a line begins so many pixels below the upper edge of the view."""

    message_id: int
    chars: int
    pixels: int


class TimelineText(MessageText):
    """Knows where its messages are on the screen. `chosen_id` is the message to
    which one has walked; 0: none."""

    chosen_id = 0

    def __init__(self, parent: tk.Misc, context: ViewContext, beside: Beside) -> None:
        super().__init__(parent, context, beside)
        self._bar = ttk.Frame(self, name="chosen", style="Chosen.TFrame")

    # --- what is shown --------------------------------------------------------

    def shown(self) -> list[tuple[int, str]]:
        """Return the id and text of each message, as the widget itself has them."""
        found: list[tuple[int, str]] = []
        for message in self.messages:
            text = self.get(*self._body(message))
            found.append((message.id, text.removesuffix("\n")))
        return found

    def marked(self) -> str:
        """Return the text that is selected."""
        return self.get("sel.first", "sel.last") if self.tag_ranges("sel") else ""

    def is_folded(self, message: RoomMessage) -> bool:
        """Tell whether a part of its text is not drawn."""
        return self._part(message, FOLDED) is not None

    def look(self) -> Look:
        """Return which messages stand in sight, and how much of them."""
        if not self.messages:
            return Look()
        top, bottom = self.index_at_top(), self.index_at_bottom()
        touched = self.messages[top : bottom + 1]
        begun, ended = list(touched), [one for one in touched if not self.is_folded(one)]
        for edge in {touched[0].id: touched[0], touched[-1].id: touched[-1]}.values():
            start, end = self._body(edge)
            if not self._is_line_in_sight(start):
                begun.remove(edge)
            if edge in ended and not self._is_line_in_sight(f"{end} - 1 chars"):
                ended.remove(edge)
        return Look(*(frozenset(one.id for one in part) for part in (begun, ended, touched)))

    def first_touched(self) -> int:
        """Return the first message that has a line in sight; 0: nothing is held."""
        return self.messages[self.index_at_top()].id if self.messages else 0

    def is_touched(self, message_id: int) -> bool:
        """Tell whether a line of this message is in sight."""
        if self._index_of(message_id) is None:
            return False
        last = self.messages[self.index_at_bottom()].id
        return self.first_touched() <= message_id <= last

    def chosen(self) -> RoomMessage | None:
        """Return the message in which the selection begins, or to which one has walked,
        or else the last in sight."""
        if self.tag_ranges("sel"):
            return self.message_at("sel.first")
        index = self._index_of(self.chosen_id)
        if index is not None and self.is_touched(self.chosen_id):
            return self.messages[index]
        return self.last_in_sight()

    def last_in_sight(self) -> RoomMessage | None:
        """Return the last message whose body ends in sight, or begins above it."""
        if not self.messages:
            return None
        last = self.index_at_bottom()
        _, end = self._body(self.messages[last])
        is_cut = last > 0 and self.dlineinfo(f"{end} - 1 chars") is None
        return self.messages[last - 1 if is_cut else last]

    def place_of(self, message: RoomMessage) -> tuple[int, int]:
        """Return where a menu of it opens, in screen pixels: below the first line of its
        body, or in the middle where that is out of sight."""
        line = self.dlineinfo(self._body(message)[0])
        if line is None:
            left, below = px(self, LARGE + BODY_LEFT), self.winfo_height() // 2
        else:
            left, below = line[0], line[1] + line[3]
        return self.winfo_rootx() + left, self.winfo_rooty() + below

    def top_of(self, message: RoomMessage) -> int:
        """Return how far below the upper edge its head is, or its body where it has none;
        0 where that is above."""
        return max(self._head_top(message), 0)

    # --- the chosen message -----------------------------------------------

    def choose(self, message_id: int) -> None:
        """Walk to this message, which is tinted from now on; 0: to none."""
        self.chosen_id = message_id
        self.show_chosen()

    def show_chosen(self) -> None:
        """Draw a bar beside the chosen message while the keyboard is here."""
        index = self._index_of(self.chosen_id)
        if index is None or self.focus_displayof() is not self:
            self._bar.place_forget()
            return
        message = self.messages[index]
        top = self._head_top(message)
        last = self.index(f"{tag_of(message)}.last - 1 chars")
        bottom = self._line_top(last) + self.pixels(last, f"{last} + 1 display lines")
        # A Text counts its padding as a border, within which others are placed.
        height = max(bottom - top, 1)
        self._bar.place(x=0, y=top, width=px(self, BAR_WIDTH), height=height, bordermode="outside")

    def _head_top(self, message: RoomMessage) -> int:
        head = self._part(message, "author")
        if head is None:
            return self._line_top(self._body(message)[0])
        return self._line_top(head[0]) + px(self, LARGE)  # below what keeps it apart

    def walk(self, step: int) -> bool:
        """Go to the message above (-1) or below (1), and have it in sight. From
        what is out of sight one begins with the last that is in sight. False:
        of the chosen one there is more to be seen that way first."""
        index = self._index_of(self.chosen_id)
        if index is None or not self.is_touched(self.chosen_id):
            last = self.last_in_sight()
            self.choose(last.id if last is not None else 0)
        elif self._is_cut(index, step):
            return False
        elif self._index_of(self.chosen_id + step) is not None:
            self.choose(self.chosen_id + step)
        self.reveal(self.chosen_id)
        return True

    def _is_cut(self, index: int, step: int) -> bool:
        tag = tag_of(self.messages[index])
        at = f"{tag}.first" if step < 0 else f"{tag}.last - 1 chars"
        return not self._is_line_in_sight(self.index(at))

    # --- places in it ---------------------------------------------------------

    def here(self) -> Place | None:
        """Return where one reads: what is at the upper edge. None: nothing is held."""
        if not self.messages:
            return None
        message = self.messages[self.index_at_top()]
        start, end = self._body(message)
        at = "@0,0"
        if self.compare(at, "<", start):
            at = start
        elif self.compare(at, ">=", end):
            at = f"{end} - 1 chars"
        chars = int(self.tk.call(str(self), "count", "-chars", start, at) or 0)
        return Place(message.id, chars, self._line_top(at))

    def return_to(self, place: Place) -> bool:
        """Bring what one read back to where it stood. False: it is not held."""
        index = self._index_of(place.message_id)
        if index is None:
            return False
        start, end = self._body(self.messages[index])
        at = self.index(f"{start} + {place.chars} chars")
        if self.compare(at, ">=", end):
            at = self.index(f"{end} - 1 chars")
        self._scroll_by(self._line_top(at) - place.pixels)
        return True

    def show_from(self, message_id: int) -> bool:
        """Scroll so that this message stands at the upper edge, with what is
        above it in its block. False: it is not held."""
        index = self._index_of(message_id)
        if index is None:
            return False
        start = self.index(f"{tag_of(self.messages[index])}.first")
        self._scroll_by(self._line_top(start) - int(str(self.cget("pady"))))
        return True

    def reveal(self, message_id: int) -> None:
        """Scroll no further than it takes to have this message in sight; of one
        that is taller than the view, its beginning."""
        index = self._index_of(message_id)
        if index is None:
            return
        edge = int(str(self.cget("pady")))
        tag = tag_of(self.messages[index])
        top = self._line_top(self.index(f"{tag}.first"))
        last = self.index(f"{tag}.last - 1 chars")
        bottom = self._line_top(last) + self.pixels(last, f"{last} + 1 display lines")
        below = bottom - (self.winfo_height() - edge)
        if top < edge or top - max(below, 0) < edge:
            self._scroll_by(top - edge)
        elif below > 0:
            self._scroll_by(below)

    def index_at_top(self) -> int:
        """Return which message is the first with a part of its body on the screen."""
        return self._index_at("@0,0")

    def index_at_bottom(self) -> int:
        """Return which message is the last with a part of it on the screen."""
        return self._index_at(f"@0,{self.winfo_height()}")

    def _index_at(self, place: str) -> int:
        message = self.message_at(place)
        index = self._index_of(message.id) if message is not None else None
        if index is not None:
            return index
        # Above the first, or on the empty line that ends a Text.
        is_above = self.compare(place, "<", f"{tag_of(self.messages[0])}.first")
        return 0 if is_above else len(self.messages) - 1

    def pixels(self, first: str, last: str) -> int:
        """Return how far below the one place the other is."""
        return int(self.tk.call(str(self), "count", "-update", "-ypixels", first, last))

    def top_pixel(self) -> int:
        """Return how much of the text is above the visible part."""
        line = self.dlineinfo("@0,0")
        above = 0 if line is None else int(str(self.cget("pady"))) - line[1]
        return self.pixels("1.0", "@0,0") + above

    def left_below(self) -> int:
        """Return how much of the text is below the visible part, in pixels."""
        return max(self.pixels("@0,0", "end") - self.winfo_height(), 0)

    def is_at_bottom(self) -> bool:
        """Tell whether the end of the text is in sight."""
        last = self.dlineinfo("end - 1 chars")
        # Half a line of the empty last one may be hidden.
        return last is not None and last[1] + last[3] // 2 <= self.winfo_height()

    def _line_top(self, at: str) -> int:
        """Return how far below the upper edge of the view this place's line begins."""
        line = self.dlineinfo(at)
        if line is not None:
            return int(line[1])
        return self.pixels("1.0", at) - self.top_pixel() + int(str(self.cget("pady")))

    def _is_line_in_sight(self, at: str) -> bool:
        line = self.dlineinfo(at)
        return line is not None and line[1] + line[3] // 2 in range(self.winfo_height())

    def _scroll_by(self, pixels: int) -> None:
        if pixels:
            self.yview_scroll(pixels, "pixels")
