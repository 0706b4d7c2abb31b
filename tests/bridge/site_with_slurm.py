"""A Slurm and a Jupyter server beside it, with all that a bad day does to them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tests.servers.daemons import TEST_USER, ensure_test_user
from tests.servers.slurm import SlurmCluster

from ..jupyter import Jupyter, whole
from ..waiting import wait_for

GATE = """import pathlib, time
print('begun', flush=True)
while not pathlib.Path({gate!r}).exists(): time.sleep(0.05)
print('end')"""

#: Stands before the real sbatch, and does to it what a bad day does.
SBATCH = """#!/bin/sh
case "$(cat {mode})" in
  hangs) exec sleep 600 ;;
  babbles) echo "welcome to the cluster"; exit 0 ;;
  takes_it_and_hangs) /usr/bin/sbatch "$@"; exec sleep 600 ;;
  *) exec /usr/bin/sbatch "$@" ;;
esac
"""


PROFILES = {
    "staff": {"scheduler": {"type": "slurm"}, "queue": "staff"},
    "by-another-name": {"scheduler": {"type": "slurm", "cluster": "big"}, "queue": "debug"},
    "later": {"scheduler": {"type": "slurm"}, "queue": "debug", "native": {"begin": "now.1hour"}},
    "again": {"scheduler": {"type": "slurm"}, "queue": "debug", "requeue": True},
    "free": {
        "scheduler": {"type": "slurm"},
        "queue": "debug",
        "resources": {
            "cores": {"max": 64},
            "memory_mb": {"max": 999999},
            "walltime_s": {"max": 999999},
            "nodes": {"max": 9},
        },
    },
}


class Site:
    """A Slurm and a Jupyter server of the test user beside it."""

    def __init__(self, slurm: SlurmCluster, folder: Path) -> None:
        self.slurm = slurm
        account = ensure_test_user()
        self._mode = folder / "mode"
        programs = folder / "bin"
        programs.mkdir()
        (programs / "sbatch").write_text(SBATCH.format(mode=self._mode))
        (programs / "sbatch").chmod(0o755)
        self.sbatch("works")
        home = folder / "home"
        home.mkdir()
        os.chown(home, account.pw_uid, account.pw_gid)
        self.jupyter = Jupyter(
            home,
            user=TEST_USER,
            environment={
                "PATH": f"{programs}:{Path(sys.executable).parent}:/usr/bin:/bin",
                "USER": TEST_USER,
                **slurm.env,
            },
            options=(
                "--ComputeApp.send_timeout_s=4",
                "--ComputeApp.poll_floor_s=1",
                "--ComputeApp.poll_idle_s=1",
                f"--ComputeApp.profiles={PROFILES!r}",
            ),
        ).start()

    def sbatch(self, mode: str) -> None:
        """From now on sbatch works, hangs, babbles or takes_it_and_hangs."""
        self._mode.write_text(mode)

    def what_slurm_says(self) -> str:
        """For the message of a failed test."""
        ask = lambda *argv: self.slurm.run(argv, user="root", check=False).stdout  # noqa: E731
        return ask("squeue", "--all", "--states=all") + ask("sinfo", "-Nl") + self.jupyter.log.read_text()[-3000:]

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        return self.jupyter.run(request)

    def gated(self, gate_name: str, **more: Any) -> tuple[dict[str, Any], Path]:
        """A job that runs until a file is there."""
        gate = self.jupyter.notebooks / gate_name
        more.setdefault("profile", "free")
        return self.run(whole(GATE.format(gate=str(gate)), **more)), gate

    def asked_at(self) -> str | None:
        """When Slurm last answered."""
        clusters = self.jupyter.ask("GET", "jobs?limit=1").json["clusters"]
        return next(c["asked_at"] for c in clusters if c["type"] == "slurm")  # type: ignore[no-any-return]

    def begun(self, job: dict[str, Any]) -> dict[str, Any]:
        """Wait until its cell has printed."""
        wait_for(lambda: self.jupyter.printed(job["id"]), 60, self.what_slurm_says)
        return self.jupyter.wait(job["id"], "running")
