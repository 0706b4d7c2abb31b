"""Cleaning up: only what may go goes, the oldest first, and nothing whose results are nowhere else."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import contract, footprint, records, storage, view
from jupyterlab_compute.errors import Invalid
from jupyterlab_compute.footprint import Footprint
from jupyterlab_compute.storage import Keep, keep, to_go

from ..builders import a_record
from ..fakes import a_bridge

NOW = "2026-11-21T12:00:00.000Z"
PROGRESS = {"done": 1, "total": 1, "current": None}


def _job(day: int, state: str = "succeeded", **more: Any) -> Footprint:
    """A job that ended on that day of November, whose copy has landed."""
    moment = f"2026-11-{day:02}T12:00:00.000Z"
    values = {"landed": "runs/work.ipynb", "progress": PROGRESS, "ended_at": moment, "created_at": moment, **more}
    record = a_record(state, id=f"{'a' * 14}{'abcdefghijklmnopqrstuvwxyz234567'[day]}a", **values)
    return footprint.of(view.job(record, None))


def _days(going: list[str], jobs: list[Footprint]) -> list[int]:
    ended = {job.id: int(job.at[8:10]) for job in jobs}
    return [ended[job_id] for job_id in going]


JOBS = [_job(day) for day in (21, 1, 20, 10)]


@pytest.mark.parametrize(
    ("limits", "days"),
    [
        (Keep(), []),
        (Keep(days=5), [1, 10]),
        (Keep(days=0.5), [1, 10, 20]),
        (Keep(jobs=3), [1]),
        (Keep(jobs=0), [1, 10, 20, 21]),
        (Keep(bytes=250), [1, 10]),
        (Keep(bytes=99), [1, 10, 20, 21]),
        (Keep(days=15, jobs=2), [1, 10]),
        (Keep(days=365, jobs=100, bytes=10**12), []),
    ],
)
def test_the_oldest_go_first(limits: Keep, days: list[int]) -> None:
    assert _days(to_go(JOBS, {job.id: 100 for job in JOBS}, limits, NOW), JOBS) == days


@pytest.mark.parametrize("state", ["submitting", "queued", "held", "running", "completing", "unknown"])
def test_what_has_not_ended_never_goes(state: str) -> None:
    assert to_go([_job(1, state)], {}, Keep(days=0, jobs=0, bytes=0), NOW) == []


ONLY_COPIES = [
    _job(1, landed=None),
    _job(1, landed=None, land_problem="the disk was full"),
    _job(1, source_kind="cells", landed=None),
    _job(1, source_kind="cells", landed=None, applied={"page": "p", "claimed_at": NOW, "done": False}),
]
ELSEWHERE = [
    _job(1),
    _job(1, source_kind="cells", landed=None, applied={"page": "p", "claimed_at": NOW, "done": True}),
    _job(1, "cancelled", landed=None, progress=None),
]


@pytest.mark.parametrize("job", ONLY_COPIES)
def test_results_that_are_nowhere_else_stay(job: Footprint) -> None:
    assert job.only_copy
    assert to_go([job], {}, Keep(jobs=0), NOW) == []
    assert to_go([job], {}, Keep(jobs=0, even_only_copies=True), NOW) == [job.id]


@pytest.mark.parametrize("job", ELSEWHERE)
def test_what_is_elsewhere_may_go(job: Footprint) -> None:
    assert not job.only_copy


@pytest.mark.parametrize(
    ("settings", "limits"),
    [
        ({}, Keep()),
        ({"keep_days": 0, "keep_jobs": 0, "keep_gib": 0}, Keep()),
        ({"keep_days": 30, "keep_jobs": 100, "keep_gib": 0.5}, Keep(30, 100, 2**29)),
        ({"keep_days": "30", "keep_jobs": True, "keep_gib": -1}, Keep()),
        ({"keep_days": None, "keep_jobs": [1]}, Keep()),
        ({"keep_days": math.inf, "keep_jobs": 10**400, "keep_gib": 1e308}, Keep()),
        ({"keep_days": math.nan, "keep_jobs": math.inf, "keep_gib": math.inf}, Keep()),
    ],
)
def test_settings_that_are_no_numbers_delete_nothing(settings: dict[str, Any], limits: Keep) -> None:
    assert keep(settings) == limits


def _seed(home: Path, number: int) -> None:
    kept = records.Records(home / "jobs")
    for at in range(number):
        job_id = f"{'a' * 13}{'abcdefghij'[at // 100]}{'abcdefghij'[at // 10 % 10]}{'abcdefghij'[at % 10]}"
        folder = home / "runs" / job_id
        folder.mkdir(parents=True)
        record = a_record("succeeded", id=job_id, key=f"key-{at:06}", run_folder=str(folder), progress=PROGRESS)
        record = replace(record, landed="runs/x.ipynb", ended_at=f"2026-11-20T12:{at // 60:02}:{at % 60:02}.000Z")
        (folder / "job.json").write_text(json.dumps({"tag": record.tag}))
        (folder / "large").write_bytes(b"x" * 100_000)
        kept.create(record)


async def test_looking_trying_and_cleaning_up(tmp_path: Path) -> None:
    _seed(tmp_path, 3)
    async with a_bridge(tmp_path) as bridge:
        seen = await bridge.service.storage.view()
        contract.check("Storage", seen)
        assert (seen["jobs"], seen["measured"], seen["ended"]["jobs"]) == (3, 3, 3)
        assert seen["bytes"] >= 300_000
        tried = await bridge.service.storage.clean_up({"jobs": 1, "dry_run": True})
        assert tried["jobs"] == 2
        assert tried["bytes"] >= 200_000
        assert len(list((tmp_path / "runs").iterdir())) == 3
        done = await bridge.service.storage.clean_up({"jobs": 1})
        contract.check("CleanUpResult", done)
        assert done == {**tried, "left": 0}
        assert [path.name[-1] for path in (tmp_path / "runs").iterdir()] == ["c"]
        assert (await bridge.service.storage.view())["jobs"] == 1


async def test_many_go_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_AT_A_TIME", 10)
    _seed(tmp_path, 25)
    async with a_bridge(tmp_path) as bridge:
        answers = [await bridge.service.storage.clean_up({"jobs": 0}) for _ in range(3)]
    assert [(answer["jobs"], answer["left"]) for answer in answers] == [(10, 15), (10, 5), (5, 0)]


async def test_the_settings_are_followed_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_TIDY_S", 0.05)
    _seed(tmp_path, 4)
    async with a_bridge(tmp_path) as bridge:
        bridge.service.storage._keep = lambda: Keep(jobs=3)
        gone = asyncio.create_task(bridge.service.storage.tidy())
        while (await bridge.service.storage.view())["jobs"] > 3:
            await asyncio.wait([gone], timeout=0.05)
        gone.cancel()
    assert sorted(path.name[-1] for path in (tmp_path / "runs").iterdir()) == ["b", "c", "d"]


@pytest.mark.parametrize("wish", [{}, {"days": -1}, {"jobs": "all"}, {"everything": True}])
async def test_nothing_goes_by_a_wish_that_is_not_clear(tmp_path: Path, wish: dict[str, Any]) -> None:
    _seed(tmp_path, 1)
    async with a_bridge(tmp_path) as bridge:
        with pytest.raises(Invalid):
            await bridge.service.storage.clean_up(wish)
        assert (await bridge.service.storage.view())["jobs"] == 1


@pytest.mark.parametrize("wish", [{"dry_run": True}, {"even_only_copies": True}])
async def test_no_limit_is_no_reason_to_delete(tmp_path: Path, wish: dict[str, Any]) -> None:
    _seed(tmp_path, 1)
    async with a_bridge(tmp_path) as bridge:
        assert (await bridge.service.storage.clean_up(wish))["jobs"] == 0
