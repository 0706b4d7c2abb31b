"""One connection to a Jupyter server that is kept open, with a clock on every answer. The standard library only."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What the server said, and how long it took to say all of it."""

    status: int
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)


class Wire:
    """A client of one server. Not for two threads at once."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._headers = {"Authorization": f"token {token}"}

    def __enter__(self) -> Wire:  # noqa: PYI034 — Self came with Python 3.11
        return self

    def __exit__(self, *error: object) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """A request to a path below the server's root."""
        data = None if body is None else json.dumps(body).encode()
        begun = time.perf_counter()
        self._connection.request(method, "/" + path, data, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        return Answer(answer.status, text, time.perf_counter() - begun)

    def get(self, path: str) -> Answer:
        """A GET that must succeed."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer
        return answer
