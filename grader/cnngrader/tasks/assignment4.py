"""Assignment 4: a small network for the digits, designed and trained under a budget, and what its maps show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cnncourse.assignments.network import Goals, NetworkExercise
from cnncourse.checks.exercise import Case, FunctionExercise
from cnncourse.checks.patches import mistakes_of
from cnncourse.checks.prediction import Prediction, whole_number
from cnncourse.checks.windows import kernel_values
from cnnlib.layers import Conv2d, Flatten, Linear, ReLU
from cnnlib.losses import cross_entropy
from cnnlib.network import Sequential

from ..function_task import FunctionTask
from ..network_task import NetworkTask
from ..prediction_task import Own, PredictionTask
from ..task import Assignment, Criterion, WrittenTask
from ..wording import mark, say, translated
from .layer import TEXT_STUB, Array

# ---- two designs on paper -------------------------------------------------------------------------------------------

WORDS = (mark("four"), mark("five"), mark("six"), mark("seven"), mark("eight"), mark("nine"))


def _designs(N: int, F: int) -> Prediction:
    """Return the questions for N kernels of F×F, stride 2."""
    side = (28 - F) // 2 + 1
    flattened, pooled, first = N * side * side, N * (side // 4) ** 2, (F * F + 1) * N
    ceiling = -(-(28 - F) // 2) + 1
    known_b = [
        (side * side, "one map", "There is a map for each kernel."),
        (N * (29 - F) ** 2, "stride ignored", "The window moves by 2."),
        (N * ceiling**2, "rounded up", "A window that does not fit whole is left out."),
        (N * 14 * 14, "kernel ignored", "Without padding the windows lie inside: (28 − F) // 2 + 1 of them."),
    ]
    return Prediction(
        "two_designs",
        "",
        {
            "a": whole_number(
                first,
                (F * F * N, "biases forgotten", "Each kernel has a bias, one more parameter."),
                (F * F * N + side * side * N, "a bias for every cell", "All cells of a map share one bias."),
            ),
            "b": whole_number(flattened, *known_b),
            "c": whole_number(
                (flattened + 1) * 10,
                (flattened * 10, "biases forgotten", "Each unit has a bias."),
                ((flattened + 1) * 10 + first, "both layers", "The fully connected layer alone is asked for."),
            ),
            "d": whole_number(
                (pooled + 1) * 10 + first,
                (pooled * 10 + F * F * N, "biases forgotten", "Kernels and units have a bias each."),
                ((pooled + 1) * 10, "convolution left out", "The whole network is asked for."),
                (pooled * 10 + first, "biases forgotten", "Each unit has a bias, too."),
            ),
        },
    )


def own_designs(rng: np.random.Generator | None) -> Own:
    """Return the task for other kernels."""
    N, F = (6, 5) if rng is None else (int(rng.integers(4, 10)), int(rng.choice([3, 5, 7])))
    text = say("design: {count} kernels of {F}×{F}, stride 2", count=translated(WORDS[N - 4]), F=F)
    return Own(_designs(N, F), (text,))


designs = own_designs(None).exercise


# ---- the network ----------------------------------------------------------------------------------------------------

GOALS = Goals(
    budget=3000,
    plain_steps=(0.80, 0.90, 0.95),  # a point each
    moved_steps=(0.60, 0.70, 0.80, 0.86, 0.91),
    turn=15,
    shift=2,
    passes=5,
)
CRITERIA = (Criterion(Goals.PLAIN, 3), Criterion(Goals.MOVED, 5), Criterion(Goals.BUDGET, 2))

small_network = NetworkExercise("small_network", "", GOALS)


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
    scores = network.forward(x[None])
    _, delta = cross_entropy(scores, np.array([label]))
    d_x = network.backward(delta)
    assert d_x is not None  # it is asked for unless `input_gradient` says otherwise
    sensitivity: Array = d_x[0]
    return sensitivity


def sensitivity_cases(rng: np.random.Generator) -> list[Case]:
    """Return small networks and images, with the label that the network gives and with others."""
    made: list[Case] = []
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


SENSITIVITY = """
label of the network: E is the loss for the label that is given, also where the network would give another.
    np.array([label]) => scores.argmax(axis=1)
