"""Chapter 03: a convolution layer, many channels and many kernels."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks.comparing import grid, number
from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.result import Code, Text
from ..checks.windows import fine, image_size, integers, kernel_values, row_range
from ..language import mark, say


def my_conv2d_layer(x, w, b, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    N, D, F_h, F_w = w.shape
    H2, W2 = (x.shape[1] - F_h) // stride + 1, (x.shape[2] - F_w) // stride + 1
    net = np.zeros((N, H2, W2))
    for k in range(N):
        for i in range(H2):
            for j in range(W2):
                r, c = i * stride, j * stride
                net[k, i, j] = np.sum(w[k] * x[:, r : r + F_h, c : c + F_w]) + b[k]
    return net


MISTAKES = r"""
stride ignored: | stride => 1
stride in the size only:
    r, c = i * stride, j * stride => r, c = i, j
stride for rows only:
    (x.shape[2] - F_w) // stride => x.shape[2] - F_w
    & j * stride => j
stride for columns only:
    (x.shape[1] - F_h) // stride => x.shape[1] - F_h
    & i * stride => i
stride inside the window:
    r : r + F_h, c : c + F_w => r : r + F_h * stride : stride, c : c + F_w * stride : stride
    r : r + F_h, c : c + F_w => i : i + F_h * stride : stride, j : j + F_w * stride : stride
padding ignored:
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding))) => pass
size without 2P: The image is padded, but the number of windows is that of the image without padding: W − F + 2P.
    (x.shape[1] - F_h) => (x.shape[1] - 2 * padding - F_h)
    & (x.shape[2] - F_w) => (x.shape[2] - 2 * padding - F_w)
padding on one side:
    (padding, padding) => (padding, 0)
    (padding, padding) => (0, padding)
    (padding, padding) => (2 * padding, 0)
    (padding, padding) => (0, 2 * padding)
padding along one axis: Only the rows were padded: there are P columns of zeros too, left and right.
    (padding, padding), (padding, padding) => (padding, padding), (0, 0)
padding along one axis: Only the columns were padded: there are P rows of zeros too, above and below.
    (padding, padding), (padding, padding) => (0, 0), (padding, padding)
padding with the wrong amount: There are 2P zeros on every side: P on each, 2P altogether.
    (padding, padding) => (2 * padding, 2 * padding)
padding with the wrong amount: There is one zero on every side, whatever `padding` says.
    (padding, padding) => (1, 1)
padding with the wrong amount: There is one zero on every side as soon as `padding` is not 0.
    (padding, padding) => (padding > 0, padding > 0)
padding with the wrong amount: `padding` was squared: there are P zeros on every side.
    (padding, padding) => (padding**2, padding**2)
channels padded too: `np.pad(x, P)` pads all three axes: the channels get no zeros, so say how much for each axis.
    np.pad(x, ((0, 0), (padding, padding), (padding, padding))) => np.pad(x, padding)
    np.pad(x, ((0, 0), (padding, padding), (padding, padding))) => np.pad(x, padding)
    & x[:, r => x[:D, r
border repeated instead of zeros: The padding repeats the border of the image: it is 0.
    (padding, padding))) => (padding, padding)), mode="edge")
