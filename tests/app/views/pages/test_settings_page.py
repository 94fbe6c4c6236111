"""The page of settings, as a person uses it."""

from datetime import datetime, timedelta

import msgspec
import pytest

from app.i18n import LANGUAGES
from app.models.connection.status import Phase
from app.models.quiet_hours import WEEKDAYS, Hours
from app.models.room.notifications import TestStatus
from app.models.settings import Language
from tests.support.window import ALICE, BOB, Window


@pytest.fixture
def page(window: Window) -> Window:
    window.root.geometry("800x1400")
    window.enter(BOB)
    window.pages.desktop.set_starts(False)
    window.root.open_page("settings")
    window.root.update()
    return window


def is_on(page: Window, name: str) -> bool:
    return bool(page.find(name).instate(["selected"]))


def test_f3_opens_it_for_everybody(window: Window) -> None:
    for person in (ALICE, BOB):
        window.enter(person)
        window.root.event_generate("<F3>")
        window.root.update()
        assert window.says("page_title") == "Settings"
        window.root.leave_page()


def test_it_says_nothing_of_a_connection(page: Window) -> None:
    page.status.update(phase=Phase.WAITING)
    page.root.update()
    assert not page.shows("notice") and not page.shows("reload")


@pytest.mark.parametrize("name", ["keeps_running", "notifies", "shows_content", "has_quiet_hours"])
def test_a_switch_sets_what_it_says(page: Window, name: str) -> None:
    before = getattr(page.settings.values, name)
    assert is_on(page, name) is before
    page.click(name)
    assert getattr(page.settings.values, name) is not before
    assert is_on(page, name) is not before


def test_how_the_program_starts_is_the_systems_to_say(page: Window) -> None:
    assert ("look_autostart",) in page.calls
    page.click("starts")
    assert ("set_autostart", True) in page.calls
    page.pages.desktop.set_starts(True)
    assert is_on(page, "starts")
    page.pages.desktop.set_starts(False, has_failed=True)
    assert not is_on(page, "starts")
    assert "did not take" in page.says("starts_hint")
    page.pages.desktop.set_starts(None)
    assert page.find("starts").instate(["disabled"])
    assert "no list" in page.says("starts_hint")


@pytest.mark.parametrize(("starts", "begins"), [(False, "starts"), (None, "keeps_running")])
def test_the_keyboard_begins_where_something_can_be_set(
    page: Window, starts: bool | None, begins: str
) -> None:
    page.pages.desktop.set_starts(starts)
    page.root.leave_page()
    page.root.open_page("settings")
    page.root.update()
    assert page.root.focus_get() is page.find(begins)


def test_it_says_where_a_closed_window_goes(page: Window) -> None:
    assert "minimised" in page.says("keeps_running_hint")
    page.pages.desktop.set_tray(True)
    assert "tray" in page.says("keeps_running_hint")


def test_what_a_notification_shows_matters_only_where_there_are_any(page: Window) -> None:
    page.click("notifies")
    assert page.find("shows_content").instate(["disabled"])


