"""What the room keeps: the store of messages, as the domain asks for it, and
what a text must be to be kept."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Protocol

import msgspec

from protocol.messages import RoomMessage
from protocol.refusals import Refusal
from server.rejection import Rejected
from server.user import User


class Head(msgspec.Struct, frozen=True):
    """How far the room has come: the newest message's id and the revision of
    the newest change; both 0 in an empty room."""

    id: int
    revision: int


class HistoryStore(Protocol):
    """The room's messages. Ids are dense, revisions rise by one a change."""

    def head(self) -> Head:
        """How far the stored room has come."""

    def append(
        self, author: User, post_id: bytes, text: str, posted_at_ms: int
    ) -> tuple[RoomMessage, bool]:
        """Store a message. False: this author's post with this id is stored
        already, and is what is returned (P2)."""

    def whole(self) -> Iterator[RoomMessage]:
        """Every message from the first to the newest, as the room is when the
        first is asked for, one by one."""

    def changes_after(self, revision: int, max_messages: int, max_bytes: int) -> list[RoomMessage]:
        """What changed after a revision, in the order of revisions, each
        message once as it is now; at least one if there is any, else as many
        as fit `max_messages` and, roughly, `max_bytes` of text."""

    def before(self, message_id: int, limit: int, max_bytes: int) -> tuple[list[RoomMessage], bool]:
        """The messages with ids below this one (0: from the newest on), newest
        first, and whether there are older ones still."""


_LINE_ENDS = re.compile("\r\n?")


def check_text(text: str, max_chars: int) -> str:
    """The text as it is stored: line ends are newlines, nothing trails.

    Raises Rejected: nothing to see, more than `max_chars` code points, or a
    character that no text has (controls, surrogates, noncharacters).
    """
    text = _LINE_ENDS.sub("\n", text).rstrip()
    if len(text) > max_chars:
        raise Rejected(
            Refusal.TEXT_TOO_LONG, f"{len(text)} characters; at most {max_chars} are accepted"
        )
    if any(_is_no_text(char) for char in text):
        raise Rejected(Refusal.TEXT_INVALID, "the text has control characters")
    if not any(is_visible(char) for char in text):
        raise Rejected(Refusal.TEXT_EMPTY, "there is nothing to see in this text")
    return text


def is_visible(char: str) -> bool:
    """Whether a character leaves a mark: no space, control, format or
    combining character. U+2800 and the Hangul fillers count as marks in
    Unicode's categories, but nobody can see them."""
    return unicodedata.category(char)[0] in "LNPS" and char not in "\u115f\u1160\u2800\u3164\uffa0"


def _is_no_text(char: str) -> bool:
    category = unicodedata.category(char)
    if category == "Cc":
        return char not in "\n\t"
    # Noncharacters (U+FDD0..FDEF, U+xxFFFE, U+xxFFFF) are unassigned (Cn) for
    # ever; other unassigned ones may be next year's letters or emoji.
    return category == "Cs" or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
