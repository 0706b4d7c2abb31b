"""What is measured in a browser later."""

from __future__ import annotations

from collections.abc import Iterator

from ..findings import Finding
from ..stage import Stage


def measure(stage: Stage) -> Iterator[Finding]:
    """Nothing yet."""
    yield Finding("10,000 rows in the panel: opens", "not yet", "≤ 300 ms", None)
    yield Finding("10,000 rows in the panel: frames while scrolling, p95", "not yet", "≤ 17 ms", None)
