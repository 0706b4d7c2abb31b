"""What is asked of a scheduler, how often, and what is believed of its answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from jupyterlab_compute.drivers.base import Receipt, Submission
from jupyterlab_compute.errors import SchedulerSilent
from jupyterlab_compute.pace import Pace, Turn
from jupyterlab_compute.states import Seen

from ..builders import a_request, end_attempt
from ..fakes import SOON_S, FakeDriver, a_bridge
from ..waiting import wait_until


class Unaccounted(FakeDriver):
    """Its queue answers; those who know of jobs that left it do not, unless it `mends`."""

    mends = False

    async def past(self, native_ids: Sequence[str], since: str) -> dict[str, Seen]:
        found = await super().past(native_ids, since)
        if not self.mends:
            raise SchedulerSilent("Problem talking to the database: Connection refused")
        return found

    async def find(self, tags: Sequence[str], since: str) -> dict[str, Seen]:
        found = await super().find(tags, since)
        if not self.mends:
            raise SchedulerSilent("Problem talking to the database: Connection refused")
        return found


class Mute(FakeDriver):
    """Does not tell of its queue while it is `mute`, and takes jobs all the same: as when it has just come back."""

    mute = False

    async def queue(self) -> dict[str, Seen]:
        found = await super().queue()
        if self.mute:
            raise SchedulerSilent("It did not answer within 30 s.")
        return found


async def test_a_job_cancelled_while_it_waited_is_over_without_another_question(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.queued()
        bridge.driver.shows("1", "cancelled")
        assert (await bridge.wait(job_id, "cancelled"))["reason"]["code"] == "cancelled_outside"
        states = list(dict.fromkeys(event[2] for event in bridge.events))
        assert states == ["submitting", "queued", "cancelled"]
        assert bridge.driver.asked["past"] == 0


async def test_only_what_nobody_can_tell_is_stale_while_accounting_is_down(tmp_path: Path) -> None:
    driver = Unaccounted()
    async with a_bridge(tmp_path, driver) as bridge:
        gone, runs = await bridge.send(a_request()), await bridge.send(a_request("key-00000002"))
        for job_id in (gone, runs):
            await bridge.wait(job_id, "queued")
        await bridge.looks(2)
        told = bridge.service.watches.by_cluster["fake"].pulse.answered_at
        driver.vanish((await bridge.job(gone))["native_id"])
        stale = await bridge.wait(gone, lambda job: job["stale_since"])
        assert stale["state"] == "queued"
        assert told is not None
        assert stale["stale_since"] >= told
        await bridge.looks(3)
        # It stays the time of the last word, however often it is asked in vain.
        assert (await bridge.job(gone))["stale_since"] == stale["stale_since"]
        assert (await bridge.job(runs))["stale_since"] is None
        [cluster] = bridge.service.watches.clusters()
        assert cluster["ok"], cluster
        driver.mends = True
        assert (await bridge.wait(gone, "unknown"))["stale_since"] is None


async def test_accounting_that_is_down_is_asked_less_and_less_and_the_queue_as_ever(tmp_path: Path) -> None:
    driver = Unaccounted()
    pace = Pace(0.02, 0.02, 3600.0, 0.02, 0.05, lost_s=3600)
    async with a_bridge(tmp_path, driver, pace=pace) as bridge:
        gone, runs = await bridge.send(a_request()), await bridge.send(a_request("key-00000002"))
        for job_id in (gone, runs):
            await bridge.wait(job_id, "queued")
        driver.vanish((await bridge.job(gone))["native_id"])
        await wait_until(lambda: driver.asked["past"] >= 4, SOON_S)
        # After the fourth time it has 0.32 s of peace, after the fifth 0.64 s.
        before = driver.asked["past"]
        await bridge.looks(8)
        assert driver.asked["past"] <= before + 1


async def test_the_runners_word_counts_while_accounting_is_down(tmp_path: Path) -> None:
    driver = Unaccounted()
    async with a_bridge(tmp_path, driver) as bridge:
        job_id = await bridge.queued()
        folder = driver.begin("1")
        await bridge.wait(job_id, "running")
        driver.vanish("1")
        await bridge.wait(job_id, lambda job: job["stale_since"])
        end_attempt(folder, driver.sent[0].tag, "succeeded")
        assert (await bridge.wait(job_id, "succeeded"))["stale_since"] is None


async def test_a_job_in_the_queue_is_adopted_while_accounting_is_down(tmp_path: Path) -> None:
    class Unanswered(Unaccounted):
        async def submit(self, job: Submission) -> Receipt:
            self.take(job)
            raise SchedulerSilent("It did not answer within 60 s.")

    async with a_bridge(tmp_path, Unanswered()) as bridge:
        assert (await bridge.wait(await bridge.send(a_request()), "queued"))["native_id"] == "1"
        assert bridge.driver.asked["find"] == 0


async def test_a_job_sent_to_a_scheduler_that_is_back_is_fresh_and_makes_it_be_asked(tmp_path: Path) -> None:
    driver = Mute()
    async with a_bridge(tmp_path, driver) as bridge:
        old = await bridge.queued()
        driver.mute = True
        await bridge.wait(old, lambda job: job["stale_since"])
        bridge.service.watches.by_cluster["fake"].asking.turn.at = time.monotonic() + 3600
        driver.mute = False
        job, _ = await bridge.service.intake.submit(a_request("key-00000002"))
        seen = [job]
        while not seen[-1]["native_id"]:
            seen.append(await bridge.job(job["id"]))
            await asyncio.sleep(0)
        assert {each["stale_since"] for each in seen} == {None}
        assert (await bridge.wait(old, lambda job: not job["stale_since"]))["state"] == "queued"


async def test_a_job_that_was_sent_during_a_silence_is_stale_since_it_was_sent_once_asked_for_in_vain(
    tmp_path: Path,
) -> None:
    driver = Mute()
    async with a_bridge(tmp_path, driver) as bridge:
        old = await bridge.queued()
        driver.mute = True
        before = await bridge.wait(old, lambda job: job["stale_since"])
        new = await bridge.wait(await bridge.send(a_request("key-00000002")), lambda job: job["stale_since"])
        assert before["stale_since"] < new["created_at"] <= new["stale_since"]
        assert (await bridge.job(old))["stale_since"] == before["stale_since"]


def _in_s(turn: Turn) -> float:
    return turn.at - time.monotonic()


@pytest.mark.parametrize(
    ("questions", "elapsed_s", "looks", "pause_s"),
    [
        (1, 0.0, True, 5.0),
        (2, 0.0, True, 10.0),
        (1, 0.0, False, 16.0),
        (3, 0.0, False, 48.0),
        (1, 2.0, True, 20.0),
        (1, 30.0, True, 60.0),
        (1, 30.0, False, 60.0),
    ],
)
def test_every_question_has_its_pause_and_a_slow_one_is_spared(
    questions: int, elapsed_s: float, looks: bool, pause_s: float
) -> None:
    turn = Turn(Pace())
    turn.answered(questions, elapsed_s, somebody_looks=looks)
    assert pause_s - 0.5 < _in_s(turn) <= pause_s * 1.05
    turn.anew()
    assert _in_s(turn) > (pause_s - 0.5 if looks or elapsed_s else 5 * questions - 0.5)


def test_one_that_fails_is_asked_less_and_less_until_it_answers_and_sooner_by_those_who_want_to_see() -> None:
    turn = Turn(Pace())
    pauses = []
    for _ in range(5):
        turn.failed(somebody_looks=True)
        turn.soon()
        pauses.append(_in_s(turn))
    assert [round(pause, -1) for pause in pauses] == [10, 20, 40, 60, 60]
    turn.anew()
    assert 4 < _in_s(turn) <= 5
    turn.answered(1, 0.0, somebody_looks=True)
    assert 4.5 < _in_s(turn) <= 5.25


class Introduces(FakeDriver):
    """Tells its name when it first answers; until then it is what a profile calls it."""

    own_name: str | None = None
    assumed: str | None = None
    mute = False

    @property
    def cluster(self) -> str:
        return self.own_name or self.assumed or self._cluster

    @property
    def former_names(self) -> frozenset[str]:
        return frozenset({self._cluster}) if self.own_name else frozenset()

    def assume(self, cluster: str) -> None:
        self.assumed = self.assumed or cluster

    async def queue(self) -> dict[str, Seen]:
        found = await super().queue()
        if self.mute:
            raise SchedulerSilent("It did not answer within 30 s.")
        self.own_name = "alps"
        return found


async def test_jobs_go_by_the_name_that_their_scheduler_tells(tmp_path: Path) -> None:
    driver = Introduces()
    async with a_bridge(tmp_path, driver) as bridge:
        job, _ = await bridge.service.intake.submit(a_request())
        assert job["cluster"] == "fake"
        await bridge.wait(job["id"], lambda job: job["cluster"] == "alps")
        driver.begin("1")
        await bridge.wait(job["id"], "running")
        assert list(bridge.service.watches.by_cluster) == ["alps"]
        assert [each["name"] for each in bridge.service.watches.clusters()] == ["alps"]
        assert len(driver.sent) == 1
    # A server that finds it silent believes what the record says.
    again = Introduces()
    again.sent, again.live, again.mute = driver.sent, driver.live, True
    async with a_bridge(tmp_path, again) as bridge:
        assert (await bridge.wait(job["id"], lambda job: job["stale_since"]))["cluster"] == "alps"
        again.mute = False
        driver.end("1", Path(job["run_folder"], "attempts", "1"))
        await bridge.wait(job["id"], "succeeded")


async def test_jobs_of_another_cluster_that_shares_the_home_are_left_alone(tmp_path: Path) -> None:
    there = Introduces()
    async with a_bridge(tmp_path, there) as bridge:
        job_id = await bridge.send(a_request())
        await bridge.wait(job_id, lambda job: job["cluster"] == "alps" and job["native_id"])

    class Elsewhere(Introduces):
        async def queue(self) -> dict[str, Seen]:
            found = await super().queue()
            self.own_name = "dolomites"
            return found

    here = Elsewhere()
    here.mute = True
    async with a_bridge(tmp_path, here) as bridge:
        # Until it tells its name it is taken for the one of the records, and so is what is sent meanwhile.
        await bridge.wait(job_id, lambda job: job["stale_since"])
        own = await bridge.send(a_request("key-00000002"))
        assert (await bridge.wait(own, lambda job: job["native_id"]))["cluster"] == "alps"
        here.mute = False
        await bridge.wait(own, lambda job: job["cluster"] == "dolomites")
        await bridge.looks(5)
        assert list(bridge.service.watches.by_cluster) == ["dolomites"]
        other = await bridge.job(job_id)
        assert (other["state"], other["cluster"]) == ("queued", "alps")
        assert here.asked["past"] == 0


async def test_who_is_woken_and_stopped_in_one_moment_stops(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        await bridge.wait(await bridge.send(a_request()), lambda job: job["native_id"])
        [watch] = bridge.service.watches.by_cluster.values()
        # Asleep between two looks.
        await bridge.looks(1)
        watch.kick()
        await asyncio.wait_for(watch.stop(), 5)
