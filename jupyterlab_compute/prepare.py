"""From a checked request to a record and the files of its run folder, and from a record to what a driver sends.

Nothing is written here: `run_folders.write` puts the files where the record says, before the record itself exists,
so that a record always has a whole run folder. Everything here blocks.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any

from . import allowed, clock, notify, parameters
from .drivers.base import Driver, Resources, Submission
from .errors import Invalid
from .notebooks import cells_to_run
from .profiles import Profile
from .records import Record
from .run_folders import Ground, run_root

#: Sizes beyond which outputs are not stored: see docs/run-folder.md.
CAPS = {"cell_bytes": 10 * 1024 * 1024, "job_bytes": 256 * 1024 * 1024}


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
    path = allowed.relative_path(source["path"], "/source/path")
    to_run = cells_to_run(notebook, request)
    resources = allowed.resources(request.get("resources", {}), profile)
    queue = allowed.queue(request.get("queue"), profile)
    native = allowed.native(request.get("native", {}), profile)
    identity = job_id(request["key"])
    run_folder = run_root(profile, ground) / identity
    kernel_name, kernel_spec = kernel
    created = clock.now()
    script = _script(profile.runner_python or ground.python, run_folder)
    selected = sum(cell.role == "selected" for cell in to_run)
    record = Record(
        id=identity,
        key=request["key"],
        body_sha256=body_sha256(request),
        tag=f"jc-{secrets.token_hex(8)}",
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
        formats=allowed.formats(request.get("formats", []), source["kind"]),
        lands_at=allowed.lands_at(request.get("lands_at"), path, created, profile.name, identity)
        if source["kind"] == "notebook"
        else None,
    )
    return Prepared(
        record,
        {
            "job.json": json.dumps(
                _for_the_runner(record, kernel_spec, profile, driver, ground), ensure_ascii=False, indent=1
            ),
            "request.json": json.dumps(_without_content(request), ensure_ascii=False, indent=1),
            "input.ipynb": json.dumps(notebook, ensure_ascii=False, indent=1),
            "job.sh": script,
            "runner.py": (files("jupyterlab_compute") / "runner.py").read_text("utf-8"),
        },
    )


def _for_the_runner(
    record: Record, kernel_spec: Mapping[str, Any], profile: Profile, driver: Driver, ground: Ground
) -> dict[str, Any]:
    """What is in job.json: see docs/run-folder.md."""
    limits = {name: record.resources.get(name) for name in ("walltime_s", "memory_mb")}
    return {
        "schema": 1,
        "id": record.id,
        "tag": record.tag,
        "created_at": record.created_at,
        "notebook": "input.ipynb",
        "cells": [{"id": cell["id"], "role": cell["role"]} for cell in record.cells],
        "kernel": {"name": record.kernel, "spec": kernel_spec},
        "wrap": _wrap(profile),
        "cwd": str(_working_folder(PurePosixPath(record.path), ground)),
        "environment": dict(profile.environment.variables),
        "limits": limits if driver.runner_enforces_limits else dict.fromkeys(limits),
        "caps": CAPS,
        "stop_on_error": True,
    }


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
    return Submission(
        tag="jc-sample",
        job_id=folder.name,
        run_folder=str(folder),
        script=str(folder / "job.sh"),
        resources=Resources(**allowed.resources({}, profile)),
        queue=profile.queue,
        account=profile.account,
        use_comment=profile.use_comment,
        requeue=profile.requeue,
    )


def _working_folder(path: PurePosixPath, ground: Ground) -> Path:
    """The notebook's own folder where there is one, so that relative paths work as they do in the editor."""
    if ground.root is None:
        return Path.home()
    folder = ground.root / path.parent
    return folder if folder.is_dir() else ground.root


def _retries(request: Mapping[str, Any]) -> dict[str, Any] | None:
    asked = request.get("retries")
    return asked and {"times": asked["times"], "more": asked.get("more", False), "problem": None}


def _later(moment: str, seconds: int | None) -> str | None:
    return None if seconds is None else clock.at(clock.parse(moment) + timedelta(seconds=seconds))


def _name(kind: str, path: PurePosixPath, selected: int) -> str:
    if kind == "notebook":
        return path.name[:200]
    return f"{path.stem[:180]}, {selected} {'cell' if selected == 1 else 'cells'}"


def _public_name(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:60].strip("_-.")


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
