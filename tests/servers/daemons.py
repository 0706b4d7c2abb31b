"""Daemons that a test starts and ends: by pid, never by name, and also those of a run that crashed.

A pid alone may have been given to somebody else meanwhile. So each daemon is written down with the moment
its process started, and only a process that has both is ours to end.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

TEST_USER = "compute-test"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class NotInTime(AssertionError):
    """Something that was waited for did not come before its deadline."""


def wait_until(look: Callable[[], T], what: str, *, timeout_s: float = 30, every_s: float = 0.05) -> T:
    """What `look` returns as soon as that is true. `NotInTime`, naming the last answer, if it never is."""
    deadline = time.monotonic() + timeout_s
    while True:
        answer = look()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise NotInTime(f"waited {timeout_s:g} s for {what}; last answer: {answer!r}")
        time.sleep(every_s)


def started_at(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None if there is none or it is a zombie."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if words[0] == "Z" else int(words[19])


def children_of(pid: int) -> list[int]:
    """The pids of the living children of `pid`."""
    with contextlib.suppress(OSError):
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return []


def kill_tree(pid: int) -> None:
    """Kill a process and all that came from it, the youngest first."""
    for child in children_of(pid):
        kill_tree(child)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def heirs(name: str, marks: Mapping[str, str]) -> Iterator[int]:
    """The processes called `name` that were started with all of `marks` in their environment: so those that
    our daemons forked are told from everybody else's."""
    wanted = {f"{key}={value}".encode() for key, value in marks.items()}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "comm").read_text().rstrip() != name[:15]:
                continue
            if wanted <= set((process / "environ").read_bytes().split(b"\0")):
                yield int(process.name)


def free_ports(count: int) -> int:
    """The first of `count` neighbouring loopback ports that nobody listens on.

    Below the range from which the kernel takes ports for outgoing connections, so that none of those
    steals one between this look and the daemon's start.
    """
    for base in range(17000 + (os.getpid() * 16) % 8000, 32000, count):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(base, base + count):
                probe = stack.enter_context(socket.socket())
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", port))
            return base
    raise RuntimeError(f"no {count} neighbouring free ports on loopback")


def ensure_test_user(name: str = TEST_USER, home: str | None = None) -> pwd.struct_passwd:
    """An ordinary user with a home and a login shell, created if missing: `--me`, 0700 folders and leaks
    only show with one."""
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name)
    subprocess.run(
        ["useradd", "--create-home", "--home-dir", home or f"/home/{name}", "--shell", "/bin/bash", name],
        check=True, env={"PATH": PATH},
    )  # fmt: skip
    return pwd.getpwnam(name)


def as_user(name: str) -> dict[str, object]:
    """Arguments for `subprocess` that make the command run as that user, with all of its groups."""
    entry = pwd.getpwnam(name)
    groups = os.getgrouplist(name, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}


@dataclass(frozen=True)
class Daemon:
    """One process that we started."""

    name: str
    pid: int
    started: int

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return started_at(self.pid) == self.started

    def end(self, *, sign: signal.Signals = signal.SIGTERM, timeout_s: float = 10) -> None:
        """End it and return when it is gone. What ignores the signal until the deadline is killed."""
        for each in (sign, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                if self.alive:
                    os.kill(self.pid, each)
            with contextlib.suppress(NotInTime):
                wait_until(self._gone, f"the end of {self.name}", timeout_s=timeout_s, every_s=0.02)
                return
        raise NotInTime(f"{self.name} (pid {self.pid}) outlived SIGKILL")

    def _gone(self) -> bool:
        with contextlib.suppress(ChildProcessError):  # our own child stays a zombie until somebody asks
            os.waitpid(self.pid, os.WNOHANG)
        return not self.alive


class Daemons:
    """The daemons of one folder, remembered in `pids.json` there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file = folder / "pids.json"

    def __iter__(self) -> Iterator[Daemon]:
        """All that were started and not ended by us, alive or not, in the order of their start."""
        if self._file.exists():
            for name, (pid, started) in json.loads(self._file.read_text()).items():
                yield Daemon(name, pid, started)

    def get(self, name: str) -> Daemon | None:
        """The daemon of that name, if it is alive."""
        return next((each for each in self if each.name == name and each.alive), None)

    def start(self, name: str, argv: Sequence[str], *, env: Mapping[str, str], user: str | None = None) -> Daemon:
        """Start `argv`, which must stay in the foreground; its words go to `<name>.log`.

        It gets a session of its own: the end of whoever started it, or a Ctrl-C there, does not reach it.
        """
        with (self._folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                argv, env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                start_new_session=True, **(as_user(user) if user else {}),  # type: ignore[call-overload]
            )  # fmt: skip
        process.returncode = 0  # silences "still running": it outlives this object on purpose
        daemon = Daemon(name, process.pid, started_at(process.pid) or 0)
        self._write([*(each for each in self if each.name != name), daemon])
        return daemon

    def end(self, name: str, *, sign: signal.Signals = signal.SIGTERM, timeout_s: float = 10) -> None:
        """End that daemon, if it runs."""
        for each in [each for each in self if each.name == name]:
            each.end(sign=sign, timeout_s=timeout_s)
        self._write([each for each in self if each.name != name])

    def end_all(self) -> None:
        """End all, the last started first."""
        for name in [each.name for each in self][::-1]:
            self.end(name)

    def last_words(self, name: str, lines: int = 15) -> str:
        """The end of that daemon's log, for error messages."""
        log = self._folder / f"{name}.log"
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""

    def _write(self, daemons: Sequence[Daemon]) -> None:
        temporary = self._file.with_suffix(".new")
        temporary.write_text(json.dumps({each.name: (each.pid, each.started) for each in daemons}))
        temporary.replace(self._file)
