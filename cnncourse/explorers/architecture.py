"""Architecture explorer: INPUT → [[CONV → RELU] × N → POOL?] × M → [FC → RELU] × K → FC as volumes and as a table.

The browser computes the same in web/scenes/architecture.js.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from cnncourse import architectures
from cnncourse.language import Texts, between, each_language, fill, mark, say, translated
from cnncourse.plots.boxes import ASIDE, FACES, UP
from cnncourse.plots.picture import PAPER
from cnnlib import geometry
from cnnlib.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from cnnlib.network import Sequential

from . import live
from .live import Explorer, LiveExplorer, Scene, number, sheet, write
from .scene import Choice, Setting, Settings
from .sheet import SOFT
from .stops import Stops
from .words import WORDS

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

SETTINGS: tuple[Setting, ...] = (
    Choice("input", "Input", tuple((name, label) for name, (label, _) in INPUTS.items()), "digit"),
    Choice("pooling", "Pooling", (("max", "max, 2 × 2"), ("none", "none")), "max"),
    Stops("convolutions", "CONV in a block", "N", (0, 1, 2, 3), 1),
    Stops("blocks", "Blocks", "M", (0, 1, 2, 3), 2),
    Stops("hidden", "Hidden FC layers", "K", (0, 1, 2, 3), 1),
    Choice("padding", "Padding", (("same", "same: the size stays"), ("none", "none")), "same"),
    Stops("filters", "Filters of each CONV", "", (1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64), 8),
    Stops("kernel", "Kernel size", "F", (1, 2, 3, 4, 5, 6, 7), 3),
    Stops("units", "Units of each FC", "", (10, 20, 32, 50, 64, 84, 100, 120, 128, 256, 512, 1000, 4096), 64),
    Stops("batch", "Batch", "", (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024), 64),
)
PRESETS = (
    ("linear classifier", {"convolutions": 0, "blocks": 0, "hidden": 0, "pooling": "none"}),
    ("two hidden layers", {"convolutions": 0, "blocks": 0, "hidden": 2, "pooling": "none"}),
    ("N = 1, M = 2, K = 1", {"convolutions": 1, "blocks": 2, "hidden": 1, "pooling": "max"}),
    ("N = 2, M = 3, K = 2", {"convolutions": 2, "blocks": 3, "hidden": 2, "pooling": "max"}),
)


# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, str] = {
    "input": "INPUT",
    "conv": "CONV {F} × {F}, RELU",
    "pool": "POOL 2 × 2",
    "fc_relu": "FC, RELU",
    "fc": "FC",
    "pattern": "INPUT → [[CONV → RELU] × {N}] × {M} → [FC → RELU] × {K} → FC",
    "pattern_pool": "INPUT → [[CONV → RELU] × {N} → POOL] × {M} → [FC → RELU] × {K} → FC",
    "test": "at test time, one image: 4 · ({parameters:,} parameters + {largest:,} numbers of the largest input and "
    "output) bytes = {size}",
    "training": "in training: 4 · (2 · {batch} · {activations:,} activations and their gradients + 3 · {parameters:,} "
    "parameters, gradients, momentum) bytes = {size}",
    # what is seen
    "linear": "Nothing between input and output: a linear classifier. Each of the {classes} scores is a weighted sum "
    "of the {pixels:,} pixels plus a bias.",
    "dense": "No convolution and no pooling: fully connected layers only, which do not know which pixels are "
    "neighbours.",
    "pooling_only": "No convolution: pooling makes the picture smaller, and all parameters are in fully connected "
    "layers.",
    "mixed": "The fully connected layers hold {share} of the parameters and do {work} of the multiply-adds; the rest "
    "is in the convolutions. In training {kept} of the memory is for the activations of the batch.",
    "little": "under 1 %",
    "nearly": "over 99 %",
    "percent": "{n} %",
    "bytes": "{n} bytes",
    # what does not fit
    "even": "An even kernel cannot be padded evenly: F = {F} would need {zeros} zeros for two sides. What would fit: "
    "F = {zeros} or {more}, or no padding.",
    "large": "Block {block} does not fit: its kernels of {F} × {F} are larger than the maps of {size} × {size} that "
    "come in. What would fit: F of at most {size}, padding, fewer layers, or a larger input.",
    "pool_large": "The pooling of block {block} does not fit: its windows of 2 × 2 are larger than the maps of "
    "{size} × {size}. What would fit: padding, no pooling, fewer blocks, or a larger input.",
    # the table, and what is pointed at
    "layer": "layer",
    "shape": "shape",
    "parameters": "parameters",
    "multiply_adds": "multiply-adds",
    "activations": "activations",
    "memory": "memory",
    "sum": "sum",
    "look": "look at a layer",
    "hint": "Point at a layer, or choose one with the arrow keys.",
    "at_input": "{name}: {numbers:,} numbers.",
    "at_conv": "{name}: {filters} filters, each of {F} · {F} · {depth} weights and a bias: {parameters:,} parameters; "
    "each filter stands in {places:,} places: {multiply_adds:,} multiply-adds.",
    "at_pool": "{name}: the largest of each 2 × 2 is kept, {numbers:,} numbers; there is nothing to learn.",
    "at_fc": "{name}: {units:,} units, each of {before:,} weights and a bias: {parameters:,} parameters.",
    # the setting as code
    "code_cnnlib": "from cnncourse import explorers\n\narchitecture = explorers.network_architecture({settings})\n"
    "network = architecture.network(rng=0)\nprint(network.summary(architecture.input_shape))\n",
    "code_torch": "import torch\n\nnetwork = torch.nn.Sequential(\n{layers})\n"
    "print(network(torch.zeros(1, {depth}, {size}, {size})).shape)\n",
    "torch_conv": "    torch.nn.LazyConv2d({filters}, {F}, padding={padding}), torch.nn.ReLU(),\n",
    "torch_pool": "    torch.nn.MaxPool2d(2),\n",
    "torch_flatten": "    torch.nn.Flatten(),\n",
    "torch_fc": "    torch.nn.LazyLinear({units}), torch.nn.ReLU(),\n",
    "torch_last": "    torch.nn.LazyLinear(10),\n",
}
TEXTS = Texts(TEMPLATES)
LEGEND = [["window", "the layer that is looked at"]]


class Row(NamedTuple):
    """A volume of the network: its layer, shape (D, H, W) or (units,), and its counts for one image."""

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
    made = [Row(TEXTS["input"], shape, 0, 0, math.prod(shape))]
    if padding == "same" and kernel % 2 == 0 and convolutions and blocks:
        return made, DoesNotFit(fill(TEXTS["even"], F=kernel, zeros=kernel - 1, more=kernel + 1))
    border = kernel // 2 if padding == "same" else 0
    for block in range(1, blocks + 1):
        for _ in range(convolutions):
            depth, size, _ = shape
            if kernel > size + 2 * border:
                return made, DoesNotFit(fill(TEXTS["large"], block=block, F=kernel, size=size))
            size = geometry.output_size(size, kernel, padding=border)
            shape = (filters, size, size)
            made.append(
                Row(
                    fill(TEXTS["conv"], F=kernel),
                    shape,
                    architectures.convolution_parameters(depth, filters, kernel),
                    architectures.convolution_multiply_adds(depth, filters, kernel, size),
                    math.prod(shape),
                )
            )
        if pooling == "max":
            depth, size, _ = shape
            if size < POOL:
                return made, DoesNotFit(fill(TEXTS["pool_large"], block=block, size=size))
            shape = (depth, size // POOL, size // POOL)
            made.append(Row(TEXTS["pool"], shape, 0, 0, math.prod(shape)))
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
        return live.scene(None, numbers, (pattern,), "", str(misfit), _description(made))
    for name, count in [*[(TEXTS["fc_relu"], units)] * hidden, (TEXTS["fc"], CLASSES)]:
        before = made[-1].numbers
        parameters = architectures.linear_parameters(before, count)
        made.append(Row(name, (count,), parameters, architectures.linear_multiply_adds(before, count), count))
    parameters = sum(row.parameters for row in made)
    multiply_adds, activations = sum(row.multiply_adds for row in made), sum(row.numbers for row in made)
    largest = max(one.numbers + after.numbers for one, after in zip(made, made[1:]))
    numbers |= {
        "parameters": parameters,
        "multiply_adds": multiply_adds,
        "activations": activations,
        "bytes_test": BYTES * (parameters + largest),
        "bytes_training": BYTES * (2 * batch * activations + 3 * parameters),
    }
    gaps = {"parameters": parameters, "largest": largest, "activations": activations, "batch": batch}
    lines = (
        pattern,
        fill(TEXTS["test"], size=size_of(numbers["bytes_test"]), **gaps),
        fill(TEXTS["training"], size=size_of(numbers["bytes_training"]), **gaps),
    )
    return live.scene((1, CLASSES), numbers, lines, _sentence(made, numbers, batch), description=_description(made))


def _pattern(convolutions: int, blocks: int, hidden: int, pooling: str) -> str:
    name = "pattern_pool" if pooling == "max" else "pattern"
    return fill(TEXTS[name], N=convolutions, M=blocks, K=hidden)


def size_of(count: int) -> str:
    """Return a number of bytes in words, with three digits that count.

    >>> size_of(1000), size_of(2048), size_of(3 * 1024**3)
    ('1,000 bytes', '2 KB', '3 GB')
    """
    for unit, power in (("GB", 3), ("MB", 2), ("KB", 1)):
        if count >= 1024**power:
            value = count / 1024**power
            return f"{number(value, 0 if value >= 100 else 1 if value >= 10 else 2)} {unit}"
    return fill(TEXTS["bytes"], n=f"{count:,}")


def _sentence(made: list[Row], numbers: dict[str, Any], batch: int) -> str:
    if len(made) == 2:
        return fill(TEXTS["linear"], classes=CLASSES, pixels=made[0].numbers)
    dense = [row for row in made if len(row.shape) == 1]
    if len(dense) + 1 == len(made):
        return str(TEXTS["dense"])
    if all(row.parameters == 0 for row in made if len(row.shape) == 3):
        return str(TEXTS["pooling_only"])
    kept = 2 * batch * BYTES * numbers["activations"] / numbers["bytes_training"]
    return fill(
        TEXTS["mixed"],
        share=_percent(sum(row.parameters for row in dense) / numbers["parameters"]),
        work=_percent(sum(row.multiply_adds for row in dense) / numbers["multiply_adds"]),
        kept=_percent(kept),
    )


def _percent(share: float) -> str:
    percent = 100 * share
    if 0 < percent < 1:
        return str(TEXTS["little"])
    return str(TEXTS["nearly"]) if 99 < percent < 100 else fill(TEXTS["percent"], n=int(percent + 0.5))


def _description(made: list[Row]) -> str:
    rows = [
        say(
            "{k} {name}: {shape}, {parameters:,} parameters, {multiply_adds:,} multiply-adds",
            k=k,
            name=row.name,
            shape=_shape(row),
            parameters=row.parameters,
            multiply_adds=row.multiply_adds,
        )
        for k, row in enumerate(made)
    ]
    return say("Layers: {rows}.", rows=between(translated(mark("{first}; {second}"))).join(rows))


def _shape(row: Row) -> str:
    return " × ".join(f"{n:,}" for n in row.shape)


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


def code(settings: Settings, library: str) -> str:
    """Return a program that builds the network of these settings.

    library: "cnnlib" or "torch".
    """
    s = settings
    if library == "cnnlib":
        return fill(TEXTS["code_cnnlib"], settings=", ".join(f"{name}={value!r}" for name, value in s.items()))
    padding = s["kernel"] // 2 if s["padding"] == "same" else 0
    conv = fill(TEXTS["torch_conv"], filters=s["filters"], F=s["kernel"], padding=padding)
    block = conv * s["convolutions"] + (TEXTS["torch_pool"] if s["pooling"] == "max" else "")
    dense = fill(TEXTS["torch_fc"], units=s["units"]) * s["hidden"]
    depth, size, _ = INPUTS[s["input"]][1]
    layers = block * s["blocks"] + TEXTS["torch_flatten"] + dense + TEXTS["torch_last"]
    return fill(TEXTS["code_torch"], layers=layers, depth=depth, size=size)


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from."""
    return {
        "name": "network_architecture",
        "inputs": {name: list(shape) for name, (_, shape) in INPUTS.items()},
        "presets": [[label, values] for label, values in PRESETS],
        "texts": TEXTS,
        "words": WORDS,
        "legend": LEGEND,
    }


