"""The front door: the rooms of the bridge, put together, and what keeps them going. Knows nothing of HTTP.

Every method may raise a `ComputeError`, which says what happened and what to do next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from . import catalog, contract, profiles, trial
from .acting import Acting
from .background import Background
from .catalog import Catalog, Scheduler
from .due import Place
from .errors import ComputeError, Invalid
from .exports import Exporter
from .intake import Intake
from .lease import Myself
from .ledger import Ledger
from .profiles import Problem, Profile
from .reading import Reading
from .recurring import Recurring
from .retrying import Retrying
from .storage import Storage
from .surroundings import Surroundings
from .teller import Teller
from .timetable import Timetable
from .watches import Watches


class Service:
    """All jobs and profiles of one user at one server."""

    def __init__(
        self, ledger: Ledger, profiles: Catalog, around: Surroundings, myself: Myself, log: logging.Logger
    ) -> None:
        self._ledger = ledger
        self._catalog = profiles
        self._around = around
        self._log = log
        self._teller = Teller(ledger, around.messages, around.wishes, around.link, myself, log)
        self._exporter = Exporter(ledger, around.ground.root, log)
        self.watches = Watches(profiles, ledger, around, myself, log)
        self.reading = Reading(ledger, self.watches)
        self.intake = Intake(ledger, profiles, self.watches, self._teller, around, myself, log)
        self.retrying = Retrying(ledger, profiles, self.intake, log)
        self.acting = Acting(ledger, profiles, self.watches, self.retrying, log)
        self.storage = Storage(ledger, around.keep, lambda job_id: self.acting.forget(job_id, keep_files=False), log)
        root = str(around.ground.root) if around.ground.root else None
        place = Place(
            Timetable(around.schedules),
            root,
            around.read_notebook,
            self.reading.state,
            ledger.blocking,
            around.pace.scan_s,
            around.now,
        )
        self.schedules = Recurring(place, self.intake, log)
        self._going = Background("keep")

    async def start(self) -> None:
        """Know all jobs again and watch those that have not ended."""
        await self._ledger.start()
        for work in (self._keep_up, self.storage.tidy, self.schedules.due.keep):
            self._going.start(work)

    async def stop(self) -> None:
        """Let go of everything; jobs go on."""
        await self._going.stop()
        await self.retrying.stop()
        await self.schedules.due.stop()
        await self.watches.stop()
        await self._catalog.stop()
        await self._teller.stop()
        await self.storage.stop()
        await self._exporter.stop()
        self._ledger.close()

    async def _keep_up(self) -> None:
        """Notice what other servers of this user wrote, and watch the clusters of what is unfinished."""
        while True:
            try:
                await self._ledger.scan()
                await self.watches.go_by_names()
                self._teller.look()
                for record in (*self._ledger.unfinished(), *self._ledger.unlanded()):
                    self.watches.of(record)
                for record in self._ledger.unexported():
                    self._exporter.start(record.id)
                self.retrying.look()
            except OSError as error:
                self._log.warning("compute: the folder of records cannot be read now: %s", error)
            except Exception:  # noqa: BLE001
                # A bug must not end the watching of all jobs; it is logged with its traceback.
                self._log.exception("compute: keeping up with the records failed")
            await asyncio.sleep(self._around.pace.scan_s)

    # Profiles

    async def profiles(self, *, refresh: bool = False) -> dict[str, Any]:
        """The contract's ProfileList."""
        named, problems = await self._catalog.all(now=refresh)
        if refresh:
            self.watches.ask_anew()
        listed = [catalog.view(p, s, self._around.ends_with_server(p.scheduler)) for p, s in named]
        return {"profiles": listed, "problems": problems, "locked": self._around.locked}

    async def try_profile(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's Trial."""
        contract.check("TrialRequest", wish)
        try:
            profile, scheduler = await self._on_trial(wish)
        except (Problem, ComputeError) as error:
            hint = error.hint if isinstance(error, ComputeError) else ""
            checks = [trial.check("settings", False, str(error), hint)]
        else:
            checks = await trial.trial(
                profile, scheduler.driver, self._ledger, self._around.ground, self._around.kernel
            )
        return {"ok": all(check["ok"] is not False for check in checks), "checks": checks}

    async def _on_trial(self, wish: Mapping[str, Any]) -> tuple[Profile, Scheduler]:
        if "settings" not in wish:
            return await self._catalog.get(wish["name"])
        if self._around.locked:
            raise Invalid("Here only the site's profiles count.", "Ask who runs this server.", pointer="/settings")
        profile = profiles.parse(wish["name"], wish["settings"], "user")
        return profile, self._catalog.scheduler(profile.scheduler)

    # Being told

    async def notify_ways(self) -> dict[str, Any]:
        """The contract's NotifyWays."""
        drivers = [scheduler.driver for scheduler in self._catalog.schedulers()]
        return await self._teller.ways(sorted({driver.type for driver in drivers if driver.mails}))

    async def notify_trial(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's NotifyTried."""
        return await self._teller.trial(wish)
