"""Explorers: what a setting does is seen while it is moved.

Each function here opens one. It takes the settings to start with, and gives a widget whose settings are attributes::

    explorer = explorers.padding_and_stride(stride=3)
    explorer.padding = 2
    explorer.output_size

An explorer is a pure function from settings to a scene. The browser draws it, also without Python, with the modules in
web/: windows and grids (scene.py, widget.py, still.py), curves, points and bars (curves.py, curves_still.py), pictures
and numbers (live.py). The drawing pad has a bundle of its own.
"""

from __future__ import annotations

from typing import Any

from . import activation as _activation
from . import architecture as _architecture
from . import canvas_of_digits as _canvas_of_digits
from . import chain as _chain
from . import convolution_steps as _convolution_steps
from . import corrupted_digit as _corrupted_digit
from . import deep_stack as _deep_stack
from . import drawing_pad as _drawing_pad
from . import kernel_editor as _kernel_editor
from . import learning_rate as _learning_rate
from . import lenet_layers as _lenet_layers
from . import one_dimension as _one_dimension
from . import padding_stride as _padding_stride
from . import parameter_calculator as _parameter_calculator
from . import pixels_of_a_digit as _pixels_of_a_digit
from . import pooling as _pooling
from . import pooling_back as _pooling_back
from . import receptive_field as _receptive_field
from . import sensitivity_steps as _sensitivity_steps
from . import sensitivity_stride as _sensitivity_stride
from . import sparse_matrix as _sparse_matrix
from . import stacked_kernels as _stacked_kernels
from . import training_film as _training_film
from . import training_step as _training_step
from . import transposed as _transposed
from .curves_widget import CurveWidget
from .digits import LeNetExplorer
from .live import LiveExplorer
from .widget import ExplorerWidget


def padding_and_stride(**start: Any) -> ExplorerWidget:
    """Return the explorer of padding and stride: windows, output size, and pixels that are never read.

    Settings: size 4-12, kernel 1-5, padding 0-3, stride 1-4, each an int or a (row, column) pair; dilation 1-3;
    apart, letters, counts: bool; position: (row, column) of an output. Raises TypeError or ValueError for others.

    >>> padding_and_stride(size=7, kernel=3, padding=1, stride=2).output_size
    (4, 4)
    """
    return ExplorerWidget(_padding_stride.EXPLORER, **start)


def stacked_receptive_field(**start: Any) -> ExplorerWidget:
    """Return the explorer of the receptive field: what one pixel of the last of up to five layers sees of the input.

    Settings: size 4-24; layers 1-5; kernel_1 … kernel_5 1-5; stride_1 … stride_5 1-3; position: (row, column) of a
    pixel of the last map. Raises TypeError or ValueError for others.

    >>> stacked_receptive_field(size=12, layers=3).output_size
    (6, 6)
    """
    return ExplorerWidget(_receptive_field.EXPLORER, **start)


def convolution_step_by_step(**start: Any) -> ExplorerWidget:
    """Return the explorer of one convolution on one channel: products, their sum, the bias and f, place by place.

    Settings: image "five", "four"; kernel "cross", "edge", "corner", "across", "down"; bias from -2 to 2;
    f "relu", "identity"; position: (row, column) of an output. Raises TypeError or ValueError for others.

    >>> convolution_step_by_step().output
    array([[4., 3., 4.],
           [2., 4., 3.],
           [2., 3., 4.]])
    """
    return ExplorerWidget(_convolution_steps.STEPS, **start)


def convolution_in_one_dimension(**start: Any) -> ExplorerWidget:
    """Return the explorer of convolution on rows of numbers: a row B laid on a row A, turned or as it is.

    Settings: example "dice", "polynomials", "smooth", "steps"; way "convolution", "correlation"; extent "full", "same",
    "valid"; letters: bool; position: (0, place) of an output. Raises TypeError or ValueError for others.

    >>> convolution_in_one_dimension(example="polynomials").output.tolist()
    [[3.0, 7.0, 2.0, 3.0, 1.0]]
    """
    return ExplorerWidget(_one_dimension.EXPLORER, **start)


def convolution_over_channels(**start: Any) -> ExplorerWidget:
    """Return the explorer of one kernel on three channels, the worked example: partial maps and their sum.

    Settings: kernel "w0", "w1"; padding 0-2; stride 1-3; f "identity", "relu"; letters: bool; position: (row, column)
    of an output. Raises TypeError or ValueError for others.

    >>> convolution_over_channels(kernel="w1").output
    array([[ 2., -5., -8.],
           [ 1., -4., -4.],
           [ 0., -5., -5.]])
    """
    return ExplorerWidget(_convolution_steps.DEPTH, **start)


