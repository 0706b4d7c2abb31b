"""A scheduler that does what a test tells it, and the named ways in which real ones go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyterlab_compute import clock
from jupyterlab_compute.catalog import Catalog
from jupyterlab_compute.courier import Site
from jupyterlab_compute.drivers.base import Driver, Place, Receipt, Submission
from jupyterlab_compute.errors import Invalid, SchedulerRefused, SchedulerSilent
from jupyterlab_compute.lease import Myself
from jupyterlab_compute.ledger import Ledger
from jupyterlab_compute.notify import Wishes
from jupyterlab_compute.pace import Pace
from jupyterlab_compute.profiles import Profile, Read
from jupyterlab_compute.records import Records
from jupyterlab_compute.run_folders import Ground
from jupyterlab_compute.service import Service
from jupyterlab_compute.states import JobState, Reason, Seen, Source
from jupyterlab_compute.surroundings import Surroundings

from .builders import a_profile, a_request, begin_attempt, end_attempt
from .waiting import wait_until

#: Everything that is waited for in the tests of the service happens within this, or never.
SOON_S = 10.0


class FakeDriver(Driver):
    """A scheduler in memory. Two services may share one, as two servers of a user share theirs."""

    type = "fake"
    settle_s = 0.0

    def __init__(self, cluster: str = "fake", slots: int | None = None) -> None:
        self.slots = slots
        self.runner_enforces_limits = slots is not None
        self._cluster = cluster
        #: What it was sent, in order; a tag that is here twice was sent twice.
        self.sent: list[Submission] = []
        self.live: dict[str, Seen] = {}
        self.accounting: dict[str, Seen] = {}
        self.told: list[tuple[str, str]] = []
        self.asked: Counter[str] = Counter()

    @property
    def cluster(self) -> str:
        return self._cluster

    async def probe(self) -> None:
        self.asked["probe"] += 1

    async def places(self) -> Sequence[Place]:
        self.asked["places"] += 1
        return []

    def command(self, job: Submission) -> list[str]:
        return ["fake-submit", job.script]

    async def submit(self, job: Submission) -> Receipt:
        return Receipt(self.take(job))

    async def find(self, tags: Sequence[str], since: str) -> dict[str, Seen]:
        self.asked["find"] += 1
        return {seen.tag: seen for seen in self.live.values() if seen.tag in tags and seen.tag}

    async def queue(self) -> dict[str, Seen]:
        self.asked["queue"] += 1
        return dict(self.live)

    async def past(self, native_ids: Sequence[str], since: str) -> dict[str, Seen]:
        self.asked["past"] += 1
        return {each: self.accounting[each] for each in native_ids if each in self.accounting}

    async def cancel(self, native_id: str) -> None:
        self.told.append(("cancel", native_id))

    async def hold(self, native_id: str) -> None:
        self.told.append(("hold", native_id))
        self.shows(native_id, "held")

    async def release(self, native_id: str) -> None:
        self.told.append(("release", native_id))
        self.shows(native_id, "queued")

    async def estimate(self, job: Submission) -> str | None:
        return None

    # What the test does to it

    def take(self, job: Submission) -> str:
        """Queue the job, as `submit` does."""
        self.sent.append(job)
        native_id = str(len(self.sent))
        self.live[native_id] = Seen(native_id, JobState.QUEUED, Source.QUEUE, tag=job.tag)
        return native_id

    def shows(self, native_id: str, state: str | None, **more: Any) -> None:
        """From now on the queue shows that state."""
        self.live[native_id] = replace(self.live[native_id], state=JobState(state) if state else None, **more)

    def vanish(self, native_id: str, ended: str | None = None, **more: Any) -> None:
        """The job leaves the queue; accounting knows its end, or nobody does."""
        self.live.pop(native_id, None)
        if ended is not None:
            self.accounting[native_id] = Seen(native_id, JobState(ended), Source.ACCOUNTING, **more)

    def begin(self, native_id: str, attempt: int = 1) -> Path:
        """The runner of that job begins: the queue shows it, and so does the run folder."""
        job = self.job(native_id)
        self.shows(native_id, "running", started_at=clock.now(), node="n1")
        return begin_attempt(job.run_folder, job.tag, attempt, native_id=native_id)

    def end(self, native_id: str, folder: Path, outcome: str = "succeeded", **more: Any) -> None:
        """The runner writes the end down, and the job leaves the queue."""
        end_attempt(folder, self.job(native_id).tag, outcome, **more)
        self.vanish(native_id)

    def job(self, native_id: str) -> Submission:
        """What was sent."""
        return self.sent[int(native_id) - 1]

    @property
    def cancelled(self) -> list[str]:
        """The jobs it was told to cancel, as often as it was told."""
        return [native_id for verb, native_id in self.told if verb == "cancel"]


class Slow(FakeDriver):
    """Takes a job, but does not say so before it is let."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.may_answer = asyncio.Event()

    async def submit(self, job: Submission) -> Receipt:
        native_id = self.take(job)
        await self.may_answer.wait()
        return Receipt(native_id)


class Never(FakeDriver):
    """Does not answer. `takes`: what it was sent has arrived all the same. `mends`: it answers again."""

    takes = False
    mends = False

    async def submit(self, job: Submission) -> Receipt:
        if self.takes:
            self.take(job)
        else:
            self.sent.append(job)
        raise SchedulerSilent("It did not answer within 60 s.")

    async def queue(self) -> dict[str, Seen]:
        found = await super().queue()
        if not self.mends:
            raise SchedulerSilent("It did not answer within 30 s.")
        return found

    async def cancel(self, native_id: str) -> None:
        await super().cancel(native_id)
        if not self.mends:
            raise SchedulerSilent("It did not answer within 30 s.")


