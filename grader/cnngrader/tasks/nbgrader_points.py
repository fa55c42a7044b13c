"""Points inside the student's own process, for the autograder cells that nbgrader runs.

The same cases, criteria and names of mistakes as in `python -m cnngrader`, but not its protection: here the student's
code and what judges it share one process, so the points are worth no more than the tool that collects them.
"""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from cnncourse.checks.calling import Outcome, call_each
from cnncourse.checks.exercise import TOTAL_TIMEOUT
from cnncourse.checks.matching import Case

from .. import scoring, serialization
from ..assignments import all_tasks
from ..function_task import FunctionTask
from ..received import Cells, Received
from ..sandbox import Run
from ..task import AnsweredTask, Exercise, WrittenTask


def points(name: str, answer: Any = ..., seed: int | None = None) -> float:
    """Print what is said about an answer to the task `name` and return its points; raises AssertionError for none."""
    task = all_tasks()[name]
    if isinstance(task, WrittenTask):
        raise ValueError(f"name: got {name!r}, which is marked by hand")
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    cases = task.cases(seed)
    result = scoring.judge(task, Received(_run(task, cases, answer), cases, Cells({}), seed))
    message = "\n".join([f"{task.title}: {result.points:g} of {result.of:g} points", *result.paragraphs])
    if not result.points:  # nbgrader takes an error, and no number, for no points
        raise AssertionError(message)
    print(message)
    return float(result.points)


def _run(task: AnsweredTask[Exercise], cases: list[Case], answer: Any) -> Run:
    """Return what the sandbox would have sent for an answer."""
    run = Run()
    if isinstance(task, FunctionTask) and callable(answer):
        calls = [(task.arguments(case), len(case.values)) for case in cases]
        outcomes = call_each(answer, calls, task.call_seconds, TOTAL_TIMEOUT)
        run.messages += [_message(number, outcome) for number, outcome in enumerate(outcomes)]
        state = "there"
    elif isinstance(task, FunctionTask):
        state = "open" if answer is ... or answer is None else "no function"
    else:
        arrays: list[np.ndarray] = []
        run.messages.append(({"call": 0, "value": task.tree(answer, arrays)}, arrays))
        state = "there"
    run.messages.append(({"cells": [], "answer": state}, []))
    return run


def _message(number: int, outcome: Outcome) -> tuple[dict[str, Any], list[np.ndarray]]:
    if outcome.time_up:
        return {"call": number, "time_up": True}, []
    if outcome.error_type is not None:
        message = outcome.error.partition(": ")[2]
        error = {"type": outcome.error_type.__name__, "message": message, "line": outcome.line_number}
        return {"call": number, "error": error}, []
    arrays: list[np.ndarray] = []
    return {"call": number, "value": serialization.as_tree(outcome.value, arrays), "changed": outcome.changed}, arrays
