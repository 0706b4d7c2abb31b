"""Telling people of a job while no page is open: of what, when, and in which words. Pure; `teller` sends.

A message is told at most once, whoever of the user's servers does it: it is claimed in the job's record, under the
record's lock and durably, before anything is sent, and how it went is noted afterwards. What is sure not to have
arrived gives the claim back and is tried again a few times. A server that dies between claim and note leaves a
message that may or may not have arrived: nobody sends it again, and the job says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import again, clock
from .errors import ComputeError
from .records import Record, Sender, Telling
from .states import JobState

STARTED, ENDED, FAILED = "started", "ended", "failed"
MAIL, WEBHOOK = "mail", "webhook"
#: Who sends a mail.
BY_SCHEDULER, BY_SERVER = "scheduler", "server"

#: Becomes a word of a scheduler's command line and a line of a mail's envelope.
ADDRESS = re.compile(
    r"[A-Za-z0-9_][A-Za-z0-9._%+-]{0,63}@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,9}"
)
INTERRUPTED = "The server ended while it was sending this; it may not have arrived."
_LONGEST_REASON = 300
_WORDS = {JobState.SUCCEEDED: "Done", JobState.FAILED: "Failed", JobState.CANCELLED: "Cancelled"}


class NotDue(ComputeError):
    """Somebody else tells it, or has; or there is nothing to tell any more."""


@dataclass(frozen=True)
class Wishes:
    """What a person's settings say."""

    mail_to: str | None = None
    #: A file of theirs with the webhook's address.
    webhook_file: str | None = None
    on: tuple[str, ...] = ()
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """What is told, without any markup. `subject` is one line, `text` begins with it."""

    subject: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """How sending went. `problem` None: it was sent. `again`: it is sure not to have arrived, and might later."""

    problem: str | None = None
    again: bool = False


# What is wished


def wishes(settings: Mapping[str, Any]) -> Wishes:
    """The wishes in the settings of `jupyterlab-compute:notifications`; what makes no sense there says nothing."""
    mail_to, file = settings.get("mail_to"), settings.get("webhook_file")
    return Wishes(
        mail_to=mail_to if isinstance(mail_to, str) and is_address(mail_to) else None,
        webhook_file=file if isinstance(file, str) and file and file.isprintable() else None,
        on=tuple(event for event in (STARTED, ENDED, FAILED) if settings.get(f"tell_{event}") is True),
        by=tuple(way for way in (MAIL, WEBHOOK) if settings.get(f"by_{way}") is True),
    )


def is_address(text: str) -> bool:
    """Whether that is a mail address of the plain kind; others are not worth the risk."""
    return len(text) <= 254 and ADDRESS.fullmatch(text) is not None


def asked(given: Mapping[str, Any] | None, usual: Wishes, mail_by: str) -> dict[str, Any]:
    """What a record keeps: the request's own wish, or the usual one. Empty: nothing is to be told."""
    on, by = (given["on"], given["by"]) if given is not None else (usual.on, usual.by)
    if not on or not by:
        return {}
    wish: dict[str, Any] = {"on": list(on), "by": list(by)}
    return {**wish, "mail_to": usual.mail_to, "mail_by": mail_by} if MAIL in by else wish


def scheduler_mails(record: Record) -> tuple[str, ...]:
    """The events of which the scheduler itself is to send a mail."""
    return tuple(record.notify["on"]) if record.notify.get("mail_by") == BY_SCHEDULER else ()


# What is to be told


def happened(record: Record) -> list[tuple[str, str]]:
    """The messages (by, on) that belong to what happened, told or not."""
    ways = [way for way in record.notify.get("by", ()) if not (way == MAIL and scheduler_mails(record))]
    wanted = record.notify.get("on", ())
    # Who cancelled it knows.
    own = record.state is JobState.CANCELLED and record.cancel_requested_at is not None
    # It is run again by itself: that job tells its own end.
    goes_on = record.retried_as is not None or again.due(record)
    events = []
    if record.state.final and not own and not goes_on:
        if FAILED in wanted and record.state is JobState.FAILED:
            events.append(FAILED)
        elif ENDED in wanted:
            events.append(ENDED)
    if STARTED in wanted and record.started_at is not None and not events and not own:
        # Of a job that is over already its end says all.
        events.append(STARTED)
    return [(way, event) for way in ways for event in events]


def unsettled(record: Record) -> list[tuple[str, str]]:
    """The messages (by, on) that are to be told, or of which it is not known yet how it went."""
    over = {(each.by, each.on) for each in record.told if each.at is not None}
    under_way = [(each.by, each.on) for each in record.told if each.at is None]
    return [each for each in dict.fromkeys([*under_way, *happened(record)]) if each not in over]


