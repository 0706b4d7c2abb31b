"""The wheel alone, in an empty environment and without Node, starts a server that runs a notebook.

Run by `make test` in a step of its own: it needs a built wheel (`COMPUTE_TEST_WHEEL`), and as root it runs the server
as an ordinary user (`COMPUTE_TEST_USER`), for whom an environment below /root would be out of reach.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

WHEEL = os.environ.get("COMPUTE_TEST_WHEEL")
NODE = {"node", "nodejs", "npm", "npx", "corepack", "yarn", "yarnpkg", "jlpm"}
SERVER_START_S = 60
JOB_S = 120
FINAL = {"succeeded", "failed", "cancelled"}

pytestmark = pytest.mark.skipif(not WHEEL, reason="COMPUTE_TEST_WHEEL does not name a wheel; `make test` builds one")


@dataclass(frozen=True)
class Place:
    """A folder of an ordinary user with an environment that holds the wheel and nothing else of ours."""

    folder: Path
    venv: Path
    account: pwd.struct_passwd | None

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(argv, capture_output=True, text=True, timeout=300, **self._how())

    def start(self, *argv: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as out:
            return subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, start_new_session=True, **self._how())

    def _how(self) -> dict[str, Any]:
        how: dict[str, Any] = {
            "cwd": self.folder,
            "env": {
                "PATH": f"{self.venv / 'bin'}:{self.folder / 'path'}",
                "HOME": str(self.folder),
                "LANG": "C.UTF-8",
                "JUPYTER_PLATFORM_DIRS": "1",
            },
        }
        if self.account:
            how |= {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        return how


@dataclass(frozen=True)
class Server:
    url: str
    token: str

    def ask(self, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                pytest.fail(f"{request.get_method()} {path}: {error.code} {error.read().decode(errors='replace')}")


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    name = os.environ.get("COMPUTE_TEST_USER")
    account = pwd.getpwnam(name) if name and os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="compute-wheel-", dir="/var/tmp"))
    try:
        _programs_without_node(folder / "path")
        if account:
            os.chown(folder, account.pw_uid, account.pw_gid)
        here = Place(folder, folder / "venv", account)
        # The Python that this environment was itself made from: an empty one, which the user can run.
        base = Path(sys.executable).resolve()
        for argv in (
            [str(base), "-m", "venv", str(here.venv)],
            [
                str(here.venv / "bin/python"),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                str(WHEEL),
            ],
        ):
            # As ourselves: pip's settings and cache are ours, the user only needs to read the result.
            subprocess.run(argv, check=True, timeout=600)
        yield here
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs_without_node(folder: Path) -> None:
    """Links to the machine's programs, except for those that could build a bundle."""
    folder.mkdir()
    for directory in map(Path, ("/usr/local/bin", "/usr/bin", "/bin")):
        for program in directory.iterdir() if directory.is_dir() else []:
            if program.name not in NODE:
                with contextlib.suppress(FileExistsError):
                    (folder / program.name).symlink_to(program)


@pytest.fixture(scope="module")
def server(place: Place) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    log = place.folder / "server.log"
    notebooks = place.folder / "notebooks"
    notebooks.mkdir()
    if place.account:
        os.chown(notebooks, place.account.pw_uid, place.account.pw_gid)
    argv = ["jupyter", "server", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    argv += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={notebooks}"]
    process = place.start(str(place.venv / "bin" / argv[0]), *argv[1:], log=log)
    here = Server(f"http://127.0.0.1:{port}/", token)
    try:
        _wait_until_up(here, process, log)
        yield here
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_up(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + SERVER_START_S
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{server.url}api", timeout=5):
            return
        time.sleep(0.2)
    pytest.fail(f"the server did not come up:\n{log.read_text(errors='replace')}")


def test_node_is_out_of_reach(place: Place) -> None:
    assert place.run("/bin/sh", "-c", "command -v node npm jlpm yarn").stdout == ""


def test_the_bundle_is_where_jupyterlab_looks_for_it(place: Place) -> None:
    bundle = place.venv / "share/jupyter/labextensions/jupyterlab-compute"
    built = json.loads((bundle / "package.json").read_text())["jupyterlab"]["_build"]
    assert (bundle / built["load"]).is_file()
    assert (bundle / "install.json").is_file()


def test_the_bundle_holds_no_word_of_the_machine_that_built_it(place: Place) -> None:
    bundle = place.venv / "share/jupyter/labextensions/jupyterlab-compute"
    root = str(Path(__file__).resolve().parents[2])
    told = [file.name for file in bundle.rglob("*") if file.is_file() and root in file.read_text(errors="replace")]
    assert told == []


def test_the_contract_came_along(place: Place) -> None:
    contract = "r.files('jupyterlab_compute') / 'contract/openapi.yaml'"
    code = f"import importlib.resources as r; print(({contract}).is_file())"
    found = place.run(str(place.venv / "bin/python"), "-c", code)
    assert found.stdout.split() == ["True"], found.stderr


def test_a_notebook_runs(server: Server) -> None:
    handshake = server.ask("compute/api/")
    assert handshake["api"] == 1
    profiles = server.ask("compute/api/profiles")["profiles"]
    local = [each for each in profiles if each["scheduler"]["type"] == "local" and each["available"]["ok"]]
    assert local, profiles
    job = server.ask("compute/api/jobs", _request(local[0]["name"]))
    end = time.monotonic() + JOB_S
    while job["state"] not in FINAL and time.monotonic() < end:
        time.sleep(0.2)
        job = server.ask(f"compute/api/jobs/{job['id']}")
    assert job["state"] == "succeeded", json.dumps(job, indent=2)
    outputs = json.dumps(server.ask(f"compute/api/jobs/{job['id']}/outputs"))
    assert "six times seven is 42" in outputs


def _request(profile: str) -> dict[str, Any]:
    cell = {"id": "answer", "cell_type": "code", "metadata": {}, "execution_count": None, "outputs": []}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [{**cell, "source": "print('six times seven is', 6 * 7)"}],
    }
    source = {"kind": "notebook", "path": "answer.ipynb", "content": notebook}
    return {"key": f"wheel-{secrets.token_hex(8)}", "profile": profile, "source": source}
