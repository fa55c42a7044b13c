"""Architecture explorer: INPUT → [[CONV → RELU] × N → POOL?] × M → [FC → RELU] × K → FC as volumes and as a table."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.collections import PolyCollection

from .. import geometry
from ..layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from ..network import Sequential
from ..plots import picture
from ..plots.boxes import ASIDE, FACES, UP
from ..plots.picture import INK, PAPER, SOFT
from .figure import Drawing, Explorer, FigureExplorer, Scene, Settings, Stops, word
from .scene import Choice

CLASSES = 10
INPUTS = {
    "digit": ("digit, 1 × 28 × 28", (1, 28, 28)),
    "small_digit": ("small digit, 1 × 8 × 8", (1, 8, 8)),
    "colour": ("colour, 3 × 32 × 32", (3, 32, 32)),
    "photograph": ("photograph, 3 × 224 × 224", (3, 224, 224)),
}
POOL = 2  # rows and columns of a pooling window, and its stride
LARGEST_BUILT = 50_000_000  # parameters, 200 MB
BYTES = 4  # of a number in single precision

SETTINGS = (
    Choice("input", "Input", tuple((name, label) for name, (label, _) in INPUTS.items()), "digit"),
    Choice("pooling", "Pooling", (("max", "max, 2 × 2"), ("none", "none")), "max"),
    Stops("convolutions", "Convolutions in a block", "N", (0, 1, 2, 3), 1),
    Stops("blocks", "Blocks", "M", (0, 1, 2, 3), 2),
    Stops("hidden", "Hidden FC layers", "K", (0, 1, 2, 3), 1),
    Stops("filters", "Filters of each CONV", "", (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64), 8),
    Stops("kernel", "Kernel size", "F", (1, 2, 3, 4, 5, 6, 7), 3),
    Stops("units", "Units of each FC", "", (10, 20, 32, 50, 64, 84, 100, 120, 128, 256, 512, 1000, 4096), 64),
    Choice("padding", "Padding", (("same", "same: the size stays"), ("none", "none")), "same"),
    Stops("batch", "Batch", "", (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024), 64),
)
PRESETS = (
    ("linear classifier", {"convolutions": 0, "blocks": 0, "hidden": 0, "pooling": "none"}),
    ("two hidden layers", {"convolutions": 0, "blocks": 0, "hidden": 2, "pooling": "none"}),
    ("N = 1, M = 2, K = 1", {"convolutions": 1, "blocks": 2, "hidden": 1, "pooling": "max"}),
    ("N = 2, M = 3, K = 2", {"convolutions": 2, "blocks": 3, "hidden": 2, "pooling": "max"}),
)


class Row(NamedTuple):
    """A volume of the network: its layer, shape (C, H, W) or (units,), and its counts for one image."""

    name: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    numbers: int


class DoesNotFit(ValueError):
    """A layer finds too little to read; the message is a sentence for the reader."""


def rows(
    input: str, convolutions: int, blocks: int, pooling: str, filters: int, kernel: int, padding: str
) -> tuple[list[Row], DoesNotFit | None]:
    """Return the rows of INPUT, all CONV and POOL layers, and, if one does not fit, why: then those before it."""
    shape = INPUTS[input][1]
    made = [Row("INPUT", shape, 0, 0, math.prod(shape))]
    if padding == "same" and kernel % 2 == 0 and convolutions and blocks:
        return made, DoesNotFit(
            f"An even kernel cannot be padded evenly: F = {kernel} would need {kernel - 1} zeros for two sides. "
            f"What would fit: F = {kernel - 1} or {kernel + 1}, or no padding."
        )
    border = kernel // 2 if padding == "same" else 0
    for block in range(1, blocks + 1):
        for _ in range(convolutions):
            depth, size, _ = shape
            if kernel > size + 2 * border:
                return made, DoesNotFit(
                    f"Block {block} does not fit: its kernels of {kernel} × {kernel} are larger than the maps of "
                    f"{size} × {size} that come in. What would fit: F of at most {size}, padding, fewer layers, or a "
                    "larger input."
                )
            size = geometry.output_size(size, kernel, padding=border)
            shape = (filters, size, size)
            made.append(
                Row(
                    f"CONV {kernel} × {kernel}, RELU",
                    shape,
                    geometry.convolution_parameters(depth, filters, kernel),
                    geometry.convolution_multiply_adds(depth, filters, kernel, size),
                    math.prod(shape),
                )
            )
        if pooling == "max":
            depth, size, _ = shape
            if size < POOL:
                return made, DoesNotFit(
                    f"The pooling of block {block} does not fit: its windows of 2 × 2 are larger than the maps of "
                    f"{size} × {size}. What would fit: padding, no pooling, fewer blocks, or a larger input."
                )
            shape = (depth, size // POOL, size // POOL)
            made.append(Row("POOL 2 × 2", shape, 0, 0, math.prod(shape)))
    return made, None


def scene(
    input: str,
    pooling: str,
    convolutions: int,
    blocks: int,
    hidden: int,
    filters: int,
    kernel: int,
    units: int,
    padding: str,
    batch: int,
) -> Scene:
    """Return all volumes of the network with their counts, and the memory it takes.

    A RELU works in place, so its layer counts once. At test time all parameters are needed, and the largest input and
    output of one layer. In training every activation of the batch with its gradient, and for every parameter the
    gradient and the momentum.

    >>> start = {s.name: s.start for s in SETTINGS}
    >>> scene(**start | {"convolutions": 0, "blocks": 0, "hidden": 0}).numbers["parameters"]
    7850
    """
    made, misfit = rows(input, convolutions, blocks, pooling, filters, kernel, padding)
    pattern = _pattern(convolutions, blocks, hidden, pooling)
    numbers: dict[str, Any] = {
        name: None for name in ("parameters", "multiply_adds", "activations", "bytes_test", "bytes_training")
    }
    numbers["rows"] = made
    if misfit:
        return Scene(numbers, (pattern,), "", str(misfit), told=_told(made))
    for name, count in [*[("FC, RELU", units)] * hidden, ("FC", CLASSES)]:
        before = made[-1].numbers
        parameters = geometry.linear_parameters(before, count)
        made.append(Row(name, (count,), parameters, geometry.linear_multiply_adds(before, count), count))
    parameters, multiply_adds, activations = (sum(row[column] for row in made) for column in (2, 3, 4))
    largest = max(one.numbers + after.numbers for one, after in zip(made, made[1:]))
    numbers |= {
        "parameters": parameters,
        "multiply_adds": multiply_adds,
        "activations": activations,
        "bytes_test": BYTES * (parameters + largest),
        "bytes_training": BYTES * (2 * batch * activations + 3 * parameters),
    }
    lines = (
        pattern,
        f"at test time, one image: {BYTES} · ({parameters:,} parameters + {largest:,} numbers of the largest input and "
        f"output) bytes = {size_of(numbers['bytes_test'])}",
        f"in training: {BYTES} · (2 · {batch} · {activations:,} activations and their gradients + 3 · {parameters:,} "
        f"parameters, gradients, momentum) bytes = {size_of(numbers['bytes_training'])}",
    )
    return Scene(numbers, lines, _sentence(made, numbers, batch), told=_told(made))


def _pattern(convolutions: int, blocks: int, hidden: int, pooling: str) -> str:
    pool = " → POOL" if pooling == "max" else ""
    inner = f"[[CONV → RELU] × {convolutions}{pool}] × {blocks}"
    return f"INPUT → {inner} → [FC → RELU] × {hidden} → FC"


def size_of(count: int) -> str:
    """Return a number of bytes in words.

    >>> size_of(1000), size_of(2048), size_of(3 * 1024**3)
    ('1,000 bytes', '2 KB', '3 GB')
    """
    for unit, power in (("GB", 3), ("MB", 2), ("KB", 1)):
        if count >= 1024**power:
            value = count / 1024**power
            return f"{value:,.0f} {unit}" if value >= 100 else f"{float(f'{value:.3g}'):g} {unit}"
    return f"{count:,} bytes"


def _sentence(made: list[Row], numbers: dict[str, Any], batch: int) -> str:
    if len(made) == 2:
        return (
            f"Nothing between input and output: a linear classifier. Each of the {CLASSES} scores is a weighted sum of "
            f"the {made[0].numbers:,} pixels plus a bias."
        )
    dense = [row for row in made if row.name.startswith("FC")]
    share = sum(row.parameters for row in dense) / numbers["parameters"]
    work = sum(row.multiply_adds for row in dense) / numbers["multiply_adds"]
    where = f"{_percent(share)} of the parameters"
    if len(dense) + 1 == len(made):
        return (
            "No convolution and no pooling: fully connected layers only, which do not know which pixels are neighbours."
        )
    if not any(row.name.startswith("CONV") for row in made):
        return "No convolution: pooling makes the picture smaller, and all parameters are in fully connected layers."
    kept = 2 * batch * BYTES * numbers["activations"] / numbers["bytes_training"]
    return (
        f"The fully connected layers hold {where} and do {_percent(work)} of the multiply-adds; the rest is in the "
        f"convolutions. In training {_percent(kept)} of the memory is for the activations of the batch."
    )


def _percent(share: float) -> str:
    percent = 100 * share
    if 0 < percent < 1:
        return "under 1 %"
    return "over 99 %" if 99 < percent < 100 else f"{percent:.0f} %"


def _told(made: list[Row]) -> str:
    rows = "; ".join(
        f"{k} {row.name}: {_shape(row)}, {row.parameters:,} parameters, {row.multiply_adds:,} multiply-adds"
        for k, row in enumerate(made)
    )
    return f"Layers: {rows}."


def _shape(row: Row) -> str:
    return " × ".join(f"{n:,}" for n in row.shape) if len(row.shape) == 3 else f"{row.shape[0]:,}"


def built(settings: Settings, rng: np.random.Generator | int | None = None) -> Sequential:
    """Return the network of these settings; ValueError if they do not fit, or if it would be very large."""
    s, shown = settings, scene(**settings)
    count = shown.numbers["parameters"]
    if count is None:
        raise ValueError(shown.message)
    if count > LARGEST_BUILT:
        raise ValueError(f"network: got {count:,} parameters, expected at most {LARGEST_BUILT:,} to be built")
    rng = np.random.default_rng(rng)
    border = s["kernel"] // 2 if s["padding"] == "same" else 0
    shape = INPUTS[s["input"]][1]
    layers: list[Any] = []
    depth = shape[0]
    for _ in range(s["blocks"]):
        for _ in range(s["convolutions"]):
            layers += [Conv2d(depth, s["filters"], s["kernel"], padding=border, rng=rng), ReLU()]
            depth = s["filters"]
        if s["pooling"] == "max":
            layers.append(MaxPool2d(POOL))
    layers.append(Flatten())
    features = math.prod(Sequential(*layers).output_shape(shape))
    for _ in range(s["hidden"]):
        layers += [Linear(features, s["units"], rng=rng), ReLU()]
        features = s["units"]
    return Sequential(*layers, Linear(features, CLASSES, rng=rng))


# ---- drawing --------------------------------------------------------------------------------------------------------

TOP, TALL, BOTTOM = 0.12, 1.2, 1.36  # inches: of the boxes
COLUMNS = (  # heading, its place in inches, alignment
    ("", 0.36, "right"),
    ("layer", 0.5, "left"),
    ("shape", 2.2, "left"),
    ("parameters", 4.35, "right"),
    ("multiply-adds", 5.75, "right"),
    ("activations", 6.72, "right"),
    ("memory", 7.68, "right"),
)
MOST = 17  # rows


class ArchitectureDrawing(Drawing):
    """The volumes from left to right, numbered, and under them a table with a row for each."""

    size = (7.8, 4.75)
    at_rest = (1.5, 1.0)  # many small words: twice the dots would take long to pack

    def build(self) -> None:
        self.axes = picture.canvas(self.figure)
        self.boxes = self.axes.add_collection(PolyCollection([], linewidths=0.9, edgecolors=SOFT))
        label = {"ha": "center", "va": "center", "fontsize": 8}
        self.labels = [word(self.axes, 0, BOTTOM + 0.13, **label) for _ in range(MOST)]
        self.ranks = [word(self.axes, 0, BOTTOM + 0.28, str(k), **label) for k in range(MOST)]
        for heading, x, side in COLUMNS:
            self.axes.text(x, 1.87, heading, ha=side, va="center", fontsize=9.5, fontweight="bold")
        self.axes.plot([0.12, 7.7], [1.99, 1.99], color=SOFT, linewidth=0.9)
        self.cells = [
            [word(self.axes, x, 0, ha=side, va="baseline", fontsize=9.5, color=INK) for _, x, side in COLUMNS]
            for _ in range(MOST + 1)
        ]

    def moving(self) -> list[Artist]:
        return [self.boxes, *self.labels, *self.ranks, *(text for row in self.cells for text in row)]

    def frame(self, scene: Scene) -> Any:
        return None

    def set_frame(self, scene: Scene) -> None:
        pass

    def update(self, scene: Scene) -> None:
        made = scene.numbers["rows"]
        faces, colours, middles = [], [], []
        for row, (x, wide, high, deep) in zip(made, places(made)):
            last = row is made[-1] and len(row.shape) == 1
            kind = "output" if last else _kind(row)
            front, side = FACES[kind]
            y = BOTTOM - (TALL - (high + deep * UP)) / 2  # in the middle of the height
            dx, dy = deep * ASIDE, deep * UP
            faces.append([(x, y), (x + wide, y), (x + wide, y - high), (x, y - high)])
            colours.append(front)
            if deep:
                faces.append(
                    [(x, y - high), (x + wide, y - high), (x + wide + dx, y - high - dy), (x + dx, y - high - dy)]
                )
                faces.append(
                    [(x + wide, y), (x + wide + dx, y - dy), (x + wide + dx, y - high - dy), (x + wide, y - high)]
                )
                colours += [PAPER, side]
            middles.append(x + (wide + dx) / 2)
        self.boxes.set_verts(faces)
        self.boxes.set_facecolor(colours)
        for k, (text, rank) in enumerate(zip(self.labels, self.ranks)):
            text.set_visible(k < len(made))
            rank.set_visible(k < len(made))
            if k < len(made):
                text.set_text(made[k].name.split()[0].rstrip(","))
                text.set_x(middles[k])
                rank.set_x(middles[k])
        self._table(scene)

    def _table(self, scene: Scene) -> None:
        made = scene.numbers["rows"]
        rows = [
            [str(k), row.name, _shape(row), *(f"{n:,}" for n in row[2:]), size_of(BYTES * row.numbers)]
            for k, row in enumerate(made)
        ]
        if scene.numbers["parameters"] is None:
            rows.append(["", "does not fit", "", "", "", "", ""])
        else:
            sums = [f"{scene.numbers[name]:,}" for name in ("parameters", "multiply_adds", "activations")]
            rows.append(["", "sum", "", *sums, size_of(BYTES * scene.numbers["activations"])])
        apart = min(0.25, 2.62 / len(rows))  # inches from row to row
        points = 9.5 if apart > 0.17 else 8.5
        for k, texts in enumerate(self.cells):
            for column, text in enumerate(texts):
                text.set_visible(k < len(rows))
                if k < len(rows):
                    text.set(text=rows[k][column], fontsize=points, y=2.05 + 0.012 * points + k * apart)


def places(made: list[Row]) -> list[tuple[float, float, float, float]]:
    """Return (x, width, height, depth) in inches of every box, so that all find room side by side."""
    largest = made[0].shape[1]
    for tallest in np.arange(0.95, 0.1, -0.05):
        sizes = [_size(row, float(tallest) / largest) for row in made]
        across = [wide + deep * ASIDE for wide, _, deep in sizes]
        rooms = [max(a, 0.42) for a in across]
        if sum(rooms) + 0.03 * (len(rooms) - 1) <= 7.55:
            break
    gap = min(0.5, (7.55 - sum(rooms)) / max(len(rooms) - 1, 1))
    found, x = [], 0.12
    for (wide, high, deep), a, room in zip(sizes, across, rooms):
        found.append((x + (room - a) / 2, wide, high, deep))
        x += room + gap
    return found


def _size(row: Row, unit: float) -> tuple[float, float, float]:
    """Return width, height and depth; the width grows with the logarithm of the channels, or it would fill the page."""
    if len(row.shape) == 1:
        return 0.12, 0.1 * math.log2(row.shape[0]), 0.0
    channels, high, deep = row.shape
    return 0.07 + 0.05 * math.log2(channels), max(high * unit, 0.03), max(deep * unit, 0.03)


def _kind(row: Row) -> str:
    kinds = {"INPUT": "input", "CONV": "convolution", "POOL": "pooling", "FC": "fully connected"}
    return kinds[row.name.split()[0].rstrip(",")]


EXPLORER = Explorer("architecture", "network architecture", SETTINGS, scene, ArchitectureDrawing, PRESETS)


class NetworkArchitecture(FigureExplorer):
    """The architecture explorer, which also makes the network that it shows."""

    def __init__(self, **start: Any) -> None:
        super().__init__(EXPLORER, **start)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """The shape (C, H, W) of one input, as `summary` takes it."""
        return INPUTS[self.settings["input"]][1]

    def network(self, rng: np.random.Generator | int | None = None) -> Sequential:
        """Return the network that is shown, with new start weights as in `Conv2d` and `Linear`.

        Raises ValueError if the settings do not fit, or for more than 50,000,000 parameters.
        """
        return built(self.settings, rng)
