"""Points inside the student's own process, for the autograder cells that nbgrader runs.

The same cases, criteria and names of mistakes as in `python -m cnngrader`, but not its protection: here the student's
code and what judges it share one process, so the points are worth no more than the tool that collects them.
"""

from __future__ import annotations

import secrets
from typing import Any

from cnncourse.assignments.network import LAYERS
from cnncourse.checks.calling import Outcome, call_each
from cnncourse.checks.exercise import TOTAL_TIMEOUT

from .. import scoring, serialization
from ..assignments import all_tasks
from ..sandbox import Run


def points(name: str, answer: Any = ..., seed: int | None = None) -> float:
    """Print what is said about an answer to the task `name` and return its points; raises AssertionError for none."""
    task = all_tasks()[name]
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    cases = scoring.cases_of(task, seed)
    run = Run()
    state = "there" if cases == [] or callable(answer) else "open" if answer is ... or answer is None else "no function"
    run.messages.append(({"cells": [], "answer": state}, []))
    if cases and state == "there":
        calls = [(case.arguments(task.exercise.argument_names), len(case.values)) for case in cases]
        for number, outcome in enumerate(call_each(answer, calls, task.exercise.seconds, TOTAL_TIMEOUT)):
            run.messages.append(_message(number, outcome))
    elif state == "there":
        arrays: list[Any] = []
        if task.kind == "network":
            tree = serialization.network_tree(answer, arrays, LAYERS)
        else:
            tree = serialization.as_tree(answer, arrays)
        run.messages.append(({"call": 0, "value": tree}, arrays))
    result = scoring.judge(task, cases, run, seed, sources={})
    message = "\n".join([f"{task.title}: {result.points:g} of {result.of:g} points", *result.paragraphs])
    if not result.points:  # nbgrader takes an error, and no number, for no points
        raise AssertionError(message)
    print(message)
    return float(result.points)


def _message(number: int, outcome: Outcome) -> tuple[dict[str, Any], list[Any]]:
    if outcome.time_up:
        return {"call": number, "time_up": True}, []
    if outcome.error_type is not None:
        message = outcome.error.partition(": ")[2]
        error = {"type": outcome.error_type.__name__, "message": message, "line": outcome.line_number}
        return {"call": number, "error": error}, []
    arrays: list[Any] = []
    return {"call": number, "value": serialization.as_tree(outcome.value, arrays), "changed": outcome.changed}, arrays
