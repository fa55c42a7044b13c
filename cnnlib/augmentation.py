"""Changes of images that leave their class as it is, on batches (B, D, H, W); what comes in from outside is 0.

`random_shift` and `random_distortion` make an augmentation for `fit`, a function (x, rng) -> x': a network then sees
more than it was given, every image changed on its own. `shift`, `rotate`, `dilate_strokes` and `add_noise` change all
images by the same stated amount, to measure how much damage a trained network tolerates.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import arguments, shapes

Augmentation = Callable[[np.ndarray, np.random.Generator], np.ndarray]
FAR = 10**9  # changes of any sensible size are smaller


def random_shift(pixels: int = 1) -> Augmentation:
    """Return an augmentation that moves each image by whole pixels up or down, left or right.

    Parameters
    ----------
    pixels : int
        The largest move along each axis.

    Raises
    ------
    TypeError, ValueError
        If `pixels` is no integer, or negative. The augmentation itself refuses what is not (B, D, H, W).

    Examples
    --------
    >>> random_shift(1)(np.ones((2, 1, 8, 8)), np.random.default_rng(0)).shape
    (2, 1, 8, 8)
    """
    pixels = arguments.integer("pixels", pixels, 0)
    side = 2 * pixels + 1

    def augment(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        x = arguments.as_float_array("x", x, shapes.MAPS)
        rows, columns = np.divmod(rng.integers(side * side, size=len(x)), side)
        framed = np.pad(x, ((0, 0), (0, 0), (pixels, pixels), (pixels, pixels)))
        moved = sliding_window_view(framed, x.shape[2:], axis=(2, 3))
        return np.ascontiguousarray(moved[np.arange(len(x)), :, rows, columns])

    return augment


def random_distortion(
    rotation: float = 10.0, scale: float = 0.1, shear: float = 0.1, shift: float = 1.0, elastic: float = 0.0
) -> Augmentation:
    """Return an augmentation that turns, stretches, slants, moves and bends each image a little.

    Between pixels it interpolates bilinearly.

    Parameters
    ----------
    rotation : float
        The largest turn either way, in degrees.
    scale : float
        By which share each axis may be stretched or shrunk.
    shear : float
        The largest slant, in pixels per pixel.
    shift : float
        The largest move along each axis, in pixels and fractions of them.
    elastic : float
        The size of a smooth random displacement, in pixels: normal deviates about 6 pixels apart, interpolated.

    Raises
    ------
    TypeError, ValueError
        If one of them is no number, or negative. The augmentation itself refuses what is not (B, D, H, W).

    Examples
    --------
    >>> random_distortion()(np.ones((2, 1, 8, 8)), np.random.default_rng(0)).shape
    (2, 1, 8, 8)
    """
    settings = {"rotation": rotation, "scale": scale, "shear": shear, "shift": shift, "elastic": elastic}
    for name, value in settings.items():
        arguments.number(name, value, 0)

    def augment(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        x = arguments.as_float_array("x", x, shapes.MAPS)
        count = len(x)
        turn = np.radians(rng.uniform(-rotation, rotation, count))
        stretch = 1 + rng.uniform(-scale, scale, (2, count))
        slant = rng.uniform(-shear, shear, count)
        cosine, sine = np.cos(turn), np.sin(turn)
        matrix = np.array(  # rows: where to read, for a step down and a step to the right
            [[stretch[0] * cosine, -stretch[1] * sine], [stretch[0] * (sine + slant * cosine), stretch[1] * cosine]]
        )
        where = _places(x, matrix, rng.uniform(-shift, shift, (count, 2)))
        if elastic:
            where += elastic * _smooth_fields(rng, 2 * count, *x.shape[2:]).reshape(where.shape)
        return _read_between_pixels(x, *where)

    return augment


def shift(x: np.ndarray, down: int = 0, right: int = 0) -> np.ndarray:
    """Return the images moved by whole pixels: x'_ij = x_(i - down, j - right).

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        Images.
    down, right : int
        How far; negative is up and left.

    Returns
    -------
    ndarray, shape (B, D, H, W)
        What leaves the picture is lost, what comes in is 0.

    Raises
    ------
    TypeError, ValueError
        If a distance is no integer, or x has another number of axes.

    Examples
    --------
    >>> shift(np.array([[[[1, 2], [3, 4]]]]), down=1)[0, 0]
    array([[0., 0.],
           [1., 2.]])
    """
    x = arguments.as_float_array("x", x, shapes.MAPS)
    framed = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    for axis, name, distance in ((2, "down", down), (3, "right", right)):
        source = np.arange(x.shape[axis]) - min(arguments.integer(name, distance, -FAR), FAR)
        framed = framed.take(np.clip(source, -1, x.shape[axis]) + 1, axis)
    return framed


def rotate(x: np.ndarray, degrees: float) -> np.ndarray:
    """Return the images turned about their middle, interpolated bilinearly between pixels.

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        Images.
    degrees : float
        How far; positive is counter-clockwise.

    Returns
    -------
    ndarray, shape (B, D, H, W)
        What leaves the picture is lost, what comes in is 0.

    Raises
    ------
    TypeError, ValueError
        If `degrees` is no finite number, or x has another number of axes.

    Examples
    --------
    >>> rotate(np.array([[[[1, 2], [3, 4]]]]), 90)[0, 0].round(6)
    array([[2., 4.],
           [1., 3.]])
    """
    x = arguments.as_float_array("x", x, shapes.MAPS)
    turn = np.radians(arguments.number("degrees", degrees, -FAR))
    # Where to read: the place that the turn brings here. Rows go down, so a turn to the left looks like this.
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])[:, :, None]
    return _read_between_pixels(x, *_places(x, np.repeat(matrix, len(x), axis=2), np.zeros((len(x), 2))))


def dilate_strokes(x: np.ndarray, pixels: float) -> np.ndarray:
    """Return the images with thicker strokes, or thinner ones.

    By one pixel: every pixel becomes the largest (thinner: the smallest) of itself and its four neighbours. A fraction
    is a mixture of the two whole numbers around it.

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        Images on which ink is larger than paper.
    pixels : float
        By how much, on every side; negative is thinner.

    Returns
    -------
    ndarray, shape (B, D, H, W)
        The images, changed.

    Raises
    ------
    TypeError, ValueError
        If `pixels` is no finite number, or x has another number of axes.

    Examples
    --------
    >>> dilate_strokes(np.array([[[[0, 0, 0], [0, 4, 0], [0, 0, 0]]]]), 0.5)[0, 0]
    array([[0., 2., 0.],
           [2., 4., 2.],
           [0., 2., 0.]])
    """
    x = arguments.as_float_array("x", x, shapes.MAPS)
    pixels = arguments.number("pixels", pixels, -FAR)
    choose = np.maximum if pixels > 0 else np.minimum
    whole, part = divmod(abs(pixels), 1)
    now = x.copy(order="C")
    for _ in range(int(min(whole, sum(x.shape[2:])))):  # after that many steps nothing changes any more
        now = _with_neighbours(now, choose)
    share = x.dtype.type(part)
    return (1 - share) * now + share * _with_neighbours(now, choose) if part else now


def add_noise(x: np.ndarray, deviation: float, rng: arguments.Seed = 0) -> np.ndarray:
    """Return the images with normal noise added to every pixel, cut to [0, 1]: x' = min(1, max(0, x + deviation n)).

    Parameters
    ----------
    x : ndarray, shape (B, D, H, W)
        Images in [0, 1].
    deviation : float
        The standard deviation of the noise.
    rng : numpy.random.Generator or int, optional
        A generator or a seed; the same seed gives the same noise n at every deviation.

    Returns
    -------
    ndarray, shape (B, D, H, W)
        The images, changed, in [0, 1].

    Raises
    ------
    TypeError, ValueError
        If `deviation` is no number, or negative, or x has another number of axes.

    Examples
    --------
    >>> float(add_noise(np.full((2, 1, 8, 8), 0.5), 10.0).max())
    1.0
    """
    x = arguments.as_float_array("x", x, shapes.MAPS)
    noise = arguments.generator(rng).standard_normal(x.shape, np.float32).astype(x.dtype, copy=False)
    noisy: np.ndarray = x + x.dtype.type(arguments.number("deviation", deviation, 0)) * noise
    return noisy.clip(0, 1)


def _places(x: np.ndarray, matrix: np.ndarray, moved: np.ndarray) -> np.ndarray:
    """Return where to read each pixel, rows and columns (2, B, H, W): matrix (2, 2, B) times its place, plus a move.

    Places are counted from the middle of the image; the moves are (B, 2).
    """
    centre = (x.shape[2] - 1) / 2, (x.shape[3] - 1) / 2
    down, right = np.arange(x.shape[2]) - centre[0], np.arange(x.shape[3]) - centre[1]
    by_row = matrix[:, 0, :, None] * down + (centre + moved).T[..., None]
    by_column = matrix[:, 1, :, None] * right
    places: np.ndarray = by_row.astype(x.dtype)[..., None] + by_column.astype(x.dtype)[:, :, None]
    return places


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
        bells: np.ndarray = np.exp(-0.5 * ((np.arange(size)[:, None] - knots) / (spacing / 1.5)) ** 2)
        bells /= np.sqrt((bells**2).sum(axis=1, keepdims=True))
        return bells.astype(np.float32)

    rows, columns = weights(height), weights(width)
    fields: np.ndarray = rows @ rng.standard_normal((count, rows.shape[1], columns.shape[1]), np.float32) @ columns.T
    return fields


def _read_between_pixels(x: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return x (B, D, H, W) read at the places rows, columns (B, H, W), interpolated bilinearly; outside it is 0."""
    count, channels, height, width = x.shape
    framed = np.pad(x, ((0, 0), (0, 0), (1, 2), (1, 2)))
    rows, columns = np.clip(rows + 1, 0, height + 1), np.clip(columns + 1, 0, width + 1)
    top, left = rows.astype(np.int32), columns.astype(np.int32)
    down, right = (rows - top).astype(x.dtype)[:, None], (columns - left).astype(x.dtype)[:, None]
    line = width + 3
    first = np.arange(count * channels).reshape(count, channels, 1, 1) * (height + 3) * line
    place = first + (top * line + left)[:, None]
    flat = framed.ravel()

    def read(step: int) -> np.ndarray:
        values: np.ndarray = flat[step:].take(place)
        return values

    def between(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
        other -= one
        other *= share
        other += one
        return other

    return between(between(read(0), read(1), right), between(read(line), read(line + 1), right), down)
