"""P3 and P4 in the model: whatever order pushes and pages come in, the timeline
ends complete, in order, and shows each message once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.models.room.cache import Cache
from app.models.room.timeline import MAX_ARRIVING, PAGE_MESSAGES, Timeline
from protocol.messages import Changes, RoomMessage
from protocol.spans import Spans
from tests.support.headless import RecordingFeed

ROOM = bytes(16)


class ReferenceRoom:
    """What the server holds, and what it answers."""

    def __init__(self) -> None:
        self.messages: dict[int, RoomMessage] = {}
        self.revision = 0

    def post(self) -> RoomMessage:
        return self._put(len(self.messages) + 1, "text")

    def edit(self, message_id: int) -> RoomMessage:
        return self._put(message_id, f"edited at {self.revision + 1}")

    def changes(self, after: int, limit: int) -> Changes:
        changed = sorted(
            (m for m in self.messages.values() if m.revision > after), key=lambda m: m.revision
        )[:limit]
        through = changed[-1].revision if changed else after
        return Changes(1, tuple(changed), through, self.revision)

    def history(self, before_id: int, limit: int) -> tuple[list[RoomMessage], bool]:
        ids = sorted((i for i in self.messages if i < before_id or not before_id), reverse=True)
        return [self.messages[i] for i in ids[:limit]], len(ids) > limit

    def _put(self, message_id: int, text: str) -> RoomMessage:
        self.revision += 1
        message = RoomMessage(
            message_id, self.revision, 1, "Amelia", 5, text, message_id.to_bytes(16, "big")
        )
        self.messages[message_id] = message
        return message


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    cache = Cache(tmp_path / "cache.db")
    yield cache
    cache.close()


@pytest.fixture
def feed() -> RecordingFeed:
    return RecordingFeed()


@pytest.fixture
def timeline(cache: Cache, feed: RecordingFeed) -> Timeline:
    timeline = Timeline()
    timeline.attach(feed)
    timeline.open(cache)
    return timeline


def catch_up(timeline: Timeline, room: ReferenceRoom, limit: int = 1000) -> None:
    while timeline.is_behind:
        after = timeline.complete_through
        timeline.apply_changes(room.changes(after, limit), after)
    timeline.tell_feed()


def test_p4_a_fresh_client_takes_the_newest_page_and_is_complete(
    timeline: Timeline, feed: RecordingFeed
) -> None:
    room = ReferenceRoom()
    for _ in range(120):
        room.post()
    timeline.begin(ROOM, room.revision, 120)
    assert not timeline.is_behind and timeline.is_empty
    timeline.apply_history(*room.history(0, PAGE_MESSAGES), before_id=0)
    timeline.show_latest()
    assert feed.ids == list(range(71, 121)) and not feed.at_start
    timeline.apply_change(room.post())
    timeline.tell_feed()
    assert feed.ids[-1] == 121 and not timeline.is_behind


def test_p4_a_change_that_comes_too_early_is_not_taken_for_the_next(
    timeline: Timeline, feed: RecordingFeed
) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    first, second = room.post(), room.post()
    timeline.apply_change(second)
    timeline.tell_feed()
    assert timeline.is_behind and feed.ids == []
    timeline.apply_change(first)
    assert timeline.complete_through == 1 and timeline.is_behind
    catch_up(timeline, room)
    assert feed.ids == [1, 2]


def test_p4_a_push_that_overtakes_the_sync_page_is_not_lost(
    timeline: Timeline, feed: RecordingFeed
) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    room.post()
    timeline.learn(1)
    page = room.changes(0, 100)
    timeline.apply_change(room.post())
    timeline.apply_changes(page, 0)
    assert timeline.is_behind, "the page ends before the push that was dropped"
    catch_up(timeline, room)
    assert feed.ids == [1, 2]


def test_p4_overlap_is_dropped_not_shown(timeline: Timeline, feed: RecordingFeed) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    message = room.post()
    for _ in range(3):
        timeline.apply_change(message)
        timeline.apply_changes(room.changes(0, 100), 0)
        timeline.tell_feed()
    assert feed.ids == [1]


def test_p4_pong_can_tell_that_something_was_missed(timeline: Timeline) -> None:
    timeline.begin(ROOM, 0, 0)
    timeline.learn(3)
    assert timeline.is_behind


def test_p4_what_is_held_survives_and_is_gone_on_from(cache: Cache, timeline: Timeline) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    for _ in range(3):
        timeline.apply_change(room.post())
    again, feed = Timeline(), RecordingFeed()
    again.attach(feed)
    again.open(cache)
    assert feed.ids == [1, 2, 3] and feed.at_start
    room.post()
    again.begin(ROOM, room.revision, 4)
    assert again.is_behind
    catch_up(again, room)
    assert feed.ids == [1, 2, 3, 4]


@pytest.mark.parametrize(("room_id", "revision"), [(b"\1" * 16, 9), (ROOM, 2)])
def test_another_room_or_one_that_went_back_begins_anew(
    timeline: Timeline, feed: RecordingFeed, room_id: bytes, revision: int
) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    for _ in range(3):
        timeline.apply_change(room.post())
    timeline.tell_feed()
    timeline.begin(room_id, revision, 2)
    assert feed.ids == [] and timeline.is_empty
    assert timeline.complete_through == revision and not timeline.is_behind


def test_a_history_page_that_does_not_join_is_not_taken(timeline: Timeline) -> None:
    room = ReferenceRoom()
    for _ in range(100):
        room.post()
    timeline.begin(ROOM, room.revision, 100)
    timeline.apply_history(*room.history(50, 10), before_id=50)
    assert timeline.is_empty
    timeline.apply_history(*room.history(0, 10), before_id=0)
    assert (timeline.floor, timeline.top) == (91, 100)


def test_an_edit_reaches_the_feed_in_place(timeline: Timeline, feed: RecordingFeed) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    for _ in range(3):
        timeline.apply_change(room.post())
    timeline.tell_feed()
    timeline.apply_change(room.edit(2))
    timeline.tell_feed()
    assert feed.ids == [1, 2, 3] and feed.texts[1].startswith("edited")


def test_older_pages_come_from_what_is_held_and_tell_where_the_room_begins(
    timeline: Timeline, feed: RecordingFeed
) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    for _ in range(130):
        timeline.apply_change(room.post())
    timeline.show_latest()
    for _ in range(3):
        assert timeline.has_older(feed.ids[0]) or feed.at_start
        timeline.show_older(feed.ids[0])
    assert feed.ids == list(range(1, 131)) and feed.at_start


def test_a_flood_of_missed_messages_shows_the_newest_page(
    timeline: Timeline, feed: RecordingFeed
) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    for _ in range(MAX_ARRIVING + 100):
        room.post()
    timeline.learn(room.revision)
    catch_up(timeline, room)
    assert feed.ids == list(range(MAX_ARRIVING + 51, MAX_ARRIVING + 101))
    assert feed.news == list(range(1, MAX_ARRIVING + 101)), "all of them are new"
    timeline.show_from(120)
    assert 120 in feed.ids and feed.ids == list(range(70, 170))
    timeline.show_from(3)
    assert feed.ids == list(range(1, 53)) and feed.at_start


def test_what_was_not_seen_at_the_last_start_is_new_but_not_ones_own(
    cache: Cache, timeline: Timeline, feed: RecordingFeed
) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    for _ in range(9):
        timeline.apply_change(room.post())
    timeline.tell_feed()
    timeline.open(cache, own_id=7)
    assert feed.news == [], "whoever never saw anything here has just come"
    cache.set_seen(Spans([(1, 2), (4, 6)]))
    timeline.open(cache, own_id=7)
    assert feed.news == [7, 8, 9]
    timeline.open(cache, own_id=1)
    assert feed.news == []


def test_signed_out_shows_nothing(timeline: Timeline, feed: RecordingFeed) -> None:
    timeline.begin(ROOM, 0, 0)
    timeline.apply_change(ReferenceRoom().post())
    timeline.tell_feed()
    timeline.open(None)
    assert feed.ids == [] and timeline.complete_through == 0


STEPS = st.lists(
    st.sampled_from(["post", "edit", "push", "drop", "ask", "answer", "break", "older", "tell"]),
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(STEPS, st.integers(0, 70), st.integers(1, 5))
def test_p3_p4_any_interleaving_ends_complete_in_order_each_once(
    steps: list[str], posted_before: int, page: int
) -> None:
    """Pushes and pages each keep their own order on a connection, but pages
    overtake pushes and the other way round; pushes are dropped (lagging), and
    the connection breaks. After a last sync the timeline is the room."""
    room, cache, feed = ReferenceRoom(), Cache(None), RecordingFeed()
    for _ in range(posted_before):
        room.post()
    timeline = Timeline()
    timeline.attach(feed)
    timeline.open(cache)
    timeline.begin(ROOM, room.revision, posted_before)
    timeline.apply_history(*room.history(0, PAGE_MESSAGES), before_id=0)
    timeline.show_latest()
    pushes: list[RoomMessage] = []
    asked: list[tuple[int, Changes]] = []
    for step in steps:
        if step == "post":
            pushes.append(room.post())
        elif step == "edit" and room.messages:
            pushes.append(room.edit(1 + room.revision % len(room.messages)))
        elif step == "push" and pushes:
            timeline.apply_change(pushes.pop(0))
        elif step == "drop" and pushes:
            pushes.pop(0)
        elif step == "ask":
            after = timeline.complete_through
            asked.append((after, room.changes(after, page)))
        elif step == "answer" and asked:
            after, changes = asked.pop(0)
            timeline.apply_changes(changes, after)
        elif step == "break":
            pushes.clear()
            asked.clear()
            timeline.begin(ROOM, room.revision, len(room.messages))
        elif step == "older" and not timeline.at_start:
            floor = timeline.floor
            timeline.apply_history(*room.history(floor, page), before_id=floor)
        elif step == "tell":
            timeline.tell_feed()
    timeline.learn(room.revision)
    catch_up(timeline, room, page)
    assert timeline.complete_through == room.revision
    held = cache.after(0, 1000)
    assert held == [m for i, m in sorted(room.messages.items()) if i >= timeline.floor]
    assert len(set(feed.arrivals)) == len(feed.arrivals)
    if feed.shown:
        assert feed.shown == [room.messages[i] for i in range(feed.ids[0], len(room.messages) + 1)]
    cache.close()


def test_p4_what_the_room_has_let_go_of_is_not_held_and_history_begins_above_it(
    timeline: Timeline, cache: Cache, feed: RecordingFeed
) -> None:
    room = ReferenceRoom()
    for _ in range(60):
        room.post()
    timeline.begin(ROOM, room.revision, 60, kept_from=31)
    timeline.apply_history(*room.history(0, PAGE_MESSAGES), before_id=0)
    timeline.show_latest()
    assert feed.ids == list(range(31, 61)) and feed.at_start
    assert (timeline.floor, timeline.at_start) == (31, True)
    # Time passes; on the next sign-in more of it is gone.
    timeline.begin(ROOM, room.revision, 60, kept_from=41)
    assert (timeline.floor, timeline.top, timeline.at_start) == (41, 60, True)
    assert [message.id for message in cache.before(61, 100)] == list(range(41, 61))
    assert cache.is_scrub_due, "its texts were in the file"
    timeline.show_older(41)
    assert feed.at_start
    # What was still to be heard of it is heard by whoever shows it.
    timeline.apply_change(room.edit(35))
    timeline.apply_change(room.post())
    timeline.tell_feed()
    assert not timeline.is_behind and feed.ids[-1] == 61


def test_one_who_was_away_for_longer_than_anything_is_kept_begins_anew(
    timeline: Timeline, feed: RecordingFeed
) -> None:
    room = ReferenceRoom()
    timeline.begin(ROOM, 0, 0)
    for _ in range(3):
        timeline.apply_change(room.post())
    timeline.tell_feed()
    for _ in range(7):
        room.post()
    timeline.begin(ROOM, room.revision, 10, kept_from=9)
    assert timeline.is_empty and not timeline.at_start and not timeline.is_behind
    timeline.apply_history(*room.history(0, PAGE_MESSAGES), before_id=0)
    timeline.show_latest()
    assert feed.ids == [9, 10] and feed.at_start
    timeline.begin(ROOM, room.revision, 10, kept_from=11)
    assert (timeline.floor, timeline.top, timeline.at_start) == (11, 10, True)
