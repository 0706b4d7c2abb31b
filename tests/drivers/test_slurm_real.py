"""The Slurm driver against a real Slurm, as an ordinary user, with and without accounting."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from jupyterlab_compute import clock
from jupyterlab_compute.drivers import slurm_commands
from jupyterlab_compute.drivers.base import Resources, Submission
from jupyterlab_compute.drivers.slurm import SlurmDriver
from jupyterlab_compute.errors import SchedulerRefused, SchedulerSilent
from jupyterlab_compute.states import Belief, Exit, JobState, Seen, Source, decide
from jupyterlab_compute.transports.base import Answer
from tests.servers.daemons import TEST_USER, ensure_test_user, wait_until
from tests.servers.slurm import SlurmCluster, why_not
from tests.servers.slurm_config import SITE_LUA

pytestmark = [pytest.mark.slurm, pytest.mark.skipif(bool(why_not()), reason=str(why_not()))]

T = TypeVar("T")
SLEEP = "exec sleep 300"
GREEDY = 'exec /usr/bin/python3 -c "import time; x = bytearray(300 << 20); time.sleep(30)"'


class AsTestUser:
    """A transport that runs commands as the test user, and counts them."""

    def __init__(self, slurm: SlurmCluster) -> None:
        self._slurm = slurm
        self.ran: list[Sequence[str]] = []

    async def run(
        self, argv: Sequence[str], *, timeout_s: float, env: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> Answer:
        self.ran.append(argv)
        begun = time.monotonic()
        try:
            said = await asyncio.to_thread(
                self._slurm.run, argv, check=False, env=env, stdin=stdin, timeout_s=timeout_s
            )
        except subprocess.TimeoutExpired as error:
            raise SchedulerSilent(str(error)) from error
        return Answer(said.returncode, said.stdout, said.stderr, time.monotonic() - begun)

    async def which(self, program: str) -> str | None:
        return shutil.which(program)


class Site:
    """A cluster, its driver, and run folders of the test user's."""

    def __init__(self, slurm: SlurmCluster) -> None:
        self.slurm = slurm
        self.transport = AsTestUser(slurm)
        self.driver = SlurmDriver(self.transport, env=slurm.env)
        self.begun = clock.now()

    def job(self, script: str, folder: str = "run", **more: Any) -> Submission:
        user = ensure_test_user()
        tag = f"jc-{secrets.token_hex(8)}"
        run = Path(user.pw_dir) / f"{folder}-{tag}"
        run.mkdir(mode=0o700)
        (run / "job.sh").write_text(f"#!/bin/sh\n{script}\n")
        for path in (run, run / "job.sh"):
            os.chown(path, user.pw_uid, user.pw_gid)
        asked = Submission(tag, "j", str(run), str(run / "job.sh"), Resources(memory_mb=50, walltime_s=600))
        return replace(asked, **more)

    def submit(self, script: str, **more: Any) -> str:
        return wait(self.driver.submit(self.job(script, **more))).native_id

    def see(self, native_id: str, *states: JobState) -> Seen:
        """The job as soon as the queue says that it is in one of `states`."""

        def look() -> Seen | None:
            seen = wait(self.driver.queue()).get(native_id)
            return seen if seen is not None and seen.state in states else None

        seen = wait_until(look, f"job {native_id} to be {states}")
        assert seen is not None
        return seen

    def past(self, native_id: str) -> Seen:
        seen = wait_until(lambda: wait(self.driver.past([native_id], self.begun)).get(native_id), "accounting")
        assert seen is not None
        return seen


def wait(work: Awaitable[T]) -> T:
    async def all_of_it() -> T:
        return await work

    return asyncio.run(all_of_it())


@pytest.fixture(autouse=True)
def no_run_folders_left() -> Iterator[None]:
    yield
    for folder in Path(ensure_test_user().pw_dir).glob("*-jc-*"):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def bare() -> Iterator[Site]:
    """No accounting, no memory limits."""
    with SlurmCluster(cpus=2) as slurm:
        yield Site(slurm)


