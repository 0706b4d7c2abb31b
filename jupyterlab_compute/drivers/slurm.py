"""Slurm: its commands joined with what their answers mean.

Needs Slurm 20.02 or newer (`--me`). Tested on a real 22.05, with and without accounting.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from .. import clock
from ..errors import SchedulerRefused, SchedulerSilent
from ..states import Seen
from ..transports.base import Answer, Transport
from . import slurm_commands as commands
from . import slurm_places, slurm_read
from .base import Driver, Means, Place, Receipt, Submission

#: slurmctld that is down makes its clients wait for 9 s before they say so; a busy one can take longer.
_ASK_S = 30.0
#: Clocks of two machines differ.
_SKEW_S = 120
#: What fits on a command line, whatever the site's limits.
_IDS_AT_ONCE = 1000


class SlurmDriver(Driver):
    """One Slurm, as seen by one user over one transport."""

    type = "slurm"
    mails = True

    def __init__(
        self,
        transport: Transport,
        *,
        cluster: str = "slurm",
        env: Mapping[str, str] | None = None,
        send_s: float = 60.0,
    ) -> None:
        """`cluster` names this Slurm until it tells its own ClusterName.
        `send_s`: how long sbatch may take; so long a job may still turn up.
        `env`: what its clients need, by default this server's SLURM_CONF and nothing else of its SLURM_* and
        SBATCH_* (the server may itself run in an allocation, and sbatch passes SLURM_* on whatever --export says).
        """
        self.settle_s = send_s
        self._transport = transport
        self._called = cluster
        self._assumed: str | None = None
        kept = os.environ.get("SLURM_CONF")
        self._env = dict(env) if env is not None else {"SLURM_CONF": kept} if kept else {}
        #: None: not asked yet.
        self._accounting: bool | None = None
        self._version: str | None = None
        self._calls_itself: str | None = None

    @classmethod
    def of(cls, scheduler: Mapping[str, str], means: Means) -> SlurmDriver:
        return cls(means.transport, cluster=scheduler.get("cluster") or "slurm", send_s=means.send_s)

    @property
    def cluster(self) -> str:
        return self._calls_itself or self._assumed or self._called

    @property
    def former_names(self) -> frozenset[str]:
        return frozenset() if self._calls_itself in {None, self._called} else frozenset({self._called})

    def assume(self, cluster: str) -> None:
        if self._assumed is None and cluster != self._called:
            self._assumed = cluster

    async def probe(self) -> None:
        config = (await self._read(commands.about())).stdout
        self._version = slurm_places.version(config)
        self._calls_itself = slurm_places.cluster_name(config) or self._called
        if "AccountingStorageType" in config:
            self._accounting = "accounting_storage/slurmdbd" in config

    async def _introduced(self) -> None:
        """Two profiles may have two words for one Slurm, and one home two Slurms: go by its own word, asked once."""
        if self._calls_itself is None:
            await self.probe()

    async def places(self) -> Sequence[Place]:
        await self._introduced()
        limits = await self._read(commands.partitions())
        nodes = await self._read(commands.nodes())
        return slurm_places.places(limits.stdout, nodes.stdout)

    def command(self, job: Submission) -> list[str]:
        return commands.submit(job)

    async def submit(self, job: Submission) -> Receipt:
        # The environment here is the job's too, as far as it is called SLURM_*: only what it needs.
        answer = await self._transport.run(commands.submit(job), timeout_s=self.settle_s, env=self._env)
        native_id = slurm_read.submitted(answer.stdout)
        if answer.code != 0 and native_id is None:
            raise slurm_read.failure(answer.stderr, answer.code)
        if answer.code != 0 or native_id is None:
            # Neither a yes nor a no: nobody may send it again before it was looked for.
            said = slurm_read.words_of(answer.stdout + answer.stderr)
            raise SchedulerSilent(f"sbatch ended with code {answer.code} and said: {said}")
        return Receipt(native_id, slurm_read.words_of(answer.stderr))

    async def find(self, tags: Sequence[str], since: str) -> dict[str, Seen]:
        found = _by_tag(await self.queue(), tags)
        if len(found) < len(set(tags)) and self._accounting is not False:
            answer = await self._ask_accounting(commands.traces(_seconds(since)))
            found = _by_tag(slurm_read.past(answer, _now()), tags) | found
        return found

    async def queue(self) -> dict[str, Seen]:
        await self._introduced()
        return slurm_read.queue((await self._read(commands.queue())).stdout, _now())

    async def past(self, native_ids: Sequence[str], since: str) -> dict[str, Seen]:
        """Accounting's word. Where there is none nobody is asked: `queue` already tells of ended jobs as long as
        slurmctld remembers them (MinJobAge, usually 5 minutes), so an id that is missing there is forgotten."""
        found: dict[str, Seen] = {}
        for at in range(0, len(native_ids), _IDS_AT_ONCE):
            if self._accounting is False:
                break
            some = native_ids[at : at + _IDS_AT_ONCE]
            found |= slurm_read.past(await self._ask_accounting(commands.past(some, _seconds(since))), _now())
        return {each: found[each] for each in native_ids if each in found}

    async def cancel(self, native_id: str) -> None:
        await self._act(commands.cancel(native_id), gone_is_fine=True)

    async def hold(self, native_id: str) -> None:
        await self._act(commands.hold(native_id))

    async def release(self, native_id: str) -> None:
        await self._act(commands.release(native_id))

    async def estimate(self, job: Submission) -> str | None:
        answer = await self._read(commands.estimate(job))
        return slurm_read.estimated(answer.stderr, _now())

    def environment_facts(self) -> dict[str, Any]:
        return {"version": self._version, "cluster_name": self._calls_itself, "accounting": self._accounting}

    async def _read(self, argv: Sequence[str]) -> Answer:
        answer = await self._transport.run(argv, timeout_s=_ASK_S, env={**self._env, **commands.READING_ENV})
        if answer.code != 0:
            raise slurm_read.failure(answer.stderr, answer.code)
        return answer

    async def _ask_accounting(self, argv: Sequence[str]) -> str:
        answer = await self._transport.run(argv, timeout_s=_ASK_S, env={**self._env, **commands.READING_ENV})
        if slurm_read.has_no_accounting(answer.stderr):
            self._accounting = False
            return ""
        if answer.code != 0:
            raise slurm_read.failure(answer.stderr, answer.code)
        self._accounting = True
        return answer.stdout

    async def _act(self, argv: Sequence[str], *, gone_is_fine: bool = False) -> None:
        answer = await self._transport.run(argv, timeout_s=_ASK_S, env=self._env)
        if answer.code == 0 or (gone_is_fine and slurm_read.is_gone(answer.stderr)):
            return
        error = slurm_read.failure(answer.stderr, answer.code)
        if slurm_read.is_gone(answer.stderr):
            raise SchedulerRefused(f"The job is over: {error.message}") from None
        raise error


def _by_tag(jobs: Mapping[str, Seen], tags: Sequence[str]) -> dict[str, Seen]:
    return {seen.tag: seen for seen in jobs.values() if seen.tag is not None and seen.tag in tags}


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _seconds(since: str) -> int:
    return int(clock.parse(since).timestamp()) - _SKEW_S
