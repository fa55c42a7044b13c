"""The receptive-field explorer: what one pixel of the last map sees of the input, through a stack of layers."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import geometry
from .scene import INPUT, LOST, Explorer, Grid, Position, Range, Scene, windows

MOST, DEPTH, KERNELS, STRIDES = 24, 5, range(1, 6), range(1, 4)
PLACE = "s"  # a cell without a number

SETTINGS = (
    Range("size", "Input", "W", 4, MOST, 12),
    Range("layers", "Layers", "", 1, DEPTH, 3),
    *(
        setting
        for l in range(1, DEPTH + 1)
        for setting in (
            Range(
                f"kernel_{l}", f"Layer {l}: kernel", "F", KERNELS[0], KERNELS[-1], 3, False, f"Layer {l}", ("layers", l)
            ),
            Range(
                f"stride_{l}", f"Layer {l}: stride", "S", STRIDES[0], STRIDES[-1], 1, False, f"Layer {l}", ("layers", l)
            ),
        )
    ),
    Position(),
)

SMALL = "₀₁₂₃₄₅"
LAYERS = ["", "1 layer", "2 layers", "3 layers", "4 layers", "5 layers"]
TEXTS = {
    "line": "r{l} = r{before} + (F{l} − 1) · (strides before) = {field} + ({F} − 1)·{step} = {next}",
    "sentence": "Through {layers}, one pixel of the last map sees {field} × {field} pixels of the input. Weights for "
    "each pair of channels: {weights} in the stack, {single} in one layer with a {field} × {field} "
    "kernel.{gaps}{never}",
    "gaps": " A stride larger than its kernel leaves gaps: only {seen} of the {field} rows are read.",
    "never": " No pixel of the last map sees {lost} of the {pixels} pixels.",
    "message": "Layer {l} does not fit: its kernel of {F} is larger than the {n} × {n} map before it. What would fit: "
    "a kernel of at most {n} in layer {l}{more}, or fewer layers.",
    "more": ", or an input of at least {next}",
    "titles": ["Input {n} × {n}: how many pixels of the last map see each", "Last map {n} × {n}"],
}


def scene(size: int, layers: int, position: Any = (0, 0), **each: int) -> Scene:
    """Return the scene of a stack of `layers` layers with kernel_1, stride_1, …; all without padding."""
    n, field, step, weights = size, 1, 1, 0
    chain, lines, sizes = [], [], [size]
    for l in range(1, layers + 1):
        F, S = each[f"kernel_{l}"], each[f"stride_{l}"]
        before = [(each[f"kernel_{k}"], each[f"stride_{k}"]) for k in range(1, l + 1)]
        after = geometry.receptive_field(before)
        if F > n:
            more = TEXTS["more"].format(next=after) if after <= MOST else ""
            return Scene(None, [], [], [], [], "", TEXTS["message"].format(l=l, F=F, n=n, more=more))
        lines.append(TEXTS["line"].format(l=SMALL[l], before=SMALL[l - 1], field=field, F=F, step=step, next=after))
        n = geometry.output_size(n, F, S)
        chain.append(windows(n, F, S))
        sizes.append(n)
        weights += F * F
        field, step = after, step * S
    seen = [_below(chain, k) for k in range(n)]
    times = np.array([sum(i in window for window in seen) for i in range(size)])
    values = np.outer(times, times)
    lost = int((values == 0).sum())
    gaps = TEXTS["gaps"].format(seen=len(seen[0]), field=field) if len(seen[0]) < field else ""
    never = TEXTS["never"].format(lost=lost, pixels=size * size) if lost else ""
    kinds = ["".join(row) for row in np.where(values, INPUT, LOST)]
    return Scene(
        (n, n),
        [
            Grid("input", TEXTS["titles"][0].format(n=size), values.tolist(), kinds),
            Grid("output", TEXTS["titles"][1].format(n=n), [[0] * n for _ in range(n)], [PLACE * n] * n),
        ],
        seen,
        seen,
        lines,
        TEXTS["sentence"].format(
            field=field, layers=LAYERS[layers], weights=weights, single=field * field, gaps=gaps, never=never
        ),
        details={"sizes": sizes, "chain": chain},
    )


def _below(chain: list[list[list[int]]], k: int) -> list[int]:
    """Return the input rows that row k of the last map is computed from."""
    cells = [k]
    for at in reversed(chain):
        cells = sorted({cell for one in cells for cell in at[one]})
    return cells


@functools.cache
def data() -> dict[str, Any]:
    """Return what the browser builds any scene from: index tables of one layer, put together layer by layer.

    sizes[n][F][S]: the size after a layer, 0 where it does not fit. fields["r,step"][F]: the field after a layer.
    steps[step][S]: how far apart in the input two neighbours are after a layer.
    """
    steps: dict[int, list[int]] = {}
    fields: dict[str, list[int]] = {}
    states = {(1, 1)}
    for _ in range(DEPTH):
        after = set()
        for field, step in states:
            fields[f"{field},{step}"] = [field + (F - 1) * step for F in KERNELS]
            steps[step] = [step * S for S in STRIDES]
            after |= {(field + (F - 1) * step, step * S) for F in KERNELS for S in STRIDES}
        states = {(field, step) for field, step in after if field <= MOST}
    return {
        "mode": "stack",
        "most": MOST,
        "sizes": [
            [[geometry.output_size(n, F, S) if F <= n else 0 for S in STRIDES] for F in KERNELS]
            for n in range(1, MOST + 1)
        ],
        "windows": [[windows((MOST - F) // S + 1, F, S) for S in STRIDES] for F in KERNELS],
        "fields": fields,
        "steps": steps,
        "squares": [k * k for k in range(MOST + 1)],
        "small": list(SMALL),
        "layers": LAYERS,
        "texts": TEXTS,
    }


EXPLORER = Explorer("stacked_receptive_field", "receptive field", SETTINGS, scene, data)
