"""The profiles as a person sees them: from settings and from schedulers that were found, each with whether it answers.

Schedulers are asked in the background; nobody waits for a slow one longer than a moment.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import clock, profiles
from .drivers.base import Driver, Place
from .errors import Invalid, NoSuchScheduler, NotSetUp, SchedulerRefused, SchedulerSilent
from .ledger import Ledger
from .profiles import Profile, Read

#: A scheduler's offers are asked for again after this time, and no sooner even on request than the second.
_FRESH_S = 300.0
_AT_LEAST_S = 5.0
_PATIENCE_S = 2.0


@dataclass
class Scheduler:
    """One scheduler of this server and what it last offered."""

    driver: Driver
    #: As in a profile.
    named: Mapping[str, str]
    title: str
    places: Sequence[Place] = ()
    problem: str = "It has not answered yet."
    answered_at: str | None = None
    asked: float = float("-inf")
    #: Its programs are here and nothing else: nobody needs to hear of it.
    absent: bool = False
    asking: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def of_interest(self) -> bool:
        """Whether anybody has wanted to know what it offers, and it may offer something.

        One that is being asked for the first time is not called silent before it had time to answer.
        """
        first = self.asking is not None and self.answered_at is None
        return self.asked > float("-inf") and not self.absent and not first


class Catalog:
    """Knows profiles and schedulers. `make` gives the driver for a profile's `scheduler`."""

    def __init__(
        self,
        ledger: Ledger,
        read: Callable[[], Read],
        make: Callable[[Mapping[str, str]], Driver],
        log: logging.Logger,
    ) -> None:
        self._ledger = ledger
        self._read = read
        self._make = make
        self._log = log
        self._schedulers: dict[str, Scheduler] = {}

    def scheduler(self, named: Mapping[str, str]) -> Scheduler:
        """The scheduler that a profile names, made when it is first asked for. Raises `NoSuchScheduler`."""
        made = self._made(named)
        return self._first[_identity(made)]

    def name_of(self, named: Mapping[str, str], cluster: str, *, sent_here: bool = False) -> str:
        """The name that the scheduler has told since a record called it `cluster`. Raises `NoSuchScheduler`.

        `sent_here`: that record is of a job that went through this very scheduler.
        """
        driver = self._made(named).driver
        return driver.cluster if sent_here or cluster in driver.former_names else cluster

    def _made(self, named: Mapping[str, str]) -> Scheduler:
        key = repr(sorted(named.items()))
        if key not in self._schedulers:
            driver = self._make(named)
            title = (
                "this machine"
                if driver.type == "local"
                else named.get("cluster") or named.get("host") or driver.type.capitalize()
            )
            self._schedulers[key] = Scheduler(driver, dict(named), title)
        return self._schedulers[key]

    def schedulers(self) -> list[Scheduler]:
        """All that have been asked for so far, each once, whatever different profiles call it."""
        return list(self._first.values())

    @property
    def _first(self) -> dict[tuple[str, str], Scheduler]:
        # Not kept: it turns out when they answer that two are one.
        found: dict[tuple[str, str], Scheduler] = {}
        for scheduler in self._schedulers.values():
            found.setdefault(_identity(scheduler), scheduler)
        return found

    def discover(self, named: Mapping[str, str]) -> None:
        """Offer what this scheduler has as profiles of their own."""
        self.scheduler(named)

    async def refresh(self, *, now: bool = False) -> None:
        """See that offers are fresh: waits a moment for answers, the rest comes later."""
        asking = []
        for scheduler in self.schedulers():
            age = time.monotonic() - scheduler.asked
            unhappy = bool(scheduler.problem) and not scheduler.absent
            if scheduler.asking is None and (age > _FRESH_S or ((now or unhappy) and age > _AT_LEAST_S)):
                scheduler.asked = time.monotonic()
                scheduler.asking = asyncio.create_task(self._ask(scheduler))
            if scheduler.asking is not None:
                asking.append(scheduler.asking)
        if asking:
            await asyncio.wait(asking, timeout=_PATIENCE_S)

    async def _ask(self, scheduler: Scheduler) -> None:
        try:
            scheduler.places = await scheduler.driver.places()
            scheduler.problem, scheduler.answered_at, scheduler.absent = "", clock.now(), False
        except (SchedulerRefused, SchedulerSilent) as error:
            scheduler.problem, scheduler.absent = error.message, isinstance(error, NotSetUp)
            self._log.info("compute: %s does not offer profiles now: %s", scheduler.title, error.message)
        except Exception:  # noqa: BLE001
            # A bug in one driver must not take the other profiles away.
            scheduler.problem = "It could not be asked; the server's log says why."
            self._log.exception("compute: asking %s for its profiles failed", scheduler.title)
        finally:
            scheduler.asking = None

    async def stop(self) -> None:
        """Stop asking."""
        asking = [s.asking for s in self._schedulers.values() if s.asking is not None]
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    async def all(self, *, now: bool = False) -> tuple[list[tuple[Profile, Scheduler | None]], list[str]]:
        """Every profile with its scheduler (None: this server has no driver for it), and problems of the settings.

        Waits a moment for what schedulers offer."""
        await self._known()
        await self.refresh(now=now)
        return await self._known()

    async def _known(self) -> tuple[list[tuple[Profile, Scheduler | None]], list[str]]:
        read = await self._ledger.blocking(self._read)
        named: list[tuple[Profile, Scheduler | None]] = []
        for profile in read.profiles:
            try:
                named.append((profile, self.scheduler(profile.scheduler)))
            except NoSuchScheduler as error:
                named.append((profile, None))
                read.problems.append(f"Profile “{profile.name}”: {error.message}")
        taken = {profile.name for profile, _ in named}
        for scheduler in self.schedulers():
            for profile in profiles.found(scheduler.named, scheduler.places):
                if profile.name not in taken:
                    taken.add(profile.name)
                    named.append((profile, scheduler))
        return named, read.problems

    async def get(self, name: str) -> tuple[Profile, Scheduler]:
        """A profile by name. Raises `Invalid` with a pointer."""
        # Who sends a job does not wait for a scheduler that is slow to say what it offers.
        named, _ = await self._known()
        if name not in {profile.name for profile, _ in named}:
            named, _ = await self.all()
        for profile, scheduler in named:
            if profile.name == name:
                if scheduler is None:
                    kind = profile.scheduler.get("type")
                    raise Invalid(
                        f"“{profile.title}” names a scheduler that this server cannot reach: {kind}.",
                        "Choose another profile.",
                        pointer="/profile",
                    )
                return profile, scheduler
        raise Invalid(
            f"There is no profile “{name}”.",
            f"Choose one of: {', '.join(p.name for p, _ in named)[:300] or 'none is set up'}.",
            pointer="/profile",
        )


def _identity(scheduler: Scheduler) -> tuple[str, str]:
    return scheduler.driver.type, scheduler.driver.cluster


def view(profile: Profile, scheduler: Scheduler | None, ends_with_server: str | None) -> dict[str, Any]:
    """The contract's Profile."""
    if scheduler is None:
        problem, checked = f"This server has no working driver for {profile.scheduler.get('type')}.", None
    else:
        problem, checked = scheduler.problem or profile.closed, scheduler.answered_at
    available: dict[str, Any] = {"ok": not problem, "reason": problem, "checked_at": checked}
    if ends_with_server:
        available["ends_with_server"] = ends_with_server
    return {
        "name": profile.name,
        "title": profile.title,
        "description": profile.description,
        "origin": profile.origin,
        "given_in": profile.given_in,
        "scheduler": dict(profile.scheduler),
        "cluster": scheduler.driver.cluster if scheduler else "",
        "resources": {name: dict(limits) for name, limits in profile.resources.items()},
        "queue": profile.queue,
        "account": profile.account,
        "kernel": profile.environment.kernel,
        "gpu_types": list(profile.gpu_types),
        "native": dict(profile.native),
        "is_default": profile.is_default,
        "at_most": profile.at_most,
        "available": available,
    }
