"""Records and their index as one thing: every change goes through here and becomes a revision and an event.

The ledger also notices what other servers of the user wrote, because the records are the truth and the index is not.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from . import again, notify, view
from .errors import NoSuchJob
from .index import Index
from .records import Record, Records
from .store import Stamp

T = TypeVar("T")

#: What may be left to do about a job, and whether it is.
_LEFT: dict[str, Callable[[Record], object]] = {
    "end": lambda job: not job.state.final,
    "land": lambda job: job.state.final and job.lands_at and not job.landed and not job.land_problem,
    "export": lambda job: job.state.final and job.formats and job.landed and job.exports is None,
    "retry": again.due,
    "tell": notify.unsettled,
}


class Ledger:
    """All jobs of this user. Methods are for the event loop's thread; what blocks runs in a small pool."""

    def __init__(self, records: Records, log: logging.Logger, tell: Callable[[str, int, str], None]) -> None:
        self._records = records
        self._log = log
        self._tell = tell
        self._index = Index()
        # Few threads: writes of one disk do not get faster by many, and the server needs its own.
        self._pool = ThreadPoolExecutor(4, thread_name_prefix="compute-ledger")
        # One for the index: what is put into it goes in in that order, and lists do not wait behind a slow disk.
        self._lists = ThreadPoolExecutor(1, thread_name_prefix="compute-index")
        #: The newest version of each record that was taken down.
        self._versions: dict[str, int] = {}
        #: By what is left to do: the jobs of which that is so.
        self._left: dict[str, dict[str, Record]] = {what: {} for what in _LEFT}
        self._stamps: dict[str, Stamp] = {}
        self._folder_stamp: int | None = None
        self._read_all = False
        #: Clusters that are silent: since when, and when that was last found out.
        self._stale: dict[str, tuple[str, str]] = {}
        self._scanning = asyncio.Lock()

    async def start(self) -> None:
        """Read all records. Until then lists are empty."""
        await self.scan()

    def close(self) -> None:
        """Let go of threads and the index."""
        self._pool.shutdown(wait=True)
        self._lists.shutdown(wait=True)
        self._index.close()

    async def blocking(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run something that blocks in the ledger's threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)

    # Reading

    async def listed(self, ask: Callable[[Index], T]) -> T:
        """The answer of the index to a question for a list."""
        return await asyncio.get_running_loop().run_in_executor(self._lists, ask, self._index)

    def unchanged(self, revision: int) -> dict[str, int] | None:
        """How many jobs there are of each state if nothing is known to have changed since, else None."""
        return self._index.unchanged(revision)

    def unfinished(self, cluster: str | None = None) -> list[Record]:
        """Jobs that are not final, oldest first, as last known here."""
        found = [r for r in self._left["end"].values() if cluster is None or r.cluster == cluster]
        return sorted(found, key=lambda r: (r.created_at, r.id))

    def unlanded(self, cluster: str | None = None) -> list[Record]:
        """Ended jobs whose executed copy is still to be put in its place."""
        return [r for r in self._left["land"].values() if cluster is None or r.cluster == cluster]

    def unexported(self) -> list[Record]:
        """Jobs whose executed copy has landed, and is to be had in other formats as well."""
        return list(self._left["export"].values())

    def failed_to_retry(self) -> list[Record]:
        """Failed jobs that are to be run again by themselves and have not been."""
        return list(self._left["retry"].values())

    def untold(self) -> list[Record]:
        """Jobs of which something is still to be told, or it is not known yet how that went."""
        return list(self._left["tell"].values())

    async def get(self, job_id: str) -> Record:
        """The record from disk. Raises `NoSuchJob`."""
        record = await self.blocking(self._records.read, job_id)
        if record is None:
            raise no_such_job(job_id)
        if record.version > self._versions.get(job_id, -1):
            # Whoever is told of it now finds it in the list as well, not only after the next scan.
            await self._take_down(record)
        return record

    async def job(self, record: Record) -> dict[str, Any]:
        """The contract's Job with everything."""
        await self._take_down(record)
        text = await self.listed(lambda index: index.get(record.id))
        if text is None:
            raise no_such_job(record.id)
        # What the index has may be newer than `record`, and its revision must not be told of something older:
        # the page would take what comes next for known.
        shown: dict[str, Any] = json.loads(text)
        shown["source"]["cells"] = list(record.cells)
        return shown

    # Writing

    async def create(self, record: Record, first: Callable[[], None]) -> bool:
        """Take down a new job for good, after `first` was done. False, and neither, if there is one of that id."""
        if not await self.blocking(self._records.create, record, first):
            return False
        await self._take_down(record)
        return True

    async def change(self, job_id: str, how: Callable[[Record], Record], *, durable: bool = False) -> Record:
        """Replace a record by `how(record)` under its lock. Raises `NoSuchJob`, and what `how` raises."""
        record = await self.blocking(lambda: self._records.change(job_id, how, durable=durable))
        if record is None:
            await self._drop(job_id)
            raise no_such_job(job_id)
        await self._take_down(record)
        return record

    async def remove(self, job_id: str, allowed: Callable[[Record], None]) -> Record:
        """Forget a job. Raises `NoSuchJob`, and what `allowed` raises."""
        record = await self.blocking(self._records.remove, job_id, allowed)
        await self._drop(job_id)
        if record is None:
            raise no_such_job(job_id)
        return record

    async def set_stale(self, cluster: str, since: str | None, asked_at: str | None = None) -> None:
        """From now on that cluster's unfinished jobs are stale since then, or fresh.

        `asked_at`: when it was last asked in vain; of jobs that are younger it has not been silent yet.
        """
        silent = None if since is None else (since, asked_at or since)
        if self._stale.get(cluster) == silent:
            return
        if silent is None:
            del self._stale[cluster]
        else:
            self._stale[cluster] = silent
        await self._take_down(*self.unfinished(cluster))

    def _stale_since(self, record: Record) -> str | None:
        since, asked_at = self._stale.get(record.cluster, ("", ""))
        if record.created_at > asked_at:
            return None
        return max(since, record.created_at)

    # Keeping up with other servers

    async def scan(self) -> None:
        """Take over what has changed on disk since the last scan."""
        async with self._scanning:
            # Taken before the listing: what changes meanwhile is found by the next scan.
            stamp = await self.blocking(self._records.folder_stamp)
            if stamp == self._folder_stamp:
                return
            found, changed = await self.blocking(self._changed)
            # Clocks of disks are coarse: a stamp stands for no change only if a later look found none under it.
            settled = found == self._stamps
            await self._take_down(*changed)
            for job_id in self._stamps.keys() - found.keys():
                await self._drop(job_id)
            self._stamps = found
            self._folder_stamp = stamp if settled else None
            self._read_all = True

    def _changed(self) -> tuple[dict[str, Stamp], list[Record]]:
        found = self._records.stamps()
        changed = []
        for job_id, stamp in found.items():
            if self._stamps.get(job_id) != stamp:
                record = self._read(job_id)
                if record is not None:
                    changed.append(record)
        return found, changed

    def _read(self, job_id: str) -> Record | None:
        try:
            record = self._records.read(job_id)
        except (ValueError, KeyError, TypeError) as error:
            self._log.warning("compute: the record of job %s cannot be read and is left alone: %r", job_id, error)
            return None
        return record if record is None or record.id == job_id else None

    async def _take_down(self, *records: Record) -> None:
        for record in records:
            if record.version < self._versions.get(record.id, 0):
                # Threads come in any order: this one was read before a change that is known already.
                continue
            self._versions[record.id] = record.version
            for what, left in self._left.items():
                if _LEFT[what](record):
                    left[record.id] = record
                else:
                    left.pop(record.id, None)
        jobs = [(view.job(record, self._stale_since(record)), record.version) for record in records]
        for job_id, revision, state in await self.listed(lambda index: index.put(jobs)):
            # Nobody has a list yet that the first scan could change.
            if self._read_all:
                self._tell(job_id, revision, state)

    async def _drop(self, job_id: str) -> None:
        self._versions.pop(job_id, None)
        for jobs in self._left.values():
            jobs.pop(job_id, None)
        revision = await self.listed(lambda index: index.remove(job_id))
        if revision is not None:
            self._tell(job_id, revision, "deleted")


def no_such_job(job_id: str) -> NoSuchJob:
    """The error for an id that nobody knows."""
    return NoSuchJob("There is no such job here.", "It may have been deleted in another window. Refresh the list.")
