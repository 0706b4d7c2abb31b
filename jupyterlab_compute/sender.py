"""Sending, once. Nothing here ever sends a job a second time.

The order is what keeps the promise: the record exists; `send_begun_at` is written durably; only then the
scheduler is called. Whoever finds a record without `send_begun_at` may send it. Whoever finds one with it and
without a native id may only look for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from . import clock, judge
from .background import Background
from .drivers.base import Driver
from .errors import ComputeError, NoSuchJob, SchedulerRefused, SchedulerSilent
from .lease import Myself
from .ledger import Ledger
from .metrics import SENT
from .prepare import submission
from .records import Record
from .states import JobState, Seen

#: So many sends, and so many cancels, of one cluster at a time: a login node is shared with others.
_AT_ONCE = 4
#: A server on another machine that has not sent a job in this time is taken for gone.
_SENDER_GONE_S = 120.0


class _NotToSend(ComputeError):
    """Somebody else sends it, or nobody wants it any more."""


class Sender:
    """Sends the jobs of one cluster."""

    def __init__(
        self, driver: Driver, ledger: Ledger, myself: Myself, log: logging.Logger, took: Callable[[], None]
    ) -> None:
        self._driver = driver
        self._ledger = ledger
        self._myself = myself
        self._log = log
        #: Called when the scheduler took a job.
        self._took = took
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        #: Apart from the sends, so that a cancel does not wait behind sends that hang.
        self._cancels_at_once = asyncio.Semaphore(_AT_ONCE)
        self._under_way = Background("send")
        #: How often the scheduler answered without a trace of a job that may have been sent.
        self._looks: dict[str, int] = {}

    def send(self, job_id: str) -> None:
        """Send that job in the background, if nobody has begun to."""
        self._under_way.start(lambda: self._send(job_id), job_id)

    def is_sending(self, job_id: str) -> bool:
        """Whether this server is at it."""
        return job_id in self._under_way

    async def stop(self) -> None:
        """Wait a little for sends under way; what is cut off is found again by its tag."""
        await self._under_way.stop(patience_s=5)

    async def _send(self, job_id: str) -> None:
        async with self._at_once:
            try:
                record = await self._ledger.change(job_id, self._begin, durable=True)
            except (_NotToSend, NoSuchJob):
                return
            except OSError as error:
                # Nothing was sent, and the record does not say so: it is tried again (see `take_over`).
                self._log.warning("compute: job=%s is not sent, its record cannot be written: %s", job_id, error)
                return
            try:
                receipt = await self._driver.submit(submission(record))
            except SchedulerSilent as error:
                words = error.message
                self._log.warning("compute: no answer sending job=%s cluster=%s: %s", job_id, record.cluster, words)
                await self._ledger.change(job_id, lambda r: judge.unanswered(r, words))
            except SchedulerRefused as error:
                words = error.message
                self._log.warning("compute: refused job=%s cluster=%s: %s", job_id, record.cluster, words)
                await self._ledger.change(job_id, lambda r: judge.rejected(r, words))
            except Exception:  # noqa: BLE001
                # A bug: nobody knows how far it came, so it counts as no answer.
                self._log.exception("compute: sending job=%s cluster=%s failed", job_id, record.cluster)
                await self._ledger.change(job_id, lambda r: judge.unanswered(r, ""))
            else:
                native_id = receipt.native_id
                self._log.info(
                    "compute: sent job=%s profile=%s cluster=%s native=%s",
                    job_id,
                    record.profile,
                    record.cluster,
                    native_id,
                )
                SENT.labels(record.cluster).inc()
                record = await self._ledger.change(job_id, lambda r: judge.taken(r, native_id))
                self._took()
                if record.cancel_requested_at and not record.state.final:
                    await self.pass_on_cancel(record)

    def _begin(self, record: Record) -> Record:
        if record.send_begun_at or record.cancel_requested_at or record.held:
            raise _NotToSend("")
        if record.state not in {JobState.SUBMITTING, JobState.QUEUED}:
            raise _NotToSend("")
        record = record.believing(replace(record.belief, state=JobState.SUBMITTING, reason=None))
        return replace(record, sender=self._myself.sender, send_begun_at=clock.now())

    async def pass_on_cancel(self, record: Record) -> bool:
        """Tell the scheduler that the job is not wanted. False: it did not answer; it is told again."""
        if record.native_id is None:
            return False
        try:
            async with self._cancels_at_once:
                await self._driver.cancel(record.native_id)
        except (SchedulerSilent, SchedulerRefused) as error:
            self._log.warning("compute: cancel not passed on job=%s native=%s: %s", record.id, record.native_id, error)
            return False
        self._log.info("compute: cancel passed on job=%s native=%s", record.id, record.native_id)
        return True

    def dispatch(self, unfinished: list[Record], slots: int) -> list[Record]:
        """Send what fits into the free slots, in the order of creation. The jobs that must wait.

        Strictly in order: a small job does not pass a large one, which would otherwise wait for ever.
        """
        waiting_turn = {record.id for record in self.wait_for_turn(unfinished)}
        used = sum(_width(r) for r in unfinished if (r.send_begun_at or self.is_sending(r.id)) and r.state.active)
        waiting: list[Record] = []
        for record in unfinished:
            if not _unsent(record) or self.is_sending(record.id) or record.held or record.id in waiting_turn:
                continue
            # A job wider than the machine runs alone rather than never.
            if not waiting and (used + _width(record) <= slots or used == 0):
                used += _width(record)
                self.send(record.id)
            else:
                waiting.append(record)
        return waiting

    def wait_for_turn(self, unfinished: list[Record]) -> list[Record]:
        """The unsent jobs for which enough of their profile are under way, by their own wish."""
        busy = Counter(r.profile for r in unfinished if (r.send_begun_at or self.is_sending(r.id)) and r.state.active)
        waiting: list[Record] = []
        for record in unfinished:
            if record.at_most is None or not _unsent(record) or self.is_sending(record.id) or record.held:
                continue
            if busy[record.profile] < record.at_most:
                busy[record.profile] += 1
            else:
                waiting.append(record)
        return waiting

    def send_in_turn(self, unfinished: list[Record]) -> None:
        """Send those whose turn it is by their own wish. For who holds the lease: two would count apart."""
        waiting = {record.id for record in self.wait_for_turn(unfinished)}
        for record in unfinished:
            if record.at_most is not None and _unsent(record) and not record.held and record.id not in waiting:
                self.send(record.id)

    def take_over(self, unfinished: list[Record]) -> None:
        """Send what a server took down and then died before it began to send, or what this one could not begin.

        Any server may: the record's lock lets one of them begin.
        """
        for record in unfinished:
            if not _unsent(record) or record.state is not JobState.SUBMITTING or record.at_most is not None:
                continue
            if record.sender == self._myself.sender or self._sender_gone(record, record.created_at):
                self.send(record.id)

    def untraced(self, unfinished: list[Record]) -> list[Record]:
        """Jobs that may have been sent, but whose native id nobody wrote down."""
        return [
            r
            for r in unfinished
            if r.state is JobState.SUBMITTING
            and r.send_begun_at is not None
            and r.native_id is None
            and not self.is_sending(r.id)
            and (self._sender_gone(r, r.send_begun_at) or r.sender == self._myself.sender)
        ]

    async def adopt(self, untraced: list[Record], found: Mapping[str, Seen]) -> list[Record]:
        """Take the jobs that carry these records' tags for ours; those of which there is none. `found`: by tag."""
        rest = []
        for record in untraced:
            seen = found.get(record.tag)
            if seen is None:
                rest.append(record)
                continue
            self._log.info("compute: adopted job=%s native=%s", record.id, seen.native_id)
            await self._change(record, lambda r, s=seen: judge.sighted(judge.taken(r, s.native_id), s))  # type: ignore[misc]
            self._looks.pop(record.id, None)
        return rest

    async def look_for(self, untraced: list[Record]) -> None:
        """Ask the scheduler for jobs that carry these records' tags, and adopt them. Raises what the driver does."""
        # Not in the future, where a clock that was ahead has put it.
        since = min(clock.now(), *(r.send_begun_at or r.created_at for r in untraced))
        found = await self._driver.find([r.tag for r in untraced], since)
        for record in await self.adopt(untraced, found):
            looks = self._looks[record.id] = self._looks.get(record.id, 0) + 1
            if (
                looks >= judge.LOOKS_BEFORE_LOST
                and abs(clock.seconds_since(record.send_begun_at or "")) > self._driver.settle_s
            ):
                await self._change(record, judge.untraced)
                self._looks.pop(record.id, None)

    async def _change(self, record: Record, how: Callable[[Record], Record]) -> None:
        # Another server may have deleted it meanwhile.
        with contextlib.suppress(NoSuchJob):
            await self._ledger.change(record.id, how)

    def _sender_gone(self, record: Record, since: str) -> bool:
        if record.sender is None or self._myself.surely_gone(record.sender):
            return True
        other_machine = record.sender.host != self._myself.machine
        return other_machine and abs(clock.seconds_since(since)) > _SENDER_GONE_S


def _unsent(record: Record) -> bool:
    return (
        record.send_begun_at is None
        and record.cancel_requested_at is None
        and record.state in {JobState.SUBMITTING, JobState.QUEUED}
    )


def _width(record: Record) -> int:
    """How many slots a job takes."""
    return int(record.resources.get("cores", 1)) * int(record.resources.get("tasks", 1))
