"""An exercise that asks for a trained network: made again from its settings and weights, then measured.

There is no key to it: the text of the assignment says what is measured and how it counts.
"""

from __future__ import annotations

import dataclasses
import math
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import cnnlib
from cnncourse.checks.comparing import a_kind_of
from cnncourse.checks.result import Result, Text
from cnncourse.language import joined, mark, say, translated
from cnnlib.arguments import Shape
from cnnlib.augmentation import random_distortion
from cnnlib.datasets import load_digits
from cnnlib.layers import Layer
from cnnlib.network import Sequential, every_layer

# The settings that make a layer again, without its arrays. `layers`, of one that holds others, is how many.
LAYERS = {
    "Conv2d": ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation"),
    "Linear": ("in_features", "out_features"),
    "MaxPool2d": ("size", "stride", "padding"),
    "AvgPool2d": ("size", "stride", "padding"),
    "BatchNorm2d": ("channels", "eps", "momentum"),
    "Dropout": ("p",),
    "LeakyReLU": ("slope",),
    **dict.fromkeys(("GlobalAvgPool2d", "Flatten", "Identity", "ReLU", "Sigmoid", "Tanh"), ()),
    **dict.fromkeys(("Sequential", "Residual"), ("layers",)),
}
NUMBERS = ("eps", "momentum", "p", "slope")  # settings that are no whole numbers
PAIRS = ("kernel_size", "stride", "padding", "dilation", "size")  # settings that may be a (row, column) pair
MOST_LAYERS = 40
MOST_PARAMETERS = 2_000_000
MOST_ACTIVATIONS = 400_000  # of all layers together with their padding, for one image
MOST_PRODUCTS = 10_000_000  # for one image
SEEN = mark(
    "The network has seen these digits. Grading reads the test digits, which come out a little lower: for one last "
    "look at them, `checks.{name}(your_network, last_look=True)`."
)
DIGITS = (  # as they are, and moved: those that students train with, and the test digits
    (mark("training digits"), mark("training digits shifted and turned")),
    (mark("test digits"), mark("test digits shifted and turned")),
)
WORTHLESS = mark("A network that is larger than any that the task asks for is not measured.")
NO_SEQUENTIAL = mark("This is {kind}, expected a `Sequential` of layers of `cnnlib`.")


@dataclass(frozen=True)
class Finding:
    """What was found about one criterion of the task: which share of its points is earned, and a sentence."""

    criterion: str
    share: float
    message: str


class NotANetwork(ValueError):
    """The answer is no network that can be measured; the text says why."""


@dataclass(frozen=True, repr=False)
class NetworkExercise:
    """A network to design and train. Call it with the network: `checks.name(network)`.

    The check reads the training digits; `last_look=True` has it read the test digits, as grading does.

    judge: measures a network with a random generator and gives a finding for each criterion of the task. It gets a
    `Sequential` of the package's own layers, made again from the settings and weights of the answer, so nothing that
    the answer brings along is run. input_shape: one image.
    """

    name: str
    chapter: str
    judge: Callable[[Sequential, np.random.Generator], list[Finding]]
    input_shape: tuple[int, ...] = (1, 28, 28)
    optional: bool = False

    def __call__(self, network: Any = None, seed: int | None = None, last_look: bool = False) -> Result:
        """Check `network`; what is random in the measurement is new each time unless a `seed` is given."""
        if network is None or network is ...:
            return self._result("not yet", [say("Make the network in the cell above, then run this cell again.")])
        seed = secrets.randbelow(1_000_000) if seed is None else int(seed)
        try:
            made = rebuilt(described(network), self.input_shape)
        except NotANetwork as error:
            return self._result("wrong", [str(error)], mistake="form")
        judge = self.judge
        if isinstance(judge, Goals) and not last_look:
            judge = dataclasses.replace(judge, test=False)
        findings = judge(made, np.random.default_rng(seed))
        right = all(finding.share >= 1 for finding in findings)
        lines = [finding.message for finding in findings]
        if judge is not self.judge:
            lines.append(say(SEEN, name=self.name))
        return self._result("right" if right else "wrong", list(dict.fromkeys(lines)))

    def __repr__(self) -> str:
        return f"checks.{self.name}(your_network)"

    def _result(self, status: str, lines: list[str], mistake: str = "") -> Result:
        return Result(self.name, status, tuple(Text(line) for line in lines), mistake=mistake)


