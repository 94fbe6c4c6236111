"""Who may create an account: four modes of registration, and invites in each."""

import base64
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from protocol.messages import (
    Accepted,
    AccountState,
    Awaiting,
    AwaitingApproval,
    Done,
    GetPeople,
    People,
    Refused,
    Register,
    RemovePerson,
    Role,
    SetState,
    SignedIn,
    SignIn,
)
from protocol.refusals import Refusal
from server import settings
from server.domain.administration import create_invite, revoke_invite
from server.domain.audit import OPERATOR
from server.service import Service
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN, PASSWORD
from tests.support.running import running
from tests.support.wire import WireClient

HOUR_MS = 3_600_000
SECRET = bytes(range(16))
TYPED = base64.urlsafe_b64encode(SECRET).decode("ascii").rstrip("=")

Open = Callable[[str], Service]


@pytest.fixture
def open_room(data_dir: Path) -> Iterator[Open]:
    """The room in one of the modes."""
    with ExitStack() as stack:

        def open_room(mode: str) -> Service:
            chosen = settings.load(data_dir, {}, {"port": 0, "registration": mode})
            return stack.enter_context(running(data_dir, chosen))

        yield open_room


def invite(
    data_dir: Path, role: Role = Role.MEMBER, uses: int = 1, made_ms: int | None = None
) -> int:
    """Make one, an hour's worth; returns its id."""
    now_ms = int(time.time() * 1000) if made_ms is None else made_ms
    with open_store(data_dir) as store, store.transaction():
        return create_invite(store, OPERATOR, SECRET, role, uses, HOUR_MS, "", now_ms).id


def register(client: WireClient, name: str = "bob", typed: str = "") -> Register:
    return Register(client.number(), name, name.title(), PASSWORD, "", typed)


@pytest.fixture
def newcomer() -> Iterator[Callable[[Service], WireClient]]:
    with ExitStack() as stack:

        def newcomer(service: Service) -> WireClient:
            client = stack.enter_context(WireClient(service.port))
            client.hello()
            return client

        yield newcomer


Newcomer = Callable[[Service], WireClient]


@pytest.mark.parametrize(
    ("mode", "refusal"),
    [("invite", Refusal.INVITE_NEEDED), ("closed", Refusal.REGISTRATION_CLOSED)],
)
def test_without_an_invite_one_is_refused(
    open_room: Open, newcomer: Newcomer, mode: str, refusal: Refusal
) -> None:
    client = newcomer(open_room(mode))
    assert client.refusal(register(client)).code == refusal
    assert client.refusal(SignIn(9, "bob", PASSWORD)).code == Refusal.WRONG_CREDENTIALS


@pytest.mark.parametrize("mode", ["open", "invite", "approval"])
@pytest.mark.parametrize("role", [Role.MEMBER, Role.ADMIN])
def test_an_invite_lets_one_in_at_once_and_gives_its_role(
    open_room: Open, newcomer: Newcomer, data_dir: Path, mode: str, role: Role
) -> None:
    invite(data_dir, role)
    client = newcomer(open_room(mode))
    assert client.ask(register(client, typed=TYPED), SignedIn).person.role is role


def test_where_nobody_registers_no_invite_helps(
    open_room: Open, newcomer: Newcomer, data_dir: Path
) -> None:
    invite(data_dir)
    client = newcomer(open_room("closed"))
    assert client.refusal(register(client, typed=TYPED)).code == Refusal.REGISTRATION_CLOSED


@pytest.mark.parametrize("mode", ["open", "invite", "approval"])
@pytest.mark.parametrize("what", ["unknown", "malformed", "revoked", "expired", "used up"])
def test_an_invite_that_does_not_count_is_told_and_costs_nothing(
    open_room: Open, newcomer: Newcomer, data_dir: Path, mode: str, what: str
) -> None:
    typed = TYPED
    if what == "malformed":
        typed = "no base64!"
    elif what != "unknown":
        number = invite(data_dir, made_ms=1_000 if what == "expired" else None)
        if what == "revoked":
            with open_store(data_dir) as store, store.transaction():
                revoke_invite(store, OPERATOR, number, 2_000)
    service = open_room(mode)
    client = newcomer(service)
    if what == "used up":
        first = newcomer(service)
        first.ask(register(first, "first", TYPED), SignedIn)
    assert client.refusal(register(client, typed=typed)).code == Refusal.INVITE_INVALID
    assert client.refusal(SignIn(9, "bob", PASSWORD)).code == Refusal.WRONG_CREDENTIALS


def test_an_invite_that_failed_for_another_reason_is_not_used_up(
    open_room: Open, newcomer: Newcomer, data_dir: Path
) -> None:
    invite(data_dir)
    client = newcomer(open_room("invite"))
    taken = client.refusal(register(client, ADMIN, TYPED))
    assert taken.code == Refusal.USERNAME_TAKEN
    client.ask(register(client, typed=TYPED), SignedIn)


