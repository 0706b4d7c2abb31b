"""A driver of another package: jobs of this machine that step back for everything else here.

It extends the driver of this machine, so all that is left to say is what it is called and how a job is started.
"""

from __future__ import annotations

import socket

from jupyterlab_compute.drivers.base import Submission
from jupyterlab_compute.drivers.local import LocalDriver


class NiceDriver(LocalDriver):
    """This machine, at the lowest priority."""

    type = "nice"

    @property
    def cluster(self) -> str:
        return f"nice-{socket.gethostname()}"

    def command(self, job: Submission) -> list[str]:
        return ["nice", "-n", "19", *super().command(job)]
