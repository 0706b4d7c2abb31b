"""Jobs on this machine: that they are nobody's children, and that nobody is mistaken for them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import pytest

from jupyterlab_compute import runner
from jupyterlab_compute.drivers import local
from jupyterlab_compute.drivers.base import Resources, Submission
from jupyterlab_compute.drivers.local import LocalDriver
from jupyterlab_compute.errors import CommandMissing, SchedulerRefused
from jupyterlab_compute.states import JobState

from ..runner.folders import Folder, a_folder, gone, wait_for_cell
from ..waiting import wait_for

T = TypeVar("T")

RUNS_ON = "import time\nprint('on', flush=True)\ntime.sleep(60)"


def do(work: Coroutine[object, object, T]) -> T:
    return asyncio.run(work)


def a_submission(folder: Folder) -> Submission:
    return Submission(
        tag=f"jc-{folder.path.name}",
        job_id=folder.path.name,
        run_folder=str(folder.path),
        script=str(folder.path / "job.sh"),
        resources=Resources(),
    )


def test_job_runs_is_seen_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "SLURM_JOB_ID", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.setenv(name, name)
    driver = LocalDriver()
    sees = "[os.environ.get(name) for name in ('https_proxy', 'SLURM_JOB_ID', 'JUPYTERHUB_API_TOKEN')]"
    folder = a_folder(tmp_path / "seen", [f"import os\nprint(os.nice(0), *{sees})"])
    job = a_submission(folder)
    receipt = do(driver.submit(job))
    claim = folder.json("started.json")
    assert receipt.native_id == f"{claim['pid']}.{claim['pid_start']}"
    assert claim["native_id"] is None
    seen = do(driver.queue())[receipt.native_id]
    assert (seen.state, seen.tag, seen.attempt) == (JobState.RUNNING, job.tag, 1)
    assert seen.node
    assert seen.started_at
    assert do(driver.find([job.tag, "jc-other"], "")) == {job.tag: seen}
    wait_for(lambda: folder.ended, 30)
    wait_for(lambda: receipt.native_id not in do(driver.queue()), 10)
    assert folder.exit["outcome"] == "succeeded"
    # Kernels stand back behind the server that people wait for; an allocation around it is not the job's.
    assert folder.printed("c0") == "10 https_proxy None None\n"
    assert do(driver.past([receipt.native_id], "")) == {}
    # Found again by its folder, after it has gone.
    assert do(driver.find([job.tag], "")) == {}
    remembering = LocalDriver(run_folder_of={job.tag: str(folder.path)}.get)
    assert do(remembering.find([job.tag], ""))[job.tag].state is JobState.COMPLETING


SERVER = """
import asyncio, os, signal, sys
from jupyterlab_compute.drivers.base import Resources, Submission
from jupyterlab_compute.drivers.local import LocalDriver
job = Submission(tag=sys.argv[1], job_id="j", run_folder=sys.argv[2], script="", resources=Resources())
async def main():
    sending = asyncio.ensure_future(LocalDriver().submit(job))
    if sys.argv[3] == "after":
        await sending
    else:
        while not os.path.exists(sys.argv[2] + "/scheduler.log"):
            await asyncio.sleep(0.001)
    os.killpg(0, signal.SIGKILL)
