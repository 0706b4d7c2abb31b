"""What the pages say of the code is taken from the code, or checked against it, when they are built.

* `<!-- from the code: NAME -->` on a line of its own becomes what the part of that name finds (see `PARTS`).
* The roles `test`, `code-in` and `lab-command` name a test, a place in the code and a command of the page; the build
  warns, and so fails, where there is none.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import json
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from prometheus_client import Counter, Histogram
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole
from traitlets import DefaultHandler

import jupyterlab_compute
from jupyterlab_compute import metrics
from jupyterlab_compute.app import ComputeApp
from jupyterlab_compute.errors import ComputeError

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "jupyterlab_compute"
_MARK = re.compile(r"^<!-- from the code: ([a-z ]+) -->$", re.MULTILINE)


def table(head: tuple[str, ...], rows: Iterator[tuple[object, ...]] | list[tuple[object, ...]]) -> str:
    """A Markdown table; cells are Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(each) for each in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return re.sub(r"\s+", " ", str(value)).replace("|", "\\|")


def plain(text: str) -> str:
    """Text as Markdown that shows nothing but that text."""
    return re.sub(r"([\\`*_{}<>\[\]$])", r"\\\1", text)


# Configuration


def traits() -> str:
    """The server extension's traits."""

    def usual(name: str, trait: Any) -> str:
        made = any(isinstance(v, DefaultHandler) and v.trait_name == name for v in vars(ComputeApp).values())
        return "" if made else f"`{trait.default_value!r}`" if trait.default_value else f"`{trait.default()!r}`"

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
        yield f"`{before}{name}`", choices or _kind(field), usual, plain(words)
        if "properties" in field:
            yield from _fields(field["properties"], schema, f"{before}{name}.")


# The page


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


# Errors, reasons and log lines


@lru_cache(maxsize=1)
def _trees() -> dict[str, ast.Module]:
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


#: What the names of one function were set to, as far as it is literal.
Scope = Mapping[str, list[ast.expr]]


