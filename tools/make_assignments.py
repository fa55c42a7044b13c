"""Make what students get from the master notebooks of the assignments.

    python tools/make_assignments.py                  all of assignments/, into dist/assignments/
    python tools/make_assignments.py --output DIR

Solutions and hidden tests are cut out, stubs take their place, outputs go. Each assignment becomes a notebook and a zip
with that notebook, a README and requirements.txt. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import copy
import json
import zipfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode

import cnnlib

ROOT = Path(__file__).resolve().parent.parent
MASTERS = ROOT / "assignments"
OUTPUT = ROOT / "dist" / "assignments"
DAY = (2020, 1, 1, 0, 0, 0)  # of every file in a zip
TEXT_STUB = "YOUR ANSWER HERE"
SOLUTION = ("### BEGIN SOLUTION", "### END SOLUTION")
HIDDEN = ("### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS")

README = """{title}

What is in here: {file}, the assignment, and requirements.txt, what it needs.

To install, with Python 3.11 or newer, in the folder of this file:

    python -m venv .venv
    .venv/bin/python -m pip install -r requirements.txt        (Windows: .venv\\Scripts\\python)
    .venv/bin/python -m jupyterlab {file}

cnnlib is the package of the course. If pip does not find it, take it from the folder of the course, as your teacher
says: python -m pip install PATH_OF_THE_COURSE

To hand in: in the notebook, choose Kernel, Restart Kernel and Run All Cells; look whether the instant checks say what
you expect; save; hand in {file} alone, under this name, where your teacher collects it.
"""


def student_version(master: NotebookNode) -> NotebookNode:
    """Return a copy of a master as students get it; raises ValueError for a region that does not end or has no cell."""
    notebook = copy.deepcopy(master)
    for cell in notebook.cells:
        role = cell.metadata.get("nbgrader", {})
        cell.source = _cut(cell, SOLUTION, TEXT_STUB if cell.cell_type == "markdown" else "...", role.get("solution"))
        cell.source = _cut(cell, HIDDEN, "", role.get("grade"))
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _cut(cell: NotebookNode, marks: tuple[str, str], stub: str, allowed: bool | None) -> str:
    """Return the source of a cell without its marked regions; an indented one, and a text, leaves the stub behind."""
    kept, inside = [], False
    for line in cell.source.split("\n"):
        bare = line.strip()
        if bare in marks:
            if not allowed or inside == (bare == marks[0]):
                raise ValueError(f"cell {cell.id}: {bare!r} is out of place")
            inside = not inside
            indent = line[: len(line) - len(line.lstrip())]
            if inside and stub and (indent or cell.cell_type == "markdown") and not _is_filled(kept, indent):
                kept.append(indent + stub)
        elif not inside:
            kept.append(line)
    if inside:
        raise ValueError(f"cell {cell.id}: a region does not end")
    return "\n".join(kept).rstrip("\n")


def _is_filled(lines: list[str], indent: str) -> bool:
    """Return whether the body above already holds a stub of its own, such as `d_x = ...`."""
    return bool(indent) and lines[-1].startswith(indent) and lines[-1].endswith("= ...")


def requirements() -> str:
    return f"cnnlib>={cnnlib.__version__}\njupyterlab>=4.2,<5\n"


def make(master: Path, folder: Path) -> Path:
    """Write the student version of one master, as a notebook and as a zip; return the zip."""
    notebook = student_version(nbformat.read(master, as_version=4))
    nbformat.validate(notebook)
    text = nbformat.writes(notebook).rstrip("\n") + "\n"
    title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
    files = {
        master.name: text,
        "README.txt": README.format(title=title, file=master.name),
        "requirements.txt": requirements(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / master.name).write_text(text, encoding="utf-8")
    path = folder / f"{master.stem}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(f"{master.stem}/{name}", DAY), content.encode("utf-8"))
    return path


def masters() -> list[Path]:
    """Return the master notebooks in their order."""
    return sorted(MASTERS.glob("*.ipynb"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=OUTPUT, help="folder for the notebooks and zips")
    folder = parser.parse_args().output
    for master in masters():
        path = make(master, folder)
        cells = len(json.loads(master.read_text(encoding="utf-8"))["cells"])
        print(f"{path.name}: {cells} cells, {path.stat().st_size:,} bytes")
    print(f"written to {folder}")


if __name__ == "__main__":
    main()
