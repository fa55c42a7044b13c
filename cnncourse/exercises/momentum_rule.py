"""Chapter 10: one step of gradient descent with momentum."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from .shared.parameters import RATES, SHAPES, arrays


def my_momentum(parameters, gradients, velocities, lr, momentum):
    new = {name: momentum * velocities[name] + gradients[name] for name in parameters}
    return {name: parameters[name] - lr * new[name] for name in parameters}, new


MISTAKES = r"""
order of the results: The parameters come first, then the velocities.
    return {name: parameters[name] - lr * new[name] for name in parameters}, new => return new, {name: parameters[name] - lr * new[name] for name in parameters}
old velocity used: The step uses the new velocity. | lr * new[name] => lr * velocities[name]
velocity not used: The parameters move by the velocity, not by the gradient alone. | lr * new[name] => lr * gradients[name]
uphill: The gradient points to where the loss grows: subtract it. | - lr => + lr
learning rate forgotten: The velocity is multiplied by `lr`. | lr * new => new
momentum forgotten: The old velocity is multiplied by `momentum` before the gradient is added.
    momentum * velocities => velocities
velocity forgotten: The new velocity holds the old one, times `momentum`. | momentum * velocities[name] + gradients => gradients
momentum on the gradient too: The gradient enters the velocity whole: v ← β v + ∂E/∂w.
    + gradients => + (1 - momentum) * gradients
    velocities[name] + gradients[name] => (velocities[name] + gradients[name])
gradient subtracted from the velocity: v ← β v + ∂E/∂w; the minus comes with the step. | + gradients => - gradients
another form of momentum: Some texts put η into the velocity, v ← β v − η ∂E/∂w. Here it is v ← β v + ∂E/∂w, and the step
    is −η v.
    + gradients => - lr * gradients
    & - lr * new[name] => + new[name]
another form of momentum: Some texts put η into the velocity, v ← β v + η ∂E/∂w. Here it is v ← β v + ∂E/∂w, and the step
    is −η v.
    + gradients => + lr * gradients
    & - lr * new[name] => - new[name]
learning rate twice: The learning rate comes with the step alone. | + gradients => + lr * gradients
gradients taken by their place: The dictionaries need not have the same order: what belongs to `name` is
    `gradients[name]` and `velocities[name]`.
    velocities[name] + gradients[name] for name in parameters => velocity + gradient for name, gradient, velocity in zip(parameters, gradients.values(), velocities.values())
old velocities given back: The second result holds the new velocities. | for name in parameters}, new => for name in parameters}, velocities
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return parameters of one to three layers, learning rates, and momentum from 0 to 0.9."""
    made = []
    for shapes, lr, momentum in zip(SHAPES, RATES, (0.5, 0.9, 0.0, 0.8, 0.25)):
        given = [arrays(rng, shapes, high, order) for high, order in ((10, 1), (8, -1), (6, 1))]
        made.append(Case(*given, lr, momentum))
    return made


exercise = FunctionExercise(
    "momentum_rule",
    "10",
    my_momentum,
    cases,
    mistakes_of(my_momentum, MISTAKES),
    "the parameters of one to three layers, learning rates from 0.01 to 0.5, momentum from 0 to 0.9.",
    parts=("parameters", "velocities"),
)
