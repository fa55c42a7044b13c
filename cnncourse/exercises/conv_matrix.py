"""Chapter 02: the matrix of a convolution over several channels."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.windows import fine


def my_matrix(w, shape):
    D, F_h, F_w = w.shape
    H1, W1 = shape
    H2, W2 = H1 - F_h + 1, W1 - F_w + 1
    W = np.zeros((H2 * W2, D * H1 * W1))
    for i, j in np.ndindex(H2, W2):
        for d, m, n in np.ndindex(D, F_h, F_w):
            W[i * W2 + j, d * H1 * W1 + (i + m) * W1 + (j + n)] = w[d, m, n]
    return W


MISTAKES = r"""
first channel only: Channel d of the image has columns of its own, from d · H1 · W1 on. | d * H1 * W1 => 0
columns of a channel miscounted: A channel has H1 · W1 pixels: so many columns further begins the next one.
    d * H1 * W1 => d * H1
    d * H1 * W1 => d * W1
    d * H1 * W1 => d
    d * H1 * W1 + (i + m) * W1 + (j + n) => ((i + m) * W1 + (j + n)) * D + d
width of the map in place of the image's: A row of the *image* is W1 columns wide. | (i + m) * W1 => (i + m) * W2
width of the image in place of the map's: The rows of the matrix are counted along the *map*, which is W2 wide.
    i * W2 + j => (i * W1 + j) % (H2 * W2)
height in place of width: Flattening goes row by row: to the next row it is a whole width.
    (i + m) * W1 => (i + m) * H1 % (H1 * W1 - W1)
    i * W2 + j => (i * H2 + j) % (H2 * W2)
window does not move: Output (i, j) reads from row i and column j on. | (i + m) * W1 + (j + n) => m * W1 + n
kernel turned: Here nothing is turned: weight (m, n) meets pixel (i + m, j + n). | = w[d, m, n] => = w[d, ::-1, ::-1][m, n]
columns first: The first axis of the image counts rows. | (i + m) * W1 + (j + n) => (j + n) * H1 + (i + m)
matrix transposed: A row for each output, a column for each pixel. | return W => return W.T
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return kernels of one to three channels, images that are not square."""
    made = []
    for D, kernel, shape in [(1, (1, 2), (2, 3)), (2, (2, 2), (3, 4)), (2, (2, 3), (4, 5)), (3, (3, 2), (5, 4))]:
        made.append(Case(rng.permutation(np.arange(1, D * kernel[0] * kernel[1] + 1)).reshape(D, *kernel), shape))
    return [*made, Case(fine(rng, (2, 2, 3)), (3, 5))]


exercise = FunctionExercise(
    "conv_matrix",
    "02",
    my_matrix,
    cases,
    mistakes_of(my_matrix, MISTAKES),
    "kernels of one to three channels and images that are not square.",
)
