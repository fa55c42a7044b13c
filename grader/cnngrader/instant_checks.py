"""What a student's instant checks compare with, as a data file: cases, answers and sentences, no code of the key.

The cases are drawn once, with a seed that grading never draws. Answers of by-hand tasks are sealed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from cnncourse.assignments.network import Goals, NetworkExercise
from cnncourse.assignments.sealing import sealed
from cnncourse.assignments.stored import FORMAT
from cnncourse.assignments.values import to_json
from cnncourse.checks.calling import copied
from cnncourse.checks.comparing import Mistake
from cnncourse.checks.exercise import Case, FunctionExercise
from cnncourse.checks.prediction import Exact, Prediction
from cnncourse.checks.result import Code, Text

from . import personal
from .prediction_task import PredictionTask
from .task import AnsweredTask, Assignment, Exercise
from .wording import ENGLISH, speaking, translated

MADE: dict[tuple[int, str], dict[str, Any]] = {}
SEED = 1 << 31  # grading draws smaller ones


def text(assignment: Assignment, seed: str = "", language: str = ENGLISH) -> str:
    """Return the data file of an assignment, with the numbers of a seed in its tasks by hand; the same each time.

    language: of its sentences.
    """
    with speaking(language):
        return _text(assignment, seed, language)


def _text(assignment: Assignment, seed: str, language: str) -> str:
    checks = _checks(assignment, language)
    own = personal.with_numbers_of(assignment, seed) if seed else assignment
    for task in own.answered:
        if seed and isinstance(task, PredictionTask):
            checks[task.name] = _stored(own, task, seed)
    content = {"format": FORMAT, "assignment": assignment.name, "title": translated(assignment.title), "checks": checks}
    return json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _checks(assignment: Assignment, language: str) -> dict[str, Any]:
    """Return the checks with the master's numbers, which are made once for a class."""
    key = id(assignment), language
    if key not in MADE:
        MADE[key] = {task.name: _stored(assignment, task) for task in assignment.answered}
    return dict(MADE[key])


def _stored(assignment: Assignment, task: AnsweredTask[Exercise], seed: str = "") -> dict[str, Any]:
    exercise = task.exercise
    if isinstance(exercise, FunctionExercise):
        return {"kind": "function", **_function(exercise)}
    if isinstance(exercise, Prediction):
        return {
            "kind": "prediction",
            **_prediction(exercise, f"{assignment.name} {assignment.version} {task.name}{seed}"),
        }
    if isinstance(exercise, NetworkExercise) and isinstance(exercise.judge, Goals):
        return {"kind": "network", "goals": exercise.judge.to_json()}
    raise TypeError(f"{task.name}: got {type(exercise).__name__}, which has no form in a data file")


# ---- a function -----------------------------------------------------------------------------------------------------


def _function(exercise: FunctionExercise) -> dict[str, Any]:
    cases = stored_cases(exercise)
    arguments = [case.arguments(exercise.argument_names) for case in cases]
    right = [exercise.reference_solution(**copied(given)) for given in arguments]
    return {
        "signature": list(_parameters(exercise)),
        "cases_description": translated(exercise.cases_description),
        "seconds": exercise.seconds,
        "relative": exercise.relative,
        "parts": list(exercise.parts),
        "cases": [
            {
                "values": [to_json(value) for value in case.values],
                "by_name": {name: to_json(value) for name, value in case.by_name.items()},
                "right": to_json(answer),
                "explained": _explained(exercise, given, answer),
            }
            for case, given, answer in zip(cases, arguments, right)
        ],
        "mistakes": [
            {
                "name": mistake.said_name(),
                "message": mistake.said(),
                "answers": [_wrong(exercise, mistake, given, answer) for given, answer in zip(arguments, right)],
            }
            for mistake in exercise.mistakes
        ],
    }


def stored_cases(exercise: FunctionExercise) -> list[Case]:
    """Return the cases that the data file holds, the smallest first."""
    return sorted(exercise.cases(np.random.default_rng(SEED)), key=Case.size)


def _parameters(exercise: FunctionExercise) -> Iterator[list[Any]]:
    for parameter in exercise.parameters:
        yield [parameter.name] if parameter.default is parameter.empty else [parameter.name, to_json(parameter.default)]


def _explained(exercise: FunctionExercise, given: dict[str, Any], right: Any) -> list[Any]:
    """Return [cell, parts] for each cell of the right answer; one with no place where all have the same text."""
    if not exercise.explain:
        return []
    cells = list(np.ndindex(right.shape)) if isinstance(right, np.ndarray) else [()]
    texts = [[_part(part) for part in exercise.explain(copied(given), cell, right)] for cell in cells]
    if all(text == texts[0] for text in texts):
        return [[[], texts[0]]]
    return [[list(cell), text] for cell, text in zip(cells, texts)]


def _part(part: Text | Code) -> list[str]:
    if isinstance(part, Text) and part.strong:
        raise TypeError("an explanation with a word set off has no form in a data file")
    return ["code" if isinstance(part, Code) else "text", part.text]


def _wrong(exercise: FunctionExercise, mistake: Mistake, given: dict[str, Any], right: Any) -> Any:
    """Return the answer of a mistake, None where it is the right one."""
    try:
        with np.errstate(all="ignore"):
            answer = to_json(mistake.answer(**exercise.with_defaults(given)))
    except IndexError:
        return {"error": "IndexError"}
    except ValueError:
        return {"error": "ValueError"}
    return None if answer == to_json(right) else answer


# ---- by hand --------------------------------------------------------------------------------------------------------


def _prediction(exercise: Prediction, place: str) -> dict[str, Any]:
    questions = {key: _question(question, f"{place} {key}") for key, question in exercise.questions.items()}
    return {"message": translated(exercise.message), "questions": questions}


def _question(question: Any, place: str) -> dict[str, Any]:
    if not isinstance(question, Exact):
        raise TypeError(f"{place}: got a question that is not one of exact answers")
    salt = hashlib.sha256(place.encode()).digest()[:16]
    right = question.expected
    return {
        "axes": len(right) if isinstance(right, tuple) else None,
        "salt": salt.hex(),
        "right": sealed(right, salt),
        "mistakes": [
            {"sealed": sealed(wrong, salt), "name": translated(name), "message": translated(message)}
            for wrong, name, message in question.known
        ],
    }
