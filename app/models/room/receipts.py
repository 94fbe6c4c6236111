"""Who has seen and confirmed what, as far as this client knows and is told."""

from collections.abc import Iterable

from app.models.listing import Reason
from app.models.observable import Observable
from app.models.room.cache import Cache
from protocol.limits import MAX_SEEN_SPANS
from protocol.messages import OwnReceipt, Tally
from protocol.spans import Span, Spans


class Receipts(Observable):
    """One's own standing with the messages that ask, one's answers on their way,
    and, for administrators, how far messages have come. Main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._cache: Cache | None = None
        self._seen = Spans()
        self._unsaid = Spans()
        self._own_receipts: dict[int, OwnReceipt] = {}
        self._waiting: dict[int, int] = {}
        self._reasons: dict[int, Reason] = {}
        self._tallies: dict[int, Tally] = {}
        self._news: set[int] = set()
        self._known: set[int] | None = None
        """What the server has said of since the last sign-in; None: it was not
        there yet, and what was kept counts."""

    @property
    def seen(self) -> Spans:
        """The messages that were before the person's eyes here."""
        return self._seen

    @property
    def has_unsaid(self) -> bool:
        """Whether the server was not told of all of them yet."""
        return len(self._unsaid) > 0

    @property
    def waiting(self) -> dict[int, int]:
        """Answers that the server has not taken yet, by message."""
        return dict(self._waiting)

    @property
    def open_asks(self) -> list[int]:
        """The messages that wait for this person's answer, oldest first."""
        return sorted(
            message_id
            for message_id, own_receipt in self._own_receipts.items()
            if not own_receipt.choice
            and message_id not in self._waiting
            and (self._known is None or message_id in self._known)
        )

    def own_receipt(self, message_id: int) -> OwnReceipt | None:
        """Return how one stands with this message; None: it does not ask this person, as
        far as is known."""
        return self._own_receipts.get(message_id)

    def reason(self, message_id: int) -> Reason | None:
        """Return why one's answer to it was not taken."""
        return self._reasons.get(message_id)

    def tally(self, message_id: int) -> Tally | None:
        """Return how far it has come; None: nobody has told."""
        return self._tallies.get(message_id)

    def take_news(self) -> set[int]:
        """Return the messages of which something has changed since this was asked last."""
        news, self._news = self._news, set()
        return news

    # -- controllers write -------------------------------------------------------

    def open(self, cache: Cache | None) -> None:
        """Go on from what this cache kept; None: nobody is signed in."""
        self._cache = cache
        self._known = None
        self._news |= {*self._own_receipts, *self._waiting, *self._reasons, *self._tallies}
        self._seen = cache.seen if cache else Spans()
        self._unsaid = cache.unsaid if cache else Spans()
        self._own_receipts = {one.message_id: one for one in cache.own_receipts} if cache else {}
        self._waiting = dict(cache.answers) if cache else {}
        self._reasons.clear()
        self._tallies.clear()
        self._tell({*self._own_receipts, *self._waiting})

    def begin(self) -> None:
        """Forget what is known: the server tells how one stands with what still asks."""
        self._known = set()
        self._changed()

    def withdraw(self, message_id: int) -> None:
        """Note that this message asks nothing any more."""
        if self._own_receipts.pop(message_id, None) is not None:
            self._keep_own_receipts()
            self._tell({message_id})

    def mark_seen(self, first_id: int, last_id: int) -> bool:
        """Note that the messages from the one to the other were seen. False: that is
        no news."""
        if not self._seen.add(first_id, last_id):
            return False
        self._unsaid.add(first_id, last_id)
        self._seen.keep_newest(MAX_SPANS)
        self._unsaid.keep_newest(MAX_SPANS)
        if self._cache is not None:
            self._cache.set_seen(self._seen)
            self._cache.set_unsaid(self._unsaid)
        self._changed()
        return True

    def say(self, again: int = 0) -> tuple[Span, ...]:
        """Return what the server is to be told now: as much of what it was not told as
        one message holds, and the `again` newest spans."""
        spans = Spans(self._unsaid.newest(MAX_SEEN_SPANS - again))
        rest = len(self._unsaid) - len(spans)
        self._unsaid = Spans(tuple(self._unsaid)[:rest])
        if self._cache is not None:
            self._cache.set_unsaid(self._unsaid)
        for first, last in self._seen.newest(again):
            spans.add(first, last)
        return tuple(spans)

    def stand(self, own_receipts: Iterable[OwnReceipt]) -> None:
        """Take how one stands with these messages."""
        changed = set()
        for own_receipt in own_receipts:
            self._own_receipts[own_receipt.message_id] = own_receipt
            if self._known is not None:
                self._known.add(own_receipt.message_id)
            changed.add(own_receipt.message_id)
        self._keep_own_receipts()
        self._tell(changed)

    def answer(self, message_id: int, choice: int) -> None:
        """Hold one's answer until the server has taken it."""
        self._waiting[message_id] = choice
        self._reasons.pop(message_id, None)
        self._keep_answers()
        self._tell({message_id})

    def settle(self, message_id: int, reason: Reason | None = None) -> None:
        """Note that the server has taken the answer; or with a reason, that it has not."""
        if self._waiting.pop(message_id, None) is not None:
            self._keep_answers()
        if reason is not None:
            self._reasons[message_id] = reason
        self._tell({message_id})

    def count(self, tallies: Iterable[Tally]) -> None:
        """Take how many have seen and answered these messages."""
        changed = set()
        for tally in tallies:
            if self._tallies.get(tally.message_id) != tally:
                self._tallies[tally.message_id] = tally
                changed.add(tally.message_id)
        self._tell(changed)

    def forget_tallies(self) -> None:
        """Forget how many have seen and answered: the person may no longer know it, or
        it may be out of date."""
        changed = set(self._tallies)
        self._tallies.clear()
        self._tell(changed)

    # ------------------------------------------------------------------------------

    def _keep_own_receipts(self) -> None:
        if self._cache is not None:
            newest = sorted(self._own_receipts)[-MAX_KEPT:]
            self._cache.set_own_receipts(tuple(self._own_receipts[number] for number in newest))

    def _keep_answers(self) -> None:
        if self._cache is not None:
            self._cache.set_answers(self._waiting)

    def _tell(self, changed: set[int]) -> None:
        if changed:
            self._news |= changed
            self._changed()


MAX_SPANS = 2_000
"""Spans of what was seen that are kept: a gap a day for years."""

MAX_KEPT = 200
"""Standings that are kept for the next start: more than the server tells."""
