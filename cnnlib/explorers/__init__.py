"""Explorers: what a setting does is seen while it is moved.

Each function here opens one. It takes the settings to start with, and gives a widget whose settings are attributes:

    explorer = explorers.padding_and_stride(stride=3)
    explorer.padding = 2
    explorer.output_size

Explorers are pure functions from settings to scenes (see scene.py), drawn live by one widget (grid.py, grid.js) and as
still pictures by picture.py.
"""

from __future__ import annotations

from typing import Any

from . import activation as _activation
from . import chain as _chain
from . import convolution_steps as _convolution_steps
from . import kernel_editor as _kernel_editor
from . import padding_stride as _padding_stride
from . import parameter_calculator as _parameter_calculator
from . import pooling as _pooling
from . import receptive_field as _receptive_field
from . import sparse_matrix as _sparse_matrix
from .figure import FigureExplorer
from .grid import GridExplorer


def padding_and_stride(**start: Any) -> GridExplorer:
    """Return the explorer of padding and stride: windows, output size, and pixels that are never read.

    Settings: size 4-12, kernel 1-5, padding 0-3, stride 1-4, each an int or a (row, column) pair; dilation 1-3;
    apart, counts: bool; position: (row, column) of an output. Raises TypeError or ValueError for others.

    >>> padding_and_stride(size=7, kernel=3, padding=1, stride=2).output_size
    (4, 4)
    """
    return GridExplorer(_padding_stride.EXPLORER, **start)


def stacked_receptive_field(**start: Any) -> GridExplorer:
    """Return the explorer of the receptive field: what one pixel of the last of up to five layers sees of the input.

    Settings: size 4-24; layers 1-5; kernel_1 … kernel_5 1-5; stride_1 … stride_5 1-3; position: (row, column) of a
    pixel of the last map. Raises TypeError or ValueError for others.

    >>> stacked_receptive_field(size=12, layers=3).output_size
    (6, 6)
    """
    return GridExplorer(_receptive_field.EXPLORER, **start)


def convolution_step_by_step(**start: Any) -> GridExplorer:
    """Return the explorer of one convolution on one channel: products, their sum, the bias and f, place by place.

    Settings: image "five", "four"; kernel "cross", "edge", "corner", "across", "down"; bias from -2 to 2;
    f "relu", "identity"; position: (row, column) of an output. Raises TypeError or ValueError for others.

    >>> convolution_step_by_step().output
    array([[4., 3., 4.],
           [2., 4., 3.],
           [2., 3., 4.]])
    """
    return GridExplorer(_convolution_steps.STEPS, **start)


def convolution_over_channels(**start: Any) -> GridExplorer:
    """Return the explorer of one kernel on three channels, the worked example: partial maps and their sum.

    Settings: kernel "w0", "w1"; padding 0-2; stride 1-3; f "identity", "relu"; position: (row, column) of an output.
    Raises TypeError or ValueError for others.

    >>> convolution_over_channels(kernel="w1").output
    array([[ 2., -5., -8.],
           [ 1., -4., -4.],
           [ 0., -5., -5.]])
    """
    return GridExplorer(_convolution_steps.DEPTH, **start)


def pooling_step_by_step(**start: Any) -> GridExplorer:
    """Return the explorer of pooling: a window on a map of a real digit, its largest number or its mean.

    Settings: operation "max", "mean"; map "edges", "ink"; size 2-4; stride 1-4; padding 0-2; position: (row, column)
    of an output. Raises TypeError or ValueError for others.

    >>> pooling_step_by_step(size=2, stride=2).output_size
    (4, 4)
    """
    return GridExplorer(_pooling.EXPLORER, **start)


def matrix_of_a_convolution(**start: Any) -> GridExplorer:
    """Return the explorer of a convolution as a matrix: a row for each place of the window, a column for each pixel.

    Settings: size 3-5; kernel 1-4; padding 0-1; stride 1-3; position: (row, column) of an output. Raises TypeError or
    ValueError for others.

    >>> matrix_of_a_convolution(size=4, kernel=3).output_size
    (2, 2)
    """
    return GridExplorer(_sparse_matrix.EXPLORER, **start)


def activation_function(**start: Any) -> FigureExplorer:
    """Return the explorer of an activation function: value, slope and tangent at a point that is moved.

    Settings: function "sigmoid", "tanh", "relu", "leaky_relu", "identity"; z from -6 to 6 in steps of 0.1.
    Raises TypeError or ValueError for others.

    >>> activation_function(z=0).scene.numbers["slope"]
    0.25
    """
    return FigureExplorer(_activation.EXPLORER, **start)


def chain_of_units(**start: Any) -> FigureExplorer:
    """Return the explorer of the vanishing gradient: units in a row, the factor w * f'(net) of each, their product.

    Settings: function as in activation_function; depth 1-30; weight from -4 to 4 and start (the input) from -3 to 3,
    both in steps of 0.1. Raises TypeError or ValueError for others.

    >>> chain_of_units(depth=5).scene.numbers["bound"] == 0.25**5
    True
    """
    return FigureExplorer(_chain.EXPLORER, **start)


def count_of_parameters(**start: Any) -> FigureExplorer:
    """Return the parameter calculator: a fully connected layer and a convolution on the same image.

    Settings: size 3-1000, depth 1-512, units 1-1,000,000; kernel 1-11, filters 1-512. `choose` takes the name of a
    preset, `presets` lists them. Raises TypeError or ValueError for others.

    >>> count_of_parameters(depth=3, kernel=3, filters=10).scene.numbers["convolution"]
    280
    """
    return FigureExplorer(_parameter_calculator.EXPLORER, **start)


def kernel_on_a_photograph(**start: Any) -> _kernel_editor.KernelEditor:
    """Return the kernel editor: nine weights, and beside a photograph what they make of it.

    Settings: kernel, an array (3, 3), or its weights w00 … w22 alone, from -8 to 8 in steps of 0.5; divisor 1-16; bias
    from -128 to 128 in steps of 8. `choose` takes the name of a preset, `presets` lists them. Raises TypeError or
    ValueError for others.

    >>> kernel_on_a_photograph().presets
    ['identity', 'blur', 'sharpen', 'Sobel x', 'Sobel y', 'Laplacian', 'emboss']
    """
    return _kernel_editor.KernelEditor(**start)


__all__ = [
    "activation_function",
    "chain_of_units",
    "count_of_parameters",
    "kernel_on_a_photograph",
    "padding_and_stride",
    "stacked_receptive_field",
    "convolution_step_by_step",
    "convolution_over_channels",
    "pooling_step_by_step",
    "matrix_of_a_convolution",
]
