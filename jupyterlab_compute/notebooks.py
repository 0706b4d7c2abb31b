"""What a request wants to run of a notebook. Pure, but for reading text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import nbformat

from . import parameters
from .errors import Invalid


@dataclass(frozen=True)
class Cell:
    """A code cell that runs. `sha256` is of its source as it was sent."""

    id: str
    role: str
    sha256: str


def source_of(cell: Mapping[str, Any]) -> str:
    """A cell's source as one text: nbformat allows a list of lines."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def normal(content: object, pointer: str) -> dict[str, Any]:
    """`content` as nbformat 4.5 with an id in every cell and no outputs. Raises `Invalid`.

    Cells without an id (nbformat 4.4 and older) get `cell-<place>`, the same for the same notebook.
    """
    if not isinstance(content, dict) or not isinstance(content.get("cells", content.get("worksheets")), list):
        raise Invalid("This is not a notebook.", "Open it in JupyterLab and save it again.", pointer=pointer)
    version = content.get("nbformat", 4)
    if not isinstance(version, int) or not 1 <= version <= 4:
        raise Invalid(
            f"This notebook is of a format that is not known here: nbformat {str(version)[:20]}.",
            "Open it in a JupyterLab that knows it and save it as nbformat 4.",
            pointer=pointer,
        )
    try:
        notebook = nbformat.from_dict(content)  # type: ignore[no-untyped-call]
        if content.get("nbformat", 4) != 4:
            notebook = nbformat.convert(notebook, 4)  # type: ignore[no-untyped-call]
        seen: set[str] = set()
        taken = {str(cell.get("id")) for cell in notebook.cells}
        for place, cell in enumerate(notebook.cells):
            cell_id = cell.get("id")
            if not isinstance(cell_id, str) or cell_id in seen:
                cell["id"] = cell_id = _free_id(place, taken)
            seen.add(cell_id)
            cell["source"] = source_of(cell)
            if cell.get("cell_type") == "code":
                cell["outputs"], cell["execution_count"] = [], None
        notebook["nbformat"], notebook["nbformat_minor"] = 4, max(5, int(notebook.get("nbformat_minor", 5)))
        notebook.setdefault("metadata", {})
        nbformat.validate(notebook, relax_add_props=True)
    except nbformat.ValidationError as error:
        raise Invalid(
            f"This notebook is not valid: {str(error).splitlines()[0][:200]}",
            "Open it in JupyterLab and save it again.",
            pointer=pointer,
        ) from error
    except (LookupError, AttributeError, NameError, RecursionError, TypeError, ValueError) as error:
        # The converters of old formats assume what they should check.
        raise Invalid(
            f"This is not a notebook that can be read: {str(error)[:200]}",
            "Open it in JupyterLab and save it again.",
            pointer=pointer,
        ) from error
    plain: dict[str, Any] = json.loads(json.dumps(notebook))
    return plain


def _free_id(place: int, taken: set[str]) -> str:
    made = f"cell-{place}"
    while made in taken:
        made += "x"
    taken.add(made)
    return made


def kernel_name(notebook: Mapping[str, Any]) -> str | None:
    """The kernelspec that the notebook names."""
    spec = notebook.get("metadata", {}).get("kernelspec")
    name = spec.get("name") if isinstance(spec, dict) else None
    return name if isinstance(name, str) and name else None


def cells_of(notebook: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The code cells, in order."""
    return [cell for cell in notebook["cells"] if cell.get("cell_type") == "code"]


def cells_to_run(notebook: Mapping[str, Any], request: Mapping[str, Any]) -> list[Cell]:
    """The cells in the order in which they run: the notebook's. A cell that sets parameters always runs.

    Raises `Invalid`.
    """
    code = cells_of(notebook)
    source = request["source"]
    if not code:
        raise Invalid(
            "This notebook has no code cells: there is nothing to run.",
            "Write a cell first.",
            pointer="/source/content",
        )
    if source["kind"] == "notebook":
        if source.get("cell_ids") or request.get("before", "nothing") != "nothing" or request.get("before_cell_ids"):
            raise Invalid(
                "A whole notebook has nothing before it.",
                "Leave out cell_ids and before, or send kind “cells”.",
                pointer="/source",
            )
        return [_cell(cell, "selected") for cell in code]
    selected = source.get("cell_ids")
    if not selected:
        raise Invalid("No cells were named.", "Select at least one code cell.", pointer="/source/cell_ids")
    places = {cell["id"]: place for place, cell in enumerate(code)}
    others = {cell["id"] for cell in notebook["cells"]} - places.keys()
    for number, cell_id in enumerate(selected):
        if cell_id in others:
            raise Invalid("Only code cells can run.", "Select code cells only.", pointer=f"/source/cell_ids/{number}")
        if cell_id not in places:
            raise Invalid(
                f"The notebook has no cell “{cell_id}”.",
                "It may have been deleted. Select the cells again.",
                pointer=f"/source/cell_ids/{number}",
            )
    before = _before(request, code, places, set(selected))
    if request.get("parameters"):
        before |= {cell["id"] for cell in code if parameters.INJECTED in parameters.tags(cell)}
    run = [
        _cell(cell, "selected" if cell["id"] in selected else "before")
        for cell in code
        if cell["id"] in selected or cell["id"] in before
    ]
    if request.get("before") == "setup":
        # What sets up comes first, wherever it stands.
        run.sort(key=lambda cell: cell.role == "selected")
    return run


def _before(
    request: Mapping[str, Any], code: list[dict[str, Any]], places: Mapping[str, int], selected: set[str]
) -> set[str]:
    how = request.get("before", "nothing")
    named = request.get("before_cell_ids", [])
    if how == "needed":
        for number, cell_id in enumerate(named):
            if cell_id not in places:
                raise Invalid(f"The notebook has no code cell “{cell_id}”.", pointer=f"/before_cell_ids/{number}")
        return set(named)
    if named:
        raise Invalid("before_cell_ids goes with before: “needed” only.", pointer="/before_cell_ids")
    if how == "setup":
        return {cell["id"] for cell in code if "compute-setup" in parameters.tags(cell)}
    if how == "above":
        last = max(places[cell_id] for cell_id in selected)
        return {cell["id"] for cell in code[:last]}
    return set()


def _cell(cell: Mapping[str, Any], role: str) -> Cell:
    return Cell(cell["id"], role, hashlib.sha256(source_of(cell).encode()).hexdigest())
