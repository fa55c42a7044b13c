"""Exercises of chapter 07, training: softmax, the update, and the update with momentum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .. import activations
from .comparing import Mistake
from .exercise import Case, FunctionExercise

Arrays = dict[str, np.ndarray]


# ---- softmax --------------------------------------------------------------------------------------------------------


def stable_softmax(z: np.ndarray) -> np.ndarray:
    return activations.softmax(z)


def softmax_cases(rng: np.random.Generator) -> list[Case]:
    """Return rows of small and of huge scores of both signs, wide and narrow, with ties; one row; as many as classes.

    In the last two the largest scores of the rows lie so far apart that one maximum for all rows is not enough.
    """
    made = [Case(np.array([[1.0, 2.0]])), Case(np.array([[1000.0, 1001.0, 1000.0]])), Case(np.array([[0.0], [3.0]]))]
    made.append(Case(np.array([[-2000.0, -2001.0], [-2003.0, -2002.0], [-1999.0, -1999.0]])))
    made.append(Case(np.array([[-4000.0, 1000.0, 999.0], [998.0, -3999.0, 998.0]])))
    for shape, middle in [((3, 3), 0), ((2, 4), 1000), ((4, 2), -1500), ((3, 5), 800), ((1, 6), 5), ((4, 4), 1200)]:
        made.append(Case(rng.integers(-6, 7, shape) / 2 + middle))
    made += [Case(np.round(rng.normal(0, 2, (5, 3)), 1)), Case(rng.integers(-3, 4, (2, 3)))]
    apart = np.array([[1500.0], [0.0], [-900.0]])
    return [*made, Case(rng.integers(-6, 7, (2, 3)) / 2 + apart[:2]), Case(rng.integers(-6, 7, (3, 4)) / 2 + apart)]


def _shares(z: np.ndarray, shift: Any, axis: int | None = 1) -> np.ndarray:
    """Return the powers of z - shift, divided by their sums along `axis`."""
    with np.errstate(all="ignore"):
        powers = np.exp(z - shift)
        return powers / powers.sum(axis=axis, keepdims=True)


def _quietly(function: Callable[[np.ndarray], np.ndarray]) -> Callable[[np.ndarray], np.ndarray]:
    """Return the function without its warnings: what overflows is the mistake itself."""

    def answer(z: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return function(z)

    return answer


def _row_max(z: np.ndarray) -> np.ndarray:
    return z.max(axis=1, keepdims=True)


OVERFLOW = (
    "overflow",
    "e to the power of 1000 is too large for a float: subtract the largest score of each row first.",
)
ONE_MAXIMUM = (
    "one maximum for all rows",
    "In a row whose scores lie far below the largest of the array all powers become 0, and so does their sum: subtract "
    "the maximum of each row, `axis=1`, with `keepdims=True`.",
)
WRONG_AXIS = ("sum over the wrong axis", "Each row is an image: the sum runs over the classes, `axis=1`.")
WHOLE = ("sum over the whole array", "Each row adds up to 1: sum along `axis=1`, with `keepdims=True`.")
NOT_MAXIMUM = (
    "another number than the maximum subtracted",
    "Only with the largest score at 0 no power can overflow: subtract the maximum of the row.",
)
ONE_ROW = ("one row only", "Every row of the batch gets its probabilities: the result is as large as `z`.")
KEEPDIMS = (
    "keepdims forgotten",
    "A row of numbers, one per image, is spread over the rows: `keepdims=True` keeps them a column, (batch, 1).",
)

stable_softmax_check = FunctionExercise(
    "stable_softmax",
    "07",
    stable_softmax,
    softmax_cases,
    mistakes=(
        Mistake(*OVERFLOW, lambda z: _shares(z, 0)),
        Mistake(*OVERFLOW, lambda z: np.nan_to_num(_shares(z, 0))),
        Mistake(
            "scores cut off",
            "Cutting scores off changes their differences: subtract the maximum.",
            lambda z: _shares(np.clip(z, -700, 700), 0),
        ),
        Mistake(
            "scores cut off",
            "Cutting scores off changes their differences: subtract the maximum.",
            lambda z: _shares(np.clip(z, -500, 500), 0),
        ),
        Mistake(*ONE_MAXIMUM, lambda z: _shares(z, z.max())),
        Mistake(*ONE_MAXIMUM, lambda z: np.nan_to_num(_shares(z, z.max()))),
        Mistake(*WHOLE, lambda z: _shares(z, _row_max(z), None)),
        Mistake(*WHOLE, lambda z: _shares(z, z.max(), None)),
        Mistake(*WHOLE, lambda z: _shares(z, 0, None)),
        Mistake(*WRONG_AXIS, lambda z: _shares(z, z.max(axis=0), 0)),
        Mistake(*WRONG_AXIS, lambda z: _shares(z, _row_max(z), 0)),
        Mistake(*WRONG_AXIS, lambda z: _shares(z, z.max(), 0)),
        Mistake(*WRONG_AXIS, lambda z: _shares(z, 0, 0)),
        Mistake(
            "maximum along the wrong axis",
            "The largest score of each class is subtracted, which changes the differences within a row: `axis=1`.",
            lambda z: _shares(z, z.max(axis=0)),
        ),
        Mistake(*KEEPDIMS, _quietly(lambda z: np.exp(z - _row_max(z)) / np.exp(z - _row_max(z)).sum(axis=1))),
        Mistake(*KEEPDIMS, lambda z: _shares(z, z.max(axis=1))),
        Mistake(*KEEPDIMS, _quietly(lambda z: np.exp(z - z.max(axis=1)) / np.exp(z - z.max(axis=1)).sum(axis=1))),
        Mistake(*KEEPDIMS, _quietly(lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=1))),
        Mistake(*NOT_MAXIMUM, lambda z: _shares(z, z.min(axis=1, keepdims=True))),
        Mistake(*NOT_MAXIMUM, lambda z: _shares(z, z.mean(axis=1, keepdims=True))),
        Mistake(*NOT_MAXIMUM, lambda z: _shares(z, np.abs(z).max(axis=1, keepdims=True))),
        Mistake(
            "divided by the maximum",
            "Dividing changes the differences of the scores: subtract the maximum.",
            _quietly(lambda z: _shares(z / _row_max(z), 0)),
        ),
        Mistake(
            "not divided by the sum", "The powers of a row are divided by their sum.", lambda z: np.exp(z - _row_max(z))
        ),
        Mistake(
            "exponential forgotten",
            "The powers e^z are divided by their sum, not the scores.",
            _quietly(lambda z: z / z.sum(axis=1, keepdims=True)),
        ),
        Mistake(
            "exponential forgotten",
            "The powers e^z are divided by their sum, not the scores.",
            _quietly(lambda z: (z - _row_max(z)) / (z - _row_max(z)).sum(axis=1, keepdims=True)),
        ),
        Mistake(
            "sigmoid in place of softmax",
            "The sigmoid looks at each score alone: softmax shares out 1 over the row.",
            lambda z: activations.sigmoid(z * 1.0),
        ),
        Mistake(
            "logarithm of softmax",
            "These are the logarithms: the probabilities are asked for.",
            _quietly(lambda z: z - _row_max(z) - np.log(np.exp(z - _row_max(z)).sum(axis=1, keepdims=True))),
        ),
        Mistake(
            "largest score only",
            "The class with the largest score gets 1: softmax gives every class its share.",
            lambda z: (z == _row_max(z)) * 1.0,
        ),
        Mistake(
            "largest score only",
            "The class with the largest score gets 1: softmax gives every class its share.",
            lambda z: np.eye(z.shape[1])[z.argmax(axis=1)],
        ),
        Mistake(*ONE_ROW, lambda z: stable_softmax(z)[0]),
        Mistake(*ONE_ROW, lambda z: stable_softmax(z)[:1]),
        Mistake(*ONE_ROW, lambda z: stable_softmax(z)[-1]),
        Mistake(
            "something added to the sum",
            "The sum is at least 1 when the maximum has been subtracted: nothing need be added to it.",
            lambda z: np.exp(z - _row_max(z)) / (np.exp(z - _row_max(z)).sum(axis=1, keepdims=True) + 1e-8),
        ),
    ),
    tried="one to five rows of one to six classes, as many rows as classes, scores around 0, 1000 and −2000, from −4000"
    " to 1000 in one row and from row to row, equal scores, and an array of integers.",
)


# ---- the update -----------------------------------------------------------------------------------------------------


def update_rule(parameters: Arrays, gradients: Arrays, lr: float) -> Arrays:
    return {name: w - lr * gradients[name] for name, w in parameters.items()}


def parameter_shapes(k: int) -> dict[str, tuple[int, ...]]:
    """Return names and shapes of the parameters of the k-th small network."""
    return [
        {"W1": (1, 2), "b1": (1,)},
        {"W1": (2, 3), "b1": (2,)},
        {"W1": (3, 2), "b1": (3,), "W2": (2, 3), "b2": (2,)},
        {"K1": (2, 1, 2, 3), "b1": (2,), "W2": (3, 4), "b2": (3,)},
        {"W1": (4, 2), "b1": (4,), "W2": (3, 4), "b2": (3,), "W3": (2, 3), "b3": (2,)},
    ][k]


def _arrays(rng: np.random.Generator, shapes: Mapping[str, tuple[int, ...]], high: int) -> Arrays:
    """Return whole numbers that are neither 0 nor 1: no factor hides, and no two gradients are alike throughout."""
    signs = {name: rng.choice([-1.0, 1.0], shape) for name, shape in shapes.items()}
    return {name: sign * rng.integers(2, high, sign.shape) for name, sign in signs.items()}


RATES = (0.5, 0.1, 0.25, 0.01, 0.2)


def update_cases(rng: np.random.Generator) -> list[Case]:
    """Return parameters of one to three layers, with their gradients, and learning rates from 0.01 to 0.5."""
    networks = [(parameter_shapes(k), lr) for k, lr in enumerate(RATES)]
    return [Case(_arrays(rng, shapes, 10), _arrays(rng, shapes, 8), lr) for shapes, lr in networks]


def _each(new: Callable[[np.ndarray, np.ndarray, float], Any]) -> Callable[..., Arrays]:
    """Return the update in which every parameter becomes `new(parameter, gradient, lr)`."""
    return lambda parameters, gradients, lr: {name: new(w, gradients[name], lr) for name, w in parameters.items()}


def _for_some(chosen: Callable[[list[str]], list[str]], drop: bool = False) -> Callable[..., Arrays]:
    """Return the update of the parameters with the chosen names; the others stay, or are left out (`drop`)."""

    def answer(parameters: Arrays, gradients: Arrays, lr: float) -> Arrays:
        right, names = update_rule(parameters, gradients, lr), chosen(list(parameters))
        kept = names if drop else list(parameters)
        return {name: right[name] if name in names else parameters[name] for name in kept}

    return answer


def _weights(names: list[str]) -> list[str]:
    return [name for name in names if name[0] != "b"]


def _biases(names: list[str]) -> list[str]:
    return [name for name in names if name[0] == "b"]


BIASES = ("biases not updated", "Every name of the dictionary is updated, the biases too.")
ONCE_MORE = (
    "mean over the batch taken twice",
    "The gradients are those of the mean loss already: the learning rate is the only factor.",
)
UPHILL = ("uphill", "The gradient points to where the loss grows: subtract it.")

update_rule_check = FunctionExercise(
    "update_rule",
    "07",
    update_rule,
    update_cases,
    mistakes=(
        Mistake(*UPHILL, _each(lambda w, g, lr: w + lr * g)),
        Mistake("learning rate forgotten", "The gradient is multiplied by `lr`.", _each(lambda w, g, lr: w - g)),
        Mistake("uphill, and learning rate forgotten", "w − lr · gradient.", _each(lambda w, g, lr: w + g)),
        Mistake(
            "learning rate always 0.1", "The learning rate is the argument `lr`.", _each(lambda w, g, lr: w - 0.1 * g)
        ),
        Mistake(
            "learning rate always 0.01", "The learning rate is the argument `lr`.", _each(lambda w, g, lr: w - 0.01 * g)
        ),
        Mistake("learning rate twice", "One factor `lr`.", _each(lambda w, g, lr: w - lr * lr * g)),
        Mistake(
            "divided by the learning rate", "The gradient is multiplied by `lr`.", _each(lambda w, g, lr: w - g / lr)
        ),
        Mistake(*BIASES, _for_some(_weights)),
        Mistake(*BIASES, _for_some(_weights, drop=True)),
        Mistake("weights not updated", "Every name of the dictionary is updated, the weights too.", _for_some(_biases)),
        Mistake(
            "first parameter only",
            "Does a `return` stand inside the loop? All names are updated.",
            _for_some(lambda names: names[:1]),
        ),
        Mistake(
            "first parameter only",
            "Does a `return` stand inside the loop? All names are in the result.",
            _for_some(lambda names: names[:1], drop=True),
        ),
        Mistake(
            "last parameter only",
            "Is the dictionary made anew inside the loop? All names are in the result.",
            _for_some(lambda names: names[-1:], drop=True),
        ),
        Mistake("last parameter only", "All names are updated.", _for_some(lambda names: names[-1:])),
        Mistake(*ONCE_MORE, _each(lambda w, g, lr: w - lr * g / len(g))),
        Mistake(*ONCE_MORE, _each(lambda w, g, lr: w - lr * g / g.size)),
        Mistake(
            "gradient averaged",
            "Each number of a parameter has a derivative of its own.",
            _each(lambda w, g, lr: w - lr * g.mean()),
        ),
        Mistake(
            "the step alone",
            "These are the steps: the new parameters are the old ones minus `lr` times the gradient.",
            _each(lambda w, g, lr: -lr * g),
        ),
        Mistake(
            "the step alone",
            "These are the steps: the new parameters are the old ones minus `lr` times the gradient.",
            _each(lambda w, g, lr: lr * g),
        ),
        Mistake(
            "parameters and gradients swapped",
            "The gradient is subtracted from the parameter, times `lr`.",
            _each(lambda w, g, lr: g - lr * w),
        ),
        Mistake(
            "difference times the learning rate",
            "Only the gradient is multiplied by `lr`: no brackets around the difference.",
            _each(lambda w, g, lr: lr * (w - g)),
        ),
        Mistake(
            "multiplied instead of subtracted",
            "lr · gradient is subtracted from the parameter.",
            _each(lambda w, g, lr: w * (1 - lr * g)),
        ),
        Mistake(
            "sign of the gradient only",
            "The size of the gradient counts, not its sign alone.",
            _each(lambda w, g, lr: w - lr * np.sign(g)),
        ),
        Mistake(
            "length of the gradient divided out",
            "The gradient is used as it is.",
            _each(lambda w, g, lr: w - lr * g / np.linalg.norm(g)),
        ),
        Mistake("nothing updated", "The parameters come back as they were.", _each(lambda w, g, lr: w)),
        Mistake("gradients given back", "The new parameters are asked for.", _each(lambda w, g, lr: g)),
    ),
    tried="the parameters of one to three layers, fully connected and convolutional, and learning rates from 0.01 to "
    "0.5.",
)


# ---- momentum -------------------------------------------------------------------------------------------------------


def momentum_rule(
    parameters: Arrays, gradients: Arrays, velocities: Arrays, lr: float, momentum: float
) -> tuple[Arrays, Arrays]:
    new = {name: momentum * v + gradients[name] for name, v in velocities.items()}
    return update_rule(parameters, new, lr), new


def momentum_cases(rng: np.random.Generator) -> list[Case]:
    made = []
    for k, (lr, momentum) in enumerate(zip(RATES, (0.5, 0.9, 0.0, 0.8, 0.25))):
        shapes = parameter_shapes(k)
        made.append(Case(*(_arrays(rng, shapes, high) for high in (10, 8, 6)), lr, momentum))
    return made


def _moved(velocity: Callable[..., Any], step: Callable[..., Any]) -> Callable[..., tuple[Arrays, Arrays]]:
    """Return the rule with other formulas: velocity(v, g, lr, β), then step(w, new v, old v, g, lr)."""

    def answer(parameters: Arrays, gradients: Arrays, velocities: Arrays, lr: float, momentum: float) -> Any:
        new = {name: velocity(v, gradients[name], lr, momentum) for name, v in velocities.items()}
        moved = {name: step(w, new[name], velocities[name], gradients[name], lr) for name, w in parameters.items()}
        return moved, new

    return answer


def _right_velocity(v: np.ndarray, g: np.ndarray, lr: float, momentum: float) -> np.ndarray:
    return momentum * v + g


def _right_step(w: np.ndarray, new: np.ndarray, old: np.ndarray, g: np.ndarray, lr: float) -> np.ndarray:
    return w - lr * new


momentum_rule_check = FunctionExercise(
    "momentum_rule",
    "07",
    momentum_rule,
    momentum_cases,
    mistakes=(
        Mistake(
            "order of the results",
            "The parameters come first, then the velocities.",
            lambda **given: momentum_rule(**given)[::-1],
        ),
        Mistake(
            "old velocity used",
            "The step uses the new velocity.",
            _moved(_right_velocity, lambda w, new, old, g, lr: w - lr * old),
        ),
        Mistake(
            "velocity not used",
            "The parameters move by the velocity, not by the gradient alone.",
            _moved(_right_velocity, lambda w, new, old, g, lr: w - lr * g),
        ),
        Mistake(*UPHILL, _moved(_right_velocity, lambda w, new, old, g, lr: w + lr * new)),
        Mistake(
            "learning rate forgotten",
            "The velocity is multiplied by `lr`.",
            _moved(_right_velocity, lambda w, new, old, g, lr: w - new),
        ),
        Mistake(
            "momentum forgotten",
            "The old velocity is multiplied by `momentum` before the gradient is added.",
            _moved(lambda v, g, lr, m: v + g, _right_step),
        ),
        Mistake(
            "velocity forgotten",
            "The new velocity holds the old one, times `momentum`.",
            _moved(lambda v, g, lr, m: g, _right_step),
        ),
        Mistake(
            "momentum on the gradient too",
            "The gradient enters the velocity whole: v ← β v + ∂E/∂w.",
            _moved(lambda v, g, lr, m: m * v + (1 - m) * g, _right_step),
        ),
        Mistake(
            "momentum on the gradient too",
            "The gradient enters the velocity whole: v ← β v + ∂E/∂w.",
            _moved(lambda v, g, lr, m: m * (v + g), _right_step),
        ),
        Mistake(
            "gradient subtracted from the velocity",
            "v ← β v + ∂E/∂w; the minus comes with the step.",
            _moved(lambda v, g, lr, m: m * v - g, _right_step),
        ),
        Mistake(
            "another form of momentum",
            "Some texts put η into the velocity, v ← β v − η ∂E/∂w. Here it is v ← β v + ∂E/∂w, and the step is −η v.",
            _moved(lambda v, g, lr, m: m * v - lr * g, lambda w, new, old, g, lr: w + new),
        ),
        Mistake(
            "another form of momentum",
            "Some texts put η into the velocity, v ← β v + η ∂E/∂w. Here it is v ← β v + ∂E/∂w, and the step is −η v.",
            _moved(lambda v, g, lr, m: m * v + lr * g, lambda w, new, old, g, lr: w - new),
        ),
        Mistake(
            "learning rate twice",
            "The learning rate comes with the step alone.",
            _moved(lambda v, g, lr, m: m * v + lr * g, _right_step),
        ),
        Mistake(
            "old velocities given back",
            "The second result holds the new velocities.",
            lambda velocities, **given: (momentum_rule(velocities=velocities, **given)[0], velocities),
        ),
    ),
    tried="the parameters of one to three layers, learning rates from 0.01 to 0.5, momentum from 0 to 0.9.",
    optional=True,
    parts=("parameters", "velocities"),
)
