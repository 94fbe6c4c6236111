"""Searching: in the server's room, in what is held here, and between the two."""

import msgspec
import pytest

from app.controllers.room import search as searching
from app.models.connection.status import Phase
from app.models.room.search import Query, Search
from protocol.messages import Changed, Found, Refused, RoomMessage
from protocol.messages import Search as SearchRequest
from tests.app.controllers.play import Play, message

DRILL = Query("drill")


def ids(model: Search) -> list[int]:
    return [one.id for one in model.found]


def drills(*numbers: int) -> tuple[RoomMessage, ...]:
    return tuple(message(number, text=f"Drill number {number}") for number in numbers)


@pytest.fixture
def found(play: Play) -> Search:
    """Signed in, with the newest of a longer room held."""
    play.sign_in(revision=100, last_id=100)
    play.give_page(*drills(100, 99), *(message(n) for n in range(98, 50, -1)), more=True)
    play.until_phase(Phase.LIVE)
    return play.client.pages.search


def test_the_server_looks_through_the_whole_room_page_by_page(play: Play, found: Search) -> None:
    play.client.search.look_for(Query(" Drill ", "hart", 5, 9))
    assert found.is_looking and not found.found
    asked = play.hear_a(SearchRequest)
    assert asked == SearchRequest(asked.request, " Drill ", searching.PAGE, 0, "hart", 5, 9)
    play.say(Found(asked.request, drills(100, 99), 99))
    play.until(lambda: ids(found) == [100, 99])
    assert found.has_more and not found.is_looking and not found.is_local
    play.client.search.look_further()
    play.client.search.look_further()
    asked = play.hear_a(SearchRequest)
    assert asked.before_id == 99
    play.say(Found(asked.request, drills(7), 1))
    play.until(lambda: ids(found) == [100, 99, 7])
    play.client.search.look_further()
    play.settle()
    assert not found.has_more and not found.is_looking


def test_it_is_asked_on_while_there_is_nothing_and_it_is_not_through(
    play: Play, found: Search
) -> None:
    play.client.search.look_for(DRILL)
    play.say(Found(play.hear_a(SearchRequest).request, (), 60))
    asked = play.hear_a(SearchRequest)
    assert asked.before_id == 60 and found.is_looking
    play.say(Found(asked.request, (), 1))
    play.until(lambda: not found.is_looking)
    assert ids(found) == [] and not found.has_more


def test_only_the_last_that_was_typed_is_looked_for(play: Play, found: Search) -> None:
    for text in ("d", "dr", "drill"):
        play.client.search.look_for(Query(text))
    old = play.hear_a(SearchRequest)
    assert old.text == "drill"
    play.client.search.look_for(Query("lift"))
    new = play.hear_a(SearchRequest)
    play.say(Found(old.request, drills(9), 1), Found(new.request, (), 1))
    play.until(lambda: not found.is_looking)
    assert ids(found) == []


def test_without_a_connection_what_is_held_is_searched_and_that_is_said(
    play: Play, found: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "LOCAL_STEP", 7)
    play.break_off()
    play.client.search.look_for(Query("ＤＲＩＬＬ"))
    play.until(lambda: not found.is_looking and ids(found) == [100, 99])
    assert found.is_local and not found.has_more
    play.greet()
    play.resume(revision=100, last_id=100)
    asked = play.hear_a(SearchRequest)
    play.say(Found(asked.request, drills(100, 99, 7), 1))
    play.until(lambda: ids(found) == [100, 99, 7])
    assert not found.is_local, "with it, all of it is"


def test_a_break_goes_on_with_what_is_held_where_nothing_was_answered(
    play: Play, found: Search
) -> None:
    play.client.search.look_for(DRILL)
    play.hear_a(SearchRequest)
    play.break_off()
    play.until(lambda: ids(found) == [100, 99])
    assert found.is_local


def test_what_was_found_stays_after_a_break(play: Play, found: Search) -> None:
    play.client.search.look_for(DRILL)
    play.say(Found(play.hear_a(SearchRequest).request, drills(7), 1))
    play.until(lambda: ids(found) == [7])
    play.break_off()
    assert ids(found) == [7] and not found.is_local


def test_what_was_found_in_the_whole_room_is_not_gone_on_with_in_a_part_of_it(
    play: Play, found: Search
) -> None:
    play.client.search.look_for(DRILL)
    play.say(Found(play.hear_a(SearchRequest).request, drills(100), 90))
    play.until(lambda: ids(found) == [100])
    play.break_off()
    play.client.search.look_further()
    assert found.has_more and not found.is_looking, "nobody says that this was all"
    play.greet()
    play.resume(revision=100, last_id=100)
    play.settle()
    play.client.search.look_further()
    assert play.hear_a(SearchRequest).before_id == 90


def test_what_becomes_of_what_was_found_is_followed(play: Play, found: Search) -> None:
    play.client.search.look_for(DRILL)
    play.say(Found(play.hear_a(SearchRequest).request, drills(99, 8, 7), 1))
    play.until(lambda: ids(found) == [99, 8, 7])
    gone = msgspec.structs.replace(message(8, 101, ""), withdrawn_at_ms=5)
    play.say(
        Changed(gone), Changed(message(7, 102, "a drill, later")), Changed(message(99, 103, "off"))
    )
    play.settle()
    assert [one.text for one in found.found] == ["a drill, later"]


def test_p10_a_refusal_is_told_and_a_new_search_asks_again(play: Play, found: Search) -> None:
    play.client.search.look_for(DRILL)
    play.say(Refused(play.hear_a(SearchRequest).request, "busy"))
    play.until(lambda: found.reason is not None)
    assert found.reason is not None and found.reason.code == "busy" and not found.is_looking
    play.client.search.look_for(Query("drills"))
    assert found.reason is None
    play.hear_a(SearchRequest)


@pytest.mark.parametrize("text", ["", "   ", "\u200b"])
def test_nothing_is_asked_for_nothing(play: Play, found: Search, text: str) -> None:
    play.client.search.look_for(DRILL)
    play.hear_a(SearchRequest)
    play.client.search.look_for(Query(text))
    play.settle()
    assert not found.is_looking and ids(found) == []


def test_signed_out_nothing_is_left_of_it(play: Play, found: Search) -> None:
    play.client.search.look_for(DRILL)
    play.say(Found(play.hear_a(SearchRequest).request, drills(7), 1))
    play.until(lambda: ids(found) == [7])
    play.client._signed_out()
    assert ids(found) == [] and found.query == Query()
