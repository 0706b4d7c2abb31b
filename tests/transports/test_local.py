"""Commands that hang, flood, babble or leave something behind."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from jupyterlab_compute import runner
from jupyterlab_compute.errors import CommandMissing, SchedulerRefused, SchedulerSilent
from jupyterlab_compute.transports.base import Answer
from jupyterlab_compute.transports.local import LocalTransport, surroundings

from ..waiting import wait_for, wait_until


def run(*argv: str, timeout_s: float = 10, **more: object) -> Answer:
    return asyncio.run(LocalTransport().run(argv, timeout_s=timeout_s, **more))  # type: ignore[arg-type]


def python(source: str, **more: object) -> Answer:
    return run(sys.executable, "-I", "-c", source, **more)  # type: ignore[arg-type]


def running(mark: str) -> list[str]:
    """The processes whose command line holds `mark`."""
    found = []
    for pid in runner._parents():
        try:
            if mark.encode() in Path(f"/proc/{pid}/cmdline").read_bytes() and pid != os.getpid():
                found.append(str(pid))
        except OSError:
            continue
    return found


def test_gives_back_what_was_said() -> None:
    answer = python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (answer.code, answer.stdout, answer.stderr) == (3, "out\n", "err\n")
    assert answer.elapsed_s > 0


def test_every_word_arrives_as_it_is() -> None:
    words = ["$HOME", "a b", "'; rm -rf /", "*", "", "\n", "ü"]
    answer = run(sys.executable, "-I", "-c", "import sys; print(sys.argv[1:])", *words)
    assert answer.stdout.strip() == repr(words)


def test_input_reaches_the_command_and_one_that_does_not_read_is_no_trouble() -> None:
    assert python("print(input())", stdin="hello\n").stdout == "hello\n"
    assert python("print('done')", stdin="x" * 5_000_000).stdout == "done\n"
    assert python("import sys; print(repr(sys.stdin.read()))").stdout == "''\n"


@pytest.mark.parametrize("program", ["no-such-program-here", "/nowhere/sbatch", "/etc/passwd"])
def test_missing_program_is_told_as_that(program: str) -> None:
    with pytest.raises(CommandMissing, match=program) as told:
        run(program)
    assert isinstance(told.value, SchedulerRefused)


def test_command_that_hangs_is_killed_with_all_of_its_group() -> None:
    mark = f"mark-{time.monotonic_ns()}"
    began = time.monotonic()
    with pytest.raises(SchedulerSilent, match=r"^bash did not answer within 0\.5 s\.$"):
        run("bash", "-c", f"sleep 1234 {mark} & trap '' TERM; sleep 1234 '{mark}' || sleep 99", timeout_s=0.5)
    assert time.monotonic() - began < 3
    wait_for(lambda: not running(mark), 5)


def test_command_that_closes_its_streams_and_hangs_is_not_taken_for_ended() -> None:
    with pytest.raises(SchedulerSilent):
        python("import os, time; os.close(1); os.close(2); time.sleep(60)", timeout_s=0.5)


def test_daemon_that_holds_the_pipes_does_not_hold_up_the_answer() -> None:
    source = "import os, time\nprint('sent', flush=True)\nif not os.fork():\n    os.setsid(); time.sleep(8)"
    began = time.monotonic()
    assert python(source).stdout == "sent\n"
    assert time.monotonic() - began < 4


def test_flood_is_an_error_and_not_a_leak() -> None:
    before = runner.peak_resident(os.getpid())
    with pytest.raises(SchedulerSilent, match=r"^bash printed more than 64 MiB\.$"):
        run("bash", "-c", "yes compute", timeout_s=30)
    assert runner.peak_resident(os.getpid()) - before < 300 * 1024 * 1024


def test_babble_is_text_nevertheless() -> None:
    assert python("import os; os.write(1, bytes(range(256)))").stdout.startswith("\x00\x01")


def test_cancelled_asker_leaves_nothing_running() -> None:
    mark = f"mark-{time.monotonic_ns()}"

    async def ask() -> None:
        asking = asyncio.ensure_future(LocalTransport().run(["bash", "-c", f"sleep 1234; {mark}"], timeout_s=60))
        await wait_until(lambda: running(mark), 10)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(ask())
    wait_for(lambda: not running(mark), 5)


def test_no_descriptors_leak() -> None:
    async def many() -> int:
        transport = LocalTransport()
        await transport.run(["true"], timeout_s=5)
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(10):
            await transport.run(["true"], timeout_s=5)
            with pytest.raises(CommandMissing):
                await transport.run(["no-such-program-here"], timeout_s=5)
            with pytest.raises(SchedulerSilent):
                await transport.run(["sleep", "9"], timeout_s=0.01)
        await asyncio.sleep(0)
        return len(os.listdir("/proc/self/fd")) - before

    assert asyncio.run(many()) <= 0


def test_finds_programs() -> None:
    assert asyncio.run(LocalTransport().which("sh"))
    assert asyncio.run(LocalTransport().which("no-such-program-here")) is None


def test_commands_see_what_finds_the_cluster_and_no_more() -> None:
    kept = {"PATH": "/bin", "HOME": "/h", "LC_ALL": "C", "SLURM_CONF": "/etc/s", "SGE_ROOT": "/sge", "TZ": "UTC"}
    left = {
        "JUPYTERHUB_API_TOKEN": "t",
        "JUPYTER_TOKEN": "t",
        "SLURM_JOB_ID": "1",
        "SBATCH_ACCOUNT": "a",
        "SQUEUE_FORMAT": "%i",
        "PMI_RANK": "0",
        "AWS_SECRET_ACCESS_KEY": "s",
        "LD_PRELOAD": "/evil.so",
    }
    assert surroundings(kept | left) == kept


def test_given_variables_are_added() -> None:
    assert python("import os; print(os.environ['SEEN'])", env={"SEEN": "yes"}).stdout == "yes\n"
