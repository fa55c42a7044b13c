"""The command `python -m cnngrader SUBMISSIONS --assignment 1 --output results`."""

from __future__ import annotations

import argparse
import contextlib
import functools
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from . import assignments, cluster, comments, gradebook, grading, marks, names, personal, report, sandbox, similarity
from .collecting import Collected, collect
from .function_task import FunctionTask
from .grading import Graded
from .network_task import NetworkTask
from .submission import Submission
from .tables import write_file
from .task import Assignment, WrittenTask
from .wording import ENGLISH, languages, speaking

COMMENTS = "comments.csv"
LAST_MARKS = "last_marks.txt"  # the table to mark as the last run left it
HELP = {
    "program": "Grade a folder of submissions. Nothing in them runs outside of a sandbox.",
    "assignment": "one of {names}",
    "no assignment": "(none)",
    "submissions": "STUDENT.ipynb, STUDENT.zip, STUDENT/*.ipynb, or nbgrader's submitted/",
    "output": "folder for grades.csv, feedback/ and summary.html",
    "jobs": "submissions at a time; default: 2",
    "scheduler": "of a Dask cluster that grades; see the guide",
    "seed": "of the hidden cases; default: a new one for each run",
    "fresh": "grade all again, not only what changed",
    "only": "grade this one; all others stay as they are",
    "names": "names of a learning platform; points come back so",
    "personal": "the notebooks have numbers of their own, for this course",
    "anonymous": "no names, and a shuffled order, in to_mark.csv",
    "marks": "marks given by hand: to_mark.csv, filled in",
    "language": "of the pages; default: that of each notebook, English for summary.html",
    "no-sandbox-ok": "grade without bubblewrap if it is not there",
}
TEXTS = {
    "failed": "cnngrader: {error}",
    "stopped": "\nStopped. What is graded is kept: the same command goes on from here.",
    "no sandbox": (
        "bubblewrap was not found, or may not be used here. Install it (Debian, Ubuntu: apt-get install bubblewrap), "
        "grade in a container or virtual machine that holds nothing else, or add --no-sandbox-ok and accept this: "
        "{risk}"
    ),
    "no folder": "submissions: got {folder!r}, expected a folder",
    "no notebook": "submissions: got {folder!r}, where there is no notebook",
    "jobs": "jobs: got {jobs}, expected 1 or more",
    "only": "only: got {name!r}, expected one of {names}",
    "warning": "Warning: {warning}",
    "note": "Note: {note}",
    "not read": "Not read: {what}",
    "student not read": "{student}: {problem}",
    "not graded": "Not graded: {name}: --only names others",
    "another table": "{file} lies beside {table} and is not read. Save it as {table}, or name it with --marks.",
    "unknown comment": "#{name} stands in a comment, and not in {table}.",
    "graded, one": "1 submission in {seconds:.0f} s; points: {median:g}.",
    "graded": "{count} submissions in {seconds:.0f} s, median {median:g} points.",
    "start": "Start with {summary}.",
    "start and mark": "Start with {summary}; to mark: {left} in {table}.",
    "correct": "cnngrader: These rows are still in {table}. Correct them there and repeat the command.",
}


def _arguments() -> argparse.ArgumentParser:
    named = ", ".join(assignments.names()) or HELP["no assignment"]
    parser = argparse.ArgumentParser(
        "python -m cnngrader",
        description=HELP["program"],
    )
    parser.add_argument("submissions", type=Path, help=HELP["submissions"])
    parser.add_argument("--assignment", required=True, help=HELP["assignment"].format(names=named))
    parser.add_argument("--output", type=Path, required=True, help=HELP["output"])
    parser.add_argument("--jobs", type=int, default=2, help=HELP["jobs"])
    parser.add_argument("--scheduler", metavar="ADDRESS", help=HELP["scheduler"])
    parser.add_argument("--seed", type=int, help=HELP["seed"])
    parser.add_argument("--fresh", action="store_true", help=HELP["fresh"])
    parser.add_argument("--only", action="append", metavar="STUDENT", help=HELP["only"])
    parser.add_argument("--names", type=Path, metavar="TABLE", help=HELP["names"])
    parser.add_argument("--personal", metavar="COURSE", help=HELP["personal"])
    parser.add_argument("--anonymous", action="store_true", help=HELP["anonymous"])
    parser.add_argument("--marks", type=Path, help=HELP["marks"])
    parser.add_argument("--language", choices=languages(), help=HELP["language"])
    parser.add_argument("--no-sandbox-ok", action="store_true", help=HELP["no-sandbox-ok"])
    return parser


