"""The training step as a still picture: forward above, backward below, as web/stages/training_step_layout.js has it."""

from __future__ import annotations

import re
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from cnncourse.language import fill

from .live import WIDE, Scene, sheet, write
from .picture import indices
from .scene import Settings
from .sheet import INK, LINE, SELECT, SOFT, tint
from .small_net import GRIDS, MOST, letter
from .small_net_words import TEXTS, cell_text

LEFT, TOP, CELL, HIGH, PIXEL = 12.0, 8.0, 40.0, 24.0, 20.0  # px
BLOCK = 14 + 3 * HIGH + 6  # px from map 0 to map 1
BAND = 16 + 2 * BLOCK - 6  # px of one way
BACK = BAND + 14  # px from a number down to its derivative
ASIDE = 11  # px for the turn from p to E
FULL = 3.0  # a number so large has the full tint; a derivative of a third of it
COLUMNS = {"x": 4 * PIXEL, "w": 2 * CELL, "net": 3 * CELL, "a": 3 * CELL, "y": 2 * CELL, "W": 4 * CELL + 8, "out": CELL}
SPACE = (WIDE - 2 * LEFT - ASIDE - CELL - sum(COLUMNS.values())) / len(COLUMNS)
LOWER = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
Place = tuple[float, float, float, float]  # x, y, width of a cell, from row to row


def starts() -> dict[str, float]:
    """Return where each column begins, in px."""
    found, x = {}, LEFT
    for name, width in COLUMNS.items():
        found[name] = x
        x += width + SPACE
    return found | {"p": WIDE - LEFT - ASIDE - CELL}


def places() -> dict[str, Place]:
    """Return where the first cell of every grid stands."""
    at, first = starts(), TOP + 30
    found: dict[str, Place] = {"x": (LEFT, TOP + 16 + (BAND - 16) / 2 - 2 * HIGH + 5, PIXEL, HIGH)}
    for prefix, top in (("", first), ("d_", first + BACK)):
        for k in (0, 1):
            y = top + k * BLOCK
            found[f"{prefix}w{k}"] = (at["w"], y, CELL, HIGH)
            found[f"{prefix}wb{k}"] = (at["w"], y + 2 * HIGH, CELL, HIGH)
            found[f"{prefix}y{k}"] = (at["y"], y + HIGH / 2, CELL, HIGH)
            found |= {f"{prefix}{name}{k}": (at[name], y, CELL, HIGH) for name in ("net", "a")}
            found |= {f"{prefix}W{k}{m}": (at["W"] + m * (2 * CELL + 8), y, CELL, HIGH) for m in (0, 1)}
        found[f"{prefix}b"] = (at["W"] + 1.5 * CELL + 4, top + 2 * HIGH, CELL, BLOCK)
        found[f"{prefix}out"] = (at["out"], top + HIGH, CELL, BLOCK)
    found["p"] = (at["p"], first + HIGH, CELL, BLOCK)
    return found | {"E": (at["p"], first + BACK + HIGH, CELL, HIGH)}


def picture(settings: Settings, shown: Scene) -> Figure:
    """Return the figure of all numbers and derivatives, the one looked at framed with what made it, and E so far."""
    numbers = shown.numbers
    figure, axes = sheet(int(TOP + BACK + BAND + 34), shown)
    where = places()
    sizes = {
        back: max(
            FULL / (3 if back else 1), *(abs(values(numbers, name)).max() for name in GRIDS if _back(name) is back)
        )
        for back in (False, True)
    }
    for name, shape in GRIDS.items():
        hidden = name != "E" and settings["show"] == ("forward" if _back(name) else "backward")
        for r in range(shape[0]):
            for c in range(shape[1]):
                value = float(values(numbers, name)[r, c])
                _cell(axes, _box(where, name, r, c), 0.0 if hidden else value, sizes[_back(name)])
                words = _low(letter(name, r, c)) if settings["letters"] else cell_text(value)
                if not hidden:
                    x, y, w, h = _box(where, name, r, c)
                    write(axes, x + w / 2, y + h / 2, words, 11, ha="center")
    _heads(axes, numbers["label"])
    _curve(axes, numbers)
    for cells, looks in ((numbers["targets"], {"linestyle": (0, (3, 2))}), (numbers["sources"], {})):
        for cell in cells:
            _frame(axes, _box(where, *cell), linewidth=1.2, **looks)
    _frame(axes, _box(where, *numbers["look"]), linewidth=2.4)
    write(axes, LEFT, TOP + BACK + BAND + 20, indices(numbers["reading"]), 13, weight="bold")
    return figure


def values(numbers: dict[str, Any], name: str) -> Any:
    """Return the numbers of a grid as an array; E is kept as a number."""
    return numbers[name] if name != "E" else numbers["losses"][-1:, None]


