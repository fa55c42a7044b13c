"""Five well-known networks written down as lists of layers, and what they cost: integers only, nothing is built.

The tables at the end of this file are meant to be read. What a layer gives and costs is worked out by `geometry`.
Parameters: weights, biases, and two for each channel that is normalised over the batch (a factor and an offset).
Multiply-adds: the products of convolutions and fully connected layers for one image. Biases, activation functions,
pooling, normalisation and the sums of shortcuts are left out, as is usual.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

from . import arguments, geometry
from .arguments import IntPair

Shape: TypeAlias = tuple[int, ...]


class Convolution(NamedTuple):
    """N filters, in `groups` that each read their share of the channels only; ReLU follows and changes no count."""

    filters: int
    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1
    bias: bool = True
    batch_norm: bool = False

    def apply(self, shape: Shape) -> Cost:
        """Return what (C, H, W) becomes, and what it costs."""
        channels, *size = shape
        if channels % self.groups or self.filters % self.groups:
            raise ValueError(f"groups: got {self.groups}, expected a divisor of {channels} and of {self.filters}")
        output = _windows(size, self.kernel, self.stride, self.padding)
        read = channels // self.groups  # so many channels does one filter read
        parameters = geometry.convolution_parameters(read, self.filters, self.kernel, self.bias)
        products = geometry.convolution_multiply_adds(read, self.filters, self.kernel, output)
        return Cost((self.filters, *output), parameters + 2 * self.filters * self.batch_norm, products, 1)

    def __str__(self) -> str:
        stride = f", stride {self.stride}" if self.stride > 1 else ""
        return f"{self.filters} kernels {self.kernel}×{self.kernel}{stride}"


class Pooling(NamedTuple):
    """The largest number, or the mean, of each window."""

    size: int
    stride: int
    padding: int = 0

    def apply(self, shape: Shape) -> Cost:
        """Return what (C, H, W) becomes; it costs nothing that is counted."""
        channels, *size = shape
        return Cost((channels, *_windows(size, self.size, self.stride, self.padding)), 0, 0, 0)

    def __str__(self) -> str:
        return f"pooling {self.size}×{self.size}, stride {self.stride}"


class GlobalPooling(NamedTuple):
    """The mean of each whole map."""

    def apply(self, shape: Shape) -> Cost:
        """Return (C,) for (C, H, W); it costs nothing that is counted."""
        return Cost(shape[:1], 0, 0, 0)

    def __str__(self) -> str:
        return "global average pooling"


class Connected(NamedTuple):
    """A fully connected layer; maps are flattened before it."""

    units: int

    def apply(self, shape: Shape) -> Cost:
        """Return (units,) for (C, H, W) or (C,), and what it costs."""
        inputs = math.prod(shape)
        parameters = geometry.linear_parameters(inputs, self.units)
        return Cost((self.units,), parameters, geometry.linear_multiply_adds(inputs, self.units), 1)

    def __str__(self) -> str:
        return f"{self.units} units"


class Parallel(NamedTuple):
    """Branches that all read the same maps; what they give is stacked as channels (`stack`), else added.

    A branch without layers hands the maps on: the shortcut of a residual network.
    """

    branches: tuple[Layers, ...]
    stack: bool

    def apply(self, shape: Shape) -> Cost:
        """Return what (C, H, W) becomes, and what all branches cost together."""
        costs = [cost(branch, shape) for branch in self.branches]
        shapes = {one.shape[1:] if self.stack else one.shape for one in costs}
        if len(shapes) > 1:
            given = [one.shape for one in costs]
            raise ValueError(f"branches: got the shapes {given}, expected maps that fit together")
        channels = sum(one.shape[0] for one in costs) if self.stack else costs[0].shape[0]
        parameters, products = sum(one.parameters for one in costs), sum(one.multiply_adds for one in costs)
        return Cost((channels, *costs[0].shape[1:]), parameters, products, max(one.depth for one in costs))

    def __str__(self) -> str:
        between = " | " if self.stack else " + "
        return between.join(" → ".join(map(str, branch)) or "shortcut" for branch in self.branches)


Step: TypeAlias = Convolution | Pooling | GlobalPooling | Connected | Parallel
Layers: TypeAlias = tuple[Step, ...]


class Cost(NamedTuple):
    """Shape of the output, parameters, multiply-adds for one image, layers with weights on the longest way."""

    shape: Shape
    parameters: int
    multiply_adds: int
    depth: int


class Architecture(NamedTuple):
    """A network as data: name, year in which it appeared, which variant this is, shape of an image, layers, source."""

    name: str
    year: int
    variant: str
    input_shape: Shape
    layers: Layers
    source: str

    def cost(self) -> Cost:
        """Return shape, parameters, multiply-adds and depth of the whole network."""
        return cost(self.layers, self.input_shape)

    def steps(self) -> list[tuple[Step, Cost]]:
        """Return each layer (branches as one) with its own cost, from input to output."""
        return steps(self.layers, self.input_shape)


def steps(layers: Layers, input_shape: Shape) -> list[tuple[Step, Cost]]:
    """Return each of the layers with its own cost, for one image of shape (C, H, W).

    Raises ValueError if a window does not fit or branches do not fit together.

    >>> [each.shape for _, each in steps((Convolution(6, 5), Pooling(2, 2)), (1, 32, 32))]
    [(6, 28, 28), (6, 14, 14)]
    """
    shape = tuple(arguments.integer(f"input_shape[{axis}]", size, 1) for axis, size in enumerate(input_shape))
    rows = []
    for layer in layers:
        rows.append((layer, layer.apply(shape)))
        shape = rows[-1][1].shape
    return rows


def cost(layers: Layers, input_shape: Shape) -> Cost:
    """Return what layers one after the other make of one image of shape (C, H, W), and what they cost together.

    Raises ValueError if a window does not fit or branches do not fit together.

    >>> cost((Convolution(10, 3),), (3, 256, 256))
    Cost(shape=(10, 254, 254), parameters=280, multiply_adds=17419320, depth=1)
    """
    costs = [each for _, each in steps(layers, input_shape)]
    shape = costs[-1].shape if costs else tuple(input_shape)
    return Cost(shape, *(sum(each[column] for each in costs) for column in (1, 2, 3)))


def _windows(size: list[int], kernel: int, stride: int, padding: int) -> IntPair:
    rows, columns = (geometry.output_size(one, kernel, stride, padding) for one in size)
    return rows, columns


# LeNet-5 as it is built today: the same as `lenet5()`, in the language of this room.

LENET5 = Architecture(
    "LeNet-5",
    1998,
    "modern form",
    (1, 28, 28),
    (
        Convolution(6, 5, padding=2),
        Pooling(2, 2),
        Convolution(16, 5),
        Pooling(2, 2),
        Connected(120),
        Connected(84),
        Connected(10),
    ),
    'LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86 (11)',
)


# AlexNet. The paper's network was shared out over two graphics cards, so that in the second, fourth and fifth
# convolution a filter reads the maps of its own card only: two groups.


def _alexnet(groups: int, variant: str) -> Architecture:
    return Architecture(
        "AlexNet",
        2012,
        variant,
        (3, 227, 227),  # the paper says 224, which its own 55 x 55 maps do not allow without padding
        (
            Convolution(96, 11, stride=4),
            Pooling(3, 2),
            Convolution(256, 5, padding=2, groups=groups),
            Pooling(3, 2),
            Convolution(384, 3, padding=1),
            Convolution(384, 3, padding=1, groups=groups),
            Convolution(256, 3, padding=1, groups=groups),
            Pooling(3, 2),
            Connected(4096),
            Connected(4096),
            Connected(1000),
        ),
        'Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 25',
    )


ALEXNET = _alexnet(2, "two groups, as in the paper")
ALEXNET_UNGROUPED = _alexnet(1, "without groups")


# VGG-16, the paper's configuration D: kernels of 3 x 3 alone, twice or three times one after the other.


def _vgg_block(times: int, filters: int) -> Layers:
    return (Convolution(filters, 3, padding=1),) * times + (Pooling(2, 2),)


VGG16 = Architecture(
    "VGG-16",
    2014,
    "configuration D: biases, no batch norm",
    (3, 224, 224),
    (
        *_vgg_block(2, 64),
        *_vgg_block(2, 128),
        *_vgg_block(3, 256),
        *_vgg_block(3, 512),
        *_vgg_block(3, 512),
        Connected(4096),
        Connected(4096),
        Connected(1000),
    ),
    'Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015',
)


# GoogLeNet (Inception v1), table 1 of the paper, without the two auxiliary classifiers, which are there for training
# only; with biases, without batch norm. The paper's pooling rounds sizes up; padding 1 and rounding down gives the same
# sizes.


def inception(ones: int, reduce_3: int, threes: int, reduce_5: int, fives: int, projected: int) -> Parallel:
    """Return an Inception module: four branches side by side, their maps stacked; columns as in the paper's table 1.

    >>> cost((inception(64, 96, 128, 16, 32, 32),), (192, 28, 28)).shape
    (256, 28, 28)
    """
    return Parallel(
        (
            (Convolution(ones, 1),),
            (Convolution(reduce_3, 1), Convolution(threes, 3, padding=1)),
            (Convolution(reduce_5, 1), Convolution(fives, 5, padding=2)),
            (Pooling(3, 1, padding=1), Convolution(projected, 1)),
        ),
        stack=True,
    )


GOOGLENET = Architecture(
    "GoogLeNet",
    2014,
    "Inception v1: biases, no batch norm, no auxiliary classifiers",
    (3, 224, 224),
    (
        Convolution(64, 7, stride=2, padding=3),
        Pooling(3, 2, padding=1),
        Convolution(64, 1),
        Convolution(192, 3, padding=1),
        Pooling(3, 2, padding=1),
        inception(64, 96, 128, 16, 32, 32),  # 3a
        inception(128, 128, 192, 32, 96, 64),
        Pooling(3, 2, padding=1),
        inception(192, 96, 208, 16, 48, 64),  # 4a
        inception(160, 112, 224, 24, 64, 64),
        inception(128, 128, 256, 24, 64, 64),
        inception(112, 144, 288, 32, 64, 64),
        inception(256, 160, 320, 32, 128, 128),
        Pooling(3, 2, padding=1),
        inception(256, 160, 320, 32, 128, 128),  # 5a
        inception(384, 192, 384, 48, 128, 128),
        GlobalPooling(),
        Connected(1000),
    ),
    'Szegedy et al., "Going deeper with convolutions", CVPR 2015',
)


# ResNet-50. Every convolution is without bias and followed by batch norm, whose offset does the bias's work. In the
# paper the first convolution of a block has the stride; most programs today give it to the second ("v1.5"): the same
# parameters, a little more work.


def bottleneck(filters: int, stride: int = 1, project: bool = False, stride_in_3x3: bool = False) -> Parallel:
    """Return a residual block: 1 x 1 down to `filters`, 3 x 3, 1 x 1 up to four times as many, plus the shortcut.

    `project`: the shortcut is a 1 x 1 convolution, needed where shapes change; else it hands its input on.

    >>> cost((bottleneck(64),), (256, 56, 56))
    Cost(shape=(256, 56, 56), parameters=70400, multiply_adds=218365952, depth=3)
    """
    first, second = (1, stride) if stride_in_3x3 else (stride, 1)
    shortcut = (_normalised(4 * filters, 1, stride),) if project else ()
    return Parallel(
        ((_normalised(filters, 1, first), _normalised(filters, 3, second), _normalised(4 * filters, 1)), shortcut),
        stack=False,
    )


def _normalised(filters: int, kernel: int, stride: int = 1) -> Convolution:
    return Convolution(filters, kernel, stride, padding=kernel // 2, bias=False, batch_norm=True)


def _stage(times: int, filters: int, stride: int, stride_in_3x3: bool) -> Layers:
    first = bottleneck(filters, stride, project=True, stride_in_3x3=stride_in_3x3)
    return (first,) + (bottleneck(filters),) * (times - 1)


def _resnet50(stride_in_3x3: bool, variant: str) -> Architecture:
    return Architecture(
        "ResNet-50",
        2015,
        variant,
        (3, 224, 224),
        (
            _normalised(64, 7, 2),
            Pooling(3, 2, padding=1),
            *_stage(3, 64, 1, stride_in_3x3),
            *_stage(4, 128, 2, stride_in_3x3),
            *_stage(6, 256, 2, stride_in_3x3),
            *_stage(3, 512, 2, stride_in_3x3),
            GlobalPooling(),
            Connected(1000),
        ),
        'He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016',
    )


RESNET50 = _resnet50(False, "v1, as in the paper: stride in the first 1×1; batch norm, no biases")
RESNET50_V15 = _resnet50(True, "v1.5: stride in the 3×3; batch norm, no biases")

NETWORKS = (LENET5, ALEXNET, ALEXNET_UNGROUPED, VGG16, GOOGLENET, RESNET50, RESNET50_V15)
