"""Both LeNet-5s: the counts of the paper, its table, its codes, its functions; forward against plain loops."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from forms import errors_of_gradients

import cnnlib
from cnncourse import architectures
from cnnlib import geometry, reference
from cnnlib.gradcheck import numerical_gradient
from cnnlib.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from cnnlib.lenet import (
    C3_CONNECTIONS,
    NormalizeAndPad,
    PartialConv2d,
    RBFOutput,
    ScaledTanh,
    Subsampling,
    lenet5,
    lenet5_1998,
    map_criterion,
    output_codes,
)

PLACES = {"C1": 1, "S2": 3, "C3": 5, "S4": 7, "C5": 9, "F6": 12, "codes": 14}  # in the network of 1998


def pictures(count, seed=0):
    return np.random.default_rng(seed).random((count, 1, 28, 28))


def layers_1998(**options):
    network = lenet5_1998(**options)
    return {name: network[place] for name, place in PLACES.items()}


# The modern one


def test_the_modern_one_has_61706_parameters_under_five_keys():
    network = lenet5(rng=0)
    shapes = {name: array.shape for name, array in network.parameters().items()}
    assert shapes == {
        **{"0.weight": (6, 1, 5, 5), "0.bias": (6,), "3.weight": (16, 6, 5, 5), "3.bias": (16,)},
        **{"7.weight": (120, 400), "7.bias": (120,), "9.weight": (84, 120), "9.bias": (84,)},
        **{"11.weight": (10, 84), "11.bias": (10,)},
    }
    assert {name.split(".")[0] for name in shapes} == {"0", "3", "7", "9", "11"}
    assert sum(math.prod(shape) for shape in shapes.values()) == 61_706
    assert network[0].padding == (2, 2)
    assert sum(isinstance(layer, ReLU) for layer in network) == 4
    assert sum(isinstance(layer, MaxPool2d) for layer in network) == 2


def test_the_modern_one_is_the_plain_loops():
    network, x = lenet5(rng=1, dtype=np.float64), pictures(1)
    p = network.parameters()

    def relu(net):
        return np.maximum(net, 0)

    a = reference.max_pool2d(relu(reference.conv2d(x, p["0.weight"], p["0.bias"], padding=2)), 2)
    a = reference.max_pool2d(relu(reference.conv2d(a, p["3.weight"], p["3.bias"])), 2)
    a = relu(reference.linear(a.reshape(1, 400), p["7.weight"], p["7.bias"]))
    a = relu(reference.linear(a, p["9.weight"], p["9.bias"]))
    expected = reference.linear(a, p["11.weight"], p["11.bias"])
    np.testing.assert_allclose(network.forward(x), expected, rtol=1e-10, atol=1e-12)


def test_pooling_before_relu_gives_the_numbers_and_gradients_of_pooling_after():
    ours, x = lenet5(rng=2, dtype=np.float64), pictures(2)
    layers = list(lenet5(rng=2, dtype=np.float64))
    layers[1], layers[2], layers[4], layers[5] = ReLU(), MaxPool2d(2), ReLU(), MaxPool2d(2)
    usual = cnnlib.Sequential(*layers)
    np.testing.assert_array_equal(ours.forward(x), usual.forward(x))
    g = np.random.default_rng(3).normal(size=(2, 10))
    np.testing.assert_allclose(ours.backward(g), usual.backward(g), atol=1e-14)
    for name, gradient in usual.gradients().items():
        np.testing.assert_allclose(ours.gradients()[name], gradient, atol=1e-14)


# The network of 1998


def test_the_parameters_of_1998_layer_by_layer():
    counts = {
        name: sum(array.size for array in layer.parameters().values())
        for name, layer in layers_1998().items()
        if layer.parameters()
    }
    assert counts == {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164}
    assert sum(array.size for array in lenet5_1998().parameters().values()) == 60_000
    assert counts["C1"] == architectures.convolution_parameters(1, 6, 5)
    assert counts["C3"] == sum(architectures.convolution_parameters(len(seen), 1, 5) for seen in C3_CONNECTIONS)
    assert counts["C5"] == architectures.convolution_parameters(16, 120, 5)
    assert counts["F6"] == architectures.linear_parameters(120, 84)
    assert {name.split(".")[0] for name in lenet5_1998().parameters()} == {"1", "3", "5", "7", "9", "12"}


def test_the_connections_of_1998():
    c1 = geometry.output_size(32, 5)
    s2 = geometry.output_size(c1, 2, 2)
    c3 = geometry.output_size(s2, 5)
    s4 = geometry.output_size(c3, 2, 2)
    c5 = geometry.output_size(s4, 5)
    assert (c1, s2, c3, s4, c5) == (28, 14, 10, 5, 1)
    connections = {
        "C1": architectures.convolution_connections(1, 6, 5, c1),
        "S2": 6 * s2 * s2 * (2 * 2 + 1),
        "C3": sum(architectures.convolution_connections(len(seen), 1, 5, c3) for seen in C3_CONNECTIONS),
        "S4": 16 * s4 * s4 * (2 * 2 + 1),
        "C5": architectures.convolution_connections(16, 120, 5, c5),
        "F6": architectures.linear_parameters(120, 84),
        "output": architectures.linear_parameters(84, 10, bias=False),
    }
    assert connections["C1"] == 122_304 and connections["S2"] == 5_880
    assert connections["C3"] == 151_600 and connections["S4"] == 2_000
    assert sum(connections.values()) == 340_908
    shapes = [row.output_shape for row in lenet5_1998().summary((1, 28, 28))]
    assert [shapes[place] for place in PLACES.values()] == [
        *((6, c1, c1), (6, s2, s2), (16, c3, c3), (16, s4, s4), (120, c5, c5), (84,), (10,))
    ]


def test_the_connection_table_of_c3():
    assert [len(seen) for seen in C3_CONNECTIONS] == [3] * 6 + [4] * 9 + [6]
    assert all(len(set(seen)) == len(seen) and set(seen) <= set(range(6)) for seen in C3_CONNECTIONS)

    def is_run(seen):  # neighbours, 5 and 0 being neighbours too
        return any({(start + step) % 6 for step in range(len(seen))} == set(seen) for start in range(6))

    assert all(is_run(seen) for seen in C3_CONNECTIONS[:12])
    assert not any(is_run(seen) for seen in C3_CONNECTIONS[12:15])
    assert len({frozenset(seen) for seen in C3_CONNECTIONS}) == 16
    for group in (C3_CONNECTIONS[:6], C3_CONNECTIONS[6:12], C3_CONNECTIONS[12:15]):  # each group treats all maps alike
        assert len({sum(channel in seen for seen in group) for channel in range(6)}) == 1
    assert [sum(channel in seen for seen in C3_CONNECTIONS) for channel in range(6)] == [10] * 6
    # Table I of the paper, map by map
    columns = ["012", "123", "234", "345", "450", "501", "0123", "1234", "2345", "3450", "4501", "5012"]
    columns += ["0134", "1245", "0235", "012345"]
    assert [set(seen) for seen in C3_CONNECTIONS] == [set(map(int, column)) for column in columns]


def test_the_network_of_1998_is_the_plain_loops():
    network, x = lenet5_1998(rng=4, dtype=np.float64), pictures(1)
    layers = {name: network[place] for name, place in PLACES.items()}

    def squash(net):
        return 1.7159 * np.tanh(2 * net / 3)

    def subsample(a, layer):
        images, maps, height, width = a.shape
        net = np.zeros((images, maps, height // 2, width // 2))
        for m in range(maps):
            for i in range(height // 2):
                for j in range(width // 2):
                    four = a[:, m, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].sum(axis=(1, 2))
                    net[:, m, i, j] = layer.coefficient[m] * four + layer.bias[m]
        return net

    a = np.full((1, 1, 32, 32), -0.1)
    a[:, :, 2:30, 2:30] += 1.275 * x
    a = squash(reference.conv2d(a, layers["C1"].weight, layers["C1"].bias))
    a = squash(subsample(a, layers["S2"]))
    c3, first = [], 0
    for o, seen in enumerate(C3_CONNECTIONS):
        weight = layers["C3"].weight[None, first : first + len(seen)]
        c3.append(reference.conv2d(a[:, list(seen)], weight, layers["C3"].bias[o : o + 1]))
        first += len(seen)
    a = squash(np.concatenate(c3, axis=1))
    a = squash(subsample(a, layers["S4"]))
    a = squash(reference.conv2d(a, layers["C5"].weight, layers["C5"].bias)).reshape(1, 120)
    a = squash(reference.linear(a, layers["F6"].weight, layers["F6"].bias))
    codes = output_codes()
    expected = [[-sum((a[0, k] - codes[digit, k]) ** 2 for k in range(84)) for digit in range(10)]]
    np.testing.assert_allclose(network.forward(x), expected, rtol=1e-10)


@pytest.mark.parametrize("build", [lenet5, lenet5_1998])
def test_whole_networks_have_the_gradients_of_differences(build):
    network = build(rng=5, dtype=np.float64)
    for layer in network:
        if isinstance(layer, Subsampling):
            layer.coefficient *= 3  # at the start nearly nothing comes through to the input
    errors = errors_of_gradients(network, pictures(2, seed=6), eps=1e-5 if build is lenet5 else 1e-4)
    assert set(errors) == {"x", *network.parameters()}
    assert max(errors.values()) <= 1e-7, errors


@pytest.mark.parametrize("build", [lenet5, lenet5_1998])
def test_both_take_the_same_input_and_give_ten_scores(build):
    for dtype in (np.float32, np.float64):
        network = build(rng=7, dtype=dtype)
        assert all(array.dtype == dtype for array in network.parameters().values())
        x = pictures(3).astype(dtype)
        scores = network.forward(x)
        assert scores.shape == (3, 10) and scores.dtype == dtype and np.isfinite(scores).all()
        d_x = network.backward(np.ones((3, 10), dtype))
        assert d_x.shape == x.shape and d_x.dtype == dtype
        assert all(gradient.dtype == dtype for gradient in network.gradients().values())
        np.testing.assert_allclose(network.forward(x[1:2]), scores[1:2], rtol=1e-4, atol=1e-4)
        assert network.forward(x[:0]).shape == (0, 10)
        np.testing.assert_array_equal(network.predict(x), scores.argmax(axis=1))
    with pytest.raises(ValueError, match=r"expected"):
        network.forward(pictures(2)[:, :, :20])
    with pytest.raises(ValueError, match=r"channel"):
        network.forward(np.concatenate([pictures(2)] * 3, axis=1))
    with pytest.raises(ValueError, match=r"4: \(batch, channel, row, column\)"):
        network.forward(pictures(2)[:, 0])


@pytest.mark.parametrize("build", [lenet5, lenet5_1998])
def test_one_seed_gives_one_network(build):
    one, same, other = build(rng=8), build(rng=np.random.default_rng(8)), build(rng=9)
    for name, array in one.parameters().items():
        np.testing.assert_array_equal(array, same.parameters()[name])
        assert (array != other.parameters()[name]).any()
    with pytest.raises(TypeError, match="dtype: got float16, expected float32 or float64"):
        build(dtype=np.float16)


def test_start_values_of_1998_lie_within_24_tenths_over_fan_in():
    layers = layers_1998(rng=10)
    for name, fan_in in (("C1", 25), ("S2", 4), ("S4", 4), ("C5", 400), ("F6", 120)):
        for array in layers[name].parameters().values():
            assert np.abs(array).max() <= 2.4 / fan_in * (1 + 1e-6)
        every = np.concatenate([array.ravel() for array in layers[name].parameters().values()])
        assert np.abs(every).max() > 0.75 * 2.4 / fan_in
    kernels = layers["C3"].kernels()
    for kernel, bias, seen in zip(kernels, layers["C3"].bias, C3_CONNECTIONS):
        limit = 2.4 / (25 * len(seen))
        assert max(np.abs(kernel).max(), abs(bias)) <= limit * (1 + 1e-6)
        assert np.abs(kernel).max() > 0.9 * limit


# What they expect


@pytest.mark.parametrize("build", [lenet5, lenet5_1998])
def test_pixels_from_0_to_255_and_light_paper_are_doubted_once(build):
    ink = cnnlib.load_digits()[0][0][:300]
    for x, message in (
        (255 * ink, "x: got values up to 255, where this network expects 0 to 1: for 0 to 255 divide by 255"),
        ((255 * ink).astype(np.uint8), "x: got values up to 255"),
        (255 - 255 * ink, "x: got values up to 255"),
        (16 * ink, "x: got values up to 16,"),
        (1 - ink, "x: got images with a light edge, where this network expects ink near 1 on paper of 0: try 1 - x"),
        (1 - ink[:1], "x: got images with a light edge"),
        (1 - 2 * ink, "x: got images with a light edge"),
    ):
        network = build(rng=0)
        with pytest.warns(UserWarning, match=message) as caught:
            network.predict(x)
        assert len(caught) == 1 and caught[0].filename == __file__
        network.predict(x)  # a second warning would be an error
        network.scores(x[:2])
        with pytest.warns(UserWarning, match=message) as caught:
            build(rng=0).scores(x)
        assert caught[0].filename == __file__


@pytest.mark.parametrize("build", [lenet5, lenet5_1998])
def test_what_may_well_be_meant_is_not_doubted(build):
    """Warnings are errors in these tests."""
    network, ink = build(rng=0), cnnlib.load_digits()[0][0][:300]
    rng = np.random.default_rng(0)
    standardised = (ink - ink.mean()) / ink.std()
    thick = np.minimum(1, 3 * cnnlib.avg_pool2d(ink, 3, 1, 1))
    for x in (ink, ink[:1], ink[:0], standardised, -standardised, 2 * ink - 1, thick, ink * 0, ink > 0.5):
        network.predict(x)
    for x in (rng.random((50, 1, 28, 28)), rng.normal(size=(50, 1, 28, 28)), np.full((1, 1, 28, 28), np.nan)):
        network.predict(x)
    other = cnnlib.Sequential(*build(rng=0))  # of a network of one's own nobody knows what it expects
    other.predict(255 - 255 * ink)


# Its layers


def test_output_codes_are_ten_bitmaps_well_apart():
    codes = output_codes()
    assert codes.shape == (10, 84) and codes.dtype == np.float64
    assert set(np.unique(codes)) == {-1.0, 1.0}
    for one, other in itertools.combinations(range(10), 2):
        assert (codes[one] != codes[other]).sum() >= 10, (one, other)
    ink = (codes.reshape(10, 12, 7) > 0).sum(axis=(1, 2))
    assert ink.min() >= 12 and ink.max() <= 42  # strokes: neither nearly empty nor nearly full
    assert not (codes.reshape(10, 12, 7)[:, [0, -1]] > 0).any()
    one = codes[1].reshape(12, 7) > 0
    assert one[1:11, 3].all()  # read row by row, a 1 has a vertical stroke
    output_codes()[:] = 0
    assert (np.abs(output_codes()) == 1).all()


def test_the_score_is_minus_the_squared_distance_to_the_code():
    layer = RBFOutput(output_codes(), dtype=np.float64)
    scores = layer.forward(output_codes())
    np.testing.assert_array_equal(scores.argmax(axis=1), np.arange(10))
    np.testing.assert_array_equal(np.diag(scores), 0)
    for one, other in itertools.permutations(range(10), 2):  # each pixel that differs is 2 apart
        assert scores[one, other] == -4 * (output_codes()[one] != output_codes()[other]).sum()
    assert layer.parameters() == {} and repr(layer) == "RBFOutput(10 of 84)"


def test_the_squashing_function_is_one_at_one():
    layer = ScaledTanh()
    y = layer.forward(np.array([-1.0, 0.0, 1.0, 1e6, -1e6, 0.4]))
    np.testing.assert_allclose(y[:3], [-1, 0, 1], atol=1e-4)
    np.testing.assert_allclose(y[3:], [1.7159, -1.7159, 1.7159 * math.tanh(2 * 0.4 / 3)], rtol=1e-12)
    slope = layer.backward(np.ones(6))
    np.testing.assert_allclose(slope[1], 1.7159 * 2 / 3)
    np.testing.assert_allclose(slope[3:5], 0, atol=1e-12)
    around = np.linspace(0.5, 1.5, 1001)  # the second derivative is largest in size at 1
    bend = np.gradient(np.gradient(layer.forward(around), around), around)
    assert around[np.abs(bend).argmax()] == pytest.approx(1, abs=0.02)


def test_inputs_are_scaled_and_framed():
    x = np.zeros((2, 1, 3, 4))
    x[1, 0, 1, 2] = 1
    y = NormalizeAndPad().forward(x)
    assert y.shape == (2, 1, 7, 8)
    assert y.min() == pytest.approx(-0.1, abs=1e-12) and y.max() == pytest.approx(1.175, abs=1e-12)
    np.testing.assert_allclose(np.argwhere(y > 0), [[1, 0, 3, 4]])
    assert NormalizeAndPad().forward(x.astype(np.float32)).dtype == np.float32
    assert NormalizeAndPad().forward(np.array([[[[1]]]]))[0, 0, 2, 2] == pytest.approx(1.175)


@pytest.mark.parametrize("make", [lenet5, lenet5_1998])
@pytest.mark.parametrize(
    ("shape", "hint"),
    [
        ((2, 28, 28, 1), "got 28 channels .* expected 1.* channels last.* try x.transpose"),
        ((2, 3, 28, 28), "got 3 channels .* expected 1.* in colour.* try x.mean"),
        ((2, 2, 28, 28), "got 2 channels .* expected 1"),
    ],
)
def test_images_with_other_channels_are_told_what_they_look_like(make, shape, hint):
    for use in (make().forward, make().scores, make().predict):
        with pytest.raises(ValueError, match=f"^x: {hint}"):
            use(np.zeros(shape, np.float32))
    with pytest.raises(ValueError, match=f"^input_shape: got .*{hint}"):
        make().summary(shape[1:])


def test_what_may_have_its_channels_in_front_is_not_called_channels_last():
    # Pictures have 1, 3 or 4 channels: five and more in front are rows. With 4 in front either reading is possible.
    for channels, last in itertools.product([1, 3, 4, 5, 6, 28], range(1, 7)):
        with pytest.raises(ValueError, match=f"^x: got {channels} channels") as caught:
            cnnlib.conv2d(np.zeros((1, channels, 9, last)), np.zeros((1, 2, 1, 1)))
        assert ("channels last" in str(caught.value)) == (last == 2 or (last in (1, 3, 4) and channels > 4))


def test_subsampling_is_the_sum_times_a_coefficient_plus_a_bias():
    layer = Subsampling(2, (2, 3), rng=0, dtype=np.float64)
    assert list(layer.parameters()) == ["coefficient", "bias"]
    layer.coefficient[:], layer.bias[:] = [2, -0.5], [10, 1]
    x = np.arange(2 * 5 * 7.0).reshape(1, 2, 5, 7)  # the last row and column belong to no window
    y = layer.forward(x)
    assert y.shape == (1, 2, 2, 2)
    for m, i, j in np.ndindex(2, 2, 2):
        window = x[0, m, 2 * i : 2 * i + 2, 3 * j : 3 * j + 3]
        assert y[0, m, i, j] == pytest.approx(layer.coefficient[m] * window.sum() + layer.bias[m])
    d_x = layer.backward(np.ones((1, 2, 2, 2)))
    np.testing.assert_allclose(d_x[0, :, :4, :6], np.array([2, -0.5])[:, None, None] * np.ones((4, 6)))
    assert not d_x[:, :, 4:].any() and not d_x[..., 6:].any()
    np.testing.assert_allclose(layer.d_coefficient, x[0, :, :4, :6].sum(axis=(1, 2)))
    np.testing.assert_allclose(layer.d_bias, [4, 4])


def test_a_partial_convolution_is_a_convolution_with_zeros_where_nothing_is_connected():
    connections = ((0, 2), (3,), (1, 0, 2))
    layer = PartialConv2d(connections, 3, rng=1, dtype=np.float64)
    assert layer.weight.shape == (6, 3, 3) and layer.bias.shape == (3,)
    kernels = layer.kernels()
    assert kernels.shape == (3, 4, 3, 3)
    connected = np.array([[channel in seen for channel in range(4)] for seen in connections])
    assert (kernels.any(axis=(2, 3)) == connected).all()
    np.testing.assert_array_equal(kernels[2, 1], layer.weight[3])  # in the order of the table
    np.testing.assert_array_equal(kernels[2, 0], layer.weight[4])
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2, 4, 5, 6))
    y = layer.forward(x)
    np.testing.assert_allclose(y, reference.conv2d(x, kernels, layer.bias), atol=1e-12)
    g = rng.normal(size=y.shape)
    d_x, d_kernels, d_bias = reference.conv2d_backward(g, x, kernels)
    np.testing.assert_allclose(layer.backward(g), d_x, atol=1e-12)
    np.testing.assert_allclose(layer.d_weight, d_kernels[[0, 0, 1, 2, 2, 2], [0, 2, 3, 1, 0, 2]], atol=1e-12)
    np.testing.assert_allclose(layer.d_bias, d_bias, atol=1e-12)
    layer.weight[...] = 0  # the live array: the next forward uses it
    np.testing.assert_array_equal(layer.forward(x), np.broadcast_to(layer.bias[:, None, None], y.shape))


@pytest.mark.parametrize(
    ("error", "message", "build"),
    [
        (ValueError, r"connections: got \(\), expected one or more input maps", lambda: PartialConv2d((), 3)),
        (ValueError, r"connections: got .*, expected one or more", lambda: PartialConv2d(((0,), ()), 3)),
        (ValueError, r"connections: got .*, expected .*none twice", lambda: PartialConv2d(((0, 1), (2, 2)), 3)),
        (ValueError, r"connections: got -1, expected an integer of at least 0", lambda: PartialConv2d(((-1,),), 3)),
        (TypeError, r"connections: got 0.5 \(float\), expected", lambda: PartialConv2d(((0.5,),), 3)),
        (ValueError, r"kernel_size: got 0, expected", lambda: PartialConv2d(((0,),), 0)),
        (ValueError, r"channels: got 0, expected", lambda: Subsampling(0, 2)),
        (ValueError, r"size: got 0, expected", lambda: Subsampling(3, 0)),
        (TypeError, r"dtype: got int64, expected float32 or float64", lambda: Subsampling(3, 2, dtype=np.int64)),
        (TypeError, r"codes: got list, expected a NumPy array", lambda: RBFOutput([[1.0, -1.0]])),
        (
            ValueError,
            r"codes: got shape \(3,\) with 1 axis, expected 2: \(class, feature\)",
            lambda: RBFOutput(np.ones(3)),
        ),
        (
            ValueError,
            r"x: got 5 features .* expected 84 for RBFOutput",
            lambda: RBFOutput(output_codes()).forward(np.ones((2, 5))),
        ),
        (
            ValueError,
            r"x: got 2 channels .* expected 3 for Subsampling",
            lambda: Subsampling(3, 2).forward(np.ones((1, 2, 4, 4))),
        ),
        (
            ValueError,
            r"x: got 1 channels .* expected 2, the input channels of weight",
            lambda: PartialConv2d(((0, 1),), 3).forward(np.ones((1, 1, 4, 4))),
        ),
        (
            ValueError,
            r"input_shape: got \(1, 4, 4\), .* fits PartialConv2d\(2, 1, 3\); x: got 1 channels .* expected 2",
            lambda: PartialConv2d(((0, 1),), 3).output_shape((1, 4, 4)),
        ),
        (ValueError, r"x: got shape \(4, 4\)", lambda: NormalizeAndPad().forward(np.ones((4, 4)))),
        (TypeError, r"x: got list", lambda: ScaledTanh().forward([1.0])),
    ],
)
def test_layers_of_1998_refuse_what_does_not_fit(error, message, build):
    with pytest.raises(error, match=message):
        build()


# Its loss


def test_the_criterion_is_equation_9():
    rng = np.random.default_rng(11)
    scores, labels = -rng.uniform(0, 8, size=(4, 5)), np.array([4, 0, 2, 2])
    for j in (0.5, 1.0, 3.0):
        costs = []
        for row, label in zip(-scores, labels):
            costs.append(row[label] + math.log(math.exp(-j) + sum(math.exp(-y) for y in row)))
        loss, delta = map_criterion(scores, labels, j)
        assert loss == pytest.approx(np.mean(costs)) and type(loss) is float
        numerical = numerical_gradient(lambda s, j=j: map_criterion(s, labels, j)[0], scores)
        np.testing.assert_allclose(delta, numerical, atol=1e-9)
    assert map_criterion(scores, labels) == (
        pytest.approx(map_criterion(scores, labels, 1.0)[0]),
        pytest.approx(map_criterion(scores, labels, 1.0)[1]),
    )
    assert map_criterion(scores.astype(np.float32), labels)[1].dtype == np.float32


def test_the_criterion_takes_ten_classes_not_eleven():
    for wrong in (np.array([5]), np.array([-1])):
        with pytest.raises(ValueError, match=r"labels: got class numbers from .*, expected 0 to 4 for 5 outputs"):
            map_criterion(np.zeros((1, 5)), wrong)
    with pytest.raises(TypeError, match=r"scores: got list"):
        map_criterion([[1.0]], np.array([0]))
    with pytest.raises(ValueError, match=r"scores: got shape \(5,\)"):
        map_criterion(np.zeros(5), np.array([0]))


@pytest.mark.parametrize(("build", "loss"), [(lenet5, cnnlib.cross_entropy), (lenet5_1998, map_criterion)])
def test_a_few_steps_bring_the_loss_down(build, loss):
    (x, labels), _ = cnnlib.load_digits()
    x, labels = x[:40], labels[:40]
    network = build(rng=12)
    optimizer = cnnlib.Adam(network, lr=0.005)
    losses = []
    for _ in range(40):
        value, delta = loss(network.forward(x), labels)
        network.backward(delta, input_gradient=False)
        optimizer.step()
        losses.append(value)
    assert losses[-1] < losses[0] / 2


def test_the_parts_are_where_the_paper_has_them():
    kinds = [NormalizeAndPad, Conv2d, ScaledTanh, Subsampling, ScaledTanh, PartialConv2d, ScaledTanh, Subsampling]
    kinds += [ScaledTanh, Conv2d, ScaledTanh, Flatten, Linear, ScaledTanh, RBFOutput]
    assert [type(layer) for layer in lenet5_1998()] == kinds
