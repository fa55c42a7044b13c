"""The transposed convolution: every input lays its value times the kernel on the output, and what overlaps adds up."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from . import stamps
from .phrases import many, number_of
from .scene import LETTERS, Choice, Explorer, Position, Range, Scene, Switch
from .stamps import Axis
from .words import WORDS as CARD

SIZES, KERNELS, STRIDES, PADDINGS, EXTRAS = range(1, 7), range(1, 6), range(1, 5), range(4), range(4)
STAMPS, EXPANDED = "stamps", "expanded"

SETTINGS = (
    Choice(
        "view",
        "View",
        ((STAMPS, "stamp by stamp"), (EXPANDED, "zeros put between")),
        STAMPS,
    ),
    Range("size", "Input", "W", SIZES[0], SIZES[-1], 3),
    Range("kernel", "Kernel", "F", KERNELS[0], KERNELS[-1], 3),
    Range("stride", "Stride", "S", STRIDES[0], STRIDES[-1], 2),
    Range("padding", "Padding", "P", PADDINGS[0], PADDINGS[-1], 1),
    Range("output_padding", "Output padding", "", EXTRAS[0], EXTRAS[-1], 0),
    Switch("counts", "Show number of stamps"),
    LETTERS,
    Position(start=(1, 1)),
)

# Small numbers, all different from 0 in the input, so that every zero that is seen was put in.
IMAGE = np.array(
    [
        [1, 3, 2, -1, 2, 1],
        [2, -1, 4, 1, -2, 3],
        [-2, 2, 1, 3, 1, -1],
        [3, 1, -1, 2, 4, 2],
        [1, -2, 3, -1, 1, 2],
        [-1, 2, 1, 4, -2, 1],
    ]
)
KERNEL = np.array([[1, 2, -1, 0, 1], [0, 1, 3, -1, 2], [2, -2, 1, 1, 0], [1, 0, 2, -1, -1], [-1, 1, 0, 2, 1]])

TEXTS: dict[str, Any] = stamps.TEXTS | {
    "letters": {"source": "x", "result": "y"},
    "names": {"source": ["Input row {i}, column {j}"], "result": ["Output row {p}, column {q}"]},
    "gives": ["Its stamp: value · w"],
    "times": "input times w",
    "added": "the sum of its stamps",
    "counted": "{title}: number of stamps",
    "counts": "Number of stamps",
    "short": {"output": "{title}"},
    "stamp": "{source}, is {value}: stamps on output {rows}, {columns}",
    "stamp_cut": "{source}, is {value}: stamps on output {rows}, {columns}; {gone} of its {all} products lie on the "
    "border and are cut off",
    "stamp_gone": "{source}, is {value}: its whole stamp lies on the border and is cut off",
    "sum_none": "{result}: no stamp lies here, so it is 0",
    "at_border": "On the border: cut off",
    "cell_border": "border, row {p}, column {q}: cut off",
    "at": {
        "source": "Input row {i}, column {j}",
        "padded": "Padded map, row {i}, column {j}",
        "full": "Before the cut, row {p}, column {q}",
        "result": "output row {p}, column {q}",
        "cut": "on the border, cut off",
    },
    "padded_reaches": "{name}, is {value}: reaches {rows}, {columns} of what is there before the cut",
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\nx = np.array([{source}])\nw = np.array({kernel})\n"
    "out = cnnlib.conv_transpose2d(x, w, stride={stride}, padding={padding}, output_padding={output_padding})\n"
    "print(out[0, 0])\n",
    "code_torch": "import torch\n\nx = torch.tensor([{source}], dtype=torch.float32)\n"
    "w = torch.tensor({kernel}, dtype=torch.float32)\n"
    "out = torch.nn.functional.conv_transpose2d(\n"
    "    x, w, stride={stride}, padding={padding}, output_padding={output_padding}\n)\nprint(out[0, 0])\n",
    "titles": {
        "source": "Input {n} × {n}",
        "kernel": "Kernel w: {F} × {F}",
        "output": "Output {W} × {W}",
        "expanded": "Expanded: {E}\u00a0×\u00a0{E}",
        "padded": "Padded: {Q} × {Q}",
        "turned": "Turned by 180°",
        "full": "Uncut: {U} × {U}",
    },
    "line": "H₂ = W₂ = (W₁ − 1)·S + F − 2P{name} = ({n} − 1)·{S} + {F} − 2·{P}{extra} = {W}",
    "name": " + output padding",
    "extra": " + {extra}",
    "sentences": {
        STAMPS: "Each number of the {n}\u00a0×\u00a0{n} input stamps its product with the {F}\u00a0×\u00a0{F} kernel "
        "on the output, in steps of {S}{overlap}.{cut}{extra} The output is {W}\u00a0×\u00a0{W}. {stamps}",
        EXPANDED: "The same numbers as a convolution with the turned kernel: {between}, F − 1 zeros around the "
        "input.{cut}{extra} The output is {W}\u00a0×\u00a0{W}. {stamps}",
    },
    "overlap": [
        "; stamps that overlap add up",
        "; the stamps lie side by side",
        "; gaps stay between the stamps",
        "; here there is one stamp only",
    ],
    "cut": ["", *(f" A border of {P} is cut off on every side." for P in PADDINGS[1:])],
    "extras": [
        "",
        *(f" The output padding adds {many(e, 'row')} and {many(e, 'column')} at the end." for e in EXTRAS[1:]),
    ],
    "stamps": {
        "one": "The one stamp covers it",
        "same": "Every cell of it gets {most} of the stamps",
        "next": "Its cells get {least} or {most} stamps",
        "apart": "Its cells get from {least} to {most} stamps",
    },
    "pattern": {
        "all": ".",
        "gaps": ": some get none.",
        "checkerboard": ": F is no multiple of S, so the numbers go up and down like a checkerboard.",
        "even": ": F is a multiple of S, so only cells near the border get fewer.",
        "overlap": ": most where stamps overlap.",
    },
}
LEGEND = [
    ["window", "what belongs together"],
    ["signs", CARD["signs"]],
    ["pad", "zeros around, or border: cut off"],
    ["gaps", "zeros between neighbours"],
    ["stripes", "zeros for the output padding"],
    ["corners", "no stamp lies here: 0"],
]


def scene(
    view: str,
    size: int,
    kernel: int,
    stride: int,
    padding: int,
    output_padding: int,
    counts: bool = False,
    letters: bool = False,
    position: Any = (0, 0),
) -> Scene:
    """Return the scene of a transposed convolution; `counts`, `letters` and `position` change no number."""
    message = _message(size, kernel, stride, padding, output_padding)
    if message:
        return Scene(None, [], [], [], [], "", message)
    axis = Axis(size, kernel, stride, padding, output_padding)
    axes = axis, axis
    image, weight = IMAGE[:size, :size], KERNEL[:kernel, :kernel]
    gaps = dict(n=size, F=kernel, S=stride, P=padding, E=axis.expanded, Q=axis.padded, U=axis.uncut, W=axis.size)
    titles = {role: title.format(**gaps) for role, title in TEXTS["titles"].items()}
    if view == STAMPS:
        listed = {role: [title] for role, title in titles.items()}
        grids = stamps.stamped_grids(image[None], weight[None, None], axes, listed)
    else:
        roles = ("source", "expanded", "padded", "kernel", "turned", "full", "output")
        grids = stamps.expanded_grids(image, weight, axes, [titles[role] for role in roles])
    sentence = TEXTS["sentences"][view].format(
        **gaps,
        overlap=TEXTS["overlap"][_overlap(size, kernel, stride)],
        cut=TEXTS["cut"][padding],
        extra=TEXTS["extras"][output_padding],
        between=_between(stride if size > 1 else 0),
        stamps=_stamps(axis),
    )
    line = TEXTS["line"].format(
        **gaps,
        name=TEXTS["name"] if output_padding else "",
        extra=TEXTS["extra"].format(extra=output_padding) if output_padding else "",
    )
    by_source = view == STAMPS
    places = (size, size) if by_source else (axis.uncut, axis.uncut)
    more = {"by": "source"} if by_source else {}
    return stamps.scene_of(view, axes, grids, [line], sentence, places, **more)


def _overlap(size: int, kernel: int, stride: int) -> int:
    if size == 1:
        return 3
    if kernel == stride:
        return 1
    return 0 if kernel > stride else 2


def _between(stride: int) -> str:
    """Return what is put between the numbers of the input; the stride is 0 for an input of one number."""
    if stride == 0:
        return "no zeros between, as there is one number only"
    return (
        "with stride 1 no zeros between its numbers"
        if stride == 1
        else f"{many(stride - 1, 'zero')} between neighbours"
    )


def _stamps(axis: Axis) -> str:
    """Return how many stamps the cells of the output get, in words."""
    along = [len(found) for found in axis.sources()]
    least, most = min(along) ** 2, max(along) ** 2
    steps = [step for step in np.sign(np.diff(along)) if step]
    if least == most:
        pattern = "all"
    elif least == 0:
        pattern = "gaps"
    elif steps != sorted(steps, reverse=True):  # fewer, and then more again
        pattern = "checkerboard"
    else:
        pattern = "overlap" if axis.kernel % axis.stride else "even"
    if least == most:
        words = "one" if axis.count == most == 1 else "same"
    else:
        words = "next" if most == least + 1 else "apart"
    sentence: str = TEXTS["stamps"][words].format(least=least, most=most) + TEXTS["pattern"][pattern]
    return sentence


def _message(size: int, kernel: int, stride: int, padding: int, output_padding: int) -> str:
    """Return why nothing comes out and what would help, or nothing if all fits."""
    if output_padding >= stride:
        return (
            f"The output padding is too large: {output_padding} is not smaller than the stride, {stride}; it only "
            f"chooses among the sizes that a convolution of this stride makes {size}. What would fit: an output "
            f"padding of at most {stride - 1}, or a stride of at least {output_padding + 1}."
        )
    uncut = (size - 1) * stride + kernel + output_padding
    if uncut > 2 * padding:
        return ""
    missing = 2 * padding + 1 - uncut
    larger, more = kernel + missing, size + -(-missing // stride)
    offers = [f"a padding of at most {(uncut - 1) // 2}"]
    offers += [f"a kernel of at least {larger}"] if larger <= KERNELS[-1] else []
    offers += [f"an input of at least {more}"] if more <= SIZES[-1] else []
    return (
        f"The padding is too large: of the {uncut} rows and columns that are stamped on, {padding} on each side are "
        f"cut off, and nothing is left. What would fit: {', or '.join(offers)}."
    )


@functools.cache
def data() -> dict[str, Any]:
    """Return what the browser builds any scene from: per-axis tables, the largest input and kernel, and the texts.

    axes[size][F][P][S][output padding], each counted from its lowest value: the axis and the number of the words about
    stamps, or the number of a message if nothing comes out.
    """
    messages: list[str] = []
    words: list[str] = []

    def entry(*settings: int) -> list[int] | int:
        size, kernel, padding, stride, extra = settings
        message = _message(size, kernel, stride, padding, extra)
        if message:
            return number_of(messages, message)
        axis = Axis(size, kernel, stride, padding, extra)
        return [*axis.entry(), number_of(words, _stamps(axis))]

    return {
        "name": "transposed_convolution",
        "low": {"size": SIZES[0], "kernel": KERNELS[0], "padding": PADDINGS[0], "stride": STRIDES[0]},
        "axes": [
            [[[[entry(w, f, p, s, e) for e in EXTRAS] for s in STRIDES] for p in PADDINGS] for f in KERNELS]
            for w in SIZES
        ],
        "source": IMAGE.tolist(),
        "kernel": KERNEL.tolist(),
        "messages": messages,
        "stamps": words,
        "overlap": [[[_overlap(w, f, s) for s in STRIDES] for f in KERNELS] for w in SIZES],
        "between": [_between(s) for s in (0, *STRIDES)],
        "texts": TEXTS,
        "words": CARD,
        "legend": LEGEND,
        "room": {"laptop": [2, 5], "tablet": [2, 7], "phone": [4, 12], "small": [4, 14]},
        "start": EXPLORER.start(),
    }


EXPLORER = Explorer("transposed_convolution", "transposed convolution", SETTINGS, scene, data)
