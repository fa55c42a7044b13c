"""A network is a sequence of layers: forward through the list, backward through the reversed list."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from . import arguments, blas_threads, weights
from .arguments import Shape
from .layers import Layer
from .paths import FileName
from .summary import Summary, summarize

INFERENCE_BATCH = 200  # images that `scores` computes at a time: enough to be fast, few enough to need little memory
ONE_PLACE = "expected a layer of its own for each place: a layer remembers one input only"
LAYER_METHODS = ("forward", "backward", "parameters", "gradients")


class Container(Layer):
    """Layers one after the other, as one layer. Their parameters are named by place: "0.weight", "0.bias", "3.weight".

    Setting `training` sets it for every layer in it.
    """

    _training = True

    def __init__(self, *layers: Layer) -> None:
        seen: set[int] = set()
        for place, layer in enumerate(layers):
            if isinstance(layer, type) or not all(hasattr(layer, name) for name in LAYER_METHODS):
                raise TypeError(f"layers[{place}]: got {layer!r}, expected a layer (with forward, backward, …)")
            for part in every_layer(layer):
                if id(part) in seen:
                    raise ValueError(f"layers[{place}]: got {part!r} a second time, {ONE_PLACE}")
                seen.add(id(part))
        self.layers = list(layers)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the last layer's output for a batch x, one image per row."""
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return the gradient of the loss by the input of the last `forward`, given the one by its output.

        Every layer sets its `d_weight` and `d_bias` on the way. `input_gradient=False` leaves out the work that
        only the returned gradient needs: nothing is passed on by the first layer that has parameters.
        """
        last = 0 if input_gradient else next((k for k, layer in enumerate(self.layers) if layer.parameters()), 0)
        delta: Any = gradient
        for layer in reversed(self.layers[last + 1 :]):
            delta = layer.backward(delta)
        for layer in self.layers[last : last + 1]:
            left_out = not input_gradient and _knows_input_gradient(type(layer).backward)
            delta = layer.backward(delta, input_gradient=False) if left_out else layer.backward(delta)
        return delta if input_gradient else None

    @property
    def training(self) -> bool:
        """Whether the layers compute as in training; see `Layer`."""
        return self._training

    @training.setter
    def training(self, value: bool) -> None:
        self._training = value
        for layer in self.layers:
            layer.training = value

    def parameters(self) -> dict[str, np.ndarray]:
        """Return {"0.weight": array, …}, the arrays themselves: what is written into them changes the network."""
        return self._collect("parameters")

    def gradients(self) -> dict[str, np.ndarray]:
        """Return {"0.weight": gradient, …} as the last `backward` left them."""
        return self._collect("gradients")

    def buffers(self) -> dict[str, np.ndarray]:
        """Return {"1.running_mean": array, …}: what is saved with the parameters but not learned."""
        return self._collect("buffers")

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one image's output, given the shape of one image's input."""
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return tuple(input_shape)

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return how many products one image needs in all layers."""
        return sum(row.multiply_adds for row in summarize(self.layers, input_shape))

    def _collect(self, what: str) -> dict[str, np.ndarray]:
        return {
            f"{place}.{name}": array
            for place, layer in enumerate(self.layers)
            for name, array in getattr(layer, what, dict)().items()
        }

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, place: Any) -> Any:
        """Return the layer at a place, or for a slice a network of these layers, sharing their parameters."""
        return Sequential(*self.layers[place]) if isinstance(place, slice) else self.layers[place]

    def __repr__(self) -> str:
        inner = "\n".join(f"  ({k}) " + repr(layer).replace("\n", "\n  ") for k, layer in enumerate(self.layers))
        return f"{type(self).__name__}(" + (f"\n{inner}\n" if inner else "") + ")"


class Residual(Container):
    """Layers with a way around them: the output is x + layers(x), so the layers learn what to change in x.

    Parameters
    ----------
    *layers : Layer
        Which together must keep the shape. Their parameters are named as in a nested `Sequential`: "3.0.weight".

    Raises
    ------
    TypeError
        If something is no layer. `forward` raises ValueError if the layers change the shape.

    Examples
    --------
    >>> from cnnlib import Conv2d, ReLU
    >>> block = Residual(Conv2d(2, 2, 3, padding=1, rng=0), ReLU(), Conv2d(2, 2, 3, padding=1, rng=1))
    >>> block.forward(np.zeros((1, 2, 5, 5))).shape
    (1, 2, 5, 5)
    """

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x + layers(x)."""
        x = arguments.as_float_array("x", x)
        change = super().forward(x)
        if change.shape != x.shape:
            raise ValueError(f"x: got shape {x.shape}, of which the layers make {change.shape}, expected the same")
        self._dtype, self._output_shape = x.dtype, x.shape
        x = x + change
        return x

    def backward(self, gradient: np.ndarray, input_gradient: bool = True) -> np.ndarray | None:
        """Return the gradient by x, which comes both ways: gradient + the one that the layers give."""
        delta = self._delta(gradient)
        change = super().backward(delta, input_gradient)
        return None if change is None else (delta + change).astype(self._dtype, copy=False)

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape (ValueError if the layers change it)."""
        if (shape := super().output_shape(input_shape)) != tuple(input_shape):
            raise ValueError(f"input_shape: got {input_shape}, of which the layers make {shape}, expected the same")
        return shape


class Sequential(Container):
    """A network: layers one after the other. Parameters are named by place: "0.weight", "0.bias", "3.weight", …

    Parameters
    ----------
    *layers : Layer
        Each an object of its own: a layer remembers one input.

    Raises
    ------
    TypeError, ValueError
        If something is no layer, or stands in two places.

    Examples
    --------
    >>> from cnnlib import Linear, ReLU
    >>> network = Sequential(Linear(4, 3, rng=0), ReLU(), Linear(3, 2, rng=1))
    >>> network.forward(np.zeros((5, 4))).shape
    (5, 2)
    """

    # What makes a network doubt its input: a function of the first images that gives a sentence, or None.
    doubt: Callable[[np.ndarray], str | None] | None = None

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return the raw outputs, the largest being the answer, computed as outside of training.

        Parameters
        ----------
        x : ndarray
            A batch, however large: little memory is needed.

        Returns
        -------
        ndarray, shape (B, classes)

        Raises
        ------
        ValueError, TypeError
            If x is no batch or does not fit the first layer.
        """
        return self._scores(x)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the class number (B,) of each image of x: the place of its largest score; see `scores`."""
        labels: np.ndarray = self._scores(x).argmax(axis=1)
        return labels

    def _scores(self, x: np.ndarray) -> np.ndarray:
        x = arguments.as_float_array("x", x)
        if not x.ndim:
            raise ValueError("x: got one number, expected a batch with one image per place on its first axis")
        if self.doubt is not None and (message := self.doubt(x[:INFERENCE_BATCH])):
            self.doubt = None  # once is enough
            warnings.warn(message, UserWarning, stacklevel=3)  # of whoever called `scores` or `predict`
        with in_mode(self, training=False):
            if len(x) <= INFERENCE_BATCH:
                return np.array(self.forward(x), order="C")
            with blas_threads.one_blas_thread():
                parts = [self.forward(x[i : i + INFERENCE_BATCH]) for i in range(0, len(x), INFERENCE_BATCH)]
        return np.concatenate(parts)

    def load_parameters(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Copy in arrays by name; nothing changes unless all of them fit.

        Parameters
        ----------
        parameters : dict
            {"0.weight": array, …}, all that `parameters()` has, and all or none of `buffers()`: what PyTorch calls the
            state of a `nn.Sequential` of the same layers. Its `num_batches_tracked` are passed over.

        Raises
        ------
        ValueError
            If names, shapes or dtypes are not this network's.
        TypeError
            If something is not an array.
        """
        weights.copy_weights(parameters, self.parameters(), self.buffers())

    def save(self, path: FileName, info: Mapping[str, Any] | None = None) -> None:
        """Write all parameters and buffers, by name, into one .npz file.

        The file appears under its name only when it is complete; until then an older one stays.

        Parameters
        ----------
        path : str or path
            The file's name, used as it is.
        info : dict, optional
            Whatever JSON can hold, to tell where the weights come from.

        Raises
        ------
        TypeError
            If JSON cannot hold `info`.
        OSError
            If the file cannot be written.
        """
        weights.write_weights(path, {**self.parameters(), **self.buffers()}, info)

    def load(self, path: FileName) -> dict[str, Any]:
        """Copy in what `save` wrote and return the `info` saved with it. Nothing is ever unpickled.

        Parameters
        ----------
        path : str or path
            The file's name.

        Returns
        -------
        dict

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If it is damaged, holds anything but plain arrays, or belongs to another network: then nothing changes.
        """
        arrays, info = weights.read_weights(path)
        try:
            weights.copy_weights(arrays, {**self.parameters(), **self.buffers()}, {})
        except ValueError as error:
            raise ValueError(f"path: got {str(path)!r}, which does not fit this network; {error}") from None
        return info

    def summary(self, input_shape: Shape) -> Summary:
        """Return a row for each layer: output shape, parameters, multiply-adds, bytes of the activations.

        Parameters
        ----------
        input_shape : tuple
            One image, (D, H, W) or (features,), or a batch, (B, D, H, W) or (B, features); then shapes,
            multiply-adds and bytes are the batch's.

        Returns
        -------
        Summary
            A list of rows, shown as a table with totals.

        Raises
        ------
        ValueError, TypeError
            If it is no such shape or does not fit a layer.
        """
        return summarize(self.layers, input_shape)


def every_layer(layer: Layer) -> Iterator[Layer]:
    """Yield the layer and every layer in it."""
    yield layer
    for inner in layer.layers if isinstance(layer, Container) else ():
        yield from every_layer(inner)


@contextmanager
def in_mode(network: Layer, training: bool) -> Iterator[None]:
    """Let every layer of a network compute as in training or not inside a `with`; each is then put back."""
    before = [(layer, getattr(layer, "training", True)) for layer in every_layer(network)]
    try:
        for layer, _ in before:
            layer.training = training
        yield
    finally:
        for layer, mode in before:
            layer.training = mode


@cache
def _knows_input_gradient(backward: Callable[..., Any]) -> bool:
    """Return whether a method has the argument `input_gradient`: that of a reader's own layer may have none."""
    return "input_gradient" in inspect.signature(backward).parameters
