"""What a record becomes when something is learned about its job. Pure: record and evidence in, record out.

`states.decide` rules on the state; here the facts around it are filled in and the sentences written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from . import clock
from .evidence import Evidence
from .records import Record
from .states import Belief, JobState, Reason, Seen, Source, decide

#: So often the scheduler must answer and not know a job before it is called lost: accounting may lag behind.
LOOKS_BEFORE_LOST = 3
#: So often if there is a sign that accounting is behind: it still says that the job runs, or was silent just now.
#: It hears of ends late, after a time without its database minutes late; of some jobs it never does.
LOOKS_WHILE_BEHIND = 30

_WAITING = frozenset({JobState.QUEUED, JobState.HELD})

BY_USER = Reason("cancelled_by_user", "Cancelled by you.")
OUTSIDE = Reason("cancelled_outside", "Cancelled outside Compute.")
GAVE_UP = Reason("not_started_in_time", "It had not started by the time that you set.")
HELD = Reason("held_by_user", "Held by you; release it to let it start.")


def sighted(record: Record, seen: Seen, found: Evidence | None = None) -> Record:
    """The record after somebody said where the job stands. `found`: what the runner's files said thereafter."""
    if found is not None:
        record = ran(record, found)
    if record.state.final:
        return record
    if record.state is JobState.COMPLETING and seen.state is JobState.RUNNING:
        # The queue lags behind the runner; from here the way back leads through `queued` only.
        return replace(record, stale_since=None)
    agreed = seen.state if _agrees(record, seen, found) else record.pending_end
    belief = decide(replace(record.belief, pending_end=agreed), seen)
    after = record.believing(_in_words(record, belief))
    requeued = belief.state in _WAITING and record.started_at is not None
    after = replace(
        after,
        misses=0,
        stale_since=None,
        node=None if requeued else seen.node or record.node,
        queued_at=seen.queued_at or record.queued_at,
        started_at=None if requeued else seen.started_at or record.started_at,
        progress=None if requeued else record.progress,
        estimated_start=seen.estimated_start if belief.state in _WAITING else None,
        usage=_usage(record.usage, seen),
        changed_by_site=_changed(record, seen) or record.changed_by_site,
    )
    return _ended(after, seen.ended_at)


def ran(record: Record, found: Evidence, *, last_word: bool = False) -> Record:
    """The record after the runner's files were read. `last_word`: nobody else could say more about its end."""
    if record.state.final:
        return record
    if found.attempt == record.attempt and record.state in _WAITING and record.started_at is None:
        # It waits for its next attempt: the end of the last one was a requeue, and no end.
        return record
    after = replace(record, progress=found.progress or record.progress, stale_since=None)
    if found.attempt > (record.attempt or 0):
        after = replace(
            after, attempt=found.attempt, node=found.started.node, started_at=found.started.started_at, misses=0
        )
        if after.native_id is None:
            # The job itself tells that it was sent, whoever died before the answer came.
            after = replace(
                after, native_id=found.started.native_id, queued_at=after.queued_at or found.started.started_at
            )
        if found.ended is None:
            after = after.believing(decide(after.belief, found.started))
    if found.ended is None or found.attempt < (after.attempt or 0):
        return replace(after, estimated_start=None) if after.state is JobState.RUNNING else after
    after = replace(after, usage=_usage(after.usage, found.ended), estimated_start=None)
    if not found.conclusive and last_word:
        return _ended(after.believing(_last_word(after, found.ended)), found.ended.ended_at)
    if not found.conclusive:
        return after.believing(Belief(JobState.COMPLETING, None, found.ended.exit, after.pending_end))
    return _ended(after.believing(_in_words(after, decide(after.belief, found.ended))), found.ended.ended_at)


