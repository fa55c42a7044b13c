"""Drawings: what a pen has drawn on a pad, brought into the form that MNIST's digits have.

A drawing is a list of strokes; a stroke is the points that the pen went through, (row, column), from (0, 0) at the top
left of the pad to (1, 1) at the bottom right. MNIST's images were scaled to fit a box of 20 by 20 pixels, keeping their
proportions, and moved so that their centre of mass lies in the middle of 28 by 28. Here strokes are scaled, not pixels,
so the pen is equally thick however large somebody draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import arguments

SIDE, BOX = 28, 20  # pixels of the image, and of the box that the digit fills
MIDDLE = 14  # row and column of the centre of mass, to half a pixel: in MNIST it lies between 13.5 and 14.5
PEN = 2.6  # pixels, the thickness of a line; see the tests: with it, drawings have as much ink as MNIST's digits
SMALLEST = 0.05  # of the pad: what is smaller is a dot, and is not blown up to a digit


def digit_image(strokes: Sequence[Any]) -> np.ndarray:
    """Return the image (28, 28), float32 in [0, 1], of a drawing as MNIST would hold it: ink is 1, paper 0.

    strokes: a list of strokes, each an array (n, 2) or a list of n pairs (row, column) from 0 to 1, n at least 1. The
    longer side of the digit fills 20 pixels, the shorter one is scaled alike; a drawing that is smaller than a
    twentieth of the pad is enlarged as if it had that size. Then the digit is moved by whole pixels until its centre
    of mass lies in row 14 and column 14, or as near to them as the image has room. Without strokes all is 0.
    A pixel whose middle lies at the distance d from the pen's path gets the ink clip(PEN / 2 + 1/2 - d, 0, 1).
    Raises TypeError for what is no list of strokes, ValueError for other shapes and for points outside the pad.

    >>> image = digit_image([[(0.2, 0.5), (0.8, 0.5)]])  # a 1
    >>> int((image.max(axis=1) > 0).sum()), int((image.max(axis=0) > 0).sum())
    (20, 4)
    """
    paths = checked_strokes(strokes)
    image = np.zeros((SIDE, SIDE), np.float32)
    if not paths:
        return image
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (BOX - PEN) / max(SMALLEST, *(high - low))
    box = _inked([(path - (low + high) / 2) * scale + BOX / 2 for path in paths])
    top, left = (_start(box.sum(axis=1 - axis)) for axis in (0, 1))
    image[top : top + BOX, left : left + BOX] = box
    return image


def checked_strokes(strokes: Sequence[Any]) -> list[np.ndarray]:
    """Return a drawing as a list of new arrays (n, 2), float64; errors as in `digit_image`.

    >>> checked_strokes([[(0, 0.5), (1, 0.5)]])
    [array([[0. , 0.5],
           [1. , 0.5]])]
    """
    if not isinstance(strokes, (list, tuple)):
        raise TypeError(f"strokes: got {type(strokes).__name__}, expected a list of strokes")
    return [_stroke(f"strokes[{k}]", stroke) for k, stroke in enumerate(strokes)]


def _stroke(name: str, stroke: Any) -> np.ndarray:
    expected = "expected an array (n, 2) or a list of n pairs (row, column), n at least 1"
    if isinstance(stroke, (list, tuple)):
        try:
            stroke = np.array(stroke)
        except ValueError:
            raise ValueError(f"{name}: got a list with parts of different lengths, {expected}") from None
    path = arguments.floats(name, stroke).astype(np.float64)
    if path.ndim != 2 or path.shape[1] != 2 or not len(path):
        raise ValueError(f"{name}: got shape {path.shape}, {expected}")
    if not (path.min() >= 0 and path.max() <= 1):  # also what NaN meets
        raise ValueError(
            f"{name}: got numbers from {path.min():g} to {path.max():g}, expected 0 (the top or left edge of the pad) "
            "to 1 (the bottom or right edge)"
        )
    return path


def _inked(paths: list[np.ndarray]) -> np.ndarray:
    """Return the ink (BOX, BOX) of a pen that goes along the paths, given in pixels from the corner of the box."""
    starts = np.concatenate([path[:-1] if len(path) > 1 else path for path in paths])
    ends = np.concatenate([path[1:] if len(path) > 1 else path for path in paths])
    middles = np.arange(BOX) + 0.5
    near = np.full((BOX, BOX), np.inf)
    for start, (down, right) in zip(starts, ends - starts):
        rows, columns = middles[:, None] - start[0], middles[None, :] - start[1]
        length = down * down + right * right
        share = np.clip((rows * down + columns * right) / length, 0, 1) if length else 0.0
        np.minimum(near, (rows - share * down) ** 2 + (columns - share * right) ** 2, out=near)
    return np.clip(PEN / 2 + 0.5 - np.sqrt(near), 0, 1)


def _start(ink: np.ndarray) -> int:
    """Return where on an axis of the image the box begins, given the ink of each row, or column, of the box."""
    middle = float(ink @ np.arange(BOX)) / float(ink.sum())
    # The first place with the centre at MIDDLE - 1/2 or beyond; 1e-9, so that exactly there is told alike everywhere.
    return min(max(math.ceil(MIDDLE - 0.5 - middle - 1e-9), 0), SIDE - BOX)


# Drawings to begin with ----------------------------------------------------------------------------------------------


def smooth_stroke(*points: tuple[float, float]) -> np.ndarray:
    """Return a smooth stroke (n, 2) through these points, eight steps from each to the next (Catmull and Rom's curve).

    >>> smooth_stroke((0.2, 0.5), (0.8, 0.5)).shape
    (9, 2)
    """
    knots = np.array([points[0], *points, points[-1]], dtype=float)
    t = np.arange(8)[:, None] / 8
    spans = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(knots, knots[1:], knots[2:], knots[3:])
    ]
    return np.round(np.clip(np.concatenate([*spans, knots[-1:]]), 0, 1), 3)


def _straight(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, dtype=float)


# Ten drawings by our own hand, one of each digit: SAMPLES[3] is a drawing of a 3.
SAMPLES = (
    [
        smooth_stroke(
            *((0.17, 0.53), (0.24, 0.37), (0.50, 0.29), (0.75, 0.36), (0.84, 0.50)),
            *((0.75, 0.66), (0.48, 0.71), (0.26, 0.65), (0.17, 0.51)),
        )
    ],
    [smooth_stroke((0.16, 0.55), (0.50, 0.51), (0.84, 0.46))],
    [
        smooth_stroke((0.31, 0.31), (0.19, 0.43), (0.20, 0.60), (0.36, 0.67), (0.58, 0.50), (0.80, 0.30)),
        smooth_stroke((0.80, 0.30), (0.79, 0.50), (0.81, 0.74)),
    ],
    [
        smooth_stroke((0.24, 0.32), (0.17, 0.47), (0.24, 0.63), (0.38, 0.62), (0.47, 0.45)),
        smooth_stroke((0.47, 0.45), (0.54, 0.63), (0.69, 0.68), (0.82, 0.53), (0.79, 0.31)),
    ],
    [
        smooth_stroke((0.18, 0.37), (0.36, 0.32), (0.52, 0.35), (0.54, 0.50), (0.50, 0.66)),
        smooth_stroke((0.17, 0.65), (0.50, 0.61), (0.84, 0.58)),
    ],
    [
        smooth_stroke((0.19, 0.41), (0.32, 0.38), (0.45, 0.37)),
        smooth_stroke((0.45, 0.37), (0.43, 0.51), (0.54, 0.65), (0.72, 0.63), (0.82, 0.48), (0.78, 0.31)),
        smooth_stroke((0.19, 0.41), (0.18, 0.55), (0.19, 0.70)),
    ],
    [
        smooth_stroke(
            *((0.16, 0.60), (0.36, 0.42), (0.60, 0.34), (0.78, 0.39), (0.83, 0.53)),
            *((0.72, 0.65), (0.59, 0.58), (0.60, 0.44), (0.71, 0.36)),
        )
    ],
    [_straight((0.22, 0.28), (0.20, 0.50), (0.20, 0.70)), smooth_stroke((0.20, 0.70), (0.45, 0.57), (0.84, 0.43))],
    [
        smooth_stroke(
            *((0.20, 0.62), (0.18, 0.45), (0.29, 0.35), (0.46, 0.47), (0.61, 0.62), (0.75, 0.61)),
            *((0.83, 0.48), (0.73, 0.36), (0.58, 0.43), (0.43, 0.57), (0.29, 0.66), (0.20, 0.61)),
        )
    ],
    [
        smooth_stroke((0.28, 0.64), (0.18, 0.52), (0.25, 0.37), (0.41, 0.36), (0.47, 0.49), (0.38, 0.62), (0.27, 0.65)),
        smooth_stroke((0.27, 0.65), (0.52, 0.62), (0.84, 0.54)),
    ],
)
