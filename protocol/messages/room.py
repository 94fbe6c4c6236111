"""Codes 32-47: the room and its messages."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.types import (
    Attachments,
    Count,
    Expiry,
    Lifetime,
    PostId,
    Priority,
    RequestNumber,
    RoomMessage,
    TimeMs,
    TypedAnswers,
    TypedText,
    WireMessage,
)


class Sync(WireMessage, tag=32, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; asks for what changed after a revision.
    Answer: `Changes`."""

    request: RequestNumber
    after_revision: Count


class Changes(WireMessage, tag=33, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Sync`.

    `messages` in the order of their revisions, each once, as it is now.
    Whoever held everything up to `after_revision` now holds everything up to
    `complete_through`. If that is below `revision`, the room's own, there is
    more: sync again from `complete_through`.
    """

    request: RequestNumber
    messages: tuple[RoomMessage, ...]
    complete_through: Count
    revision: Count


class GetHistory(WireMessage, tag=34, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; asks for up to `limit` messages with ids
    below `before_id` (0: from the newest on). Answer: `History`."""

    request: RequestNumber
    before_id: Count
    limit: Annotated[int, Meta(ge=1, le=limits.MAX_PAGE_MESSAGES)]


class History(WireMessage, tag=35, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetHistory`.

    `messages` newest first, without a gap: fewer than asked for where they
    would not fit. `more` tells whether there are older ones.
    """

    request: RequestNumber
    messages: tuple[RoomMessage, ...]
    more: bool


class Post(WireMessage, tag=36, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; posts a message. Answer:
    `Posted`, once it is on disk (P1).

    Sent again with the same `post_id`, it is the same message (P2). What
    `priority`, `answers` and `expires_at_ms` mean is said with `RoomMessage`. A
    `lifetime_ms` above 0 is counted from the posting, by the server's clock, and
    wins over `expires_at_ms`. The files of `attachments` were sent before, whole.
    """

    request: RequestNumber
    post_id: PostId
    text: TypedText
    priority: Priority = Priority.NORMAL
    answers: TypedAnswers = ()
    expires_at_ms: Expiry = 0
    lifetime_ms: Lifetime = 0
    attachments: Attachments = ()


class Posted(WireMessage, tag=37, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Post`: the message is stored and has an id."""

    request: RequestNumber
    id: Count
    revision: Count
    posted_at_ms: TimeMs


class Changed(WireMessage, tag=38, frozen=True, array_like=True, gc=False):
    """Server to client, pushed: a message is new or has changed."""

    message: RoomMessage


class Presence(WireMessage, tag=39, frozen=True, array_like=True, gc=False):
    """Server to client, pushed at most once a second: how many people are
    online, of how many members there are (administrators included)."""

    online: Count
    members: Count


class Lagging(WireMessage, tag=40, frozen=True, array_like=True, gc=False):
    """Server to client, pushed: live changes were held back because this peer
    read too slowly. It has drained now; sync up to `revision` (P5)."""

    revision: Count
