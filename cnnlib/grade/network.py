"""An exercise that asks for a trained network: made again from its settings and weights, then measured."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import layers as kinds
from ..checks.comparing import a_kind_of
from ..checks.result import Result, Text
from ..network import Sequential
from . import wire

PAIRS = ("kernel_size", "stride", "padding", "dilation", "size")  # settings that may be a (row, column) pair
MOST_LAYERS = 40
MOST_PARAMETERS = 2_000_000
MOST_ACTIVATIONS = 400_000  # of all layers together with their padding, for one image
MOST_PRODUCTS = 10_000_000  # for one image
WORTHLESS = "A network that is larger than any that the task asks for is not measured."


@dataclass(frozen=True)
class Finding:
    """What was found about one aspect of the task: which share of its points is earned, and a sentence."""

    aspect: str
    share: float
    says: str


class NotANetwork(ValueError):
    """The answer is no network that can be measured; the text says why."""


@dataclass(frozen=True, repr=False)
class NetworkExercise:
    """A network to design and train. Call it with the network: `checks.name(network)`.

    judge: measures a network with a random generator and gives a finding for each aspect of the task. It gets a
    `Sequential` of the package's own layers, made again from the settings and weights of the answer, so nothing that
    the answer brings along is run. input_shape: one image.
    """

    name: str
    chapter: str
    judge: Callable[[Sequential, np.random.Generator], list[Finding]]
    input_shape: tuple[int, ...] = (1, 28, 28)
    optional: bool = False

    def __call__(self, network: Any = None, seed: int | None = None) -> Result:
        """Check `network`; what is random in the measurement is new each time unless a `seed` is given."""
        if network is None or network is ...:
            return self._result("not yet", ["Make the network in the cell above, then run this cell again."])
        seed = secrets.randbelow(1_000_000) if seed is None else int(seed)
        arrays: list[np.ndarray] = []
        try:
            made = rebuilt(wire.plain(wire.network_tree(network, arrays), arrays), self.input_shape)
        except (NotANetwork, wire.Unreadable) as error:
            return self._result("wrong", [str(error)], mistake="form")
        findings = self.judge(made, np.random.default_rng(seed))
        right = all(finding.share >= 1 for finding in findings)
        return self._result("right" if right else "wrong", [finding.says for finding in findings])

    def __repr__(self) -> str:
        return f"checks.{self.name}(your_network)"

    def _result(self, status: str, lines: list[str], mistake: str = "") -> Result:
        return Result(self.name, status, tuple(Text(line) for line in lines), mistake=mistake)


def rebuilt(answer: Any, input_shape: tuple[int, ...]) -> Sequential:
    """Return the network that `wire.network_tree` described; raises NotANetwork, before anything large is made."""
    if not isinstance(answer, list) or not all(isinstance(part, tuple) and len(part) == 3 for part in answer):
        raise NotANetwork(f"This is {a_kind_of(answer)}, expected a `Sequential` of layers of `cnnlib`.")
    if not 1 <= len(answer) <= MOST_LAYERS:
        raise NotANetwork(f"The network has {len(answer)} layers, expected 1 to {MOST_LAYERS}.")
    if sum(_count(kind, settings) for kind, settings, _ in answer) > MOST_PARAMETERS:
        raise NotANetwork(f"The network has more than {MOST_PARAMETERS:,} parameters. {WORTHLESS}")
    try:
        network = Sequential(*(_layer(kind, settings) for kind, settings, _ in answer))
        rows = network.summary(input_shape)
    except (ValueError, TypeError) as error:
        raise NotANetwork(f"The layers do not fit together: {error}.") from None
    values = sum(math.prod(row.output_shape) for row in rows)
    inputs = [input_shape, *(row.output_shape for row in rows)]
    values += sum(_padded(shape, settings) for shape, (_, settings, _) in zip(inputs, answer))
    products = sum(row.multiply_adds for row in rows)
    products += sum(math.prod(row.output_shape) * _window(settings) for row, (_, settings, _) in zip(rows, answer))
    if values > MOST_ACTIVATIONS or products > MOST_PRODUCTS:
        raise NotANetwork(f"The network computes too much for one image. {WORTHLESS}")
    weights = {
        f"{place}.{name}": value for place, (_, _, part) in enumerate(answer) for name, value in _named(part).items()
    }
    own = network.parameters()
    if {name: value.shape for name, value in weights.items()} != {name: value.shape for name, value in own.items()}:
        raise NotANetwork("The weights do not belong to these layers.")
    with np.errstate(all="ignore"):
        network.load_parameters({name: value.astype(own[name].dtype) for name, value in weights.items()})
    return network


def _integers(value: Any) -> tuple[int, ...]:
    parts = value if isinstance(value, tuple) else (value,)
    if not all(type(part) is int and 0 <= part <= 100_000 for part in parts):
        raise NotANetwork("The settings of a layer are no whole numbers of a usual size.")
    return parts


def _settings(kind: Any, settings: Any) -> dict[str, Any]:
    if not isinstance(kind, str) or kind not in wire.LAYERS or not isinstance(settings, dict):
        raise NotANetwork("The network holds something that is no layer of `cnnlib`.")
    if set(settings) != set(wire.LAYERS[kind]):
        raise NotANetwork(f"The settings of a layer are not those of `{kind}`.")
    for name, value in settings.items():
        if name == "slope":
            if not isinstance(value, float):
                raise NotANetwork("The slope of a layer is no number.")
        elif len(_integers(value)) > 2 or (isinstance(value, tuple) and name not in PAIRS):
            raise NotANetwork("The settings of a layer have a form that no layer has.")
    return settings


def _count(kind: Any, settings: Any) -> int:
    """Return how many parameters a layer has, from its settings alone."""
    s = _settings(kind, settings)
    if kind == "Linear":
        return (s["in_features"] + 1) * s["out_features"]
    if kind == "Conv2d":
        F = _integers(s["kernel_size"])
        return (s["in_channels"] * (math.prod(F) if len(F) == 2 else F[0] ** 2) + 1) * s["out_channels"]
    return 0


def _window(settings: dict[str, Any]) -> int:
    """Return how many numbers a pooling layer looks at for one of its output, 0 for a layer that does not pool."""
    sides = _integers(settings.get("size", 0))
    return math.prod(sides) if len(sides) == 2 else sides[0] ** 2


def _padded(shape: tuple[int, ...], settings: dict[str, Any]) -> int:
    """Return how many numbers the padded input of a layer has, 0 for a layer that does not pad."""
    ends = _integers(settings.get("padding", 0))
    P = ends if len(ends) == 2 else ends * 2
    return shape[0] * (shape[1] + 2 * P[0]) * (shape[2] + 2 * P[1]) if any(P) else 0


def _layer(kind: str, settings: dict[str, Any]) -> Any:
    random = {"rng": 0} if kind in ("Linear", "Conv2d") else {}
    return getattr(kinds, kind)(**settings, **random)


def _named(parameters: Any) -> dict[str, np.ndarray]:
    if not isinstance(parameters, dict) or not all(
        isinstance(value, np.ndarray) and value.dtype.kind == "f" for value in parameters.values()
    ):
        raise NotANetwork("The weights are no arrays of floats.")
    return parameters
