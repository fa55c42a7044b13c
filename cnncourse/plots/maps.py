"""Images, kernels and feature maps as pictures, and what a network makes of them layer by layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cnnlib import arguments

from . import cells, picture
from .picture import COLOURS, HATCHES, INK, LIGHT_MAP, MARGIN, PAPER, SOFT, Array, Names, Picture, Words, box, write

SEAM = 4 / 96  # inches between the maps of one stage
DOT = 4 / 96
SCALE = 0.62  # inches that a scale of colours takes beside the maps


def images(
    shown: Any,
    titles: Names = None,
    *,
    columns: int | None = None,
    light: bool = False,
    size: float | None = None,
    title: Words = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of images side by side.

    Parameters
    ----------
    shown : ndarray or sequence of ndarray
        One image or several, each (H, W), (1, H, W) or, in colours, (3, H, W). A batch (B, D, H, W) is several, as is
        (B, H, W). Floats from 0 to 1 or integers from 0 to 255.

    Examples
    --------
    >>> images(np.zeros((2, 1, 8, 8)), ["label 3", "label 4"])
    [figure: 2 images of 8 by 8: label 3; label 4.]
    """
    several = shown[None] if isinstance(shown, np.ndarray) and shown.ndim == 2 else shown
    tiles = [_rgb(np.asarray(image), light) for image in several]
    if not tiles:
        raise ValueError("shown: got no image, expected at least one")
    if titles is not None and len(titles) != len(tiles):
        raise ValueError(f"titles: got {len(titles)}, expected one for each of the {len(tiles)} images")
    texts = [""] * len(tiles) if titles is None else list(titles)
    columns = columns or min(len(tiles), 8)
    tile = size or {1: 2.2, 2: 2.2, 3: 2.0, 4: 1.7}.get(columns, 1.25)
    tile = picture.snapped(min(tile, (picture.WIDEST - MARGIN) / columns - MARGIN))
    across = max(tile, *(picture.text_width(text, 9.5) for text in texts)) + MARGIN
    if across * columns > picture.WIDEST:
        across = tile + MARGIN
    lines = max(picture.lines(text) for text in texts)
    rows = [
        Row(tiles[k : k + columns], texts[k : k + columns] if lines else None) for k in range(0, len(tiles), columns)
    ]
    with picture.style():
        figure = _mosaic(rows, columns, tile, across, 0.2 * lines + 0.04, title)
    sizes = picture.listed([f"{h} by {w}" for h, w in sorted({image.shape[:2] for image in tiles})])
    named = [picture.flat(text) for text in texts if text]
    more = f" and {len(named) - 24} more" if len(named) > 24 else ""
    what = f"{len(tiles)} images of {sizes}" if len(tiles) > 1 else f"an image of {sizes}"
    told = picture.sentence(picture.flat(title), f"{what}: {'; '.join(named[:24])}{more}" if named else what)
    return picture.described(figure, alt, None, picture.capital(told))


def image_numbers(
    image: Array, window: tuple[int, int, int, int], *, title: str = "the image", light: bool = False, alt: Words = None
) -> Picture:
    """Return a figure of an image and the numbers of a part of it, which is framed in the image.

    Parameters
    ----------
    image : ndarray
        (H, W), (1, H, W) or, in colours, (3, H, W), which gets a table each for red, green and blue.
    window : (int, int, int, int)
        The part: first row, first column, height, width.
    title : str
        A text above the image.

    Examples
    --------
    >>> image_numbers(np.arange(12, dtype=np.uint8).reshape(3, 4), (1, 2, 2, 2)).alt[-40:]
    'rows 1 to 2, columns 2 to 3: 6 7; 10 11.'
    """
    channels = image[None] if image.ndim == 2 else image
    rgb = _rgb(channels, light)
    row, column, height, width = window
    part = channels[:, row : row + height, column : column + width]
    if part.shape[1:] != (height, width) or min(window) < 0:
        expected = f"a part of an image of {rgb.shape[0]} by {rgb.shape[1]} pixels"
        raise ValueError(f"window: got {window}, expected {expected}")
    names = ["its numbers"] if len(channels) == 1 else ["red", "green", "blue"]
    tables = [cells.grid(values, name, fill=len(channels) == 1 and not light) for name, values in zip(names, part)]
    rows, columns = f"rows {row} to {row + height - 1}", f"columns {column} to {column + width - 1}"
    with picture.style():
        figure, on = _image_beside_tables(rgb, tables, title, f"framed: {rows},\n{columns}")
        for edge, line in ((PAPER, 3.6), (COLOURS[1], 2)):
            on[0].box(row, column, height, width, edge=edge, linewidth=line, zorder=3)
        for place, made in zip(on[1:], tables):
            cells.draw_grid(place, made, strength=0.45, limit=1.0 if channels.dtype.kind == "f" else 255.0)
    told = [f"{made.title} in {rows}, {columns}: {made.told()}" for made in tables]
    what = f"{picture.flat(title)}, {rgb.shape[0]} by {rgb.shape[1]} pixels"
    return picture.described(figure, alt, None, f"{what}, with a part of it framed, and beside it {'; '.join(told)}")


