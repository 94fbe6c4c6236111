"""What the room keeps: the store of messages, as the domain asks for it, and
what a text must be to be kept."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

import msgspec

from protocol.limits import (
    MAX_ANSWER_CHARS,
    MAX_ANSWERS,
    MAX_EXPIRY_AHEAD_MS,
    MAX_TIME_MS,
)
from protocol.messages import Attachment, Priority, RoomMessage, Template, Version
from protocol.refusals import Refusal
from server.domain.errors import RequestRefused
from server.domain.user import User


class Head(msgspec.Struct, frozen=True):
    """How far the room has come: the newest message's id and the revision of
    the newest change; both 0 in an empty room."""

    id: int
    revision: int


class Draft(msgspec.Struct, frozen=True):
    """What an administrator posts, checked: see `check_draft`. `due_at_ms` as in
    `RoomMessage`."""

    text: str
    priority: Priority = Priority.NORMAL
    answers: tuple[str, ...] = ()
    expires_at_ms: int = 0
    due_at_ms: int = 0
    attachments: tuple[Attachment, ...] = ()


class Wanted(msgspec.Struct, frozen=True):
    """What is searched for: messages that have all `terms` in them (protocol/search.py), by
    an author in whose name `author`, a key like the terms, stands; empty: by anybody;
    posted at `from_ms` or later, and before `to_ms`."""

    terms: tuple[str, ...] = ()
    author: str = ""
    from_ms: int = 0
    to_ms: int = MAX_TIME_MS + 1


class Found(NamedTuple):
    """The ids of what was found, newest first, and how far down the room was looked
    through: every message from `through_id` on; 1 or less: to its beginning."""

    ids: list[int]
    through_id: int


class HistoryStore(Protocol):
    """The room's messages. Ids are dense, revisions rise by one a change."""

    def head(self) -> Head:
        """Return how far the stored room has come."""

    def posted(self, author: User, post_id: bytes) -> RoomMessage | None:
        """Return what this author has posted under this id (P2)."""

    def append(
        self, author: User, post_id: bytes, draft: Draft, posted_at_ms: int
    ) -> tuple[RoomMessage, bool]:
        """Store a message. False: this author's post with this id is stored
        already, and is what is returned (P2)."""

    def whole(self) -> Iterator[RoomMessage]:
        """Yield every message from the first to the newest, as the room is when the first
        is asked for, one by one."""

    def by_id(self, message_id: int) -> RoomMessage | None:
        """Return the message with this id, as it is now."""

    def change(self, message: RoomMessage) -> RoomMessage:
        """Store a message that is there already as it is given, under the next
        revision; that is what is returned."""

    def keep_text(self, message: RoomMessage, until_ms: int, replaced_by: str) -> None:
        """Keep the text that the message is about to lose."""

    def forget_texts(self, message_id: int) -> None:
        """Let go of the message's earlier texts, for good."""

    def earlier_texts(
        self, message_id: int, offset: int, limit: int, max_bytes: int
    ) -> tuple[list[Version], bool]:
        """Return the message's earlier texts, oldest first, but for the first `offset`:
        up to `limit`, and `max_bytes` as they are encoded, but at least one if there is
        any; and whether there are later ones."""

    def pinned(self) -> list[RoomMessage]:
        """Return the pinned messages, pinned last first."""

    def expired(self, now_ms: int, limit: int) -> list[RoomMessage]:
        """Return messages whose time has come and that are not withdrawn, as many as the
        limit allows."""

    def changes_after(self, revision: int, max_messages: int, max_bytes: int) -> list[RoomMessage]:
        """Return what changed after a revision, in the order of revisions, each message
        once as it is now; at least one if there is any, else as many as fit
        `max_messages` and `max_bytes` as they are encoded."""

    def before(self, message_id: int, limit: int, max_bytes: int) -> tuple[list[RoomMessage], bool]:
        """Return the messages with ids below this one (0: from the newest on), newest
        first, and whether there are older ones still; as many as fit, as above."""

    def search(self, wanted: Wanted, before_id: int, limit: int) -> Found:
        """Look for messages below this id, the newest first, as many as the limit allows,
        for as long as others may have to wait for it. What is withdrawn is not found."""

    def by_ids(self, message_ids: Sequence[int], max_bytes: int) -> list[RoomMessage]:
        """Return these messages, in this order, as many of the first as fit, but at least
        one."""


class RetentionStore(Protocol):
    """Which messages are past their time."""

    def kept_from_id(self) -> int:
        """Return the id from which on none is."""

    def keep_from(self, message_id: int) -> None:
        """Note that none is from this id on."""

    def older_than(self, before_ms: int, limit: int) -> list[RoomMessage]:
        """Return the first messages from `kept_from_id` on, as many as the limit allows, up
        to one that was not posted before this moment."""

    def kept_longer(self, after_id: int, limit: int) -> list[RoomMessage]:
        """Return messages that are past their time and were kept for all that, with ids
        above this one, by their ids."""

    def keep_longer(self, message_id: int, is_kept: bool) -> None:
        """Note that a message is, or not any more."""

    def waits_for_answers(self, message: RoomMessage) -> bool:
        """Tell whether somebody is asked by this message and has not answered."""


