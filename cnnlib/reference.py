"""The functions of convolution.py and pooling.py as plain loops, in the form in which the chapters derive them.

Slow and obvious: each loop stands for one sum of a formula, and the fast functions are tested against these.
The letters are those of the course: maps x (N, D, H, W), kernels w, kernel size F, padding P, stride S, output
position (i, j), position in the window (m, n), and delta, the derivative of the loss E by the output.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import shapes
from .arguments import IntPair


def cross_correlate2d(x: Any, kernel: Any, mode: str = "valid") -> np.ndarray:
    """Return the map of weighted sums a_ij = sum_m sum_n w_mn x_(i+m),(j+n).

    x: (H, W). kernel: (F_h, F_w). Result: mode "valid": (H - F_h + 1, W - F_w + 1), windows inside x only;
    "same": (H, W), F - 1 zeros around x per axis, an odd one after (below, right); "full": (H + F_h - 1, W + F_w - 1),
    F - 1 zeros on every side. Raises ValueError for another mode, empty arrays, and a kernel that does not fit.

    >>> cross_correlate2d(np.array([[1, 2, 3], [4, 5, 6]]), np.array([[0, 1], [2, 3]]))
    array([[25., 31.]])
    """
    x, w = shapes.plane_arguments(x, kernel, mode)
    F_h, F_w = w.shape
    if mode == "same":
        x = np.pad(x, (((F_h - 1) // 2, F_h // 2), ((F_w - 1) // 2, F_w // 2)))
    if mode == "full":
        x = np.pad(x, ((F_h - 1, F_h - 1), (F_w - 1, F_w - 1)))
    a = np.zeros((x.shape[0] - F_h + 1, x.shape[1] - F_w + 1), x.dtype)
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            for m in range(F_h):
                for n in range(F_w):
                    a[i, j] += w[m, n] * x[i + m, j + n]
    return a


def convolve2d(x: Any, kernel: Any, mode: str = "full") -> np.ndarray:
    """Return the mathematical convolution C_st = sum_m sum_n A_mn B_(s-m),(t-n) of A = x and B = kernel.

    x: (H, W). kernel: (F_h, F_w). Result: mode "full": (H + F_h - 1, W + F_w - 1), every sum that has a term;
    "same": (H, W), "valid": (H - F_h + 1, W - F_w + 1), parts of it: those that `cross_correlate2d` gives in the same
    mode with the kernel turned by 180 degrees. Raises ValueError for another mode, empty arrays, and a kernel that
    does not fit.

    >>> convolve2d(np.array([[1, 2, 3]]), np.array([[1, 10]]))
    array([[ 1., 12., 23., 30.]])
    """
    A, B = shapes.plane_arguments(x, kernel, mode)
    (H, W), (F_h, F_w) = A.shape, B.shape
    C = np.zeros((H + F_h - 1, W + F_w - 1), A.dtype)
    for s in range(H + F_h - 1):
        for t in range(W + F_w - 1):
            for m in range(H):
                for n in range(W):
                    if 0 <= s - m < F_h and 0 <= t - n < F_w:
                        C[s, t] += A[m, n] * B[s - m, t - n]
    if mode == "same":
        return C[F_h // 2 : F_h // 2 + H, F_w // 2 : F_w // 2 + W]
    if mode == "valid":
        return C[F_h - 1 : H, F_w - 1 : W]
    return C


def conv2d(
    x: Any, weight: Any, bias: Any = None, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1
) -> np.ndarray:
    """Return the weighted inputs of a convolution layer: for every filter k and every position (i, j)

    net_kij = sum_d sum_m sum_n w_kdmn x_d,(iS+m),(jS+n) + b_k, with x padded by P zeros on every side.

    x: (N, D, H, W). weight: (K, D, F_h, F_w). bias: (K,) or None. stride, padding, dilation: int or (row, column);
    a dilation puts gaps between the cells of a window: iS + m * dilation. Result: (N, K, H2, W2) with
    H2 = floor((H + 2P - (F_h - 1) * dilation - 1) / S) + 1. Raises ValueError for shapes that do not fit.

    >>> conv2d(np.arange(9).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)), np.array([0.5]))
    array([[[[ 8.5, 12.5],
             [20.5, 24.5]]]])
    """
    x, w, b, (S_h, S_w), (P_h, P_w), (D_h, D_w), (H2, W2) = shapes.conv_arguments(
        x, weight, bias, stride, padding, dilation
    )
    x = _pad(x, P_h, P_w)
    K, D, F_h, F_w = w.shape
    net = np.zeros((len(x), K, H2, W2), x.dtype)
    for image in range(len(x)):
        for k in range(K):
            for i in range(H2):
                for j in range(W2):
                    for d in range(D):
                        for m in range(F_h):
                            for n in range(F_w):
                                net[image, k, i, j] += w[k, d, m, n] * x[image, d, i * S_h + m * D_h, j * S_w + n * D_w]
                    if b is not None:
                        net[image, k, i, j] += b[k]
    return net


def conv2d_backward(
    delta: Any, x: Any, weight: Any, stride: IntPair = 1, padding: IntPair = 0, dilation: IntPair = 1
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (d_x, d_weight, d_bias), the derivatives of the loss by the arguments of `conv2d`.

    Each product w x in the sum for net_kij hands delta_kij * w to its x and delta_kij * x to its w; what arrives
    over several paths adds up. For stride 1: dE/dw_kdmn = sum_i sum_j delta_kij x_d,(i+m),(j+n).

    delta: (N, K, H2, W2), the derivative by the output of conv2d; x: (N, D, H, W); weight: (K, D, F_h, F_w).
    Result: shapes and dtypes of x, weight and (K,). Raises ValueError for shapes that do not fit.

    >>> conv2d_backward(np.ones((1, 1, 1, 2)), np.array([[[[1.0, 2.0, 3.0]]]]), np.array([[[[4.0, 5.0]]]]))
    (array([[[[4., 9., 5.]]]]), array([[[[3., 5.]]]]), array([2.]))
    """
    delta, x, w, (S_h, S_w), (P_h, P_w), (D_h, D_w) = shapes.conv_backward_arguments(
        delta, x, weight, stride, padding, dilation
    )
    images, K, H2, W2 = delta.shape
    K, D, F_h, F_w = w.shape
    H, W = x.shape[2:]
    wider = np.result_type(delta, x, w)
    x_dtype, x = x.dtype, _pad(x, P_h, P_w)
    d_x, d_w, d_b = np.zeros(x.shape, wider), np.zeros(w.shape, wider), np.zeros(K, wider)
    for image in range(images):
        for k in range(K):
            for i in range(H2):
                for j in range(W2):
                    δ = delta[image, k, i, j]
                    for d in range(D):
                        for m in range(F_h):
                            for n in range(F_w):
                                row, column = i * S_h + m * D_h, j * S_w + n * D_w
                                d_x[image, d, row, column] += δ * w[k, d, m, n]
                                d_w[k, d, m, n] += δ * x[image, d, row, column]
                    d_b[k] += δ
    d_x = d_x[:, :, P_h : P_h + H, P_w : P_w + W]  # what reached the padding is cut off
    return d_x.astype(x_dtype), d_w.astype(w.dtype), d_b.astype(w.dtype)


