"""HTTP and nothing else: each route is a few lines that call the service. Errors translate themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ..service import Service
from . import jobs, schedules, server
from .base import BASE, ComputeHandler


def routes(started: Callable[[], Awaitable[Service]]) -> list[tuple[str, type[ComputeHandler], dict[str, Any]]]:
    """Every route of the contract; the server puts its base URL before them."""
    job = r"/jobs/([a-z2-7]{16})"
    schedule = r"/schedules/([a-z2-7]{16})"
    table: list[tuple[str, type[ComputeHandler]]] = [
        (r"/?", server.Handshake),
        (r"/profiles", server.Profiles),
        (r"/profiles/trial", server.ProfileTrial),
        (r"/preview", jobs.Preview),
        (r"/jobs", jobs.Jobs),
        (r"/jobs/bulk", jobs.Bulk),
        (job, jobs.Job),
        (job + r"/(cancel|hold|release)", jobs.Act),
        (job + r"/retry", jobs.Retry),
        (job + r"/applied", jobs.Applied),
        (job + r"/log", jobs.Log),
        (job + r"/outputs", jobs.Outputs),
        (job + r"/usage", jobs.Usage),
        (job + r"/files", jobs.FileList),
        (job + r"/files/(.+)", jobs.File),
        (r"/storage", server.StorageView),
        (r"/storage/clean-up", server.CleanUp),
        (r"/schedules", schedules.Schedules),
        (r"/schedules/times", schedules.Times),
        (schedule, schedules.Schedule),
        (schedule + r"/(pause|resume)", schedules.ActOnSchedule),
        (schedule + r"/run", schedules.RunSchedule),
        (r"/notify", server.NotifyWays),
        (r"/notify/trial", server.NotifyTrial),
        (r"/.*", server.Nothing),
    ]
    return [("/" + BASE + path, handler, {"started": started}) for path, handler in table]
