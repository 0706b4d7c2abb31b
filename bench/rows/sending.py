"""Row 1: how long sending takes, for the one who sends, and until the job has its native id."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from jupyterlab_compute.drivers.machine import usable_cores
from tests.jupyter import Jupyter, whole
from tests.servers.daemons import TEST_USER, as_user

from ..findings import Finding, NotHere, median, ms
from ..page import Page
from ..stage import WAITS, Stage
from ..wire import Wire

_TIMES = 30
_ANSWER_S = 0.050
_NATIVE_S = 0.050
_JOBS = "compute/api/jobs"


def measure(stage: Stage) -> Iterator[Finding]:
    """On this machine, on Slurm beside raw sbatch, and on a Slurm whose sbatch hangs."""
    yield _answered("POST /jobs, local: 201", _local(stage), "all slots busy with sleeping jobs")
    try:
        yield from _slurm(stage)
    except NotHere as why:
        yield Finding("POST /jobs, Slurm", "not here", "≤ 50 ms", None, how=str(why))


def _answered(what: str, took: list[float], how: str, beside: str = "—") -> Finding:
    middle = median(took)
    shown = f"{ms(middle)} (most {ms(max(took))})"
    return Finding(what, shown, "≤ 50 ms", middle <= _ANSWER_S, beside, f"n={len(took)}, one after the other; {how}")


def _local(stage: Stage) -> list[float]:
    with stage.server("local") as jupyter, Page(jupyter) as page, Wire(jupyter.port, jupyter.token) as wire:
        for _ in range(usable_cores()):
            sleeper = wire.ask("POST", _JOBS, whole("import time; time.sleep(600)")).json
            page.seen(sleeper["id"], "running")
        took = []
        for _ in range(_TIMES):
            answer = wire.ask("POST", _JOBS, whole("x = 1", "print(x + 1)"))
            assert answer.status == 201, answer
            took.append(answer.seconds)
            page.seen(answer.json["id"], "queued")
        return took


def _slurm(stage: Stage) -> Iterator[Finding]:
    programs = stage.folder("programs")
    sbatch = programs / "sbatch"
    sbatch.symlink_to("/usr/bin/sbatch")
    with (
        stage.slurm_server("slurm", programs) as jupyter,
        Wire(jupyter.port, jupyter.token) as wire,
    ):
        with Page(jupyter) as page:
            took, native, raw = [], [], []
            for _ in range(_TIMES):
                begun = time.time()
                answer = wire.ask("POST", _JOBS, whole("x = 1", "print(x + 1)", profile=WAITS))
                assert answer.status == 201, answer
                took.append(answer.seconds)
                native.append(page.seen(answer.json["id"], "queued") - begun)
                raw.append(_raw(stage, jupyter, answer.json["id"]))
        yield _answered("POST /jobs, Slurm: 201", took, "a partition that is down, so that nothing runs")
        yield Finding(
            "POST /jobs, Slurm: native id seen by the page",
            ms(median(native)),
            f"≤ {ms(median(raw))} + 50 ms",
            median(native) <= median(raw) + _NATIVE_S,
            f"sbatch --parsable {ms(median(raw))}",
            f"n={_TIMES}, by turns with sbatch of the same script as the same user",
        )
        hanging = programs / "hanging"
        hanging.write_text("#!/bin/sh\nexec sleep 600\n")
        hanging.chmod(0o755)
        os.replace(hanging, sbatch)
        stuck = [wire.ask("POST", _JOBS, whole("x = 1", profile=WAITS)) for _ in range(_TIMES)]
        assert {answer.status for answer in stuck} == {201}, stuck
        yield _answered("POST /jobs, Slurm, while sbatch hangs: 201", [answer.seconds for answer in stuck],
                        "more and more sends hang meanwhile")  # fmt: skip
        _work_again(sbatch)


def _work_again(sbatch: Path) -> None:
    link = sbatch.with_name("link")
    link.symlink_to("/usr/bin/sbatch")
    os.replace(link, sbatch)


def _raw(stage: Stage, jupyter: Jupyter, job_id: str) -> float:
    """sbatch, from its start to its end, with the script that the bridge made."""
    [script] = jupyter.home.rglob(f"{job_id}/job.sh")
    argv = ["/usr/bin/sbatch", "--parsable", "--partition=closed", "--output=/dev/null", str(script)]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(jupyter.home), **stage.slurm.env}
    begun = time.perf_counter()
    done = subprocess.run(argv, env=environment, capture_output=True, cwd="/", **as_user(TEST_USER))  # type: ignore[call-overload]
    took = time.perf_counter() - begun
    assert done.returncode == 0, done.stderr
    return took
