"""Comparing what came out of the sandbox with the right answers, and giving points for it.

Nothing here is shown to a submission, and nothing here runs a part of it. How each kind of task judges an answer
stands with that kind: `function_task.py`, `prediction_task.py`, `network_task.py`.
"""

from __future__ import annotations

import difflib
import re
import warnings
from typing import Any

import numpy as np

from . import results
from .received import Cells, Received
from .results import TaskResult
from .task import AnsweredTask, Exercise
from .wording import listed, say, translated

FUNCTION = re.compile(r"^(?:async +)?def +(\w+)", re.MULTILINE)
ASSIGNED = re.compile(r"^(\w+) *(?::[^=\n]*)?=(?!=)", re.MULTILINE)
MOST_EVENTS = 12
TEXTS = {
    "fault": "This task could not be graded: the sandbox did not work. That is not your fault.",
    "ended": "The notebook's cells did not come to their end: {why}.",
    "ended, why": "the process ended",
    "ended, in short": "ended early",
    "missing": "The notebook defines nothing named `{answer}`.",
    "open": "`{answer}` is still `...`.",
    "no function": "`{answer}` is no function.",
    "renamed": "Its cells define {names}. The grading looks for `{answer}`, and for nothing else.",
    "renamed, event": "no {answer}, but {names}",
    "renamed, in short": "another name",
    "not comparable": "The answer could not be compared with the right one ({error}).",
    "not comparable, in short": "not comparable",
    "errors": "On the way a cell ended with an error: see the top of the page.",
}


def judge(task: AnsweredTask[Exercise], received: Received) -> TaskResult:
    """Return what a run of a task came to."""
    run = received.run
    result = TaskResult(task.name, task.points, seconds=round(run.seconds, 2))
    result.events = received.events()[:MOST_EVENTS]
    if run.ended:
        result.events.append(run.ended)
    if run.fault:
        result.status, result.fault = "not graded", run.fault
        result.say(translated(TEXTS["fault"]))
        return result
    state, result.errors = received.state(), received.errors()
    result.events += result.errors
    if state is None:
        result.say(
            say(TEXTS["ended"], why=run.ended or translated(TEXTS["ended, why"])), mistake=TEXTS["ended, in short"]
        )
        return result
    if state["answer"] != "there":
        _without_answer(task, result, state["answer"], received.cells)
        return result
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            task.judge(received, result)
        except Exception as error:  # a comparison that fails must not end the grading of a class
            result.points, result.status = 0.0, "wrong"
            said = say(TEXTS["not comparable"], error=type(error).__name__)
            result.say(said, mistake=TEXTS["not comparable, in short"])
    if result.status != "right" and result.errors:
        result.paragraphs.append(translated(TEXTS["errors"]))
    return result


def _without_answer(task: AnsweredTask[Exercise], result: TaskResult, state: Any, cells: Cells) -> None:
    """Say why there is nothing to judge. state: a word out of the sandbox."""
    key = state if state in ("missing", "open") else "no function"
    result.say(say(TEXTS[key], answer=task.answer))
    if key == "open" or (key == "missing" and not result.errors):
        result.status = "not yet"
    else:
        result.mistake = results.TEXTS[f"no {task.kind}"]
    names = _other_names(task.answer, cells) if key == "missing" else []
    if names:
        result.status, result.mistake = "wrong", TEXTS["renamed, in short"]
        said = listed(f"`{name}`" for name in names)
        result.paragraphs.append(say(TEXTS["renamed"], names=said, answer=task.answer))
        result.events.append(say(TEXTS["renamed, event"], answer=task.answer, names=listed(names)))


def _other_names(answer: str, cells: Cells) -> list[str]:
    """Return what the cells of a task define in the place of its answer."""
    names = _defined("\n".join(cells.own))
    if not names:
        names = difflib.get_close_matches(answer, _defined("\n".join(cells.sources.values()))[:200], 3, 0.8)
    return [] if answer in names else names[:5]


def _defined(source: str) -> list[str]:
    """Return the names that a text defines at its margin, functions first. It is not parsed, for it may be anything."""
    functions = [found[1][:60] for found in FUNCTION.finditer(source)]
    return list(dict.fromkeys([*functions, *(found[1][:60] for found in ASSIGNED.finditer(source))]))
