"""What the exercises on windows share: sizes and numbers to try, and how a sum is shown."""

from __future__ import annotations

import numpy as np

from ..language import say
from .comparing import number

# ---- numbers to try --------------------------------------------------------------------------------------------------


def image_size(
    rng: np.random.Generator,
    kernel: tuple[int, int],
    strides: tuple[int, int],
    rest: tuple[int, int],
    padding: int = 0,
    least: int = 1,
) -> tuple[int, int]:
    """Return a size, not square, whose windows leave `rest` cells over (modulo the stride) when it is padded.

    More than `least` windows fit per axis, and the kernel fits in any direction, also
    without padding: a mistake then seldom ends in an error, and can be recognised.
    """
    while True:
        sizes = [
            F + S * int(rng.integers(least, least + 2)) + (r - 2 * padding) % S
            for F, S, r in zip(kernel, strides, rest)
        ]
        if sizes[0] != sizes[1] and min(sizes) >= max(kernel):
            return sizes[0], sizes[1]


def integers(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return small whole numbers as floats, not all alike: sums of their products can be followed by hand."""
    while True:
        values = rng.integers(-5, 6, shape).astype(float)
        if len(np.unique(values)) > 1:
            return values


def kernel_values(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return small whole numbers as floats, none 0 and no two neighbours alike, so that no symmetry hides a mistake."""
    values = np.array([-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    count = int(np.prod(shape))
    blocks = [rng.permutation(values) for _ in range(-(-count // len(values)))]
    return np.concatenate(blocks)[:count].reshape(shape)


def fine(rng: np.random.Generator, shape: tuple[int, ...], scale: float = 1.0) -> np.ndarray:
    """Return normal numbers with eight digits after the point, so that cutting off or rounding digits shows."""
    return np.round(rng.normal(0, scale, shape), 8)


# ---- words -----------------------------------------------------------------------------------------------------------


def row_range(what: str, start: int, count: int) -> str:
    """Return which rows these are, or which columns; what: "row" or "column"."""
    last = start + count - 1
    if what == "row":
        return say("row {first}", first=start) if count == 1 else say("rows {first} to {last}", first=start, last=last)
    return (
        say("column {first}", first=start) if count == 1 else say("columns {first} to {last}", first=start, last=last)
    )


def signed(value: float) -> str:
    return number(value) if value >= 0 else f"({number(value)})"


def sum_of_products(window: np.ndarray, w: np.ndarray, w_b: float) -> str:
    products = [f"{signed(a)}·{signed(b)}" for a, b in zip(window.ravel(), w.ravel())]
    return " + ".join([*products, signed(w_b)])
