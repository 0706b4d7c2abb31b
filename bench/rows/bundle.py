"""Row 8: what a page loads of Compute before anybody uses it, in a real browser."""

from __future__ import annotations

import gzip
import itertools
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import websocket

from tests.jupyter import Jupyter

from ..findings import Finding, NotHere
from ..stage import Stage

_MOST_BYTES = 30_000
_OURS = "extensions/jupyterlab-compute/static/"
_BUNDLE = Path(sys.prefix) / "share/jupyter/labextensions/jupyterlab-compute/static"
_READY = "!!document.querySelector('#jp-main-dock-panel') && !document.querySelector('#jupyterlab-splash')"
#: So long after the page can be used it may still load something by itself.
_WINDOW_S = 5.0


def measure(stage: Stage) -> Iterator[Finding]:
    """Open JupyterLab once, touch nothing, and see which of our files it fetched."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        raise NotHere("no Chromium is installed")
    with stage.server("bundle") as jupyter, Browser(chromium, stage.folder("browser")) as browser:
        loaded = browser.loaded(jupyter)
    assert any(name.startswith("remoteEntry") for name in loaded), loaded
    sizes = {name: len(gzip.compress((_BUNDLE / name).read_bytes(), 6)) for name in sorted(loaded)}
    everything = sum(len(gzip.compress(path.read_bytes(), 6)) for path in _BUNDLE.glob("*.js"))
    total = sum(sizes.values())
    parts = ", ".join(f"{re.split('[._]', name)[0]} {size / 1000:.1f}" for name, size in sizes.items())
    yield Finding(
        "bundle before first use, gzipped",
        f"{total / 1000:.1f} kB",
        "≤ 30 kB",
        total <= _MOST_BYTES,
        how=f"a production build, opened in Chromium, nothing touched: {parts} kB; all there is:"
        f" {everything / 1000:.1f} kB",
    )


class Browser:
    """A headless Chromium that is told what to do over its debugging socket."""

    def __init__(self, program: str, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)
        self._argv = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                      "--disable-background-networking", "--disable-component-update", "--disable-sync",
                      "--remote-debugging-port=0", f"--user-data-dir={folder}", "about:blank"]  # fmt: skip
        self._events: list[dict[str, Any]] = []

    def __enter__(self) -> Browser:  # noqa: PYI034 — Self came with Python 3.11
        self._process = subprocess.Popen(
            self._argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=self._environment()
        )
        try:
            self._socket = websocket.create_connection(self._address(), timeout=30, suppress_origin=True)
            target = self._tell("Target.createTarget", {"url": "about:blank"})["targetId"]
            self._session = self._tell("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _environment(self) -> dict[str, str]:
        return {"HOME": str(self._folder), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}

    def _address(self) -> str:
        assert self._process.stderr
        for line in self._process.stderr:
            if found := re.search(r"ws://\S+", line):
                return found[0]
        raise AssertionError("Chromium did not start")

    def loaded(self, jupyter: Jupyter) -> set[str]:
        """The names of our files that JupyterLab loads by itself."""
        self._tell("Network.enable")
        self._tell("Page.enable")
        self._tell("Page.navigate", {"url": f"{jupyter.url}lab?token={jupyter.token}"})
        until = time.monotonic() + 90
        while not self._tell("Runtime.evaluate", {"expression": _READY, "returnByValue": True})["result"].get("value"):
            assert time.monotonic() < until, "JupyterLab did not become ready"
            self._listen(0.2)
        self._listen(_WINDOW_S)
        urls = [e["params"]["response"]["url"] for e in self._events if e.get("method") == "Network.responseReceived"]
        assert urls
        return {url.partition(_OURS)[2].partition("?")[0] for url in urls if _OURS in url}

    def _tell(self, method: str, what: dict[str, Any] | None = None) -> dict[str, Any]:
        number = next(self._numbers)
        session = {"sessionId": self._session} if hasattr(self, "_session") else {}
        self._socket.send(json.dumps({"id": number, "method": method, "params": what or {}, **session}))
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv())
            if message.get("id") == number:
                assert "error" not in message, message
                answer: dict[str, Any] = message["result"]
                return answer
            self._events.append(message)

    def _listen(self, seconds: float) -> None:
        """Take in what happens for that long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                self._events.append(json.loads(self._socket.recv()))
            except websocket.WebSocketTimeoutException:
                break
        self._socket.settimeout(30)
