"""Chapter 05: mean pooling."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import FunctionExercise
from ..checks.patches import mistakes_of
from ..language import mark
from .shared.pooling import CASES_DESCRIPTION, SHARED, cases, explained


def my_mean_pool2d(x, size, stride, padding=0):
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    (p, q), (S_h, S_w) = size, stride
    D, H, W = x.shape
    H2, W2 = (H - p) // S_h + 1, (W - q) // S_w + 1
    a = np.zeros((D, H2, W2))
    for d in range(D):
        for i in range(H2):
            for j in range(W2):
                window = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
                a[d, i, j] = window.sum() / (p * q)
    return a


MISTAKES = r"""
maximum instead of mean: This is max pooling.
    window.sum() / (p * q) => window.max()
    window.sum() / (p * q) => window.max()
    & np.pad(x, => np.pad(x * 1.0, constant_values=-np.inf, pad_width=
minimum instead of mean: This is the smallest number of each window.
    window.sum() / (p * q) => window.min()
    window.sum() / (p * q) => window.min()
    & np.pad(x, => np.pad(x * 1.0, constant_values=np.inf, pad_width=
sum instead of mean: The sum is right: divide it by p·q. | / (p * q) => * 1.0
mean over the wrong count: Windows at the border are divided by their cells inside the map: here the padding counts, p·q
    cells.
    np.pad(x, => np.pad(x * 1.0, constant_values=np.nan, pad_width=
    & window.sum() / (p * q) => np.nanmean(window)
mean over the wrong count: Divide by p·q, not by p·p. | (p * q) => (p * p)
mean over the wrong count: Divide by p·q, not by q·q. | (p * q) => (q * q)
mean over the wrong count: Divide by p·q, not by p. | (p * q) => p
mean over the wrong count: Divide by p·q, not by q. | (p * q) => q
mean over the wrong count: Divide by p·q, not by p + q. | (p * q) => (p + q)
mean over the wrong count: Divide by p·q, not by 4: the window may have any size. | (p * q) => 4
mean over the wrong count: Divide by p·q, not by the strides. | (p * q) => (S_h * S_w)
mean over the wrong count: Divide by p·q, not by the size of the map.
    (p * q) => ((H - 2 * padding) * (W - 2 * padding))
    (p * q) => (H * W)
mean over the wrong count: Divide by p·q, not by p·q times the number of channels: each channel is pooled on its own.
    (p * q) => (p * q * D)
rounded mean: The division rounds down: `/` instead of `//`. | / (p * q) => // (p * q)
first cell of each window: Only the first cell of each window counts: add up all p·q of them.
    window.sum() / (p * q) => window[0, 0]
fractions cut off: The result has the integer type of the input, which holds no fractions: let `np.zeros` make an array
    of floats.
    np.zeros((D, H2, W2)) => np.zeros((D, H2, W2), x.dtype)
    np.zeros((D, H2, W2)) => np.zeros_like(x, shape=(D, H2, W2))
channels mixed: The window takes in all channels at once: each channel is pooled on its own.
    x[d, => x[:,
    x[d, => x[:,
    & / (p * q) => / (p * q * D)
channels mixed: All channels are pooled into one map: each channel is pooled on its own.
    return a => return a.mean(axis=0, keepdims=True)
    return a => return a.mean(axis=0)
    return a => return a.sum(axis=0)
rounded up: The last window hangs over the end: a window that does not fit whole is left out.
    (H - p) // S_h => -(-(H - p) // S_h)
    & (W - q) // S_w => -(-(W - q) // S_w)
    & window.sum() / (p * q) => window.mean()
"""

exercise = FunctionExercise(
    "mean_pool2d",
    "05",
    my_mean_pool2d,
    cases,
    mistakes_of(my_mean_pool2d, MISTAKES + SHARED),
    CASES_DESCRIPTION,
    explained(mark("the mean of all p·q cells, padding as 0: {value}")),
)
