"""Chapter 06: strides that differ for rows and columns, there and back."""

from __future__ import annotations

import numpy as np

import cnnlib

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.windows import fine, image_size, integers, kernel_values
from .shared.layers import SENTENCES


def my_pair_strides(x, w, delta, strides):
    (F_h, F_w), (S_h, S_w) = w.shape, strides
    net, d_x = np.zeros(delta.shape), np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape):
        rows, columns = slice(i * S_h, i * S_h + F_h), slice(j * S_w, j * S_w + F_w)
        net[i, j] = np.sum(w * x[rows, columns])
        d_x[rows, columns] += delta[i, j] * w
    return net, d_x


MISTAKES = r"""
order of the results: | return net, d_x => return d_x, net
zeroed d_x: | return net, d_x => return net, 0 * d_x
net full of zeros: net holds only zeros: is the array that you return the one that is filled?
    return net, d_x => return 0 * net, d_x
stride of the rows used for the columns: Columns have a stride of their own: S_w, the second one.
    S_h, S_w) = w.shape, strides => S_h, S_w) = w.shape, (strides[0], strides[0])
stride of the columns used for the rows: Rows have a stride of their own: S_h, the first one.
    S_h, S_w) = w.shape, strides => S_h, S_w) = w.shape, (strides[1], strides[1])
stride axes swapped: In a pair, the first number belongs to the rows. | (S_h, S_w) = => (S_w, S_h) =
stride ignored: Window (i, j) begins at row i·S_h, column j·S_w, on the way there and back.
    S_h, S_w) = w.shape, strides => S_h, S_w) = w.shape, (1, 1)
overwritten instead of added: | += => =
kernel not turned: | delta[i, j] * w => delta[i, j] * w[::-1, ::-1]
kernel turned in the forward pass: net is the cross-correlation: only the way back turns the kernel.
    np.sum(w * => np.sum(w[::-1, ::-1] *
kernel transposed:
    delta[i, j] * w => delta[i, j] * w.T
    delta[i, j] * w => delta[i, j] * np.array([[w[n, m] for n in range(F_w)] for m in range(F_h)])
kernel taken as square:
    (F_h, F_w), (S_h, S_w) = w.shape, strides => F_h, F_w, (S_h, S_w) = len(w), len(w), strides
    (F_h, F_w), (S_h, S_w) = w.shape, strides => F_h, F_w, (S_h, S_w) = w.shape[1], w.shape[1], strides
δ spread over the whole window: | delta[i, j] * w => delta[i, j]
net in place of δ: What goes back is δ, not net. | delta[i, j] * w => net[i, j] * w
mean instead of sum: | np.sum(w * => np.mean(w *
"""


def there(x, w, strides):
    (F_h, F_w), (S_h, S_w) = w.shape, strides
    net = np.zeros(((x.shape[0] - F_h) // S_h + 1, (x.shape[1] - F_w) // S_w + 1))
    for i, j in np.ndindex(net.shape):
        net[i, j] = np.sum(w * x[i * S_h : i * S_h + F_h, j * S_w : j * S_w + F_w])
    return net


def by_halves(x, w, delta, strides):
    there_, back = strides, strides
    net, d_x = there(x, w, there_), np.zeros(x.shape)
    for i, j in np.ndindex(delta.shape):
        for m, n in np.ndindex(w.shape):
            d_x[i * back[0] + m, j * back[1] + n] += delta[i, j] * w[m, n]
    return net, d_x


# Loops over the cells of a window leave the array where slices end with it, and net may be counted by its own strides.
HALVES = r"""
stride of the rows used for the columns:
    there_, back = strides, strides => there_, back = [(strides[0], strides[0])] * 2
stride of the columns used for the rows:
    there_, back = strides, strides => there_, back = [(strides[1], strides[1])] * 2
stride axes swapped:
    there_, back = strides, strides => there_, back = [strides[::-1]] * 2
stride ignored:
    there_, back = strides, strides => there_, back = (1, 1), (1, 1)
"""


def by_pattern(x, w, delta, strides):
    ones = cnnlib.cross_correlate2d(x, w)
    expanded = np.zeros(ones.shape)
    expanded[:: strides[0], :: strides[1]] = delta
    d_x = cnnlib.cross_correlate2d(expanded, w[::-1, ::-1], mode="full")
    return ones[:: strides[0], :: strides[1]], d_x


PATTERN = r"""
stride not expanded: Put S_h − 1 rows and S_w − 1 columns of zeros between the δ before the turned kernel goes over them.
    expanded[:: strides[0], :: strides[1]] = delta => expanded = delta
rows that floor dropped forgotten:
    np.zeros(ones.shape) => np.zeros([(n - 1) * S + 1 for n, S in zip(delta.shape, strides)])
"""
KNOWN = {
    "stride of the rows used for the columns": "Columns have a stride of their own: S_w, the second one.",
    "stride of the columns used for the rows": "Rows have a stride of their own: S_h, the first one.",
    "stride axes swapped": "In a pair, the first number belongs to the rows.",
    "stride ignored": "Window (i, j) begins at row i·S_h, column j·S_w, on the way there and back.",
}


def cases(rng: np.random.Generator) -> list[Case]:
    """Return strides that differ for rows and columns, in both directions, with and without a rest."""
    settings = [((1, 2), (1, 2)), ((2, 2), (2, 1)), ((2, 2), (1, 2)), ((2, 3), (2, 1)), ((3, 2), (3, 2))]
    settings += [((3, 3), (2, 1)), ((3, 3), (1, 3)), ((2, 2), (3, 1)), ((3, 4), (2, 3)), ((2, 3), (2, 2))]
    made = []
    for k, (kernel, strides) in enumerate(settings):
        size = image_size(rng, kernel, strides, ((k + 1) % strides[0], k % strides[1]), least=1 + k // 5)
        output = tuple((length - F) // S + 1 for length, F, S in zip(size, kernel, strides))
        made.append(Case(integers(rng, size), kernel_values(rng, kernel), kernel_values(rng, output), strides))
    for size, kernel, output in (((2, 5), (2, 2), (1, 2)), ((6, 3), (3, 3), (2, 1))):  # one window along an axis
        x, w = integers(rng, size), kernel_values(rng, kernel)
        made.append(Case(x, w, kernel_values(rng, output), (3, 3) if output[0] > 1 else (1, 3)))
    return [*made, Case(fine(rng, (6, 5), 2), fine(rng, (3, 2)), fine(rng, (2, 4)), (2, 1))]


exercise = FunctionExercise(
    "pair_strides",
    "06",
    my_pair_strides,
    cases,
    [
        *mistakes_of(my_pair_strides, MISTAKES, SENTENCES | KNOWN),
        *mistakes_of(by_halves, HALVES, SENTENCES | KNOWN),
        *mistakes_of(by_pattern, PATTERN, SENTENCES),
    ],
    "strides from (1, 2) to (3, 2) and (1, 3), rows before columns, kernels from 1×2 to 3×4, windows that overlap, touch "
    "and leave gaps, inputs that are not square, rows and columns that the floor dropped.",
    parts=("net", "d_x"),
)