@pytest.mark.parametrize("status", [one for one in TestStatus if one is not TestStatus.NONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_test_says_in_words_what_happened(
    page: Window, status: TestStatus, language: Language
) -> None:
    page.settings.change(language=language)
    page.click("test")
    assert ("test",) in page.calls
    page.pages.notifications.tell_test(status)
    page.root.update()
    words = page.says("test_outcome")
    assert words and not words.startswith("setting")
    assert page.find("test").instate(["disabled"]) is (status is TestStatus.UNDER_WAY)


def test_leaving_drops_how_the_test_went(page: Window) -> None:
    page.root.leave_page()
    assert ("forget_test",) in page.calls


# -- do not disturb ----------------------------------------------------------------------


def test_a_pause_is_begun_and_ended(page: Window) -> None:
    now = datetime(2026, 11, 30, 15, 30)
    page.clock.stop_at(now)
    page.click("pause_hour")
    page.click("pause_day")
    assert page.calls_of("pause") == [now + timedelta(hours=1), datetime(2026, 12, 1, 8)]
    assert not page.shows("resume")
    until = now + timedelta(hours=1)
    page.settings.change(paused_until_ms=round(until.timestamp() * 1000))
    page.pages.notifications.set_quiet(until)
    page.root.update()
    assert "16:30" in page.says("pause_words")
    assert not page.shows("pause_hour")
    page.click("resume")
    assert page.calls_of("pause")[-1] is None


def test_quiet_hours_are_set_by_weekday(page: Window) -> None:
    assert not page.shows("quiet_week")
    page.click("has_quiet_hours")
    assert page.shows("quiet_week")
    assert page.find("quiet_from_0").instate(["disabled"]), "a day without any has no times"
    page.click("quiet_0")
    page.click("quiet_4")
    assert page.settings.values.quiet_hours == {"0": Hours(), "4": Hours()}
    field = page.find("quiet_from_0")
    field.set("21：15")
    page.press(field.winfo_name(), "<Return>")
    assert page.settings.values.quiet_hours["0"] == Hours(21 * 60 + 15, 7 * 60)
    assert field.get() == "21:15", "as a time is written"
    page.click("quiet_0")
    assert page.settings.values.quiet_hours == {"4": Hours()}


@pytest.mark.parametrize("typed", ["", "25:00", "soon", "9" * 5_000])
def test_what_is_no_time_is_marked_and_changes_nothing(page: Window, typed: str) -> None:
    page.settings.change(has_quiet_hours=True, quiet_hours={"0": Hours()})
    page.root.leave_page()
    page.root.open_page("settings")
    page.root.update()
    field = page.find("quiet_to_0")
    field.set(typed)
    page.press(field.winfo_name(), "<Return>")
    assert field.instate(["invalid"])
    assert page.settings.values.quiet_hours == {"0": Hours()}
    field.set("06:30")
    page.press(field.winfo_name(), "<Return>")
    assert not field.instate(["invalid"])
    assert page.settings.values.quiet_hours == {"0": Hours(18 * 60, 6 * 60 + 30)}


def test_quiet_hours_that_are_switched_off_are_kept(page: Window) -> None:
    page.settings.change(has_quiet_hours=True, quiet_hours={day: Hours() for day in WEEKDAYS})
    page.click("has_quiet_hours")
    assert len(page.settings.values.quiet_hours) == 7


# -- what administrators see --------------------------------------------------------------


def test_p10_people_are_told_what_is_told_of_them(page: Window) -> None:
    assert "is not told here" in page.says("told")
    room = page.status.room
    assert room is not None
    page.status.introduce(msgspec.structs.replace(room, asks_attention=True))
    page.root.update()
    words = page.says("told")
    assert "locked" in words and "full screen" in words and "not to be disturbed" in words


# -- sounds --------------------------------------------------------------------------------


def test_a_sound_is_chosen_tried_and_muted(page: Window) -> None:
    box = page.find("sound")
    assert box.get() == "Chime"
    page.click("try_sound")
    assert page.calls_of("try_sound") == ["chime"]
    box.current(0)
    box.event_generate("<<ComboboxSelected>>")
    page.root.update()
    assert page.settings.values.sound == ""
    assert box.get() == "None"
    assert page.find("try_sound").instate(["disabled"])
    assert page.settings.values.urgent_sound == "alarm", "which is another"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_cut_off_in_the_smallest_window(window: Window, language: Language) -> None:
    window.settings.change(language=language, has_quiet_hours=True)
    window.enter(BOB)
    window.root.geometry("440x420")
    window.root.open_page("settings")
    window.root.update()
    names = ["starts", "keeps_running", "notifies", "shows_content", "has_quiet_hours", "test"]
    names += ["quiet_from_2", "quiet_to_2", "try_urgent_sound"]
    for name in names:
        (widget,) = window.all(name)
        assert widget.winfo_reqwidth() <= widget.winfo_width(), name
        right = widget.winfo_rootx() + widget.winfo_width()
        assert right <= window.root.winfo_rootx() + 440, name
