"""The matrix of a convolution: one row for each place of the window, one column for each pixel, mostly zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import geometry, reference
from .scene import INPUT, LOST, OUTPUT, PADDING, Explorer, Grid, Position, Range, Scene, all_scenes, numbers, windows

SETTINGS = (
    Range("size", "Input", "W", 3, 5, 4),
    Range("kernel", "Kernel", "F", 1, 4, 3),
    Range("padding", "Padding", "P", 0, 1, 0),
    Range("stride", "Stride", "S", 1, 3, 1),
    Position(),
)

ZERO = "."
# All weights differ, so that one sees where each of them went in the matrix.
KERNEL = np.array([[1, 2, 3, 10], [4, 5, 6, 11], [7, 8, 9, 12], [13, 14, 15, 16]])
IMAGE = np.array([[1, 0, 2, 0, 1], [0, 1, 1, 0, 2], [2, 0, 1, 1, 0], [0, 1, 0, 2, 1], [1, 0, 0, 1, 0]])


def matrix_of(weight: np.ndarray, size: int, stride: int, padding: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrix (H2·W2, H·W) by which the flattened image is multiplied, and where it holds a weight."""
    F = len(weight)
    n = geometry.output_size(size, F, stride, padding)
    matrix = np.zeros((n * n, size * size), int)
    held = np.zeros(matrix.shape, bool)
    for i in range(n):
        for j in range(n):
            for m in range(F):
                for k in range(F):
                    row, column = i * stride + m - padding, j * stride + k - padding
                    if 0 <= row < size and 0 <= column < size:
                        matrix[i * n + j, row * size + column] = weight[m, k]
                        held[i * n + j, row * size + column] = True
    return matrix, held


def scene(size: int, kernel: int, padding: int, stride: int, position: Any = (0, 0)) -> Scene:
    """Return the scene of one convolution as a matrix; `position` is only where the reader looks."""
    side = size + 2 * padding
    if kernel > side:
        bigger = f", a padding of {(kernel - size + 1) // 2}" if (kernel - size + 1) // 2 <= 1 else ""
        message = (
            f"The window does not fit: the kernel is {kernel} × {kernel}, and the input, padding included, only "
            f"{side} × {side}. What would fit: a kernel of at most {side}{bigger}, or an input of at least {kernel}."
        )
        return Scene(None, [], [], [], [], "", message)
    image, weight = IMAGE[:size, :size], KERNEL[:kernel, :kernel]
    n = geometry.output_size(size, kernel, stride, padding)
    matrix, held = matrix_of(weight, size, stride, padding)
    net = reference.conv2d(image[None, None], weight[None, None], None, stride, padding)[0, 0]
    used = np.array(geometry.use_counts(size, kernel, stride, padding))
    kinds = np.pad(np.where(np.outer(used, used), INPUT, LOST), padding, constant_values=PADDING)
    at = windows(n, kernel, stride)
    title = f"Input {size} × {size}" + (f", padded to {side} × {side}" if padding else "")
    cells, weights = matrix.size, int(held.sum())
    return Scene(
        (n, n),
        [
            Grid("input", title, numbers(np.pad(image, padding)), ["".join(row) for row in kinds]),
            Grid("kernel", f"Kernel {kernel} × {kernel}", numbers(weight), [INPUT * kernel] * kernel),
            Grid("output", f"Output {n} × {n}", numbers(net), [OUTPUT * n] * n),
            Grid(
                "matrix",
                f"Matrix {n * n} × {size * size}: a row for each output, a column for each pixel",
                numbers(matrix),
                ["".join(row) for row in np.where(held, INPUT, ZERO)],
            ),
        ],
        at,
        at,
        [f"(H₂·W₂) × (H₁·W₁) = ({n}·{n}) × ({size}·{size}) = {n * n} × {size * size}"],
        f"The convolution as a fully connected layer: of its {cells} weights {cells - weights} are zero, and the other "
        f"{weights} are the {'one' if kernel == 1 else kernel * kernel} of the kernel, shared by all {n * n} rows.",
        details={"bias": 0},
    )


def data() -> dict[str, Any]:
    """Return all scenes."""
    return all_scenes(SETTINGS, scene)


EXPLORER = Explorer("matrix_of_a_convolution", "matrix of a convolution", SETTINGS, scene, data)
