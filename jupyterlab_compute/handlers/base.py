"""What all routes share: login, reading a request, answering, and one translation of errors."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from .. import contract
from ..errors import ComputeError, Malformed, TooLarge, one_can_read
from ..service import Service

BASE = "compute/api"
_MOST_BYTES = 256 * 1024 * 1024
#: Levels of lists and objects in a request; Python gives up at some hundred, wherever that happens to be.
_MOST_DEEP = 100


class ComputeHandler(APIHandler):
    """Login and XSRF are checked by APIHandler."""

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