def conv_transpose2d(
    x: Any, weight: Any, bias: Any = None, stride: IntPair = 1, padding: IntPair = 0, output_padding: IntPair = 0
) -> np.ndarray:
    """Return the transposed convolution: every x_cij lays x_cij * w_ckmn on the cells (iS + m, jS + n) of map k.

    What lies on the same cell adds up; then P cells are cut off on every side and the bias is added. It is what
    `conv2d_backward` does with delta to get d_x, used forwards.

    x: (N, C, H, W). weight: (C, K, F_h, F_w): here the input channels come first. bias: (K,) or None. stride,
    padding, output_padding (rows and columns added at the end, fewer than S): int or (row, column). Result:
    (N, K, H2, W2) with H2 = (H - 1) * S - 2P + F_h + output_padding. Raises ValueError for shapes that do not fit.

    >>> conv_transpose2d(np.array([[[[1.0, 2.0]]]]), np.array([[[[1.0, 10.0, 100.0]]]]), stride=2)
    array([[[[  1.,  10., 102.,  20., 200.]]]])
    """
    x, w, b, (S_h, S_w), (P_h, P_w), _, (H2, W2) = shapes.conv_transpose_arguments(
        x, weight, bias, stride, padding, output_padding
    )
    images, _, H, W = x.shape
    C, K, F_h, F_w = w.shape
    uncut = np.zeros((images, K, H2 + 2 * P_h, W2 + 2 * P_w), x.dtype)
    for image in range(images):
        for c in range(C):
            for i in range(H):
                for j in range(W):
                    for k in range(K):
                        for m in range(F_h):
                            for n in range(F_w):
                                uncut[image, k, i * S_h + m, j * S_w + n] += x[image, c, i, j] * w[c, k, m, n]
    net = uncut[:, :, P_h : P_h + H2, P_w : P_w + W2].copy()
    if b is not None:
        for k in range(K):
            net[:, k] += b[k]
    return net


