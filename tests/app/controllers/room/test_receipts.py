"""What was seen, what is confirmed, who has not: between the window and the
server."""

import time
from pathlib import Path

import pytest

from app.controllers.room.receipts import SAID_AGAIN
from app.models.listing import Reason
from app.models.operation import OperationStatus
from protocol.limits import MAX_SEEN_SPANS
from protocol.messages import (
    Changed,
    Confirm,
    Confirmed,
    GetRoster,
    GetTallies,
    OwnAnswers,
    OwnReceipt,
    Person,
    Refused,
    Remind,
    Reminded,
    Role,
    RoomMessage,
    Roster,
    RosterEntry,
    Seen,
    SeenSpan,
    Tallies,
    TalliesOf,
    Tally,
    YouChanged,
)
from protocol.refusals import Refusal
from tests.app.controllers.play import ALICE, BOB, Play


def asking(number: int, author: int = 9) -> RoomMessage:
    return RoomMessage(number, number, author, "Someone", 5, "?", bytes(16), answers=("a", "b"))


@pytest.fixture
def bob(play: Play) -> Play:
    """A member is signed in."""
    play.sign_in(BOB)
    return play


@pytest.fixture
def alice(play: Play) -> Play:
    """An administrator is signed in."""
    play.sign_in(ALICE)
    return play


# -- seen ------------------------------------------------------------------------


def test_what_was_seen_is_said_and_only_what_is_news(bob: Play) -> None:
    bob.client.receipts.mark_seen(4, 5)
    assert bob.hear_a(Seen) == Seen(5, (SeenSpan(4, 5),))
    for first, last in ((4, 4), (4, 5), (5, 6), (7, 7), (9, 9)):
        bob.client.receipts.mark_seen(first, last)
    said = bob.hear_a(Seen)
    assert said == Seen(9, (SeenSpan(5, 7), SeenSpan(9, 9))), "once a second, what is new"


def test_what_was_seen_while_away_is_said_on_return_and_after_a_restart(bob: Play) -> None:
    bob.break_off()
    for number in range(2, 2 * MAX_SEEN_SPANS + 1, 2):
        bob.client.receipts.mark_seen(number, number)
    bob.greet()
    bob.resume(BOB)
    newest = bob.hear_a(Seen)
    assert newest.through_id == 2 * MAX_SEEN_SPANS and len(newest.spans) <= MAX_SEEN_SPANS
    rest = bob.hear_a(Seen)
    assert {*newest.spans, *rest.spans} == {
        SeenSpan(number, number) for number in range(2, 2 * MAX_SEEN_SPANS + 1, 2)
    }
    receipts, cache = bob.client.pages.receipts, bob.client.kept.cache
    receipts.open(None)
    receipts.open(cache)
    assert list(receipts.seen) == [(n, n) for n in range(2, 2 * MAX_SEEN_SPANS + 1, 2)]
    assert not receipts.has_unsaid
    bob.break_off()
    bob.greet()
    bob.resume(BOB)
    again = bob.hear_a(Seen)
    assert len(again.spans) == SAID_AGAIN, "a crash of the server may have lost the last second"


# -- answers ---------------------------------------------------------------------


def test_a_new_message_asks_at_once_but_not_its_author(bob: Play) -> None:
    receipts = bob.client.pages.receipts
    bob.say(Changed(asking(1)))
    bob.say(Changed(asking(2, author=BOB.id)))
    bob.settle()
    assert receipts.own_receipt(1) == OwnReceipt(1) and receipts.own_receipt(2) is None


def test_an_answer_is_sent_and_settled(bob: Play) -> None:
    receipts = bob.client.pages.receipts
    bob.say(OwnAnswers((OwnReceipt(1),)))
    bob.settle()
    bob.client.receipts.answer(1, 2)
    assert receipts.waiting == {1: 2}
    asked = bob.hear_a(Confirm)
    assert (asked.message_id, asked.choice) == (1, 2)
    bob.say(Confirmed(asked.request, OwnReceipt(1, 2, 7, 9)))
    bob.until(lambda: not receipts.waiting)
    assert receipts.own_receipt(1) == OwnReceipt(1, 2, 7, 9)
    bob.client.receipts.answer(1, 2)
    assert not receipts.waiting, "the same again is nothing new"


