"""What Slurm's answers mean. Pure: text in, sightings out; what cannot be read is left out, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from .. import clock
from ..errors import ComputeError, NotSetUp, SchedulerRefused, SchedulerSilent
from ..states import Exit, JobState, Seen, Source
from . import slurm_words as words
from .slurm_commands import PAST_COLUMNS, QUEUE_COLUMNS, tag_in

#: An array of more tasks is only told as a whole.
_MOST_TASKS = 10_000
#: Nodes that are busy without a time limit give dates like these.
_FAR = timedelta(days=3 * 365)
#: Slurm marks it by a signal 125, which is none; what the kernel sends is 9.
_OUT_OF_MEMORY = Exit(None, 9)
_NOTHING = frozenset({"", "N/A", "n/a", "(null)", "None", "Unknown", "NONE"})
_UNIT = {"": 1.0, "K": 1 / 1024, "M": 1.0, "G": 1024.0, "T": 1024.0**2, "P": 1024.0**3}

_SILENT = re.compile(
    r"unable to contact slurm controller|connect failure|connection (refused|timed out|reset)|socket timed out"
    r"|zero bytes were transmitted|unexpected message received|no route to host|not responding"
    r"|backup controller|problem talking to|slurmdbd|munge|protocol authentication|credential",
    re.IGNORECASE,
)  # fmt: skip
_GONE = re.compile(r"invalid job id|already complet|job has already finished", re.IGNORECASE)
_DISABLED = re.compile(r"accounting storage is disabled", re.IGNORECASE)


# -- errors --------------------------------------------------------------------------------------------


def failure(stderr: str, code: int) -> ComputeError:
    """The error for a command that failed: Slurm's own words, silent where it could not be reached at all."""
    said = words_of(stderr) or f"exit code {code}"
    if "Could not establish a configuration source" in stderr:
        return NotSetUp("Slurm's programs are installed here, but no slurm.conf tells them where Slurm is.")
    if _SILENT.search(stderr):
        return SchedulerSilent(f"Slurm does not answer: {said}", "It is asked again by itself.")
    return SchedulerRefused(said, "These are Slurm's own words.")


def words_of(stderr: str) -> str:
    """What a program said, as one line without its own name."""
    lines = (re.sub(r"^(\w+: )?(error: )?", "", line).strip() for line in stderr.splitlines())
    return " ".join(line for line in lines if line)[:1000]


def is_gone(stderr: str) -> bool:
    """Whether it only complains that the job is over, or forgotten."""
    return bool(_GONE.search(stderr))


def has_no_accounting(stderr: str) -> bool:
    """Whether sacct says that this site keeps no accounts."""
    return bool(_DISABLED.search(stderr))


# -- sending -------------------------------------------------------------------------------------------


def submitted(stdout: str) -> str | None:
    """The job's id from `sbatch --parsable` (`12` or `12;cluster`), wherever a site's plugins print."""
    for line in reversed(stdout.splitlines()):
        if found := re.fullmatch(r"(\d+)(;[\w.-]+)?", line.strip()):
            return found[1]
    return None


def estimated(stderr: str, now: datetime) -> str | None:
    """The start from `sbatch --test-only`, which says it on stderr."""
    found = re.search(r"Job \d+ to start at (\S+)", stderr)
    start = _time(found[1], now) if found else None
    # It adds up the limits of all jobs ahead: where these have none, to thousands of years. That is no estimate.
    return start if start and clock.parse(start) > now - timedelta(minutes=5) else None


# -- jobs ----------------------------------------------------------------------------------------------


def queue(stdout: str, now: datetime | None = None) -> dict[str, Seen]:
    """What squeue says of each job, by native id; tasks of an array by `12_3`, and the array as a whole by `12`
    as long as it is not over."""
    now = now or datetime.now(timezone.utc)
    found: dict[str, Seen] = {}
    for row in rows(stdout, QUEUE_COLUMNS):
        seen = _queued(row, now)
        for native_id in task_ids(row["JobArrayID"]):
            found[native_id] = _with_id(seen, native_id)
    return found | _wholes(found)


