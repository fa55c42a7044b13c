"""Layers: their gradients against differences, their functions, what they remember, what they set."""

from __future__ import annotations

import math

import numpy as np
import pytest
from forms import FORMS

from cnnlib import activations, convolution, layout, pooling, reference
from cnnlib.gradcheck import gradient_check
from cnnlib.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Identity,
    Layer,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlib.lenet import NormalizeAndPad, PartialConv2d, RBFOutput, ScaledTanh, Subsampling
from cnnlib.network import Residual


def normalised(training, **options):
    """A batch normalisation that is not as it was made: every parameter and every running statistic differs."""
    layer = BatchNorm2d(3, **options)
    layer.weight[:], layer.bias[:] = [2, -0.5, 1], [0, 3, -1]
    layer.running_mean[:], layer.running_var[:] = [0.5, -1, 0.25], [4, 0.5, 2]
    layer.training = training
    return layer


def at_rest(layer):
    layer.training = False
    return layer


CODES = np.random.default_rng(3).choice([-1.0, 1.0], (4, 6))

# A new layer, and the shape of a batch for it. Strides, paddings, overlaps, nothing square.
LAYERS = {
    "Conv2d": (lambda **o: Conv2d(2, 3, (3, 2), rng=1, **o), (2, 2, 5, 4)),
    "Conv2d stride": (lambda **o: Conv2d(2, 3, 3, stride=(2, 3), padding=(2, 1), rng=1, **o), (2, 2, 6, 7)),
    "Conv2d overlap": (lambda **o: Conv2d(1, 2, (4, 3), stride=(3, 2), padding=(0, 2), rng=1, **o), (2, 1, 8, 5)),
    "Conv2d dilation": (lambda **o: Conv2d(2, 2, (2, 3), 2, 1, dilation=(3, 2), rng=1, **o), (2, 2, 6, 5)),
    "Conv2d stride larger": (lambda **o: Conv2d(1, 2, 2, stride=3, rng=1, **o), (2, 1, 7, 6)),
    "Conv2d one pixel": (lambda **o: Conv2d(3, 2, 1, rng=1, **o), (2, 3, 3, 2)),
    "Linear": (lambda **o: Linear(5, 3, rng=1, **o), (4, 5)),
    "Linear to one": (lambda **o: Linear(3, 1, rng=1, **o), (2, 3)),
    "MaxPool2d": (lambda: MaxPool2d(2), (2, 2, 5, 4)),
    "MaxPool2d overlap": (lambda: MaxPool2d((3, 2), stride=(2, 1), padding=(1, 0)), (2, 2, 6, 5)),
    "MaxPool2d stride larger": (lambda: MaxPool2d((1, 2), stride=(2, 3), padding=(0, 1)), (2, 2, 5, 7)),
    "AvgPool2d": (lambda: AvgPool2d((2, 3)), (2, 2, 5, 6)),
    "AvgPool2d overlap": (lambda: AvgPool2d((3, 2), stride=(1, 2), padding=1), (2, 2, 4, 5)),
    "GlobalAvgPool2d": (lambda: GlobalAvgPool2d(), (2, 3, 2, 5)),
    "Flatten": (lambda: Flatten(), (2, 3, 2, 4)),
    "Flatten rows": (lambda: Flatten(), (3, 4)),
    "Identity": (lambda: Identity(), (2, 3, 2)),
    "ReLU": (lambda: ReLU(), (2, 3, 2, 4)),
    "LeakyReLU": (lambda: LeakyReLU(0.2), (3, 4)),
    "Sigmoid": (lambda: Sigmoid(), (2, 1, 2, 3)),
    "Tanh": (lambda: Tanh(), (2, 5)),
    "BatchNorm2d": (lambda **o: normalised(True, **o), (4, 3, 2, 5)),
    "BatchNorm2d not in training": (lambda **o: normalised(False, **o), (4, 3, 2, 5)),
    "Dropout not in training": (lambda: at_rest(Dropout()), (2, 3, 2)),
    "Residual": (lambda **o: Residual(Conv2d(2, 2, (3, 1), padding=(1, 0), rng=1, **o), Tanh()), (2, 2, 5, 4)),
    "NormalizeAndPad": (lambda: NormalizeAndPad(), (2, 2, 3, 4)),
    "ScaledTanh": (lambda: ScaledTanh(), (2, 2, 3)),
    "Subsampling": (lambda **o: Subsampling(3, (2, 3), rng=1, **o), (2, 3, 5, 6)),
    "PartialConv2d": (lambda **o: PartialConv2d(((0, 2), (1,), (2, 0, 1)), 3, rng=1, **o), (2, 3, 5, 4)),
    "RBFOutput": (lambda **o: RBFOutput(CODES, **o), (3, 6)),
}
WITH_DTYPE = [name for name in LAYERS if name.startswith(("Batch", "Conv", "Lin", "Partial", "RBF", "Res", "Sub"))]
PASS_ON = ("Identity", "Flatten", "Dropout")  # these may hand on what they got, without a copy

