"""Records, sightings and run folders for tests: everything has a usual value, a test names what matters to it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from jupyterlab_compute import clock
from jupyterlab_compute.evidence import Evidence
from jupyterlab_compute.profiles import Profile
from jupyterlab_compute.records import Record
from jupyterlab_compute.schedules import Schedule
from jupyterlab_compute.states import Exit, JobState, Reason, Seen, Source

AN_ID = "aaaabbbbccccdddd"
A_TAG = "jc-0123456789abcdef"


def a_record(state: str = "queued", **more: Any) -> Record:
    """A record of a job of two cells at the scheduler `fake`."""
    values: dict[str, Any] = {
        "id": AN_ID,
        "key": "a-key-of-a-page",
        "body_sha256": "0" * 64,
        "tag": A_TAG,
        "name": "work.ipynb",
        "source_kind": "notebook",
        "path": "work.ipynb",
        "cells": ({"id": "a", "role": "selected", "source_sha256": "1" * 64},),
        "before": "nothing",
        "profile": "fake",
        "profile_title": "Fake",
        "scheduler": {"type": "fake"},
        "cluster": "fake",
        "resources": {"cores": 1},
        "queue": None,
        "account": None,
        "native": {},
        "kernel": "python3",
        "run_folder": f"/nowhere/{more.get('id', AN_ID)}",
        "script_sha256": "2" * 64,
        "created_at": "2026-11-21T09:40:00.000Z",
    }
    return Record(**{**values, "state": JobState(state), **more})


def a_sighting(state: str | None = "running", source: Source = Source.QUEUE, **more: Any) -> Seen:
    """What a scheduler says of the job 1."""
    return Seen(**{"native_id": "1", "state": JobState(state) if state else None, "source": source, **more})


def some_evidence(
    ended: str | None = None, *, attempt: int = 1, conclusive: bool = True, reason: Reason | None = None, **more: Any
) -> Evidence:
    """What a runner's files say: it has begun, and perhaps ended."""
    begun = a_sighting("running", Source.RUNNER, attempt=attempt, started_at="2026-11-21T09:41:00.000Z", node="n1")
    if ended is None:
        return Evidence(attempt, begun, None, None, conclusive=False)
    end = a_sighting(
        ended,
        Source.EXIT_RECORD,
        attempt=attempt,
        reason=reason,
        started_at=begun.started_at,
        **{"ended_at": "2026-11-21T09:42:00.000Z", "exit": Exit(0 if ended == "succeeded" else 1), **more},
    )
    return Evidence(attempt, begun, None, end, conclusive)


def a_profile(**more: Any) -> Profile:
    """A profile of the scheduler `fake` that lets one choose cores, memory and time."""
    values: dict[str, Any] = {
        "name": "fake",
        "title": "Fake",
        "description": "",
        "origin": "site",
        "scheduler": {"type": "fake"},
        "resources": {
            "cores": {"default": 1, "min": 1, "max": 8},
            "memory_mb": {"min": 1},
            "walltime_s": {"min": 1, "max": 3600},
        },
    }
    return Profile(**{**values, **more})


def a_cell(source: Any, cell_id: str | None, *tags: str, kind: str = "code") -> dict[str, Any]:
    """A notebook's cell; `cell_id` None: a cell of an old notebook."""
    cell: dict[str, Any] = {"cell_type": kind, "source": source, "metadata": {"tags": list(tags)} if tags else {}}
    if cell_id is not None:
        cell["id"] = cell_id
    return cell | {"outputs": [], "execution_count": None} if kind == "code" else cell


def a_notebook(*cells: dict[str, Any], minor: int = 5) -> dict[str, Any]:
    """A notebook of these cells, by default of the code cells a and b."""
    return {
        "nbformat": 4,
        "nbformat_minor": minor,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": list(cells) or [a_cell("x = 1", "a"), a_cell("print(x)", "b")],
    }


def a_request(key: str = "key-00000001", **more: Any) -> dict[str, Any]:
    """A wish to run a whole notebook of two cells on the profile `fake`."""
    source = {"kind": "notebook", "path": "work.ipynb", "content": a_notebook()}
    return {"key": key, "profile": "fake", "source": source, **more}


def a_cells_request(*cell_ids: str, key: str = "key-00000001", **more: Any) -> dict[str, Any]:
    """A wish to run these cells."""
    request = a_request(key, **more)
    request["source"] |= {"kind": "cells", "cell_ids": list(cell_ids)}
    return request


def a_schedule(**more: Any) -> Schedule:
    """A schedule of every day at seven, UTC, whose next run is on 23 November 2026."""
    values: dict[str, Any] = {
        "id": "aaaabbbbccccdddd",
        "key": "a-key-of-a-page",
        "body_sha256": "0" * 64,
        "name": "Report",
        "request": {"profile": "fake", "source": {"kind": "notebook", "path": "work.ipynb"}},
        "cron": "0 7 * * *",
        "timezone": "UTC",
        "created_at": "2026-11-21T09:40:00.000Z",
        "edited_at": "2026-11-21T09:40:00.000Z",
        "decided_at": "2026-11-21T09:40:00.000Z",
        "next_at": "2026-11-23T07:00:00.000Z",
    }
    return Schedule(**{**values, **more})


def begin_attempt(run_folder: str | Path, tag: str, attempt: int = 1, **more: Any) -> Path:
    """What a runner writes first; the attempt's folder."""
    folder = Path(run_folder, "attempts", str(attempt))
    folder.mkdir(parents=True)
    started = {
        "schema": 1, "tag": tag, "attempt": attempt, "host": "n1", "pid": os.getpid(), "pid_start": 1, "boot_id": "b",
        "native_id": None, "started_at": clock.now(), **more,
    }  # fmt: skip
    put_file(folder / "started.json", started)
    return folder


def end_attempt(folder: Path, tag: str, outcome: str = "succeeded", *, conclusive: bool = True, **more: Any) -> None:
    """What a runner writes last."""
    record = {
        "schema": 1, "tag": tag, "attempt": int(folder.name), "outcome": outcome, "conclusive": conclusive,
        "reason": None, "code": 0 if outcome == "succeeded" else 1, "signal": None, "host": "n1", "native_id": None,
        "started_at": clock.now(), "ended_at": clock.now(), "peak_memory_mb": 12, "cpu_s": 0.5,
        "cells": {"done": 2, "total": 2}, **more,
    }  # fmt: skip
    put_file(folder / "exit.json", record)


def put_file(path: Path, content: object) -> None:
    """Write JSON as the runner does: a reader sees all of it or nothing."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(content), "utf-8")
    part.replace(path)
