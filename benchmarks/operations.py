"""Single operations: convolutions of other networks beside PyTorch, and one filtered image beside SciPy."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cnnlib import conv2d, conv2d_backward, cross_correlate2d, layout, output_size

from .goals import Outcome
from .timing import in_turn, plan, repeated


class Convolution(NamedTuple):
    """A layer's settings and the size of its input."""

    batch: int
    in_channels: int
    out_channels: int
    size: int
    kernel: int
    stride: int = 1
    padding: int = 0

    def arrays(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return an input, weights, a bias and a sensitivity map of the output, at random, in float32 and C order."""
        size = output_size(self.size, self.kernel, self.stride, self.padding)
        shapes = (
            (self.batch, self.in_channels, self.size, self.size),
            (self.out_channels, self.in_channels, self.kernel, self.kernel),
            (self.out_channels,),
            (self.batch, self.out_channels, size, size),
        )
        x, weight, bias, delta = (rng.standard_normal(shape, dtype=np.float32) for shape in shapes)
        return x, weight, bias, delta


def convolution(layer: Convolution, quick: bool) -> Outcome:
    """Return our time over PyTorch's for the output and all three gradients, with arrays in two memory orders.

    First in C order, as anyone may hand them in, beside PyTorch with the same; then as one layer hands them to the
    next here, beside the better of the two orders that PyTorch's layers use.
    """
    from torch import channels_last, contiguous_format

    x, weight, bias, delta = layer.arrays(np.random.default_rng(0))
    steps = {
        "ours": our_step(x, weight, bias, delta, layer),
        "eager": torch_step(x, weight, bias, delta, layer, contiguous_format),
        "ours in the layers' order": our_step(_as_layers_do(x), weight, bias, _as_layers_do(delta), layer),
        "channels_last": torch_step(x, weight, bias, delta, layer, channels_last),
    }
    for mine, theirs in zip(steps["ours"](), steps["eager"](), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-3 * np.abs(mine).max())
    # A step reads more than the caches hold, so one before each block is enough to find them as a step leaves them.
    timed = in_turn({name: repeated(step) for name, step in steps.items()}, plan(quick, steps=5, warm_up=1))
    best = min(("eager", "channels_last"), key=timed.seconds.__getitem__)
    figures = timed.ratio("ours", "eager"), timed.ratio("ours in the layers' order", best)
    return Outcome(figures, timed.text(lambda value: f"{1000 * value:.1f} ms"), timed.steady)


def _as_layers_do(x: np.ndarray) -> np.ndarray:
    """Return x in the memory order of a layer's output."""
    return layout.as_nchw(layout.batch_innermost(x))


def our_step(x: np.ndarray, weight: np.ndarray, bias: np.ndarray, delta: np.ndarray, layer: Convolution) -> Any:
    settings = layer.stride, layer.padding

    def step() -> list[np.ndarray]:
        return [conv2d(x, weight, bias, *settings), *conv2d_backward(delta, x, weight, *settings)]

    return step


def torch_step(
    x: np.ndarray, weight: np.ndarray, bias: np.ndarray, delta: np.ndarray, layer: Convolution, memory_format: Any
) -> Any:
    from torch import from_numpy, nn

    four = [from_numpy(array).contiguous(memory_format=memory_format) for array in (x, weight, delta)]
    images, kernels, gradient = four[0].requires_grad_(), four[1].requires_grad_(), four[2]
    offsets = from_numpy(bias).requires_grad_()

    def step() -> list[np.ndarray]:
        images.grad = kernels.grad = offsets.grad = None
        net = nn.functional.conv2d(images, kernels, offsets, layer.stride, layer.padding)
        net.backward(gradient)
        return [net.detach().numpy(), images.grad.numpy(), kernels.grad.numpy(), offsets.grad.numpy()]

    return step


def one_image(dtype: str, quick: bool) -> Outcome:
    """Return SciPy's time over ours for a 3×3 kernel on a 512×512 image, zeros around it, result of the same size."""
    from scipy import ndimage

    rng = np.random.default_rng(0)
    x, kernel = rng.standard_normal((512, 512)).astype(dtype), rng.standard_normal((3, 3)).astype(dtype)

    def ours() -> np.ndarray:
        return cross_correlate2d(x, kernel, "same")

    def scipy() -> np.ndarray:
        return ndimage.correlate(x, kernel, mode="constant")

    np.testing.assert_allclose(ours(), scipy(), rtol=1e-3, atol=1e-4)
    timed = in_turn({"ours": repeated(ours), "SciPy": repeated(scipy)}, plan(quick, steps=40))
    return Outcome((timed.ratio("SciPy", "ours"),), timed.text(lambda value: f"{1000 * value:.2f} ms"), timed.steady)
