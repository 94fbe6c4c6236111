"""One post on its way."""

from enum import StrEnum

import msgspec


class PostState(StrEnum):
    """How far a post of this client has come. A confirmed one leaves the
    outbox: it is a message of the room then."""

    WAITING = "waiting"
    """Kept until there is a connection."""
    SENDING = "sending"
    """Sent; the server has not confirmed it yet."""
    REFUSED = "refused"
    """The server said no, for `reason`; the text is kept for the author."""


class OutboxItem(msgspec.Struct, frozen=True):
    post_id: bytes
    text: str
    written_at_ms: int
    state: PostState = PostState.WAITING
    reason: str = ""
