"""Ten thousand bad requests to a real server: none is a bug of its, and nothing is lost.

`COMPUTE_FUZZ_SEED=<n>` sends others; the seed is printed with what was found.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import secrets
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from jupyterlab_compute import contract
from jupyterlab_compute.errors import Invalid

from ..jupyter import Jupyter, some, whole
from ..waiting import wait_for
from .hostile import A_JOB, A_SCHEDULE, CANARY, NEW_KEY, NOTEBOOK, WIDE, Request, one_by_one, operations
from .hostile import requests as anything

SEED = int(os.environ.get("COMPUTE_FUZZ_SEED", "4"))
AT_LEAST = 10_000
AT_RANDOM = 400
#: What a person can read of an error.
_MOST_WORDS = 1500
#: Kinds of characters that turn, hide or control what stands around them.
_UNREADABLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
#: What the login cookie alone is enough for.
_READING = {"GET", "HEAD", "OPTIONS"}


@dataclass
class Sender:
    """Sends requests one after another, and keeps what the server promised and where it broke its word."""

    jupyter: Jupyter
    #: Jobs and schedules that requests may act upon.
    jobs: list[str]
    schedules: list[str]
    cookie: str = ""
    sent: int = 0
    #: How often each status was the answer of each route.
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: Ids that a 201 named, and those that were deleted.
    made: list[str] = field(default_factory=list)
    forgotten: set[str] = field(default_factory=set)
    #: The first request of each kind of finding, and how many there were.
    findings: dict[str, tuple[Request, str]] = field(default_factory=dict)
    found: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._wire = http.client.HTTPConnection("127.0.0.1", self.jupyter.port, timeout=60)
        self._schemas = {(m, _pattern(p)): op for m, p, op in operations()}

    def close(self) -> None:
        """Hang up."""
        self._wire.close()

    def send(self, request: Request) -> None:
        """Send it and judge the answer."""
        self.sent += 1
        job = self.jobs[-1 - request.which % len(self.jobs)]
        schedule = self.schedules[-1 - request.which % len(self.schedules)]
        filled = request.path.replace("{id}", schedule if request.path.startswith("/schedules") else job)
        path = filled.replace(A_JOB, job).replace(A_SCHEDULE, schedule)
        body = request.body
        if body is not None:
            body = body.replace(NEW_KEY.encode(), secrets.token_hex(8).encode()).replace(A_JOB.encode(), job.encode())
        headers = {"Content-Type": "application/json", **request.headers, **self._login(request)}
        url = f"/compute/api{path}" + (f"?{request.query}" if request.query else "")
        try:
            self._wire.request(request.method, url, body, headers)
            answer = self._wire.getresponse()
            told = answer.read()
        except (http.client.HTTPException, OSError) as error:
            self._wire.close()
            self._finding(request, f"no answer: {type(error).__name__}", repr(error))
            return
        self._judge(request, path, answer, told)

    def _login(self, request: Request) -> dict[str, str]:
        if request.login == "token":
            return {"Authorization": f"token {self.jupyter.token}"}
        return {"Cookie": self.cookie} if request.login == "cookie" else {}

    def _judge(self, request: Request, path: str, answer: http.client.HTTPResponse, told: bytes) -> None:
        status = answer.status
        route = next((p for m, p in self._schemas if m == request.method and re.fullmatch(p, path)), "elsewhere")
        self.answers[f"{request.method} {route}", status] += 1
        if status >= 500:
            self._finding(request, f"{status} of {request.method} {route}", told[:300].decode(errors="replace"))
        elif status >= 400:
            if request.method != "HEAD":
                self._judge_error(request, told)
        elif request.login == "nothing" or (request.login == "cookie" and request.method not in _READING):
            self._finding(request, f"{status} for a stranger", route)
        elif request.method != "OPTIONS":
            self._judge_answer(request, path, self._schemas.get((request.method, route)), status, answer, told)

    def _judge_error(self, request: Request, told: bytes) -> None:
        try:
            error = _strictly(told)
            contract.check("Error", error)
        except (ValueError, Invalid) as problem:
            self._finding(request, "an error that is none of the contract's", f"{problem}: {told[:200]!r}")
            return
        words = error["message"] + error["hint"]
        if (
            not error["message"]
            or "%r" in words
            or any(unicodedata.category(c) in _UNREADABLE for c in words.replace("\n", "").replace("\t", ""))
            or len(words) > _MOST_WORDS
        ):
            self._finding(request, "an error that nobody can read", repr(words[:300]))

    def _judge_answer(
        self, request: Request, path: str, operation: Any, status: int, answer: http.client.HTTPResponse, told: bytes
    ) -> None:
        if operation is None or str(status) not in operation["responses"]:
            self._finding(request, f"{status} is not in the contract", path)
            return
        content = operation["responses"][str(status)].get("content", {})
        parsed: Any = None
        if "application/json" in content:
            try:
                parsed = _strictly(told)
                contract.check(content["application/json"]["schema"]["$ref"].rpartition("/")[2], parsed)
            except (ValueError, Invalid) as problem:
                self._finding(request, "an answer that is none of the contract's", f"{problem}: {told[:200]!r}")
        self._remember(request, path, status, parsed)

    def _remember(self, request: Request, path: str, status: int, parsed: Any) -> None:
        if status == 201:
            if parsed["id"] in self.made:
                self._finding(request, "made twice", parsed["id"])
            self.made.append(parsed["id"])
            (self.jobs if "revision" in parsed else self.schedules).append(parsed["id"])
        elif status == 204:
            self._gone(path.rpartition("/")[2])
        elif path == "/jobs/bulk" and request.body and b"forget" in request.body:
            for job in parsed["done"]:
                self._gone(job)

    def _gone(self, each: str) -> None:
        self.forgotten.add(each)
        for known in (self.jobs, self.schedules):
            # The last one stays: a request to what is gone is a request too.
            if each in known and len(known) > 1:
                known.remove(each)

    def _finding(self, request: Request, what: str, details: str) -> None:
        self.found[what] += 1
        self.findings.setdefault(what, (request, details))

    def report(self) -> str:
        """All findings, one example each."""
        lines = [f"COMPUTE_FUZZ_SEED={SEED}, {self.sent} requests"]
        for what, times in self.found.most_common():
            request, details = self.findings[what]
            lines.append(f"{times} × {what}\n    {str(request)[:1500]}\n    {details}")
        return "\n".join(lines)


def _strictly(told: bytes) -> Any:
    """JSON as a browser reads it: without NaN and Infinity, and in UTF-8."""

    def refuse(word: str) -> None:
        raise ValueError(f"{word} is no JSON")

    return json.loads(told.decode(), parse_constant=refuse)


def _pattern(path: str) -> str:
    return re.escape(path).replace(r"\{id\}", "[a-z2-7]{16}").replace(r"\{path\}", ".+") + "/?" * (path == "/")


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[Jupyter]:
    configured = {"wide": WIDE}
    server = Jupyter(tmp_path / "home", options=(f"--ComputeApp.profiles={json.dumps(configured)}",))
    (server.notebooks / "work.ipynb").write_text(json.dumps(NOTEBOOK))
    server.start()
    yield server
    server.stop()
    # A job outlives its server: the one that waits at the gate goes on, also when the test failed before it said so.
    with contextlib.suppress(OSError):
        os.close(os.open(server.home / "gate", os.O_WRONLY | os.O_NONBLOCK))


@dataclass
class Bystanders:
    """Jobs and a schedule that nobody asked anything of."""

    jupyter: Jupyter
    jobs: list[str]
    schedule: str
    gate: Path
    kept: Path

    @classmethod
    def set_up(cls, jupyter: Jupyter) -> Bystanders:
        """One that has ended, one that runs on all cores, so that others wait for ever, one that waits, one held."""
        ended = jupyter.run(whole("print('kept')", path="mine.ipynb"))["id"]
        jupyter.wait(ended, "succeeded")
        landed = wait_for(lambda: jupyter.job(ended)["landed"], 10)
        gate = jupyter.home / "gate"
        os.mkfifo(gate)
        profiles = jupyter.ask("GET", "profiles").json["profiles"]
        cores = next(p for p in profiles if p["name"] == "this-machine")["resources"]["cores"]["max"]
        runs = jupyter.run(whole(f"open({str(gate)!r}).read()", path="mine.ipynb", resources={"cores": cores}))["id"]
        wait_for(lambda: (jupyter.job(runs)["progress"] or {}).get("current"), 60)
        waits, held = (jupyter.run(whole("1", path="mine.ipynb"))["id"] for _ in range(2))
        for job in (waits, held):
            wait_for(lambda job=job: jupyter.job(job)["reason"], 30)  # type: ignore[misc]
        jupyter.ask("POST", f"jobs/{held}/hold")
        return cls(jupyter, [ended, runs, waits, held], a_schedule(jupyter), gate, jupyter.notebooks / landed)

    def look(self) -> dict[str, Any]:
        """Everything that is known of them."""
        ask = self.jupyter.ask
        looks: dict[str, Any] = {job: ask("GET", f"jobs/{job}").json for job in self.jobs}
        looks["outputs"] = self.jupyter.outputs(self.jobs[0])
        looks["schedule"] = ask("GET", f"schedules/{self.schedule}").json
        looks["files"] = {job: ask("GET", f"jobs/{job}/files").json for job in (self.jobs[0], *self.jobs[2:])}
        looks["notebooks"] = {str(p): p.read_bytes() for p in self.jupyter.notebooks.rglob("*") if p.is_file()}
        return looks


def a_schedule(jupyter: Jupyter) -> str:
    """A schedule that is never due while tests run."""
    request = {"profile": "wide", "source": {"kind": "notebook", "path": "work.ipynb"}}
    wish = {"key": secrets.token_hex(8), "request": request, "cron": "0 7 29 2 *", "timezone": "Asia/Tokyo"}
    return str(jupyter.ask("POST", "schedules", wish).json["id"])


def all_jobs(jupyter: Jupyter) -> list[str]:
    """The ids of all jobs that the list shows, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        page = jupyter.ask("GET", f"jobs?limit=1000{cursor}").json
        found += [job["id"] for job in page["jobs"]]
        if page["next_cursor"] is None:
            return found
        cursor = f"&cursor={page['next_cursor']}"


