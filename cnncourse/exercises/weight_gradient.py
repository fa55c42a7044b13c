"""Chapter 06: the gradients of the weights and of the bias."""

from __future__ import annotations

import numpy as np

import cnnlib

from ..checks.exercise import Case, FunctionExercise
from ..checks.patches import mistakes_of
from ..checks.windows import fine, integers, kernel_values
from .shared.layers import SENTENCES, SETTINGS, layer_sizes


def my_weight_gradient(delta, x, kernel_size, stride=1, padding=0):
    S, P = stride, padding
    F_h, F_w = kernel_size
    x = np.pad(x, ((0, 0), (P, P), (P, P)))
    d_w = np.zeros((len(delta), len(x), F_h, F_w))
    for k, i, j in np.ndindex(delta.shape):
        d_w[k] += delta[k, i, j] * x[:, i * S : i * S + F_h, j * S : j * S + F_w]
    return d_w, delta.sum(axis=(1, 2))


MISTAKES = r"""
order of the results: | return d_w, delta.sum(axis=(1, 2)) => return delta.sum(axis=(1, 2)), d_w
d_w full of zeros: | return d_w, => return 0 * d_w,
d_b full of zeros: | delta.sum(axis=(1, 2)) => np.zeros(len(delta))
bias gradient per position:
    delta.sum(axis=(1, 2)) => delta
    delta.sum(axis=(1, 2)) => delta.sum(axis=0)
one bias for all filters: Each filter has a bias of its own: d_b has N numbers. | delta.sum(axis=(1, 2)) => delta.sum()
one bias for all filters: Each filter has a bias of its own: d_b[k] is the sum of δ over map k.
    delta.sum(axis=(1, 2)) => np.full(len(delta), delta.sum())
bias gradient once per channel: The bias is added once per output, not once per channel: sum δ once.
    delta.sum(axis=(1, 2)) => delta.sum(axis=(1, 2)) * len(x)
mean instead of sum:
    delta.sum(axis => delta.mean(axis
    return d_w, => return d_w / delta[0].size,
    return d_w, => return d_w / (F_h * F_w),
stride not expanded:
    i * S : i * S + F_h, j * S : j * S + F_w => i : i + F_h, j : j + F_w
stride inside the window:
    i * S : i * S + F_h, j * S : j * S + F_w => i : i + F_h * S : S, j : j + F_w * S : S
padding ignored: | (P, P), (P, P) => (0, 0), (0, 0)
padding on one side:
    (P, P) => (P, 0)
    (P, P) => (0, P)
    (P, P) => (2 * P, 0)
    (P, P) => (0, 2 * P)
    (P, P) => (2 * P, 2 * P)
padding with the wrong amount: There are P zeros on every side.
    (P, P) => (P**2, P**2)
    (P, P) => (P > 0, P > 0)
padding on all axes: | np.pad(x, ((0, 0), (P, P), (P, P))) => np.pad(x, P)
last position only: | += => =
first position only: | += delta[k, i, j] => += (i == j == 0) * delta[k, i, j]
δ of the last filter only: Only the gradient of the last filter is filled: is the array made inside the loop over the
    filters?
    return d_w, => d_w[:-1] = 0 \n return d_w,
δ of the last filter only: All filters get the gradient of the last one: filter k takes δ of map k.
    delta[k, i, j] => delta[-1, i, j]
δ of the first filter only: All filters get the gradient of the first one: filter k takes δ of map k.
    delta[k, i, j] => delta[0, i, j]
δ of the first filter only: Only the gradient of the first filter is filled: loop over all N.
    return d_w, => d_w[1:] = 0 \n return d_w,
filters added up: Each filter has a gradient of its own, from δ of its own map.
    delta[k, i, j] => delta[:, i, j].sum()
    d_w[k] += => d_w +=
first channel only: Every channel of the kernel gets the gradient of the first one: channel d takes x of channel d.
    x[:, i => x[:1, i
first channel only: Only the first channel of the kernels gets a gradient: channel d takes x of channel d.
    return d_w, => d_w[:, 1:] = 0 \n return d_w,
last channel only: Only the last channel of the kernels gets a gradient: is the array made inside the loop over the
    channels?
    return d_w, => d_w[:, :-1] = 0 \n return d_w,
channels added up: Each channel of a kernel has weights of its own: channel d takes x of channel d.
    return d_w, => return d_w.sum(axis=1),
    j * S : j * S + F_w] => j * S : j * S + F_w].sum(axis=0)
filters and channels swapped: The first axis of d_w counts the filters, the second the channels.
    return d_w, => return d_w.swapaxes(0, 1),
δ turned: δ takes the place of the kernel as it is, not turned: x ⋆ δ. | delta[k, i, j] => delta[k, -1 - i, -1 - j]
gradient turned by 180°: The gradient of weight (m, n) stands at (m, n): x is cross-correlated with δ, and nothing is
    turned.
    return d_w, => return d_w[:, :, ::-1, ::-1],
gradient transposed:
    return d_w, => return d_w.swapaxes(2, 3),
    return d_w, => return np.stack([d_w[:, :, n, m] for m in range(F_h) for n in range(F_w)], axis=2).reshape(d_w.shape),
kernel taken as square:
    F_h, F_w = kernel_size => F_h = F_w = kernel_size[0]
    F_h, F_w = kernel_size => F_h = F_w = kernel_size[1]
sign reversed: All signs of d_w are the other way round: the minus belongs to the update. | return d_w, => return -d_w,
sign reversed: All signs are the other way round: the minus belongs to the update.
    return d_w, delta => return -d_w, -delta
"""


