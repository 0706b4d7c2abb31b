"""Errors carry their HTTP status and code where they are born; handlers contain no `try`.

Each has three parts for the person who meets it: what happened (`message`), and what to do next (`hint`).
"""

from __future__ import annotations

import unicodedata
from typing import Any


class ComputeError(Exception):
    """An expected error. `message` says what happened and why, `hint` what to do next."""

    status = 500
    code = "internal"

    def __init__(self, message: str, hint: str = "", **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        #: Further facts for programs, e.g. `pointer`: the JSON pointer of the offending field.
        self.details = details

    def as_json(self) -> dict[str, Any]:
        """The error as the contract's `Error`."""
        told = {"message": one_can_read(self.message), "hint": one_can_read(self.hint)}
        return {"code": self.code, **told, **self.details}


#: Controls, formats (those that turn the direction are among them), halves of pairs, private and unknown characters,
#: and separators of lines.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
#: Joiners are part of how people write.
_HONEST = "\n\t\u200c\u200d"


def one_can_read(text: str) -> str:
    """`text` without what turns, hides or controls what stands around it: errors quote what was sent."""
    return "".join(c if c in _HONEST or unicodedata.category(c) not in _HIDDEN else "·" for c in text)


class Malformed(ComputeError):
    """The request is not what the route reads at all (not JSON, a bad number in the query)."""

    status, code = 400, "malformed"


class NoSuchJob(ComputeError):
    status, code = 404, "no_such_job"


class NoSuchFile(ComputeError):
    status, code = 404, "no_such_file"


class WrongState(ComputeError):
    """The job's state does not allow this, e.g. deleting a running job."""

    status, code = 409, "wrong_state"


class KeyReused(ComputeError):
    status, code = 409, "key_reused"


class AlreadyApplied(ComputeError):
    """Another page has claimed to commit this job's outputs."""

    status, code = 409, "already_applied"


class TooLarge(ComputeError):
    status, code = 413, "too_large"


class Invalid(ComputeError):
    """A field is wrong. `details['pointer']` says which, as a JSON pointer into the request."""

    status, code = 422, "invalid"


class NoSuchScheduler(ComputeError):
    """No driver of this server can reach the scheduler that a profile names."""

    status, code = 422, "no_such_scheduler"


class SchedulerRefused(ComputeError):
    """The scheduler answered no. Its own words stand in `message`. Nothing was queued."""

    status, code = 502, "scheduler_refused"


class NotSetUp(SchedulerRefused):
    """The scheduler's programs are here, but nothing that tells them where it is."""


class SchedulerSilent(ComputeError):
    """The scheduler did not answer, or not in words that we know. What was asked may or may not have
    been done: nobody may take this for a state, nor ask again for something that must happen once."""

    status, code = 504, "scheduler_silent"


class CommandMissing(SchedulerRefused):
    """There is no such program where commands run, so nothing was asked of anybody."""
