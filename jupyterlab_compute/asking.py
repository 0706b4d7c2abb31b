"""What a scheduler is asked about the unfinished jobs of one cluster, and what is made of its answers.

One query for all jobs that it has in its queue; one more for those that have left it, and one for those whose sending
was not answered, if there are any. A query that fails is no information: states stay, and what is not known is stale.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from . import clock, evidence, judge
from .drivers.base import Driver
from .errors import SchedulerRefused, SchedulerSilent
from .lease import Pulse
from .ledger import Ledger
from .metrics import ANSWER_S, QUERIES
from .pace import Pace, Turn
from .records import Record
from .sender import Sender
from .states import Seen


class Asking:
    """Asks about one cluster. `learn` changes a record by a function, and does what its end asks for."""

    def __init__(
        self,
        driver: Driver,
        ledger: Ledger,
        sender: Sender,
        pace: Pace,
        somebody_looks: Callable[[], bool],
        learn: Callable[[Record, Callable[[Record], Record]], Awaitable[None]],
        log: logging.Logger,
    ) -> None:
        #: How the cluster answers, as last known here.
        self.pulse = Pulse()
        self.turn = Turn(pace)
        #: Of those who know of jobs that left the queue: they may be down, or slow, for themselves.
        self._turn_of_past = Turn(pace)
        self._driver = driver
        self._ledger = ledger
        self._sender = sender
        self._lost_s = pace.lost_s
        self._lost_at = 0.0
        self._somebody_looks = somebody_looks
        self._learn = learn
        self._log = log

    def anew(self) -> None:
        """Also one that was silent is asked as soon as the floor allows."""
        self.turn.anew()
        self._turn_of_past.anew()

    async def heard(self, pulse: Pulse) -> None:
        """Somebody else asks, and told how the cluster answers."""
        self.pulse = pulse
        await self._ledger.set_stale(self._driver.cluster, pulse.silent_since, pulse.silent_at)

    async def ask(self) -> None:
        """Ask what there is to ask, believe it, and settle when to ask again."""
        unfinished = self._ledger.unfinished(self._driver.cluster)
        untraced = self._sender.untraced(unfinished)
        known = [r for r in unfinished if r.native_id is not None]
        lost_due = time.monotonic() >= self._lost_at
        asked_for = untraced or any(map(_wanted, known)) or (known and lost_due)
        # A scheduler that was silent is asked until it answers, or it would be called silent for ever.
        if not asked_for and not self.turn.failures:
            self.turn.in_a_moment()
            return
        begun = time.monotonic()
        cluster = self._driver.cluster
        try:
            queue = await self._driver.queue()
        except (SchedulerSilent, SchedulerRefused) as error:
            await self._silent(error.message)
            return
        if self._driver.cluster != cluster:
            # It has just told its name: these may be another scheduler's jobs. Who watches that name asks.
            self.turn.answered(1, 0.0, somebody_looks=True)
            return
        # Of its answering only: writing down news of a thousand jobs takes seconds, and is no fault of the scheduler's.
        elapsed_s = time.monotonic() - begun
        self._count("queue", elapsed_s)
        missing = await self._compare(known, queue)
        untraced = await self._sender.adopt(untraced, {seen.tag: seen for seen in queue.values() if seen.tag})
        questions = 1 + await self._beyond_the_queue(missing, untraced)
        if lost_due:
            self._lost_at = time.monotonic() + self._lost_s
        await self._answered(1 if self._driver.slots is not None else questions, elapsed_s)

    def _count(self, kind: str, elapsed_s: float | None = None) -> None:
        QUERIES.labels(self._driver.cluster, kind).inc()
        if elapsed_s is not None:
            ANSWER_S.labels(self._driver.cluster).observe(elapsed_s)

    async def _compare(self, known: list[Record], queue: dict[str, Seen]) -> list[Record]:
        """Take in what the queue says; the jobs that it does not have any more and that are worth a question."""
        missing = []
        for record in known:
            seen = queue.get(record.native_id or "")
            # Ids are reused: one with another job's tag is not ours.
            if seen is not None and (seen.tag is None or seen.tag == record.tag):
                seen = await self._refined(record, seen)
                over = seen.state is not None and seen.state.final
                found = await self._evidence(record) if over else None
                await self._hear(record, lambda r, s=seen, f=found: judge.sighted(r, s, f))  # type: ignore[misc]
            elif _wanted(record) or time.monotonic() >= self._lost_at:
                missing.append(record)
        return missing

    async def _beyond_the_queue(self, missing: list[Record], untraced: list[Record]) -> int:
        """Ask for jobs that are not in the queue; the number of questions.

        Who knows of them may be down while the queue answers: then only these jobs are stale.
        """
        if not missing and not untraced:
            return 0
        questions, elapsed_s = 0, 0.0
        if self._turn_of_past.due:
            try:
                if missing:
                    questions += 1
                    elapsed_s = await self._look_up(missing)
                    missing = []
                if untraced:
                    questions += 1
                    self._count("find")
                    await self._sender.look_for(untraced)
                    untraced = []
                # Its questions are counted with the queue's; it is only spared where it is slow.
                self._turn_of_past.answered(0, elapsed_s, somebody_looks=True)
            except (SchedulerSilent, SchedulerRefused) as error:
                cluster = self._driver.cluster
                self._log.warning("compute: %s cannot tell of jobs that left its queue: %s", cluster, error)
                self._turn_of_past.failed(somebody_looks=True)
        if self._turn_of_past.failures:
            since = self.pulse.answered_at or clock.now()
            for record in (*missing, *untraced):
                found = await self._evidence(record)
                await self._hear(record, lambda r, f=found: judge.unheard(r, f, since))  # type: ignore[misc]
        return questions

    async def _look_up(self, missing: list[Record]) -> float:
        """Ask for these jobs and believe the answer, which took that many seconds."""
        self._count("past")
        ids = [r.native_id for r in missing if r.native_id is not None]
        begun = time.monotonic()
        past = await self._driver.past(ids, min(r.created_at for r in missing))
        elapsed_s = time.monotonic() - begun
        for record in missing:
            seen = past.get(record.native_id or "")
            if seen is not None and seen.tag is not None and seen.tag != record.tag:
                seen = None
            if seen is not None:
                seen = await self._refined(record, seen)
            found = await self._evidence(record)
            await self._hear(record, lambda r, s=seen, f=found: judge.missing(r, s, f))  # type: ignore[misc]
        return elapsed_s

    async def _refined(self, record: Record, seen: Seen) -> Seen:
        if seen.reason is None or seen.reason.code != "killed":
            return seen
        return await self._ledger.blocking(evidence.refined, Path(record.run_folder), seen)

    async def _silent(self, words: str) -> None:
        self.turn.failed(somebody_looks=self._somebody_looks())
        since = self.pulse.silent_since or self.pulse.answered_at or clock.now()
        await self.heard(Pulse(self.pulse.answered_at, since, words, clock.now()))

    async def _answered(self, questions: int, elapsed_s: float) -> None:
        if self.turn.failures:
            self._log.info("compute: %s answers again", self._driver.cluster)
        self.turn.answered(questions, elapsed_s, somebody_looks=self._somebody_looks())
        await self.heard(Pulse(clock.now()))

    async def _evidence(self, record: Record) -> evidence.Evidence | None:
        return await self._ledger.blocking(evidence.read, Path(record.run_folder), record.tag)

    async def _hear(self, asked: Record, how: Callable[[Record], Record]) -> None:
        """Learn what the scheduler said, unless it was overtaken: the runner told of a later attempt meanwhile."""
        await self._learn(asked, lambda r: how(r) if r.attempt == asked.attempt else r)


def _wanted(record: Record) -> bool:
    """Whether news of it are wanted at the usual pace: it is not lost, nor given up."""
    return record.state.active or record.misses < judge.LOOKS_BEFORE_LOST
