"""When: cron expressions in a time zone. Pure.

Times of the clock follow cron's own habit when clocks change. A time of the day that is skipped in spring comes
right after the gap; one that comes twice in autumn is run once, at its first coming; a schedule of every so many
minutes or of every hour goes by real time and meets both.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from . import clock
from .errors import Invalid

_FIELDS = ("minute", "hour", "day-of-month", "month", "day-of-week")
_SHOWN = {
    "minute": "a minute: 0 to 59",
    "hour": "an hour: 0 to 23",
    "day-of-month": "a day of these months: 1 to 31, or L for the last",
    "month": "a month: 1 to 12, or JAN to DEC",
    "day-of-week": "a day of the week: 0 (Sunday) to 6, or SUN to SAT",
}


def checked(cron: str, zone_name: str) -> str:
    """The expression in its plain form. Raises `Invalid` with what is wrong in words."""
    parts = cron.split()
    if len(parts) != len(_FIELDS):
        raise Invalid(
            f"“{cron[:60]}” has {len(parts)} {'field' if len(parts) == 1 else 'fields'}; a schedule has five.",
            "Minute, hour, day of the month, month, day of the week; e.g. 0 7 * * MON-FRI.",
            pointer="/cron",
        )
    zone(zone_name)
    try:
        CronSim(" ".join(parts), datetime(2000, 1, 1, tzinfo=timezone.utc))
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        wrong = parts[_FIELDS.index(name)] if name in _FIELDS else cron
        raise Invalid(
            f"“{wrong[:60]}” is not {_SHOWN.get(name, 'a schedule')}.",
            "Lists (1,15), ranges (MON-FRI) and steps (*/15) are possible.",
            pointer="/cron",
        ) from None
    plain = " ".join(parts).upper()
    if next(due_times(plain, zone_name, datetime.now(timezone.utc)), None) is None:
        raise Invalid(f"The moment “{cron[:60]}” never comes.", "Choose a day that there is.", pointer="/cron")
    return plain


def words(cron: str) -> str:
    """What a checked expression means, in a sentence without its full stop."""
    return str(CronSim(cron, datetime(2000, 1, 1, tzinfo=timezone.utc)).explain())


def zone(name: str) -> ZoneInfo:
    """The time zone of that name. Raises `Invalid`."""
    try:
        # A name is also a path; what leads out of the database is refused by ZoneInfo itself.
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise Invalid(
            f"There is no time zone “{name[:60]}”.", "Take a name like Europe/Berlin or UTC.", pointer="/timezone"
        ) from error


def due_times(cron: str, zone_name: str, after: datetime) -> Iterator[datetime]:
    """Due moments after `after`, each later than the one before, in UTC."""
    latest = after.astimezone(timezone.utc)
    for moment in CronSim(cron, after.astimezone(zone(zone_name))):
        utc = moment.astimezone(timezone.utc)
        # Two times of one night fall together behind a gap.
        if utc > latest:
            latest = utc
            yield utc


def upcoming(cron: str, zone_name: str, after: datetime, number: int) -> list[str]:
    """The next due moments after `after` of a checked expression."""
    return [clock.at(moment) for moment in islice(due_times(cron, zone_name, after), number)]
