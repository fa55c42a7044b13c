"""Learning-rate explorer: gradient descent on a loss of two parameters, its path in the bowl and its loss curve.

The browser computes the same scenes in web/scenes/learning_rate.js, from the bowls of `data`.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np

from cnncourse.language import Texts, each_language, fill
from cnnlib import datasets

from .curves import WALK, CurveExplorer, CurveScene, Plot, axis, digits, dots, label, line, plot, powers, ticks
from .scene import Choice, Settings
from .stops import Levels, Real, Stops
from .words import WORDS

START = (0.0, 1.0)  # w, w_b: every image is called a 1
THERE = 0.01  # this share of the way down may be left
GONE = 1e12  # a loss with which nobody waits for the next step
STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200)
ENDS = (5, 10, 20, 30, 50, 100, 200)  # of the axis of steps
DIGITS = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.3, 8.0)  # ten equal ratios, rounded
RATES = (*(round(d * 10.0**k, 7) for k in range(-4, 1) for d in DIGITS), 10.0)

SETTINGS = (
    Choice(
        "inputs",
        "Inputs",
        (
            ("ink", "scaled: 0 to 1"),
            ("raw", "not scaled: 0 to 16"),
            ("standard", "mean 0, deviation 1"),
        ),
        "ink",
    ),
    Levels("rate", "Learning rate", "η", RATES, 0.5),
    Real("momentum", "Momentum", "", 0, 0.95, 0.05, 0.0),
    Stops("steps", "Steps", "", STEPS, 30),
)
PRESETS = tuple(
    (label, {"inputs": "ink", "rate": rate, "momentum": 0.0})
    for label, rate in (("too small", 0.01), ("good", 0.8), ("to and fro", 1.6), ("too large", 2.0))
)
VIEWS = {  # limits of w and of w_b
    "ink": ((-1.6, 5.0), (-2.6, 2.2)),
    "raw": ((-0.4, 0.6), (-2.6, 2.2)),
    "standard": ((-1.2, 2.8), (-1.5, 1.5)),
}
LOSSES = (-2, 2)  # powers of ten at the ends of the axis
LEVELS = 14  # lines of equal loss, each twice as far above the lowest as the one inside
CORNERS = 64  # of each of them

TEMPLATES: dict[str, Any] = {
    "walk": "Step",
    "path": "the path of the steps in the bowl",
    "losses": "the loss E after each step",
    "weight": "weight w",
    "bias": "bias w_b",
    "step": "step",
    "start": "start",
    "minimum": "minimum",
    "lowest": "lowest: {lowest}",
    "said_path": "The lines are places of equal loss. The steps go from w = 0, w_b = 1 to w = {w}, w_b = {w_b}; "
    "the minimum is at w = {low_w}, w_b = {low_w_b}.",
    "said_losses": "The loss goes from {first} to {last}; the lowest is {lowest}.",
    "reading": "After step {k}: w = {w}, w_b = {w_b}, loss E = {loss}. Gradient (∂E/∂w, ∂E/∂w_b) = ({dw}, {db}).",
    "reading_start": "At the start: w = {w}, w_b = {w_b}, loss E = {loss}. Gradient (∂E/∂w, ∂E/∂w_b) = ({dw}, {db}).",
    "line_plain": "each step: w ← w − {rate} · ∂E/∂w, and so for w_b",
    "line_momentum": "each step: v ← {momentum} · v + ∂E/∂w, then w ← w − {rate} · v, and so for w_b",
    "line_limit": "diverges above η = 2 / {steep} = {limit} (curvatures of the bowl: {flat} and {steep})",
    "line_limit_momentum": "diverges above η = 2 · (1 + {momentum}) / {steep} = {limit} "
    "(curvatures of the bowl: {flat} and {steep})",
    "line_loss": "E from {first} to {last} after {steps} (the lowest is {lowest})",
    "steps": ["1 step", "{n} steps"],
    # what is seen
    "gone": "Too large: every step goes too far, and after {steps} the loss is above 10¹²: it diverges.",
    "diverges": "Too large: the steps go too far, and after {steps} the loss is {grown} times what it was. "
    "It diverges.",
    "will_diverge": "Too large: the steps go too far, and the loss grows in the end, whatever the first steps look "
    "like. It diverges.",
    "limit": "Exactly at the limit: the steps go to and fro for ever. A little more, and the loss grows.",
    "arrives": "Good: after {steps} the loss has come 99 % of the way down for good.",
    "large": "Large: after {steps} the loss {way}.",
    "slow": "Slow for so few steps: after {steps} the loss {way}.",
    "small": "Too small for so few steps: after {steps} the loss {way}.",
    "way": [
        "has come {share} % of the way down",
        "has come hardly any of the way down",
        "is not lower than at the start",
    ],
    "valley": " The steps are too long for the steep direction: they go to and fro across the valley.",
    "rolls": " With so much momentum the path rolls past the lowest place and comes back.",
    "quicker": " A smaller rate would be quicker.",
    "crawls": " Much larger it cannot be: the steep direction would diverge while the flat one still crawls.",
    # the setting as code
    "code_cnnlib": "import numpy as np\n\nimport cnnlib\n\n(images, labels), _ = cnnlib.load_digits(8)\n"
    "chosen = labels < 2  # 0 and 1, as -1 and 1\nx = images[chosen, 0, 3:5, 3:5].astype(float).mean(axis=(1, 2))\n"
    "{scaled}t = 2.0 * labels[chosen] - 1\n\nunit = cnnlib.Linear(1, 1, rng=0, dtype=np.float64)\n"
    "unit.weight[...], unit.bias[...] = 0, 1\nnetwork = cnnlib.Sequential(unit)\n"
    "optimizer = cnnlib.SGD(network, {rate}, {momentum})\nfor _ in range({steps}):\n"
    "    loss, delta = cnnlib.mean_squared_error(network.forward(x[:, None]), t[:, None])\n"
    "    network.backward(delta)\n    optimizer.step()\n"
    "print(cnnlib.mean_squared_error(network.forward(x[:, None]), t[:, None])[0])\n",
    "code_torch": "import numpy as np\nimport torch\n\nimport cnnlib\n\n(images, labels), _ = cnnlib.load_digits(8)\n"
    "chosen = labels < 2  # 0 and 1, as -1 and 1\nx = images[chosen, 0, 3:5, 3:5].astype(float).mean(axis=(1, 2))\n"
    "{scaled}t = 2.0 * labels[chosen] - 1\nx, t = torch.tensor(x), torch.tensor(t)\n\n"
    "w = torch.tensor([0.0, 1.0], dtype=torch.float64, requires_grad=True)\n"
    "optimizer = torch.optim.SGD([w], {rate}, {momentum})\nfor _ in range({steps}):\n    optimizer.zero_grad()\n"
    "    (0.5 * (w[0] * x + w[1] - t) ** 2).mean().backward()\n    optimizer.step()\n"
    "print((0.5 * (w[0] * x + w[1] - t) ** 2).mean().item())\n",
    "scaled": {"ink": "", "raw": "x = 16 * x\n", "standard": "x = (x - x.mean()) / x.std()\n"},
}
TEXTS = Texts(TEMPLATES)


class Bowl(NamedTuple):
    """The loss of the unit, E(p) = lowest + ½ (p - minimum)ᵀ H (p - minimum) with p = (w, w_b)."""

    hessian: np.ndarray
    minimum: np.ndarray
    lowest: float
    curvatures: np.ndarray  # the eigenvalues of H, the smaller first
    directions: np.ndarray  # the eigenvectors, in columns

    def loss(self, place: np.ndarray) -> float:
        """Return E at a place (2,)."""
        return self.lowest + 0.5 * float((place - self.minimum) @ self.gradient(place))

    def gradient(self, place: np.ndarray) -> np.ndarray:
        """Return the derivatives of E at a place (2,)."""
        a, b = (place - self.minimum).tolist()
        (p, q), (_, r) = self.hessian.tolist()
        return np.array([p * a + q * b, q * a + r * b])


def data(inputs: str) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs x (288,) and targets (288,) of the training digits 0 and 1: -1 for a 0, +1 for a 1.

    x is the mean ink of the four pixels in the middle of the 8 x 8: a 0 has none there, a 1 has much.
    """
    (images, labels), _ = datasets.load_digits(8)
    chosen = labels < 2
    ink = images[chosen, 0, 3:5, 3:5].astype(float).mean(axis=(1, 2))
    x = {"ink": ink, "raw": 16 * ink, "standard": (ink - ink.mean()) / ink.std()}[inputs]
    return x, 2.0 * labels[chosen] - 1


