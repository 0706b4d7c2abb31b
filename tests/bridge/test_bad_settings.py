"""Settings that are broken, under a real server with JupyterLab: said where one looks, and all else works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ..jupyter import Jupyter, whole

_GOOD = {"scheduler": "local", "title": "Good"}
_PLUGIN = "jupyterlab-compute:profiles"
#: What JSON calls a number and Python calls infinite.
_ENDLESS = "1e999"


@dataclass
class Settings:
    """A server, and the folders in which it and JupyterLab look for settings: each time anew."""

    jupyter: Jupyter
    site: Path
    user: Path

    def overrides(self, name: str, content: object) -> None:
        """Write a file of the site's."""
        path = self.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))

    def mine(self, plugin: str, content: object) -> None:
        """Write the user's file of one of our plugins."""
        path = self.user / "jupyterlab-compute" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))

    def problems(self) -> list[str]:
        """What the panel says; the good profile is there beside it."""
        told = self.jupyter.ask("GET", "profiles").json
        assert "good" in {profile["name"] for profile in told["profiles"]}
        found: list[str] = told["problems"]
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("settings")
    site, user = home / "site", home / "user"
    options = (f"--LabApp.app_settings_dir={site}", f"--LabApp.user_settings_dir={user}")
    settings = Settings(Jupyter(home / "home", options=options), site, user)
    settings.overrides("overrides.d/10-good.json", {_PLUGIN: {"profiles": {"good": _GOOD}}})
    settings.jupyter.start()
    yield settings
    settings.jupyter.stop()


@pytest.fixture
def settings(server: Settings) -> Iterator[Settings]:
    yield server
    for path in (*server.site.rglob("*.json*"), *server.user.rglob("*-settings")):
        if path.name != "10-good.json":
            path.unlink()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "is not JSON"),
        ("", "is not JSON"),
        ("[1]", "should be an object"),
        ("[" * 90_000, "is not JSON"),
        ({_PLUGIN: {"profiles": [_GOOD]}}, "keyed by profile name"),
        ({_PLUGIN: {"profiles": {"bad": 7}}}, "“bad” (site): it should be an object"),
        ({_PLUGIN: {"profiles": {"bad": {**_GOOD, "queue": ["q"]}}}}, "“queue”"),
        ({_PLUGIN: {"profiles": {"bad": {"scheduler": "nothing-like-it"}}}}, "nothing-like-it"),
        ({_PLUGIN: {"profiles": {"bad": {**_GOOD, "resources": {"cpus": 1}}}}}, "not “cpus”"),
        ({_PLUGIN: {"profiles": {"bad": {**_GOOD, "native": {"qos": "a{99999999999}"}}}}}, "“qos”"),
        ({_PLUGIN: {"profiles": {"bad": {**_GOOD, "native": {"qos": "(" * 9000}}}}}, "“qos”"),
        # What can be written into no file and into no environment.
        ({_PLUGIN: {"profiles": {"bad": {**_GOOD, "environment": {"setup": ["\ud800"]}}}}}, "“setup”"),
        ({_PLUGIN: {"profiles": {"bad": {**_GOOD, "environment": {"modules": ["a\0"]}}}}}, "“modules”"),
        ({_PLUGIN: {"profiles": {"bad": {**_GOOD, "environment": {"variables": {"A": "\0"}}}}}}, "“A”"),
    ],
)
def test_a_broken_override_is_said_with_its_cause(settings: Settings, content: object, words: str) -> None:
    settings.overrides("overrides.d/20-bad.json", content)
    [problem] = settings.problems()
    assert words in problem
    assert "20-bad.json" in problem or "“bad”" in problem


@pytest.mark.parametrize("content", ["{", "[]", '{"my_profiles": 7}', '{"my_profiles": {"mine": []}}', "\0"])
def test_ones_own_broken_settings_are_said(settings: Settings, content: str) -> None:
    settings.mine("profiles", content)
    [problem] = settings.problems()
    assert "profiles.jupyterlab-settings" in problem or "“mine” (user)" in problem


def test_what_is_not_known_is_left_alone(settings: Settings) -> None:
    unknown: dict[str, Any] = {_PLUGIN: {"no such key": 1, "profiles": {"new": {**_GOOD, "no such field": {}}}}}
    settings.overrides("overrides.d/20-newer.json", {**unknown, "jupyterlab-compute:no-such-plugin": 7, "x": None})
    assert settings.problems() == []
    assert "new" in {profile["name"] for profile in settings.jupyter.ask("GET", "profiles").json["profiles"]}


@pytest.mark.parametrize("value", ['"soon"', "[]", "{}", "-1", "true", "NaN", _ENDLESS, "null"])
def test_a_limit_that_is_none_deletes_nothing(settings: Settings, value: str) -> None:
    settings.mine("jobs", f'{{"keep_days": {value}, "keep_jobs": {value}, "keep_gib": {value}}}')
    answer = settings.jupyter.ask("GET", "storage")
    assert answer.status == 200, answer.json
    assert answer.json["keep"] == {"days": None, "jobs": None, "bytes": None}


@pytest.mark.parametrize("content", ["{", '{"by_mail": "yes", "tell_ended": 1, "mail_to": {}, "webhook_file": 7}'])
def test_a_wish_to_be_told_that_is_none_keeps_no_job(settings: Settings, content: str) -> None:
    settings.mine("notifications", content)
    assert settings.jupyter.ask("GET", "notify").json["usual"] == {"on": [], "by": []}


def test_with_everything_broken_a_job_runs(settings: Settings) -> None:
    for plugin in ("profiles", "jobs", "notifications", "panel", "form", "run", "toasts"):
        settings.mine(plugin, "{")
    settings.overrides("overrides.json", "{")
    assert len(settings.problems()) == 2
    job = settings.jupyter.run(whole("print('runs')", profile="good"))
    assert settings.jupyter.wait(job["id"])["state"] == "succeeded"
    assert "Traceback" not in settings.jupyter.log.read_text()
