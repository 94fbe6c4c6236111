"""What administrators do to accounts: each deed, who may do it, what is written
down of it, and what those it concerns hear."""

from collections.abc import Callable

import pytest

from protocol.codec import encode
from protocol.limits import PASSWORD_FRESH_S, PROTOCOL_VERSION, SILENCE_LIMIT_S
from protocol.messages import (
    AccountState,
    Audit,
    AuditEntry,
    ConfirmPassword,
    CreateInvite,
    Done,
    EndSession,
    FromServer,
    GetAudit,
    GetInvites,
    GetPeople,
    Goodbye,
    Hello,
    InviteCreated,
    Invites,
    Member,
    People,
    Ping,
    RedeemReset,
    Refused,
    RemovePerson,
    ResetCode,
    ResetPassword,
    RevokeInvite,
    Role,
    SetRole,
    SetState,
    SignedIn,
    SignIn,
    WireMessage,
    YouChanged,
)
from protocol.refusals import Farewell, Refusal
from server.service import Service
from tests.fuzz.peer import Known, Peer
from tests.fuzz.stage import stage
from tests.server.conftest import ADMIN, PASSWORD, Connect, Jump
from tests.support.wire import WireClient

HOUR_MS = 3_600_000
ALICE, BOB = 1, 2

NewMember = Callable[[str], WireClient]


@pytest.fixture
def bob(alice: WireClient, connect: Connect) -> WireClient:
    client = connect()
    assert client.register("bob", PASSWORD, "Ben Osei").person.id == BOB
    return client


def people(client: WireClient, search: str = "") -> tuple[Member, ...]:
    return client.ask(GetPeople(client.number(), search, 0, 50), People).people


def audit(client: WireClient, search: str = "") -> tuple[AuditEntry, ...]:
    return client.ask(GetAudit(client.number(), 0, 50, search), Audit).entries


def deeds(number: int, on: int) -> dict[str, WireMessage]:
    """Everything that takes an administrator."""
    return {
        "promote": SetRole(number, on, Role.ADMIN),
        "demote": SetRole(number, on, Role.MEMBER),
        "enable": SetState(number, on, AccountState.ACTIVE),
        "disable": SetState(number, on, AccountState.DISABLED),
        "remove": RemovePerson(number, on),
        "reset": ResetPassword(number, on),
        "people": GetPeople(number, "", 0, 10),
        "invites": GetInvites(number),
        "invite": CreateInvite(number, Role.MEMBER, 1, HOUR_MS, ""),
        "revoke": RevokeInvite(number, on),
        "audit": GetAudit(number, 0, 10),
    }


@pytest.mark.parametrize("deed", deeds(0, 0))
def test_p6_a_member_is_refused_and_nothing_happens(
    alice: WireClient, bob: WireClient, deed: str
) -> None:
    before = audit(alice)
    number = bob.number()
    refused = bob.refusal(deeds(number, ALICE)[deed])
    assert (refused.request, refused.code) == (number, Refusal.NOT_PERMITTED)
    assert audit(alice) == before
    assert [one.role for one in people(alice, ADMIN)] == [Role.ADMIN]


def test_p6_a_stranger_is_refused(connect: Connect) -> None:
    stranger = connect()
    for number, deed in enumerate(deeds(0, 0)):
        stranger.say_bytes(encode(deeds(10 + number, ALICE)[deed]))
        refused = stranger.next()
        assert isinstance(refused, Refused) and refused.code == Refusal.NOT_NOW
        stranger.barrier()


def test_p8_promoted_one_may_post_and_demoted_one_may_not(
    alice: WireClient, bob: WireClient
) -> None:
    alice.ask(SetRole(alice.number(), BOB, Role.ADMIN), Done)
    assert bob.expect(YouChanged).person.role is Role.ADMIN
    bob.post("by bob", bytes(16))
    alice.ask(SetRole(alice.number(), BOB, Role.MEMBER), Done)
    assert bob.expect(YouChanged).person.role is Role.MEMBER
    changes = [(one.actor, one.action, one.subject, one.detail) for one in audit(alice)]
    assert changes[:2] == [
        (ADMIN, "role_changed", "bob", "member"),
        (ADMIN, "role_changed", "bob", "admin"),
    ]
    assert audit(alice)[0].address == "127.0.0.1"


