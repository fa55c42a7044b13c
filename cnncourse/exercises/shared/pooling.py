"""What mean and max pooling share: the cases, how a cell comes about, and the mistakes that both know."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...checks.comparing import grid, number
from ...checks.exercise import Case, Explain
from ...checks.result import Code, Text
from ...checks.windows import fine, image_size, row_range
from ...language import mark, say

# Both solutions name their variables alike, so that one text serves both.
SHARED = r"""
stride ignored: The windows stand side by side, whatever `stride` says: window (i, j) begins at row i·S_h, column j·S_w.
    = size, stride => = size, size
stride ignored: The window moves by 1, whatever `stride` says: it begins at row i·S_h, column j·S_w.
    = size, stride => = size, (1, 1)
stride in the size only: The output has the right size, but the windows stand side by side: they begin at row i·S_h,
    column j·S_w.
    i * S_h : i * S_h + p, j * S_w : j * S_w + q => i * p : i * p + p, j * q : j * q + q
stride in the size only: The output has the right size, but the window moves by 1: it begins at row i·S_h, column j·S_w.
    i * S_h : i * S_h + p, j * S_w : j * S_w + q => i : i + p, j : j + q
stride axes swapped: In a pair, the first number belongs to the rows.
    (S_h, S_w) = size, stride => (S_w, S_h) = size, stride
first stride for both axes: Rows and columns have strides of their own: S_h and S_w.
    = size, stride => = size, (stride[0], stride[0])
second stride for both axes: Rows and columns have strides of their own: S_h and S_w.
    = size, stride => = size, (stride[1], stride[1])