def test_p2_an_answer_given_offline_waits_through_a_restart_and_is_sent_once(bob: Play) -> None:
    receipts = bob.client.pages.receipts
    bob.say(OwnAnswers((OwnReceipt(1),)))
    bob.settle()
    bob.break_off()
    bob.client.receipts.answer(1, 1)
    bob.client.receipts.answer(1, 2)
    cache = bob.client.kept.cache
    receipts.open(None)
    receipts.open(cache)
    assert receipts.waiting == {1: 2} and receipts.own_receipt(1) == OwnReceipt(1)
    bob.greet()
    bob.resume(BOB)
    asked = bob.hear_a(Confirm)
    assert asked.choice == 2
    bob.say(Confirmed(asked.request, OwnReceipt(1, 2, 7, 9)))
    bob.until(lambda: not receipts.waiting)


def test_who_changes_their_mind_before_the_answer_comes_is_heard(bob: Play) -> None:
    receipts = bob.client.pages.receipts
    bob.client.receipts.answer(1, 1)
    first = bob.hear_a(Confirm)
    bob.client.receipts.answer(1, 2)
    bob.say(Confirmed(first.request, OwnReceipt(1, 1, 7, 9)))
    second = bob.hear_a(Confirm)
    assert second.choice == 2
    bob.say(Confirmed(second.request, OwnReceipt(1, 2, 8, 9)))
    bob.until(lambda: not receipts.waiting)
    own_receipt = receipts.own_receipt(1)
    assert own_receipt is not None and own_receipt.choice == 2


def test_p10_a_refused_answer_is_told_and_a_passing_refusal_is_sat_out(bob: Play) -> None:
    receipts = bob.client.pages.receipts
    bob.client.receipts.answer(1, 1)
    bob.say(Refused(bob.hear_a(Confirm).request, Refusal.BUSY, "", 1))
    again = bob.hear_a(Confirm)
    bob.say(Refused(again.request, Refusal.ANSWER_FINAL))
    bob.until(lambda: receipts.reason(1) == Reason(Refusal.ANSWER_FINAL))
    assert not receipts.waiting
    bob.client.receipts.answer(1, 2)
    assert receipts.reason(1) is None
    bob.hear_a(Confirm)


# -- how far messages have come ----------------------------------------------------


def test_an_administrator_is_told_what_is_looked_at(alice: Play) -> None:
    receipts = alice.client.pages.receipts
    alice.client.receipts.need_tallies(1, 50)
    asked = alice.hear_a(GetTallies)
    assert (asked.from_id, asked.to_id) == (1, 50)
    alice.client.receipts.need_tallies(10, 60)
    more = alice.hear_a(GetTallies)
    assert (more.from_id, more.to_id) == (51, 60), "what is asked for already is not again"
    alice.say(TalliesOf(asked.request, (Tally(1, 9, 3),)))
    alice.say(Tallies((Tally(1, 9, 4), Tally(2, 9, 1))))
    alice.until(lambda: receipts.tally(1) == Tally(1, 9, 4))
    assert receipts.tally(2) == Tally(2, 9, 1)
    alice.say(YouChanged(Person(ALICE.id, ALICE.username, ALICE.display_name, Role.MEMBER)))
    alice.until(lambda: receipts.tally(1) is None)


def test_p6_a_member_does_not_even_ask(bob: Play) -> None:
    bob.client.receipts.need_tallies(1, 50)
    bob.client.receipts.mark_seen(1, 1)
    bob.hear_a(Seen)


# -- the roster --------------------------------------------------------------------


def entry(number: int, choice: int = 0) -> RosterEntry:
    return RosterEntry(number, f"p{number}", f"Person {number}", True, False, 5, False, choice)


def test_the_roster_is_shown_when_it_is_whole(alice: Play) -> None:
    roster = alice.client.pages.roster
    alice.client.roster.open(asking(3))
    first = alice.hear_a(GetRoster)
    assert (first.message_id, first.after_person_id) == (3, 0)
    alice.say(Roster(first.request, 3, (entry(2), entry(4)), True))
    second = alice.hear_a(GetRoster)
    assert second.after_person_id == 4 and not roster.is_known
    alice.say(Roster(second.request, 3, (entry(5, 1),), False))
    alice.until(lambda: roster.is_known)
    assert [one.person_id for one in roster.entries] == [2, 4, 5]


