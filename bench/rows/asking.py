"""Row 6: how often a scheduler is asked, whatever for, while 1,000 jobs wait in it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.jupyter import whole
from tests.waiting import wait_for

from ..findings import Finding
from ..page import Page
from ..stage import WAITS, Stage
from ..wire import Wire

_JOBS = 1000
_PROGRAMS = ("squeue", "sacct", "sinfo", "scontrol", "sbatch", "scancel", "sprio", "sstat", "sacctmgr", "sdiag")
_QUESTIONS = frozenset(_PROGRAMS) - {"sbatch", "scancel"}
_IDLE_S, _LOOKING_S = 90.0, 60.0


class Counted:
    """Programs that stand before Slurm's own on PATH and write down that they were started."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "asked.log"
        self.log.touch(mode=0o666)
        self.log.chmod(0o666)
        self.programs = folder / "bin"
        self.programs.mkdir()
        for name in _PROGRAMS:
            script = self.programs / name
            script.write_text(f'#!/bin/sh\necho "{name} $*" >> {self.log}\nexec /usr/bin/{name} "$@"\n')
            script.chmod(0o755)

    def during(self, seconds: float) -> Counter[str]:
        """Which of them are started in the time from now on, and how often."""
        before = len(self.log.read_text().splitlines())
        # This is the measuring window.
        time.sleep(seconds)
        started = [line.split(" ")[0] for line in self.log.read_text().splitlines()[before:]]
        return Counter(name for name in started if name in _QUESTIONS)


def measure(stage: Stage) -> Iterator[Finding]:
    """Nobody looks, then a page is opened."""
    counted = Counted(stage.folder("asked"))
    with (
        stage.slurm_server("asking", counted.programs) as jupyter,
        Wire(jupyter.port, jupyter.token) as wire,
    ):
        sent = [wire.ask("POST", "compute/api/jobs", whole("1", profile=WAITS)).json["id"] for _ in range(_JOBS)]
        # Not by a list: whoever asks for one looks.
        wait_for(lambda: all(_queued(wire, job_id) for job_id in sent[-8:]), 300)
        idle = counted.during(_IDLE_S)
        with Page(jupyter) as page:
            assert wire.get("compute/api/profiles").status == 200
            looking = counted.during(_LOOKING_S)
            active = _active(wire)
            assert page.jobs
        assert active == _JOBS, active
    yield _finding("while a page is open", looking, _LOOKING_S, 12, "the page was opened as it began")
    yield _finding("while nobody looks", idle, _IDLE_S, 4, "no list was asked for since the server's start")


def _finding(what: str, asked: Counter[str], seconds: float, budget: int, how: str) -> Finding:
    a_minute = sum(asked.values()) * 60 / seconds
    kinds = ", ".join(f"{name} {number}" for name, number in asked.most_common()) or "none"
    return Finding(
        f"scheduler queries a minute at {_JOBS:,} active jobs, {what}",
        f"{a_minute:.1f}",
        f"≤ {budget}",
        a_minute <= budget,
        "everest.py 12,000 (reckoned from its source, not measured)",
        f"programs really started in {seconds:.0f} s: {kinds}; {how}",
    )


def _queued(wire: Wire, job_id: str) -> bool:
    return bool(wire.get(f"compute/api/jobs/{job_id}").json["native_id"])


def _active(wire: Wire) -> int:
    """How many jobs are active."""
    counts: dict[str, int] = wire.get("compute/api/jobs?limit=1").json["counts"]
    return sum(number for state, number in counts.items() if state in ("submitting", "queued", "held", "running"))
