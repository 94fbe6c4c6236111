"""Coming into the room by a join code, by approval or by a reset code, at a real
server, without a window."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from app.models.connection.account import AccountNotice, Field, FormError
from app.models.connection.status import Phase
from protocol import joincode
from protocol.joincode import JoinCode
from protocol.messages import (
    AccountState,
    CreateInvite,
    Done,
    GetPeople,
    InviteCreated,
    People,
    ResetCode,
    ResetPassword,
    Role,
    SetRole,
    SetState,
)
from server import settings
from server.service import Service
from server.setup import make_room
from tests.support.headless import HeadlessClient
from tests.support.running import ROOM, running
from tests.support.wire import WireClient

ADMIN = "alice"
PASSWORD = "a long enough password"


class Place:
    """A room with its administrator at the wire."""

    def __init__(self, service: Service, alice: WireClient, folder: Path) -> None:
        self.service = service
        self.alice = alice
        self.folder = folder

    def invite(self, role: Role = Role.MEMBER, uses: int = 1) -> str:
        self.alice.say(CreateInvite(self.alice.number(), role, uses, 60_000))
        return self.alice.expect(InviteCreated).join_code

    def code(self) -> str:
        """A join code that leads there and invites nobody."""
        return self.service.context.join_code(b"")

    def accept(self, username: str) -> None:
        person = self.person(username)
        self.alice.ask(SetState(self.alice.number(), person, AccountState.ACTIVE), Done)

    def person(self, username: str) -> int:
        self.alice.say(GetPeople(self.alice.number(), username, 0, 1))
        return self.alice.expect(People).people[0].id

    def client(self, name: str) -> HeadlessClient:
        return HeadlessClient(self.folder / name, self.service.port, is_told=False)


@contextmanager
def place(folder: Path, mode: str) -> Iterator[Place]:
    make_room(folder / "room", ROOM, ADMIN, "Amelia Hart", PASSWORD)
    chosen = settings.load(folder / "room", {}, {"port": 0, "registration": mode})
    with running(folder / "room", chosen) as service, WireClient(service.port) as alice:
        alice.hello()
        alice.sign_in(ADMIN, PASSWORD)
        yield Place(service, alice, folder)


def await_approval(here: Place, bob: HeadlessClient) -> None:
    """Register where an administrator has to accept it."""
    bob.client.connect(here.code())
    greeted(bob)
    bob.client.session.register("bob", "Bob", PASSWORD, "", True)
    assert error(bob) == FormError(Field.NOTICE, "awaiting_approval")


def error(client: HeadlessClient) -> FormError:
    client.until(lambda: client.client.account.error is not None, "to be refused")
    assert client.client.account.error is not None
    return client.client.account.error


def greeted(client: HeadlessClient) -> None:
    client.until(lambda: client.client.status.now.phase is Phase.GREETED, "to be greeted")


def has_role(client: HeadlessClient, role: Role) -> bool:
    return client.client.account.may_post is (role is Role.ADMIN)


@pytest.mark.parametrize("role", list(Role))
def test_a_join_code_alone_leads_to_the_server_and_into_the_room(
    tmp_path: Path, role: Role
) -> None:
    with place(tmp_path, "invite") as here, here.client("bob") as bob:
        bob.client.connect(here.invite(role))
        assert bob.client.account.is_invited
        bob.register("bob", PASSWORD)
        person = bob.client.account.person
        assert person is not None and person.role is role
        assert not bob.client.account.is_invited, "it has served"


def test_p10_a_join_code_that_is_missing_is_the_first_thing_that_is_marked(
    tmp_path: Path,
) -> None:
    with place(tmp_path, "invite") as here, here.client("bob") as bob:
        code = here.invite()
        bob.client.connect(code)
        greeted(bob)
        bob.client.session.bring_invite(b"")
        bob.client.session.register("", "", "", "", True)
        assert error(bob) == FormError(Field.INVITE, "invite_needed")
        bob.client.session.register("", "", "", code, True)
        assert error(bob) == FormError(Field.USERNAME, "username_empty")


def test_p10_an_invite_that_does_not_count_any_more_is_told_beside_its_field(
    tmp_path: Path,
) -> None:
    with place(tmp_path, "invite") as here, here.client("bob") as bob:
        code = here.invite()
        with here.client("carol") as carol:
            carol.client.connect(code)
            carol.register("carol", PASSWORD)
        bob.client.connect(code)
        greeted(bob)
        bob.client.session.register("bob", "Bob", PASSWORD, "", True)
        assert error(bob) == FormError(Field.INVITE, "invite_invalid")
        bob.client.session.register("bob", "Bob", PASSWORD, here.invite(), True)
        bob.until_live()


def test_p10_what_is_no_code_for_this_server_is_told_and_not_sent(tmp_path: Path) -> None:
    with place(tmp_path, "invite") as here, here.client("bob") as bob:
        mine = joincode.read(here.invite())
        bare = joincode.write(JoinCode("127.0.0.1", here.service.port, mine.fingerprint))
        other = joincode.write(JoinCode("127.0.0.1", 1, bytes(32), b"secret"))
        bob.client.connect(bare)
        greeted(bob)
        for typed, code in (
            ("", "invite_needed"),
            ("hello", "join_code_invalid"),
            (bare, "join_code_without_invite"),
            (other, "join_code_elsewhere"),
        ):
            bob.client.session.register("bob", "Bob", PASSWORD, typed, True)
            told = error(bob)
            assert told.field is Field.INVITE and told.code.startswith(code)
            bob.client.account.refuse(None)
        alias = JoinCode("chat.example", 443, mine.fingerprint, mine.invite)
        bob.client.session.register("bob", "Bob", PASSWORD, joincode.write(alias), True)
        bob.until_live()


def test_an_account_that_awaits_approval_is_told_so_until_it_is_accepted(tmp_path: Path) -> None:
    with place(tmp_path, "approval") as here, here.client("bob") as bob:
        bare = joincode.read(here.invite())
        bob.client.connect(
            joincode.write(JoinCode("127.0.0.1", here.service.port, bare.fingerprint))
        )
        greeted(bob)
        bob.client.session.register("bob", "Bob", PASSWORD, "", True)
        assert error(bob) == FormError(Field.NOTICE, "awaiting_approval")
        assert not bob.client.account.busy and bob.client.account.person is None
        bob.client.account.refuse(None)
        bob.client.session.sign_in("bob", PASSWORD, True)
        assert error(bob) == FormError(Field.NOTICE, "awaiting_approval")
        request = SetState(here.alice.number(), here.person("bob"), AccountState.ACTIVE)
        here.alice.say(request)
        here.alice.expect(Done)
        bob.sign_in("bob", PASSWORD)


def test_a_reset_code_sets_a_new_password_and_signs_in(tmp_path: Path) -> None:
    with place(tmp_path, "invite") as here, here.client("bob") as bob:
        bob.client.connect(here.invite())
        bob.register("bob", PASSWORD)
        here.alice.say(ResetPassword(here.alice.number(), here.person("bob")))
        code = here.alice.expect(ResetCode).code
        bob.until(lambda: bob.client.account.person is None, "to be signed out")
        bob.client.account.refuse(None)
        bob.client.session.redeem("bob", "0000-0000-0000-0000", "another fine password", True)
        assert error(bob) == FormError(Field.CODE, "reset_code_invalid")
        bob.client.session.redeem("bob", code.lower(), "short", True)
        assert error(bob).code == "password_too_short"
        bob.client.session.redeem(
            "bob", code.lower().replace("-", " "), "another fine password", True
        )
        bob.until_live()


def test_p8_a_changed_role_unlocks_and_locks_the_send_panel_at_once_and_is_remembered(
    tmp_path: Path,
) -> None:
    with place(tmp_path, "invite") as here, here.client("bob") as bob:
        bob.client.connect(here.invite())
        bob.register("bob", PASSWORD)
        number = here.person("bob")
        for role in (Role.ADMIN, Role.MEMBER, Role.ADMIN):
            here.alice.say(SetRole(here.alice.number(), number, role))
            here.alice.expect(Done)
            bob.until(partial(has_role, bob, role), f"to be {role}")
        credentials = bob.credentials
    offline = HeadlessClient(tmp_path / "bob", 0, credentials, is_told=False)
    with offline:
        assert offline.client.account.may_post, "as it was when it was last heard of"


def test_whoever_is_accepted_is_in_the_room_at_once_and_told_so(tmp_path: Path) -> None:
    with place(tmp_path, "approval") as here, here.client("bob") as bob:
        await_approval(here, bob)
        here.accept("bob")
        bob.until_live()
        assert AccountNotice.ACCEPTED in bob.client.account.notices
        bob.client.session.sign_out()
        assert AccountNotice.ACCEPTED not in bob.client.account.notices
        greeted(bob)
        bob.client.session.sign_in("bob", PASSWORD, True)
        bob.until_live()
        assert not bob.client.account.notices, "that is long known"


def test_whoever_is_accepted_while_the_connection_is_down_is_in_on_return(tmp_path: Path) -> None:
    with place(tmp_path, "approval") as here, here.client("bob") as bob:
        await_approval(here, bob)
        bob.client._requests.abandon()
        bob.until(lambda: bob.client._requests.is_linked, "to be back")
        assert error(bob) == FormError(Field.NOTICE, "awaiting_approval"), "and still to wait"
        here.accept("bob")
        bob.until_live()


def test_whoever_goes_on_to_something_else_is_not_signed_in_by_surprise(tmp_path: Path) -> None:
    with place(tmp_path, "approval") as here, here.client("bob") as bob:
        await_approval(here, bob)
        bob.client.session.sign_in(ADMIN, "not the password at all", True)
        bob.until(lambda: not bob.client.account.busy, "to be refused")
        assert bob.client.session._waiting is None
        here.accept("bob")
        bob.client.session.accepted()
        assert not bob.client.account.busy
