"""Who has heard what, while the room is served: collects what people say they
have seen, and tells administrators how far messages have come.

What is seen travels in bursts: right after a message a whole room says so. So
it is kept here and written down once a second, in small jobs between which
posts are stored; and how far messages have come is told once a second at most,
as one frame for all administrators. What a crash loses of the last second, the
clients say again when they come back.

Used from the reactor's thread only.
"""

import logging
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Protocol, TypeVar

from protocol.codec import encode_from_server
from protocol.limits import MAX_SEEN_SPANS
from protocol.messages import FromServer, OwnAnswers, OwnReceipt, RoomMessage, Tallies, Tally
from protocol.spans import Spans
from server.clock import Clock
from server.domain.errors import RequestRefused
from server.domain.room import Room
from server.domain.store import Store
from server.domain.user import User
from server.storage.batches import Batch
from server.storage.executor import StoreExecutor
from server.transport.jobs import start_unwatched
from server.transport.reactor import Reactor

log = logging.getLogger(__name__)

EVERY_S = 1.0

MAX_ROWS_A_JOB = 250
"""About as many rows as a group of posts has: a post waits no longer for them."""

NEWEST = 50
"""Of so many messages it is told how far they have come, as it happens. Of
older ones administrators ask."""


REMEMBERED_SPANS = 8
"""Of each person so many runs are kept in memory, the newest: enough to tell
that what a client says again after signing in is no news."""

Rows = TypeVar("Rows")


class Listener(Protocol):
    """A connection on which somebody is signed in."""

    @property
    def user(self) -> User | None:
        """Who is signed in."""

    def send(self, message: FromServer) -> None: ...


class ReceiptTracker:
    """Once a second it writes down and tells what there is."""

    def __init__(
        self,
        reactor: Reactor,
        storage: StoreExecutor,
        room: Room,
        own_receipts: Batch[int, list[OwnReceipt]],
        clock: Clock,
    ) -> None:
        self._reactor = reactor
        self._storage = storage
        self._room = room
        self._own_receipts = own_receipts
        self._clock = clock
        self._seen: dict[int, Spans] = {}
        """What everybody who said anything since the start has seen of late."""
        self._to_write: dict[int, Spans] = {}
        self._left: dict[int, int] = {}
        self._told: dict[int, Tally] = {}
        self._has_news = False
        self._is_busy = False
        """Whether what was seen is being written, or counted after that."""
        self._timer = reactor.call_later(EVERY_S, self._tick)

    def close(self) -> None:
        """Write down what there is; nothing comes any more."""
        self._timer.cancel()
        start_unwatched(self._write())

    # -- what happens ----------------------------------------------------------

    def mark_seen(self, user_id: int, first_id: int, last_id: int) -> None:
        """Note that this person has seen these messages."""
        last_id = min(last_id, self._room.head.id)
        if self._seen.setdefault(user_id, Spans()).add(max(first_id, 1), last_id):
            self._seen[user_id].keep_newest(REMEMBERED_SPANS)
            to_write = self._to_write.setdefault(user_id, Spans())
            to_write.add(max(first_id, 1), last_id)
            # Who says ever more runs within a second loses the oldest of them.
            to_write.keep_newest(MAX_SEEN_SPANS)
            self._has_news = True

    def person_left(self, user_id: int) -> None:
        """Note when this person left, as the time at which they were here last."""
        self._left[user_id] = self._clock.now_ms()

    def person_arrived(self, user_id: int) -> None:
        """Note that this person is here again."""
        self._left.pop(user_id, None)

    def counts_changed(self) -> None:
        """Count anew soon: somebody answered, or it changed who is counted."""
        self._has_news = True

    def send_own_receipts(self, user_id: int, listener: Listener) -> None:
        """Push to who has just come, or missed pushes, how they stand with what asks."""
        start_unwatched(self._send_own_receipts(user_id, listener))

    async def _send_own_receipts(self, user_id: int, listener: Listener) -> None:
        try:
            own_receipts = await self._own_receipts.read(user_id)
        except RequestRefused:
            return  # the client asks again when it comes back
        # Somebody else, or nobody, may be signed in there by now.
        if own_receipts and listener.user is not None and listener.user.id == user_id:
            listener.send(OwnAnswers(tuple(own_receipts)))

    # -- once a second ---------------------------------------------------------

    def _tick(self) -> None:
        self._timer = self._reactor.call_later(EVERY_S, self._tick)
        if not self._is_busy:
            self._is_busy = True
            start_unwatched(self._write_and_count())

    async def _write_and_count(self) -> None:
        try:
            await self._write()
            if self._has_news and self._room.administrators:
                await self._count()
        finally:
            self._is_busy = False

    async def _write(self) -> None:
        """Write down what there is, in small jobs between which posts are stored."""
        seen, self._to_write = self._to_write, {}
        left, self._left = self._left, {}
        jobs = [
            *(self._storage.write(partial(_store_seen, part)) for part in _parts(seen)),
            *(self._storage.write(partial(_store_left, part)) for part in _parts(left)),
        ]
        for job in jobs:
            try:
                await job
            except Exception as error:
                # Said again by the clients when they come back, and overtaken by
                # what they see next.
                log.warning("what was seen could not be written down: %s", error)

    async def _count(self) -> None:
        self._has_news = False
        try:
            tallies = await self._storage.read(_read_newest)
        except Exception as error:
            log.warning("what was seen could not be counted: %s", error)
            self._has_news = True  # counted a second later
            return
        news = tuple(tally for tally in tallies if self._told.get(tally.message_id) != tally)
        self._told = {tally.message_id: tally for tally in tallies}
        if news:
            frame = encode_from_server(Tallies(news))
            for administrator in self._room.administrators:
                administrator.deliver(frame)


