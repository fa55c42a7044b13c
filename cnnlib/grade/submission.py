"""Finding submissions and reading them as data: nothing in a notebook is run here."""

from __future__ import annotations

import hashlib
import json
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOST_BYTES = 10 << 20
MOST_CELLS = 1000
MOST_CODE = 1 << 20  # characters of all code cells together
MOST_TEXT = 20_000  # characters of a written answer that are shown
CELL = re.compile(r"task-([a-z][a-z0-9_]{0,60}?)(-text|-check|-test)?")


@dataclass(frozen=True)
class Cell:
    """One cell: its place in the notebook, whether it is code, its text, and the task and role that its id names.

    role: "" for a solution, "text", "check" or "test"; task is "" for a cell that belongs to none.
    """

    place: int
    is_code: bool
    source: str
    task: str = ""
    role: str = ""


@dataclass(frozen=True)
class Submission:
    """What one student handed in.

    problem: why there is nothing to grade, "" otherwise. remarks: what a teacher may want to know. digest: of the
    bytes of the file.
    """

    student: str
    path: Path | None = None
    cells: tuple[Cell, ...] = ()
    problem: str = ""
    remarks: tuple[str, ...] = ()
    digest: str = ""

    def code(self) -> list[Cell]:
        """Return the code cells, without those that only check: these define nothing that a task asks for."""
        return [cell for cell in self.cells if cell.is_code and cell.role in ("", "text") and cell.source.strip()]

    def solution(self, task: str) -> list[Cell]:
        """Return the cells that hold the solution of a task."""
        return [cell for cell in self.cells if cell.task == task and cell.role == ""]

    def needed(self, task: str) -> list[Cell]:
        """Return the fewest code cells that a task may need: those before the first task, and its own."""
        code = self.code()
        first = next((cell.place for cell in code if cell.task), 0)
        return [cell for cell in code if cell.place < first or cell.task == task]


# ---- reading --------------------------------------------------------------------------------------------------------


def read(student: str, path: Path, remarks: tuple[str, ...] = ()) -> Submission:
    """Return the submission in the file `path`; one that cannot be read comes back with its `problem`."""
    try:
        data = _bytes(path)
        cells, more = _cells(data)
    except _Broken as error:
        return Submission(student, path, problem=str(error), remarks=remarks, digest=_digest_of(path))
    return Submission(student, path, cells, remarks=(*remarks, *more), digest=hashlib.sha256(data).hexdigest())


class _Broken(ValueError):
    pass


def _bytes(path: Path) -> bytes:
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):
            raise _Broken("The file is a link or no file at all, and was not opened.")
        if status.st_size > MOST_BYTES:
            size = status.st_size / (1 << 20)
            raise _Broken(f"The notebook has {size:.0f} MB, more than {MOST_BYTES >> 20} MB. Clear its outputs.")
        with open(path, "rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _Broken(f"The file cannot be read ({error.strerror or type(error).__name__}).") from None


def _digest_of(path: Path) -> str:
    try:
        status = path.lstat()
        return hashlib.sha256(f"{status.st_size} {status.st_mtime_ns}".encode()).hexdigest()
    except OSError:
        return ""


def _cells(data: bytes) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_int=_whole)
    except (ValueError, RecursionError, MemoryError):
        raise _Broken("The file is no notebook: its content is not JSON.") from None
    cells = content.get("cells") if isinstance(content, dict) else None
    if not isinstance(cells, list):
        old = isinstance(content, dict) and "worksheets" in content
        raise _Broken("The notebook has a format from before 2015." if old else "The file is no notebook: no cells.")
    if not cells:
        raise _Broken("The notebook has no cells.")
    if len(cells) > MOST_CELLS:
        raise _Broken(f"The notebook has {len(cells)} cells, more than {MOST_CELLS}.")
    made = tuple(_cell(place, cell) for place, cell in enumerate(cells, start=1))
    if sum(len(cell.source) for cell in made if cell.is_code) > MOST_CODE:
        raise _Broken(f"The code cells have more than {MOST_CODE:,} characters together.")
    return made, _oddities(made)


def _whole(digits: str) -> int:
    return int(digits) if len(digits) < 100 else 0


def _cell(place: int, cell: Any) -> Cell:
    if not isinstance(cell, dict):
        return Cell(place, False, "")
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(part for part in source if isinstance(part, str))
    source = source if isinstance(source, str) else ""
    source = source.encode("utf-8", "replace").decode("utf-8")  # half a character of UTF-16 could not be written again
    match = CELL.fullmatch(_name(cell))
    task, role = (match[1], (match[2] or "")[1:]) if match else ("", "")
    return Cell(place, cell.get("cell_type") == "code", source, task, role)


def _name(cell: dict[str, Any]) -> str:
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    name = name if isinstance(name, str) else cell.get("id")
    return name if isinstance(name, str) else ""


def _oddities(cells: tuple[Cell, ...]) -> tuple[str, ...]:
    named = [(cell.task, cell.role) for cell in cells if cell.task]
    twice = sorted({task for task, role in named if named.count((task, role)) > 1})
    remarks = [f"The cells of these tasks are there more than once: {', '.join(twice[:20])}."] if twice else []
    return tuple(remarks)


def missing(submission: Submission, tasks: list[str]) -> list[str]:
    """Return the tasks whose solution cell is gone, or has lost its name."""
    return [task for task in tasks if not submission.solution(task)]


# ---- finding --------------------------------------------------------------------------------------------------------


def find(folder: Path, tasks: list[str]) -> list[Submission]:
    """Return all submissions in `folder`, by student.

    They lie there as STUDENT.ipynb, as STUDENT/anything.ipynb, or, as nbgrader collects them, as
    STUDENT/ASSIGNMENT/anything.ipynb. Of several notebooks of one student, the one with most cells of the `tasks`
    counts.
    """
    found: dict[str, Submission] = {}
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        if path.is_dir() and not path.is_symlink():
            submission = _of_folder(path, tasks)
        elif path.suffix == ".ipynb":
            submission = read(_printable(path.stem), path)
        else:
            continue
        name = submission.student
        if name in found:
            name = next(f"{name} ({k})" for k in range(2, 10**6) if f"{name} ({k})" not in found)
            submission = _with(submission, name, "Another submission has the same name.")
        found[name] = submission
    return list(found.values())


def _of_folder(folder: Path, tasks: list[str]) -> Submission:
    student = _printable(folder.name)
    paths = [path for depth in ("*.ipynb", "*/*.ipynb") for path in sorted(folder.glob(depth))]
    paths = [path for path in paths if ".ipynb_checkpoints" not in path.parts]
    # A link that was handed in may lead to the solutions, or to somebody else's notebook.
    linked = [path for path in paths if path.parent.is_symlink()]
    paths = [path for path in paths if path not in linked]
    remarks = ("A folder in it is a link, and was not opened.",) if linked else ()
    if not paths:
        return Submission(student, problem="There is no notebook in the folder.", remarks=remarks)
    read_ones = [read(student, path, remarks) for path in paths[:20]]
    best = max(read_ones, key=lambda one: sum(bool(one.solution(task)) for task in tasks))
    if len(paths) > 1:
        where = _printable(str(best.path.relative_to(folder))) if best.path else ""
        best = _with(best, student, f"There are {len(paths)} notebooks; graded was {where}.")
    return best


def _with(one: Submission, student: str, remark: str) -> Submission:
    return Submission(student, one.path, one.cells, one.problem, (*one.remarks, remark), one.digest)


def _printable(name: str) -> str:
    """Return the name of a file as a line of text."""
    name = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(c if c.isprintable() else "?" for c in name).strip()[:120] or "?"
