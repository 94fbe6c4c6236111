"""A time of a day to come is the moment at which the clocks on the wall show it, whatever
they are put to until then."""

import calendar
import time
from datetime import date, datetime

import pytest

from app.models.local_time import Meant, day_in, meant, offset_words, system_offset, time_in

HOUR_MS = 3_600_000


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    """This moment of UTC, in milliseconds since 1970."""
    return calendar.timegm((year, month, day, hour, minute, 0)) * 1000


def berlin(at_ms: int) -> int:
    """The offset of Berlin in 2026: summer from 29 March to 25 October, 01:00 UTC."""
    return 120 if at(2026, 3, 29, 1) <= at_ms < at(2026, 10, 25, 1) else 60


WINTER, SUMMER = at(2026, 2, 1), at(2026, 7, 1)


def test_on_most_days_the_clocks_are_what_they_are_today() -> None:
    found = meant(date(2026, 2, 9), 8, 0, WINTER, berlin)
    assert found == Meant(at(2026, 2, 9, 7), 60, 0, False, False)


def test_eight_o_clock_is_eight_o_clock_whatever_the_clocks_are_put_to_until_then() -> None:
    forward = meant(date(2026, 3, 30), 8, 0, WINTER, berlin)
    assert forward == Meant(at(2026, 3, 30, 6), 120, 60, False, False)
    back = meant(date(2026, 11, 2), 8, 0, SUMMER, berlin)
    assert back == Meant(at(2026, 11, 2, 7), 60, -60, False, False)
    assert meant(date(2026, 3, 29), 3, 0, WINTER, berlin) == Meant(
        at(2026, 3, 29, 1), 120, 60, False, False
    )


def test_a_time_that_the_clocks_skip_is_an_hour_later_on_them() -> None:
    found = meant(date(2026, 3, 29), 2, 30, WINTER, berlin)
    assert found == Meant(at(2026, 3, 29, 1, 30), 120, 60, True, False)


def test_of_a_time_that_they_show_twice_the_first_is_meant() -> None:
    found = meant(date(2026, 10, 25), 2, 30, SUMMER, berlin)
    assert found == Meant(at(2026, 10, 25, 0, 30), 120, 0, False, True)


def test_the_system_s_zone_is_the_one_that_people_are_shown() -> None:
    now = datetime(2026, 11, 29, 10, 20)
    found = meant(now.date(), now.hour, now.minute, round(now.timestamp() * 1000))
    assert found is not None
    assert datetime.fromtimestamp(found.at_ms / 1000) == now
    assert found.offset == system_offset(found.at_ms)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the zone can't be set here")
def test_the_system_s_zone_is_asked_for_the_day_that_is_meant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    days = (date(2026, 3, 30), 8), (date(2026, 11, 2), 8), (date(2026, 3, 29), 2)
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        found = [meant(day, hour, 30, WINTER) for day, hour in days]
    time.tzset()
    assert found == [meant(day, hour, 30, WINTER, berlin) for day, hour in days]


def test_no_calendar_reaches_every_day() -> None:
    def nowhere(_at_ms: int) -> int:
        raise OverflowError

    assert meant(date(9999, 12, 31), 23, 59, WINTER, nowhere) is None


@pytest.mark.parametrize(
    ("offset", "words"),
    [(0, "UTC+00:00"), (345, "UTC+05:45"), (-210, "UTC-03:30"), (480, "UTC+08:00")],
)
def test_an_offset_is_written_as_people_write_it(offset: int, words: str) -> None:
    assert offset_words(offset) == words


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-28", date(2026, 11, 28)),
        (" 2026. 1. 5. ", date(2026, 1, 5)),
        ("2026年1月5日", date(2026, 1, 5)),
        ("2026-02-30", None),
        ("28.11.2026", None),
        ("", None),
    ],
)
def test_a_day_is_taken_however_it_is_written(typed: str, day: date | None) -> None:
    assert day_in(typed) == day


@pytest.mark.parametrize(
    ("typed", "time"),
    [
        ("08:00", (8, 0)),
        (" 8.30 ", (8, 30)),
        ("17h05", (17, 5)),
        ("17：30", (17, 30)),
        ("24:00", None),
        ("12:60", None),
        ("noon", None),
        ("", None),
    ],
)
def test_a_time_is_taken_however_it_is_written(typed: str, time: tuple[int, int] | None) -> None:
    assert time_in(typed) == time
