"""The status source: what is true of the unfinished jobs of one cluster, asked for as little as possible.

One server of a user watches a cluster (see `lease`). It learns from the runner's files, which load no scheduler,
and from what the scheduler is asked (see `asking`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from . import clock, evidence, judge, landing
from .asking import Asking
from .background import Background
from .drivers.base import Driver
from .errors import NoSuchJob
from .lease import Lease, Myself, Pulse
from .ledger import Ledger
from .metrics import ENDED
from .pace import Pace
from .records import Record
from .sender import Sender
from .states import JobState

#: Held-back jobs wait for the end of others: then look more often, so that cores do not idle.
_NEWS_BUSY_S = 0.05


class Watch:
    """Watches one cluster while it has unfinished jobs."""

    def __init__(
        self,
        driver: Driver,
        ledger: Ledger,
        leases: Path,
        myself: Myself,
        pace: Pace,
        somebody_looks: Callable[[], bool],
        land: Callable[[Record], Record],
        log: logging.Logger,
    ) -> None:
        self.driver = driver
        self.sender = Sender(driver, ledger, myself, log, self._took)
        self._ledger = ledger
        self._lease = Lease(leases, driver.cluster, myself)
        #: There is no scheduler: asking loads nobody, and nobody can say more than the runner.
        self._alone = driver.slots is not None
        self._pace = replace(pace, floor_s=pace.moment_s, idle_s=pace.moment_s) if self._alone else pace
        self.asking = Asking(driver, ledger, self.sender, self._pace, somebody_looks, self._learn, log)
        self._somebody_looks = somebody_looks
        self._land = land
        self._log = log
        self._mine = False
        self._heartbeat_at = 0.0
        self._leasing = asyncio.Lock()
        self._cancelled_at: dict[str, float] = {}
        self._stamps: dict[str, tuple[int, ...]] = {}
        self._wake = asyncio.Event()
        self._under_way = Background(f"watch-{driver.cluster}")

    def start(self) -> None:
        """Begin to watch."""
        for step in (self._tick, self._beat, self._read_news):
            self._under_way.start(partial(self._repeat, step), step.__name__)

    async def stop(self) -> None:
        """Let go; another server takes over at once."""
        # First those who might begin to send.
        await self._under_way.stop()
        await self.sender.stop()
        await self._ledger.blocking(self._lease.give_up)

    @property
    def pulse(self) -> Pulse:
        """How the cluster answers, as last known here."""
        return self.asking.pulse

    def kick(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def look(self) -> None:
        """Somebody wants to know, or has just acted: ask as soon as the floor allows."""
        self.asking.turn.soon()
        self._wake.set()

    def ask_anew(self) -> None:
        """Somebody wants to know now: also a scheduler that was silent is asked as soon as the floor allows."""
        self.asking.anew()
        self._wake.set()

    async def _repeat(self, step: Callable[[], Coroutine[Any, Any, float]]) -> None:
        while True:
            try:
                pause = await step()
            except Exception:  # noqa: BLE001
                # A bug in one step must not end the watching of all jobs; it is logged with its traceback.
                self._log.exception("compute: a step of watching %s failed", self.driver.cluster)
                pause = 5.0
            if step == self._tick:
                await self._woken(pause)
            else:
                await asyncio.sleep(pause)

    async def _woken(self, within_s: float) -> None:
        # Not `wait_for`: before Python 3.12 it loses a cancellation that comes in the very moment of waking, and a
        # server that stops would wait for us for ever.
        waking = asyncio.ensure_future(self._wake.wait())
        try:
            await asyncio.wait({waking}, timeout=within_s)
        finally:
            waking.cancel()
        self._wake.clear()

    async def _tick(self) -> float:
        unfinished = self._ledger.unfinished(self.driver.cluster)
        idle = not unfinished and not self._ledger.unlanded(self.driver.cluster)
        if idle and not (self.asking.turn.failures and self._somebody_looks()):
            await self._give_up_lease()
            return 1.0
        if self.driver.slots is None:
            self.sender.take_over(unfinished)
        if not self._mine and time.monotonic() >= self._heartbeat_at:
            self._heartbeat_at = time.monotonic() + self._pace.heartbeat_s
            await self._keep_lease()
        if not self._mine:
            return min(1.0, self._pace.heartbeat_s)
        self._give_up(unfinished)
        for record in self.sender.wait_for_turn(unfinished):
            self._change(record, judge.waits_for_turn)
        if self.driver.slots is not None:
            self._send_what_fits(unfinished, self.driver.slots)
        else:
            self.sender.send_in_turn(unfinished)
        await self._tell_cancels(unfinished)
        if self.asking.turn.due:
            await self.asking.ask()
        return min(1.0, max(0.05, self.asking.turn.at - time.monotonic()))

    async def _beat(self) -> float:
        # Apart from asking: a scheduler that hangs must not cost us the lease.
        if self._mine:
            await self._keep_lease()
        return self._pace.heartbeat_s

    async def _keep_lease(self) -> None:
        async with self._leasing:
            told = await self._ledger.blocking(self._lease.hold, self.pulse)
            self._mine = told is None
        if told is not None:
            await self.asking.heard(told)

    async def _give_up_lease(self) -> None:
        async with self._leasing:
            if self._mine:
                self._mine = False
                self._heartbeat_at = 0.0
                await self._ledger.blocking(self._lease.give_up)

    # Sending

    def _send_what_fits(self, unfinished: list[Record], slots: int) -> None:
        for record in self.sender.dispatch(unfinished, slots):
            self._change(record, judge.waits_for_slots)

    def _give_up(self, unfinished: list[Record]) -> None:
        now = clock.now()
        for record in unfinished:
            self._change(record, lambda r: judge.given_up(r, now))

    def _change(self, record: Record, how: Callable[[Record], Record]) -> None:
        """Change the record in the background if there is anything to change."""
        if how(record) != record:
            self._later(self._ledger.change(record.id, how))

    def _later(self, work: Coroutine[Any, Any, object]) -> None:
        async def quietly() -> None:
            with contextlib.suppress(NoSuchJob):
                await work

        self._under_way.start(quietly)

    async def _tell_cancels(self, unfinished: list[Record]) -> None:
        for record in unfinished:
            if not record.cancel_requested_at or record.native_id is None or record.state is JobState.COMPLETING:
                continue
            if not self._is_to_be_told(record):
                continue
            self.asking.turn.soon()
            if not await self.sender.pass_on_cancel(record):
                # Each may take as long as a scheduler that is down lets one wait; the others have their turn later.
                return

    def cancel(self, record: Record) -> None:
        """Tell the scheduler now, whoever holds the lease, unless it has just been told."""
        if self._is_to_be_told(record):
            self._later(self.sender.pass_on_cancel(record))
        self.look()

    def _took(self) -> None:
        """The scheduler took a job: if it was silent, it is so no longer, and can say what became of the others."""
        if self.asking.turn.failures:
            self.asking.turn.anew()
            self.kick()

    def _is_to_be_told(self, record: Record) -> bool:
        pause_s = self._pace.cancel_again_s if record.state.active else self._pace.lost_s
        if time.monotonic() - self._cancelled_at.get(record.id, float("-inf")) < pause_s:
            return False
        self._cancelled_at[record.id] = time.monotonic()
        return True

    # The runner's files

    async def _read_news(self) -> float:
        if not self._mine:
            return self._pace.news_s
        sent = [r for r in self._ledger.unfinished(self.driver.cluster) if r.send_begun_at is not None]
        begun = time.monotonic()
        fresh = await self._ledger.blocking(self._fresh, sent)
        looked_s = time.monotonic() - begun
        for record, stamp, found in fresh:
            if found is not None:
                await self._learn(record, lambda r, f=found: judge.ran(r, f, last_word=self._alone))  # type: ignore[misc]
            # Only now: what could not be written down is news again.
            self._stamps[record.id] = stamp
        for record in self._ledger.unlanded(self.driver.cluster):
            # Copied first, because nobody should wait for a record meanwhile.
            landed = await self._ledger.blocking(self._land, record)
            await self._learn(record, lambda r, now=landed: landing.as_landed(r, now))  # type: ignore[misc]
        alive = {r.id for r in sent}
        self._stamps = {job_id: stamp for job_id, stamp in self._stamps.items() if job_id in alive}
        held_back = self.driver.slots is not None and len(sent) < len(self._ledger.unfinished(self.driver.cluster))
        if held_back:
            # As many jobs run as there are slots: what is written of one's end is no reason to see the next one late.
            return max(_NEWS_BUSY_S, 4 * looked_s)
        return max(self._pace.news_s, 4 * (time.monotonic() - begun))

    def _fresh(self, records: list[Record]) -> list[tuple[Record, tuple[int, ...], evidence.Evidence | None]]:
        found = []
        for record in records:
            folder = Path(record.run_folder)
            # Taken before it is read: what comes in between is read next time.
            stamp = evidence.stamp(folder)
            if stamp and self._stamps.get(record.id) != stamp:
                found.append((record, stamp, evidence.read(folder, record.tag)))
        return found

    async def _learn(self, record: Record, how: Callable[[Record], Record]) -> None:
        """Change the record if there is anything to change, and do what its end asks for."""
        if how(record) == record:
            return
        try:
            after = await self._ledger.change(record.id, how)
        except NoSuchJob:
            # Deleted by another server while we looked at it.
            return
        if after.state.final and not record.state.final:
            self._cancelled_at.pop(record.id, None)
            ENDED.labels(after.cluster, after.state.value).inc()
            self._log.info(
                "compute: ended job=%s profile=%s native=%s state=%s reason=%s",
                after.id, after.profile, after.native_id, after.state.value, after.reason.code if after.reason else "",
            )  # fmt: skip
            self.kick()
