"""This machine: jobs are detached supervisors that outlive the server, and nobody but they enforces limits."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import SchedulerRefused, SchedulerSilent
from ..runner import CLAIMED, boot_id, clean_environment, pid_start
from ..states import JobState, Seen, Source
from ..transports.base import Transport
from ..transports.local import LocalTransport
from .base import Driver, Place, Receipt, Submission
from .machine import available_memory_mb, dies_with_server, usable_cores

_NATIVE_ID = re.compile(r"([1-9][0-9]*)\.([1-9][0-9]*)")
_SUBMIT_S = 60.0


class LocalDriver(Driver):
    """Runs jobs on the server's own machine.

    A native id is `<pid>.<pid_start>` of the job's supervisor, which names one process of one boot. There is
    no queue: the bridge holds back what does not fit into `slots`, so whatever was sent runs.
    """

    type = "local"
    runner_enforces_limits = True
    #: A supervisor claims its attempt within a moment, unless Python comes over a slow network.
    settle_s = 10.0

    def __init__(
        self,
        transport: Transport | None = None,
        *,
        python: str = sys.executable,
        run_folder_of: Callable[[str], str | None] = lambda tag: None,
    ) -> None:
        """`run_folder_of` tells the run folder of a tag, so that `find` also finds a job that has ended."""
        self._transport = transport or LocalTransport()
        self._python = python
        self._run_folder_of = run_folder_of
        self.slots = usable_cores()

    @property
    def cluster(self) -> str:
        return f"local-{socket.gethostname()}"

    async def probe(self) -> None:
        """This machine always answers."""

    async def places(self) -> Sequence[Place]:
        memory_mb = await asyncio.to_thread(available_memory_mb)
        return [
            Place(
                name="this-machine",
                title="This machine",
                description="Where this JupyterLab runs.",
                queue=None,
                resources={
                    "cores": {"default": 1, "min": 1, "max": self.slots or 1},
                    "memory_mb": {"min": 1, "max": memory_mb},
                    "walltime_s": {"min": 1},
                },
                default=True,
            )
        ]

    def command(self, job: Submission) -> list[str]:
        return [self._python, "-I", os.path.join(job.run_folder, "runner.py"), "detach", job.run_folder]

    async def submit(self, job: Submission) -> Receipt:
        # The job starts from what a job may see, which is more than what a scheduler's command needs.
        environment = clean_environment(os.environ, by_scheduler=False)
        answer = await self._transport.run(self.command(job), timeout_s=_SUBMIT_S, env=environment)
        if answer.code == CLAIMED:
            # Somebody has started this very attempt already; then that one is the job.
            claim = await asyncio.to_thread(_read_claim, job.run_folder)
            if claim is not None and claim.tag == job.tag:
                return Receipt(claim.native_id)
        if answer.code != 0:
            words = answer.stderr.strip() or await asyncio.to_thread(_last_line, job.run_folder)
            raise SchedulerRefused(f"The job's supervisor did not start (exit code {answer.code}). {words}".strip())
        try:
            told = json.loads(answer.stdout)
            return Receipt(f"{int(told['pid'])}.{int(told['pid_start'])}")
        except (ValueError, KeyError, TypeError) as error:
            raise SchedulerSilent(f"The job's supervisor gave an odd answer: {answer.stdout[:200]!r}.") from error

    async def find(self, tags: Sequence[str], since: str) -> dict[str, Seen]:
        wanted = set(tags)
        found = {seen.tag: seen for seen in (await self.queue()).values() if seen.tag in wanted and seen.tag}
        for tag in wanted - found.keys():
            folder = self._run_folder_of(tag)
            claim = await asyncio.to_thread(_read_claim, folder) if folder else None
            if claim is not None and claim.tag == tag:
                # It ran, and how it ended is for its exit record to say.
                found[tag] = claim.seen(JobState.RUNNING if claim.lives() else JobState.COMPLETING)
        return found

    async def queue(self) -> dict[str, Seen]:
        return await asyncio.to_thread(_living)

    async def past(self, native_ids: Sequence[str], since: str) -> dict[str, Seen]:
        """Nobody here remembers; the exit record speaks for the job."""
        return {}

    async def cancel(self, native_id: str) -> None:
        match = _NATIVE_ID.fullmatch(native_id)
        if match is None:
            raise SchedulerRefused(f"“{native_id[:60]}” is not the id of a job on this machine.")
        try:
            _send_signal(int(match[1]), int(match[2]), signal.SIGTERM)
        except PermissionError as error:
            raise SchedulerRefused("The job belongs to another user.") from error

    async def hold(self, native_id: str) -> None:
        raise SchedulerRefused(
            "A job that runs on this machine cannot be held.", "Only jobs that still wait for their turn can be."
        )

    async def release(self, native_id: str) -> None:
        raise SchedulerRefused("The job already runs on this machine; there is nothing to release.")

    async def estimate(self, job: Submission) -> str | None:
        return None

    def environment_facts(self) -> dict[str, Any]:
        return {"host": socket.gethostname(), "slots": self.slots, "ends_with_server": dies_with_server()}


# Supervisors and their claims


@dataclass(frozen=True)
class _Claim:
    """What a started.json says."""

    tag: str
    pid: int
    pid_start: int
    boot_id: str
    host: str
    started_at: str | None
    attempt: int

    @property
    def native_id(self) -> str:
        return f"{self.pid}.{self.pid_start}"

    def lives(self) -> bool:
        """Whether that very process runs now; a pid of an earlier boot or another host is never believed."""
        return self.boot_id == boot_id() and self.pid_start == pid_start(self.pid)

    def seen(self, state: JobState) -> Seen:
        return Seen(
            native_id=self.native_id,
            state=state,
            source=Source.QUEUE,
            node=self.host,
            started_at=self.started_at,
            attempt=self.attempt,
            tag=self.tag,
        )


def _read_claim(run_folder: str) -> _Claim | None:
    """The claim on the attempt that this driver started; None if there is none, or one that a scheduler's job made."""
    try:
        text = (Path(run_folder) / "attempts" / "1" / "started.json").read_text("utf-8")
        told = json.loads(text)
        if told.get("native_id") is not None:
            return None
        return _Claim(
            tag=str(told["tag"]),
            pid=int(told["pid"]),
            pid_start=int(told["pid_start"]),
            boot_id=str(told["boot_id"]),
            host=str(told["host"]),
            started_at=told.get("started_at"),
            attempt=int(told["attempt"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _living() -> dict[str, Seen]:
    """The living supervisors of this user, by native id. Blocks."""
    found: dict[str, Seen] = {}
    for run_folder in set(_detached(_commands())):
        claim = _read_claim(run_folder)
        if claim is not None and claim.lives():
            found[claim.native_id] = claim.seen(JobState.RUNNING)
    return found


def _commands() -> Iterable[list[str]]:
    """The command lines of this user's processes."""
    own = os.getuid()
    if not os.path.isdir("/proc/self"):
        # ps joins the words with spaces; only the folder's name may hold some, and it comes last.
        told = subprocess.run(["ps", "-axww", "-U", str(own), "-o", "command="], capture_output=True, text=True)
        for line in told.stdout.splitlines():
            before, runs, folder = line.partition("/runner.py detach ")
            if runs:
                yield [before + "/runner.py", "detach", folder, ""]
        return
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        # A process may end while we look at it.
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == own:
                yield Path("/proc", name, "cmdline").read_text("utf-8", "surrogateescape").split("\0")


def _detached(commands: Iterable[Sequence[str]]) -> Iterable[str]:
    """The run folders for which one of these commands is a detached runner. Pure."""
    for words in commands:
        for place, word in enumerate(words[:-2]):
            if word.endswith("/runner.py") and words[place + 1] == "detach":
                yield words[place + 2]


def _send_signal(pid: int, start: int, number: int) -> None:
    """Signal that very process; nothing happens if it is gone, whoever may have its pid now."""
    if not hasattr(os, "pidfd_open"):
        if pid_start(pid) == start:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        # The handle is held while we look, so the process cannot be exchanged between looking and signalling.
        if pid_start(pid) == start:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, number)
    finally:
        os.close(handle)


def _last_line(run_folder: str) -> str:
    try:
        with open(os.path.join(run_folder, "scheduler.log"), encoding="utf-8", errors="replace") as file:
            lines = file.read()[-4096:].strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:300] if lines else ""
