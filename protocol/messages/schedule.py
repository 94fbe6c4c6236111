"""Codes 112-127: what is posted later."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.types import (
    Attachments,
    Count,
    Lifetime,
    Moment,
    PostId,
    Priority,
    RequestNumber,
    ScheduledMessage,
    TimeMs,
    TypedAnswers,
    TypedText,
    WireMessage,
)


class Schedule(WireMessage, tag=112, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; posts a message at a time. Answer:
    `Done`, once it is on disk.

    Sent again with the same `post_id`, it is the same one (P2), whatever has become
    of it. What it is besides its text is said with `Post`.
    """

    request: RequestNumber
    post_id: PostId
    at_ms: Moment
    text: TypedText
    priority: Priority = Priority.NORMAL
    answers: TypedAnswers = ()
    lifetime_ms: Lifetime = 0
    attachments: Attachments = ()


class ChangeScheduled(WireMessage, tag=113, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; has another message posted in its
    place, or at another time, in the name of who changes it. `version` is the one that
    was changed. Answer: `Done`."""

    request: RequestNumber
    scheduled_id: Count
    version: Count
    at_ms: Moment
    text: TypedText
    priority: Priority = Priority.NORMAL
    answers: TypedAnswers = ()
    lifetime_ms: Lifetime = 0
    attachments: Attachments = ()


class SendScheduled(WireMessage, tag=114, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; posts it now. Answer: `Done`."""

    request: RequestNumber
    scheduled_id: Count
    version: Count


class CancelScheduled(WireMessage, tag=115, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; it is not posted. Answer: `Done`."""

    request: RequestNumber
    scheduled_id: Count
    version: Count


class GetScheduled(WireMessage, tag=116, frozen=True, array_like=True, gc=False):
    """Client to server, signed in as an admin; asks what is to be posted, but for so
    many of the first. Answer: `Scheduled`."""

    request: RequestNumber
    offset: Count
    limit: Annotated[int, Meta(ge=1, le=limits.MAX_SCHEDULED)]


class Scheduled(WireMessage, tag=117, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetScheduled`: in the order of their times, as many as
    fit. `more` tells whether there are later ones."""

    request: RequestNumber
    messages: tuple[ScheduledMessage, ...]
    more: bool = False


class Upcoming(WireMessage, tag=118, frozen=True, array_like=True, gc=False):
    """Server to client, pushed to administrators after sign-in and whenever what is
    scheduled has changed: how many there are, when the next is due (0: none is), and how
    many wait for an administrator's decision."""

    count: Count
    next_at_ms: TimeMs = 0
    held: Count = 0
