"""Grading a folder of submissions: one process for each task, several submissions at a time, nothing done twice."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from . import judge, sandbox, wire
from .submission import Cell, Submission, missing
from .task import Assignment, Task

CELLS_SHARE = 0.8  # of a process's time that one cell may take
LONGEST_CELL = 5.0  # seconds of one cell, where the package is not needed
OUTPUT_BYTES = 1 << 20  # of results, beyond four times what the right ones need
NETWORK_BYTES = 32 << 20


@dataclass
class Graded:
    """The results of one submission: by task, with remarks for the teacher."""

    student: str
    tasks: list[judge.TaskResult] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    problem: str = ""

    @property
    def points(self) -> float:
        """Return the points of all tasks together."""
        return sum(result.points for result in self.tasks)


def grade_task(task: Task, submission: Submission, seed: int, wrapped: bool) -> judge.TaskResult:
    """Return the result of one task.

    The notebook runs as a whole; where that does not give all points, once more with only the cells that the task
    needs, so that what goes wrong elsewhere costs nothing here.
    """
    if task.kind == "written":
        return _written(task, submission)
    cases = judge.cases_of(task, seed)
    code, needed = submission.code(), submission.needed(task.name)
    first = _graded(task, cases, code, seed, wrapped)
    if first.fault or first.points >= task.points or len(needed) == len(code) or not submission.solution(task.name):
        return first
    if first.mistake == judge.SAYS["time"][1] or (task.kind == "network" and first.status != "wrong"):
        return first
    second = _graded(task, cases, needed, seed, wrapped)
    if second.fault or second.points <= first.points:
        return first
    second.events = list(dict.fromkeys([*first.events, *second.events]))
    second.paragraphs.append("Graded with the cells of this task alone: another cell of the notebook spoils it.")
    return second


def _graded(task: Task, cases: list[Any], cells: list[Cell], seed: int, wrapped: bool) -> judge.TaskResult:
    content, arrays, expected = _message(task, cases, cells)
    most = NETWORK_BYTES if task.kind == "network" else OUTPUT_BYTES + 4 * expected
    limits = sandbox.Limits(task.seconds, task.megabytes, most)
    done = sandbox.run(content, arrays, limits, task.needs, wrapped)
    return judge.judge(task, cases, done, seed, {f"<cell {cell.place}>": cell.source for cell in cells})


def _message(task: Task, cases: list[Any], cells: list[Cell]) -> tuple[dict[str, Any], list[np.ndarray], int]:
    """Return what the worker is told: cells and inputs, and nothing about what is right; and the bytes that that is."""
    arrays: list[np.ndarray] = []
    calls, expected = [], 0
    for case in cases:
        arguments = case.arguments(task.exercise.argument_names)
        pairs = [[name, wire.as_tree(value, arrays)] for name, value in arguments.items()]
        calls.append({"arguments": pairs, "positional": len(case.values)})
        right: list[np.ndarray] = []
        wire.as_tree(task.exercise.truth(**arguments), right)
        expected += sum(array.nbytes for array in right) + 1000
    longest = CELLS_SHARE * task.seconds
    content = {
        "cells": [[cell.place, cell.source] for cell in cells],
        "kind": task.kind,
        "answer": task.answer,
        "calls": calls,
        "call_seconds": getattr(task.exercise, "seconds", 2.0),
        "cell_seconds": longest if task.needs == "cnnlib" else min(longest, LONGEST_CELL),
    }
    return content, arrays, expected


def _written(task: Task, submission: Submission) -> judge.TaskResult:
    text = written_text(task, submission)
    result = judge.TaskResult(task.name, task.points, status="to be marked" if text else "not yet")
    result.paragraphs = ["Marked by hand."] if text else ["There is no text."]
    return result


def written_text(task: Task, submission: Submission) -> str:
    """Return the written answer to a task, "" if it is as it was handed out."""
    text = "\n\n".join(cell.source for cell in submission.solution(task.name)).strip()
    return "" if text == task.stub.strip() else text


def grade(assignment: Assignment, submission: Submission, seed: int, wrapped: bool = True) -> Graded:
    """Return the results of one submission."""
    graded = Graded(submission.student, remarks=list(submission.remarks), problem=submission.problem)
    if submission.problem:
        graded.tasks = [
            judge.TaskResult(task.name, task.points, paragraphs=["There is no notebook to grade."])
            for task in assignment.tasks
        ]
        return graded
    for task in assignment.tasks:
        graded.tasks.append(grade_task(task, submission, seed, wrapped))
    lost = missing(submission, [task.name for task in assignment.tasks])
    if lost:
        graded.remarks.append(f"Solution cells are missing or have lost their names: {', '.join(lost)}.")
    return graded


# ---- a whole class --------------------------------------------------------------------------------------------------


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
) -> Iterator[Graded]:
    """Yield the results, `jobs` submissions at a time, as they are ready; those of unchanged ones from `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    version = _version(assignment, wrapped, seed if fixed_seed else None)

    def one(submission: Submission) -> Graded:
        key = hashlib.sha256(f"{version} {submission.student} {submission.digest}".encode()).hexdigest()[:32]
        path = cache / f"{key}.json"
        known = None if fresh else _kept(path, assignment, submission)
        if known:
            return known
        graded = grade(assignment, submission, seed, wrapped)
        if not graded.problem and not any(result.fault for result in graded.tasks):
            _keep(path, graded)
        return graded

    with ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(one, submission) for submission in submissions]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _version(assignment: Assignment, wrapped: bool, seed: int | None) -> str:
    """Return what results depend on besides the submission: the package's own code, limits, the sandbox."""
    digest, package = hashlib.sha256(), sandbox.HERE.parent
    for path in sorted([*package.glob("*.py"), *package.glob("checks/*.py"), *package.glob("grade/**/*.py")]):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0" + path.read_bytes())
    tasks = [(task.name, task.points, task.seconds, task.megabytes) for task in assignment.tasks]
    digest.update(repr((assignment.name, assignment.version, tasks, wrapped, seed, np.__version__)).encode())
    return digest.hexdigest()


def _keep(path: Path, graded: Graded) -> None:
    content = {"student": graded.student, "remarks": graded.remarks, "tasks": [one.as_json() for one in graded.tasks]}
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    os.replace(unfinished, path)


def _kept(path: Path, assignment: Assignment, submission: Submission) -> Graded | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        tasks = [judge.TaskResult(**one) for one in content["tasks"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if [one.task for one in tasks] != [task.name for task in assignment.tasks]:
        return None
    return Graded(submission.student, tasks, content["remarks"])
