"""The timeline asks for what it needs, holds no more than it may, and never
moves what is being read."""

import msgspec
import pytest

from app.views.timeline.view import WINDOW_MESSAGES
from tests.support.reading import Reader, message, run
from tests.support.window import Window


@pytest.fixture
def reader(window: Window) -> Reader:
    return Reader(window)


# --- the window ---------------------------------------------------------------------


def test_the_newest_page_is_shown_from_its_end(reader: Reader) -> None:
    reader.show(run(51, 100), at_start=False, at_end=True)
    assert reader.feed.shown() == [(m.id, m.text) for m in run(51, 100)]
    assert reader.sees_the_end()


def test_never_more_than_the_window_is_held(reader: Reader) -> None:
    reader.show(run(1, 400), at_start=True, at_end=True)
    assert reader.ids == list(range(101, 401))
    reader.press("<Home>")
    assert reader.asked() == [("need_older", 101)], "the room's beginning is not among these"
    for first in (51, 1):
        reader.feed.prepend(run(first, first + 49), at_start=first == 1)
        reader.press("<Home>")
        assert reader.ids == list(range(first, first + WINDOW_MESSAGES))
    for last in (350, 400):
        reader.drag(1.0)
        reader.feed.append(run(last - 49, last), at_end=last == 400)
        reader.settle()
        assert reader.ids == list(range(last - WINDOW_MESSAGES + 1, last + 1))


def test_a_thousand_arriving_at_once_end_at_the_newest(reader: Reader) -> None:
    reader.show(run(1, 50), at_start=True, at_end=True)
    reader.feed.arrive(run(51, 1050))
    assert reader.sees_the_end()
    assert reader.ids == list(range(751, 1051))


def test_a_thousand_arriving_while_one_reads_leave_them_in_peace(
    reader: Reader, window: Window
) -> None:
    reader.show(run(1, 100), at_start=True, at_end=True)
    reader.drag(0.5)
    place = reader.place()
    reader.feed.arrive(run(101, 1100))
    assert reader.place() == place
    assert reader.ids == list(range(1, 101))
    assert window.says("to_latest").startswith("1000 new")
    window.click("to_latest")
    assert ("show_from", 101) in window.calls
    reader.feed.replace(run(51, 150), at_start=False, at_end=False, from_id=101)
    reader.settle()
    assert reader.place()[0] == 101, "the first that is new stands at the upper edge"
    reader.press("<End>")
    assert ("show_latest",) in window.calls


def test_what_does_not_adjoin_is_told_and_not_shown(reader: Reader, window: Window) -> None:
    reader.show(run(1, 30), at_start=True, at_end=True)
    reader.feed.arrive(run(33, 34))
    reader.settle()
    assert reader.ids == list(range(1, 31))
    assert window.says("to_latest").startswith("2 new")


def test_an_answer_to_a_window_of_before_is_dropped(reader: Reader) -> None:
    reader.show(run(501, 550), at_start=False, at_end=False)
    reader.feed.prepend(run(1, 50), at_start=True)
    reader.feed.append(run(101, 150), at_end=True)
    assert reader.ids == list(range(501, 551))


# --- asking -------------------------------------------------------------------------


def test_older_ones_are_asked_for_once_near_the_top_and_again_after_the_answer(
    reader: Reader,
) -> None:
    reader.show(run(201, 300), at_start=False, at_end=True)
    assert reader.asked() == []
    reader.press("<Home>", "<Prior>", "<Up>")
    assert reader.asked() == [("need_older", 201)]
    reader.press("<Prior>", "<Home>")
    assert reader.asked() == []
    reader.feed.prepend(run(151, 200), at_start=False)
    assert reader.asked() == [], "a page further down nothing is needed"
    reader.press("<Home>")
    assert reader.asked() == [("need_older", 151)]
    reader.feed.prepend(run(101, 150), at_start=True)
    reader.press("<Home>")
    assert reader.asked() == [], "there is nothing older"


def test_newer_ones_are_asked_for_once_near_the_end(reader: Reader) -> None:
    reader.show(run(1, 100), at_start=True, at_end=False)
    assert reader.asked() == [("need_newer", 100)]
    reader.press("<Prior>", "<Next>", "<Next>")
    assert reader.asked() == []
    reader.feed.append(run(101, 150), at_end=True)
    reader.drag(1.0)
    assert reader.asked() == []