def _image_beside_tables(
    rgb: Array, tables: list[cells.Grid], title: str, caption: str
) -> tuple[Figure, list[cells.Cells]]:
    """Return a figure with an image, and where the pixels of the image and the cells of each table lie."""
    height, width = tables[0].values.shape
    gap, count = 3 * MARGIN, len(tables)
    longest = max(cells.longest(made, 8.5) for made in tables)
    room = (picture.WIDEST - 2.4 - gap * count) / (count * width)
    cell = picture.snapped(max(0.17, min(max(longest + 0.08, 0.3), room)))
    across, tall = _fit(rgb.shape[:2], 2.25)
    body = max(tall, cell * height)
    below = max((tall - body) / 2 + 0.45, 0.14)  # the caption stands under the image, the table may be taller
    figure, axes = picture.sheet(2 * MARGIN + across + (gap + cell * width) * count, 0.3 + body + below)
    middle = 0.3 + body / 2
    above = picture.snapped(middle - tall / 2)
    _paint(axes, rgb, MARGIN, above, across, tall)
    write(axes, MARGIN + across / 2, above - 0.06, title, "center bottom", bold=True)
    write(axes, MARGIN + across / 2, above + tall + 0.06, caption, "center top", 9, color=SOFT)
    lefts = [picture.snapped(MARGIN + across + gap + k * (cell * width + gap)) for k in range(count)]
    top = picture.snapped(middle - cell * height / 2)
    pixel = cells.Cells(axes, MARGIN, above, across / rgb.shape[1])
    return figure, [pixel, *(cells.Cells(axes, left, top, cell) for left in lefts)]


