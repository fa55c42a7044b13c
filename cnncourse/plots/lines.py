"""Curves, histograms and bars: what is measured, with units on the axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from cnnlib import activations

from . import picture
from .picture import COLOURS, HATCHES, LINES, MARKERS, TITLE, Array, Limits, Picture, Table, Words

FUNCTIONS = {
    "sigmoid": (activations.sigmoid, activations.sigmoid_derivative),
    "tanh": (activations.tanh, activations.tanh_derivative),
    "ReLU": (activations.relu, activations.relu_derivative),
    "leaky ReLU": (activations.leaky_relu, activations.leaky_relu_derivative),
}
POINTS_MARKED = 25  # a curve of fewer points shows each of them
NAMES = 9.0  # points, of the names of curves
WIDEST_NAME = 18  # letters in a line
ROWS = 25  # of a table: a curve with more points gives this many, equally far apart
FEW = 8  # places on a logarithmic axis that are written as they are
Pairs = dict[str, tuple[Array, Array]]


def curves(
    x: Any,
    ys: Mapping[str, Any],
    *,
    xlabel: str,
    ylabel: str | Sequence[str],
    title: Words = None,
    log_x: bool = False,
    log_y: bool = False,
    xlim: Limits = None,
    ylim: Limits = None,
    points: bool | None = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of curves over x, each with a colour, a dash, (if short) a marker and its name at its end.

    Parameters
    ----------
    x : array_like
        (n,), the same for all curves.
    ys : mapping
        {label: y, …}, where y is (n,) or a pair (x, y); or {panel title: {label: y, …}, …}, panels side by side.
    xlabel : str
        What x is, with its unit.
    ylabel : str or sequence of str
        What y is, with its unit; for each panel if it is a sequence.
    log_x, log_y : bool
        Whether an axis is logarithmic.
    xlim, ylim : (float, float), optional
        From where to where an axis goes.
    points : bool, optional
        Whether every point is marked. None: if a curve has at most 25.

    Examples
    --------
    >>> curves(np.arange(3), {"4^-n": 4.0 ** -np.arange(3)}, xlabel="layers n", ylabel="largest factor", log_y=True)
    [figure: largest factor (logarithmic) against layers n, from 0 to 2. 4^-n: from 1 to 0.062.]
    """
    nested = all(isinstance(value, Mapping) for value in ys.values())
    panels = {name: _pairs(x, curve) for name, curve in ys.items()} if nested else {"": _pairs(x, ys)}
    labels = [ylabel] * len(panels) if isinstance(ylabel, str) else list(ylabel)
    looks: dict[str, Any] = {"xscale": ("linear", "log")[log_x], "yscale": ("linear", "log")[log_y]}
    told, tables = [], []
    with picture.style():
        figure, sheets = _panels(len(panels), title, names=max(map(len, panels.values())) > 1)
        for axes, (name, pairs), label in zip(sheets, panels.items(), labels):
            tables += _tables(f"{name + ': ' if name else ''}{label}", xlabel, pairs)
            _plot(axes, pairs, points)
            axes.set(xlabel=xlabel, ylabel=label, title=name, **looks)
            every = np.concatenate([np.zeros(0), *(own for own, _ in pairs.values())])
            whole, places = np.all(every == np.rint(every)), np.unique(every)
            if whole and not log_x:  # layers, epochs: none in between
                axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            if whole and log_x and places.size <= FEW:  # 8, 16, 32, 64 rather than 10¹, 2×10¹
                axes.set_xticks(places, [f"{place:.0f}" for place in places])
                axes.set_xticks([], minor=True)
            axes.set(**{name: limit for name, limit in (("xlim", xlim), ("ylim", ylim)) if limit})
            _name_ends(axes, pairs)
            log, span = " (logarithmic)" if log_y else "", f", {picture.ranged(every)}" if every.size else ""
            told.append(f"{name + ': ' if name else ''}{label}{log} against {xlabel}{span}")
            told.append(_courses({curve: y for curve, (_, y) in pairs.items()}))
        _fix_layout(figure)
    return picture.described(figure, alt, title, *told, tables=tables)