all_layers = pytest.mark.parametrize("name", LAYERS)


def made(name, **options):
    """A new layer and a batch for it: distinct numbers of both signs, none near 0, where ReLU and max have kinks."""
    build, shape = LAYERS[name]
    count = math.prod(shape)
    x = np.random.default_rng(2).permutation(count).reshape(shape) - (count - 1) / 2 + 0.25
    return build(**options), x * (6 / count)


@all_layers
def test_gradients_are_those_of_differences(name):
    layer, x = made(name)
    errors = gradient_check(layer, x, report=True)
    assert set(errors) == {"x", *layer.parameters()}
    assert max(errors.values()) <= 1e-7, errors


@all_layers
def test_before_forward_there_is_no_backward_and_before_backward_no_gradient(name):
    layer, x = made(name)
    with pytest.raises(RuntimeError, match=f"{type(layer).__name__}.*call forward first"):
        layer.backward(np.ones(3))
    layer.forward(x)
    if layer.parameters():
        inner = layer[0] if isinstance(layer, Residual) else layer
        with pytest.raises(RuntimeError, match=f"{type(inner).__name__}.*call backward first"):
            layer.gradients()
    else:
        assert layer.gradients() == {}


@all_layers
def test_gradients_of_another_shape_are_refused_and_change_nothing(name):
    layer, x = made(name)
    y = layer.forward(x)
    layer.backward(np.ones(y.shape))
    before = {key: value.copy() for key, value in layer.gradients().items()}
    wrong = [np.ones((*y.shape[:-1], y.shape[-1] + 1)), np.ones((y.shape[0] + 1, *y.shape[1:])), np.ones(y.shape[:-1])]
    for gradient in [*wrong, np.ones((1, *y.shape[1:])), np.ones((1, *y.shape)), np.float64(1)]:
        with pytest.raises(ValueError, match=r"gradient: got shape .*, expected") as raised:
            layer.backward(gradient)
        assert str(np.shape(gradient)) in str(raised.value) and str(y.shape) in str(raised.value)
    with pytest.raises(TypeError, match="gradient: got list, expected a NumPy array"):
        layer.backward(np.ones(y.shape).tolist())
    for key, value in layer.gradients().items():
        np.testing.assert_array_equal(value, before[key])


@all_layers
def test_gradients_are_set_not_added(name):
    layer, x = made(name)
    rng = np.random.default_rng(4)
    g = rng.normal(size=layer.forward(x).shape)
    d_x = layer.backward(g).copy()
    first = {key: value.copy() for key, value in layer.gradients().items()}
    layer.backward(rng.normal(size=g.shape))
    layer.forward(rng.normal(size=x.shape))
    layer.forward(x)
    np.testing.assert_array_equal(layer.backward(g), d_x)
    for key, value in layer.gradients().items():
        np.testing.assert_array_equal(value, first[key])
        assert value.shape == layer.parameters()[key].shape


@all_layers
def test_what_goes_in_stays_as_it_is(name):
    layer, x = made(name)
    parameters = {key: value.copy() for key, value in layer.parameters().items()}
    x_before = x.copy()
    y = layer.forward(x)
    g = np.random.default_rng(5).normal(size=y.shape)
    y_before, g_before = y.copy(), g.copy()
    d_x = layer.backward(g)
    for array, before in ((x, x_before), (y, y_before), (g, g_before)):
        np.testing.assert_array_equal(array, before)
    for key, value in layer.parameters().items():
        np.testing.assert_array_equal(value, parameters[key])
    if not name.startswith(PASS_ON):
        assert y.flags.writeable and d_x.flags.writeable
        assert not np.shares_memory(y, x) and not np.shares_memory(d_x, g) and not np.shares_memory(d_x, x)


