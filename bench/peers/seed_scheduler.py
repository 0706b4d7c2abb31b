"""`python seed_scheduler.py <database> <count>`: put so many ended jobs into a database of jupyter-scheduler."""

from __future__ import annotations

import sys

from jupyter_scheduler.models import Status
from jupyter_scheduler.orm import Job, create_session, create_tables

database, count = f"sqlite:///{sys.argv[1]}", int(sys.argv[2])
create_tables(database)
with create_session(database)() as session:
    session.add_all(
        Job(
            name=f"notebook {number}",
            input_filename=f"notebook {number}.ipynb",
            runtime_environment_name="python",
            output_formats=["ipynb"],
            status=Status.COMPLETED,
            create_time=1_790_000_000_000 + number,
            start_time=1_790_000_000_000 + number,
            end_time=1_790_000_001_000 + number,
        )
        for number in range(count)
    )
    session.commit()
