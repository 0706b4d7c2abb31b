"""Row 8: what a page loads of Compute before anybody uses it, in a real browser."""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ..browser import Browser, chromium
from ..findings import Finding
from ..stage import Stage

_MOST_BYTES = 30_000
_OURS = "extensions/jupyterlab-compute/static/"
_BUNDLE = Path(sys.prefix) / "share/jupyter/labextensions/jupyterlab-compute/static"


def measure(stage: Stage) -> Iterator[Finding]:
    """Open JupyterLab once, touch nothing, and see which of our files it fetched."""
    program = chromium()
    with stage.server("bundle") as jupyter, Browser(program, stage.folder("browser")) as browser:
        browser.open(jupyter)
        loaded = browser.loaded(_OURS)
    assert any(name.startswith("remoteEntry") for name in loaded), loaded
    sizes = {name: len(gzip.compress((_BUNDLE / name).read_bytes(), 6)) for name in sorted(loaded)}
    everything = sum(len(gzip.compress(path.read_bytes(), 6)) for path in _BUNDLE.glob("*.js"))
    total = sum(sizes.values())
    parts = ", ".join(f"{re.split('[._]', name)[0]} {size / 1000:.1f}" for name, size in sizes.items())
    yield Finding(
        "bundle before first use, gzipped",
        f"{total / 1000:.1f} kB",
        "≤ 30 kB",
        total <= _MOST_BYTES,
        how=f"a production build, opened in Chromium, nothing touched: {parts} kB; all there is:"
        f" {everything / 1000:.1f} kB",
    )
