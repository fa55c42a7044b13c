"""Tables for the teacher: the grades, and the written answers with a column for the marks given by hand."""

from __future__ import annotations

import csv
import os
import re
import statistics
from pathlib import Path
from typing import NamedTuple

from . import judge
from .grading import Graded, written_text
from .submission import MOST_TEXT, Submission
from .task import Assignment

FORMULA = "=+-@|%＝＋－＠"  # what one begins with; the wide ones count in some languages
INNER = re.compile(rf'(;[\s"]*)(?=[{re.escape(FORMULA)}])')
TO_MARK = ("student", "task", "of", "points", "comment", "text")


class Mark(NamedTuple):
    """Points given by hand, with a comment for the student, and the text they were given for."""

    points: float
    comment: str
    text: str


def harmless(text: str) -> str:
    """Return `text` for one cell of a table: on one line, and never taken for a formula by a spreadsheet.

    A spreadsheet that expects semicolons between cells begins another one after each.

    >>> harmless("=1+1")
    "'=1+1"
    >>> harmless("a;=1+1")
    "a;'=1+1"
    """
    text = "".join(c if c.isprintable() else " " for c in text)
    text = INNER.sub(r"\1'", text)
    return f"'{text}" if text.lstrip()[:1] in tuple(FORMULA) and text.strip() else text


def _write(path: Path, rows: list[list[str]]) -> None:
    """Write a table; it appears under its name when it is complete. The mark in front tells Excel that it is UTF-8."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    with open(unfinished, "w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    os.replace(unfinished, path)


def number(points: float) -> str:
    """Return points as short as they can be read."""
    return f"{points:g}"


def write_grades(path: Path, assignment: Assignment, graded: list[Graded], warning: str) -> None:
    """Write one row for each student: points by task, their sum, what is open, what to look at."""
    heads = [f"{task.name} ({task.points})" for task in assignment.tasks]
    rows = [["student", *heads, f"total ({assignment.points})", "open", "remarks"]]
    for one in graded:
        points = [number(result.points) if not is_open(result) else "" for result in one.tasks]
        still = [result.task for result in one.tasks if is_open(result)]
        remarks = " ".join([one.problem, *one.remarks, *events(one)]).strip()
        rows.append([harmless(one.student), *points, number(one.points), harmless(", ".join(still)), harmless(remarks)])
    if warning:
        rows.append(["", *[""] * len(heads), "", "", harmless(f"Warning: {warning}")])
    _write(path, rows)


def is_open(result: judge.TaskResult) -> bool:
    """Return whether a task has no mark yet: it is marked by hand, or grading itself failed."""
    return result.status in ("to be marked", "not graded")


def events(one: Graded) -> list[str]:
    """Return what the submission did that a teacher may want to see, with the tasks it was graded for then."""
    tasks: dict[str, list[str]] = {}
    for result in one.tasks:
        faults = [f"not graded ({result.fault})"] if result.fault else []
        for event in dict.fromkeys([*result.events, *faults]):
            tasks.setdefault(event, []).append(result.task)
    return [f"{event.rstrip('.')} [{', '.join(names)}]." for event, names in tasks.items()]


# ---- marks given by hand --------------------------------------------------------------------------------------------


def write_to_mark(
    path: Path, assignment: Assignment, submissions: dict[str, Submission], marks: dict[tuple[str, str], Mark]
) -> None:
    """Write the written answers, each with the mark that it has already."""
    rows = [list(TO_MARK)]
    for task in assignment.tasks:
        for student, submission in submissions.items() if task.kind == "written" else ():
            text = harmless(written_text(task, submission)[:MOST_TEXT])
            mark = marks.get((harmless(student), task.name))
            given = [number(mark.points), harmless(mark.comment)] if mark else ["", ""]
            if text or mark:
                rows.append([harmless(student), task.name, str(task.points), *given, text])
    _write(path, rows)


def read_marks(path: Path, assignment: Assignment) -> dict[tuple[str, str], Mark]:
    """Return the marks of a table by (student, task); raises ValueError for what is no mark."""
    written = {task.name: task for task in assignment.tasks if task.kind == "written"}
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            sample = file.readline()
            file.seek(0)
            rows = list(csv.DictReader(file, delimiter=";" if sample.count(";") > sample.count(",") else ","))
    except UnicodeDecodeError:
        raise ValueError(f"marks: {path} is not in UTF-8, expected a table saved as CSV UTF-8") from None
    marks = {}
    for line, row in enumerate(rows, start=2):
        given = (row.get("points") or "").strip().replace(",", ".")
        if not {"student", "task", "points"} <= set(row):
            raise ValueError(f"marks: got the columns {[*row]} in {path}, expected {', '.join(TO_MARK)}")
        if not given:
            continue
        task = written.get((row["task"] or "").strip())
        if task is None:
            raise ValueError(f"marks: got task {row['task']!r} in line {line} of {path}, expected one of {[*written]}")
        try:
            points = float(given)
        except ValueError:
            points = -1.0
        if not 0 <= points <= task.points:
            raise ValueError(f"marks: got {given!r} points in line {line} of {path}, expected 0 to {task.points}")
        marks[row["student"], task.name] = Mark(points, row.get("comment") or "", row.get("text") or "")
    return marks


def put_in(graded: list[Graded], submissions: dict[str, Submission], assignment: Assignment, marks: dict) -> list[str]:
    """Put the marks into the results and return remarks about those that belong to nobody."""
    tasks = {task.name: task for task in assignment.tasks}
    rest = dict(marks)
    for one in graded:
        for result in one.tasks:
            mark = rest.pop((harmless(one.student), result.task), None)
            if mark is None:
                continue
            result.points, comment = mark.points, mark.comment.strip()
            result.status = "right" if mark.points >= result.of else "partly" if mark.points else "wrong"
            result.paragraphs = [comment] if comment else []
            now = harmless(written_text(tasks[result.task], submissions[one.student])[:MOST_TEXT])
            if mark.text and mark.text != now:
                one.remarks.append(f"{result.task}: the text is another one than the one that was marked.")
    return [f"A mark for {student!r}, {task}, belongs to no submission." for student, task in rest]


def median(graded: list[Graded]) -> float:
    """Return the median of all points, 0 for no submission."""
    return statistics.median([one.points for one in graded]) if graded else 0.0
