"""Exercise of chapter 07, training: a training loop with four bugs to mend.

The reader's function is run next to every version of the loop in which some of the bugs remain or have been mended in
a wrong way; the version that it agrees with says what is left to do.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import losses
from .comparing import Mistake
from .exercise import Case, FunctionExercise, Trial
from .result import Code, Result, Text

# For each place: what it may be like, the right way first, then the bug as given, if there is one, then wrong ways to
# mend. The last two places are right as given.
PLACES: dict[str, dict[str, tuple[str, str]]] = {
    "labels": {
        "right": ("", ""),
        "bug": (
            "labels not shuffled along",
            "The images of a batch come in the new order, their labels in the old one: take the same numbers for both.",
        ),
        "unshuffled": (
            "shuffling dropped",
            "Images and labels fit, but every epoch takes them in the old order: shuffle both.",
        ),
    },
    "mean": {
        "right": ("", ""),
        "bug": (
            "mean over the batch taken twice",
            "`cross_entropy` gives the derivative of the mean loss, which has been divided by the batch already.",
        ),
        "undone": (
            "mean over the batch undone",
            "δ is multiplied by the size of the batch: leave it as `cross_entropy` gives it, divided once.",
        ),
    },
    "start": {
        "right": ("", ""),
        "bug": (
            "gradients of earlier batches kept",
            "The gradients of all batches so far are added up: those of a batch begin at 0.",
        ),
        "epoch": (
            "gradients of earlier batches kept within an epoch",
            "The gradients begin at 0 in every epoch, but not in every batch.",
        ),
    },
    "sign": {
        "right": ("", ""),
        "bug": ("bias goes uphill", "`b` moves along its gradient, to where the loss grows: subtract, as for `W`."),
        "both": ("weights and bias go uphill", "Both move along the gradient, to where the loss grows: subtract."),
        "weights": (
            "weights go uphill",
            "`W` moves along its gradient, to where the loss grows: subtract, as for `b`.",
        ),
    },
    "bias": {
        "right": ("", ""),
        "averaged": (
            "bias gradient averaged",
            "The gradient of `b` is the sum of δ over the batch: δ has been divided by the batch already.",
        ),
    },
    "total": {
        "right": ("", ""),
        "unweighted": (
            "batch losses not weighted",
            "`loss` is a mean over a batch: times the number of its images it can be added up to the mean of an epoch.",
        ),
    },
}
SLIPS = ("undone", "averaged", "unweighted")  # nothing that was given leads to these
GIVEN = {place: "bug" if "bug" in kinds else "right" for place, kinds in PLACES.items()}
RIGHT = dict.fromkeys(PLACES, "right")


def training_loop_bug(
    x: np.ndarray,
    labels: np.ndarray,
    W: np.ndarray,
    b: np.ndarray,
    lr: float,
    epochs: int,
    batch_size: int,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return trained(x, labels, W, b, lr, epochs, batch_size, seed, RIGHT)


def trained(
    x: np.ndarray,
    labels: np.ndarray,
    W: np.ndarray,
    b: np.ndarray,
    lr: float,
    epochs: int,
    batch_size: int,
    seed: int,
    way: dict[str, str],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what the loop gives in which each of the PLACES is as `way` says."""
    W, b, mean_losses = W.copy(), b.copy(), []
    rng = np.random.default_rng(seed)
    d_W, d_b = np.zeros_like(W), np.zeros_like(b)
    for _ in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        if way["start"] == "epoch":
            d_W, d_b = np.zeros_like(W), np.zeros_like(b)
        for start in range(0, len(x), batch_size):
            place = slice(start, start + batch_size)
            chosen = np.arange(len(x))[place] if way["labels"] == "unshuffled" else order[place]
            net = x[chosen] @ W.T + b
            loss, delta = losses.cross_entropy(net, labels[place] if way["labels"] == "bug" else labels[chosen])
            if way["mean"] == "bug":
                delta = delta / len(chosen)
            elif way["mean"] == "undone":
                delta = delta * len(chosen)
            if way["start"] == "right":
                d_W, d_b = np.zeros_like(W), np.zeros_like(b)
            d_W += delta.T @ x[chosen]
            d_b += delta.mean(axis=0) if way["bias"] == "averaged" else delta.sum(axis=0)
            W += lr * d_W * (1 if way["sign"] in ("both", "weights") else -1)
            b += lr * d_b * (1 if way["sign"] in ("both", "bug") else -1)
            total += loss * (1 if way["total"] == "unweighted" else len(chosen))
        mean_losses.append(total / len(x))
    return W, b, np.array(mean_losses)


def loop_cases(rng: np.random.Generator) -> list[Case]:
    """Return small sets of points around a centre per class; the last batch of an epoch is mostly smaller."""
    made = []
    for images, classes, features, epochs, batch_size in [
        (5, 2, 2, 2, 2),
        (8, 3, 2, 3, 3),
        (10, 2, 3, 4, 4),
        (9, 3, 4, 3, 9),
        (12, 4, 2, 5, 5),
    ]:
        labels = rng.permutation(np.arange(images) % classes)
        centres = rng.permutation(np.linspace(-3, 3, classes * features)).reshape(classes, features)
        x = np.round(centres[labels] + rng.normal(0, 0.5, (images, features)), 1)
        W, b = np.round(rng.normal(0, 0.3, (classes, features)), 1), np.round(rng.normal(0, 0.5, classes), 1)
        made.append(Case(x, labels, W, b, 0.2, epochs, batch_size, seed=int(rng.integers(1, 100))))
    return made


def remaining(way: dict[str, str]) -> Mistake:
    """Return the mistake of a loop in which the PLACES are as `way` says: its name lists what is wrong."""
    wrong = [PLACES[place][kind] for place, kind in way.items() if kind != "right"]
    name = " and ".join(name for name, _ in wrong)
    return Mistake(name, " ".join(says for _, says in wrong), lambda **given: trained(**given, way=way))


def mistakes() -> tuple[Mistake, ...]:
    """Return one mistake for every way in which the loop can be wrong, the fewest bugs first, without the one given.

    A slip comes alone or with one other fault: all its combinations would take too long to try.
    """
    ways = [dict(zip(PLACES, kinds)) for kinds in itertools.product(*PLACES.values())]
    ways = [way for way in ways if _faults(way) <= 2 or not set(SLIPS) & set(way.values())]
    return tuple(remaining(way) for way in sorted(ways, key=_faults) if way not in (RIGHT, GIVEN))


def _faults(way: dict[str, str]) -> int:
    return sum(kind != "right" for kind in way.values())


@dataclass(frozen=True, repr=False)
class MendExercise(FunctionExercise):
    """A function to mend: as long as it behaves as it was given, the check says "not yet"."""

    as_given: Mistake | None = None

    def _wrong(self, name: str, function: Any, trials: list[Trial], seed: int) -> Result:
        as_it_was = all(trial.outcome.completed and not trial.outcome.changed for trial in trials)
        if self.as_given and as_it_was and all(self._explains(self.as_given, trial) for trial in trials):
            parts: list[Text | Code] = [
                Text(f"`{name}` does what it did when it was given: mend it, then run both cells again.")
            ]
            return self._result("not yet", parts, seed)
        return super()._wrong(name, function, trials, seed)


training_loop_bug_check = MendExercise(
    "training_loop_bug",
    "07",
    training_loop_bug,
    loop_cases,
    mistakes(),
    tried="two to four classes, two to five epochs, batches of two to nine images, the last one of an epoch mostly "
    "smaller: parameters and losses are those of a loop without the four bugs.",
    as_given=remaining(GIVEN),
    parts=("W", "b", "losses"),
)