def test_p8_a_disabled_account_is_sent_away_and_comes_back_when_enabled(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    alice.ask(SetState(alice.number(), BOB, AccountState.DISABLED), Done)
    assert bob.expect(Goodbye).code == Farewell.ACCOUNT_DISABLED
    again = connect()
    assert again.refusal(SignIn(2, "bob", PASSWORD)).code == Refusal.ACCOUNT_DISABLED
    assert again.refusal(SignIn(3, "bob", "not the right one")).code == Refusal.WRONG_CREDENTIALS
    alice.ask(SetState(alice.number(), BOB, AccountState.ACTIVE), Done)
    assert again.sign_in("bob", PASSWORD).person.id == BOB
    assert [one.action for one in audit(alice)][:2] == ["enabled", "disabled"]


def test_p8_a_removed_account_is_gone_and_its_messages_are_not(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    alice.ask(SetRole(alice.number(), BOB, Role.ADMIN), Done)
    bob.expect(YouChanged)
    bob.post("what bob said", bytes(16))
    alice.ask(RemovePerson(alice.number(), BOB), Done)
    bob.expect(Goodbye)
    assert [one.username for one in people(alice)] == [ADMIN]
    assert [one.text for one in alice.whole_history()] == ["what bob said"]
    newcomer = connect()
    assert newcomer.register("bob", PASSWORD).person.id != BOB, "a namesake is somebody else"


def test_p8_a_reset_ends_the_password_and_every_session_and_its_code_works_once(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    code = alice.ask(ResetPassword(alice.number(), BOB), ResetCode).code
    assert bob.expect(Goodbye).code == Farewell.SIGNED_OUT
    again = connect()
    assert again.refusal(SignIn(2, "bob", PASSWORD)).code == Refusal.WRONG_CREDENTIALS
    typed = code.lower().replace("-", " ")
    new = "a password of one's own"
    assert again.ask(RedeemReset(3, "bob", typed, new), SignedIn).person.id == BOB
    other = connect()
    assert other.refusal(RedeemReset(2, "bob", code, new)).code == Refusal.RESET_CODE_INVALID
    assert other.sign_in("bob", new)
    assert [one.action for one in audit(alice)][:2] == ["reset_redeemed", "password_reset"]


def test_a_second_reset_code_ends_the_first_and_each_has_its_time(
    service: Service,
    alice: WireClient,
    bob: WireClient,
    connect: Connect,
    jump: Jump,
) -> None:
    first = alice.ask(ResetPassword(alice.number(), BOB), ResetCode)
    second = alice.ask(ResetPassword(alice.number(), BOB), ResetCode)
    again = connect()
    refused = again.refusal(RedeemReset(2, "bob", first.code, "yet another one"))
    assert refused.code == Refusal.RESET_CODE_INVALID
    jump(second.expires_at_ms + 1)
    late = again.refusal(RedeemReset(3, "bob", second.code, "yet another one"))
    assert late.code == Refusal.RESET_CODE_INVALID
    jump(second.expires_at_ms - 1)
    again.ask(RedeemReset(4, "bob", second.code, "yet another one"), SignedIn)


@pytest.mark.parametrize("deed", ["demote", "disable", "remove"])
def test_the_last_administrator_stays(alice: WireClient, bob: WireClient, deed: str) -> None:
    number = alice.number()
    assert alice.refusal(deeds(number, ALICE)[deed]).code == Refusal.LAST_ADMINISTRATOR
    alice.ask(SetRole(alice.number(), BOB, Role.ADMIN), Done)
    alice.ask(SetState(alice.number(), BOB, AccountState.DISABLED), Done)
    # One who is disabled could not administer anything.
    assert alice.refusal(deeds(alice.number(), ALICE)[deed]).code == Refusal.LAST_ADMINISTRATOR


def test_two_administrators_who_demote_each_other_at_once_leave_one(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    alice.ask(SetRole(alice.number(), BOB, Role.ADMIN), Done)
    bob.expect(YouChanged)
    for _ in range(10):
        alice.say(SetRole(alice.number(), BOB, Role.MEMBER))
        bob.say(SetRole(bob.number(), ALICE, Role.MEMBER))
        for client in (alice, bob):
            client.barrier_despite_refusals()
        roles = [
            client.sign_in(name, PASSWORD).person.role
            for client, name in ((connect(), ADMIN), (connect(), "bob"))
        ]
        assert sorted(roles) == [Role.ADMIN, Role.MEMBER]
        left, other = (alice, BOB) if roles[0] is Role.ADMIN else (bob, ALICE)
        left.ask(SetRole(left.number(), other, Role.ADMIN), Done)
        for client in (alice, bob):
            client.barrier_despite_refusals()


def test_p6_who_has_just_stepped_down_reads_no_list_any_more(
    alice: WireClient, bob: WireClient
) -> None:
    alice.ask(SetRole(alice.number(), BOB, Role.ADMIN), Done)
    # Both at once: the second is asked for before anybody has noticed the first.
    alice.say(SetRole(alice.number(), ALICE, Role.MEMBER))
    refused = alice.refusal_after(GetPeople(alice.number(), "", 0, 10), Done)
    assert refused.code == Refusal.NOT_PERMITTED


@pytest.mark.parametrize("deed", ["promote", "disable", "enable", "remove", "reset", "invite"])
def test_what_could_do_harm_takes_a_password_given_lately(
    service: Service,
    alice: WireClient,
    bob: WireClient,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
    deed: str,
) -> None:
    if deed == "enable":
        alice.ask(SetState(alice.number(), BOB, AccountState.DISABLED), Done)
    resumed = connect()
    resumed.resume(connect().sign_in(ADMIN, PASSWORD).token)
    before = audit(alice)
    assert resumed.refusal(deeds(50, BOB)[deed]).code == Refusal.PASSWORD_NEEDED
    wrong = resumed.refusal(ConfirmPassword(51, "not the right one"))
    assert wrong.code == Refusal.WRONG_CREDENTIALS
    assert resumed.refusal(deeds(52, BOB)[deed]).code == Refusal.PASSWORD_NEEDED
    assert audit(alice) == before
    resumed.ask(ConfirmPassword(53, PASSWORD), Done)
    resumed.say(deeds(54, BOB)[deed])
    assert isinstance(resumed.next(), ResetCode | InviteCreated | Done)


def test_a_password_given_long_ago_does_not_count() -> None:
    with stage() as on:
        alice = Peer(on.connect(), Known())
        alice.tell(Hello(1, PROTOCOL_VERSION, PROTOCOL_VERSION))
        alice.tell(SignIn(2, ADMIN, PASSWORD))
        on.settle()
        alice.hear()
        signed_in_at = on.clock.monotonic_s()

        def asked_after(seconds: float, role: Role) -> FromServer:
            while (left_s := signed_in_at + seconds - on.clock.monotonic_s()) > 0:
                on.pass_time(min(left_s, SILENCE_LIMIT_S - 5))
                alice.tell(Ping(1))
                on.settle()
            alice.hear()
            alice.tell(SetRole(3, BOB, role))
            on.settle()
            (answer,) = [one for one in alice.hear() if isinstance(one, Done | Refused)]
            return answer

        assert asked_after(PASSWORD_FRESH_S - 5, Role.ADMIN) == Done(3)
        refused = asked_after(PASSWORD_FRESH_S + 1, Role.MEMBER)
        assert isinstance(refused, Refused) and refused.code == Refusal.PASSWORD_NEEDED


def test_what_is_not_there_is_told(alice: WireClient) -> None:
    for deed in ("promote", "enable", "disable", "remove", "reset", "revoke"):
        assert alice.refusal(deeds(alice.number(), 99)[deed]).code == Refusal.NOT_FOUND
    refused = alice.refusal(SetState(alice.number(), ALICE, AccountState.PENDING))
    assert refused.code == Refusal.MALFORMED


def test_people_are_found_by_any_part_of_their_names_page_by_page(
    alice: WireClient, connect: Connect
) -> None:
    for number in range(7):
        connect().register(f"pupil{number}", PASSWORD, f"王芳 {number}")
    connect().register("under_score", PASSWORD, "100 % Ben")
    assert len(people(alice)) == 9
    assert len(people(alice, "PUPIL")) == len(people(alice, "王芳")) == 7
    assert [one.username for one in people(alice, "_")] == ["under_score"]
    assert [one.username for one in people(alice, "%")] == ["under_score"]
    assert people(alice, "nobody of that name") == ()
    pages = [
        alice.ask(GetPeople(alice.number(), "pupil", offset, 3), People) for offset in (0, 3, 6, 9)
    ]
    assert [len(page.people) for page in pages] == [3, 3, 1, 0]
    assert all(page.total == 7 for page in pages)
    found = {one.username for page in pages for one in page.people}
    assert found == {f"pupil{number}" for number in range(7)}
    (me,) = people(alice, ADMIN)
    assert me.online and me.role is Role.ADMIN and me.last_seen_ms > 0


def test_the_audit_log_is_read_backwards_page_by_page_and_searched(
    alice: WireClient, bob: WireClient
) -> None:
    for _ in range(5):
        alice.ask(SetRole(alice.number(), BOB, Role.ADMIN), Done)
        alice.ask(SetRole(alice.number(), BOB, Role.MEMBER), Done)
    whole: list[AuditEntry] = []
    before_id = 0
    while True:
        page = alice.ask(GetAudit(alice.number(), before_id, 4, ""), Audit)
        whole += page.entries
        if not page.more:
            break
        before_id = whole[-1].id
    ids = [one.id for one in whole]
    assert ids == sorted(ids, reverse=True) and len(ids) == len(set(ids))
    assert len([one for one in whole if one.action == "role_changed"]) == 10
    assert len(audit(alice, "role_changed")) == 10 and audit(alice, "no such deed") == ()


def test_invites_are_listed_and_a_revoked_one_lets_nobody_in(alice: WireClient) -> None:
    made = alice.ask(CreateInvite(alice.number(), Role.MEMBER, 3, HOUR_MS, "  7b  "), InviteCreated)
    (listed,) = alice.ask(GetInvites(alice.number()), Invites).invites
    assert listed == made.invite and (listed.note, listed.uses, listed.used) == ("7b", 3, 0)
    alice.ask(RevokeInvite(alice.number(), listed.id), Done)
    alice.ask(RevokeInvite(alice.number(), listed.id), Done)
    (revoked,) = alice.ask(GetInvites(alice.number()), Invites).invites
    assert revoked.revoked
    actions = [one.action for one in audit(alice)]
    assert actions.count("invite_revoked") == 1, "once done is done"


def test_one_ends_ones_own_sessions_only(alice: WireClient, bob: WireClient) -> None:
    assert bob.refusal(EndSession(bob.number(), 1)).code == Refusal.NOT_FOUND, "it is alice's"
    alice.barrier()
