"""Work in the background: each thing at most once at a time, and all of it let go of at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any


class Background:
    """Tasks by what they are about. Nobody hears what they raise, so they had better tell it themselves."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: dict[Hashable, asyncio.Task[object]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._tasks

    def start(self, work: Callable[[], Coroutine[Any, Any, object]], key: Hashable | None = None) -> None:
        """Begin `work()`, unless what is about that `key` is under way. None: it is like nothing else."""
        own = object() if key is None else key
        if own not in self._tasks:
            task: asyncio.Task[object] = asyncio.create_task(work(), name=f"compute-{self._name}-{key}")
            self._tasks[own] = task
            task.add_done_callback(lambda _: self._tasks.pop(own))

    async def finish(self) -> None:
        """Wait for all that is under way."""
        await asyncio.gather(*self._tasks.values())

    async def stop(self, patience_s: float = 0.0) -> None:
        """Wait that long for what is under way, and cut off the rest."""
        if self._tasks and patience_s:
            await asyncio.wait(self._tasks.values(), timeout=patience_s)
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
