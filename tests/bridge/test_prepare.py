"""From a request to a record and a run folder: refusals with pointers, and hostile text that stays text."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import notebooks, prepare, run_folders
from jupyterlab_compute.errors import Invalid
from jupyterlab_compute.prepare import Prepared
from jupyterlab_compute.profiles import Environment, Profile
from jupyterlab_compute.run_folders import Ground

from ..builders import a_cells_request, a_notebook, a_profile, a_request
from ..fakes import FakeDriver

_KERNEL = ("python3", {"argv": ["python3"], "display_name": "Python 3"})


def _prepare(
    tmp_path: Path, request: dict[str, Any], profile: Profile | None = None, *, slots: int | None = None, **ground: Any
) -> Prepared:
    root = tmp_path / "notebooks"
    root.mkdir(exist_ok=True)
    content = notebooks.normal(request["source"].get("content", a_notebook()), "/source/content")
    where = Ground(**{"root": root, "run_root": tmp_path / "runs", "python": "/usr/bin/python3", **ground})
    return prepare.prepare(request, content, profile or a_profile(), FakeDriver(slots=slots), _KERNEL, where)


def _at(path: str, **more: Any) -> dict[str, Any]:
    request = a_request(**more)
    request["source"]["path"] = path
    return request


def test_ids_and_sums_say_which_wish_it_is() -> None:
    assert prepare.job_id("key-00000001") == prepare.job_id("key-00000001") != prepare.job_id("key-00000002")
    request = a_request()
    assert prepare.body_sha256(request) == prepare.body_sha256(dict(reversed(request.items())))
    assert prepare.body_sha256(request) != prepare.body_sha256({**request, "name": "x"})


def test_what_is_told_to_the_runner(tmp_path: Path) -> None:
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    request = a_cells_request("b", before="above", resources={"memory_mb": 100, "walltime_s": 60})
    request["source"]["path"] = "deep/work.ipynb"
    profile = a_profile(environment=Environment(variables={"OMP_NUM_THREADS": "1"}))
    made = _prepare(tmp_path, request, profile, slots=1)
    spec = json.loads(made.files["job.json"])
    assert spec["cells"] == [{"id": "a", "role": "before"}, {"id": "b", "role": "selected"}]
    assert spec["cwd"] == str(tmp_path / "notebooks" / "deep")
    assert spec["limits"] == {"walltime_s": 60, "memory_mb": 100}
    assert spec["environment"] == {"OMP_NUM_THREADS": "1"}
    assert spec["kernel"] == {"name": "python3", "spec": _KERNEL[1]}
    assert (spec["id"], spec["tag"]) == (made.record.id, made.record.tag)
    assert _limits(_prepare(tmp_path, request, profile)) == {"walltime_s": None, "memory_mb": None}
    # With the notebook beside it the request is enough to run the same again.
    again = json.loads(made.files["request.json"])
    again["source"]["content"] = request["source"]["content"]
    assert again == request


def _limits(made: Prepared) -> Any:
    return json.loads(made.files["job.json"])["limits"]


def test_a_notebook_in_a_folder_that_is_not_there_runs_at_the_root(tmp_path: Path) -> None:
    assert json.loads(_prepare(tmp_path, _at("gone/work.ipynb")).files["job.json"])["cwd"] == str(
        tmp_path / "notebooks"
    )
    assert json.loads(_prepare(tmp_path, a_request(), root=None).files["job.json"])["cwd"] == str(Path.home())


@pytest.mark.parametrize(
    ("path", "name", "lands_at"),
    [
        ("work.ipynb", "work.ipynb", "runs/work-"),
        ("/work.ipynb", "work.ipynb", "runs/work-"),
        ("a/./b/work.ipynb", "work.ipynb", "a/b/runs/work-"),
        ("ночь/½.ipynb", "½.ipynb", "ночь/runs/½-"),
    ],
)
def test_where_the_copy_lands(tmp_path: Path, path: str, name: str, lands_at: str) -> None:
    record = _prepare(tmp_path, _at(path)).record
    assert record.name == name
    assert record.lands_at is not None
    assert record.lands_at.startswith(lands_at)
    assert record.lands_at.endswith(".ipynb")


def test_the_copys_name_fits_on_a_disk(tmp_path: Path) -> None:
    record = _prepare(tmp_path, _at("ж" * 120 + ".ipynb")).record
    assert record.lands_at is not None
    assert len(Path(record.lands_at).name.encode()) < 200
    assert len(record.name) <= 200


def test_cells_land_in_no_copy_and_say_how_many_they_are(tmp_path: Path) -> None:
    record = _prepare(tmp_path, a_cells_request("a")).record
    assert (record.lands_at, record.name) == (None, "work, 1 cell")
    assert _prepare(tmp_path, a_cells_request("a", "b")).record.name == "work, 2 cells"


_REFUSED: list[tuple[dict[str, Any], str]] = [
    (a_request(after=["aaaabbbbccccdddd"]), "/after"),
    (_at("../work.ipynb"), "/source/path"),
    (_at("a/../../work.ipynb"), "/source/path"),
    (_at("//etc/passwd"), "/source/path"),
    (_at("."), "/source/path"),
    (_at("/"), "/source/path"),
    (_at("a\\..\\work.ipynb"), "/source/path"),
    (_at("RTC:work.ipynb"), "/source/path"),
    (_at("s3://bucket/work.ipynb"), "/source/path"),
    (a_request(lands_at="../out.ipynb"), "/lands_at"),
    (a_request(lands_at="{nonsense}/out.ipynb"), "/lands_at"),
    (a_request(lands_at="{name}/../../{name}.ipynb"), "/lands_at"),
    (a_request(lands_at="out.py"), "/lands_at"),
    (a_request(lands_at="s3:out.ipynb"), "/lands_at"),
    (a_request(resources={"cores": 9}), "/resources/cores"),
    (a_request(resources={"walltime_s": 3601}), "/resources/walltime_s"),
    (a_request(resources={"gpus": 1}), "/resources/gpus"),
    (a_request(resources={"nodes": 2}), "/resources/nodes"),
    (a_request(resources={"gpu_type": "a100"}), "/resources/gpu_type"),
    (a_request(native={"wrap": "id"}), "/native/wrap"),
    (a_request(native={"a/b": "id"}), "/native/a~1b"),
    (a_request(native={"x" * 1_000_000: "id"}), "/native/" + "x" * 492),
    (a_request(native={"nice": "1; id"}), "/native/nice"),
    (a_request(native={"any": "a\nb"}), "/native/any"),
    (a_request(native={"any": "b\n"}), "/native/any"),
    (a_request(native={"any": "\x1b[2J"}), "/native/any"),
    (a_request(queue="other"), "/queue"),
]


@pytest.mark.parametrize(("request_", "pointer"), _REFUSED)
def test_refused_with_a_pointer_and_a_short_sentence(tmp_path: Path, request_: dict[str, Any], pointer: str) -> None:
    profile = a_profile(queue="debug", native={"nice": "[0-9]+", "any": "[^x]*"})
    with pytest.raises(Invalid) as caught:
        _prepare(tmp_path, request_, profile)
    assert caught.value.details["pointer"] == pointer
    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()


@pytest.mark.parametrize("run_root", ["relative/runs", "$NOT_SET_ANYWHERE/runs", "${", "~nobody-of-that-name/runs"])
def test_a_run_root_that_leads_nowhere_is_the_profiles_fault(tmp_path: Path, run_root: str) -> None:
    with pytest.raises(Invalid) as caught:
        _prepare(tmp_path, a_request(), a_profile(run_root=run_root))
    assert caught.value.details["pointer"] == "/profile"


def test_a_run_root_may_name_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRATCH", str(tmp_path / "scratch"))
    record = _prepare(tmp_path, a_request(), a_profile(run_root="$SCRATCH/runs")).record
    assert record.run_folder == str(tmp_path / "scratch" / "runs" / record.id)


@pytest.mark.parametrize(
    ("asked", "resources", "got"),
    [
        ({}, {}, {"cores": 1}),
        ({"cores": 1, "nodes": 1, "tasks": 1, "gpus": 0}, {}, {"cores": 1}),
        ({}, {"cores": {"default": 4}, "memory_mb": {"default": 100}}, {"cores": 4, "memory_mb": 100}),
        ({"cores": 2}, {"cores": {"default": 4, "min": 2}}, {"cores": 2}),
        ({}, {"memory_mb": {"max": 100}}, {"cores": 1}),
    ],
)
def test_what_is_not_asked_for_is_the_profiles_usual(
    tmp_path: Path, asked: dict[str, int], resources: dict[str, Any], got: dict[str, int]
) -> None:
    assert _prepare(tmp_path, a_request(resources=asked), a_profile(resources=resources)).record.resources == got


_HOSTILE = [
    "--wrap=touch /tmp/pwned",
    "-rf",
    "$(touch pwned)",
    "`touch pwned`",
    "a; touch pwned",
    "a' ; touch pwned; '",
    'a" ; touch pwned; "',
    "a\n#SBATCH --uid=root\ntouch pwned",
    "a\r\ntouch pwned",
    "%s%n${IFS}",
    "\u202egnp.exe",
    "x" * 150,
]


@pytest.mark.parametrize("text", _HOSTILE)
def test_hostile_text_is_never_shell_nor_a_directive(tmp_path: Path, text: str) -> None:
    """Folders and Pythons may have any name: the script still is three lines of which one runs one command."""
    home = tmp_path / text.replace("/", "∕")
    home.mkdir()
    said = home / "python"
    said.write_text('#!/bin/bash\nprintf "%s\\0" "$@" > "$(dirname "$0")/said"\n')
    said.chmod(0o700)
    made = _prepare(home, a_request(name=text[:200]), python=str(said))
    run_folders.write(Path(made.record.run_folder), made.files)
    folder = Path(made.record.run_folder)
    script = folder / "job.sh"
    subprocess.run([str(script)], check=True, cwd=home, env={"PATH": os.environ["PATH"]})
    assert (home / "said").read_bytes().decode().split("\0") == [
        "-I",
        str(folder / "runner.py"),
        "run",
        str(folder),
        "",
    ]
    assert not (home / "pwned").exists()
    assert shlex.split(script.read_text(), comments=True)[:3] == ["umask", "077", "exec"]


@pytest.mark.parametrize("text", _HOSTILE)
def test_a_public_name_is_plain(tmp_path: Path, text: str) -> None:
    public = _prepare(tmp_path, a_request(name=text), a_profile(show_names=True)).record.display_name
    assert len(public) <= 60
    assert public == "" or public[0].isalnum()
    assert all(c.isascii() and (c.isalnum() or c in "._-") for c in public)
    assert _prepare(tmp_path, a_request(name=text)).record.display_name == ""


def test_setup_lines_wrap_the_kernel_and_modules_are_words(tmp_path: Path) -> None:
    profile = a_profile(environment=Environment(modules=("gcc/12; touch pwned",), setup=("export A='1 2'",)))
    module = "module() { printf '%s|' \"$@\"; }"
    profile = replace(profile, environment=replace(profile.environment, setup=(*profile.environment.setup, "echo $A")))
    wrap = json.loads(_prepare(tmp_path, a_request(), profile).files["job.json"])["wrap"]
    assert wrap[:2] == ["/bin/bash", "-lc"]
    wrap[2] = f"{module}\n{wrap[2]}"
    done = subprocess.run(
        [*wrap, sys.executable, "-c", "print('kernel')"], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stdout == "load|gcc/12; touch pwned|1 2\nkernel\n"
    assert _wrap_of(_prepare(tmp_path, a_request())) == []


def _wrap_of(made: Prepared) -> Any:
    return json.loads(made.files["job.json"])["wrap"]


def test_what_a_driver_is_told(tmp_path: Path) -> None:
    made = _prepare(tmp_path, a_request())
    submission = prepare.submission(made.record)
    assert submission.script == str(Path(made.record.run_folder) / "job.sh")
    assert submission.resources.cores == 1
