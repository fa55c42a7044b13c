"""The matrix of a convolution: one row for each place of the window, one column for each pixel, mostly zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncourse.language import Texts, fill, say
from cnnlib import geometry, reference

from .padding_stride import TEMPLATES as CELLS
from .scene import INPUT, LOST, OUTPUT, PADDING, Explorer, Position, Range, Scene, all_scenes, grid, windows
from .words import WORDS

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

TEMPLATES: dict[str, Any] = {
    "input": "Input {size} × {size}",
    "matrix": "Matrix {n} × {pixels}",
    "row": "Row {k} of the matrix",
    "pixels": "times the pixels, in one row",
    "times": "row · pixels",
    "reading": "Row {k} of the matrix, output row {r}, column {c}: {terms} = {value}",
    "weight": "Row {k}, column {j} of the matrix: {w}, the weight that this window lays on the pixel of row {p}, "
    "column {q}",
    "no_weight": "Row {k}, column {j} of the matrix: 0, as this window does not read the pixel of row {p}, column {q}",
    "column": "The pixel of row {p}, column {q} is number {j}: {n} rows of the matrix have a weight in this column",
    "column_one": "The pixel of row {p}, column {q} is number {j}: 1 row of the matrix has a weight in this column",
    "at_padding": "Padding: always 0, so it has no column in the matrix",
    "cell_matrix": "matrix row {r}, column {c}: {value}",
    "cell_row": "in the chosen row, column {c}: {value}",
    "cell_pixel": "pixel {c}: {value}",
    **{f"cell_{name}": CELLS[f"cell_{name}"] for name in ("input", "lost", "padding", "kernel", "output")},
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\nx = np.array({x})\nw = np.array({w})\n"
    "units = np.eye(x.size).reshape(-1, *x.shape)  # each with one pixel 1, all others 0\n"
    "columns = cnnlib.conv2d(units, w[None], np.zeros(1), stride={stride}, padding={padding})\n"
    "matrix = columns.reshape(x.size, -1).T\nprint(matrix)\nprint(matrix @ x.ravel())\n",
    "code_torch": "import torch\n\nx = torch.tensor({x}, dtype=torch.float32)\n"
    "w = torch.tensor({w}, dtype=torch.float32)\n"
    "units = torch.eye(x.numel()).reshape(-1, *x.shape)  # each with one pixel 1, all others 0\n"
    "columns = torch.nn.functional.conv2d(units, w[None], stride={stride}, padding={padding})\n"
    "matrix = columns.reshape(x.numel(), -1).T\nprint(matrix)\nprint(matrix @ x.ravel())\n",
}
TEXTS = Texts(TEMPLATES)


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
        return Scene(None, [], [], [], [], "", _message(size, kernel, side))
    image, weight = IMAGE[:size, :size], KERNEL[:kernel, :kernel]
    n = geometry.output_size(size, kernel, stride, padding)
    matrix, held = matrix_of(weight, size, stride, padding)
    net = reference.conv2d(image[None, None], weight[None, None], None, stride, padding)[0, 0]
    used = np.array(geometry.visit_counts(size, kernel, stride, padding))
    kinds = np.pad(np.where(np.outer(used, used), INPUT, LOST), padding, constant_values=PADDING)
    at = windows(n, kernel, stride)
    title = fill(TEXTS["input"], size=size)
    if padding:
        title = say("Input {size} × {size}, padded to {side} × {side}", size=size, side=side)
    cells, weights = matrix.size, int(held.sum())
    table = say(
        "Matrix {rows} × {columns}: a row for each output, a column for each pixel", rows=n * n, columns=size * size
    )
    return Scene(
        (n, n),
        [
            grid("input", title, np.pad(image, padding), kinds),
            grid("kernel", say("Kernel {F} × {F}", F=kernel), weight, INPUT),
            grid("output", say("Output {n} × {n}", n=n), net, OUTPUT),
            grid("matrix", table, matrix, np.where(held, INPUT, ZERO)),
        ],
        at,
        at,
        [f"(H₂·W₂) × (H₁·W₁) = ({n}·{n}) × ({size}·{size}) = {n * n} × {size * size}"],
        _sentence(cells, weights, kernel, n * n),
        details={"bias": 0},
    )


def _sentence(cells: int, weights: int, kernel: int, rows: int) -> str:
    """Return how many of the matrix's cells hold weights of the kernel, and how often."""
    if rows == 1:
        return say(
            "The convolution as a fully connected layer with one row, for the window stands in one place: of its "
            "{cells} weights {zero} are zero, and the rest comes from the kernel.",
            cells=cells,
            zero=cells - weights,
        )
    return say(
        "The convolution as a fully connected layer: of its {cells} weights {zero} are zero, and the other "
        "{weights} are the {own} of the kernel, shared by all {rows} rows.",
        cells=cells,
        zero=cells - weights,
        weights=weights,
        own=say("one") if kernel == 1 else kernel * kernel,
        rows=rows,
    )


def _message(size: int, kernel: int, side: int) -> str:
    """Return why the window does not fit, and what would; side: of the input, padding included."""
    gaps = {"kernel": kernel, "side": side, "more": (kernel - size + 1) // 2}
    if gaps["more"] > 1:
        return say(
            "The window does not fit: the kernel is {kernel} × {kernel}, and the input, padding included, only "
            "{side} × {side}. What would fit: a kernel of at most {side}, or an input of at least {kernel}.",
            **gaps,
        )
    return say(
        "The window does not fit: the kernel is {kernel} × {kernel}, and the input, padding included, only "
        "{side} × {side}. What would fit: a kernel of at most {side}, a padding of {more}, or an input of at least "
        "{kernel}.",
        **gaps,
    )


def data() -> dict[str, Any]:
    """Return all scenes."""
    looks = (("window", "window"), ("signs", "signs"), ("pad", "padding"), ("corners", "never"))
    return all_scenes(SETTINGS, scene) | {
        "name": EXPLORER.name,
        "texts": TEXTS,
        "words": WORDS,
        "legend": [[look, WORDS[name]] for look, name in looks],
        "room": {"laptop": [2, 3], "tablet": [3, 4], "phone": [5, 8], "small": [6, 9]},
        "start": EXPLORER.start(),
    }


EXPLORER = Explorer("matrix_of_a_convolution", "matrix of a convolution", SETTINGS, scene, data)