def test_ten_thousand_bad_requests_break_nothing_and_lose_nothing(jupyter: Jupyter) -> None:
    bystanders = Bystanders.set_up(jupyter)
    spare = jupyter.run(some(["c0"], *NOTEBOOK["cells"], path="work.ipynb"))["id"]
    before, around = bystanders.look(), set(jupyter.home.iterdir())
    sender = Sender(jupyter, [spare], [a_schedule(jupyter)], cookie(jupyter))
    known = {*bystanders.jobs, spare, bystanders.schedule, sender.schedules[0]}
    for request in one_by_one(SEED):
        sender.send(request)

    @seed(SEED)
    @settings(
        max_examples=max(AT_RANDOM, AT_LEAST - sender.sent),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(anything())
    def send(request: Request) -> None:
        sender.send(request)

    send()
    sender.close()
    print(sender.report(), *sorted(sender.answers.items(), key=str), sep="\n")
    assert sender.sent >= AT_LEAST
    assert not sender.findings, sender.report()
    # Nothing is lost, nothing is there twice, and nobody else was touched.
    assert bystanders.look() == before
    promised = (known | set(sender.made)) - sender.forgotten
    assert len(sender.made) > 100
    listed = all_jobs(jupyter)
    schedules = [each["id"] for each in jupyter.ask("GET", "schedules").json["schedules"]]
    assert sorted(listed + schedules) == sorted(promised)
    assert {path.stem for path in (jupyter.data / "jobs").glob("*.json")} == set(listed)
    folders = {path.name for path in (jupyter.data / "runs").iterdir()}
    assert folders >= set(listed)
    # A name with a dot is what was kept of a job whose key came again; others belong to a job that was deleted.
    assert {name.partition(".")[0] for name in folders} <= known | set(sender.made)
    assert not canaries(jupyter)
    # npm is asked by another extension of the server, at any time.
    assert {path.name for path in set(jupyter.home.iterdir()) - around} <= {".npm"}
    log = jupyter.log.read_text(errors="replace")
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:4000]
    # What nbformat says of notebooks that are none of the version that they claim.
    errors = [line for line in log.splitlines() if line.startswith(("[E", "[C")) and "Notebook JSON" not in line]
    assert not errors
    # It goes on working: what waited runs when its turn comes.
    for start in range(0, len(listed), 1000):
        others = [job for job in listed[start : start + 1000] if job not in bystanders.jobs]
        jupyter.ask("POST", "jobs/bulk", {"action": "cancel", "ids": others})
    bystanders.gate.write_text("go on")
    for job in bystanders.jobs[1:3]:
        assert jupyter.wait(job)["state"] == "succeeded"


def cookie(jupyter: Jupyter) -> str:
    """The cookies of a browser that logged in."""
    headers = jupyter.request("GET", f"api/status?token={jupyter.token}").headers
    return "; ".join(value.partition(";")[0] for name, value in headers.items() if name.lower() == "set-cookie")


def canaries(jupyter: Jupyter) -> list[Path]:
    """Files that have the name which hostile values would have given them."""
    around = [jupyter.home, jupyter.home.parent, Path("/tmp"), Path.cwd(), Path.home()]
    found = [path for folder in around for path in folder.glob(f"*{CANARY}*")]
    return found + list(jupyter.home.rglob(f"*{CANARY}*"))
