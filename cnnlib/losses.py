"""Losses: each gives the mean loss E of a batch and delta, its derivative by what the network put out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

from . import arguments
from .arguments import Array

LossFunction = TypeVar("LossFunction", bound=Callable[..., tuple[float, Array]])


def mean_over_images(loss: LossFunction) -> LossFunction:
    """Give a loss the attribute `reduction`, "mean": only a loss with it may be computed in parts of a batch."""
    loss.reduction = "mean"  # type: ignore[attr-defined]
    return loss


@mean_over_images
def cross_entropy(logits: Any, labels: Any) -> tuple[float, Array]:
    """Return the mean cross-entropy of a batch and its derivative by the logits.

    E = mean(log(sum_k e^z_k) - z_label), delta = (softmax(z) - one_hot) / B.

    Parameters
    ----------
    logits : ndarray, shape (B, C)
        The weighted inputs z before the softmax, one row for each image.
    labels : ndarray of integers, shape (B,)
        Class numbers from 0 to C - 1.

    Returns
    -------
    loss : float
        E.
    delta : ndarray, shape (B, C)
        The derivative of E by the logits, in their dtype.

    Raises
    ------
    ValueError
        If the batch is empty, shapes do not match, or a label is out of range.
    TypeError
        If `logits` is not an array of real numbers, or `labels` not one of integers.

    Examples
    --------
    >>> loss, delta = cross_entropy(np.zeros((1, 4)), np.array([2]))
    >>> round(loss, 3), delta
    (1.386, array([[ 0.25,  0.25, -0.75,  0.25]]))
    """
    logits = arguments.as_float_array("logits", logits, "batch, class")
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
def mean_squared_error(outputs: Any, targets: Any) -> tuple[float, Array]:
    """Return half the squared error, summed over outputs and averaged over the batch, and its derivative.

    E = mean(1/2 sum((o - t)^2)), delta = (o - t) / B.

    Parameters
    ----------
    outputs : ndarray, shape (B, ...)
        What the network put out, o.
    targets : ndarray, shape (B, ...)
        What it should have put out, t.

    Returns
    -------
    loss : float
        E.
    delta : ndarray, shape (B, ...)
        The derivative of E by the outputs, in their dtype.

    Raises
    ------
    ValueError
        If the batch is empty, or the shapes differ.
    TypeError
        If one of the two is not an array of real numbers.

    Examples
    --------
    >>> mean_squared_error(np.array([[1.0, 4.0]]), np.array([[0.0, 2.0]]))
    (2.5, array([[1., 2.]]))
    """
    outputs, targets = arguments.as_float_array("outputs", outputs), arguments.as_float_array("targets", targets)
    if not outputs.ndim or not outputs.size:
        raise ValueError(f"outputs: got shape {outputs.shape}, expected a batch (B, ...) of at least one number")
    arguments.same_shape("targets", targets, outputs.shape, "the shape of outputs")
    errors = outputs - targets
    loss = 0.5 * np.square(errors).sum(dtype=np.float64) / len(outputs)
    errors /= len(outputs)
    return float(loss), errors.astype(outputs.dtype, copy=False)
