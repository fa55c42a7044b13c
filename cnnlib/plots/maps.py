"""Images, kernels and feature maps as pictures, and what a network makes of them layer by layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from .. import arguments
from . import cells, picture
from .picture import COLOURS, HATCHES, INK, LIGHT_MAP, PAPER, SOFT, Picture

GAP = 12 / 96
SEAM = 4 / 96  # between the maps of one stage
DOT = 4 / 96


def images(
    shown: Any,
    titles: Sequence[str] | None = None,
    *,
    columns: int | None = None,
    light: bool = False,
    size: float | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of images side by side, each with its title.

    shown: one image or several, each (H, W), (1, H, W) or, in colours, (3, H, W); a batch (N, C, H, W) is several, as
    is (N, H, W). Floats from 0 to 1 or whole numbers from 0 to 255. Grey ones are drawn as ink on paper, 0 white;
    light=True draws 0 black, as in a photograph. size: inches of the longer side.

    >>> images(np.zeros((2, 1, 8, 8)), ["label 3", "label 4"])
    [figure: 2 images of 8 by 8: label 3; label 4.]
    """
    tiles = [_rgb(image, light) for image in _several(shown)]
    if not tiles:
        raise ValueError("shown: got no image, expected at least one")
    if titles is not None and len(titles) != len(tiles):
        raise ValueError(f"titles: got {len(titles)}, expected one for each of the {len(tiles)} images")
    titles = list(titles) if titles is not None else [""] * len(tiles)
    columns = columns or min(len(tiles), 8)
    usual = {1: 2.2, 2: 2.2, 3: 2.0, 4: 1.7}.get(columns, 1.25)
    with picture.style():
        figure = _gallery(tiles, titles, columns, size or usual, title)
    if alt is None:
        sizes = {tile.shape[:2] for tile in tiles}
        what = f"{len(tiles)} images" if len(tiles) > 1 else "an image"
        what += " of " + picture.listed([f"{h} by {w}" for h, w in sorted(sizes)])
        named = [picture.flat(text) for text in titles if text]
        told = "; ".join(named[:24]) + (f" and {len(named) - 24} more" if len(named) > 24 else "")
        alt = picture.sentence(title and picture.flat(title), f"{what}: {told}" if told else what)
        alt = alt[:1].upper() + alt[1:]
    return Picture(figure, alt)


