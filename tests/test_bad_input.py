"""Wrong input to the fast functions and to layers: the same errors as from the plain loops, and nothing changes.

Networks, training, checks and the layers of 1998 have such tests in files of their own.
"""

from __future__ import annotations

import numpy as np
import pytest
from test_bad_input_floor01 import CONVOLUTIONS, DELTA, KERNEL, PLANE, POOLINGS, WT, W, X, check

from cnnlib import convolution, layers, losses, pooling, reference

MASKED = np.ma.masked_array(X, X > 0)
WRONG_ARRAYS = [
    (TypeError, "list", X.tolist()),
    (TypeError, "tuple", (1.0, 2.0)),
    (TypeError, "str", "x"),
    (TypeError, "NoneType", None),
    (TypeError, "bytes", b"1234"),
    (TypeError, "dict", {}),
    (TypeError, "masked array", MASKED),
    (TypeError, "complex128", X * 1j),
    (TypeError, "object", X.astype(object)),
    (TypeError, "<U1", np.full(X.shape, "1")),
    (TypeError, "|S1", np.full(X.shape, b"1")),
    (TypeError, "datetime64", X.astype("datetime64[s]")),
    (TypeError, "float16", X.astype(np.float16)),
    (ValueError, "()", np.float64(1.0)),
    (ValueError, "()", 3),
    (ValueError, "(6, 5)", X[0, 0]),
    (ValueError, "(1, 2, 3, 6, 5)", X[None]),
    (ValueError, "(2, 3, 6, 0)", X[..., :0]),
    (ValueError, "(2, 0, 6, 5)", X[:, :0]),
]
wrong_arrays = pytest.mark.parametrize(("error", "came", "value"), WRONG_ARRAYS, ids=range(len(WRONG_ARRAYS)))

# Every array of every function: (function, good arguments by name)
POOLED = np.ones((2, 3, 3, 2))
FUNCTIONS = [
    (convolution.conv2d, {"x": X, "weight": W, "bias": np.ones(4)}),
    (convolution.conv2d_backward, {"delta": DELTA, "x": X, "weight": W}),
    (convolution.conv_transpose2d, {"x": X, "weight": WT, "bias": np.ones(4)}),
    (convolution.cross_correlate2d, {"x": PLANE, "kernel": KERNEL}),
    (convolution.convolve2d, {"x": PLANE, "kernel": KERNEL}),
    (convolution.expand_sensitivity_map, {"delta": DELTA, "stride": 2}),
    (pooling.max_pool2d, {"x": X, "size": 2}),
    (pooling.max_pool2d_backward, {"delta": POOLED, "x": X, "size": 2}),
    (pooling.avg_pool2d, {"x": X, "size": 2}),
    (pooling.avg_pool2d_backward, {"delta": POOLED, "x": X, "size": 2}),
    (pooling.global_avg_pool2d, {"x": X}),
    (pooling.global_avg_pool2d_backward, {"delta": np.ones((2, 3)), "x": X}),
]
PLACES = [
    (function, good, name)
    for function, good in FUNCTIONS
    for name, array in good.items()
    if isinstance(array, np.ndarray)
]


@wrong_arrays
@pytest.mark.parametrize(("function", "good", "name"), PLACES, ids=[f"{f.__name__} {name}" for f, _, name in PLACES])
def test_arrays(function, good, name, error, came, value):
    if function is convolution.expand_sensitivity_map and came in ("(6, 5)", "(1, 2, 3, 6, 5)", "(2, 0, 6, 5)"):
        return  # any number of maps may be expanded
    if came == "(6, 5)" and np.ndim(good[name]) == 2 and name != "delta":
        return  # a plane is what these want
    if name == "bias" and value is None:
        return
    check(error, name, came, "", function, **good | {name: value})
    for other in (np.ones((7, 7)), np.ones((7, 7, 7, 7))) if name == "delta" and "x" in good else ():
        check(ValueError, "delta", str(other.shape), "", function, **good | {name: other})


@pytest.mark.parametrize(("error", "name", "came", "expected", "change"), CONVOLUTIONS)
def test_convolution(error, name, came, expected, change):
    check(error, name, came, expected, convolution.conv2d, **{"x": X, "weight": W, **change})
    given = {"delta": DELTA, "x": X, "weight": W, **change}
    check(error, name, came, expected, convolution.conv2d_backward, **given)


