"""Records and their list as one thing."""

from __future__ import annotations

import logging
from pathlib import Path

from jupyterlab_compute.ledger import Ledger
from jupyterlab_compute.records import Records

from ..builders import a_record


async def test_who_is_told_of_a_job_of_another_server_finds_it_in_the_list_at_once(tmp_path: Path) -> None:
    ledger = Ledger(Records(tmp_path), logging.getLogger(__name__), lambda *_: None)
    try:
        await ledger.start()
        # As another server makes it: nothing has changed it yet, and no scan has found it.
        made = a_record("submitting")
        assert Records(tmp_path).create(made, lambda: None)
        assert (await ledger.get(made.id)).id == made.id
        page = await ledger.listed(lambda index: index.page(sort="-created", limit=9))
        assert len(page.jobs) == 1
    finally:
        ledger.close()
