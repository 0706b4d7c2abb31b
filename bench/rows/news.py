"""Row 5: how long until a page sees what has changed: by the runner's files, and by the scheduler alone."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tests.jupyter import Jupyter, whole
from tests.servers.slurm import SlurmCluster

from ..findings import Finding, NotHere, median, s
from ..page import Page
from ..stage import WAITS, Stage
from ..wire import Wire

_JOBS = "compute/api/jobs"
_LOCAL_TIMES = 12
_SLURM_TIMES = 8
_FLOOR_S = 5.0
#: At what age the peers' jobs are cancelled: their pace depends on it, or its phase does.
_PEER_AGES_S = (4.0, 13.0, 22.0)


def measure(stage: Stage) -> Iterator[Finding]:
    """On this machine, and on Slurm beside PSI/J and submitit."""
    begun, ended = _local(stage)
    yield Finding(
        "change → page: the runner's news, local disk",
        f"{s(median(ended))} (most {s(max(ended))})",
        "≤ 1 s",
        median(ended) <= 1,
        how=f"from exit.json's time to `since=`; n={len(ended)}; from started.json's: {s(median(begun))}"
        f" (most {s(max(begun))})",
    )
    try:
        yield from _slurm(stage)
    except NotHere as why:
        yield Finding("change → page: the scheduler's", "not here", "≤ 5 s + 1 s", None, how=str(why))


def _local(stage: Stage) -> tuple[list[float], list[float]]:
    begun, ended = [], []
    with stage.server("news") as jupyter, Page(jupyter) as page, Wire(jupyter.port, jupyter.token) as wire:
        jobs = [
            wire.ask("POST", _JOBS, whole("import time; time.sleep(0.7)", path=f"work-{number}.ipynb")).json
            for number in range(_LOCAL_TIMES)
        ]
        for job in jobs:
            ended.append(page.seen(job["id"], "succeeded") - _written(job, "exit.json"))
            begun.append(page.seen(job["id"], "running", "succeeded") - _written(job, "started.json"))
    return begun, ended


def _written(job: dict[str, str], name: str) -> float:
    return (Path(job["run_folder"]) / "attempts" / "1" / name).stat().st_mtime


def _slurm(stage: Stage) -> Iterator[Finding]:
    peers = {
        "PSI/J": [_Cancelled(stage, "psij_waits.py", age) for age in _PEER_AGES_S],
        "submitit": [_Cancelled(stage, "submitit_waits.py", age) for age in _PEER_AGES_S],
    }
    with stage.slurm_server("news") as jupyter:
        held, cancelled = _changes(stage.slurm, jupyter)
    beside = ", ".join(f"{name} {_told([each.late() for each in found])}" for name, found in peers.items())
    ages = ", ".join(f"{age:g}" for age in _PEER_AGES_S)
    peers_how = f"peers as they are by default, n={len(_PEER_AGES_S)} each, at an age of {ages} s"
    yield _outside("scontrol hold", held, "jupyter-scheduler never: a Reload button", "")
    yield _outside("scancel of a waiting job", cancelled, beside, peers_how)


def _outside(what: str, late: list[float], beside: str, how: str) -> Finding:
    return Finding(
        f"change → page: the scheduler's, {what} outside of Compute",
        f"{s(median(late))} (most {s(max(late))})",
        f"≤ floor {s(_FLOOR_S)} + 1 s",
        median(late) <= _FLOOR_S + 1,
        beside,
        f"n={len(late)}, at random moments{how and '; ' + how}",
    )


def _told(late: list[float | None]) -> str:
    known = [each for each in late if each is not None]
    if not known:
        return "told nothing within 2 minutes"
    silent = f", {len(late) - len(known)} never" if len(known) < len(late) else ""
    return f"{s(median(known))} (most {s(max(known))}{silent})"


def _changes(slurm: SlurmCluster, jupyter: Jupyter) -> tuple[list[float], list[float]]:
    chance = random.Random(5)
    with Page(jupyter) as page, Wire(jupyter.port, jupyter.token) as wire:
        jobs = [wire.ask("POST", _JOBS, whole("1", profile=WAITS)).json for _ in range(2 * _SLURM_TIMES)]
        for job in jobs:
            page.seen(job["id"], "queued")
        moments = []
        for number, job in enumerate(jobs):
            # A measuring window: changes come at moments that have nothing to do with our pace.
            time.sleep(chance.uniform(0.5, 3.5))
            native = page.jobs[job["id"]]["native_id"]
            verb = ["scontrol", "hold", native] if number % 2 else ["scancel", native]
            slurm.run(verb)
            moments.append(time.time())
        late = [
            page.seen(job["id"], "held" if number % 2 else "cancelled") - moments[number]
            for number, job in enumerate(jobs)
        ]
    return late[1::2], late[0::2]


class _Cancelled(threading.Thread):
    """A peer's job that is cancelled outside, and when the peer knew. All of them wait beside each other."""

    def __init__(self, stage: Stage, script: str, age_s: float) -> None:
        super().__init__(daemon=True)
        self._slurm = stage.slurm
        self._process = stage.peer_script(script)
        self._age_s = age_s
        self._late: float | None = None
        self.start()

    def run(self) -> None:
        assert self._process.stdout
        with suppress(ValueError, subprocess.SubprocessError, AssertionError):
            native_id = json.loads(self._process.stdout.readline())["native_id"]
            time.sleep(self._age_s)
            self._slurm.run(["scancel", native_id])
            cancelled = time.time()
            if self._process.stdout.readline():
                self._late = time.time() - cancelled

    def late(self) -> float | None:
        """How late; None if it was never told."""
        self.join(120)
        return self._late
