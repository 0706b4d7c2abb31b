"""What other processes do in the tests of records and leases: real ones, which can really be killed."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def another_process(program: str, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A Python process that runs `program`; it is killed at the end, if it still lives."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def says(process: subprocess.Popen[str]) -> str:
    """The process's next line."""
    assert process.stdout is not None
    return process.stdout.readline().strip()
