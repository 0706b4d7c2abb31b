"""What the view of the disk and the cleaning up need to know of a job. Pure.

The index keeps it in columns of its own: to read ten thousand whole jobs for it took most of a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .states import JobState


class Footprint(NamedTuple):
    """One job as far as its run folder goes."""

    id: str
    name: str
    #: Of the notebook.
    path: str
    run_folder: str
    #: Final, so nothing is written to its folder any more.
    ended: bool
    #: When it ended, or was made if nobody said; RFC 3339 UTC.
    at: str
    #: Deleting the run folder would delete results that are nowhere else.
    only_copy: bool


def of(job: Mapping[str, Any]) -> Footprint:
    """That of the contract's Job."""
    return Footprint(
        id=job["id"],
        name=job["name"],
        path=job["source"]["path"],
        run_folder=job["run_folder"],
        ended=JobState(job["state"]).final,
        at=job["ended_at"] or job["created_at"],
        only_copy=_only_copy(job),
    )


def _only_copy(job: Mapping[str, Any]) -> bool:
    if job["progress"] is None:
        return False
    if job["source"]["kind"] == "cells":
        return not (job["applied"] and job["applied"]["done"])
    return job["landed"] is None