def _low(formula: str) -> str:
    """Return a letter with its digits as small ones, as the page has them.

    >>> _low("∂E/∂w_{01}"), _low("y_0")
    ('∂w₀₁', 'y₀')
    """
    digits = re.sub(r"_{?(\d+)}?", lambda found: found[1].translate(LOWER), formula)
    return indices(digits.replace("∂E/", ""))


def _back(name: str) -> bool:
    return name.startswith("d_")


def _box(where: dict[str, Place], name: str, r: int, c: int) -> Place:
    x, y, width, pitch = where[name]
    return x + c * width, y + r * pitch, width, HIGH


def _cell(axes: Axes, box: Place, value: float, largest: float) -> None:
    x, y, w, h = box
    axes.add_patch(Rectangle((x, y), w, h, facecolor=tint(value, largest), edgecolor=LINE, linewidth=0.75))


def _frame(axes: Axes, box: Place, **looks: Any) -> None:
    x, y, w, h = box
    axes.add_patch(Rectangle((x, y), w, h, fill=False, edgecolor=SELECT, zorder=5, **looks))


def _heads(axes: Axes, label: int) -> None:
    """Write what stands where, and draw the arrows between."""
    at = starts()
    soft: dict[str, Any] = {"color": SOFT}
    for prefix, way, top in (("", "forward", TOP), ("d_", "backward", TOP + BACK)):
        write(axes, LEFT, top + 7, TEXTS[way], 13, weight="bold")
        for name in ("w", "net", "a", "y", "W", "out"):
            write(axes, at[name], top + 7, indices(TEXTS[f"{prefix}{name}"]), 12)
        for k in (0, 1):
            y = top + 30 + k * BLOCK
            for name, said in (("w", "kernel"), ("net", "map"), ("a", "map"), ("W", "unit")):
                write(axes, at[name], y - 7, fill(TEXTS[said], k=k), 11, **soft)
            write(axes, at["y"], y + HIGH / 2 - 7, fill(TEXTS["map"], k=k), 11, **soft)
            write(axes, at["w"] + CELL + 5, y + 2.5 * HIGH, indices(TEXTS["wb"]), 11, **soft)
            write(axes, at["W"] + 1.5 * CELL, y + 2.5 * HIGH, TEXTS["b"], 11, ha="right", **soft)
            for name in ("net", "a", "y", "W", "out") if prefix else ("net", "a", "y", "W", "out", "p"):
                write(axes, at[name] - SPACE / 2, y + 1.5 * HIGH, "←" if prefix else "→", 13, ha="center", **soft)
    first = TOP + 30 + HIGH
    write(axes, LEFT, TOP + 16 + (BAND - 16) / 2 - 2 * HIGH - 3, TEXTS["x"], 11, **soft)
    write(axes, at["w"] - SPACE / 2, TOP + 21 + (BAND - 16) / 2, "→", 13, ha="center", **soft)
    write(axes, at["p"], TOP + 7, TEXTS["p"], 12)
    write(axes, at["p"] + CELL, first + label * BLOCK - 7, TEXTS["truth"], 11, ha="right", **soft)
    low = first + BACK + HIGH / 2
    write(axes, at["p"] + CELL / 2, low - HIGH / 2 - 8, TEXTS["E"], 12, ha="center")
    write(axes, at["p"] - SPACE / 2, low, "←", 13, ha="center", **soft)
    side, level = at["p"] + CELL, first + label * BLOCK + HIGH / 2
    axes.plot([side, side + ASIDE - 2, side + ASIDE - 2, side], [level, level, low, low], color=SOFT, linewidth=1)


def _curve(axes: Axes, numbers: dict[str, Any]) -> None:
    """Draw E before the first step and after each so far."""
    top = TOP + BACK + 34
    high, wide = BAND - 54, COLUMNS["x"]
    write(axes, LEFT, top - 11, TEXTS["curve"], 11, color=SOFT)
    axes.plot([LEFT, LEFT, LEFT + wide], [top, top + high, top + high], color=SOFT, linewidth=0.9)
    xs = [LEFT + wide * n / MOST for n in range(len(numbers["losses"]))]
    ys = [top + high * (1 - E / numbers["top"]) for E in numbers["losses"]]
    axes.plot(xs, ys, color=INK, linewidth=1.4, marker="o", markersize=2.5)
    axes.plot(xs[-1:], ys[-1:], color=INK, marker="o", markersize=5)
    write(axes, LEFT + 8, top + 2, cell_text(numbers["top"]), 11, color=SOFT)
    write(axes, LEFT + wide, top + high + 11, fill(TEXTS["steps"], n=MOST), 11, ha="right", color=SOFT)
