"""Sequential: forward and backward, names, weights in and out (PyTorch's too), files good and bad, the summary."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import zipfile

import numpy as np
import pytest
from forms import errors_of_gradients

from cnnlib import layout, pooling, reference
from cnnlib.gradcheck import gradient_check
from cnnlib.layers import (
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Identity,
    LeakyReLU,
    Linear,
    MaxPool2d,
    ReLU,
    Sigmoid,
    Tanh,
)
from cnnlib.lenet import lenet5, lenet5_1998
from cnnlib.losses import cross_entropy
from cnnlib.network import INFERENCE_BATCH, Residual, Sequential, every_layer, in_mode
from cnnlib.training import SGD
from cnnlib.weights import read_weights


def small(seed=0, dtype=np.float32):
    """A network with every kind of step for maps (N, 2, 9, 8)."""
    rng = np.random.default_rng(seed)
    return Sequential(
        Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(1, 0), rng=rng, dtype=dtype),
        Tanh(),
        MaxPool2d((3, 2), stride=2, padding=(1, 0)),
        Conv2d(3, 4, 2, padding=1, rng=rng, dtype=dtype),
        LeakyReLU(0.1),
        AvgPool2d(2, stride=1),
        Flatten(),
        Linear(4 * 3 * 3, 5, rng=rng, dtype=dtype),
        Sigmoid(),
        Linear(5, 3, rng=rng, dtype=dtype),
    )


NAMES = [f"{place}.{name}" for place in (0, 3, 7, 9) for name in ("weight", "bias")]


def images(count, dtype=np.float32, seed=1):
    return np.random.default_rng(seed).normal(size=(count, 2, 9, 8)).astype(dtype)


def copies(arrays):
    return {name: array.copy() for name, array in arrays.items()}


def assert_same(arrays, expected):
    assert list(arrays) == list(expected)
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, expected[name])


# Forward and backward


def test_forward_is_one_layer_after_the_other():
    network, x = small(), images(3)
    expected = x
    for layer in small():
        expected = layer.forward(expected)
    y = network.forward(x)
    np.testing.assert_array_equal(y, expected)
    assert y.shape == (3, 3) and y.dtype == np.float32


def test_forward_is_the_plain_loops():
    network, x = small(), images(2, np.float64)
    p = network.parameters()
    a = np.tanh(reference.conv2d(x, p["0.weight"], p["0.bias"], (2, 1), (1, 0)))
    a = reference.max_pool2d(a, (3, 2), 2, (1, 0))
    net = reference.conv2d(a, p["3.weight"], p["3.bias"], padding=1)
    a = reference.avg_pool2d(np.where(net > 0, net, 0.1 * net), 2, 1).reshape(2, -1)
    a = 1 / (1 + np.exp(-reference.linear(a, p["7.weight"], p["7.bias"])))
    expected = reference.linear(a, p["9.weight"], p["9.bias"])
    np.testing.assert_allclose(network.forward(x), expected, rtol=1e-9)


def test_whole_networks_have_the_gradients_of_differences():
    errors = errors_of_gradients(small(dtype=np.float64), images(2), most=100)
    assert list(errors) == ["x", *NAMES] and max(errors.values()) <= 1e-7, errors
    rng = np.random.default_rng(2)
    pooled = Sequential(Conv2d(2, 3, 3, stride=2, rng=rng), Tanh(), GlobalAvgPool2d(), Linear(3, 2, rng=rng))
    assert gradient_check(pooled, images(2)) <= 1e-7
    nested = Sequential(Sequential(Conv2d(2, 2, 3, padding=1, rng=rng), Sequential(Sigmoid())), MaxPool2d(2))
    assert gradient_check(nested, images(1), eps=1e-4) <= 1e-7
    deep = Sequential(*(layer for _ in range(4) for layer in (Linear(3, 3, rng=rng), Tanh())))
    assert gradient_check(deep, rng.normal(size=(3, 3))) <= 1e-7


def test_backward_sets_the_gradients_and_leaves_out_what_is_not_wanted():
    network, x = small(), images(3)
    g = np.random.default_rng(3).normal(size=(3, 3)).astype(np.float32)
    network.forward(x)
    d_x = network.backward(g)
    assert d_x.shape == x.shape and d_x.dtype == np.float32
    first = copies(network.gradients())
    network.backward(g)
    assert_same(network.gradients(), first)
    network.backward(np.zeros_like(g))
    assert not any(gradient.any() for gradient in network.gradients().values())
    assert network.backward(g, input_gradient=False) is None
    assert_same(network.gradients(), first)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Sequential(Flatten(), Linear(144, 3, rng=1)),
        lambda: Sequential(Sequential(Conv2d(2, 3, 3, rng=1), ReLU()), Flatten(), Linear(126, 3, rng=2)),
        lambda: Sequential(Sequential(Flatten(), Linear(144, 3, rng=1))),
        lambda: Sequential(MaxPool2d(2), Conv2d(2, 3, (4, 4), rng=1), Flatten()),
        lambda: Sequential(Flatten()),
    ],
)
def test_without_the_input_gradient_whatever_comes_first(build):
    network, x = build(), images(2)
    g = np.random.default_rng(4).normal(size=network.forward(x).shape)
    d_x = network.backward(g)
    first = copies(network.gradients())
    assert d_x.shape == x.shape
    network.backward(np.zeros_like(g))
    assert network.backward(g, input_gradient=False) is None
    assert_same(network.gradients(), first)


def test_the_first_layers_input_gradient_is_not_computed_unless_asked_for(monkeypatch):
    done = []
    for module, name in ((layout, "correlate_input_gradient"), (pooling, "avg_pool2d_backward")):
        original = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *a, f=original, n=name: done.append(n) or f(*a))
    for build, work in ((lenet5, 1), (lenet5_1998, 4)):  # C3; S2, C3, S4, C5
        network = build(rng=0)
        scores = network.forward(np.zeros((2, 1, 28, 28), np.float32))
        network.backward(np.ones_like(scores), input_gradient=False)
        gradients = copies(network.gradients())
        assert len(done) == work
        done.clear()
        assert network.backward(np.ones_like(scores)).shape == (2, 1, 28, 28)
        assert len(done) == work + 1
        assert_same(network.gradients(), gradients)
        done.clear()


class OldFashioned(Linear):
    """A reader's own layer, whose backward knows nothing of `input_gradient`."""

    def backward(self, gradient):
        self.asked = True
        return super().backward(gradient)


