"""Codes 1-15: the connection."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.types import (
    Code,
    Count,
    Detail,
    Limits,
    Registration,
    RequestNumber,
    RoomId,
    TimeMs,
    WireMessage,
)


class Hello(WireMessage, tag=1, frozen=True, array_like=True, gc=False):
    """Client to server; the first message, in state `new`. Answer: `Welcome`.

    The client speaks every version from `version_min` to `version_max`.
    `agent` names the program and its version, for the server's log.
    """

    request: RequestNumber
    version_min: Count
    version_max: Count
    agent: Annotated[str, Meta(max_length=limits.MAX_AGENT_CHARS)] = ""


class Welcome(WireMessage, tag=2, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Hello` with the version that both will speak.

    `room_id` changes when the room's data does not continue what it was
    before: what a client keeps belongs to that id. `keep_days` is how long messages
    are kept, in days; 0: for ever. `asks_attention`: whether administrators are told if
    a person could see what is shown (`Attending`).
    """

    request: RequestNumber
    version: Count
    room_id: RoomId
    room_name: Annotated[str, Meta(max_length=limits.MAX_ROOM_NAME_CHARS)]
    description: Annotated[str, Meta(max_length=limits.MAX_DESCRIPTION_CHARS)]
    registration: Registration
    server_time_ms: TimeMs
    limits: Limits
    keep_days: Count = 0
    asks_attention: bool = False


class Ping(WireMessage, tag=3, frozen=True, array_like=True, gc=False):
    """Client to server, from `Hello` on, when the client has been quiet.
    Answer: `Pong`."""

    token: Count


class Pong(WireMessage, tag=4, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Ping` with its token.

    `revision` is that up to which everything has been sent to everyone when signed
    in, else 0: a client that holds less learns here that it is behind.
    """

    token: Count
    revision: Count


class Refused(WireMessage, tag=5, frozen=True, array_like=True, gc=False):
    """Server to client; the answer to a request that is not carried out.

    `request` is 0 where the number could not be read. `code` is one of
    `Refusal`; `detail` says in English, for a log, what was expected.
    `retry_after_ms` above 0: the same request may succeed after that time.
    """

    request: Count
    code: Code
    detail: Detail = ""
    retry_after_ms: Count = 0


class Goodbye(WireMessage, tag=6, frozen=True, array_like=True, gc=False):
    """Server to client; the server closes the connection after this.

    `code` is one of `Farewell`. `retry_after_ms` above 0: come back then.
    """

    code: Code
    retry_after_ms: Count = 0