def activation_curves(
    names: Sequence[str] = ("sigmoid", "tanh", "ReLU"), limit: float = 4.0, alt: Words = None
) -> Picture:
    """Return a figure of activation functions, left, and their derivatives, right.

    Parameters
    ----------
    names : sequence of str
        Of "sigmoid", "tanh", "ReLU" and "leaky ReLU".
    limit : float
        The functions are drawn from -limit to limit.

    Examples
    --------
    >>> activation_curves(["tanh"]).alt
    'f(net): tanh: from −1 to 1. f′(net): tanh: from 0.0013 to 0.0013, highest 1. net from −4 to 4.'
    """
    for name in names:
        if name not in FUNCTIONS:
            raise ValueError(f"names: got {name!r}, expected some of {', '.join(FUNCTIONS)}")
    net = np.linspace(-limit, limit, 801)
    function, derivative = ({name: FUNCTIONS[name][place](net) for name in names} for place in (0, 1))
    told = [f"f(net): {_courses(function)}", f"f′(net): {_courses(derivative)}"]
    if alt is None:
        alt = picture.sentence(*told, f"net from {picture.rough(-limit)} to {picture.rough(limit)}")
    panels = {"the function": function, "its derivative": derivative}
    labels = ["f(net)", "f′(net)"]
    return curves(net, panels, xlabel="net", ylabel=labels, ylim=(-1.3, 2.3), points=False, alt=alt)