class Asked(Linear):
    """Notes what it is asked for."""

    def backward(self, gradient, input_gradient=True):
        self.asked = input_gradient
        return super().backward(gradient, input_gradient)


def test_a_first_layer_of_ones_own_may_know_the_argument_or_not():
    x = np.ones((2, 3))
    for first, asked in ((OldFashioned(3, 3, rng=0), True), (Asked(3, 3, rng=0), False)):
        second = Asked(3, 2, rng=1)
        for network in (
            Sequential(first, second),
            Sequential(Tanh(), first, second),
            Sequential(Sequential(first), second),
        ):
            network.forward(x)
            assert network.backward(np.ones((2, 2)), input_gradient=False) is None
            assert first.asked is asked and second.asked is True
            d_weight = first.d_weight
            assert network.backward(np.ones((2, 2))).shape == x.shape and first.asked is True
            np.testing.assert_array_equal(first.d_weight, d_weight)


def test_backward_needs_forward_and_the_right_shape():
    network = small()
    with pytest.raises(RuntimeError, match="Linear: call forward first"):
        network.backward(np.ones((2, 3)))
    network.forward(images(2))
    with pytest.raises(RuntimeError, match="Conv2d: call backward first"):
        network.gradients()
    for shape in ((2, 4), (3, 3), (3,), (2, 1)):
        with pytest.raises(ValueError, match=r"gradient: got shape .* expected \(2, 3\)"):
            network.backward(np.ones(shape))


def test_a_network_of_nothing_hands_on():
    network, x = Sequential(), images(2)
    assert network.forward(x) is x and network.backward(x) is x and network.backward(x, input_gradient=False) is None
    assert network.parameters() == {} and len(network) == 0 and repr(network) == "Sequential()"
    assert network.summary((2, 9, 8)) == []


def test_a_batch_of_none():
    network = small()
    y = network.forward(images(0))
    assert y.shape == (0, 3) and network.backward(y).shape == (0, 2, 9, 8)
    assert network.scores(images(0)).shape == (0, 3)
    assert network.predict(images(0)).shape == (0,)
    assert not any(gradient.any() for gradient in network.gradients().values())


@pytest.mark.parametrize("count", [1, *(INFERENCE_BATCH + more for more in (-1, 0, 1)), 2 * INFERENCE_BATCH + 3])
def test_scores_and_predict_for_any_number_of_images(count):
    network, x = Sequential(Conv2d(2, 3, (9, 8), rng=5), Flatten()), images(count)
    expected = np.einsum("ncij,kcij->nk", x, network[0].weight) + network[0].bias
    scores = network.scores(x)
    assert scores.flags.writeable and scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-5)
    predicted = network.predict(x)
    assert predicted.dtype.kind == "i"
    np.testing.assert_array_equal(predicted, scores.argmax(axis=1))


def test_scores_need_memory_for_a_few_images_only():
    class Counting(Identity):
        most = 0

        def forward(self, x):
            Counting.most = max(Counting.most, len(x))
            return super().forward(x)

    Sequential(Counting()).scores(np.zeros((5 * INFERENCE_BATCH + 7, 2)))
    assert Counting.most == INFERENCE_BATCH


def test_scores_are_nobody_elses_memory():
    x = np.ones((3, 4))
    scores = Sequential(Identity()).scores(x)
    assert not np.shares_memory(scores, x)


# Parts


def test_a_network_is_a_list_of_its_layers():
    network = small()
    assert len(network) == 10 and list(network) == network.layers
    assert network[0] is network.layers[0] and network[-1] is network.layers[9]
    with pytest.raises(IndexError):
        network[10]


def test_a_slice_is_a_network_that_shares_the_parameters():
    network, x = small(), images(2)
    front, back = network[:6], network[6:]
    assert type(front) is Sequential and len(front) == 6
    np.testing.assert_array_equal(back.forward(front.forward(x)), network.forward(x))
    assert list(front.parameters()) == NAMES[:4] and list(back.parameters()) == [
        "1.weight",
        "1.bias",
        "3.weight",
        "3.bias",
    ]
    front.parameters()["0.weight"][...] = 0
    assert not network.parameters()["0.weight"].any()
    assert front.parameters()["0.weight"] is network[0].weight


def test_names_of_parameters_count_layers_and_nest():
    assert list(small().parameters()) == NAMES
    network = Sequential(ReLU(), Sequential(Linear(2, 3, rng=0), Sequential(Tanh(), Linear(3, 2, rng=1))), Identity())
    assert list(network.parameters()) == ["1.0.weight", "1.0.bias", "1.1.1.weight", "1.1.1.bias"]
    network.forward(np.ones((4, 2)))
    network.backward(np.ones((4, 2)))
    assert list(network.gradients()) == list(network.parameters())


def test_parameters_are_the_arrays_themselves():
    network = small()
    for name, array in network.parameters().items():
        place, attribute = name.split(".")
        assert array is getattr(network[int(place)], attribute)
    network.parameters()["9.bias"][...] = 100
    assert (network.forward(images(2)) > 90).all()