@pytest.fixture(scope="module")
def full() -> Iterator[Site]:
    """Accounting, memory limits, and a site that changes jobs."""
    if reason := why_not(accounting=True):
        pytest.skip(reason)
    memory = "cgroup" if Path("/sys/fs/cgroup/memory").is_dir() else "none"
    with SlurmCluster(accounting=True, enforce=True, memory=memory, lua=SITE_LUA, cpus=2) as slurm:
        yield Site(slurm)


def test_a_job_from_sending_to_its_end(bare: Site) -> None:
    job = bare.job("echo out; echo err >&2; exit 3")
    receipt = wait(bare.driver.submit(job))
    assert receipt.native_id.isdigit()
    assert receipt.warning == ""
    seen = bare.see(receipt.native_id, JobState.FAILED)
    assert (seen.exit, seen.reason and seen.reason.code, seen.tag) == (Exit(3), "error", job.tag)
    assert seen.queued_at is not None
    assert abs(clock.seconds_since(seen.queued_at)) < 60
    log = Path(job.run_folder) / "scheduler.log"
    assert log.read_text() == "out\nerr\n"
    assert log.stat().st_mode & 0o077 == 0


def test_nothing_of_the_senders_environment_reaches_the_job(bare: Site) -> None:
    secrets_ = {"JUPYTERHUB_API_TOKEN": "leak", "SLURM_JOB_ID": "leak", "SBATCH_PARTITION": "leak", "PMIX_RANK": "leak"}
    before = dict(os.environ)
    os.environ.update(secrets_)
    try:
        job = bare.job("env; umask")
        native_id = wait(SlurmDriver(bare.transport, env=bare.slurm.env).submit(job)).native_id
    finally:
        os.environ.clear()
        os.environ.update(before)
    bare.see(native_id, JobState.SUCCEEDED)
    log = (Path(job.run_folder) / "scheduler.log").read_text()
    assert "leak" not in log
    assert "SLURM_TIME_FORMAT" not in log
    assert f"USER={TEST_USER}" in log
    assert log.splitlines()[-1] == "0077"


def test_a_run_folder_with_a_percent_sign_and_blanks(bare: Site) -> None:
    job = bare.job("pwd", folder="50 %j 100%")
    native_id = wait(bare.driver.submit(job)).native_id
    bare.see(native_id, JobState.SUCCEEDED)
    assert (Path(job.run_folder) / "scheduler.log").read_text().strip() == job.run_folder


def test_a_final_word_of_the_queue_counts_after_a_second_look(bare: Site) -> None:
    seen = bare.see(bare.submit("exit 0"), JobState.SUCCEEDED)
    once = decide(Belief(JobState.RUNNING), seen)
    assert once.state is JobState.COMPLETING
    assert decide(once, seen).state is JobState.SUCCEEDED


def test_cancel(bare: Site) -> None:
    native_id = bare.submit(SLEEP)
    assert bare.see(native_id, JobState.RUNNING).node in bare.slurm.node_states()
    wait(bare.driver.cancel(native_id))
    assert bare.see(native_id, JobState.CANCELLED).ended_at
    wait(bare.driver.cancel(native_id))  # over already: no error
    wait(bare.driver.cancel("99999"))  # unknown: no error


def test_somebody_elses_job_is_neither_seen_nor_cancelled(bare: Site) -> None:
    answer = bare.slurm.run(["sbatch", "--parsable", "--hold", "--output=/dev/null", "--wrap=true"], user="root")
    foreign = answer.stdout.strip()
    assert foreign not in wait(bare.driver.queue())
    with pytest.raises(SchedulerRefused, match="permission denied"):
        wait(bare.driver.cancel(foreign))
    bare.slurm.run(["scancel", foreign], user="root")


