"""Pooling, forward and backward, as functions on arrays: the largest or the mean value of every window.

The largest of a window is the largest of its rows' largest, and sums come apart in the same way: so each function
works along the columns first, then along the rows, with F_w + F_h cells in place of F_w * F_h. Along one axis all
windows' first cells are one strided view of the map, all second cells another, and so on (`_cells`): a few whole-array
operations per cell do the work, in whatever order the map lies in memory. Padding is never stored: windows at the
border have fewer cells in those views.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from . import arguments, shapes
from .arguments import Array, IntPair, Pair

Index = tuple[slice, ...]


def max_pool2d(x: Array, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> Array:
    """Return the largest value of each window: a_ij = max_mn x_{iS + m - P, jS + n - P}, in each channel.

    A window with a NaN gives NaN.

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        A batch of B images or maps with D channels.
    size : int or (int, int)
        F, the size of the windows, or their rows and columns.
    stride : int or (int, int), optional
        S, the distance between neighbouring windows; the size unless given.
    padding : int or (int, int), optional
        P, the number of cells of -inf on each side, at most half the size.

    Returns
    -------
    ndarray, shape (B, D, H2, W2)
        H2 = floor((H + 2P - F_h) / S) + 1, W2 likewise.

    Raises
    ------
    ValueError
        If x has other axes, a setting is out of range, or not even one window fits.
    TypeError
        If x is not an array of real numbers, or a setting not an integer.

    Examples
    --------
    >>> max_pool2d(np.arange(8).reshape(1, 1, 2, 4), 2)
    array([[[[5., 7.]]]])
    """
    return maxima(x, size, stride, padding)[1]


def maxima(x: Array, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> tuple[Array, Array]:
    """Return the largest value of each row of every window, (B, D, H, W2), and of each window, (B, D, H2, W2).

    The second is the result of `max_pool2d`; together they tell `max_pool2d_backward` who won. Arguments and errors are
    those of `max_pool2d`.

    Examples
    --------
    >>> maxima(np.arange(8).reshape(1, 1, 2, 4), 2)[0]
    array([[[[1., 3.],
             [5., 7.]]]])
    """
    x, size, stride, padding, output = shapes.pool_arguments(x, size, stride, padding)
    rows = _reduced(np.maximum, -np.inf, x, 3, size, stride, padding, output)
    return rows, _reduced(np.maximum, -np.inf, rows, 2, size, stride, padding, output)


def max_pool2d_backward(
    delta: Array, x: Array, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0,
    *, found: tuple[Array, Array] | None = None,
) -> Array:  # fmt: skip
    """Return dE/dx: each delta goes to the cell that won its window, the first one of a tie.

    Where windows overlap, what arrives is added. A NaN wins its window.

    Parameters
    ----------
    delta : ndarray, shape (B, D, H2, W2)
        dE/da, in the shape that `max_pool2d` gives for the same x and settings.
    x : ndarray, shape (B, D, H, W)
        The input of the pooling.
    size, stride, padding : int or (int, int)
        As in `max_pool2d`.
    found : (ndarray, ndarray), optional
        What `maxima` gives for the same x and settings, for whoever has it already: it need not be computed again.

    Returns
    -------
    ndarray, shape (B, D, H, W)
        dE/dx in the dtype of x.

    Raises
    ------
    ValueError
        If shapes do not match, or a setting is out of range.
    TypeError
        If an argument is not an array of real numbers, or a setting not an integer.

    Examples
    --------
    >>> max_pool2d_backward(np.array([[[[10, 20]]]]), np.array([[[[3, 3, 1, 2]]]]), (1, 2))
    array([[[[10.,  0.,  0., 20.]]]])
    """
    x, size, stride, padding, output = shapes.pool_arguments(x, size, stride, padding)
    delta = shapes.output_gradient(delta, *x.shape[:2], *output)
    found = maxima(x, size, stride, padding) if found is None else found
    rows, largest = (arguments.as_float_array(f"found[{k}]", array) for k, array in enumerate(found))
    arguments.same_shape("found[0]", rows, (*x.shape[:3], delta.shape[3]), "the shape of maxima's rows")
    arguments.same_shape("found[1]", largest, delta.shape, "the shape of max_pool2d's output")
    # 0 * inf would reach the cells that did not win, and a NaN does not equal itself
    ordinary = bool(np.isfinite(delta).all()) and not np.isnan(largest.max(initial=-np.inf))
    d_rows = _to_winners(delta, rows, largest, 2, size, stride, padding, ordinary)
    return _to_winners(d_rows, x, rows, 3, size, stride, padding, ordinary)


def avg_pool2d(x: Array, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> Array:
    """Return the mean of each window, padded zeros counted: a_ij = sum_mn x_{iS + m - P, jS + n - P} / (F_h F_w).

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        A batch of B images or maps with D channels.
    size : int or (int, int)
        F, the size of the windows, or their rows and columns.
    stride : int or (int, int), optional
        S, the distance between neighbouring windows; the size unless given.
    padding : int or (int, int), optional
        P, the number of zeros on each side, at most half the size.

    Returns
    -------
    ndarray, shape (B, D, H2, W2)
        H2 = floor((H + 2P - F_h) / S) + 1, W2 likewise.

    Raises
    ------
    ValueError
        If x has other axes, a setting is out of range, or not even one window fits.
    TypeError
        If x is not an array of real numbers, or a setting not an integer.

    Examples
    --------
    >>> avg_pool2d(np.arange(8).reshape(1, 1, 2, 4), 2)
    array([[[[2.5, 4.5]]]])
    """
    x, size, stride, padding, output = shapes.pool_arguments(x, size, stride, padding)
    sums = _reduced(np.add, 0, x, 3, size, stride, padding, output)
    mean = _reduced(np.add, 0, sums, 2, size, stride, padding, output)
    mean /= size[0] * size[1]
    return mean


def avg_pool2d_backward(
    delta: Array, x: Array, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> Array:
    """Return dE/dx: each delta / (F_h F_w) goes to every cell of its window; overlaps are added.

    The share of padded cells is lost.

    Parameters
    ----------
    delta : ndarray, shape (B, D, H2, W2)
        dE/da, in the shape that `avg_pool2d` gives for the same x and settings.
    x : ndarray, shape (B, D, H, W)
        The input of the pooling.
    size, stride, padding : int or (int, int)
        As in `avg_pool2d`.

    Returns
    -------
    ndarray, shape (B, D, H, W)
        dE/dx in the dtype of x.

    Raises
    ------
    ValueError
        If shapes do not match, or a setting is out of range.
    TypeError
        If an argument is not an array of real numbers, or a setting not an integer.

    Examples
    --------
    >>> avg_pool2d_backward(np.array([[[[10, 20]]]]), np.zeros((1, 1, 1, 4)), (1, 2))
    array([[[[ 5.,  5., 10., 10.]]]])
    """
    x, size, stride, padding, output = shapes.pool_arguments(x, size, stride, padding)
    delta = shapes.output_gradient(delta, *x.shape[:2], *output)
    d_x = delta / (size[0] * size[1])
    for axis in (2, 3):
        share, d_x = d_x, np.zeros_like(x, shape=(*x.shape[: axis + 1], *d_x.shape[axis + 1 :]))
        for out, cell in _cells(axis, x.shape[axis], size, stride, padding, share.shape[axis]):
            d_x[cell] += share[out]
    return d_x


def global_avg_pool2d(x: Array) -> Array:
    """Return the mean of each channel, whatever the size of the maps is.

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        A batch of B images or maps with D channels.

    Returns
    -------
    ndarray, shape (B, D)

    Raises
    ------
    ValueError
        If x has other axes, or no cells.
    TypeError
        If x is not an array of real numbers.

    Examples
    --------
    >>> global_avg_pool2d(np.arange(8).reshape(1, 2, 2, 2))
    array([[1.5, 5.5]])
    """
    mean: Array = shapes.maps(x).mean(axis=(2, 3))
    return mean


def global_avg_pool2d_backward(delta: Array, x: Array) -> Array:
    """Return dE/dx: each delta / (H W) goes to every cell of its channel.

    Parameters
    ----------
    delta : ndarray, shape (B, D)
        The derivative of E by the output of `global_avg_pool2d`.
    x : ndarray, shape (B, D, H, W)
        Its input.

    Returns
    -------
    ndarray, shape (B, D, H, W)
        dE/dx in the dtype of x.

    Raises
    ------
    ValueError
        If shapes do not match.
    TypeError
        If an argument is not an array of real numbers.

    Examples
    --------
    >>> global_avg_pool2d_backward(np.array([[8]]), np.zeros((1, 1, 1, 2)))
    array([[[[4., 4.]]]])
    """
    x = shapes.maps(x)
    delta, d_x = shapes.output_gradient(delta, *x.shape[:2]), np.empty_like(x)
    d_x[:] = (delta / (x.shape[2] * x.shape[3]))[:, :, None, None]
    return d_x


def _reduced(
    ufunc: np.ufunc, start: float, x: Array, axis: int, size: Pair, stride: Pair, padding: Pair, output: Pair
) -> Array:
    """Return the maximum or sum of each window along one axis, a map with `output` places there."""
    y: Array
    cells = _cells(axis, x.shape[axis], size, stride, padding, output[axis - 2])
    if padding[axis - 2] == 0 and size[axis - 2] > 1:  # all windows have these two cells: no start value is needed
        y, cells = ufunc(x[cells[0][1]], x[cells[1][1]]), cells[2:]
    else:
        y = np.full_like(x, start, shape=(*x.shape[:axis], output[axis - 2], *x.shape[axis + 1 :]))
    for out, cell in cells:
        part = y[out]
        ufunc(part, x[cell], out=part)
    return y


def _to_winners(
    delta: Array, x: Array, largest: Array, axis: int, size: Pair, stride: Pair, padding: Pair, ordinary: bool
) -> Array:
    """Return delta handed to the first cell of each window along one axis that equals the window's largest."""
    side, length, count = size[axis - 2], x.shape[axis], delta.shape[axis]
    cells = _cells(axis, length, size, stride, padding, count)
    if ordinary and padding[axis - 2] == 0 and side == stride[axis - 2] > 1:
        # Windows lie side by side: a cell that does not win leaves all to the next one, the last cell gets the rest.
        d_x = np.empty_like(x) if side * count == length else np.zeros_like(x)
        left = delta
        for (_, cell), (_, following) in pairwise(cells):
            np.multiply(left, x[cell] != largest, out=d_x[following])
            np.subtract(left, d_x[following], out=d_x[cell])
            left = d_x[following]
        return d_x
    d_x = np.zeros_like(x)
    free = np.ones_like(largest, dtype=bool)  # windows whose winner has not been met yet
    for out, cell in cells:
        won = free[out] & ((x[cell] == largest[out]) | np.isnan(x[cell]))
        free[out] ^= won
        d_x[cell] += np.where(won, delta[out], 0)
    return d_x


@lru_cache(maxsize=256)
def _cells(
    axis: int, length: int, size: Pair, stride: Pair, padding: Pair, count: int
) -> tuple[tuple[Index, Index], ...]:
    """Return for each cell of a window along one axis two indices: into the output map and into the input map.

    `x[cell]` is that cell in all windows that have it inside the map, `y[out]` these windows' place in the output.
    """
    side, step, border = size[axis - 2], stride[axis - 2], padding[axis - 2]
    before = (slice(None),) * axis
    cells = []
    for m in range(side):
        first = max(0, -((m - border) // step))
        last = min(count - 1, (length - 1 + border - m) // step)
        if first <= last:
            start = first * step + m - border
            cell = slice(start, start + step * (last - first) + 1, step)
            cells.append(((*before, slice(first, last + 1)), (*before, cell)))
    return tuple(cells)
