"""Optimisers against loops written by hand, schedules, and the training loop with everything that hooks into it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import threadpoolctl

from cnnlib.layers import BatchNorm2d, Conv2d, Dropout, Flatten, Identity, Layer, Linear, MaxPool2d, ReLU, Tanh
from cnnlib.lenet import lenet5, lenet5_1998, map_criterion
from cnnlib.losses import cross_entropy, mean_squared_error
from cnnlib.network import Residual, Sequential, every_layer
from cnnlib.training import SGD, Adam, Optimizer, constant, cosine, evaluate, fit, one_cycle, steps
from cnnlib.workers import CHUNK_SIZE

# Optimisers


class Held(Layer):
    """Two parameters, whose gradients the tests set."""

    parameter_names = ("weight", "bias")

    def __init__(self, seed=0, dtype=np.float64):
        rng = np.random.default_rng(seed)
        self.weight, self.bias = rng.normal(size=(2, 3)).astype(dtype), rng.normal(size=3).astype(dtype)

    def receive(self, rng):
        self.d_weight = rng.normal(size=(2, 3)).astype(self.weight.dtype)
        self.d_bias = 10 * rng.normal(size=3).astype(self.bias.dtype)


def sgd_by_hand(w, gradients, lr, momentum=0.0, weight_decay=0.0):
    """One number, one step after the other."""
    v = 0.0
    for g in gradients:
        v = momentum * v + g + weight_decay * w
        w = w - lr * v
    return w


def adam_by_hand(w, gradients, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    m = v = 0.0
    for t, g in enumerate(gradients, start=1):
        g = g + weight_decay * w
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        w = w - lr * (m / (1 - betas[0] ** t)) / (math.sqrt(v / (1 - betas[1] ** t)) + eps)
    return w


OPTIMIZERS = [
    (SGD, sgd_by_hand, {"lr": 0.1}),
    (SGD, sgd_by_hand, {"lr": 0.1, "momentum": 0.9}),
    (SGD, sgd_by_hand, {"lr": 0.1, "weight_decay": 0.3}),
    (SGD, sgd_by_hand, {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.2}),
    (SGD, sgd_by_hand, {"lr": 0}),
    (Adam, adam_by_hand, {}),
    (Adam, adam_by_hand, {"lr": 0.05}),
    (Adam, adam_by_hand, {"lr": 0.05, "betas": (0.5, 0.75), "eps": 0.1}),
    (Adam, adam_by_hand, {"lr": 0.05, "betas": (0.0, 0.0)}),
    (Adam, adam_by_hand, {"lr": 0.05, "weight_decay": 0.3}),
]


@pytest.mark.parametrize(("kind", "by_hand", "options"), OPTIMIZERS)
def test_optimisers_take_the_steps_of_their_formulas(kind, by_hand, options):
    layer, rng, seen = Held(), np.random.default_rng(1), []
    arrays = layer.parameters()
    start = {name: array.copy() for name, array in arrays.items()}
    optimizer = kind(layer, **options)
    for _ in range(6):
        layer.receive(rng)
        seen.append({name: gradient.copy() for name, gradient in layer.gradients().items()})
        optimizer.step()
        for name, gradient in layer.gradients().items():
            np.testing.assert_array_equal(gradient, seen[-1][name])  # a step reads gradients, it does not change them
    for name, array in arrays.items():
        assert array is getattr(layer, name)  # changed in place
        for place in np.ndindex(array.shape):
            expected = by_hand(start[name][place], [gradients[name][place] for gradients in seen], **options)
            assert array[place] == pytest.approx(expected, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("kind", "by_hand", "options"), OPTIMIZERS)
def test_optimisers_agree_with_pytorch(kind, by_hand, options):
    torch = pytest.importorskip("torch", reason="PyTorch is an optional part of the tests")
    layer, rng = Held(), np.random.default_rng(2)
    theirs = [torch.tensor(array, requires_grad=True) for array in layer.parameters().values()]
    optimizer, twin = kind(layer, **options), getattr(torch.optim, kind.__name__)(theirs, **options)
    for _ in range(5):
        layer.receive(rng)
        for tensor, gradient in zip(theirs, layer.gradients().values(), strict=True):
            tensor.grad = torch.tensor(gradient)
        optimizer.step()
        twin.step()
    for array, tensor in zip(layer.parameters().values(), theirs, strict=True):
        np.testing.assert_allclose(array, tensor.detach().numpy(), rtol=1e-10)


def test_the_first_step_of_adam_is_of_size_lr_whatever_the_gradient():
    layer = Held()
    start = layer.weight.copy()
    layer.d_weight, layer.d_bias = np.array([[1e-4, 1.0, 1e4], [-1e-4, -1.0, -1e4]]), np.zeros(3)
    bias = layer.bias.copy()
    Adam(layer, lr=0.01).step()
    np.testing.assert_allclose(start - layer.weight, 0.01 * np.sign(layer.d_weight), rtol=2e-4)
    np.testing.assert_array_equal(layer.bias, bias)


@pytest.mark.parametrize("kind", [lambda n: SGD(n, 0.1, momentum=0.9, weight_decay=0.1), lambda n: Adam(n, 0.1)])
def test_single_precision_stays(kind):
    layer, exact = Held(dtype=np.float32), Held(dtype=np.float64)
    optimizer, other = kind(layer), kind(exact)
    for seed in range(4):
        layer.receive(np.random.default_rng(seed))
        exact.receive(np.random.default_rng(seed))
        optimizer.step()
        other.step()
    assert layer.weight.dtype == layer.bias.dtype == np.float32
    np.testing.assert_allclose(layer.weight, exact.weight, rtol=1e-4, atol=1e-5)


def test_every_layer_of_a_network_has_its_own_momentum():
    network = Sequential(Held(0), Sequential(Held(1)), Held(0))
    optimizer, rng, seen = SGD(network, lr=0.1, momentum=0.9), np.random.default_rng(3), []
    start = {name: array.copy() for name, array in network.parameters().items()}
    for _ in range(4):
        for layer in (network[0], network[1][0], network[2]):
            layer.receive(rng)
        seen.append(network.gradients())
        optimizer.step()
    for name, array in network.parameters().items():
        expected = sgd_by_hand(start[name], [gradients[name] for gradients in seen], 0.1, 0.9)
        np.testing.assert_allclose(array, expected, rtol=1e-12)


def test_the_learning_rate_may_be_changed_between_steps():
    layer = Held()
    optimizer = SGD(layer, lr=0.1)
    layer.receive(np.random.default_rng(4))
    expected = layer.weight - 0.1 * layer.d_weight - 0.01 * layer.d_weight
    optimizer.step()
    optimizer.lr = 0.01
    optimizer.step()
    np.testing.assert_allclose(layer.weight, expected)


def test_a_step_needs_gradients():
    layer = Linear(2, 3, rng=0)
    before = layer.weight.copy()
    for optimizer in (SGD(layer, 0.1), Adam(Sequential(layer))):
        with pytest.raises(RuntimeError, match="Linear: call backward first"):
            optimizer.step()
    np.testing.assert_array_equal(layer.weight, before)


@pytest.mark.parametrize(
    ("error", "message", "build"),
    [
        (ValueError, "lr: got -0.1, expected a number of at least 0, finite", lambda n: SGD(n, -0.1)),
        (ValueError, "lr: got nan, expected", lambda n: SGD(n, math.nan)),
        (ValueError, "lr: got inf, expected", lambda n: Adam(n, math.inf)),
        (TypeError, r"lr: got '0.1' \(str\), expected a number", lambda n: SGD(n, "0.1")),
        (TypeError, r"lr: got True \(bool\), expected a number", lambda n: SGD(n, True)),
        (TypeError, r"lr: got None", lambda n: Adam(n, None)),
        (ValueError, "momentum: got 1.0, expected a number of at least 0 and below 1", lambda n: SGD(n, 0.1, 1.0)),
        (ValueError, "momentum: got -0.5, expected", lambda n: SGD(n, 0.1, -0.5)),
        (ValueError, "weight_decay: got -1, expected", lambda n: SGD(n, 0.1, weight_decay=-1)),
        (TypeError, r"weight_decay: got \[0.1\] \(list\)", lambda n: Adam(n, weight_decay=[0.1])),
        (
            ValueError,
            r"betas\[1\]: got 1, expected a number of at least 0 and below 1",
            lambda n: Adam(n, betas=(0.9, 1)),
        ),
        (ValueError, r"betas\[0\]: got -0.1, expected", lambda n: Adam(n, betas=(-0.1, 0.9))),
        (ValueError, r"betas: got 0.9, expected two numbers", lambda n: Adam(n, betas=0.9)),
        (
            ValueError,
            r"betas: got \(0.9, 0.99, 0.999\), expected two numbers",
            lambda n: Adam(n, betas=(0.9, 0.99, 0.999)),
        ),
        (ValueError, "eps: got -1, expected", lambda n: Adam(n, eps=-1)),
        (TypeError, "network: got float, expected a network or a layer", lambda n: SGD(0.1, n)),
        (TypeError, "network: got dict, expected a network or a layer", lambda n: Adam(n.parameters())),
    ],
)
def test_settings_of_optimisers_that_make_no_sense(error, message, build):
    with pytest.raises(error, match=message):
        build(Linear(2, 3, rng=0))


# Schedules


def test_schedules():
    places = [0, 0.1, 0.2, 0.25, 0.5, 0.6, 0.75, 0.9, 1]
    assert [constant()(p) for p in places] == [1] * 9
    np.testing.assert_allclose([one_cycle()(p) for p in places], [0, 0.5, 1, 0.9375, 0.625, 0.5, 0.3125, 0.125, 0])
    np.testing.assert_allclose([one_cycle(0.5)(p) for p in (0, 0.25, 0.5, 0.75, 1)], [0, 0.5, 1, 0.5, 0])
    assert [one_cycle(0)(p) for p in (0, 0.25, 1)] == [1, 0.75, 0]
    np.testing.assert_allclose([cosine()(p) for p in (0, 1 / 3, 0.5, 1)], [1, 0.75, 0.5, 0], atol=1e-15)
    np.testing.assert_allclose([steps()(p) for p in (0, 0.49, 0.5, 0.74, 0.75, 1)], [1, 1, 0.1, 0.1, 0.01, 0.01])
    np.testing.assert_allclose([steps(0.5, (0.2, 0.4, 0.6))(p) for p in (0, 0.3, 0.5, 1)], [1, 0.5, 0.25, 0.125])
    for wrong, error in ((1, ValueError), (-0.1, ValueError), ("0.2", TypeError)):
        with pytest.raises(error, match="warm_up: got"):
            one_cycle(wrong)


# The training loop


def problem(count=50, seed=0, classes=3):
    """Points that a linear classifier tells apart."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, count)
    return (np.eye(classes, 4)[labels] * 3 + rng.normal(size=(count, 4)) * 0.5).astype(np.float32), labels


