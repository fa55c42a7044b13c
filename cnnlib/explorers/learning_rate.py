"""Learning-rate explorer: gradient descent on a loss of two parameters, its path in the bowl and its loss curve."""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator

from .. import datasets
from ..plots.picture import COLOURS, INK, LINE, SOFT
from .figure import Drawing, Explorer, Levels, Real, Scene, Stops, raised
from .scene import Choice

START = (0.0, 1.0)  # w, w_b: every image is called a 1
THERE = 0.01  # this share of the way down may be left
GONE = 1e12  # a loss with which nobody waits for the next step
STEPS = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 75, 100, 150, 200)
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


class Bowl(NamedTuple):
    """The loss of the unit, E(p) = lowest + ½ (p - minimum)ᵀ H (p - minimum) with p = (w, w_b)."""

    hessian: np.ndarray
    minimum: np.ndarray
    lowest: float
    curvatures: np.ndarray  # the eigenvalues of H, the smaller first

    def loss(self, places: np.ndarray) -> np.ndarray:
        """Return E for places (…, 2)."""
        away = places - self.minimum
        return self.lowest + 0.5 * np.einsum("...i,ij,...j->...", away, self.hessian, away)


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
    return Bowl(hessian, minimum, lowest, np.linalg.eigvalsh(hessian))


def scene(inputs: str, rate: float, momentum: float, steps: int) -> Scene:
    """Return the path of gradient descent in the bowl and the loss after each step.

    v <- momentum v + dE/dp, p <- p - rate v, from v = 0. It diverges if rate is above 2 (1 + momentum) / curvature,
    the larger of the two curvatures. A path whose loss is above 10^12 is broken off.

    >>> scene("standard", 1.0, 0.0, 5).numbers["arrived"]
    1
    """
    b = bowl(inputs)
    place, speed = np.array(START), np.zeros(2)
    path = [place]
    losses = [float(b.loss(place))]
    for _ in range(steps):
        speed = momentum * speed + b.hessian @ (place - b.minimum)
        place = place - rate * speed
        path.append(place)
        losses.append(float(b.loss(place)))
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
    lines = (
        _step(rate, momentum),
        f"diverges above η = {_two_times(momentum)} / {digits(b.curvatures[-1])} = {digits(limit)}"
        f" (curvatures of the bowl: {digits(b.curvatures[0])} and {digits(b.curvatures[1])})",
        f"E from {digits(losses[0])} to {digits(losses[-1])} after {_steps(len(losses) - 1)}"
        f" (the lowest is {digits(b.lowest)})",
    )
    return Scene(numbers, lines, _sentence(numbers, b, rate, momentum))


def _step(rate: float, momentum: float) -> str:
    if not momentum:
        return f"each step: w ← w − {digits(rate)} · ∂E/∂w, and so for w_b"
    return f"each step: v ← {momentum:g} · v + ∂E/∂w, then w ← w − {digits(rate)} · v, and so for w_b"


def _two_times(momentum: float) -> str:
    return f"2 · (1 + {momentum:g})" if momentum else "2"


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def digits(value: float) -> str:
    """Return a positive number with three digits that count.

    >>> digits(0.000123456), digits(97.66), digits(2.0), digits(1.5e13)
    ('0.000123', '97.7', '2', '1.5·10¹³')
    """
    if value >= 1e6:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}·10{raised(int(exponent))}"
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{float(f'{value:.3g}'):.9f}".rstrip("0").rstrip(".")


def _sentence(numbers: dict[str, Any], b: Bowl, rate: float, momentum: float) -> str:
    losses, count = numbers["losses"], len(numbers["losses"]) - 1
    if numbers["state"] == "diverges":
        if losses[-1] > GONE:
            return f"Too large: every step goes too far, and after {_steps(count)} the loss is above 10¹²: it diverges."
        grown = losses[-1] / losses[0]
        seen = f"after {_steps(count)} the loss is {digits(grown)} times what it was" if grown > 1 else "the loss grows"
        later = "" if grown > 1 else " in the end, whatever the first steps look like"
        return f"Too large: the steps go too far, and {seen}{later}. It diverges."
    if numbers["state"] == "limit":
        return "Exactly at the limit: the steps go to and fro for ever. A little more, and the loss grows."
    to_and_fro = ""
    if momentum == 0 and rate > (1 + 1e-9) / b.curvatures[-1]:
        to_and_fro = " The steps are too long for the steep direction: they go to and fro across the valley."
    elif momentum >= 0.8:
        to_and_fro = " With so much momentum the path rolls past the lowest place and comes back."
    if numbers["state"] == "arrives":
        return f"Good: after {_steps(numbers['arrived'])} the loss has come 99 % of the way down for good.{to_and_fro}"
    share = 100 * numbers["down"]
    way = f"{max(share, 0):.0f} % of the way down" if abs(share) >= 0.5 else "hardly any of the way down"
    if share < -0.5:
        way = "not lower than at the start"
    _, directions = np.linalg.eigh(b.hessian)
    left = b.curvatures * (directions.T @ (numbers["path"][-1] - b.minimum)) ** 2  # in the flat, the steep direction
    near = rate > 0.3 * numbers["limit"]
    if to_and_fro and left[1] > left[0] and momentum == 0:
        return f"Large: after {_steps(count)} the loss is {way}.{to_and_fro} A smaller rate would be quicker."
    cause = ""
    if near and b.curvatures[0] < 0.2 * b.curvatures[1] and left[0] > left[1]:
        cause = " Much larger it cannot be: the steep direction would diverge while the flat one still crawls."
    what = "Slow" if near or momentum else "Too small"
    return f"{what} for so few steps: after {_steps(count)} the loss is {way}.{cause or to_and_fro}"