def test_hold_and_release(bare: Site) -> None:
    native_id = bare.submit("exit 0", native={"begin": "now+1hour"})
    assert bare.see(native_id, JobState.QUEUED).reason
    wait(bare.driver.hold(native_id))
    seen = bare.see(native_id, JobState.HELD)
    assert seen.reason is not None
    assert seen.reason.code == "held_by_user"
    wait(bare.driver.release(native_id))
    bare.see(native_id, JobState.QUEUED)
    wait(bare.driver.cancel(native_id))
    with pytest.raises(SchedulerRefused, match="over"):
        wait(bare.driver.hold(native_id))


def test_refused_jobs_are_not_queued(bare: Site) -> None:
    job = bare.job(SLEEP, queue="drained")
    with pytest.raises(SchedulerRefused, match="Required partition not available"):
        wait(bare.driver.submit(job))
    assert wait(bare.driver.find([job.tag], bare.begun)) == {}


def test_jobs_are_found_by_their_tag(bare: Site) -> None:
    shown = bare.job("exit 0", display_name="my_notebook")
    plain = bare.job(SLEEP, use_comment=False)
    ids = {job.tag: wait(bare.driver.submit(job)).native_id for job in (shown, plain)}
    bare.see(ids[shown.tag], JobState.SUCCEEDED)
    found = wait(bare.driver.find([shown.tag, plain.tag, "jc-00000000"], bare.begun))
    assert {tag: seen.native_id for tag, seen in found.items()} == ids
    wait(bare.driver.cancel(ids[plain.tag]))


def test_what_the_job_asked_for_is_what_slurm_holds(bare: Site) -> None:
    asked = Resources(cores=2, memory_mb=300, walltime_s=90, gpus=1, gpu_type="tesla")
    native_id = bare.submit(SLEEP, resources=asked, queue="gpu")
    held = {"queue": "gpu", "cores": 2, "memory_mb": 300, "walltime_s": 120, "nodes": 1, "gpus": 1}
    assert bare.see(native_id, JobState.RUNNING).holds == held
    wait(bare.driver.cancel(native_id))


def test_slurm_knows_whom_to_mail_and_of_what(bare: Site) -> None:
    begun = bare.submit(SLEEP, mail_on=("started", "failed"), mail_to="ann.b+jobs@example.org")
    ended = bare.submit(SLEEP, mail_on=("ended",), mail_to="ann@example.org")
    shown = [bare.slurm.run(["scontrol", "show", "job", native_id]).stdout.split() for native_id in (begun, ended)]
    for native_id in (begun, ended):
        wait(bare.driver.cancel(native_id))
    # As Slurm says it.
    assert {"MailUser=ann.b+jobs@example.org", "MailType=BEGIN,FAIL"} <= {*shown[0]}
    assert {"MailUser=ann@example.org", "MailType=END"} <= {*shown[1]}


def test_all_nodes_that_were_asked_for_are_given_and_the_script_runs_once(bare: Site) -> None:
    job = bare.job("echo once; exec sleep 300", resources=Resources(nodes=2, memory_mb=50))
    native_id = wait(bare.driver.submit(job)).native_id
    seen = bare.see(native_id, JobState.RUNNING)
    assert seen.holds is not None
    assert (seen.holds["nodes"], seen.holds["memory_mb"]) == (2, 50)
    shown = bare.slurm.run(["scontrol", "--oneliner", "show", "job", native_id]).stdout
    assert " NumNodes=2 NumCPUs=2 NumTasks=2 " in shown
    assert f" BatchHost={seen.node} " in shown
    log = Path(job.run_folder) / "scheduler.log"
    wait_until(lambda: log.exists() and log.read_text(), "the script's words")
    wait(bare.driver.cancel(native_id))
    bare.see(native_id, JobState.CANCELLED)
    assert log.read_text().count("once") == 1


def test_a_requeue_is_a_new_attempt(bare: Site) -> None:
    native_id = bare.submit(SLEEP, requeue=True)
    assert bare.see(native_id, JobState.RUNNING).attempt == 1
    bare.slurm.run(["scontrol", "requeue", native_id], user="root")
    assert bare.see(native_id, JobState.QUEUED).attempt == 2
    wait(bare.driver.cancel(native_id))