def test_what_was_asked_for_another_message_is_passed_over(alice: Play) -> None:
    roster = alice.client.pages.roster
    alice.client.roster.open(asking(3))
    late = alice.hear_a(GetRoster)
    alice.client.roster.open(asking(4))
    alice.say(Roster(late.request, 3, (entry(2),), False))
    current = alice.hear_a(GetRoster)
    assert current.message_id == 4 and not roster.entries
    alice.say(Refused(current.request, Refusal.NOT_FOUND))
    alice.until(lambda: roster.reason == Reason(Refusal.NOT_FOUND))


def test_it_follows_what_happens_while_it_is_looked_at(alice: Play) -> None:
    roster = alice.client.pages.roster
    alice.client.roster.open(asking(3))
    alice.say(Roster(alice.hear_a(GetRoster).request, 3, (entry(2),), False))
    alice.until(lambda: roster.is_known)
    alice.say(Tallies((Tally(9, 1, 1),)))
    alice.say(Tallies((Tally(3, 1, 1, (1, 0)),)))
    again = alice.hear_a(GetRoster)
    alice.say(Roster(again.request, 3, (entry(2, 1),), False))
    alice.until(lambda: bool(roster.entries[0].choice))
    alice.client.roster.close()
    assert roster.message is None and not roster.entries


def test_reminding_tells_how_many(alice: Play) -> None:
    operation = alice.client.pages.roster.operation
    alice.client.roster.remind()
    assert operation.status is OperationStatus.NONE, "nothing is looked at"
    alice.client.roster.open(asking(3))
    alice.say(Roster(alice.hear_a(GetRoster).request, 3, (entry(2),), False))
    alice.until(lambda: alice.client.pages.roster.is_known)
    alice.client.roster.remind()
    asked = alice.hear_a(Remind)
    assert asked.message_id == 3
    alice.say(Reminded(asked.request, 239, 7, 31))
    alice.until(lambda: operation.params == {"n": 208, "away": 31})
    assert operation.status.value == "done"


def test_a_reminder_that_is_refused_does_not_go_out_by_itself_later(alice: Play) -> None:
    operation = alice.client.pages.roster.operation
    alice.client.roster.open(asking(3))
    alice.say(Roster(alice.hear_a(GetRoster).request, 3, (), False))
    alice.client.roster.remind()
    asked = alice.hear_a(Remind)
    before = len(alice.headless._timers)
    alice.say(Refused(asked.request, Refusal.TOO_SOON, "", 300_000))
    alice.until(lambda: operation.status is OperationStatus.REFUSED, "to be told at once")
    assert (
        operation.reason is not None and operation.reason.again_at_ms > time.time() * 1000 + 290_000
    )
    assert len(alice.headless._timers) == before, "nothing waits to be sent"


def test_it_is_written_to_a_file_for_a_spreadsheet(alice: Play, tmp_path: Path) -> None:
    roster = alice.client.pages.roster
    alice.client.roster.open(asking(3))
    people = (
        RosterEntry(2, "ben", "=Ben", True, True, 0, True, 2, 1_795_446_000_000),
        RosterEntry(4, "wang", "王芳", False, False, 1_795_446_000_000, False),
    )
    alice.say(Roster(alice.hear_a(GetRoster).request, 3, people, False))
    alice.until(lambda: roster.is_known)
    alice.client.roster.save(tmp_path / "who.csv")
    lines = (tmp_path / "who.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("username,name,seen,answer,")
    assert lines[1] == "ben,'=Ben,yes,b,2026-11-23 15:00:00,yes,,"
    assert lines[2] == "wang,王芳,no,,,no,2026-11-23 15:00:00,yes"
    assert roster.operation.status is OperationStatus.DONE
    roster.operation.clear()
    alice.client.roster.save(tmp_path / "no such folder" / "who.csv")
    assert roster.operation.reason == Reason("file_not_written")
