"""Exercises made of a data file: tables of answers stand where the functions of the key would.

A file holds one JSON object: `format`, `assignment`, `title`, and `checks`, which has an object for each exercise. Its
`kind` says how it is read: "function" (cases with the right answer and those of known mistakes), "prediction" (sealed
answers), "network" (the goals that a network is measured by).
"""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cnncourse.checks.comparing import Mistake
from cnncourse.checks.exercise import Case, FunctionExercise
from cnncourse.checks.prediction import Prediction, Question, Verdict, WrongForm, not_it, read_shape, read_whole_number
from cnncourse.checks.result import Code, Text

from ..language import mark, say
from .network import Goals, NetworkExercise
from .sealing import sealed
from .values import from_json, to_json

FORMAT = "cnncourse checks 1"
OTHER_FORM = mark("what it holds for {name} has another form ({error})")
ERRORS = {"IndexError": IndexError, "ValueError": ValueError}

Exercise = FunctionExercise | Prediction | NetworkExercise
Explained = list[Text | Code]


class Unreadable(ValueError):
    """What was read holds no checks; the text says why."""


@dataclass(frozen=True)
class Document:
    """A data file: which assignment it belongs to, and its exercises, made when they are asked for."""

    assignment: str
    title: str
    checks: Mapping[str, Mapping[str, Any]]

    def exercise(self, name: str) -> Exercise:
        """Return the exercise `name`; raises Unreadable if what is stored for it has another form."""
        try:
            stored = self.checks[name]
            return KINDS[stored["kind"]](name, stored)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
            raise Unreadable(say(OTHER_FORM, name=name, error=type(error).__name__)) from None


def read(text: str) -> Document:
    """Return the data file whose text this is; raises Unreadable."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable(say("it is no JSON, or breaks off")) from None
    kind = content.get("format") if isinstance(content, dict) else None
    if kind != FORMAT:
        found = say("format {name}", name=repr(str(kind)[:40])) if kind else say("no format")
        template = mark("it has {found}, expected {format}: it belongs to something else, or to another version")
        raise Unreadable(say(template, found=found, format=repr(FORMAT)))
    checks = content.get("checks")
    if not isinstance(checks, dict) or not all(isinstance(stored, dict) for stored in checks.values()):
        raise Unreadable(say("it holds no checks"))
    return Document(str(content.get("assignment", "")), str(content.get("title", "")), checks)


# ---- a function -----------------------------------------------------------------------------------------------------


class Table:
    """Answers by arguments, in the place of a function: it knows those that are stored and no others."""

    def __init__(self, signature: inspect.Signature, answers: Mapping[str, Any]) -> None:
        self.__signature__ = signature
        self._answers = answers

    def __call__(self, *values: Any, **by_name: Any) -> Any:
        """Return a new copy of the answer; raises the error that is stored in its place, KeyError if there is none."""
        answer = self._answers[_key(self.__signature__.bind(*values, **by_name))]
        if _is_error(answer):
            raise ERRORS[answer["error"]]
        return from_json(answer)


def _is_error(answer: Any) -> bool:
    return isinstance(answer, dict) and answer.keys() == {"error"} and answer["error"] in ERRORS


def _key(arguments: inspect.BoundArguments) -> str:
    """Return a text that two calls share if their arguments are the same, defaults filled in."""
    arguments.apply_defaults()
    return json.dumps(to_json(dict(arguments.arguments)))


def _function(name: str, stored: Mapping[str, Any]) -> FunctionExercise:
    signature = _signature(stored["signature"])
    cases = [_case(one) for one in stored["cases"]]
    keys = [_key(signature.bind(*case.values, **case.by_name)) for case in cases]
    right = [one["right"] for one in stored["cases"]]

    def table(answers: list[Any]) -> Table:
        """Return the answers for the cases; None stands for the right one."""
        for answer in answers:
            if not _is_error(answer):
                from_json(answer)  # fails here, if it does, and not while an answer is judged
        if len(answers) != len(cases):
            raise ValueError(f"got {len(answers)} answers, expected {len(cases)}")
        return Table(signature, {key: given if own is None else own for key, own, given in zip(keys, answers, right)})

    mistakes = [Mistake(one["name"], one["message"], table(one["answers"])) for one in stored["mistakes"]]
    explained = {key: _by_cell(one.get("explained", [])) for key, one in zip(keys, stored["cases"])}
    return FunctionExercise(
        name,
        "",
        table(right),
        lambda rng: cases,
        tuple(mistakes),
        stored["cases_description"],
        _explanation(signature, explained) if any(explained.values()) else None,
        seconds=float(stored["seconds"]),
        relative=float(stored["relative"]),
        parts=tuple(stored["parts"]),
        drawn=False,
    )


def _signature(stored: list[list[Any]]) -> inspect.Signature:
    """Return a signature of its names, each with its default where it has one."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [
        inspect.Parameter(name, kind, default=from_json(default[0]) if default else inspect.Parameter.empty)
        for name, *default in stored
    ]
    return inspect.Signature(parameters)


def _case(stored: Mapping[str, Any]) -> Case:
    by_name = {name: from_json(value) for name, value in stored.get("by_name", {}).items()}
    return Case(*(from_json(value) for value in stored["values"]), **by_name)


def _by_cell(stored: list[Any]) -> dict[tuple[int, ...], Explained]:
    """Return the texts of a case by cell. A case has one text for all cells, at (), or one for each of them."""
    return {
        tuple(cell): [Code(text) if kind == "code" else Text(text) for kind, text in parts] for cell, parts in stored
    }


def _explanation(
    signature: inspect.Signature, explained: Mapping[str, dict[tuple[int, ...], Explained]]
) -> Callable[[dict[str, Any], tuple[int, ...], Any], Explained]:
    """Return how a cell of a case comes about, in the place of the function that would work it out."""

    def explain(given: dict[str, Any], cell: tuple[int, ...], expected: Any) -> Explained:
        texts = explained[_key(signature.bind(**given))]
        return texts.get(cell, texts.get((), []))

    return explain


# ---- the other kinds ------------------------------------------------------------------------------------------------


def _prediction(name: str, stored: Mapping[str, Any]) -> Prediction:
    questions = {key: _question(one) for key, one in stored["questions"].items()}
    return Prediction(name, "", questions, stored["message"])


def _question(stored: Mapping[str, Any]) -> Question:
    """Return the question for a sealed answer: a whole number, or a shape with a given number of axes."""
    axes, salt, right = stored["axes"], bytes.fromhex(stored["salt"]), stored["right"]
    known = [(one["sealed"], one["name"], one["message"]) for one in stored["mistakes"]]
    form = read_whole_number if axes is None else functools.partial(read_shape, axes=axes)

    def judge(value: Any) -> Verdict:
        try:
            answer = form(value)
        except WrongForm as error:
            return Verdict(False, str(error), "form")
        found = sealed(answer, salt)
        if found == right:
            return Verdict(True)
        return not_it(answer, [(name, message) for one, name, message in known if one == found])

    return judge


def _network(name: str, stored: Mapping[str, Any]) -> NetworkExercise:
    return NetworkExercise(name, "", Goals.from_json(stored["goals"]))


KINDS: dict[str, Callable[[str, Mapping[str, Any]], Exercise]] = {
    "function": _function,
    "prediction": _prediction,
    "network": _network,
}