# ---- drawing --------------------------------------------------------------------------------------------------------

VIEWS = {  # limits of w and of w_b
    "ink": ((-1.6, 5.0), (-2.6, 2.2)),
    "raw": ((-0.4, 0.6), (-2.6, 2.2)),
    "standard": ((-1.2, 2.8), (-1.5, 1.5)),
}
LOSSES = (0.05, 100.0)


class LearningRateDrawing(Drawing):
    """The contours of the loss with the path of the steps on the left, the loss after each step on the right."""

    size = (7.8, 3.5)

    def build(self) -> None:
        left, right = self.axes = self.figure.subplots(1, 2)
        self.figure.subplots_adjust(left=0.075, right=0.985, top=0.9, bottom=0.245, wspace=0.2)
        left.set_title("the path of the steps", y=1.03)
        left.set_xlabel("weight w")
        left.set_ylabel("bias w_b", labelpad=1)
        left.grid(False)
        right.set_title("the loss after each step", y=1.03)
        right.set_xlabel("step")
        right.set_yscale("log")
        right.set_ylim(LOSSES)
        right.set_yticks([0.1, 1, 10, 100], ["0.1", "1", "10", "100"])
        right.yaxis.set_minor_locator(NullLocator())
        right.yaxis.set_minor_formatter(NullFormatter())
        right.set_ylabel("loss E (log scale)", labelpad=1)
        self.contours: Any = None
        self.lowest = right.axhline(1, color=SOFT, linestyle="--", linewidth=1.4, label="lowest loss")
        style = {"color": COLOURS[0], "linewidth": 1.3, "marker": "o", "markersize": 4}
        self.path = left.plot([], [], **style, label="steps")[0]
        self.curve = right.plot([], [], **style)[0]
        self.start = left.plot(*START, "s", color=INK, markersize=7, markerfacecolor="white", label="start")[0]
        cross = {"linestyle": "none", "marker": "x", "markersize": 9, "markeredgewidth": 2.5, "color": COLOURS[1]}
        self.goal = left.plot([], [], **cross, label="minimum")[0]
        level = left.plot([], [], color=LINE, linewidth=1, label="equal loss")[0]
        shown = [self.path, self.start, self.goal, level, self.lowest]
        self.figure.legend(handles=shown, loc="lower center", ncols=5, columnspacing=1.8, handletextpad=0.6)

    def moving(self) -> list[Artist]:
        return [self.path, self.goal, self.start, self.curve]

    def frame(self, scene: Scene) -> Any:
        steps = scene.numbers["steps"]
        return scene.numbers["inputs"], next(last for last in (5, 10, 20, 30, 50, 100, 200) if steps <= last)

    def set_frame(self, scene: Scene) -> None:
        inputs, last = self.frame(scene)
        left, right = self.axes
        across, up = VIEWS[inputs]
        left.set(xlim=across, ylim=up)
        w, w_b = np.meshgrid(np.linspace(*across, 121), np.linspace(*up, 121))
        b = bowl(inputs)
        if self.contours is not None:
            self.contours.remove()
        levels = b.lowest + 0.01 * 2.0 ** np.arange(0, 16)
        self.contours = left.contour(w, w_b, b.loss(np.stack([w, w_b], axis=-1)), levels, colors=LINE, linewidths=0.8)
        self.goal.set_data([b.minimum[0]], [b.minimum[1]])
        self.lowest.set_ydata([b.lowest, b.lowest])
        right.set_xlim(-0.02 * last, 1.02 * last)
        right.xaxis.set_major_locator(FixedLocator(np.linspace(0, last, 6)))

    def update(self, scene: Scene) -> None:
        path, losses = scene.numbers["path"], scene.numbers["losses"]
        # Dots far outside have no place in the picture, and coordinates without bounds cost time or fail.
        (w_low, w_high), (b_low, b_high) = VIEWS[scene.numbers["inputs"]]
        far = np.array([w_high - w_low, b_high - b_low])
        middle = np.array([w_high + w_low, b_high + b_low]) / 2
        away = np.abs((path - middle) / far).max(axis=1)
        last = int(np.argmax(away > 50)) if (away > 50).any() else len(path)
        self.path.set_data(path[:last].T)
        self.curve.set_data(np.arange(len(losses)), np.minimum(losses, 1e6))


EXPLORER = Explorer("learning_rate", "learning rate", SETTINGS, scene, LearningRateDrawing, PRESETS)
