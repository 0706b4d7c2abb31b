"""How jobs end badly: each fault is brought about for real, and the exit record must tell it."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyterlab_compute import runner

from ..waiting import wait_for
from .folders import MIB, Folder, a_folder, gone, run, start, wait_for_cell


def text_of(folder: Folder) -> str:
    text: str = folder.exit["reason"]["text"]
    return text


def test_kernel_that_is_killed_is_told_with_its_cell(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "killed", ["print('before')", "import os; os.kill(os.getpid(), 9)", "3"])
    assert run(folder).returncode == 1
    assert folder.exit["reason"]["code"] == "kernel_died"
    assert text_of(folder).startswith("The kernel was killed (signal 9, SIGKILL) in cell 2 of 3.")
    # Somebody else may know who killed it.
    assert folder.exit["conclusive"] is False
    assert (folder.exit["code"], folder.exit["signal"]) == (None, 9)
    assert folder.exit["cells"] == {"done": 1, "total": 3}
    assert folder.printed("c0") == "before\n"
    assert [each["status"] for each in folder.events if each["event"] == "cell_ended"] == ["ok", "aborted"]


def test_kernel_that_crashes_is_at_fault_itself(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "crash", ["print('last', flush=True)\nimport ctypes, time; time.sleep(0.5); ctypes.string_at(0)"]
    )
    run(folder)
    assert folder.exit["reason"]["code"] == "kernel_died"
    assert "crashed (signal 11, SIGSEGV) in cell 1 of 1" in text_of(folder)
    assert folder.exit["conclusive"] is True
    assert folder.printed("c0") == "last\n"


EATS = "print('hungry', flush=True)\nkept = []\nwhile True: kept.append(b'x' * (4 << 20))"


def test_job_that_takes_too_much_memory_is_ended_and_its_outputs_are_kept(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "memory", ["1", EATS], limits={"memory_mb": 300})
    assert run(folder).returncode == 1
    assert folder.exit["reason"] == {
        "code": "out_of_memory",
        "text": "The job used more than 300 MiB of memory, in cell 2 of 2.",
    }
    assert folder.exit["conclusive"] is True
    assert folder.printed("c1") == "hungry\n"
    assert folder.exit["peak_memory_mb"] > 300


def test_memory_of_all_processes_counts_and_shared_pages_count_once(tmp_path: Path) -> None:
    shares = (
        "import os, time\nblock = b'x' * (150 << 20)\n"
        "for _ in range(4):\n    if not os.fork():\n        time.sleep(1.2); os._exit(0)\n"
        "for _ in range(4): os.wait()"
    )
    folder = a_folder(tmp_path / "shares", [shares], limits={"memory_mb": 350})
    run(folder)
    assert folder.exit["outcome"] == "succeeded", folder.exit
    assert 150 < folder.exit["peak_memory_mb"] < 350

    splits = (
        "import os, time\nfor _ in range(4):\n    if not os.fork():\n"
        "        block = b'x' * (150 << 20); time.sleep(30); os._exit(0)\nfor _ in range(4): os.wait()"
    )
    folder = a_folder(tmp_path / "splits", [splits], limits={"memory_mb": 350})
    run(folder)
    assert folder.exit["reason"]["code"] == "out_of_memory"


def test_job_that_takes_too_long_is_ended_after_its_finally_blocks_ran(tmp_path: Path) -> None:
    source = "import time\ntry:\n    time.sleep(60)\nfinally:\n    print('cleaned up')"
    folder = a_folder(tmp_path / "long", [source, "2"], limits={"walltime_s": 4, "grace_s": 6})
    assert run(folder).returncode == 1
    assert folder.exit["reason"] == {
        "code": "timeout",
        "text": "The job ran longer than its limit of 4 s, in cell 1 of 2.",
    }
    assert folder.printed("c0") == "cleaned up\n"
    assert folder.exit["cells"] == {"done": 0, "total": 2}


STUBBORN = """import os, signal, subprocess, sys, time
subprocess.Popen([sys.executable, '-c', 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(99)'],
                 start_new_session=True)
if not os.fork():
    os.setsid()
    if not os.fork():
        time.sleep(99)
    os._exit(0)
signal.signal(signal.SIGINT, signal.SIG_IGN)
print(os.getpid(), flush=True)
time.sleep(99)"""


def tree_of(pid: int) -> list[int]:
    return runner.descendants(pid, exact=True)


def test_cancelled_job_takes_everything_it_started_with_it(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "cancel", [STUBBORN], limits={"grace_s": 0.5})
    with start(folder) as process:
        wait_for_cell(folder)
        # Supervisor, child, kernel, a process with a session of its own, and a daemon that nobody waits for.
        wait_for(lambda: len(tree_of(process.pid)) >= 4, 10)
        tree = tree_of(process.pid)
        (folder.path / "cancel").touch()
        process.terminate()
        assert process.wait(15) == runner.EXIT_CODES["cancelled"]
    assert folder.exit["outcome"] == "cancelled"
    assert folder.exit["reason"]["code"] == "cancelled_by_user"
    assert folder.exit["conclusive"] is True
    # The child had no time to write the result itself.
    assert folder.printed("c0").strip().isdigit()
    assert all(map(gone, tree)), [Path(f"/proc/{pid}/cmdline").read_text() for pid in tree if not gone(pid)]


def test_job_that_is_told_to_stop_by_others_does_not_know_why(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "told", ["import time\nprint('on', flush=True)\ntime.sleep(60)"])
    with start(folder) as process:
        wait_for_cell(folder)
        process.terminate()
        process.wait(15)
    assert folder.exit["outcome"] == "cancelled"
    assert folder.exit["reason"]["code"] == "terminated"
    assert "SIGTERM" in text_of(folder)
    assert folder.exit["conclusive"] is False
    assert folder.printed("c0").startswith("on\n")


def test_signal_to_all_processes_at_once_is_told_as_a_stop_not_as_a_dead_kernel(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "all", ["import time\nprint('on', flush=True)\ntime.sleep(60)"])
    with start(folder) as process:
        wait_for_cell(folder)
        # As Slurm does, in the worst order: the supervisor last.
        for pid in [*reversed(tree_of(process.pid)), process.pid]:
            os.kill(pid, signal.SIGTERM)
        process.wait(15)
    assert folder.exit["reason"]["code"] == "terminated"


def test_processes_left_behind_by_a_finished_notebook_are_ended(tmp_path: Path) -> None:
    source = (
        "import subprocess\np = subprocess.Popen(['sleep', '99'], start_new_session=True, stdout=-3, stderr=-3)\n"
        "print(p.pid)"
    )
    folder = a_folder(tmp_path / "left", [source])
    run(folder)
    assert folder.exit["outcome"] == "succeeded"
    assert gone(int(folder.printed("c0")))


def test_killed_supervisor_leaves_no_orphans_and_a_record(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "beheaded", ["import time\nprint('on', flush=True)\ntime.sleep(60)"])
    with start(folder) as process:
        wait_for_cell(folder)
        tree = tree_of(process.pid)
        sockets = Path(os.readlink(folder.inside / ".kernel" / "sockets"))
        process.kill()
        process.wait(5)
        wait_for(lambda: all(map(gone, tree)), 10)
    assert not sockets.exists()
    assert folder.exit["reason"]["code"] == "terminated"
    assert folder.exit["conclusive"] is False
    assert runner.rebuild(str(folder.path)).done == 0
    assert folder.printed("c0") == "on\n"


def test_killed_child_is_told_and_the_result_is_put_together_without_it(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "childless", ["print('first')", "import time\nprint('on', flush=True)\ntime.sleep(60)"]
    )
    with start(folder) as process:
        wait_for_cell(folder, "c1")
        tree = tree_of(process.pid)
        child = next(pid for pid in tree if b"runner.py" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(child, signal.SIGKILL)
        assert process.wait(15) == 1
    assert folder.exit["reason"]["code"] == "terminated"
    assert folder.exit["conclusive"] is False
    assert folder.exit["signal"] == 9
    assert folder.exit["cells"] == {"done": 1, "total": 2}
    assert folder.printed("c1") == "on\n"
    assert all(map(gone, tree))


def test_fault_of_the_supervisor_itself_is_on_record_too(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "fault", ["print('on', flush=True)\nimport time; time.sleep(60)"])
    source = """import sys; from jupyterlab_compute import runner
def fail(*_): raise RuntimeError('a fault of ours')
runner.MemoryWatch.sample = fail
sys.exit(runner.Supervisor(sys.argv[1], by_scheduler=True).run())"""
    assert subprocess.run([sys.executable, "-c", source, str(folder.path)], stderr=-3).returncode == 1
    assert folder.exit["reason"]["code"] == "terminated"
    assert "a fault of ours" in text_of(folder)
    assert folder.exit["conclusive"] is False


def test_detached_supervisor_has_nothing_in_common_with_who_started_it(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "detached", ["import time\nprint('on', flush=True)\ntime.sleep(60)"])
    with start(folder, "detach") as process:
        # Its streams end although the job goes on.
        told = json.loads(process.communicate(timeout=30)[0])
    assert process.returncode == 0
    pid = told["pid"]
    assert told["pid_start"] == runner.pid_start(pid) == folder.json("started.json")["pid_start"]
    assert os.getsid(pid) != process.pid
    assert runner._parents()[pid] != process.pid
    files = {os.path.realpath(f"/proc/{pid}/fd/{fd}") for fd in (0, 1, 2)}
    assert files == {os.devnull, str(folder.path / "scheduler.log")}
    # A second one finds the claim, says nothing, and says so by its code.
    with start(folder, "detach") as second:
        assert second.communicate(timeout=30) == ("", "")
    assert second.returncode == runner.CLAIMED
    os.kill(pid, signal.SIGTERM)
    wait_for(lambda: folder.ended and gone(pid), 15)


FILLS = "for i in range(4000): print('x' * 999, flush=i % 50 == 0)"


@pytest.fixture
def small_disk(tmp_path: Path) -> object:
    """A folder on a file system of 2 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder]).returncode:
        pytest.skip("needs the right to mount")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_full_disk_ends_the_job_with_a_record_and_whole_events(small_disk: Path) -> None:
    # To the last byte, so that there is no room for the record either, but for what was kept for it.
    fills = f"""import os
filler = os.open({str(small_disk / "filler")!r}, os.O_CREAT | os.O_WRONLY)
try:
    while True: os.write(filler, b'x' * 4096)
except OSError: print('x' * 9999)"""
    folder = a_folder(small_disk / "full", ["print('kept')", fills, "3"], cwd="/tmp")
    assert run(folder).returncode == 1
    assert folder.exit["reason"]["code"] == "disk_full"
    assert "No space is left" in text_of(folder)
    assert folder.exit["cells"]["total"] == 3
    for name in ("outputs.jsonl", "usage.jsonl"):
        assert (folder.inside / name).read_bytes().endswith(b"\n")
    assert runner.read_back(str(folder.path)).notebook.cells["c0"]["outputs"]
    assert not folder.begun("c2")


