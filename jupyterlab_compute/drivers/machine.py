"""What the server's own machine has to give, and what becomes of jobs there when the server goes."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

_MIB = 1024 * 1024


def usable_cores() -> int:
    """How many cores this process may keep busy: what affinity and control groups leave, at least one."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    # A fraction of a core beyond a whole one would only slow all jobs down.
    return max(1, math.floor(min([float(allowed), *_core_quotas(_groups("cpu"))])))


def available_memory_mb() -> int:
    """How much memory a job can get now: what the machine has free, and what control groups leave of it."""
    everything = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    free = [_meminfo(_read(Path("/proc/meminfo"))) or everything]
    for folder in _groups("memory"):
        for limit_name, used_name in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            limit, used = _read_number(folder / limit_name), _read_number(folder / used_name)
            if limit is not None:
                free.append(limit - (used or 0) + _reclaimable(folder))
    return max(1, min(free) // _MIB)


def _meminfo(text: str) -> int:
    """The bytes that /proc/meminfo calls available; 0 if it does not say. Pure."""
    match = re.search(r"^MemAvailable:\s+(\d+) kB$", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else 0


def _core_quotas(folders: Iterable[Path]) -> list[float]:
    """How many cores each of these control groups allows, where it sets a bound."""
    quotas: list[float] = []
    for folder in folders:
        both = _read(folder / "cpu.max").split()
        if not both:
            both = [_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")]
        # "max" and -1 mean no bound.
        if len(both) == 2 and both[0].isdigit() and both[1].isdigit() and int(both[1]) > 0:
            quotas.append(int(both[0]) / int(both[1]))
    return quotas


def _groups(controller: str, self_cgroup: str = "/proc/self/cgroup", root: str = "/sys/fs/cgroup") -> list[Path]:
    """The folders of our control groups and of all that contain them, for both versions of the interface."""
    found: list[Path] = []
    for line in _read(Path(self_cgroup)).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        mounts = [Path(root), Path(root) / "unified"] if not controllers else [Path(root) / controller]
        for mount in mounts:
            group = Path(path.lstrip("/"))
            # In a container the path may be another's view: folders that do not exist are simply not read.
            found += [mount / group, *(mount / parent for parent in group.parents)]
    return list(dict.fromkeys(found))


def _reclaimable(folder: Path) -> int:
    match = re.search(r"^(?:total_)?inactive_file (\d+)$", _read(folder / "memory.stat"), re.MULTILINE)
    return int(match[1]) if match else 0


def _read_number(path: Path) -> int | None:
    """The number in that file. None for none, and for the huge ones that mean no bound."""
    text = _read(path)
    return int(text) if text.isdigit() and int(text) < 2**60 else None


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


# What becomes of jobs when the server goes


@functools.lru_cache(maxsize=1)
def dies_with_server() -> str | None:
    """A sentence that says why jobs on this machine will end with the server, or None if nothing speaks for it."""
    # Not by /.dockerenv: machines that were made from an image have it too.
    return why_jobs_die(os.environ, _read(Path("/proc/1/comm")), _read(Path("/proc/self/cgroup")), _unit)


def why_jobs_die(environ: Mapping[str, str], first: str, cgroup: str, unit_text: Callable[[str], str]) -> str | None:
    """The pure part of `dies_with_server`. `first` is the name of process 1, `unit_text` reads a unit's files."""
    for name, scheduler in (("SLURM_JOB_ID", "Slurm"), ("PBS_JOBID", "PBS")):
        if environ.get(name):
            return f"This server runs inside the {scheduler} job {environ[name]}: jobs on this machine end with it."
    if environ.get("KUBERNETES_SERVICE_HOST"):
        return "This server runs in a pod: jobs on this machine end when the pod is stopped."
    if _is_first_of_container(first):
        return "This server runs in a container: jobs on this machine end when the container is stopped."
    unit = re.search(r"/([^/\s]+\.service)$", cgroup, re.MULTILINE)
    # user@1000.service holds a whole login, not the server alone.
    if unit and not unit[1].startswith("user@"):
        mode = re.findall(r"^\s*KillMode\s*=\s*(\S+)", unit_text(unit[1]), re.MULTILINE)
        if not mode or mode[-1] not in ("process", "none"):
            return f"This server is the systemd unit {unit[1]}: jobs on this machine end when it is stopped."
    return None


def _is_first_of_container(first: str) -> bool:
    return bool(
        re.match(
            r"(tini|dumb-init|docker-init|catatonit|supervisord|s6-svscan|jupyter|python|start|sh$|bash$|conmon)", first
        )
    )


def _unit(name: str) -> str:
    """What the unit's files say, the strongest last."""
    texts = []
    for folder in ("/usr/lib/systemd/system", "/lib/systemd/system", "/run/systemd/transient", "/etc/systemd/system"):
        texts.append(_read(Path(folder) / name))
        with contextlib.suppress(OSError):
            texts += [_read(path) for path in sorted(Path(folder, f"{name}.d").glob("*.conf"))]
    return "\n".join(texts)
