"""Chapter 08: the whole backward pass of a convolution layer, for a batch."""

from __future__ import annotations

import numpy as np

import cnnlib

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.windows import fine, integers, kernel_values
from .shared.layers import SENTENCES, SETTINGS, layer_sizes


def my_conv2d_backward(delta, x, w, stride=1, padding=0):
    S, P = stride, padding
    F_h, F_w = w.shape[2:]
    H, W = x.shape[2:]
    x = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
    d_x, d_w = np.zeros(x.shape), np.zeros(w.shape)
    for b, k, i, j in np.ndindex(delta.shape):
        rows, columns = slice(i * S, i * S + F_h), slice(j * S, j * S + F_w)
        d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k]
        d_w[k] += delta[b, k, i, j] * x[b, :, rows, columns]
    return d_x[:, :, P : P + H, P : P + W], d_w, delta.sum(axis=(0, 2, 3))


MISTAKES = r"""
order of the results:
    return d_x[:, :, P : P + H, P : P + W], d_w, delta.sum(axis=(0, 2, 3)) => return d_w, delta.sum(axis=(0, 2, 3)), d_x[:, :, P : P + H, P : P + W]
    return d_x[:, :, P : P + H, P : P + W], d_w, => return d_w, d_x[:, :, P : P + H, P : P + W],
    d_w, delta.sum(axis=(0, 2, 3)) => delta.sum(axis=(0, 2, 3)), d_w
zeroed d_x: | return d_x[ => d_x[:] = 0 \n return d_x[
d_w full of zeros: | P : P + W], d_w, => P : P + W], 0 * d_w,
d_b full of zeros: | delta.sum(axis=(0, 2, 3)) => np.zeros(len(w))

# back to the input
kernel not turned: | d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k] => d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k, :, ::-1, ::-1]
kernel turned on one axis:
    d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k] => d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k, :, ::-1]
    d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k] => d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k, :, :, ::-1]
kernel transposed:
    d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k] => d_x[b, :, rows, columns] += delta[b, k, i, j] * w[k].swapaxes(1, 2)
channels of the kernel reversed: Channel d of x meets channel d of every kernel: only rows and columns are turned.
    * w[k] => * w[k, ::-1]
filters reversed: δ of map k meets filter k: only rows and columns are turned. | * w[k] => * w[-1 - k]
filters and channels swapped: The first axis of `w` counts the filters, the second the channels: `w[k, d]`.
    * w[k] => * w[:, k]
all kernels at once: δ of map k meets `w[k]` alone, not all of `w`.
    * w[k] => * w
    * w[k] => * w.sum(axis=0)
δ spread over the whole window: | * w[k] => * np.ones(w[k].shape)
δ of the last filter only: Only the last filter's part is in d_x. Each filter gives a partial map of d_x: the N partial
    maps are added.
    * w[k] => * w[k] * (k == len(w) - 1)
δ of the first filter only: Only the first filter's part is in d_x. Each filter gives a partial map of d_x: the N partial
    maps are added.
    * w[k] => * w[k] * (k == 0)
partial maps averaged: Each filter gives a partial map of d_x: the N partial maps are added. | * w[k] => * w[k] / len(w)
partial maps not summed: Each filter gives a partial map of d_x: here they stand side by side, one for each filter, and
    were not added up.
    d_x, d_w = => d_x, d_w = np.zeros((len(x), len(w), *x.shape[1:])), np.zeros(w.shape) # \n nothing =
    & d_x[b, :, rows, columns] += => d_x[b, k, :, rows, columns] +=
    & d_x[:, :, P => d_x[:, :, :, P
overwritten instead of added: | d_x[b, :, rows, columns] += => d_x[b, :, rows, columns] =
first channel only: Only the first channel of d_x is filled. Channel d of x meets channel d of every kernel.
    return d_x[ => d_x[:, 1:] = 0 \n return d_x[
first channel only: All channels of d_x come from the kernels' first one. Channel d of x meets channel d of every kernel.
    * w[k] => * w[k, :1]
last channel only: Only the last channel of d_x is filled: is the array made inside the loop over the channels?
    return d_x[ => d_x[:, :-1] = 0 \n return d_x[
channels added up: Channel d of x meets channel d of every kernel, and no other: d_x has D channels.
    * w[k] => * w[k].sum(axis=0)
last image only: Only d_x of the last image is filled: is the array made inside the loop over the images?
    return d_x[ => d_x[:-1] = 0 \n return d_x[
first image only: Only d_x of the first image is filled: loop over the batch.
    return d_x[ => d_x[1:] = 0 \n return d_x[
stride not expanded:
    slice(i * S, i * S + F_h), slice(j * S, j * S + F_w) => slice(i, i + F_h), slice(j, j + F_w)
stride inside the window:
    slice(i * S, i * S + F_h), slice(j * S, j * S + F_w) => slice(i, i + F_h * S, S), slice(j, j + F_w * S, S)
padding not cut: | return d_x[:, :, P : P + H, P : P + W], => return d_x,
nothing left without padding: | P : P + H, P : P + W => P:-P, P:-P
padding cut on one side:
    P : P + H, P : P + W => P:, P:
    P : P + H, P : P + W => :H, :W
    P : P + H, P : P + W => 2 * P :, 2 * P :

# to the parameters
padding ignored:
    (P, P), (P, P) => (0, 0), (0, 0)
    (P, P), (P, P) => (0, 0), (0, 0)
    & P : P + H, P : P + W => 0:, 0:
padding on one side: There are P zeros on every side: above and below, left and right.
    (P, P) => (P, 0)
    (P, P) => (0, P)
    (P, P) => (2 * P, 0)
    (P, P) => (0, 2 * P)
padding with the wrong amount: There are P zeros on every side.
    (P, P) => (P**2, P**2)
    (P, P) => (P > 0, P > 0)
padding on all axes: | np.pad(x, ((0, 0), (0, 0), (P, P), (P, P))) => np.pad(x, P)
gradient turned by 180°: | P : P + W], d_w, => P : P + W], d_w[:, :, ::-1, ::-1],
gradient transposed:
    P : P + W], d_w, => P : P + W], d_w.swapaxes(2, 3),
    * x[b, :, rows, columns] => * x[b, :, rows, columns].swapaxes(1, 2)
kernel taken as square:
    F_h, F_w = w.shape[2:] => F_h = F_w = w.shape[2]
    F_h, F_w = w.shape[2:] => F_h = F_w = w.shape[3]
δ of the last filter only: Only d_w of the last filter is filled: is the array made inside the loop over the filters?
    return d_x[ => d_w[:-1] = 0 \n return d_x[
δ of the first filter only: Only d_w of the first filter is filled: loop over all N.
    return d_x[ => d_w[1:] = 0 \n return d_x[
first channel only: Only the first channel of d_w is filled: channel d takes x of channel d.
    return d_x[ => d_w[:, 1:] = 0 \n return d_x[
first channel only: All channels of d_w come from the first one of x: channel d takes x of channel d.
    d_w[k] += delta[b, k, i, j] * x[b, :, rows, columns] => d_w[k] += delta[b, k, i, j] * x[b, :, rows, columns][:1]
last position only: | d_w[k] += => d_w[k] =
bias gradient per position:
    delta.sum(axis=(0, 2, 3)) => delta
    delta.sum(axis=(0, 2, 3)) => delta.sum(axis=0)
gradient per image:
    delta.sum(axis=(0, 2, 3)) => delta.sum(axis=(2, 3))
    d_x, d_w = np.zeros(x.shape), np.zeros(w.shape) => d_x, d_w = np.zeros(x.shape), np.zeros((len(x), *w.shape))
    & d_w[k] += => d_w[b, k] +=
one bias for all filters: Each filter has a bias of its own: d_b has N numbers. | delta.sum(axis=(0, 2, 3)) => delta.sum()
last image only: The parameters get the gradient of the last image only: add up over the batch.
    d_w[k] += delta[b, k, i, j] => d_w[k] += (b == len(x) - 1) * delta[b, k, i, j]
    & delta.sum(axis=(0, 2, 3)) => delta[-1].sum(axis=(1, 2))
first image only: The parameters get the gradient of the first image only: add up over the batch.
    d_w[k] += delta[b, k, i, j] => d_w[k] += (b == 0) * delta[b, k, i, j]
    & delta.sum(axis=(0, 2, 3)) => delta[0].sum(axis=(1, 2))
mean over the batch taken twice:
    S, P = stride, padding => S, P = stride, padding \n delta = delta / len(delta)
mean instead of sum:
    S, P = stride, padding => S, P = stride, padding \n delta = delta / delta[0, 0].size
    delta.sum(axis => delta.mean(axis
sign reversed: All signs are the other way round: the minus belongs to the update.
    S, P = stride, padding => S, P = stride, padding \n delta = -delta
"""


