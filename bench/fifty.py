"""Fifty notebooks at once: what is sent, and how."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest

from tests.jupyter import notebook

COUNT = 50
#: Small on purpose: what is measured is what running costs beside the cells.
NOTEBOOK = notebook("import math", "x = sum(math.sqrt(i) for i in range(100_000))", "print(round(x))")
PRINTED = "21081693"
IS = "3 cells, 0.01 s of computing"


def post_at_once(port: int, token: str, path: str, bodies: Sequence[dict[str, Any]]) -> tuple[float, list[Any]]:
    """Send them all at once: how long until the last was answered, and the answers."""
    texts = [json.dumps(body) for body in bodies]

    async def send() -> tuple[float, list[Any]]:
        client = AsyncHTTPClient(force_instance=True, max_clients=len(texts))
        headers = {"Authorization": f"token {token}"}
        url = f"http://127.0.0.1:{port}/{path}"
        begun = time.perf_counter()
        answers = await asyncio.gather(
            *(client.fetch(HTTPRequest(url, "POST", headers, text, request_timeout=120)) for text in texts)
        )
        took = time.perf_counter() - begun
        client.close()
        return took, [json.loads(answer.body) for answer in answers]

    return asyncio.run(send())


@dataclass
class Probing:
    """How long GET /api/status took, once the probing has ended."""

    took: list[float]


@contextmanager
def probing(port: int, token: str, every_ms: int = 50) -> Iterator[Probing]:
    """Ask GET /api/status from another process meanwhile."""
    result = Probing([])
    argv = [sys.executable, "-m", "bench.prober", str(port), str(every_ms)]
    root = Path(__file__).parent.parent
    with subprocess.Popen(argv, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(token + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "ready\n"
            yield result
            process.stdin.close()
            result.took = json.loads(process.stdout.read())
        finally:
            process.kill()
