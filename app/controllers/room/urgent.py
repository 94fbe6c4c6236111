"""Urgent messages: which of them stand before the person, and for how long they ring."""

from collections.abc import Callable

from app.controllers.common.cache_guard import CacheGuard
from app.controllers.common.lifecycle import SignInPart
from app.controllers.common.requests import Later
from app.models.room.receipts import Receipts
from app.models.room.timeline import Timeline
from app.models.room.urgent import Urgent
from protocol.messages import Priority, RoomMessage

RING_EVERY_S = 5 * 60.0
RING_FOR_MS = 60 * 60 * 1000
"""How long after it was posted an urgent message rings, for whoever has neither answered
nor put it aside."""


class UrgentController(SignInPart):
    """Whom a message asks is for the server to say: urgent here is what is open there."""

    def __init__(
        self,
        guard: CacheGuard,
        later: Later,
        timeline: Timeline,
        receipts: Receipts,
        model: Urgent,
        server_now_ms: Callable[[], int],
    ) -> None:
        self._guard = guard
        self._later = later
        self._timeline = timeline
        self._receipts = receipts
        self._model = model
        self._server_now_ms = server_now_ms
        self._looked_at: tuple[list[int], int, int] | None = None
        """What there was when it was looked through last."""
        self._ringing: object | None = None
        """Whoever rings next; None: nobody does."""
        receipts.subscribe(self.settle)

    # -- from the view -----------------------------------------------------------------

    def dismiss(self, message_id: int) -> None:
        """Put an urgent message aside without an answer: it stays open in the room."""
        with self._guard:
            self._model.dismiss(message_id, self._receipts.open_asks)

    # -- from the session --------------------------------------------------------------

    def clear(self) -> None:
        """Show nothing: nobody is signed in any more."""
        self._looked_at = None
        self._model.open(None)

    def settle(self) -> None:
        """See which urgent messages wait for the person now, and ring for new ones."""
        known = {message.id for message in self._model.messages}
        asks = sorted({*self._receipts.open_asks, *self._still_open(known)})
        asks = [one for one in asks if one not in self._model.dismissed]
        # Each takes a look into the cache, and most batches bring nothing of it.
        there = (asks, self._timeline.complete_through, self._timeline.floor)
        if there == self._looked_at:
            return
        with self._guard:
            now = [one for one in map(self._urgent, asks) if one is not None]
            self._looked_at = there
            self._model.show(now)
            if any(message.id not in known for message in now):
                self._ring()

    # ----------------------------------------------------------------------------------

    def _still_open(self, message_ids: set[int]) -> list[int]:
        """Return which of these have no answer: right after a sign-in the server has yet to
        say so, and what stands before the person must not go and come back."""
        waiting = self._receipts.waiting
        return [
            message_id
            for message_id in message_ids
            if message_id not in waiting
            and (own := self._receipts.own_receipt(message_id)) is not None
            and not own.choice
        ]

    def _urgent(self, message_id: int) -> RoomMessage | None:
        message = self._timeline.held(message_id)
        if message is None or message.withdrawn_at_ms or message.priority is not Priority.URGENT:
            return None
        return message

    def _ring(self) -> None:
        """Ring now, and again as long as somebody has to be rung for."""
        run = self._ringing = object()
        self._model.ring()

        def again() -> None:
            if self._ringing is not run:
                return
            self._ringing = None
            since_ms = self._server_now_ms() - RING_FOR_MS
            if any(message.posted_at_ms >= since_ms for message in self._model.messages):
                self._ring()

        self._later(RING_EVERY_S, again)