def classifier(seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    return Sequential(Linear(4, 6, rng=rng, dtype=dtype), Tanh(), Linear(6, 3, rng=rng, dtype=dtype))


def train(network=None, data=None, optimizer=None, **options):
    network = network or classifier()
    options = {"epochs": 3, "batch_size": 16, "rng": 5, "progress": False} | options
    return network, fit(network, optimizer or SGD(network, 0.1), data or problem(), **options)


def assert_same_parameters(network, other, **tolerance):
    for name, array in network.parameters().items():
        np.testing.assert_allclose(
            array, other.parameters()[name], **({"rtol": 0, "atol": 0} | tolerance), err_msg=name
        )


def test_fit_is_the_loop_of_the_chapter():
    x, labels = problem()
    validation = problem(seed=1)
    by_hand, expected = classifier(), {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    rng = np.random.default_rng(5)
    for _ in range(3):
        order = rng.permutation(50)
        losses, right = [], 0
        for first in (0, 16, 32, 48):  # the last batch has two images
            batch = order[first : first + 16]
            outputs = by_hand.forward(x[batch])
            loss, delta = cross_entropy(outputs, labels[batch])
            by_hand.backward(delta)
            for layer in (by_hand[0], by_hand[2]):
                layer.weight -= 0.1 * layer.d_weight
                layer.bias -= 0.1 * layer.d_bias
            losses += [loss] * len(batch)
            right += sum(outputs.argmax(axis=1) == labels[batch])
        expected["loss"].append(np.mean(losses))
        expected["accuracy"].append(right / 50)
        outputs = by_hand.forward(validation[0])
        expected["val_loss"].append(cross_entropy(outputs, validation[1])[0])
        expected["val_accuracy"].append(np.mean(outputs.argmax(axis=1) == validation[1]))
    network, history = train(validation=validation)
    assert_same_parameters(network, by_hand, rtol=1e-5, atol=1e-6)
    assert list(history) == list(expected)
    for name, values in history.items():
        assert type(values) is list and all(type(value) is float for value in values)
        np.testing.assert_allclose(values, expected[name], rtol=1e-5)


def test_without_validation_its_lists_stay_empty_and_without_epochs_all():
    network, history = train()
    assert [len(values) for values in history.values()] == [3, 3, 0, 0]
    untouched, history = train(epochs=0, validation=problem())
    assert history == {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    assert_same_parameters(untouched, classifier())


def test_it_learns():
    network, history = train(epochs=15, validation=problem(seed=2))
    assert history["loss"][-1] < 0.25 * history["loss"][0]
    assert history["val_accuracy"][-1] > 0.95
    assert evaluate(network, problem(seed=2)) == pytest.approx((history["val_loss"][-1], history["val_accuracy"][-1]))


@pytest.mark.parametrize("batch_size", [8, 128])
def test_a_convolution_network_learns_which_way_bars_lie(batch_size):
    rng = np.random.default_rng(6)
    labels = rng.integers(0, 2, 256)
    x = np.zeros((256, 1, 7, 7))
    for image, label in zip(x, labels):
        place = rng.integers(7)
        image[0, place if label else slice(None), slice(None) if label else place] = 1
    x = (x + rng.normal(size=x.shape) * 0.1).astype(np.float32)
    network = Sequential(Conv2d(1, 4, 3, rng=1), ReLU(), MaxPool2d(5), Flatten(), Linear(4, 2, rng=2))
    history = fit(
        network,
        Adam(network, 0.02),
        (x, labels),
        epochs=12 if batch_size == 8 else 150,
        batch_size=batch_size,
        rng=0,
        progress=False,
    )
    assert history["loss"][-1] < 0.1 and history["accuracy"][-1] > 0.97


def test_what_is_trained_on_stays_as_it_is():
    x, labels = problem()
    before = x.copy(), labels.copy()

    def rough(batch, rng):
        batch *= 0  # on the loop's own copy: an augmentation may write into it
        return batch

    x.flags.writeable = labels.flags.writeable = False
    train(data=(x, labels), validation=(x, labels), augment=rough)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(labels, before[1])


def test_one_seed_gives_one_result():
    first, history = train()
    again, same = train()
    assert_same_parameters(first, again)
    assert history == same
    other, _ = train(rng=6)
    assert (other[0].weight != first[0].weight).any()
    generator, _ = train(rng=np.random.default_rng(5))
    assert_same_parameters(first, generator)
    unseeded, _ = train(rng=None)
    assert (unseeded[0].weight != first[0].weight).any()


def test_every_epoch_sees_every_image_once_in_another_order():
    x, labels = problem(21)
    seen = []

    def look(batch, rng):
        seen.append(batch.copy())
        return batch

    train(data=(x, labels), batch_size=8, epochs=2, augment=look)
    assert [len(batch) for batch in seen] == [8, 8, 5] * 2
    epochs = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    assert (epochs[0] != epochs[1]).any() and (epochs[0] != x).any()
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch, axis=0), np.sort(x, axis=0))


def test_augmented_images_are_what_is_learned_from():
    doubled, _ = train(data=(problem()[0] * 2, problem()[1]))
    augmented, _ = train(augment=lambda x, rng: x * 2)
    assert_same_parameters(doubled, augmented)
    noisy, _ = train(augment=lambda x, rng: x + rng.normal(size=x.shape).astype(x.dtype))
    again, _ = train(augment=lambda x, rng: x + rng.normal(size=x.shape).astype(x.dtype))
    assert_same_parameters(noisy, again)  # the loop's generator decides the augmentation too


def test_callbacks_see_each_epoch_and_may_end_the_training():
    calls = []

    def note(epoch, history):
        calls.append((epoch, len(history["loss"]), len(history["val_loss"]), history["loss"][-1]))

    _, history = train(callback=note, validation=problem())
    assert [call[:3] for call in calls] == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]
    assert [call[3] for call in calls] == history["loss"]
    network, history = train(callback=lambda epoch, history: epoch == 2, epochs=9)
    assert len(history["loss"]) == 2
    assert_same_parameters(network, train(epochs=2)[0])
    assert len(train(callback=lambda epoch, history: False)[1]["loss"]) == 3


