"""Catching up (P4), in interleavings of answers, pushes and breaks that a real
server brings about by chance only."""

import pytest

from app.models.connection.status import Phase
from app.models.room.outbox_item import Draft
from protocol.messages import (
    Changed,
    Changes,
    GetHistory,
    History,
    Lagging,
    Post,
    Refused,
    Sync,
)
from tests.app.controllers.play import Play, message


def test_p4_a_break_before_the_newest_page_and_a_page_that_overtakes_the_sync(play: Play) -> None:
    play.sign_in(revision=100, last_id=100)
    play.hear_a(GetHistory)
    play.break_off()
    play.greet()
    play.resume(revision=180, last_id=180)
    history, sync = play.hear_a(GetHistory), play.hear_a(Sync)
    assert (history.before_id, sync.after_revision) == (0, 100)
    newest = tuple(message(number) for number in range(180, 130, -1))
    play.say(History(history.request, newest, True))
    missed = tuple(message(number) for number in range(101, 181))
    play.say(Changes(sync.request, missed, 180, 180))
    play.until_phase(Phase.LIVE)
    assert play.headless.feed.ids == list(range(131, 181))


def test_p4_a_break_before_the_newest_page_and_the_sync_comes_first(play: Play) -> None:
    play.sign_in(revision=100, last_id=100)
    play.hear_a(GetHistory)
    play.break_off()
    play.greet()
    play.resume(revision=101, last_id=101)
    history, sync = play.hear_a(GetHistory), play.hear_a(Sync)
    play.say(Changes(sync.request, (message(101),), 101, 101))
    newest = tuple(message(number) for number in range(101, 51, -1))
    play.say(History(history.request, newest, True))
    play.until(lambda: play.headless.feed.ids == list(range(52, 102)), "to show the page")
    assert play.client.status.now.phase is Phase.LIVE


def test_p4_a_change_that_overtakes_the_page_it_belongs_to_is_not_lost(play: Play) -> None:
    play.sign_in(revision=100, last_id=100)
    history = play.hear_a(GetHistory)
    play.say(Changed(message(70, 101, "changed since")))
    play.say(History(history.request, tuple(message(n) for n in range(100, 50, -1)), True))
    play.until_phase(Phase.LIVE)
    assert play.headless.feed.texts[70 - 51] == "changed since"
    play.client.room.need_older(51)
    history = play.hear_a(GetHistory)
    play.say(Changed(message(20, 102, "changed, too")))
    play.say(Changed(message(1, 103, "below the page")))
    play.say(History(history.request, tuple(message(n) for n in range(50, 10, -1)), True))
    play.until(lambda: play.headless.feed.ids[0] == 11)
    assert play.headless.feed.texts[20 - 11] == "changed, too"
    assert play.client.timeline.complete_through == 103


def test_p4_a_break_while_a_page_is_awaited_answers_the_feed(play: Play) -> None:
    play.sign_in(revision=100, last_id=100)
    play.give_page(*(message(n) for n in range(100, 50, -1)), more=True)
    play.until_phase(Phase.LIVE)
    play.client.room.need_older(51)
    play.hear_a(GetHistory)
    play.break_off()
    assert play.headless.feed.prepended == 1, "with nothing: ask again later"
    play.greet()
    play.resume(revision=100, last_id=100)
    play.until_phase(Phase.LIVE)
    play.client.room.need_older(51)
    play.give_page(*(message(n) for n in range(50, 0, -1)))
    play.until(lambda: play.headless.feed.ids == list(range(1, 101)))
    assert play.headless.feed.at_start


@pytest.mark.parametrize("code", ["busy", "of the future"])
def test_p4_a_sync_that_is_refused_is_asked_again(play: Play, code: str) -> None:
    play.sign_in()
    play.say(Lagging(2))
    play.say(Refused(play.hear_a(Sync).request, code, "", 10))
    again = play.hear_a(Sync)
    assert play.client.status.now.phase is Phase.CATCHING_UP
    play.say(Changes(again.request, (message(1), message(2)), 2, 2))
    play.until_phase(Phase.LIVE)
    assert play.headless.feed.ids == [1, 2]


def test_a_newest_page_that_is_refused_is_asked_again(play: Play) -> None:
    play.sign_in(revision=2, last_id=2)
    play.say(Refused(play.hear_a(GetHistory).request, "busy", "", 10))
    play.give_page(message(2), message(1))
    play.until_phase(Phase.LIVE)
    assert play.headless.feed.ids == [1, 2]


def test_p4_ahead_of_the_room_forgets_and_comes_back(play: Play) -> None:
    play.sign_in()
    play.say(Changed(message(1)), Changed(message(2)))
    play.until(lambda: play.headless.feed.ids == [1, 2])
    play.say(Lagging(9))
    play.say(Refused(play.hear_a(Sync).request, "ahead_of_room"))
    play.until(lambda: not play.client._requests.is_linked)
    play.greet()
    play.resume(revision=2, last_id=2)
    play.give_page(message(2, text="another"), message(1))
    play.until_phase(Phase.LIVE)
    assert play.headless.feed.texts == ["text", "another"], "of the room as it is now"


def test_p9_an_answer_of_the_wrong_kind_costs_the_link_and_no_message(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    """It comes in one batch with messages, which must not be lost with it."""
    play.sign_in()
    play.client.posting.send(Draft("hello"))
    post = play.hear_a(Post)
    play.say(Changed(message(1)))
    play.peer.socket.sendall(
        play.peer.connection.send(Changed(message(2)))
        + play.peer.connection.send(Changes(post.request, (), 0, 0))
    )
    play.until(lambda: not play.client._requests.is_linked, "to hang up")
    assert "beginning anew" in caplog.text
    play.greet()
    play.resume(revision=2, last_id=2)
    assert play.hear_a(Post).post_id == post.post_id, "it is not taken for confirmed"
    sync = play.hear_a(Sync)
    held = tuple(message(n) for n in (1, 2) if n > sync.after_revision)
    play.say(Changes(sync.request, held, 2, 2))
    play.until_phase(Phase.LIVE)
    assert play.headless.feed.ids == [1, 2]
    cache = play.client._cache
    assert cache is not None and [m.id for m in cache.after(0, 10)] == [1, 2]


def test_a_message_far_up_is_gone_to_page_by_page(play: Play) -> None:
    play.sign_in(revision=200, last_id=200)

    def give(newest: int) -> None:
        asked = play.hear_a(GetHistory)
        assert asked.before_id in (0, newest + 1)
        page = tuple(message(number) for number in range(newest, newest - 50, -1))
        play.say(History(asked.request, page, newest > 50))

    give(200)
    play.until_phase(Phase.LIVE)
    assert play.client.room.show_from(190), "what is held is shown at once"
    assert 190 in play.headless.feed.ids
    assert play.client.room.show_from(60)
    give(150)
    give(100)
    play.until(lambda: 60 in play.headless.feed.ids, "to be there")
    assert play.headless.feed.ids[0] < 60
    assert not play.client.room.show_from(201), "there is none"
    play.break_off()
    assert not play.client.room.show_from(7), "it is not here, and can't be had now"
    assert play.client.room.show_from(70)