def image_numbers(
    image: np.ndarray,
    window: tuple[int, int, int, int],
    *,
    title: str = "the image",
    light: bool = False,
    alt: str | None = None,
) -> Picture:
    """Return a figure of an image and the numbers of a part of it: window (row, column, height, width), framed.

    image: (H, W), (1, H, W) or, in colours, (3, H, W), then with one table each for red, green and blue. The numbers
    are the array's own; floats are written with two decimals.

    >>> image_numbers(np.arange(12, dtype=np.uint8).reshape(3, 4), (1, 2, 2, 2)).alt[-40:]
    'rows 1 to 2, columns 2 to 3: 6 7; 10 11.'
    """
    channels = image[None] if image.ndim == 2 else image
    rgb = _rgb(channels, light)
    row, column, height, width = window
    part = channels[:, row : row + height, column : column + width]
    if part.shape[1:] != (height, width) or min(window) < 0:
        raise ValueError(
            f"window: got {window}, expected a part of an image of {rgb.shape[0]} by {rgb.shape[1]} pixels"
        )
    names = ["its numbers"] if len(channels) == 1 else ["red", "green", "blue"]
    limit = 1.0 if channels.dtype.kind == "f" else 255.0
    longest = max(picture.text_width(picture.number(v), 8.5) for v in part.ravel().tolist())
    room = (picture.WIDEST - 2.4 - GAP * 3 * len(names)) / (len(names) * width)
    cell = picture.snapped(max(0.17, min(max(longest + 0.08, 0.3), room)))
    side_w, side_h = _fit(rgb.shape[:2], 2.25)
    body = max(side_h, cell * height)
    below = max((side_h - body) / 2 + 0.45, 0.14)  # the caption stands under the image, the table may be taller
    where = f"framed: rows {row} to {row + height - 1},\ncolumns {column} to {column + width - 1}"
    with picture.style():
        figure = picture.blank(2 * GAP + side_w + (GAP * 3 + cell * width) * len(names), 0.3 + body + below)
        axes = picture.canvas(figure)
        middle, left = 0.3 + body / 2, GAP + side_w + GAP * 3
        above = picture.snapped(middle - side_h / 2)
        _paint(axes, rgb, GAP, above, side_w, side_h)
        axes.text(GAP + side_w / 2, above - 0.06, title, ha="center", va="bottom", fontweight="bold")
        axes.text(GAP + side_w / 2, above + side_h + 0.06, where, ha="center", va="top", fontsize=9, color=SOFT)
        dx, dy = side_w / rgb.shape[1], side_h / rgb.shape[0]
        frame = (GAP + column * dx, above + row * dy), width * dx, height * dy
        axes.add_patch(Rectangle(*frame, fill=False, edgecolor=PAPER, linewidth=3.6, zorder=3))
        axes.add_patch(Rectangle(*frame, fill=False, edgecolor=COLOURS[1], linewidth=2, zorder=3))
        for name, values in zip(names, part):
            made = cells.grid(values, name, fill=len(names) == 1 and not light)
            corner = picture.snapped(left), picture.snapped(middle - cell * height / 2)
            cells.draw_grid(axes, made, *corner, cell, strength=0.45, limit=limit)
            left += cell * width + GAP * 3
    if alt is None:
        told = [
            f"{name} in rows {row} to {row + height - 1}, columns {column} to {column + width - 1}: "
            + "; ".join(" ".join(picture.number(v) for v in line) for line in values.tolist())
            for name, values in zip(names, part)
        ]
        head = (
            f"{picture.flat(title)}, {rgb.shape[0]} by {rgb.shape[1]} pixels, with a part of it framed, and beside it "
        )
        alt = picture.sentence(head + "; ".join(told))
    return Picture(figure, alt)


