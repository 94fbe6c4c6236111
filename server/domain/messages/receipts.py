"""Who has seen a message, and who has confirmed it: what the room keeps of it,
and the deeds. Each deed is whole within one transaction, as those of
server/domain/messages/message_actions.py are. All raise `RequestRefused`.

Who is counted for a message: people whose account is in use, who joined before
it was posted, but for its author.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, Protocol

from protocol.limits import ANSWER_OPEN_MS, MAX_ANSWERS_OF_ONE, REMIND_EVERY_MS
from protocol.messages import OwnReceipt, RoomMessage, RosterEntry
from protocol.refusals import Refusal
from protocol.spans import Span
from server.domain.chain import ChainEntry
from server.domain.errors import RequestRefused
from server.domain.user import User


class SeenRun(NamedTuple):
    """A run of messages that so many people have seen, and for which they are counted."""

    from_id: int
    to_id: int
    people: int


class Entry(ChainEntry, frozen=True):
    """One confirmation, as the record keeps it for good. `text_digest` is the
    SHA-256 of the message's text in UTF-8 as it was then; `previous` the hash of
    the entry before, 32 zero bytes for the first."""

    id: int
    message_id: int
    revision: int
    user_id: int
    username: str
    answer: str
    text_digest: bytes
    at_ms: int
    previous: bytes


class ReceiptStore(Protocol):
    """Store and count what people have seen and answered."""

    def mark_seen(self, spans: Mapping[int, Iterable[Span]]) -> None:
        """Store that these people have seen these messages, beside those that they are
        known to have seen."""

    def joined(self) -> list[tuple[int, int]]:
        """Return what was the newest message when accounts that are in use came into use,
        in the order of those, each with how many people that was so for."""

    def seen_between(self, from_id: int, to_id: int, user_id: int = 0) -> list[SeenRun]:
        """Return what everybody whose account is in use has seen of these messages, or what
        this person has, authors of them included."""

    def chosen(self, message_ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """Count for each of these messages how many of those whose account is in use
        chose each answer."""

    def joined_id(self, user_id: int) -> int:
        """Return the newest message when this account came into use."""

    def counted_after(self, user_id: int) -> int | None:
        """Return the same, if this account is in use."""

    def own_receipt(self, user_id: int, message_id: int) -> OwnReceipt:
        """Return how this person stands with a message that asks."""

    def own_receipts(self, user_ids: Collection[int], limit: int) -> dict[int, list[OwnReceipt]]:
        """Return how these people stand with the newest messages that ask and for which
        each is counted, so many of each; who is asked for nothing is left out."""

    def answer(self, user: User, message: RoomMessage, choice: int, now_ms: int) -> None:
        """Write the answer down, as an entry of the record and as the one that
        counts."""

    def roster(self, message: RoomMessage, after_id: int, limit: int) -> list[RosterEntry]:
        """Return who is counted for it, and who answered and has left since, by their
        ids; nobody is online."""

    def unanswered(self, message: RoomMessage) -> list[int]:
        """Return who is counted for it and has not answered."""

    def reminded_at(self, message_id: int) -> int:
        """Return when people were reminded of it last; 0: never."""

    def remind(self, message_id: int, now_ms: int) -> None:
        """Note that people are reminded of this message now."""

    def record(self) -> Iterable[tuple[Entry, bytes]]:
        """Return all entries in their order, each with the hash that is stored."""


def confirm(
    receipts: ReceiptStore, user: User, message: RoomMessage | None, choice: int, now_ms: int
) -> tuple[OwnReceipt, bool]:
    """Take a person's answer. False: it was this one already."""
    message = asking(message)
    if not 1 <= choice <= len(message.answers):
        raise RequestRefused(Refusal.CHOICE_INVALID, f"there are {len(message.answers)} answers")
    if user.id == message.author_id or receipts.joined_id(user.id) >= message.id:
        raise RequestRefused(Refusal.NOT_ASKED, "this message does not ask this person")
    before = receipts.own_receipt(user.id, message.id)
    if before.choice == choice:
        return before, False
    if before.choice and now_ms > before.final_at_ms:
        raise RequestRefused(Refusal.ANSWER_FINAL, "the answer can't be changed any more")
    receipts.answer(user, message, choice, now_ms)
    return receipts.own_receipt(user.id, message.id), True


def remind(
    receipts: ReceiptStore, message: RoomMessage | None, now_ms: int
) -> tuple[RoomMessage, list[int]]:
    """Ask those once more who have not answered: who they are."""
    message = asking(message)
    since_ms = now_ms - receipts.reminded_at(message.id)
    # A clock that was set back must not keep everybody from being reminded.
    if 0 <= since_ms < REMIND_EVERY_MS:
        wait_ms = REMIND_EVERY_MS - since_ms
        raise RequestRefused(Refusal.TOO_SOON, "it was reminded of a moment ago", wait_ms)
    people = receipts.unanswered(message)
    receipts.remind(message.id, now_ms)
    return message, people


def asking(message: RoomMessage | None) -> RoomMessage:
    """Return the message, if it is there and asks for an answer."""
    if message is None:
        raise RequestRefused(Refusal.NOT_FOUND, "there is no such message")
    if message.withdrawn_at_ms:
        raise RequestRefused(Refusal.WITHDRAWN, "this message was withdrawn")
    if not message.answers:
        raise RequestRefused(Refusal.NOT_ASKED, "this message does not ask for an answer")
    return message


def own_receipt(
    message_id: int, choice: int, first_at_ms: int, at_ms: int, times: int, reminded_at_ms: int
) -> OwnReceipt:
    """Return how somebody stands who first answered then, and so often; 0: not at all."""
    final_at_ms = first_at_ms + ANSWER_OPEN_MS if choice else 0
    if times >= MAX_ANSWERS_OF_ONE:
        final_at_ms = min(final_at_ms, at_ms - 1)  # the last was the last
    return OwnReceipt(message_id, choice, at_ms, final_at_ms, reminded_at_ms)
