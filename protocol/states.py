"""The state table of a connection, and the machine that fires it.

Both ends run the same machine over the same messages, so both know at every
moment what may be said. The transitions are data; one function fires them. A
message that the table does not list for the state is illegal: it changes
nothing, and the server refuses it with `not_now`.

`awaiting_*` states wait for the one answer to the request that led there. A
`Refused` that answers another request changes no state. A request under a
number that still waits for its answer is illegal too: the one answer could not
be told from the other.
"""

from enum import StrEnum

from protocol.messages import (
    Accepted,
    Attending,
    Audit,
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
    InviteCreated,
    Invites,
    Lagging,
    OfferFile,
    OwnAnswers,
    Part,
    People,
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
    Remind,
    Reminded,
    RemovePerson,
    RemoveTemplate,
    ResetCode,
    ResetPassword,
    Resume,
    RevokeInvite,
    Roster,
    SaveTemplate,
    Schedule,
    Scheduled,
    Search,
    Seen,
    SendPart,
    SendScheduled,
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
    Templates,
    Upcoming,
    Versions,
    Welcome,
    WireMessage,
    Withdraw,
    YouChanged,
)


class State(StrEnum):
    """Where a connection stands."""

    NEW = "new"
    AWAITING_WELCOME = "awaiting_welcome"
    GREETED = "greeted"
    AWAITING_SIGN_IN = "awaiting_sign_in"
    SIGNED_IN = "signed_in"
    AWAITING_SIGN_OUT = "awaiting_sign_out"
    CLOSED = "closed"


Transitions = dict[tuple[State, type[WireMessage]], State]

_REQUESTS_SIGNED_IN = (
    *(Sync, GetHistory, Post),
    *(Edit, Withdraw, Pin, SetExpiry, GetVersions, SaveTemplate, RemoveTemplate),
    *(Schedule, ChangeScheduled, SendScheduled, CancelScheduled, GetScheduled),
    *(OfferFile, SendPart, GetPart),
    Search,
    *(GetTallies, Confirm, GetRoster, Remind),
    *(ConfirmPassword, ChangePassword, GetSessions, EndSession),
    *(GetPeople, SetRole, SetState, RemovePerson, ResetPassword),
    *(GetInvites, CreateInvite, RevokeInvite, GetAudit),
)
_ANSWERS = (
    *(Changes, History, Posted, Found, Scheduled, Received, Part),
    *(TalliesOf, Confirmed, Roster, Reminded),
    *(Versions, Done, Sessions, People, ResetCode, Invites, InviteCreated, Audit),
)
_PUSHES = (
    *(Changed, Pinned, Templates, Upcoming, Tallies, OwnAnswers, Presence, Lagging),
    *(YouChanged, Awaiting),
)
_ANSWERS_AND_PUSHES = _ANSWERS + _PUSHES
_GREETED_STATES = tuple(s for s in State if s not in (State.NEW, State.CLOSED))

TRANSITIONS: Transitions = {
    (State.NEW, Hello): State.AWAITING_WELCOME,
    (State.AWAITING_WELCOME, Welcome): State.GREETED,
    (State.AWAITING_WELCOME, Refused): State.NEW,
    (State.GREETED, Register): State.AWAITING_SIGN_IN,
    (State.GREETED, SignIn): State.AWAITING_SIGN_IN,
    (State.GREETED, Resume): State.AWAITING_SIGN_IN,
    (State.GREETED, RedeemReset): State.AWAITING_SIGN_IN,
    (State.AWAITING_SIGN_IN, SignedIn): State.SIGNED_IN,
    (State.AWAITING_SIGN_IN, AwaitingApproval): State.GREETED,
    # It may cross an attempt to sign in.
    **{(state, Accepted): state for state in (State.GREETED, State.AWAITING_SIGN_IN)},
    (State.AWAITING_SIGN_IN, Refused): State.GREETED,
    **{(State.SIGNED_IN, kind): State.SIGNED_IN for kind in _REQUESTS_SIGNED_IN},
    (State.SIGNED_IN, Seen): State.SIGNED_IN,
    (State.SIGNED_IN, Attending): State.SIGNED_IN,
    **{(State.SIGNED_IN, kind): State.SIGNED_IN for kind in _ANSWERS_AND_PUSHES},
    (State.SIGNED_IN, SignOut): State.AWAITING_SIGN_OUT,
    # What was on its way when the client asked to sign out still arrives.
    **{(State.AWAITING_SIGN_OUT, kind): State.AWAITING_SIGN_OUT for kind in _ANSWERS_AND_PUSHES},
    (State.AWAITING_SIGN_OUT, SignedOut): State.GREETED,
    (State.AWAITING_SIGN_OUT, Refused): State.SIGNED_IN,
    **{(state, Ping): state for state in _GREETED_STATES},
    **{(state, Pong): state for state in _GREETED_STATES},
    **{(state, Goodbye): State.CLOSED for state in State if state is not State.CLOSED},
}
"""(state, message) to the next state. Everything else is illegal, save a
`Refused` that answers another request: that is legal until `closed`."""

REQUESTS: frozenset[type[WireMessage]] = frozenset(
    {Hello, Register, SignIn, Resume, RedeemReset, SignOut, *_REQUESTS_SIGNED_IN}
)
"""The messages that get exactly one answer each, under their number."""

_AWAITING = (State.AWAITING_WELCOME, State.AWAITING_SIGN_IN, State.AWAITING_SIGN_OUT)


class IllegalMessage(Exception):
    """A message that its sender may not send now."""


class Machine:
    """One connection's place in the table.

    Owned by whoever owns the connection; used from one thread.
    """

    def __init__(self) -> None:
        self.state = State.NEW
        self._awaited_request = 0
        self._unanswered: set[int] = set()

    def allows(self, kind: type[WireMessage]) -> bool:
        """Tell whether a message of this class is legal now."""
        return (self.state, kind) in TRANSITIONS

    def is_unanswered(self, request: int) -> bool:
        """Tell whether a request with this number still waits for its answer."""
        return request in self._unanswered

    def fire(self, message: WireMessage) -> State:
        """Move to the state that this message leads to, and return it.

        Raises IllegalMessage, changing nothing, if the table has no such row
        or if the request's number is in use.
        """
        kind = type(message)
        request: int = getattr(message, "request", 0)
        if isinstance(message, Refused) and self._answers_another_request(message):
            self._unanswered.discard(request)
            return self.state
        following = TRANSITIONS.get((self.state, kind))
        if following is None:
            raise IllegalMessage(f"{kind.__name__} is not allowed in state {self.state}")
        if kind in REQUESTS:
            if request in self._unanswered:
                raise IllegalMessage(f"request {request} still waits for its answer")
            self._unanswered.add(request)
        else:
            self._unanswered.discard(request)
        if following is not self.state and following in _AWAITING:
            self._awaited_request = request
        self.state = following
        return following

    def close(self) -> None:
        """Close the machine: the transport is gone, or this end has said its last word."""
        self.state = State.CLOSED

    def _answers_another_request(self, refused: Refused) -> bool:
        if self.state is State.CLOSED:
            return False
        return self.state not in _AWAITING or refused.request != self._awaited_request