def test_a_layer_stands_in_one_place_only():
    """It remembers one input: used twice it would give wrong gradients."""
    layer, relu = Linear(3, 3, rng=0), ReLU()
    for build in (
        lambda: Sequential(layer, relu, relu),
        lambda: Sequential(relu, layer, Sequential(relu)),
        lambda: Sequential(Sequential(relu, layer), layer),
    ):
        with pytest.raises(ValueError, match=r"layers\[[12]\]: got .* a second time, expected a layer of its own"):
            build()
    Sequential(Sequential(layer), relu)  # another network may share it


@pytest.mark.parametrize("wrong", [None, [ReLU()], ReLU, "ReLU()", np.ones(3)], ids=repr)
def test_what_is_no_layer(wrong):
    with pytest.raises(TypeError, match=r"layers\[1\]: got .*, expected a layer"):
        Sequential(Linear(2, 2, rng=0), wrong)


# A way around


def block(seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    options = {"rng": rng, "dtype": dtype}
    inner = (Conv2d(2, 3, 3, padding=1, **options), BatchNorm2d(3, dtype=dtype), ReLU(), Conv2d(3, 2, 1, **options))
    return Residual(*inner)


def with_blocks(seed=0, dtype=np.float32):
    """A network that holds every layer with two modes, one of them inside another network."""
    rng = np.random.default_rng(seed)
    return Sequential(
        Conv2d(2, 2, 3, padding=1, rng=rng, dtype=dtype),
        BatchNorm2d(2, dtype=dtype),
        ReLU(),
        block(seed + 1, dtype),
        Sequential(MaxPool2d(3), Dropout(0.5, rng=seed)),
        Flatten(),
        Linear(12, 3, rng=rng, dtype=dtype),
    )


BLOCK_NAMES = [f"{place}.{name}" for place in ("0", "1", "3.0", "3.1", "3.3", "6") for name in ("weight", "bias")]
BUFFER_NAMES = [f"{place}.running_{name}" for place in ("1", "3.1") for name in ("mean", "var")]


def test_a_residual_adds_its_input():
    network, x = block(dtype=np.float64), images(4, np.float64)
    alone = Sequential(*block(dtype=np.float64))
    np.testing.assert_allclose(network.forward(x), x + alone.forward(x), rtol=1e-12)
    g = np.random.default_rng(20).normal(size=x.shape)
    np.testing.assert_allclose(network.backward(g), g + alone.backward(g), rtol=1e-12)
    assert_same(network.gradients(), alone.gradients())
    assert network.backward(g, input_gradient=False) is None
    assert_same(network.gradients(), alone.gradients())
    assert network.multiply_adds((2, 9, 8)) == alone.multiply_adds((2, 9, 8))
    assert type(network[1:]) is Sequential and len(network) == 4


def test_a_residual_of_nothing_doubles():
    network, x = Residual(), images(2)
    np.testing.assert_array_equal(network.forward(x), 2 * x)
    np.testing.assert_array_equal(network.backward(x), 2 * x)
    assert network.backward(x, input_gradient=False) is None


@pytest.mark.parametrize("training", [True, False])
def test_networks_with_blocks_have_the_gradients_of_differences(training):
    network = with_blocks(dtype=np.float64)
    network.training = training
    x = images(3, np.float64)
    for _ in range(3):
        network.forward(x)  # moves the running statistics
    buffers, drawn = copies(network.buffers()), network[4][1].rng.bit_generator.state
    report = gradient_check(network, x, report=True)
    assert list(report) == ["x", *BLOCK_NAMES] and max(report.values()) <= 1e-7, report
    assert_same(network.buffers(), buffers)
    assert network[4][1].rng.bit_generator.state == drawn


def test_names_inside_a_residual_are_those_of_a_nested_network():
    network = with_blocks()
    assert list(network.parameters()) == BLOCK_NAMES and list(network.buffers()) == BUFFER_NAMES
    assert network.buffers()["3.1.running_mean"] is network[3][1].running_mean
    network.backward(network.forward(images(3)))
    assert list(network.gradients()) == BLOCK_NAMES
    lines = repr(network).splitlines()
    assert lines[4:6] == ["  (3) Residual(", "    (0) Conv2d(2, 3, 3, padding=1)"]
    rows = network.summary((5, 2, 9, 8))
    assert rows[3].output_shape == (5, 2, 9, 8) and rows[3].parameters == 57 + 6 + 8
    assert rows[1].parameters == 4 and rows[1].multiply_adds == 0 and rows[3].layer.startswith("Residual(")


def test_a_residual_must_keep_the_shape():
    for network in (Residual(Conv2d(2, 3, 3, padding=1)), Residual(Conv2d(2, 1, 3, padding=1)), Residual(MaxPool2d(2))):
        with pytest.raises(
            ValueError, match=r"x: got shape \(2, 2, 9, 8\), of which the layers make .*, expected the same"
        ):
            network.forward(images(2))
        with pytest.raises(ValueError, match=r"input_shape: got \(2, 9, 8\), of which the layers make"):
            Sequential(network).summary((2, 9, 8))
    with pytest.raises(RuntimeError, match="Residual: call forward first"):
        block().backward(images(2))
    with pytest.raises(TypeError, match=r"layers\[0\]: got 5, expected a layer"):
        Residual(5)
    layer = ReLU()
    with pytest.raises(ValueError, match=r"layers\[1\]: got ReLU\(\) a second time"):
        Sequential(Residual(layer), layer)


# In training and not


def modes(network):
    return [layer.training for layer in every_layer(network)]


def test_training_is_set_for_every_layer_in_a_network():
    network = with_blocks()
    assert len(modes(network)) == 14 and all(modes(network))
    network.training = False
    assert network.training is False and not any(modes(network))
    network[3].training = True
    assert network[3][1].training and not network[1].training
    network.training = True
    assert all(modes(network))


def test_scores_and_predict_are_computed_outside_of_training_and_put_every_layer_back():
    network, x = with_blocks(), images(INFERENCE_BATCH + 5)
    network.forward(x)
    buffers = copies(network.buffers())
    network[3].training = False
    before = modes(network)
    assert True in before and False in before
    scores = network.scores(x)
    assert modes(network) == before
    assert_same(network.buffers(), buffers)
    np.testing.assert_array_equal(network.scores(x), scores)  # nothing is drawn
    np.testing.assert_allclose(network.scores(x[:1]), scores[:1], rtol=1e-4, atol=1e-5)  # nobody depends on the others
    np.testing.assert_array_equal(network.predict(x), scores.argmax(axis=1))
    network.training = False
    np.testing.assert_allclose(network.forward(x), scores, rtol=1e-4, atol=1e-5)
    network.training = True
    for wrong in (images(3)[:, :1], images(3)[:, :, :4], "x"):
        with pytest.raises((ValueError, TypeError)):
            network.predict(wrong)
        assert all(modes(network))


def test_a_mode_ends_whatever_happens():
    network = with_blocks()
    with pytest.raises(KeyboardInterrupt), in_mode(network, training=False):
        assert not any(modes(network))
        raise KeyboardInterrupt
    assert all(modes(network))


# Weights in


def test_load_parameters_copies():
    network, other = small(0), small(1)
    x = images(2)
    arrays = other.parameters()
    own = network.parameters()
    network.load_parameters(dict(reversed(arrays.items())))  # the order does not matter
    assert_same(network.parameters(), arrays)
    assert all(network.parameters()[name] is own[name] for name in own)
    np.testing.assert_array_equal(network.forward(x), other.forward(x))
    other.parameters()["0.weight"][...] = 0
    assert network.parameters()["0.weight"].all()
    network.load_parameters(network.parameters())
    assert network.parameters()["0.weight"].all()


def state(network):
    return {**network.parameters(), **network.buffers()}


def trained(seed):
    """A network whose running statistics have moved."""
    network = with_blocks(seed)
    for batch in range(3):
        network.forward(images(4, seed=seed + batch))
    return network


def test_load_parameters_takes_buffers_too_all_or_none():
    network, other = trained(0), trained(1)
    buffers = copies(network.buffers())
    network.load_parameters(other.parameters())
    assert_same(network.parameters(), other.parameters())
    assert_same(network.buffers(), buffers)
    network.load_parameters(state(other))
    assert_same(state(network), state(other))
    counted = state(other) | {"1.num_batches_tracked": np.array(7), "3.1.num_batches_tracked": np.array(7)}
    trained(2).load_parameters(counted)
    before = copies(state(network := trained(3)))
    for change, message in (
        (without(state(other), "3.1.running_var"), "parameters: got the names .*expected .*'3.1.running_var'"),
        (without(state(other), "3.1.bias"), "parameters: got the names"),
        (state(other) | {"0.num_batches_tracked": np.array(7)}, "parameters: got the names .*'0.num_batches_tracked'"),
        (state(other) | {"1.running_var": np.ones(3, np.float32)}, r"'1.running_var'\]: got shape \(3,\)"),
        (state(other) | {"1.running_mean": np.ones(2)}, r"'1.running_mean'\]: got shape \(2,\) of float64"),
    ):
        with pytest.raises(ValueError, match=message):
            network.load_parameters(change)
        assert_same(state(network), before)


def test_load_parameters_takes_any_memory_order():
    network, other = small(0), small(1)
    network.load_parameters({name: np.asfortranarray(array) for name, array in other.parameters().items()})
    assert_same(network.parameters(), other.parameters())


def test_load_parameters_may_exchange_layers_of_one_shape():
    network = Sequential(Linear(3, 3, rng=0), Linear(3, 3, rng=1))
    before = copies(network.parameters())
    live = network.parameters()
    network.load_parameters(
        {"0.weight": live["1.weight"], "1.weight": live["0.weight"], "0.bias": live["1.bias"], "1.bias": live["0.bias"]}
    )
    np.testing.assert_array_equal(live["0.weight"], before["1.weight"])
    np.testing.assert_array_equal(live["1.weight"], before["0.weight"])


def without(arrays, *names):
    return {name: array for name, array in arrays.items() if name not in names}


@pytest.mark.parametrize(
    ("error", "message", "change"),
    [
        (ValueError, r"parameters: got the names .*, expected '0.weight'", lambda p: without(p, "9.bias")),
        (ValueError, r"parameters: got the names none, expected '0.weight'", lambda p: {}),
        (ValueError, r"parameters: got the names .*'10.bias'", lambda p: p | {"10.bias": np.ones(3)}),
        (ValueError, r"parameters: got the names", lambda p: {f"net.{name}": array for name, array in p.items()}),
        (
            ValueError,
            r"'7.weight'\]: got shape \(36, 5\) of float32, expected \(5, 36\) of float32",
            lambda p: p | {"7.weight": p["7.weight"].T},
        ),
        (ValueError, r"'9.bias'\]: got shape \(1,\) .*expected \(3,\)", lambda p: p | {"9.bias": p["9.bias"][:1]}),
        (ValueError, r"'9.bias'\]: got shape \(\)", lambda p: p | {"9.bias": np.array(1, np.float32)}),
        (
            ValueError,
            r"'9.bias'\]: got shape \(3,\) of float64, expected \(3,\) of float32",
            lambda p: p | {"9.bias": p["9.bias"].astype(float)},
        ),
        (ValueError, r"'9.bias'\]: got shape \(3,\) of int", lambda p: p | {"9.bias": np.arange(3)}),
        (TypeError, r"'9.bias'\]: got list, expected a NumPy array", lambda p: p | {"9.bias": [1.0, 2.0, 3.0]}),
        (TypeError, r"'9.bias'\]: got MaskedArray", lambda p: p | {"9.bias": np.ma.masked_array(p["9.bias"])}),
        (TypeError, r"parameters: got list, expected a dictionary", lambda p: list(p.items())),
        (TypeError, r"parameters: got Sequential, expected a dictionary", lambda p: small()),
    ],
)
def test_parameters_that_do_not_fit_change_nothing(error, message, change):
    network, other = small(0), small(1)
    before = copies(network.parameters())
    with pytest.raises(error, match=message):
        network.load_parameters(change(other.parameters()))
    assert_same(network.parameters(), before)


# Files


@pytest.mark.parametrize("name", ["weights.npz", "weights", "weights.bin", "best of three.v2.npz"])
def test_what_is_saved_is_loaded(tmp_path, name):
    network, other = small(0), small(1)
    path = tmp_path / name
    info = {"seed": 7, "command": "python -m cnnlib train", "error": 0.0061, "ü": [1, None, True, {"a": "é"}]}
    network.save(path, info)
    assert os.listdir(tmp_path) == [name]  # under exactly this name, and nothing beside it
    assert other.load(path) == info
    assert_same(other.parameters(), network.parameters())
    assert other.load(str(path)) == info
    arrays, told = read_weights(path)
    assert told == info
    assert_same(arrays, network.parameters())


@pytest.mark.parametrize("build", [lenet5, lenet5_1998, lambda seed: small(seed, np.float64), trained])
def test_every_network_comes_back_bit_for_bit(tmp_path, build):
    network, other = build(0), build(1)
    path = tmp_path / "weights.npz"
    network.save(path)
    assert other.load(path) == {}
    assert_same(state(other), state(network))
    with np.load(path, allow_pickle=False) as archive:  # an ordinary file of NumPy's, by the names of the parameters
        assert set(archive.files) == {"info", *state(network)}


def test_values_that_are_no_numbers_come_back_too(tmp_path):
    network = Sequential(Linear(3, 2, rng=0))
    network[0].weight[0] = np.nan, np.inf, -0.0
    network.save(tmp_path / "w")
    other = Sequential(Linear(3, 2, rng=1))
    other.load(tmp_path / "w")
    assert other[0].weight.tobytes() == network[0].weight.tobytes()


def test_save_replaces_an_older_file(tmp_path):
    path = tmp_path / "weights.npz"
    small(0).save(path, {"try": 1})
    small(1).save(path, {"try": 2})
    network = small(2)
    assert network.load(path) == {"try": 2}
    assert_same(network.parameters(), small(1).parameters())


def test_a_save_that_fails_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = tmp_path / "weights.npz"
    small(0).save(path)
    old = path.read_bytes()
    for info, message in (
        ({"net": small(1)}, "info: got something that JSON cannot hold"),
        ({"array": np.ones(2)}, "info: got something that JSON cannot hold"),
        ({(1, 2): 3}, "info: got something that JSON cannot hold"),
        ([("seed", 1)], "info: got list, expected a dictionary"),
        ("seed 1", "info: got str, expected a dictionary"),
    ):
        with pytest.raises(TypeError, match=message):
            small(1).save(path, info)
        assert path.read_bytes() == old and os.listdir(tmp_path) == ["weights.npz"]
    circle = {}
    circle["circle"] = circle
    with pytest.raises(TypeError, match="info: got something that JSON cannot hold"):
        small(1).save(path, circle)

    def full_disk(file, **arrays):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        small(1).save(path)
    assert path.read_bytes() == old and os.listdir(tmp_path) == ["weights.npz"]

    def stopped(file, **arrays):
        file.write(b"half of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", stopped)
    with pytest.raises(KeyboardInterrupt):
        small(1).save(path)
    assert path.read_bytes() == old and os.listdir(tmp_path) == ["weights.npz"]


def test_a_place_where_nothing_can_be_saved(tmp_path):
    with pytest.raises(FileNotFoundError):
        small().save(tmp_path / "missing" / "weights.npz")
    (tmp_path / "file").write_text("a file")
    with pytest.raises(OSError):
        small().save(tmp_path / "file" / "weights.npz")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        small().save(tmp_path / "folder")
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"] and os.listdir(tmp_path / "folder") == []
    for path in (5, None, b"weights", ["a"]):
        with pytest.raises(TypeError, match=r"path: got .*, expected the name of a file"):
            small().save(path)
        with pytest.raises(TypeError, match=r"path: got .*, expected the name of a file"):
            small().load(path)


@pytest.fixture(scope="module")
def good_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "weights.npz"
    small(1).save(path, {"seed": 1})
    return path


def refuses(path, message="path: got .*damaged or no weights file.*expected an .npz of plain arrays"):
    """Loading must fail with a ValueError that names the file, and change nothing."""
    network = small(0)
    before = copies(network.parameters())
    with pytest.raises(ValueError, match=message) as raised:
        network.load(path)
    assert type(raised.value) is ValueError and repr(str(path)) in str(raised.value)
    assert_same(network.parameters(), before)


def test_a_file_that_is_not_there(tmp_path):
    for path in (tmp_path / "nothing.npz", tmp_path):
        with pytest.raises(FileNotFoundError, match=r"path: got .* where there is no file; expected a weights file"):
            small().load(path)


def test_a_file_cut_off_at_any_length(tmp_path, good_file):
    data = good_file.read_bytes()
    path = tmp_path / "cut.npz"
    lengths = {0, 1, 3, 4, 30, len(data) - 1, len(data) - 21, len(data) - 22, *range(0, len(data), 53)}
    assert len(lengths) > 50
    for length in lengths:
        path.write_bytes(data[:length])
        refuses(path)


def test_a_file_with_bytes_changed(tmp_path, good_file):
    """Either the file is refused and nothing changes, or the change is where it does no harm (in a date, say)."""
    data = good_file.read_bytes()
    path, expected = tmp_path / "changed.npz", small(1).parameters()
    refused = 0
    rng = np.random.default_rng(6)
    for position in rng.integers(len(data), size=300):
        changed = bytearray(data)
        changed[position] ^= int(rng.integers(1, 256))
        path.write_bytes(changed)
        network = small(0)
        before = copies(network.parameters())
        try:
            network.load(path)
        except ValueError:
            refused += 1
            assert_same(network.parameters(), before)
        else:
            assert_same(network.parameters(), expected)
    assert refused > 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a weights file",
        bytes(1000),
        np.random.default_rng(7).bytes(5000),
        b"PK\x03\x04" + np.random.default_rng(8).bytes(500),
        b"PK\x05\x06" + bytes(18),  # a zip with nothing in it: no names
        b"\x93NUMPY" + np.random.default_rng(9).bytes(500),
        b"\x89PNG\r\n\x1a\n" + bytes(200),
        json.dumps({"0.weight": [1.0]}).encode(),
    ],
    ids=["empty", "text", "zeros", "random", "like a zip", "empty zip", "like an npy", "like a png", "json"],
)
def test_a_file_of_another_kind(tmp_path, content):
    path = tmp_path / "weights.npz"
    path.write_bytes(content)
    refuses(path, r"path: got ")