def feature_maps(
    maps: Any,
    titles: Names = None,
    *,
    columns: int | None = None,
    signed: bool | None = None,
    shared: bool = True,
    size: float | None = None,
    title: Words = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of the maps of a layer, or of several layers in rows below each other. 0 is white.

    Parameters
    ----------
    maps : ndarray or mapping of str to ndarray
        (D, H, W), a batch of one (1, D, H, W), or {row name: such an array, …}.
    shared : bool
        Whether all maps of a layer have one scale of colours, shown beside them; else each has its own.

    Examples
    --------
    >>> feature_maps({"net": np.eye(4)[None], "pooled": np.eye(2)[None]}, ["map 0"])
    [figure: Maps map 0. net: 1 map of 4 by 4, values from 0 to 1; pooled: 1 map of 2 by 2, values from 0 to 1.]
    """
    layers = {name: _maps(array) for name, array in maps.items()} if isinstance(maps, Mapping) else {"": _maps(maps)}
    count = max(len(array) for array in layers.values())
    if titles is not None and len(titles) != count:
        raise ValueError(f"titles: got {len(titles)}, expected one for each of the {count} maps")
    columns = min(columns or (count if len(layers) > 1 else min(count, 8)), count)
    rows: list[Row] = []
    told = []
    for name, array in layers.items():
        coloured = picture.is_signed(array, signed)
        limit = picture.largest(array)
        labels = titles if len(layers) == 1 or not rows else None  # several layers have theirs above the first one
        for k in range(0, len(array), columns):
            tiles = [
                picture.colours(values, coloured, limit if shared else picture.largest(values))
                for values in array[k : k + columns]
            ]
            scale = (coloured, limit) if shared and not k else None
            rows.append(Row(tiles, labels and labels[k : k + columns], "" if k else name, scale))
        head = f"{picture.flat(name)}: " if name else ""
        told.append(f"{head}{_size_in_words(array)}, values {picture.ranged(array)}")
    room = (picture.WIDEST - _names(rows) - (SCALE if shared else 0) - MARGIN * (columns + 2)) / columns
    tile = picture.snapped(min(size or {1: 2.4, 2: 2.2, 3: 1.9, 4: 1.6, 5: 1.35}.get(columns, 1.2), room))
    with picture.style():
        figure = _mosaic(rows, columns, tile, tile + MARGIN, 0.22, title)
    named = None if titles is None else f"Maps {picture.listed([picture.flat(text) for text in titles])}"
    return picture.described(figure, alt, title, named, "; ".join(told))


def kernels(
    weight: Array, titles: Names = None, *, numbers: bool | None = None, title: Words = None, alt: Words = None
) -> Picture:
    """Return a figure of the kernels of a layer, red above 0, blue below: a column each, a row for each input channel.

    Parameters
    ----------
    weight : ndarray
        (N, D, F_h, F_w) or (N, F_h, F_w).
    numbers : bool, optional
        Whether the weights are written. None: where there is room.

    Examples
    --------
    >>> kernels(np.array([[[[1, -1], [1, -1]]]]), ["vertical edges"])
    [figure: 1 kernel of 2 by 2: vertical edges: 1 −1; 1 −1.]
    """
    weight = np.asarray(weight)
    weight = weight[:, None] if weight.ndim == 3 else weight
    if weight.ndim != 4:
        raise ValueError(f"weight: got shape {weight.shape}, expected (N, D, F_h, F_w) or (N, F_h, F_w)")
    count, depth, height, width = weight.shape
    texts = [f"kernel {n}" for n in range(count)] if titles is None else list(titles)
    numbers = count * width <= 15 if numbers is None else numbers
    limit = picture.largest(weight)
    grids = [[cells.grid(channel, signed=True) for channel in kernel] for kernel in weight]
    rows = []
    for d, channel in enumerate(weight.transpose(1, 0, 2, 3)):
        tiles = [kernel[d] for kernel in grids] if numbers else list(picture.colours(channel, True, limit))
        name, scale = f"channel {d}" if depth > 1 else "", None if numbers or d else (True, limit)
        rows.append(Row(tiles, None if d else texts, name, scale))
    room = (picture.WIDEST - _names(rows) - (0 if numbers else SCALE) - MARGIN) / count - MARGIN
    cell = picture.snapped(min(0.42 if numbers else 0.24, room / width), down=True) or DOT
    words = max(picture.text_width(text, 9.5, True) for text in texts)
    across = max(cell * width, min(room, words)) + MARGIN
    with picture.style():
        figure = _mosaic(rows, count, cell * max(height, width), across, 0.22, title, limit, bold=True)
    told = f"weights {picture.ranged(weight)}"
    if weight.size <= cells.SPOKEN_CELLS:
        told = "; ".join(
            f"{picture.flat(text)}: {'; '.join(channel.told() for channel in kernel)}"
            for text, kernel in zip(texts, grids)
        )
    several, deep = "s" if count > 1 else "", f"{depth} by " if depth > 1 else ""
    return picture.described(figure, alt, title, f"{count} kernel{several} of {deep}{height} by {width}: {told}")


def probabilities(
    p: Array,
    *,
    image: Array | None = None,
    truth: int | None = None,
    names: Names = None,
    title: Words = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of the probabilities of all classes as bars, the largest hatched.

    Parameters
    ----------
    p : ndarray
        The probabilities, (classes,).
    image : ndarray, optional
        Drawn beside the bars.

    Examples
    --------
    >>> probabilities(np.array([0.1, 0.7, 0.2]), truth=1)
    [figure: Probabilities of 3 classes: 1 with 0.700, then 2 with 0.200, then 0 with 0.100. True class: 1.]
    """
    p = arguments.as_float_array("p", p, "class")
    own = [str(name) for name in (names or range(len(p)))]
    row, length, side = 0.235, 3.2, 0.0 if image is None else 2.2
    left = MARGIN + max(picture.text_width(name, 10) for name in own) + 0.2 + (side + 3 * MARGIN if side else 0)
    head, body = 0.36 if title else 0.08, max(row * len(p), side)
    with picture.style():
        figure, axes = picture.sheet(left + length + 1.05, head + body + 0.12, title)
        if image is not None:
            _paint(axes, _rgb(image, False), MARGIN, head, side, side)
        _bars(axes, p, own, left, head + (body - row * len(p)) / 2, length, row, truth)
    best = np.argsort(-p, kind="stable")[:3]
    told = ", then ".join(f"{own[k]} with {_share(p[k])}" for k in best)
    seen = "Probabilities" if image is None else "An image and beside it the probabilities"
    known = None if truth is None else f"True class: {own[truth]}"
    return picture.described(figure, alt, title, f"{seen} of {len(p)} classes: {told}", known)


def layer_maps(
    stages: Mapping[str, Array] | Sequence[tuple[str, Array]],
    *,
    truth: int | None = None,
    names: Names = None,
    height: float = 4.1,
    backwards: bool = False,
    title: Words = None,
    alt: Words = None,
) -> Picture:
    """Return a figure of an image on its way through a network, a column for each stage, from left to right.

    All maps of a stage share one scale. 0 is white; stages with values below 0 are red and blue, others grey.

    Parameters
    ----------
    stages : mapping of str to ndarray, or sequence of (str, ndarray)
        Names, which may occur twice in a sequence, and arrays, one image each: (D, H, W) is drawn as D maps, (units,)
        as a block of cells, and in the last place as probabilities of the classes.
    height : float
        Inches of the columns.
    backwards : bool
        Whether the arrows between the columns point to the left, for gradients: a network computes them from its last
        layer on.

    Examples
    --------
    >>> layer_maps({"image": np.ones((1, 6, 6)), "p": np.array([0.25, 0.75])})
    [figure: From left to right: image, 1 map of 6 by 6; p, 2 probabilities, the largest is that of 1 with 0.750.]
    """
    pairs = stages.items() if isinstance(stages, Mapping) else stages
    made = [Stage(name, _one(np.asarray(array))) for name, array in pairs]
    for name, array, _ in made:
        if array.ndim not in (1, 3):
            raise ValueError(f"stages[{name!r}]: got shape {array.shape}, expected (D, H, W) or (units,)")
    last, p, _ = made[-1]
    own = [str(name) for name in (names or range(len(p)))]
    told = [f"{picture.flat(name)}, {_size_in_words(array)}" for name, array, _ in made]
    if p.ndim == 1:
        made[-1] = Stage(last, p, own)
        largest = f"the largest is that of {own[p.argmax()]} with {_share(p.max())}"
        told[-1] = f"{picture.flat(last)}, {len(p)} probabilities, {largest}"
    parts = [stage.size(height) for stage in made]
    wide, middles, between = picture.in_a_row(parts, 9.5, MARGIN, (0.1, 0.42))
    head = (0.36 if title else 0.04) + 0.5
    with picture.style():
        figure, axes = picture.sheet(wide, head + height + 0.34, title)
        for stage, (_, above, below), middle in zip(made, parts, middles):
            write(axes, middle, head - 0.1, above, "center bottom", 9.5, True)
            stage.draw(axes, middle, head, height, truth)
            write(axes, middle, head + height + 0.1, below, "center top", 9, color=SOFT)
        for x in between:
            write(axes, x, head + height / 2, "‹" if backwards else "›", "center center", 16, color=SOFT)
    known = f"True class: {names[truth] if names else truth}" if truth is not None else None
    return picture.described(figure, alt, title, f"From left to right: {'; '.join(told)}", known)


# ---- rows of tiles --------------------------------------------------------------------------------------------------


class Row(NamedTuple):
    """A row of maps, colours (H, W, 3) or a `Grid` each: texts above, a name at the left, a scale at the right."""

    tiles: Sequence[Array | cells.Grid]
    labels: Names = None
    name: str = ""
    scale: tuple[bool, float] | None = None  # signed, limit


def _names(rows: list[Row]) -> float:
    """Return how many inches the names at the left of the rows take."""
    return max(picture.text_width(row.name, 10, True) + MARGIN if row.name else 0 for row in rows)


def _mosaic(
    rows: list[Row],
    columns: int,
    tile: float,
    across: float,
    label: float,
    title: Words,
    limit: float | None = None,
    bold: bool = False,
) -> Figure:
    """Return a figure of rows of tiles whose longer side is `tile` inches, in columns `across` inches apart.

    label: inches for the texts above a row, which are bold if `bold`, else the names are. limit: that of the grids.
    """
    left, head = MARGIN + _names(rows), 0.34 if title else 0.06
    tall = max(_fit(_shape(drawn), tile)[1] for row in rows for drawn in row.tiles)
    right = left + across * columns
    high = head + sum(tall + MARGIN + (label if row.labels else 0) for row in rows)
    figure, axes = picture.sheet(right + (SCALE if any(row.scale for row in rows) else 0), high, title)
    y = head
    for row in rows:
        y += label if row.labels else 0
        top = picture.snapped(y)
        write(axes, MARGIN, top + tall / 2, row.name, bold=not bold)
        for place, drawn in enumerate(row.tiles):
            middle = left + place * across + (across - MARGIN) / 2
            width, height = _fit(_shape(drawn), tile)
            corner = picture.snapped(middle - width / 2), top
            if isinstance(drawn, cells.Grid):
                on = cells.Cells(axes, *corner, width / drawn.values.shape[1])
                cells.draw_grid(on, drawn, 0.5, limit)
            else:
                _paint(axes, drawn, *corner, width, height)
            write(axes, middle, y - 0.05, row.labels[place] if row.labels else "", "center bottom", 9.5, bold)
        if row.scale:
            _scale(axes, right, top, max(tall, 0.5), *row.scale)
        y += tall + MARGIN
    return figure


def _shape(drawn: Array | cells.Grid) -> tuple[int, ...]:
    return drawn.values.shape if isinstance(drawn, cells.Grid) else drawn.shape[:2]


# ---- columns of stages ----------------------------------------------------------------------------------------------


class Stage(NamedTuple):
    """A column of `layer_maps`: its name, its maps or units, and the names of the classes if it is the answer."""

    name: str
    array: Array
    classes: list[str] | None = None

    def size(self, height: float) -> tuple[float, str, str]:
        """Return the inches of its width and the texts above and below it."""
        if self.array.ndim == 1:
            width, what = (2.0, "probabilities") if self.classes else (self._block(height)[1], "units")
            below = f"{len(self.array)} {what}"
        else:
            count, rows, columns = self.array.shape
            width, below = (
                self._block(height)[1],
                f"{count} @ {rows} × {columns}" if count > 1 else f"{rows} × {columns}",
            )
        fits = picture.text_width(self.name, 9.5, True) <= width
        return width, self.name if fits else self.name.replace(", ", ",\n"), below

    def draw(self, axes: Axes, middle: float, top: float, height: float, truth: int | None) -> None:
        """Draw it into a column of this height."""
        if self.classes:
            row = min(height / len(self.array), 0.32)
            top += (height - row * len(self.array)) / 2
            _bars(axes, self.array, self.classes, middle - 0.8, top, 0.85, row, truth)
            return
        rows, across, tile, seam = self._block(height)
        columns = math.ceil(len(self.array) / rows)
        tall = rows * (tile + seam) - seam
        left, top = picture.snapped(middle - across / 2), picture.snapped(top + (height - tall) / 2)
        rgb = picture.colours(self.array, picture.is_signed(self.array, None))
        if self.array.ndim == 1:
            _paint(axes, rgb.reshape(columns, rows, 3).transpose(1, 0, 2), left, top, across, tall)
            return
        for place, colours in enumerate(rgb):
            column, row = divmod(place, rows)
            _paint(
                axes, colours, left + column * (tile + seam), top + row * (tile + seam), *_fit(colours.shape[:2], tile)
            )

    def _block(self, height: float) -> tuple[int, float, float, float]:
        """Return how its maps or units are laid out: rows, inches of all columns, of a tile and between tiles."""
        count = len(self.array)
        if self.array.ndim == 1:
            rows = next(r for r in range(min(count, 24), 0, -1) if count % r == 0)
            tile = picture.snapped(min(height / rows, 0.13), down=True)
            return rows, count // rows * tile, tile, 0.0
        columns = math.ceil(count / 8)
        rows = math.ceil(count / columns)
        tile = picture.snapped(min((height + SEAM) / rows - SEAM, 1.17 if count == 1 else 0.63), down=True)
        return rows, columns * (tile + SEAM) - SEAM, tile, SEAM


def _size_in_words(array: Array) -> str:
    if array.ndim == 1:
        return picture.counted(len(array), "unit")
    count, height, width = array.shape
    return f"{picture.counted(count, 'map')} of {height} by {width}"


# ---- parts ----------------------------------------------------------------------------------------------------------


def _rgb(image: Array, light: bool) -> Array:
    """Return an image (H, W), (1, H, W) or (3, H, W) as colours (H, W, 3) in [0, 1]."""
    if image.ndim not in (2, 3) or (image.ndim == 3 and len(image) not in (1, 3)):
        raise ValueError(f"image: got shape {image.shape}, expected (H, W), (1, H, W) or (3, H, W)")
    values = np.clip(image / 255 if image.dtype.kind in "iu" else np.asarray(image, dtype=float), 0, 1)
    if values.ndim == 3 and len(values) == 3:
        return values.transpose(1, 2, 0)
    grey = values[0] if values.ndim == 3 else values
    return LIGHT_MAP(grey)[..., :3] if light else picture.colours(grey, False, 1.0)


def _one(array: Array) -> Array:
    """Return the only image's array of a batch of one."""
    return array[0] if len(array) == 1 and array.ndim in (2, 4) else array


def _maps(array: Any) -> Array:
    array = np.asarray(array)
    maps = array[None] if array.ndim == 2 else _one(array)
    if maps.ndim != 3 or not maps.size:
        raise ValueError(f"maps: got shape {maps.shape}, expected (D, H, W), one image's maps")
    return maps


def _fit(shape: tuple[int, ...], tile: float) -> tuple[float, float]:
    """Return (width, height) in inches of a map of this shape in a square tile."""
    height, width = shape
    return tile * width / max(shape), tile * height / max(shape)


def _paint(axes: Axes, rgb: Array, x: float, y: float, width: float, height: float) -> None:
    extent = (x, x + width, y + height, y)
    axes.imshow(rgb, extent=extent, interpolation="nearest", aspect="auto", zorder=1)
    box(axes, x, y, width, height, edge=SOFT, linewidth=0.8, zorder=2)


def _scale(axes: Axes, x: float, y: float, height: float, signed: bool, limit: float) -> None:
    """Draw the scale of colours with its ends and, for signed values, the 0 in the middle."""
    height = min(height, 1.3)
    steps = np.linspace(1, -1 if signed else 0, 65)[:, None]
    _paint(axes, picture.colours(steps, signed, 1.0), x, y, 0.11, height)
    ends = {"top": (0.0, picture.rough(limit)), "bottom": (height, picture.rough(-limit) if signed else "0")}
    for at, (offset, text) in (ends | ({"center": (height / 2, "0")} if signed else {})).items():
        write(axes, x + 0.16, y + offset, text, f"left {at}", 8.5, color=SOFT)


def _bars(
    axes: Axes, p: Array, names: list[str], x: float, y: float, length: float, row: float, truth: int | None
) -> None:
    """Draw a bar for each probability, with its name at the left of x and its number behind it."""
    best = int(p.argmax()) if len(p) else -1
    for k, (name, value) in enumerate(zip(names, p.tolist())):
        middle, largest = y + (k + 0.5) * row, k == best
        write(axes, x - 0.08, middle, name, "right center_baseline", bold=largest)
        face, edge = picture.CHOSEN if largest else picture.OTHERS
        width = length * min(max(value, 0), 1)
        hatch = HATCHES[0] if largest else None
        box(axes, x, middle - row * 0.36, width, row * 0.72, face, edge=edge, hatch=hatch, linewidth=1)
        told = _share(value) + (" ◂ true" if k == truth else "")
        write(axes, x + width + 0.07, middle, told, "left center_baseline", 9, largest)
    axes.plot([x, x], [y, y + row * len(p)], color=INK, linewidth=1)


def _share(value: float) -> str:
    """Return a probability with three decimals; one that would look like 0 or 1 but is not is told as a bound."""
    text = f"{value:.3f}"
    if 0 < value < 0.0005:
        return "<0.001"
    return ">0.999" if value < 1 and text == "1.000" else text
