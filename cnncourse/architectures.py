"""What layers cost in parameters and products, and seven well-known networks as lists of layers: nothing is built.

First the counts of one layer, then layers and networks as data. The tables at the end of this file are meant to be
read. Parameters: all that is learned, so weights, biases, a factor and an offset for each channel that is normalised.
Multiply-adds: the products of convolutions, fully connected layers and attention for one image. Biases, activations,
pooling, normalisation and the sums of shortcuts are left out, as is usual. Python integers have no largest value, so
no count overflows.
"""

from __future__ import annotations

import math
from typing import NamedTuple, TypeAlias

from cnnlib import arguments, geometry
from cnnlib.arguments import IntPair, Pair, Shape


def convolution_parameters(in_channels: int, out_channels: int, kernel: IntPair, bias: bool = True) -> int:
    """Return the number of parameters of a convolution: (D * F_h * F_w + 1) * N, without the 1 if `bias` is False.

    Parameters
    ----------
    in_channels : int
        D, the depth of the input.
    out_channels : int
        N, the number of filters.
    kernel : int or (int, int)
        F, the size of the kernel, or (F_h, F_w).
    bias : bool, optional
        Whether each filter has a bias.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If a number is below 1.

    Examples
    --------
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

    Parameters
    ----------
    in_channels, out_channels, kernel, bias
        As in `convolution_parameters`.
    output : int or (int, int)
        The size of one output map, or (H2, W2).

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If a number is below 1.

    Examples
    --------
    >>> convolution_connections(1, 6, 5, 28)
    122304
    """
    rows, columns = arguments.pair("output", output, 1)
    return convolution_parameters(in_channels, out_channels, kernel, bias) * rows * columns


def unshared_parameters(
    in_channels: int, out_channels: int, kernel: IntPair, output: IntPair, bias: bool = True
) -> int:
    """Return the number of parameters of the same local windows if no two positions shared their weights.

    Then every connection has a weight of its own, so this is `convolution_connections` under another name, with the
    same parameters and errors.

    Examples
    --------
    >>> unshared_parameters(3, 96, 11, 55)
    105705600
    """
    return convolution_connections(in_channels, out_channels, kernel, output, bias)


def convolution_multiply_adds(in_channels: int, out_channels: int, kernel: IntPair, output: IntPair) -> int:
    """Return how many products a convolution adds up for one image: D * F_h * F_w * N * H2 * W2.

    Parameters and errors are those of `convolution_connections`.

    Examples
    --------
    >>> convolution_multiply_adds(1, 6, 5, 28)
    117600
    """
    return convolution_connections(in_channels, out_channels, kernel, output, bias=False)


def linear_parameters(in_features: int, out_features: int, bias: bool = True) -> int:
    """Return the number of parameters of a fully connected layer: (inputs + 1) * outputs, without the 1 if no bias.

    Nothing is shared, so this is also the number of its connections.

    Parameters
    ----------
    in_features, out_features : int
        The number of inputs and of outputs.
    bias : bool, optional
        Whether each output has a bias.

    Returns
    -------
    int

    Raises
    ------
    ValueError
        If a number is below 1.

    Examples
    --------
    >>> linear_parameters(1000 * 1000, 100)
    100000100
    """
    in_features = arguments.integer("in_features", in_features, 1)
    return (in_features + bool(bias)) * arguments.integer("out_features", out_features, 1)