def by_pattern(delta, x, kernel_size, stride=1, padding=0):
    x = np.pad(x, ((0, 0), (padding, padding), (padding, padding)))
    size = [length - F + 1 for length, F in zip(x.shape[1:], kernel_size)]
    expanded = np.zeros((len(delta), *size))
    expanded[:, ::stride, ::stride] = delta
    d_w = np.array([[cnnlib.cross_correlate2d(plane, one) for plane in x] for one in expanded])
    return d_w, delta.sum(axis=(1, 2))


PATTERN = r"""
stride not expanded: | expanded[:, ::stride, ::stride] = delta => expanded = delta
rows that floor dropped forgotten: | size = => size = [(n - 1) * stride + 1 for n in delta.shape[1:]] # \n size_1 =
padding ignored:
    (padding, padding) => (0, 0)
    & size = => size = [(n - 1) * stride + 1 for n in delta.shape[1:]] # \n size_1 =
δ turned: | = delta => = delta[:, ::-1, ::-1]
    plane, one) => plane, one[::-1, ::-1])
"""


TURNED = "δ takes the place of the kernel as it is, not turned: x ⋆ δ."


def cases(rng: np.random.Generator) -> list[Case]:
    """Return one to three channels, one to four filters, strides 1 to 3, padding 0 to 3, with and without a rest."""
    made = [Case(kernel_values(rng, (1, 1, 2)), integers(rng, (2, 2, 3)), (2, 2))]
    for k, (D, N, stride, padding) in enumerate(SETTINGS):
        size, kernel, output = layer_sizes(rng, k, stride, padding)
        x = integers(rng, (D, *size))
        made.append(Case(kernel_values(rng, (N, *output)), x, kernel, stride=stride, padding=padding))
    return [*made, Case(fine(rng, (3, 4, 4)), fine(rng, (2, 7, 9), 2), (3, 4), stride=2, padding=1)]


exercise = FunctionExercise(
    "weight_gradient",
    "06",
    my_weight_gradient,
    cases,
    [
        *mistakes_of(my_weight_gradient, MISTAKES, SENTENCES),
        *mistakes_of(by_pattern, PATTERN, SENTENCES | {"δ turned": TURNED}),
    ],
    "one to three channels, one to four filters of shapes from 2×2 to 3×4, strides 1 to 3, padding 0 to 3, inputs that "
    "are not square, rows and columns that the floor dropped, negative numbers.",
    parts=("d_w", "d_b"),
)
