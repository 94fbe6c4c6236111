"""Posts in the order of writing, each once, and none lost, whatever the server
answers and whenever."""

import pytest

from app.models.room.outbox_item import Draft, PostState
from protocol.messages import Changed, GetHistory, Post, Posted, Refused, SignedOut, SignOut
from tests.app.controllers.play import ALICE, BOB, Play, message


def states(play: Play) -> list[tuple[str, PostState, str]]:
    return [(item.text, item.state, item.reason) for item in play.client.outbox.items]


def texts(play: Play) -> list[str]:
    return [item.text for item in play.client.outbox.items]


@pytest.mark.parametrize("code", ["busy", "storage_unavailable", "not_permitted_yet"])
def test_p3_the_order_of_writing_is_kept_where_one_has_to_wait(play: Play, code: str) -> None:
    play.sign_in()
    for text in ("first", "second", "third"):
        play.client.posting.send(Draft(text))
    first = play.hear_a(Post)
    play.say(Refused(first.request, code, "", 30))
    again = play.hear_a(Post)
    assert (again.text, again.post_id) == ("first", first.post_id)
    play.say(Posted(again.request, 1, 1, 5))
    assert play.hear_a(Post).text == "second"


def test_the_wait_that_a_server_asks_for_is_kept_by_every_post(play: Play) -> None:
    play.sign_in()
    play.client.posting.send(Draft("first"))
    play.say(Refused(play.hear_a(Post).request, "busy", "", 60_000))
    play.settle()
    play.client.posting.send(Draft("second"))
    play.settle()
    assert states(play) == [
        ("first", PostState.WAITING, "busy"),
        ("second", PostState.WAITING, ""),
    ]


@pytest.mark.parametrize("code", ["not_permitted", "text_invalid", "internal", "of the future"])
def test_p10_a_post_that_is_refused_for_good_holds_up_no_other(play: Play, code: str) -> None:
    play.sign_in()
    play.client.posting.send(Draft("refused"))
    play.client.posting.send(Draft("taken"))
    play.say(Refused(play.hear_a(Post).request, code))
    request = play.hear_a(Post)
    assert request.text == "taken"
    play.say(Posted(request.request, 1, 1, 5))
    play.settle()
    assert states(play) == [("refused", PostState.REFUSED, code)]
    post_id = play.client.outbox.items[0].post_id
    assert play.client.posting.take_back(post_id) == Draft("refused") and texts(play) == []


def test_p10_a_post_that_no_server_would_hear_is_not_sent_for_ever(play: Play) -> None:
    play.sign_in()
    play.client.posting.send(Draft("\N{BELL}" * 20_000))
    play.client.posting.send(Draft("short"))
    assert play.hear_a(Post).text == "short"
    assert states(play)[0][1:] == (PostState.REFUSED, "text_too_long")


def test_what_is_being_sent_can_be_neither_taken_back_nor_given_up(play: Play) -> None:
    play.sign_in()
    play.client.posting.send(Draft("on its way"))
    post_id = play.hear_a(Post).post_id
    assert play.client.posting.take_back(post_id) is None
    play.client.posting.discard(post_id)
    assert texts(play) == ["on its way"]


def test_one_that_waits_can_be_given_up(play: Play) -> None:
    play.break_off()
    play.greet()
    play.sign_in()
    play.break_off()
    play.client.posting.send(Draft("never mind"))
    play.client.posting.discard(play.client.outbox.items[0].post_id)
    assert texts(play) == [] and play.client.posting.take_back(b"unknown") is None


def test_p2_a_post_whose_answer_is_lost_is_sent_again_under_its_id(play: Play) -> None:
    play.sign_in()
    play.client.posting.send(Draft("once"))
    post_id = play.hear_a(Post).post_id
    play.break_off()
    assert states(play) == [("once", PostState.WAITING, "")]
    play.greet()
    play.resume()
    again = play.hear_a(Post)
    assert again.post_id == post_id
    play.say(Posted(again.request, 1, 0, 5))
    play.settle()
    assert texts(play) == []


def test_p2_a_post_that_is_heard_before_its_answer_is_done(play: Play) -> None:
    play.sign_in()
    play.client.posting.send(Draft("first"))
    play.client.posting.send(Draft("second"))
    first = play.hear_a(Post)
    play.say(Changed(message(1, text="first", author=ALICE.id, post_id=first.post_id)))
    play.settle()
    assert texts(play) == ["second"]
    play.say(Posted(first.request, 1, 1, 5))
    assert play.hear_a(Post).text == "second"


def test_p2_a_post_on_its_way_at_sign_out_waits_for_its_author(play: Play) -> None:
    """The next to sign in sends nothing of it, and the answer that still comes
    is none to anything that the next one sends."""
    play.sign_in()
    play.client.posting.send(Draft("alice's"))
    post = play.hear_a(Post)
    play.client.session.sign_out()
    request = play.hear_a(SignOut).request
    play.say(Posted(post.request, 1, 1, 5), SignedOut(request))
    play.sign_in(BOB, b"b" * 32, 1, 1)
    play.hear_a(GetHistory)
    play.client.posting.send(Draft("bob's"))
    assert play.hear_a(Post).text == "bob's"
    play.client.session.sign_out()
    play.say(SignedOut(play.hear_a(SignOut).request))
    play.sign_in(ALICE, b"a" * 32, 1, 1)
    again = play.hear_a(Post)
    assert (again.text, again.post_id) == ("alice's", post.post_id)
