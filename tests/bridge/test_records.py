"""The truth on disk: whole at every moment, changed by one at a time, read by older and newer versions."""

from __future__ import annotations

import json
import os
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import records
from jupyterlab_compute.errors import WrongState
from jupyterlab_compute.records import Record, Records, Sender
from jupyterlab_compute.states import Exit, JobState, Reason

from ..builders import AN_ID, a_record
from .processes import another_process, says


@pytest.fixture
def kept(tmp_path: Path) -> Records:
    return Records(tmp_path / "jobs")


def _full() -> Record:
    return a_record(
        "unknown",
        reason=Reason("lost", "Nobody knows – it was “там”."),
        exit=Exit(None, 9),
        was=JobState.RUNNING,
        pending_end=JobState.FAILED,
        sender=Sender("s", "h", 1, 2),
        usage={"peak_memory_mb": 1, "cpu_s": 0.5},
        changed_by_site={"queue": {"asked": "a", "got": "b"}},
        applied={"page": "p", "claimed_at": "2026-11-21T09:40:00.000Z", "done": False},
    )


def test_reads_what_it_wrote(kept: Records) -> None:
    assert kept.create(_full())
    assert kept.read(AN_ID) == _full()
    assert kept.read("zzzzzzzzzzzzzzzz") is None


def test_only_the_owner_can_read_them(kept: Records) -> None:
    kept.create(a_record())
    assert stat.S_IMODE(kept.root.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.path(AN_ID).stat().st_mode) == 0o600
    kept.change(AN_ID, lambda r: replace(r, node="n1"))
    assert stat.S_IMODE(kept.path(AN_ID).stat().st_mode) == 0o600


def test_creates_once_and_does_what_comes_first_once(kept: Records) -> None:
    done: list[int] = []
    assert kept.create(a_record(), lambda: done.append(1))
    assert not kept.create(a_record(name="another"), lambda: done.append(2))
    assert done == [1]
    found = kept.read(AN_ID)
    assert found is not None
    assert found.name == "work.ipynb"


def test_creates_nothing_when_what_comes_first_fails(kept: Records) -> None:
    def fail() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        kept.create(a_record(), fail)
    assert kept.read(AN_ID) is None


