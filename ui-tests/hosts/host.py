"""One of the places that Compute runs in, for the stories: JupyterLab old or new, Notebook, or JupyterHub.

It starts the server as an ordinary user where it may, says when that answers, waits, and ends all of it when it is told
to or when whoever started it is gone.
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
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.servers.daemons import Daemons, ensure_test_user, free_ports, started_at, wait_until

START_TIMEOUT_S = 90
#: No news, no "would you like …".
USER_SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
#: jupyter-collaboration would keep its history in the folder that the server was started in.
SERVER_CONFIG = {"YDocExtension": {"ystore_class": "jupyter_server_ydoc.stores.TempFileYStore"}}
HUB_CONFIG = """
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{homes}/{{username}}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.notebook_dir = "{homes}/{{username}}"
c.Spawner.http_timeout = {timeout}
c.Spawner.default_url = "/lab"
c.JupyterHub.bind_url = "http://127.0.0.1:{port}/jupyter/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}/"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}/"
c.ConfigurableHTTPProxy.command = ["{proxy_command}"]
c.JupyterHub.cleanup_servers = True
"""


class Host:
    """All that it starts, in one folder."""

    def __init__(self, folder: Path, *, python: str, token: str) -> None:
        self._folder = folder
        self._python = python
        self._token = token
        self._home = folder / "home"
        self._notebooks = folder / "notebooks"
        self._daemons = Daemons(folder)

    def start(self, kind: str) -> str:
        """Start it and return its address once it answers."""
        name = os.environ.get("COMPUTE_TEST_USER", "compute-test") if os.geteuid() == 0 else None
        account = ensure_test_user(name) if name else pwd.getpwuid(os.geteuid())
        self._folder.chmod(0o755)
        self._notebooks.mkdir()
        port = free_ports(4)
        url = f"http://127.0.0.1:{port}/"
        if kind == "hub":
            url += "jupyter/"
            argv = self._hub(port)
        else:
            self._settle_in(self._home)
            argv = [self._python, "-m", kind, "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
            argv += ["--ServerApp.port_retries=0", f"--IdentityProvider.token={self._token}"]
            argv += [f"--ServerApp.root_dir={self._notebooks}"]
        for each in [self._home, self._notebooks, *self._home.rglob("*"), *self._notebooks.rglob("*")]:
            os.chown(each, account.pw_uid, account.pw_gid)
        environment = {
            "PATH": f"{Path(self._python).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self._home),
            "USER": account.pw_name,
            "LOGNAME": account.pw_name,
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
        }
        self._daemons.start("server", argv, env=environment, user=name)
        wait_until(lambda: self._answers(f"{url}{'hub/' if kind == 'hub' else ''}api"), kind, timeout_s=START_TIMEOUT_S)
        return url

    def end(self) -> None:
        """End the server and what its kernels and jobs left running; then remove the folder."""
        with contextlib.suppress(Exception):
            self._daemons.end_all()
        for _ in range(3):
            for pid in list(self._ours()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)

    @staticmethod
    def _settle_in(home: Path) -> None:
        for name, settings in USER_SETTINGS.items():
            file = home / f".jupyter/lab/user-settings/{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(settings))
        (home / ".jupyter/jupyter_server_config.json").write_text(json.dumps(SERVER_CONFIG))

    def _hub(self, port: int) -> list[str]:
        """Each user of the hub has a home below ours, which the jobs and records of one cannot share with another."""
        for user in ("ada", "grace"):
            self._settle_in(self._home / user)
        file = self._home / "hub.py"
        file.write_text(
            HUB_CONFIG.format(
                homes=self._home,
                timeout=START_TIMEOUT_S,
                python=self._python,
                port=port,
                proxy=port + 1,
                hub=port + 2,
                proxy_command=Path(os.environ["COMPUTE_HUB_PROXY"]) / "node_modules/.bin/configurable-http-proxy",
            )
        )
        return ["/bin/sh", "-c", f'cd "$HOME" && exec "{self._python}" -m jupyterhub -f "{file}"']

    def _answers(self, url: str) -> bool:
        if not self._daemons.get("server"):
            sys.exit(f"It did not start:\n{self._daemons.last_words('server', 40)}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def _ours(self) -> Iterator[int]:
        """The processes that name a place in our folder, or are at home there."""
        mark = f"{self._folder}/".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_bytes()
                home = b"HOME=" + mark
                if process.name != str(os.getpid()) and (
                    mark in words
                    or any(each.startswith(home) for each in (process / "environ").read_bytes().split(b"\0"))
                ):
                    yield int(process.name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["jupyterlab", "notebook", "hub"])
    parser.add_argument("--python", required=True, help="of the environment that holds the server")
    parser.add_argument("--token", required=True)
    arguments = parser.parse_args()
    starter = os.getppid()

    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, leave)
    folder = Path(tempfile.mkdtemp(prefix="compute-host-"))
    host = Host(folder, python=arguments.python, token=arguments.token)
    try:
        url = host.start(arguments.kind)
        print(json.dumps({"url": url, "folder": str(folder)}), flush=True)
        while os.getppid() == starter and started_at(starter) is not None:
            time.sleep(0.3)
    except KeyboardInterrupt:
        pass
    finally:
        for sign in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(sign, signal.SIG_IGN)
        host.end()


if __name__ == "__main__":
    main()