def pooling_step_by_step(**start: Any) -> ExplorerWidget:
    """Return the explorer of pooling: a window on a map of a real digit, its largest number or its mean.

    Settings: operation "max", "mean"; map "edges", "ink"; size 2-4; stride 1-4; padding 0-2; position: (row, column)
    of an output. Raises TypeError or ValueError for others.

    >>> pooling_step_by_step(size=2, stride=2).output_size
    (4, 4)
    """
    return ExplorerWidget(_pooling.EXPLORER, **start)


def pooling_sensitivity(**start: Any) -> ExplorerWidget:
    """Return the explorer of δ through pooling: to the largest number of its window, or shared out among all.

    Settings: operation "max", "mean"; map "different", "ties"; size 2-3; stride 1-3; position: (row, column) of δ. The
    output is dE/dx. Raises TypeError or ValueError for others.

    >>> pooling_sensitivity(size=3, stride=1).output_size
    (6, 6)
    """
    return ExplorerWidget(_pooling_back.EXPLORER, **start)


def matrix_of_a_convolution(**start: Any) -> ExplorerWidget:
    """Return the explorer of a convolution as a matrix: a row for each place of the window, a column for each pixel.

    Settings: size 3-5; kernel 1-4; padding 0-1; stride 1-3; position: (row, column) of an output. Raises TypeError or
    ValueError for others.

    >>> matrix_of_a_convolution(size=4, kernel=3).output_size
    (2, 2)
    """
    return ExplorerWidget(_sparse_matrix.EXPLORER, **start)


def sensitivity_stepper(**start: Any) -> ExplorerWidget:
    """Return the sensitivity stepper: from an output to the inputs that its delta reaches, and back from an input.

    Settings: direction "from output", "from input"; size 4-7; kernel 1-4; stride 1-3; padding 0-2; depth and filters
    1-3; letters: bool; position: (filter, row, column) of delta, or, from an input, (channel, row, column) of the
    input. The output is dE/dx, with several channels as (depth, rows, columns). Raises TypeError or ValueError for
    others.

    >>> sensitivity_stepper(depth=2, filters=3).output.shape
    (2, 5, 5)
    """
    return ExplorerWidget(_sensitivity_steps.EXPLORER, **start)


def sensitivity_through_stride(**start: Any) -> ExplorerWidget:
    """Return the stride explorer for delta: expanded, padded, met by the turned kernel, and the border cut off.

    Settings: size 4-9, kernel 1-5, stride 1-4, padding 0-3, each an int or a (row, column) pair; apart, letters:
    bool; position: (row, column) of the full result, its border included. The output is dE/dx. Raises TypeError or
    ValueError for others.

    >>> sensitivity_through_stride(size=(6, 4)).output_size
    (6, 4)
    """
    return ExplorerWidget(_sensitivity_stride.EXPLORER, **start)


def transposed_convolution(**start: Any) -> ExplorerWidget:
    """Return the explorer of the transposed convolution: stamps that overlap, or zeros between and a turned kernel.

    Settings: view "stamps", "expanded"; size 1-6; kernel 1-5; stride 1-4; padding and output_padding 0-3; counts,
    letters: bool; position: (row, column) of the input, in view "expanded" of the result before the cut. Raises
    TypeError or ValueError for others.

    >>> transposed_convolution(size=2, kernel=3, stride=1, padding=0).output_size
    (4, 4)
    """
    return ExplorerWidget(_transposed.EXPLORER, **start)


def activation_function(**start: Any) -> CurveWidget:
    """Return the explorer of an activation function: value, slope and tangent at a point that is moved.

    Settings: function "sigmoid", "tanh", "relu", "leaky_relu", "identity"; z from -6 to 6 in steps of 0.1.
    Raises TypeError or ValueError for others.

    >>> activation_function(z=0).scene.numbers["slope"]
    0.25
    """
    return CurveWidget(_activation.EXPLORER, **start)


def chain_of_units(**start: Any) -> CurveWidget:
    """Return the explorer of the vanishing gradient: units in a row, the factor w * f'(net) of each, their product.

    Settings: function as in activation_function; depth 1-30; weight from -4 to 4 and start (the input) from -3 to 3,
    both in steps of 0.1. Raises TypeError or ValueError for others.

    >>> chain_of_units(depth=5).scene.numbers["bound"] == 0.25**5
    True
    """
    return CurveWidget(_chain.EXPLORER, **start)


