"""Of what people are told, when, and in which words. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jupyterlab_compute import notify
from jupyterlab_compute.notify import Outcome, Wishes
from jupyterlab_compute.records import Record, Sender, from_json
from jupyterlab_compute.states import Reason

from ..builders import a_record

NOW = "2026-11-21T10:00:00.000Z"
LATER = "2026-11-21T10:00:05.000Z"
US, THEM = Sender("us", "here", 1, 1), Sender("them", "here", 2, 2)
BOTH = {"on": ["started", "ended", "failed"], "by": ["webhook"]}


def wishing(state: str, *on: str, **more: Any) -> Record:
    more = {"notify": {"on": list(on), "by": ["webhook"]}, **more}
    if state not in {"queued", "submitting"}:
        more = {"started_at": "2026-11-21T09:41:00.000Z", **more}
    return a_record(state, **more)


@pytest.mark.parametrize(
    ("state", "on", "told"),
    [
        ("queued", ["started", "ended", "failed"], []),
        ("running", ["started", "ended", "failed"], ["started"]),
        ("running", ["ended", "failed"], []),
        ("succeeded", ["failed"], []),
        ("succeeded", ["ended"], ["ended"]),
        ("succeeded", ["ended", "failed"], ["ended"]),
        ("failed", ["ended"], ["ended"]),
        ("failed", ["failed"], ["failed"]),
        ("failed", ["ended", "failed"], ["failed"]),
        ("cancelled", ["ended"], ["ended"]),
        ("cancelled", ["failed"], []),
        ("unknown", ["ended", "failed"], []),
        # It was over before anybody could tell that it began: its end says all.
        ("succeeded", ["started", "ended"], ["ended"]),
        ("succeeded", ["started"], ["started"]),
        ("succeeded", [], []),
    ],
)
def test_what_is_told_of(state: str, on: list[str], told: list[str]) -> None:
    assert notify.happened(wishing(state, *on)) == [("webhook", event) for event in told]


def test_who_cancelled_it_is_not_told() -> None:
    assert not notify.happened(wishing("cancelled", "ended", "started", cancel_requested_at=NOW))


def test_a_failure_that_is_run_again_by_itself_is_no_end_yet() -> None:
    retries = {"times": 1, "more": False, "problem": None}
    assert not notify.happened(wishing("failed", "ended", "failed", retries=retries))
    assert not notify.happened(wishing("failed", "failed", retries=retries, retried_as="b" * 16))
    in_vain = wishing("failed", "failed", retries={**retries, "problem": "It was not run again: it is too large."})
    assert notify.happened(in_vain) == [("webhook", "failed")]


def test_a_job_of_an_older_version_is_told_of_by_nobody() -> None:
    stored = a_record("succeeded").to_json()
    del stored["notify"], stored["told"]
    assert not notify.unsettled(from_json(stored))


def test_each_way_is_told_for_itself_and_the_schedulers_mail_is_its_own_affair() -> None:
    wish = {"on": ["failed"], "by": ["mail", "webhook"], "mail_to": "ann@example.org", "mail_by": "server"}
    record = wishing("failed", notify=wish)
    assert notify.happened(record) == [("mail", "failed"), ("webhook", "failed")]
    assert notify.scheduler_mails(record) == ()
    record = replace(record, notify={**wish, "mail_by": "scheduler"})
    assert notify.happened(record) == [("webhook", "failed")]
    assert notify.scheduler_mails(record) == ("failed",)


def test_a_message_is_claimed_by_one() -> None:
    record = notify.claimed(wishing("failed", "failed"), "webhook", "failed", US, NOW)
    assert notify.unsettled(record) == [("webhook", "failed")]
    with pytest.raises(notify.NotDue):
        notify.claimed(record, "webhook", "failed", THEM, LATER)
    record = notify.noted(record, "webhook", "failed", Outcome(), LATER, (5.0,))
    assert notify.unsettled(record) == []
    assert notify.told(record) == [{"by": "webhook", "on": "failed", "at": LATER, "problem": None}]
    with pytest.raises(notify.NotDue):
        notify.claimed(record, "webhook", "failed", THEM, LATER)


def test_a_claim_outlives_the_file() -> None:
    record = notify.claimed(wishing("failed", "failed"), "webhook", "failed", US, NOW)
    assert from_json(record.to_json()) == record


def test_what_did_not_arrive_is_tried_again_so_many_times() -> None:
    record = wishing("failed", "failed")
    for moment, again in [
        (NOW, "2026-11-21T10:00:05.000Z"),
        ("2026-11-21T10:00:05.000Z", "2026-11-21T10:00:35.000Z"),
        ("2026-11-21T10:00:40.000Z", None),
    ]:
        record = notify.claimed(record, "webhook", "failed", US, moment)
        record = notify.noted(record, "webhook", "failed", Outcome("It is down.", again=True), moment, (5.0, 30.0))
        known = notify.telling(record, "webhook", "failed")
        assert known is not None
        assert (known.again_at, known.at) == (again, None if again else moment)
        assert known.problem == "It is down."
        if again:
            assert not notify.is_due(record, "webhook", "failed", moment)
            assert notify.is_due(record, "webhook", "failed", again)
    assert notify.unsettled(record) == []


def test_what_may_have_arrived_is_not_tried_again() -> None:
    record = notify.claimed(wishing("failed", "failed"), "webhook", "failed", US, NOW)
    record = notify.noted(record, "webhook", "failed", Outcome("It hung."), LATER, (5.0, 30.0))
    assert notify.told(record) == [{"by": "webhook", "on": "failed", "at": LATER, "problem": "It hung."}]
    assert notify.unsettled(record) == []


def test_a_claim_whose_sender_is_gone_is_given_up_and_said() -> None:
    record = notify.claimed(wishing("failed", "failed"), "webhook", "failed", US, NOW)
    record = notify.given_up(record, "webhook", "failed", LATER)
    [told] = notify.told(record)
    assert told["at"] == LATER
    assert "may not have arrived" in told["problem"]
    assert notify.given_up(record, "webhook", "failed", NOW) == record


# Words


def words(**more: Any) -> list[str]:
    record = a_record(
        **{
            "state": "failed",
            "name": "train.ipynb",
            "profile_title": "12 cores, 128 GB",
            "reason": Reason("out_of_memory", "Killed: used more than 2 GiB."),
            "started_at": "2026-11-21T09:41:00.000Z",
            "ended_at": "2026-11-21T10:53:05.000Z",
            **more,
        }
    )
    return notify.message(record, more.get("on", "failed"), "https://hub/lab?compute-job=x").text.split("\n")


def test_a_message_says_what_how_why_how_long_and_where_to_look() -> None:
    assert words() == [
        "train.ipynb: Failed · 12 cores, 128 GB",
        "Killed: used more than 2 GiB.",
        "It ran 1:12:05.",
        "https://hub/lab?compute-job=x",
    ]
    assert words(state="succeeded", reason=None)[0] == "train.ipynb: Done · 12 cores, 128 GB"


def test_a_start_says_how_long_it_waited() -> None:
    record = a_record("running", started_at="2026-11-21T09:41:02.000Z", reason=Reason("resources", "Old news."))
    assert notify.message(record, "started", None).text == "work.ipynb: Started · Fake\nIt waited 1:02."


@pytest.mark.parametrize(
    ("code", "text", "told"),
    [
        ("error", "Cell 2 of 3 raised ValueError: the patient is Ann", "Cell 2 of 3 raised ValueError."),
        ("error", "Cell 12 raised KeyError.", "Cell 12 raised KeyError."),
        ("error", "Cell 1 raised sqlite3.OperationalError: no: ann", "Cell 1 raised sqlite3.OperationalError."),
        ("error", "Cell 1 raised Ann has no fever", "A cell raised an error."),
        ("error", "Cell 1 failed: Ann has no fever", "A cell raised an error."),
        ("error", "Ann raised ValueError.", "A cell raised an error."),
        ("kernel_died", "The kernel crashed. Its last words: Ann has no fever", "The kernel crashed."),
        ("rejected", "one\ntwo", "one two"),
        ("rejected", "x" * 400, "x" * 299 + "…"),
    ],
)
def test_nothing_that_the_job_printed_is_told(code: str, text: str, told: str) -> None:
    assert words(reason=Reason(code, text))[1] == told


def test_nothing_in_a_chat_is_markup_or_calls_anybody() -> None:
    told = notify.for_chat("<!channel> & <@U1> @all @here a@b.c 5 > 3")
    assert "<" not in told
    assert ">" not in told
    assert "&lt;!channel&gt; &amp;" in told
    assert "@all" not in told
    assert "@here" not in told


# Settings


def test_the_settings_say_what_is_usual() -> None:
    settings = {
        "mail_to": "ann@example.org", "webhook_file": "~/hook", "tell_failed": True, "tell_ended": True,
        "by_webhook": True, "by_mail": False, "browser": "all",
    }  # fmt: skip
    assert notify.wishes(settings) == Wishes("ann@example.org", "~/hook", ("ended", "failed"), ("webhook",))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"mail_to": 5, "webhook_file": [], "tell_failed": "yes", "by_mail": 1},
        {"mail_to": "ann", "webhook_file": "a\nb", "tell_ended": ["ended"], "by_webhook": None},
        {"mail_to": "-v@example.org", "webhook_file": ""},
    ],
)
def test_settings_that_make_no_sense_say_nothing(settings: dict[str, Any]) -> None:
    assert notify.wishes(settings) == Wishes()


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("ann@example.org", True),
        ("ann.b-c+compute@mail.example.org", True),
        ("ann@localhost", True),
        ("ann", False),
        ("", False),
        ("-v@example.org", False),
        ("ann@example.org,bob@example.org", False),
        ("ann@example.org\n", False),
        ("ann @example.org", False),
        ("Ann <ann@example.org>", False),
        ("ann@-example.org", False),
        ("ann@example..org", False),
        ("`id`@example.org", False),
        ("a@" + "b" * 300, False),
    ],
)
def test_addresses(address: str, good: bool) -> None:
    assert notify.is_address(address) is good


def test_a_requests_wish_counts_instead_of_the_settings() -> None:
    usual = Wishes("ann@example.org", None, ("ended",), ("mail",))
    assert notify.asked(None, usual, "server") == {
        "on": ["ended"], "by": ["mail"], "mail_to": "ann@example.org", "mail_by": "server"
    }  # fmt: skip
    assert notify.asked({"on": [], "by": []}, usual, "server") == {}
    assert notify.asked({"on": ["failed"], "by": ["webhook"]}, usual, "scheduler") == {
        "on": ["failed"],
        "by": ["webhook"],
    }
    assert notify.asked(None, Wishes(), "server") == {}
