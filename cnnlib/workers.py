"""The gradients of a batch, found by several threads: large batches are shared among the processor's cores."""

from __future__ import annotations

import contextlib
import copy
import functools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from . import blas_threads
from .layers import BatchNorm2d, Dropout, Layer
from .network import Container, Sequential, every_layer

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]

CHUNK_SIZE = 64  # of a batch that is shared among cores: few enough for their caches, enough for a core to be busy


class Workers:
    """Finds the gradients of a batch, large ones in parts, so that every core has one to work on.

    NumPy lets other threads run while it computes, so two threads with a part each keep two cores busier than one
    thread whose matrix products are split. Every part goes through a copy of the network that shares its
    parameters and remembers its own inputs. The parts do not depend on the number of cores, nor does the result.
    A batch is split only if the loss is known to be a mean over its images, and every layer to treat each by itself.
    """

    def __init__(self, network: Sequential, batch_size: int, loss: Loss) -> None:
        self.network, self.loss = network, loss
        may_split = getattr(loss, "reduction", None) == "mean" and _treats_images_alone(network)
        self.copies = [_copy(network) for _ in range(_parts(batch_size) if may_split else 1)]

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Let the other threads wait for parts inside a `with`, whose end waits for them. They start when one comes."""
        self.threads = min(blas_threads.max_threads(), len(self.copies))
        with blas_threads.one_blas_thread(), ThreadPoolExecutor(max(1, self.threads - 1)) as self._pool:
            yield

    def gradients(self, x: np.ndarray, labels: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the loss and the outputs, and leave the gradients in the network's layers."""
        count = min(_parts(len(x)), len(self.copies))
        if count == 1:
            return self._of_part(self.network, x, labels, 1)
        edges = np.linspace(0, len(x), count + 1).astype(int).tolist()
        results: list[Any] = [None] * count

        def work(first: int) -> None:
            for k in range(first, count, self.threads):
                # A callback may have given a layer of the network other parameters or settings.
                for mine, layer in zip(_leaves(self.copies[k]), _leaves(self.network), strict=True):
                    mine.__dict__.update(layer.__dict__)
                part = slice(edges[k], edges[k + 1])
                share = (part.stop - part.start) / len(x)
                results[k] = self._of_part(self.copies[k], x[part], labels[part], share)

        others = [self._pool.submit(work, first) for first in range(1, self.threads)]
        work(0)
        for other in others:
            other.result()
        for layer, *parts in zip(_leaves(self.network), *map(_leaves, self.copies[:count]), strict=True):
            for name in layer.parameter_names:
                setattr(layer, f"d_{name}", functools.reduce(np.add, [getattr(part, f"d_{name}") for part in parts]))
        return sum(value for value, _ in results), np.concatenate([outputs for _, outputs in results])

    def _of_part(self, net: Layer, x: np.ndarray, labels: np.ndarray, share: float) -> tuple[float, np.ndarray]:
        """Return the loss, times this part's share of the batch, and the outputs; leave the gradients in `net`."""
        outputs = net.forward(x)
        value, delta = self.loss(outputs, labels)
        net.backward(delta if share == 1 else delta * share, input_gradient=False)
        return value * share, outputs


def _parts(images: int) -> int:
    return max(1, images // CHUNK_SIZE)


def _treats_images_alone(network: Layer) -> bool:
    """Return whether an image's output depends on that image alone, and copies of the layers do not disturb others."""
    layers = list(every_layer(network))
    known = all(type(layer).__module__.startswith(f"{__package__}.") for layer in layers)
    return known and not any(isinstance(layer, (BatchNorm2d, Dropout)) for layer in layers)


def _copy(layer: Layer) -> Any:
    """Return a copy that shares the parameters."""
    copied = copy.copy(layer)
    if isinstance(copied, Container):
        copied.layers = [_copy(inner) for inner in copied.layers]
    return copied


def _leaves(network: Layer) -> Iterator[Layer]:
    """Yield the layers that hold no others, in their order."""
    return (layer for layer in every_layer(network) if not isinstance(layer, Container))
