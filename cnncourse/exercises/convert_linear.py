"""Chapter 13: a fully connected layer as a convolution."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.windows import fine, kernel_values


def my_convert(weight, bias, shape):
    return weight.reshape(len(weight), *shape), bias


FLATTENING = "The layer reads the maps in the order channel, row, column, and `reshape` counts in that order."
MISTAKES = rf"""
order of flattening: {FLATTENING} Here the channels were taken to be the last.
    weight.reshape(len(weight), *shape) => weight.reshape(-1, *shape[1:], shape[0]).transpose(0, 3, 1, 2)
order of flattening: {FLATTENING} Here the columns were taken to come before the rows.
    weight.reshape(len(weight), *shape) => weight.reshape(-1, shape[0], shape[2], shape[1]).swapaxes(2, 3)
order of flattening: {FLATTENING} `order="F"` counts the other way.
    *shape) => *shape, order="F")
weight transposed: Each row of `weight` belongs to one unit and becomes one kernel: no `weight.T`.
    weight.reshape => weight.T.reshape
    weight.reshape(len(weight), *shape) => weight.T.reshape(*shape, len(weight))
channels last: Kernels are (out, D, H, W): the numbers are right, but the channels stand at the end.
    *shape) => *shape).transpose(0, 2, 3, 1)
channels last: Kernels are (out, D, H, W): this is (out, H, W, D). | *shape) => *shape[1:], shape[0])
rows and columns swapped: `shape` is (D, H, W): H rows, W columns. | *shape) => shape[0], shape[2], shape[1])
rows and columns swapped: Kernels are (out, D, H, W), rows before columns. | *shape) => *shape).swapaxes(2, 3)
channels and units swapped: Kernels are (out, D, H, W): the first axis counts the units. | *shape) => *shape).swapaxes(0, 1)
kernel turned: A convolution layer computes the cross-correlation: nothing is turned.
    *shape) => *shape)[..., ::-1, ::-1]
    weight.reshape => weight[:, ::-1].reshape
out axis missing: There is a kernel for each unit: (out, D, H, W).
    weight.reshape(len(weight), *shape) => weight[0].reshape(shape)
first unit only: There is a kernel for each unit: (out, D, H, W).
    weight.reshape(len(weight), *shape) => weight[:1].reshape(1, *shape)
not reshaped: The kernels are (out, D, H, W): `reshape`. | weight.reshape(len(weight), *shape) => weight
1×1 kernels: The window is as large as the map, H×W, so that it reads all of it at once.
    weight.reshape(len(weight), *shape) => weight[:, :, None, None]
bias set to 0: The biases stay as they are. | , bias => , 0 * bias
bias reshaped: A convolution has one bias per kernel, (out,): the biases stay as they are.
    , bias => , bias[:, None, None]
    , bias => , bias[:, None, None, None]
    , bias => , bias[None, :, None, None]
order of the results: The kernels come first, then the biases.
    return weight.reshape(len(weight), *shape), bias => return bias, weight.reshape(len(weight), *shape)
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return layers on maps that are not square, of one channel and of several, one unit and several."""
    made = []
    settings = [
        (2, (1, 1, 2)),
        (1, (2, 2, 1)),
        (3, (2, 2, 3)),
        (2, (3, 2, 4)),
        (4, (1, 3, 2)),
        (3, (4, 1, 3)),
        (6, (3, 1, 2)),
    ]
    for out, shape in settings:
        weight = rng.permutation(np.arange(1.0, 1 + out * np.prod(shape))).reshape(out, -1)  # no two alike
        made.append(Case(weight, kernel_values(rng, (out,)), shape))
    return [*made, Case(fine(rng, (5, 24)), fine(rng, (5,)), (2, 3, 4))]


exercise = FunctionExercise(
    "convert_linear",
    "13",
    my_convert,
    cases,
    mistakes_of(my_convert, MISTAKES),
    "one to six units on one to four maps that are not square, a weight of its own for each place.",
    parts=("weight", "bias"),
)
