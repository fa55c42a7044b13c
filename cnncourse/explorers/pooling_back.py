"""δ through pooling: to the largest number of its window, or shared out among all of them; overlaps add up."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncourse.language import Texts, fill, joined
from cnnlib import geometry, reference

from .padding_stride import TEMPLATES as CELLS
from .phrases import never_read
from .scene import (
    INPUT,
    LOST,
    OUTPUT,
    Choice,
    Explorer,
    Position,
    Range,
    Scene,
    Setting,
    all_scenes,
    grid,
    windows,
)
from .words import WORDS

SETTINGS: tuple[Setting, ...] = (
    Choice("operation", "Pooling", (("max", "max"), ("mean", "mean")), "max"),
    Choice("map", "Map", (("different", "without ties"), ("ties", "with ties")), "different"),
    Range("size", "Window", "F", 2, 3, 2),
    Range("stride", "Stride", "S", 1, 3, 2),
    Position(start=(0, 1)),
)

# In `different` no window has its largest number twice; in `ties` about a quarter of them have.
MAPS = {
    "different": np.array([[(11 * i + 7 * j + 5 * i * j + 3) % 37 - 9 for j in range(6)] for i in range(6)]),
    "ties": np.array([[(i * j + 2 * i + j // 2) % 4 for j in range(6)] for i in range(6)]),
}
DELTA = np.array([[2, -1, 3, 1, -2], [-3, 4, 1, -1, 2], [1, 2, -2, 3, -1], [-1, 1, 2, -3, 4], [3, -2, -1, 2, 1]])

TEMPLATES: dict[str, Any] = {
    "input": "Map x {size} × {size}",
    "source": "δ behind pooling: {n} × {n}",
    "output": "∂E/∂x: {size} × {size}",
    "window": "This window of x",
    "share": "What its δ gives",
    "line": "∂E/∂x_{pq} = Σ δ_{ij}, over the windows (i, j) whose largest number is x_{pq}",
    "line_mean": "∂E/∂x_{{pq}} = Σ δ_{{ij}} / {n}, over the windows (i, j) that hold x_{{pq}}",
    "max": "Each δ goes whole to the largest number of its {F} × {F} window: of the {pixels} numbers {some} get one or "
    "more.",
    "mean": "Each δ is shared out evenly: every number of its {F} × {F} window gets δ / {n}.",
    "ties": "In {ties} of the {windows} windows several are largest: the first, row by row, gets all of δ.",
    "overlap": "Windows overlap, and what a number gets from several of them adds up.",
    "apart": "No window overlaps another, so each number gets at most one δ.",
    "lost": "Never read: {rows}, {columns}; {lost} numbers, which get 0.",
    "gives_max": "δ row {i}, column {j}, is {value}: all of it goes to {x}, the largest, in row {r}, column {c}",
    "gives_tie": "δ row {i}, column {j}, is {value}: {many} numbers are largest, {x}; the first, in row {r}, "
    "column {c}, gets all of it",
    "gives_mean": "δ row {i}, column {j}, is {value}: each of the {n} numbers of its window gets "
    "{value} / {n} = {share}",
    "gets": "x row {r}, column {c}, {x}, gets {terms} = {sum}",
    "gets_one": "x row {r}, column {c}, {x}, gets {sum}",
    "gets_none": "x row {r}, column {c}, {x}, gets 0: it was the largest of no window",
    "unread": "x row {r}, column {c}, {x}, gets 0: no window holds it",
    "cell_input": "x row {r}, column {c}: {value}",
    "cell_lost": "x row {r}, column {c}, never read: {value}",
    "cell_source": "δ row {r}, column {c}: {value}",
    "cell_window": "in the window, row {r}, column {c}: {value}",
    "cell_share": "its δ gives row {r}, column {c}: {value}",
    "cell_output": "∂E/∂x row {r}, column {c}: {value}",
    "cell_none": "∂E/∂x row {r}, column {c}, never read: {value}",
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\nx = np.array([[{x}]])\ndelta = np.array([[{delta}]])\n"
    "d_x = cnnlib.{operation}_pool2d_backward(delta, x, {size}, stride={stride})\nprint(d_x[0, 0])\n",
    "code_torch": "import torch\n\nx = torch.tensor([[{x}]], dtype=torch.float32, requires_grad=True)\n"
    "delta = torch.tensor([[{delta}]], dtype=torch.float32)\n"
    "torch.nn.functional.{operation}_pool2d(x, {size}, stride={stride}).backward(delta)\nprint(x.grad[0, 0])\n",
}
TEXTS = Texts(TEMPLATES)


def scene(operation: str, map: str, size: int, stride: int, position: Any = (0, 0)) -> Scene:
    """Return the scene of δ going back through a pooling layer; `position` is only where the reader looks."""
    x = MAPS[map]
    W = len(x)
    n = geometry.output_size(W, size, stride)
    delta = DELTA[:n, :n]
    back = reference.max_pool2d_backward if operation == "max" else reference.avg_pool2d_backward
    d_x = back(delta[None, None], x[None, None], size, stride)[0, 0]
    at = windows(n, size, stride)
    seen = [[x[np.ix_(rows, columns)] for columns in at] for rows in at]
    used = np.array(geometry.visit_counts(W, size, stride))
    kinds = np.where(np.outer(used, used), INPUT, LOST)
    gaps = {"size": W, "n": n, "F": size, "pixels": W * W}
    said = [_what(operation, seen, x, at, gaps)]
    said.append(str(TEXTS["overlap" if stride < size else "apart"]))
    lost = int((kinds == LOST).sum())
    if lost:
        rows, columns = (never_read(W, size, stride, 0, 1, name) for name in ("row", "column"))
        said.append(fill(TEXTS["lost"], rows=rows, columns=columns, lost=lost))
    titles = {name: fill(TEXTS[name], **gaps) for name in ("input", "source", "output")}
    details: dict[str, Any] = {"pool": operation, "by": "source"}
    if operation == "max":
        details["winners"] = [[int(np.argmax(window)) for window in row] for row in seen]
    return Scene(
        (W, W),
        [
            grid("input", titles["input"], x, kinds),
            grid("source", titles["source"], delta, INPUT),
            grid("output", titles["output"], d_x, np.where(kinds == LOST, LOST, OUTPUT)),
        ],
        at,
        at,
        [str(TEXTS["line"]) if operation == "max" else fill(TEXTS["line_mean"], n=size * size)],
        joined(part for part in said if part),
        places=(n, n),
        details=details,
    )


def _what(
    operation: str, seen: list[list[np.ndarray]], x: np.ndarray, at: list[list[int]], gaps: dict[str, int]
) -> str:
    """Return where δ goes, in words."""
    if operation == "mean":
        return fill(TEXTS["mean"], F=gaps["F"], n=gaps["F"] ** 2)
    won = set()
    for rows, line in zip(at, seen):
        for columns, window in zip(at, line):
            i, j = divmod(int(np.argmax(window)), len(columns))
            won.add((rows[i], columns[j]))
    ties = sum(int((window == window.max()).sum() > 1) for line in seen for window in line)
    said = fill(TEXTS["max"], F=gaps["F"], pixels=gaps["pixels"], some=len(won))
    return joined([said, fill(TEXTS["ties"], ties=ties, windows=len(at) ** 2)]) if ties else said


def data() -> dict[str, Any]:
    """Return all scenes."""
    return all_scenes(SETTINGS, scene) | {
        "name": EXPLORER.name,
        "texts": TEMPLATES | {"cell_product": CELLS["cell_product"]},
        "words": WORDS,
        "legend": [
            ["window", "a δ, its window, and what it gives"],
            ["chosen", "the largest, and what gets δ"],
            ["signs", WORDS["signs"]],
            ["corners", WORDS["never"]],
        ],
        "room": {"laptop": [2, 5], "tablet": [2, 6], "phone": [4, 11], "small": [4, 13]},
        "start": EXPLORER.start(),
    }


EXPLORER = Explorer("pooling_sensitivity", "δ through pooling", SETTINGS, scene, data)
