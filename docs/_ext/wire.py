"""The contract in tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml
from tables import PACKAGE, plain, table


def _contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((PACKAGE / "contract" / "openapi.yaml").read_text())
    return document


def _at(ref: str) -> Any:
    found: Any = _contract()
    for step in ref.removeprefix("#/").split("/"):
        found = found[step]
    return found


def kind_of(schema: Mapping[str, Any] | bool) -> str:
    """A schema in a few words, with a link where it has a name."""
    if isinstance(schema, bool):
        return "anything"
    if ref := schema.get("$ref"):
        name = str(ref).rpartition("/")[2]
        return f"[{name}](#{name.lower()})" if ref.startswith("#/components/schemas/") else name
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(dict.fromkeys(kind_of(each) for each in schema[key]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {kind_of(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {kind_of(schema['additionalProperties'])}"
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    limits = []
    for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("minLength", "length ≥"), ("maxLength", "length ≤")):
        if key in schema:
            limits.append(f"{sign} {schema[key]}")
    if "pattern" in schema:
        limits.append(f"`{schema['pattern']}`")
    return f"{words} ({', '.join(limits)})" if limits else words


def _properties(schema: Mapping[str, Any]) -> str:
    required = schema.get("required", [])
    rows: list[tuple[object, ...]] = []
    for name, field in schema.get("properties", {}).items():
        about = field.get("description", "") if isinstance(field, dict) else ""
        rows.append((f"`{name}`", kind_of(field), "always" if name in required else "", plain(about)))
    return table(("field", "type", "", "meaning"), rows)


def routes() -> str:
    """Every operation of the contract."""
    parts = []
    for path, item in _contract()["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            parts.append(f"### {method.upper()} `{path}`\n")
            parts.append(f"{plain(operation.get('summary', ''))}\n\n{plain(operation.get('description', ''))}\n")
            given = [
                p if "$ref" not in p else _at(p["$ref"])
                for p in (*item.get("parameters", []), *operation.get("parameters", []))
            ]
            if given:
                rows: list[tuple[object, ...]] = [
                    (f"`{p['name']}`", p["in"], kind_of(p["schema"]),
                     f"`{p['schema']['default']}`" if "default" in p["schema"] else "", plain(p.get("description", "")))
                    for p in given
                ]  # fmt: skip
                parts.append(table(("parameter", "in", "type", "default", "meaning"), rows) + "\n")
            if body := operation.get("requestBody"):
                needed = "" if body.get("required") else " (may be left out)"
                parts.append(f"Body{needed}: {kind_of(body['content']['application/json']['schema'])}\n")
            answers: list[tuple[object, ...]] = []
            for status, given_answer in operation["responses"].items():
                answer = _at(given_answer["$ref"]) if "$ref" in given_answer else given_answer
                kinds = [f"{kind_of(c['schema'])} as `{kind}`" for kind, c in answer.get("content", {}).items()]
                answers.append(
                    ("anything else" if status == "default" else status, ", ".join(kinds), plain(answer["description"]))
                )
            parts.append(table(("status", "body", "meaning"), answers) + "\n")
    return "\n".join(parts)


def schemas() -> str:
    """Every schema of the contract."""
    parts = []
    for name, schema in _contract()["components"]["schemas"].items():
        parts.append(f"### {name}\n\n{plain(schema.get('description', ''))}\n")
        parts.append((_properties(schema) if schema.get("properties") else kind_of(schema)) + "\n")
    return "\n".join(parts)
