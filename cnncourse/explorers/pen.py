"""A drawing on the pad, brought into the form that MNIST's digits have; `cnnlib.read_digit` does so with pictures.

A drawing is a list of strokes; a stroke is the points that the pen went through, (row, column), from (0, 0) at the top
left of the pad to (1, 1) at the bottom right. Strokes are scaled, not pixels, so the pen is equally thick however large
somebody draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnnlib import arguments
from cnnlib.pictures import BOX, SIDE, centred

PEN = 2.6  # pixels, the thickness of a line; see the tests: with it, drawings have as much ink as MNIST's digits
SMALLEST = 0.05  # of the pad: what is smaller is a dot, and is not blown up to a digit


def digit_image(strokes: Sequence[Any]) -> np.ndarray:
    """Return the image of a drawing as MNIST would hold it: ink is 1, paper 0.

    The longer side of the digit fills 20 pixels, the shorter one is scaled by the same factor; a drawing that is
    smaller than a twentieth of the pad is enlarged as if it had that size. Then the digit is moved by whole pixels
    until its centre of mass lies in row 14 and column 14, or as near to them as the image has room.
    A pixel whose middle lies at the distance d from the pen's path gets the ink clip(PEN / 2 + 1/2 - d, 0, 1).

    Parameters
    ----------
    strokes : list
        Strokes, each an array (n, 2) or a list of n pairs (row, column) from 0 to 1, n at least 1.

    Returns
    -------
    array (28, 28)
        float32 in [0, 1]; all 0 without strokes.

    Raises
    ------
    TypeError
        If it is not a list of strokes.
    ValueError
        For other shapes, and for points outside the pad.

    Examples
    --------
    >>> image = digit_image([[(0.2, 0.5), (0.8, 0.5)]])  # a 1
    >>> int((image.max(axis=1) > 0).sum()), int((image.max(axis=0) > 0).sum())
    (20, 4)
    """
    paths = checked_strokes(strokes)
    if not paths:
        return np.zeros((SIDE, SIDE), np.float32)
    points = np.concatenate(paths)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (BOX - PEN) / max(SMALLEST, *(high - low))
    return centred(_inked([(path - (low + high) / 2) * scale + BOX / 2 for path in paths]))


def checked_strokes(strokes: Sequence[Any]) -> list[np.ndarray]:
    """Return a drawing as a list of new arrays (n, 2), float64; errors as in `digit_image`.

    Examples
    --------
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
    path = arguments.as_float_array(name, stroke).astype(np.float64)
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
    ink: np.ndarray = np.clip(PEN / 2 + 0.5 - np.sqrt(near), 0, 1)
    return ink
