"""Small random changes of images that leave their class as it is, so that a network sees more than it was given.

Each function here makes an augmentation for `fit`: a function (x, rng) -> x' on a batch (N, C, H, W). Every image
of the batch is changed on its own; what comes in from outside the picture is 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from . import arguments, shapes

Augmentation = Callable[[np.ndarray, np.random.Generator], np.ndarray]


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
