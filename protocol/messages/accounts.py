"""Codes 16-31: accounts."""

from typing import Annotated

from msgspec import Meta

from protocol import limits
from protocol.messages.types import (
    Count,
    Person,
    RequestNumber,
    SessionInfo,
    SessionToken,
    TypedName,
    TypedPassword,
    WireMessage,
)


class Register(WireMessage, tag=16, frozen=True, array_like=True, gc=False):
    """Client to server; creates an account and signs it in. Answer: `SignedIn`,
    or `AwaitingApproval` where an administrator has to accept it first.

    `device` names the machine, for the person's list of sessions; `invite` is
    the join code's, in base64url without padding, where there is one.
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
    """Server to client; answers `Register`, `SignIn`, `Resume` and
    `RedeemReset`.

    From here on, every change after `revision` is pushed. `last_id` is the
    newest message's id, 0 in an empty room. What is below `kept_from_id` the room
    has let go of for its age, but for what is pinned or waits for answers.
    """

    request: RequestNumber
    person: Person
    token: SessionToken
    revision: Count
    last_id: Count
    kept_from_id: Count = 1


class SignOut(WireMessage, tag=20, frozen=True, array_like=True, gc=False):
    """Client to server; ends the session and its token. Answer: `SignedOut`."""

    request: RequestNumber


class SignedOut(WireMessage, tag=21, frozen=True, array_like=True, gc=False):
    """Server to client; answers `SignOut`. Nothing is pushed any more."""

    request: RequestNumber


class AwaitingApproval(WireMessage, tag=22, frozen=True, array_like=True, gc=False):
    """Server to client; answers `Register`: the account was created, and can
    be signed in to when an administrator has accepted it."""

    request: RequestNumber


class Done(WireMessage, tag=23, frozen=True, array_like=True, gc=False):
    """Server to client; answers requests of which there is nothing to tell but
    that they were carried out."""

    request: RequestNumber


class ConfirmPassword(WireMessage, tag=24, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; gives one's own password again, after
    `password_needed`. Answer: `Done`."""

    request: RequestNumber
    password: TypedPassword


class ChangePassword(WireMessage, tag=25, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; changes one's own password. One's other
    sessions end. Answer: `Done`."""

    request: RequestNumber
    old_password: TypedPassword
    new_password: TypedPassword


class RedeemReset(WireMessage, tag=26, frozen=True, array_like=True, gc=False):
    """Client to server; sets a new password by the one-time code that an
    administrator gave out, and signs in. Answer: `SignedIn`."""

    request: RequestNumber
    username: TypedName
    code: Annotated[str, Meta(max_length=limits.MAX_RESET_CODE_CHARS)]
    new_password: TypedPassword
    device: Annotated[str, Meta(max_length=limits.MAX_DEVICE_CHARS)] = ""


class GetSessions(WireMessage, tag=27, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; asks where one is signed in. Answer:
    `Sessions`."""

    request: RequestNumber


class Sessions(WireMessage, tag=28, frozen=True, array_like=True, gc=False):
    """Server to client; answers `GetSessions`: the sessions used last, newest
    first, MAX_SESSIONS_TOLD at most."""

    request: RequestNumber
    sessions: tuple[SessionInfo, ...]


class EndSession(WireMessage, tag=29, frozen=True, array_like=True, gc=False):
    """Client to server, signed in; ends one of one's own sessions; 0: all of
    them, this one included. Answer: `Done`."""

    request: RequestNumber
    session_id: Count


class YouChanged(WireMessage, tag=30, frozen=True, array_like=True, gc=False):
    """Server to client, pushed: one's own account has changed, its role say."""

    person: Person


class Accepted(WireMessage, tag=31, frozen=True, array_like=True, gc=False):
    """Server to client, pushed while nobody is signed in: an administrator has
    accepted the account that awaited approval on this connection. Sign in."""

    username: Annotated[str, Meta(max_length=limits.MAX_USERNAME_CHARS)]
