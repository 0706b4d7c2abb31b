"""Where run folders live, and how one is made: whole, the owner's alone, and only where there is space. Blocks."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from .errors import ComputeError, Invalid
from .evidence import newest_attempt
from .profiles import Profile

_LEAST_FREE_BYTES = 64 * 1024 * 1024
_LEAST_FREE_FILES = 200


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


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Make the run folder of these files. Raises `NoSpace`; leaves nothing behind when it fails."""
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_space(folder.parent)
        _make_way(folder)
        folder.mkdir(mode=0o700)
        (folder / "attempts").mkdir(mode=0o700)
        for name, text in files.items():
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
