"""Exercises of chapter 01, ReLU."""

from __future__ import annotations

import numpy as np

from .. import activations
from .comparing import Mistake
from .exercise import Case, FunctionExercise
from .prediction import Prediction, real_number

SLOPES = (0.01, 0.01, 0.25, 0.5, 0.1)


def cases(rng: np.random.Generator) -> list[Case]:
    """Return arrays of one to four axes with negative numbers, zeros and ties; the last holds integers."""
    made = [Case(np.array([-2.0, 0.0, 3.0])), Case(np.array([-1.0, 4.0, -4.0, 0.0]), slope=0.5)]
    for shape, slope in zip([(6,), (2, 5), (4, 3), (2, 3, 4), (2, 1, 3, 5)], SLOPES):
        x = rng.integers(-8, 9, shape) / 2
        x.flat[rng.permutation(x.size)[:3]] = [0.0, -3.5, 2.5]  # one of each kind
        made.append(Case(x, slope=slope))
    return [*made, Case(rng.permutation(np.arange(-3, 5)).reshape(2, 4), slope=0.2)]


def leaky_relu(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
    return activations.leaky_relu(x, slope)


def leaky_relu_derivative(x: np.ndarray, slope: float = 0.01) -> np.ndarray:
    return activations.leaky_relu_derivative(x, slope)


TRIED = (
    "arrays of one to four axes, slopes from 0.01 to 0.5, with negative numbers, exact zeros, equal numbers, and one "
    "array of integers."
)

leaky_relu_check = FunctionExercise(
    "leaky_relu",
    "01",
    leaky_relu,
    cases,
    mistakes=(
        Mistake(
            "plain ReLU",
            "Where `x` is negative the result is 0; a leaky ReLU lets `slope * x` through.",
            lambda x, slope: np.maximum(x, 0),
        ),
        Mistake(
            "slope ignored",
            "The slope is always 0.01, whatever the argument `slope` says.",
            lambda x, slope: activations.leaky_relu(x),
        ),
        Mistake(
            "sides swapped",
            "The slope acts on the positive numbers, and the negative ones pass unchanged.",
            lambda x, slope: np.where(x > 0, slope * x, x),
        ),
        Mistake(
            "slope on both sides", "Positive numbers are multiplied too.", lambda x, slope: slope * x.astype(float)
        ),
        Mistake("identity", "Every number comes back as it was.", lambda x, slope: x.astype(float)),
        Mistake(
            "slope in place of slope times x",
            "Where `x` is negative the result is `slope` itself: that is the derivative.",
            lambda x, slope: np.where(x > 0, x, slope),
        ),
        Mistake(
            "sign lost",
            "Negative numbers come out positive: `slope * x`, without the absolute value.",
            lambda x, slope: np.where(x > 0, x, slope * np.abs(x)),
        ),
        Mistake(
            "slope subtracted",
            "Where `x` is negative, the slope is a factor: `slope * x`, not a sum or a difference.",
            lambda x, slope: np.where(x > 0, x, x - slope),
        ),
        Mistake(
            "slope added",
            "Where `x` is negative, the slope is a factor: `slope * x`, not a sum or a difference.",
            lambda x, slope: np.where(x > 0, x, x + slope),
        ),
        Mistake(
            "divided by the slope",
            "Where `x` is negative it is divided by the slope: multiply.",
            lambda x, slope: np.where(x > 0, x, x / slope),
        ),
        Mistake(
            "fractions cut off",
            "The result has the integer type of the input, which has no room for fractions: `np.where` makes a new "
            "array of the right type.",
            lambda x, slope: activations.leaky_relu(x, slope).astype(x.dtype),
        ),
        Mistake(
            "derivative in place of the function",
            "These are the slopes, 1 and `slope`: the function itself is `x` and `slope * x`.",
            lambda x, slope: activations.leaky_relu_derivative(x, slope),
        ),
    ),
    tried=TRIED,
)

leaky_relu_derivative_check = FunctionExercise(
    "leaky_relu_derivative",
    "01",
    leaky_relu_derivative,
    cases,
    mistakes=(
        Mistake(
            "derivative of plain ReLU",
            "Where `x` is negative the result is 0; a leaky ReLU has the derivative `slope` there.",
            lambda x, slope: activations.relu_derivative(x),
        ),
        Mistake(
            "1 at exactly 0",
            "At exactly 0 the exercise asks for `slope`, the convention that chapter 01 uses: 1 only where `x > 0`.",
            lambda x, slope: np.where(x >= 0, 1.0, slope),
        ),
        Mistake(
            "0 at exactly 0",
            "At exactly 0 the exercise asks for `slope`: 1 where `x > 0`, `slope` everywhere else.",
            lambda x, slope: np.where(x > 0, 1.0, np.where(x < 0, slope, 0.0)),
        ),
        Mistake(
            "the mean at exactly 0",
            "At exactly 0 the exercise asks for `slope`: 1 where `x > 0`, `slope` everywhere else.",
            lambda x, slope: np.where(x > 0, 1.0, np.where(x < 0, slope, (1 + slope) / 2)),
        ),
        Mistake(
            "slope ignored",
            "The slope is always 0.01, whatever the argument `slope` says.",
            lambda x, slope: activations.leaky_relu_derivative(x),
        ),
        Mistake(
            "sides swapped",
            "`slope` stands where `x` is positive, and 1 where it is negative.",
            lambda x, slope: np.where(x > 0, slope, 1.0),
        ),
        Mistake(
            "sign of the slope",
            "Where `x` is negative the line still rises: its derivative is `slope`, not `-slope`.",
            lambda x, slope: np.where(x > 0, 1.0, -slope),
        ),
        Mistake(
            "function in place of the derivative",
            "These are the values of leaky ReLU: the derivative says how steep it is, 1 or `slope`.",
            lambda x, slope: activations.leaky_relu(x, slope),
        ),
        Mistake(
            "derivative times x",
            "Where `x` is negative the derivative of `slope * x` is `slope`: the `x` goes away.",
            lambda x, slope: np.where(x > 0, 1.0, slope * x),
        ),
        Mistake(
            "x where it is positive",
            "Where `x` is positive the derivative of `x` is 1.",
            lambda x, slope: np.where(x > 0, x, slope),
        ),
        Mistake(
            "fractions cut off",
            "The result has the integer type of the input, which has no room for fractions: `np.where` makes a new "
            "array of the right type.",
            lambda x, slope: activations.leaky_relu_derivative(x, slope).astype(x.dtype),
        ),
    ),
    tried=TRIED,
)

largest_factor_check = Prediction(
    "largest_factor",
    "01",
    {
        "": real_number(
            0.25**10,
            0.01,
            (1.0, "the sigmoid itself", "1 bounds the sigmoid. What is multiplied is its derivative, at most 1/4."),
            (
                0.5**10,
                "σ(0) in place of σ′(0)",
                "At 0 the sigmoid is 1/2; its derivative there, a(1 − a), is 1/2 times 1/2.",
            ),
            (2.5, "added instead of multiplied", "The chain rule multiplies the factors of the layers."),
            (0.25, "one layer only", "That is the largest factor of a single layer. Ten of them are multiplied."),
            (0.025, "divided by the depth", "The chain rule multiplies the factors of the layers."),
            (0.25**9, "one layer too few", "Each of the ten layers gives a factor."),
            (0.25**11, "one layer too many", "Each of the ten layers gives one factor, and nothing else does."),
            (4.0**10, "upside down", "This is how much smaller the derivative becomes. The factor is 1 over that."),
            (-10.0, "the exponent only", "Write the number itself, for example `2**-3` for an eighth."),
            (0.1**10, "0.1 per layer", "The derivative of the sigmoid can be larger than 0.1: look at its curve at 0."),
            (1e-6, "rounded", "That is near, but a power says it exactly."),
            (0.0, "rounded to zero", "It is small, but not 0: write it as a power."),
        )
    },
    said="(1/4)¹⁰, less than a millionth: so little of the derivative can be left after ten sigmoid layers with w = 1.",
)