@functools.cache
def bowl(inputs: str) -> Bowl:
    """Return the loss E = mean(½ (w x + w_b - t)²) over all images as a bowl."""
    x, t = data(inputs)
    hessian = np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])
    minimum = np.linalg.solve(hessian, [np.mean(x * t), np.mean(t)])
    lowest = 0.5 * float(np.mean((minimum[0] * x + minimum[1] - t) ** 2))
    curvatures, directions = np.linalg.eigh(hessian)
    return Bowl(hessian, minimum, lowest, curvatures, directions)


def scene(inputs: str, rate: float, momentum: float, steps: int) -> CurveScene:
    """Return the path of gradient descent in the bowl and the loss after each step.

    v <- momentum v + dE/dp, p <- p - rate v, from v = 0. It diverges if rate is above 2 (1 + momentum) / curvature,
    the larger of the two curvatures. A path whose loss is above 10^12 is broken off.

    >>> scene("standard", 1.0, 0.0, 5).numbers["arrived"]
    1
    """
    b = bowl(inputs)
    place, speed = np.array(START), np.zeros(2)
    path = [place]
    losses = [b.loss(place)]
    for _ in range(steps):
        speed = momentum * speed + b.gradient(place)
        place = place - rate * speed
        path.append(place)
        losses.append(b.loss(place))
        if losses[-1] > GONE:
            break
    limit = 2 * (1 + momentum) / float(b.curvatures[-1])
    down = 1 - (np.array(losses) - b.lowest) / (losses[0] - b.lowest)  # share of the way
    outside = np.flatnonzero(down < 1 - THERE)
    arrived = int(outside[-1]) + 1 if outside[-1] < len(losses) - 1 else None
    if math.isclose(rate, limit, rel_tol=1e-9):
        state = "limit"
    else:
        state = "diverges" if rate > limit else "slow" if arrived is None else "arrives"
    numbers = {
        "inputs": inputs,
        "steps": steps,
        "rate": rate,
        "path": np.array(path),
        "losses": np.array(losses),
        "lowest": b.lowest,
        "minimum": b.minimum,
        "curvatures": b.curvatures,
        "limit": limit,
        "down": float(down[-1]),
        "arrived": None if state in ("diverges", "limit") else arrived,
        "state": state,
    }
    return CurveScene(
        numbers=numbers,
        lines=_lines(numbers, b, rate, momentum),
        sentence=_sentence(numbers, b, rate, momentum),
        plots=[_path(numbers, b), _losses(numbers)],
        result=losses,
    )


