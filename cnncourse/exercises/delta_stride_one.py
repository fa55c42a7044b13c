"""Chapter 06: back through a convolution of one channel with stride 1."""

from __future__ import annotations

from typing import Any

import numpy as np

import cnnlib

from ..checks.comparing import number
from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.result import Code, Text
from ..checks.windows import fine, integers, kernel_values, signed
from ..language import say
from .shared.layers import SENTENCES


def my_input_gradient(delta, w):
    return cnnlib.cross_correlate2d(delta, w[::-1, ::-1], mode="full")


MISTAKES = r"""
kernel not turned: | w[::-1, ::-1] => w
kernel turned on one axis:
    w[::-1, ::-1] => w[::-1]
    w[::-1, ::-1] => w[:, ::-1]
kernel transposed:
    w[::-1, ::-1] => w.T
    w[::-1, ::-1] => w[::-1, ::-1].T
kernel turned by 90°: A half turn is asked for: `w[::-1, ::-1]`.
    w[::-1, ::-1] => np.rot90(w)
    w[::-1, ::-1] => np.rot90(w, 3)
δ padded too little: The result is as large as δ. The input was larger: pad δ with F − 1 zeros on every side,
    `mode="full"`.
    "full" => "same"
δ turned too: Only the kernel is turned, δ stays as it is. Exchanging the two has the same effect as turning both.
    delta, => delta[::-1, ::-1],
    delta, w[::-1, ::-1] => w, delta
mean instead of sum:
    return cnnlib.cross_correlate2d(delta => return cnnlib.cross_correlate2d(delta / w.size
    return cnnlib.cross_correlate2d(delta => return cnnlib.cross_correlate2d(delta / delta.size
weight gradient in place of d_x: This is the kernel's part with δ added up: the input is asked for, from δ and `w`.
    return => return delta.sum() * w \n return
"""


def by_padding(delta, w):
    F_h, F_w = w.shape
    padded = np.pad(delta, ((F_h - 1, F_h - 1), (F_w - 1, F_w - 1)))
    return cnnlib.cross_correlate2d(padded, w[::-1, ::-1])


PADDING = r"""
δ not padded: The turned kernel goes over the edge of δ, as long as it covers one cell: pad δ with F − 1 zeros.
    padded, => delta,
    (F_h - 1, F_h - 1), (F_w - 1, F_w - 1) => (0, 0), (0, 0)
    & return => H, W = delta.shape[0] - F_h + 1, delta.shape[1] - F_w + 1 \n if min(H, W) == 0: return np.zeros((H, W)) \n return
padding with the wrong amount: δ gets F − 1 zeros on every side, not F.
    (F_h - 1, F_h - 1), (F_w - 1, F_w - 1) => (F_h, F_h), (F_w, F_w)
padding with the wrong amount: δ gets F − 1 zeros on every side, whatever F is: 1 is right for 2×2 kernels only.
    (F_h - 1, F_h - 1), (F_w - 1, F_w - 1) => (1, 1), (1, 1)
padding axes swapped: δ gets F_h − 1 rows and F_w − 1 columns of zeros.
    (F_h - 1, F_h - 1), (F_w - 1, F_w - 1) => (F_w - 1, F_w - 1), (F_h - 1, F_h - 1)
padding on one side: δ gets F − 1 zeros on every side: above and below, left and right.
    F_h - 1), (F_w - 1, F_w - 1) => 0), (F_w - 1, 0)
    (F_h - 1, F_h - 1), (F_w - 1, => (0, F_h - 1), (0,
    (F_h - 1, F_h - 1), (F_w - 1, F_w - 1) => (2 * F_h - 2, 0), (2 * F_w - 2, 0)
    (F_h - 1, F_h - 1), (F_w - 1, F_w - 1) => (0, 2 * F_h - 2), (0, 2 * F_w - 2)
kernel taken as square:
    F_h, F_w = w.shape => F_h = F_w = len(w)
    F_h, F_w = w.shape => F_h = F_w = w.shape[1]
"""


def by_windows(delta, w):
    (H2, W2), (F_h, F_w) = delta.shape, w.shape
    d_x = np.zeros((H2 + F_h - 1, W2 + F_w - 1))
    for i in range(H2):
        for j in range(W2):
            for m in range(F_h):
                for n in range(F_w):
                    d_x[i + m, j + n] += delta[i, j] * w[m, n]
    return d_x


WINDOWS = r"""
overwritten instead of added: | += => =
kernel transposed: | w[m, n] => w[n, m]
δ spread over the whole window: | * w[m, n] => * 1
one cell per δ: Each δ goes back to all cells of its window, not to the first one alone.
    range(F_h) => range(1)
    & range(F_w) => range(1)
one cell per δ: Each δ goes back to all cells of its window, each with its own weight. | d_x[i + m, j + n] => d_x[i, j]
one cell per δ: Each δ goes back to all cells of its window, times the weights.
    return d_x => d_x[:] = 0 \n d_x[:H2, :W2] = delta \n return d_x
last δ only: Only the last δ is in the result: is the array made inside the loop, once for every δ?
    for m in range(F_h): => d_x = 0 * d_x \n for m in range(F_h):
first δ only: Only the first δ is in the result: does a `return` stand inside the loop?
    += delta[i, j] => += (i == j == 0) * delta[i, j]
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return maps, not square, and kernels from 1×2 to 3×3; some maps are smaller than their kernel."""
    shapes = [
        ((1, 2), (1, 2)),
        ((2, 1), (2, 1)),
        ((1, 2), (2, 2)),
        ((2, 3), (2, 2)),
        ((3, 2), (2, 2)),
        ((2, 3), (2, 3)),
    ]
    shapes += [((3, 4), (3, 2)), ((4, 3), (3, 3)), ((3, 5), (1, 3)), ((5, 4), (3, 1)), ((2, 4), (3, 3))]
    made = [Case(integers(rng, map_), kernel_values(rng, kernel)) for map_, kernel in shapes]
    return [*made, Case(fine(rng, (4, 6), 2), fine(rng, (3, 4)))]


def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
    delta, w = arguments["delta"], arguments["w"]
    lines = []
    for i, j in np.ndindex(delta.shape):
        m, n = cell[0] - i, cell[1] - j
        if 0 <= m < w.shape[0] and 0 <= n < w.shape[1]:
            product = f"{signed(delta[i, j])}·{signed(w[m, n])}"
            lines.append(say("net ({i}, {j}) with weight ({m}, {n}): {product}", i=i, j=j, m=m, n=n, product=product))
    message = say("Every output that reads this cell of `x` sends its δ back, times the weight that it read it with:")
    return [Text(message), Code("\n".join([*lines, say("added: {sum}", sum=number(expected[cell]))]))]


exercise = FunctionExercise(
    "delta_stride_one",
    "06",
    my_input_gradient,
    cases,
    [
        *mistakes_of(my_input_gradient, MISTAKES, SENTENCES),
        *mistakes_of(by_padding, PADDING, SENTENCES),
        *mistakes_of(by_windows, WINDOWS, SENTENCES),
    ],
    "maps from 1×2 to 5×4 that are not square, kernels from 1×2 to 3×4, negative numbers, and maps smaller than their "
    "kernel.",
    explain,
)