def count_of_parameters(**start: Any) -> CurveWidget:
    """Return the parameter calculator: a fully connected layer and a convolution on the same image.

    Settings: size 3-1000, depth 1-512, units 1-1,000,000; kernel 1-11, filters 1-512. `choose` takes the name of a
    preset, `presets` lists them. Raises TypeError or ValueError for others.

    >>> count_of_parameters(depth=3, kernel=3, filters=10).scene.numbers["convolution"]
    280
    """
    return CurveWidget(_parameter_calculator.EXPLORER, **start)


def kernel_on_a_photograph(**start: Any) -> _kernel_editor.KernelEditor:
    """Return the kernel editor: nine weights, a window on a photograph, and what they make of it.

    Settings: kernel, an array (3, 3), or its weights w00 … w22 alone, from -8 to 8 in steps of 0.5; divisor 1-16; bias
    from -128 to 128 in steps of 8; letters: bool; position: (row, column) of a result. `choose` takes the name of a
    preset, `presets` lists them. Raises TypeError or ValueError for others.

    >>> kernel_on_a_photograph().presets
    ['identity', 'blur', 'sharpen', 'Sobel x', 'Sobel y', 'Laplacian', 'emboss']
    """
    return _kernel_editor.KernelEditor(**start)


def learning_rate(**start: Any) -> CurveWidget:
    """Return the explorer of the learning rate: the path of gradient descent on a loss of two parameters, and the loss.

    Settings: inputs "ink", "raw", "standard"; rate from 0.0001 to 10; momentum from 0 to 0.95 in steps of 0.05; steps
    1-200. Raises TypeError or ValueError for others.

    >>> learning_rate(rate=2).scene.numbers["state"]
    'diverges'
    """
    return CurveWidget(_learning_rate.EXPLORER, **start)


def stacked_kernels(**start: Any) -> CurveWidget:
    """Return the explorer of small kernels stacked: what they cost against one large kernel that sees as far.

    Settings: layers of 3 x 3 1-5; channels 1-512, in and out; size of the maps 7-112. Raises TypeError or ValueError
    for others.

    >>> stacked_kernels(layers=3, channels=1).output.tolist()
    [27.0, 49.0]
    """
    return CurveWidget(_stacked_kernels.EXPLORER, **start)


def depth_of_a_stack(**start: Any) -> CurveWidget:
    """Return the explorer of deep stacks: the size of delta in every layer, and how far back it is lost.

    Settings: function "sigmoid", "tanh", "relu"; depth 1-30 fully connected layers of 100 units; start, the weights at
    the start, "small", "uniform", "xavier", "he". Raises TypeError or ValueError for others.

    >>> depth_of_a_stack(function="sigmoid", start="small").scene.numbers["lost_after"]
    2
    """
    return CurveWidget(_deep_stack.EXPLORER, **start)


def network_architecture(**start: Any) -> _architecture.NetworkArchitecture:
    """Return the explorer of INPUT, [[CONV, RELU] x N, POOL?] x M, [FC, RELU] x K, FC: volumes, counts, memory.

    Settings: input "digit", "small_digit", "colour", "photograph"; convolutions (N), blocks (M), hidden (K) 0-3;
    pooling "max", "none"; filters 1-64; kernel 1-7; padding "same", "none"; units 10-4096; batch 1-1024. Its method
    `network(rng)` gives the network itself. Raises TypeError or ValueError for others.

    >>> network_architecture(convolutions=0, blocks=0, hidden=0).scene.numbers["parameters"]
    7850
    """
    return _architecture.NetworkArchitecture(**start)


def layers_of_lenet(network: Any = None, **start: Any) -> _lenet_layers.LayersOfLenet:
    """Return the layer viewer: what a layer of LeNet-5 makes of a bundled digit, and delta of the loss there.

    network: one made by `lenet5`; without, the one that comes with the project. Settings: digit 0-9; example 0-34,
    counted within its class; layer "conv1", "conv2", "fc1", "fc2", "output". Raises TypeError or ValueError for others.

    >>> layers_of_lenet(digit=3, layer="conv2").scene.numbers["delta"].shape
    (16, 10, 10)
    """
    return _lenet_layers.LayersOfLenet(network, **start)


def training_step(**start: Any) -> _training_step.TrainingStep:
    """Return one training step of the small net of chapter 03: every number forward, every derivative backward.

    Settings: rate from 0.01 to 2; steps 0-20; image "one", "turns" (it and its turned copy in turn), "even"; label "1",
    "0"; start "chapter", "dead", "alike"; show "both", "forward", "backward"; letters: bool; look, the number that is
    looked at, as "net0_01". Its method `update` takes a step. Raises TypeError or ValueError for others.

    >>> explorer = training_step()
    >>> explorer.update()
    >>> explorer.scene.numbers["losses"].round(4).tolist()
    [1.3133, 0.05]
    """
    return _training_step.TrainingStep(**start)


