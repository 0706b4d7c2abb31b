"""Lists: filters, pages that stay in step while rows come, and what changed since."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jupyterlab_compute import contract, footprint, view
from jupyterlab_compute.errors import Malformed
from jupyterlab_compute.index import Index, Page

from ..builders import a_record


@pytest.fixture
def index() -> Iterator[Index]:
    made = Index()
    yield made
    made.close()


def _id(number: int) -> str:
    letters = "abcdefghijklmnop"
    return "".join(letters[(number >> shift) & 15] for shift in range(60, -4, -4))


def _job(number: int, state: str = "queued", **more: Any) -> dict[str, Any]:
    made = f"2026-11-21T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}.000Z"
    return view.job(a_record(state, **{"id": _id(number), "created_at": made, **more}), None)


def _fill(index: Index, numbers: range, **more: Any) -> None:
    index.put([(_job(number, **more), 0) for number in numbers])


def _ids(page: Page) -> list[str]:
    return [json.loads(text)["id"] for text in page.jobs]


def _all_pages(index: Index, *, limit: int, **more: Any) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        page = index.page(**{"sort": "-created", "limit": limit, "cursor": cursor, **more})
        ids += _ids(page)
        cursor = page.next_cursor
        if cursor is None:
            return ids


def test_gives_what_the_contract_calls_a_job(index: Index) -> None:
    _fill(index, range(3))
    for text in index.page(sort="-created", limit=2).jobs:
        contract.check("Job", json.loads(text))


def test_a_revision_for_every_change_and_none_for_none(index: Index) -> None:
    start = index.revision
    [(_, first, state)] = index.put([(_job(1), 0)])
    assert (first, state) == (start + 1, "queued")
    assert index.put([(_job(1), 1)]) == []
    [(_, second, _)] = index.put([(_job(1, "running"), 2)])
    assert second == first + 1
    assert index.revision == second


def test_an_older_version_changes_nothing(index: Index) -> None:
    index.put([(_job(1, "succeeded"), 5)])
    assert index.put([(_job(1, "running"), 4)]) == []
    assert json.loads(index.get(_id(1)) or "")["state"] == "succeeded"


def test_what_has_gone_does_not_come_back_by_a_late_change(index: Index) -> None:
    index.put([(_job(1), 0)])
    assert index.remove(_id(1)) is not None
    assert index.put([(_job(1, "failed"), 9)]) == []
    assert index.get(_id(1)) is None
    assert index.remove(_id(1)) is None


def test_a_job_that_is_sent_anew_with_the_key_of_a_deleted_one_is_shown(index: Index) -> None:
    index.put([(_job(1, "failed"), 9)])
    index.remove(_id(1))
    since = index.revision
    assert index.put([(_job(1, created_at="2026-11-22T00:00:00.000Z"), 0)])
    assert index.get(_id(1)) is not None
    assert [json.loads(text)["state"] for text in index.since(since).jobs] == ["queued"]


def test_footprints_follow_their_jobs(index: Index) -> None:
    ended = {"ended_at": "2026-11-21T12:00:00.000Z", "progress": {"done": 1, "total": 1, "current": None}}
    _fill(index, range(3))
    index.put([(_job(1, "succeeded", landed="x.ipynb", **ended), 1), (_job(2, "failed", **ended), 1)])
    index.remove(_id(0))
    assert sorted(index.footprints()) == [
        footprint.of(_job(1, "succeeded", landed="x.ipynb", **ended)),
        footprint.of(_job(2, "failed", **ended)),
    ]
    assert [(each.ended, each.only_copy) for each in sorted(index.footprints())] == [(True, False), (True, True)]


@pytest.mark.parametrize("sort", ["created", "-created", "name", "-name", "state", "-state", "profile", "-profile"])
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_hold_every_job_once(index: Index, sort: str, limit: int) -> None:
    for number in range(30):
        index.put(
            [(_job(number, ["queued", "failed"][number % 2], name=f"n{number % 4}", profile=f"p{number % 3}"), 0)]
        )
    ids = _all_pages(index, limit=limit, sort=sort)
    assert len(ids) == len(set(ids)) == 30


def test_names_are_sorted_as_people_do(index: Index) -> None:
    for number, name in enumerate(["Beta", "alpha", "Ärger", "gamma"]):
        index.put([(_job(number, name=name), 0)])
    page = index.page(sort="name", limit=10)
    assert [json.loads(text)["name"] for text in page.jobs][:3] == ["alpha", "Beta", "gamma"]


def test_pages_stay_in_step_while_rows_come_go_and_change(index: Index) -> None:
    _fill(index, range(100, 200))
    seen: list[str] = []
    cursor = None
    for turn in range(100):
        page = index.page(sort="-created", limit=10, cursor=cursor)
        seen += _ids(page)
        cursor = page.next_cursor
        if cursor is None:
            break
        # A new one at the top, an old one at the bottom, a change and a deletion in what was seen.
        index.put([(_job(300 + turn), 0), (_job(99 - turn), 0), (_job(199 - turn, "running"), 1)])
        index.remove(seen[turn])
    assert len(seen) == len(set(seen))
    assert {_id(number) for number in range(100, 200)} <= set(seen)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"state": "active"}, {1, 2, 3}),
        ({"state": "ended"}, {4, 5}),
        ({"state": "queued,failed"}, {1, 4}),
        ({"state": "nonsense"}, set()),
        ({"profile": "gpu"}, {2}),
        ({"path": "deep/work.ipynb"}, {3}),
        ({"q": "DEEP work"}, {3}),
        ({"q": "ночь"}, {5}),
        ({"q": "4711"}, {2}),
        ({"q": "%"}, set()),
        ({"q": "' OR 1=1 --"}, set()),
        ({"q": "   "}, {1, 2, 3, 4, 5}),
        ({"state": "active", "profile": "gpu", "q": "work"}, {2}),
    ],
)
def test_filters(index: Index, filters: dict[str, str], expected: set[int]) -> None:
    index.put(
        [
            (_job(1), 0),
            (_job(2, "running", profile="gpu", native_id="4711"), 0),
            (_job(3, "held", path="deep/work.ipynb"), 0),
            (_job(4, "failed"), 0),
            (_job(5, "unknown", name="Ночь"), 0),
        ]
    )
    assert set(_ids(index.page(sort="-created", limit=10, **filters))) == {_id(number) for number in expected}


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"created_after": "2026-11-21T00:00:02Z"}, {2, 3, 4}),
        ({"created_after": "2026-11-21T00:00:02.001Z"}, {3, 4}),
        ({"created_before": "2026-11-21T00:00:02Z"}, {0, 1}),
        ({"created_after": "2026-11-21T00:00:01.000Z", "created_before": "2026-11-21T00:00:03.000Z"}, {1, 2}),
    ],
)
def test_finds_by_date(index: Index, limits: dict[str, str], expected: set[int]) -> None:
    _fill(index, range(5))
    assert set(_all_pages(index, limit=2, **limits)) == {_id(number) for number in expected}


def test_a_date_that_is_none_is_refused(index: Index) -> None:
    with pytest.raises(Malformed):
        index.page(sort="created", limit=1, created_after="2026-13-45T00:00:00Z")


def test_counts_all_states(index: Index) -> None:
    index.put([(_job(1), 0), (_job(2), 0), (_job(3, "failed"), 0)])
    assert index.counts() == {"queued": 2, "failed": 1}


def test_nothing_changed_is_known_without_asking_until_something_does(index: Index) -> None:
    index.put([(_job(1), 0)])
    assert index.unchanged(index.revision) is None
    index.counts()
    since = index.revision
    assert index.unchanged(since) == {"queued": 1}
    assert index.unchanged(since - 1) is None
    assert index.unchanged(since + 1) is None
    index.put([(_job(1, "running"), 1)])
    assert index.unchanged(since) is None
    assert index.counts() == {"running": 1}
    since = index.revision
    index.remove(_id(1))
    assert index.unchanged(since) is None
    assert index.counts() == {}


def test_since_tells_only_what_changed_in_order(index: Index) -> None:
    _fill(index, range(5))
    since = index.revision
    assert index.since(since).jobs == []
    index.put([(_job(3, "running"), 1)])
    index.remove(_id(1))
    index.put([(_job(9), 0)])
    told = [json.loads(text) for text in index.since(since).jobs]
    assert [each["id"] for each in told] == [_id(3), _id(1), _id(9)]
    assert [each["revision"] for each in told] == sorted(each["revision"] for each in told)
    contract.check("Deleted", told[1])
    assert index.since(since).revision == index.revision
    assert index.since(since + 2).jobs != []


def test_since_says_reset_when_it_cannot_tell(index: Index) -> None:
    _fill(index, range(3))
    for strange in (0, index.revision - 4, index.revision + 1, 10**18):
        page = index.since(strange)
        assert page.reset
        assert page.jobs == []
        assert page.revision == index.revision
    assert not index.since(index.revision - 3).reset


def test_too_many_changes_are_a_reset(index: Index) -> None:
    since = index.revision
    _fill(index, range(1000))
    assert len(index.since(since).jobs) == 1000
    _fill(index, range(1000, 1001))
    assert index.since(since).reset


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "====", "bnVsbA==", "WzFd", "e30=", "WyJhIiwiYiIsImMiXQ==", "é", "W1tb" * 900, "WyJcdWQ4MDAiLCAiYSJd"],
)
def test_a_cursor_that_is_not_ours(index: Index, cursor: str) -> None:
    _fill(index, range(3))
    if cursor in {"", "WyJcdWQ4MDAiLCAiYSJd"}:
        index.page(sort="-created", limit=2, cursor=cursor)
    else:
        with pytest.raises(Malformed):
            index.page(sort="-created", limit=2, cursor=cursor)


def test_half_a_surrogate_pair_stops_neither_this_job_nor_the_others(index: Index) -> None:
    # File names that are not UTF-8 reach us like this, in the words of an exception.
    index.put([(_job(1, name="caf\udce9.ipynb", path="caf\udce9.ipynb", node="\ud800"), 0)])
    index.put([(_job(2), 0)])
    assert len(_all_pages(index, limit=10)) == 2
    assert json.loads(index.get(_id(1)) or "")["name"] == "caf?.ipynb"


def test_a_job_that_cannot_be_stored_does_not_stop_the_others(index: Index) -> None:
    broken = _job(1)
    del broken["created_at"]
    with pytest.raises(KeyError):
        index.put([(_job(2), 0), (broken, 0)])
    assert index.put([(_job(3), 0)])
    assert _all_pages(index, limit=10) == [_id(3)]


def test_ten_thousand_jobs(index: Index) -> None:
    _fill(index, range(10_000), name="work " + "x" * 100)
    assert index.counts() == {"queued": 10_000}
    page = index.page(sort="-created", limit=50, q="work")
    assert len(page.jobs) == 50
    assert len(set(_all_pages(index, limit=1000))) == 10_000
