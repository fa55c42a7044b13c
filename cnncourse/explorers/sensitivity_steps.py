"""The sensitivity stepper: which inputs the δ of an output reaches, and from which outputs an input gets its ∂E/∂x."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from cnnlib import geometry

from . import stamps
from .phrases import never_read, number_of
from .scene import LETTERS, Choice, Explorer, Position, Range, Scene
from .stamps import Axis
from .words import WORDS as CARD

SIZES, KERNELS, STRIDES, PADDINGS = range(4, 8), range(1, 5), range(1, 4), range(3)
MAPS = range(1, 4)  # how many filters, how many channels
FROM_OUTPUT, FROM_INPUT = "from output", "from input"

SETTINGS = (
    Choice(
        "direction",
        "Direction",
        ((FROM_OUTPUT, "output → inputs"), (FROM_INPUT, "input → outputs")),
        FROM_OUTPUT,
    ),
    Range("size", "Input", "W", SIZES[0], SIZES[-1], 5),
    Range("kernel", "Kernel", "F", KERNELS[0], KERNELS[-1], 3),
    Range("stride", "Stride", "S", STRIDES[0], STRIDES[-1], 2),
    Range("padding", "Padding", "P", PADDINGS[0], PADDINGS[-1], 1),
    Range("depth", "Depth", "D", MAPS[0], MAPS[-1], 1),
    Range("filters", "Filters", "N", MAPS[0], MAPS[-1], 2),
    LETTERS,
    Position(start=(0, 1, 1)),
)

# Small signed numbers without a pattern, no kernel like itself when turned. Fewer or smaller maps are the upper left
# part of these: filters first, then (for the kernels) channels, rows, columns.
DELTA = np.array(
    [
        [
            [(7 * i + 3 * j + 5 * k + (i * j + k) * (i + 2 * j + 1) + (i ^ j)) % 7 - 3 for j in range(11)]
            for i in range(11)
        ]
        for k in range(3)
    ]
)
KERNEL = np.array(
    [
        [
            [[1, -1, 2, 0], [0, 2, -2, 1], [-1, 0, 1, 3], [2, 1, 0, -1]],
            [[3, 1, -1, 2], [2, -2, 0, 1], [1, 0, 3, -1], [-1, 1, 2, 0]],
            [[-2, 0, 1, 1], [1, 1, -1, 0], [0, 3, 0, -2], [1, -1, 0, 2]],
        ],
        [
            [[2, 0, -1, 1], [-1, 1, 0, -2], [0, -2, 3, 0], [1, 0, -1, 2]],
            [[-1, 2, 0, 0], [1, 0, -2, 1], [3, -1, 0, 1], [0, 2, 1, -1]],
            [[1, 1, -2, 0], [0, -1, 1, 2], [2, 0, -1, 1], [-2, 1, 0, 3]],
        ],
        [
            [[-1, 2, 1, -2], [3, 0, 1, 0], [-1, 2, 0, 1], [1, 0, -1, 0]],
            [[1, 0, 2, -1], [-2, 1, 0, 3], [0, -1, 1, 0], [2, 0, 1, -2]],
            [[2, -1, 0, 1], [0, 1, 3, -1], [-1, 0, 2, 0], [1, -2, 0, 1]],
        ],
    ]
)

TEXTS: dict[str, Any] = stamps.TEXTS | {
    "letters": {"source": "δ", "result": "∂x"},
    "names": {
        "source": ["δ, row {i}, column {j}", "δ of filter {k}, row {i}, column {j}"],
        "result": ["∂E/∂x, row {p}, column {q}", "∂E/∂x, channel {d}, row {p}, column {q}"],
    },
    "short": {"source": "δ{k}", "kernel": "w{k}{d}", "output": "∂E/∂x{d}"},
    "gives": ["Products δ·w", "δ·w, channel {d}"],
    "times": "δ times w",
    "added": "sum of the products",
    "stamp": "{source}, is {value}: reaches input {rows}, {columns}",
    "stamp_cut": "{source}, is {value}: reaches input {rows}, {columns}; {gone} of its {all} products lie on padding "
    "and are cut off",
    "stamps": "{source}, is {value}: reaches input {rows}, {columns} of each of the {D} channels",
    "stamps_cut": "{source}, is {value}: reaches input {rows}, {columns} of each of the {D} channels; {gone} of {all} "
    "products lie on padding and are cut off",
    "stamp_gone": "{source}, is {value}: all its products lie on padding and are cut off",
    "sum_none": "{result}: no window covered it, so it is 0",
    "at_border": "On padding: cut off",
    "cell_border": "padding, row {p}, column {q}: cut off",
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\ndelta = np.array([{source}])\nw = np.array({kernel})\n"
    "x = np.zeros((1, {D}, {H}, {W}))\n"
    "d_x, d_w, d_b = cnnlib.conv2d_backward(delta, x, w, stride={stride}, padding={padding})\nprint(d_x[0])\n",
    "code_torch": "import torch\n\ndelta = torch.tensor([{source}], dtype=torch.float32)\n"
    "w = torch.tensor({kernel}, dtype=torch.float32)\n"
    "x = torch.zeros((1, {D}, {H}, {W}), requires_grad=True)\n"
    "torch.nn.functional.conv2d(x, w, stride={stride}, padding={padding}).backward(delta)\nprint(x.grad[0])\n",
    "titles": {
        "source": ["δ: {h} × {w}", "δ, filter {k}: {h} × {w}"],
        "kernel": ["Kernel w", "w, channel {d}", "w, filter {k}", "w, filter {k}, channel {d}"],
        "partial": ["Partial map {k}", "Partial map {k}, channel {d}"],
        "output": ["∂E/∂x: {H} × {W}", "∂E/∂x, channel {d}: {H} × {W}"],
    },
    "sentences": {
        FROM_OUTPUT: "Every δ goes to the inputs that its window covered, each time multiplied by the weight between "
        "them: {F} × {F} products δ·w in {channels} of the {W} × {W} input. Where windows overlap, the products add "
        "up{filters}.{cut}{lost}",
        FROM_INPUT: "The derivative at each of the {W} × {W} inputs is the sum over all outputs whose window covers "
        "it: the δ of each, times the weight between them.{filters}{lost}",
    },
    "channels": ["the one channel", "each of the 2 channels", "each of the 3 channels"],
    "filters": {
        FROM_OUTPUT: ["", ", and so do the maps of the 2 filters", ", and so do the maps of the 3 filters"],
        FROM_INPUT: [
            "",
            " Each of the 2 filters gives a partial map, and ∂E/∂x is the sum of these.",
            " Each of the 3 filters gives a partial map, and ∂E/∂x is the sum of these.",
        ],
    },
    "cut": [
        "",
        " What falls on the ring of padding is cut off.",
        " What falls on the 2 rings of padding is cut off.",
    ],
    "lost": " No window covered {rows}, {columns}: {lost} of the {pixels} inputs get 0.",
}
LEGEND = [
    ["window", "what belongs together"],
    ["signs", CARD["signs"]],
    ["pad", "padding: cut off"],
    ["corners", "input that no window covered: 0"],
]


def axis_of(size: int, kernel: int, stride: int, padding: int) -> Axis:
    """Return the axis of going back through a convolution."""
    extra = (size + 2 * padding - kernel) % stride
    return Axis(geometry.output_size(size, kernel, stride, padding), kernel, stride, padding, extra)


def scene(
    direction: str,
    size: int,
    kernel: int,
    stride: int,
    padding: int,
    depth: int,
    filters: int,
    letters: bool = False,
    position: Any = (0, 0, 0),
) -> Scene:
    """Return the scene of going back through one layer; `letters` and `position` change no number."""
    axis = axis_of(size, kernel, stride, padding)
    n = axis.count
    delta, weights = DELTA[:filters, :n, :n], KERNEL[:filters, :depth, :kernel, :kernel]
    grids = stamps.stamped_grids(delta, weights, (axis, axis), _titles(n, size, depth, filters), partial=True)
    lost = size**2 - sum(map(bool, axis.sources())) ** 2
    never = [never_read(size, kernel, stride, padding, 1, name) for name in ("row", "column")]
    sentence = TEXTS["sentences"][direction].format(
        F=kernel,
        W=size,
        channels=TEXTS["channels"][depth - 1],
        filters=TEXTS["filters"][direction][filters - 1],
        cut=TEXTS["cut"][padding],
        lost=TEXTS["lost"].format(rows=never[0], columns=never[1], lost=lost, pixels=size**2) if lost else "",
    )
    by_source = direction == FROM_OUTPUT
    return stamps.scene_of(
        "stamps",
        (axis, axis),
        grids,
        [_line(direction, stride, padding)],
        sentence,
        (filters, n, n) if by_source else (depth, size, size),
        by="source" if by_source else "output",
        map="filter" if by_source else "channel",
    )


def _titles(n: int, size: int, depth: int, filters: int) -> dict[str, list[str]]:
    titles, many, deep = TEXTS["titles"], filters > 1, depth > 1
    both = [{"k": k, "d": d} for k in range(filters) for d in range(depth)]
    return {
        "source": [titles["source"][many].format(k=k, h=n, w=n) for k in range(filters)],
        "kernel": [titles["kernel"][2 * many + deep].format(**one) for one in both],
        "partial": [titles["partial"][deep].format(**one) for one in both],
        "output": [titles["output"][deep].format(d=d, H=size, W=size) for d in range(depth)],
    }


def _line(direction: str, stride: int, padding: int) -> str:
    """Return the formula with stride and padding put in."""
    times = str(stride) if stride > 1 else ""
    if direction == FROM_OUTPUT:
        back = f"−{padding}" if padding else ""
        return f"∂E/∂x_{{d,{times}i+m{back},{times}j+n{back}}} gets δ_{{kij}} · w_{{kdmn}}, for every d, m, n"
    on = f"+{padding}" if padding else ""
    return f"∂E/∂x_{{dpq}} = Σ_k Σ_{{ij}} δ_{{kij}} · w_{{k,d,p{on}−{times}i,q{on}−{times}j}}"


@functools.cache
def data() -> dict[str, Any]:
    """Return what the browser builds any scene from: per-axis tables, δ, kernels and texts.

    axes[size][F][P][S], each counted from its lowest value: the axis, and the number of the phrase for what no window
    covered. lines[direction][S][P].
    """
    never: list[str] = [""]

    def entry(size: int, kernel: int, padding: int, stride: int) -> list[int]:
        phrase = number_of(never, never_read(size, kernel, stride, padding, 1, "{axis}"))
        return [*axis_of(size, kernel, stride, padding).entry(), phrase]

    return {
        "name": "sensitivity_stepper",
        "low": {"size": SIZES[0], "kernel": KERNELS[0], "padding": PADDINGS[0], "stride": STRIDES[0]},
        "axes": [[[[entry(w, f, p, s) for s in STRIDES] for p in PADDINGS] for f in KERNELS] for w in SIZES],
        "source": DELTA.tolist(),
        "kernel": KERNEL.tolist(),
        "never": never,
        "lines": {d: [[_line(d, s, p) for p in PADDINGS] for s in STRIDES] for d in (FROM_OUTPUT, FROM_INPUT)},
        "texts": TEXTS,
        "words": CARD,
        "legend": LEGEND,
        "room": {"laptop": [4, 6], "tablet": [5, 7], "phone": [8, 14], "small": [9, 15]},
    }


EXPLORER = Explorer("sensitivity_stepper", "sensitivity stepper", SETTINGS, scene, data)