class Bomb:
    """Whoever unpickles it makes a folder."""

    def __init__(self, folder):
        self.folder = str(folder)

    def __reduce__(self):
        return os.mkdir, (self.folder,)


def test_renamed_files_and_pickles_are_refused_and_never_executed(tmp_path):
    bomb = Bomb(tmp_path / "exploded")
    pickle.loads(pickle.dumps(bomb))  # it would
    os.rmdir(tmp_path / "exploded")
    arrays = small(1).parameters()
    path = tmp_path / "weights.npz"

    def npz(**entries):
        with open(path, "wb") as file:
            np.savez(file, **entries)

    def zip_of(entries):
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in entries.items():
                archive.writestr(name, content)

    def npy():
        with open(path, "wb") as file:
            np.save(file, arrays["0.weight"])

    def npy_of_objects():
        with open(path, "wb") as file:
            np.save(file, np.array([bomb], object), allow_pickle=True)

    plain = {}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        plain[f"{name}.npy"] = buffer.getvalue()
    writers = {
        "a pickle": lambda: path.write_bytes(pickle.dumps(bomb)),
        "an npy": npy,
        "an npy of objects": npy_of_objects,
        "an object among arrays": lambda: npz(**arrays | {"9.bias": np.array([bomb] * 3, object)}),
        "an object as info": lambda: npz(info=np.array(bomb, object), **arrays),
        "an object beside": lambda: npz(more=np.array([bomb], object), **arrays),
        "raw pickles in a zip": lambda: zip_of({name: pickle.dumps(bomb) for name in arrays}),
        "one entry that is no array": lambda: zip_of(without(plain, "9.bias.npy") | {"9.bias": b"123"}),
        "an entry cut short": lambda: zip_of(plain | {"9.bias.npy": plain["9.bias.npy"][:-2]}),
        "an array too large to hold": lambda: zip_of(plain | {"9.bias.npy": huge()}),
        "info that is no JSON": lambda: npz(info=np.array("{seed: 1}"), **arrays),
        "info that is no dictionary": lambda: npz(info=np.array("[1]"), **arrays),
        "info of numbers": lambda: npz(info=np.arange(3), **arrays),
        "info without end": lambda: npz(info=np.array("[" * 100_000), **arrays),
    }
    for what, write in writers.items():
        write()
        assert path.exists(), what
        refuses(path)
        assert not (tmp_path / "exploded").exists(), what
    zip_of(plain)  # the same by hand and right is taken, without any info
    network = small(0)
    assert network.load(path) == {}
    assert_same(network.parameters(), arrays)


