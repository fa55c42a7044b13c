"""How arrays lie in memory: the only module that knows, and therefore the one where convolutions are fast.

All others see (batch, channel, row, column). Here the same numbers lie as (row, channel, column, batch),
the images of a batch side by side, and NCHW is only a view of that. Three things follow:

- A window is F_h x F_w x D runs of neighbouring numbers, one run for a whole row of windows of the whole batch.
  After one copy per kernel *column* the windows of an output row are F_h neighbouring blocks of memory: the
  next row's windows overlap them and need no further copy (`_window_rows`). Unrolling every window into a
  matrix of its own would copy each number F_h times as often.
- The convolution is then one matrix product per output row, small enough for the cache and handed to BLAS as
  one stack.
- Bias, activation and pooling run over long contiguous stretches, whatever the size of the picture.

Functions here trust their arguments: `convolution.py` and `layers.py` check them.
"""

from __future__ import annotations

import numpy as np

from . import blas_threads
from .arguments import Array, Pair, Shape, in_one_dtype

# glibc gives freed blocks above 128 KiB back to the system and pays for new pages (zeroed, one fault per 4 KiB)
# at the next request: half the time of a training step. Freeing one large block raises that limit to its size.
# Untouched memory costs nothing; with other allocators this line does nothing.
np.empty(31 << 20, np.uint8)


CACHE_ELEMENTS = 1 << 18  # this many products are still in a core's cache when they are added
# Up to SMALL multiply-adds, and SMALL_TURNED results where the second matrix is turned, OpenBLAS computes at once
# with some kernels; beyond that it first copies both matrices, which takes a quarter of the time where one is narrow.
# Slices of fewer columns, or rows where the second matrix is turned, would gain nothing.
SMALL, SMALL_TURNED, LEAST, LEAST_TURNED = 10**6, 1200, 64, 32


def batch_innermost(x: Array, padding: Pair = (0, 0)) -> Array:
    """Return x (B, D, H, W), in any memory order, as a contiguous (H + 2P_h, D, W + 2P_w, B), zeros around it.

    Without padding an array that already lies so comes back as it is, not copied.
    """
    (batch, channels, height, width), (rows, columns) = x.shape, padding
    x = x.transpose(2, 1, 3, 0)
    if rows == columns == 0:
        return np.ascontiguousarray(x)
    padded = np.zeros((height + 2 * rows, channels, width + 2 * columns, batch), x.dtype)
    padded[rows : rows + height, :, columns : columns + width] = x
    return padded


def as_nchw(y: Array) -> Array:
    """Return the view (B, D, H, W) of an array (H, D, W, B)."""
    return y.transpose(3, 1, 0, 2)


def flatten(x: Array) -> Array:
    """Return x (B, D, H, W) as (B, D*H*W), the images still side by side in memory."""
    batch, channels, height, width = x.shape
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0)).reshape(channels * height * width, batch).T


def unflatten(rows: Array, shape: tuple[int, int, int, int]) -> Array:
    """Return rows (B, D*H*W) as (B, D, H, W) = shape, the inverse of `flatten`."""
    batch, channels, height, width = shape
    return as_nchw(np.ascontiguousarray(rows.T.reshape(channels, height, width, batch).transpose(1, 0, 2, 3)))


def _every(stride: int, first: int, count: int) -> slice:
    """Return the slice of every stride-th place, `count` of them from the first on."""
    return slice(first, first + stride * (count - 1) + 1, stride)


def _window_rows(x: Array, kernel: Shape, stride: Pair, dilation: Pair) -> tuple[Array, int]:
    """Return the windows of x (H, D, W, B) as one matrix per output row, (H2, F_h*F_w*D, W2*B), and W2.

    A column of a matrix is one window. Without row dilation the matrices overlap in memory: only read them.
    """
    height, channels, width, batch = x.shape
    out_h = (height - dilation[0] * (kernel[0] - 1) - 1) // stride[0] + 1
    out_w = (width - dilation[1] * (kernel[1] - 1) - 1) // stride[1] + 1
    # A step over the edge is never taken, but one of 2**62 would overflow below.
    stride, dilation = (min(stride[0], height), stride[1]), (min(dilation[0], height), dilation[1])
    if kernel[1] == stride[1] == 1:
        shifted = x.reshape(height, 1, channels, out_w, batch)
    else:
        shifted = np.empty((height, kernel[1], channels, out_w, batch), x.dtype)
        for n in range(kernel[1]):
            shifted[:, n] = x[:, :, _every(stride[1], n * dilation[1], out_w)]
    matrices = (out_h, kernel[0] * kernel[1] * channels, out_w * batch)
    if dilation[0] > 1:  # the kernel's rows are not neighbours in memory: bring them together
        rows = stride[0] * np.arange(out_h)[:, None] + dilation[0] * np.arange(kernel[0])
        return shifted[rows].reshape(matrices), out_w
    run = out_w * batch * x.itemsize
    # NumPy's as_strided does this too, in ten times the time
    strides = (stride[0] * kernel[1] * channels * run, run, x.itemsize)
    return np.ndarray(matrices, x.dtype, shifted, strides=strides), out_w


