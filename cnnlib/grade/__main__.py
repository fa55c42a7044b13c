"""The command `python -m cnnlib.grade SUBMISSIONS --assignment 1 --output results`."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import assignments, grading, marks, report, sandbox, similarity
from .grading import Graded
from .submission import Submission, find
from .task import Assignment

NO_SANDBOX = (
    "bubblewrap was not found, or may not be used here. Install it (Debian, Ubuntu: apt-get install bubblewrap), grade "
    "in a container or virtual machine that holds nothing else, or add --no-sandbox-ok and accept this: "
)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m cnnlib.grade",
        description="Grade a folder of submissions. Nothing in them runs outside of a sandbox.",
    )
    parser.add_argument("submissions", type=Path, help="STUDENT.ipynb, STUDENT/*.ipynb, or nbgrader's submitted/")
    parser.add_argument("--assignment", required=True, help=f"one of {', '.join(assignments.names()) or '(none)'}")
    parser.add_argument("--output", type=Path, required=True, help="folder for grades.csv, feedback/ and summary.html")
    parser.add_argument("--jobs", type=int, default=2, help="submissions at a time; default: 2")
    parser.add_argument("--seed", type=int, help="of the hidden cases; default: a new one for each run")
    parser.add_argument("--fresh", action="store_true", help="grade all again, not only what changed")
    parser.add_argument("--marks", type=Path, help="marks given by hand: to_mark.csv, filled in")
    parser.add_argument("--no-sandbox-ok", action="store_true", help="grade without bubblewrap if it is not there")
    return parser


def main(given: Sequence[str] | None = None, assignment: Assignment | None = None) -> int:
    """Run the command and return its exit code. assignment: one that is in no file, for tests."""
    options = _arguments().parse_args(given)
    try:
        return _grade(options, assignment or assignments.find(options.assignment))
    except (ValueError, OSError) as error:
        print(f"cnnlib.grade: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped. What is graded is kept: the same command goes on from here.", file=sys.stderr)
        return 130


def _grade(options: argparse.Namespace, assignment: Assignment) -> int:
    if not options.submissions.is_dir():
        raise ValueError(f"submissions: got {str(options.submissions)!r}, expected a folder")
    if options.jobs < 1:
        raise ValueError(f"jobs: got {options.jobs}, expected 1 or more")
    wrapped = bool(sandbox.bubblewrap())
    if not wrapped and not options.no_sandbox_ok:
        raise ValueError(NO_SANDBOX + sandbox.UNPROTECTED)
    warning = "" if wrapped else sandbox.UNPROTECTED
    if warning:
        print(f"Warning: {warning}", file=sys.stderr)
    output = options.output
    (output / "feedback").mkdir(parents=True, exist_ok=True)
    given = _marks(options.marks, output / "to_mark.csv", assignment)
    found = {one.student: one for one in find(options.submissions, [task.name for task in assignment.tasks])}
    if not found:
        raise ValueError(f"submissions: got {str(options.submissions)!r}, where there is no notebook")
    started = time.monotonic()
    graded = _graded(options, assignment, list(found.values()), wrapped)
    remarks = marks.put_in(graded, found, assignment, given)
    _write(output, assignment, graded, found, given, warning, remarks)
    left = sum(marks.is_open(result) for one in graded for result in one.tasks)
    print(f"{len(graded)} submissions in {time.monotonic() - started:.0f} s, median {marks.median(graded):g} points.")
    print(
        f"Start with {output / 'summary.html'}"
        + (f"; {left} answers are in {output / 'to_mark.csv'}." if left else ".")
    )
    return 0


def _marks(path: Path | None, default: Path, assignment: Assignment) -> dict[tuple[str, str], marks.Mark]:
    """Return the marks of the table that was named, else those that were filled into the one of the last run."""
    if path is not None or default.is_file():
        return marks.read_marks(path or default, assignment)
    return {}


def _graded(
    options: argparse.Namespace, assignment: Assignment, submissions: list[Submission], wrapped: bool
) -> list[Graded]:
    from tqdm import tqdm

    seed = secrets.randbelow(1 << 31) if options.seed is None else options.seed
    results = grading.grade_all(
        assignment,
        submissions,
        options.output / "cache",
        seed,
        jobs=options.jobs,
        fresh=options.fresh,
        wrapped=wrapped,
        fixed_seed=options.seed is not None,
    )
    bar = tqdm(results, total=len(submissions), unit="submission", disable=None)
    return sorted(bar, key=lambda one: (one.student.casefold(), one.student))


def _write(
    output: Path,
    assignment: Assignment,
    graded: list[Graded],
    found: dict[str, Submission],
    given: dict[tuple[str, str], marks.Mark],
    warning: str,
    remarks: list[str],
) -> None:
    marks.write_grades(output / "grades.csv", assignment, graded, warning)
    if any(task.kind == "written" for task in assignment.tasks):
        marks.write_to_mark(output / "to_mark.csv", assignment, found, given)
    for one in graded:
        report.write_feedback(output / "feedback", assignment, one, found[one.student])
    groups = []
    for task in assignment.tasks:
        if task.kind in ("function", "network"):
            sources = {name: "\n".join(cell.source for cell in one.solution(task.name)) for name, one in found.items()}
            groups += similarity.groups(task.name, sources, task.stub)
    report.write_summary(output / "summary.html", assignment, graded, groups, warning, remarks)


if __name__ == "__main__":
    sys.exit(main())
