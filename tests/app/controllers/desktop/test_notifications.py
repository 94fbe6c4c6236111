"""What is told outside of the window, and when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from app.controllers.desktop import notifications as module
from app.controllers.desktop.notifications import MOST_SINGLE, SUMMARY_KEY
from app.desktop.events import Outcome
from app.models.quiet_hours import WEEKDAYS, Hours
from app.models.room.notifications import TEST_KEY, Note, NoteKind, Notifications, TestStatus
from protocol.messages import Changed, Changes, Priority, RoomMessage, Sync
from tests.app.controllers.play import BOB, Play, message
from tests.support.headless import HeadlessClient


@pytest.fixture
def away(play: Play) -> Play:
    """Bob is signed in, and does not look at the window."""
    play.sign_in(BOB)
    play.client.status.set_clock(round(datetime.now().timestamp() * 1000))
    play.client.notifications.attend(False)
    return play


def fresh(number: int, text: str = "text", **changes: object) -> RoomMessage:
    """One that was posted just now."""
    now_ms = round(datetime.now().timestamp() * 1000)
    return msgspec.structs.replace(
        message(number, text=text), **{"posted_at_ms": now_ms, **changes}
    )


def post(play: Play, *messages: RoomMessage) -> None:
    play.say(*(Changed(one) for one in messages))
    play.settle()


def model(play: Play) -> Notifications:
    return play.client.pages.notifications


def told(play: Play) -> list[Note]:
    return list(model(play).notes.values())


def until_told(play: Play, expected: Callable[[list[Note]], bool]) -> None:
    play.until(lambda: expected(told(play)), f"to be told; it is {told(play)}")


def test_what_others_post_is_told(away: Play) -> None:
    post(away, fresh(1, "The canteen is closed."))
    (note,) = told(away)
    assert note.kind is NoteKind.MESSAGE and note.message is not None
    assert note.message.text == "The canteen is closed."
    assert model(away).rings == 1
    assert model(away).unread == 1


def test_what_one_posts_oneself_is_not(away: Play) -> None:
    post(away, fresh(1, author_id=BOB.id))
    assert not told(away) and model(away).unread == 0


def test_who_looks_at_the_window_is_told_nothing(away: Play) -> None:
    away.client.notifications.attend(True)
    post(away, fresh(1))
    assert not told(away)
    assert model(away).unread == 1, "until it was in sight"


def test_what_was_seen_is_told_no_more(away: Play) -> None:
    post(away, fresh(1))
    away.client.receipts.mark_seen(1, 1)
    assert not told(away) and model(away).unread == 0


def test_a_burst_becomes_one_summary(away: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BURST_S", 0.01)
    shown: set[str] = set()

    def note_down() -> None:
        shown.update(one.key for one in told(away))

    model(away).subscribe(note_down)
    post(away, *(fresh(number) for number in range(1, 41)))
    until_told(away, lambda notes: [one.count for one in notes] == [40])
    (note,) = told(away)
    assert note.key == SUMMARY_KEY and note.kind is NoteKind.SEVERAL
    assert len(shown - {SUMMARY_KEY}) <= MOST_SINGLE, shown
    assert model(away).rings <= 1 + MOST_SINGLE, "and rings for few of them"


def test_a_few_are_told_one_by_one(away: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BURST_S", 0.01)
    for number in range(1, MOST_SINGLE + 1):
        post(away, fresh(number))
        until_told(away, lambda notes, number=number: len(notes) == number)  # type: ignore[misc]
    assert all(note.kind is NoteKind.MESSAGE for note in told(away))
    post(away, fresh(MOST_SINGLE + 1))
    until_told(away, lambda notes: [one.key for one in notes] == [SUMMARY_KEY])
    assert told(away)[0].count == MOST_SINGLE + 1


def test_what_was_told_long_ago_is_not_counted_with_what_is_new(
    away: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BURST_S", 0.0)
    monkeypatch.setattr(module, "TOGETHER_S", 0.0)
    for number in range(1, MOST_SINGLE + 3):
        post(away, fresh(number))
        key = f"message-{number}"
        until_told(away, lambda notes, key=key: key in {one.key for one in notes})  # type: ignore[misc]
    away.client.receipts.mark_seen(1, MOST_SINGLE + 2)
    assert not told(away), "all the same each goes when it was seen"


def test_a_return_from_absence_is_told_as_one(away: Play) -> None:
    away.break_off()
    away.greet()
    away.client.status.set_clock(round(datetime.now().timestamp() * 1000))
    away.resume(BOB, revision=7, last_id=7)
    request = away.hear_a(Sync).request
    # They are from 1970: nobody could be told when they were posted.
    missed = tuple(message(number) for number in range(1, 8))
    away.say(Changes(request, missed, 7, 7))
    until_told(away, lambda notes: len(notes) == 1)
    (note,) = told(away)
    assert (note.kind, note.count) == (NoteKind.AWAY, 7)


def test_a_withdrawn_message_takes_its_notification_along(away: Play) -> None:
    one = fresh(1)
    post(away, one)
    assert told(away)
    post(away, msgspec.structs.replace(one, revision=2, text="", withdrawn_at_ms=9))
    assert not told(away) and model(away).unread == 0


def test_an_edited_message_replaces_its_notification(away: Play) -> None:
    one = fresh(1, "at nine")
    post(away, one)
    post(away, msgspec.structs.replace(one, revision=2, text="at ten", edited_at_ms=9))
    (note,) = told(away)
    assert note.message is not None and note.message.text == "at ten"
    assert model(away).rings == 1, "without another sound"


def test_a_summary_shrinks_with_what_is_withdrawn(
    away: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BURST_S", 0.01)
    posted = [fresh(number) for number in range(1, 7)]
    post(away, *posted)
    until_told(away, lambda notes: [one.count for one in notes] == [6])
    first = msgspec.structs.replace(posted[0], revision=7, text="", withdrawn_at_ms=9)
    post(away, first)
    (note,) = told(away)
    assert note.count == 5 and note.message is not None and note.message.id == 2
    away.client.receipts.mark_seen(2, 6)
    assert not told(away)


def test_a_click_tells_which_message_and_takes_the_note_away(away: Play) -> None:
    post(away, fresh(1))
    (note,) = told(away)
    assert away.client.notifications.take(note.key) == 1
    assert not told(away)
    assert away.client.notifications.take(note.key) == 0, "twice is once"


# -- quiet ------------------------------------------------------------------------------


def quiet_always(play: Play) -> None:
    hours = {day: Hours(0, 0) for day in WEEKDAYS}
    play.client.settings.change(has_quiet_hours=True, quiet_hours=hours)


def test_quiet_hours_hold_back_everything_but_what_is_urgent(away: Play) -> None:
    quiet_always(away)
    assert model(away).quiet_until is not None
    post(away, fresh(1))
    assert not told(away) and model(away).rings == 0
    post(away, fresh(2, priority=Priority.URGENT))
    (note,) = told(away)
    assert note.is_urgent and note.message is not None and note.message.id == 2


def test_what_was_held_back_is_told_when_it_is_quiet_no_more(away: Play) -> None:
    quiet_always(away)
    old = [fresh(number, posted_at_ms=1_000) for number in range(1, 4)]
    post(away, *old)
    assert not told(away)
    away.client.settings.change(has_quiet_hours=False)
    (note,) = told(away)
    assert (note.kind, note.count) == (NoteKind.AWAY, 3)


def test_a_pause_holds_back_until_it_ends(away: Play) -> None:
    notifications = away.client.notifications
    until = datetime.now() + timedelta(hours=1)
    notifications.pause(until)
    quiet = model(away).quiet_until
    assert quiet is not None and abs(quiet - until) < timedelta(seconds=1)
    post(away, fresh(1))
    assert not told(away)
    notifications.pause(None)
    assert model(away).quiet_until is None
    assert len(told(away)) == 1


def test_a_pause_ends_by_itself(away: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    away.client.notifications.pause(datetime.now() + timedelta(hours=1))
    post(away, fresh(1))
    monkeypatch.setattr(module, "LOOK_EVERY_S", 0.01)
    away.client.notifications.start()
    later = datetime.now() + timedelta(hours=2)
    monkeypatch.setattr(away.client.notifications._clock, "now_ms", lambda: later.timestamp() * 1e3)
    until_told(away, lambda notes: len(notes) == 1)


def test_what_was_seen_in_quiet_hours_is_not_told_after_them(away: Play) -> None:
    quiet_always(away)
    post(away, fresh(1))
    away.client.receipts.mark_seen(1, 1)
    away.client.settings.change(has_quiet_hours=False)
    assert not told(away)


def test_with_notifications_off_nothing_is_told(away: Play) -> None:
    away.client.settings.change(notifies=False)
    post(away, fresh(1), fresh(2, priority=Priority.URGENT))
    assert not told(away)
    assert model(away).unread == 2, "though it is counted"


# -- signing out, tests -------------------------------------------------------------------


def test_p8_signing_out_leaves_nothing_told(away: Play) -> None:
    post(away, fresh(1))
    away.client.session.sign_out()
    away.until(lambda: away.client.account.person is None, "to be signed out")
    assert not told(away) and model(away).unread == 0


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.SHOWN, TestStatus.SHOWN),
        (Outcome.NOT_ALLOWED, TestStatus.NOT_ALLOWED),
        (Outcome.FAILED, TestStatus.FAILED),
        (Outcome.SLOW, TestStatus.SLOW),
    ],
)
def test_a_test_says_what_happened(play: Play, outcome: Outcome, status: TestStatus) -> None:
    notifications = play.client.notifications
    notifications.test()
    assert model(play).test is TestStatus.UNDER_WAY and TEST_KEY in model(play).notes
    notifications.told("message-1", Outcome.FAILED)
    assert model(play).test is TestStatus.UNDER_WAY, "another one is none of its business"
    notifications.told(TEST_KEY, outcome)
    assert model(play).test is status
    notifications.forget_test()
    assert model(play).test is TestStatus.NONE


def test_that_it_goes_on_in_the_tray_is_said_once(play: Play) -> None:
    play.client.notifications.tell_of_tray()
    assert [note.kind for note in told(play)] == [NoteKind.IN_TRAY]
    model(play).clear()
    play.client.notifications.tell_of_tray()
    assert not told(play)


def test_what_was_unread_at_the_last_start_is_counted_anew(tmp_path: Path) -> None:
    first = Play(tmp_path / "client")
    try:
        first.sign_in(BOB)
        post(first, message(1), message(2))
        first.client.receipts.mark_seen(1, 1)
        post(first, message(3))
        assert model(first).unread == 2
    finally:
        first.close()
    second = HeadlessClient(
        tmp_path / "client", first.server.port, first.credentials, is_told=False
    )
    with second:
        assert second.client.pages.notifications.unread == 2
        assert not second.client.pages.notifications.notes
