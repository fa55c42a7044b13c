"""Where a training step of LeNet-5 goes: milliseconds of each layer, of the matrix products in it, and of Python.

    python -m benchmarks.step                   batch 64
    python -m benchmarks.step --batch 1

The products are timed by themselves, with other numbers of the same shapes, cut as the package cuts them; what a layer
takes beyond its products is copies, sums and Python. The last line says what all products would take at the speed of
one large product, which BLAS computes best. One thread; medians of 200 steps.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from cnnlib import SGD, Conv2d, Linear, Sequential, blas_threads, cross_entropy, layout, lenet5

STEPS = 200
FORWARD, BACKWARD = "forward", "backward"


class Product(NamedTuple):
    """A stack of matrix products: (M, K) @ (stack, K, N), or turned, (stack, M, K) @ (stack, N, K)^T."""

    stack: int
    m: int
    k: int
    n: int
    turned: bool = False

    @property
    def multiply_adds(self) -> int:
        return self.stack * self.m * self.k * self.n


def products(layer: Any, place: int, input_shape: tuple[int, ...], batch: int) -> dict[str, list[Product]]:
    """Return the matrix products of a layer in both directions, as `layout` computes them; the first needs no dE/dx."""
    if isinstance(layer, Linear):
        out, inside = layer.weight.shape
        backward = [Product(1, out, batch, inside)] + [Product(1, inside, out, batch)] * (place > 0)
        return {FORWARD: [Product(1, out, inside, batch)], BACKWARD: backward}
    if isinstance(layer, Conv2d):
        count, height, width = layer.output_shape(input_shape)
        taps, places, rows = layer.weight[0].size, width * batch, layer.kernel_size[0]
        backward = [Product(height, taps, places, count, turned=True)]
        backward += [Product(height, taps // rows, count, places)] * rows * (place > 0)
        return {FORWARD: [Product(height, count, taps, places)], BACKWARD: backward}
    return {FORWARD: [], BACKWARD: []}


def of_a_step(batch: int) -> dict[tuple[int, str], list[Product]]:
    """Return {(place, direction): the products of a layer} of LeNet-5."""
    found: dict[tuple[int, str], list[Product]] = {}
    shape: tuple[int, ...] = (1, 28, 28)
    for place, layer in enumerate(lenet5(rng=0)):
        for direction, parts in products(layer, place, shape, batch).items():
            found[place, direction] = parts
        shape = layer.output_shape(shape)
    return found


def measured(batch: int) -> dict[tuple[str, str], tuple[float, float]]:
    """Return {(part, direction): (milliseconds, of these in products)} of a step, in the order of the network."""
    rng = np.random.default_rng(0)
    x, labels = rng.random((batch, 1, 28, 28), dtype=np.float32), rng.integers(0, 10, batch)
    network = lenet5(rng=0)
    times = _watched_step(network, x, labels)
    found = {}
    for (place, direction), parts in of_a_step(batch).items():
        alone = sum(_alone(product, rng) for product in parts)
        found[f"{place} {type(network[place]).__name__}", direction] = times[f"{place}", direction], alone
    return found | {("loss", ""): (times["loss", ""], 0.0), ("update", ""): (times["update", ""], 0.0)}


def _watched_step(network: Sequential, x: np.ndarray, labels: np.ndarray) -> dict[tuple[str, str], float]:
    optimizer, seconds = SGD(network, 0.01, 0.9), defaultdict(list)

    def timed(name: tuple[str, str], call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            start = time.perf_counter()
            result = call(*given, **named)
            seconds[name].append(time.perf_counter() - start)
            return result

        return watched

    forward = [timed((f"{place}", FORWARD), layer.forward) for place, layer in enumerate(network)]
    backward = [timed((f"{place}", BACKWARD), layer.backward) for place, layer in enumerate(network)]
    loss, update = timed(("loss", ""), cross_entropy), timed(("update", ""), optimizer.step)
    for _ in range(STEPS):
        delta = x
        for layer_forward in forward:
            delta = layer_forward(delta)
        _, delta = loss(delta, labels)
        for place in reversed(range(len(backward))):
            delta = backward[place](delta, place > 0)
        update()
    return {name: 1000 * statistics.median(values) for name, values in seconds.items()}


def _alone(product: Product, rng: np.random.Generator) -> float:
    """Return the milliseconds of a product by itself, cut into slices as `layout` cuts the long side."""
    stack, m, k, n, turned = product
    if turned:
        long, other = rng.random((stack, m, k), dtype=np.float32), rng.random((stack, n, k), dtype=np.float32)
        most = min(layout.SMALL_TURNED, layout.SMALL // k) // n
        parts = [(long[:, some], other.swapaxes(1, 2)) for some in layout.slices_at_once(m, most, layout.LEAST_TURNED)]
    else:
        few, long = rng.random((m, k), dtype=np.float32), rng.random((stack, k, n), dtype=np.float32)
        most = layout.SMALL // few.size if stack > 1 else 0
        parts = [(few, long[:, :, some]) for some in layout.slices_at_once(n, most, layout.LEAST)]
    times = []
    for _ in range(STEPS // 4):
        start = time.perf_counter()
        for left, right in parts:
            left @ right
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def best_speed(size: int = 1024) -> float:
    """Return the multiply-adds of a millisecond in one large product of square matrices."""
    product = Product(1, size, size, size)
    return product.multiply_adds / _alone(product, np.random.default_rng(0))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=64)
    batch = parser.parse_args().batch
    with blas_threads.one_blas_thread():
        found, speed = measured(batch), best_speed()
    whole, inside = (sum(column) for column in zip(*found.values(), strict=True))
    print(f"{'':14} {'':8}    ms   share  products")
    for (part, direction), (ms, alone) in found.items():
        print(f"{part:14} {direction:8} {ms:5.3f}   {ms / whole:4.0%}    {f'{alone:5.3f}' if alone else ''}")
    print(f"{'together':14} {'':8} {whole:5.3f}           {inside:5.3f} = {inside / whole:.0%}")
    needed = sum(product.multiply_adds for parts in of_a_step(batch).values() for product in parts) / speed
    print(f"at the speed of one large product, {speed / 1e6:.0f} thousand million multiply-adds/s: {needed:.3f} ms")


if __name__ == "__main__":
    main()
