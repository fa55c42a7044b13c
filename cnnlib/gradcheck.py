"""Gradient checking: compare what `backward` says with what happens when a number is moved a little."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from . import arguments
from .layers import Layer

Function = Callable[[np.ndarray], Any]

DOUBT = 1e-8  # a relative error above this is looked at again
# A gradient is measured against itself, unless it is below this share of its array's largest, or of the largest of
# all (a bias before batch normalisation has none but rounding), or below this size: then against that.
SMALL, SMALLER, TINY = 1e-3, 1e-4, 1e-8


def numerical_gradient(f: Function, x: np.ndarray, eps: float = 1e-5) -> np.ndarray:
    """Return the derivative of f, a function of an array that gives one number, by every element of x.

    Central differences: (f(x + eps) - f(x - eps)) / (2 eps), one element at a time.

    Parameters
    ----------
    f : function
        Of an array like x; it gives one number.
    x : ndarray
        Of any shape; it is not changed. Integers become float64.
    eps : float
        The step.

    Returns
    -------
    ndarray
        In the shape of x.

    Raises
    ------
    ValueError
        If eps is not positive, or f gives more than one number.
    TypeError
        If x is no array of numbers.

    Examples
    --------
    >>> numerical_gradient(lambda x: (x**2).sum(), np.array([1.0, -3.0])).round(6)
    array([ 2., -6.])
    """
    x = arguments.as_float_array("x", x)
    _check_step(eps)
    moved = np.array(x, order="C")
    gradient = np.zeros_like(moved)
    for place in np.ndindex(moved.shape):
        above, below = (_one_number(value) for value in _on_both_sides(f, moved, place, eps))
        gradient[place] = (above - below) / (2 * eps)
    return gradient


def gradient_check(
    layer: Layer, x: np.ndarray, eps: float = 1e-5, rng: arguments.Seed = 0, report: bool = False
) -> float | dict[str, float]:
    """Return the largest relative error `|a - n| / max(|a| + |n|, tiny)` of a layer's or network's gradients.

    a is the gradient by `backward`, n the numerical one, for the input x and every parameter. The loss is
    E = sum(g * output) with g random, not all ones, so that a swap or a wrong sum shows. All is done in float64 on
    a copy: the layer keeps its parameters, its running statistics and its memory. A layer is checked in the mode in
    which it is (`training`). Whatever it draws at random, it draws again each time: `Dropout` leaves out the same
    numbers on both sides of a difference.

    Parameters
    ----------
    layer : Layer or network
        What is checked.
    x : ndarray
        An input for it.
    eps : float
        The step of the differences.
    rng : Generator or int, optional
        Where g comes from, or a seed.
    report : bool
        Whether the result says where the errors are.

    Returns
    -------
    float, or dict with `report`
        1e-7 or less for a good gradient; 1 means that one side is zero. With `report` {"x": error, "0.weight": error,
        …}. Near a kink (ReLU at 0, a tie of a maximum) the two sides differ without a mistake.

    Raises
    ------
    ValueError
        If eps is not positive, or a gradient has another shape than what it belongs to.
    TypeError
        If `layer` is no layer, or x no array of numbers.

    Examples
    --------
    >>> from cnnlib import Linear
    >>> gradient_check(Linear(3, 2, rng=0), np.array([[1.0, -2.0, 0.5]])) < 1e-7
    True
    """
    if not (hasattr(layer, "forward") and hasattr(layer, "backward")):
        raise TypeError(f"layer: got {type(layer).__name__}, expected a layer or a network")
    _check_step(eps)
    layer, generators = _in_float64(layer)
    x = arguments.as_float_array("x", x).astype(np.float64)

    def forward(x: np.ndarray) -> np.ndarray:
        for generator, state in generators:
            generator.bit_generator.state = state  # what is drawn is drawn again: dropout leaves out the same numbers
        return layer.forward(x)

    outputs = forward(x.copy())
    rng = arguments.generator(rng)
    g = rng.uniform(0.5, 1.5, outputs.shape) * rng.choice([-1.0, 1.0], outputs.shape)
    analytic = {"x": np.array(layer.backward(g))}
    analytic.update({name: np.array(gradient) for name, gradient in layer.gradients().items()})
    largest = {name: float(np.abs(gradient).max(initial=0.0)) for name, gradient in analytic.items()}
    errors = {}
    for name, array in {"x": x, **layer.parameters()}.items():
        arguments.same_shape(f"gradient of {name}", analytic[name], array.shape, "the shape of what it belongs to")
        tiny = max(TINY, SMALL * largest[name], SMALLER * max(largest.values()))
        errors[name] = 0.0
        for place in np.ndindex(array.shape):
            a = float(analytic[name][place])
            error = _error_at(lambda _: np.array(forward(x)), array, place, a, g, eps, tiny)
            errors[name] = float(np.maximum(errors[name], error))  # Python's max may pass over a NaN
    return errors if report else float(np.max(list(errors.values())))


def _error_at(
    f: Function, array: np.ndarray, place: tuple[int, ...], a: float, g: np.ndarray, eps: float, tiny: float
) -> float:
    """Return the relative error of the gradient `a` by one element of `array`.

    Where central differences leave a doubt, the best of two others counts: a step a hundred times smaller, which is
    less likely to reach over a kink, and four points that lie further apart, where rounding matters a hundred times
    less. A wrong gradient disagrees with all three.
    """

    def slope(step: float) -> float:
        above, below = _on_both_sides(f, array, place, step)
        # The difference first, output by output, then the sum: outputs that do not move cancel exactly.
        return float(((above - below) * g).sum() / (2 * step))

    error = _relative_error(a, slope(eps), tiny)
    if error < DOUBT:
        return error
    others = slope(eps / 100), (4 * slope(100 * eps) - slope(200 * eps)) / 3
    return float(np.min([error, *(_relative_error(a, n, tiny) for n in others)]))


def _check_step(eps: float) -> None:
    if not arguments.number("eps", eps, 0) > 0:
        raise ValueError(f"eps: got {eps!r}, expected a positive number")


def _relative_error(a: float, n: float, tiny: float) -> float:
    return abs(a - n) / max(abs(a) + abs(n), tiny)


def _on_both_sides(f: Function, moved: np.ndarray, place: tuple[int, ...], eps: float) -> tuple[Any, Any]:
    """Return f with one element of `moved` a little above and a little below its value, which is then put back."""
    value = moved[place]
    try:
        moved[place] = value + eps
        above = f(moved)
        moved[place] = value - eps
        return above, f(moved)
    finally:
        moved[place] = value


def _one_number(value: Any) -> float:
    if np.size(value) != 1:
        raise ValueError(f"f: got a result of shape {np.shape(value)}, expected one number")
    return float(np.asarray(value).reshape(()))


def _in_float64(layer: Layer) -> tuple[Layer, list[tuple[Any, Any]]]:
    """Return a copy of the layer, and of those in it, with float64 arrays; and its generators with their states."""
    layer, generators = copy.deepcopy(layer), []
    pending: list[Any] = [layer]
    while pending:
        part = pending.pop()
        for name, value in vars(part).items():
            if isinstance(value, np.ndarray) and value.dtype == np.float32:
                setattr(part, name, value.astype(np.float64))
            elif isinstance(value, np.random.Generator):
                generators.append((value, value.bit_generator.state))
            else:
                inside = value if isinstance(value, (list, tuple)) else [value]
                pending += [item for item in inside if isinstance(item, Layer)]
    return layer, generators
