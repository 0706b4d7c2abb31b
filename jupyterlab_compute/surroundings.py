"""What the bridge uses of the Jupyter server that it lives in; the tests give it something simpler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from . import clock
from .courier import Site
from .notify import Wishes
from .pace import Pace
from .run_folders import Ground
from .storage import Keep


@dataclass(frozen=True)
class Surroundings:
    """The server's folders and settings, and what it can do for us."""

    ground: Ground
    #: The saved notebook at a path of the wire, as JSON. Raises `ComputeError`.
    read_notebook: Callable[[str], Awaitable[Any]]
    #: A kernelspec's name and content by name. Raises `ComputeError`.
    kernel: Callable[[str], Awaitable[tuple[str, dict[str, Any]]]]
    #: Makes JupyterLab trust the outputs of that executed copy. Blocks; may not raise.
    sign: Callable[[Path], None]
    ends_with_server: Callable[[Mapping[str, str]], str | None]
    leases: Path
    #: Where recurring runs are kept.
    schedules: Path
    pace: Pace
    #: How messages about jobs are sent from here.
    messages: Site = field(default_factory=Site)
    #: Of what the settings say to be told, and how. Blocks.
    wishes: Callable[[], Wishes] = Wishes
    #: Where people find the page of a job (None: of all jobs) from outside; None where nobody knows.
    link: Callable[[str | None], str | None] = lambda job_id: None
    #: What the settings keep of ended jobs. Blocks.
    keep: Callable[[], Keep] = Keep
    locked: bool = False
    #: This moment, for what is due.
    now: Callable[[], datetime] = clock.moment