# ---- what is measured -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Goals:
    """The digits of the course, read by a network within a budget: as they are, and shifted and turned at random.

    budget: of parameters; beyond it a network counts half, beyond twice as many nothing. plain_steps, moved_steps: the
    shares of digits that take the next step. turn, shift: the most degrees and pixels that a digit is moved by. passes:
    how often all digits are moved. test: whether the test digits are read, else those that students train with.
    """

    budget: int
    plain_steps: tuple[float, ...]
    moved_steps: tuple[float, ...]
    turn: float
    shift: float
    passes: int
    test: bool = True

    PLAIN, MOVED, BUDGET = "digits as they are", "digits shifted and turned", "budget"

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Goals:
        """Return the goals that `to_json` was called of."""
        return cls(
            budget=int(stored["budget"]),
            plain_steps=tuple(map(float, stored["plain_steps"])),
            moved_steps=tuple(map(float, stored["moved_steps"])),
            turn=float(stored["turn"]),
            shift=float(stored["shift"]),
            passes=int(stored["passes"]),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the goals in a form that JSON holds."""
        return {name: value for name, value in asdict(self).items() if name != "test"}

    def __call__(self, network: Sequential, rng: np.random.Generator) -> list[Finding]:
        """Measure a network: digits as they are, the same shifted and turned at random, and its parameters."""
        count = sum(value.size for value in network.parameters().values())
        shape = network.output_shape((1, 28, 28))
        if shape != (10,):
            message = say("The network gives {shape} for an image, expected ten scores: `(10,)`.", shape=shape)
            return [Finding(criterion, 0.0, message) for criterion in (self.PLAIN, self.MOVED, self.BUDGET)]
        x, labels = load_digits()[self.test]
        digits, turned = DIGITS[self.test]
        move = random_distortion(rotation=self.turn, scale=0, shear=0, shift=self.shift)
        with np.errstate(all="ignore"):
            plain = _right(network, x, labels)
            moved = float(np.mean([_right(network, move(x, rng), labels) for _ in range(self.passes)]))
        counts = 1.0 if count <= self.budget else 0.5 if count <= 2 * self.budget else 0.0
        less = {
            1.0: [],
            0.5: [say("It counts half: the budget is exceeded.")],
            0.0: [say("It counts nothing: twice the budget is exceeded.")],
        }
        within = [say("{count:,} parameters; the budget is {budget:,}.", count=count, budget=self.budget)]
        if count <= self.budget and plain < 0.5:
            within.append(say("It earns points only if half of the digits are read correctly."))
        return [
            Finding(
                self.PLAIN,
                counts * _share(plain, self.plain_steps),
                joined([_reads(plain, digits, self.plain_steps), *less[counts]]),
            ),
            Finding(
                self.MOVED,
                counts * _share(moved, self.moved_steps),
                joined([_reads(moved, turned, self.moved_steps), *less[counts]]),
            ),
            Finding(self.BUDGET, float(count <= self.budget and plain >= 0.5), joined(within)),
        ]


def _right(network: Sequential, x: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(network.predict(x) == labels))


def _share(accuracy: float, steps: tuple[float, ...]) -> float:
    return sum(accuracy >= step for step in steps) / len(steps)


def _reads(accuracy: float, what: str, steps: tuple[float, ...]) -> str:
    higher = [step for step in steps if accuracy < step]
    template = mark("{share:.1%} of the {digits} are read correctly: all steps are taken.")
    if higher:
        template = mark("{share:.1%} of the {digits} are read correctly; the next step is {step:.0%}.")
    return say(template, share=accuracy, digits=translated(what), step=higher[0] if higher else None)


# ---- a network made again -------------------------------------------------------------------------------------------


def described(network: Any) -> list[tuple[str, dict[str, Any], dict[str, np.ndarray]]]:
    """Return the layers of a network in order, each with settings and arrays; raises NotANetwork for anything else.

    What is inside a `Residual` or a `Sequential` follows it. The arrays are parameters and buffers.
    """
    layers = getattr(network, "layers", None)
    if not isinstance(layers, list) or type(network).__name__ == "Residual":
        raise NotANetwork(say(NO_SEQUENTIAL, kind=a_kind_of(network)))
    made: list[tuple[str, dict[str, Any], dict[str, np.ndarray]]] = []
    left = layers[::-1]
    while left:
        layer = left.pop()
        kind = type(layer).__name__
        if kind not in LAYERS:
            raise NotANetwork(say(NO_SEQUENTIAL, kind=say("a network with a layer {kind}", kind=kind)))
        if len(made) == MOST_LAYERS:
            raise NotANetwork(say("The network has more than {most} layers.", most=MOST_LAYERS))
        settings, arrays = {name: getattr(layer, name) for name in LAYERS[kind]}, {}
        if "layers" in settings:
            left += layer.layers[::-1]
            settings = {"layers": len(layer.layers)}
        else:
            arrays = {name: np.asarray(array) for name, array in {**layer.parameters(), **layer.buffers()}.items()}
        made.append((kind, settings, arrays))
    return made


def rebuilt(answer: Any, input_shape: tuple[int, ...]) -> Sequential:
    """Return the network that was `described`, here or in a sandbox, out of training.

    Raises NotANetwork for what is none, and before it makes a large one.
    """
    if not isinstance(answer, list) or not all(isinstance(part, tuple) and len(part) == 3 for part in answer):
        raise NotANetwork(say(NO_SEQUENTIAL, kind=a_kind_of(answer)))
    if not 1 <= len(answer) <= MOST_LAYERS:
        template = mark("The network has {count} layers, expected 1 to {most}.")
        raise NotANetwork(say(template, count=len(answer), most=MOST_LAYERS))
    if sum(_count(kind, settings) for kind, settings, _ in answer) > MOST_PARAMETERS:
        many = say("The network has more than {most:,} parameters.", most=MOST_PARAMETERS)
        raise NotANetwork(joined([many, translated(WORTHLESS)]))
    parts = iter(answer)
    try:
        network = Sequential(*(_layer(part, parts) for part in parts))
        values, products, _ = _work(network, input_shape)
    except (ValueError, TypeError) as error:
        raise _no_fit(error) from None
    if values > MOST_ACTIVATIONS or products > MOST_PRODUCTS:
        raise NotANetwork(joined([say("The network computes too much for one image."), translated(WORTHLESS)]))
    network.training = False
    _, *layers = every_layer(network)
    with np.errstate(all="ignore"):
        for layer, (_, settings, arrays) in zip(layers, answer, strict=True):
            _load({} if "layers" in settings else {**layer.parameters(), **layer.buffers()}, arrays)
        try:
            network.forward(np.zeros((1, *input_shape), np.float32))
        except ValueError as error:
            raise _no_fit(error) from None
    return network


def _no_fit(error: Exception) -> NotANetwork:
    return (
        error
        if isinstance(error, NotANetwork)
        else NotANetwork(say("The layers do not fit together: {error}.", error=error))
    )


def _integers(value: Any) -> tuple[int, ...]:
    parts = value if isinstance(value, tuple) else (value,)
    if not all(type(part) is int and 0 <= part <= 100_000 for part in parts):
        raise NotANetwork(say("The settings of a layer are no whole numbers of a usual size."))
    return parts


def _settings(kind: Any, settings: Any) -> dict[str, Any]:
    if not isinstance(kind, str) or kind not in LAYERS or not isinstance(settings, dict):
        raise NotANetwork(say("The network holds something that is no layer of `cnnlib`."))
    if set(settings) != set(LAYERS[kind]):
        raise NotANetwork(say("The settings of a layer are not those of `{kind}`.", kind=kind))
    for name, value in settings.items():
        if name in NUMBERS:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise NotANetwork(say("The setting `{name}` of a layer is no number.", name=name))
        elif len(_integers(value)) > 2 or (isinstance(value, tuple) and name not in PAIRS):
            raise NotANetwork(say("The settings of a layer have a form that no layer has."))
    return settings


def _count(kind: Any, settings: Any) -> int:
    """Return how many parameters a layer has, from its settings alone."""
    s = _settings(kind, settings)
    if kind == "Linear":
        return (s["in_features"] + 1) * s["out_features"]
    if kind == "Conv2d":
        F = _integers(s["kernel_size"])
        return (s["in_channels"] * (math.prod(F) if len(F) == 2 else F[0] ** 2) + 1) * s["out_channels"]
    return 2 * s.get("channels", 0)


def _layer(part: tuple[str, dict[str, Any], Any], parts: Iterator[Any]) -> Layer:
    """Return the layer of a part, and for one that holds others with those of the parts after it."""
    kind, settings, _ = part
    if "layers" in settings:
        inner = [_layer(next(parts, None) or _breaks_off(), parts) for _ in range(settings["layers"])]
        return getattr(cnnlib, kind)(*inner)
    random = {"rng": 0} if kind in ("Linear", "Conv2d") else {}
    return getattr(cnnlib, kind)(**settings, **random)


def _breaks_off() -> Any:
    raise NotANetwork(say("The network has fewer layers than it says."))


def _work(layer: Layer, shape: Shape) -> tuple[int, int, Shape]:
    """Return for one image how many numbers a layer keeps, its padded input included, its products, and its shape."""
    after = layer.output_shape(shape)
    if hasattr(layer, "layers"):
        values, products = math.prod(after), 0
        for inner in layer.layers:
            more, work, shape = _work(inner, shape)
            values, products = values + more, products + work
        return values, products, after
    P = getattr(layer, "padding", (0, 0))
    padded = shape[0] * (shape[1] + 2 * P[0]) * (shape[2] + 2 * P[1]) if any(P) else 0
    pooled = math.prod(getattr(layer, "size", (0,)))  # numbers that a pooling layer looks at for one of its output
    return math.prod(after) + padded, layer.multiply_adds(shape) + math.prod(after) * pooled, after


def _load(own: dict[str, np.ndarray], arrays: Any) -> None:
    """Copy the arrays of an answer into a layer's own."""
    if not isinstance(arrays, dict) or not all(
        isinstance(array, np.ndarray) and array.dtype.kind == "f" for array in arrays.values()
    ):
        raise NotANetwork(say("The weights are no arrays of floats."))
    if {name: array.shape for name, array in arrays.items()} != {name: array.shape for name, array in own.items()}:
        raise NotANetwork(say("The weights do not belong to these layers."))
    for name, array in own.items():
        array[...] = arrays[name]
