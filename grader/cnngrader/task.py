"""What an assignment consists of: tasks, their points, and the limits that a submission runs under."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import numpy as np

from cnncourse.checks.matching import Case

from . import serialization
from .received import Received
from .results import TaskResult

NEEDS = ("numpy", "cnnlib")
NAME = re.compile(r"[a-z][a-z0-9_]*")
OUTPUT_BYTES = 1 << 20  # of results, beyond four times what the right ones need
Arguments = Mapping[str, Any]
Holds = Callable[[Arguments, Any, Any], bool]


@dataclass(frozen=True)
class Criterion:
    """A part of a task with points of its own, which are earned when all its cases come out right.

    when: whether a case, given by its arguments, belongs here; None takes every case. part: which of several results is
    looked at, by its name in the exercise; "" stands for all of them. Among the criteria of one part, a case belongs to
    the first that takes it, so the most demanding one comes first and the one with None last. holds: whether a result
    that is not the right one counts all the same, from the arguments, the answer and the right answer: it may have been
    found correctly from another result that is wrong.
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
class Task:
    """One task of an assignment. See `Assignment` for the cells that belong to it.

    name: that of the exercise, too. stub: the solution cell as students get it, which is left out when submissions are
    compared with each other. seconds and megabytes: limits of the process that runs the notebook for this task. needs:
    "numpy" hides the package (the task asks for loops and NumPy), "cnnlib" shows it.
    """

    kind: ClassVar[str]

    name: str
    title: str
    points: int
    _: KW_ONLY
    stub: str = ""
    seconds: float = 20.0
    megabytes: int = 1024
    needs: str = "numpy"

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"name: got {self.name!r}, expected small letters, digits and _")
        if self.needs not in NEEDS:
            raise ValueError(f"{self.name}: got needs {self.needs!r}, expected one of {NEEDS}")

    def check_points(self, criteria: Sequence[Criterion]) -> None:
        """Raise ValueError if there are criteria whose points are not those of the task."""
        if criteria and sum(criterion.points for criterion in criteria) != self.points:
            raise ValueError(f"{self.name}: the criteria have other points than the {self.points} of the task")


@dataclass(frozen=True)
class WrittenTask(Task):
    """A question that is answered in words and marked by hand.

    question: the words that stand above the answer, by which one that was written among them is told.
    """

    kind = "written"

    _: KW_ONLY
    question: str = ""


class Exercise(Protocol):
    """What the instant checks of a task are made of."""

    @property
    def name(self) -> str: ...


AnExercise = TypeVar("AnExercise", bound=Exercise, covariant=True)


@dataclass(frozen=True)
class AnsweredTask(Task, ABC, Generic[AnExercise]):
    """A task whose answer has a name in the notebook, and is judged here.

    answer: the name that the notebook gives to the function, the answers or the network.
    """

    expects: ClassVar[type]  # of the exercise

    exercise: AnExercise
    answer: str

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.exercise, self.expects):
            raise ValueError(
                f"{self.name}: got {type(self.exercise).__name__} as the exercise, expected {self.expects.__name__}"
            )
        if self.exercise.name != self.name:
            raise ValueError(f"{self.name}: got an exercise named {self.exercise.name!r}, expected the task's name")
        if not self.answer.isidentifier():
            raise ValueError(f"{self.name}: got answer {self.answer!r}, expected a name of Python")

    def cases(self, seed: int) -> list[Case]:
        """Return what the answer is tried with, in its order: for a function, and for nothing else."""
        return []

    def calls(self, cases: list[Case], arrays: list[np.ndarray]) -> list[dict[str, Any]]:
        """Return the calls of the answer as the sandbox is told them; their arrays are put into `arrays`."""
        return []

    def output_bytes(self, cases: list[Case]) -> int:
        """Return how many bytes of results are read."""
        return OUTPUT_BYTES

    @property
    def call_seconds(self) -> float:
        """Return how long one call may take."""
        return 0.0

    def tree(self, answer: Any, arrays: list[np.ndarray]) -> Any:
        """Return an answer that is a value as the sandbox sends it; its arrays are put into `arrays`."""
        return serialization.as_tree(answer, arrays)

    @abstractmethod
    def judge(self, received: Received, result: TaskResult) -> None:
        """Give points and words for an answer that is there."""

    def is_settled(self, first: TaskResult) -> bool:
        """Return whether the result of a run stays, so that another one with fewer cells is of no use."""
        return first.points >= self.points


AnyTask = WrittenTask | AnsweredTask[Exercise]


@dataclass(frozen=True)
class Assignment:
    """The tasks of one notebook, in its order.

    The cells of the task NAME carry these names, as nbgrader's `grade_id` or as their own id: "task-NAME-text", the
    task; "task-NAME", the solution; "task-NAME-check", the instant check; "task-NAME-test", nbgrader's tests.
    """

    name: str
    title: str
    version: str
    tasks: tuple[AnyTask, ...]

    def __post_init__(self) -> None:
        names = [task.name for task in self.tasks]
        if len(set(names)) != len(names):
            raise ValueError(f"tasks: got {names}, expected each name once")

    @property
    def points(self) -> int:
        """Return the points of all tasks together."""
        return sum(task.points for task in self.tasks)

    @property
    def written(self) -> tuple[WrittenTask, ...]:
        """Return the tasks that are marked by hand."""
        return tuple(task for task in self.tasks if isinstance(task, WrittenTask))

    @property
    def answered(self) -> tuple[AnsweredTask[Exercise], ...]:
        """Return the tasks that are judged here."""
        return tuple(task for task in self.tasks if not isinstance(task, WrittenTask))
