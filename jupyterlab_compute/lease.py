"""Who watches a cluster: one server of a user, by a heartbeat file.

Others read the file to know how the cluster answers. Taking over: when the heartbeat is old, or at once
when the holder was a process of this machine that has gone. Two holders for a moment do no harm, because
everything that must happen once has a claim of its own (record locks, `started.json`). Everything here blocks.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import clock
from .records import Sender
from .store import locked, write_atomically

EXPIRES_S = 30.0


def process_start(pid: int) -> int | None:
    """When a process of this machine started, in a unit of the kernel's own, or None if it is gone.

    Together with the pid it names a process for good; a pid alone is reused. Without /proc: 0 for a live one.
    Raises `OSError` when it cannot be told, e.g. because this process has no descriptor left.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
        # The second field is the program's name in parentheses and may hold anything.
        state, *rest = text.rpartition(")")[2].split()
        return None if state in {"Z", "X"} else int(rest[18])
    except ProcessLookupError:
        return None
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):
            return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return 0


def _machine() -> str:
    """Names this boot of this machine, and this pid namespace: within it pids can be compared."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
    with contextlib.suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)


@dataclass(frozen=True)
class Myself:
    """This server process, as others see it in records and leases."""

    server: str = field(default_factory=lambda: uuid.uuid4().hex)
    machine: str = field(default_factory=_machine)
    pid: int = field(default_factory=os.getpid)
    pid_start: int = field(default_factory=lambda: process_start(os.getpid()) or 0)

    @property
    def sender(self) -> Sender:
        """This process as a record keeps it."""
        return Sender(self.server, self.machine, self.pid, self.pid_start)

    def surely_gone(self, other: Sender) -> bool:
        """Whether that process has certainly ended. False: it lives, or nobody can say from here."""
        if other.server == self.server or other.host != self.machine:
            return False
        try:
            return process_start(other.pid) != other.pid_start
        except OSError:
            return False


@dataclass(frozen=True)
class Pulse:
    """How a cluster answered its watcher."""

    answered_at: str | None = None
    silent_since: str | None = None
    reason: str = ""
    #: When it was last asked and was silent.
    silent_at: str | None = None


class Lease:
    """The lease on one cluster."""

    def __init__(self, folder: Path, cluster: str, myself: Myself) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{cluster}.json"
        self._lock = folder / f".{cluster}.lock"
        self._myself = myself

    def hold(self, pulse: Pulse) -> Pulse | None:
        """Take or keep the lease and tell how the cluster answers. None: it is ours; else what its holder told."""
        with locked(self._lock):
            held = self._read()
            if held is not None and not self._free(held):
                return Pulse(**held["pulse"])
            text = json.dumps({"holder": asdict(self._myself.sender), "at": clock.now(), "pulse": asdict(pulse)})
            write_atomically(self._path, text)
            return None

    def give_up(self) -> None:
        """Let another server have it at once. Nothing happens if it is not ours."""
        with locked(self._lock):
            held = self._read()
            if held is not None and held["holder"]["server"] == self._myself.server:
                self._path.unlink(missing_ok=True)

    def _free(self, held: dict[str, Any]) -> bool:
        holder = Sender(**held["holder"])
        if holder.server == self._myself.server or self._myself.surely_gone(holder):
            return True
        # A time far in the future is a wrong clock, not a promise: such a lease is free as well.
        age = clock.seconds_since(held["at"])
        return not -EXPIRES_S < age < EXPIRES_S

    def _read(self) -> dict[str, Any] | None:
        try:
            held = json.loads(self._path.read_bytes())
            Sender(**held["holder"]), Pulse(**held["pulse"]), clock.seconds_since(held["at"])
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            # Nobody's, or nothing that can be read: free.
            return None
        return held if isinstance(held, dict) else None
