"""Who has seen a message and who has confirmed it, over the wire."""

import hashlib
import json
import re
from contextlib import ExitStack
from pathlib import Path

import msgspec
import pytest

from protocol.limits import ANSWER_OPEN_MS, MAX_ANSWERS_OF_ONE, REMIND_EVERY_MS
from protocol.messages import (
    AccountState,
    Audit,
    Changed,
    Confirm,
    Confirmed,
    Done,
    GetAudit,
    GetRoster,
    GetTallies,
    OwnAnswers,
    OwnReceipt,
    Pin,
    Post,
    Posted,
    Priority,
    Remind,
    Reminded,
    RemovePerson,
    Roster,
    RosterEntry,
    Seen,
    SeenSpan,
    SetState,
    Tallies,
    TalliesOf,
    Tally,
    Withdraw,
)
from protocol.refusals import Refusal
from server import settings
from server.background.receipt_tracker import NEWEST
from server.storage.sqlite import FILE_NAME, open_store
from server.storage.sqlite.checks.verify import findings
from tests.server.conftest import ADMIN, NOW_MS, PASSWORD, Connect, Jump
from tests.support.running import Operator, running
from tests.support.wire import WireClient

ANSWERS = ("OK", "Need help", "Off site")
ALICE, BOB, CAROL = 1, 2, 3


pytestmark = pytest.mark.usefixtures("jump")


def newcomer(connect: Connect, username: str, display_name: str) -> WireClient:
    """Somebody who has registered, and been told how they stand with what was asked
    before: one person's reads are answered in their order."""
    client = connect()
    client.register(username, PASSWORD, display_name)
    client.history()
    return client


@pytest.fixture
def bob(alice: WireClient, connect: Connect) -> WireClient:
    return newcomer(connect, "bob", "Ben Osei")


@pytest.fixture
def carol(bob: WireClient, connect: Connect) -> WireClient:
    return newcomer(connect, "carol", "Carol Diaz")


def post(author: WireClient, *answers: str, key: int = 1) -> int:
    request = Post(author.number(), key.to_bytes(16, "big"), f"message {key}", answers=answers)
    return author.ask(request, Posted).id


def confirm(client: WireClient, message_id: int, choice: int) -> OwnReceipt:
    return client.ask(Confirm(client.number(), message_id, choice), Confirmed).own_receipt


def told(client: WireClient) -> list[OwnReceipt]:
    """What was pushed of one's own answers."""
    pushed = [one for one in client.heard if isinstance(one, OwnAnswers)]
    return [own_receipt for one in pushed for own_receipt in one.own_receipts]


def tally(admin: WireClient, message_id: int) -> Tally:
    (found,) = admin.ask(GetTallies(admin.number(), message_id, message_id), TalliesOf).tallies
    return found


def until_tally(admin: WireClient, wanted: Tally) -> None:
    """Read pushes until one has come so far."""
    while wanted not in admin.expect(Tallies).tallies:
        pass


def roster(admin: WireClient, message_id: int, page: int = 2000) -> list[RosterEntry]:
    found: list[RosterEntry] = []
    while True:
        after = found[-1].person_id if found else 0
        part = admin.ask(GetRoster(admin.number(), message_id, after, page), Roster)
        found += part.entries
        if not part.more:
            return found


# -- seen ------------------------------------------------------------------------


def test_administrators_see_how_far_a_message_has_come(
    alice: WireClient, bob: WireClient, carol: WireClient
) -> None:
    number = post(alice)
    until_tally(alice, Tally(number, 2, 0))
    bob.say(Seen(number))
    until_tally(alice, Tally(number, 2, 1))
    carol.say(Seen(number))
    until_tally(alice, Tally(number, 2, 2))
    for client in (bob, carol):
        client.barrier()
        assert not [one for one in client.heard if isinstance(one, Tallies)]


