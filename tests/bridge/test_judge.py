"""What a record becomes when something is learned: tables of witnesses, and the stories that go wrong elsewhere."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from jupyterlab_compute import judge
from jupyterlab_compute.evidence import Evidence
from jupyterlab_compute.judge import LOOKS_BEFORE_LOST, LOOKS_WHILE_BEHIND
from jupyterlab_compute.records import Record
from jupyterlab_compute.states import Exit, JobState, Reason, Seen, Source

from ..builders import a_record, a_sighting, some_evidence

_FINAL = ["succeeded", "failed", "cancelled"]
_STARTED = "2026-11-21T09:41:00.000Z"


def _running(**more: Any) -> Record:
    return a_record(
        "running",
        **{"native_id": "1", "attempt": 1, "started_at": _STARTED, "node": "n1", "send_begun_at": _STARTED, **more},
    )


def _after_looks(record: Record, past: Seen | None, found: Evidence | None, looks: int = LOOKS_BEFORE_LOST) -> Record:
    for _ in range(looks):
        record = judge.missing(record, past, found)
    return record


@pytest.mark.parametrize("state", _FINAL)
def test_what_has_ended_is_never_changed(state: str) -> None:
    record = a_record(state, ended_at=_STARTED)
    changes = [
        judge.sighted(record, a_sighting("running")),
        judge.ran(record, some_evidence("failed")),
        judge.missing(record, a_sighting("failed", Source.ACCOUNTING), some_evidence()),
        judge.rejected(record, "no"),
        judge.unanswered(record, "?"),
        judge.untraced(record),
        judge.taken(record, "9"),
        judge.waits_for_slots(record),
    ]
    assert changes == [record] * len(changes)


# Seen in the queue


def test_the_final_word_of_the_live_queue_counts_at_the_second_look() -> None:
    first = judge.sighted(_running(), a_sighting("failed", exit=Exit(3)))
    assert (first.state, first.ended_at) == (JobState.COMPLETING, None)
    second = judge.sighted(first, a_sighting("failed", exit=Exit(3), ended_at="2026-11-21T10:00:00.000Z"))
    assert (second.state, second.exit) == (JobState.FAILED, Exit(3))
    assert second.ended_at == "2026-11-21T10:00:00.000Z"


def test_the_exit_record_between_two_looks_has_the_last_word() -> None:
    first = judge.sighted(_running(), a_sighting("failed"))
    assert judge.ran(first, some_evidence("succeeded")).state is JobState.SUCCEEDED


@pytest.mark.parametrize("state", ["queued", "held"])
def test_cancelled_before_it_began_counts_at_the_first_look(state: str) -> None:
    waiting = a_record(state, native_id="1", send_begun_at=_STARTED)
    record = judge.sighted(waiting, a_sighting("cancelled", attempt=1))
    assert (record.state, record.reason) == (JobState.CANCELLED, judge.OUTSIDE)


@pytest.mark.parametrize(
    ("record", "seen"),
    [
        (a_record("queued", attempt=1), a_sighting("cancelled", attempt=2)),
        (_running(), a_sighting("cancelled")),
        (a_record("queued"), a_sighting("cancelled", node="n1", started_at=_STARTED)),
        (a_record("queued"), a_sighting("failed")),
        (a_record("queued"), a_sighting("succeeded")),
    ],
    ids=["it began before it was requeued", "it ran", "it began unseen", "failed", "succeeded"],
)
def test_no_other_end_counts_by_the_queues_word_alone(record: Record, seen: Seen) -> None:
    first = judge.sighted(record, seen)
    assert first.state is JobState.COMPLETING
    assert judge.sighted(first, seen).state is seen.state


def test_an_end_that_the_runner_saw_and_could_not_explain_is_the_queues_to_name() -> None:
    told_to_stop = some_evidence("failed", conclusive=False, reason=Reason("terminated", "Told to stop."))
    over = a_sighting("failed", reason=Reason("timeout", "It reached its time limit."), attempt=1)
    record = judge.sighted(_running(), over, told_to_stop)
    assert (record.state, record.reason) == (JobState.FAILED, over.reason)
    # Of another attempt it says nothing.
    assert judge.sighted(_running(), dataclasses.replace(over, attempt=2), told_to_stop).state is JobState.COMPLETING
    # Nor while it goes on.
    assert judge.sighted(_running(), over, some_evidence()).state is JobState.COMPLETING


def test_a_conclusive_word_of_the_runner_comes_before_the_queues() -> None:
    assert judge.sighted(_running(), a_sighting("failed"), some_evidence("succeeded")).state is JobState.SUCCEEDED


def test_a_queue_that_lags_behind_does_not_bring_it_back_from_completing() -> None:
    record = dataclasses.replace(_running(), state=JobState.COMPLETING)
    assert judge.sighted(record, a_sighting("running")) == record


def test_a_requeue_forgets_what_the_first_attempt_began() -> None:
    record = _running(progress={"done": 1, "total": 2, "current": "b"})
    for state in ("queued", "held"):
        waiting = judge.sighted(record, a_sighting(state))
        assert waiting.state.value == state
        assert (waiting.started_at, waiting.node, waiting.progress) == (None, None, None)
        assert waiting.attempt == 1


@pytest.mark.parametrize("conclusive", [True, False])
def test_the_first_attempts_end_is_not_the_end_of_a_job_that_waits_again(conclusive: bool) -> None:
    waiting = judge.sighted(_running(), a_sighting("queued"))
    assert judge.ran(waiting, some_evidence("failed", conclusive=conclusive)) == waiting


def test_the_second_attempt_of_a_requeued_job_runs_and_ends() -> None:
    waiting = judge.sighted(_running(), a_sighting("queued"))
    again = judge.ran(waiting, some_evidence(attempt=2))
    assert (again.state, again.attempt, again.started_at) == (JobState.RUNNING, 2, _STARTED)
    assert judge.ran(again, some_evidence("failed", attempt=1)).state is JobState.RUNNING
    assert judge.ran(again, some_evidence("succeeded", attempt=2)).state is JobState.SUCCEEDED


def test_a_requeued_job_that_leaves_the_queue_still_ends_by_its_exit_record() -> None:
    waiting = judge.sighted(_running(), a_sighting("queued"))
    assert _after_looks(waiting, None, some_evidence("failed")).state is JobState.FAILED


def test_a_word_that_nobody_knows_is_shown_as_it_is() -> None:
    record = judge.sighted(_running(), a_sighting(None, reason=Reason("unknown_word", "POWERING_DOWN")))
    assert record.state is JobState.UNKNOWN
    assert record.reason == Reason("unknown_word", "POWERING_DOWN")
    assert record.was is JobState.RUNNING
    assert judge.sighted(record, a_sighting("running")).state is JobState.RUNNING


def test_who_cancelled_it() -> None:
    outside = judge.sighted(_running(), a_sighting("cancelled", Source.ACCOUNTING))
    assert outside.reason == judge.OUTSIDE
    by_admin = judge.sighted(_running(), a_sighting("cancelled", Source.ACCOUNTING, reason=Reason("admin", "By root.")))
    assert by_admin.reason == Reason("admin", "By root.")
    by_user = judge.sighted(_running(cancel_requested_at=_STARTED), a_sighting("cancelled", Source.ACCOUNTING))
    assert by_user.reason == judge.BY_USER


@pytest.mark.parametrize(
    ("asked", "holds", "changed"),
    [
        ({"cores": 1, "walltime_s": 90}, {"walltime_s": 120}, None),
        ({"cores": 1, "walltime_s": 120}, {"walltime_s": 60}, {"walltime_s": {"asked": 120, "got": 60}}),
        ({"cores": 1}, {"cores": 2}, {"cores": {"asked": 1, "got": 2}}),
        ({"cores": 1}, {"memory_mb": 4000}, None),
        ({"cores": 1}, {"queue": "other"}, None),
        ({"cores": 1}, {}, None),
    ],
)
def test_tells_what_the_site_changed(asked: dict[str, Any], holds: dict[str, Any], changed: object) -> None:
    assert judge.sighted(_running(resources=asked), a_sighting(holds=holds)).changed_by_site == changed


def test_the_larger_of_two_samples_is_nearer_to_the_truth() -> None:
    record = judge.ran(_running(), some_evidence(None))
    record = judge.sighted(record, a_sighting(peak_memory_mb=500))
    record = judge.sighted(record, a_sighting(peak_memory_mb=300, cpu_s=2.0))
    assert record.usage == {"peak_memory_mb": 500, "cpu_s": 2.0}


# The runner's files


def test_the_runners_start_is_a_start_and_tells_the_id_of_a_job_whose_sender_died() -> None:
    record = judge.ran(a_record("submitting", send_begun_at=_STARTED), some_evidence())
    assert (record.state, record.native_id, record.attempt) == (JobState.RUNNING, "1", 1)
    assert (record.started_at, record.node, record.queued_at) == (_STARTED, "n1", _STARTED)


@pytest.mark.parametrize("state", ["submitting", "queued", "held", "running", "completing", "unknown"])
@pytest.mark.parametrize("end", _FINAL)
def test_a_conclusive_exit_record_is_the_end(state: str, end: str) -> None:
    before = a_record(state, native_id="1", progress={"done": 1, "total": 2, "current": "b"})
    record = judge.ran(before, some_evidence(end, reason=Reason("error", "Cell 2 raised.")))
    assert record.state.value == end
    assert record.ended_at == "2026-11-21T09:42:00.000Z"
    assert record.progress == {"done": 1, "total": 2, "current": None}


def test_an_end_that_the_runner_cannot_explain_waits_for_the_schedulers_word() -> None:
    found = some_evidence("failed", conclusive=False, reason=Reason("terminated", "It was told to stop."))
    record = judge.ran(_running(), found)
    assert (record.state, record.ended_at) == (JobState.COMPLETING, None)
    told = a_sighting("failed", Source.ACCOUNTING, reason=Reason("out_of_memory", "It used too much."))
    assert judge.missing(record, told, found).reason == Reason("out_of_memory", "It used too much.")


def test_where_nobody_else_could_say_more_the_runners_word_counts_at_once() -> None:
    found = some_evidence("failed", conclusive=False, reason=Reason("terminated", "It was told to stop."))
    record = judge.ran(_running(), found, last_word=True)
    assert (record.state, record.reason) == (JobState.FAILED, Reason("terminated", "It was told to stop."))


@pytest.mark.parametrize(
    ("more", "limit_s", "state", "code"),
    [
        ({}, 60, "failed", "timeout"),
        ({}, 61, "failed", "timeout"),
        ({}, 62, "failed", "terminated"),
        ({}, None, "failed", "terminated"),
        ({"cancel_requested_at": _STARTED}, 60, "cancelled", "cancelled_by_user"),
    ],
)
def test_the_last_word_of_a_runner_that_was_told_to_stop_after_a_minute(
    more: dict[str, Any], limit_s: int | None, state: str, code: str
) -> None:
    found = some_evidence("failed", conclusive=False, reason=Reason("terminated", "It was told to stop."))
    resources = {"cores": 1} if limit_s is None else {"cores": 1, "walltime_s": limit_s}
    record = _after_looks(_running(resources=resources, **more), None, found)
    assert record.state.value == state
    assert record.reason is not None
    assert record.reason.code == code


def test_an_outcome_that_nobody_knows_is_a_failure_in_the_end_and_no_exception() -> None:
    found = dataclasses.replace(some_evidence("failed", conclusive=False))
    assert found.ended is not None
    found = dataclasses.replace(found, ended=dataclasses.replace(found.ended, state=None))
    assert _after_looks(_running(), None, found).state is JobState.FAILED


# Gone from the queue


def test_absence_is_not_success() -> None:
    record = _running()
    for look in range(1, LOOKS_BEFORE_LOST):
        record = judge.missing(record, None, None)
        assert (record.state, record.misses) == (JobState.RUNNING, look)
    record = judge.missing(record, None, None)
    assert record.state is JobState.UNKNOWN
    assert record.reason is not None
    assert record.reason.code == "lost"
    assert record.was is JobState.RUNNING
    assert judge.missing(record, None, None) == record


@pytest.mark.parametrize("end", _FINAL)
def test_accountings_word_counts_at_once(end: str) -> None:
    record = judge.missing(_running(), a_sighting(end, Source.ACCOUNTING), None)
    assert record.state.value == end


@pytest.mark.parametrize("end", _FINAL)
def test_what_is_lost_is_found_by_accounting_later(end: str) -> None:
    lost = _after_looks(_running(), None, None)
    assert judge.missing(lost, a_sighting(end, Source.ACCOUNTING), None).state.value == end


def test_being_seen_in_between_starts_the_count_anew() -> None:
    record = judge.sighted(_after_looks(_running(), None, None, LOOKS_BEFORE_LOST - 1), a_sighting("running"))
    assert record.misses == 0
    assert judge.missing(record, None, None).state is JobState.RUNNING


@pytest.mark.parametrize("state", ["running", "queued"])
def test_that_accounting_has_it_running_for_ever_is_no_last_word(state: str) -> None:
    runaway = a_sighting(state, Source.ACCOUNTING)
    first = judge.missing(_running(), runaway, None)
    assert first.misses == 1
    lost = _after_looks(_running(), runaway, None, LOOKS_WHILE_BEHIND)
    assert lost.state is JobState.UNKNOWN
    assert judge.missing(lost, runaway, None) == dataclasses.replace(lost, was=judge.missing(lost, runaway, None).was)


def test_while_accounting_has_it_running_its_end_may_still_come_and_it_is_stale() -> None:
    runs = a_sighting("running", Source.ACCOUNTING)
    first = judge.missing(_running(), runs, None)
    record = _after_looks(first, runs, None, LOOKS_WHILE_BEHIND - 2)
    assert record.state is JobState.RUNNING
    assert record.stale_since == first.stale_since is not None
    assert judge.missing(record, a_sighting("failed", Source.ACCOUNTING), None).state is JobState.FAILED


def test_what_is_lost_does_not_run_again_because_accounting_never_heard_of_its_end() -> None:
    lost = _after_looks(_running(), None, None)
    assert judge.missing(lost, a_sighting("running", Source.ACCOUNTING), None).state is JobState.UNKNOWN


def test_accounting_that_lags_is_not_waited_for_if_the_runner_told_of_the_end() -> None:
    runs, found = a_sighting("running", Source.ACCOUNTING), some_evidence("failed", conclusive=False)
    assert _after_looks(_running(), runs, found).state.final


def test_the_schedulers_memory_is_a_live_queue_and_needs_a_second_look() -> None:
    seen = a_sighting("failed", Source.QUEUE)
    first = judge.missing(_running(), seen, None)
    assert first.state is JobState.COMPLETING
    assert judge.missing(first, seen, None).state is JobState.FAILED


@pytest.mark.parametrize("state", ["running", "completing"])
def test_what_nobody_could_tell_of_is_stale_until_somebody_can(state: str) -> None:
    record = dataclasses.replace(_running(), state=JobState(state))
    stale = judge.unheard(record, None, _STARTED)
    assert (stale.state, stale.stale_since) == (record.state, _STARTED)
    assert judge.unheard(stale, some_evidence(), "2026-11-21T12:00:00.000Z") == stale
    for heard in (
        judge.sighted(stale, a_sighting("running")),
        _after_looks(stale, None, None, LOOKS_WHILE_BEHIND),
        judge.missing(stale, a_sighting("failed", Source.ACCOUNTING), None),
    ):
        assert heard.stale_since is None
    # It answers again, and what it has not heard yet may still come.
    assert judge.missing(stale, None, None).stale_since == _STARTED
    # The runner's end needs nobody else's word.
    ended = judge.unheard(stale, some_evidence("succeeded"), _STARTED)
    assert (ended.state, ended.stale_since) == (JobState.SUCCEEDED, None)


@pytest.mark.parametrize("state", [*_FINAL, "unknown"])
def test_what_has_ended_or_is_lost_does_not_become_stale(state: str) -> None:
    record = a_record(state)
    assert judge.unheard(record, None, _STARTED) == record


# Sending


def test_taken() -> None:
    record = judge.taken(a_record("submitting", send_begun_at=_STARTED), "7")
    assert (record.state, record.native_id) == (JobState.QUEUED, "7")
    assert record.queued_at is not None


def test_taken_after_its_own_files_told_that_it_runs() -> None:
    running = judge.ran(a_record("submitting", send_begun_at=_STARTED), some_evidence())
    assert judge.taken(running, "7") == running


def test_a_refusal_is_an_end_in_the_schedulers_words() -> None:
    record = judge.rejected(a_record("submitting"), "Invalid account")
    assert record.state is JobState.FAILED
    assert record.reason == Reason("rejected", "The scheduler refused it: Invalid account")
    assert record.ended_at is not None


def test_a_refusal_does_not_end_what_has_begun() -> None:
    assert judge.rejected(_running(), "socket timed out") == _running()


def test_no_answer_is_no_state_and_frees_the_job_for_whoever_looks() -> None:
    record = judge.unanswered(a_record("submitting"), "timed out")
    assert record.state is JobState.SUBMITTING
    assert record.sender is None
    assert record.reason is not None
    assert record.reason.code == "no_answer"


def test_no_trace_is_unknown_and_never_final() -> None:
    record = judge.untraced(a_record("submitting"))
    assert record.state is JobState.UNKNOWN
    assert judge.untraced(record) == record
    assert judge.ran(record, some_evidence()).state is JobState.RUNNING
    assert judge.taken(record, "7").native_id == "7"


def test_a_job_that_waits_for_cores_keeps_the_time_since_when() -> None:
    first = judge.waits_for_slots(a_record("submitting"))
    assert first.state is JobState.QUEUED
    assert judge.waits_for_slots(first) == first
    assert judge.waits_for_slots(a_record("submitting", send_begun_at=_STARTED)).state is JobState.SUBMITTING
    sent = dataclasses.replace(first, state=JobState.SUBMITTING, send_begun_at=_STARTED)
    assert judge.taken(sent, "7").queued_at == first.queued_at
