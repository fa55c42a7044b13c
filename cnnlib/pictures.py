"""Pictures and photographs of digits, brought into the form that MNIST's digits have.

MNIST's images were scaled to fit a box of 20 by 20 pixels, keeping their proportions, and moved so that their centre of
mass lies in the middle of 28 by 28.
"""

from __future__ import annotations

import io
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import arguments

SIDE, BOX = 28, 20  # pixels of the image, and of the box that the digit fills
MIDDLE = 14  # row and column of the centre of mass, to half a pixel: in MNIST it lies between 13.5 and 14.5

# What `read_digit` takes for a digit. The figures in brackets are the limits of MNIST's 10,000 test digits.
LARGEST_SIDE = 600  # pixels: a larger picture is reduced first
FAINTEST = 0.08  # the least difference between ink and paper, as a share of the range from black to white
CUT = 0.1  # a pixel with less than this share of the ink's darkness counts as paper
CELLS = 40  # on the longer side: the grid on which parts of a picture are told apart
GAP = 0.15  # of the height: parts that are nearer to each other are one thing
DUST = 0.2  # of the largest part's ink: a part with less is left out
FEWEST = 5  # pixels, of the picture and of the ink's longer side
WIDEST = 2.5  # of the height (2.0)
FULLEST = 0.75  # of its box, where the box is not narrow (0.71)


def read_digit(picture: str | os.PathLike[str] | np.ndarray) -> np.ndarray:
    """Return the digit in a picture as a batch of one image as MNIST would hold it: ink is 1, paper 0.

    Paper is what most of the picture shows, its light may change smoothly from place to place; ink is what stands out
    from it, darker, lighter, or of another colour. Specks are left out. The ink is cut out and scaled until its longer
    side fills 20 pixels, thin and faint strokes are strengthened, and the digit is moved by whole pixels until its
    centre of mass lies in row 14 and column 14, or as near to them as the image has room.

    Parameters
    ----------
    picture : path or array
        A picture file (PNG, JPEG, or another that Pillow reads; turned as its EXIF orientation says), or an array of
        grey values (H, W) or (H, W, 1), or of colours (H, W, 3); one channel more is the opacity. (1, H, W), (3, H, W)
        and a batch of one are taken as well. Numbers lie in 0 to 1, 0 to 255 or 0 to 65,535.

    Returns
    -------
    ndarray, shape (1, 1, 28, 28)
        float32 in [0, 1]: what `predict` takes.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TypeError
        If it is neither a path nor an array of real numbers.
    ValueError
        If the file is no picture, the array has another shape or range, or what it shows cannot be one digit: a blank
        page, several things side by side, a filled shape, a dash, ink of less than 5 pixels.

    Examples
    --------
    >>> page = np.full((60, 90), 255, np.uint8)  # white
    >>> page[10:50, 40:46] = 30  # and a dark 1
    >>> image = read_digit(page)
    >>> image.shape, int((image[0, 0] > 0.5).sum(axis=0).max())
    ((1, 1, 28, 28), 20)
    """
    pixels = _file_pixels(picture) if isinstance(picture, (str, os.PathLike)) else _array_pixels(picture)
    ink = _one_part(*_ink(_opaque(pixels)))
    height, width = ink.shape
    if max(height, width) < FEWEST:
        raise _no_digit(f"ink of {height} by {width} pixels", f"a digit of at least {FEWEST}, better 20 or more")
    if width > WIDEST * height:
        raise _no_digit(f"ink {width} wide and {height} high", "one digit, which is not so wide")
    if width > height / 2 and (ink > 0.5).mean() > FULLEST:
        raise _no_digit("a shape filled with ink", "a digit made of strokes")
    return centred(_boxed(ink))[None, None]


def _no_digit(came: str, expected: str) -> ValueError:
    return ValueError(f"picture: got {came}, expected {expected}")


