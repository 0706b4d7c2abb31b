"""Runs one notebook and says how it ended: the program that a scheduler starts in a run folder.

This file is copied alone into each run folder, so that an upgrade of the extension does not reach a
job that waits, and so that a compute node needs nothing but a Python that has `jupyter_client`. That
is why it is one file, longer than others, and imports nothing of ours. docs/run-folder.md describes
what it reads and writes.

    python -I runner.py run <run folder>      what a scheduler starts
    python -I runner.py detach <run folder>   the same, as nobody's child; prints {pid, pid_start}

Two processes share the work. The *supervisor* needs the standard library only: it claims the attempt,
watches time and memory, passes on the wish to stop, and writes `exit.json` last, whatever happened to
the rest. The *child*, which it forks, talks to the kernel and writes the outputs as they come. Whatever
the kernel, its subprocesses or the child do, the supervisor is a process that nobody's memory can blow up.

The parts, in order, and what is where:

    Files and words       whole files on full or shared disks, claiming, what a job may see of its surroundings
    Processes             who is below us, how much memory and time they use, ending them (`MemoryWatch`, `Usage`)
    The notebook          what an event does to it (`Notebook`), how it is written, making it again (`rebuild`)
    The recorder          caps, joining of streams, progress, outputs.jsonl, the logs, the result (`Recorder`)
    The kernel            finding, starting, reaching and ending its process (`Kernel`), its outputs (`IOPub`)
    The execution         waiting until it answers, cells, errors, widgets, the wish to stop (`Execution`)
    The child             what surrounds that, and what it does when its supervisor dies (`child`)
    The supervisor        claim, limits, watching, judging the end, exit.json (`Supervisor`)
    Starting              `detach` and `main`
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import json
import math
import mmap
import os
import queue
import re
import selectors
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # See `child`: it takes longer than all others together, and the supervisor has no use for it.
    import asyncio

SCHEMA = 1

#: Below the attempt's folder, while a kernel runs: how to reach it, with the key for that.
CONNECTION_FOLDER = ".kernel"

#: Exit codes of the supervisor, for those who see nothing but the scheduler's accounting.
CLAIMED = 76
EXIT_CODES = {"succeeded": 0, "failed": 1, "cancelled": 143}

MIB = 1024 * 1024
LINUX = sys.platform.startswith("linux")

#: How long neighbouring chunks of one stream are joined before they are written.
JOIN_STREAMS_S = 0.1
PROGRESS_EVERY_S = 0.25
RESULT_EVERY_S = 10.0
#: A result larger than this is written at the end only.
RESULT_IS_BIG = 4 * MIB
#: Written to the disk at the start and deleted at the end, so that exit.json finds room on a full one.
RESERVE_BYTES = 64 * 1024

Json = dict[str, Any]


# ---------------------------------------------------------------------------------------------------
# Files and words


class DiskFull(OSError):
    """The disk, or the user's quota on it, is full."""


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def now() -> str:
    """This moment as RFC 3339 UTC."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _finite(value: Any) -> Any:
    """`value` with NaN and infinities as null, for JSON has no words for them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def to_json(value: Any, *, indent: int | None = None) -> bytes:
    """`value` as UTF-8 JSON that every reader takes: no NaN, no lone surrogates."""
    how: Json = {"ensure_ascii": False, "allow_nan": False, "indent": indent, "sort_keys": indent is not None}
    try:
        text = json.dumps(value, **how)
    except ValueError:
        text = json.dumps(_finite(value), **how)
    # A lone surrogate becomes \udcXX, which is at once valid UTF-8 and the JSON escape for it.
    return text.encode("utf-8", "backslashreplace")


@contextlib.contextmanager
def telling_full() -> Iterator[None]:
    """What fails in here for want of room is `DiskFull`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(error.errno, error.strerror) from error
        raise


def write_all(fd: int, data: bytes) -> None:
    """`DiskFull` if there is no room for all of it."""
    view = memoryview(data)
    with telling_full():
        while view:
            view = view[os.write(fd, view) :]


def replace_file(path: str, data: Iterable[bytes], *, sync: bool = False) -> None:
    """Put the pieces of `data` at `path` so that no reader ever sees a part of it. `DiskFull` if there is no room."""
    temporary = path + ".tmp"
    try:
        with telling_full():
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                for piece in data:
                    write_all(fd, piece)
                if sync:
                    os.fsync(fd)
            finally:
                os.close(fd)
            os.replace(temporary, path)
            if sync:
                folder = os.open(os.path.dirname(path), os.O_RDONLY)
                try:
                    os.fsync(folder)
                finally:
                    os.close(folder)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _create(path: str, data: bytes) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        write_all(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)


def claim_file(path: str, data: bytes) -> bool:
    """Create `path` with all of `data` at once. False if somebody else has created it."""
    if os.path.exists(path):
        return False
    temporary = f"{path}.{os.uname().nodename}.{os.getpid()}.tmp"
    _create(temporary, data)
    try:
        os.link(temporary, path)
    except FileExistsError:
        # Over NFS a link whose answer was lost is sent again and then says this: count the names.
        return os.stat(temporary).st_nlink == 2
    except OSError:
        # A file system without hard links. Readers may see the file empty for a moment.
        try:
            _create(path, data)
        except FileExistsError:
            return False
    finally:
        os.unlink(temporary)
    return True


def say(text: str) -> None:
    """A line for whoever reads stderr.log, or the scheduler's log."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def read_json(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def duration(seconds: float) -> str:
    """`seconds` as a person says it."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:g} s"
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


def size(number: float) -> str:
    """A number of bytes as a person says it."""
    for unit, bytes_each in (("GiB", 1024 * MIB), ("MiB", MIB), ("KiB", 1024)):
        if number >= bytes_each:
            return f"{number / bytes_each:.1f}".removesuffix(".0") + f" {unit}"
    return f"{number:.0f} bytes"


def signal_name(number: int) -> str:
    try:
        return f"signal {number}, {signal.Signals(number).name}"
    except ValueError:
        return f"signal {number}"


#: What a job may see of the surroundings it was started in. Everything else (tokens above all) stays out.
_KEPT = frozenset(
    """PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR TERM HOSTNAME LD_LIBRARY_PATH MODULEPATH MODULESHOME
    SCRATCH WORK PROJECT SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE KRB5CCNAME
    http_proxy https_proxy no_proxy ftp_proxy all_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY FTP_PROXY ALL_PROXY
    XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME OMP_NUM_THREADS CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER
    SLURM_CONF SGE_ROOT SGE_CELL PBS_CONF_FILE""".split()  # noqa: SIM905
)
_KEPT_PREFIXES = ("LC_", "LMOD_", "__LMOD", "_ModuleTable", "BASH_FUNC_m")
#: What a scheduler tells its own job, so that `srun` in a cell, GPU libraries and MPI find their allocation.
_SCHEDULER_PREFIXES = ("SLURM_", "SLURMD_", "PBS_", "SGE_", "PE_", "CUDA_", "ROCR_", "HIP_", "ZE_", "GPU_")
_SCHEDULER_NAMES = frozenset(
    "JOB_ID JOB_NAME NSLOTS NHOSTS NQUEUES QUEUE RESTARTED ARC NCPUS OMP_NUM_THREADS ENVIRONMENT".split()  # noqa: SIM905
)
_NEVER_PREFIXES = ("JUPYTERHUB_", "JUPYTER_", "JPY_", "SBATCH_", "SALLOC_", "PMI_", "PMIX_", "PMI2_")


def clean_environment(environ: Mapping[str, str], *, by_scheduler: bool) -> dict[str, str]:
    """What of `environ` the job may see.

    `by_scheduler`: a scheduler started us, so its variables are about this very job. Otherwise they would
    be those of the allocation in which the Jupyter server happens to run, and mean another job.
    """

    def kept(name: str) -> bool:
        # What the job was sent with says nothing to an `srun` in a cell, and would empty its environment.
        if name == "SLURM_EXPORT_ENV" or name.startswith(_NEVER_PREFIXES):
            return False
        if name in _KEPT or name.startswith(_KEPT_PREFIXES):
            return True
        return by_scheduler and (name in _SCHEDULER_NAMES or name.startswith(_SCHEDULER_PREFIXES))

    return {name: value for name, value in environ.items() if kept(name)}


def allowed_variables(asked: Mapping[str, str]) -> dict[str, str]:
    """Of what a profile adds to the environment, the part that is not Jupyter's own business."""
    return {name: str(value) for name, value in asked.items() if not name.startswith(_NEVER_PREFIXES[:3])}


def native_id(environ: Mapping[str, str]) -> str | None:
    """The id by which the scheduler that started us knows this job."""
    array, task = environ.get("SLURM_ARRAY_JOB_ID"), environ.get("SLURM_ARRAY_TASK_ID")
    if array and task:
        return f"{array}_{task}"
    for name in ("SLURM_JOB_ID", "PBS_JOBID"):
        if environ.get(name):
            return environ[name]
    job, task = environ.get("JOB_ID"), environ.get("SGE_TASK_ID", "undefined")
    if job:
        return job if task == "undefined" else f"{job}.{task}"
    return None


# ---------------------------------------------------------------------------------------------------
# Processes. Elsewhere than on Linux `ps` serves: slower, no correction for shared pages, no subreaper
# (what a cell detaches from itself escapes), no kernel that dies with its parent.

_PAGE = os.sysconf("SC_PAGE_SIZE")
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def _prctl(option: int, value: int) -> None:
    if LINUX:
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _told(*command: str) -> str:
    """What that program prints; nothing if it fails."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _stat_fields(pid: int) -> list[str]:
    """/proc/<pid>/stat from the third field on: the name before may hold spaces and brackets."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()


def pid_start(pid: int) -> int:
    """When `pid` started, in clock ticks since the boot: with the boot's id it names a process for ever.
    0 where there is no such process."""
    if LINUX:
        try:
            fields = _stat_fields(pid)
            # One that nobody has collected is dead; in a container that may last for ever.
            return 0 if fields[0] in "ZX" else int(fields[19])
        except (OSError, IndexError):
            return 0
    try:
        return int(
            datetime.strptime(_told("ps", "-o", "lstart=", "-p", str(pid)).strip(), "%a %b %d %H:%M:%S %Y").timestamp()
        )
    except ValueError:
        return 0


def process_handle(pid: int | None) -> int | None:
    """A file that can be read from once `pid` has ended. None where the system has no such thing."""
    try:
        return os.pidfd_open(pid) if pid else None
    except (AttributeError, OSError):
        return None


def boot_id() -> str:
    """A name of this boot of this machine, so that a pid of an earlier one is never believed."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return "".join(filter(str.isdigit, _told("sysctl", "-n", "kern.boottime"))) or "unknown"


def _parents() -> dict[int, int]:
    """The parent of every process that we may see and that is not already dead."""
    parents: dict[int, int] = {}
    if LINUX:
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    fields = _stat_fields(int(name))
                except OSError:
                    continue
                if fields[0] not in "ZX":
                    parents[int(name)] = int(fields[1])
        return parents
    for line in _told("ps", "-axo", "pid=,ppid=,stat=").splitlines():
        pid, parent, state = line.split()[:3]
        if not state.startswith("Z"):
            parents[int(pid)] = int(parent)
    return parents


def descendants(root: int, *, exact: bool = False) -> list[int]:
    """Living processes below `root`. `exact`: look at all processes, not at the kernel's quick lists,
    which may miss one that is just being born."""
    if LINUX and not exact and os.path.exists(f"/proc/{root}/task/{root}/children"):
        children_of = _quick_children
    else:
        known: dict[int, list[int]] = {}
        for pid, parent in _parents().items():
            known.setdefault(parent, []).append(pid)

        def children_of(pid: int) -> list[int]:
            return known.get(pid, [])

    found: list[int] = []
    todo = [root]
    while todo:
        children = children_of(todo.pop())
        found += children
        todo += children
    return found


def _quick_children(pid: int) -> list[int]:
    found: list[int] = []
    # Threads and processes may go while we look.
    with contextlib.suppress(OSError):
        for thread in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
    return found


def forked(run: Callable[[], int]) -> int:
    """The pid of a copy of this process that does nothing but `run`, and ends with the exit code that this gives;
    with 1, and a traceback on stderr, if it fails."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        code = run()
    except BaseException:  # noqa: BLE001 (whatever it is, it must not run on in this copy)
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def kill_below(root: int, *, spare: Iterable[int] = (), within_s: float = 5.0) -> dict[int, int]:
    """SIGKILL everything below `root`, again until nothing is left or `within_s` is over: some process may
    be starting others meanwhile, or hang in the kernel. The wait statuses of children of ours that died."""
    spared = set(spare)
    statuses: dict[int, int] = {}
    end = time.monotonic() + within_s
    while victims := [pid for pid in descendants(root, exact=True) if pid not in spared]:
        for pid in victims:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        if root == os.getpid():
            statuses.update(reap())
        if time.monotonic() > end:
            break
        time.sleep(0.005)
    return {**statuses, **reap()} if root == os.getpid() else statuses


