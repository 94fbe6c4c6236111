"""Fetching a list page by page, for as long as it is looked at."""

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from app.controllers.common.reauthentication import Reauthentication
from app.controllers.common.requests import Later
from app.models.listing import Item, Listing
from app.models.text import clean_text
from protocol.limits import MAX_SEARCH_CHARS
from protocol.messages import FromClient, Refused, WireMessage

SEARCH_DELAY_S = 0.3
"""The server is asked when no key was pressed for this long: a word typed at an
even pace is one request."""

Answer = TypeVar("Answer", bound=WireMessage)


class Part(NamedTuple, Generic[Item]):
    """What one answer told, and whether there is more behind it."""

    items: tuple[Item, ...]
    has_more: bool = False


class Loading(Generic[Item, Answer]):
    """Keeps a listing as the server has it, while its page is open.

    `request` makes the request for what comes after the items given, `read`
    reads its answer, with how many there were before.
    """

    def __init__(
        self,
        reauthentication: Reauthentication,
        later: Later,
        listing: Listing[Item],
        kind: type[Answer],
        request: Callable[[int, str, tuple[Item, ...]], FromClient],
        read: Callable[[Answer, int], Part[Item]],
    ) -> None:
        self._reauthentication = reauthentication
        self._later = later
        self._listing = listing
        self._kind = kind
        self._request = request
        self._read = read
        self._is_open = False
        self._is_signed_in = False
        self._era = 0
        """Raised when an answer that is on its way is of no use any more."""
        self._keys = 0

    # -- from the page -------------------------------------------------------------

    def open(self) -> None:
        """Fetch the list and keep it current: a page shows it from now on."""
        self._is_open = True
        self._fetch((), 1)

    def close(self) -> None:
        """Stop keeping it current: no page shows it. What is held is shown the next
        time until the server has sent it anew, but for what was searched for."""
        self._is_open = False
        self._keys += 1
        self._stop()
        if self._listing.search:
            self._listing.clear()

    def reload(self) -> None:
        """Fetch anew what is held: something was changed."""
        self._fetch((), len(self._listing.items))

    def more(self) -> None:
        """Fetch more: the end of what is held is in sight."""
        if self._listing.has_more and not self._listing.is_loading and not self._listing.reason:
            items = self._listing.items
            self._fetch(items, len(items) + 1)

    def search(self, typed: str) -> None:
        """List what has this in it, once nothing more is typed."""
        wanted = clean_text(typed).strip()[:MAX_SEARCH_CHARS]
        self._keys += 1
        key = self._keys

        def due() -> None:
            if key == self._keys and wanted != self._listing.search:
                self._listing.look_for(wanted)
                self._fetch((), 1)

        self._later(SEARCH_DELAY_S, due)

    # -- from the session ------------------------------------------------------------

    def begin(self) -> None:
        """Take up work: somebody is signed in on this link."""
        self._is_signed_in = True
        self.reload()

    def end(self) -> None:
        """Let go of the link; what is held is shown on."""
        self._is_signed_in = False
        self._stop()

    # ----------------------------------------------------------------------------------

    def _stop(self) -> None:
        self._era += 1
        self._listing.expect_nothing()

    def _fetch(self, held: tuple[Item, ...], at_least: int) -> None:
        if self._is_open and self._is_signed_in:
            self._era += 1
            self._ask(held, at_least, self._era)

    def _ask(self, held: tuple[Item, ...], at_least: int, era: int) -> None:
        search = self._listing.search
        self._listing.expect()

        def answer(told: Answer) -> None:
            if era != self._era:
                return
            part = self._read(told, len(held))
            items = _joined(held, part.items)
            # Nothing new would ask for the same for ever.
            if part.has_more and len(held) < len(items) < at_least:
                self._ask(items, at_least, era)
            else:
                self._listing.show(items, part.has_more)

        def refused(refusal: Refused) -> None:
            if era == self._era:
                self._listing.refuse(self._reauthentication.reason_of(refusal))

        self._reauthentication.ask(
            lambda number: self._request(number, search, held), self._kind, answer, refused
        )


def _joined(held: tuple[Item, ...], more: tuple[Item, ...]) -> tuple[Item, ...]:
    # Somebody new before the place that was asked for moves others behind it.
    known = {item.id for item in held}
    return held + tuple(item for item in more if item.id not in known)