asyncio.run(main())
"""


@pytest.mark.parametrize("moment", ["after", "before"])
def test_job_outlives_the_server_that_is_killed_after_or_before_it_has_the_answer(tmp_path: Path, moment: str) -> None:
    folder = a_folder(tmp_path / moment, [RUNS_ON])
    job = a_submission(folder)
    command = [sys.executable, "-c", SERVER, job.tag, str(folder.path), moment]
    assert subprocess.run(command, start_new_session=True).returncode == -signal.SIGKILL
    wait_for_cell(folder)
    driver = LocalDriver()
    seen = do(driver.find([job.tag], ""))[job.tag]
    assert seen.state is JobState.RUNNING
    pid = int(seen.native_id.split(".")[0])
    assert os.getsid(pid) not in (os.getsid(0), 0)
    (folder.path / "cancel").touch()
    do(driver.cancel(seen.native_id))
    wait_for(lambda: folder.ended and gone(pid), 15)
    assert folder.exit["reason"]["code"] == "cancelled_by_user"


def test_second_send_of_an_attempt_is_the_first_one(tmp_path: Path) -> None:
    driver = LocalDriver()
    folder = a_folder(tmp_path / "twice", [RUNS_ON])
    first = do(driver.submit(a_submission(folder)))
    assert do(driver.submit(a_submission(folder))) == first
    assert len([seen for seen in do(driver.queue()).values() if seen.tag == "jc-twice"]) == 1
    do(driver.cancel(first.native_id))
    wait_for(lambda: folder.ended, 15)


def test_process_that_only_has_the_pid_is_not_touched() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        start = runner.pid_start(process.pid)
        do(LocalDriver().cancel(f"{process.pid}.{start + 1}"))
        do(LocalDriver().cancel("999999999.5"))
        assert process.poll() is None
        do(LocalDriver().cancel(f"{process.pid}.{start}"))
        assert process.wait(5) == -signal.SIGTERM


def test_claim_of_an_earlier_boot_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = LocalDriver()
    folder = a_folder(tmp_path / "boot", [RUNS_ON])
    native_id = do(driver.submit(a_submission(folder))).native_id
    with monkeypatch.context() as patched:
        patched.setattr(local, "boot_id", lambda: "another")
        assert do(driver.queue()) == {}
    assert native_id in do(driver.queue())
    do(driver.cancel(native_id))
    wait_for(lambda: folder.ended, 15)


def test_what_cannot_start_is_refused(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "refused", [])
    with pytest.raises(CommandMissing):
        do(LocalDriver(python="/nowhere/python").submit(a_submission(folder)))
    (folder.path / "runner.py").unlink()
    with pytest.raises(SchedulerRefused, match=r"did not start.*No such file"):
        do(LocalDriver().submit(a_submission(folder)))


@pytest.mark.parametrize("native_id", ["", "12", "1.2.3", "-1.5", "0.1", "1;2"])
def test_odd_ids_are_refused(native_id: str) -> None:
    with pytest.raises(SchedulerRefused):
        do(LocalDriver().cancel(native_id))


def test_what_this_machine_cannot_do_is_said() -> None:
    driver = LocalDriver()
    for work in (driver.hold("1.1"), driver.release("1.1")):
        with pytest.raises(SchedulerRefused):
            do(work)
    assert do(driver.estimate(a_submission(Folder(Path("/x"))))) is None
    do(driver.probe())


def test_one_place_with_what_there_is() -> None:
    (place,) = do(LocalDriver().places())
    assert (place.name, place.title, place.default) == ("this-machine", "This machine", True)
    assert place.resources["cores"] == {"default": 1, "min": 1, "max": LocalDriver().slots}
    assert place.resources["memory_mb"]["max"] > 100
    assert "default" not in place.resources["walltime_s"]


def test_command_is_what_a_preview_shows() -> None:
    assert LocalDriver(python="/p").command(a_submission(Folder(Path("/r/x")))) == [
        "/p",
        "-I",
        "/r/x/runner.py",
        "detach",
        "/r/x",
    ]


@pytest.mark.parametrize(
    ("words", "folders"),
    [
        (["python", "-I", "/r/a/runner.py", "detach", "/r/a", ""], ["/r/a"]),
        (["python", "-I", "/r/a/runner.py", "run", "/r/a", ""], []),
        (["vi", "/r/a/runner.py", ""], []),
        ([""], []),
    ],
)
def test_supervisors_are_known_by_their_command(words: list[str], folders: list[str]) -> None:
    assert list(local._detached([words])) == folders
