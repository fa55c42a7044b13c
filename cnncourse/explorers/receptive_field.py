"""The receptive-field explorer: what one pixel of the last map sees of the input, through a stack of layers."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncourse.language import Texts, fill
from cnnlib import geometry

from .scene import INPUT, LOST, Explorer, Grid, Position, Range, Scene, Setting, windows
from .words import WORDS

MOST, DEPTH, KERNELS, STRIDES = 24, 5, range(1, 6), range(1, 4)
PLACE = "s"  # a cell without a number

SETTINGS: tuple[Setting, ...] = (
    Range("size", "Input", "W", 4, MOST, 12),
    Range("layers", "Layers", "", 1, DEPTH, 3),
    *(
        setting
        for l in range(1, DEPTH + 1)
        for setting in (
            Range(f"kernel_{l}", f"Kernel {l}:", "", KERNELS[0], KERNELS[-1], 3, False, f"Layer {l}", ("layers", l)),
            Range(f"stride_{l}", f"Stride {l}:", "", STRIDES[0], STRIDES[-1], 1, False, f"Layer {l}", ("layers", l)),
        )
    ),
    Position(),
)

SMALL = "₀₁₂₃₄₅"
TEMPLATES: dict[str, Any] = {
    "layers": ["", "1 layer", "2 layers", "3 layers", "4 layers", "5 layers"],
    "line": "r{l} = r{before} + (F{l} − 1) · (strides before) = {field} + ({F} − 1)·{step} = {next}",
    "sentence": "Through {layers}, one pixel of the last map sees {field} × {field} pixels of the input. Weights for "
    "each pair of channels: {weights} in the stack, {single} in one layer with a kernel of "
    "{field} × {field}.{gaps}{never}",
    "gaps": " A stride larger than its kernel leaves gaps: only {seen} of the {field} rows are read.",
    "never": " No pixel of the last map sees {lost} of the {pixels} pixels.",
    "message": "Layer {l} does not fit: its kernel of {F} is larger than the {n} × {n} map before it. What would fit: "
    "a kernel of at most {n} in layer {l}{more}, or fewer layers.",
    "more": ", or an input of at least {next}",
    "titles": ["Input {n} × {n}: how many see each", "Last map {n} × {n}"],
    "short": {"input": "Input {n} × {n}"},
    "unused": "There is no layer {l}: the stack has {layers}.",
    "level": "layer {l}",
    "bottom": "input",
    "field": "receptive field",
    "row": ["row {a}", "rows {a} to {b}"],
    "column": ["column {a}", "columns {a} to {b}"],
    "sees": "Row {r}, column {c} of the last map sees {rows}, {columns} of the input: {h} × {w} pixels",
    "sees_gaps": "Row {r}, column {c} of the last map reaches over {rows}, {columns} of the input, "
    "{h} × {w} pixels, and sees {n} × {m} of them",
    "seen_by": [
        "Input row {r}, column {c}: no pixel of the last map sees it",
        "Input row {r}, column {c}: 1 pixel of the last map sees it",
        "Input row {r}, column {c}: {n} pixels of the last map see it",
    ],
    "cell_input": "input row {r}, column {c}, seen by: {value}",
    "cell_output": "last map, row {r}, column {c}",
    "cell_seen": "{name}, column {c}: seen",
    "cell_unseen": "{name}, column {c}: not seen",
    "code_cnnlib": "from cnnlib import geometry\n\nlayers = [{layers}]  # kernel and stride of each\n"
    "print(geometry.receptive_field(layers))\n",
    "code_torch": "import torch\n\nlayers = [{layers}]  # kernel and stride of each\n"
    "x = torch.zeros(1, 1, {size}, {size}, requires_grad=True)\ny = x\nfor kernel, stride in layers:\n"
    "    y = torch.nn.functional.conv2d(y, torch.ones(1, 1, kernel, kernel), stride=stride)\n"
    "y[0, 0, {r}, {c}].backward()\nseen = x.grad[0, 0].nonzero()  # the pixels that it sees\n"
    "print(seen.max(0).values - seen.min(0).values + 1)\n",
}
TEXTS = Texts(TEMPLATES)


def scene(size: int, layers: int, position: Any = (0, 0), **each: int) -> Scene:
    """Return the scene of a stack of `layers` layers with kernel_1, stride_1, …; all without padding."""
    n, field, step, weights = size, 1, 1, 0
    chain, lines, sizes = [], [], [size]
    for l in range(1, layers + 1):
        F, S = each[f"kernel_{l}"], each[f"stride_{l}"]
        before = [(each[f"kernel_{k}"], each[f"stride_{k}"]) for k in range(1, l + 1)]
        after = geometry.receptive_field(before)
        if F > n:
            more = fill(TEXTS["more"], next=after) if after <= MOST else ""
            return Scene(None, [], [], [], [], "", fill(TEXTS["message"], l=l, F=F, n=n, more=more))
        lines.append(fill(TEXTS["line"], l=SMALL[l], before=SMALL[l - 1], field=field, F=F, step=step, next=after))
        n = geometry.output_size(n, F, S)
        chain.append(windows(n, F, S))
        sizes.append(n)
        weights += F * F
        field, step = after, step * S
    seen = [_below(chain, k) for k in range(n)]
    times = np.array([sum(i in window for window in seen) for i in range(size)])
    values = np.outer(times, times)
    lost = int((values == 0).sum())
    gaps = fill(TEXTS["gaps"], seen=len(seen[0]), field=field) if len(seen[0]) < field else ""
    never = fill(TEXTS["never"], lost=lost, pixels=size * size) if lost else ""
    kinds = ["".join(row) for row in np.where(values, INPUT, LOST)]
    return Scene(
        (n, n),
        [
            Grid("input", fill(TEXTS["titles"][0], n=size), values.tolist(), kinds),
            Grid("output", fill(TEXTS["titles"][1], n=n), [[0] * n for _ in range(n)], [PLACE * n] * n),
        ],
        seen,
        seen,
        lines,
        fill(
            TEXTS["sentence"],
            field=field,
            layers=TEXTS["layers"][layers],
            weights=weights,
            single=field * field,
            gaps=gaps,
            never=never,
        ),
        details={"sizes": sizes, "chain": chain},
    )


def _below(chain: list[list[list[int]]], k: int) -> list[int]:
    """Return the input rows that row k of the last map is computed from."""
    cells = [k]
    for at in reversed(chain):
        cells = sorted({cell for one in cells for cell in at[one]})
    return cells


def data() -> dict[str, Any]:
    """Return what the browser computes any scene from: its sentences and the signs of the layers."""
    return {
        "name": EXPLORER.name,
        "most": MOST,
        "small": list(SMALL),
        "texts": TEXTS,
        "words": WORDS,
        "legend": [
            ["window", "a pixel of the last map, and what it sees"],
            ["counts", "seen by few to many pixels of the last map"],
            ["corners", "seen by none"],
        ],
        "formulas": DEPTH,
        "room": {"laptop": [2, 8], "tablet": [3, 9], "phone": [4, 19], "small": [5, 22]},
        "start": EXPLORER.start(),
    }


EXPLORER = Explorer("stacked_receptive_field", "receptive field", SETTINGS, scene, data)
