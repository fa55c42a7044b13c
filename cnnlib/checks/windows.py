"""What the exercises on windows share: sizes and numbers to try, common mistakes, how a sum is shown."""

from __future__ import annotations

from typing import Any

import numpy as np

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


# ---- mistakes --------------------------------------------------------------------------------------------------------

ROUNDED_UP = (
    "rounded up",
    "There is a window that begins inside and ends outside: a window that does not fit whole is left out, so the "
    "division of the size rounds down.",
)
ONE_TOO_FEW = (
    "one window too few",
    "The first window counts too: (size − kernel) divided by the stride, rounded down, plus 1.",
)
STRIDE_IGNORED = ("stride ignored", "The window moves by 1 whatever `stride` says: it begins at row i·S, column j·S.")
STRIDE_IN_SIZE_ONLY = (
    "stride in the size only",
    "The output has the right size, but the window still moves by 1: it begins at row i·S, column j·S.",
)
STRIDE_INSIDE = (
    "stride inside the window",
    "The stride moves the window as a whole: row i·S + m, not (i + m)·S, and not i + m·S.",
)
TURNED = (
    "kernel turned by 180°",
    "The exercise asks for the cross-correlation, as networks compute it: w_mn meets x at row i + m, column j + n.",
)
RELU = ("ReLU applied", "Negative sums are set to 0: the exercise asks for the weighted input, before any activation.")


def in_size_only(one: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the beginning of the stride-1 result `one`, as large as the right one."""
    if any(a < b for a, b in zip(one.shape[-2:], right.shape[-2:])):
        raise IndexError("window")
    return one[..., : right.shape[-2], : right.shape[-1]]


def rounded_up(sizes: tuple[int, ...], kernel: tuple[int, ...], strides: tuple[int, int], right: np.ndarray) -> Any:
    """Return `right` where every window fits without a rest; elsewhere the one that is too many ends in an error."""
    if any((size - F) % S for size, F, S in zip(sizes, kernel, strides)):
        raise IndexError("window")
    return right


def transposed(w: np.ndarray) -> np.ndarray:
    """Return w[n, m] in place of w[m, n]; for a kernel that is not square this index runs out of it."""
    if w.shape[-1] != w.shape[-2]:
        raise IndexError("kernel")
    return w.swapaxes(-1, -2)


# ---- words -----------------------------------------------------------------------------------------------------------


def row_range(what: str, start: int, count: int) -> str:
    return f"{what} {start}" if count == 1 else f"{what}s {start} to {start + count - 1}"


def signed(value: float) -> str:
    return number(value) if value >= 0 else f"({number(value)})"


def sum_of_products(window: np.ndarray, w: np.ndarray, w_b: float) -> str:
    products = [f"{signed(a)}·{signed(b)}" for a, b in zip(window.ravel(), w.ravel())]
    return " + ".join([*products, signed(w_b)])