class TemplateStore(Protocol):
    """The templates. Ids rise, and none is given twice."""

    def all(self) -> list[Template]:
        """Return them by their names, as people order these."""

    def by_id(self, template_id: int) -> Template | None:
        """Return the template with this id."""

    def put(self, template: Template) -> None:
        """Store it in place of the one with its id; as a new one where that is 0."""

    def remove(self, template_id: int) -> None:
        """Let go of it, for good."""


# Unassigned, and set aside for what is not seen (Default_Ignorable_Code_Point).
_NEVER_SEEN = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")


def check_text(text: str, max_chars: int) -> str:
    """Return the text as it is stored: line ends are newlines, nothing trails.

    Raises RequestRefused: nothing to see, more than `max_chars` code points, or a
    character that no text has (controls, surrogates, noncharacters).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    if len(text) > max_chars:
        raise RequestRefused(
            Refusal.TEXT_TOO_LONG, f"{len(text)} characters; at most {max_chars} are accepted"
        )
    # All that is printable is text, and to ask that costs next to nothing.
    printable = text.replace("\n", "").replace("\t", "").isprintable()
    if not printable and any(map(is_no_text, set(text))):
        raise RequestRefused(Refusal.TEXT_INVALID, "the text has control characters")
    if not any(is_visible(char) for char in text):
        raise RequestRefused(Refusal.TEXT_EMPTY, "there is nothing to see in this text")
    return text


def check_draft(draft: Draft, max_chars: int, now_ms: int) -> Draft:
    """Return the draft as it is stored: an urgent one asks to be confirmed, whether or not it
    says so. Raises what `check_text` does, and RequestRefused for answers or an expiry that
    can't be."""
    answers = tuple(" ".join(answer.split()) for answer in draft.answers)
    if draft.priority is Priority.URGENT and not answers:
        answers = ("",)
    if answers not in ((), ("",)) and not _is_roll_call(answers):
        raise RequestRefused(
            Refusal.ANSWERS_INVALID,
            f"2 to {MAX_ANSWERS} different answers of 1 to {MAX_ANSWER_CHARS} characters, "
            "or a single empty one",
        )
    return Draft(
        check_text(draft.text, max_chars),
        draft.priority,
        answers,
        check_expiry(draft.expires_at_ms, now_ms),
    )


def check_expiry(expires_at_ms: int, now_ms: int) -> int:
    """Return the time at which a message withdraws itself, 0 for never. Raises RequestRefused
    for one that has passed, or is further off than a hundred years."""
    if expires_at_ms and expires_at_ms <= now_ms:
        raise RequestRefused(Refusal.EXPIRY_INVALID, "this time has passed")
    if expires_at_ms > now_ms + MAX_EXPIRY_AHEAD_MS:
        raise RequestRefused(Refusal.EXPIRY_INVALID, "this time is more than a hundred years off")
    return expires_at_ms


def _folded(answer: str) -> str:
    """Return what makes two answers the same: how their accents are composed, and letter
    case, make no difference."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", answer).casefold())


def _is_roll_call(answers: tuple[str, ...]) -> bool:
    return (
        2 <= len(answers) <= MAX_ANSWERS
        and len(set(map(_folded, answers))) == len(answers)
        and all(
            len(answer) <= MAX_ANSWER_CHARS
            and any(map(is_visible, answer))
            and not any(map(is_no_text, answer))
            for answer in answers
        )
    )


def is_visible(char: str) -> bool:
    """Tell whether a character leaves a mark: no space, control, format or combining
    character. U+2800 and the Hangul fillers count as marks in Unicode's categories, but
    nobody can see them. What Python's tables do not know yet is most likely a letter or
    an emoji of a newer Unicode."""
    category = unicodedata.category(char)
    if category == "Cn":
        return not is_no_text(char) and _NEVER_SEEN.match(char) is None
    return category[0] in "LNPS" and char not in "\u115f\u1160\u2800\u3164\uffa0"


def is_no_text(char: str) -> bool:
    """Tell whether no text has this character: a control, half of one, or what Unicode
    keeps from ever being one."""
    category = unicodedata.category(char)
    if category == "Cc":
        return char not in "\n\t"
    # Noncharacters (U+FDD0..FDEF, U+xxFFFE, U+xxFFFF) are unassigned (Cn) for
    # ever; other unassigned ones may be next year's letters or emoji.
    return category == "Cs" or ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
