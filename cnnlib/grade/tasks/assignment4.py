"""Assignment 4: a small network for the digits, designed and trained under a budget, and what its maps show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...augmentation import random_distortion
from ...checks.comparing import Mistake
from ...checks.exercise import Case, FunctionExercise
from ...checks.prediction import Prediction, whole_number
from ...checks.windows import kernel_values
from ...datasets import load_digits
from ...layers import Conv2d, Flatten, Linear, ReLU
from ...losses import cross_entropy
from ...network import Sequential
from ..network import Finding, NetworkExercise
from ..task import Aspect, Assignment, Task
from .layer import TEXT_STUB, Array

# ---- two designs on paper -------------------------------------------------------------------------------------------

FLATTENED = 6 * 12 * 12
POOLED = 6 * 3 * 3

designs = Prediction(
    "two_designs",
    "",
    {
        "a": whole_number(
            (5 * 5 + 1) * 6,
            (5 * 5 * 6, "biases forgotten", "Each kernel has a bias, one more parameter."),
            (5 * 5 * 6 + 12 * 12 * 6, "a bias for every cell", "All cells of a map share one bias."),
        ),
        "b": whole_number(
            FLATTENED,
            (12 * 12, "one map", "There are six maps."),
            (6 * 24 * 24, "stride ignored", "The window moves by 2."),
            (6 * 13 * 13, "rounded up", "A window that does not fit whole is left out."),
            (6 * 14 * 14, "kernel ignored", "Without padding the windows lie inside: (28 − 5) // 2 + 1 of them."),
        ),
        "c": whole_number(
            (FLATTENED + 1) * 10,
            (FLATTENED * 10, "biases forgotten", "Each unit has a bias."),
            ((FLATTENED + 1) * 10 + 156, "both layers", "The fully connected layer alone is asked for."),
        ),
        "d": whole_number(
            (POOLED + 1) * 10 + 156,
            (POOLED * 10 + 150, "biases forgotten", "Kernels and units have a bias each."),
            ((POOLED + 1) * 10, "convolution left out", "The whole network is asked for."),
            (POOLED * 10 + 156, "biases forgotten", "Each unit has a bias, too."),
        ),
    },
)


# ---- the network ----------------------------------------------------------------------------------------------------

BUDGET = 3000
TWICE = 2 * BUDGET
PLAIN_STEPS = (0.80, 0.90, 0.95)  # a point each
MOVED_STEPS = (0.60, 0.70, 0.80, 0.86, 0.91)
TURN, SHIFT, PASSES = 15, 2, 5
ASPECTS = (
    Aspect("digits as they are", 3),
    Aspect("digits shifted and turned", 5),
    Aspect("budget", 2),
)


def judge(network: Sequential, rng: np.random.Generator) -> list[Finding]:
    """Measure a network: test digits as they are, the same shifted and turned at random, and its parameters."""
    count = sum(value.size for value in network.parameters().values())
    shape = network.output_shape((1, 28, 28))
    if shape != (10,):
        says = f"The network gives {shape} for an image, expected ten scores: (10,)."
        return [Finding(aspect.name, 0.0, says) for aspect in ASPECTS]
    _, (x, labels) = load_digits()
    move = random_distortion(rotation=TURN, scale=0, shear=0, shift=SHIFT)
    with np.errstate(all="ignore"):
        plain = _right(network, x, labels)
        moved = float(np.mean([_right(network, move(x, rng), labels) for _ in range(PASSES)]))
    counts = 1.0 if count <= BUDGET else 0.5 if count <= TWICE else 0.0
    less = {
        1.0: "",
        0.5: " It counts half: the budget is exceeded.",
        0.0: " It counts nothing: twice the budget is exceeded.",
    }
    within = f"{count:,} parameters; the budget is {BUDGET:,}."
    if count <= BUDGET and plain < 0.5:
        within += " It earns points only if half of the digits are read rightly."
    return [
        Finding(
            ASPECTS[0].name,
            counts * _share(plain, PLAIN_STEPS),
            _reads(plain, "test digits", PLAIN_STEPS) + less[counts],
        ),
        Finding(
            ASPECTS[1].name,
            counts * _share(moved, MOVED_STEPS),
            _reads(moved, "test digits shifted and turned", MOVED_STEPS) + less[counts],
        ),
        Finding(ASPECTS[2].name, float(count <= BUDGET and plain >= 0.5), within),
    ]


def _right(network: Sequential, x: Array, labels: Array) -> float:
    return float(np.mean(network.predict(x) == labels))


def _share(accuracy: float, steps: tuple[float, ...]) -> float:
    return sum(accuracy >= step for step in steps) / len(steps)


def _reads(accuracy: float, what: str, steps: tuple[float, ...]) -> str:
    says = f"{accuracy:.1%} of the {what} are read rightly"
    higher = [step for step in steps if accuracy < step]
    return f"{says}; the next step is {higher[0]:.0%}." if higher else f"{says}: all steps are taken."


small_network = NetworkExercise("small_network", "", judge)


# ---- the sensitivity of the input -----------------------------------------------------------------------------------


def given_network(parameters: dict[str, Array]) -> Sequential:
    """Return the small network of the assignment: convolution with stride 2, ReLU, fully connected."""
    (N, D, F, _), (units, inputs) = parameters["0.weight"].shape, parameters["3.weight"].shape
    network = Sequential(
        Conv2d(D, N, F, stride=2, rng=0, dtype=float), ReLU(), Flatten(), Linear(inputs, units, rng=0, dtype=float)
    )
    network.load_parameters(parameters)
    return network


def input_sensitivity(parameters: dict[str, Array], x: Array, label: int) -> Array:
    network = given_network(parameters)
    _, delta = cross_entropy(network.forward(x[None]), np.array([label]))
    return network.backward(delta)[0]


def sensitivity_cases(rng: np.random.Generator) -> list[Case]:
    """Return small networks and images, with the label that the network gives and with others."""
    made = []
    while len(made) < 8:
        k = len(made)
        F, N, counts = 2 + k % 2, 1 + k % 3, (2 + k % 2, 3 - k % 2)
        size = [F + 2 * (n - 1) + k % 2 for n in counts]
        inputs, units = N * counts[0] * counts[1], 3 + k % 3
        parameters = {
            "0.weight": kernel_values(rng, (N, 1, F, F)) / 4,
            "0.bias": np.round(rng.normal(0, 0.5, N), 2),
            "3.weight": np.round(rng.normal(0, 0.5, (units, inputs)), 2),
            "3.bias": np.round(rng.normal(0, 0.5, units), 2),
        }
        x = np.round(rng.random((1, *size)), 2)
        best = int(given_network(parameters).predict(x[None])[0])
        label = best if k % 3 == 0 else (best + 1 + k % 2) % units
        if np.abs(input_sensitivity(parameters, x, label)).max() > 0.01:  # some units of the ReLU are active
            made.append(Case(parameters, x, label))
    return made


def _back(change: Callable[[Array, Array, int], Array]) -> Callable[..., Any]:
    """Return what comes back to x from change(scores, δ, label)."""

    def answer(parameters: dict[str, Array], x: Array, label: int) -> Array:
        network = given_network(parameters)
        scores = network.forward(x[None])
        _, delta = cross_entropy(scores, np.array([label]))
        return network.backward(change(scores, delta, label))[0]

    return answer


def _one_hot(scores: Array, delta: Array, label: int) -> Array:
    one_hot = np.zeros_like(scores)
    one_hot[:, label] = 1
    return one_hot


def _of_best(scores: Array, delta: Array, label: int) -> Array:
    return cross_entropy(scores, scores.argmax(axis=1))[1]


sensitivity_mistakes = (
    Mistake(
        "label of the network",
        "E is the loss for the label that is given, also where the network would give another.",
        _back(_of_best),
    ),
    Mistake(
        "score in place of the loss",
        "This is the derivative of the score: begin with δ = p − y, the second result of `cross_entropy`.",
        _back(_one_hot),
    ),
    Mistake(
        "y forgotten",
        "δ of the scores is p − y: the second result of `cross_entropy`.",
        _back(lambda scores, delta, label: delta + _one_hot(scores, delta, label)),
    ),
    Mistake(
        "scores in place of δ",
        "What goes back is δ = p − y, not the scores.",
        _back(lambda scores, delta, label: scores),
    ),
    Mistake(
        "signs lost",
        "The signs belong to the map: more ink there may raise the loss or lower it.",
        lambda **given: np.abs(input_sensitivity(**given)),
    ),
    Mistake(
        "scaled",
        "The map is divided by its largest size: leave it as it is, a sure digit has a map of tiny numbers.",
        lambda **given: input_sensitivity(**given) / np.abs(input_sensitivity(**given)).max(),
    ),
    Mistake(
        "times the image",
        "The derivative is asked for, not its product with x: pixels without ink have one, too.",
        lambda **given: input_sensitivity(**given) * given["x"],
    ),
)

sensitivity_check = FunctionExercise(
    "input_sensitivity",
    "",
    input_sensitivity,
    sensitivity_cases,
    sensitivity_mistakes,
    tried="eight small networks and images, with the label that the network gives and with another.",
    relative=1e-6,
)


# ---- the assignment -------------------------------------------------------------------------------------------------


def _kind(arguments: Any) -> str:
    best = int(given_network(dict(arguments["parameters"])).predict(arguments["x"][None])[0])
    return "the network reads it rightly" if best == arguments["label"] else "the network reads another digit"


ASSIGNMENT = Assignment(
    name="4",
    title="A small network of your own",
    version="1",
    tasks=(
        Task(
            "two_designs",
            "Two designs on paper",
            2,
            "prediction",
            designs,
            answer="my_designs",
            stub='my_designs = {"a": ..., "b": ..., "c": ..., "d": ...}',
        ),
        Task(
            "small_network",
            "3,000 parameters",
            10,
            "network",
            small_network,
            answer="my_network",
            stub="my_network = ...",
            aspects=ASPECTS,
            seconds=180,
            megabytes=2048,
            needs="cnnlib",
        ),
        Task(
            "input_sensitivity",
            "Which pixels matter?",
            4,
            "function",
            sensitivity_check,
            answer="sensitivity_of_given",
            stub="""def my_sensitivity(network, x, label):
    \"\"\"Return dE/dx, (1, H, W), for one image x: (1, H, W) and its label.\"\"\"
    d_x = ...
    return d_x""",
            kind_of_case=_kind,
            seconds=180,
            megabytes=2048,
            needs="cnnlib",
        ),
        Task("map_in_words", "What does the map show?", 4, "written", stub=TEXT_STUB),
    ),
)