def test_of_two_at_once_one_gets_the_last_use(
    open_room: Open, newcomer: Newcomer, data_dir: Path
) -> None:
    invite(data_dir, uses=3)
    service = open_room("invite")
    clients = [newcomer(service) for _ in range(8)]
    for number, client in enumerate(clients):
        client.say(register(client, f"person{number}", TYPED))
    outcomes = [client.next() for client in clients]
    assert len([one for one in outcomes if isinstance(one, SignedIn)]) == 3
    codes = {one.code for one in outcomes if isinstance(one, Refused)}
    assert codes == {Refusal.INVITE_INVALID}
    with open_store(data_dir) as store:
        assert [one.used for one in store.invites.newest(9)] == [3]
        assert store.users.count_active() == 4


def test_who_waits_comes_in_when_accepted_and_is_gone_when_declined(
    open_room: Open, newcomer: Newcomer
) -> None:
    service = open_room("approval")
    alice, bob, carol = newcomer(service), newcomer(service), newcomer(service)
    alice.sign_in(ADMIN, PASSWORD)
    for client, name in ((bob, "bob"), (carol, "carol")):
        client.ask(register(client, name), AwaitingApproval)
    while alice.expect(Awaiting).people != 2:
        pass
    assert bob.refusal(SignIn(8, "bob", PASSWORD)).code == Refusal.AWAITING_APPROVAL
    listed = alice.ask(GetPeople(alice.number(), "", 0, 9), People)
    assert listed.awaiting == 2
    waiting = {one.username: one for one in listed.people if one.state is AccountState.PENDING}
    assert set(waiting) == {"bob", "carol"}
    accept = SetState(alice.number(), waiting["bob"].id, AccountState.ACTIVE)
    alice.ask(accept, Done)
    alice.ask(RemovePerson(alice.number(), waiting["carol"].id), Done)
    assert alice.expect(Awaiting).people < 2
    assert bob.sign_in("bob", PASSWORD).person.role is Role.MEMBER
    assert carol.refusal(SignIn(9, "carol", PASSWORD)).code == Refusal.WRONG_CREDENTIALS
    carol.ask(register(carol, "carol"), AwaitingApproval)


def test_a_member_does_not_learn_who_waits(open_room: Open, newcomer: Newcomer) -> None:
    service = open_room("approval")
    alice, bob = newcomer(service), newcomer(service)
    alice.sign_in(ADMIN, PASSWORD)
    bob.ask(register(bob), AwaitingApproval)
    (found,) = alice.ask(GetPeople(alice.number(), "bob", 0, 9), People).people
    alice.ask(SetState(alice.number(), found.id, AccountState.ACTIVE), Done)
    bob.sign_in("bob", PASSWORD)
    carol = newcomer(service)
    carol.ask(register(carol, "carol"), AwaitingApproval)
    while alice.expect(Awaiting).people != 1:
        pass
    alice.barrier()
    bob.barrier()
    assert not [one for one in bob.heard if isinstance(one, Awaiting)]


# -- accepted --------------------------------------------------------------------


def waiting_one(alice: WireClient) -> int:
    """The id of the one account that awaits approval."""
    people = alice.ask(GetPeople(alice.number(), "", 0, 50), People).people
    (waiting,) = [one.id for one in people if one.state is AccountState.PENDING]
    return waiting


def accepted(client: WireClient) -> int:
    """How often this client was told so by now."""
    client.barrier()
    return sum(isinstance(one, Accepted) for one in client.heard)


def test_who_waits_is_told_at_once_that_they_were_accepted(open_room: Open) -> None:
    port = open_room("approval").port
    with ExitStack() as stack:
        alice, bob, other, stranger = (stack.enter_context(WireClient(port)) for _ in range(4))
        for client in (alice, bob, other, stranger):
            client.hello()
        alice.sign_in(ADMIN, PASSWORD)
        bob.ask(Register(bob.number(), "bob", "Bob", PASSWORD), AwaitingApproval)
        refused = other.refusal(SignIn(other.number(), "bob", PASSWORD))
        assert refused.code == Refusal.AWAITING_APPROVAL
        stranger.refusal(SignIn(stranger.number(), "bob", "a wrong password"))
        alice.ask(SetState(alice.number(), waiting_one(alice), AccountState.ACTIVE), Done)
        for client in (bob, other):
            client.expect(Accepted)
            signed_in = client.ask(SignIn(client.number(), "bob", PASSWORD), SignedIn)
            assert signed_in.person.username == "bob"
            assert accepted(client) <= 1
        assert not accepted(stranger), "whoever does not know the password learns nothing (P7)"


def test_who_is_declined_is_told_nothing(open_room: Open) -> None:
    port = open_room("approval").port
    with WireClient(port) as alice, WireClient(port) as bob:
        for client in (alice, bob):
            client.hello()
        alice.sign_in(ADMIN, PASSWORD)
        bob.ask(Register(bob.number(), "bob", "Bob", PASSWORD), AwaitingApproval)
        alice.ask(RemovePerson(alice.number(), waiting_one(alice)), Done)
        refused = bob.refusal(SignIn(bob.number(), "bob", PASSWORD))
        assert refused.code == Refusal.WRONG_CREDENTIALS
        assert not accepted(bob)
