"""Run folders: the owner's alone, whole or not there, and only where there is space."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import run_folders
from jupyterlab_compute.run_folders import NoSpace

from ..builders import AN_ID

_FILES = {"job.json": "{}", "input.ipynb": "{}", "job.sh": "true", "runner.py": "pass"}


def test_the_run_folder_is_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / AN_ID
    run_folders.write(folder, _FILES)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == {
        "attempts": 0o700, "job.sh": 0o700,
        "job.json": 0o600, "input.ipynb": 0o600, "runner.py": 0o600,
    }  # fmt: skip


def test_what_a_crash_left_makes_way_and_what_ran_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "runs" / AN_ID
    run_folders.write(folder, _FILES)
    (folder / "left").touch()
    run_folders.write(folder, _FILES)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert not (folder / "left").exists()
    (folder / "attempts" / "1").mkdir()
    run_folders.write(folder, _FILES)
    assert len(list(folder.parent.glob(f"{folder.name}.*/attempts/1"))) == 1
    assert not (folder / "attempts" / "1").exists()


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), UnicodeEncodeError("utf-8", "x", 0, 1, "no")]
)
def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    folder = tmp_path / "runs" / AN_ID
    opened: list[Any] = []

    def fails_at_the_third(*arguments: Any, **more: Any) -> Any:
        opened.append(arguments)
        if len(opened) == 3:
            raise error
        return os.fdopen(*arguments, **more)

    monkeypatch.setattr(run_folders, "open", fails_at_the_third, raising=False)
    with pytest.raises(NoSpace if isinstance(error, OSError) else UnicodeEncodeError):
        run_folders.write(folder, _FILES)
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_nearly_full_disk_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "runs" / AN_ID
    roomy = os.statvfs(tmp_path)

    class Full:
        f_frsize = roomy.f_frsize
        f_bavail = 10
        f_files, f_favail = roomy.f_files, roomy.f_favail

    class NoMoreFiles(Full):
        f_bavail = roomy.f_bavail
        f_files, f_favail = 1000, 3

    for disk, words in ((Full, "64 MiB"), (NoMoreFiles, "inodes")):
        monkeypatch.setattr(os, "statvfs", lambda path, disk=disk: disk)
        with pytest.raises(NoSpace, match=words):
            run_folders.write(folder, _FILES)
    assert not folder.exists()
