"""The wire messages: one class each, in the order of their type codes.

A message is a MessagePack array: its type code, then the fields in the order
written here. A request carries a number, `request`, chosen by the client; its
one answer repeats it. New fields are added at the end with a default, so older
peers keep working: they ignore what they do not know.

Codes by purpose, so that what is still to come has its place:
1-15 the connection, 16-31 accounts, 32-47 the room and its messages,
48-63 receipts and confirmations, 64-79 a message's life (edit, withdraw, pin,
schedule), 80-95 search, 96-127 administration.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from protocol import limits

Count = Annotated[int, Meta(ge=0, le=limits.MAX_INTEGER)]
"""A non-negative integer: an id, a revision, a number of people."""

RequestNumber = Annotated[int, Meta(ge=1, le=limits.MAX_INTEGER)]
TimeMs = Annotated[int, Meta(ge=0, le=limits.MAX_INTEGER)]
"""Milliseconds since 1970-01-01 00:00 UTC."""

PostId = Annotated[bytes, Meta(min_length=limits.POST_ID_BYTES, max_length=limits.POST_ID_BYTES)]
SessionToken = Annotated[
    bytes, Meta(min_length=limits.SESSION_TOKEN_BYTES, max_length=limits.SESSION_TOKEN_BYTES)
]
RoomId = Annotated[bytes, Meta(min_length=limits.ROOM_ID_BYTES, max_length=limits.ROOM_ID_BYTES)]
Code = Annotated[str, Meta(max_length=limits.MAX_CODE_CHARS)]
Detail = Annotated[str, Meta(max_length=limits.MAX_DETAIL_CHARS)]

# Bounds on what a person typed are looser here than the rules of the room:
# a text that is too long is refused in words (P10), not as malformed. The
# largest Register, at four bytes a character, still fits the cap before sign-in.
TypedName = Annotated[str, Meta(max_length=limits.MAX_DISPLAY_NAME_CHARS * 2)]
TypedPassword = Annotated[str, Meta(max_length=limits.MAX_PASSWORD_CHARS * 2)]


class Role(StrEnum):
    """What a person is in the room: a member hears, an admin also speaks."""

    MEMBER = "member"
    ADMIN = "admin"


class Registration(StrEnum):
    """Who may create an account."""

    OPEN = "open"
    INVITE = "invite"
    APPROVAL = "approval"
    CLOSED = "closed"


class Limits(Struct, frozen=True, array_like=True, gc=False):
    """What the server accepts, announced in `Welcome`; counts are characters
    (Unicode code points)."""

    text_chars: Count = limits.MAX_TEXT_CHARS
    username_min_chars: Count = limits.MIN_USERNAME_CHARS
    username_max_chars: Count = limits.MAX_USERNAME_CHARS
    display_name_max_chars: Count = limits.MAX_DISPLAY_NAME_CHARS
    password_min_chars: Count = limits.MIN_PASSWORD_CHARS
    password_max_chars: Count = limits.MAX_PASSWORD_CHARS


class Person(Struct, frozen=True, array_like=True, gc=False):
    """A person as others may know them."""

    id: Count
    username: str
    display_name: str
    role: Role


class RoomMessage(Struct, frozen=True, array_like=True, gc=False):
    """A message of the room, as it is at its latest revision.

    `id` is its place in the order of posting: 1, 2, 3 and so on, without a gap.
    `revision` is that of its last change. `author_name` is the author's display
    name when it was posted. `post_id` is the id that the author's client gave
    the post, so that client's other windows and outbox know it for their own.
    """

    id: Count
    revision: Count
    author_id: Count
    author_name: str
    posted_at_ms: TimeMs
    text: str
    post_id: PostId


class WireMessage(Struct, frozen=True, array_like=True, gc=False):
    """Base of the wire messages; `RoomMessage` is what they carry."""


# --- 1-15: the connection -------------------------------------------------


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
    before: what a client keeps belongs to that id.
    """

    request: RequestNumber
    version: Count
    room_id: RoomId
    room_name: Annotated[str, Meta(max_length=limits.MAX_ROOM_NAME_CHARS)]
    description: Annotated[str, Meta(max_length=limits.MAX_DESCRIPTION_CHARS)]
    registration: Registration
    server_time_ms: TimeMs
    limits: Limits


class Ping(WireMessage, tag=3, frozen=True, array_like=True, gc=False):
    """Client to server, from `Hello` on, when the client has been quiet.
    Answer: `Pong`."""

    token: Count


class Pong(WireMessage, tag=4, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Ping` with its token.

    `revision` is the room's when signed in, else 0: a client that holds less
    learns here that it is behind.
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


# --- 16-31: accounts ------------------------------------------------------


class Register(WireMessage, tag=16, frozen=True, array_like=True, gc=False):
    """Client to server; creates an account and signs it in. Answer: `SignedIn`.

    `device` names the machine, for the person's list of sessions; `invite` is
    what the join code held, where registration asks for one.
    """

    request: RequestNumber
    username: TypedName
    display_name: TypedName
    password: TypedPassword
    device: Annotated[str, Meta(max_length=limits.MAX_DEVICE_CHARS)] = ""
    invite: Annotated[str, Meta(max_length=limits.MAX_INVITE_CHARS)] = ""


class SignIn(WireMessage, tag=17, frozen=True, array_like=True, gc=False):
    """Client to server; signs in by password. Answer: `SignedIn`."""

    request: RequestNumber
    username: TypedName
    password: TypedPassword
    device: Annotated[str, Meta(max_length=limits.MAX_DEVICE_CHARS)] = ""


class Resume(WireMessage, tag=18, frozen=True, array_like=True, gc=False):
    """Client to server; signs in by a session token. Answer: `SignedIn`."""

    request: RequestNumber
    token: SessionToken


class SignedIn(WireMessage, tag=19, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Register`, `SignIn` and `Resume`.

    From here on, every change after `revision` is pushed. `last_id` is the
    newest message's id, 0 in an empty room.
    """

    request: RequestNumber
    person: Person
    token: SessionToken
    revision: Count
    last_id: Count


class SignOut(WireMessage, tag=20, frozen=True, array_like=True, gc=False):
    """Client to server; ends the session and its token. Answer: `SignedOut`."""

    request: RequestNumber


class SignedOut(WireMessage, tag=21, frozen=True, array_like=True, gc=False):
    """Server to client; answers `SignOut`. Nothing is pushed any more."""

    request: RequestNumber


# --- 32-47: the room and its messages -------------------------------------


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

    Sent again with the same `post_id`, it is the same message (P2).
    """

    request: RequestNumber
    post_id: PostId
    text: Annotated[str, Meta(max_length=limits.MAX_BODY_FROM_CLIENT_BYTES)]


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


FromClient = Hello | Ping | Register | SignIn | Resume | SignOut | Sync | GetHistory | Post
FromServer = (
    Welcome
    | Pong
    | Refused
    | Goodbye
    | SignedIn
    | SignedOut
    | Changes
    | History
    | Posted
    | Changed
    | Presence
    | Lagging
)
AnyMessage = FromClient | FromServer


def type_code(message_type: type[WireMessage]) -> int:
    """The number on the wire that stands for this class."""
    tag = message_type.__struct_config__.tag
    assert isinstance(tag, int), f"{message_type.__name__} has no type code"
    return tag
