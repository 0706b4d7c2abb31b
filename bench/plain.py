"""Plain nbclient, for comparison.

plain.py one <notebook> <result>                  runs it in this process
plain.py pool <notebook> <folder> <slots> <count>  runs it so many times in a pool of so many processes
"""

from __future__ import annotations

import functools
import multiprocessing
import sys

import nbformat
from nbclient import NotebookClient


def run(notebook: str, result: str) -> None:
    """Read, execute, write."""
    content = nbformat.read(notebook, 4)  # type: ignore[no-untyped-call]
    NotebookClient(content, timeout=None, kernel_name="python3").execute()
    nbformat.write(content, result)  # type: ignore[no-untyped-call]


def numbered(notebook: str, folder: str, number: int) -> None:
    """One of many."""
    run(notebook, f"{folder}/result-{number}.ipynb")


if __name__ == "__main__":
    how, path, target, *numbers = sys.argv[1:]
    if how == "one":
        run(path, target)
    else:
        slots, count = map(int, numbers)
        with multiprocessing.get_context("fork").Pool(slots) as pool:
            pool.map(functools.partial(numbered, path, target), range(count), chunksize=1)