def reap() -> dict[int, int]:
    """Collect our dead children; their wait statuses by pid."""
    statuses: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while (dead := os.waitpid(-1, os.WNOHANG))[0]:
            statuses[dead[0]] = dead[1]
    return statuses


def resident(pid: int) -> int:
    """Bytes of `pid` in memory, shared pages and all. 0 if it is gone."""
    if LINUX:
        try:
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                return int(file.read().split()[1]) * _PAGE
        except (OSError, IndexError):
            return 0
    told = _told("ps", "-o", "rss=", "-p", str(pid)).strip()
    return int(told) * 1024 if told.isdigit() else 0


def cpu_s(pids: Iterable[int]) -> float:
    """Processor time that these processes and their dead children have used."""
    used = 0.0
    if LINUX:
        for pid in pids:
            with contextlib.suppress(OSError, IndexError):
                used += sum(map(int, _stat_fields(pid)[11:15])) / os.sysconf("SC_CLK_TCK")
        return used
    for word in _told("ps", "-o", "time=", "-p", ",".join(map(str, pids))).replace("-", ":").split():
        for place, part in enumerate(reversed(word.split(":"))):
            used += float(part) * 60**place
    return used


def _bytes_of(pid: int, file: str, name: str) -> int:
    """What stands in /proc under that name in KiB; where it does not, all that `pid` has in memory."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/{file}", encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith(name):
                return int(line.split()[1]) * 1024
    return resident(pid)


def proportional(pid: int) -> int:
    """Bytes of `pid` in memory, each shared page divided among those who share it."""
    return _bytes_of(pid, "smaps_rollup", "Pss:")


def peak_resident(pid: int) -> int:
    """The most that `pid` alone ever had in memory; the kernel keeps it, so nothing falls between samples."""
    return _bytes_of(pid, "status", "VmHWM:")


def oom_kills() -> int:
    """How many processes of our control group the kernel has killed for lack of memory so far."""
    try:
        with open("/proc/self/cgroup", encoding="utf-8") as file:
            lines = [line.rstrip("\n").split(":", 2) for line in file]
    except OSError:
        return 0
    files: list[str] = []
    for _, controllers, path in lines:
        if not controllers:
            for mount in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
                files += [f"{mount}{path}/memory.events", f"{mount}/memory.events"]
        elif "memory" in controllers.split(","):
            files += [f"/sys/fs/cgroup/memory{path}/memory.oom_control", "/sys/fs/cgroup/memory/memory.oom_control"]
    for name in files:
        # In a container the path may be another's view of it: then the group's own files lie at the mount.
        try:
            with open(name, encoding="ascii") as file:
                for line in file:
                    if line.startswith("oom_kill "):
                        return int(line.split()[1])
        except OSError:
            continue
    return 0


@dataclass
class MemoryWatch:
    """How much memory the job uses, and whether that is too much.

    What the job runs counts, the runner itself does not: the user's limit is for the user's code.
    """

    limit: int | None
    peak: int = 0
    interval_s: float = 0.5
    over: bool = False
    _look_closer_at: float = 0.0
    _last: int = 0
    _most: int = 0

    def sample(
        self,
        pids: Sequence[int],
        measure: Callable[[int], int] = resident,
        closely: Callable[[int], int] = proportional,
    ) -> None:
        """Look once. Adding up resident pages counts a shared page once per process, so neither a kill nor a
        record of several processes rests on it: then the kernel's fair shares are asked for, which is dear
        for large processes and so done as rarely as its own cost demands."""
        used = sum(map(measure, pids))
        too_much = self.limit is not None and used > self.limit
        if too_much or (len(pids) > 1 and used > self.peak):
            began = time.monotonic()
            if began < self._look_closer_at:
                return
            used = sum(map(closely, pids))
            took = time.monotonic() - began
            self._look_closer_at = began + took + max(10 * took, 0.02 if too_much else 0.5)
            too_much = self.limit is not None and used > self.limit
        self.peak = max(self.peak, used)
        self._last, self._most = used, max(self._most, used)
        self.over = self.over or too_much
        self.interval_s = 0.5
        if self.limit is not None:
            # A kernel can fill gigabytes in a second: the nearer to the limit, the closer we watch.
            self.interval_s = 0.25 if used < self.limit / 2 else 0.1 if used < self.limit * 0.75 else 0.03

    def most_since(self) -> int:
        """The most bytes that were seen since this was asked last. Of several processes it may count shared pages
        more than once, but it is never more than `peak`."""
        most, self._most = self._most, self._last
        return most


USAGE_EVERY_S = 2.0
#: How long `nvidia-smi` may take. Where the driver does not stay loaded it is seconds.
GPU_PATIENCE_S = 20.0


def usage_interval(elapsed_s: float) -> float:
    """Seconds until the next sample. Ever longer, so that an hour takes 700 lines, a week 2,000 and a month 2,300,
    and the newest are never further apart than a plot of all of them could show."""
    return max(USAGE_EVERY_S, elapsed_s / 240)


def gpu_query(visible: str | None, *, by_scheduler: bool) -> list[str] | None:
    """The command that tells what the job's GPUs do; None where there is none, or where it would tell of GPUs that
    a scheduler gave to others. `visible`: the job's CUDA_VISIBLE_DEVICES."""
    program = shutil.which("nvidia-smi")
    if program is None or (by_scheduler if visible is None else not re.fullmatch(r"[A-Za-z0-9,/-]+", visible)):
        return None
    only = [] if visible is None else [f"--id={visible}"]
    return [program, *only, "--query-gpu=utilization.gpu,memory.used", "--format=csv,noheader,nounits"]


def read_gpus(said: str) -> list[Json] | None:
    """What `gpu_query` says of each GPU; None if it says something else. A GPU may keep one or both to itself."""

    def number(word: str) -> int | None:
        return None if word.startswith("[") else int(word)

    try:
        lines = [[number(word.strip()) for word in line.split(",")] for line in said.splitlines()]
        return [{"busy": busy and busy / 100, "memory_mb": memory} for busy, memory in lines] or None
    except ValueError:
        return None


