"""The view keeps its promise through every relayout: at the end it stays at the
end, and what is being read stays where it is. What is new is found again."""

from collections.abc import Callable

import pytest

from protocol.messages import OwnReceipt, RoomMessage, Tally
from tests.support.reading import Reader, message, run
from tests.support.window import ALICE, Window

LAST = 60


def asking(number: int) -> RoomMessage:
    one = message(number)
    return RoomMessage(
        one.id,
        one.revision,
        9,
        "Someone",
        one.posted_at_ms,
        one.text,
        one.post_id,
        answers=("", ""),
    )


def by(author: int, number: int) -> RoomMessage:
    one = message(number)
    return RoomMessage(
        one.id, one.revision, author, "Someone", one.posted_at_ms, one.text, one.post_id
    )


def tell_tallies(window: Window) -> None:
    window.pages.receipts.count(Tally(n, 38, n % 7, (1, 2)) for n in range(1, LAST + 1))


def ask(window: Window) -> None:
    window.pages.receipts.stand(OwnReceipt(n) for n in range(1, LAST + 1))


def write(window: Window) -> None:
    window.type("editor", "line\n" * 7)


def shrink(window: Window) -> None:
    window.root.geometry("620x500")
    window.until(lambda: window.root.winfo_geometry().startswith("620x500"), "the size")


def widen(window: Window) -> None:
    window.root.geometry("1100x800")
    window.until(lambda: window.root.winfo_geometry().startswith("1100x800"), "the size")


def darken(window: Window) -> None:
    window.settings.change(theme="dark")


def pin(window: Window) -> None:
    window.pages.message_actions.pins.set((message(3),))


RELAYOUTS: dict[str, Callable[[Window], None]] = {
    "late seen-by lines": tell_tallies,
    "answers that appear": ask,
    "a growing composer": write,
    "a smaller window": shrink,
    "a larger window": widen,
    "another theme": darken,
    "a pin": pin,
}


@pytest.fixture
def admin(window: Window) -> Reader:
    """An administrator in a room in which every message asks."""
    reader = Reader(window)
    window.enter(ALICE)
    reader.show([asking(n) for n in range(1, LAST + 1)], at_start=True, at_end=True)
    return reader


@pytest.fixture
def member(window: Window) -> Reader:
    reader = Reader(window)
    reader.show(run(1, LAST), at_start=True, at_end=True)
    return reader


# -- every relayout ----------------------------------------------------------------


@pytest.mark.parametrize("change", RELAYOUTS.values(), ids=RELAYOUTS)
def test_at_the_end_one_stays_at_the_end(
    admin: Reader, window: Window, change: Callable[[Window], None]
) -> None:
    change(window)
    assert admin.sees_the_end()
    tell_tallies(window)
    assert admin.sees_the_end() and not window.shows("to_latest")
    admin.feed.arrive([asking(LAST + 1)])
    assert admin.sees_the_end(), "the end is still followed"


@pytest.mark.parametrize("change", RELAYOUTS.values(), ids=RELAYOUTS)
def test_what_is_read_above_stays_where_it_is(
    admin: Reader, window: Window, change: Callable[[Window], None]
) -> None:
    admin.drag(0.4)
    reading, pixel = admin.place()
    change(window)
    moved = admin.top_of(reading)
    if change is pin:  # the banner takes its room from the top
        assert moved is not None
    elif change in (shrink, widen):
        assert admin.place()[0] in (reading, reading + 1)
    else:
        assert moved == pixel
    tell_tallies(window)
    ask(window)
    assert admin.top_of(reading) == moved


def test_an_administrators_first_view_is_at_the_end_whatever_comes_late(window: Window) -> None:
    window.greet()
    window.feed.replace([asking(n) for n in range(1, LAST + 1)], at_start=True, at_end=True)
    window.enter(ALICE)
    ask(window)
    tell_tallies(window)
    reader = Reader.__new__(Reader)
    reader._window, reader.feed, reader.text = window, window.feed, window.feed.pane.text
    assert reader.sees_the_end()


# -- what is new -------------------------------------------------------------------


def test_ones_own_post_comes_into_sight_and_is_never_new(admin: Reader, window: Window) -> None:
    admin.drag(0.3)
    admin.feed.arrive([by(9, LAST + 1)])
    admin.settle()
    assert window.says("to_latest") == "1 new  ↓"
    admin.feed.arrive([by(ALICE.id, LAST + 2)])
    assert admin.sees_the_end()
    assert not window.shows("to_latest")
    assert admin.feed._news.count == 1, "one's own is not counted below the divider"


def test_ones_own_post_leads_to_the_newest_from_anywhere(admin: Reader, window: Window) -> None:
    admin.show(run(1, 100), at_start=True, at_end=False)
    admin.feed.arrive([by(ALICE.id, 300)])
    assert ("show_latest",) in window.calls


def test_latest_is_offered_from_one_screen_up(member: Reader, window: Window) -> None:
    assert not window.shows("to_latest")
    member.press("<Prior>", "<Prior>", "<Prior>")
    assert window.says("to_latest") == "Latest  ↓"
    window.click("to_latest")
    assert member.sees_the_end() and not window.shows("to_latest")


def test_new_leads_to_the_first_unread_one_under_a_divider(member: Reader, window: Window) -> None:
    member.drag(0.2)
    place = member.place()
    member.feed.arrive(run(LAST + 1, LAST + 40))
    assert member.place() == place
    assert window.says("to_latest") == "40 new  ↓"
    window.click("to_latest")
    assert member.place()[0] == LAST + 1
    divider = member.text.tag_ranges("divider")
    assert member.text.get(*divider).strip() == "40 new"
    assert member.text.dlineinfo(str(divider[0])) is not None
    window.click("to_latest")
    assert member.place()[0] > LAST + 2, "what is in sight is not new any more"
    member.press("<Prior>", "<Prior>")
    assert window.root.focus_get() is member.text


