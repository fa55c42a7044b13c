"""Chapter 14: a transposed convolution of many maps, with stride and padding."""

from __future__ import annotations

import numpy as np

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.windows import fine, integers, kernel_values


def my_transposed_layer(x, w, stride=1, padding=0):
    (D, H1, W1), (N, F_h, F_w) = x.shape, w.shape[1:]
    H2, W2 = (H1 - 1) * stride + F_h, (W1 - 1) * stride + F_w
    y = np.zeros((N, H2, W2))
    for d, i, j in np.ndindex(D, H1, W1):
        rows, columns = slice(i * stride, i * stride + F_h), slice(j * stride, j * stride + F_w)
        y[:, rows, columns] += x[d, i, j] * w[d]
    return y[:, padding : H2 - padding, padding : W2 - padding]


MISTAKES = r"""
stamps laid over each other: Where stamps meet, they are added: `+=`, or only the last one stays. | += => =
stamps turned: The stamps are laid as they are. The kernel is turned only where zeros are put between the numbers of `x`
    and a window moves over them.
    * w[d] => * w[d, :, ::-1, ::-1]
one kernel for all input maps: Input map d has kernels of its own, `w[d]`. | * w[d] => * w[0]
first input map alone: The stamps of all D input maps are added. | np.ndindex(D, H1, W1) => np.ndindex(1, H1, W1)
mean over the input maps: The stamps of all D input maps are added, and not divided by D. | * w[d] => * w[d] / D
stride ignored: Stamp (i, j) begins at row i · stride, column j · stride.
    (H1 - 1) * stride + F_h, (W1 - 1) * stride + F_w => H1 - 1 + F_h, W1 - 1 + F_w
    & slice(i * stride, i * stride + F_h), slice(j * stride, j * stride + F_w) => slice(i, i + F_h), slice(j, j + F_w)
stamps side by side: The stamps begin `stride` cells apart and may overlap: they are not laid side by side.
    (H1 - 1) * stride + F_h, (W1 - 1) * stride + F_w => H1 * F_h, W1 * F_w
    & slice(i * stride, i * stride + F_h), slice(j * stride, j * stride + F_w) => slice(i * F_h, i * F_h + F_h), slice(j * F_w, j * F_w + F_w)
padding ignored: `padding` rings are cut off the result. | [:, padding : H2 - padding, padding : W2 - padding] =>
padding cut off at one end: `padding` cells are cut off at both ends of rows and columns.
    [:, padding : H2 - padding, padding : W2 - padding] => [:, padding:, padding:]
padding put around: Padding makes the input of a convolution larger. Here input and output have changed places, and it is
    cut off.
    [:, padding : H2 - padding, padding : W2 - padding] =>
    & return y => return np.pad(y, ((0, 0), (padding, padding), (padding, padding)))
rows and columns of the kernel swapped: F_h counts the rows of a stamp and F_w its columns: `w` is (D, N, F_h, F_w).
    * w[d] => * w[d].swapaxes(1, 2)
    & w.shape[1:] => (w.shape[1], w.shape[3], w.shape[2])
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return one map and many, strides below, at and above the kernel, padding up to half of it, many digits; nothing square."""
    made = [Case(integers(rng, (1, 2, 3)), kernel_values(rng, (1, 1, 2, 3)))]
    made.append(Case(integers(rng, (2, 2, 3)), kernel_values(rng, (2, 3, 2, 3))))
    settings = [((1, 2, 3), (1, 2, 3, 2), 2, 0), ((3, 3, 2), (3, 2, 2, 3), 2, 1), ((2, 2, 4), (2, 1, 4, 3), 2, 1)]
    settings += [((2, 3, 2), (2, 4, 2, 3), 3, 0), ((4, 2, 3), (4, 3, 5, 4), 1, 2), ((2, 4, 3), (2, 2, 3, 4), 1, 1)]
    for shape, kernels, stride, padding in settings:
        x, w = integers(rng, shape), kernel_values(rng, kernels)
        made.append(Case(x, w, stride=stride, padding=padding))
    return [*made, Case(fine(rng, (2, 2, 3)), fine(rng, (2, 3, 3, 2)), stride=2, padding=1)]


exercise = FunctionExercise(
    "transposed_layer",
    "14",
    my_transposed_layer,
    cases,
    mistakes_of(my_transposed_layer, MISTAKES),
    "one to four maps, kernels from 2×3 to 5×4, strides from 1 to 3, padding up to 2.",
)
