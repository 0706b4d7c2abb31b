"""Profiles from the site and the user: who wins, and what is said of a file that is broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import catalog, contract, profiles
from jupyterlab_compute.drivers.base import Place
from jupyterlab_compute.profiles import PLUGIN, Problem, Sources

from ..builders import a_profile

_SLURM = {"scheduler": {"type": "slurm"}}


class Settings:
    """JupyterLab's settings folders, with what a test puts into them."""

    def __init__(self, home: Path) -> None:
        self.app, self.user = home / "settings", home / "user-settings"
        self.app.mkdir()
        self.configured: dict[str, Any] = {}
        self.locked = False

    def site(self, name: str, content: object) -> None:
        path = self.app / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps({PLUGIN: content}))

    def mine(self, content: object) -> None:
        path = self.user / "jupyterlab-compute" / "profiles.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))

    def read(self) -> profiles.Read:
        return profiles.read(Sources(self.app, self.user, self.configured, self.locked))

    def titles(self) -> dict[str, str]:
        return {profile.name: f"{profile.title} ({profile.origin})" for profile in self.read().profiles}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


def test_without_settings_there_are_no_profiles_and_no_problems(settings: Settings, tmp_path: Path) -> None:
    assert settings.read() == profiles.Read([], [])
    assert profiles.read(Sources(None, tmp_path / "nowhere", {})) == profiles.Read([], [])


def test_overrides_of_several_files_are_joined_by_name(settings: Settings) -> None:
    settings.site(
        "overrides.d/10-site.json", {"profiles": {"a": {**_SLURM, "title": "10"}, "b": {**_SLURM, "title": "10"}}}
    )
    settings.site(
        "overrides.d/20-group.json", {"profiles": {"b": {**_SLURM, "title": "20"}, "c": {**_SLURM, "title": "20"}}}
    )
    settings.site("overrides.json", {"profiles": {"c": {**_SLURM, "title": "json"}}})
    settings.configured = {"d": {**_SLURM, "title": "configured"}, "a": {**_SLURM, "title": "configured"}}
    assert settings.titles() == {
        "a": "configured (site)",
        "b": "20 (site)",
        "c": "json (site)",
        "d": "configured (site)",
    }


def test_the_sites_profile_wins_and_it_is_said(settings: Settings) -> None:
    settings.site("overrides.json", {"profiles": {"a": {**_SLURM, "title": "site"}}})
    settings.mine({"my_profiles": {"a": {**_SLURM, "title": "mine"}, "b": {**_SLURM, "title": "mine"}}})
    assert settings.titles() == {"a": "site (site)", "b": "mine (user)"}
    [problem] = settings.read().problems
    assert "“a”" in problem
    assert "which counts" in problem


def test_comments_in_the_users_settings_are_read(settings: Settings) -> None:
    settings.mine('// mine\n{"my_profiles": {"b": {"scheduler": "slurm",},},}')
    assert settings.titles() == {"b": "b (user)"}


def test_locked_only_the_site_counts(settings: Settings) -> None:
    settings.site("overrides.json", {"profiles": {"a": _SLURM}})
    settings.mine({"my_profiles": {"b": _SLURM}})
    settings.locked = True
    assert settings.titles() == {"a": "a (site)"}
    settings.mine("{broken")
    assert settings.read().problems == []


def test_a_user_cannot_put_in_what_is_the_sites(settings: Settings) -> None:
    settings.mine({"profiles": {"a": _SLURM}})
    assert settings.titles() == {}


def _added(title: str, source: object = "compute-cost") -> dict[str, object]:
    return {"source": source, "settings": {**_SLURM, "title": title}}


def test_an_extension_adds_profiles_which_say_so_and_whoever_writes_one_of_that_name_wins(settings: Settings) -> None:
    settings.site("overrides.json", {"profiles": {"a": {**_SLURM, "title": "site"}}})
    settings.mine(
        {
            "my_profiles": {"b": {**_SLURM, "title": "mine"}},
            "added_profiles": {name: _added("added") for name in "abc"},
        }
    )
    assert settings.titles() == {"a": "site (site)", "b": "mine (user)", "c": "added (extension)"}
    read = settings.read()
    assert read.problems == []
    assert [profile.given_in for profile in read.profiles] == ["overrides.json", "your settings", "compute-cost"]
    contract.check("Profile", catalog.view(read.profiles[-1], None, None))


def test_where_profiles_are_locked_no_extension_adds_one(settings: Settings) -> None:
    settings.mine({"added_profiles": {"c": _added("added")}})
    settings.locked = True
    assert settings.titles() == {}


@pytest.mark.parametrize(
    "wrong",
    [7, {}, _SLURM, _added("x", ""), _added("x", 7), _added("x", "two\nlines"), {"source": "compute-cost"}],
)
def test_a_wrong_profile_of_an_extension_is_told_and_the_others_count(settings: Settings, wrong: object) -> None:
    settings.mine({"added_profiles": {"wrong": wrong, "c": _added("added")}})
    assert settings.titles() == {"c": "added (extension)"}
    [problem] = settings.read().problems
    assert problem.startswith("Profile “wrong” (extension): ")


