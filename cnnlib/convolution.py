"""Convolution, forward and backward, as functions on arrays: what chapters 03, 04, 06 and 09 derive, made fast.

The plain loops of the same functions are in `reference.py`; the way arrays lie in memory, and with it the
speed, is the business of `memory.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import memory, shapes
from .arguments import IntPair

ONE, ZERO = (1, 1), (0, 0)


def cross_correlate2d(x: np.ndarray, kernel: np.ndarray, mode: str = "valid") -> np.ndarray:
    """Return the cross-correlation y_ij = sum_mn kernel_mn x_{i+m,j+n} of two 2-D arrays.

    x: (H, W); kernel: (F_h, F_w). `mode` says how far the kernel may reach over the edge, onto zeros:
    "valid" not at all, (H - F_h + 1, W - F_w + 1); "same" so that the result is (H, W), an odd zero going below
    and to the right; "full" as long as one cell is covered, (H + F_h - 1, W + F_w - 1).
    Raises ValueError if the kernel does not fit ("valid") and for an unknown mode.

    >>> cross_correlate2d(np.array([[1, 2, 4]]), np.array([[-1, 1]]))
    array([[1., 2.]])
    """
    x, kernel = shapes.plane_arguments(x, kernel, mode)
    rows, columns = (_zeros(size, mode) for size in kernel.shape)
    if any(rows + columns):
        x = np.pad(x, (rows, columns))
    return memory.correlate(x[None, None], kernel[None, None], None, ONE, ZERO, ONE)[0, 0]


def convolve2d(x: np.ndarray, kernel: np.ndarray, mode: str = "full") -> np.ndarray:
    """Return the convolution C_st = sum_mn x_mn kernel_{s-m,t-n} of two 2-D arrays.

    It is the cross-correlation with the kernel turned by 180 degrees, in each mode; see `cross_correlate2d`.

    >>> convolve2d(np.array([[1, 2, 4]]), np.array([[-1, 1]]))
    array([[-1., -1., -2.,  4.]])
    """
    x, kernel = shapes.plane_arguments(x, kernel, mode)
    return cross_correlate2d(x, kernel[::-1, ::-1], mode)


def conv2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: IntPair = 1,
    padding: IntPair = 0,
    dilation: IntPair = 1,
) -> np.ndarray:
    """Return what a convolution layer gives: net_oij = sum_cmn w_ocmn x_{c, iS + md - P, jS + nd - P} + w_b,o.

    x: (N, C_in, H, W); weight: (C_out, C_in, F_h, F_w); bias: (C_out,) or None. Result: (N, C_out, H2, W2),
    H2 = floor((H + 2P - d(F_h - 1) - 1) / S) + 1, W2 likewise. `stride`, `padding` (zeros on both sides) and
    `dilation` are an int or a (row, column) pair.
    Raises ValueError if shapes do not match or not one window fits, TypeError for what is not an array.

    >>> conv2d(np.ones((1, 1, 4, 5)), np.ones((1, 1, 2, 2)), stride=2)
    array([[[[4., 4.],
             [4., 4.]]]])
    """
    x, weight, bias, stride, padding, dilation, _ = shapes.conv_arguments(x, weight, bias, stride, padding, dilation)
    return memory.correlate(x, weight, bias, stride, padding, dilation)


def conv2d_backward(
    delta: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    stride: IntPair = 1,
    padding: IntPair = 0,
    dilation: IntPair = 1,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the gradients (d_x, d_weight, d_bias) of a loss E, given its sensitivity map delta = dE/dnet.

    delta: (N, C_out, H2, W2), the shape of `conv2d`'s result for the same x, weight and settings. Each gradient has
    the shape and dtype of what it is the gradient of (the bias: (C_out,), as the weight). With p = iS + md - P and
    q = jS + nd - P: dE/dx_cpq = sum delta_oij w_ocmn, dE/dw_ocmn = sum delta_oij x_cpq, dE/dw_b,o = sum delta_oij.
    Raises ValueError if shapes do not match, TypeError for what is not an array.

    >>> d_x, d_weight, d_bias = conv2d_backward(np.ones((1, 1, 1, 2)), np.array([[[[1, 2, 4]]]]), np.ones((1, 1, 1, 2)))
    >>> d_x[0, 0], d_weight[0, 0], d_bias
    (array([[1., 2., 1.]]), array([[3., 6.]]), array([2.]))
    """
    return backward(delta, x, weight, stride, padding, dilation, input_gradient=True)


