"""Wrong input to geometry, activations, losses and plain loops: the error says which argument, what came, what else."""

import numpy as np
import pytest

from cnnlib import activations, geometry, losses, reference

X, W, DELTA = np.ones((2, 3, 6, 5)), np.ones((4, 3, 3, 2)), np.ones((2, 4, 4, 4))
WT = np.ones((3, 4, 3, 2))  # kernels of a transposed convolution
PLANE, KERNEL = np.ones((5, 6)), np.ones((2, 3))


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
        (ValueError, "kernel", "extent 6", "at most 5", geometry.use_counts, (5, 6)),
        (ValueError, "stride", 0, "at least 1", geometry.use_counts, (5, 3, 0)),
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
        (ValueError, "in_channels", 0, "at least 1", geometry.convolution_parameters, (0, 1, 3)),
        (ValueError, "out_channels", -1, "at least 1", geometry.convolution_parameters, (1, -1, 3)),
        (ValueError, "kernel", "length 3", "pair", geometry.convolution_parameters, (1, 1, (3, 3, 3))),
        (ValueError, "kernel[1] (columns)", 0, "at least 1", geometry.convolution_parameters, (1, 1, (3, 0))),
        (ValueError, "output", 0, "at least 1", geometry.convolution_connections, (1, 1, 3, 0)),
        (ValueError, "output", 0, "at least 1", geometry.convolution_multiply_adds, (1, 1, 3, 0)),
        (TypeError, "output", "1.5", "integer", geometry.unshared_parameters, (1, 1, 3, 1.5)),
        (ValueError, "in_features", 0, "at least 1", geometry.linear_parameters, (0, 3)),
        (ValueError, "out_features", 0, "at least 1", geometry.linear_multiply_adds, (3, 0)),
    ],
)
def test_geometry(error, name, came, expected, function, args):
    check(error, name, came, expected, function, *args)


ELEMENTWISE = [
    activations.relu,
    activations.relu_derivative,
    activations.leaky_relu,
    activations.leaky_relu_derivative,
    activations.sigmoid,
    activations.sigmoid_derivative,
    activations.tanh,
    activations.tanh_derivative,
]