# ---- words ----------------------------------------------------------------------------------------------------------


def signed(value: float) -> str:
    """Return a number with three digits that count, and a true minus sign.

    >>> signed(-0.5), signed(0.0)
    ('−0.5', '0')
    """
    return ("−" if value < 0 else "") + digits(abs(value)) if abs(value) >= 1e-9 else "0"


def _steps(count: int) -> str:
    return fill(TEXTS["steps"][count != 1], n=count)


def _lines(numbers: dict[str, Any], b: Bowl, rate: float, momentum: float) -> list[str]:
    losses = numbers["losses"]
    gaps = {
        "rate": digits(rate),
        "momentum": f"{momentum:g}",
        "flat": digits(b.curvatures[0]),
        "steep": digits(b.curvatures[1]),
        "limit": digits(numbers["limit"]),
        "first": digits(losses[0]),
        "last": digits(losses[-1]),
        "lowest": digits(b.lowest),
        "steps": _steps(len(losses) - 1),
    }
    names = ("line_momentum", "line_limit_momentum") if momentum else ("line_plain", "line_limit")
    return [fill(TEXTS[name], **gaps) for name in (*names, "line_loss")]


def _sentence(numbers: dict[str, Any], b: Bowl, rate: float, momentum: float) -> str:
    losses, state = numbers["losses"], numbers["state"]
    gaps = {"steps": _steps(len(losses) - 1)}
    if state == "diverges":
        grown = losses[-1] / losses[0]
        name = "gone" if losses[-1] > GONE else "diverges" if grown > 1 else "will_diverge"
        return fill(TEXTS[name], grown=digits(grown), **gaps)
    if state == "limit":
        return str(TEXTS["limit"])
    to_and_fro = ""
    if momentum == 0 and rate > (1 + 1e-9) / b.curvatures[-1]:
        to_and_fro = str(TEXTS["valley"])
    elif momentum >= 0.8:
        to_and_fro = str(TEXTS["rolls"])
    if state == "arrives":
        return fill(TEXTS["arrives"], steps=_steps(numbers["arrived"])) + to_and_fro
    share = 100 * numbers["down"]
    way = fill(TEXTS["way"][2 if share < -0.5 else 0 if share >= 0.5 else 1], share=f"{share:.0f}")
    left = b.curvatures * (b.directions.T @ (numbers["path"][-1] - b.minimum)) ** 2  # in the flat, the steep direction
    if to_and_fro and left[1] > left[0] and momentum == 0:
        return fill(TEXTS["large"], way=way, **gaps) + to_and_fro + str(TEXTS["quicker"])
    near = rate > 0.3 * numbers["limit"]
    crawls = near and b.curvatures[0] < 0.2 * b.curvatures[1] and left[0] > left[1]
    told = fill(TEXTS["slow" if near or momentum else "small"], way=way, **gaps)
    return told + (str(TEXTS["crawls"]) if crawls else to_and_fro)


