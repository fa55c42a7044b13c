"""Grading a folder of submissions: a process for each task, several submissions at a time, nothing done twice."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np

import cnnlib
from cnncourse import assignments as course_assignments
from cnncourse import checks
from cnncourse.assignments.network import LAYERS
from cnncourse.checks.matching import Case
from cnncourse.language import CATALOGUES as COURSE_CATALOGUES

from . import notebook_code, personal, sandbox, scoring
from .function_task import is_stub
from .received import Cells, Received
from .results import TaskResult
from .submission import Cell, Submission, missing
from .tables import write_file
from .task import AnsweredTask, AnyTask, Assignment, Exercise, WrittenTask
from .wording import everywhere, say, speaking, translated

CELLS_SHARE = 0.8  # of a process's time that one cell may take
LONGEST_CELL = 5.0  # seconds of one cell, where the package is not needed
MOST_NAMED = 20  # tasks in a remark
LAST = "last_run.txt"  # JSON; the other files of the cache are named *.json
TEXTS = {
    "alone": "Graded with the cells of this task alone: another cell of the notebook spoils it.",
    "uncovered": (
        "The first line of the cell keeps IPython from running the lines below it. They were graded as if it did not "
        "stand there."
    ),
    "copies": "The solution cell is there more than once. A copy that is as it was handed out was left out.",
    "solution cell": "the solution cell of “{title}”",
    "by hand": "Marked by hand.",
    "no text": "There is no text.",
    "no notebook": "There is no notebook to grade.",
    "elsewhere": "{task}: a part of the answer does not stand in its cell.",
    "missing": "Solution cells are missing or have lost their names: {tasks}.",
    "another": "The notebook is of another assignment: its tasks are {tasks}.",
}


@dataclass
class Graded:
    """The results of one submission: by task, with remarks for the teacher."""

    student: str
    tasks: list[TaskResult] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def points(self) -> float:
        """Return the points of all tasks together."""
        return sum(result.points for result in self.tasks)


@dataclass(frozen=True)
class Attempt:
    """One task, and the cells that it is graded with. note: what was done to them, a key of TEXTS."""

    task: AnsweredTask[Exercise]
    cells: list[Cell]
    note: str = ""


def _results(tasks: Sequence[AnyTask], submission: Submission, seed: int, wrapped: bool) -> list[TaskResult]:
    """Return the results of these tasks, whose cells are of the kind that they ask for.

    The notebook runs as a whole; where that does not give all points, once more with only the cells that the task
    needs, so that what goes wrong elsewhere costs nothing here, and a magic above a solution neither.
    """
    answered = [task for task in tasks if isinstance(task, AnsweredTask)]
    submission = submission.as_meant([task.name for task in answered], [])
    titles = {task.name: task.title for task in tasks}
    code = submission.code()
    first = _graded([Attempt(task, code) for task in answered], seed, wrapped, titles)
    again = {}
    for task, result in zip(answered, first):
        settled = result.fault or task.is_settled(result) or not submission.solution(task.name)
        if not settled and (attempt := _needed(task, submission)).cells != code:
            again[task.name] = attempt
    second = dict(zip(again, _graded(list(again.values()), seed, wrapped, titles)))
    found = {result.task: result for result in first}
    for name, result in second.items():
        found[name] = _better(found[name], result, again[name].note)
    return [written_result(task, submission) if isinstance(task, WrittenTask) else found[task.name] for task in tasks]


def _needed(task: AnsweredTask[Exercise], submission: Submission) -> Attempt:
    """Return a task with the cells that it needs, its own without a magic that keeps them from running.

    Of several cells with its name, those that are as they were handed out are left out.
    """
    cells = submission.needed(task.name)
    untouched = [cell for cell in cells if cell.task == task.name and is_stub(cell.source, task.stub)]
    if untouched and len(untouched) < len(submission.solution(task.name)):
        return Attempt(task, [cell for cell in cells if cell not in untouched], "copies")
    bare = [replace(cell, source=notebook_code.uncovered(cell.source)) if cell.task else cell for cell in cells]
    return Attempt(task, bare, "alone" if bare == cells else "uncovered")


def _better(first: TaskResult, second: TaskResult, note: str) -> TaskResult:
    """Return which of two results counts. note: what was done to the cells of the second one."""
    if second.fault or second.points < first.points or (second.points == first.points and note == "alone"):
        return first
    second.events = list(dict.fromkeys([*first.events, *second.events]))
    second.paragraphs.append(translated(TEXTS[note]))
    return second


def _graded(attempts: list[Attempt], seed: int, wrapped: bool, titles: Mapping[str, str]) -> list[TaskResult]:
    """Return the results of the attempts, which run together where they may."""
    cases = [attempt.task.cases(seed) for attempt in attempts]
    jobs = [_job(attempt, inputs) for attempt, inputs in zip(attempts, cases)]
    runs: dict[int, sandbox.Run] = {}
    for needs in dict.fromkeys(attempt.task.needs for attempt in attempts):
        places = [k for k, attempt in enumerate(attempts) if attempt.task.needs == needs]
        runs |= zip(places, sandbox.run_all([jobs[k] for k in places], needs, wrapped))
    return [
        scoring.judge(attempt.task, Received(runs[k], cases[k], _cells(attempt, titles), seed))
        for k, attempt in enumerate(attempts)
    ]


def _cells(attempt: Attempt, titles: Mapping[str, str]) -> Cells:
    return Cells(
        {f"<cell {cell.place}>": cell.source for cell in attempt.cells},
        [cell.source for cell in attempt.cells if cell.task == attempt.task.name],
        {f"<cell {cell.place}>": _called(cell, titles) for cell in attempt.cells},
    )


def _called(cell: Cell, titles: Mapping[str, str]) -> str:
    """Return what a reader calls a cell."""
    if cell.task in titles:
        return say(TEXTS["solution cell"], title=translated(titles[cell.task]))
    return cell.beginning()


def _job(attempt: Attempt, cases: list[Case]) -> sandbox.Job:
    """Return what the worker is told: cells and inputs, and nothing about what is right."""
    arrays: list[np.ndarray] = []
    task, longest = attempt.task, CELLS_SHARE * attempt.task.seconds
    content = {
        "cells": [[cell.place, cell.source] for cell in attempt.cells],
        "kind": task.kind,
        "answer": task.answer,
        "layers": LAYERS,
        "calls": task.calls(cases, arrays),
        "call_seconds": task.call_seconds,
        "cell_seconds": longest if task.needs == "cnnlib" else min(longest, LONGEST_CELL),
    }
    return sandbox.Job(content, arrays, sandbox.Limits(task.seconds, task.megabytes, task.output_bytes(cases)))


def written_result(task: WrittenTask, submission: Submission) -> TaskResult:
    """Return whether there is a text to mark."""
    text = written_text(task, submission)
    result = TaskResult(task.name, task.points, status="to be marked" if text else "not yet")
    result.say(translated(TEXTS["by hand" if text else "no text"]))
    return result


def written_text(task: WrittenTask, submission: Submission) -> str:
    """Return the written answer to a task, wherever it stands, "" if all is as it was handed out."""
    return "\n\n".join([*_own_text(task, submission), *_text_elsewhere(task, submission)])


def _own_text(task: WrittenTask, submission: Submission) -> list[str]:
    """Return what stands in the cell of the answer, [] for what was handed out."""
    own = "\n\n".join(cell.source for cell in submission.solution(task.name)).strip()
    return [own] if own not in ("", *(stub.strip() for stub in everywhere(task.stub))) else []


def _text_elsewhere(task: WrittenTask, submission: Submission) -> list[str]:
    """Return what stands below the question; where there is no answer at all, what stands above it."""
    found = submission.elsewhere(task.name, everywhere(task.question))
    return found if found or _own_text(task, submission) else submission.above(task.name)


def grade(assignment: Assignment, submission: Submission, seed: int, wrapped: bool = True) -> Graded:
    """Return the results of one submission, in the language that it is answered in."""
    with speaking(submission.language):
        return _grade(assignment, submission, seed, wrapped)


def _grade(assignment: Assignment, submission: Submission, seed: int, wrapped: bool) -> Graded:
    assignment = personal.with_numbers_of(assignment, submission.seed)
    written = [task.name for task in assignment.written]
    submission = submission.as_meant([task.name for task in assignment.answered], written)
    graded = Graded(submission.student, remarks=list(submission.remarks), problem=submission.problem)
    if submission.problem:
        graded.tasks = [
            TaskResult(task.name, task.points, paragraphs=[translated(TEXTS["no notebook"])])
            for task in assignment.tasks
        ]
        return graded
    graded.tasks = _results(assignment.tasks, submission, seed, wrapped)
    lost = missing(submission, [task.name for task in assignment.tasks])
    for question in assignment.written:
        if _text_elsewhere(question, submission):
            graded.remarks.append(say(TEXTS["elsewhere"], task=question.name))
    if lost:
        there = list(dict.fromkeys(cell.task for cell in submission.cells if cell.task))
        key, named = ("another", there) if there and len(lost) == len(assignment.tasks) else ("missing", lost)
        graded.remarks.append(say(TEXTS[key], tasks=", ".join(named[:MOST_NAMED])))
    return graded


# ---- a whole class --------------------------------------------------------------------------------------------------


Runner = Callable[[Assignment, list[Submission], int, bool], Iterator[Graded]]


def here(jobs: int) -> Runner:
    """Return what grades on this computer, `jobs` submissions at a time."""

    def run(assignment: Assignment, submissions: list[Submission], seed: int, wrapped: bool) -> Iterator[Graded]:
        with ThreadPoolExecutor(jobs) as pool:
            waiting = [pool.submit(grade, assignment, submission, seed, wrapped) for submission in submissions]
            try:
                for done in as_completed(waiting):
                    yield done.result()
            finally:
                pool.shutdown(cancel_futures=True)

    return run


def grade_all(
    assignment: Assignment,
    submissions: list[Submission],
    cache: Path,
    seed: int,
    *,
    jobs: int = 2,
    fresh: bool = False,
    wrapped: bool = True,
    fixed_seed: bool = False,
    run: Runner | None = None,
) -> Iterator[Graded]:
    """Yield the results as they are ready; those of unchanged submissions from `cache`, the others from `run`."""
    cache.mkdir(parents=True, exist_ok=True)
    version = version_of(assignment, wrapped, seed if fixed_seed else None)
    places = {}
    changed = []
    for submission in submissions:
        given = (submission.student, submission.digest, submission.seed, submission.remarks, submission.language)
        key = hashlib.sha256(f"{version} {given}".encode("utf-8", "replace")).hexdigest()[:32]
        places[submission.student] = path = cache / f"{key}.json"
        known = None if fresh else _kept(path, assignment, submission)
        if known:
            yield known
        else:
            changed.append(submission)
    for graded in (run or here(jobs))(assignment, changed, seed, wrapped):
        if not graded.problem and not any(result.fault for result in graded.tasks):
            _keep(places[graded.student], graded)
        yield graded


def version_of(assignment: Assignment, wrapped: bool, seed: int | None) -> str:
    """Return what results depend on besides the submission: the code that judges it, limits, the sandbox."""
    digest = hashlib.sha256()
    packages = [Path(one.__path__[0]) for one in (cnnlib, checks, course_assignments)]
    for package in (sandbox.HERE, *packages, COURSE_CATALOGUES):
        for path in sorted([*package.rglob("*.py"), *package.rglob("*.mo")]):
            digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    tasks = [(task.name, task.points, task.seconds, task.megabytes) for task in assignment.tasks]
    digest.update(repr((assignment.name, assignment.version, tasks, wrapped, seed, np.__version__)).encode())
    return digest.hexdigest()


def last_results(cache: Path, assignment: Assignment) -> dict[str, Graded]:
    """Return the results of the last run by student, whatever has changed since, without marks given by hand."""
    try:
        kept = json.loads((cache / LAST).read_text(encoding="utf-8"))
        found = [
            Graded(one["student"], [TaskResult(**task) for task in one["tasks"]], one["remarks"], one["problem"])
            for one in kept
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    names = [task.name for task in assignment.tasks]
    return {one.student: one for one in found if [task.task for task in one.tasks] == names}


def keep_last(cache: Path, graded: list[Graded]) -> None:
    """Keep the results of a run, for one that grades a single late student."""
    write_file(cache / LAST, json.dumps([asdict(one) for one in graded]).encode())


def _keep(path: Path, graded: Graded) -> None:
    content = {"student": graded.student, "remarks": graded.remarks, "tasks": [one.as_json() for one in graded.tasks]}
    write_file(path, json.dumps(content).encode())


def _kept(path: Path, assignment: Assignment, submission: Submission) -> Graded | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        tasks = [TaskResult(**one) for one in content["tasks"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if [one.task for one in tasks] != [task.name for task in assignment.tasks]:
        return None
    return Graded(submission.student, tasks, content["remarks"])
