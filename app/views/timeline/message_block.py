"""How one message is written: the pieces of its text, each with its tags.

A message is a block of these parts, in this order; all but the body may be
absent: a day's heading (tag `day`), the line above what is new (`divider`), a
line with the author and the time (`author`), the body (`body`), the answers to
choose from (`ask`), and how far it has come (`footer`).
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from app.i18n import local_time
from app.views.context import ViewContext
from app.views.kit.excerpts import marked
from app.views.kit.script import is_unspaced, is_wide
from app.views.timeline import links
from app.views.wording import messages as message_words
from protocol.messages import Priority, RoomMessage
from protocol.search import places_in

LINE_CHARS = 90
"""How long a line is at most, in the width of a digit: longer ones are hard to
find the next one from."""

FOLD_LINES = 12
"""A longer text is folded to so many lines."""

FOLD_CHARS = 100
"""How many letters of running text fill a line; most are narrower than a digit."""

GROUP_MS = 5 * 60_000
"""What one author adds within this time stands below without a new head."""

FOLDED = "folded"
MORE = "more"
FOUND = "found"


class Bar(Protocol):
    """What one can see and answer: a widget below a message's body."""

    def renew(self, message: RoomMessage) -> bool:
        """Show things as they are now. False: there is nothing to show."""

    def fit(self, width: int) -> None:
        """Lay it out anew: the text has this width."""


class Beside(Protocol):
    """What stands below a message."""

    def footer(self, message: RoomMessage) -> str:
        """Return one line of words; empty: none."""

    def bar(self, parent: Any, message: RoomMessage) -> Any | None:
        """Return a widget that is a `Bar`; None: none."""


class Surroundings(NamedTuple):
    """What a message's look takes from what is around it."""

    before: RoomMessage | None
    """The one above it, if that is held."""
    new: int
    """How many new ones a divider above it announces; 0: no divider."""


def heading(context: ViewContext, message: RoomMessage, around: Surroundings) -> str:
    """Return the day, where one begins; else nothing."""
    day = _day(message)
    if day is None or (around.before is not None and _day(around.before) == day):
        return ""
    return context.i18n.day(day, context.clock.now().date())


def is_grouped(context: ViewContext, message: RoomMessage, around: Surroundings) -> bool:
    """Tell whether it continues what its author said just before, without a head of its
    own. What has something to say in its head has one."""
    before = around.before
    if before is None or around.new or before.withdrawn_at_ms or message.withdrawn_at_ms:
        return False
    since_ms = message.posted_at_ms - before.posted_at_ms
    return (
        (message.author_id, message.author_name) == (before.author_id, before.author_name)
        and 0 <= since_ms < GROUP_MS
        and _day(message) == _day(before)
        and not message_words.priority(context.i18n, message)
        and not _marks(context, message)
    )


def head(context: ViewContext, message: RoomMessage, tag: str) -> list[Any]:
    """Return the line with the author, but for the picture at its beginning."""
    pieces: list[Any] = [message.author_name, (tag, "author", "name")]
    pieces += [f"  {context.t('timeline.admin')}", (tag, "author", "role")]
    pieces += ["  ", (tag, "author")]
    pieces += [context.i18n.time(message.posted_at_ms), (tag, "author", "time", "clock")]
    if word := message_words.priority(context.i18n, message):
        pieces += [f"  {word}", (tag, "author", message.priority.name.lower())]
    if words := _marks(context, message):
        pieces += [f"  {words}", (tag, "author", "time")]
    return [*pieces, "\n", (tag, "author")]


def body(
    context: ViewContext,
    message: RoomMessage,
    tags: tuple[str, ...],
    is_unfolded: bool,
    terms: Sequence[str] = (),
) -> list[Any]:
    """Return the text, with these tags beside its own, and what these terms find in it
    marked. What is folded is there, too: it is read back and copied, and only not drawn."""
    if message.withdrawn_at_ms:
        words = message_words.gone(context.i18n, message, context.clock.now())
        return [f"{words}\n", (*tags, "body", "gone")]
    mark = _MARKS.get(message.priority, ())
    drawn = message.text if is_unfolded else message.text[: fold_at(message.text)]
    pieces = _lines(drawn, (*tags, "body", *mark))
    if len(drawn) < len(message.text):
        rest = message.text[len(drawn) :]
        pieces += _lines(rest, (*tags, "body", FOLDED))
    if terms:
        pieces = marked(pieces, places_in(message.text, terms), FOUND)
    pieces += ["\n", (*tags, "body", *mark)]
    return pieces


def fold_at(text: str) -> int:
    """Return how much of a text is drawn while it is folded, in characters: all of a text
    that is hardly longer than what is left of one that is."""
    if 2 * len(text) // FOLD_CHARS + text.count("\n") < FOLD_LINES:
        return len(text)  # as most are, however wide their characters
    lines, at, cut = 0, 0, 0
    for line in text.split("\n"):
        width = sum(2 if is_wide(char) else 1 for char in line)
        taken = max(1, -(-width // FOLD_CHARS))
        if lines < FOLD_LINES <= lines + taken:
            cut = at + _chars_of(line, FOLD_LINES - lines)
        lines += taken
        at += len(line) + 1
    return len(text) if lines <= FOLD_LINES + 2 else min(cut, len(text))


def _chars_of(line: str, rows: int) -> int:
    """Return about how many characters of a line fill so many rows, up to the end of a
    word."""
    left = rows * FOLD_CHARS
    for place, char in enumerate(line):
        left -= 2 if is_wide(char) else 1
        if left < 0:
            space = line.rfind(" ", 0, place)
            return _after_link(line, space if space > place // 2 else place)
    return len(line)


def _after_link(line: str, cut: int) -> int:
    """Return this place or, within a web address, the end of that."""
    end = 0
    for piece, is_link in links.split(line):
        start, end = end, end + len(piece)
        if is_link and start < cut < end:
            return end
    return cut


def _marks(context: ViewContext, message: RoomMessage) -> str:
    return message_words.marks(context.i18n, message, context.clock.now())


def _lines(text: str, tags: tuple[str, ...]) -> list[Any]:
    pieces: list[Any] = []
    for place, line in enumerate(text.split("\n")):
        if place:
            pieces += ["\n", tags]
        # Text without spaces between its words may break anywhere.
        wrap = ("unspaced",) if is_unspaced(line) else ()
        for piece, is_link in links.split(line):
            pieces += [piece, (*tags, *wrap, *(("link",) if is_link else ()))]
    return pieces


def _day(message: RoomMessage) -> date | None:
    moment = local_time(message.posted_at_ms)
    return None if moment is None else moment.date()


_MARKS: dict[Priority, tuple[str, ...]] = {
    Priority.IMPORTANT: ("important_body",),
    Priority.URGENT: ("urgent_body",),
}
