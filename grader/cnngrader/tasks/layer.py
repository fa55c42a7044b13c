"""What the tasks share: one map of a convolution, kinds of settings, sizes to try."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray
Pair = tuple[int, int]
Ends = tuple[Pair, Pair]
NONE: Ends = ((0, 0), (0, 0))
TEXT_STUB = "YOUR ANSWER HERE"  # as nbgrader writes it, and tools/make_assignments.py


def one_map(x: Array, w: Array, b: float = 0.0, stride: Pair = (1, 1), padding: Ends = NONE) -> Array:
    """Return the map (H2, W2) of one channel x (H, W) under one kernel w (F_h, F_w)."""
    views = np.lib.stride_tricks.sliding_window_view(np.pad(x, padding), w.shape)
    net: Array = np.einsum("ijmn,mn->ij", views[:: stride[0], :: stride[1]], w) + b
    return net


def turned(w: Array) -> Array:
    return w[..., ::-1, ::-1]


def padded(arguments: Mapping[str, Any]) -> bool:
    """Return whether a case has zeros around its input."""
    return bool(arguments.get("padding", NONE) != NONE)


def strided(arguments: Mapping[str, Any]) -> bool:
    """Return whether the windows of a case move by more than 1."""
    return bool(arguments.get("stride", (1, 1)) != (1, 1))


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