class Noting(SGD):
    """Notes the learning rate of each step."""

    def __init__(self, network, lr):
        super().__init__(network, lr)
        self.noted = []

    def step(self):
        self.noted.append(self.lr)
        super().step()


def test_a_schedule_multiplies_the_learning_rate_step_by_step():
    network, progress = classifier(), []
    optimizer = Noting(network, 0.2)

    def schedule(share):
        progress.append(share)
        return 1 - share / 2

    train(network, problem(50), optimizer, epochs=2, batch_size=20, schedule=schedule)
    np.testing.assert_allclose(progress, np.arange(6) / 6)
    np.testing.assert_allclose(optimizer.noted, 0.2 * (1 - np.arange(6) / 12))
    assert optimizer.lr == 0.2  # as before
    plain, scheduled = train(), train(schedule=constant())
    assert_same_parameters(plain[0], scheduled[0])


def test_the_learning_rate_is_put_back_whatever_happens():
    network = classifier()
    optimizer = SGD(network, 0.2)

    def fails(epoch, history):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(network, optimizer=optimizer, schedule=cosine(), callback=fails)
    assert optimizer.lr == 0.2
    train(network, optimizer=optimizer, schedule=one_cycle(), callback=lambda epoch, history: True)
    assert optimizer.lr == 0.2


