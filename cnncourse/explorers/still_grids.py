"""Still pictures of the explorers that stand on the stage of grids: same places, frames and joins as on the page.

For each explorer a function says what stands where (a `Plan`); `figure` draws it. One unit to the pixel.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from .picture import PAGE, indices, page
from .scene import INPUT, Explorer, Grid, Scene, Settings, numbers, text_of
from .sheet import GAP, INK, SIDE, TITLE, Box, Sheet, beam, draw, frame, placed, points
from .stamps import handed_on

Cells = tuple[str, float, float, float, float]  # a grid's name, then row, column, rows, columns


@dataclass
class Plan:
    """What stands where: grids with their sheets, framed cells, which frames are joined, and signs between."""

    height: float
    sheets: dict[str, Sheet] = field(default_factory=dict)
    grids: dict[str, Grid] = field(default_factory=dict)
    frames: list[Cells] = field(default_factory=list)
    joins: list[tuple[int, int]] = field(default_factory=list)
    marks: list[Cells] = field(default_factory=list)
    signs: list[tuple[float, float, str]] = field(default_factory=list)
    counts: bool = False  # results show how many stamps lie on each cell
    counted: tuple[str, ...] = ()  # grids whose numbers are counts

    def put(self, name: str, grid: Grid, x: float, y: float, side: float) -> None:
        """Stand a grid in a square of this side."""
        self.grids[name] = grid
        self.sheets[name] = placed(x, side, (len(grid.values), len(grid.values[0])), y, middle=False)

    def box(self, cells: Cells) -> Box:
        return self.sheets[cells[0]].box(*cells[1:])


def figure(explorer: Explorer, scene: Scene, settings: Settings) -> Figure:
    """Return the figure of a scene that fits."""
    stage = scene.details.get("stage", "")
    plan = (PLANS.get(explorer.name) or PLANS[stage])(scene, settings)
    words = [*map(indices, scene.lines), *textwrap.wrap(scene.sentence, 118)]
    height = plan.height + GAP * len(words) + 8
    picture, axes = page(height)
    for name, grid in plan.grids.items():
        uses = grid.counts if plan.counts and name.startswith("output") else None
        shown = Grid(grid.role, grid.title, uses, grid.kinds) if uses else grid
        draw(axes, plan.sheets[name], shown, texts_of(shown), counted=bool(uses) or name in plan.counted)
    for one, other in plan.joins:
        beam(axes, plan.box(plan.frames[one]), plan.box(plan.frames[other]))
    for cells in plan.frames:
        frame(axes, plan.box(cells))
    for cells in plan.marks:
        frame(axes, plan.box(cells), linewidth=1.2)
    for x, y, text in plan.signs:
        if text == "⋆":
            axes.plot([x], [y], marker="*", markersize=11, color=INK)
        else:
            axes.text(x, y, text, ha="center", va="center", fontsize=points(16), color=INK)
    for k, line in enumerate(words):
        axes.text(SIDE, plan.height + GAP * k, line, va="center", fontsize=points(13), color=INK)
    return picture


def texts_of(grid: Grid) -> list[list[str]]:
    """Return what stands in the cells; nothing in cells that are only places."""
    places = grid.role in ("map", "output")
    return [["" if value is None and places else text_of(value) for value in row] for row in grid.values]


def window_of(scene: Scene, row: int, column: int) -> tuple[float, float, float, float]:
    """Return (row, column, rows, columns) of what an output is computed from."""
    rows, columns = scene.rows[row], scene.columns[column]
    return rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


def seen(grid: Grid, rows: list[int], columns: list[int], weights: Any = 1, title: str = "") -> Grid:
    """Return what stands in these rows and columns, times the weights."""
    values = [[grid.values[i][j] for j in columns] for i in rows]
    if not isinstance(weights, int):
        values = numbers(np.array(values) * np.array(weights))
    return Grid("seen", title, values, ["".join(grid.kinds[i][j] for j in columns) for i in rows])


def channels(scene: Scene, settings: Settings) -> Plan:
    """Return three planes of the input over the kernel's and their products, and the output."""
    row, column = settings["position"]
    at, size = window_of(scene, row, column), len(scene.rows[0])
    plan = Plan(height=382)
    for d, x in enumerate((SIDE, SIDE + 204, SIDE + 408)):
        image, kernel = scene.grid("input", d), scene.grid("kernel", d)
        products = seen(image, scene.rows[row], scene.columns[column], kernel.values, "Products")
        plan.put(f"input {d}", Grid("input", f"Input, channel {d}", image.values, image.kinds), x, TITLE, 180)
        plan.put(f"kernel {d}", Grid("kernel", f"w, channel {d}", kernel.values, kernel.kinds), x, 246, 76)
        plan.put(f"products {d}", products, x + 104, 246, 76)
        plan.frames += [(f"input {d}", *at), (f"products {d}", 0, 0, size, size)]
        total = sum(value for line in products.values for value in line)
        plan.signs += [(x + 90, 284, "="), (x + 142, 342, f"Σ = {text_of(total)}"), (x + 38, 216, "⋆")]
        plan.signs += [(x + 196, 342, "+")] if d < 2 else []
    bias, net = scene.details["bias"], sum(g.values[row][column] for g in scene.grids if g.role == "partial")
    plan.put("output", scene.grid("output"), PAGE - SIDE - 190, 90, 190)
    plan.frames.append(("output", row, column, 1, 1))
    end = f"+ {text_of(bias)} = {text_of(net + bias)}"
    value = scene.grid("output").values[row][column]
    plan.signs.append((PAGE - SIDE - 95, 342, end if value == net + bias else f"{end}, f: {text_of(value)}"))
    return plan