@pytest.mark.parametrize(("error", "name", "came", "expected", "change"), POOLINGS)
def test_pooling(error, name, came, expected, change):
    for function in (pooling.max_pool2d, pooling.avg_pool2d):
        check(error, name, came, expected, function, **{"x": X, "size": 2, **change})
    for function in (pooling.max_pool2d_backward, pooling.avg_pool2d_backward):
        check(error, name, came, expected, function, **{"delta": POOLED, "x": X, "size": 2, **change})


@pytest.mark.parametrize(
    ("error", "came", "expected", "bias"),
    [
        (ValueError, "(3,)", "(4,)", np.ones(3)),
        (ValueError, "(1,)", "(4,)", np.ones(1)),  # no broadcasting
        (ValueError, "(4, 1)", "(4,)", np.ones((4, 1))),
        (ValueError, "()", "(4,)", 0.0),
    ],
)
def test_bias(error, came, expected, bias):
    check(error, "bias", came, expected, convolution.conv2d, X, W, bias)
    check(error, "bias", came, expected, convolution.conv_transpose2d, X, WT, bias)


# delta that would broadcast, or fit another padding or stride
DELTAS = [(2, 4, 4, 3), (1, 4, 4, 4), (2, 1, 4, 4), (2, 4, 1, 1), (2, 4, 6, 5), (2, 4, 2, 2), (4, 4, 4), (0, 4, 4, 4)]


@pytest.mark.parametrize("shape", DELTAS)
def test_delta_of_a_convolution(shape):
    check(ValueError, "delta", shape, "(2, 4, 4, 4)", convolution.conv2d_backward, np.ones(shape), X, W)


@pytest.mark.parametrize("function", [pooling.max_pool2d_backward, pooling.avg_pool2d_backward])
@pytest.mark.parametrize("shape", [(2, 3, 3, 3), (2, 1, 3, 2), (1, 3, 3, 2), (2, 3, 1, 1), (2, 3, 6, 5), (3, 3, 2)])
def test_delta_of_a_pooling(function, shape):
    check(ValueError, "delta", shape, "(2, 3, 3, 2)", function, np.ones(shape), X, 2)


@pytest.mark.parametrize("shape", [(2, 4), (2, 1), (1, 3), (2, 3, 1, 1), (3,)])
def test_delta_of_a_global_mean(shape):
    expected = "2: (batch, channel)" if len(shape) != 2 else "(2, 3)"
    check(ValueError, "delta", shape, expected, pooling.global_avg_pool2d_backward, np.ones(shape), X)


@pytest.mark.parametrize(
    ("error", "name", "came", "expected", "change"),
    [
        (ValueError, "weight", "4 input channels in shape (4, 3, 3, 2)", "3, the channels of x", {"weight": W}),
        (ValueError, "stride", 0, "at least 1", {"stride": 0}),
        (TypeError, "stride", "2.0 (float)", "integer", {"stride": 2.0}),
        (ValueError, "stride", str(2**40), "less", {"stride": 2**40}),
        (ValueError, "padding", -1, "at least 0", {"padding": -1}),
        (ValueError, "padding", 4, "at most 3", {"padding": (4, 0)}),
        (ValueError, "output_padding", 2, "0 to 1", {"stride": 2, "output_padding": (0, 2)}),
        (ValueError, "output_padding", 1, "0 to 0", {"output_padding": 1}),
        (ValueError, "output_padding", -1, "at least 0", {"output_padding": -1}),
        (TypeError, "output_padding", "True", "integer", {"output_padding": True}),
    ],
)
def test_transposed_convolution(error, name, came, expected, change):
    check(error, name, came, expected, convolution.conv_transpose2d, **{"x": X, "weight": WT, **change})


