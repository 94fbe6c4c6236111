"""A client's and a server's end, paired over a wire of any delay.

Hypothesis lets both say whatever they may at any time, delivers the bytes in
pieces of any size, and now and then puts a mistake on the client's wire. The
server hears exactly what was said and refuses exactly the mistakes; the client
never sees anything that a server may not say; and when nothing is on its way
any more, both are in the same state.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from protocol.connection import ClientConnection, Mistake, ServerConnection
from protocol.framing import frame
from protocol.messages import (
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
    Versions,
    Welcome,
    WireMessage,
    Withdraw,
    YouChanged,
    type_code,
)
from protocol.refusals import Refusal
from protocol.states import REQUESTS, State
from tests.protocol.samples import plain

ANSWER: dict[type[WireMessage], type[WireMessage]] = {
    Hello: Welcome,
    Register: SignedIn,
    SignIn: SignedIn,
    Resume: SignedIn,
    SignOut: SignedOut,
    Sync: Changes,
    GetHistory: History,
    Post: Posted,
    ConfirmPassword: Done,
    ChangePassword: Done,
    RedeemReset: SignedIn,
    GetSessions: Sessions,
    EndSession: Done,
    Edit: Done,
    Withdraw: Done,
    Pin: Done,
    SetExpiry: Done,
    SaveTemplate: Done,
    RemoveTemplate: Done,
    Search: Found,
    Schedule: Done,
    ChangeScheduled: Done,
    SendScheduled: Done,
    CancelScheduled: Done,
    GetScheduled: Scheduled,
    OfferFile: Received,
    SendPart: Received,
    GetPart: Part,
    GetVersions: Versions,
    GetTallies: TalliesOf,
    Confirm: Confirmed,
    GetRoster: Roster,
    Remind: Reminded,
    GetPeople: People,
    SetRole: Done,
    SetState: Done,
    RemovePerson: Done,
    ResetPassword: ResetCode,
    GetInvites: Invites,
    CreateInvite: InviteCreated,
    RevokeInvite: Done,
    GetAudit: Audit,
}

SAYABLE: tuple[type[WireMessage], ...] = (*sorted(REQUESTS, key=type_code), Attending, Ping, Seen)
PUSHES = (Changed, Pinned, Tallies, OwnAnswers, Presence, Lagging, YouChanged, Awaiting)
NONSENSE = frame(b"\xc0")


class Pair(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.client = ClientConnection()
        self.server = ServerConnection()
        self.to_server = bytearray()
        self.to_client = bytearray()
        self.said_to_server: list[WireMessage | None] = []
        """None stands for a mistake."""
        self.said_to_client: list[WireMessage] = []
        self.waiting: list[tuple[type[WireMessage], int]] = []
        self.next_request = 1

    @initialize(signed_in=st.integers(0, 3))
    def start(self, signed_in: int) -> None:
        """Mostly from where most happens."""
        if signed_in:
            for kind in (Hello, SignIn):
                self.client_says(kind)
                self.deliver_to_server(len(self.to_server))
                self.server_answers(0)
                self.deliver_to_client(len(self.to_client))
            assert self.client.state is self.server.state is State.SIGNED_IN

    # -- the client ------------------------------------------------------------

    @precondition(lambda self: any(map(self.client.may_send, SAYABLE)))
    @rule(data=st.data())
    def client_says_something(self, data: st.DataObject) -> None:
        legal = [kind for kind in SAYABLE if self.client.may_send(kind)]
        self.client_says(data.draw(st.sampled_from(legal)))

    def client_says(self, kind: type[WireMessage]) -> None:
        message = plain(kind, self.next_request)
        self.next_request += 1
        self.to_server += self.client.send(message)
        self.said_to_server.append(message)

    @precondition(lambda self: self.client.state is not State.CLOSED)
    @rule(chance=st.integers(0, 4))
    def client_errs(self, chance: int) -> None:
        if chance:
            return
        self.to_server += NONSENSE
        self.said_to_server.append(None)

    # -- the server ------------------------------------------------------------

    @precondition(lambda self: self.waiting and self.server.state is not State.CLOSED)
    @rule(chance=st.integers(0, 4), data=st.data())
    def server_answers_something(self, chance: int, data: st.DataObject) -> None:
        # In any order, but nothing after SignedOut.
        earlier = [waiting for waiting in self.waiting if waiting[0] is not SignOut]
        index = self.waiting.index(data.draw(st.sampled_from(earlier or self.waiting)))
        self.server_answers(index, refuse=not chance)

    def server_answers(self, index: int, refuse: bool = False) -> None:
        kind, request = self.waiting.pop(index)
        awaits = kind is Register and request % 2
        answer = plain(AwaitingApproval if awaits else ANSWER[kind], request)
        if refuse:
            answer = Refused(request, "busy")
        self.server_says(answer)

    @precondition(lambda self: self.server.signed_in)
    @rule(kind=st.sampled_from(PUSHES))
    def server_pushes(self, kind: type[WireMessage]) -> None:
        self.server_says(plain(kind))

    @precondition(lambda self: self.server.state is not State.CLOSED)
    @rule(chance=st.integers(0, 9))
    def server_leaves(self, chance: int) -> None:
        if chance == 9:
            self.server_says(Goodbye("server_stopping"))

    def server_says(self, message: FromServer) -> None:
        self.to_client += self.server.send(message)
        self.said_to_client.append(message)

    # -- the wire --------------------------------------------------------------

    @rule(count=st.integers(1, 200))
    def deliver_to_server(self, count: int) -> None:
        self.server.receive(bytes(self.to_server[:count]))
        del self.to_server[:count]
        if self.server.state is State.CLOSED:
            return
        for heard in self.server.incoming():
            self.server_hears(heard)

    def server_hears(self, heard: object) -> None:
        said = self.said_to_server.pop(0)
        if isinstance(heard, Mistake):
            # A Ping overtaken by the refusal of Hello is the one thing that a
            # client says in good faith and the server can't take.
            assert said is None or (isinstance(said, Ping) and self.server.state is State.NEW)
            assert heard.code is (Refusal.MALFORMED if said is None else Refusal.NOT_NOW)
            self.server_says(Refused(heard.request, heard.code))
            return
        assert heard == said
        if isinstance(heard, Ping):
            self.server_says(Pong(heard.token, 0))
        elif not isinstance(heard, Attending | Seen):
            assert said is not None
            self.waiting.append((type(said), getattr(said, "request", 0)))

    @rule(count=st.integers(1, 200))
    def deliver_to_client(self, count: int) -> None:
        self.client.receive(bytes(self.to_client[:count]))
        del self.to_client[:count]
        for heard in self.client.incoming():
            assert heard == self.said_to_client.pop(0)

    # -- what always holds -----------------------------------------------------

    @invariant()
    def quiet_ends_agree(self) -> None:
        on_its_way = self.to_server or self.to_client
        partial = self.client.buffered or self.server.buffered
        if not on_its_way and not partial:
            assert self.client.state is self.server.state

    def teardown(self) -> None:
        while self.to_server and self.server.state is not State.CLOSED:
            self.deliver_to_server(200)
        while self.to_client:
            self.deliver_to_client(200)
        if self.server.state is not State.CLOSED:
            assert self.said_to_server == []
        assert self.said_to_client == []
        assert self.client.state is self.server.state


Pair.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestPair = Pair.TestCase
