"""When a person does not want to be disturbed: for a time, and at which hours of which
weekday.

All times are those of the wall's clock here. Pure: the time is told to it.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

MINUTES_A_DAY = 24 * 60

TOMORROW_AT = time(8)
"""When "until tomorrow" ends: before most people begin to work."""

Minute = Annotated[int, Meta(ge=0, lt=MINUTES_A_DAY)]
"""Of a day, from midnight on."""


class Hours(msgspec.Struct, frozen=True):
    """Quiet from one time of day to another. One that is not later ends on the next day,
    so that equal ones are a whole day."""

    from_minute: Minute = 18 * 60
    to_minute: Minute = 7 * 60

    @property
    def length(self) -> timedelta:
        """How long it lasts: more than nothing, a day at most."""
        minutes = (self.to_minute - self.from_minute) % MINUTES_A_DAY
        return timedelta(minutes=minutes or MINUTES_A_DAY)


Weekday = Literal["0", "1", "2", "3", "4", "5", "6"]
"""From Monday on. No numbers: JSON has none for keys."""

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)

Week = Mapping[Weekday, Hours]
"""The quiet hours that begin on each weekday."""


def quiet_until(now: datetime, week: Week) -> datetime | None:
    """Return when the quiet hours end that are now, with those that follow without a gap;
    None: it is not quiet. A week without a gap ends a week from now."""
    until = now
    for _ in range(8 * 2):
        later = max((end for start, end in _around(until, week) if start <= until), default=until)
        if later <= until:
            break
        until = later
        if until - now >= timedelta(days=7):
            return now + timedelta(days=7)
    return until if until > now else None


def in_an_hour(now: datetime) -> datetime:
    """Return when "for 1 hour" ends."""
    return now + timedelta(hours=1)


def tomorrow(now: datetime) -> datetime:
    """Return when "until tomorrow" ends."""
    return datetime.combine(now.date() + timedelta(days=1), TOMORROW_AT)


def _around(now: datetime, week: Week) -> list[tuple[datetime, datetime]]:
    """Return the quiet hours of today and of yesterday, which may reach into today."""
    found = []
    for back in (1, 0):
        day = now.date() - timedelta(days=back)
        hours = week.get(WEEKDAYS[day.weekday()])
        if hours is not None:
            start = datetime.combine(day, time()) + timedelta(minutes=hours.from_minute)
            found.append((start, start + hours.length))
    return found
