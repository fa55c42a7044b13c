"""Marks given by hand, in to_mark.csv: a table that a spreadsheet may have rewritten, and of which no row is lost.

A spreadsheet turns 00123 into 123 or 1.2E+02, drops spaces and an apostrophe, moves columns, and writes semicolons. So
each row has a key as well, which nothing changes, and names are compared without what a spreadsheet does to them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from .comments import expanded
from .grading import Graded, written_text
from .submission import MOST_TEXT, Submission
from .tables import as_csv, escape_csv_cell, read_table, unescaped, write_file
from .task import Assignment, Task, WrittenTask

COLUMNS = ("student", "task", "of", "points", "comment", "text", "key")
NEEDED = ("student", "task", "points")
BACKUPS = "marks_before"
LEAST_TEXT = 40  # characters of an answer by which it is known again, where the name is another one
NOT_IN_A_NAME = re.compile(r"['’`\s\u200b\ufeff]+")


TEXTS = {
    "place": "line {line} of {file}",
    "nobody's": "The mark for {student!r}, {task}, in {place} belongs to no submission: it counts for nobody.",
    "several": "{student!r} has more than one mark for {task}, in {places}: none of them counts.",
    "given to": (
        "The mark for {student!r}, {task}, in {place} was given to {other!r}: the answer is the one that it was given "
        "for."
    ),
    "put back": (
        "The row of {student!r} for {task} is gone from the table, and was put back as it was in the last run. To take "
        "a mark back, empty its points."
    ),
    "another text": "{task}: the text is another one than the one that was marked.",
}


@dataclass(frozen=True)
class Row:
    """One row of the table. typed: the points as they stand there; more: columns of the teacher's own."""

    student: str
    task: str
    points: float | None = None
    typed: str = ""
    comment: str = ""
    text: str = ""
    key: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    where: str = ""

    @property
    def by_hand(self) -> bool:
        """Return whether there is anything in the row that a teacher has written."""
        return bool(self.typed or self.comment.strip() or any(self.more.values()))


@dataclass(frozen=True)
class Matched:
    """The rows by student and task, those that belong to nobody, and what is to be said.

    errors: marks that count for nobody; notes: what was understood although it was not written just so.
    """

    rows: dict[tuple[str, str], Row]
    left: list[Row]
    errors: list[str]
    notes: list[str]


# ---- reading --------------------------------------------------------------------------------------------------------


def read_rows(path: Path, assignment: Assignment) -> list[Row]:
    """Return the rows of a table; raises ValueError for what is no mark, and for a table of another assignment."""
    written = {bare(task.name): task for task in assignment.written}
    rows = []
    for line, cells in read_table(path, COLUMNS, NEEDED, "marks"):
        task = written.get(bare(cells["task"]))
        if task is None:
            names = [task.name for task in written.values()]
            raise ValueError(f"marks: got task {cells['task']!r} in line {line} of {path}, expected one of {names}")
        given = cells["points"].strip()
        points = _points(given, task, f"line {line} of {path}") if given else None
        more = {name: text for name, text in cells.items() if name not in COLUMNS and text}
        comment, text, key = (cells.get(name, "") for name in ("comment", "text", "key"))
        place = TEXTS["place"].format(line=line, file=path.name)
        comment = unescaped(comment)
        rows.append(Row(cells["student"], task.name, points, given, comment, text, key.strip(), more, place))
    return rows


def _points(given: str, task: Task, where: str) -> float:
    try:
        points = float(given.lstrip("'").replace(",", "."))
    except ValueError:
        points = -1.0
    if not 0 <= points <= task.points:
        raise ValueError(f"marks: got {given!r} points in {where}, expected 0 to {task.points}")
    return points


# ---- whose mark it is -----------------------------------------------------------------------------------------------


def key_of(student: str) -> str:
    """Return a short name of a student that no spreadsheet takes for a number, a date or a formula."""
    return "s-" + hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:12]


def bare(name: str) -> str:
    """Return a name without what a spreadsheet may change in it.

    >>> bare(" 00123 ") == bare("123") == bare("123,0")
    True
    """
    bare = NOT_IN_A_NAME.sub("", unicodedata.normalize("NFKC", name)).casefold()
    number = re.fullmatch(r"0*(\d+)(?:[.,]0+)?", bare)
    return number[1] if number else bare


def answer_of(task: WrittenTask, submission: Submission) -> str:
    """Return the written answer as the table has it."""
    return escape_csv_cell(written_text(task, submission)[:MOST_TEXT])


class _Names:
    """The students by what a row says of them."""

    def __init__(self, students: Iterable[str]) -> None:
        self.by_key = {key_of(student): student for student in students}
        self.exact = {escape_csv_cell(student): student for student in students}
        self.loose: dict[str, list[str]] = defaultdict(list)
        for student in students:
            self.loose[bare(student)].append(student)

    def student_of(self, row: Row) -> str | None:
        """Return whose row it is; None if nobody's, or if its name and its key are those of two students."""
        keyed, exact = self.by_key.get(row.key), self.exact.get(row.student)
        alike = [exact] if exact is not None else self.loose.get(bare(row.student), [])
        if keyed is not None:
            related = not alike or bare(keyed) == bare(row.student)
            return keyed if related else None
        return alike[0] if len(alike) == 1 else None


