"""Whether anything is missing is in sight (P4): since when not, what is, and what the
server says when it is asked."""

import pytest

from app.controllers.room import room
from app.models.connection.status import Check, Phase
from app.models.room.outbox_item import Draft
from protocol.messages import Changes, Lagging, Post, Refused, Sync
from tests.app.controllers.play import ALICE, Play, message


@pytest.fixture
def complete(play: Play) -> Play:
    """In a room of two messages, of which nothing is missing."""
    play.sign_in(revision=2, last_id=2)
    play.give_page(message(2), message(1))
    play.until_phase(Phase.LIVE)
    return play


def test_p4_it_is_told_since_when_and_how_much_is_held(complete: Play) -> None:
    now = complete.client.status.now
    assert (now.complete_through, now.held_from, now.missing) == (2, 1, 0)
    since = now.complete_since_ms
    assert since > 0
    complete.say(Lagging(3))
    sync = complete.hear_a(Sync)
    assert complete.client.status.now.missing == 0, "for a moment that is no news"
    complete.say(Changes(sync.request, (message(3),), 3, 3))
    complete.until(lambda: complete.client.status.now.complete_through == 3)
    complete.break_off()
    assert complete.client.status.now.complete_since_ms == 0, "nobody knows what was said since"


def test_p4_what_stays_missing_is_told_and_that_it_came_in_the_end(
    complete: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BEHIND_FOR_S", 0.01)
    status = complete.client.status
    complete.say(Lagging(5))
    sync = complete.hear_a(Sync)
    complete.until(lambda: status.now.missing == 3, "to say what is missing")
    assert status.now.phase is Phase.CATCHING_UP and status.now.complete_since_ms == 0
    complete.say(Lagging(6))
    complete.until(lambda: status.now.missing == 4)
    complete.say(Changes(sync.request, tuple(message(n) for n in (3, 4, 5, 6)), 6, 6))
    complete.until_phase(Phase.LIVE)
    assert (status.now.missing, status.now.complete_through) == (0, 6)
    assert status.now.complete_since_ms > 0


def test_p4_asked_the_server_says_so_and_what_was_missing_comes(complete: Play) -> None:
    status = complete.client.status
    complete.client.room.check()
    assert status.now.check is Check.UNDER_WAY
    complete.client.room.check()
    sync = complete.hear_a(Sync)
    assert sync.after_revision == 2
    complete.say(Changes(sync.request, (message(3),), 3, 3))
    complete.until(lambda: status.now.check is Check.DONE)
    assert status.now.checked_at_ms > 0 and complete.headless.feed.ids == [1, 2, 3]


def test_p2_asked_it_may_bring_what_waits_in_the_outbox(complete: Play) -> None:
    outbox = complete.client.outbox
    complete.client.posting.send(Draft("mine"))
    post = complete.hear_a(Post)
    complete.client.room.check()
    sync = complete.hear_a(Sync)
    mine = message(3, 3, "mine", ALICE.id, post.post_id)
    complete.say(Changes(sync.request, (mine,), 3, 3))
    complete.until(lambda: not outbox.items, "to know its own")


@pytest.mark.parametrize("how", ["refused", "broken", "away"])
def test_that_it_could_not_be_asked_is_said(complete: Play, how: str) -> None:
    status = complete.client.status
    if how == "away":
        complete.break_off()
    complete.client.room.check()
    if how == "refused":
        complete.say(Refused(complete.hear_a(Sync).request, "busy"))
    elif how == "broken":
        complete.hear_a(Sync)
        complete.break_off()
    complete.until(lambda: status.now.check is Check.FAILED)
