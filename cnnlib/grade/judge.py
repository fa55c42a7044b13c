"""Comparing what came out of the sandbox with the right answers, and giving points for it.

Nothing here is shown to a submission, and nothing here runs a part of it. What is said to a student names mistakes and
kinds of cases; the numbers of a hidden case are not told.
"""

from __future__ import annotations

import builtins
import math
import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from ..checks.calling import Outcome, copied
from ..checks.comparing import a_kind_of, difference
from ..checks.exercise import HINTS, Case, FunctionExercise, Trial
from ..checks.result import Text
from . import network, wire
from .sandbox import Run
from .task import Aspect, Task

SYMBOLS = {"right": "✓", "partly": "◐", "wrong": "✗", "not yet": "…", "to be marked": "✎", "not graded": "!"}
SAYS = {  # what a wrong result differs in, without the numbers, and the name of that in the teacher's table
    "type": ("The result is not of the kind that the task asks for", "wrong kind of result"),
    "dtype": ("The result has another dtype than the task asks for", "wrong dtype"),
    "shape": ("The result has the wrong shape", "wrong shape"),
    "value": ("The result has wrong numbers", "wrong numbers"),
    "changed": (
        "The function changes one of its arguments: whoever calls it still needs the old numbers",
        "argument changed",
    ),
    "nothing": ("The function gives None: is a `return` missing?", "nothing returned"),
    "open": ("The function still gives `...`", "not done"),
    "time": ("The function takes too long, and was stopped", "too slow, or endless"),
    "error": ("The function ends with an error", "error"),
    "unreached": ("The process ended before the function was done", "ended early"),
    "unreadable": ("The result could not be read", "unreadable"),
}


