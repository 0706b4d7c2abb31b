"""Recurring runs: what a person can ask of schedules, and the loop that sends what is due while a server runs.

Every server of a user looks at all schedules. A run is sent once all the same: the key of its job comes from the
schedule and the due moment, and jobs are made once per key, whatever is killed in between.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Protocol, TypeVar

from . import clock, contract, schedules
from .errors import ComputeError, Invalid, KeyReused, WrongState
from .prepare import body_sha256, job_id, relative_path
from .schedules import NoSuchSchedule, Schedule
from .states import JobState
from .timetable import Timetable

T = TypeVar("T")

#: What could not be sent for now is tried again after this time.
_AGAIN_S = 15.0
_NEXT_SHOWN = 5
_BY_BRIDGE = (
    "Your Jupyter server sends the runs while it is running. What is due while none of yours runs is told as missed."
)


class NotWanted(ComputeError):
    """The run was sent by another server, paused or deleted in this very moment."""

    status, code = 409, "not_wanted"


class ChangedMeanwhile(ComputeError):
    status, code = 409, "changed_meanwhile"


@dataclass(frozen=True)
class Origin:
    """Where a job comes from other than from a person's click."""

    schedule: str | None = None
    due_at: str | None = None
    #: Raises when the job is not wanted any more. Asked last, while nobody else can make it. Blocks.
    still_wanted: Callable[[], None] = lambda: None


class Jobs(Protocol):
    """What schedules need of the service."""

    async def submit(self, request: Mapping[str, Any], *, origin: Origin) -> tuple[dict[str, Any], bool]:
        """The job for that request, once per key. Raises `ComputeError`."""

    async def check(self, request: Mapping[str, Any]) -> None:
        """Raise what `submit` would, and start nothing."""

    async def state(self, job: str) -> JobState | None:
        """The job's state, None for one that was deleted."""


@dataclass(frozen=True)
class Place:
    """Where schedules are kept and what they look at."""

    table: Timetable
    #: The folder that paths of the wire are below, as text; None where notebooks are no files.
    root: str | None
    #: The saved notebook at a path of the wire. Raises `ComputeError`.
    read_notebook: Callable[[str], Awaitable[Any]]
    #: Runs something that blocks in a thread.
    blocking: Callable[..., Awaitable[Any]]
    #: How often what other servers wrote is looked at, in seconds.
    scan_s: float = 1.0
    now: Callable[[], datetime] = clock.moment