# ---- the still picture: the same places and sizes as in web/stages/architecture.js ---------------------------------

TALL, ROOM, LARGEST = 200, 820.0, 136  # px: of the boxes with their numbers, beside each other, of the largest map
LEAST, MOST = 26, 17  # px that a box takes at least; boxes at most
LINE = 19  # px from line to line of the table
COLUMNS = ((36, "right"), (48, "left"), (228, "left"), (478, "right"), (614, "right"), (724, "right"), (828, "right"))


def picture(settings: Settings, shown: Scene) -> Figure:
    """Return the figure: the volumes from left to right, numbered, and under them a table with a row for each."""
    made = shown.numbers["rows"]
    tall = TALL + LINE * (len(made) + 3)
    figure, axes = sheet(tall, shown)
    for k, (row, (x, wide, high, deep)) in enumerate(zip(made, places(made, ROOM, LARGEST))):
        front, side = FACES["output" if row is made[-1] and len(row.shape) == 1 else _kind(row)]
        y, dx, dy = (TALL - 24 + high + deep * UP) / 2 + 2, deep * ASIDE, deep * UP
        corners = [
            ([(x, y), (x + wide, y), (x + wide, y - high), (x, y - high)], front),
            ([(x, y - high), (x + wide, y - high), (x + wide + dx, y - high - dy), (x + dx, y - high - dy)], PAPER),
            ([(x + wide, y), (x + wide + dx, y - dy), (x + wide + dx, y - high - dy), (x + wide, y - high)], side),
        ]
        for face, colour in corners if deep else corners[:1]:
            axes.add_patch(Polygon(face, facecolor=colour, edgecolor=SOFT, linewidth=0.8))
        write(axes, x + (wide + dx) / 2, TALL - 10, str(k), 11, ha="center")
    _table(axes, shown)
    return figure


