"""A network is a sequence of layers: forward through the list, backward through the reversed list."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from . import arguments, threads
from .layers import Conv2d, Layer, Linear, Shape

INFO = "info"  # the entry of a weights file that tells where the weights come from
IMAGES_AT_ONCE = 200  # `scores` looks at so many: enough to be fast, few enough to need little memory


class Sequential(Layer):
    """Layers one after the other. Parameters are named by the layer's place: "0.weight", "0.bias", "3.weight", …

    >>> from cnnlib import Linear, ReLU
    >>> network = Sequential(Linear(4, 3, rng=0), ReLU(), Linear(3, 2, rng=1))
    >>> network.forward(np.zeros((5, 4))).shape
    (5, 2)
    """

    def __init__(self, *layers: Layer) -> None:
        seen: set[int] = set()
        for place, layer in enumerate(layers):
            missing = [name for name in ("forward", "backward", "parameters", "gradients") if not hasattr(layer, name)]
            if missing or isinstance(layer, type):
                raise TypeError(
                    f"layers[{place}]: got {layer!r}, expected a layer (an object with forward, backward, …)"
                )
            for part in _parts(layer):
                if id(part) in seen:
                    raise ValueError(
                        f"layers[{place}]: got {part!r} a second time, expected a layer of its own for each place: "
                        "a layer remembers one input only"
                    )
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
        only the returned gradient needs, and returns None.
        """
        if not self.layers:
            return gradient if input_gradient else None
        for layer in reversed(self.layers[1:]):
            gradient = layer.backward(gradient)
        first = self.layers[0]
        if not input_gradient and isinstance(first, (Conv2d, Linear, Sequential)):
            return first.backward(gradient, input_gradient=False)
        gradient = first.backward(gradient)
        return gradient if input_gradient else None

    def scores(self, x: np.ndarray) -> np.ndarray:
        """Return the raw outputs for all images of x, the largest being the answer; needs little memory for many."""
        x = arguments.floats("x", x)
        if not x.ndim:
            raise ValueError("x: got one number, expected a batch with one image per place on its first axis")
        if len(x) <= IMAGES_AT_ONCE:
            return np.array(self.forward(x), order="C")
        with threads.one_blas_thread():
            parts = [self.forward(x[i : i + IMAGES_AT_ONCE]) for i in range(0, len(x), IMAGES_AT_ONCE)]
        return np.concatenate(parts)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the class number (N,) of each image of x: the place of its largest score."""
        return self.scores(x).argmax(axis=1)

    def parameters(self) -> dict[str, np.ndarray]:
        """Return {"0.weight": array, …}, the arrays themselves: what is written into them changes the network."""
        return self._collect("parameters")

    def gradients(self) -> dict[str, np.ndarray]:
        """Return {"0.weight": gradient, …} as the last `backward` left them."""
        return self._collect("gradients")

    def load_parameters(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Copy in the arrays of {"0.weight": array, …}; nothing changes unless all of them fit.

        Raises ValueError if names, shapes or dtypes are not this network's, TypeError if one is not an array.
        """
        if not isinstance(parameters, Mapping):
            raise TypeError(f"parameters: got {type(parameters).__name__}, expected a dictionary of arrays by name")
        own = self.parameters()
        if set(parameters) != set(own):
            raise ValueError(
                f"parameters: got the names {_names(parameters)}, expected {_names(own)}; "
                "they are the weights of another network"
            )
        for name, array in own.items():
            new = parameters[name]
            if not isinstance(new, np.ndarray) or isinstance(new, np.ma.MaskedArray):
                raise TypeError(f"parameters[{name!r}]: got {type(new).__name__}, expected a NumPy array")
            if (new.shape, new.dtype) != (array.shape, array.dtype):
                raise ValueError(
                    f"parameters[{name!r}]: got shape {new.shape} of {new.dtype}, "
                    f"expected {array.shape} of {array.dtype}"
                )
        # Copies first: what came may be this network's own arrays under exchanged names.
        copies = {name: parameters[name].copy() for name in own}
        for name, array in own.items():
            array[...] = copies[name]

    def save(self, path: str | os.PathLike, info: Mapping[str, Any] | None = None) -> None:
        """Write all parameters, by name, into one .npz file, with `info`, a dictionary that JSON can hold.

        The file appears under its name only when it is complete; until then an older one stays.
        """
        path = _path(path)
        if info is not None and not isinstance(info, Mapping):
            raise TypeError(f"info: got {type(info).__name__}, expected a dictionary")
        try:
            text = np.array(json.dumps(dict(info or {})))
        except (TypeError, ValueError) as error:
            raise TypeError(f"info: got something that JSON cannot hold ({error}), expected text, numbers, …") from None
        unfinished = path.with_name(f"{path.name}.{os.getpid()}.unfinished")
        try:
            with open(unfinished, "wb") as file:
                np.savez(file, **{INFO: text}, **self.parameters())
            os.replace(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)

    def load(self, path: str | os.PathLike) -> dict[str, Any]:
        """Copy in the parameters that `save` wrote to `path` and return the `info` saved with them.

        Raises FileNotFoundError, or ValueError if the file is damaged, holds anything but plain arrays, or belongs
        to another network: then nothing has changed. Nothing is ever unpickled.
        """
        parameters, info = read_weights(path)
        try:
            self.load_parameters(parameters)
        except ValueError as error:
            raise ValueError(f"path: got {os.fspath(path)!r}, which does not fit this network; {error}") from None
        return info

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape of one image's output, given the shape of one image's input."""
        for layer in self.layers:
            input_shape = layer.output_shape(input_shape)
        return tuple(input_shape)

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return how many products one image needs in all layers."""
        return sum(row.multiply_adds for row in self.summary(input_shape))

    def summary(self, input_shape: Shape) -> Summary:
        """Return a row for each layer: output shape, parameters, multiply-adds, bytes of the activations.

        input_shape: one image, (C, H, W) or (features,), or a batch, (N, C, H, W) or (N, features); then shapes,
        multiply-adds and bytes are the batch's.
        """
        if not isinstance(input_shape, (tuple, list)):
            raise TypeError(f"input_shape: got {input_shape!r}, expected a tuple such as (1, 28, 28)")
        shape = tuple(arguments.integer("input_shape", size, 1) for size in input_shape)
        if not 1 <= len(shape) <= 4:
            raise ValueError(
                f"input_shape: got {shape}, expected (C, H, W), (features,) or the same with the batch first"
            )
        batch, shape = (shape[:1], shape[1:]) if len(shape) in (2, 4) else ((), shape)
        images = math.prod(batch)
        itemsize = max((array.itemsize for array in self.parameters().values()), default=4)
        rows = []
        for layer in self.layers:
            multiply_adds = layer.multiply_adds(shape) * images
            shape = tuple(layer.output_shape(shape))
            count = sum(array.size for array in layer.parameters().values())
            rows.append(
                SummaryRow(repr(layer), batch + shape, count, multiply_adds, math.prod(shape) * images * itemsize)
            )
        return Summary(rows)

    def _collect(self, what: str) -> dict[str, np.ndarray]:
        return {
            f"{place}.{name}": array
            for place, layer in enumerate(self.layers)
            for name, array in getattr(layer, what)().items()
        }

    def __len__(self) -> int:
        return len(self.layers)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __getitem__(self, place: int | slice) -> Layer:
        """Return the layer at a place, or for a slice a network of these layers, sharing their parameters."""
        return Sequential(*self.layers[place]) if isinstance(place, slice) else self.layers[place]

    def __repr__(self) -> str:
        lines = (f"  ({place}) " + repr(layer).replace("\n", "\n  ") for place, layer in enumerate(self.layers))
        return "Sequential(\n" + "\n".join(lines) + "\n)" if self.layers else "Sequential()"


