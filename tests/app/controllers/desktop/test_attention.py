"""What is told of whether a person could see what is shown."""

import itertools
from datetime import datetime, timedelta

import msgspec
import pytest

from protocol.messages import Attending, Attention, GetTallies
from tests.app.controllers.play import BOB, Play

NUMBERS = itertools.count(10_000)


@pytest.fixture
def bob(play: Play) -> Play:
    """Bob is signed in, in a room that asks for it."""
    ask(play)
    play.sign_in(BOB)
    return play


def ask(play: Play, asks: bool = True) -> None:
    room = play.client.status.room
    assert room is not None
    play.client.status.introduce(msgspec.structs.replace(room, asks_attention=asks))


def says_nothing(play: Play) -> None:
    """The next that is heard is what a test has the client say."""
    number = next(NUMBERS)
    play.client._requests.say(GetTallies(number, 1, 1))
    assert play.hear_a(GetTallies).request == number


def test_what_the_system_says_is_told_when_it_changes(bob: Play) -> None:
    says_nothing(bob)
    for attention in (Attention.LOCKED, Attention.HERE, Attention.PRESENTING):
        bob.client.pay_attention(attention)
        bob.client.pay_attention(attention)
        assert bob.hear_a(Attending) == Attending(attention)
    says_nothing(bob)


def test_that_one_is_not_to_be_disturbed_is_told(bob: Play) -> None:
    bob.client.notifications.pause(datetime.now() + timedelta(hours=1))
    assert bob.hear_a(Attending).attention is Attention.PAUSED
    bob.client.pay_attention(Attention.LOCKED)
    assert bob.hear_a(Attending).attention is Attention.LOCKED, "which keeps one more from seeing"
    bob.client.notifications.pause(None)
    says_nothing(bob)
    bob.client.pay_attention(Attention.HERE)
    assert bob.hear_a(Attending).attention is Attention.HERE


def test_it_is_told_again_after_a_break(bob: Play) -> None:
    bob.client.pay_attention(Attention.LOCKED)
    bob.hear_a(Attending)
    bob.break_off()
    bob.greet()
    ask(bob)
    bob.resume(BOB)
    assert bob.hear_a(Attending).attention is Attention.LOCKED


def test_p10_where_the_room_does_not_ask_nothing_is_told(play: Play) -> None:
    ask(play, False)
    play.client.pay_attention(Attention.LOCKED)
    play.sign_in(BOB)
    play.client.pay_attention(Attention.PRESENTING)
    play.client.notifications.pause(datetime.now() + timedelta(hours=1))
    says_nothing(play)


def test_before_anybody_is_signed_in_nothing_is_told(play: Play) -> None:
    ask(play)
    play.client.pay_attention(Attention.LOCKED)
    play.sign_in(BOB)
    assert play.hear_a(Attending).attention is Attention.LOCKED


def test_in_front_of_a_locked_screen_nobody_looks_at_the_window(bob: Play) -> None:
    notifications = bob.client.notifications
    notifications.attend(True)
    bob.client.pay_attention(Attention.LOCKED)
    assert not notifications._is_attended
    bob.client.pay_attention(Attention.HERE)
    assert notifications._is_attended
