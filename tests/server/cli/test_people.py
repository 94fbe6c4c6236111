"""`user`, `sessions` and `invite` beside a running server, and what each prints."""

import base64
from pathlib import Path

import pytest

from protocol import joincode
from protocol.messages import (
    AwaitingApproval,
    CreateInvite,
    GetPeople,
    Goodbye,
    InviteCreated,
    People,
    RedeemReset,
    Register,
    ResetPassword,
    Role,
    SignedIn,
    SignIn,
    YouChanged,
)
from protocol.refusals import Farewell, Refusal
from server import settings
from server.domain.invites import digest_of
from server.storage.sqlite import open_store
from tests.server.conftest import ADMIN, PASSWORD, Connect
from tests.support.running import Operator, running
from tests.support.wire import WireClient

OTHER = "another fine password"

UNDECODED = "b\udcffb"
"""What Python makes of a byte that is none in the system's encoding."""


@pytest.fixture
def operator(data_dir: Path) -> Operator:
    return Operator(data_dir)


@pytest.fixture
def bob(operator: Operator, connect: Connect) -> WireClient:
    """A member, added by the operator and signed in."""
    operator.do("user", "add", "bob", "--password-file", "-", say=PASSWORD)
    bob = connect()
    bob.sign_in("bob", PASSWORD)
    return bob


def test_an_account_is_added_listed_and_signs_in(operator: Operator, connect: Connect) -> None:
    added = operator.json("user", "add", "zoë", "--display-name", "Zoë Ó", "--role", "admin")
    assert connect().sign_in("zoë", added["password"]).person.role is Role.ADMIN
    names = [one["username"] for one in operator.json("user", "list")]
    assert names == [ADMIN, "zoë"]
    assert "Zoë Ó" in operator.do("user", "list", "--search", "ZOË")
    assert operator.json("user", "list", "--search", "nobody") == []


def test_p8_what_the_operator_does_reaches_live_connections(
    operator: Operator, bob: WireClient
) -> None:
    operator.do("user", "promote", "bob")
    assert bob.expect(YouChanged).person.role is Role.ADMIN
    bob.post("now I may", bytes(16))
    operator.do("user", "demote", "BOB")
    assert bob.expect(YouChanged).person.role is Role.MEMBER
    operator.do("user", "disable", "bob")
    assert bob.drain()[-1] == Goodbye(Farewell.ACCOUNT_DISABLED)


def test_p8_a_session_that_the_operator_ends_is_over(
    operator: Operator, bob: WireClient, connect: Connect
) -> None:
    second = connect()
    second.sign_in("bob", PASSWORD)
    (newest, _) = operator.json("sessions", "list", "bob")
    operator.do("sessions", "end", "bob", "--id", str(newest["id"]))
    assert second.drain()[-1] == Goodbye(Farewell.SIGNED_OUT)
    bob.barrier()
    assert operator.json("sessions", "end", "bob", "--all") == {"username": "bob", "ended": 1}
    assert bob.drain()[-1] == Goodbye(Farewell.SIGNED_OUT)
    assert "Nobody" in operator.do("sessions", "list", "bob")


def test_a_reset_code_is_printed_once_and_sets_a_password(
    operator: Operator, bob: WireClient, connect: Connect
) -> None:
    code = operator.json("user", "reset", "bob")["code"]
    assert bob.drain()[-1] == Goodbye(Farewell.SIGNED_OUT)
    again = connect()
    request = SignIn(again.number(), "bob", PASSWORD)
    assert again.refusal(request).code == Refusal.WRONG_CREDENTIALS
    again.say(RedeemReset(again.number(), "bob", code, OTHER))
    again.expect(SignedIn)
    connect().sign_in("bob", OTHER)