window axes swapped: In a pair, the first number belongs to the rows. A window of (p, q) has p rows and q columns.
    (p, q), (S_h => (q, p), (S_h
window and stride axes swapped: In a pair, the first number belongs to the rows: (p, q) is rows and columns, and so is
    (S_h, S_w).
    (p, q), (S_h, S_w) => (q, p), (S_w, S_h)
window taken as square: A window of (p, q) has p rows and q columns: they may differ.
    = size, stride => = (size[0], size[0]), stride
    = size, stride => = (size[1], size[1]), stride
padding ignored: The windows lie inside the map: first put `padding` cells around it.
    (padding, padding) => (0, 0)
padding on one side: There are `padding` cells on every side: above and below, left and right.
    (padding, padding) => (padding, 0)
    (padding, padding) => (0, padding)
    (padding, padding) => (2 * padding, 0)
    (padding, padding) => (0, 2 * padding)
padding along one axis: There are `padding` rows above and below, and as many columns left and right.
    (padding, padding), (padding, padding) => (padding, padding), (0, 0)
    (padding, padding), (padding, padding) => (0, 0), (padding, padding)
padding with the wrong amount: There are `padding` cells on every side, 2 · padding per axis: here it is twice that.
    (padding, padding) => (2 * padding, 2 * padding)
padding with the wrong amount: There are `padding` cells on every side, not `padding` squared.
    (padding, padding) => (padding**2, padding**2)
padding with the wrong amount: There is one cell on every side, whatever `padding` says.
    (padding, padding) => (padding > 0, padding > 0)
    (padding, padding) => (1, 1)
padding on all axes:
    (0, 0), (padding => (padding, padding), (padding
size without 2P: The map is padded, but the number of windows is that of the map without padding.
    = x.shape => = x.shape \n H, W = H - 2 * padding, W - 2 * padding
channel 0 only: Every map comes from the first channel: each channel is pooled on its own. | x[d, => x[0,
channel 0 only: Only the first channel is pooled: each channel is pooled on its own. | return a => return a[:1]
channel 0 only: Only the map of the first channel is filled: does a `return` stand inside the loop?
    return a => a[1:] = 0 \n return a
last channel only: Every map comes from the last channel: each channel is pooled on its own. | x[d, => x[-1,
one window too few: The first window counts too: (size + 2·padding − window) divided by the stride, rounded down, plus 1.
    // S_h + 1 => // S_h
    & // S_w + 1 => // S_w
rounded up: The last window hangs over the end: a window that does not fit whole is left out.
    (H - p) // S_h => -(-(H - p) // S_h)
    & (W - q) // S_w => -(-(W - q) // S_w)
not rounded: The number of windows has to be a whole number: `//` divides and rounds down, `/` gives a float.
    // => /
"""

CASES_DESCRIPTION = (
    "one to three channels, windows from 1×2 to 3×3, 2×4, 4×5 and 7×6 that touch, overlap or leave gaps, strides that "
    "differ for rows and columns, padding 0 to 3, maps that are not square, equal numbers, maps of negative numbers "
    "only, small and large, and arrays of integers."
)
SETTINGS = [((2, 2), (2, 2), 0), ((2, 3), (2, 3), 0), ((3, 2), (1, 2), 0), ((2, 3), (3, 1), 0), ((1, 2), (2, 3), 0)]
SETTINGS += [((2, 2), (2, 2), 1), ((3, 3), (2, 1), 1), ((3, 2), (1, 2), 1), ((2, 3), (2, 3), 1), ((2, 4), (1, 3), 1)]
SETTINGS += [((4, 5), (2, 2), 2), ((7, 6), (2, 3), 3)]  # at most half a window, as cnnlib takes


def cases(rng: np.random.Generator) -> list[Case]:
    """Return maps with windows that touch, overlap or leave gaps, wider than high and higher than wide."""
    made = [
        Case(_map(rng, (1, 2, 4)), (2, 2), (2, 2)),
        Case(_map(rng, (1, 4, 2)), (2, 1), (2, 1)),
        Case(_map(rng, (2, 2, 3)), (1, 2), (1, 1)),
        Case(-rng.integers(1, 10, (1, 3, 4)).astype(float), (2, 2), (1, 2)),
    ]
    for k, (size, stride, padding) in enumerate(SETTINGS):
        rows, columns = image_size(rng, size, stride, (k % stride[0], (k + 1) % stride[1]), padding)
        x = _map(rng, (1 + k % 3, rows, columns))
        made.append(Case(-np.abs(x) - 1 if k % 3 == 1 else x, size, stride, padding=padding))
    made.append(Case(far_below(_map(rng, (2, 3, 4)), rng), (2, 2), (1, 1), padding=1))
    made.append(Case(rng.permutation(np.arange(-9, 15)).reshape(1, 4, 6), (2, 3), (2, 1)))  # integers
    small = (np.int8, np.int16, np.int32)[int(rng.integers(3))]
    made.append(Case(rng.integers(-99, 100, (2, 3, 4)).astype(small), (2, 2), (1, 2), padding=1))
    made.append(Case(rng.integers(0, 256, (1, 4, 3)).astype(np.uint8), (2, 3), (1, 2), padding=1))
    return [*made, Case(fine(rng, (3, 7, 8), 3), (3, 2), (2, 2), padding=1)]


def _map(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return whole numbers as floats, so few different ones that windows have ties."""
    return rng.integers(-6, 7, shape).astype(float)


def far_below(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return numbers that no number somebody thinks of for −∞ lies below, and that single precision still holds."""
    return (-np.abs(x) - 1) * 10.0 ** int(rng.integers(30, 37))


def explained(how: str) -> Explain:
    """Return what shows the window of a cell, and says `how` its numbers give that of the cell, its `{value}`."""

    def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
        (p, q), (S_h, S_w), P = arguments["size"], arguments["stride"], arguments.get("padding", 0)
        d, i, j = cell
        x = np.pad(arguments["x"].astype(float), ((0, 0), (P, P), (P, P)), constant_values=np.nan)
        window = x[d, i * S_h : i * S_h + p, j * S_w : j * S_w + q]
        picture = grid(window).replace("nan", "  ·")
        rows, columns = row_range("row", i * S_h - P, p), row_range("column", j * S_w - P, q)
        template = mark("Its window is {rows} and {columns} of channel {channel}:")
        if np.isnan(window).any():
            template = mark("Its window is {rows} and {columns} of channel {channel} (a dot is padding):")
        place = say(template, rows=rows, columns=columns, channel=d)
        return [Text(place), Code(f"{picture}\n\n{say(how, value=number(expected[cell]))}")]

    return explain
