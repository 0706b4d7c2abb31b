"""What the runner's files say, also when they are half there, somebody else's, or made to harm."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import contract, evidence
from jupyterlab_compute.states import Exit, JobState, Reason, Source

from ..builders import A_TAG, begin_attempt, end_attempt, put_file


def test_nothing_is_no_evidence(tmp_path: Path) -> None:
    assert evidence.newest_attempt(tmp_path) is None
    assert evidence.stamp(tmp_path) == ()
    assert evidence.read(tmp_path, A_TAG) is None


def test_tells_that_it_began(tmp_path: Path) -> None:
    begin_attempt(tmp_path, A_TAG, pid=7, pid_start=70, started_at="2026-11-21T09:40:00Z")
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.started.state is JobState.RUNNING
    assert found.started.source is Source.RUNNER
    assert (found.started.native_id, found.started.node, found.attempt) == ("7.70", "n1", 1)
    assert found.started.started_at == "2026-11-21T09:40:00.000Z"
    assert found.ended is None
    assert not found.conclusive


def test_a_schedulers_id_is_the_id(tmp_path: Path) -> None:
    begin_attempt(tmp_path, A_TAG, native_id="4711")
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.started.native_id == "4711"


def test_the_schedulers_name_of_the_node_comes_before_the_machines_own(tmp_path: Path) -> None:
    begin_attempt(tmp_path, A_TAG, native_id="4711", host="node007.cluster.example", node="n7")
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.started.node == "n7"


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("succeeded", JobState.SUCCEEDED),
        ("failed", JobState.FAILED),
        ("cancelled", JobState.CANCELLED),
        ("well", None),
        (["succeeded"], None),
    ],
)
def test_tells_how_it_ended(tmp_path: Path, outcome: Any, state: JobState | None) -> None:
    folder = begin_attempt(tmp_path, A_TAG)
    end_attempt(folder, A_TAG, outcome, code=3, signal=None, reason={"code": "error", "text": "Cell 2 raised."})
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.ended is not None
    assert found.ended.state is state
    assert found.ended.exit == Exit(3)
    assert found.ended.reason == Reason("error", "Cell 2 raised.")
    assert (found.ended.peak_memory_mb, found.ended.cpu_s) == (12, 0.5)
    assert found.conclusive


def test_the_newest_attempt_counts_by_number_not_by_text(tmp_path: Path) -> None:
    for attempt in (1, 2, 10):
        begin_attempt(tmp_path, A_TAG, attempt)
    for name in ("11x", "0", "-12", "٣", "01", "99999999"):
        (tmp_path / "attempts" / name).mkdir()
    assert evidence.newest_attempt(tmp_path) == 10


def test_a_record_with_another_tag_is_somebody_elses(tmp_path: Path) -> None:
    folder = begin_attempt(tmp_path, A_TAG)
    assert evidence.read(tmp_path, "jc-ffffffffffffffff") is None
    end_attempt(folder, "jc-ffffffffffffffff")
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.ended is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '"x"', "[" * 100_000, '{"tag": "jc-0123456789abcdef"', "\0", "9" * 5000, "ÿ"]
)
@pytest.mark.parametrize("name", ["started.json", "exit.json", "progress.json"])
def test_what_is_half_there_or_nonsense_is_no_evidence(tmp_path: Path, name: str, text: str) -> None:
    folder = begin_attempt(tmp_path, A_TAG)
    (folder / name).write_text(text, "latin-1")
    found = evidence.read(tmp_path, A_TAG)
    if name == "started.json":
        assert found is None
    else:
        assert found is not None
        assert found.ended is None
        assert found.progress is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("peak_memory_mb", "NaN"),
        ("peak_memory_mb", "Infinity"),
        ("peak_memory_mb", "1e400"),
        ("peak_memory_mb", '"much"'),
        ("peak_memory_mb", "-1"),
        ("peak_memory_mb", "true"),
        ("cpu_s", "NaN"),
        ("ended_at", '"yesterday"'),
        ("ended_at", '"9999-12-31T23:59:59"'),
        ("ended_at", "5"),
        ("ended_at", '"0001-01-01T00:00:00+23:59"'),
    ],
)
def test_a_wrong_value_is_left_out_and_the_rest_counts(tmp_path: Path, field: str, value: str) -> None:
    folder = begin_attempt(tmp_path, A_TAG)
    end_attempt(folder, A_TAG)
    record = json.loads((folder / "exit.json").read_text())
    del record[field]
    (folder / "exit.json").write_text(json.dumps(record)[:-1] + f', "{field}": {value}}}')
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.ended is not None
    assert found.ended.state is JobState.SUCCEEDED
    assert getattr(found.ended, field) is None


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ({"done": 1, "total": 2, "current": "b"}, {"done": 1, "total": 2, "current": "b"}),
        ({"done": 1, "total": 2, "current": {"id": "b", "index": 1}}, {"done": 1, "total": 2, "current": "b"}),
        ({"done": 2, "total": 2, "current": None}, {"done": 2, "total": 2, "current": None}),
        ({"done": 1, "total": 2, "current": "<b>"}, {"done": 1, "total": 2, "current": None}),
        ({"done": 3, "total": 2}, None),
        ({"done": -1, "total": 2}, None),
        ({"done": True, "total": 2}, None),
        ({"done": 1.5, "total": 2}, None),
        ({}, None),
    ],
)
def test_progress_is_two_counts_and_a_cell(tmp_path: Path, told: Any, known: Any) -> None:
    folder = begin_attempt(tmp_path, A_TAG)
    put_file(folder / "progress.json", told)
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.progress == known


def test_long_words_are_cut(tmp_path: Path) -> None:
    folder = begin_attempt(tmp_path, A_TAG)
    end_attempt(folder, A_TAG, "failed", reason={"code": "error", "text": "x" * 500_000})
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.ended is not None
    assert found.ended.reason is not None
    assert len(found.ended.reason.text) <= 1000


def test_neither_links_nor_pipes_nor_folders_are_read(tmp_path: Path) -> None:
    real = begin_attempt(tmp_path / "elsewhere", A_TAG)
    end_attempt(real, A_TAG)
    folder = begin_attempt(tmp_path, A_TAG)
    (folder / "exit.json").symlink_to(real / "exit.json")
    os.mkfifo(folder / "progress.json")
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.ended is None
    (folder / "exit.json").unlink()
    (folder / "exit.json").mkdir()
    before = len(os.listdir("/proc/self/fd"))
    found = evidence.read(tmp_path, A_TAG)
    assert found is not None
    assert found.ended is None
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_stamp_changes_whenever_there_is_news(tmp_path: Path) -> None:
    stamps = [evidence.stamp(tmp_path)]
    folder = begin_attempt(tmp_path, A_TAG)
    stamps.append(evidence.stamp(tmp_path))
    assert evidence.stamp(tmp_path) == stamps[-1]
    put_file(folder / "progress.json", {"done": 0, "total": 1})
    stamps.append(evidence.stamp(tmp_path))
    end_attempt(folder, A_TAG)
    stamps.append(evidence.stamp(tmp_path))
    begin_attempt(tmp_path, A_TAG, 2)
    stamps.append(evidence.stamp(tmp_path))
    assert len(set(stamps)) == len(stamps)


A_SAMPLE = {"at": "2026-11-21T09:40:00.000Z", "cpu_s": 1.5, "memory_mb": 100}


def usage(folder: Path, *lines: bytes) -> list[dict[str, Any]]:
    """What is read of these lines, which is as the contract has it."""
    attempt = begin_attempt(folder, A_TAG)
    (attempt / "usage.jsonl").write_bytes(b"".join(lines))
    found = evidence.usage(folder, 1)
    for sample in found:
        contract.check("UsageSample", json.loads(json.dumps(sample, allow_nan=False)))
    return found


@pytest.mark.parametrize(
    ("line", "sample"),
    [
        (A_SAMPLE, A_SAMPLE),
        ({**A_SAMPLE, "of a later version": 1}, A_SAMPLE),
        ({**A_SAMPLE, "at": "2026-11-21T10:40:00+01:00", "memory_mb": 99.6}, A_SAMPLE),
        (
            {**A_SAMPLE, "gpu": [{"busy": 0.5, "memory_mb": 7}, {"busy": None, "memory_mb": None}]},
            {**A_SAMPLE, "gpu": [{"busy": 0.5, "memory_mb": 7}, {"busy": None, "memory_mb": None}]},
        ),
        ({**A_SAMPLE, "gpu": [{"busy": 7, "memory_mb": -1}]}, {**A_SAMPLE, "gpu": [{"busy": 1, "memory_mb": None}]}),
        ({**A_SAMPLE, "gpu": []}, A_SAMPLE),
        ({**A_SAMPLE, "gpu": "many"}, None),
        ({**A_SAMPLE, "at": "yesterday"}, None),
        ({**A_SAMPLE, "at": None}, None),
        ({**A_SAMPLE, "cpu_s": float("inf")}, None),
        ({**A_SAMPLE, "cpu_s": True}, None),
        ({**A_SAMPLE, "memory_mb": -1}, None),
        ({"at": A_SAMPLE["at"]}, None),
        ([1], None),
        ("text", None),
    ],
)
def test_a_sample_of_what_is_used_is_as_promised_or_none(tmp_path: Path, line: Any, sample: Any) -> None:
    assert usage(tmp_path, json.dumps(line).encode() + b"\n") == ([] if sample is None else [sample])


def test_lines_of_usage_that_are_not_whole_are_left_out(tmp_path: Path) -> None:
    whole = json.dumps(A_SAMPLE).encode()
    assert usage(tmp_path, whole, b"\n\0\0{\n\n", b"[" * 100_000, b"\n", whole, b"\n", whole) == [A_SAMPLE] * 2


def test_usage_is_read_up_to_a_bound_and_through_no_link(tmp_path: Path) -> None:
    line = json.dumps(A_SAMPLE).encode().ljust(1023) + b"\n"
    assert len(usage(tmp_path, line * 10_000)) == 2048
    file = evidence.attempt_folder(tmp_path, 1) / "usage.jsonl"
    file.rename(tmp_path / "elsewhere")
    assert evidence.usage(tmp_path, 1) == []
    file.symlink_to(tmp_path / "elsewhere")
    assert evidence.usage(tmp_path, 1) == []
