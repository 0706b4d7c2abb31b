"""What the pages say of the code is taken from the code, or checked against it, when they are built.

* `<!-- from the code: NAME -->` on a line of its own becomes what the part of that name finds (see `PARTS`).
* The roles `test`, `code-in` and `lab-command` name a test, a place in the code and a command of the page; the build
  warns, and so fails, where there is none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

from docutils import nodes
from options import figures, settings, shortcuts, traits
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole
from tables import ROOT
from wire import routes, schemas
from words import errors, log_lines, reasons

_MARK = re.compile(r"^<!-- from the code: ([a-z ]+) -->$", re.MULTILINE)

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


def weigh(app: Sphinx) -> None:
    """Pictures are kept in the repository for ever: they have to be small."""
    for path in (ROOT / "docs" / "images").iterdir():
        most = 2_000_000 if path.suffix == ".gif" else 300_000
        if path.stat().st_size > most:
            logging.getLogger(__name__).warning("%s is larger than %d kB.", path.name, most // 1000)


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
    app.connect("builder-inited", weigh)
    app.add_role("test", TestRole())
    app.add_role("code-in", CodeRole())
    app.add_role("lab-command", CommandRole())
    # What is filled in comes from files that Sphinx does not watch.
    return {"version": "1", "parallel_read_safe": True}