# ---- plots ----------------------------------------------------------------------------------------------------------


def _path(numbers: dict[str, Any], b: Bowl) -> Plot:
    (w_low, w_high), (b_low, b_high) = VIEWS[numbers["inputs"]]
    # Places far outside are not drawn: nothing there can be seen, and lines to them would go anywhere.
    far = np.array([w_high - w_low, b_high - b_low])
    middle = np.array([w_high + w_low, b_high + b_low]) / 2
    away = np.abs((numbers["path"] - middle) / far).max(axis=1)
    last = int(np.argmax(away > 50)) if (away > 50).any() else len(away)
    path = numbers["path"][:last].tolist()
    low = b.minimum.tolist()
    marks = [
        *(line(ellipse, "level") for ellipse in levels(numbers["inputs"])),
        line(path, "thin"),
        dots(path[1:]),
        dots([list(START)], "start"),
        dots([low], "goal"),
        label(str(TEXTS["start"]), *START, "start", "above"),
        label(str(TEXTS["minimum"]), low[0], low[1], "start", "right"),
    ]
    end = numbers["path"][-1].tolist()
    said = fill(TEXTS["said_path"], w=signed(end[0]), w_b=signed(end[1]), low_w=signed(low[0]), low_w_b=signed(low[1]))
    across = axis(str(TEXTS["weight"]), w_low, w_high, ticks(w_low, w_high))
    up = axis(str(TEXTS["bias"]), b_low, b_high, ticks(b_low, b_high))
    return plot(str(TEXTS["path"]), said, across, up, marks, numbers["path"].tolist())


@functools.cache
def levels(inputs: str) -> list[list[list[float]]]:
    """Return the lines of equal loss: ellipses, the loss above the lowest doubled from one to the next."""
    b = bowl(inputs)
    turns = 2 * np.pi * np.arange(CORNERS + 1) / CORNERS
    circle = np.stack([np.cos(turns), np.sin(turns)])
    axes = b.directions / np.sqrt(b.curvatures)
    above = 0.01 * 2.0 ** np.arange(LEVELS)
    return [(b.minimum[:, None] + math.sqrt(2 * height) * axes @ circle).T.tolist() for height in above]


def _losses(numbers: dict[str, Any]) -> Plot:
    losses = numbers["losses"].tolist()
    last = next(end for end in ENDS if numbers["steps"] <= end)
    low, high = LOSSES
    across = axis(
        str(TEXTS["step"]), -0.02 * last, 1.02 * last, [[k * last // 5, str(k * last // 5)] for k in range(6)]
    )
    up = axis("", 10.0**low, 10.0**high, powers(low, high), log=True)
    points = [[k, min(loss, 1e6)] for k, loss in enumerate(losses)]
    marks = [
        line([[across["low"], numbers["lowest"]], [across["high"], numbers["lowest"]]], "soft"),
        line(points, "thin"),
        dots(points),
        label(
            fill(TEXTS["lowest"], lowest=digits(numbers["lowest"])),
            across["high"],
            numbers["lowest"],
            "end",
            "below",
        ),
    ]
    said = fill(
        TEXTS["said_losses"], first=digits(losses[0]), last=digits(losses[-1]), lowest=digits(numbers["lowest"])
    )
    return plot(str(TEXTS["losses"]), said, across, up, marks, points)


def code(settings: Settings, library: str) -> str:
    """Return a program that goes the steps of these settings; library: "cnnlib" or "torch"."""
    names = ("rate", "momentum", "steps")
    gaps = {name: settings[name] if name == "steps" else float(settings[name]) for name in names}
    return fill(TEXTS[f"code_{library}"], scaled=TEXTS["scaled"][settings["inputs"]], **gaps)


@each_language
def page_data() -> dict[str, Any]:
    """Return what the browser computes any scene from: the bowls, and the sentences."""
    bowls = {
        inputs: {
            "hessian": b.hessian.tolist(),
            "minimum": b.minimum.tolist(),
            "lowest": b.lowest,
            "curvatures": b.curvatures.tolist(),
            "directions": b.directions.tolist(),
        }
        for inputs, b in ((inputs, bowl(inputs)) for inputs in VIEWS)
    }
    known = {"bowls": bowls, "views": VIEWS}
    presets = [[name, settings] for name, settings in PRESETS]
    return {"name": "learning_rate", "texts": TEXTS, "words": WORDS | WALK, "known": known, "presets": presets}


EXPLORER = CurveExplorer("learning_rate", "learning rate", SETTINGS, scene, page_data, PRESETS)