def missing(record: Record, past: Seen | None, found: Evidence | None) -> Record:
    """The record after the queue answered without the job. `past`: what accounting, or the scheduler's memory, says."""
    if record.state.final:
        return record
    stale_since, was_active = record.stale_since, record.state.active
    if found is not None:
        record = ran(record, found)
        if record.state.final:
            return record
    if past is not None:
        after = sighted(record, past)
        if after.state.final or after.pending_end is not None:
            return after
        # Of some jobs accounting never learns the end: that it runs is no last word there.
        record = replace(after, misses=record.misses)
    nobody_told = found is None or found.ended is None
    # What was lost is not running again because accounting never heard of its end.
    behind = nobody_told and was_active and (stale_since is not None or (past is not None and record.state.active))
    looks = LOOKS_WHILE_BEHIND if behind else LOOKS_BEFORE_LOST
    misses = max(record.misses, min(record.misses + 1, looks))
    record = replace(record, misses=misses, stale_since=(stale_since or clock.now()) if behind else None)
    if record.misses < looks:
        return record
    record = replace(record, stale_since=None)
    if found is not None and found.ended is not None:
        # Nobody can say more than the runner: its word counts now.
        return _ended(record.believing(_last_word(record, found.ended)), found.ended.ended_at)
    if record.state is JobState.UNKNOWN:
        return record
    return record.believing(
        Belief(
            JobState.UNKNOWN, Reason("lost", "The scheduler no longer knows this job, and it left no word of its end.")
        )
    )


def unheard(record: Record, found: Evidence | None, since: str) -> Record:
    """The record after the queue answered without the job and nobody else could be asked. `since`: the last word."""
    after = record if found is None or found.ended is None else ran(record, found)
    return after if not after.state.active else replace(after, stale_since=record.stale_since or since)


def rejected(record: Record, words: str) -> Record:
    """The record after the scheduler refused the job."""
    if record.state.final or record.native_id is not None:
        # Its own files have told already that it began.
        return record
    text = f"The scheduler refused it: {words}"
    return _ended(record.believing(Belief(JobState.FAILED, Reason("rejected", text))), None)


def unanswered(record: Record, words: str) -> Record:
    """The record after the scheduler did not answer to the sending: it may have taken the job."""
    if record.native_id is not None or record.state.final:
        return record
    reason = Reason("no_answer", f"No answer when it was sent; looking for it. {words}")
    # Nobody is at it any more: whoever watches the cluster may look for it.
    return replace(record, reason=reason, sender=None)


def untraced(record: Record) -> Record:
    """The record after the scheduler answered and nothing was found of a job that may have been sent."""
    if record.native_id is not None or record.state.final or record.state is JobState.UNKNOWN:
        return record
    text = "It may never have reached the scheduler: no trace of it was found there. Send it again, or forget it."
    return record.believing(Belief(JobState.UNKNOWN, Reason("lost", text)))


def taken(record: Record, native_id: str) -> Record:
    """The record after the scheduler took the job."""
    if record.native_id is not None or record.state.final:
        return record
    after = replace(record, native_id=native_id, queued_at=record.queued_at or clock.now())
    if record.state is JobState.SUBMITTING or (record.state is JobState.QUEUED and record.send_begun_at):
        after = after.believing(Belief(JobState.QUEUED))
    return after


def cancelled_unsent(record: Record) -> Record:
    """The record of a job that was never sent and is not wanted any more."""
    end = Belief(JobState.CANCELLED, _wish(record))
    return _ended(replace(record.believing(end), cancel_requested_at=clock.now()), None)


def _wish(record: Record) -> Reason:
    """Why it was cancelled, if we asked for it."""
    return GAVE_UP if record.gave_up else BY_USER


def given_up(record: Record, now: str) -> Record:
    """The record of a job that should have started by `now`, if it has not."""
    waiting = record.state in _WAITING or record.state is JobState.SUBMITTING
    if record.give_up_at is None or record.give_up_at > now or not waiting or record.cancel_requested_at:
        return record
    record = replace(record, gave_up=True)
    if record.send_begun_at is None:
        return cancelled_unsent(record)
    return replace(record, cancel_requested_at=now)


def waits_for_turn(record: Record) -> Record:
    """The record of a job that this server holds back because enough of its profile are under way."""
    if record.send_begun_at or record.state not in {JobState.SUBMITTING, JobState.QUEUED}:
        return record
    text = (
        f"At most {record.at_most} of yours run here at once, as you asked: it is sent when one of them has ended, "
        "while JupyterLab runs."
    )
    after = record.believing(Belief(JobState.QUEUED, Reason("at_most", text)))
    return replace(after, queued_at=record.queued_at or clock.now())


