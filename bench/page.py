"""What an open page does, without a browser: it listens for hints and fetches what changed, and knows when it saw what.

So "seen" means: the answer to `GET /jobs?since=` that shows it has arrived.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import Any

import websocket

from tests.jupyter import ENDED, Jupyter
from tests.waiting import wait_for

from .wire import Wire

_HINT = "https://events.jupyter.org/jupyterlab_compute/job_changed/v1"
#: A page asks by itself at this interval, in case a hint was lost.
_REPAIR_S = 30.0
_JOBS = "compute/api/jobs"


class Page:
    """Follows the jobs of one server in a thread of its own."""

    def __init__(self, jupyter: Jupyter) -> None:
        self._wire = Wire(jupyter.port, jupyter.token)
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{jupyter.port}/api/events/subscribe",
            header={"Authorization": f"token {jupyter.token}"},
            timeout=_REPAIR_S,
        )
        self._news = threading.Condition()
        #: When which state of which job was first seen, by the clock of the files' times.
        self._seen: dict[tuple[str, str], float] = {}
        self.jobs: dict[str, dict[str, Any]] = {}
        self._revision = 0
        self._open = True
        self._problem: Exception | None = None
        self._load()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Page:  # noqa: PYI034 — Self came with Python 3.11
        return self

    def __exit__(self, *error: object) -> None:
        self._open = False
        with contextlib.suppress(OSError, websocket.WebSocketException):
            self._socket.shutdown()  # type: ignore[no-untyped-call]
        self._thread.join(10)
        self._wire.__exit__()

    def seen(self, job_id: str, *states: str, within_s: float = 120) -> float:
        """When one of these states of the job was first seen (`time.time()`); waits for it."""

        def first() -> float | None:
            if self._problem is not None:
                raise self._problem
            return min((self._seen[job_id, state] for state in states if (job_id, state) in self._seen), default=None)

        with self._news:
            moment = self._news.wait_for(first, within_s) or first()
        assert moment is not None, f"{job_id} was not {states} within {within_s} s: {self.jobs.get(job_id)}"
        return moment

    def ended(self, job_ids: list[str], within_s: float) -> dict[str, int]:
        """Wait until all of them have ended; how many in which state. What has not ended counts as it is."""
        with contextlib.suppress(AssertionError):
            until = time.monotonic() + within_s
            for job_id in job_ids:
                self.seen(job_id, *ENDED, within_s=max(0.0, until - time.monotonic()))
        states = [self.jobs[job_id]["state"] if job_id in self.jobs else "never seen" for job_id in job_ids]
        return {state: states.count(state) for state in set(states)}

    def _load(self) -> None:
        self._take(self._wire.get(f"{_JOBS}?limit=200").json)

    def _listen(self) -> None:
        try:
            while self._open:
                try:
                    event = json.loads(self._socket.recv() or "{}")
                except websocket.WebSocketTimeoutException:
                    self._fetch()
                    continue
                if event.get("schema_id") == _HINT and event["revision"] > self._revision:
                    self._fetch()
        except Exception as error:  # noqa: BLE001
            # Whoever waits for news is told why there are none.
            with self._news:
                self._problem = error if self._open else None
                self._news.notify_all()

    def _fetch(self) -> None:
        answer = self._wire.get(f"{_JOBS}?since={self._revision}&limit=1000").json
        if answer.get("reset"):
            self._load()
        else:
            self._take(answer)

    def _take(self, answer: dict[str, Any]) -> None:
        now = time.time()
        with self._news:
            self._revision = answer["revision"]
            for job in answer["jobs"]:
                self.jobs[job["id"]] = job
                if not job.get("deleted"):
                    self._seen.setdefault((job["id"], job["state"]), now)
            self._news.notify_all()


def end_all(wire: Wire, within_s: float = 90) -> None:
    """Cancel every job of that server and return when none is left."""
    for _ in range(10):
        ids = [job["id"] for job in wire.get(f"{_JOBS}?state=active&limit=1000").json["jobs"]]
        if not ids:
            return
        wire.ask("POST", f"{_JOBS}/bulk", {"action": "cancel", "ids": ids})
        wait_for(lambda: not wire.get(f"{_JOBS}?state=active&limit=1").json["jobs"], within_s)