def feature_maps(
    maps: Any,
    titles: Sequence[str] | None = None,
    *,
    columns: int | None = None,
    signed: bool | None = None,
    shared: bool = True,
    size: float | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of the maps of a layer, or of several layers in rows below each other.

    maps: (C, H, W), a batch of one (1, C, H, W), or {row name: such an array, …}. Signed maps (with a value below 0,
    unless `signed` says otherwise) are red above 0 and blue below, others grey; 0 is white in both. shared: one scale,
    shown beside, for all maps of a layer; False: each map has its own. titles: one above each column.

    >>> feature_maps({"net": np.eye(4)[None], "pooled": np.eye(2)[None]}, ["map 0"])
    [figure: Maps map 0. net: 1 map of 4 by 4, values from 0 to 1; pooled: 1 map of 2 by 2, values from 0 to 1.]
    """
    rows = {name: _maps(array) for name, array in maps.items()} if isinstance(maps, Mapping) else {"": _maps(maps)}
    count = max(len(array) for array in rows.values())
    if titles is not None and len(titles) != count:
        raise ValueError(f"titles: got {len(titles)}, expected one for each of the {count} maps")
    columns = min(columns or (count if len(rows) > 1 else min(count, 8)), count)
    names = max((picture.text_width(name, 10, True) for name in rows), default=0) + GAP if any(rows) else 0
    bar = 0.62 if shared else 0
    room = (picture.WIDEST - names - bar - GAP * (columns + 2)) / columns
    usual = {1: 2.4, 2: 2.2, 3: 1.9, 4: 1.6, 5: 1.35}.get(columns, 1.2)
    tile = picture.snapped(min(size or usual, room))
    label = 0.22 if titles is not None else 0
    head = 0.34 if title else 0.06
    lines = [(name, array, start) for name, array in rows.items() for start in range(0, len(array), columns)]
    labelled = [bool(label) and (len(rows) == 1 or place == 0) for place, _ in enumerate(lines)]
    high = head + sum(tile + GAP + label * yes for yes in labelled)
    wide = GAP + names + columns * (tile + GAP) + bar
    with picture.style():
        figure = picture.blank(max(wide, picture.text_width(title or "", 10.5, True) + 2 * GAP), high)
        axes = picture.canvas(figure)
        if title:
            axes.text(GAP, 0.08, title, fontsize=10.5, fontweight="bold", va="top")
        y = head
        for (name, array, start), yes in zip(lines, labelled):
            y += label * yes
            y = picture.snapped(y)
            colour = picture.is_signed(array, signed)
            limit = _limit(array)
            if name and start == 0:
                axes.text(GAP, y + tile / 2, name, fontweight="bold", va="center")
            for place, values in enumerate(array[start : start + columns]):
                x = picture.snapped(GAP + names + place * (tile + GAP))
                width, height = _fit(values.shape, tile)
                if yes:
                    text = titles[start + place]
                    axes.text(x + width / 2, y - 0.05, text, ha="center", va="bottom", fontsize=9.5)
                own = limit if shared else _limit(values)
                _paint(axes, picture.colours(values, colour, own), x, y, width, height)
            if shared and start == 0:
                _scale(axes, GAP + names + columns * (tile + GAP), y, tile, colour, limit)
            y += tile + GAP
    if alt is None:
        told = [
            (f"{picture.flat(name)}: " if name else "") + f"{_spoken_size(array)}, "
            f"values from {picture.rough(array.min())} to {picture.rough(array.max())}"
            for name, array in rows.items()
        ]
        named = f"Maps {picture.listed([picture.flat(t) for t in titles])}" if titles is not None else None
        alt = picture.sentence(title and picture.flat(title), named, "; ".join(told))
    return Picture(figure, alt)


def kernels(
    weight: np.ndarray,
    titles: Sequence[str] | None = None,
    *,
    numbers: bool | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of the kernels of a layer: weight (N, D, F_h, F_w) or (N, F_h, F_w), red above 0, blue below.

    Each column is a kernel, each row an input channel. numbers: also write the weights; None means where there is room.

    >>> kernels(np.array([[[[1, -1], [1, -1]]]]), ["vertical edges"])
    [figure: 1 kernel of 2 by 2: vertical edges: 1 −1; 1 −1.]
    """
    weight = np.asarray(weight)
    weight = weight[:, None] if weight.ndim == 3 else weight
    if weight.ndim != 4:
        raise ValueError(f"weight: got shape {weight.shape}, expected (N, D, F_h, F_w) or (N, F_h, F_w)")
    count, depth, height, width = weight.shape
    if titles is None:
        titles = [f"kernel {n}" for n in range(count)]
    limit = _limit(weight)
    numbers = count * width <= 15 if numbers is None else numbers
    names = 0.9 if depth > 1 else 0
    bar = 0 if numbers else 0.62
    room = (picture.WIDEST - names - bar - GAP) / count - GAP
    cell = picture.snapped(min(0.42 if numbers else 0.24, room / width), down=True) or DOT
    tile_w, tile_h = cell * width, cell * height
    across = max(tile_w, min(room, max(picture.text_width(text, 9.5, True) for text in titles))) + GAP
    head = (0.34 if title else 0.06) + 0.22
    high = head + depth * (tile_h + GAP)
    wide = GAP + names + count * across + bar
    with picture.style():
        figure = picture.blank(max(wide, picture.text_width(title or "", 10.5, True) + 2 * GAP), high)
        axes = picture.canvas(figure)
        if title:
            axes.text(GAP, 0.08, title, fontsize=10.5, fontweight="bold", va="top")
        for d in range(depth):
            y = picture.snapped(head + d * (tile_h + GAP))
            if depth > 1:
                axes.text(GAP, y + tile_h / 2, f"channel {d}", va="center", fontsize=9.5)
            for n in range(count):
                x = picture.snapped(GAP + names + n * across + (across - GAP - tile_w) / 2)
                if d == 0:
                    place = x + tile_w / 2, y - 0.06
                    axes.text(*place, titles[n], ha="center", va="bottom", fontsize=9.5, fontweight="bold")
                if numbers:
                    made = cells.grid(weight[n, d], signed=True)
                    cells.draw_grid(axes, made, x, y, cell, limit=limit, strength=0.5)
                else:
                    _paint(axes, picture.colours(weight[n, d], True, limit), x, y, tile_w, tile_h)
        if not numbers:
            _scale(axes, GAP + names + count * across, head, max(tile_h, 0.5), True, limit)
    if alt is None:
        what = f"{count} kernel{'s' if count > 1 else ''} of " + (f"{depth} by " if depth > 1 else "")
        what += f"{height} by {width}"
        if weight.size <= cells.SPOKEN_CELLS:
            told = "; ".join(
                f"{picture.flat(text)}: " + "; ".join(cells.Grid(channel).spoken().split(": ")[1] for channel in kernel)
                for text, kernel in zip(titles, weight)
            )
        else:
            told = f"weights from {picture.rough(weight.min())} to {picture.rough(weight.max())}"
        alt = picture.sentence(title and picture.flat(title), f"{what}: {told}")
    return Picture(figure, alt)


def probabilities(
    p: np.ndarray,
    *,
    image: np.ndarray | None = None,
    truth: int | None = None,
    names: Sequence[str] | None = None,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of the probabilities of all classes as bars, p (classes,), beside the image if there is one.

    The largest is hatched. truth: the true class, marked. names: of the classes, else their numbers.

    >>> probabilities(np.array([0.1, 0.7, 0.2]), truth=1)
    [figure: Probabilities of 3 classes: 1 with 0.700, then 2 with 0.200, then 0 with 0.100. True class: 1.]
    """
    p = arguments.floats_of_rank("p", p, "class")
    names = [str(name) for name in (names or range(len(p)))]
    row = 0.235
    left = max(picture.text_width(name, 10) for name in names) + 0.2
    side = 2.2 if image is not None else 0
    start = side + (GAP * 3 if side else 0)
    head = 0.36 if title else 0.08
    high = head + max(row * len(p), side) + 0.12
    bars = 3.2
    wide = GAP + start + left + bars + 1.05
    with picture.style():
        figure = picture.blank(wide, high)
        axes = picture.canvas(figure)
        if title:
            axes.text(GAP, 0.08, title, fontsize=10.5, fontweight="bold", va="top")
        if image is not None:
            _paint(axes, _rgb(image, False), GAP, head, side, side)
        y = head + (max(row * len(p), side) - row * len(p)) / 2
        _bars(axes, p, names, GAP + start + left, y, bars, row, truth, places=3)
    if alt is None:
        best = np.argsort(-p, kind="stable")
        told = ", then ".join(f"{names[k]} with {_share(p[k], 3)}" for k in best[:3])
        known = f"True class: {names[truth]}" if truth is not None else None
        head_text = title and picture.flat(title)
        seen = "An image and beside it the probabilities" if image is not None else "Probabilities"
        alt = picture.sentence(head_text, f"{seen} of {len(p)} classes: {told}", known)
    return Picture(figure, alt)


def layer_maps(
    stages: Mapping[str, np.ndarray] | Sequence[tuple[str, np.ndarray]],
    *,
    truth: int | None = None,
    names: Sequence[str] | None = None,
    height: float = 4.1,
    backwards: bool = False,
    title: str | None = None,
    alt: str | None = None,
) -> Picture:
    """Return a figure of an image on its way through a network, a column for each stage, from left to right.

    stages: {name: array} or pairs (name, array), whose names may occur twice; an array (C, H, W) is drawn as C maps, a vector (units,) as a block of cells, and a vector in
    the last place as probabilities of the classes, with `truth` marked. A batch of one is taken for its image. All maps
    of a stage share one scale; 0 is white, stages with values below 0 are red and blue, others grey. backwards: the
    arrows between the columns point to the left, for gradients, which a network computes from its last layer on.

    >>> layer_maps({"image": np.ones((1, 6, 6)), "conv": -np.ones((2, 4, 4)), "answer": np.array([0.25, 0.75])})
    [figure: From left to right: image, 1 map of 6 by 6; conv, 2 maps of 4 by 4; answer, 2 probabilities, the largest is that of 1 with 0.750.]
    """  # noqa: E501
    pairs = stages.items() if isinstance(stages, Mapping) else stages
    arrays = [(name, _one(np.asarray(array))) for name, array in pairs]
    for name, array in arrays:
        if array.ndim not in (1, 3):
            raise ValueError(f"stages[{name!r}]: got shape {array.shape}, expected (C, H, W) or (units,)")
    last, p = arrays[-1]
    is_answer = p.ndim == 1
    head = (0.36 if title else 0.04) + 0.5
    blocks = [_block(array, height) for _, array in (arrays[:-1] if is_answer else arrays)]
    widths = [block[2] for block in blocks]
    feet = [_size_of(array) for _, array in arrays]
    if is_answer:
        widths.append(2.0)
        feet[-1] = f"{len(p)} probabilities"
    heads = [_wrapped(name, width) for (name, _), width in zip(arrays, widths)]
    wording = [max(picture.text_width(top, 9.5, True), picture.text_width(foot, 9)) for top, foot in zip(heads, feet)]
    room = [max(width, words) for width, words in zip(widths, wording)]
    spare = picture.WIDEST - 2 * GAP - sum(room)
    gap = min(max(spare / max(len(room) - 1, 1), 0.1), 0.42)
    wide = 2 * GAP + sum(room) + gap * (len(room) - 1)
    with picture.style():
        figure = picture.blank(wide, head + height + 0.34)
        axes = picture.canvas(figure)
        if title:
            axes.text(GAP, 0.08, title, fontsize=10.5, fontweight="bold", va="top")
        x = GAP
        for place, (_, array) in enumerate(arrays):
            middle = x + room[place] / 2
            axes.text(middle, head - 0.1, heads[place], fontsize=9.5, fontweight="bold", ha="center", va="bottom")
            if is_answer and place == len(arrays) - 1:
                row = min(height / len(array), 0.32)
                own = [str(n) for n in (names or range(len(array)))]
                y = head + (height - row * len(array)) / 2
                _bars(axes, array, own, x + 0.2, y, 0.85, row, truth, places=3)
            else:
                _paint_block(axes, array, blocks[place], middle, head, height)
            axes.text(middle, head + height + 0.1, feet[place], fontsize=9, ha="center", va="top", color=SOFT)
            if place:
                between = x - gap / 2
                arrow = "‹" if backwards else "›"
                axes.text(between, head + height / 2, arrow, fontsize=16, ha="center", va="center", color=SOFT)
            x += room[place] + gap
    if alt is None:
        told = [f"{picture.flat(name)}, {_spoken_size(array)}" for name, array in arrays]
        if is_answer:
            top = int(p.argmax())
            name = names[top] if names else top
            told[-1] = (
                f"{picture.flat(last)}, {len(p)} probabilities, the largest is that of {name} with {_share(p[top], 3)}"
            )
        known = f"True class: {names[truth] if names else truth}" if truth is not None else None
        alt = picture.sentence(title and picture.flat(title), f"From left to right: {'; '.join(told)}", known)
    return Picture(figure, alt)


# ---- parts ----------------------------------------------------------------------------------------------------------


def _several(shown: Any) -> list[np.ndarray]:
    if isinstance(shown, np.ndarray):
        return [shown] if shown.ndim == 2 else list(shown)
    return [np.asarray(image) for image in shown]


def _rgb(image: np.ndarray, light: bool) -> np.ndarray:
    """Return an image (H, W), (1, H, W) or (3, H, W) as colours (H, W, 3) in [0, 1]."""
    if image.ndim not in (2, 3) or (image.ndim == 3 and len(image) not in (1, 3)):
        raise ValueError(f"image: got shape {image.shape}, expected (H, W), (1, H, W) or (3, H, W)")
    values = image / 255 if image.dtype.kind in "iu" else np.asarray(image, dtype=float)
    values = np.clip(values, 0, 1)
    if values.ndim == 3 and len(values) == 3:
        return values.transpose(1, 2, 0)
    grey = values[0] if values.ndim == 3 else values
    return LIGHT_MAP(grey)[..., :3] if light else picture.colours(grey, False, 1.0)


def _one(array: np.ndarray) -> np.ndarray:
    """Return the only image's array of a batch of one."""
    return array[0] if len(array) == 1 and array.ndim in (2, 4) else array


def _maps(array: Any) -> np.ndarray:
    array = np.asarray(array)
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3 or not array.size:
        raise ValueError(f"maps: got shape {array.shape}, expected (C, H, W), one image's maps")
    return array


def _limit(values: np.ndarray) -> float:
    return float(np.abs(np.nan_to_num(values)).max(initial=0)) or 1.0


def _fit(shape: tuple[int, ...], tile: float) -> tuple[float, float]:
    """Return (width, height) in inches of a map of this shape in a square tile."""
    height, width = shape
    return tile * width / max(shape), tile * height / max(shape)


def _paint(axes: Any, rgb: np.ndarray, x: float, y: float, width: float, height: float) -> None:
    extent = (x, x + width, y + height, y)
    axes.imshow(rgb, extent=extent, interpolation="nearest", aspect="auto", zorder=1)
    axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=SOFT, linewidth=0.8, zorder=2))


