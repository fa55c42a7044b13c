"""Chapter 02: how many parameters six layers have."""

from __future__ import annotations

from ..checks.matching import Case
from ..checks.prediction import Prediction, by_formula

SENTENCES = {
    "bias forgotten": "The weights are all there; the biases are parameters too.",
    "one bias for all": "Every unit, and every kernel, has a bias of its own.",
    "pooling has no parameters": "The largest of the numbers is taken: nothing is multiplied or added, so there is "
    "nothing to learn.",
}


def linear(inputs, outputs):
    return (inputs + 1) * outputs


LINEAR = r"""
bias forgotten: | (inputs + 1) * outputs => inputs * outputs
one bias for all: | (inputs + 1) * outputs => inputs * outputs + 1
bias per input: A bias belongs to a unit, that is, to an output, not to an input.
    (inputs + 1) * outputs => inputs * (outputs + 1)
added instead of multiplied: Every output is connected with every input. | (inputs + 1) * outputs => inputs + outputs
inputs counted as parameters: Inputs are given, not learned. | (inputs + 1) * outputs => (inputs + 1) * outputs + inputs
one unit only: That is one unit. The layer has more of them. | (inputs + 1) * outputs => inputs + 1
"""


def flattened(channels, rows, columns, outputs):
    return (channels * rows * columns + 1) * outputs


FLATTENED = r"""
bias forgotten: | columns + 1) * outputs => columns) * outputs
one bias for all: | columns + 1) * outputs => columns) * outputs + 1
bias per input: A bias belongs to a unit, that is, to an output, not to an input.
    columns + 1) * outputs => columns) * (outputs + 1)
added instead of multiplied: Every output is connected with every input. | columns + 1) * outputs => columns) + outputs
inputs counted as parameters: Inputs are given, not learned.
    return => return channels * rows * columns +
one unit only: That is one unit. The layer has more of them. | * outputs => * 1
depth forgotten: All maps are flattened, not one of them. | channels * rows => rows
depth forgotten: All maps are flattened, not one of them; and add the biases.
    channels * rows * columns + 1 => rows * columns
image size forgotten: A fully connected layer has a weight per pixel. | channels * rows * columns + 1 => channels + 1
"""


def convolution(D, N, F_h, F_w, H, W):
    return (D * F_h * F_w + 1) * N


CONVOLUTION = r"""
bias forgotten: | F_w + 1) * N => F_w) * N
one bias for all: | F_w + 1) * N => F_w) * N + 1
bias per neuron: The bias is shared like the weights: one per kernel, not one per neuron of its map.
    F_w + 1) * N => F_w + (H - F_h + 1) * (W - F_w + 1)) * N
weights not shared: One kernel serves all positions: its weights are counted once, whatever the size of the image.
    + 1) * N => + 1) * N * (H - F_h + 1) * (W - F_w + 1)
weights not shared: One kernel serves all positions: its weights are counted once.
    F_w + 1) * N => F_w) * N * (H - F_h + 1) * (W - F_w + 1)
bias per channel of the kernel: The products of all channels go into one sum, and that sum gets one bias.
    D * F_h * F_w + 1 => D * (F_h * F_w + 1)
one kernel only: That is one kernel. The layer has more of them. | * N => * 1
image size counted: The parameters of a convolution do not depend on the size of the image.
    (D * F_h * F_w + 1) * N => D * H * W * N
a fully connected layer: A kernel is connected with a small window, not with the whole image.
    F_h * F_w + 1 => H * W + 1
depth forgotten: A kernel has as many channels as the input of its layer. | D * F_h => F_h
depth and bias forgotten: A kernel has as many channels as the input of its layer.
    (D * F_h * F_w + 1) * N => F_h * F_w * N // (D > 1)
kernel taken as square: The kernel is not square: count rows times columns.
    F_h * F_w => F_h * F_h
    F_h * F_w => F_w * F_w
"""


def pooling(size, channels):
    return 0


POOLING = r"""
pooling has no parameters:
    return 0 => return size * size
    return 0 => return size * size * channels
    return 0 => return size * size + 1
    return 0 => return (size * size + 1) * channels
    return 0 => return channels
    return 0 => return 1
"""

convolutions = {
    "c": Case(D=1, N=8, F_h=5, F_w=5, H=28, W=20),
    "d": Case(D=6, N=16, F_h=3, F_w=5, H=14, W=12),
    "e": Case(D=64, N=10, F_h=1, F_w=1, H=7, W=9),
}
exercise = Prediction(
    "count_parameters",
    "02",
    {
        **by_formula(linear, LINEAR, {"a": Case(inputs=50, outputs=20)}, SENTENCES),
        **by_formula(flattened, FLATTENED, {"b": Case(channels=4, rows=12, columns=10, outputs=30)}, SENTENCES),
        **by_formula(convolution, CONVOLUTION, convolutions, SENTENCES),
        **by_formula(pooling, POOLING, {"f": Case(size=2, channels=16)}, SENTENCES),
    },
    message="Fully connected: (inputs + 1) · outputs. Convolution: (rows · columns · channels + 1) · kernels, whatever "
    "the size of the image.",
)