@dataclass
class TaskResult:
    """What is said about one task of one submission.

    paragraphs: for the student, `code` between backticks; one that begins with spaces keeps its form. events: what
    the submission did that a solution has no reason to do, errors in its cells, how its process ended. fault: grading
    itself failed.
    """

    task: str
    of: float
    points: float = 0.0
    status: str = "wrong"
    mistake: str = ""
    paragraphs: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    fault: str = ""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the result in a form that JSON holds."""
        return asdict(self)


def half_down(points: float) -> float:
    """Return `points` rounded down to a half.

    >>> half_down(2.9)
    2.5
    """
    return math.floor(2 * points + 1e-9) / 2


def judge(task: Task, cases: list[Case], run: Run, seed: int, sources: Mapping[str, str]) -> TaskResult:
    """Return what a run came to.

    cases: as they were sent in, the last one of a function task being the first again. sources: the text of each cell,
    by the name that it runs under.
    """
    result = TaskResult(task.name, task.points, seconds=round(run.seconds, 2))
    result.events = [said for content, _ in run.messages if (said := _said(content, "event", 120))][:12]
    if run.ended:
        result.events.append(run.ended)
    if run.fault:
        result.status, result.fault = "not graded", run.fault
        result.paragraphs = ["This task could not be graded: the sandbox did not work. That is not your fault."]
        return result
    state = next((content for content, _ in run.messages if "answer" in content and "cells" in content), None)
    errors = _errors(state)
    result.events += errors
    if state is None:
        why = run.ended or "the process ended"
        result.mistake, result.paragraphs = "ended early", [f"The notebook's cells did not come to their end: {why}."]
        return result
    if state["answer"] != "there":
        return _without_answer(task, result, state["answer"], bool(errors))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            if task.kind == "function":
                _function(task, cases, run, sources, result)
            elif task.kind == "prediction":
                _prediction(task, run, result)
            else:
                _network(task, run, seed, result)
        except Exception as error:  # a comparison that fails must not end the grading of a class
            result.points, result.status, result.mistake = 0.0, "wrong", "not comparable"
            result.paragraphs = [f"The answer could not be compared with the right one ({type(error).__name__})."]
    if result.status != "right" and errors:
        result.paragraphs.append("On the way a cell ended with an error; see below.")
    return result


def _errors(state: Mapping[str, Any] | None) -> list[str]:
    """Return the errors of cells, in words. There are no hidden numbers yet when cells run."""
    cells = state.get("cells") if state else None
    said = []
    for error in cells[:10] if isinstance(cells, list) else []:
        if isinstance(error, dict):
            place = _said(error, "cell", 20).strip("<>")
            line = f", line {error['line']}" if type(error.get("line")) is int else ""
            kind, message = _type(error), _said(error, "message", 200)
            what = message if kind == "TimeUp" else f"{kind}: {message}" if message else kind
            said.append(f"{place or 'a cell'}{line}: {what}")
    return said


def _said(message: Mapping[str, Any], key: str, most: int) -> str:
    """Return a text out of the sandbox, "" for anything else: lists in lists could not even be written down."""
    said = message.get(key)
    return said[:most] if isinstance(said, str) else ""


def _type(error: Any) -> str:
    name = _said(error, "type", 100) if isinstance(error, dict) else "error"
    return name if name.isidentifier() and len(name) <= 60 else "error"


def _without_answer(task: Task, result: TaskResult, state: Any, errors: bool) -> TaskResult:
    says = {
        "missing": f"The notebook defines nothing named `{task.answer}`.",
        "open": f"`{task.answer}` is still `...`.",
    }.get(state if isinstance(state, str) else "", f"`{task.answer}` is no function.")
    result.paragraphs = [says]
    result.status = "not yet" if state == "open" or (state == "missing" and not errors) else "wrong"
    result.mistake = "" if result.status == "not yet" else f"no {task.kind}"
    return result


# ---- a function -----------------------------------------------------------------------------------------------------


def cases_of(task: Task, seed: int) -> list[Case]:
    """Return the cases of a function task for `seed`, the smallest first, and that one once more at the end."""
    if not isinstance(task.exercise, FunctionExercise):
        return []
    cases = sorted(task.exercise.cases(np.random.default_rng(seed)), key=Case.size)
    return [*cases, cases[0]]


def _answers(run: Run) -> dict[int, tuple[dict[str, Any], list[np.ndarray]]]:
    """Return the first message for each case."""
    found: dict[int, tuple[dict[str, Any], list[np.ndarray]]] = {}
    for content, arrays in run.messages:
        if type(content.get("call")) is int:
            found.setdefault(content["call"], (content, arrays))
    return found


def _outcome(content: dict[str, Any], arrays: list[np.ndarray]) -> Outcome:
    """Return a message about one case as the checks know it; raises wire.Unreadable."""
    if content.get("time_up") is True:
        return Outcome(time_up=True)
    error = content.get("error")
    if isinstance(error, dict):
        kind = getattr(builtins, _type(error), None)
        kind = kind if isinstance(kind, type) and issubclass(kind, BaseException) else Exception
        line = error.get("line")
        message = re.sub(r"\d+", "#", _said(error, "message", 1000))[:160]  # a number here may be one of the case's
        text = _type(error) + (f": {message}" if message else "")
        place = _said(error, "cell", 20)
        return Outcome(error=text, error_type=kind, line_number=line if type(line) is int else None, line=place)
    if "value" not in content:
        raise wire.Unreadable("no answer")
    changed = content.get("changed")
    changed = [name[:60] for name in changed if isinstance(name, str)][:10] if isinstance(changed, list) else []
    return Outcome(value=wire.plain(content["value"], arrays), changed=changed)


def _trial(exercise: FunctionExercise, case: Case, answer: Any) -> tuple[Trial, str]:
    """Return the trial of one case, and what kind of problem it has, "" for none."""
    arguments = case.arguments(exercise.argument_names)
    expected = exercise.truth(**copied(arguments))
    if answer is None:
        return Trial(case, arguments, Outcome(time_up=True), expected, None), "unreached"
    try:
        outcome = _outcome(*answer)
    except wire.Unreadable:
        return Trial(case, arguments, Outcome(time_up=True), expected, None), "unreadable"
    problem = None
    if outcome.time_up:
        kind = "time"
    elif outcome.error_type is not None:
        kind = "error"
    elif outcome.changed:
        kind = "changed"
    elif outcome.value is None:
        kind = "nothing"
    elif outcome.value is ...:
        kind = "open"
    else:
        problem = difference(outcome.value, expected, exercise.relative)
        kind = problem.kind if problem else ""
    return Trial(case, arguments, outcome, expected, problem), kind


def _function(task: Task, cases: list[Case], run: Run, sources: Mapping[str, str], result: TaskResult) -> None:
    exercise = task.exercise
    answers = _answers(run)
    judged = [_trial(exercise, case, answers.get(number)) for number, case in enumerate(cases)]
    *once, (_, again) = judged
    if all(kind in ("open", "nothing") for _, kind in once):
        result.status = "not yet"
        result.paragraphs = ["The function is still the stub: it gives nothing."]
        return
    failed = [(trial, kind) for trial, kind in once if kind]
    if not failed and again and again not in ("unreached",):
        result.points, result.status = half_down(task.points / 2), "partly"
        result.mistake = "left over from the call before"
        result.paragraphs = [
            "All cases came out right, but the first one, tried again, does not: is something left over from the call "
            "before? Make the arrays that you fill inside the function."
        ]
        return
    if not failed:
        result.points, result.status = float(task.points), "right"
        result.paragraphs = [f"{len(once)} cases: {exercise.tried}"]
        return
    result.points, of_aspects = _points(task, [(trial, not kind) for trial, kind in once])
    result.status = "partly" if result.points else "wrong"
    _name_the_mistake(task, result, once, failed, sources)
    result.paragraphs.append(f"Right: {len(once) - len(failed)} of {len(once)} cases.{of_aspects}")
    result.paragraphs.append(f"`checks.{task.name}({task.answer})` in the notebook shows such a case with its numbers.")


def _name_the_mistake(
    task: Task, result: TaskResult, once: list[Any], failed: list[Any], sources: Mapping[str, str]
) -> None:
    exercise = task.exercise
    trial, kind = failed[0]
    mistake = None
    if kind not in ("changed", "nothing", "open", "time", "unreached", "unreadable"):
        mistake = exercise.named([trial for trial, _ in once])
    if mistake:
        result.paragraphs.append(f"The mistake: {mistake.name}. {mistake.says}")
    elif kind in ("value", "shape", "error") and (likely := exercise.likely([one for one, _ in failed])):
        result.paragraphs.append(likely.text)
    says, result.mistake = SAYS[kind]
    if mistake:
        result.mistake = mistake.name
    if kind == "type":
        says = f"The result is {_kind(trial.outcome.value)}, expected {_kind(trial.expected)}"
    where = kind_of_case(task, trial.arguments)
    result.paragraphs.append(f"{says}. The smallest such case: {where}." if where else f"{says}.")
    if kind == "error":
        lines = sources.get(trial.outcome.line, "").splitlines()
        number = trial.outcome.line_number or 0
        place = f"    line {number}: {lines[number - 1].strip()}\n" if 0 < number <= len(lines) else ""
        result.paragraphs.append(f"{place}    {trial.outcome.error}")
        hint = next((text for error, text in HINTS.items() if issubclass(trial.outcome.error_type, error)), "")
        result.paragraphs += [hint] if hint else []


def _kind(value: Any) -> str:
    """Return what a value is, in words, without its numbers."""
    if isinstance(value, np.ndarray):
        return "a NumPy array"
    if isinstance(value, (bool, int, float, np.generic)):
        return f"a number ({type(value).__name__})"
    if isinstance(value, tuple):
        return f"{len(value)} values"
    return a_kind_of(value)


def kind_of_case(task: Task, arguments: Mapping[str, Any]) -> str:
    """Return words for a hidden case that do not give its numbers away."""
    if task.kind_of_case:
        return task.kind_of_case(arguments)
    parts = []
    if any(isinstance(value, np.ndarray) for value in arguments.values()):
        for name, value in arguments.items():
            if isinstance(value, np.ndarray):
                parts.append(f"`{name}` of shape {' × '.join(map(str, value.shape)) or '()'}")
            elif isinstance(value, (int, tuple, str)) and len(str(value)) < 40:
                parts.append(f"{name} {value}")
    aspect = _aspect(task, arguments)
    return ", ".join(dict.fromkeys([*parts, *([aspect.name] if aspect else [])]))


def _aspect(task: Task, arguments: Mapping[str, Any]) -> Aspect | None:
    return next((aspect for aspect in task.aspects if aspect.when is None or aspect.when(arguments)), None)


def _points(task: Task, judged: list[tuple[Trial, bool]]) -> tuple[float, str]:
    """Return the points for cases of which some are wrong, and a sentence on the aspects."""
    if not task.aspects:
        simple = judged[: -(-len(judged) // 3)]
        half = all(right for _, right in simple) and 2 * sum(right for _, right in judged) >= len(judged)
        return (half_down(task.points / 2), " The simple ones are right: half of the points.") if half else (0.0, "")
    points, earned = 0.0, []
    for aspect in task.aspects:
        own = [right for trial, right in judged if _aspect(task, trial.arguments) is aspect]
        if own and all(own):
            points += aspect.points
            earned.append(f"{aspect.name} ({aspect.points:g})")
    return points, f" Points for: {', '.join(earned)}." if earned else ""


# ---- the other kinds ------------------------------------------------------------------------------------------------


def _value(run: Run) -> Any:
    answer = _answers(run).get(0)
    if answer is None or "value" not in answer[0]:
        raise wire.Unreadable("no answer")
    return wire.plain(answer[0]["value"], answer[1])


def _prediction(task: Task, run: Run, result: TaskResult) -> None:
    try:
        answer = _value(run)
    except wire.Unreadable:
        result.mistake, result.paragraphs = "unreadable", [f"{SAYS['unreadable'][0]}."]
        return
    questions = task.exercise.questions
    said = task.exercise(answer)
    single = "" in questions
    given = {"": answer} if single else answer if isinstance(answer, dict) else {}
    right = sum(bool(one(given[key]).right) for key, one in questions.items() if key in given and given[key] is not ...)
    result.points = half_down(task.points * right / len(questions))
    if said.right:
        result.points = float(task.points)
    result.status = said.status if not result.points or said.right else "partly"
    result.mistake = said.mistake
    result.paragraphs = [part.text for part in said.parts if isinstance(part, Text)]


def _network(task: Task, run: Run, seed: int, result: TaskResult) -> None:
    try:
        made = network.rebuilt(_value(run), task.exercise.input_shape)
    except wire.Unreadable:
        result.mistake, result.paragraphs = "unreadable", [f"{SAYS['unreadable'][0]}."]
        return
    except network.NotANetwork as error:
        result.mistake, result.paragraphs = "no network", [str(error)]
        return
    findings = task.exercise.judge(made, np.random.default_rng(seed))
    shares = {finding.aspect: finding.share for finding in findings}
    result.points = half_down(sum(a.points * min(max(shares.get(a.name, 0.0), 0.0), 1.0) for a in task.aspects))
    result.status = "right" if result.points >= task.points else "partly" if result.points else "wrong"
    result.mistake = "" if result.status == "right" else next((f.aspect for f in findings if f.share < 1), "")
    result.paragraphs = [finding.says for finding in findings]
