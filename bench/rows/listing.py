"""Row 4: lists of 10,000 jobs; beside jupyter-scheduler with as many rows in its database."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from jupyterlab_compute import clock, states
from jupyterlab_compute.records import Records
from tests.builders import a_record

from ..findings import Finding, median, ms
from ..stage import Stage
from ..wire import Wire

JOBS = 10_000
_TIMES = 200
_PAGE_S, _SINCE_S = 0.015, 0.003
_STATES = ("succeeded", "succeeded", "succeeded", "failed", "cancelled")


def measure(stage: Stage) -> Iterator[Finding]:
    """Pages as the panel asks for them, and what it asks when nothing has changed."""
    home = stage.folder("listing")
    seed(home / "data" / "compute" / "jobs")
    with stage.server("listing", home=home) as jupyter, Wire(jupyter.port, jupyter.token) as wire:
        first = wire.get("compute/api/jobs?limit=200")
        assert sum(first.json["counts"].values()) == JOBS, first.json["counts"]
        assert len(first.json["jobs"]) == 200
        page_50 = _timed(wire, "compute/api/jobs?limit=50")
        page_200 = _timed(wire, "compute/api/jobs?limit=200")
        further = _timed(wire, f"compute/api/jobs?limit=200&cursor={_deep(wire)}")
        search = _timed(wire, "compute/api/jobs?limit=200&q=notebook+77")
        since = _timed(wire, f"compute/api/jobs?since={first.json['revision']}&limit=1000")
        # Once all have been measured: what is slow about that is the disk.
        while (disk := wire.get("compute/api/storage")).json["measured"] < JOBS:
            pass
        assert disk.json["ended"]["jobs"] == JOBS, disk.json["ended"]
        storage = _timed(wire, "compute/api/storage", 20)
    theirs_25, theirs_all = _theirs(stage)
    n = f"n={_TIMES} each, one connection"
    yield Finding(f"GET /jobs of {JOBS:,}: a page of 200, as the panel asks", ms(page_200), "≤ 15 ms",
                  page_200 <= _PAGE_S, f"jupyter-scheduler {ms(theirs_25)} for 25 rows, {ms(theirs_all)} for all",
                  f"{n}; of 50: {ms(page_50)}; in the middle: {ms(further)}; a search: {ms(search)}; "
                  f"what all take on disk: {ms(storage)}")  # fmt: skip
    yield Finding(f"GET /jobs of {JOBS:,}: `since=`, unchanged", ms(since), "≤ 3 ms", since <= _SINCE_S,
                  "jupyter-scheduler has no such question", n)  # fmt: skip


def _timed(wire: Wire, path: str, times: int = _TIMES) -> float:
    wire.get(path)
    return median(wire.get(path).seconds for _ in range(times))


def _deep(wire: Wire) -> str:
    cursor = ""
    for _ in range(25):
        cursor = wire.get(f"compute/api/jobs?limit=200{cursor and '&cursor=' + cursor}").json["next_cursor"]
    return cursor


def seed(root: Path) -> None:
    """Records of ended jobs, as many as the row is about."""
    records = Records(root)
    begun = datetime.now(timezone.utc) - timedelta(days=60)
    for number in range(JOBS):
        moment = clock.at(begun + timedelta(minutes=8 * number))
        state = _STATES[number % len(_STATES)]
        job_id = base64.b32encode(number.to_bytes(10, "big")).decode().lower()
        record = replace(
            a_record(state, id=job_id, key=f"key-{number:08}", tag=f"jc-{number:016x}", created_at=moment),
            name=f"notebook {number}.ipynb", path=f"work/notebook {number}.ipynb", native_id=str(100_000 + number),
            queued_at=moment, started_at=moment, ended_at=moment, landed=f"work/runs/notebook {number}.ipynb",
            exit=states.Exit(0 if state == "succeeded" else 1), progress={"done": 2, "total": 2, "current": None},
        )  # fmt: skip
        # Not one by one for good, as the bridge does it: a power cut here costs nothing.
        records.path(job_id).write_text(json.dumps(record.to_json()))


def _theirs(stage: Stage) -> tuple[float, float]:
    home = stage.folder("listing-peer")
    (home / "data").mkdir()
    script = Path(__file__).parent.parent / "peers/seed_scheduler.py"
    environment = {**os.environ, "HOME": str(home), "JUPYTER_DATA_DIR": str(home / "data")}
    subprocess.run([stage.peers, script, home / "data" / "scheduler.sqlite", str(JOBS)], check=True, env=environment)
    with stage.peer_server("listing-peer", home) as peer, Wire(peer.port, peer.token) as wire:
        assert wire.get("scheduler/jobs?max_items=25").json["total_count"] == JOBS
        some = _timed(wire, "scheduler/jobs?max_items=25", 40)
        return some, _timed(wire, f"scheduler/jobs?max_items={JOBS}", 3)
