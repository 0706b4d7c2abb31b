"""Bad requests to every route of the contract, and good ones beside them, as strategies of Hypothesis.

Forms are read from the contract: a field that is added to it is attacked without a change here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from jupyterlab_compute import contract

#: Whatever made a file would have it in its name.
CANARY = "canary-of-the-fuzz"
#: What stands for text that is no JSON value of Python's, e.g. a number that is infinite once it is read.
_AS_IS = "written as it is: "

WORDS = [
    "",
    " ",
    "x" * 300,
    "x" * 20_000,
    "\0",
    "a\nb",
    f"x\n#SBATCH --output={CANARY}",
    "a\r\nX-Header: b",
    "\x1b[2Jgone\x7f",
    "\u202etxt.ipynb\u2066",
    "\ufeff\u200b\u2028",
    "\ud800",
    "a\udfffb.ipynb",
    "e\u0301😀" * 20,
    "１２",
    "0x10",
    "nan",
    f"../{CANARY}.ipynb",
    f"../../../../../../tmp/{CANARY}.ipynb",
    f"/tmp/{CANARY}.ipynb",
    f"//tmp/{CANARY}.ipynb",
    f"..\\{CANARY}.ipynb",
    f"a/%2e%2e/%2e%2e/{CANARY}.ipynb",
    f"~/{CANARY}.ipynb",
    f"RTC:{CANARY}.ipynb",
    f"file:///tmp/{CANARY}.ipynb",
    "a/" * 300 + "x.ipynb",
    "x" * 255 + ".ipynb",
    ".",
    "..",
    "-n",
    f"--output={CANARY}",
    f"--wrap=touch {CANARY}",
    f"$(touch {CANARY})",
    f"`touch {CANARY}`",
    f"'; touch {CANARY}; '",
    "${HOME}/$USER",
    "{canary}",
    "{{date}}{due}{0.__class__}",
    "%s%n%(x)s%",
    "' OR 1=1; DROP TABLE jobs; --",
    "<script>alert(1)</script>",
    "[a-z]*(a+)+$",
]
NUMBERS: list[Any] = [0, -1, 1, 2, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 10**300, 0.5, 2.0, -0.0, 1e308]
NUMBERS += [_AS_IS + text for text in ("1e999", "-1e999", "NaN", "Infinity", "1" * 5000, "01", "1.")]
OTHERS: list[Any] = [None, True, False, [], {}, [[]], [None], [1, 1], {"": None}, {"__proto__": {}}, {"$ref": "#"}]
OTHERS += [_AS_IS + text for text in ("[" * 90 + "]" * 90, "[" * 90_000, "'x'", "")]
OTHERS += [_AS_IS + '{"a":' * deep + "[1]" + "}" * deep for deep in (200, 500, 900)]
HOSTILE: list[Any] = [*WORDS, *NUMBERS, *OTHERS]

#: What a sender fills in anew for each request: a key that nobody used, and the ids of a job and a schedule.
NEW_KEY, A_JOB, A_SCHEDULE = "key-that-is-new-000", "thejobthejobthej", "theschedulethesc"
#: Stands for a field that is left out.
GONE = object()

_CELL = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
NOTEBOOK: dict[str, Any] = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {"kernelspec": {"name": "python3", "display_name": "x"}},
    "cells": [{**_CELL, "id": "c0", "source": "1"}, {**_CELL, "id": "c1", "source": "2"}],
}
#: The settings of the profile “wide”: every field of a job's form may be filled in.
WIDE: dict[str, Any] = {
    "scheduler": {"type": "local"},
    "resources": {
        name: {"min": 0 if name == "gpus" else 1, "max": 10**9}
        for name in ("nodes", "tasks", "cores", "memory_mb", "gpus", "walltime_s")
    },
    "gpu_types": ["a100"],
    "native": {"constraint": ".*", "reservation": "[a-z]+"},
}
_SAVED = {"kind": "notebook", "path": "work.ipynb"}
_TIMES = {"cron": "0 0 29 2 *", "timezone": "Europe/Berlin"}
_JOB = {"key": NEW_KEY, "profile": "wide", "source": {**_SAVED, "content": NOTEBOOK}}
_CELLS = {**_JOB, "source": {"kind": "cells", "path": "work.ipynb", "cell_ids": ["c1"], "content": NOTEBOOK}}
_AGAIN = {"request": {"profile": "wide", "source": _SAVED}, **_TIMES}
#: Requests that the server of the tests takes, by the name of their form.
GOOD: dict[str, list[dict[str, Any]]] = {
    "JobRequest": [_JOB, _CELLS],
    "ScheduleRequest": [{"key": NEW_KEY, **_AGAIN}],
    "ScheduleChange": [_AGAIN],
    "TimesRequest": [_TIMES],
    "RunRequest": [{"key": NEW_KEY}],
    "RetryRequest": [{"key": NEW_KEY}],
    "BulkRequest": [{"action": "hold", "ids": [A_JOB]}],
    "AppliedRequest": [{"page": "a-page-of-the-fuzz"}],
    "CleanUpRequest": [{"days": 1, "dry_run": True}],
    "NotifyTrial": [{"by": "mail"}],
    "TrialRequest": [{"name": "tried", "settings": WIDE}],
}


@dataclass(frozen=True)
class Request:
    """One request below the bridge's base. `login`: token, cookie (without the XSRF header) or nothing."""

    method: str
    path: str
    query: str = ""
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    login: str = "token"
    #: Which of the ids that the server gave out stands for `A_JOB` and `A_SCHEDULE`, from the newest on.
    which: int = 0


