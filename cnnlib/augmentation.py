"""Changes of images that leave their class as it is, on batches (N, C, H, W); what comes in from outside is 0.

`random_shift` and `random_distortion` make an augmentation for `fit`, a function (x, rng) -> x': a network then sees
more than it was given, every image changed on its own. `shifted`, `turned`, `thickened` and `noisy` change all images
by the same stated amount, to measure how much a trained network bears.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import arguments, shapes

Augmentation = Callable[[np.ndarray, np.random.Generator], np.ndarray]
FAR = 10**9  # changes of any sensible size are smaller


def random_shift(pixels: int = 1) -> Augmentation:
    """Return an augmentation that moves each image by up to so many whole pixels up or down, left or right.

    >>> random_shift(1)(np.ones((2, 1, 8, 8)), np.random.default_rng(0)).shape
    (2, 1, 8, 8)
    """
    pixels = arguments.integer("pixels", pixels, 0)

    def shift(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        x = arguments.floats_of_rank("x", x, shapes.MAPS)
        side = 2 * pixels + 1
        moves = rng.integers(side * side, size=len(x))
        height, width = x.shape[2:]
        framed = np.pad(x, ((0, 0), (0, 0), (pixels, pixels), (pixels, pixels)))
        shifted = np.empty_like(x, order="C")
        for move in range(side * side):
            row, column = divmod(move, side)
            chosen = moves == move
            shifted[chosen] = framed[chosen, :, row : row + height, column : column + width]
        return shifted

    return shift


def random_distortion(
    rotation: float = 10.0, scale: float = 0.1, shear: float = 0.1, shift: float = 1.0, elastic: float = 0.0
) -> Augmentation:
    """Return an augmentation that turns, stretches, slants, moves and bends each image a little.

    rotation: up to so many degrees either way; scale: each axis by up to this share; shear: up to so many pixels per
    pixel; shift: up to so many pixels, fractions too; elastic: a smooth random displacement of about so many pixels
    (normal deviates on a coarse grid, interpolated). In between pixels it interpolates bilinearly.

    >>> random_distortion()(np.ones((2, 1, 8, 8)), np.random.default_rng(0)).shape
    (2, 1, 8, 8)
    """
    settings = {"rotation": rotation, "scale": scale, "shear": shear, "shift": shift, "elastic": elastic}
    for name, value in settings.items():
        arguments.number(name, value, 0)

    def distort(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        x = arguments.floats_of_rank("x", x, shapes.MAPS)
        count, _, height, width = x.shape
        turn = np.radians(rng.uniform(-rotation, rotation, count))
        stretch = 1 + rng.uniform(-scale, scale, (2, count))
        slant = rng.uniform(-shear, shear, count)
        cosine, sine = np.cos(turn), np.sin(turn)
        matrix = np.array(  # rows: where to read, for a step down and a step to the right
            [[stretch[0] * cosine, -stretch[1] * sine], [stretch[0] * (sine + slant * cosine), stretch[1] * cosine]]
        )
        centre = (height - 1) / 2, (width - 1) / 2
        down, right = np.arange(height) - centre[0], np.arange(width) - centre[1]
        moved = centre + rng.uniform(-shift, shift, (count, 2))
        where = [
            (matrix[axis, 0][:, None] * down)[:, :, None]
            + (matrix[axis, 1][:, None] * right)[:, None, :]
            + moved[:, axis, None, None]
            for axis in (0, 1)
        ]
        if elastic:
            bends = elastic * _smooth_fields(rng, 2 * count, height, width)
            where = [where[0] + bends[:count], where[1] + bends[count:]]
        return _read_between_pixels(x, *(np.asarray(axis, np.float32) for axis in where))

    return distort


def shifted(x: np.ndarray, down: int = 0, right: int = 0) -> np.ndarray:
    """Return the images moved by whole pixels, up and left where negative: x'_ij = x_(i - down, j - right).

    x: (N, C, H, W), and so is the result. What leaves the picture is lost, what comes in is 0.
    Raises ValueError for another number of axes, TypeError if a distance is no integer.

    >>> shifted(np.array([[[[1, 2], [3, 4]]]]), down=1)[0, 0]
    array([[0., 0.],
           [1., 2.]])
    """
    x = arguments.floats_of_rank("x", x, shapes.MAPS)
    result = np.zeros(x.shape, x.dtype)
    rows, columns = (
        _overlap(arguments.integer(name, distance, -FAR), size)
        for name, distance, size in (("down", down, x.shape[2]), ("right", right, x.shape[3]))
    )
    result[:, :, rows[0], columns[0]] = x[:, :, rows[1], columns[1]]
    return result


def turned(x: np.ndarray, degrees: float) -> np.ndarray:
    """Return the images turned about their middle, counter-clockwise where positive.

    x: (N, C, H, W), and so is the result, interpolated bilinearly in between pixels. What leaves the picture is lost,
    what comes in is 0. Raises ValueError for another number of axes or degrees that are not finite.

    >>> turned(np.array([[[[1, 2], [3, 4]]]]), 90)[0, 0].round(6)
    array([[2., 4.],
           [1., 3.]])
    """
    x = arguments.floats_of_rank("x", x, shapes.MAPS)
    turn = np.radians(arguments.number("degrees", degrees, -FAR))
    count, _, height, width = x.shape
    cosine, sine = np.cos(turn), np.sin(turn)
    down, right = np.arange(height)[:, None] - (height - 1) / 2, np.arange(width) - (width - 1) / 2
    # Where to read: the place that the turn brings here. Rows go down, so a turn to the left looks like this.
    rows = cosine * down + sine * right + (height - 1) / 2
    columns = cosine * right - sine * down + (width - 1) / 2
    shape = (count, height, width)
    return _read_between_pixels(x, np.broadcast_to(rows, shape), np.broadcast_to(columns, shape))


def thickened(x: np.ndarray, pixels: float) -> np.ndarray:
    """Return the images with strokes thicker by so many pixels on every side, thinner where negative.

    x: (N, C, H, W), ink being larger than paper, and so is the result. By one pixel: every pixel becomes the largest
    (thinner: the smallest) of itself and its four neighbours. Fractions are a mixture of the two whole numbers around.
    Raises ValueError for another number of axes or pixels that are not finite.

    >>> thickened(np.array([[[[0, 0, 0], [0, 4, 0], [0, 0, 0]]]]), 0.5)[0, 0]
    array([[0., 2., 0.],
           [2., 4., 2.],
           [0., 2., 0.]])
    """
    x = arguments.floats_of_rank("x", x, shapes.MAPS)
    pixels = arguments.number("pixels", pixels, -FAR)
    choose = np.maximum if pixels > 0 else np.minimum
    whole, part = divmod(abs(pixels), 1)
    now = x.copy(order="C")
    for _ in range(int(min(whole, sum(x.shape[2:])))):  # after so many steps nothing changes any more
        now = _with_neighbours(now, choose)
    return now if part == 0 else (1 - x.dtype.type(part)) * now + x.dtype.type(part) * _with_neighbours(now, choose)


def noisy(x: np.ndarray, deviation: float, rng: np.random.Generator | int | None = 0) -> np.ndarray:
    """Return the images with normal noise added to every pixel, cut to [0, 1]: x' = min(1, max(0, x + deviation n)).

    x: (N, C, H, W) in [0, 1], and so is the result. deviation: of the noise. rng: a generator or a seed; the same seed
    gives the same noise n at every deviation. Raises ValueError for another number of axes or a negative deviation.

    >>> float(noisy(np.full((2, 1, 8, 8), 0.5), 10.0).max())
    1.0
    """
    x = arguments.floats_of_rank("x", x, shapes.MAPS)
    noise = np.random.default_rng(rng).standard_normal(x.shape, np.float32).astype(x.dtype, copy=False)
    return np.clip(x + x.dtype.type(arguments.number("deviation", deviation, 0)) * noise, 0, 1)


def _overlap(distance: int, size: int) -> tuple[slice, slice]:
    """Return the places of a line that stay in it when it moves: where they come to lie, and where they lay."""
    kept = max(size - abs(distance), 0)
    to, back = (slice(size - kept, size), slice(0, kept))
    return (to, back) if distance >= 0 else (back, to)


def _with_neighbours(x: np.ndarray, choose: np.ufunc) -> np.ndarray:
    """Return for every pixel the largest or smallest of itself and its four neighbours; outside is 0."""
    framed = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    middle, before, after = slice(1, -1), slice(None, -2), slice(2, None)
    result = x
    for rows, columns in ((before, middle), (after, middle), (middle, before), (middle, after)):
        result = choose(result, framed[:, :, rows, columns])
    return result


def _smooth_fields(rng: np.random.Generator, count: int, height: int, width: int, spacing: int = 6) -> np.ndarray:
    """Return `count` smooth random fields (count, height, width) with mean 0 and standard deviation about 1."""

    def weights(size: int) -> np.ndarray:
        knots = np.linspace(-spacing / 2, size - 1 + spacing / 2, math.ceil(size / spacing) + 2)
        bells = np.exp(-0.5 * ((np.arange(size)[:, None] - knots) / (spacing / 1.5)) ** 2)
        return bells / np.sqrt((bells**2).sum(axis=1, keepdims=True))

    rows, columns = weights(height), weights(width)
    return rows @ rng.standard_normal((count, rows.shape[1], columns.shape[1])) @ columns.T


def _read_between_pixels(x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return x (N, C, H, W) read at the places rows, columns (N, H, W), interpolated bilinearly; outside it is 0."""
    count, channels, height, width = x.shape
    framed = np.pad(x, ((0, 0), (0, 0), (1, 2), (1, 2)))
    rows, columns = np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)
    top, left = rows.astype(np.intp), columns.astype(np.intp)
    down, right = (rows - top).astype(x.dtype), (columns - left).astype(x.dtype)
    line = width + 3
    place = top * line + left
    flat = framed.reshape(count, channels, (height + 3) * line)
    image = np.arange(count)[:, None, None, None]
    channel = np.arange(channels)[:, None, None]

    def read(step: int) -> np.ndarray:
        return flat[image, channel, place[:, None] + step]

    down, right = down[:, None], right[:, None]
    above = read(0) * (1 - right) + read(1) * right
    below = read(line) * (1 - right) + read(line + 1) * right
    return above * (1 - down) + below * down
