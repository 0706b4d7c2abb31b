"""The bridge over HTTP on a real server with real kernels. Every answer is checked against the contract on its way."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from jupyterlab_compute import clock, contract

from ..jupyter import ENDED, Jupyter, cell, notebook, some, whole
from ..waiting import wait_for

JOB = "a" * 16


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    server = Jupyter(tmp_path_factory.mktemp("jupyter")).start()
    yield server
    server.stop()


# Who may ask


def routes() -> list[tuple[str, str]]:
    """Every operation of the contract."""
    return [
        (method.upper(), path.lstrip("/").replace("{id}", JOB).replace("{path}", "job.json"))
        for path, operations in contract.document()["paths"].items()
        for method in operations
        if method in {"get", "post", "put", "patch", "delete"}
    ]


@pytest.mark.parametrize(("method", "route"), [*routes(), ("GET", "nothing/here")])
def test_nobody_gets_in_without_a_login(jupyter: Jupyter, method: str, route: str) -> None:
    body = {} if method == "POST" else None
    assert jupyter.request(method, f"compute/api/{route}", body).status == 403
    wrong = {"Authorization": "token wrong"}
    assert jupyter.request(method, f"compute/api/{route}", body, wrong).status == 403


def _cookie(jupyter: Jupyter) -> str:
    """The cookies of a browser that logged in by the token."""
    headers = jupyter.request("GET", f"api/status?token={jupyter.token}").headers
    return "; ".join(value.partition(";")[0] for name, value in headers.items() if name.lower() == "set-cookie")


@pytest.mark.parametrize(("method", "route"), [r for r in routes() if r[0] != "GET"])
def test_a_foreign_page_cannot_use_the_login(jupyter: Jupyter, method: str, route: str) -> None:
    headers = {"Cookie": _cookie(jupyter), "Origin": "https://evil.example", "Content-Type": "text/plain"}
    answer = jupyter.request(method, f"compute/api/{route}", {} if method == "POST" else None, headers)
    assert answer.status in {403, 404}, answer.body
    assert "xsrf" in answer.body.decode().lower() or answer.status == 404 or "origin" in answer.body.decode().lower()


def test_the_login_cookie_alone_is_not_enough_to_send(jupyter: Jupyter) -> None:
    answer = jupyter.request("POST", "compute/api/jobs", whole("1"), {"Cookie": _cookie(jupyter)})
    assert answer.status == 403
    assert "_xsrf" in answer.body.decode()


# Handshake and profiles


def test_handshake(jupyter: Jupyter) -> None:
    assert jupyter.ask("GET", "").json["api"] == 1


def test_this_machine_is_ready_without_configuration(jupyter: Jupyter) -> None:
    profiles = jupyter.ask("GET", "profiles").json["profiles"]
    here = next(p for p in profiles if p["name"] == "this-machine")
    assert here["title"] == "This machine"
    assert here["available"]["ok"], here
    assert here["resources"]["cores"]["max"] >= 1


def test_disk_use_is_told_and_dates_are_filters(jupyter: Jupyter) -> None:
    job = jupyter.run(whole("print(1)"))
    jupyter.wait(job["id"], "succeeded")
    assert jupyter.ask("GET", "storage").json["bytes"] > 0
    assert jupyter.ask("POST", "storage/clean-up", {"days": 1}).json["jobs"] == 0
    later = quote(clock.at(clock.parse(job["created_at"]) + timedelta(seconds=1)))
    assert job["id"] in {j["id"] for j in jupyter.ask("GET", f"jobs?created_before={later}").json["jobs"]}
    assert jupyter.ask("GET", f"jobs?created_after={later}").json["jobs"] == []
    assert jupyter.ask("GET", "jobs?created_after=yesterday").status == 400


def test_this_machine_passes_its_trial(jupyter: Jupyter) -> None:
    found = jupyter.ask("POST", "profiles/trial", {"name": "this-machine"}).json
    assert found["ok"], found
    wrong = {"name": "mine", "settings": {"scheduler": {"type": "nothing-like-it"}}}
    assert not jupyter.ask("POST", "profiles/trial", wrong).json["ok"]


# Running


def test_a_notebook_runs_and_lands_beside_its_source(jupyter: Jupyter) -> None:
    folder = jupyter.notebooks / "some where"
    folder.mkdir(exist_ok=True)
    (folder / "data.txt").write_text("from the notebook's own folder")
    job = jupyter.run(whole("x = open('data.txt').read()", "print(x)", path="some where/my work.ipynb"))
    assert job["state"] == "submitting"
    assert job["native_id"] is None
    done = jupyter.wait(job["id"])
    assert done["state"] == "succeeded", done
    assert done["progress"] == {"done": 2, "total": 2, "current": None}
    assert jupyter.printed(job["id"]) == "from the notebook's own folder\n"
    landed = wait_for(lambda: jupyter.job(job["id"])["landed"], 5)
    assert re.fullmatch(r"some where/runs/my work-\d{8}-\d{6}\.ipynb", landed)
    result = json.loads((jupyter.notebooks / landed).read_text())
    assert result["cells"][1]["outputs"][0]["text"] in (
        ["from the notebook's own folder\n"],
        "from the notebook's own folder\n",
    )


def test_an_executed_copy_is_trusted_and_holds_nothing_but_what_was_run(jupyter: Jupyter) -> None:
    request = whole("from IPython.display import HTML\nHTML('<script>ran = 1</script>')", "1 / 0", "'never run'")
    for sent in request["source"]["content"]["cells"]:
        sent["outputs"] = [
            {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>foreign = 1</script>"}}
        ]
    job = jupyter.run(request)
    jupyter.wait(job["id"], "failed")
    landed = wait_for(lambda: jupyter.job(job["id"])["landed"], 5)
    auth = {"Authorization": f"token {jupyter.token}"}
    copy = jupyter.request("GET", f"api/contents/{quote(landed)}?content=1", None, auth).json["content"]
    assert all(cell["metadata"]["trusted"] for cell in copy["cells"]), copy
    assert "ran = 1" in json.dumps(copy)
    assert "foreign" not in json.dumps(copy)


def test_parameters_are_set_in_the_copy_and_for_cells(jupyter: Jupyter) -> None:
    cells = [cell("n = 1; who = 'nobody'", "p", "parameters"), cell("print(n, who)", "out")]
    values = {"n": [2, None], "who": "'); print('owned"}
    wanted = "[2, None] '); print('owned\n"
    job = jupyter.run(whole(*cells, parameters=values, lands_at="{folder}/done/{name}-{profile}-{job}.ipynb"))
    assert job["parameters"] == values
    assert jupyter.wait(job["id"])["state"] == "succeeded"
    assert jupyter.printed(job["id"]) == wanted
    landed = wait_for(lambda: jupyter.job(job["id"])["landed"], 5)
    assert landed == f"done/work-this-machine-{job['id']}.ipynb"
    some_cells = jupyter.run(some(["out"], *cells, parameters=values, before="needed", before_cell_ids=["p"]))
    assert [c["role"] for c in some_cells["source"]["cells"]] == ["before", "before", "selected"]
    assert jupyter.wait(some_cells["id"])["state"] == "succeeded"
    assert jupyter.printed(some_cells["id"]) == wanted
    again = jupyter.ask("POST", f"jobs/{job['id']}/retry", {}).json
    assert again["parameters"] == values
    assert len(again["source"]["cells"]) == len(job["source"]["cells"])
    jupyter.wait(again["id"], "succeeded")


def test_an_executed_copy_never_overwrites(jupyter: Jupyter) -> None:
    target = jupyter.notebooks / "kept.ipynb"
    target.write_text("mine")
    job = jupyter.run(whole("print(1)", lands_at="kept.ipynb"))
    jupyter.wait(job["id"], "succeeded")
    landed = wait_for(lambda: jupyter.job(job["id"])["landed"], 5)
    assert landed == "kept-2.ipynb"
    assert target.read_text() == "mine"


def test_cells_run_after_those_they_need(jupyter: Jupyter) -> None:
    cells = ["a = 1", "a = 2", "b = 40", "print(a + b)"]
    job = jupyter.run(some(["c3"], *cells, before="needed", before_cell_ids=["c1", "c2"]))
    assert [(c["id"], c["role"]) for c in job["source"]["cells"]] == [
        ("c1", "before"),
        ("c2", "before"),
        ("c3", "selected"),
    ]
    assert jupyter.wait(job["id"])["state"] == "succeeded"
    assert jupyter.printed(job["id"]) == "42\n"
    assert jupyter.job(job["id"])["landed"] is None


def test_before_setup_and_above(jupyter: Jupyter) -> None:
    cells: list[Any] = [
        cell("print('setup')", "s0", "compute-setup"),
        "print('above')",
        "print('selected')",
        "print('below')",
    ]
    setup = jupyter.run(some(["c2"], *cells, before="setup"))
    above = jupyter.run(some(["c2"], *cells, before="above"))
    for job, printed in ((setup, "setup\nselected\n"), (above, "setup\nabove\nselected\n")):
        jupyter.wait(job["id"], "succeeded")
        assert jupyter.printed(job["id"]) == printed


def test_outputs_and_progress_come_while_it_runs(jupyter: Jupyter) -> None:
    gate = jupyter.notebooks / "gate"
    wait = "import pathlib, time\nprint('first', flush=True)\n"
    wait += "while not pathlib.Path('gate').exists(): time.sleep(0.02)\nprint('second')"
    job = jupyter.run(whole("1 + 1", wait))
    wait_for(lambda: jupyter.printed(job["id"]) == "first\n", 30)
    running = jupyter.job(job["id"])
    assert running["state"] == "running"
    wait_for(lambda: jupyter.job(job["id"])["progress"] == {"done": 1, "total": 2, "current": "c1"}, 5)
    log = jupyter.ask("GET", f"jobs/{job['id']}/log?stream=stdout")
    assert log.body == b"first\n"
    assert log.headers["Content-Type"].startswith("text/plain")
    gate.touch()
    jupyter.wait(job["id"], "succeeded")
    more = jupyter.ask("GET", f"jobs/{job['id']}/log?stream=stdout&offset={log.headers['X-Next-Offset']}")
    assert more.body == b"second\n"


def test_what_a_job_uses_can_be_asked_while_it_runs_and_after(jupyter: Jupyter) -> None:
    gate = jupyter.notebooks / "usage-gate"
    takes = "import pathlib\nheld = b'x' * (100 << 20)\nwhile not pathlib.Path('usage-gate').exists(): pass"
    job = jupyter.run({**whole(takes), "resources": {"cores": 2, "memory_mb": 2048}})
    route = f"jobs/{job['id']}/usage"
    jupyter.wait(job["id"], "running")
    first = wait_for(lambda: jupyter.ask("GET", route).json["samples"], 30)[0]
    more = wait_for(lambda: jupyter.ask("GET", route).json["samples"][1:], 30)
    assert more[0]["at"] > first["at"]
    assert more[0]["cpu_s"] > first["cpu_s"]
    running = jupyter.ask("GET", route).json
    assert (running["attempt"], running["ended"]) == (1, False)
    assert running["asked"] == {"cores": 2, "memory_mb": 2048}
    gate.touch()
    done = jupyter.wait(job["id"], "succeeded")
    used = jupyter.ask("GET", route).json
    assert used["ended"]
    assert used["samples"][-1]["cpu_s"] == pytest.approx(done["usage"]["cpu_s"], abs=0.1)
    assert 100 < max(each["memory_mb"] for each in used["samples"]) <= done["usage"]["peak_memory_mb"]
    assert jupyter.ask("GET", "jobs/aaaabbbbccccdddd/usage").status == 404


def test_a_failing_cell_fails_the_job_with_its_name(jupyter: Jupyter) -> None:
    job = jupyter.run(whole("x = 1", "1 / 0", "print('never')"))
    done = jupyter.wait(job["id"])
    assert done["state"] == "failed"
    assert done["reason"]["code"] == "error"
    assert "ZeroDivisionError" in done["reason"]["text"]
    assert "2" in done["reason"]["text"]
    assert "never" not in jupyter.printed(job["id"])


@pytest.mark.parametrize(
    ("source", "code", "words"),
    [
        ("import os; os.kill(os.getpid(), 9)", "kernel_died", "cell 1"),
        ("input('?')", "error", "input"),
    ],
)
def test_odd_ends_are_told_in_words(jupyter: Jupyter, source: str, code: str, words: str) -> None:
    done = jupyter.wait(jupyter.run(whole(source))["id"])
    assert (done["state"], done["reason"]["code"]) == ("failed", code)
    assert words in done["reason"]["text"]


def test_limits_are_enforced(jupyter: Jupyter) -> None:
    long = jupyter.run(whole("import time; time.sleep(60)", resources={"walltime_s": 2}))
    fat = jupyter.run(whole("x = bytearray(900 << 20)\nimport time; time.sleep(60)", resources={"memory_mb": 400}))
    assert jupyter.wait(long["id"])["reason"]["code"] == "timeout"
    done = jupyter.wait(fat["id"])
    assert done["reason"]["code"] == "out_of_memory"
    assert "400 MiB" in done["reason"]["text"]


def test_one_gigabyte_is_cut_with_a_note(jupyter: Jupyter) -> None:
    job = jupyter.run(
        whole("line = 'x' * 1023 + '\\n'\nfor _ in range(1024): print(line * 1024, end='')", "print('still here')")
    )
    done = jupyter.wait(job["id"], within_s=120)
    assert done["state"] == "succeeded", done["reason"]
    stored = sum(len(json.dumps(e)) for e in jupyter.outputs(job["id"]))
    assert stored < 13_000_000
    notes = [e["output"]["text"] for e in jupyter.outputs(job["id"]) if e.get("output", {}).get("name") == "stderr"]
    assert notes, "nothing says that it was cut"
    assert jupyter.printed(job["id"]).endswith("still here\n")


def test_run_again_is_exactly_the_same(jupyter: Jupyter) -> None:
    first = jupyter.run(some(["c1"], "a = 5", "print(a)", before="above", resources={"cores": 1}))
    jupyter.wait(first["id"], "succeeded")
    answer = jupyter.ask("POST", f"jobs/{first['id']}/retry")
    assert answer.status == 201
    again = answer.json
    assert again["retry_of"] == first["id"]
    assert again["source"] == first["source"]
    jupyter.wait(again["id"], "succeeded")
    assert jupyter.printed(again["id"]) == "5\n"


# Acting


def test_cancel_a_running_job_keeps_what_came(jupyter: Jupyter) -> None:
    job = jupyter.run(whole("print('so far', flush=True)\nimport time; time.sleep(600)"))
    wait_for(lambda: jupyter.printed(job["id"]), 30)
    assert jupyter.ask("DELETE", f"jobs/{job['id']}").status == 409
    answer = jupyter.ask("POST", f"jobs/{job['id']}/cancel")
    assert answer.status == 202
    assert answer.json["cancel_requested_at"]
    done = jupyter.wait(job["id"])
    assert (done["state"], done["reason"]["code"]) == ("cancelled", "cancelled_by_user")
    assert jupyter.printed(job["id"]) == "so far\n"
    again = jupyter.ask("POST", f"jobs/{job['id']}/cancel")
    assert (again.status, again.json["code"]) == (409, "wrong_state")


def test_hold_release_and_cancel_while_the_cores_are_taken(jupyter: Jupyter) -> None:
    most = next(p for p in jupyter.ask("GET", "profiles").json["profiles"] if p["name"] == "this-machine")
    cores = most["resources"]["cores"]["max"]
    first = jupyter.run(whole("import time; time.sleep(600)", resources={"cores": cores}))
    jupyter.wait(first["id"], "running")
    held, unwanted, last = (jupyter.run(whole("print(1)")) for _ in range(3))
    for job in (held, unwanted, last):
        waiting = jupyter.wait(job["id"], "queued")
        assert waiting["reason"]["code"] == "resources"
    assert jupyter.ask("POST", f"jobs/{held['id']}/hold").json["state"] == "held"
    cancelled = jupyter.ask("POST", f"jobs/{unwanted['id']}/cancel").json
    assert (cancelled["state"], cancelled["native_id"]) == ("cancelled", None)
    jupyter.ask("POST", f"jobs/{first['id']}/cancel")
    jupyter.wait(first["id"], "cancelled")
    jupyter.wait(last["id"], "succeeded")
    assert jupyter.job(held["id"])["state"] == "held"
    assert jupyter.ask("POST", f"jobs/{held['id']}/release").status == 202
    jupyter.wait(held["id"], "succeeded")


def test_delete_forgets_the_job_and_its_files(jupyter: Jupyter) -> None:
    gone, kept = (jupyter.run(whole("1")) for _ in range(2))
    for job, files in ((gone, "delete"), (kept, "keep")):
        jupyter.wait(job["id"], "succeeded")
        assert jupyter.ask("DELETE", f"jobs/{job['id']}?files={files}").status == 204
        assert jupyter.ask("GET", f"jobs/{job['id']}").status == 404
    assert not Path(gone["run_folder"]).exists()
    assert Path(kept["run_folder"]).exists()
    assert jupyter.ask("DELETE", f"jobs/{gone['id']}").json["code"] == "no_such_job"


def test_only_one_page_commits(jupyter: Jupyter) -> None:
    job = jupyter.run(some(["c0"], "1"))
    jupyter.wait(job["id"], "succeeded")
    route = f"jobs/{job['id']}/applied"
    first, second = {"page": "page-number-one"}, {"page": "page-number-two"}
    assert jupyter.ask("POST", route, first).status == 200
    assert jupyter.ask("POST", route, second).json["code"] == "already_applied"
    assert jupyter.ask("POST", route, first | {"done": True}).json["applied"]["done"]
    assert jupyter.ask("POST", route, second).status == 409
    assert jupyter.ask("POST", route, first).status == 409


# Once


def test_the_same_key_never_starts_a_second_job(jupyter: Jupyter) -> None:
    request = whole("open('count', 'a').write('x')")
    first = jupyter.ask("POST", "jobs", request)
    again = jupyter.ask("POST", "jobs", request)
    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    other = jupyter.ask("POST", "jobs", request | {"name": "another wish"})
    assert (other.status, other.json["code"]) == (409, "key_reused")
    jupyter.wait(first.json["id"], "succeeded")
    assert (jupyter.notebooks / "count").read_text() == "x"


def test_the_same_key_at_the_same_time(jupyter: Jupyter) -> None:
    request = whole("1")
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(jupyter.ask("POST", "jobs", request).status)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 7 + [201]


# Lists


def _is_settled(job: dict[str, Any]) -> bool:
    """Nothing is left to come: it has ended, and its executed copy is in its place."""
    landed = job["lands_at"] is None or job["landed"] or job["land_problem"]
    return bool(job["state"] in ENDED and landed)


def test_since_gives_only_what_changed(jupyter: Jupyter) -> None:
    wait_for(lambda: all(map(_is_settled, jupyter.ask("GET", "jobs?limit=1000").json["jobs"])), 60)
    before = jupyter.ask("GET", "jobs").json["revision"]
    job = jupyter.run(whole("1"))
    jupyter.wait(job["id"], "succeeded")
    changed = wait_for(lambda: jupyter.ask("GET", f"jobs?since={before}").json, 5)
    assert {j["id"] for j in changed["jobs"]} == {job["id"]}
    wait_for(lambda: jupyter.job(job["id"])["landed"], 5)
    now = jupyter.ask("GET", "jobs").json["revision"]
    assert jupyter.ask("GET", f"jobs?since={now}").json["jobs"] == []
    jupyter.ask("DELETE", f"jobs/{job['id']}")
    gone = jupyter.ask("GET", f"jobs?since={now}").json["jobs"]
    assert [(j["id"], j.get("deleted")) for j in gone] == [(job["id"], True)]
    assert jupyter.ask("GET", "jobs?since=1").json["reset"] is True


def test_pages_join_up(jupyter: Jupyter) -> None:
    for _ in range(3):
        jupyter.wait(jupyter.run(whole("1", path="pages.ipynb"))["id"])
    ids, cursor = [], ""
    while cursor is not None:
        page = jupyter.ask("GET", f"jobs?path=pages.ipynb&limit=2{cursor and '&cursor='}{cursor}").json
        ids += [job["id"] for job in page["jobs"]]
        cursor = page["next_cursor"]
    assert len(ids) == len(set(ids)) == 3


def test_other_requests_are_not_stalled_while_jobs_are_sent(jupyter: Jupyter) -> None:
    waits: list[float] = []
    done = threading.Event()

    def ask_for_status() -> None:
        while not done.is_set():
            begun = time.monotonic()
            jupyter.request("GET", "api/status", headers={"Authorization": f"token {jupyter.token}"})
            waits.append(time.monotonic() - begun)

    asking = threading.Thread(target=ask_for_status)
    asking.start()
    jobs = [jupyter.run(whole("1")) for _ in range(10)]
    for job in jobs:
        jupyter.ask("POST", f"jobs/{job['id']}/cancel")
    done.set()
    asking.join()
    # A bound for a loaded machine with a margin; the bench measures the budget itself.
    assert sorted(waits)[len(waits) // 2] < 0.1


# Bad input

HOSTILE = [
    "--export=ALL",
    "$(touch /tmp/pwned)",
    "; rm -rf x",
    "a\nb",
    "\x00",
    "x" * 1_000_000,
    "../../etc",
    "<script>",
    "\ud800",
]
ACCEPTED: list[str] = []
FIELDS = ["profile", "name", "queue", "account", "kernel", "key", "lands_at", "before"]


@pytest.mark.parametrize("field", [*FIELDS, "path", "cell_id", "native", "resource"])
@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: ascii(v)[:16])
def test_hostile_text_in_every_field(jupyter: Jupyter, field: str, value: str) -> None:
    request = some(["c0"], "1")
    if field == "path":
        request["source"]["path"] = value
    elif field == "cell_id":
        request["source"]["cell_ids"] = [value]
    elif field == "native":
        request["native"] = {value: value}
    elif field == "resource":
        request["resources"] = {"cores": value}
    else:
        request[field] = value
    answer = jupyter.ask("POST", "jobs", request)
    if answer.status == 201:
        # Names, paths and landing places may hold nearly anything, as data.
        assert field in {"name", "path", "lands_at"}, answer.json
        ACCEPTED.append(answer.json["id"])
    else:
        assert answer.status in {400, 413, 422}, answer.json
        assert len(answer.body) < 2000
        assert answer.json["message"]


def test_what_was_accepted_ran_and_touched_nothing(jupyter: Jupyter) -> None:
    assert ACCEPTED
    for job_id in ACCEPTED:
        assert jupyter.wait(job_id)["state"] == "succeeded"
    assert not Path("/tmp/pwned").exists()


@pytest.mark.parametrize("path", ["../x.ipynb", "/../x.ipynb", "a/../../x.ipynb", "..", "RTC:x.ipynb", "//etc/x.ipynb"])
def test_no_path_leads_out(jupyter: Jupyter, path: str) -> None:
    request = whole("1", path=path)
    assert jupyter.ask("POST", "jobs", request).json["pointer"] == "/source/path"
    assert jupyter.ask("POST", "jobs", whole("1", lands_at=path)).json["pointer"] == "/lands_at"


def test_unknown_profile_says_which_there_are(jupyter: Jupyter) -> None:
    answer = jupyter.ask("POST", "jobs", whole("1", profile="nowhere"))
    assert (answer.status, answer.json["pointer"]) == (422, "/profile")
    assert "this-machine" in answer.json["hint"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"cells": "none"}, "type array"),
        ({"cells": [{"cell_type": "nonsense"}]}, "not valid"),
        ({"worksheets": []}, "lacks cells"),
        ({"cells": [], "nbformat": "4"}, "type integer"),
        ({"cells": [], "nbformat": 99}, "format that is not known"),
        ({"cells": [{"cell_type": "code", "source": 7}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}, ""),
        (notebook(), "no code cells"),
        (notebook(cell("# only words", "m0", kind="markdown")), "no code cells"),
        (notebook("1", kernel=None), "which kernel"),
        (notebook("1", kernel="nonesuch"), "no kernel “nonesuch”"),
    ],
)
def test_notebooks_that_cannot_run(jupyter: Jupyter, content: dict[str, Any], words: str) -> None:
    request = whole("1")
    request["source"]["content"] = content
    answer = jupyter.ask("POST", "jobs", request)
    assert answer.status == 422, answer.json
    assert words in answer.json["message"]


def test_a_saved_file_that_is_no_notebook(jupyter: Jupyter) -> None:
    (jupyter.notebooks / "broken.ipynb").write_text("this is not JSON")
    request = whole("1", path="broken.ipynb")
    del request["source"]["content"]
    answer = jupyter.ask("POST", "jobs", request)
    assert (answer.status, answer.json["pointer"]) == (422, "/source/path")
    request["source"]["path"] = "nowhere.ipynb"
    request["key"] = secrets.token_hex(8)
    assert jupyter.ask("POST", "jobs", request).status == 422


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"[" * 100_000])
def test_bodies_that_are_no_request(jupyter: Jupyter, body: bytes) -> None:
    answer = jupyter.ask("POST", "jobs", body)
    assert answer.status in {400, 422}, answer.body


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=x", "limit=99999", "sort=nonsense", "cursor=x", "since=-1", "state=%27", "nonsense=1"]
)
def test_queries_that_are_none(jupyter: Jupyter, query: str) -> None:
    assert jupyter.ask("GET", f"jobs?{query}").status == 400


def test_files_of_a_job_and_nothing_else(jupyter: Jupyter) -> None:
    job = jupyter.run(whole("import os; os.symlink('/etc/passwd', os.environ.get('LINK', 'link'))"))
    jupyter.wait(job["id"])
    names = [file["path"] for file in jupyter.ask("GET", f"jobs/{job['id']}/files").json["files"]]
    assert {"job.json", "job.sh", "input.ipynb", "attempts/1/outputs.jsonl"} <= set(names)
    answer = jupyter.ask("GET", f"jobs/{job['id']}/files/job.sh")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    Path(job["run_folder"], "link").symlink_to("/etc/passwd")
    Path(job["run_folder"], "up").symlink_to("/etc")
    for path in ("link", "up/passwd", "../../../secret", "%2e%2e/x", "attempts", "nowhere", "..%2f..%2fx"):
        assert jupyter.ask("GET", f"jobs/{job['id']}/files/{path}").status == 404, path


def test_jobs_do_not_see_the_servers_secrets(jupyter: Jupyter) -> None:
    job = jupyter.run(
        whole(
            "import os, subprocess\nprint(dict(os.environ))\n"
            "print(subprocess.run(['env'], capture_output=True, text=True).stdout)"
        )
    )
    jupyter.wait(job["id"], "succeeded")
    printed = jupyter.printed(job["id"])
    assert "PATH" in printed
    assert "a-secret-of-the-hub" not in printed
    assert jupyter.token not in printed
    for path in Path(job["run_folder"]).rglob("*"):
        if path.is_file():
            assert jupyter.token.encode() not in path.read_bytes(), path
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_log_is_never_a_page(jupyter: Jupyter) -> None:
    job = jupyter.run(whole("print('<script>alert(1)</script>')"))
    jupyter.wait(job["id"], "succeeded")
    for route in (f"jobs/{job['id']}/log", f"jobs/{job['id']}/files/attempts/1/stdout.log"):
        answer = jupyter.ask("GET", route)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "html" not in answer.headers["Content-Type"]


def test_a_preview_starts_nothing(jupyter: Jupyter) -> None:
    # Not the revision: an earlier job's copy may land in this very moment.
    before = [job["id"] for job in jupyter.ask("GET", "jobs").json["jobs"]]
    preview = jupyter.ask("POST", "preview", whole("1")).json
    assert preview["script"].startswith("#!/bin/bash")
    assert preview["lands_at"].startswith("runs/work-")
    assert [job["id"] for job in jupyter.ask("GET", "jobs").json["jobs"]] == before
