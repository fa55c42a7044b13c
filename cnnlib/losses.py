"""Losses: each gives the mean loss E of a batch and delta, its derivative by what the network put out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import arguments

# Losses that are a mean over the images of a batch: only these may be found part by part.
MEANS_OVER_IMAGES: set[Callable] = set()


def mean_over_images(loss: Callable) -> Callable:
    """Mark a loss as a mean over the images of a batch; used as `@mean_over_images`."""
    MEANS_OVER_IMAGES.add(loss)
    return loss


@mean_over_images
def cross_entropy(logits: Any, labels: Any) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy of a batch and its derivative by the logits.

    logits: (N, C), weighted inputs z before the softmax. labels: (N,), class numbers from 0 to C - 1.
    Returns E, a Python number, and delta (N, C) with the dtype of the logits:
    E = mean(log(sum_k e^z_k) - z_label), delta = (softmax(z) - one_hot) / N.
    Raises ValueError for a batch of none, other shapes and labels out of range, TypeError for other types.

    >>> loss, delta = cross_entropy(np.zeros((1, 4)), np.array([2]))
    >>> round(loss, 3), delta
    (1.386, array([[ 0.25,  0.25, -0.75,  0.25]]))
    """
    logits = arguments.floats_of_rank("logits", logits, "batch, class")
    if not logits.size:
        raise ValueError(f"logits: got shape {logits.shape}, expected at least one row and one class")
    count, classes = logits.shape
    labels = arguments.class_labels("labels", labels, count, classes)
    chosen = np.arange(count), labels
    with np.errstate(over="ignore", under="ignore"):  # a difference of two huge logits may be -inf: e^-inf is 0
        # Only differences of logits count. With the largest of each row at 0 the powers cannot overflow.
        shifted = logits - logits.max(axis=1, keepdims=True)
        delta = np.exp(shifted)
        sums = delta.sum(axis=1, keepdims=True)
        loss = (np.log(sums).sum(dtype=np.float64) - shifted[chosen].sum(dtype=np.float64)) / count
        delta /= sums * count
        delta[chosen] -= 1 / count
    return float(loss), delta


@mean_over_images
def mean_squared_error(outputs: Any, targets: Any) -> tuple[float, np.ndarray]:
    """Return half the squared error, summed over outputs and averaged over the batch, and its derivative.

    outputs, targets: (N, ...) of the same shape. Returns E, a Python number, and delta of that shape with the dtype
    of the outputs: E = mean(1/2 sum((o - t)^2)), delta = (o - t) / N.
    Raises ValueError for a batch of none and shapes that differ, TypeError for other types.

    >>> mean_squared_error(np.array([[1.0, 4.0]]), np.array([[0.0, 2.0]]))
    (2.5, array([[1., 2.]]))
    """
    outputs, targets = arguments.floats("outputs", outputs), arguments.floats("targets", targets)
    if not outputs.ndim or not outputs.size:
        raise ValueError(f"outputs: got shape {outputs.shape}, expected a batch (N, ...) of at least one number")
    arguments.same_shape("targets", targets, outputs.shape, "the shape of outputs")
    errors = outputs - targets
    loss = 0.5 * np.square(errors).sum(dtype=np.float64) / len(outputs)
    errors /= len(outputs)
    return float(loss), errors.astype(outputs.dtype, copy=False)
