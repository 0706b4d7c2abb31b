"""A real Jupyter server as a process of its own, that tests may stop, kill and start again.

Every answer of the bridge is checked against the contract on its way.
"""

from __future__ import annotations

import json
import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyterlab_compute import contract

from .waiting import wait_for

ENDED = {"succeeded", "failed", "cancelled"}

#: The schema of a good answer, by method and the last fixed part of the route.
_ANSWERS = {
    ("GET", ""): "Handshake",
    ("GET", "profiles"): "ProfileList",
    ("POST", "preview"): "Preview",
    ("GET", "jobs"): "JobList",
    ("POST", "jobs"): "Job",
    ("POST", "bulk"): "BulkResult",
    ("POST", "trial"): "Trial",
    ("GET", "storage"): "Storage",
    ("POST", "clean-up"): "CleanUpResult",
    ("GET", "job"): "Job",
    ("GET", "outputs"): "Outputs",
    ("GET", "usage"): "UsageOverTime",
    ("GET", "files"): "FileList",
    ("GET", "notify"): "NotifyWays",
    ("POST", "notify"): "NotifyTried",
    ("GET", "schedules"): "ScheduleList",
    ("POST", "schedules"): "Schedule",
    ("GET", "schedule"): "Schedule",
    ("PUT", "schedule"): "Schedule",
    ("POST", "times"): "TimesPreview",
    ("POST", "pause"): "Schedule",
    ("POST", "resume"): "Schedule",
    ("POST", "run"): "Job",
    **{("POST", verb): "Job" for verb in ("cancel", "hold", "release", "retry", "applied")},
}


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Jupyter:
    """One server. `home` holds everything it writes; `user` runs it as somebody else (as root only)."""

    home: Path
    user: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.notebooks.mkdir(parents=True, exist_ok=True)
        if self.user:
            account = pwd.getpwnam(self.user)
            for path in (self.home, self.notebooks):
                os.chown(path, account.pw_uid, account.pw_gid)

    @property
    def notebooks(self) -> Path:
        """The folder that it shows."""
        return self.home / "notebooks"

    @property
    def data(self) -> Path:
        """Where the bridge keeps records and run folders."""
        return self.home / "data" / "compute"

    @property
    def log(self) -> Path:
        """What it prints."""
        return self.home / f"server-{self.port}.log"

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> Jupyter:
        """Start it and wait until the bridge answers."""
        how: dict[str, Any] = {}
        if self.user:
            account = pwd.getpwnam(self.user)
            how = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "JUPYTERHUB_API_TOKEN": "a-secret-of-the-hub",
            **self.environment,
        }
        argv = [sys.executable, "-m", "jupyter_server", "--no-browser", "--ip=127.0.0.1", f"--port={self.port}"]
        argv += [f"--IdentityProvider.token={self.token}", "--ServerApp.port_retries=0", "--allow-root"]
        argv += [
            f"--ServerApp.root_dir={self.notebooks}",
            "--ServerApp.allow_unauthenticated_access=False",
            *self.options,
        ]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                argv,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self.home,
                env=environment,
                start_new_session=True,
                **how,
            )
        wait_for(self._is_up, 60, self.log.read_text)
        return self

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.ask("GET", "").status == 200
        except OSError:
            return False

    def stop(self) -> None:
        """Ask it to end, as a person does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(30)

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        timeout_s: float = 60,
    ) -> Answer:
        """Any request below the server's URL; no login unless `headers` has one."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, dict(headers or {}), method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def ask(self, method: str, route: str, body: object = None) -> Answer:
        """A request to the bridge with our token; the answer is what the contract says, or the test fails."""
        answer = self.request(method, f"compute/api/{route}", body, {"Authorization": f"token {self.token}"})
        if answer.status >= 400:
            contract.check("Error", answer.json)
        else:
            kind = _kind(route)
            if name := _ANSWERS.get((method, kind)):
                contract.check(name, answer.json)
        return answer

    # What tests do again and again

    def run(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a job; it must be taken."""
        answer = self.ask("POST", "jobs", request)
        assert answer.status == 201, answer.json
        job: dict[str, Any] = answer.json
        return job

    def job(self, job_id: str) -> dict[str, Any]:
        """The job as it is now."""
        job: dict[str, Any] = self.ask("GET", f"jobs/{job_id}").json
        return job

    def wait(self, job_id: str, *states: str, within_s: float = 60) -> dict[str, Any]:
        """Wait until the job has one of the states (by default: has ended)."""
        wanted = set(states) or ENDED

        def there() -> dict[str, Any] | None:
            job = self.job(job_id)
            return job if job["state"] in wanted else None

        return wait_for(
            there, within_s, lambda: f"{json.dumps(self.job(job_id), indent=1)}\n{self.log.read_text()[-6000:]}"
        )

    def outputs(self, job_id: str) -> list[dict[str, Any]]:
        """All events so far."""
        events: list[dict[str, Any]] = []
        start = 0
        while True:
            piece = self.ask("GET", f"jobs/{job_id}/outputs?from={start}").json
            events += piece["events"]
            start = piece["next"]
            if not piece["more"]:
                return events

    def printed(self, job_id: str) -> str:
        """What the cells printed to stdout."""
        return "".join(
            e["output"]["text"]
            for e in self.outputs(job_id)
            if e["event"] == "output" and e["output"].get("name") == "stdout"
        )


def _kind(route: str) -> str:
    parts = [part for part in route.partition("?")[0].split("/") if part]
    if len(parts) >= 2 and parts[0] == "jobs":
        return "file" if len(parts) > 3 else parts[2] if len(parts) > 2 else "bulk" if parts[1] == "bulk" else "job"
    if len(parts) == 2 and parts[0] == "schedules" and parts[1] != "times":
        return "schedule"
    if parts[:1] == ["notify"]:
        return "notify"
    return parts[-1] if parts else ""


def cell(source: str, cell_id: str, *tags: str, kind: str = "code") -> dict[str, Any]:
    """A notebook cell."""
    made: dict[str, Any] = {
        "cell_type": kind,
        "id": cell_id,
        "source": source,
        "metadata": {"tags": list(tags)} if tags else {},
    }
    return made | {"outputs": [], "execution_count": None} if kind == "code" else made


def notebook(*sources: str | dict[str, Any], kernel: str | None = "python3") -> dict[str, Any]:
    """A notebook of these cells, whose ids are c0, c1, …"""
    cells = [source if isinstance(source, dict) else cell(source, f"c{place}") for place, source in enumerate(sources)]
    metadata = {"kernelspec": {"name": kernel, "display_name": "x", "language": "python"}} if kernel else {}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}


def whole(
    *sources: str | dict[str, Any], path: str = "work.ipynb", profile: str = "this-machine", **more: Any
) -> dict[str, Any]:
    """A request to run a whole notebook."""
    content = notebook(*sources)
    return {
        "key": secrets.token_hex(8),
        "profile": profile,
        "source": {"kind": "notebook", "path": path, "content": content},
        **more,
    }


def some(
    ids: list[str], *sources: str | dict[str, Any], path: str = "work.ipynb", profile: str = "this-machine", **more: Any
) -> dict[str, Any]:
    """A request to run some cells of a notebook."""
    request = whole(*sources, path=path, profile=profile, **more)
    request["source"] |= {"kind": "cells", "cell_ids": ids}
    return request
