"""Messages to test with: one plain one of each class, and hypothesis
strategies that are made from the types of the fields themselves."""

from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from protocol.messages import (
    Accepted,
    AccountState,
    Attending,
    Attention,
    Audit,
    AuditEntry,
    Awaiting,
    AwaitingApproval,
    CancelScheduled,
    Changed,
    ChangePassword,
    Changes,
    ChangeScheduled,
    Confirm,
    Confirmed,
    ConfirmPassword,
    CreateInvite,
    Done,
    Edit,
    EndSession,
    Found,
    FromClient,
    FromServer,
    GetAudit,
    GetHistory,
    GetInvites,
    GetPart,
    GetPeople,
    GetRoster,
    GetScheduled,
    GetSessions,
    GetTallies,
    GetVersions,
    Goodbye,
    Hello,
    History,
    Invite,
    InviteCreated,
    Invites,
    Lagging,
    Limits,
    Member,
    OfferFile,
    OwnAnswers,
    OwnReceipt,
    Part,
    People,
    Person,
    Pin,
    Ping,
    Pinned,
    Pong,
    Post,
    Posted,
    Presence,
    Received,
    RedeemReset,
    Refused,
    Register,
    Registration,
    Remind,
    Reminded,
    RemovePerson,
    RemoveTemplate,
    ResetCode,
    ResetPassword,
    Resume,
    RevokeInvite,
    Role,
    RoomMessage,
    Roster,
    RosterEntry,
    SaveTemplate,
    Schedule,
    Scheduled,
    ScheduledMessage,
    Search,
    Seen,
    SendPart,
    SendScheduled,
    SessionInfo,
    Sessions,
    SetExpiry,
    SetRole,
    SetState,
    SignedIn,
    SignedOut,
    SignIn,
    SignOut,
    Sync,
    Tallies,
    TalliesOf,
    Tally,
    Template,
    Templates,
    Upcoming,
    Version,
    Versions,
    Welcome,
    WireMessage,
    Withdraw,
    YouChanged,
)
from protocol.states import State

FROM_CLIENT: tuple[type[WireMessage], ...] = FromClient.__args__
FROM_SERVER: tuple[type[WireMessage], ...] = FromServer.__args__
ALL_KINDS = FROM_CLIENT + FROM_SERVER

PERSON = Person(1, "amelia", "Amelia", Role.ADMIN)
SESSION = SessionInfo(1, "office", "192.0.2.7", 1_000, 1_000, True, True)
MEMBER = Member(1, "amelia", "Amelia", Role.ADMIN, AccountState.ACTIVE, 1_000, 1_000, True)
INVITE = Invite(1, Role.MEMBER, 1, 0, 2_000, False, "", "amelia", 1_000)
AUDIT_ENTRY = AuditEntry(1, 1_000, "amelia", "role_changed", "bob", "192.0.2.7", "admin")
VERSION = Version("Good day.", 1_000, "Amelia")
TEMPLATE = Template(1, "Drill", "The drill is at eleven.")
SCHEDULED = ScheduledMessage(1, 1, 9_000, 1, "Amelia", "The drill is at eleven.")
TALLY = Tally(1, 3, 2, (1, 1))
STANDING = OwnReceipt(1, 2, 1_000, 2_000, 500)
ROSTER_ENTRY = RosterEntry(2, "bob", "Ben", True, False, 1_000, True, 2, 1_000)
ROOM_MESSAGE = RoomMessage(1, 1, 1, "Amelia", 1_000, "Good morning.", bytes(16))