def huge():
    """An .npy that promises an array of 2^60 numbers."""
    buffer = io.BytesIO()
    header = {"descr": "<f4", "fortran_order": False, "shape": (1 << 60,)}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue() + bytes(12)


def test_weights_of_another_network(tmp_path):
    path = tmp_path / "weights.npz"
    for other in (
        lenet5(0),
        lenet5_1998(0),
        small(1, np.float64),
        small(1)[:8],
        Sequential(*small(1), Linear(3, 3, rng=0)),
        Sequential(small(1)),
        Sequential(),
    ):
        other.save(path)
        refuses(path, r"path: got .* does not fit this network; parameters")
    wider = small(1)
    wider.layers[9] = Linear(5, 4, rng=0)
    wider.save(path)
    refuses(path, r"does not fit this network; parameters\['9.weight'\]: got shape \(4, 5\) .* expected \(3, 5\)")


def test_a_file_without_all_buffers_is_refused(tmp_path):
    path, full = tmp_path / "weights.npz", state(trained(1))
    network = trained(0)
    before = copies(state(network))
    for arrays in (
        without(full, *BUFFER_NAMES),
        without(full, "1.running_mean"),
        full | {"1.running_mean": np.ones(3, np.float32)},
        full | {"3.1.running_var": np.ones(3)},
    ):
        np.savez(path, **arrays)
        with pytest.raises(ValueError, match=r"path: got .* does not fit this network; parameters"):
            network.load(path)
        assert_same(state(network), before)
    np.savez(path, **full, **{"1.num_batches_tracked": np.array(3), "3.1.num_batches_tracked": np.array(3)})
    assert network.load(path) == {}
    assert_same(state(network), full)


