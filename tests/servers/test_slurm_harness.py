"""The Slurm for tests does what the tests rely on."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .daemons import TEST_USER, started_at, wait_until
from .slurm import SlurmCluster, _end_orphans, why_not
from .slurm_config import SITE_LUA

pytestmark = [pytest.mark.slurm, pytest.mark.skipif(bool(why_not()), reason=str(why_not()))]

#: Takes far more than it asks for, and says nothing.
GREEDY = '#!/bin/sh\nexec /usr/bin/python3 -c "import time; x = bytearray(300 << 20); time.sleep(30)"\n'


@pytest.fixture(scope="module")
def slurm() -> Iterator[SlurmCluster]:
    with SlurmCluster() as cluster:
        yield cluster


def test_runs_jobs_of_an_ordinary_user(slurm: SlurmCluster) -> None:
    assert slurm.run(["srun", "id", "-un"]).stdout.strip() == TEST_USER


def test_jobs_survive_a_stop_of_the_controller(slurm: SlurmCluster) -> None:
    running, held = slurm.sbatch(), slurm.sbatch("--hold")
    slurm.wait_for(running, "RUNNING")
    slurm.stop_controller()
    assert "slurmctld" not in slurm.running()
    slurm.start_controller()
    assert (slurm.state(running), slurm.state(held)) == ("RUNNING", "PENDING")
    slurm.run(["scancel", running, held])
    slurm.wait_for(running, "CANCELLED")


def test_the_controller_can_crash(slurm: SlurmCluster) -> None:
    slurm.kill_controller()
    assert "slurmctld" not in slurm.running()
    slurm.start_controller()
    # What happened in its last seconds is forgotten: a job that was cancelled then runs again in its eyes.
    slurm.run(["scancel", f"--user={TEST_USER}"])
    slurm.wait_idle()


def test_a_node_set_down_ends_its_job(slurm: SlurmCluster) -> None:
    job = slurm.sbatch("--no-requeue", "--nodelist=n2")
    slurm.wait_for(job, "RUNNING")
    slurm.node_down("n2")
    assert slurm.wait_for(job, "NODE_FAIL", "RUNNING", "COMPLETING") == "NODE_FAIL"
    slurm.node_resume("n2")


def test_a_node_can_crash_and_come_back(slurm: SlurmCluster) -> None:
    job = slurm.sbatch("--nodelist=n3")
    slurm.wait_for(job, "RUNNING")
    # Two for a moment: one that sets the job up, one that is the job.
    steps = list(slurm._steps("n3"))
    assert steps
    slurm.kill_node("n3")
    wait_until(lambda: all(started_at(step) is None for step in steps), "the end of all that ran there", timeout_s=5)
    slurm.start_node("n3")
    slurm.run(["scancel", job])  # slurmctld would miss it only at the node's next report
    slurm.wait_idle()


def test_without_accounting_sacct_says_so(slurm: SlurmCluster) -> None:
    answer = slurm.run(["sacct"], check=False)
    assert answer.returncode == 1
    assert "accounting storage is disabled" in answer.stderr


@pytest.mark.skipif(not Path("/sys/fs/cgroup/memory").is_dir(), reason="needs the memory controller of cgroup v1")
def test_cgroups_end_a_greedy_job() -> None:
    with SlurmCluster(memory="cgroup") as slurm:
        job = slurm.sbatch("--mem=50", script=GREEDY)
        assert slurm.wait_for(job, "OUT_OF_MEMORY", "FAILED", "COMPLETED") == "OUT_OF_MEMORY"


def test_over_memory_kill_ends_a_greedy_job() -> None:
    with SlurmCluster(memory="over_memory_kill") as slurm:
        job = slurm.sbatch("--mem=50", script=GREEDY)
        assert slurm.wait_for(job, "OUT_OF_MEMORY", "FAILED", "COMPLETED") == "FAILED"


@pytest.mark.skipif(bool(why_not(accounting=True)), reason=str(why_not(accounting=True)))
def test_accounting_and_a_site_that_changes_jobs() -> None:
    with SlurmCluster(accounting=True, lua=SITE_LUA) as slurm:
        job = slurm.sbatch("--time=300", script="#!/bin/sh\nexit 3\n")
        ask = ["sacct", "-X", "-n", "--parsable2", f"--jobs={job}", "--format=State,ExitCode,Timelimit"]
        wait_until(lambda: slurm.run(ask).stdout.strip() == "FAILED|3:0|02:00:00", "the job in accounting")


def test_a_crashed_run_is_cleaned_up_by_the_next() -> None:
    code = (
        "import os; from tests.servers.slurm import SlurmCluster; c = SlurmCluster(); c.start(); c.sbatch();"
        "print(c.folder, flush=True); os.kill(os.getpid(), 9)"
    )
    root = Path(__file__).parents[2]
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    folder = Path(answer.stdout.strip())
    pids = [pid for pid, _ in json.loads((folder / "pids.json").read_text()).values()]
    assert len([pid for pid in pids if started_at(pid)]) == 6
    _end_orphans()
    assert not [pid for pid in pids if started_at(pid)]
    assert not folder.exists()


def test_the_command_line_starts_shows_and_stops() -> None:
    folder = Path(tempfile.mkdtemp(prefix="compute-cli-"))  # not below pytest's folder, which is root's alone
    folder.chmod(0o755)
    root = Path(__file__).parents[2]

    def command(verb: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "tests.servers.slurm", verb, "--dir", str(folder)]
        return subprocess.run(argv, cwd=root, capture_output=True, text=True)

    try:
        started = json.loads(command("start").stdout.splitlines()[-1])
        assert set(started["nodes"].values()) == {"idle"}
        assert "slurmctld" in json.loads(command("status").stdout)["daemons"]
    finally:
        assert command("stop").returncode == 0
        assert command("status").returncode == 3
        shutil.rmtree(folder)
