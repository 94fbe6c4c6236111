"""What a person looks for in the room, and what was found."""

from collections.abc import Iterable, Sequence

import msgspec

from app.models.listing import Reason
from app.models.observable import Observable
from protocol.messages import RoomMessage
from protocol.search import is_found, key_of, terms_of


class Query(msgspec.Struct, frozen=True):
    """What is looked for; times in milliseconds since 1970, the first included and the
    last not. Nothing or 0 leaves it open."""

    text: str = ""
    author: str = ""
    from_ms: int = 0
    to_ms: int = 0

    @property
    def terms(self) -> tuple[str, ...]:
        """What the text has to have in it (protocol/search.py)."""
        return terms_of(self.text)

    @property
    def is_empty(self) -> bool:
        """Whether it looks for nothing."""
        return not (self.terms or key_of(self.author) or self.from_ms or self.to_ms)

    def finds(self, message: RoomMessage) -> bool:
        """Tell whether a message is what is looked for. What is withdrawn never is."""
        return (
            not message.withdrawn_at_ms
            and self.from_ms <= message.posted_at_ms
            and (not self.to_ms or message.posted_at_ms < self.to_ms)
            and key_of(self.author) in key_of(message.author_name)
            and is_found(key_of(message.text), self.terms)
        )


class Search(Observable):
    """What was found so far, newest first. Controllers write."""

    def __init__(self) -> None:
        super().__init__()
        self._query = Query()
        self._found: tuple[RoomMessage, ...] = ()
        self._through_id = 0
        self._is_looking = False
        self._is_local = False
        self._reason: Reason | None = None

    @property
    def query(self) -> Query:
        return self._query

    @property
    def found(self) -> tuple[RoomMessage, ...]:
        return self._found

    @property
    def through_id(self) -> int:
        """Everything from this message on was looked through; 0: nothing was yet."""
        return self._through_id

    @property
    def is_looking(self) -> bool:
        return self._is_looking

    @property
    def is_local(self) -> bool:
        """Whether only what is held on this computer was looked through."""
        return self._is_local

    @property
    def reason(self) -> Reason | None:
        """Why the server did not look."""
        return self._reason

    @property
    def has_more(self) -> bool:
        """Whether there may be more to be found further down."""
        return self._through_id > 1

    def begin(self, query: Query, is_local: bool) -> None:
        """Look for this from now on: what was found is of another search."""
        self._query, self._is_local = query, is_local
        self._found, self._through_id = (), 0
        self._is_looking, self._reason = not query.is_empty, None
        self._changed()

    def expect(self) -> None:
        """Note that more is looked for."""
        self._is_looking, self._reason = True, None
        self._changed()

    def add(self, found: Sequence[RoomMessage], through_id: int, is_looking: bool) -> None:
        """Take what was found further down, everything through this message now."""
        known = {message.id for message in self._found}
        self._found += tuple(message for message in found if message.id not in known)
        self._through_id, self._is_looking = through_id, is_looking
        self._changed()

    def refuse(self, reason: Reason) -> None:
        """Note why the server did not look."""
        self._is_looking, self._reason = False, reason
        self._changed()

    def follow(self, messages: Iterable[RoomMessage]) -> None:
        """Take changes to messages: what is found is shown as it is, and no longer where it
        says something else now."""
        changed = {message.id: message for message in messages}
        if changed.keys().isdisjoint(message.id for message in self._found):
            return
        now = (changed.get(message.id, message) for message in self._found)
        self._found = tuple(message for message in now if self._query.finds(message))
        self._changed()
