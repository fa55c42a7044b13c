"""The stride explorer for δ: the sensitivity map expanded, padded, met by the turned kernel, and its border cut off."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from . import stamps
from .phrases import many, never_read, number_of
from .scene import LETTERS, Explorer, Position, Range, Scene, Switch
from .sensitivity_steps import axis_of
from .stamps import Axis
from .words import WORDS as CARD

SIZES, KERNELS, STRIDES, PADDINGS = range(4, 10), range(1, 6), range(1, 5), range(4)

SETTINGS = (
    Range("size", "Input", "W", SIZES[0], SIZES[-1], 6, pair=True),
    Range("kernel", "Kernel", "F", KERNELS[0], KERNELS[-1], 3, pair=True),
    Range("stride", "Stride", "S", STRIDES[0], STRIDES[-1], 2, pair=True),
    Range("padding", "Padding", "P", PADDINGS[0], PADDINGS[-1], 1, pair=True),
    Switch("apart", "Rows and columns apart"),
    LETTERS,
    Position(start=(4, 4)),
)

# Signed, without a pattern and without zeros, so that every zero that is seen was put in. Smaller maps and kernels are
# the upper left part of these.
SIGNED = (1, -2, 3, 2, -1, -3, 2, -1, 3, 1, -2)
DELTA = np.array([[SIGNED[(7 * i + 4 * j + i * j * (i + j + 1) + (i ^ j)) % 11] for j in range(15)] for i in range(15)])
KERNEL = np.array([[1, 2, 0, -1, 1], [-1, 3, 1, 0, 2], [2, 0, -2, 1, -1], [0, 1, -1, 2, 0], [1, -2, 0, 1, 3]])

TEXTS: dict[str, Any] = stamps.TEXTS | {
    "letters": {"source": "δ", "result": "∂x"},
    "at": {
        "source": "δ, row {i}, column {j}",
        "padded": "Padded map, row {i}, column {j}",
        "full": "Full result, row {p}, column {q}",
        "result": "∂E/∂x, row {p}, column {q}",
        "cut": "on padding, cut off",
    },
    "both_titles": "{full}; ∂E/∂x inside",
    "padded_reaches": "{name}, is {value}: reaches {rows}, {columns} of the full result",
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\ndelta = np.array([{source}])\nw = np.array({kernel})\n"
    "x = np.zeros((1, 1, {H}, {W}))\n"
    "d_x, d_w, d_b = cnnlib.conv2d_backward(delta, x, w, stride={stride}, padding={padding})\nprint(d_x[0, 0])\n",
    "code_torch": "import torch\n\ndelta = torch.tensor([{source}], dtype=torch.float32)\n"
    "w = torch.tensor({kernel}, dtype=torch.float32)\nx = torch.zeros((1, 1, {H}, {W}), requires_grad=True)\n"
    "torch.nn.functional.conv2d(x, w, stride={stride}, padding={padding}).backward(delta)\nprint(x.grad[0, 0])\n",
    "titles": [
        "δ: {h} × {w}",
        "Expanded: {E_h}\u00a0×\u00a0{E_w}",
        "Padded: {Q_h} × {Q_w}",
        "Kernel w: {F_h} × {F_w}",
        "Turned by 180°",
        "Full result: {U_h} × {U_w}",
        "∂E/∂x, border cut off: {H} × {W}",
    ],
    "line": "{axis}{n} → expanded ({n} − 1)·{S} + 1{extra} = {E} → padded {E} + 2·({F} − 1) = {Q} → "
    "full {Q} − {F} + 1 = {U} → cut {U} − 2·{P} = {W}",
    "extra": " + {extra}",
    "axes": ["rows: ", "columns: ", ""],
    "sentence": "δ is {h}\u00a0×\u00a0{w}.{between}{dropped} Padded with F − 1 zeros on every side and met by the "
    "turned kernel, it gives the full result, {U_h}\u00a0×\u00a0{U_w}{cut}: ∂E/∂x, {H}\u00a0×\u00a0{W}.{lost}",
    "lost": " No window covered {what}: {lost} of the {pixels} inputs get 0.",
    "both": ["rows", "columns", "rows and columns"],
}
LEGEND = [
    ["window", "what belongs together"],
    ["signs", CARD["signs"]],
    ["pad", "zeros around; in the full result: cut off"],
    ["gaps", "zeros between neighbours"],
    ["stripes", "zeros for what the floor dropped"],
    ["corners", "input that no window covered: 0"],
]


def scene(
    size: Any,
    kernel: Any,
    stride: Any,
    padding: Any,
    apart: bool = False,
    letters: bool = False,
    position: Any = (0, 0),
) -> Scene:
    """Return the scene of δ going back through one layer; every setting but the last three is a (row, column) pair.

    `apart`, `letters` and `position` choose what is pointed out; they change no number.
    """
    message = _message(size, kernel, padding)
    if message:
        return Scene(None, [], [], [], [], "", message)
    rows, columns = (axis_of(*axis) for axis in zip(size, kernel, stride, padding))
    axes = rows, columns
    delta, weight = DELTA[: rows.count, : columns.count], KERNEL[: kernel[0], : kernel[1]]
    (H, W), (F_h, F_w) = size, kernel
    gaps = dict(h=rows.count, w=columns.count, H=H, W=W, F_h=F_h, F_w=F_w)
    for letter, name in (("E", "expanded"), ("Q", "padded"), ("U", "uncut")):
        gaps |= {f"{letter}_h": getattr(rows, name), f"{letter}_w": getattr(columns, name)}
    titles = [title.format(**gaps) for title in TEXTS["titles"]]
    covered = [sum(map(bool, axis.sources())) for axis in axes]
    never = [
        never_read(w, f, s, p, 1, name) for w, f, s, p, name in zip(size, kernel, stride, padding, ("row", "column"))
    ]
    lost = H * W - covered[0] * covered[1]
    what = ", ".join(phrase for phrase in never if phrase)
    sentence = TEXTS["sentence"].format(
        **gaps,
        between=_between(*(axis.stride if axis.count > 1 else 0 for axis in axes)),
        dropped=_dropped(rows.extra, columns.extra),
        cut=_cut(*padding),
        lost=TEXTS["lost"].format(what=what, lost=lost, pixels=H * W) if lost else "",
    )
    same = rows == columns
    named = TEXTS["axes"][2:] if same else TEXTS["axes"]
    return stamps.scene_of(
        "expanded",
        axes,
        stamps.expanded_grids(delta, weight, axes, titles),
        [_line(name, axis) for name, axis in zip(named, axes)],
        sentence,
        (rows.uncut, columns.uncut),
    )


def _line(name: str, axis: Axis) -> str:
    line: str = TEXTS["line"].format(
        axis=name,
        n=axis.count,
        S=axis.stride,
        extra=TEXTS["extra"].format(extra=axis.extra) if axis.extra else "",
        E=axis.expanded,
        F=axis.kernel,
        Q=axis.padded,
        U=axis.uncut,
        P=axis.border,
        W=axis.size,
    )
    return line


def _between(S_h: int, S_w: int) -> str:
    """Return what is put between the numbers of δ; the stride is 0 along an axis with one number, without neighbours.

    >>> _between(0, 0), _between(1, 3)
    ('', ' With 2 columns of zeros between neighbours it becomes the map of stride 1.')
    """
    if S_h == S_w == 0:
        return ""
    if max(S_h, S_w) == 1:
        return " With stride 1 there is nothing to put between its numbers."
    if S_h == S_w:
        zeros = f"{many(S_h - 1, 'zero')} between neighbours, in rows and columns,"
    else:
        phrases = [many(stride - 1, name) for stride, name in ((S_h, "row"), (S_w, "column")) if stride > 1]
        zeros = f"{' and '.join(phrases)} of zeros between neighbours"
    return f" With {zeros} it becomes the map of stride 1."


def _dropped(rows: int, columns: int) -> str:
    phrases = [many(count, name) for count, name in ((rows, "row"), (columns, "column")) if count]
    return f" Zeros stand for what the floor dropped: {' and '.join(phrases)} at the end." if phrases else ""


def _cut(P_h: int, P_w: int) -> str:
    if P_h == P_w == 0:
        return ", and there is no padding to cut off"
    if P_h == P_w:
        return f"; its border of {P_h} lies on padding and is cut off"
    sides = ((P_h, "row", "above and below"), (P_w, "column", "left and right"))
    border = " and ".join(f"{many(count, name)} {where}" for count, name, where in sides if count)
    return f"; its border, {border}, lies on padding and is cut off"


def _misfit(size: int, kernel: int, padding: int) -> str:
    """Return why the window does not fit along one axis, with a gap for the axis, or nothing if it fits."""
    padded = size + 2 * padding
    if kernel <= padded:
        return ""
    return (
        f"The window does not fit: a kernel of {kernel} reaches over {kernel} {{axis}}, and the input has only "
        f"{padded}, so there is no δ. What would fit: a kernel of at most {padded}, or a padding of at least "
        f"{(kernel - size + 1) // 2}, or an input size of at least {kernel - 2 * padding}."
    )


def _message(size: Any, kernel: Any, padding: Any) -> str:
    axes = [_misfit(*axis) for axis in zip(size, kernel, padding)]
    if axes[0] and axes[0] == axes[1]:
        return axes[0].replace("{axis}", TEXTS["both"][2])
    return " ".join(text.replace("{axis}", name) for text, name in zip(axes, TEXTS["both"]) if text)


@functools.cache
def data() -> dict[str, Any]:
    """Return what the browser builds any scene from: per-axis tables, the largest δ and kernel, and the texts.

    axes[size][F][P][S], each counted from its lowest value: the axis, and the number of the phrase for what no window
    covered; or the number of a message if nothing fits.
    """
    never: list[str] = [""]
    messages: list[str] = []

    def entry(size: int, kernel: int, padding: int, stride: int) -> list[int] | int:
        message = _misfit(size, kernel, padding)
        if message:
            return number_of(messages, message)
        phrase = number_of(never, never_read(size, kernel, stride, padding, 1, "{axis}"))
        return [*axis_of(size, kernel, stride, padding).entry(), phrase]

    return {
        "name": "sensitivity_through_stride",
        "low": {"size": SIZES[0], "kernel": KERNELS[0], "padding": PADDINGS[0], "stride": STRIDES[0]},
        "axes": [[[[entry(w, f, p, s) for s in STRIDES] for p in PADDINGS] for f in KERNELS] for w in SIZES],
        "source": DELTA.tolist(),
        "kernel": KERNEL.tolist(),
        "never": never,
        "messages": messages,
        "between": [[_between(s, t) for t in (0, *STRIDES)] for s in (0, *STRIDES)],
        "dropped": [[_dropped(a, b) for b in range(4)] for a in range(4)],
        "cut": [[_cut(p, q) for q in PADDINGS] for p in PADDINGS],
        "texts": TEXTS,
        "words": CARD,
        "legend": LEGEND,
        "room": {"laptop": [3, 10], "tablet": [4, 11], "phone": [7, 20], "small": [7, 21]},
        "start": EXPLORER.start(),
    }


EXPLORER = Explorer("sensitivity_through_stride", "δ through a stride", SETTINGS, scene, data)
