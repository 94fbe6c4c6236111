"""The password is asked for again, once, and what was refused is sent again by
itself."""

import time

import pytest

from app.controllers.common import requests
from app.models.listing import Reason
from app.models.operation import OperationStatus
from protocol.messages import (
    ConfirmPassword,
    Done,
    GetPeople,
    GetSessions,
    People,
    Refused,
    RemovePerson,
    ResetCode,
    ResetPassword,
    Role,
    Sessions,
    SetRole,
)
from protocol.refusals import Refusal
from tests.app.controllers.play import PASSWORD, Play
from tests.support.pages import member, session

BEN = member(4, "Ben Osei")


@pytest.fixture
def asked(play: Play) -> Play:
    """An administrator wants to remove Ben, and is asked for the password."""
    play.sign_in()
    play.client.administration.people.remove(BEN)
    request = play.hear_a(RemovePerson).request
    play.say(Refused(request, Refusal.PASSWORD_NEEDED))
    play.until(lambda: play.client.pages.question.is_open, "to be asked")
    return play


def test_the_refused_request_is_repeated_once_the_password_was_taken(asked: Play) -> None:
    client = asked.client
    assert client.pages.people.operation.is_under_way
    client.reauthentication.confirm(PASSWORD)
    assert client.pages.question.is_busy
    client.reauthentication.confirm("an impatient second time")
    confirm = asked.hear_a(ConfirmPassword)
    assert confirm.password == PASSWORD
    asked.say(Done(confirm.request))
    again = asked.hear_a(RemovePerson)
    assert again.person_id == BEN.id and not client.pages.question.is_open
    asked.say(Done(again.request))
    asked.until(lambda: client.pages.people.operation.status is OperationStatus.DONE)


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (Refused(1, Refusal.WRONG_CREDENTIALS), Reason("password_wrong")),
        (Refused(1, Refusal.TOO_MANY_ATTEMPTS, "", 2500), Reason("too_many_attempts")),
        (Refused(1, Refusal.BUSY), Reason("busy")),
    ],
)
def test_a_password_that_is_not_taken_is_asked_for_again(
    asked: Play, refused: Refused, reason: Reason
) -> None:
    question = asked.client.pages.question
    asked.client.reauthentication.confirm("wrong")
    request = asked.hear_a(ConfirmPassword).request
    asked.say(Refused(request, refused.code, "", refused.retry_after_ms))
    asked.until(lambda: question.reason == reason)
    assert question.is_open and not question.is_busy
    asked.client.reauthentication.confirm(PASSWORD)
    asked.say(Done(asked.hear_a(ConfirmPassword).request))
    asked.hear_a(RemovePerson)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "password_empty"), ("x" * 513, "password_wrong"), ("half \ud83d", "password_wrong")],
)
def test_what_can_be_no_password_is_not_sent(asked: Play, typed: str, code: str) -> None:
    asked.client.reauthentication.confirm(typed)
    assert asked.client.pages.question.reason == Reason(code)
    asked.client.reauthentication.confirm(PASSWORD)
    assert asked.hear_a(ConfirmPassword).password == PASSWORD


def test_cancelled_everything_is_as_it_was(asked: Play) -> None:
    client = asked.client
    client.reauthentication.cancel()
    assert not client.pages.question.is_open
    assert client.pages.people.operation.status is OperationStatus.NONE
    client.administration.people.set_role(BEN, Role.ADMIN)
    assert asked.hear_a(SetRole).person_id == BEN.id, "and the next operation goes its way"


def test_one_password_serves_all_that_wait_for_it(asked: Play) -> None:
    client = asked.client
    client.own_account.list.open()
    asked.say(Refused(asked.hear_a(GetSessions).request, Refusal.PASSWORD_NEEDED))
    asked.settle()
    client.reauthentication.confirm(PASSWORD)
    asked.say(Done(asked.hear_a(ConfirmPassword).request))
    asked.hear_a(RemovePerson)
    here = session(1, this_one=True)
    asked.say(Sessions(asked.hear_a(GetSessions).request, (here,)))
    asked.until(lambda: client.pages.sessions.listing.items == (here,))


def test_a_server_that_always_asks_is_given_up(asked: Play) -> None:
    client = asked.client
    for _ in range(3):
        client.reauthentication.confirm(PASSWORD)
        asked.say(Done(asked.hear_a(ConfirmPassword).request))
        asked.say(Refused(asked.hear_a(RemovePerson).request, Refusal.PASSWORD_NEEDED))
        asked.settle()
    assert not client.pages.question.is_open
    assert client.pages.people.operation.status is OperationStatus.NONE