def test_a_good_file_renamed_is_still_good(tmp_path, good_file):
    shutil.copy(good_file, tmp_path / "picture.png")
    network = small(0)
    assert network.load(tmp_path / "picture.png") == {"seed": 1}
    assert_same(network.parameters(), small(1).parameters())


# The summary


def test_summary_of_lenet5():
    rows = {str(place): row for place, row in enumerate(lenet5().summary((1, 28, 28)))}
    learned = [
        (key, row.output_shape, row.parameters, row.multiply_adds) for key, row in rows.items() if row.parameters
    ]
    assert learned == [
        ("0", (6, 28, 28), 156, 117_600),
        ("3", (16, 10, 10), 2_416, 240_000),
        ("7", (120,), 48_120, 48_000),
        ("9", (84,), 10_164, 10_080),
        ("11", (10,), 850, 840),
    ]
    assert [row.output_shape for row in rows.values()] == [
        *((6, 28, 28), (6, 14, 14), (6, 14, 14), (16, 10, 10), (16, 5, 5), (16, 5, 5)),
        *((400,), (120,), (120,), (84,), (84,), (10,)),
    ]
    assert all(row.activation_bytes == 4 * np.prod(row.output_shape) for row in rows.values())
    total = lenet5().summary((1, 28, 28)).total
    assert (total.parameters, total.multiply_adds, total.output_shape) == (61_706, 416_520, (10,))
    sizes = [6 * 784, 6 * 196, 6 * 196, 1600, 400, 400, 400, 120, 120, 84, 84, 10]
    assert total.activation_bytes == 4 * sum(sizes)
    assert lenet5().multiply_adds((1, 28, 28)) == 416_520
    assert lenet5().output_shape((1, 28, 28)) == (10,)


