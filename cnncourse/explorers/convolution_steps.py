"""The convolution step by step: one window, its products, their sum, the bias and f, on one channel and on three."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncourse.language import Texts, joined, mark, say, say_count, translated
from cnnlib import reference
from cnnlib.activations import relu

from . import padding_stride
from .scene import (
    INPUT,
    LETTERS,
    OUTPUT,
    PADDING,
    Choice,
    Explorer,
    Position,
    Range,
    Scene,
    all_scenes,
    grid,
    text_of,
    windows,
)
from .words import WORDS

FUNCTIONS = Choice("f", "Activation f", (("relu", "ReLU"), ("identity", "identity")), "relu")
ZEROS = (mark("without padding"), mark("with 1 ring of zeros"), mark("with 2 rings of zeros"))

# ---- one channel ----------------------------------------------------------------------------------------------------

IMAGES = {
    "five": [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]],
    "four": [[1, 0, 1, 0], [1, 1, 1, 0], [1, 0, 1, 0], [0, 0, 1, 0]],
}
KERNELS = {
    "cross": [[1, 0, 1], [0, 1, 0], [1, 0, 1]],
    "edge": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    "corner": [[1, -2, 0], [0, 1, -1], [0, 0, 1]],
    "across": [[1, -1], [1, -1]],
    "down": [[1, 1], [-1, -1]],
}

ONE_CHANNEL = (
    Choice("image", "Image", (("five", "5 × 5"), ("four", "4 × 4")), "five"),
    Choice(
        "kernel",
        "Kernel",
        (
            ("cross", "3 × 3 cross"),
            ("edge", "3 × 3 edge"),
            ("corner", "3 × 3 corner"),
            ("across", "2 × 2 across"),
            ("down", "2 × 2 down"),
        ),
        "cross",
    ),
    Range("bias", "Bias", "w_b", -2, 2, 0),
    FUNCTIONS,
    LETTERS,
    Position(),
)

# The words about cells and their products are those of padding and stride.
SHARED = (
    *("products", "sum", "reading", "reading_many", "reading_one", "reaches_none", "reaches_one", "reaches_many"),
    *("weight", "at_input", "cell_input", "cell_kernel", "cell_product", "cell_output"),
)
CODE: dict[str, str] = {
    "identity": "net",
    "relu_cnnlib": "np.maximum(net, 0)",
    "relu_torch": "torch.relu(net)",
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\nx = np.array([{x}])\nw = np.array([{w}])\n"
    "net = cnnlib.conv2d(x, w, np.array([{bias}]), stride={stride}, padding={padding})\na = {a}\nprint(a[0, 0])\n",
    "code_torch": "import torch\n\nx = torch.tensor([{x}], dtype=torch.float32)\n"
    "w = torch.tensor([{w}], dtype=torch.float32)\n"
    "net = torch.nn.functional.conv2d(x, w, torch.tensor([{bias}.0]), stride={stride}, padding={padding})\n"
    "a = {a}\nprint(a[0, 0])\n",
}
TEMPLATES_ONE: dict[str, Any] = CODE | {
    **{name: padding_stride.TEMPLATES[name] for name in SHARED},
    "then": ", then ReLU({net}) = {a}",
    "reading_letters": "a_{{r},{c}} = f({terms} + w_b)",
}
TEXTS_ONE = Texts(TEMPLATES_ONE)


def one_channel(image: str, kernel: str, bias: int, f: str, letters: bool = False, position: Any = (0, 0)) -> Scene:
    """Return the scene of one kernel on one channel; `letters` and `position` change no number."""
    x, w = np.array(IMAGES[image]), np.array(KERNELS[kernel])
    net = reference.conv2d(x[None, None], w[None, None], np.array([bias]))[0, 0]
    a = relu(net) if f == "relu" else net
    (H, W), (F, _), (n_h, n_w) = x.shape, w.shape, a.shape
    name = translated(dict(FUNCTIONS.options)[f])
    sentence = say(
        "A {F} × {F} kernel stands in {n_h} × {n_w} places of the {H} × {W} image; each place gives one number of the "
        "{n_h} × {n_w} feature map.",
        F=F,
        n_h=n_h,
        n_w=n_w,
        H=H,
        W=W,
    )
    return Scene(
        (n_h, n_w),
        [
            grid("input", say("Image {H} × {W}", H=H, W=W), x, INPUT),
            grid("kernel", say("Kernel {F} × {F}", F=F), w, INPUT),
            grid("output", say("Feature map {n_h} × {n_w}", n_h=n_h, n_w=n_w), a, OUTPUT),
        ],
        windows(n_h, F, 1),
        windows(n_w, F, 1),
        [f"a_{{ij}} = f(Σ_m Σ_n w_{{mn}} · x_{{i+m,j+n}} + w_b), w_b = {text_of(bias)}, f = {name}"],
        joined([sentence, *_effect(f, net)]),
        details={"bias": bias, "f": name if f == "relu" else "f"},
    )


def one_channel_data() -> dict[str, Any]:
    """Return all scenes of the explorer of one channel."""
    table = all_scenes(ONE_CHANNEL, one_channel)
    legend = [["window", WORDS["window"]], ["signs", WORDS["signs"]]]
    room = {"laptop": [2, 3], "tablet": [3, 3], "phone": [4, 6], "small": [4, 6]}
    return table | {
        "name": STEPS.name,
        "texts": TEXTS_ONE,
        "words": WORDS,
        "legend": legend,
        "room": room,
    }


# ---- three channels: the worked example -----------------------------------------------------------------------------

X = [
    [[0, 1, 1, 0, 2], [2, 2, 2, 2, 1], [1, 0, 0, 2, 0], [0, 1, 1, 0, 0], [1, 2, 0, 0, 2]],
    [[1, 0, 2, 2, 0], [0, 0, 0, 2, 0], [1, 2, 1, 2, 1], [1, 0, 0, 0, 0], [1, 2, 1, 1, 1]],
    [[2, 1, 2, 0, 0], [1, 0, 0, 1, 0], [0, 2, 1, 0, 1], [0, 1, 2, 2, 2], [2, 1, 0, 0, 1]],
]
WEIGHTS = {
    "w0": [
        [[-1, 1, 0], [0, 1, 0], [0, 1, 1]],
        [[-1, -1, 0], [0, 0, 0], [0, -1, 0]],
        [[0, 0, -1], [0, 1, 0], [1, -1, -1]],
    ],
    "w1": [
        [[1, 1, -1], [-1, -1, 1], [0, -1, 1]],
        [[0, 1, 0], [-1, 0, -1], [-1, 1, 0]],
        [[-1, 0, 0], [-1, 0, 1], [-1, 0, 0]],
    ],
}
BIASES = {"w0": 1, "w1": 0}

CHANNELS = (
    Choice("kernel", "Kernel", (("w0", "w0, bias 1"), ("w1", "w1, bias 0")), "w0"),
    Range("padding", "Padding", "P", 0, 2, 1),
    Range("stride", "Stride", "S", 1, 3, 2),
    Choice("f", "Activation f", (("identity", "identity"), ("relu", "ReLU")), "identity"),
    LETTERS,
    Position(start=(1, 1)),
)


RIMS = (("pad", "padding"), ("corners", "never"))
TEMPLATES_DEPTH: dict[str, Any] = CODE | {
    "input": "Input, channel {d}",
    "kernel": "w, channel {d}",
    "short": {"input": "Channel {d}", "kernel": "w{d}"},
    "products": "Products",
    "sum": "sum of the three + bias",
    "sum_f": "f(sum + bias)",
    "reading": "Output row {r}, column {c}: the three sums {parts}, with the bias + {bias} = {net}",
    "then": ", then ReLU({net}) = {a}",
    "weight": "Channel {d}, weight row {r}, column {c}, {w}: here it meets {x}, which gives {p}",
    "at_input": "Channel {d}, row {r}, column {c}",
    "at_padding": "Padding of channel {d}, row {r}, column {c}",
    "cell_input": "channel {d}, row {r}, column {c}: {value}",
    "cell_padding": "padding of channel {d}, row {r}, column {c}: {value}",
    "cell_lost": "channel {d}, row {r}, column {c}, never read: {value}",
    "cell_kernel": "channel {d}, weight row {r}, column {c}: {value}",
    **{name: padding_stride.TEMPLATES[name] for name in SHARED if name.startswith("reaches")},
    **{name: padding_stride.TEMPLATES[name] for name in ("cell_product", "cell_output")},
}
TEXTS_DEPTH = Texts(TEMPLATES_DEPTH)


def channels(kernel: str, padding: int, stride: int, f: str, letters: bool = False, position: Any = (0, 0)) -> Scene:
    """Return the scene of one kernel on the three channels of the worked example, with its partial maps.

    `letters` and `position` change no number.
    """
    x, w, bias = np.array(X), np.array(WEIGHTS[kernel]), BIASES[kernel]
    parts = [reference.conv2d(x[None, d : d + 1], w[None, d : d + 1], None, stride, padding)[0, 0] for d in range(3)]
    net = reference.conv2d(x[None], w[None], np.array([bias]), stride, padding)[0, 0]
    a = relu(net) if f == "relu" else net
    n = len(a)
    padded = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    kinds = np.pad(np.full((5, 5), INPUT), padding, constant_values=PADDING)
    grids = []
    for d in range(3):
        title = (
            say("Input, channel {d}, padded to {size} × {size}", d=d, size=5 + 2 * padding)
            if padding
            else say("Input, channel {d}", d=d)
        )
        grids.append(grid("input", title, padded[d], kinds))
        grids.append(grid("kernel", say("Kernel, channel {d}", d=d), w[d], INPUT))
        grids.append(grid("partial", say("Partial map {d}", d=d), parts[d], OUTPUT))
    name = translated(dict(FUNCTIONS.options)[f])
    sentence = say(
        "One 3 × 3 × 3 kernel on a 3 × 5 × 5 input {zeros}, moved in steps of {stride}: each channel gives a partial "
        "map, and their sum with the bias is the {n} × {n} output.",
        zeros=translated(ZEROS[padding]),
        stride=stride,
        n=n,
    )
    grids.append(grid("output", say("Output {n} × {n}", n=n), a, OUTPUT))
    return Scene(
        (n, n),
        grids,
        windows(n, 3, stride),
        windows(n, 3, stride),
        [f"a_{{ij}} = f(Σ_d Σ_m Σ_n w_{{dmn}} · x_{{d,iS+m,jS+n}} + w_b), S = {stride}, w_b = {bias}, f = {name}"],
        joined([sentence, *_effect(f, net)]),
        details={"bias": bias, "f": name if f == "relu" else "f"},
    )


def channels_data() -> dict[str, Any]:
    """Return all scenes of the explorer of three channels."""
    legend = [["window", WORDS["window"]], ["signs", WORDS["signs"]], *([look, WORDS[name]] for look, name in RIMS)]
    room = {"laptop": [2, 4], "tablet": [2, 4], "phone": [3, 8], "small": [3, 8]}
    return all_scenes(CHANNELS, channels) | {
        "name": DEPTH.name,
        "texts": TEXTS_DEPTH,
        "words": WORDS,
        "legend": legend,
        "room": room,
    }


def _effect(f: str, net: np.ndarray) -> list[str]:
    """Return a sentence on the sums that ReLU turns into 0, if there are any."""
    negative = int((net < 0).sum())
    if f != "relu" or not negative:
        return []
    return [say_count("ReLU turns {count} negative sum into 0.", "ReLU turns {count} negative sums into 0.", negative)]


STEPS = Explorer("convolution_step_by_step", "convolution step by step", ONE_CHANNEL, one_channel, one_channel_data)
DEPTH = Explorer("convolution_over_channels", "convolution over three channels", CHANNELS, channels, channels_data)
