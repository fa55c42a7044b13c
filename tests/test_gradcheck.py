"""The gradient check finds planted mistakes, passes right layers, and leaves everything as it was."""

from __future__ import annotations

import numpy as np
import pytest

from cnnlib.convolution import conv2d, conv2d_backward
from cnnlib.gradcheck import gradient_check, numerical_gradient
from cnnlib.layers import (
    AvgPool2d,
    Conv2d,
    Flatten,
    Identity,
    Layer,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlib.losses import cross_entropy
from cnnlib.network import Sequential


def maps(seed=0, shape=(2, 2, 6, 5)):
    return np.random.default_rng(seed).normal(size=shape)


# The numerical gradient of a function


@pytest.mark.parametrize(
    ("f", "derivative"),
    [
        (lambda x: (x**2).sum(), lambda x: 2 * x),
        (lambda x: np.sin(x).sum(), np.cos),
        (lambda x: x[0, 1] * x[1, 2], lambda x: np.array([[0, x[1, 2], 0], [0, 0, x[0, 1]]])),
        (lambda x: x.prod(), lambda x: x.prod() / x),
        (lambda x: 3.0, np.zeros_like),
        (lambda x: np.exp(x).sum(keepdims=True), np.exp),  # an array of one number will do
        (lambda x: [float(x.sum())], np.ones_like),
    ],
)
def test_functions_of_an_array(f, derivative):
    x = np.array([[0.5, -1.5, 2.0], [1.25, 3.0, -0.75]])
    before = x.copy()
    gradient = numerical_gradient(f, x)
    np.testing.assert_allclose(gradient, derivative(x), rtol=1e-8, atol=1e-8)
    np.testing.assert_array_equal(x, before)
    assert gradient.shape == x.shape and gradient.dtype == np.float64


def test_any_rank_memory_order_and_dtype():
    f = lambda x: (x**3).sum()
    assert numerical_gradient(f, np.float64(2.0)) == pytest.approx(12)
    assert numerical_gradient(f, 2) == pytest.approx(12)
    assert numerical_gradient(f, np.zeros((0, 3))).shape == (0, 3)
    x = np.arange(24.0).reshape(2, 3, 4)
    for form in (x.transpose(2, 0, 1), x[:, ::-1, ::2], np.asfortranarray(x)):
        np.testing.assert_allclose(numerical_gradient(f, form), 3 * form**2, rtol=1e-6, atol=1e-6)
    read_only = np.array([1.0, 2.0])
    read_only.flags.writeable = False
    np.testing.assert_allclose(numerical_gradient(f, read_only), [3, 12], rtol=1e-8)
    integers = numerical_gradient(f, np.array([1, -2]))
    assert integers.dtype == np.float64
    np.testing.assert_allclose(integers, [3, 12], rtol=1e-8)
    single = numerical_gradient(f, np.array([1.0, -2.0], np.float32), eps=1e-2)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, [3, 12], rtol=1e-3)


def test_the_differences_are_central_and_eps_is_the_step():
    seen = []
    numerical_gradient(lambda x: seen.append(x.copy()) or x.sum(), np.array([1.0, 5.0]), eps=0.25)
    np.testing.assert_array_equal(sorted(map(tuple, seen)), [(0.75, 5), (1, 4.75), (1, 5.25), (1.25, 5)])
    cubic = numerical_gradient(lambda x: (x**3).sum(), np.array([2.0]), eps=0.5)
    assert cubic[0] == 12.25  # ((2 + h)^3 - (2 - h)^3) / 2h = 12 + h^2


def test_the_gradient_of_a_loss():
    logits, labels = np.random.default_rng(1).normal(size=(3, 4)), np.array([1, 3, 0])
    numerical = numerical_gradient(lambda z: cross_entropy(z, labels)[0], logits)
    np.testing.assert_allclose(numerical, cross_entropy(logits, labels)[1], atol=1e-10)


@pytest.mark.parametrize(
    ("error", "message", "arguments"),
    [
        (ValueError, "eps: got 0, expected a positive number", {"eps": 0}),
        (ValueError, "eps: got -1e-05, expected a number of at least 0", {"eps": -1e-5}),
        (ValueError, "eps: got nan, expected a number of at least 0, finite", {"eps": float("nan")}),
        (ValueError, "eps: got inf, expected a number of at least 0, finite", {"eps": float("inf")}),
        (TypeError, r"eps: got '1e-5' \(str\), expected a number", {"eps": "1e-5"}),
        (TypeError, r"eps: got True \(bool\), expected a number", {"eps": True}),
        (TypeError, "x: got list, expected a NumPy array", {"x": [1.0, 2.0]}),
        (TypeError, "x: got dtype complex128, expected", {"x": np.ones(2) * 1j}),
        (ValueError, r"f: got a result of shape \(2,\), expected one number", {"f": lambda x: x}),
        (ValueError, r"f: got a result of shape \(0,\), expected one number", {"f": lambda x: x[:0]}),
    ],
)
def test_arguments_that_do_not_fit(error, message, arguments):
    with pytest.raises(error, match=message):
        numerical_gradient(**({"f": lambda x: x.sum(), "x": np.ones(2)} | arguments))
    if "f" not in arguments:
        with pytest.raises(error, match=message):
            gradient_check(Linear(2, 1, rng=0), **({"x": np.ones((1, 2))} | arguments))


