"""Chapter 03: the cross-correlation of one channel with one kernel."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks.comparing import grid, number
from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.result import Code, Text
from ..checks.windows import fine, image_size, integers, kernel_values, row_range, sum_of_products
from ..language import say


def my_conv2d(x, w, w_b=0.0, stride=1):
    H, W = x.shape
    F_h, F_w = w.shape
    H2, W2 = (H - F_h) // stride + 1, (W - F_w) // stride + 1
    net = np.zeros((H2, W2))
    for i in range(H2):
        for j in range(W2):
            for m in range(F_h):
                for n in range(F_w):
                    net[i, j] += w[m, n] * x[i * stride + m, j * stride + n]
            net[i, j] += w_b
    return net


MISTAKES = r"""
stride ignored: | stride => 1
stride in the size only:
    i * stride + m, j * stride + n => i + m, j + n
stride for rows only:
    (W - F_w) // stride => W - F_w
    & j * stride => j
stride for columns only:
    (H - F_h) // stride => H - F_h
    & i * stride => i
stride inside the window:
    i * stride + m, j * stride + n => i + m * stride, j + n * stride
    i * stride + m, j * stride + n => (i + m) * stride, (j + n) * stride
kernel turned by 180°: | w[m, n] => w[F_h - 1 - m, F_w - 1 - n]
kernel upside down: The rows of the kernel are in reverse order: w_mn meets x at row i + m.
    w[m, n] => w[F_h - 1 - m, n]
kernel mirrored: The columns of the kernel are in reverse order: w_mn meets x at column j + n.
    w[m, n] => w[m, F_w - 1 - n]
kernel transposed: Rows and columns of the kernel are swapped: m counts rows, in `w` as in `x`.
    w[m, n] => w[n, m]
    F_h, F_w = w.shape => w = w.T \n F_h, F_w = w.shape
bias added once per product: The bias is added to the sum, once for each output cell, after the loops over the kernel.
    j * stride + n] => j * stride + n] + w_b
    & net[i, j] += w_b => pass
bias added once per row of the kernel: The bias is added to the sum, once for each output cell, after the loops over
    the kernel.
    net[i, j] += w_b => net[i, j] += w_b * F_h
bias forgotten: The sums of the products are right, but `w_b` is not added.
    net[i, j] += w_b => pass
bias subtracted: The bias is added. | += w_b => -= w_b
bias as a factor: The bias is added to the sum of the products. | += w_b => *= w_b
one window too few:
    // stride + 1, => // stride,
    & (W - F_w) // stride + 1 => (W - F_w) // stride
rounded up:
    (H - F_h) // stride => -(-(H - F_h) // stride)
    & (W - F_w) // stride => -(-(W - F_w) // stride)
not rounded: The number of windows has to be a whole number: `//` divides and rounds down, `/` gives a float.
    // => /
mean instead of sum: The products are averaged: a convolution adds them up.
    w[m, n] * => w[m, n] / w.size *
only the last product: Each product replaces the one before: add it to the sum, with `+=`.
    net[i, j] += w[m, n] => net[i, j] = w[m, n]
ReLU applied:
    return net => return np.maximum(net, 0)
kernel taken as square: The number of rows of the kernel is used for its columns too: F_h and F_w may differ.
    F_h, F_w = w.shape => F_h = F_w = len(w)
kernel taken as square: The number of columns of the kernel is used for its rows too: F_h and F_w may differ.
    F_h, F_w = w.shape => F_h = F_w = w.shape[1]
image taken as square: The number of output rows is used for the columns too: H and W may differ.
    net = => W2 = H2 \n net =
image taken as square: The number of output columns is used for the rows too: H and W may differ.
    net = => H2 = W2 \n net =
zeros around the image: The image was padded: the exercise asks only for windows that lie inside it.
    H, W = x.shape => x = np.pad(x, 1) \n H, W = x.shape
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return images and kernels, hardly any square; sizes with and without a rest that the stride does not reach."""
    made = []
    kernels = [(1, 2), (2, 1), (2, 2), (2, 3), (3, 2), (3, 3), (1, 1), (2, 2), (3, 2), (2, 3), (3, 3), (2, 4), (3, 1)]
    strides = [1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3]
    for k, (kernel, stride) in enumerate(zip(kernels, strides)):
        rest = (k % stride, (k + 1) % stride) if k % 3 else (0, 0)
        x = integers(rng, image_size(rng, kernel, (stride, stride), rest))
        w_b = float(rng.integers(1, 5)) * (-1) ** k
        w = kernel_values(rng, kernel)
        made.append(Case(x, w, w_b, stride=stride) if k else Case(x, w))
    for kernel, stride in [((3, 3), 1), ((2, 3), 2), ((4, 3), 3)]:  # larger
        x = fine(rng, image_size(rng, kernel, (stride, stride), (0, stride - 1), least=3), 2)
        made.append(Case(x, fine(rng, kernel), 0.5, stride=stride))
    # one window only along an axis, or along both
    made.append(Case(integers(rng, (3, 5)), kernel_values(rng, (3, 2)), -2.0, stride=2))
    made.append(Case(integers(rng, (4, 3)), kernel_values(rng, (2, 3)), 3.0))
    return [*made, Case(integers(rng, (3, 4)), kernel_values(rng, (3, 4)), 1.0)]


def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
    x, w = arguments["x"], arguments["w"]
    w_b, S = arguments.get("w_b", 0.0), arguments.get("stride", 1)
    (i, j), (F_h, F_w) = cell, w.shape
    window = x[i * S : i * S + F_h, j * S : j * S + F_w]
    place = say(
        "Its window is {rows} and {columns} of `x`. Window, kernel, and the sum of the products plus the bias:",
        rows=row_range("row", i * S, F_h),
        columns=row_range("column", j * S, F_w),
    )
    return [
        Text(place),
        Code(f"{grid(window)}\n\n{grid(w)}\n\n{sum_of_products(window, w, w_b)} = {number(expected[cell])}"),
    ]


exercise = FunctionExercise(
    "conv2d_one_channel",
    "03",
    my_conv2d,
    cases,
    mistakes_of(my_conv2d, MISTAKES),
    "images that are not square, kernels from 1×1 to 4×3, strides 1 to 3, with and without rows and columns that no "
    "window reaches, with negative numbers, and with a bias above, below and at 0.",
    explain,
)
