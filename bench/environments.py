"""Where the bench runs: an environment with the wheel of this checkout, and another one with the peers.

They are made as `make test` makes its own (see scripts/test.py), and for the same reason: the jobs of the test
Slurm run as an ordinary user, who may not be able to read the checkout. The peers come from the registry and have
an environment of their own, because nothing of them belongs into ours.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from scripts import test as ways

REQUIREMENTS = Path(__file__).parent / "peers/requirements.txt"
#: What the wheel is made from.
_SOURCES = ("jupyterlab_compute", "src", "style", "schema", "jupyter-config", "package.json", "pyproject.toml",
            "yarn.lock", "tsconfig.json", "install.json", "scripts/constraints.txt")  # fmt: skip


def make(*, as_installed: bool) -> tuple[Path, Path]:
    """The Pythons of both environments. `as_installed`: ours is taken as the last run left it."""
    home = ways.place() / "bench"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    (home.parent / "checkout").write_text(str(ways.ROOT))
    ways.REPORTS.mkdir(exist_ok=True)
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV", "MAKEFLAGS")}
    run = ways.Run(env)
    ours, peers = home / "venv", home / "peers"
    if not (as_installed and (ours / ".made-for").exists()):
        _make_ours(run, ours)
    _make_peers(run, peers)
    return ours / "bin/python", peers / "bin/python"


def _make_ours(run: ways.Run, venv: Path) -> None:
    stamp, wanted = venv / ".made-for", _fingerprint()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    python = venv / "bin/python"
    pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    with ways.told("an environment with the wheel of this checkout"):
        run.call([ways.base_python(), "-m", "venv", venv])
        run.env["PATH"] = f"{venv / 'bin'}{os.pathsep}{run.env['PATH']}"
        run.call([*pip, "--constraint", ways.CONSTRAINTS, "jupyterlab", "build", "websocket-client"])
        wheel = ways.build_wheel(run, venv)
        run.call([*pip, "--constraint", ways.CONSTRAINTS, wheel])
        run.call([*pip, "--force-reinstall", "--no-deps", wheel])
    stamp.write_text(wanted)


def _make_peers(run: ways.Run, venv: Path) -> None:
    stamp = venv / ".made-for"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    with ways.told("an environment with the peers"):
        run.call([ways.base_python(), "-m", "venv", "--clear", venv])
        pip: list[str | Path] = [venv / "bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run.call([*pip, "--requirement", REQUIREMENTS])
    stamp.write_text(wanted)


def _fingerprint() -> str:
    """Changes with anything that the wheel is made from."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *_SOURCES],
        cwd=ways.ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    digest = hashlib.sha256()
    for name in sorted(filter(None, listed.decode().split("\0"))):
        if (ways.ROOT / name).is_file():
            digest.update(name.encode() + b"\0" + (ways.ROOT / name).read_bytes() + b"\0")
    return digest.hexdigest()
