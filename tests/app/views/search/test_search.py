"""Searching in the window: the field, what was found, the way to it and back."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from app.models.listing import Reason
from app.models.room.search import Query
from protocol.messages import RoomMessage
from tests.support.window import ALICE, BOB, Window

DAY_MS = 24 * 3_600_000


def message(number: int, text: str, author: str = "Amelia Hart") -> RoomMessage:
    at_ms = time.time_ns() // 1_000_000 - 10 * DAY_MS + number * 60_000
    return RoomMessage(number, number, 1, author, at_ms, text, number.to_bytes(16, "big"))


ROOM = [
    message(number, f"Notice {number}" + (" about the fire drill" if number % 10 == 0 else ""))
    for number in range(1, 101)
]
DRILLS = [one for one in reversed(ROOM) if "drill" in one.text]


@pytest.fixture
def window(window: Window) -> Window:
    window.enter(BOB)
    window.root.geometry("1000x640")
    window.until(lambda: window.shows("room_search"), "the header to be wide")
    window.feed.replace(ROOM, at_start=True, at_end=True)
    window.root.update()
    return window


def search(
    window: Window, text: str, found: Sequence[RoomMessage] = DRILLS, through: int = 1
) -> None:
    """Type it; the controllers find this."""
    window.type("room_search", text)
    window.pages.search.begin(Query(text), False)
    window.pages.search.add(found, through, False)
    window.root.update()


def results(window: Window) -> str:
    return str(window.find("results").get("1.0", "end"))


def marked(text: object) -> list[str]:
    ranges = [str(place) for place in text.tag_ranges("found")]  # type: ignore[attr-defined]
    pairs = zip(ranges[::2], ranges[1::2], strict=True)
    return [text.get(start, end) for start, end in pairs]  # type: ignore[attr-defined]


def test_ctrl_f_leads_to_the_field_and_says_what_to_do(window: Window) -> None:
    assert "Ctrl+F" in window.says("room_search_name")
    window.root.event_generate("<Control-f>")
    window.root.update()
    assert window.root.focus_get() is window.find("room_search")
    assert "Type words" in results(window) and not window.shows("text")


def test_what_is_typed_is_looked_for_and_what_is_found_is_marked(window: Window) -> None:
    search(window, "DRILL fire")
    assert window.calls_of("look_for")[-1] == Query("DRILL fire")
    text = results(window)
    places = [text.index(f"#{one.id}\n") for one in DRILLS]
    assert places == sorted(places), "the newest first"
    assert marked(window.find("results"))[:2] == ["fire", "drill"]
    assert "That is all" in text


def test_one_that_is_chosen_is_shown_among_its_like_and_led_back_from(window: Window) -> None:
    window.feed.to_message(41)
    window.root.update()
    place = window.feed.reading_from
    search(window, "drill")
    window.press("results", "<Down>")
    window.press("results", "<Return>")
    assert window.says("found_words") == "2 of 10 found"
    timeline = window.find("text")
    assert marked(timeline).count("drill") == 10
    assert window.feed._text.is_touched(90) and window.feed._text.chosen_id == 90
    window.click("found_older")
    assert window.says("found_words") == "3 of 10 found" and window.feed._text.is_touched(80)
    window.click("found_newer")
    window.click("found_newer")
    assert window.feed._text.is_touched(100)
    assert window.find("found_newer").instate(["disabled"])
    window.click("found_results")
    assert "#100" in results(window) and not window.shows("found_words")
    window.press("results", "<Escape>")
    assert ("leave_search",) in window.calls
    assert not window.shows("results") and window.find("room_search").get() == ""
    assert marked(window.find("text")) == []
    assert window.feed._text.is_touched(place), "where one read before"


def test_who_followed_the_newest_comes_back_to_it(window: Window) -> None:
    search(window, "drill", DRILLS[5:])
    window.press("room_search", "<Return>")
    assert window.shows("found_words")
    window.click("found_leave")
    assert window.feed._text.is_at_bottom()


def test_a_click_goes_to_it_and_one_far_up_is_asked_for(window: Window) -> None:
    window.feed.replace(ROOM[50:], at_start=False, at_end=True)
    search(window, "drill")
    text = window.find("results")
    text.see("result-9.first")
    window.root.update()
    left, top, _, height = text.bbox("result-9.first")
    for event in ("<Motion>", "<Button-1>"):
        text.event_generate(event, x=left + 2, y=top + height // 2)
    window.root.update()
    assert ("show_from", 10) in window.calls and window.shows("found_words")


def test_one_that_can_not_be_had_is_read_by_itself(window: Window) -> None:
    window.has_messages = False
    window.feed.replace(ROOM[50:], at_start=False, at_end=True)
    search(window, "drill", DRILLS[-1:])
    window.press("results", "<Return>")
    assert window.shows("read_text") and window.shows("results")


def test_more_is_asked_for_when_the_end_is_in_sight(window: Window) -> None:
    search(window, "drill", DRILLS, through=5)
    window.press("results", "<End>")
    assert ("look_further",) in window.calls
    window.pages.search.add([message(3, "an old drill")], 1, False)
    window.root.update()
    assert "#3" in results(window) and results(window).count("#100") == 1


def test_by_whom_and_from_when(window: Window) -> None:
    search(window, "drill")
    filters = window.root.room.search.filters
    filters._fill_authors()
    filters.author_menu.invoke(1)
    assert window.says("search_author") == "Amelia Hart"
    assert window.calls_of("look_for")[-1] == Query("drill", "Amelia Hart")
    filters._fill_times()
    filters.time_menu.invoke(2)
    asked = window.calls_of("look_for")[-1]
    assert asked.to_ms == 0 and 6 * DAY_MS < time.time() * 1000 - asked.from_ms < 7.1 * DAY_MS


def test_between_two_days(window: Window) -> None:
    search(window, "drill")
    filters = window.root.room.search.filters
    filters._ask_between()
    window.root.update()
    window.type("first_day", "tomorrow")
    window.click("between_ok")
    assert "year, month, day" in window.says("first_day_error")
    window.type("first_day", "2026-11-20")
    window.type("last_day", "2026/11/18")
    window.click("between_ok")
    assert "before the other" in window.says("last_day_error")
    window.type("last_day", "2026/11/21")
    window.click("between_ok")
    asked = window.calls_of("look_for")[-1]
    assert asked.to_ms - asked.from_ms == 2 * DAY_MS
    assert window.says("search_time") == "2026-11-20 – 2026-11-21"


def test_what_comes_of_it_is_said(window: Window) -> None:
    model = window.pages.search
    search(window, "zzz", [])
    assert "Nothing was found." in results(window)
    model.begin(Query("zzz"), True)
    window.root.update()
    assert "Searching" in results(window) and "Not connected" in window.says("search_note")
    model.add([], 1, False)
    assert "Nothing was found on this computer." in results(window)
    model.begin(Query("zzz"), False)
    model.refuse(Reason("busy"))
    window.root.update()
    assert "busy" in results(window).lower() and window.says("search_note") == ""


def test_in_a_narrow_window_a_button_leads_to_the_field(window: Window) -> None:
    window.root.geometry("480x600")
    window.until(lambda: window.shows("search_enter"), "the header to be narrow")
    assert not window.shows("room_search")
    window.click("search_enter")
    assert window.root.focus_lastfor() is window.find("room_search")
    search(window, "drill")
    assert "#100" in results(window)


def test_in_another_language_it_goes_on(window: Window) -> None:
    search(window, "drill")
    window.press("results", "<Return>")
    window.settings.change(language="zh")
    window.root.update()
    assert window.says("found_words") == "第 1 条，共 10 条"
    window.click("found_results")
    assert "以上是全部结果" in results(window)


def test_signed_out_nothing_is_left_of_it(window: Window) -> None:
    search(window, "drill")
    window.account.sign_out()
    window.root.update()
    window.enter(ALICE)
    assert not window.shows("results") and window.find("room_search").get() == ""


def test_a_notice_leads_out_of_the_search(window: Window) -> None:
    search(window, "drill")
    window.root.room._go_to_pinned(ROOM[20])
    window.root.update()
    assert not window.shows("results") and window.feed._text.is_touched(21)


def test_what_was_found_may_say_something_else_by_then(window: Window, tmp_path: Path) -> None:
    search(window, "drill")
    window.press("results", "<Return>")
    window.pages.search.follow([message(100, "postponed")])
    window.root.update()
    assert "something else now" in window.says("found_words")
    window.click("found_results")
    assert "#100" not in results(window)
