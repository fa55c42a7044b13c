"""Checks that the fast functions and the plain loops of reference.py share: they raise all errors about shapes.

What each returns (arrays are float32 or float64, each in its own dtype; stride, padding, dilation and size are
(row, column) pairs of ints; `output` is the size of one output map):

    conv_arguments            x, weight, bias, stride, padding, dilation, output
    conv_transpose_arguments  x, weight, bias, stride, padding, output
    pool_settings             size, stride, padding
    pool_arguments            x, size, stride, padding, output
    maps                      x
    plane_arguments           x, kernel in one dtype
    expand_arguments          delta, stride, size
    linear_arguments          x, weight, bias
    output_gradient           delta

`bias` may be None and stays None. Arrays come back as they came wherever they already fit: copy before writing.
These checks run in every step of a training with one image per batch, so they cost a few microseconds and no more:
what follows from shapes and settings alone is remembered.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

from . import arguments, geometry
from .arguments import Array, IntPair, Pair, Shape

MAPS = "batch, channel, row, column"
MODES = ("valid", "same", "full")
MOST_NUMBERS = 2**48  # an array with more numbers does not fit into the address space of today's machines


def conv_arguments(
    x: Any, weight: Any, bias: Any = None, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1
) -> tuple[Array, Array, Array | None, Pair, Pair, Pair, Pair]:
    """Return the checked arguments of conv2d and its output size: x (B, D, H, W), weight (N, D, F_h, F_w)."""
    x = arguments.as_float_array("x", x, MAPS)
    weight = arguments.as_float_array("weight", weight, "out channel, in channel, row, column")
    stride, padding = arguments.pair("stride", stride, 1), arguments.pair("padding", padding, 0)
    dilation = arguments.pair("dilation", dilation, 1)
    output = _conv_output(x.shape, weight.shape, stride, padding, dilation)
    return x, weight, _bias(bias, len(weight)), stride, padding, dilation, output


def conv_transpose_arguments(
    x: Any, weight: Any, bias: Any = None, stride: IntPair = 1, padding: IntPair = 0, output_padding: IntPair = 0
) -> tuple[Array, Array, Array | None, Pair, Pair, Pair]:
    """Return the checked arguments of conv_transpose2d and its output size: weight is (D, N, F_h, F_w)."""
    x, weight = maps(x), arguments.as_float_array("weight", weight, "in channel, out channel, row, column")
    _nonempty("weight", weight.shape, "in channel, out channel, row, column")
    _same_channels(x.shape, weight.shape, weight.shape[0], ", which come first in a transposed convolution")
    stride, padding = arguments.pair("stride", stride, 1), arguments.pair("padding", padding, 0)
    axes = zip(x.shape[2:], weight.shape[2:], stride, padding, arguments.pair("output_padding", output_padding, 0))
    rows, columns = (geometry.conv_transpose_output_size(*axis) for axis in axes)
    # The maps are cut to size only at the end, so what must fit is the size before.
    must_be_possible("stride", stride, len(x), weight.shape[1], rows + 2 * padding[0], columns + 2 * padding[1])
    return x, weight, _bias(bias, weight.shape[1]), stride, padding, (rows, columns)


def pool_settings(size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> tuple[Pair, Pair, Pair]:
    """Return the window's size, the stride (no stride means the size) and the padding (at most half the size)."""
    size, padding = arguments.pair("size", size, 1), arguments.pair("padding", padding, 0)
    stride = size if stride is None else arguments.pair("stride", stride, 1)
    most = size[0] // 2, size[1] // 2
    if padding[0] > most[0] or padding[1] > most[1]:
        raise ValueError(f"padding: got {padding}, expected at most half of the window of {size}: {most}")
    return size, stride, padding