@dataclass
class Usage:
    """What the job uses over time: adds samples to usage.jsonl. A line for which there is no room is left out."""

    path: str
    #: See `gpu_query`. None from the first time on that it fails.
    query: list[str] | None = None
    #: The process that is being asked, or 0. It is no part of the job.
    asking: int = 0
    _asked_at: float = 0.0
    _took_s: float = 0.0
    _answer: int = -1
    _gpus: list[Json] | None = None
    _began: float = field(default_factory=time.monotonic)
    _due_at: float = 0.0
    _cpu_s: float = 0.0
    _fd: int = -1
    _size: int = 0

    def look(self, pids: Iterable[int], memory: MemoryWatch) -> None:
        """Take a sample if it is time. `pids`: all below us. Never waits, so one with GPUs may take some calls."""
        moment = time.monotonic()
        if moment < self._due_at:
            return
        if self.asking and moment > self._asked_at + GPU_PATIENCE_S:
            self.query = None
            with contextlib.suppress(OSError):
                os.kill(self.asking, signal.SIGKILL)
        if self.query is not None and self._gpus is None:
            if not self.asking:
                self._ask(self.query)
            return
        # Where the driver does not stay loaded, asking is work for seconds: then it is done as rarely as that demands.
        self._due_at = moment + max(usage_interval(moment - self._began), 20 * self._took_s)
        ours = os.times()
        self.write(ours.children_user + ours.children_system + cpu_s(pids), memory)

    def write(self, used_s: float, memory: MemoryWatch) -> None:
        """Add a sample. `used_s`: processor time of all that is and was below us; it is not believed to fall."""
        self._cpu_s = max(self._cpu_s, used_s)
        sample: Json = {"at": now(), "cpu_s": round(self._cpu_s, 2), "memory_mb": math.ceil(memory.most_since() / MIB)}
        if self._gpus is not None:
            sample["gpu"], self._gpus = self._gpus, None
        line = to_json(sample) + b"\n"
        with contextlib.suppress(OSError):
            if self._fd < 0:
                self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            if os.write(self._fd, line) == len(line):
                self._size += len(line)
            else:
                # Readers are promised whole lines.
                os.ftruncate(self._fd, self._size)

    def _ask(self, query: list[str]) -> None:
        self._answer, told = os.pipe()
        # What it started may hold on to the other end.
        os.set_blocking(self._answer, False)
        to = [(os.POSIX_SPAWN_DUP2, told, 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
        try:
            self.asking, self._asked_at = os.posix_spawn(query[0], query, os.environ, file_actions=to), time.monotonic()
        except OSError:
            self.query = None
            os.close(self._answer)
        finally:
            os.close(told)

    def collect(self, dead: Mapping[int, int]) -> None:
        """Take the answer if who was asked is among the dead."""
        if self.asking not in dead:
            return
        status, self.asking = dead[self.asking], 0
        self._took_s = time.monotonic() - self._asked_at
        said = b""
        with contextlib.suppress(OSError):
            # It fits into the pipe: who had more to say would not have come to an end.
            said = os.read(self._answer, 65536)
        os.close(self._answer)
        self._gpus = None if status else read_gpus(said.decode("utf-8", "replace"))
        if self._gpus is None:
            self.query = None


# ---------------------------------------------------------------------------------------------------
# The notebook, as events make it. The child builds its result by the very events that it writes, so that
# what is rebuilt from outputs.jsonl is the same by construction.


@dataclass(frozen=True)
class Step:
    """One cell to run. `number` is its place in the job, from 1, as people count."""

    id: str
    role: str
    index: int
    total: int

    @property
    def title(self) -> str:
        return f"cell {self.index + 1} of {self.total}"


class Notebook:
    """A notebook that events are applied to."""

    def __init__(self, document: Json, job: Json) -> None:
        self.document = document
        self.cells: dict[str, Json] = {cell["id"]: cell for cell in document["cells"] if "id" in cell}
        asked = job.get("cells")
        if asked is None:
            asked = [{"id": key, "role": "selected"} for key, cell in self.cells.items() if cell["cell_type"] == "code"]
        self.steps = [
            Step(each["id"], each.get("role", "selected"), index, len(asked)) for index, each in enumerate(asked)
        ]
        self._displays: dict[str, list[tuple[str, Json]]] = {}
        self._shown_in: dict[str, set[str]] = {}
        self._clear_before_next: set[str] = set()
        for step in self.steps:
            cell = self.cells.get(step.id)
            # What an earlier run left in cells that this one will not reach would look like this one's.
            if cell is not None and not self.skips(cell):
                cell["outputs"], cell["execution_count"] = [], None

    @staticmethod
    def skips(cell: Json) -> bool:
        """Whether the cell is left alone, as nbclient leaves it."""
        return (
            cell["cell_type"] != "code"
            or not source_of(cell).strip()
            or "skip-execution" in cell.get("metadata", {}).get("tags", ())
        )

    def apply(self, event: Json) -> None:
        """Do to the notebook what `event` says. An unknown event, or one about no cell of ours, does nothing."""
        kind, cell = event.get("event"), self.cells.get(event.get("cell") or "")
        if kind == "metadata":
            self.document.setdefault("metadata", {}).update(event["metadata"])
        elif kind == "update_display":
            for _, output in self._displays.get(event["display_id"], ()):
                output["data"], output["metadata"] = event["data"], event["metadata"]
        elif cell is None:
            return
        elif kind == "output":
            self._add(cell, event["output"], event.get("display_id"))
        elif kind == "clear_output":
            if event.get("wait"):
                self._clear_before_next.add(cell["id"])
            else:
                self._clear(cell)
        elif kind == "cell_ended":
            self._clear_before_next.discard(cell["id"])
            if event.get("execution_count") is not None:
                cell["execution_count"] = event["execution_count"]
            if event.get("timing"):
                cell.setdefault("metadata", {})["execution"] = event["timing"]

    def shows(self, display_id: str) -> bool:
        return bool(self._displays.get(display_id))

    def _add(self, cell: Json, output: Json, display_id: str | None) -> None:
        if cell["id"] in self._clear_before_next:
            self._clear(cell)
        if output["output_type"] == "stream":
            last = cell["outputs"][-1] if cell["outputs"] else None
            if last is not None and last["output_type"] == "stream" and last["name"] == output["name"]:
                # Kept as pieces and joined at the end: adding to a string each time would be quadratic.
                last["text"].append(output["text"])
                return
            output = {**output, "text": [output["text"]]}
        cell["outputs"].append(output)
        if display_id is not None:
            self._displays.setdefault(display_id, []).append((cell["id"], output))
            self._shown_in.setdefault(cell["id"], set()).add(display_id)

    def _clear(self, cell: Json) -> None:
        self._clear_before_next.discard(cell["id"])
        for display_id in self._shown_in.pop(cell["id"], ()):
            self._displays[display_id] = [shown for shown in self._displays[display_id] if shown[0] != cell["id"]]
        cell["outputs"] = []

    def encoded(self) -> Iterator[bytes]:
        """The notebook as a file, piece by piece: as Jupyter writes it, but a large cell stands on one line."""
        yield b'{\n "cells": ['
        between = b"\n"
        for cell in self.document["cells"]:
            yield between
            yield _encoded_cell(cell)
            between = b",\n"
        yield b"]" if between == b"\n" else b"\n ]"
        rest = {key: value for key, value in self.document.items() if key != "cells"}
        yield b",\n" + to_json(rest, indent=1)[2:] + b"\n"


def source_of(cell: Json) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


#: A cell with more than this is written in one piece: for the readable layout, json has no fast path.
_LARGE_CELL = 128 * 1024


def _encoded_cell(cell: Json) -> bytes:
    outputs: list[Json] = []
    weight = 0
    for output in cell.get("outputs", ()):
        if output["output_type"] == "stream":
            text = "".join(output["text"])
            outputs.append({**output, "text": text})
            weight += len(text)
        else:
            outputs.append(output)
            weight += sum(len(value) for value in output.get("data", {}).values() if isinstance(value, str))
    cell = {**cell, "source": source_of(cell)}
    if "outputs" in cell:
        cell["outputs"] = outputs
    if weight > _LARGE_CELL:
        return b"  " + to_json(cell)
    cell["source"] = cell["source"].splitlines(keepends=True)
    if "outputs" in cell:
        cell["outputs"] = [_in_lines(output) for output in outputs]
    return b"  " + to_json(cell, indent=1).replace(b"\n", b"\n  ")


def _in_lines(output: Json) -> Json:
    """The output with its texts split into lines, so that a diff of two notebooks can be read."""
    if output["output_type"] == "stream":
        return {**output, "text": output["text"].splitlines(keepends=True)}
    if "data" not in output:
        return output
    return {
        **output,
        "data": {
            mime: value.splitlines(keepends=True)
            if isinstance(value, str)
            and (mime.startswith("text/") or mime in ("application/javascript", "image/svg+xml"))
            else value
            for mime, value in output["data"].items()
        },
    }


def read_events(path: str) -> Iterator[Json]:
    """The events of an outputs.jsonl. A last line that was cut off by a crash is left out."""
    try:
        with open(path, "rb") as file:
            for line in file:
                if not line.endswith(b"\n"):
                    return
                try:
                    event = json.loads(line)
                except ValueError:
                    continue
                if isinstance(event, dict):
                    yield event
    except FileNotFoundError:
        return


@dataclass(frozen=True)
class Rebuilt:
    """What outputs.jsonl tells about an attempt."""

    notebook: Notebook
    done: int
    #: The cell that had begun and not ended, if any.
    open: Step | None


def rebuild(run_folder: str, attempt: int = 1) -> Rebuilt:
    """Write an attempt's result.ipynb again, from `input.ipynb` and what it wrote to outputs.jsonl.

    The same as the attempt itself writes at its end. `OSError` (or `DiskFull`) if there is nothing to read or no
    room, `ValueError`, `KeyError` or `TypeError` if the files are not ours.
    """
    rebuilt = read_back(run_folder, attempt)
    replace_file(os.path.join(run_folder, "attempts", str(attempt), "result.ipynb"), rebuilt.notebook.encoded())
    return rebuilt


def read_back(run_folder: str, attempt: int = 1) -> Rebuilt:
    """What `input.ipynb` and outputs.jsonl say about an attempt."""
    job = read_json(os.path.join(run_folder, "job.json"))
    notebook = Notebook(read_json(os.path.join(run_folder, job.get("notebook", "input.ipynb"))), job)
    by_id = {step.id: step for step in notebook.steps}
    done, begun = 0, None
    for event in read_events(os.path.join(run_folder, "attempts", str(attempt), "outputs.jsonl")):
        notebook.apply(event)
        if event.get("event") == "cell_started":
            begun = by_id.get(event["cell"])
        elif event.get("event") == "cell_ended":
            begun = None
            done += event.get("status") != "aborted"
    return Rebuilt(notebook, done, begun)


# ---------------------------------------------------------------------------------------------------
# The recorder: what the cells give, capped, on its way to outputs.jsonl, the logs and the result


@dataclass
class Given:
    """How much one cell has given."""

    #: Bytes that stand in the cell now.
    shown: int = 0
    #: Bytes written for it, shown or cleared since.
    written: int = 0
    #: Bytes that are kept nowhere.
    left_out: int = 0
    #: Nothing more of it is kept, errors apart.
    muted: bool = False


def utf8_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _cut(text: str, room: int) -> str:
    """As much of the front of `text` as fits into `room` bytes."""
    return text[:room] if text.isascii() else text.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")


_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")


class Recorder:
    """Writes the events of one attempt and applies them to its notebook."""

    #: A cell may write this many times what it may show: live plots clear and draw again.
    WRITTEN_PER_SHOWN = 10
    #: Of an error's traceback this much is always kept, whatever the cap.
    ERROR_BYTES = 256 * 1024

    def __init__(self, folder: str, notebook: Notebook, caps: Json) -> None:
        self.folder = folder
        self.notebook = notebook
        self.cell_bytes = int(caps.get("cell_bytes") or 10 * MIB)
        self.job_bytes = int(caps.get("job_bytes") or 1024 * MIB)
        self.given: dict[str, Given] = {step.id: Given() for step in notebook.steps}
        self.written = 0
        self.done = 0
        self.current: str | None = None
        self._events = self._open("outputs.jsonl")
        self._logs = {"stdout": self._open("stdout.log"), "stderr": self._open("stderr.log")}
        self._position = os.fstat(self._events).st_size
        self._pending: tuple[str, str, list[str]] | None = None
        self._pending_since = 0.0
        self._progress_at = -math.inf
        self._progress_due = False
        self._result_at = time.monotonic()
        self._late = flushes_late(folder)
        self._synced_at = time.monotonic()
        self._syncing: threading.Thread | None = None

    def _open(self, name: str) -> int:
        return os.open(os.path.join(self.folder, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    # -- events

    def metadata(self, metadata: Json) -> None:
        """Something about the notebook as a whole, e.g. the kernel's language."""
        self._write({"event": "metadata", "cell": None, "metadata": metadata})

    def started(self, step: Step) -> None:
        self.flush()
        self.current = step.id
        self._write({"event": "cell_started", "cell": step.id, "index": step.index, "role": step.role})
        self.progress()

    def stream(self, cell: str, name: str, text: str) -> None:
        """Text that the cell printed: joined with what follows soon, and cut at the cap."""
        given = self.given[cell]
        length, room = utf8_length(text), 0 if given.muted else self._room(cell)
        kept = text if length <= room else _cut(text, room)
        kept_length = length if kept is text else utf8_length(kept)
        if kept:
            self._count(cell, kept_length)
            if self._pending is None or self._pending[:2] != (cell, name):
                self.flush()
                self._pending, self._pending_since = (cell, name, []), time.monotonic()
            self._pending[2].append(kept)
        if kept_length < length:
            self._mute(cell, length - kept_length)

    def output(self, cell: str, output: Json, display_id: str | None = None) -> None:
        """Anything else that stands in a cell. Whole or not at all, except for an error."""
        if output["output_type"] == "error":
            output = self._short_error(output)
        if display_id is not None and self.notebook.shows(display_id):
            # Showing under an id again also renews what stands there already.
            self.update_display(cell, display_id, output["data"], output["metadata"])
        event = {"event": "output", "cell": cell, "output": output}
        if display_id is not None:
            event["display_id"] = display_id
        line = self._line(event)
        if output["output_type"] == "error":
            self.flush()
            self._store(event, line)
            self._log(
                "stderr",
                _ANSI.sub("", "\n".join(output["traceback"]) or f"{output['ename'] or 'failed'}: {output['evalue']}")
                + "\n",
            )
        elif self.admit(cell, len(line)):
            self.flush()
            self._store(event, line)

    def update_display(self, cell: str, display_id: str, data: Json, metadata: Json) -> None:
        event = {"event": "update_display", "cell": cell, "display_id": display_id, "data": data, "metadata": metadata}
        line = self._line(event)
        given = self.given[cell]
        # It replaces what is shown, so only what is written grows.
        if len(line) > self.cell_bytes or len(line) > self._room(cell) + given.shown:
            given.left_out += len(line)
            return
        self.flush()
        given.written += len(line)
        self.written += len(line)
        self._store(event, line)

    def admit(self, cell: str, length: int) -> bool:
        """Whether there is room for something of `length` bytes, which counts from now on or is left out."""
        if self.given[cell].muted or self._room(cell) < length:
            self._mute(cell, length)
            return False
        self._count(cell, length)
        return True

    def clear_output(self, cell: str, wait: bool) -> None:
        self.flush()
        given = self.given[cell]
        given.shown = 0
        given.muted = self._room(cell) <= 0
        if not given.muted:
            self._write({"event": "clear_output", "cell": cell, "wait": wait})

    def note(self, cell: str, text: str) -> None:
        """A line of ours among the cell's outputs."""
        self.flush()
        self._print(cell, "stderr", text + "\n")

    def ended(self, step: Step, status: str, **more: Any) -> None:
        self.flush()
        given = self.given[step.id]
        if given.left_out:
            self.note(step.id, f"[{size(given.left_out)} of this cell's output were left out]")
            given.left_out = 0
        self.current = None
        self.done += status != "aborted"
        self._write({"event": "cell_ended", "cell": step.id, "status": status, **more})
        self.progress()

    # -- caps

    def _room(self, cell: str) -> int:
        given = self.given[cell]
        written = min(self.cell_bytes * self.WRITTEN_PER_SHOWN - given.written, self.job_bytes - self.written)
        return max(0, min(self.cell_bytes - given.shown, written))

    def _count(self, cell: str, number: int) -> None:
        given = self.given[cell]
        given.shown += number
        given.written += number
        self.written += number

    def _mute(self, cell: str, length: int) -> None:
        given = self.given[cell]
        given.left_out += length
        if not given.muted:
            given.muted = True
            self._say_cut(cell)

    def _say_cut(self, cell: str) -> None:
        if self.written >= self.job_bytes:
            why = f"all cells together gave more than {size(self.job_bytes)}"
        else:
            why = f"this cell gave more than {size(self.cell_bytes)}"
        self.note(cell, f"\n[output cut here: {why}]")

    def _short_error(self, output: Json) -> Json:
        length = sum(map(len, output["traceback"])) + len(output["evalue"])
        if length <= self.ERROR_BYTES:
            return output
        part = self.ERROR_BYTES // 3
        text = "\n".join(output["traceback"])
        return {
            **output,
            "evalue": output["evalue"][:part],
            "traceback": [
                text[:part],
                f"[{size(max(0, len(text) - 2 * part))} of the traceback were left out]",
                text[-part:],
            ],
        }

    # -- files

    def flush_in(self) -> float | None:
        """In how many seconds `tick` has something to do; None: it has nothing to do."""
        moment = time.monotonic()
        due = []
        if self._pending is not None:
            due.append(self._pending_since + JOIN_STREAMS_S)
        if self._progress_due:
            due.append(self._progress_at + PROGRESS_EVERY_S)
        return max(0.0, min(due) - moment) if due else None

    def tick(self) -> None:
        """Write what has waited long enough."""
        if self._pending is not None and time.monotonic() - self._pending_since >= JOIN_STREAMS_S:
            self.flush()
        if self._progress_due:
            self.progress()

    def flush(self) -> None:
        """Write the stream chunks that wait to be joined."""
        if self._pending is None:
            return
        (cell, name, pieces), self._pending = self._pending, None
        self._print(cell, name, "".join(pieces))

    def _print(self, cell: str, name: str, text: str) -> None:
        self._write({"event": "output", "cell": cell, "output": {"output_type": "stream", "name": name, "text": text}})
        self._log(name, text)

    def progress(self, *, last: bool = False) -> None:
        """Write progress.json, but not more than four times a second."""
        moment = time.monotonic()
        if not last and moment - self._progress_at < PROGRESS_EVERY_S:
            self._progress_due = True
            return
        self._progress_at, self._progress_due = moment, False
        total = len(self.notebook.steps)
        state = {"schema": SCHEMA, "done": self.done, "total": total, "current": self.current, "at": now()}
        # Progress is a convenience: a full disk is met, and told, where outputs are written.
        with contextlib.suppress(OSError):
            replace_file(os.path.join(self.folder, "progress.json"), [to_json(state)])

    def intermediate_result(self) -> None:
        """Write result.ipynb if that was long ago and does not cost much."""
        moment = time.monotonic()
        if moment - self._result_at >= RESULT_EVERY_S and self.written <= RESULT_IS_BIG:
            self._result_at = moment
            self._write_result()

    def finish(self) -> bool:
        """Write all that there is; whether there was room for it."""
        try:
            self.flush()
            self.progress(last=True)
            self._write_result()
            return True
        except DiskFull:
            return False

    def _write_result(self) -> None:
        replace_file(os.path.join(self.folder, "result.ipynb"), self.notebook.encoded())

    def _line(self, event: Json) -> bytes:
        event["at"] = now()
        return to_json(event) + b"\n"

    def _write(self, event: Json) -> None:
        self._store(event, self._line(event))

    def _store(self, event: Json, line: bytes) -> None:
        try:
            write_all(self._events, line)
        except DiskFull:
            # Readers are promised whole lines.
            with contextlib.suppress(OSError):
                os.ftruncate(self._events, self._position)
            raise
        self._position += len(line)
        self.notebook.apply(event)
        if self._late:
            self._send_to_server()

    def _log(self, name: str, text: str) -> None:
        write_all(self._logs.get(name, self._logs["stdout"]), text.encode("utf-8", "replace"))

    def _send_to_server(self) -> None:
        """Make a network file system's client send what it holds back, so that others see it soon.
        In a thread, for it may hang as long as the file server does."""
        moment = time.monotonic()
        if moment - self._synced_at < 2 or (self._syncing is not None and self._syncing.is_alive()):
            return
        self._synced_at = moment

        def sync() -> None:
            for fd in (self._events, *self._logs.values()):
                with contextlib.suppress(OSError):
                    os.fsync(fd)

        self._syncing = threading.Thread(target=sync, daemon=True)
        self._syncing.start()


#: File systems whose clients keep what is written to themselves for up to half a minute.
_LATE = ("nfs", "cifs", "smb", "fuse.sshfs", "9p", "afs")


def flushes_late(folder: str, mountinfo: str = "/proc/self/mountinfo") -> bool:
    """Whether `folder` lies on a network file system that others see late."""
    best, kind = "", ""
    real = os.path.realpath(folder)
    try:
        with open(mountinfo, encoding="utf-8", errors="replace") as file:
            for line in file:
                before, _, after = line.partition(" - ")
                point = before.split()[4]
                if (real + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best):
                    best, kind = point, after.split()[0]
    except (OSError, IndexError):
        return False
    return kind.startswith(_LATE)


# ---------------------------------------------------------------------------------------------------
# How it ended, and the kernel: its process and the outputs that come from it


class Ended(Exception):
    """The notebook is over, with this word on how. `why` is a reason's code, `facts` what else is known."""

    def __init__(
        self, outcome: str, why: str | None = None, text: str = "", *, conclusive: bool = True, **facts: Any
    ) -> None:
        super().__init__(text)
        reason = None if why is None else {"code": why, "text": text}
        self.report: Json = {"outcome": outcome, "reason": reason, "conclusive": conclusive, **facts}


#: Signals by which a process dies of its own fault. Any other came from somebody, who may know better why.
_OWN_FAULT = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSYS})


def died_of(status: int | None) -> tuple[int | None, int | None]:
    """Exit code and signal from what `Popen` says; a shell between us and the kernel says 128 + signal."""
    if status is None:
        return None, None
    if status < 0:
        return None, -status
    if 128 < status <= 128 + 64:
        return None, status - 128
    return status, None


#: A message as it came: its large parts are not copied out of ZeroMQ's memory.
Frames = list["bytes | memoryview"]


def beginning_of_stream(content: bytes | memoryview, enough: int) -> tuple[Json, int]:
    """The content of a stream message with only the first `enough` bytes, or a little more, of its text, and how
    many bytes of it were not looked at. `ValueError` if it is no such message."""
    start = re.search(rb'"text"\s*:\s*"', content[:1024])
    name = re.search(rb'"name"\s*:\s*"(stdout|stderr)"', bytes(content[: start.start()]) if start else b"")
    # Few languages put the name after the text.
    name = name or re.search(rb'","name"\s*:\s*"(stdout|stderr)"\s*}\s*$', bytes(content[-100:]))
    if start is None or name is None:
        raise ValueError("a stream without a name or a text")
    decoder, position, pieces = json.JSONDecoder(strict=False), start.end(), []
    while enough > 0 and position < len(content):
        # The longest that a piece may cut in two is the escape of a surrogate pair.
        for shorter in range(12):
            piece = bytes(content[position : position + MIB - shorter])
            try:
                quoted = f'"{piece.decode()}"'
                text, end = decoder.raw_decode(quoted)
            except ValueError:
                continue
            if end < len(quoted) or not "\ud800" <= text[-1:] < "\udc00":
                break
        else:
            raise ValueError("a text that is no JSON")
        pieces.append(text)
        position = len(content) if end < len(quoted) else position + len(piece)
        enough -= utf8_length(text)
    return {"name": name[1].decode(), "text": "".join(pieces)}, len(content) - position


#: How often it is tried to reach the kernel's sockets until they are there.
RECONNECT_MS = 10


class IOPub:
    """The kernel's outputs as raw messages, read as fast as they come.

    A kernel throws outputs away when its listener is slow, so reading goes before handling. Memory stays
    bounded: a message larger than `LARGEST` is not received at all (the connection is then made anew),
    and what belongs to a muted cell is thrown away unparsed.
    """

    MOST_BYTES = 32 * MIB
    #: ZeroMQ hands over whole messages only, so this much memory may be needed for one. The kernel needs several
    #: times as much to make it (the text, its JSON, the bytes), so it is never we who are too large for the job.
    LARGEST = 256 * MIB

    def __init__(self, url: str, server_key: bytes | None) -> None:
        import zmq
        from zmq.utils.monitor import recv_monitor_message

        self._zmq, self._parse = zmq, recv_monitor_message
        self._url, self._server_key = url, server_key
        self._context = zmq.Context()
        self._waiting: deque[Frames] = deque()
        self._bytes = 0
        self._news = asyncio.Event()
        #: Message ids of requests whose outputs nobody wants any more.
        self.muted: set[str] = set()
        #: What was thrown away of each request, in bytes.
        self.left_out: Counter[str] = Counter()
        #: How often the connection broke, and a message was lost with it.
        self.disconnects = 0
        self._connect()

    def _connect(self) -> None:
        zmq = self._zmq
        self._socket = self._context.socket(zmq.SUB)
        self._socket.linger = 0
        self._socket.reconnect_ivl = RECONNECT_MS
        self._socket.rcvhwm = 16
        self._socket.maxmsgsize = self.LARGEST
        if self._server_key is not None:
            self._socket.curve_publickey, self._socket.curve_secretkey = zmq.curve_keypair()
            self._socket.curve_serverkey = self._server_key
        self._monitor = self._socket.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._socket.subscribe(b"")
        self._socket.connect(self._url)
        self._fds = [int(self._socket.FD), int(self._monitor.FD)]
        for fd in self._fds:
            asyncio.get_running_loop().add_reader(fd, self._news.set)

    def _disconnect(self) -> None:
        for fd in self._fds:
            asyncio.get_running_loop().remove_reader(fd)
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
        self._socket.close(linger=0)

    def close(self) -> None:
        self._disconnect()
        self._context.term()

    def drain(self) -> None:
        """Take in what has arrived, up to a bound."""
        while self._bytes < self.MOST_BYTES:
            try:
                received = self._socket.recv_multipart(self._zmq.NOBLOCK, copy=False)
            except self._zmq.Again:
                break
            # What is large is not copied: it would be there twice.
            frames: Frames = [each.bytes if len(each.buffer) < MIB else each.buffer for each in received]
            if self.muted and self._thrown_away(frames):
                continue
            self._bytes += sum(map(len, frames))
            self._waiting.append(frames)
        if self._monitor.poll(0):
            self._parse(self._monitor)
            self.disconnects += 1
            # ZeroMQ takes a message that is too large for an enemy's and does not come back by itself.
            self._disconnect()
            self._connect()

    def mute(self, request: str) -> None:
        """Throw away the outputs of `request` from here on, unless a word that clears them is waiting already."""
        if request not in self.muted and not any(
            self._words_of(frames) == (request, "clear_output") for frames in self._waiting
        ):
            self.muted.add(request)

    @staticmethod
    def _words_of(frames: Frames) -> tuple[str | None, str | None]:
        """Which request the message answers, and its type."""
        try:
            start = frames.index(b"<IDS|MSG>")
            header, parent = (json.loads(bytes(frames[start + place])) for place in (2, 3))
            return parent.get("msg_id"), header.get("msg_type")
        except (ValueError, IndexError, AttributeError):
            return None, None

    def _thrown_away(self, frames: Frames) -> bool:
        parent, kind = self._words_of(frames)
        if parent is None or parent not in self.muted:
            return False
        if kind == "clear_output":
            # What comes after it may be kept again, and is decided when we get there.
            self.muted.discard(parent)
            return False
        if kind not in ("stream", "display_data", "execute_result"):
            return False
        self.left_out[parent] += len(frames[frames.index(b"<IDS|MSG>") + 5])
        return True

    def next(self) -> Frames | None:
        if not self._waiting:
            return None
        frames = self._waiting.popleft()
        self._bytes -= sum(map(len, frames))
        return frames

    async def news(self, within_s: float) -> None:
        """Return when something may have arrived, or after `within_s`."""
        self._news.clear()
        # The descriptor tells of changes, not of contents: look once more after clearing.
        if int(self._socket.EVENTS) & self._zmq.POLLIN:
            return
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._news.wait(), within_s)


def hold_ports() -> dict[str, socket.socket]:
    """Free ports for a kernel, by their names; nobody else is given them as long as the sockets live.

    Only who asks for one by its number can listen there, if it shares addresses, as ZeroMQ's sockets do. So it is
    on Linux.
    """
    held = {}
    for name in ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port"):
        held[name] = socket.socket()
        held[name].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held[name].bind(("127.0.0.1", 0))
    return held


def _before_kernel() -> None:
    """Between fork and exec of the kernel: let it die with us, and before us when memory runs out."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _offer_to_oom_killer(500)


def _offer_to_oom_killer(score: int) -> None:
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(str(score))


class Kernel:
    """The kernel's process, and how it is reached: started, watched and ended with the help of jupyter_client."""

    def __init__(self, job: Json, folder: str) -> None:
        """`folder`: the attempt's. `Ended` if there is no such program here."""
        host = socket.gethostname()
        asked = job["kernel"]
        argv = list(asked["spec"]["argv"])
        if re.fullmatch(r"python(3(\.\d+)?)?", argv[0]):
            argv[0] = sys.executable
        wrap = list(job.get("wrap") or ())
        # A provisioner would start the kernel elsewhere; the job is where it should be.
        metadata = {k: v for k, v in asked["spec"].get("metadata", {}).items() if k != "kernel_provisioner"}
        self.ipython = any("ipykernel" in word for word in argv)
        self._name = asked.get("name") or "kernel"
        self._spec = {**asked["spec"], "argv": [*wrap, *argv], "metadata": metadata}
        self._environment = {**os.environ, **allowed_variables(job.get("environment") or {})}
        self._cwd = job.get("cwd") or folder
        if not os.path.isdir(self._cwd):
            say(f"The folder {self._cwd} does not exist on {host}; the cells run in {folder}.")
            self._cwd = folder
        program = self._spec["argv"][0]
        if shutil.which(program, path=self._environment.get("PATH")) is None:
            text = f"The kernel cannot start: there is no program {program} on {host}."
            raise Ended("failed", "no_kernel", text)
        self._folder = os.path.join(folder, CONNECTION_FOLDER)
        #: Keep the kernel's ports for it while it starts.
        self._held: dict[str, socket.socket] = {}
        self.manager: Any = None
        self.pid = 0

    async def start(self, *, hold: bool) -> None:
        """Start the process. `hold`: keep others away from its ports until `release_ports`. `Ended` if it cannot be."""
        from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
        from jupyter_client.manager import AsyncKernelManager

        spec = {key: value for key, value in self._spec.items() if key in KernelSpec.class_trait_names()}

        class OneKernel(KernelSpecManager):
            def get_kernel_spec(self, kernel_name: str) -> Any:
                return KernelSpec(**spec)

        # A folder of its own, for jupyter_client changes the mode of the one that it writes to.
        os.makedirs(self._folder, mode=0o700, exist_ok=True)
        self.manager = AsyncKernelManager(
            kernel_name=self._name,
            kernel_spec_manager=OneKernel(),
            connection_file=os.path.join(self._folder, "kernel.json"),
            shutdown_wait_time=2.0,
            **(self._sockets() if self.ipython else self._ports(set(AsyncKernelManager.class_trait_names()), hold)),
        )
        try:
            await self.manager.start_kernel(
                cwd=self._cwd,
                # A copy, for jupyter_client writes into it.
                env=dict(self._environment),
                # A history in a database in the home folder would be shared by all jobs, over NFS.
                extra_arguments=["--HistoryManager.hist_file=:memory:"] if self.ipython else [],
                preexec_fn=_before_kernel if LINUX else None,
            )
        except OSError as error:
            raise Ended("failed", "no_kernel", f"The kernel cannot start: {error.strerror or error}.") from error
        self.pid = self._process.pid

    def _sockets(self) -> Json:
        """In a folder of our own, where nobody else can take them."""
        import tempfile

        # Not below the run folder: the path of a socket has at most 107 characters.
        room_enough = len(tempfile.gettempdir()) < 80
        sockets = tempfile.mkdtemp(prefix="jc-", dir=None if room_enough else "/tmp")  # noqa: S108 (0700, a name of its own)
        # So that the supervisor can remove it, whatever becomes of us.
        os.symlink(sockets, os.path.join(self._folder, "sockets"))
        return {"transport": "ipc", "ip": os.path.join(sockets, "k")}

    def _ports(self, known: set[str], hold: bool) -> Json:
        """For kernels that know nothing else. Ports are picked before they are bound, so that somebody else may get
        them; holding them prevents that, but not for a kernel that could not start that way."""
        self._held = hold_ports() if hold and LINUX else {}
        ports = {name: held.getsockname()[1] for name, held in self._held.items()}
        # Without encryption everybody on the node can listen to the outputs. Only for kernels that say they can.
        encryption = {"transport_encryption": "auto"} if "transport_encryption" in known else {}
        return {"transport": "tcp", "ip": "127.0.0.1", **encryption, **ports, "cache_ports": False}

    def release_ports(self) -> None:
        for held in self._held.values():
            held.close()

    @property
    def iopub(self) -> tuple[str, bytes | None]:
        """Where the outputs come from, and the key of its encryption."""
        km = self.manager
        between = "-" if km.transport == "ipc" else ":"
        return f"{km.transport}://{km.ip}{between}{km.iopub_port}", getattr(km, "curve_publickey", None)

    def client(self) -> Any:
        """A client of jupyter_client's that is connected to the shell."""
        # A kernel that comes up is noticed soon: each attempt costs next to nothing.
        self.manager.context.reconnect_ivl = RECONNECT_MS
        client = self.manager.client()
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)
        return client

    @property
    def _process(self) -> Any:
        return getattr(self.manager.provisioner, "process", None)

    def status(self) -> int | None:
        """What `Popen` says about the process."""
        process = self._process
        return None if process is None else process.poll()

    async def gone(self) -> None:
        """Return when the process has ended."""
        handle = process_handle(self.pid)
        if handle is not None:
            loop, ended = asyncio.get_running_loop(), asyncio.Event()
            loop.add_reader(handle, ended.set)
            try:
                await ended.wait()
            finally:
                loop.remove_reader(handle)
                os.close(handle)
        while await self.manager.is_alive():  # noqa: ASYNC110 (here the system does not tell)
            await asyncio.sleep(0.1)

    async def interrupt(self) -> bool:
        """Interrupt what it is doing; False if there is no kernel."""
        if self.manager is None or not self.manager.has_kernel:
            return False
        with contextlib.suppress(RuntimeError, OSError):
            await self.manager.interrupt_kernel()
        return True

    async def end(self, *, now: bool) -> None:
        """Ask it to end, unless `now`, and make it if it does not follow."""
        if self.manager is None:
            return
        with contextlib.suppress(RuntimeError, OSError):
            if not now and self.manager.has_kernel:
                await self.manager.request_shutdown()
                with contextlib.suppress(asyncio.TimeoutError):
                    # jupyter_client looks every tenth of a second, which is as long as many kernels take.
                    await asyncio.wait_for(self.gone(), 2.0)
                await self.manager.finish_shutdown()
            await self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_connection_file()