def test_squared_errors_with_one_hot_targets_in_both_ways():
    x, labels = problem()
    one_hot = np.eye(3, dtype=np.float32)[labels]
    targets, history = train(data=(x, one_hot), loss=mean_squared_error, validation=(x, one_hot), epochs=8)
    by_labels = lambda outputs, labels: mean_squared_error(outputs, np.eye(3, dtype=np.float32)[labels])
    converted, other = train(data=(x, labels), loss=by_labels, validation=(x, labels), epochs=8)
    assert_same_parameters(targets, converted)
    assert history == other
    assert history["accuracy"][-1] > 0.9 and history["loss"][-1] < history["loss"][0]
    outputs = targets.scores(x)
    assert history["val_accuracy"][-1] == np.mean(outputs.argmax(axis=1) == labels)
    assert history["val_loss"][-1] == pytest.approx(0.5 * np.square(outputs - one_hot).sum() / 50)


def test_targets_that_are_no_classes_have_no_accuracy():
    rng = np.random.default_rng(7)
    x = rng.normal(size=(60, 1, 6, 6))
    network = Sequential(Conv2d(1, 1, 3, rng=0))
    edges = Sequential(Conv2d(1, 1, 3, rng=1)).forward(x)
    history = fit(
        network,
        SGD(network, 0.05),
        (x, edges),
        epochs=20,
        batch_size=10,
        loss=mean_squared_error,
        rng=0,
        progress=False,
    )
    assert history["loss"][-1] < 1e-3 * history["loss"][0]
    assert history["accuracy"] == [0] * 20
    np.testing.assert_allclose(network.scores(x), edges, atol=0.1)


