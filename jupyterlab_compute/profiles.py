"""Profiles: what the site ships, what the user adds, what is found on this machine, merged. Reading blocks.

The settings plugin `jupyterlab-compute:profiles` has objects keyed by profile name: `profiles` (the site's:
`overrides.d` < `overrides.json` < the server's own configuration), `my_profiles` (the user's) and `added_profiles`
(what extensions of the page wrote into the user's settings, each with who wrote it). They are read here rather than
through JupyterLab's settings handler, which gives the user's keys only and drops a broken override without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import json5

from .drivers.base import Place

PLUGIN = "jupyterlab-compute:profiles"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
RESOURCES = ("nodes", "tasks", "cores", "memory_mb", "gpus", "walltime_s")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,99}")


@dataclass(frozen=True)
class Environment:
    """What surrounds the kernel. Setup lines are shell: only settings may hold them."""

    kernel: str | None = None
    modules: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A named place to run and what it gives."""

    name: str
    title: str
    description: str
    origin: str
    scheduler: Mapping[str, str]
    resources: Mapping[str, Mapping[str, int]]
    queue: str | None = None
    account: str | None = None
    native: Mapping[str, str] = field(default_factory=dict)
    gpu_types: tuple[str, ...] = ()
    environment: Environment = field(default_factory=Environment)
    run_root: str | None = None
    runner_python: str | None = None
    use_comment: bool = True
    requeue: bool = False
    show_names: bool = False
    is_default: bool = False
    #: So many jobs of one user are under way here at once.
    at_most: int | None = None
    #: Where it is written down: a file of the site's settings, say; empty for one that was found.
    given_in: str = ""
    #: Found and closed just now, e.g. a partition that is down; empty when it takes jobs.
    closed: str = ""


class Problem(ValueError):
    """A profile that cannot be used; the text says why."""


@dataclass(frozen=True)
class Sources:
    """Where settings lie. A folder that is not there is no problem."""

    app_settings: Path | None
    user_settings: Path | None
    configured: Mapping[str, Any]
    locked: bool = False


@dataclass(frozen=True)
class Read:
    """What the settings say, and what is wrong with them, in sentences."""

    profiles: list[Profile]
    problems: list[str]


def read(sources: Sources) -> Read:
    """The site's, the user's and extensions' profiles; of one name the first of these wins."""
    problems: list[str] = []
    site: dict[str, Any] = {}
    given_in: dict[str, str] = {}
    if sources.app_settings is not None:
        for path in _override_files(sources.app_settings):
            given = _object(_load(path, problems).get(PLUGIN), path, "profiles", problems)
            site |= given
            given_in |= dict.fromkeys(given, path.relative_to(sources.app_settings).as_posix())
    site |= sources.configured
    given_in |= dict.fromkeys(sources.configured, "server configuration")
    mine: dict[str, Any] = {}
    added: dict[str, Any] = {}
    if sources.user_settings is not None:
        folder, _, file = PLUGIN.partition(":")
        path = sources.user_settings / folder / f"{file}.jupyterlab-settings"
        if not sources.locked:
            settings = _load(path, problems)
            mine = _object(settings, path, "my_profiles", problems)
            added = _object(settings, path, "added_profiles", problems)
    profiles: dict[str, Profile] = {}
    for origin, given in (("site", site), ("user", mine)):
        for name, value in given.items():
            try:
                if name in profiles:
                    raise Problem("the site has a profile of that name, which counts.")
                place = given_in.get(name, "") if origin == "site" else "your settings"
                profiles[name] = replace(parse(name, value, origin), given_in=place)
            except Problem as problem:
                problems.append(f"Profile “{str(name)[:60]}” ({origin}): {problem}")
    # Who has written one of that name wanted another than the extension's: that is no problem.
    for name, value in added.items():
        if name not in profiles:
            try:
                profiles[name] = _added(name, value)
            except Problem as problem:
                problems.append(f"Profile “{str(name)[:60]}” (extension): {problem}")
    return Read(list(profiles.values()), problems)


def _added(name: object, value: object) -> Profile:
    source = value.get("source") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(source, str) or not source or not source.isprintable():
        raise Problem("it should have a “source”, which says who added it, and “settings”.")
    return replace(parse(name, value.get("settings"), "extension"), given_in=source[:200])


def merged(sources: Sources, plugin: str) -> dict[str, Any]:
    """What site and user set for another plugin of ours, key by key; the user's win. Defaults are not among it."""
    found: dict[str, Any] = {}
    ignored: list[str] = []
    if sources.app_settings is not None:
        for path in _override_files(sources.app_settings):
            site = _load(path, ignored).get(plugin)
            found |= site if isinstance(site, dict) else {}
    if sources.user_settings is not None:
        folder, _, file = plugin.partition(":")
        found |= _load(sources.user_settings / folder / f"{file}.jupyterlab-settings", ignored)
    return found


def _override_files(folder: Path) -> list[Path]:
    """In the order in which later ones win."""
    return [*sorted((folder / "overrides.d").glob("*.json")), folder / "overrides.json", folder / "overrides.json5"]


