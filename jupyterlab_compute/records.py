"""The truth about jobs: one small JSON file each.

Files are replaced atomically and changed only under a lock per job, so they survive NFS, `kill -9`, two
servers and an older version. Everything here blocks; callers run it in a thread.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from .states import Belief, Exit, JobState, Reason

T = TypeVar("T")

SCHEMA = 1
#: No write takes as long as that.
_LEFT_BEHIND_S = 3600.0


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
    #: Since when nobody can say where it stands, though its scheduler answers: accounting is down.
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

    Fields of a newer version are left out of the record in memory and kept in the file (see `Records.change`).
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


def write_atomically(path: Path, text: str, *, durable: bool = False) -> None:
    """Replace `path` by `text`: a reader sees the old or the new, never half. `durable`: survives a power cut."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with open(temporary, "x", encoding="utf-8", opener=_private) as file:
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Without this a power cut may bring the file's former content back: a job would be sent a second time."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError:
        # Some network file systems cannot, and do not need to.
        pass
    finally:
        os.close(descriptor)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@dataclass
class Records:
    """The folder of records. `root` is created, mode 0700."""

    root: Path
    _locks: Path = field(init=False)

    def __post_init__(self) -> None:
        self._locks = self.root / ".locks"
        for folder in (self.root, self._locks):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep()

    def _sweep(self) -> None:
        """Remove what processes that were killed in the middle of a write left behind."""
        for path in self.root.glob(".*.json.*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _LEFT_BEHIND_S:
                    path.unlink()

    def path(self, job_id: str) -> Path:
        """Where the record of that job lies or would lie."""
        return self.root / f"{job_id}.json"

    @contextmanager
    def _locked(self, job_id: str) -> Iterator[None]:
        # One lock file per first letter: enough that jobs seldom wait for each other, and few files.
        descriptor = os.open(self._locks / job_id[:1], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def create(self, record: Record, first: Callable[[], None] = lambda: None) -> bool:
        """Write a new record durably, after `first` has been done. False, and neither done, if there is one of that id.

        `first` happens under the same lock: of two requests with one key only one makes a run folder.
        """
        with self._locked(record.id):
            path = self.path(record.id)
            if path.exists():
                return False
            first()
            write_atomically(path, json.dumps(record.to_json()), durable=True)
            return True

    def read(self, job_id: str) -> Record | None:
        """The record, or None where there is none."""
        stored = self._stored(job_id)
        return None if stored is None else from_json(stored)

    def _stored(self, job_id: str) -> dict[str, Any] | None:
        try:
            stored = json.loads(self.path(job_id).read_bytes())
        except FileNotFoundError:
            return None
        if not isinstance(stored, dict):
            raise ValueError(f"{self.path(job_id)} is not a record")
        return stored

    def change(self, job_id: str, how: Callable[[Record], Record], *, durable: bool = False) -> Record | None:
        """Replace the record by `how(record)` while nobody else can; the record as it is afterwards.

        `how` returns its argument for "nothing to change". None: there is no such record (any more).
        What `how` raises passes through and nothing is written.
        """
        with self._locked(job_id):
            stored = self._stored(job_id)
            if stored is None:
                return None
            before = from_json(stored)
            after = how(before)
            if after != before:
                after = replace(after, version=before.version + 1)
                # A newer version's fields stay in the file.
                write_atomically(self.path(job_id), json.dumps({**stored, **after.to_json()}), durable=durable)
            return after

    def remove(self, job_id: str, allowed: Callable[[Record], None]) -> Record | None:
        """Remove the record if `allowed` does not raise; the record that was removed."""
        with self._locked(job_id):
            record = self.read(job_id)
            if record is not None:
                allowed(record)
                self.path(job_id).unlink()
            return record

    def stamps(self) -> dict[str, tuple[int, int]]:
        """A stamp for each record's id that changes when the record does: to notice what other servers wrote."""
        found: dict[str, tuple[int, int]] = {}
        with os.scandir(self.root) as entries:
            for entry in entries:
                if entry.name.endswith(".json") and not entry.name.startswith("."):
                    try:
                        status = entry.stat()
                    except FileNotFoundError:
                        continue
                    found[entry.name[:-5]] = (status.st_mtime_ns, status.st_ino)
        return found

    def folder_stamp(self) -> int:
        """Changes whenever any record is created, replaced or removed."""
        return os.stat(self.root).st_mtime_ns
