"""What the explorers of LeNet-5 share: the shipped network, the bundled test digits, and what is said of its answer.

The page has the same: web/network.js computes the network, web/digits.js unpacks what is packed here.
"""

from __future__ import annotations

import base64
import functools
import itertools
from typing import Any

import numpy as np
import traitlets

from cnncourse.language import Texts, fill, say
from cnnlib import datasets, paths, recipes
from cnnlib.network import Sequential

from .live import Explorer, LiveExplorer, write
from .sheet import INK, SOFT
from .stops import Stops

EXAMPLES = 35  # test digits of every class, at least
LEVELS = 144  # the bundled digits have this many steps from paper to ink

DIGIT = Stops("digit", "Digit", "", tuple(range(10)), 5)
EXAMPLE = Stops("example", "Which of them", "", tuple(range(EXAMPLES)), 0)


@functools.cache
def lenet() -> Sequential:
    """Return LeNet-5 with the weights that ship with the project, trained on MNIST, in half precision.

    Rounded, they are half as many bytes for the page, and what Python says is what the page says.
    """
    network = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network
    for array in network.parameters().values():
        array[:] = array.astype(np.float16)
    return network


def packed_weights(network: Sequential, kind: str = "<f4") -> bytes:
    """Return all parameters of a network, one after the other, as "<f4" or, if they are rounded to that, "<f2"."""
    return b"".join(np.ascontiguousarray(array, kind).tobytes() for array in network.parameters().values())


class LeNetExplorer(LiveExplorer):
    """An explorer whose page computes what the shipped LeNet-5 makes of an image."""

    weights = traitlets.Bytes(read_only=True).tag(sync=True)  # all parameters, half precision

    def __init__(self, explorer: Explorer, **start: Any) -> None:
        self.set_trait("weights", packed_weights(lenet(), "<f2"))
        super().__init__(explorer, **start)


@functools.cache
def packed_digits() -> str:
    """Return the first EXAMPLES test digits of every class, class by class, in base64.

    A byte for each pixel, from 0 to LEVELS; after a 0 stands how many zeros there are, at most 255.
    """
    whole = np.concatenate([bundled_digit(digit, k).ravel() for digit in range(10) for k in range(EXAMPLES)])
    out = bytearray()
    for value, run in itertools.groupby(np.rint(LEVELS * whole).astype(np.uint8).tolist()):
        count = len(list(run))
        while value == 0 and count:
            out += bytes((0, min(count, 255)))
            count -= min(count, 255)
        out += bytes([value] * count)
    return base64.b64encode(bytes(out)).decode("ascii")


def packed() -> dict[str, Any]:
    """Return the digits as web/digits.js unpacks them."""
    return {"digits": packed_digits(), "examples": EXAMPLES, "levels": LEVELS}


@functools.cache
def bundled_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return the bundled test digits, x (360, 1, 28, 28) and labels (360,); they cannot be written to."""
    x, labels = datasets.load_digits()[1]
    x.setflags(write=False)
    labels.setflags(write=False)
    return x, labels


def bundled_digit(digit: int, example: int) -> np.ndarray:
    """Return one of the bundled test digits (1, 1, 28, 28): `example` counts within its class, from 0."""
    x, labels = bundled_digits()
    found: np.ndarray = x[np.flatnonzero(labels == digit)[example]][None]
    return found


# Sentences of these explorers, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, str] = {
    "correctly": "The net reads {best} with probability {p}, correctly; the runner-up is {second} with {q}.",
    "wrongly": "The net reads {best} with probability {p}, wrongly: it is {truth}; the runner-up is {second} with {q}.",
    "one": "a {digit}",
    "one_vowel": "an {digit}",
    "truth": "◂ truth",
    "bar": "{digit}: {p}",
    "bars": "{first}, {second}",
    "all_bars": "{first}: {second}",
    "probabilities": "probabilities",
}
TEXTS = Texts(TEMPLATES)

# LeNet-5 in PyTorch, with the weights that ship with the project.
TORCH = (
    'saved = recipes.load_trained(paths.data_folder() / "lenet5_mnist.npz").network\n'
    "network = torch.nn.Sequential(\n"
    "    torch.nn.Conv2d(1, 6, 5, padding=2), torch.nn.MaxPool2d(2), torch.nn.ReLU(),\n"
    "    torch.nn.Conv2d(6, 16, 5), torch.nn.MaxPool2d(2), torch.nn.ReLU(), torch.nn.Flatten(),\n"
    "    torch.nn.Linear(400, 120), torch.nn.ReLU(), torch.nn.Linear(120, 84), torch.nn.ReLU(),\n"
    "    torch.nn.Linear(84, 10),\n)\n"
    "network.load_state_dict({{name: torch.tensor(w) for name, w in saved.parameters().items()}})\n"
)


def share(p: float) -> str:
    """Return a probability with two decimals, never 0 or 1 unless it is.

    >>> share(0.999), share(0.001), share(0.5), share(1.0)
    ('>0.99', '<0.01', '0.50', '1.00')
    """
    if 0 < p < 0.005:
        return "<0.01"
    return ">0.99" if 0.995 <= p < 1 else f"{p:.2f}"


def a(digit: int) -> str:
    """Return a digit with its article.

    >>> a(8), a(3)
    ('an 8', 'a 3')
    """
    return fill(TEXTS["one_vowel" if digit == 8 else "one"], digit=digit)


def reading(probabilities: np.ndarray, truth: int) -> str:
    """Return in words what the net reads and whether it is right."""
    best, second = np.argsort(-probabilities, kind="stable")[:2]
    gaps = {"best": a(best), "p": share(probabilities[best]), "second": second, "q": share(probabilities[second])}
    return fill(TEXTS["correctly" if best == truth else "wrongly"], truth=a(truth), **gaps)


def all_ten(probabilities: np.ndarray) -> str:
    """Return the ten probabilities in words."""
    return say("Probabilities of 0 to 9: {percentages}.", percentages=", ".join(map(share, probabilities)))


def bars(axes: Any, x: float, y: float, width: float, probabilities: np.ndarray, truth: int, row: float = 13) -> None:
    """Draw ten probabilities as bars on a sheet in px; that of the answer is dark, the true class has an arrow."""
    best = int(probabilities.argmax())
    for digit, p in enumerate(probabilities):
        top, weight = y + row * digit, "bold" if digit == best else "normal"
        write(axes, x, top + row / 2, str(digit), 11, fontweight=weight)
        colour = INK if digit == best else SOFT
        axes.fill_between([x + 12, x + 12 + width * float(p)], top + 2, top + row - 2, color=colour)
        arrow = " ◂" if digit == truth else ""
        write(axes, x + 16 + width * float(p), top + row / 2, share(p) + arrow, 11, fontweight=weight)
