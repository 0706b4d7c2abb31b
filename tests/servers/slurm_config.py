"""The configuration files of a Slurm for tests: pure functions from options to text."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path

NODES = ("n1", "n2", "n3", "n4")

#: A site that changes what people ask for, and says so: the bridge must read back what really holds.
SITE_LUA = """\
function slurm_job_submit(job, partitions, uid)
  if job.time_limit ~= slurm.NO_VAL and job.time_limit > 120 then
    job.time_limit = 120
    slurm.log_user("This site runs nothing longer than 2 hours: your time limit is now 2:00:00.")
  end
  if job.partition == "gpu" and job.gres == nil and job.tres_per_node == nil then
    job.partition = "debug"
    slurm.log_user("No GPU asked for: moved to debug.")
  end
  if job.comment ~= nil and string.find(job.comment, "refuse") then
    slurm.log_user("This site refuses that.")
    return slurm.ERROR
  end
  return slurm.SUCCESS
end

function slurm_job_modify(job, record, partitions, uid)
  return slurm.SUCCESS
end

return slurm.SUCCESS
"""


@dataclass(frozen=True)
class Options:
    """What kind of Slurm. Remembered beside it, so that other processes can attach to it."""

    accounting: bool = False
    #: With accounting: limits of QOS and accounts really bind ("small" allows one job per user).
    enforce: bool = False
    #: "none" (a job may use what it likes), "over_memory_kill" or "cgroup" (v1).
    memory: str = "none"
    #: Seconds that slurmctld remembers a job after its end.
    min_job_age_s: int = 300
    #: Text of a job_submit.lua, or None.
    lua: str | None = None
    cluster: str = "test"
    cpus: int = 1
    memory_mb: int = 2000
    #: Further lines for slurm.conf. They come last, so they win.
    extra: tuple[str, ...] = ()


def slurm_conf(options: Options, folder: Path, port: int) -> str:
    """slurm.conf. `port` is slurmctld's, the nodes' follow, then slurmdbd's."""
    host = socket.gethostname().split(".")[0]
    nodes = f"[1-{len(NODES)}]"
    lines = [
        f"ClusterName={options.cluster}",
        f"SlurmctldHost={host}(127.0.0.1)",
        f"SlurmctldPort={port}",
        "SlurmUser=slurm",
        "AuthType=auth/munge",
        # A requeued job may start again after this time and a second; by default that is two minutes.
        f"AuthInfo=socket={folder}/munge/socket,cred_expire=20",
        f"StateSaveLocation={folder}/state",
        f"SlurmdSpoolDir={folder}/spool/%n",
        f"SlurmctldPidFile={folder}/run/slurmctld.pid",
        f"SlurmdPidFile={folder}/run/slurmd.%n.pid",
        "SwitchType=switch/none",
        "MpiDefault=none",
        # A node that an administrator set down stays so; one that came back from a crash is welcome.
        "ReturnToService=1",
        # The machine has fewer processors than the nodes say together.
        "SlurmdParameters=config_overrides",
        "SelectType=select/cons_tres",
        "SelectTypeParameters=CR_Core_Memory",
        "DefMemPerCPU=100",
        "SchedulerType=sched/backfill",
        "SchedulerParameters=sched_interval=1,bf_interval=1",
        f"MinJobAge={options.min_job_age_s}",
        "KillWait=2",
        "SlurmdTimeout=30",
        "GresTypes=gpu",
        "JobCompType=jobcomp/none",
        "JobAcctGatherFrequency=1",
        *_memory(options.memory),
    ]
    if options.memory == "cgroup":
        # Control groups are named by node and job id, and are the machine's: two clusters at once must
        # not use the same ids.
        lines.append(f"FirstJobId={port * 10}")
    if options.lua is not None:
        lines.append("JobSubmitPlugins=lua")
    if options.accounting:
        lines += [
            "AccountingStorageType=accounting_storage/slurmdbd",
            "AccountingStorageHost=127.0.0.1",
            f"AccountingStoragePort={port + len(NODES) + 1}",
            f"AccountingStoragePass={folder}/munge/socket",
            "AccountingStorageTRES=gres/gpu",
            "AccountingStoreFlags=job_comment",
            *(["AccountingStorageEnforce=associations,limits,qos"] if options.enforce else []),
        ]
    else:
        lines.append("AccountingStorageType=accounting_storage/none")
    common = f"NodeHostname={host} NodeAddr=127.0.0.1 CPUs={options.cpus} RealMemory={options.memory_mb}"
    for number, node in enumerate(NODES, 1):
        gres = " Gres=gpu:tesla:2" if node == NODES[-1] else ""
        lines.append(f"NodeName={node} Port={port + number} {common}{gres} State=UNKNOWN")
    lines += [
        f"PartitionName=debug Nodes=n{nodes} Default=YES State=UP MaxTime=INFINITE",
        "PartitionName=long Nodes=n[1-2] State=UP MaxTime=2-00:00:00 DefaultTime=01:00:00 MaxNodes=1",
        "PartitionName=short Nodes=n3 State=UP MaxTime=00:01:00",
        "PartitionName=gpu Nodes=n4 State=UP MaxTime=1-00:00:00 DefMemPerCPU=200 MaxMemPerNode=1500",
        "PartitionName=closed Nodes=n4 State=DOWN MaxTime=01:00:00",
        "PartitionName=drained Nodes=n4 State=DRAIN MaxTime=01:00:00",
        "PartitionName=staff Nodes=n1 State=UP AllowGroups=root",
        *options.extra,
    ]
    return "\n".join(lines) + "\n"


def _memory(kind: str) -> list[str]:
    if kind == "cgroup":
        return ["ProctrackType=proctrack/cgroup", "TaskPlugin=task/cgroup", "JobAcctGatherType=jobacct_gather/linux"]
    lines = ["ProctrackType=proctrack/linuxproc", "TaskPlugin=task/none", "JobAcctGatherType=jobacct_gather/linux"]
    if kind == "over_memory_kill":
        return [*lines, "JobAcctGatherParams=OverMemoryKill"]
    if kind == "none":
        return lines
    raise ValueError(f"memory: none, over_memory_kill or cgroup, not {kind!r}")


def cgroup_conf() -> str:
    """cgroup.conf: memory is limited for real."""
    return (
        "\n".join(["CgroupPlugin=cgroup/v1", "CgroupAutomount=no", "ConstrainRAMSpace=yes", "AllowedRAMSpace=100"])
        + "\n"
    )


def gres_conf(folder: Path) -> str:
    """gres.conf: two GPUs, whose "devices" are plain files (slurmd counts none without a file)."""
    return f"NodeName={NODES[-1]} Name=gpu Type=tesla File={folder}/spool/gpu[0-1]\n"


def slurmdbd_conf(folder: Path, port: int, password: str) -> str:
    """slurmdbd.conf."""
    lines = [
        "AuthType=auth/munge",
        # A requeued job may start again after this time and a second; by default that is two minutes.
        f"AuthInfo=socket={folder}/munge/socket,cred_expire=20",
        "DbdHost=localhost",
        "DbdAddr=127.0.0.1",
        f"DbdPort={port + len(NODES) + 1}",
        "SlurmUser=slurm",
        f"PidFile={folder}/run/slurmdbd.pid",
        "StorageType=accounting_storage/mysql",
        # "localhost" makes the client library use the socket of MYSQL_UNIX_PORT.
        "StorageHost=localhost",
        "StorageUser=slurm",
        f"StoragePass={password}",
        "StorageLoc=slurm_acct",
    ]
    return "\n".join(lines) + "\n"
