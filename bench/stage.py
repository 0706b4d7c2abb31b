"""What all rows share: folders, servers, the Slurm. Everything that was started is ended with the stage."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jupyterlab_compute.runner import descendants, pid_start
from tests.jupyter import Jupyter, free_port
from tests.servers.daemons import PATH, TEST_USER, as_user, ensure_test_user
from tests.servers.slurm import SlurmCluster, why_not
from tests.waiting import wait_for

from .findings import NotHere
from .page import end_all
from .wire import Wire

#: A profile whose jobs Slurm takes and lets wait for ever, so that no kernel disturbs what is measured.
WAITS = "waits"
_WAITS = f"--ComputeApp.profiles={{'{WAITS}': {{'scheduler': {{'type': 'slurm'}}, 'queue': 'closed'}}}}"


class Stage:
    """As a context manager. `peers` is the Python of the environment with the peers."""

    def __init__(self, peers: Path) -> None:
        self.peers = peers
        self._ending = contextlib.ExitStack()
        self._slurm: SlurmCluster | None = None

    def __enter__(self) -> Stage:  # noqa: PYI034 — Self came with Python 3.11
        # Not below /tmp/…, which may be memory, nor where the test user may not go.
        self.home = Path(tempfile.mkdtemp(prefix="compute-bench-", dir="/var/tmp"))
        self.home.chmod(0o755)
        self._ending.callback(shutil.rmtree, self.home, ignore_errors=True)
        return self

    def __exit__(self, *error: object) -> None:
        self._ending.close()

    def folder(self, name: str, *, user: str | None = None) -> Path:
        """A fresh folder."""
        path = self.home / f"{name}-{secrets.token_hex(3)}"
        path.mkdir(mode=0o755)
        if user:
            entry = ensure_test_user(user)
            os.chown(path, entry.pw_uid, entry.pw_gid)
        return path

    @property
    def slurm(self) -> SlurmCluster:
        """The Slurm, with accounting; started when it is first asked for. Raises `NotHere`."""
        if self._slurm is None:
            if reason := why_not(accounting=True):
                raise NotHere(reason)
            self._slurm = self._ending.enter_context(SlurmCluster(accounting=True))
        return self._slurm

    @contextlib.contextmanager
    def server(self, name: str, *options: str, home: Path | None = None) -> Iterator[Jupyter]:
        """A Jupyter server with Compute, run by whoever runs the bench; its jobs are ended with it."""
        jupyter = Jupyter(home or self.folder(name), options=options)
        try:
            yield jupyter.start()
        finally:
            try:
                with Wire(jupyter.port, jupyter.token) as wire:
                    end_all(wire)
            finally:
                jupyter.stop()

    @contextlib.contextmanager
    def slurm_server(self, name: str, programs: Path | None = None) -> Iterator[Jupyter]:
        """One of the test user, beside the Slurm. `programs` come first on its PATH."""
        ensure_test_user()
        slurm = self.slurm
        first = [str(programs)] if programs else []
        jupyter = Jupyter(
            self.folder(name, user=TEST_USER),
            user=TEST_USER,
            environment={
                "PATH": ":".join([*first, str(Path(sys.executable).parent), "/usr/bin", "/bin"]),
                "USER": TEST_USER,
                **slurm.env,
            },
            options=(_WAITS, "--ComputeApp.send_timeout_s=5"),
        )
        try:
            yield jupyter.start()
        finally:
            # All at once; the bridge would tell Slurm of each.
            slurm.run(["scancel", f"--user={TEST_USER}"], check=False)
            jupyter.stop()

    @contextlib.contextmanager
    def peer_server(self, name: str, home: Path | None = None) -> Iterator[Peer]:
        """A Jupyter server with jupyter-scheduler."""
        peer = Peer(self.peers, home or self.folder(name))
        try:
            peer.start()
            yield peer
        finally:
            peer.stop()

    def peer_script(self, name: str, *words: str) -> subprocess.Popen[str]:
        """Start a script of bench/peers beside the Slurm, as the test user; it ends with the stage at the latest."""
        folder = self.folder("peer", user=TEST_USER)
        script = shutil.copy(Path(__file__).parent / "peers" / name, folder)
        process: subprocess.Popen[str] = subprocess.Popen(
            [self.peers, script, *words],
            stdout=subprocess.PIPE,
            stderr=(self.home / f"{folder.name}.log").open("w"),
            text=True,
            cwd=folder,
            env={"PATH": PATH, "HOME": str(folder), "USER": TEST_USER, "LANG": "C.UTF-8", **self.slurm.env},
            **as_user(TEST_USER),  # type: ignore[call-overload]
        )
        self._ending.callback(process.wait)
        self._ending.callback(process.kill)
        return process


class Peer:
    """A Jupyter server of the peers' environment."""

    def __init__(self, python: Path, home: Path) -> None:
        self.home = home
        self.notebooks = home / "notebooks"
        self.notebooks.mkdir(exist_ok=True)
        self.port, self.token = free_port(), secrets.token_hex(16)
        self._python = python
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        environment = {
            "PATH": f"{self._python.parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
        }
        (self.home / "data").mkdir(exist_ok=True)
        argv = [str(self._python), "-m", "jupyter_server", "--no-browser", "--ip=127.0.0.1", f"--port={self.port}",
                f"--IdentityProvider.token={self.token}", "--ServerApp.port_retries=0", "--allow-root",
                f"--ServerApp.root_dir={self.notebooks}"]  # fmt: skip
        log = self.home / "server.log"
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                argv, stdout=out, stderr=subprocess.STDOUT, cwd=self.home, env=environment, start_new_session=True
            )
        wait_for(self._is_up, 60, lambda: log.read_text()[-3000:])

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the server ended"
        try:
            with Wire(self.port, self.token) as wire:
                return wire.ask("GET", "scheduler/runtime_environments").status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """End it with all that came from it: its jobs are its children."""
        if self.process is not None:
            below = _below(self.process.pid)
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            for pid, started in below.items():
                if pid_start(pid) == started:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, 9)


def _below(pid: int) -> dict[int, int]:
    return {each: pid_start(each) for each in descendants(pid)}
