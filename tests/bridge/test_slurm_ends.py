"""Memory, time limits and forgetting, which need Slurms of their own: how jobs end on a real one, or are lost."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.slurm import SlurmCluster, why_not

from ..jupyter import whole
from ..waiting import wait_for
from .site_with_slurm import Site

pytestmark = [pytest.mark.slurm, pytest.mark.skipif(bool(why_not()), reason=str(why_not()))]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not below pytest's own folder, which nobody else may enter.
    path = Path(tempfile.mkdtemp(prefix="compute-slurm-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.parametrize("memory", ["cgroup", "over_memory_kill"])
def test_out_of_memory_and_out_of_time(folder: Path, memory: str) -> None:
    (folder / memory).mkdir()
    with SlurmCluster(memory=memory, accounting=memory == "cgroup") as slurm:
        site = Site(slurm, folder / memory)
        try:
            slow = site.run(
                whole("import time; time.sleep(300)", profile="free", resources={"walltime_s": 5, "memory_mb": 900})
            )
            big = site.run(
                whole(
                    "x = bytearray(900 << 20)\nimport time; time.sleep(60)",
                    profile="free",
                    resources={"memory_mb": 300},
                )
            )
            ended = site.jupyter.wait(big["id"], "failed", "cancelled", "unknown", within_s=60)
            log = site.jupyter.ask("GET", f"jobs/{big['id']}/log?stream=scheduler").body
            assert (ended["state"], ended["reason"]["code"]) == ("failed", "out_of_memory"), (ended["reason"], log)
            ended = site.jupyter.wait(slow["id"], "failed", "cancelled", "unknown", within_s=150)
            assert (ended["state"], ended["reason"]["code"]) == ("failed", "timeout"), ended["reason"]
        finally:
            site.jupyter.stop()


def _kill_runner(slurm: SlurmCluster, job: dict[str, Any]) -> None:
    for pid in slurm.run(["pgrep", "-f", f"runner.py run {job['run_folder']}"], user="root").stdout.split():
        os.kill(int(pid), 9)


def _remembered(slurm: SlurmCluster) -> list[str]:
    """The jobs that slurmctld still knows."""
    return slurm.run(["squeue", "--all", "--states=all", "-h", "-o", "%i"], user="root").stdout.split()


def test_a_job_that_vanishes_without_accounting_is_unknown(folder: Path) -> None:
    (folder / "forgets").mkdir()
    with SlurmCluster(min_job_age_s=2) as slurm:
        site = Site(slurm, folder / "forgets")
        try:
            job, _ = site.gated("never")
            native = site.begun(job)["native_id"]
            site.jupyter.kill()
            _kill_runner(slurm, job)
            wait_for(lambda: native not in _remembered(slurm), 90)
            site.jupyter.start()
            lost = site.jupyter.wait(job["id"], "unknown", "failed", within_s=60)
            assert lost["reason"]["code"] in {"lost", "terminated"}
            assert "was" in lost["reason"]["text"]
        finally:
            site.jupyter.stop()


def test_a_database_that_is_down_makes_only_those_stale_that_left_the_queue(folder: Path) -> None:
    (folder / "no-database").mkdir()
    with SlurmCluster(accounting=True, min_job_age_s=2) as slurm:
        site = Site(slurm, folder / "no-database")
        try:
            here, gate = site.gated("here")
            gone, _ = site.gated("never")
            site.begun(here)
            native = site.begun(gone)["native_id"]
            slurm.stop_accounting()
            # It leaves the queue while nobody looks, and nothing of it is left to tell how.
            site.jupyter.kill()
            _kill_runner(slurm, gone)
            wait_for(lambda: native not in _remembered(slurm), 90)
            site.jupyter.start()
            stale = wait_for(
                lambda: (j := site.jupyter.job(gone["id"]))["stale_since"] and j, 120, site.what_slurm_says
            )
            assert stale["state"] in {"running", "completing"}
            assert site.jupyter.job(here["id"])["stale_since"] is None
            clusters = site.jupyter.ask("GET", "jobs").json["clusters"]
            assert all(c["ok"] for c in clusters), clusters
            slurm.start_accounting()
            ended = site.jupyter.wait(gone["id"], "failed", "unknown", within_s=90)
            assert (ended["state"], ended["stale_since"]) == ("failed", None), (native, ended["reason"])
            gate.touch()
            site.jupyter.wait(here["id"], "succeeded")
        finally:
            site.jupyter.stop()