def test_the_divider_stays_until_the_window_was_left_and_come_back_to(
    member: Reader, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    member.drag(0.2)
    member.feed.arrive(run(LAST + 1, LAST + 2))
    member.settle()
    member.press("<End>")
    assert not window.shows("to_latest") and member.text.tag_ranges("divider")
    monkeypatch.setattr(member.feed.pane, "focus_displayof", lambda: None)
    member.feed.lookout.look_around()
    assert member.text.tag_ranges("divider")
    monkeypatch.undo()
    member.feed.lookout.look_around()
    assert not member.text.tag_ranges("divider")


def test_what_came_while_one_was_away_is_above_and_led_to(
    member: Reader, window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member.feed.pane, "focus_displayof", lambda: None)
    member.feed.lookout.look_around()
    member.feed.arrive(run(LAST + 1, LAST + 40))
    assert member.sees_the_end(), "the end is followed even so"
    monkeypatch.undo()
    member.feed.lookout.look_around()
    member.feed.pane.settle_soon()
    member.settle()
    assert window.says("to_latest").endswith("new  ↑")
    window.click("to_latest")
    assert member.place()[0] == LAST + 1


def test_what_others_posted_since_the_last_time_is_new(window: Window) -> None:
    reader = Reader(window)
    window.feed.replace(run(1, LAST), True, True, news=list(range(31, LAST + 1)))
    reader.settle()
    assert reader.sees_the_end()
    window.click("to_latest")
    assert reader.place()[0] == 31
    window.feed.clear()
    window.feed.replace(run(1, 5), True, True)
    reader.settle()
    assert not window.shows("to_latest"), "another room's news are none of this one's"


# -- p10: seen means seen ------------------------------------------------------------


def test_what_was_skipped_by_one_jump_is_not_seen(member: Reader, window: Window) -> None:
    member.press("<Home>")
    window.until(lambda: bool(window.calls_of("mark_seen")), "to have seen the first")
    member.press("<End>")
    window.until(
        lambda: any(call[0] == "mark_seen" and call[2] == LAST for call in window.calls),
        "to have seen the last",
    )
    seen = {
        n for call in window.calls if call[0] == "mark_seen" for n in range(call[1], call[2] + 1)
    }
    assert {1, LAST} <= seen and LAST // 2 not in seen


# -- only what changed is touched --------------------------------------------------


def test_what_is_marked_survives_an_update_of_receipts(admin: Reader, window: Window) -> None:
    body = admin.text.tag_ranges(f"body-{LAST}")
    admin.text.tag_add("sel", str(body[0]), f"{body[1]} - 1 chars")
    marked = admin.text.marked()
    tell_tallies(window)
    ask(window)
    window.pages.receipts.count([Tally(LAST, 38, 30, (5, 6))])
    admin.settle()
    assert admin.text.marked() == marked and marked.startswith("message 60")
    assert "Seen by 30 of 38" in admin.text.get("1.0", "end")


def test_a_button_that_is_being_pressed_survives_it_too(admin: Reader, window: Window) -> None:
    ask(window)
    admin.settle()
    button = [one for one in window.all("answer_2") if one.winfo_viewable()][-1]
    button.focus_force()
    button.event_generate("<Enter>", x=5, y=5)
    button.event_generate("<Button-1>", x=5, y=5)
    tell_tallies(window)
    window.pages.receipts.stand([OwnReceipt(LAST, reminded_at_ms=1)])
    admin.settle()
    assert window.root.focus_get() is button
    button.event_generate("<ButtonRelease-1>", x=5, y=5)
    admin.settle()
    assert [call for call in window.calls if call[0] == "answer"] == [("answer", LAST, 2)]


def test_an_edit_leaves_the_answers_and_what_is_written_below_alone(
    admin: Reader, window: Window
) -> None:
    ask(window)
    tell_tallies(window)
    admin.settle()
    before = [one for one in window.all("answer_1") if one.winfo_viewable()][-1]
    one = asking(LAST)
    edited = RoomMessage(
        one.id, 99, 9, "Someone", one.posted_at_ms, "new text", one.post_id, answers=("", ""),
        edited_at_ms=one.posted_at_ms + 1,
    )  # fmt: skip
    admin.feed.update(edited)
    admin.settle()
    assert before.winfo_exists() and before.winfo_viewable()
    assert admin.feed.shown()[-1] == (LAST, "new text")
    text = admin.text.get("1.0", "end")
    assert text.count(f"Seen by {LAST % 7} of 38") == text.count("Seen by 4 of 38")


def test_a_person_who_is_not_asked_any_more_loses_the_buttons(
    admin: Reader, window: Window
) -> None:
    ask(window)
    admin.settle()
    one = asking(LAST)
    gone = RoomMessage(
        one.id, 99, 9, "Someone", one.posted_at_ms, "", one.post_id, answers=("", ""),
        withdrawn_at_ms=one.posted_at_ms + 1, withdrawn_by="Alice",
    )  # fmt: skip
    count = len(window.all("answer_1"))
    admin.feed.update(gone)
    admin.settle()
    assert len(window.all("answer_1")) == count - 1
    assert "Withdrawn by Alice" in admin.feed.shown()[-1][1]