def test_evaluate_is_the_mean_over_all_images_however_many():
    network, (x, labels) = classifier(), problem(457)
    loss, accuracy = evaluate(network, (x, labels))
    assert loss == pytest.approx(cross_entropy(network.forward(x), labels)[0], rel=1e-5)
    assert accuracy == np.mean(network.predict(x) == labels)
    assert type(loss) is type(accuracy) is float
    doubled = evaluate(network, (x, labels), lambda outputs, labels: (2.0, None))
    assert doubled == (2.0, accuracy)


# Large batches are shared among threads


def big_problem(count, shape, classes=10):
    rng = np.random.default_rng(8)
    return rng.random((count, *shape)).astype(np.float32), rng.integers(0, classes, count)


def nested(rng=0, dtype=np.float32):
    rng = np.random.default_rng(rng)
    options = {"rng": rng, "dtype": dtype}
    return Sequential(
        Sequential(Conv2d(1, 3, 5, stride=3, padding=(1, 0), **options), Sequential(Tanh(), MaxPool2d(3, 2, 1))),
        Flatten(),
        Sequential(Linear(75 - 15, 10, **options)),
    )


def bypassed(rng=0, dtype=np.float32):
    rng = np.random.default_rng(rng)
    options = {"rng": rng, "dtype": dtype}
    inner = Residual(Tanh(), Residual(Conv2d(3, 3, 3, padding=1, **options)), Conv2d(3, 3, 1, **options))
    return Sequential(Conv2d(1, 3, 5, stride=4, **options), inner, Flatten(), Linear(108, 10, **options))


@pytest.mark.parametrize(
    ("build", "loss"),
    [(lenet5, cross_entropy), (lenet5_1998, map_criterion), (nested, cross_entropy), (bypassed, cross_entropy)],
)
@pytest.mark.parametrize("count", [1, 2])
def test_shared_batches_have_the_gradients_of_whole_ones(build, loss, count):
    images = count * CHUNK_SIZE + 37
    data = big_problem(images, (1, 28, 28))
    network, plain = build(rng=9, dtype=np.float64), build(rng=9, dtype=np.float64)
    history = fit(network, SGD(network, 0.01), data, epochs=1, batch_size=images, loss=loss, rng=0, progress=False)
    with threadpoolctl.threadpool_limits(1):
        value, delta = loss(plain.forward(data[0]), data[1])
        plain.backward(delta)
    for name, gradient in plain.gradients().items():
        scale = np.abs(gradient).max()
        np.testing.assert_allclose(network.gradients()[name], gradient, rtol=0, atol=1e-12 * scale, err_msg=name)
    SGD(plain, 0.01).step()
    assert_same_parameters(network, plain, rtol=1e-10, atol=1e-12)
    assert history["loss"] == [pytest.approx(value)]


