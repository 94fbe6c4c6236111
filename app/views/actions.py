"""What a person can do in each view: the callbacks that a view is given."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.models.room.outbox_item import Draft
from protocol.messages import AccountState, Invite, Member, Role, RoomMessage, SessionInfo


@dataclass(frozen=True)
class SignInActions:
    connect: Callable[[str], None]
    """Use the server at this address, as typed: host, host:port or a join code."""
    sign_in: Callable[[str, str, bool], None]
    """username, password, keep signed in"""
    register: Callable[[str, str, str, str, bool], None]
    """username, display name, password, join code or nothing, keep signed in"""
    redeem: Callable[[str, str, str, bool], None]
    """username, reset code, new password, keep signed in"""
    reconnect_now: Callable[[], None]
    trust: Callable[[], None]
    """The certificate that the server showed is the right one."""


@dataclass(frozen=True)
class MessageActions:
    """What administrators can do to a message that is posted."""

    edit: Callable[[RoomMessage, str], None]
    withdraw: Callable[[RoomMessage], None]
    pin: Callable[[RoomMessage, bool], None]
    """True: keep it in everyone's sight; False: no longer."""
    set_expiry: Callable[[RoomMessage, int], None]
    """Milliseconds since 1970; 0: it does not withdraw itself."""
    ask_versions: Callable[[RoomMessage], None]
    forget_versions: Callable[[], None]
    """The earlier texts were looked at."""
    forget_operation: Callable[[], None]
    """How the last of these went was read."""


@dataclass(frozen=True)
class RoomActions:
    need_older: Callable[[int], None]
    """More messages before this id, please."""
    need_newer: Callable[[int], None]
    """More messages after this id, please."""
    show_latest: Callable[[], None]
    show_from: Callable[[int], bool | None]
    """This message and what comes after it, please; not True: it can't be had now."""
    send: Callable[[Draft], bool]
    """Post this. It is in the outbox from here on; False: it could not be kept."""
    write: Callable[[Draft], None]
    """Take what is written so far, to keep it."""
    take_back: Callable[[bytes], Draft | None]
    """Take a post that waits or was refused out of the outbox, to be written anew."""
    discard: Callable[[bytes], None]
    """Give up a post that waits or was refused."""
    reconnect_now: Callable[[], None]
    sign_out: Callable[[], None]
    message: MessageActions
    mark_seen: Callable[[int, int], None]
    """The messages from the one to the other were before the person's eyes."""
    answer: Callable[[int, int], None]
    """message id, which of its answers from 1 on"""
    need_tallies: Callable[[int, int], None]
    """How far have the messages from the one id to the other come?"""
    open_link: Callable[[str], None]
    """Open this web address in the browser."""


@dataclass(frozen=True)
class WindowActions:
    use_theme: Callable[[str], None]
    """light or dark"""
    use_language: Callable[[str], None]
    """en or zh"""
    close: Callable[[], None]


@dataclass(frozen=True)
class ListActions:
    """What every page with a list can do."""

    open: Callable[[], None]
    """Keep the page's list current: it is shown from now on."""
    close: Callable[[], None]
    reload: Callable[[], None]
    more: Callable[[], None]
    """The end of what is listed is in sight."""
    search: Callable[[str], None]
    """List what has this in it, as typed so far."""


@dataclass(frozen=True)
class PeopleActions:
    list: ListActions
    set_role: Callable[[Member, Role], None]
    set_state: Callable[[Member, AccountState], None]
    remove: Callable[[Member], None]
    reset_password: Callable[[Member], None]


@dataclass(frozen=True)
class InviteActions:
    list: ListActions
    create: Callable[[Role, int, int, str], None]
    """role, uses, days until it expires, note"""
    revoke: Callable[[Invite], None]


@dataclass(frozen=True)
class AuditActions:
    list: ListActions
    save: Callable[[Path], None]
    """Write it to this file, as CSV."""


@dataclass(frozen=True)
class AccountActions:
    list: ListActions
    """Of one's sessions."""
    change_password: Callable[[str, str], None]
    """old, new"""
    end_session: Callable[[SessionInfo], None]
    sign_out_everywhere: Callable[[], None]


@dataclass(frozen=True)
class RosterActions:
    list: ListActions
    open: Callable[[RoomMessage], None]
    """Look at this message's."""
    remind: Callable[[], None]
    save: Callable[[Path], None]
    """Write it to this file, as CSV."""


@dataclass(frozen=True)
class QuestionActions:
    confirm: Callable[[str], None]
    """This is one's own password."""
    cancel: Callable[[], None]


@dataclass(frozen=True)
class PageActions:
    people: PeopleActions
    invites: InviteActions
    audit: AuditActions
    account: AccountActions
    roster: RosterActions
    question: QuestionActions
