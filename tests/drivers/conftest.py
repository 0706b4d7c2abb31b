"""The marks of the drivers' tests."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slurm: starts a real Slurm on this machine (root, Debian's packages)")
