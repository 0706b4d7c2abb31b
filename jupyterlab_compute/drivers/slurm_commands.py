"""What the Slurm driver runs: argument lists, never shell text. Pure.

The two queries print columns of fixed width with the job's name last. squeue and sacct print names as they
are, line breaks and all; with fixed columns a name can end a line early and begin short ones, which the
parsers drop, but never forge a row. (`squeue --json` would be safe too, but in 22.05 it ignores `--me` and
sends the whole site's queue, 3.5 kB a job.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from ..errors import Invalid
from .base import Submission

#: Name of the squeue column and its width.
QUEUE_COLUMNS: tuple[tuple[str, int], ...] = (
    ("JobArrayID", 48),
    ("State", 20),
    ("exit_code", 8),
    ("RestartCnt", 8),
    ("SubmitTime", 20),
    ("StartTime", 20),
    ("EndTime", 20),
    ("TimeLimit", 20),
    ("Partition", 40),
    ("Account", 40),
    ("NumNodes", 8),
    ("cpus-per-task", 8),
    ("tres-alloc", 100),
    ("tres-per-node", 48),
    ("BatchHost", 64),
    ("Reason", 160),
    ("Name", 100),
)
PAST_COLUMNS: tuple[tuple[str, int], ...] = (
    ("JobID", 48),
    ("State", 32),
    ("ExitCode", 10),
    ("Submit", 20),
    ("Start", 20),
    ("End", 20),
    ("TimelimitRaw", 12),
    ("Partition", 40),
    ("Account", 40),
    ("NNodes", 8),
    ("ReqTRES", 100),
    ("NodeList", 64),
    ("MaxRSS", 16),
    ("TotalCPU", 20),
    ("Reason", 60),
    ("JobName", 100),
)

NODE_COLUMNS: tuple[tuple[str, int], ...] = (
    ("Partition", 64),
    ("CPUs", 12),
    ("Memory", 16),
    ("Gres", 160),
    ("Nodes", 12),
    ("StateCompact", 20),
)

#: Beside SLURM_CONF. Times come as seconds since 1970: Slurm's own have no zone.
READING_ENV = {"SLURM_TIME_FORMAT": "%s", "TZ": "UTC", "LC_ALL": "C"}

_ID = re.compile(r"\d{1,12}(_\d{1,9})?(\+\d{1,9})?")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@,+-]{0,99}")
TAG = re.compile(r"[a-z]{1,8}-[0-9a-f]{8,64}")
_SHOWN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
#: A mail address of the plain kind: slurmctld gives it to a program.
_ADDRESS = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9][A-Za-z0-9.-]{0,252}")
#: Slurm's END is any end, as ours is.
_MAIL_TYPES = {"started": "BEGIN", "ended": "END", "failed": "FAIL"}
_OPTION = re.compile(r"[a-z][a-z0-9-]{1,40}")
#: Ours to set, or a way to a shell, another user or another cluster: no profile may pass these on.
_RESERVED = (
    "array", "batch", "chdir", "clusters", "comment", "error", "export", "export-file", "get-user-env", "gid", "help",
    "input", "job-name", "no-requeue", "open-mode", "output", "parsable", "propagate", "quiet", "requeue", "test-only",
    "uid", "usage", "verbose", "version", "wait", "wrap",
)  # fmt: skip


def submit(job: Submission) -> list[str]:
    """Send the job. Everything is said on the command line: nothing of the environment, no directive lines."""
    return ["sbatch", "--parsable", *_where(job), *_what(job), _path(job.script, "script")]


def estimate(job: Submission) -> list[str]:
    """Ask when it would start, without sending it; needs neither script nor run folder."""
    return ["sbatch", "--test-only", "--export=NONE", "--output=/dev/null", *_what(job), "--wrap=true"]


def queue() -> list[str]:
    """All of my jobs that slurmctld knows, the ended ones (for MinJobAge) and those in hidden queues too."""
    columns = ",".join(f"{name}:{width}" for name, width in QUEUE_COLUMNS)
    return ["squeue", "--me", "--all", "--noheader", "--states=all", f"--Format={columns}"]


def past(native_ids: Sequence[str], since: int) -> list[str]:
    """What accounting knows of these jobs, submitted or alive after `since` (seconds since 1970)."""
    return [*_accounting(since), f"--jobs={','.join(_id(each) for each in native_ids)}"]


def traces(since: int) -> list[str]:
    """What accounting knows of all my jobs after `since`, to look for our tags in their names."""
    return [*_accounting(since), "--allocations"]


def cancel(native_id: str) -> list[str]:
    return ["scancel", _id(native_id)]


def hold(native_id: str) -> list[str]:
    return ["scontrol", "hold", _id(native_id)]


def release(native_id: str) -> list[str]:
    return ["scontrol", "release", _id(native_id)]


def partitions() -> list[str]:
    """The limits of every partition that I may see, one a line."""
    return ["scontrol", "--oneliner", "show", "partition"]


def nodes() -> list[str]:
    """What the partitions that I may use are made of; grouped by equal nodes, so short on any site."""
    columns = ",".join(f"{name}:{width}" for name, width in NODE_COLUMNS)
    return ["sinfo", "--noheader", "--exact", f"--Format={columns}"]


def about() -> list[str]:
    return ["scontrol", "show", "config"]


def name_of(job: Submission) -> str:
    """The name in the queue: the tag, behind what the user wants to be seen."""
    tag = _match(TAG, job.tag, "tag")
    return f"{_match(_SHOWN, job.display_name, 'name')}.{tag}" if job.display_name else tag


def tag_in(name: str) -> str | None:
    """The tag that `name_of` put there; None in a name that is not ours."""
    tag = name.rpartition(".")[2]
    return tag if TAG.fullmatch(tag) else None


def _accounting(since: int) -> list[str]:
    columns = ",".join(f"{name}%-{width}" for name, width in PAST_COLUMNS)
    return ["sacct", "--noheader", "--noconvert", f"--starttime=uts{since}", f"--format={columns}"]


def _where(job: Submission) -> list[str]:
    folder = _path(job.run_folder, "run_folder")
    # `%` in a file name is Slurm's, `%%` a percent sign.
    words = [
        "--export=NONE",
        f"--job-name={name_of(job)}",
        f"--chdir={folder}",
        f"--output={folder.replace('%', '%%')}/scheduler.log",
        # A second attempt must not empty the first one's log.
        "--open-mode=append",
        "--requeue" if job.requeue else "--no-requeue",
    ]
    if job.use_comment:
        words.append(f"--comment={job.tag}")
    return words + _mail(job)


def _mail(job: Submission) -> list[str]:
    types = [word for event, word in _MAIL_TYPES.items() if event in job.mail_on]
    if not types:
        return []
    return [f"--mail-type={','.join(types)}", f"--mail-user={_match(_ADDRESS, job.mail_to, 'mail address')}"]


def _what(job: Submission) -> list[str]:
    asked = job.resources
    words = [
        f"--nodes={_count(asked.nodes)}",
        # A node without a task is not given: two nodes for one task are one. The script runs once, on the first.
        f"--ntasks={max(_count(asked.tasks), asked.nodes)}",
        f"--cpus-per-task={_count(asked.cores)}",
    ]
    if asked.memory_mb is not None:
        words.append(f"--mem={_count(asked.memory_mb)}M")
    if asked.walltime_s is not None:
        words.append(f"--time={math.ceil(_count(asked.walltime_s) / 60)}")
    if asked.gpus:
        kind = f"{_match(_WORD, asked.gpu_type, 'gpu_type')}:" if asked.gpu_type else ""
        words.append(f"--gres=gpu:{kind}{_count(asked.gpus)}")
    if job.queue:
        words.append(f"--partition={_match(_WORD, job.queue, 'queue')}")
    if job.account:
        words.append(f"--account={_match(_WORD, job.account, 'account')}")
    return words + [_native(name, value) for name, value in job.native.items()]


def _native(name: str, value: str) -> str:
    # sbatch takes any unambiguous beginning of an option for it: `--wra=…` is `--wrap=…`.
    if not _OPTION.fullmatch(name) or any(reserved.startswith(name) for reserved in _RESERVED):
        raise Invalid(f"The option “{name[:60]}” cannot be passed to Slurm.", pointer=f"/native/{name[:60]}")
    if len(value) > 1000 or not value.isprintable():
        raise Invalid(f"The option “{name}” has a value that cannot be passed on.", pointer=f"/native/{name}")
    return f"--{name}={value}" if value else f"--{name}"


def _path(path: str, what: str) -> str:
    # A backslash switches off Slurm's own reading of `%`, for the whole name.
    if not path.startswith("/") or not path.isprintable() or "\\" in path:
        raise Invalid(f"Slurm cannot work with the path “{path[:200]}” ({what}).")
    return path


def _id(native_id: str) -> str:
    return _match(_ID, native_id, "native id")


def _count(number: int) -> int:
    if isinstance(number, bool) or not 0 < number < 10**9:
        raise Invalid(f"{number!r} is no number of anything that Slurm could give.", pointer="/resources")
    return number


def _match(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise Invalid(f"“{text[:60]}” is no {what} for Slurm.", pointer=f"/{what}")
    return text