@pytest.mark.parametrize("text", ["{", "[]", "null", "", '"x"', "[" * 100_000, "\udcff"])
def test_a_broken_file_is_told_and_the_others_count(settings: Settings, text: str) -> None:
    settings.site("overrides.json", {"profiles": {"a": _SLURM}})
    (settings.app / "overrides.d").mkdir()
    (settings.app / "overrides.d" / "20.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert list(settings.titles()) == ["a"]
    [problem] = settings.read().problems
    assert "20.json" in problem
    assert len(problem) < 600


def test_a_file_that_cannot_be_read_is_told(settings: Settings) -> None:
    (settings.app / "overrides.json").mkdir()
    [problem] = settings.read().problems
    assert "cannot be read" in problem


@pytest.mark.parametrize("wrong", [[], "text", 7, [{"name": "a"}]])
def test_a_wrong_type_for_all_profiles_is_told(settings: Settings, wrong: object) -> None:
    settings.site("overrides.json", {"profiles": wrong})
    settings.mine({"my_profiles": wrong})
    read = settings.read()
    assert read.profiles == []
    assert len(read.problems) == 2
    assert all("keyed by profile name" in problem for problem in read.problems)


_WRONG: list[tuple[str, Any]] = [
    ("object", []),
    ("object", "slurm"),
    ("scheduler", {}),
    ("scheduler", {"scheduler": {}}),
    ("scheduler", {"scheduler": {"type": 7}}),
    ("type", {"scheduler": "--slurm"}),
    ("cluster", {"scheduler": {"type": "slurm", "cluster": "../../x"}}),
    ("cluster", {"scheduler": {"type": "slurm", "cluster": {"a": 1}}}),
    ("host", {"scheduler": {"type": "slurm", "host": "-oProxyCommand=id"}}),
    ("title", {**_SLURM, "title": "two\nlines"}),
    ("title", {**_SLURM, "title": "x" * 201}),
    ("title", {**_SLURM, "title": ["x"]}),
    ("queue", {**_SLURM, "queue": "--all"}),
    ("queue", {**_SLURM, "queue": "a b"}),
    ("account", {**_SLURM, "account": "a;b"}),
    ("run_root", {**_SLURM, "run_root": "/a\n#SBATCH --uid=0"}),
    ("runner_python", {**_SLURM, "runner_python": 3}),
    ("resources", {**_SLURM, "resources": []}),
    ("hats", {**_SLURM, "resources": {"hats": 1}}),
    ("cores", {**_SLURM, "resources": {"cores": "4"}}),
    ("cores", {**_SLURM, "resources": {"cores": True}}),
    ("cores", {**_SLURM, "resources": {"cores": -1}}),
    ("cores", {**_SLURM, "resources": {"cores": 0}}),
    ("cores", {**_SLURM, "resources": {"cores": {"most": 4}}}),
    ("cores", {**_SLURM, "resources": {"cores": {"min": 4, "max": 2}}}),
    ("cores", {**_SLURM, "resources": {"cores": {"default": 8, "max": 2}}}),
    ("walltime_s", {**_SLURM, "resources": {"walltime_s": {"default": 0}}}),
    ("native", {**_SLURM, "native": ["nice"]}),
    ("native", {**_SLURM, "native": {"--nice": ".*"}}),
    ("native", {**_SLURM, "native": {"nice": "("}}),
    ("native", {**_SLURM, "native": {"nice": 7}}),
    ("gpu_types", {**_SLURM, "gpu_types": "a100"}),
    ("environment", {**_SLURM, "environment": []}),
    ("modules", {**_SLURM, "environment": {"modules": "gcc"}}),
    ("setup", {**_SLURM, "environment": {"setup": [7]}}),
    ("variables", {**_SLURM, "environment": {"variables": {"A B": "x"}}}),
    ("variables", {**_SLURM, "environment": {"variables": {"A": 7}}}),
]


@pytest.mark.parametrize(("field", "wrong"), _WRONG)
def test_a_wrong_profile_is_told_by_field_and_the_others_count(settings: Settings, field: str, wrong: Any) -> None:
    settings.site("overrides.json", {"profiles": {"good": _SLURM, "bad": wrong}})
    read = settings.read()
    assert [profile.name for profile in read.profiles] == ["good"]
    [problem] = read.problems
    assert "“bad” (site)" in problem
    assert field in problem


@pytest.mark.parametrize("name", ["", "a b", "-a", "a/b", "../a", "a\n", "ä", "x" * 101])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(Problem):
        profiles.parse(name, _SLURM, "user")


def test_everything_that_a_profile_can_say() -> None:
    made = profiles.parse(
        "gpu",
        {
            "title": "GPU",
            "description": "For training.",
            "scheduler": {"type": "slurm", "cluster": "big", "host": "", "more": "x"},
            "resources": {"cores": 4, "gpus": {"default": 0, "max": 2}},
            "queue": "gpu",
            "account": "a@b",
            "native": {"nice": "[0-9]+"},
            "gpu_types": ["a100"],
            "environment": {"kernel": "r", "modules": ["gcc"], "setup": ["ulimit -c 0"], "variables": {"A": "1"}},
            "run_root": "$SCRATCH/runs",
            "requeue": True,
            "use_comment": False,
            "default": True,
            "unknown": "ignored",
        },
        "user",
    )
    assert made.scheduler == {"type": "slurm", "cluster": "big"}
    assert made.resources == {"cores": {"default": 4, "min": 4, "max": 4}, "gpus": {"default": 0, "max": 2}}
    assert (made.environment.kernel, made.environment.setup) == ("r", ("ulimit -c 0",))
    assert (made.requeue, made.use_comment, made.is_default) == (True, False, True)
    contract.check("Profile", catalog.view(made, None, None))


def test_what_a_scheduler_offers_becomes_a_profile() -> None:
    place = Place("debug", "Debug", "", "debug", {"cores": {"default": 1, "max": 4}}, ok=False, reason="It is down.")
    [made] = profiles.found({"type": "slurm"}, [place])
    assert (made.origin, made.closed, made.queue) == ("found", "It is down.", "debug")


def test_the_builders_profile_is_what_the_contract_says() -> None:
    contract.check("Profile", catalog.view(a_profile(), None, "It ends with the pod."))