# ---------------------------------------------------------------------------------------------------
# The execution (in the child). It drives the kernel through jupyter_client and lends from nbclient what widgets
# need, when the first widget appears: importing nbclient takes longer than many a notebook, its execute()
# installs signal handlers of its own, and it stores outputs before anybody could cap them.


class Execution:
    """One run of one notebook's cells in one kernel."""

    STARTUP_S = 300.0
    #: How often a kernel is started that ends or stays silent before it has answered for the first time.
    STARTS = 3
    #: A kernel that in this time does not answer, and uses less than a fiftieth of it, will not answer any more.
    QUIET_S = 15.0

    def __init__(self, job: Json, attempt_folder: str, recorder: Recorder, peak: Callable[[int | None], int]) -> None:
        self.job = job
        self.folder = attempt_folder
        self.recorder = recorder
        self.notebook = recorder.notebook
        self._peak = peak
        self._kernel: Any = None
        self._kc: Any = None
        self._iopub: Any = None
        self._widgets: Any = None
        self._stopping = False
        self._executed = 0
        self._steps_by_request: dict[str, Step] = {}
        self._timing: dict[str, Json] = {}
        self._idle: dict[str, asyncio.Future[None]] = {}
        self._counts: dict[str, int] = {}
        #: Requests whose error has been recorded.
        self._errors: set[str] = set()
        self._tasks: list[asyncio.Task[None]] = []
        self._kernel_tasks: list[asyncio.Task[None]] = []

    async def run(self) -> Json:
        """Run all steps and write the result; how it ended."""
        try:
            report = await self._run()
        finally:
            # While a kernel goes, which takes its time, there is time to write.
            for task in self._tasks:
                task.cancel()
            complete = await self._stop_kernel(now=self._stopping, meanwhile=self.recorder.finish)
        return report if complete else {**report, "incomplete": True}

    async def _run(self) -> Json:
        loop = asyncio.get_running_loop()
        self._stopped: asyncio.Future[None] = loop.create_future()
        loop.add_signal_handler(signal.SIGTERM, self._stop)
        # Ctrl-C at a terminal reaches us and the supervisor, and he decides.
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        raised: list[tuple[Step, str]] = []
        try:
            if self.notebook.steps:
                await self._start_kernel()
            for step in self.notebook.steps:
                text = await self._run_cell(step)
                if self._stopping:
                    raise self._told_to_stop(step)
                if text is not None:
                    raised.append((step, text))
                    if self.job.get("stop_on_error", True):
                        break
                self.recorder.intermediate_result()
            self._keep_widgets()
            if raised:
                raise Ended(
                    "failed", "error", raised[0][1] + (f" ({len(raised)} cells raised)" if len(raised) > 1 else "")
                )
            raise Ended("succeeded")
        except Ended as end:
            if end.report["outcome"] != "succeeded":
                self._keep_widgets()
            return end.report
        except DiskFull:
            return Ended("failed", "disk_full", f"No space is left for the outputs in {self.folder}.").report

    # -- stopping

    def _stop(self) -> None:
        """The supervisor wants the end: interrupt the cell, so that its `finally` blocks run, and give it
        most of the supervisor's patience to get there."""
        if self._stopping:
            return
        self._stopping = True
        patience = float(self.job.get("limits", {}).get("grace_s") or GRACE_S) * 0.5

        async def stop() -> None:
            if self._kernel is not None and await self._kernel.interrupt():
                await asyncio.sleep(patience)
            if not self._stopped.done():
                self._stopped.set_result(None)

        self._tasks.append(asyncio.ensure_future(stop()))

    # -- the kernel's beginning and end

    async def _start_kernel(self) -> None:
        """Start the kernel until it answers. `Ended` if it never does."""
        kernel = self._kernel = Kernel(self.job, self.folder)
        for left in reversed(range(self.STARTS)):
            try:
                await kernel.start(hold=left + 1 == self.STARTS)
                self._iopub = IOPub(*kernel.iopub)
                self._kc = kernel.client()
                self._died = asyncio.get_running_loop().create_future()
                self._pump_task = asyncio.ensure_future(self._pump())
                self._kernel_tasks = [self._pump_task, asyncio.ensure_future(self._watch_kernel())]
                await self._wait_until_ready(last=kernel.ipython or not left)
                return
            except _NoAnswer as why:
                # Nothing has run yet, so nothing runs twice.
                say(f"{why} It is started again, with other ports.")
                await self._stop_kernel(now=True)
            finally:
                kernel.release_ports()

    async def _wait_until_ready(self, *, last: bool) -> None:
        """Until the kernel answers and its outputs reach us: a subscription takes a moment, and what is sent
        before is lost, so we ask until an answer has come both ways. `_NoAnswer`, unless this is the `last`
        start, if that will not be: the kernel has ended, or waits for something that is not us."""
        begun = time.monotonic()
        look_at, used = begun + self.QUIET_S, 0.0
        heard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        reply: asyncio.Task[Json] = asyncio.ensure_future(self._reply(None))
        try:
            while not (reply.done() and heard.done()):
                if time.monotonic() > begun + self.STARTUP_S:
                    raise Ended("failed", "no_kernel", f"The kernel did not answer within {duration(self.STARTUP_S)}.")
                if time.monotonic() > look_at and not last:
                    before, used = used, cpu_s([self._kernel.pid, *descendants(self._kernel.pid)])
                    if used - before < self.QUIET_S / 50:
                        raise _NoAnswer("The kernel is idle and does not answer.")
                    look_at += self.QUIET_S
                self._idle[self._kc.kernel_info()] = heard
                waiting = [each for each in (reply, heard) if not each.done()]
                await self._first(*waiting, timeout_s=0.05 if reply.done() else 1.0)
        except _Died:
            code, number = died_of(self._kernel.status())
            how = f"exit code {code}" if number is None else signal_name(number)
            text = f"The kernel ended before it was ready ({how})."
            # Whoever finds a port taken ends with an exit code; a signal came from somebody.
            if number is None and not last:
                raise _NoAnswer(text) from None
            raise Ended("failed", "no_kernel", text, code=code, signal=number, last_words=True) from None
        except _Stopped:
            raise Ended("cancelled", "terminated", "The job was told to stop.", conclusive=False) from None
        finally:
            reply.cancel()
        info = reply.result()["content"].get("language_info")
        if info:
            self.recorder.metadata({"language_info": info})

    async def _watch_kernel(self) -> None:
        await self._kernel.gone()
        # Its last outputs are still on their way.
        await asyncio.sleep(0.2)
        if not self._died.done():
            self._died.set_result(None)

    async def _stop_kernel(self, *, now: bool, meanwhile: Callable[[], bool] = lambda: True) -> bool:
        """End the kernel, and do something `meanwhile`; what that returned."""
        for task in self._kernel_tasks:
            task.cancel()
        if self._iopub is not None:
            self._iopub.close()
        ending = asyncio.ensure_future(self._kernel.end(now=now)) if self._kernel is not None else None
        await asyncio.sleep(0.01)
        done = meanwhile()
        if ending is not None:
            await ending
        if self._kc is not None:
            self._kc.shell_channel.stop()
        self._kc = self._iopub = None
        return done

    # -- one cell

    async def _run_cell(self, step: Step) -> str | None:
        """Run one cell; None, or the sentence that says what it raised. `Ended` if the kernel did not survive."""
        cell = self.notebook.cells[step.id]
        recorder = self.recorder
        recorder.started(step)
        if self.notebook.skips(cell):
            recorder.ended(step, "ok", execution_count=None, duration_s=0.0)
            return None
        allowed = "raises-exception" in cell.get("metadata", {}).get("tags", ())
        began = time.monotonic()
        lost = self._iopub.disconnects
        request = self._kc.execute(source_of(cell), store_history=True, stop_on_error=not allowed)
        self._steps_by_request[request] = step
        self._timing[request] = {}
        idle = self._idle[request] = asyncio.get_running_loop().create_future()
        reply = asyncio.ensure_future(self._reply(request))
        try:
            await self._first(reply)
            answer = reply.result()
            self._timing[request]["shell.execute_reply"] = _stamp(answer)
            await self._until_idle(idle)
        except _Died:
            self._handle_the_rest()
            self._close_cell(step, request, "aborted", None, began)
            raise self._kernel_died(step) from None
        except _Stopped:
            self._close_cell(step, request, "aborted", None, began)
            raise self._told_to_stop(step) from None
        except DiskFull:
            with contextlib.suppress(DiskFull):
                self._close_cell(step, request, "aborted", None, began)
            raise
        finally:
            reply.cancel()
        self._executed += 1
        if self._iopub.disconnects > lost:
            recorder.note(step.id, f"[outputs were left out that came in messages of more than {size(IOPub.LARGEST)}]")
        content = answer["content"]
        failed = content.get("status") != "ok"
        if failed and "ename" in content and request not in self._errors:
            # The output that tells it was lost; the answer says the same.
            recorder.output(step.id, _error_output(content))
        status = "ok"
        if failed:
            status = "aborted" if self._stopping or content.get("status") == "aborted" else "error"
        count = content.get("execution_count") or self._counts.get(request) or self._executed
        self._close_cell(step, request, status, count, began)
        if status != "error" or allowed:
            return None
        return _what_was_raised(step, content)

    def _close_cell(self, step: Step, request: str, status: str, count: int | None, began: float) -> None:
        self._iopub.muted.discard(request)
        self.recorder.given[step.id].left_out += self._iopub.left_out.pop(request, 0)
        peak = self._peak(self._kernel.pid)
        self.recorder.ended(
            step,
            status,
            execution_count=count if count is not None else self._counts.get(request),
            duration_s=round(time.monotonic() - began, 3),
            peak_memory_mb=math.ceil(peak / MIB) if peak else None,
            timing=self._timing.pop(request),
        )

    @staticmethod
    def _told_to_stop(step: Step) -> Ended:
        where = f"in {step.title}"
        return Ended("cancelled", "terminated", f"The job was told to stop {where}.", conclusive=False, where=where)

    def _kernel_died(self, step: Step) -> Ended:
        code, number = died_of(self._kernel.status())
        where = f"in {step.title}"
        if number is None or number in _OWN_FAULT:
            how = f"ended by itself (exit code {code})" if number is None else f"crashed ({signal_name(number)})"
            text = f"The kernel {how} {where}."
            return Ended("failed", "kernel_died", text, code=code, signal=number, last_words=True)
        text = f"The kernel was killed ({signal_name(number)}) {where}."
        if number == signal.SIGKILL:
            text += " Often that means that memory ran out."
        return Ended("failed", "kernel_died", text, conclusive=False, signal=number, where=where)

    async def _reply(self, request: str | None) -> Json:
        """The kernel's answer to `request`; None: to anything."""
        while True:
            try:
                # A send on the socket (a widget's answer) can swallow the word that something has arrived.
                message: Json = await self._kc.shell_channel.get_msg(timeout=0.25)
            except queue.Empty:
                continue
            if request is None or message["parent_header"].get("msg_id") == request:
                return message

    async def _until_idle(self, idle: asyncio.Future[None]) -> None:
        """Until all outputs of the cell have come. The word for it may have been lost with an output that was
        too large: then a question whose own last word comes after it tells as well."""
        for _ in range(60):
            await self._first(idle, timeout_s=1.0)
            if idle.done():
                return
            self._idle[self._kc.kernel_info()] = idle

    async def _first(self, *wanted: asyncio.Future[Any], timeout_s: float | None = None) -> None:
        """Until one of `wanted` is there or the time is over. Raises what ends the notebook before that."""
        await asyncio.wait(
            {*wanted, self._pump_task, self._stopped, self._died},
            timeout=timeout_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        if self._pump_task.done():
            self._pump_task.result()
        if any(each.done() for each in wanted):
            return
        if self._died.done():
            raise _Died
        if self._stopped.done():
            raise _Stopped

    # -- outputs

    async def _pump(self) -> None:
        """Turn the kernel's messages into events, for ever."""
        iopub, recorder = self._iopub, self.recorder
        while True:
            until = time.monotonic() + 0.02
            iopub.drain()
            busy = False
            while time.monotonic() < until and self._handle_next():
                busy = True
            recorder.tick()
            if busy:
                await asyncio.sleep(0)
            else:
                due = recorder.flush_in()
                await iopub.news(0.5 if due is None else min(due, 0.5))

    def _handle_the_rest(self) -> None:
        """What has arrived from a kernel that is no more."""
        self._iopub.drain()
        while self._handle_next():
            pass

    def _handle_next(self) -> bool:
        """Handle the next message and let go of it; False if there is none."""
        frames = self._iopub.next()
        if frames is not None:
            self._handle(frames)
        return frames is not None

    def _handle(self, frames: Frames) -> None:
        session = self._kc.session
        try:
            parts = session.feed_identities(frames)[1]
            large = len(parts[4]) > max(2 * self.recorder.cell_bytes, IOPub.MOST_BYTES)
            message = session.deserialize(parts, content=not large)
            if large and not self._cut(message):
                return
        except (ValueError, KeyError, IndexError, TypeError) as error:
            say(f"A message of the kernel cannot be read: {error}")
            return
        kind, content = message["header"]["msg_type"], message["content"]
        request = message["parent_header"].get("msg_id")
        if kind == "status":
            self._status_changed(message, request)
            return
        step = self._steps_by_request.get(request)
        if step is None:
            # Of something we did not ask for, e.g. a kernel's greeting.
            return
        if kind.startswith("comm"):
            self._comm(message, step)
        elif kind == "execute_input":
            self._counts[request] = content.get("execution_count")
            if request in self._timing:
                self._timing[request]["iopub.execute_input"] = _stamp(message)
        elif kind in ("stream", "display_data", "execute_result", "error", "clear_output", "update_display_data"):
            self._output(kind, content, message, request, step)

    def _cut(self, message: Json) -> bool:
        """Make a message whose content is over any cap small before it is unpacked; False if nothing of it is kept."""
        kind, content = message["header"]["msg_type"], message["content"]
        request = message["parent_header"].get("msg_id")
        step = self._steps_by_request.get(request)
        if kind == "stream":
            message["content"], rest = beginning_of_stream(content, self.recorder.cell_bytes + 1)
            self._iopub.left_out[request] += rest
        elif step is not None and kind in ("display_data", "execute_result"):
            self.recorder.admit(step.id, len(content))
        elif kind != "error":
            # An error's answer says the same once more.
            self._iopub.left_out[request] += len(content)
        return bool(kind == "stream")

    def _output(self, kind: str, content: Json, message: Json, request: str, step: Step) -> None:
        recorder = self.recorder
        hooks = self._widgets.output_hook_stack.get(request) if self._widgets is not None else None
        display_id = (content.get("transient") or {}).get("display_id")
        if hooks and kind != "update_display_data":
            # Inside an Output widget: the widget's state takes it, under the same cap.
            self._into_widget(hooks[-1], kind, content, message, step)
        elif kind == "stream":
            recorder.stream(step.id, content.get("name", "stdout"), content.get("text", ""))
        elif kind == "clear_output":
            recorder.clear_output(step.id, bool(content.get("wait")))
        elif kind == "update_display_data":
            if display_id is not None:
                recorder.update_display(step.id, display_id, content.get("data", {}), content.get("metadata", {}))
        elif kind == "error":
            self._errors.add(request)
            recorder.output(step.id, _error_output(content))
        else:
            output = {"output_type": kind, "data": content.get("data", {}), "metadata": content.get("metadata", {})}
            if kind == "execute_result":
                output["execution_count"] = content.get("execution_count")
            recorder.output(step.id, output, display_id)
        if recorder.given[step.id].muted:
            self._iopub.mute(request)

    def _status_changed(self, message: Json, request: str) -> None:
        state = message["content"].get("execution_state")
        if request in self._timing and state in ("busy", "idle"):
            self._timing[request][f"iopub.status.{state}"] = _stamp(message)
        if state == "idle":
            waiting = self._idle.pop(request, None)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)

    # -- widgets

    def _comm(self, message: Json, step: Step) -> None:
        try:
            self._widget_client().handle_comm_msg([], message, step.index)
        except (ImportError, LookupError, TypeError, ValueError, AttributeError, AssertionError) as error:
            # Comms belong to libraries that we do not know; a widget less is no reason to end a job.
            say(f"A widget's message was not understood: {error!r}")

    def _widget_client(self) -> Any:
        """nbclient's stand-in for a page with widgets."""
        if self._widgets is None:
            from nbclient import NotebookClient
            from nbformat import from_dict

            empty = from_dict({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})  # type: ignore[no-untyped-call]
            self._widgets = NotebookClient(empty, km=self._kernel.manager)
            self._widgets.kc = self._kc
        return self._widgets

    def _into_widget(self, hook: Any, kind: str, content: Json, message: Json, step: Step) -> None:
        if kind == "clear_output":
            hook.clear_output([], message, step.index)
        elif self.recorder.admit(step.id, len(to_json(content))):
            hook.output([], message, None, step.index)

    def _keep_widgets(self) -> None:
        if self._widgets is None:
            return
        self._widgets.set_widgets_metadata()
        state = self._widgets.nb.metadata.get("widgets")
        if state:
            self.recorder.metadata({"widgets": json.loads(to_json(state))})