def test_of_many_that_create_at_once_one_does(kept: Records) -> None:
    made: list[bool] = []
    threads = [threading.Thread(target=lambda: made.append(kept.create(a_record()))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.count(True) == 1


def test_a_change_counts_and_no_change_writes_nothing(kept: Records) -> None:
    kept.create(a_record())
    after = kept.change(AN_ID, lambda r: replace(r, node="n1"))
    assert after is not None
    assert after.version == 1
    before = kept.stamps()
    assert kept.change(AN_ID, lambda r: r) == after
    assert kept.stamps() == before


def test_nobody_can_change_what_is_not_there(kept: Records) -> None:
    assert kept.change(AN_ID, lambda r: replace(r, node="n1")) is None


def test_what_a_change_raises_passes_and_nothing_is_written(kept: Records) -> None:
    kept.create(a_record())

    def refuse(record: Record) -> Record:
        raise WrongState("No.")

    with pytest.raises(WrongState):
        kept.change(AN_ID, refuse)
    assert kept.read(AN_ID) == a_record()
    assert [p.name for p in kept.root.iterdir() if not p.is_dir()] == [f"{AN_ID}.json"]


def test_removes_only_what_may_go(kept: Records) -> None:
    kept.create(a_record())

    def refuse(record: Record) -> None:
        raise WrongState("No.")

    with pytest.raises(WrongState):
        kept.remove(AN_ID, refuse)
    assert kept.read(AN_ID) is not None
    assert kept.remove(AN_ID, lambda r: None) == a_record()
    assert kept.read(AN_ID) is None
    assert kept.remove(AN_ID, lambda r: None) is None


_COUNT = """
    import sys
    from dataclasses import replace
    from pathlib import Path
    from jupyterlab_compute.records import Records
    kept = Records(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(sys.argv[3])):
        kept.change(sys.argv[2], lambda r: replace(r, misses=r.misses + 1))
    print("done", flush=True)
"""


def test_two_processes_that_change_one_record_lose_nothing(kept: Records) -> None:
    kept.create(a_record())
    with (
        another_process(_COUNT, kept.root, AN_ID, "150") as one,
        another_process(_COUNT, kept.root, AN_ID, "150") as two,
    ):
        for process in (one, two):
            assert says(process) == "ready"
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in (one, two):
            assert says(process) == "done"
    found = kept.read(AN_ID)
    assert found is not None
    assert (found.misses, found.version) == (300, 300)


_WRITE_FOR_EVER = """
    import sys
    from dataclasses import replace
    from pathlib import Path
    from jupyterlab_compute.records import Records
    kept = Records(Path(sys.argv[1]))
    number = 0
    while True:
        number += 1
        # Long enough that a write takes time, and every letter tells to which change it belongs.
        after = kept.change(sys.argv[2], lambda r: replace(r, name=chr(97 + number % 26) * 200_000, misses=number))
        print(after.version, flush=True)
"""


def test_kill_9_in_the_middle_of_a_write_leaves_a_whole_record(kept: Records) -> None:
    kept.create(a_record())
    for round_ in range(8):
        with another_process(_WRITE_FOR_EVER, kept.root, AN_ID) as writer:
            for _ in range(3 + round_):
                version = int(says(writer))
            writer.kill()
            writer.wait()
        found = kept.read(AN_ID)
        assert found is not None
        assert found.version >= version
        assert len(set(found.name)) == 1
        # The lock went with its holder.
        assert kept.change(AN_ID, lambda r: replace(r, node=str(time.monotonic()))) is not None


def test_sweeps_up_after_the_killed_and_leaves_writes_under_way(kept: Records) -> None:
    old, new = kept.root / f".{AN_ID}.json.aaa", kept.root / f".{AN_ID}.json.bbb"
    for path in (old, new):
        path.write_text("{")
    os.utime(old, (1, 1))
    Records(kept.root)
    assert not old.exists()
    assert new.exists()
    assert kept.stamps() == {}


def test_an_older_version_keeps_what_a_newer_one_wrote(kept: Records) -> None:
    stored = {**a_record(reason=Reason("lost", "x")).to_json(), "schema": 2, "colour": {"deep": ["blue"]}}
    stored["reason"]["more"] = 1
    kept.path(AN_ID).write_text(json.dumps(stored))
    found = kept.read(AN_ID)
    assert found is not None
    assert found.reason == Reason("lost", "x")
    kept.change(AN_ID, lambda r: replace(r, node="n1"))
    written = json.loads(kept.path(AN_ID).read_text())
    assert written["colour"] == {"deep": ["blue"]}
    assert (written["schema"], written["node"], written["version"]) == (2, "n1", 1)


def test_a_record_of_an_older_version_is_lifted_step_by_step(kept: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    def first(stored: dict[str, Any]) -> dict[str, Any]:
        return {**stored, "schema": 0, "node": stored["machine"]}

    def second(stored: dict[str, Any]) -> dict[str, Any]:
        return {**stored, "schema": 1, "node": stored["node"].lower()}

    monkeypatch.setattr(records, "MIGRATIONS", {-1: first, 0: second})
    stored = {**a_record().to_json(), "schema": -1, "machine": "N1"}
    del stored["node"]
    kept.path(AN_ID).write_text(json.dumps(stored))
    found = kept.read(AN_ID)
    assert found is not None
    assert (found.node, found.schema) == ("n1", 1)
    kept.change(AN_ID, lambda r: replace(r, held=True))
    assert json.loads(kept.path(AN_ID).read_text())["schema"] == 1


def test_fields_that_came_later_have_a_usual_value(kept: Records) -> None:
    first = {name: value for name, value in a_record().to_json().items() if name in {"schema", "state", *_required()}}
    kept.path(AN_ID).write_text(json.dumps(first))
    assert kept.read(AN_ID) == a_record()


def _required() -> set[str]:
    return {f.name for f in Record.__dataclass_fields__.values() if f.default is f.default_factory}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 1}', '{"schema": "one"}', "\xff"])
def test_what_is_not_a_record_is_an_error_never_a_job(kept: Records, text: str) -> None:
    kept.path(AN_ID).write_text(text, "latin-1")
    with pytest.raises((ValueError, KeyError, TypeError)):
        kept.read(AN_ID)


def test_stamps_tell_what_changed(kept: Records) -> None:
    kept.create(a_record())
    kept.create(a_record(id="bbbbbbbbbbbbbbbb"))
    before = kept.stamps()
    assert before.keys() == {AN_ID, "bbbbbbbbbbbbbbbb"}
    kept.change(AN_ID, lambda r: replace(r, node="n1"))
    after = kept.stamps()
    assert after[AN_ID] != before[AN_ID]
    assert after["bbbbbbbbbbbbbbbb"] == before["bbbbbbbbbbbbbbbb"]