def past(stdout: str, now: datetime | None = None) -> dict[str, Seen]:
    """What sacct says of jobs that are over, by native id; jobs that it still takes for alive are left out, because
    it lags behind, and for lost jobs it says so for ever."""
    now = now or datetime.now(timezone.utc)
    jobs: dict[str, dict[str, str]] = {}
    peaks: dict[str, int] = {}
    hosts: dict[str, str] = {}
    for row in rows(stdout, PAST_COLUMNS, gap=1):
        job, _, step = row["JobID"].partition(".")
        if not step:
            jobs[job] = row
            continue
        if step == "batch":
            hosts[job] = row["NodeList"]
        if (peak := megabytes(row["MaxRSS"])) is not None:
            peaks[job] = max(peak, peaks.get(job, 0))
    found = {
        job: _accounted(job, row, hosts.get(job, ""), peaks.get(job), now)
        for job, row in jobs.items()
        if job[:1].isdigit()
    }
    return {job: seen for job, seen in found.items() if seen.state is None or seen.state.final}


def _queued(row: Mapping[str, str], now: datetime) -> Seen:
    word, reason = row["State"], row["Reason"]
    state = words.state_of(word)
    pending = state is JobState.QUEUED
    if pending and words.is_held(reason):
        state = JobState.HELD
    waits = state is JobState.QUEUED
    ended = _wait_status(row["exit_code"]) if state is not None and state.final else None
    if words.base(word) == "OUT_OF_MEMORY":
        ended = _OUT_OF_MEMORY
    node = _word(row["BatchHost"])
    start = _time(row["StartTime"], now)
    return Seen(
        native_id=row["JobArrayID"],
        state=state,
        source=Source.QUEUE,
        reason=words.reason_of(word, reason, ended),
        exit=ended,
        node=node,
        queued_at=_time(row["SubmitTime"], now),
        started_at=start if node and not pending else None,
        ended_at=_time(row["EndTime"], now) if state is not None and state.final else None,
        estimated_start=start if waits else None,
        attempt=int(row["RestartCnt"]) + 1 if row["RestartCnt"].isdigit() else None,
        tag=tag_in(row["Name"]),
        holds=_holds(row["Partition"], row["Account"], limit_s(row["TimeLimit"]), row["NumNodes"], row["tres-alloc"])
        | _number("cores", row["cpus-per-task"])
        | _gpus(row["tres-per-node"]),
    )


def _accounted(job: str, row: Mapping[str, str], host: str, peak: int | None, now: datetime) -> Seen:
    """`host`: where its script ran, which is one of its nodes."""
    word = row["State"]
    state = words.state_of(word)
    code, _, number = row["ExitCode"].partition(":")
    signal = int(number) & 0x7F if number.isdigit() else 0
    ended = Exit(int(code) if code.isdigit() and not signal else None, signal or None) if number else None
    if words.base(word) == "OUT_OF_MEMORY":
        ended = _OUT_OF_MEMORY
    limit = row["TimelimitRaw"]
    return Seen(
        native_id=job,
        state=state,
        source=Source.ACCOUNTING,
        reason=words.reason_of(word, row["Reason"], ended),
        exit=ended,
        node=_word(host) or _one_node(row["NodeList"]),
        queued_at=_time(row["Submit"], now),
        started_at=_time(row["Start"], now) if _word(row["NodeList"]) else None,
        ended_at=_time(row["End"], now),
        peak_memory_mb=peak,
        cpu_s=duration(row["TotalCPU"]),
        tag=tag_in(row["JobName"]),
        holds=_holds(
            row["Partition"],
            row["Account"],
            int(limit) * 60 if limit.isdigit() else None,
            row["NNodes"],
            row["ReqTRES"],
        ),
    )


def rows(
    text: str, columns: Sequence[tuple[str, int]], gap: int = 0, key: str = r"\d"
) -> Iterator[dict[str, str]]:  # fmt: skip
    """The rows of a table of fixed columns whose first one begins with `key`. A short line is what a line break
    in the last column left over."""
    last_at = sum(width + gap for _, width in columns[:-1])
    for line in text.split("\n"):
        if len(line) < last_at or not re.match(key, line):
            continue
        at, row = 0, {}
        for name, width in columns:
            row[name] = line[at : at + width].strip()
            at += width + gap
        yield row


