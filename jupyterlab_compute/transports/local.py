"""Commands on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import IO, Any

from ..errors import CommandMissing, SchedulerSilent
from .base import Answer

#: How much a command may print, on both streams together.
MOST_BYTES = 64 * 1024 * 1024
#: How long we still listen after a command has ended: something that it left behind may hold its pipes for ever.
_LISTEN_ON_S = 0.5

_PASSED_ON = frozenset(
    """PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TMPDIR KRB5CCNAME SLURM_CONF SLURM_CONF_SERVER
    SGE_ROOT SGE_CELL SGE_QMASTER_PORT SGE_EXECD_PORT SGE_CLUSTER_NAME PBS_CONF_FILE PBS_SERVER PBS_EXEC
    LD_LIBRARY_PATH""".split()  # noqa: SIM905
)


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """What of `environ` a scheduler's command needs to find its cluster and the user's identity.

    Neither tokens nor options in disguise: SBATCH_* and SQUEUE_* change what a command does, SLURM_JOB_ID and
    PMI_* of an allocation that the server itself runs in make it think it is part of that.
    """
    return {name: value for name, value in environ.items() if name in _PASSED_ON or name.startswith("LC_")}


class _TooMuch(Exception):
    """The command printed more than anybody wants to keep."""


class _Ear:
    """Keeps what comes out of one pipe."""

    def __init__(self, budget: list[int]) -> None:
        self.data = bytearray()
        self._budget = budget
        self._reading, writing = os.pipe()
        #: To be handed to the command.
        self.writing = writing

    async def listen(self) -> None:
        """Until the pipe's end. Raises `_TooMuch` when the budget is used up."""
        reader = asyncio.StreamReader()
        pipe = os.fdopen(self._reading, "rb", buffering=0)
        self._reading = -1
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            while chunk := await reader.read(256 * 1024):
                self._budget[0] -= len(chunk)
                if self._budget[0] < 0:
                    raise _TooMuch
                self.data += chunk
        finally:
            transport.close()

    def text(self) -> str:
        return self.data.decode("utf-8", "replace")

    def hand_over(self) -> None:
        """Close our copy of the writing end: the command has its own."""
        if self.writing >= 0:
            os.close(self.writing)
            self.writing = -1

    def close(self) -> None:
        self.hand_over()
        if self._reading >= 0:
            os.close(self._reading)
            self._reading = -1


class LocalTransport:
    """Runs commands as the server's own user, each in a process group and session of its own."""

    async def run(
        self,
        argv: Sequence[str],
        *,
        timeout_s: float,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> Answer:
        """See `Transport.run`.

        A command that has ended is answered for even if something that it started holds its pipes open.
        """
        began = time.monotonic()
        program = PurePath(argv[0]).name
        budget = [MOST_BYTES]
        out, err = _Ear(budget), _Ear(budget)
        try:
            process = await self._start(argv, {**surroundings(os.environ), **(env or {})}, stdin, out, err)
            try:
                await asyncio.wait_for(self._until_ended(process, out, err), timeout_s)
            except asyncio.TimeoutError:
                raise SchedulerSilent(
                    f"{program} did not answer within {timeout_s:g} s.",
                    "The scheduler may be busy or down; it will be asked again.",
                ) from None
            except _TooMuch:
                raise SchedulerSilent(f"{program} printed more than {MOST_BYTES // 1024 // 1024} MiB.") from None
            finally:
                await self._end(process)
            code = process.returncode
        finally:
            out.close()
            err.close()
        return Answer(code if code is not None else -1, out.text(), err.text(), time.monotonic() - began)

    async def which(self, program: str) -> str | None:
        """See `Transport.which`."""
        # PATH may name folders on a file server that takes its time.
        return await asyncio.to_thread(shutil.which, program)

    async def _start(
        self, argv: Sequence[str], env: Mapping[str, str], stdin: str | None, out: _Ear, err: _Ear
    ) -> asyncio.subprocess.Process:
        # Pipes and a file of our own, not asyncio's: with those a process counts as ended only when everybody
        # has let go of its pipes, and what does not read its input would block us.
        given: IO[bytes] | None = None
        try:
            if stdin is not None:
                given = tempfile.TemporaryFile()  # noqa: SIM115 (closed below)
                given.write(stdin.encode())
                given.seek(0)
            return await asyncio.create_subprocess_exec(
                *argv,
                stdin=given if given is not None else asyncio.subprocess.DEVNULL,
                stdout=out.writing,
                stderr=err.writing,
                env=dict(env),
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError, NotADirectoryError) as error:
            raise CommandMissing(
                f"The program {argv[0]} cannot be run here: {error.strerror}.",
                "Load the scheduler's commands before JupyterLab starts, or ask the site's support.",
            ) from error
        finally:
            out.hand_over()
            err.hand_over()
            if given is not None:
                given.close()

    @staticmethod
    async def _until_ended(process: asyncio.subprocess.Process, out: _Ear, err: _Ear) -> None:
        listening: asyncio.Future[Any] = asyncio.gather(out.listen(), err.listen())
        ending: asyncio.Future[Any] = asyncio.ensure_future(process.wait())
        try:
            await asyncio.wait({listening, ending}, return_when=asyncio.FIRST_COMPLETED)
            if listening.done():
                # Raises what it raised. Streams that are closed do not mean that the command has ended.
                listening.result()
                await ending
            else:
                await asyncio.wait({listening}, timeout=_LISTEN_ON_S)
                if listening.done():
                    listening.result()
        finally:
            ending.cancel()
            listening.cancel()
            with contextlib.suppress(asyncio.CancelledError, _TooMuch):
                await listening

    @staticmethod
    async def _end(process: asyncio.subprocess.Process) -> None:
        """Kill the whole group of a command that has not ended, also when we are cancelled ourselves."""
        if process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        # A process that hangs in the kernel (a dead file server) stays; nobody needs to wait for it.
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), 1.0)
