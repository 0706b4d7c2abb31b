"""Record what a real Slurm says, for the tables of tests/drivers: `python -m tests.servers.record_slurm`.

Every answer becomes one file in tests/data/slurm: a line that says version and how it was made, the command, its
exit code, stdout and stderr. Takes about two minutes, because a time limit is checked once a minute.
"""

from __future__ import annotations

import re
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from jupyterlab_compute.drivers import slurm_commands as ask
from jupyterlab_compute.drivers.base import Resources, Submission

from .daemons import ensure_test_user, wait_until
from .slurm import SlurmCluster
from .slurm_config import SITE_LUA

FOLDER = Path(__file__).parents[1] / "data" / "slurm"
_NO_REASON = ("None", "(null)", "")
TAG = "jc-0123456789abcdef"
SLEEP = "#!/bin/sh\nexec sleep 300\n"
GREEDY = '#!/bin/sh\nexec /usr/bin/python3 -c "import time; x = bytearray(300 << 20); time.sleep(30)"\n'
STUBBORN = "#!/bin/sh\ntrap '' TERM CONT\nwhile :; do sleep 0.2; done\n"


def fails(code: str) -> str:
    return f"#!/bin/sh\n{code}\n"


class Recorder:
    """Writes down what one cluster answers."""

    def __init__(self, slurm: SlurmCluster, what: str) -> None:
        self.slurm, self.what = slurm, what
        self.version = slurm.run(["sbatch", "--version"]).stdout.strip()

    def write(
        self, name: str, how: str, argv: Sequence[str], *, user: str | None = None, stdin: str | None = None
    ) -> None:
        more = {"user": user, "cwd": "/"} if user else {}
        answer = self.slurm.run(argv, env=ask.READING_ENV, check=False, stdin=stdin, timeout_s=120, **more)
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.txt").write_text(
            f"# {self.version}; {self.what}; {how}\n$ {shlex.join(argv)}\nrc {answer.returncode}\n"
            f"--- stdout\n{answer.stdout}--- stderr\n{answer.stderr}",
            encoding="utf-8",
        )

    def job(self, name: str, how: str, job: str) -> None:
        """The three ways to be told of one job."""
        self.write(f"squeue-{name}", how, [*ask.queue(), f"--jobs={job}"])
        self.write(f"scontrol-{name}", how, ["scontrol", "show", "job", job])
        if self.slurm.options.accounting:
            wait_until(lambda: self._accounted(job), f"job {job} in accounting")
            self.write(f"sacct-{name}", how, ask.past([job], int(time.time()) - 3600))

    def _accounted(self, job: str) -> bool:
        lines = self.slurm.run(["sacct", "-XnP", f"--jobs={job}", "--format=State"]).stdout.splitlines()
        live = self.slurm.state(job)
        return bool(lines) and lines[0].split()[0] == live


def without_accounting() -> None:
    with SlurmCluster(extra=("Licenses=matlab:1",), cpus=2) as slurm:
        record = Recorder(slurm, "no accounting, no memory limits")
        late = slurm.sbatch("--partition=short", "--time=1", "--job-name=late", script=SLEEP)
        record.write("squeue-empty", "a user without jobs", ask.queue(), user="munge")
        record.write("sacct-disabled", "no accounting", ask.past(["1"], int(time.time())))
        _questions(record)
        _ends(record)
        _waits(record)
        _names_and_arrays(record)
        slurm.wait_for(late, "TIMEOUT", timeout_s=150)
        record.job("timeout", "a job of 1 minute that runs on", late)
        _nodes(record)
        slurm.stop_controller()
        for name, argv in {"squeue": ask.queue(), "scancel": ask.cancel("1"), "hold": ask.hold("1"),
                           "sinfo": ask.nodes(), "partitions": ask.partitions(),
                           "estimate": ask.estimate(_submission()),
                           "sbatch": ["sbatch", "--parsable", "--wrap=true"]}.items():  # fmt: skip
            record.write(f"{name}-controller-down", "slurmctld was stopped", argv)


def _submission(**more: object) -> Submission:
    return Submission(TAG, "j", "/tmp", "/bin/true", Resources(walltime_s=60), **more)  # type: ignore[arg-type]


