"""What was seen, what is confirmed, and how far messages have come."""

import logging
from functools import partial

from app.controllers.common.cache_guard import CacheGuard
from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import Later, Requests
from app.models.room.receipts import Receipts
from protocol.limits import MAX_TALLIES
from protocol.messages import (
    Changed,
    Confirm,
    Confirmed,
    FromServer,
    GetTallies,
    OwnAnswers,
    OwnReceipt,
    Refused,
    Role,
    RoomMessage,
    Seen,
    SeenSpan,
    SignedIn,
    Tallies,
    TalliesOf,
    YouChanged,
)
from protocol.refusals import Refusal

log = logging.getLogger(__name__)

SAY_EVERY_S = 1.0
"""What was seen is said once a second at most."""

SAID_AGAIN = 8
"""So many spans are said again after each sign-in, the newest: a crash of the
server loses what was said within its last second."""

_PASSING = frozenset({Refusal.BUSY, Refusal.STORAGE_UNAVAILABLE})


class ReceiptsController(SignInPart):
    """Says what was seen, sends answers until they are taken, and asks how far
    those messages have come that an administrator looks at."""

    def __init__(
        self, requests: Requests, guard: CacheGuard, later: Later, model: Receipts
    ) -> None:
        self._requests = requests
        self._guard = guard
        self._later = later
        self._model = model
        self._is_signed_in = False
        self._is_admin = False
        self._own_id = 0
        self._last_id = 0
        """The newest message at sign-in: with those up to it the server tells how
        one stands."""
        self._is_resting = False
        self._sending: set[int] = set()
        self._asked: set[int] = set()

    def begin(self, signed_in: SignedIn) -> None:
        """Say again on this link what a crash of the server may have lost, and send what
        waits."""
        self._is_signed_in = True
        self._is_admin = signed_in.person.role is Role.ADMIN
        self._own_id = signed_in.person.id
        self._last_id = signed_in.last_id
        self._sending.clear()
        self._asked.clear()
        self._model.begin()
        if len(self._model.seen):
            self._say_seen(SAID_AGAIN)
        for message_id, choice in self._model.waiting.items():
            self._send(message_id, choice)

    def end(self) -> None:
        """Forget what was asked: the link is gone, and what is known may be out of date."""
        self._is_signed_in = False
        self._sending.clear()
        self._asked.clear()

    def on_push(self, message: FromServer) -> None:
        """Take a push."""
        if not self._is_signed_in:
            return  # said before the sign-out arrived over there
        match message:
            case Tallies(tallies):
                self._model.count(tallies)
            case Changed(change) if change.withdrawn_at_ms:
                self._model.withdraw(change.id)
            case Changed(change) if self._asks_now(change):
                self._model.stand((OwnReceipt(change.id),))
            case OwnAnswers(own_receipts):
                self._model.stand(own_receipts)
            case YouChanged(person):
                self._is_admin = person.role is Role.ADMIN
                self._asked.clear()
                if not self._is_admin:
                    self._model.forget_tallies()

    def _asks_now(self, message: RoomMessage) -> bool:
        """Tell whether this is new, and asks this person."""
        is_new = message.id > self._last_id and self._model.own_receipt(message.id) is None
        return is_new and bool(message.answers) and message.author_id != self._own_id

    # -- from the view -----------------------------------------------------------

    def mark_seen(self, first_id: int, last_id: int) -> None:
        """Note that the messages from the one to the other were before the person's eyes."""
        with self._guard:
            is_new = self._model.mark_seen(first_id, last_id)
            if is_new and self._is_signed_in and not self._is_resting:
                self._say_seen()

    def answer(self, message_id: int, choice: int) -> None:
        """Take one's answer; without a connection it is sent on return."""
        own_receipt = self._model.own_receipt(message_id)
        is_same = own_receipt is not None and own_receipt.choice == choice
        if is_same and message_id not in self._model.waiting:
            return
        with self._guard:
            self._model.answer(message_id, choice)
            if self._is_signed_in:
                self._send(message_id, choice)

    def need_tallies(self, from_id: int, to_id: int) -> None:
        """Ask how far these messages have come: an administrator looks at them."""
        if not (self._is_signed_in and self._is_admin):
            return
        missing = [number for number in range(from_id, to_id + 1) if number not in self._asked]
        if missing:
            last = min(missing[-1], missing[0] + MAX_TALLIES - 1)
            self._asked.update(range(missing[0], last + 1))
            self._requests.ask(
                lambda number: GetTallies(number, missing[0], last),
                TalliesOf,
                lambda told: self._model.count(told.tallies),
                lambda refusal: log.info("no tallies: %s", refusal.code),
            )

    # ------------------------------------------------------------------------------

    def _say_seen(self, again: int = 0) -> None:
        spans = self._model.say(again)
        self._requests.say(Seen(spans[-1][1], tuple(SeenSpan(*span) for span in spans)))
        self._is_resting = True

        def rested() -> None:
            self._is_resting = False
            if self._model.has_unsaid and self._is_signed_in:
                self._say_seen()

        self._later(SAY_EVERY_S, rested)

    def _send(self, message_id: int, choice: int) -> None:
        if message_id in self._sending:
            return  # what was chosen meanwhile follows the answer to this one
        self._sending.add(message_id)
        self._requests.ask(
            lambda number: Confirm(number, message_id, choice),
            Confirmed,
            partial(self._confirmed, message_id, choice),
            partial(self._refused, message_id, choice),
        )

    def _confirmed(self, message_id: int, choice: int, answer: Confirmed) -> None:
        self._sending.discard(message_id)
        self._model.stand((answer.own_receipt,))
        latest = self._model.waiting.get(message_id, choice)
        if latest == choice:
            self._model.settle(message_id)
        else:
            self._send(message_id, latest)

    def _refused(self, message_id: int, choice: int, refusal: Refused) -> None:
        self._sending.discard(message_id)
        if refusal.code in _PASSING or refusal.retry_after_ms:
            latest = self._model.waiting.get(message_id, choice)
            self._requests.again(refusal, lambda: self._send(message_id, latest))
        else:
            self._model.settle(message_id, self._requests.reason_of(refusal))