@pytest.mark.parametrize("build", [lenet5, lenet5_1998, bypassed])
def test_the_number_of_threads_does_not_change_one_digit(build):
    data = big_problem(5 * CHUNK_SIZE + 30, (1, 28, 28))
    results = []
    for threads in (1, 2, 7):
        network = build(rng=10)
        options = {"epochs": 2, "batch_size": 4 * CHUNK_SIZE, "rng": 1, "progress": False}
        with threadpoolctl.threadpool_limits(threads, user_api="blas"):
            results.append((network, fit(network, Adam(network, 0.001), data, **options)))
    for network, history in results[1:]:
        assert_same_parameters(network, results[0][0])
        assert history == results[0][1]


class Sizes:
    """Counts the images that a layer of the package is given."""

    def __init__(self, monkeypatch, kind):
        self.seen = []
        forward = kind.forward
        monkeypatch.setattr(kind, "forward", lambda layer, x: self.seen.append(len(x)) or forward(layer, x))


def seeing_the_batch(kind, dtype=np.float32):
    rng = np.random.default_rng(11)
    options = {"rng": rng, "dtype": dtype}
    middle = [BatchNorm2d(3, dtype=dtype)] if kind is BatchNorm2d else [Sequential(Dropout(0.25, rng=1))]
    return Sequential(
        Conv2d(1, 3, 5, stride=4, **options), Residual(*middle), ReLU(), Flatten(), Linear(108, 10, **options)
    )


@pytest.mark.parametrize("kind", [BatchNorm2d, Dropout])
def test_layers_that_see_the_batch_as_a_whole_get_it_whole(kind, monkeypatch):
    images = 2 * CHUNK_SIZE + 9
    data = big_problem(images, (1, 28, 28))
    network, plain = seeing_the_batch(kind), seeing_the_batch(kind)
    order = np.random.default_rng(0).permutation(images)
    _, delta = cross_entropy(plain.forward(data[0][order]), data[1][order])
    plain.backward(delta)
    SGD(plain, 0.1).step()
    sizes = Sizes(monkeypatch, kind)
    train(network, data, epochs=1, batch_size=images, rng=0)
    assert sizes.seen == [images]
    assert_same_parameters(network, plain, rtol=1e-4, atol=1e-6)
    for name, array in network.buffers().items():
        np.testing.assert_allclose(array, plain.buffers()[name], rtol=1e-5, atol=1e-6)


def test_training_is_done_in_training_and_measured_outside_of_it():
    images = CHUNK_SIZE
    data = big_problem(images, (1, 28, 28))
    network = seeing_the_batch(Dropout)
    network[0].training = False  # whatever it was
    network[1].training = False
    before = [layer.training for layer in every_layer(network)]
    assert True in before and False in before
    seen = {"loss": [], "callback": []}
    modes = lambda: {layer.training for layer in every_layer(network)}

    def loss(outputs, labels):
        seen["loss"].append(modes())
        return cross_entropy(outputs, labels)

    def note(epoch, history):
        seen["callback"].append(modes())
        assert history["val_loss"][-1] == pytest.approx(evaluate(network, data)[0], rel=1e-6)  # nothing is drawn
        network.predict(data[0])
        return epoch == 2

    _, history = train(network, data, validation=data, loss=loss, callback=note, batch_size=images, epochs=3)
    # the loss of the validation set is found from its scores, when every layer is back in training
    assert seen["loss"] == [{True}] * 4 and seen["callback"] == [{True}] * 2
    assert [layer.training for layer in every_layer(network)] == before

    def fails(x, rng):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(network, data, augment=fails)
    assert [layer.training for layer in every_layer(network)] == before


class Watching(Identity):
    """Not one of the package's layers: it may keep anything, and sees whole batches only."""

    def __init__(self):
        self.sizes = []

    def forward(self, x):
        self.sizes.append(len(x))
        return super().forward(x)


class OwnNetwork(Sequential):
    """Its forward does more than the layers do."""

    def forward(self, x):
        self.seen = len(x)
        return super().forward(x)