@all_layers
def test_one_image_and_none(name):
    layer, x = made(name)
    if name == "BatchNorm2d":  # in training an image's output depends on the others
        layer = at_rest(layer)
    y = layer.forward(x)
    g = np.random.default_rng(6).normal(size=y.shape)
    d_x = layer.backward(g)
    for images in (slice(0, 1), slice(0, 0)):
        part = layer.forward(x[images])
        np.testing.assert_allclose(part, y[images], rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(layer.backward(g[images]), d_x[images], rtol=1e-6, atol=1e-6)
    for gradient in layer.gradients().values():
        assert not gradient.any()  # after a batch of none


@all_layers
def test_shapes_are_foretold(name):
    layer, x = made(name)
    y = layer.forward(x)
    assert tuple(layer.output_shape(x.shape[1:])) == y.shape[1:]
    assert layer.backward(np.ones(y.shape)).shape == x.shape
    assert repr(layer).startswith(type(layer).__name__ + "(") and "0x" not in repr(layer)


@all_layers
@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_any_memory_order(name, form):
    layer, x = made(name)
    y = layer.forward(x).copy()
    g = np.random.default_rng(7).normal(size=y.shape)
    d_x, gradients = layer.backward(g), layer.gradients()
    np.testing.assert_allclose(layer.forward(form(x)), y, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.backward(form(g)), d_x, rtol=1e-12, atol=1e-12)
    for key, value in layer.gradients().items():
        np.testing.assert_allclose(value, gradients[key], rtol=1e-6, atol=1e-6)


@all_layers
@pytest.mark.parametrize("x_dtype", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtypes(name, x_dtype, dtype):
    layer, x = made(name, **({"dtype": dtype} if name in WITH_DTYPE else {}))
    x = (x * 8).astype(x_dtype)
    x_float = np.dtype(np.float32 if x_dtype is np.float32 else np.float64)
    y = layer.forward(x)
    assert y.dtype == (max(x_float, np.dtype(dtype), key=lambda d: d.itemsize) if name in WITH_DTYPE else x_float)
    for g_dtype in (np.float32, np.float64, np.int32):
        assert layer.backward(np.ones(y.shape, g_dtype)).dtype == x_float
        for key, value in layer.gradients().items():
            assert value.dtype == layer.parameters()[key].dtype == dtype


@all_layers
def test_forward_that_is_refused_leaves_the_memory_of_the_last_one(name):
    layer, x = made(name)
    y = layer.forward(x)
    d_x = layer.backward(np.ones(y.shape))
    with pytest.raises(TypeError, match=r"x: got list, expected a NumPy array"):
        layer.forward(x.tolist())
    if name not in ("Identity", "Dropout not in training") and not name.endswith(
        ("ReLU", "Tanh", "Sigmoid")
    ):  # these take any shape
        with pytest.raises(ValueError, match=r"(x|weight|size.*): got .*, expected"):
            layer.forward(np.ones(x.shape[1:]) if x.ndim == 4 else np.ones((2, 3, 4)))
    np.testing.assert_array_equal(layer.backward(np.ones(y.shape)), d_x)


# Each layer is the function that the chapters derive


def test_conv2d_is_the_function():
    layer, x = made("Conv2d stride")
    options = {"stride": (2, 3), "padding": (2, 1)}
    np.testing.assert_array_equal(layer.forward(x), convolution.conv2d(x, layer.weight, layer.bias, **options))
    g = np.random.default_rng(8).normal(size=layer.forward(x).shape)
    d_x = layer.backward(g)
    expected = reference.conv2d_backward(g, x, layer.weight, **options)
    for ours, wanted in zip((d_x, layer.d_weight, layer.d_bias), expected):
        np.testing.assert_allclose(ours, wanted, rtol=1e-5, atol=1e-5)
    layer, x = made("Conv2d dilation")
    expected = reference.conv2d(x, layer.weight, layer.bias, stride=2, padding=1, dilation=(3, 2))
    np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-5, atol=1e-5)


def test_linear_is_the_function():
    layer, x = made("Linear")
    np.testing.assert_allclose(layer.forward(x), reference.linear(x, layer.weight, layer.bias))
    g = np.random.default_rng(9).normal(size=(4, 3))
    d_x = layer.backward(g)
    for ours, wanted in zip((d_x, layer.d_weight, layer.d_bias), reference.linear_backward(g, x, layer.weight)):
        np.testing.assert_allclose(ours, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "function", "backward", "arguments"),
    [
        (
            MaxPool2d((3, 2), (2, 1), (1, 0)),
            reference.max_pool2d,
            reference.max_pool2d_backward,
            ((3, 2), (2, 1), (1, 0)),
        ),
        (MaxPool2d(2), reference.max_pool2d, reference.max_pool2d_backward, (2,)),
        (
            AvgPool2d((3, 2), (2, 1), (1, 0)),
            reference.avg_pool2d,
            reference.avg_pool2d_backward,
            ((3, 2), (2, 1), (1, 0)),
        ),
        (AvgPool2d(2), reference.avg_pool2d, reference.avg_pool2d_backward, (2,)),
        (GlobalAvgPool2d(), reference.global_avg_pool2d, reference.global_avg_pool2d_backward, ()),
    ],
    ids=["max overlap", "max", "mean overlap", "mean", "global mean"],
)
def test_poolings_are_the_functions(layer, function, backward, arguments):
    x = np.random.default_rng(10).integers(-2, 3, size=(2, 2, 6, 5)).astype(float)  # ties
    y = layer.forward(x)
    np.testing.assert_allclose(y, function(x, *arguments), atol=1e-12)
    g = np.random.default_rng(11).normal(size=y.shape)
    np.testing.assert_allclose(layer.backward(g), backward(g, x, *arguments), atol=1e-12)