def _questions(record: Recorder) -> None:
    slurm, write = record.slurm, record.write
    write("sinfo-idle", "all nodes idle", ask.nodes())
    write("partitions", "as the test user", ask.partitions())
    write("config", "as the test user", ask.about())
    write("sbatch-ok", "taken", ["sbatch", "--parsable", "--output=/dev/null", "--wrap=true"])
    for name, options in {
        "partition": ["--partition=nowhere"], "drained": ["--partition=drained"], "cores": ["--cpus-per-task=64"],
        "memory": ["--mem=900G"], "gres": ["--gres=gpu:rare:1"], "time": ["--time=soon"],
        "option": ["--no-such-option"], "constraint": ["--constraint=avx9"], "dependency": ["--dependency=afterok:999"],
        "begin": ["--begin=yesteryear"], "staff": ["--partition=staff"], "nodes": ["--nodes=9"],
    }.items():  # fmt: skip
        write(f"sbatch-refused-{name}", " ".join(options), ["sbatch", "--parsable", *options, "--wrap=true"])
    write(
        "sbatch-no-folder",
        "a run folder that is not there",
        ["sbatch", "--parsable", "--chdir=/nowhere/at/all", "--wrap=true"],
    )
    write("sbatch-no-script", "a script that is not there", ["sbatch", "--parsable", "/nowhere/job.sh"])
    write("estimate-ok", "free nodes", ask.estimate(_submission()))
    write("estimate-refused", "a partition that is not there", ask.estimate(_submission(queue="nowhere")))
    job = slurm.sbatch()
    slurm.wait_for(job, "RUNNING")
    write("hold-running", "a running job", ask.hold(job))
    write("release-running", "a running job", ask.release(job))
    write("scancel-foreign", "somebody else's job", ask.cancel(job), user="munge")
    write("scancel-running", "a running job", ask.cancel(job))
    slurm.wait_for(job, "CANCELLED")
    for verb, argv in {"scancel": ask.cancel, "hold": ask.hold, "release": ask.release}.items():
        write(f"{verb}-over", "a job that is over", argv(job))
        write(f"{verb}-unknown", "an id that nobody had", argv("99999"))
    write("scontrol-unknown", "an id that nobody had", ["scontrol", "show", "job", "99999"])
    write("squeue-one-unknown", "an id that nobody had", [*ask.queue(), "--jobs=99999"])
    write("squeue-two-unknown", "two ids that nobody had", [*ask.queue(), "--jobs=99998,99999"])


def _ends(record: Recorder, *, prefix: str = "") -> None:
    slurm = record.slurm
    for name, how, script, end in [
        ("completed", "exit 0", fails("exit 0"), "COMPLETED"),
        ("failed", "exit 3", fails("exit 3"), "FAILED"),
        ("killed", "kill -9 of itself", fails("kill -9 $$"), "FAILED"),
        ("segv", "kill -SEGV of itself", fails("kill -SEGV $$"), "FAILED"),
    ]:
        job = slurm.sbatch(f"--job-name={TAG}", "--time=10", script=script)
        slurm.wait_for(job, end)
        record.job(prefix + name, how, job)
    job = slurm.sbatch("--job-name=shown." + TAG, "--gres=gpu:tesla:1", "--mem=200", "--time=10")
    slurm.wait_for(job, "RUNNING")
    record.job(prefix + "running", "with a GPU, 200 MB and 10 minutes", job)
    if not slurm.options.accounting:
        slurm.run(["scontrol", "suspend", job], user="root")
        record.job(prefix + "suspended", "scontrol suspend by root", job)
        slurm.run(["scontrol", "resume", job], user="root")
    slurm.run(["scancel", job])
    slurm.wait_for(job, "CANCELLED")
    record.job(prefix + "cancelled", "scancel by its user while it ran", job)
    job = slurm.sbatch("--hold")
    slurm.run(["scancel", job], user="root")
    record.job(prefix + "cancelled-by-root", "scancel by root while it waited", job)
    job = slurm.sbatch("--requeue", "--nodelist=n2")
    slurm.wait_for(job, "RUNNING")
    slurm.node_down("n2")
    slurm.wait_for(job, "PENDING")
    record.job(prefix + "requeued", "its node was set down, --requeue", job)
    slurm.run(["scancel", job])
    slurm.node_resume("n2")
    job = slurm.sbatch("--no-requeue", "--nodelist=n2")
    slurm.wait_for(job, "RUNNING")
    slurm.node_down("n2")
    slurm.wait_for(job, "NODE_FAIL")
    record.job(prefix + "node-fail", "its node was set down, --no-requeue", job)
    slurm.node_resume("n2")
    job = slurm.sbatch(script=STUBBORN)
    slurm.wait_for(job, "RUNNING")
    time.sleep(0.5)  # until its trap is set; a recording, no test
    slurm.run(["scancel", job])
    slurm.wait_for(job, "COMPLETING", "CANCELLED")
    record.job(prefix + "completing", "scancel of a job that ignores SIGTERM", job)
    slurm.wait_for(job, "CANCELLED")