def test_a_removed_account_is_gone_and_its_name_free(operator: Operator, bob: WireClient) -> None:
    assert "--yes" in operator.refused("user", "remove", "bob")
    operator.do("user", "remove", "bob", "--yes")
    assert bob.drain()[-1] == Goodbye(Farewell.ACCOUNT_DISABLED)
    assert "not found" in operator.refused("user", "enable", "bob")
    operator.do("user", "add", "bob")


def test_invites_of_who_may_not_invite_any_more_end_and_it_is_said(
    operator: Operator, alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    def invite(client: WireClient) -> bytes:
        made = client.ask(CreateInvite(client.number(), Role.ADMIN, 1, 60_000), InviteCreated)
        return joincode.read(made.join_code).invite

    def is_open(secret: bytes) -> bool:
        typed = base64.urlsafe_b64encode(secret).decode().rstrip("=")
        newcomer = connect()
        request = Register(newcomer.number(), "eve", "Eve", PASSWORD, "", typed)
        newcomer.say(request)
        answer = newcomer.next()
        return getattr(answer, "code", "") != Refusal.INVITE_INVALID

    kept = invite(alice)
    for words in (("demote", "bob"), ("disable", "bob"), ("remove", "bob", "--yes")):
        operator.run("user", "enable", "bob")
        operator.do("user", "promote", "bob")
        client = connect()
        client.sign_in("bob", PASSWORD)
        secret = invite(client)
        assert "Invites of theirs that end with it: 1" in operator.do("user", *words)
        assert not is_open(secret)
    (newest, *_) = operator.json("audit", "--search", "invite_revoked")
    assert newest["detail"] == "made by bob"
    assert is_open(kept), "nobody else's"
    operator.do("user", "add", "bob")
    assert "Invites" not in operator.do("user", "disable", "bob"), "a namesake made none"


def test_an_administrator_without_a_password_is_none_to_rely_on(
    operator: Operator, alice: WireClient, bob: WireClient
) -> None:
    operator.do("user", "promote", "bob")
    operator.do("user", "reset", "bob")
    for words in (("demote", ADMIN), ("disable", ADMIN), ("remove", ADMIN, "--yes")):
        assert "last administrator" in operator.refused("user", *words)
    me = alice.ask(GetPeople(alice.number(), ADMIN, 0, 10), People).people[0].id
    refused = alice.refusal(ResetPassword(alice.number(), me))
    assert refused.code == Refusal.LAST_ADMINISTRATOR
    operator.do("user", "reset", ADMIN)
    assert "--role admin" in operator.do("verify"), "nobody is left who can sign in"


def test_the_last_administrator_stays_one(operator: Operator) -> None:
    for words in (("demote", ADMIN), ("disable", ADMIN), ("remove", ADMIN, "--yes")):
        assert "last administrator" in operator.refused("user", *words)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("user", "add", "no good!"), "username invalid"),
        (("user", "add", ADMIN), "username taken"),
        (("user", "promote", "nobody"), "nobody"),
        (("sessions", "end", ADMIN), "--id or --all"),
        (("sessions", "end", ADMIN, "--id", "99"), "session"),
        (("invite", "revoke", "99"), "invite"),
        (("invite", "revoke", "9" * 30), "no number so large"),
        (("invite", "--note", UNDECODED), "encoding"),
        (("user", "promote", UNDECODED), "encoding"),
        (("user", "list", "--search", UNDECODED), "encoding"),
        (("audit", "--limit", str(2**63 - 1)), "no number so large"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    operator: Operator, words: tuple[str, ...], says: str
) -> None:
    assert says in operator.refused(*words)


def test_a_session_has_no_number_that_means_all(operator: Operator, bob: WireClient) -> None:
    assert operator.run("sessions", "end", "bob", "--id", "0").exit_code == 2
    bob.barrier()
    assert len(operator.json("sessions", "list", "bob")) == 1


