"""A server extension for tests: the server's clock is wrong by so many seconds as a file says, which tests change.

All of the bridge reads the time through `clock`, as all programs of a machine do through the system's.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

from jupyterlab_compute import clock


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "tests.bridge.moved"}]


def _load_jupyter_server_extension(server: Any) -> None:
    file = Path(os.environ["COMPUTE_TEST_CLOCK"])

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return datetime.now(tz) + timedelta(seconds=float(file.read_text()))

    setattr(clock, "datetime", Moved)  # noqa: B010
