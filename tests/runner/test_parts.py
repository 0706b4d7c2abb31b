"""The runner's parts that need no kernel, by tables."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jupyterlab_compute import runner
from jupyterlab_compute.runner import MIB, MemoryWatch, Notebook, Recorder

from ..waiting import wait_for
from .folders import a_cell, gone

Json = dict[str, Any]


def a_notebook(*sources: str) -> Notebook:
    cells = [a_cell(number, source) for number, source in enumerate(sources or ("1", "2"))]
    return Notebook({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, {})


def encoded(notebook: Notebook) -> Json:
    found: Json = json.loads(b"".join(notebook.encoded()))
    return found


# What the job may see


@pytest.mark.parametrize(
    ("name", "by_scheduler", "alone"),
    [
        ("PATH", True, True),
        ("LC_ALL", True, True),
        ("CUDA_VISIBLE_DEVICES", True, True),
        ("SLURM_JOB_ID", True, False),
        ("PBS_NODEFILE", True, False),
        ("PE_HOSTFILE", True, False),
        ("SBATCH_ACCOUNT", False, False),
        ("PMI_RANK", False, False),
        ("PMIX_ID", False, False),
        ("JUPYTERHUB_API_TOKEN", False, False),
        ("JUPYTER_TOKEN", False, False),
        ("JPY_PARENT_PID", False, False),
        ("GITHUB_TOKEN", False, False),
        ("LD_PRELOAD", False, False),
    ],
)
def test_environment_is_an_allow_list(name: str, by_scheduler: bool, alone: bool) -> None:
    assert (name in runner.clean_environment({name: "x"}, by_scheduler=True)) is by_scheduler
    assert (name in runner.clean_environment({name: "x"}, by_scheduler=False)) is alone


def test_profile_cannot_hand_over_tokens() -> None:
    asked = {"OK": "1", "JUPYTERHUB_API_TOKEN": "t", "JUPYTER_X": "t", "JPY_Y": "t"}
    assert runner.allowed_variables(asked) == {"OK": "1"}


@pytest.mark.parametrize(
    ("environ", "native_id"),
    [
        ({}, None),
        ({"SLURM_JOB_ID": "12"}, "12"),
        ({"SLURM_JOB_ID": "14", "SLURM_ARRAY_JOB_ID": "12", "SLURM_ARRAY_TASK_ID": "3"}, "12_3"),
        ({"PBS_JOBID": "9.server"}, "9.server"),
        ({"JOB_ID": "5", "SGE_TASK_ID": "undefined"}, "5"),
        ({"JOB_ID": "5", "SGE_TASK_ID": "2"}, "5.2"),
    ],
)
def test_scheduler_that_started_us_is_recognised(environ: dict[str, str], native_id: str | None) -> None:
    assert runner.native_id(environ) == native_id


# Words and files


@pytest.mark.parametrize(
    ("seconds", "words"), [(2, "2 s"), (0.5, "0.5 s"), (60, "1 min"), (3600, "1 h"), (3725, "1 h 2 min 5 s")]
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert runner.duration(seconds) == words


@pytest.mark.parametrize(
    ("number", "words"), [(12, "12 bytes"), (1024, "1 KiB"), (10 * MIB, "10 MiB"), (1536 * MIB, "1.5 GiB")]
)
def test_sizes_in_words(number: int, words: str) -> None:
    assert runner.size(number) == words


@pytest.mark.parametrize(
    ("status", "code", "number"),
    [(0, 0, None), (3, 3, None), (-9, None, 9), (137, None, 9), (255, 255, None), (None, None, None)],
)
def test_how_a_process_died(status: int | None, code: int | None, number: int | None) -> None:
    assert runner.died_of(status) == (code, number)


def test_json_that_every_reader_takes() -> None:
    odd = {"nan": float("nan"), "inf": [float("inf")], "lone": "\ud800", "ü": "🚀"}
    data = runner.to_json(odd)
    assert json.loads(data.decode("utf-8")) == {"nan": None, "inf": [None], "lone": "\ud800", "ü": "🚀"}


def test_claim_is_taken_once(tmp_path: Path) -> None:
    path = str(tmp_path / "started.json")
    assert runner.claim_file(path, b"one")
    assert not runner.claim_file(path, b"two")
    assert Path(path).read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["started.json"]


def test_claim_without_hard_links_and_against_a_quicker_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    path = tmp_path / "started.json"
    assert runner.claim_file(str(path), b"one")
    monkeypatch.setattr(os.path, "exists", lambda _: False)
    assert not runner.claim_file(str(path), b"two")
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["started.json"]


def test_lost_answer_to_a_link_over_nfs_is_a_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = os.link

    def link_and_say_that_it_exists(source: str, target: str) -> None:
        link(source, target)
        raise FileExistsError(target)

    monkeypatch.setattr(os, "link", link_and_say_that_it_exists)
    assert runner.claim_file(str(tmp_path / "started.json"), b"one")


def test_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("old")
    source = (
        "import resource, sys; from jupyterlab_compute import runner\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))\n"
        "try: runner.replace_file(sys.argv[1], [b'x' * 600] * 3)\n"
        "except runner.DiskFull: print('full')"
    )
    done = subprocess.run([sys.executable, "-c", source, str(path)], capture_output=True, text=True)
    assert done.stdout == "full\n", done.stderr
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.json"]


def test_events_of_a_torn_file_are_those_that_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "outputs.jsonl"
    path.write_bytes(b'{"event": "a"}\n\0\0\0\n[1]\n{"event": "b"}\n{"event": "c"')
    assert [event["event"] for event in runner.read_events(str(path))] == ["a", "b"]
    assert list(runner.read_events(str(tmp_path / "none"))) == []


@pytest.mark.parametrize(
    ("folder", "late"),
    [("/home/ann/x", True), ("/home2/x", False), ("/home/local/y", False), ("/", False), ("/mnt/s/x", True)],
)
def test_file_systems_that_show_late_what_is_written(tmp_path: Path, folder: str, late: bool) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda rw\n"
        "2 1 0:1 / /home rw shared:1 - nfs4 server:/home rw\n"
        "3 2 8:2 / /home/local rw - xfs /dev/sdb rw\n"
        "4 1 0:2 / /mnt/s rw - fuse.sshfs host: rw\n"
    )
    assert runner.flushes_late(folder, str(table)) is late


# Processes and memory


def test_all_below_are_found_and_killed() -> None:
    source = "import os, time\nfor _ in range(3): os.fork()\ntime.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", source]) as process:
        wait_for(lambda: len(runner.descendants(process.pid)) == 7, 10)
        exactly, quickly = runner.descendants(process.pid, exact=True), runner.descendants(process.pid)
        runner.kill_below(process.pid)
        process.kill()
    assert sorted(exactly) == sorted(quickly)
    # What lost its parent dies elsewhere, a moment later.
    wait_for(lambda: all(map(gone, exactly)), 5)


def test_process_is_named_by_its_start() -> None:
    with subprocess.Popen(["sleep", "60"]) as process:
        assert runner.pid_start(process.pid) > 0
        assert runner.resident(process.pid) > 0
        process.kill()
        # Dead but not collected: it runs no more.
        wait_for(lambda: runner.pid_start(process.pid) == 0, 5)
    assert runner.resident(process.pid) == 0


def sampled(limit: int | None, *samples: tuple[list[int], list[int]]) -> MemoryWatch:
    """A watch after these samples of resident and proportional bytes per process."""
    watch = MemoryWatch(limit)
    for resident, fair in samples:
        watch._look_closer_at = 0.0
        watch.sample(range(len(resident)), resident.__getitem__, fair.__getitem__)
    return watch


@pytest.mark.parametrize(
    ("samples", "over", "peak"),
    [
        ([([90], [80])], False, 90),
        ([([110], [105])], True, 105),
        # Shared pages are counted once.
        ([([60, 60], [35, 35])], False, 70),
        ([([60, 60], [55, 55])], True, 110),
        # What was over once stays over.
        ([([110], [105]), ([10], [10])], True, 105),
    ],
)
def test_memory_over_the_limit(samples: list[tuple[list[int], list[int]]], over: bool, peak: int) -> None:
    watch = sampled(100, *samples)
    assert (watch.over, watch.peak) == (over, peak)
    assert sampled(None, *samples).over is False


def test_memory_is_watched_the_closer_the_nearer_it_comes_to_the_limit() -> None:
    waits = [sampled(100, ([used], [used])).interval_s for used in (10, 60, 90)]
    assert waits == sorted(waits, reverse=True)
    assert len(set(waits)) == 3


def test_most_since_one_asked_last_is_never_less_than_what_is_there() -> None:
    watch = MemoryWatch(None)

    def seen(used: int) -> None:
        watch.sample([0], lambda _: used)

    seen(30)
    seen(90)
    seen(50)
    assert watch.most_since() == 90
    assert watch.most_since() == 50
    seen(20)
    assert (watch.most_since(), watch.most_since(), watch.peak) == (50, 20, 90)


# What is used over time


@pytest.mark.parametrize(("elapsed_s", "interval_s"), [(0, 2), (480, 2), (4800, 20), (86400, 360)])
def test_samples_become_rarer(elapsed_s: float, interval_s: float) -> None:
    assert runner.usage_interval(elapsed_s) == interval_s


@pytest.mark.parametrize(("days", "most"), [(1 / 24, 750), (1, 1500), (7, 2000), (30, 2400), (365, 3000)])
def test_samples_of_a_long_job_are_not_many(days: float, most: int) -> None:
    elapsed, lines = 0.0, 0
    while elapsed < days * 86400:
        elapsed += runner.usage_interval(elapsed)
        lines += 1
    assert most * 0.9 < lines <= most


@pytest.mark.parametrize(
    ("said", "gpus"),
    [
        ("37, 10240\n0, 4\n", [(0.37, 10240), (0, 4)]),
        ("100, 81920\r\n", [(1.0, 81920)]),
        # One that is divided (MIG), seen from inside a container, and a driver that does not know.
        ("[N/A], [Insufficient Permissions]\n", [(None, None)]),
        ("[N/A], 24576\n", [(None, 24576)]),
        ("[Unknown Error], 10\n", [(None, 10)]),
        ("No devices were found\n", None),
        ("37 %, 10240 MiB\n", None),
        ("37\n", None),
        ("37, 10240, 7\n", None),
        ("37, 10240\n\n", None),
        ("", None),
    ],
)
def test_what_gpus_are_said_to_do(said: str, gpus: list[tuple[float | None, int | None]] | None) -> None:
    found = None if gpus is None else [{"busy": busy, "memory_mb": memory} for busy, memory in gpus]
    assert runner.read_gpus(said) == found


@pytest.mark.parametrize(
    ("visible", "by_scheduler", "only"),
    [
        ("0,3", True, ["--id=0,3"]),
        ("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", True, ["--id=GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"]),
        ("1", False, ["--id=1"]),
        # Nobody shares them out.
        (None, False, []),
        # Whatever is there belongs to others.
        (None, True, None),
        ("", False, None),
        ("0 --help", False, None),
        ("0\n", False, None),
    ],
)
def test_only_the_jobs_own_gpus_are_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visible: str | None, by_scheduler: bool, only: list[str] | None
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert runner.gpu_query(visible, by_scheduler=by_scheduler) is None
    program = tmp_path / "nvidia-smi"
    program.touch(0o755)
    query = runner.gpu_query(visible, by_scheduler=by_scheduler)
    how = ["--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]
    assert query == (None if only is None else [str(program), *only, *how])


def test_gpus_that_do_not_answer_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = runner.Usage(str(tmp_path / "usage.jsonl"), ["/bin/sleep", "60"])
    usage.look([], MemoryWatch(None))
    asked = usage.asking
    assert not gone(asked)
    # It is being waited for, but by nobody who stands still.
    usage.look([], MemoryWatch(None))
    assert (usage.asking, os.listdir(tmp_path)) == (asked, [])
    monkeypatch.setattr(runner, "GPU_PATIENCE_S", -1.0)
    usage.look([], MemoryWatch(None))
    usage.collect(dict([os.waitpid(asked, 0)]))
    assert (usage.asking, usage.query) == (0, None)
    assert "gpu" not in json.loads((tmp_path / "usage.jsonl").read_text())


def test_program_for_gpus_that_cannot_be_started_is_given_up(tmp_path: Path) -> None:
    usage = runner.Usage(str(tmp_path / "usage.jsonl"), [str(tmp_path / "gone")])
    for _ in range(2):
        usage.look([], MemoryWatch(None))
    assert usage.query is None
    assert json.loads((tmp_path / "usage.jsonl").read_text())["memory_mb"] == 0


def test_usage_for_which_there_is_no_room_is_left_out(tmp_path: Path) -> None:
    source = (
        "import resource, sys; from jupyterlab_compute.runner import *\n"
        "usage, memory = Usage(sys.argv[1]), MemoryWatch(None)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))\n"
        "for used in range(9): usage.write(used, memory)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "usage.write(9.0, memory); usage.write(5.0, memory)\n"
        "Usage(sys.argv[1] + '/of/nothing').write(1, memory)"
    )
    path = tmp_path / "usage.jsonl"
    done = subprocess.run([sys.executable, "-c", source, str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Once there is room it goes on, and what was used is never less than before.
    assert [json.loads(line)["cpu_s"] for line in path.read_text().splitlines()] == [0, 1, 2, 9, 9]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"ename": "ValueError", "evalue": "no"}, "Cell 2 of 3 raised ValueError: no"),
        ({"ename": "KeyError", "evalue": ""}, "Cell 2 of 3 raised KeyError."),
        ({"ename": "E", "evalue": "\x1b[31ma\nb\x1b[0m"}, "Cell 2 of 3 raised E: a b"),
        # bash
        ({"ename": "", "evalue": "3"}, "Cell 2 of 3 failed: 3"),
        ({}, "Cell 2 of 3 failed."),
    ],
)
def test_what_a_cell_raised_in_a_sentence(content: Json, sentence: str) -> None:
    assert runner._what_was_raised(runner.Step("c1", "selected", 1, 3), content) == sentence


# The notebook as events make it


def stream(cell: str, text: str, name: str = "stdout") -> Json:
    return {"event": "output", "cell": cell, "output": {"output_type": "stream", "name": name, "text": text}}


def display(cell: str, text: str, display_id: str | None = None) -> Json:
    output = {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}
    event = {"event": "output", "cell": cell, "output": output}
    return event if display_id is None else {**event, "display_id": display_id}


def update(cell: str, text: str, display_id: str) -> Json:
    return {
        "event": "update_display",
        "cell": cell,
        "display_id": display_id,
        "data": {"text/plain": text},
        "metadata": {},
    }


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([stream("c0", "a"), stream("c0", "b")], ["ab"]),
        ([stream("c0", "a"), stream("c0", "b", "stderr"), stream("c0", "c")], ["a", "b", "c"]),
        ([display("c0", "a", "d"), update("c1", "b", "d")], ["b"]),
        ([display("c0", "a", "d"), display("c0", "x", "d"), update("c0", "b", "d")], ["b", "b"]),
        ([update("c0", "b", "unknown")], []),
        ([stream("c0", "a"), {"event": "clear_output", "cell": "c0", "wait": False}], []),
        ([stream("c0", "a"), {"event": "clear_output", "cell": "c0", "wait": True}], ["a"]),
        ([stream("c0", "a"), {"event": "clear_output", "cell": "c0", "wait": True}, stream("c0", "b")], ["b"]),
        (
            [
                stream("c0", "a"),
                {"event": "clear_output", "cell": "c0", "wait": True},
                {"event": "cell_ended", "cell": "c0", "status": "ok"},
                stream("c0", "b"),
            ],
            ["ab"],
        ),
        # What was cleared does not come back by an update.
        ([display("c0", "a", "d"), {"event": "clear_output", "cell": "c0"}, update("c0", "b", "d")], []),
        ([{"event": "of a later version", "cell": "c0"}, stream("nowhere", "x"), {}], []),
    ],
)
def test_notebook_shows_what_events_say(events: list[Json], shown: list[str]) -> None:
    notebook = a_notebook()
    for event in events:
        notebook.apply(event)
    outputs = encoded(notebook)["cells"][0]["outputs"]
    assert ["".join(each["text"] if "text" in each else each["data"]["text/plain"]) for each in outputs] == shown


def test_large_and_small_cells_make_one_valid_notebook() -> None:
    notebook = a_notebook("a\nb", "c")
    notebook.apply(stream("c0", "line\n" * 5))
    notebook.apply(stream("c1", "x" * 300_000))
    found = encoded(notebook)
    nbformat.validate(nbformat.from_dict(found))
    assert found["cells"][0]["source"] == ["a\n", "b"]
    assert found["cells"][0]["outputs"][0]["text"] == ["line\n"] * 5
    assert "".join(found["cells"][1]["outputs"][0]["text"]) == "x" * 300_000
    empty = Notebook({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, {})
    assert encoded(empty)["cells"] == []


# The recorder


def a_recorder(folder: Path, cell_bytes: int = 1000, job_bytes: int = 100_000) -> Recorder:
    return Recorder(str(folder), a_notebook("1", "2", "3"), {"cell_bytes": cell_bytes, "job_bytes": job_bytes})


def recorded(recorder: Recorder) -> list[Json]:
    recorder.flush()
    return list(runner.read_events(os.path.join(recorder.folder, "outputs.jsonl")))


def texts(recorder: Recorder) -> list[str]:
    return [each["output"].get("text", "") for each in recorded(recorder) if each["event"] == "output"]


def test_recorder_cuts_a_stream_where_it_is_full_and_tells_how_much_is_missing(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    step = recorder.notebook.steps[0]
    recorder.started(step)
    for _ in range(3):
        recorder.stream("c0", "stdout", "x" * 600)
    assert recorder.given["c0"].muted
    recorder.ended(step, "ok")
    found = texts(recorder)
    assert found[0] == "x" * 1000
    assert found[1] == "\n[output cut here: this cell gave more than 1000 bytes]\n"
    assert found[2] == "[800 bytes of this cell's output were left out]\n"
    # The next cell has its own room.
    recorder.stream("c1", "stdout", "y")
    assert texts(recorder)[-1] == "y"


def test_recorder_cuts_between_characters(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path, cell_bytes=10)
    recorder.stream("c0", "stdout", "ü" * 3 + "🚀" * 3)
    assert texts(recorder)[0] == "üüü🚀"


def test_recorder_keeps_nothing_behind_the_cut_though_it_would_fit(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    for text in ("a", "b" * 2000, "c"):
        recorder.output("c0", {"output_type": "display_data", "data": {"text/html": text}, "metadata": {}})
    kept = [each["output"] for each in recorded(recorder)]
    assert [each["data"]["text/html"] for each in kept if "data" in each] == ["a"]
    assert recorder.given["c0"].left_out > 2000


def test_recorder_has_room_again_after_a_clear_but_not_for_ever(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    for number in range(30):
        recorder.stream("c0", "stdout", str(number % 10) * 900)
        recorder.clear_output("c0", wait=True)
    # A cell may write ten times what it may show.
    assert 9 <= sum(len(text) >= 900 for text in texts(recorder)) <= 11
    assert recorder.given["c0"].muted


def test_recorder_keeps_an_error_whatever_the_cap_but_not_all_of_a_huge_one(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path, cell_bytes=10)
    recorder.stream("c0", "stdout", "x" * 100)
    error = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mline\x1b[0m", "z" * 10**6]}
    recorder.output("c0", error)
    kept = recorded(recorder)[-1]["output"]
    assert kept["ename"] == "E"
    assert sum(map(len, kept["traceback"])) < 300_000
    log = (tmp_path / "stderr.log").read_text()
    assert "line" in log
    assert "\x1b" not in log


def test_recorder_joins_what_comes_close_together(tmp_path: Path) -> None:
    recorder = a_recorder(tmp_path)
    for text in ("a", "b"):
        recorder.stream("c0", "stdout", text)
    recorder.stream("c0", "stderr", "c")
    wait = recorder.flush_in()
    assert wait is not None
    assert wait <= runner.JOIN_STREAMS_S
    assert texts(recorder) == ["ab", "c"]
    assert recorder.flush_in() is None


def test_recorder_meets_a_full_disk_between_two_whole_lines(tmp_path: Path) -> None:
    source = (
        "import resource, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path; from tests.runner.test_parts import *\n"
        "recorder = a_recorder(Path(sys.argv[1]), cell_bytes=10**6, job_bytes=10**6)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))\n"
        "try:\n    for n in range(9):\n        recorder.stream('c0', 'stdout', 'x' * 400); recorder.flush()\n"
        "except runner.DiskFull: print('full', recorder.finish())"
    )
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", source, str(tmp_path), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root)
    assert done.stdout.startswith("full"), done.stderr
    lines = (tmp_path / "outputs.jsonl").read_bytes()
    assert lines.endswith(b"\n")
    assert len(list(runner.read_events(str(tmp_path / "outputs.jsonl")))) == lines.count(b"\n") == 2


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("order", [("name", "text"), ("text", "name")])
@pytest.mark.parametrize(
    "text",
    ["", "short", "x" * 3 * MIB, 'aé€😀"\\\n\x1b' * (300 << 10), "\\" * 2 * MIB, '","name":"stdout"}' * (100 << 10)],
    ids=lambda text: text[:8],
)
def test_beginning_of_a_stream_is_what_json_says(text: str, order: tuple[str, str], ascii_only: bool) -> None:
    whole = {"name": "stderr", "text": text}
    content = json.dumps({key: whole[key] for key in order}, ensure_ascii=ascii_only, separators=(",", ":")).encode()
    for enough in (1, MIB, 10 * MIB):
        begun, rest = runner.beginning_of_stream(memoryview(content), enough)
        kept = begun["text"]
        assert begun["name"] == "stderr"
        assert text.startswith(kept)
        assert len(kept.encode()) >= min(enough, len(text.encode()))
        assert (rest == 0) == (kept == text)


@pytest.mark.parametrize(
    "content", [b'{"text":"no name"}', b'{"name":"stdout"}', b'{"name":"stdout","text":"\\q"}', b""]
)
def test_what_is_no_stream_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"a stream without|no JSON"):
        runner.beginning_of_stream(content, 10)
