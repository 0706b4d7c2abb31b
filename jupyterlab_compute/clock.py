"""Time as the wire has it: RFC 3339 UTC with milliseconds."""

from __future__ import annotations

from datetime import datetime, timezone


def now() -> str:
    """This moment, e.g. `2026-11-21T09:40:00.123Z`."""
    return at(datetime.now(timezone.utc))


def moment() -> datetime:
    """This moment, aware."""
    return datetime.now(timezone.utc)


def at(moment: datetime) -> str:
    """`moment` (aware) as RFC 3339 UTC."""
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_timestamp(seconds: float) -> str:
    """Seconds since 1970 as RFC 3339 UTC."""
    return at(datetime.fromtimestamp(seconds, timezone.utc))


def parse(text: str) -> datetime:
    """The moment that an RFC 3339 text names, aware."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def seconds_since(text: str) -> float:
    """How long ago `text` was; negative for the future."""
    return (datetime.now(timezone.utc) - parse(text)).total_seconds()
