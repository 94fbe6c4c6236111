"""Urgent messages that wait for this person, and when their sound is heard."""

from collections.abc import Iterable

from app.models.observable import Observable
from app.models.room.cache import Cache
from protocol.messages import RoomMessage


class Urgent(Observable):
    """Those that stand before the person: neither answered nor put aside. Controllers
    write. Main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._cache: Cache | None = None
        self._messages: tuple[RoomMessage, ...] = ()
        self._dismissed: frozenset[int] = frozenset()
        self._rings = 0

    @property
    def messages(self) -> tuple[RoomMessage, ...]:
        """Oldest first."""
        return self._messages

    @property
    def dismissed(self) -> frozenset[int]:
        """Those that were put aside, by their ids; kept through the next start."""
        return self._dismissed

    @property
    def rings(self) -> int:
        """How often the sound was to be heard so far."""
        return self._rings

    def open(self, cache: Cache | None) -> None:
        """Go on from what this cache kept; None: nobody is signed in."""
        self._cache = cache
        self._dismissed = cache.dismissed if cache else frozenset()
        self.show(())

    def show(self, messages: Iterable[RoomMessage]) -> None:
        """Take those that wait now."""
        now = tuple(messages)
        if now != self._messages:
            self._messages = now
            self._changed()

    def dismiss(self, message_id: int, open_asks: Iterable[int]) -> None:
        """Put this one aside. Of those that ask nothing any more, nothing is kept."""
        self._dismissed = (self._dismissed & frozenset(open_asks)) | {message_id}
        if self._cache is not None:
            self._cache.set_dismissed(self._dismissed)
        self.show(one for one in self._messages if one.id != message_id)

    def ring(self) -> None:
        """Let the sound be heard."""
        self._rings += 1
        self._changed()
