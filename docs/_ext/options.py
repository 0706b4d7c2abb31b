"""What can be set, pressed and measured."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import Counter, Histogram
from tables import ROOT, plain, table
from traitlets import DefaultHandler, Undefined
from wire import kind_of

from jupyterlab_compute import metrics
from jupyterlab_compute.app import ComputeApp


def traits() -> str:
    """The server extension's traits."""

    def usual(name: str, trait: Any) -> str:
        if any(isinstance(v, DefaultHandler) and v.trait_name == name for v in vars(ComputeApp).values()):
            return "worked out"
        return f"`{trait.make_dynamic_default() if trait.default_value is Undefined else trait.default_value!r}`"

    own = ComputeApp.class_own_traits(config=True)
    return table(
        ("setting", "type", "default", "meaning"),
        [(f"`c.ComputeApp.{name}`", type(own[name]).__name__, usual(name, own[name]), plain(own[name].help))
         for name in sorted(own)],
    )  # fmt: skip


def settings() -> str:
    """Every setting of every plugin, as JupyterLab's Settings Editor has it."""
    parts = []
    for path in sorted((ROOT / "schema").glob("*.json")):
        schema = json.loads(path.read_text())
        rows = list(_fields(schema.get("properties", {}), schema))
        if rows:
            parts.append(f"### `jupyterlab-compute:{path.stem}`\n\n{plain(schema['description'])}\n")
            parts.append(table(("setting", "type", "default", "meaning"), rows) + "\n")
        for name, definition in schema.get("definitions", {}).items():
            fields = list(_fields(definition.get("properties", {}), schema))
            if fields:
                title = definition.get("title", name)
                parts.append(f"\n#### {plain(title)}\n\n")
                parts.append(table(("field", "type", "default", "meaning"), fields) + "\n")
    return "\n".join(parts)


def _fields(properties: Mapping[str, Any], schema: Mapping[str, Any], before: str = "") -> Iterator[tuple[object, ...]]:
    for name, field in properties.items():
        words = ". ".join(filter(None, (field.get("title", "").rstrip("."), field.get("description", ""))))
        choices = ", ".join(f"`{each['const']}`" for each in field.get("oneOf", []) if "const" in each)
        usual = f"`{json.dumps(field['default'])}`" if "default" in field else ""
        yield f"`{before}{name}`", choices or kind_of(field), usual, plain(words)
        if "properties" in field:
            yield from _fields(field["properties"], schema, f"{before}{name}.")


#: What the commands with a shortcut do. A shortcut of a command that is missing here fails the build.
_DOES = {
    "compute:run-cells": "Run the selected cells on the chosen profile",
    "compute:run-notebook": "Run the whole notebook on the chosen profile",
}


def shortcuts() -> str:
    """Keys and what they do, from the settings."""
    rows = []
    for path in sorted((ROOT / "schema").glob("*.json")):
        for shortcut in json.loads(path.read_text()).get("jupyter.lab.shortcuts", []):
            keys = " ".join(shortcut["keys"]).replace("Accel", "Ctrl").split()
            rows.append(
                (_DOES[shortcut["command"]], " + ".join(f"`{key}`" for key in keys), f"`{shortcut['command']}`")
            )
    return table(("does", "keys (⌘ in place of Ctrl on a Mac)", "command"), rows)


def figures() -> str:
    """What the bridge adds to /metrics."""
    rows: list[tuple[object, ...]] = [
        (f"`{each._name}{'_total' if isinstance(each, Counter) else ''}`",
         each._type, ", ".join(f"`{label}`" for label in each._labelnames), plain(each._documentation))
        for each in vars(metrics).values() if isinstance(each, (Counter, Histogram))
    ]  # fmt: skip
    return table(("name", "type", "labels", "meaning"), rows)