def expand_sensitivity_map(delta: Any, stride: IntPair, size: IntPair | None = None) -> np.ndarray:
    """Return the map of stride 1 that belongs to delta: S - 1 zeros between neighbours, delta_ij at (iS, jS).

    delta: (..., h, w), at least two axes. stride: int or (row, column). size: the size of the stride-1 map where
    the floor dropped rows or columns, per axis from (h - 1)S + 1, the default, to hS. Result: `(..., *size)`.
    Raises ValueError for a size outside these bounds.

    >>> expand_sensitivity_map(np.array([[1, 2]]), stride=(1, 2), size=(1, 4))
    array([[1., 0., 2., 0.]])
    """
    delta, (S_h, S_w), size = shapes.expand_arguments(delta, stride, size)
    expanded = np.zeros((*delta.shape[:-2], *size), delta.dtype)
    for i in range(delta.shape[-2]):
        for j in range(delta.shape[-1]):
            expanded[..., i * S_h, j * S_w] = delta[..., i, j]
    return expanded


def max_pool2d(x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> np.ndarray:
    """Return the largest number of each window of each map: a_ij = max over m, n of x_(iS+m),(jS+n).

    The padding is -inf: a padded cell never wins. A NaN wins over every number.

    x: (N, D, H, W). size, stride (by default the size), padding (at most half the size): int or (row, column).
    Result: (N, D, H2, W2) with H2 = floor((H + 2P - F_h) / S) + 1. Raises ValueError for windows that do not fit.

    >>> max_pool2d(np.array([[[[1.0, 2.0, 3.0, -4.0]]]]), (1, 2))
    array([[[[2., 3.]]]])
    """
    x, size, stride, padding, (H2, W2) = shapes.pool_arguments(x, size, stride, padding)
    images, D, _, _ = x.shape
    a = np.zeros((images, D, H2, W2), x.dtype)
    for image in range(images):
        for d in range(D):
            for i in range(H2):
                for j in range(W2):
                    a[image, d, i, j] = x[image, d][_winner(x[image, d], i, j, size, stride, padding)]
    return a


def max_pool2d_backward(
    delta: Any, x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> np.ndarray:
    """Return d_x: each delta_ij goes unchanged to the cell that won window (i, j), 0 to the rest.

    Among equals the first cell wins, row by row; a cell that won several windows gets the sum.

    delta: (N, D, H2, W2), the derivative by the output of `max_pool2d`; x: (N, D, H, W); the others as there.
    Result: shape and dtype of x. Raises ValueError for shapes that do not fit.

    >>> max_pool2d_backward(np.array([[[[5.0, 7.0]]]]), np.array([[[[2.0, 2.0, 3.0, -4.0]]]]), (1, 2))
    array([[[[5., 0., 7., 0.]]]])
    """
    delta, x, size, stride, padding = shapes.pool_backward_arguments(delta, x, size, stride, padding)
    images, D, H2, W2 = delta.shape
    d_x = np.zeros(x.shape, np.result_type(delta, x))
    for image in range(images):
        for d in range(D):
            for i in range(H2):
                for j in range(W2):
                    d_x[image, d][_winner(x[image, d], i, j, size, stride, padding)] += delta[image, d, i, j]
    return d_x.astype(x.dtype)


def avg_pool2d(x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0) -> np.ndarray:
    """Return the mean of each window of each map: a_ij = sum_m sum_n x_(iS+m),(jS+n) / (F_h * F_w).

    The padding is 0 and counts in the mean.

    x: (N, D, H, W). size, stride (by default the size), padding (at most half the size): int or (row, column).
    Result: (N, D, H2, W2) with H2 = floor((H + 2P - F_h) / S) + 1. Raises ValueError for windows that do not fit.

    >>> avg_pool2d(np.array([[[[1.0, 2.0, 3.0, -4.0]]]]), (1, 2))
    array([[[[ 1.5, -0.5]]]])
    """
    x, (F_h, F_w), (S_h, S_w), (P_h, P_w), (H2, W2) = shapes.pool_arguments(x, size, stride, padding)
    x = _pad(x, P_h, P_w)
    images, D, _, _ = x.shape
    a = np.zeros((images, D, H2, W2), x.dtype)
    for image in range(images):
        for d in range(D):
            for i in range(H2):
                for j in range(W2):
                    for m in range(F_h):
                        for n in range(F_w):
                            a[image, d, i, j] += x[image, d, i * S_h + m, j * S_w + n]
                    a[image, d, i, j] /= F_h * F_w
    return a


def avg_pool2d_backward(
    delta: Any, x: Any, size: IntPair, stride: IntPair | None = None, padding: IntPair = 0
) -> np.ndarray:
    """Return d_x: each delta_ij is shared out evenly, delta_ij / (F_h * F_w) to every cell of window (i, j).

    Where windows overlap the shares add up; those of padded cells are lost.

    delta: (N, D, H2, W2), the derivative by the output of `avg_pool2d`; x: (N, D, H, W); the others as there.
    Result: shape and dtype of x. Raises ValueError for shapes that do not fit.

    >>> avg_pool2d_backward(np.array([[[[5.0, 7.0]]]]), np.zeros((1, 1, 1, 4)), (1, 2))
    array([[[[2.5, 2.5, 3.5, 3.5]]]])
    """
    delta, x, (F_h, F_w), (S_h, S_w), (P_h, P_w) = shapes.pool_backward_arguments(delta, x, size, stride, padding)
    images, D, H2, W2 = delta.shape
    H, W = x.shape[2:]
    d_x = np.zeros((images, D, H + 2 * P_h, W + 2 * P_w), np.result_type(delta, x))
    for image in range(images):
        for d in range(D):
            for i in range(H2):
                for j in range(W2):
                    for m in range(F_h):
                        for n in range(F_w):
                            d_x[image, d, i * S_h + m, j * S_w + n] += delta[image, d, i, j] / (F_h * F_w)
    return d_x[:, :, P_h : P_h + H, P_w : P_w + W].astype(x.dtype)


def global_avg_pool2d(x: Any) -> np.ndarray:
    """Return the mean of each map, one number per channel: a_d = sum_i sum_j x_dij / (H * W).

    x: (N, D, H, W). Result: (N, D). Raises ValueError for another rank and for maps without cells.

    >>> global_avg_pool2d(np.array([[[[1, 2], [3, 4]]]]))
    array([[2.5]])
    """
    x = shapes.global_pool_arguments(x)
    images, D, H, W = x.shape
    a = np.zeros((images, D), x.dtype)
    for image in range(images):
        for d in range(D):
            for i in range(H):
                for j in range(W):
                    a[image, d] += x[image, d, i, j]
            a[image, d] /= H * W
    return a


def global_avg_pool2d_backward(delta: Any, x: Any) -> np.ndarray:
    """Return d_x: every cell of map d gets delta_d / (H * W).

    delta: (N, D), the derivative by the output of `global_avg_pool2d`; x: (N, D, H, W). Result: shape and dtype
    of x. Raises ValueError for shapes that do not fit.

    >>> global_avg_pool2d_backward(np.array([[8.0]]), np.zeros((1, 1, 2, 2)))
    array([[[[2., 2.],
             [2., 2.]]]])
    """
    delta, x = shapes.global_pool_backward_arguments(delta, x)
    images, D, H, W = x.shape
    d_x = np.zeros(x.shape, np.result_type(delta, x))
    for image in range(images):
        for d in range(D):
            for i in range(H):
                for j in range(W):
                    d_x[image, d, i, j] = delta[image, d] / (H * W)
    return d_x.astype(x.dtype)


def linear(x: Any, weight: Any, bias: Any = None) -> np.ndarray:
    """Return the weighted inputs of a fully connected layer, net = W a + b for every row a of x.

    x: (N, in). weight: (out, in). bias: (out,) or None. Result: (N, out). Raises ValueError for shapes that do not
    fit.

    >>> linear(np.array([[1, 2, 3]]), np.array([[1, 0, -1], [1, 1, 1]]), np.array([10, 20]))
    array([[ 8., 26.]])
    """
    x, w, b = shapes.linear_arguments(x, weight, bias)
    outputs, inputs = w.shape
    net = np.zeros((len(x), outputs), x.dtype)
    for image in range(len(x)):
        for k in range(outputs):
            for d in range(inputs):
                net[image, k] += w[k, d] * x[image, d]
            if b is not None:
                net[image, k] += b[k]
    return net


def linear_backward(delta: Any, x: Any, weight: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (d_x, d_weight, d_bias), the derivatives of the loss by the arguments of `linear`.

    dE/da = W^T delta, dE/dW = delta a^T, dE/db = delta, the last two summed over the batch.

    delta: (N, out), the derivative by the output of linear; x: (N, in); weight: (out, in). Result: shapes and dtypes
    of x, weight and (out,). Raises ValueError for shapes that do not fit.

    >>> linear_backward(np.array([[1.0, -1.0]]), np.array([[2.0]]), np.array([[3.0], [5.0]]))
    (array([[-2.]]), array([[ 2.],
           [-2.]]), array([ 1., -1.]))
    """
    delta, x, w = shapes.linear_backward_arguments(delta, x, weight)
    outputs, inputs = w.shape
    wider = np.result_type(delta, x, w)
    d_x, d_w, d_b = np.zeros(x.shape, wider), np.zeros(w.shape, wider), np.zeros(outputs, wider)
    for image in range(len(x)):
        for k in range(outputs):
            for d in range(inputs):
                d_x[image, d] += delta[image, k] * w[k, d]
                d_w[k, d] += delta[image, k] * x[image, d]
            d_b[k] += delta[image, k]
    return d_x.astype(x.dtype), d_w.astype(w.dtype), d_b.astype(w.dtype)


def _pad(x: np.ndarray, P_h: int, P_w: int) -> np.ndarray:
    """Return the maps with P rows and columns of zeros on every side."""
    return np.pad(x, ((0, 0), (0, 0), (P_h, P_h), (P_w, P_w)))


def _winner(
    x: np.ndarray, i: int, j: int, size: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int]
) -> tuple[int, int]:
    """Return the cell of the map x (H, W) that holds the largest number of pooling window (i, j), or its first NaN.

    Padded cells are passed over, which is what a padding of -inf means.
    """
    best = None
    for m in range(size[0]):
        for n in range(size[1]):
            row, column = i * stride[0] + m - padding[0], j * stride[1] + n - padding[1]
            if 0 <= row < x.shape[0] and 0 <= column < x.shape[1]:
                if np.isnan(x[row, column]):
                    return row, column
                if best is None or x[row, column] > x[best]:
                    best = row, column
    return best
