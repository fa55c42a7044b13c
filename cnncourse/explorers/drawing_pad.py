"""The drawing pad: draw a digit, or take a picture of one, and see what a network makes of it, layer by layer.

The shipped LeNet-5 runs in the page itself (web/layers.js), and picture files are read there too (web/read_digit.js):
the pad works where there is no kernel, and tests compare both with cnnlib. What is drawn comes to Python as strokes, a
picture as the image that was made of it. A network of the reader's own is asked here, the page shows what it answers.
"""

from __future__ import annotations

import base64
import copy
import functools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnncourse.language import ENGLISH, between, fill, joined, mark, speaking, translated
from cnncourse.plots.picture import CSS_PIXELS, INK, LINE, SOFT, Picture, blank, canvas, colours, style
from cnnlib import activations, arguments, paths, pictures, recipes
from cnnlib.layers import AvgPool2d, Conv2d, Flatten, GlobalAvgPool2d, Layer, Linear, MaxPool2d
from cnnlib.network import Sequential, in_mode

from . import pen
from .pad_words import TEXTS, named, on_page
from .picture import PIXELS, WIDTH
from .sample_drawings import SAMPLES

HERE = Path(__file__).parent
EXAMPLE = 5  # the sample that the pad opens with
CLASSES = 10
SHOWN = 32  # at most this many maps of a layer are drawn
DIGITS_KEPT = 4  # decimals of a point: a ten-thousandth of the pad

KINDS = {
    Conv2d: "convolution",
    MaxPool2d: "max pooling",
    AvgPool2d: "mean pooling",
    GlobalAvgPool2d: "global mean pooling",
    Linear: "fully connected",
}

Maps = dict[str, np.ndarray]


# ---- what a network makes of an image -------------------------------------------------------------------------------


@functools.cache
def shipped_network() -> Sequential:
    """Return the LeNet-5 that comes with the project, trained on MNIST."""
    return recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network


def steps(network: Sequential) -> list[tuple[str, Layer]]:
    """Return (name, layer) of all layers, those of networks inside the network too; names count: "convolution 2".

    The layers are copies that share the parameters: asking them leaves alone what the network remembers, as it may
    be in the middle of a training step.
    """
    found: list[tuple[str, Layer]] = []
    counts: dict[str, int] = {}

    def collect(layer: Layer) -> None:
        if isinstance(layer, Sequential):
            for inner in layer:
                collect(inner)
            return
        kind = next((name for type_, name in KINDS.items() if isinstance(layer, type_)), type(layer).__name__)
        counts[kind] = counts.get(kind, 0) + 1
        found.append((f"{kind} {counts[kind]}", copy.copy(layer)))

    collect(network)
    return found


def maps_of(network: Sequential, image: np.ndarray) -> Maps:
    """Return {name: values} of every layer for an image (28, 28): maps (D, H, W) or units (n,), float32.

    Layers that only put numbers in another order are left out.
    """
    x = image[None, None]
    maps = {}
    with in_mode(network, training=False):
        for name, layer in steps(network):
            x = layer.forward(x)
            if not isinstance(layer, Flatten):
                maps[name] = np.array(x[0], np.float32)
    return maps


def checked_network(network: Any) -> Sequential:
    """Return `network` if it takes (1, 1, 28, 28) and gives ten scores; TypeError or ValueError if not."""
    expected = f"expected a Sequential that takes (1, 1, 28, 28) and gives (1, {CLASSES})"
    if not isinstance(network, Sequential):
        raise TypeError(f"network: got {type(network).__name__}, {expected}")
    try:
        x: np.ndarray = np.zeros((1, 1, pictures.SIDE, pictures.SIDE), np.float32)
        with in_mode(network, training=False):
            for _, layer in steps(network):
                x = layer.forward(x)
    except (TypeError, ValueError) as error:
        raise ValueError(f"network: got one that does not take such an image ({error}), {expected}") from None
    if x.shape != (1, CLASSES):
        raise ValueError(f"network: got one that gives {x.shape}, {expected}")
    return network