def pooling(scene: Scene, settings: Settings) -> Plan:
    """Return the map, what its window reads, and the pooled map."""
    row, column = settings["position"]
    rows, columns = scene.rows[row], scene.columns[column]
    plan = Plan(height=TITLE + 344 + 20)
    plan.put("input", scene.grid("input"), SIDE, TITLE, 344)
    plan.put("window", seen(scene.grid("input"), rows, columns, title="This window"), 428, 126, 140)
    plan.put("output", scene.grid("output"), PAGE - SIDE - 222, TITLE, 222)
    plan.frames = [("input", *window_of(scene, row, column)), ("window", 0, 0, len(rows), len(columns))]
    plan.frames.append(("output", row, column, 1, 1))
    plan.joins = [(0, 1), (1, 2)]
    if "winners" in scene.details:
        m, n = divmod(scene.details["winners"][row][column], len(columns))
        plan.marks = [("input", rows[m], columns[n], 1, 1), ("window", m, n, 1, 1)]
    plan.signs = [(596, 286, settings["operation"])]
    return plan


def pooling_back(scene: Scene, settings: Settings) -> Plan:
    """Return a δ and its window in the map, what it gives, and where that lies in the derivative."""
    row, column = settings["position"]
    rows, columns = scene.rows[row], scene.columns[column]
    shape = (len(rows), len(columns))
    value, winners = scene.grid("source").values[row][column], scene.details.get("winners")
    shares = np.full(shape, value / (shape[0] * shape[1]))
    plan = Plan(height=TITLE + 344 + 20)
    if winners:
        m, n = divmod(winners[row][column], shape[1])
        shares = np.zeros(shape)
        shares[m, n] = value
        plan.marks = [(name, m, n, 1, 1) for name in ("window", "share")]
    plan.put("input", scene.grid("input"), SIDE, TITLE, 190)
    plan.put("source", scene.grid("source"), SIDE, 246, 124)
    plan.put("window", seen(scene.grid("input"), rows, columns, title="This window of x"), 290, TITLE, 120)
    plan.put("share", Grid("share", "What its δ gives", numbers(shares), [INPUT * shape[1]] * shape[0]), 290, 246, 120)
    plan.put("output", scene.grid("output"), PAGE - SIDE - 340, TITLE, 340)
    window = window_of(scene, row, column)
    plan.frames = [("source", row, column, 1, 1), ("share", 0, 0, *shape), ("output", *window), ("input", *window)]
    plan.frames.append(("window", 0, 0, *shape))
    plan.joins = [(0, 1), (1, 2), (3, 4)]
    return plan


