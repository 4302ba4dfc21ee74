# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Schedules of Systems Manager, ``rate()``, ``cron()`` and ``at()``, by the sandbox's clock.

https://docs.aws.amazon.com/systems-manager/latest/userguide/reference-cron-and-rate-expressions.html
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from sandbox.clock import CLOCK

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
# Schedules of days that never come end the search.
_MOST_DAYS = 4 * 366
_BEGUN = datetime.datetime.now(datetime.UTC)


def now() -> datetime.datetime:
    """What time it is in the sandbox's AWS."""
    return _BEGUN + datetime.timedelta(seconds=CLOCK.now())


def next_after(
    expression: str, after: datetime.datetime, zone: str = "UTC", offset: int = 0
) -> datetime.datetime | None:
    """When a schedule comes next; None when it does not any more, and ValueError when it is none."""
    match = re.fullmatch(r"(rate|cron|at)\((.*)\)", expression)
    if match is None:
        raise ValueError(f"{expression} is no schedule.")
    kind, inner = match.groups()
    if kind == "rate":
        number, unit = inner.split()
        return after + datetime.timedelta(seconds=int(number) * _SECONDS[unit.removesuffix("s")])
    local = after.astimezone(ZoneInfo(zone or "UTC"))
    if kind == "at":
        moment = datetime.datetime.fromisoformat(inner).replace(tzinfo=local.tzinfo)
        return moment if moment > local else None
    found = _next_cron(inner.split(), local - datetime.timedelta(days=offset))
    return found + datetime.timedelta(days=offset) if found else None


def _next_cron(fields: list[str], after: datetime.datetime) -> datetime.datetime | None:
    minutes, hours, days, months, weekdays, years = fields
    times = sorted((hour, minute) for hour in _values(hours, 0, 23) for minute in _values(minutes, 0, 59))
    day = after.date()
    for _ in range(_MOST_DAYS):
        if (
            day.month in _values(months, 1, 12, _MONTHS)
            and day.year in _values(years, 1970, 2199)
            and _is_day(day, days)
            and _is_weekday(day, weekdays)
        ):
            for hour, minute in times:
                moment = datetime.datetime(day.year, day.month, day.day, hour, minute, tzinfo=after.tzinfo)
                if moment > after:
                    return moment
        day += datetime.timedelta(days=1)
    return None


def _values(field: str, lowest: int, highest: int, names: tuple[str, ...] = ()) -> set[int]:
    for number, name in enumerate(names, start=1):
        field = field.upper().replace(name, str(number))
    found: set[int] = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = span.partition("-")
        start = lowest if first in ("*", "?") else int(first)
        # A single one with a step goes on to the end.
        end = int(last) if last else highest if step or first in ("*", "?") else start
        found.update(range(start, end + 1, int(step or 1)))
    return found


def _is_day(day: datetime.date, field: str) -> bool:
    if field == "L":
        return day.day == calendar.monthrange(day.year, day.month)[1]
    return day.day in _values(field, 1, 31)


def _is_weekday(day: datetime.date, field: str) -> bool:
    weekday = day.isoweekday() % 7 + 1
    for number, name in enumerate(_DAYS, start=1):
        field = field.upper().replace(name, str(number))
    if "#" in field:
        wanted, _, week = field.partition("#")
        return weekday == int(wanted) and (day.day - 1) // 7 + 1 == int(week)
    if field.endswith("L") and field != "L":
        return weekday == int(field[:-1]) and (day + datetime.timedelta(days=7)).month != day.month
    return weekday in _values("7" if field == "L" else field, 1, 7)


def arm(expression: str, run: Callable[[], bool], zone: str = "UTC", offset: int = 0) -> None:
    """Run by a schedule, again and again, for as long as running answers that it is still wanted."""
    try:
        moment = next_after(expression, now(), zone, offset)
    except (KeyError, ValueError):
        # What AWS would refuse is refused where it is given, as far as the sandbox understands it.
        return
    if moment is None:
        return

    def come() -> None:
        if run():
            arm(expression, run, zone, offset)

    CLOCK.at(CLOCK.now() + (moment - now()).total_seconds(), come)