class _Died(Exception):
    """The kernel is gone."""


class _NoAnswer(Exception):
    """The kernel has ended before its first answer, or there will be none."""


class _Stopped(Exception):
    """The patience with a cell that was interrupted is over."""


def _error_output(content: Json) -> Json:
    return {
        "output_type": "error",
        "ename": str(content.get("ename", "Error")),
        "evalue": str(content.get("evalue", "")),
        "traceback": [str(line) for line in content.get("traceback") or ()],
    }


def _stamp(message: Json) -> str:
    date = message["header"].get("date")
    return date.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(date, datetime) else now()


def _what_was_raised(step: Step, content: Json) -> str:
    name, value = content.get("ename"), _ANSI.sub("", str(content.get("evalue", ""))).strip().replace("\n", " ")[:300]
    where = step.title[0].upper() + step.title[1:]
    if name == "StdinNotImplementedError":
        return f"{where} asks for input, and in a job there is nobody to answer."
    if not name:
        # Not every language names its errors: bash gives an exit code.
        return f"{where} failed: {value}" if value else f"{where} failed."
    return f"{where} raised {name}: {value}" if value else f"{where} raised {name}."


# ---------------------------------------------------------------------------------------------------
# The child


def child(run_folder: str, attempt: int, job: Json, notebook: Notebook, report_fd: int, peaks: mmap.mmap) -> None:
    """Execute the notebook and tell the supervisor how it ended."""
    global asyncio  # noqa: PLW0603 (to all of this file it is a module like the others)
    folder = os.path.join(run_folder, "attempts", str(attempt))
    _offer_to_oom_killer(200)
    highest = 0

    def peak(kernel_pid: int | None) -> int:
        nonlocal highest
        seen = int(struct.unpack_from("<Q", peaks, 0)[0])
        highest = max(highest, seen, peak_resident(kernel_pid) if kernel_pid else 0)
        return highest

    recorder: Recorder | None = None
    try:
        import asyncio

        try:
            import jupyter_client  # noqa: F401
        except ImportError:
            # With -I Python leaves out what `pip install --user` installed.
            import site

            site.addsitedir(site.getusersitepackages())
        recorder = Recorder(folder, notebook, job.get("caps") or {})
        report = asyncio.run(Execution(job, folder, recorder, peak).run())
        report["peak"] = peak(None)
    except ImportError as error:
        report = Ended(
            "failed",
            "rejected",
            f"The Python {sys.executable} on {socket.gethostname()} cannot run notebooks: {error}.",
        ).report
    except OSError as error:
        if error.errno not in _FULL:
            raise
        report = Ended("failed", "disk_full", f"No space is left for the outputs in {folder}.").report
    if recorder is not None:
        report["cells"] = {"done": recorder.done, "total": len(recorder.notebook.steps)}
    write_all(report_fd, to_json(report))