def test_no_requeue_unless_asked_for(bare: Site) -> None:
    native_id = bare.submit(SLEEP, native={"nodelist": "n2"})
    bare.see(native_id, JobState.RUNNING)
    bare.slurm.node_down("n2")
    seen = bare.see(native_id, JobState.FAILED)
    assert seen.reason is not None
    assert seen.reason.code == "node_failed"
    bare.slurm.node_resume("n2")


def test_arrays_are_understood(bare: Site) -> None:
    array = bare.slurm.sbatch("--array=1-3", "--hold")
    queue = wait(bare.driver.queue())
    assert [queue[each].state for each in (array, f"{array}_1", f"{array}_3")] == [JobState.HELD] * 3
    wait(bare.driver.cancel(f"{array}_2"))
    # A task that never ran leaves no trace in the queue: absence, which says nothing.
    wait_until(lambda: f"{array}_2" not in wait(bare.driver.queue()), "the task to leave the queue")
    assert wait(bare.driver.queue())[array].state is JobState.HELD
    wait(bare.driver.cancel(array))


def test_estimates(bare: Site) -> None:
    job = bare.job(SLEEP)
    start = wait_until(lambda: wait(bare.driver.estimate(job)), "an estimate")
    assert start is not None
    assert abs(clock.seconds_since(start)) < 60
    assert wait(bare.driver.find([job.tag], bare.begun)) == {}
    with pytest.raises(SchedulerRefused, match="Invalid partition"):
        wait(bare.driver.estimate(replace(job, queue="nowhere")))


def test_places(bare: Site) -> None:
    found = {place.name: place for place in wait(bare.driver.places())}
    assert list(found) == ["debug", "long", "short", "gpu", "closed", "drained"]
    assert not found["closed"].ok
    assert found["gpu"].resources["gpus"]["max"] == 2
    wait(bare.driver.probe())
    assert bare.driver.environment_facts() == {"version": "22.05.8", "cluster_name": "test", "accounting": False}


def test_it_goes_by_slurms_own_name_and_asks_for_it_once(bare: Site) -> None:
    driver = SlurmDriver(bare.transport, cluster="big", env=bare.slurm.env)
    driver.assume("as the record has it")
    assert (driver.cluster, driver.former_names) == ("as the record has it", frozenset())
    del bare.transport.ran[:]
    for _ in range(2):
        wait(driver.queue())
    wait(driver.places())
    assert (driver.cluster, driver.former_names) == ("test", {"big"})
    assert bare.transport.ran.count(slurm_commands.about()) == 1


def test_without_accounting_nobody_is_asked_twice(bare: Site) -> None:
    driver = SlurmDriver(bare.transport, env=bare.slurm.env)
    del bare.transport.ran[:]
    assert wait(driver.past(["1", "99999"], bare.begun)) == {}
    assert wait(driver.past(["1", "99999"], bare.begun)) == {}
    assert len(bare.transport.ran) == 1


def test_one_query_for_any_number_of_jobs(bare: Site) -> None:
    ids = [bare.submit(SLEEP, native={"hold": ""}) for _ in range(5)]
    wait(bare.driver.probe())
    del bare.transport.ran[:]
    assert {*ids} <= wait(bare.driver.queue()).keys()
    assert bare.transport.ran == [slurm_commands.queue()]
    bare.slurm.run(["scancel", *ids])