channel 0 only: Only the first channel counts: the products of all channels go into the sum.
    w[k] * x[:, => w[k, :1] * x[:1,
last channel only: Only the last channel counts: does the sum begin at 0 again, or get replaced, for every channel?
    w[k] * x[:, => w[k, -1:] * x[-1:,
kernel's channel 0 for all: The first channel of the kernel is laid on every channel of the input: each has its own.
    w[k] * => w[k, :1] *
channels averaged: The channels are added up, not averaged.
    w[k] * => w[k] / D *
channels of the kernel reversed: Turning the kernel by 180° is not asked for, least of all through its channels.
    w[k] * => w[k, ::-1, ::-1, ::-1] *
channels of the kernel reversed: Channel d of the kernel belongs to channel d of the input.
    w[k] * => w[k, ::-1] *
kernel turned by 180°: | w[k] * => w[k, :, ::-1, ::-1] *
kernel transposed: Rows and columns of the kernel are swapped: m counts rows, in `w` as in `x`.
    w[k] * => w[k].swapaxes(1, 2) *
    N, D, F_h, F_w = w.shape => w = w.swapaxes(2, 3) \n N, D, F_h, F_w = w.shape
kernels and channels swapped: The first axis of `w` counts the kernels, the second the channels: `w[k, d]`.
    w[k] * => w[:, k] *
all kernels in one sum: `w` holds all kernels: map k takes `w[k]` alone. | w[k] * => w *
    w[k] * => w[:, :, :F_h, :F_w].sum(axis=0) *
bias added once per product: The bias is added to the sum, once for each output cell, after all products.
    + b[k] => + b[k] * w[k].size
bias added once per channel: The sums of the channels are added up first; the bias is added to that, once.
    + b[k] => + b[k] * D
bias forgotten: The sums of the products are right, but `b` is not added.
    + b[k] => + 0
bias subtracted: The bias is added. | + b[k] => - b[k]
first bias for all maps: Each kernel has a bias of its own: `b[k]`. | b[k] => b[0]
all biases added to each map: Each kernel has a bias of its own: `b[k]`, not their sum. | b[k] => b.sum()
    b[k] => b
    & net = np.zeros((N, H2, W2)) => net, b = np.zeros((N, H2, W2)), b.sum()
only the first kernel: Map k comes from kernel k and its bias: all maps here come from the first.
    w[k] => w[0]
    & b[k] => b[0]
only the first kernel: There is one map, that of the first kernel: N kernels give N maps.
    return net => return net[:1]
only the first kernel: Only the map of the first kernel is filled: does a `return` stand inside the loop?
    return net => net[1:] = 0 \n return net
only the last kernel: All maps come from the last kernel: does the loop over kernels fill all maps again and again?
    w[k] => w[-1]
    & b[k] => b[-1]
only the last kernel: There is one map, that of the last kernel: N kernels give N maps.
    return net => return net[-1:]
only the last kernel: Only the map of the last kernel is filled: is the array made inside the loop over the kernels?
    for i in range(H2): => net[:k] = 0 \n for i in range(H2):
maps added up: The maps of all kernels are added: each kernel makes a map of its own.
    return net => return net.sum(axis=0)
one map per channel: The channels are kept apart: a kernel adds up over all of them, N kernels give N maps.
    net = np.zeros((N, H2, W2)) => net = np.zeros((D, H2, W2))
    & range(N) => range(D)
    & np.sum(w[k] * x[:, => np.sum(w[0, k] * x[k,
    & b[k] => b[0]
partial maps not summed: Each channel has a map of its own here: the products of all channels go into one sum.
    np.zeros((N, H2, W2)) => np.zeros((N, D, H2, W2))
    & net[k, i, j] = np.sum(w[k] * x[:, r : r + F_h, c : c + F_w]) => net[k, :, i, j] = np.sum(w[k] * x[:, r : r + F_h, c : c + F_w], axis=(1, 2))
maps last: The axis of the maps comes first, as with the channels of `x`: (map, row, column).
    return net => return np.moveaxis(net, 0, 2)
one window too few:
    // stride + 1, => // stride,
    & (x.shape[2] - F_w) // stride + 1 => (x.shape[2] - F_w) // stride
rounded up:
    (x.shape[1] - F_h) // stride => -(-(x.shape[1] - F_h) // stride)
    & (x.shape[2] - F_w) // stride => -(-(x.shape[2] - F_w) // stride)
not rounded: The number of windows has to be a whole number: `//` divides and rounds down, `/` gives a float.
    // => /
mean instead of sum: The products are averaged: a convolution adds them up.
    np.sum( => np.mean(
kernel taken as square: The number of rows of the kernel is used for its columns too: F_h and F_w may differ.
    = w.shape => = w.shape \n F_w = F_h
kernel taken as square: The number of columns of the kernel is used for its rows too: F_h and F_w may differ.
    = w.shape => = w.shape \n F_h = F_w
image taken as square: The number of output rows is used for the columns too: H and W may differ.
    net = => W2 = H2 \n net =
image taken as square: The number of output columns is used for the rows too: H and W may differ.
    net = => H2 = W2 \n net =
ReLU applied:
    return net => return np.maximum(net, 0)
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return inputs of one to four channels, one to four kernels, every stride with every padding."""
    made = [Case(integers(rng, (2, 2, 3)), kernel_values(rng, (1, 2, 1, 2)), np.array([1.0]))]
    settings = [(2, 2, 1, 0), (2, 3, 1, 0), (3, 2, 2, 0), (2, 2, 1, 1), (3, 3, 1, 1), (3, 2, 2, 1), (2, 2, 2, 1)]
    settings += [(1, 2, 3, 0), (3, 2, 3, 1), (2, 1, 1, 2), (3, 2, 2, 2), (4, 2, 1, 1), (1, 3, 2, 1), (2, 2, 2, 3)]
    for k, (D, N, stride, padding) in enumerate(settings):
        kernel = [(2, 2), (2, 3), (3, 2), (3, 3)][k % 4]
        rest = (k % stride, (k + 1) % stride) if k % 3 else (0, 0)
        shape = image_size(rng, kernel, (stride, stride), rest, padding)
        b = rng.permutation(np.arange(1.0, 6.0))[:N] * (-1) ** k  # all different, none 0
        x, w = integers(rng, (D, *shape)), kernel_values(rng, (N, D, *kernel))
        made.append(Case(x, w, b, stride=stride, padding=padding))
    x, w = fine(rng, (3, 7, 6), 2), fine(rng, (4, 3, 3, 2))
    return [*made, Case(x, w, np.array([0.5, -0.5, 1.5, 2.5]), padding=1)]


def explain(arguments: dict[str, Any], cell: tuple[int, ...], expected: np.ndarray) -> list[Text | Code]:
    x, w, b = arguments["x"], arguments["w"], arguments["b"]
    S, P = arguments.get("stride", 1), arguments.get("padding", 0)
    (k, i, j), (F_h, F_w) = cell, w.shape[2:]
    window = np.pad(x, ((0, 0), (P, P), (P, P)))[:, i * S : i * S + F_h, j * S : j * S + F_w]
    lines = []
    for d in range(len(x)):
        products = number(float(np.sum(window[d] * w[k, d])))
        lines += [say("channel {channel}: window", channel=d), grid(window[d])]
        lines += [say("kernel {kernel}", kernel=k), grid(w[k, d])]
        lines += [say("products summed: {sum}", sum=products), ""]
    bias, value = number(b[k]), number(expected[cell])
    lines.append(say("all channels plus the bias {bias}: {value}", bias=bias, value=value))
    rows, columns = row_range("row", i * S, F_h), row_range("column", j * S, F_w)
    template = mark("Its window is {rows} and {columns} of `x`, in every channel:")
    if P:
        template = mark("Its window is {rows} and {columns} of the padded `x`, in every channel:")
    return [Text(say(template, rows=rows, columns=columns)), Code("\n".join(lines))]


exercise = FunctionExercise(
    "conv2d_many_channels",
    "03",
    my_conv2d_layer,
    cases,
    mistakes_of(my_conv2d_layer, MISTAKES),
    "one to four channels, one to four kernels of shapes from 1×2 to 3×3, strides 1 to 3, padding 0 to 3, images that "
    "are not square, negative numbers, and a different bias for each kernel.",
    explain,
)
