"""Sizes, receptive fields and counts of convolution layers: integers only, no arrays.

A size function looks at one axis, rows or columns; call it twice for both. Python integers have no largest
value, so no count here overflows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import arguments
from .arguments import IntPair


def kernel_extent(kernel: int, dilation: int = 1) -> int:
    """Return how many cells a kernel reaches over, gaps included: (F - 1) * dilation + 1.

    Raises ValueError unless both are at least 1.

    >>> kernel_extent(3, dilation=2)
    5
    """
    kernel = arguments.integer("kernel", kernel, 1)
    return (kernel - 1) * arguments.integer("dilation", dilation, 1) + 1


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return how many windows fit along one axis: floor((W - extent + 2P) / S) + 1.

    Raises ValueError if not even one window fits.

    >>> output_size(227, 11, stride=4)
    55
    """
    size, kernel, stride, padding, dilation = _window(size, kernel, stride, padding, dilation)
    return (size + 2 * padding - (kernel - 1) * dilation - 1) // stride + 1


def conv_transpose_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    """Return the size that a transposed convolution gives along one axis: (W - 1) * S - 2P + F + output_padding.

    `output_padding` chooses among the S sizes that a convolution with this stride maps to W.
    Raises ValueError if it is not below the stride, or if the padding cuts everything away.

    >>> conv_transpose_output_size(2, 3, stride=2, padding=1, output_padding=1)
    4
    """
    size = arguments.integer("size", size, 1)
    kernel = arguments.integer("kernel", kernel, 1)
    stride = arguments.integer("stride", stride, 1)
    padding = arguments.integer("padding", padding, 0)
    output_padding = arguments.integer("output_padding", output_padding, 0)
    if output_padding >= stride:
        raise output_padding_too_large("output_padding", output_padding, stride)
    result = (size - 1) * stride + kernel + output_padding - 2 * padding
    if result < 1:
        raise nothing_left("padding", padding, result + 2 * padding)
    return result


def same_padding(kernel: int, dilation: int = 1) -> int:
    """Return the padding that keeps the size at stride 1: (extent - 1) / 2, so k for a kernel of 2k + 1.

    Raises ValueError if the extent is even: then one side would need one zero more than the other.

    >>> same_padding(5)
    2
    """
    extent = kernel_extent(kernel, dilation)
    if extent % 2 == 0:
        raise ValueError(
            f"kernel: got an even extent of {extent} (kernel {kernel}, dilation {dilation}), expected an odd one: "
            f"the {extent - 1} zeros cannot be shared evenly by both sides"
        )
    return extent // 2


