"""Which cells of code answer a question that asks for a prediction; what JupyterLab folds and the kernel asks there.

    python tools/predicted_cells.py notebooks/*.ipynb      writes it into notebooks; `make notebooks` does so too

A question says in its metadata, under `predict`, what is asked and which cell answers it. From there every cell with an
output, down to the answer and to what is shown right behind it, gets two things: `jupyter.outputs_hidden`, by which
JupyterLab and Notebook fold what is stored, and `predicted`, by which cnncourse/predictions.py asks when the cell runs.
Questions that ask for words have no definite answer: a notebook does not wait for it.

Code stays open, so it must not give the answer away: tests that name a result stand in a cell of their own behind the
code that computes it. Such a cell is folded (`jupyter.source_hidden`); a page hides it until the reader has answered.
JupyterLab shows the first line of what is folded, so a comment stands there.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from cnncourse.predictions import FIELDS, METADATA
from stored_widgets import VIEW


def cells_of_answer(notebook: NotebookNode, asked_at: int) -> list[NotebookNode]:
    """Return what stands between a question and the next text behind its answer.

    Cells of code right behind the answer draw what it has printed, or test it. An explorer there is another thing.
    """
    cells = notebook.cells
    answer = cells[asked_at].metadata["predict"]["answer"]
    end = next(k for k, cell in enumerate(cells) if cell.id == answer) + 1
    while end < len(cells) and cells[end].cell_type == "code" and not is_explorer(cells[end]):
        end += 1
    return list(cells[asked_at + 1 : end])


def is_explorer(cell: NotebookNode) -> bool:
    """Return whether a cell has shown something that moves."""
    return any(VIEW in output.get("data", {}) for output in cell.outputs)


def tests_alone(cell: NotebookNode) -> bool:
    """Return whether a cell of code does nothing but test what others have computed."""
    if cell.cell_type != "code" or "assert " not in cell.source:
        return False
    return all(isinstance(statement, ast.Assert) for statement in ast.parse(cell.source).body)


def expected(notebook: NotebookNode) -> dict[str, dict[str, Any]]:
    """Return what is asked about the output of each cell, by its id, where a question with a definite answer asks."""
    found: dict[str, dict[str, Any]] = {}
    for k, cell in enumerate(notebook.cells):
        asked = cell.metadata.get("predict", {})
        if asked.get("kind") in FIELDS:
            what = {key: asked[key] for key in ("kind", "choices") if key in asked}
            between = cells_of_answer(notebook, k)
            found |= {one.id: {"question": cell.id} | what for one in between if one.get("outputs")}
    return found


def write_into(notebook: NotebookNode) -> None:
    """Write into the cells of code, in place, what is asked about them, and that their output or they are folded."""
    asked = expected(notebook)
    questions = [k for k, cell in enumerate(notebook.cells) if "predict" in cell.metadata]
    tests = {one.id for k in questions for one in cells_of_answer(notebook, k) if tests_alone(one)}
    for cell in notebook.cells:
        shown = {key: value for key, value in cell.metadata.pop("jupyter", {}).items() if key != "outputs_hidden"}
        cell.metadata.pop(METADATA, None)
        if cell.id in asked:
            cell.metadata[METADATA] = nbformat.from_dict(asked[cell.id])
            shown["outputs_hidden"] = True
        if cell.id in tests:
            shown["source_hidden"] = True
        if shown:
            cell.metadata["jupyter"] = nbformat.from_dict(shown)


def in_language(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Put the choices that the kernel shows into the language of a folder of translations/, in place."""
    stored = folder / "site.toml"
    texts = tomllib.loads(stored.read_text(encoding="utf-8"))["choices"] if stored.exists() else {}
    for cell in notebook.cells:
        if choices := cell.metadata.get(METADATA, {}).get("choices"):
            cell.metadata[METADATA]["choices"] = [texts.get(one, one) for one in choices]
    return notebook


if __name__ == "__main__":
    for name in sys.argv[1:]:
        read = nbformat.read(name, as_version=4)
        write_into(read)
        Path(name).write_text(nbformat.writes(read).rstrip("\n") + "\n", encoding="utf-8", newline="\n")
