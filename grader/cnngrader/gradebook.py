"""The table of the grades, and what it and the pages say of a student."""

from __future__ import annotations

import statistics
from pathlib import Path

from .grading import Graded
from .results import TaskResult
from .tables import as_csv, escape_csv_cell, write_file
from .task import Assignment

TEXTS = {
    "event": "{event} [{tasks}].",
    "fault": "not graded ({fault})",
    "warning": "Warning: {warning}",
}


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
        rows.append(
            [
                escape_csv_cell(one.student),
                *points,
                number(one.points),
                escape_csv_cell(", ".join(still)),
                escape_csv_cell(remarks),
            ]
        )
    if warning:
        rows.append(["", *[""] * len(heads), "", "", escape_csv_cell(TEXTS["warning"].format(warning=warning))])
    write_file(path, as_csv(rows))


def is_open(result: TaskResult) -> bool:
    """Return whether a task has no mark yet: it is marked by hand, or grading itself failed."""
    return result.status in ("to be marked", "not graded")


def events(one: Graded) -> list[str]:
    """Return what the submission did that a teacher may want to see, with the tasks it was graded for then."""
    tasks: dict[str, list[str]] = {}
    for result in one.tasks:
        faults = [TEXTS["fault"].format(fault=result.fault)] if result.fault else []
        for event in dict.fromkeys([*result.events, *faults]):
            tasks.setdefault(event, []).append(result.task)
    return [TEXTS["event"].format(event=event.rstrip("."), tasks=", ".join(names)) for event, names in tasks.items()]


def median(graded: list[Graded]) -> float:
    """Return the median of all points, 0 for no submission."""
    return statistics.median([one.points for one in graded]) if graded else 0.0
