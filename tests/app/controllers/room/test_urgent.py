"""An urgent message stands before whom it asks until it is answered or put aside, over
breaks and restarts, and rings meanwhile."""

from pathlib import Path

import msgspec
import pytest

from app.controllers.room import urgent
from app.models.connection.status import Phase
from app.models.room.urgent import Urgent
from protocol.messages import (
    Changed,
    Confirm,
    Confirmed,
    OwnAnswers,
    OwnReceipt,
    Priority,
    RoomMessage,
)
from tests.app.controllers.play import BOB, Play, message

NOW_MS = 1_000_000


def fire(number: int, revision: int = 0, text: str = "Leave the building") -> RoomMessage:
    return msgspec.structs.replace(
        message(number, revision, text), priority=Priority.URGENT, answers=("",)
    )


def ids(model: Urgent) -> list[int]:
    return [one.id for one in model.messages]


@pytest.fixture
def model(play: Play) -> Urgent:
    """Ben is in the room."""
    play.sign_in(BOB)
    play.until_phase(Phase.LIVE)
    return play.client.pages.urgent


def hear(play: Play, *messages: RoomMessage) -> None:
    for one in messages:
        play.say(Changed(one))
        if one.answers and one.revision == one.id:
            play.say(OwnAnswers((OwnReceipt(one.id),)))
    play.settle()


def test_it_stands_there_and_rings_once(play: Play, model: Urgent) -> None:
    hear(play, message(1), fire(2))
    assert ids(model) == [2] and model.rings == 1
    hear(play, message(3))
    assert ids(model) == [2] and model.rings == 1
    hear(play, fire(4))
    assert ids(model) == [2, 4] and model.rings == 2


def test_answered_it_is_gone_here_and_from_elsewhere(play: Play, model: Urgent) -> None:
    hear(play, fire(1), fire(2))
    play.client.receipts.answer(1, 1)
    assert ids(model) == [2], "at once"
    play.say(Confirmed(play.hear_a(Confirm).request, OwnReceipt(1, 1, 5, 6)))
    play.say(OwnAnswers((OwnReceipt(2, 1, 5, 6),)))
    play.settle()
    assert ids(model) == []


def test_withdrawn_it_is_gone_and_edited_it_says_so(play: Play, model: Urgent) -> None:
    hear(play, fire(1), fire(2))
    hear(play, fire(1, 3, "The drill is over"))
    assert model.messages[0].text == "The drill is over" and model.rings == 2
    hear(play, msgspec.structs.replace(fire(2, 4), text="", answers=(), withdrawn_at_ms=5))
    assert ids(model) == [1]


def test_put_aside_it_stays_so_through_breaks_and_restarts(play: Play, model: Urgent) -> None:
    hear(play, fire(1), fire(2))
    play.client.urgent.dismiss(1)
    assert ids(model) == [2] and play.client.pages.receipts.open_asks == [1, 2]
    play.break_off()
    assert ids(model) == [2], "also without a connection"
    play.greet()
    play.resume(BOB, revision=2, last_id=2)
    play.say(OwnAnswers((OwnReceipt(2), OwnReceipt(1))))
    play.settle()
    assert ids(model) == [2] and model.rings == 2
    cache = play.client.kept.cache
    assert cache is not None and cache.dismissed == {1}


def test_what_brings_nothing_of_it_costs_no_look_into_the_cache(
    play: Play, model: Urgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    hear(play, fire(1), fire(2))
    looks = list[int]()
    real = play.client.timeline.held

    def held(message_id: int) -> RoomMessage | None:
        looks.append(message_id)
        return real(message_id)

    monkeypatch.setattr(play.client.timeline, "held", held)
    play.settle()
    assert looks == [] and ids(model) == [1, 2]
    hear(play, fire(1, 3, "edited"))
    assert set(looks) == {1, 2} and model.messages[0].text == "edited"


def test_whoever_sent_it_is_not_called(play: Play, model: Urgent) -> None:
    play.say(Changed(msgspec.structs.replace(fire(1), author_id=BOB.id)))
    play.settle()
    assert ids(model) == [] and model.rings == 0


def test_it_rings_again_and_again_for_an_hour(
    play: Play, model: Urgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urgent, "RING_EVERY_S", 0.01)
    now_ms = NOW_MS
    monkeypatch.setattr(play.client.urgent, "_server_now_ms", lambda: now_ms)
    hear(play, msgspec.structs.replace(fire(1), posted_at_ms=NOW_MS))
    play.until(lambda: model.rings >= 4, "to ring on")
    now_ms += urgent.RING_FOR_MS + 1
    play.until(lambda: play.client.urgent._ringing is None, "to be silent")
    rings = model.rings
    play.settle()
    assert model.rings == rings and ids(model) == [1], "it stands there still"


def test_answered_it_rings_no_more(
    play: Play, model: Urgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(urgent, "RING_EVERY_S", 0.01)
    monkeypatch.setattr(play.client.urgent, "_server_now_ms", lambda: NOW_MS)
    hear(play, msgspec.structs.replace(fire(1), posted_at_ms=NOW_MS))
    play.client.receipts.answer(1, 1)
    play.until(lambda: play.client.urgent._ringing is None, "to be silent")
    assert model.rings >= 1 and ids(model) == []


def test_signed_out_nothing_is_left_of_it(play: Play, model: Urgent, tmp_path: Path) -> None:
    hear(play, fire(1))
    play.client._signed_out()
    assert ids(model) == []
