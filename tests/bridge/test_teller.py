# ruff: noqa: ASYNC240 (a test may read a small file)
"""Each message comes at most once, from however many servers, and the job says how it went. A real receiver."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyterlab_compute import clock, notify
from jupyterlab_compute.courier import Site
from jupyterlab_compute.errors import Invalid
from jupyterlab_compute.lease import Myself
from jupyterlab_compute.notify import Wishes
from jupyterlab_compute.records import Sender

from ..builders import a_record, a_request
from ..fakes import SOON_S, Bridge, FakeDriver, a_bridge
from ..servers.receivers import SECRET, Webhook
from ..waiting import wait_until

ENDS = {"on": ["started", "ended", "failed"], "by": ["webhook"]}
QUICK = Site(timeout_s=5, again_s=(0.05, 0.05))


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with Webhook() as hook:
        yield hook


def telling(tmp_path: Path, hook: Webhook, **more: Any) -> AbstractAsyncContextManager[Bridge]:
    """A bridge of somebody whose settings name that webhook."""
    wishes = Wishes(webhook_file=hook.in_file(tmp_path / "hook"))
    return a_bridge(tmp_path, **{"messages": QUICK, "wishes": wishes, **more})


def told(job: dict[str, Any]) -> list[tuple[str, str | None]]:
    """What was told of it, and what kept it."""
    return [(each["on"], each["problem"]) for each in job["notified"] if each["at"]]


async def ended(bridge: Bridge, outcome: str = "succeeded", **more: Any) -> str:
    """A job that was sent, ran and ended."""
    wish = {name: value for name, value in {"notify": ENDS, **more}.items() if value is not None}
    job_id = await bridge.queued(a_request(**wish))
    native_id = str(len(bridge.driver.sent))
    folder = bridge.driver.begin(native_id)
    await bridge.wait(job_id, "running")
    bridge.driver.end(native_id, folder, outcome)
    await bridge.wait(job_id, outcome)
    return job_id


async def goes_on(bridge: Bridge) -> None:
    """Let the bridge look at everything a few times more."""
    await bridge.send(a_request("key-99999999", notify={"on": [], "by": []}))
    await bridge.looks(10)


async def test_a_start_and_an_end_are_told_once(tmp_path: Path, hook: Webhook) -> None:
    async with telling(tmp_path, hook) as bridge:
        job_id = await bridge.queued(a_request(notify=ENDS))
        folder = bridge.driver.begin("1")
        await bridge.wait(job_id, lambda job: told(job) == [("started", None)])
        bridge.driver.end("1", folder, "failed", reason={"code": "timeout", "text": "It reached its time limit."})
        await bridge.wait(job_id, lambda job: told(job) == [("started", None), ("failed", None)])
        await goes_on(bridge)
        assert [text.split("\n")[:2] for text in hook.texts] == [
            ["work.ipynb: Started · Fake", "It waited 0:00."],
            ["work.ipynb: Failed · Fake", "It reached its time limit."],
        ]
        assert (await bridge.job(job_id))["notify"] == {**ENDS, "mail_by": None}


async def test_nobody_is_told_unless_somebody_wants_it(tmp_path: Path, hook: Webhook) -> None:
    async with telling(tmp_path, hook) as bridge:
        await ended(bridge, notify={"on": ["failed"], "by": ["webhook"]})
        bridge.wishes = replace(bridge.wishes, on=("ended",), by=("webhook",))
        await ended(bridge, key="key-00000002", notify={"on": [], "by": []})
        job_id = await ended(bridge, "failed", key="key-00000003", notify=None)
        await bridge.wait(job_id, told)
        # The last one took what the settings say, and nothing came before it.
        assert [text.split("\n")[0] for text in hook.texts] == ["work.ipynb: Failed · Fake"]
        job_id = await bridge.send(a_request("key-00000004"))
        assert (await bridge.job(job_id))["notify"] == {"on": ["ended"], "by": ["webhook"], "mail_by": None}


async def test_two_servers_tell_it_once(tmp_path: Path, hook: Webhook) -> None:
    driver = FakeDriver()
    wishes = Wishes(webhook_file=hook.in_file(tmp_path / "hook"))
    async with (
        a_bridge(tmp_path, driver, messages=QUICK, wishes=wishes) as one,
        a_bridge(tmp_path, driver, messages=QUICK, wishes=wishes) as other,
    ):
        for number in range(10):
            job_id = await ended(one, key=f"key-0000000{number}", notify={"on": ["ended"], "by": ["webhook"]})
        for bridge in (one, other):
            await bridge.wait(job_id, told)
            await wait_until(lambda: not bridge.ledger.untold(), SOON_S, "all is told")  # noqa: B023
    assert len(hook.came) == 10


async def test_what_ended_while_no_server_was_there_is_told_by_the_next(tmp_path: Path, hook: Webhook) -> None:
    driver = FakeDriver()
    wishes = Wishes(webhook_file=hook.in_file(tmp_path / "hook"))
    async with a_bridge(tmp_path, driver, messages=QUICK, wishes=wishes) as bridge:
        job_id = await bridge.queued(a_request(notify={"on": ["ended"], "by": ["webhook"]}))
        folder = driver.begin("1")
        await bridge.wait(job_id, "running")
    driver.end("1", folder)
    for _ in range(2):
        async with a_bridge(tmp_path, driver, messages=QUICK, wishes=wishes) as bridge:
            await bridge.wait(job_id, told)
    assert len(hook.came) == 1


async def test_a_receiver_that_is_down_gets_it_later(tmp_path: Path, hook: Webhook) -> None:
    async with telling(tmp_path, hook) as bridge:
        hook.answers = [503, 500, 200]
        job_id = await ended(bridge, notify={"on": ["ended"], "by": ["webhook"]})
        job = await bridge.wait(job_id, lambda job: job["notified"] and job["notified"][0]["problem"])
        assert job["notified"][0]["problem"].startswith("The webhook answered 50")
        assert told(await bridge.wait(job_id, told)) == [("ended", None)]
        assert len(hook.came) == 3


async def test_a_receiver_that_stays_down_is_left_alone_after_a_while(tmp_path: Path, hook: Webhook) -> None:
    async with telling(tmp_path, hook) as bridge:
        hook.answers = [503]
        job_id = await ended(bridge, notify={"on": ["ended"], "by": ["webhook"]})
        [(_, problem)] = told(await bridge.wait(job_id, told))
        assert problem == "The webhook answered 503 (Service Unavailable)."
        await goes_on(bridge)
        assert len(hook.came) == 1 + len(QUICK.again_s)


async def test_a_receiver_that_hangs_keeps_nobody_waiting(tmp_path: Path) -> None:
    with Webhook(None) as hook:
        async with telling(tmp_path, hook, messages=replace(QUICK, timeout_s=60.0)) as bridge:
            # More of them than are sent at once; all end while not one was answered.
            jobs = [
                await ended(bridge, key=f"key-1000000{number}", notify={"on": ["ended"], "by": ["webhook"]})
                for number in range(6)
            ]
            await wait_until(lambda: len(hook.came) == 4, SOON_S, "they are sent")
            assert [told(await bridge.job(job_id)) for job_id in jobs] == [[]] * 6
            hook.let_go()
            for job_id in jobs:
                [(_, problem)] = told(await bridge.wait(job_id, told))
                assert problem == "The webhook gave no answer; the message may have arrived."
        assert len(hook.came) == 6


@pytest.mark.parametrize("code", [302, 308, 404])
async def test_a_receiver_that_says_no_is_not_asked_again(tmp_path: Path, hook: Webhook, code: int) -> None:
    async with telling(tmp_path, hook) as bridge:
        hook.answers = [code]
        job_id = await ended(bridge, notify={"on": ["ended"], "by": ["webhook"]})
        [(_, problem)] = told(await bridge.wait(job_id, told))
        assert problem
        await goes_on(bridge)
        assert len(hook.came) == 1
        assert hook.elsewhere == []


async def test_who_died_in_the_middle_may_have_told_it(tmp_path: Path, hook: Webhook) -> None:
    me = Myself()
    gone = Sender("gone", me.machine, me.pid, me.pid_start + 1)
    record = a_record("succeeded", notify={"on": ["ended"], "by": ["webhook"]}, ended_at="2026-11-21T10:00:00.000Z")
    wishes = Wishes(webhook_file=hook.in_file(tmp_path / "hook"))
    bridge = Bridge(tmp_path, FakeDriver(), messages=QUICK, wishes=wishes)
    assert bridge.records.create(notify.claimed(record, "webhook", "ended", gone, "2026-11-21T10:00:00.000Z"))
    await bridge.service.start()
    try:
        assert told(await bridge.wait(record.id, told)) == [("ended", notify.INTERRUPTED)]
    finally:
        await bridge.service.stop()
    assert hook.came == []


async def test_a_claim_of_another_machine_counts_for_a_while(tmp_path: Path, hook: Webhook) -> None:
    there = Sender("another", "another machine", 1, 1)
    wish = {"on": ["ended"], "by": ["webhook"]}
    async with telling(tmp_path, hook) as bridge:
        for job_id, claimed_at in (("a" * 16, "2026-11-21T10:00:00.000Z"), ("b" * 16, clock.now())):
            record = a_record("succeeded", id=job_id, notify=wish)
            assert bridge.records.create(notify.claimed(record, "webhook", "ended", there, claimed_at))
        assert told(await bridge.wait("a" * 16, told)) == [("ended", notify.INTERRUPTED)]
        await goes_on(bridge)
        assert told(await bridge.job("b" * 16)) == []
    assert hook.came == []


async def test_a_claim_of_a_server_that_lives_is_left_to_it(tmp_path: Path, hook: Webhook) -> None:
    me = Myself()
    other = replace(me.sender, server="another")
    record = a_record("succeeded", notify={"on": ["ended"], "by": ["webhook"]})
    wishes = Wishes(webhook_file=hook.in_file(tmp_path / "hook"))
    async with a_bridge(tmp_path, messages=QUICK, wishes=wishes) as bridge:
        assert bridge.records.create(notify.claimed(record, "webhook", "ended", other, "2026-11-21T10:00:00.000Z"))
        await bridge.wait(record.id, lambda job: job["notified"])
        # Something that comes later is told meanwhile.
        job_id = await ended(bridge, notify={"on": ["ended"], "by": ["webhook"]})
        await bridge.wait(job_id, told)
        assert told(await bridge.job(record.id)) == []
    assert len(hook.came) == 1


async def test_a_job_that_is_deleted_meanwhile_is_nobodys_trouble(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Webhook(None) as hook:
        wishes = Wishes(webhook_file=hook.in_file(tmp_path / "hook"))
        async with a_bridge(tmp_path, messages=replace(QUICK, timeout_s=0.5), wishes=wishes) as bridge:
            job_id = await ended(bridge, notify={"on": ["ended"], "by": ["webhook"]})
            await wait_until(lambda: hook.came, SOON_S, "it is told")
            await bridge.service.acting.forget(job_id, keep_files=False)
            await wait_until(
                lambda: not any(t.get_name().startswith("compute-tell") for t in asyncio.all_tasks()), SOON_S, "it ends"
            )
    assert "failed" not in caplog.text


# What cannot be


async def test_a_wish_that_cannot_be_fulfilled_is_refused(tmp_path: Path) -> None:
    async with a_bridge(tmp_path) as bridge:
        for way, words in [("webhook", "No webhook is set up"), ("mail", "No mail address")]:
            with pytest.raises(Invalid, match=words) as caught:
                await bridge.send(a_request(notify={"on": ["ended"], "by": [way]}))
            assert caught.value.details["pointer"] == "/notify/by"
            preview = await bridge.service.intake.preview(a_request(notify={"on": ["ended"], "by": [way]}))
            assert words in preview["warnings"][0]


async def test_what_the_settings_wish_in_vain_stands_on_the_job(tmp_path: Path) -> None:
    usual = Wishes("ann@example.org", str(tmp_path / "gone"), ("ended",), ("mail", "webhook"))
    async with a_bridge(tmp_path, wishes=usual) as bridge:
        job_id = await bridge.queued()
        bridge.driver.end("1", bridge.driver.begin("1"))
        job = await bridge.wait(job_id, lambda job: len(told(job)) == 2)
    problems = {each["by"]: each["problem"] for each in job["notified"]}
    assert "names no mail server" in problems["mail"]
    assert "No such file" in problems["webhook"]


class Mails(FakeDriver):
    """A scheduler that sends mail itself."""

    mails = True


async def test_a_scheduler_that_mails_does_so_itself(tmp_path: Path) -> None:
    usual = Wishes("ann@example.org", None, ("ended",), ("mail",))
    async with a_bridge(tmp_path, Mails(), wishes=usual) as bridge:
        job_id = await bridge.queued()
        [sent] = bridge.driver.sent
        assert (sent.mail_on, sent.mail_to) == (("ended",), "ann@example.org")
        assert (await bridge.job(job_id))["notify"]["mail_by"] == "scheduler"
        bridge.driver.end("1", bridge.driver.begin("1"))
        job = await bridge.wait(job_id, "succeeded")
        assert job["notified"] == []
        assert bridge.ledger.untold() == []


async def test_a_site_may_send_all_mail_itself(tmp_path: Path) -> None:
    usual = Wishes("ann@example.org", None, ("ended",), ("mail",))
    async with a_bridge(tmp_path, Mails(), wishes=usual, messages=Site(mail_by_scheduler=False)) as bridge:
        await bridge.queued()
        assert bridge.driver.sent[0].mail_on == ()


# A trial, and the secret


async def test_a_trial_says_how_it_went(tmp_path: Path, hook: Webhook) -> None:
    async with telling(tmp_path, hook) as bridge:
        assert await bridge.service.notify_trial({"by": "webhook"}) == {"problem": None}
        assert hook.texts == ["Compute: this is a trial\nMessages about jobs arrive here."]
        hook.answers = [404]
        assert (await bridge.service.notify_trial({"by": "webhook"}))[
            "problem"
        ] == "The webhook answered 404 (Not Found)."
        assert "No mail address" in (await bridge.service.notify_trial({"by": "mail"}))["problem"]
        ways = await bridge.service.notify_ways()
        assert ways["webhook"] == {"ok": True, "reason": ""}
        assert not ways["mail"]["ok"]


@pytest.mark.parametrize("answers", [[200], [404], [302], [503]])
async def test_the_address_stands_nowhere(
    hook: Webhook, answers: list[int | None], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    async with telling(tmp_path, hook) as bridge:
        caplog.set_level("DEBUG")
        hook.answers = answers
        job_id = await ended(bridge, notify={"on": ["ended"], "by": ["webhook"]})
        job = await bridge.wait(job_id, told)
        said = [caplog.text, json.dumps(job), json.dumps(await bridge.service.notify_ways()), str(bridge.events)]
        kept = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "hook"]
        said += [path.read_text(errors="replace") for path in kept]
        assert len(kept) > 3
        assert [text for text in said if SECRET in text or "xoxo" in text] == []
