"""Let go of messages that are older than the operator wants them kept.

Some a second: where a room has just been told to keep less, a hundred thousand are past
their time at once, and everyone hears of each. Used from the reactor's thread only.
"""

from collections.abc import Callable

from server.background.ticking import Ticker
from server.clock import Clock
from server.domain.messages import retention
from server.domain.messages.retention import Step
from server.domain.room import Room
from server.domain.store import Store
from server.storage.executor import StoreExecutor
from server.transport.reactor import Reactor

MAX_AT_ONCE = 20
"""Messages that are let go of in one transaction; the rest follows a second later."""

LOOK_EVERY_S = 60.0
"""How often is looked for more where there was nothing: a message may be kept so much
longer."""

LOOK_AT_KEPT_EVERY_S = 3600.0
"""How often is looked at what is kept for all its age: each that asks takes looking through
everybody's answers."""


class RetentionScheduler:
    """Lets go of what is past its time; of nothing where `keep_days` is 0."""

    def __init__(
        self,
        reactor: Reactor,
        storage: StoreExecutor,
        room: Room,
        clock: Clock,
        keep_days: int,
    ) -> None:
        self._storage = storage
        self._room = room
        self._clock = clock
        self._keep_days = keep_days
        self._look_at_s = self._kept_at_s = 0.0
        """When is looked again, by the steady clock."""
        self._kept_after_id = 0
        self._ticker = Ticker(reactor, self._look, "old messages could not be let go of")

    def close(self) -> None:
        """Leave the rest to the next start."""
        self._ticker.close()

    async def _look(self) -> None:
        if not self._keep_days:
            return
        now_ms, now_s = self._clock.now_ms(), self._clock.monotonic_s()
        if now_s >= self._look_at_s:
            step = await self._carry_out(
                lambda store: retention.let_go(store, self._keep_days, now_ms, MAX_AT_ONCE)
            )
            self._look_at_s = now_s + LOOK_EVERY_S if step.is_last else 0.0
        if now_s >= self._kept_at_s and not self._ticker.is_closed:
            after_id = self._kept_after_id
            step = await self._carry_out(
                lambda store: retention.let_go_of_kept(store, after_id, now_ms)
            )
            self._kept_after_id = step.after_id
            self._kept_at_s = now_s + LOOK_AT_KEPT_EVERY_S if step.is_last else 0.0

    async def _carry_out(self, call: Callable[[Store], Step]) -> Step:
        step, kept_from_id = await self._storage.write(
            lambda store: (call(store), store.retention.kept_from_id())
        )
        for message in step.gone:
            self._room.publish(message)
        self._room.kept_from_id = kept_from_id
        return step
