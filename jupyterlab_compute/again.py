"""Running a failed job again by itself: whether, and with what. Pure."""

from __future__ import annotations

from typing import Any

from .errors import ComputeError
from .profiles import Profile
from .records import Record
from .states import JobState

#: What a second try cannot mend.
_IN_VAIN = frozenset({"rejected"})
#: The resource that was too small, by the reason of the end.
_LACKED = {"out_of_memory": "memory_mb", "timeout": "walltime_s"}


class NoMore(ComputeError):
    """The profile allows no more of what the job lacked."""


def due(record: Record) -> bool:
    """Whether the job failed and is to be run again, and has not been."""
    retries = record.retries
    return (
        record.state is JobState.FAILED
        and retries is not None
        and retries["times"] > 0
        and retries["problem"] is None
        and record.retried_as is None
        and not (record.reason is not None and record.reason.code in _IN_VAIN)
    )


def rest(record: Record) -> dict[str, Any]:
    """What the new job's request says of further tries."""
    times = record.retries["times"] - 1 if record.retries else 0
    return {"retries": {"times": times, "more": bool(record.retries and record.retries["more"])}} if times else {}


def resources(record: Record, profile: Profile) -> dict[str, Any]:
    """What the new job asks for: twice of what the old one lacked if that is wished. Raises `NoMore`."""
    asked = dict(record.resources)
    lacked = _LACKED.get(record.reason.code) if record.reason is not None else None
    before = asked.get(lacked) if lacked else None
    if not (record.retries and record.retries["more"]) or lacked is None or before is None:
        return asked
    most = profile.resources.get(lacked, {}).get("max")
    asked[lacked] = 2 * before if most is None else min(2 * before, most)
    if asked[lacked] <= before:
        raise NoMore(
            f"It was not run again: it had all the {'memory' if lacked == 'memory_mb' else 'time'} that "
            f"“{profile.title}” allows.",
            "Run it on a profile that allows more.",
        )
    return asked
