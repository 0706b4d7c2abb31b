"""Recurring runs."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import url_path_join
from tornado import web

from .base import BASE, ComputeHandler


class Schedules(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.service.schedules.all())

    @web.authenticated
    @authorized
    async def post(self) -> None:
        schedule, new = await self.service.schedules.create(self.body())
        self.set_header("Location", url_path_join(self.base_url, BASE, "schedules", schedule["id"]))
        self.answer(schedule, 201 if new else 200)


class Times(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer(self.service.schedules.preview(self.body()))


class Schedule(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self, schedule_id: str) -> None:
        self.answer(await self.service.schedules.get(schedule_id))

    @web.authenticated
    @authorized
    async def put(self, schedule_id: str) -> None:
        self.answer(await self.service.schedules.edit(schedule_id, self.body()))

    @web.authenticated
    @authorized
    async def delete(self, schedule_id: str) -> None:
        await self.service.schedules.remove(schedule_id)
        self.set_status(204)
        self.finish()


class ActOnSchedule(ComputeHandler):
    """pause, resume."""

    @web.authenticated
    @authorized
    async def post(self, schedule_id: str, verb: str) -> None:
        act = {"pause": self.service.schedules.pause, "resume": self.service.schedules.resume}[verb]
        self.answer(await act(schedule_id))


class RunSchedule(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self, schedule_id: str) -> None:
        self.answer_new(*await self.service.schedules.run(schedule_id, self.body()))
