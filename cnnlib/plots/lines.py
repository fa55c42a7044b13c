"""Curves, histograms and bars: what is measured, with units on the axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator

from .. import activations
from . import picture
from .picture import COLOURS, HATCHES, LINES, MARKERS, SOFT, Picture

FUNCTIONS = {
    "sigmoid": (activations.sigmoid, activations.sigmoid_derivative),
    "tanh": (activations.tanh, activations.tanh_derivative),
    "ReLU": (activations.relu, activations.relu_derivative),
    "leaky ReLU": (activations.leaky_relu, activations.leaky_relu_derivative),
}
POINTS_MARKED = 25  # a curve of fewer points shows each of them


def curves(
    x: Any,
    ys: Mapping[str, Any],
    *,
    xlabel: str,
    ylabel: str,
    title: str | None = None,
    log_x: bool = False,
    log_y: bool = False,
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    points: bool | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of curves {label: y} over x, each with a colour, a dash and (if short) a marker of its own.

    x: (n,), the same for all; a y may also be a pair (x, y). ys may be {panel title: {label: y, …}, …}: panels side by
    side. xlabel and ylabel name the unit; ylabel may be one for each panel. points: mark every point of the curves.

    >>> curves(np.arange(3), {"4^-n": 4.0 ** -np.arange(3)}, xlabel="layers n", ylabel="largest factor", log_y=True)
    [figure: largest factor (logarithmic) against layers n, from 0 to 2. 4^-n: from 1 to 0.062.]
    """
    nested = all(isinstance(value, Mapping) for value in ys.values())
    panels = {name: _pairs(x, curve) for name, curve in ys.items()} if nested else {"": _pairs(x, ys)}
    labels = [ylabel] * len(panels) if isinstance(ylabel, str) else list(ylabel)
    with picture.style():
        figure, sheets = _panels(len(panels), title)
        for axes, (name, pairs), label in zip(sheets, panels.items(), labels):
            _plot(axes, pairs, points)
            axes.set(
                xlabel=xlabel, ylabel=label, xscale="log" if log_x else "linear", yscale="log" if log_y else "linear"
            )
            axes.set_title(name)
            if not log_x and all(np.all(a == np.rint(a)) for a, _ in pairs.values()):  # layers, epochs: none in between
                axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            if xlim:
                axes.set_xlim(xlim)
            if ylim:
                axes.set_ylim(ylim)
        _finish(figure)
    if alt is None:
        told = []
        for (name, pairs), label in zip(panels.items(), labels):
            every = np.concatenate([a for a, _ in pairs.values()]) if pairs else np.zeros(0)
            span = f", from {picture.rough(every.min())} to {picture.rough(every.max())}" if every.size else ""
            log = " (logarithmic)" if log_y else ""
            told.append(f"{name + ': ' if name else ''}{label}{log} against {xlabel}{span}")
            told.append("; ".join(f"{curve}: {_course(b)}" for curve, (_, b) in pairs.items()))
        alt = picture.sentence(title and picture.flat(title), *told)
    return Picture(figure, alt)


def activation_curves(
    names: Sequence[str] = ("sigmoid", "tanh", "ReLU"), limit: float = 4.0, alt: str | None = None
) -> Picture:
    """Return a figure of activation functions, left, and their derivatives, right, from -limit to limit.

    names: of "sigmoid", "tanh", "ReLU" and "leaky ReLU".

    >>> activation_curves(["tanh"]).alt
    'f(z): tanh: from −1 to 1. f′(z): tanh: from 0.0013 to 0.0013, highest 1. z from −4 to 4.'
    """
    for name in names:
        if name not in FUNCTIONS:
            raise ValueError(f"names: got {name!r}, expected some of {', '.join(FUNCTIONS)}")
    z = np.linspace(-limit, limit, 801)
    values = [{name: FUNCTIONS[name][place](z) for name in names} for place in (0, 1)]
    if alt is None:
        told = [
            f"{head}: " + "; ".join(f"{name}: {_course(y)}" for name, y in curve.items())
            for head, curve in zip(("f(z)", "f′(z)"), values)
        ]
        alt = picture.sentence(*told, f"z from {picture.rough(-limit)} to {picture.rough(limit)}")
    panels = {"the function": values[0], "its derivative": values[1]}
    return curves(z, panels, xlabel="z", ylabel=["f(z)", "f′(z)"], ylim=(-1.3, 2.3), points=False, alt=alt)


