"""The promise of a transport: run one command where the scheduler's programs are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Answer:
    """What a command said. `elapsed_s` is wall-clock, so that callers can back off from a slow scheduler."""

    code: int
    stdout: str
    stderr: str
    elapsed_s: float


class Transport(Protocol):
    """A way to run commands. It never uses a shell: every word of `argv` arrives as it is."""

    async def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Answer:
        """Run `argv` and return what it said, whatever its exit code.

        `env` is added to an allow-listed environment. Raises `CommandMissing` where there is no such
        program and `SchedulerSilent` when it did not end within `timeout_s`; its whole process group
        has been killed then. Output beyond 64 MiB is an error (`SchedulerSilent`), not a memory leak.
        """

    async def which(self, program: str) -> str | None:
        """The program's path where commands run, or None."""
