"""When a person does not want to be disturbed."""

from datetime import datetime

from app.models.quiet_hours import WEEKDAYS, Hours, Week, quiet_until, tomorrow

MONDAY = datetime(2026, 11, 30)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of the week that begins on MONDAY."""
    return MONDAY.replace(day=1, month=12).replace(day=day, hour=hour, minute=minute)


NIGHTS: Week = {day: Hours(18 * 60, 7 * 60) for day in WEEKDAYS}
WEEKEND: Week = {
    "4": Hours(18 * 60, 18 * 60),
    "5": Hours(18 * 60, 18 * 60),
    "6": Hours(18 * 60, 420),
}


def test_hours_go_on_past_midnight() -> None:
    assert quiet_until(at(1, 17, 59), NIGHTS) is None
    assert quiet_until(at(1, 18), NIGHTS) == at(2, 7)
    assert quiet_until(at(2, 6, 59), NIGHTS) == at(2, 7)
    assert quiet_until(at(2, 7), NIGHTS) is None, "the end is not quiet any more"


def test_each_weekday_has_its_own() -> None:
    tuesday: Week = {"1": Hours(9 * 60, 10 * 60)}
    assert quiet_until(at(1, 9, 30), tuesday) == at(1, 10), "1 December 2026 is a Tuesday"
    assert quiet_until(at(2, 9, 30), tuesday) is None


def test_hours_that_join_are_one_quiet_time() -> None:
    friday = at(4, 20)
    assert quiet_until(friday, WEEKEND) == at(7, 7), "a whole weekend"


def test_equal_times_are_a_whole_day() -> None:
    assert Hours(60, 60).length.days == 1
    assert quiet_until(at(1, 2), {"1": Hours(60, 60)}) == at(2, 1)


def test_a_week_without_a_gap_has_an_end_all_the_same() -> None:
    always = {day: Hours(0, 0) for day in WEEKDAYS}
    assert quiet_until(at(1, 12), always) == at(8, 12)


def test_without_hours_it_is_never_quiet() -> None:
    assert quiet_until(at(1, 12), {}) is None


def test_tomorrow_begins_in_the_morning() -> None:
    assert tomorrow(at(1, 23)) == at(2, 8)
    assert tomorrow(at(1, 1)) == at(2, 8)
