"""The networks as lists of layers: published counts, counts by hand, and the same networks built of other parts."""

import math

import numpy as np
import pytest

import cnnlib
from cnncourse.architectures import (
    ALEXNET,
    ALEXNET_UNGROUPED,
    CONVNEXT_T,
    GOOGLENET,
    LENET5,
    NETWORKS,
    RESNET50,
    RESNET50_V15,
    VGG16,
    VIT_B16,
    Attention,
    Branches,
    ClassToken,
    Convolution,
    Cost,
    GlobalPooling,
    Linear,
    PerChannel,
    Pooling,
    Tokens,
    convolution_connections,
    convolution_multiply_adds,
    convolution_parameters,
    cost,
    inception,
    linear_multiply_adds,
    linear_parameters,
    unshared_parameters,
)
from cnnlib import geometry

# Parameters: exact, as the makers' own programs or the many who counted report them. Multiply-adds: as published,
# rounded as there (Krizhevsky's grouped network and VGG-16 in Sze et al. 2017, Proc. IEEE 105 (12), table II; ResNet-50
# in He et al., table 1, who say 3.8; v1.5, ViT-B/16 and ConvNeXt-T as torchvision gives them; Liu et al., table 1, say
# 4.5 for ConvNeXt-T, and 17.6 for a transformer of ViT-B/16's layers).
PUBLISHED = [
    (LENET5, 61_706, None, 5),
    (ALEXNET, 60_965_224, 0.724e9, 8),
    (ALEXNET_UNGROUPED, 62_378_344, 1.14e9, 8),
    (VGG16, 138_357_544, 15.5e9, 16),
    (GOOGLENET, 6_998_552, 1.58e9, 22),
    (RESNET50, 25_557_032, 3.86e9, 50),
    (RESNET50_V15, 25_557_032, 4.09e9, 50),
    (VIT_B16, 86_567_656, 17.6e9, 1 + 12 * 4 + 1),
    (CONVNEXT_T, 28_589_128, 4.46e9, 1 + 18 * 3 + 3 + 1),
]
IDS = [f"{network.name}, {network.variant}" for network in NETWORKS]


def same_figures(number, rounded):
    """Whether `number` becomes `rounded` if it is rounded to as many figures (three)."""
    return float(f"{number:.2e}") == float(f"{rounded:.2e}")


@pytest.mark.parametrize(("network", "parameters", "multiply_adds", "depth"), PUBLISHED, ids=IDS)
def test_published_counts(network, parameters, multiply_adds, depth):
    counted = network.cost()
    assert counted.parameters == parameters
    assert counted.depth == depth
    assert counted.shape == ((10,) if network is LENET5 else (1000,))
    assert multiply_adds is None or same_figures(counted.multiply_adds, multiply_adds)


def test_every_network_is_in_the_table():
    assert [row[0] for row in PUBLISHED] == list(NETWORKS)
    assert len({(network.name, network.variant) for network in NETWORKS}) == len(NETWORKS)


def test_lenet5_is_the_network_of_the_package():
    built = cnnlib.lenet5(rng=0).summary((1, 28, 28)).total
    assert (LENET5.cost().parameters, LENET5.cost().multiply_adds) == (built.parameters, built.multiply_adds)


def test_vgg16_by_hand():
    maps = [
        (3, 64, 224),
        (64, 64, 224),
        (64, 128, 112),
        (128, 128, 112),
        (128, 256, 56),
        (256, 256, 56),
        (256, 256, 56),
    ]
    maps += [(256, 512, 28), (512, 512, 28), (512, 512, 28), (512, 512, 14), (512, 512, 14), (512, 512, 14)]
    connected = 7 * 7 * 512 * 4096 + 4096 * 4096 + 4096 * 1000
    assert VGG16.cost().multiply_adds == sum(9 * d * n * size**2 for d, n, size in maps) + connected == 15_470_264_320
    biases = sum(n for _, n, _ in maps) + 4096 + 4096 + 1000
    assert VGG16.cost().parameters == sum(9 * d * n for d, n, _ in maps) + connected + biases


def test_sizes_on_the_way():
    def sizes(network):
        return [after.shape[1] for _, after in network.steps() if len(after.shape) == 3]

    assert sizes(ALEXNET) == [55, 27, 27, 13, 13, 13, 13, 6]
    assert [s for s, after in zip(VGG16.layers, VGG16.steps()) if isinstance(s, Pooling)] == [Pooling(2, 2)] * 5
    assert sizes(VGG16)[-1] == 7
    assert sizes(GOOGLENET) == [112, 56, 56, 56, 28, 28, 28, 14, 14, 14, 14, 14, 14, 7, 7, 7]
    assert sizes(RESNET50) == sizes(RESNET50_V15) == [112, 56] + [56] * 3 + [28] * 4 + [14] * 6 + [7] * 3


