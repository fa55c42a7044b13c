"""The padding-and-stride explorer: where the windows stand, how many there are, and which pixels none of them reads.

The browser computes the same scenes in web/scenes/padding_stride.js, from the arrays and sentences of `data`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from cnncourse.language import Texts, each_language, fill, joined, listed
from cnnlib import geometry, reference

from .phrases import NEVER, never_read
from .scene import INPUT, LOST, OUTPUT, PADDING, Explorer, Grid, Position, Range, Scene, Settings, Switch, grid
from .scene import windows as windows_of
from .words import WORDS

SIZES, KERNELS, PADDINGS, STRIDES, DILATIONS = range(4, 13), range(1, 6), range(4), range(1, 5), range(1, 4)

SETTINGS = (
    Range("size", "Input", "W", SIZES[0], SIZES[-1], 7, pair=True),
    Range("kernel", "Kernel", "F", KERNELS[0], KERNELS[-1], 3, pair=True),
    Range("padding", "Padding", "P", PADDINGS[0], PADDINGS[-1], 1, pair=True),
    Range("stride", "Stride", "S", STRIDES[0], STRIDES[-1], 2, pair=True),
    Range("dilation", "Dilation", "d", DILATIONS[0], DILATIONS[-1], 1),
    Switch("apart", "Rows and columns apart"),
    Switch("letters", "Letters in the cells"),
    Switch("counts", "Show use counts"),
    Position(start=(1, 1)),
)

# Small numbers without a pattern, so that a window in the wrong place gives a wrong sum. Smaller sizes are the upper
# left part of this.
IMAGE = np.array([[(3 * i * i + 5 * j + i * j * j + 2 * (i ^ j)) % 5 for j in range(12)] for i in range(12)])
KERNEL = np.array([[1, 0, -1, 0, 1], [2, 1, 0, -1, 0], [0, -1, 1, 0, 1], [1, 0, 0, 2, -1], [-1, 0, 1, 0, 1]])
BIAS = 1

# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, Any] = {
    # the grids of the stage
    "input": "Input {H} × {W}",
    "padded": "Input {H} × {W}, padded to {PH} × {PW}",
    "kernel": "Kernel {F_h} × {F_w}",
    "dilated": "Kernel {F_h} × {F_w}, d = {d}",
    "output": "Output {n_h} × {n_w}",
    "products": "Products of this window",
    "sum": "sum + bias",
    # the size of the output
    "both": "H₂ = W₂ = ⌊(W₁ − F + 2P) / S⌋ + 1 = ⌊({size} − {F} + 2·{P}) / {S}⌋ + 1 = ⌊{left} / {S}⌋ + 1 = {n}",
    "rows": "H₂ = ⌊({size} − {F} + 2·{P}) / {S}⌋ + 1 = ⌊{left} / {S}⌋ + 1 = {n}",
    "columns": "W₂ = ⌊({size} − {F} + 2·{P}) / {S}⌋ + 1 = ⌊{left} / {S}⌋ + 1 = {n}",
    "both_dilated": "H₂ = W₂ = ⌊(W₁ − (F − 1)·d − 1 + 2P) / S⌋ + 1 "
    "= ⌊({size} − {F1}·{d} − 1 + 2·{P}) / {S}⌋ + 1 = ⌊{left} / {S}⌋ + 1 = {n}",
    "rows_dilated": "H₂ = ⌊({size} − {F1}·{d} − 1 + 2·{P}) / {S}⌋ + 1 = ⌊{left} / {S}⌋ + 1 = {n}",
    "columns_dilated": "W₂ = ⌊({size} − {F1}·{d} − 1 + 2·{P}) / {S}⌋ + 1 = ⌊{left} / {S}⌋ + 1 = {n}",
    # what is seen: sentences that follow each other
    "places": "The window stands in {n_h} × {n_w} places, so the output is {n_h} × {n_w}.",
    "one_place": "The window stands in one place only, so the output is 1 × 1.",
    "reach": "The kernel's cells stand {d} apart: it reaches over {E_h} × {E_w} cells and reads {read} of them.",
    "all_read": "Every pixel is read.",
    "never": "Never read: {what}; in all {lost} of the {pixels} pixels.",
    "never_row": NEVER["row"],
    "never_column": NEVER["column"],
    "list": "{first}, {second}",
    # what does not fit, and what would
    "misfit": "The window does not fit: {kernel} reaches over {extent} {axis}, and the input, padding included, "
    "has only {cells}. What would fit: {offers}.",
    "axes": ["rows", "columns", "rows and columns"],
    "a_kernel": "a kernel of {F}",
    "a_dilated_kernel": "a kernel of {F} with dilation {d}",
    "cells": "{n}",
    "padded_cells": "{n} = {size} + 2·{P}",
    "or": ", or ",
    "fits_kernel": "a kernel of at most {n}",
    "fits_padding": "a padding of at least {n}",
    "fits_size": "an input size of at least {n}",
    "fits_dilation": "a dilation of at most {n}",
    # what is pointed at
    "reading": "Output row {r}, column {c}: {terms} = {sum}, with the bias {sum} + {bias} = {value}",
    "reading_many": "Output row {r}, column {c}: {terms} = {sum} (products of 0 left out), "
    "with the bias {sum} + {bias} = {value}",
    "reading_one": "Output row {r}, column {c}: {sum}, with the bias {sum} + {bias} = {value}",
    "reading_letters": "net_{{r},{c}} = {terms} + w_b",
    "reaches_none": "{cell}: reaches no output",
    "reaches_one": "{cell}: reaches 1 output",
    "reaches_many": "{cell}: reaches {n} outputs",
    "weight": "Weight row {r}, column {c}, {w}: here it meets {x}, which gives {p}",
    "at_input": "Input row {r}, column {c}",
    "at_lost": "Input row {r}, column {c}, never read",
    "at_padding": "Padding, row {r}, column {c}",
    # cells for those who hear them
    "cell_input": "input row {r}, column {c}: {value}",
    "cell_lost": "input row {r}, column {c}, never read: {value}",
    "cell_padding": "padding, row {r}, column {c}: {value}",
    "cell_kernel": "weight row {r}, column {c}: {value}",
    "cell_product": "{x} times {w} is {p}",
    "cell_output": "output row {r}, column {c}: {value}",
    # why a slider does nothing
    "no_gaps": "A kernel of one cell has no gaps.",
    # the setting as code
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\nx = np.array({x})\nw = np.array({w})\n"
    "net = cnnlib.conv2d(x[None, None], w[None, None], np.array([{bias}]), "
    "stride={stride}, padding={padding}, dilation={dilation})\nprint(net[0, 0])\n",
    "code_torch": "import torch\n\nx = torch.tensor({x}, dtype=torch.float32)\n"
    "w = torch.tensor({w}, dtype=torch.float32)\n"
    "net = torch.nn.functional.conv2d(x[None, None], w[None, None], torch.tensor([{bias}.0]), "
    "stride={stride}, padding={padding}, dilation={dilation})\nprint(net[0, 0])\n",
}
TEXTS = Texts(TEMPLATES)

Axis = tuple[int, int, int, int]  # size, kernel, padding, stride


def scene(
    size: Sequence[int],
    kernel: Sequence[int],
    padding: Sequence[int],
    stride: Sequence[int],
    dilation: int,
    apart: bool = False,
    letters: bool = False,
    counts: bool = False,
    position: Sequence[int] = (0, 0),
) -> Scene:
    """Return the scene of a convolution: (row, column) pairs, except the dilation, which holds for both axes.

    `apart`, `letters`, `counts` and `position` choose what is pointed out; they change no number.
    """
    axes: list[Axis] = list(zip(size, kernel, padding, stride))
    message = _message(axes, dilation)
    if message:
        return Scene(None, [], [], [], [], "", message)
    n_h, n_w = (geometry.output_size(w, f, s, p, dilation) for w, f, p, s in axes)
    rows, columns = (windows_of(n, f, s, dilation) for n, (_, f, _, s) in zip((n_h, n_w), axes))
    grids = _grids(axes, dilation, (n_h, n_w))
    lines = [_line("both", axes[0], dilation)]
    if axes[0] != axes[1]:
        lines = [_line(name, axis, dilation) for name, axis in zip(("rows", "columns"), axes)]
    sentence = _sentence(axes, dilation, (n_h, n_w))
    return Scene((n_h, n_w), grids, rows, columns, lines, sentence, details={"bias": BIAS})


def _grids(axes: list[Axis], dilation: int, output: tuple[int, int]) -> list[Grid]:
    (H, F_h, P_h, S_h), (W, F_w, P_w, S_w) = axes
    (n_h, n_w), ring = output, ((P_h, P_h), (P_w, P_w))
    image, weights = IMAGE[:H, :W], KERNEL[:F_h, :F_w]
    used_h, used_w = (geometry.visit_counts(w, f, s, p, dilation) for w, f, p, s in axes)
    uses = np.outer(np.array(used_h), np.array(used_w))
    kinds = np.pad(np.where(uses, INPUT, LOST), ring, constant_values=PADDING)
    net = reference.conv2d(image[None, None], weights[None, None], np.array([BIAS]), (S_h, S_w), (P_h, P_w), dilation)
    gaps = {"H": H, "W": W, "PH": H + 2 * P_h, "PW": W + 2 * P_w, "F_h": F_h, "F_w": F_w, "n_h": n_h, "n_w": n_w}
    titles = ["padded" if P_h or P_w else "input", "dilated" if dilation > 1 else "kernel", "output"]
    told = [fill(TEXTS[title], d=dilation, **gaps) for title in titles]
    return [
        grid("input", told[0], np.pad(image, ring), kinds, np.pad(uses, ring).tolist()),
        grid("kernel", told[1], weights, INPUT),
        grid("output", told[2], net[0, 0], OUTPUT),
    ]


def _line(name: str, axis: Axis, dilation: int) -> str:
    size, kernel, padding, stride = axis
    template = str(TEXTS[f"{name}_dilated" if dilation > 1 else name])
    return fill(
        template,
        size=size,
        F=kernel,
        F1=kernel - 1,
        d=dilation,
        P=padding,
        S=stride,
        left=size - geometry.kernel_extent(kernel, dilation) + 2 * padding,
        n=geometry.output_size(size, kernel, stride, padding, dilation),
    )


def _sentence(axes: list[Axis], dilation: int, output: tuple[int, int]) -> str:
    (H, F_h, _, _), (W, F_w, _, _) = axes
    said = [fill(TEXTS["one_place" if output == (1, 1) else "places"], n_h=output[0], n_w=output[1])]
    if dilation > 1 and F_h * F_w > 1:
        reach = {"E_h": geometry.kernel_extent(F_h, dilation), "E_w": geometry.kernel_extent(F_w, dilation)}
        said.append(fill(TEXTS["reach"], d=dilation, read=F_h * F_w, **reach))
    phrases = [never_read(w, f, s, p, dilation, name) for (w, f, p, s), name in zip(axes, ("row", "column"))]
    what = listed(phrase for phrase in phrases if phrase)
    if not what:
        return joined([*said, TEXTS["all_read"]])
    used_h, used_w = (geometry.visit_counts(w, f, s, p, dilation) for w, f, p, s in axes)
    lost = H * W - sum(map(bool, used_h)) * sum(map(bool, used_w))
    return joined([*said, fill(TEXTS["never"], what=what, lost=lost, pixels=H * W)])


def _message(axes: list[Axis], dilation: int) -> str:
    """Return why the window does not fit and what would, or nothing if it fits."""
    wrong = [_misfit(axis, dilation) for axis in axes]
    names: list[str] = TEXTS["axes"]
    if wrong[0] and wrong[0] == wrong[1]:
        return fill(TEXTS["misfit"], axis=names[2], **wrong[0])
    return joined(fill(TEXTS["misfit"], axis=name, **one) for one, name in zip(wrong, names) if one)


def _misfit(axis: Axis, dilation: int) -> dict[str, Any]:
    """Return what fills the sentence about an axis along which the window does not fit; nothing if it fits."""
    size, kernel, padding, _ = axis
    extent, padded = geometry.kernel_extent(kernel, dilation), size + 2 * padding
    if extent <= padded:
        return {}
    offers = [("fits_kernel", (padded - 1) // dilation + 1)]
    if (extent - size + 1) // 2 <= PADDINGS[-1]:
        offers.append(("fits_padding", (extent - size + 1) // 2))
    if extent - 2 * padding <= SIZES[-1]:
        offers.append(("fits_size", extent - 2 * padding))
    if dilation > 1 and (padded - 1) // (kernel - 1) >= 1:
        offers.append(("fits_dilation", (padded - 1) // (kernel - 1)))
    return {
        "kernel": fill(TEXTS["a_dilated_kernel" if dilation > 1 else "a_kernel"], F=kernel, d=dilation),
        "extent": extent,
        "cells": fill(TEXTS["padded_cells" if padding else "cells"], n=padded, size=size, P=padding),
        "offers": str(TEXTS["or"]).join(fill(TEXTS[name], n=n) for name, n in offers),
    }


def code(settings: Settings, library: str) -> str:
    """Return a program that computes the output of these settings.

    library: "cnnlib" or "torch".
    """
    (H, W), (F_h, F_w) = settings["size"], settings["kernel"]
    pairs = {name: tuple(settings[name]) for name in ("stride", "padding")}
    same = all(a == b for a, b in pairs.values())
    return fill(
        TEXTS[f"code_{library}"],
        x=_rows(IMAGE[:H, :W]),
        w=_rows(KERNEL[:F_h, :F_w]),
        bias=BIAS,
        dilation=settings["dilation"],
        **{name: pair[0] if same else pair for name, pair in pairs.items()},
    )


def _rows(array: np.ndarray) -> str:
    """Return an array as Python writes a list of lists, a row a line."""
    rows = ",\n".join(f"    {list(map(int, row))}" for row in array)
    return f"[\n{rows},\n]"


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from: the largest image and kernel, the bias, and the sentences."""
    return {
        "name": "padding_and_stride",
        "image": IMAGE.tolist(),
        "kernel": KERNEL.tolist(),
        "bias": BIAS,
        "largest": {"size": SIZES[-1], "padding": PADDINGS[-1]},
        "texts": TEXTS,
        "words": WORDS,
    }


EXPLORER = Explorer("padding_and_stride", "padding and stride", SETTINGS, scene, data)
