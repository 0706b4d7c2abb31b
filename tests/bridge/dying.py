"""A server extension for tests: the server kills itself at a named moment of sending, as `kill -9` would."""

from __future__ import annotations

import os
import signal
from typing import Any

from jupyterlab_compute.drivers.base import Receipt, Submission
from jupyterlab_compute.drivers.local import LocalDriver


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.bridge.dying"}]


def _load_jupyter_server_extension(server: Any) -> None:
    moment = os.environ["COMPUTE_TEST_DIE"]
    submit = LocalDriver.submit

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    async def dying(self: LocalDriver, job: Submission) -> Receipt:
        if moment == "begun":
            die()
        receipt = await submit(self, job)
        die()
        return receipt

    if moment == "before_submit":
        from jupyterlab_compute.sender import Sender

        Sender._begin = lambda *_: die()  # type: ignore[method-assign,assignment,return-value]
    elif moment in {"due", "noted"}:
        from jupyterlab_compute.due import Due

        # A recurring run is due and not yet a job; or it is one, and its schedule does not know.
        setattr(Due, {"due": "request", "noted": "_note"}[moment], lambda *_: die())
    else:
        LocalDriver.submit = dying  # type: ignore[method-assign]
