"""What the runner makes of notebooks, with real kernels."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
from pathlib import Path

import nbformat
import pytest
import zmq

from jupyterlab_compute import runner

from .folders import PYTHON_KERNEL, Folder, a_folder, run

SHOUTING = {
    "name": "shout",
    "spec": {
        "argv": [sys.executable, str(Path(__file__).with_name("shouting_kernel.py")), "-f", "{connection_file}"],
        "env": {},
        "display_name": "Shout",
        "language": "shout",
        "interrupt_mode": "message",
        "metadata": {},
    },
}

ARGV = SHOUTING["spec"]["argv"]

CELLS = [
    # c0: streams, and the surroundings
    "import os, sys\nprint('out')\nprint('err', file=sys.stderr)\nprint(os.getcwd())",
    # c1: a result
    "6 * 7",
    # c2, c3: a display that a later cell changes
    "from IPython.display import display, clear_output, HTML\nhandle = display(HTML('old'), display_id='d')",
    "handle.update(HTML('new'))",
    # c4: shown, cleared, shown again
    "display('gone')\nclear_output(wait=True)\ndisplay('stays')",
    # c5: an error that is allowed
    {"source": "1 / 0", "metadata": {"tags": ["raises-exception"]}},
    # c6: left alone, with what it showed before
    {"source": "print('never')", "metadata": {"tags": ["skip-execution"]}, "execution_count": 9},
    # c7: nothing to run
    "  ",
    # c8: the same display id again renews the first
    "display(HTML('newest'), display_id='d')",
    # c9: what the kernel sees of the environment
    "import json\nprint(json.dumps(dict(os.environ)))",
    # c10: a comm that nobody here knows, and one that looks like a widget's and is not
    """from comm import create_comm
create_comm(target_name='mystery', data={'a': 1}).send({'b': 2})
create_comm(target_name='jupyter.widget', data={'nonsense': 1}); None""",
    # c11: beyond the basic plane, and a carriage return
    "print('\U0001f680 ok'); print('1%\\r2%')",
    # c12: written past Python, to the kernel's own error stream
    "sys.__stderr__.write('past the protocol\\n'); sys.__stderr__.flush(); None",
]

SECRETS = {
    "JUPYTERHUB_API_TOKEN": "hub-secret",
    "JUPYTER_TOKEN": "lab-secret",
    "AWS_SECRET_ACCESS_KEY": "aws-secret",
    "SLURM_JOB_ID": "4711",
    "SLURM_RESTART_COUNT": "0",
    "SBATCH_ACCOUNT": "other",
    "PMI_RANK": "0",
}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    folder = a_folder(
        tmp_path_factory.mktemp("runs") / "happy",
        CELLS,
        environment={"GREETING": "hello", "JUPYTERHUB_API_TOKEN": "from the profile"},
    )
    done = run(folder, env=SECRETS)
    assert done.returncode == 0, (done, folder.exit, folder.text("stderr.log"))
    return folder


def test_succeeds_and_says_so(ran: Folder) -> None:
    assert ran.exit["outcome"] == "succeeded"
    assert ran.exit["conclusive"] is True
    assert ran.exit["reason"] is None
    assert (ran.exit["code"], ran.exit["signal"]) == (0, None)
    assert ran.exit["cells"] == {"done": len(CELLS), "total": len(CELLS)}
    assert ran.exit["tag"] == ran.json("started.json")["tag"] == "jc-happy"
    assert ran.exit["native_id"] == ran.json("started.json")["native_id"] == "4711"
    assert ran.exit["peak_memory_mb"] > 20
    assert ran.exit["cpu_s"] > 0
    assert ran.exit["started_at"] < ran.exit["ended_at"]
    progress = ran.json("progress.json")
    assert (progress["done"], progress["total"], progress["current"]) == (len(CELLS), len(CELLS), None)


def test_leaves_nothing_but_what_is_promised_and_all_of_it_private(ran: Folder) -> None:
    assert {path.name for path in ran.inside.iterdir()} == {
        "started.json",
        "outputs.jsonl",
        "progress.json",
        "usage.jsonl",
        "stdout.log",
        "stderr.log",
        "result.ipynb",
        "exit.json",
    }
    assert {stat.S_IMODE(path.stat().st_mode) for path in ran.inside.iterdir()} == {0o600}
    assert stat.S_IMODE(ran.inside.stat().st_mode) == 0o700


def test_use_of_processor_and_memory_is_on_record_as_it_grows(tmp_path: Path) -> None:
    used = tmp_path / "grows" / "attempts" / "1" / "usage.jsonl"
    takes = f"""import pathlib