def _waits(record: Recorder) -> None:
    slurm = record.slurm
    in_an_hour = ["scontrol", "create", "reservation", "ReservationName=later", "StartTime=now+60minutes",
                  "Duration=60", "Users=compute-test", "Nodes=n1"]  # fmt: skip
    slurm.run(in_an_hour, user="root")
    slurm.node_down("n2")
    held = slurm.sbatch("--hold")
    failed = slurm.sbatch(script=fails("exit 1"))
    slurm.wait_for(failed, "FAILED")
    taken = slurm.sbatch("--licenses=matlab:1", "--time=30", "--nodelist=n1")
    slurm.wait_for(taken, "RUNNING")
    jobs: dict[str, tuple[str, str]] = {}

    def waits(name: str, *options: str, says: str = "", then: Callable[[str], object] = lambda job: None) -> None:
        job = slurm.sbatch(*options)
        then(job)
        jobs[name] = (job, says)

    admin = lambda job: slurm.run(["scontrol", "hold", job], user="root")  # noqa: E731
    waits("held", "--hold")
    waits("held-by-admin", "--begin=now+1hour", then=admin)
    waits("dependency", f"--dependency=afterok:{held}")
    waits("dependency-never", f"--dependency=afterok:{failed}", "--kill-on-invalid-dep=no")
    waits("begin", "--begin=now+1hour")
    waits("partition-down", "--partition=closed")
    waits("partition-time", "--partition=long", "--time=3-0", says="PartitionTimeLimit")
    waits("partition-nodes", "--partition=long", "--nodes=2", says="PartitionNodeLimit")
    waits("node-down", "--nodelist=n2")
    waits("licenses", "--licenses=matlab:1")
    waits("reservation", "--reservation=later")
    # In a queue of their own: behind others that wait, all reasons are `Priority`.
    blocker = slurm.sbatch("--partition=gpu", "--exclusive", "--time=20")
    slurm.wait_for(blocker, "RUNNING")
    waits("resources", "--partition=gpu", "--time=10", "--exclusive", says="Resources")
    waits("priority", "--partition=gpu", "--time=10", "--exclusive", says="Priority")

    def reason(job: str) -> str:
        return slurm.run(["squeue", "-h", "-j", job, "-o", "%r"]).stdout.strip()

    for name, (job, says) in jobs.items():

        def told(job: str = job, says: str = says) -> bool:
            word = reason(job)
            return word == says or (not says and word not in _NO_REASON)

        wait_until(told, f"a reason for {name}")
        record.job(f"pending-{name}", "waits", job)
    first = jobs["resources"][0]
    start = lambda: slurm.run(["squeue", "-h", "-j", first, "-o", "%S"]).stdout.strip() not in ("N/A", "")  # noqa: E731
    wait_until(start, "an estimate", timeout_s=30)
    record.job("pending-estimated", "waits for nodes, the scheduler has computed a start", first)
    record.write("squeue-start", "squeue --start of the same", ["squeue", "--me", "--start"])
    record.write("estimate-busy", "busy nodes", ask.estimate(_submission(queue="gpu")))
    record.write("squeue-all-waits", "many jobs that wait, and some that ran", ask.queue())
    slurm.run(["scancel", "--user=compute-test", "--state=PENDING", "--partition=debug"])
    slurm.run(["scancel", "--user=compute-test", "--state=PENDING"])
    slurm.run(["scancel", taken, blocker])
    slurm.node_resume("n2")


def _names_and_arrays(record: Recorder) -> None:
    slurm = record.slurm
    forged = "".join(
        word.ljust(width) for (_, width), word in zip(ask.QUEUE_COLUMNS, ["77", "COMPLETED"], strict=False)
    )
    for number, name in enumerate([f"evil\n{forged}", "pipe|and\ttab", "zwölf – 東京", "x" * 400, f"a\rb\x0b{TAG}"]):
        job = slurm.sbatch("--hold", f"--job-name={name}", f"--comment={name}")
        record.job(f"name-{number}", "a name that wants to be something else", job)
    array = slurm.sbatch(
        "--array=1-8:2,20%2", "--time=5", script=fails('[ "$SLURM_ARRAY_TASK_ID" = 3 ] && exit 3; sleep 300')
    )
    alive = lambda: "RUNNING" in slurm.run(["squeue", "-h", "-j", array, "-o", "%T"]).stdout  # noqa: E731
    wait_until(alive, "the first tasks")
    record.job("array", "tasks 1, 3, 5, 7 and 20, two at a time", array)
    record.write("scancel-task", "one task", ask.cancel(f"{array}_20"))
    slurm.run(["scancel", array])
    long = slurm.sbatch("--hold", "--array=" + ",".join(str(3 * n * n) for n in range(1, 18)), "--time=5")
    record.job("array-cut", "so many numbers that squeue cuts them short", long)
    slurm.run(["scancel", "--user=compute-test", "--state=PENDING"])


