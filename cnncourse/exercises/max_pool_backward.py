"""Chapter 07: back through max pooling."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnlib import pooling

from ..checks.comparing import grid, number
from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.result import Code, Text
from ..checks.windows import fine, image_size, kernel_values
from ..language import mark, say
from .shared.pooling import far_below


def my_max_pool_backward(delta, x, size, stride, padding=0):
    (p, q), (S_h, S_w), P = size, stride, padding
    D, H, W = x.shape
    x = np.pad(x.astype(float), ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
    d_x = np.zeros(x.shape)
    for d, i, j in np.ndindex(delta.shape):
        window = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
        m, n = np.unravel_index(window.argmax(), window.shape)
        d_x[d, i * S_h + m, j * S_w + n] += delta[d, i, j]
    return d_x[:, P : P + H, P : P + W]


MISTAKES = r"""
last of the ties wins: Of equal maxima the first one in reading order wins: `>` rather than `>=`.
    window.argmax() => window.size - 1 - window.ravel()[::-1].argmax()
first tie by columns: Of equal maxima the first one in reading order wins, row by row.
    m, n = np.unravel_index(window.argmax(), window.shape) => n, m = np.unravel_index(window.T.argmax(), window.T.shape)
overwritten instead of added: Where windows overlap, a cell may win several of them: what arrives is added, `+=`.
    += => =
overwritten instead of added: The whole window, zeros and all, replaces what stood there: what arrives is added, `+=`.
    d_x[d, i * S_h + m, j * S_w + n] += => d_x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q] = 0 \n d_x[d, i * S_h + m, j * S_w + n] =
δ used without the winner's index: δ goes to the cell that won the window, at row i·S_h + m, column j·S_w + n: (m, n) is
    where the maximum stands.
    d_x[d, i * S_h + m, j * S_w + n] => d_x[d, i * S_h, j * S_w]
    d_x[d, i * S_h + m, j * S_w + n] => d_x[d, m, n]
winner's row and column swapped: The winner stands in row m, column n of its window: `np.unravel_index` gives the row
    first.
    m, n = => n, m =
winner's place counted by columns: `argmax` counts along the rows of the window, q cells each: `divmod(…, q)`.
    np.unravel_index(window.argmax(), window.shape) => divmod(window.argmax(), p)
stride of the window forgotten: The winner's place counts from where its window begins: row i·S_h + m, column j·S_w + n.
    d_x[d, i * S_h + m, j * S_w + n] => d_x[d, i + m, j + n]
smallest number wins: The largest number of each window wins.
    window.argmax() => window.argmin()
    window.argmax() => window.argmin()
    & -np.inf => np.inf
largest absolute value wins: The sign counts: the largest number wins, not the one farthest from 0.
    x.astype(float) => abs(x * 1.0)
δ times the maximum: The result grows by as much as the winner does: it gets δ, and its own number is no factor.
    += delta[d, i, j] => += delta[d, i, j] * window.max()
1 in place of δ: The derivative of the maximum is 1 for the winner: times δ. | += delta[d, i, j] => += 1
padded with 0: A padded 0 wins against negative numbers, and its δ is lost: pad with −∞ (`constant_values=-np.inf`).
    constant_values=-np.inf => constant_values=0
padded with a number: What is padded wins against smaller numbers: pad with −∞ (`constant_values=-np.inf`).
    constant_values=-np.inf => constant_values=-10
    constant_values=-np.inf => constant_values=-99
border repeated instead of −∞: The padding repeats the border of the map: pad with −∞ (`constant_values=-np.inf`).
    constant_values=-np.inf => mode="edge"
integers overflow: An array of integers has no −∞: make floats of it first, `x.astype(float)`. | x.astype(float) => x
padding not cut: The result is as large as the padded map: cut P rows and columns off on every side, `[P : P + H]`.
    return d_x[:, P : P + H, P : P + W] => return d_x
nothing left without padding: `[P:-P]` is empty where P is 0: cut with `[P : P + H]`.
    return d_x[:, P : P + H, P : P + W] => return d_x[:, P:-P, P:-P]