def _watch_supervisor(lifeline_fd: int, run_folder: str, attempt: int) -> None:
    """Wait for the supervisor's death, which closes the pipe; then end what would be orphaned, and say so.
    In a thread, so that it works whatever the execution is doing."""
    while os.read(lifeline_fd, 1):
        pass
    kill_below(os.getpid(), within_s=2.0)
    folder = os.path.join(run_folder, "attempts", str(attempt))
    forget_connection(folder)
    text = "The process that watched over the job was killed, and the job ended with it."
    record = exit_record(
        read_json(os.path.join(folder, "started.json")),
        {"outcome": "failed", "reason": {"code": "terminated", "text": text}, "conclusive": False},
    )
    with contextlib.suppress(OSError):
        if not os.path.exists(os.path.join(folder, "exit.json")):
            replace_file(os.path.join(folder, "exit.json"), [to_json(record, indent=1)], sync=True)
    os._exit(1)


# ---------------------------------------------------------------------------------------------------
# The supervisor

GRACE_S = 2.0
#: SIGUSR2 and SIGXCPU: Grid Engine's ways to say that the end is near.
_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGXCPU, signal.SIGUSR2)
_NO_STOPS = (signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD)
_CAUGHT = (*_STOPS, *_NO_STOPS)
#: How long the child may take to write the result after its kernel has been killed for memory.
WRITING_S = 30.0


