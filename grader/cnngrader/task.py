"""What an assignment consists of: tasks, their points, and the limits that a submission runs under."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cnncourse.assignments.network import NetworkExercise
from cnncourse.checks.exercise import FunctionExercise
from cnncourse.checks.prediction import Prediction

KINDS = {"function": FunctionExercise, "prediction": Prediction, "network": NetworkExercise, "written": type(None)}
NEEDS = ("numpy", "cnnlib")
NAME = re.compile(r"[a-z][a-z0-9_]*")
Arguments = Mapping[str, Any]


Holds = Callable[[Arguments, Any, Any], bool]


@dataclass(frozen=True)
class Criterion:
    """A part of a task with points of its own, which are earned when all its cases come out right.

    when: whether a case, given by its arguments, belongs here; None takes every case. part: which of several results is
    looked at, by its name in the exercise; "" stands for all of them. Among the criteria of one part, a case belongs to
    the first that takes it, so the most demanding one comes first and the one with None last. holds: whether a result
    that is not the right one counts all the same, from the arguments, the answer and the right answer: it may have been
    found rightly from another result that is wrong.
    """

    name: str
    points: float
    when: Callable[[Arguments], bool] | None = None
    part: str = ""
    holds: Holds | None = None

    def takes(self, arguments: Arguments) -> bool:
        """Return whether a case belongs here, as far as this criterion alone is asked."""
        return self.when is None or self.when(arguments)


@dataclass(frozen=True)
class Own:
    """A task by hand with some numbers: the exercise, and the pieces of its text in which they stand."""

    exercise: Prediction
    text: tuple[str, ...]


@dataclass(frozen=True)
class Task:
    """One task of an assignment. See `Assignment` for the cells that belong to it.

    name: that of the exercise, too. answer: the name that the notebook gives to the function, the answers or the
    network. stub: the solution cell as students get it, which is left out when submissions are compared with each
    other. question: of a written task, the words that stand above it, by which an answer that was written among them is
    told. finer: cases that are looked at only where all criteria are earned, so that a mistake costs nothing twice;
    their points are what a wrong one then costs. kind_of_case: words for a hidden case, from its arguments, that do not
    give its numbers away. own: of a task by hand, the same with numbers out of a generator, those of the master without
    one. seconds and megabytes: limits of the process that runs the notebook for this task. needs:
    "numpy" hides the package (the task asks for loops and NumPy), "cnnlib" shows it.
    """

    name: str
    title: str
    points: int
    kind: str
    exercise: FunctionExercise | Prediction | NetworkExercise | None = None
    answer: str = ""
    stub: str = ""
    question: str = ""
    criteria: tuple[Criterion, ...] = ()
    finer: tuple[Criterion, ...] = ()
    kind_of_case: Callable[[Arguments], str] | None = None
    own: Callable[[np.random.Generator | None], Own] | None = None
    seconds: float = 20.0
    megabytes: int = 1024
    needs: str = "numpy"

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"name: got {self.name!r}, expected small letters, digits and _")
        if self.kind not in KINDS or not isinstance(self.exercise, KINDS[self.kind]):
            raise ValueError(f"{self.name}: got kind {self.kind!r} with {type(self.exercise).__name__}")
        if self.exercise and self.exercise.name != self.name:
            raise ValueError(f"{self.name}: got an exercise named {self.exercise.name!r}, expected the task's name")
        if self.exercise and not self.answer.isidentifier():
            raise ValueError(f"{self.name}: got answer {self.answer!r}, expected a name of Python")
        if self.needs not in NEEDS:
            raise ValueError(f"{self.name}: got needs {self.needs!r}, expected one of {NEEDS}")
        if self.criteria and sum(criterion.points for criterion in self.criteria) != self.points:
            raise ValueError(f"{self.name}: the criteria have other points than the {self.points} of the task")
        if self.kind == "function":
            self._check_criteria()

    def _check_criteria(self) -> None:
        results = getattr(self.exercise, "parts", ())
        for part, criteria in self.by_part().items():
            if [criterion.when for criterion in criteria].index(None) + 1 != len(criteria):
                raise ValueError(f"{self.name}: expected `when=None` for the last criterion, and for no other")
            if part and part not in results:
                raise ValueError(f"{self.name}: got part {part!r}, expected one of {results}")
        if any(one.when is None or one.part for one in self.finer) or (self.finer and not self.criteria):
            raise ValueError(f"{self.name}: expected criteria, and `when` without `part` for every finer one")

    def by_part(self) -> dict[str, list[Criterion]]:
        """Return the criteria by the result that they look at."""
        found: dict[str, list[Criterion]] = {}
        for criterion in self.criteria:
            found.setdefault(criterion.part, []).append(criterion)
        return found

    def rule(self) -> str:
        """Return how the points of a function are given, as the text of the task says it; "" without criteria."""
        if not self.criteria:
            return ""
        told = [part for name, criteria in self.by_part().items() for part in _told(name, criteria)]
        costs = [f"that shows only for {one.name} costs {one.points:g}" for one in self.finer]
        finer = f" A mistake {', one '.join(costs)}." if costs else ""
        return f"**Points:** {', '.join(told)}.{finer}"


def _told(part: str, criteria: list[Criterion]) -> list[str]:
    each = [f"{one.points:g} for {one.name}" for one in criteria]
    if not part:
        return each
    total = sum(one.points for one in criteria)
    inside = ", ".join(each) if len(each) > 1 else criteria[0].name
    return [f"{total:g} for `{part}`" + (f" ({inside})" if inside else "")]


@dataclass(frozen=True)
class Assignment:
    """The tasks of one notebook, in its order.

    The cells of the task NAME carry these names, as nbgrader's `grade_id` or as their own id: "task-NAME-text", the
    task; "task-NAME", the solution; "task-NAME-check", the instant check; "task-NAME-test", nbgrader's tests.
    """

    name: str
    title: str
    version: str
    tasks: tuple[Task, ...]

    def __post_init__(self) -> None:
        names = [task.name for task in self.tasks]
        if len(set(names)) != len(names):
            raise ValueError(f"tasks: got {names}, expected each name once")

    @property
    def points(self) -> int:
        """Return the points of all tasks together."""
        return sum(task.points for task in self.tasks)
