"""What run folders take on disk, and what may be cleaned up. Deciding is pure."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import clock, contract
from .errors import ComputeError
from .footprint import Footprint
from .ledger import Ledger

_MOST_LISTED = 20
#: Jobs that one request deletes: a page shows how far it has come, and nobody waits for minutes.
_AT_A_TIME = 200
_PATIENCE_S = 1.0
#: A limit from here on is none. Python reads 1e999 as infinite, of which no whole number can be made.
_ENDLESS = 1e12
_TIDY_S = 3600.0


@dataclass(frozen=True)
class Keep:
    """What is kept of ended jobs; None: no limit. A job goes when any of the limits says so, oldest first."""

    days: float | None = None
    jobs: int | None = None
    bytes: int | None = None
    #: Jobs whose results are nowhere but in their run folder stay, unless this is set.
    even_only_copies: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing ever has to go."""
        return self.days is None and self.jobs is None and self.bytes is None


def keep(settings: Mapping[str, Any]) -> Keep:
    """What the settings `keep_days`, `keep_jobs` and `keep_gib` say; what is not a number says nothing."""

    def limit(name: str) -> float | None:
        value = settings.get(name)
        return (
            value if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < _ENDLESS else None
        )

    days, jobs, gib = limit("keep_days"), limit("keep_jobs"), limit("keep_gib")
    return Keep(days, None if jobs is None else int(jobs), None if gib is None else int(gib * 1024**3))


def to_go(jobs: Iterable[Footprint], sizes: Mapping[str, int], keep: Keep, now: str) -> list[str]:
    """The ids of the jobs that go, oldest first. A job that has not been measured counts as nothing."""
    going: list[str] = []
    kept = taken = 0
    for job in sorted((job for job in jobs if job.ended), key=lambda job: (job.at, job.id), reverse=True):
        size = sizes.get(job.id, 0)
        too_old = keep.days is not None and (clock.parse(now) - clock.parse(job.at)).total_seconds() > keep.days * 86400
        too_many = keep.jobs is not None and kept >= keep.jobs
        too_large = keep.bytes is not None and taken + size > keep.bytes
        if (too_old or too_many or too_large) and (keep.even_only_copies or not job.only_copy):
            going.append(job.id)
        else:
            kept, taken = kept + 1, taken + size
    return going[::-1]


def view(jobs: Sequence[Footprint], sizes: Mapping[str, int], keep: Keep) -> dict[str, Any]:
    """The contract's Storage."""
    notebooks: dict[str, list[int]] = {}
    for job in jobs:
        entry = notebooks.setdefault(job.path, [0, 0])
        entry[0] += 1
        entry[1] += sizes.get(job.id, 0)
    ended = [job for job in jobs if job.ended]
    largest = sorted(jobs, key=lambda job: sizes.get(job.id, 0), reverse=True)[:_MOST_LISTED]
    return {
        "jobs": len(jobs),
        "measured": sum(job.id in sizes for job in jobs),
        "bytes": sum(sizes.get(job.id, 0) for job in jobs),
        "ended": {"jobs": len(ended), "bytes": sum(sizes.get(job.id, 0) for job in ended)},
        "only_copies": sum(job.only_copy for job in ended),
        "largest": [{"id": job.id, "name": job.name, "bytes": sizes.get(job.id, 0)} for job in largest],
        "notebooks": [
            {"path": path, "jobs": number, "bytes": size}
            for path, (number, size) in sorted(notebooks.items(), key=lambda item: -item[1][1])[:_MOST_LISTED]
        ],
        "keep": {"days": keep.days, "jobs": keep.jobs, "bytes": keep.bytes},
    }


def size(folder: str) -> int:
    """Bytes that a folder takes on disk; one that is gone takes none. Blocks."""
    total = 0
    for top, _, names in os.walk(folder):
        for name in names:
            try:
                status = os.lstat(os.path.join(top, name))
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode):
                # What the disk gives for it, not what it could hold.
                total += status.st_blocks * 512
    return total


class Storage:
    """Measures run folders when somebody wants to know, and deletes ended jobs by what is to be kept."""

    def __init__(
        self, ledger: Ledger, keep: Callable[[], Keep], forget: Callable[[str], Awaitable[None]], log: logging.Logger
    ) -> None:
        self._ledger = ledger
        self._keep = keep
        self._forget = forget
        self._log = log
        #: Bytes by job. An ended job is measured once: nothing writes there any more.
        self._sizes: dict[str, int] = {}
        self._settled: set[str] = set()
        self._measuring: asyncio.Task[None] | None = None

    async def view(self) -> dict[str, Any]:
        """The contract's Storage, as far as it has been measured by now; measuring goes on."""
        jobs = await self._jobs()
        if self._measuring is None or self._measuring.done():
            self._measuring = asyncio.create_task(self._measure(jobs))
        # What is known already, or is known in a moment, is worth waiting for.
        await asyncio.wait([self._measuring], timeout=_PATIENCE_S)
        return await self._ledger.blocking(lambda: view(jobs, self._sizes, self._keep()))

    async def clean_up(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's CleanUpResult. What goes is decided now, from what is there now."""
        contract.check("CleanUpRequest", wish)
        keep = Keep(wish.get("days"), wish.get("jobs"), wish.get("bytes"), wish.get("even_only_copies", False))
        return await self._clean_up(keep, dry_run=wish.get("dry_run", False))

    async def tidy(self) -> None:
        """For ever: once an hour delete what the settings say is not to be kept."""
        while True:
            await asyncio.sleep(_TIDY_S)
            try:
                keep = await self._ledger.blocking(self._keep)
                while not keep.everything and (await self._clean_up(keep, dry_run=False))["jobs"]:
                    pass
            except Exception:  # noqa: BLE001
                # A bug must not end the tidying for good; it is logged with its traceback.
                self._log.exception("compute: deleting old jobs failed")

    async def stop(self) -> None:
        """Stop measuring."""
        if self._measuring is not None:
            self._measuring.cancel()
            await asyncio.gather(self._measuring, return_exceptions=True)

    async def _clean_up(self, keep: Keep, *, dry_run: bool) -> dict[str, Any]:
        jobs = await self._jobs()
        if keep.bytes is not None:
            await self._measure(jobs)
        going, all_going = await self._ledger.blocking(
            lambda: [
                to_go(jobs, self._sizes, limits, clock.now()) for limits in (keep, replace(keep, even_only_copies=True))
            ]
        )
        # Those that stay only because their results are nowhere else.
        spared = len(all_going) - len(going)
        if dry_run:
            known = [self._sizes[job_id] for job_id in going if job_id in self._sizes]
            return {"jobs": len(going), "bytes": sum(known), "left": 0, "spared": spared}
        done = freed = 0
        for job_id in going[:_AT_A_TIME]:
            try:
                await self._forget(job_id)
            except ComputeError as error:
                self._log.info("compute: job=%s is not deleted: %s", job_id, error.message)
                continue
            done += 1
            freed += self._sizes.pop(job_id, 0)
            self._settled.discard(job_id)
        return {"jobs": done, "bytes": freed, "left": len(going) - len(going[:_AT_A_TIME]), "spared": spared}

    async def _jobs(self) -> list[Footprint]:
        return await self._ledger.listed(lambda index: index.footprints())

    async def _measure(self, jobs: Sequence[Footprint]) -> None:
        for job in jobs:
            if job.id not in self._settled:
                # One at a time and in a thread that nobody else waits for: on a network disk this takes minutes.
                self._sizes[job.id] = await asyncio.to_thread(size, job.run_folder)
                if job.ended:
                    self._settled.add(job.id)
