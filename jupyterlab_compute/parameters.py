"""Parameters of a notebook, by papermill's convention: a cell that sets their values goes in after the cell tagged
`parameters`, or first where there is none. Pure.

Values are JSON. They become literals of the kernel's language, never code: the text is built here from each value's
type. (papermill itself would bring six packages for what is one function a language.)
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import Invalid

TAG, INJECTED = "parameters", "injected-parameters"
_MOST_BYTES = 256 * 1024
_R = frozenset(("if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL"))
_JULIA = frozenset(
    ("baremodule", "begin", "break", "catch", "const", "continue", "do", "else", "elseif", "end", "export", "false",
     "finally", "for", "function", "global", "if", "import", "let", "local", "macro", "module", "quote", "return",
     "struct", "true", "try", "using", "while")
)  # fmt: skip


def inject(notebook: dict[str, Any], values: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The notebook with a cell that sets `values`, instead of one that an earlier run brought. Raises `Invalid`."""
    source = _source(values, language)
    cells = [cell for cell in notebook["cells"] if INJECTED not in tags(cell)]
    place = next((at + 1 for at, cell in enumerate(cells) if cell["cell_type"] == "code" and TAG in tags(cell)), 0)
    added: dict[str, Any] = {
        "cell_type": "code",
        "id": _free_id({cell["id"] for cell in cells}),
        "metadata": {"tags": [INJECTED]},
        "execution_count": None,
        "outputs": [],
        "source": source,
    }
    return {**notebook, "cells": [*cells[:place], added, *cells[place:]]}


def tags(cell: Mapping[str, Any]) -> list[Any]:
    """The cell's tags; metadata may hold anything."""
    found = cell.get("metadata", {}).get("tags", [])
    return found if isinstance(found, list) else []


def _free_id(taken: set[str]) -> str:
    made = INJECTED
    while made in taken:
        made += "-"
    return made


def _source(values: Mapping[str, Any], language: str) -> str:
    if language.lower() not in _LANGUAGES:
        raise Invalid(
            f"Parameters can be set for Python, R and Julia notebooks, not for {language[:40] or 'this kernel'}.",
            "Set the values in the notebook itself.",
            pointer="/parameters",
        )
    write, assign, reserved = _LANGUAGES[language.lower()]
    lines = ["# Parameters"]
    for name, value in values.items():
        if not re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) or name in reserved:
            raise Invalid(
                f"“{name[:60]}” cannot be the name of a parameter.",
                "Use letters, digits and _, beginning with a letter, and no word of the language.",
                pointer="/parameters",
            )
        try:
            lines.append(f"{name} {assign} {write(value)}")
        except (_NoLiteral, RecursionError) as error:
            why = str(error) if isinstance(error, _NoLiteral) else "it is nested too deeply."
            raise Invalid(f"The parameter “{name}” cannot be set: {why}", pointer=f"/parameters/{name}") from None
    source = "\n".join(lines)
    if len(source) > _MOST_BYTES:
        raise Invalid(
            "The parameters are larger than 256 KiB.", "Put them into a file and give its name.", pointer="/parameters"
        )
    return source


class _NoLiteral(Exception):
    """This value cannot be written in that language."""


def _python(value: Any) -> str:
    match value:
        case list():
            return f"[{', '.join(map(_python, value))}]"
        case dict():
            return "{" + ", ".join(f"{key!a}: {_python(item)}" for key, item in value.items()) + "}"
        case _:
            # JSON's other values and Python's literals agree.
            return ascii(value)


def _r(value: Any) -> str:
    match value:
        case None:
            return "NULL"
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return f"{value}L" if abs(value) < 2**31 else repr(float(value))
        case str():
            return _quoted(value)
        case list():
            return f"list({', '.join(map(_r, value))})"
        case dict():
            if "" in value:
                raise _NoLiteral("R has no empty names.")
            return "list(" + ", ".join(f"{_quoted(key)} = {_r(item)}" for key, item in value.items()) + ")"
        case _:
            return repr(value)


def _julia(value: Any) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case list():
            return f"[{', '.join(map(_julia, value))}]"
        case dict():
            return "Dict(" + ", ".join(f"{_quoted(key)} => {_julia(item)}" for key, item in value.items()) + ")"
        case _:
            return repr(value)


def _quoted(text: str) -> str:
    """A literal of R and of Julia: whatever could mean something there, `$` among it, is written by its number."""
    if "\0" in text:
        raise _NoLiteral("a text there cannot hold the character 0.")
    plain = re.compile(r"[A-Za-z0-9 .,:;_+/()<>=*!?#%&|~^@'\[\]{}-]")
    return '"' + "".join(c if plain.match(c) else f"\\U{ord(c):08x}" for c in text) + '"'


#: By language: how a value is written, how it is assigned, and the words that are no names.
_LANGUAGES: dict[str, tuple[Callable[[Any], str], str, frozenset[str]]] = {
    "python": (_python, "=", frozenset(keyword.kwlist)),
    "r": (_r, "<-", _R),
    "julia": (_julia, "=", _JULIA),
}