def _texts(node: ast.expr | None, scope: Scope) -> list[str]:
    """The sentences that a literal can be; what is filled in at run time is an ellipsis. Empty: it is no literal."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Name(id=name):
            return [text for each in scope.get(name, []) for text in _texts(each, {})]
        case ast.IfExp(body=yes, orelse=no):
            return [*_texts(yes, scope), *_texts(no, scope)]
        case ast.JoinedStr(values=values):
            parts = [[str(v.value)] if isinstance(v, ast.Constant) else _filled(v, scope) or ["…"] for v in values]
            return ["".join(each) for each in itertools.product(*parts)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            both = _texts(left, scope), _texts(right, scope)
            return [f"{a}{b}" for a, b in itertools.product(both[0] or ["…"], both[1] or ["…"])] if any(both) else []
    return []


def _filled(value: ast.expr, scope: Scope) -> list[str]:
    """What a name in braces can be, if that is a sentence and not a word of it."""
    inner = value.value if isinstance(value, ast.FormattedValue) else value
    return [text for text in _texts(inner, scope) if " " in text] if isinstance(inner, ast.Name) else []


def _calls(*names: str) -> Iterator[tuple[ast.Call, Scope]]:
    """Calls of these names in the package, each with the scope that it stands in."""
    for tree in _trees().values():
        inner: set[ast.AST] = set()
        functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
        for place in (*reversed(functions), tree):
            scope: dict[str, list[ast.expr]] = {}
            calls = []
            for node in ast.walk(place):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    scope.setdefault(node.targets[0].id, []).append(node.value)
                elif isinstance(node, ast.Call) and node not in inner:
                    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                    inner.add(node)
                    if name in names:
                        calls.append(node)
            for call in calls:
                yield call, {} if place is tree else scope


def _argument(call: ast.Call, place: int, scope: Scope) -> list[str]:
    return _texts(call.args[place], scope) if len(call.args) > place else []


def _classes() -> list[type[ComputeError]]:
    for module in pkgutil.walk_packages(jupyterlab_compute.__path__, "jupyterlab_compute."):
        importlib.import_module(module.name)

    def below(kind: type[ComputeError]) -> Iterator[type[ComputeError]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    # One without a status of its own never leaves the bridge.
    known = {
        kind for kind in below(ComputeError) if kind.__module__.startswith("jupyterlab_compute.") and kind.status != 500
    }
    return sorted(known, key=lambda c: (c.status, c.code, c.__name__))


#: What to do where the error itself does not say it. By the error's code.
_CURES = {
    "malformed": "A page never sends such a request; a program of yours that does has to be corrected.",
    "invalid": "Correct the field that is named and send again: nothing was started.",
    "no_such_job": "It was deleted, perhaps in another window: load the list anew.",
    "no_such_file": "Look at the job's list of files for what there is.",
    "wrong_state": "Look at the job's state: it has changed meanwhile.",
    "scheduler_refused": "Its own words say what it does not accept. Ask for something else, or ask the site.",
    "scheduler_silent": "Wait: the scheduler is asked again by itself, and a job that it took is found.",
}


def errors() -> str:
    """Every error of the bridge: its code, its sentences, and the cure of each."""
    said: dict[str, dict[str, str]] = {}
    for call, scope in _calls(*(kind.__name__ for kind in _classes())):
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr  # type: ignore[attr-defined]
        for message in _argument(call, 0, scope):
            said.setdefault(name, {})[message] = " ".join(_argument(call, 1, scope))
    parts = []
    for kind in _classes():
        about = inspect.cleandoc(kind.__dict__.get("__doc__") or "")
        parts.append(f"### `{kind.code}` ({kind.status}), {kind.__name__}\n\n{about}\n")
        rows: list[tuple[object, ...]] = [
            (plain(message), plain(hint or _CURES.get(kind.code, "")))
            for message, hint in sorted(said.get(kind.__name__, {}).items())
        ]
        if rows:
            parts.append(table(("says", "cure"), rows) + "\n")
    return "\n".join(parts)


def reasons() -> str:
    """Why a job is as it is: every code with the sentences that the bridge, the runner and the Slurm driver write."""
    found: dict[str, set[str]] = {}
    for call, scope in _calls("Reason", "Ended"):
        place = 1 if isinstance(call.func, ast.Name) and call.func.id == "Ended" else 0
        for code in _argument(call, place, scope):
            found.setdefault(code, set()).update(_argument(call, place + 1, scope))
    return table(
        ("code", "says"),
        [(f"`{code}`", "<br>".join(plain(text) for text in sorted(found[code]))) for code in sorted(found)],
    )


def log_lines() -> str:
    """The lines that the bridge writes to the server's log."""
    found = set()
    for call, scope in _calls("info", "warning", "exception"):
        for text in _argument(call, 0, scope):
            if text.startswith("compute: ") and isinstance(call.func, ast.Attribute):
                found.add((call.func.attr.replace("exception", "error"), text))
    return table(("level", "line"), [(level, f"`{text}`") for level, text in sorted(found, key=lambda f: f[::-1])])


def figures() -> str:
    """What the bridge adds to /metrics."""
    rows: list[tuple[object, ...]] = [
        (f"`{each._name}{'_total' if isinstance(each, Counter) else ''}`",
         each._type, ", ".join(f"`{label}`" for label in each._labelnames), plain(each._documentation))
        for each in vars(metrics).values() if isinstance(each, (Counter, Histogram))
    ]  # fmt: skip
    return table(("name", "type", "labels", "meaning"), rows)


# The wire


def _contract() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((PACKAGE / "contract" / "openapi.yaml").read_text())
    return document


def _at(ref: str) -> Any:
    found: Any = _contract()
    for step in ref.removeprefix("#/").split("/"):
        found = found[step]
    return found