def sentence(probabilities: np.ndarray | None) -> str:
    """Return the answer in words.

    >>> sentence(np.array([0, 0, 0.1, 0, 0, 0, 0, 0.9, 0, 0]))
    'The network reads 7, 90.0 % sure. Runner-up: 2 with 10.0 %.'
    """
    if probabilities is None:
        return str(TEXTS["nothing"])
    first, second = np.argsort(-probabilities, kind="stable")[:2]
    sure, less = percent(probabilities[first]), percent(probabilities[second])
    return fill(TEXTS["reads"], digit=first, sure=sure, second=second, less=less)


def percent(share: float) -> str:
    """Return a probability of the softmax in percent: it is never all or none, so it is not rounded to that.

    >>> percent(0.123), percent(0.99996), percent(0.00004)
    ('12.3 %', 'over 99.9 %', 'under 0.1 %')
    """
    side, shown = _rounded(share)
    return fill(TEXTS[{"": "percent", ">": "over", "<": "under"}[side]], share=shown)


def percent_beside(share: float) -> str:
    """Return the same, short, as it stands beside a bar.

    >>> percent_beside(0.123), percent_beside(0.99996), percent_beside(0.00004)
    ('12.3 %', '>99.9 %', '<0.1 %')
    """
    side, shown = _rounded(share)
    return side + fill(TEXTS["percent"], share=shown)


def _rounded(share: float) -> tuple[str, str]:
    """Return a probability in percent, and ">" or "<" before it where it is more or less than is written."""
    if share >= 0.9995:
        return ">", "99.9"
    return ("<", "0.1") if share < 0.0005 else ("", f"{100 * share:.1f}")


def size_of(values: np.ndarray) -> str:
    """Return how many numbers a layer has, in words.

    >>> size_of(np.zeros((6, 28, 28))), size_of(np.zeros(120))
    ('6 maps 28 × 28', '120 units')
    """
    if values.ndim == 3:
        count, height, width = values.shape
        return fill(TEXTS["one_map" if count == 1 else "maps"], count=count, height=height, width=width)
    return fill(TEXTS["units"], count=values.size)


def range_of(values: np.ndarray) -> str:
    """Return the smallest and the largest number, with as many decimals as give the larger of them two digits.

    >>> range_of(np.array([-1.26, 0.5])), range_of(np.array([0.011, 0.02]))
    ('−1.3 to 0.5', '0.011 to 0.020')
    """
    least, most = float(values.min()), float(values.max())
    limit = max(-least, most)
    decimals = 1 if limit >= 1 else 2 if limit >= 0.1 else 3
    ends = (f"{round(value, decimals) + 0.0:.{decimals}f}".replace("-", "−") for value in (least, most))
    return fill(TEXTS["range"], **dict(zip(("least", "most"), ends)))


# ---- the widget -----------------------------------------------------------------------------------------------------