score in place of the loss: This is the derivative of the score: begin with δ = p − t, the second result of
    `cross_entropy`.
    backward(delta) => backward(1.0 * (np.arange(scores.size) == label)[None])
y forgotten: δ of the scores is p − t: the second result of `cross_entropy`.
    backward(delta) => backward(delta + (np.arange(scores.size) == label))
scores in place of δ: What goes back is δ = p − t, not the scores. | backward(delta) => backward(scores)
signs lost: The signs belong to the map: more ink there may raise the loss or lower it.
    return sensitivity => return np.abs(sensitivity)
scaled: The map is divided by its largest size: leave it as it is, a sure digit has a map of tiny numbers.
    return sensitivity => return sensitivity / np.abs(sensitivity).max()
times the image: The derivative is asked for, not its product with x: pixels without ink have one, too.
    return sensitivity => return sensitivity * x
"""

sensitivity_check = FunctionExercise(
    "input_sensitivity",
    "",
    input_sensitivity,
    sensitivity_cases,
    mistakes_of(input_sensitivity, SENSITIVITY),
    cases_description="eight small networks and images, with the label that the network gives and with another.",
    relative=1e-6,
)


# ---- the assignment -------------------------------------------------------------------------------------------------


def _reads_correctly(arguments: Mapping[str, Any]) -> bool:
    best = int(given_network(dict(arguments["parameters"])).predict(arguments["x"][None])[0])
    return best == int(arguments["label"])


def _kind(arguments: Mapping[str, Any]) -> str:
    correctly, otherwise = mark("the network reads it correctly"), mark("the network reads another digit")
    return translated(correctly if _reads_correctly(arguments) else otherwise)


QUESTION = """
## Task 4 (4 points): What does the map show?

Now look at your own network. The cell below draws a test digit and its ∂E/∂x, red where more ink would raise the
loss, blue where it would lower it. Change `number` and look at several digits. Then take `-1` for it: that is the
digit of which your network is least sure.

Take one digit that your network reads surely and the one of which it is least sure, and explain the two maps in
eight to twelve sentences. Give their numbers. What does one number of the map say? Where are the large ones, on the
strokes or beside them, and why there? Why do the two maps differ so much in size? What would you *not* conclude
from such a map?

Double-click the last cell and write in the place of its words.
"""

ASSIGNMENT = Assignment(
    name="4",
    title="A small network of your own",
    version="1",
    tasks=(
        PredictionTask(
            "two_designs",
            "Two designs on paper",
            2,
            designs,
            answer="my_designs",
            own=own_designs,
            stub='my_designs = {"a": ..., "b": ..., "c": ..., "d": ...}',
        ),
        NetworkTask(
            "small_network",
            "3,000 parameters",
            10,
            small_network,
            answer="my_network",
            stub="my_network = ...",
            criteria=CRITERIA,
            seconds=180,
            megabytes=2048,
            needs="cnnlib",
        ),
        FunctionTask(
            "input_sensitivity",
            "Which pixels matter?",
            4,
            sensitivity_check,
            answer="sensitivity_of_given",
            stub="""def my_sensitivity(network, x, label):
    \"\"\"Return dE/dx, (1, H, W), for one image x: (1, H, W) and its label.\"\"\"
    d_x = ...
    return d_x""",
            criteria=(
                Criterion("the label that the network gives", 2, _reads_correctly),
                Criterion("another label", 2),
            ),
            kind_of_case=_kind,
            seconds=180,
            megabytes=2048,
            needs="cnnlib",
        ),
        WrittenTask("map_in_words", "What does the map show?", 4, stub=TEXT_STUB, question=QUESTION),
    ),
)
