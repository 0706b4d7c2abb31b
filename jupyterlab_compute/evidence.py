"""What the runner's files say about a job. Reading only; everything here blocks.

The format stands in docs/run-folder.md. A file that is missing, half there or not ours is no evidence.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from . import clock
from .states import Exit, JobState, Reason, Seen, Source

_ATTEMPT = re.compile(r"[1-9][0-9]{0,5}")
_CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: A sentence for people; whatever a cell raised is in its outputs.
_MOST_WORDS = 1000
_LOG_TAIL = 16_384
#: The runner thins its samples: a month of a job with eight GPUs is half as much.
_USAGE_BYTES = 2 * 1024 * 1024
_OUTCOMES = {"succeeded": JobState.SUCCEEDED, "failed": JobState.FAILED, "cancelled": JobState.CANCELLED}


@dataclass(frozen=True)
class Evidence:
    """The newest attempt's news. `ended` is None while it runs, or if nobody wrote the end down."""

    attempt: int
    started: Seen
    progress: dict[str, Any] | None
    ended: Seen | None
    #: False: the runner cannot know why it ended; a scheduler's word comes first.
    conclusive: bool


def newest_attempt(run_folder: Path) -> int | None:
    """The number of the newest attempt, or None before the first."""
    try:
        numbers = [int(name) for name in os.listdir(run_folder / "attempts") if _ATTEMPT.fullmatch(name)]
    except OSError:
        return None
    return max(numbers, default=None)


def attempt_folder(run_folder: Path, attempt: int) -> Path:
    """Where that attempt writes."""
    return run_folder / "attempts" / str(attempt)


def stamp(run_folder: Path) -> tuple[int, ...]:
    """Changes whenever `read` could say something new: three `stat` calls at most, so it can be asked often."""
    attempt = newest_attempt(run_folder)
    if attempt is None:
        return ()
    found = [attempt]
    for name in ("started.json", "progress.json", "exit.json"):
        try:
            status = os.stat(attempt_folder(run_folder, attempt) / name)
            found += [status.st_mtime_ns, status.st_ino]
        except OSError:
            found += [0, 0]
    return tuple(found)


def read(run_folder: Path, tag: str) -> Evidence | None:
    """The newest attempt of the job with that tag, or None if it has not begun."""
    attempt = newest_attempt(run_folder)
    if attempt is None:
        return None
    folder = attempt_folder(run_folder, attempt)
    started = _load(folder / "started.json", tag)
    if started is None:
        return None
    # Where no scheduler gave an id, the supervisor's process is the id.
    native_id = _text(started.get("native_id")) or f"{started.get('pid')}.{started.get('pid_start')}"
    begun = Seen(
        native_id=native_id,
        state=JobState.RUNNING,
        source=Source.RUNNER,
        # By the scheduler's own name, as the queue has it: one job is not in two places.
        node=_text(started.get("node")) or _text(started.get("host")),
        started_at=_time(started.get("started_at")),
        attempt=attempt,
        tag=tag,
    )
    ended = _load(folder / "exit.json", tag)
    return Evidence(
        attempt=attempt,
        started=begun,
        progress=_progress(folder),
        ended=None if ended is None else _end(ended, begun),
        conclusive=ended is not None and ended.get("conclusive") is True,
    )


def usage(run_folder: Path, attempt: int) -> list[dict[str, Any]]:
    """What that attempt used over time, oldest first: each the contract's UsageSample."""
    try:
        with open(attempt_folder(run_folder, attempt) / "usage.jsonl", "rb", opener=_plain) as file:
            data = file.read(_USAGE_BYTES)
    except OSError:
        return []
    # What stands behind the last end of a line is still being written.
    found = (_sample(line) for line in data.split(b"\n")[:-1])
    return [sample for sample in found if sample is not None]


def _sample(line: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(line)
        at, cpu, memory = _time(said.get("at")), _amount(said.get("cpu_s")), _amount(said.get("memory_mb"))
        gpus = [_gpu(each.get("busy"), each.get("memory_mb")) for each in said.get("gpu") or ()]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    if at is None or cpu is None or memory is None:
        return None
    sample: dict[str, Any] = {"at": at, "cpu_s": cpu, "memory_mb": round(memory)}
    return {**sample, "gpu": gpus} if gpus else sample


def _gpu(busy: object, memory: object) -> dict[str, Any]:
    share, used = _amount(busy), _amount(memory)
    return {"busy": None if share is None else min(share, 1.0), "memory_mb": None if used is None else round(used)}


def refined(run_folder: Path, seen: Seen) -> Seen:
    """`seen`, a job that was killed, with a better reason where the scheduler's log has one.

    A Slurm without control groups tells only there that it was killed for its memory.
    """
    try:
        with open(os.open(run_folder / "scheduler.log", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_TAIL))
            said = file.read(_LOG_TAIL)
    except OSError:
        return seen
    if not re.search(rb"exceeded (job|step|virtual) ?(memory)? limit", said, re.IGNORECASE):
        return seen
    return replace(seen, reason=Reason("out_of_memory", "It used more memory than it had asked for."))


def _end(record: dict[str, Any], begun: Seen) -> Seen:
    reason = record.get("reason")
    peak, cpu = _amount(record.get("peak_memory_mb")), _amount(record.get("cpu_s"))
    return Seen(
        native_id=begun.native_id,
        state=_OUTCOMES.get(str(record.get("outcome"))),
        source=Source.EXIT_RECORD,
        reason=Reason(str(reason.get("code", "error"))[:100], str(reason.get("text", ""))[:_MOST_WORDS])
        if isinstance(reason, dict)
        else None,
        exit=Exit(_number(record.get("code")), _number(record.get("signal"))),
        node=begun.node,
        started_at=begun.started_at,
        ended_at=_time(record.get("ended_at")),
        peak_memory_mb=None if peak is None else int(peak),
        cpu_s=cpu,
        attempt=begun.attempt,
        tag=begun.tag,
    )


def _progress(folder: Path) -> dict[str, Any] | None:
    found = _load(folder / "progress.json", None)
    if found is None:
        return None
    done, total, current = _number(found.get("done")), _number(found.get("total")), found.get("current")
    if done is None or total is None or not 0 <= done <= total:
        return None
    if isinstance(current, dict):
        current = current.get("id")
    known = isinstance(current, str) and _CELL_ID.fullmatch(current)
    return {"done": done, "total": total, "current": current if known else None}


def _load(path: Path, tag: str | None) -> dict[str, Any] | None:
    """The object in that file if it is whole, ours (not a link to elsewhere) and of this job."""
    try:
        with open(path, "rb", opener=_plain) as file:
            found = json.loads(file.read(1_000_000))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or (tag is not None and found.get("tag") != tag):
        return None
    return found


def _plain(path: str, flags: int) -> int:
    # A job may have put anything there: neither a link nor a pipe that nobody writes into may lead us away.
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _time(value: object) -> str | None:
    """The time in the wire's form, if it is one."""
    try:
        moment = clock.parse(value) if isinstance(value, str) else None
        return None if moment is None or moment.tzinfo is None else clock.at(moment)
    except (ValueError, OverflowError):
        return None


def _amount(value: object) -> float | None:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    # Neither NaN nor infinity, which JSON in Python lets in.
    return float(value) if 0 <= value < 1e15 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
