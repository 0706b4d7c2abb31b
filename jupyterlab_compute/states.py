"""What a job can be, and what we believe after we have been told something.

Everything here is pure. A sighting (`Seen`) says what somebody told us about a job; `decide`
turns what we believed and what was said into what we believe now. The rules come from
bitter experience of the whole field and stand in one place:

* Final states never change.
* Absence is not success: a job that nobody knows is `unknown` until something positive is found.
* A poll that failed is no information, so it never reaches this module.
* A word that we do not know is a value, never an exception.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class JobState(str, Enum):
    """The eight states and `unknown`. Order comes from revisions, never from ranking these."""

    SUBMITTING = "submitting"
    QUEUED = "queued"
    HELD = "held"
    RUNNING = "running"
    COMPLETING = "completing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        """Whether nothing can change it any more. `unknown` is never final."""
        return self in _FINAL

    @property
    def active(self) -> bool:
        """Whether the job may still use a scheduler's time; `unknown` is neither."""
        return self not in _FINAL and self is not JobState.UNKNOWN


_FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})


class Source(str, Enum):
    """Who said it. The stronger the witness, the sooner an end counts."""

    QUEUE = "queue"
    ACCOUNTING = "accounting"
    EXIT_RECORD = "exit_record"
    RUNNER = "runner"


@dataclass(frozen=True)
class Reason:
    """Why a job is as it is: a code for programs, a sentence in plain words for people."""

    code: str
    text: str


@dataclass(frozen=True)
class Exit:
    """How a process ended: an exit code, or the number of the signal that ended it."""

    code: int | None
    signal: int | None = None


@dataclass(frozen=True)
class Seen:
    """One sighting of a job. Whatever the witness did not say is None.

    Times are RFC 3339 UTC. `state` None: the witness used a word that we do not know, which then
    stands in `reason.text`.
    """

    native_id: str
    state: JobState | None
    source: Source
    reason: Reason | None = None
    exit: Exit | None = None
    node: str | None = None
    queued_at: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    estimated_start: str | None = None
    peak_memory_mb: int | None = None
    cpu_s: float | None = None
    attempt: int | None = None
    tag: str | None = None
    #: What the scheduler now holds for the job, in our words (queue, account, walltime_s, memory_mb …),
    #: to be compared with what was asked for. Only what it really says.
    holds: dict[str, str | int] | None = None


@dataclass(frozen=True)
class Belief:
    """What we believe of a job's state: the part of a record that `decide` may change."""

    state: JobState
    reason: Reason | None = None
    exit: Exit | None = None
    #: An end that one live queue reported and nobody has confirmed yet.
    pending_end: JobState | None = None


def decide(now: Belief, seen: Seen) -> Belief:
    """What we believe after `seen`.

    A final word from a live queue alone moves the job to `completing`; it counts once the exit record,
    accounting or a second look says the same. Accounting and the exit record count at once.
    """
    if now.state.final:
        return now
    if seen.state is None:
        return Belief(JobState.UNKNOWN, seen.reason, now.exit, now.pending_end)
    if not seen.state.final:
        return Belief(seen.state, seen.reason)
    if seen.source is Source.QUEUE and now.pending_end is not seen.state:
        return Belief(JobState.COMPLETING, None, seen.exit, seen.state)
    return Belief(seen.state, seen.reason, seen.exit)