def learning_curves(
    history: Mapping[str, Sequence[float]],
    *,
    epochs: int | None = None,
    names: tuple[str, str] = ("training", "validation"),
    title: Words = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of what `fit` gives: the loss after each epoch, left, and the share read right, right.

    Parameters
    ----------
    history : mapping of str to sequence of float
        "loss", "accuracy", "val_loss" and "val_accuracy", of which all but "loss" may be missing or empty.
    epochs : int, optional
        How many there will be. The axis then keeps its length while a network is learning; see `Live`.
    names : (str, str)
        Of the two sets of images.

    Examples
    --------
    >>> learning_curves({"loss": [2.3, 0.5], "val_loss": [2.4, 0.9]})
    [figure: Loss and accuracy after each of 2 epochs. Loss: training from 2.3 to 0.5; validation from 2.4 to 0.9.]
    """
    done = len(history["loss"])
    x = np.arange(1, done + 1)
    losses, shares = (
        {name: np.array(history[key], float) * factor for name, key in zip(names, keys) if len(history.get(key, []))}
        for keys, factor in ((("loss", "val_loss"), 1), (("accuracy", "val_accuracy"), 100))
    )
    tables = []
    width, height = picture.WIDEST, 2.9 + (0.3 if title else 0.0)
    room = max(picture.text_width(name, NAMES) for name in names) + 0.3  # for the names
    with picture.style():
        figure = picture.blank(width, height)
        figure.suptitle(title or "", fontsize=TITLE, fontweight="bold", y=1 - 0.1 / height, va="top")
        for values, label, start, top in (
            (losses, "loss", 0.65, max([2.5, *(y.max() * 1.05 for y in losses.values())])),
            (shares, "read right (%)", width / 2 + 0.65, 102),
        ):  # fixed places: while a network learns, a layout that looks for them would be slow
            axes = figure.add_axes((start / width, 0.55 / height, 0.5 - (0.65 + room) / width, 2.2 / height))
            pairs = {name: (x, y) for name, y in values.items()}
            _plot(axes, pairs, done <= POINTS_MARKED)
            tables += _tables(label, "epoch", pairs)
            axes.set(xlabel="epoch", ylabel=label, xlim=(0.5, max(epochs or done, 2) + 0.5), ylim=(0, top))
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            _name_ends(axes, pairs)
    percent = lambda value: f"{picture.number(value, 1).removesuffix('.0')} %"
    loss = "; ".join(f"{name} from {picture.rough(y[0])} to {picture.rough(y[-1])}" for name, y in losses.items())
    share = "; ".join(f"{name} from {percent(y[0])} to {percent(y[-1])}" for name, y in shares.items())
    each = "each of " if done > 1 else ""
    head = f"Loss and accuracy after {each}{picture.counted(done, 'epoch')}" if done else "No epoch yet"
    return picture.described(
        figure, alt, title, head, loss and f"Loss: {loss}", share and f"Right answers: {share}", tables=tables
    )


def histogram(
    values: Any,
    *,
    xlabel: str,
    bins: int = 40,
    span: Limits = None,
    title: Words = None,
    log: bool = False,
    alt: Words = None,
) -> Picture:
    """Return a figure of how often values occur.

    Parameters
    ----------
    values : ndarray or mapping of str to ndarray
        An array, or {name: array, …} in panels side by side with one x axis.
    xlabel : str
        What the values are, with their unit.
    bins : int
        How many bars there are.
    span : (float, float), optional
        From where to where. None: all values.
    log : bool
        Whether counts have a logarithmic axis.

    Examples
    --------
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
    face, edge = picture.CHOSEN
    told, tables = [], []
    with picture.style():
        figure, sheets = _panels(len(named), title, share=True)
        for axes, (name, array) in zip(sheets, named.items()):
            counts, _, _ = axes.hist(array, edges.tolist(), facecolor=face, edgecolor=edge, linewidth=0.8)
            rows = [[*map(picture.measured, ends), f"{n:.0f}"] for *ends, n in zip(edges, edges[1:], np.ravel(counts))]
            tables.append(Table(name or f"Histogram of {xlabel}", [f"{xlabel} from", "to", "how many"], rows))
            axes.set(xlabel=xlabel, yscale="log" if log else "linear", title=name)
            if array.size:
                middle = f"mean {picture.rough(array.mean())}, standard deviation {picture.rough(array.std())}"
                values_in = f"{name + ': ' if name else ''}{picture.counted(array.size, 'value')}"
                told.append(f"{values_in} {picture.ranged(array)}, {middle}")
        sheets[0].set_ylabel("how many")
        _fix_layout(figure)
    return picture.described(figure, alt, title, f"Histogram of {xlabel}", *told, tables=tables)


def bars(
    values: Mapping[str, float],
    *,
    xlabel: str,
    log: bool = False,
    highlight: Sequence[str] = (),
    decimals: int | None = None,
    title: Words = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of a bar for each number, which is written at its end.

    Parameters
    ----------
    values : mapping of str to float
        The numbers and their names.
    xlabel : str
        What the numbers are, with their unit.
    log : bool
        Whether the axis is logarithmic, for counts of very different size.
    highlight : sequence of str
        Names whose bars are blue and hatched.

    Examples
    --------
    >>> bars({"fully connected": 100_000_100, "shared": 10_000}, xlabel="parameters", log=True)
    [figure: parameters, on a logarithmic scale. fully connected: 100,000,100; shared: 10,000.]
    """
    numbers = np.array(list(values.values()), float)
    if log and numbers.size and numbers.min() <= 0:
        least = picture.number(numbers.min())
        raise ValueError(f"values: got {least}, expected numbers above 0 for a logarithmic axis")
    texts = {name: _count(value, decimals) for name, value in values.items()}
    with picture.style():
        figure, axes = _bar_sheet(texts, title)
        start = 10.0 ** np.floor(np.log10(numbers.min() / 1.5)) if log else 0.0
        for place, (name, value) in enumerate(zip(values, numbers)):
            face, edge = picture.CHOSEN if name in highlight else picture.OTHERS
            hatch = HATCHES[0] if name in highlight else None
            axes.barh(place, value - start, left=start, height=0.68, facecolor=face, edgecolor=edge, hatch=hatch)
            at = (value, place)
            axes.annotate(texts[name], at, (4, 0), textcoords="offset points", va="center", annotation_clip=False)
        axes.set(yticks=range(len(texts)), yticklabels=list(texts), xlabel=xlabel, ylim=(len(texts) - 0.5, -0.5))
        if log:
            axes.set(xscale="log", xlim=(start, 10.0 ** np.ceil(np.log10(numbers.max()))))
        else:
            axes.set_xlim(min(0, numbers.min()), numbers.max() * 1.02)
            if numbers.max() >= 10_000:  # 1,000,000 is easier to read than 1.0 and a far-off 1e6
                axes.xaxis.set_major_locator(MaxNLocator(4))
                axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.tick_params(axis="y", length=0, labelsize=10)
        axes.grid(axis="y", visible=False)
    told = "; ".join(f"{picture.flat(name)}: {text}" for name, text in texts.items())
    return picture.described(figure, alt, title, f"{xlabel}{', on a logarithmic scale' if log else ''}", told)


# ---- parts ----------------------------------------------------------------------------------------------------------


def _pairs(x: Any, ys: Mapping[str, Any]) -> Pairs:
    pairs = {}
    for label, y in ys.items():
        own, y = y if isinstance(y, tuple) else (x, y)
        own, y = np.asarray(own, float), np.asarray(y, float)
        if own.shape != y.shape or own.ndim != 1:
            raise ValueError(f"ys[{label!r}]: got shape {y.shape}, expected {own.shape}, that of x")
        pairs[label] = own, y
    return pairs


def _panels(count: int, title: Words, share: bool = False, names: bool = False) -> tuple[Figure, list[Axes]]:
    width = {1: 6.6 if names else 5.6, 2: picture.WIDEST if names else 8.2}.get(count, picture.WIDEST)
    height = {1: 3.1, 2: 2.9}.get(count, 2.4) + (0.3 if title else 0)
    figure = picture.blank(width, height)
    figure.set_layout_engine("constrained", h_pad=0.08, w_pad=0.06)
    sheets = figure.subplots(1, count, squeeze=False, sharex=share)[0]
    if title:
        figure.suptitle(title, fontsize=TITLE, fontweight="bold")
    return figure, list(sheets)


def _bar_sheet(texts: Mapping[str, str], title: Words) -> tuple[Figure, Axes]:
    """Return a figure with room for the bars' names at the left and their numbers at the right."""
    left = max(picture.text_width(name, 10) for name in texts) + 0.25
    right = max(picture.text_width(text, 10) for text in texts.values()) + 0.2
    width = min(picture.WIDEST, left + right + 4.2)
    foot, head = 0.52, 0.08 + (0.32 if title else 0)
    high = 0.3 * len(texts) + 0.02 + foot + head
    figure = picture.blank(width, high)
    if title:
        figure.text(0.12 / width, 1 - 0.09 / high, title, fontsize=TITLE, fontweight="bold", va="top")
    return figure, figure.add_axes((left / width, foot / high, 1 - (left + right) / width, 1 - (foot + head) / high))


def _plot(axes: Axes, pairs: Pairs, points: bool | None) -> None:
    for place, (label, (x, y)) in enumerate(pairs.items()):
        marked = len(x) <= POINTS_MARKED if points is None else points
        k = place % len(COLOURS)
        axes.plot(x, y, color=COLOURS[k], linestyle=LINES[k], marker=MARKERS[k] if marked else None, label=label)


def _name_ends(axes: Axes, pairs: Pairs) -> None:
    """Write the names of curves beside the axes, each as high as its curve ends, with a line from there to the name."""
    if len(pairs) < 2:
        return
    axes.get_xlim(), axes.get_ylim()  # asking for the limits brings the transforms up to date
    ends = [_last_seen(axes, x, y) for x, y in pairs.values()]
    names = [fill(name.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"), WIDEST_NAME) for name in pairs]
    heights = _heights(axes, ends, names)
    for k in range(len(names)):
        look = {"color": COLOURS[k % len(COLOURS)], "linewidth": 0.8}  # thin: it is no part of the curve
        axes.annotate(
            names[k],
            ends[k],
            (1.06, heights[k]),
            xycoords="axes fraction",
            fontsize=NAMES,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "shrinkA": 0, "shrinkB": 0, "relpos": (0, 0.5), **look},
        )


def _last_seen(axes: Axes, x: Array, y: Array) -> tuple[float, float]:
    """Return the rightmost point of a curve that lies inside the axes, as shares of their width and height."""
    with np.errstate(invalid="ignore", divide="ignore"):
        points = axes.transAxes.inverted().transform(axes.transData.transform(np.column_stack([x, y])))
    inside = np.all(np.isfinite(points) & (points > -0.001) & (points < 1.001), axis=1)
    across, high = max(points[inside].tolist(), default=(1.0, 0.5))
    return float(across), float(high)


def _heights(axes: Axes, ends: list[tuple[float, float]], names: list[str]) -> Array:
    """Return how high names stand, as shares of the axes' height: at their ends, moved apart where they would touch."""
    line = 1.35 * NAMES / 72 / (axes.figure.bbox.height / axes.figure.dpi - 0.75)  # of a line; 0.75: below, above
    order = np.argsort([high for _, high in ends], kind="stable")
    heights = np.array([ends[k][1] for k in order])
    half = np.array([line * (1 + names[k].count("\n")) / 2 for k in order])
    for k in range(1, len(order)):
        heights[k] = max(heights[k], heights[k - 1] + half[k - 1] + half[k])
    heights[-1] = min(heights[-1], 1.0)
    for k in range(len(order) - 2, -1, -1):
        heights[k] = min(heights[k], heights[k + 1] - half[k] - half[k + 1])
    return heights[np.argsort(order)]


def _tables(caption: str, xlabel: str, pairs: Pairs) -> list[Table]:
    """Return the numbers of curves: one table for those that have their x in common, with a column for each."""
    shared: dict[bytes, Pairs] = {}
    for label, (x, y) in pairs.items():
        shared.setdefault(x.tobytes(), {})[label] = x, y
    tables = []
    for some in shared.values():
        x = next(iter(some.values()))[0]
        chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), ROWS)).round().astype(int))
        few = f", {len(chosen)} of {len(x)} points" if len(chosen) < len(x) else ""
        rows = [[picture.measured(x[k]), *(picture.measured(y[k]) for _, y in some.values())] for k in chosen]
        tables.append(Table(picture.flat(f"{caption} against {xlabel}{few}"), [picture.flat(xlabel), *some], rows))
    return tables


def _fix_layout(figure: Figure) -> None:
    """Fix the layout once, so that drawing at another sharpness does not change it."""
    engine = figure.get_layout_engine()
    assert engine is not None
    engine.execute(figure)
    figure.set_layout_engine("none")


def _courses(curves: Mapping[str, Array]) -> str:
    """Return of each curve where it begins and ends, and its extremes if they lie between."""
    told = []
    for name, y in curves.items():
        words = "no values"
        if (y := y[np.isfinite(y)]).size:
            words, spread = f"from {picture.rough(y[0])} to {picture.rough(y[-1])}", float(np.ptp(y)) or 1.0
            if y.max() > max(y[0], y[-1]) + 0.02 * spread:
                words += f", highest {picture.rough(y.max())}"
            if y.min() < min(y[0], y[-1]) - 0.02 * spread:
                words += f", lowest {picture.rough(y.min())}"
        told.append(f"{name}: {words}")
    return "; ".join(told)


def _count(value: float, decimals: int | None) -> str:
    if decimals is not None:
        return f"{value:,.{decimals}f}".replace("-", "−")
    return f"{value:,}".replace("-", "−") if isinstance(value, (int, np.integer)) else picture.number(value)
