"""Compute: run notebooks and selected cells on remote computing resources from JupyterLab."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

__version__ = version("jupyterlab_compute")


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-compute"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    # Imported here, not above: the runner and the drivers import this package on compute nodes,
    # where neither tornado nor the server need to exist.
    from .app import ComputeApp

    return [{"module": "jupyterlab_compute.app", "app": ComputeApp}]