def backward(
    delta: np.ndarray,
    x: np.ndarray,
    weight: np.ndarray,
    stride: IntPair,
    padding: IntPair,
    dilation: IntPair,
    input_gradient: bool,
) -> tuple[Any, np.ndarray, np.ndarray]:
    """Return `conv2d_backward`, with None for d_x unless `input_gradient`: a first layer in training needs none."""
    delta, x, weight, *settings = shapes.conv_backward_arguments(delta, x, weight, stride, padding, dilation)
    inputs, weights = _one_dtype(delta, x), _one_dtype(delta, weight)
    d_weight = memory.correlate_weight_gradient(*inputs, weight.shape[2:], *settings)
    d_bias = memory.sum_per_channel(delta)
    d_x = None
    if input_gradient:
        d_x = memory.correlate_input_gradient(*weights, x.shape[2:], *settings).astype(x.dtype, copy=False)
    return d_x, d_weight.astype(weight.dtype, copy=False), d_bias.astype(weight.dtype, copy=False)


def conv_transpose2d(
    x: np.ndarray,
    weight: np.ndarray,
    bias: np.ndarray | None = None,
    stride: IntPair = 1,
    padding: IntPair = 0,
    output_padding: IntPair = 0,
) -> np.ndarray:
    """Return the transposed convolution: each input times the kernel, added into the output where a window would lie.

    x: (N, C_in, H, W); weight: (C_in, C_out, F_h, F_w); bias: (C_out,) or None. Result: (N, C_out, H2, W2),
    H2 = (H - 1) S - 2P + F_h + output_padding, W2 likewise; `output_padding` is below the stride. It is `conv2d`'s
    dE/dx used forwards. Raises ValueError if shapes do not match or nothing is left, TypeError for other types.

    >>> conv_transpose2d(np.array([[[[1, 2]]]]), np.ones((1, 1, 1, 3)), stride=2)
    array([[[[1., 1., 3., 2., 2.]]]])
    """
    x, weight, bias, stride, padding, _, size = shapes.conv_transpose_arguments(
        x, weight, bias, stride, padding, output_padding
    )
    y = memory.correlate_input_gradient(x, weight, size, stride, padding, ONE)
    if bias is not None:
        y += bias[:, None, None]
    return y


def expand_sensitivity_map(delta: np.ndarray, stride: IntPair, size: IntPair | None = None) -> np.ndarray:
    """Return delta with stride - 1 zeros between neighbours: the sensitivity map of the stride-1 layer.

    delta: (..., H2, W2). Result: (..., (H2 - 1) S + 1, (W2 - 1) S + 1), or with `size`, an int or a pair, the size
    of the stride-1 map: zeros follow for the rows and columns that the floor in H2 and W2 dropped.
    Raises ValueError if a stride-1 map of that size would not become delta's shape.

    >>> expand_sensitivity_map(np.array([[5, 7]]), stride=2, size=(1, 4))
    array([[5., 0., 7., 0.]])
    """
    delta, stride, size = shapes.expand_arguments(delta, stride, size)
    expanded = np.zeros((*delta.shape[:-2], *size), delta.dtype)
    rows, columns = ((count - 1) * step + 1 for count, step in zip(delta.shape[-2:], stride, strict=True))
    expanded[..., : rows : stride[0], : columns : stride[1]] = delta
    return expanded


def _zeros(size: int, mode: str) -> tuple[int, int]:
    """Return how many zeros go before and after along an axis on which the kernel has this size."""
    if mode == "valid":
        return 0, 0
    return (size - 1, size - 1) if mode == "full" else ((size - 1) // 2, size // 2)


def _one_dtype(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    if a.dtype == b.dtype:
        return a, b
    wider = np.result_type(a, b)
    return a.astype(wider, copy=False), b.astype(wider, copy=False)
