"""What the numbers were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from tests.servers.daemons import PATH

_OURS = ("jupyterlab_compute", "jupyterlab", "jupyter_server", "jupyter_client", "nbclient", "ipykernel", "tornado")
_PEERS = ("jupyter_scheduler", "psij-python", "submitit", "jupyter_server", "nbconvert", "ipykernel")


def describe(peers: Path | None) -> list[str]:
    """Lines for people."""
    return [
        f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores of {os.cpu_count()}, {_memory_gib():.0f} GiB of memory",
        f"{_system()}, kernel {platform.release()}, Python {platform.python_version()}, Slurm: {_slurm()}",
        f"disk of the run folders: {_disk()}",
        "here: " + ", ".join(f"{name} {importlib.metadata.version(name)}" for name in _OURS),
        "peers: " + (_peers(peers) if peers else "not installed for this run"),
    ]


def load() -> str:
    """The load average over one minute."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _memory_gib() -> float:
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3)


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return sys.platform


def _slurm() -> str:
    daemon = shutil.which("slurmctld", path=PATH)
    return "none" if daemon is None else subprocess.run([daemon, "-V"], capture_output=True, text=True).stdout.strip()


def _disk() -> str:
    said = subprocess.run(["df", "--output=fstype", "/var/tmp"], capture_output=True, text=True).stdout.split()
    return said[-1] if said else "unknown"


def _peers(python: Path) -> str:
    code = "import importlib.metadata as m, sys\nprint(', '.join(f'{n} {m.version(n)}' for n in sys.argv[1:]))"
    return subprocess.run([python, "-c", code, *_PEERS], capture_output=True, text=True, check=True).stdout.strip()