def by_pattern(delta, x, w, stride=1, padding=0):
    P = padding
    B, N = delta.shape[:2]
    D, H, W = x.shape[1:]
    x = np.pad(x, ((0, 0), (0, 0), (P, P), (P, P)))
    size = [length - F + 1 for length, F in zip(x.shape[2:], w.shape[2:])]
    expanded = np.zeros((B, N, *size))
    expanded[:, :, ::stride, ::stride] = delta
    maps = [[[_full(one[k], w[k, d]) for d in range(D)] for k in range(N)] for one in expanded]
    d_x = np.array(maps).sum(axis=1)
    d_w = sum(_valid(image, one) for image, one in zip(x, expanded))
    return d_x[:, :, P : P + H, P : P + W], d_w, delta.sum(axis=(0, 2, 3))


def _full(delta, w):
    return cnnlib.cross_correlate2d(delta, w[::-1, ::-1], mode="full")


def _valid(image, deltas):
    return np.array([[cnnlib.cross_correlate2d(plane, one) for plane in image] for one in deltas])


PATTERN = r"""
stride not expanded:
    expanded[:, :, ::stride, ::stride] = delta => expanded = delta
    & P : P + H, P : P + W => P : d_x.shape[2] - P, P : d_x.shape[3] - P
rows that floor dropped forgotten:
    expanded = np.zeros((B, N, *size)) => expanded = np.zeros((B, N, *((n - 1) * stride + 1 for n in delta.shape[2:])))
    & P : P + H, P : P + W => P : d_x.shape[2] - P, P : d_x.shape[3] - P
    expanded = np.zeros((B, N, *size)) => expanded = np.zeros((B, N, *((n - 1) * stride + 1 for n in delta.shape[2:])))
partial maps not summed: Each filter gives a partial map of d_x: here they stand side by side, one for each filter, and
    were not added up.
    return d_x[ => d_x = np.array(maps) \n return d_x[
"""


