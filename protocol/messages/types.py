"""What messages are made of: bounded values, enumerations, structures."""

from enum import IntEnum, StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from protocol import limits

Count = Annotated[int, Meta(ge=0, le=limits.MAX_INTEGER)]
"""A non-negative integer: an id, a revision, a number of people."""

RequestNumber = Annotated[int, Meta(ge=1, le=limits.MAX_INTEGER)]
TimeMs = Annotated[int, Meta(ge=0, le=limits.MAX_INTEGER)]
"""Milliseconds since 1970-01-01 00:00 UTC."""

Expiry = Annotated[int, Meta(ge=0, le=limits.MAX_TIME_MS)]
"""When a message is to withdraw itself, in milliseconds since 1970; 0: never."""

Moment = Annotated[int, Meta(ge=1, le=limits.MAX_TIME_MS)]
"""When something is to be done, in milliseconds since 1970."""

Lifetime = Annotated[int, Meta(ge=0, le=limits.MAX_EXPIRY_AHEAD_MS)]
"""How long after it was posted a message is to withdraw itself, in milliseconds;
0: not."""

PostId = Annotated[bytes, Meta(min_length=limits.POST_ID_BYTES, max_length=limits.POST_ID_BYTES)]
SessionToken = Annotated[
    bytes, Meta(min_length=limits.SESSION_TOKEN_BYTES, max_length=limits.SESSION_TOKEN_BYTES)
]
RoomId = Annotated[bytes, Meta(min_length=limits.ROOM_ID_BYTES, max_length=limits.ROOM_ID_BYTES)]
Digest = Annotated[bytes, Meta(min_length=limits.DIGEST_BYTES, max_length=limits.DIGEST_BYTES)]
"""A SHA-256."""

Code = Annotated[str, Meta(max_length=limits.MAX_CODE_CHARS)]
Detail = Annotated[str, Meta(max_length=limits.MAX_DETAIL_CHARS)]

# Bounds on what a person typed are looser here than the rules of the room:
# a text that is too long is refused in words (P10), not as malformed. The
# largest Register, at four bytes a character, still fits the cap before sign-in.
TypedName = Annotated[str, Meta(max_length=limits.MAX_DISPLAY_NAME_CHARS * 2)]
TypedText = Annotated[str, Meta(max_length=limits.MAX_BODY_FROM_CLIENT_BYTES)]
"""Bounded by the frame alone."""

TypedAnswer = Annotated[str, Meta(max_length=limits.MAX_ANSWER_CHARS * 2)]
TypedAnswers = Annotated[tuple[TypedAnswer, ...], Meta(max_length=limits.MAX_ANSWERS * 2)]
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


class AccountState(StrEnum):
    """Whether an account is in use. `pending`: an administrator has to accept
    it first. `disabled`: it may do nothing, and keeps its place in the history."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class Priority(IntEnum):
    """How much a message wants to be noticed. An urgent one comes to the front
    and stays on top until it is confirmed or dismissed."""

    NORMAL = 0
    IMPORTANT = 1
    URGENT = 2


class Attention(IntEnum):
    """Whether a person could see what is shown on their computer now. LOCKED: the screen
    is locked, or saved, or somebody else's. FULL_SCREEN and PRESENTING: something else has
    the whole screen, and the system holds notifications back. PAUSED: they asked not to be
    disturbed, for a time or by their quiet hours; an urgent message comes through all the
    same."""

    HERE = 0
    PAUSED = 1
    FULL_SCREEN = 2
    PRESENTING = 3
    LOCKED = 4


class Attachment(Struct, frozen=True, array_like=True, gc=False):
    """A file that goes with a message, known by the SHA-256 of its bytes. `name` is
    what its author called it. `width` and `height` in pixels, where the author's client
    took it for a picture; else 0. Whoever decodes it looks for themselves."""

    sha256: Digest
    name: Annotated[str, Meta(max_length=limits.MAX_FILE_NAME_CHARS * 2)]
    size: Annotated[int, Meta(ge=1, le=limits.MAX_ATTACHMENT_BYTES)]
    width: Annotated[int, Meta(ge=0, le=limits.MAX_PICTURE_SIDE)] = 0
    height: Annotated[int, Meta(ge=0, le=limits.MAX_PICTURE_SIDE)] = 0


Attachments = Annotated[tuple[Attachment, ...], Meta(max_length=limits.MAX_ATTACHMENTS)]


class Limits(Struct, frozen=True, array_like=True, gc=False):
    """What the server accepts, announced in `Welcome`; counts are characters
    (Unicode code points). `attachment_bytes`: the largest file that may go with a
    message; 0: none may."""

    text_chars: Count = limits.MAX_TEXT_CHARS
    username_min_chars: Count = limits.MIN_USERNAME_CHARS
    username_max_chars: Count = limits.MAX_USERNAME_CHARS
    display_name_max_chars: Count = limits.MAX_DISPLAY_NAME_CHARS
    password_min_chars: Count = limits.MIN_PASSWORD_CHARS
    password_max_chars: Count = limits.MAX_PASSWORD_CHARS
    attachment_bytes: Count = 0


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

    `answers`: what it asks everyone to confirm with; none: it does not ask; a
    single empty one: that it was read. Times are 0 where they do not apply. A
    withdrawn message has no text any more, and no attachments; `withdrawn_by` is the name of who
    did it, empty where its time had come. `due_at_ms`: when a scheduled one should
    have been posted that was posted late.
    """

    id: Count
    revision: Count
    author_id: Count
    author_name: str
    posted_at_ms: TimeMs
    text: str
    post_id: PostId
    priority: Priority = Priority.NORMAL
    answers: tuple[str, ...] = ()
    edited_at_ms: TimeMs = 0
    withdrawn_at_ms: TimeMs = 0
    withdrawn_by: str = ""
    pinned_at_ms: TimeMs = 0
    expires_at_ms: TimeMs = 0
    due_at_ms: TimeMs = 0
    attachments: tuple[Attachment, ...] = ()