padding cut on one side: P rows and columns are cut off on every side of the padded result: `[P : P + H]`.
    P : P + H, P : P + W => P:, P:
    P : P + H, P : P + W => :H, :W
    P : P + H, P : P + W => 2 * P :, 2 * P :
padding ignored: The windows begin in the padding: put `padding` cells of −∞ around the map first.
    size, stride, padding => size, stride, 0
padding on one side: There are `padding` cells of −∞ on every side: above and below, left and right.
    (P, P), (P, P) => (0, P), (0, P)
padding with the wrong amount: There are `padding` cells on every side.
    (P, P), (P, P) => (P**2, P**2), (P**2, P**2)
    (P, P), (P, P) => (P > 0, P > 0), (P > 0, P > 0)
stride ignored: Window (i, j) begins at row i·S_h, column j·S_w, as on the way there.
    size, stride, padding => size, (1, 1), padding
    size, stride, padding => size, size, padding
stride axes swapped: In a pair, the first number belongs to the rows. | (S_h, S_w), P => (S_w, S_h), P
stride of the rows used for the columns: Rows and columns have strides of their own: S_h and S_w.
    size, stride, padding => size, (stride[0], stride[0]), padding
stride of the columns used for the rows: Rows and columns have strides of their own: S_h and S_w.
    size, stride, padding => size, (stride[1], stride[1]), padding