def test_an_answer_without_any_is_not_asked_for_again_until_one_moves(
    reader: Reader, window: Window
) -> None:
    reader.show(run(201, 203), at_start=False, at_end=True)
    assert reader.asked() == [("need_older", 201)]
    reader.feed.prepend([], at_start=False)
    assert reader.asked() == []
    assert "could not be loaded" in reader.text.get("1.0", "1.0 lineend")
    reader.press("<Prior>")
    assert reader.asked() == [("need_older", 201)]
    reader.feed.prepend([], at_start=False)
    reader.settle()
    window.feed.set_reachable(False)
    window.feed.set_reachable(True)
    assert reader.asked() == [("need_older", 201)]


def test_an_answer_without_any_at_the_start_tells_the_beginning(reader: Reader) -> None:
    reader.show(run(1, 3), at_start=False, at_end=True)
    reader.feed.prepend([], at_start=True)
    reader.settle()
    assert reader.text.get("1.0", "1.0 lineend") == "This is the beginning of Northgate."
    assert reader.ids == [1, 2, 3]


def test_an_answer_without_any_at_the_end_ends_the_asking(reader: Reader) -> None:
    reader.show(run(1, 3), at_start=True, at_end=False)
    assert reader.asked() == [("need_newer", 3)]
    reader.feed.append([], at_end=True)
    assert reader.asked() == []
    reader.feed.arrive([message(4)])
    assert reader.ids == [1, 2, 3, 4]


def test_an_empty_room_says_so(reader: Reader, window: Window) -> None:
    reader.feed.clear()
    reader.settle()
    assert window.says("placeholder") == "Loading…"
    reader.show([], at_start=True, at_end=True)
    assert window.says("placeholder") == "Nothing has been announced yet."
    reader.feed.arrive([])
    reader.feed.arrive([message(1)])
    reader.settle()
    assert reader.ids == [1] and not window.shows("placeholder")


# --- staying in place ---------------------------------------------------------------


def test_what_is_read_stays_in_place_to_the_pixel(reader: Reader) -> None:
    reader.show(run(101, 200), at_start=False, at_end=True)
    reader.drag(0.37)
    reader.press("<Up>")
    place = reader.place()
    reader.feed.prepend(run(51, 100), at_start=False)
    assert reader.place() == place
    reader.feed.arrive(run(201, 220))
    assert reader.place() == place
    reader.feed.update(message(60, "longer\n" * 30, revision=300))
    assert reader.place() == place
    reader.feed.update(message(60, "shorter", revision=301))
    assert reader.place() == place
    reader.feed.update(message(place[0] + 30, "below", revision=302))
    assert reader.place() == place
    assert reader.ids == list(range(51, 221))


def test_what_is_read_stays_in_place_when_others_are_let_go(reader: Reader) -> None:
    reader.show(run(301, 600), at_start=False, at_end=False)
    reader.drag(0.1)
    place = reader.place()
    reader.feed.prepend(run(251, 300), at_start=False)
    assert reader.place() == place and reader.ids == list(range(251, 551))
    reader.drag(0.9)
    place = reader.place()
    reader.feed.append(run(551, 600), at_end=True)
    assert reader.place() == place and reader.ids == list(range(301, 601))


def test_a_late_answer_never_takes_away_what_is_read(reader: Reader) -> None:
    reader.show(run(301, 600), at_start=False, at_end=True)
    reader.press("<Home>")
    assert reader.asked() == [("need_older", 301)]
    reader.press("<End>")
    reader.feed.prepend(run(251, 300), at_start=False)
    assert reader.sees_the_end() and reader.ids[-1] == 600
    reader.press("<Home>")
    assert reader.asked() == [("need_older", 301)], "it is asked for where it is needed again"
    reader.show(run(301, 600), at_start=False, at_end=False)
    reader.press("<Home>")
    place = reader.place()
    reader.feed.append(run(601, 650), at_end=False)
    assert reader.place() == place and reader.ids[0] == 301