def test_channels_of_googlenet_as_in_the_paper():
    modules = [after.shape[0] for step, after in GOOGLENET.steps() if isinstance(step, Branches)]
    assert modules == [256, 480, 512, 512, 512, 528, 832, 832, 1024]


def test_biases_and_batch_norm():
    """GoogLeNet has a bias for each filter; ResNet-50 two parameters for each, none of them weights."""
    filters = list(convolutions(RESNET50.layers))
    assert len(filters) == 53
    assert not any(c.bias for c in filters) and all(c.batch_norm for c in filters)
    assert 2 * sum(c.filters for c in filters) == 53_120
    assert sum(c.filters for c in convolutions(GOOGLENET.layers)) + 1000 == 8_280
    assert len(list(convolutions(GOOGLENET.layers))) == 57


def convolutions(layers):
    for layer in layers:
        if isinstance(layer, Convolution):
            yield layer
        if isinstance(layer, Branches):
            for branch in layer.branches:
                yield from convolutions(branch)


def test_one_layer():
    x = (3, 9, 8)
    assert cost((Convolution(4, 3, stride=2, padding=1),), x) == Cost((4, 5, 4), (27 + 1) * 4, 27 * 4 * 20, 1)
    assert cost((Convolution(4, 3, bias=False),), x).parameters == 27 * 4
    assert cost((Convolution(4, 3, bias=False, batch_norm=True),), x).parameters == 27 * 4 + 8
    assert cost((Convolution(6, 3, groups=3),), x) == Cost((6, 7, 6), (9 + 1) * 6, 9 * 6 * 42, 1)
    assert cost((Pooling(3, 2, 1),), x) == Cost((3, 5, 4), 0, 0, 0)
    assert cost((GlobalPooling(),), x) == Cost((3,), 0, 0, 0)
    assert cost((Linear(5),), x) == Cost((5,), (216 + 1) * 5, 216 * 5, 1)
    assert cost((), x) == Cost(x, 0, 0, 0)


def test_the_parts_of_a_transformer():
    x = (6, 3, 2)
    assert cost((PerChannel(2, "layer norm"),), x) == Cost(x, 12, 0, 0)
    assert cost((Tokens(),), x) == Cost((6, 7, 1), 6 + 7 * 6, 0, 0)  # the class token, then 7 positions
    assert cost((ClassToken(),), x) == Cost((6,), 0, 0, 0)
    queries, keys, values = np.ones((3, 6, 2))  # of 6 places 2 numbers each
    products = [q * k for q in queries for k in keys] + [1 / 6 * v for _ in queries for v in values]
    assert cost((Attention(),), x) == Cost((2, 3, 2), 0, np.size(products), 0)
    with pytest.raises(ValueError, match="channels: got 4"):
        cost((Attention(),), (4, 3, 2))


def test_vit_by_hand():
    """Per block: queries, keys, values and output (4 D² + 4 D), two layers (8 D² + 5 D), two norms (4 D)."""
    D, T = 768, 197
    blocks, patches = 12 * (12 * D**2 + 13 * D), 16 * 16 * 3 * D + D
    assert VIT_B16.cost().parameters == patches + D + T * D + blocks + 2 * D + 1000 * (D + 1)
    assert VIT_B16.cost().multiply_adds == 196 * 768 * D + 12 * (12 * T * D**2 + 2 * T**2 * D) + 1000 * D


def test_branches():
    wide = Branches(((Convolution(4, 1),), (Convolution(2, 1), Convolution(5, 3, padding=1))), stack=True)
    assert cost((wide,), (3, 6, 7)) == Cost((9, 6, 7), 16 + 8 + 95, (12 + 6 + 90) * 42, 2)
    shortcut = Branches(((Convolution(3, 3, padding=1),), ()), stack=False)
    assert cost((shortcut,), (3, 6, 7)) == Cost((3, 6, 7), 84, 81 * 42, 1)


