"""Sending what is due, by the loop that every server of a user runs.

A run is sent once all the same: the key of its job comes from the schedule and the due moment, and jobs are made
once per key, whatever is killed in between.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

from . import clock, schedules
from .background import Background
from .errors import ComputeError, Invalid, KeyReused
from .prepare import job_id
from .schedules import Schedule
from .states import JobState
from .timetable import Timetable

#: What could not be sent for now is tried again after this time.
_AGAIN_S = 15.0


class NotWanted(ComputeError):
    """The run was sent by another server, paused or deleted in this very moment."""

    status, code = 409, "not_wanted"


@dataclass(frozen=True)
class Origin:
    """Where a job comes from other than from a person's click."""

    schedule: str | None = None
    due_at: str | None = None
    #: Raises when the job is not wanted any more. Asked last, while nobody else can make it. Blocks.
    still_wanted: Callable[[], None] = lambda: None


class Jobs(Protocol):
    """What schedules need of `intake`."""

    async def submit(self, request: Mapping[str, Any], *, origin: Origin) -> tuple[dict[str, Any], bool]:
        """The job for that request, once per key. Raises `ComputeError`."""

    async def check(self, request: Mapping[str, Any]) -> None:
        """Raise what `submit` would, and start nothing."""


@dataclass(frozen=True)
class Place:
    """Where schedules are kept and what they look at."""

    table: Timetable
    #: The folder that paths of the wire are below, as text; None where notebooks are no files.
    root: str | None
    #: The saved notebook at a path of the wire. Raises `ComputeError`.
    read_notebook: Callable[[str], Awaitable[Any]]
    #: A job's state, None for one that was deleted.
    state: Callable[[str], Awaitable[JobState | None]]
    #: Runs something that blocks in a thread.
    blocking: Callable[..., Awaitable[Any]]
    #: How often what other servers wrote is looked at, in seconds.
    scan_s: float = 1.0
    now: Callable[[], datetime] = clock.moment


class Due:
    """Sends the runs of one server's schedules."""

    def __init__(self, place: Place, jobs: Jobs, log: logging.Logger) -> None:
        self._place = place
        self._table = place.table
        self._blocking = place.blocking
        self._jobs = jobs
        self._log = log
        self._sending = Background("schedule")
        #: Not before this moment of the monotonic clock.
        self._again: dict[str, float] = {}

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
        await self._sending.stop()

    async def look(self) -> None:
        """One look at all schedules, until what was due is dealt with."""
        await self._start_due()
        await self._sending.finish()

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
                self._sending.start(partial(self._attend, schedule.id), schedule.id)
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
            job = (await self._jobs.submit(await self.request(schedule, due_at, key), origin=origin))[0]["id"]
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
        state = await self._place.state(job) if job else None
        return state is not None and state.active

    def _still_wanted(self, schedule_id: str, due_at: str) -> None:
        schedule = None
        with suppress(ValueError, KeyError, TypeError):
            schedule = self._table.read(schedule_id)
        if schedule is None or schedule.paused or schedule.next_at != due_at:
            raise NotWanted("")

    async def request(self, schedule: Schedule, due_at: str, key: str) -> dict[str, Any]:
        """The JobRequest of a run. Raises `Invalid` when the schedule's copy of the notebook is gone."""
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
