"""Work in the background: once at a time for each thing, and none of it outlives its owner."""

from __future__ import annotations

import asyncio

from jupyterlab_compute.background import Background


class Work:
    """Goes on until it is let go; tells how often it was begun, ended and cut off."""

    def __init__(self) -> None:
        self.begun = self.ended = self.cut_off = 0
        self.let_go = asyncio.Event()

    async def __call__(self) -> None:
        self.begun += 1
        try:
            await self.let_go.wait()
            self.ended += 1
        except asyncio.CancelledError:
            self.cut_off += 1
            raise


async def test_what_is_under_way_is_not_begun_again_and_what_has_ended_is() -> None:
    background, work = Background("test"), Work()
    background.start(work, "a")
    background.start(work, "a")
    assert "a" in background
    assert "b" not in background
    work.let_go.set()
    await background.finish()
    assert (work.begun, work.ended) == (1, 1)
    assert "a" not in background
    background.start(work, "a")
    await background.finish()
    assert work.begun == 2


async def test_what_is_like_nothing_else_is_always_begun() -> None:
    background, work = Background("test"), Work()
    work.let_go.set()
    background.start(work)
    background.start(work)
    await background.finish()
    assert work.ended == 2


async def test_stopping_cuts_off_at_once_or_waits_a_little() -> None:
    for patience_s, ended, cut_off in ((0.0, 0, 1), (5.0, 1, 0)):
        background, work = Background("test"), Work()
        background.start(work, "a")
        await asyncio.sleep(0)
        asyncio.get_running_loop().call_soon(work.let_go.set)
        await background.stop(patience_s)
        assert (work.ended, work.cut_off) == (ended, cut_off)
        assert "a" not in background


async def test_one_that_fails_does_not_keep_the_others_from_being_stopped() -> None:
    async def fails() -> None:
        raise OSError("no")

    background, work = Background("test"), Work()
    background.start(fails, "a")
    background.start(work, "b")
    await background.stop(patience_s=0.01)
    assert work.cut_off == 1
