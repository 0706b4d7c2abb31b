"""The watches of this server, one for each cluster that it has had to do with."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import replace
from typing import Any

from . import landing
from .catalog import Catalog, Scheduler
from .errors import ComputeError
from .lease import Myself
from .ledger import Ledger
from .records import Record
from .surroundings import Surroundings
from .watcher import Watch

_SOMEBODY_LOOKS_S = 90.0


class Watches:
    """Makes them when they are needed, and finds the one for a job."""

    def __init__(
        self, catalog: Catalog, ledger: Ledger, around: Surroundings, myself: Myself, log: logging.Logger
    ) -> None:
        self._catalog = catalog
        self._ledger = ledger
        self._around = around
        self._myself = myself
        self._log = log
        self.by_cluster: dict[str, Watch] = {}
        self._looked_at = float("-inf")

    async def stop(self) -> None:
        """Let go of all clusters."""
        await asyncio.gather(*(watch.stop() for watch in self.by_cluster.values()))

    def at(self, scheduler: Scheduler) -> Watch:
        """The watch of that scheduler, begun if there was none."""
        cluster = scheduler.driver.cluster
        if cluster not in self.by_cluster:
            watch = Watch(
                scheduler.driver,
                self._ledger,
                self._around.leases,
                self._myself,
                self._around.pace,
                lambda: time.monotonic() - self._looked_at < _SOMEBODY_LOOKS_S,
                lambda record: landing.land(record, self._around.ground.root, self._around.sign),
                self._log,
            )
            watch.start()
            self.by_cluster[cluster] = watch
        return self.by_cluster[cluster]

    def of(self, record: Record) -> Watch | None:
        """The watch of the record's cluster; None where this server cannot reach it."""
        if record.cluster not in self.by_cluster:
            try:
                scheduler = self._catalog.scheduler(record.scheduler)
            except ComputeError:
                return None
            scheduler.driver.assume(record.cluster)
            # A job of another machine: its scheduler has the same name in a profile but is not this one.
            if scheduler.driver.cluster != record.cluster:
                return None
            self.at(scheduler)
        return self.by_cluster[record.cluster]

    async def go_by_names(self) -> None:
        """A scheduler tells its name when it first answers: from then on watches and records go by it."""
        for cluster, watch in list(self.by_cluster.items()):
            if watch.driver.cluster != cluster:
                del self.by_cluster[cluster]
                await watch.stop()
        for record in (*self._ledger.unfinished(), *self._ledger.unlanded()):
            if record.cluster in self.by_cluster:
                continue
            with contextlib.suppress(ComputeError):
                # What this very server sent went where that name leads here, whatever it was taken for then.
                here = record.sender == self._myself.sender
                name = self._catalog.name_of(record.scheduler, record.cluster, sent_here=here)
                if name != record.cluster:
                    await self._ledger.change(record.id, lambda r, name=name: replace(r, cluster=name))  # type: ignore[misc]

    def somebody_looks(self) -> None:
        """A page asks: for a while news are wanted soon."""
        if time.monotonic() - self._looked_at > _SOMEBODY_LOOKS_S:
            self._looked_at = time.monotonic()
            for watch in self.by_cluster.values():
                watch.look()
        self._looked_at = time.monotonic()

    def ask_anew(self) -> None:
        """A person wants to know now how all schedulers are."""
        for watch in self.by_cluster.values():
            watch.ask_anew()

    def clusters(self) -> list[dict[str, Any]]:
        """The contract's Clusters."""
        listed = []
        for scheduler in self._catalog.schedulers():
            driver = scheduler.driver
            watch = self.by_cluster.get(driver.cluster)
            if watch is None and not scheduler.of_interest:
                continue
            pulse = watch.pulse if watch else None
            silent = pulse.silent_since if pulse else None
            answered = max(filter(None, (pulse.answered_at if pulse else None, scheduler.answered_at)), default=None)
            if silent and answered and answered > silent:
                silent = None
            reason = (pulse.reason if pulse and silent else "") or (scheduler.problem if scheduler.of_interest else "")
            listed.append(
                {
                    "name": driver.cluster, "type": driver.type, "title": scheduler.title, "ok": not reason,
                    "reason": reason, "asked_at": answered, "silent_since": silent,
                }
            )  # fmt: skip
        return listed
