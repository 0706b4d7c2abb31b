"""One server of a user watches a cluster, with real processes that are really killed."""

from __future__ import annotations

import json
import os
import resource
import threading
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyterlab_compute import clock
from jupyterlab_compute.lease import EXPIRES_S, Lease, Myself, Pulse, process_start
from jupyterlab_compute.records import Sender

from .processes import another_process, says

_HOLD = """
    import itertools, sys
    from pathlib import Path
    from jupyterlab_compute.lease import Lease, Myself, Pulse
    lease = Lease(Path(sys.argv[1]), "fake", Myself())
    for line in itertools.chain(["begin"], sys.stdin):
        if line.strip() == "give up":
            lease.give_up()
            print("gave up", flush=True)
        else:
            print("held" if lease.hold(Pulse(None, None, "it is busy")) is None else "not held", flush=True)
"""

_ELSEWHERE = Sender("another", "another machine", 1, 1)


def _age(folder: Path, by_s: float, holder: Sender = _ELSEWHERE) -> None:
    """A heartbeat of that age."""
    folder.mkdir(exist_ok=True)
    at = clock.at(datetime.now(timezone.utc) - timedelta(seconds=by_s))
    pulse = {"answered_at": None, "silent_since": None, "reason": ""}
    (folder / "fake.json").write_text(json.dumps({"holder": holder.__dict__, "at": at, "pulse": pulse}))


def test_a_living_holder_keeps_it_and_tells_how_the_cluster_answers(tmp_path: Path) -> None:
    with another_process(_HOLD, tmp_path) as holder:
        assert says(holder) == "held"
        told = Lease(tmp_path, "fake", Myself()).hold(Pulse())
        assert told == Pulse(None, None, "it is busy")


def test_is_taken_over_at_once_when_the_holder_was_killed(tmp_path: Path) -> None:
    with another_process(_HOLD, tmp_path) as holder:
        assert says(holder) == "held"
        holder.kill()
        holder.wait()
        assert Lease(tmp_path, "fake", Myself()).hold(Pulse()) is None


def test_a_zombie_holds_nothing(tmp_path: Path) -> None:
    with another_process(_HOLD, tmp_path) as holder:
        assert says(holder) == "held"
        holder.kill()
        # Its parent has not asked for its end yet: it still has its pid.
        os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
        assert process_start(holder.pid) is None
        assert Lease(tmp_path, "fake", Myself()).hold(Pulse()) is None


def test_another_process_with_the_same_pid_is_not_the_holder(tmp_path: Path) -> None:
    me = Myself()
    _age(tmp_path, 1, Sender("another", me.machine, os.getpid(), me.pid_start - 1))
    assert Lease(tmp_path, "fake", me).hold(Pulse()) is None


def test_is_free_at_once_when_it_was_given_up(tmp_path: Path) -> None:
    with another_process(_HOLD, tmp_path) as holder:
        assert says(holder) == "held"
        mine = Lease(tmp_path, "fake", Myself())
        mine.give_up()
        assert mine.hold(Pulse()) is not None
        assert holder.stdin is not None
        holder.stdin.write("give up\n")
        holder.stdin.flush()
        assert says(holder) == "gave up"
        assert mine.hold(Pulse()) is None


def test_of_many_that_want_it_at_once_one_gets_it(tmp_path: Path) -> None:
    leases = [Lease(tmp_path, "fake", Myself()) for _ in range(16)]
    told: list[Pulse | None] = []
    threads = [threading.Thread(target=lambda each=each: told.append(each.hold(Pulse()))) for each in leases]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count(None) == 1


@pytest.mark.parametrize(
    ("age_s", "free"),
    [(0, False), (EXPIRES_S - 2, False), (EXPIRES_S + 2, True), (-2, False), (-EXPIRES_S - 2, True), (86400, True)],
)
def test_a_holder_on_another_machine_is_believed_for_a_while(tmp_path: Path, age_s: float, free: bool) -> None:
    _age(tmp_path, age_s)
    assert (Lease(tmp_path, "fake", Myself()).hold(Pulse()) is None) is free


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", '{"holder": {}}', '{"holder": 1, "at": 2, "pulse": 3}', "\xff", '"x"', "[" * 50_000]
)
def test_what_cannot_be_read_is_nobodys(tmp_path: Path, text: str) -> None:
    (tmp_path / "fake.json").write_text(text, "latin-1")
    assert Lease(tmp_path, "fake", Myself()).hold(Pulse()) is None


def test_a_time_without_a_zone_is_nobodys(tmp_path: Path) -> None:
    _age(tmp_path, 0)
    held = json.loads((tmp_path / "fake.json").read_text())
    (tmp_path / "fake.json").write_text(json.dumps({**held, "at": "2026-11-21T09:40:00"}))
    assert Lease(tmp_path, "fake", Myself()).hold(Pulse()) is None


def test_nobody_is_called_gone_who_cannot_be_seen(tmp_path: Path) -> None:
    me = Myself()
    assert not me.surely_gone(_ELSEWHERE)
    assert not me.surely_gone(me.sender)
    other = replace(me, server="another")
    assert not me.surely_gone(other.sender)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        # This process has no descriptor left to look with.
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
        gone = me.surely_gone(other.sender)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert not gone
