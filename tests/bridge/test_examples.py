"""The profiles that a site may copy: read as a server reads them, and as a person sees them then."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from jupyterlab_compute import catalog, contract, profiles
from jupyterlab_compute.catalog import Catalog
from jupyterlab_compute.errors import NoSuchScheduler
from jupyterlab_compute.profiles import PLUGIN, Profile, Read, Sources

from ..fakes import FakeDriver

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "profiles"


@pytest.fixture(scope="module")
def read() -> Read:
    return profiles.read(Sources(app_settings=EXAMPLE, user_settings=None, configured={}))


def _seen(profile: Profile) -> dict[str, Any]:
    seen = catalog.view(profile, None, None)
    contract.check("Profile", seen)
    return seen


def test_nothing_is_wrong_with_them_and_they_say_where_they_come_from(read: Read) -> None:
    assert read.problems == []
    assert [(seen["title"], seen["origin"], seen["given_in"]) for seen in map(_seen, read.profiles)] == [
        ("Local server", "site", "overrides.json"),
        ("2 cores, 4 GB, 12 h", "site", "overrides.json"),
        ("12 cores, 128 GB, queue ram256g", "site", "overrides.json"),
        ("Another cluster, 8 hours, queue small", "site", "overrides.json"),
    ]


def test_each_gives_what_its_title_says(read: Read) -> None:
    local, small, large, west = map(_seen, read.profiles)
    assert (local["scheduler"], local["is_default"], local["at_most"]) == ({"type": "local"}, True, 2)
    # Fixed numbers: nobody can ask for more or less.
    assert small["resources"] == {
        "cores": {"default": 2, "min": 2, "max": 2},
        "memory_mb": {"default": 4 * 1024, "min": 4 * 1024, "max": 4 * 1024},
        "walltime_s": {"default": 12 * 3600, "min": 12 * 3600, "max": 12 * 3600},
    }
    assert (small["queue"], large["queue"], west["queue"]) == (None, "ram256g", "small")
    assert large["resources"]["cores"]["default"] == 12
    assert large["resources"]["memory_mb"] == {"default": 128 * 1024, "max": 256 * 1024}
    assert west["scheduler"]["cluster"] == "west"
    assert west["resources"]["walltime_s"]["max"] == 8 * 3600
    assert sum(seen["is_default"] for seen in (local, small, large, west)) == 1


def test_jupyterlab_does_not_drop_them(read: Read) -> None:
    # It checks overrides against the schema, and leaves out without a word what does not fit.
    schema = json.loads((ROOT / "schema" / "profiles.json").read_text("utf-8"))
    given = json.loads((EXAMPLE / "overrides.json").read_text("utf-8"))[PLUGIN]
    assert not list(Draft7Validator(schema).iter_errors(given))
    assert len(given["profiles"]) == len(read.profiles)


async def test_the_cluster_that_cannot_be_reached_is_told_and_the_others_are_offered(read: Read) -> None:
    def make(named: Mapping[str, str]) -> FakeDriver:
        if named.get("host"):
            raise NoSuchScheduler("Schedulers on another host cannot be reached yet by this version.")
        return FakeDriver()

    ledger: Any = _Blocking()
    known = Catalog(ledger, lambda: Read(list(read.profiles), []), make, logging.getLogger("test"))
    try:
        named, problems = await known.all()
    finally:
        await known.stop()
    there = {p.title: _answers(p, scheduler) for p, scheduler in named if p.origin == "site"}
    assert there == {
        "Local server": True,
        "2 cores, 4 GB, 12 h": True,
        "12 cores, 128 GB, queue ram256g": True,
        "Another cluster, 8 hours, queue small": False,
    }
    assert problems == ["Profile “west”: Schedulers on another host cannot be reached yet by this version."]


class _Blocking:
    """What of a ledger a catalog needs."""

    async def blocking(self, act: Any) -> Any:
        return act()


def _answers(profile: Profile, scheduler: Any) -> bool:
    return bool(catalog.view(profile, scheduler, None)["available"]["ok"])