def _nodes(record: Recorder) -> None:
    slurm = record.slurm
    slurm.node_down("n1")
    slurm.run(["scontrol", "update", "NodeName=n2", "State=DRAIN", "Reason=test"], user="root")
    slurm.sbatch("--partition=short", "--time=1")
    record.write("sinfo-mixed", "n1 down, n2 drained, n3 at work", ask.nodes())
    slurm.node_down("n3")
    slurm.run(["scontrol", "update", "PartitionName=gpu", "State=INACTIVE"], user="root")
    record.write("sinfo-down", "n1 to n3 down or drained", ask.nodes())
    record.write("partitions-inactive", "gpu inactive", ask.partitions())


def with_accounting() -> None:
    with SlurmCluster(accounting=True, enforce=True, memory="cgroup", lua=SITE_LUA, cpus=2) as slurm:
        record = Recorder(slurm, "slurmdbd, limits enforced, memory limited by cgroup v1, job_submit.lua")
        since = int(time.time()) - 60
        record.write(
            "sbatch-changed",
            "the site shortens the time limit",
            ["sbatch", "--parsable", "--hold", "--time=300", "--wrap=true"],
        )
        record.write("squeue-changed", "the site shortened 5 hours to 2", ask.queue())
        record.write(
            "sbatch-refused-lua", "the site refuses it", ["sbatch", "--parsable", "--comment=refuse", "--wrap=true"]
        )
        record.write(
            "sbatch-refused-account", "no such account", ["sbatch", "--parsable", "--account=none", "--wrap=true"]
        )
        record.write("sbatch-refused-qos", "no such QOS", ["sbatch", "--parsable", "--qos=none", "--wrap=true"])
        job = slurm.sbatch("--mem=50", script=GREEDY)
        slurm.wait_for(job, "OUT_OF_MEMORY")
        record.job("oom", "300 MB with a limit of 50", job)
        _ends(record, prefix="accounted-")
        wide = slurm.sbatch("--nodes=2", "--ntasks=2", script=fails("sleep 1"))
        slurm.wait_for(wide, "COMPLETED")
        record.job("accounted-two-nodes", "a script on the first of two nodes", wide)
        first, second = slurm.sbatch("--qos=small"), slurm.sbatch("--qos=small")
        slurm.wait_for(first, "RUNNING")
        limited = lambda: "QOS" in slurm.run(["squeue", "-h", "-j", second, "-o", "%r"]).stdout  # noqa: E731
        wait_until(limited, "the limit of the QOS")
        record.job("pending-qos", "one job per user", second)
        record.job("pending-qos-wall", "too long for the QOS", slurm.sbatch("--qos=small", "--time=110"))
        record.write("sacct-unknown", "an id that nobody had", ask.past(["99999"], since))
        record.write("sacct-all", "all of them", ask.traces(since))
        slurm.stop_accounting()
        record.write("sacct-down", "slurmdbd was stopped", ask.past([job], since))


def with_over_memory_kill() -> None:
    with SlurmCluster(memory="over_memory_kill") as slurm:
        record = Recorder(slurm, "no accounting, OverMemoryKill")
        job = slurm.sbatch("--mem=50", script=GREEDY)
        slurm.wait_for(job, "FAILED")
        record.job("over-memory", "300 MB with a limit of 50", job)


def main() -> None:
    wanted = re.compile(sys.argv[1] if len(sys.argv) > 1 else "")
    for record in (without_accounting, with_accounting, with_over_memory_kill):
        if wanted.search(record.__name__):
            record()
    for log in Path(ensure_test_user().pw_dir).glob("slurm-*.out"):
        log.unlink()
    print(f"{len(list(FOLDER.glob('*.txt')))} files in {FOLDER}")


if __name__ == "__main__":
    main()
