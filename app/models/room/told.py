"""What the server tells whole whenever it changes."""

from collections.abc import Callable
from typing import Generic, TypeVar

from app.models.observable import Observable
from app.models.room.cache import Cache

Item = TypeVar("Item")


class Told(Observable, Generic[Item]):
    """As it was told last; kept for when there is no connection. Main thread only.

    `kept` reads it from a cache, `keep` writes it there.
    """

    def __init__(
        self,
        kept: Callable[[Cache], tuple[Item, ...]],
        keep: Callable[[Cache, tuple[Item, ...]], None],
    ) -> None:
        super().__init__()
        self._kept = kept
        self._keep = keep
        self._cache: Cache | None = None
        self._all: tuple[Item, ...] = ()

    @property
    def all(self) -> tuple[Item, ...]:
        return self._all

    def open(self, cache: Cache | None) -> None:
        """Show what this cache kept; None: nobody is signed in."""
        self._cache = cache
        self._show(self._kept(cache) if cache else ())

    def set(self, told: tuple[Item, ...]) -> None:
        """Take it as it is now."""
        if self._cache is not None and told != self._all:
            self._keep(self._cache, told)
        self._show(told)

    def _show(self, told: tuple[Item, ...]) -> None:
        if told != self._all:
            self._all = told
            self._changed()
