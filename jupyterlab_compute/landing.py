"""Where an executed notebook is put beside its source: never over anything, and once. Everything here blocks."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from . import evidence, runner
from .records import Record


def land(record: Record, root: Path | None, sign: Callable[[Path], None]) -> Record:
    """Copy the result to `lands_at` and say where it is, or why it is not there. Safe to repeat after a crash.

    `sign` tells JupyterLab to trust that file's outputs: all of them are the person's own (what was sent had none),
    so they are shown as if they had been run in the editor. A file of somebody else is not signed.
    """
    if record.lands_at is None or record.landed or record.land_problem:
        return record
    result = _result(record)
    if result is None:
        return replace(record, land_problem="There is no executed copy: it ended before its first cell.")
    if root is None:
        return replace(
            record, land_problem="JupyterLab's files are not on this disk; the copy is among the job's files."
        )
    wanted = root / record.lands_at
    try:
        # Before it can be opened: who is faster than the signature would see a notebook that is not trusted.
        if result.stat().st_uid == os.getuid():
            sign(result)
        wanted.parent.mkdir(parents=True, exist_ok=True)
        return replace(record, landed=put(result, wanted).relative_to(root).as_posix())
    except OSError as error:
        why = error.strerror or str(error)
        return replace(
            record, land_problem=f"The executed copy could not be put into {Path(record.lands_at).parent}: {why}."
        )


def as_landed(record: Record, landed: Record) -> Record:
    """`record` with what `land` found out, unless somebody was first."""
    if record.landed or record.land_problem:
        return record
    return replace(record, landed=landed.landed, land_problem=landed.land_problem)


def _result(record: Record) -> Path | None:
    folder = Path(record.run_folder)
    attempt = evidence.newest_attempt(folder)
    if attempt is None:
        return None
    result = evidence.attempt_folder(folder, attempt) / "result.ipynb"
    if not result.is_file():
        # All of the runner was killed at once: what it streamed is kept.
        try:
            runner.rebuild(str(folder), attempt)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
    return result if result.is_file() else None


def put(result: Path, wanted: Path) -> Path:
    """Put a copy at `wanted`, or beside it under the next free name, without ever replacing a file."""
    part = wanted.with_name(f".{wanted.name}.{os.getpid()}.part")
    try:
        shutil.copyfile(result, part)
        for number in range(1, 1000):
            target = wanted if number == 1 else wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
            try:
                # A link is made or fails: unlike a rename it cannot replace what is there.
                os.link(part, target)
                return target
            except FileExistsError:
                if filecmp.cmp(part, target, shallow=False):
                    # A crash came between the copy and its being written down.
                    return target
            except OSError:
                # A file system without hard links.
                try:
                    with open(target, "xb") as file, open(part, "rb") as source:
                        shutil.copyfileobj(source, file)
                    return target
                except FileExistsError:
                    continue
        raise OSError(f"too many files are called {wanted.name} already")
    finally:
        part.unlink(missing_ok=True)