used = pathlib.Path({str(used)!r})
held = b'x' * (200 << 20)
seen = len(used.read_bytes())
while len(used.read_bytes()) == seen: pass"""
    folder = a_folder(tmp_path / "grows", [takes])
    assert run(folder).returncode == 0
    samples = [json.loads(line) for line in used.read_text().splitlines()]
    assert all(set(sample) == {"at", "cpu_s", "memory_mb"} for sample in samples)
    assert [sample["at"] for sample in samples] == sorted(sample["at"] for sample in samples)
    spent = [sample["cpu_s"] for sample in samples]
    # The first is from before there is a kernel, the last from the end.
    assert len(spent) >= 3
    assert spent == sorted(spent)
    assert spent[0] < spent[-2] <= spent[-1] == pytest.approx(folder.exit["cpu_s"], abs=0.05)
    held = [sample["memory_mb"] for sample in samples]
    assert held[0] < 200 < held[-1] <= max(held) <= folder.exit["peak_memory_mb"]


#: Two of four, as a driver of today puts it.
TWO_GPUS = "37, 10240\n0, 4\n"


def fake_smi(folder: Path, script: str) -> dict[str, str]:
    """An environment with a `nvidia-smi` that is this shell script and writes down what it was asked."""
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text(f'#!/bin/sh\necho "$*" >> {folder}/asked\n{script}\n')
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}


def test_use_of_the_jobs_own_gpus_is_on_record(tmp_path: Path) -> None:
    env = fake_smi(tmp_path / "bin", f"printf '{TWO_GPUS}'")
    used = tmp_path / "gpus" / "attempts" / "1" / "usage.jsonl"
    waits = f"import pathlib\nused = pathlib.Path({str(used)!r})\nwhile not used.exists(): pass"
    folder = a_folder(tmp_path / "gpus", [waits])
    assert run(folder, {**env, "CUDA_VISIBLE_DEVICES": "1,3"}).returncode == 0
    samples = [json.loads(line) for line in used.read_text().splitlines()]
    assert samples[0]["gpu"] == [{"busy": 0.37, "memory_mb": 10240}, {"busy": 0, "memory_mb": 4}]
    asked = (tmp_path / "bin" / "asked").read_text().splitlines()
    assert set(asked) == {"--id=1,3 --query-gpu=utilization.gpu,memory.used --format=csv,noheader,nounits"}


@pytest.mark.parametrize(
    "script",
    ["echo 'No devices were found'; exit 6", "echo 50, 100; exit 3", "kill -9 $$", "sleep 60 & echo what"],
)
def test_gpus_that_cannot_be_asked_are_not_asked_again_and_nothing_else_is_missing(tmp_path: Path, script: str) -> None:
    env = fake_smi(tmp_path / "bin", script)
    used = tmp_path / "none" / "attempts" / "1" / "usage.jsonl"
    waits = f"import pathlib\nused = pathlib.Path({str(used)!r})\nwhile not used.exists(): pass"
    folder = a_folder(tmp_path / "none", [f"{waits}\nwhile used.read_bytes().count(b'cpu_s') < 2: pass"])
    assert run(folder, {**env, "CUDA_VISIBLE_DEVICES": "0"}).returncode == 0
    assert folder.exit["outcome"] == "succeeded"
    samples = [json.loads(line) for line in used.read_text().splitlines()]
    assert len(samples) >= 3
    assert not any("gpu" in sample for sample in samples)
    assert (tmp_path / "bin" / "asked").read_text().count("\n") == 1


def test_outputs_are_those_of_the_cells(ran: Folder) -> None:
    streams = {each["name"]: each["text"] for each in ran.outputs("c0")}
    assert streams == {"stdout": f"out\n{ran.path.parent}\n", "stderr": "err\n"}
    assert ran.outputs("c1") == [
        {"output_type": "execute_result", "data": {"text/plain": ["42"]}, "metadata": {}, "execution_count": 2}
    ]
    assert ran.outputs("c2")[0]["data"]["text/html"] == ["newest"]
    assert ran.outputs("c3") == []
    assert [each["data"]["text/plain"] for each in ran.outputs("c4")] == [["'stays'"]]
    assert [each["ename"] for each in ran.outputs("c5")] == ["ZeroDivisionError"]
    assert ran.outputs("c6") == ran.outputs("c7") == ran.outputs("c10") == []
    assert ran.outputs("c8")[0]["data"]["text/html"] == ["newest"]
    assert ran.printed("c11") == "\U0001f680 ok\n1%\r2%\n"


def test_result_is_a_valid_notebook_with_counts_and_times(ran: Folder) -> None:
    nbformat.validate(nbformat.from_dict(ran.result))
    assert ran.result["metadata"]["language_info"]["name"] == "python"
    counts = [cell["execution_count"] for cell in ran.result["cells"]]
    # The seventh was left alone; the kernel counts on after it.
    assert counts[:7] == [1, 2, 3, 4, 5, 6, 9]
    assert set(ran.result["cells"][1]["metadata"]["execution"]) == {
        "iopub.status.busy",
        "iopub.execute_input",
        "shell.execute_reply",
        "iopub.status.idle",
    }


def test_rebuilt_from_the_events_it_is_the_same(ran: Folder) -> None:
    rebuilt = runner.read_back(str(ran.path))
    assert b"".join(rebuilt.notebook.encoded()) == (ran.inside / "result.ipynb").read_bytes()
    assert (rebuilt.done, rebuilt.open) == (len(CELLS), None)


def test_events_tell_the_run_in_order(ran: Folder) -> None:
    events = ran.events
    assert all({"event", "cell", "at"} <= each.keys() for each in events)
    started = [each for each in events if each["event"] == "cell_started"]
    assert [each["index"] for each in started] == list(range(len(CELLS)))
    assert [each["cell"] for each in events if each["event"] == "cell_ended"] == [each["cell"] for each in started]
    ended = {each["cell"]: each for each in events if each["event"] == "cell_ended"}
    assert {each["status"] for each in ended.values()} == {"ok", "error"}
    assert ended["c5"]["status"] == "error"
    assert ended["c1"]["duration_s"] >= 0
    assert ended["c1"]["peak_memory_mb"] > 20
    shown = [each["display_id"] for each in events if each["event"] == "output" and "display_id" in each]
    assert shown == ["d", "d"]
    assert sum(each["event"] == "update_display" for each in events) == 2
    assert [each["wait"] for each in events if each["event"] == "clear_output"] == [True]


def test_logs_hold_what_was_printed(ran: Folder) -> None:
    assert "out\n" in ran.text("stdout.log")
    assert "err\n" in ran.text("stderr.log")
    assert "past the protocol" in ran.text("stderr.log")
    assert "ZeroDivisionError" in ran.text("stderr.log")
    assert "\x1b[" not in ran.text("stderr.log")


def test_kernel_sees_its_allocation_and_no_secret(ran: Folder) -> None:
    seen = json.loads(ran.printed("c9"))
    assert seen["SLURM_JOB_ID"] == "4711"
    assert seen["GREETING"] == "hello"
    assert not [name for name in seen if name.startswith(("JUPYTERHUB_", "JUPYTER_", "SBATCH_", "PMI"))]
    everything = b"".join(path.read_bytes() for path in ran.path.rglob("*") if path.is_file())
    for secret in ("hub-secret", "lab-secret", "aws-secret"):
        assert secret.encode() not in everything


def test_second_copy_of_an_attempt_exits_at_once_and_writes_nothing(ran: Folder) -> None:
    before = {path: path.stat().st_mtime_ns for path in ran.inside.iterdir()}
    assert run(ran, env=SECRETS).returncode == runner.CLAIMED
    assert {path: path.stat().st_mtime_ns for path in ran.inside.iterdir()} == before


def test_requeued_job_is_a_new_attempt(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "again", [])
    assert run(folder, env={"SLURM_JOB_ID": "1", "SLURM_RESTART_COUNT": "2"}).returncode == 0
    assert Folder(folder.path, attempt=3).exit["attempt"] == 3


def test_no_cells_succeed_with_none_of_none(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "empty", [])
    assert run(folder).returncode == 0
    assert folder.exit["cells"] == {"done": 0, "total": 0}
    assert folder.exit["outcome"] == "succeeded"


def test_first_error_ends_the_job_and_names_the_cell(tmp_path: Path) -> None:
    old = [{"output_type": "stream", "name": "stdout", "text": "of an earlier run"}]
    folder = a_folder(
        tmp_path / "raises", ["1", "raise ValueError('no\\nsuch thing')", {"source": "3", "outputs": old}]
    )
    assert run(folder).returncode == 1
    assert folder.exit["outcome"] == "failed"
    assert folder.exit["conclusive"] is True
    assert folder.exit["reason"] == {"code": "error", "text": "Cell 2 of 3 raised ValueError: no such thing"}
    assert folder.exit["cells"] == {"done": 2, "total": 3}
    assert not folder.begun("c2")
    # An old output would look like one of this run.
    assert folder.outputs("c2") == []


def test_goes_on_after_errors_where_asked_and_still_does_not_call_it_success(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "on", ["1 / 0", "nope", "print('end')"], stop_on_error=False)
    run(folder)
    assert folder.printed("c2") == "end\n"
    assert folder.exit["outcome"] == "failed"
    assert folder.exit["reason"]["text"] == "Cell 1 of 3 raised ZeroDivisionError: division by zero (2 cells raised)"


def test_asking_for_input_fails_in_plain_words(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "asks", ["input('name? ')"])
    run(folder)
    assert folder.exit["reason"] == {
        "code": "error",
        "text": "Cell 1 of 1 asks for input, and in a job there is nobody to answer.",
    }


def test_runs_only_the_cells_it_was_asked_to_in_their_order(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "some",
        ["x = 1", "print('not me')", "print(x)"],
        cells=[{"id": "c0", "role": "before"}, {"id": "c2", "role": "selected"}],
    )
    run(folder)
    started = [(each["cell"], each["role"], each["index"]) for each in folder.events if each["event"] == "cell_started"]
    assert started == [("c0", "before", 0), ("c2", "selected", 1)]
    assert folder.printed("c2") == "1\n"
    assert folder.outputs("c1") == []


def test_another_language_behind_a_wrap(tmp_path: Path) -> None:
    folder = a_folder(
        tmp_path / "shout",
        ["hello", "die"],
        kernel=SHOUTING,
        wrap=["/bin/bash", "-c", 'export LOUDNESS=very\nexec "$@"', "kernel"],
    )
    run(folder)
    assert folder.printed("c0") == "HELLO very\n"
    assert folder.result["metadata"]["language_info"]["name"] == "shout"
    assert folder.exit["reason"]["code"] == "kernel_died"
    assert folder.exit["reason"]["text"].startswith("The kernel ended by itself (exit code 3) in cell 2 of 2.")
    assert (folder.exit["code"], folder.exit["signal"]) == (3, None)


#: A kernel whose shell's port somebody else has taken, when it is started for the first time.
CROWDED = """import json, os, pathlib, socket, sys
first = pathlib.Path(sys.argv[0]).with_name('first')
if not first.exists():
    port = json.loads(pathlib.Path(sys.argv[-1]).read_text())['shell_port']
    other = socket.socket()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    other.bind(('127.0.0.1', port))
    other.listen()
    first.write_text(str(port))
    os.set_inheritable(other.fileno(), True)