def test_limit_on_the_size_of_files_is_told_like_a_full_disk(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "quota", ["print('kept')", FILLS])
    command = [sys.executable, "-I", str(folder.path / "runner.py"), "run", str(folder.path)]

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB))

    subprocess.run(command, preexec_fn=limit, timeout=60)
    assert folder.exit["reason"]["code"] == "disk_full"
    # Not all of it fits into one file of that size again, but the events are there.
    assert runner.read_back(str(folder.path)).notebook.cells["c0"]["outputs"]


def peak_of_runner(process: subprocess.Popen[str]) -> int:
    """The most that supervisor and child had in memory, in MiB, watched until they end."""
    most = 0

    def watch() -> bool:
        nonlocal most
        for pid in [process.pid, *tree_of(process.pid)]:
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes()
            except OSError:
                continue
            if b"runner.py" in command:
                most = max(most, runner.peak_resident(pid))
        return process.poll() is not None

    wait_for(watch, 120)
    return most // MIB


def test_cell_that_prints_a_gigabyte_is_cut_and_does_not_fill_our_memory(tmp_path: Path) -> None:
    source = "for i in range(4096): print('x' * (1 << 18), flush=True)\nprint('not kept')\n1 / 0"
    folder = a_folder(tmp_path / "gigabyte", [source, "2"])
    began = time.monotonic()
    with start(folder) as process:
        assert peak_of_runner(process) < 200
    assert time.monotonic() - began < 60
    assert folder.exit["reason"]["code"] == "error"
    assert "ZeroDivisionError" in text_of(folder)
    kept = folder.printed("c0")
    assert 10 * MIB <= len(kept) < 10 * MIB + 1000
    assert "[output cut here: this cell gave more than 10 MiB]" in kept
    assert "of this cell's output were left out]" in kept
    # The error is kept whatever the cap.
    assert [each["ename"] for each in folder.outputs("c0") if "ename" in each] == ["ZeroDivisionError"]
    assert (folder.inside / "stdout.log").stat().st_size <= 10 * MIB
    assert (folder.inside / "outputs.jsonl").stat().st_size < 12 * MIB


