"""The clock of a real server is set while a schedule waits: each due moment has one run, or is told as missed."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import clock

from ..jupyter import Jupyter, notebook, some
from ..waiting import wait_for


@dataclass
class Moving:
    """A server, and its clock."""

    jupyter: Jupyter
    file: Path

    def shows(self, moment: str) -> None:
        """From now on it is that moment there."""
        off_s = (clock.parse(moment) - datetime.now(timezone.utc)).total_seconds()
        part = self.file.with_suffix(".part")
        part.write_text(str(off_s))
        os.replace(part, self.file)

    def schedule(self, cron: str, zone: str = "UTC", **more: Any) -> str:
        """Run the notebook at these times; the id."""
        request = {"profile": "this-machine", "source": {"kind": "notebook", "path": "work.ipynb"}}
        wish = {"key": secrets.token_hex(8), "request": request, "cron": cron, "timezone": zone, **more}
        answer = self.jupyter.ask("POST", "schedules", wish)
        assert answer.status == 201, answer.json
        return str(answer.json["id"])

    def view(self, schedule_id: str) -> dict[str, Any]:
        """It, as a page sees it."""
        found: dict[str, Any] = self.jupyter.ask("GET", f"schedules/{schedule_id}").json
        return found

    def runs(self, schedule_id: str) -> list[str]:
        """When its runs were due, oldest first."""
        jobs = self.jupyter.ask("GET", f"jobs?schedule={schedule_id}&sort=created").json["jobs"]
        return sorted(job["due_at"][:16] for job in jobs)

    def is_sent(self, schedule_id: str, due_at: str) -> None:
        """Wait for that run."""
        wait_for(
            lambda: (self.view(schedule_id)["last"] or {}).get("due_at", "")[:16] == due_at,
            30,
            lambda: f"{json.dumps(self.view(schedule_id))}\n{self.jupyter.log.read_text()[-3000:]}",
        )

    def next_is(self, schedule_id: str, due_at: str) -> None:
        """Wait until that is its next run."""
        wait_for(
            lambda: (self.view(schedule_id)["next_at"] or "")[:16] == due_at,
            30,
            lambda: f"{json.dumps(self.view(schedule_id))}\n{self.jupyter.log.read_text()[-3000:]}",
        )


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moving]:
    home = tmp_path_factory.mktemp("clock")
    file = home / "clock"
    environment = {"COMPUTE_TEST_CLOCK": str(file), "PYTHONPATH": str(Path(__file__).parents[2])}
    options = ("--ServerApp.jpserver_extensions={'tests.bridge.moved': True}",)
    moving = Moving(Jupyter(home / "home", environment=environment, options=options), file)
    (moving.jupyter.notebooks / "work.ipynb").write_text(json.dumps(notebook("1")))
    moving.shows("2026-11-21T12:00:00Z")
    moving.jupyter.start()
    yield moving
    moving.jupyter.stop()


def test_set_ahead_over_the_moment_it_runs_late_and_set_back_it_does_not_run_again(moving: Moving) -> None:
    moving.shows("2026-11-21T12:00:00Z")
    daily = moving.schedule("0 14 * * *", overlap="run")
    moving.next_is(daily, "2026-11-21T14:00")
    moving.shows("2026-11-21T14:02:00Z")
    moving.is_sent(daily, "2026-11-21T14:00")
    moving.next_is(daily, "2026-11-22T14:00")
    assert moving.view(daily)["missed"]["count"] == 0
    # It was wrong: the moment comes again, and is dealt with by the run that there was.
    moving.shows("2026-11-21T13:30:00Z")
    moving.next_is(daily, "2026-11-21T14:00")
    moving.shows("2026-11-21T14:00:30Z")
    moving.next_is(daily, "2026-11-22T14:00")
    assert moving.runs(daily) == ["2026-11-21T14:00"]
    assert moving.view(daily)["missed"]["count"] == 0
    assert moving.view(daily)["problem"] is None


def test_set_ahead_by_days_is_told_as_missed_and_set_right_was_never_missed(moving: Moving) -> None:
    moving.shows("2026-11-21T12:00:00Z")
    daily = moving.schedule("0 14 * * *")
    moving.shows("2026-11-24T20:00:00Z")
    moving.next_is(daily, "2026-11-25T14:00")
    missed = moving.view(daily)["missed"]
    assert [each["due_at"][:10] for each in missed["times"]] == ["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"]
    assert moving.runs(daily) == []
    moving.shows("2026-11-21T12:10:00Z")
    moving.next_is(daily, "2026-11-21T14:00")
    assert moving.view(daily)["missed"] == {"count": 0, "times": []}
    moving.shows("2026-11-21T14:00:00Z")
    moving.is_sent(daily, "2026-11-21T14:00")
    assert moving.runs(daily) == ["2026-11-21T14:00"]


def test_where_clocks_go_back_the_hour_that_comes_twice_has_one_run(moving: Moving) -> None:
    moving.shows("2027-10-31T00:29:00Z")
    # 02:30 is at 00:30 and at 01:30 UTC. The other schedule shows that the second one has been looked at.
    twice, other = moving.schedule("30 2 * * *", "Europe/Berlin", overlap="run"), moving.schedule("30 1 * * *")
    moving.next_is(twice, "2027-10-31T00:30")
    moving.shows("2027-10-31T00:30:01Z")
    moving.is_sent(twice, "2027-10-31T00:30")
    moving.next_is(twice, "2027-11-01T01:30")
    moving.shows("2027-10-31T01:30:01Z")
    moving.is_sent(other, "2027-10-31T01:30")
    moving.next_is(twice, "2027-11-01T01:30")
    assert moving.runs(twice) == ["2027-10-31T00:30"]
    assert moving.view(twice)["missed"]["count"] == 0


def test_where_clocks_go_ahead_the_hour_that_there_is_not_has_a_run_all_the_same(moving: Moving) -> None:
    moving.shows("2027-03-28T00:59:00Z")
    # At 01:00 UTC it is not 02:00 but 03:00 there.
    daily = moving.schedule("30 2 * * *", "Europe/Berlin")
    due = moving.view(daily)["next_at"][:16]
    assert due == "2027-03-28T01:00", "02:30 is not, so it is the first moment after it"
    moving.shows("2027-03-28T01:00:01Z")
    moving.is_sent(daily, due)
    moving.next_is(daily, "2027-03-29T00:30")
    assert moving.runs(daily) == [due]


def test_a_claim_of_a_page_that_is_gone_ends_when_the_clock_was_ahead(moving: Moving) -> None:
    moving.shows("2026-11-21T14:00:00Z")
    ask = moving.jupyter.ask
    job = moving.jupyter.run(some(["c0"], "1"))["id"]
    moving.jupyter.wait(job, "succeeded")
    assert ask("POST", f"jobs/{job}/applied", {"page": "page-that-goes"}).status == 200
    assert ask("POST", f"jobs/{job}/applied", {"page": "page-that-stays"}).status == 409
    moving.shows("2026-11-21T12:00:00Z")
    assert ask("POST", f"jobs/{job}/applied", {"page": "page-that-stays"}).status == 200