def _table(axes: Any, shown: Scene) -> None:
    numbers, made = shown.numbers, shown.numbers["rows"]
    names = ("layer", "shape", "parameters", "multiply_adds", "activations", "memory")
    lines = [["", *(TEXTS[name] for name in names)]]
    for k, row in enumerate(made):
        counts = [f"{n:,}" for n in (row.parameters, row.multiply_adds, row.numbers)]
        lines.append([str(k), row.name, _shape(row), *counts, size_of(BYTES * row.numbers)])
    if numbers["parameters"] is not None:
        counts = [f"{numbers[name]:,}" for name in ("parameters", "multiply_adds", "activations")]
        lines.append(["", TEXTS["sum"], "", *counts, size_of(BYTES * numbers["activations"])])
    for k, line in enumerate(lines):
        for (x, side), words in zip(COLUMNS, line):
            weight = "bold" if k in (0, len(made) + 1) else "normal"
            write(axes, x, TALL + 12 + LINE * k, words, 12, ha=side, fontweight=weight)


def places(made: list[Row], room: float, largest: float) -> list[tuple[float, float, float, float]]:
    """Return (x, width, height, depth) in px of every box, so that all find room side by side."""
    tallest = largest
    while True:
        unit = tallest / made[0].shape[1]
        sizes = [_size(row, unit, tallest / largest) for row in made]
        rooms = [max(wide + deep * ASIDE, LEAST * room / ROOM) for wide, _, deep in sizes]
        if sum(rooms) + 3 * (len(rooms) - 1) <= room or tallest <= 12:
            break
        tallest -= 4
    gap = min(46.0, (room - sum(rooms)) / max(len(rooms) - 1, 1))
    found, x = [], 12.0
    for (wide, high, deep), space in zip(sizes, rooms):
        found.append((x + (space - wide - deep * ASIDE) / 2, wide, high, deep))
        x += space + gap
    return found


