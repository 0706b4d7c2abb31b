"""Jobs outlive everything: real servers that are stopped and killed, two of them, and a full disk."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..jupyter import Jupyter, whole
from ..waiting import wait_for

#: Writes a line for each time that it runs, then waits for a file.
SLOWLY = """import pathlib, time
with open('runs.txt', 'a') as file: file.write('ran\\n')
print('begun', flush=True)
while not pathlib.Path('gate').exists(): time.sleep(0.02)
print('finished')"""


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[Jupyter]:
    server = Jupyter(tmp_path / "home")
    yield server
    server.stop()


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_a_job_goes_on_without_the_server_and_is_found_again(jupyter: Jupyter, how: str) -> None:
    jupyter.start()
    job = jupyter.run(whole(SLOWLY))
    wait_for(lambda: jupyter.printed(job["id"]), 30)
    getattr(jupyter, how)()
    (jupyter.notebooks / "gate").touch()
    attempt = Path(job["run_folder"], "attempts", "1")
    wait_for((attempt / "exit.json").exists, 30)
    jupyter.start()
    done = jupyter.wait(job["id"], within_s=15)
    assert done["state"] == "succeeded"
    assert done["progress"]["done"] == 1
    assert jupyter.printed(job["id"]) == "begun\nfinished\n"
    assert (jupyter.notebooks / "runs.txt").read_text() == "ran\n"
    assert wait_for(lambda: jupyter.job(job["id"])["landed"], 5)


def test_a_running_job_is_watched_again(jupyter: Jupyter) -> None:
    jupyter.start()
    job = jupyter.run(whole(SLOWLY))
    wait_for(lambda: jupyter.printed(job["id"]), 30)
    jupyter.kill()
    jupyter.start()
    assert jupyter.wait(job["id"], "running")["native_id"]
    jupyter.ask("POST", f"jobs/{job['id']}/cancel")
    assert jupyter.wait(job["id"])["state"] == "cancelled"
    assert (jupyter.notebooks / "runs.txt").read_text() == "ran\n"


def test_killed_between_record_and_submit_the_job_is_sent_once(jupyter: Jupyter) -> None:
    _send_and_die(jupyter, "before_submit", whole("with open('runs.txt', 'a') as file: file.write('ran\\n')"))
    (job,) = jupyter.ask("GET", "jobs").json["jobs"]
    assert jupyter.wait(job["id"])["state"] == "succeeded"
    assert (jupyter.notebooks / "runs.txt").read_text() == "ran\n"


def test_killed_between_submit_and_its_answer_the_job_is_adopted(jupyter: Jupyter) -> None:
    _send_and_die(jupyter, "after_submit", whole(SLOWLY))
    (job,) = jupyter.ask("GET", "jobs").json["jobs"]
    assert jupyter.wait(job["id"], "running")["native_id"]
    (jupyter.notebooks / "gate").touch()
    assert jupyter.wait(job["id"])["state"] == "succeeded"
    assert (jupyter.notebooks / "runs.txt").read_text() == "ran\n"


def test_begun_to_send_and_no_trace_is_said_and_never_sent_again(jupyter: Jupyter) -> None:
    _send_and_die(jupyter, "begun", whole("with open('runs.txt', 'a') as file: file.write('ran\\n')"))
    (job,) = jupyter.ask("GET", "jobs").json["jobs"]
    lost = jupyter.wait(job["id"], "unknown", within_s=60)
    assert lost["reason"]["code"] == "lost"
    assert {"send_again", "forget"} <= set(lost["can"])
    assert not (jupyter.notebooks / "runs.txt").exists()
    again = jupyter.ask("POST", f"jobs/{job['id']}/retry").json
    assert jupyter.wait(again["id"])["state"] == "succeeded"
    assert jupyter.ask("DELETE", f"jobs/{job['id']}").status == 204


def _send_and_die(jupyter: Jupyter, moment: str, request: dict[str, Any]) -> None:
    """Send to a server that kills itself at that moment of sending, then start a healthy one."""
    jupyter.environment |= {"COMPUTE_TEST_DIE": moment, "PYTHONPATH": str(Path(__file__).parents[2])}
    jupyter.options = ("--ServerApp.jpserver_extensions={'tests.bridge.dying': True}",)
    jupyter.start()
    # It may die before it has answered.
    with contextlib.suppress(OSError, http.client.HTTPException):
        jupyter.ask("POST", "jobs", request)
    assert jupyter.process is not None
    assert jupyter.process.wait(30) == -signal.SIGKILL
    del jupyter.environment["COMPUTE_TEST_DIE"]
    jupyter.options = ()
    jupyter.start()


def test_two_servers_of_one_user(jupyter: Jupyter) -> None:
    jupyter.start()
    other = Jupyter(jupyter.home).start()
    try:
        mine = jupyter.run(whole(SLOWLY, path="a.ipynb"))
        theirs = other.run(whole("print('theirs')", path="b.ipynb"))
        for server in (jupyter, other):
            server.wait(theirs["id"], "succeeded")
            server.wait(mine["id"], "running")
        # Slots are shared, whoever was asked.
        jupyter.kill()
        (jupyter.notebooks / "gate").touch()
        assert other.wait(mine["id"])["state"] == "succeeded"
        assert (jupyter.notebooks / "runs.txt").read_text() == "ran\n"
    finally:
        other.stop()


def _with_its_supervisor_sent(jupyter: Jupyter, number: int) -> dict[str, Any]:
    """A job that runs, and whose supervisor has just been sent that signal."""
    jupyter.start()
    job = jupyter.run(whole(SLOWLY))
    wait_for(lambda: jupyter.printed(job["id"]), 30)
    started = json.loads(Path(job["run_folder"], "attempts", "1", "started.json").read_text())
    os.kill(started["pid"], number)
    return job


def test_a_killed_supervisor_is_no_success(jupyter: Jupyter) -> None:
    job = _with_its_supervisor_sent(jupyter, signal.SIGKILL)
    ended = jupyter.wait(job["id"], "failed", "unknown", within_s=60)
    # The child notices that its supervisor has gone and leaves word; if it cannot, nobody knows.
    assert ended["reason"]["code"] in {"terminated", "lost"}


def test_stopped_from_outside(jupyter: Jupyter) -> None:
    job = _with_its_supervisor_sent(jupyter, signal.SIGTERM)
    ended = jupyter.wait(job["id"], within_s=60)
    assert ended["state"] in {"cancelled", "failed"}
    assert ended["reason"]["code"] in {"cancelled_outside", "terminated"}


@pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="needs root on Linux to mount a small file system"
)
def test_a_full_disk_in_the_run_folder(jupyter: Jupyter, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", str(small)], check=True)
    try:
        jupyter.options = (
            f"--ComputeApp.profiles={{'small': {{'scheduler': {{'type': 'local'}}, 'run_root': '{small}/runs'}}}}",
        )
        jupyter.start()
        fill = "import os\nfor n in range(40): print(os.urandom(500_000).hex(), flush=True)"
        job = jupyter.run(whole(*[fill] * 8, profile="small"))
        done = jupyter.wait(job["id"], within_s=120)
        assert (done["state"], (done["reason"] or {}).get("code")) == ("failed", "disk_full"), done
        refused = jupyter.ask("POST", "jobs", whole("1", profile="small"))
        assert (refused.status, refused.json["code"]) == (507, "no_space")
    finally:
        jupyter.stop()
        subprocess.run(["umount", "-l", str(small)], check=True)
