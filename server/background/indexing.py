"""Index what was posted, so that it is found fast.

Once a second it looks, on the janitor's thread, whether there is something to index, and
does a part of it: a room of before there was a search takes some minutes, in which
everything is found, too. Used from the reactor's thread only.
"""

import logging

from server.domain.messages.history import Head
from server.domain.room import Room
from server.storage.executor import StoreExecutor
from server.transport.jobs import start_unwatched
from server.transport.reactor import Reactor

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0


class IndexingScheduler:
    """Keeps the index of the search current."""

    def __init__(self, reactor: Reactor, storage: StoreExecutor, room: Room) -> None:
        self._reactor = reactor
        self._storage = storage
        self._room = room
        self._done_at: Head | None = None
        """How far the room was when there was nothing to do."""
        self._is_closed = False
        self._timer = reactor.call_later(LOOK_EVERY_S, self._tick)

    def close(self) -> None:
        """Leave the rest to the next start."""
        self._timer.cancel()
        self._is_closed = True

    def _tick(self) -> None:
        if self._room.head == self._done_at:
            self._wait()
        else:
            start_unwatched(self._work())

    def _wait(self) -> None:
        if not self._is_closed:
            self._timer = self._reactor.call_later(LOOK_EVERY_S, self._tick)

    async def _work(self) -> None:
        head = self._room.head
        try:
            if not await self._storage.tidy(lambda store: store.index.index_next()):
                self._done_at = head
        except Exception as error:
            # What is searched for is found without.
            log.warning("messages could not be indexed: %s", error)
        self._wait()
