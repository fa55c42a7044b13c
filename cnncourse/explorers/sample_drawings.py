"""Ten drawings of digits for the drawing pad to begin with, by our own hand."""

from __future__ import annotations

import numpy as np


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
    points_on_it: np.ndarray = np.round(np.clip(np.concatenate([*spans, knots[-1:]]), 0, 1), 3)
    return points_on_it


def _straight(*points: tuple[float, float]) -> np.ndarray:
    return np.array(points, dtype=float)


# One drawing of each digit: SAMPLES[3] is a drawing of a 3.
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
