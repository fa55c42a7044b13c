"""The functions of convolution.py and pooling.py as plain loops, in the form in which the chapters derive them.

Slow and obvious: `np.ndindex` goes through all elements of the result (or of delta), and each range inside stands for
one sum of a formula. The fast functions are tested against these. Arguments, results and errors are those of the fast
function of the same name. The letters are those of the course: an image b of the batch of B, a filter k of N, a channel
c of the depth D, an output position (i, j), a position (m, n) in the window; kernel size F, padding P, stride S,
dilation d, each with _h for rows and _w for columns; weights w, bias w_b, weighted input net, activation a, and delta,
the derivative of the loss E by the output.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from . import arguments, shapes
from .arguments import Array, IntPair, Pair


def cross_correlate2d(x: Any, kernel: Any, mode: str = "valid") -> Array:
    """Return the map of weighted sums net_ij = sum_m sum_n w_mn x_(i+m),(j+n).

    Mode "valid": windows inside x only; "same": F - 1 zeros around x per axis, an odd one after (below, right);
    "full": F - 1 zeros on every side.

    Examples
    --------
    >>> cross_correlate2d(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[0, 1], [2, 3]]))
    array([[25., 31.]])
    """
    x, w = shapes.plane_arguments(x, kernel, mode)
    F_h, F_w = w.shape
    if mode == "same":
        x = np.pad(x, (((F_h - 1) // 2, F_h // 2), ((F_w - 1) // 2, F_w // 2)))
    if mode == "full":
        x = np.pad(x, ((F_h - 1, F_h - 1), (F_w - 1, F_w - 1)))
    net = np.zeros((x.shape[0] - F_h + 1, x.shape[1] - F_w + 1), x.dtype)
    for i, j in np.ndindex(net.shape):
        for m, n in product(range(F_h), range(F_w)):
            net[i, j] += w[m, n] * x[i + m, j + n]
    return net


def convolve2d(x: Any, kernel: Any, mode: str = "full") -> Array:
    """Return the mathematical convolution C_st = sum_m sum_n A_mn B_(s-m),(t-n) of A = x and B = kernel.

    Mode "full": every sum that has a term; "same" and "valid" are the parts of it that `cross_correlate2d` gives in the
    same mode with the kernel turned by 180 degrees.

    Examples
    --------
    >>> convolve2d(np.array([[1, 2, 3]]), np.array([[1, 10]]))
    array([[ 1., 12., 23., 30.]])
    """
    A, B = shapes.plane_arguments(x, kernel, mode)
    (H, W), (F_h, F_w) = A.shape, B.shape
    C = np.zeros((H + F_h - 1, W + F_w - 1), A.dtype)
    for s, t in np.ndindex(C.shape):
        for m, n in product(range(H), range(W)):
            if 0 <= s - m < F_h and 0 <= t - n < F_w:
                C[s, t] += A[m, n] * B[s - m, t - n]
    if mode == "same":
        return C[F_h // 2 : F_h // 2 + H, F_w // 2 : F_w // 2 + W]
    if mode == "valid":
        return C[F_h - 1 : H, F_w - 1 : W]
    return C


def conv2d(
    x: Any, weight: Any, bias: Any = None, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1
) -> Array:
    """Return the weighted inputs of a convolution layer: for every filter k and every position (i, j)

    net_kij = sum_c sum_m sum_n w_kcmn x_c,(iS+md),(jS+nd) + w_b,k, with x padded by P zeros on every side.

    Examples
    --------
    >>> conv2d(np.arange(9).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)), np.array([0.5]))
    array([[[[ 8.5, 12.5],
             [20.5, 24.5]]]])
    """
    x, w, w_b, stride, padding, dilation, (H2, W2) = shapes.conv_arguments(x, weight, bias, stride, padding, dilation)
    (S_h, S_w), (P_h, P_w), (d_h, d_w) = stride, padding, dilation
    x, w, w_b = arguments.in_one_dtype(_pad(x, P_h, P_w), w, w_b)
    N, D, F_h, F_w = w.shape
    net = np.zeros((len(x), N, H2, W2), x.dtype)
    for b, k, i, j in np.ndindex(net.shape):
        net[b, k, i, j] = 0 if w_b is None else w_b[k]
        for c, m, n in product(range(D), range(F_h), range(F_w)):
            net[b, k, i, j] += w[k, c, m, n] * x[b, c, i * S_h + m * d_h, j * S_w + n * d_w]
    return net


def conv2d_backward(
    delta: Any, x: Any, weight: Any, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1
) -> tuple[Array, Array, Array]:
    """Return (d_x, d_weight, d_bias), the derivatives of the loss by the arguments of `conv2d`.

    Each product w x in the sum for net_kij hands delta_kij * w to its x and delta_kij * x to its w; what arrives
    over several paths adds up. For stride 1: dE/dw_kcmn = sum_i sum_j delta_kij x_c,(i+m),(j+n).

    Examples
    --------
    >>> conv2d_backward(np.ones((1, 1, 1, 2)), np.array([[[[1.0, 2.0, 3.0]]]]), np.array([[[[4.0, 5.0]]]]))
    (array([[[[4., 9., 5.]]]]), array([[[[3., 5.]]]]), array([2.]))
    """
    x, w, _, stride, padding, dilation, output = shapes.conv_arguments(x, weight, None, stride, padding, dilation)
    (S_h, S_w), (P_h, P_w), (d_h, d_w) = stride, padding, dilation
    delta = shapes.output_gradient(delta, len(x), len(w), *output)
    N, D, F_h, F_w = w.shape
    wider, x_dtype, x = np.result_type(delta, x, w), x.dtype, _pad(x, P_h, P_w)
    d_x, d_weight, d_bias = np.zeros(x.shape, wider), np.zeros(w.shape, wider), np.zeros(N, wider)
    for b, k, i, j in np.ndindex(delta.shape):
        δ = delta[b, k, i, j]
        for c, m, n in product(range(D), range(F_h), range(F_w)):
            row, column = i * S_h + m * d_h, j * S_w + n * d_w
            d_x[b, c, row, column] += δ * w[k, c, m, n]
            d_weight[k, c, m, n] += δ * x[b, c, row, column]
        d_bias[k] += δ
    return _cut(d_x, P_h, P_w).astype(x_dtype), d_weight.astype(w.dtype), d_bias.astype(w.dtype)


def conv_transpose2d(
    x: Any, weight: Any, bias: Any = None, stride: IntPair = 1, padding: IntPair = 0, output_padding: IntPair = 0
) -> Array:
    """Return the transposed convolution: every x_cij lays x_cij * w_ckmn on the cells (iS + m, jS + n) of map k.

    What lies on the same cell adds up; then P cells are cut off on every side and the bias is added. It is what
    `conv2d_backward` does with delta to get d_x, used forwards. Here the input channels of the weight come first.

    Examples
    --------
    >>> conv_transpose2d(np.array([[[[1.0, 2.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]]), stride=2)
    array([[[[  1.,  10., 102.,  20., 200.]]]])
    """
    x, w, w_b, *settings = shapes.conv_transpose_arguments(x, weight, bias, stride, padding, output_padding)
    (S_h, S_w), (P_h, P_w), (H2, W2) = settings
    x, w, w_b = arguments.in_one_dtype(x, w, w_b)
    _, N, F_h, F_w = w.shape
    net = np.zeros((len(x), N, H2 + 2 * P_h, W2 + 2 * P_w), x.dtype)
    for b, c, i, j in np.ndindex(x.shape):
        for k, m, n in product(range(N), range(F_h), range(F_w)):
            net[b, k, i * S_h + m, j * S_w + n] += x[b, c, i, j] * w[c, k, m, n]
    if w_b is not None:
        net += w_b[:, None, None]
    return _cut(net, P_h, P_w)


def expand_sensitivity_map(delta: Any, stride: IntPair, size: IntPair | None = None) -> Array:
    """Return the map of stride 1 that belongs to delta: S - 1 zeros between neighbours, delta_ij at (iS, jS).

    Examples
    --------
    >>> expand_sensitivity_map(np.array([[1, 2]]), stride=(1, 2), size=(1, 4))
    array([[1., 0., 2., 0.]])
    """
    delta, (S_h, S_w), size = shapes.expand_arguments(delta, stride, size)
    expanded = np.zeros((*delta.shape[:-2], *size), delta.dtype)
    for i, j in np.ndindex(delta.shape[-2:]):
        expanded[..., i * S_h, j * S_w] = delta[..., i, j]
    return expanded


def max_pool2d(x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> Array:
    """Return the largest number of each window of each map: a_ij = max over m, n of x_(iS+m),(jS+n).

    The padding is -inf: a padded cell never wins. A NaN wins over every number.

    Examples
    --------
    >>> max_pool2d(np.array([[[[1.0, 2.0, 3.0, -4.0]]]]), (1, 2))
    array([[[[2., 3.]]]])
    """
    x, size, stride, padding, output = shapes.pool_arguments(x, size, stride, padding)
    a = np.zeros((*x.shape[:2], *output), x.dtype)
    for b, c, i, j in np.ndindex(a.shape):
        a[b, c, i, j] = x[b, c][_winner(x[b, c], i, j, size, stride, padding)]
    return a


def max_pool2d_backward(
    delta: Any, x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> Array:
    """Return d_x: each delta_ij goes unchanged to the cell that won window (i, j), 0 to the rest.

    Among equals the first cell wins, row by row; a cell that won several windows gets the sum.

    Examples
    --------
    >>> max_pool2d_backward(np.array([[[[5.0, 7.0]]]]), np.array([[[[2.0, 2.0, 3.0, -4.0]]]]), (1, 2))
    array([[[[5., 0., 7., 0.]]]])
    """
    x, size, stride, padding, output = shapes.pool_arguments(x, size, stride, padding)
    delta = shapes.output_gradient(delta, *x.shape[:2], *output)
    d_x = np.zeros(x.shape, np.result_type(delta, x))
    for b, c, i, j in np.ndindex(delta.shape):
        d_x[b, c][_winner(x[b, c], i, j, size, stride, padding)] += delta[b, c, i, j]
    return d_x.astype(x.dtype)


def avg_pool2d(x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> Array:
    """Return the mean of each window of each map: a_ij = sum_m sum_n x_(iS+m),(jS+n) / (F_h * F_w).

    The padding is 0 and counts in the mean.

    Examples
    --------
    >>> avg_pool2d(np.array([[[[1.0, 2.0, 3.0, -4.0]]]]), (1, 2))
    array([[[[ 1.5, -0.5]]]])
    """
    x, (F_h, F_w), (S_h, S_w), (P_h, P_w), output = shapes.pool_arguments(x, size, stride, padding)
    x = _pad(x, P_h, P_w)
    a = np.zeros((*x.shape[:2], *output), x.dtype)
    for b, c, i, j in np.ndindex(a.shape):
        for m, n in product(range(F_h), range(F_w)):
            a[b, c, i, j] += x[b, c, i * S_h + m, j * S_w + n]
        a[b, c, i, j] /= F_h * F_w
    return a


def avg_pool2d_backward(
    delta: Any, x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> Array:
    """Return d_x: each delta_ij is shared out evenly, delta_ij / (F_h * F_w) to every cell of window (i, j).

    Where windows overlap the shares add up; those of padded cells are lost.

    Examples
    --------
    >>> avg_pool2d_backward(np.array([[[[5.0, 7.0]]]]), np.zeros((1, 1, 1, 4)), (1, 2))
    array([[[[2.5, 2.5, 3.5, 3.5]]]])
    """
    x, (F_h, F_w), (S_h, S_w), (P_h, P_w), output = shapes.pool_arguments(x, size, stride, padding)
    delta = shapes.output_gradient(delta, *x.shape[:2], *output)
    d_x = _pad(np.zeros(x.shape, np.result_type(delta, x)), P_h, P_w)
    for b, c, i, j in np.ndindex(delta.shape):
        for m, n in product(range(F_h), range(F_w)):
            d_x[b, c, i * S_h + m, j * S_w + n] += delta[b, c, i, j] / (F_h * F_w)
    return _cut(d_x, P_h, P_w).astype(x.dtype)


def global_avg_pool2d(x: Any) -> Array:
    """Return the mean of each map, one number per channel: a_c = sum_i sum_j x_cij / (H * W).

    Examples
    --------
    >>> global_avg_pool2d(np.array([[[[1, 2], [3, 4]]]]))
    array([[2.5]])
    """
    x = shapes.maps(x)
    B, D, H, W = x.shape
    a = np.zeros((B, D), x.dtype)
    for b, c in np.ndindex(a.shape):
        for i, j in product(range(H), range(W)):
            a[b, c] += x[b, c, i, j]
        a[b, c] /= H * W
    return a


def global_avg_pool2d_backward(delta: Any, x: Any) -> Array:
    """Return d_x: every cell of map c gets delta_c / (H * W).

    Examples
    --------
    >>> global_avg_pool2d_backward(np.array([[8.0]]), np.zeros((1, 1, 2, 2)))
    array([[[[2., 2.],
             [2., 2.]]]])
    """
    x = shapes.maps(x)
    delta = shapes.output_gradient(delta, *x.shape[:2])
    d_x = np.zeros(x.shape, np.result_type(delta, x))
    for b, c, i, j in np.ndindex(x.shape):
        d_x[b, c, i, j] = delta[b, c] / (x.shape[2] * x.shape[3])
    return d_x.astype(x.dtype)


def linear(x: Any, weight: Any, bias: Any = None) -> Array:
    """Return the weighted inputs of a fully connected layer, net = W a + w_b for every row a of x.

    Parameters
    ----------
    x : ndarray, shape (B, in)
        The rows.
    weight : ndarray, shape (out, in)
        W.
    bias : ndarray, shape (out,), optional
        w_b.

    Returns
    -------
    ndarray, shape (B, out)

    Raises
    ------
    ValueError
        If shapes do not fit.
    TypeError
        If an argument is not an array of real numbers.

    Examples
    --------
    >>> linear(np.array([[1, 2, 3]]), np.array([[1, 0, -1], [1, 1, 1]]), np.array([10, 20]))
    array([[ 8., 26.]])
    """
    x, w, w_b = arguments.in_one_dtype(*shapes.linear_arguments(x, weight, bias))
    net = np.zeros((len(x), len(w)), x.dtype)
    for b, k in np.ndindex(net.shape):
        net[b, k] = 0 if w_b is None else w_b[k]
        for c in range(x.shape[1]):
            net[b, k] += w[k, c] * x[b, c]
    return net


def linear_backward(delta: Any, x: Any, weight: Any) -> tuple[Array, Array, Array]:
    """Return (d_x, d_weight, d_bias), the derivatives of the loss by the arguments of `linear`.

    dE/da = W^T delta, dE/dW = delta a^T, dE/dw_b = delta, the last two summed over the batch.

    Parameters
    ----------
    delta : ndarray, shape (B, out)
        The derivative of the loss by the output of `linear`.
    x, weight : ndarray
        As in `linear`.

    Returns
    -------
    d_x, d_weight, d_bias : ndarray
        In the shapes and dtypes of x, weight and (out,).

    Raises
    ------
    ValueError
        If shapes do not fit.
    TypeError
        If an argument is not an array of real numbers.

    Examples
    --------
    >>> linear_backward(np.array([[1.0, -1.0]]), np.array([[2.0]]), np.array([[3.0], [5.0]]))
    (array([[-2.]]), array([[ 2.],
           [-2.]]), array([ 1., -1.]))
    """
    x, w, _ = shapes.linear_arguments(x, weight)
    delta = shapes.output_gradient(delta, len(x), len(w))
    wider = np.result_type(delta, x, w)
    d_x, d_weight, d_bias = np.zeros(x.shape, wider), np.zeros(w.shape, wider), np.zeros(len(w), wider)
    for b, k in np.ndindex(delta.shape):
        for c in range(x.shape[1]):
            d_x[b, c] += delta[b, k] * w[k, c]
            d_weight[k, c] += delta[b, k] * x[b, c]
        d_bias[k] += delta[b, k]
    return d_x.astype(x.dtype), d_weight.astype(w.dtype), d_bias.astype(w.dtype)


def _pad(x: Array, P_h: int, P_w: int) -> Array:
    """Return the maps with P rows and columns of zeros on every side."""
    return np.pad(x, ((0, 0), (0, 0), (P_h, P_h), (P_w, P_w)))


def _cut(x: Array, P_h: int, P_w: int) -> Array:
    """Return a copy of the maps without P rows and columns on every side."""
    return x[:, :, P_h : x.shape[2] - P_h, P_w : x.shape[3] - P_w].copy()


def _winner(x: Array, i: int, j: int, size: Pair, stride: Pair, padding: Pair) -> Pair:
    """Return the cell of the map x (H, W) that holds the largest number of pooling window (i, j), or its first NaN.

    Padded cells are left out, which is what a padding of -inf means. With at most half of the window padded, every
    window has a cell inside the map.
    """
    top, left = i * stride[0] - padding[0], j * stride[1] - padding[1]
    rows = range(max(0, top), min(top + size[0], x.shape[0]))
    columns = range(max(0, left), min(left + size[1], x.shape[1]))
    best = rows[0], columns[0]
    for cell in product(rows, columns):
        if x[cell] > x[best] or (np.isnan(x[cell]) and not np.isnan(x[best])):
            best = cell
    return best