def test_p9_what_a_client_calls_itself_draws_nothing_on_the_operators_screen(
    operator: Operator, connect: Connect
) -> None:
    alice = connect()
    device = "desk\x1b[2J\n7  mallory  \u202e"
    alice.say(SignIn(alice.number(), ADMIN, PASSWORD, device))
    alice.expect(SignedIn)
    note = "\x1b]0;mine\x07"
    alice.ask(CreateInvite(alice.number(), Role.MEMBER, 1, 60_000, note), InviteCreated)
    session_id = operator.json("sessions", "list")[0]["id"]
    shown = operator.do("sessions", "list") + operator.do("invite", "list")
    operator.do("sessions", "end", ADMIN, "--id", str(session_id))
    shown += operator.do("audit")
    assert all(char.isprintable() for char in shown.replace("\n", ""))
    assert "\\x1b[2J\\n7  mallory  \\u202e" in shown


def test_a_folder_without_a_room_is_told(tmp_path: Path) -> None:
    nowhere = Operator(tmp_path / "nowhere")
    for words in (("user", "list"), ("audit",), ("verify",), ("invite", "list"), ("export",)):
        assert "there is no room" in nowhere.refused(*words)


def test_an_account_that_awaits_approval_is_approved(data_dir: Path, operator: Operator) -> None:
    chosen = settings.load(data_dir, {}, {"port": 0, "registration": "approval"})
    with running(data_dir, chosen) as service, WireClient(service.port) as bob:
        bob.hello()
        bob.say(Register(bob.number(), "bob", "Bob", PASSWORD))
        bob.expect(AwaitingApproval)
        assert "pending" in operator.do("user", "list")
        operator.do("user", "approve", "bob")
        bob.sign_in("bob", PASSWORD)


def test_invites_are_printed_listed_and_revoked(data_dir: Path, operator: Operator) -> None:
    made = operator.json("invite", "--role", "admin", "--uses", "3", "--expires", "2h")
    assert made["invite"]["role"] == "admin"
    code = joincode.read(made["join_code"])
    assert code.port == settings.load(data_dir, {}, {}).port
    with open_store(data_dir) as store:
        assert store.invites.require(digest_of(code.invite), 0).uses == 3
    assert "0 of 3 used" in operator.do("invite", "list")
    operator.do("invite", "revoke", "1")
    assert "revoked" in operator.do("invite", "list")
    assert operator.json("invite", "list")[0]["revoked"] is True
    for wrong in ("2w", "0d", "9999d", "soon"):
        assert operator.run("invite", "--expires", wrong).exit_code != 0


def test_an_invite_that_nobody_can_use_now_is_said_to_be_one(
    data_dir: Path, operator: Operator
) -> None:
    assert "nobody can use it" not in operator.run("invite").stderr
    (data_dir / "rostrum.toml").write_text('registration = "closed"\n', encoding="utf-8")
    done = operator.run("invite", "--role", "admin")
    assert done.exit_code == 0
    assert "nobody can use it now: registration is closed" in done.stderr
    assert joincode.read(done.stdout).invite


def test_no_option_before_list_or_revoke_is_passed_over(
    data_dir: Path, tmp_path: Path, operator: Operator
) -> None:
    operator.do("invite")
    other = ("--data", str(tmp_path / "other"))
    for words in (("invite", *other, "revoke", "1"), ("invite", "--json", "list")):
        done = operator.run(*words)
        assert done.exit_code == 2
        assert f"{words[1]} goes after" in done.stderr
    assert operator.json("invite", "list")[0]["revoked"] is False


def test_what_was_done_is_in_the_audit_log(operator: Operator) -> None:
    operator.do("user", "add", "bob")
    operator.do("user", "promote", "bob")
    newest = operator.json("audit")[0]
    assert (newest["actor"], newest["action"]) == ("(operator)", "role_changed")
    assert (newest["subject"], newest["detail"]) == ("bob", "admin")
    (found,) = operator.json("audit", "--search", "BOB", "--limit", "1")
    assert found == newest
