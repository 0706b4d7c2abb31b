"""Jobs: sent, acted on, read."""

from __future__ import annotations

from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from .base import ComputeHandler

_CHUNK = 1024 * 1024


class Preview(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer(await self.service.intake.preview(self.body()))


class Jobs(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self) -> None:
        self.answer(await self.service.reading.jobs(self.query("listJobs")))

    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer_new(*await self.service.intake.submit(self.body()))


class Bulk(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self) -> None:
        self.answer(await self.service.acting.bulk(self.body()))


class Job(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        self.answer(await self.service.reading.job(job_id))

    @web.authenticated
    @authorized
    async def delete(self, job_id: str) -> None:
        await self.service.acting.forget(job_id, keep_files=self.query("forgetJob")["files"] == "keep")
        self.set_status(204)
        self.finish()


class Act(ComputeHandler):
    """cancel, hold, release."""

    @web.authenticated
    @authorized
    async def post(self, job_id: str, verb: str) -> None:
        act = {
            "cancel": self.service.acting.cancel,
            "hold": self.service.acting.hold,
            "release": self.service.acting.release,
        }[verb]
        self.answer(await act(job_id), 202)


class Retry(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self, job_id: str) -> None:
        self.answer_new(*await self.service.retrying.retry(job_id, self.body() if self.request.body else {}))


class Applied(ComputeHandler):
    @web.authenticated
    @authorized
    async def post(self, job_id: str) -> None:
        self.answer(await self.service.acting.applied(job_id, self.body()))


class Outputs(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        query = self.query("readOutputs")
        self.answer(await self.service.reading.outputs(job_id, query["from"], query.get("attempt")))


class Usage(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        self.answer(await self.service.reading.usage(job_id))


class Log(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        query = self.query("readLog")
        piece = await self.service.reading.log(job_id, query["stream"], query["offset"], query["limit"])
        # What a job printed must never be taken for a page.
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Next-Offset", str(piece.next_offset))
        self.set_header("X-Size", str(piece.size))
        self.finish(piece.data, set_content_type="text/plain; charset=utf-8")


class FileList(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self, job_id: str) -> None:
        self.answer(await self.service.reading.files(job_id))


class File(ComputeHandler):
    @web.authenticated
    @authorized
    async def get(self, job_id: str, path: str) -> None:
        target = await self.service.reading.file(job_id, path)
        self.set_header("Content-Type", "application/octet-stream")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Content-Disposition", f"attachment; filename*=UTF-8''{quote(target.name)}")
        # In pieces: a log may be larger than this server's memory.
        offset = 0
        while data := await self.service.reading.piece(target, offset, _CHUNK):
            offset += len(data)
            self.write(data)
            try:
                await self.flush()
            except StreamClosedError:
                return
        self.finish(set_content_type="application/octet-stream")
