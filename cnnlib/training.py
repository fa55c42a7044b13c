"""Training: optimisers, schedules, the loop, and small random changes of the images."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from . import arguments, threads
from .layers import Layer
from .losses import MEANS_OVER_IMAGES, cross_entropy
from .network import Sequential

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]
Schedule = Callable[[float], float]
Augmentation = Callable[[np.ndarray, np.random.Generator], np.ndarray]
History = dict[str, list[float]]

IMAGES_IN_A_PART = (
    64  # of a batch that is shared among cores: few enough for their caches, enough for a core to be busy
)


class Optimizer:
    """What optimisers share: the network, the learning rate `lr` (η), and one state per parameter."""

    def __init__(self, network: Layer, lr: float, weight_decay: float = 0.0) -> None:
        if not hasattr(network, "parameters"):
            raise TypeError(f"network: got {type(network).__name__}, expected a network or a layer")
        self.network = network
        self.lr = arguments.number("lr", lr, 0)
        self.weight_decay = arguments.number("weight_decay", weight_decay, 0)
        self._state: dict[str, list[np.ndarray]] = {}

    def step(self) -> None:
        """Change every parameter once, by the gradients of the last `backward`."""
        gradients = self.network.gradients()
        for name, w in self.network.parameters().items():
            gradient = gradients[name]
            self._update(name, w, gradient + self.weight_decay * w if self.weight_decay else gradient)

    def _update(self, name: str, w: np.ndarray, gradient: np.ndarray) -> None:
        raise NotImplementedError

    def _remembered(self, name: str, w: np.ndarray, count: int) -> list[np.ndarray]:
        if name not in self._state:
            self._state[name] = [np.zeros_like(w) for _ in range(count)]
        return self._state[name]


class SGD(Optimizer):
    """Stochastic gradient descent with momentum: v <- momentum v + ∂E/∂w + weight_decay w; w <- w - lr v.

    >>> from cnnlib import Linear
    >>> optimizer = SGD(Linear(2, 1, rng=0), lr=0.1, momentum=0.9)
    """

    def __init__(self, network: Layer, lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(network, lr, weight_decay)
        self.momentum = arguments.number("momentum", momentum, 0, 1)

    def _update(self, name: str, w: np.ndarray, gradient: np.ndarray) -> None:
        if self.momentum:
            (velocity,) = self._remembered(name, w, 1)
            velocity *= self.momentum
            velocity += gradient
            gradient = velocity
        w -= self.lr * gradient


class Adam(Optimizer):
    """Adam: steps of about lr, whatever the size of the gradient (Kingma & Ba 2015, algorithm 1).

    m <- β1 m + (1 - β1) g; v <- β2 v + (1 - β2) g²; w <- w - lr m̂ / (sqrt(v̂) + eps), with m̂ = m / (1 - β1^t) and
    v̂ = v / (1 - β2^t) after t steps, g = ∂E/∂w + weight_decay w.
    """

    def __init__(
        self,
        network: Layer,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(network, lr, weight_decay)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"betas: got {betas!r}, expected two numbers (β1, β2)")
        self.betas = arguments.number("betas[0]", betas[0], 0, 1), arguments.number("betas[1]", betas[1], 0, 1)
        self.eps = arguments.number("eps", eps, 0)
        self._steps = 0

    def step(self) -> None:
        """Change every parameter once, by the gradients of the last `backward`."""
        self._steps += 1
        super().step()

    def _update(self, name: str, w: np.ndarray, gradient: np.ndarray) -> None:
        beta1, beta2 = self.betas
        m, v = self._remembered(name, w, 2)
        m += (1 - beta1) * (gradient - m)
        v += (1 - beta2) * (gradient * gradient - v)
        correction1, correction2 = 1 - beta1**self._steps, 1 - beta2**self._steps
        w -= (self.lr / correction1) * m / (np.sqrt(v / correction2) + self.eps)


def constant() -> Schedule:
    """Return the schedule that keeps the learning rate as it is."""
    return lambda progress: 1.0


def one_cycle(warm_up: float = 0.2) -> Schedule:
    """Return a schedule that rises in a straight line for the share `warm_up` of the training, then falls to 0.

    A schedule is a function of the progress, from 0 to 1; the learning rate is multiplied by what it gives.
    """
    warm_up = arguments.number("warm_up", warm_up, 0, 1)
    return lambda progress: progress / warm_up if progress < warm_up else (1 - progress) / (1 - warm_up)


def cosine() -> Schedule:
    """Return a schedule that falls from 1 to 0 along half a cosine wave."""
    return lambda progress: 0.5 * (1 + math.cos(math.pi * progress))


def steps(factor: float = 0.1, at: tuple[float, ...] = (0.5, 0.75)) -> Schedule:
    """Return a schedule that multiplies the learning rate by `factor` at each of these points of the training."""
    return lambda progress: factor ** sum(progress >= point for point in at)


def fit(
    network: Sequential,
    optimizer: Optimizer,
    train: tuple[np.ndarray, np.ndarray],
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    epochs: int = 10,
    batch_size: int = 64,
    loss: Loss = cross_entropy,
    augment: Augmentation | None = None,
    schedule: Schedule | None = None,
    callback: Callable[[int, History], Any] | None = None,
    rng: np.random.Generator | int | None = None,
    progress: bool = True,
) -> History:
    """Train the network and return its history: a list for each of "loss", "accuracy", "val_loss", "val_accuracy".

    train, validation: (inputs, labels), the first axis being the images'. `loss(outputs, labels)` gives (loss, delta).
    `augment(x, rng)` gives a changed copy of a batch. `schedule(progress)` multiplies the learning rate, progress
    going from 0 to 1. `callback(epoch, history)` is called after each epoch, counted from 1; if it returns True the
    training ends. The training loss and accuracy are means over the epoch, while the network was learning;
    without `validation` its lists stay empty. `rng`, a generator or a seed, decides order and augmentation.
    Batches of 128 images and more are shared among the processor's cores, as many as BLAS may use.
    Raises ValueError for sets that are empty or do not match, TypeError for other types.
    """
    if not isinstance(network, Sequential):
        raise TypeError(f"network: got {type(network).__name__}, expected a Sequential")
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer: got {type(optimizer).__name__}, expected an optimizer such as SGD(network, 0.1)")
    x, labels = _checked_set("train", train)
    if validation is not None:
        validation = _checked_set("validation", validation)
    epochs = arguments.integer("epochs", epochs, 0)
    batch_size = arguments.integer("batch_size", batch_size, 1)
    rng = np.random.default_rng(rng)
    history: History = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    batches = math.ceil(len(x) / batch_size)
    start_lr, done = optimizer.lr, 0
    try:
        with _progress_bar(epochs * batches, progress) as bar, _Workers(network, batch_size, loss) as workers:
            for epoch in range(1, epochs + 1):
                order = rng.permutation(len(x))
                loss_sum, right = 0.0, 0
                for i in range(0, len(x), batch_size):
                    chosen = order[i : i + batch_size]
                    batch, batch_labels = x[chosen], labels[chosen]
                    if augment is not None:
                        batch = augment(batch, rng)
                    if schedule is not None:
                        optimizer.lr = start_lr * schedule(done / (epochs * batches))
                    value, outputs = workers.gradients(batch, batch_labels)
                    optimizer.step()
                    loss_sum += value * len(chosen)
                    right += _count_right(outputs, batch_labels)
                    done += 1
                    bar.update()
                history["loss"].append(loss_sum / len(x))
                history["accuracy"].append(right / len(x))
                if validation is not None:
                    value, accuracy = evaluate(network, validation, loss)
                    history["val_loss"].append(value)
                    history["val_accuracy"].append(accuracy)
                bar.set_postfix({name: f"{values[-1]:.4f}" for name, values in history.items() if values})
                if callback is not None and callback(epoch, history) is True:
                    break
    finally:
        optimizer.lr = start_lr
    return history


def evaluate(
    network: Sequential, data: tuple[np.ndarray, np.ndarray], loss: Loss = cross_entropy
) -> tuple[float, float]:
    """Return (loss, accuracy) of a network on (inputs, labels)."""
    x, labels = _checked_set("data", data)
    outputs = network.scores(x)
    return loss(outputs, labels)[0], _count_right(outputs, labels) / len(x)


class _Workers:
    """Finds the gradients of a batch, large ones in parts, so that every core has one to work on.

    NumPy lets other threads run while it computes, so two threads with a part each keep two cores busier than one
    thread whose matrix products are split. Every part goes through a copy of the network that shares its
    parameters and remembers its own inputs. The parts do not depend on the number of cores, nor does the result.
    A batch is only split if the loss is known to be a mean over its images.
    """

    def __init__(self, network: Sequential, batch_size: int, loss: Loss) -> None:
        self.network, self.loss = network, loss
        known = loss in MEANS_OVER_IMAGES and _is_all_ours(network)
        self.copies = [_copy(network) for _ in range(_parts(batch_size) if known else 1)]
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> _Workers:
        self.threads = min(threads.allowed(), len(self.copies))
        self._stack.enter_context(threads.one_blas_thread())
        if self.threads > 1:
            self._pool = self._stack.enter_context(ThreadPoolExecutor(self.threads - 1))
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.close()

    def gradients(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss and the outputs, and leave the gradients in the network's layers."""
        count = min(_parts(len(x)), len(self.copies))
        if count == 1:
            return self._forward_and_backward(self.network, x, labels, 1)
        edges = np.linspace(0, len(x), count + 1).astype(int).tolist()
        results: list[Any] = [None] * count

        def work(first: int) -> None:
            for k in range(first, count, self.threads):
                part = slice(edges[k], edges[k + 1])
                _update_copy(self.copies[k], self.network)
                share = (part.stop - part.start) / len(x)
                results[k] = self._forward_and_backward(self.copies[k], x[part], labels[part], share)

        others = [self._pool.submit(work, first) for first in range(1, self.threads)]
        try:
            work(0)
        finally:
            for other in others:
                other.result()
        _add_gradients(self.network, self.copies[:count])
        return sum(value for value, _ in results), np.concatenate([outputs for _, outputs in results])

    def _forward_and_backward(
        self, network: Sequential, x: np.ndarray, labels: np.ndarray, share: float
    ) -> tuple[float, np.ndarray]:
        """Return the loss, times this part's share of the batch, and the outputs."""
        outputs = network.forward(x)
        value, delta = self.loss(outputs, labels)
        if share < 1:
            delta *= share
        network.backward(delta, input_gradient=False)
        return value * share, outputs