def forget_connection(folder: str) -> None:
    """Remove how the kernel was spoken to, wherever that lies."""
    with contextlib.suppress(OSError):
        shutil.rmtree(os.readlink(os.path.join(folder, CONNECTION_FOLDER, "sockets")), ignore_errors=True)
    shutil.rmtree(os.path.join(folder, CONNECTION_FOLDER), ignore_errors=True)


def exit_record(started: Json, facts: Json) -> Json:
    """The content of exit.json."""
    return {
        "schema": SCHEMA,
        **{name: started.get(name) for name in ("tag", "attempt", "host", "native_id", "started_at")},
        **{name: facts.get(name) for name in ("outcome", "reason", "code", "signal", "peak_memory_mb", "cpu_s")},
        "conclusive": facts.get("conclusive", True),
        "ended_at": now(),
        "cells": facts.get("cells") or {"done": 0, "total": 0},
    }


@dataclass
class Log:
    """What kernel and child print beside the notebook's protocol, capped and appended to a log."""

    source: int
    path: str
    cap: int
    written: int = 0
    tail: bytes = b""
    _fd: int = field(default=-1)

    def pump(self) -> bool:
        """Copy what is there; False at the end."""
        try:
            data = os.read(self.source, 256 * 1024)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if not data:
            return False
        self.tail = (self.tail + data)[-4096:]
        room = self.cap - self.written
        if room > 0:
            self._append(data[:room] + (b"\n[log cut here]\n" if len(data) > room else b""))
        self.written += len(data)
        return True

    def _append(self, data: bytes) -> None:
        # A full disk must not end the watch; the child meets it too, and tells.
        with contextlib.suppress(OSError):
            if self._fd < 0:
                self._fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            write_all(self._fd, data)

    def last_words(self) -> str:
        lines = [
            line.strip() for line in _ANSI.sub("", self.tail.decode("utf-8", "replace")).splitlines() if line.strip()
        ]
        return lines[-1][:300] if lines else ""


