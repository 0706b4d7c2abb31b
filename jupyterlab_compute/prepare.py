"""From a checked request to a record and the files of its run folder. Everything here blocks.

Nothing is written by `prepare`; `write` puts the files where the record says, before the record itself exists,
so that a record always has a whole run folder.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import secrets
import shlex
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path, PurePosixPath
from string import Template
from typing import Any

from . import clock, exports, notify, parameters
from .drivers.base import Driver, Resources, Submission
from .errors import ComputeError, Invalid
from .evidence import newest_attempt
from .notebooks import cells_to_run
from .profiles import Profile
from .records import Record

#: Sizes beyond which outputs are not stored: see docs/run-folder.md.
CAPS = {"cell_bytes": 10 * 1024 * 1024, "job_bytes": 256 * 1024 * 1024}
#: Where the executed copy of a notebook goes unless somebody says otherwise.
_LANDS_AT = "{folder}/runs/{name}-{date}-{time}.ipynb"
_LEAST_FREE_BYTES = 64 * 1024 * 1024
_LEAST_FREE_FILES = 200
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


class NoSpace(ComputeError):
    """The disk of the run folders is (nearly) full. Nothing was sent."""

    status, code = 507, "no_space"


@dataclass(frozen=True)
class Ground:
    """What preparing needs to know of this server."""

    #: The folder that paths of the wire are below, or None where notebooks are not files.
    root: Path | None
    #: Where run folders live unless the profile says otherwise.
    run_root: Path
    python: str = sys.executable


@dataclass(frozen=True)
class Prepared:
    """A job that could be sent now."""

    record: Record
    #: By name in the run folder.
    files: dict[str, str]
    #: What of the request will not be as it wishes, in sentences.
    warnings: tuple[str, ...] = ()


def job_id(key: str) -> str:
    """The id that belongs to a sender's key: so the record's name alone keeps two servers from making two jobs."""
    digest = hashlib.sha256(b"jupyterlab-compute:" + key.encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def body_sha256(request: Mapping[str, Any]) -> str:
    """The same for the same wish, whatever the order of its fields."""
    return hashlib.sha256(json.dumps(request, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def prepare(
    request: Mapping[str, Any],
    notebook: dict[str, Any],
    profile: Profile,
    driver: Driver,
    kernel: tuple[str, dict[str, Any]],
    ground: Ground,
    retry_of: str | None = None,
) -> Prepared:
    """The record and files for `request`, which has passed the contract's check. Raises `Invalid`.

    `notebook` is nbformat 4.5 with an id in every cell; `kernel` is a kernelspec's name and content.
    """
    if request.get("after"):
        raise Invalid("“after” is not possible yet in this version.", "Leave it out.", pointer="/after")
    source = request["source"]
    if request.get("parameters"):
        notebook = parameters.inject(notebook, request["parameters"], str(kernel[1].get("language", "")))
    path = relative_path(source["path"], "/source/path")
    to_run = cells_to_run(notebook, request)
    resources = _resources(request.get("resources", {}), profile)
    queue = _queue(request.get("queue"), profile)
    native = _native(request.get("native", {}), profile)
    identity = job_id(request["key"])
    run_folder = run_root(profile, ground) / identity
    kernel_name, kernel_spec = kernel
    tag = f"jc-{secrets.token_hex(8)}"
    created = clock.now()
    python = profile.runner_python or ground.python
    script = _script(python, run_folder)
    selected = sum(1 for cell in to_run if cell.role == "selected")
    spec = {
        "schema": 1,
        "id": identity,
        "tag": tag,
        "created_at": created,
        "notebook": "input.ipynb",
        "cells": [{"id": cell.id, "role": cell.role} for cell in to_run],
        "kernel": {"name": kernel_name, "spec": kernel_spec},
        "wrap": _wrap(profile),
        "cwd": str(_working_folder(path, ground)),
        "environment": dict(profile.environment.variables),
        "limits": {
            "walltime_s": resources.get("walltime_s") if driver.runner_enforces_limits else None,
            "memory_mb": resources.get("memory_mb") if driver.runner_enforces_limits else None,
        },
        "caps": CAPS,
        "stop_on_error": True,
    }
    record = Record(
        id=identity,
        key=request["key"],
        body_sha256=body_sha256(request),
        tag=tag,
        name=request.get("name") or _name(source["kind"], path, selected),
        source_kind=source["kind"],
        path=str(path),
        cells=tuple({"id": cell.id, "role": cell.role, "source_sha256": cell.sha256} for cell in to_run),
        before=request.get("before", "nothing"),
        profile=profile.name,
        profile_title=profile.title,
        scheduler=dict(profile.scheduler),
        cluster=driver.cluster,
        resources=resources,
        queue=queue,
        account=request.get("account") or profile.account,
        native=native,
        kernel=kernel_name,
        run_folder=str(run_folder),
        script_sha256=hashlib.sha256(script.encode()).hexdigest(),
        created_at=created,
        use_comment=profile.use_comment,
        requeue=profile.requeue,
        display_name=_public_name(request.get("name") or path.stem) if profile.show_names else "",
        retry_of=retry_of,
        parameters=dict(request.get("parameters", {})),
        retries=_retries(request),
        at_most=min(filter(None, (request.get("at_most"), profile.at_most)), default=None),
        give_up_at=_later(created, request.get("give_up_after_s")),
        formats=_formats(request.get("formats", []), source["kind"]),
        lands_at=_lands_at(request.get("lands_at"), path, created, profile.name, identity)
        if source["kind"] == "notebook"
        else None,
    )
    return Prepared(
        record,
        {
            "job.json": json.dumps(spec, ensure_ascii=False, indent=1),
            "request.json": json.dumps(_without_content(request), ensure_ascii=False, indent=1),
            "input.ipynb": json.dumps(notebook, ensure_ascii=False, indent=1),
            "job.sh": script,
            "runner.py": (files("jupyterlab_compute") / "runner.py").read_text("utf-8"),
        },
    )


def _without_content(request: Mapping[str, Any]) -> dict[str, Any]:
    return {**request, "source": {k: v for k, v in request["source"].items() if k != "content"}}


def submission(record: Record) -> Submission:
    """What a driver needs to send that record's job."""
    asked = {name: value for name, value in record.resources.items() if value is not None}
    return Submission(
        tag=record.tag,
        job_id=record.id,
        run_folder=record.run_folder,
        script=str(Path(record.run_folder) / "job.sh"),
        resources=Resources(**asked),
        queue=record.queue,
        account=record.account,
        native=dict(record.native),
        display_name=record.display_name,
        use_comment=record.use_comment,
        requeue=record.requeue,
        mail_on=notify.scheduler_mails(record),
        mail_to=record.notify.get("mail_to") or "",
    )


