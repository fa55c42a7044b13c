"""Layer viewer: what every layer of LeNet-5 makes of a digit, and the sensitivity δ of the loss to it.

The browser computes the same in web/scenes/layers.js, from the weights of the network and the packed digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import traitlets
from matplotlib.figure import Figure

from cnncourse.language import Texts, each_language, fill, joined
from cnncourse.plots.picture import colours
from cnnlib import activations, losses
from cnnlib.lenet import lenet5
from cnnlib.network import Sequential

from . import digits, live
from .live import Explorer, LiveExplorer, Scene, sheet, write
from .scene import Choice, Setting, Settings
from .sheet import SOFT
from .stops import raised
from .words import WORDS


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
SETTINGS: tuple[Setting, ...] = (
    digits.DIGIT,
    digits.EXAMPLE,
    Choice("layer", "Layer", tuple((name, place.label) for name, place in PLACES.items()), "conv1"),
)

# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, Any] = {
    **digits.TEMPLATES,
    "image": "image",
    "sensitivity": "∂E/∂x",
    "kernels": "kernels w",
    "net": "net",
    "a": "a = ReLU(net)",
    "pooled": "pool(a)",
    "delta": "δ = ∂E/∂net",
    "output_net": "scores",
    "output_a": "p = softmax",
    "output_delta": "δ = p − t",
    "input": "∂E/∂x at the input",
    "between": "{name} from {low} to {high}",
    "and": "; ",
    "loss": "E = −ln p of the true class = {loss}",
    "seen_output": "δ is p − t: negative for the true class alone, and small where the net is sure and right.",
    "seen_units": "{active} % of the units are active; the others pass no δ.",
    "seen_maps": "{active} % of a is above 0; to pool before ReLU, as the net does, gives the same. δ reaches "
    "{reached} % of net: of each pooling window the winner alone, and only where it is above 0.",
    # what is pointed at
    "look": "look at a map or unit",
    "hint": "Point at a map or unit, or choose one with the arrow keys: the same one is framed in every row.",
    "at_map": "{name}, map {k}: from {low} to {high}.",
    "at_cell": "{name}, map {k}, row {r}, column {c}: {value}; the map goes from {low} to {high}.",
    "at_kernel": "{name}, filter {k}, channel {d}: from {low} to {high}.",
    "at_weight": "{name}, filter {k}, channel {d}, row {r}, column {c}: {value}.",
    "at_unit": "{name}, unit {k}: {value}.",
    "at_score": "{name} of the {k}: {value}.",
    "at_pixel": "{name}, row {r}, column {c}: {value}.",
    # the setting as code
    "code_cnnlib": "import numpy as np\n\nfrom cnnlib import datasets, paths, recipes\n\n"
    'network = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network\n'
    "x, labels = datasets.load_digits()[1]\nx = x[np.flatnonzero(labels == {digit})[{example}]][None]\n"
    "for layer in network.layers[: {count}]:\n    x = layer.forward(x)\nprint(x.shape)\n",
    "code_torch": "import numpy as np\nimport torch\n\nfrom cnnlib import datasets, paths, recipes\n\n"
    + digits.TORCH
    + "x, labels = datasets.load_digits()[1]\n"
    "x = torch.tensor(x[np.flatnonzero(labels == {digit})[{example}]][None], dtype=torch.float32)\n"
    "print(network[: {count}](x).shape)\n",
}
TEXTS = Texts(TEMPLATES)
LEGEND = [["window", "the same map or unit in every row"], ["signs", "below and above 0"]]


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
    outputs: list[Any] = []
    a: Any = x
    for one in network:
        a = one.forward(a)
        outputs.append(a)
    gradient: Any
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
    lines = (fill(TEXTS["loss"], loss=_number(loss)), _spans(numbers))
    sentence = joined([digits.reading(probabilities, digit), _seen(numbers)])
    description = digits.all_ten(probabilities)
    size = (1, net.size) if net.ndim == 1 else (net.shape[1], net.shape[2])
    return live.scene(size, numbers, lines, sentence, description=description)


def stages(numbers: dict[str, Any]) -> list[tuple[str, str, np.ndarray]]:
    """Return the rows of the picture: key, name and array."""
    prefix = "output_" if numbers["layer"] == "output" else ""
    keys = [key for key in ("kernels", "net", "a", "pooled", "delta") if numbers[key] is not None]
    return [(key, str(TEXTS[prefix + key]), numbers[key]) for key in keys]


def _spans(numbers: dict[str, Any]) -> str:
    rows = [*((name, array) for _, name, array in stages(numbers)), (TEXTS["input"], numbers["input_sensitivity"])]
    return str(TEXTS["and"]).join(span(name, array) for name, array in rows)


def span(name: str, array: np.ndarray) -> str:
    """Return the name of an array with its smallest and its largest number."""
    return fill(TEXTS["between"], name=name, low=_number(array.min()), high=_number(array.max()))


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


def _seen(numbers: dict[str, Any]) -> str:
    if numbers["layer"] == "output":
        return str(TEXTS["seen_output"])
    active, reached = (int(100 * float((numbers[name] != 0).mean()) + 0.5) for name in ("a", "delta"))
    name = "seen_units" if numbers["pooled"] is None else "seen_maps"
    return fill(TEXTS[name], active=active, reached=reached)


def code(settings: Settings, library: str) -> str:
    """Return a program that computes the output of the layer of these settings.

    library: "cnnlib" or "torch".
    """
    count = PLACES[settings["layer"]].layer + 1
    return fill(TEXTS[f"code_{library}"], count=count, digit=settings["digit"], example=settings["example"])


@each_language
def data() -> dict[str, Any]:
    """Return what the browser computes any scene from, beside the weights: the digits, and the sentences."""
    return {
        "name": "layers_of_lenet",
        **digits.packed(),
        "texts": TEXTS,
        "words": WORDS,
        "legend": LEGEND,
    }


# ---- the still picture ----------------------------------------------------------------------------------------------

TALL, LEFT, RIGHT, TOP = 460, 12, 178, 26  # px
ACROSS = live.WIDE - RIGHT - LEFT


def picture(settings: Settings, shown: Scene) -> Figure:
    """Return the figure: at the left the digit, its sensitivity and the probabilities, at the right a row a stage."""
    figure, axes = sheet(TALL, shown)
    numbers = shown.numbers
    for y, name, key, signed in ((0, "image", "image", False), (140, "sensitivity", "input_sensitivity", True)):
        write(axes, LEFT, y + 14, TEXTS[name], 12)
        live.picture(axes, LEFT, y + TOP, 112, 112, colours(numbers[key], signed, None if signed else 1.0))
    write(axes, LEFT, 294, TEXTS["probabilities"], 12)
    write(axes, LEFT + 90, 294, TEXTS["truth"], 11, color=SOFT)
    digits.bars(axes, LEFT, 306, 70, numbers["probabilities"], numbers["truth"], 15)
    rows = stages(numbers)
    heights = [_across(array)[2] for _, _, array in rows]
    gap = min(40.0, (TALL - 6 - sum(heights)) / len(rows))
    top = gap
    for (key, name, array), height in zip(rows, heights):
        write(axes, RIGHT, top - min(11, gap / 2), span(name, array), 12, color=SOFT)
        signed = key not in ("a", "pooled")
        for x, down, side, shades in _tiles(colours(array, signed), array):
            live.picture(axes, RIGHT + x, top + down, side * shades.shape[1], side * shades.shape[0], shades)
        top += height + gap
    return figure


def _across(array: np.ndarray) -> tuple[float, float, float]:
    """Return px of a cell, from map to map, and of the whole row of an array of a layer."""
    if array.ndim == 1:
        across = {10: 10, 84: 21}.get(array.size, 20)
        cell = min(40.0, ACROSS / across, 110 / (array.size / across))
        return cell, cell, cell * array.size / across
    pitch = min(ACROSS / len(array), 92.0)
    cell = min(pitch - 6, 78 if array.ndim == 3 else 36) / array.shape[-1]
    deep = array.shape[1] if array.ndim == 4 else 1
    cell = min(cell, 3.2) if deep > 1 else cell
    return cell, pitch, deep * cell * array.shape[-2] + 2 * (deep - 1)


def _tiles(shades: np.ndarray, array: np.ndarray) -> list[tuple[float, float, float, np.ndarray]]:
    """Return (left, top, px of a cell, colours) of every map, kernel or unit."""
    cell, pitch, _ = _across(array)
    if array.ndim == 1:
        across = {10: 10, 84: 21}.get(array.size, 20)
        return [(0.0, 0.0, cell, shades.reshape(-1, across, 3))]
    high = cell * array.shape[-2] + 2
    deep = shades if array.ndim == 4 else shades[:, None]
    return [(pitch * k, high * d, cell, deep[k, d]) for k in range(deep.shape[0]) for d in range(deep.shape[1])]


EXPLORER = Explorer(
    "layers_of_lenet",
    "layers of LeNet-5",
    SETTINGS,
    scene_of(digits.lenet),
    data,
    picture=picture,
    result="net",
)


class LayersOfLenet(LiveExplorer):
    """The layer viewer, for the shipped network or for another one with the same layers.

    The page computes all layers from `weights`; those of another network are read again with every change.
    """

    weights = traitlets.Bytes(read_only=True).tag(sync=True)  # all parameters, half precision for the shipped network

    def __init__(self, network: Sequential | None = None, **start: Any) -> None:
        explorer = EXPLORER
        if network is not None:
            if not isinstance(network, Sequential):
                raise TypeError(f"network: got {type(network).__name__}, expected a Sequential as `lenet5()` makes it")
            if repr(network) != repr(lenet5(rng=0)):
                raise ValueError("network: got other layers than those of `lenet5()`, expected the same")
            named = EXPLORER.name, EXPLORER.title, SETTINGS
            explorer = Explorer(*named, scene_of(lambda: network), data, picture=picture, result="net")
        object.__setattr__(self, "_network", network)
        self._read()
        super().__init__(explorer, **start)

    @traitlets.observe("_settings")
    def _read(self, change: Any = None) -> None:
        network: Sequential | None = self._network
        known = network is None
        packed = digits.packed_weights(digits.lenet(), "<f2") if network is None else digits.packed_weights(network)
        if not known or not self.weights:
            self.set_trait("weights", packed)
