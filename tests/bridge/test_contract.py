"""Whatever is wrong with a request: one plain short sentence, a pointer, and never the whole of what was sent."""

from __future__ import annotations

from typing import Any

import pytest

from jupyterlab_compute import contract
from jupyterlab_compute.errors import Invalid, Malformed

from ..builders import a_cells_request, a_request

_LONG = "x" * 1_000_000


def _with_source(**more: Any) -> dict[str, Any]:
    request = a_cells_request("a")
    request["source"] |= more
    return request


_WRONG = [
    pytest.param([], "", id="no object at all"),
    pytest.param({}, "", id="lacks everything"),
    pytest.param(a_request(_LONG), "/key", id="a key of 1 MB"),
    pytest.param(a_request("short"), "/key", id="a key too short"),
    pytest.param(a_request(f"--{_LONG}"), "/key", id="a key like an option, of 1 MB"),
    pytest.param(a_request("key 00000001"), "/key", id="a key with a space"),
    pytest.param(a_request("key-00000001\n"), "/key", id="a key with a last newline"),
    pytest.param(a_request(profile=""), "/profile", id="an empty profile"),
    pytest.param(a_request(profile=7), "/profile", id="a profile that is a number"),
    pytest.param(a_request(name="two\nlines"), "/name", id="a name of two lines"),
    pytest.param(a_request(name="one line\n"), "/name", id="a name with a last newline"),
    pytest.param(a_request(name=_LONG), "/name", id="a name of 1 MB"),
    pytest.param(a_request(queue="debug\n"), "/queue", id="a queue with a last newline"),
    pytest.param(a_request(queue="--wrap=id"), "/queue", id="a queue like an option"),
    pytest.param(a_request(account="a;b"), "/account", id="an account like shell"),
    pytest.param(a_request(kernel="$(id)"), "/kernel", id="a kernel like shell"),
    pytest.param(a_request(kernel="python3\n"), "/kernel", id="a kernel with a last newline"),
    pytest.param(a_request(before="twice"), "/before", id="an unknown word"),
    pytest.param(a_request(before=_LONG), "/before", id="an unknown word of 1 MB"),
    pytest.param(a_request(extra=_LONG), "", id="a field of 1 MB that is not known"),
    pytest.param(a_request(**{_LONG: 1}), "", id="a field with a name of 1 MB"),
    pytest.param(a_request(resources={"cores": "many"}), "/resources/cores", id="cores in words"),
    pytest.param(a_request(resources={"cores": 0}), "/resources/cores", id="no cores"),
    pytest.param(a_request(resources={"cores": 2.0}), "/resources/cores", id="cores with a fraction of nothing"),
    pytest.param(a_request(resources={"cores": True}), "/resources/cores", id="cores that are true"),
    pytest.param(a_request(resources={"walltime_s": 10**12}), "/resources/walltime_s", id="for ever"),
    pytest.param(a_request(resources={"hats": 1}), "/resources", id="an unknown resource"),
    pytest.param(a_request(resources=[_LONG]), "/resources", id="resources that are a list of 1 MB"),
    pytest.param(a_request(native={"a~/b": 5}), "/native/a~0~1b", id="a pointer that must be escaped"),
    pytest.param(a_request(native={"nice": _LONG}), "/native/nice", id="a native option of 1 MB"),
    pytest.param(a_request(native={str(n): "" for n in range(51)}), "/native", id="too many native options"),
    pytest.param(a_request(native={"a\nb": 5}), "/native/a\nb", id="a name with a newline"),
    pytest.param(a_request(after=["../../etc"]), "/after/0", id="an id that is a path"),
    pytest.param(_with_source(cell_ids=[]), "/source/cell_ids", id="no cells"),
    pytest.param(_with_source(cell_ids=["a", "a"]), "/source/cell_ids", id="a cell twice"),
    pytest.param(_with_source(cell_ids=["a\n"]), "/source/cell_ids/0", id="a cell with a last newline"),
    pytest.param(_with_source(cell_ids=[_LONG]), "/source/cell_ids/0", id="a cell id of 1 MB"),
    pytest.param(_with_source(kind="book"), "/source/kind", id="an unknown kind"),
    pytest.param(_with_source(path=""), "/source/path", id="an empty path"),
    pytest.param(_with_source(path="a\nb"), "/source/path", id="a path of two lines"),
    pytest.param(_with_source(content="text"), "/source/content", id="content that is no object"),
    pytest.param(_with_source(content={}), "/source/content", id="content without cells"),
    pytest.param(_with_source(content={"cells": [1]}), "/source/content/cells/0", id="a cell that is a number"),
]


