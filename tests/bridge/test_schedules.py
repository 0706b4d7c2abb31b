"""When a recurring run is due, and what is done about it: tables of times, clocks and zones."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jupyterlab_compute import clock, schedules, times
from jupyterlab_compute.errors import Invalid
from jupyterlab_compute.schedules import Missed, Problem

from ..builders import a_schedule


def at(text: str) -> datetime:
    """A moment of UTC, e.g. 2026-11-23 06:00."""
    return clock.parse(f"{text.replace(' ', 'T')}:00Z")


def stamp(text: str) -> str:
    """The same as the wire has it."""
    return clock.at(at(text))


def moments(cron: str, zone: str, after: str, number: int = 3) -> list[str]:
    """The next due moments in UTC, to the minute."""
    found = times.upcoming(times.checked(cron, zone), zone, at(after), number)
    assert all(each.endswith(":00.000Z") for each in found)
    return [each[:16].replace("T", " ") for each in found]


# When


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        # Usual days. A moment that is now is not after now.
        ("0 7 * * MON-FRI", "Europe/Berlin", "2026-11-20 06:00", ["2026-11-23 06:00", "2026-11-24 06:00"]),
        ("0 7 * * 1-5", "America/New_York", "2026-11-20 11:59", ["2026-11-20 12:00", "2026-11-23 12:00"]),
        ("0 7 1 * *", "UTC", "2026-11-21 00:00", ["2026-12-01 07:00", "2027-01-01 07:00"]),
        ("0 7 L * *", "UTC", "2027-02-01 00:00", ["2027-02-28 07:00", "2027-03-31 07:00"]),
        ("0 7 * * MON#1", "UTC", "2026-11-21 00:00", ["2026-12-07 07:00", "2027-01-04 07:00"]),
        ("0 0 29 2 *", "UTC", "2026-11-21 00:00", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("*/20 * * * *", "Asia/Kathmandu", "2026-11-21 00:01", ["2026-11-21 00:15", "2026-11-21 00:35"]),
        # Both days are given: either will do, as in cron.
        ("0 7 13 * FRI", "UTC", "2026-11-21 00:00", ["2026-11-27 07:00", "2026-12-04 07:00"]),
        # Berlin, 29 March 2026: 02:00 to 03:00 is left out. What falls in comes right behind it, once.
        ("30 2 * * *", "Europe/Berlin", "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 00:30"]),
        ("0 2,3 * * *", "Europe/Berlin", "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 00:00"]),
        ("15,45 2 * * *", "Europe/Berlin", "2026-03-28 12:00", ["2026-03-29 01:00", "2026-03-30 00:15"]),
        # Every so often goes by real time and has nothing to catch up with.
        ("*/30 * * * *", "Europe/Berlin", "2026-03-29 00:30", ["2026-03-29 01:00", "2026-03-29 01:30"]),
        ("0 * * * *", "Europe/Berlin", "2026-03-29 00:00", ["2026-03-29 01:00", "2026-03-29 02:00"]),
        # Berlin, 25 October 2026: 02:00 to 03:00 comes twice. A time of the day is run once, at its first coming.
        ("30 2 * * *", "Europe/Berlin", "2026-10-24 12:00", ["2026-10-25 00:30", "2026-10-26 01:30"]),
        # From between the two: the second coming is not another run.
        ("30 2 * * *", "Europe/Berlin", "2026-10-25 00:45", ["2026-10-26 01:30", "2026-10-27 01:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25 01:15", ["2026-10-26 01:30", "2026-10-27 01:30"]),
        # Every so often meets both.
        ("0 * * * *", "Europe/Berlin", "2026-10-24 23:30", ["2026-10-25 00:00", "2026-10-25 01:00"]),
        # A zone that gave up a whole day, and one whose clocks change at midnight.
        ("0 7 * * *", "Pacific/Apia", "2011-12-28 18:00", ["2011-12-29 17:00", "2011-12-30 10:00", "2011-12-30 17:00"]),
        ("0 0 * * *", "America/Asuncion", "2024-10-05 12:00", ["2024-10-06 04:00", "2024-10-07 03:00"]),
        # Half an hour of summer time.
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03 00:00", ["2026-10-03 15:30", "2026-10-04 15:15"]),
    ],
)
def test_due_times(cron: str, zone: str, after: str, expected: list[str]) -> None:
    assert moments(cron, zone, after, len(expected)) == expected


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
@pytest.mark.parametrize("cron", ["30 2 * * *", "*/15 * * * *", "0 1-4 * * *", "59 23 * * SUN", "5 */2 * * *"])
def test_due_times_only_go_forward_whatever_the_clocks_do(cron: str, zone: str) -> None:
    found = times.upcoming(cron, zone, at("2026-01-01 00:00"), 800)
    assert found == sorted(set(found))
    # From wherever one looks, the same moments: what is due does not depend on when a server was started.
    for place in range(0, 780, 37):
        after = clock.parse(found[place])
        assert times.upcoming(cron, zone, after, 3) == found[place + 1 : place + 4]
        assert times.upcoming(cron, zone, after - timedelta(seconds=1), 1) == [found[place]]


@pytest.mark.parametrize(
    ("cron", "zone", "pointer", "says"),
    [
        ("", "UTC", "/cron", "0 fields; a schedule has five"),
        ("0 7 * *", "UTC", "/cron", "4 fields; a schedule has five"),
        ("0 7 * * * *", "UTC", "/cron", "6 fields; a schedule has five"),
        ("@daily", "UTC", "/cron", "1 field; a schedule has five"),
        ("60 7 * * *", "UTC", "/cron", "“60” is not a minute: 0 to 59"),
        ("0 24 * * *", "UTC", "/cron", "“24” is not an hour"),
        ("0 7 32 * *", "UTC", "/cron", "“32” is not a day of these months"),
        ("0 7 30 2 *", "UTC", "/cron", "“30” is not a day of these months"),
        ("0 7 * 13 *", "UTC", "/cron", "“13” is not a month"),
        ("0 7 * * MON-FRO", "UTC", "/cron", "“MON-FRO” is not a day of the week"),
        ("0 7 * * 8", "UTC", "/cron", "“8” is not a day of the week"),
        ("*/0 * * * *", "UTC", "/cron", "“*/0” is not a minute"),
        ("0 7 $(id) * *", "UTC", "/cron", "“$(id)” is not a day"),
        ("0 7 * * *", "Europe/Berlim", "/timezone", "There is no time zone “Europe/Berlim”."),
        ("0 7 * * *", "../../etc/passwd", "/timezone", "There is no time zone"),
        ("0 7 * * *", "/etc/passwd", "/timezone", "There is no time zone"),
        ("0 7 * * *", "Europe", "/timezone", "There is no time zone"),
    ],
)
def test_says_what_is_wrong_with_a_schedule(cron: str, zone: str, pointer: str, says: str) -> None:
    with pytest.raises(Invalid) as caught:
        times.checked(cron, zone)
    assert says in caught.value.message
    assert caught.value.details["pointer"] == pointer
    assert caught.value.hint


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 * * * *", "every hour"),
        ("0 7 * * *", "At 07:00 every day"),
        ("0 7 * * mon-fri", "At 07:00 on Monday through Friday"),
        ("0 7 * * MON", "At 07:00 on Monday"),
    ],
)
def test_says_what_a_schedule_means(cron: str, words: str) -> None:
    assert words in times.words(times.checked(cron, "UTC"))


# What to do about it

EVERY_DAY = "0 7 * * *"


@pytest.mark.parametrize(
    ("what", "more", "now", "send", "next_at", "missed"),
    [
        ("before it is due", {}, "2026-11-23 06:59", None, "2026-11-23 07:00", []),
        ("at the moment", {}, "2026-11-23 07:00", "2026-11-23 07:00", "2026-11-23 07:00", []),
        ("a little late", {}, "2026-11-23 07:05", "2026-11-23 07:00", "2026-11-23 07:00", []),
        ("too late", {}, "2026-11-23 07:06", None, "2026-11-24 07:00", ["2026-11-23 07:00"]),
        (
            "after three days away: told, not piled up",
            {},
            "2026-11-25 09:00",
            None,
            "2026-11-26 07:00",
            ["2026-11-23 07:00", "2026-11-24 07:00", "2026-11-25 07:00"],
        ),
        (
            "back just in time for the third",
            {},
            "2026-11-25 07:02",
            "2026-11-25 07:00",
            "2026-11-25 07:00",
            ["2026-11-23 07:00", "2026-11-24 07:00"],
        ),
        (
            "after three days away, and one is to be made up for",
            {"catch_up": True},
            "2026-11-25 09:00",
            "2026-11-25 07:00",
            "2026-11-25 07:00",
            ["2026-11-23 07:00", "2026-11-24 07:00"],
        ),
        ("paused", {"paused": True, "next_at": None}, "2026-11-25 09:00", None, None, []),
        (
            "every minute, three minutes late: only the newest",
            {"cron": "* * * * *"},
            "2026-11-23 07:03",
            "2026-11-23 07:03",
            "2026-11-23 07:03",
            ["2026-11-23 07:00", "2026-11-23 07:01", "2026-11-23 07:02"],
        ),
    ],
)
def test_decides(
    what: str, more: dict[str, Any], now: str, send: str | None, next_at: str | None, missed: list[str]
) -> None:
    schedule, due_at = schedules.decide(a_schedule(**more), at(now))
    assert due_at == (stamp(send) if send else None), what
    assert schedule.next_at == (stamp(next_at) if next_at else None), what
    assert schedule.missed == tuple(Missed(stamp(each), "no_server") for each in missed), what
    assert schedule.missed_count == len(missed)
    # Deciding again, as after a crash, changes nothing and counts nothing twice.
    assert schedules.decide(schedule, at(now)) == (schedule, due_at)


def test_a_year_away_of_a_schedule_of_every_minute_is_counted_soon_and_kept_small() -> None:
    before = time.monotonic()
    schedule, due_at = schedules.decide(a_schedule(cron="* * * * *"), at("2027-11-23 07:00"))
    assert time.monotonic() - before < 5
    assert due_at == stamp("2027-11-23 07:00")
    assert schedule.missed_count == 10_000
    assert len(schedule.missed) == 20


def test_the_newest_of_a_sparse_schedule_is_found_however_long_the_absence() -> None:
    away = a_schedule(cron="0 0 29 2 *", next_at=stamp("2028-02-29 00:00"), catch_up=True)
    schedule, due_at = schedules.decide(away, at("2035-01-01 00:00"))
    assert due_at == stamp("2032-02-29 00:00")
    assert schedule.missed == (Missed(stamp("2028-02-29 00:00"), "no_server"),)


def test_after_a_run_the_next_one_follows_and_a_problem_is_over() -> None:
    trouble = a_schedule(problem=Problem("invalid", "gone", stamp("2026-11-22 07:00"), 2))
    schedule = schedules.sent(trouble, stamp("2026-11-23 07:00"), "aaaabbbbccccdddd", at("2026-11-23 07:01"))
    assert (schedule.next_at, schedule.last_at) == (stamp("2026-11-24 07:00"), stamp("2026-11-23 07:00"))
    assert (schedule.last_job, schedule.problem) == ("aaaabbbbccccdddd", None)
    # Another server says the same a moment later.
    assert schedules.sent(schedule, stamp("2026-11-23 07:00"), "aaaabbbbccccdddd", at("2026-11-23 07:01")) == schedule


def test_a_run_that_cannot_be_sent_is_told_and_a_few_in_a_row_pause_it() -> None:
    schedule, now = a_schedule(), at("2026-11-23 07:00")
    for times_so_far in (1, 2, 3):
        assert not schedule.paused
        schedule = schedules.refused(schedule, str(schedule.next_at), "invalid", "It is not there.", now)
        assert schedule.problem is not None
        assert (schedule.problem.text, schedule.problem.times) == ("It is not there.", times_so_far)
        assert [each.why for each in schedule.missed] == ["not_sent"] * times_so_far
        now += timedelta(days=1)
    assert (schedule.paused, schedule.next_at) == (True, None)
    again = schedules.resumed(schedule, at("2026-12-01 12:00"))
    assert (again.paused, again.next_at, again.problem) == (False, stamp("2026-12-02 07:00"), None)


def test_a_run_that_was_delayed_too_long_was_missed_because_of_that() -> None:
    due_at = stamp("2026-11-23 07:00")
    schedule = schedules.delayed(a_schedule(), due_at, "no_space", "The disk is full.")
    assert schedules.decide(schedule, at("2026-11-23 07:04"))[1] == due_at
    again = schedules.delayed(schedule, due_at, "no_space", "The disk is full.")
    assert again.problem is not None
    assert again.problem.times == 1
    after, due = schedules.decide(again, at("2026-11-23 07:06"))
    assert (due, after.missed) == (None, (Missed(due_at, "not_sent"),))


def test_a_run_is_left_out_while_the_last_one_goes_on() -> None:
    schedule = schedules.skipped(a_schedule(), stamp("2026-11-23 07:00"), at("2026-11-23 07:00"))
    assert schedule.missed == (Missed(stamp("2026-11-23 07:00"), "still_running"),)
    assert (schedule.next_at, schedule.last_at) == (stamp("2026-11-24 07:00"), None)


def test_a_pause_has_no_missed_runs() -> None:
    schedule = schedules.paused(a_schedule())
    assert schedules.decide(schedule, at("2026-12-24 12:00")) == (schedule, None)
    resumed = schedules.resumed(schedule, at("2026-12-24 12:00"))
    assert (resumed.next_at, resumed.missed) == (stamp("2026-12-25 07:00"), ())
    assert schedules.paused(schedule) is schedule
    assert schedules.resumed(resumed, at("2027-12-24 12:00")) is resumed


def test_a_clock_that_jumps_ahead_and_is_set_right_loses_no_run_and_invents_none() -> None:
    ahead, due_at = schedules.decide(a_schedule(), at("2027-11-23 12:00"))
    assert due_at is None
    assert ahead.missed_count == 366
    right, due_at = schedules.decide(ahead, at("2026-11-22 12:00"))
    assert due_at is None
    assert (right.next_at, right.missed) == (stamp("2026-11-23 07:00"), ())
    assert schedules.decide(right, at("2026-11-23 07:00"))[1] == stamp("2026-11-23 07:00")


def test_a_clock_that_is_set_right_by_seconds_changes_nothing() -> None:
    done = schedules.sent(a_schedule(), stamp("2026-11-23 07:00"), "aaaabbbbccccdddd", at("2026-11-23 07:00"))
    assert schedules.decide(done, at("2026-11-23 06:58")) == (done, None)


@pytest.mark.parametrize(
    ("what", "cron", "now", "next_at"),
    [
        ("an earlier time of the day", "0 6 * * *", "2026-11-22 12:00", "2026-11-23 06:00"),
        ("the run that is due this moment stays due", "0 7 * * *", "2026-11-23 07:00", "2026-11-23 07:00"),
        ("the run that is due this moment is not in it any more", "0 8 * * *", "2026-11-23 07:00", "2026-11-23 08:00"),
        ("nothing that is past comes up", "0 6 * * *", "2026-11-23 07:00", "2026-11-24 06:00"),
    ],
)
def test_changed_by_a_person(what: str, cron: str, now: str, next_at: str) -> None:
    before = a_schedule()
    after = schedules.edited(replace(before, cron=cron), before, at(now))
    assert after.next_at == stamp(next_at), what


def test_changed_while_paused_it_stays_paused() -> None:
    before = schedules.paused(a_schedule())
    assert schedules.edited(replace(before, cron="* * * * *"), before, at("2026-11-23 07:00")).next_at is None


# What is sent


def test_a_run_knows_its_moment_in_the_zone_of_its_schedule() -> None:
    parameters = {
        "day": "{date}",
        "texts": ["at {time}", {"when": "{due}"}],
        "number": 3,
        "left": "{name} {{date}} {}",
    }
    schedule = a_schedule(
        timezone="America/New_York",
        request={"profile": "fake", "parameters": parameters, "lands_at": "out/{name}-{date}-{time}.ipynb"},
    )
    # The evening before, there.
    request = schedules.request_for(schedule, stamp("2026-11-23 03:30"), "a-key-of-a-run")
    assert request["parameters"] == {
        "day": "2026-11-22",
        "texts": ["at 22:30", {"when": "2026-11-22T22:30:00-05:00"}],
        "number": 3,
        "left": "{name} {date} {}",
    }
    assert request["lands_at"] == "out/{name}-20261122-223000.ipynb"
    assert (request["key"], request["name"]) == ("a-key-of-a-run", "Report")


def test_one_run_has_one_key_and_two_have_two() -> None:
    keys = {schedules.job_key("a" * 16, stamp(f"2026-11-23 0{hour}:00")) for hour in range(10)}
    assert len(keys) == 10
    assert schedules.job_key("a" * 16, stamp("2026-11-23 07:00")) == "schedule-aaaaaaaaaaaaaaaa-20261123T070000Z"


def test_what_is_stored_comes_back_and_a_newer_version_may_have_added_to_it() -> None:
    schedule = a_schedule(
        missed=(Missed(stamp("2026-11-22 07:00"), "no_server"),),
        problem=Problem("invalid", "x", stamp("2026-11-22 07:00")),
    )
    stored = schedule.to_json()
    assert (
        schedules.from_json({**stored, "colour": "green", "problem": {**stored["problem"], "sound": "loud"}})
        == schedule
    )
    with pytest.raises((KeyError, TypeError, ValueError)):
        schedules.from_json({"schema": 1, "id": "x"})