window axes swapped: In a pair, the first number belongs to the rows. A window of (p, q) has p rows and q columns.
    (p, q), (S_h => (q, p), (S_h
window taken as square: A window of (p, q) has p rows and q columns: they may differ.
    = size, stride => = (size[0], size[0]), stride
    = size, stride => = (size[1], size[1]), stride
first channel only: Each channel is pooled on its own, with winners of its own.
    window = x[d, => window = x[0,
    return d_x[ => d_x[1:] = 0 \n return d_x[
last channel only: Only the map of the last channel is filled: is the array made inside the loop over the channels?
    return d_x[ => d_x[:-1] = 0 \n return d_x[
last window only: Only the last δ arrives: is the array made inside the loop, once for every window?
    window = => d_x = 0 * d_x \n window =
first window only: Only the first δ arrives: does a `return` stand inside the loop?
    += delta[d, i, j] => += delta[d, i, j] * (d == i == j == 0)
"""


def by_mask(delta, x, size, stride, padding=0):
    (p, q), (S_h, S_w), P = size, stride, padding
    D, H, W = x.shape
    x = np.pad(x.astype(float), ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
    d_x = np.zeros(x.shape)
    for d, i, j in np.ndindex(delta.shape):
        place = np.s_[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
        mask = np.arange(p * q).reshape(p, q) == x[place].argmax()
        d_x[place] += mask * delta[d, i, j]
    return d_x[:, P : P + H, P : P + W]


MASK = r"""
all ties get δ: Every cell that is as large as the maximum gets δ. Of a tie, the first one in reading order wins alone.
    np.arange(p * q).reshape(p, q) == x[place].argmax() => x[place] == x[place].max()
all ties get δ: The tied cells are all served, and overlapping windows overwrite each other: the first one alone wins,
    `+=`.
    mask = np.arange(p * q).reshape(p, q) == x[place].argmax() => mask = x[place] == x[place].max() \n d_x[place][mask] = 0
ties share δ: Of equal maxima the first one wins, and gets all of δ.
    np.arange(p * q).reshape(p, q) == x[place].argmax() => x[place] == x[place].max() \n mask = mask / mask.sum()
δ spread over the whole window: Every cell of the window gets δ: only the one that won has any influence on the result.
    mask * delta[d, i, j] => delta[d, i, j]
mean pooling: This shares δ out over the window, as mean pooling does: here the cell that won gets all of it.
    mask * delta[d, i, j] => delta[d, i, j] / (p * q)
mean instead of sum: Nothing is divided: what arrives at a cell is added. | mask * delta => mask / (p * q) * delta
"""
SETTINGS = [((2, 2), (2, 2), 0), ((2, 3), (1, 2), 0), ((3, 2), (2, 1), 0), ((3, 3), (2, 1), 1), ((2, 2), (1, 2), 1)]
SETTINGS += [((3, 2), (1, 1), 1), ((2, 3), (3, 2), 0), ((2, 4), (2, 3), 1), ((3, 3), (1, 2), 0), ((2, 2), (2, 1), 1)]
SETTINGS += [((4, 5), (2, 1), 2), ((7, 6), (3, 2), 3)]  # at most half a window, as cnnlib takes


def cases(rng: np.random.Generator) -> list[Case]:
    """Return maps with ties, windows that overlap, touch or leave gaps, padding, maps of negative numbers only."""
    made = [
        Case(np.array([[[5.0, 7.0]]]), np.array([[[2.0, 2.0, 2.0]]]), (1, 2), (1, 1)),
        Case(np.array([[[4.0]]]), np.array([[[1.0, 3.0], [3.0, 3.0], [2.0, 1.0]]]), (2, 2), (2, 2)),
        Case(np.array([[[3.0, -2.0]]]), np.array([[[-1.0, -4.0, -2.0], [-3.0, -1.0, -5.0]]]), (2, 2), (1, 1)),
    ]
    for k, (size, stride, padding) in enumerate(SETTINGS):
        rows, columns = image_size(rng, size, stride, (k % stride[0], (k + 1) % stride[1]), padding)
        x = rng.integers(-3, 4, (1 + k % 3, rows, columns)).astype(float)  # few different numbers: ties
        x = -np.abs(x) - 1 if k % 3 == 1 else x
        made.append(_case(rng, x, size, stride, padding))
    made.append(_case(rng, far_below(rng.integers(-3, 4, (2, 3, 4)), rng), (2, 2), (1, 1), 1))
    made.append(_case(rng, rng.integers(-9, 10, (1, 3, 4)), (2, 2), (1, 2), 1))
    *_, last = made
    return [*made, Case(fine(rng, last.values[0].shape), fine(rng, (1, 3, 4)) / 10, (2, 2), (1, 2), padding=1)]


def _case(rng: np.random.Generator, x: np.ndarray, size: Any, stride: Any, padding: int) -> Case:
    # the number of windows is that of the padded map, which pooling need not be allowed to pad so far
    output = pooling.max_pool2d(np.pad(x, ((0, 0), (padding,) * 2, (padding,) * 2))[None], size, stride).shape[1:]
    return Case(kernel_values(rng, output), x, size, stride, padding=padding)


def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
    (p, q), (S_h, S_w), P = arguments["size"], arguments["stride"], arguments.get("padding", 0)
    delta, (d, r, c) = arguments["delta"], cell
    x = np.pad(arguments["x"].astype(float), ((0, 0), (P, P), (P, P)), constant_values=-np.inf)
    lines = []
    for i, j in np.ndindex(delta.shape[1:]):
        m, n = r + P - i * S_h, c + P - j * S_w
        if 0 <= m < p and 0 <= n < q:
            window = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
            won = int(window.argmax()) == m * q + n
            template = mark("window ({i}, {j}), the cell is ({m}, {n}) in it: it does not win")
            if won:
                template = mark("window ({i}, {j}), the cell is ({m}, {n}) in it: it wins and gets δ = {delta}")
            picture = grid(window).replace("-inf", "   ·")
            lines += [say(template, i=i, j=j, m=m, n=n, delta=number(delta[d, i, j])), picture, ""]
    if not lines:
        return [Text(say("No window has this cell, so nothing comes back to it."))]
    return [Text(say("The windows of that channel that have this cell:")), Code("\n".join(lines).rstrip())]


exercise = FunctionExercise(
    "max_pool_backward",
    "07",
    my_max_pool_backward,
    cases,
    mistakes_of(my_max_pool_backward, MISTAKES) + mistakes_of(by_mask, MASK),
    "one to three channels, windows from 1×2 to 3×3, 2×4, 4×5 and 7×6 that overlap, touch or leave gaps, strides "
    "that differ for rows and columns, padding 0 to 3, maps that are not square, ties, maps of negative numbers only, small "
    "and large, and an array of integers.",
    explain,
)