def main(given: Sequence[str] | None = None, assignment: Assignment | None = None) -> int:
    """Run the command and return its exit code. assignment: one that is in no file, for tests."""
    options = _arguments().parse_args(given)
    try:
        with speaking(options.language or ENGLISH):
            return _grade(options, assignment or assignments.find(options.assignment))
    except (ValueError, OSError) as error:
        print(TEXTS["failed"].format(error=error), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(TEXTS["stopped"], file=sys.stderr)
        return 130


def _grade(options: argparse.Namespace, assignment: Assignment) -> int:
    if not options.submissions.is_dir():
        raise ValueError(TEXTS["no folder"].format(folder=str(options.submissions)))
    if options.jobs < 1:
        raise ValueError(TEXTS["jobs"].format(jobs=options.jobs))
    wrapped = bool(sandbox.bubblewrap())
    if not wrapped and not options.no_sandbox_ok:
        raise ValueError(TEXTS["no sandbox"].format(risk=sandbox.UNPROTECTED))
    warning = "" if wrapped else sandbox.UNPROTECTED
    if warning:
        print(TEXTS["warning"].format(warning=warning), file=sys.stderr)
    output = options.output
    (output / "feedback").mkdir(parents=True, exist_ok=True)
    table = output / "to_mark.csv"
    _tables(options.marks, table, assignment)  # what is no mark is said before the class is graded
    comments.begin(output / COMMENTS)
    comments.read_bank(output / COMMENTS)
    platform = names.read_names(options.names) if options.names else None
    collected = collect(options.submissions, [task.name for task in assignment.tasks], output)
    _say_what_was_not_read(collected)
    if platform:
        collected, said = names.renamed(collected, platform)
        _say_notes(said)
    found = {one.student: one for one in personal.settled(collected.submissions, assignment, options.personal or None)}
    if options.language:
        found = {name: replace(one, language=options.language) for name, one in found.items()}
    if not found:
        raise ValueError(TEXTS["no notebook"].format(folder=str(options.submissions)))
    started = time.monotonic()
    graded, same = _graded(options, assignment, found, wrapped)
    found = {one.student: found[one.student] for one in graded}
    grading.keep_last(output / "cache", graded)
    # Read again: somebody may have gone on marking in the meantime.
    matched = _matched(_tables(options.marks, table, assignment), found, assignment)
    last = output / "cache" / LAST_MARKS
    if last.is_file():
        with contextlib.suppress(ValueError):  # the assignment had other tasks then
            marks.put_back(matched, _matched([marks.read_rows(last, assignment)], found, assignment))
    bank = comments.read_bank(output / COMMENTS)
    marks.apply(graded, found, assignment, matched.rows, bank)
    uses, unknown = comments.used((row.comment for row in matched.rows.values()), bank)
    matched.notes.extend(TEXTS["unknown comment"].format(name=name, table=COMMENTS) for name in unknown)
    matched.notes.extend(_tables_beside(table, options.marks))
    counted = {bank[name]: count for name, count in uses.most_common()}
    _write(options, assignment, graded, found, matched, warning, same, counted)
    if table.is_file():
        write_file(last, table.read_bytes())
    if platform:
        names.write_points(output / "points.csv", platform, graded)
    left = sum(gradebook.is_open(result) for one in graded for result in one.tasks)
    seconds = time.monotonic() - started
    known = {"count": len(graded), "seconds": seconds, "median": gradebook.median(graded)}
    print(TEXTS["graded, one" if len(graded) == 1 else "graded"].format(**known))
    _say_notes(matched.notes)
    print(TEXTS["start and mark" if left else "start"].format(summary=output / "summary.html", left=left, table=table))
    for error in matched.errors:
        print(TEXTS["failed"].format(error=error), file=sys.stderr)
    if matched.errors:
        print(TEXTS["correct"].format(table=table), file=sys.stderr)
    return 1 if matched.errors else 0


def _say_notes(notes: Sequence[str]) -> None:
    for note in notes:
        print(TEXTS["note"].format(note=note))


def _say_what_was_not_read(collected: Collected) -> None:
    """Name on the terminal what lies among the submissions and is none, and what could not be read."""
    broken = [one for one in collected.submissions if one.problem]
    named = [TEXTS["student not read"].format(student=one.student, problem=one.problem) for one in broken]
    for what in [*collected.unread, *named]:
        print(TEXTS["not read"].format(what=what), file=sys.stderr)


def _tables(named: Path | None, default: Path, assignment: Assignment) -> list[list[marks.Row]]:
    """Return the rows of the table that was named, then those of the one of the last run."""
    paths = [path for path in (named, default) if path is not None and (path == named or path.is_file())]
    if len(paths) == 2 and paths[0].resolve() == paths[1].resolve():
        paths = paths[:1]
    return [marks.read_rows(path, assignment) for path in paths]


def _tables_beside(table: Path, named: Path | None) -> list[str]:
    """Say which files beside the table look like it, as a spreadsheet saves it under its own ending or sheet's name."""
    own = [path.resolve() for path in (table, named) if path is not None]
    found = [path for path in sorted(table.parent.iterdir()) if path.name.casefold().startswith(table.stem)]
    others = [path for path in found if path.is_file() and path.resolve() not in own and path.suffix != ".unfinished"]
    return [TEXTS["another table"].format(file=path.name, table=table.name) for path in others]


def _matched(tables: list[list[marks.Row]], found: dict[str, Submission], assignment: Assignment) -> marks.Matched:
    matched = [marks.match(rows, found, assignment) for rows in tables]
    return functools.reduce(marks.merged, matched) if matched else marks.Matched({}, [], [], [])


def _graded(
    options: argparse.Namespace, assignment: Assignment, found: dict[str, Submission], wrapped: bool
) -> tuple[list[Graded], set[str]]:
    """Return the results in the order of the students, and of whom they were left as they are."""
    from tqdm import tqdm

    cache = options.output / "cache"
    kept: dict[str, Graded] = {}
    if options.only:
        strange = [name for name in options.only if name not in found]
        if strange:
            raise ValueError(TEXTS["only"].format(name=strange[0], names=", ".join(sorted(found)[:20])))
        last = grading.last_results(cache, assignment)
        kept = {name: one for name, one in last.items() if name in found and name not in options.only}
        for name in found:
            if name not in kept and name not in options.only:
                print(TEXTS["not graded"].format(name=name))
        found = {name: found[name] for name in options.only}
    seed = secrets.randbelow(1 << 31) if options.seed is None else options.seed
    results = grading.grade_all(
        assignment,
        list(found.values()),
        cache,
        seed,
        jobs=options.jobs,
        fresh=options.fresh,
        wrapped=wrapped,
        fixed_seed=options.seed is not None,
        run=cluster.on(options.scheduler) if options.scheduler else None,
    )
    bar = tqdm(results, total=len(found), unit="submission", disable=None)
    return sorted([*bar, *kept.values()], key=lambda one: (one.student.casefold(), one.student)), set(kept)


def _write(
    options: argparse.Namespace,
    assignment: Assignment,
    graded: list[Graded],
    found: dict[str, Submission],
    matched: marks.Matched,
    warning: str,
    same: set[str],
    counted: dict[str, int],
) -> None:
    """Write tables and pages. same: whose page is there already. counted: comments of the bank and their uses."""
    output = options.output
    gradebook.write_grades(output / "grades.csv", assignment, graded, warning)
    if assignment.written:
        marks.write(output / "to_mark.csv", assignment, found, matched, options.anonymous)
    for one in graded:
        if one.student not in same or not (output / "feedback" / report.file_name(one.student)).is_file():
            report.write_feedback(output / "feedback", assignment, one, found[one.student])
    groups = []
    for task in assignment.tasks:
        if isinstance(task, (FunctionTask, NetworkTask)):
            sources = {name: "\n".join(cell.source for cell in one.solution(task.name)) for name, one in found.items()}
            groups += similarity.groups(task.name, sources, task.stub)
        elif isinstance(task, WrittenTask):
            texts = {name: grading.written_text(task, one) for name, one in found.items()}
            groups += similarity.groups_of_texts(task.name, texts, task.question)
    remarks = [*matched.errors, *matched.notes]
    report.write_summary(output / "summary.html", assignment, graded, groups, warning, remarks, counted)


if __name__ == "__main__":
    sys.exit(main())
