"""What an administrator does to posted messages, and what is pinned."""

import pytest

from app.models.listing import Why
from app.models.operation import Course
from protocol.messages import (
    Changed,
    Done,
    Edit,
    GetVersions,
    Person,
    Pin,
    Pinned,
    Refused,
    Role,
    RoomMessage,
    SetExpiry,
    Version,
    Versions,
    Withdraw,
    YouChanged,
)
from protocol.refusals import Refusal
from tests.app.controllers.play import ALICE, Play, message


@pytest.fixture
def play(play: Play) -> Play:
    """An administrator is signed in, in an empty room."""
    play.sign_in()
    return play


def course(play: Play) -> Course:
    return play.client.pages.life.errand.course


def posted(play: Play) -> RoomMessage:
    told = message(1)
    play.say(Changed(told))
    play.settle()
    return told


def test_each_deed_is_asked_for_and_told(play: Play) -> None:
    life, errand, one = play.client.life, play.client.pages.life.errand, posted(play)
    life.edit(one, "another text\r\n")
    edit = play.hear_a(Edit)
    assert (edit.message_id, edit.text) == (1, "another text")
    assert course(play) is Course.UNDER_WAY
    play.say(Done(edit.request))
    play.until(lambda: course(play) is Course.DONE)
    life.pin(one, True)
    pin = play.hear_a(Pin)
    assert (pin.message_id, pin.pinned) == (1, True)
    play.say(Refused(pin.request, Refusal.TOO_MANY_PINS))
    play.until(lambda: errand.why == Why(Refusal.TOO_MANY_PINS))
    life.forget_errand()
    assert errand.why is None
    life.set_expiry(one, 99)
    expiry = play.hear_a(SetExpiry)
    assert (expiry.message_id, expiry.expires_at_ms) == (1, 99)
    play.say(Done(expiry.request))
    play.until(lambda: course(play) is Course.DONE)
    life.withdraw(one)
    assert play.hear_a(Withdraw).message_id == 1
    life.forget_errand()
    assert course(play) is Course.UNDER_WAY, "what is under way is not forgotten"
    play.break_off()
    assert course(play) is Course.LOST


@pytest.mark.parametrize("text", ["", " \n", "text", "text \r\n"])
def test_a_text_that_is_empty_or_the_same_is_not_sent(play: Play, text: str) -> None:
    play.client.life.edit(posted(play), text)
    assert course(play) is Course.NONE


def test_p4_what_changed_shows_in_the_timeline_and_nothing_of_a_withdrawn_text_is_kept(
    play: Play,
) -> None:
    posted(play)
    gone = RoomMessage(1, 2, 9, "Someone", 5, "", bytes(16), withdrawn_at_ms=7)
    play.say(Changed(gone))
    play.settle()
    assert play.client.timeline.complete_through == 2
    assert play.client._cache is not None and play.client._cache.after(0, 9) == [gone]


def test_pins_are_kept_for_the_next_time_and_follow_the_server(play: Play) -> None:
    pins = play.client.pages.life.pins
    play.say(Pinned((message(7), message(3))))
    play.settle()
    assert [one.id for one in pins.messages] == [7, 3]
    cache = play.client._cache
    pins.open(None)
    assert not pins.messages
    pins.open(cache)
    assert [one.id for one in pins.messages] == [7, 3], "before the server says anything"
    play.say(Pinned(()))
    play.settle()
    assert pins.messages == ()
    pins.open(cache)
    assert pins.messages == ()


def test_earlier_texts_are_told_once_they_are_asked_for(play: Play) -> None:
    versions, one = play.client.pages.life.versions, posted(play)
    play.client.life.ask_versions(one)
    asked = play.hear_a(GetVersions)
    assert (asked.message_id, versions.message_id, versions.told) == (1, 1, None)
    told = (Version("before", 5, "Amelia"),)
    play.say(Versions(asked.request, told))
    play.until(lambda: versions.told == told)
    play.client.life.forget_versions()
    assert versions.told is None and versions.message_id == 0


def test_earlier_texts_that_come_in_pages_are_told_whole(play: Play) -> None:
    versions, one = play.client.pages.life.versions, posted(play)
    play.client.life.ask_versions(one)
    first, second = Version("first", 5, "Amelia"), Version("second", 6, "Amelia")
    play.say(Versions(play.hear_a(GetVersions).request, (first,), True))
    asked = play.hear_a(GetVersions)
    assert (asked.offset, versions.told) == (1, None)
    play.say(Versions(asked.request, (second,)))
    play.until(lambda: versions.told == (first, second))


def test_an_answer_for_what_is_not_looked_at_any_more_is_passed_over(play: Play) -> None:
    versions, one = play.client.pages.life.versions, posted(play)
    play.client.life.ask_versions(one)
    late = play.hear_a(GetVersions)
    play.client.life.forget_versions()
    play.say(Versions(late.request, (Version("before", 5, "Amelia"),)))
    play.settle()
    assert versions.told is None
    play.client.life.ask_versions(one)
    play.say(Refused(play.hear_a(GetVersions).request, Refusal.NOT_PERMITTED))
    play.until(lambda: versions.why == Why(Refusal.NOT_PERMITTED))


def test_p10_without_a_connection_it_is_said(play: Play) -> None:
    versions, one = play.client.pages.life.versions, posted(play)
    play.client.life.ask_versions(one)
    play.hear_a(GetVersions)
    play.break_off()
    assert versions.why == Why("offline")
    play.client.life.forget_versions()
    play.client.life.ask_versions(one)
    assert versions.why == Why("offline")


def test_p6_who_is_no_administrator_any_more_sees_nothing_of_it(play: Play) -> None:
    life, one = play.client.pages.life, posted(play)
    play.client.life.ask_versions(one)
    play.say(Versions(play.hear_a(GetVersions).request, (Version("before", 5, "Amelia"),)))
    play.until(lambda: life.versions.told is not None)
    play.say(YouChanged(Person(ALICE.id, ALICE.username, ALICE.display_name, Role.MEMBER)))
    play.settle()
    assert life.versions.told is None and course(play) is Course.NONE