def stamps(scene: Scene, settings: Settings) -> Plan:
    """Return sources, kernels, what lies between, and results: one stamp, or all that adds up at one cell."""
    N, D = (sum(grid.role == role for grid in scene.grids) for role in ("source", "output"))
    by_source = scene.details["by"] == "source"
    ways, most = D if by_source else N, max(N, D)
    side = {1: 176.0, 2: 160.0, 3: 100.0}[most]
    room = side + TITLE + 6
    chosen, row, column = ([0] + settings["position"])[-3:]
    plan = Plan(height=room * most + 24, counts=bool(settings.get("counts")))
    xs = [SIDE, SIDE + 0.3 * PAGE - 30, SIDE + 0.55 * PAGE - 40, PAGE - SIDE - max(side, 150)]

    def top(k: int, count: int) -> float:
        return TITLE + room * (k + (most - count) / 2)

    for k in range(N):
        plan.put(f"source {k}", scene.grid("source", k), xs[0], top(k, N), side)
    for d in range(D):
        plan.put(f"output {d}", scene.grid("output", d), xs[3], top(d, D), side)
    first = (f"source {chosen}", row, column, 1, 1) if by_source else (f"output {chosen}", row, column, 1, 1)
    plan.frames = [first]
    for k in range(ways):
        y = top(k, ways)
        kernel = scene.grid("kernel", chosen * D + k if by_source else k * D + chosen)
        plan.put(f"kernel {k}", kernel, xs[1], y, 0.75 * side)
        plan.signs += [((xs[0] + side + xs[1]) / 2, y + side / 2, "×"), (xs[2] - 22, y + side / 2, "=")]
        (one_stamp if by_source else terms)(plan, scene, k, (chosen, row, column), (xs[2], y, side))
    return plan


def one_stamp(plan: Plan, scene: Scene, d: int, at: tuple[int, int, int], place: tuple[float, float, float]) -> None:
    """Add what the chosen number lays on result d."""
    chosen, row, column = at
    down, across = scene.details["stamps"][0][row], scene.details["stamps"][1][column]
    lens = seen(handed_on(scene, chosen, d, row, column), down, across, title="Number times w")
    plan.put(f"lens {d}", lens, *place)
    plan.frames.append((f"lens {d}", 0, 0, len(down), len(across)))
    kept = [
        [p - border for p in cells if 0 <= p - border < size]
        for cells, border, size in zip((down, across), scene.details["border"], scene.output or (0, 0))
    ]
    if kept[0] and kept[1]:
        plan.frames.append((f"output {d}", kept[0][0], kept[1][0], len(kept[0]), len(kept[1])))
        plan.joins.append((len(plan.frames) - 2, len(plan.frames) - 1))


def terms(plan: Plan, scene: Scene, k: int, at: tuple[int, int, int], place: tuple[float, float, float]) -> None:
    """Add what source k contributes to the chosen cell of a result."""
    chosen, row, column = at
    rows, columns = scene.rows[row], scene.columns[column]
    if not rows or not columns:
        return
    D = sum(grid.role == "output" for grid in scene.grids)
    top, left = scene.details["border"]
    kernel = scene.grid("kernel", k * D + chosen).values
    taps = [
        [
            (scene.details["stamps"][0][i].index(row + top), scene.details["stamps"][1][j].index(column + left))
            for j in columns
        ]
        for i in rows
    ]
    weights = [[kernel[m][n] for m, n in line] for line in taps]
    plan.put(f"lens {k}", seen(scene.grid("source", k), rows, columns, weights, "Products"), *place)
    plan.frames += [(f"source {k}", *window_of(scene, row, column)), (f"lens {k}", 0, 0, len(rows), len(columns))]
    plan.joins.append((len(plan.frames) - 1, 0))
    plan.marks += [(f"kernel {k}", m, n, 1, 1) for m, n in itertools.chain(*taps)]


def one_dimension(scene: Scene, settings: Settings) -> Plan:
    """Return A, B as it lies on it, the products, and the result, one below the other."""
    place, first = settings["position"][1], scene.grid("input")
    count, weights = len(first.values[0]), scene.details["turned"]
    F, cell = len(weights), min(40, (PAGE - 2 * SIDE) / count)
    rest = count - place - F
    times = [w * first.values[0][place + m] for m, w in enumerate(weights)]
    rows = {"kernel": scene.grid("kernel"), "input": first, "output": scene.grid("output")}
    title = "B turned, on A" if settings["way"] == "convolution" else "B, on A"
    for name, said, values in (("turned", title, weights), ("products", "Products", times)):
        rows[name] = Grid("map", said, [[None] * place + values + [None] * rest], [INPUT * count])
    plan = Plan(height=TITLE + 5 * 70, grids=rows)
    for k, name in enumerate(("kernel", "input", "turned", "products", "output")):
        x = (PAGE - cell * count) / 2 + (cell * (F - 1) / 2 if name == "output" else 0)
        plan.sheets[name] = Sheet(x, TITLE + 70 * k, cell, 1, len(rows[name].values[0]))
    plan.frames = [(name, 0, place, 1, F) for name in ("input", "turned", "products")]
    plan.frames.append(("output", 0, place, 1, 1))
    return plan


