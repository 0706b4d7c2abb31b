"""Trying a profile without running anything: one line a check, with its cure."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from . import prepare, run_folders
from .drivers.base import Driver
from .errors import ComputeError, Invalid
from .ledger import Ledger
from .profiles import Profile
from .run_folders import Ground

#: The contract's Check: what was looked at, whether it is fine (None: cannot be known from here), and words.
Check = dict[str, Any]


def check(what: str, ok: bool | None, text: str, hint: str = "") -> Check:
    """The contract's Check."""
    return {"what": what, "ok": ok, "text": text, "hint": hint}


async def trial(
    profile: Profile, driver: Driver, ledger: Ledger, ground: Ground, kernel: Callable[[str], Awaitable[Any]]
) -> list[Check]:
    """Look at everything a job of that profile needs, as far as it can be seen from here. Nothing is started."""
    checks = [await _scheduler(driver)]
    if checks[0]["ok"]:
        checks.append(await _accepts(profile, driver, ground))
    checks.append(await ledger.blocking(_run_root, profile, ground))
    checks.append(await ledger.blocking(_python, profile))
    if profile.environment.kernel:
        checks.append(await _kernel(profile.environment.kernel, kernel))
    return checks


async def _scheduler(driver: Driver) -> Check:
    try:
        await driver.probe()
    except ComputeError as error:
        return check("scheduler", False, error.message, error.hint or "Ask the site's support if it stays so.")
    return check("scheduler", True, "The scheduler answers.")


async def _accepts(profile: Profile, driver: Driver, ground: Ground) -> Check:
    try:
        begins = await driver.estimate(prepare.sample(profile, ground))
    except ComputeError as error:
        hint = error.hint or "Compare queue, account, resources and options with what the site documents."
        return check("accepts", False, f"It would not take a job: {error.message}", hint)
    except ValueError as error:
        return check("accepts", False, f"It would not take a job: {error}")
    return {**check("accepts", True, "It would take a job with the profile's default resources."), "begins_at": begins}


def _run_root(profile: Profile, ground: Ground) -> Check:
    try:
        root = run_folders.run_root(profile, ground)
        there = next(folder for folder in (root, *root.parents) if folder.exists())
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            raise Invalid(f"You may not write to {there}.", "Choose another folder for run folders.")
        run_folders.check_space(there)
    except ComputeError as error:
        return check("run_root", False, error.message, error.hint)
    except OSError as error:
        return check("run_root", False, f"The place of run folders cannot be read: {error.strerror or error}.")
    return check("run_root", True, f"Run folders can be made in {root}.", "Compute nodes must see it as well.")


def _python(profile: Profile) -> Check:
    path = profile.runner_python
    if path is None:
        return check("python", True, "Jobs are run by this server's own Python.", "Compute nodes must see it as well.")
    if os.access(path, os.X_OK) and Path(path).is_file():
        return check("python", True, f"{path} is there.")
    return check("python", None, f"{path} is not seen from here.", "Perhaps compute nodes see it; a job will tell.")


async def _kernel(name: str, kernel: Callable[[str], Awaitable[Any]]) -> Check:
    try:
        await kernel(name)
    except ComputeError as error:
        return check("kernel", False, error.message, error.hint)
    return check("kernel", True, f"The kernel {name} is installed.")
