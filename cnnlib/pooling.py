"""Pooling, forward and backward, as functions on arrays: the largest or the mean value of every window.

A window of size F_h x F_w has F_h * F_w cells. All windows' first cells are one strided view of the map, all
second cells another, and so on (`_cells`): a few whole-array operations per cell do the work, in whatever order
the map lies in memory. Padding is never stored: windows at the border have fewer cells in those views.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from . import shapes
from .arguments import IntPair

Pair = tuple[int, int]
Cells = tuple[tuple[tuple, tuple], ...]


def max_pool2d(x: np.ndarray, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> np.ndarray:
    """Return the largest value of each window: y_ij = max_mn x_{iS + m - P, jS + n - P}, in each channel.

    x: (N, C, H, W). Result: (N, C, H2, W2), H2 = floor((H + 2P - F_h) / S) + 1, W2 likewise. `size`, `stride` (the
    size unless given) and `padding` (cells of -inf, at most half the size) are an int or a (row, column) pair.
    A window with a NaN gives NaN. Raises ValueError if not one window fits, TypeError for what is not an array.

    >>> max_pool2d(np.arange(8).reshape(1, 1, 2, 4), 2)
    array([[[[5., 7.]]]])
    """
    x, size, stride, padding, output = shapes.pool_arguments(x, size, stride, padding)
    largest = np.full_like(x, -np.inf, shape=(*x.shape[:2], *output))
    for out, into in _cells(x.shape[2:], size, stride, padding, output):
        window = largest[out]
        np.maximum(window, x[into], out=window)
    return largest


def max_pool2d_backward(
    delta: np.ndarray, x: np.ndarray, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> np.ndarray:
    """Return dE/dx (N, C, H, W): each delta goes to the cell that won its window, the first one of a tie.

    delta: (N, C, H2, W2), the shape of `max_pool2d`'s result. Where windows overlap, what arrives is added. A NaN
    wins its window. Raises ValueError if shapes do not match, TypeError for what is not an array.

    >>> max_pool2d_backward(np.array([[[[10, 20]]]]), np.array([[[[3, 3, 1, 2]]]]), (1, 2))
    array([[[[10.,  0.,  0., 20.]]]])
    """
    delta, x, size, stride, padding = shapes.pool_backward_arguments(delta, x, size, stride, padding)
    return max_backward(delta, x, size, stride, padding, max_pool2d(x, size, stride, padding))


def max_backward(
    delta: np.ndarray, x: np.ndarray, size: Pair, stride: Pair, padding: Pair, largest: np.ndarray
) -> np.ndarray:
    """Return `max_pool2d_backward`, given also `largest`, the result of `max_pool2d`."""
    delta, x, size, stride, padding = shapes.pool_backward_arguments(delta, x, size, stride, padding)
    d_x = np.zeros_like(x)
    free = np.ones_like(largest, dtype=bool)  # windows whose winner has not been met yet
    has_nan = np.isnan(largest.max(initial=-np.inf))
    finite = np.isfinite(delta).all()  # else the fast way below, 0 * inf, would reach the cells that did not win
    overlap = stride[0] < size[0] or stride[1] < size[1]
    for out, into in _cells(x.shape[2:], size, stride, padding, delta.shape[2:]):
        cell, left = x[into], free[out]
        won = cell == largest[out]
        if has_nan:
            won |= np.isnan(cell)
        won &= left
        left ^= won
        if not finite:
            d_x[into] += np.where(won, delta[out], 0)
        elif overlap:
            d_x[into] += delta[out] * won
        else:
            np.multiply(delta[out], won, out=d_x[into])
    return d_x


def avg_pool2d(x: np.ndarray, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> np.ndarray:
    """Return the mean of each window, padded zeros counted: y_ij = sum_mn x_{iS + m - P, jS + n - P} / (F_h F_w).

    x: (N, C, H, W). Result: (N, C, H2, W2); sizes, settings and errors as in `max_pool2d`.

    >>> avg_pool2d(np.arange(8).reshape(1, 1, 2, 4), 2)
    array([[[[2.5, 4.5]]]])
    """
    x, size, stride, padding, output = shapes.pool_arguments(x, size, stride, padding)
    mean = np.zeros_like(x, shape=(*x.shape[:2], *output))
    for out, into in _cells(x.shape[2:], size, stride, padding, output):
        mean[out] += x[into]
    mean /= size[0] * size[1]
    return mean


def avg_pool2d_backward(
    delta: np.ndarray, x: np.ndarray, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> np.ndarray:
    """Return dE/dx (N, C, H, W): each delta / (F_h F_w) goes to every cell of its window; overlaps are added.

    delta: (N, C, H2, W2), the shape of `avg_pool2d`'s result. The share of padded cells is lost.
    Raises ValueError if shapes do not match, TypeError for what is not an array.

    >>> avg_pool2d_backward(np.array([[[[10, 20]]]]), np.zeros((1, 1, 1, 4)), (1, 2))
    array([[[[ 5.,  5., 10., 10.]]]])
    """
    delta, x, size, stride, padding = shapes.pool_backward_arguments(delta, x, size, stride, padding)
    d_x = np.zeros_like(x)
    share = delta / (size[0] * size[1])
    for out, into in _cells(x.shape[2:], size, stride, padding, delta.shape[2:]):
        d_x[into] += share[out]
    return d_x


def global_avg_pool2d(x: np.ndarray) -> np.ndarray:
    """Return the mean of each channel: x (N, C, H, W) to (N, C), whatever H and W are.

    >>> global_avg_pool2d(np.arange(8).reshape(1, 2, 2, 2))
    array([[1.5, 5.5]])
    """
    return shapes.global_pool_arguments(x).mean(axis=(2, 3))


def global_avg_pool2d_backward(delta: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Return dE/dx (N, C, H, W): each delta / (H W), delta (N, C), goes to every cell of its channel.

    >>> global_avg_pool2d_backward(np.array([[8]]), np.zeros((1, 1, 1, 2)))
    array([[[[4., 4.]]]])
    """
    delta, x = shapes.global_pool_backward_arguments(delta, x)
    d_x = np.empty_like(x)
    d_x[:] = (delta / (x.shape[2] * x.shape[3]))[:, :, None, None]
    return d_x


@lru_cache(maxsize=256)
def _cells(map_size: Pair, size: Pair, stride: Pair, padding: Pair, output: Pair) -> Cells:
    """Return for each cell of a window, row by row, two indices: into the output map and into the input map.

    `x[into]` is that cell in all windows that have it inside the map, `y[out]` these windows' place in the output.
    """
    rows, columns = (
        [_reach(m, *axis) for m in range(axis[1])] for axis in zip(map_size, size, stride, padding, output, strict=True)
    )
    return tuple(
        ((..., row[0], column[0]), (..., row[1], column[1])) for row in rows if row for column in columns if column
    )


def _reach(m: int, length: int, size: int, stride: int, padding: int, count: int) -> tuple[slice, slice] | None:
    """Return along one axis the windows whose cell m lies inside the map, and these cells (None if there are none)."""
    first = max(0, -((m - padding) // stride))
    last = min(count - 1, (length - 1 + padding - m) // stride)
    if last < first:
        return None
    start = first * stride + m - padding
    return slice(first, last + 1), slice(start, start + stride * (last - first) + 1, stride)
