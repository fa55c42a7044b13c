"""Convolution, forward and backward, as functions on arrays: what chapters 03, 04, 06 and 14 derive, made fast.

The plain loops of the same functions are in `reference.py`; the way arrays lie in memory, and with it the
speed, is the business of `layout.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import arguments, layout, shapes
from .arguments import Array, IntPair


def cross_correlate2d(x: Array, kernel: Array, mode: str = "valid") -> Array:
    """Return the cross-correlation net_ij = sum_mn w_mn x_{i+m,j+n} of two 2-D arrays.

    Parameters
    ----------
    x : ndarray, shape (H, W)
        The map.
    kernel : ndarray, shape (F_h, F_w)
        The kernel w.
    mode : {"valid", "same", "full"}, optional
        How far the kernel may reach over the edge, onto zeros: not at all; so that the result is as large as x, an odd
        zero going below and to the right; or as long as one cell is covered.

    Returns
    -------
    ndarray
        "valid": shape (H - F_h + 1, W - F_w + 1); "same": (H, W); "full": (H + F_h - 1, W + F_w - 1).

    Raises
    ------
    ValueError
        If the mode is another, an array is empty, or the kernel does not fit into x ("valid").
    TypeError
        If x or the kernel is not an array of real numbers.

    Examples
    --------
    >>> cross_correlate2d(np.array([[1, 2, 4]]), np.array([[-1, 1]]))
    array([[1., 2.]])
    """
    x, kernel = shapes.plane_arguments(x, kernel, mode)
    if mode == "full":
        x = np.pad(x, [(size - 1, size - 1) for size in kernel.shape])
    elif mode == "same":
        x = np.pad(x, [((size - 1) // 2, size // 2) for size in kernel.shape])
    return layout.correlate(x[None, None], kernel[None, None], None, (1, 1), (0, 0), (1, 1)).squeeze((0, 1))


def convolve2d(x: Array, kernel: Array, mode: str = "full") -> Array:
    """Return the convolution C_st = sum_mn x_mn w_{s-m,t-n} of two 2-D arrays.

    It is the cross-correlation with the kernel turned by 180 degrees, in each mode.

    Parameters
    ----------
    x, kernel, mode
        As in `cross_correlate2d`.

    Returns
    -------
    ndarray
        In the shapes given there.

    Raises
    ------
    ValueError, TypeError
        As there.

    Examples
    --------
    >>> convolve2d(np.array([[1, 2, 4]]), np.array([[-1, 1]]))
    array([[-1., -1., -2.,  4.]])
    """
    x, kernel = shapes.plane_arguments(x, kernel, mode)
    return cross_correlate2d(x, kernel[::-1, ::-1], mode)


def conv2d(
    x: Array, weight: Array, bias: Array | None = None, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1
) -> Array:
    """Return what a convolution layer gives: net_kij = sum_cmn w_kcmn x_{c, iS + md - P, jS + nd - P} + w_b,k.

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        A batch of B images or maps with D channels.
    weight : ndarray, shape (N, D, F_h, F_w)
        The kernels of the N filters.
    bias : ndarray, shape (N,), optional
        w_b, a number for each filter.
    stride : int or (int, int), optional
        S, the distance between neighbouring windows, or one for rows and one for columns.
    padding : int or (int, int), optional
        P, the number of zeros on each side, or one for rows and one for columns.
    dilation : int or (int, int), optional
        d, the distance between neighbouring cells of the kernel, or one for rows and one for columns.

    Returns
    -------
    ndarray, shape (B, N, H2, W2)
        H2 = floor((H + 2P - d(F_h - 1) - 1) / S) + 1, W2 likewise.

    Raises
    ------
    ValueError
        If shapes do not match, or not even one window fits.
    TypeError
        If an argument is not an array of real numbers, or a setting not an integer.

    Examples
    --------
    >>> conv2d(np.ones((1, 1, 4, 5)), np.ones((1, 1, 2, 2)), stride=2)
    array([[[[4., 4.],
             [4., 4.]]]])
    """
    x, weight, bias, stride, padding, dilation, _ = shapes.conv_arguments(x, weight, bias, stride, padding, dilation)
    return layout.correlate(x, weight, bias, stride, padding, dilation)


def conv2d_backward(
    delta: Array, x: Array, weight: Array, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1,
    *, input_gradient: bool = True,
) -> tuple[Array | Any, Array, Array]:  # fmt: skip
    """Return the gradients (d_x, d_weight, d_bias) of a loss E, given its sensitivity map delta = dE/dnet.

    With p = iS + md - P and q = jS + nd - P: dE/dx_cpq = sum delta_kij w_kcmn, dE/dw_kcmn = sum delta_kij x_cpq,
    dE/dw_b,k = sum delta_kij.

    Parameters
    ----------
    delta : ndarray, shape (B, N, H2, W2)
        The sensitivity map, in the shape that `conv2d` gives for the same x, weight and settings.
    x : ndarray, shape (B, D, H, W)
        The input of the layer.
    weight : ndarray, shape (N, D, F_h, F_w)
        The kernels.
    stride, padding, dilation : int or (int, int), optional
        As in `conv2d`.
    input_gradient : bool, optional
        Whether d_x is wanted; the first layer of a network in training needs none.

    Returns
    -------
    d_x : ndarray, shape (B, D, H, W), or None
        dE/dx in the dtype of x; None without `input_gradient`.
    d_weight : ndarray, shape (N, D, F_h, F_w)
        dE/dw in the dtype of the weight.
    d_bias : ndarray, shape (N,)
        dE/dw_b in the dtype of the weight.

    Raises
    ------
    ValueError
        If shapes do not match.
    TypeError
        If an argument is not an array of real numbers, or a setting not an integer.

    Examples
    --------
    >>> d_x, d_weight, d_bias = conv2d_backward(np.ones((1, 1, 1, 2)), np.array([[[[1, 2, 4]]]]), np.ones((1, 1, 1, 2)))
    >>> d_x[0, 0], d_weight[0, 0], d_bias
    (array([[1., 2., 1.]]), array([[3., 6.]]), array([2.]))
    """
    x, weight, _, stride, padding, dilation, output = shapes.conv_arguments(x, weight, None, stride, padding, dilation)
    settings = stride, padding, dilation
    delta = shapes.output_gradient(delta, len(x), len(weight), *output)
    d_weight = layout.correlate_weight_gradient(delta, x, weight.shape[2:], *settings)
    d_bias = layout.sum_per_channel(delta)
    d_x = None
    if input_gradient:
        d_x = layout.correlate_input_gradient(delta, weight, x.shape[2:], *settings).astype(x.dtype, copy=False)
    return d_x, d_weight.astype(weight.dtype, copy=False), d_bias.astype(weight.dtype, copy=False)


def conv_transpose2d(
    x: Array, weight: Array, bias: Array | None = None,
    stride: IntPair = 1, padding: IntPair = 0, output_padding: IntPair = 0,
) -> Array:  # fmt: skip
    """Return the transposed convolution: each input times the kernel, added into the output where a window would lie.

    It is `conv2d`'s dE/dx used forwards.

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        A batch of B images or maps with D channels.
    weight : ndarray, shape (D, N, F_h, F_w)
        The kernels; here the input channels come first.
    bias : ndarray, shape (N,), optional
        w_b, a number for each output channel.
    stride : int or (int, int), optional
        S, the distance between the places where neighbouring inputs lay the kernel.
    padding : int or (int, int), optional
        P, the number of cells cut off on each side.
    output_padding : int or (int, int), optional
        The number of rows and columns added at the end, below the stride.

    Returns
    -------
    ndarray, shape (B, N, H2, W2)
        H2 = (H - 1) S - 2P + F_h + output_padding, W2 likewise.

    Raises
    ------
    ValueError
        If shapes do not match, or the padding leaves nothing.
    TypeError
        If an argument is not an array of real numbers, or a setting not an integer.

    Examples
    --------
    >>> conv_transpose2d(np.array([[[[1, 2]]]]), np.ones((1, 1, 1, 3)), stride=2)
    array([[[[1., 1., 3., 2., 2.]]]])
    """
    settings = stride, padding, output_padding
    x, weight, bias, stride, padding, size = shapes.conv_transpose_arguments(x, weight, bias, *settings)
    x, weight, bias = arguments.in_one_dtype(x, weight, bias)
    y = layout.correlate_input_gradient(x, weight, size, stride, padding, (1, 1))
    if bias is not None:
        y += bias[:, None, None]
    return y


def expand_sensitivity_map(delta: Array, stride: IntPair, size: IntPair | None = None) -> Array:
    """Return delta with stride - 1 zeros between neighbours: the sensitivity map of the stride-1 layer.

    Parameters
    ----------
    delta : ndarray, shape (..., H2, W2)
        The sensitivity map of a layer with stride S.
    stride : int or (int, int)
        S, or one for rows and one for columns.
    size : int or (int, int), optional
        The size of the stride-1 map, if the floor in H2 and W2 dropped rows or columns: zeros follow for these.

    Returns
    -------
    ndarray, shape (..., (H2 - 1) S + 1, (W2 - 1) S + 1), or (..., *size)

    Raises
    ------
    ValueError
        If a stride-1 map of that size would not become delta's shape.
    TypeError
        If delta is not an array of real numbers, or a setting not an integer.

    Examples
    --------
    >>> expand_sensitivity_map(np.array([[5, 7]]), stride=2, size=(1, 4))
    array([[5., 0., 7., 0.]])
    """
    delta, stride, size = shapes.expand_arguments(delta, stride, size)
    expanded = np.zeros((*delta.shape[:-2], *size), delta.dtype)
    expanded[..., :: stride[0], :: stride[1]] = delta
    return expanded
