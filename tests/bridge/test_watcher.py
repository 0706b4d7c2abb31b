"""What is asked of a scheduler, how often, and what is believed of its answers."""

from __future__ import annotations

from pathlib import Path

from ..builders import a_request
from ..fakes import a_bridge


async def test_a_job_cancelled_while_it_waited_is_over_without_another_question(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        job_id = await bridge.send(a_request())
        await bridge.wait(job_id, "queued")
        bridge.driver.shows("1", "cancelled")
        assert (await bridge.wait(job_id, "cancelled"))["reason"]["code"] == "cancelled_outside"
        states = list(dict.fromkeys(event[2] for event in bridge.events))
        assert states == ["submitting", "queued", "cancelled"]
        assert bridge.driver.asked["past"] == 0
