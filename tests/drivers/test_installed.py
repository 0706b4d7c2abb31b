"""Drivers of other packages: found by their entry point, imported when they are used, told when they are broken."""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyterlab_compute.drivers.base import Means
from jupyterlab_compute.drivers.installed import Installed
from jupyterlab_compute.errors import NoSuchScheduler
from jupyterlab_compute.transports.local import LocalTransport

from ..jupyter import Jupyter, whole

EXAMPLE = Path(__file__).parents[2] / "examples" / "driver"
MEANS = Means(LocalTransport(), 7.0)


class Packages:
    """A folder of installed packages, as pip leaves them, on Python's path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, name: str, entry: str, code: str, version: str = "1.0") -> None:
        """A package `name` whose module of that name is `code`; `entry` is a line of its entry points."""
        module = name.replace("-", "_")
        about = self.folder / f"{module}-{version}.dist-info"
        about.mkdir(parents=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (about / "entry_points.txt").write_text(f"[jupyterlab_compute.drivers]\n{entry}\n")
        (self.folder / f"{module}.py").write_text(code)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Packages]:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    before = set(sys.modules)
    yield Packages(folder)
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
            del sys.modules[name]
    importlib.invalidate_caches()


def example() -> tuple[str, str, str]:
    """The example package's name, its entry point and its code."""
    about = (EXAMPLE / "pyproject.toml").read_text()
    name = re.search(r'^name = "(.+)"$', about, re.MULTILINE)
    entry = re.search(r'^\[project\.entry-points\."jupyterlab_compute\.drivers"\]\n(.+)$', about, re.MULTILINE)
    assert name is not None
    assert entry is not None
    return name[1], entry[1].replace('"', ""), (EXAMPLE / "compute_nice.py").read_text()


def told(installed: Installed, name: str) -> NoSuchScheduler:
    with pytest.raises(NoSuchScheduler) as caught:
        installed.make({"type": name}, MEANS)
    return caught.value


def test_our_own_drivers_are_found_as_anybody_elses() -> None:
    installed = Installed.here()
    assert {"local", "slurm"} <= set(installed.names())
    assert installed.make({"type": "local"}, MEANS).slots
    slurm = installed.make({"type": "slurm", "cluster": "west"}, MEANS)
    assert (slurm.type, slurm.cluster, slurm.settle_s) == ("slurm", "west", 7.0)


def test_no_driver_is_imported_before_it_is_used() -> None:
    """In a Python of its own: here others have imported them."""
    code = """
import json, sys
from jupyterlab_compute import app
from jupyterlab_compute.drivers.installed import Installed
installed = Installed.here()
before = [name for name in sys.modules if name.startswith("jupyterlab_compute.drivers.")]
installed.load("slurm")
after = [name for name in sys.modules if name.startswith("jupyterlab_compute.drivers.")]
print(json.dumps([before, after]))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    before, after = json.loads(told)
    # What the machine has is asked for without any driver.
    assert {name.rpartition(".")[2] for name in before} == {"base", "installed", "machine"}
    assert "jupyterlab_compute.drivers.slurm" in after
    assert "jupyterlab_compute.drivers.local" not in after


def test_a_driver_of_another_package_is_found_and_imported_only_when_it_is_used(packages: Packages) -> None:
    name, entry, code = example()
    packages.install(name, entry, code)
    installed = Installed.here()
    assert "nice" in installed.names()
    assert "compute_nice" not in sys.modules
    driver = installed.make({"type": "nice"}, MEANS)
    assert "compute_nice" in sys.modules
    assert driver.cluster.startswith("nice-")


def test_an_unknown_driver_is_told_with_those_that_there_are() -> None:
    error = told(Installed.here(), "pbs")
    assert error.message == "There is no driver for the scheduler “pbs”."
    assert "local, slurm" in error.hint


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import a_module_that_is_not_there", "ModuleNotFoundError: No module named 'a_module_that_is_not_there'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("Odd = 3", "odd:Odd is no class that extends Driver"),
        ("class Odd: pass", "odd:Odd is no class that extends Driver"),
        (
            "from jupyterlab_compute.drivers.base import Driver\nclass Odd(Driver): pass",
            "TypeError: Can't instantiate abstract class Odd",
        ),
        (
            "from jupyterlab_compute.drivers.local import LocalDriver\nclass Odd(LocalDriver): cluster = '../there'",
            "it calls its cluster '../there'",
        ),
    ],
)
def test_a_broken_driver_is_told_with_its_package_and_its_error(packages: Packages, code: str, words: str) -> None:
    packages.install("odd", "odd = odd:Odd", code, version="2.3")
    installed = Installed.here()
    first = told(installed, "odd")
    assert first.message.startswith("The driver for the scheduler “odd” (odd 2.3) does not work: ")
    assert words in first.message
    # Asked again and again, as for every look at the profiles.
    assert told(installed, "odd").message == first.message
    assert installed.make({"type": "local"}, MEANS).type == "local"


def test_two_packages_with_one_name_are_told_and_neither_is_taken(packages: Packages) -> None:
    packages.install("one", "twice = one:Odd", "")
    packages.install("two", "twice = two:Odd", "")
    error = told(Installed.here(), "twice")
    assert "one 1.0 and two 1.0" in error.message
    assert not {"one", "two"} & set(sys.modules)


def test_a_job_runs_by_a_driver_of_another_package_and_a_broken_one_is_told(tmp_path: Path) -> None:
    """On a real server that finds both in a folder on its path."""
    packages = Packages(tmp_path / "site-packages")
    packages.install(*example())
    packages.install("odd", "odd = odd:Odd", "import a_module_that_is_not_there")
    profiles = {"kind": {"scheduler": {"type": "nice"}}, "broken": {"scheduler": {"type": "odd"}}}
    server = Jupyter(
        tmp_path / "jupyter",
        environment={"PYTHONPATH": str(packages.folder)},
        options=(f"--ComputeApp.profiles={profiles!r}",),
    ).start()
    try:
        listed = server.ask("GET", "profiles").json
        by_name = {profile["name"]: profile for profile in listed["profiles"]}
        assert by_name["kind"]["available"]["ok"]
        assert by_name["kind"]["cluster"].startswith("nice-")
        assert not by_name["broken"]["available"]["ok"]
        assert any("odd 1.0" in problem and "a_module_that_is_not_there" in problem for problem in listed["problems"])
        job = server.run(whole("import os\nprint('niceness', os.nice(0))", profile="kind"))
        assert server.wait(job["id"])["state"] == "succeeded"
        # The container may have been started nice itself.
        assert server.printed(job["id"]) == f"niceness {min(19, os.nice(0) + 19)}\n"
        refused = server.ask("POST", "jobs", whole("1", profile="broken"))
        assert refused.status == 422
        assert refused.json["pointer"] == "/profile"
    finally:
        server.stop()