def match(rows: Iterable[Row], submissions: Mapping[str, Submission], assignment: Assignment) -> Matched:
    """Say for each row whose it is. A row that may be of two students, or one of two for one student, is nobody's."""
    names = _Names(submissions)
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    left: list[Row] = []
    for row in rows:
        student = names.student_of(row)
        if student is None:
            left.append(row)
        else:
            found[student, row.task].append(row)
    notes = _known_by_text(left, found, submissions, assignment)
    errors = [_about("nobody's", row) for row in left if row.by_hand]
    kept: dict[tuple[str, str], Row] = {}
    for (student, task), own in found.items():
        marked = [row for row in own if row.by_hand]
        if len({(row.points, row.comment) for row in marked}) > 1:
            left += marked
            places = ", ".join(row.where for row in marked)
            errors.append(TEXTS["several"].format(student=student, task=task, places=places))
        else:
            kept[student, task] = [*marked, *own][0]
    return Matched(kept, left, errors, notes)


def _known_by_text(
    left: list[Row],
    found: dict[tuple[str, str], list[Row]],
    submissions: Mapping[str, Submission],
    assignment: Assignment,
) -> list[str]:
    """Give marks of nobody to students whose file has another name by now, and whose answer is still the same."""
    tasks = {task.name: task for task in assignment.written}
    notes = []
    for row in [row for row in left if row.by_hand and len(row.text) >= LEAST_TEXT]:
        same = [one for one in left if one.task == row.task and _same(one.text, row.text)]
        students = [name for name, one in submissions.items() if _same(answer_of(tasks[row.task], one), row.text)]
        taken = any(one.by_hand for name in students for one in found.get((name, row.task), []))
        if len(same) == len(students) == 1 and not taken:
            left.remove(row)
            found[students[0], row.task] = [row]
            notes.append(_about("given to", row, other=students[0]))
    return notes


def _same(one: str, other: str) -> bool:
    """Return whether two texts are the same but for spaces and apostrophes."""
    return NOT_IN_A_NAME.sub("", one) == NOT_IN_A_NAME.sub("", other)


def _about(key: str, row: Row, **more: str) -> str:
    return TEXTS[key].format(student=row.student, task=row.task, place=row.where, **more)


def merged(first: Matched, second: Matched) -> Matched:
    """Return the rows of two tables together. What is marked in the first one counts."""
    rows = second.rows | {who: row for who, row in first.rows.items() if row.by_hand or who not in second.rows}
    left = [*first.left, *(row for row in second.left if _content(row) not in map(_content, first.left))]
    return Matched(rows, left, [*first.errors, *second.errors], [*first.notes, *second.notes])


def put_back(matched: Matched, last: Matched) -> None:
    """Put back the rows with marks that the table of the last run had and this one has not, and say so."""
    for (student, task), row in last.rows.items():
        if row.by_hand and (student, task) not in matched.rows:
            matched.rows[student, task] = row
            matched.notes.append(TEXTS["put back"].format(student=student, task=task))


def _content(row: Row) -> tuple[str, str, str, str]:
    return row.student, row.task, row.typed, row.comment


# ---- putting them in, and writing them ------------------------------------------------------------------------------


def apply(
    graded: list[Graded],
    submissions: Mapping[str, Submission],
    assignment: Assignment,
    rows: Mapping[tuple[str, str], Row],
    bank: Mapping[str, str] | None = None,
) -> None:
    """Put the marks into the results. bank: the texts that a comment may name."""
    tasks = {task.name: task for task in assignment.written}
    for one in graded:
        for result in one.tasks:
            row = rows.get((one.student, result.task))
            if row is None or row.points is None:
                continue
            result.points, comment = row.points, expanded(row.comment.strip(), bank or {})
            result.status = "right" if row.points >= result.of else "partly" if row.points else "wrong"
            result.paragraphs = [comment] if comment else []
            now = answer_of(tasks[result.task], submissions[one.student])
            if row.text and not _same(row.text, now):
                one.remarks.append(TEXTS["another text"].format(task=result.task))


def write(
    path: Path,
    assignment: Assignment,
    submissions: Mapping[str, Submission],
    matched: Matched,
    anonymous: bool = False,
) -> None:
    """Write the written answers, each with what a teacher wrote beside it, and then the rows that belong to nobody.

    What was there before is copied into a folder beside it. anonymous: keys stand in the place of names, and the order
    is one that says nothing, and stays the same when others come later.
    """
    rows = list(matched.rows.values()) + matched.left
    more = list(dict.fromkeys(name for row in rows for name in row.more))
    table = [[*COLUMNS, *map(escape_csv_cell, more)]]
    points = {task.name: str(task.points) for task in assignment.tasks}

    def line(row: Row) -> list[str]:
        given = map(escape_csv_cell, (row.typed, row.comment, row.text, row.key, *(row.more.get(c, "") for c in more)))
        return [escape_csv_cell(row.student), row.task, points[row.task], *given]

    for task in assignment.written:
        for student, submission in submissions.items():
            text, known = answer_of(task, submission), matched.rows.get((student, task.name))
            if text or known:
                row, key = known or Row(student, task.name), key_of(student)
                table.append(line(replace(row, student=key if anonymous else student, text=text, key=key)))
    if anonymous:
        order = {task.name: place for place, task in enumerate(assignment.tasks)}
        table[1:] = sorted(table[1:], key=lambda cells: (order[cells[1]], _shuffled(cells[0] + cells[1])))
    data = as_csv([*table, *map(line, matched.left)])
    before = path.read_bytes() if path.is_file() else data
    if before != data:
        _back_up(path, before)
    write_file(path, data)


def _shuffled(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _back_up(path: Path, data: bytes) -> None:
    folder = path.parent / BACKUPS
    folder.mkdir(exist_ok=True)
    last = max(
        (int(number[1]) for one in folder.iterdir() if (number := re.match(r".*-(\d+)\.csv$", one.name))), default=0
    )
    write_file(folder / f"{path.stem}-{last + 1:03d}.csv", data)
