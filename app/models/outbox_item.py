"""What an administrator writes, and one post on its way."""

from enum import StrEnum

import msgspec

from protocol.messages import Priority


class Draft(msgspec.Struct, frozen=True):
    """A message as it is written. What the fields mean is said with
    `RoomMessage`."""

    text: str
    priority: Priority = Priority.NORMAL
    answers: tuple[str, ...] = ()
    expires_at_ms: int = 0


class PostState(StrEnum):
    """How far a post of this client has come. A confirmed one leaves the
    outbox: it is a message of the room then."""

    WAITING = "waiting"
    """Kept until there is a connection."""
    SENDING = "sending"
    """Sent; the server has not confirmed it yet."""
    REFUSED = "refused"
    """The server said no, for `reason`; the draft is kept for the author."""


class OutboxItem(msgspec.Struct, frozen=True):
    post_id: bytes
    draft: Draft
    written_at_ms: int
    state: PostState = PostState.WAITING
    reason: str = ""

    @property
    def text(self) -> str:
        return self.draft.text