class DrawingPad(anywidget.AnyWidget):
    """The pad on the page; what is drawn on it and what the network makes of it can be read here at any time."""

    _esm = (HERE / "bundle_pad.js").read_text(encoding="utf-8")
    _css = (HERE / "drawing_pad.css").read_text(encoding="utf-8")

    form = traitlets.Dict(read_only=True).tag(sync=True)  # words, samples, sizes; the layers of the shipped network
    weights = traitlets.Bytes(read_only=True).tag(sync=True)  # all parameters of the shipped network, float32
    # Strokes, or none and the image of a picture; from the page also who has drawn, and how often.
    _drawing = traitlets.Dict().tag(sync=True)
    _result = traitlets.Dict().tag(sync=True)  # what an own network answers, and to which drawing
    _maps = traitlets.Bytes().tag(sync=True)  # the values of all its layers, float32

    def __init__(self, network: Sequential | None = None) -> None:
        self._network = shipped_network() if network is None else checked_network(network)
        self._own = network is not None
        self._listeners: list[Callable[[DrawingPad], Any]] = []
        self._lock = threading.RLock()  # a kernel may answer the browser in a thread of its own while a cell runs
        form = {
            **on_page(),
            "samples": [listed(sample) for sample in SAMPLES],
            "example": EXAMPLE,
            "side": pictures.SIDE,
            "box": pictures.BOX,
            "middle": pictures.MIDDLE,
            "pen": pen.PEN,
            "smallest": pen.SMALLEST,
            "shown": SHOWN,
            "layers": [] if self._own else [described(name, layer) for name, layer in steps(self._network)],
        }
        arrays = [] if self._own else self._network.parameters().values()
        self.set_trait("form", form)
        self.set_trait("weights", b"".join(np.ascontiguousarray(a, "<f4").tobytes() for a in arrays))
        super().__init__(_drawing={"strokes": listed(SAMPLES[EXAMPLE])})
        self.refresh()

    # ---- what is drawn, and what the network makes of it

    @property
    def strokes(self) -> list[np.ndarray]:
        """The drawing: for each stroke an array (n, 2) of points (row, column), from (0, 0), top left, to (1, 1).

        A picture that was read has none.
        """
        return pen.checked_strokes(self._drawing["strokes"])

    @property
    def image(self) -> np.ndarray | None:
        """Drawing or picture as the network sees it, (28, 28), float32 in [0, 1]; None while there is nothing."""
        picture, strokes = self._drawing.get("image"), self.strokes
        if picture:
            return np.array(picture, np.float32).reshape(pictures.SIDE, pictures.SIDE)
        return pen.digit_image(strokes) if strokes else None

    @property
    def maps(self) -> Maps | None:
        """What every layer makes of the drawing: {name: maps (D, H, W) or units (n,)}; None while nothing is drawn."""
        image = self.image
        return None if image is None else maps_of(self._network, image)

    @property
    def probabilities(self) -> np.ndarray | None:
        """The probabilities of the ten digits, (10,); None while nothing is drawn."""
        maps = self.maps
        return None if maps is None else probabilities_of(maps)

    @property
    def answer(self) -> int | None:
        """The digit that the network reads; None while nothing is drawn."""
        probabilities = self.probabilities
        return None if probabilities is None else int(probabilities.argmax())

    @property
    def text_alternative(self) -> str:
        """The pad in words."""
        maps, count = self.maps, len(self._drawing["strokes"])
        said = [fill(TEXTS["one_stroke" if count == 1 else "strokes"], count=count)] if count else []
        if self._drawing.get("image"):
            said = [TEXTS["read"]]
        said.append(sentence(None if maps is None else probabilities_of(maps)))
        if maps:
            each = (_layer_in_words(name, values) for name, values in maps.items())
            said.append(fill(TEXTS["layers"], layers=between(translated(mark("{first}; {second}"))).join(each)))
        return fill(TEXTS["in_words"], title=TEXTS["title"], seen=joined(said))

    # ---- from Python

    def draw(self, strokes: Sequence[Any]) -> None:
        """Put a drawing in the place of what is there; TypeError or ValueError as in `pen.digit_image`."""
        self._drawing = {"strokes": listed(pen.checked_strokes(strokes))}

    def read(self, picture: Any) -> None:
        """Put a picture in the place of what is there: a file or an array; errors as in `cnnlib.read_digit`."""
        image = pictures.read_digit(picture).ravel()
        self._drawing = {"strokes": [], "image": np.round(image.astype(float), DIGITS_KEPT).tolist()}

    def clear(self) -> None:
        """Empty the pad."""
        self.draw([])

    def refresh(self) -> None:
        """Ask an own network again, for one that has learned since: a `callback` of `fit` may do so."""
        if self._own:
            self._ask()

    def on_change(self, listener: Callable[[DrawingPad], Any], remove: bool = False) -> None:
        """Call `listener(pad)` after every change of the drawing, or with `remove` no longer."""
        if not callable(listener):
            raise TypeError(f"listener: got {type(listener).__name__}, expected a function that takes the pad")
        if remove and listener not in self._listeners:
            raise ValueError(f"listener: got {listener!r}, expected a function that was handed in before")
        self._listeners.remove(listener) if remove else self._listeners.append(listener)

    def save(self, path: Any) -> None:
        """Write the picture of the pad to `path` as a PNG."""
        Path(path).write_bytes(self._png())

    def __repr__(self) -> str:
        return self.text_alternative

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """Return the live view, and beside it a picture and a text for pages that cannot show it."""
        bundle = super()._repr_mimebundle_(**kwargs)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle or {}, {})
        words = self.text_alternative
        data = data | {"text/plain": words, "image/png": base64.b64encode(self._png()).decode("ascii")}
        return data, metadata | {"image/png": {"alt": words, "width": PIXELS}}

    def _png(self) -> bytes:
        with style(), speaking(ENGLISH):  # the font has no Chinese
            return Picture(still(self.image, self.maps), self.text_alternative).png

    # ---- from the browser

    @traitlets.validate("_drawing")
    def _allowed(self, proposal: Any) -> dict[str, Any]:
        value = dict(proposal["value"])
        strokes: Any = value.get("strokes")  # whatever the page sends
        try:
            value["strokes"] = listed(pen.checked_strokes(strokes))
            if value.get("image") is not None:
                value["image"] = checked_image(value["image"], value["strokes"])
        except (TypeError, ValueError) as error:  # only this kind makes traitlets take the old value back
            raise traitlets.TraitError(str(error)) from error
        return value

    @traitlets.observe("_drawing")
    def _drawn(self, change: Any) -> None:
        self.refresh()
        old = change["old"] if isinstance(change["old"], dict) else {}
        if any(old.get(part) != change["new"].get(part) for part in ("strokes", "image")):
            for listener in list(self._listeners):
                listener(self)

    def _ask(self) -> None:
        """Ask the own network and send the page what every layer says."""
        with self._lock:
            maps = self.maps
            probabilities = None if maps is None else probabilities_of(maps)
            shapes = {name: list(values.shape) for name, values in (maps or {}).items()}
            with self.hold_sync():
                self._maps = b"".join(values.astype("<f4").tobytes() for values in (maps or {}).values())
                self._result = {
                    "client": self._drawing.get("client", ""),
                    "serial": self._drawing.get("serial", 0),
                    "layers": [{"name": name, "shape": shape} for name, shape in shapes.items()],
                    "probabilities": None if probabilities is None else probabilities.tolist(),
                }