def _size(row: Row, unit: float, share: float) -> tuple[float, float, float]:
    """Return width, height and depth; the width grows with the logarithm of the channels, or it would fill the page."""
    if len(row.shape) == 1:
        return 6 + 8 * share, 22 + 10 * math.log2(row.shape[0]), 0.0
    channels, high, deep = row.shape
    return (8 + 9 * math.log2(channels)) * share, max(high * unit, 4.0), max(deep * unit, 4.0)


def _kind(row: Row) -> str:
    if len(row.shape) == 1:
        return "fully connected"
    return "convolution" if row.parameters else "input" if row.name == TEXTS["input"] else "pooling"


EXPLORER = Explorer(
    "network_architecture",
    "network architecture",
    SETTINGS,
    scene,
    data,
    picture=picture,
    result="parameters",
    presets=PRESETS,
)


class NetworkArchitecture(LiveExplorer):
    """The architecture explorer, which also makes the network that it shows."""

    def __init__(self, **start: Any) -> None:
        super().__init__(EXPLORER, **start)

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """The shape (D, H, W) of one input, as `summary` takes it."""
        return INPUTS[self.settings["input"]][1]

    def network(self, rng: np.random.Generator | int | None = None) -> Sequential:
        """Return the network that is shown, with new start weights as in `Conv2d` and `Linear`.

        Raises ValueError if the settings do not fit, or for more than 50,000,000 parameters.
        """
        return built(self.settings, rng)