def test_the_question_goes_with_the_connection(asked: Play) -> None:
    client = asked.client
    asked.break_off()
    assert not client.pages.question.is_open
    assert client.pages.people.operation.status is OperationStatus.LOST
    asked.greet()
    asked.resume()
    client.reauthentication.confirm(PASSWORD)
    client.administration.people.list.open()
    asked.until(lambda: client.status.now.phase.value == "live")
    asked.hear_a(GetPeople)  # and nothing of what was asked for before


def test_a_refusal_that_passes_is_sat_out(play: Play) -> None:
    play.sign_in()
    play.client.administration.people.list.open()
    for _ in range(2):
        play.say(Refused(play.hear_a(GetPeople).request, Refusal.BUSY, "", 10))
    play.say(People(play.hear_a(GetPeople).request, (BEN,), 1, 0))
    listing = play.client.pages.people.listing
    play.until(lambda: listing.items == (BEN,))
    assert listing.reason is None


@pytest.mark.parametrize(
    "refused",
    [Refused(1, Refusal.BUSY, "", 1), Refused(1, Refusal.STORAGE_UNAVAILABLE, "", 300_000)],
)
def test_what_acts_on_people_is_never_repeated_by_itself(play: Play, refused: Refused) -> None:
    play.sign_in()
    operation = play.client.pages.people.operation
    play.client.administration.people.reset_password(BEN)
    request = play.hear_a(ResetPassword).request
    before = len(play.headless._timers)
    play.say(Refused(request, refused.code, "", refused.retry_after_ms))
    play.until(lambda: operation.status is OperationStatus.REFUSED, "to be told at once")
    assert len(play.headless._timers) == before, "nothing is put off"
    play.client.administration.people.set_role(BEN, Role.ADMIN)
    assert play.hear_a(SetRole).person_id == BEN.id, "the buttons are alive"


def test_a_long_wait_is_told_with_the_time_at_which_it_is_over(play: Play) -> None:
    play.sign_in()
    play.client.administration.people.list.open()
    listing = play.client.pages.people.listing
    play.say(Refused(play.hear_a(GetPeople).request, Refusal.BUSY, "", 90_000))
    play.until(lambda: listing.reason is not None, "to be told")
    assert listing.reason is not None
    away_s = listing.reason.again_at_ms / 1000 - time.time()
    assert listing.reason.code == Refusal.BUSY and 80 < away_s <= 90


def test_what_is_not_answered_leaves_the_buttons_alive_and_still_counts_when_it_is(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play.sign_in()
    monkeypatch.setattr(requests, "ANSWER_LIMIT_S", 0.05)
    people = play.client.administration.people
    operation, code = play.client.pages.people.operation, play.client.pages.people.one_time_code
    people.reset_password(BEN)
    late = play.hear_a(ResetPassword)
    play.until(lambda: operation.status is OperationStatus.UNANSWERED, "not to wait for ever")
    people.set_role(BEN, Role.ADMIN)
    promoted = play.hear_a(SetRole)
    play.say(ResetCode(late.request, "the-code", 5))
    play.until(lambda: code.issued is not None, "to be told the code all the same")
    assert operation.deed == "promote", "what came late says nothing of what is under way"
    play.say(Done(promoted.request))
    play.until(lambda: operation.status is OperationStatus.DONE, "to be done")


def test_a_list_or_a_password_that_is_not_answered_can_be_tried_again(
    asked: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "ANSWER_LIMIT_S", 0.05)
    question = asked.client.pages.question
    asked.client.reauthentication.confirm(PASSWORD)
    asked.until(lambda: question.reason == Reason("no_answer"), "to be told")
    assert question.is_open and not question.is_busy
    asked.hear_a(ConfirmPassword)
    asked.client.administration.people.list.open()
    listing = asked.client.pages.people.listing
    asked.until(lambda: listing.reason == Reason("no_answer"), "to be told")
    late = asked.hear_a(GetPeople)
    asked.say(People(late.request, (BEN,), 1, 0))
    asked.until(lambda: listing.items == (BEN,), "what comes late")


def test_one_that_does_not_pass_is_told(play: Play) -> None:
    play.sign_in()
    play.client.administration.people.list.open()
    for _ in range(3):
        request = play.hear_a(GetPeople).request
        play.say(Refused(request, Refusal.STORAGE_UNAVAILABLE, "", 10))
    listing = play.client.pages.people.listing
    play.until(lambda: listing.reason == Reason("storage_unavailable"))
    play.client.administration.people.list.more()
    play.client.administration.people.list.reload()
    play.hear_a(GetPeople)
    assert listing.reason is None and listing.is_loading
