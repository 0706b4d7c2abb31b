"""HTTP and nothing else: each route is a few lines that call the service. Errors translate themselves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.iostream import StreamClosedError

from . import __version__, contract, exports
from .errors import ComputeError, Malformed, TooLarge, one_can_read
from .service import Service

BASE = "compute/api"
_MOST_BYTES = 256 * 1024 * 1024
_CHUNK = 1024 * 1024
#: Levels of lists and objects in a request; Python gives up at some hundred, wherever that happens to be.
_MOST_DEEP = 100


class ComputeHandler(APIHandler):
    """What all routes share: login, XSRF (by APIHandler), one translation of errors."""

    auth_resource = "compute"

    service: Service

    def initialize(self, started: Callable[[], Awaitable[Service]]) -> None:
        self._started = started

    async def prepare(self, *arguments: Any, **more: Any) -> None:
        """Wait for the service in the first moment of a server, instead of failing."""
        result = super().prepare(*arguments, **more)
        if result is not None:
            await result
        self.service = await self._started()

    def body(self) -> Any:
        """The request's JSON. Raises `Malformed`."""
        if len(self.request.body) > _MOST_BYTES:
            raise TooLarge("The request is larger than 256 MiB.", "Clear the notebook's outputs, or run fewer cells.")
        try:
            # Half of a surrogate pair is legal JSON, and cannot be stored as UTF-8.
            body = json.loads(self.request.body, parse_constant=_no_json)
            json.dumps(body, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise Malformed(f"The request is not JSON: {str(error)[:100]}.") from error
        if not isinstance(body, dict):
            raise Malformed("The request should be a JSON object.")
        if _is_deep(body):
            raise Malformed(f"The request is nested too deeply: more than {_MOST_DEEP} levels.")
        return body

    def query(self, operation_id: str) -> dict[str, Any]:
        """The checked query parameters. Raises `Malformed`."""
        return contract.query(
            operation_id, {name: self.get_query_argument(name) for name in self.request.query_arguments}
        )

    def answer(self, body: object, status: int = 200) -> None:
        """Finish with JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(body if isinstance(body, str) else json.dumps(body))

    def answer_new(self, job: dict[str, Any], new: bool) -> None:
        """Finish with a job that was just made, or was there already."""
        self.set_header("Location", url_path_join(self.base_url, BASE, "jobs", job["id"]))
        self.answer(job, 201 if new else 200)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Expected errors carry their status."""
        error = kwargs.get("exc_info", (None, None))[1]
        super().send_error(error.status if isinstance(error, ComputeError) else status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """The contract's Error."""
        error = kwargs.get("exc_info", (None, None))[1]
        if isinstance(error, ComputeError):
            body = error.as_json()
        elif isinstance(error, web.HTTPError):
            # Tornado doubles each % of a message without arguments.
            words = error.log_message % error.args if error.log_message else ""
            body = {
                "code": f"http_{status_code}",
                "message": one_can_read(words or error.reason or self._reason),
                "hint": "",
            }
        else:
            body = {"code": "internal", "message": "Something went wrong in the server, and it is not your fault.",
                    "hint": "The server's log has the details; please report them."}  # fmt: skip
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps(body))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """A person's mistake is a line; a bug is a traceback."""
        if isinstance(value, ComputeError) and value.status < 500:
            self.log.info("compute: %s %s: %s", self.request.method, self.request.path, value.code)
        elif isinstance(value, ComputeError):
            self.log.warning(
                "compute: %s %s: %s: %s", self.request.method, self.request.path, value.code, value.message
            )
        else:
            super().log_exception(typ, value, tb)


def _no_json(word: str) -> None:
    raise ValueError(f"{word} is not a value of JSON")


def _is_deep(body: object) -> bool:
    level: list[Any] = [body]
    for _ in range(_MOST_DEEP):
        inside = (each.values() if isinstance(each, dict) else each for each in level)
        level = [inner for each in inside for inner in each if isinstance(inner, (dict, list))]
    return bool(level)


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


def routes(started: Callable[[], Awaitable[Service]]) -> list[tuple[str, type[ComputeHandler], dict[str, Any]]]:
    """Every route of the contract; the server puts its base URL before them."""
    job = r"/jobs/([a-z2-7]{16})"
    schedule = r"/schedules/([a-z2-7]{16})"
    table: list[tuple[str, type[ComputeHandler]]] = [
        (r"/?", Handshake),
        (r"/profiles", Profiles),
        (r"/profiles/trial", ProfileTrial),
        (r"/preview", Preview),
        (r"/jobs", Jobs),
        (r"/jobs/bulk", Bulk),
        (job, Job),
        (job + r"/(cancel|hold|release)", Act),
        (job + r"/retry", Retry),
        (job + r"/applied", Applied),
        (job + r"/log", Log),
        (job + r"/outputs", Outputs),
        (job + r"/usage", Usage),
        (job + r"/files", FileList),
        (job + r"/files/(.+)", File),
        (r"/storage", StorageView),
        (r"/storage/clean-up", CleanUp),
        (r"/schedules", Schedules),
        (r"/schedules/times", Times),
        (schedule, Schedule),
        (schedule + r"/(pause|resume)", ActOnSchedule),
        (schedule + r"/run", RunSchedule),
        (r"/notify", NotifyWays),
        (r"/notify/trial", NotifyTrial),
        (r"/.*", Nothing),
    ]
    return [("/" + BASE + path, handler, {"started": started}) for path, handler in table]