def _file_pixels(path: str | os.PathLike[str]) -> np.ndarray:
    """Return the pixels of a picture file, turned upright: grey (H, W), or red, green, blue and opacity (H, W, 4)."""
    from PIL import Image, ImageOps  # imported where it is needed: `import cnnlib` stays quick

    if Path(path).is_dir():
        raise _no_digit(f"{str(path)!r}, which is a folder", "a picture file")
    content = Path(path).read_bytes()
    try:
        with Image.open(io.BytesIO(content)) as image:
            upright = ImageOps.exif_transpose(image)
            return np.asarray(upright if upright.mode[0] in "1IF" else upright.convert("RGBA"))
    except Exception as error:  # what Pillow raises for a damaged file depends on its format
        raise _no_digit(f"{str(path)!r}, which cannot be read as a picture", "a PNG or JPEG file") from error


def _array_pixels(array: Any) -> np.ndarray:
    pixels = arguments.as_float_array("picture", array)
    if pixels.ndim == 4 and len(pixels) == 1:
        pixels = pixels[0]
    if pixels.ndim == 3 and pixels.shape[2] > 4 and len(pixels) <= 4:
        pixels = np.moveaxis(pixels, 0, 2)
    if pixels.ndim not in (2, 3) or (pixels.ndim == 3 and not 1 <= pixels.shape[2] <= 4):
        raise _no_digit(f"shape {np.shape(array)}", "(height, width) or (height, width, channels) with 1 to 4 channels")
    return pixels


