"""The pages' own tools: what they take from the code is all there, and a name that is none is told."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from jupyterlab_compute import contract
from jupyterlab_compute.app import ComputeApp

pytest.importorskip("sphinx", reason="the extra `docs` is not installed")

TOOLS = Path(__file__).parents[2] / "docs" / "_ext"


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(TOOLS))
    yield importlib.import_module("from_code")
    importlib.invalidate_caches()


def test_every_route_and_schema_of_the_contract_is_described(pages: ModuleType) -> None:
    document = contract.document()
    routes, schemas = pages.PARTS["routes"](), pages.PARTS["schemas"]()
    for path, operations in document["paths"].items():
        for method in set(operations) - {"parameters"}:
            assert f"### {method.upper()} `{path}`" in routes
    for name in document["components"]["schemas"]:
        assert f"### {name}\n" in schemas
    # A link to a schema that is not described leads nowhere.
    links = set(re.findall(r"\]\(#([a-z]+)\)", routes + schemas))
    assert links <= {name.lower() for name in document["components"]["schemas"]}


def test_every_trait_is_described_with_its_default(pages: ModuleType) -> None:
    traits = pages.PARTS["traits"]()
    for name in ComputeApp.class_own_traits(config=True):
        assert f"`c.ComputeApp.{name}`" in traits
    assert "| `c.ComputeApp.poll_floor_s` | Float | `5.0` |" in traits
    assert "Undefined" not in traits


@pytest.mark.parametrize(
    ("part", "words"),
    [
        # A sentence that is written where it is raised, one that is put together, and one of the runner's.
        ("errors", "There is no profile “…”."),
        ("errors", "### `scheduler_silent` (504), SchedulerSilent"),
        ("reasons", "It may never have reached the scheduler: no trace of it was found there."),
        ("reasons", "The limit of … on …, shared with others, is reached (…)."),
        ("reasons", "The job used more than … of memory"),
        ("log lines", "compute: sent job=%s profile=%s cluster=%s native=%s"),
        ("metrics", "`compute_jobs_sent_total`"),
        ("shortcuts", "`compute:run-cells`"),
        ("settings", "`keep_days`"),
        ("settings", "`environment.modules`"),
    ],
)
def test_what_the_code_says_is_found(pages: ModuleType, part: str, words: str) -> None:
    assert words in pages.PARTS[part]().replace("\\", "")


def test_every_error_has_a_cure(pages: ModuleType) -> None:
    rows = [line for line in pages.PARTS["errors"]().splitlines() if line.startswith("| ")]
    said = [row for row in rows if not row.startswith(("| says", "| ---"))]
    assert len(said) > 50
    assert [row for row in said if row.endswith("|  |")] == []


@pytest.mark.parametrize(
    ("role", "right", "wrong"),
    [
        ("TestRole", "tests/docs/test_pages.py::test_every_error_has_a_cure", "tests/docs/test_pages.py::test_gone"),
        ("TestRole", "tests/docs/test_pages.py::test_every_error_has_a_cure", "tests/docs/gone.py::test_gone"),
        ("TestRole", "tests/docs/test_pages.py::test_every_error_has_a_cure", "tests/docs/test_pages.py::pages"),
        (
            "TestRole",
            "ui-tests/tests/login.spec.ts::a stranger is refused on every route, and told nothing",
            "ui-tests/tests/login.spec.ts::a stranger is refused on every route",
        ),
        ("CodeRole", "jupyterlab_compute/states.py::decide", "jupyterlab_compute/states.py::undecide"),
        ("CodeRole", "jupyterlab_compute/states.py", "jupyterlab_compute/state.py"),
        ("CommandRole", "compute:run-cells", "compute:run-sells"),
    ],
)
def test_a_name_that_is_none_is_told(pages: ModuleType, role: str, right: str, wrong: str) -> None:
    checked = getattr(pages, role)()
    assert checked.problem(right) is None
    assert checked.problem(wrong)