def linear_multiply_adds(in_features: int, out_features: int) -> int:
    """Return how many products a fully connected layer adds up for one image: inputs * outputs.

    Parameters and errors are those of `linear_parameters`.

    Examples
    --------
    >>> linear_multiply_adds(400, 120)
    48000
    """
    return linear_parameters(in_features, out_features, bias=False)


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
        """Return what (D, H, W) becomes, and what it costs."""
        channels, *size = shape
        if channels % self.groups or self.filters % self.groups:
            raise ValueError(f"groups: got {self.groups}, expected a divisor of {channels} and of {self.filters}")
        output = _windows(size, self.kernel, self.stride, self.padding)
        read = channels // self.groups  # the channels that one filter reads
        parameters = convolution_parameters(read, self.filters, self.kernel, self.bias)
        products = convolution_multiply_adds(read, self.filters, self.kernel, output)
        return Cost((self.filters, *output), parameters + 2 * self.filters * self.batch_norm, products, 1)

    def __str__(self) -> str:
        text = f"{self.filters} kernels {self.kernel}×{self.kernel}"
        return text if self.stride == 1 else f"{text}, stride {self.stride}"


class Pooling(NamedTuple):
    """The largest number, or the mean, of each window."""

    size: int
    stride: int
    padding: int = 0

    def apply(self, shape: Shape) -> Cost:
        """Return what (D, H, W) becomes; it costs nothing that is counted."""
        channels, *size = shape
        return Cost((channels, *_windows(size, self.size, self.stride, self.padding)), 0, 0, 0)

    def __str__(self) -> str:
        return f"pooling {self.size}×{self.size}, stride {self.stride}"


class GlobalPooling(NamedTuple):
    """The mean of each whole map."""

    def apply(self, shape: Shape) -> Cost:
        """Return (D,) for (D, H, W); it costs nothing that is counted."""
        return Cost(shape[:1], 0, 0, 0)

    def __str__(self) -> str:
        return "global average pooling"


class Linear(NamedTuple):
    """A fully connected layer; maps are flattened before it."""

    units: int

    def apply(self, shape: Shape) -> Cost:
        """Return (units,) for (D, H, W) or (D,), and what it costs."""
        inputs = math.prod(shape)
        return Cost((self.units,), linear_parameters(inputs, self.units), linear_multiply_adds(inputs, self.units), 1)

    def __str__(self) -> str:
        return f"{self.units} units"


class Branches(NamedTuple):
    """Branches that all read the same maps; what they give is stacked as channels (`stack`), else added.

    A branch without layers hands the maps on: the shortcut of a residual network.
    """

    branches: tuple[Layers, ...]
    stack: bool

    def apply(self, shape: Shape) -> Cost:
        """Return what (D, H, W) becomes, and what all branches cost together."""
        shapes, parameters, products, depths = zip(*(cost(branch, shape) for branch in self.branches), strict=True)
        if len({one[1:] if self.stack else one for one in shapes}) > 1:
            raise ValueError(f"branches: got shapes {list(shapes)}, expected maps that fit together")
        channels = sum(one[0] for one in shapes) if self.stack else shapes[0][0]
        return Cost((channels, *shapes[0][1:]), sum(parameters), sum(products), max(depths))

    def __str__(self) -> str:
        ways = (" → ".join(map(str, branch)) or "shortcut" for branch in self.branches)
        return (" | " if self.stack else " + ").join(ways)


class PerChannel(NamedTuple):
    """A few learned numbers for each channel, which multiply it or are added to it."""

    numbers: int
    name: str

    def apply(self, shape: Shape) -> Cost:
        """Return the shape as it came, and what it costs."""
        return Cost(shape, self.numbers * shape[0], 0, 0)

    def __str__(self) -> str:
        return self.name


class Tokens(NamedTuple):
    """The places of maps in one column, below a learned place for the class; each gets a learned position added."""

    def apply(self, shape: Shape) -> Cost:
        """Return (D, H * W + 1, 1) for (D, H, W), and what it costs."""
        places = math.prod(shape[1:]) + 1
        return Cost((shape[0], places, 1), shape[0] * (1 + places), 0, 0)

    def __str__(self) -> str:
        return "places in a column, a class token, positions"


