"""The padding-and-stride explorer: where the windows stand, how many there are, and which pixels none of them reads."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from .. import geometry, reference
from .scene import INPUT, LOST, OUTPUT, PADDING, Explorer, Grid, Position, Range, Scene, Switch, numbers, windows

SIZES, KERNELS, PADDINGS, STRIDES, DILATIONS = range(4, 13), range(1, 6), range(4), range(1, 5), range(1, 4)

SETTINGS = (
    Range("size", "Input", "W", SIZES[0], SIZES[-1], 7, pair=True),
    Range("kernel", "Kernel", "F", KERNELS[0], KERNELS[-1], 3, pair=True),
    Range("padding", "Padding", "P", PADDINGS[0], PADDINGS[-1], 1, pair=True),
    Range("stride", "Stride", "S", STRIDES[0], STRIDES[-1], 2, pair=True),
    Range("dilation", "Dilation", "d", DILATIONS[0], DILATIONS[-1], 1),
    Switch("apart", "Rows and columns apart"),
    Switch("counts", "Show use counts"),
    Position(start=(1, 1)),
)

# Small numbers without a pattern, so that a window in the wrong place gives a wrong sum. Smaller sizes are the upper
# left part of this.
IMAGE = np.array([[(3 * i * i + 5 * j + i * j * j + 2 * (i ^ j)) % 5 for j in range(12)] for i in range(12)])
KERNEL = np.array([[1, 0, -1, 0, 1], [2, 1, 0, -1, 0], [0, -1, 1, 0, 1], [1, 0, 0, 2, -1], [-1, 0, 1, 0, 1]])
BIAS = 1

# Sentences with gaps. The browser fills the same gaps from the same tables.
TEXTS = {
    "line": "{name} = {general} = ⌊({size} − {extent} + 2·{P}) / {S}⌋ + 1 = ⌊{numerator} / {S}⌋ + 1 = {n}{because}",
    "because": ", where {extent} = ({F} − 1)·{D} + 1",
    "general": ["⌊({letter} − F + 2P) / S⌋ + 1", "⌊({letter} − (F − 1)·d − 1 + 2P) / S⌋ + 1"],
    "letters": ["H₁", "W₁"],
    "names": ["H₂", "W₂", "H₂ = W₂"],
    "sentence": "A {F_h} × {F_w} kernel{gaps} on the {H} × {W} input{padded}, {steps}, stands in {n_h} × {n_w} places, "
    "so the output is {n_h} × {n_w}.{never}",
    "never": " Never read: {what}; in all {lost} of the {pixels} pixels.",
    "axes": ["rows", "columns", "rows and columns"],
    "titles": [
        "Input {H} × {W}",
        "Input {H} × {W}, padded to {PH} × {PW}",
        "Kernel {F_h} × {F_w}",
        "Output {n_h} × {n_w}",
    ],
}


def scene(
    size: Any,
    kernel: Any,
    padding: Any,
    stride: Any,
    dilation: int,
    apart: bool = False,
    counts: bool = False,
    position: Any = (0, 0),
) -> Scene:
    """Return the scene of a convolution: (row, column) pairs, except the dilation, which holds for both axes.

    `apart`, `counts` and `position` choose what is pointed out; they change no number.
    """
    (H, W), (F_h, F_w), (P_h, P_w), (S_h, S_w) = size, kernel, padding, stride
    message = _message(size, kernel, padding, dilation)
    if message:
        return Scene(None, [], [], [], [], "", message)
    used = [geometry.use_counts(*axis, dilation) for axis in zip(size, kernel, stride, padding)]
    n_h, n_w = (geometry.output_size(*axis, dilation) for axis in zip(size, kernel, stride, padding))
    weights = KERNEL[:F_h, :F_w]
    image = IMAGE[:H, :W]
    net = reference.conv2d(image[None, None], weights[None, None], np.array([BIAS]), (S_h, S_w), (P_h, P_w), dilation)
    uses = np.outer(*used)
    kinds = np.pad(np.where(uses, INPUT, LOST), ((P_h, P_h), (P_w, P_w)), constant_values=PADDING)
    padded = H + 2 * P_h, W + 2 * P_w
    gaps = dict(H=H, W=W, PH=padded[0], PW=padded[1], F_h=F_h, F_w=F_w, n_h=n_h, n_w=n_w)
    titles = [title.format(**gaps) for title in TEXTS["titles"]]
    grids = [
        Grid(
            "input",
            titles[1 if P_h or P_w else 0],
            numbers(np.pad(image, ((P_h, P_h), (P_w, P_w)))),
            ["".join(row) for row in kinds],
            np.pad(uses, ((P_h, P_h), (P_w, P_w))).tolist(),
        ),
        Grid("kernel", titles[2], numbers(weights), [INPUT * F_w] * F_h),
        Grid("output", titles[3], numbers(net[0, 0]), [OUTPUT * n_w] * n_h),
    ]
    phrases = [
        never_read(*axis, dilation, name) for *axis, name in zip(size, kernel, stride, padding, ("row", "column"))
    ]
    never = ""
    if any(phrases):
        what = ", ".join(phrase for phrase in phrases if phrase)
        never = TEXTS["never"].format(what=what, lost=int((uses == 0).sum()), pixels=H * W)
    sentence = TEXTS["sentence"].format(
        **gaps,
        gaps=_gaps(F_h, F_w, dilation),
        padded=_padded(P_h, P_w),
        steps=_steps(S_h, S_w),
        never=never,
    )
    axes = list(zip(size, kernel, padding, stride))
    if axes[0] == axes[1]:
        lines = [_line(TEXTS["names"][2], *axes[0], dilation)]
    else:
        lines = [_line(name, *axis, dilation) for name, axis in zip(TEXTS["names"], axes)]
    rows, columns = windows(n_h, F_h, S_h, dilation), windows(n_w, F_w, S_w, dilation)
    return Scene((n_h, n_w), grids, rows, columns, lines, sentence, details={"bias": BIAS})


def _line(name: str, size: int, kernel: int, padding: int, stride: int, dilation: int) -> str:
    extent = geometry.kernel_extent(kernel, dilation)
    because = TEXTS["because"].format(extent=extent, F=kernel, D=dilation) if dilation > 1 else ""
    letter = TEXTS["letters"][0 if name == TEXTS["names"][0] else 1]
    return TEXTS["line"].format(
        name=name,
        general=TEXTS["general"][1 if dilation > 1 else 0].format(letter=letter),
        size=size,
        extent=extent,
        P=padding,
        S=stride,
        numerator=size - extent + 2 * padding,
        n=geometry.output_size(size, kernel, stride, padding, dilation),
        because=because,
    )


def _gaps(F_h: int, F_w: int, dilation: int) -> str:
    if dilation == 1:
        return ""
    return (
        f" with gaps, reaching over {geometry.kernel_extent(F_h, dilation)} × {geometry.kernel_extent(F_w, dilation)},"
    )


def _padded(P_h: int, P_w: int) -> str:
    if P_h == P_w:
        return f" with {P_h} {'ring' if P_h == 1 else 'rings'} of zeros" if P_h else " without padding"
    return f" with {many(P_h, 'row')} of zeros above and below and {many(P_w, 'column')} left and right"


def _steps(S_h: int, S_w: int) -> str:
    if S_h == S_w:
        return f"moved in steps of {S_h}"
    return f"moved in steps of {S_h} down and {S_w} across"


def never_read(size: int, kernel: int, stride: int, padding: int, dilation: int, name: str) -> str:
    """Return which rows (or columns) of the input no window reads, in words; nothing if all are read."""
    end = geometry.unused_pixels(size, kernel, stride, padding, dilation)
    between = geometry.use_counts(size, kernel, stride, padding, dilation).count(0) - end
    phrases = []
    if end:
        phrases.append(f"the last {name}" if end == 1 else f"the last {end} {name}s")
    if between:
        phrases.append(f"{many(between, name)} that the windows step over")
    return " and ".join(phrases)


def many(count: int, name: str) -> str:
    """Return a number and a noun.

    >>> many(1, "row"), many(2, "row")
    ('1 row', '2 rows')
    """
    return f"{count} {name}" if count == 1 else f"{count} {name}s"


def _message(size: Any, kernel: Any, padding: Any, dilation: int) -> str:
    """Return why the window does not fit and what would, or nothing if it fits."""
    axes = [_misfit(*axis, dilation) for axis in zip(size, kernel, padding)]
    if axes[0] and axes[0] == axes[1]:
        return axes[0].replace("{axis}", TEXTS["axes"][2])
    return " ".join(text.replace("{axis}", name) for text, name in zip(axes, TEXTS["axes"]) if text)


def _misfit(size: int, kernel: int, padding: int, dilation: int) -> str:
    """Return why the window does not fit along one axis, with a gap for the axis, or nothing if it fits."""
    extent, padded = geometry.kernel_extent(kernel, dilation), size + 2 * padding
    if extent <= padded:
        return ""
    reach = f"a kernel of {kernel}" + (f" with dilation {dilation}" if dilation > 1 else "")
    cells = f"{padded} = {size} + 2·{padding}" if padding else f"{padded}"
    fits = [f"a kernel of at most {(padded - 1) // dilation + 1}"]
    if (extent - size + 1) // 2 <= PADDINGS[-1]:
        fits.append(f"a padding of at least {(extent - size + 1) // 2}")
    if extent - 2 * padding <= SIZES[-1]:
        fits.append(f"an input size of at least {extent - 2 * padding}")
    if dilation > 1 and (padded - 1) // (kernel - 1) >= 1:
        fits.append(f"a dilation of at most {(padded - 1) // (kernel - 1)}")
    return (
        f"The window does not fit: {reach} reaches over {extent} {{axis}}, and the input, padding included, has only "
        f"{cells}. What would fit: {', or '.join(fits)}."
    )


@functools.cache
def data() -> dict[str, Any]:
    """Return what the browser builds any scene from: per-axis tables, the largest image and kernel, and the texts.

    axes[size][F][P][S][D], each counted from its lowest value: [output size, use counts as a string of digits, number
    of the phrase for what is never read, numerator of the formula], or the number of a message if nothing fits.
    """
    never: list[str] = [""]
    messages: list[str] = []

    def entry(size: int, kernel: int, padding: int, stride: int, dilation: int) -> list[Any] | int:
        message = _misfit(size, kernel, padding, dilation)
        if message:
            return number_of(messages, message)
        phrase = number_of(never, never_read(size, kernel, stride, padding, dilation, "{axis}"))
        used = geometry.use_counts(size, kernel, stride, padding, dilation)
        extent = geometry.kernel_extent(kernel, dilation)
        n = geometry.output_size(size, kernel, stride, padding, dilation)
        return [n, "".join(map(str, used)), phrase, size - extent + 2 * padding]

    axes = [
        [[[[entry(w, f, p, s, d) for d in DILATIONS] for s in STRIDES] for p in PADDINGS] for f in KERNELS]
        for w in SIZES
    ]
    most = SIZES[-1] + 2 * PADDINGS[-1]
    return {
        "mode": "windows",
        "low": {"size": SIZES[0], "kernel": KERNELS[0], "padding": 0, "stride": 1, "dilation": 1},
        "axes": axes,
        "windows": [
            [[windows((most - 1 - (f - 1) * d) // s + 1, f, s, d) for d in DILATIONS] for s in STRIDES] for f in KERNELS
        ],
        "extents": [[geometry.kernel_extent(f, d) for d in DILATIONS] for f in KERNELS],
        "padded_size": [[w + 2 * p for p in PADDINGS] for w in SIZES],
        "image": IMAGE.tolist(),
        "kernel": KERNEL.tolist(),
        "bias": BIAS,
        "never": never,
        "messages": messages,
        "padded": [[_padded(p, q) for q in PADDINGS] for p in PADDINGS],
        "steps": [[_steps(s, t) for t in STRIDES] for s in STRIDES],
        "gaps": [[[_gaps(f, g, d) for d in DILATIONS] for g in KERNELS] for f in KERNELS],
        "texts": TEXTS,
    }


def number_of(texts: list[str], text: str) -> int:
    """Return the place of `text` in the list, which it is added to if it is new."""
    if text not in texts:
        texts.append(text)
    return texts.index(text)


EXPLORER = Explorer("padding_and_stride", "padding and stride", SETTINGS, scene, data)
