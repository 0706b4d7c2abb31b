"""What of a request the profile and this server allow, and what it then comes to. Raises `Invalid` with a pointer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from . import exports
from .errors import Invalid
from .profiles import Profile

#: Where the executed copy of a notebook goes unless somebody says otherwise.
_LANDS_AT = "{folder}/runs/{name}-{date}-{time}.ipynb"
_WORDS = {
    "cores": "cores",
    "memory_mb": "MiB of memory",
    "walltime_s": "seconds",
    "nodes": "nodes",
    "tasks": "tasks",
    "gpus": "GPUs",
}
#: What one gets without asking: asking for just that is allowed everywhere.
_USUAL = {"cores": 1, "memory_mb": None, "walltime_s": None, "nodes": 1, "tasks": 1, "gpus": 0}


def relative_path(text: str, pointer: str) -> PurePosixPath:
    """A wire path as a relative one that stays below the root. Raises `Invalid`."""
    path = PurePosixPath(text.lstrip("/") if text.startswith("/") and not text.startswith("//") else text)
    if path.is_absolute() or ".." in path.parts or "\\" in text or not path.parts:
        raise Invalid(
            "This path leads out of the folder that JupyterLab shows.",
            "Give a path below it, without “..”.",
            pointer=pointer,
        )
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", text):
        raise Invalid(
            f"“{text.split(':')[0][:40]}:” is another drive, which a job cannot reach.",
            "Save the notebook in JupyterLab's own files first.",
            pointer=pointer,
        )
    return path


def resources(asked: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
    """What the job gets: what is asked for within the profile's limits, else the profile's default."""
    chosen: dict[str, Any] = {}
    for name in _WORDS:
        limits = profile.resources.get(name)
        value = asked.get(name)
        if limits is None:
            if value is not None and value != _USUAL[name]:
                raise Invalid(
                    f"“{profile.title}” does not let you choose {_WORDS[name]}.",
                    "Leave it out, or choose another profile.",
                    pointer=f"/resources/{name}",
                )
            continue
        if value is None:
            value = limits.get("default")
            if value is None:
                continue
        low, high = limits.get("min"), limits.get("max")
        if high is not None and value > high:
            raise Invalid(
                f"“{profile.title}” allows at most {high} {_WORDS[name]}, not {value}.",
                "Ask for less, or choose another profile.",
                pointer=f"/resources/{name}",
            )
        if low is not None and value < low:
            raise Invalid(
                f"“{profile.title}” asks for at least {low} {_WORDS[name]}, not {value}.", pointer=f"/resources/{name}"
            )
        chosen[name] = value
    chosen.setdefault("cores", 1)
    gpu_type = asked.get("gpu_type")
    if gpu_type is not None:
        if gpu_type not in profile.gpu_types:
            raise Invalid(f"“{profile.title}” has no GPUs of the type “{gpu_type}”.", pointer="/resources/gpu_type")
        chosen["gpu_type"] = gpu_type
    return chosen


def queue(asked: str | None, profile: Profile) -> str | None:
    """The queue; None: the scheduler's usual one."""
    if asked is not None and profile.queue is not None and asked != profile.queue:
        raise Invalid(
            f"“{profile.title}” runs in the queue {profile.queue}.",
            "Choose another profile for another queue.",
            pointer="/queue",
        )
    return asked or profile.queue


def native(asked: Mapping[str, str], profile: Profile) -> dict[str, str]:
    """Further options of the scheduler: those whose names and patterns the profile lists."""
    for name, value in asked.items():
        pattern = profile.native.get(name)
        pointer = "/native/" + name.replace("~", "~0").replace("/", "~1")
        if pattern is None:
            raise Invalid(
                f"“{profile.title}” does not allow the option “{_shown(name)}”.",
                f"It allows: {', '.join(profile.native)[:300] or 'none'}.",
                pointer=pointer[:500],
            )
        # Whatever the pattern says: a newline would begin a line of its own somewhere.
        if not value.isprintable() or not re.fullmatch(pattern, value):
            raise Invalid(
                f"The option “{name}” does not allow “{_shown(value)}”.", f"It must match {pattern}", pointer=pointer
            )
    return dict(asked)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "·" for c in text[:60])


def formats(asked: Sequence[str], kind: str) -> tuple[str, ...]:
    """What is made of the executed copy beside it."""
    if asked and kind != "notebook":
        raise Invalid("Only of a whole notebook other formats are made.", "Leave them out.", pointer="/formats")
    able = exports.possible() if asked else []
    for number, name in enumerate(asked):
        if name not in able:
            raise Invalid(
                f"This server cannot make {name.upper() if name != 'script' else 'scripts'} of a notebook.",
                "For PDF it needs the programs xelatex and pandoc.",
                pointer=f"/formats/{number}",
            )
    return tuple(asked)


def lands_at(asked: str | None, path: PurePosixPath, created: str, profile: str, identity: str) -> str:
    """Where the executed copy goes: a path with {folder}, {name}, {date}, {time}, {profile} and {job} filled in."""
    words = {
        "folder": str(path.parent),
        # A file's name is limited in bytes.
        "name": path.stem.encode()[:150].decode(errors="ignore"),
        "date": created[:10].replace("-", ""),
        "time": created[11:19].replace(":", ""),
        "profile": profile,
        "job": identity,
    }

    def filled(match: re.Match[str]) -> str:
        if match[1] not in words:
            raise Invalid(
                f"“{{{match[1][:40]}}}” is not known in the place of the result.",
                f"Known are: {', '.join(f'{{{word}}}' for word in words)}.",
                pointer="/lands_at",
            )
        return words[match[1]]

    target = relative_path(re.sub(r"\{(.*?)\}", filled, asked or _LANDS_AT), "/lands_at")
    if target.suffix != ".ipynb":
        raise Invalid("The executed copy's name must end in .ipynb.", pointer="/lands_at")
    return str(target)
