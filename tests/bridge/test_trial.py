"""Trying a profile: every check says what it found and its cure, and nothing is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import contract
from jupyterlab_compute.drivers.base import Submission
from jupyterlab_compute.errors import Invalid, SchedulerRefused, SchedulerSilent
from jupyterlab_compute.profiles import Environment

from ..builders import a_profile
from ..fakes import Bridge, FakeDriver, a_bridge


class Picky(FakeDriver):
    """Would not take any job."""

    async def estimate(self, job: Submission) -> str | None:
        raise SchedulerRefused("Invalid account or account/partition combination specified")


class Silent(FakeDriver):
    """Does not answer."""

    async def probe(self) -> None:
        raise SchedulerSilent("sinfo did not answer within 10 s.")


async def _trial(bridge: Bridge, **wish: Any) -> dict[str, Any]:
    found = await bridge.service.try_profile({"name": "fake", **wish})
    contract.check("Trial", found)
    return {check["what"]: (check["ok"], check["text"]) for check in found["checks"]} | {"all": found["ok"]}


async def test_a_profile_that_works(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        found = await _trial(bridge)
        assert found["all"]
        assert [what for what in found if what != "all"] == ["scheduler", "accepts", "run_root", "python"]
        assert bridge.driver.sent == []
        assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("driver", "profile", "what", "words"),
    [
        (Picky(), {}, "accepts", "Invalid account"),
        (Silent(), {}, "scheduler", "did not answer"),
        (FakeDriver(), {"run_root": "/etc/hostname/runs"}, "run_root", "may not write"),
        (FakeDriver(), {"run_root": "relative"}, "run_root", "absolute"),
        (FakeDriver(), {"run_root": "$NOT_SET_ANYWHERE/x"}, "run_root", "NOT_SET_ANYWHERE"),
        (FakeDriver(), {"environment": Environment(kernel="absent")}, "kernel", "no kernel"),
    ],
)
async def test_what_is_wrong_is_said(
    tmp_path: Path, driver: FakeDriver, profile: dict[str, Any], what: str, words: str
) -> None:
    async with a_bridge(tmp_path, driver, profile=a_profile(**profile)) as bridge:

        async def kernel(name: str) -> Any:
            raise Invalid(f"There is no kernel “{name}” here.")

        object.__setattr__(bridge.service._around, "kernel", kernel)
        found = await _trial(bridge)
        assert not found["all"]
        assert found[what][0] is False
        assert any(word in found[what][1] for word in words.split("|")), found[what]


async def test_what_cannot_be_seen_from_here_is_not_called_wrong(tmp_path: Path) -> None:
    async with a_bridge(tmp_path, profile=a_profile(runner_python="/on/the/nodes/python3")) as bridge:
        found = await _trial(bridge)
        assert found["python"][0] is None
        assert found["all"]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"name": "absent"}, "There is no profile"),
        ({"settings": {}}, "scheduler"),
        ({"settings": {"scheduler": {"type": "fake"}, "queue": "-x\n"}}, "queue"),
        ({"settings": {"scheduler": {"type": "fake"}, "at_most": 0}}, "at_most"),
        ({"name": "no name", "settings": {"scheduler": {"type": "fake"}}}, "name"),
    ],
)
async def test_settings_that_cannot_be_used_are_said(tmp_path: Path, wish: dict[str, Any], words: str) -> None:
    async with a_bridge(tmp_path) as bridge:
        found = await _trial(bridge, **wish)
        assert found["settings"][0] is False
        assert words in found["settings"][1]


async def test_a_profile_that_is_being_written_can_be_tried(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        assert (await _trial(bridge, name="new", settings={"scheduler": {"type": "fake"}}))["all"]
        object.__setattr__(bridge.service._around, "locked", True)
        assert "only the site's" in (await _trial(bridge, name="new", settings={"scheduler": "fake"}))["settings"][1]


@pytest.mark.parametrize("wish", [{}, {"name": ""}, {"name": "x", "settings": []}, {"name": "x", "more": 1}])
async def test_what_is_no_wish_is_refused(tmp_path: Path, wish: dict[str, Any]) -> None:
    async with a_bridge(tmp_path) as bridge:
        with pytest.raises(Invalid):
            await bridge.service.try_profile(wish)
