"""A kernel of another language: it prints what it is given in capitals, and dies of the word `die`."""

from __future__ import annotations

import os
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class ShoutingKernel(Kernel):
    implementation = implementation_version = language = "shout"
    language_info = {"name": "shout", "mimetype": "text/plain", "file_extension": ".txt"}  # noqa: RUF012
    banner = "LOUD"

    async def do_execute(self, code: str, silent: bool, *_: Any, **__: Any) -> dict[str, Any]:  # type: ignore[override]
        if code.strip() == "die":
            os._exit(3)
        if not silent:
            loud = f"{code.upper()} {os.environ.get('LOUDNESS', '')}\n"
            self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": loud})
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=ShoutingKernel)
