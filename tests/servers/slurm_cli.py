"""`python -m tests.servers.slurm`: the cluster of `slurm.py` for browser tests, the bench and curious people."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import slurm_config as config
from .slurm import SlurmCluster, why_not


def main(argv: list[str] | None = None) -> None:
    """Start, stop or show a cluster. `start` prints, as the last line, what clients need, as JSON."""
    arguments = _parser().parse_args(argv)
    folder: Path = arguments.dir.resolve()
    if arguments.verb == "start":
        if reason := why_not(accounting=arguments.accounting):
            sys.exit(reason)
        memory = "cgroup" if arguments.cgroups else "over_memory_kill" if arguments.over_memory_kill else "none"
        cluster = SlurmCluster(
            folder, accounting=arguments.accounting, enforce=arguments.enforce, memory=memory,
            min_job_age_s=arguments.min_job_age, cluster=arguments.cluster, cpus=arguments.cpus,
            memory_mb=arguments.memory_mb, lua=config.SITE_LUA if arguments.lua else None,
            extra=tuple(arguments.set),
        )  # fmt: skip
        try:
            cluster.start()
        except BaseException:
            cluster.stop()
            raise
        print(json.dumps({"env": cluster.env, "nodes": cluster.node_states()}))
    elif not (folder / "cluster.json").exists():
        print(f"no cluster in {folder}")
        sys.exit(0 if arguments.verb == "stop" else 3)
    elif arguments.verb == "stop":
        SlurmCluster.attach(folder).stop()
    else:
        cluster = SlurmCluster.attach(folder)
        print(json.dumps({"env": cluster.env, "nodes": cluster.node_states(), "daemons": cluster.running()}))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.servers.slurm", description=main.__doc__)
    parser.add_argument("verb", choices=["start", "stop", "status"])
    parser.add_argument("--dir", type=Path, required=True, help="where it lives; readable for all users")
    parser.add_argument("--accounting", action="store_true", help="with slurmdbd on a MariaDB of its own")
    parser.add_argument("--enforce", action="store_true", help="with --accounting: limits of QOS bind")
    memory = parser.add_mutually_exclusive_group()
    memory.add_argument("--cgroups", action="store_true", help="limit memory by control groups (v1)")
    memory.add_argument("--over-memory-kill", action="store_true", help="limit memory by looking at it")
    parser.add_argument("--min-job-age", type=int, default=300, help="seconds that ended jobs are remembered")
    parser.add_argument("--lua", action="store_true", help="a site that changes what people ask for")
    parser.add_argument("--cluster", default="test", help="ClusterName")
    parser.add_argument("--cpus", type=int, default=1, help="per node")
    parser.add_argument("--memory-mb", type=int, default=2000, help="per node")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a line for slurm.conf")
    return parser
