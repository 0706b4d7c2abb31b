"""Run folders for tests, made as the bridge makes them, and what a runner left in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyterlab_compute import runner

from ..waiting import wait_for

Json = dict[str, Any]
MIB = 1024 * 1024

PYTHON_KERNEL: Json = {
    "name": "python3",
    "spec": {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "env": {},
        "display_name": "Python 3",
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {},
    },
}


def a_cell(number: int, source: str | Json) -> Json:
    """A code cell with the id c<number>; a dict changes what it says."""
    cell: Json = {
        "id": f"c{number}",
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
    return cell if isinstance(source, str) else {**cell, "source": "", **source}


@dataclass(frozen=True)
class Folder:
    """One run folder."""

    path: Path
    attempt: int = 1

    @property
    def inside(self) -> Path:
        return self.path / "attempts" / str(self.attempt)

    def json(self, name: str) -> Any:
        return json.loads((self.inside / name).read_text("utf-8"))

    def text(self, name: str) -> str:
        return (self.inside / name).read_text("utf-8", "replace")

    @property
    def ended(self) -> bool:
        return (self.inside / "exit.json").exists()

    @property
    def exit(self) -> Json:
        found: Json = self.json("exit.json")
        return found

    @property
    def result(self) -> Json:
        found: Json = self.json("result.ipynb")
        return found

    @property
    def events(self) -> list[Json]:
        return list(runner.read_events(str(self.inside / "outputs.jsonl")))

    def outputs(self, cell: str) -> list[Json]:
        """The outputs of that cell in the result, texts joined."""
        found = next(each for each in self.result["cells"] if each["id"] == cell)["outputs"]
        return [{**each, "text": "".join(each["text"])} if "text" in each else each for each in found]

    def printed(self, cell: str) -> str:
        return "".join(each["text"] for each in self.outputs(cell) if each["output_type"] == "stream")

    def begun(self, cell: str) -> bool:
        return any(each["event"] == "cell_started" and each["cell"] == cell for each in self.events)


def a_folder(path: Path, sources: Sequence[str | Json], **changes: Any) -> Folder:
    """A run folder for these cells; `changes` go into job.json."""
    path.mkdir(mode=0o700, parents=True)
    cells = [a_cell(number, source) for number, source in enumerate(sources)]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (path / "input.ipynb").write_text(json.dumps(notebook), "utf-8")
    job = {
        "schema": 1,
        "id": path.name,
        "tag": f"jc-{path.name}",
        "created_at": runner.now(),
        "notebook": "input.ipynb",
        "cells": [{"id": cell["id"], "role": "selected"} for cell in cells],
        "kernel": PYTHON_KERNEL,
        "wrap": [],
        "cwd": str(path.parent),
        "environment": {},
        "limits": {"walltime_s": None, "memory_mb": None},
        "caps": {"cell_bytes": 10 * MIB, "job_bytes": 1024 * MIB},
        "stop_on_error": True,
    } | changes
    (path / "job.json").write_text(json.dumps(job), "utf-8")
    shutil.copy(runner.__file__, path / "runner.py")
    return Folder(path)


class Runner(subprocess.Popen[str]):
    """A runner under test: where the test fails, it is told to stop rather than waited for."""

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if kind is not None:
            self.terminate()
        super().__exit__(kind, *rest)


def start(folder: Folder, mode: str = "run", env: Mapping[str, str] | None = None) -> Runner:
    """Start a runner as a scheduler does: in a session of its own."""
    return Runner(
        [sys.executable, "-I", str(folder.path / "runner.py"), mode, str(folder.path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, **(env or {})},
    )


def run(folder: Folder, env: Mapping[str, str] | None = None, within_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Run to the end."""
    with start(folder, env=env) as process:
        out, err = process.communicate(timeout=within_s)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def wait_for_cell(folder: Folder, cell: str = "c0", within_s: float = 30) -> None:
    """Until that cell runs and has printed something."""

    def printed() -> bool:
        return any(each["event"] == "output" and each["cell"] == cell for each in folder.events)

    wait_for(printed, within_s, lambda: str(folder.events))


def gone(pid: int) -> bool:
    """Whether no process of that pid runs any more; one that only waits to be collected does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True
