"""The pooling explorer: a window moves over a map of a real digit and keeps its largest number, or the mean."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cnncourse.language import Texts, joined, say
from cnnlib import datasets, geometry, reference

from .scene import (
    INPUT,
    LOST,
    OUTPUT,
    PADDING,
    Choice,
    Explorer,
    Position,
    Range,
    Scene,
    all_scenes,
    grid,
    windows,
)
from .words import WORDS

TEMPLATES: dict[str, Any] = {
    "window": "This window",
    "operation_max": "largest",
    "operation_mean": "mean",
    "largest": "max of {n}",
    "mean": "mean of {n}",
    "reading_max": "Output row {r}, column {c}: the largest of {n} numbers is {value}, of row {i}, column {j}",
    "reading_tie": "Output row {r}, column {c}: the largest of {n} numbers is {value}; {many} cells have it, and the "
    "first, row {i}, column {j}, is taken",
    "reading_mean": "Output row {r}, column {c}: ({terms}) / {n} = {sum} / {n} = {value}",
    "taken": "Row {r}, column {c}: {value}, the largest: it alone gets the δ of this window",
    "passed": "Row {r}, column {c}: {value}, not the largest: nothing of it goes on, and it gets no δ from this window",
    "shared": "Row {r}, column {c}: {value} / {n} goes into the mean",
    "reads_none": "{cell}: no window reads it",
    "reads_one": "{cell}: 1 window reads it",
    "reads_many": "{cell}: {n} windows read it",
    "wins": ", and {n} of these take it",
    "at_input": "Map row {r}, column {c}",
    "at_padding": "Padding, row {r}, column {c}",
    "cell_input": "map row {r}, column {c}: {value}",
    "cell_lost": "map row {r}, column {c}, never read: {value}",
    "cell_padding": "padding, row {r}, column {c}: {value}",
    "cell_window": "in the window, row {r}, column {c}: {value}",
    "cell_output": "output row {r}, column {c}: {value}",
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\nx = np.array([[{x}]])\n"
    "a = {operation}(x, {size}, stride={stride}, padding={padding})\nprint(a[0, 0])\n",
    "code_torch": "import torch\n\nx = torch.tensor([[{x}]], dtype=torch.float32)\n"
    "a = {operation}(x, {size}, stride={stride}, padding={padding})\nprint(a[0, 0])\n",
    "operations": {
        "cnnlib": {"max": "cnnlib.max_pool2d", "mean": "cnnlib.avg_pool2d"},
        "torch": {"max": "torch.nn.functional.max_pool2d", "mean": "torch.nn.functional.avg_pool2d"},
    },
}
TEXTS = Texts(TEMPLATES)

EDGES = np.array([[1, 0, -1]])  # left minus right: positive where ink ends, negative where it begins

SETTINGS = (
    Choice("operation", "Pooling", (("max", "max"), ("mean", "mean")), "max"),
    Choice("map", "Map", (("edges", "edges of a 0"), ("ink", "a digit 0")), "edges"),
    Range("size", "Window", "F", 2, 4, 2),
    Range("stride", "Stride", "S", 1, 4, 2),
    Range("padding", "Padding", "P", 0, 2, 0),
    Position(),
)


@functools.cache
def maps() -> dict[str, np.ndarray]:
    """Return the two 8 × 8 maps: the first digit 0 of the bundled ones, and its upright edges; whole numbers."""
    (images, labels), _ = datasets.load_digits(size=8)
    ink = np.rint(16 * images[np.flatnonzero(labels == 0)[0], 0]).astype(int)
    edges = reference.conv2d(ink[None, None], EDGES[None, None], padding=(0, 1))[0, 0].astype(int)
    return {"ink": ink, "edges": edges}


def scene(operation: str, map: str, size: int, stride: int, padding: int, position: Any = (0, 0)) -> Scene:
    """Return the scene of pooling one map; `position` is only where the reader looks."""
    x = maps()[map]
    if 2 * padding > size:
        return Scene(None, [], [], [], [], "", _message(size, padding))
    n = geometry.output_size(8, size, stride, padding)
    pool = reference.max_pool2d if operation == "max" else reference.avg_pool2d
    pooled = pool(x[None, None], size, stride, padding)[0, 0]
    rim = -np.inf if operation == "max" else 0
    used = np.array(geometry.visit_counts(8, size, stride, padding))
    lost = np.outer(used, used) == 0
    kinds = np.pad(np.where(lost, LOST, INPUT), padding, constant_values=PADDING)
    padded = np.pad(x.astype(float), padding, constant_values=rim)
    at = windows(n, size, stride)
    details: dict[str, Any] = {"pool": operation}
    if operation == "max":
        details["winners"] = [[int(np.argmax(padded[np.ix_(rows, columns)])) for columns in at] for rows in at]
    side = 8 + 2 * padding
    title = say("Map 8 × 8, padded to {side} × {side}", side=side) if padding else say("Map 8 × 8")
    return Scene(
        (n, n),
        [
            grid("input", title, padded, kinds),
            grid("output", say("Pooled map {n} × {n}", n=n), pooled, OUTPUT),
        ],
        at,
        at,
        [
            "H₂ = W₂ = ⌊(W₁ − F + 2P) / S⌋ + 1 = "
            f"⌊(8 − {size} + 2·{padding}) / {stride}⌋ + 1 = ⌊{8 - size + 2 * padding} / {stride}⌋ + 1 = {n}"
        ],
        _sentence(operation, size, stride, padding, n, int(lost.sum())),
        details=details,
    )


def _sentence(operation: str, size: int, stride: int, padding: int, n: int, lost: int) -> str:
    """Return what is seen; lost: how many pixels no window reads."""
    gaps: dict[str, Any] = {"size": size, "stride": stride, "kept": n * n, "n": n, "padded": ""}
    if operation == "max":
        gaps["padded"] = say(", padded with −∞,") if padding else ""
        pooled = say(
            "Max pooling with a {size} × {size} window in steps of {stride}{padded} keeps {kept} of 64 numbers: the "
            "8 × 8 map becomes {n} × {n}.",
            **gaps,
        )
    else:
        gaps["padded"] = say(", padded with zeros,") if padding else ""
        pooled = say(
            "Mean pooling with a {size} × {size} window in steps of {stride}{padded} turns 64 numbers into {kept}: the "
            "8 × 8 map becomes {n} × {n}.",
            **gaps,
        )
    never = [say("Never read: {lost} of the 64 pixels.", lost=lost)] if lost else []
    return joined([pooled, _overlap(size, stride), *never])


def _overlap(size: int, stride: int) -> str:
    if stride < size:
        return say("The windows overlap.")
    return say("The windows stand side by side.") if stride == size else say("Between the windows there are gaps.")


def _message(size: int, padding: int) -> str:
    """Return why no window fits, and what would."""
    gaps = {"padding": padding, "size": size, "most": size // 2, "window": 2 * padding}
    if padding > 2:
        return say(
            "The padding is too large: {padding} is more than half of the window, {size}, so a window could lie in "
            "padding alone. What would fit: a padding of at most {most}.",
            **gaps,
        )
    return say(
        "The padding is too large: {padding} is more than half of the window, {size}, so a window could lie in "
        "padding alone. What would fit: a padding of at most {most}, or a window of {window}.",
        **gaps,
    )


def data() -> dict[str, Any]:
    """Return all scenes."""
    looks = (("window", "window"), ("signs", "signs"), ("pad", "padding"), ("corners", "never"))
    return all_scenes(SETTINGS, scene) | {
        "name": EXPLORER.name,
        "texts": TEXTS,
        "words": WORDS,
        "legend": [["chosen", "the one that is taken"], *([look, WORDS[name]] for look, name in looks)],
        "room": {"laptop": [2, 3], "tablet": [2, 4], "phone": [4, 7], "small": [4, 8]},
        "start": EXPLORER.start(),
    }


EXPLORER = Explorer("pooling_step_by_step", "pooling", SETTINGS, scene, data)