def test_max_pooling_takes_integers_and_nan():
    layer = MaxPool2d(2)
    x = np.array([[[[1, 5, 2, 2], [3, 4, 2, 0]]]])
    assert layer.forward(x).tolist() == [[[[5, 2]]]]
    assert layer.backward(np.array([[[[7, 9]]]])).tolist() == [[[[0, 7, 9, 0], [0, 0, 0, 0]]]]
    layer.forward(np.array([[[[1.0, np.nan], [np.nan, 4.0]]]]))
    assert layer.backward(np.array([[[[7.0]]]])).tolist() == [[[[0, 7], [0, 0]]]]


@pytest.mark.parametrize(
    ("layer", "function", "derivative"),
    [
        (ReLU(), activations.relu, activations.relu_derivative),
        (LeakyReLU(), activations.leaky_relu, activations.leaky_relu_derivative),
        (Sigmoid(), activations.sigmoid, activations.sigmoid_derivative),
        (Tanh(), activations.tanh, activations.tanh_derivative),
        (Identity(), lambda x: x, lambda x: 1.0),
    ],
    ids=["ReLU", "LeakyReLU", "Sigmoid", "Tanh", "Identity"],
)
def test_activations_are_the_functions(layer, function, derivative):
    x = np.array([[-800.0, -2.0, -0.5, 0.0], [-0.0, 0.25, 3.0, 800.0]])
    np.testing.assert_array_equal(layer.forward(x), function(x))
    g = np.random.default_rng(12).normal(size=x.shape)
    np.testing.assert_allclose(layer.backward(g), g * derivative(x), atol=1e-15)


def test_leaky_relu_has_the_slope_it_is_given():
    layer = LeakyReLU(0.25)
    assert layer.forward(np.array([-4.0, 4.0])).tolist() == [-1, 4]
    assert layer.backward(np.array([8.0, 8.0])).tolist() == [2, 8]
    assert repr(layer) == "LeakyReLU(0.25)" and LeakyReLU().slope == 0.01


def test_flatten_goes_channel_by_channel_row_by_row():
    x = np.arange(2 * 3 * 2 * 4.0).reshape(2, 3, 2, 4)
    layer = Flatten()
    for form in FORMS.values():
        rows = layer.forward(form(x))
        np.testing.assert_array_equal(rows, x.reshape(2, 24))
        np.testing.assert_array_equal(layer.backward(rows), x)
    np.testing.assert_array_equal(layer.backward(form(np.ascontiguousarray(rows))), x)


# Batch normalisation

