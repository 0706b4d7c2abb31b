"""The world of the browser stories: a Slurm of four nodes, and JupyterLab run by an ordinary user.

`run` starts it, waits and ends all of it, also when whoever started it is gone. The other verbs are what a story does
to the world: end the server with -9, start it again, stop slurmctld and start it again. Without root there is no
Slurm, and the server is run by the present user; the reason stands in `world.json`, which tells the stories where
things are.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import pwd
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from tests.servers.daemons import Daemons, ensure_test_user, started_at, wait_until  # noqa: E402
from tests.servers.slurm import SlurmCluster, why_not  # noqa: E402

START_TIMEOUT_S = 60
#: JupyterLab as somebody has it who answered its questions: no news, no "would you like …".
USER_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


class World:
    """All that `run` starts, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.notebooks = folder / "notebooks"
        self.packs = folder / "packs"
        self._file = folder / "world.json"
        self._daemons = Daemons(folder)

    @property
    def facts(self) -> dict[str, object]:
        return json.loads(self._file.read_text())

    # -- all of it

    def start(self, *, port: int, token: str, python: str, slurm: bool) -> None:
        user = os.environ.get("COMPUTE_TEST_USER", "compute-test") if os.geteuid() == 0 else None
        account = ensure_test_user(user) if user else pwd.getpwuid(os.geteuid())
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        facts: dict[str, object] = {
            "url": f"http://127.0.0.1:{port}/",
            "port": port,
            "token": token,
            "python": python,
            "user": user,
            "uid": account.pw_uid,
            "gid": account.pw_gid,
            "home": str(self.home),
            "notebooks": str(self.notebooks),
            "slurm": None,
            "why_no_slurm": "this world was asked to do without" if not slurm else why_not(),
        }
        self._furnish(python)
        if facts["why_no_slurm"] is None:
            cluster = SlurmCluster(self.folder / "slurm", cluster="test")
            cluster.start()
            facts["slurm"] = {"folder": str(cluster.folder), "env": cluster.env}
        else:
            print(f"No Slurm in this world: {facts['why_no_slurm']}", flush=True)
        self._file.write_text(json.dumps(facts, indent=1))
        if user:
            for each in [self.home, self.notebooks, *self.home.rglob("*"), *self.notebooks.rglob("*")]:
                os.chown(each, account.pw_uid, account.pw_gid)
        self.start_server()

    def end(self) -> None:
        """End the server, what its jobs left running, and the Slurm; then remove the folder."""
        with contextlib.suppress(Exception):
            self._daemons.end_all()
        if (self.folder / "slurm/cluster.json").exists():
            SlurmCluster.attach(self.folder / "slurm").stop()
        for _ in range(3):
            for pid in list(self._ours()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _furnish(self, python: str) -> None:
        self.notebooks.mkdir(exist_ok=True)
        shutil.copy(ROOT / "examples/first-steps.ipynb", self.notebooks)
        for name, settings in USER_SETTINGS.items():
            file = self.home / f".jupyter/lab/user-settings/{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings))
        self._add_language("de_DE")
        kernel = self.home / ".local/share/jupyter/kernels/echo"
        kernel.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "echo_kernel.py", kernel)
        argv = [python, str(kernel / "echo_kernel.py"), "-f", "{connection_file}"]
        (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Echo", "language": "echo"}))

    def _add_language(self, name: str) -> None:
        """A language pack that makes the language choosable; JupyterLab's own words stay English.

        The texts of the page come from our package. Those of the settings JupyterLab's server translates by itself, and
        only from a pack, as one of Jupyter's would bring them that has taken up our catalogue.
        """
        module = f"jupyterlab_language_pack_{name}"
        facts = self.packs / f"{module}-0.dist-info"
        messages = self.packs / module / "locale" / name / "LC_MESSAGES"
        facts.mkdir(parents=True)
        messages.mkdir(parents=True)
        (self.packs / module / "__init__.py").touch()
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 0\n")
        (facts / "entry_points.txt").write_text(f"[jupyterlab.languagepack]\n{name} = {module}\n")
        catalogue = ROOT / f"jupyterlab_compute/locale/{name}/LC_MESSAGES/jupyterlab_compute.po"
        with catalogue.open("rb") as source, (messages / "jupyterlab_compute.mo").open("wb") as target:
            write_mo(target, read_po(source, locale=name))

    def _ours(self) -> Iterator[int]:
        """The processes that live in this world: those that name a place in it, and those at home there."""
        marks = (f"{self.home}/".encode(), f"{self.notebooks}/".encode())
        for process in Path("/proc").glob("[0-9]*"):
            if process.name == str(os.getpid()):
                continue
            with contextlib.suppress(OSError):
                line = (process / "cmdline").read_bytes()
                environment = (process / "environ").read_bytes().split(b"\0")
                if any(mark in line for mark in marks) or f"HOME={self.home}".encode() in environment:
                    yield int(process.name)

    # -- the server

    def start_server(self) -> None:
        """Start JupyterLab and return when it answers."""
        facts = self.facts
        python = Path(str(facts["python"]))
        slurm = facts["slurm"]
        environment = {
            "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "USER": str(facts["user"] or pwd.getpwuid(os.geteuid()).pw_name),
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONPATH": str(self.packs),
            **(slurm["env"] if isinstance(slurm, dict) else {}),
        }
        environment["LOGNAME"] = environment["USER"]
        argv = [str(python), "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={facts['port']}"]
        argv += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={facts['token']}"]
        argv += [f"--ServerApp.root_dir={self.notebooks}", "--ComputeApp.poll_floor_s=2"]
        # The kernels of notebooks that nobody has open any more: one stays of each story, and takes 60 MB.
        argv += ["--MappingKernelManager.cull_idle_timeout=120", "--MappingKernelManager.cull_interval=30"]
        if os.geteuid() == 0 and not facts["user"]:
            argv.append("--allow-root")
        self._daemons.start("jupyter", argv, env=environment, user=facts["user"])  # type: ignore[arg-type]
        wait_until(lambda: self._answers(str(facts["url"])), "JupyterLab's answer", timeout_s=START_TIMEOUT_S)

    def _answers(self, url: str) -> bool:
        if not self._daemons.get("jupyter"):
            sys.exit(f"JupyterLab did not start:\n{self._daemons.last_words('jupyter', 40)}")
        try:
            with urllib.request.urlopen(f"{url}api", timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def kill_server(self) -> None:
        """End the server, and only it, without a warning."""
        self._daemons.end("jupyter", sign=signal.SIGKILL)

    def kill_job(self, run_folder: str) -> None:
        """End all processes of one job of this machine, its supervisor first, so that none is left to tell of it."""
        mark = f"{run_folder}".encode()
        for _ in range(3):
            for pid in sorted(self._ours()):
                with contextlib.suppress(OSError):
                    if mark in Path(f"/proc/{pid}/cmdline").read_bytes():
                        os.kill(pid, signal.SIGKILL)

    def controller(self, verb: str) -> None:
        """Stop slurmctld in an orderly way, or start it again."""
        cluster = SlurmCluster.attach(self.folder / "slurm")
        cluster.stop_controller() if verb == "stop" else cluster.start_controller()


def run(world: World, arguments: argparse.Namespace) -> None:
    """Start the world and keep it until a signal comes or our parent is gone."""
    starter = os.getppid()

    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)
    try:
        world.start(port=arguments.port, token=arguments.token, python=arguments.python, slurm=not arguments.no_slurm)
        print(f"The world is there: {world.folder}", flush=True)
        while os.getppid() == starter and started_at(starter) is not None:
            time.sleep(0.3)
    except KeyboardInterrupt:
        pass
    finally:
        for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(sign, signal.SIG_IGN)
        if arguments.keep_log:
            with contextlib.suppress(OSError):
                shutil.copy(world.folder / "jupyter.log", arguments.keep_log)
        world.end()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    verbs = ["run", "start-server", "kill-server", "kill-job", "stop-controller", "start-controller"]
    parser.add_argument("verb", choices=verbs)
    parser.add_argument("--dir", type=Path, required=True, help="where the world lives; readable for all users")
    parser.add_argument("--port", type=int, default=8999)
    parser.add_argument("--token", default="")
    parser.add_argument("--python", default=os.environ.get("COMPUTE_TEST_PYTHON", sys.executable))
    parser.add_argument("--job", help="the run folder of the job to kill")
    parser.add_argument("--no-slurm", action="store_true")
    parser.add_argument("--keep-log", type=Path, help="where the server's log goes at the end")
    arguments = parser.parse_args()
    world = World(arguments.dir.resolve())
    if arguments.verb == "run":
        run(world, arguments)
    elif arguments.verb == "start-server":
        world.start_server()
    elif arguments.verb == "kill-server":
        world.kill_server()
    elif arguments.verb == "kill-job":
        world.kill_job(arguments.job)
    else:
        world.controller(arguments.verb.removesuffix("-controller"))


if __name__ == "__main__":
    main()