def test_burst_that_comes_as_one_message_is_cut_like_any_other(tmp_path: Path) -> None:
    burst = "print('é' + 'x' * (200 << 20), flush=True)\n"
    folder = a_folder(
        tmp_path / "burst",
        [burst + "1 / 0", burst * 3, "from IPython.display import HTML; HTML('x' * (40 << 20))", "print('goes on')"],
        stop_on_error=False,
    )
    with start(folder) as process:
        # One whole message at a time, as ZeroMQ hands them over, and what the runner needs anyway.
        assert peak_of_runner(process) < 200 + 150
    for cell, left_out in (("c0", "190 MiB"), ("c1", "590 MiB")):
        kept = folder.printed(cell)
        assert kept.startswith("éxxx")
        assert 10 * MIB <= len(kept) < 10 * MIB + 1000
        assert "[output cut here: this cell gave more than 10 MiB]" in kept
        assert f"[{left_out} of this cell's output were left out]" in kept
    assert [each["ename"] for each in folder.outputs("c0") if "ename" in each] == ["ZeroDivisionError"]
    assert "[output cut here: this cell gave more than 10 MiB]" in folder.printed("c2")
    assert "[40 MiB of this cell's output were left out]" in folder.printed("c2")
    assert folder.printed("c3") == "goes on\n"


