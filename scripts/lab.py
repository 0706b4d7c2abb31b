"""Start JupyterLab with Compute on examples/, from nothing if need be.

Makes .venv, installs and builds what is out of date, starts JupyterLab on a free port and prints its address.
Arguments go to `jupyter lab`. Needs Python 3.10 or newer and Node.js 20 or newer.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
START_TIMEOUT_S = 120
JUPYTERLAB = "jupyterlab>=4.6.6,<4.7"


def fingerprint(*names: str) -> str:
    """One word for what the named files, and the files below the named folders, hold."""
    digest = hashlib.sha256()
    for name in names:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


class Stamp:
    """Remembers, in the environment, what a step was last done for."""

    def __init__(self, name: str, value: str) -> None:
        self._file = VENV / f".compute-{name}"
        self._value = value

    def fresh(self) -> bool:
        return self._file.is_file() and self._file.read_text() == self._value

    def write(self) -> None:
        self._file.write_text(self._value)


def run(*argv: str | Path) -> None:
    subprocess.run([str(word) for word in argv], cwd=ROOT, env=environment(), check=True)


def environment() -> dict[str, str]:
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "VIRTUAL_ENV": str(VENV)}
    env.pop("PYTHONPATH", None)
    return env


def require_node() -> None:
    node = shutil.which("node")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip() if node else "none"
    if not node or int(version.lstrip("v").split(".")[0]) < 20:
        sys.exit(f"Building the page's half of Compute needs Node.js 20 or newer on PATH; found: {version}.")


def prepare() -> None:
    if (
        not (BIN / "python").exists()
        or subprocess.run([BIN / "python", "-m", "pip", "-V"], capture_output=True).returncode
    ):
        print(f"Making {VENV.name} with {sys.executable}", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV])
        if made.returncode:
            sys.exit("Python could not make a virtual environment. On Debian: apt-get install python3-venv")
    python = Stamp("python", fingerprint("pyproject.toml", "jupyter-config", "install.json"))
    bundle = Stamp("bundle", fingerprint("src", "style", "schema", "package.json", "yarn.lock", "tsconfig.json"))
    built = (ROOT / "jupyterlab_compute/labextension/static/style.js").is_file()
    if not python.fresh():
        require_node()
        print("Installing Compute and JupyterLab (a minute or so the first time)", flush=True)
        run(BIN / "python", "-m", "pip", "install", "--quiet", "--editable", ".", JUPYTERLAB)
        # pip copies the bundle; a link lets every later build be seen at once.
        run(BIN / "jupyter-builder", "develop", ".", "--overwrite")
        python.write()
        if not built:  # then the installation has just built it
            bundle.write()
            return
    if not (built and bundle.fresh()):
        require_node()
        print("Building the page's half", flush=True)
        run(BIN / "jlpm", "install", "--immutable")
        run(BIN / "jlpm", "build")
        bundle.write()


def free_port() -> int:
    """Jupyter's usual port, or the next one that nobody listens on."""
    for port in range(8888, 9888):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    sys.exit("No port between 8888 and 9887 is free.")


def serve(arguments: list[str]) -> int:
    argv = [str(BIN / "jupyter"), "lab", "--no-browser", f"--ServerApp.root_dir={ROOT / 'examples'}"]
    if not any(word.startswith(("--port", "--ServerApp.port")) for word in arguments):
        argv.append(f"--port={free_port()}")
    if os.geteuid() == 0:
        argv.append("--allow-root")
    server = subprocess.Popen([*argv, *arguments], cwd=ROOT, env=environment())
    # Ctrl-C reaches both of us; Jupyter asks what is meant, we only wait for its end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    info = wait_for_info(server)
    if info:
        query = f"?token={info['token']}" if info["token"] else ""
        print(f"\n    JupyterLab with Compute: {info['url']}lab/tree/first-steps.ipynb{query}\n", flush=True)
    return server.wait()


def wait_for_info(server: subprocess.Popen[bytes]) -> dict[str, str] | None:
    """What the server wrote about itself when it began to listen."""
    found = subprocess.run(
        [BIN / "jupyter", "--runtime-dir"], capture_output=True, text=True, check=True, env=environment()
    )
    file = Path(found.stdout.strip()) / f"jpserver-{server.pid}.json"
    end = time.monotonic() + START_TIMEOUT_S
    while server.poll() is None and time.monotonic() < end:
        try:
            return json.loads(file.read_text())
        except (OSError, ValueError):
            time.sleep(0.1)
    return None


if __name__ == "__main__":
    try:
        prepare()
    except subprocess.CalledProcessError as error:
        sys.exit(f"This step failed ({error.returncode}): {' '.join(map(str, error.cmd))}")
    sys.exit(serve(sys.argv[1:]))
