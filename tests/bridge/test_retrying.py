"""When failed jobs are run again by themselves, apart from how (see `again`)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any
from unittest.mock import Mock

import pytest

from jupyterlab_compute.retrying import Retrying

from ..builders import a_record


async def test_what_a_full_disk_stopped_is_tried_at_the_very_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger: Any = Mock()
    ledger.failed_to_retry.return_value = [a_record("failed")]
    retrying = Retrying(ledger, Mock(), Mock(), logging.getLogger(__name__))
    tries = []
    again = asyncio.Event()

    async def attempt(_: object, __: object) -> None:
        tries.append(1)
        if len(tries) == 1:
            # The next look is due in the moment in which this try ends.
            asyncio.get_running_loop().call_soon(retrying.look)
            raise OSError("no space left")
        again.set()

    monkeypatch.setattr(Retrying, "_by_itself", attempt)
    retrying.look()
    await asyncio.wait_for(again.wait(), 2)
    await retrying.stop()
