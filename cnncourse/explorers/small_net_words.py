"""The words of the training step: its headings and sentences, numbers and lines of arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnncourse.language import Texts, fill

from .curves import text
from .live import number
from .small_net import Cell, Made, Values, letter, made, where

# Every sentence of this explorer, whole, with named gaps. The browser fills the same gaps from the same table.
TEMPLATES: dict[str, Any] = {
    # headings of the stage
    "forward": "forward",
    "backward": "backward",
    "truth": "label",
    "x": "image x",
    "w": "kernels w",
    "net": "net = x ⋆ w + w_b",
    "a": "a = ReLU(net)",
    "y": "y: largest",
    "W": "weights W",
    "b": "b",
    "wb": "w_b",
    "out": "net",
    "p": "p",
    "E": "E",
    "d_w": "∂E/∂w",
    "d_net": "δ = ∂E/∂net",
    "d_a": "∂E/∂a",
    "d_y": "∂E/∂y",
    "d_W": "∂E/∂W",
    "W_unit": "W of unit {k}",
    "d_out": "δ",
    "paired": "{one} | {other}",
    "unit": "unit {k}",
    "kernel": "kernel {k}",
    "map": "map {k}",
    "curve": "E so far",
    "steps": "{n} steps",
    "state": "Step {n}: E = {E}",
    "update": "update",
    "update_why": "One step: every weight and bias minus η times its derivative",
    "again": "start again",
    "last": "{n} steps are all there are: start again, or move η.",
    # what a grid holds
    "names": {
        "x": "image x",
        "w": "weights w of kernel {k}",
        "wb": "bias of kernel {k}",
        "net": "net of map {k}",
        "a": "a of map {k}",
        "y": "y of map {k}",
        "W": "weights W of unit {u} for map {k}",
        "b": "biases b of the units",
        "out": "net of the units",
        "p": "probabilities p",
        "E": "loss E",
        "derivative": "derivative of E by: {what}",
    },
    # a number in words
    "of_map": "Map {k}: ",
    "of_kernel": "Kernel {k}: ",
    "of_unit": "Unit {k}: ",
    "of_all": "",
    "sum": "{where}{left} = {terms} = {value}",
    "same": "{where}{left} = {terms}",
    "relu": "{where}{left} = max(0, {terms}) = {value}",
    "max": "{where}{left} = max({terms}) = {value}",
    "max_tie": "{where}{left} = max({terms}) = {value}; {n} are equal, the first counts",
    "softmax": "{where}{left} = exp({own}) / (exp({first}) + exp({second})) = {value}",
    "loss": "{left} = −ln {terms} = {value}",
    "minus": "{where}{left} = {terms} − {target} = {value}",
    "pixel": "{left} = {value}: a pixel of the image",
    "weight": "{where}{left} = {value}; the next step makes it {value} − {rate}·{slope} = {next}",
    "no_window": "{where}{left} = 0: it is the largest of no window",
    "tied": "{where}{left} = 0: in its windows an equal number comes first",
    # what is seen
    "now": "E = −ln {p} = {E}",
    "rule": "w ← w − η · ∂E/∂w with η = {rate}",
    "before": "Before the first step, label {label} has probability {p}.",
    "after_one": "After 1 step, label {label} has probability {p}.",
    "after": "After {n} steps, label {label} has probability {p}.",
    "still": "One more step changes next to nothing.",
    "nearly": "nearly 1",
    "rest": "(1 − {rest})",
    "next": "One more step takes E from {E} to {next}.",
    "next_turn": "One more step takes E of this image from {E} to {next}, and that of the other from {other} to "
    "{other_next}.",
    "dead": "No net of map {k} is above 0: its δ and all derivatives of kernel {k} are 0, and it stays as it is.",
    "dead_both": "No net of either map is above 0: no kernel gets a derivative, only the biases b still move.",
    "alike": "Both kernels are equal and get equal derivatives: they stay equal.",
    "ties": "In {n} of the 8 windows two or more numbers are the largest: the first gets all.",
    "tie": "In 1 of the 8 windows two or more numbers are the largest: the first gets all.",
    # the setting as code
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\nx = np.array({x}, float)  # one image a row, 4 × 4\n"
    "labels = {labels}\n"
    "net = cnnlib.Sequential(\n    cnnlib.Conv2d(1, 2, 2, dtype=float),\n    cnnlib.ReLU(),\n"
    "    cnnlib.MaxPool2d(2, stride=1),\n    cnnlib.Flatten(),\n    cnnlib.Linear(8, 2, dtype=float),\n)\n"
    "start = {start}\n"
    "net.load_parameters(start)\n"
    "step = cnnlib.SGD(net, lr={rate})\n"
    "for n in range({steps} + 1):\n"
    "    k = n % len(x)\n"
    "    E, delta = cnnlib.cross_entropy(net.forward(x[k].reshape(1, 1, 4, 4)), np.array([labels[k]]))\n"
    "    net.backward(delta)\n    print(n, round(float(E), 4))\n    if n < {steps}:\n        step.step()\n"
    "print(net.gradients())\n",
    "code_torch": "import torch\n\nx = torch.tensor({x}, dtype=torch.float64)  # one image a row, 4 × 4\n"
    "labels = torch.tensor({labels})\n"
    "net = torch.nn.Sequential(\n    torch.nn.Conv2d(1, 2, 2),\n    torch.nn.ReLU(),\n"
    "    torch.nn.MaxPool2d(2, stride=1),\n    torch.nn.Flatten(),\n    torch.nn.Linear(8, 2),\n).double()\n"
    "start = {start}\n"
    "net.load_state_dict(start)\n"
    "step = torch.optim.SGD(net.parameters(), lr={rate})\n"
    "for n in range({steps} + 1):\n"
    "    k = n % len(x)\n    step.zero_grad()\n"
    "    E = torch.nn.functional.cross_entropy(net(x[k].reshape(1, 1, 4, 4)), labels[k : k + 1])\n"
    "    E.backward()\n    print(n, round(E.item(), 4))\n    if n < {steps}:\n        step.step()\n"
    "for name, parameter in net.named_parameters():\n    print(name, parameter.grad)\n",
    "array_cnnlib": "np.array({values}, float)",
    "array_torch": "torch.tensor({values}, dtype=torch.float64)",
}
TEXTS = Texts(TEMPLATES)
LEGEND = [
    ["window", "the number looked at"],
    ["sources", "what made it"],
    ["targets", "where it goes"],
    ["signs", "below and above 0"],
    ["tiny", "0.00: near 0, but not 0"],
]


def shown(value: float) -> str:
    """Return a number with three decimals, one that would be lost in them with a power of ten.

    >>> shown(-0.7311), shown(1.0), shown(0.0001234)
    ('−0.731', '1', '1.23·10⁻⁴')
    """
    return text(value) if abs(value) < 1e-3 else number(value, 3)


def cell_text(value: float) -> str:
    """Return a number as it stands in a cell: at most five characters; 0.00 is small, 0 is nothing.

    >>> [cell_text(value) for value in (0.0, 0.5, -0.366, 0.001, -12.345, 123.4)]
    ['0', '0.5', '−0.37', '0.00', '−12.3', '123']
    """
    size = abs(value)
    if 0 < size < 0.005:
        return "−0.00" if value < 0 else "0.00"
    return number(value, 2 if size < 9.995 else 1 if size < 99.95 else 0)


def reading(v: Values, label: int, rate: float, cell: Cell, letters: bool) -> str:
    """Return the line of arithmetic that makes the number in a cell."""
    name, r, c = cell
    how = made(v, label, cell)
    said, k = where(name, r)
    gaps: dict[str, Any] = {"where": fill(TEXTS[said], k=k), "left": letter(name, r, c), "value": shown(v[name][r, c])}
    gaps["terms"] = (", " if how.how.startswith("max") else " + ").join(_terms(how, letters))
    if how.how == "same" and letters:
        gaps["terms"] += f" = {gaps['value']}"
    if how.how == "weight":
        slope = float(v[f"d_{name}"][r, c])
        after = shown(float(v[name][r, c]) - rate * slope)
        gaps |= {"rate": shown(rate), "slope": _bracketed(slope), "next": after}
    if how.how == "softmax":
        both = [term[0][0] if letters else shown(term[0][1]) for term in how.terms]
        gaps |= {"own": both[r], "first": both[0], "second": both[1]}
    if how.how in ("loss", "minus") and not letters:
        gaps["terms"] = less(v["p"], how.sources[0][1])
    return fill(TEXTS[how.how], **gaps, target=how.target, n=how.equal)


def _terms(how: Made, letters: bool) -> list[str]:
    if letters:
        return ["·".join(name for name, _ in term) for term in how.terms]
    plain = how.how.startswith("max")  # no product, no sum: nothing to bracket
    first = how.terms[0][0] if how.terms else None
    words = [[shown(one[1]) if plain or one is first else _bracketed(one[1]) for one in term] for term in how.terms]
    return ["·".join(term) for term in words]


def less(p: np.ndarray, r: int) -> str:
    """Return the probability of unit r; one that would be rounded to 1 as 1 minus that of the other."""
    rest = float(p[1 - r, 0])
    own = shown(float(p[r, 0]))
    return fill(TEXTS["rest"], rest=shown(rest)) if own == "1" and rest > 0 else own


def _bracketed(value: float) -> str:
    return f"({shown(value)})" if value < 0 else shown(value)
