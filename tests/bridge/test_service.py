# ruff: noqa: ASYNC240 (a test may read a small file)
"""The verbs, the sending and the watching against schedulers that go wrong in every named way."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import contract, evidence
from jupyterlab_compute.errors import (
    AlreadyApplied,
    Invalid,
    KeyReused,
    NoSuchJob,
    SchedulerRefused,
    WrongState,
)
from jupyterlab_compute.lease import Myself
from jupyterlab_compute.pace import Pace
from jupyterlab_compute.states import Reason, Source

from ..builders import a_cells_request, a_profile, a_request, a_sighting, begin_attempt, end_attempt
from ..fakes import (
    SOON_S,
    Babbles,
    Breaks,
    Bridge,
    FakeDriver,
    Never,
    Refuses,
    Requeues,
    Slow,
    Vanishes,
    a_bridge,
)
from ..waiting import wait_until


def _gone() -> Myself:
    """A server process of this machine that is no more."""
    return replace(Myself(), pid_start=1)


def _sent_once(driver: FakeDriver) -> bool:
    return all(times == 1 for times in Counter(job.tag for job in driver.sent).values())


# The usual way


async def test_a_job_from_sending_to_its_landed_copy(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job, new = await bridge.service.intake.submit(a_request())
        assert new
        contract.check("Job", job)
        assert (job["state"], job["native_id"]) == ("submitting", None)
        queued = await bridge.wait(job["id"], "queued")
        assert queued["native_id"] == "1"
        folder = bridge.driver.begin("1")
        running = await bridge.wait(job["id"], lambda job: job["attempt"])
        assert (running["state"], running["node"], running["attempt"]) == ("running", "n1", 1)
        (folder / "result.ipynb").write_text("{}")
        bridge.driver.end("1", folder)
        ended = await bridge.wait(job["id"], lambda job: job["landed"])
        contract.check("Job", ended)
        assert (ended["state"], ended["can"]) == ("succeeded", ["retry", "forget"])
        assert (tmp_path / "notebooks" / ended["landed"]).read_text() == "{}"
        assert _sent_once(bridge.driver)


async def test_pages_hear_of_every_change_and_of_nothing_private(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.send(a_request())
        bridge.driver.vanish((await bridge.wait(job_id, "queued"))["native_id"], "failed")
        await bridge.wait(job_id, lambda job: job["land_problem"])
        await bridge.service.acting.forget(job_id, keep_files=False)
        assert {event[0] for event in bridge.events} == {job_id}
        revisions = [event[1] for event in bridge.events]
        assert revisions == sorted(set(revisions))
        states = [event[2] for event in bridge.events]
        assert list(dict.fromkeys(states)) == ["submitting", "queued", "failed", "deleted"]
        assert states[-1] == "deleted"


async def test_the_list_is_what_the_contract_says_and_tells_what_changed(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        first = json.loads(await bridge.service.reading.jobs(contract.query("listJobs", {})))
        contract.check("JobList", first)
        job_id = await bridge.queued()
        changed = json.loads(await bridge.service.reading.jobs({"since": first["revision"]}))
        contract.check("JobList", changed)
        assert [job["id"] for job in changed["jobs"]] == [job_id]
        assert changed["counts"] == {"queued": 1}
        again = json.loads(await bridge.service.reading.jobs({"since": 5}))
        assert again["reset"]


async def test_nothing_is_asked_while_nothing_is_active(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.send(a_request())
        bridge.driver.vanish((await bridge.wait(job_id, "queued"))["native_id"], "succeeded")
        await bridge.wait(job_id, lambda job: job["land_problem"])
        await wait_until(lambda: not (tmp_path / "leases" / "fake.json").exists(), SOON_S, "it is given up")
        asked = bridge.driver.asked["queue"]
        # A whole round of everything that goes on in the background.
        other = await bridge.ledger.blocking(lambda: None)
        assert other is None
        assert bridge.driver.asked["queue"] == asked


async def test_a_site_floor_holds_whatever_people_do(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, pace=Pace(3600.0, 3600.0, 3600.0, 0.02, 0.05)) as bridge:
        jobs = [await bridge.send(a_request(f"key-{number:08}")) for number in range(5)]
        await wait_until(lambda: bridge.driver.asked["queue"], SOON_S)
        for job_id in jobs:
            await bridge.wait(job_id, lambda job: job["native_id"])
            await bridge.service.acting.cancel(job_id)
            await bridge.service.reading.jobs({"since": 0})
        await wait_until(lambda: len(bridge.driver.cancelled) == 5, SOON_S)
        assert bridge.driver.asked["queue"] == 1
        # Nor is there a plan to ask soon.
        assert bridge.service.watches.by_cluster["fake"].asking.turn.at - time.monotonic() > 3000


# Once


async def test_the_same_key_and_body_is_the_same_job(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job, _ = await bridge.service.intake.submit(a_request())
        again, new = await bridge.service.intake.submit(dict(reversed(a_request().items())))
        assert (again["id"], new) == (job["id"], False)
        with pytest.raises(KeyReused):
            await bridge.service.intake.submit(a_request(name="Another wish"))
        await bridge.wait(job["id"], "queued")
        assert len(bridge.driver.sent) == 1


async def test_the_same_key_many_times_at_once_is_one_job_with_its_own_files(tmp_path: Path) -> None:
    driver = FakeDriver()
    async with a_bridge(tmp_path, driver) as one, a_bridge(tmp_path, driver) as two:
        answers = await asyncio.gather(*(each.service.intake.submit(a_request()) for each in (one, two) * 8))
        assert [new for _, new in answers].count(True) == 1
        job_id = answers[0][0]["id"]
        await one.wait(job_id, "queued")
        record = await one.ledger.get(job_id)
        spec = json.loads(Path(record.run_folder, "job.json").read_text())
        assert spec["tag"] == record.tag
        assert [job.tag for job in driver.sent] == [record.tag]


async def test_a_refused_wish_leaves_nothing_behind(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        with pytest.raises(Invalid):
            await bridge.service.intake.submit(a_request(resources={"cores": 100}))
        assert bridge.records.stamps() == {}
        assert not (tmp_path / "runs").exists()


async def test_a_full_disk_is_told_and_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs").write_text("a file in its place")
    async with a_bridge(tmp_path) as bridge:
        with pytest.raises(Exception, match="could not be made") as caught:
            await bridge.service.intake.submit(a_request())
        assert getattr(caught.value, "status", None) == 507
        assert bridge.records.stamps() == {}


async def test_slow_is_sent_once_whatever_happens_meanwhile(tmp_path: Path) -> None:
    driver = Slow()
    async with a_bridge(tmp_path, driver) as one:
        job_id = await one.send(a_request())
        await wait_until(lambda: driver.sent, SOON_S)
        async with a_bridge(tmp_path, driver) as two:
            await two.wait(job_id, "submitting")
            _, new = await two.service.intake.submit(a_request())
            assert not new
            await one.looks(0)
            driver.may_answer.set()
            assert (await two.wait(job_id, "queued"))["native_id"] == "1"
        assert len(driver.sent) == 1


async def test_never_took_it_is_unknown_and_lost_and_not_sent_again(tmp_path: Path) -> None:
    driver = Never()
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.send(a_request())
        job = await bridge.wait(job_id, lambda job: job["reason"])
        assert (job["state"], job["reason"]["code"]) == ("submitting", "no_answer")
        assert driver.asked["find"] == 0
        driver.mends = True
        job = await bridge.wait(job_id, "unknown")
        assert job["reason"]["code"] == "lost"
        assert set(job["can"]) == {"send_again", "forget"}
        assert driver.asked["find"] >= 3
        assert len(driver.sent) == 1
        again, new = await bridge.service.intake.submit(a_request())
        assert (again["id"], new) == (job_id, False)
        assert len(driver.sent) == 1


async def test_never_answered_but_took_it_is_adopted_by_its_tag(tmp_path: Path) -> None:
    driver = Never()
    driver.takes = driver.mends = True
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.send(a_request())
        assert (await bridge.wait(job_id, "queued"))["native_id"] == "1"
        assert len(driver.sent) == 1


async def test_an_unanswered_job_of_a_server_that_lives_is_looked_for_by_the_one_that_watches(tmp_path: Path) -> None:
    silent, talks = Never(), FakeDriver()
    async with a_bridge(tmp_path, talks) as watcher:
        await watcher.queued()
        async with a_bridge(tmp_path, silent) as sender:
            job_id = await sender.send(a_request("key-00000002"))
            await sender.wait(job_id, lambda job: job["reason"] and job["reason"]["code"] == "lost")
            assert talks.asked["find"] >= 3


async def test_lost_is_found_when_its_own_files_speak(tmp_path: Path) -> None:
    driver = Never()
    driver.mends = True
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.send(a_request())
        await bridge.wait(job_id, "unknown")
        job = driver.sent[0]
        driver.live["7"] = a_sighting("running", native_id="7", tag=job.tag)
        begin_attempt(job.run_folder, job.tag, native_id="7")
        assert (await bridge.wait(job_id, "running"))["native_id"] == "7"


async def test_refused_is_an_end_in_the_schedulers_words(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, Refuses()) as bridge:
        job = await bridge.wait(await bridge.send(a_request()), "failed")
        assert job["reason"]["code"] == "rejected"
        assert "Invalid account" in job["reason"]["text"]
        assert len(bridge.driver.sent) == 1


async def test_a_bug_in_sending_is_no_answer_and_never_a_second_send(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, Breaks()) as bridge:
        job = await bridge.wait(await bridge.send(a_request()), "unknown")
        assert job["reason"]["code"] == "lost"
        assert len(bridge.driver.sent) == 1


async def test_what_a_dead_server_took_down_is_sent_once(tmp_path: Path) -> None:
    driver = FakeDriver()
    async with a_bridge(tmp_path, driver, myself=_gone()) as dead:
        # It dies between the record and the sending.
        dead.service.watches.at = lambda scheduler: _Deaf()  # type: ignore[assignment, method-assign, return-value]
        dead.service.watches.of = lambda record: None  # type: ignore[method-assign, assignment, return-value]
        job_id = await dead.send(a_request())
    assert driver.sent == []
    async with a_bridge(tmp_path, driver) as one, a_bridge(tmp_path, driver) as two:
        assert (await one.wait(job_id, "queued"))["native_id"] == "1"
        await two.wait(job_id, "queued")
        await one.looks()
        assert len(driver.sent) == 1


class _Deaf:
    """A watch that does nothing."""

    class sender:  # noqa: N801
        @staticmethod
        def send(job_id: str) -> None:
            pass

    @staticmethod
    def kick() -> None:
        pass


async def test_a_server_that_dies_while_it_sends_is_followed_by_one_that_only_looks(tmp_path: Path) -> None:
    driver = Slow()
    async with a_bridge(tmp_path, driver, myself=_gone()) as dead:
        job_id = await dead.send(a_request())
        await wait_until(lambda: driver.sent, SOON_S)
        async with a_bridge(tmp_path, driver) as heir:
            assert (await heir.wait(job_id, "queued"))["native_id"] == "1"
            assert len(driver.sent) == 1
        driver.may_answer.set()


async def test_a_record_that_cannot_be_written_for_a_moment_is_sent_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with a_bridge(tmp_path) as bridge:
        change, full, tried = bridge.records.change, [True], list[int]()

        def on_a_full_disk(*arguments: Any, **more: Any) -> Any:
            tried.append(1)
            if full[0]:
                raise OSError(28, "No space left on device")
            return change(*arguments, **more)

        monkeypatch.setattr(bridge.records, "change", on_a_full_disk)
        job_id = await bridge.send(a_request())
        await wait_until(lambda: tried, SOON_S, "it is tried")
        assert bridge.driver.sent == []
        full[0] = False
        await bridge.wait(job_id, "queued")
        assert len(bridge.driver.sent) == 1


# What is true of it


async def test_vanished_without_a_trace_is_unknown_after_some_looks_never_succeeded(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, Vanishes()) as bridge:
        job_id = await bridge.send(a_request())
        job = await bridge.wait(job_id, "unknown")
        assert job["reason"]["code"] == "lost"
        assert "It was queued." in job["reason"]["text"]
        assert bridge.driver.asked["past"] >= 3
        bridge.driver.accounting["1"] = a_sighting("cancelled", Source.ACCOUNTING)
        assert (await bridge.wait(job_id, "cancelled"))["reason"]["code"] == "cancelled_outside"


async def test_the_exit_record_counts(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        folder = bridge.driver.begin("1")
        bridge.driver.end("1", folder, "failed", reason={"code": "error", "text": "Cell 2 raised."})
        job = await bridge.wait(job_id, "failed")
        assert job["reason"] == {"code": "error", "text": "Cell 2 raised."}
        assert job["usage"] == {"peak_memory_mb": 12, "cpu_s": 0.5}


async def test_somebody_elses_exit_record_does_not_count(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        folder = bridge.driver.begin("1")
        await bridge.wait(job_id, "running")
        end_attempt(folder, "jc-ffffffffffffffff", "succeeded")
        bridge.driver.vanish("1")
        await bridge.wait(job_id, "unknown")


async def test_accounting_counts(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        bridge.driver.vanish("1", "failed", reason=Reason("out_of_memory", "It used more memory than it asked for."))
        assert (await bridge.wait(job_id, "failed"))["reason"]["code"] == "out_of_memory"


async def test_the_final_word_of_the_live_queue_needs_a_second_look(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        bridge.driver.shows("1", "failed")
        await bridge.wait(job_id, "failed")
        states = list(dict.fromkeys(event[2] for event in bridge.events))
        assert states == ["submitting", "queued", "completing", "failed"]


async def test_an_id_that_was_given_to_another_job_is_not_ours(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        bridge.driver.shows("1", "running", tag="jc-ffffffffffffffff")
        assert (await bridge.wait(job_id, "unknown"))["reason"]["code"] == "lost"


async def test_silence_keeps_the_state_and_says_since_when(tmp_path: Path) -> None:
    driver = Never()
    driver.takes = driver.mends = True
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.queued()
        driver.mends = False
        job = await bridge.wait(job_id, lambda job: job["stale_since"])
        await bridge.looks(3)
        job = await bridge.job(job_id)
        assert (job["state"], job["reason"]) == ("queued", None)
        [cluster] = bridge.service.watches.clusters()
        assert not cluster["ok"]
        assert "did not answer" in cluster["reason"]
        contract.check("Cluster", cluster)
        driver.mends = True
        assert (await bridge.wait(job_id, lambda job: not job["stale_since"]))["state"] == "queued"
        assert bridge.service.watches.clusters()[0]["ok"]


async def test_what_is_silent_is_asked_less_and_less(tmp_path: Path) -> None:
    driver = Never()
    driver.takes = driver.mends = True
    async with a_bridge(tmp_path, driver, pace=Pace(0.02, 0.02, news_s=0.02, scan_s=0.05)) as bridge:
        await bridge.queued()
        driver.mends = False
        await bridge.looks(2)
        watch = bridge.service.watches.by_cluster["fake"]
        before = watch.asking.turn.at
        await bridge.looks(1)
        middle = watch.asking.turn.at
        await bridge.looks(1)
        assert watch.asking.turn.at - middle > middle - before


async def test_who_asks_anew_does_not_wait_until_a_silent_scheduler_is_asked_by_itself(tmp_path: Path) -> None:
    driver = Never()
    driver.takes = driver.mends = True
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.queued()
        driver.mends = False
        await bridge.wait(job_id, lambda job: job["stale_since"])
        bridge.service.watches.by_cluster["fake"].asking.turn.at = time.monotonic() + 3600
        driver.mends = True
        await bridge.service.profiles(refresh=True)
        await bridge.wait(job_id, lambda job: not job["stale_since"])


async def test_a_word_that_nobody_knows_is_shown_and_asked_about_again(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, Babbles(), pace=Pace(0.02, 0.02, 0.3, 0.02, 0.05, lost_s=3600)) as bridge:
        job_id = await bridge.send(a_request())
        job = await bridge.wait(job_id, "unknown")
        assert "RECONFIGURING_THE_FLUX" in job["reason"]["text"]
        await bridge.looks(3)


async def test_a_requeue_goes_from_running_to_queued_and_is_a_new_attempt(tmp_path: Path) -> None:
    driver = Requeues()
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.queued()
        first = driver.begin("1")
        await bridge.wait(job_id, "running")
        driver.requeue("1", first)
        job = await bridge.wait(job_id, "queued")
        assert job["started_at"] is None
        # Its files are read again by a server that has just started.
        async with a_bridge(tmp_path, driver) as other:
            await other.looks(3)
            assert (await other.job(job_id))["state"] == "queued"
        second = driver.begin("1", attempt=2)
        job = await bridge.wait(job_id, "running")
        driver.end("1", second)
        job = await bridge.wait(job_id, "succeeded")
        assert job["attempt"] == 2
        assert evidence.newest_attempt(Path(job["run_folder"])) == 2


async def test_an_answer_that_the_runner_overtook_is_not_believed(tmp_path: Path) -> None:
    class Old(FakeDriver):
        """Its answer was true when it was asked."""

        gate: asyncio.Event | None = None

        async def queue(self) -> Any:
            answer = await super().queue()
            if self.gate is not None:
                answer["1"] = replace(answer["1"], reason=Reason("priority", "Others come first."))
                await self.gate.wait()
            return answer

    driver = Old()
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.queued()
        driver.gate = asyncio.Event()
        await bridge.looks(1)
        driver.begin("1")
        await bridge.wait(job_id, "running")
        watch = bridge.service.watches.by_cluster["fake"]
        before = watch.pulse
        driver.gate.set()
        await wait_until(lambda: watch.pulse is not before, SOON_S, "the old answer is read")
        assert (await bridge.job(job_id))["started_at"]
        states = [event[2] for event in bridge.events]
        assert "queued" not in states[states.index("running") :]


# Cancel, hold, release


async def test_cancel_before_it_was_sent_is_an_end_at_once(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, FakeDriver(slots=1)) as bridge:
        first = await bridge.send(a_request())
        await bridge.wait(first, lambda job: job["native_id"])
        second = await bridge.send(a_request("key-00000002"))
        job = await bridge.service.acting.cancel(second)
        assert (job["state"], job["reason"]["code"]) == ("cancelled", "cancelled_by_user")
        bridge.driver.vanish("1", "succeeded")
        await bridge.wait(first, "succeeded")
        assert len(bridge.driver.sent) == 1
        assert bridge.driver.cancelled == []


async def test_cancel_while_it_is_sent_is_passed_on_as_soon_as_there_is_an_id(tmp_path: Path) -> None:
    driver = Slow()
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.send(a_request())
        await wait_until(lambda: driver.sent, SOON_S)
        job = await bridge.service.acting.cancel(job_id)
        assert (job["state"], job["can"]) == ("submitting", [])
        assert job["cancel_requested_at"]
        assert driver.cancelled == []
        driver.may_answer.set()
        await wait_until(lambda: driver.cancelled, SOON_S)
        driver.vanish("1", "cancelled")
        assert (await bridge.wait(job_id, "cancelled"))["reason"]["code"] == "cancelled_by_user"


async def test_cancel_of_what_runs_leaves_word_for_the_runner_and_is_told(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        bridge.driver.begin("1")
        await bridge.wait(job_id, "running")
        job = await bridge.service.acting.cancel(job_id)
        assert job["state"] == "running"
        assert Path(job["run_folder"], "cancel").is_file()
        await wait_until(lambda: bridge.driver.cancelled, SOON_S)
        again = await bridge.service.acting.cancel(job_id)
        assert again["cancel_requested_at"] == job["cancel_requested_at"]


async def test_cancel_is_told_again_after_a_silence(tmp_path: Path) -> None:
    driver = Never()
    driver.takes = driver.mends = True
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.queued()
        driver.mends = False
        await bridge.service.acting.cancel(job_id)
        await wait_until(lambda: len(driver.cancelled) >= 2, SOON_S)
        assert (await bridge.job(job_id))["state"] == "queued"
        driver.mends = True
        driver.vanish("1", "cancelled")
        await bridge.wait(job_id, "cancelled")


async def test_cancel_of_a_job_whose_sending_was_not_answered_reaches_it_once_it_is_found(tmp_path: Path) -> None:
    driver = Never()
    driver.takes = True
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.send(a_request())
        await bridge.wait(job_id, lambda job: job["reason"])
        await bridge.service.acting.cancel(job_id)
        driver.mends = True
        await wait_until(lambda: driver.cancelled == ["1"], SOON_S)


async def test_what_has_ended_cannot_be_cancelled(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, Refuses()) as bridge:
        job_id = await bridge.send(a_request())
        await bridge.wait(job_id, "failed")
        with pytest.raises(WrongState):
            await bridge.service.acting.cancel(job_id)
        with pytest.raises(NoSuchJob):
            await bridge.service.acting.cancel("zzzzzzzzzzzzzzzz")


async def test_many_cancels_are_told_a_few_at_a_time(tmp_path: Path) -> None:
    class Counts(FakeDriver):
        now = most = 0

        async def cancel(self, native_id: str) -> None:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self.now -= 1
            await super().cancel(native_id)

    driver = Counts()
    async with a_bridge(tmp_path, driver, pace=Pace(0.02, 0.02, 0.3, 0.02, 0.05)) as bridge:
        jobs = [await bridge.send(a_request(f"key-{number:08}")) for number in range(20)]
        for job_id in jobs:
            await bridge.wait(job_id, "queued")
        result = await bridge.service.acting.bulk({"action": "cancel", "ids": jobs})
        assert len(result["done"]) == 20
        await wait_until(lambda: len(driver.cancelled) >= 20, SOON_S)
        assert sorted(driver.cancelled, key=int) == [str(number) for number in range(1, 21)]
        assert driver.most <= 4


async def test_hold_and_release_at_the_scheduler(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        await bridge.service.acting.hold(job_id)
        assert "release" in (await bridge.wait(job_id, "held"))["can"]
        with pytest.raises(WrongState):
            await bridge.service.acting.hold(job_id)
        await bridge.service.acting.release(job_id)
        await bridge.wait(job_id, "queued")
        assert bridge.driver.told == [("hold", "1"), ("release", "1")]


async def test_a_hold_that_the_scheduler_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    class Half(Refuses):
        submit = FakeDriver.submit

    async with a_bridge(tmp_path, Half()) as bridge:
        job_id = await bridge.queued()
        with pytest.raises(SchedulerRefused, match="permission denied"):
            await bridge.service.acting.hold(job_id)


async def test_hold_and_release_of_what_waits_here(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, FakeDriver(slots=1)) as bridge:
        first = await bridge.send(a_request())
        await bridge.wait(first, lambda job: job["native_id"])
        second = await bridge.send(a_request("key-00000002"))
        third = await bridge.send(a_request("key-00000003"))
        await bridge.wait(second, "queued")
        assert (await bridge.service.acting.hold(second))["state"] == "held"
        bridge.driver.vanish("1", "succeeded")
        # The held one is passed by.
        assert (await bridge.wait(third, lambda job: job["native_id"]))["native_id"] == "2"
        assert (await bridge.job(second))["state"] == "held"
        await bridge.service.acting.release(second)
        bridge.driver.vanish("2", "succeeded")
        await bridge.wait(second, lambda job: job["native_id"])


async def test_a_hold_that_comes_too_late_does_not_bring_an_ended_job_back(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, FakeDriver(slots=1)) as bridge:
        await bridge.wait(await bridge.send(a_request()), lambda job: job["native_id"])
        job_id = await bridge.queued(a_request("key-00000002"))
        read = bridge.ledger.get

        async def and_then_it_is_cancelled(wanted: str) -> Any:
            record = await read(wanted)
            await bridge.service.acting.cancel(wanted)
            return record

        bridge.ledger.get = and_then_it_is_cancelled  # type: ignore[method-assign]
        with pytest.raises(WrongState):
            await bridge.service.acting.hold(job_id)
        bridge.ledger.get = read  # type: ignore[method-assign]
        assert (await bridge.job(job_id))["state"] == "cancelled"


# Slots


async def test_what_fits_is_sent_in_the_order_of_sending(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, FakeDriver(slots=2)) as bridge:
        wide = await bridge.send(a_request("key-00000001", resources={"cores": 2}))
        await bridge.wait(wide, lambda job: job["native_id"])
        jobs = [
            await bridge.send(a_request(f"key-1000000{n}", resources={"cores": c})) for n, c in enumerate((2, 1, 1, 8))
        ]
        for job_id in jobs:
            job = await bridge.wait(job_id, "queued")
            assert job["reason"]["code"] == "resources"
        # A small job does not pass a large one, and what is wider than the machine runs alone.
        for native_ids, done in ((["2"], ["1"]), (["3", "4"], ["2"]), (["5"], ["3", "4"])):
            for each in done:
                bridge.driver.vanish(each, "succeeded")
            await wait_until(lambda ids=native_ids: len(bridge.driver.sent) == int(ids[-1]), SOON_S)  # type: ignore[misc]
            await bridge.looks(2)
            assert len(bridge.driver.sent) == int(native_ids[-1])
        sent = [job.job_id for job in bridge.driver.sent]
        assert sent[:2] == [wide, jobs[0]]
        # These two were let go in the same moment.
        assert set(sent[2:4]) == set(jobs[1:3])
        assert sent[4:] == jobs[3:]


async def test_an_end_that_the_runner_cannot_explain_counts_where_nobody_else_knows(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, FakeDriver(slots=1)) as bridge:
        job_id = await bridge.send(a_request())
        await bridge.wait(job_id, lambda job: job["native_id"])
        folder = bridge.driver.begin("1")
        end_attempt(
            folder, bridge.driver.sent[0].tag, "failed", conclusive=False, reason={"code": "kernel_died", "text": "x"}
        )
        assert (await bridge.wait(job_id, "failed"))["reason"]["code"] == "kernel_died"


# Two servers of one user


async def test_two_servers_share_what_they_know_and_one_asks(tmp_path: Path) -> None:
    one_driver = FakeDriver()
    two_driver = FakeDriver()
    two_driver.live, two_driver.sent = one_driver.live, one_driver.sent
    two_driver.accounting = one_driver.accounting
    async with a_bridge(tmp_path, one_driver) as one:
        first = await one.queued()
        async with a_bridge(tmp_path, two_driver) as two:
            assert (await two.job(first))["state"] == "queued"
            second = await two.queued(a_request("key-00000002"))
            one_driver.shows("2", "running", started_at="2026-11-21T09:41:00.000Z")
            await two.wait(second, "running")
            listed = json.loads(await one.service.reading.jobs(contract.query("listJobs", {})))
            assert {job["id"] for job in listed["jobs"]} == {first, second}
            assert two_driver.asked["queue"] == 0
            one_driver.vanish("2", "succeeded")
            await two.wait(second, "succeeded")
            await two.service.acting.forget(second, keep_files=False)
            await wait_until(lambda: (second, "deleted") in [(e[0], e[2]) for e in one.events], SOON_S)
            assert two_driver.asked["queue"] == 0


async def test_the_other_server_takes_over_when_the_first_stops(tmp_path: Path) -> None:
    driver = FakeDriver()
    async with a_bridge(tmp_path, driver) as two:
        async with a_bridge(tmp_path, driver) as one:
            job_id = await one.queued()
        driver.shows("1", "running", started_at="2026-11-21T09:41:00.000Z")
        await two.wait(job_id, "running")
        assert _sent_once(driver)


async def test_stopping_lets_jobs_go_on_and_starting_finds_them_again(tmp_path: Path) -> None:
    driver = FakeDriver()
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.queued()
    folder = driver.begin("1")
    driver.end("1", folder)
    assert driver.cancelled == []
    async with a_bridge(tmp_path, driver) as bridge:
        await bridge.wait(job_id, "succeeded")
        assert len(driver.sent) == 1


async def test_a_copy_that_a_dead_server_did_not_land_is_landed(tmp_path: Path) -> None:
    driver = FakeDriver()
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.queued()
        folder = driver.begin("1")
        (folder / "result.ipynb").write_text("{}")
        driver.end("1", folder)
        await bridge.wait(job_id, lambda job: job["landed"])
    # As if it had died between the end and the copy.
    bridge.records.change(job_id, lambda record: replace(record, landed=None))
    async with a_bridge(tmp_path, driver) as bridge:
        assert (await bridge.wait(job_id, lambda job: job["landed"]))["state"] == "succeeded"


# Again, away, and into the notebook


async def test_retry_runs_exactly_the_same_again(tmp_path: Path) -> None:
    profile = a_profile(resources={})
    async with a_bridge(tmp_path, Refuses(), profile=profile) as bridge:
        first = await bridge.send(a_cells_request("b", before="above", name="Mine"))
        await bridge.wait(first, "failed")
        again, new = await bridge.service.retrying.retry(first, {"key": "again-0001"})
        assert new
        assert again["retry_of"] == first
        old = await bridge.job(first)
        for name in ("name", "source", "before", "resources", "kernel", "profile"):
            assert again[name] == old[name]
        same, new = await bridge.service.retrying.retry(first, {"key": "again-0001"})
        assert (same["id"], new) == (again["id"], False)


async def test_what_is_active_can_be_neither_retried_nor_forgotten(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.send(a_request())
        with pytest.raises(WrongState):
            await bridge.service.retrying.retry(job_id, {})
        with pytest.raises(WrongState):
            await bridge.service.acting.forget(job_id, keep_files=False)
        assert (await bridge.job(job_id))["id"] == job_id


async def test_forgetting_deletes_the_run_folder_unless_it_is_kept(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, Refuses()) as bridge:
        gone, kept = await bridge.send(a_request("key-00000001")), await bridge.send(a_request("key-00000002"))
        for job_id in (gone, kept):
            await bridge.wait(job_id, "failed")
        await bridge.service.acting.forget(gone, keep_files=False)
        await bridge.service.acting.forget(kept, keep_files=True)
        assert [path.name for path in (tmp_path / "runs").iterdir()] == [kept]
        with pytest.raises(NoSuchJob):
            await bridge.job(gone)


async def test_a_key_used_again_after_forgetting_is_a_new_job_and_kept_files_stay(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        (bridge.driver.begin("1") / "result.ipynb").write_text("precious")
        bridge.driver.vanish("1", "failed")
        await bridge.wait(job_id, lambda job: job["landed"])
        await bridge.service.acting.forget(job_id, keep_files=True)
        assert await bridge.send(a_request()) == job_id
        await bridge.wait(job_id, "queued")
        listed = json.loads(await bridge.service.reading.jobs(contract.query("listJobs", {})))
        assert [job["id"] for job in listed["jobs"]] == [job_id]
        assert [p.read_text() for p in (tmp_path / "runs").glob("*/attempts/1/result.ipynb")] == ["precious"]


async def test_bulk_tries_each_and_says_how_each_went(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        result = await bridge.service.acting.bulk({"action": "hold", "ids": [job_id, "zzzzzzzzzzzzzzzz"]})
        contract.check("BulkResult", result)
        assert result["done"] == [job_id]
        assert [(each["id"], each["error"]["code"]) for each in result["failed"]] == [
            ("zzzzzzzzzzzzzzzz", "no_such_job")
        ]


async def test_one_page_commits_the_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.send(a_cells_request("a"))
        claim = bridge.service.acting.applied
        assert (await claim(job_id, {"page": "page-one"}))["applied"]["page"] == "page-one"
        with pytest.raises(AlreadyApplied):
            await claim(job_id, {"page": "page-two"})
        assert not (await claim(job_id, {"page": "page-one"}))["applied"]["done"]
        # The first page is gone: its claim is old and was never done.
        await bridge.ledger.change(
            job_id, lambda r: replace(r, applied={**(r.applied or {}), "claimed_at": "2026-01-01T00:00:00.000Z"})
        )
        assert (await claim(job_id, {"page": "page-two", "done": True}))["applied"]["done"]
        assert (await claim(job_id, {"page": "page-two", "done": True}))["applied"]["page"] == "page-two"
        for page in ("page-one", "page-two"):
            with pytest.raises(AlreadyApplied):
                await claim(job_id, {"page": page})


async def test_a_whole_notebooks_outputs_are_not_committed(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        with pytest.raises(WrongState):
            await bridge.service.acting.applied(await bridge.send(a_request()), {"page": "page-one"})


async def test_a_preview_starts_nothing(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        preview = await bridge.service.intake.preview(a_request())
        contract.check("Preview", preview)
        assert preview["command"][0] == "fake-submit"
        assert {file["path"] for file in preview["files"]} >= {"job.json", "job.sh", "input.ipynb", "runner.py"}
        assert bridge.driver.sent == []
        assert bridge.records.stamps() == {}
        assert not (tmp_path / "runs").exists()


async def test_who_sends_does_not_wait_for_a_scheduler_that_is_slow_to_offer_profiles(tmp_path: Path) -> None:
    class Offers(FakeDriver):
        async def places(self) -> Any:
            await asyncio.Event().wait()

    async with a_bridge(tmp_path, Offers()) as bridge:
        begun = asyncio.get_running_loop().time()
        await bridge.send(a_request())
        assert asyncio.get_running_loop().time() - begun < 1.0


async def test_a_bug_in_one_driver_does_not_take_the_profiles_away(tmp_path: Path) -> None:
    class Broken(FakeDriver):
        async def places(self) -> Any:
            raise RuntimeError("a bug")

    async with a_bridge(tmp_path, Broken()) as bridge:
        listed = await bridge.service.profiles()
        contract.check("ProfileList", listed)
        [profile] = listed["profiles"]
        assert not profile["available"]["ok"]


async def test_a_job_told_together_with_its_revision_is_never_older_than_it(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        old = await bridge.ledger.get(job_id)
        await bridge.service.acting.cancel(job_id)
        told = await bridge.ledger.job(old)
        assert told["cancel_requested_at"]
        assert [r.cancel_requested_at for r in bridge.ledger.unfinished()] == [told["cancel_requested_at"]]


async def test_a_broken_record_is_left_alone_and_the_others_are_shown(tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "bbbbbbbbbbbbbbbb.json").write_text("{half")
    async with a_bridge(tmp_path) as bridge:
        await bridge.wait(await bridge.send(a_request()), "queued")
    assert (tmp_path / "jobs" / "bbbbbbbbbbbbbbbb.json").read_text() == "{half"


async def test_no_thread_no_task_no_folder_is_left_behind(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    bridge: Bridge
    async with a_bridge(tmp_path) as bridge:
        await bridge.wait(await bridge.send(a_request()), "queued")
        index = Path(bridge.ledger._index._folder.name)
        assert index.is_dir()
    assert set(threading.enumerate()) <= before
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert not index.exists()
    assert not (tmp_path / "leases" / "fake.json").exists()