def sample(profile: Profile, ground: Ground) -> Submission:
    """A job of that profile's defaults, to ask a scheduler whether it would take it; it exists nowhere."""
    folder = run_root(profile, ground) / job_id("a sample")
    asked = {name: value for name, value in _resources({}, profile).items() if value is not None}
    return Submission(
        tag="jc-sample",
        job_id=folder.name,
        run_folder=str(folder),
        script=str(folder / "job.sh"),
        resources=Resources(**asked),
        queue=profile.queue,
        account=profile.account,
        use_comment=profile.use_comment,
        requeue=profile.requeue,
    )


def write(prepared: Prepared) -> None:
    """Make the run folder. Raises `NoSpace`; leaves nothing behind when it fails."""
    folder = Path(prepared.record.run_folder)
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_space(folder.parent)
        _make_way(folder)
        folder.mkdir(mode=0o700)
        (folder / "attempts").mkdir(mode=0o700)
        for name, text in prepared.files.items():
            descriptor = os.open(
                folder / name,
                os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW,
                0o700 if name == "job.sh" else 0o600,
            )
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if not isinstance(error, OSError):
            raise
        raise NoSpace(
            f"The run folder {folder} could not be made: {error.strerror or error}.",
            "Free some space there, or ask for another `run_root` in the profile.",
        ) from error


