"""A training step of LeNet-5: `cnnlib` beside PyTorch, and beside plain loops."""

from __future__ import annotations

import itertools
import time
from typing import Any

import numpy as np

from cnnlib import SGD, Sequential, cross_entropy, fit, lenet5, reference, relu, relu_derivative

from .goals import Figure, Outcome
from .timing import Side, Timed, in_turn, plan, repeated

LR, MOMENTUM = 0.01, 0.9
BATCHES = 8  # a step takes the next of these, so that nobody has its images in the cache already


def training_step(batch: int, quick: bool) -> Outcome:
    """Return PyTorch's time for a step, eager and in its best form, over ours: forward, backward, SGD with momentum."""
    x, labels = _images(BATCHES * batch)
    pairs = [(x[i : i + batch], labels[i : i + batch]) for i in range(0, len(x), batch)]
    network = lenet5(rng=0)
    sides = {"ours": repeated(_our_step(network, pairs))}
    for form in ("eager", "channels_last"):
        sides[form] = repeated(_torch_step(*_torch_lenet(network, form), pairs, form))
    return _compared(batch, in_turn(sides, plan(quick, steps=100 if batch == 1 else 10)))


def step_in_fit(batch: int, quick: bool) -> Outcome:
    """Return the same for a step inside `fit`, which takes a batch in parts, shared among cores if it may use several.

    Both sides draw their images at random and note the loss.
    """
    rounds = plan(quick)
    x, labels = _images((rounds.warm_up + rounds.steps + 1) * batch)
    network = lenet5(rng=0)
    sides = {"ours": _our_fit(network, x, labels, batch)}
    for form in ("eager", "channels_last"):
        sides[form] = _torch_fit(*_torch_lenet(network, form), x, labels, batch, form)
    return _compared(batch, in_turn(sides, rounds))


def reference_loops(quick: bool) -> Outcome:
    """Return the time of the loops of `cnnlib.reference` for one image over ours in a batch of 64."""
    x, labels = _images(64)
    network = lenet5(rng=0)
    one, one_label = x[:1], labels[:1]
    start = time.perf_counter()
    gradients = _gradients_by_loops(network, one, one_label)
    loops = time.perf_counter() - start
    _, delta = cross_entropy(network.forward(one), one_label)
    network.backward(delta, input_gradient=False)
    for name, gradient in network.gradients().items():
        np.testing.assert_allclose(gradient, gradients[name], rtol=1e-2, atol=1e-5, err_msg=name)
    timed = in_turn({"ours": repeated(_our_step(network, [(x, labels)]))}, plan(quick))
    ours = timed.seconds["ours"] / len(x)
    return Outcome((Figure(loops / ours),), f"loops {1 / loops:.2f} images/s, ours {1 / ours:,.0f}", timed.steady)


def _compared(batch: int, timed: Timed) -> Outcome:
    best = min(("eager", "channels_last"), key=timed.seconds.__getitem__)
    text = timed.text(lambda seconds: f"{batch / seconds:,.0f}")
    return Outcome((timed.ratio("eager", "ours"), timed.ratio(best, "ours")), f"images/s: {text}", timed.steady)