def task_ids(text: str) -> Iterable[str]:
    """`12` → 12; `12_3` → 12_3; `12_[1-3,7%2]` → 12_1, 12_2, 12_3, 12_7; cut short (`…`) → 12 alone."""
    whole, _, tasks = text.partition("_")
    if not tasks.startswith("["):
        return [text]
    found: list[str] = []
    for part in tasks.strip("[]").partition("%")[0].split(","):
        span = re.fullmatch(r"(\d+)(?:-(\d+)(?::(\d+))?)?", part)
        if span is None or not tasks.endswith("]"):
            return [whole]
        numbers = range(int(span[1]), int(span[2] or span[1]) + 1, int(span[3] or 1))
        if len(found) + len(numbers) > _MOST_TASKS:
            return [whole]
        found += [f"{whole}_{number}" for number in numbers]
    return found


#: The whole is what its liveliest task is.
_LIVELY = (JobState.RUNNING, JobState.COMPLETING, JobState.QUEUED, JobState.HELD)


def _wholes(tasks: Mapping[str, Seen]) -> dict[str, Seen]:
    """Arrays as long as one of their tasks is alive. Of ended ones the queue cannot tell whether all are there."""
    wholes: dict[str, Seen] = {}
    for native_id, seen in tasks.items():
        whole, task = native_id.partition("_")[::2]
        if not task or seen.state not in _LIVELY or whole in tasks:
            continue
        best = wholes.get(whole)
        if best is None or _LIVELY.index(seen.state) < _LIVELY.index(best.state or JobState.HELD):
            wholes[whole] = _with_id(seen, whole)
    return wholes


def _with_id(seen: Seen, native_id: str) -> Seen:
    return replace(seen, native_id=native_id)


def _wait_status(text: str) -> Exit | None:
    """squeue's exit code is what wait(2) gave: 768 is exit code 3, 9 is signal 9."""
    if not text.isdigit():
        return None
    status = int(text)
    return Exit(None, status & 0x7F) if status & 0x7F else Exit(status >> 8 & 0xFF)


def _holds(queue: str, account: str, limit: int | None, nodes: str, tres: str) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    if queue := _word(queue) or "":
        found["queue"] = queue
    if account := _word(account) or "":
        found["account"] = account
    if limit is not None:
        found["walltime_s"] = limit
    found |= _number("nodes", nodes)
    memory = re.search(r"(?:^|,)mem=([\d.]+[KMGTP]?)", tres)
    count = found.get("nodes")
    if memory and isinstance(count, int) and count and (total := megabytes(memory[1])) is not None:
        found["memory_mb"] = total // count
    return found


def _number(name: str, text: str) -> dict[str, str | int]:
    return {name: int(text)} if text.isdigit() and int(text) else {}


def _gpus(tres: str) -> dict[str, str | int]:
    """From `gres:gpu:tesla:1`, `gres/gpu:2` or several of them."""
    counts = [int(n or 1) for n in re.findall(r"(?:^|[,:/])gpu(?:[:=][A-Za-z]\w*)?(?:[:=](\d+))?(?=$|,|\()", tres)]
    return {"gpus": sum(counts)} if counts else {}


def _one_node(text: str) -> str | None:
    """`n1`; None for `n[1-2]` and `n1,m3`, of which nobody says which one the script ran on."""
    return None if set("[,") & set(text) else _word(text)


def _word(text: str) -> str | None:
    return None if text in _NOTHING or " " in text or not text.isprintable() else text


def _time(text: str, now: datetime) -> str | None:
    """Seconds since 1970, or Slurm's own form, which then is UTC because we asked in UTC."""
    try:
        moment = (
            datetime.fromtimestamp(int(text), timezone.utc)
            if text.isdigit()
            else datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
        )
    except (ValueError, OverflowError, OSError):
        return None
    return clock.at(moment) if moment.year > 1970 and moment - now < _FAR else None


def limit_s(text: str) -> int | None:
    """`2-00:00:00`, `1:00:00`, `1:00` (minutes and seconds) in seconds; None for `UNLIMITED` and the like."""
    seconds = duration(text)
    return None if seconds is None else int(seconds)


def duration(text: str) -> float | None:
    found = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)", text)
    if found is None:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def megabytes(text: str) -> int | None:
    """`300M`, `1.5G`; a bare number is bytes, as sacct has it with --noconvert."""
    found = re.fullmatch(r"([\d.]+)([KMGTP]?)n?c?", text)
    if found is None or found[1].count(".") > 1:
        return None
    amount = float(found[1]) * (_UNIT[found[2]] if found[2] else 1 / 1024**2)
    return round(amount)
