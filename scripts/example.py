"""Build examples/extension against this package, packed as npm would get it, and install it below a prefix.

`python scripts/example.py PREFIX`: afterwards PREFIX/share/jupyter/labextensions holds it. The extension is built in a
copy beside which nothing of this checkout lies but the installed packages: what the packed files lack, it lacks.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples/extension"
MADE = ("lib", "labextension", "node_modules", "__pycache__")


def call(argv: Sequence[str | Path], cwd: Path) -> None:
    """Run it with this Python's own programs first on the path. Raises `CalledProcessError` with what it printed."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    words = [str(word) for word in argv]
    done = subprocess.run(words, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
        done.check_returncode()


def pack(folder: Path) -> Path:
    """This package as npm would get it, unpacked."""
    call(["jlpm", "build:lib"], ROOT)
    # Not jlpm: it looks at everything in the checkout, which takes five times as long.
    call(["npm", "pack", "--ignore-scripts", "--pack-destination", folder], ROOT)
    [archive] = folder.glob("*.tgz")
    call(["tar", "-xzf", archive], folder)
    return folder / "package"


def build(folder: Path) -> Path:
    """The built example, in a copy."""
    example = folder / "example"
    shutil.copytree(EXAMPLE, example, ignore=shutil.ignore_patterns(*MADE))
    modules = example / "node_modules"
    modules.mkdir()
    pack(folder).rename(modules / "jupyterlab-compute")
    # Looked in after the example's own, as anywhere: JupyterLab's packages and the tools.
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    call([ROOT / "node_modules/.bin/tsc"], example)
    call(["jupyter-builder", "build", "."], example)
    return example


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("prefix", type=Path, help="where to install it, such as ~/.local or an environment's folder")
    prefix = parser.parse_args().prefix.resolve()
    with tempfile.TemporaryDirectory(prefix="compute-example-") as made:
        example = build(Path(made))
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--force-reinstall"]
        call([*pip, "--no-deps", "--no-warn-script-location", "--prefix", prefix, example], example)


if __name__ == "__main__":
    main()
