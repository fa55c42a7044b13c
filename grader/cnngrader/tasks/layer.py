"""A convolution layer for one image with every setting of the assignments: reference solutions and mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Array = np.ndarray
Pair = tuple[int, int]
Ends = tuple[Pair, Pair]
NONE: Ends = ((0, 0), (0, 0))
TEXT_STUB = "YOUR ANSWER HERE"  # as nbgrader writes it, and tools/make_assignments.py


def one_for_both(at: int) -> Callable[[Pair], Pair]:
    """Return the mistake that takes one number of a pair, counted from 0, for both axes."""
    return lambda pair: (pair[at], pair[at])


def windows(x: Array, kernel: Pair, stride: Pair = (1, 1), padding: Ends = NONE, dilation: Pair = (1, 1)) -> Array:
    """Return the windows (d, i, j, m, n) of x (D, H, W) with zeros around it; fails if not one fits."""
    extent = tuple((F - 1) * gap + 1 for F, gap in zip(kernel, dilation))
    views = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), *padding)), extent, axis=(1, 2))
    return views[:, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def layer(
    x: Array, w: Array, b: Any = 0.0, stride: Pair = (1, 1), padding: Ends = NONE, dilation: Pair = (1, 1)
) -> Array:
    """Return the maps (N, H2, W2) of x (D, H, W) under the kernels w (N, D, F_h, F_w) with the biases b (N,)."""
    net: Array = np.einsum("dijmn,kdmn->kij", windows(x, w.shape[2:], stride, padding, dilation), w)
    net += np.reshape(np.broadcast_to(b, len(w)), (-1, 1, 1))
    return net


def one_map(
    x: Array, w: Array, b: float = 0.0, stride: Pair = (1, 1), padding: Ends = NONE, dilation: Pair = (1, 1)
) -> Array:
    """Return the map (H2, W2) of one channel x (H, W) under one kernel w (F_h, F_w)."""
    net: Array = layer(x[None], w[None, None], b, stride, padding, dilation)[0]
    return net


def padded(arguments: Mapping[str, Any]) -> bool:
    """Return whether a case has zeros around its input."""
    return bool(arguments.get("padding", NONE) != NONE)


def strided(arguments: Mapping[str, Any]) -> bool:
    """Return whether the windows of a case move by more than 1."""
    return bool(arguments.get("stride", (1, 1)) != (1, 1))


def scattered(delta: Array, w: Array, size: Pair, stride: Pair, padding: Ends, overwrite: bool = False) -> Array:
    """Return ∂E/∂x (D, H, W) of a padded image, its padding still on: each δ lays its multiple of the kernel down."""
    (F_h, F_w), (S_h, S_w) = w.shape[2:], stride
    whole = np.zeros((w.shape[1], *(length + sum(ends) for length, ends in zip(size, padding))))
    for k, i, j in np.ndindex(delta.shape):
        window = whole[:, i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w]
        if window.shape[1:] != (F_h, F_w):
            raise IndexError("window")
        window[...] = delta[k, i, j] * w[k] + (0 if overwrite else window)
    return whole


def cut(whole: Array, size: Pair, padding: Ends) -> Array:
    """Return a padded array without its padding; padding that is not there gives a smaller one."""
    (top, _), (left, _) = padding
    return whole[:, top : top + size[0], left : left + size[1]]


def backward(delta: Array, x: Array, w: Array, stride: Pair = (1, 1), padding: Ends = NONE) -> tuple[Array, ...]:
    """Return d_x, d_w and d_b for one image."""
    size = x.shape[1:]
    d_x = cut(scattered(delta, w, size, stride, padding), size, padding)
    rows, columns = delta.shape[1:]
    seen = windows(x, w.shape[2:], stride, padding)[:, :rows, :columns]
    return d_x, np.einsum("kij,dijmn->kdmn", delta, seen), delta.sum(axis=(1, 2))


def in_latex(matrix: Array) -> str:
    """Return a matrix as the texts of the tasks write it."""
    rows = r" \\ ".join(" & ".join(map(str, row)) for row in matrix.tolist())
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


# ---- sizes to try ---------------------------------------------------------------------------------------------------


def image_size(
    rng: np.random.Generator, extent: Pair, stride: Pair, rest: Pair, padding: Ends = NONE, least: int = 2
) -> Pair:
    """Return a size, not square, whose windows leave `rest` cells over; the kernel fits in any direction, unpadded."""
    while True:
        sizes = [
            F + S * int(rng.integers(least, least + 3)) + r - sum(ends)
            for F, S, r, ends in zip(extent, stride, rest, padding)
        ]
        if sizes[0] != sizes[1] and min(sizes) >= max(extent):
            return sizes[0], sizes[1]


def turned(w: Array) -> Array:
    return w[..., ::-1, ::-1]


def square(w: Array) -> Array:
    """Return the kernels transposed; for one that is not square an index runs out of it."""
    if w.shape[-1] != w.shape[-2]:
        raise IndexError("kernel")
    return w.swapaxes(-1, -2)


def beginning(wrong: Array, right: Array) -> Array:
    """Return as much of the first maps as the right ones hold, where rows and columns are the last two axes."""
    if any(a < b for a, b in zip(wrong.shape[-2:], right.shape[-2:])):
        raise IndexError("window")
    return wrong[..., : right.shape[-2], : right.shape[-1]]


def too_many(rests: list[int], right: Array) -> Array:
    """Return `right` where every window fits without a rest; elsewhere the one that is too many ends in an error."""
    if any(rests):
        raise IndexError("window")
    return right