def test_summary_of_a_batch_and_of_double_precision():
    one, batch = lenet5().summary((1, 28, 28)), lenet5().summary((32, 1, 28, 28))
    for row, many in zip(one, batch, strict=True):
        assert many.output_shape == (32, *row.output_shape)
        assert many.parameters == row.parameters and many.layer == row.layer
        assert many.multiply_adds == 32 * row.multiply_adds
        assert many.activation_bytes == 32 * row.activation_bytes
    double = lenet5(dtype=np.float64).summary((1, 28, 28))
    assert double.total.activation_bytes == 2 * one.total.activation_bytes
    rows = Sequential(Linear(4, 3), ReLU()).summary((4,))
    assert [row.output_shape for row in rows] == [(3,), (3,)]
    rows = Sequential(Linear(4, 3), ReLU()).summary((7, 4))
    assert [row.output_shape for row in rows] == [(7, 3), (7, 3)] and rows.total.multiply_adds == 84
    assert lenet5().summary([1, 28, 28]) == one
    assert Sequential(ReLU(), MaxPool2d(2)).summary((2, 4, 6)).total.activation_bytes == 4 * (48 + 12)


def test_summary_follows_what_forward_gives():
    for network, shape in ((small(), (2, 9, 8)), (lenet5_1998(), (1, 28, 28)), (Sequential(small()), (2, 9, 8))):
        x = np.zeros((3, *shape), np.float32)
        for layer, row in zip(network, network.summary((3, *shape)), strict=True):
            x = layer.forward(x)
            assert row.output_shape == x.shape
            assert row.activation_bytes == 4 * x.size
    assert Sequential(small()).summary((2, 9, 8)).total[2:4] == small().summary((2, 9, 8)).total[2:4]


def test_summary_is_shown_as_a_table():
    summary = lenet5().summary((1, 28, 28))
    text = str(summary)
    lines = text.splitlines()
    assert repr(summary) == text and len({len(line) for line in lines}) == 1
    assert lines[0].split() == ["layer", "output", "parameters", "multiply-adds", "activation", "bytes"]
    assert "Conv2d(1, 6, 5, padding=2)" in lines[2] and "6 × 28 × 28" in lines[2] and "117,600" in lines[2]
    assert lines[-1].startswith("total") and "61,706" in lines[-1] and "416,520" in lines[-1]
    html = summary._repr_html_()
    assert html.count("<tr>") == 14 and html.startswith("<table>") and "<td>48,120</td>" in html
    assert "61,706" in html and "6 × 14 × 14" in html
    nested = str(Sequential(small(), Identity()).summary((2, 9, 8)))
    assert len(nested.splitlines()) == 6


@pytest.mark.parametrize(
    ("error", "shape", "message"),
    [
        (TypeError, 28, "input_shape: got 28, expected a tuple"),
        (TypeError, None, "input_shape: got None, expected a tuple"),
        (TypeError, (1, 28.0, 28), r"input_shape: got 28.0 \(float\), expected an integer"),
        (ValueError, (1, 0, 28), "input_shape: got 0, expected an integer of at least 1"),
        (ValueError, (), r"input_shape: got \(\), expected \(D, H, W\)"),
        (ValueError, (1, 1, 1, 28, 28), r"input_shape: got \(1, 1, 1, 28, 28\), expected \(D, H, W\)"),
        (ValueError, (3, 28, 28), r"input_shape: got .* fits Conv2d.*; x: got 3 channels .* expected 1"),
        (ValueError, (28, 28), r"input_shape: got \(28,\), .* expected 4: \(batch, channel, row, column\)"),
        (ValueError, (1, 3, 28), r"input_shape: got \(6, 1, 14\), .*; weight \(rows\): got a window of extent"),
        (ValueError, (1, 32, 32), r"input_shape: got \(576,\), .* expected 400 for Linear"),
    ],
)
def test_summary_of_a_shape_that_does_not_fit(error, shape, message):
    with pytest.raises(error, match=message):
        lenet5().summary(shape)


