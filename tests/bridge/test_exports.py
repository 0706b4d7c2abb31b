"""The executed copy in other formats: by the real nbconvert, beside the copy, over nothing, once."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyterlab_compute import clock, exports
from jupyterlab_compute.exports import Exporter, pending
from jupyterlab_compute.ledger import Ledger
from jupyterlab_compute.records import Record, Records

from ..builders import AN_ID, a_record
from ..jupyter import Jupyter, notebook, some, whole
from ..waiting import wait_for

LOG = logging.getLogger("compute-test")


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    server = Jupyter(tmp_path_factory.mktemp("jupyter")).start()
    yield server
    server.stop()


def test_html_and_a_script_beside_the_copy(jupyter: Jupyter) -> None:
    capabilities = jupyter.ask("GET", "").json["capabilities"]
    assert {"format-html", "format-script"} <= set(capabilities)
    job = jupyter.run(whole("print(6 * 7)", formats=["html", "script"]))
    jupyter.wait(job["id"], "succeeded")
    made = wait_for(lambda: jupyter.job(job["id"])["exports"], 60)
    copy = Path(jupyter.job(job["id"])["landed"])
    assert made == [
        {"format": "html", "path": str(copy.with_suffix(".html")), "problem": None},
        {"format": "script", "path": str(copy.with_suffix(".py")), "problem": None},
    ]
    assert "42" in (jupyter.notebooks / made[0]["path"]).read_text()
    assert "print(6 * 7)" in (jupyter.notebooks / made[1]["path"]).read_text()
    left = [path.name for path in (jupyter.notebooks / copy.parent).iterdir() if path.name.startswith(".")]
    assert left == []


def test_what_cannot_be_made_is_refused_before_anything_runs(jupyter: Jupyter) -> None:
    if "format-pdf" not in jupyter.ask("GET", "").json["capabilities"]:
        refused = jupyter.ask("POST", "jobs", whole("1", formats=["html", "pdf"]))
        assert (refused.status, refused.json["pointer"]) == (422, "/formats/1")
        assert "xelatex" in refused.json["hint"]
    for wrong in (["--help"], ["html", "html"], "html"):
        assert jupyter.ask("POST", "jobs", whole("1", formats=wrong)).status == 422
    assert jupyter.ask("POST", "jobs", some(["c0"], "1", formats=["html"])).json["pointer"] == "/formats"


def _landed(home: Path, text: str | None = None, **more: object) -> Record:
    (home / "runs").mkdir(exist_ok=True)
    (home / "runs" / "work.ipynb").write_text(text or json.dumps(notebook("print(1)")))
    record = a_record("succeeded", landed="runs/work.ipynb", lands_at="runs/work.ipynb", formats=("script",))
    return replace(record, **more)  # type: ignore[arg-type]


async def _exported(home: Path, record: Record, servers: int = 1) -> Record:
    kept = Records(home / "jobs")
    kept.create(record)
    ledgers = [Ledger(kept, LOG, lambda *event: None) for _ in range(servers)]
    exporters = [Exporter(ledger, home, LOG) for ledger in ledgers]
    for ledger, exporter in zip(ledgers, exporters, strict=True):
        await ledger.start()
        exporter.start(record.id)
    await asyncio.gather(*(exporter._under_way.finish() for exporter in exporters))
    for ledger in ledgers:
        ledger.close()
    found = kept.read(AN_ID)
    assert found is not None
    return found


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    record = _landed(tmp_path)
    (tmp_path / "runs" / "work.txt").write_text("mine")
    (tmp_path / "runs" / "work.py").write_text("mine")
    done = await _exported(tmp_path, record)
    assert done.exports is not None
    assert done.exports[0]["problem"] is None
    assert done.exports[0]["path"] != "runs/work.py"
    assert (tmp_path / "runs" / "work.py").read_text() == "mine"
    assert "print(1)" in (tmp_path / done.exports[0]["path"]).read_text()


async def test_of_two_servers_one_makes_them(tmp_path: Path) -> None:
    await _exported(tmp_path, _landed(tmp_path), servers=2)
    made = [path.name for path in (tmp_path / "runs").iterdir()]
    assert len(made) == 2, made


async def test_what_nbconvert_says_is_told(tmp_path: Path) -> None:
    done = await _exported(tmp_path, _landed(tmp_path, "this is no notebook"))
    assert done.exports is not None
    assert done.exports[0]["path"] is None
    assert "not appear to be JSON" in done.exports[0]["problem"]


async def test_a_copy_that_was_moved_is_told(tmp_path: Path) -> None:
    record = _landed(tmp_path)
    (tmp_path / "runs" / "work.ipynb").unlink()
    done = await _exported(tmp_path, record)
    assert done.exports is not None
    assert done.exports[0]["problem"]


async def test_one_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_LONGEST_S", 0.05)
    done = await _exported(tmp_path, _landed(tmp_path))
    assert done.exports is not None
    assert "took longer" in done.exports[0]["problem"]


async def test_a_claim_that_was_left_behind_ends(tmp_path: Path) -> None:
    assert (await _exported(tmp_path, _landed(tmp_path, export_claimed_at=clock.now()))).exports is None
    (tmp_path / "later").mkdir()
    old = _landed(tmp_path / "later", export_claimed_at="2026-11-20T00:00:00.000Z")
    assert (await _exported(tmp_path / "later", old)).exports is not None


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (a_record("succeeded", landed="a.ipynb", formats=("html",)), True),
        (a_record("succeeded", landed="a.ipynb"), False),
        (a_record("succeeded", formats=("html",)), False),
        (a_record("succeeded", landed="a.ipynb", formats=("html",), exports=[]), False),
    ],
)
def test_when_there_is_something_to_make(record: Record, expected: bool) -> None:
    assert pending(record) is expected