def test_the_end_of_the_history_does_not_run_past_its_reader(reader: Reader) -> None:
    reader.show(run(1, 100), at_start=True, at_end=False)
    reader.drag(1.0)
    place = reader.place()
    reader.feed.append(run(101, 150), at_end=True)
    assert reader.place() == place


def test_the_end_is_followed_only_by_one_who_was_there(reader: Reader, window: Window) -> None:
    reader.show(run(1, 60), at_start=True, at_end=True)
    for number in range(61, 65):
        reader.feed.arrive([message(number)])
        assert reader.sees_the_end()
    assert not window.shows("to_latest")
    reader.press("<Prior>")
    place = reader.place()
    reader.feed.arrive([message(65)])
    reader.feed.arrive(run(66, 67))
    assert reader.place() == place
    assert window.says("to_latest") == "3 new  ↓"
    window.click("to_latest")
    assert reader.sees_the_end() and not window.shows("to_latest")


def test_one_who_has_scrolled_just_now_is_not_taken_back(reader: Reader) -> None:
    reader.show(run(1, 60), at_start=True, at_end=True)
    reader.text.event_generate("<Prior>")
    reader.feed.arrive([message(61)])
    assert not reader.sees_the_end()


def test_scrolling_to_the_end_has_read_what_was_new(reader: Reader, window: Window) -> None:
    reader.show(run(1, 60), at_start=True, at_end=True)
    reader.press("<Home>")
    reader.feed.arrive(run(61, 62))
    reader.settle()
    assert window.shows("to_latest")
    reader.drag(1.0)
    assert not window.shows("to_latest")
    reader.feed.arrive([message(63)])
    assert reader.sees_the_end()


def test_an_update_of_the_last_one_keeps_the_end_in_sight(reader: Reader) -> None:
    reader.show(run(1, 60), at_start=True, at_end=True)
    reader.feed.update(message(60, "longer\n" * 20 + "end", revision=61))
    assert reader.sees_the_end()


@pytest.mark.parametrize("geometry", ["500x450", "900x900", "480x700"])
def test_another_size_keeps_the_end_in_sight_or_the_place(
    reader: Reader, window: Window, geometry: str
) -> None:
    reader.show([message(i, "word " * (i % 37)) for i in range(1, 201)], True, True)
    window.root.geometry(geometry)
    window.until(lambda: window.root.winfo_geometry().startswith(geometry), "the size")
    assert reader.sees_the_end()
    reader.drag(0.4)
    being_read = reader.top_message()
    window.root.geometry("800x600")
    window.until(lambda: window.root.winfo_geometry().startswith("800x600"), "the size")
    reader.settle()
    assert reader.top_message() == being_read > 0


def test_a_window_that_is_filled_unseen_opens_at_its_end(window: Window) -> None:
    window.feed.replace(run(1, 100), at_start=True, at_end=True)
    window.root.update()
    assert Reader(window).sees_the_end()


def test_theme_and_language_change_where_one_reads(reader: Reader, window: Window) -> None:
    reader.show(run(1, 200), at_start=True, at_end=True)
    reader.drag(0.4)
    place, shown = reader.place(), reader.feed.shown()
    window.settings.change(theme="dark")
    assert reader.place() == place
    window.settings.change(language="zh")
    assert reader.place()[0] == place[0]
    assert "管理员" in reader.text.get("1.0", "end") and "Admin" not in reader.text.get(
        "1.0", "end"
    )
    window.settings.change(language="en", theme="light")
    assert reader.place() == place
    assert reader.feed.shown() == shown
    reader.press("<End>")
    window.settings.change(language="zh")
    assert reader.sees_the_end()


def test_where_older_ones_are_let_go_of_the_beginning_says_so(
    reader: Reader, window: Window
) -> None:
    room = window.status.room
    assert room is not None
    window.status.introduce(msgspec.structs.replace(room, keep_days=90))
    reader.show(run(41, 43), at_start=True, at_end=True)
    reader.settle()
    assert "kept for 90 days" in reader.text.get("1.0", "1.0 lineend")
    reader.show(run(1, 3), at_start=True, at_end=True)
    reader.settle()
    assert "the beginning of" in reader.text.get("1.0", "1.0 lineend")
