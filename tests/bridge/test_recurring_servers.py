"""Recurring runs on real servers: over HTTP, killed at the due moment, and two of them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import clock

from ..jupyter import Jupyter, cell, notebook
from ..waiting import wait_for

#: Leaves a line for each time that it runs.
LEAVES_A_LINE = "with open('runs.txt', 'a') as file: file.write(f'{day}\\n')"


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[Jupyter]:
    server = Jupyter(tmp_path / "home")
    content = notebook(cell("day = ''", "p", "parameters"), LEAVES_A_LINE)
    (server.notebooks / "work.ipynb").write_text(json.dumps(content))
    yield server
    server.stop()


def a_wish(**more: Any) -> dict[str, Any]:
    """Run the notebook on a 29 February: never by itself while tests run."""
    request = {
        "profile": "this-machine",
        "source": {"kind": "notebook", "path": "work.ipynb"},
        "parameters": {"day": "{date} {time}"},
        "lands_at": "out/{name}-{date}.ipynb",
    }
    wish = {"key": secrets.token_hex(8), "request": request, "cron": "0 7 29 2 *", "timezone": "Asia/Tokyo"}
    return {**wish, **more}


def made(jupyter: Jupyter, **more: Any) -> str:
    """A new schedule; its id."""
    answer = jupyter.ask("POST", "schedules", a_wish(**more))
    assert answer.status == 201, answer.json
    return str(answer.json["id"])


def make_due(jupyter: Jupyter, schedule_id: str, in_s: float = 0) -> str:
    """Its next run is in so many seconds, as if that moment had been worked out; the moment."""
    due = clock.at(datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=in_s))
    file = jupyter.data / "schedules" / f"{schedule_id}.json"
    part = file.with_name(".part")
    part.write_text(json.dumps({**json.loads(file.read_text()), "next_at": due}))
    os.replace(part, file)
    return due


def the_run(jupyter: Jupyter, schedule_id: str) -> dict[str, Any]:
    """Its only job, when the schedule knows it."""
    last = wait_for(lambda: jupyter.ask("GET", f"schedules/{schedule_id}").json["last"], 30, jupyter.log.read_text)
    [job] = jupyter.ask("GET", f"jobs?schedule={schedule_id}").json["jobs"]
    assert job["id"] == last["job"]
    found: dict[str, Any] = job
    return found


def test_a_schedule_over_http(jupyter: Jupyter) -> None:
    jupyter.start()
    wish = a_wish()
    answer = jupyter.ask("POST", "schedules", wish)
    assert answer.status == 201
    schedule_id = answer.json["id"]
    assert answer.headers["Location"].endswith(f"/compute/api/schedules/{schedule_id}")
    assert jupyter.ask("POST", "schedules", wish).status == 200
    assert jupyter.ask("POST", "schedules", {**wish, "cron": "0 8 * * *"}).status == 409
    assert [each["id"] for each in jupyter.ask("GET", "schedules").json["schedules"]] == [schedule_id]
    times = jupyter.ask("POST", "schedules/times", {"cron": "0 7 * * MON-FRI", "timezone": "Asia/Tokyo"}).json
    assert all(each[11:16] == "22:00" for each in times["next"])
    assert jupyter.ask("POST", f"schedules/{schedule_id}/pause").json["paused"]
    # A run now, and its place: the date is the schedule's.
    run = jupyter.ask("POST", f"schedules/{schedule_id}/run", {"key": "run-00000001"})
    assert (run.status, run.json["schedule"]) == (201, schedule_id)
    assert jupyter.wait(run.json["id"])["state"] == "succeeded"
    landed = wait_for(lambda: jupyter.job(run.json["id"])["landed"], 10)
    today = run.json["parameters"]["day"]
    assert landed == f"out/work-{today[:10].replace('-', '')}.ipynb"
    assert (jupyter.notebooks / "runs.txt").read_text() == f"{today}\n"
    assert not jupyter.ask("POST", f"schedules/{schedule_id}/resume").json["paused"]
    change = {name: value for name, value in a_wish(cron="0 8 1 1 *").items() if name != "key"}
    assert jupyter.ask("PUT", f"schedules/{schedule_id}", change).json["words"] == "At 08:00 on January 1"
    assert jupyter.ask("DELETE", f"schedules/{schedule_id}").status == 204
    for method, route in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/pause"), ("POST", "/run")):
        body = change if method == "PUT" else {"key": "run-00000002"}
        gone = jupyter.ask(method, f"schedules/{schedule_id}{route}", None if method == "DELETE" else body)
        assert (gone.status, gone.json["code"]) == (404, "no_such_schedule")
    assert [job["id"] for job in jupyter.ask("GET", f"jobs?schedule={schedule_id}").json["jobs"]] == [run.json["id"]]


@pytest.mark.parametrize("moment", ["due", "before_submit", "after_submit", "noted"])
def test_killed_at_the_due_moment_it_runs_once(jupyter: Jupyter, moment: str) -> None:
    jupyter.start()
    schedule_id = made(jupyter)
    jupyter.stop()
    due = make_due(jupyter, schedule_id)
    jupyter.environment |= {"COMPUTE_TEST_DIE": moment, "PYTHONPATH": str(Path(__file__).parents[2])}
    jupyter.options = ("--ServerApp.jpserver_extensions={'tests.bridge.dying': True}",)
    # It may die before it is up.
    with contextlib.suppress(AssertionError, OSError):
        jupyter.start()
    assert jupyter.process is not None
    assert jupyter.process.wait(30) == -signal.SIGKILL
    del jupyter.environment["COMPUTE_TEST_DIE"]
    jupyter.options = ()
    jupyter.start()
    job = the_run(jupyter, schedule_id)
    assert job["due_at"] == due
    assert jupyter.wait(job["id"])["state"] == "succeeded"
    assert len((jupyter.notebooks / "runs.txt").read_text().splitlines()) == 1
    assert jupyter.ask("GET", f"schedules/{schedule_id}").json["missed"]["count"] == 0


def test_two_servers_of_one_user_send_it_once(jupyter: Jupyter) -> None:
    jupyter.start()
    other = Jupyter(jupyter.home).start()
    try:
        schedule_ids = [made(jupyter) for _ in range(4)]
        for schedule_id in schedule_ids:
            make_due(jupyter, schedule_id, 2)
        jobs = [the_run(server, schedule_id) for schedule_id in schedule_ids for server in (jupyter, other)]
        for job in jobs:
            assert jupyter.wait(job["id"])["state"] == "succeeded"
        assert len({job["id"] for job in jobs}) == 4
        assert len((jupyter.notebooks / "runs.txt").read_text().splitlines()) == 4
    finally:
        other.stop()


def test_a_run_begins_at_its_moment(jupyter: Jupyter) -> None:
    jupyter.start()
    schedule_id = made(jupyter)
    due = make_due(jupyter, schedule_id, 3)
    job = the_run(jupyter, schedule_id)
    assert job["due_at"] == due
    # To the moment: the clock's second, not the next look's.
    assert 0 <= (clock.parse(job["created_at"]) - clock.parse(due)).total_seconds() < 1
    assert jupyter.wait(job["id"])["state"] == "succeeded"
