"""Exercises of chapter 03, convolution: one channel, and the mathematical convolution.

The mistakes are made with the functions of the package wherever that is possible: a wrong stride is the right
function called with a wrong stride.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import convolution
from .comparing import Mistake, grid, number
from .exercise import Case, FunctionExercise
from .result import Code, Text
from .windows import (
    ONE_TOO_FEW,
    RELU,
    ROUNDED_UP,
    STRIDE_IGNORED,
    STRIDE_IN_SIZE_ONLY,
    STRIDE_INSIDE,
    TURNED,
    image_size,
    in_size_only,
    integers,
    kernel_values,
    rounded_up,
    row_range,
    signed,
    sum_of_products,
    transposed,
)

# ---- one channel ----------------------------------------------------------------------------------------------------


def conv2d_one_channel(x: np.ndarray, w: np.ndarray, w_b: float = 0.0, stride: int = 1) -> np.ndarray:
    return _plane(x, w, w_b, stride)


def one_channel_cases(rng: np.random.Generator) -> list[Case]:
    """Return images and kernels, hardly any square; sizes with and without a rest that the stride does not reach."""
    made = []
    kernels = [(1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 1), (2, 2), (3, 2), (2, 3), (3, 3), (2, 4), (3, 1)]
    strides = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3]
    for k, (kernel, stride) in enumerate(zip(kernels, strides)):
        rest = (k % stride, (k + 1) % stride) if k % 3 else (0, 0)
        x = integers(rng, image_size(rng, kernel, (stride, stride), rest))
        w_b = float(rng.integers(1, 5)) * (-1) ** k
        made.append(
            Case(x, kernel_values(rng, kernel), w_b, stride=stride) if k else Case(x, kernel_values(rng, kernel))
        )
    for kernel, stride in [((3, 3), 1), ((2, 3), 2), ((4, 3), 3)]:  # larger, with one digit after the point
        x = np.round(rng.normal(0, 2, image_size(rng, kernel, (stride, stride), (0, stride - 1), least=3)), 1)
        made.append(Case(x, np.round(rng.normal(0, 1, kernel), 1), 0.5, stride=stride))
    return made


def explain_one_channel(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
    x, w = arguments["x"], arguments["w"]
    w_b, S = arguments.get("w_b", 0.0), arguments.get("stride", 1)
    i, j = cell
    F_h, F_w = w.shape
    window = x[i * S : i * S + F_h, j * S : j * S + F_w]
    return [
        Text(
            f"Its window is {row_range('row', i * S, F_h)} and {row_range('column', j * S, F_w)} of `x`. "
            "Window, kernel, and the sum of the products plus the bias:"
        ),
        Code(f"{grid(window)}\n\n{grid(w)}\n\n{sum_of_products(window, w, w_b)} = {number(expected[cell])}"),
    ]


def _plane(x: np.ndarray, w: np.ndarray, w_b: float = 0.0, stride: Any = 1, padding: Any = 0, gaps: int = 1) -> Any:
    """Return the convolution of one channel, as the fast function of the package computes it."""
    bias = np.array([w_b], dtype=float)
    return convolution.conv2d(x[None, None], w[None, None], bias, stride, padding, gaps)[0, 0]


def _as_square(x: np.ndarray, w: np.ndarray, w_b: float, stride: int, side: int) -> np.ndarray:
    """Return what comes out when the kernel is taken to have `side` rows and `side` columns."""
    if side > min(w.shape):
        raise IndexError("kernel")
    return _plane(x, w[:side, :side], w_b, stride)


def _last_only(w: np.ndarray) -> np.ndarray:
    only = np.zeros_like(w)
    only[-1, -1] = w[-1, -1]
    return only


def _image_as_square(x: np.ndarray, w: np.ndarray, w_b: float, stride: int, axis: int) -> np.ndarray:
    """Return what comes out when the number of windows along `axis` is used for both axes."""
    right = _plane(x, w, w_b, stride)
    windows = right.shape[axis]
    if windows > min(right.shape):
        raise IndexError("image")
    return right[:windows, :windows]


one_channel_mistakes = (
    Mistake(*STRIDE_IGNORED, lambda x, w, w_b, stride: _plane(x, w, w_b)),
    Mistake(
        *STRIDE_IN_SIZE_ONLY,
        lambda x, w, w_b, stride: in_size_only(_plane(x, w, w_b), _plane(x, w, w_b, stride)),
    ),
    Mistake(
        "stride for rows only",
        "The window moves by the stride from row to row, but by 1 from column to column.",
        lambda x, w, w_b, stride: _plane(x, w, w_b, (stride, 1)),
    ),
    Mistake(
        "stride for columns only",
        "The window moves by the stride from column to column, but by 1 from row to row.",
        lambda x, w, w_b, stride: _plane(x, w, w_b, (1, stride)),
    ),
    Mistake(
        *STRIDE_INSIDE,
        lambda x, w, w_b, stride: in_size_only(_plane(x, w, w_b, 1, 0, stride), _plane(x, w, w_b, stride)),
    ),
    Mistake(
        *STRIDE_INSIDE,
        lambda x, w, w_b, stride: in_size_only(_plane(x[::stride, ::stride], w, w_b), _plane(x, w, w_b, stride)),
    ),
    Mistake(*TURNED, lambda x, w, w_b, stride: _plane(x, w[::-1, ::-1], w_b, stride)),
    Mistake(
        "kernel upside down",
        "The rows of the kernel are in reverse order: w_mn meets x at row i + m.",
        lambda x, w, w_b, stride: _plane(x, w[::-1], w_b, stride),
    ),
    Mistake(
        "kernel mirrored",
        "The columns of the kernel are in reverse order: w_mn meets x at column j + n.",
        lambda x, w, w_b, stride: _plane(x, w[:, ::-1], w_b, stride),
    ),
    Mistake(
        "kernel transposed",
        "Rows and columns of the kernel are swapped: m counts rows, in `w` as in `x`.",
        lambda x, w, w_b, stride: _plane(x, transposed(w), w_b, stride),
    ),
    Mistake(
        "kernel transposed",
        "Rows and columns of the kernel are swapped: m counts rows, in `w` as in `x`.",
        lambda x, w, w_b, stride: _plane(x, w.T, w_b, stride),
    ),
    Mistake(
        "bias added once per product",
        "The bias is added to the sum, once for each output cell, after the loops over the kernel.",
        lambda x, w, w_b, stride: _plane(x, w, w_b * w.size, stride),
    ),
    Mistake(
        "bias added once per row of the kernel",
        "The bias is added to the sum, once for each output cell, after the loops over the kernel.",
        lambda x, w, w_b, stride: _plane(x, w, w_b * w.shape[0], stride),
    ),
    Mistake(
        "bias forgotten",
        "The products are summed up rightly, but `w_b` is not added.",
        lambda x, w, w_b, stride: _plane(x, w, 0.0, stride),
    ),
    Mistake("bias subtracted", "The bias is added.", lambda x, w, w_b, stride: _plane(x, w, -w_b, stride)),
    Mistake(
        "bias as a factor",
        "The bias is added to the sum of the products.",
        lambda x, w, w_b, stride: _plane(x, w, 0.0, stride) * w_b,
    ),
    Mistake(*ONE_TOO_FEW, lambda x, w, w_b, stride: _plane(x, w, w_b, stride)[:-1, :-1]),
    Mistake(
        *ROUNDED_UP,
        lambda x, w, w_b, stride: rounded_up(x.shape, w.shape, (stride, stride), _plane(x, w, w_b, stride)),
    ),
    Mistake(
        "mean instead of sum",
        "The products are averaged: a convolution adds them up.",
        lambda x, w, w_b, stride: _plane(x, w / w.size, w_b, stride),
    ),
    Mistake(
        "only the last product",
        "Each product replaces the one before: add it to the sum, with `+=`.",
        lambda x, w, w_b, stride: _plane(x, _last_only(w), w_b, stride),
    ),
    Mistake(*RELU, lambda x, w, w_b, stride: np.maximum(_plane(x, w, w_b, stride), 0)),
    Mistake(
        "kernel taken as square",
        "The number of rows of the kernel is used for its columns too: F_h and F_w may differ.",
        lambda x, w, w_b, stride: _as_square(x, w, w_b, stride, w.shape[0]),
    ),
    Mistake(
        "kernel taken as square",
        "The number of columns of the kernel is used for its rows too: F_h and F_w may differ.",
        lambda x, w, w_b, stride: _as_square(x, w, w_b, stride, w.shape[1]),
    ),
    Mistake(
        "image taken as square",
        "The number of output rows is used for the columns too: H and W may differ.",
        lambda x, w, w_b, stride: _image_as_square(x, w, w_b, stride, 0),
    ),
    Mistake(
        "image taken as square",
        "The number of output columns is used for the rows too: H and W may differ.",
        lambda x, w, w_b, stride: _image_as_square(x, w, w_b, stride, 1),
    ),
    Mistake(
        "zeros around the image",
        "The image was padded: the exercise asks only for windows that lie inside it.",
        lambda x, w, w_b, stride: _plane(x, w, w_b, stride, 1),
    ),
)

conv2d_one_channel_check = FunctionExercise(
    "conv2d_one_channel",
    "03",
    conv2d_one_channel,
    one_channel_cases,
    one_channel_mistakes,
    tried="images that are not square, kernels from 1×1 to 4×3, strides 1 to 3, with and without rows and columns "
    "that no window reaches, with negative numbers, and with a bias above, below and at 0.",
    explain=explain_one_channel,
)


# ---- a true convolution ---------------------------------------------------------------------------------------------


def true_convolution(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return convolution.convolve2d(a, b)


def true_convolution_cases(rng: np.random.Generator) -> list[Case]:
    """Return pairs of arrays, the second one smaller, larger, or larger along one axis only."""
    shapes = [
        ((1, 2), (1, 2)),
        ((2, 2), (2, 2)),
        ((3, 3), (2, 2)),
        ((3, 4), (3, 3)),
        ((2, 3), (2, 1)),
        ((4, 3), (2, 3)),
    ]
    shapes += [((3, 5), (3, 2)), ((2, 2), (3, 4)), ((5, 2), (2, 3)), ((1, 4), (3, 1)), ((5, 6), (3, 3))]
    return [Case(integers(rng, first), kernel_values(rng, second)) for first, second in shapes]


def explain_true_convolution(
    arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray
) -> list[Text | Code]:
    a, b = arguments["a"], arguments["b"]
    s, t = cell
    products = [
        f"{signed(a[m, n])}·{signed(b[s - m, t - n])}"
        for m in range(a.shape[0])
        for n in range(a.shape[1])
        if 0 <= s - m < b.shape[0] and 0 <= t - n < b.shape[1]
    ]
    return [
        Text(f"With s = {s} and t = {t}, the sum over all m, n of a_mn · b with row s − m and column t − n is:"),
        Code(f"{' + '.join(products)} = {number(expected[cell])}"),
    ]


def _full(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return convolution.cross_correlate2d(a, b, "full")


true_convolution_mistakes = (
    Mistake(
        "kernel not turned",
        "This is still the cross-correlation: turn the kernel by 180° first.",
        lambda a, b: _full(a, b),
    ),
    Mistake(
        "kernel turned the wrong way",
        "The kernel is upside down, but not mirrored: 180° reverses its columns too.",
        lambda a, b: _full(a, b[::-1]),
    ),
    Mistake(
        "kernel turned the wrong way",
        "The kernel is mirrored, but not upside down: 180° reverses its rows too.",
        lambda a, b: _full(a, b[:, ::-1]),
    ),
    Mistake(
        "kernel transposed",
        "Transposing swaps rows and columns: turning by 180° reverses both.",
        lambda a, b: _full(a, b.T),
    ),
    Mistake(
        "kernel turned the wrong way", "The kernel is turned by 90°: twice that.", lambda a, b: _full(a, np.rot90(b))
    ),
    Mistake(
        "kernel turned the wrong way",
        "The kernel is turned by 270°: it is 180°.",
        lambda a, b: _full(a, np.rot90(b, 3)),
    ),
    Mistake(
        "image turned instead of the kernel",
        "The result is turned by 180°: turn the kernel, and leave the image and the result as they are.",
        lambda a, b: _full(a[::-1, ::-1], b),
    ),
    Mistake(
        "both turned",
        "Kernel and image are turned: turn the kernel only.",
        lambda a, b: _full(a[::-1, ::-1], b[::-1, ::-1]),
    ),
    Mistake(
        "valid instead of full",
        "Only windows inside the image are computed: the exercise asks for every sum that has a term, mode `full`.",
        lambda a, b: convolution.convolve2d(a, b, "valid"),
    ),
    Mistake(
        "same instead of full",
        "The result is as large as the image: the exercise asks for every sum that has a term, mode `full`.",
        lambda a, b: convolution.convolve2d(a, b, "same"),
    ),
    Mistake(
        "not turned, and valid instead of full",
        "This is the cross-correlation inside the image: turn the kernel by 180°, and take the mode `full`.",
        lambda a, b: convolution.cross_correlate2d(a, b),
    ),
    Mistake(
        "not turned, and same instead of full",
        "This is the cross-correlation as large as the image: turn the kernel by 180°, and take the mode `full`.",
        lambda a, b: convolution.cross_correlate2d(a, b, "same"),
    ),
)

true_convolution_check = FunctionExercise(
    "true_convolution",
    "03",
    true_convolution,
    true_convolution_cases,
    true_convolution_mistakes,
    tried="pairs of arrays from 1×2 to 5×6, the second one smaller than the first, as large, or larger, with negative "
    "numbers.",
    explain=explain_true_convolution,
)
