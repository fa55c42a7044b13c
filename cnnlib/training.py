"""Training: optimisers, schedules, and the loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from . import arguments
from .augmentation import Augmentation
from .layers import Layer
from .losses import cross_entropy
from .network import Sequential, in_mode
from .workers import Loss, Workers

Schedule = Callable[[float], float]
History = dict[str, list[float]]
Labelled = tuple[np.ndarray, np.ndarray]  # inputs and labels, image by image


class Optimizer:
    """What optimisers share: the network, the learning rate `lr` (η), and a state for each parameter.

    One of your own needs `_update(name, w, gradient)`, which changes w in place.
    """

    def __init__(self, network: Layer, lr: float, weight_decay: float = 0.0) -> None:
        if not hasattr(network, "parameters"):
            raise TypeError(f"network: got {type(network).__name__}, expected a network or a layer")
        self.network, self.lr = network, arguments.number("lr", lr, 0)
        self.weight_decay = arguments.number("weight_decay", weight_decay, 0)
        self._states: dict[str, list[np.ndarray]] = {}
        self._steps = 0

    def step(self) -> None:
        """Change every parameter once, by the gradients of the last `backward`."""
        gradients = self.network.gradients()
        self._steps += 1
        for name, w in self.network.parameters().items():
            gradient = gradients[name]
            self._update(name, w, gradient + self.weight_decay * w if self.weight_decay else gradient)

    def _update(self, name: str, w: np.ndarray, gradient: np.ndarray) -> None:
        raise NotImplementedError

    def _state(self, name: str, w: np.ndarray, count: int) -> list[np.ndarray]:
        """Return this many arrays like w, zeros at first, which are kept from step to step."""
        if name not in self._states:
            self._states[name] = [np.zeros_like(w) for _ in range(count)]
        return self._states[name]


class SGD(Optimizer):
    """Stochastic gradient descent with momentum: v <- momentum v + ∂E/∂w + weight_decay w; w <- w - lr v.

    Parameters
    ----------
    network : Sequential or Layer
        Whose parameters `step` changes.
    lr : float
        The learning rate η; it may be changed between steps.
    momentum : float
        From 0 to below 1.
    weight_decay : float
        At least 0.

    Raises
    ------
    ValueError, TypeError
        If a setting is out of its range or no number.

    Examples
    --------
    >>> from cnnlib import Linear
    >>> optimizer = SGD(Linear(2, 1, rng=0), lr=0.1, momentum=0.9)
    """

    def __init__(self, network: Layer, lr: float, momentum: float = 0.0, weight_decay: float = 0.0) -> None:
        super().__init__(network, lr, weight_decay)
        self.momentum = arguments.number("momentum", momentum, 0, 1)

    def _update(self, name: str, w: np.ndarray, gradient: np.ndarray) -> None:
        if self.momentum:
            (velocity,) = self._state(name, w, 1)
            velocity *= self.momentum
            velocity += gradient
            gradient = velocity
        w -= self.lr * gradient


class Adam(Optimizer):
    """Adam: steps of about lr, whatever the size of the gradient (Kingma & Ba 2015, algorithm 1).

    m <- β1 m + (1 - β1) g; v <- β2 v + (1 - β2) g²; w <- w - lr m̂ / (sqrt(v̂) + eps), with m̂ = m / (1 - β1^t) and
    v̂ = v / (1 - β2^t) after t steps, g = ∂E/∂w + weight_decay w.

    Parameters
    ----------
    network : Sequential or Layer
        Whose parameters `step` changes.
    lr : float
        The learning rate; it may be changed between steps.
    betas : pair of floats
        (β1, β2), each from 0 to below 1.
    eps, weight_decay : float
        At least 0.

    Raises
    ------
    ValueError, TypeError
        If a setting is out of its range or no number.

    Examples
    --------
    >>> from cnnlib import Linear
    >>> optimizer = Adam(Linear(2, 1, rng=0), lr=0.001)
    """

    def __init__(
        self, network: Layer, lr: float = 0.001, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(network, lr, weight_decay)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"betas: got {betas!r}, expected two numbers (β1, β2)")
        self.betas = arguments.number("betas[0]", betas[0], 0, 1), arguments.number("betas[1]", betas[1], 0, 1)
        self.eps = arguments.number("eps", eps, 0)

    def _update(self, name: str, w: np.ndarray, gradient: np.ndarray) -> None:
        beta1, beta2 = self.betas
        m, v = self._state(name, w, 2)
        m += (1 - beta1) * (gradient - m)
        v += (1 - beta2) * (gradient * gradient - v)
        correction1, correction2 = 1 - beta1**self._steps, 1 - beta2**self._steps
        w -= (self.lr / correction1) * m / (np.sqrt(v / correction2) + self.eps)


def constant() -> Schedule:
    """Return the schedule that keeps the learning rate as it is.

    A schedule is a function of the progress, from 0 to 1; the learning rate is multiplied by what it gives.
    """
    return lambda progress: 1.0


def one_cycle(warm_up: float = 0.2) -> Schedule:
    """Return a schedule that rises in a straight line for the share `warm_up` of the training, then falls to 0.

    Parameters
    ----------
    warm_up : float
        From 0 to below 1.

    Raises
    ------
    ValueError, TypeError
        For anything else.

    Examples
    --------
    >>> [one_cycle(0.5)(progress) for progress in (0, 0.25, 0.5, 1)]
    [0.0, 0.5, 1.0, 0.0]
    """
    warm_up = arguments.number("warm_up", warm_up, 0, 1)
    return lambda progress: progress / warm_up if progress < warm_up else (1 - progress) / (1 - warm_up)


def cosine() -> Schedule:
    """Return a schedule that falls from 1 to 0 along half a cosine wave."""
    return lambda progress: 0.5 * (1 + math.cos(math.pi * progress))


def steps(factor: float = 0.1, at: tuple[float, ...] = (0.5, 0.75)) -> Schedule:
    """Return a schedule that multiplies the learning rate by `factor` at each of these points of the training.

    Parameters
    ----------
    factor : float
        At least 0.
    at : tuple of floats
        The points, as shares of the training: 0.5 is half of it.

    Raises
    ------
    ValueError, TypeError
        If one of them is negative or no number.

    Examples
    --------
    >>> [round(steps(0.1)(progress), 3) for progress in (0, 0.5, 0.75)]
    [1.0, 0.1, 0.01]
    """
    factor = arguments.number("factor", factor, 0)
    if not isinstance(at, (tuple, list)):
        raise TypeError(f"at: got {at!r:.60}, expected a tuple of numbers from 0 to 1")
    points = [arguments.number(f"at[{place}]", point, 0) for place, point in enumerate(at)]
    return lambda progress: factor ** sum(progress >= point for point in points)


def fit(
    network: Sequential, optimizer: Optimizer, train: Labelled, validation: Labelled | None = None,
    epochs: int = 10, batch_size: int = 64, loss: Loss = cross_entropy, augment: Augmentation | None = None,
    schedule: Schedule | None = None, callback: Callable[[int, History], Any] | None = None,
    rng: arguments.Seed = None, progress: bool = True,
) -> History:  # fmt: skip
    """Train a network: for each batch forward, loss, backward, and a step of the optimiser.

    Batches of 128 images and more are shared among the processor's cores, as many as BLAS may use, unless a layer
    sees the batch as a whole (`BatchNorm2d`, `Dropout`). The layers compute as in training; afterwards each is again
    in the mode in which it was, and so is the learning rate.

    Parameters
    ----------
    network : Sequential
        Its parameters are changed.
    optimizer : Optimizer
        Of this network, or of a part of it, which alone is then trained.
    train, validation : pair of arrays
        (inputs, labels), the first axis being the images'. Without `validation` its lists stay empty.
    epochs, batch_size : int
        How many times all images are seen, each time in another order, and how many of them at a time.
    loss : function
        `loss(outputs, labels)` gives (loss, delta), as `cross_entropy` does.
    augment : function, optional
        `augment(x, rng)` gives a changed copy of a batch.
    schedule : function, optional
        `schedule(progress)` multiplies the learning rate, progress going from 0 to 1.
    callback : function, optional
        `callback(epoch, history)` is called after each epoch, counted from 1; if it returns True the training ends.
    rng : Generator or int, optional
        What decides order and augmentation, or a seed.
    progress : bool
        Whether a bar is shown.

    Returns
    -------
    dict
        A list for each of "loss", "accuracy", "val_loss", "val_accuracy", with a number for each epoch. The first two
        are means over the epoch, while the network was learning.

    Raises
    ------
    ValueError
        If a set is empty or its parts do not match, or the optimiser is another network's.
    TypeError
        For other types.
    """
    from tqdm.auto import tqdm  # imported where it is needed: `import cnnlib` stays quick

    _check_network(network)
    _check_optimizer(network, optimizer)
    x, labels = _checked_set("train", train)
    if validation is not None:
        validation = _checked_set("validation", validation)
    for name, function in {"loss": loss, "augment": augment, "schedule": schedule, "callback": callback}.items():
        if not callable(function) and (function is not None or name == "loss"):
            raise TypeError(f"{name}: got {function!r:.60} ({type(function).__name__}), expected a function")
    epochs = arguments.integer("epochs", epochs, 0)
    batch_size = min(arguments.integer("batch_size", batch_size, 1), len(x))  # more would be places for nothing
    rng = arguments.generator(rng)
    history: History = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    total, done, start_lr = epochs * math.ceil(len(x) / batch_size), 0, optimizer.lr
    workers = Workers(network, batch_size, loss)
    bar = tqdm(total=total, disable=not progress, unit="batch")
    try:
        with in_mode(network, training=True), workers.at_work(), bar:
            for epoch in range(1, epochs + 1):
                order = rng.permutation(len(x))
                loss_sum, right = 0.0, 0
                for first in range(0, len(x), batch_size):
                    chosen = order[first : first + batch_size]
                    batch, batch_labels = x[chosen], labels[chosen]
                    if augment is not None:
                        batch = augment(batch, rng)
                    if schedule is not None:
                        optimizer.lr = start_lr * schedule(done / total)
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


def evaluate(network: Sequential, data: Labelled, loss: Loss = cross_entropy) -> tuple[float, float]:
    """Return loss and accuracy of a network, computed as outside of training.

    Parameters
    ----------
    network : Sequential
        It stays as it is.
    data : pair of arrays
        (inputs, labels), the first axis being the images'.
    loss : function
        `loss(outputs, labels)` gives (loss, delta), as `cross_entropy` does.

    Returns
    -------
    tuple of two floats
        (loss, accuracy), means over all images.

    Raises
    ------
    ValueError, TypeError
        If the set is empty or its parts do not match.
    """
    _check_network(network)
    x, labels = _checked_set("data", data)
    outputs = network.scores(x)
    return loss(outputs, labels)[0], _count_right(outputs, labels) / len(x)


def _check_network(network: Any) -> None:
    if not isinstance(network, Sequential):
        raise TypeError(f"network: got {type(network).__name__}, expected a Sequential")


def _check_optimizer(network: Sequential, optimizer: Any) -> None:
    """Raise unless the optimiser changes this network's parameters, all or some, and no others."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"optimizer: got {type(optimizer).__name__}, expected an optimizer such as SGD(network, 0.1)")
    own, changed = ({id(array) for array in part.parameters().values()} for part in (network, optimizer.network))
    if optimizer.network is not network and not (changed and changed <= own):
        raise ValueError("optimizer: got one of another network, expected one of the network that is trained")


def _count_right(outputs: np.ndarray, labels: np.ndarray) -> int:
    """Return how often the largest output is the label's; one-hot labels count by their largest, others never."""
    if labels.ndim == 2 and labels.shape == outputs.shape:
        labels = labels.argmax(axis=1)
    if outputs.ndim != 2 or labels.ndim != 1:
        return 0
    return int((outputs.argmax(axis=1) == labels).sum())


def _checked_set(name: str, data: Any) -> Labelled:
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"{name}: got {type(data).__name__}, expected a pair (inputs, labels)")
    x = arguments.as_float_array(f"{name}[0]", data[0])
    labels = data[1]
    if not isinstance(labels, np.ndarray):
        raise TypeError(f"{name}[1]: got {type(labels).__name__}, expected a NumPy array of labels")
    if not x.ndim or not len(x):
        raise ValueError(f"{name}[0]: got shape {x.shape}, expected at least one image")
    if labels.ndim < 1 or len(labels) != len(x):
        raise ValueError(f"{name}[1]: got shape {labels.shape}, expected one label for each of the {len(x)} images")
    return x, labels