class Recurring:
    """All schedules of one user at one server."""

    def __init__(self, place: Place, jobs: Jobs, log: logging.Logger) -> None:
        self._place = place
        self._table = place.table
        self._blocking = place.blocking
        self._jobs = jobs
        self._log = log
        self._sending: dict[str, asyncio.Task[None]] = {}
        #: Not before this moment of the monotonic clock.
        self._again: dict[str, float] = {}

    # Asking

    async def all(self) -> dict[str, Any]:
        """The contract's ScheduleList."""
        found = await self._blocking(self._table.all)
        for name, error in self._table.unreadable.items():
            self._log.warning("compute: the schedule %s cannot be read and is left alone: %s", name, error)
        self._table.unreadable.clear()
        return {"schedules": [await self._view(schedule) for schedule in found]}

    async def get(self, schedule_id: str) -> dict[str, Any]:
        """The contract's Schedule. Raises `NoSuchSchedule`."""
        return await self._view(_there(await self._blocking(self._table.read, schedule_id)))

    def preview(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's TimesPreview: what an expression means and when that is. Raises `Invalid`."""
        contract.check("TimesRequest", wish)
        cron = schedules.checked(wish["cron"], wish["timezone"])
        times = schedules.upcoming(cron, wish["timezone"], self._place.now(), _NEXT_SHOWN)
        return {"cron": cron, "words": schedules.words(cron), "next": times, "by": _by(self._place.root, self._place)}

    async def _view(self, schedule: Schedule) -> dict[str, Any]:
        stored = schedule.to_json()
        shown = {
            name: stored[name]
            for name in ("id", "name", "request", "cron", "timezone", "created_at", "edited_at", "snapshot_at",
                         "paused", "catch_up", "overlap", "next_at", "problem")
        }  # fmt: skip
        last = None
        if schedule.last_job and schedule.last_at:
            state = await self._jobs.state(schedule.last_job)
            last = {"job": schedule.last_job, "due_at": schedule.last_at, "state": state.value if state else None}
        return {
            **shown,
            "notebook": "snapshot" if schedule.snapshot else "saved",
            "words": schedules.words(schedule.cron),
            "last": last,
            "missed": {"count": schedule.missed_count, "times": list(stored["missed"])},
            "by": _by(schedule.root, self._place),
        }

    # Making and changing

    async def create(self, wish: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """The schedule for that wish, and whether it is new. Once per key."""
        contract.check("ScheduleRequest", wish)
        schedule_id, sha256 = schedules.schedule_id(wish["key"]), body_sha256(wish)
        there = await self._blocking(self._table.read, schedule_id)
        if there is None:
            now = clock.at(self._place.now())
            schedule = Schedule(
                schedule_id, wish["key"], sha256, created_at=now, edited_at=now, decided_at=now,
                **await self._facts(wish, None), paused=wish.get("paused", False),
            )  # fmt: skip
            schedule = await self._with_notebook(schedule, wish, None)
            schedule = schedules.edited(schedule, schedule, self._place.now())
            there = await self._blocking(self._table.create, schedule)
            if there is None:
                self._log.info("compute: took down schedule=%s cron=%s", schedule_id, schedule.cron)
                return await self._view(schedule), True
        if there.body_sha256 != sha256:
            raise KeyReused("Another schedule was made with the same key.", "Make up a new key for a new schedule.")
        return await self._view(there), False

    async def edit(self, schedule_id: str, wish: Mapping[str, Any]) -> dict[str, Any]:
        """Replace what a person chose. Raises `ChangedMeanwhile` if another window did since `edited_at`."""
        contract.check("ScheduleChange", wish)
        before = _there(await self._blocking(self._table.read, schedule_id))
        facts = await self._facts(wish, before)
        copied = await self._with_notebook(replace(before, **facts), wish, before)

        def how(now: Schedule) -> Schedule:
            if wish.get("edited_at", now.edited_at) != now.edited_at:
                raise ChangedMeanwhile(
                    "This schedule was changed in another window.", "Close this form and open it again."
                )
            moment = self._place.now()
            after = replace(now, **facts, snapshot=copied.snapshot, snapshot_at=copied.snapshot_at)
            return replace(schedules.edited(after, now, moment), edited_at=clock.at(moment))

        return await self._changed(schedule_id, how)

    async def _facts(self, wish: Mapping[str, Any], before: Schedule | None) -> dict[str, Any]:
        """What a person chose, checked as far as can be: a schedule that could not run now is not taken."""
        cron = schedules.checked(wish["cron"], wish["timezone"])
        request = dict(wish["request"])
        source = request["source"]
        if source["kind"] != "notebook":
            raise Invalid("A schedule runs whole notebooks, not cells.", pointer="/request/source/kind")
        if "content" in source:
            raise Invalid(
                "A schedule takes the notebook from its file.", "Save it first.", pointer="/request/source/content"
            )
        relative_path(source["path"], "/request/source/path")
        facts = {
            "name": wish.get("name") or PurePosixPath(source["path"]).stem[:200] or "Schedule",
            "request": request,
            "cron": cron,
            "timezone": wish["timezone"],
            "root": self._place.root,
            "catch_up": wish.get("catch_up", False),
            "overlap": wish.get("overlap", "skip"),
        }
        now = clock.at(self._place.now())
        sample = Schedule("a" * 16, "", "", created_at=now, edited_at=now, decided_at=now, **facts)
        sample_request = schedules.request_for(sample, now, "a-key-of-a-check")
        kept = _kept(wish, before)
        if kept is not None:
            sample_request["source"] = {**source, "content": await self._blocking(self._table.notebook, kept)}
        try:
            await self._jobs.check(sample_request)
        except Invalid as error:
            pointer = f"/request{error.details.get('pointer', '')}"
            raise Invalid(error.message, error.hint, pointer=pointer) from error
        return facts

    async def _with_notebook(self, schedule: Schedule, wish: Mapping[str, Any], before: Schedule | None) -> Schedule:
        """The schedule with its copy of the notebook, if it is to have one; an earlier copy is kept."""
        if wish.get("notebook", "saved") == "saved":
            return replace(schedule, snapshot=None, snapshot_at=None)
        if _kept(wish, before) is not None:
            return schedule
        notebook = await self._place.read_notebook(schedule.request["source"]["path"])
        name = await self._blocking(self._table.keep_notebook, schedule.id, notebook)
        return replace(schedule, snapshot=name, snapshot_at=clock.at(self._place.now()))

    async def remove(self, schedule_id: str) -> None:
        """Delete a schedule. Its jobs stay. Raises `NoSuchSchedule`."""
        _there(await self._blocking(self._table.remove, schedule_id))
        self._log.info("compute: forgot schedule=%s", schedule_id)

    async def pause(self, schedule_id: str) -> dict[str, Any]:
        """No further runs until `resume`."""
        return await self._changed(schedule_id, schedules.paused)

    async def resume(self, schedule_id: str) -> dict[str, Any]:
        """Go on with the next run after now."""
        return await self._changed(schedule_id, lambda schedule: schedules.resumed(schedule, self._place.now()))

    async def run(self, schedule_id: str, wish: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """A run now, besides the due ones, paused or not. The job, and whether it is new."""
        contract.check("RunRequest", wish)
        schedule = _there(await self._blocking(self._table.read, schedule_id))
        if schedule.root != self._place.root:
            raise WrongState(_elsewhere(schedule.root), "Run it there.")
        request = await self._request(schedule, clock.at(self._place.now()), wish["key"])
        return await self._jobs.submit(request, origin=Origin(schedule_id))

    async def _changed(self, schedule_id: str, how: Callable[[Schedule], Schedule]) -> dict[str, Any]:
        return await self._view(_there(await self._blocking(self._table.change, schedule_id, how)))

    async def _request(self, schedule: Schedule, due_at: str, key: str) -> dict[str, Any]:
        request = schedules.request_for(schedule, due_at, key)
        if schedule.snapshot:
            try:
                content = await self._blocking(self._table.notebook, schedule)
            except (OSError, ValueError) as error:
                raise Invalid(
                    "The schedule's copy of the notebook cannot be read any more.", "Edit it and choose the notebook."
                ) from error
            request["source"] = {**request["source"], "content": content}
        return request

    # Sending what is due

    async def keep(self) -> None:
        """Send what is due, for as long as the server runs."""
        while True:
            next_s = self._place.scan_s
            try:
                next_s = await self._start_due()
            except OSError as error:
                self._log.warning("compute: the folder of schedules cannot be read now: %s", error)
            except Exception:  # noqa: BLE001
                # A bug must not end all schedules; it is logged with its traceback.
                self._log.exception("compute: looking at the schedules failed")
            await asyncio.sleep(next_s)

    async def stop(self) -> None:
        """Let go. What is cut off here is sent by the next server, once."""
        tasks = list(self._sending.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def look(self) -> None:
        """One look at all schedules, until what was due is dealt with."""
        await self._start_due()
        await asyncio.gather(*self._sending.values())

    async def _start_due(self) -> float:
        """Begin with what is due; the time until it is worth looking again, in seconds."""
        now, wait_s = self._place.now(), self._place.scan_s
        for schedule in await self._blocking(self._table.all):
            if schedule.root != self._place.root or schedule.paused or schedule.next_at is None:
                continue
            until_s = (clock.parse(schedule.next_at) - now).total_seconds()
            set_back = now < clock.parse(schedule.decided_at) - schedules.GRACE
            if until_s > 0 and not set_back:
                # To the moment, not to the next look.
                wait_s = min(wait_s, until_s)
            elif schedule.id not in self._sending and time.monotonic() >= self._again.get(schedule.id, 0):
                task = asyncio.create_task(self._attend(schedule.id), name=f"compute-schedule-{schedule.id}")
                self._sending[schedule.id] = task
                task.add_done_callback(lambda _, each=schedule.id: self._sending.pop(each, None))  # type: ignore[misc]
        return wait_s

    async def _attend(self, schedule_id: str) -> None:
        """Decide about one schedule and send its run. Never raises."""
        self._again[schedule_id] = time.monotonic() + _AGAIN_S
        try:
            await self._send_due(schedule_id)
        except OSError as error:
            self._log.warning("compute: schedule=%s cannot be written now: %s", schedule_id, error)
        except Exception:  # noqa: BLE001
            # A bug is no reason to leave out the other schedules.
            self._log.exception("compute: attending to schedule=%s failed", schedule_id)
        else:
            return
        self._again[schedule_id] = time.monotonic() + _AGAIN_S

    async def _send_due(self, schedule_id: str) -> None:
        due: list[str | None] = [None]

        def how(schedule: Schedule) -> Schedule:
            schedule, due[0] = schedules.decide(schedule, self._place.now())
            return schedule

        schedule = await self._blocking(self._table.change, schedule_id, how)
        due_at = due[0]
        if schedule is None or due_at is None:
            self._again.pop(schedule_id, None)
            return
        if schedule.overlap == "skip" and await self._runs(schedule.last_job):
            self._log.info("compute: skipped schedule=%s due=%s: the last run has not ended", schedule_id, due_at)
            await self._note(schedule_id, lambda each: schedules.skipped(each, due_at, self._place.now()))
            return
        key = schedules.job_key(schedule_id, due_at)
        origin = Origin(schedule_id, due_at, lambda: self._still_wanted(schedule_id, due_at))
        try:
            job = (await self._jobs.submit(await self._request(schedule, due_at, key), origin=origin))[0]["id"]
        except KeyReused:
            # It was sent before somebody changed the schedule, and the server died before it could say so here.
            job = job_id(key)
        except NotWanted:
            return
        except ComputeError as error:
            await self._unsent(schedule_id, due_at, error)
            return
        except Exception:
            await self._unsent(schedule_id, due_at, ComputeError("The server could not send it.", "Its log says why."))
            raise
        self._log.info("compute: sent schedule=%s due=%s job=%s", schedule_id, due_at, job)
        await self._note(schedule_id, lambda each: schedules.sent(each, due_at, job, self._place.now()))

    async def _unsent(self, schedule_id: str, due_at: str, error: ComputeError) -> None:
        text = f"{error.message} {error.hint}".strip()
        self._log.warning("compute: not sent schedule=%s due=%s: %s: %s", schedule_id, due_at, error.code, text)
        if error.status >= 500:
            # A full disk may have room again in a moment; a wrong request stays wrong.
            await self._blocking(
                self._table.change, schedule_id, lambda each: schedules.delayed(each, due_at, error.code, text)
            )
        else:
            await self._note(
                schedule_id, lambda each: schedules.refused(each, due_at, error.code, text, self._place.now())
            )

    async def _note(self, schedule_id: str, how: Callable[[Schedule], Schedule]) -> None:
        """The run is dealt with: the next one may follow at once."""
        await self._blocking(self._table.change, schedule_id, how)
        self._again.pop(schedule_id, None)

    async def _runs(self, job: str | None) -> bool:
        state = await self._jobs.state(job) if job else None
        return state is not None and state.active

    def _still_wanted(self, schedule_id: str, due_at: str) -> None:
        schedule = None
        with suppress(ValueError, KeyError, TypeError):
            schedule = self._table.read(schedule_id)
        if schedule is None or schedule.paused or schedule.next_at != due_at:
            raise NotWanted("")


def _there(schedule: Schedule | None) -> Schedule:
    if schedule is None:
        raise NoSuchSchedule("There is no such schedule here.", "It may have been deleted in another window.")
    return schedule


def _kept(wish: Mapping[str, Any], before: Schedule | None) -> Schedule | None:
    """The schedule before, if its copy of the notebook is what will run."""
    if before is None or not before.snapshot or wish.get("notebook") != "snapshot":
        return None
    return before if before.request["source"]["path"] == wish["request"]["source"]["path"] else None


def _by(root: str | None, place: Place) -> dict[str, Any]:
    """Who sends the runs, and whether this server does."""
    here = root == place.root
    return {"kind": "bridge", "here": here, "text": _BY_BRIDGE if here else _elsewhere(root)}


def _elsewhere(root: str | None) -> str:
    return (
        f"It was made in a JupyterLab that shows another folder ({root or 'no files'}), and runs while that one does."
    )
