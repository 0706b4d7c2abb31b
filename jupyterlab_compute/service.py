"""The verbs: what a person can ask of jobs. Knows nothing of HTTP.

Every method may raise a `ComputeError`, which says what happened and what to do next.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from . import again, catalog, clock, contract, files, judge, landing, notebooks, prepare, profiles, trial
from .catalog import Catalog, Scheduler
from .courier import Site
from .due import Origin, Place
from .errors import (
    AlreadyApplied,
    ComputeError,
    Invalid,
    KeyReused,
    NoSuchJob,
    SchedulerRefused,
    SchedulerSilent,
    WrongState,
)
from .exports import Exporter
from .index import Page
from .lease import Myself
from .ledger import Ledger
from .notify import Wishes
from .pace import Pace
from .prepare import Ground, Prepared
from .profiles import Problem, Profile
from .records import Record
from .recurring import Recurring
from .states import JobState
from .storage import Keep, Storage
from .teller import Teller
from .timetable import Timetable
from .watcher import Watch

_SOMEBODY_LOOKS_S = 90.0
_CLAIM_S = 60.0
_A_PERSON = Origin()


@dataclass(frozen=True)
class Surroundings:
    """What the service uses of the Jupyter server; the tests give it something simpler."""

    ground: Ground
    #: The saved notebook at a path of the wire, as JSON. Raises `ComputeError`.
    read_notebook: Callable[[str], Awaitable[Any]]
    #: A kernelspec's name and content by name. Raises `ComputeError`.
    kernel: Callable[[str], Awaitable[tuple[str, dict[str, Any]]]]
    #: Makes JupyterLab trust the outputs of that executed copy. Blocks; may not raise.
    sign: Callable[[Path], None]
    ends_with_server: Callable[[Mapping[str, str]], str | None]
    leases: Path
    #: Where recurring runs are kept.
    schedules: Path
    pace: Pace
    #: How messages about jobs are sent from here.
    messages: Site = field(default_factory=Site)
    #: Of what the settings say to be told, and how. Blocks.
    wishes: Callable[[], Wishes] = Wishes
    #: Where people find the page of a job (None: of all jobs) from outside; None where nobody knows.
    link: Callable[[str | None], str | None] = lambda job_id: None
    #: What the settings keep of ended jobs. Blocks.
    keep: Callable[[], Keep] = Keep
    locked: bool = False
    #: This moment, for what is due.
    now: Callable[[], datetime] = clock.moment


class Service:
    """All jobs and profiles of one user at one server."""

    def __init__(
        self, ledger: Ledger, profiles: Catalog, around: Surroundings, myself: Myself, log: logging.Logger
    ) -> None:
        self._ledger = ledger
        self._catalog = profiles
        self._around = around
        self._myself = myself
        self._log = log
        self._watches: dict[str, Watch] = {}
        self.storage = Storage(ledger, around.keep, lambda job_id: self.forget(job_id, keep_files=False), log)
        self._exporter = Exporter(ledger, around.ground.root, log)
        root = str(around.ground.root) if around.ground.root else None
        table = Timetable(around.schedules)
        place = Place(table, root, around.read_notebook, ledger.blocking, around.pace.scan_s, around.now)
        self.schedules = Recurring(place, self, log)
        self._teller = Teller(ledger, around.messages, around.wishes, around.link, myself, log)
        self._looked_at = float("-inf")
        self._tasks: set[asyncio.Task[None]] = set()
        #: Failed jobs that this server is running again, or cannot because of a bug.
        self._retrying: set[str] = set()

    async def start(self) -> None:
        """Know all jobs again and watch those that have not ended."""
        await self._ledger.start()
        self._background(self._keep_up())
        self._background(self.storage.tidy())
        self._background(self.schedules.due.keep())

    async def stop(self) -> None:
        """Let go of everything; jobs go on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.schedules.due.stop()
        await asyncio.gather(*(watch.stop() for watch in self._watches.values()))
        await self._catalog.stop()
        await self._teller.stop()
        await self.storage.stop()
        await self._exporter.stop()
        self._ledger.close()

    def _background(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep_up(self) -> None:
        """Notice what other servers of this user wrote, and watch the clusters of what is unfinished."""
        while True:
            try:
                await self._ledger.scan()
                await self._go_by_names()
                self._teller.look()
                for record in (*self._ledger.unfinished(), *self._ledger.unlanded()):
                    self._watch_of(record)
                for record in self._ledger.unexported():
                    self._exporter.start(record.id)
                for record in self._ledger.failed_to_retry():
                    if record.id not in self._retrying:
                        self._retrying.add(record.id)
                        self._background(self._retry_or_log(record))
            except OSError as error:
                self._log.warning("compute: the folder of records cannot be read now: %s", error)
            except Exception:  # noqa: BLE001
                # A bug must not end the watching of all jobs; it is logged with its traceback.
                self._log.exception("compute: keeping up with the records failed")
            await asyncio.sleep(self._around.pace.scan_s)

    async def _go_by_names(self) -> None:
        """A scheduler tells its name when it first answers: from then on watches and records go by it."""
        for cluster, watch in list(self._watches.items()):
            if watch.driver.cluster != cluster:
                del self._watches[cluster]
                await watch.stop()
        for record in (*self._ledger.unfinished(), *self._ledger.unlanded()):
            if record.cluster in self._watches:
                continue
            with contextlib.suppress(ComputeError):
                # What this very server sent went where that name leads here, whatever it was taken for then.
                here = record.sender == self._myself.sender
                name = self._catalog.name_of(record.scheduler, record.cluster, sent_here=here)
                if name != record.cluster:
                    await self._ledger.change(record.id, lambda r, name=name: replace(r, cluster=name))  # type: ignore[misc]

    def _watch_of(self, record: Record) -> Watch | None:
        """The watch of the record's cluster; None where this server cannot reach it."""
        if record.cluster not in self._watches:
            try:
                scheduler = self._catalog.scheduler(record.scheduler)
            except ComputeError:
                return None
            scheduler.driver.assume(record.cluster)
            # A job of another machine: its scheduler has the same name in a profile but is not this one.
            if scheduler.driver.cluster != record.cluster:
                return None
            self._watch(scheduler)
        return self._watches[record.cluster]

    def _watch(self, scheduler: Scheduler) -> Watch:
        cluster = scheduler.driver.cluster
        if cluster not in self._watches:
            watch = Watch(
                scheduler.driver,
                self._ledger,
                self._around.leases,
                self._myself,
                self._around.pace,
                lambda: time.monotonic() - self._looked_at < _SOMEBODY_LOOKS_S,
                lambda record: landing.land(record, self._around.ground.root, self._around.sign),
                self._log,
            )
            watch.start()
            self._watches[cluster] = watch
        return self._watches[cluster]

    # Profiles

    async def profiles(self, *, refresh: bool = False) -> dict[str, Any]:
        """The contract's ProfileList."""
        named, problems = await self._catalog.all(now=refresh)
        if refresh:
            for watch in self._watches.values():
                watch.ask_anew()
        listed = [catalog.view(p, s, self._around.ends_with_server(p.scheduler)) for p, s in named]
        return {"profiles": listed, "problems": problems, "locked": self._around.locked}

    async def try_profile(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's Trial."""
        contract.check("TrialRequest", wish)
        try:
            profile, scheduler = await self._on_trial(wish)
        except (Problem, ComputeError) as error:
            hint = error.hint if isinstance(error, ComputeError) else ""
            checks = [trial.check("settings", False, str(error), hint)]
        else:
            checks = await trial.trial(
                profile, scheduler.driver, self._ledger, self._around.ground, self._around.kernel
            )
        return {"ok": all(check["ok"] is not False for check in checks), "checks": checks}

    async def _on_trial(self, wish: Mapping[str, Any]) -> tuple[Profile, Scheduler]:
        if "settings" not in wish:
            return await self._catalog.get(wish["name"])
        if self._around.locked:
            raise Invalid("Here only the site's profiles count.", "Ask who runs this server.", pointer="/settings")
        profile = profiles.parse(wish["name"], wish["settings"], "user")
        return profile, self._catalog.scheduler(profile.scheduler)

    # Sending

    async def submit(
        self, request: Mapping[str, Any], *, retry_of: str | None = None, origin: Origin = _A_PERSON
    ) -> tuple[dict[str, Any], bool]:
        """The job for that request, and whether it is new. Once per key, whatever happens in between."""
        contract.check("JobRequest", request)
        known = await self._same_key(request)
        if known is not None:
            return known, False
        prepared, scheduler = await self._prepared(request, retry_of)
        # What runs by itself runs all the same; the job says what could not be told.
        if prepared.warnings and "notify" in request and retry_of is None and origin is _A_PERSON:
            raise Invalid(
                prepared.warnings[0], "Settings, “Compute: messages” has what is needed.", pointer="/notify/by"
            )
        watch = self._watch(scheduler)
        record = replace(prepared.record, sender=self._myself.sender, schedule=origin.schedule, due_at=origin.due_at)

        def first() -> None:
            origin.still_wanted()
            prepare.write(prepared)

        if not await self._ledger.create(record, first):
            known = await self._same_key(request)
            if known is not None:
                return known, False
            raise WrongState("This job is being deleted just now.", "Send it again.")
        self._log.info("compute: took down job=%s profile=%s cluster=%s", record.id, record.profile, record.cluster)
        answer = await self._ledger.job(record)
        if scheduler.driver.slots is None and record.at_most is None:
            watch.sender.send(record.id)
        watch.kick()
        return answer, True

    async def _same_key(self, request: Mapping[str, Any]) -> dict[str, Any] | None:
        try:
            record = await self._ledger.get(prepare.job_id(request["key"]))
        except NoSuchJob:
            return None
        if record.body_sha256 != prepare.body_sha256(request):
            raise KeyReused("Another request was sent with the same key.", "Make up a new key for a new job.")
        return await self._ledger.job(record)

    async def _prepared(self, request: Mapping[str, Any], retry_of: str | None) -> tuple[Prepared, Scheduler]:
        profile, scheduler = await self._catalog.get(request["profile"])
        prepare.relative_path(request["source"]["path"], "/source/path")
        content = request["source"].get("content")
        pointer = "/source/content"
        if content is None:
            content, pointer = await self._around.read_notebook(request["source"]["path"]), "/source/path"
        notebook = await self._ledger.blocking(notebooks.normal, content, pointer)
        kernel = await self._kernel(request, profile, notebook)
        prepared = await self._ledger.blocking(
            prepare.prepare, request, notebook, profile, scheduler.driver, kernel, self._around.ground, retry_of
        )
        told, wrong = await self._teller.asked(request.get("notify"), scheduler.driver)
        return replace(prepared, record=replace(prepared.record, notify=told), warnings=tuple(wrong)), scheduler

    async def _kernel(
        self, request: Mapping[str, Any], profile: Profile, notebook: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        name = request.get("kernel") or profile.environment.kernel or notebooks.kernel_name(notebook)
        if name is None:
            raise Invalid(
                "This notebook does not say which kernel it needs.",
                "Choose a kernel at the notebook's top right.",
                pointer="/kernel",
            )
        return await self._around.kernel(name)

    async def check(self, request: Mapping[str, Any]) -> None:
        """Raise what `submit` would; nothing is started."""
        contract.check("JobRequest", request)
        await self._prepared(request, None)

    async def preview(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's Preview; nothing is started."""
        contract.check("JobRequest", request)
        prepared, scheduler = await self._prepared(request, None)
        record, warnings = prepared.record, list(prepared.warnings)
        job = prepare.submission(record)
        try:
            estimate = await scheduler.driver.estimate(job)
        except (SchedulerRefused, SchedulerSilent) as error:
            estimate = None
            warnings.append(error.message)
        return {
            "script": prepared.files["job.sh"],
            "command": scheduler.driver.command(job),
            "files": [{"path": name, "size": len(text.encode())} for name, text in prepared.files.items()],
            "lands_at": record.lands_at,
            "estimated_start": estimate,
            "warnings": warnings,
            "cells": list(record.cells),
        }

    # Being told

    async def notify_ways(self) -> dict[str, Any]:
        """The contract's NotifyWays."""
        drivers = [scheduler.driver for scheduler in self._catalog.schedulers()]
        return await self._teller.ways(sorted({driver.type for driver in drivers if driver.mails}))

    async def notify_trial(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's NotifyTried."""
        return await self._teller.trial(wish)

    # Looking

    def somebody_looks(self) -> None:
        """A page asks: for a while news are wanted soon."""
        if time.monotonic() - self._looked_at > _SOMEBODY_LOOKS_S:
            self._looked_at = time.monotonic()
            for watch in self._watches.values():
                watch.look()
        self._looked_at = time.monotonic()

    async def jobs(self, query: Mapping[str, Any]) -> str:
        """The contract's JobList as JSON text."""
        self.somebody_looks()
        if "since" in query and (known := self._ledger.unchanged(query["since"])) is not None:
            page, counts = Page([], None, query["since"]), known
        elif "since" in query:
            page, counts = await self._ledger.listed(lambda index: (index.since(query["since"]), index.counts()))
        else:
            page, counts = await self._ledger.listed(lambda index: (index.page(**query), index.counts()))
        rest: dict[str, Any] = {
            "counts": counts,
            "next_cursor": page.next_cursor,
            "revision": page.revision,
            "clusters": self.clusters(),
        }
        if page.reset:
            rest["reset"] = True
        # Jobs are JSON already: a page of thousands is joined, not parsed.
        return f'{{"jobs":[{",".join(page.jobs)}],{json.dumps(rest)[1:]}'

    def clusters(self) -> list[dict[str, Any]]:
        """The contract's Clusters."""
        listed = []
        for scheduler in self._catalog.schedulers():
            driver = scheduler.driver
            watch = self._watches.get(driver.cluster)
            if watch is None and not scheduler.of_interest:
                continue
            pulse = watch.pulse if watch else None
            silent = pulse.silent_since if pulse else None
            answered = max(filter(None, (pulse.answered_at if pulse else None, scheduler.answered_at)), default=None)
            if silent and answered and answered > silent:
                silent = None
            reason = (pulse.reason if pulse and silent else "") or (scheduler.problem if scheduler.of_interest else "")
            listed.append(
                {
                    "name": driver.cluster, "type": driver.type, "title": scheduler.title, "ok": not reason,
                    "reason": reason, "asked_at": answered, "silent_since": silent,
                }
            )  # fmt: skip
        return listed

    async def job(self, job_id: str) -> dict[str, Any]:
        """The contract's Job."""
        return await self._ledger.job(await self._ledger.get(job_id))

    async def state(self, job_id: str) -> JobState | None:
        """The state of the job, or of the one that ran it again by itself; None for one that was deleted."""
        try:
            record = await self._ledger.get(job_id)
        except NoSuchJob:
            return None
        again = await self.state(record.retried_as) if record.retried_as else None
        return again or record.state

    async def outputs(self, job_id: str, start: int, attempt: int | None) -> dict[str, Any]:
        """The contract's Outputs."""
        record = await self._ledger.get(job_id)
        return await self._ledger.blocking(files.outputs, record, start, attempt)

    async def usage(self, job_id: str) -> dict[str, Any]:
        """The contract's UsageOverTime."""
        return await self._ledger.blocking(files.usage, await self._ledger.get(job_id))

    async def log_bytes(self, job_id: str, stream: str, offset: int, limit: int) -> files.Piece:
        """A piece of a log."""
        record = await self._ledger.get(job_id)
        return await self._ledger.blocking(files.log, record, stream, offset, limit)

    async def files(self, job_id: str) -> dict[str, Any]:
        """The contract's FileList."""
        return await self._ledger.blocking(files.listing, await self._ledger.get(job_id))

    async def file(self, job_id: str, path: str) -> Path:
        """A file of the run folder, checked."""
        return await self._ledger.blocking(files.checked, await self._ledger.get(job_id), path)

    async def read_piece(self, path: Path, offset: int, size: int) -> bytes:
        """Bytes of a file that `file` gave."""
        return await self._ledger.blocking(files.piece, path, offset, size)

    # Acting

    async def cancel(self, job_id: str) -> dict[str, Any]:
        """Pass the wish on; a job that was never sent is cancelled at once."""

        def wish(record: Record) -> Record:
            if record.state.final:
                raise WrongState(f"It has ended already: {record.state.value}.", "Nothing is left to cancel.")
            if record.cancel_requested_at:
                return record
            if record.send_begun_at is None:
                return judge.cancelled_unsent(record)
            return replace(record, cancel_requested_at=clock.now())

        record = await self._ledger.change(job_id, wish, durable=True)
        watch = self._watch_of(record)
        if not record.state.final:
            await self._ledger.blocking(files.mark_cancelled, record)
            if record.native_id is not None and watch is not None:
                watch.cancel(record)
        elif watch is not None:
            watch.kick()
        return await self._ledger.job(record)

    async def hold(self, job_id: str) -> dict[str, Any]:
        """Keep a queued job from starting."""
        record = _queued(await self._ledger.get(job_id))
        if record.send_begun_at is None:
            return await self._ledger.job(await self._ledger.change(job_id, _held))
        await self._driver(record).hold(_sent_as(record))
        return await self._looked_at_again(record)

    async def release(self, job_id: str) -> dict[str, Any]:
        """Let a held job start."""
        record = _on_hold(await self._ledger.get(job_id))
        if record.send_begun_at is None:
            record = await self._ledger.change(job_id, _released)
        else:
            await self._driver(record).release(_sent_as(record))
        return await self._looked_at_again(record)

    def _driver(self, record: Record) -> Any:
        return self._catalog.scheduler(record.scheduler).driver

    async def _looked_at_again(self, record: Record) -> dict[str, Any]:
        watch = self._watch_of(record)
        if watch is not None:
            watch.look()
        return await self._ledger.job(record)

    async def retry(self, job_id: str, wish: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """A new job that runs exactly the same again, from what was kept of the old one."""
        contract.check("RetryRequest", wish)
        record = await self._ledger.get(job_id)
        if record.state.active:
            raise WrongState(f"It is still {record.state.value}.", "Wait for its end, or cancel it first.")
        request = await self._ledger.blocking(files.request_again, record)
        request["key"] = wish.get("key") or secrets.token_urlsafe(18).replace("=", "")
        request["resources"] = {**record.resources, **wish.get("resources", {})}
        origin = Origin(record.schedule, record.due_at)
        return await self.submit(request, retry_of=job_id, origin=origin)

    async def _retry_or_log(self, record: Record) -> None:
        # Apart from keeping up with the records, which a slow disk or scheduler must not hold up.
        try:
            await self._retry_by_itself(record)
            self._retrying.discard(record.id)
        except OSError as error:
            self._log.warning("compute: job=%s is not run again yet: %s", record.id, error)
            self._retrying.discard(record.id)
        except Exception:  # noqa: BLE001
            # A bug: said once, and not tried again each second.
            self._log.exception("compute: running job=%s again failed", record.id)

    async def _retry_by_itself(self, record: Record) -> None:
        """Run a failed job again, once: two servers, and one that was killed meanwhile, use the same key."""
        problem = None
        try:
            request = await self._ledger.blocking(files.request_again, record)
            profile, _ = await self._catalog.get(record.profile)
            request["key"] = f"again-{record.id}"
            request["resources"] = again.resources(record, profile)
            request.pop("retries", None)
            request |= again.rest(record)
            job, _ = await self.submit(request, retry_of=record.id, origin=Origin(record.schedule, record.due_at))
        except ComputeError as error:
            problem = error.message
            self._log.info("compute: job=%s is not run again: %s", record.id, problem)

        def noted(before: Record) -> Record:
            if problem is not None:
                return replace(before, retries={**(before.retries or {}), "times": 0, "problem": problem})
            return replace(before, retried_as=job["id"])

        with contextlib.suppress(NoSuchJob):
            await self._ledger.change(record.id, noted)

    async def forget(self, job_id: str, *, keep_files: bool) -> None:
        """Delete an ended or unknown job's record, and its run folder unless it is to be kept."""

        def allowed(record: Record) -> None:
            if record.state.active:
                raise WrongState(f"It is still {record.state.value}.", "Cancel it first; then it can be deleted.")

        record = await self._ledger.remove(job_id, allowed)
        self._log.info("compute: forgot job=%s files=%s", job_id, "keep" if keep_files else "delete")
        if not keep_files:
            await self._ledger.blocking(files.remove_run_folder, record)

    async def applied(self, job_id: str, claim: Mapping[str, Any]) -> dict[str, Any]:
        """One page's claim to commit the outputs, or its word that it did."""
        contract.check("AppliedRequest", claim)

        def claimed(record: Record) -> Record:
            if record.source_kind != "cells":
                raise WrongState("A whole notebook's outputs are not committed into it; they land in a copy.")
            before = record.applied
            others = before is not None and before["page"] != claim["page"]
            if (
                before is not None
                and others
                and (before["done"] or clock.seconds_since(before["claimed_at"]) < _CLAIM_S)
            ):
                raise AlreadyApplied(
                    "Another window has put these outputs into the notebook.",
                    "Reload the notebook if you do not see them.",
                )
            if before is not None and before["done"]:
                if claim.get("done"):
                    return record
                raise AlreadyApplied("These outputs are in the notebook already.")
            return replace(
                record, applied={"page": claim["page"], "claimed_at": clock.now(), "done": bool(claim.get("done"))}
            )

        return await self._ledger.job(await self._ledger.change(job_id, claimed, durable=True))

    async def bulk(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """One action on many jobs; the contract's BulkResult."""
        contract.check("BulkRequest", wish)
        verbs: dict[str, Callable[[str], Awaitable[object]]] = {
            "cancel": self.cancel,
            "hold": self.hold,
            "release": self.release,
            "retry": lambda job_id: self.retry(job_id, {}),
            "forget": lambda job_id: self.forget(job_id, keep_files=False),
        }
        done: list[str] = []
        failed: list[dict[str, Any]] = []
        for job_id in wish["ids"]:
            try:
                await verbs[wish["action"]](job_id)
                done.append(job_id)
            except ComputeError as error:
                failed.append({"id": job_id, "error": error.as_json()})
        return {"done": done, "failed": failed}


def _sent_as(record: Record) -> str:
    if record.native_id is None:
        raise WrongState("It is just being sent.", "Try again in a moment.")
    return record.native_id


def _queued(record: Record) -> Record:
    if record.state is not JobState.QUEUED:
        raise WrongState(f"Only a waiting job can be held; this one is {record.state.value}.")
    return record


def _on_hold(record: Record) -> Record:
    if record.state is not JobState.HELD:
        raise WrongState(f"Only a held job can be released; this one is {record.state.value}.")
    return record


# Under the record's lock things may be different from what they were a moment ago.


def _held(record: Record) -> Record:
    if _queued(record).send_begun_at is not None:
        raise WrongState("It has just been started.")
    return replace(record.believing(replace(record.belief, state=JobState.HELD, reason=judge.HELD)), held=True)


def _released(record: Record) -> Record:
    _on_hold(record)
    return replace(record.believing(replace(record.belief, state=JobState.QUEUED, reason=None)), held=False)
