"""Checks that the fast functions and the plain loops of reference.py share: they raise all errors about shapes.

What each returns (arrays are float32 or float64; stride, padding, dilation, size and `output` are (row, column) pairs
of ints; `output` is the size of one output map):

    conv_arguments            x, weight, bias, stride, padding, dilation, output      the arrays in one common dtype
    conv_backward_arguments   delta, x, weight, stride, padding, dilation             each array in its own dtype
    conv_transpose_arguments  x, weight, bias, stride, padding, output_padding, output    the arrays in one common dtype
    pool_settings             size, stride, padding
    pool_arguments            x, size, stride, padding, output
    pool_backward_arguments   delta, x, size, stride, padding                         each array in its own dtype
    global_pool_arguments     x
    global_pool_backward_arguments   delta, x
    plane_arguments           x, kernel                                               the arrays in one common dtype
    expand_arguments          delta, stride, size
    linear_arguments          x, weight, bias                                         the arrays in one common dtype
    linear_backward_arguments delta, x, weight                                        each array in its own dtype

`bias` may be None and stays None. Arrays come back as they came wherever they already fit: copy before writing.
These checks run in every step of a training with one image per batch, so they cost a few microseconds and no more.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import arguments, geometry
from .arguments import IntPair

Pair = tuple[int, int]

MAPS = "batch, channel, row, column"
MODES = ("valid", "same", "full")
MOST_NUMBERS = 2**48  # an array with more numbers does not fit into the address space of today's machines


def conv_arguments(
    x: Any, weight: Any, bias: Any = None, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Pair, Pair, Pair, Pair]:
    """Return the checked arguments of conv2d and its output size: x (N, C, H, W), weight (C_out, C, F_h, F_w)."""
    x, weight, stride, padding, dilation, output = _conv(x, weight, stride, padding, dilation)
    x, weight, bias = _one_dtype(x, weight, bias, weight.shape[0], "output channel of weight")
    return x, weight, bias, stride, padding, dilation, output


def conv_backward_arguments(
    delta: Any, x: Any, weight: Any, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Pair, Pair, Pair]:
    """Return the checked arguments of conv2d_backward: delta (N, C_out, H2, W2) as conv2d of x and weight gives it."""
    x, weight, stride, padding, dilation, output = _conv(x, weight, stride, padding, dilation)
    delta = _like_output(delta, (x.shape[0], weight.shape[0], *output), "the shape of conv2d's output")
    return delta, x, weight, stride, padding, dilation


def conv_transpose_arguments(
    x: Any, weight: Any, bias: Any = None, stride: IntPair = 1, padding: IntPair = 0, output_padding: IntPair = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, Pair, Pair, Pair, Pair]:
    """Return the checked arguments of conv_transpose2d and its output size: weight is (C_in, C_out, F_h, F_w)."""
    x = _maps("x", x)
    weight = _kernels(weight, "in channel, out channel, row, column")
    if weight.shape[0] != x.shape[1]:
        raise ValueError(
            f"weight: got {weight.shape[0]} input channels in shape {weight.shape}, expected {x.shape[1]}, "
            f"the channels of x with shape {x.shape}; the input channels of a transposed convolution come first"
        )
    stride, padding = _pair("stride", stride, 1), _pair("padding", padding, 0)
    output_padding = _pair("output_padding", output_padding, 0)
    output = []
    for axis in (0, 1):
        if output_padding[axis] >= stride[axis]:
            raise geometry.output_padding_too_large("output_padding", output_padding[axis], stride[axis])
        uncut = (x.shape[2 + axis] - 1) * stride[axis] + weight.shape[2 + axis] + output_padding[axis]
        if uncut <= 2 * padding[axis]:
            raise geometry.nothing_left("padding", padding[axis], uncut)
        output.append(uncut - 2 * padding[axis])
    # The maps are cut to size only at the end, so what must fit is the size before.
    uncut_maps = [output[0] + 2 * padding[0], output[1] + 2 * padding[1]]
    if (x.shape[0] or 1) * weight.shape[1] * uncut_maps[0] * uncut_maps[1] > MOST_NUMBERS:
        raise ValueError(f"stride: got {stride}, expected less: the output maps would have {tuple(uncut_maps)} cells")
    x, weight, bias = _one_dtype(x, weight, bias, weight.shape[1], "output channel of weight")
    return x, weight, bias, stride, padding, output_padding, (output[0], output[1])


def pool_settings(size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> tuple[Pair, Pair, Pair]:
    """Return the window's size, the stride (no stride means the size) and the padding (at most half the size)."""
    size = _pair("size", size, 1)
    stride = size if stride is None else _pair("stride", stride, 1)
    padding = _pair("padding", padding, 0)
    if 2 * padding[0] > size[0] or 2 * padding[1] > size[1]:
        raise ValueError(
            f"padding: got {padding}, expected at most half of the window of {size}: {(size[0] // 2, size[1] // 2)}"
        )
    return size, stride, padding


