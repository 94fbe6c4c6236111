"""What an administrator does to posted messages, and what is pinned."""

import pytest

from app.models.listing import Reason
from app.models.operation import OperationStatus
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


def status_of(play: Play) -> OperationStatus:
    return play.client.pages.message_actions.operation.status


def posted(play: Play) -> RoomMessage:
    told = message(1)
    play.say(Changed(told))
    play.settle()
    return told


def test_each_deed_is_asked_for_and_told(play: Play) -> None:
    message_actions, operation, one = (
        play.client.message_actions,
        play.client.pages.message_actions.operation,
        posted(play),
    )
    message_actions.edit(one, "another text\r\n")
    edit = play.hear_a(Edit)
    assert (edit.message_id, edit.text) == (1, "another text")
    assert status_of(play) is OperationStatus.UNDER_WAY
    play.say(Done(edit.request))
    play.until(lambda: status_of(play) is OperationStatus.DONE)
    message_actions.pin(one, True)
    pin = play.hear_a(Pin)
    assert (pin.message_id, pin.pinned) == (1, True)
    play.say(Refused(pin.request, Refusal.TOO_MANY_PINS))
    play.until(lambda: operation.reason == Reason(Refusal.TOO_MANY_PINS))
    message_actions.forget_operation()
    assert operation.reason is None
    message_actions.set_expiry(one, 99)
    expiry = play.hear_a(SetExpiry)
    assert (expiry.message_id, expiry.expires_at_ms) == (1, 99)
    play.say(Done(expiry.request))
    play.until(lambda: status_of(play) is OperationStatus.DONE)
    message_actions.withdraw(one)
    assert play.hear_a(Withdraw).message_id == 1
    message_actions.forget_operation()
    assert status_of(play) is OperationStatus.UNDER_WAY, "what is under way is not forgotten"
    play.break_off()
    assert status_of(play) is OperationStatus.LOST


@pytest.mark.parametrize("text", ["", " \n", "text", "text \r\n"])
def test_a_text_that_is_empty_or_the_same_is_not_sent(play: Play, text: str) -> None:
    play.client.message_actions.edit(posted(play), text)
    assert status_of(play) is OperationStatus.NONE


def test_p4_what_changed_shows_in_the_timeline_and_nothing_of_a_withdrawn_text_is_kept(
    play: Play,
) -> None:
    posted(play)
    gone = RoomMessage(1, 2, 9, "Someone", 5, "", bytes(16), withdrawn_at_ms=7)
    play.say(Changed(gone))
    play.settle()
    assert play.client.timeline.complete_through == 2
    assert play.client.kept.cache is not None and play.client.kept.cache.after(0, 9) == [gone]


def test_pins_are_kept_for_the_next_time_and_follow_the_server(play: Play) -> None:
    pins = play.client.pages.message_actions.pins
    play.say(Pinned((message(7), message(3))))
    play.settle()
    assert [one.id for one in pins.messages] == [7, 3]
    cache = play.client.kept.cache
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
    versions, one = play.client.pages.message_actions.versions, posted(play)
    play.client.message_actions.ask_versions(one)
    asked = play.hear_a(GetVersions)
    assert (asked.message_id, versions.message_id, versions.told) == (1, 1, None)
    told = (Version("before", 5, "Amelia"),)
    play.say(Versions(asked.request, told))
    play.until(lambda: versions.told == told)
    play.client.message_actions.forget_versions()
    assert versions.told is None and versions.message_id == 0


def test_earlier_texts_that_come_in_pages_are_told_whole(play: Play) -> None:
    versions, one = play.client.pages.message_actions.versions, posted(play)
    play.client.message_actions.ask_versions(one)
    first, second = Version("first", 5, "Amelia"), Version("second", 6, "Amelia")
    play.say(Versions(play.hear_a(GetVersions).request, (first,), True))
    asked = play.hear_a(GetVersions)
    assert (asked.offset, versions.told) == (1, None)
    play.say(Versions(asked.request, (second,)))
    play.until(lambda: versions.told == (first, second))


def test_an_answer_for_what_is_not_looked_at_any_more_is_passed_over(play: Play) -> None:
    versions, one = play.client.pages.message_actions.versions, posted(play)
    play.client.message_actions.ask_versions(one)
    late = play.hear_a(GetVersions)
    play.client.message_actions.forget_versions()
    play.say(Versions(late.request, (Version("before", 5, "Amelia"),)))
    play.settle()
    assert versions.told is None
    play.client.message_actions.ask_versions(one)
    play.say(Refused(play.hear_a(GetVersions).request, Refusal.NOT_PERMITTED))
    play.until(lambda: versions.reason == Reason(Refusal.NOT_PERMITTED))


def test_p10_without_a_connection_it_is_said(play: Play) -> None:
    versions, one = play.client.pages.message_actions.versions, posted(play)
    play.client.message_actions.ask_versions(one)
    play.hear_a(GetVersions)
    play.break_off()
    assert versions.reason == Reason("offline")
    play.client.message_actions.forget_versions()
    play.client.message_actions.ask_versions(one)
    assert versions.reason == Reason("offline")


def test_p6_who_is_no_administrator_any_more_sees_nothing_of_it(play: Play) -> None:
    message_actions, one = play.client.pages.message_actions, posted(play)
    play.client.message_actions.ask_versions(one)
    play.say(Versions(play.hear_a(GetVersions).request, (Version("before", 5, "Amelia"),)))
    play.until(lambda: message_actions.versions.told is not None)
    play.say(YouChanged(Person(ALICE.id, ALICE.username, ALICE.display_name, Role.MEMBER)))
    play.settle()
    assert message_actions.versions.told is None and status_of(play) is OperationStatus.NONE