def _scale(axes: Any, x: float, y: float, height: float, signed: bool, limit: float) -> None:
    """Draw the scale of colours with its ends and, for signed values, the 0 in the middle."""
    height = min(height, 1.3)
    steps = np.linspace(1, -1 if signed else 0, 65)[:, None]
    _paint(axes, picture.colours(steps, signed, 1.0), x, y, 0.11, height)
    ends = [(0, picture.rough(limit)), (height, picture.rough(-limit) if signed else "0")]
    for offset, text in ends + ([(height / 2, "0")] if signed else []):
        va = {0: "top", height: "bottom"}.get(offset, "center")
        axes.text(x + 0.16, y + offset, text, fontsize=8.5, va=va, color=SOFT)


def _gallery(tiles: list[np.ndarray], titles: list[str], columns: int, size: float, title: str | None) -> Any:
    lines = max((len(text.split("\n")) for text in titles if text), default=0)
    label = 0.2 * lines + (0.04 if lines else 0)
    words = max((picture.text_width(text, 9.5) for text in titles if text), default=0)
    tile = picture.snapped(min(size, (picture.WIDEST - GAP) / columns - GAP))
    across = max(tile, words) + GAP
    if across * columns > picture.WIDEST:
        across = tile + GAP
    rows = math.ceil(len(tiles) / columns)
    head = 0.34 if title else 0.06
    tall = max(tile * _share_of_height(image) for image in tiles)
    wide = GAP + across * columns
    figure = picture.blank(
        max(wide, picture.text_width(title or "", 10.5, True) + 2 * GAP), head + rows * (tall + label + GAP)
    )
    axes = picture.canvas(figure)
    if title:
        axes.text(GAP, 0.08, title, fontsize=10.5, fontweight="bold", va="top")
    for place, (image, text) in enumerate(zip(tiles, titles)):
        row, column = divmod(place, columns)
        width, height = _fit(image.shape[:2], tile)
        x = GAP + column * across + (across - GAP - width) / 2
        y = head + row * (tall + label + GAP) + label
        _paint(axes, image, picture.snapped(x), picture.snapped(y), width, height)
        axes.text(x + width / 2, y - 0.05, text, fontsize=9.5, ha="center", va="bottom")
    return figure


