"""The schedules on disk: one small JSON file each (see `store`).

A notebook that was taken as a copy lies beside its schedule. Everything here blocks; callers run it in a thread.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .schedules import Schedule, from_json
from .store import Stamp, Store, write_atomically


class Timetable(Store[Schedule]):
    """The folder of schedules. One lock for all: they are few and change seldom."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, from_json)
        #: What was read of each file, and the stamp that it had.
        self._known: dict[str, tuple[Stamp, Schedule]] = {}
        #: Files that are no schedules; each is complained of once.
        self.unreadable: dict[str, str] = {}

    def all(self) -> list[Schedule]:
        """Every schedule as it is on disk now, oldest first. Files that have not changed are not read again."""
        found: dict[str, tuple[Stamp, Schedule]] = {}
        try:
            stamps = self.stamps()
        except FileNotFoundError:
            return []
        for schedule_id, stamp in stamps.items():
            known = self._known.get(schedule_id)
            try:
                schedule = known[1] if known and known[0] == stamp else self.read(schedule_id)
            except (ValueError, KeyError, TypeError) as error:
                self.unreadable.setdefault(self.path(schedule_id).name, repr(error))
                continue
            if schedule is not None and schedule.id == schedule_id:
                found[schedule_id] = (stamp, schedule)
        self._known = found
        return sorted((schedule for _, schedule in found.values()), key=lambda each: (each.created_at, each.id))

    def change(self, schedule_id: str, how: Callable[[Schedule], Schedule], *, durable: bool = True) -> Schedule | None:
        """As for every store, but durably."""
        return super().change(schedule_id, how, durable=durable)

    # Copies of notebooks

    def _replaced(self, before: Schedule, after: Schedule | None) -> None:
        if before.snapshot and (after is None or after.snapshot != before.snapshot):
            self._snapshot(before.id, before.snapshot).unlink(missing_ok=True)

    def _snapshot(self, schedule_id: str, name: str) -> Path:
        return self.root / f"{schedule_id}.{name}.ipynb"

    def keep_notebook(self, schedule_id: str, notebook: dict[str, Any]) -> str:
        """Keep a copy of a notebook for that schedule; its name there."""
        text = json.dumps(notebook)
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        with self.locked(schedule_id):
            write_atomically(self._snapshot(schedule_id, name), text, durable=True)
        return name

    def notebook(self, schedule: Schedule) -> Any:
        """The schedule's copy of its notebook. Raises OSError or ValueError when it cannot be read."""
        return json.loads(self._snapshot(schedule.id, str(schedule.snapshot)).read_bytes())
