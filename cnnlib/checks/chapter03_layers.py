"""Exercises of chapter 03, convolution: many channels and many kernels.

The mistakes are made with the functions of the package wherever that is possible: a wrong stride is the right
function called with a wrong stride.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import convolution
from .comparing import Mistake, grid, number
from .exercise import Case, FunctionExercise
from .result import Code, Text
from .windows import (
    ONE_TOO_FEW,
    RELU,
    ROUNDED_UP,
    STRIDE_IGNORED,
    STRIDE_IN_SIZE_ONLY,
    STRIDE_INSIDE,
    TURNED,
    image_size,
    in_size_only,
    integers,
    kernel_values,
    rounded_up,
    row_range,
    transposed,
)

# ---- many channels --------------------------------------------------------------------------------------------------


def conv2d_many_channels(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int = 1, padding: int = 0) -> np.ndarray:
    return _layer(x, w, b, stride, padding)


def many_channels_cases(rng: np.random.Generator) -> list[Case]:
    """Return inputs of one to four channels, one to four kernels, every stride with every padding."""
    made = [Case(integers(rng, (2, 2, 3)), kernel_values(rng, (1, 2, 1, 2)), np.array([1.0]))]
    settings = [(2, 2, 1, 0), (2, 3, 1, 0), (3, 2, 2, 0), (2, 2, 1, 1), (3, 3, 1, 1), (3, 2, 2, 1), (2, 2, 2, 1)]
    settings += [(1, 2, 3, 0), (3, 2, 3, 1), (2, 1, 1, 2), (3, 2, 2, 2), (4, 2, 1, 1), (1, 3, 2, 1)]
    for k, (D, N, stride, padding) in enumerate(settings):
        kernel = [(2, 2), (2, 3), (3, 2), (3, 3)][k % 4]
        rest = (k % stride, (k + 1) % stride) if k % 3 else (0, 0)
        shape = image_size(rng, kernel, (stride, stride), rest, padding)
        b = rng.permutation(np.arange(1.0, 6.0))[:N] * (-1) ** k  # all different, none 0
        made.append(
            Case(integers(rng, (D, *shape)), kernel_values(rng, (N, D, *kernel)), b, stride=stride, padding=padding)
        )
    x = np.round(rng.normal(0, 2, (3, 7, 6)), 1)
    return [*made, Case(x, np.round(rng.normal(0, 1, (4, 3, 3, 2)), 1), np.array([0.5, -0.5, 1.5, 2.5]), padding=1)]


def explain_many_channels(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
    x, w, b = arguments["x"], arguments["w"], arguments["b"]
    S, P = arguments.get("stride", 1), arguments.get("padding", 0)
    k, i, j = cell
    F_h, F_w = w.shape[2:]
    padded = np.pad(x, ((0, 0), (P, P), (P, P)))
    window = padded[:, i * S : i * S + F_h, j * S : j * S + F_w]
    of = "the padded `x`" if P else "`x`"
    lines = []
    for d in range(len(x)):
        products = number(float(np.sum(window[d] * w[k, d])))
        lines += [
            f"channel {d}: window",
            grid(window[d]),
            f"kernel {k}",
            grid(w[k, d]),
            f"products summed: {products}",
            "",
        ]
    lines.append(f"all channels plus the bias {number(b[k])}: {number(expected[cell])}")
    rows, columns = row_range("row", i * S, F_h), row_range("column", j * S, F_w)
    return [Text(f"Its window is {rows} and {columns} of {of}, in every channel:"), Code("\n".join(lines))]


def _layer(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    stride: Any = 1,
    padding: Any = 0,
    gaps: int = 1,
    mode: str = "constant",
) -> np.ndarray:
    """Return the convolution of one image of several channels; `padding` may be one pair per axis, as in np.pad."""
    if isinstance(padding, int):
        padding = ((padding, padding), (padding, padding))
    x = np.pad(x, ((0, 0), *padding), mode=mode)
    return convolution.conv2d(x[None], w, b, stride, 0, gaps)[0]


def _channels_padded(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Return what comes out when zeros are put around the channels as well: the kernel meets the first D of them."""
    x = np.pad(x, padding)
    return convolution.conv2d(x[None, : w.shape[1]], w, b, stride)[0]


def _every(x: np.ndarray, stride: int, padding: int) -> np.ndarray:
    """Return every `stride`-th row and column of the padded image."""
    return np.pad(x, ((0, 0), (padding, padding), (padding, padding)))[:, ::stride, ::stride]


def _axes_swapped(w: np.ndarray) -> np.ndarray:
    if w.shape[0] != w.shape[1]:
        raise ValueError("kernel axes")
    return w.swapaxes(0, 1)


def _one_map_only(x: np.ndarray, w: np.ndarray, b: np.ndarray, stride: int, padding: int, k: int) -> np.ndarray:
    right = _layer(x, w, b, stride, padding)
    one = np.zeros_like(right)
    one[k] = right[k]
    return one


