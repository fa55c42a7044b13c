"""Chapter 09: a training loop with four bugs to mend.

The reader's function is compared with every version of the loop in which some of the bugs remain or have been mended in
a wrong way; the version that it agrees with says what is left to do.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

import cnnlib

from ..checks.comparing import Mistake
from ..checks.exercise import Case, FunctionExercise
from ..checks.matching import Trial
from ..checks.patches import Patched, mistakes_of
from ..checks.result import Result, Text
from ..language import say


def my_train(x, labels, W, b, lr, epochs, batch_size, seed=0):
    """Return W, b and the mean loss of each epoch."""
    W, b, losses = W.copy(), b.copy(), []
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order, total = rng.permutation(len(x)), 0.0
        for start in range(0, len(x), batch_size):
            chosen = order[start : start + batch_size]
            net = x[chosen] @ W.T + b
            loss, delta = cnnlib.cross_entropy(net, labels[chosen])
            d_W = delta.T @ x[chosen]
            d_b = delta.sum(axis=0)
            W -= lr * d_W
            b -= lr * d_b
            total += loss * len(chosen)
        losses.append(total / len(x))
    return W, b, np.array(losses)


# For each place what it may be like: the bug as given first, where there is one, then wrong ways to mend it.
BUGS = {
    "labels": r"""
labels not shuffled along: The images of a batch come in the new order, their labels in the old one: take the same
    numbers for both.
    labels[chosen] => labels[start : start + batch_size]
shuffling dropped: Images and labels fit, but every epoch takes them in the old order: shuffle both.
    chosen = order[ => chosen = np.arange(len(x))[
""",
    "mean": r"""
mean over the batch taken twice: `cross_entropy` gives the derivative of the mean loss, which has been divided by the
    batch already.
    delta.T => (delta / len(chosen)).T
    & = delta.sum => = (delta / len(chosen)).sum
mean over the batch undone: δ is multiplied by the size of the batch: leave it as `cross_entropy` gives it, divided once.
    delta.T => (delta * len(chosen)).T
    & = delta.sum => = (delta * len(chosen)).sum
""",
    "start": r"""
gradients of earlier batches kept: The gradients of all batches so far are added up: those of a batch begin at 0.
    d_W = => d_W +=
    & d_b = => d_b +=
    & for _ in => d_W, d_b = np.zeros_like(W), np.zeros_like(b) \n for _ in
gradients of earlier batches kept within an epoch: The gradients begin at 0 in every epoch, but not in every batch.
    d_W = => d_W +=
    & d_b = => d_b +=
    & order, total = => d_W, d_b = np.zeros_like(W), np.zeros_like(b) \n order, total =
""",
    "sign": r"""
bias goes uphill: `b` moves along its gradient, to where the loss grows: subtract, as for `W`.
    b -= => b +=
weights and bias go uphill: Both move along the gradient, to where the loss grows: subtract.
    -= lr => += lr
weights go uphill: `W` moves along its gradient, to where the loss grows: subtract, as for `b`.
    W -= => W +=
""",
    "bias": r"""
bias gradient averaged: The gradient of `b` is the sum of δ over the batch: δ has been divided by the batch already.
    .sum(axis=0) => .mean(axis=0)
""",
    "total": r"""
batch losses not weighted: `loss` is a mean over a batch: times the number of its images it can be added up to the mean
    of an epoch.
    total += loss * len(chosen) => total += loss
""",
    "update": r"""
update once an epoch: `W` and `b` move after each batch: the update stands inside the inner loop.
    lr * d_W => lr * d_W * (start + batch_size >= len(x))
    & lr * d_b => lr * d_b * (start + batch_size >= len(x))
""",
}
GIVEN = ("labels", "mean", "start", "sign")  # the first bug of each of these
SLIPS = {"mean over the batch undone", "bias gradient averaged", "batch losses not weighted", "update once an epoch"}
PLACES = {place: mistakes_of(my_train, text) for place, text in BUGS.items()}


def together(bugs: tuple[Mistake, ...]) -> Mistake:
    """Return the loop with all these bugs: its name lists them."""
    changes = tuple(change for bug in bugs if isinstance(bug.answer, Patched) for change in bug.answer.changes)
    name, message = " and ".join(bug.name for bug in bugs), " ".join(bug.message for bug in bugs)
    return Mistake(name, message, Patched(my_train, changes), bugs)


as_given = together(tuple(PLACES[place][0] for place in GIVEN))


def mistakes() -> list[Mistake]:
    """Return one mistake for every way in which the loop can be wrong, the fewest bugs first, without the one given.

    A slip, which nothing that was given leads to, comes alone or with one other fault.
    """
    ways = [tuple(filter(None, kinds)) for kinds in itertools.product(*([None, *kinds] for kinds in PLACES.values()))]
    ways = [way for way in ways if len(way) <= 2 or not SLIPS & {bug.name for bug in way}]
    made = [together(way) for way in sorted(ways, key=len) if way]
    return [mistake for mistake in made if mistake.name != as_given.name]


def cases(rng: np.random.Generator) -> list[Case]:
    """Return small sets of points around a centre per class; the last batch of an epoch is mostly smaller."""
    made = []
    settings = [(5, 2, 2, 2, 2), (8, 3, 2, 3, 3), (10, 2, 3, 4, 4), (9, 3, 4, 3, 9), (12, 4, 2, 5, 5)]
    for images, classes, features, epochs, batch_size in settings:
        labels = rng.permutation(np.arange(images) % classes)
        centres = rng.permutation(np.linspace(-3, 3, classes * features)).reshape(classes, features)
        x = np.round(centres[labels] + rng.normal(0, 0.5, (images, features)), 1)
        W, b = np.round(rng.normal(0, 0.3, (classes, features)), 1), np.round(rng.normal(0, 0.5, classes), 1)
        made.append(Case(x, labels, W, b, 0.2, epochs, batch_size, seed=int(rng.integers(1, 100))))
    return made


@dataclass(frozen=True, repr=False)
class MendExercise(FunctionExercise):
    """A function to mend: as long as it behaves as it was given, the check says "not yet"."""

    as_given: Mistake | None = None

    def wrong(self, name: str, function: Any, trials: list[Trial], seed: int) -> Result:
        as_it_was = all(trial.outcome.completed and not trial.outcome.changed for trial in trials)
        matching = self.matching()
        if self.as_given and as_it_was and all(matching.explains(self.as_given, trial) for trial in trials):
            message = say("`{name}` does what it did when it was given: mend it, then run both cells again.", name=name)
            return self.result("not yet", [Text(message)], seed)
        return super().wrong(name, function, trials, seed)


exercise = MendExercise(
    "training_loop_bug",
    "09",
    my_train,
    cases,
    mistakes(),
    "two to four classes, two to five epochs, batches of two to nine images, the last one of an epoch mostly smaller: "
    "parameters and losses are those of a loop without the four bugs.",
    as_given=as_given,
    parts=("W", "b", "losses"),
)