"""


@pytest.mark.parametrize(
    ("behaves", "why"),
    [
        # It finds its port taken and ends.
        ("", "The kernel ended before it was ready (exit code 1)."),
        # It does not notice, and the other does not answer in its place.
        ("    import time; time.sleep(600)\n", "The kernel is idle and does not answer."),
    ],
)
def test_kernel_whose_port_was_taken_is_started_again_with_others(tmp_path: Path, behaves: str, why: str) -> None:
    program = tmp_path / "crowded.py"
    program.write_text(f"{CROWDED}{behaves}os.execv(sys.executable, [sys.executable, *sys.argv[1:]])")
    kernel = {**SHOUTING, "spec": {**SHOUTING["spec"], "argv": [sys.executable, str(program), *ARGV[1:]]}}
    folder = a_folder(tmp_path / "crowded", ["once"], kernel=kernel)
    copy = folder.path / "runner.py"
    impatient = copy.read_text().replace("QUIET_S = 15.0", "QUIET_S = 2.0")
    assert impatient != copy.read_text()
    copy.write_text(impatient)
    assert run(folder).returncode == 0, folder.exit
    assert folder.printed("c0") == "ONCE \n"
    assert folder.outputs("c0")[1:] == []
    assert folder.text("stderr.log").count(f"{why} It is started again, with other ports.") == 1
    assert not (folder.inside / ".kernel").exists()


def test_kernel_that_never_starts_is_started_a_few_times(tmp_path: Path) -> None:
    kernel = {"name": "odd", "spec": {**PYTHON_KERNEL["spec"], "argv": [sys.executable, "-c", "exit(7)"]}}
    folder = a_folder(tmp_path / "odd", ["1"], kernel=kernel)
    assert run(folder).returncode == 1
    assert folder.exit["reason"]["text"].startswith("The kernel ended before it was ready (exit code 7).")
    assert folder.text("stderr.log").count("It is started again") == 2


def test_ports_that_are_held_are_the_kernels_and_nobody_elses() -> None:
    held = runner.hold_ports()
    addresses = {each.getsockname() for each in held.values()}
    assert len(addresses) == 5
    with zmq.Context() as context, context.socket(zmq.PUB) as kernel, socket.socket() as other:
        kernel.bind("tcp://{}:{}".format(*addresses.pop()))
        with pytest.raises(OSError, match="in use"):
            other.bind(addresses.pop())
    for each in held.values():
        each.close()


@pytest.mark.parametrize(
    ("argv", "wrap", "words"),
    [
        (["/nowhere/python", "-f", "{connection_file}"], [], "there is no program /nowhere/python on"),
        (PYTHON_KERNEL["spec"]["argv"], ["/nowhere/wrap"], "there is no program /nowhere/wrap on"),
        ([sys.executable, "-c", "import no_such_module"], [], "No module named 'no_such_module'"),
        ([sys.executable, "-c", "import os; os.kill(os.getpid(), 11)"], [], "signal 11, SIGSEGV"),
    ],
)
def test_kernel_that_cannot_start(tmp_path: Path, argv: list[str], wrap: list[str], words: str) -> None:
    kernel = {"name": "odd", "spec": {**PYTHON_KERNEL["spec"], "argv": argv}}
    folder = a_folder(tmp_path / "odd", ["1"], kernel=kernel, wrap=wrap)
    assert run(folder).returncode == 1
    assert folder.exit["reason"]["code"] == "no_kernel"
    assert words in folder.exit["reason"]["text"]
    assert folder.exit["cells"] == {"done": 0, "total": 1}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": 2}, "schema 2"),
        ({"kernel": {}}, "no command for the kernel"),
        ({"cells": [{"id": "zz"}]}, "no cell zz"),
        ({"notebook": "missing.ipynb"}, "cannot be read"),
    ],
)
def test_job_that_cannot_be_run_as_asked_is_rejected(tmp_path: Path, change: dict[str, object], words: str) -> None:
    folder = a_folder(tmp_path / "bad", ["1"], **change)
    assert run(folder).returncode == 1
    assert folder.exit["reason"]["code"] == "rejected"
    assert words in folder.exit["reason"]["text"]


def test_job_that_cannot_be_read_is_rejected(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "bad", ["1"])
    (folder.path / "job.json").write_text("{", "utf-8")
    assert run(folder).returncode == 1
    assert folder.exit["reason"]["code"] == "rejected"


def test_runs_in_the_attempts_folder_where_its_own_is_missing(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "lost", ["import os; print(os.getcwd())"], cwd="/nowhere/at/all")
    run(folder)
    assert folder.printed("c0") == f"{folder.inside}\n"
    assert "/nowhere/at/all does not exist" in folder.text("stderr.log")


#: What ipywidgets does behind `IntSlider(7)` and `with Output(): print('in')`, without needing it installed.
WIDGETS = [
    """from comm import create_comm
