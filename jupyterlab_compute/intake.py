"""From a wish to a job that is taken down: checked, prepared, previewed, once per key."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import allowed, contract, notebooks, prepare, run_folders
from .catalog import Catalog, Scheduler
from .due import Origin
from .errors import Invalid, KeyReused, NoSuchJob, SchedulerRefused, SchedulerSilent, WrongState
from .lease import Myself
from .ledger import Ledger
from .prepare import Prepared
from .profiles import Profile
from .surroundings import Surroundings
from .teller import Teller
from .watches import Watches

_A_PERSON = Origin()


class Intake:
    """Takes wishes. Every method raises `ComputeError` for what cannot be."""

    def __init__(
        self,
        ledger: Ledger,
        catalog: Catalog,
        watches: Watches,
        teller: Teller,
        around: Surroundings,
        myself: Myself,
        log: logging.Logger,
    ) -> None:
        self._ledger = ledger
        self._catalog = catalog
        self._watches = watches
        self._teller = teller
        self._around = around
        self._myself = myself
        self._log = log

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
        watch = self._watches.at(scheduler)
        record = replace(prepared.record, sender=self._myself.sender, schedule=origin.schedule, due_at=origin.due_at)

        def first() -> None:
            origin.still_wanted()
            run_folders.write(Path(record.run_folder), prepared.files)

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

    async def _prepared(self, request: Mapping[str, Any], retry_of: str | None) -> tuple[Prepared, Scheduler]:
        profile, scheduler = await self._catalog.get(request["profile"])
        allowed.relative_path(request["source"]["path"], "/source/path")
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