# Forms


def resolved(schema: Any) -> dict[str, Any]:
    """What a schema refers to, or itself."""
    if isinstance(schema, dict) and "$ref" in schema:
        return resolved(contract.document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return schema if isinstance(schema, dict) else {}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, path and description of every operation of the contract."""
    for path, methods in contract.document()["paths"].items():
        for method, operation in methods.items():
            if method in {"get", "post", "put", "patch", "delete"}:
                yield method.upper(), path, operation


def form_of(operation: Mapping[str, Any]) -> str | None:
    """The name of the form that an operation takes as its body."""
    if "requestBody" not in operation:
        return None
    return str(operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])


Way = tuple[str | int, ...]


def _ways(schema: Any) -> Iterator[Way]:
    schema = resolved(schema)
    for name, inner in schema.get("properties", {}).items():
        yield (name,)
        yield from ((name, *rest) for rest in _ways(inner))
    if "items" in schema:
        yield (0,)
        yield from ((0, *rest) for rest in _ways(schema["items"]))
    if schema.get("type") == "object":
        yield ("no such field",)


def ways(form: str) -> list[Way]:
    """The way to every field of a form, and at each level to one that the contract does not know.

    In a schedule there is the form of a job, in a trial that of a profile.
    """
    schemas = contract.document()["components"]["schemas"]
    inner: dict[str, list[Way]] = {
        "request": list(_ways(schemas["JobRequest"])),
        "settings": [*_ways(_like(WIDE)), ("environment", "setup", 0), ("environment", "variables", "A")]
        + [(name,) for name in ("title", "queue", "account", "run_root", "runner_python", "at_most", "environment")],
    }
    found = list(_ways(schemas[form]))
    return found + [(name, *way) for name, each in inner.items() if (name,) in found for way in each]


def _like(value: Any) -> dict[str, Any]:
    """A schema with the fields that a value has."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {name: _like(inner) for name, inner in value.items()}}
    return {"items": _like(value[0])} if isinstance(value, list) and value else {}


def spoiled(body: dict[str, Any], way: Way, value: Any) -> dict[str, Any]:
    """A copy of `body` with `value` at the end of that way; what is missing on the way is made."""
    copy: dict[str, Any] = json.loads(json.dumps(body))
    at: Any = copy
    for step, following in pairwise(way):
        kind = list if isinstance(following, int) else dict
        if isinstance(step, int):
            at += [] if at else [kind()]
        if not isinstance(at[step] if isinstance(step, int) else at.get(step), kind):
            at[step] = kind()
        at = at[step]
    if isinstance(at, list):
        at[:1] = [] if value is GONE else [value]
    elif value is GONE:
        at.pop(way[-1], None)
    else:
        at[way[-1]] = value
    return copy


def written(body: Any) -> bytes:
    """The body as JSON, or as what only looks like it."""
    text = json.dumps(body)
    while (start := text.find(f'"{_AS_IS}')) >= 0:
        as_is, end = json.JSONDecoder().raw_decode(text, start)
        text = text[:start] + as_is.removeprefix(_AS_IS) + text[end:]
    return text.encode()


def _harmless(form: str, body: Any) -> Any:
    """A clean-up that would be carried out is only tried: what was there before is to stay."""
    if form == "CleanUpRequest" and contract.validator(form).is_valid(body):
        return {**body, "dry_run": True}
    return body


def _every_field(seed: int) -> Iterator[Request]:
    values = [*HOSTILE, GONE]
    for method, path, operation in operations():
        if form := form_of(operation):
            for place, way in enumerate(ways(form)):
                again = path == "/preview" or way[0] in {"request", "settings"} or path.endswith("/retry")
                for value in values[(place + seed) % 20 :: 20] if again else values:
                    yield Request(method, path, body=written(_harmless(form, spoiled(GOOD[form][0], way, value))))


def one_by_one(seed: int) -> Iterator[Request]:
    """One thing wrong with each request, all else being good: each field of each form, each parameter, each path.

    Each field gets all hostile values where a job is sent and in small forms; where the fields of a job or a profile
    come again inside something else, every twentieth, from another one on for each field and each seed.
    """
    yield from _every_field(seed)
    texts = [*WORDS, *("" if isinstance(n, str) else str(n) for n in NUMBERS), "1e999", "NaN", "9" * 5000, "1_0"]
    for method, path, operation in operations():
        for each in parameters(operation):
            for text in texts:
                yield Request(method, path, f"{each['name']}={quoted(text)}")
        for other in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "NONSENSE"):
            yield Request(other, path.replace("{id}", "a" * 16))
        for word in WORDS if "{path}" in path or path in {"/jobs/{id}", "/schedules/{id}/pause"} else []:
            yield Request(method, re.sub(r"\{\w+\}$|\{id\}(?=/pause)", quoted(word) or "%20", path))


