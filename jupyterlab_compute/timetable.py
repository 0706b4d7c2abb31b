"""The schedules on disk: one small JSON file each, written as job records are (see records.py).

A notebook that was taken as a copy lies beside its schedule. Everything here blocks; callers run it in a thread.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from .records import write_atomically
from .schedules import Schedule, from_json


class Timetable:
    """The folder of schedules. It is made, mode 0700, when the first one is."""

    def __init__(self, root: Path) -> None:
        self._root = root
        #: What was read of each file, and the stamp that it had.
        self._read: dict[str, tuple[tuple[int, int, int], Schedule]] = {}
        #: Files that are no schedules; each is complained of once.
        self.unreadable: dict[str, str] = {}

    def _path(self, schedule_id: str) -> Path:
        return self._root / f"{schedule_id}.json"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # One lock for all: schedules are few and change seldom.
        self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._root / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def all(self) -> list[Schedule]:
        """Every schedule as it is on disk now, oldest first. Files that have not changed are not read again."""
        found: dict[str, tuple[tuple[int, int, int], Schedule]] = {}
        try:
            entries = list(os.scandir(self._root))
        except FileNotFoundError:
            return []
        for entry in entries:
            schedule_id, kind = os.path.splitext(entry.name)
            if kind != ".json" or schedule_id.startswith("."):
                continue
            try:
                status = entry.stat()
                # Each write makes a new file: another inode, even within one tick of the disk's clock.
                stamp = (status.st_mtime_ns, status.st_ino, status.st_size)
                known = self._read.get(schedule_id)
                schedule = known[1] if known and known[0] == stamp else self.read(schedule_id)
            except FileNotFoundError:
                continue
            except (ValueError, KeyError, TypeError) as error:
                self.unreadable.setdefault(entry.name, repr(error))
                continue
            if schedule is not None and schedule.id == schedule_id:
                found[schedule_id] = (stamp, schedule)
        self._read = found
        return sorted((schedule for _, schedule in found.values()), key=lambda each: (each.created_at, each.id))

    def read(self, schedule_id: str) -> Schedule | None:
        """The schedule, or None where there is none."""
        stored = self._stored(schedule_id)
        return None if stored is None else from_json(stored)

    def _stored(self, schedule_id: str) -> dict[str, Any] | None:
        try:
            stored = json.loads(self._path(schedule_id).read_bytes())
        except FileNotFoundError:
            return None
        if not isinstance(stored, dict):
            raise ValueError(f"{self._path(schedule_id)} is not a schedule")
        return stored

    def create(self, schedule: Schedule) -> Schedule | None:
        """Write a new schedule durably. The one that was there already, which stays as it is, or None."""
        with self._locked():
            there = self.read(schedule.id)
            if there is None:
                write_atomically(self._path(schedule.id), json.dumps(schedule.to_json()), durable=True)
            return there

    def change(self, schedule_id: str, how: Callable[[Schedule], Schedule]) -> Schedule | None:
        """Replace the schedule durably by `how(schedule)` while nobody else can; as it is afterwards.

        `how` returns its argument for "nothing to change". None: there is no such schedule (any more).
        What `how` raises passes through and nothing is written.
        """
        with self._locked():
            stored = self._stored(schedule_id)
            if stored is None:
                return None
            before = from_json(stored)
            after = how(before)
            if after != before:
                after = replace(after, version=before.version + 1)
                # A newer version's fields stay in the file.
                text = json.dumps({**stored, **after.to_json()})
                write_atomically(self._path(schedule_id), text, durable=True)
                if before.snapshot and before.snapshot != after.snapshot:
                    self._snapshot(schedule_id, before.snapshot).unlink(missing_ok=True)
            return after

    def remove(self, schedule_id: str) -> Schedule | None:
        """Remove the schedule and its copy of the notebook; what was removed."""
        with self._locked():
            schedule = self.read(schedule_id)
            if schedule is not None:
                self._path(schedule_id).unlink()
                if schedule.snapshot:
                    self._snapshot(schedule_id, schedule.snapshot).unlink(missing_ok=True)
            return schedule

    # Copies of notebooks

    def _snapshot(self, schedule_id: str, name: str) -> Path:
        return self._root / f"{schedule_id}.{name}.ipynb"

    def keep_notebook(self, schedule_id: str, notebook: dict[str, Any]) -> str:
        """Keep a copy of a notebook for that schedule; its name there."""
        text = json.dumps(notebook)
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        with self._locked():
            write_atomically(self._snapshot(schedule_id, name), text, durable=True)
        return name

    def notebook(self, schedule: Schedule) -> Any:
        """The schedule's copy of its notebook. Raises OSError or ValueError when it cannot be read."""
        return json.loads(self._snapshot(schedule.id, str(schedule.snapshot)).read_bytes())