def _share_of_height(image: np.ndarray) -> float:
    return image.shape[0] / max(image.shape[:2])


def _bars(
    axes: Any,
    p: np.ndarray,
    names: list[str],
    x: float,
    y: float,
    length: float,
    row: float,
    truth: int | None,
    places: int,
) -> None:
    best = int(p.argmax()) if len(p) else -1
    for k, (name, value) in enumerate(zip(names, p.tolist())):
        middle = y + (k + 0.5) * row
        weight = "bold" if k == best else "normal"
        axes.text(x - 0.08, middle, name, ha="right", va="center_baseline", fontsize=10, fontweight=weight)
        box = (x, middle - row * 0.36), length * min(max(value, 0), 1), row * 0.72
        face = "#bfdcee" if k == best else "#d9d9d9"
        hatch = HATCHES[0] if k == best else None
        axes.add_patch(Rectangle(*box, facecolor=face, edgecolor=COLOURS[0] if k == best else SOFT, hatch=hatch, lw=1))
        told = _share(value, places)
        if k == truth:
            told += " ◂ true"
        at = x + box[1] + 0.07
        axes.text(at, middle, told, va="center_baseline", fontsize=9, fontweight=weight, color=INK)
    axes.plot([x, x], [y, y + row * len(p)], color=INK, linewidth=1)


