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
    RoomMessage,
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
    cache = play.client.kept.cache
    assert cache is not None and [m.id for m in cache.after(0, 10)] == [1, 2]


@pytest.fixture
def far(play: Play) -> Play:
    """A room of a thousand messages, of which the newest fifty are held."""
    play.sign_in(revision=1000, last_id=1000)
    give(play, 0)
    play.until_phase(Phase.LIVE)
    return play


def give(play: Play, before_id: int, changed: RoomMessage | None = None) -> None:
    """Answer the page below this id that is asked for next."""
    asked = play.hear_a(GetHistory)
    assert asked.before_id == before_id
    newest = (asked.before_id or 1001) - 1
    oldest = max(newest - asked.limit, 0)
    page = tuple(message(number) for number in range(newest, oldest, -1))
    if changed is not None:
        play.say(Changed(changed))
    play.say(History(asked.request, page, oldest > 0))
    play.settle()


def test_a_message_far_up_is_gone_to_without_all_that_lies_between(far: Play) -> None:
    room, feed = far.client.room, far.headless.feed
    assert room.show_from(960), "what is held is shown at once"
    assert room.show_from(500)
    give(far, 521)
    assert feed.ids == list(range(471, 521)) and not feed.at_start
    room.need_older(471)
    give(far, 471)
    room.need_newer(520)
    give(far, 571)
    assert feed.ids == list(range(421, 571)), "it is read on in both directions"
    assert far.client.timeline.floor == 951, "and nothing of it is held"
    room.show_latest()
    assert feed.ids == list(range(951, 1001))
    assert not room.show_from(1001), "there is none"
    far.break_off()
    assert not room.show_from(7), "it is not here, and can't be had now"
    assert room.show_from(970)


def test_reading_on_from_far_up_joins_what_is_held(far: Play) -> None:
    room, feed = far.client.room, far.headless.feed
    room.show_from(905)
    give(far, 926)
    room.need_newer(925)
    give(far, 976)
    assert feed.ids[-1] == 975
    room.need_newer(975)
    assert feed.ids == list(range(876, 1001)), "the rest is held"
    far.say(Changed(message(1001)))
    far.settle()
    assert feed.ids[-1] == 1001


def test_p4_a_change_far_up_is_seen_there_also_while_its_page_is_on_its_way(far: Play) -> None:
    room, feed = far.client.room, far.headless.feed
    room.show_from(500)
    give(far, 521, message(510, 1001, "changed meanwhile"))
    assert feed.texts[510 - 471] == "changed meanwhile"
    far.say(Changed(message(505, 1002, "changed now")))
    far.settle()
    assert feed.texts[505 - 471] == "changed now"


def test_a_page_from_far_up_that_comes_too_late_is_not_shown(far: Play) -> None:
    room, feed = far.client.room, far.headless.feed
    room.show_from(500)
    asked = far.hear_a(GetHistory)
    room.show_latest()
    far.say(History(asked.request, (message(500),), True))
    far.settle()
    assert feed.ids == list(range(951, 1001))


def test_a_break_while_far_up_answers_the_feed(far: Play) -> None:
    room, feed = far.client.room, far.headless.feed
    room.show_from(500)
    give(far, 521)
    room.need_older(471)
    far.hear_a(GetHistory)
    far.break_off()
    assert feed.prepended == 1, "with nothing: ask again later"
    assert feed.ids == list(range(471, 521))
    room.need_older(471)
    assert feed.prepended == 2