def test_layers_as_text():
    assert str(Convolution(64, 7, stride=2, padding=3)) == "64 kernels 7×7, stride 2"
    assert list(map(str, VGG16.layers[-2:])) == ["4096 units", "1000 units"]
    branches = "64 kernels 1×1 | 96 kernels 1×1 → 128 kernels 3×3 | 16 kernels 1×1 → 32 kernels 5×5"
    assert str(GOOGLENET.layers[5]) == branches + " | pooling 3×3, stride 1 → 32 kernels 1×1"
    assert str(RESNET50.layers[3]) == "64 kernels 1×1 → 64 kernels 3×3 → 256 kernels 1×1 + shortcut"
    assert str(GlobalPooling()) == "global average pooling"
    assert list(map(str, VIT_B16.layers[-3:-1])) == ["layer norm", "class token"]
    assert str(VIT_B16.layers[1]) == "places in a column, a class token, positions"
    attend = "layer norm → 2304 kernels 1×1 → attention → 768 kernels 1×1 + shortcut"
    assert str(VIT_B16.layers[2]) == attend


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"branches: got shapes \[\(4, 6, 6\), \(3, 6, 6\)\]"):
        cost((Branches(((Convolution(4, 1),), ()), stack=False),), (3, 6, 6))
    with pytest.raises(ValueError, match="branches"):
        cost((Branches(((Convolution(4, 3),), ()), stack=True),), (3, 6, 6))
    with pytest.raises(ValueError, match="groups: got 2"):
        cost((Convolution(4, 1, groups=2),), (3, 6, 6))
    with pytest.raises(ValueError, match="kernel"):
        cost((Convolution(4, 7),), (3, 6, 6))
    with pytest.raises((TypeError, ValueError), match=r"input_shape\[1\]"):
        cost((Convolution(4, 1),), (3, 0, 6))


def test_the_inception_module_of_the_papers_table():
    """3a, as printed: 64, 96 and 128, 16 and 32, 32 on 192 maps of 28 x 28."""
    weights = 192 * 64 + 192 * 96 + 96 * 128 * 9 + 192 * 16 + 16 * 32 * 25 + 192 * 32
    counted = cost((inception(64, 96, 128, 16, 32, 32),), (192, 28, 28))
    assert counted.multiply_adds == weights * 28 * 28
    assert counted.parameters == weights + 64 + 96 + 128 + 16 + 32 + 32


# The counts of one layer


def test_counts_of_the_course():
    assert convolution_parameters(3, 1, 5, bias=False) == 75
    assert convolution_parameters(3, 1, 5) == 76
    assert convolution_connections(20, 1, 3, 1, bias=False) == 180
    assert convolution_parameters(3, 2, 3) == 56
    assert convolution_parameters(3, 10, 3) == 280
    assert convolution_parameters(1, 100, 10, bias=False) == 10**4
    assert unshared_parameters(1, 1, 10, 1000, bias=False) == 10**8
    assert linear_parameters(1000 * 1000, 100) == 100_000_100
    assert linear_parameters(1000 * 1000, 10**6, bias=False) == 10**12
    assert linear_parameters(256 * 256 * 3, 1000) == 196_609_000
    # AlexNet's first layer
    side = geometry.output_size(227, 11, stride=4)
    assert 96 * side * side == 290_400
    assert convolution_parameters(3, 1, 11) == 364
    assert unshared_parameters(3, 96, 11, side) == 105_705_600
    assert convolution_parameters(3, 96, 11) == 34_944
    assert convolution_parameters(3, 96, 11, bias=False) == 34_848
    # the modern LeNet-5
    assert (
        convolution_parameters(1, 6, 5)
        + convolution_parameters(6, 16, 5)
        + linear_parameters(400, 120)
        + linear_parameters(120, 84)
        + linear_parameters(84, 10)
        == 61_706
    )
    # C1, C5 and F6 of the 1998 network
    assert [convolution_parameters(1, 6, 5), convolution_parameters(16, 120, 5), linear_parameters(120, 84)] == [
        156,
        48_120,
        10_164,
    ]
    assert convolution_connections(1, 6, 5, 28) == 122_304
    # three 3x3 layers on C channels against one 7x7
    assert 3 * convolution_parameters(64, 64, 3, bias=False) == 27 * 64**2
    assert convolution_parameters(64, 64, 7, bias=False) == 49 * 64**2


def test_a_fully_connected_layer_is_a_convolution_as_large_as_its_input():
    assert linear_parameters(7 * 7 * 512, 4096) == convolution_parameters(512, 4096, 7)
    assert linear_multiply_adds(7 * 7 * 512, 4096) == convolution_multiply_adds(512, 4096, 7, output=1)


def test_counts_against_loops_over_windows():
    channels, filters, (rows, columns), (height, width) = 3, 4, (2, 5), (6, 7)
    products = 0
    for _ in range(filters):
        for _ in range(-1, height + 1 - rows + 1, 2):  # the first row of each window: stride 2, padding 1
            for _ in range(-2, width + 2 - columns + 1, 3):
                products += channels * rows * columns
    output = geometry.output_size(height, rows, 2, 1), geometry.output_size(width, columns, 3, 2)
    assert convolution_multiply_adds(channels, filters, (rows, columns), output) == products
    neurons = filters * output[0] * output[1]
    assert convolution_connections(channels, filters, (rows, columns), output) == products + neurons
    assert unshared_parameters(channels, filters, (rows, columns), output) == products + neurons


