"""Read for all who are at the same revision what has changed since, once.

When a network comes back, ten thousand clients have missed the same messages. Those
who ask within one turn of the loop share one reading of the page; whether each may
still read is looked up in it for each, as for every request (P6, P8).

Used from the reactor's thread, but for what is said to be another's.
"""

from collections.abc import Callable
from typing import NamedTuple

from protocol.codec import encode_once
from protocol.limits import MAX_CHANGES_BYTES, MAX_CHANGES_MESSAGES
from protocol.messages import RoomMessage
from protocol.refusals import Refusal
from server.domain import permissions
from server.domain.audit import Actor
from server.domain.errors import RequestRefused
from server.domain.store import Store
from server.domain.user import Action
from server.storage.executor import StoreExecutor
from server.transport.jobs import Job, start_unwatched


class Page(NamedTuple):
    """What changed after a revision, as much as one answer carries, encoded for all who are
    answered; whoever held all up to that revision then holds all up to `complete_through`.
    `revision` is the room's."""

    messages: tuple[RoomMessage, ...]
    complete_through: int
    revision: int


_Waiting = list[tuple[Actor, Job[Page]]]


class CatchUps:
    """Those who wait for what has changed. `gather` calls back once all have asked who are
    about to ask."""

    def __init__(
        self, storage: StoreExecutor, gather: Callable[[Callable[[], None]], None]
    ) -> None:
        self._storage = storage
        self._gather = gather
        self._waiting: dict[int, _Waiting] = {}
        self._pages = _Pages()

    def read(self, actor: Actor, after: int) -> Job[Page]:
        """Read what has changed after a revision. Fails with RequestRefused where the actor
        may not read any more, or the room is not that far."""
        if not self._waiting:
            self._gather(self._read_all)
        job: Job[Page] = Job()
        self._waiting.setdefault(after, []).append((actor, job))
        return job

    def _read_all(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for after, those in waiting.items():
            start_unwatched(self._serve(after, those))

    async def _serve(self, after: int, waiting: _Waiting) -> None:
        actors = [actor for actor, _ in waiting]
        try:
            page, refusals = await self._storage.read(
                lambda store: (
                    self._pages.read(store, after),
                    permissions.refusals(store, actors, Action.READ),
                ),
                actors[0].id,
            )
        except Exception as error:
            for _, job in waiting:
                job.fail(error)
            return
        for (_, job), refusal in zip(waiting, refusals, strict=True):
            if refusal is None:
                job.succeed(page)
            else:
                job.fail(refusal)


class _Pages:
    """Reads and encodes pages, and keeps the last one: of ten thousand who come back
    within seconds most have missed the same. Used from the reader's thread only."""

    def __init__(self) -> None:
        self._kept = Page((), 0, 0)
        self._kept_for = (-1, -1)
        """After which revision the page kept is, and at which the room was."""

    def read(self, store: Store, after: int) -> Page:
        # The head is read first: what is posted between the two reads can only make the
        # answer reach further than the head it names.
        head = store.history.head()
        if after > head.revision:
            raise RequestRefused(
                Refusal.AHEAD_OF_ROOM, f"the room is at revision {head.revision}, not {after}"
            )
        if self._kept_for != (after, head.revision):
            messages = store.history.changes_after(after, MAX_CHANGES_MESSAGES, MAX_CHANGES_BYTES)
            through = messages[-1].revision if messages else after
            self._kept = Page(encode_once(tuple(messages)), through, max(head.revision, through))
            self._kept_for = (after, head.revision)
        return self._kept
