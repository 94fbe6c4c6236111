"""Index what was posted, so that it is found fast.

Once a second it looks, on the janitor's thread, whether there is something to index, and
does a part of it: a room of before there was a search takes some minutes, in which
everything is found, too. Used from the reactor's thread only.
"""

from server.background.ticking import Ticker
from server.domain.messages.history import Head
from server.domain.room import Room
from server.storage.executor import StoreExecutor
from server.transport.reactor import Reactor


class IndexingScheduler:
    """Keeps the index of the search current."""

    def __init__(self, reactor: Reactor, storage: StoreExecutor, room: Room) -> None:
        self._storage = storage
        self._room = room
        self._done_at: Head | None = None
        """How far the room was when there was nothing to do."""
        self._ticker = Ticker(reactor, self._look, "messages could not be indexed")

    def close(self) -> None:
        """Leave the rest to the next start."""
        self._ticker.close()

    async def _look(self) -> None:
        head = self._room.head
        if head == self._done_at:
            return
        # What is searched for meanwhile is found without.
        if not await self._storage.tidy(lambda store: store.index.index_next()):
            self._done_at = head