def parameters(operation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What an operation reads from the query."""
    return [each for each in operation.get("parameters", []) if each.get("in") == "query"]


def quoted(word: str, safe: str = "") -> str:
    """The word as a part of an address; what is no text becomes bytes that are none."""
    return quote(word, safe=safe, errors="surrogatepass")[:6000]


# At random


def meets(schema: Any) -> st.SearchStrategy[Any]:
    """Values that a schema allows."""
    schema = resolved(schema)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([meets(each) for each in schema["anyOf"]])
    most = min(schema.get("maxItems", 4), 4)
    match schema.get("type"):
        case "string" if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True).map(lambda text: text[: schema.get("maxLength")])
        case "string":
            return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 40), 40))
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "number":
            return st.floats(schema.get("minimum"), schema.get("maximum"), allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(meets(schema["items"]), min_size=schema.get("minItems", 0), max_size=most, unique_by=repr)
        case "object":
            known = {name: meets(inner) for name, inner in schema.get("properties", {}).items() if inner is not False}
            must = {name: known.pop(name) for name in schema.get("required", []) if name in known}
            return st.fixed_dictionaries(must, optional=known)
    return _anything


_anything: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(HOSTILE) | st.text(max_size=20) | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def _bodies(draw: st.DrawFn, form: str) -> bytes:
    """A form that the contract allows, or a good one with a few fields spoiled, perhaps broken as a text."""
    if draw(st.integers(0, 3)) == 0:
        body = draw(_allowed[form])
        body |= {name: value for name, value in GOOD[form][0].items() if name in {"key", "profile"}}
    else:
        body = draw(st.sampled_from(GOOD[form]))
        for _ in range(draw(st.integers(0, 2))):
            body = spoiled(body, draw(st.sampled_from(_all_ways[form])), draw(_anything))
    text = written(_harmless(form, body))
    match draw(st.integers(0, 15)):
        case 0:
            return text[: draw(st.integers(0, len(text)))]
        case 1:
            return draw(st.binary(max_size=40))
        case 2:
            return draw(
                st.sampled_from([b"\xef\xbb\xbf" + text, text.decode().encode("utf-16"), b"\xff" + text, text * 2])
            )
        case 3:
            # The same field twice; the good one comes last.
            return b'{"%s":%s,' % (draw(st.sampled_from(list(body) or ["key"])).encode(), b"[1]") + text[1:]
    return text


@st.composite
def _queries(draw: st.DrawFn, operation: Mapping[str, Any]) -> str:
    known = parameters(operation)
    pairs = []
    for _ in range(draw(st.integers(0, 3)) if known else 0):
        each = draw(st.sampled_from(known))
        value = draw(st.one_of(meets(each["schema"]), st.sampled_from([*WORDS, *NUMBERS]), st.text(max_size=20)))
        pairs.append((each["name"], str(value)))
    if draw(st.integers(0, 9)) == 0:
        pairs.append((draw(st.text(max_size=10)), draw(st.text(max_size=10))))
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs)


_ids = st.sampled_from([A_JOB] * 6 + [A_SCHEDULE] * 2 + ["a" * 16, "A" * 16, "a" * 17, "..", ".", *WORDS])
_files = st.sampled_from(["job.json", "input.ipynb", "attempts/1/outputs.jsonl", "..", "../../", *WORDS])
_headers = st.sampled_from(
    [{}] * 8
    + [
        {"Content-Type": "text/plain"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Encoding": "gzip"},
        {"Accept": "text/html"},
        {"Range": "bytes=-1"},
        {"Origin": "https://elsewhere.example"},
        {"X-HTTP-Method-Override": "DELETE"},
        {"X-XSRFToken": "x"},
    ]
)
_methods = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "NONSENSE"])


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Anything that a page, or something that is none, may send."""
    method, path, operation = draw(st.sampled_from(_operations))
    form = form_of(operation)
    if "{id}" in path and draw(st.integers(0, 3)) == 0:
        path = path.replace("{id}", quoted(draw(_ids)) or "%20")
    if "{path}" in path:
        path = path.replace("{path}", quoted(draw(_files), draw(st.sampled_from(["", "/"]))))
    if draw(st.integers(0, 19)) == 0:
        path += quoted(draw(st.sampled_from(WORDS)), "/")[:3000]
    if draw(st.integers(0, 9)) == 0:
        method = draw(_methods)
    body = None
    if form or draw(st.integers(0, 9)) == 0:
        body = draw(_bodies(form or "RunRequest"))
    login = draw(st.sampled_from(["token"] * 18 + ["cookie", "nothing"]))
    query = draw(_queries(operation))
    return Request(method, path, query, body, draw(_headers), login, draw(st.integers(0, 30)))


_operations = list(operations())
_all_ways = {form: ways(form) for form in GOOD}
_allowed = {form: meets({"$ref": f"#/{form}"}) for form in GOOD}