def _images(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((count, 1, 28, 28), dtype=np.float32), rng.integers(0, 10, count)


# ---- ours -----------------------------------------------------------------------------------------------------------


def _our_step(network: Sequential, pairs: list[tuple[np.ndarray, np.ndarray]]) -> Any:
    optimizer = SGD(network, LR, MOMENTUM)
    turns = itertools.cycle(pairs)

    def step() -> None:
        x, labels = next(turns)
        _, delta = cross_entropy(network.forward(x), labels)
        network.backward(delta, input_gradient=False)
        optimizer.step()

    return step


def _our_fit(network: Sequential, x: np.ndarray, labels: np.ndarray, batch: int) -> Side:
    optimizer = SGD(network, LR, MOMENTUM)

    def side(count: int) -> list[float]:
        times = []

        def look_at_the_clock(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
            times.append(time.perf_counter())  # fit calls this once a step, at the same point of each
            return images

        train = x[: (count + 1) * batch], labels[: (count + 1) * batch]
        fit(network, optimizer, train, epochs=1, batch_size=batch, augment=look_at_the_clock, rng=0, progress=False)
        return np.diff(times).tolist()

    return side


def _gradients_by_loops(network: Sequential, x: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """Return the gradients of all parameters by the loops, in the order taught in the chapters: ReLU, then pooling."""
    w = network.parameters()
    net1 = reference.conv2d(x, w["0.weight"], w["0.bias"], padding=2)
    a1 = reference.max_pool2d(relu(net1), 2)
    net2 = reference.conv2d(a1, w["3.weight"], w["3.bias"])
    a2 = reference.max_pool2d(relu(net2), 2)
    rows = [a2.reshape(len(x), -1)]  # the inputs of the three full connections
    nets = []
    for place in (7, 9, 11):
        nets.append(reference.linear(rows[-1], w[f"{place}.weight"], w[f"{place}.bias"]))
        rows.append(relu(nets[-1]))
    _, delta = cross_entropy(nets[-1], labels)

    found = {}
    for i, place in ((2, 11), (1, 9), (0, 7)):
        if i < 2:
            delta = delta * relu_derivative(nets[i])
        parts = reference.linear_backward(delta, rows[i], w[f"{place}.weight"])
        delta, found[f"{place}.weight"], found[f"{place}.bias"] = parts
    delta = reference.max_pool2d_backward(delta.reshape(a2.shape), relu(net2), 2) * relu_derivative(net2)
    delta, found["3.weight"], found["3.bias"] = reference.conv2d_backward(delta, a1, w["3.weight"])
    delta = reference.max_pool2d_backward(delta, relu(net1), 2) * relu_derivative(net1)
    _, found["0.weight"], found["0.bias"] = reference.conv2d_backward(delta, x, w["0.weight"], padding=2)
    return found


# ---- PyTorch --------------------------------------------------------------------------------------------------------


def _torch_lenet(network: Sequential, form: str) -> tuple[Any, Any]:
    """Return PyTorch's LeNet-5 with the parameters of ours, and its optimiser.

    The order is the usual one, ReLU before pooling; ours has them the other way round and gives the same numbers.
    """
    from torch import channels_last, contiguous_format, from_numpy, nn, optim

    twin = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(),
        nn.Linear(120, 84),
        nn.ReLU(),
        nn.Linear(84, 10),
    )
    twin.load_state_dict({name: from_numpy(array.copy()) for name, array in network.parameters().items()})
    twin = twin.to(memory_format=channels_last if form == "channels_last" else contiguous_format)
    _check_same(network, twin)
    return twin, optim.SGD(twin.parameters(), lr=LR, momentum=MOMENTUM)


def _check_same(network: Sequential, twin: Any) -> None:
    """Raise AssertionError unless both find the same gradients: a fair comparison needs the same work."""
    from torch import from_numpy, nn

    x, labels = _images(16)
    _, delta = cross_entropy(network.forward(x), labels)
    network.backward(delta, input_gradient=False)
    nn.CrossEntropyLoss()(twin(from_numpy(x)), from_numpy(labels)).backward()
    theirs = {name: parameter.grad.numpy() for name, parameter in twin.named_parameters()}
    for name, gradient in network.gradients().items():
        np.testing.assert_allclose(gradient, theirs[name], rtol=1e-2, atol=1e-5, err_msg=name)


def _torch_step(twin: Any, optimizer: Any, pairs: list[tuple[np.ndarray, np.ndarray]], form: str) -> Any:
    from torch import nn

    criterion = nn.CrossEntropyLoss()
    turns = itertools.cycle([_tensors(x, labels, form) for x, labels in pairs])

    def step() -> None:
        x, labels = next(turns)
        optimizer.zero_grad()
        criterion(twin(x), labels).backward()
        optimizer.step()

    return step


def _torch_fit(twin: Any, optimizer: Any, x: np.ndarray, labels: np.ndarray, batch: int, form: str) -> Side:
    """Return the side that draws batches in random order and keeps the loss, as `fit` does."""
    from torch import nn, randperm

    criterion = nn.CrossEntropyLoss()
    images, numbers = _tensors(x, labels, form)

    def side(count: int) -> list[float]:
        turns = iter(randperm(count * batch).split(batch))
        losses = []

        def step() -> None:
            chosen = next(turns)
            optimizer.zero_grad()
            loss = criterion(twin(images[chosen]), numbers[chosen])
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

        return repeated(step)(count)

    return side


def _tensors(x: np.ndarray, labels: np.ndarray, form: str) -> tuple[Any, Any]:
    from torch import channels_last, contiguous_format, from_numpy

    memory_format = channels_last if form == "channels_last" else contiguous_format
    return from_numpy(x).contiguous(memory_format=memory_format), from_numpy(labels)