Choice = Annotated[int, Meta(ge=0, le=limits.MAX_ANSWERS)]
"""A place among a message's `answers`, counted from 1; 0: none yet."""


class SeenSpan(Struct, frozen=True, array_like=True, gc=False):
    """A run of messages that a person has seen, both ends included; nothing
    where `to_id` is the smaller."""

    from_id: Count
    to_id: Count


class Tally(Struct, frozen=True, array_like=True, gc=False):
    """How far a message has come: of so many `people` who should hear it, so
    many have `seen` it, and so many chose each of its answers. Who joined after
    it was posted does not count, nor does its author."""

    message_id: Count
    people: Count
    seen: Count
    chosen: tuple[Count, ...] = ()


class OwnReceipt(Struct, frozen=True, array_like=True, gc=False):
    """How one person stands with a message that asks: what was chosen, when, and
    until when it can be changed; and when an administrator asked once more.
    Times are 0 where they do not apply."""

    message_id: Count
    choice: Choice = 0
    at_ms: TimeMs = 0
    final_at_ms: TimeMs = 0
    reminded_at_ms: TimeMs = 0


class RosterEntry(Struct, frozen=True, array_like=True, gc=False):
    """One person, as administrators see them beside a message. `is_counted`:
    False for one who answered and has left since. `attention`, of one who is `online`: the
    best of their computers'."""

    person_id: Count
    username: str
    display_name: str
    is_counted: bool
    online: bool
    last_seen_ms: TimeMs
    has_seen: bool
    choice: Choice = 0
    at_ms: TimeMs = 0
    attention: Attention = Attention.HERE


class Version(Struct, frozen=True, array_like=True, gc=False):
    """An earlier text of a message, and until when it was the message's; who
    replaced it, by display name."""

    text: str
    until_ms: TimeMs
    replaced_by: str


class Template(Struct, frozen=True, array_like=True, gc=False):
    """A message that administrators keep to post it again, under a name. The other
    fields are those of `Post`."""

    id: Count
    name: TypedName
    text: TypedText
    priority: Priority = Priority.NORMAL
    answers: TypedAnswers = ()
    lifetime_ms: Lifetime = 0


class Hold(IntEnum):
    """Why a scheduled message was not posted when its time came, and waits for an
    administrator's decision. LATE: no server ran then, nor for a day after. AUTHOR: its
    author may not post any more."""

    NONE = 0
    LATE = 1
    AUTHOR = 2


class ScheduledMessage(Struct, frozen=True, array_like=True, gc=False):
    """A message that is to be posted at `at_ms`, in the name of its author, who goes by
    `author_name` today. `version` counts its changes, from 1. The other fields are
    those of `Post`."""

    id: Count
    version: Count
    at_ms: TimeMs
    author_id: Count
    author_name: str
    text: str
    priority: Priority = Priority.NORMAL
    answers: tuple[str, ...] = ()
    lifetime_ms: Lifetime = 0
    held: Hold = Hold.NONE
    attachments: tuple[Attachment, ...] = ()


class SessionInfo(Struct, frozen=True, array_like=True, gc=False):
    """One of a person's own sessions: where that person is signed in.

    `device` is what the client called its machine, `address` the IP address that
    it came from last. `last_used_ms` is exact to the hour.
    """

    id: Count
    device: str
    address: str
    created_at_ms: TimeMs
    last_used_ms: TimeMs
    online: bool
    this_one: bool


class Member(Struct, frozen=True, array_like=True, gc=False):
    """An account, as administrators may know it. `last_seen_ms` is exact to the
    hour; 0: never signed in."""

    id: Count
    username: str
    display_name: str
    role: Role
    state: AccountState
    created_at_ms: TimeMs
    last_seen_ms: TimeMs
    online: bool


class Invite(Struct, frozen=True, array_like=True, gc=False):
    """Leave to create accounts: `uses` of them at most, until `expires_at_ms`,
    unless it is `revoked` before. `used` counts those that were created."""

    id: Count
    role: Role
    uses: Count
    used: Count
    expires_at_ms: TimeMs
    revoked: bool
    note: str
    created_by: str
    created_at_ms: TimeMs


class AuditEntry(Struct, frozen=True, array_like=True, gc=False):
    """Who did what to whom, when, from where.

    `actor` and `subject` are usernames as they were then; an actor in
    parentheses is no account: `(operator)` worked at the server's own machine.
    `action` is one of the audit's words, `detail` what else belongs to it.
    """

    id: Count
    at_ms: TimeMs
    actor: str
    action: str
    subject: str
    address: str
    detail: str


class WireMessage(Struct, frozen=True, array_like=True, gc=False):
    """Base of the wire messages; the structures above are what they carry."""