def test_how_a_network_shows_itself():
    network = Sequential(Conv2d(1, 2, 3), Sequential(ReLU(), MaxPool2d(2)))
    lines = ["Sequential(", "  (0) Conv2d(1, 2, 3)", "  (1) Sequential(", "    (0) ReLU()", "    (1) MaxPool2d(2)"]
    assert repr(network).splitlines() == [*lines, "  )", ")"]


# PyTorch


def torch_twin(torch):
    """The same layers as `small`, by PyTorch."""
    nn = torch.nn
    return nn.Sequential(
        nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(1, 0)),
        nn.Tanh(),
        nn.MaxPool2d((3, 2), stride=2, padding=(1, 0)),
        nn.Conv2d(3, 4, 2, padding=1),
        nn.LeakyReLU(0.1),
        nn.AvgPool2d(2, stride=1),
        nn.Flatten(),
        nn.Linear(4 * 3 * 3, 5),
        nn.Sigmoid(),
        nn.Linear(5, 3),
    )


def torch_lenet5(torch):
    nn = torch.nn
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "shape"), [(small, torch_twin, (5, 2, 9, 8)), (lenet5, torch_lenet5, (4, 1, 28, 28))]
)
def test_weights_go_to_pytorch_and_back_by_name(ours, theirs, shape):
    torch = pytest.importorskip("torch", reason="PyTorch is an optional part of the tests")
    torch.manual_seed(0)
    network, twin = ours(0), theirs(torch)
    assert list(network.parameters()) == list(twin.state_dict())
    for name, value in twin.state_dict().items():
        assert network.parameters()[name].shape == tuple(value.shape)
    twin.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in network.parameters().items()})
    rng = np.random.default_rng(10)
    x, labels = rng.normal(size=shape).astype(np.float32), rng.integers(0, 3, shape[0])

    def compare():
        scores = network.forward(x)
        loss, delta = cross_entropy(scores, labels)
        d_x = network.backward(delta)
        x_theirs = torch.from_numpy(x.copy()).requires_grad_()
        scores_theirs = twin(x_theirs)
        loss_theirs = torch.nn.functional.cross_entropy(scores_theirs, torch.from_numpy(labels))
        twin.zero_grad()
        loss_theirs.backward()
        np.testing.assert_allclose(scores, scores_theirs.detach().numpy(), rtol=1e-5, atol=1e-5)
        assert loss == pytest.approx(loss_theirs.item(), abs=1e-5)
        np.testing.assert_allclose(d_x, x_theirs.grad.numpy(), rtol=1e-5, atol=1e-5)
        for name, parameter in twin.named_parameters():
            np.testing.assert_allclose(network.gradients()[name], parameter.grad.numpy(), rtol=1e-5, atol=1e-5)

    compare()
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.normal_(std=0.05)
    network.load_parameters({name: value.numpy() for name, value in twin.state_dict().items()})
    compare()


def torch_blocks(torch):
    """The same layers as `with_blocks`, by PyTorch, without the dropout's chance."""
    nn = torch.nn

    class Residual(nn.Sequential):
        def forward(self, x):
            return x + super().forward(x)

    return nn.Sequential(
        nn.Conv2d(2, 2, 3, padding=1),
        nn.BatchNorm2d(2),
        nn.ReLU(),
        Residual(nn.Conv2d(2, 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU(), nn.Conv2d(3, 2, 1)),
        nn.Sequential(nn.MaxPool2d(3), nn.Dropout(0)),
        nn.Flatten(),
        nn.Linear(12, 3),
    )


def test_a_network_with_blocks_learns_as_pytorchs_does_and_its_state_goes_both_ways():
    torch = pytest.importorskip("torch", reason="PyTorch is an optional part of the tests")
    network, twin = with_blocks(), torch_blocks(torch)
    network[4][1].p = 0.0
    rng = np.random.default_rng(21)
    x, labels = rng.normal(size=(8, 2, 9, 8)).astype(np.float32), rng.integers(0, 3, 8)
    names = {name for name in twin.state_dict() if not name.endswith("num_batches_tracked")}
    assert set(state(network)) == names
    twin.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in state(network).items()})
    optimizer, theirs = SGD(network, 0.1, momentum=0.9), torch.optim.SGD(twin.parameters(), 0.1, momentum=0.9)
    for _ in range(4):
        loss, delta = cross_entropy(network.forward(x), labels)
        network.backward(delta, input_gradient=False)
        optimizer.step()
        theirs.zero_grad()
        expected = torch.nn.functional.cross_entropy(twin(torch.from_numpy(x)), torch.from_numpy(labels))
        expected.backward()
        theirs.step()
        assert loss == pytest.approx(expected.item(), abs=1e-5)
    for name, array in state(network).items():
        np.testing.assert_allclose(array, twin.state_dict()[name].numpy(), rtol=1e-4, atol=1e-5, err_msg=name)
    twin.eval()
    np.testing.assert_allclose(network.scores(x), twin(torch.from_numpy(x)).detach().numpy(), rtol=1e-4, atol=1e-4)
    other = with_blocks(seed=5)
    other.load_parameters({name: value.numpy() for name, value in twin.state_dict().items()})
    np.testing.assert_allclose(other.scores(x), twin(torch.from_numpy(x)).detach().numpy(), rtol=1e-4, atol=1e-5)