def pool_arguments(
    x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> tuple[Array, Pair, Pair, Pair, Pair]:
    """Return the checked arguments of a pooling of x (B, D, H, W) and its output size; no stride means the size."""
    x, (size, stride, padding) = maps(x), pool_settings(size, stride, padding)
    return x, size, stride, padding, _output("size", x.shape, size, stride, padding, (1, 1))


def maps(x: Any) -> Array:
    """Return x, checked to be maps (B, D, H, W); B may be 0, the others not."""
    array = arguments.as_float_array("x", x, MAPS)
    _nonempty("x", array.shape, MAPS, 1)
    return array


def plane_arguments(x: Any, kernel: Any, mode: str) -> tuple[Array, Array]:
    """Return x (H, W) and kernel (F_h, F_w), checked to give a map of at least one cell in this mode."""
    if not isinstance(mode, str) or mode not in MODES:
        error = ValueError if isinstance(mode, str) else TypeError
        raise error(f"mode: got {mode!r} ({type(mode).__name__}), expected 'valid', 'same' or 'full'")
    x = arguments.as_float_array("x", x, "row, column")
    kernel = arguments.as_float_array("kernel", kernel, "row, column")
    _nonempty("x", x.shape, "row, column")
    _nonempty("kernel", kernel.shape, "row, column")
    if mode == "valid" and (kernel.shape[0] > x.shape[0] or kernel.shape[1] > x.shape[1]):
        raise ValueError(f"kernel: got shape {kernel.shape}, expected at most {x.shape}, that of x, in mode 'valid'")
    x, kernel = arguments.in_one_dtype(x, kernel)
    return x, kernel


def expand_arguments(delta: Any, stride: IntPair, size: IntPair | None = None) -> tuple[Array, Pair, Pair]:
    """Return delta (..., h, w), the stride, and the size of the stride-1 map, per axis from (h-1)S + 1 to hS."""
    delta = arguments.as_float_array("delta", delta)
    if delta.ndim < 2 or 0 in delta.shape[-2:]:
        raise ValueError(f"delta: got shape {delta.shape}, expected two axes or more, at least one row and one column")
    stride = rows, columns = arguments.pair("stride", stride, 1)
    height, width = delta.shape[-2:]
    least, most = ((height - 1) * rows + 1, (width - 1) * columns + 1), (height * rows, width * columns)
    size = least if size is None else arguments.pair("size", size, 1)
    if not (least[0] <= size[0] <= most[0] and least[1] <= size[1] <= most[1]):
        raise ValueError(
            f"size: got {size}, expected rows from {least[0]} to {most[0]} and columns from {least[1]} to {most[1]}: "
            f"only these stride-1 maps become {(height, width)} with stride {stride}"
        )
    must_be_possible("stride", stride, *delta.shape[:-2], *size)
    return delta, stride, size


def linear_arguments(x: Any, weight: Any, bias: Any = None) -> tuple[Array, Array, Array | None]:
    """Return the checked arguments of a fully connected layer: x (B, in), weight (out, in), bias (out,) or None."""
    x = arguments.as_float_array("x", x, "batch, feature")
    weight = arguments.as_float_array("weight", weight, "output feature, input feature")
    _nonempty("weight", weight.shape, "output feature, input feature")
    if weight.shape[1] != x.shape[1]:
        raise ValueError(f"x: got {x.shape[1]} features, expected {weight.shape[1]}, the input features of weight")
    return x, weight, _bias(bias, len(weight))


def output_gradient(delta: Any, *shape: int) -> Array:
    """Return delta, checked to have the shape of the output."""
    array = arguments.as_float_array("delta", delta)
    arguments.same_shape("delta", array, shape, "the shape of the output")
    return array


@lru_cache(maxsize=256)
def _conv_output(x: Shape, weight: Shape, stride: Pair, padding: Pair, dilation: Pair) -> Pair:
    _nonempty("x", x, MAPS, 1)
    _nonempty("weight", weight, "out channel, in channel, row, column")
    _same_channels(x, weight, weight[1])
    return _output("weight", x, weight[2:], stride, padding, dilation)


@lru_cache(maxsize=256)
def _output(name: str, x: Shape, size: Shape, stride: Pair, padding: Pair, dilation: Pair) -> Pair:
    """Return the size of the output of windows over maps x, checked to have at least one cell."""
    batch, channels, height, width = x
    rows = geometry.windows_that_fit(f"{name} (rows)", height, size[0], stride[0], padding[0], dilation[0])
    columns = geometry.windows_that_fit(f"{name} (columns)", width, size[1], stride[1], padding[1], dilation[1])
    must_be_possible("padding", padding, batch, channels, height + 2 * padding[0], width + 2 * padding[1])
    return rows, columns


def _bias(bias: Any, outputs: int) -> Array | None:
    array = None if bias is None else arguments.as_float_array("bias", bias)
    if array is not None:
        arguments.same_shape("bias", array, (outputs,), "one number for each output of weight, or None")
    return array


def _nonempty(name: str, shape: Shape, axes: str, left_out: int = 0) -> None:
    """Raise ValueError if one of the axes has no place, the first `left_out` left out."""
    if 0 in shape[left_out:]:
        needed = ", one ".join(axes.split(", ")[left_out:])
        raise ValueError(f"{name}: got shape {shape}, expected at least one {needed}")


def must_be_possible(name: str, value: Any, *shape: int) -> Shape:
    """Return a shape; ValueError if no memory can hold such an array, which the argument `name` has made so large."""
    if math.prod(length or 1 for length in shape) > MOST_NUMBERS:
        raise ValueError(f"{name}: got {value}, expected less: no memory holds an array of shape {shape}")
    return shape


def _same_channels(x: Shape, weight: Shape, expected: int, note: str = "") -> None:
    """Raise ValueError if maps x have other channels than the weight reads."""
    if x[1] != expected:
        of_weight = f"the input channels of weight with shape {weight}{note}{channels_hint(x, expected)}"
        raise ValueError(f"x: got {x[1]} channels in shape {x}, expected {expected}, {of_weight}")


def channels_hint(x: Shape, expected: int) -> str:
    """Return what maps of shape x look like that have other channels than expected: the end of an error, or ""."""
    _, channels, _, last = x
    if last == expected or (last in (1, 3, 4) and channels > 4):
        return "; x looks like images with channels last, (batch, row, column, channel): try x.transpose(0, 3, 1, 2)"
    if channels == 3 and expected == 1:
        return "; x looks like images in colour, but one channel is wanted: try x.mean(axis=1, keepdims=True)"
    return ""
