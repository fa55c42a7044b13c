"""Chapter 05: max pooling, with padding that never wins."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import FunctionExercise
from ..checks.patches import mistakes_of
from ..language import mark
from .shared.pooling import CASES_DESCRIPTION, SHARED, cases, explained


def my_max_pool2d(x, size, stride, padding=0):
    around = ((0, 0), (padding, padding), (padding, padding))
    x = np.pad(x.astype(float), around, constant_values=-np.inf)
    (p, q), (S_h, S_w) = size, stride
    D, H, W = x.shape
    a = np.zeros((D, (H - p) // S_h + 1, (W - q) // S_w + 1))
    for d, i, j in np.ndindex(a.shape):
        a[d, i, j] = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q].max()
    return a


MISTAKES = r"""
running maximum from 0: If all numbers of a window are negative the result is 0: begin with −∞ (`-np.inf`) or the first
    cell.
    .max() => .max(initial=0)
running maximum from a number: If all numbers of a window are smaller than what the maximum begins with, that comes out:
    begin with −∞ (`-np.inf`) or the first cell.
    .max() => .max(initial=-10)
    .max() => .max(initial=-99)
max pooling padded with 0: A padded 0 wins against negative numbers: pad with −∞ (`constant_values=-np.inf`).
    constant_values=-np.inf => constant_values=0
max pooling padded with a number: What is padded wins against smaller numbers: pad with −∞ (`constant_values=-np.inf`).
    -np.inf => -10
    -np.inf => -99
    x.astype(float), around, constant_values=-np.inf => x * 1.0, around, constant_values=x.min() - 1
    & .max() => .max().clip(-50)
max pooling padded with +∞: Padded cells win everywhere: pad with −∞ (`constant_values=-np.inf`).
    -np.inf => np.inf
integers overflow: An array of integers has no −∞: make floats of it first, `x.astype(float)`.
    x.astype(float) => x
mean instead of maximum: This is mean pooling.
    .max() => .mean()
    & -np.inf => 0
minimum instead of maximum: This is the smallest number of each window.
    .max() => .min()
    & -np.inf => np.inf
    .max() => .min()
largest absolute value: The sign counts: the largest number, not the one farthest from 0.
    x.astype(float) => abs(x * 1.0)
first cell of each window: Only the first cell of each window counts: compare all p·q of them.
    .max() => [0, 0]
channels mixed: The window takes in all channels at once: each channel is pooled on its own. | x[d, => x[:,
channels mixed: All channels are pooled into one map: each channel is pooled on its own.
    return a => return a.max(axis=0, keepdims=True)
    return a => return a.max(axis=0)
"""

exercise = FunctionExercise(
    "max_pool2d",
    "05",
    my_max_pool2d,
    cases,
    mistakes_of(my_max_pool2d, MISTAKES + SHARED),
    CASES_DESCRIPTION,
    explained(mark("the largest of the cells inside: {value}")),
    optional=True,
)
