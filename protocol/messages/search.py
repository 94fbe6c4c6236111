"""Codes 80-95: search."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.types import Count, RequestNumber, RoomMessage, TimeMs, WireMessage

Query = Annotated[str, Meta(max_length=limits.MAX_SEARCH_CHARS)]


class Search(WireMessage, tag=80, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; asks for messages by what they say, as
    protocol/search.py has it. Answer: `Found`.

    `author` stands anywhere in an author's name. `from_ms` and `to_ms` bound when
    it was posted, the one included, the other not; 0: no bound. Ids below
    `before_id`; 0: from the newest on.
    """

    request: RequestNumber
    text: Query
    limit: Annotated[int, Meta(ge=1, le=limits.MAX_FOUND)]
    before_id: Count = 0
    author: Query = ""
    from_ms: TimeMs = 0
    to_ms: TimeMs = 0


class Found(WireMessage, tag=81, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Search`: what was found, newest first.

    All that is to be found with an id of `through_id` or more is told, fewer than
    asked for where looking takes long or they would not fit: search on from
    there, until `through_id` is 1.
    """

    request: RequestNumber
    messages: tuple[RoomMessage, ...]
    through_id: Count
