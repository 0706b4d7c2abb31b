"""Jobs on a real Slurm through the bridge, the server run by an ordinary user, with all that can go wrong."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.slurm import SlurmCluster, why_not
from tests.servers.slurm_config import SITE_LUA

from ..jupyter import some, whole
from ..waiting import wait_for
from .site_with_slurm import Site

pytestmark = [pytest.mark.slurm, pytest.mark.skipif(bool(why_not()), reason=str(why_not()))]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not below pytest's own folder, which nobody else may enter.
    path = Path(tempfile.mkdtemp(prefix="compute-slurm-", dir="/var/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    (folder / "plain").mkdir()
    with SlurmCluster(lua=SITE_LUA) as slurm:
        here = Site(slurm, folder / "plain")
        yield here
        here.jupyter.stop()


@pytest.fixture
def working(site: Site) -> Iterator[Site]:
    yield site
    site.sbatch("works")


def test_each_partition_is_a_profile(site: Site) -> None:
    profiles = {p["queue"]: p for p in site.jupyter.ask("GET", "profiles").json["profiles"] if p["origin"] == "found"}
    assert {"debug", "long", "short", "gpu"} <= profiles.keys()
    assert profiles["debug"]["available"]["ok"], profiles["debug"]
    assert not profiles["closed"]["available"]["ok"]
    assert profiles["short"]["resources"]["walltime_s"]["max"] == 60


def _found(site: Site, queue: str) -> str:
    profiles = site.jupyter.ask("GET", "profiles").json["profiles"]
    return next(p["name"] for p in profiles if p["queue"] == queue and p["origin"] == "found")


def test_a_notebook_and_cells_run_there(site: Site) -> None:
    profile = _found(site, "debug")
    job = site.run(whole("import os; print(os.environ['SLURM_JOB_ID'], os.getcwd())", profile=profile))
    part = site.run(some(["c1"], "a = 20", "print(a + 22)", profile=profile, before="above"))
    done = site.jupyter.wait(job["id"])
    assert done["state"] == "succeeded", done
    assert done["node"]
    assert site.jupyter.printed(job["id"]) == f"{done['native_id']} {site.jupyter.notebooks}\n"
    assert wait_for(lambda: site.jupyter.job(job["id"])["landed"], 5)
    site.jupyter.wait(part["id"], "succeeded")
    assert site.jupyter.printed(part["id"]) == "42\n"


def test_a_job_is_on_one_node_by_slurms_name_from_its_start_to_its_end(site: Site) -> None:
    job, gate = site.gated("node")
    native = site.begun(job)["native_id"]
    host = site.slurm.run(["squeue", "--noheader", f"--jobs={native}", "--format=%B"]).stdout.strip()
    assert host in site.slurm.node_states()
    nodes = [site.jupyter.job(job["id"])["node"]]
    # Whoever speaks last, the queue or the runner, has spoken after two more answers of the queue.
    for _ in range(2):
        before = site.asked_at()
        wait_for(lambda before=before: site.asked_at() != before, 30, site.what_slurm_says)  # type: ignore[misc]
        nodes.append(site.jupyter.job(job["id"])["node"])
    gate.touch()
    nodes.append(site.jupyter.wait(job["id"], "succeeded")["node"])
    assert nodes == [host] * 4


def test_one_slurm_is_watched_once_whatever_profiles_call_it(site: Site) -> None:
    jobs = [site.run(whole("1", profile=profile)) for profile in ("free", "by-another-name")]
    for job in jobs:
        assert site.jupyter.wait(job["id"], "succeeded")["cluster"] == "test"
    listed = site.jupyter.ask("GET", "jobs").json["clusters"]
    assert [c["name"] for c in listed if c["type"] == "slurm"] == ["test"], listed
    profiles = {p["name"]: p["cluster"] for p in site.jupyter.ask("GET", "profiles").json["profiles"]}
    assert (profiles["free"], profiles["by-another-name"]) == ("test", "test")


def test_jobs_of_an_older_record_are_found_by_slurms_own_name_and_believed_while_it_is_silent(site: Site) -> None:
    old, gate = site.gated("old name", profile="by-another-name")
    site.begun(old)
    site.jupyter.kill()
    record = site.jupyter.data / "jobs" / f"{old['id']}.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "cluster": "big"}))
    site.jupyter.start()
    wait_for(lambda: site.jupyter.job(old["id"])["cluster"] == "test", 20, site.what_slurm_says)
    site.jupyter.kill()
    site.slurm.stop_controller()
    try:
        site.jupyter.start()
        stale = wait_for(lambda: (j := site.jupyter.job(old["id"]))["stale_since"] and j, 60)
        assert (stale["state"], stale["cluster"]) == ("running", "test")
        gate.touch()
        site.jupyter.wait(old["id"], "succeeded")
    finally:
        site.slurm.start_controller()
    wait_for(lambda: all(c["ok"] for c in site.jupyter.ask("GET", "jobs").json["clusters"]), 75, site.what_slurm_says)


def test_jobs_do_not_see_the_servers_surroundings(site: Site) -> None:
    job = site.run(whole("import os\nfor name, value in os.environ.items(): print(name, '=', value)", profile="free"))
    site.jupyter.wait(job["id"], "succeeded")
    printed = site.jupyter.printed(job["id"])
    assert "a-secret-of-the-hub" not in printed
    assert site.jupyter.token not in printed
    assert "SLURM_EXPORT_ENV" not in printed


def test_nobody_reads_a_title_in_the_queue(site: Site) -> None:
    job, gate = site.gated("title", name="my secret idea", path="secret.ipynb")
    site.begun(job)
    shown = site.slurm.run(["squeue", "--all", "-o", "%j %k %o"], user="root").stdout
    gate.touch()
    assert "secret" not in shown
    site.jupyter.wait(job["id"], "succeeded")


def test_a_refusal_is_told_in_slurms_words(site: Site) -> None:
    job = site.run(whole("1", profile="staff"))
    refused = site.jupyter.wait(job["id"], "failed")
    assert refused["reason"]["code"] == "rejected"
    assert "group not permitted" in refused["reason"]["text"].lower()
    assert refused["native_id"] is None


def test_what_the_site_changed_is_shown(site: Site) -> None:
    job, gate = site.gated("changed", resources={"walltime_s": 5 * 3600})
    site.begun(job)
    changed = wait_for(lambda: site.jupyter.job(job["id"])["changed_by_site"], 15)
    assert changed["walltime_s"] == {"asked": 18000, "got": 7200}
    gate.touch()
    site.jupyter.wait(job["id"], "succeeded")


def test_an_sbatch_that_hangs_starts_nothing_and_says_so(working: Site) -> None:
    working.sbatch("hangs")
    request = whole("1", profile="free")
    job = working.run(request)
    assert job["state"] == "submitting"
    lost = working.jupyter.wait(job["id"], "unknown", within_s=60)
    assert lost["reason"]["code"] == "lost"
    working.sbatch("works")
    again = working.jupyter.ask("POST", f"jobs/{job['id']}/retry").json
    assert working.jupyter.wait(again["id"])["state"] == "succeeded"


def test_an_sbatch_that_babbles_is_not_believed(working: Site) -> None:
    working.sbatch("babbles")
    job = working.run(whole("1", profile="free"))
    assert working.jupyter.wait(job["id"], "unknown", within_s=60)["reason"]["code"] == "lost"
    assert working.jupyter.job(job["id"])["native_id"] is None


def test_a_job_that_slurm_took_before_the_timeout_is_adopted(working: Site) -> None:
    working.sbatch("takes_it_and_hangs")
    job = working.run(whole("with open('once.txt', 'a') as file: file.write('ran\\n')", profile="free"))
    done = working.jupyter.wait(job["id"], within_s=60)
    assert done["state"] == "succeeded"
    assert done["native_id"]
    assert (working.jupyter.notebooks / "once.txt").read_text() == "ran\n"


def test_killed_while_sbatch_runs_the_job_is_adopted(working: Site) -> None:
    working.sbatch("takes_it_and_hangs")
    job, gate = working.gated("adopt")
    wait_for(lambda: working.slurm.run(["squeue", "--noheader"]).stdout, 20)
    working.jupyter.kill()
    working.sbatch("works")
    working.jupyter.start()
    assert working.begun(working.jupyter.job(job["id"]))["native_id"]
    gate.touch()
    assert working.jupyter.wait(job["id"])["state"] == "succeeded"


def test_a_silent_controller_changes_no_state(site: Site) -> None:
    job, gate = site.gated("silent")
    site.begun(job)
    site.slurm.stop_controller()
    try:
        stale = wait_for(lambda: (j := site.jupyter.job(job["id"]))["stale_since"] and j, 60)
        assert stale["state"] == "running"
        cluster = next(c for c in site.jupyter.ask("GET", "jobs").json["clusters"] if c["type"] == "slurm")
        assert not cluster["ok"]
        assert cluster["reason"]
        sent = site.run(whole("1", profile="free"))
        gate.touch()
        # The runner's own word needs no scheduler.
        assert site.jupyter.wait(job["id"], within_s=30)["state"] == "succeeded"
    finally:
        site.slurm.start_controller()
    site.jupyter.wait(sent["id"], "unknown", "succeeded", "failed", within_s=90)
    clusters = lambda: site.jupyter.ask("GET", "jobs").json["clusters"]  # noqa: E731
    wait_for(lambda: all(c["ok"] for c in clusters()), 75, lambda: f"{clusters()}\n{site.what_slurm_says()}")


def test_cancelled_here_and_outside(site: Site) -> None:
    here, _ = site.gated("never-1")
    outside, _ = site.gated("never-2")
    site.begun(here)
    native = site.begun(outside)["native_id"]
    site.jupyter.ask("POST", f"jobs/{here['id']}/cancel")
    site.slurm.run(["scancel", native])
    assert site.jupyter.wait(here["id"])["reason"]["code"] == "cancelled_by_user"
    ended = site.jupyter.wait(outside["id"])
    assert (ended["state"], ended["reason"]["code"]) == ("cancelled", "cancelled_outside")
    assert site.jupyter.printed(here["id"]) == "begun\n"


def test_a_waiting_job_that_is_cancelled_outside_is_over_at_the_next_look(site: Site) -> None:
    job = site.run(whole("1", profile="later", native={"begin": "now+1hour"}))
    native = site.jupyter.wait(job["id"], "queued")["native_id"]
    before = site.asked_at()
    asked = wait_for(lambda: (at := site.asked_at()) != before and at, 30, site.what_slurm_says)
    # The floor keeps the next look away long enough for this.
    site.slurm.run(["scancel", native])
    wait_for(lambda: site.asked_at() != asked, 30, site.what_slurm_says)
    ended = site.jupyter.job(job["id"])
    assert (ended["state"], ended["reason"] and ended["reason"]["code"]) == ("cancelled", "cancelled_outside")


def test_hold_and_release(site: Site) -> None:
    blockers = [site.gated("block")[0] for _ in range(4)]
    for job in blockers:
        site.begun(job)
    job, unwanted = (site.run(whole("1", profile="free")) for _ in range(2))
    waiting = site.jupyter.wait(job["id"], "queued")
    site.jupyter.wait(unwanted["id"], "queued")
    site.jupyter.ask("POST", f"jobs/{unwanted['id']}/cancel")
    assert site.jupyter.wait(unwanted["id"])["reason"]["code"] == "cancelled_by_user"
    wait_for(lambda: (site.jupyter.job(job["id"])["reason"] or {}).get("text"), 15)
    assert "hold" in waiting["can"]
    assert site.jupyter.ask("POST", f"jobs/{job['id']}/hold").status == 202
    held = site.jupyter.wait(job["id"], "held")
    assert held["reason"]["code"] == "held_by_user"
    (site.jupyter.notebooks / "block").touch()
    for blocker in blockers:
        site.jupyter.wait(blocker["id"], "succeeded")
    assert site.jupyter.job(job["id"])["state"] == "held"
    site.jupyter.ask("POST", f"jobs/{job['id']}/release")
    site.jupyter.wait(job["id"], "succeeded")


def test_a_requeued_job_is_a_new_attempt(site: Site) -> None:
    job, gate = site.gated("requeue", profile="again")
    native = site.begun(job)["native_id"]
    site.slurm.run(["scontrol", "requeue", native], user="root")
    wait_for(lambda: site.jupyter.job(job["id"])["attempt"] == 2, 120)
    gate.touch()
    done = site.jupyter.wait(job["id"], within_s=90)
    assert (done["state"], done["attempt"], done["native_id"]) == ("succeeded", 2, native)
    assert (Path(done["run_folder"]) / "attempts" / "1" / "started.json").exists()


def test_a_node_that_fails(site: Site) -> None:
    job, _ = site.gated("never-4", profile=_found(site, "short"))
    site.begun(job)
    site.slurm.node_down("n3")
    try:
        ended = site.jupyter.wait(job["id"], "failed", "unknown", within_s=60)
        assert (ended["state"], ended["reason"]["code"]) == ("failed", "node_failed"), ended["reason"]
    finally:
        site.slurm.node_resume("n3")
