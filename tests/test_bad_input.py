"""Wrong input: the error says which argument, what came and what was expected, and nothing is changed.

Fast functions and plain loops must refuse it with the same words. Networks, training, checks and the layers of 1998
have such tests in files of their own.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

import cnnlib
from cnncourse import architectures
from cnnlib import activations, arguments, augmentation, geometry, layers, lenet, losses, recipes, reference

X, W, DELTA = np.ones((2, 3, 6, 5)), np.ones((4, 3, 3, 2)), np.ones((2, 4, 4, 4))
WT = np.ones((3, 4, 3, 2))  # kernels of a transposed convolution
PLANE, KERNEL, POOLED = np.ones((5, 6)), np.ones((2, 3)), np.ones((2, 3, 3, 2))


def check(error, name, came, expected, function, *args, **options):
    """The call must raise `error`, whose message is "name: got ... came ..., expected ... expected ..."."""
    copies = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
    with pytest.raises(error) as raised:
        function(*args, **options)
    assert type(raised.value) is error
    message = str(raised.value)
    start, _, rest = message.partition(": got ")
    got, found, wanted = rest.partition("expected")
    assert start == name and found, message
    assert str(came) in got, message
    assert str(expected) in wanted, message
    for arg, copy in zip(args, copies):
        if isinstance(arg, np.ndarray):
            np.testing.assert_array_equal(arg, copy)
    return message


def check_both(error, name, came, expected, function, *args, **options):
    """The fast function of that name and the plain loops must say the same."""
    fast, plain = getattr(cnnlib, function), getattr(reference, function)
    message = check(error, name, came, expected, fast, *args, **options)
    assert check(error, name, came, expected, plain, *args, **options) == message


# Numbers


@pytest.mark.parametrize(
    ("error", "name", "came", "expected", "function", "args"),
    [
        (ValueError, "size", 0, "at least 1", geometry.output_size, (0, 3)),
        (ValueError, "kernel", 0, "at least 1", geometry.output_size, (5, 0)),
        (ValueError, "stride", 0, "at least 1", geometry.output_size, (5, 3, 0)),
        (ValueError, "stride", -2, "at least 1", geometry.output_size, (5, 3, -2)),
        (ValueError, "padding", -1, "at least 0", geometry.output_size, (5, 3, 1, -1)),
        (ValueError, "dilation", 0, "at least 1", geometry.output_size, (5, 3, 1, 0, 0)),
        (TypeError, "size", "5.0 (float)", "integer", geometry.output_size, (5.0, 3)),
        (TypeError, "stride", "True", "integer", geometry.output_size, (5, 3, True)),
        (TypeError, "padding", "'same' (str)", "integer", geometry.output_size, (5, 3, 1, "same")),
        (TypeError, "size", "(5, 5) (tuple)", "integer", geometry.output_size, ((5, 5), 3)),
        (TypeError, "kernel", "None", "integer", geometry.output_size, (5, None)),
        (ValueError, "kernel", "extent 6 on a padded size of 5", "at most 5", geometry.output_size, (5, 6)),
        (ValueError, "kernel", "padded size of 5 (3 + 2 * 1)", "of at least 2", geometry.output_size, (3, 6, 1, 1)),
        (ValueError, "kernel", "extent 5 (kernel 3, dilation 2)", "at most 2", geometry.output_size, (4, 3, 1, 0, 2)),
        (ValueError, "kernel", "extent 6", "at most 5", geometry.unused_pixels, (5, 6)),
        (ValueError, "kernel", "extent 6", "at most 5", geometry.visit_counts, (5, 6)),
        (ValueError, "stride", 0, "at least 1", geometry.visit_counts, (5, 3, 0)),
        (ValueError, "size", 2**40, "less", geometry.visit_counts, (2**40, 3)),
        (ValueError, "size", 10**30, "less", geometry.visit_counts, (10**30, 3)),
        (TypeError, "layers", "{}", "a list of tuples", geometry.receptive_field, ({},)),
        (TypeError, "layers", "array(1)", "a list of tuples", geometry.receptive_field, (np.array(1),)),
        (ValueError, "kernel", "extent of 4", "an odd one", geometry.same_padding, (4,)),
        (TypeError, "kernel", "3.0 (float)", "integer", geometry.kernel_extent, (3.0,)),
        (ValueError, "output_padding", 2, "0 to 1", geometry.conv_transpose_output_size, (4, 3, 2, 0, 2)),
        (ValueError, "output_padding", 1, "0 to 0", geometry.conv_transpose_output_size, (4, 3, 1, 0, 1)),
        (ValueError, "output_padding", -1, "at least 0", geometry.conv_transpose_output_size, (4, 3, 2, 0, -1)),
        (ValueError, "padding", 2, "at most 1", geometry.conv_transpose_output_size, (2, 3, 1, 2)),
        (ValueError, "size", 0, "at least 1", geometry.conv_transpose_output_size, (0, 3)),
        (TypeError, "layers", "3", "a list of tuples", geometry.receptive_field, (3,)),
        (TypeError, "layers", "'3131'", "a list of tuples", geometry.receptive_field, ("3131",)),
        (TypeError, "layers[1]", "3", "(kernel, stride)", geometry.receptive_field, ([(3, 1), 3],)),
        (ValueError, "layers[0]", "length 1", "(kernel, stride)", geometry.receptive_field, ([(3,)],)),
        (ValueError, "layers[0]", "length 4", "(kernel, stride)", geometry.receptive_field, ([(3, 1, 1, 1)],)),
        (ValueError, "layers[1][1] (stride)", 0, "at least 1", geometry.receptive_field, ([(3, 1), (3, 0)],)),
        (ValueError, "layers[0][0] (kernel)", 0, "at least 1", geometry.receptive_field, ([(0, 1)],)),
        (ValueError, "layers[0][2] (dilation)", 0, "at least 1", geometry.receptive_field, ([(3, 1, 0)],)),
        (TypeError, "layers[0][0] (kernel)", "(3, 3)", "integer", geometry.receptive_field, ([((3, 3), 1)],)),
        (ValueError, "in_channels", 0, "at least 1", architectures.convolution_parameters, (0, 1, 3)),
        (ValueError, "out_channels", -1, "at least 1", architectures.convolution_parameters, (1, -1, 3)),
        (ValueError, "kernel", "length 3", "pair", architectures.convolution_parameters, (1, 1, (3, 3, 3))),
        (ValueError, "kernel[1] (columns)", 0, "at least 1", architectures.convolution_parameters, (1, 1, (3, 0))),
        (ValueError, "output", 0, "at least 1", architectures.convolution_connections, (1, 1, 3, 0)),
        (ValueError, "output", 0, "at least 1", architectures.convolution_multiply_adds, (1, 1, 3, 0)),
        (TypeError, "output", "1.5", "integer", architectures.unshared_parameters, (1, 1, 3, 1.5)),
        (ValueError, "in_features", 0, "at least 1", architectures.linear_parameters, (0, 3)),
        (ValueError, "out_features", 0, "at least 1", architectures.linear_multiply_adds, (3, 0)),
    ],
)
def test_geometry(error, name, came, expected, function, args):
    check(error, name, came, expected, function, *args)


@pytest.mark.parametrize("function", [activations.leaky_relu, activations.leaky_relu_derivative])
def test_slopes(function):
    check(TypeError, "slope", "'0.1' (str)", "a number", function, PLANE, "0.1")
    check(TypeError, "slope", "True", "a number", function, PLANE, True)
    check(TypeError, "slope", "ndarray", "a number", function, PLANE, np.ones(6))
    check(ValueError, "slope", "nan", "finite", function, PLANE, float("nan"))
    check(ValueError, "slope", "inf", "finite", function, PLANE, float("-inf"))
    check(ValueError, "slope", "1000", "finite", function, PLANE, 10**400)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ((), "a number, finite"),
        ((0,), "a number of at least 0, finite"),
        ((0, 1), "a number of at least 0 and below 1"),
    ],
)
def test_the_limits_of_a_number_are_told_where_there_are_some(bounds, expected):
    with pytest.raises(ValueError, match=f"^given: got nan, expected {expected}$"):
        arguments.number("given", float("nan"), *bounds)


@pytest.mark.parametrize("shape", [(3, 0), (0,), (0, 0), ()])
def test_softmax_needs_something_to_choose_from(shape):
    check(ValueError, "logits", f"shape {shape}", "at least one", activations.softmax, np.ones(shape))


# Arrays: all that is none, once; for every array of every function a few of them, and every wrong number of axes

NOT_AN_ARRAY = [
    ("list", X.tolist()),
    ("complex128", X * 1j),
    ("masked array", np.ma.masked_array(X, X > 0)),
    ("tuple", (1.0, 2.0)),
    ("str", "x"),
    ("NoneType", None),
    ("bytes", b"1234"),
    ("dict", {}),
    ("object", X.astype(object)),
    ("<U1", np.full(X.shape, "1")),
    ("|S1", np.full(X.shape, b"1")),
    ("datetime64", X.astype("datetime64[s]")),
    ("float16", X.astype(np.float16)),
]
A_FEW = NOT_AN_ARRAY[:3]
WRONG_SHAPES = [
    ("()", np.float64(1.0)),
    ("()", 3),
    ("(6, 5)", X[0, 0]),
    ("(1, 2, 3, 6, 5)", X[None]),
    ("(2, 3, 6, 0)", X[..., :0]),
    ("(2, 0, 6, 5)", X[:, :0]),
]
FUNCTIONS = {  # good arguments by name
    "conv2d": {"x": X, "weight": W, "bias": np.ones(4)},
    "conv2d_backward": {"delta": DELTA, "x": X, "weight": W},
    "conv_transpose2d": {"x": X, "weight": WT, "bias": np.ones(4)},
    "cross_correlate2d": {"x": PLANE, "kernel": KERNEL},
    "convolve2d": {"x": PLANE, "kernel": KERNEL},
    "expand_sensitivity_map": {"delta": DELTA, "stride": 2},
    "max_pool2d": {"x": X, "size": 2},
    "max_pool2d_backward": {"delta": POOLED, "x": X, "size": 2},
    "avg_pool2d": {"x": X, "size": 2},
    "avg_pool2d_backward": {"delta": POOLED, "x": X, "size": 2},
    "global_avg_pool2d": {"x": X},
    "global_avg_pool2d_backward": {"delta": np.ones((2, 3)), "x": X},
}
PLACES = [(f, name) for f, good in FUNCTIONS.items() for name in good if isinstance(good[name], np.ndarray)]


@pytest.mark.parametrize(("came", "value"), NOT_AN_ARRAY, ids=[came for came, _ in NOT_AN_ARRAY])
def test_what_is_no_array_of_real_numbers(came, value):
    check_both(TypeError, "x", came, "", "conv2d", value, W)
    check(TypeError, "x", came, "", activations.relu, value)
    check(TypeError, "x", came, "", layers.Conv2d(3, 2, 2, rng=0).forward, value)


@pytest.mark.parametrize(("function", "name"), PLACES)
def test_every_array_of_every_function(function, name):
    good = FUNCTIONS[function]
    for came, value in A_FEW:
        check_both(TypeError, name, came, "", function, **good | {name: value})
    for came, value in WRONG_SHAPES:
        if function == "expand_sensitivity_map" and came in ("(6, 5)", "(1, 2, 3, 6, 5)", "(2, 0, 6, 5)"):
            continue  # any number of maps may be expanded
        if came == "(6, 5)" and np.ndim(good[name]) == 2 and name != "delta":
            continue  # a plane is what these want
        check_both(ValueError, name, came, "", function, **good | {name: value})
    for other in (np.ones((7, 7)), np.ones((7, 7, 7, 7))) if name == "delta" and "x" in good else ():
        check_both(ValueError, "delta", other.shape, "", function, **good | {name: other})


ELEMENTWISE = ["relu", "leaky_relu", "sigmoid", "tanh"]


@pytest.mark.parametrize("name", [*ELEMENTWISE, *[f"{name}_derivative" for name in ELEMENTWISE], "softmax"])
def test_activations_take_arrays_of_real_numbers(name):
    for came, value in A_FEW:
        check(TypeError, "logits" if name == "softmax" else "x", came, "", getattr(activations, name), value)


TAKES_MAPS = [layers.Conv2d(3, 2, 2, rng=0), layers.MaxPool2d(2), layers.AvgPool2d(2), layers.GlobalAvgPool2d()]
TAKES_ANY = [layers.Identity(), layers.ReLU(), layers.LeakyReLU(), layers.Sigmoid(), layers.Tanh()]


@pytest.mark.parametrize("layer", [*TAKES_MAPS, *TAKES_ANY, layers.Flatten(), layers.Linear(5, 2, rng=0)], ids=repr)
def test_layers_take_arrays_of_real_numbers(layer):
    for came, value in A_FEW:
        check(TypeError, "x", came, "", layer.forward, value)
    for came, value in WRONG_SHAPES:
        if layer in TAKES_MAPS:
            check(ValueError, "x", came, "", layer.forward, value)
        elif layer in TAKES_ANY:
            assert layer.forward(value).shape == np.shape(value)


def test_masked_labels_are_refused():
    labels = np.ma.masked_array([0, 1], [False, True])
    check(TypeError, "labels", "masked array", "plain NumPy array", losses.cross_entropy, np.zeros((2, 3)), labels)


LOGITS, LABELS = np.ones((3, 4)), np.array([0, 3, 1])


@pytest.mark.parametrize(
    ("error", "name", "came", "expected", "function", "args"),
    [
        (TypeError, "logits", "list", "NumPy array", losses.cross_entropy, ([[1.0, 2.0]], np.array([0]))),
        (ValueError, "logits", "(4,) with 1 axis", "(batch, class)", losses.cross_entropy, (np.ones(4), LABELS)),
        (ValueError, "logits", "with 4 axes", "(batch, class)", losses.cross_entropy, (X, LABELS)),
        (ValueError, "logits", "(0, 4)", "one row", losses.cross_entropy, (np.ones((0, 4)), np.ones(0, int))),
        (ValueError, "logits", "(3, 0)", "one class", losses.cross_entropy, (np.ones((3, 0)), LABELS)),
        (TypeError, "labels", "list", "NumPy array", losses.cross_entropy, (LOGITS, [0, 1, 2])),
        (TypeError, "labels", "float64", "0 to 3", losses.cross_entropy, (LOGITS, np.array([0.0, 1.0, 2.0]))),
        (TypeError, "labels", "bool", "0 to 3", losses.cross_entropy, (LOGITS, np.array([True, False, True]))),
        (ValueError, "labels", "from 0 to 4", "0 to 3", losses.cross_entropy, (LOGITS, np.array([0, 4, 1]))),
        (ValueError, "labels", "from -1 to 2", "0 to 3", losses.cross_entropy, (LOGITS, np.array([-1, 2, 1]))),
        (ValueError, "labels", "(2,)", "(3,)", losses.cross_entropy, (LOGITS, np.array([0, 1]))),
        (ValueError, "labels", "(3, 4)", "(3,)", losses.cross_entropy, (LOGITS, np.eye(3, 4, dtype=int))),  # one-hot
        (ValueError, "labels", "(3, 1)", "(3,)", losses.cross_entropy, (LOGITS, LABELS[:, None])),
        (TypeError, "outputs", "list", "NumPy array", losses.mean_squared_error, ([1.0], np.ones(1))),
        (TypeError, "targets", "list", "NumPy array", losses.mean_squared_error, (np.ones(1), [1.0])),
        (TypeError, "targets", "complex128", "float", losses.mean_squared_error, (np.ones(1), np.array([1j]))),
        (ValueError, "targets", "(3, 1)", "(3, 4)", losses.mean_squared_error, (LOGITS, np.ones((3, 1)))),
        (ValueError, "targets", "(3,)", "(3, 4)", losses.mean_squared_error, (LOGITS, LABELS)),
        (ValueError, "outputs", "(0, 4)", "at least one", losses.mean_squared_error, (np.ones((0, 4)),) * 2),
        (ValueError, "outputs", "()", "batch", losses.mean_squared_error, (1.0, 2.0)),
    ],
)
def test_losses(error, name, came, expected, function, args):
    check(error, name, came, expected, function, *args)


# Convolutions, forward and backward

CONVOLUTIONS = [
    (TypeError, "x", "list", "NumPy array", {"x": X.tolist()}),
    (TypeError, "x", "complex128", "float32", {"x": X * 1j}),
    (ValueError, "x", "(6, 5) with 2 axes", "4: (batch, channel, row, column)", {"x": X[0, 0]}),
    (ValueError, "x", "(3, 6, 5) with 3 axes", "4: (batch, channel, row, column)", {"x": X[0]}),
    (ValueError, "x", "(2, 3, 0, 5)", "one row", {"x": X[:, :, :0]}),
    (ValueError, "x", "(2, 0, 6, 5)", "one channel", {"x": X[:, :0]}),
    (TypeError, "weight", "list", "NumPy array", {"weight": W.tolist()}),
    (ValueError, "weight", "3 axes", "4: (out channel, in channel, row, column)", {"weight": W[0]}),
    (ValueError, "weight", "5 axes", "4: (out channel, in channel, row, column)", {"weight": W[None]}),
    (ValueError, "x", "3 channels in shape (2, 3, 6, 5)", "2, the input channels of weight", {"weight": W[:, :2]}),
    (ValueError, "x", "3 channels", "1, the input channels of weight", {"weight": W[:, :1]}),  # no broadcasting
    (ValueError, "weight", "(0, 3, 3, 2)", "at least one out channel", {"weight": W[:0]}),
    (ValueError, "weight", "(4, 3, 0, 2)", "one row", {"weight": W[:, :, :0]}),
    (ValueError, "weight (rows)", "extent 7 on a padded size of 6", "at most 6", {"weight": np.ones((4, 3, 7, 2))}),
    (ValueError, "weight (columns)", "extent 6 on a padded", "at least 1", {"weight": np.ones((4, 3, 3, 6))}),
    (ValueError, "weight (rows)", "extent 7 (kernel 3, dilation 3)", "at least 1", {"dilation": (3, 1)}),
    (ValueError, "stride", 0, "at least 1", {"stride": 0}),
    (ValueError, "stride", -1, "at least 1", {"stride": -1}),
    (ValueError, "stride[1] (columns)", 0, "at least 1", {"stride": (1, 0)}),
    (ValueError, "stride", "length 3", "pair", {"stride": (1, 1, 1)}),
    (TypeError, "stride", "1.0 (float)", "integer", {"stride": 1.0}),
    (TypeError, "stride", "True", "integer", {"stride": True}),
    (TypeError, "stride", "None", "integer", {"stride": None}),
    (TypeError, "stride[0] (rows)", "True", "integer", {"stride": (True, 1)}),
    (ValueError, "padding", -1, "at least 0", {"padding": -1}),
    (ValueError, "padding[0] (rows)", -1, "at least 0", {"padding": (-1, 0)}),
    (TypeError, "padding", "'same'", "integer", {"padding": "same"}),
    (ValueError, "padding", str(2**62), "less", {"padding": 2**62}),
    (ValueError, "padding", str(2**80), "less", {"padding": (0, 2**80)}),
    (ValueError, "dilation", 0, "at least 1", {"dilation": 0}),
    (TypeError, "dilation[1] (columns)", "1.5", "integer", {"dilation": (1, 1.5)}),
]


@pytest.mark.parametrize(("error", "name", "came", "expected", "change"), CONVOLUTIONS)
def test_convolution(error, name, came, expected, change):
    check_both(error, name, came, expected, "conv2d", **{"x": X, "weight": W, **change})
    check_both(error, name, came, expected, "conv2d_backward", **{"delta": DELTA, "x": X, "weight": W, **change})


@pytest.mark.parametrize(
    ("error", "came", "expected", "bias"),
    [
        (ValueError, "(3,)", "(4,)", np.ones(3)),
        (ValueError, "(1,)", "(4,)", np.ones(1)),  # no broadcasting
        (ValueError, "(4, 1)", "(4,)", np.ones((4, 1))),
        (ValueError, "()", "(4,)", 1.0),
        (TypeError, "list", "NumPy array", [1.0] * 4),
        (TypeError, "complex128", "float32", np.ones(4) * 1j),
    ],
)
def test_bias(error, came, expected, bias):
    check_both(error, "bias", came, expected, "conv2d", X, W, bias)
    check_both(error, "bias", came, expected, "conv_transpose2d", X, WT, bias)
    check(error, "bias", came, expected, reference.linear, np.ones((2, 3)), np.ones((4, 3)), bias)


# delta that would broadcast, or fit another padding or stride
DELTAS = [(2, 4, 4, 3), (1, 4, 4, 4), (2, 1, 4, 4), (2, 4, 1, 1), (2, 4, 6, 5), (2, 4, 2, 2), (4, 4, 4), (0, 4, 4, 4)]


@pytest.mark.parametrize("shape", DELTAS)
def test_delta_of_a_convolution(shape):
    check_both(ValueError, "delta", shape, "(2, 4, 4, 4)", "conv2d_backward", np.ones(shape), X, W)


@pytest.mark.parametrize(
    ("error", "name", "came", "expected", "change"),
    [
        (TypeError, "x", "list", "NumPy array", {"x": X.tolist()}),
        (ValueError, "x", "3 axes", "4: (batch, channel, row, column)", {"x": X[0]}),
        (ValueError, "weight", "3 axes", "4: (in channel, out channel, row, column)", {"weight": WT[0]}),
        (
            ValueError,
            "x",
            "3 channels",
            "4, the input channels of weight with shape (4, 3, 3, 2), which",
            {"weight": W},
        ),
        (ValueError, "stride", 0, "at least 1", {"stride": 0}),
        (ValueError, "stride", str(2**40), "less", {"stride": 2**40}),
        (ValueError, "padding", -1, "at least 0", {"padding": -1}),
        (ValueError, "padding", 4, "at most 3", {"padding": (4, 0)}),
        (ValueError, "output_padding", 2, "0 to 1", {"stride": 2, "output_padding": (0, 2)}),
        (ValueError, "output_padding", 1, "0 to 0", {"output_padding": 1}),
        (ValueError, "output_padding", -1, "at least 0", {"output_padding": -1}),
        (TypeError, "output_padding", "None", "integer", {"output_padding": None}),
        (TypeError, "stride", "2.0 (float)", "integer", {"stride": 2.0}),
        (TypeError, "output_padding", "True", "integer", {"output_padding": True}),
    ],
)
def test_transposed_convolution(error, name, came, expected, change):
    check_both(error, name, came, expected, "conv_transpose2d", **{"x": X, "weight": WT, **change})


@pytest.mark.parametrize("function", ["cross_correlate2d", "convolve2d"])
@pytest.mark.parametrize(
    ("error", "name", "came", "expected", "args"),
    [
        (TypeError, "x", "list", "NumPy array", (PLANE.tolist(), KERNEL)),
        (TypeError, "kernel", "list", "NumPy array", (PLANE, KERNEL.tolist())),
        (ValueError, "x", "1 axis", "2: (row, column)", (PLANE[0], KERNEL)),
        (ValueError, "x", "4 axes", "2: (row, column)", (X, KERNEL)),
        (ValueError, "kernel", "4 axes", "2: (row, column)", (PLANE, W)),
        (ValueError, "x", "(0, 6)", "at least one row", (PLANE[:0], KERNEL, "full")),
        (ValueError, "kernel", "(2, 0)", "at least one row", (PLANE, KERNEL[:, :0], "full")),
        (ValueError, "kernel", "(6, 1)", "at most (5, 6)", (PLANE, np.ones((6, 1)), "valid")),
        (ValueError, "kernel", "(1, 7)", "at most (5, 6)", (PLANE, np.ones((1, 7)), "valid")),
        (ValueError, "mode", "'Same'", "'valid', 'same' or 'full'", (PLANE, KERNEL, "Same")),
        (TypeError, "mode", "1 (int)", "'valid', 'same' or 'full'", (PLANE, KERNEL, 1)),
        (TypeError, "mode", "None", "'valid', 'same' or 'full'", (PLANE, KERNEL, None)),
    ],
)
def test_planes(function, error, name, came, expected, args):
    check_both(error, name, came, expected, function, *args)


# Pooling

POOLINGS = [
    (TypeError, "x", "list", "NumPy array", {"x": X.tolist()}),
    (ValueError, "x", "3 axes", "4: (batch, channel, row, column)", {"x": X[0]}),
    (ValueError, "x", "(2, 3, 6, 0)", "one column", {"x": X[..., :0]}),
    (ValueError, "size", 0, "at least 1", {"size": 0}),
    (ValueError, "size[1] (columns)", -2, "at least 1", {"size": (2, -2)}),
    (TypeError, "size", "None", "integer", {"size": None}),
    (TypeError, "size", "2.0 (float)", "integer", {"size": 2.0}),
    (ValueError, "size (rows)", "extent 7 on a padded size of 6", "at most 6", {"size": (7, 2)}),
    (ValueError, "size (columns)", "extent 8 on a padded size of 7", "at least 2", {"size": (2, 8), "padding": (0, 1)}),
    (ValueError, "stride", 0, "at least 1", {"stride": 0}),
    (TypeError, "stride", "'2'", "integer", {"stride": "2"}),
    (ValueError, "padding", "(2, 2)", "half of the window of (2, 2): (1, 1)", {"padding": 2}),
    (ValueError, "padding", "(0, 2)", "half of the window of (2, 3): (1, 1)", {"size": (2, 3), "padding": (0, 2)}),
    (ValueError, "padding", -1, "at least 0", {"padding": -1}),
    (ValueError, "padding", str(2**60), "less", {"size": 2**61, "padding": 2**60}),
]


@pytest.mark.parametrize(("error", "name", "came", "expected", "change"), POOLINGS)
def test_pooling(error, name, came, expected, change):
    for function in ("max_pool2d", "avg_pool2d"):
        check_both(error, name, came, expected, function, **{"x": X, "size": 2, **change})
        given = {"delta": POOLED, "x": X, "size": 2, **change}
        check_both(error, name, came, expected, f"{function}_backward", **given)


@pytest.mark.parametrize("function", ["max_pool2d_backward", "avg_pool2d_backward"])
@pytest.mark.parametrize("shape", [(2, 3, 3, 3), (2, 1, 3, 2), (1, 3, 3, 2), (2, 3, 1, 1), (2, 3, 6, 5), (3, 3, 2)])
def test_delta_of_a_pooling(function, shape):
    check_both(ValueError, "delta", shape, "(2, 3, 3, 2)", function, np.ones(shape), X, 2)


@pytest.mark.parametrize("shape", [(2, 4), (2, 1), (1, 3), (2, 3, 1, 1), (3,)])
def test_delta_of_a_global_mean(shape):
    check_both(ValueError, "delta", shape, "(2, 3)", "global_avg_pool2d_backward", np.ones(shape), X)


def test_global_mean():
    check_both(ValueError, "x", "3 axes", "4: (batch, channel, row, column)", "global_avg_pool2d", X[0])
    check_both(ValueError, "x", "(2, 3, 0, 5)", "one row", "global_avg_pool2d", X[:, :, :0])
    ones = np.ones((2, 3))
    check_both(ValueError, "x", "(2, 3) with 2 axes", "4", "global_avg_pool2d_backward", ones, ones)


@pytest.mark.parametrize(
    ("error", "name", "came", "expected", "args"),
    [
        (TypeError, "delta", "list", "NumPy array", ([[1.0]], 2)),
        (ValueError, "delta", "(4,)", "two axes", (np.ones(4), 2)),
        (ValueError, "delta", "(0, 4)", "one row", (np.ones((0, 4)), 2)),
        (ValueError, "stride", 0, "at least 1", (DELTA, 0)),
        (TypeError, "stride", "None", "integer", (DELTA, None)),
        (ValueError, "stride", str(2**50), "less", (DELTA, 2**50)),
        (ValueError, "size", "(6, 6)", "rows from 7 to 8 and columns from 7 to 8", (DELTA, 2, 6)),
        (ValueError, "size", "(7, 9)", "rows from 7 to 8 and columns from 7 to 8", (DELTA, 2, (7, 9))),
        (ValueError, "size", "(5, 4)", "rows from 4 to 4 and columns from 4 to 4", (DELTA, 1, (5, 4))),
        (TypeError, "size", "7.0", "integer", (DELTA, 2, 7.0)),
    ],
)
def test_expanding(error, name, came, expected, args):
    check_both(error, name, came, expected, "expand_sensitivity_map", *args)


def test_linear():
    x, w, backward = np.ones((2, 3)), np.ones((4, 3)), reference.linear_backward
    check(TypeError, "x", "list", "NumPy array", reference.linear, x.tolist(), w)
    check(ValueError, "x", "4 axes", "2: (batch, feature)", reference.linear, X, w)
    check(ValueError, "x", "1 axis", "2: (batch, feature)", reference.linear, x[0], w)
    check(ValueError, "weight", "1 axis", "2: (output feature, input feature)", reference.linear, x, w[0])
    check(ValueError, "x", "3 features", "4, the input features of weight", reference.linear, x, w.T)
    check(ValueError, "weight", "(0, 3)", "at least one output feature", reference.linear, x, w[:0])
    check(ValueError, "delta", "(2, 3)", "(2, 4)", backward, np.ones((2, 3)), x, w)
    check(ValueError, "delta", "(1, 4)", "(2, 4)", backward, np.ones((1, 4)), x, w)
    check(TypeError, "delta", "list", "NumPy array", backward, [[1.0] * 4] * 2, x, w)


# Layers


@pytest.mark.parametrize(
    ("error", "name", "came", "expected", "build"),
    [
        (ValueError, "in_channels", 0, "at least 1", lambda: layers.Conv2d(0, 2, 3)),
        (TypeError, "in_channels", "1.0 (float)", "integer", lambda: layers.Conv2d(1.0, 2, 3)),
        (ValueError, "out_channels", -2, "at least 1", lambda: layers.Conv2d(1, -2, 3)),
        (TypeError, "out_channels", "(2, 2) (tuple)", "integer", lambda: layers.Conv2d(1, (2, 2), 3)),
        (ValueError, "kernel_size", 0, "at least 1", lambda: layers.Conv2d(1, 2, 0)),
        (ValueError, "kernel_size[1] (columns)", 0, "at least 1", lambda: layers.Conv2d(1, 2, (3, 0))),
        (ValueError, "kernel_size", "length 3", "pair", lambda: layers.Conv2d(1, 2, (3, 3, 3))),
        (TypeError, "kernel_size", "True", "integer", lambda: layers.Conv2d(1, 2, True)),
        (ValueError, "stride", 0, "at least 1", lambda: layers.Conv2d(1, 2, 3, stride=0)),
        (TypeError, "stride[0] (rows)", "1.5 (float)", "integer", lambda: layers.Conv2d(1, 2, 3, (1.5, 1))),
        (ValueError, "padding", -1, "at least 0", lambda: layers.Conv2d(1, 2, 3, padding=-1)),
        (TypeError, "padding", "'same' (str)", "integer", lambda: layers.Conv2d(1, 2, 3, padding="same")),
        (ValueError, "dilation", 0, "at least 1", lambda: layers.Conv2d(1, 2, 3, dilation=0)),
        (TypeError, "dtype", "int64", "float32 or float64", lambda: layers.Conv2d(1, 2, 3, dtype=int)),
        (TypeError, "dtype", "float16", "float32 or float64", lambda: layers.Linear(1, 2, dtype="float16")),
        (TypeError, "dtype", "complex64", "float32 or float64", lambda: layers.Linear(1, 2, dtype=np.complex64)),
        (TypeError, "dtype", "None", "float32 or float64", lambda: layers.Linear(1, 2, dtype=None)),
        (TypeError, "dtype", "floaty", "float32 or float64", lambda: layers.BatchNorm2d(2, dtype="floaty")),
        (TypeError, "dtype", "[[[", "float32 or float64", lambda: layers.Conv2d(1, 2, 3, dtype=X)),
        (TypeError, "dtype", "1.0", "float32 or float64", lambda: layers.Linear(1, 2, dtype=np.float64(1))),
        (ValueError, "weight", f"(2, {10**400}", "no memory holds", lambda: layers.Linear(10**400, 2)),
        (ValueError, "weight", f"({2**60}, 1, 3, 3)", "no memory holds", lambda: layers.Conv2d(1, 2**60, 3)),
        (ValueError, "in_features", 0, "at least 1", lambda: layers.Linear(0, 2)),
        (ValueError, "out_features", 0, "at least 1", lambda: layers.Linear(2, 0)),
        (TypeError, "out_features", "'2' (str)", "integer", lambda: layers.Linear(2, "2")),
        (ValueError, "size", 0, "at least 1", lambda: layers.MaxPool2d(0)),
        (TypeError, "size", "None", "integer", lambda: layers.MaxPool2d(None)),
        (ValueError, "stride", -1, "at least 1", lambda: layers.MaxPool2d(2, -1)),
        (ValueError, "padding", "(2, 2)", "half of the window", lambda: layers.MaxPool2d(3, padding=2)),
        (ValueError, "padding", "(0, 1)", "(1, 0)", lambda: layers.AvgPool2d((2, 1), padding=(0, 1))),
        (TypeError, "stride", "2.0 (float)", "integer", lambda: layers.AvgPool2d(2, 2.0)),
        (TypeError, "slope", "'0.1' (str)", "a number", lambda: layers.LeakyReLU("0.1")),
        (TypeError, "slope", "None", "a number", lambda: layers.LeakyReLU(None)),
        (ValueError, "slope", "nan", "finite", lambda: layers.LeakyReLU(float("nan"))),
    ],
)
def test_settings_of_layers(error, name, came, expected, build):
    check(error, name, came, expected, build)


TAKE_A_SEED = {
    "Conv2d": lambda rng: layers.Conv2d(1, 2, 3, rng=rng),
    "Linear": lambda rng: layers.Linear(1, 2, rng=rng),
    "Dropout": lambda rng: layers.Dropout(0.5, rng=rng),
    "Subsampling": lambda rng: lenet.Subsampling(1, 2, rng=rng),
    "PartialConv2d": lambda rng: lenet.PartialConv2d(((0,),), 2, rng=rng),
    "lenet5": lambda rng: lenet.lenet5(rng=rng),
    "lenet5_1998": lambda rng: lenet.lenet5_1998(rng=rng),
    "gradient_check": lambda rng: cnnlib.gradient_check(layers.ReLU(), np.ones((1, 2)), rng=rng),
    "add_noise": lambda rng: augmentation.add_noise(X, 0.1, rng=rng),
}


@pytest.mark.parametrize("name", TAKE_A_SEED)
def test_seeds(name):
    for came, rng in (
        ("'1' (str)", "1"),
        ("1.0 (float)", 1.0),
        ("True", True),
        ("list", [1, 2]),
        ("Random", random.Random()),
    ):
        check(TypeError, "rng", came, "integer", TAKE_A_SEED[name], rng)
    check(ValueError, "rng", -1, "at least 0", TAKE_A_SEED[name], -1)
    for rng in (None, 3, np.int64(3), 10**30, np.random.default_rng(0)):
        TAKE_A_SEED[name](rng)


def test_an_error_shows_no_more_of_an_array_than_its_beginning():
    for function, args in ((layers.Linear, (np.arange(50.0), 2)), (layers.LeakyReLU, (np.arange(50.0),))):
        with pytest.raises(TypeError, match="got array") as raised:
            function(*args)
        assert len(str(raised.value)) < 150


@pytest.mark.parametrize(
    ("name", "came", "expected", "layer", "shape"),
    [
        ("x", "2 channels", "3, the input channels of weight", layers.Conv2d(3, 2, 2, rng=0), (1, 2, 4, 4)),
        ("weight (rows)", "extent 5", "at most 4", layers.Conv2d(1, 2, (5, 1), rng=0), (1, 1, 4, 6)),
        ("weight (columns)", "extent 7 (kernel 4, dilation 2)", "at most 3", None, (1, 1, 4, 6)),
        ("size (columns)", "extent 5", "at most 4", layers.MaxPool2d((1, 5)), (1, 1, 5, 4)),
        ("size (rows)", "extent 4 on a padded size of 3 (1 + 2 * 1)", "", layers.AvgPool2d(4, padding=1), (1, 1, 1, 9)),
        ("x", "4 features (shape (2, 4))", "5 for Linear(5, 2)", layers.Linear(5, 2, rng=0), (2, 4)),
        ("x", "(2, 5, 1, 1) with 4 axes", "2: (batch, feature)", layers.Linear(5, 2, rng=0), (2, 5, 1, 1)),
        ("x", "(5,) with 1 axis", "2: (batch, feature)", layers.Linear(5, 2, rng=0), (5,)),
        ("x", "(2, 3, 4)", "(batch, channel, row, column) or (batch, feature)", layers.Flatten(), (2, 3, 4)),
        ("x", "(6,)", "(batch, feature)", layers.Flatten(), (6,)),
    ],
)
def test_inputs_that_a_layer_was_not_made_for(name, came, expected, layer, shape):
    layer = layer or layers.Conv2d(1, 2, (1, 4), dilation=2, rng=0)
    check(ValueError, name, came, expected, layer.forward, np.ones(shape))


@pytest.mark.parametrize(
    ("came", "expected", "layer", "shape"),
    [
        ("(3, 5, 5)", "fits Conv2d(1, 2, 3); x: got 3 channels", layers.Conv2d(1, 2, 3), (3, 5, 5)),
        ("(5, 5, 1)", "try x.transpose(0, 3, 1, 2)", layers.Conv2d(1, 2, 3), (5, 5, 1)),
        ("(5, 5)", "4: (batch, channel, row, column)", layers.Conv2d(1, 2, 3), (5, 5)),
        ("(1, 2, 5)", "fits MaxPool2d(3); size (rows): got a window of extent 3", layers.MaxPool2d(3), (1, 2, 5)),
        ("7", "the shape of one image that fits MaxPool2d(2)", layers.MaxPool2d(2), 7),
        ("(1, 1, 5, 5)", "4: (batch, channel, row, column)", layers.GlobalAvgPool2d(), (1, 1, 5, 5)),
        ("(3,)", "4 for Linear(4, 2)", layers.Linear(4, 2), (3,)),
        ("(4, 1, 1)", "2: (batch, feature)", layers.Linear(4, 2), (4, 1, 1)),
    ],
)
def test_shapes_that_a_layer_was_not_made_for(came, expected, layer, shape):
    check(ValueError, "input_shape", came, expected, layer.output_shape, shape)
    if isinstance(layer, layers.Conv2d):
        check(ValueError, "input_shape", came, expected, layer.multiply_adds, shape)


@pytest.mark.parametrize("huge", [2**63, 10**30])
@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("channels", layers.BatchNorm2d),
        ("channels", lambda huge: lenet.Subsampling(huge, 2)),
        ("kernel_size", lambda huge: lenet.PartialConv2d([(0,)], huge)),
        ("size", cnnlib.load_digits),
    ],
    ids=["BatchNorm2d", "Subsampling", "PartialConv2d", "load_digits"],
)
def test_what_no_memory_holds_is_refused(name, function, huge):
    check(ValueError, name, huge, "less: no memory holds an array of shape", function, huge)


def test_a_shift_by_any_distance_leaves_paper():
    for far in (10**30, 2**63, 7):
        assert not augmentation.shift(X, down=far).any() and not augmentation.shift(X, right=far).any()


@pytest.mark.parametrize(
    "odd", [[], {}, set(), np.zeros(3), np.zeros(0)], ids=["list", "dict", "set", "array", "empty"]
)
def test_a_choice_among_names_may_be_anything(odd):
    for name in ("network", "data"):
        check(ValueError, name, "", "one of", lambda odd, name=name: recipes.train(**{name: odd}, progress=False), odd)
    check(ValueError, "split", "", "'classes' or 'blocks'", lambda odd: cnnlib.load_digits(8, split=odd), odd)


def test_a_batch_larger_than_the_set_is_the_set():
    x, labels = np.random.default_rng(0).random((12, 1, 4, 4)), np.arange(12) % 3
    made = []
    for batch_size in (12, 10**9, 10**30):
        network = cnnlib.Sequential(cnnlib.Flatten(), cnnlib.Linear(16, 3, rng=0))
        cnnlib.fit(network, cnnlib.SGD(network, 0.1), (x, labels), None, 2, batch_size, rng=0, progress=False)
        made.append(network.parameters()["1.weight"])
    assert np.array_equal(made[0], made[1]) and np.array_equal(made[0], made[2])
