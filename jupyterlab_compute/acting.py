"""What can be done to jobs that there are: cancel, hold, release, forget, claim their outputs; to many at once."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from . import clock, contract, files, judge
from .catalog import Catalog
from .drivers.base import Driver
from .errors import AlreadyApplied, ComputeError, WrongState
from .ledger import Ledger
from .records import Record
from .retrying import Retrying
from .states import JobState
from .watches import Watches

_CLAIM_S = 60.0


class Acting:
    """Raises `NoSuchJob`, and `WrongState` for what cannot be done to a job as it stands."""

    def __init__(
        self, ledger: Ledger, catalog: Catalog, watches: Watches, retrying: Retrying, log: logging.Logger
    ) -> None:
        self._ledger = ledger
        self._catalog = catalog
        self._watches = watches
        self._retrying = retrying
        self._log = log

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
        watch = self._watches.of(record)
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

    def _driver(self, record: Record) -> Driver:
        return self._catalog.scheduler(record.scheduler).driver

    async def _looked_at_again(self, record: Record) -> dict[str, Any]:
        watch = self._watches.of(record)
        if watch is not None:
            watch.look()
        return await self._ledger.job(record)

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
                # In the future, when it was made by a clock that was set right since: it is not waited for.
                and (before["done"] or abs(clock.seconds_since(before["claimed_at"])) < _CLAIM_S)
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
            "retry": lambda job_id: self._retrying.retry(job_id, {}),
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
