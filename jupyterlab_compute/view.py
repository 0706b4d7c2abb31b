"""A record as the contract's Job. Pure."""

from __future__ import annotations

from typing import Any

from . import notify
from .records import Record
from .states import JobState


def job(record: Record, stale_since: str | None) -> dict[str, Any]:
    """The contract's Job without `revision`. The cells of a whole notebook are left out: lists stay small."""
    reason = record.reason
    text = None if reason is None else {"code": reason.code, "text": reason.text}
    if record.state is JobState.UNKNOWN and record.was is not None and text is not None:
        text = {**text, "text": f"{text['text']} It was {record.was.value}."}
    return {
        "id": record.id,
        "name": record.name,
        "source": {
            "kind": record.source_kind,
            "path": record.path,
            "cells": list(record.cells) if record.source_kind == "cells" else [],
        },
        "profile": record.profile,
        "profile_title": record.profile_title,
        "cluster": record.cluster,
        "scheduler": record.scheduler["type"],
        "resources": record.resources,
        "queue": record.queue,
        "account": record.account,
        "kernel": record.kernel,
        "before": record.before,
        "parameters": record.parameters,
        "state": record.state.value,
        "reason": text,
        "native_id": record.native_id,
        "node": record.node,
        "attempt": record.attempt,
        "script_sha256": record.script_sha256,
        "created_at": record.created_at,
        "queued_at": record.queued_at,
        "estimated_start": record.estimated_start,
        "started_at": record.started_at,
        "ended_at": record.ended_at,
        "exit": None if record.exit is None else {"code": record.exit.code, "signal": record.exit.signal},
        "progress": record.progress,
        "stale_since": None
        if record.state.final
        else min(filter(None, (record.stale_since, stale_since)), default=None),
        "usage": record.usage,
        "changed_by_site": record.changed_by_site,
        "cancel_requested_at": record.cancel_requested_at,
        "retry_of": record.retry_of,
        "schedule": record.schedule,
        "due_at": record.due_at,
        "retries": record.retries,
        "retried_as": record.retried_as,
        "at_most": record.at_most,
        "give_up_at": record.give_up_at,
        "lands_at": record.lands_at,
        "landed": record.landed,
        "land_problem": record.land_problem,
        "formats": list(record.formats),
        "exports": record.exports,
        "applied": record.applied,
        "notify": notify.view(record),
        "notified": notify.told(record),
        "run_folder": record.run_folder,
        "can": can(record),
    }


def can(record: Record) -> list[str]:
    """What may be asked of the job now."""
    state = record.state
    if state.final:
        return ["retry", "forget"]
    if state is JobState.UNKNOWN:
        # One that we lost track of may still run: cancelling it is harmless and may be what is wanted.
        return (["cancel"] if record.native_id else []) + ["send_again", "forget"]
    allowed = [] if record.cancel_requested_at else ["cancel"]
    if state is JobState.QUEUED:
        allowed.append("hold")
    if state is JobState.HELD:
        allowed.append("release")
    return allowed
