"""The truth about jobs: one small JSON file each (see `store`). Everything here blocks; callers run it in a thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from .states import Belief, Exit, JobState, Reason
from .store import Store

T = TypeVar("T")

SCHEMA = 1


@dataclass(frozen=True)
class Sender:
    """The server process that undertook to send a job."""

    server: str
    host: str
    pid: int
    pid_start: int


@dataclass(frozen=True)
class Telling:
    """One message about a job: on its way, to be tried again, or over (see `notify`)."""

    #: mail or webhook.
    by: str
    #: started, ended or failed.
    on: str
    #: Who is sending it. None: nobody is.
    claim: Sender | None = None
    claimed_at: str | None = None
    tries: int = 0
    again_at: str | None = None
    #: When it was sent or given up.
    at: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Record:
    """Everything that must be known of a job when all processes are gone. Times are RFC 3339 UTC."""

    id: str
    key: str
    body_sha256: str
    tag: str
    name: str
    source_kind: str
    path: str
    #: In the order in which they run: `{id, role, source_sha256}`.
    cells: tuple[dict[str, str], ...]
    before: str
    profile: str
    profile_title: str
    #: What is needed to reach the scheduler again: `{type, host?, cluster?}`.
    scheduler: dict[str, str]
    cluster: str
    resources: dict[str, Any]
    queue: str | None
    account: str | None
    native: dict[str, str]
    kernel: str
    run_folder: str
    script_sha256: str
    created_at: str
    use_comment: bool = True
    #: What everybody may read in the queue; empty: only the tag.
    display_name: str = ""
    requeue: bool = False
    sender: Sender | None = None
    #: When the command that sends it was about to be started. Set: it may have been sent.
    send_begun_at: str | None = None
    native_id: str | None = None
    queued_at: str | None = None
    estimated_start: str | None = None
    started_at: str | None = None
    ended_at: str | None = None
    state: JobState = JobState.SUBMITTING
    reason: Reason | None = None
    exit: Exit | None = None
    pending_end: JobState | None = None
    node: str | None = None
    attempt: int | None = None
    progress: dict[str, Any] | None = None
    usage: dict[str, Any] | None = None
    changed_by_site: dict[str, dict[str, Any]] | None = None
    #: The state before it became unknown, so that a row can say "was running".
    was: JobState | None = None
    #: Since when nobody can say where it stands, though its scheduler answers: accounting is down or behind.
    stale_since: str | None = None
    cancel_requested_at: str | None = None
    held: bool = False
    #: How often the scheduler answered and did not know the job any more.
    misses: int = 0
    retry_of: str | None = None
    #: The schedule whose run it is, and when that run was due; no moment: somebody asked for it to run now.
    schedule: str | None = None
    due_at: str | None = None
    #: How often it is run again by itself if it fails, if with more of what it lacked, and why that came to nothing.
    retries: dict[str, Any] | None = None
    #: The job that runs it again.
    retried_as: str | None = None
    #: It is sent only while fewer than that of this profile are on their way.
    at_most: int | None = None
    #: When it is given up if it has not started, and that this has happened.
    give_up_at: str | None = None
    gave_up: bool = False
    #: Values that were set in the notebook, by name.
    parameters: dict[str, Any] = field(default_factory=dict)
    #: Below the server's root; for notebooks only.
    lands_at: str | None = None
    landed: str | None = None
    land_problem: str | None = None
    #: What is made of the executed copy beside it, and, once it has been tried, `{format, path, problem}` of each.
    formats: tuple[str, ...] = ()
    exports: list[dict[str, Any]] | None = None
    export_claimed_at: str | None = None
    applied: dict[str, Any] | None = None
    #: Of what somebody wants to be told, and how: `{on, by, mail_to, mail_by}`. Empty: of nothing (see `notify`).
    notify: dict[str, Any] = field(default_factory=dict)
    told: tuple[Telling, ...] = ()
    #: Counts the changes, so that a reader never takes an older one for a newer one.
    version: int = 0
    schema: int = SCHEMA

    @property
    def belief(self) -> Belief:
        """The part that `states.decide` changes."""
        return Belief(self.state, self.reason, self.exit, self.pending_end)

    def believing(self, belief: Belief) -> Record:
        """The record with that part changed."""
        was = self.was
        if belief.state is JobState.UNKNOWN and self.state is not JobState.UNKNOWN:
            was = self.state
        return replace(
            self, state=belief.state, reason=belief.reason, exit=belief.exit, pending_end=belief.pending_end, was=was
        )

    def to_json(self) -> dict[str, Any]:
        """The record as it is stored."""
        return asdict(self)


_FIELDS = {f.name for f in fields(Record)}

#: From a schema's number to the function that lifts a stored record to the next one.
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def from_json(stored: dict[str, Any]) -> Record:
    """A record from what was stored, by this version or an older one.

    Fields of a newer version are left out of the record in memory and kept in the file (see `Store.change`).
    Raises `ValueError` (or KeyError, TypeError) for something that is not a record.
    """
    version = int(stored.get("schema", 0))
    while version < SCHEMA:
        stored = MIGRATIONS[version](stored)
        version = int(stored["schema"])
    values = {name: value for name, value in stored.items() if name in _FIELDS}
    values["cells"] = tuple(values["cells"])
    values["formats"] = tuple(values.get("formats", ()))
    values["told"] = tuple(_telling(each) for each in values.get("told", ()))
    values["state"] = JobState(values["state"])
    for name in ("was", "pending_end"):
        values[name] = JobState(values[name]) if values.get(name) else None
    values["reason"] = _part(Reason, values.get("reason"))
    values["exit"] = _part(Exit, values.get("exit"))
    values["sender"] = _part(Sender, values.get("sender"))
    return Record(**values)


def _telling(stored: dict[str, Any]) -> Telling:
    told: Telling = _part(Telling, {**stored, "claim": _part(Sender, stored.get("claim"))})  # type: ignore[assignment]
    return told


def _part(kind: Callable[..., T], stored: dict[str, Any] | None) -> T | None:
    """A part of a record; what a newer version added to it is left out here as well."""
    if not stored:
        return None
    known = {f.name for f in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in stored.items() if name in known})


class Records(Store[Record]):
    """The folder of records."""

    def __init__(self, root: Path) -> None:
        # One lock file per first letter: enough that jobs seldom wait for each other, and few files.
        super().__init__(root, from_json, lambda job_id: f".locks/{job_id[:1]}")
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.sweep()

    def folder_stamp(self) -> int:
        """Changes whenever any record is created, replaced or removed."""
        return os.stat(self.root).st_mtime_ns
