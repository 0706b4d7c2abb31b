"""What is asked of this server as a whole: handshake, profiles, the disk, messages."""

from __future__ import annotations

import asyncio

from jupyter_server.auth.decorator import authorized
from tornado import web

from .. import __version__, exports
from .base import ComputeHandler


class Handshake(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        can = ["cells", "notebooks", "logs", "files", "retry", "hold", "preview", "schedules", "parameters", "storage"]
        formats = [f"format-{name}" for name in await asyncio.to_thread(exports.possible)]
        self.answer({"name": "jupyterlab-compute", "version": __version__, "api": 1, "capabilities": [*can, *formats]})


class Profiles(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        query = self.query("listProfiles")
        self.answer(await self.service.profiles(refresh=query.get("refresh") == "1"))


class ProfileTrial(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer(await self.service.try_profile(self.body()))


class StorageView(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.service.storage.view())


class CleanUp(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer(await self.service.storage.clean_up(self.body()))


class NotifyWays(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.service.notify_ways())


class NotifyTrial(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer(await self.service.notify_trial(self.body()))


class Nothing(ComputeHandler):
    """Anything else below our base: 404 in our words, and only after the login."""

    @web.authenticated
    @authorized
    async def get(self, *_: str) -> None:
        raise web.HTTPError(404, "There is no such route here.")

    post = put = patch = delete = get
