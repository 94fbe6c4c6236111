"""The wire messages: one class each, in the order of their type codes.

A message is a MessagePack array: its type code, then the fields in the order
written here. A request carries a number, `request`, chosen by the client; its
one answer repeats it. New fields are added at the end with a default, so older
peers keep working: they ignore what they do not know.

One module for each purpose; codes by purpose, so that what is still to come
has its place:
1-15 the connection, 16-31 accounts, 32-47 the room and its messages,
48-63 receipts and confirmations, 64-79 a message's life (edit, withdraw, pin,
schedule), 80-95 search, 96-127 administration.
"""

from protocol.messages.accounts import (
    Accepted,
    AwaitingApproval,
    ChangePassword,
    ConfirmPassword,
    Done,
    EndSession,
    GetSessions,
    RedeemReset,
    Register,
    Resume,
    Sessions,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    YouChanged,
)
from protocol.messages.administration import (
    Audit,
    Awaiting,
    CreateInvite,
    GetAudit,
    GetInvites,
    GetPeople,
    InviteCreated,
    Invites,
    People,
    RemovePerson,
    ResetCode,
    ResetPassword,
    RevokeInvite,
    SetRole,
    SetState,
)
from protocol.messages.attachments import GetPart, OfferFile, Part, Received, SendPart
from protocol.messages.connection import (
    Goodbye,
    Hello,
    Ping,
    Pong,
    Refused,
    Welcome,
)
from protocol.messages.message_actions import (
    Edit,
    GetVersions,
    Pin,
    Pinned,
    RemoveTemplate,
    SaveTemplate,
    SetExpiry,
    Templates,
    Versions,
    Withdraw,
)
from protocol.messages.receipts import (
    Attending,
    Confirm,
    Confirmed,
    GetRoster,
    GetTallies,
    OwnAnswers,
    Remind,
    Reminded,
    Roster,
    Seen,
    Tallies,
    TalliesOf,
)
from protocol.messages.room import (
    Changed,
    Changes,
    GetHistory,
    History,
    Lagging,
    Post,
    Posted,
    Presence,
    Sync,
)
from protocol.messages.schedule import (
    CancelScheduled,
    ChangeScheduled,
    GetScheduled,
    Schedule,
    Scheduled,
    SendScheduled,
    Upcoming,
)
from protocol.messages.search import Found, Search
from protocol.messages.types import (
    AccountState,
    Attachment,
    Attention,
    AuditEntry,
    Hold,
    Invite,
    Limits,
    Member,
    OwnReceipt,
    Person,
    Priority,
    Registration,
    Role,
    RoomMessage,
    RosterEntry,
    ScheduledMessage,
    SeenSpan,
    SessionInfo,
    Tally,
    Template,
    Version,
    WireMessage,
)

__all__ = [
    "Accepted",
    "AccountState",
    "AnyMessage",
    "Attachment",
    "Attending",
    "Attention",
    "Audit",
    "AuditEntry",
    "Awaiting",
    "AwaitingApproval",
    "CancelScheduled",
    "ChangePassword",
    "ChangeScheduled",
    "Changed",
    "Changes",
    "Confirm",
    "ConfirmPassword",
    "Confirmed",
    "CreateInvite",
    "Done",
    "Edit",
    "EndSession",
    "Found",
    "FromClient",
    "FromServer",
    "GetAudit",
    "GetHistory",
    "GetInvites",
    "GetPart",
    "GetPeople",
    "GetRoster",
    "GetScheduled",
    "GetSessions",
    "GetTallies",
    "GetVersions",
    "Goodbye",
    "Hello",
    "History",
    "Hold",
    "Invite",
    "InviteCreated",
    "Invites",
    "Lagging",
    "Limits",
    "Member",
    "OfferFile",
    "OwnAnswers",
    "OwnReceipt",
    "Part",
    "People",
    "Person",
    "Pin",
    "Ping",
    "Pinned",
    "Pong",
    "Post",
    "Posted",
    "Presence",
    "Priority",
    "Received",
    "RedeemReset",
    "Refused",
    "Register",
    "Registration",
    "Remind",
    "Reminded",
    "RemovePerson",
    "RemoveTemplate",
    "ResetCode",
    "ResetPassword",
    "Resume",
    "RevokeInvite",
    "Role",
    "RoomMessage",
    "Roster",
    "RosterEntry",
    "SaveTemplate",
    "Schedule",
    "Scheduled",
    "ScheduledMessage",
    "Search",
    "Seen",
    "SeenSpan",
    "SendPart",
    "SendScheduled",
    "SessionInfo",
    "Sessions",
    "SetExpiry",
    "SetRole",
    "SetState",
    "SignIn",
    "SignOut",
    "SignedIn",
    "SignedOut",
    "Sync",
    "Tallies",
    "TalliesOf",
    "Tally",
    "Template",
    "Templates",
    "Upcoming",
    "Version",
    "Versions",
    "Welcome",
    "WireMessage",
    "Withdraw",
    "YouChanged",
    "type_code",
]

FromClient = (
    Hello
    | Ping
    | Register
    | SignIn
    | Resume
    | SignOut
    | ConfirmPassword
    | ChangePassword
    | RedeemReset
    | GetSessions
    | EndSession
    | Sync
    | GetHistory
    | Post
    | Edit
    | Withdraw
    | Pin
    | SetExpiry
    | GetVersions
    | SaveTemplate
    | RemoveTemplate
    | Search
    | Schedule
    | ChangeScheduled
    | SendScheduled
    | CancelScheduled
    | GetScheduled
    | OfferFile
    | SendPart
    | GetPart
    | Attending
    | Seen
    | GetTallies
    | Confirm
    | GetRoster
    | Remind
    | GetPeople
    | SetRole
    | SetState
    | RemovePerson
    | ResetPassword
    | GetInvites
    | CreateInvite
    | RevokeInvite
    | GetAudit
)
FromServer = (
    Welcome
    | Pong
    | Refused
    | Goodbye
    | SignedIn
    | SignedOut
    | Accepted
    | AwaitingApproval
    | Done
    | Sessions
    | YouChanged
    | Changes
    | History
    | Posted
    | Changed
    | Presence
    | Lagging
    | Versions
    | Pinned
    | Templates
    | Found
    | Scheduled
    | Upcoming
    | Received
    | Part
    | Tallies
    | TalliesOf
    | Confirmed
    | OwnAnswers
    | Roster
    | Reminded
    | People
    | ResetCode
    | Invites
    | InviteCreated
    | Audit
    | Awaiting
)
AnyMessage = FromClient | FromServer


def type_code(message_type: type[WireMessage]) -> int:
    """Return the number on the wire that stands for this class."""
    tag = message_type.__struct_config__.tag
    assert isinstance(tag, int), f"{message_type.__name__} has no type code"
    return tag
