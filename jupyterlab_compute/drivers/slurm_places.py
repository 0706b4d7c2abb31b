"""Where one can run, from what Slurm says of its partitions and nodes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .base import Place
from .slurm_commands import NODE_COLUMNS
from .slurm_read import limit_s, rows

_HOUR_S = 3600
#: Beginnings of sinfo's compact words for nodes that can run jobs, now or after others.
_USABLE = ("idle", "mix", "alloc", "comp", "plan", "resv", "pow", "npc", "block")
_CLOSED = {
    "DOWN": "Closed by the site for now: jobs wait until it opens.",
    "DRAIN": "Closed by the site: it takes no new jobs.",
    "INACTIVE": "Closed by the site: it takes no jobs.",
}


@dataclass(frozen=True)
class Nodes:
    """Equal nodes of one partition."""

    count: int
    cores: int
    memory_mb: int
    gpus: int
    usable: bool


def places(partitions: str, nodes: str) -> list[Place]:
    """One place for every partition that this user may use, in the site's order."""
    limits = {
        found["PartitionName"]: found for found in map(_facts, partitions.splitlines()) if "PartitionName" in found
    }
    return [
        _place(name, limits.get(name, {}), groups, default) for (name, default), groups in _by_partition(nodes).items()
    ]


def cluster_name(config: str) -> str | None:
    """ClusterName from `scontrol show config`."""
    found = re.search(r"^ClusterName\s*=\s*([A-Za-z0-9][\w.-]{0,99})$", config, re.MULTILINE | re.ASCII)
    return found[1] if found else None


def version(config: str) -> str | None:
    """SLURM_VERSION from `scontrol show config`."""
    found = re.search(r"^SLURM_VERSION\s*=\s*(\S+)$", config, re.MULTILINE)
    return found[1] if found else None


def _facts(line: str) -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S*)", line))


def _by_partition(text: str) -> dict[tuple[str, bool], list[Nodes]]:
    found: dict[tuple[str, bool], list[Nodes]] = {}
    for row in rows(text, NODE_COLUMNS, key=r"\S"):
        name, state = row["Partition"], row["StateCompact"]
        found.setdefault((name.rstrip("*"), name.endswith("*")), []).append(
            Nodes(
                count=_number(row["Nodes"]) or 0,
                cores=_number(row["CPUs"]) or 1,
                memory_mb=_number(row["Memory"]) or 0,
                gpus=sum(int(n) for n in re.findall(r"(?:^|,)gpu(?::[A-Za-z][\w.-]*)?:(\d+)", row["Gres"])),
                # A `*` behind the word says that the node does not answer.
                usable=state.startswith(_USABLE) and not state.endswith("*"),
            )
        )
    return found


def _place(name: str, limits: dict[str, str], groups: list[Nodes], default: bool) -> Place:
    resources = _resources(limits, groups)
    count = sum(group.count for group in groups)
    state = limits.get("State", "UP")
    reason = _CLOSED.get(state, "" if state == "UP" else f"The site says: {state[:40]}.")
    if not reason and not any(group.usable and group.count for group in groups):
        reason = "None of its nodes is up."
    return Place(
        name=name,
        title=name,
        description=_description(count, resources),
        queue=name,
        resources=resources,
        ok=not reason,
        reason=reason,
        default=default,
    )


def _resources(limits: dict[str, str], groups: list[Nodes]) -> dict[str, dict[str, int]]:
    """What a profile may ask for. What the site does not limit and no node bounds has no `max`."""
    cores = min(max((g.cores for g in groups), default=1), _number(limits.get("MaxCPUsPerNode", "")) or 10**9)
    found = {
        "cores": {"default": 1, "min": 1, "max": max(1, cores)},
        "nodes": {"default": 1, "min": 1, "max": _most_nodes(limits, groups)},
    }
    largest = max((g.memory_mb for g in groups), default=0)
    per_core = _number(limits.get("MaxMemPerCPU", ""))
    bounds = (largest, _number(limits.get("MaxMemPerNode", "")), per_core * cores if per_core else None)
    # Nodes without a configured size say 1: Slurm does not manage their memory.
    memory = min((b for b in bounds if b), default=0)
    if memory > 1:
        found["memory_mb"] = {"min": 1, "max": memory}
        # What one core gets where nothing is asked for, so that the form says it before.
        usual = _number(limits.get("DefMemPerCPU", "")) or _number(limits.get("DefMemPerNode", ""))
        if usual:
            found["memory_mb"]["default"] = min(usual, memory)
    most, usual_s = limit_s(limits.get("MaxTime", "")), limit_s(limits.get("DefaultTime", ""))
    # Never the longest by default: short jobs fit into gaps and start sooner.
    found["walltime_s"] = {"default": min(usual_s or _HOUR_S, most or 10**9), "min": 60}
    if most:
        found["walltime_s"]["max"] = most
    gpus = max((g.gpus for g in groups), default=0)
    if gpus:
        found["gpus"] = {"default": 0, "min": 0, "max": gpus}
    return found


def _most_nodes(limits: dict[str, str], groups: list[Nodes]) -> int:
    return max(1, min(sum(g.count for g in groups), _number(limits.get("MaxNodes", "")) or 10**9))


def _number(text: str) -> int | None:
    """`2000`, `2000+`; None for UNLIMITED and the like."""
    found = re.match(r"\d+", text)
    return int(found[0]) if found else None


def _description(count: int, resources: dict[str, dict[str, int]]) -> str:
    words = ["1 node" if count == 1 else f"{count} nodes", _plural(resources["cores"]["max"], "core")]
    if "memory_mb" in resources:
        words.append(f"{resources['memory_mb']['max'] / 1024:.3g} GiB")
    if "gpus" in resources:
        words.append(_plural(resources["gpus"]["max"], "GPU"))
    text = f"{words[0]} with up to {', '.join(words[1:])}"
    most = resources["walltime_s"].get("max")
    return f"{text}; at most {_span(most)}" if most else f"{text}; no time limit"


def _plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _span(seconds: int) -> str:
    for length, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % length == 0 and seconds >= length:
            return _plural(seconds // length, word)
    return f"{seconds // 60} minutes"
