"""Running a job again: because a person wishes it, or by itself when it failed (see `again` for when and with what)."""

from __future__ import annotations

import contextlib
import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from . import again, contract, files
from .background import Background
from .catalog import Catalog
from .due import Origin
from .errors import ComputeError, NoSuchJob, WrongState
from .intake import Intake
from .ledger import Ledger
from .records import Record


class Retrying:
    """Makes a new job of what was kept of an old one."""

    def __init__(self, ledger: Ledger, catalog: Catalog, intake: Intake, log: logging.Logger) -> None:
        self._ledger = ledger
        self._catalog = catalog
        self._intake = intake
        self._log = log
        #: Failed jobs that this server is running again, or cannot because of a bug.
        self._at_it: set[str] = set()
        self._under_way = Background("retry")

    async def retry(self, job_id: str, wish: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        """A new job that runs exactly the same again, from what was kept of the old one."""
        contract.check("RetryRequest", wish)
        record = await self._ledger.get(job_id)
        if record.state.active:
            raise WrongState(f"It is still {record.state.value}.", "Wait for its end, or cancel it first.")
        request = await self._ledger.blocking(files.request_again, record)
        request["key"] = wish.get("key") or secrets.token_urlsafe(18).replace("=", "")
        request["resources"] = {**record.resources, **wish.get("resources", {})}
        return await self._again(record, request)

    def look(self) -> None:
        """Begin with failed jobs that are to be run again by themselves."""
        for record in self._ledger.failed_to_retry():
            if record.id not in self._at_it:
                self._at_it.add(record.id)
                # Apart from keeping up with the records, which a slow disk or scheduler must not hold up.
                self._under_way.start(partial(self._by_itself_or_log, record))

    async def stop(self) -> None:
        """Let go. What is cut off here is done by the next server, once."""
        await self._under_way.stop()

    async def _by_itself_or_log(self, record: Record) -> None:
        try:
            await self._by_itself(record)
            self._at_it.discard(record.id)
        except OSError as error:
            self._log.warning("compute: job=%s is not run again yet: %s", record.id, error)
            self._at_it.discard(record.id)
        except Exception:  # noqa: BLE001
            # A bug: said once, and not tried again each second.
            self._log.exception("compute: running job=%s again failed", record.id)

    async def _by_itself(self, record: Record) -> None:
        """Once: two servers, and one that was killed meanwhile, use the same key."""
        problem = None
        try:
            request = await self._ledger.blocking(files.request_again, record)
            profile, _ = await self._catalog.get(record.profile)
            request["key"] = f"again-{record.id}"
            request["resources"] = again.resources(record, profile)
            request.pop("retries", None)
            job, _ = await self._again(record, request | again.rest(record))
        except ComputeError as error:
            problem = error.message
            self._log.info("compute: job=%s is not run again: %s", record.id, problem)

        def noted(before: Record) -> Record:
            if problem is not None:
                return replace(before, retries={**(before.retries or {}), "times": 0, "problem": problem})
            return replace(before, retried_as=job["id"])

        with contextlib.suppress(NoSuchJob):
            await self._ledger.change(record.id, noted)

    async def _again(self, record: Record, request: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
        return await self._intake.submit(request, retry_of=record.id, origin=Origin(record.schedule, record.due_at))
