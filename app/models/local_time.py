"""What the clocks on the wall will show: moments of days to come, in the local zone.

Naive dates and times are the local zone's, as the system knows it. An offset is how many
minutes the zone is ahead of UTC at a moment.
"""

import calendar
import re
import time
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

DAY_MS = 24 * 60 * 60 * 1000
MINUTE_MS = 60_000

Offset = Callable[[int], int]
"""From milliseconds since 1970 to the offset then."""


def system_offset(at_ms: int) -> int:
    """Return the local zone's offset at this moment. Raises OverflowError, OSError or
    ValueError for one that the system's calendar does not reach."""
    at_s = at_ms // 1000
    return (calendar.timegm(time.localtime(at_s)) - at_s) // 60


class Meant(NamedTuple):
    """A moment that somebody named by the clock on the wall."""

    at_ms: int
    """Milliseconds since 1970."""
    offset: int
    """The zone's, then."""
    shift: int
    """By how many minutes the clocks are put forward from now until then; below 0: back."""
    is_skipped: bool
    """Whether the clocks never show that time, for they are put forward over it: then what
    is meant is as long after midnight as if they were not."""
    is_twice: bool
    """Whether they show it twice, for they are put back over it: the first is meant."""


def meant(
    day: date, hour: int, minute: int, now_ms: int, offset: Offset = system_offset
) -> Meant | None:
    """Return the moment at which the clocks show this time of this day; None where the
    system's calendar does not reach it. After PEP 495."""
    wall_ms = calendar.timegm((day.year, day.month, day.day, hour, minute, 0)) * 1000
    try:
        # What the clocks are set to a day before and a day after: a change lies between.
        around = (offset(wall_ms - DAY_MS), offset(wall_ms + DAY_MS))
        moments = {wall_ms - one * MINUTE_MS for one in around}
        right = sorted(at for at in moments if at + offset(at) * MINUTE_MS == wall_ms)
        at_ms = right[0] if right else wall_ms - around[0] * MINUTE_MS
        then = offset(at_ms)
        return Meant(at_ms, then, then - offset(now_ms), not right, len(right) > 1)
    except (OverflowError, OSError, ValueError):
        return None


def offset_words(offset: int) -> str:
    """Return an offset as it is written: UTC+01:00."""
    hours, minutes = divmod(abs(offset), 60)
    return f"UTC{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"


def day_in(typed: str) -> date | None:
    """Return the day that is meant, year, month and day in this order, whatever stands
    between them; None: none is."""
    numbers = re.fullmatch(r"\s*(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*", typed)
    try:
        return date(*map(int, numbers.groups())) if numbers else None
    except ValueError:
        return None


def time_in(typed: str) -> tuple[int, int] | None:
    """Return the hour and the minute that are meant; None: no time of day is."""
    numbers = re.fullmatch(r"\s*(\d{1,2})[:.h：](\d{2})\s*", typed)
    if numbers is None or int(numbers[1]) > 23 or int(numbers[2]) > 59:
        return None
    return int(numbers[1]), int(numbers[2])