def _load(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(f"{path} cannot be read: {error}")
        return {}
    try:
        found = json.loads(text) if path.suffix == ".json" else json5.loads(text)
    except (ValueError, RecursionError) as error:
        problems.append(f"{path} is not JSON: {str(error)[:200]}")
        return {}
    if not isinstance(found, dict):
        problems.append(f"{path} should be an object.")
        return {}
    return found


def _object(settings: Any, path: Path, key: str, problems: list[str]) -> dict[str, Any]:
    if settings is None:
        return {}
    found = settings.get(key, {}) if isinstance(settings, dict) else settings
    if isinstance(found, dict):
        return found
    problems.append(f"{path}: “{key}” should be an object keyed by profile name, not a {type(found).__name__}.")
    return {}


def parse(name: object, value: object, origin: str) -> Profile:
    """A profile from settings. Raises `Problem` with a sentence that names the field."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise Problem("a name consists of letters, digits, “.”, “_” and “-”.")
    if not isinstance(value, dict):
        raise Problem("it should be an object.")
    scheduler = value.get("scheduler")
    if isinstance(scheduler, str):
        scheduler = {"type": scheduler}
    if not isinstance(scheduler, dict) or not isinstance(scheduler.get("type"), str):
        raise Problem('“scheduler” needs a “type”, e.g. {"type": "slurm"}.')
    # These become words of commands and names of files.
    named = {key: word for key in ("type", "host", "cluster") if (word := _word(scheduler, key)) is not None}
    environment = value.get("environment", {})
    if not isinstance(environment, dict):
        raise Problem("“environment” should be an object.")
    return Profile(
        name=name,
        title=_string(value, "title", 200) or name,
        description=_string(value, "description", 2000) or "",
        origin=origin,
        scheduler=named,
        resources=_resources(value.get("resources", {})),
        queue=_word(value, "queue"),
        account=_word(value, "account"),
        native=_patterns(value.get("native", {})),
        gpu_types=_strings(value, "gpu_types"),
        environment=Environment(
            kernel=_string(environment, "kernel"),
            modules=_strings(environment, "modules"),
            setup=_strings(environment, "setup"),
            variables=_variables(environment.get("variables", {})),
        ),
        run_root=_string(value, "run_root"),
        runner_python=_string(value, "runner_python"),
        use_comment=value.get("use_comment", True) is not False,
        requeue=value.get("requeue") is True,
        show_names=value.get("show_names") is True,
        is_default=value.get("default") is True,
        at_most=_at_most(value.get("at_most")),
    )


def _string(value: Mapping[str, Any], key: str, most: int = 4096) -> str | None:
    found = value.get(key)
    if found is None or found == "":
        return None
    if not isinstance(found, str) or not found.isprintable():
        raise Problem(f"“{key}” should be a text of one line.")
    if len(found) > most:
        raise Problem(f"“{key}” is too long: {len(found)} characters, at most {most}.")
    return found


def _strings(value: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = value.get(key, [])
    if not isinstance(found, list) or not all(_is_text(item) for item in found):
        raise Problem(f"“{key}” should be a list of texts.")
    return tuple(found)


def _is_text(value: object) -> bool:
    """Whether it can be written into files and environments: half of a surrogate pair and NUL cannot."""
    return isinstance(value, str) and "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _word(value: Mapping[str, Any], key: str) -> str | None:
    found = _string(value, key)
    if found is not None and not _WORD.fullmatch(found):
        raise Problem(f"“{key}” has characters that are not allowed: “{found[:60]}”.")
    return found


def _patterns(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Problem("“native” should be an object: option names and the pattern of their values.")
    for name, pattern in value.items():
        try:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]*", str(name)):
                raise Problem(f"“native”: “{str(name)[:60]}” is not the name of an option.")
            re.compile(pattern)
        except (re.error, TypeError, OverflowError, RecursionError):
            raise Problem(f"“native”: the pattern of “{name}” is not a regular expression.") from None
    return {str(k): str(v) for k, v in value.items()}


def _variables(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Problem("“variables” should be an object.")
    for name, text in value.items():
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(name)) or not _is_text(text):
            raise Problem(f"“variables”: “{str(name)[:60]}” is not a variable with a text.")
    return dict(value)


def _resources(value: object) -> dict[str, dict[str, int]]:
    if not isinstance(value, dict):
        raise Problem("“resources” should be an object.")
    found: dict[str, dict[str, int]] = {}
    for name, given in value.items():
        if name not in RESOURCES:
            raise Problem(f"“resources” knows {', '.join(RESOURCES)}, not “{str(name)[:60]}”.")
        limits = {"default": given, "min": given, "max": given} if _count(given) else given
        if not isinstance(limits, dict) or not all(
            k in {"default", "min", "max"} and _count(v) for k, v in limits.items()
        ):
            raise Problem(f"“resources.{name}” should be a number, or an object of “default”, “min” and “max”.")
        if name != "gpus" and 0 in (limits.get("default"), limits.get("max")):
            raise Problem(f"“resources.{name}”: nothing at all is not enough.")
        low, high, usual = limits.get("min"), limits.get("max"), limits.get("default")
        ordered = [v for v in (low, usual, high) if v is not None]
        if ordered != sorted(ordered):
            raise Problem(f"“resources.{name}”: min ≤ default ≤ max does not hold.")
        found[name] = dict(limits)
    return found


def _at_most(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Problem("“at_most” should be a number of jobs, at least 1.")
    return value


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def found(scheduler: Mapping[str, str], places: Iterable[Place]) -> list[Profile]:
    """Profiles from what a scheduler offers."""
    return [
        Profile(
            name=place.name,
            title=place.title,
            description=place.description,
            origin="found",
            scheduler=dict(scheduler),
            resources=place.resources,
            queue=place.queue,
            is_default=place.default,
            closed="" if place.ok else place.reason or "It does not take jobs now.",
        )
        for place in places
    ]
