"""What can be known of jobs: lists, one job, and what its run folder holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import files
from .errors import NoSuchJob
from .index import Page
from .ledger import Ledger
from .states import JobState
from .watches import Watches


class Reading:
    """Answers questions and changes nothing. Raises `NoSuchJob` for what is not there."""

    def __init__(self, ledger: Ledger, watches: Watches) -> None:
        self._ledger = ledger
        self._watches = watches

    async def jobs(self, query: Mapping[str, Any]) -> str:
        """The contract's JobList as JSON text."""
        self._watches.somebody_looks()
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
            "clusters": self._watches.clusters(),
        }
        if page.reset:
            rest["reset"] = True
        # Jobs are JSON already: a page of thousands is joined, not parsed.
        return f'{{"jobs":[{",".join(page.jobs)}],{json.dumps(rest)[1:]}'

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
        return await self._ledger.blocking(files.outputs, await self._ledger.get(job_id), start, attempt)

    async def usage(self, job_id: str) -> dict[str, Any]:
        """The contract's UsageOverTime."""
        return await self._ledger.blocking(files.usage, await self._ledger.get(job_id))

    async def log(self, job_id: str, stream: str, offset: int, limit: int) -> files.Piece:
        """A piece of a log."""
        return await self._ledger.blocking(files.log, await self._ledger.get(job_id), stream, offset, limit)

    async def files(self, job_id: str) -> dict[str, Any]:
        """The contract's FileList."""
        return await self._ledger.blocking(files.listing, await self._ledger.get(job_id))

    async def file(self, job_id: str, path: str) -> Path:
        """A file of the run folder, checked."""
        return await self._ledger.blocking(files.checked, await self._ledger.get(job_id), path)

    async def piece(self, path: Path, offset: int, size: int) -> bytes:
        """Bytes of a file that `file` gave."""
        return await self._ledger.blocking(files.piece, path, offset, size)
