"""Posting later, from beside the button to send: when, and what comes of it in words."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from app.models.local_time import Meant
from app.models.room.outbox_item import Draft
from app.views.compose import when
from app.views.compose.later import LaterMenu
from protocol.messages import Priority, Upcoming
from tests.support.window import ALICE, Window

HOUR_MS = 3_600_000


@pytest.fixture
def admin(window: Window) -> Window:
    window.enter(ALICE)
    return window


def now(window: Window) -> datetime:
    return window.root.context.clock.now()


def menu_of(window: Window) -> LaterMenu:
    menu: LaterMenu = window.find("later")
    menu.fill()
    return menu


def ask(window: Window) -> None:
    window.press("editor", "<Control-Shift-Return>")


def test_what_is_written_is_sent_at_the_time_that_was_chosen(admin: Window) -> None:
    admin.type("editor", "The drill is at eleven.")
    ask(admin)
    day = now(admin).date() + timedelta(days=20)
    admin.find("later_day").set(day.isoformat())
    admin.type("later_time", "17:30")
    assert "17:30" in admin.says("later_note") and "UTC" in admin.says("later_note")
    admin.click("later_ok")
    (draft,) = admin.calls_of("send")
    assert draft.text == "The drill is at eleven."
    assert datetime.fromtimestamp(draft.at_ms / 1000) == datetime.combine(
        day, datetime.min.time()
    ).replace(hour=17, minute=30)
    assert not admin.shows("later_ok") and admin.find("editor").get("1.0", "end").strip() == ""


def test_some_times_are_one_click_away(admin: Window) -> None:
    admin.type("editor", "x")
    ask(admin)
    assert admin.find("later_day").get() in ("Today", "Tomorrow")
    admin.click("later_tomorrow")
    assert (admin.find("later_day").get(), admin.find("later_time").get()) == ("Tomorrow", "08:00")
    admin.press("later_time", "<Return>")
    (draft,) = admin.calls_of("send")
    at = datetime.fromtimestamp(draft.at_ms / 1000)
    assert at.date() == now(admin).date() + timedelta(days=1) and (at.hour, at.minute) == (8, 0)


@pytest.mark.parametrize(
    ("day", "time", "words"),
    [
        ("2020-01-01", "08:00", "in the future"),
        ("someday", "08:00", "in the future"),
        ("2026-02-30", "08:00", "in the future"),
        ("2126-01-01", "08:00", "two years"),
        ("Tomorrow", "noon", "in the future"),
        ("Tomorrow", "", "in the future"),
    ],
)
def test_p10_a_time_that_can_not_be_is_told_and_nothing_is_sent(
    admin: Window, day: str, time: str, words: str
) -> None:
    admin.type("editor", "x")
    ask(admin)
    admin.find("later_day").set(day)
    admin.type("later_time", time)
    admin.click("later_ok")
    assert words in admin.says("later_error")
    assert admin.calls_of("send") == []
    admin.type("later_time", "08:30")
    assert admin.says("later_error") == ""
    admin.click("later_cancel")
    assert admin.find("editor").get("1.0", "end").strip() == "x"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"shift": 60}, "go forward by 1 hour"),
        ({"shift": -30}, "go back by 30 minutes"),
        ({"is_skipped": True, "shift": 60}, "never show"),
        ({"is_twice": True}, "twice"),
        ({}, "in your time zone (UTC+02:00)"),
    ],
)
def test_what_the_clocks_do_until_then_is_told_in_words(
    admin: Window, monkeypatch: pytest.MonkeyPatch, found: dict[str, Any], words: str
) -> None:
    def told(day: date, hour: int, minute: int, now_ms: int) -> Meant:
        at = Meant(now_ms + HOUR_MS, 120, 0, False, False)
        return at._replace(**found)

    monkeypatch.setattr(when, "meant", told)
    admin.type("editor", "x")
    ask(admin)
    assert words in admin.says("later_note")


def test_that_the_server_has_another_clock_is_told(admin: Window) -> None:
    admin.type("editor", "x")
    admin.status.set_clock(admin.root.context.clock.now_ms() + 7 * 60_000)
    ask(admin)
    assert "7 minutes ahead" in admin.says("later_note")


def test_what_many_will_be_asked_then_is_told_before(admin: Window) -> None:
    panel = admin.root.room.panel
    assert panel is not None
    admin.type("editor", "x")
    panel.options.set(Draft("", answers=("",)))
    ask(admin)
    assert "asked to confirm it then" in admin.says("later_note")
    admin.click("later_cancel")
    panel.options.set(Draft("", Priority.URGENT))
    ask(admin)
    assert "comes to the front" in admin.says("later_note")


def test_the_menu_offers_it_where_there_is_something_to_send(admin: Window) -> None:
    menu = menu_of(admin).menu
    assert menu.entrycget(0, "state") == "disabled"
    admin.press("editor", "<Control-Shift-Return>")
    assert not admin.shows("later_ok")
    admin.type("editor", "x")
    menu_of(admin)
    assert menu.entrycget(0, "state") == "normal"
    menu.invoke(0)
    admin.root.update()
    assert admin.shows("later_ok")


def test_how_much_is_scheduled_is_told_and_led_to(admin: Window) -> None:
    admin.pages.schedule.tell(Upcoming(3, 1_800_000_000_000))
    menu = menu_of(admin).menu
    assert menu.entrycget(2, "label") == "3 scheduled announcements…"
    menu.invoke(2)
    admin.root.update()
    assert admin.says("page_title") == "Scheduled announcements"


def test_what_was_not_sent_is_a_notice_for_administrators(admin: Window) -> None:
    assert not admin.shows("scheduled_held_words")
    admin.pages.schedule.tell(Upcoming(1, 0, 1))
    admin.root.update()
    assert "needs a decision" in admin.says("scheduled_held_words")
    admin.click("scheduled_held_look")
    assert admin.says("page_title") == "Scheduled announcements"
