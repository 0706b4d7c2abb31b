"""Sends what is to be told of jobs, each message at most once, and notes on the job how it went (see `notify`)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from . import clock, contract, courier, notify
from .background import Background
from .courier import Site, Unable
from .drivers.base import Driver
from .errors import NoSuchJob
from .lease import Myself
from .ledger import Ledger
from .notify import BY_SCHEDULER, BY_SERVER, MAIL, WEBHOOK, Message, Outcome, Wishes
from .records import Record

T = TypeVar("T")

_AT_ONCE = 4
#: So many of its timeouts one message may take in all; who drips his answers is not waited for longer.
_TIMEOUTS = 4
#: A server of another machine that has not noted how it went in this time is taken for gone.
_GONE_S = 600.0
#: After a claim that could not be written down.
_PAUSE_S = 30.0
#: How long a server that stops waits for what is under way.
_PATIENCE_S = 3.0


class Teller:
    """The messages of one server."""

    def __init__(
        self,
        ledger: Ledger,
        site: Site,
        wishes: Callable[[], Wishes],
        link: Callable[[str | None], str | None],
        myself: Myself,
        log: logging.Logger,
    ) -> None:
        """`wishes` reads the person's settings, and blocks. `link`: where the page of a job is; None: of all jobs."""
        self._ledger = ledger
        self._site = site
        self._wishes = wishes
        self._link = link
        self._myself = myself
        self._log = log
        self._at_once = asyncio.Semaphore(_AT_ONCE)
        self._under_way = Background("tell")
        self._not_before: dict[tuple[str, str, str], float] = {}

    # What is possible

    async def ways(self, mailing: Sequence[str]) -> dict[str, Any]:
        """The contract's NotifyWays. `mailing`: the types of the schedulers here that can send mail themselves."""
        wishes = await self._ledger.blocking(self._wishes)
        possible = await self._ledger.blocking(self._problems, wishes)
        return {
            "mail": _way(possible[MAIL]),
            "scheduler_mail": _way(_NO_ADDRESS if wishes.mail_to is None else None),
            "webhook": _way(possible[WEBHOOK]),
            "mailing_schedulers": list(mailing) if self._site.mail_by_scheduler else [],
            "mail_to": wishes.mail_to,
            "usual": {"on": list(wishes.on), "by": list(wishes.by)},
        }

    async def asked(self, given: Mapping[str, Any] | None, driver: Driver) -> tuple[dict[str, Any], list[str]]:
        """What the record of a job that `driver` is to run keeps of the wish to be told, and why some is in vain.

        `given`: the request's wish; None: the settings count. What is in vain is kept: it may be set up meanwhile,
        and else the job says so when there is something to tell.
        """
        wishes = await self._ledger.blocking(self._wishes)
        by_scheduler = driver.mails and self._site.mail_by_scheduler and wishes.mail_to is not None
        asked = notify.asked(given, wishes, BY_SCHEDULER if by_scheduler else BY_SERVER)
        if not asked:
            return {}, []
        possible = await self._ledger.blocking(self._problems, wishes)
        if by_scheduler:
            possible[MAIL] = None
        return asked, [problem for way in asked["by"] if (problem := possible[way])]

    async def trial(self, wish: Mapping[str, Any]) -> dict[str, Any]:
        """The contract's NotifyTried."""
        contract.check("NotifyTrial", wish)
        wishes = await self._ledger.blocking(self._wishes)
        message = notify.trial(self._link(None))
        outcome = await self._delivered(wish["by"], message, wishes.mail_to, f"trial.{time.time_ns():x}", wishes)
        return {"problem": outcome.problem}

    def _problems(self, wishes: Wishes) -> dict[str, str | None]:
        problems: dict[str, str | None] = {MAIL: None, WEBHOOK: None}
        try:
            courier.check_mail(self._site, wishes.mail_to)
        except Unable as error:
            problems[MAIL] = str(error)
        try:
            courier.webhook_address(self._site, wishes.webhook_file)
        except Unable as error:
            problems[WEBHOOK] = str(error)
        return problems

    # Telling

    def look(self) -> None:
        """Begin to tell what is to be told; never waits."""
        now = clock.now()
        for record in self._ledger.untold():
            for by, on in notify.unsettled(record):
                self._consider(record, by, on, now)

    def _consider(self, record: Record, by: str, on: str, now: str) -> None:
        each = (record.id, by, on)
        if each in self._under_way or time.monotonic() < self._not_before.get(each, 0.0):
            return
        if notify.is_due(record, by, on, now):
            self._begin(each, self._tell(*each))
        elif self._is_left(record, by, on):
            self._begin(each, self._give_up(*each))

    def _begin(self, each: tuple[str, str, str], work: Any) -> None:
        self._not_before.pop(each, None)
        self._under_way.start(lambda: self._quietly(each, work), each)

    async def _quietly(self, each: tuple[str, str, str], work: Any) -> None:
        try:
            await work
        except (notify.NotDue, NoSuchJob):
            # Another server tells it, or the job was deleted.
            pass
        except Exception:  # noqa: BLE001
            # A full disk, or a bug: nobody should miss the messages of other jobs for it.
            self._not_before[each] = time.monotonic() + _PAUSE_S
            self._log.exception("compute: telling of job=%s by=%s on=%s failed", *each)

    def _is_left(self, record: Record, by: str, on: str) -> bool:
        """Whether who claimed it is gone: nobody knows how it went, so nobody does it again."""
        known = notify.telling(record, by, on)
        if known is None or known.claim is None:
            return False
        # One of ours that is not under way: how it went could not be written down.
        mine = known.claim.server == self._myself.server
        other_machine = known.claim.host != self._myself.machine
        # Clocks of machines differ, and sites choose how long a message may take.
        lasts_s = max(_GONE_S, 2 * _TIMEOUTS * self._site.timeout_s)
        return mine or self._myself.surely_gone(known.claim) or (other_machine and notify.is_old(known, lasts_s))

    async def _tell(self, job_id: str, by: str, on: str) -> None:
        async with self._at_once:
            # Durably: what was sent and forgotten by a power cut would be sent again.
            record = await self._ledger.change(
                job_id, lambda r: notify.claimed(r, by, on, self._myself.sender, clock.now()), durable=True
            )
            wishes = await self._ledger.blocking(self._wishes)
            message = notify.message(record, on, self._link(job_id))
            outcome = await self._delivered(by, message, record.notify.get("mail_to"), f"{job_id}.{on}", wishes)
            record = await self._ledger.change(
                job_id, lambda r: notify.noted(r, by, on, outcome, clock.now(), self._site.again_s)
            )
        if outcome.problem is None:
            self._log.info("compute: told job=%s by=%s on=%s", job_id, by, on)
        else:
            known = notify.telling(record, by, on)
            later = f"again at {known.again_at}" if known is not None and known.again_at else "not tried again"
            self._log.warning("compute: not told job=%s by=%s on=%s: %s (%s)", job_id, by, on, outcome.problem, later)

    async def _give_up(self, job_id: str, by: str, on: str) -> None:
        await self._ledger.change(job_id, lambda r: notify.given_up(r, by, on, clock.now()))
        self._log.warning("compute: not known whether told job=%s by=%s on=%s", job_id, by, on)

    async def _delivered(
        self, by: str, message: Message, mail_to: str | None, message_id: str, wishes: Wishes
    ) -> Outcome:
        site = self._site

        def deliver() -> Outcome:
            if by == MAIL:
                return courier.mail(site, mail_to, message, message_id)
            try:
                address = courier.webhook_address(site, wishes.webhook_file)
            except Unable as error:
                return Outcome(str(error))
            return courier.post(address, message, site.timeout_s)

        try:
            return await asyncio.wait_for(_apart(deliver), _TIMEOUTS * site.timeout_s)
        except asyncio.TimeoutError:
            return Outcome("There was no answer; the message may have arrived.")

    async def stop(self) -> None:
        """Wait a little for what is under way; the next server says of what is cut off that nobody knows."""
        await self._under_way.stop(_PATIENCE_S)


_NO_ADDRESS = "No mail address is given in the settings."


def _way(problem: str | None) -> dict[str, Any]:
    return {"ok": problem is None, "reason": problem or ""}


async def _apart(work: Callable[[], T]) -> T:
    """Run something that blocks in a thread of its own, which a server that ends does not wait for."""
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(settled: Callable[[], None]) -> None:
        # The loop may be gone, and so may who waited.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if result.done() else settled())

    def run() -> None:
        try:
            value = work()
        except Exception as error:  # noqa: BLE001 (raised again where it is waited for)
            caught = error
            settle(lambda: result.set_exception(caught))
        else:
            settle(lambda: result.set_result(value))

    threading.Thread(target=run, name="compute-tell", daemon=True).start()
    return await result