def waits_for_slots(record: Record) -> Record:
    """The record of a job that this server holds back."""
    if record.send_begun_at or record.state not in {JobState.SUBMITTING, JobState.QUEUED}:
        return record
    text = "Your other jobs use this machine's cores; it starts as soon as enough are free."
    after = record.believing(Belief(JobState.QUEUED, Reason("resources", text)))
    return replace(after, queued_at=record.queued_at or clock.now())


def _agrees(record: Record, seen: Seen, found: Evidence | None) -> bool:
    """Whether the run folder says the same as a final word of the queue, which then counts at the first look."""
    if found is not None:
        # The runner told of the end of this attempt and could not know why.
        return found.ended is not None and seen.attempt in {None, found.attempt}
    # Cancelled before anything of it began: there is nobody whose word could still come.
    never_began = record.state in _WAITING and record.attempt is None and seen.started_at is None and seen.node is None
    return seen.state is JobState.CANCELLED and never_began


def _in_words(record: Record, belief: Belief) -> Belief:
    if belief.state is JobState.CANCELLED:
        reason = _wish(record) if record.cancel_requested_at else belief.reason or OUTSIDE
        return replace(belief, reason=reason)
    return belief


def _last_word(record: Record, ended: Seen) -> Belief:
    """The runner's end when it could not know why and nobody else does."""
    state, reason = ended.state or JobState.FAILED, ended.reason
    if record.cancel_requested_at:
        return Belief(JobState.CANCELLED, _wish(record), ended.exit)
    limit = record.resources.get("walltime_s")
    if limit and ended.started_at and ended.ended_at:
        ran_s = (clock.parse(ended.ended_at) - clock.parse(ended.started_at)).total_seconds()
        # Schedulers round limits to minutes and look every so often: a little less or more is the limit.
        if ran_s >= limit - 1 and reason is not None and reason.code == "terminated":
            return Belief(JobState.FAILED, Reason("timeout", "It reached its time limit."), ended.exit)
    if state is JobState.CANCELLED:
        return Belief(state, reason or OUTSIDE, ended.exit)
    return Belief(state, reason, ended.exit)


def _ended(record: Record, ended_at: str | None) -> Record:
    if not record.state.final or record.ended_at is not None:
        return record
    progress = record.progress
    if progress is not None:
        progress = {**progress, "current": None}
    return replace(record, ended_at=ended_at or clock.now(), estimated_start=None, progress=progress)


def _usage(known: dict[str, Any] | None, seen: Seen) -> dict[str, Any] | None:
    if seen.peak_memory_mb is None and seen.cpu_s is None:
        return known
    before = known or {"peak_memory_mb": None, "cpu_s": None}

    # The runner and accounting sample at different moments: the larger is nearer to the truth.
    def larger(key: str, value: float | None) -> float | None:
        return max((v for v in (before.get(key), value) if v is not None), default=None)

    return {"peak_memory_mb": larger("peak_memory_mb", seen.peak_memory_mb), "cpu_s": larger("cpu_s", seen.cpu_s)}


def _changed(record: Record, seen: Seen) -> dict[str, dict[str, Any]] | None:
    """Where the scheduler holds something else than was asked for. What was not asked for is no change."""
    if not seen.holds or seen.source is Source.RUNNER:
        return None
    asked: dict[str, Any] = {"queue": record.queue, "account": record.account, **record.resources}
    changed = {
        name: {"asked": asked[name], "got": got}
        for name, got in seen.holds.items()
        if asked.get(name) is not None and asked[name] != got and not _rounded(name, asked[name], got)
    }
    return changed or None


def _rounded(name: str, asked: Any, got: Any) -> bool:
    """Schedulers count time in whole minutes; that is no decision of the site."""
    return name == "walltime_s" and isinstance(got, int) and isinstance(asked, int) and 0 <= got - asked < 60