PADDING_ON_ONE_SIDE = (
    "padding on one side",
    "There are P zeros on every side: above and below, left and right.",
)

many_channels_mistakes = (
    Mistake(*STRIDE_IGNORED, lambda x, w, b, stride, padding: _layer(x, w, b, 1, padding)),
    Mistake(
        *STRIDE_IN_SIZE_ONLY,
        lambda x, w, b, stride, padding: in_size_only(_layer(x, w, b, 1, padding), _layer(x, w, b, stride, padding)),
    ),
    Mistake(
        "stride for rows only",
        "The window moves by the stride from row to row, but by 1 from column to column.",
        lambda x, w, b, stride, padding: _layer(x, w, b, (stride, 1), padding),
    ),
    Mistake(
        "stride for columns only",
        "The window moves by the stride from column to column, but by 1 from row to row.",
        lambda x, w, b, stride, padding: _layer(x, w, b, (1, stride), padding),
    ),
    Mistake(
        *STRIDE_INSIDE,
        lambda x, w, b, stride, padding: in_size_only(
            _layer(x, w, b, 1, padding, stride), _layer(x, w, b, stride, padding)
        ),
    ),
    Mistake(
        *STRIDE_INSIDE,
        lambda x, w, b, stride, padding: in_size_only(
            _layer(_every(x, stride, padding), w, b), _layer(x, w, b, stride, padding)
        ),
    ),
    Mistake(
        "padding ignored",
        "The windows lie inside the image: first put `padding` rows and columns of zeros on every side.",
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, 0),
    ),
    Mistake(
        *PADDING_ON_ONE_SIDE,
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, ((padding, 0), (padding, 0))),
    ),
    Mistake(
        *PADDING_ON_ONE_SIDE,
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, ((0, padding), (0, padding))),
    ),
    Mistake(
        *PADDING_ON_ONE_SIDE,
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, ((2 * padding, 0), (2 * padding, 0))),
    ),
    Mistake(
        *PADDING_ON_ONE_SIDE,
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, ((0, 2 * padding), (0, 2 * padding))),
    ),
    Mistake(
        "padding along one axis",
        "Only the rows were padded: there are P columns of zeros too, left and right.",
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, ((padding, padding), (0, 0))),
    ),
    Mistake(
        "padding along one axis",
        "Only the columns were padded: there are P rows of zeros too, above and below.",
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, ((0, 0), (padding, padding))),
    ),
    Mistake(
        "padding with the wrong amount",
        "There are 2P zeros on every side: P on each, 2P altogether.",
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, 2 * padding),
    ),
    Mistake(
        "padding with the wrong amount",
        "There is one zero on every side, whatever `padding` says.",
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, 1),
    ),
    Mistake(
        "channels padded too",
        "`np.pad(x, P)` pads all three axes: the channels get no zeros, so say how much for each axis.",
        lambda x, w, b, stride, padding: _channels_padded(x, w, b, stride, padding),
    ),
    Mistake(
        "border repeated instead of zeros",
        "The padding repeats the border of the image: it is 0.",
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, padding, mode="edge"),
    ),
    Mistake(
        "channel 0 only",
        "Only the first channel counts: the products of all channels go into the sum.",
        lambda x, w, b, stride, padding: _layer(x[:1], w[:, :1], b, stride, padding),
    ),
    Mistake(
        "last channel only",
        "Only the last channel counts: does the sum start anew, or get replaced, for every channel?",
        lambda x, w, b, stride, padding: _layer(x[-1:], w[:, -1:], b, stride, padding),
    ),
    Mistake(
        "kernel's channel 0 for all",
        "The first channel of the kernel is laid on every channel of the input: each has its own.",
        lambda x, w, b, stride, padding: _layer(x, np.repeat(w[:, :1], len(x), 1), b, stride, padding),
    ),
    Mistake(
        "channels averaged",
        "The channels are added up, not averaged.",
        lambda x, w, b, stride, padding: _layer(x, w / len(x), b, stride, padding),
    ),
    Mistake(
        "channels of the kernel reversed",
        "Turning the kernel by 180° is not asked for, least of all through its channels.",
        lambda x, w, b, stride, padding: _layer(x, w[:, ::-1, ::-1, ::-1], b, stride, padding),
    ),
    Mistake(
        "channels of the kernel reversed",
        "Channel d of the kernel belongs to channel d of the input.",
        lambda x, w, b, stride, padding: _layer(x, w[:, ::-1], b, stride, padding),
    ),
    Mistake(*TURNED, lambda x, w, b, stride, padding: _layer(x, w[..., ::-1, ::-1], b, stride, padding)),
    Mistake(
        "kernel transposed",
        "Rows and columns of the kernel are swapped: m counts rows, in `w` as in `x`.",
        lambda x, w, b, stride, padding: _layer(x, transposed(w), b, stride, padding),
    ),
    Mistake(
        "kernel transposed",
        "Rows and columns of the kernel are swapped: m counts rows, in `w` as in `x`.",
        lambda x, w, b, stride, padding: _layer(x, w.swapaxes(2, 3), b, stride, padding),
    ),
    Mistake(
        "kernels and channels swapped",
        "The first axis of `w` counts the kernels, the second the channels: `w[k, d]`.",
        lambda x, w, b, stride, padding: _layer(x, _axes_swapped(w), b, stride, padding),
    ),
    Mistake(
        "bias added once per product",
        "The bias is added to the sum, once for each output cell, after all products.",
        lambda x, w, b, stride, padding: _layer(x, w, b * w[0].size, stride, padding),
    ),
    Mistake(
        "bias added once per channel",
        "The sums of the channels are added up first; the bias is added to that, once.",
        lambda x, w, b, stride, padding: _layer(x, w, b * len(x), stride, padding),
    ),
    Mistake(
        "bias forgotten",
        "The products are summed up rightly, but `b` is not added.",
        lambda x, w, b, stride, padding: _layer(x, w, 0 * b, stride, padding),
    ),
    Mistake(
        "first bias for all maps",
        "Each kernel has a bias of its own: `b[k]`.",
        lambda x, w, b, stride, padding: _layer(x, w, np.full_like(b, b[0]), stride, padding),
    ),
    Mistake(
        "all biases added to each map",
        "Each kernel has a bias of its own: `b[k]`, not their sum.",
        lambda x, w, b, stride, padding: _layer(x, w, np.full_like(b, b.sum()), stride, padding),
    ),
    Mistake(
        "only the first kernel",
        "Map k comes from kernel k and its bias: all maps here come from the first.",
        lambda x, w, b, stride, padding: _layer(x, w[np.zeros(len(w), int)], b[np.zeros(len(b), int)], stride, padding),
    ),
    Mistake(
        "only the first kernel",
        "There is one map, that of the first kernel: N kernels give N maps.",
        lambda x, w, b, stride, padding: _layer(x, w[:1], b[:1], stride, padding),
    ),
    Mistake(
        "only the last kernel",
        "All maps come from the last kernel: does the loop over kernels fill all maps again and again?",
        lambda x, w, b, stride, padding: _layer(x, w[np.full(len(w), -1)], b[np.full(len(b), -1)], stride, padding),
    ),
    Mistake(
        "only the last kernel",
        "There is one map, that of the last kernel: N kernels give N maps.",
        lambda x, w, b, stride, padding: _layer(x, w[-1:], b[-1:], stride, padding),
    ),
    Mistake(
        "only the last kernel",
        "Only the map of the last kernel is filled: is the array made anew for every kernel?",
        lambda x, w, b, stride, padding: _one_map_only(x, w, b, stride, padding, -1),
    ),
    Mistake(
        "only the first kernel",
        "Only the map of the first kernel is filled: does a `return` stand inside the loop?",
        lambda x, w, b, stride, padding: _one_map_only(x, w, b, stride, padding, 0),
    ),
    Mistake(
        "maps added up",
        "The maps of all kernels are added: each kernel makes a map of its own.",
        lambda x, w, b, stride, padding: _layer(x, w, b, stride, padding).sum(0),
    ),
    Mistake(
        "one map per channel",
        "The channels are kept apart: a kernel adds up over all of them, N kernels give N maps.",
        lambda x, w, b, stride, padding: np.stack(
            [_layer(x[d : d + 1], w[:1, d : d + 1], b[:1], stride, padding)[0] for d in range(len(x))]
        ),
    ),
    Mistake(
        "maps last",
        "The axis of the maps comes first, as with the channels of `x`: (map, row, column).",
        lambda x, w, b, stride, padding: np.moveaxis(_layer(x, w, b, stride, padding), 0, -1),
    ),
    Mistake(*ONE_TOO_FEW, lambda x, w, b, stride, padding: _layer(x, w, b, stride, padding)[:, :-1, :-1]),
    Mistake(
        *ROUNDED_UP,
        lambda x, w, b, stride, padding: rounded_up(
            tuple(size + 2 * padding for size in x.shape[1:]),
            w.shape[2:],
            (stride, stride),
            _layer(x, w, b, stride, padding),
        ),
    ),
    Mistake(*RELU, lambda x, w, b, stride, padding: np.maximum(_layer(x, w, b, stride, padding), 0)),
)

conv2d_many_channels_check = FunctionExercise(
    "conv2d_many_channels",
    "03",
    conv2d_many_channels,
    many_channels_cases,
    many_channels_mistakes,
    tried="one to four channels, one to four kernels of shapes from 1×2 to 3×3, strides 1 to 3, padding 0 to 2, "
    "images that are not square, negative numbers, and a different bias for each kernel.",
    explain=explain_many_channels,
)
