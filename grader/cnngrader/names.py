"""The names of a learning platform: a table that says which of its names is which student, in both directions.

The table has a column `student` and any others, such as an address or a number. Files that are called by what stands in
any column belong to that student, and the points come back as the same table with a column more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from .collecting import Collected
from .gradebook import number
from .grading import Graded
from .marks import bare
from .submission import Submission
from .tables import as_csv, escape_csv_cell, read_table, write_file

POINTS = "points"
# What platforms write around a name: "Ada Lovelace_12345_assignsubmission_file_homework", "lovelaceada_late_12_34_hw".
PARTS = re.compile(r"_+")


TEXTS = {
    "unknown": "{student!r} is not in the table of names: it keeps the name of its file.",
    "missing": "{student!r} is in the table of names and has handed in nothing.",
    "same student": "Another submission is of the same student.",
}


@dataclass(frozen=True)
class Names:
    """The rows of the table, by student, each with all its cells."""

    columns: tuple[str, ...]
    rows: Mapping[str, Mapping[str, str]]

    def student_of(self, name: str) -> str | None:
        """Return the student whom a file is of; None if no row, or more than one, has its name.

        The whole name counts, else its beginning up to an underscore.
        """
        parts = PARTS.split(name)
        for known in [name, *("_".join(parts[:k]) for k in range(len(parts) - 1, 0, -1))]:
            wanted = bare(known)
            found = {
                one for one, cells in self.rows.items() if wanted in {bare(cell) for cell in cells.values() if cell}
            }
            if found:
                return found.pop() if len(found) == 1 else None
        return None


def read_names(path: Path) -> Names:
    """Return the table; raises ValueError for one without students, or with one of them twice."""
    rows: dict[str, dict[str, str]] = {}
    columns: dict[str, None] = {}
    for line, cells in read_table(path, ("student",), ("student",), "names"):
        student = cells["student"].strip()
        if not student or student in rows:
            raise ValueError(f"names: got student {student!r} in line {line} of {path}, expected each once")
        rows[student] = {name: cell.strip() for name, cell in cells.items()}
        columns |= dict.fromkeys(cells)
    return Names(tuple(columns), rows)


def renamed(collected: Collected, names: Names) -> tuple[Collected, list[str]]:
    """Return the submissions under the names of the table, and what is to be said: who is not in it, who is missing."""
    found: dict[str, Submission] = {}
    notes = []
    for one in collected.submissions:
        student = names.student_of(one.student)
        if student is None:
            notes.append(TEXTS["unknown"].format(student=one.student))
            student = one.student
        submission = one if student == one.student else replace(one, student=student)
        if student in found:
            student = next(f"{student} ({k})" for k in range(2, 10**6) if f"{student} ({k})" not in found)
            remarks = (*one.remarks, TEXTS["same student"])
            submission = replace(one, student=student, remarks=remarks)
        found[student] = submission
    missing = [student for student in names.rows if student not in found]
    notes += [TEXTS["missing"].format(student=student) for student in missing]
    return Collected(list(found.values()), collected.unread), notes


def write_points(path: Path, names: Names, graded: Iterable[Graded]) -> None:
    """Write the table as it was given, with the points of each student in a column more."""
    points = {one.student: number(one.points) for one in graded}
    heads = [*(name for name in names.columns if name != POINTS), POINTS]
    rows = [
        [*(escape_csv_cell(cells.get(name, "")) for name in heads[:-1]), points.get(student, "")]
        for student, cells in names.rows.items()
    ]
    write_file(path, as_csv([[*map(escape_csv_cell, heads)], *rows]))