def _share(value: float, places: int) -> str:
    """Return a probability with so many decimals; one that would look like 0 or 1 but is not is told as a bound."""
    smallest, text = 10.0**-places, f"{value:.{places}f}"
    if 0 < value < smallest / 2:
        return f"<{smallest:.{places}f}"
    if value < 1 and float(text) == 1:
        return f">{1 - smallest:.{places}f}"
    return text


def _wrapped(name: str, width: float) -> str:
    """Return a name with a new line after its commas if it is wider than so many inches."""
    return name if picture.text_width(name, 9.5, True) <= width else name.replace(", ", ",\n")


def _block(array: np.ndarray, height: float) -> tuple[int, int, float, float]:
    """Return (rows, columns, inches across, inches of one tile or cell) for the maps or units of a stage."""
    if array.ndim == 1:
        rows = next(r for r in range(min(len(array), 24), 0, -1) if len(array) % r == 0)
        cell = picture.snapped(min(height / rows, 0.13), down=True)
        return rows, len(array) // rows, len(array) // rows * cell, cell
    count = len(array)
    columns = math.ceil(count / 8)
    rows = math.ceil(count / columns)
    tile = picture.snapped(min((height + SEAM) / rows - SEAM, 1.17 if count == 1 else 0.63), down=True)
    return rows, columns, columns * (tile + SEAM) - SEAM, tile