def _layer_in_words(name: str, values: np.ndarray) -> str:
    return fill(TEXTS["layer"], name=named(name), size=size_of(values), range=range_of(values))


def probabilities_of(maps: Maps) -> np.ndarray:
    """Return the probabilities (10,) that the scores of the last layer stand for."""
    probabilities: np.ndarray = activations.softmax(list(maps.values())[-1][None].astype(np.float64))[0]
    return probabilities


def listed(strokes: Sequence[np.ndarray]) -> list[list[list[float]]]:
    """Return strokes as lists of rounded numbers: the page and Python then have the very same ones."""
    return [np.round(stroke, DIGITS_KEPT).tolist() for stroke in strokes]


def checked_image(image: Any, strokes: list[Any]) -> list[float]:
    """Return the numbers of an image that the page made of a picture; TypeError or ValueError if they are none."""
    if strokes:
        raise ValueError("image: got one beside strokes, expected one of the two")
    try:
        values = arguments.as_float_array("image", np.array(image))
    except ValueError:  # lists of different lengths
        raise ValueError(f"image: got {type(image).__name__}, expected a list of numbers") from None
    if values.shape != (pictures.SIDE**2,) or not (values.min() >= 0 and values.max() <= 1):  # so is NaN
        raise ValueError(f"image: got shape {values.shape}, expected {pictures.SIDE**2} numbers from 0 to 1")
    numbers: list[float] = np.round(values.astype(float), DIGITS_KEPT).tolist()
    return numbers


def described(name: str, layer: Layer) -> dict[str, Any]:
    """Return what layers.js needs to know of a layer; its parameters come apart, in the same order."""
    if isinstance(layer, Conv2d):
        return {"name": name, "type": "conv2d", "weight": list(layer.weight.shape), "padding": layer.padding[0]}
    if isinstance(layer, MaxPool2d):
        return {"name": name, "type": "maxPool2d", "size": layer.size[0]}
    if isinstance(layer, Linear):
        return {"name": name, "type": "linear", "weight": list(layer.weight.shape)}
    return {"name": name, "type": {"ReLU": "relu", "Flatten": "flatten"}[type(layer).__name__]}


# ---- the still picture ----------------------------------------------------------------------------------------------