@pytest.mark.parametrize("wrong", [None, 5, conv2d, np.ones(3)], ids=["None", "number", "function", "array"])
def test_what_is_no_layer(wrong):
    with pytest.raises(TypeError, match=r"layer: got .*, expected a layer or a network"):
        gradient_check(wrong, np.ones((1, 2)))


# The check of a layer


def test_right_layers_pass():
    for layer, x in (
        (Conv2d(2, 3, (3, 2), stride=(2, 1), padding=1, rng=0), maps()),
        (Sequential(Conv2d(2, 2, 3, rng=0), Tanh(), MaxPool2d(2), Flatten(), Linear(4, 3, rng=1)), maps()),
        (Linear(3, 2, rng=0), np.arange(6).reshape(2, 3)),  # integers and
        (Linear(3, 2, rng=0, dtype=np.float64), maps(1, (4, 3)).astype(np.float32)),  # single precision are converted
    ):
        error = gradient_check(layer, x)
        assert type(error) is float and 0 < error <= 1e-7
        assert all(gradient_check(layer, x, rng=seed) <= 1e-7 for seed in (1, np.random.default_rng(2)))
        assert gradient_check(layer, x, rng=None) < 1e-4  # new numbers at each run: some may be close to 0


def test_a_report_names_what_was_checked():
    network = Sequential(Conv2d(2, 2, 3, rng=0), Tanh(), Sequential(Flatten(), Linear(24, 2, rng=1)))
    report = gradient_check(network, maps(), report=True)
    assert list(report) == ["x", "0.weight", "0.bias", "2.1.weight", "2.1.bias"]
    assert max(report.values()) == gradient_check(network, maps()) <= 1e-7
    assert list(gradient_check(Tanh(), maps(), report=True)) == ["x"]


def test_the_layer_and_its_memory_stay_as_they_were():
    layer, x, g = Conv2d(2, 3, 3, rng=0), maps(2), maps(3, (2, 3, 4, 3))
    layer.forward(x)
    d_x = layer.backward(g)
    weight, d_weight = layer.weight.copy(), layer.d_weight.copy()
    other = maps(4)
    before = other.copy()
    gradient_check(layer, other)
    np.testing.assert_array_equal(other, before)
    np.testing.assert_array_equal(layer.weight, weight)
    np.testing.assert_array_equal(layer.d_weight, d_weight)
    np.testing.assert_array_equal(layer.backward(g), d_x)
    assert layer.weight.dtype == np.float32


def test_a_batch_of_none_has_nothing_to_be_wrong():
    assert gradient_check(Linear(3, 2, rng=0), np.zeros((0, 3))) == 0


# Mistakes that others made, each planted on purpose. All but the last few also pass a check with δ = 1 everywhere,
# square kernels or a single image, which is why this one uses random δ.


class Broken(Conv2d):
    """A convolution layer whose gradients go through `spoil`."""

    def __init__(self, spoil, **options):
        super().__init__(2, 3, (3, 2), rng=0, dtype=np.float64, **options)
        self.spoil = spoil

    def backward(self, gradient, input_gradient=True):
        d_x = super().backward(gradient)
        return self.spoil(self, gradient, d_x)


def spoil_weight(change):
    def spoil(layer, gradient, d_x):
        layer.d_weight = change(layer, gradient)
        return d_x

    return spoil


def recomputed(layer, delta, weight=None):
    weight = layer.weight if weight is None else weight
    return conv2d_backward(delta, layer._x, weight, layer.stride, layer.padding)


def only(delta, index):
    kept = np.zeros_like(delta)
    kept[index] = delta[index]
    return kept


MISTAKES = {
    "d_x zeroed": lambda layer, g, d_x: np.zeros_like(d_x),
    "d_x with the wrong sign": lambda layer, g, d_x: -d_x,
    "d_x twice as large": lambda layer, g, d_x: 2 * d_x,
    "d_x a millionth too large": lambda layer, g, d_x: d_x * (1 + 1e-6),
    "d_x a mean over the batch": lambda layer, g, d_x: d_x / len(d_x),
    "d_x of the last filter only": lambda layer, g, d_x: recomputed(layer, only(g, np.s_[:, -1]))[0],
    "d_x with the kernel turned": lambda layer, g, d_x: recomputed(layer, g, layer.weight[:, :, ::-1, ::-1])[0],
    "d_x with filters exchanged": lambda layer, g, d_x: recomputed(layer, g[:, ::-1])[0],
    "d_x of the first image only": lambda layer, g, d_x: only(d_x, 0),
    "d_x moved by a pixel": lambda layer, g, d_x: np.roll(d_x, 1, axis=3),
    "one element of d_x": lambda layer, g, d_x: d_x + only(np.ones_like(d_x), (1, 1, 2, 3)),
    "one element of d_x not a number": lambda layer, g, d_x: d_x + only(np.full_like(d_x, np.nan), (1, 1, 2, 3)),
    "d_weight zeroed": spoil_weight(lambda layer, g: np.zeros_like(layer.weight)),
    "d_weight turned": spoil_weight(lambda layer, g: layer.d_weight[:, :, ::-1, ::-1]),
    "d_weight of channel 0 only": spoil_weight(lambda layer, g: only(layer.d_weight, np.s_[:, 0])),
    "d_weight of the first image only": spoil_weight(lambda layer, g: recomputed(layer, only(g, 0))[1]),
    "d_weight with the mean taken twice": spoil_weight(lambda layer, g: layer.d_weight / 2),
    "d_weight with δ taken as 1": spoil_weight(lambda layer, g: recomputed(layer, np.ones_like(g))[1]),
    "d_weight with δ turned": spoil_weight(lambda layer, g: recomputed(layer, g[:, :, ::-1, ::-1])[1]),
    "d_weight not a number": spoil_weight(lambda layer, g: layer.d_weight * np.nan),
    "d_weight infinite": spoil_weight(lambda layer, g: np.full_like(layer.d_weight, np.inf)),
}


