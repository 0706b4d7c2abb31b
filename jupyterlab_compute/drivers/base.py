"""The promise of a driver.

A driver knows one kind of scheduler and nothing else: no records, no HTTP, no notebooks. It is made of
pairs of pure functions, "the command" and "what its output means", which are tested by tables; the few
methods below join the pairs over a transport.

Errors of every method: `SchedulerRefused` when the scheduler answered no (its words in `message`),
`SchedulerSilent` when it did not answer, or babbled. Neither is ever a job's state.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..states import Seen
from ..transports.base import Transport


@dataclass(frozen=True)
class Resources:
    """What a job asks for. Memory is per node, cores per task; of fewer tasks than nodes there is one on each node."""

    cores: int = 1
    memory_mb: int | None = None
    walltime_s: int | None = None
    nodes: int = 1
    tasks: int = 1
    gpus: int = 0
    gpu_type: str | None = None


@dataclass(frozen=True)
class Submission:
    """Everything a driver needs to send one job. `tag` is ours and opaque; it finds the job again."""

    tag: str
    job_id: str
    #: Absolute path of the run folder; it exists, mode 0700, and holds `script`.
    run_folder: str
    #: Absolute path of the script that the scheduler is to start.
    script: str
    resources: Resources
    queue: str | None = None
    account: str | None = None
    #: Further options that the profile allows, already checked against the profile's patterns.
    native: dict[str, str] = field(default_factory=dict)
    #: Shown to everybody in the queue; opaque unless the user wants otherwise.
    display_name: str = ""
    #: Whether the tag may also go into the scheduler's comment (sites may own that field).
    use_comment: bool = True
    requeue: bool = False
    #: Of what the scheduler is to send a mail, and where to: started, ended (in any way), failed.
    mail_on: tuple[str, ...] = ()
    mail_to: str = ""


@dataclass(frozen=True)
class Receipt:
    """The scheduler took the job. `warning` holds what it said beside the id."""

    native_id: str
    warning: str = ""


@dataclass(frozen=True)
class Place:
    """Somewhere this scheduler can run jobs, found by asking it: becomes a profile of origin `found`."""

    name: str
    title: str
    description: str
    queue: str | None
    #: As a profile's `resources`: {"cores": {"default": 1, "min": 1, "max": 64}, …}.
    resources: dict[str, dict[str, int]]
    ok: bool = True
    reason: str = ""
    default: bool = False


@dataclass(frozen=True)
class Means:
    """What the bridge gives a driver to work with."""

    #: How commands reach the scheduler.
    transport: Transport
    #: How long a scheduler may take to accept a job, in seconds.
    send_s: float = 60.0


class Driver(ABC):
    """One scheduler that this server can reach."""

    #: The scheduler's kind, as in a profile's `scheduler.type`.
    type: str

    #: How many cores this server may keep busy here at once: the bridge then holds back what does not fit,
    #: in the order of sending. None: the scheduler has a queue of its own.
    slots: int | None = None

    #: Whether the runner itself must enforce walltime and memory, because nobody else does.
    runner_enforces_limits: bool = False

    #: Whether the scheduler itself sends mail when `Submission.mail_on` says so.
    mails: bool = False

    #: How long after a send without an answer the job may still turn up. Only then is it lost.
    settle_s: float = 60.0

    @classmethod
    def of(cls, scheduler: Mapping[str, str], means: Means) -> Driver:
        """The driver for what a profile says under `scheduler`: `type`, and perhaps `cluster`.

        Called once per scheduler that profiles name, and asks nobody. Raises `Invalid` if that cannot be one.
        """
        return cls()

    @property
    @abstractmethod
    def cluster(self) -> str:
        """A stable name of this very scheduler: half of a job's identity, and the unit of asking.

        Letters, digits, `.`, `_`, `@` and `-`: it also names files. One that learns its name from the scheduler has
        a profile's word for it until `queue` or `places` first answers; only then it may change, once.
        """

    @property
    def former_names(self) -> frozenset[str]:
        """What records may still call it, from before it had told its name."""
        return frozenset()

    def assume(self, cluster: str) -> None:
        """A record that names this scheduler calls it `cluster`: to be believed until it tells its name itself."""
        return

    @abstractmethod
    async def probe(self) -> None:
        """Return if the scheduler answers; else raise and say why."""

    @abstractmethod
    async def places(self) -> Sequence[Place]:
        """Where jobs can run here, e.g. one per partition."""

    @abstractmethod
    def command(self, job: Submission) -> list[str]:
        """The exact command that `submit` would run: also what a preview shows. Pure."""

    @abstractmethod
    async def submit(self, job: Submission) -> Receipt:
        """Send the job. Called at most once per tag by whoever calls it.

        `SchedulerRefused`: nothing was queued. `SchedulerSilent`: it may have been; look with `find`.
        """

    @abstractmethod
    async def find(self, tags: Sequence[str], since: str) -> dict[str, Seen]:
        """Jobs of this user that carry one of `tags`, by tag. `since`: RFC 3339, when the oldest was sent.

        A tag that is missing from the answer was not found anywhere the scheduler looks.
        """

    @abstractmethod
    async def queue(self) -> dict[str, Seen]:
        """All of this user's jobs that the live queue knows, by native id: one query, whatever the number.

        A native id that is missing has left the queue (which says nothing about how).
        """

    @abstractmethod
    async def past(self, native_ids: Sequence[str], since: str) -> dict[str, Seen]:
        """What is known of jobs that left the queue: accounting, or the scheduler's memory. One query.

        Sightings come with source ACCOUNTING when they are the scheduler's last word. An id that is missing
        is one that nobody remembers.
        """

    @abstractmethod
    async def cancel(self, native_id: str) -> None:
        """Pass the wish to the scheduler. Returning does not mean the job stopped: its state will say so.
        A job that is already gone is no error."""

    @abstractmethod
    async def hold(self, native_id: str) -> None:
        """Ask that a queued job not start."""

    @abstractmethod
    async def release(self, native_id: str) -> None:
        """Undo `hold`."""

    @abstractmethod
    async def estimate(self, job: Submission) -> str | None:
        """When the scheduler thinks this job would start (RFC 3339), or None if it does not say.
        Nothing is queued. `SchedulerRefused` if it would not take the job."""

    def environment_facts(self) -> dict[str, Any]:
        """What the page may show about this scheduler: version, whether accounting answers, …"""
        return {}
