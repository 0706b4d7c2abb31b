"""Recurring runs by the service: sent once at their moment, told when they could not be."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import clock, contract, run_folders, schedules
from jupyterlab_compute.due import NotWanted, Origin
from jupyterlab_compute.errors import ComputeError, Invalid, KeyReused, WrongState
from jupyterlab_compute.prepare import job_id
from jupyterlab_compute.recurring import ChangedMeanwhile
from jupyterlab_compute.schedules import NoSuchSchedule

from ..builders import a_cell, a_notebook, a_profile
from ..fakes import SOON_S, Bridge, FakeDriver, a_bridge
from ..waiting import wait_until

SATURDAY = clock.parse("2026-11-21T12:00:00Z")
MONDAY = "2026-11-23T06:00:00.000Z"
TUESDAY = "2026-11-24T06:00:00.000Z"


def a_wish(key: str = "key-00000001", **more: Any) -> dict[str, Any]:
    """Run work.ipynb every weekday at seven in Berlin, and tell it the date."""
    request = {
        "profile": "fake",
        "source": {"kind": "notebook", "path": "work.ipynb"},
        "parameters": {"day": "{date}"},
        **more.pop("request", {}),
    }
    return {"key": key, "request": request, "cron": "0 7 * * MON-FRI", "timezone": "Europe/Berlin", **more}


def a_server(home: Path, driver: FakeDriver | None = None, **more: Any) -> Any:
    """A server on a Saturday, with a saved notebook."""
    saved = {"work.ipynb": a_notebook(a_cell("day = ''", "p", "parameters"), a_cell("print(day)", "b"))}
    return a_bridge(home, driver, **{"saved": saved, "clock": SATURDAY, **more})


async def made(bridge: Bridge, **more: Any) -> str:
    """A new schedule; its id."""
    schedule, new = await bridge.service.schedules.create(a_wish(**more))
    assert new
    contract.check("Schedule", schedule)
    return str(schedule["id"])


async def seen(bridge: Bridge, schedule_id: str) -> dict[str, Any]:
    """The schedule as a page sees it, after everything that is due was dealt with."""
    await bridge.service.schedules.due.look()
    schedule = await bridge.service.schedules.get(schedule_id)
    contract.check("Schedule", schedule)
    return schedule


async def runs(bridge: Bridge, schedule_id: str) -> list[dict[str, Any]]:
    """Its jobs, oldest first."""
    query = contract.query("listJobs", {"schedule": schedule_id, "sort": "created"})
    listed = json.loads(await bridge.service.reading.jobs(query))
    contract.check("JobList", listed)
    found: list[dict[str, Any]] = listed["jobs"]
    return found


async def ended(bridge: Bridge, job: str) -> None:
    """That job succeeds."""
    queued = await bridge.wait(job, "queued")
    bridge.driver.vanish(queued["native_id"], "succeeded")
    await bridge.wait(job, "succeeded")


def sent_once(driver: FakeDriver) -> bool:
    """Whether no job was sent twice."""
    return all(times == 1 for times in Counter(job.tag for job in driver.sent).values())


async def test_a_run_from_its_schedule_to_its_end(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
        before = await seen(bridge, schedule_id)
        assert (before["next_at"], before["last"], before["name"]) == (MONDAY, None, "work")
        assert before["words"] == "At 07:00 on Monday through Friday"
        assert not bridge.driver.sent
        bridge.clock = clock.parse(MONDAY)
        after = await seen(bridge, schedule_id)
        [job] = await runs(bridge, schedule_id)
        assert after["next_at"] == TUESDAY
        assert after["last"]["job"] == job["id"]
        assert (job["schedule"], job["due_at"]) == (schedule_id, MONDAY)
        assert job["parameters"] == {"day": "2026-11-23"}
        await ended(bridge, job["id"])
        assert (await seen(bridge, schedule_id))["last"]["state"] == "succeeded"
        again, _ = await bridge.service.retrying.retry(job["id"], {})
        assert (again["schedule"], again["due_at"]) == (schedule_id, MONDAY)


async def test_the_loop_sends_by_itself(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
        bridge.clock = clock.parse(MONDAY)
        await wait_until(lambda: bridge.driver.sent, SOON_S, "it is sent")
        assert bridge.driver.sent[0].job_id == job_id(schedules.job_key(schedule_id, MONDAY))


async def test_two_servers_send_one_run_once(tmp_path: Path) -> None:
    driver = FakeDriver()
    async with a_server(tmp_path, driver) as one, a_server(tmp_path, driver) as other:
        ids = [await made(one, key=f"key-0000000{number}") for number in range(8)]
        assert len((await other.service.schedules.all())["schedules"]) == 8
        one.clock = other.clock = clock.parse(MONDAY)
        await asyncio.gather(*(server.service.schedules.due.look() for server in (one, other)))
        for schedule_id in ids:
            after = await seen(other, schedule_id)
            assert (after["next_at"], after["missed"]["count"]) == (TUESDAY, 0)
            await one.wait(after["last"]["job"], "queued")
        assert len(driver.sent) == 8
        assert sent_once(driver)


async def test_killed_after_sending_and_before_saying_so_the_run_is_not_sent_again(tmp_path: Path) -> None:
    driver = FakeDriver()
    async with a_server(tmp_path, driver) as bridge:
        schedule_id = await made(bridge)
        file = tmp_path / "schedules" / f"{schedule_id}.json"
        before = file.read_bytes()
        bridge.clock = clock.parse(MONDAY)
        job = (await seen(bridge, schedule_id))["last"]["job"]
        await bridge.wait(job, "queued")
    file.write_bytes(before)
    async with a_server(tmp_path, driver, clock=clock.parse(MONDAY)) as bridge:
        after = await seen(bridge, schedule_id)
        assert (after["last"]["job"], after["next_at"]) == (job, TUESDAY)
        assert len(driver.sent) == 1
    # And if the request was changed in between: it was sent as it was.
    stored = json.loads(before)
    stored["request"]["parameters"] = {"day": "another"}
    file.write_text(json.dumps(stored))
    async with a_server(tmp_path, driver, clock=clock.parse(MONDAY)) as bridge:
        after = await seen(bridge, schedule_id)
        assert (after["last"]["job"], after["problem"]) == (job, None)
        assert len(driver.sent) == 1


async def test_a_server_that_slept_does_not_send_what_another_sent_and_a_person_deleted(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
        bridge.clock = clock.parse(MONDAY)
        job = (await seen(bridge, schedule_id))["last"]["job"]
        await ended(bridge, job)
        await bridge.service.acting.forget(job, keep_files=False)
        late = bridge.service.schedules
        request = {**a_wish()["request"], "key": schedules.job_key(schedule_id, MONDAY)}
        origin = Origin(schedule_id, MONDAY, lambda: late.due._still_wanted(schedule_id, MONDAY))
        with pytest.raises(NotWanted):
            await bridge.service.intake.submit(request, origin=origin)
        assert len(bridge.driver.sent) == 1
        assert (await seen(bridge, schedule_id))["last"] == {"job": job, "due_at": MONDAY, "state": None}


async def test_what_was_due_without_a_server_is_told_and_not_piled_up(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
    friday = clock.parse("2026-11-27T12:00:00Z")
    async with a_server(tmp_path, clock=friday) as bridge:
        after = await seen(bridge, schedule_id)
        assert after["missed"]["count"] == 5
        assert [each["due_at"] for each in after["missed"]["times"]][:2] == [MONDAY, TUESDAY]
        assert {each["why"] for each in after["missed"]["times"]} == {"no_server"}
        assert not bridge.driver.sent
        assert after["next_at"] == "2026-11-30T06:00:00.000Z"


async def test_one_run_makes_up_for_an_absence_if_that_is_wished(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge, catch_up=True)
    async with a_server(tmp_path, clock=clock.parse("2026-11-27T12:00:00Z")) as bridge:
        after = await seen(bridge, schedule_id)
        [job] = await runs(bridge, schedule_id)
        assert job["due_at"] == "2026-11-27T06:00:00.000Z"
        assert job["parameters"] == {"day": "2026-11-27"}
        assert after["missed"]["count"] == 4


async def test_a_run_waits_for_no_queue_that_is_stuck(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        skipping, running = await made(bridge), await made(bridge, key="key-00000002", overlap="run")
        for due_at in (MONDAY, TUESDAY):
            bridge.clock = clock.parse(due_at)
            await seen(bridge, skipping)
        skipped = await seen(bridge, skipping)
        assert skipped["missed"]["times"] == [{"due_at": TUESDAY, "why": "still_running"}]
        assert len(await runs(bridge, skipping)) == 1
        assert len(await runs(bridge, running)) == 2
        await ended(bridge, skipped["last"]["job"])
        bridge.clock = clock.parse("2026-11-25T06:00:00.000Z")
        await seen(bridge, skipping)
        assert len(await runs(bridge, skipping)) == 2


async def test_a_run_that_is_run_again_by_itself_goes_on(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge, request={"retries": {"times": 1}})
        bridge.clock = clock.parse(MONDAY)
        first = (await seen(bridge, schedule_id))["last"]["job"]
        queued = await bridge.wait(first, "queued")
        bridge.driver.vanish(queued["native_id"], "failed")
        again = (await bridge.wait(first, lambda job: job["retried_as"]))["retried_as"]
        job = await bridge.wait(again, "queued")
        assert (job["schedule"], job["due_at"]) == (schedule_id, MONDAY)
        assert (await seen(bridge, schedule_id))["last"] == {"job": first, "due_at": MONDAY, "state": "queued"}
        bridge.clock = clock.parse(TUESDAY)
        assert (await seen(bridge, schedule_id))["missed"]["times"] == [{"due_at": TUESDAY, "why": "still_running"}]


@pytest.mark.parametrize(
    ("goes", "words"),
    [("notebook", "work.ipynb"), ("profile", "There is no profile “fake”"), ("resources", "allows at most 2 cores")],
)
async def test_what_went_away_is_said_on_the_schedule_and_makes_no_pile_of_failed_jobs(
    tmp_path: Path, goes: str, words: str
) -> None:
    request = {"resources": {"cores": 4}}
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge, request=request)
    profile = a_profile()
    if goes == "profile":
        profile = a_profile(name="other", title="Other")
    elif goes == "resources":
        profile = a_profile(resources={"cores": {"default": 1, "max": 2}})
    more: dict[str, Any] = {"profile": profile} | ({"saved": {}} if goes == "notebook" else {})
    async with a_server(tmp_path, **more) as bridge:
        for day in (23, 24, 25):
            bridge.clock = clock.parse(f"2026-11-{day}T06:00:00Z")
            after = await seen(bridge, schedule_id)
            assert words in after["problem"]["text"]
        assert (after["problem"]["times"], after["paused"], after["next_at"]) == (3, True, None)
        assert [each["why"] for each in after["missed"]["times"]] == ["not_sent"] * 3
        assert await runs(bridge, schedule_id) == []
        assert not (tmp_path / "runs").exists() or list((tmp_path / "runs").iterdir()) == []


async def test_a_full_disk_is_tried_again_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
        with monkeypatch.context() as full:
            full.setattr(run_folders, "_LEAST_FREE_BYTES", 1 << 62)
            bridge.clock = clock.parse(MONDAY)
            after = await seen(bridge, schedule_id)
            assert (after["problem"]["code"], after["next_at"], after["missed"]["count"]) == ("no_space", MONDAY, 0)
    async with a_server(tmp_path, clock=clock.parse("2026-11-23T06:02:00Z")) as bridge:
        after = await seen(bridge, schedule_id)
        assert (after["problem"], after["next_at"], after["last"]["due_at"]) == (None, TUESDAY, MONDAY)


async def test_the_copy_of_a_notebook_runs_after_the_notebook_is_gone(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge, notebook="snapshot")
        shown = await seen(bridge, schedule_id)
        assert (shown["notebook"], shown["snapshot_at"]) == ("snapshot", clock.at(SATURDAY))
        bridge.saved.clear()
        bridge.clock = clock.parse(MONDAY)
        job = (await seen(bridge, schedule_id))["last"]["job"]
        await bridge.wait(job, "queued")
        folder = Path((await bridge.job(job))["run_folder"])
        assert "print(day)" in (folder / "input.ipynb").read_text()
        # An edit keeps the copy, and saying so with another notebook does not.
        change = {name: value for name, value in a_wish(cron="0 8 * * *").items() if name != "key"}
        kept = await bridge.service.schedules.edit(schedule_id, {**change, "notebook": "snapshot"})
        assert kept["snapshot_at"] == clock.at(SATURDAY)
        bridge.saved["work.ipynb"] = a_notebook()
        saved = await bridge.service.schedules.edit(schedule_id, change)
        assert (saved["notebook"], saved["snapshot_at"]) == ("saved", None)
        assert not list((tmp_path / "schedules").glob("*.ipynb"))


async def test_pause_resume_run_now_and_delete(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id, verbs = await made(bridge), bridge.service.schedules
        assert (await verbs.pause(schedule_id))["paused"]
        bridge.clock = clock.parse(MONDAY)
        assert (await seen(bridge, schedule_id))["next_at"] is None
        assert not bridge.driver.sent
        job, new = await verbs.run(schedule_id, {"key": "run-0000001"})
        assert (new, job["schedule"], job["due_at"]) == (True, schedule_id, None)
        assert job["parameters"] == {"day": "2026-11-23"}
        # The second click of a double click.
        assert (await verbs.run(schedule_id, {"key": "run-0000001"}))[1] is False
        resumed = await verbs.resume(schedule_id)
        assert (resumed["next_at"], resumed["missed"]["count"]) == (TUESDAY, 0)
        await verbs.remove(schedule_id)
        assert (await verbs.all())["schedules"] == []
        assert (await bridge.job(job["id"]))["schedule"] == schedule_id
        for verb in (verbs.get, verbs.pause, verbs.resume, verbs.remove):
            with pytest.raises(NoSuchSchedule):
                await verb(schedule_id)


async def test_one_key_makes_one_schedule(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        create = bridge.service.schedules.create
        answers = await asyncio.gather(*(create(a_wish()) for _ in range(5)))
        assert [new for _, new in answers].count(True) == 1
        assert len({schedule["id"] for schedule, _ in answers}) == 1
        with pytest.raises(KeyReused):
            await create(a_wish(cron="0 8 * * *"))


async def test_the_second_of_two_windows_is_told_that_the_first_changed_it(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
        edited_at = (await seen(bridge, schedule_id))["edited_at"]
        change = {name: value for name, value in a_wish(cron="0 8 * * *").items() if name != "key"}
        bridge.clock = clock.parse("2026-11-21T13:00:00Z")
        changed = await bridge.service.schedules.edit(schedule_id, {**change, "edited_at": edited_at})
        assert changed["cron"] == "0 8 * * *"
        with pytest.raises(ChangedMeanwhile):
            await bridge.service.schedules.edit(schedule_id, {**change, "edited_at": edited_at})


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"cron": "0 25 * * *"}, "/cron"),
        ({"timezone": "Mars/Base"}, "/timezone"),
        ({"request": {"profile": "none"}}, "/request/profile"),
        ({"request": {"resources": {"cores": 99}}}, "/request/resources/cores"),
        ({"request": {"resources": {"cores": "many"}}}, "/request/resources/cores"),
        ({"request": {"colour": "green"}}, "/request"),
        ({"request": {"key": "key-00000009"}}, "/request"),
        ({"request": {"parameters": {"for": 1}}}, "/request/parameters"),
        ({"request": {"lands_at": "{wrong}.ipynb"}}, "/request/lands_at"),
        ({"request": {"source": {"kind": "notebook", "path": "gone.ipynb"}}}, "/request/source/path"),
        ({"request": {"source": {"kind": "notebook", "path": "../x.ipynb"}}}, "/request/source/path"),
        ({"request": {"source": {"kind": "cells", "path": "work.ipynb", "cell_ids": ["b"]}}}, "/request/source/kind"),
        (
            {"request": {"source": {"kind": "notebook", "path": "work.ipynb", "content": {"cells": []}}}},
            "/request/source/content",
        ),
        ({"overlap": "pile"}, "/overlap"),
    ],
)
async def test_what_could_not_run_is_no_schedule(tmp_path: Path, more: dict[str, Any], pointer: str) -> None:
    async with a_server(tmp_path) as bridge:
        with pytest.raises(Invalid) as caught:
            await bridge.service.schedules.create(a_wish(**more))
        assert caught.value.details["pointer"] == pointer
        assert (await bridge.service.schedules.all())["schedules"] == []


HOSTILE = [
    *("", " ", "\n", "a\nb", "\x00", "é", "😀", "../..", "/etc/passwd", "$(id)", "`id`", "{date", "{{", "}{", "%s"),
    *("9" * 5000, "*" * 200, "* " * 100, "1-" * 50, ",".join(["1-59"] * 40), "*/99999999999", "0-59/0", "L L L L L"),
    *("١ ٢ * * *", "0 0 31 2,4,6,9,11 *", "59 23 31 12 SUN#5", "Etc/GMT+12", "localtime", "posixrules", "tzdata.zi"),
    *(0, -1, 1e308, True, None, [], {}, ["x"], {"a": {"b": []}}),
]


@pytest.mark.parametrize(
    "field", ["cron", "timezone", "name", "notebook", "catch_up", "overlap", "paused", "request", "key"]
)
async def test_anything_in_any_field_is_a_schedule_or_is_refused_in_words(tmp_path: Path, field: str) -> None:
    async with a_server(tmp_path) as bridge:
        for number, value in enumerate(HOSTILE):
            wish = {**a_wish(key=f"key-{number:08}"), field: value}
            refusal = None
            try:
                schedule, _ = await bridge.service.schedules.create(wish)
                contract.check("Schedule", schedule)
            except ComputeError as error:
                refusal = error
            assert refusal is None or (400 <= refusal.status < 500 and refusal.message), (value, refusal)
        # None of them is in the way of the loop.
        bridge.clock = clock.parse(MONDAY)
        await bridge.service.schedules.due.look()
        contract.check("ScheduleList", await bridge.service.schedules.all())


async def test_a_server_with_other_files_leaves_a_schedule_alone_and_says_whose_it_is(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
        file = tmp_path / "schedules" / f"{schedule_id}.json"
        stored = json.loads(file.read_text())
        file.write_text(json.dumps({**stored, "root": "/home/else", "next_at": "2026-11-20T06:00:00.000Z"}))
        shown = await seen(bridge, schedule_id)
        assert (shown["by"]["here"], shown["missed"]["count"]) == (False, 0)
        assert "/home/else" in shown["by"]["text"]
        with pytest.raises(WrongState):
            await bridge.service.schedules.run(schedule_id, {"key": "run-0000001"})


async def test_a_broken_file_takes_nothing_else_away(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
        for number, text in enumerate(("", "{", "[]", "{}", '{"schema": 1}', '{"schema": 99, "missed": 3}', "\xff")):
            (tmp_path / "schedules" / f"{'b' * 15}{number + 2}.json").write_text(text, "latin-1")
        (tmp_path / "schedules" / "stray.txt").write_text("x")
        listed = await bridge.service.schedules.all()
        assert [each["id"] for each in listed["schedules"]] == [schedule_id]
        bridge.clock = clock.parse(MONDAY)
        assert (await seen(bridge, schedule_id))["last"] is not None


async def test_what_a_newer_version_wrote_stays_in_the_file(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        schedule_id = await made(bridge)
        file = tmp_path / "schedules" / f"{schedule_id}.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "colour": "green"}))
        await bridge.service.schedules.pause(schedule_id)
        stored = json.loads(file.read_text())
        assert (stored["colour"], stored["paused"], file.stat().st_mode & 0o777) == ("green", True, 0o600)


async def test_a_schedule_whose_sending_has_a_bug_does_not_stop_the_others(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        bad, good = await made(bridge), await made(bridge, key="key-00000002")
        submit = bridge.service.intake.submit

        async def broken(request: dict[str, Any], *, origin: Origin) -> Any:
            if origin.schedule == bad:
                raise RuntimeError("a bug")
            return await submit(request, origin=origin)

        bridge.service.intake.submit = broken  # type: ignore[method-assign, assignment]
        bridge.clock = clock.parse(MONDAY)
        assert (await seen(bridge, good))["last"]["due_at"] == MONDAY
        trouble = await seen(bridge, bad)
        assert (trouble["last"], trouble["problem"]["code"]) == (None, ComputeError.code)


async def test_a_preview_of_times(tmp_path: Path) -> None:
    async with a_server(tmp_path) as bridge:
        shown = bridge.service.schedules.preview({"cron": "0 7 * * mon-fri", "timezone": "Europe/Berlin"})
        contract.check("TimesPreview", shown)
        assert (shown["cron"], shown["next"][:2]) == ("0 7 * * MON-FRI", [MONDAY, TUESDAY])
        assert shown["by"] == {**shown["by"], "kind": "bridge", "here": True}
