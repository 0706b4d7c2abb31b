"""The rules of states, as tables."""

from __future__ import annotations

import pytest

from jupyterlab_compute.states import Belief, Exit, JobState, Reason, Source, decide

from ..builders import a_sighting

_FINAL = [state for state in JobState if state.final]
_LIVE = [state for state in JobState if not state.final]


def test_every_state_is_final_active_or_unknown() -> None:
    for state in JobState:
        assert [state.final, state.active, state is JobState.UNKNOWN].count(True) == 1


@pytest.mark.parametrize("now", _FINAL)
@pytest.mark.parametrize("said", [*JobState, None])
@pytest.mark.parametrize("source", Source)
def test_final_states_never_change(now: JobState, said: JobState | None, source: Source) -> None:
    belief = Belief(now, Reason("error", "So it was."), Exit(3))
    assert decide(belief, a_sighting(said.value if said else None, source)) == belief


@pytest.mark.parametrize("now", _LIVE)
@pytest.mark.parametrize("said", _LIVE)
def test_what_lives_is_believed_in_any_order(now: JobState, said: JobState) -> None:
    reason = Reason("priority", "Others come first.")
    assert decide(Belief(now), a_sighting(said.value, reason=reason)) == Belief(said, reason)


@pytest.mark.parametrize("now", _LIVE)
@pytest.mark.parametrize("said", _FINAL)
@pytest.mark.parametrize("source", [Source.ACCOUNTING, Source.EXIT_RECORD, Source.RUNNER])
def test_an_end_counts_at_once_from_a_strong_witness(now: JobState, said: JobState, source: Source) -> None:
    assert decide(Belief(now), a_sighting(said.value, source, exit=Exit(1))) == Belief(said, None, Exit(1))


@pytest.mark.parametrize("now", _LIVE)
@pytest.mark.parametrize("said", _FINAL)
def test_an_end_from_the_live_queue_needs_a_second_look(now: JobState, said: JobState) -> None:
    first = decide(Belief(now), a_sighting(said.value))
    assert first.state is JobState.COMPLETING
    assert first.pending_end is said
    assert decide(first, a_sighting(said.value)).state is said


def test_two_looks_that_disagree_are_not_an_end() -> None:
    first = decide(Belief(JobState.RUNNING), a_sighting("failed"))
    second = decide(first, a_sighting("succeeded"))
    assert second.state is JobState.COMPLETING
    assert second.pending_end is JobState.SUCCEEDED


def test_a_requeue_between_two_looks_starts_over() -> None:
    first = decide(Belief(JobState.RUNNING), a_sighting("failed"))
    waiting = decide(first, a_sighting("queued"))
    assert waiting == Belief(JobState.QUEUED)
    assert decide(waiting, a_sighting("failed")).state is JobState.COMPLETING


@pytest.mark.parametrize("now", _LIVE)
@pytest.mark.parametrize("source", Source)
def test_a_word_that_nobody_knows_is_a_value(now: JobState, source: Source) -> None:
    raw = Reason("unknown_word", "SPECIAL_EXIT")
    assert decide(Belief(now), a_sighting(None, source, reason=raw)) == Belief(JobState.UNKNOWN, raw)
