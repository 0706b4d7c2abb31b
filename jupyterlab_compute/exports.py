"""The executed copy in other formats, made by nbconvert beside it once it has landed.

nbconvert runs as a process of its own on this machine: it takes seconds, and what it does to a notebook of a
gigabyte is no business of the server's. One server makes them: it claims the job under the record's lock. A claim
that is older than any conversion takes was left by a server that is gone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from . import clock, landing
from .background import Background
from .errors import ComputeError, NoSuchJob, SchedulerSilent
from .ledger import Ledger
from .records import Record
from .transports.local import LocalTransport

#: nbconvert's own names.
_EXPORTERS = {"html": "html", "pdf": "pdf", "script": "script"}
_LONGEST_S = 300.0
_AT_ONCE = 2


def possible() -> list[str]:
    """The formats that can be made on this machine. Blocks."""
    formats = ["html", "script"]
    if shutil.which("xelatex") and shutil.which("pandoc"):
        formats.append("pdf")
    return formats if find_spec("nbconvert") else []


def pending(record: Record) -> bool:
    """Whether there is something to make."""
    return bool(record.formats and record.landed and record.exports is None)


class Exporter:
    """Makes what jobs ask for, a few at a time."""

    def __init__(self, ledger: Ledger, root: Path | None, log: logging.Logger) -> None:
        self._ledger = ledger
        self._root = root
        self._log = log
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._under_way = Background("export")

    def start(self, job_id: str) -> None:
        """Make what that job asks for in the background, unless somebody does."""
        if (root := self._root) is not None:
            self._under_way.start(lambda: self._export(job_id, root), job_id)

    async def stop(self) -> None:
        """What is cut off is begun again by the next server."""
        await self._under_way.stop()

    async def _export(self, job_id: str, root: Path) -> None:
        async with self._at_once:
            try:
                record = await self._ledger.change(job_id, _claimed)
            except (_Claimed, NoSuchJob):
                return
            made = [await self._made(record, name, root) for name in record.formats]
            try:
                await self._ledger.change(job_id, lambda r: replace(r, exports=made, export_claimed_at=None))
            except NoSuchJob:
                return
            self._log.info("compute: exported job=%s formats=%s", job_id, ",".join(record.formats))

    async def _made(self, record: Record, name: str, root: Path) -> dict[str, Any]:
        source = root / str(record.landed)
        made: dict[str, Any] = {"format": name, "path": None, "problem": None}
        try:
            # On the disk of the result, so that it is linked into place and not copied.
            with tempfile.TemporaryDirectory(prefix=f".{source.stem[:50]}.", dir=source.parent) as folder:
                problem = await _convert(source, name, Path(folder))
                found = await self._ledger.blocking(_files, Path(folder))
                if problem is None and len(found) == 1:
                    wanted = source.with_suffix(found[0].suffix)
                    put = await self._ledger.blocking(landing.put, found[0], wanted)
                    made["path"] = put.relative_to(root).as_posix()
                else:
                    made["problem"] = problem or "nbconvert made nothing."
        except OSError as error:
            made["problem"] = f"It could not be put beside the notebook: {error.strerror or error}."
        return made


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]


class _Claimed(ComputeError):
    """Another server makes them."""


def _claimed(record: Record) -> Record:
    if not pending(record):
        raise _Claimed("")
    # One in the future was made by a clock that was set right since.
    if record.export_claimed_at and abs(clock.seconds_since(record.export_claimed_at)) < 2 * _LONGEST_S:
        raise _Claimed("")
    return replace(record, export_claimed_at=clock.now())


async def _convert(source: Path, name: str, folder: Path) -> str | None:
    """Let nbconvert write into `folder`; what went wrong in a sentence, or None."""
    # The name is not an option, whatever it begins with: it is an absolute path.
    argv = [sys.executable, "-m", "nbconvert", "--to", _EXPORTERS[name], "--output-dir", str(folder), str(source)]
    try:
        answer = await LocalTransport().run(argv, timeout_s=_LONGEST_S, env=_surroundings(os.environ))
    except SchedulerSilent:
        return f"nbconvert took longer than {_LONGEST_S / 60:.0f} minutes."
    except ComputeError as error:
        return error.message
    if answer.code == 0:
        return None
    lines = [line.strip() for line in answer.stderr.splitlines() if line.strip()]
    return f"nbconvert could not make it: {lines[-1][:300] if lines else f'it ended with {answer.code}'}"


def _surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """Where its settings and templates are; no tokens."""
    wanted = ("JUPYTER_PATH", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    return {name: environ[name] for name in wanted if name in environ}
