"""Which drivers there are: ours and those of other packages, found as entry points of one group.

A driver's module is imported when the first profile names it, and no sooner. A package that is broken costs its
own profiles and nobody else's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from ..errors import ComputeError, NoSuchScheduler
from .base import Driver, Means

GROUP = "jupyterlab_compute.drivers"
_CLUSTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,199}")


class Installed:
    """The drivers of this environment by their names, which profiles give as `scheduler.type`."""

    def __init__(self, found: Iterable[EntryPoint]) -> None:
        self._found: dict[str, list[EntryPoint]] = {}
        for point in found:
            self._found.setdefault(point.name, []).append(point)
        #: What loading one gave: the class, or why there is none.
        self._loaded: dict[str, type[Driver] | NoSuchScheduler] = {}

    @classmethod
    def here(cls) -> Installed:
        """Those of the packages that Python finds now. Reads the packages' metadata: blocks, imports nothing."""
        return cls(entry_points(group=GROUP))

    def names(self) -> list[str]:
        """The names of all drivers, working or not."""
        return sorted(self._found)

    def load(self, name: str) -> type[Driver]:
        """The class of that driver, imported at its first use: may block. Raises `NoSuchScheduler`."""
        if name not in self._loaded:
            try:
                self._loaded[name] = self._load(name)
            except NoSuchScheduler as error:
                self._loaded[name] = error
        loaded = self._loaded[name]
        if isinstance(loaded, NoSuchScheduler):
            # A new one each time: an exception that is raised again and again keeps what it was raised through.
            raise NoSuchScheduler(loaded.message, loaded.hint)
        return loaded

    def make(self, scheduler: Mapping[str, str], means: Means) -> Driver:
        """The driver for a profile's `scheduler`. Raises `NoSuchScheduler`."""
        name = scheduler.get("type", "")
        kind = self.load(name)
        try:
            driver = kind.of(scheduler, means)
            cluster: object = driver.cluster
        except ComputeError as error:
            raise NoSuchScheduler(error.message, error.hint) from error
        except Exception as error:
            raise self._broken(name, error) from error
        if not isinstance(cluster, str) or not _CLUSTER.fullmatch(cluster):
            raise self._broken(name, f"it calls its cluster {str(cluster)[:60]!r}")
        return driver

    def _load(self, name: str) -> type[Driver]:
        points = self._found.get(name, [])
        if not points:
            raise NoSuchScheduler(
                f"There is no driver for the scheduler “{name[:40]}”.",
                f"Known are: {', '.join(self.names()) or 'none'}. Another package may bring it.",
            )
        if len(points) > 1:
            packages = " and ".join(sorted(_package(point) for point in points))
            raise NoSuchScheduler(
                f"Several packages bring a driver for the scheduler “{name[:40]}”: {packages}.",
                "Uninstall all of them but one.",
            )
        try:
            kind = points[0].load()
        # Whatever somebody else's package does when it is imported must not take the other profiles away.
        except (Exception, SystemExit) as error:
            raise self._broken(name, error) from error
        if not isinstance(kind, type) or not issubclass(kind, Driver):
            raise self._broken(name, f"{points[0].value} is no class that extends Driver")
        return kind

    def _broken(self, name: str, why: object) -> NoSuchScheduler:
        words = f"{type(why).__name__}: {why}" if isinstance(why, BaseException) else str(why)
        shown = "".join(c if c.isprintable() else " " for c in words)[:300]
        package = _package(self._found[name][0])
        return NoSuchScheduler(
            f"The driver for the scheduler “{name[:40]}” ({package}) does not work: {shown}.",
            "Repair or uninstall that package, and restart the server.",
        )


def _package(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist is not None else point.value