@pytest.mark.parametrize(
    ("value", "came"),
    [
        ([1.0, 2.0], "list"),
        ((1.0,), "tuple"),
        (None, "NoneType"),
        ("1", "str"),
        (np.array([1j]), "complex128"),
        (np.array(["a"]), "<U1"),
        (np.array([None]), "object"),
        (np.ones(2, np.float16), "float16"),
        (np.ma.masked_array([1.0, 2.0], [True, False]), "masked array"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("function", [*ELEMENTWISE, activations.softmax])
def test_activations_take_arrays_of_real_numbers(function, value, came):
    name = "logits" if function is activations.softmax else "x"
    check(TypeError, name, came, "", function, value)


@pytest.mark.parametrize("function", [activations.leaky_relu, activations.leaky_relu_derivative])
def test_slopes(function):
    check(TypeError, "slope", "'0.1' (str)", "a number", function, PLANE, "0.1")
    check(TypeError, "slope", "True", "a number", function, PLANE, True)
    check(TypeError, "slope", "ndarray", "a number", function, PLANE, np.ones(6))
    check(ValueError, "slope", "nan", "finite", function, PLANE, float("nan"))
    check(ValueError, "slope", "inf", "finite", function, PLANE, float("-inf"))


@pytest.mark.parametrize("shape", [(3, 0), (0,), (0, 0), ()])
def test_softmax_needs_something_to_choose_from(shape):
    check(ValueError, "logits", f"shape {shape}", "at least one", activations.softmax, np.ones(shape))


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


# Every case of a convolution's arguments, for the forward and the backward pass
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
    (ValueError, "weight", "2 input channels in shape (4, 2, 3, 2)", "3, the channels of x", {"weight": W[:, :2]}),
    (ValueError, "weight", "1 input channels", "3, the channels of x", {"weight": W[:, :1]}),  # no broadcasting
    (ValueError, "weight", "(0, 3, 3, 2)", "at least one of each", {"weight": W[:0]}),
    (ValueError, "weight", "(4, 3, 0, 2)", "at least one of each", {"weight": W[:, :, :0]}),
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
    check(error, name, came, expected, reference.conv2d, **{"x": X, "weight": W, **change})
    check(error, name, came, expected, reference.conv2d_backward, **{"delta": DELTA, "x": X, "weight": W, **change})


@pytest.mark.parametrize(
    ("error", "came", "expected", "bias"),
    [
        (ValueError, "(3,)", "(4,)", np.ones(3)),
        (ValueError, "(1,)", "(4,)", np.ones(1)),
        (ValueError, "(4, 1)", "(4,)", np.ones((4, 1))),
        (ValueError, "()", "(4,)", 1.0),
        (TypeError, "list", "NumPy array", [1.0] * 4),
        (TypeError, "complex128", "float32", np.ones(4) * 1j),
    ],
)
def test_bias(error, came, expected, bias):
    check(error, "bias", came, expected, reference.conv2d, X, W, bias)
    check(error, "bias", came, expected, reference.conv_transpose2d, X, WT, bias)
    check(error, "bias", came, expected, reference.linear, np.ones((2, 3)), np.ones((4, 3)), bias)


@pytest.mark.parametrize(
    ("error", "came", "expected", "delta"),
    [
        (TypeError, "list", "NumPy array", DELTA.tolist()),
        (ValueError, "(2, 4, 4, 3)", "(2, 4, 4, 4)", DELTA[..., :3]),
        (ValueError, "(1, 4, 4, 4)", "(2, 4, 4, 4)", DELTA[:1]),
        (ValueError, "(2, 1, 4, 4)", "(2, 4, 4, 4)", DELTA[:, :1]),
        (ValueError, "(2, 4, 6, 5)", "(2, 4, 4, 4)", np.ones((2, 4, 6, 5))),
        (ValueError, "(4, 4, 4)", "(2, 4, 4, 4)", DELTA[0]),
    ],
)
def test_delta_of_a_convolution(error, came, expected, delta):
    check(error, "delta", came, expected, reference.conv2d_backward, delta, X, W)


@pytest.mark.parametrize(
    ("error", "name", "came", "expected", "change"),
    [
        (TypeError, "x", "list", "NumPy array", {"x": X.tolist()}),
        (ValueError, "x", "3 axes", "4: (batch, channel, row, column)", {"x": X[0]}),
        (ValueError, "weight", "3 axes", "4: (in channel, out channel, row, column)", {"weight": WT[0]}),
        (ValueError, "weight", "4 input channels in shape (4, 3, 3, 2)", "3, the channels of x", {"weight": W}),
        (ValueError, "stride", 0, "at least 1", {"stride": 0}),
        (ValueError, "stride", str(2**40), "less", {"stride": 2**40}),
        (ValueError, "padding", -1, "at least 0", {"padding": -1}),
        (ValueError, "padding", 4, "at most 3", {"padding": (4, 0)}),
        (ValueError, "output_padding", 2, "0 to 1", {"stride": 2, "output_padding": (0, 2)}),
        (ValueError, "output_padding", 1, "0 to 0", {"output_padding": 1}),
        (ValueError, "output_padding", -1, "at least 0", {"output_padding": -1}),
        (TypeError, "output_padding", "None", "integer", {"output_padding": None}),
    ],
)
def test_transposed_convolution(error, name, came, expected, change):
    check(error, name, came, expected, reference.conv_transpose2d, **{"x": X, "weight": WT, **change})


@pytest.mark.parametrize("function", [reference.cross_correlate2d, reference.convolve2d])
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
    check(error, name, came, expected, function, *args)


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
    for function in (reference.max_pool2d, reference.avg_pool2d):
        check(error, name, came, expected, function, **{"x": X, "size": 2, **change})
    for function in (reference.max_pool2d_backward, reference.avg_pool2d_backward):
        check(error, name, came, expected, function, **{"delta": np.ones((2, 3, 3, 2)), "x": X, "size": 2, **change})


@pytest.mark.parametrize("function", [reference.max_pool2d_backward, reference.avg_pool2d_backward])
def test_delta_of_a_pooling(function):
    check(ValueError, "delta", "(2, 3, 3, 3)", "(2, 3, 3, 2)", function, np.ones((2, 3, 3, 3)), X, 2)
    check(ValueError, "delta", "(2, 1, 3, 2)", "(2, 3, 3, 2)", function, np.ones((2, 1, 3, 2)), X, 2)
    check(TypeError, "delta", "list", "NumPy array", function, np.ones((2, 3, 3, 2)).tolist(), X, 2)


def test_global_mean():
    check(TypeError, "x", "list", "NumPy array", reference.global_avg_pool2d, X.tolist())
    check(ValueError, "x", "3 axes", "4: (batch, channel, row, column)", reference.global_avg_pool2d, X[0])
    check(ValueError, "x", "(2, 3, 0, 5)", "one row", reference.global_avg_pool2d, X[:, :, :0])
    backward = reference.global_avg_pool2d_backward
    check(ValueError, "delta", "(2, 4)", "(2, 3)", backward, np.ones((2, 4)), X)
    check(ValueError, "delta", "4 axes", "2: (batch, channel)", backward, np.ones((2, 3, 1, 1)), X)
    check(ValueError, "x", "(2, 3) with 2 axes", "4", backward, np.ones((2, 3)), np.ones((2, 3)))


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
    check(error, name, came, expected, reference.expand_sensitivity_map, *args)


def test_linear():
    x, w, backward = np.ones((2, 3)), np.ones((4, 3)), reference.linear_backward
    check(TypeError, "x", "list", "NumPy array", reference.linear, x.tolist(), w)
    check(ValueError, "x", "4 axes", "2: (batch, feature)", reference.linear, X, w)
    check(ValueError, "x", "1 axis", "2: (batch, feature)", reference.linear, x[0], w)
    check(ValueError, "weight", "1 axis", "2: (output feature, input feature)", reference.linear, x, w[0])
    check(ValueError, "weight", "4 input features in shape (3, 4)", "3, the features", reference.linear, x, w.T)
    check(ValueError, "weight", "(0, 3)", "at least one row", reference.linear, x, w[:0])
    check(ValueError, "delta", "(2, 3)", "(2, 4)", backward, np.ones((2, 3)), x, w)
    check(ValueError, "delta", "(1, 4)", "(2, 4)", backward, np.ones((1, 4)), x, w)
    check(TypeError, "delta", "list", "NumPy array", backward, [[1.0] * 4] * 2, x, w)