rng = np.random.default_rng(15)
BATCHES = rng.normal([[[2.0]], [[-1.0]], [[0.5]]], [[[3.0]], [[0.5]], [[1.0]]], (3, 4, 3, 2, 5))


def test_batch_normalisation_is_the_formula_channel_by_channel():
    layer = BatchNorm2d(3, eps=0.1, momentum=0.25, dtype=np.float64)
    layer.weight[:], layer.bias[:] = [2, -0.5, 1], [0, 3, -1]
    means, variances = [0.0] * 3, [1.0] * 3
    for x in BATCHES:
        y = layer.forward(x)
        for c in range(3):
            numbers = x[:, c].ravel().tolist()
            mean = sum(numbers) / 40
            squares = sum((number - mean) ** 2 for number in numbers)
            expected = layer.weight[c] * (x[:, c] - mean) / math.sqrt(squares / 40 + 0.1) + layer.bias[c]
            np.testing.assert_allclose(y[:, c], expected, rtol=1e-12, atol=1e-12)
            means[c] = 0.75 * means[c] + 0.25 * mean
            variances[c] = 0.75 * variances[c] + 0.25 * squares / 39  # the estimate for what the batch is drawn from
    np.testing.assert_allclose(layer.running_mean, means, rtol=1e-12)
    np.testing.assert_allclose(layer.running_var, variances, rtol=1e-12)
    layer.training = False
    y, before = layer.forward(x), layer.running_mean.copy()
    for c in range(3):
        expected = layer.weight[c] * (x[:, c] - means[c]) / math.sqrt(variances[c] + 0.1) + layer.bias[c]
        np.testing.assert_allclose(y[:, c], expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(layer.running_mean, before)


def test_batch_normalisation_needs_more_than_one_number_in_training():
    layer = BatchNorm2d(3)
    with pytest.raises(
        ValueError, match=r"x: got shape \(1, 3, 1, 1\), expected more than one number for each channel"
    ):
        layer.forward(np.ones((1, 3, 1, 1)))
    y = layer.forward(np.ones((0, 3, 4, 4)))  # from none there is nothing to learn
    assert y.shape == (0, 3, 4, 4) and layer.backward(y).shape == y.shape
    assert not layer.d_weight.any() and not layer.d_bias.any()
    assert layer.running_mean.tolist() == [0] * 3 and layer.running_var.tolist() == [1] * 3
    layer.forward(np.ones((1, 3, 1, 2)))
    layer.training = False
    assert np.isfinite(layer.forward(np.ones((1, 3, 1, 1)))).all()


def test_a_channel_without_variance_becomes_its_bias():
    layer = BatchNorm2d(3, dtype=np.float64)
    layer.bias[:] = 7
    y = layer.forward(np.full((2, 3, 4, 4), 0.1))
    np.testing.assert_allclose(y, 7, atol=1e-12)
    np.testing.assert_allclose(layer.backward(np.ones(y.shape)), 0, atol=1e-12)


def test_backward_is_that_of_the_mode_of_its_forward():
    layer, other = normalised(True, dtype=np.float64), normalised(True, dtype=np.float64)
    g = np.random.default_rng(16).normal(size=BATCHES[0].shape)
    for one in (layer, other):
        one.forward(BATCHES[0])
    layer.training = False
    np.testing.assert_array_equal(layer.backward(g), other.backward(g))
    layer.forward(BATCHES[0])
    layer.training = True
    slope = (layer.weight / np.sqrt(layer.running_var + layer.eps))[:, None, None]
    np.testing.assert_allclose(layer.backward(g), g * slope, rtol=1e-12)


@pytest.mark.parametrize("options", [{}, {"eps": 0.01, "momentum": 0.5}, {"momentum": 0}, {"momentum": 1}], ids=repr)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batch_normalisation_agrees_with_pytorch(dtype, options):
    torch = pytest.importorskip("torch", reason="PyTorch is an optional part of the tests")
    layer, twin = normalised(True, dtype=dtype, **options), torch.nn.BatchNorm2d(3, **options)
    twin = twin.to(torch.float32 if dtype is np.float32 else torch.float64)
    state = {**layer.parameters(), **layer.buffers()}
    twin.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in state.items()})
    close = {"rtol": 1e-5, "atol": 1e-5} if dtype is np.float32 else {"rtol": 1e-11, "atol": 1e-11}
    for x, training in zip(BATCHES.astype(dtype), (True, True, False)):
        layer.training = training
        twin.train(training)
        theirs = torch.from_numpy(x.copy()).requires_grad_()
        expected = twin(theirs)
        np.testing.assert_allclose(layer.forward(x), expected.detach().numpy(), **close)
        g = np.random.default_rng(17).normal(size=x.shape).astype(dtype)
        twin.zero_grad()
        expected.backward(torch.from_numpy(g))
        np.testing.assert_allclose(layer.backward(g), theirs.grad.numpy(), **close)
        np.testing.assert_allclose(layer.d_weight, twin.weight.grad.numpy(), **close)
        np.testing.assert_allclose(layer.d_bias, twin.bias.grad.numpy(), **close)
        np.testing.assert_allclose(layer.running_mean, twin.running_mean.numpy(), **close)
        np.testing.assert_allclose(layer.running_var, twin.running_var.numpy(), **close)


