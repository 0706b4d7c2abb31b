"""Waiting for something to become true, with a deadline: tests never sleep for a fixed time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_LOOK_S = 0.02


def wait_for(what: Callable[[], T], within_s: float, saying: str | Callable[[], str] = "") -> T:
    """The first true value of `what()`. Fails when there is none within the time."""
    deadline = time.monotonic() + within_s
    while True:
        if value := what():
            return value
        if time.monotonic() > deadline:
            words = saying() if callable(saying) else saying
            raise AssertionError(f"not true within {within_s} s{': ' + words if words else ''}")
        time.sleep(_LOOK_S)


async def wait_until(what: Callable[[], T], within_s: float, saying: str = "") -> T:
    """The same for a test that runs in an event loop."""
    deadline = time.monotonic() + within_s
    while True:
        if value := what():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not true within {within_s} s{': ' + saying if saying else ''}")
        await asyncio.sleep(_LOOK_S)
