"""A task that asks for a trained network, which is made again outside the sandbox and measured."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np

from cnncourse.assignments import network
from cnncourse.assignments.network import LAYERS, NetworkExercise
from cnncourse.checks.matching import Case

from . import results, serialization
from .received import Received
from .results import Part, TaskResult, round_down_to_half
from .task import AnsweredTask, Criterion

NETWORK_BYTES = 32 << 20


@dataclass(frozen=True)
class NetworkTask(AnsweredTask[NetworkExercise]):
    """A network to design and train. criteria: what the exercise measures, and the points for it."""

    kind = "network"
    expects = NetworkExercise

    _: KW_ONLY
    criteria: tuple[Criterion, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        self.check_points(self.criteria)

    def output_bytes(self, cases: list[Case]) -> int:
        return NETWORK_BYTES

    def tree(self, answer: Any, arrays: list[np.ndarray]) -> Any:
        return serialization.network_tree(answer, arrays, LAYERS)

    def is_settled(self, first: TaskResult) -> bool:
        """A network that was measured is not trained again where nothing went wrong beside it."""
        measured = first.status != "wrong" and (first.points > 0 or not first.events)
        return measured or super().is_settled(first)

    def judge(self, received: Received, result: TaskResult) -> None:
        """Give each criterion its share of the points, and say what was found."""
        try:
            made = network.rebuilt(received.value(), self.exercise.input_shape)
        except serialization.Unreadable:
            result.say_unreadable()
            return
        except network.NotANetwork as error:
            result.say(str(error), mistake=results.TEXTS["no network"])
            return
        findings = self.exercise.judge(made, np.random.default_rng(received.seed))
        shares = {finding.criterion: min(max(finding.share, 0.0), 1.0) for finding in findings}
        result.parts = [
            Part(name=one.name, points=one.points * share, of=one.points, right=int(share >= 1), cases=1)
            for one in self.criteria
            for share in [shares.get(one.name, 0.0)]
        ]
        result.points = round_down_to_half(sum(part["points"] for part in result.parts))
        result.status = "right" if result.points >= self.points else "partly" if result.points else "wrong"
        missed = next((finding.criterion for finding in findings if finding.share < 1), "")
        result.say(*(finding.message for finding in findings), mistake="" if result.status == "right" else missed)