def _parts(images: int) -> int:
    return max(1, images // IMAGES_IN_A_PART)


def _is_all_ours(network: Layer) -> bool:
    """Return whether every layer is one of this package's: copies of others might disturb each other."""
    if isinstance(network, Sequential):
        return type(network) is Sequential and all(map(_is_all_ours, network.layers))
    return type(network).__module__.startswith(__package__ + ".")


def _copy(layer: Layer) -> Layer:
    """Return a copy that shares the parameters."""
    return Sequential(*map(_copy, layer)) if isinstance(layer, Sequential) else copy.copy(layer)


def _update_copy(net: Layer, network: Layer) -> None:
    """Bring a copy up to date: a callback may have given a layer of the network other parameters or settings."""
    for mine, layer in zip(net.layers, network.layers, strict=True):
        if isinstance(layer, Sequential):
            _update_copy(mine, layer)
        else:
            mine.__dict__.update(layer.__dict__)


def _add_gradients(network: Sequential, copies: list[Sequential]) -> None:
    """Set each layer's gradients to the sum over the copies."""
    for place, layer in enumerate(network.layers):
        parts = [net.layers[place] for net in copies]
        if isinstance(layer, Sequential):
            _add_gradients(layer, parts)
            continue
        for name in layer.names:
            total, *others = (getattr(part, f"d_{name}") for part in parts)
            for gradient in others:
                total += gradient
            setattr(layer, f"d_{name}", total)


def _progress_bar(total: int, show: bool) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=total, disable=not show, unit="batch", leave=True)


def _count_right(outputs: np.ndarray, labels: np.ndarray) -> int:
    """Return how often the largest output is the label's; one-hot labels count by their largest, others never."""
    if labels.ndim == 2 and labels.shape == outputs.shape:
        labels = labels.argmax(axis=1)
    if outputs.ndim != 2 or labels.ndim != 1:
        return 0
    return int((outputs.argmax(axis=1) == labels).sum())


def _checked_set(name: str, data: Any) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"{name}: got {type(data).__name__}, expected a pair (inputs, labels)")
    x = arguments.floats(f"{name}[0]", data[0])
    labels = data[1]
    if not isinstance(labels, np.ndarray):
        raise TypeError(f"{name}[1]: got {type(labels).__name__}, expected a NumPy array of labels")
    if not x.ndim or not len(x):
        raise ValueError(f"{name}[0]: got shape {x.shape}, expected at least one image")
    if labels.ndim < 1 or len(labels) != len(x):
        raise ValueError(f"{name}[1]: got shape {labels.shape}, expected one label for each of the {len(x)} images")
    return x, labels