def test_layers_of_ones_own_see_whole_batches():
    data = problem(2 * CHUNK_SIZE)
    watching, large = Watching(), {"batch_size": 2 * CHUNK_SIZE, "epochs": 2}
    inside = Sequential(*classifier(), Sequential(watching))
    train(inside, data, **large)
    assert watching.sizes == [2 * CHUNK_SIZE] * 2
    plain, _ = train(classifier(), data, **large)
    assert_same_parameters(inside, plain, rtol=1e-4, atol=1e-6)
    own, _ = train(OwnNetwork(*classifier()), data, **large)
    assert own.seen == 2 * CHUNK_SIZE
    assert_same_parameters(own, plain, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("large", [False, True])
def test_a_callback_may_give_layers_other_parameters(large):
    data, network = problem(2 * CHUNK_SIZE), classifier()
    new = np.zeros((3, 6), np.float32)

    def forget(epoch, history):
        if epoch == 1:
            network[2].weight, network[2].bias = new, np.zeros(3, np.float32)

    options = {"epochs": 2, "batch_size": 2 * CHUNK_SIZE if large else 32}
    _, history = train(network, data, callback=forget, **options)
    assert network[2].weight is new and new.any()  # the new array is the one that is trained
    if large:  # one batch an epoch, the second with outputs of zero
        assert history["loss"][0] != pytest.approx(math.log(3), abs=1e-3)
        assert history["loss"][1] == pytest.approx(math.log(3), abs=1e-6)


def test_blas_has_its_threads_back_afterwards():
    def threads():
        return [library["num_threads"] for library in threadpoolctl.threadpool_info()]

    before = threads()
    seen = []
    data = problem(2 * CHUNK_SIZE)
    train(data=data, batch_size=2 * CHUNK_SIZE, callback=lambda epoch, history: seen.append(threads()))
    assert threads() == before and len(seen) == 3

    def fails(x, rng):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        train(data=data, batch_size=2 * CHUNK_SIZE, augment=fails)
    assert threads() == before


def test_a_mistake_inside_a_thread_is_reported():
    x, labels = problem(2 * CHUNK_SIZE)
    with pytest.raises(ValueError, match=r"x: got 3 features .* expected 4 for Linear"):
        train(data=(x[:, :3], labels), batch_size=2 * CHUNK_SIZE)


# What is shown


def test_the_progress_bar_counts_batches_and_can_be_left_out(capsys, monkeypatch):
    # Wide enough for every word: on a line that is too short tqdm cuts off the last, more of them where it is faster.
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("LINES", "40")
    train(epochs=2, batch_size=10, validation=problem())
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    network = classifier()
    fit(network, SGD(network, 0.1), problem(), problem(), epochs=2, batch_size=10, rng=0)
    captured = capsys.readouterr()
    assert captured.out == "" and "10/10" in captured.err and "val_accuracy" in captured.err


# What does not fit

X, LABELS = problem()


@pytest.mark.parametrize(
    ("error", "message", "given"),
    [
        (TypeError, r"at: got 0.5, expected a tuple of numbers from 0 to 1", {"at": 0.5}),
        (TypeError, r"at\[1\]: got '0.7' \(str\), expected a number", {"at": (0.5, "0.7")}),
        (ValueError, r"at\[0\]: got nan, expected a number of at least 0", {"at": [float("nan")]}),
        (TypeError, r"factor: got None \(NoneType\), expected a number", {"factor": None}),
        (ValueError, r"factor: got -1, expected a number of at least 0", {"factor": -1}),
    ],
)
def test_settings_of_steps(error, message, given):
    with pytest.raises(error, match=message):
        steps(**given)


def test_a_layer_alone_is_not_evaluated():
    with pytest.raises(TypeError, match="network: got Linear, expected a Sequential"):
        evaluate(Linear(4, 3, rng=0), (X, LABELS))


@pytest.mark.parametrize(
    ("error", "message", "change"),
    [
        (TypeError, r"network: got Linear, expected a Sequential", {"network": Linear(4, 3, rng=0)}),
        (TypeError, r"network: got NoneType, expected a Sequential", {"network": None}),
        (TypeError, r"optimizer: got float, expected an optimizer such as SGD", {"optimizer": 0.1}),
        (TypeError, r"optimizer: got type, expected an optimizer", {"optimizer": SGD}),
        (ValueError, r"train\[0\]: got shape \(0, 4\), expected at least one image", {"train": (X[:0], LABELS[:0])}),
        (
            ValueError,
            r"train\[1\]: got shape \(49,\), expected one label for each of the 50",
            {"train": (X, LABELS[1:])},
        ),
        (ValueError, r"train\[1\]: got shape \(\), expected one label", {"train": (X, np.array(1))}),
        (TypeError, r"train\[0\]: got list, expected a NumPy array", {"train": (X.tolist(), LABELS)}),
        (TypeError, r"train\[1\]: got list, expected a NumPy array of labels", {"train": (X, LABELS.tolist())}),
        (TypeError, r"train\[0\]: got dtype <U1", {"train": (np.full((50, 4), "1"), LABELS)}),
        (TypeError, r"train: got ndarray, expected a pair \(inputs, labels\)", {"train": X}),
        (TypeError, r"train: got tuple, expected a pair", {"train": (X, LABELS, X)}),
        (ValueError, r"validation\[0\]: got shape \(0, 4\), expected at least", {"validation": (X[:0], LABELS[:0])}),
        (ValueError, r"validation\[1\]: got shape \(50,\)", {"validation": (X[:9], LABELS)}),
        (TypeError, r"validation: got ndarray, expected a pair", {"validation": X}),
        (ValueError, r"epochs: got -1, expected an integer of at least 0", {"epochs": -1}),
        (TypeError, r"epochs: got 1.5 \(float\), expected an integer", {"epochs": 1.5}),
        (ValueError, r"batch_size: got 0, expected an integer of at least 1", {"batch_size": 0}),
        (TypeError, r"batch_size: got True \(bool\), expected an integer", {"batch_size": True}),
        (TypeError, r"loss: got None \(NoneType\), expected a function", {"loss": None}),
        (TypeError, r"loss: got 'cross_entropy' \(str\), expected a function", {"loss": "cross_entropy"}),
        (TypeError, r"augment: got 3 \(int\), expected a function", {"augment": 3}),
        (TypeError, r"schedule: got 'cosine' \(str\), expected a function", {"schedule": "cosine"}),
        (TypeError, r"callback: got \[\] \(list\), expected a function", {"callback": []}),
        (TypeError, r"rng: got 'x' \(str\), expected an integer", {"rng": "x"}),
        (ValueError, r"rng: got -1, expected an integer of at least 0", {"rng": -1}),
        (ValueError, r"labels: got class numbers from 0 to 3, expected 0 to 2", {"train": (X, np.arange(50) % 4)}),
        (TypeError, r"labels: got dtype float64, expected integers", {"train": (X, LABELS.astype(float))}),
        (ValueError, r"x: got 3 features", {"train": (X[:, :3], LABELS)}),
        (ValueError, r"x: got 3 features", {"validation": (X[:, :3], LABELS)}),
    ],
)
def test_what_does_not_fit_is_said_and_the_learning_rate_stays(error, message, change):
    network = classifier()
    optimizer = SGD(network, 0.1)
    given = {"network": network, "optimizer": optimizer, "train": (X, LABELS), "epochs": 1, "rng": 0}
    with pytest.raises(error, match=message):
        fit(**given | {"schedule": cosine(), "progress": False} | change)
    assert optimizer.lr == 0.1


def test_an_optimiser_of_another_network_is_refused():
    network, other = classifier(), classifier()
    other.backward(other.forward(X))
    for wrong in (classifier(), other, Sequential(*classifier(), Linear(3, 3)), Sequential(), other[0]):
        before = classifier()
        with pytest.raises(ValueError, match="optimizer: got one of another network, expected one of the"):
            train(network, optimizer=SGD(wrong, 0.1))
        assert_same_parameters(network, before)


@pytest.mark.parametrize("batch_size", [16, 2 * CHUNK_SIZE])
def test_an_optimiser_of_a_part_trains_that_part(batch_size):
    network, start = classifier(), classifier()
    data = problem(2 * CHUNK_SIZE)
    for part in (network[2:], network[2]):
        _, history = train(network, data, optimizer=SGD(part, 0.1), batch_size=batch_size, epochs=5)
        assert history["loss"][-1] < history["loss"][0]
        np.testing.assert_array_equal(network[0].weight, start[0].weight)
        assert (network[2].weight != start[2].weight).all()


def test_an_optimiser_of_ones_own_needs_one_method():
    class Signs(Optimizer):
        def _update(self, name, w, gradient):
            w -= self.lr * np.sign(gradient)

    network = classifier()
    _, history = train(network, optimizer=Signs(network, 0.01), epochs=10)
    assert history["loss"][-1] < history["loss"][0]
    with pytest.raises(NotImplementedError):
        layer = Held()
        layer.receive(np.random.default_rng(0))
        Optimizer(layer, 0.1).step()


@pytest.mark.parametrize("answer", [None, False, 1, "yes", [0]])
def test_only_true_ends_the_training_early(answer):
    _, history = train(epochs=3, callback=lambda epoch, history: answer)
    assert len(history["loss"]) == 3
    _, history = train(epochs=3, callback=lambda epoch, history: epoch == 2)
    assert len(history["loss"]) == 2
