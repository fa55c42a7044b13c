"""What the exercises of chapters 06 to 08 share: sizes of layers, and sentences."""

from __future__ import annotations

import numpy as np

from ...checks.windows import image_size

Pair = tuple[int, int]

# depth, filters, stride, padding
SETTINGS = [(1, 2, 1, 0), (2, 3, 1, 0), (3, 2, 2, 0), (2, 3, 1, 1), (3, 2, 2, 1), (1, 3, 3, 0), (2, 1, 2, 1)]
SETTINGS += [(3, 4, 1, 2), (2, 3, 3, 1), (1, 1, 2, 0), (2, 2, 2, 3)]


def layer_sizes(rng: np.random.Generator, k: int, stride: int, padding: int) -> tuple[Pair, Pair, Pair]:
    """Return (size of x, size of the kernel, size of the output) of the k-th case, with and without a rest."""
    kernel = [(2, 2), (2, 3), (3, 2), (3, 3)][k % 4]
    rest = ((k // 2) % stride, (k + 1) % stride)
    size = image_size(rng, kernel, (stride, stride), rest, padding)
    rows, columns = ((length + 2 * padding - F) // stride + 1 for length, F in zip(size, kernel))
    return size, kernel, (rows, columns)


SENTENCES = {
    "order of the results": "The numbers are right, but the results come in another order than the exercise asks for.",
    "d_w full of zeros": "d_w holds only zeros: is it filled?",
    "d_b full of zeros": "d_b holds only zeros: is it filled?",
    "zeroed d_x": "d_x holds only zeros: is the array that you return the one that is filled?",
    "kernel not turned": "The kernel is laid on δ turned by 180°: `w[::-1, ::-1]`.",
    "kernel turned on one axis": "Turning by 180° reverses the rows and the columns of the kernel.",
    "kernel transposed": "Rows and columns of the kernel are swapped: turning by 180° does not do that.",
    "overwritten instead of added": "Where windows overlap, a cell of x takes part in several outputs: what they send "
    "back is added, `+=`.",
    "δ spread over the whole window": "Every cell of the window gets the same δ: it is multiplied by the weight that "
    "the cell was read with.",
    "stride not expanded": "δ_ij belongs to the window that begins at row i·S, column j·S; here it is taken as that of "
    "row i, column j.",
    "stride inside the window": "The stride moves the window as a whole: its cells stay side by side.",
    "rows that floor dropped forgotten": "Where the stride does not divide, the last rows and columns of x are in no "
    "window: they take part with δ = 0, so that all sizes come out right.",
    "padding ignored": "The windows lie in the padded input: first put P zeros on every side of x.",
    "padding not cut": "d_x is as large as the padded input: cut P rows and columns off on every side, `[P : P + H]`.",
    "padding cut on one side": "P rows and columns are cut off on every side of the padded result: `[P : P + H]`.",
    "nothing left without padding": "`[P:-P]` is empty where P is 0: cut with `[P : P + H]`.",
    "bias gradient per position": "All positions of a map share the bias: its gradient is the sum of δ over the whole "
    "map, one number per filter.",
    "gradient per image": "All images of the batch share the parameters: the gradients are summed over the batch.",
    "mean instead of sum": "The shares are added, not averaged.",
    "mean over the batch taken twice": "δ has been divided by the number of images already, if the loss is a mean: "
    "here everything is summed.",
    "last position only": "Every position uses the weights: what they give is added, `+=`, not replaced.",
    "first position only": "Every position uses the weights, not the first one alone: does a `return` stand inside the "
    "loop?",
    "gradient turned by 180°": "The gradient of weight (m, n) stands at (m, n): only the way to x turns the kernel.",
    "gradient transposed": "Rows and columns of the kernel are swapped: m counts rows, n columns.",
    "kernel taken as square": "The number of rows of the kernel is used for its columns too, or the other way round: "
    "F_h and F_w may differ.",
}
