"""A task by hand: numbers or shapes to predict, a share of the points for each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

import numpy as np

from cnncourse.checks.prediction import Prediction
from cnncourse.checks.result import Text

from . import serialization
from .received import Received
from .results import Part, TaskResult, round_down_to_half
from .task import AnsweredTask

TEXTS = {
    "the only part": "answer",
}


@dataclass(frozen=True)
class Own:
    """A task by hand with some numbers: the exercise, and the pieces of its text in which they stand."""

    exercise: Prediction
    text: tuple[str, ...]


@dataclass(frozen=True)
class PredictionTask(AnsweredTask[Prediction]):
    """Answers to work out by hand.

    own: the same task with numbers out of a generator, those of the master without one; None where there is only one.
    """

    kind = "prediction"
    expects = Prediction

    _: KW_ONLY
    own: Callable[[np.random.Generator | None], Own] | None = None

    def judge(self, received: Received, result: TaskResult) -> None:
        """Give each question its share of the points, and say what the instant check says."""
        try:
            answer = received.value()
        except serialization.Unreadable:
            result.say_unreadable()
            return
        questions = self.exercise.questions
        checked = self.exercise(answer)
        given = {"": answer} if "" in questions else answer if isinstance(answer, dict) else {}
        rights = {
            key: key in given and given[key] is not ... and bool(one(given[key]).right)
            for key, one in questions.items()
        }
        each = self.points / len(questions)
        result.parts = [
            Part(name=key or TEXTS["the only part"], points=each * right, of=each, right=int(right), cases=1)
            for key, right in rights.items()
        ]
        result.points = float(self.points) if checked.right else round_down_to_half(each * sum(rights.values()))
        result.status = checked.status if not result.points or checked.right else "partly"
        result.say(*(part.text for part in checked.parts if isinstance(part, Text)), mistake=checked.mistake)
