"""Files of a run folder, given out: nothing outside it, no link followed, from any offset, half lines kept back."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import contract, files
from jupyterlab_compute.errors import NoSuchFile, WrongState
from jupyterlab_compute.records import Record
from jupyterlab_compute.states import Belief, JobState

from ..builders import AN_ID, a_record


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """A job that runs and has printed something."""
    folder = tmp_path / "runs" / AN_ID
    attempt = folder / "attempts" / "1"
    attempt.mkdir(parents=True)
    (attempt / "stdout.log").write_bytes(b"0123456789")
    (folder / "job.sh").write_text("#!/bin/bash\n")
    (tmp_path / "secret").write_text("secret")
    return a_record("running", run_folder=str(folder))


def _folder(record: Record) -> Path:
    return Path(record.run_folder)


def _attempt(record: Record, number: int = 1) -> Path:
    folder = _folder(record) / "attempts" / str(number)
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "..",
        "attempts",
        "nothing",
        "../../secret",
        "attempts/../../../secret",
        "/etc/passwd",
        "//etc/passwd",
        "attempts/1/../../job.sh",
        "job.sh/x",
        "job.sh\0",
        "x" * 5000,
        "\udcff",
        "link",
        "folder-link/secret",
        "folder-link/runs",
        "inner-link",
        "circle",
        "pipe",
        "job.sh/",
    ],
)
def test_nothing_but_plain_files_of_the_run_folder(record: Record, tmp_path: Path, path: str) -> None:
    folder = _folder(record)
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "folder-link").symlink_to(tmp_path)
    (folder / "inner-link").symlink_to(folder / "job.sh")
    (folder / "circle").symlink_to(folder / "circle")
    os.mkfifo(folder / "pipe")
    if path == "job.sh/":
        # The same file, written with a slash too many.
        assert files.checked(record, path) == folder / "job.sh"
    else:
        with pytest.raises(NoSuchFile):
            files.checked(record, path)


def test_a_plain_file_is_given_in_pieces(record: Record) -> None:
    target = files.checked(record, "attempts/1/stdout.log")
    assert [files.piece(target, offset, 4) for offset in (0, 4, 8, 12)] == [b"0123", b"4567", b"89", b""]


def test_a_run_folder_below_a_link_is_fine(record: Record, tmp_path: Path) -> None:
    (tmp_path / "scratch").symlink_to(tmp_path / "runs")
    linked = a_record("running", run_folder=str(tmp_path / "scratch" / AN_ID))
    assert files.checked(linked, "job.sh").read_text().startswith("#!")


def test_a_link_that_comes_after_the_check_is_not_followed(record: Record, tmp_path: Path) -> None:
    target = files.checked(record, "job.sh")
    target.unlink()
    target.symlink_to(tmp_path / "secret")
    with pytest.raises(OSError, match="symbolic links"):
        files.piece(target, 0, 100)


@pytest.mark.parametrize(
    ("resources", "asked"),
    [
        ({"cores": 2}, {"memory_mb": None, "cores": 2}),
        ({"cores": 2, "memory_mb": 4096, "gpus": 1}, {"memory_mb": 4096, "cores": 2}),
        # What is seen is one node.
        ({"cores": 4, "tasks": 6, "nodes": 3}, {"memory_mb": None, "cores": 8}),
        ({"cores": 4, "tasks": 1, "nodes": 3}, {"memory_mb": None, "cores": 4}),
        ({}, {"memory_mb": None, "cores": 1}),
    ],
)
def test_usage_stands_beside_what_was_asked_for(
    record: Record, resources: dict[str, int], asked: dict[str, int | None]
) -> None:
    used = files.usage(replace(record, resources=resources))
    contract.check("UsageOverTime", used)
    assert used == {"attempt": 1, "asked": asked, "samples": [], "ended": False}


def test_usage_is_that_of_the_newest_attempt(record: Record) -> None:
    sample = {"at": "2026-11-21T09:40:00.000Z", "cpu_s": 0.5, "memory_mb": 100}
    for number in (1, 2):
        line = json.dumps({**sample, "memory_mb": number})
        (_attempt(record, number) / "usage.jsonl").write_text(line + "\n")
    used = files.usage(record.believing(Belief(JobState.SUCCEEDED)))
    assert (used["attempt"], used["samples"], used["ended"]) == (2, [{**sample, "memory_mb": 2}], True)
    shutil.rmtree(_folder(record))
    gone = files.usage(record)
    contract.check("UsageOverTime", gone)
    assert (gone["attempt"], gone["samples"]) == (0, [])


def test_the_listing_has_plain_files_only(record: Record, tmp_path: Path) -> None:
    (_folder(record) / "link").symlink_to(tmp_path / "secret")
    (_folder(record) / "folder-link").symlink_to(tmp_path)
    os.mkfifo(_folder(record) / "pipe")
    (_folder(record) / "caf\udce9").touch()
    listed = files.listing(record)
    contract.check("FileList", json.loads(json.dumps(listed)))
    assert [each["path"] for each in listed["files"]] == ["caf\udce9", "job.sh", "attempts/1/stdout.log"]
    assert not listed["truncated"]


def test_a_long_listing_is_cut_and_says_so(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST_FILES", 2)
    assert not files.listing(record)["truncated"]
    (_folder(record) / "z").touch()
    listed = files.listing(record)
    assert (len(listed["files"]), listed["truncated"]) == (2, True)


# Logs


@pytest.mark.parametrize(
    ("offset", "limit", "data", "after"),
    [
        (0, 100, b"0123456789", 10),
        (0, 3, b"012", 3),
        (3, 3, b"345", 6),
        (10, 3, b"", 10),
        (11, 3, b"", 10),
        (10**29, 3, b"", 10),
        (-4, 100, b"6789", 10),
        (-4, 2, b"67", 8),
        (-100, 2, b"01", 2),
        (-(10**29), 2, b"01", 2),
    ],
)
def test_bytes_of_a_log_from_any_offset(record: Record, offset: int, limit: int, data: bytes, after: int) -> None:
    assert files.log(record, "stdout", offset, limit) == files.Piece(data, after, 10)


def test_a_log_that_is_not_there_yet_is_empty(record: Record) -> None:
    assert files.log(record, "stderr", 0, 100) == files.Piece(b"", 0, 0)
    assert files.log(record, "scheduler", 5, 100) == files.Piece(b"", 5, 0)
    fresh = a_record("queued", run_folder=str(_folder(record).parent / "nothing"))
    assert files.log(fresh, "stdout", -5, 100) == files.Piece(b"", 0, 0)


def test_what_stands_in_a_logs_place_is_not_followed_and_loses_no_descriptor(record: Record, tmp_path: Path) -> None:
    attempt = _attempt(record, 2)
    (attempt / "stdout.log").symlink_to(tmp_path / "secret")
    os.mkfifo(attempt / "stderr.log")
    (_folder(record) / "scheduler.log").mkdir()
    before = len(os.listdir("/proc/self/fd"))
    for stream in ("stdout", "stderr", "scheduler"):
        assert files.log(record, stream, 0, 100).data == b""
    assert len(os.listdir("/proc/self/fd")) == before


# Outputs


def _event(number: int, **more: Any) -> bytes:
    return (
        json.dumps({"event": "output", "cell": "a", "at": "2026-11-21T09:41:00.000Z", "n": number, **more}).encode()
        + b"\n"
    )


def _told(found: dict[str, Any]) -> list[int]:
    contract.check("Outputs", found)
    return [event["n"] for event in found["events"]]


def test_half_a_line_waits_for_its_other_half(record: Record) -> None:
    path = _attempt(record) / "outputs.jsonl"
    path.write_bytes(_event(1) + _event(2)[:20])
    first = files.outputs(record, 0, 1)
    assert _told(first) == [1]
    assert _told(files.outputs(record, first["next"], 1)) == []
    path.write_bytes(_event(1) + _event(2))
    second = files.outputs(record, first["next"], 1)
    assert _told(second) == [2]
    assert second["next"] == path.stat().st_size


def test_many_events_come_in_pieces_without_loss(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_OUTPUTS_BYTES", 1000)
    (_attempt(record) / "outputs.jsonl").write_bytes(b"".join(_event(n, text="x" * (n % 7) * 300) for n in range(100)))
    told: list[int] = []
    start, more = 0, True
    while more:
        found = files.outputs(record, start, 1)
        told += _told(found)
        start, more = found["next"], found["more"]
    assert told == list(range(100))


def test_one_event_may_be_larger_than_a_piece(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_OUTPUTS_BYTES", 100)
    (_attempt(record) / "outputs.jsonl").write_bytes(_event(1, text="x" * 1000) + _event(2))
    first = files.outputs(record, 0, 1)
    assert _told(first) == [1]
    assert first["more"]
    assert _told(files.outputs(record, first["next"], 1)) == [2]


def test_lines_that_are_no_events_are_passed_over(record: Record) -> None:
    strange = [b"{\n", b"[]\n", b"\n", b"7\n", b"[" * 50_000 + b"\n", b"\xff\n", b'{"event": "notebook"}\n']
    lines = [line for number, each in enumerate(strange) for line in (each, _event(number))]
    (_attempt(record) / "outputs.jsonl").write_bytes(b"".join(lines))
    assert _told(files.outputs(record, 0, 1)) == list(range(len(strange)))


def test_a_new_attempt_is_told_from_its_beginning(record: Record) -> None:
    (_attempt(record) / "outputs.jsonl").write_bytes(_event(1) * 3)
    end = files.outputs(record, 0, 1)["next"]
    (_attempt(record, 2) / "outputs.jsonl").write_bytes(_event(7))
    found = files.outputs(record, end, 1)
    assert (found["attempt"], _told(found)) == (2, [7])


def test_an_offset_past_the_end_is_of_another_file(record: Record) -> None:
    (_attempt(record) / "outputs.jsonl").write_bytes(_event(1))
    assert _told(files.outputs(record, 10**29, 1)) == [1]


def test_it_has_ended_when_all_was_told(record: Record) -> None:
    (_attempt(record) / "outputs.jsonl").write_bytes(_event(1) + b'{"half')
    ended = a_record("failed", run_folder=record.run_folder)
    first = files.outputs(ended, 0, 1)
    assert (_told(first), first["ended"]) == ([1], False)
    last = files.outputs(ended, first["next"], 1)
    assert (_told(last), last["ended"], last["more"]) == ([], True, False)
    assert not files.outputs(record, first["next"], 1)["ended"]


def test_no_outputs_yet(record: Record) -> None:
    assert _told(files.outputs(record, 0, None)) == []
    nothing = a_record("cancelled", run_folder=str(_folder(record).parent / "nothing"))
    found = files.outputs(nothing, 0, None)
    contract.check("Outputs", found)
    assert (found["attempt"], found["ended"]) == (0, True)


# What else is done to a run folder


def test_leaves_word_of_a_cancel_and_never_through_a_link(record: Record, tmp_path: Path) -> None:
    files.mark_cancelled(record)
    files.mark_cancelled(record)
    assert (_folder(record) / "cancel").stat().st_mode & 0o777 == 0o600
    (_folder(record) / "cancel").unlink()
    (_folder(record) / "cancel").symlink_to(tmp_path / "made")
    files.mark_cancelled(record)
    assert not (tmp_path / "made").exists()
    files.mark_cancelled(a_record(run_folder="/nowhere/at/all"))


def test_what_was_not_kept_cannot_be_run_again(record: Record) -> None:
    with pytest.raises(WrongState):
        files.request_again(record)
    (_folder(record) / "request.json").write_text("[]")
    (_folder(record) / "input.ipynb").write_text("{}")
    with pytest.raises(WrongState):
        files.request_again(record)


def test_deletes_only_a_run_folder_of_this_very_job(record: Record, tmp_path: Path) -> None:
    folder = _folder(record)
    files.remove_run_folder(a_record(run_folder=str(tmp_path)))
    assert (tmp_path / "secret").exists()
    (folder / "job.json").write_text('{"tag": "jc-ffffffffffffffff"}')
    files.remove_run_folder(record)
    assert folder.exists()
    (tmp_path / "other").mkdir()
    linked = tmp_path / "other" / AN_ID
    linked.symlink_to(folder)
    files.remove_run_folder(a_record(run_folder=str(linked)))
    assert folder.exists()
    (folder / "job.json").write_text(json.dumps({"tag": record.tag}))
    files.remove_run_folder(record)
    assert not folder.exists()
    files.remove_run_folder(record)
