"""Chapter 12: an occlusion map, how far the answer falls when a square is laid on each place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..language import say


def my_occlusion_map(score, x, size):
    H, W = x.shape
    half = size // 2
    falls = np.zeros((H, W))
    for i, j in np.ndindex(H, W):
        covered = x.copy()
        covered[max(i - half, 0) : i + half + 1, max(j - half, 0) : j + half + 1] = 0
        falls[i, j] = score(x) - score(covered)
    return falls


MISTAKES = r"""
original covered: Every square is laid on the image of the one before: begin with a fresh copy at each place.
    covered = x.copy() => covered = covered if i + j else x.copy()
corner instead of middle: The square has its middle at row i, column j; yours begins there.
    max(i - half, 0) : i + half + 1, max(j - half, 0) : j + half + 1 => i : i + size, j : j + size
negative start: `i - half` may be negative, and a slice from −1 on counts from the end: take at least 0.
    max(i - half, 0) : i + half + 1, max(j - half, 0) : j + half + 1 => i - half : i + half + 1, j - half : j + half + 1
one row and column too few: A slice ends before its second number: it takes `i + half + 1` to cover row `i + half`.
    : i + half + 1 => : i + half
    & : j + half + 1 => : j + half
cell alone: The square has size × size cells, not one. | half = size // 2 => half = 0
square twice as large: `size` is the whole width of the square, not its half. | half = size // 2 => half = size
sign reversed: The map says how far the score *falls*: before minus after.
    score(x) - score(covered) => score(covered) - score(x)
score of the covered image: The map says how far the score falls: subtract it from that of the whole image.
    score(x) - score(covered) => score(covered)
covered with ones: White paper is 0, ink is 1. | = 0 => = 1
rows and columns swapped: i counts rows, j columns. | falls[i, j] => falls.T[i % W, j % H]
"""


@dataclass(frozen=True)
class Score:
    """A score for an image: how well it fits a picture of weights, bent a little."""

    w: np.ndarray

    def __call__(self, image: np.ndarray) -> float:
        return float(np.tanh(np.sum(self.w * image) / 4))

    def __repr__(self) -> str:
        rows, columns = self.w.shape
        return say("a score of images of {rows}×{columns}", rows=rows, columns=columns)


def cases(rng: np.random.Generator) -> list[Case]:
    """Return images that are not square, with squares of one, three and five cells."""
    made = []
    for H, W, size in [(2, 3, 1), (4, 5, 3), (6, 4, 3), (5, 7, 5), (7, 6, 3)]:
        x = np.round(rng.uniform(0.1, 1, (H, W)), 1)
        made.append(Case(Score(np.round(rng.uniform(-1, 1, (H, W)), 1)), x, size))
    return made


exercise = FunctionExercise(
    "occlusion_map",
    "12",
    my_occlusion_map,
    cases,
    mistakes_of(my_occlusion_map, MISTAKES),
    "images that are not square, squares of one, three and five cells, also where they reach over the border.",
)