class Refuses(FakeDriver):
    """Says no to everything that is to be done."""

    async def submit(self, job: Submission) -> Receipt:
        self.sent.append(job)
        raise SchedulerRefused("Invalid account or account/partition combination specified")

    async def hold(self, native_id: str) -> None:
        raise SchedulerRefused("Access/permission denied")


class Vanishes(FakeDriver):
    """Takes jobs and forgets them at once; its accounting is not there."""

    def take(self, job: Submission) -> str:
        native_id = super().take(job)
        del self.live[native_id]
        return native_id


class Babbles(FakeDriver):
    """Its queue speaks in words that nobody knows."""

    async def queue(self) -> dict[str, Seen]:
        said = Reason("unknown_word", "RECONFIGURING_THE_FLUX")
        return {each: replace(seen, state=None, reason=said) for each, seen in (await super().queue()).items()}


class Breaks(FakeDriver):
    """Has a bug."""

    async def submit(self, job: Submission) -> Receipt:
        self.sent.append(job)
        raise RuntimeError("a bug")


class Requeues(FakeDriver):
    """Puts a running job back into its queue."""

    def requeue(self, native_id: str, folder: Path) -> None:
        """The runner is told to stop and cannot know why; the job waits again."""
        end_attempt(
            folder,
            self.job(native_id).tag,
            "failed",
            conclusive=False,
            reason={"code": "terminated", "text": "Told to stop."},
        )
        self.shows(native_id, "queued", started_at=None, node=None)


@dataclass
class Bridge:
    """One server's half of the bridge on the records below `home`, without a Jupyter server around it."""

    home: Path
    driver: FakeDriver
    profile: Profile = field(default_factory=a_profile)
    pace: Pace = field(
        default_factory=lambda: Pace(0.02, 0.02, 0.3, 0.02, 0.05, heartbeat_s=0.1, cancel_again_s=0.1, lost_s=0.1)
    )
    myself: Myself = field(default_factory=Myself)
    saved: dict[str, Any] = field(default_factory=dict)
    #: How it sends messages about jobs, and what the person's settings say of that.
    messages: Site = field(default_factory=Site)
    wishes: Wishes = field(default_factory=Wishes)
    #: What its clock shows to what is due; None: the true time.
    clock: datetime | None = None
    #: What pages were told: id, revision, state.
    events: list[tuple[str, int, str]] = field(default_factory=list)
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("compute-test"))
    records: Records = field(init=False)
    ledger: Ledger = field(init=False)
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        root = self.home / "notebooks"
        root.mkdir(exist_ok=True)
        self.records = Records(self.home / "jobs")
        self.ledger = Ledger(self.records, self.log, lambda *event: self.events.append(event))
        catalog = Catalog(self.ledger, lambda: Read([self.profile], []), lambda named: self.driver, self.log)
        around = Surroundings(
            ground=Ground(root, self.home / "runs", python="/usr/bin/python3"),
            read_notebook=self._read,
            kernel=self._kernel,
            sign=lambda notebook: None,
            ends_with_server=lambda named: None,
            leases=self.home / "leases",
            schedules=self.home / "schedules",
            now=lambda: self.clock or clock.moment(),
            pace=self.pace,
            messages=self.messages,
            wishes=lambda: self.wishes,
        )
        self.service = Service(self.ledger, catalog, around, self.myself, self.log)

    async def _read(self, path: str) -> Any:
        if path not in self.saved:
            raise Invalid(f"The notebook {path} cannot be read: it is not there.", pointer="/source/path")
        return self.saved[path]

    async def _kernel(self, name: str) -> tuple[str, dict[str, Any]]:
        return name, {"argv": ["python3"], "env": {}, "display_name": name, "language": "python"}

    async def send(self, request: dict[str, Any]) -> str:
        """Send a job; its id."""
        job, new = await self.service.intake.submit(request)
        assert new
        return str(job["id"])

    async def queued(self, request: dict[str, Any] | None = None) -> str:
        """Send a job, by default a usual one, and wait until the scheduler has it; its id."""
        job_id = await self.send(request or a_request())
        await self.wait(job_id, "queued")
        return job_id

    async def job(self, job_id: str) -> dict[str, Any]:
        """The job as a page sees it."""
        return await self.service.reading.job(job_id)

    async def wait(self, job_id: str, what: str | Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Wait until the job is in that state, or until that is true of it."""
        found: dict[str, Any] = {}

        async def holds() -> bool:
            found.update(await self.job(job_id))
            return bool(found["state"] == what if isinstance(what, str) else what(found))

        deadline = asyncio.get_running_loop().time() + SOON_S
        while not await holds():
            assert asyncio.get_running_loop().time() < deadline, f"{what} never came: {found}"
            await asyncio.sleep(0.01)
        return found

    async def looks(self, number: int = 3) -> None:
        """Wait until the scheduler was asked for its queue so many times more."""
        wanted = self.driver.asked["queue"] + number
        await wait_until(lambda: self.driver.asked["queue"] >= wanted, SOON_S, "it is asked for its queue")


@contextlib.asynccontextmanager
async def a_bridge(home: Path, driver: FakeDriver | None = None, **more: Any) -> AsyncIterator[Bridge]:
    """A bridge that runs; at the end it is stopped in order."""
    bridge = Bridge(home, driver or FakeDriver(), **more)
    await bridge.service.start()
    try:
        yield bridge
    finally:
        await bridge.service.stop()
