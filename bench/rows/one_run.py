"""Row 7: one notebook, run by our runner in its run folder and by plain nbclient, each in a process started afresh."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyterlab_compute import runner
from tests.jupyter import notebook
from tests.runner.folders import a_folder

from ..findings import Finding, median, s
from ..stage import Stage

_PLAIN = Path(__file__).parent.parent / "plain.py"
_SMALL = ["import math", "x = sum(math.sqrt(i) for i in range(100_000))", "print(round(x))"]
#: 200 times 64 pieces of 8 KiB: so much that passing it on and storing it counts, not the kernel's own loop.
_LARGE = [f"for piece in range(64): print({'=' * 63!r}, *[{'x' * 63!r}] * 127, sep='\\n', flush=True)"] * 200
_LARGE_BYTES = 200 * 64 * 8192
_LOOK_S = 0.02


@dataclass(frozen=True)
class Run:
    """One run: how long, and the most memory of any of its own processes, the kernel left out."""

    seconds: float
    memory: float


def measure(stage: Stage) -> Iterator[Finding]:
    """A small notebook and a large one."""
    yield _compared(stage, "a small notebook", _SMALL, 7)
    yield _compared(stage, "200 cells with 100 MB of outputs", _LARGE, 3)


def _compared(stage: Stage, what: str, sources: Sequence[str], times: int) -> Finding:
    ours, plain = [], []
    for number in range(times):
        # By turns, so that both have the same share of what else goes on.
        ours.append(_ours(stage.folder("one") / f"run{number}", sources))
        plain.append(_plain(stage.folder("plain"), sources))
    run, beside = median(r.seconds for r in ours), median(r.seconds for r in plain)
    most = beside * 1.05 + 0.5
    return Finding(
        f"one run of {what}",
        s(run),
        f"≤ nbclient × 1.05 + 0.5 s = {s(most)}",
        run <= most,
        f"nbclient {s(beside)}",
        f"n={times} by turns, each in a fresh process; peak memory without the kernel: runner"
        f" {_mib(median(r.memory for r in ours))} (supervisor and child together), nbclient"
        f" {_mib(median(r.memory for r in plain))}",
    )


def _ours(path: Path, sources: Sequence[str]) -> Run:
    folder = a_folder(path, sources)
    run = _watched([sys.executable, "-I", str(path / "runner.py"), "run", str(path)], path)
    assert folder.exit["outcome"] == "succeeded", folder.exit
    _check(folder.result, sources)
    shutil.rmtree(path)
    return run


def _plain(path: Path, sources: Sequence[str]) -> Run:
    work, result = path / "work.ipynb", path / "result.ipynb"
    work.write_text(json.dumps(notebook(*sources)))
    run = _watched([sys.executable, "-I", str(_PLAIN), "one", str(work), str(result)], path)
    _check(json.loads(result.read_text()), sources)
    shutil.rmtree(path)
    return run


def _check(result: dict[str, Any], sources: Sequence[str]) -> None:
    printed = sum(len("".join(out["text"])) for cell in result["cells"] for out in cell["outputs"])
    assert printed == (_LARGE_BYTES if sources is _LARGE else 9), printed


def _watched(argv: Sequence[str], folder: Path) -> Run:
    highest: dict[int, int] = {}
    begun = time.perf_counter()
    # Each new kernel warns there that it does not encrypt.
    with open(folder / "said.log", "wb") as log, subprocess.Popen(argv, cwd=folder, stderr=log) as process:
        while True:
            for pid in (process.pid, *runner.descendants(process.pid)):
                highest[pid] = max(highest.get(pid, 0), _peak(pid))
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(_LOOK_S)
                break
        took = time.perf_counter() - begun
    assert code == 0, (argv, code, (folder / "said.log").read_text()[-2000:])
    return Run(took, sum(highest.values()))


def _peak(pid: int) -> int:
    """The most memory that this process has had; 0 for a kernel."""
    try:
        if b"ipykernel" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return 0
        status = Path(f"/proc/{pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return 0


def _mib(size: float) -> str:
    return f"{size / 1024**2:.0f} MiB"