def slices_at_once(length: int, most: int, least: int) -> list[slice]:
    """Return even slices of an axis, from `least` to `most` long, for products that BLAS computes at once; else all."""
    if not least <= most < length or not blas_threads.multiplies_small_at_once():
        return [slice(length)]
    step = -(-length // -(-length // most))
    return [slice(first, first + step) for first in range(0, length, step)]


def correlate(x: Array, weight: Array, bias: Array | None, stride: Pair, padding: Pair, dilation: Pair) -> Array:
    """Return every kernel's sum of products with every window, plus its bias: (B, N, H2, W2).

    x is (B, D, H, W), weight (N, D, F_h, F_w).
    """
    x, weight, bias = in_one_dtype(x, weight, bias)
    rows, out_w = _window_rows(batch_innermost(x, padding), weight.shape[2:], stride, dilation)
    taps = weight.transpose(0, 2, 3, 1).reshape(len(weight), rows.shape[1])
    y = np.empty((len(rows), len(taps), rows.shape[2]), x.dtype)
    for some in slices_at_once(rows.shape[2], SMALL // taps.size, LEAST):
        np.matmul(taps, rows[:, :, some], out=y[:, :, some])
    if bias is not None:
        y += bias[:, None]
    return as_nchw(y.reshape(*y.shape[:2], out_w, len(x)))


def correlate_weight_gradient(
    delta: Array, x: Array, kernel: Shape, stride: Pair, padding: Pair, dilation: Pair
) -> Array:
    """Return dE/dw (N, D, F_h, F_w) from delta (B, N, H2, W2): each window times its delta, added up."""
    delta, x = in_one_dtype(delta, x)
    rows, _ = _window_rows(batch_innermost(x, padding), kernel, stride, dilation)
    delta = batch_innermost(delta)
    out_h, count, out_w, batch = delta.shape
    columns = delta.reshape(out_h, count, out_w * batch).swapaxes(1, 2)
    gradient = np.empty((rows.shape[1], count), x.dtype)
    most = min(SMALL_TURNED, SMALL // (out_w * batch)) // count if out_w * batch >= 32 else 0
    for some in slices_at_once(rows.shape[1], most, LEAST_TURNED):
        # windows @ delta^T, not delta @ windows^T: BLAS is up to twice as fast with the long side first
        gradient[some] = (rows[:, some] @ columns).sum(axis=0)
    return gradient.reshape(*kernel, x.shape[1], count).transpose(3, 2, 0, 1)


def correlate_input_gradient(
    delta: Array, weight: Array, size: Shape, stride: Pair, padding: Pair, dilation: Pair
) -> Array:
    """Return dE/dx (B, D, H, W), (H, W) = size: each delta times the kernel, added where its window lay.

    As many output rows at a time as keep the products in the cache until they are added.
    """
    delta, weight = in_one_dtype(delta, weight)
    count, channels, kernel_h, kernel_w = weight.shape
    delta = batch_innermost(delta)
    out_h, _, out_w, batch = delta.shape
    delta = delta.reshape(out_h, count, out_w * batch)
    taps = weight.transpose(2, 3, 1, 0).reshape(kernel_h, kernel_w * channels, count)
    height, width = size[0] + 2 * padding[0], size[1] + 2 * padding[1]
    shifted = np.zeros((height, kernel_w * channels, out_w * batch), delta.dtype)
    rows = max(1, CACHE_ELEMENTS // max(1, kernel_w * channels * out_w * batch))
    for i in range(0, out_h, rows):
        some = delta[i : i + rows]
        for m in range(kernel_h):
            shifted[_every(stride[0], i * stride[0] + m * dilation[0], len(some))] += taps[m] @ some
    shifted = shifted.reshape(height, kernel_w, channels, out_w, batch)
    d_x = np.zeros((height, channels, width, batch), delta.dtype)
    for n in range(kernel_w):
        d_x[:, :, _every(stride[1], n * dilation[1], out_w)] += shifted[:, n]
    return as_nchw(d_x[padding[0] : padding[0] + size[0], :, padding[1] : padding[1] + size[1]])


def sum_per_channel(delta: Array) -> Array:
    """Return the sum of delta (B, D, H, W) over everything but the channel: (C,)."""
    # einsum adds along the contiguous axis first: three times faster here than .sum(axis=(0, 2, 3))
    sums: Array = np.einsum("hcwn->c", batch_innermost(delta))
    return sums