def test_counts_of_numpy_integers_do_not_overflow():
    big = np.int32(2**31 - 1)
    assert linear_parameters(big, big) == (2**31 - 1) * 2**31
    assert type(linear_parameters(big, big)) is int
    assert (
        convolution_connections(np.uint8(255), np.int8(127), np.uint8(255), big) == (255**3 + 1) * 127 * int(big) ** 2
    )


# The same lists, built in PyTorch on its device "meta" (shapes without numbers), run and counted there.


def transformer_part(layer, shape):
    """The torch module of a layer that transformers and ConvNeXt have and earlier networks have not."""
    torch = pytest.importorskip("torch")

    class Learned(torch.nn.Module):  # what it does with its numbers does not matter for counting
        def __init__(self, *shapes):
            super().__init__()
            numbers = [torch.nn.Parameter(torch.empty(*one, device="meta")) for one in shapes]
            self.learned = torch.nn.ParameterList(numbers)

        def forward(self, x):
            return x

    class Column(Learned):
        def forward(self, x):
            token, positions = self.learned
            return (torch.cat([token, x.flatten(2)], dim=2) + positions).unsqueeze(3)

    class Attend(torch.nn.Module):
        def forward(self, x):
            asks, answers, gives = x.flatten(2).chunk(3, dim=1)  # (1, D, T) each
            shares = torch.softmax(asks.transpose(1, 2) @ answers, dim=2)
            given = gives @ shares.transpose(1, 2)
            self.products = shares.numel() * asks.shape[1] + given.numel() * shares.shape[2]
            return given.reshape(1, -1, *x.shape[2:])

    class First(torch.nn.Module):
        def forward(self, x):
            return x[:, :, 0, 0]

    if isinstance(layer, Tokens):
        return Column((1, shape[0], 1), (1, shape[0], math.prod(shape[1:]) + 1))
    if isinstance(layer, PerChannel):
        return Learned((layer.numbers, shape[0]))
    return {Attention: Attend, ClassToken: First}[type(layer)]()


def in_torch(layers, shape):
    """The layers as a torch module, and the shape of what it gives for one image of this shape."""
    torch = pytest.importorskip("torch")
    nn = torch.nn

    class SideBySide(nn.Module):
        def __init__(self, branches, stack):
            super().__init__()
            self.branches, self.stack = nn.ModuleList(branches), stack

        def forward(self, x):
            results = [branch(x) for branch in self.branches]
            return torch.cat(results, 1) if self.stack else sum(results)

    def modules(layer, shape):
        if isinstance(layer, Convolution):
            _, kernel, stride, padding, groups, bias, batch_norm = layer
            yield nn.Conv2d(shape[0], layer.filters, kernel, stride, padding, groups=groups, bias=bias, device="meta")
            if batch_norm:
                yield nn.BatchNorm2d(layer.filters, device="meta")
        elif isinstance(layer, Pooling):
            yield nn.MaxPool2d(layer.size, layer.stride, layer.padding)
        elif isinstance(layer, GlobalPooling):
            yield nn.AdaptiveAvgPool2d(1)
        elif isinstance(layer, Linear):
            yield nn.Flatten()
            yield nn.Linear(math.prod(shape), layer.units, device="meta")
        elif isinstance(layer, Branches):
            yield SideBySide([in_torch(branch, shape)[0] for branch in layer.branches], layer.stack)
        else:
            yield transformer_part(layer, shape)

    network = nn.Sequential()
    x = torch.empty(1, *shape, device="meta")
    for layer in layers:
        for module in modules(layer, x.shape[1:]):
            network.append(module)
            x = module(x)
    return network, tuple(x.shape[1:])


@pytest.mark.parametrize("network", NETWORKS, ids=IDS)
def test_built_in_torch(network):
    torch = pytest.importorskip("torch")
    built, shape = in_torch(network.layers, network.input_shape)
    products = []

    def count(module, _, output):
        products.append(module.weight.numel() * math.prod(output.shape[2:]))

    for module in built.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            module.register_forward_hook(count)
    built(torch.empty(1, *network.input_shape, device="meta"))
    products += [module.products for module in built.modules() if hasattr(module, "products")]
    parameters = sum(parameter.numel() for parameter in built.parameters())
    assert (shape, parameters, sum(products)) == network.cost()[:3]


def test_numbers_are_python_integers():
    for network in NETWORKS:
        assert all(type(number) is int for number in network.cost()[1:])
        assert not any(isinstance(number, np.generic) for number in network.cost().shape)