def training_film(**start: Any) -> LiveExplorer:
    """Return a training as a film: loss curves, kernels and twelve digits read, after each of twenty stored epochs.

    Settings: film "good" (η = 0.2), "slow" (0.01), "fast" (1) or "few" (60 training digits); epoch 0-20; digit 0-11,
    the one whose probabilities are shown. The output is the class that is read of each of the twelve. `choose` takes
    the name of a preset, `presets` lists them. Raises TypeError or ValueError for others.

    >>> training_film(epoch=20).output.tolist()
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 0]
    """
    return LiveExplorer(_training_film.EXPLORER, **start)


def corrupted_digit(**start: Any) -> LeNetExplorer:
    """Return the corruption explorer: a digit moved, turned, noisy or thicker, and how many LeNet-5 still reads.

    Settings: digit 0-9; example 0-34; down and right from -10 to 10 pixels; rotation from -90 to 90 degrees in steps of
    5; noise from 0 to 1 in steps of 0.05; thickness from -2 to 2 pixels in steps of 0.25; curve, the change that the
    accuracy is drawn against, follows the one made last. Raises TypeError or ValueError for others.

    >>> corrupted_digit(noise=0.2).curve
    'noise'
    """
    return LeNetExplorer(_corrupted_digit.EXPLORER, **start)


def pixels_of_a_digit(**start: Any) -> LeNetExplorer:
    """Return the pixels of a digit: the number under the pointer, an eraser and a pen, and what LeNet-5 reads.

    Settings: digit 0-9; example 0-34; changes, the pixels that were rubbed out or drawn, such as "e5.0-11_p20.13";
    brush "1" or "3"; tool "look", "erase" or "draw"; position: (row, column) of a pixel. Another digit comes without
    changes. The output holds the numbers, 0 to 255. Raises TypeError or ValueError for others.

    >>> explorer = pixels_of_a_digit(changes="e8.9")
    >>> int(explorer.output[8, 9]), int(explorer.output[8, 10])
    (0, 168)
    """
    return LeNetExplorer(_pixels_of_a_digit.EXPLORER, **start)


def canvas_of_digits(**start: Any) -> LeNetExplorer:
    """Return the canvas of digits: LeNet-5, all of it convolutions, reads every window of a larger picture in one pass.

    Settings: digit_1 … digit_4 "none" or "0" … "9"; their places row_1 … row_4 0-24 and column_1 … column_4 0-80; map
    "best" or the class "0" … "9" whose probability is shown; position: (row, column) of a window. The output is the
    class that each window reads. `choose` takes the name of a preset, `presets` lists them. Raises TypeError or
    ValueError for others.

    >>> canvas_of_digits(position=(0, 12)).output.shape
    (6, 20)
    """
    return LeNetExplorer(_canvas_of_digits.EXPLORER, **start)


def drawing_pad(network: Any = None) -> _drawing_pad.DrawingPad:
    """Return the drawing pad: draw a digit and see at once what a network reads, and the maps of all its layers.

    network: a Sequential that takes (1, 1, 28, 28) and gives (1, 10); without one, the LeNet-5 that comes with the
    project. A picture file of a digit can be dropped on it. What is there is found in `image`, `answer`,
    `probabilities`, `maps` and `strokes`, and changed by `draw`, `read` (a picture) and `clear`. Raises TypeError or
    ValueError for other networks.

    >>> drawing_pad().answer
    5
    """
    return _drawing_pad.DrawingPad(network)


__all__ = [
    "activation_function",
    "chain_of_units",
    "count_of_parameters",
    "drawing_pad",
    "kernel_on_a_photograph",
    "learning_rate",
    "stacked_kernels",
    "depth_of_a_stack",
    "network_architecture",
    "layers_of_lenet",
    "training_step",
    "training_film",
    "corrupted_digit",
    "pixels_of_a_digit",
    "canvas_of_digits",
    "padding_and_stride",
    "stacked_receptive_field",
    "convolution_step_by_step",
    "convolution_in_one_dimension",
    "convolution_over_channels",
    "pooling_step_by_step",
    "pooling_sensitivity",
    "matrix_of_a_convolution",
    "sensitivity_stepper",
    "sensitivity_through_stride",
    "transposed_convolution",
]