def is_due(record: Record, by: str, on: str, now: str) -> bool:
    """Whether that message may be claimed now."""
    known = telling(record, by, on)
    if known is None:
        return (by, on) in happened(record)
    return known.at is None and known.claim is None and (known.again_at or "") <= now


def telling(record: Record, by: str, on: str) -> Telling | None:
    """What is known of that message."""
    return next((each for each in record.told if (each.by, each.on) == (by, on)), None)


def claimed(record: Record, by: str, on: str, sender: Sender, now: str) -> Record:
    """The record after `sender` undertook to tell it. Raises `NotDue`."""
    if not is_due(record, by, on, now):
        raise NotDue("")
    known = telling(record, by, on) or Telling(by, on)
    return _with(record, replace(known, claim=sender, claimed_at=now, tries=known.tries + 1, again_at=None))


def noted(record: Record, by: str, on: str, outcome: Outcome, now: str, pauses_s: Sequence[float]) -> Record:
    """The record after it was tried: told, given up, or to be tried again after the next of `pauses_s`."""
    known = telling(record, by, on)
    if known is None or known.at is not None:
        return record
    known = replace(known, claim=None, problem=outcome.problem)
    if outcome.again and known.tries <= len(pauses_s):
        again_at = clock.from_timestamp(clock.parse(now).timestamp() + pauses_s[known.tries - 1])
        return _with(record, replace(known, again_at=again_at))
    return _with(record, replace(known, at=now))


def given_up(record: Record, by: str, on: str, now: str) -> Record:
    """The record after the one who undertook to tell it has gone."""
    known = telling(record, by, on)
    if known is None or known.at is not None or known.claim is None:
        return record
    return _with(record, replace(known, claim=None, at=now, problem=INTERRUPTED))


def is_old(claim: Telling, lasts_s: float) -> bool:
    """Whether its sender has had that time to note how it went, or its clock was set right since."""
    return abs(clock.seconds_since(claim.claimed_at or "1970-01-01T00:00:00Z")) > lasts_s


def _with(record: Record, changed: Telling) -> Record:
    rest = tuple(each for each in record.told if (each.by, each.on) != (changed.by, changed.on))
    return replace(record, told=(*rest, changed))


# In which words


def message(record: Record, on: str, link: str | None) -> Message:
    """What is told: name, state, reason, profile, duration and where to look. Nothing that the job printed."""
    word = "Started" if on == STARTED else _WORDS.get(record.state, record.state.value)
    subject = _line(f"{record.name}: {word} · {record.profile_title}")
    lines = [subject]
    if on != STARTED and (why := _reason(record)):
        lines.append(why)
    waited, ran = _between(record.created_at, record.started_at), _between(record.started_at, record.ended_at)
    if on == STARTED:
        lines.append(f"It waited {waited}." if waited else "")
    else:
        lines.append(f"It ran {ran}." if ran else "")
    return Message(subject, "\n".join(filter(None, [*lines, link])))


def trial(link: str | None) -> Message:
    """What is sent to see whether it arrives."""
    subject = "Compute: this is a trial"
    return Message(subject, "\n".join(filter(None, [subject, "Messages about jobs arrive here.", link])))


def for_chat(text: str) -> str:
    """The text for Slack and those who speak like it: nothing in it is markup there, and nobody is called by it."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # Mattermost and Discord call everybody for a mere “@all”: a character without width breaks the word.
    return re.sub(r"@(?=\w)", "@\u200b", escaped)


def _reason(record: Record) -> str:
    reason = record.reason
    if reason is None:
        return ""
    if reason.code == "error":
        # What stands behind its name may hold anything of the notebook's data.
        raised = re.match(
            r"(Cell \d+(?: of \d+)? raised [A-Za-z_]\w{0,80}(?:\.[A-Za-z_]\w{0,80}){0,9})(?:[:.]|$)", reason.text
        )
        return f"{raised[1]}." if raised else "A cell raised an error."
    text = _line(reason.text.partition(" Its last words:")[0])
    return text if len(text) <= _LONGEST_REASON else text[: _LONGEST_REASON - 1] + "…"


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _between(begin: str | None, end: str | None) -> str:
    """0:42, 12:10, 1:12:05, 2 d 3:00:00; empty where one of them is not known."""
    if begin is None or end is None:
        return ""
    total = max(0, int((clock.parse(end) - clock.parse(begin)).total_seconds()))
    days, rest = divmod(total, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours or days else f"{minutes}:{seconds:02}"
    return f"{days} d {text}" if days else text


# As the contract has it


def view(record: Record) -> dict[str, Any]:
    """The contract's JobNotify."""
    wish = record.notify
    return {"on": wish.get("on", []), "by": wish.get("by", []), "mail_by": wish.get("mail_by")}


def told(record: Record) -> list[dict[str, Any]]:
    """The contract's list of Told."""
    return [{"by": each.by, "on": each.on, "at": each.at, "problem": each.problem} for each in record.told]