class Supervisor:
    """Watches one attempt from its claim to its exit record."""

    def __init__(self, run_folder: str, *, by_scheduler: bool) -> None:
        self.run_folder = os.path.abspath(run_folder)
        self.by_scheduler = by_scheduler
        restarts = os.environ.get("SLURM_RESTART_COUNT", "") if by_scheduler else ""
        self.attempt = int(restarts) + 1 if restarts.isdigit() else 1
        self.folder = os.path.join(self.run_folder, "attempts", str(self.attempt))
        self.started: Json = {}
        self._job: Json = {}
        self._limits: Json = {}
        self._notebook = Notebook({"cells": []}, {})
        self._verdict: Json | None = None
        self._stop_signal = 0
        self._child = 0
        self._child_status: int | None = None
        self._kill_at = math.inf
        self._sample_at = 0.0
        self._logs: list[Log] = []
        self._usage = Usage(os.path.join(self.folder, "usage.jsonl"))

    def run(self, ready: Callable[[Json], None] = lambda started: None) -> int:
        """Run the attempt; an exit code. `ready` is told the claim once it is ours."""
        os.umask(0o077)
        wake = self._catch_signals()
        problem = self._read_job()
        if not self._claim():
            return CLAIMED
        ready(self.started)
        os.chdir(self.folder)
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)
        reserve = os.path.join(self.folder, ".reserve")
        with contextlib.suppress(OSError):
            replace_file(reserve, [b"\0" * RESERVE_BYTES])
        try:
            facts = self._supervise(wake) if problem is None else Ended("failed", "rejected", problem).report
        except Exception as error:  # noqa: BLE001 (whatever it is, the job's end must be on record)
            traceback.print_exc()
            kill_below(os.getpid())
            text = f"The program that watched over the job failed: {error!r}."
            facts = Ended("failed", "terminated", text, conclusive=False).report
        self._clean_up(reserve)
        record = exit_record(self.started, facts)
        self._write_exit(to_json(record, indent=1))
        return EXIT_CODES[record["outcome"]]

    # -- beginning

    def _catch_signals(self) -> int:
        """Note signals instead of dying of them; the end of a pipe that wakes up whoever waits."""
        wake, woken = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)

        def stop(number: int, _: Any) -> None:
            self._stop_signal = self._stop_signal or number

        for number in _STOPS:
            signal.signal(number, stop)
        # A function and not SIG_IGN, for that would be handed down to the kernel.
        for number in _NO_STOPS:
            signal.signal(number, lambda *_: None)
        return wake

    def _read_job(self) -> str | None:
        """Take in what to run; a sentence that says why it cannot be, or None."""
        try:
            job = read_json(os.path.join(self.run_folder, "job.json"))
        except (OSError, ValueError) as error:
            return f"job.json cannot be read: {error}."
        if not isinstance(job, dict):
            return "job.json does not hold an object."
        self._job, self._limits = job, job.get("limits") or {}
        if job.get("schema") != SCHEMA:
            return f"job.json has the schema {job.get('schema')!r}; this runner knows {SCHEMA}."
        argv = job.get("kernel", {}).get("spec", {}).get("argv")
        if not isinstance(argv, list) or not argv or not all(isinstance(word, str) for word in argv):
            return "job.json names no command for the kernel."
        try:
            path = os.path.join(self.run_folder, job.get("notebook", "input.ipynb"))
            self._notebook = Notebook(read_json(path), job)
        except (OSError, ValueError, KeyError, TypeError) as error:
            return f"The notebook cannot be read: {error}."
        missing = [step.id for step in self._notebook.steps if step.id not in self._notebook.cells]
        return f"The notebook has no cell {missing[0]}." if missing else None

    def _claim(self) -> bool:
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        self.started = {
            "schema": SCHEMA,
            "tag": self._job.get("tag"),
            "attempt": self.attempt,
            "host": socket.gethostname(),
            # The scheduler's own name of this machine, which need not be what the machine calls itself.
            "node": os.environ.get("SLURMD_NODENAME") if self.by_scheduler else None,
            "pid": os.getpid(),
            "pid_start": pid_start(os.getpid()),
            "boot_id": boot_id(),
            "native_id": native_id(os.environ) if self.by_scheduler else None,
            "started_at": now(),
        }
        return claim_file(os.path.join(self.folder, "started.json"), to_json(self.started, indent=1))

    def _spawn(self, peaks: mmap.mmap) -> tuple[int, int]:
        """Start the child; where it reports, and the pipe whose closing tells it that we are gone."""
        report, report_in = os.pipe()
        lifeline_out, lifeline = os.pipe()
        out, out_in = os.pipe()
        err, err_in = os.pipe()

        def run() -> int:
            signal.set_wakeup_fd(-1)
            for caught in _CAUGHT:
                signal.signal(caught, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _CAUGHT)
            for number, fd in enumerate((os.open(os.devnull, os.O_RDONLY), out_in, err_in)):
                os.dup2(fd, number)
            close_all_but(0, 1, 2, report_in, lifeline_out)
            environment = clean_environment(os.environ, by_scheduler=self.by_scheduler)
            os.environ.clear()
            os.environ.update(environment)
            watched = (lifeline_out, self.run_folder, self.attempt)
            threading.Thread(target=_watch_supervisor, args=watched, daemon=True).start()
            child(self.run_folder, self.attempt, self._job, self._notebook, report_in, peaks)
            return 0

        # A fork and no new Python, which would read and compile all this once more. What arrives meanwhile waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, _CAUGHT)
        self._child = forked(run)
        # Only the child needs it from here on.
        self._notebook = Notebook({"cells": []}, {})
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _CAUGHT)
        for fd in (report_in, lifeline_out, out_in, err_in):
            os.close(fd)
        cap = int((self._job.get("caps") or {}).get("cell_bytes") or 10 * MIB)
        for fd, name in ((out, "stdout.log"), (err, "stderr.log")):
            os.set_blocking(fd, False)
            self._logs.append(Log(fd, os.path.join(self.folder, name), cap))
        return report, lifeline

    # -- watching

    def _supervise(self, wake: int) -> Json:
        memory_mb: int | None = self._limits.get("memory_mb")
        memory = MemoryWatch(memory_mb * MIB if memory_mb else None)
        ends_at = time.monotonic() + (self._limits.get("walltime_s") or math.inf)
        kills_before = oom_kills()
        # Shared with the child.
        peaks = mmap.mmap(-1, mmap.PAGESIZE)
        seen = {**os.environ, **allowed_variables(self._job.get("environment") or {})}
        self._usage.query = gpu_query(seen.get("CUDA_VISIBLE_DEVICES"), by_scheduler=self.by_scheduler)
        report_fd, lifeline = self._spawn(peaks)
        selector = selectors.DefaultSelector()
        selector.register(wake, selectors.EVENT_READ, None)
        for log in self._logs:
            selector.register(log.source, selectors.EVENT_READ, log)
        report = bytearray()
        selector.register(report_fd, selectors.EVENT_READ, report)
        while self._child_status is None:
            wait = min(self._sample_at, math.inf if self._verdict else ends_at, self._kill_at) - time.monotonic()
            for key, _ in selector.select(max(0.0, wait)):
                if not self._read(key.fd, key.data):
                    selector.unregister(key.fd)
            self._collect(reap())
            if self._verdict is None:
                self._judge(memory, ends_at)
            if time.monotonic() >= self._kill_at:
                self._kill_at = math.inf
                self._collect(kill_below(os.getpid()))
            if time.monotonic() >= self._sample_at:
                below = descendants(os.getpid())
                memory.sample([pid for pid in below if pid not in (self._child, self._usage.asking)])
                struct.pack_into("<Q", peaks, 0, memory.peak)
                self._usage.look(below, memory)
                self._sample_at = time.monotonic() + memory.interval_s
        self._collect(kill_below(os.getpid()))
        for log in self._logs:
            while log.written < log.cap and select_ready(log.source) and log.pump():
                pass
        while select_ready(report_fd) and self._read(report_fd, report):
            pass
        os.close(lifeline)
        facts = self._conclude(bytes(report), oom_kills() > kills_before)
        usage = os.times()
        facts["cpu_s"] = round(usage.children_user + usage.children_system, 2)
        facts["peak_memory_mb"] = math.ceil(max(memory.peak, facts.get("peak") or 0) / MIB)
        self._usage.write(facts["cpu_s"], memory)
        return facts

    def _judge(self, memory: MemoryWatch, ends_at: float) -> None:
        """Whether the job must end now, and who says so."""
        if self._stop_signal:
            self._end(self._stopped())
        elif time.monotonic() >= ends_at:
            text = f"The job ran longer than its limit of {duration(self._limits['walltime_s'])}."
            self._end(Ended("failed", "timeout", text).report)
        elif memory.over:
            self._out_of_memory(size(self._limits["memory_mb"] * MIB))

    def _read(self, fd: int, what: Any) -> bool:
        """Take in what `fd` has; False at its end."""
        if isinstance(what, Log):
            return what.pump()
        try:
            data = os.read(fd, 65536)
        except BlockingIOError:
            return True
        if isinstance(what, bytearray):
            what += data
        return bool(data)

    def _collect(self, dead: Mapping[int, int]) -> None:
        self._child_status = dead.get(self._child, self._child_status)
        self._usage.collect(dead)

    def _stopped(self) -> Json:
        """Why we are told to stop: because the user asked for it, or for a reason that others know."""
        try:
            # A listing, for NFS remembers for a while that a file was not there.
            asked = "cancel" in os.listdir(self.run_folder)
        except OSError:
            asked = False
        if asked:
            return Ended("cancelled", "cancelled_by_user", "You cancelled the job.").report
        text = f"The job was told to stop from outside ({signal_name(self._stop_signal)})."
        return Ended("cancelled", "terminated", text, conclusive=False).report

    def _end(self, verdict: Json) -> None:
        """Ask the child to come to an end, and see to it that it does."""
        self._verdict = verdict
        grace = self._limits.get("grace_s")
        self._kill_at = time.monotonic() + (GRACE_S if grace is None else grace)
        with contextlib.suppress(OSError):
            os.kill(self._child, signal.SIGTERM)

    def _out_of_memory(self, limit: str) -> None:
        """Kill the kernel and what it started, but let the child write down what there is."""
        self._verdict = Ended("failed", "out_of_memory", f"The job used more than {limit} of memory.").report
        self._kill_at = time.monotonic() + WRITING_S
        self._collect(kill_below(os.getpid(), spare=[self._child]))

    # -- the end

    def _conclude(self, report: bytes, oom: bool) -> Json:
        """Join what we know and what the child says."""
        told: Json = json.loads(report) if report else {}
        code, number = died_of(os.waitstatus_to_exitcode(self._child_status or 0))
        if told.get("outcome") == "succeeded" or (told and self._verdict is None):
            # A notebook that came to its end before the wish to stop arrived did come to its end.
            facts = told
        elif self._verdict is not None:
            facts = {**told, **self._verdict}
        elif number == signal.SIGKILL and oom:
            facts = Ended("failed", "out_of_memory", "The job ran out of memory and the system killed it.").report
        else:
            how = signal_name(number) if number is not None else f"exit code {code}"
            text = f"The program that runs the notebook ended before its time ({how})."
            facts = Ended("failed", "terminated", text, conclusive=False, last_words=True).report
        if not told or told.get("incomplete"):
            facts = {**facts, **self._write_result()}
        reason = facts.get("reason")
        if reason is not None:
            self._improve(facts, reason, oom)
        if facts.get("signal") is None and facts.get("code") is None:
            facts["signal"] = number
            facts["code"] = None if number else {"succeeded": 0, "failed": 1}.get(facts["outcome"])
        return facts

    def _improve(self, facts: Json, reason: Json, oom: bool) -> None:
        where = facts.get("where")
        if reason["code"] == "kernel_died" and facts.get("signal") == signal.SIGKILL and oom:
            reason["code"] = "out_of_memory"
            reason["text"] = f"The job ran out of memory {where}, and the system killed the kernel."
            facts["conclusive"] = True
        elif reason["code"] in ("out_of_memory", "timeout") and where:
            reason["text"] = f"{reason['text'].removesuffix('.')}, {where}."
        elif reason["code"] == "error" and oom:
            reason["text"] += " (one of the job's processes was killed because memory ran out)"
        if facts.get("last_words") and (words := self._logs[1].last_words() if self._logs else ""):
            reason["text"] += f" Its last words: {words}"
        if reason["code"] == "kernel_died" and facts.get("signal") in (signal.SIGTERM, signal.SIGINT):
            # Schedulers signal everybody at once; the kernel may go before our own word arrives.
            end = time.monotonic() + 0.5
            while not self._stop_signal and time.monotonic() < end:
                time.sleep(0.02)
            if self._stop_signal:
                facts.update(self._stopped())

    def _write_result(self) -> Json:
        """Write the result that the child could not write, from its events."""
        try:
            rebuilt = read_back(self.run_folder, self.attempt)
            with contextlib.suppress(DiskFull):
                replace_file(os.path.join(self.folder, "result.ipynb"), rebuilt.notebook.encoded())
        except (OSError, ValueError, KeyError, TypeError) as error:
            say(f"The result cannot be put together: {error}")
            return {}
        cells = {"done": rebuilt.done, "total": len(rebuilt.notebook.steps)}
        return {"cells": cells, "where": f"in {rebuilt.open.title}" if rebuilt.open else None}

    def _write_exit(self, data: bytes) -> None:
        for _ in range(10):
            try:
                replace_file(os.path.join(self.folder, "exit.json"), [data], sync=True)
                return
            except DiskFull:
                # Others were quicker to take the room that we freed.
                time.sleep(1)
        say(f"There is no space for exit.json: {data.decode()}")

    def _clean_up(self, reserve: str) -> None:
        forget_connection(self.folder)
        for name in (reserve, os.path.join(self.folder, "result.ipynb.tmp")):
            with contextlib.suppress(OSError):
                os.unlink(name)


def select_ready(fd: int) -> bool:
    """Whether reading from `fd` would return at once."""
    with selectors.DefaultSelector() as selector:
        selector.register(fd, selectors.EVENT_READ)
        return bool(selector.select(0))


# ---------------------------------------------------------------------------------------------------
# Starting


def detach(run_folder: str) -> int:
    """Start a supervisor that is nobody's child, and print who it is once it holds the claim.

    It has a session of its own and none of our files, so that it outlives the server, its terminal and
    its process group. Exit code 76, and nothing printed, if the attempt has been claimed already.
    """
    told, tell = os.pipe()

    def ready(started: Json) -> None:
        write_all(tell, to_json(started))
        os.close(tell)

    def supervise() -> int:
        _let_go_of_everything_but(tell, os.path.join(run_folder, "scheduler.log"))
        # Many jobs may start at once beside the server that people wait for.
        os.nice(10)
        code = Supervisor(run_folder, by_scheduler=False).run(ready)
        if code == CLAIMED:
            write_all(tell, to_json({"code": code}))
        return code

    def leave() -> int:
        os.setsid()
        forked(supervise)
        return 0

    first = forked(leave)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        answer = json.loads(pipe.read() or b"{}")
    os.waitpid(first, 0)
    if "pid" in answer:
        write_all(1, to_json({"pid": answer["pid"], "pid_start": answer["pid_start"]}) + b"\n")
        return 0
    return int(answer.get("code", 70))


def _let_go_of_everything_but(kept: int, log: str) -> None:
    os.umask(0o077)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    close_all_but(0, 1, 2, kept)


def close_all_but(*kept: int) -> None:
    """Close every file of this process but these."""
    highest = min(os.sysconf("SC_OPEN_MAX"), 65536)
    first = 0
    for fd in (*sorted(kept), highest):
        # An empty range that begins at 0 is all files to some.
        if fd > first:
            os.closerange(first, fd)
        first = fd + 1


def main(argv: Sequence[str]) -> int:
    if len(argv) == 2 and argv[0] == "run":
        return Supervisor(argv[1], by_scheduler=True).run()
    if len(argv) == 2 and argv[0] == "detach":
        return detach(os.path.abspath(argv[1]))
    say("usage: runner.py run|detach <run folder>")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
