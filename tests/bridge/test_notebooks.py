"""Notebooks of all ages, and which of their cells run."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import pytest

from jupyterlab_compute import notebooks
from jupyterlab_compute.errors import Invalid
from jupyterlab_compute.notebooks import cells_to_run, normal

from ..builders import a_cell, a_cells_request, a_notebook, a_request

_CODE_V3 = {
    "cell_type": "code",
    "collapsed": False,
    "input": "print(1)",
    "language": "python",
    "metadata": {},
    "outputs": [],
}


def _ids(notebook: dict[str, Any]) -> list[str]:
    return [cell["id"] for cell in notebook["cells"]]


def test_a_notebook_of_today_stays_as_it_is_but_for_its_outputs() -> None:
    given = a_notebook(a_cell("print(1)", "a"), a_cell("# Title", "m", kind="markdown"))
    given["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "1\n"}]
    given["cells"][0]["execution_count"] = 7
    before = copy.deepcopy(given)
    made = normal(given, "/source/content")
    assert given == before
    assert made["cells"][0]["outputs"] == []
    assert made["cells"][0]["execution_count"] is None
    assert _ids(made) == ["a", "m"]
    assert made["metadata"] == given["metadata"]


def test_a_source_of_several_lines_is_one_text() -> None:
    made = normal(a_notebook(a_cell(["x = 1\n", "print(x)"], "a")), "/x")
    assert made["cells"][0]["source"] == "x = 1\nprint(x)"


def test_cells_without_an_id_get_the_same_one_each_time() -> None:
    old = a_notebook(a_cell("1", None), a_cell("2", None), minor=4)
    assert _ids(normal(old, "/x")) == _ids(normal(old, "/x")) == ["cell-0", "cell-1"]
    assert normal(old, "/x")["nbformat_minor"] >= 5


@pytest.mark.parametrize(
    "ids",
    [
        ["a", "a", "a"],
        ["cell-1", None, None],
        [None, "cell-0", "cell-0"],
        ["cell-2", "cell-2", "cell-2"],
        ["cell-2", None, "cell-2", "cell-2x", None],
        [None, 7, ["x"]],
    ],
)
def test_every_cell_has_an_id_of_its_own(ids: list[Any]) -> None:
    cells = [a_cell(str(place), None) for place in range(len(ids))]
    for cell, cell_id in zip(cells, ids, strict=True):
        if cell_id is not None:
            cell["id"] = cell_id
    made = _ids(normal(a_notebook(*cells), "/x"))
    assert len(set(made)) == len(ids)
    # The first to have an id keeps it.
    for place, cell_id in enumerate(ids):
        if isinstance(cell_id, str) and cell_id not in ids[:place]:
            assert made[place] == cell_id


def test_a_notebook_of_version_3_is_converted() -> None:
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": [_CODE_V3], "metadata": {}}],
    }
    made = normal(old, "/x")
    assert made["nbformat"] == 4
    assert [cell["source"] for cell in made["cells"]] == ["print(1)"]


def _nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"x": value}
    return value


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "text",
        {},
        {"cells": "text"},
        {"cells": ["text"]},
        {"cells": [None]},
        {"cells": [{}]},
        {"cells": [{"cell_type": "nonsense"}]},
        {"cells": [], "nbformat": 99},
        {"cells": [], "nbformat": "4"},
        {"cells": [], "nbformat": 2},
        {"worksheets": [], "nbformat": 4},
        {"worksheets": [7], "nbformat": 3},
        {**a_notebook(), "nbformat_minor": "five"},
        {**a_notebook(), "metadata": []},
        {**a_notebook(), "metadata": _nested(5000)},
        a_notebook(a_cell("1", "not a good id")),
        a_notebook(a_cell("1", "x" * 65)),
        a_notebook(a_cell("1", "a") | {"metadata": {"tags": "compute-setup"}}),
    ],
)
def test_what_is_no_notebook_is_refused_in_words(content: object) -> None:
    with pytest.raises(Invalid) as caught:
        normal(content, "/source/content")
    assert caught.value.details["pointer"] == "/source/content"
    assert caught.value.message
    assert len(caught.value.message) < 400


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"kernelspec": {"name": "ir"}}, "ir"),
        ({"kernelspec": {"name": ""}}, None),
        ({"kernelspec": "ir"}, None),
        ({}, None),
    ],
)
def test_the_kernel_that_a_notebook_names(metadata: dict[str, Any], name: str | None) -> None:
    assert notebooks.kernel_name({"metadata": metadata}) == name


_FIVE = normal(
    a_notebook(
        a_cell("import os", "a", "compute-setup"),
        a_cell("# Words", "m", kind="markdown"),
        a_cell("x = 1", "b"),
        a_cell("y = x", "c"),
        a_cell("z = y", "d"),
    ),
    "/x",
)


@pytest.mark.parametrize(
    ("ids", "more", "expected"),
    [
        (["c"], {}, "c!"),
        (["d", "b"], {}, "b! d!"),
        (["c"], {"before": "above"}, "a b c!"),
        (["b", "d"], {"before": "above"}, "a b! c d!"),
        (["c"], {"before": "setup"}, "a c!"),
        (["a"], {"before": "setup"}, "a!"),
        (["d"], {"before": "needed", "before_cell_ids": ["c", "b"]}, "b c d!"),
        (["d"], {"before": "needed"}, "d!"),
        (["d"], {"before": "needed", "before_cell_ids": ["d"]}, "d!"),
    ],
)
def test_cells_run_in_the_notebooks_order(ids: list[str], more: dict[str, Any], expected: str) -> None:
    run = cells_to_run(_FIVE, a_cells_request(*ids, **more))
    assert " ".join(cell.id + ("!" if cell.role == "selected" else "") for cell in run) == expected


def test_a_whole_notebook_is_all_its_code() -> None:
    run = cells_to_run(_FIVE, a_request())
    assert [(cell.id, cell.role) for cell in run] == [(each, "selected") for each in "abcd"]
    assert run[1].sha256 == hashlib.sha256(b"x = 1").hexdigest()


@pytest.mark.parametrize(
    ("request_", "pointer"),
    [
        (a_cells_request("m"), "/source/cell_ids/0"),
        (a_cells_request("c", "gone"), "/source/cell_ids/1"),
        (a_cells_request(), "/source/cell_ids"),
        (a_cells_request("c", before="needed", before_cell_ids=["b", "gone"]), "/before_cell_ids/1"),
        (a_cells_request("c", before="needed", before_cell_ids=["m"]), "/before_cell_ids/0"),
        (a_cells_request("c", before="above", before_cell_ids=["b"]), "/before_cell_ids"),
        (a_request(before="above"), "/source"),
    ],
)
def test_cells_that_cannot_run_are_refused_with_a_pointer(request_: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        cells_to_run(_FIVE, request_)
    assert caught.value.details["pointer"] == pointer


def test_a_notebook_without_code_has_nothing_to_run() -> None:
    words = normal(a_notebook(a_cell("# Words", "m", kind="markdown")), "/x")
    with pytest.raises(Invalid, match="nothing to run"):
        cells_to_run(words, a_request())
