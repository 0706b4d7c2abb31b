"""Row 3: how long fifty notebooks take on this machine, beside a pool of processes that run nbclient."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from jupyterlab_compute.drivers.machine import usable_cores

from ..fifty import COUNT, IS, NOTEBOOK, post_at_once
from ..findings import Finding, s
from ..page import Page
from ..stage import Stage

_PLAIN = Path(__file__).parent.parent / "plain.py"
_MOST = 1.15
_MOST_S = 600.0


def measure(stage: Stage) -> Iterator[Finding]:
    """Half of the pool's, ours, the other half: so that both have much the same of what else goes on."""
    slots = usable_cores()
    before = _pool(stage, slots, COUNT // 2)
    ours, ended = _ours(stage)
    pool = before + _pool(stage, slots, COUNT - COUNT // 2)
    assert ended == {"succeeded": COUNT}, ended
    yield Finding(
        "50 notebooks run on this machine: total",
        f"{s(ours)} = {ours / pool:.2f} × the pool",
        f"≤ {_MOST} × the pool",
        ours <= _MOST * pool,
        f"pool of nbclient {s(pool)}",
        f"n=1 of {COUNT} notebooks, {slots} slots; notebook: {IS}; both niced by 10; from the first POST until the"
        " page saw the last end; the pool's processes live on from notebook to notebook, half of it before ours and"
        f" half after: {s(before)} and {s(pool - before)}",
    )


def _ours(stage: Stage) -> tuple[float, dict[str, int]]:
    bodies = [
        {"key": f"fifty-run-{number}", "profile": "this-machine",
         "source": {"kind": "notebook", "path": f"work-{number}.ipynb", "content": NOTEBOOK}}
        for number in range(COUNT)
    ]  # fmt: skip
    with stage.server("fifty") as jupyter, Page(jupyter) as page:
        begun = time.monotonic()
        _, jobs = post_at_once(jupyter.port, jupyter.token, "compute/api/jobs", bodies)
        ended = page.ended([job["id"] for job in jobs], _MOST_S)
        return time.monotonic() - begun, ended


def _pool(stage: Stage, slots: int, count: int) -> float:
    folder = stage.folder("pool")
    (folder / "work.ipynb").write_text(json.dumps(NOTEBOOK))
    argv = [sys.executable, "-I", str(_PLAIN), "pool", str(folder / "work.ipynb"), str(folder), str(slots), str(count)]
    environment = {**os.environ, "HOME": str(folder), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    begun = time.monotonic()
    with open(folder / "said.log", "wb") as log:
        subprocess.run(argv, check=True, cwd=folder, env=environment, stderr=log, preexec_fn=lambda: os.nice(10))
    took = time.monotonic() - begun
    assert len(list(folder.glob("result-*.ipynb"))) == count
    return took
