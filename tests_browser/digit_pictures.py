"""Pictures of digits, and of what is none, with what `cnnlib.read_digit` makes of them; the page is to do the same."""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cnncourse.explorers.sample_drawings import SAMPLES
from cnnlib import load_digits, pictures, read_digit

sys.path.append(str(Path(__file__).parents[1] / "tests"))
import test_read_digit as known


def table() -> list[dict[str, Any]]:
    """Return the cases: the numbers of a picture, and the image or the reason."""
    return [case(name, np.asarray(picture)) for name, picture in cases() if is_of_pixels(np.asarray(picture))]


def cases() -> Iterator[tuple[str, Any]]:
    """Yield pictures with their names: known ones, and drawn ones of every size, light, pen and paper."""
    for way, change in (known.WAYS | {"photograph": known.photograph}).items():
        for digit, ink in known.reading()[:: 10 if way == "photograph" else 3]:
            yield f"{digit}, {way}", change(ink)
    for k, (picture, words) in enumerate(known.NO_DIGITS):
        yield f"no digit {k}: {words}", picture
    (_, _), (x, labels) = load_digits()
    for k in range(0, 360, 9):
        yield f"bundled {k}, a {labels[k]}", x[k, 0]
    yield from sampled(np.random.default_rng(4))


def sampled(rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Yield pictures that are drawn at random: some are read, some are refused."""
    for k in range(90):
        size, digit = int(rng.integers(12, 200)), int(rng.integers(10))
        place = tuple(int(n) for n in rng.integers(0, 60, 2))
        ink = known.drawn(SAMPLES[digit], size, float(rng.uniform(0.03, 0.14)), place, size + int(rng.integers(0, 90)))
        if k % 9 == 8:
            ink = np.maximum(ink, np.roll(ink, int(rng.integers(1, ink.shape[1])), axis=1))  # a second one beside it
        pen, paper = rng.integers(0, 256, 3), rng.integers(0, 256, 3)
        if k % 3 == 0:
            yield f"sampled {k}, a {digit} with opacity", known.with_opacity(ink * rng.uniform(0.5, 1), pen)
            continue
        coloured = known.in_colours(ink, pen, paper).astype(float)
        light = 1 - rng.uniform(0, 0.4) * np.linspace(0, 1, ink.shape[1])[:, None]
        noise = rng.normal(0, rng.uniform(0, 8), coloured.shape)
        yield f"sampled {k}, a {digit} on paper", np.clip(coloured * light + noise, 0, 255).astype(np.uint8)
    yield "larger than 600 pixels a side", np.uint8(255 - 255 * known.drawn(SAMPLES[3], 700, 0.08, (300, 450), 1250))


def is_of_pixels(picture: np.ndarray) -> bool:
    """Return whether a page could hold this picture: pixels with numbers that a file may have."""
    try:
        pixels = pictures._array_pixels(picture)
    except (TypeError, ValueError):
        return False
    return not pixels.size or bool(pixels.min() >= 0 and pixels.max() <= 65535)


def case(name: str, picture: np.ndarray) -> dict[str, Any]:
    """Return one line of the table; numbers in as many bytes as they have."""
    pixels = pictures._array_pixels(picture)
    kind = str(picture.dtype) if picture.dtype in (np.uint8, np.uint16) else "float64"
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    numbers = base64.b64encode(np.ascontiguousarray(pixels, kind).tobytes()).decode()
    line = {"name": name, "kind": kind, "height": height, "width": width, "channels": channels, "numbers": numbers}
    try:
        return line | {"image": read_digit(picture).ravel().tolist()}
    except ValueError as error:
        return line | {"reason": str(error).removeprefix("picture: ")}