def test_single_output_larger_than_anybody_can_take_in_is_told(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "giant", ["print('x' * (300 << 20), flush=True); 1 / 0", "print('goes on')"], stop_on_error=False
    )
    with start(folder) as process:
        assert peak_of_runner(process) < 200
    assert "outputs were left out that came in messages of more than 256 MiB" in folder.printed("c0")
    # What the kernel said right after it may be lost as well, but not the error.
    assert [each["ename"] for each in folder.outputs("c0") if "ename" in each] == ["ZeroDivisionError"]
    assert folder.printed("c1") == "goes on\n"


def test_rich_outputs_over_the_cap_are_left_out_and_smaller_ones_kept(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "rich",
        [
            """from IPython.display import HTML, display, clear_output
display(HTML('a')); display(HTML('b' * 300_000)); display(HTML('c'))""",
            "for i in range(8):\n    clear_output()\n    display(HTML(str(i) * 60_000))",
            "print('d' * 50_000)",
        ],
        caps={"cell_bytes": 100_000, "job_bytes": 520_000},
    )
    run(folder)
    assert folder.exit["outcome"] == "succeeded"
    kept = [each["data"]["text/html"] for each in folder.outputs("c0") if "data" in each]
    assert kept == [["a"]]
    assert "gave more than 97.7 KiB" in folder.printed("c0")
    # Drawing again and again is not over the cap: what stands in the cell counts.
    assert [each["data"]["text/html"][0][0] for each in folder.outputs("c1")] == ["7"]
    assert "all cells together gave more than 507.8 KiB" in folder.printed("c2")


V1 = Path("/sys/fs/cgroup/memory")


@pytest.fixture
def tight_group() -> object:
    """A control group with 300 MiB."""
    version_1 = (V1 / "tasks").exists()
    group = (V1 if version_1 else Path("/sys/fs/cgroup")) / f"compute-test-{os.getpid()}"
    try:
        group.mkdir()
        (group / ("memory.limit_in_bytes" if version_1 else "memory.max")).write_text(str(300 * MIB))
    except OSError:
        pytest.skip("needs the right to make control groups")
    yield group
    wait_for(lambda: not (group / "cgroup.procs").read_text().strip(), 10)
    group.rmdir()


def test_kernel_killed_by_the_system_for_memory_is_told_as_that(tmp_path: Path, tight_group: Path) -> None:
    folder = a_folder(tmp_path / "oom", ["1", EATS])
    command = [sys.executable, "-I", str(folder.path / "runner.py"), "run", str(folder.path)]

    def enter() -> None:
        (tight_group / "cgroup.procs").write_text(str(os.getpid()))

    subprocess.run(command, preexec_fn=enter, timeout=60)
    assert folder.exit["reason"]["code"] == "out_of_memory", folder.exit
    assert text_of(folder) == "The job ran out of memory in cell 2 of 2, and the system killed the kernel."
    assert folder.exit["conclusive"] is True
    assert folder.printed("c1") == "hungry\n"