def unused_pixels(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Return how many input pixels at the end of one axis no window reaches, because sizes floor.

    What remains after the last window is (W - extent + 2P) mod S cells. The last P of them are padding.
    Raises ValueError if not even one window fits.

    >>> unused_pixels(6, 3, stride=2)
    1
    """
    size, kernel, stride, padding, dilation = _window(size, kernel, stride, padding, dilation)
    remainder = (size + 2 * padding - (kernel - 1) * dilation - 1) % stride
    return min(size, max(0, remainder - padding))


def use_counts(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> list[int]:
    """Return for each input pixel along one axis how many windows read it.

    A pixel (i, j) of an image is read use_counts(rows)[i] * use_counts(columns)[j] times.
    Raises ValueError if not even one window fits.

    >>> use_counts(5, 3)
    [1, 2, 3, 2, 1]
    """
    size, kernel, stride, padding, dilation = _window(size, kernel, stride, padding, dilation)
    counts = [0] * size
    for i in range(output_size(size, kernel, stride, padding, dilation)):
        for m in range(kernel):
            row = i * stride + m * dilation - padding
            if 0 <= row < size:
                counts[row] += 1
    return counts


def receptive_field(layers: Iterable[tuple[int, ...]]) -> int:
    """Return how many input pixels along one axis one output of a stack of layers sees.

    `layers` goes from input to output, each (kernel, stride) or (kernel, stride, dilation). The field grows
    by r_l = r_(l-1) + (extent_l - 1) * (product of the strides before l), from r_0 = 1.
    Raises ValueError or TypeError naming the layer that is not of this form.

    >>> receptive_field([(3, 1), (3, 1), (3, 1)])
    7
    """
    field, step = 1, 1  # step: how far apart in the input two neighbours of the current layer are
    for index, layer in enumerate(_layers(layers)):
        name = f"layers[{index}]"
        if not isinstance(layer, (tuple, list)):
            raise TypeError(f"{name}: got {layer!r}, expected a tuple (kernel, stride) or (kernel, stride, dilation)")
        if len(layer) not in (2, 3):
            raise ValueError(
                f"{name}: got {layer!r} of length {len(layer)}, expected (kernel, stride) or (kernel, stride, dilation)"
            )
        kernel = arguments.integer(f"{name}[0] (kernel)", layer[0], 1)
        stride = arguments.integer(f"{name}[1] (stride)", layer[1], 1)
        dilation = arguments.integer(f"{name}[2] (dilation)", layer[2], 1) if len(layer) == 3 else 1
        field += (kernel - 1) * dilation * step
        step *= stride
    return field


def convolution_parameters(in_channels: int, out_channels: int, kernel: IntPair, bias: bool = True) -> int:
    """Return the number of parameters of a convolution: (D * F_h * F_w + 1) * N, without the 1 if `bias` is False.

    `kernel` is an int or a (row, column) pair. Raises ValueError if a number is below 1.

    >>> convolution_parameters(3, 2, 3)
    56
    """
    in_channels = arguments.integer("in_channels", in_channels, 1)
    out_channels = arguments.integer("out_channels", out_channels, 1)
    rows, columns = arguments.pair("kernel", kernel, 1)
    return (in_channels * rows * columns + bool(bias)) * out_channels


def convolution_connections(
    in_channels: int, out_channels: int, kernel: IntPair, output: IntPair, bias: bool = True
) -> int:
    """Return the number of connections of a convolution: its parameters, once for each of the H2 * W2 positions.

    `kernel` and `output` (the size of one output map) are ints or (row, column) pairs.
    Raises ValueError if a number is below 1.

    >>> convolution_connections(1, 6, 5, 28)
    122304
    """
    rows, columns = arguments.pair("output", output, 1)
    return convolution_parameters(in_channels, out_channels, kernel, bias) * rows * columns


def unshared_parameters(
    in_channels: int, out_channels: int, kernel: IntPair, output: IntPair, bias: bool = True
) -> int:
    """Return the number of parameters of the same local windows if no two positions shared their weights.

    Then every connection has a weight of its own, so this is `convolution_connections` under another name.

    >>> unshared_parameters(3, 96, 11, 55)
    105705600
    """
    return convolution_connections(in_channels, out_channels, kernel, output, bias)


def convolution_multiply_adds(in_channels: int, out_channels: int, kernel: IntPair, output: IntPair) -> int:
    """Return how many products a convolution adds up for one image: D * F_h * F_w * N * H2 * W2.

    `kernel` and `output` (the size of one output map) are ints or (row, column) pairs.
    Raises ValueError if a number is below 1.

    >>> convolution_multiply_adds(1, 6, 5, 28)
    117600
    """
    return convolution_connections(in_channels, out_channels, kernel, output, bias=False)


def linear_parameters(in_features: int, out_features: int, bias: bool = True) -> int:
    """Return the number of parameters of a fully connected layer: (inputs + 1) * outputs, without the 1 if no bias.

    Nothing is shared, so this is also the number of its connections. Raises ValueError if a number is below 1.

    >>> linear_parameters(1000 * 1000, 100)
    100000100
    """
    in_features = arguments.integer("in_features", in_features, 1)
    return (in_features + bool(bias)) * arguments.integer("out_features", out_features, 1)


def linear_multiply_adds(in_features: int, out_features: int) -> int:
    """Return how many products a fully connected layer adds up for one image: inputs * outputs.

    Raises ValueError if a number is below 1.

    >>> linear_multiply_adds(400, 120)
    48000
    """
    return linear_parameters(in_features, out_features, bias=False)


def does_not_fit(name: str, size: int, kernel: int, padding: int, dilation: int = 1) -> ValueError:
    """Return the error for a window larger than the padded input; it says which kernel or padding would fit."""
    extent = (kernel - 1) * dilation + 1
    padded = size + 2 * padding
    gaps = f" (kernel {kernel}, dilation {dilation})" if dilation > 1 else ""
    smaller = f"a kernel of at most {(padded - 1) // dilation + 1} or " if padded else ""
    return ValueError(
        f"{name}: got a window of extent {extent}{gaps} on a padded size of {padded} ({size} + 2 * {padding}), "
        f"expected one that fits: {smaller}a padding of at least {(extent - size + 1) // 2}"
    )


def output_padding_too_large(name: str, output_padding: int, stride: int) -> ValueError:
    """Return the error for an output padding that is not below the stride."""
    return ValueError(f"{name}: got {output_padding}, expected an integer from 0 to {stride - 1}, below the stride")


def nothing_left(name: str, padding: int, uncut: int) -> ValueError:
    """Return the error for a padding that cuts a transposed convolution's whole output of `uncut` cells away."""
    return ValueError(
        f"{name}: got {padding}, expected at most {(uncut - 1) // 2}: a transposed convolution cuts the padding "
        f"off both ends of its {uncut} cells, and one must remain"
    )


def _window(size: Any, kernel: Any, stride: Any, padding: Any, dilation: Any) -> tuple[int, int, int, int, int]:
    """Return the five as Python integers after checking that one window fits."""
    size = arguments.integer("size", size, 1)
    kernel = arguments.integer("kernel", kernel, 1)
    stride = arguments.integer("stride", stride, 1)
    padding = arguments.integer("padding", padding, 0)
    dilation = arguments.integer("dilation", dilation, 1)
    if (kernel - 1) * dilation + 1 > size + 2 * padding:
        raise does_not_fit("kernel", size, kernel, padding, dilation)
    return size, kernel, stride, padding, dilation


def _layers(layers: Any) -> Iterable[Any]:
    if isinstance(layers, (str, bytes)) or not isinstance(layers, Iterable):
        raise TypeError(
            f"layers: got {layers!r}, expected a list of tuples (kernel, stride) or (kernel, stride, dilation)"
        )
    return layers
