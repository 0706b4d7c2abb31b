"""What the machine of the server has to give, and whether its jobs outlive the server."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyterlab_compute.drivers import machine


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_bounds_of_control_groups_of_both_kinds_are_found(tmp_path: Path) -> None:
    write(tmp_path / "cgroup", "4:cpu,cpuacct:/a\n3:memory:/m\n0::/b/c\n")
    write(tmp_path / "fs/cpu/a/cpu.cfs_quota_us", "250000\n")
    write(tmp_path / "fs/cpu/a/cpu.cfs_period_us", "100000\n")
    write(tmp_path / "fs/cpu/cpu.cfs_quota_us", "-1\n")
    write(tmp_path / "fs/cpu/cpu.cfs_period_us", "100000\n")
    write(tmp_path / "fs/b/cpu.max", "150000 100000\n")
    write(tmp_path / "fs/b/c/cpu.max", "max 100000\n")
    folders = machine._groups("cpu", str(tmp_path / "cgroup"), str(tmp_path / "fs"))
    assert sorted(machine._core_quotas(folders)) == [1.5, 2.5]


def test_memory_that_is_available() -> None:
    assert machine._meminfo("MemTotal: 9 kB\nMemAvailable:    2048 kB\n") == 2048 * 1024
    assert machine._meminfo("") == 0


@pytest.mark.parametrize(
    ("environ", "first", "cgroup", "unit", "words"),
    [
        ({}, "systemd", "0::/user.slice/user-1000.slice/session-2.scope", "", None),
        ({}, "init", "", "", None),
        ({"SLURM_JOB_ID": "7"}, "systemd", "", "", "inside the Slurm job 7"),
        ({"PBS_JOBID": "7.pbs"}, "systemd", "", "", "inside the PBS job 7.pbs"),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, "tini", "", "", "in a pod"),
        ({}, "jupyterhub-sing", "", "", "in a container"),
        ({}, "supervisord", "", "", "in a container"),
        ({}, "systemd", "0::/system.slice/jupyter-ann.service", "", "systemd unit jupyter-ann.service"),
        ({}, "systemd", "0::/system.slice/jupyter-ann.service", "[Service]\nKillMode=process\n", None),
        ({}, "systemd", "0::/user.slice/user-1.slice/user@1.service", "", None),
    ],
)
def test_surroundings_that_end_jobs_with_the_server(
    environ: dict[str, str], first: str, cgroup: str, unit: str, words: str | None
) -> None:
    said = machine.why_jobs_die(environ, first, cgroup, lambda name: unit)
    assert said is None if words is None else said is not None and words in said
