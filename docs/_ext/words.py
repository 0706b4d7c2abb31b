"""What the bridge says: its errors, reasons and log lines, read from its source without running it."""

from __future__ import annotations

import ast
import importlib
import inspect
import itertools
import pkgutil
from collections.abc import Iterator, Mapping
from functools import lru_cache

from tables import PACKAGE, ROOT, plain, table

import jupyterlab_compute
from jupyterlab_compute.errors import ComputeError


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
    "already_applied": "Nothing is left to do: they are there.",
    "wrong_state": "Look at the job's state: it has changed meanwhile.",
    "scheduler_refused": "Its own words say what it does not accept. Ask for something else, or ask the site.",
    "scheduler_silent": "Wait: the scheduler is asked again by itself, and a job that it took is found.",
}


def errors() -> str:
    """Every error of the bridge: its code, its sentences, and the cure of each."""
    said: dict[str, dict[str, str]] = {}
    for call, scope in _calls(*(kind.__name__ for kind in _classes())):
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr  # type: ignore[attr-defined]
        for message in filter(None, _argument(call, 0, scope)):
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