class SummaryRow(NamedTuple):
    """One layer of a `Summary`."""

    layer: str
    output_shape: Shape
    parameters: int
    multiply_adds: int
    activation_bytes: int


class Summary(list[SummaryRow]):
    """The rows of `Sequential.summary`, shown as a table with totals."""

    @property
    def total(self) -> SummaryRow:
        """The sums over all layers."""
        shape = self[-1].output_shape if self else ()
        return SummaryRow("total", shape, *(sum(row[column] for row in self) for column in (2, 3, 4)))

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (row.layer.replace("\n", " "), " × ".join(map(str, row.output_shape)), *(f"{n:,}" for n in row[2:]))
            for row in [*self, self.total]
        ]

    def __str__(self) -> str:
        lines = [_HEADINGS, *self._cells()]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
        texts = [
            "  ".join([line[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)])
            for line in lines
        ]
        rule = "-" * len(texts[0])
        return "\n".join([texts[0], rule, *texts[1:-1], rule, texts[-1]])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def line(cells: tuple[str, ...], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"

        *rows, total = self._cells()
        body = "".join(line(row, "td") for row in rows)
        head, foot = line(_HEADINGS, "th"), line(total, "th")
        return f"<table><thead>{head}</thead><tbody>{body}</tbody><tfoot>{foot}</tfoot></table>"


_HEADINGS = ("layer", "output", "parameters", "multiply-adds", "activation bytes")


def read_weights(path: str | os.PathLike) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays of a weights file by name, and its info; errors as in `Sequential.load`."""
    path = _path(path)
    if not path.is_file():
        raise FileNotFoundError(f"path: got {str(path)!r}, where there is no file; expected a weights file (.npz)")
    try:
        # Opened here, because np.load leaves a file open that turns out to be broken.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        info = json.loads(str(arrays.pop(INFO, "{}")))
        if not all(isinstance(array, np.ndarray) for array in arrays.values()) or not isinstance(info, dict):
            raise ValueError("it holds something else")
    except Exception as error:  # there are a dozen types: of the zip reader, NumPy's, of the unpacker, JSON's, memory
        raise ValueError(
            f"path: got {str(path)!r}, which is damaged or no weights file ({error}); expected an .npz of plain arrays"
        ) from None
    return arrays, info


def _path(path: Any) -> Path:
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path: got {path!r} ({type(path).__name__}), expected the name of a file")
    return Path(path)


def _parts(layer: Layer) -> Iterator[Layer]:
    """Yield the layer and, if it is a network, every layer in it."""
    yield layer
    for inner in layer.layers if isinstance(layer, Sequential) else ():
        yield from _parts(inner)


def _names(parameters: Mapping[str, np.ndarray]) -> str:
    return ", ".join(map(repr, parameters)) or "none"