@pytest.mark.parametrize("function", [convolution.cross_correlate2d, convolution.convolve2d])
def test_planes(function):
    check(ValueError, "mode", "'Same'", "'valid', 'same' or 'full'", function, PLANE, KERNEL, "Same")
    check(TypeError, "mode", "1 (int)", "'valid', 'same' or 'full'", function, PLANE, KERNEL, 1)
    check(ValueError, "kernel", "(6, 1)", "at most (5, 6)", function, PLANE, np.ones((6, 1)), "valid")
    check(ValueError, "kernel", "(1, 7)", "at most (5, 6)", function, PLANE, np.ones((1, 7)), "valid")
    check(ValueError, "kernel", "(0, 3)", "at least one row", function, PLANE, KERNEL[:0], "full")
    check(ValueError, "x", "(5, 0)", "one column", function, PLANE[:, :0], KERNEL, "same")


def test_expanding():
    expand = convolution.expand_sensitivity_map
    check(ValueError, "stride", 0, "at least 1", expand, DELTA, 0)
    check(TypeError, "stride", "None", "integer", expand, DELTA, None)
    check(ValueError, "stride", str(2**50), "less", expand, DELTA, 2**50)
    check(ValueError, "size", "(6, 6)", "rows from 7 to 8 and columns from 7 to 8", expand, DELTA, 2, 6)
    check(ValueError, "size", "(7, 9)", "rows from 7 to 8 and columns from 7 to 8", expand, DELTA, 2, (7, 9))
    check(TypeError, "size", "7.0", "integer", expand, DELTA, 2, 7.0)


def test_masked_labels_are_refused():
    labels = np.ma.masked_array([0, 1], [False, True])
    check(TypeError, "labels", "masked array", "plain NumPy array", losses.cross_entropy, np.zeros((2, 3)), labels)


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


TAKES_MAPS = [layers.Conv2d(3, 2, 2, rng=0), layers.MaxPool2d(2), layers.AvgPool2d(2), layers.GlobalAvgPool2d()]
TAKES_ANY = [layers.Identity(), layers.ReLU(), layers.LeakyReLU(), layers.Sigmoid(), layers.Tanh()]


@wrong_arrays
@pytest.mark.parametrize("layer", TAKES_MAPS, ids=repr)
def test_layers_of_maps(layer, error, came, value):
    check(error, "x", came, "", layer.forward, value)


@wrong_arrays
@pytest.mark.parametrize("layer", [*TAKES_ANY, layers.Flatten(), layers.Linear(5, 2, rng=0)], ids=repr)
def test_layers_of_anything(layer, error, came, value):
    if error is TypeError:
        check(TypeError, "x", came, "", layer.forward, value)
    elif layer in TAKES_ANY:
        assert layer.forward(value).shape == np.shape(value)


@pytest.mark.parametrize(
    ("name", "came", "expected", "layer", "shape"),
    [
        ("weight", "3 input channels", "2, the channels of x", layers.Conv2d(3, 2, 2, rng=0), (1, 2, 4, 4)),
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
        ("3 channels", "1 for Conv2d(1, 2, 3)", layers.Conv2d(1, 2, 3), (3, 5, 5)),
        ("(5, 5)", "(channel, row, column)", layers.Conv2d(1, 2, 3), (5, 5)),
        ("7", "(channel, row, column)", layers.MaxPool2d(2), 7),
        ("(1, 1, 5, 5)", "(channel, row, column)", layers.GlobalAvgPool2d(), (1, 1, 5, 5)),
        ("(3,)", "(4,) for Linear(4, 2)", layers.Linear(4, 2), (3,)),
        ("(4, 1, 1)", "(4,) for Linear(4, 2)", layers.Linear(4, 2), (4, 1, 1)),
    ],
)
def test_shapes_that_a_layer_was_not_made_for(came, expected, layer, shape):
    check(ValueError, "input_shape", came, expected, layer.output_shape, shape)
    if isinstance(layer, layers.Conv2d):
        check(ValueError, "input_shape", came, expected, layer.multiply_adds, shape)


def test_the_plain_loops_refuse_the_same():
    """Both take their checks from one place; this would show if one of them left it."""
    for function, good in FUNCTIONS:
        plain = getattr(reference, function.__name__)
        for name in good:
            for value in (X.tolist(), np.ones(3, complex), None, np.ones(())):
                if name == "bias" and value is None:
                    continue
                texts = []
                for one in (function, plain):
                    with pytest.raises((TypeError, ValueError)) as raised:
                        one(**good | {name: value})
                    texts.append((raised.type, str(raised.value)))
                assert texts[0] == texts[1]
