"""What a recurring run is: what is due, what was missed, and what is sent. Pure."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from . import clock
from .errors import ComputeError
from .times import due_times, upcoming, zone

SCHEMA = 1
#: A run that can be sent within this time after it was due is late; after it, it was missed.
GRACE = timedelta(minutes=5)
#: So many missed runs are kept with their times, and at most so many are counted after one absence.
_MISSED_KEPT = 20
_MISSED_COUNTED = 10_000
#: After so many runs in a row that could not be sent, a schedule pauses itself.
MOST_UNSENT = 3


class NoSuchSchedule(ComputeError):
    status, code = 404, "no_such_schedule"


@dataclass(frozen=True)
class Missed:
    """A run that was due and not sent. `why`: no_server, still_running or not_sent."""

    due_at: str
    why: str


@dataclass(frozen=True)
class Problem:
    """Why the last run, due at `due_at`, could not be sent; `times`: so many in a row could not."""

    code: str
    text: str
    due_at: str
    times: int = 1


@dataclass(frozen=True)
class Schedule:
    """Everything that must be known of a recurring run when all processes are gone. Times are RFC 3339 UTC."""

    id: str
    key: str
    body_sha256: str
    name: str
    #: The contract's JobRequest without `key` and without the notebook's content.
    request: dict[str, Any]
    cron: str
    timezone: str
    created_at: str
    #: When a person last changed it.
    edited_at: str
    #: When `next_at` was worked out; a clock that shows an earlier time since has been set back.
    decided_at: str
    #: The folder that paths are below: a server with another one must not take a notebook for gone.
    root: str | None = None
    #: The name of the notebook's copy that runs, and when it was taken; None: the notebook as it is saved then.
    snapshot: str | None = None
    snapshot_at: str | None = None
    paused: bool = False
    #: Whether the newest of the missed runs is made up for.
    catch_up: bool = False
    #: What happens to a run that is due while the one before has not ended: "skip" or "run".
    overlap: str = "skip"
    #: The first due moment about which nothing was decided; None while it is paused.
    next_at: str | None = None
    #: The due moment of the last run that was sent, and its job.
    last_at: str | None = None
    last_job: str | None = None
    missed_count: int = 0
    #: The newest ones, oldest first.
    missed: tuple[Missed, ...] = field(default=())
    problem: Problem | None = None
    #: Counts the changes.
    version: int = 0
    schema: int = SCHEMA

    def to_json(self) -> dict[str, Any]:
        """The schedule as it is stored."""
        return asdict(self)


_KNOWN = {f.name for f in fields(Schedule)}
#: From a schema's number to the function that lifts a stored schedule to the next one.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def from_json(stored: dict[str, Any]) -> Schedule:
    """A schedule from what was stored. Raises ValueError, KeyError or TypeError for something that is none."""
    version = int(stored.get("schema", 0))
    while version < SCHEMA:
        stored = MIGRATIONS[version](stored)
        version = int(stored["schema"])
    values = {name: value for name, value in stored.items() if name in _KNOWN}
    values["missed"] = tuple(Missed(each["due_at"], each["why"]) for each in values.get("missed", ()))
    if values.get("problem"):
        said = values["problem"]
        values["problem"] = Problem(said["code"], said["text"], said["due_at"], said["times"])
    return Schedule(**values)


def schedule_id(key: str) -> str:
    """The id that belongs to a sender's key, so that a request that came twice makes one schedule."""
    digest = hashlib.sha256(b"jupyterlab-compute-schedule:" + key.encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def job_key(schedule: str, due_at: str) -> str:
    """The key of the job of that run: the same for every server that thinks of sending it."""
    return f"schedule-{schedule}-{clock.parse(due_at):%Y%m%dT%H%M%SZ}"


# What follows


def _following(schedule: Schedule, after: datetime) -> str | None:
    found = upcoming(schedule.cron, schedule.timezone, after, 1)
    return found[0] if found else None


def _newest(schedule: Schedule, first: datetime, now: datetime) -> datetime:
    """The last due moment that is not after `now`; `first` is one."""
    window = GRACE
    while now - window > first:
        newest = None
        for moment in due_times(schedule.cron, schedule.timezone, now - window):
            if moment > now:
                break
            newest = moment
        if newest is not None:
            return newest
        window *= 4
    newest = first
    for moment in due_times(schedule.cron, schedule.timezone, first):
        if moment > now:
            break
        newest = moment
    return newest


# What to do


def decide(schedule: Schedule, now: datetime) -> tuple[Schedule, str | None]:
    """The schedule as it stands now, and the due moment whose run is to be sent, if there is one.

    Of several that are due only the newest is ever sent; the others were missed.
    """
    if schedule.paused or schedule.next_at is None:
        return schedule, None
    if now < clock.parse(schedule.decided_at) - GRACE:
        return _set_back(schedule, now), None
    first = clock.parse(schedule.next_at)
    if first > now:
        return schedule, None
    newest = _newest(schedule, first, now)
    missed = _between(schedule, first, newest)
    if now - newest <= GRACE or schedule.catch_up:
        due_at = clock.at(newest)
        return replace(_missing(schedule, missed), next_at=due_at), due_at
    return _decided(_missing(schedule, [*missed, clock.at(newest)]), newest, now), None


def sent(schedule: Schedule, due_at: str, job: str, now: datetime) -> Schedule:
    """The schedule after the run of `due_at` was sent as `job`."""
    if schedule.next_at != due_at:
        # Another server was first, or a person changed the schedule.
        return schedule
    schedule = _decided(schedule, clock.parse(due_at), now)
    return replace(schedule, last_at=due_at, last_job=job, problem=None)


def skipped(schedule: Schedule, due_at: str, now: datetime) -> Schedule:
    """The schedule after the run of `due_at` was left out because the one before it had not ended."""
    if schedule.next_at != due_at:
        return schedule
    return _decided(_missing(schedule, [due_at], "still_running"), clock.parse(due_at), now)


def refused(schedule: Schedule, due_at: str, code: str, text: str, now: datetime) -> Schedule:
    """The schedule after the run of `due_at` could not be sent and never will be. It pauses after a few such."""
    if schedule.next_at != due_at:
        return schedule
    schedule = _decided(_missing(delayed(schedule, due_at, code, text), [due_at]), clock.parse(due_at), now)
    if schedule.problem is not None and schedule.problem.times >= MOST_UNSENT:
        schedule = replace(schedule, paused=True, next_at=None)
    return schedule


def delayed(schedule: Schedule, due_at: str, code: str, text: str) -> Schedule:
    """The schedule after the run of `due_at` could not be sent just now; it is tried again for a while."""
    if schedule.next_at != due_at:
        return schedule
    before = schedule.problem
    times = 1 if before is None else before.times + (before.due_at != due_at)
    return replace(schedule, problem=Problem(code, text, due_at, times))


def paused(schedule: Schedule) -> Schedule:
    """The schedule without next runs."""
    return schedule if schedule.paused else replace(schedule, paused=True, next_at=None)


def resumed(schedule: Schedule, now: datetime) -> Schedule:
    """The schedule with its next run after now; what would have been meanwhile was not wanted."""
    if not schedule.paused:
        return schedule
    return replace(_decided(schedule, now, now), paused=False, problem=None)


def edited(schedule: Schedule, before: Schedule, now: datetime) -> Schedule:
    """The changed schedule with its next run, which keeps a run that is due this very moment if it has it too."""
    if schedule.paused:
        return replace(schedule, next_at=None, problem=None)
    due_at = before.next_at
    pending = due_at is not None and clock.parse(due_at) <= now
    start = clock.parse(str(due_at)) - timedelta(seconds=1) if pending else now
    following = _following(schedule, start)
    if pending and following != due_at:
        following = _following(schedule, now)
    return replace(schedule, next_at=following, decided_at=clock.at(now), problem=None)


def _decided(schedule: Schedule, due: datetime, now: datetime) -> Schedule:
    return replace(schedule, next_at=_following(schedule, due), decided_at=clock.at(now))


def _set_back(schedule: Schedule, now: datetime) -> Schedule:
    """The clock was wrong before: what lies ahead of it now was not missed, and comes again (a run is sent once)."""
    true = tuple(each for each in schedule.missed if clock.parse(each.due_at) <= now)
    count = max(0, schedule.missed_count - (len(schedule.missed) - len(true)))
    return _decided(replace(schedule, missed=true, missed_count=count), now, now)


def _between(schedule: Schedule, first: datetime, newest: datetime) -> list[str]:
    """The due moments from `first` up to, and without, `newest`."""
    if first >= newest:
        return []
    found = [clock.at(first)]
    for moment in due_times(schedule.cron, schedule.timezone, first):
        if moment >= newest or len(found) >= _MISSED_COUNTED:
            break
        found.append(clock.at(moment))
    return found


def _missing(schedule: Schedule, due: list[str], why: str = "no_server") -> Schedule:
    """The schedule with further missed runs. Those that a problem delayed too long were missed because of it."""
    delayed_at = schedule.problem.due_at if schedule.problem else None
    added = [Missed(each, "not_sent" if each == delayed_at else why) for each in due]
    kept = deque([*schedule.missed, *added], maxlen=_MISSED_KEPT)
    return replace(schedule, missed=tuple(kept), missed_count=schedule.missed_count + len(due))


# What is sent

_PLACEHOLDER = re.compile(r"\{\{(date|time|due)\}\}|\{(date|time|due)\}")


def request_for(schedule: Schedule, due_at: str, key: str) -> dict[str, Any]:
    """The JobRequest of one run: `{date}`, `{time}` and `{due}` in texts stand for that moment in the schedule's zone.

    In `lands_at` date and time are written as everywhere in file names. `{{date}}` gives the braces themselves.
    """
    moment = clock.parse(due_at).astimezone(zone(schedule.timezone))
    values = {"date": f"{moment:%Y-%m-%d}", "time": f"{moment:%H:%M}", "due": moment.isoformat(timespec="seconds")}
    request = {"name": schedule.name, **schedule.request, "key": key}
    if "parameters" in request:
        request["parameters"] = _filled(request["parameters"], values)
    if "lands_at" in request:
        in_names = {"date": f"{moment:%Y%m%d}", "time": f"{moment:%H%M%S}", "due": f"{moment:%Y%m%d-%H%M%S}"}
        request["lands_at"] = _filled(request["lands_at"], in_names)
    return request


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    match value:
        case str():
            return _PLACEHOLDER.sub(lambda m: f"{{{m[1]}}}" if m[1] else values[m[2]], value)
        case list():
            return [_filled(item, values) for item in value]
        case dict():
            return {name: _filled(item, values) for name, item in value.items()}
        case _:
            return value