def expanded(scene: Scene, settings: Settings) -> Plan:
    """Return the source and its kernel, the padded map, the turned kernel, the products, and the full result."""
    row, column = settings["position"]
    rows, columns = (index[k] for index, k in zip(scene.details["windows"], (row, column)))
    plan = Plan(height=TITLE + 276 + 24)
    plan.put("source", scene.grid("source"), SIDE, TITLE, 112)
    plan.put("kernel", scene.grid("kernel"), SIDE, 186, 112)
    plan.put("padded", scene.grid("padded"), 146, TITLE, 250)
    plan.put("turned", scene.grid("turned"), 430, TITLE, 112)
    lens = seen(scene.grid("padded"), rows, columns, scene.grid("turned").values, "Products")
    plan.put("lens", lens, 420, 172, 130)
    plan.put("full", scene.grid("full"), PAGE - SIDE - 250, TITLE, 250)
    plan.frames = [("padded", rows[0], columns[0], len(rows), len(columns)), ("lens", 0, 0, len(rows), len(columns))]
    plan.frames.append(("full", row, column, 1, 1))
    plan.joins = [(0, 1), (1, 2)]
    plan.signs = [(412, TITLE + 56, "⋆"), (562, TITLE + 56, "=")]
    return plan


def matrix(scene: Scene, settings: Settings) -> Plan:
    """Return input, kernel and output beside the matrix, with one of its rows."""
    row, column = settings["position"]
    table = scene.grid("matrix")
    n, wide, size = len(table.values), len(table.values[0]), settings["size"]
    k = row * len(scene.grid("output").values) + column
    plan = Plan(height=TITLE + 250 + 24)
    image = scene.grid("input")
    plan.put("input", Grid("input", f"Input {size} × {size}", image.values, image.kinds), SIDE, TITLE, 150)
    plan.put("kernel", scene.grid("kernel"), 200, TITLE, 96)
    plan.put("output", scene.grid("output"), 330, TITLE, 110)
    plan.grids["matrix"] = Grid("matrix", f"Matrix {n} × {wide}", table.values, table.kinds)
    plan.sheets["matrix"] = Sheet(474, TITLE, min((PAGE - SIDE - 474) / wide, 190 / n), n, wide)
    kinds = [INPUT * wide]
    plan.grids["row"] = Grid("row", f"Row {k} of the matrix", [table.values[k]], kinds)
    plan.sheets["row"] = Sheet(SIDE, 250, min((PAGE - 2 * SIDE) / wide, 24), 1, wide)
    plan.frames = [("output", row, column, 1, 1), ("matrix", k, 0, 1, wide), ("row", 0, 0, 1, wide)]
    plan.frames.append(("input", *window_of(scene, row, column)))
    plan.signs = [(182, TITLE + 48, "⋆"), (313, TITLE + 48, "=")]
    return plan


def stack(scene: Scene, settings: Settings) -> Plan:
    """Return the input, the last map, and one row of every map between."""
    row, column = settings["position"]
    sizes, chain = scene.details["sizes"], scene.details["chain"]
    plan = Plan(height=TITLE + 330 + 24, counted=("input",))
    plan.put("input", scene.grid("input"), SIDE, TITLE, 330)
    output = scene.grid("output")
    empty = Grid("output", output.title, [[None] * sizes[-1] for _ in range(sizes[-1])], output.kinds)
    plan.put("last", empty, PAGE - SIDE - 120, TITLE, 120)
    plan.frames = [("input", *window_of(scene, row, column)), ("last", row, column, 1, 1)]
    cells, step = [column], 180 / len(sizes)
    width = min(400 / sizes[0], 0.6 * step)
    for l in reversed(range(len(sizes))):
        y, x = 180 + step * (len(sizes) - 1 - l), 440 + width * (sizes[0] - sizes[l]) / 2
        plan.grids[f"map {l}"] = Grid("map", "", [[None] * sizes[l]], [INPUT * sizes[l]])
        plan.sheets[f"map {l}"] = Sheet(x, y, width, 1, sizes[l])
        plan.frames.append((f"map {l}", 0, cells[0], 1, cells[-1] - cells[0] + 1))
        plan.signs.append((406, y + width / 2, f"layer {l}" if l else "input"))
        cells = sorted({cell for one in cells for cell in chain[l - 1][one]}) if l else cells
    return plan


PLANS: dict[str, Callable[[Scene, Settings], Plan]] = {
    "convolution_over_channels": channels,
    "pooling_step_by_step": pooling,
    "pooling_sensitivity": pooling_back,
    "matrix_of_a_convolution": matrix,
    "stacked_receptive_field": stack,
    "convolution_in_one_dimension": one_dimension,
    "stamps": stamps,
    "expanded": expanded,
}