def _make_way(folder: Path) -> None:
    """No record speaks of what is there: a crash left it, or a job of this key was deleted and its files kept."""
    if newest_attempt(folder) is not None:
        folder.rename(folder.with_name(f"{folder.name}.{secrets.token_hex(4)}"))
    else:
        shutil.rmtree(folder, ignore_errors=True)


def check_space(folder: Path) -> None:
    """Raise `NoSpace` where the disk of that folder is (nearly) full."""
    free = os.statvfs(folder)
    if free.f_bavail * free.f_frsize < _LEAST_FREE_BYTES:
        raise NoSpace(
            f"Less than 64 MiB are free below {folder}, where run folders live.",
            "Delete old jobs with their files, or free space there.",
        )
    # File systems that make inodes as they go report 0 of 0.
    if free.f_files and free.f_favail < _LEAST_FREE_FILES:
        raise NoSpace(
            f"No more files can be made below {folder} (its inodes are used up).",
            "Delete old jobs with their files, or remove small files there.",
        )


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


def _working_folder(path: PurePosixPath, ground: Ground) -> Path:
    """The notebook's own folder where there is one, so that relative paths work as they do in the editor."""
    if ground.root is None:
        return Path.home()
    folder = ground.root / path.parent
    return folder if folder.is_dir() else ground.root


def _lands_at(asked: str | None, path: PurePosixPath, created: str, profile: str, identity: str) -> str:
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


def _retries(request: Mapping[str, Any]) -> dict[str, Any] | None:
    asked = request.get("retries")
    return asked and {"times": asked["times"], "more": asked.get("more", False), "problem": None}


def _later(moment: str, seconds: int | None) -> str | None:
    return None if seconds is None else clock.at(clock.parse(moment) + timedelta(seconds=seconds))


def _formats(asked: Sequence[str], kind: str) -> tuple[str, ...]:
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


def _name(kind: str, path: PurePosixPath, selected: int) -> str:
    if kind == "notebook":
        return path.name[:200]
    return f"{path.stem[:180]}, {selected} {'cell' if selected == 1 else 'cells'}"


def _public_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:60].strip("_-.")


def _resources(asked: Mapping[str, Any], profile: Profile) -> dict[str, Any]:
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


def _queue(asked: str | None, profile: Profile) -> str | None:
    if asked is not None and profile.queue is not None and asked != profile.queue:
        raise Invalid(
            f"“{profile.title}” runs in the queue {profile.queue}.",
            "Choose another profile for another queue.",
            pointer="/queue",
        )
    return asked or profile.queue


def _native(asked: Mapping[str, str], profile: Profile) -> dict[str, str]:
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


def run_root(profile: Profile, ground: Ground) -> Path:
    """Where run folders of that profile live. Raises `Invalid`."""
    if profile.run_root is None:
        return ground.run_root
    try:
        expanded = Template(profile.run_root).substitute(os.environ)
    except (KeyError, ValueError) as error:
        raise Invalid(
            f"The profile's run_root names {error}, which this server does not have.",
            "Tell who made the profile.",
            pointer="/profile",
        ) from error
    root = Path(os.path.expanduser(expanded))
    if not root.is_absolute():
        raise Invalid(
            "The profile's run_root is not an absolute path.", "Tell who made the profile.", pointer="/profile"
        )
    return root


def _wrap(profile: Profile) -> list[str]:
    """What stands before the kernel's command: modules and setup lines, which only settings may hold."""
    environment = profile.environment
    if not environment.modules and not environment.setup:
        return []
    lines = [f"module load {shlex.quote(module)}" for module in environment.modules] + list(environment.setup)
    # A login shell, because that is where sites define `module`.
    return ["/bin/bash", "-lc", "\n".join(["set -e", *lines, 'exec "$@"']), "kernel"]


def _script(python: str, run_folder: Path) -> str:
    runner = shlex.quote(str(run_folder / "runner.py"))
    return f"#!/bin/bash\numask 077\nexec {shlex.quote(python)} -I {runner} run {shlex.quote(str(run_folder))}\n"