def _opaque(pixels: np.ndarray) -> np.ndarray:
    """Return pixels (H, W) or (H, W, D) reduced to LARGEST_SIDE, from 0 to 1, without an opacity: (H, W, 1 or 3)."""
    if min(pixels.shape[:2]) < FEWEST:
        raise _no_digit(f"{pixels.shape[0]} by {pixels.shape[1]} pixels", f"at least {FEWEST} by {FEWEST}")
    low, high = float(pixels.min()), float(pixels.max())
    if not 0 <= low <= high <= 65535:  # also what NaN meets
        raise _no_digit(f"numbers from {low:g} to {high:g}", "0 to 1, 0 to 255 or 0 to 65,535")
    times = math.ceil(max(pixels.shape[:2]) / LARGEST_SIDE)
    height, width = (size // times for size in pixels.shape[:2])
    blocks = pixels[: height * times, : width * times].reshape(height, times, width, times, -1)
    x: np.ndarray = blocks.mean(axis=(1, 3)) / next(white for white in (1, 255, 65535) if high <= white)
    if x.shape[2] % 2:
        return x
    colour, opacity = x[..., :-1], x[..., -1:]
    solid = opacity[..., 0] > 0.5
    if solid.mean() > 0.5:
        paper = np.median(colour[solid], axis=0)
    else:  # ink on nothing: dark ink gets white paper, light ink black
        paper = np.round(1 - (opacity * colour).sum() / max(opacity.sum() * colour.shape[2], 1e-9))
    x = opacity * colour + (1 - opacity) * paper
    return x


def _paper(x: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the paper (H, W, D) that x would be without ink, a surface of second degree, and how far x scatters."""
    rows, columns = np.linspace(-1, 1, len(x))[:, None], np.linspace(-1, 1, x.shape[1])
    surfaces = np.stack(np.broadcast_arrays(1, rows, columns, rows**2, rows * columns, columns**2), axis=-1)
    step = math.ceil(max(x.shape) / 100)
    few, places = x[::step, ::step], surfaces[::step, ::step]
    paper, kept = np.median(few, axis=(0, 1)), np.zeros(few.shape[:2], bool)
    for _ in range(10):  # fitted to the nearer pixels: ink, being far from the paper, loses its say
        away = _length(few - paper)
        before, kept = kept, away <= 3 * np.median(away) + 1e-6  # more than the rounding of the fit
        if np.array_equal(before, kept):
            break
        weights = np.linalg.lstsq(places[kept], few[kept], rcond=None)[0]
        paper = places @ weights
    return surfaces @ weights, 1.5 * float(np.median(away))


def _ink(x: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the ink (H, W) of x (H, W, D), 0 on paper and 1 at its strongest, and below what it counts as paper."""
    blank = _no_digit("a page on which nothing stands out", "a digit, darker or lighter than its paper")
    paper, scatter = _paper(x)
    away = _length(x - paper)
    level = away.max() / 2
    for _ in range(20):  # the limit between two groups: midway between their means (Ridler and Calvard)
        strong = away > level
        if level < FAINTEST / 2 or strong.all():
            raise blank
        means = away[strong].mean(), away[~strong].mean()
        level = sum(means) / 2
    contrast = means[0] - means[1]
    if contrast < max(FAINTEST, 4 * scatter):
        raise blank
    towards_ink = (x - paper)[strong].mean(axis=0)  # the direction of the ink's colour, as seen from the paper's
    ink = (x - paper) @ towards_ink
    return np.clip(ink / np.quantile(ink[strong], 0.9), 0, 1), max(CUT, 4 * scatter / contrast)


def _length(difference: np.ndarray) -> np.ndarray:
    length: np.ndarray = np.sqrt((difference**2).mean(axis=2))
    return length


def _one_part(ink: np.ndarray, cut: float) -> np.ndarray:
    """Return the largest part of the ink, cut out; ValueError if another part is too large to be dust."""
    ink = ink[_extent(ink > cut)]
    times = math.ceil(max(ink.shape) / CELLS)
    reach = max(1, round(GAP * len(ink) / times))
    ink = np.pad(ink, [(0, -size % times) for size in ink.shape])
    cells = (ink * (ink > cut)).reshape(len(ink) // times, times, -1, times).sum(axis=(1, 3))
    labels = _labels(cells > 0, reach)
    amounts = np.bincount(labels.ravel(), weights=cells.ravel())
    largest = amounts.argmax()
    count = int((amounts > DUST * amounts[largest]).sum())
    if count > 1:
        raise _no_digit(f"{count} things apart from each other", "one digit")
    ink = ink * (labels == largest).repeat(times, axis=0).repeat(times, axis=1)
    return ink[_extent(ink > cut)]


def _labels(mask: np.ndarray, reach: int) -> np.ndarray:
    """Return the same number for cells of the mask that belong together: at most `reach` cells from one to the next."""
    labels = np.where(mask, np.arange(1, mask.size + 1).reshape(mask.shape), 0)
    while True:
        new = np.pad(labels, reach)
        for axis in (0, 1):
            new = sliding_window_view(new, 2 * reach + 1, axis=axis).max(axis=-1)
        new = np.where(mask, new.ravel()[new - 1], 0)  # a number is the place of a cell, whose own may have grown
        if np.array_equal(new, labels):
            return labels
        labels = new


def _extent(mask: np.ndarray) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)


def _boxed(ink: np.ndarray) -> np.ndarray:
    """Return the ink scaled into the middle of a box (BOX, BOX), its strokes brought to full strength."""
    from PIL import Image

    height, width = (max(1, round(size * BOX / max(ink.shape))) for size in ink.shape)
    image = Image.fromarray(ink.astype(np.float32))
    scaled = np.asarray(image.resize((width, height), Image.Resampling.BILINEAR))
    strength = np.quantile(scaled[scaled > scaled.max() / 2], 0.9)  # below 1 where strokes are thinner than a pixel
    box = np.zeros((BOX, BOX))
    top, left = (BOX - height) // 2, (BOX - width) // 2
    box[top : top + height, left : left + width] = np.clip(scaled / strength, 0, 1)
    return box


def centred(box: np.ndarray) -> np.ndarray:
    """Return the image (SIDE, SIDE), float32, of the ink in the box (BOX, BOX), its centre of mass in the middle."""
    image = np.zeros((SIDE, SIDE), np.float32)
    top, left = (_start(box.sum(axis=1 - axis)) for axis in (0, 1))
    image[top : top + BOX, left : left + BOX] = box
    return image


def _start(ink: np.ndarray) -> int:
    """Return where on an axis of the image the box begins, given the ink of each row, or column, of the box."""
    middle = float(ink @ np.arange(BOX)) / float(ink.sum())
    # The first place with the centre at MIDDLE - 1/2 or beyond; 1e-9: rounding shall not decide.
    return min(max(math.ceil(MIDDLE - 0.5 - middle - 1e-9), 0), SIDE - BOX)