def tallies_of(store: Store, messages: Sequence[RoomMessage]) -> list[Tally]:
    """Return how far these messages have come."""
    if not messages:
        return []
    joined = store.receipts.joined()
    joined_ids = [joined_id for joined_id, _ in joined]
    people_before = [0, *accumulate(people for _, people in joined)]
    authors = {one.author_id for one in messages}
    counted_after = {author_id: store.receipts.counted_after(author_id) for author_id in authors}
    seen_by = _seen_by(store, messages)
    chosen = store.receipts.chosen(one.id for one in messages if one.answers)
    found = []
    for message, seen in zip(messages, seen_by, strict=True):
        people = people_before[bisect_left(joined_ids, message.id)]
        author_after = counted_after[message.author_id]
        people -= author_after is not None and author_after < message.id
        counts = chosen.get(message.id, {})
        answers = tuple(counts.get(place, 0) for place in range(1, len(message.answers) + 1))
        found.append(Tally(message.id, people, seen, answers))
    return found


def _seen_by(store: Store, messages: Sequence[RoomMessage]) -> list[int]:
    """Return how many of those who are counted for it have seen each of these, which come
    in the order of their ids."""
    ids = [one.id for one in messages]
    # Where a run begins among them so many more have seen, and fewer behind its end.
    steps = [0] * (len(ids) + 1)
    for run in store.receipts.seen_between(ids[0], ids[-1]):
        steps[bisect_left(ids, run.from_id)] += run.people
        steps[bisect_right(ids, run.to_id)] -= run.people
    seen_by = list(accumulate(steps))[:-1]
    for author_id in {one.author_id for one in messages}:
        for run in store.receipts.seen_between(ids[0], ids[-1], author_id):
            for place in range(bisect_left(ids, run.from_id), bisect_right(ids, run.to_id)):
                seen_by[place] -= messages[place].author_id == author_id
    return seen_by


def _read_newest(store: Store) -> list[Tally]:
    messages, _ = store.history.before(0, NEWEST, 1 << 30)
    return tallies_of(store, messages[::-1])


def _store_seen(seen: dict[int, Spans], store: Store) -> None:
    store.receipts.mark_seen(seen)


def _store_left(at_ms: dict[int, int], store: Store) -> None:
    store.users.left(at_ms)


def _parts(rows: dict[int, Rows]) -> Iterator[dict[int, Rows]]:
    items = list(rows.items())
    for start in range(0, len(items), MAX_ROWS_A_JOB):
        yield dict(items[start : start + MAX_ROWS_A_JOB])
