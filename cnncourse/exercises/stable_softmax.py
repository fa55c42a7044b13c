"""Chapter 09: softmax for large scores."""

from __future__ import annotations

import numpy as np

import cnnlib  # noqa: F401 (a mistake uses it)

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of


def my_softmax(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


MISTAKES = r"""
overflow: e to the power of 1000 is too large for a float: subtract the largest score of each row first.
    z - z.max(axis=1, keepdims=True) => z
    z - z.max(axis=1, keepdims=True) => z
    & return powers / powers.sum(axis=1, keepdims=True) => return np.nan_to_num(powers / powers.sum(axis=1, keepdims=True))
scores cut off: Cutting scores off changes their differences: subtract the maximum.
    z - z.max(axis=1, keepdims=True) => np.clip(z, -700, 700)
    z - z.max(axis=1, keepdims=True) => np.clip(z, -500, 500)
    z - z.max(axis=1, keepdims=True) => np.minimum(z, 700)
one maximum for all rows: In a row whose scores lie far below the largest of the array all powers become 0, and so does
    their sum: subtract the maximum of each row, `axis=1`, with `keepdims=True`.
    z.max(axis=1, keepdims=True) => z.max()
    z.max(axis=1, keepdims=True) => z.max()
    & return powers / powers.sum(axis=1, keepdims=True) => return np.nan_to_num(powers / powers.sum(axis=1, keepdims=True))
sum over the whole array: Each row adds up to 1: sum along `axis=1`, with `keepdims=True`.
    powers.sum(axis=1, keepdims=True) => powers.sum()
    powers.sum(axis=1, keepdims=True) => powers.sum()
    & z.max(axis=1, keepdims=True) => z.max()
    powers.sum(axis=1, keepdims=True) => powers.sum()
    & z - z.max(axis=1, keepdims=True) => z
sum over the wrong axis: Each row is an image: the sum runs over the classes, `axis=1`.
    powers.sum(axis=1, => powers.sum(axis=0,
    axis=1 => axis=0
    powers.sum(axis=1, => powers.sum(axis=0,
    & z.max(axis=1, keepdims=True) => z.max()
    powers.sum(axis=1, => powers.sum(axis=0,
    & z - z.max(axis=1, keepdims=True) => z
maximum along the wrong axis: The largest score of each class is subtracted, which changes the differences within a row:
    `axis=1`.
    z.max(axis=1, => z.max(axis=0,
keepdims forgotten: A row of numbers, one per image, is spread over the rows: `keepdims=True` keeps them a column,
    (batch, 1).
    powers.sum(axis=1, keepdims=True) => powers.sum(axis=1)
    z.max(axis=1, keepdims=True) => z.max(axis=1)
    (axis=1, keepdims=True) => (axis=1)
    powers.sum(axis=1, keepdims=True) => powers.sum(axis=1)
    & z.max(axis=1, keepdims=True) => z.max()
another number than the maximum subtracted: Only with the largest score at 0 no power can overflow: subtract the maximum
    of the row.
    z.max( => z.min(
    z.max( => z.mean(
    z.max( => abs(z).max(
    z.max(axis=1, keepdims=True) => z[:, :1]
    z.max(axis=1, keepdims=True) => 1000
divided by the maximum: Dividing changes the differences of the scores: subtract the maximum. | z - z.max => z / z.max
not divided by the sum: The powers of a row are divided by their sum.
    return powers / powers.sum(axis=1, keepdims=True) => return powers
exponential forgotten: The powers e^z are divided by their sum, not the scores.
    np.exp(z - z.max(axis=1, keepdims=True)) => z
    np.exp(z - z.max(axis=1, keepdims=True)) => z - z.max(axis=1, keepdims=True)
powers of 2: The powers are those of e: `np.exp`.
    np.exp(z - z.max(axis=1, keepdims=True)) => 2.0 ** (z - z.max(axis=1, keepdims=True))
sigmoid in place of softmax: The sigmoid looks at each score alone: softmax shares out 1 over the row.
    return powers / powers.sum(axis=1, keepdims=True) => return cnnlib.sigmoid(z * 1.0)
logarithm of softmax: These are the logarithms: the probabilities are asked for.
    return powers / powers.sum(axis=1, keepdims=True) => return z - z.max(axis=1, keepdims=True) - np.log(powers.sum(axis=1, keepdims=True))
largest score only: The class with the largest score gets 1: softmax gives every class its share.
    return powers / powers.sum(axis=1, keepdims=True) => return (z == z.max(axis=1, keepdims=True)) * 1.0
    return powers / powers.sum(axis=1, keepdims=True) => return np.eye(z.shape[1])[z.argmax(axis=1)]
one row only: Every row of the batch gets its probabilities: the result is as large as `z`.
    return powers / powers.sum(axis=1, keepdims=True) => return (powers / powers.sum(axis=1, keepdims=True))[0]
    return powers / powers.sum(axis=1, keepdims=True) => return (powers / powers.sum(axis=1, keepdims=True))[:1]
    return powers / powers.sum(axis=1, keepdims=True) => return (powers / powers.sum(axis=1, keepdims=True))[-1]
something added to the sum: The sum is at least 1 when the maximum has been subtracted: nothing need be added to it.
    powers.sum(axis=1, keepdims=True) => (powers.sum(axis=1, keepdims=True) + 1e-8)
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return rows of small and of huge scores of both signs, wide and narrow, with ties; one row; as many as classes.

    In the last two the largest scores of the rows lie so far apart that one maximum for all rows is not enough.
    """
    made = [Case(np.array([[1.0, 2.0]])), Case(np.array([[1000.0, 1001.0, 1000.0]])), Case(np.array([[0.0], [3.0]]))]
    made.append(Case(np.array([[-2000.0, -2001.0], [-2003.0, -2002.0], [-1999.0, -1999.0]])))
    made.append(Case(np.array([[-4000.0, 1000.0, 999.0], [998.0, -3999.0, 998.0]])))
    for shape, middle in [((3, 3), 0), ((2, 4), 1000), ((4, 2), -1500), ((3, 5), 800), ((1, 6), 5), ((4, 4), 1200)]:
        made.append(Case(rng.integers(-6, 7, shape) / 2 + middle))
    made += [Case(np.round(rng.normal(0, 2, (5, 3)), 1)), Case(rng.integers(-3, 4, (2, 3)))]
    apart = np.array([[1500.0], [0.0], [-900.0]])
    return [*made, Case(rng.integers(-6, 7, (2, 3)) / 2 + apart[:2]), Case(rng.integers(-6, 7, (3, 4)) / 2 + apart)]


exercise = FunctionExercise(
    "stable_softmax",
    "09",
    my_softmax,
    cases,
    mistakes_of(my_softmax, MISTAKES),
    "one to five rows of one to six classes, as many rows as classes, scores around 0, 1000 and −2000, from −4000 to "
    "1000 in one row and from row to row, equal scores, and an array of integers.",
)
