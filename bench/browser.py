"""A real browser: what a page loads, and how fast it draws."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import websocket

from tests.jupyter import Jupyter

from .findings import NotHere

_READY = "!!document.querySelector('#jp-main-dock-panel') && !document.querySelector('#jupyterlab-splash')"
#: So long after the page can be used it may still load something by itself.
_WINDOW_S = 5.0


def chromium() -> str:
    """The program. Raises `NotHere`."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise NotHere("no Chromium is installed")
    return found


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

    def open(self, jupyter: Jupyter) -> None:
        """JupyterLab, until it can be used. Raises `AssertionError` if that takes longer than 90 s."""
        self._tell("Network.enable")
        self._tell("Page.enable")
        self._tell("Page.navigate", {"url": f"{jupyter.url}lab?token={jupyter.token}"})
        self.wait(_READY)

    def loaded(self, part: str) -> set[str]:
        """What follows `part` in the addresses of everything that came from the server so far."""
        self._listen(_WINDOW_S)
        urls = [e["params"]["response"]["url"] for e in self._events if e.get("method") == "Network.responseReceived"]
        assert urls
        return {url.partition(part)[2].partition("?")[0] for url in urls if part in url}

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, or what it promises."""
        answer = self._tell("Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True})
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait(self, expression: str, timeout_s: float = 90) -> None:
        """Until the expression is true."""
        until = time.monotonic() + timeout_s
        while not self.evaluate(expression):
            assert time.monotonic() < until, f"never came true: {expression}"
            self._listen(0.2)

    def click(self, selector: str) -> None:
        """Press the mouse on the middle of what the selector finds."""
        box = self.evaluate(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().toJSON()")
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2, "button": "left", "clickCount": 1}
        for kind in ("mousePressed", "mouseReleased"):
            self._tell("Input.dispatchMouseEvent", {"type": kind, **at})

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
