"""Recurring runs: what a person can ask of schedules. `due` sends them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from . import clock, contract, schedules, times
from .allowed import relative_path
from .due import Due, Jobs, Origin, Place
from .errors import ComputeError, Invalid, KeyReused, WrongState
from .prepare import body_sha256
from .schedules import NoSuchSchedule, Schedule

_NEXT_SHOWN = 5
_BY_BRIDGE = (
    "Your Jupyter server sends the runs while it is running. What is due while none of yours runs is told as missed."
)


class ChangedMeanwhile(ComputeError):
    status, code = 409, "changed_meanwhile"


class Recurring:
    """All schedules of one user at one server."""

    def __init__(self, place: Place, jobs: Jobs, log: logging.Logger) -> None:
        self._place = place
        self._table = place.table
        self._blocking = place.blocking
        self._jobs = jobs
        self._log = log
        self.due = Due(place, jobs, log)

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
        cron = times.checked(wish["cron"], wish["timezone"])
        moments = times.upcoming(cron, wish["timezone"], self._place.now(), _NEXT_SHOWN)
        return {"cron": cron, "words": times.words(cron), "next": moments, "by": _by(self._place.root, self._place)}

    async def _view(self, schedule: Schedule) -> dict[str, Any]:
        stored = schedule.to_json()
        shown = {
            name: stored[name]
            for name in ("id", "name", "request", "cron", "timezone", "created_at", "edited_at", "snapshot_at",
                         "paused", "catch_up", "overlap", "next_at", "problem")
        }  # fmt: skip
        last = None
        if schedule.last_job and schedule.last_at:
            state = await self._place.state(schedule.last_job)
            last = {"job": schedule.last_job, "due_at": schedule.last_at, "state": state.value if state else None}
        return {
            **shown,
            "notebook": "snapshot" if schedule.snapshot else "saved",
            "words": times.words(schedule.cron),
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
            if await self._blocking(self._table.create, schedule):
                self._log.info("compute: took down schedule=%s cron=%s", schedule_id, schedule.cron)
                return await self._view(schedule), True
            there = await self._blocking(self._table.read, schedule_id)
            if there is None:
                raise WrongState("This schedule is being deleted just now.", "Make it again.")
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
        cron = times.checked(wish["cron"], wish["timezone"])
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
        request = await self.due.request(schedule, clock.at(self._place.now()), wish["key"])
        return await self._jobs.submit(request, origin=Origin(schedule_id))

    async def _changed(self, schedule_id: str, how: Callable[[Schedule], Schedule]) -> dict[str, Any]:
        return await self._view(_there(await self._blocking(self._table.change, schedule_id, how)))


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