def _kind(schema: Mapping[str, Any] | bool) -> str:
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
            return " or ".join(dict.fromkeys(_kind(each) for each in schema[key]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
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
        rows.append((f"`{name}`", _kind(field), "always" if name in required else "", plain(about)))
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
                    (f"`{p['name']}`", p["in"], _kind(p["schema"]),
                     f"`{p['schema']['default']}`" if "default" in p["schema"] else "", plain(p.get("description", "")))
                    for p in given
                ]  # fmt: skip
                parts.append(table(("parameter", "in", "type", "default", "meaning"), rows) + "\n")
            if body := operation.get("requestBody"):
                needed = "" if body.get("required") else " (may be left out)"
                parts.append(f"Body{needed}: {_kind(body['content']['application/json']['schema'])}\n")
            answers: list[tuple[object, ...]] = []
            for status, given_answer in operation["responses"].items():
                answer = _at(given_answer["$ref"]) if "$ref" in given_answer else given_answer
                kinds = [f"{_kind(c['schema'])} as `{kind}`" for kind, c in answer.get("content", {}).items()]
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
        parts.append((_properties(schema) if schema.get("properties") else _kind(schema)) + "\n")
    return "\n".join(parts)


PARTS: dict[str, Callable[[], str]] = {
    "traits": traits,
    "settings": settings,
    "shortcuts": shortcuts,
    "errors": errors,
    "reasons": reasons,
    "log lines": log_lines,
    "metrics": figures,
    "routes": routes,
    "schemas": schemas,
}


def fill(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put in what the marks of a page ask for."""
    source[0] = _MARK.sub(lambda mark: PARTS[mark[1]](), source[0])


# Roles


class CheckedRole(SphinxRole):
    """Something of this project by its name, which must be there."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        problem = self.problem(self.text)
        if problem:
            return [nodes.literal(text=self.text)], [self.inliner.reporter.warning(problem, line=self.lineno)]  # type: ignore[attr-defined]
        return [nodes.literal(text=self.shown(self.text))], []

    def problem(self, text: str) -> str | None:
        """Why there is no such thing, or None."""
        raise NotImplementedError

    def shown(self, text: str) -> str:
        """What the reader sees."""
        return text


class TestRole(CheckedRole):
    """`tests/bridge/test_http.py::test_handshake`, or the title of a story or a spec after the `::`."""

    def problem(self, text: str) -> str | None:
        path, _, name = text.partition("::")
        file = ROOT / path
        if not file.is_file() or not name:
            return f"There is no file {path} with a test {name!r}."
        code = file.read_text()
        if file.suffix == ".py":
            names = {
                n.name for n in ast.walk(ast.parse(code)) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
            }
            return None if name in names and name.startswith("test_") else f"There is no test {name} in {path}."
        return (
            None
            if re.search(rf"\b(it|test)(\.each\(.*?\))?\(\s*['\"`]{re.escape(name)}['\"`]", code, re.DOTALL)
            else f"There is no test {name!r} in {path}."
        )

    def shown(self, text: str) -> str:
        return text.partition("::")[2]


class CodeRole(CheckedRole):
    """`jupyterlab_compute/judge.py`, or `…::name` for something that is written there."""

    def problem(self, text: str) -> str | None:
        path, _, name = text.partition("::")
        file = ROOT / path
        if not file.exists():
            return f"There is no {path}."
        return None if not name or name in file.read_text() else f"{path} does not speak of {name}."


class CommandRole(CheckedRole):
    """`compute:run-cells`."""

    def problem(self, text: str) -> str | None:
        known = (ROOT / "src/plugins/ids.ts").read_text()
        return None if f"'{text}'" in known else f"There is no command {text}."


def setup(app: Sphinx) -> dict[str, Any]:
    """Sphinx's way in."""
    app.connect("source-read", fill)
    app.add_role("test", TestRole())
    app.add_role("code-in", CodeRole())
    app.add_role("lab-command", CommandRole())
    # What is filled in comes from files that Sphinx does not watch.
    return {"version": "1", "parallel_read_safe": True}
