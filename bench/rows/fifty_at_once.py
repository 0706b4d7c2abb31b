"""Row 2: fifty notebooks sent at once, and how the server feels to others meanwhile; beside jupyter-scheduler."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

from jupyterlab_compute.runner import descendants

from ..fifty import COUNT, IS, NOTEBOOK, PRINTED, post_at_once, probing
from ..findings import Finding, ms, percentile, s
from ..page import Page
from ..stage import Peer, Stage
from ..wire import Wire

_MOST_S = 300.0


def measure(stage: Stage) -> Iterator[Finding]:
    """Ours first, then theirs."""
    ours, probes, ran = _ours(stage)
    their, their_probes, they_ran = _theirs(stage)
    p99, their_p99 = percentile(probes, 99), percentile(their_probes, 99)
    name = "jupyter-scheduler"
    yield Finding("50 notebooks at once: all accepted", s(ours), "≤ 1 s", ours <= 1, f"{name} {s(their)}",
                  f"one burst of {COUNT} POSTs, local; notebook: {IS}")  # fmt: skip
    yield Finding("50 notebooks at once: GET /api/status p99 until all have ended", ms(p99), "≤ 50 ms", p99 <= 0.050,
                  f"{name} {ms(their_p99)}", f"n={len(probes)} and {len(their_probes)}, every 50 ms; "
                  f"medians {ms(percentile(probes, 50))} and {ms(percentile(their_probes, 50))}")  # fmt: skip
    yield Finding("50 notebooks at once: really ran", f"{ran} of {COUNT}", "50 of 50", ran == COUNT,
                  f"{name} {they_ran} of {COUNT}", "counted by what the executed copies hold")  # fmt: skip


def _ours(stage: Stage) -> tuple[float, list[float], int]:
    bodies = [
        {"key": f"fifty-at-once-{number}", "profile": "this-machine",
         "source": {"kind": "notebook", "path": f"work-{number}.ipynb", "content": NOTEBOOK}}
        for number in range(COUNT)
    ]  # fmt: skip
    with stage.server("fifty") as jupyter, Page(jupyter) as page:
        with probing(jupyter.port, jupyter.token) as probes:
            took, jobs = post_at_once(jupyter.port, jupyter.token, "compute/api/jobs", bodies)
            page.ended([job["id"] for job in jobs], _MOST_S)
        results = Path(jupyter.data).glob("runs/*/attempts/1/result.ipynb")
        return took, probes.took, sum(_holds(path) for path in results)


def _theirs(stage: Stage) -> tuple[float, list[float], int]:
    with stage.peer_server("fifty-peer") as peer:
        (peer.notebooks / "work.ipynb").write_text(json.dumps(NOTEBOOK))
        with Wire(peer.port, peer.token) as wire:
            environment = wire.get("scheduler/runtime_environments").json[0]["name"]
        body = {"name": "work", "input_uri": "work.ipynb", "runtime_environment_name": environment,
                "output_formats": ["ipynb"]}  # fmt: skip
        with probing(peer.port, peer.token) as probes:
            took, _ = post_at_once(peer.port, peer.token, "scheduler/jobs", [body] * COUNT)
            _wait_for_processes(peer)
        results = (peer.home / "data").rglob("*.ipynb")
        return took, probes.took, sum(_holds(path) for path in results)


def _wait_for_processes(peer: Peer) -> None:
    """Each of its jobs is a process below the server: when all are gone, nothing more will come."""
    assert peer.process
    until, empty = time.monotonic() + _MOST_S, 0
    while empty < 5 and time.monotonic() < until:
        empty = 0 if any(map(_is_job, descendants(peer.process.pid))) else empty + 1
        time.sleep(0.2)


def _is_job(pid: int) -> bool:
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _holds(path: Path) -> bool:
    """Whether that notebook holds what its cells print."""
    try:
        cells = json.loads(path.read_text())["cells"]
    except (OSError, ValueError, LookupError):
        return False
    return any(PRINTED in "".join(out.get("text", "")) for cell in cells for out in cell.get("outputs", ()))