def pool_arguments(
    x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> tuple[np.ndarray, Pair, Pair, Pair, Pair]:
    """Return the checked arguments of a pooling of x (N, C, H, W) and its output size; no stride means the size."""
    x = _maps("x", x)
    size, stride, padding = pool_settings(size, stride, padding)
    n, channels, height, width = x.shape
    rows = (height + 2 * padding[0] - size[0]) // stride[0] + 1
    columns = (width + 2 * padding[1] - size[1]) // stride[1] + 1
    if rows < 1:
        raise geometry.does_not_fit("size (rows)", height, size[0], padding[0])
    if columns < 1:
        raise geometry.does_not_fit("size (columns)", width, size[1], padding[1])
    if (n or 1) * channels * (height + 2 * padding[0]) * (width + 2 * padding[1]) > MOST_NUMBERS:
        raise _too_much_padding(padding, x)
    return x, size, stride, padding, (rows, columns)


def pool_backward_arguments(
    delta: Any, x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> tuple[np.ndarray, np.ndarray, Pair, Pair, Pair]:
    """Return the checked arguments of a pooling's backward pass: delta (N, C, H2, W2) as the pooling of x gives it."""
    x, size, stride, padding, output = pool_arguments(x, size, stride, padding)
    delta = _like_output(delta, (*x.shape[:2], *output), "the shape of the pooling's output")
    return delta, x, size, stride, padding


def global_pool_arguments(x: Any) -> np.ndarray:
    """Return x, checked to be maps (N, C, H, W) that have cells to average."""
    return _maps("x", x)


def global_pool_backward_arguments(delta: Any, x: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return delta, checked to be (N, C), and x, checked to be maps (N, C, H, W)."""
    x = _maps("x", x)
    delta = arguments.floats_of_rank("delta", delta, "batch, channel")
    arguments.same_shape("delta", delta, x.shape[:2], "the first two axes of x")
    return delta, x


def plane_arguments(x: Any, kernel: Any, mode: str) -> tuple[np.ndarray, np.ndarray]:
    """Return x (H, W) and kernel (F_h, F_w), checked to give a map of at least one cell in this mode."""
    if not isinstance(mode, str):
        raise TypeError(f"mode: got {mode!r} ({type(mode).__name__}), expected 'valid', 'same' or 'full'")
    if mode not in MODES:
        raise ValueError(f"mode: got {mode!r}, expected 'valid', 'same' or 'full'")
    x = arguments.floats_of_rank("x", x, "row, column")
    kernel = arguments.floats_of_rank("kernel", kernel, "row, column")
    if not x.size:
        raise ValueError(f"x: got shape {x.shape}, expected at least one row and one column")
    if not kernel.size:
        raise ValueError(f"kernel: got shape {kernel.shape}, expected at least one row and one column")
    if mode == "valid" and (kernel.shape[0] > x.shape[0] or kernel.shape[1] > x.shape[1]):
        raise ValueError(
            f"kernel: got shape {kernel.shape}, expected at most {x.shape}, the shape of x, in mode 'valid': "
            "elsewhere the kernel does not fit inside"
        )
    if x.dtype != kernel.dtype:
        wider = np.result_type(x, kernel)
        x, kernel = x.astype(wider, copy=False), kernel.astype(wider, copy=False)
    return x, kernel


def expand_arguments(delta: Any, stride: IntPair, size: IntPair | None = None) -> tuple[np.ndarray, Pair, Pair]:
    """Return delta (..., h, w), the stride, and the size of the stride-1 map, per axis from (h-1)S + 1 to hS."""
    delta = arguments.floats("delta", delta)
    if delta.ndim < 2:
        raise ValueError(f"delta: got shape {delta.shape}, expected at least two axes, the last two (row, column)")
    height, width = delta.shape[-2:]
    if not (height and width):
        raise ValueError(f"delta: got shape {delta.shape}, expected at least one row and one column")
    stride = _pair("stride", stride, 1)
    least = ((height - 1) * stride[0] + 1, (width - 1) * stride[1] + 1)
    most = (height * stride[0], width * stride[1])
    size = least if size is None else _pair("size", size, 1)
    if not (least[0] <= size[0] <= most[0] and least[1] <= size[1] <= most[1]):
        raise ValueError(
            f"size: got {size}, expected rows from {least[0]} to {most[0]} and columns from {least[1]} to {most[1]}: "
            f"only these stride-1 maps become {(height, width)} with stride {stride}"
        )
    if math.prod(n or 1 for n in delta.shape[:-2]) * size[0] * size[1] > MOST_NUMBERS:
        raise ValueError(f"stride: got {stride}, expected less: the expanded maps would have {size} cells")
    return delta, stride, size


def linear_arguments(x: Any, weight: Any, bias: Any = None) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the checked arguments of a fully connected layer: x (N, in), weight (out, in), bias (out,) or None."""
    x, weight = _linear(x, weight)
    return _one_dtype(x, weight, bias, weight.shape[0], "row of weight")


def linear_backward_arguments(delta: Any, x: Any, weight: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the checked arguments of a fully connected layer's backward pass: delta (N, out)."""
    x, weight = _linear(x, weight)
    delta = arguments.floats_of_rank("delta", delta, "batch, output feature")
    arguments.same_shape("delta", delta, (x.shape[0], weight.shape[0]), "(rows of x, rows of weight)")
    return delta, x, weight


def _conv(
    x: Any, weight: Any, stride: IntPair, padding: IntPair, dilation: IntPair
) -> tuple[np.ndarray, np.ndarray, Pair, Pair, Pair, Pair]:
    x = _maps("x", x)
    weight = _kernels(weight, "out channel, in channel, row, column")
    n, channels, height, width = x.shape
    _, in_channels, kernel_rows, kernel_columns = weight.shape
    if in_channels != channels:
        raise ValueError(
            f"weight: got {in_channels} input channels in shape {weight.shape}, expected {channels}, "
            f"the channels of x with shape {x.shape}"
        )
    stride, padding, dilation = _pair("stride", stride, 1), _pair("padding", padding, 0), _pair("dilation", dilation, 1)
    padded_rows, padded_columns = height + 2 * padding[0], width + 2 * padding[1]
    rows = (padded_rows - (kernel_rows - 1) * dilation[0] - 1) // stride[0] + 1
    columns = (padded_columns - (kernel_columns - 1) * dilation[1] - 1) // stride[1] + 1
    if rows < 1:
        raise geometry.does_not_fit("weight (rows)", height, kernel_rows, padding[0], dilation[0])
    if columns < 1:
        raise geometry.does_not_fit("weight (columns)", width, kernel_columns, padding[1], dilation[1])
    if (n or 1) * channels * padded_rows * padded_columns > MOST_NUMBERS:
        raise _too_much_padding(padding, x)
    return x, weight, stride, padding, dilation, (rows, columns)


def _linear(x: Any, weight: Any) -> tuple[np.ndarray, np.ndarray]:
    x = arguments.floats_of_rank("x", x, "batch, feature")
    weight = arguments.floats_of_rank("weight", weight, "output feature, input feature")
    if weight.shape[1] != x.shape[1]:
        raise ValueError(
            f"weight: got {weight.shape[1]} input features in shape {weight.shape}, expected {x.shape[1]}, "
            f"the features of x with shape {x.shape}"
        )
    if not weight.size:
        raise ValueError(f"weight: got shape {weight.shape}, expected at least one row and one column")
    return x, weight


def _maps(name: str, value: Any) -> np.ndarray:
    """Return float maps (N, C, H, W); N may be 0, the others not."""
    if type(value) is not np.ndarray or value.ndim != 4 or value.dtype not in arguments.FLOATS:
        value = arguments.floats_of_rank(name, value, MAPS)
    if not value.size and 0 in value.shape[1:]:
        raise ValueError(f"{name}: got shape {value.shape}, expected at least one channel, one row and one column")
    return value


def _kernels(weight: Any, axes: str) -> np.ndarray:
    if type(weight) is not np.ndarray or weight.ndim != 4 or weight.dtype not in arguments.FLOATS:
        weight = arguments.floats_of_rank("weight", weight, axes)
    if not weight.size:
        raise ValueError(f"weight: got shape {weight.shape}, expected at least one of each: ({axes})")
    return weight


def _one_dtype(
    x: np.ndarray, weight: np.ndarray, bias: Any, count: int, per: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return the three in the widest of their dtypes, the bias checked to have `count` numbers, one per `per`."""
    if bias is not None:
        bias = arguments.floats("bias", bias)
        if bias.shape != (count,):
            raise ValueError(f"bias: got shape {bias.shape}, expected ({count},): one number per {per}, or None")
    if x.dtype is not weight.dtype or (bias is not None and x.dtype is not bias.dtype):
        wider = np.result_type(x, weight) if bias is None else np.result_type(x, weight, bias)
        x, weight = x.astype(wider, copy=False), weight.astype(wider, copy=False)
        bias = None if bias is None else bias.astype(wider, copy=False)
    return x, weight, bias


def _like_output(delta: Any, expected: tuple[int, ...], what: str) -> np.ndarray:
    if type(delta) is not np.ndarray or delta.dtype not in arguments.FLOATS:
        delta = arguments.floats_of_rank("delta", delta, MAPS)
    if delta.shape != expected:
        raise ValueError(f"delta: got shape {delta.shape}, expected {expected}, {what}")
    return delta


def _pair(name: str, value: IntPair, minimum: int) -> Pair:
    """Return arguments.pair(name, value, minimum), without its cost where the value is already right."""
    if type(value) is int and value >= minimum:
        return value, value
    if type(value) is tuple and len(value) == 2:
        row, column = value
        if type(row) is int and type(column) is int and row >= minimum and column >= minimum:
            return value
    return arguments.pair(name, value, minimum)


def _too_much_padding(padding: Pair, x: np.ndarray) -> ValueError:
    return ValueError(f"padding: got {padding}, expected less: x with shape {x.shape} would become too large to hold")
