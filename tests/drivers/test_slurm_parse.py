"""Slurm's words in ours, by tables: what a real 22.05 said (tests/data/slurm), and what it might say."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

import pytest

from jupyterlab_compute import clock
from jupyterlab_compute.drivers import slurm_commands as commands
from jupyterlab_compute.drivers import slurm_places, slurm_read, slurm_words
from jupyterlab_compute.drivers.base import Resources, Submission
from jupyterlab_compute.errors import Invalid, SchedulerRefused, SchedulerSilent
from jupyterlab_compute.states import Exit, JobState, Seen, Source

RECORDED = Path(__file__).parents[1] / "data" / "slurm"
TAG = "jc-0123456789abcdef"
#: When it was recorded, nearly.
THEN = datetime(2026, 11, 21, 9, 50, tzinfo=timezone.utc)


class Said(NamedTuple):
    code: int
    stdout: str
    stderr: str


def said(name: str) -> Said:
    text = (RECORDED / f"{name}.txt").read_bytes().decode()
    head, _, rest = text.partition("--- stdout\n")
    stdout, _, stderr = rest.rpartition("--- stderr\n")
    return Said(int(head.splitlines()[-1].removeprefix("rc ")), stdout, stderr)


def only(seen: dict[str, Seen]) -> Seen:
    (one,) = seen.values()
    return one


def in_queue(name: str) -> Seen:
    return only(slurm_read.queue(said(f"squeue-{name}").stdout, THEN))


# fmt: off
QUEUE = [
    ("completed",         JobState.SUCCEEDED,  None,                Exit(0)),
    ("failed",            JobState.FAILED,     "error",             Exit(3)),
    ("killed",            JobState.FAILED,     "killed",            Exit(None, 9)),
    ("segv",              JobState.FAILED,     "killed",            Exit(None, 11)),
    ("over-memory",       JobState.FAILED,     "killed",            Exit(None, 9)),
    ("oom",               JobState.FAILED,     "out_of_memory",     Exit(None, 9)),
    ("timeout",           JobState.FAILED,     "timeout",           None),
    ("node-fail",         JobState.FAILED,     "node_failed",       None),
    ("cancelled-by-root", JobState.CANCELLED,  None,                Exit(0)),
    ("running",           JobState.RUNNING,    None,                None),
    ("suspended",         JobState.RUNNING,    "suspended",         None),
    ("completing",        JobState.COMPLETING, None,                None),
    ("requeued",          JobState.QUEUED,     "priority",          None),
    ("pending-held",              JobState.HELD,   "held_by_user",      None),
    ("pending-held-by-admin",     JobState.HELD,   "held_by_admin",     None),
    ("pending-dependency",        JobState.QUEUED, "dependency",        None),
    ("pending-dependency-never",  JobState.QUEUED, "dependency",        None),
    ("pending-begin",             JobState.QUEUED, "begin_time",        None),
    ("pending-partition-down",    JobState.QUEUED, "queue_closed",      None),
    ("pending-partition-time",    JobState.QUEUED, "never",             None),
    ("pending-partition-nodes",   JobState.QUEUED, "never",             None),
    ("pending-node-down",         JobState.QUEUED, "nodes_unavailable", None),
    ("pending-licenses",          JobState.QUEUED, "licenses",          None),
    ("pending-reservation",       JobState.QUEUED, "reservation",       None),
    ("pending-resources",         JobState.QUEUED, "resources",         None),
    ("pending-priority",          JobState.QUEUED, "priority",          None),
    ("pending-qos",               JobState.QUEUED, "quota",             None),
]
# fmt: on


@pytest.mark.parametrize(("name", "state", "reason", "ended"), QUEUE)
def test_what_squeue_says(name: str, state: JobState, reason: str | None, ended: Exit | None) -> None:
    seen = in_queue(name)
    assert (seen.state, seen.reason and seen.reason.code) == (state, reason)
    assert seen.source is Source.QUEUE
    if ended is not None or not state.final:
        assert seen.exit == ended


def test_a_running_job_tells_all_that_the_bridge_wants() -> None:
    seen = in_queue("running")
    assert (seen.node, seen.attempt, seen.tag) == ("n4", 1, TAG)
    assert seen.holds == {"queue": "debug", "walltime_s": 600, "nodes": 1, "memory_mb": 200, "cores": 1, "gpus": 1}
    assert seen.queued_at
    assert seen.started_at
    assert clock.parse(seen.queued_at) <= clock.parse(seen.started_at) < THEN.replace(year=2027)
    assert (seen.ended_at, seen.estimated_start) == (None, None)


def test_a_requeued_job_is_a_new_attempt_that_has_not_started() -> None:
    seen = in_queue("requeued")
    assert (seen.attempt, seen.node, seen.started_at) == (2, None, None)
    assert seen.estimated_start


def test_a_job_that_never_ran_did_not_start() -> None:
    seen = in_queue("cancelled-by-root")
    assert (seen.started_at, seen.node) == (None, None)
    assert seen.ended_at


def test_an_estimated_start_comes_with_the_queue() -> None:
    assert in_queue("pending-estimated").estimated_start
    assert in_queue("pending-held-by-admin").estimated_start is None


def test_what_the_site_changed_is_read_back() -> None:
    assert (in_queue("changed").holds or {})["walltime_s"] == 7200


def test_an_empty_queue_is_no_error() -> None:
    assert slurm_read.queue(said("squeue-empty").stdout) == {}


@pytest.mark.parametrize("number", range(5))
def test_no_name_forges_a_row(number: int) -> None:
    seen = slurm_read.queue(said(f"squeue-name-{number}").stdout, THEN)
    assert len(seen) == 1
    assert only(seen).state is JobState.HELD
    assert only(seen).tag is None


def test_tasks_of_an_array_and_the_array_itself() -> None:
    seen = slurm_read.queue(said("squeue-array").stdout, THEN)
    whole = next(iter(seen)).partition("_")[0]
    assert {task.partition("_")[2] for task in seen} == {"1", "3", "5", "7", "20", ""}
    assert seen[f"{whole}_20"].state is JobState.QUEUED
    assert seen[f"{whole}_20"].reason == slurm_words.waits("JobArrayTaskLimit")
    assert seen[whole].state is JobState.RUNNING


def test_an_array_that_squeue_cuts_short_is_told_as_a_whole() -> None:
    assert len(slurm_read.queue(said("squeue-array-cut").stdout)) == 1


ARRAYS = [
    ("12", ["12"]),
    ("12_3", ["12_3"]),
    ("12_[1-3,7%2]", ["12_1", "12_2", "12_3", "12_7"]),
    ("12_[0-9:4]", ["12_0", "12_4", "12_8"]),
    ("12_[1,2,...]", ["12"]),
    ("12_[1-2,3", ["12"]),
    ("12_[1-999999999]", ["12"]),
]


@pytest.mark.parametrize(("text", "ids"), ARRAYS)
def test_array_ids(text: str, ids: list[str]) -> None:
    assert list(slurm_read.task_ids(text)) == ids


# fmt: off
PAST = [
    ("accounted-completed",         JobState.SUCCEEDED, None,                 Exit(0)),
    ("accounted-failed",            JobState.FAILED,    "error",              Exit(3)),
    ("accounted-killed",            JobState.FAILED,    "killed",             Exit(None, 9)),
    ("accounted-segv",              JobState.FAILED,    "killed",             Exit(None, 11)),
    ("accounted-cancelled",         JobState.CANCELLED, None,                 Exit(0)),
    ("accounted-cancelled-by-root", JobState.CANCELLED, "cancelled_by_admin", Exit(0)),
    ("accounted-two-nodes",         JobState.SUCCEEDED, None,                 Exit(0)),
    ("accounted-node-fail",         JobState.FAILED,    "node_failed",        Exit(0)),
    ("oom",                         JobState.FAILED,    "out_of_memory",      Exit(None, 9)),
]
# fmt: on


@pytest.mark.parametrize(("name", "state", "reason", "ended"), PAST)
def test_what_sacct_says(name: str, state: JobState, reason: str | None, ended: Exit) -> None:
    seen = only(slurm_read.past(said(f"sacct-{name}").stdout, THEN))
    assert (seen.state, seen.reason and seen.reason.code, seen.exit) == (state, reason, ended)
    assert seen.source is Source.ACCOUNTING
    assert seen.ended_at


def test_accounting_knows_memory_and_time_used() -> None:
    seen = only(slurm_read.past(said("sacct-accounted-cancelled").stdout, THEN))
    assert seen.peak_memory_mb == 3
    assert seen.cpu_s == pytest.approx(0, abs=0.1)
    assert seen.tag == TAG


def test_a_job_on_two_nodes_is_where_its_script_runs() -> None:
    past = slurm_read.past(said("sacct-accounted-two-nodes").stdout, THEN)
    assert [only(past).node, in_queue("accounted-two-nodes").node] == ["n1", "n1"]
    # Without the row of its script nobody says on which of them it ran.
    table = said("sacct-accounted-two-nodes").stdout.splitlines()[0] + "\n"
    assert only(slurm_read.past(table, THEN)).node is None


@pytest.mark.parametrize("name", ["accounted-running", "accounted-requeued", "pending-qos", "unknown"])
def test_accounting_that_lags_behind_says_nothing(name: str) -> None:
    assert slurm_read.past(said(f"sacct-{name}").stdout, THEN) == {}


def test_jobs_are_found_by_tag_in_accounting() -> None:
    tags = [seen.tag for seen in slurm_read.past(said("sacct-all").stdout, THEN).values()]
    assert tags.count(TAG) >= 4


WORDS = [
    ("CANCELLED by 1001", JobState.CANCELLED),
    ("CANCELLED+", JobState.CANCELLED),
    ("PREEMPTED", JobState.FAILED),
    ("BOOT_FAIL", JobState.FAILED),
    ("DEADLINE", JobState.FAILED),
    ("SPECIAL_EXIT", JobState.HELD),
    ("REQUEUE_HOLD", JobState.HELD),
    ("CONFIGURING", JobState.QUEUED),
    ("STAGE_OUT", JobState.COMPLETING),
    ("REVOKED", None),
    ("DANCING", None),
    ("", None),
]


@pytest.mark.parametrize(("word", "state"), WORDS)
def test_states(word: str, state: JobState | None) -> None:
    assert slurm_words.state_of(word) is state
    if state is None:
        reason = slurm_words.reason_of(word, "None")
        assert reason is not None
        assert word in reason.text


WAITS = [
    ("ReqNodeNotAvail, UnavailableNodes:n[1-3]", "nodes_unavailable", "n[1-3]"),
    ("ReqNodeNotAvail(Unavailable:n1)", "nodes_unavailable", "down, drained"),
    ("ReqNodeNotAvail, Reserved for maintenance", "nodes_unavailable", "kept free"),
    ("Nodes required for job are DOWN, DRAINED or reserved", "nodes_unavailable", "kept for others"),
    ("QOSMaxJobsPerUserLimit", "quota", "As many of your jobs"),
    ("QOSMaxCpuPerUserLimit", "quota", "as many cores as its quality of service"),
    ("QOSMaxCpuPerJobLimit", "quota", "more cores than its quality of service (QOS) allows for one job"),
    ("QOSMaxWallDurationPerJobLimit", "quota", "more time than"),
    ("QOSGrpGRES", "quota", "GPUs or other devices"),
    ("QOSMaxMemoryPerUser", "quota", "as much memory"),
    ("QOSMinCpuNotSatisfied", "quota", "less than"),
    ("AssocGrpCpuLimit", "quota", "The limit of your account on cores"),
    ("AssocGrpCPUMinutesLimit", "quota", "on computing time"),
    ("AssocGrpNodeLimit", "quota", "on nodes"),
    ("AssocGrpGRES", "quota", "GPUs"),
    ("AssocMaxJobsLimit", "quota", "As many of your jobs"),
    ("AssocMaxSubmitJobLimit", "quota", "As many of your jobs"),
    ("AssocMaxWallDurationPerJobLimit", "quota", "more time"),
    ("MaxMemPerLimit", "quota", "the site"),
    ("Licenses", "licenses", "licences"),
    ("SomethingNew in 2031", "other", "SomethingNew in 2031"),
]


@pytest.mark.parametrize(("said", "code", "words"), WAITS)
def test_reasons(said: str, code: str, words: str) -> None:
    reason = slurm_words.waits(said)
    assert reason.code == code
    assert words in reason.text


def test_every_reason_is_one_sentence_without_the_states_word() -> None:
    for table in (slurm_words._WAITS, slurm_words._BY_STATE, slurm_words._FAILS):
        for reason in table.values():
            assert reason.text[0].isupper(), reason
            assert reason.text.endswith((".", "(REVOKED).")), reason
            assert len(reason.text) <= 110, reason


def test_a_job_whose_folder_the_node_could_not_open() -> None:
    reason = slurm_words.reason_of("FAILED", "JobLaunchFailure", Exit(None, 53))
    assert reason is not None
    assert "run folder" in reason.text


REFUSED = [path.stem for path in sorted(RECORDED.glob("sbatch-refused-*.txt"))]


@pytest.mark.parametrize("name", REFUSED)
def test_refusals_speak_in_slurms_own_words(name: str) -> None:
    answer = said(name)
    if answer.code == 0:
        # Slurm takes what can never start, and says so by its reason in the queue.
        assert slurm_read.submitted(answer.stdout)
        return
    error = slurm_read.failure(answer.stderr, answer.code)
    assert isinstance(error, SchedulerRefused)
    assert error.message
    assert not error.message.startswith(("sbatch", "error"))


@pytest.mark.parametrize("name", ["squeue", "sbatch", "scancel", "hold", "sinfo", "partitions", "estimate"])
def test_a_controller_that_is_down_is_silent(name: str) -> None:
    answer = said(f"{name}-controller-down")
    assert answer.code != 0
    assert isinstance(slurm_read.failure(answer.stderr, answer.code), SchedulerSilent)


def test_a_database_that_is_down_is_silent() -> None:
    assert isinstance(slurm_read.failure(said("sacct-down").stderr, 1), SchedulerSilent)


def test_a_site_without_accounting_is_told_from_one_whose_database_is_down() -> None:
    assert slurm_read.has_no_accounting(said("sacct-disabled").stderr)
    assert not slurm_read.has_no_accounting(said("sacct-down").stderr)


def test_jobs_that_are_over() -> None:
    assert slurm_read.is_gone(said("hold-over").stderr)
    assert slurm_read.is_gone(said("hold-unknown").stderr)
    assert not slurm_read.is_gone(said("scancel-foreign").stderr)


SUBMITTED = [
    ("12\n", "12"),
    ("12;cluster\n", "12"),
    ("Welcome to our site!\n12\n", "12"),
    ("", None),
    ("Submitted batch job 12\n", None),
]


@pytest.mark.parametrize(("text", "native_id"), SUBMITTED)
def test_the_id_that_sbatch_gives(text: str, native_id: str | None) -> None:
    assert slurm_read.submitted(text) == native_id


def test_what_the_site_says_on_the_way_is_kept() -> None:
    answer = said("sbatch-changed")
    assert slurm_read.submitted(answer.stdout)
    assert slurm_read.words_of(answer.stderr).startswith("This site runs nothing longer than 2 hours")


ESTIMATES = [
    ("sbatch: Job 9 to start at 1795254654 using 1 processors", "2026-11-21T09:50:54.000Z"),
    ("sbatch: Job 9 to start at 2026-11-21T09:50:54 using 1 processors", "2026-11-21T09:50:54.000Z"),
    ("sbatch: Hello.\nsbatch: Job 9 to start at 1795254654 using", "2026-11-21T09:50:54.000Z"),
    ("sbatch: Job 9 to start at 162856527354 using 1 processors", None),
    ("sbatch: Job 9 to start at 99999999999999999999 using 1 processors", None),
    ("sbatch: Job 9 to start at 12 using 1 processors", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "start"), ESTIMATES)
def test_estimates(text: str, start: str | None) -> None:
    assert slurm_read.estimated(text, THEN) == start


DURATIONS = [
    ("2-00:00:00", 172800),
    ("1:00:00", 3600),
    ("1:30", 90),
    ("00:01.234", 1.234),
    ("UNLIMITED", None),
    ("Partition_Limit", None),
]


@pytest.mark.parametrize(("text", "seconds"), DURATIONS)
def test_durations(text: str, seconds: float | None) -> None:
    assert slurm_read.duration(text) == seconds


SIZES = [
    ("300M", 300),
    ("1.5G", 1536),
    ("3436544", 3),
    ("2048K", 2),
    ("0", 0),
    ("", None),
    ("lots", None),
    ("1.2.3G", None),
]


@pytest.mark.parametrize(("text", "megabytes"), SIZES)
def test_sizes(text: str, megabytes: int | None) -> None:
    assert slurm_read.megabytes(text) == megabytes


# -- places --------------------------------------------------------------------------------------------


def test_partitions_become_places() -> None:
    found = {each.name: each for each in slurm_places.places(said("partitions").stdout, said("sinfo-idle").stdout)}
    assert list(found) == ["debug", "long", "short", "gpu", "closed", "drained"]  # not `staff`, which is root's
    assert [name for name, place in found.items() if place.default] == ["debug"]
    assert [name for name, place in found.items() if not place.ok] == ["closed", "drained"]
    assert found["debug"].description == "4 nodes with up to 2 cores, 1.95 GiB, 2 GPUs; no time limit"
    assert found["debug"].resources == {
        "cores": {"default": 1, "min": 1, "max": 2},
        "nodes": {"default": 1, "min": 1, "max": 4},
        "memory_mb": {"min": 1, "max": 2000},
        "walltime_s": {"default": 3600, "min": 60},
        "gpus": {"default": 0, "min": 0, "max": 2},
    }
    assert found["long"].resources["walltime_s"] == {"default": 3600, "min": 60, "max": 172800}
    assert found["long"].resources["nodes"]["max"] == 1
    assert found["long"].description.endswith("at most 2 days")
    assert found["short"].resources["walltime_s"] == {"default": 60, "min": 60, "max": 60}
    assert found["gpu"].resources["memory_mb"] == {"default": 200, "min": 1, "max": 1500}


def test_places_whose_nodes_are_away() -> None:
    found = {each.name: each for each in slurm_places.places(said("partitions").stdout, said("sinfo-down").stdout)}
    assert (found["debug"].ok, found["long"].ok) == (True, False)
    assert found["long"].reason == "None of its nodes is up."
    found = {e.name: e for e in slurm_places.places(said("partitions-inactive").stdout, said("sinfo-down").stdout)}
    assert not found["gpu"].ok


def test_a_site_that_says_nothing_of_its_limits_still_has_places() -> None:
    (place, *_) = slurm_places.places("", said("sinfo-idle").stdout)
    assert place.ok
    assert "max" not in place.resources["walltime_s"]


def test_the_cluster_says_its_name() -> None:
    config = said("config").stdout
    assert (slurm_places.cluster_name(config), slurm_places.version(config)) == ("test", "22.05.8")


@pytest.mark.parametrize("name", ["(null)", "../x", "", "a b"])
def test_a_name_that_is_none_is_not_taken(name: str) -> None:
    assert slurm_places.cluster_name(f"ClusterName             = {name}\n") is None


# -- commands ------------------------------------------------------------------------------------------

JOB = Submission(TAG, "j1", "/runs/j1", "/runs/j1/job.sh", Resources(memory_mb=300, walltime_s=90))


def test_the_command_says_everything() -> None:
    assert commands.submit(JOB) == [
        "sbatch",
        "--parsable",
        "--export=NONE",
        f"--job-name={TAG}",
        "--chdir=/runs/j1",
        "--output=/runs/j1/scheduler.log",
        "--open-mode=append",
        "--no-requeue",
        f"--comment={TAG}",
        "--nodes=1",
        "--ntasks=1",
        "--cpus-per-task=1",
        "--mem=300M",
        "--time=2",
        "/runs/j1/job.sh",
    ]


def test_what_a_profile_adds() -> None:
    job = replace(
        JOB, queue="gpu", account="physics", requeue=True, use_comment=False, display_name="my_notebook",
        resources=Resources(gpus=2, gpu_type="tesla"), native={"qos": "small", "exclusive": ""},
    )  # fmt: skip
    argv = commands.submit(job)
    assert {
        "--requeue",
        "--partition=gpu",
        "--account=physics",
        "--gres=gpu:tesla:2",
        "--qos=small",
        "--exclusive",
    } <= {*argv}
    assert f"--job-name=my_notebook.{TAG}" in argv
    assert not [word for word in argv if word.startswith(("--comment", "--mem", "--time", "--no-requeue"))]
    assert commands.tag_in(f"my_notebook.{TAG}") == TAG


@pytest.mark.parametrize(
    ("events", "types"),
    [(("failed",), "FAIL"), (("ended",), "END"), (("started", "ended", "failed"), "BEGIN,END,FAIL")],
)
def test_mail(events: tuple[str, ...], types: str) -> None:
    argv = commands.submit(replace(JOB, mail_on=events, mail_to="ann.b+jobs@example.org"))
    assert {f"--mail-type={types}", "--mail-user=ann.b+jobs@example.org"} <= {*argv}
    # An estimate queues nothing, so nobody is to be told of it.
    assert not [word for word in commands.estimate(replace(JOB, mail_on=events)) if "mail" in word]


def test_nobody_is_mailed_unless_somebody_wants_it() -> None:
    assert not [word for word in commands.submit(replace(JOB, mail_to="ann@example.org")) if "mail" in word]


@pytest.mark.parametrize(("nodes", "tasks", "ntasks"), [(1, 1, 1), (2, 1, 2), (2, 2, 2), (2, 5, 5), (1, 3, 3)])
def test_every_node_has_a_task(nodes: int, tasks: int, ntasks: int) -> None:
    argv = commands.submit(replace(JOB, resources=Resources(nodes=nodes, tasks=tasks)))
    assert {f"--nodes={nodes}", f"--ntasks={ntasks}"} <= {*argv}


def test_a_percent_sign_in_a_folder_is_not_slurms() -> None:
    assert "--output=/runs/50%%j/scheduler.log" in commands.submit(replace(JOB, run_folder="/runs/50%j"))


EVIL = [
    {"queue": "--wrap=rm"},
    {"queue": "a b"},
    {"queue": "a\nb"},
    {"account": "x;y"},
    {"display_name": "-J"},
    {"display_name": "a\n77"},
    {"tag": "x --wrap"},
    {"script": "job.sh"},
    {"script": "--wrap=rm"},
    {"run_folder": "/runs/a\nb"},
    {"run_folder": "/runs/a\\b"},
    {"run_folder": "relative"},
    {"resources": Resources(cores=0)},
    {"resources": Resources(memory_mb=-1)},
    {"resources": Resources(gpus=1, gpu_type="a:b")},
    {"native": {"wrap": "rm"}},
    {"native": {"wra": "rm"}},
    {"native": {"uid": "0"}},
    {"native": {"export": "ALL"}},
    {"native": {"output": "/etc/passwd"}},
    {"native": {"J": "x"}},
    {"native": {"qos=x --wrap": "y"}},
    {"native": {"qos": "a\nb"}},
    {"mail_on": ("ended",), "mail_to": ""},
    {"mail_on": ("ended",), "mail_to": "-v@example.org"},
    {"mail_on": ("ended",), "mail_to": "ann@example.org,bob@example.org"},
    {"mail_on": ("ended",), "mail_to": "ann@example.org\n"},
    {"mail_on": ("ended",), "mail_to": "`id`@example.org"},
]


@pytest.mark.parametrize("change", EVIL, ids=str)
def test_nothing_else_becomes_an_option(change: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        commands.submit(replace(JOB, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize("native_id", ["", "1 2", "--me", "1,2", "12_[1-3]", "1\n2", "abc"])
def test_only_ids_are_ids(native_id: str) -> None:
    for command in (commands.cancel, commands.hold, commands.release):
        with pytest.raises(Invalid):
            command(native_id)


def test_every_query_is_bounded() -> None:
    assert "--me" in commands.queue()
    assert "--starttime=uts1795254249" in commands.past(["1", "2_3"], 1795254249)
    assert "--jobs=1,2_3" in commands.past(["1", "2_3"], 1795254249)
    assert "--starttime=uts1795254249" in commands.traces(1795254249)
