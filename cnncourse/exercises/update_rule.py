"""Chapter 08: one step of gradient descent."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from .shared.parameters import RATES, SHAPES, arrays


def my_update(parameters, gradients, lr):
    return {name: value - lr * gradients[name] for name, value in parameters.items()}


MISTAKES = r"""
uphill: The gradient points to where the loss grows: subtract it. | value - lr => value + lr
learning rate forgotten: The gradient is multiplied by `lr`. | lr * gradients => gradients
uphill, and learning rate forgotten: w − lr · gradient. | - lr * gradients => + gradients
learning rate always 0.1: The learning rate is the argument `lr`. | lr * => 0.1 *
learning rate always 0.01: The learning rate is the argument `lr`. | lr * => 0.01 *
learning rate twice: One factor `lr`. | lr * => lr * lr *
divided by the learning rate: The gradient is multiplied by `lr`. | lr * gradients[name] => gradients[name] / lr
biases not updated: Every name of the dictionary is updated, the biases too.
    lr * => lr * (name[0] != "b") *
    parameters.items()} => parameters.items() if name[0] != "b"}
weights not updated: Every name of the dictionary is updated, the weights too.
    lr * => lr * (name[0] == "b") *
    parameters.items()} => parameters.items() if name[0] == "b"}
first parameter only: Does a `return` stand inside the loop? All names are updated.
    lr * => lr * (name == next(iter(parameters))) *
first parameter only: Does a `return` stand inside the loop? All names are in the result.
    parameters.items()} => list(parameters.items())[:1]}
last parameter only: Is the dictionary made inside the loop, once for every name? All names are in the result.
    parameters.items()} => list(parameters.items())[-1:]}
last parameter only: All names are updated. | lr * => lr * (name == list(parameters)[-1]) *
gradients taken by their place: The two dictionaries need not have the same order: the gradient of `name` is
    `gradients[name]`.
    gradients[name] for name, value in parameters.items() => gradient for (name, value), gradient in zip(parameters.items(), gradients.values())
mean over the batch taken twice: The gradients are those of the mean loss already: the learning rate is the only factor.
    gradients[name] => gradients[name] / len(gradients[name])
    gradients[name] => gradients[name] / gradients[name].size
gradient averaged: Each number of a parameter has a derivative of its own. | gradients[name] => gradients[name].mean()
the step alone: These are the steps: the new parameters are the old ones minus `lr` times the gradient.
    value - lr => -lr
    value - lr => lr
parameters and gradients swapped: The gradient is subtracted from the parameter, times `lr`.
    value - lr * gradients[name] => gradients[name] - lr * value
difference times the learning rate: Only the gradient is multiplied by `lr`: no brackets around the difference.
    value - lr * gradients[name] => lr * (value - gradients[name])
multiplied instead of subtracted: lr · gradient is subtracted from the parameter.
    value - lr * gradients[name] => value * (1 - lr * gradients[name])
sign of the gradient only: The size of the gradient counts, not its sign alone.
    gradients[name] => np.sign(gradients[name])
gradient clipped: The gradient is used as it is, also where it is large. | gradients[name] => np.clip(gradients[name], -1, 1)
length of the gradient divided out: The gradient is used as it is.
    gradients[name] => gradients[name] / np.linalg.norm(gradients[name])
nothing updated: The parameters come back as they were. | value - lr * gradients[name] => value
gradients given back: The new parameters are asked for. | value - lr * gradients[name] => gradients[name]
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return parameters of one to three layers, their gradients in another order, learning rates from 0.01 to 0.5."""
    return [Case(arrays(rng, shapes, 10), arrays(rng, shapes, 8, -1), lr) for shapes, lr in zip(SHAPES, RATES)]


exercise = FunctionExercise(
    "update_rule",
    "08",
    my_update,
    cases,
    mistakes_of(my_update, MISTAKES),
    "the parameters of one to three layers, fully connected and convolutional, and learning rates from 0.01 to 0.5.",
)