def test_a_controller_that_is_down_is_silence_and_its_jobs_are_found_again(bare: Site) -> None:
    native_id = bare.submit(SLEEP)
    bare.see(native_id, JobState.RUNNING)
    late = bare.job(SLEEP)
    bare.slurm.stop_controller()
    try:
        asked: list[Callable[[], Coroutine[Any, Any, object]]] = [
            bare.driver.queue,
            bare.driver.probe,
            lambda: bare.driver.submit(late),
            lambda: bare.driver.cancel(native_id),
        ]

        async def all_at_once() -> list[object]:
            return await asyncio.gather(*(ask() for ask in asked), return_exceptions=True)

        errors = wait(all_at_once())
        assert [type(error) for error in errors] == [SchedulerSilent] * len(asked), errors
    finally:
        bare.slurm.start_controller()
    bare.see(native_id, JobState.RUNNING)
    assert wait(bare.driver.find([late.tag], bare.begun)) == {}
    wait(bare.driver.cancel(native_id))


# -- with accounting -----------------------------------------------------------------------------------


def test_accounting_has_the_last_word(full: Site) -> None:
    job = full.job("exit 3")
    native_id = wait(full.driver.submit(job)).native_id
    full.see(native_id, JobState.FAILED)
    seen = full.past(native_id)
    assert (seen.state, seen.exit, seen.source) == (JobState.FAILED, Exit(3), Source.ACCOUNTING)
    assert seen.ended_at


def test_out_of_memory(full: Site) -> None:
    if full.slurm.options.memory != "cgroup":
        pytest.skip("needs the memory controller of cgroup v1")
    native_id = full.submit(GREEDY)
    for seen in (full.see(native_id, JobState.FAILED), full.past(native_id)):
        assert seen.reason is not None
        assert (seen.reason.code, seen.exit) == ("out_of_memory", Exit(None, 9))


def test_a_cancel_by_an_administrator_is_told(full: Site) -> None:
    native_id = full.submit(SLEEP)
    full.see(native_id, JobState.RUNNING)
    full.slurm.run(["scancel", native_id], user="root")
    full.see(native_id, JobState.CANCELLED)
    seen = full.past(native_id)
    assert seen.reason is not None
    assert seen.reason.code == "cancelled_by_admin"


def test_what_the_site_changed(full: Site) -> None:
    job = full.job(SLEEP, queue="gpu", resources=Resources(walltime_s=5 * 3600))
    receipt = wait(full.driver.submit(job))
    assert "nothing longer than 2 hours" in receipt.warning
    assert "moved to debug" in receipt.warning
    seen = full.see(receipt.native_id, JobState.RUNNING)
    assert seen.holds is not None
    assert (seen.holds["walltime_s"], seen.holds["queue"], seen.holds["account"]) == (7200, "debug", "physics")
    wait(full.driver.cancel(receipt.native_id))


def test_what_the_site_refuses(full: Site) -> None:
    with pytest.raises(SchedulerRefused, match="Invalid account"):
        wait(full.driver.submit(full.job(SLEEP, account="nobodys")))


def test_forgotten_jobs_are_found_in_accounting(full: Site) -> None:
    job = full.job("exit 0", display_name="shown")
    native_id = wait(full.driver.submit(job)).native_id
    full.see(native_id, JobState.SUCCEEDED)
    full.past(native_id)
    driver = SlurmDriver(Forgetful(full.slurm), env=full.slurm.env)
    assert native_id not in wait(driver.queue())
    found = wait_until(lambda: wait(driver.find([job.tag], full.begun)), "its name in accounting")
    assert found[job.tag].native_id == native_id


class Forgetful(AsTestUser):
    """A slurmctld that forgets ended jobs at once, as one does after MinJobAge."""

    async def run(
        self, argv: Sequence[str], *, timeout_s: float, env: Mapping[str, str] | None = None, stdin: str | None = None
    ) -> Answer:
        alive = "--states=PENDING,RUNNING"
        words = [alive if word == "--states=all" else word for word in argv]
        return await super().run(words, timeout_s=timeout_s, env=env, stdin=stdin)


def test_a_database_that_is_down_is_silence(full: Site) -> None:
    full.slurm.stop_accounting()
    try:
        with pytest.raises(SchedulerSilent):
            wait(full.driver.past(["1"], full.begun))
        assert isinstance(wait(full.driver.queue()), dict)
    finally:
        full.slurm.start_accounting()