def _paint_block(
    axes: Any, array: np.ndarray, block: tuple[int, int, float, float], x: float, y: float, h: float
) -> None:
    rows, columns, across, tile = block
    signed, limit = picture.is_signed(array, None), _limit(array)
    if array.ndim == 1:
        left, top = picture.snapped(x - across / 2), picture.snapped(y + (h - rows * tile) / 2)
        rgb = picture.colours(array.reshape(columns, rows).T, signed, limit)
        _paint(axes, rgb, left, top, across, rows * tile)
        return
    step = tile + SEAM
    x, top = picture.snapped(x - across / 2), picture.snapped(y + (h - rows * step + SEAM) / 2)
    for place, values in enumerate(array):
        column, row = divmod(place, rows)
        corner = x + column * step, top + row * step
        _paint(axes, picture.colours(values, signed, limit), *corner, *_fit(values.shape, tile))


def _size_of(array: np.ndarray) -> str:
    if array.ndim == 1:
        return f"{len(array)} units"
    count, height, width = array.shape
    return f"{height} × {width}" if count == 1 else f"{count} @ {height} × {width}"


def _spoken_size(array: np.ndarray) -> str:
    if array.ndim == 1:
        return f"{len(array)} units"
    count, height, width = array.shape
    return f"{count} map{'s' if count > 1 else ''} of {height} by {width}"