@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_found(mistake):
    options = {"stride": (2, 1), "padding": 1}
    check = {"x": maps(), "eps": 1e-3}  # the layer is linear: a long step is exact, and rounding counts for less
    assert gradient_check(Broken(lambda layer, g, d_x: d_x, **options), **check) <= 1e-8
    assert not gradient_check(Broken(MISTAKES[mistake], **options), **check) <= 1e-7
    assert not gradient_check(Broken(MISTAKES[mistake], **options), maps()) <= 1e-7
    report = gradient_check(Broken(MISTAKES[mistake], **options), **check, report=True)
    place = "weight" if mistake.startswith("d_weight") else "x"
    assert not report[place] <= 1e-7
    assert all(report[other] <= 1e-7 for other in {"x", "weight", "bias"} - {place})
    inside = Sequential(Tanh(), Broken(MISTAKES[mistake], **options), Sigmoid())
    assert not gradient_check(inside, maps()) <= 1e-7


def test_zero_on_one_side_is_an_error_of_one():
    assert gradient_check(Broken(MISTAKES["d_x zeroed"]), maps()) == 1


class Added(Linear):
    """Adds its gradients to those of the call before: the mistake shows at the second call."""

    d_weight = 0.0

    def backward(self, gradient, input_gradient=True):
        before = self.d_weight
        d_x = super().backward(gradient)
        self.d_weight = self.d_weight + before
        return d_x


def test_gradients_that_add_up_are_found_after_a_first_use():
    layer, x = Added(3, 2, rng=0), maps(5, (4, 3))
    layer.forward(x)
    layer.backward(np.ones((4, 2)))
    assert gradient_check(layer, x) > 1e-3


class WrongShape(Identity):
    def backward(self, gradient):
        return gradient.sum(axis=0)


def test_a_gradient_of_the_wrong_shape_is_named():
    with pytest.raises(ValueError, match=r"gradient of x: got shape \(3,\), expected \(2, 3\)"):
        gradient_check(WrongShape(), np.ones((2, 3)))


class Swapping(Layer):
    """a = x with its last axis reversed; its backward forgets to reverse, which δ = 1 everywhere would not show."""

    def forward(self, x):
        return x[..., ::-1]

    def backward(self, gradient):
        return gradient


def test_the_gradient_by_the_output_is_random():
    assert gradient_check(Swapping(), maps()) > 0.1


class Remembering(Tanh):
    """Counts what it is asked for."""

    def __init__(self):
        self.seen = []

    def forward(self, x):
        self.seen.append((x.dtype, x.copy()))
        return super().forward(x)

    def __deepcopy__(self, memo):
        return self


def test_everything_is_done_in_float64_with_one_number_moved_at_a_time():
    layer, x = Remembering(), maps(6, (2, 3)).astype(np.float32)
    assert gradient_check(layer, x, eps=1e-4) <= 1e-7
    assert all(dtype == np.float64 for dtype, _ in layer.seen)
    moves = [array - x for _, array in layer.seen[1:]]
    assert len(moves) == 2 * x.size
    for move in moves:
        assert np.count_nonzero(move) == 1
        assert np.abs(move).max() == pytest.approx(1e-4)


def test_max_pooling_and_relu_away_from_their_kinks():
    x = np.random.default_rng(7).permutation(60).reshape(1, 2, 6, 5) / 10 - 2.95
    network = Sequential(ReLU(), MaxPool2d((3, 2), stride=(2, 1)), AvgPool2d(2, stride=1), Sigmoid())
    assert gradient_check(network, x) <= 1e-7
    x[0, 0, 0, 0] = 0  # at the kink the two sides differ, as they should
    assert gradient_check(ReLU(), x) == pytest.approx(1)
    x[0, 0, 0, 0] = 3e-6  # nearer to the kink than the step: a smaller one sees that all is well
    assert gradient_check(ReLU(), x, eps=1e-5) <= 1e-7
