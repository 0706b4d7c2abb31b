"""Parameters become literals of the kernel's language, whatever a person writes into them."""

from __future__ import annotations

import ast
import json
import random
from typing import Any

import pytest

from jupyterlab_compute.errors import Invalid
from jupyterlab_compute.parameters import INJECTED, inject

from ..jupyter import cell, notebook


def _sources(*cells: Any, values: dict[str, Any], language: str = "python") -> list[str]:
    return [c["source"] for c in inject(notebook(*cells), values, language)["cells"]]


def test_they_go_in_after_the_cell_that_is_tagged_for_them() -> None:
    cells = [cell("import x", "a"), cell("n = 1", "b", "parameters"), cell("print(n)", "c")]
    assert _sources(*cells, values={"n": 2}) == ["import x", "n = 1", "# Parameters\nn = 2", "print(n)"]


def test_they_come_first_where_no_cell_is_tagged() -> None:
    assert _sources(cell("print(n)", "a"), values={"n": 2}) == ["# Parameters\nn = 2", "print(n)"]


def test_those_of_an_earlier_run_are_replaced() -> None:
    once = inject(notebook(cell("n = 1", "b", "parameters")), {"n": 2}, "python")
    again = inject(once, {"n": 3}, "python")
    assert [c["source"] for c in again["cells"]] == ["n = 1", "# Parameters\nn = 3"]
    assert again["cells"][1]["metadata"]["tags"] == [INJECTED]


def test_the_added_cell_has_an_id_of_its_own() -> None:
    made = inject(notebook(cell("1", INJECTED)), {"n": 2}, "python")
    assert len({c["id"] for c in made["cells"]}) == 2


HOSTILE = [
    "'", '"', "\\", '"); import os #', "a\nb", "\r", "\u2028", "$(rm)", "$x ${x}", "#{x}", "é", "🙂", "\ud800", "\x7f",
    "%s", "\\u0041", "`id`",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text_in_python(text: str) -> None:
    source = _sources(values={"x": text, "y": {text: [text]}})[0]
    tree = ast.parse(source)
    assert [ast.literal_eval(statement.value) for statement in tree.body] == [text, {text: [text]}]  # type: ignore[attr-defined]


def _json(dice: random.Random, depth: int = 0) -> Any:
    kinds = [None, True, False, dice.randint(-(10**12), 10**12), dice.uniform(-1e9, 1e9), dice.choice(HOSTILE)]
    if depth < 4:
        kinds += [[_json(dice, depth + 1) for _ in range(dice.randint(0, 3))],
                  {dice.choice(HOSTILE): _json(dice, depth + 1) for _ in range(dice.randint(0, 3))}]  # fmt: skip
    return dice.choice(kinds)


def test_python_reads_back_any_json() -> None:
    dice = random.Random(7)
    for _ in range(500):
        value = json.loads(json.dumps(_json(dice)))
        tree = ast.parse(_sources(values={"x": value})[0])
        assert ast.literal_eval(tree.body[0].value) == value  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["R", "julia"])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_stays_a_text_in_r_and_julia(language: str, text: str) -> None:
    line = _sources(values={"x": text}, language=language)[0].splitlines()[1]
    literal = line.split(" ", 2)[2]
    assert literal[0] == literal[-1] == '"'
    # Nothing in between could end it, or mean anything but itself or a character's number.
    inner = literal[1:-1]
    assert '"' not in inner
    assert "$" not in inner
    assert inner.isascii()
    assert inner.isprintable()
    read = "".join(chr(int(part[:8], 16)) + part[8:] if at else part for at, part in enumerate(inner.split("\\U")))
    assert read == text


@pytest.mark.parametrize(
    ("language", "value", "literal"),
    [
        ("r", None, "NULL"), ("r", True, "TRUE"), ("r", 3, "3L"), ("r", 2**40, "1099511627776.0"), ("r", 0.5, "0.5"),
        ("r", [1, "a"], 'list(1L, "a")'), ("r", {"k": False}, 'list("k" = FALSE)'),
        ("julia", None, "nothing"), ("julia", True, "true"), ("julia", 3, "3"), ("julia", [1, 2.5], "[1, 2.5]"),
        ("julia", {"k": [None]}, 'Dict("k" => [nothing])'),
    ],
)  # fmt: skip
def test_literals_of_other_languages(language: str, value: Any, literal: str) -> None:
    assert _sources(values={"x": value}, language=language)[0].split(" ", 3)[3] == literal


@pytest.mark.parametrize(
    ("values", "language", "pointer"),
    [
        ({"a b": 1}, "python", "/parameters"),
        ({"x=1;y": 1}, "python", "/parameters"),
        ({"class": 1}, "python", "/parameters"),
        ({"": 1}, "python", "/parameters"),
        ({"x\n": 1}, "python", "/parameters"),
        ({"é": 1}, "r", "/parameters"),
        ({"function": 1}, "julia", "/parameters"),
        ({"x": "\0"}, "r", "/parameters/x"),
        ({"x": {"": 1}}, "r", "/parameters/x"),
        ({"x": "a" * 300_000}, "python", "/parameters"),
        ({"x": 1}, "scala", "/parameters"),
        ({"x": 1}, "", "/parameters"),
    ],
)
def test_what_cannot_be_set_is_refused(values: dict[str, Any], language: str, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        _sources(values=values, language=language)
    assert refused.value.as_json()["pointer"] == pointer