@pytest.mark.parametrize(("value", "pointer"), _WRONG)
def test_says_what_is_wrong_in_one_plain_short_sentence(value: object, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        contract.check("JobRequest", value)
    told = caught.value.as_json()
    assert told["pointer"] == pointer
    assert told["message"].endswith(".")
    assert len(told["message"]) < 400
    assert len(told["hint"]) < 400
    assert "\n" not in told["message"]
    contract.check("Error", told)


def test_tells_one_of_a_hundred_thousand_errors() -> None:
    with pytest.raises(Invalid) as caught:
        contract.check("JobRequest", _with_source(cell_ids=[f"!{n}" for n in range(100_000)]))
    assert caught.value.details["pointer"].startswith("/source/cell_ids/")


@pytest.mark.parametrize("name", ["Time", "NullableTime"])
def test_times_end_where_they_end(name: str) -> None:
    contract.check(name, "2026-11-21T09:40:00.123Z")
    for wrong in ("2026-11-21T09:40:00.123Z\n", "2026-11-21 09:40:00", "2026-11-21T09:40:00+01:00", "soon"):
        with pytest.raises(Invalid):
            contract.check(name, wrong)


def test_takes_a_usual_request() -> None:
    contract.check("JobRequest", a_request())
    contract.check("JobRequest", a_cells_request("a", "b", resources={"cores": 2, "gpus": 0}, name="Ночь – ½"))


def test_fills_in_what_a_query_leaves_out() -> None:
    assert contract.query("listJobs", {}) == {"sort": "-created", "limit": 50}
    assert contract.query("readLog", {"offset": "-100"}) == {"stream": "stdout", "offset": -100, "limit": 1048576}


def test_lets_pass_what_the_browser_adds_to_every_query() -> None:
    assert contract.query("listProfiles", {"token": "t", "_xsrf": "x", "1763717": ""}) == {}


@pytest.mark.parametrize(
    ("operation", "given"),
    [
        ("listJobs", {"limit": "0"}),
        ("listJobs", {"limit": "many"}),
        ("listJobs", {"limit": "1e3"}),
        ("listJobs", {"limit": "9" * 1_000_000}),
        ("listJobs", {"sort": "created; DROP TABLE jobs"}),
        ("listJobs", {"state": "queued\n"}),
        ("listJobs", {"state": "queued' OR 1"}),
        ("listJobs", {"q": _LONG}),
        ("listJobs", {_LONG: "1"}),
        ("readLog", {"stream": "../../etc/passwd"}),
        ("readOutputs", {"from": "-1"}),
        ("forgetJob", {"files": "all"}),
    ],
)
def test_refuses_a_query_in_words(operation: str, given: dict[str, str]) -> None:
    with pytest.raises(Malformed) as caught:
        contract.query(operation, given)
    assert caught.value.message.endswith(".")
    assert len(caught.value.message) + len(caught.value.hint) < 500


def test_every_error_of_ours_is_what_the_contract_calls_an_error() -> None:
    contract.check("Error", Invalid("Something is wrong.", "Do better.", pointer="/x").as_json())
    contract.check("Error", Malformed("No.").as_json())