def still(image: np.ndarray | None, maps: Maps | None) -> Figure:
    """Return the figure of the image, the probabilities and all maps."""
    if image is None or maps is None:
        figure = blank(WIDTH, 0.6)
        figure.text(0.02, 0.5, sentence(None), va="center")
        return figure
    left, gap, inch = 0.2, 0.25, CSS_PIXELS
    places, x, y, tall = [], left, 2.78, 0.0
    for name, values in maps.items():
        title, pixels = f"{name}: {size_of(values)}", tiled(values)
        wide, high = pixels.shape[1] / inch, pixels.shape[0] / inch
        needed = max(wide, 0.068 * len(title))
        if x > left and (x + needed > WIDTH - left or begins_line(name)):
            x, y, tall = left, y + tall + 0.4, 0.0
        places.append((title, pixels, x, y, wide, high))
        x, tall = x + needed + gap, max(tall, high)
    figure = blank(WIDTH, y + tall + 0.2)
    axes = canvas(figure)
    probabilities = probabilities_of(maps)
    axes.text(left, 0.22, sentence(probabilities), va="center", fontweight="bold")
    axes.text(left, 0.52, "what the network sees: 28 × 28", va="center", fontsize=8.5, color=SOFT)
    shown(axes, colours(image, False), left, 0.66, 1.75, 1.75)
    _bars(axes, probabilities, left + 2.6)
    for title, pixels, x, y, wide, high in places:
        axes.text(x, y - 0.12, title, va="center", fontsize=8, color=SOFT)
        shown(axes, pixels, x, y, wide, high)
    return figure


def begins_line(name: str) -> bool:
    """Return whether a layer begins a new line: every convolution, and the first full connection."""
    return name.startswith("convolution") or name == "fully connected 1"


def _bars(axes: Any, probabilities: np.ndarray, x: float) -> None:
    """Draw ten bars with their numbers; those of the answer are bold."""
    best, full = int(probabilities.argmax()), 3.4
    for digit, probability in enumerate(probabilities):
        y = 0.68 + 0.175 * digit
        weight = "bold" if digit == best else "normal"
        axes.text(x - 0.12, y + 0.07, str(digit), va="center", ha="right", fontsize=9, fontweight=weight)
        axes.add_patch(Rectangle((x, y), full, 0.13, facecolor="#eeeeee", edgecolor="none"))
        axes.add_patch(Rectangle((x, y), full * float(probability), 0.13, facecolor=INK if digit == best else SOFT))
        text = percent_beside(probability)
        axes.text(x + full + 0.65, y + 0.07, text, va="center", ha="right", fontsize=9, fontweight=weight)


def tiled(values: np.ndarray) -> np.ndarray:
    """Return the maps of a layer side by side, or its units in rows, as RGB (rows, columns, 3) of the page's pixels.

    White is zero; what is below zero is not only blue but also dotted.
    """
    units = values.ndim != 3
    maps = (values.reshape(-1, 1, 1) if units else values)[: None if units else SHOWN]
    count, rows, columns = maps.shape
    dot, gap, wide = (
        (6, 1, 20) if units else (1 if columns > 60 else 2 if columns >= 12 else 3 if columns >= 8 else 4, 3, 8)
    )
    wide = min(count, wide)
    high, across = rows * dot, columns * dot
    sheet = np.full((-(-count // wide) * (high + gap), wide * (across + gap), 3), 0.75)
    coloured = colours(maps, bool(maps.min(initial=0) < 0)).repeat(dot, axis=1).repeat(dot, axis=2)
    dotted = (maps < 0).repeat(dot, axis=1).repeat(dot, axis=2) & (np.indices((high, across)).sum(axis=0) % 2 == 0)
    coloured[dotted] = (coloured[dotted] + 1) / 2
    for k in range(count):
        top, left = k // wide * (high + gap), k % wide * (across + gap)
        sheet[top : top + high, left : left + across] = coloured[k]
    return sheet[:-gap, :-gap]


def shown(axes: Any, pixels: np.ndarray, x: float, y: float, wide: float, high: float) -> None:
    """Draw RGB pixels into a rectangle of a canvas, with a thin frame."""
    axes.imshow(pixels, extent=(x, x + wide, y + high, y), interpolation="nearest", aspect="auto", zorder=2)
    axes.add_patch(Rectangle((x, y), wide, high, facecolor="none", edgecolor=LINE, linewidth=0.6, zorder=3))
