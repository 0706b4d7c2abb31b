"""A notebook is renamed, deleted or broken while it runs: its job goes on from its own copy, and nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ..jupyter import Jupyter, notebook, some, whole
from ..waiting import wait_for


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    server = Jupyter(tmp_path_factory.mktemp("gone") / "home").start()
    yield server
    server.stop()


def _renamed(path: Path) -> None:
    path.rename(path.with_name("renamed.ipynb"))


def _broken(path: Path) -> None:
    path.write_text("this is no notebook any more")


def _folder_deleted(path: Path) -> None:
    shutil.rmtree(path.parent)


def _folder_is_a_file(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("mine")


def _sources(gate: Path) -> list[str]:
    return [f"print('began', flush=True); open({str(gate)!r}).read()", "print('went on')"]


@pytest.mark.parametrize("what", [_renamed, Path.unlink, _broken, _folder_deleted, _folder_is_a_file])
def test_it_goes_on_and_its_result_is_there(jupyter: Jupyter, what: Callable[[Path], Any]) -> None:
    name = what.__name__.strip("_")
    path = jupyter.notebooks / name / "work.ipynb"
    path.parent.mkdir()
    gates = [jupyter.home / f"{name}-{number}" for number in range(2)]
    for gate in gates:
        # A pipe: who reads it waits until somebody writes.
        os.mkfifo(gate)
    path.write_text(json.dumps(notebook(*_sources(gates[0]))))
    saved = whole(path=f"{name}/work.ipynb")
    del saved["source"]["content"]
    all_of_it = jupyter.run(saved)["id"]
    wait_for(lambda: jupyter.printed(all_of_it), 60)
    cells = jupyter.run(some(["c0", "c1"], *_sources(gates[1]), path=f"{name}/work.ipynb"))["id"]
    wait_for(lambda: jupyter.printed(cells), 60)

    what(path)
    left = {each: each.read_bytes() for each in jupyter.notebooks.rglob("*") if each.is_file()}
    for gate in gates:
        gate.write_text("go on")
    for job_id in (all_of_it, cells):
        job = jupyter.wait(job_id)
        assert (job["state"], job["reason"]) == ("succeeded", None)
        assert jupyter.printed(job_id) == "began\nwent on\n"
    # The cells' page may be gone; the job keeps what they printed, and somebody can still take it.
    assert jupyter.ask("POST", f"jobs/{cells}/applied", {"page": "another-page"}).status == 200
    told = wait_for(lambda: (job := jupyter.job(all_of_it))["landed"] or job["land_problem"], 20)
    if what is _folder_is_a_file:
        assert jupyter.job(all_of_it)["landed"] is None, told
        result = jupyter.ask("GET", f"jobs/{all_of_it}/files/attempts/1/result.ipynb").json
    else:
        result = json.loads((jupyter.notebooks / told).read_text())
    assert "went on" in json.dumps(result["cells"][1]["outputs"])
    # Nothing of what the person did was undone.
    for each, text in left.items():
        assert each.read_bytes() == text
    assert path.exists() == (what is _broken)
    again = jupyter.ask("POST", f"jobs/{cells}/retry")
    assert again.status == 201, again.json
    jupyter.ask("POST", f"jobs/{again.json['id']}/cancel")
