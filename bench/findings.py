"""What a row of the bench says, and how it is shown."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class NotHere(Exception):
    """This row cannot be measured on this machine; the message says why."""


@dataclass(frozen=True)
class Finding:
    """One line of the table. `met` is None where there is no budget or nothing was measured."""

    what: str
    ours: str
    budget: str
    met: bool | None
    beside: str = "—"
    #: How it was measured: how often, of what, and what else is worth knowing.
    how: str = ""
    row: int = 0

    @property
    def verdict(self) -> str:
        return "" if self.met is None else "met" if self.met else "MISSED"


def median(values: Iterable[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], of_100: float) -> float:
    """The smallest value that at least so many of 100 do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * of_100 / 100) - 1)]


def ms(seconds: float) -> str:
    """`seconds` in milliseconds, as a person says it."""
    number = seconds * 1000
    return f"{number:.1f} ms" if number < 20 else f"{number:,.0f} ms"


def s(seconds: float) -> str:
    """`seconds`, as a person says it."""
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"


def table(findings: Sequence[Finding]) -> str:
    """All findings as a Markdown table."""
    lines = [
        "| row | what | ours | budget | | beside, in the same run | measured how |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {f.row} | {f.what} | {f.ours} | {f.budget} | {f.verdict} | {f.beside} | {f.how} |".replace("\n", " ")
        for f in findings
    ]
    return "\n".join(lines) + "\n"