def learning_curves(
    history: Mapping[str, Sequence[float]],
    *,
    epochs: int | None = None,
    names: tuple[str, str] = ("training", "validation"),
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of what `fit` gives: the loss after each epoch, left, and the share read right, right.

    epochs: how many there will be; the axis then keeps its length while a network is learning (see `Live`). names: of
    the two sets of images.

    >>> learning_curves({"loss": [2.3, 0.5], "accuracy": [0.1, 0.9], "val_loss": [1, 0.4], "val_accuracy": [0.7, 0.95]})
    [figure: Loss and accuracy after each of 2 epochs. Loss: training from 2.3 to 0.5; validation from 1 to 0.4. Right answers: training from 10 % to 90 %; validation from 70 % to 95 %.]
    """  # noqa: E501
    done = len(history["loss"])
    x = np.arange(1, done + 1)
    kinds = {names[0]: "", names[1]: "val_"}
    loss = {kind: np.array(history[f"{key}loss"], float) for kind, key in kinds.items() if history.get(f"{key}loss")}
    right = {
        kind: 100 * np.array(history[f"{key}accuracy"], float)
        for kind, key in kinds.items()
        if history.get(f"{key}accuracy")
    }
    if alt is None:
        told = "; ".join(f"{kind} from {picture.rough(y[0])} to {picture.rough(y[-1])}" for kind, y in loss.items())
        share = "; ".join(f"{kind} from {_percent(y[0])} to {_percent(y[-1])}" for kind, y in right.items())
        head = f"Loss and accuracy after each of {done} epochs" if done else "No epoch yet"
        alt = picture.sentence(
            title and picture.flat(title), head, told and f"Loss: {told}", share and f"Right answers: {share}"
        )
    with picture.style():
        figure, (left, middle) = _two_sheets(title)
        for axes, lines, label, legend in (
            (left, loss, "loss", "upper right"),
            (middle, right, "read right (%)", "lower right"),
        ):
            _plot(axes, {kind: (x, y) for kind, y in lines.items()}, done <= POINTS_MARKED, legend)
            axes.set(xlabel="epoch", ylabel=label, xlim=(0.5, max(epochs or done, 2) + 0.5))
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        left.set_ylim(0, max([2.5, *(y.max() * 1.05 for y in loss.values())]))
        middle.set_ylim(0, 102)
    return Picture(figure, alt)


def histogram(
    values: Any,
    *,
    xlabel: str,
    bins: int = 40,
    span: tuple[float, float] | None = None,
    title: str | None = None,
    log: bool = False,
    alt: str | None = None,
) -> Picture:
    """Return a figure of how often values occur: an array, or {name: array, …} in panels side by side with one x axis.

    bins: how many; span: from where to where, by default all values; log: counts on a logarithmic axis.

    >>> histogram(np.array([1.0, 2.0, 2.0, 3.0]), xlabel="net", bins=3)
    [figure: Histogram of net. 4 values from 1 to 3, mean 2, standard deviation 0.71.]
    """
    named = {name: np.ravel(v) for name, v in values.items()} if isinstance(values, Mapping) else {"": np.ravel(values)}
    every = np.concatenate(list(named.values()))
    every = every[np.isfinite(every)]
    if not every.size:
        raise ValueError("values: got none, expected at least one number")
    low, high = span or (float(every.min()), float(every.max()))
    edges = np.linspace(low, high if high > low else low + 1, bins + 1)
    with picture.style():
        figure, sheets = _panels(len(named), title, share=True)
        for place, (axes, (name, array)) in enumerate(zip(sheets, named.items())):
            axes.hist(array, edges, facecolor="#bfdcee", edgecolor=COLOURS[0], linewidth=0.8)
            axes.set(xlabel=xlabel, yscale="log" if log else "linear")
            axes.set_title(name)
            if place == 0:
                axes.set_ylabel("how many")
        _finish(figure)
    if alt is None:
        told = [
            f"{name + ': ' if name else ''}{array.size} values from {picture.rough(array.min())} to "
            f"{picture.rough(array.max())}, mean {picture.rough(array.mean())}, "
            f"standard deviation {picture.rough(array.std())}"
            for name, array in named.items()
            if array.size
        ]
        alt = picture.sentence(title and picture.flat(title), f"Histogram of {xlabel}", *told)
    return Picture(figure, alt)


def bars(
    values: Mapping[str, float],
    *,
    xlabel: str,
    log: bool = False,
    highlight: Sequence[str] = (),
    decimals: int | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of a bar for each number {name: number}, which is written at its end.

    log=True: a logarithmic axis, for counts of very different size (they must be above 0). highlight: names whose bars
    are blue and hatched.

    >>> bars({"fully connected": 100_000_100, "shared": 10_000}, xlabel="parameters", log=True)
    [figure: parameters, on a logarithmic scale. fully connected: 100,000,100; shared: 10,000.]
    """
    names, numbers = list(values), np.array(list(values.values()), float)
    if log and numbers.size and numbers.min() <= 0:
        raise ValueError(
            f"values: got {picture.number(numbers.min())}, expected numbers above 0 for a logarithmic axis"
        )
    texts = [_count(value, decimals) for value in values.values()]
    left = max(picture.text_width(name, 10) for name in names) + 0.25
    right = max(picture.text_width(text, 10) for text in texts) + 0.2
    width = min(picture.WIDEST, left + right + 4.2)
    high = 0.3 * len(names) + 0.62 + (0.32 if title else 0)
    with picture.style():
        figure = picture.blank(width, high)
        top = 0.32 / high if title else 0
        axes = figure.add_axes(
            (left / width, 0.52 / high, (width - left - right) / width, 1 - 0.52 / high - top - 0.08 / high)
        )
        start = 10.0 ** np.floor(np.log10(numbers.min() / 1.5)) if log else 0.0
        for place, (name, value, text) in enumerate(zip(names, numbers, texts)):
            chosen = name in highlight
            face, edge = ("#bfdcee", COLOURS[0]) if chosen else ("#d9d9d9", SOFT)
            hatch = HATCHES[0] if chosen else None
            axes.barh(place, value - start, left=start, height=0.68, facecolor=face, edgecolor=edge, hatch=hatch)
            axes.annotate(text, (value, place), (4, 0), textcoords="offset points", va="center", annotation_clip=False)
        axes.set(yticks=range(len(names)), yticklabels=names, xlabel=xlabel, ylim=(len(names) - 0.5, -0.5))
        if log:
            axes.set_xscale("log")
            axes.set_xlim(start, 10.0 ** np.ceil(np.log10(numbers.max())))
        else:
            axes.set_xlim(min(0, numbers.min()), numbers.max() * 1.02)
            if numbers.max() >= 10_000:  # 1,000,000 is easier to read than 1.0 and a far-off 1e6
                axes.xaxis.set_major_locator(MaxNLocator(4))
                axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.tick_params(axis="y", length=0, labelsize=10)
        axes.grid(axis="y", visible=False)
        if title:
            figure.text(0.12 / width, 1 - 0.09 / high, title, fontsize=10.5, fontweight="bold", va="top")
    if alt is None:
        scale = ", on a logarithmic scale" if log else ""
        told = "; ".join(f"{picture.flat(name)}: {text}" for name, text in zip(names, texts))
        alt = picture.sentence(title and picture.flat(title), f"{xlabel}{scale}", told)
    return Picture(figure, alt)


# ---- parts ----------------------------------------------------------------------------------------------------------


def _pairs(x: Any, ys: Mapping[str, Any]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    pairs = {}
    for label, y in ys.items():
        own, y = y if isinstance(y, tuple) else (x, y)
        own, y = np.asarray(own, float), np.asarray(y, float)
        if own.shape != y.shape or own.ndim != 1:
            raise ValueError(f"ys[{label!r}]: got shape {y.shape}, expected {own.shape}, that of x")
        pairs[label] = own, y
    return pairs


def _panels(count: int, title: str | None, share: bool = False) -> tuple[Any, list[Any]]:
    width = {1: 5.6, 2: 8.2}.get(count, picture.WIDEST)
    height = {1: 3.1, 2: 2.9}.get(count, 2.4) + (0.3 if title else 0)
    figure = picture.blank(width, height)
    figure.set_layout_engine("constrained", h_pad=0.08, w_pad=0.06)
    sheets = figure.subplots(1, count, squeeze=False, sharex=share)[0]
    if title:
        figure.suptitle(title, fontsize=10.5, fontweight="bold")
    return figure, list(sheets)


def _two_sheets(title: str | None) -> tuple[Any, list[Any]]:
    """Return a figure with two panels whose places are fixed: quicker than a layout that looks for them."""
    width, height, head = 8.2, 2.9, 0.3 if title else 0.0
    figure = picture.blank(width, height + head)
    place = {"width": 3.35 / width, "bottom": 0.55 / (height + head), "height": 2.2 / (height + head)}
    if title:
        figure.suptitle(title, fontsize=10.5, fontweight="bold", y=1 - 0.1 / (height + head), va="top")
    sheets = [
        figure.add_axes((left / width, place["bottom"], place["width"], place["height"])) for left in (0.65, 4.65)
    ]
    return figure, sheets


def _plot(
    axes: Any, pairs: Mapping[str, tuple[np.ndarray, np.ndarray]], points: bool | None, legend: str = "best"
) -> None:
    for place, (label, (x, y)) in enumerate(pairs.items()):
        marked = len(x) <= POINTS_MARKED if points is None else points
        k = place % len(COLOURS)
        axes.plot(x, y, color=COLOURS[k], linestyle=LINES[k], marker=MARKERS[k] if marked else None, label=label)
    if len(pairs) > 1:
        axes.legend(loc=legend)


def _finish(figure: Any) -> None:
    """Fix the layout once, so that drawing at another sharpness does not change it."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def _course(y: np.ndarray) -> str:
    y = y[np.isfinite(y)]
    if not y.size:
        return "no values"
    told = f"from {picture.rough(y[0])} to {picture.rough(y[-1])}"
    spread = float(np.ptp(y)) or 1.0
    if y.max() > max(y[0], y[-1]) + 0.02 * spread:
        told += f", highest {picture.rough(y.max())}"
    if y.min() < min(y[0], y[-1]) - 0.02 * spread:
        told += f", lowest {picture.rough(y.min())}"
    return told


def _percent(value: float) -> str:
    return f"{picture.number(value, 1).removesuffix('.0')} %"


def _count(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:,.{decimals}f}".replace("-", "−")
    return f"{value:,}".replace("-", "−") if isinstance(value, (int, np.integer)) else picture.number(value)
