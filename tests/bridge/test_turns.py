# ruff: noqa: ASYNC240 (a test may delete a small file)
"""At most N at once, given up when not started in time, run again by itself: whatever servers do meanwhile."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import again, judge
from jupyterlab_compute.states import JobState, Reason

from ..builders import a_profile, a_record, a_request
from ..fakes import SOON_S, FakeDriver, a_bridge
from ..waiting import wait_until

NOW = "2026-11-21T12:00:00.000Z"
EARLIER, LATER = "2026-11-21T11:00:00.000Z", "2026-11-21T13:00:00.000Z"
RETRIES = {"times": 2, "more": True, "problem": None}


# At most so many at once


@pytest.mark.parametrize("slots", [None, 8])
async def test_further_ones_wait_for_their_turn(tmp_path: Path, slots: int | None) -> None:
    driver = FakeDriver(slots=slots)
    async with a_bridge(tmp_path, driver) as bridge:
        jobs = [await bridge.send(a_request(f"key-{number:08}", at_most=2)) for number in range(4)]
        for job_id in jobs[2:]:
            job = await bridge.wait(job_id, lambda job: job["reason"])
            assert (job["state"], job["reason"]["code"], job["native_id"]) == ("queued", "at_most", None)
        assert len(driver.sent) == 2
        other = await bridge.send(a_request("key-other-one"))
        await bridge.wait(other, lambda job: job["native_id"])
        # What was sent without such a wish counts too.
        for number in range(3):
            driver.end(str(number + 1), driver.begin(str(number + 1)))
        for job_id in jobs[2:]:
            await bridge.wait(job_id, lambda job: job["native_id"])
        assert len({sent.tag for sent in driver.sent}) == len(driver.sent) == 5


async def test_a_turn_that_comes_after_a_restart_is_taken_once(tmp_path: Path) -> None:
    driver = FakeDriver()
    async with a_bridge(tmp_path, driver) as bridge:
        first, second = [await bridge.send(a_request(f"key-{number:08}", at_most=1)) for number in range(2)]
        await bridge.wait(first, lambda job: job["native_id"])
        await bridge.wait(second, "queued")
    async with a_bridge(tmp_path, driver) as one, a_bridge(tmp_path, driver) as two:
        driver.vanish("1", "succeeded")
        await two.wait(second, lambda job: job["native_id"])
        await one.wait(second, lambda job: job["native_id"])
        assert len(driver.sent) == 2


async def test_the_profile_has_a_say_in_it(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, profile=a_profile(at_most=3)) as bridge:
        wishes: list[dict[str, Any]] = [{}, {"at_most": 2}, {"at_most": 5}]
        jobs = [
            (await bridge.service.intake.submit(a_request(f"key-{number:08}", **wish)))[0]
            for number, wish in enumerate(wishes)
        ]
        assert [job["at_most"] for job in jobs] == [3, 2, 3]


async def test_one_that_waits_for_its_turn_can_be_cancelled_and_held(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        await bridge.wait(await bridge.send(a_request(at_most=1)), lambda job: job["native_id"])
        waiting = await bridge.queued(a_request("key-00000002", at_most=1))
        await bridge.service.acting.hold(waiting)
        bridge.driver.vanish("1", "succeeded")
        assert (await bridge.wait(waiting, "held"))["native_id"] is None
        await bridge.service.acting.cancel(waiting)
        await bridge.wait(waiting, "cancelled")
        assert len(bridge.driver.sent) == 1


# Given up


@pytest.mark.parametrize("state", ["submitting", "queued", "held"])
def test_what_was_not_sent_is_over_at_once(state: str) -> None:
    after = judge.given_up(a_record(state, give_up_at=EARLIER), NOW)
    assert after.state is JobState.CANCELLED
    assert after.reason == judge.GAVE_UP


@pytest.mark.parametrize(
    "record",
    [
        a_record("queued", give_up_at=LATER),
        a_record("queued"),
        a_record("running", give_up_at=EARLIER),
        a_record("completing", give_up_at=EARLIER),
        a_record("unknown", give_up_at=EARLIER),
        a_record("succeeded", give_up_at=EARLIER),
        a_record("queued", give_up_at=EARLIER, cancel_requested_at=EARLIER),
    ],
)
def test_nothing_else_is_given_up(record: Any) -> None:
    assert judge.given_up(record, NOW) == record


async def test_a_job_that_the_scheduler_did_not_start_is_cancelled_there(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued(a_request(give_up_after_s=1))
        await wait_until(lambda: bridge.driver.cancelled, SOON_S, "the scheduler is told")
        bridge.driver.shows("1", "cancelled")
        job = await bridge.wait(job_id, "cancelled")
        assert job["reason"]["code"] == "not_started_in_time"


# Run again by itself


FAILED = a_record("failed", retries=RETRIES, reason=Reason("out_of_memory", ""), resources={"memory_mb": 1000})


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (FAILED, True),
        (replace(FAILED, reason=Reason("error", "")), True),
        (replace(FAILED, reason=None), True),
        (replace(FAILED, reason=Reason("rejected", "")), False),
        (replace(FAILED, state=JobState.CANCELLED), False),
        (replace(FAILED, state=JobState.SUCCEEDED), False),
        (replace(FAILED, state=JobState.UNKNOWN), False),
        (replace(FAILED, retried_as="a" * 16), False),
        (replace(FAILED, retries={**RETRIES, "times": 0}), False),
        (replace(FAILED, retries={**RETRIES, "problem": "No."}), False),
        (replace(FAILED, retries=None), False),
    ],
)
def test_what_is_run_again(record: Any, expected: bool) -> None:
    assert again.due(record) is expected


@pytest.mark.parametrize(
    ("code", "asked", "more", "most", "then"),
    [
        ("out_of_memory", {"memory_mb": 1000}, True, {}, {"memory_mb": 2000}),
        ("out_of_memory", {"memory_mb": 1000}, True, {"max": 1500}, {"memory_mb": 1500}),
        ("out_of_memory", {"memory_mb": 1000}, False, {"max": 1500}, {"memory_mb": 1000}),
        ("out_of_memory", {}, True, {}, {}),
        ("timeout", {"walltime_s": 60, "memory_mb": 5}, True, {}, {"walltime_s": 120, "memory_mb": 5}),
        ("error", {"walltime_s": 60, "memory_mb": 5}, True, {}, {"walltime_s": 60, "memory_mb": 5}),
    ],
)
def test_with_what_it_is_run_again(
    code: str, asked: dict[str, int], more: bool, most: dict[str, int], then: dict[str, int]
) -> None:
    record = replace(FAILED, reason=Reason(code, ""), resources=asked, retries={**RETRIES, "more": more})
    assert again.resources(record, a_profile(resources={"memory_mb": most, "walltime_s": most})) == then


def test_not_in_vain() -> None:
    with pytest.raises(again.NoMore):
        again.resources(FAILED, a_profile(resources={"memory_mb": {"max": 1000}}))


async def test_it_is_run_again_with_more_until_it_may_not(tmp_path: Path) -> None:
    driver = FakeDriver()
    profile = a_profile(resources={"cores": {"min": 1, "max": 1}, "memory_mb": {"min": 1, "max": 300}})
    wish = a_request(resources={"memory_mb": 100}, retries={"times": 5, "more": True}, parameters={"n": 1})
    async with a_bridge(tmp_path, driver, profile=profile) as one, a_bridge(tmp_path, driver, profile=profile) as two:
        job_id = await one.send(wish)
        seen = []
        for number, memory_mb in enumerate([100, 200, 300]):
            await one.wait(job_id, lambda job: job["native_id"])
            job = await one.service.reading.job(job_id)
            seen.append((job["resources"]["memory_mb"], job["retries"]["times"], job["parameters"]))
            assert driver.sent[number].resources.memory_mb == memory_mb
            driver.vanish(str(number + 1), "failed", reason=Reason("out_of_memory", "Killed: too much memory."))
            after = await two.wait(job_id, lambda job: job["retried_as"] or (job["retries"] or {}).get("problem"))
            if after["retried_as"]:
                again_as = await one.wait(after["retried_as"], lambda job: job["retry_of"])
                assert again_as["retry_of"] == job_id
                job_id = after["retried_as"]
        assert seen == [(100, 5, {"n": 1}), (200, 4, {"n": 1}), (300, 3, {"n": 1})]
        assert "allows" in after["retries"]["problem"]
        assert len(driver.sent) == 3


async def test_what_cannot_be_run_again_says_why(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.send(a_request(retries={"times": 1}))
        await bridge.wait(job_id, lambda job: job["native_id"])
        Path(bridge.driver.sent[0].run_folder, "input.ipynb").unlink()
        bridge.driver.vanish("1", "failed")
        job = await bridge.wait(job_id, lambda job: job["retries"]["problem"])
        assert "not there any more" in job["retries"]["problem"]
        assert len(bridge.driver.sent) == 1
