"""A list that the server holds and a page shows: as far as it was fetched, and
how the fetching goes."""

from typing import Generic, Protocol, TypeVar

import msgspec

from app.models.observable import Observable


class Numbered(Protocol):
    """What is listed: each has an id of its own."""

    @property
    def id(self) -> int: ...


Item = TypeVar("Item", bound=Numbered)


class Reason(msgspec.Struct, frozen=True):
    """A refusal. `code` is a translation's `reason.<code>`; `params` fill its
    placeholders. `again_at_ms`: when it may be tried again, by this machine's
    clock; 0: at once, or nobody knows."""

    code: str
    params: dict[str, int | str] = {}
    again_at_ms: int = 0


class Listing(Observable, Generic[Item]):
    """The first part of a list, in the server's order. Controllers write."""

    def __init__(self) -> None:
        super().__init__()
        self._items: tuple[Item, ...] = ()
        self._search = ""
        self._is_known = False
        self._is_loading = False
        self._has_more = False
        self._reason: Reason | None = None

    @property
    def items(self) -> tuple[Item, ...]:
        return self._items

    @property
    def search(self) -> str:
        """What was searched for; empty: everything is listed."""
        return self._search

    @property
    def is_known(self) -> bool:
        """Whether the server has told it, so that no items mean that there are
        none."""
        return self._is_known

    @property
    def is_loading(self) -> bool:
        return self._is_loading

    @property
    def has_more(self) -> bool:
        """Whether there is more of it on the server."""
        return self._has_more

    @property
    def reason(self) -> Reason | None:
        """Why the last attempt to fetch something was refused."""
        return self._reason

    def look_for(self, search: str) -> None:
        """Look for another part of it; what is held stays until that comes."""
        if search != self._search:
            self._search = search
            self._changed()

    def expect(self) -> None:
        """Note that something was asked for."""
        self._is_loading, self._reason = True, None
        self._changed()

    def expect_nothing(self) -> None:
        """Note that what was asked for will not come."""
        if self._is_loading:
            self._is_loading = False
            self._changed()

    def show(self, items: tuple[Item, ...], has_more: bool) -> None:
        """Show these items, which the server has just sent."""
        self._items, self._has_more = items, has_more
        self._is_known, self._is_loading, self._reason = True, False, None
        self._changed()

    def refuse(self, reason: Reason) -> None:
        """Note why the server refused to send it."""
        self._is_loading, self._reason = False, reason
        self._changed()

    def clear(self) -> None:
        """Forget everything: the session is over."""
        self._items, self._search = (), ""
        self._is_known = self._is_loading = self._has_more = False
        self._reason = None
        self._changed()
