"""Layer viewer: what every layer of LeNet-5 makes of a digit, and the sensitivity δ of the loss to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist

from .. import activations, losses
from ..lenet import lenet5
from ..network import Sequential
from ..plots import picture
from ..plots.picture import CSS_PIXELS, colours
from . import digits
from .figure import Drawing, Explorer, FigureExplorer, Scene, raised, word
from .scene import Choice


class Place(NamedTuple):
    """Where a layer stands in `lenet5()`: the layer itself, and what comes after RELU and pooling (or None)."""

    label: str
    layer: int
    pooled: int | None


PLACES = {
    "conv1": Place("CONV 1, 6 maps", 0, 2),
    "conv2": Place("CONV 2, 16 maps", 3, 5),
    "fc1": Place("FC 1, 120 units", 7, None),
    "fc2": Place("FC 2, 84 units", 9, None),
    "output": Place("output, 10 scores", 11, None),
}
SETTINGS = (
    digits.DIGIT,
    digits.EXAMPLE,
    Choice("layer", "Layer", tuple((name, place.label) for name, place in PLACES.items()), "conv1"),
)


def scene_of(network: Callable[[], Sequential]) -> Callable[..., Scene]:
    """Return the function from settings to scenes for a network made by `lenet5`; its weights are read every time."""
    exact = lenet5(rng=0, dtype=np.float64)  # so that a δ of 10^-9 is more than rounding

    def scene(digit: int, example: int, layer: str) -> Scene:
        exact.load_parameters({name: w.astype(float) for name, w in network().parameters().items()})
        return _scene(exact, digit, example, layer)

    return scene


def _scene(network: Sequential, digit: int, example: int, layer: str) -> Scene:
    """Return the maps of a layer for one digit, and δ from the cross-entropy E of this image."""
    x = digits.bundled_digit(digit, example).astype(float)
    outputs, a = [], x
    for one in network:
        a = one.forward(a)
        outputs.append(a)
    loss, gradient = losses.cross_entropy(a, np.array([digit]))
    deltas: list[np.ndarray] = []  # dE by the output of every layer, the last first
    for one in reversed(network.layers):
        deltas.append(gradient)
        gradient = one.backward(gradient)
    deltas.reverse()
    place = PLACES[layer]
    net = outputs[place.layer][0]
    probabilities = activations.softmax(outputs[-1])[0]
    numbers = {
        "layer": layer,
        "image": x[0, 0],
        "input_sensitivity": gradient[0, 0],
        "probabilities": probabilities,
        "predicted": int(probabilities.argmax()),
        "truth": digit,
        "loss": float(loss),
        "kernels": network[place.layer].weight.copy() if layer.startswith("conv") else None,
        "net": net,
        # The network pools before RELU, which gives the same; the course does it in this order.
        "a": probabilities if layer == "output" else activations.relu(net),
        "pooled": None if place.pooled is None else outputs[place.pooled][0],
        "delta": deltas[place.layer][0],
    }
    lines = (f"E = −ln p of the true class = {_number(loss)}", _spans(numbers))
    sentence = f"{digits.reading(probabilities, digit)} {_seen(numbers)}"
    told = f"Probabilities of 0 to 9: {', '.join(digits.share(p) for p in probabilities)}."
    return Scene(numbers, lines, sentence, told=told)


def _stages(numbers: dict[str, Any]) -> list[tuple[str, np.ndarray]]:
    """Return the rows of the picture: name and array."""
    if numbers["layer"] == "output":
        return [("scores", numbers["net"]), ("p = softmax", numbers["a"]), ("δ = p − y", numbers["delta"])]
    rows = [("kernels w", numbers["kernels"]), ("net", numbers["net"]), ("a = ReLU(net)", numbers["a"])]
    rows += [("pool(a)", numbers["pooled"]), ("δ = ∂E/∂net", numbers["delta"])]
    return [(name, array) for name, array in rows if array is not None]


def _spans(numbers: dict[str, Any]) -> str:
    stages = [*_stages(numbers), ("∂E/∂x at the input", numbers["input_sensitivity"])]
    return "; ".join(f"{name} {_span(array, 'from {} to {}')}" for name, array in stages)


def _span(array: np.ndarray, form: str) -> str:
    return form.format(_number(array.min()), _number(array.max()))


def _scale(array: np.ndarray) -> str:
    """Return what the darkest colour stands for."""
    return f"±{_number(np.abs(array).max())}" if (array < 0).any() else f"0 … {_number(array.max())}"


def _number(value: float) -> str:
    """Return a number with two digits that count.

    >>> _number(-0.123), _number(1.2e-9), _number(0), _number(123.4), _number(0.9967)
    ('−0.12', '1.2·10⁻⁹', '0', '123', '0.997')
    """
    size = abs(float(value))
    if 0.995 <= size < 1:  # a probability that is not quite 1
        decimals = next(d for d in range(3, 18) if round(size, d) < 1 or d == 17)
        return f"{value:.{decimals}f}".replace("-", "−")
    if size and size < 1e-3:
        mantissa, exponent = f"{value:.1e}".split("e")
        shown = f"{mantissa}·10{raised(int(exponent))}"
    else:
        shown = f"{value:.0f}" if size >= 10 else f"{float(f'{value:.2g}'):g}"
    return ("0" if shown == "-0" else shown).replace("-", "−")


def _short(value: float) -> str:
    """Return a number that finds room in a cell.

    >>> _short(-0.0054), _short(3.14e-6), _short(0.25), _short(0.9999)
    ('−0.0054', '3·10⁻⁶', '0.25', '≈1')
    """
    if 0.995 <= abs(value) < 1:
        return "≈1" if value > 0 else "≈−1"
    if value and abs(value) < 1e-3:
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}·10{raised(int(exponent))}".replace("-", "−")
    return _number(value)


def _seen(numbers: dict[str, Any]) -> str:
    active, reached = (round(100 * float((numbers[name] != 0).mean())) for name in ("a", "delta"))
    if numbers["layer"] == "output":
        return "δ is p − y: negative for the true class alone, and small where the net is sure and right."
    if numbers["pooled"] is None:
        return f"{active} % of the units are active; the others pass no δ."
    return (
        f"{active} % of a is above 0; to pool before ReLU, as the net does, gives the same. δ reaches {reached} % of "
        "net: of each pooling window the winner alone, and only where it is above 0."
    )


# ---- drawing --------------------------------------------------------------------------------------------------------

WIDE, HIGH = 749, 456  # pixels of the page
SIDE = 4  # of a cell of the digit
LEFT, LABELS, MAPS, TOP = 8, 134, 228, 30
UNIT = 22  # of a cell that is a unit
UNITS_ACROSS = {"fc1": 20, "fc2": 21}
CELLS = {  # pixels for each cell of kernels, net, a, pool(a), δ; the distance from map to map
    "conv1": ((9, 3, 3, 6, 3), 86),
    "conv2": ((6, 3, 3, 6, 3), 32),
}


class LayersDrawing(Drawing):
    """At the left the digit, its sensitivity and the probabilities; at the right a row for each stage of the layer."""

    size = (WIDE / CSS_PIXELS, HIGH / CSS_PIXELS)
    at_rest = (2.0, 1.0)

    def build(self) -> None:
        axes = picture.canvas(self.figure)
        small = {"va": "center", "fontsize": 9.5}

        def at(x: float, y: float, text: str = "", **look: Any) -> Any:
            return word(axes, x / CSS_PIXELS, y / CSS_PIXELS, text, **small | look)

        at(LEFT, 17, "image", fontweight="bold")
        at(LEFT, 167, "∂E/∂x", fontweight="bold")
        at(LEFT, 319, "probabilities", fontweight="bold", fontsize=9)
        at(LEFT + 90, 319, "◂ truth", fontsize=8)
        self.reach = at(LEFT + 116, 167, ha="right", fontsize=8.5)
        self.mosaic = self.figure.add_artist(digits.Mosaic())
        bars = (LEFT + 14) / WIDE, 8 / HIGH, 62 / WIDE, 118 / HIGH
        self.bars = digits.Bars(self.figure.add_axes(bars))
        self.bars.numbers[0].axes.tick_params(axis="y", labelsize=7.5)  # ten rows of less than 12 pixels
        for number in self.bars.numbers:
            number.set_fontsize(7.5)
        self.names = [[at(LABELS, 0), at(LABELS, 0)] for _ in range(5)]
        self.heads = [at(MAPS + 26 + 51 * k, 22, str(k), ha="center", fontweight="bold") for k in range(10)]
        self.scores = [[at(MAPS + 26 + 51 * k, 0, ha="center", fontsize=8) for k in range(10)] for _ in range(3)]

    def moving(self) -> list[Artist]:
        scores, names = ([text for row in rows for text in row] for rows in (self.scores, self.names))
        return [self.mosaic, self.reach, *self.bars.artists(), *names, *self.heads, *scores]

    def frame(self, scene: Scene) -> Any:
        return None

    def set_frame(self, scene: Scene) -> None:
        pass

    def update(self, scene: Scene) -> None:
        numbers = scene.numbers
        sensitivity = numbers["input_sensitivity"]
        tiles = [
            (LEFT, TOP, SIDE, colours(numbers["image"], False, 1.0)),
            (LEFT, 180, SIDE, colours(sensitivity, True)),
        ]
        self.reach.set_text(f"±{_number(np.abs(sensitivity).max())}")
        self.bars.set(numbers["probabilities"], numbers["truth"])
        layer, stages = numbers["layer"], _stages(numbers)
        output = layer == "output"
        rows = (
            self._scores(stages)
            if output
            else self._units(layer, stages)
            if "fc" in layer
            else self._maps(layer, stages)
        )
        self.mosaic.tiles = tiles + [tile for _, some in rows for tile in some]
        for text in [*self.heads, *(text for row in self.scores for text in row)]:
            text.set_visible(output)
        for k, texts in enumerate(self.names):
            for text, side in zip(texts, (-8, 8)):
                text.set_visible(k < len(stages))
                if k < len(stages):
                    name, array = stages[k]
                    text.set_text(name if side < 0 else _scale(array))
                    text.set_y((rows[k][0] + side) / CSS_PIXELS)

    def _maps(self, layer: str, stages: list[tuple[str, np.ndarray]]) -> list[tuple[float, list[Any]]]:
        """Return for each stage the middle of its row and its tiles."""
        (cells, apart), top, rows = CELLS[layer], TOP - 8, []
        for (name, array), side in zip(stages, cells):
            shade = colours(array, name not in ("a = ReLU(net)", "pool(a)"))
            columns = shade[:, None] if array.ndim == 3 else shade  # (maps, channels, rows, columns, 3)
            high = side * columns.shape[2]
            tiles = [
                (MAPS + apart * n, top + (high + 2) * d, side, columns[n, d])
                for n in range(columns.shape[0])
                for d in range(columns.shape[1])
            ]
            deep = (high + 2) * columns.shape[1] - 2
            rows.append((top + deep / 2, tiles))
            top += deep + (6 if layer == "conv1" else 20)
        return rows

    def _units(self, layer: str, stages: list[tuple[str, np.ndarray]]) -> list[tuple[float, list[Any]]]:
        across, top, rows = UNITS_ACROSS[layer], TOP, []
        for name, array in stages:
            block = colours(array, name != "a = ReLU(net)").reshape(-1, across, 3)
            rows.append((top + UNIT * len(block) / 2, [(MAPS, top, UNIT, block)]))
            top += 142
        return rows

    def _scores(self, stages: list[tuple[str, np.ndarray]]) -> list[tuple[float, list[Any]]]:
        rows = []
        for k, (name, array) in enumerate(stages):
            top = TOP + 10 + 110 * k
            shade = colours(array, name != "p = softmax", strength=0.5)
            rows.append((top + 25, [(MAPS + 1 + 51 * n, top, 50, shade[n : n + 1, None]) for n in range(len(array))]))
            for text, value in zip(self.scores[k], array):
                text.set_text(_short(value))
                text.set_y((top + 25) / CSS_PIXELS)
        return rows


EXPLORER = Explorer("lenet_layers", "layers of LeNet-5", SETTINGS, scene_of(digits.lenet), LayersDrawing)


class LayersOfLenet(FigureExplorer):
    """The layer viewer, for the shipped network or for another one with the same layers."""

    def __init__(self, network: Sequential | None = None, **start: Any) -> None:
        explorer = EXPLORER
        if network is not None:
            if not isinstance(network, Sequential):
                raise TypeError(f"network: got {type(network).__name__}, expected a Sequential as `lenet5()` makes it")
            if repr(network) != repr(lenet5(rng=0)):
                raise ValueError("network: got other layers than those of `lenet5()`, expected the same")
            explorer = Explorer(EXPLORER.name, EXPLORER.title, SETTINGS, scene_of(lambda: network), LayersDrawing)
        super().__init__(explorer, **start)
