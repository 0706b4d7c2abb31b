"""Files of a run folder, given out. Nothing outside it is ever read, no link is followed. Everything here blocks."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from . import clock, evidence
from .errors import NoSuchFile, WrongState
from .records import Record

#: Bytes of outputs in one answer: large enough to be quick, small enough not to stall a page.
_OUTPUTS_BYTES = 2 * 1024 * 1024
#: A single event may be larger than that (one huge image), up to the runner's own cap and JSON's overhead.
_EVENT_BYTES = 64 * 1024 * 1024
_MOST_FILES = 5000


@dataclass(frozen=True)
class Piece:
    """Bytes of a log, where the next begin, and how long it is by now."""

    data: bytes
    next_offset: int
    size: int


def _open(path: Path) -> BinaryIO:
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK))


def log(record: Record, stream: str, offset: int, limit: int) -> Piece:
    """A piece of a log; empty if there is no log yet."""
    folder = Path(record.run_folder)
    if stream == "scheduler":
        path = folder / "scheduler.log"
    else:
        attempt = evidence.newest_attempt(folder)
        if attempt is None:
            return Piece(b"", max(offset, 0), 0)
        path = evidence.attempt_folder(folder, attempt) / f"{stream}.log"
    try:
        with _open(path) as file:
            size = os.fstat(file.fileno()).st_size
            start = max(0, size + offset) if offset < 0 else min(offset, size)
            file.seek(start)
            data = file.read(limit)
    except OSError:
        return Piece(b"", max(offset, 0), 0)
    return Piece(data, start + len(data), size)


def outputs(record: Record, start: int, attempt: int | None) -> dict[str, Any]:
    """The contract's Outputs: whole lines of outputs.jsonl from byte `start`."""
    folder = Path(record.run_folder)
    newest = evidence.newest_attempt(folder)
    if newest is None:
        return {"attempt": 0, "events": [], "next": 0, "more": False, "ended": record.state.final}
    if attempt is not None and attempt != newest:
        start = 0
    try:
        with _open(evidence.attempt_folder(folder, newest) / "outputs.jsonl") as file:
            size = os.fstat(file.fileno()).st_size
            # An offset past the end belongs to a file that was there before.
            start = start if start <= size else 0
            file.seek(start)
            data = file.read(_OUTPUTS_BYTES)
            if b"\n" not in data and len(data) == _OUTPUTS_BYTES:
                data += file.readline(_EVENT_BYTES)
    except OSError:
        size, data = start, b""
    data = data[: data.rfind(b"\n") + 1]
    events = []
    for line in data.split(b"\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            # A line that a full disk cut off.
            continue
        # Events of the whole notebook (its metadata) are for the result, not for the page.
        if isinstance(event, dict) and isinstance(event.get("cell"), str):
            events.append(event)
    after = start + len(data)
    more = bool(data) and after < size
    return {"attempt": newest, "events": events, "next": after, "more": more, "ended": record.state.final and not more}


def usage(record: Record) -> dict[str, Any]:
    """The contract's UsageOverTime of the newest attempt."""
    folder, asked = Path(record.run_folder), record.resources
    newest = evidence.newest_attempt(folder)
    # The runner sees one node; of fewer tasks than nodes there is one on each.
    tasks = math.ceil((asked.get("tasks") or 1) / (asked.get("nodes") or 1))
    return {
        "attempt": newest or 0,
        "asked": {"memory_mb": asked.get("memory_mb"), "cores": (asked.get("cores") or 1) * tasks},
        "samples": [] if newest is None else evidence.usage(folder, newest),
        "ended": record.state.final,
    }


def listing(record: Record) -> dict[str, Any]:
    """The contract's FileList."""
    found: list[dict[str, Any]] = []
    top = Path(record.run_folder)
    for folder, folders, names in os.walk(top):
        # What begins with a dot is the runner's own, a kernel's key among it.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder) / name
            try:
                status = path.lstat()
            except OSError:
                continue
            if not stat.S_ISREG(status.st_mode):
                continue
            if len(found) == _MOST_FILES:
                return {"files": found, "truncated": True}
            found.append(
                {
                    "path": path.relative_to(top).as_posix(),
                    "size": status.st_size,
                    "modified_at": clock.from_timestamp(status.st_mtime),
                }
            )
    return {"files": found, "truncated": False}


def checked(record: Record, path: str) -> Path:
    """The absolute path of a regular file inside the run folder. Raises `NoSuchFile` for anything else."""
    relative = PurePosixPath(path)
    try:
        top = Path(record.run_folder).resolve(strict=True)
        target = top / relative
        # Equal only if there is no link, no “..” and no other root on the way.
        ours = any(part.startswith(".") for part in relative.parts)
        if not ours and target.resolve(strict=True) == target and target.is_relative_to(top) and target.is_file():
            return target
    except (OSError, ValueError, RuntimeError):
        # Also names that cannot be names, and links that lead in a circle.
        pass
    raise NoSuchFile("This job has no such file.", "Look at the list of its files again.")


def piece(path: Path, offset: int, size: int) -> bytes:
    """Bytes of a file that `checked` gave."""
    with _open(path) as file:
        file.seek(offset)
        return file.read(size)


def mark_cancelled(record: Record) -> None:
    """Leave word for the runner that the user asked for the end."""
    # Not on a full disk: then the record knows it, and the scheduler is told all the same.
    with contextlib.suppress(OSError):
        os.close(os.open(Path(record.run_folder) / "cancel", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600))


def request_again(record: Record) -> dict[str, Any]:
    """The request that made this job, with the notebook as it was sent."""
    folder = Path(record.run_folder)
    try:
        request: dict[str, Any] = json.loads((folder / "request.json").read_bytes())
        request["source"]["content"] = json.loads((folder / "input.ipynb").read_bytes())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WrongState(
            "What this job ran is not there any more, so it cannot be run again exactly.",
            "Run it anew from the notebook.",
        ) from error
    return request


def remove_run_folder(record: Record) -> None:
    """Delete the run folder, and nothing else: it must carry the job's id, and not belong to its successor."""
    folder = Path(record.run_folder)
    if folder.name == record.id and not folder.is_symlink() and _tag(folder) in {record.tag, None}:
        shutil.rmtree(folder, ignore_errors=True)


def _tag(folder: Path) -> object:
    try:
        return json.loads((folder / "job.json").read_bytes())["tag"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
