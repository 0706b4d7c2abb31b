"""When a scheduler may be asked again: seldom enough for it, soon enough for who looks."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """How often a scheduler may be asked. `floor_s` is for when somebody looks, `idle_s` for when nobody does."""

    floor_s: float = 5.0
    idle_s: float = 16.0
    #: A scheduler that is slow or silent is asked less and less, but not less than that.
    longest_s: float = 60.0
    #: How often the runner's files and the other servers' records are looked at; that loads no scheduler.
    news_s: float = 0.4
    scan_s: float = 1.0
    heartbeat_s: float = 5.0
    #: A job that goes on after it was told to stop is told again.
    cancel_again_s: float = 15.0
    #: Lost jobs are looked for again, seldom.
    lost_s: float = 300.0

    @property
    def moment_s(self) -> float:
        """What a wish needs to take effect, before it is worth asking what became of it."""
        return min(1.0, self.floor_s)


class Turn:
    """When one who answers questions is to be asked next."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        #: The time (monotonic) at which it is asked, unless somebody wants to know sooner.
        self.at = 0.0
        #: The time before which nobody may ask, however much they want to.
        self._soonest = 0.0
        #: How often in a row there was no answer.
        self.failures = 0

    @property
    def due(self) -> bool:
        """Whether it is time."""
        return time.monotonic() >= self.at

    def soon(self) -> None:
        """Somebody wants to know. One that is silent is left alone all the same."""
        if not self.failures:
            self.at = min(self.at, max(time.monotonic() + self._pace.moment_s, self._soonest))

    def anew(self) -> None:
        """Somebody has a reason to think that it answers again, or wants to see for himself."""
        self.at = min(self.at, max(time.monotonic(), self._soonest))

    def in_a_moment(self) -> None:
        """There was nothing to ask for."""
        self.at = time.monotonic() + self._pace.moment_s

    def answered(self, questions: int, elapsed_s: float, *, somebody_looks: bool) -> None:
        """It answered that many questions and took that long."""
        self.failures = 0
        # A slow one is spared.
        self._next(questions, min(10 * elapsed_s, self._pace.longest_s), somebody_looks)

    def failed(self, *, somebody_looks: bool) -> None:
        """It did not answer. How long we waited in vain says nothing about what an answer costs it."""
        self.failures += 1
        self._next(1, 0.0, somebody_looks)

    def _next(self, questions: int, spared_s: float, somebody_looks: bool) -> None:
        floor_s, idle_s = self._pace.floor_s, max(self._pace.idle_s, self._pace.floor_s)
        at_least_s = max(floor_s * questions, spared_s)
        pause_s = at_least_s if somebody_looks else max(idle_s * questions, at_least_s)
        # Servers of many users do not ask in step.
        pause_s *= random.uniform(1.0, 1.05)  # noqa: S311
        self._soonest = time.monotonic() + at_least_s
        if self.failures:
            pause_s = min(pause_s * 2 ** min(self.failures, 6), max(self._pace.longest_s, floor_s))
        self.at = time.monotonic() + pause_s