def test_what_is_seen_only_rises_whatever_device_says_it(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    for key in (1, 2, 3):
        post(alice, key=key)
    other = connect()
    other.sign_in("bob", PASSWORD)
    bob.say(Seen(2))
    other.say(Seen(1))
    bob.say(Seen(1))
    until_tally(alice, Tally(2, 1, 1))
    other.say(Seen(3))
    until_tally(alice, Tally(3, 1, 1))
    assert [tally(alice, number).seen for number in (1, 2, 3)] == [1, 1, 1]


def test_what_was_skipped_stays_unseen_until_it_was(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    for key in range(1, 31):
        post(alice, key=key)
    bob.say(Seen(30, (SeenSpan(1, 2), SeenSpan(29, 30))))
    until_tally(alice, Tally(30, 1, 1))

    def seen() -> list[int]:
        found = alice.ask(GetTallies(alice.number(), 1, 30), TalliesOf).tallies
        assert [one.message_id for one in found] == list(range(1, 31))
        return [one.message_id for one in found if one.seen]

    assert seen() == [1, 2, 29, 30]
    assert [roster(alice, number)[0].has_seen for number in (2, 3, 28, 29)] == [
        True, False, False, True,
    ]  # fmt: skip
    other = connect()
    other.sign_in("bob", PASSWORD)
    other.say(Seen(12, (SeenSpan(9, 12), SeenSpan(2, 4), SeenSpan(5, 5))))
    until_tally(alice, Tally(12, 1, 1))
    assert seen() == [*range(1, 6), *range(9, 13), 29, 30]
    bob.say(Seen(30, (SeenSpan(3, 29),)))
    until_tally(alice, Tally(20, 1, 1))
    assert seen() == list(range(1, 31)), "and nobody counts twice"


def test_p9_spans_that_are_none_are_passed_over(alice: WireClient, bob: WireClient) -> None:
    for key in (1, 2, 3):
        post(alice, key=key)
    top = 2**63 - 1
    for span in (SeenSpan(3, 2), SeenSpan(top, top), SeenSpan(top, 0), SeenSpan(0, 0)):
        bob.say(Seen(top, (span,)))
    bob.say(Seen(2, (SeenSpan(0, 1),)))
    until_tally(alice, Tally(1, 1, 1))
    assert [tally(alice, number).seen for number in (1, 2, 3)] == [1, 0, 0]
    bob.say(Seen(3, (SeenSpan(3, top),)))
    until_tally(alice, Tally(3, 1, 1))
    assert tally(alice, 2).seen == 0


def test_who_has_seen_one_before_joining_is_not_counted_for_it(
    alice: WireClient, connect: Connect
) -> None:
    before = post(alice, key=1)
    carol = connect()
    carol.register("carol", PASSWORD)
    after = post(alice, key=2)
    carol.say(Seen(after, (SeenSpan(before, after),)))
    until_tally(alice, Tally(after, 1, 1))
    assert tally(alice, before) == Tally(before, 0, 0)


def test_p9_what_is_not_there_yet_can_not_have_been_seen(
    alice: WireClient, bob: WireClient
) -> None:
    first = post(alice, key=1)
    bob.say(Seen(2**63 - 1))
    until_tally(alice, Tally(first, 1, 1))
    second = post(alice, key=2)
    until_tally(alice, Tally(second, 1, 0))


def test_who_joins_later_is_not_asked_and_who_leaves_is_not_counted(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    number = post(alice, *ANSWERS)
    carol = connect()
    carol.register("carol", PASSWORD)
    carol.say(Seen(number))
    carol.barrier()
    refused = carol.refusal(Confirm(carol.number(), number, 1))
    assert refused.code == Refusal.NOT_ASKED
    assert tally(alice, number) == Tally(number, 1, 0, (0, 0, 0))
    confirm(bob, number, 2)
    assert tally(alice, number).chosen == (0, 1, 0)
    alice.ask(SetState(alice.number(), BOB, AccountState.DISABLED), Done)
    assert tally(alice, number) == Tally(number, 0, 0, (0, 0, 0))
    alice.ask(SetState(alice.number(), BOB, AccountState.ACTIVE), Done)
    assert tally(alice, number) == Tally(number, 1, 0, (0, 1, 0)), "they never left"


def test_the_author_is_not_counted(alice: WireClient, bob: WireClient) -> None:
    number = post(alice, *ANSWERS)
    alice.say(Seen(number))
    assert tally(alice, number).people == 1
    assert alice.refusal(Confirm(alice.number(), number, 1)).code == Refusal.NOT_ASKED


def test_p5_however_many_say_so_the_room_is_told_once_a_second(
    alice: WireClient, bob: WireClient
) -> None:
    for key in range(1, 101):
        post(alice, key=key)
    for number in range(1, 101):
        bob.say(Seen(number))
    until_tally(alice, Tally(100, 1, 1))
    pushed = [one for one in alice.heard if isinstance(one, Tallies)]
    assert len(pushed) < 20 and all(len(one.tallies) <= NEWEST for one in pushed)
    assert tally(alice, 1).seen == 1, "older ones are told on request"


def test_what_was_seen_and_answered_survives_a_restart(data_dir: Path) -> None:
    chosen = settings.load(data_dir, {}, {"port": 0})
    with ExitStack() as stack:
        service = stack.enter_context(running(data_dir, chosen))
        alice = stack.enter_context(WireClient(service.port))
        bob = stack.enter_context(WireClient(service.port))
        for client in (alice, bob):
            client.hello()
        alice.sign_in(ADMIN, PASSWORD)
        bob.register("bob", PASSWORD)
        number = post(alice, *ANSWERS)
        bob.say(Seen(number))
        confirm(bob, number, 3)
    with (
        running(data_dir, chosen) as service,
        WireClient(service.port) as alice,
        WireClient(service.port) as bob,
    ):
        alice.hello()
        alice.sign_in(ADMIN, PASSWORD)
        assert tally(alice, number) == Tally(number, 1, 1, (0, 0, 1))
        bob.hello()
        bob.sign_in("bob", PASSWORD)
        (own_receipt,) = bob.expect(OwnAnswers).own_receipts
        assert (own_receipt.message_id, own_receipt.choice) == (number, 3)
    assert findings(data_dir / "room.db") == []


# -- confirming ------------------------------------------------------------------


def test_an_answer_is_taken_down_and_told_to_ones_other_devices(
    alice: WireClient, bob: WireClient, connect: Connect
) -> None:
    number = post(alice, *ANSWERS)
    other = connect()
    other.sign_in("bob", PASSWORD)
    assert other.expect(OwnAnswers).own_receipts == (OwnReceipt(number),)
    own_receipt = confirm(bob, number, 2)
    assert own_receipt == OwnReceipt(number, 2, NOW_MS, NOW_MS + ANSWER_OPEN_MS)
    assert other.expect(OwnAnswers).own_receipts == (own_receipt,)
    bob.barrier()
    assert own_receipt not in told(bob)
    until_tally(alice, Tally(number, 1, 0, (0, 1, 0)))


def test_it_can_be_changed_for_five_minutes(alice: WireClient, bob: WireClient, jump: Jump) -> None:
    number = post(alice, *ANSWERS)
    confirm(bob, number, 1)
    jump(NOW_MS + ANSWER_OPEN_MS)
    assert confirm(bob, number, 2).choice == 2
    assert tally(alice, number).chosen == (0, 1, 0)
    jump(NOW_MS + ANSWER_OPEN_MS + 1)
    refused = bob.refusal(Confirm(bob.number(), number, 3))
    assert refused.code == Refusal.ANSWER_FINAL
    assert confirm(bob, number, 2).at_ms == NOW_MS + ANSWER_OPEN_MS, "the same again is no change"


def test_p9_it_can_be_changed_so_often_and_no_more(
    alice: WireClient, bob: WireClient, data_dir: Path
) -> None:
    number = post(alice, *ANSWERS)
    for times in range(MAX_ANSWERS_OF_ONE):
        own_receipt = confirm(bob, number, times % 2 + 1)
        is_last = times == MAX_ANSWERS_OF_ONE - 1
        assert (own_receipt.final_at_ms > NOW_MS) == (not is_last), "so that a client knows"
    for choice in (1, 3):
        refused = bob.refusal(Confirm(bob.number(), number, choice))
        assert refused.code == Refusal.ANSWER_FINAL
    assert confirm(bob, number, 2) == own_receipt, "the same again is no change"
    with open_store(data_dir) as store:
        assert len(list(store.receipts.record())) == MAX_ANSWERS_OF_ONE
    assert findings(data_dir / FILE_NAME) == []


def test_p10_what_can_not_be_answered_is_refused_by_name(
    alice: WireClient, bob: WireClient
) -> None:
    silent, asking = post(alice, key=1), post(alice, "", key=2)
    gone = post(alice, "", key=3)
    alice.ask(Withdraw(alice.number(), gone), Done)
    for number, choice, code in (
        (99, 1, Refusal.NOT_FOUND),
        (silent, 1, Refusal.NOT_ASKED),
        (asking, 0, Refusal.CHOICE_INVALID),
        (asking, 2, Refusal.CHOICE_INVALID),
        (gone, 1, Refusal.WITHDRAWN),
    ):
        assert bob.refusal(Confirm(bob.number(), number, choice)).code == code
    assert tally(alice, asking).chosen == (0,)


def test_p1_everybody_at_once_makes_one_unbroken_record(
    alice: WireClient, bob: WireClient, carol: WireClient, data_dir: Path
) -> None:
    number = post(alice, "", key=1)
    second = post(alice, *ANSWERS, key=2)
    for client in (bob, carol):
        for message_id, choice in ((number, 1), (second, 1), (second, 2), (second, 3)):
            client.say(Confirm(client.number(), message_id, choice))
    for client in (bob, carol):
        for _ in range(4):
            client.expect(Confirmed)
    with open_store(data_dir) as store:
        record = list(store.receipts.record())
    assert [entry.id for entry, _ in record] == list(range(1, 9))
    assert {entry.answer for entry, _ in record} == {"", *ANSWERS}
    assert findings(data_dir / "room.db") == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE confirmations SET answer = 'OK' WHERE id = 2", "entry 2 .* was changed"),
        ("UPDATE confirmations SET at_ms = at_ms + 1 WHERE id = 1", "entry 1 .* was changed"),
        ("DELETE FROM confirmations WHERE id = 1", "something missing .* before entry 2"),
        ("DELETE FROM confirmations WHERE id = 3", "ends at entry 2, after 2 in place of 3"),
        ("UPDATE room SET record_count = 2", "ends at entry 3, after 3 in place of 2"),
    ],
)
def test_p1_whatever_is_done_to_the_record_shows(
    alice: WireClient, bob: WireClient, data_dir: Path, damage: str, said: str
) -> None:
    number = post(alice, *ANSWERS)
    for choice in (1, 2, 3):
        confirm(bob, number, choice)
    with open_store(data_dir) as store:
        for trigger in ("changed", "deleted"):
            store._database.execute(f"DROP TRIGGER confirmations_are_not_{trigger}")
        store._database.execute(damage)
    (found,) = findings(data_dir / "room.db")
    assert re.search(said, found)


def test_whoever_has_the_export_can_follow_the_hashes(
    alice: WireClient, bob: WireClient, data_dir: Path
) -> None:
    number = post(alice, *ANSWERS)
    for choice in (1, 2):
        confirm(bob, number, choice)
    told = Operator(data_dir).do("export", "--what", "confirmations")
    rows = [json.loads(line) for line in told.splitlines()]
    previous = bytes(32)
    for row in rows:
        fields = [row[name] for name in ("id", "message_id", "revision", "user_id", "username")]
        fields += [row["answer"], bytes.fromhex(row["text_sha256"]), row["at_ms"], previous]
        previous = hashlib.sha256(msgspec.msgpack.encode(fields)).digest()
        assert row["hash"] == previous.hex()
    assert [row["answer"] for row in rows] == list(ANSWERS[:2])


def test_the_record_can_only_be_added_to(
    alice: WireClient, bob: WireClient, data_dir: Path
) -> None:
    confirm(bob, post(alice, ""), 1)
    with open_store(data_dir) as store:
        for deed in ("UPDATE confirmations SET answer = 'x'", "DELETE FROM confirmations"):
            with pytest.raises(Exception, match="only added to"):
                store._database.execute(deed)


# -- the roster and reminders ----------------------------------------------------


def test_the_roster_tells_who_has_and_who_has_not(
    alice: WireClient, bob: WireClient, carol: WireClient, jump: Jump
) -> None:
    number = post(alice, *ANSWERS)
    confirm(bob, number, 2)
    carol.say(Seen(number))
    until_tally(alice, Tally(number, 2, 1, (0, 1, 0)))
    jump(NOW_MS + 60_000)
    carol.close()
    for page in (2000, 1):
        entries = roster(alice, number, page)
        assert [one.person_id for one in entries] == [BOB, CAROL]
    ben, carols = entries
    assert (ben.choice, ben.at_ms, ben.online, ben.has_seen) == (2, NOW_MS, True, False)
    assert (carols.choice, carols.has_seen, carols.display_name) == (0, True, "Carol Diaz")
    while (carols := roster(alice, number)[1]).online or carols.last_seen_ms < NOW_MS + 60_000:
        alice.barrier()
    alice.ask(RemovePerson(alice.number(), BOB), Done)
    left, _ = roster(alice, number)
    assert (left.person_id, left.is_counted, left.choice) == (BOB, False, 2), "stays in the record"


def test_a_reminder_reaches_those_who_have_not_here_or_on_return(
    alice: WireClient, bob: WireClient, carol: WireClient, connect: Connect,
    jump: Jump,
) -> None:  # fmt: skip
    number = post(alice, "")
    confirm(bob, number, 1)
    jump(NOW_MS + 1)
    reminded = alice.ask(Remind(alice.number(), number), Reminded)
    assert (reminded.people, reminded.at_ms) == (1, NOW_MS + 1)
    expected = OwnReceipt(number, reminded_at_ms=NOW_MS + 1)
    assert carol.expect(OwnAnswers).own_receipts == (expected,)
    bob.barrier()
    assert not [one for one in told(bob) if one.reminded_at_ms]
    again = connect()
    again.sign_in("carol", PASSWORD)
    assert again.expect(OwnAnswers).own_receipts == (expected,)

    refused = alice.refusal(Remind(alice.number(), number))
    assert (refused.code, refused.retry_after_ms) == (Refusal.TOO_SOON, REMIND_EVERY_MS)
    jump(NOW_MS + 1 + REMIND_EVERY_MS)
    assert alice.ask(Remind(alice.number(), number), Reminded).people == 1
    (entry, *_) = alice.ask(GetAudit(alice.number(), 0, 1), Audit).entries
    assert (entry.action, entry.subject) == ("reminded", f"#{number}")


def test_a_clock_that_was_set_back_keeps_nobody_from_being_reminded(
    alice: WireClient, bob: WireClient, jump: Jump
) -> None:
    number = post(alice, "")
    alice.ask(Remind(alice.number(), number), Reminded)
    jump(NOW_MS - 24 * 3_600_000)
    assert alice.ask(Remind(alice.number(), number), Reminded).people == 1


@pytest.mark.parametrize("kind", ["tallies", "roster", "remind"])
def test_p6_members_learn_nothing_of_others(alice: WireClient, bob: WireClient, kind: str) -> None:
    number = post(alice, "")
    asked = {
        "tallies": GetTallies(bob.number(), 1, 9),
        "roster": GetRoster(bob.number(), number, 0, 10),
        "remind": Remind(bob.number(), number),
    }[kind]
    assert bob.refusal(asked).code == Refusal.NOT_PERMITTED


def test_p10_of_what_is_not_there_no_roster_is_told(alice: WireClient) -> None:
    silent = post(alice)
    assert alice.refusal(GetRoster(alice.number(), 99, 0, 10)).code == Refusal.NOT_FOUND
    assert alice.refusal(Remind(alice.number(), 99)).code == Refusal.NOT_FOUND
    assert alice.refusal(Remind(alice.number(), silent)).code == Refusal.NOT_ASKED
    assert alice.ask(GetTallies(alice.number(), 9, 1), TalliesOf).tallies == ()
    assert roster(alice, silent) == []


def test_p4_pinning_an_asking_message_leaves_its_answers(
    alice: WireClient, bob: WireClient
) -> None:
    number = post(alice, *ANSWERS)
    confirm(bob, number, 1)
    alice.ask(Pin(alice.number(), number, True), Done)
    assert tally(alice, number).chosen == (1, 0, 0)


def test_an_urgent_message_asks_to_be_confirmed_by_itself(
    alice: WireClient, bob: WireClient
) -> None:
    for key, answers in ((1, ()), (2, ("Here", "Need help"))):
        post = Post(alice.number(), bytes([key] * 16), "Leave", Priority.URGENT, answers)
        alice.ask(post, Posted)
    heard = [bob.expect(Changed).message for _ in range(2)]
    assert [message.answers for message in heard] == [("",), ("Here", "Need help")]
    told = bob.ask(Confirm(bob.number(), 1, 1), Confirmed)
    assert told.own_receipt.choice == 1