def plain(kind: type[WireMessage], request: int = 1) -> Any:
    """A message of this class that any peer would take, under this number."""
    samples: tuple[WireMessage, ...] = (
        Hello(request, 1, 1, "test"),
        Welcome(request, 1, bytes(16), "Room", "", Registration.OPEN, 1_000, Limits()),
        Ping(7),
        Pong(7, 1),
        Refused(request, "busy"),
        Goodbye("server_stopping"),
        Register(request, "amelia", "Amelia", "a long password"),
        SignIn(request, "amelia", "a long password"),
        Resume(request, bytes(32)),
        SignedIn(request, PERSON, bytes(32), 1, 1),
        SignOut(request),
        SignedOut(request),
        Sync(request, 0),
        Changes(request, (ROOM_MESSAGE,), 1, 1),
        GetHistory(request, 0, 50),
        History(request, (ROOM_MESSAGE,), False),
        Post(request, bytes(16), "Good morning."),
        Posted(request, 1, 1, 1_000),
        Changed(ROOM_MESSAGE),
        Presence(1, 2),
        Lagging(1),
        Edit(request, 1, "Good evening."),
        Withdraw(request, 1),
        Pin(request, 1, True),
        SetExpiry(request, 1, 2_000),
        GetVersions(request, 1),
        Versions(request, (VERSION,)),
        Pinned((ROOM_MESSAGE,)),
        SaveTemplate(request, TEMPLATE),
        RemoveTemplate(request, 1),
        Templates((TEMPLATE,)),
        Schedule(request, bytes(16), 9_000, "Good morning."),
        ChangeScheduled(request, 1, 1, 9_000, "Good evening."),
        SendScheduled(request, 1, 1),
        CancelScheduled(request, 1, 1),
        GetScheduled(request, 0, 50),
        Scheduled(request, (SCHEDULED,)),
        Upcoming(1, 9_000),
        OfferFile(request, bytes(32), 5),
        Received(request, 0),
        SendPart(request, bytes(32), 0, b"bytes"),
        GetPart(request, bytes(32), 0),
        Part(request, b"bytes"),
        Search(request, "good", 20),
        Found(request, (ROOM_MESSAGE,), 1),
        Seen(1),
        Attending(Attention.LOCKED),
        Tallies((TALLY,)),
        GetTallies(request, 1, 50),
        TalliesOf(request, (TALLY,)),
        Confirm(request, 1, 1),
        Confirmed(request, STANDING),
        OwnAnswers((STANDING,)),
        GetRoster(request, 1, 0, 50),
        Roster(request, 1, (ROSTER_ENTRY,), False),
        Remind(request, 1),
        Reminded(request, 3, 1_000),
        AwaitingApproval(request),
        Accepted("bob"),
        Done(request),
        ConfirmPassword(request, "a long password"),
        ChangePassword(request, "a long password", "a longer password"),
        RedeemReset(request, "amelia", "K7QM-2XVN-PD4R", "a long password"),
        GetSessions(request),
        Sessions(request, (SESSION,)),
        EndSession(request, 1),
        YouChanged(PERSON),
        GetPeople(request, "", 0, 50),
        People(request, (MEMBER,), 1, 0),
        SetRole(request, 1, Role.ADMIN),
        SetState(request, 1, AccountState.DISABLED),
        RemovePerson(request, 1),
        ResetPassword(request, 1),
        ResetCode(request, "K7QM-2XVN-PD4R", 1_000),
        GetInvites(request),
        Invites(request, (INVITE,)),
        CreateInvite(request, Role.MEMBER, 1, 60_000),
        InviteCreated(request, INVITE, "rostrum1.x"),
        RevokeInvite(request, 1),
        GetAudit(request, 0, 50),
        Audit(request, (AUDIT_ENTRY,), False),
        Awaiting(1),
    )
    return next(message for message in samples if type(message) is kind)


def messages_of(*kinds: type[WireMessage]) -> st.SearchStrategy[WireMessage]:
    """Any message of these classes, within the bounds of its fields."""
    return st.one_of([_strategy(inspect.type_info(kind)) for kind in kinds])


def _strategy(kind: inspect.Type) -> st.SearchStrategy[Any]:
    match kind:
        case inspect.StructType(cls=cls, fields=fields):
            return st.builds(cls, *(_strategy(field.type) for field in fields))
        case inspect.IntType(ge=low, le=high):
            return st.integers(low, high)
        case inspect.StrType(max_length=longest):
            return st.text(max_size=min(longest or 80, 80))
        case inspect.BytesType(min_length=shortest, max_length=longest):
            return st.binary(min_size=shortest or 0, max_size=longest)
        case inspect.BoolType():
            return st.booleans()
        case inspect.EnumType(cls=cls):
            return st.sampled_from(list(cls))
        case inspect.VarTupleType(item_type=item, max_length=longest):
            return st.lists(
                _strategy(item), max_size=min(3, 3 if longest is None else longest)
            ).map(tuple)
    raise AssertionError(f"no strategy for {kind}")


def elements(message: msgspec.Struct) -> list[Any]:
    """A message as the plain array that it is on the wire."""
    decoded: list[Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(message))
    return decoded


HELLO, SIGN_IN, SIGN_OUT = 1, 2, 3

WAY_TO: dict[State, list[WireMessage]] = {State.NEW: []}
WAY_TO[State.AWAITING_WELCOME] = [plain(Hello, HELLO)]
WAY_TO[State.GREETED] = [*WAY_TO[State.AWAITING_WELCOME], plain(Welcome, HELLO)]
WAY_TO[State.AWAITING_SIGN_IN] = [*WAY_TO[State.GREETED], plain(SignIn, SIGN_IN)]
WAY_TO[State.SIGNED_IN] = [*WAY_TO[State.AWAITING_SIGN_IN], plain(SignedIn, SIGN_IN)]
WAY_TO[State.AWAITING_SIGN_OUT] = [*WAY_TO[State.SIGNED_IN], plain(SignOut, SIGN_OUT)]
WAY_TO[State.CLOSED] = [Goodbye("server_stopping")]
"""What was said on the way to each state."""