class Attention(NamedTuple):
    """Every place asks all places and gets a mean of what they give: of 3 * D channels, D ask, D answer, D give."""

    def apply(self, shape: Shape) -> Cost:
        """Return (D, H, W) for (3 * D, H, W), and what it costs: D products for each pair of places, twice."""
        channels, *size = shape
        if channels % 3:
            raise ValueError(f"channels: got {channels}, expected a multiple of 3")
        return Cost((channels // 3, *size), 0, 2 * math.prod(size) ** 2 * (channels // 3), 0)

    def __str__(self) -> str:
        return "attention"


class ClassToken(NamedTuple):
    """The channels of the first place alone."""

    def apply(self, shape: Shape) -> Cost:
        """Return (D,) for (D, H, W); it costs nothing that is counted."""
        return Cost(shape[:1], 0, 0, 0)

    def __str__(self) -> str:
        return "class token"


Step: TypeAlias = (
    Convolution | Pooling | GlobalPooling | Linear | Branches | PerChannel | Tokens | Attention | ClassToken
)
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
    """Return each of the layers with its own cost, for one image.

    Parameters
    ----------
    layers : tuple of layers
        One after the other, from input to output.
    input_shape : tuple of int
        (D, H, W), the shape of one image.

    Returns
    -------
    list of (layer, Cost)

    Raises
    ------
    ValueError
        If a window does not fit, or branches do not fit together.

    Examples
    --------
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
    """Return what layers one after the other make of one image, and what they cost together.

    Parameters
    ----------
    layers, input_shape
        As in `steps`.

    Returns
    -------
    Cost

    Raises
    ------
    ValueError
        If a window does not fit, or branches do not fit together.

    Examples
    --------
    >>> cost((Convolution(10, 3),), (3, 256, 256))
    Cost(shape=(10, 254, 254), parameters=280, multiply_adds=17419320, depth=1)
    """
    costs = [each for _, each in steps(layers, input_shape)]
    shape = costs[-1].shape if costs else tuple(input_shape)
    parameters, products = sum(each.parameters for each in costs), sum(each.multiply_adds for each in costs)
    return Cost(shape, parameters, products, sum(each.depth for each in costs))


def _windows(size: list[int], kernel: int, stride: int, padding: int) -> Pair:
    rows, columns = (geometry.output_size(one, kernel, stride, padding) for one in size)
    return rows, columns


def _linear(*units: int) -> Layers:
    return tuple(map(Linear, units))


# LeNet-5 as it is built today: the same as `lenet5()`.

LENET5_LAYERS = (Convolution(6, 5, padding=2), Pooling(2, 2), Convolution(16, 5), Pooling(2, 2), *_linear(120, 84, 10))
LENET5_PAPER = (
    'LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 86 (11)'
)
LENET5 = Architecture("LeNet-5", 1998, "modern form", (1, 28, 28), LENET5_LAYERS, LENET5_PAPER)


# AlexNet. The paper's network was shared out over two graphics cards, so that in the second, fourth and fifth
# convolution a filter reads the maps of its own card only: two groups.


def _alexnet(groups: int, variant: str) -> Architecture:
    layers = (
        Convolution(96, 11, stride=4),
        Pooling(3, 2),
        Convolution(256, 5, padding=2, groups=groups),
        Pooling(3, 2),
        Convolution(384, 3, padding=1),
        Convolution(384, 3, padding=1, groups=groups),
        Convolution(256, 3, padding=1, groups=groups),
        Pooling(3, 2),
        *_linear(4096, 4096, 1000),
    )
    paper = (
        'Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 25'
    )
    # The paper says 224, which its own 55 x 55 maps do not allow without padding.
    return Architecture("AlexNet", 2012, variant, (3, 227, 227), layers, paper)


ALEXNET = _alexnet(2, "two groups, as in the paper")
ALEXNET_UNGROUPED = _alexnet(1, "without groups")


# VGG-16, the paper's configuration D: kernels of 3 x 3 alone, twice or three times one after the other.


def _vgg_blocks(*blocks: tuple[int, int]) -> Layers:
    layers: Layers = ()
    for times, filters in blocks:
        layers += (Convolution(filters, 3, padding=1),) * times + (Pooling(2, 2),)
    return layers


VGG16_LAYERS = _vgg_blocks((2, 64), (2, 128), (3, 256), (3, 512), (3, 512)) + _linear(4096, 4096, 1000)
VGG16_PAPER = 'Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015'
VGG16 = Architecture("VGG-16", 2014, "configuration D: biases, no batch norm", (3, 224, 224), VGG16_LAYERS, VGG16_PAPER)


# GoogLeNet (Inception v1), table 1 of the paper, without the two auxiliary classifiers, which are there for training
# only; with biases, without batch norm. The paper's pooling rounds sizes up; padding 1 and rounding down gives the same
# sizes.


def inception(ones: int, reduce_3: int, threes: int, reduce_5: int, fives: int, projected: int) -> Branches:
    """Return an Inception module: four branches side by side, their maps stacked.

    Parameters
    ----------
    ones, reduce_3, threes, reduce_5, fives, projected : int
        Numbers of filters, the columns of the paper's table 1: of the 1 x 1 branch, of the 1 x 1 before the 3 x 3, of
        the 3 x 3, of the 1 x 1 before the 5 x 5, of the 5 x 5, and of the 1 x 1 after the pooling.

    Returns
    -------
    Branches

    Examples
    --------
    >>> cost((inception(64, 96, 128, 16, 32, 32),), (192, 28, 28)).shape
    (256, 28, 28)
    """
    branches: tuple[Layers, ...] = (
        (Convolution(ones, 1),),
        (Convolution(reduce_3, 1), Convolution(threes, 3, padding=1)),
        (Convolution(reduce_5, 1), Convolution(fives, 5, padding=2)),
        (Pooling(3, 1, padding=1), Convolution(projected, 1)),
    )
    return Branches(branches, stack=True)


GOOGLENET_LAYERS = (
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
    Linear(1000),
)
GOOGLENET_PAPER = 'Szegedy et al., "Going deeper with convolutions", CVPR 2015'
GOOGLENET_VARIANT = "Inception v1: biases, no batch norm, no auxiliary classifiers"
GOOGLENET = Architecture("GoogLeNet", 2014, GOOGLENET_VARIANT, (3, 224, 224), GOOGLENET_LAYERS, GOOGLENET_PAPER)


# ResNet-50. Every convolution is without bias and followed by batch norm, whose offset does the bias's work. In the
# paper the first convolution of a block has the stride; most programs today give it to the second ("v1.5"): the same
# parameters, a little more work.


def bottleneck(filters: int, stride: int = 1, project: bool = False, stride_in_3x3: bool = False) -> Branches:
    """Return a residual block: 1 x 1 down to `filters`, 3 x 3, 1 x 1 up to four times as many, plus the shortcut.

    Parameters
    ----------
    filters : int
        The number of filters of the 3 x 3 convolution.
    stride : int, optional
        The stride of the block.
    project : bool, optional
        Whether the shortcut is a 1 x 1 convolution, which is needed where shapes change; else it hands its input on.
    stride_in_3x3 : bool, optional
        Whether the 3 x 3 convolution has the stride, else the first 1 x 1.

    Returns
    -------
    Branches

    Examples
    --------
    >>> cost((bottleneck(64),), (256, 56, 56))
    Cost(shape=(256, 56, 56), parameters=70400, multiply_adds=218365952, depth=3)
    """
    first, second = (1, stride) if stride_in_3x3 else (stride, 1)
    shortcut = (_normalised(4 * filters, 1, stride),) if project else ()
    main = _normalised(filters, 1, first), _normalised(filters, 3, second), _normalised(4 * filters, 1)
    return Branches((main, shortcut), stack=False)


def _normalised(filters: int, kernel: int, stride: int = 1) -> Convolution:
    return Convolution(filters, kernel, stride, padding=kernel // 2, bias=False, batch_norm=True)


def _stage(times: int, filters: int, stride: int, stride_in_3x3: bool) -> Layers:
    first = bottleneck(filters, stride, project=True, stride_in_3x3=stride_in_3x3)
    return (first,) + (bottleneck(filters),) * (times - 1)


def _resnet50(stride_in_3x3: bool, variant: str) -> Architecture:
    layers = (
        _normalised(64, 7, 2),
        Pooling(3, 2, padding=1),
        *_stage(3, 64, 1, stride_in_3x3),
        *_stage(4, 128, 2, stride_in_3x3),
        *_stage(6, 256, 2, stride_in_3x3),
        *_stage(3, 512, 2, stride_in_3x3),
        GlobalPooling(),
        Linear(1000),
    )
    paper = 'He, Zhang, Ren and Sun, "Deep residual learning for image recognition", CVPR 2016'
    return Architecture("ResNet-50", 2015, variant, (3, 224, 224), layers, paper)


RESNET50 = _resnet50(False, "v1, as in the paper: stride in the first 1×1; batch norm, no biases")
RESNET50_V15 = _resnet50(True, "v1.5: stride in the 3×3; batch norm, no biases")


# Vision transformer, table 1 of the paper, "Base", patches of 16 x 16: twelve times attention and a network of two
# layers at each place, each in a residual block. What the twelve heads of attention do apart costs what one does.

LAYER_NORM = PerChannel(2, "layer norm")  # over the channels of one place, not over the batch


def _transformer(channels: int) -> Layers:
    attend = (LAYER_NORM, Convolution(3 * channels, 1), Attention(), Convolution(channels, 1))
    think = (LAYER_NORM, Convolution(4 * channels, 1), Convolution(channels, 1))
    return Branches((attend, ()), stack=False), Branches((think, ()), stack=False)


VIT_LAYERS = Convolution(768, 16, 16), Tokens(), *_transformer(768) * 12, LAYER_NORM, ClassToken(), Linear(1000)
VIT_PAPER = 'Dosovitskiy et al., "An image is worth 16x16 words", ICLR 2021'
VIT_B16 = Architecture("ViT-B/16", 2020, "Base, patches of 16×16; layer norm", (3, 224, 224), VIT_LAYERS, VIT_PAPER)


# ConvNeXt, section 2 of the paper, "T": blocks of a depthwise 7 x 7 and two 1 x 1, with a learned scale at the end.


def _convnext_stage(times: int, filters: int) -> Layers:
    depthwise = Convolution(filters, 7, padding=3, groups=filters)
    mixing = Convolution(4 * filters, 1), Convolution(filters, 1)
    return (Branches(((depthwise, LAYER_NORM, *mixing, PerChannel(1, "layer scale")), ()), stack=False),) * times


CONVNEXT_LAYERS = (
    Convolution(96, 4, stride=4),
    LAYER_NORM,
    *_convnext_stage(3, 96),
    LAYER_NORM,
    Convolution(192, 2, stride=2),
    *_convnext_stage(3, 192),
    LAYER_NORM,
    Convolution(384, 2, stride=2),
    *_convnext_stage(9, 384),
    LAYER_NORM,
    Convolution(768, 2, stride=2),
    *_convnext_stage(3, 768),
    GlobalPooling(),
    LAYER_NORM,
    Linear(1000),
)
CONVNEXT_PAPER = 'Liu et al., "A ConvNet for the 2020s", CVPR 2022'
CONVNEXT_T = Architecture("ConvNeXt-T", 2022, "Tiny; layer norm", (3, 224, 224), CONVNEXT_LAYERS, CONVNEXT_PAPER)

NETWORKS = (LENET5, ALEXNET, ALEXNET_UNGROUPED, VGG16, GOOGLENET, RESNET50, RESNET50_V15, VIT_B16, CONVNEXT_T)