# Dropout


def test_dropout_leaves_out_a_share_and_scales_the_rest():
    layer, x = Dropout(0.3, rng=0), np.random.default_rng(18).normal(size=(100, 1000)) + 10
    y = layer.forward(x)
    out = y == 0
    assert abs(out.mean() - 0.3) < 4 * math.sqrt(0.3 * 0.7 / x.size)
    np.testing.assert_allclose(y[~out], x[~out] / 0.7, rtol=1e-12)
    assert out.mean(axis=0).max() < 0.6 and out.mean(axis=1).max() < 0.4  # each number by itself
    np.testing.assert_allclose(layer.backward(x), y)
    again = layer.forward(x)
    assert ((again == 0) != out).any()  # drawn again
    np.testing.assert_allclose(layer.backward(x), again)
    np.testing.assert_array_equal(Dropout(0.3, rng=0).forward(x), y)
    np.testing.assert_array_equal(Dropout(0.3, rng=np.random.default_rng(0)).forward(x), y)
    assert (Dropout(0.3, rng=1).forward(x) != y).any()
    assert layer.forward(x.astype(np.float32)).dtype == layer.backward(x).dtype == np.float32


def test_dropout_of_nothing_of_everything_and_outside_of_training():
    x = np.arange(1.0, 7).reshape(2, 3)
    assert Dropout(0).forward(x) is x
    layer = Dropout(1)
    assert not layer.forward(x).any() and not layer.backward(x).any()
    layer = Dropout(rng=0)
    assert repr(layer) == "Dropout(0.5)" and layer.training
    dropped = layer.forward(x)
    assert (dropped == 0).any()
    layer.training = False
    np.testing.assert_array_equal(layer.backward(x), dropped)  # still that of the last forward
    assert layer.forward(x) is x
    np.testing.assert_array_equal(layer.backward(x), x)


@pytest.mark.parametrize(
    ("error", "message", "build"),
    [
        (ValueError, "channels: got 0, expected an integer of at least 1", lambda: BatchNorm2d(0)),
        (TypeError, r"channels: got 1.5 \(float\)", lambda: BatchNorm2d(1.5)),
        (ValueError, "eps: got -1e-05, expected a number of at least 0", lambda: BatchNorm2d(3, -1e-5)),
        (ValueError, "momentum: got 1.5, expected a number from 0 to 1", lambda: BatchNorm2d(3, momentum=1.5)),
        (TypeError, r"momentum: got None", lambda: BatchNorm2d(3, momentum=None)),
        (TypeError, "dtype: got float16, expected float32 or float64", lambda: BatchNorm2d(3, dtype=np.float16)),
        (
            ValueError,
            r"x: got 2 channels \(shape \(4, 2, 3, 3\)\), expected 3 for BatchNorm2d\(3\)",
            lambda: BatchNorm2d(3).forward(np.ones((4, 2, 3, 3))),
        ),
        (ValueError, r"x: got shape \(4, 3\)", lambda: BatchNorm2d(3).forward(np.ones((4, 3)))),
        (ValueError, "p: got -0.1, expected a number of at least 0", lambda: Dropout(-0.1)),
        (ValueError, "p: got 1.1, expected a number from 0 to 1", lambda: Dropout(1.1)),
        (ValueError, "p: got nan, expected", lambda: Dropout(math.nan)),
        (TypeError, r"p: got '0.5' \(str\), expected a number", lambda: Dropout("0.5")),
        (TypeError, r"p: got True \(bool\), expected a number", lambda: Dropout(True)),
        (TypeError, r"x: got list, expected a NumPy array", lambda: Dropout().forward([1.0])),
    ],
)
def test_settings_and_inputs_that_do_not_fit(error, message, build):
    with pytest.raises(error, match=message):
        build()


