"""What an assignment consists of: tasks, their points, and the limits that a submission runs under."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..checks.exercise import FunctionExercise
from ..checks.prediction import Prediction
from .network import NetworkExercise

KINDS = {"function": FunctionExercise, "prediction": Prediction, "network": NetworkExercise, "written": type(None)}
NEEDS = ("numpy", "cnnlib")
NAME = re.compile(r"[a-z][a-z0-9_]*")
Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Aspect:
    """A part of a task with points of its own, which are earned when all its cases come out right.

    when: whether a case, given by its arguments, belongs here; None takes every case. A case belongs to the first
    aspect that takes it, so the most demanding one comes first and the one with None last.
    """

    name: str
    points: float
    when: Callable[[Arguments], bool] | None = None


@dataclass(frozen=True)
class Task:
    """One task of an assignment. See `Assignment` for the cells that belong to it.

    name: that of the exercise, too. answer: the name that the notebook gives to the function, the answers or the
    network. stub: the solution cell as students get it, which is left out when submissions are compared with each
    other. kind_of_case: words for a hidden case, from its arguments, that do not give its numbers away. seconds and
    megabytes: limits of the process that runs the notebook for this task. needs: "numpy" hides the package (the task
    asks for loops and NumPy), "cnnlib" shows it.
    """

    name: str
    title: str
    points: int
    kind: str
    exercise: FunctionExercise | Prediction | NetworkExercise | None = None
    answer: str = ""
    stub: str = ""
    aspects: tuple[Aspect, ...] = ()
    kind_of_case: Callable[[Arguments], str] | None = None
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
        if self.aspects and sum(aspect.points for aspect in self.aspects) != self.points:
            raise ValueError(f"{self.name}: the aspects have other points than the {self.points} of the task")
        if (
            self.aspects
            and self.kind == "function"
            and [aspect.when for aspect in self.aspects].index(None) + 1 != len(self.aspects)
        ):
            raise ValueError(f"{self.name}: expected `when=None` for the last aspect, and for no other")


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