slider = {'_model_name': 'IntSliderModel', '_model_module': '@jupyter-widgets/controls',
          '_model_module_version': '2.0.0', 'value': 7}
create_comm(target_name='jupyter.widget', data={'state': slider, 'buffer_paths': []}); None""",
    """output = {'_model_name': 'OutputModel', '_model_module': '@jupyter-widgets/output',
          '_model_module_version': '1.0.0', 'outputs': [], 'msg_id': ''}
comm = create_comm(target_name='jupyter.widget', data={'state': output, 'buffer_paths': []})
request = get_ipython().kernel.get_parent()['header']['msg_id']
comm.send({'method': 'update', 'state': {'msg_id': request}, 'buffer_paths': []})
print('inside', flush=True)
comm.send({'method': 'update', 'state': {'msg_id': ''}, 'buffer_paths': []})
print('outside')""",
]


def test_widgets_keep_their_state_and_output_widgets_their_output(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "widgets", WIDGETS)
    assert run(folder).returncode == 0
    widgets = folder.result["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"].values()
    by_model = {each["model_name"]: each["state"] for each in widgets}
    assert by_model["IntSliderModel"]["value"] == 7
    assert by_model["OutputModel"]["outputs"][0]["text"] == "inside\n"
    assert folder.printed("c1") == "outside\n"


def test_outputs_come_while_the_cell_runs_and_close_chunks_are_joined(tmp_path: Path) -> None:
    source = "import os, time\nfor i in range(60):\n    print(i, flush=True)\n    time.sleep(0.01)"
    folder = a_folder(tmp_path / "stream", [source])
    run(folder)
    chunks = [each for each in folder.events if each["event"] == "output"]
    # 60 flushes in at least 0.6 s: neither one event each, nor all in one at the end.
    assert 3 <= len(chunks) <= 20, len(chunks)
    assert folder.printed("c0") == "".join(f"{i}\n" for i in range(60))
    assert len(folder.outputs("c0")) == 1
    assert os.path.getsize(folder.inside / "stdout.log") == len(folder.printed("c0"))


def test_kernel_starts_where_the_folder_for_temporary_files_has_a_long_name(tmp_path: Path) -> None:
    long = tmp_path / ("t" * 120)
    long.mkdir()
    folder = a_folder(tmp_path / "long", ["print('here')"])
    assert run(folder, env={"TMPDIR": str(long)}).returncode == 0
    assert folder.printed("c0") == "here\n"