# Parameters


def test_start_values_are_uniform_within_one_over_the_root_of_fan_in():
    for layer, fan_in in ((Conv2d(8, 40, (5, 3), rng=0), 120), (Linear(300, 400, rng=0), 300)):
        for parameter in (layer.weight, layer.bias):
            limit = 1 / math.sqrt(fan_in)
            assert np.abs(parameter).max() <= limit * (1 + 1e-6)
            assert np.abs(parameter).max() > 0.9 * limit
            assert abs(parameter.mean()) < 0.2 * limit
        shares, _ = np.histogram(layer.weight, bins=4, range=(-limit, limit))
        assert shares.min() > 0.22 * layer.weight.size


@pytest.mark.parametrize("build", [lambda **o: Conv2d(2, 3, (3, 2), **o), lambda **o: Linear(4, 3, **o)])
def test_start_values_come_from_the_generator(build):
    first, again, other = build(rng=5), build(rng=5), build(rng=6)
    np.testing.assert_array_equal(first.weight, again.weight)
    np.testing.assert_array_equal(first.bias, again.bias)
    assert (first.weight != other.weight).all()
    rng = np.random.default_rng(5)
    np.testing.assert_array_equal(build(rng=rng).weight, first.weight)
    assert (build(rng=rng).weight != first.weight).all()  # the next numbers of the same generator
    assert (build().weight != build().weight).any()  # without a seed: different each time
    exact = build(rng=5, dtype=np.float64)
    assert exact.weight.dtype == exact.bias.dtype == np.float64 and first.weight.dtype == np.float32
    np.testing.assert_array_equal(exact.weight.astype(np.float32), first.weight)


def test_shapes_of_parameters():
    layer = Conv2d(2, 3, (5, 4))
    assert layer.weight.shape == (3, 2, 5, 4) and layer.bias.shape == (3,)
    layer = Linear(5, 3)
    assert layer.weight.shape == (3, 5) and layer.bias.shape == (3,)


@pytest.mark.parametrize("name", [name for name in LAYERS if name.startswith(("Conv", "Lin", "Sub", "Partial"))])
def test_parameters_are_the_arrays_themselves(name):
    layer, x = made(name)
    parameters = layer.parameters()
    assert all(parameters[key] is getattr(layer, key) for key in layer.parameter_names)
    layer.forward(x)
    for value in parameters.values():
        value[...] = 0
    assert not layer.forward(x).any()
    layer.backward(np.ones(layer.forward(x).shape))
    assert all(layer.gradients()[key] is getattr(layer, f"d_{key}") for key in layer.parameter_names)


@all_layers
def test_without_the_input_gradient_the_others_are_the_same(name):
    layer, x = made(name)
    g = np.random.default_rng(13).normal(size=layer.forward(x).shape)
    assert layer.backward(g) is not None
    full = {key: value.copy() for key, value in layer.gradients().items()}
    layer.backward(np.zeros_like(g))
    assert layer.backward(g, input_gradient=False) is None
    for key, value in layer.gradients().items():
        np.testing.assert_array_equal(value, full[key])
    with pytest.raises(ValueError, match="gradient: got shape"):
        layer.backward(g[..., :-1], input_gradient=False)


WORK = [(layout, "correlate_input_gradient"), (pooling, "max_pool2d_backward"), (pooling, "avg_pool2d_backward")]


@pytest.mark.parametrize(
    "name", ["Conv2d stride", "PartialConv2d", "MaxPool2d", "AvgPool2d", "Subsampling", "Residual"]
)
def test_without_the_input_gradient_its_work_is_not_done(name, monkeypatch):
    done = []
    for module, function in WORK:
        original = getattr(module, function)
        monkeypatch.setattr(module, function, lambda *a, f=original, **o: done.append(f) or f(*a, **o))
    layer, x = made(name)
    g = np.ones(layer.forward(x).shape)
    layer.backward(g, input_gradient=False)
    assert len(done) == 0
    layer.backward(g)
    assert len(done) == 1