def cases(rng: np.random.Generator) -> list[Case]:
    """Return batches of one to three images, one to three channels, one to four filters, strides 1 to 3, padding."""
    made = [Case(kernel_values(rng, (1, 1, 1, 2)), integers(rng, (1, 1, 2, 3)), kernel_values(rng, (1, 1, 2, 2)))]
    for k, (D, N, stride, padding) in enumerate(SETTINGS):
        size, kernel, output = layer_sizes(rng, k, stride, padding)
        batch = (2, 1, 3)[k % 3]
        x, w = integers(rng, (batch, D, *size)), kernel_values(rng, (N, D, *kernel))
        made.append(Case(kernel_values(rng, (batch, N, *output)), x, w, stride=stride, padding=padding))
    delta, x, w = fine(rng, (2, 3, 3, 4)), fine(rng, (2, 2, 6, 7), 2), fine(rng, (3, 2, 3, 2))
    return [*made, Case(delta, x, w, stride=2, padding=1)]


exercise = FunctionExercise(
    "conv2d_backward",
    "08",
    my_conv2d_backward,
    cases,
    mistakes_of(my_conv2d_backward, MISTAKES, SENTENCES) + mistakes_of(by_pattern, PATTERN, SENTENCES),
    "batches of one to three images, one to three channels, one to four filters of shapes from 2×2 to 3×3, strides 1 "
    "to 3, padding 0 to 3, inputs that are not square, windows that overlap, rows and columns that the floor dropped.",
    parts=("d_x", "d_w", "d_b"),
)
