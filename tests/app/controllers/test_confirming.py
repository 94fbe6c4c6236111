"""The password is asked for again, once, and what was refused is sent again by
itself."""

import pytest

from app.models.errand import Course
from app.models.listing import Why
from protocol.messages import (
    ConfirmPassword,
    Done,
    GetPeople,
    GetSessions,
    People,
    Refused,
    RemovePerson,
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
    assert client.pages.people.errand.is_under_way
    client.confirming.confirm(PASSWORD)
    assert client.pages.question.is_busy
    client.confirming.confirm("an impatient second time")
    confirm = asked.hear_a(ConfirmPassword)
    assert confirm.password == PASSWORD
    asked.say(Done(confirm.request))
    again = asked.hear_a(RemovePerson)
    assert again.person_id == BEN.id and not client.pages.question.is_open
    asked.say(Done(again.request))
    asked.until(lambda: client.pages.people.errand.course is Course.DONE)


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        (Refused(1, Refusal.WRONG_CREDENTIALS), Why("password_wrong")),
        (
            Refused(1, Refusal.TOO_MANY_ATTEMPTS, "", 2500),
            Why("too_many_attempts_for", {"seconds": 3}),
        ),
        (Refused(1, Refusal.BUSY), Why("busy")),
    ],
)
def test_a_password_that_is_not_taken_is_asked_for_again(
    asked: Play, refused: Refused, why: Why
) -> None:
    question = asked.client.pages.question
    asked.client.confirming.confirm("wrong")
    request = asked.hear_a(ConfirmPassword).request
    asked.say(Refused(request, refused.code, "", refused.retry_after_ms))
    asked.until(lambda: question.why == why)
    assert question.is_open and not question.is_busy
    asked.client.confirming.confirm(PASSWORD)
    asked.say(Done(asked.hear_a(ConfirmPassword).request))
    asked.hear_a(RemovePerson)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "password_empty"), ("x" * 513, "password_wrong"), ("half \ud83d", "password_wrong")],
)
def test_what_can_be_no_password_is_not_sent(asked: Play, typed: str, code: str) -> None:
    asked.client.confirming.confirm(typed)
    assert asked.client.pages.question.why == Why(code)
    asked.client.confirming.confirm(PASSWORD)
    assert asked.hear_a(ConfirmPassword).password == PASSWORD


def test_cancelled_everything_is_as_it_was(asked: Play) -> None:
    client = asked.client
    client.confirming.cancel()
    assert not client.pages.question.is_open
    assert client.pages.people.errand.course is Course.NONE
    client.administration.people.set_role(BEN, Role.ADMIN)
    assert asked.hear_a(SetRole).person_id == BEN.id, "and the next errand goes its way"


def test_one_password_serves_all_that_wait_for_it(asked: Play) -> None:
    client = asked.client
    client.own_account.list.open()
    asked.say(Refused(asked.hear_a(GetSessions).request, Refusal.PASSWORD_NEEDED))
    asked.settle()
    client.confirming.confirm(PASSWORD)
    asked.say(Done(asked.hear_a(ConfirmPassword).request))
    asked.hear_a(RemovePerson)
    here = session(1, this_one=True)
    asked.say(Sessions(asked.hear_a(GetSessions).request, (here,)))
    asked.until(lambda: client.pages.sessions.listing.items == (here,))


def test_a_server_that_always_asks_is_given_up(asked: Play) -> None:
    client = asked.client
    for _ in range(3):
        client.confirming.confirm(PASSWORD)
        asked.say(Done(asked.hear_a(ConfirmPassword).request))
        asked.say(Refused(asked.hear_a(RemovePerson).request, Refusal.PASSWORD_NEEDED))
        asked.settle()
    assert not client.pages.question.is_open
    assert client.pages.people.errand.course is Course.NONE


def test_the_question_goes_with_the_connection(asked: Play) -> None:
    client = asked.client
    asked.break_off()
    assert not client.pages.question.is_open
    assert client.pages.people.errand.course is Course.LOST
    asked.greet()
    asked.resume()
    client.confirming.confirm(PASSWORD)
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
    assert listing.why is None


def test_one_that_does_not_pass_is_told(play: Play) -> None:
    play.sign_in()
    play.client.administration.people.list.open()
    for _ in range(3):
        request = play.hear_a(GetPeople).request
        play.say(Refused(request, Refusal.STORAGE_UNAVAILABLE, "", 10))
    listing = play.client.pages.people.listing
    play.until(lambda: listing.why == Why("storage_unavailable"))
    play.client.administration.people.list.more()
    play.client.administration.people.list.reload()
    play.hear_a(GetPeople)
    assert listing.why is None and listing.is_loading
