"""Comparing what came out of the sandbox with the right answers, and giving points for it.

Nothing here is shown to a submission, and nothing here runs a part of it. What is said to a student names mistakes and
kinds of cases; the numbers of a hidden case are not told.
"""

from __future__ import annotations

import builtins
import difflib
import math
import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from cnncourse.assignments import network
from cnncourse.checks.calling import Outcome, copied
from cnncourse.checks.comparing import USE_FLOOR_DIVISION, a_kind_of, difference, is_whole
from cnncourse.checks.exercise import Case, FunctionExercise, Trial
from cnncourse.checks.hints import hint_for
from cnncourse.checks.result import Text

from . import serialization
from .sandbox import Run
from .task import Criterion, Task

SYMBOLS = {"right": "✓", "partly": "◐", "wrong": "✗", "not yet": "…", "to be marked": "✎", "not graded": "!"}
FUNCTION = re.compile(r"^(?:async +)?def +(\w+)", re.MULTILINE)
ASSIGNED = re.compile(r"^(\w+) *(?::[^=\n]*)?=(?!=)", re.MULTILINE)
NOT_THERE = " (what this line needs is not there while grading)"
NOT_A_LINE = ("...", "pass", "return", "return None")  # what a function that does nothing may consist of
MOST_DIGITS = 3  # of a name in an error; more may be a number of a hidden case
CHANGED_COSTS = 1.0  # points, and at most half of what was earned
GRADED_WITH = f" (grading runs Python {sys.version_info.major}.{sys.version_info.minor})"
MESSAGES = {  # what a wrong result differs in, without the numbers, and the name of that in the teacher's table
    "type": ("{what} is not of the kind that the task asks for", "wrong kind of result"),
    "dtype": ("{what} has another dtype than the task asks for", "wrong dtype"),
    "shape": ("{what} has the wrong shape", "wrong shape"),
    "value": ("{what} has wrong numbers", "wrong numbers"),
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

    paragraphs: for the student, `code` between backticks; one that begins with spaces keeps its form. parts: what the
    points consist of, a dictionary for each, as `_part` makes it. events: what the submission did that a solution has
    no reason to do, errors in its cells, how its process ended. errors: those of the events that are errors of cells.
    fault: grading itself failed.
    """

    task: str
    of: float
    points: float = 0.0
    status: str = "wrong"
    mistake: str = ""
    paragraphs: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    parts: list[dict[str, Any]] = field(default_factory=list)
    fault: str = ""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the result in a form that JSON holds."""
        return asdict(self)


def round_down_to_half(points: float) -> float:
    """Return `points` rounded down to a half.

    >>> round_down_to_half(2.9)
    2.5
    """
    return math.floor(2 * points + 1e-9) / 2


def _part(name: str, points: float, of: float, right: int, cases: int) -> dict[str, Any]:
    """Return one part of the points of a task: what is earned of it, and how many of its cases are right.

    of: below 0 for a part whose mistakes take that much away, as points then are.
    """
    return {"name": name, "points": points, "of": of, "right": right, "cases": cases}


def judge(
    task: Task,
    cases: list[Case],
    run: Run,
    seed: int,
    sources: Mapping[str, str],
    own: Sequence[str] = (),
    called: Mapping[str, str] | None = None,
) -> TaskResult:
    """Return what a run came to.

    cases: as they were sent in, the last one of a function task being the first again. sources: the text of each cell,
    by the name that it runs under; called: what a reader calls it. own: the text of the cells that belong to the task.
    """
    result = TaskResult(task.name, task.points, seconds=round(run.seconds, 2))
    result.events = [event for content, _ in run.messages if (event := _text(content, "event", 120))][:12]
    if run.ended:
        result.events.append(run.ended)
    if run.fault:
        result.status, result.fault = "not graded", run.fault
        result.paragraphs = ["This task could not be graded: the sandbox did not work. That is not your fault."]
        return result
    state = next((content for content, _ in run.messages if "answer" in content and "cells" in content), None)
    result.errors = errors = _errors(state, called or {})
    result.events += errors
    if state is None:
        why = run.ended or "the process ended"
        result.mistake, result.paragraphs = "ended early", [f"The notebook's cells did not come to their end: {why}."]
        return result
    if state["answer"] != "there":
        _without_answer(task, result, state["answer"], bool(errors))
        return _renamed(task, result, sources, own) if state["answer"] == "missing" else result
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            if task.kind == "function":
                _function(task, cases, run, Cells(sources, own, called or {}), result)
            elif task.kind == "prediction":
                _prediction(task, run, result)
            else:
                _network(task, run, seed, result)
        except Exception as error:  # a comparison that fails must not end the grading of a class
            result.points, result.status, result.mistake = 0.0, "wrong", "not comparable"
            result.paragraphs = [f"The answer could not be compared with the right one ({type(error).__name__})."]
    if result.status != "right" and errors:
        result.paragraphs.append("On the way a cell ended with an error: see the top of the page.")
    return result


def _errors(state: Mapping[str, Any] | None, called: Mapping[str, str]) -> list[str]:
    """Return the errors of cells, in words. There are no hidden numbers yet when cells run."""
    cells = state.get("cells") if state else None
    texts = []
    for error in cells[:10] if isinstance(cells, list) else []:
        if isinstance(error, dict):
            place = _text(error, "cell", 20)
            place = called.get(place, place.strip("<>"))
            line = f", line {error['line']}" if type(error.get("line")) is int else ""
            kind, message = _type(error), _text(error, "message", 200)
            what = message if kind == "TimeUp" else f"{kind}: {message}" if message else kind
            what += NOT_THERE if error.get("not_there") is True else ""
            what += GRADED_WITH if kind in ("SyntaxError", "IndentationError", "TabError") else ""
            texts.append(f"{place or 'a cell'}{line}: {what}")
    return texts


def _text(content: Mapping[str, Any], key: str, most: int) -> str:
    """Return a text out of the sandbox, "" for anything else: lists in lists could not even be written down."""
    text = content.get(key)
    return text[:most] if isinstance(text, str) else ""


def _type(error: Any) -> str:
    name = _text(error, "type", 100) if isinstance(error, dict) else "error"
    return name if name.isidentifier() and len(name) <= 60 else "error"


def _without_answer(task: Task, result: TaskResult, state: Any, errors: bool) -> TaskResult:
    message = {
        "missing": f"The notebook defines nothing named `{task.answer}`.",
        "open": f"`{task.answer}` is still `...`.",
    }.get(state if isinstance(state, str) else "", f"`{task.answer}` is no function.")
    result.paragraphs = [message]
    result.status = "not yet" if state == "open" or (state == "missing" and not errors) else "wrong"
    result.mistake = "" if result.status == "not yet" else f"no {task.kind}"
    return result


def _renamed(task: Task, result: TaskResult, sources: Mapping[str, str], own: Sequence[str]) -> TaskResult:
    """Say what the cells of a task define, where that is not what the task asks for."""
    names = _defined("\n".join(own))
    if not names:
        names = difflib.get_close_matches(task.answer, _defined("\n".join(sources.values()))[:200], 3, 0.8)
    if names and task.answer not in names:
        said = ", ".join(f"`{name}`" for name in names[:5])
        result.status, result.mistake = "wrong", "another name"
        result.paragraphs.append(
            f"Its cells define {said}. The grading looks for `{task.answer}`, and for nothing else."
        )
        result.events.append(f"no {task.answer}, but {', '.join(names[:5])}")
    return result


def _defined(source: str) -> list[str]:
    """Return the names that a text defines at its margin, functions first. It is not parsed, for it may be anything."""
    functions = [found[1][:60] for found in FUNCTION.finditer(source)]
    return list(dict.fromkeys([*functions, *(found[1][:60] for found in ASSIGNED.finditer(source))]))


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


def without_numbers(text: str) -> str:
    """Return a text with # for each number, which may be one of a hidden case. Names keep their digits.

    >>> without_numbers("name 'H2' is not defined: index 17 of conv2d, 1.5")
    "name 'H2' is not defined: index # of conv2d, #.#"
    """

    def kept(word: re.Match[str]) -> str:
        if word[0][0].isdigit():
            return "#"
        return re.sub(r"\d+", lambda digits: digits[0] if len(digits[0]) <= MOST_DIGITS else "#", word[0])

    return re.sub(r"\w+", kept, text)


def _outcome(content: dict[str, Any], arrays: list[np.ndarray]) -> Outcome:
    """Return a message about one case as the checks know it; raises serialization.Unreadable."""
    if content.get("time_up") is True:
        return Outcome(time_up=True)
    error = content.get("error")
    if isinstance(error, dict):
        kind = getattr(builtins, _type(error), None)
        kind = kind if isinstance(kind, type) and issubclass(kind, BaseException) else Exception
        line = error.get("line")
        message = without_numbers(_text(error, "message", 1000))[:160]
        text = _type(error) + (f": {message}" if message else "")
        place = _text(error, "cell", 20)
        return Outcome(error=text, error_type=kind, line_number=line if type(line) is int else None, line=place)
    if "value" not in content:
        raise serialization.Unreadable("no answer")
    changed = content.get("changed")
    changed = [name[:60] for name in changed if isinstance(name, str)][:10] if isinstance(changed, list) else []
    return Outcome(value=serialization.plain(content["value"], arrays), changed=changed)


def _trial(exercise: FunctionExercise, case: Case, answer: Any) -> tuple[Trial, str]:
    """Return the trial of one case, and what kind of problem it has, "" for none."""
    arguments = case.arguments(exercise.argument_names)
    expected = exercise.reference_solution(**copied(arguments))
    if answer is None:
        return Trial(case, arguments, Outcome(time_up=True), expected, None), "unreached"
    try:
        outcome = _outcome(*answer)
    except serialization.Unreadable:
        return Trial(case, arguments, Outcome(time_up=True), expected, None), "unreadable"
    problem = None
    if outcome.time_up:
        kind = "time"
    elif outcome.error_type is not None:
        kind = "error"
    elif outcome.value is None:
        kind = "nothing"
    elif _is_open(outcome.value):
        kind = "open"
    else:
        problem = difference(outcome.value, expected, exercise.relative, parts=exercise.parts)
        kind = problem.kind if problem else "changed" if outcome.changed else ""
    return Trial(case, arguments, outcome, expected, problem), kind


def _is_open(value: Any) -> bool:
    return value is ... or (isinstance(value, (tuple, list)) and bool(value) and all(part is ... for part in value))


@dataclass(frozen=True)
class Cells:
    """The text of each cell by the name that it runs under, that of the task's own, and what a reader calls each."""

    sources: Mapping[str, str]
    own: Sequence[str]
    called: Mapping[str, str]


Judged = tuple[Trial, str]  # a case, and what kind of problem it has


def _function(task: Task, cases: list[Case], run: Run, cells: Cells, result: TaskResult) -> None:
    exercise = task.exercise
    answers = _answers(run)
    judged = [_trial(exercise, case, answers.get(number)) for number, case in enumerate(cases)]
    *once, (_, again) = judged
    if all(kind in ("open", "nothing") for _, kind in once):
        _nothing(task, result, {kind for _, kind in once}, cells)
        return
    failed = [(trial, kind) for trial, kind in once if kind]
    result.points, result.parts = _points(task, once)
    if not failed and again and again != "unreached":
        result.points, result.status = round_down_to_half(task.points / 2), "partly"
        result.mistake = "left over from the call before"
        result.paragraphs = [
            "All cases came out right, but the first one, tried again, does not: is something left over from the call "
            "before? Make the arrays that you fill inside the function."
        ]
        return
    if not failed:
        result.status = "right"
        result.paragraphs = [f"{len(once)} cases: {exercise.cases_description}"]
        return
    if any(trial.outcome.changed for trial, _ in once):
        result.points = round_down_to_half(result.points - min(CHANGED_COSTS, result.points / 2))
    result.status = "partly" if result.points else "wrong"
    _name_the_mistake(task, result, once, failed, cells)
    earned = [f"{part['name']} ({part['points']:g})" for part in result.parts if part["points"] > 0]
    points = f" Points for: {', '.join(earned)}." if earned and task.criteria else ""
    result.paragraphs.append(f"Right: {len(once) - len(failed)} of {len(once)} cases.{points}")
    result.paragraphs.append(f"`checks.{task.name}({task.answer})` in the notebook shows such a case with its numbers.")


def _nothing(task: Task, result: TaskResult, kinds: set[str], cells: Cells) -> None:
    """Say that a function gives nothing: it is the stub, or somebody forgot to return what it works out."""
    defined = [text for text in cells.sources.values() if f"def {task.answer}" in text]
    if "open" in kinds or (all(_is_stub(text, task.stub) for text in cells.own) and len(defined) < 2):
        result.status = "not yet"
        result.paragraphs = ["The function is still the stub: it gives nothing."]
        return
    message, result.mistake = MESSAGES["nothing"]
    result.paragraphs = [f"{message}"]
    if "print(" in "\n".join([*cells.own, *defined]):
        result.paragraphs.append("It prints something: end it with `return` instead of `print`.")


def _is_stub(source: str, stub: str) -> bool:
    """Return whether a cell does no more than the one that was handed out. It is read by lines and never parsed."""

    def bare(text: str) -> list[str]:
        lines = [line.strip() for line in text.splitlines()]
        return [line for line in lines if line and line not in NOT_A_LINE and not line.startswith("#")]

    return bare(source) in ([], bare(stub))


def _name_the_mistake(task: Task, result: TaskResult, once: list[Judged], failed: list[Judged], cells: Cells) -> None:
    exercise = task.exercise
    trial, kind = next((one for one in failed if one[1] != "changed"), failed[0])
    matching = exercise.matching()
    certain = []
    if kind not in ("changed", "nothing", "open", "time", "unreached", "unreadable"):
        certain = matching.certain([trial for trial, _ in once])
    for named in certain:
        where = "" if named.part is None else f" in `{exercise.parts[named.part]}`"
        result.paragraphs.append(f"The mistake{where}: {named.mistake.name}. {named.mistake.message}")
    if not certain and kind in ("value", "shape", "error"):
        closest = exercise.closest_mistake([one for one, kind in failed if kind != "changed"])
        result.paragraphs += [closest.text] if closest else []
    wrong = matching.wrong_parts([one for one, _ in once])
    if wrong and len(wrong) < len(exercise.parts):
        names = [f"`{part}`" for part in exercise.parts]
        those, others = (
            [name for k, name in enumerate(names) if (k in wrong) is is_wrong] for is_wrong in (True, False)
        )
        result.paragraphs.append(f"Wrong: {', '.join(those)}. Right in all cases: {', '.join(others)}.")
    result.mistake = certain[0].mistake.name if certain else MESSAGES[kind][1]
    where = kind_of_case(task, trial.arguments)
    message = _message(exercise, trial, kind)
    result.paragraphs.append(f"{message}. The smallest such case: {where}." if where else f"{message}.")
    if kind == "error":
        result.paragraphs += _line(trial.outcome, cells)


def _message(exercise: FunctionExercise, trial: Trial, kind: str) -> str:
    """Return what the result of a case differs in."""
    got, expected, what = trial.outcome.value, trial.expected, "The result"
    if trial.problem and trial.problem.part is not None and exercise.parts:
        part = trial.problem.part
        got, expected, what = got[part], expected[part], f"`{exercise.parts[part]}`"
    if kind != "type":
        return MESSAGES[kind][0].format(what=what)
    if type(got).__name__ == "NotThereWhileGrading":
        return f"{what} comes from a package that is not there while grading"
    wanted = f"{_kind(expected)}: `{', '.join(exercise.parts)}`" if isinstance(expected, tuple) else _kind(expected)
    message = f"{what} is {_kind(got)}, expected {wanted}"
    return f"{message}. {USE_FLOOR_DIVISION}" if is_whole(expected) and isinstance(got, float) else message


def _line(outcome: Outcome, cells: Cells) -> list[str]:
    """Return the line of a cell that ends with an error, the error, and what it most often means."""
    lines = cells.sources.get(outcome.line, "").splitlines()
    where = f" of {cells.called[outcome.line]}" if outcome.line in cells.called else ""
    number = outcome.line_number or 0
    place = f"    line {number}{where}: {lines[number - 1].strip()}\n" if 0 < number <= len(lines) else ""
    hint = hint_for(outcome)
    return [f"{place}    {outcome.error}", *([hint] if hint else [])]


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
    criterion = criterion_of(task, arguments)
    return ", ".join(dict.fromkeys([*parts, *([criterion.name] if criterion else [])]))


def criterion_of(task: Task, arguments: Mapping[str, Any], part: str | None = None) -> Criterion | None:
    """Return what a case belongs to: a finer criterion, else the first that takes it, of those of one part."""
    among = [*task.finer, *(one for one in task.criteria if part is None or one.part == part)]
    return next((criterion for criterion in among if criterion.takes(arguments)), None)


def _points(task: Task, judged: list[Judged]) -> tuple[float, list[dict[str, Any]]]:
    """Return the points for the cases, and what they consist of."""
    if not task.criteria:
        right = sum(kind in ("", "changed") for _, kind in judged)
        share = 1.0 if right == len(judged) else 0.5 if 2 * right >= len(judged) else 0.0
        points = task.points if share == 1 else round_down_to_half(task.points * share)
        return float(points), [_part("cases", points, task.points, right, len(judged))]
    parts = []
    for criterion in task.criteria:
        own = _held(task, criterion, judged, criterion.part)
        name = ": ".join(filter(None, [criterion.part, criterion.name]))
        earned = criterion.points if own and all(own) else 0.0
        parts.append(_part(name, earned, criterion.points, sum(own), len(own)))
    points = sum(part["points"] for part in parts)
    for finer in task.finer if points >= task.points else ():
        own = _held(task, finer, judged)
        lost = 0.0 if all(own) else finer.points
        parts.append(_part(finer.name, 0.0 - lost, -finer.points, sum(own), len(own)))
        points -= lost
    return max(points, 0.0), parts


def _held(task: Task, criterion: Criterion, judged: list[Judged], part: str | None = None) -> list[bool]:
    """Return for each case of a criterion whether it came out right."""
    return [
        _holds(task.exercise, criterion, trial, kind)
        for trial, kind in judged
        if criterion_of(task, trial.arguments, part) is criterion
    ]


def _holds(exercise: FunctionExercise, criterion: Criterion, trial: Trial, kind: str) -> bool:
    if kind in ("", "changed"):
        return True
    if not trial.outcome.completed or kind in ("open", "nothing"):
        return False
    value, names = trial.outcome.value, exercise.parts
    if criterion.part and isinstance(value, (tuple, list)) and len(value) <= len(names):
        k = names.index(criterion.part)
        if k < len(value) and difference(value[k], trial.expected[k], exercise.relative) is None:
            return True
    try:
        return criterion.holds is not None and bool(criterion.holds(trial.arguments, value, trial.expected))
    except Exception:  # what it is asked about is whatever a student's function gave
        return False


# ---- the other kinds ------------------------------------------------------------------------------------------------


def _value(run: Run) -> Any:
    answer = _answers(run).get(0)
    if answer is None or "value" not in answer[0]:
        raise serialization.Unreadable("no answer")
    return serialization.plain(answer[0]["value"], answer[1])


def _prediction(task: Task, run: Run, result: TaskResult) -> None:
    try:
        answer = _value(run)
    except serialization.Unreadable:
        result.mistake, result.paragraphs = "unreadable", [f"{MESSAGES['unreadable'][0]}."]
        return
    questions = task.exercise.questions
    checked = task.exercise(answer)
    single = "" in questions
    given = {"": answer} if single else answer if isinstance(answer, dict) else {}
    rights = {
        key: key in given and given[key] is not ... and bool(one(given[key]).right) for key, one in questions.items()
    }
    result.points = round_down_to_half(task.points * sum(rights.values()) / len(questions))
    each = task.points / len(questions)
    result.parts = [_part(key or "answer", each * right, each, int(right), 1) for key, right in rights.items()]
    if checked.right:
        result.points = float(task.points)
    result.status = checked.status if not result.points or checked.right else "partly"
    result.mistake = checked.mistake
    result.paragraphs = [part.text for part in checked.parts if isinstance(part, Text)]


def _network(task: Task, run: Run, seed: int, result: TaskResult) -> None:
    try:
        made = network.rebuilt(_value(run), task.exercise.input_shape)
    except serialization.Unreadable:
        result.mistake, result.paragraphs = "unreadable", [f"{MESSAGES['unreadable'][0]}."]
        return
    except network.NotANetwork as error:
        result.mistake, result.paragraphs = "no network", [str(error)]
        return
    findings = task.exercise.judge(made, np.random.default_rng(seed))
    shares = {finding.criterion: finding.share for finding in findings}
    result.points = round_down_to_half(
        sum(a.points * min(max(shares.get(a.name, 0.0), 0.0), 1.0) for a in task.criteria)
    )
    result.parts = [
        _part(one.name, one.points * shares.get(one.name, 0.0), one.points, int(shares.get(one.name, 0.0) >= 1), 1)
        for one in task.criteria
    ]
    result.status = "right" if result.points >= task.points else "partly" if result.points else "wrong"
    result.mistake = "" if result.status == "right" else next((f.criterion for f in findings if f.share < 1), "")
    result.paragraphs = [finding.message for finding in findings]
