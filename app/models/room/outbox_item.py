"""What an administrator writes, and one post on its way."""

from enum import StrEnum

import msgspec

from protocol.messages import Attachment, Priority


class Draft(msgspec.Struct, frozen=True):
    """A message as it is written. What the fields mean is said with
    `RoomMessage`."""

    text: str
    priority: Priority = Priority.NORMAL
    answers: tuple[str, ...] = ()
    expires_at_ms: int = 0
    lifetime_ms: int = 0
    """How long after it is posted, whenever that is, it withdraws itself."""
    at_ms: int = 0
    """When it is to be posted; 0: as soon as can be."""
    attachments: tuple[Attachment, ...] = ()
    """Its files, which are in the account's folder."""


EMPTY = Draft("")


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
    may_be_posted: bool = False
    """It was sent, and no answer came: the room may have it."""

    @property
    def can_be_taken_back(self) -> bool:
        """Whether it is certain that nobody has it but this client."""
        return self.state is not PostState.SENDING and not self.may_be_posted

    @property
    def text(self) -> str:
        return self.draft.text