def test_multiply_adds_are_the_products_that_loops_would_count():
    assert Conv2d(1, 6, 5, padding=2).multiply_adds((1, 28, 28)) == 117_600
    assert Conv2d(6, 16, 5).multiply_adds((6, 14, 14)) == 240_000
    assert Conv2d(2, 3, (3, 2), stride=(2, 1), dilation=2).multiply_adds((2, 9, 8)) == 3 * (3 * 6) * 2 * 6
    assert Linear(400, 120).multiply_adds((400,)) == 48_000
    assert Subsampling(6, 2).multiply_adds((6, 28, 28)) == 6 * 14 * 14
    assert PartialConv2d(((0, 1), (1,)), 3).multiply_adds((2, 7, 6)) == 5 * 4 * 3 * 9
    assert RBFOutput(CODES).multiply_adds((6,)) == 24
    for layer in (MaxPool2d(2), AvgPool2d(2), GlobalAvgPool2d(), Flatten(), ReLU(), BatchNorm2d(3), Dropout()):
        assert layer.multiply_adds((3, 4, 6)) == 0


def test_how_layers_show_themselves():
    assert repr(Conv2d(1, 6, 5)) == "Conv2d(1, 6, 5)"
    text = repr(Conv2d(1, 6, (5, 3), stride=2, padding=(1, 0), dilation=3))
    assert text == "Conv2d(1, 6, (5, 3), stride=2, padding=(1, 0), dilation=3)"
    assert repr(Linear(400, 120)) == "Linear(400, 120)"
    assert repr(MaxPool2d(2)) == "MaxPool2d(2)"
    assert repr(AvgPool2d((3, 2), stride=2, padding=1)) == "AvgPool2d((3, 2), stride=2, padding=1)"
    assert repr(ReLU()) == "ReLU()"
    assert repr(BatchNorm2d(3)) == "BatchNorm2d(3)"
    assert repr(BatchNorm2d(3, 0.01, 0.2)) == "BatchNorm2d(3, eps=0.01, momentum=0.2)"


# A layer of one's own


class Scale(Layer):
    """a = factor * x, the factor being learned."""

    parameter_names = ("factor",)

    def __init__(self, factor):
        self.factor = np.array([factor])

    def forward(self, x):
        self._x = x
        return x * self.factor

    def backward(self, gradient):
        self.d_factor = np.array([(gradient * self._cached("_x")).sum()])
        return gradient * self.factor


def test_a_layer_of_ones_own_needs_forward_backward_and_names():
    layer = Scale(3.0)
    with pytest.raises(RuntimeError, match="Scale: call forward first, there is no x yet"):
        layer.backward(np.ones(2))
    assert gradient_check(layer, np.array([[1.0, -2.0]])) <= 1e-7
    layer.forward(np.array([[1.0, -2.0]]))
    with pytest.raises(RuntimeError, match="Scale: call backward first"):
        layer.gradients()
    layer.backward(np.array([[1.0, 1.0]]))
    assert layer.gradients() == {"factor": np.array([-1.0])} and layer.parameters()["factor"] is layer.factor
    assert layer.output_shape((2, 3)) == (2, 3) and layer.multiply_adds((2, 3)) == 0 and repr(layer) == "Scale()"


def test_a_layer_without_forward_or_backward_says_so():
    with pytest.raises(NotImplementedError, match="Layer has no forward"):
        Layer().forward(np.ones(2))
    with pytest.raises(NotImplementedError, match="Layer has no backward"):
        Layer().backward(np.ones(2))
    assert Layer().parameters() == {} and Layer().gradients() == {}


def test_max_pooling_backward_uses_the_maxima_of_its_own_forward():
    x = np.random.default_rng(14).normal(size=(1, 2, 4, 6))
    one, other = MaxPool2d(2), MaxPool2d(2)
    one.forward(x)
    other.forward(-x)
    g = np.ones((1, 2, 2, 3))
    np.testing.assert_array_equal(one.backward(g), pooling.max_pool2d_backward(g, x, 2))
    np.testing.assert_array_equal(other.backward(g), pooling.max_pool2d_backward(g, -x, 2))
